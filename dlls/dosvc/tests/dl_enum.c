/*
 * Tests for the enumeration and the lifetime of downloads
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
#include "download.h"

#define P(name) DODownloadProperty_ ## name

#define check_none(id, manager, prop, value) check_none_(__FILE__, __LINE__, id, manager, prop, value)
static void check_none_(const char *file, int line, const char *id, IDOManager *manager, DODownloadProperty prop,
        const WCHAR *value)
{
    IEnumUnknown *enumerator;
    HRESULT hr;

    hr = dl_enum(manager, prop, value, &enumerator);
    ok_(file, line)(hr == DO_E_NO_DOWNLOADS, "%s: EnumDownloads(%d, %s) gives %#lx.\n", id, prop,
            wine_dbgstr_w(value), hr);
    ok_(file, line)(!enumerator, "%s: got enumerator %p.\n", id, enumerator);
    if (SUCCEEDED(hr))
        IEnumUnknown_Release(enumerator);
}

/* DL-141 to DL-143 */
static void test_by_id(void)
{
    static const WCHAR *const absent[] =
    {
        L"", L"{", L"{}", L"no id", L"6d1e8ab1-4b3a-4a3c-8e60-1d526f0a1102", L"{6D1E8AB1-4B3A-4A3C-8E60-1D526F0A1102}",
    };
    WCHAR id[40], other[40], text[40], *p;
    IDODownload *download, *found, *second;
    struct resource *resource;
    struct dl_fixture fixture;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/id", 50000);
    download = prepare_download("DL-141", &fixture, resource->url, fixture.path);
    second = create_download("DL-141", fixture.manager);
    dl_get_id(download, id);
    for (i = 0; i < 4; ++i)
    {
        /* Plain, in upper case, both in braces. */
        swprintf(text, ARRAY_SIZE(text), i & 2 ? L"{%ls}" : L"%ls", id);
        for (p = text; i & 1 && *p; ++p)
            *p = towupper(*p);
        if (!(found = dl_find("DL-141", fixture.manager, P(Id), text)))
            continue;
        dl_get_id(found, other);
        ok(!wcscmp(other, id), "DL-141: got %s, expected %s.\n", wine_dbgstr_w(other), wine_dbgstr_w(id));
        ok(found != download, "DL-141: it is the same object.\n");
        IDODownload_Release(found);
    }
    swprintf(text, ARRAY_SIZE(text), L"{%ls", id);
    check_none("DL-141", fixture.manager, P(Id), text);
    swprintf(text, ARRAY_SIZE(text), L"%ls}", id);
    check_none("DL-141", fixture.manager, P(Id), text);
    swprintf(text, ARRAY_SIZE(text), L"%.35ls", id);
    check_none("DL-141", fixture.manager, P(Id), text);
    for (i = 0; i < ARRAY_SIZE(absent); ++i)
        check_none("DL-141", fixture.manager, P(Id), absent[i]);

    if ((found = dl_find("DL-142", fixture.manager, P(Id), id)))
    {
        dl_start("DL-142", found);
        dl_finish("DL-142", found, fixture.path, resource);
        check_dl_state("DL-142", download, DODownloadState_Finalized);
        Sleep(1000);
        check_none("DL-143", fixture.manager, P(Id), id);
        check_dl_state("DL-143", found, DODownloadState_Finalized);
        IDODownload_Release(found);
    }
    dl_get_id(second, id);
    check_hr("DL-143", IDODownload_Abort(second), S_OK);
    check_none("DL-143", fixture.manager, P(Id), id);
    IDODownload_Release(second);
    IDODownload_Release(download);
    dl_close(&fixture);
}

/* Before the others, which make some. */
static void test_none(void)
{
    IEnumUnknown *enumerator = (IEnumUnknown *)0xdeadbeef;
    IBackgroundCopyManager *bg_manager;
    IBackgroundCopyJob *job = NULL;
    IDODownload *download;
    IDOManager *manager;
    HRESULT hr;

    if (FAILED(create_do_manager(&manager)))
        return;
    /* Not a download. */
    if (SUCCEEDED(create_manager(&bg_manager)))
    {
        job = create_job(bg_manager);
        IBackgroundCopyManager_Release(bg_manager);
    }
    hr = IDOManager_EnumDownloads(manager, NULL, &enumerator);
    if (hr == S_OK)
    {
        skip("DL-144: somebody has downloads.\n");
        IEnumUnknown_Release(enumerator);
    }
    else
    {
        ok(hr == DO_E_NO_DOWNLOADS, "DL-144: got hr %#lx.\n", hr);
        ok(!enumerator, "DL-144: got enumerator %p.\n", enumerator);
        download = create_download("DL-144", manager);
        hr = IDOManager_EnumDownloads(manager, NULL, &enumerator);
        ok(hr == S_OK, "DL-144: got hr %#lx.\n", hr);
        if (SUCCEEDED(hr))
            IEnumUnknown_Release(enumerator);
        check_hr("DL-144", IDODownload_Abort(download), S_OK);
        hr = IDOManager_EnumDownloads(manager, NULL, &enumerator);
        ok(hr == DO_E_NO_DOWNLOADS, "DL-144: got hr %#lx.\n", hr);
        IDODownload_Release(download);
    }
    if (job)
        discard_job(job);
    IDOManager_Release(manager);
}

/* How many elements there are; each has to be one of the downloads, once. */
static unsigned int count_found(const char *id, IDOManager *manager, DODownloadProperty prop, const WCHAR *value,
        WCHAR ids[][40], unsigned int count)
{
    BOOL is_seen[8] = { FALSE };
    unsigned int found = 0, i;
    IEnumUnknown *enumerator;
    IDODownload *download;
    IUnknown *unknown;
    WCHAR text[40];
    ULONG fetched;
    HRESULT hr;

    hr = dl_enum(manager, prop, value, &enumerator);
    if (hr == DO_E_NO_DOWNLOADS)
        return 0;
    ok(hr == S_OK, "%s: EnumDownloads(%d, %s) gives %#lx.\n", id, prop, wine_dbgstr_w(value), hr);
    if (FAILED(hr))
        return 0;
    while (SUCCEEDED(IEnumUnknown_Next(enumerator, 1, &unknown, &fetched)) && fetched)
    {
        if (SUCCEEDED(query(id, unknown, &IID_IDODownload, &download)))
        {
            dl_get_id(download, text);
            for (i = 0; i < count && wcscmp(text, ids[i]); ++i)
                ;
            ok(i < count && !is_seen[i], "%s: found %s, which is not wanted.\n", id, wine_dbgstr_w(text));
            is_seen[i] = TRUE;
            IDODownload_Release(download);
        }
        IUnknown_Release(unknown);
        ++found;
    }
    IEnumUnknown_Release(enumerator);
    return found;
}

static void test_filters(void)
{
    static const struct
    {
        DODownloadProperty prop;
        const WCHAR *first, *second, *other; /* first is of two, second of one download, other of none */
    }
    rows[] =
    {
        { P(Uri), L"http://127.0.0.1/DL-145/a?b=c", L"http://127.0.0.1/DL-145/b", L"http://127.0.0.1/DL-145/A?b=c" },
        { P(ContentId), L"DL-145 content", L"DL-145", L"dl-145" },
        { P(DisplayName), L"DL-145 name *", L"DL-145 \x0441\x043b\x043e\x0432\x043e", L"DL-145 name" },
    };
    IDODownload *downloads[4];
    struct dl_fixture fixture;
    WCHAR ids[4][40], path[MAX_PATH], upper[MAX_PATH], *p;
    unsigned int count, i, j;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(downloads); ++i)
    {
        downloads[i] = create_download("DL-145", fixture.manager);
        dl_get_id(downloads[i], ids[i]);
        /* The last one has none of the properties, and never matches. */
        for (j = 0; i != 3 && j < ARRAY_SIZE(rows); ++j)
            check_hr("DL-145", dl_set_string(downloads[i], rows[j].prop, i == 2 ? rows[j].second : rows[j].first),
                    S_OK);
    }
    swprintf(path, ARRAY_SIZE(path), L"%lsDL-145 name.bin", fixture.dir);
    check_hr("DL-145", dl_set_string(downloads[0], P(LocalPath), path), S_OK);

    for (j = 0; j < ARRAY_SIZE(rows); ++j)
    {
        winetest_push_context("property %d", rows[j].prop);
        count = count_found("DL-145", fixture.manager, rows[j].prop, rows[j].first, ids, 2);
        ok(count == 2, "DL-145: found %u.\n", count);
        count = count_found("DL-145", fixture.manager, rows[j].prop, rows[j].second, ids + 2, 1);
        ok(count == 1, "DL-145: found %u.\n", count);
        check_none("DL-145", fixture.manager, rows[j].prop, rows[j].other);
        check_none("DL-145", fixture.manager, rows[j].prop, L"");
        winetest_pop_context();
    }

    wcscpy(upper, path);
    for (p = upper; *p; ++p)
        *p = *p == '\\' ? '/' : towupper(*p);
    count = count_found("DL-145", fixture.manager, P(LocalPath), path, ids, 1);
    ok(count == 1, "DL-145: found %u.\n", count);
    count = count_found("DL-145", fixture.manager, P(LocalPath), upper, ids, 1);
    ok(count == 1, "DL-145: found %u by %s.\n", count, wine_dbgstr_w(upper));
    swprintf(upper, ARRAY_SIZE(upper), L"%lsx\\..\\.\\DL-145 name.bin", fixture.dir);
    count = count_found("DL-145", fixture.manager, P(LocalPath), upper, ids, 1);
    ok(count == 1, "DL-145: found %u by %s.\n", count, wine_dbgstr_w(upper));
    check_none("DL-145", fixture.manager, P(LocalPath), L"DL-145 name.bin");
    check_none("DL-145", fixture.manager, P(LocalPath), fixture.dir);

    for (i = 0; i < ARRAY_SIZE(downloads); ++i)
        dl_discard(downloads[i]);
    dl_close(&fixture);
}

static void test_bad_filters(void)
{
    IEnumUnknown *enumerator;
    IDODownload *download;
    IDOManager *manager;
    HRESULT hr;
    int i;

    if (FAILED(create_do_manager(&manager)))
        return;
    download = create_download("DL-146", manager);
    for (i = -1; i <= 31; ++i)
    {
        BOOL is_filter = i == P(Id) || i == P(Uri) || i == P(ContentId) || i == P(DisplayName) || i == P(LocalPath);

        hr = dl_enum(manager, i, NULL, &enumerator);
        ok(hr == E_INVALIDARG && !enumerator, "DL-146: property %d without a value gives %#lx.\n", i, hr);
        if (is_filter)
            continue;
        hr = dl_enum(manager, i, L"0", &enumerator);
        ok(hr == E_INVALIDARG && !enumerator, "DL-146: property %d gives %#lx.\n", i, hr);
    }
    dl_discard(download);
    IDOManager_Release(manager);
}

static unsigned int release_all(IUnknown **items, unsigned int count)
{
    unsigned int released = 0, i;

    for (i = 0; i < count; ++i)
    {
        if (!items[i] || items[i] == (IUnknown *)0xdeadbeef)
            continue;
        IUnknown_Release(items[i]);
        ++released;
    }
    return released;
}

static ULONG next(IEnumUnknown *enumerator, ULONG count, HRESULT expected)
{
    IUnknown *items[10];
    ULONG fetched = 0xdeadbeef;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(items); ++i)
        items[i] = NULL;
    hr = IEnumUnknown_Next(enumerator, count, items, &fetched);
    ok(hr == expected, "DL-147: Next(%lu) gives %#lx.\n", count, hr);
    ok(release_all(items, ARRAY_SIZE(items)) == fetched, "DL-147: Next(%lu) gives another number than %lu.\n", count,
            fetched);
    return fetched;
}

static void test_enumerator(void)
{
    IEnumUnknown *enumerator, *clone;
    IDODownload *downloads[4], *found;
    struct dl_fixture fixture;
    IUnknown *unknown;
    ULONG fetched;
    unsigned int i;
    HRESULT hr;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < 3; ++i)
    {
        downloads[i] = create_download("DL-147", fixture.manager);
        check_hr("DL-147", dl_set_string(downloads[i], P(DisplayName), L"DL-147"), S_OK);
    }
    hr = dl_enum(fixture.manager, P(DisplayName), L"DL-147", &enumerator);
    ok(hr == S_OK, "DL-147: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
    {
        /* A snapshot: neither of these changes it. */
        downloads[3] = create_download("DL-147", fixture.manager);
        check_hr("DL-147", dl_set_string(downloads[3], P(DisplayName), L"DL-147"), S_OK);
        check_hr("DL-147", IDODownload_Abort(downloads[0]), S_OK);

        ok(next(enumerator, 1, S_OK) == 1, "DL-147: nothing is fetched.\n");
        ok(next(enumerator, 2, S_OK) == 2, "DL-147: not all are fetched.\n");
        ok(next(enumerator, 1, S_FALSE) == 0, "DL-147: something is fetched.\n");
        check_hr("DL-147", IEnumUnknown_Reset(enumerator), S_OK);
        ok(next(enumerator, 10, S_FALSE) == 3, "DL-147: not all are fetched.\n");
        ok(next(enumerator, 10, S_FALSE) == 0, "DL-147: something is fetched.\n");
        ok(next(enumerator, 0, S_OK) == 0, "DL-147: something is fetched.\n");

        check_hr("DL-147", IEnumUnknown_Reset(enumerator), S_OK);
        check_hr("DL-147", IEnumUnknown_Skip(enumerator, 2), S_OK);
        hr = IEnumUnknown_Clone(enumerator, &clone);
        ok(hr == S_OK, "DL-147: got hr %#lx.\n", hr);
        if (SUCCEEDED(hr))
        {
            ok(next(clone, 10, S_FALSE) == 1, "DL-147: the clone is elsewhere.\n");
            check_hr("DL-147", IEnumUnknown_Reset(clone), S_OK);
            check_hr("DL-147", IEnumUnknown_Skip(clone, 3), S_OK);
            check_hr("DL-147", IEnumUnknown_Skip(clone, 1), S_FALSE);
            IEnumUnknown_Release(clone);
        }
        unknown = NULL;
        hr = IEnumUnknown_Next(enumerator, 1, &unknown, NULL);
        ok(hr == S_OK && unknown, "DL-147: got hr %#lx, %p.\n", hr, unknown);
        if (unknown)
            IUnknown_Release(unknown);
        /* The one that is Aborted is still usable. */
        check_hr("DL-147", IEnumUnknown_Reset(enumerator), S_OK);
        hr = IEnumUnknown_Next(enumerator, 1, &unknown, &fetched);
        ok(hr == S_OK && fetched == 1, "DL-147: got hr %#lx, %lu.\n", hr, fetched);
        if (SUCCEEDED(query("DL-147", unknown, &IID_IDODownload, &found)))
        {
            check_dl_state("DL-147", found, DODownloadState_Aborted);
            IDODownload_Release(found);
        }
        IUnknown_Release(unknown);
        check_interface("DL-147", enumerator, &IID_IEnumUnknown, TRUE);
        check_interface("DL-147", enumerator, &IID_IDODownload, FALSE);
        IEnumUnknown_Release(enumerator);
        dl_discard(downloads[3]);
    }
    for (i = 0; i < 3; ++i)
        dl_discard(downloads[i]);
    dl_close(&fixture);
}

static WCHAR *widen(const char *text, WCHAR *wide, unsigned int size)
{
    MultiByteToWideChar(CP_ACP, 0, text, -1, wide, size);
    return wide;
}

/* argv: dl_enum make URL PATH, or dl_enum finish URL. The other process finds the download by its URL. */
static void child(int argc, char **argv)
{
    WCHAR url[128], path[MAX_PATH];
    IDODownload *download;
    IDOManager *manager;
    HRESULT hr;

    hr = create_do_manager(&manager);
    ok(hr == S_OK, "DL-148: got hr %#lx.\n", hr);
    if (FAILED(hr))
        return;
    widen(argv[3], url, ARRAY_SIZE(url));
    if (!strcmp(argv[2], "make") && argc >= 5)
    {
        download = create_download("DL-148", manager);
        check_hr("DL-148", dl_set_string(download, P(Uri), url), S_OK);
        check_hr("DL-148", dl_set_string(download, P(LocalPath), widen(argv[4], path, ARRAY_SIZE(path))), S_OK);
        dl_start("DL-148", download);
        IDODownload_Release(download);
    }
    else if ((download = dl_find("DL-148", manager, P(Uri), url)))
    {
        dl_wait("DL-148", download, DODownloadState_Transferred);
        check_hr("DL-148", IDODownload_Finalize(download), S_OK);
        IDODownload_Release(download);
    }
    IDOManager_Release(manager);
}

static void test_other_process(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    char args[5000];
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/here", 50000);
    download = prepare_download("DL-148", &fixture, resource->url, fixture.path);
    dl_start("DL-148", download);
    sprintf(args, "finish %ls", resource->url);
    run_child("dl_enum", args);
    check_dl_state("DL-148", download, DODownloadState_Finalized);
    check_content("DL-148", fixture.path, resource);
    IDODownload_Release(download);
    DeleteFileW(fixture.path);

    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/there", 50000);
    set_gate(resource, gate, 20000);
    sprintf(args, "make %ls \"%ls\"", resource->url, fixture.path);
    run_child("dl_enum", args);
    if ((download = dl_find("DL-148", fixture.manager, P(Uri), resource->url)))
    {
        check_dl_state("DL-148", download, DODownloadState_Transferring);
        SetEvent(gate);
        dl_finish("DL-148", download, fixture.path, resource);
        IDODownload_Release(download);
    }
    SetEvent(gate);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void check_gone(const char *id, IDOManager *manager, const WCHAR *guid)
{
    DWORD end = GetTickCount() + LIMIT_MS;
    IEnumUnknown *enumerator;
    HRESULT hr;

    while ((hr = dl_enum(manager, P(Id), guid, &enumerator)) == S_OK && (LONG)(end - GetTickCount()) > 0)
    {
        IEnumUnknown_Release(enumerator);
        Sleep(POLL_MS);
    }
    ok(hr == DO_E_NO_DOWNLOADS, "%s: got hr %#lx.\n", id, hr);
}

static void test_release(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    WCHAR id[40];
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/release", 300000);
    set_gate(resource, gate, 100000);
    download = prepare_download("DL-149", &fixture, resource->url, fixture.path);
    dl_get_id(download, id);
    dl_start("DL-149", download);
    dl_wait_bytes("DL-149", download, 100000);
    ok(!IDODownload_Release(download), "DL-149: somebody else has a reference.\n");
    SetEvent(gate);
    if ((download = dl_find("DL-149", fixture.manager, P(Id), id)))
    {
        dl_finish("DL-149", download, fixture.path, resource);
        ok(origin_get_requests(resource, NULL) == 1, "DL-149: got %u requests.\n",
                origin_get_requests(resource, NULL));
        IDODownload_Release(download);
    }

    /* A download that was never started is given up; the service may take a moment to hear of it. */
    download = create_download("DL-149", fixture.manager);
    dl_get_id(download, id);
    IDODownload_Release(download);
    check_gone("DL-149", fixture.manager, id);
    CloseHandle(gate);
    dl_close(&fixture);
}

START_TEST(dl_enum)
{
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    if (argc >= 4)
    {
        child(argc, argv);
    }
    else
    {
        test_none();
        test_by_id();
        test_filters();
        test_bad_filters();
        test_enumerator();
        test_other_process();
        test_release();
    }
    CoUninitialize();
}
