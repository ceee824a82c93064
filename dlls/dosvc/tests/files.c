/*
 * Tests for adding and enumerating files
 *
 * Copyright 2026 the dosvc authors
 *
 * This library is free software; you can redistribute it and/or
 * modify it under the terms of the GNU Lesser General Public
 * License as published by the Free Software Foundation; either
 * version 2.1 of the License, or (at your option) any later version.
 *
 * This library is distributed in the hope that it will be useful,
 * but WITHOUT ANY WARRANTY; without even the implied warranty of
 * MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the GNU
 * Lesser General Public License for more details.
 *
 * You should have received a copy of the GNU Lesser General Public
 * License along with this library; if not, write to the Free Software
 * Foundation, Inc., 51 Franklin St, Fifth Floor, Boston, MA 02110-1301, USA
 */

#include "dosvc_test.h"
#include "denied.h"

static HRESULT add(IBackgroundCopyJob *job, const WCHAR *id, const WCHAR *url, const WCHAR *path, DWORD count,
        BG_FILE_RANGE *ranges, UINT64 size)
{
    IDeliveryOptimizationJob *dojob;
    HRESULT hr;

    if (FAILED(hr = query("JOB-007", job, &IID_IDeliveryOptimizationJob, &dojob)))
        return hr;
    hr = IDeliveryOptimizationJob_AddFileWithRanges(dojob, id, url, path, count, ranges, size);
    IDeliveryOptimizationJob_Release(dojob);
    return hr;
}

static ULONG get_files_total(IBackgroundCopyJob *job)
{
    BG_JOB_PROGRESS progress;

    get_progress(job, &progress);
    return progress.FilesTotal;
}

/* Adding must fail and leave the job as it was. NULL may not reach the service. */
static void check_refused(const char *id, IBackgroundCopyJob *job, HRESULT hr, HRESULT expected, ULONG count)
{
    ULONG ret;

    ok(hr == expected, "%s: got hr %#lx, expected %#lx.\n", id, hr, expected);
    ret = get_files_total(job);
    ok(ret == count, "%s: the job has %lu files, expected %lu.\n", id, ret, count);
}

static void test_valid_files(void)
{
    BG_FILE_INFO set[2] = { { NULL } }, bad_set[2] = { { NULL } };
    WCHAR path[MAX_PATH], url[] = L"http://127.0.0.1/set", bad_url[] = L"ftp://127.0.0.1/set";
    BG_FILE_RANGE range = { 5, 10 };
    struct fixture fixture;
    IBackgroundCopyJob3 *job3;
    HRESULT hr;
    ULONG count;

    if (!fixture_open(&fixture))
        return;
    join_path(path, fixture.dir, L"b");
    hr = add(fixture.job, L"id", L"http://127.0.0.1/x", fixture.path, 0, NULL, DO_UNKNOWN_FILE_SIZE);
    ok(hr == S_OK, "JOB-035: got hr %#lx.\n", hr);
    count = get_files_total(fixture.job);
    ok(count == 1, "JOB-035: got %lu files.\n", count);
    hr = add(fixture.job, L"id", L"https://localhost/x?y=z", path, 1, &range, 100);
    ok(hr == S_OK, "JOB-035: got hr %#lx.\n", hr);
    count = get_files_total(fixture.job);
    ok(count == 2, "JOB-035: got %lu files.\n", count);
    /* Neither the id nor the name has to be unique. */
    hr = add(fixture.job, L"id", L"http://127.0.0.1/x", fixture.path, 0, NULL, 0);
    ok(hr == S_OK, "JOB-035: got hr %#lx.\n", hr);

    hr = IBackgroundCopyJob_AddFile(fixture.job, url, path);
    ok(hr == S_OK, "JOB-035: got hr %#lx.\n", hr);
    set[0].RemoteName = set[1].RemoteName = bad_set[0].RemoteName = url;
    bad_set[1].RemoteName = bad_url;
    set[0].LocalName = set[1].LocalName = bad_set[0].LocalName = bad_set[1].LocalName = path;
    hr = IBackgroundCopyJob_AddFileSet(fixture.job, 2, set);
    ok(hr == S_OK, "JOB-035: got hr %#lx.\n", hr);
    count = get_files_total(fixture.job);
    ok(count == 6, "JOB-035: got %lu files.\n", count);
    hr = IBackgroundCopyJob_AddFileSet(fixture.job, 2, bad_set);
    check_refused("JOB-038", fixture.job, hr, E_INVALIDARG, 6); /* all or none */

    if (SUCCEEDED(query("JOB-007", fixture.job, &IID_IBackgroundCopyJob3, &job3)))
    {
        hr = IBackgroundCopyJob3_AddFileWithRanges(job3, url, path, 1, &range);
        ok(hr == S_OK, "JOB-035: got hr %#lx.\n", hr);
        hr = IBackgroundCopyJob3_AddFileWithRanges(job3, url, path, 0, &range);
        check_refused("JOB-039", fixture.job, hr, E_INVALIDARG, 7);
        IBackgroundCopyJob3_Release(job3);
    }
    check_state("JOB-035", fixture.job, BG_JOB_STATE_SUSPENDED);
    fixture_close(&fixture);
}

static void test_local_names(void)
{
    WCHAR long_name[MAX_PATH];
    const WCHAR *const names[] =
    {
        L"", /* JOB-036 */
        L"name", L".\\name", L"dir\\name", L"\\name", L"c:name", /* JOB-037 */
        L"c:\\dir\\", L"c:\\na?me", L"c:\\*",
        /* No file can be called so. */
        L"c:\\con", L"c:\\dir\\NUL", L"c:\\aux.txt", L"c:\\com1.tar.gz", L"c:\\name:stream", L"c:\\name::$DATA",
        L"c:\\dir\\..", L"\\\\.\\c:\\name", L"\\\\?\\c:\\dir\\..\\name", long_name,
    };
    struct fixture fixture;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    memset(long_name, 0, sizeof(long_name));
    wcscpy(long_name, L"c:\\");
    for (i = 3; i < MAX_PATH - 1; ++i)
        long_name[i] = 'x';
    for (i = 0; i < ARRAY_SIZE(names); ++i)
    {
        winetest_push_context("name %s", wine_dbgstr_w(names[i]));
        hr = add(fixture.job, L"id", L"http://127.0.0.1/x", names[i], 0, NULL, DO_UNKNOWN_FILE_SIZE);
        check_refused(i ? "JOB-037" : "JOB-036", fixture.job, hr, E_INVALIDARG, 0);
        hr = IBackgroundCopyJob_AddFile(fixture.job, L"http://127.0.0.1/x", names[i]);
        check_refused(i ? "JOB-037" : "JOB-036", fixture.job, hr, E_INVALIDARG, 0);
        winetest_pop_context();
    }
    hr = add(fixture.job, L"id", L"http://127.0.0.1/x", NULL, 0, NULL, DO_UNKNOWN_FILE_SIZE);
    check_null_arg("JOB-036", hr);
    hr = IBackgroundCopyJob_AddFile(fixture.job, L"http://127.0.0.1/x", NULL);
    check_null_arg("JOB-036", hr);
    /* A folder that does not exist shows up when the transfer starts. */
    hr = add(fixture.job, L"id", L"http://127.0.0.1/x", L"c:\\dosvc-no-such-folder\\x", 0, NULL, DO_UNKNOWN_FILE_SIZE);
    ok(hr == S_OK, "JOB-042: got hr %#lx.\n", hr);
    fixture_close(&fixture);
}

/* The verdict of the file system on a name shows when the temporary file is made, not in Complete. */
static void test_long_name(void)
{
    WCHAR path[MAX_PATH], temp[MAX_PATH];
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/long", 1000);
    if (!strcmp(winetest_platform, "wine"))
    {
        hr = add(fixture.job, L"id", resource->url, join_long_name(path, fixture.dir, 280), 0, NULL, 1000);
        check_refused("JOB-037", fixture.job, hr, E_INVALIDARG, 0);
        hr = add(fixture.job, L"id", resource->url, join_long_name(path, fixture.dir, 256), 0, NULL, 1000);
        check_refused("JOB-037", fixture.job, hr, E_INVALIDARG, 0);
    }
    add_file("JOB-037", fixture.job, resource, join_long_name(path, fixture.dir, 255));
    resume_job("JOB-037", fixture.job);
    wait_for_state("JOB-037", fixture.job, BG_JOB_STATE_TRANSFERRED);
    ok(find_temp(fixture.dir, temp) == 1, "JOB-037: there is no temporary file.\n");
    if (!strcmp(winetest_platform, "wine"))
        ok(count_name_bytes(temp) == 255 && wcschr(temp, 0xfc), "JOB-037: got %s, of another kind.\n",
                wine_dbgstr_w(temp));
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-037: got hr %#lx.\n", hr);
    check_content("JOB-037", path, resource);
    fixture_close(&fixture);
}

static void test_urls(void)
{
    static const WCHAR *const urls[] =
    {
        L"", L"ftp://127.0.0.1/x", L"file:///c:/x", L"c:\\x", L"http", L"http:", L"http://", L"//127.0.0.1/x", L"/x",
        L"not a url", L"mailto:a@b",
    };
    static WCHAR id[32769];
    struct fixture fixture;
    WCHAR url[2300];
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(urls); ++i)
    {
        winetest_push_context("url %s", wine_dbgstr_w(urls[i]));
        hr = add(fixture.job, L"id", urls[i], fixture.path, 0, NULL, DO_UNKNOWN_FILE_SIZE);
        check_refused("JOB-038", fixture.job, hr, E_INVALIDARG, 0);
        hr = IBackgroundCopyJob_AddFile(fixture.job, urls[i], fixture.path);
        check_refused("JOB-038", fixture.job, hr, E_INVALIDARG, 0);
        winetest_pop_context();
    }
    hr = add(fixture.job, L"", L"http://127.0.0.1/x", fixture.path, 0, NULL, DO_UNKNOWN_FILE_SIZE);
    check_refused("JOB-038", fixture.job, hr, E_INVALIDARG, 0);

    wcscpy(url, L"http://127.0.0.1/");
    for (i = wcslen(url); i < ARRAY_SIZE(url); ++i)
        url[i] = 'a' + i % 26;
    url[2201] = 0;
    hr = add(fixture.job, L"id", url, fixture.path, 0, NULL, DO_UNKNOWN_FILE_SIZE);
    check_refused("JOB-038", fixture.job, hr, E_INVALIDARG, 0);
    url[2200] = 0;
    hr = add(fixture.job, L"id", url, fixture.path, 0, NULL, DO_UNKNOWN_FILE_SIZE);
    ok(hr == S_OK, "JOB-038: got hr %#lx.\n", hr);

    /* A record could not hold it. */
    for (i = 0; i < 32768; ++i)
        id[i] = 'x';
    hr = add(fixture.job, id, L"http://127.0.0.1/x", fixture.path, 0, NULL, DO_UNKNOWN_FILE_SIZE);
    ok(hr == E_INVALIDARG, "BND-02: got hr %#lx.\n", hr);
    hr = add(fixture.job, NULL, L"http://127.0.0.1/x", fixture.path, 0, NULL, DO_UNKNOWN_FILE_SIZE);
    check_null_arg("JOB-038", hr);
    hr = add(fixture.job, L"id", NULL, fixture.path, 0, NULL, DO_UNKNOWN_FILE_SIZE);
    check_null_arg("JOB-038", hr);
    fixture_close(&fixture);
}

static void test_range_counts(void)
{
    BG_FILE_RANGE range = { 5, 10 }, *ranges;
    struct fixture fixture;
    UINT i, many = 65536;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    hr = add(fixture.job, L"id", L"http://127.0.0.1/x", fixture.path, 2, NULL, DO_UNKNOWN_FILE_SIZE);
    check_refused("JOB-039", fixture.job, hr, E_INVALIDARG, 0);
    hr = add(fixture.job, L"id", L"http://127.0.0.1/x", fixture.path, 0xffffffff, NULL, DO_UNKNOWN_FILE_SIZE);
    check_refused("JOB-040", fixture.job, hr, E_INVALIDARG, 0);
    hr = add(fixture.job, L"id", L"http://127.0.0.1/x", fixture.path, 0x10000000, NULL, DO_UNKNOWN_FILE_SIZE);
    check_refused("JOB-040", fixture.job, hr, E_INVALIDARG, 0);
    hr = add(fixture.job, L"id", L"http://127.0.0.1/x", fixture.path, 0, &range, DO_UNKNOWN_FILE_SIZE);
    ok(hr == S_OK, "JOB-039: got hr %#lx.\n", hr);
    check_progress("JOB-039", fixture.job, BG_SIZE_UNKNOWN, 0, 1, 0);
    fixture_new_job(&fixture);

    ranges = test_alloc(many * sizeof(*ranges));
    for (i = 0; i < many; ++i)
    {
        ranges[i].InitialOffset = 2 * (many - i);
        ranges[i].Length = 1;
    }
    hr = add(fixture.job, L"id", L"http://127.0.0.1/x", fixture.path, many, ranges, DO_UNKNOWN_FILE_SIZE);
    ok(hr == S_OK, "JOB-040: %u ranges give %#lx.\n", many, hr);
    check_progress("JOB-040", fixture.job, many, 0, 1, 0);
    free(ranges);
    fixture_close(&fixture);
}

static void test_final_job(void)
{
    IDeliveryOptimizationJob2 *job2;
    struct fixture fixture;
    IUnknown *object;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < 2; ++i)
    {
        hr = i ? IBackgroundCopyJob_Cancel(fixture.job) : IBackgroundCopyJob_Complete(fixture.job);
        ok(hr == S_OK, "JOB-041: got hr %#lx.\n", hr);
        hr = add(fixture.job, L"id", L"http://127.0.0.1/x", fixture.path, 0, NULL, DO_UNKNOWN_FILE_SIZE);
        check_refused("JOB-041", fixture.job, hr, DO_E_INVALID_STATE, 0);
        /* The state is looked at before the arguments. */
        hr = add(fixture.job, L"", L"ftp://x", L"x", 0, NULL, DO_UNKNOWN_FILE_SIZE);
        check_refused("JOB-041", fixture.job, hr, DO_E_INVALID_STATE, 0);
        if (SUCCEEDED(query("JOB-007", fixture.job, &IID_IDeliveryOptimizationJob2, &job2)))
        {
            object = (IUnknown *)0xdeadbeef;
            hr = IDeliveryOptimizationJob2_AddFile(job2, L"id", L"http://127.0.0.1/x", 0, NULL,
                    &IID_IDeliveryOptimizationFile, (void **)&object);
            check_refused("JOB-041", fixture.job, hr, DO_E_INVALID_STATE, 0);
            ok(!object, "JOB-041: got object %p.\n", object);
            IDeliveryOptimizationJob2_Release(job2);
        }
        if (!i)
            fixture_new_job(&fixture);
    }
    fixture_close(&fixture);
}

static void test_write_permission(void)
{
    struct denied_dir denied;
    struct fixture fixture;
    WCHAR path[MAX_PATH];
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    if (!denied_dir_open(&denied))
        skip("JOB-042: there is no folder that cannot be written to.\n");
    else
    {
        hr = add(fixture.job, L"id", L"http://127.0.0.1/x", join_path(path, denied.dir, L"x"), 0, NULL,
                DO_UNKNOWN_FILE_SIZE);
        check_refused("JOB-042", fixture.job, hr, E_ACCESSDENIED, 0);
    }
    denied_dir_close(&denied);
    fixture_close(&fixture);
}

static void test_job2_add_file(void)
{
    static const struct
    {
        const IID *iid;
        HRESULT hr;
    }
    rows[] =
    {
        { &IID_IDeliveryOptimizationFile, S_OK }, /* JOB-043 */
        { &IID_IDeliveryOptimizationFile2, S_OK },
        { &IID_IBackgroundCopyFile, S_OK },
        { &IID_IBackgroundCopyFile5, S_OK },
        { &IID_IUnknown, S_OK },
        { &IID_IBackgroundCopyJob, E_NOINTERFACE }, /* JOB-044 */
        { &IID_IStream, E_NOINTERFACE },
    };
    IDeliveryOptimizationJob2 *job2;
    BG_FILE_RANGE range = { 5, 10 };
    struct fixture fixture;
    ULONG count = 0, total;
    IUnknown *object;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    if (FAILED(query("JOB-007", fixture.job, &IID_IDeliveryOptimizationJob2, &job2)))
        return;
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("row %u", i);
        object = NULL;
        hr = IDeliveryOptimizationJob2_AddFile(job2, L"id", L"http://127.0.0.1/x", 0, NULL, rows[i].iid,
                (void **)&object);
        ok(hr == rows[i].hr, "JOB-043: got hr %#lx, expected %#lx.\n", hr, rows[i].hr);
        ok(!object == FAILED(rows[i].hr), "JOB-043: got object %p.\n", object);
        count += SUCCEEDED(rows[i].hr);
        ok(get_files_total(fixture.job) == count, "JOB-044: got %lu files, expected %lu.\n",
                get_files_total(fixture.job), count);
        if (object)
        {
            check_interface("JOB-043", object, &IID_IDeliveryOptimizationFile2, TRUE);
            IUnknown_Release(object);
        }
        winetest_pop_context();
    }

    hr = IDeliveryOptimizationJob2_AddFile(job2, L"id", NULL, 0, NULL, &IID_IDeliveryOptimizationFile,
            (void **)&object);
    check_refused("JOB-038", fixture.job, hr, E_INVALIDARG, count);
    hr = IDeliveryOptimizationJob2_AddFile(job2, L"", L"http://127.0.0.1/x", 0, NULL, &IID_IDeliveryOptimizationFile,
            (void **)&object);
    check_refused("JOB-038", fixture.job, hr, E_INVALIDARG, count);
    hr = IDeliveryOptimizationJob2_AddFile(job2, L"id", L"http://127.0.0.1/x", 1, NULL, &IID_IDeliveryOptimizationFile,
            (void **)&object);
    check_refused("JOB-039", fixture.job, hr, E_INVALIDARG, count);
    hr = IDeliveryOptimizationJob2_AddFile(job2, L"id", L"http://127.0.0.1/x", 1, &range,
            &IID_IDeliveryOptimizationFile, (void **)&object);
    ok(hr == S_OK, "JOB-043: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
        IUnknown_Release(object);
    hr = IDeliveryOptimizationJob2_AddFile(job2, L"id", L"http://127.0.0.1/x", 0, NULL, &IID_IDeliveryOptimizationFile,
            NULL);
    check_null_arg("JOB-043", hr);
    total = get_files_total(fixture.job);
    ok(total == count + 1, "JOB-044: got %lu files, expected %lu.\n", total, count + 1);
    IDeliveryOptimizationJob2_Release(job2);
    fixture_close(&fixture);
}

/* JOB-045, the part with a job that transfers, is a row of state.c. */

static void test_enum_files(void)
{
    IEnumBackgroundCopyFiles *files = NULL, *clone = NULL;
    IBackgroundCopyFile *found[6];
    WCHAR path[MAX_PATH], *name;
    struct fixture fixture;
    ULONG count, fetched;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < 5; ++i)
    {
        swprintf(path, ARRAY_SIZE(path), L"%lsfile%u", fixture.dir, i);
        hr = add(fixture.job, L"id", L"http://127.0.0.1/x", path, 0, NULL, DO_UNKNOWN_FILE_SIZE);
        ok(hr == S_OK, "JOB-046: got hr %#lx.\n", hr);
    }
    hr = IBackgroundCopyJob_EnumFiles(fixture.job, NULL);
    check_null_arg("JOB-046", hr);
    hr = IBackgroundCopyJob_EnumFiles(fixture.job, &files);
    ok(hr == S_OK, "JOB-046: got hr %#lx.\n", hr);
    if (FAILED(hr))
        return;
    check_interface("JOB-046", files, &IID_IUnknown, TRUE);
    check_interface("JOB-046", files, &IID_IEnumBackgroundCopyFiles, TRUE);
    check_interface("JOB-046", files, &IID_IEnumBackgroundCopyJobs, FALSE);
    check_refcount("JOB-142", files, 1);
    hr = add(fixture.job, L"id", L"http://127.0.0.1/x", fixture.path, 0, NULL, DO_UNKNOWN_FILE_SIZE);
    ok(hr == S_OK, "JOB-049: got hr %#lx.\n", hr);
    count = 0xdeadbeef;
    hr = IEnumBackgroundCopyFiles_GetCount(files, &count);
    ok(hr == S_OK, "JOB-046: got hr %#lx.\n", hr);
    ok(count == 5, "JOB-049: got count %lu.\n", count);
    hr = IEnumBackgroundCopyFiles_GetCount(files, NULL);
    check_null_arg("JOB-046", hr);

    for (i = 0; i < 5; ++i)
    {
        found[0] = NULL;
        hr = IEnumBackgroundCopyFiles_Next(files, 1, found, i % 2 ? &fetched : NULL);
        ok(hr == S_OK, "JOB-047: got hr %#lx.\n", hr);
        if (FAILED(hr) || !found[0])
            break;
        name = NULL;
        hr = IBackgroundCopyFile_GetLocalName(found[0], &name);
        ok(hr == S_OK, "JOB-046: got hr %#lx.\n", hr);
        swprintf(path, ARRAY_SIZE(path), L"%lsfile%u", fixture.dir, i);
        ok(name && !wcscmp(name, path), "JOB-046: got file %s at %u.\n", wine_dbgstr_w(name), i);
        CoTaskMemFree(name);
        IBackgroundCopyFile_Release(found[0]);
    }
    fetched = 0xdeadbeef;
    hr = IEnumBackgroundCopyFiles_Next(files, 1, found, &fetched);
    ok(hr == S_FALSE, "JOB-048: got hr %#lx.\n", hr);
    ok(!fetched, "JOB-048: got %lu files.\n", fetched);
    hr = IEnumBackgroundCopyFiles_Skip(files, 1);
    ok(hr == S_FALSE, "JOB-048: got hr %#lx.\n", hr);

    hr = IEnumBackgroundCopyFiles_Reset(files);
    ok(hr == S_OK, "JOB-048: got hr %#lx.\n", hr);
    hr = IEnumBackgroundCopyFiles_Next(files, 2, found, NULL);
    ok(hr == E_INVALIDARG, "JOB-047: got hr %#lx.\n", hr);
    hr = IEnumBackgroundCopyFiles_Skip(files, 3);
    ok(hr == S_OK, "JOB-048: got hr %#lx.\n", hr);
    hr = IEnumBackgroundCopyFiles_Clone(files, &clone);
    ok(hr == S_OK, "JOB-048: got hr %#lx.\n", hr);
    fetched = 0xdeadbeef;
    hr = IEnumBackgroundCopyFiles_Next(files, 6, found, &fetched);
    ok(hr == S_FALSE, "JOB-048: got hr %#lx.\n", hr);
    ok(fetched == 2, "JOB-048: got %lu files.\n", fetched);
    for (i = 0; i < fetched && i < 6; ++i)
        IBackgroundCopyFile_Release(found[i]);
    if (clone)
    {
        hr = IEnumBackgroundCopyFiles_Next(clone, 2, found, &fetched);
        ok(hr == S_OK, "JOB-048: got hr %#lx.\n", hr);
        ok(fetched == 2, "JOB-048: got %lu files.\n", fetched);
        for (i = 0; i < fetched && i < 2; ++i)
            IBackgroundCopyFile_Release(found[i]);
        IEnumBackgroundCopyFiles_Release(clone);
    }
    hr = IEnumBackgroundCopyFiles_Clone(files, NULL);
    check_null_arg("JOB-048", hr);
    IEnumBackgroundCopyFiles_Release(files);
    fixture_close(&fixture);
}

START_TEST(files)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_valid_files();
    test_local_names();
    test_long_name();
    test_urls();
    test_range_counts();
    test_final_job();
    test_write_permission();
    test_job2_add_file();
    test_enum_files();
    CoUninitialize();
}
