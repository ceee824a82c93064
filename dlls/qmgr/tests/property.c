/*
 * The BITS front: defaults and properties of jobs and files
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

#include "bits_test.h"
#include "control.h"

static IBackgroundCopyJob5 *get_job5(IBackgroundCopyJob *job)
{
    IBackgroundCopyJob5 *job5 = NULL;

    query("BITS-016", job, &IID_IBackgroundCopyJob5, &job5);
    return job5;
}

static void test_defaults(IBackgroundCopyJob *job)
{
    IBackgroundCopyJob5 *job5 = get_job5(job);
    IBackgroundCopyError *error = (void *)0xdeadbeef;
    BG_JOB_PRIORITY priority;
    BG_JOB_TIMES times;
    ULONG value;
    WCHAR *text;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetMinimumRetryDelay(job, &value);
    ok(hr == S_OK && value == 600, "BITS-023: got hr %#lx, delay %lu.\n", hr, value);
    hr = IBackgroundCopyJob_GetNoProgressTimeout(job, &value);
    ok(hr == S_OK && value == 1209600, "BITS-023: got hr %#lx, timeout %lu.\n", hr, value);
    hr = IBackgroundCopyJob5_GetMaximumDownloadTime(job5, &value);
    ok(hr == S_OK && value == 7776000, "BITS-023: got hr %#lx, time %lu.\n", hr, value);
    hr = IBackgroundCopyJob_GetPriority(job, &priority);
    ok(hr == S_OK && priority == BG_JOB_PRIORITY_NORMAL, "BITS-023: got hr %#lx, priority %u.\n", hr, priority);
    hr = IBackgroundCopyJob_SetPriority(job, BG_JOB_PRIORITY_FOREGROUND);
    check_hr("BITS-023", hr, S_OK);
    hr = IBackgroundCopyJob_GetNoProgressTimeout(job, &value);
    ok(hr == S_OK && value == 1209600, "BITS-023: got hr %#lx, timeout %lu.\n", hr, value);
    hr = IBackgroundCopyJob_SetMinimumRetryDelay(job, 1);
    check_hr("BITS-024", hr, S_OK);
    hr = IBackgroundCopyJob_GetMinimumRetryDelay(job, &value);
    ok(hr == S_OK && value == 5, "BITS-024: got hr %#lx, delay %lu.\n", hr, value);

    hr = IBackgroundCopyJob_GetTimes(job, &times);
    check_hr("BITS-025", hr, S_OK);
    hr = IBackgroundCopyJob_GetErrorCount(job, &value);
    ok(hr == S_OK && !value, "BITS-025: got hr %#lx, %lu errors.\n", hr, value);
    hr = IBackgroundCopyJob_GetOwner(job, &text);
    check_hr("BITS-025", hr, S_OK);
    CoTaskMemFree(text);
    hr = IBackgroundCopyJob_SetDisplayName(job, L"another name");
    check_hr("BITS-025", hr, S_OK);
    hr = IBackgroundCopyJob_GetError(job, &error);
    check_hr("BITS-026", hr, BG_E_ERROR_INFORMATION_UNAVAILABLE);
    ok(!error, "BITS-026: got object %p.\n", error);
    IBackgroundCopyJob5_Release(job5);
}

static void test_hints(IBackgroundCopyJob *job)
{
    IBackgroundCopyJob5 *job5 = get_job5(job);
    ULONG level = 0;
    BOOL elevated;
    DWORD flags;
    HRESULT hr;

    hr = IBackgroundCopyJob5_GetPeerCachingFlags(job5, &flags);
    ok(hr == S_OK && !flags, "BITS-029: got hr %#lx, flags %#lx.\n", hr, flags);
    hr = IBackgroundCopyJob5_SetPeerCachingFlags(job5, 3);
    check_hr("BITS-029", hr, S_OK);
    hr = IBackgroundCopyJob5_GetPeerCachingFlags(job5, &flags);
    ok(hr == S_OK && flags == 3, "BITS-029: got hr %#lx, flags %#lx.\n", hr, flags);
    hr = IBackgroundCopyJob5_SetPeerCachingFlags(job5, 8);
    check_hr("BITS-029", hr, E_INVALIDARG);
    hr = IBackgroundCopyJob5_SetFileACLFlags(job5, 0xf);
    check_hr("BITS-029", hr, S_OK);
    hr = IBackgroundCopyJob5_GetFileACLFlags(job5, &flags);
    ok(hr == S_OK && flags == 0xf, "BITS-029: got hr %#lx, flags %#lx.\n", hr, flags);
    hr = IBackgroundCopyJob5_SetFileACLFlags(job5, 0x10);
    check_hr("BITS-029", hr, E_INVALIDARG);
    hr = IBackgroundCopyJob5_GetOwnerIntegrityLevel(job5, &level);
    ok(hr == S_OK && level >= 0x1000 && level <= 0x4000, "BITS-029: got hr %#lx, level %#lx.\n", hr, level);
    hr = IBackgroundCopyJob5_GetOwnerElevationState(job5, &elevated);
    check_hr("BITS-029", hr, S_OK);
    IBackgroundCopyJob5_Release(job5);
}

static HRESULT set_number(IBackgroundCopyJob5 *job, UINT id, UINT64 number)
{
    BITS_JOB_PROPERTY_VALUE value;

    memset(&value, 0, sizeof(value));
    value.Uint64 = number;
    return IBackgroundCopyJob5_SetProperty(job, id, value);
}

static UINT64 get_number(IBackgroundCopyJob5 *job, UINT id)
{
    BITS_JOB_PROPERTY_VALUE value;
    HRESULT hr;

    memset(&value, 0xcc, sizeof(value));
    hr = IBackgroundCopyJob5_GetProperty(job, id, &value);
    check_hr("BITS-030", hr, S_OK);
    return id == BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE ? value.Uint64 : value.Dword;
}

static void test_properties(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/properties", 1000);
    IBackgroundCopyJob5 *job = get_job5(fixture->job);
    UINT64 number;

    number = get_number(job, BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS);
    ok(number == 500, "BITS-030: got interval %s.\n", debugstr_u64(number));
    number = get_number(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE);
    ok(number == SIZE_UNKNOWN, "BITS-030: got size %s.\n", debugstr_u64(number));
    check_hr("BITS-030", set_number(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, 0),
            BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE);
    check_hr("BITS-030", set_number(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, 1000), S_OK);
    check_hr("BITS-030", set_number(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, 1), S_OK);
    check_hr("BITS-030", set_number(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, 1), S_OK);
    check_hr("BITS-030", set_number(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE, 1), E_NOTIMPL);
    check_hr("BITS-030", set_number(job, BITS_JOB_PROPERTY_ON_DEMAND_MODE, 0), S_OK);
    check_hr("BITS-030", set_number(job, 8, 0), BG_E_UNKNOWN_PROPERTY_ID);
    check_hr("BITS-030", set_number(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, BG_AUTH_TARGET_SERVER),
            BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED);
    check_hr("BITS-030", set_number(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, BG_AUTH_TARGET_PROXY), S_OK);
    check_hr("BITS-030", IBackgroundCopyJob5_AddFile(job, resource->url, fixture->path), S_OK);
    check_hr("BITS-030", set_number(job, BITS_JOB_PROPERTY_HIGH_PERFORMANCE, 0),
            BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE);
    resume_job("BITS-030", fixture->job);
    wait_for_state("BITS-030", fixture->job, BG_JOB_STATE_TRANSFERRED);
    check_hr("BITS-030", set_number(job, BITS_JOB_PROPERTY_DYNAMIC_CONTENT, 0), BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
    check_hr("BITS-030", set_number(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, 5),
            BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
    IBackgroundCopyJob5_Release(job);
}

static void test_max_size(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/large", 100000);
    IBackgroundCopyJob5 *job;

    fixture_new_job(fixture);
    job = get_job5(fixture->job);
    check_hr("BITS-031", set_number(job, BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE, 99999), S_OK);
    check_hr("BITS-031", IBackgroundCopyJob5_AddFile(job, resource->url, fixture->path), S_OK);
    resume_job("BITS-031", fixture->job);
    wait_for_state("BITS-031", fixture->job, BG_JOB_STATE_ERROR);
    check_error("BITS-031", fixture->job, BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
    /* The size is known now, and still too much. */
    resume_job("BITS-031", fixture->job);
    wait_for_state("BITS-031", fixture->job, BG_JOB_STATE_ERROR);
    check_error("BITS-031", fixture->job, BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
    IBackgroundCopyJob5_Release(job);
}

static void test_max_time(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/slow", 200000);
    IBackgroundCopyJob5 *job;
    HANDLE gate = create_gate();
    BG_JOB_PROGRESS progress;
    IBackgroundCopyError *error;
    IBackgroundCopyFile *file;

    fixture_new_job(fixture);
    job = get_job5(fixture->job);
    set_gate(resource, gate, 100000);
    check_hr("BITS-028", IBackgroundCopyJob5_SetMaximumDownloadTime(job, 3), S_OK);
    check_hr("BITS-028", IBackgroundCopyJob5_AddFile(job, resource->url, fixture->path), S_OK);
    resume_job("BITS-028", fixture->job);
    wait_for_state("BITS-028", fixture->job, BG_JOB_STATE_ERROR);
    check_error("BITS-028", fixture->job, BG_E_MAXDOWNLOAD_TIMEOUT);
    check_hr("BITS-028", IBackgroundCopyJob_GetError(fixture->job, &error), S_OK);
    check_hr("BITS-055", IBackgroundCopyError_GetFile(error, &file), BG_E_FILE_NOT_AVAILABLE);
    IBackgroundCopyError_Release(error);
    get_progress(fixture->job, &progress);
    ok(progress.BytesTransferred == 100000, "BITS-028: got %s bytes.\n", debugstr_u64(progress.BytesTransferred));
    SetEvent(gate);
    resume_job("BITS-028", fixture->job);
    if (wait_for_state("BITS-028", fixture->job, BG_JOB_STATE_TRANSFERRED))
    {
        check_hr("BITS-028", IBackgroundCopyJob_Complete(fixture->job), S_OK);
        check_content("BITS-028", fixture->path, resource);
    }
    IBackgroundCopyJob5_Release(job);
    CloseHandle(gate);
}

static void test_not_offered(IBackgroundCopyJob *job)
{
    BG_JOB_REPLY_PROGRESS progress;
    WCHAR *program, *parameters;
    IBackgroundCopyJob2 *job2;
    UINT64 length;
    BYTE *data;
    HRESULT hr;

    query("BITS-033", job, &IID_IBackgroundCopyJob2, &job2);
    hr = IBackgroundCopyJob2_SetNotifyCmdLine(job2, L"C:\\windows\\system32\\cmd.exe", L"cmd.exe");
    check_hr("BITS-032", hr, E_NOTIMPL);
    hr = IBackgroundCopyJob2_SetNotifyCmdLine(job2, NULL, NULL);
    check_hr("BITS-032", hr, S_OK);
    hr = IBackgroundCopyJob2_SetNotifyCmdLine(job2, NULL, L"x");
    check_hr("BITS-032", hr, E_INVALIDARG);
    program = parameters = (void *)0xdeadbeef;
    hr = IBackgroundCopyJob2_GetNotifyCmdLine(job2, &program, &parameters);
    ok(hr == S_OK && !program && !parameters, "BITS-032: got hr %#lx, %p, %p.\n", hr, program, parameters);
    check_hr("BITS-033", IBackgroundCopyJob2_GetReplyProgress(job2, &progress), E_NOTIMPL);
    check_hr("BITS-033", IBackgroundCopyJob2_GetReplyData(job2, &data, &length), E_NOTIMPL);
    check_hr("BITS-033", IBackgroundCopyJob2_SetReplyFileName(job2, L"C:\\reply"), E_NOTIMPL);
    check_hr("BITS-033", IBackgroundCopyJob2_GetReplyFileName(job2, &program), E_NOTIMPL);
    check_hr("BITS-034", IBackgroundCopyJob_TakeOwnership(job), S_OK);
    IBackgroundCopyJob2_Release(job2);
}

static void test_prefix(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/prefix", 1000);
    IBackgroundCopyJob3 *job;
    WCHAR url[128];

    fixture_new_job(fixture);
    query("BITS-035", fixture->job, &IID_IBackgroundCopyJob3, &job);
    check_hr("BITS-035", IBackgroundCopyJob3_AddFile(job, L"http://nobody.invalid/prefix", fixture->path), S_OK);
    check_hr("BITS-035", IBackgroundCopyJob3_ReplaceRemotePrefix(job, L"", L"x"), E_INVALIDARG);
    check_hr("BITS-035", IBackgroundCopyJob3_ReplaceRemotePrefix(job, L"http://other.invalid/", L"http://x/"), S_FALSE);
    check_hr("BITS-035", IBackgroundCopyJob3_ReplaceRemotePrefix(job, L"http://nobody", L"no url "), E_INVALIDARG);
    wcscpy(url, resource->url);
    url[wcslen(url) - wcslen(L"prefix")] = 0;
    check_hr("BITS-035", IBackgroundCopyJob3_ReplaceRemotePrefix(job, L"http://nobody.invalid/", url), S_OK);
    check_remote_name("BITS-035", fixture->job, resource->url);
    resume_job("BITS-035", fixture->job);
    wait_for_state("BITS-035", fixture->job, BG_JOB_STATE_TRANSFERRED);
    IBackgroundCopyJob3_Release(job);
}

/* Another client knows the URL without user and password, also when it replaces its prefix. */
static void replace_secret(const char *name)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob3 *job3;
    IBackgroundCopyJob *job;
    WCHAR wide[64];

    swprintf(wide, ARRAY_SIZE(wide), L"%hs", name);
    if (FAILED(create_manager(&manager)))
        return;
    job = find_job(manager, wide);
    ok(!!job, "CRED-05: the job is not there.\n");
    if (job && SUCCEEDED(query("CRED-05", job, &IID_IBackgroundCopyJob3, &job3)))
    {
        check_remote_name("CRED-05", job, L"http://nobody.invalid/secret");
        check_hr("CRED-05", IBackgroundCopyJob3_ReplaceRemotePrefix(job3, L"http://user:word@", L"http://"), S_FALSE);
        check_hr("CRED-05", IBackgroundCopyJob3_ReplaceRemotePrefix(job3, L"http://nobody", L"http://other"), S_OK);
        check_remote_name("CRED-05", job, L"http://other.invalid/secret");
        IBackgroundCopyJob3_Release(job3);
    }
    if (job)
        IBackgroundCopyJob_Release(job);
    IBackgroundCopyManager_Release(manager);
}

static void test_secret_prefix(struct fixture *fixture)
{
    IBackgroundCopyJob3 *job;
    WCHAR name[64];
    char args[80];

    fixture_new_job(fixture);
    swprintf(name, ARRAY_SIZE(name), L"prefix-%lx", GetCurrentProcessId());
    sprintf(args, "secret %ls", name);
    query("CRED-05", fixture->job, &IID_IBackgroundCopyJob3, &job);
    check_hr("CRED-05", IBackgroundCopyJob3_SetDisplayName(job, name), S_OK);
    check_hr("CRED-05", IBackgroundCopyJob3_AddFile(job, L"http://user:word@old.invalid/secret", fixture->path), S_OK);
    check_hr("CRED-05", IBackgroundCopyJob3_ReplaceRemotePrefix(job, L"http://user:word@old",
            L"http://user:word@nobody"), S_OK);
    check_remote_name("CRED-05", fixture->job, L"http://user:word@nobody.invalid/secret");
    run_child("property", args);
    check_remote_name("CRED-05", fixture->job, L"http://other.invalid/secret");
    IBackgroundCopyJob3_Release(job);
}

static void test_validation(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/validation", 50000);
    IBackgroundCopyFile3 *file3;
    IBackgroundCopyFile *file;
    WCHAR *path = NULL;
    BOOL state = 2;

    fixture_new_job(fixture);
    check_hr("BITS-049", IBackgroundCopyJob_AddFile(fixture->job, resource->url, fixture->path), S_OK);
    if (!(file = get_file("BITS-049", fixture->job, 0)))
        return;
    query("BITS-017", file, &IID_IBackgroundCopyFile3, &file3);
    check_hr("BITS-048", IBackgroundCopyFile3_GetTemporaryName(file3, &path), E_PENDING);
    check_hr("BITS-049", IBackgroundCopyFile3_SetValidationState(file3, FALSE), E_PENDING);
    check_hr("BITS-049", IBackgroundCopyFile3_GetValidationState(file3, &state), S_OK);
    ok(!state, "BITS-049: got state %d.\n", state);
    resume_job("BITS-049", fixture->job);
    wait_for_state("BITS-049", fixture->job, BG_JOB_STATE_TRANSFERRED);
    check_hr("BITS-048", IBackgroundCopyFile3_GetTemporaryName(file3, &path), S_OK);
    ok(path && !_wcsnicmp(path, fixture->dir, wcslen(fixture->dir)) && wcsstr(path, L"\\BIT"),
            "BITS-048: got path %s.\n", wine_dbgstr_w(path));
    if (path)
        check_content("BITS-048", path, resource);
    CoTaskMemFree(path);
    check_hr("BITS-049", IBackgroundCopyFile3_SetValidationState(file3, TRUE), S_OK);
    check_hr("BITS-049", IBackgroundCopyFile3_GetValidationState(file3, &state), S_OK);
    ok(state == TRUE, "BITS-049: got state %d.\n", state);
    check_hr("BITS-049", IBackgroundCopyFile3_SetValidationState(file3, FALSE), S_OK);
    check_state("BITS-049", fixture->job, BG_JOB_STATE_ERROR);
    check_error("BITS-049", fixture->job, BG_E_VALIDATION_FAILED);
    check_progress("BITS-049", fixture->job, 50000, 0, 1, 0);
    resume_job("BITS-049", fixture->job);
    if (wait_for_state("BITS-049", fixture->job, BG_JOB_STATE_TRANSFERRED))
    {
        check_hr("BITS-049", IBackgroundCopyJob_Complete(fixture->job), S_OK);
        check_content("BITS-049", fixture->path, resource);
    }
    check_hr("BITS-048", IBackgroundCopyFile3_GetTemporaryName(file3, &path), BG_E_INVALID_STATE);
    IBackgroundCopyFile3_Release(file3);
    IBackgroundCopyFile_Release(file);
}

/* A file that the client rejects leaves nothing behind. */
static void test_rejection(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/rejection", 50000);
    IBackgroundCopyFile3 *file3;
    IBackgroundCopyFile *file;

    fixture_new_job(fixture);
    check_hr("BITS-049", IBackgroundCopyJob_AddFile(fixture->job, resource->url, fixture->path), S_OK);
    if (!(file = get_file("BITS-049", fixture->job, 0)))
        return;
    query("BITS-017", file, &IID_IBackgroundCopyFile3, &file3);
    resume_job("BITS-049", fixture->job);
    wait_for_state("BITS-049", fixture->job, BG_JOB_STATE_TRANSFERRED);
    ok(find_temp(fixture->dir, NULL) == 1, "BITS-048: there is no temporary file.\n");
    check_hr("BITS-049", IBackgroundCopyFile3_SetValidationState(file3, FALSE), S_OK);
    check_hr("BITS-043", IBackgroundCopyJob_Cancel(fixture->job), S_OK);
    ok(!find_temp(fixture->dir, NULL), "BITS-043: the temporary file is still there.\n");
    IBackgroundCopyFile3_Release(file3);
    IBackgroundCopyFile_Release(file);
}

/* A file that is rejected after a Complete that had to leave another one is no more completed: the next Complete puts
 * the new one in its place. */
static void test_late_rejection(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/late-rejection", 50000);
    BG_FILE_PROGRESS progress = { 0 };
    IBackgroundCopyFile3 *file3;
    IBackgroundCopyFile *file;
    WCHAR second[MAX_PATH];

    fixture_new_job(fixture);
    check_hr("BITS-049", IBackgroundCopyJob_AddFile(fixture->job, resource->url, fixture->path), S_OK);
    check_hr("BITS-049", IBackgroundCopyJob_AddFile(fixture->job, resource->url, join_path(second, fixture->dir,
            L"second")), S_OK);
    if (!(file = get_file("BITS-049", fixture->job, 0)))
        return;
    query("BITS-017", file, &IID_IBackgroundCopyFile3, &file3);
    resume_job("BITS-049", fixture->job);
    wait_for_state("BITS-049", fixture->job, BG_JOB_STATE_TRANSFERRED);
    CreateDirectoryW(second, NULL);
    ok(FAILED(IBackgroundCopyJob_Complete(fixture->job)), "BITS-049: a folder was replaced.\n");
    RemoveDirectoryW(second);
    IBackgroundCopyFile_GetProgress(file, &progress);
    ok(progress.Completed, "BITS-049: the first file is not completed.\n");

    check_hr("BITS-049", IBackgroundCopyFile3_SetValidationState(file3, FALSE), S_OK);
    IBackgroundCopyFile_GetProgress(file, &progress);
    ok(!progress.Completed, "BITS-049: the first file is still completed.\n");
    write_file(fixture->path, "damaged");
    resume_job("BITS-049", fixture->job);
    if (wait_for_state("BITS-049", fixture->job, BG_JOB_STATE_TRANSFERRED))
        check_hr("BITS-049", IBackgroundCopyJob_Complete(fixture->job), S_OK);
    check_content("BITS-049", fixture->path, resource);
    check_content("BITS-049", second, resource);
    IBackgroundCopyFile3_Release(file3);
    IBackgroundCopyFile_Release(file);
}

/* The settings of this service tell of the cost, and no others. */
static void test_cost(struct fixture *fixture)
{
    BITS_JOB_PROPERTY_VALUE value = { 0x80000067 };
    struct resource *resource;
    IBackgroundCopyJob5 *job5;

    if (!set_setting(L"NetworkCost", 0x80))
    {
        skip("NET-001: this user may not change settings.\n");
        return;
    }
    fixture_new_job(fixture);
    resource = origin_add_resource(fixture->origin, "/cost", 10000);
    check_hr("NET-001", IBackgroundCopyJob_AddFile(fixture->job, resource->url, fixture->path), S_OK);
    job5 = get_job5(fixture->job);
    check_hr("NET-001", IBackgroundCopyJob5_SetProperty(job5, BITS_JOB_PROPERTY_ID_COST_FLAGS, value), S_OK);
    IBackgroundCopyJob5_Release(job5);
    resume_job("NET-001", fixture->job);
    wait_for_state("NET-001", fixture->job, BG_JOB_STATE_TRANSIENT_ERROR);
    check_error("NET-001", fixture->job, BG_E_BLOCKED_BY_POLICY);
    ok(set_setting(L"NetworkCost", 0), "NET-001: got error %lu.\n", GetLastError());
    wait_for_state("NET-001", fixture->job, BG_JOB_STATE_TRANSFERRED);
}

START_TEST(property)
{
    struct fixture fixture;
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    if (!begin_bits())
        return;
    if (argc >= 4)
        replace_secret(argv[3]);
    else if (fixture_open(&fixture))
    {
        test_defaults(fixture.job);
        test_hints(fixture.job);
        test_not_offered(fixture.job);
        test_properties(&fixture);
        test_max_size(&fixture);
        test_max_time(&fixture);
        test_prefix(&fixture);
        test_secret_prefix(&fixture);
        test_validation(&fixture);
        test_rejection(&fixture);
        test_late_rejection(&fixture);
        test_cost(&fixture);
        fixture_close(&fixture);
    }
    end_bits();
}
