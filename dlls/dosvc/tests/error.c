/*
 * Tests for failing transfers
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

static const HRESULT connect_error = __HRESULT_FROM_WIN32(12029); /* ERROR_WINHTTP_CANNOT_CONNECT */

/* Result of GetError after a failure of the first file of the job. */
static void check_error_object(const char *id, IBackgroundCopyJob *job, HRESULT expected_code,
        BG_ERROR_CONTEXT expected_context, BOOL has_file)
{
    BG_ERROR_CONTEXT context = 0xdeadbeef;
    IBackgroundCopyError *error = NULL;
    IBackgroundCopyFile *file;
    WCHAR *text;
    HRESULT hr, code;

    hr = IBackgroundCopyJob_GetError(job, &error);
    ok(hr == S_OK, "%s: got hr %#lx.\n", id, hr);
    if (FAILED(hr))
        return;
    check_interface(id, error, &IID_IUnknown, TRUE);
    check_interface(id, error, &IID_IBackgroundCopyError, TRUE);
    check_interface(id, error, &IID_IBackgroundCopyFile, FALSE);
    check_refcount(id, error, 1);
    code = 0xdeadbeef;
    hr = IBackgroundCopyError_GetError(error, &context, &code);
    ok(hr == S_OK, "%s: got hr %#lx.\n", id, hr);
    ok(code == expected_code, "%s: got code %#lx, expected %#lx.\n", id, code, expected_code);
    ok(context == expected_context, "%s: got context %u, expected %u.\n", id, context, expected_context);

    file = (IBackgroundCopyFile *)0xdeadbeef;
    hr = IBackgroundCopyError_GetFile(error, &file);
    ok(hr == (has_file ? S_OK : DO_E_FILE_NOT_AVAILABLE), "%s: got hr %#lx.\n", id, hr);
    ok(!file == !has_file, "%s: got file %p.\n", id, file);
    if (SUCCEEDED(hr) && file)
    {
        check_interface(id, file, &IID_IBackgroundCopyFile2, TRUE);
        IBackgroundCopyFile_Release(file);
    }
    text = (WCHAR *)0xdeadbeef;
    hr = IBackgroundCopyError_GetProtocol(error, &text);
    ok(hr == (has_file ? S_OK : (HRESULT)BG_E_PROTOCOL_NOT_AVAILABLE), "%s: got hr %#lx.\n", id, hr);
    ok(has_file ? text && !wcscmp(text, L"http") : !text, "%s: got protocol %p.\n", id, text);
    if (SUCCEEDED(hr))
        CoTaskMemFree(text);

    text = NULL;
    hr = IBackgroundCopyError_GetErrorDescription(error, 1033, &text);
    ok(hr == S_OK, "JOB-126: got hr %#lx.\n", hr);
    ok(text && *text, "JOB-126: got description %s.\n", wine_dbgstr_w(text));
    CoTaskMemFree(text);
    text = NULL;
    hr = IBackgroundCopyError_GetErrorContextDescription(error, 1033, &text);
    ok(hr == S_OK, "JOB-126: got hr %#lx.\n", hr);
    ok(text && *text, "JOB-126: got description %s.\n", wine_dbgstr_w(text));
    CoTaskMemFree(text);
    text = (WCHAR *)0xdeadbeef;
    hr = IBackgroundCopyError_GetErrorDescription(error, 0, &text);
    ok(hr == E_INVALIDARG, "JOB-126: got hr %#lx.\n", hr);
    ok(!text, "JOB-126: got string %p.\n", text);
    text = (WCHAR *)0xdeadbeef;
    hr = IBackgroundCopyError_GetErrorContextDescription(error, 0, &text);
    ok(hr == E_INVALIDARG, "JOB-126: got hr %#lx.\n", hr);
    ok(!text, "JOB-126: got string %p.\n", text);
    IBackgroundCopyError_Release(error);
}

/* A job for each status, all at once: most of the time goes into waiting. */
static void test_statuses(void)
{
    static const struct
    {
        const char *id;
        unsigned int status;
        BG_JOB_STATE state;
        HRESULT code;
        BG_ERROR_CONTEXT context;
    }
    rows[] =
    {
        { "JOB-118", 404, BG_JOB_STATE_ERROR, 0x80190194, BG_ERROR_CONTEXT_NONE },
        { "JOB-119", 403, BG_JOB_STATE_ERROR, 0x80190193, BG_ERROR_CONTEXT_REMOTE_FILE },
        { "JOB-118", 400, BG_JOB_STATE_ERROR, 0x80190190, BG_ERROR_CONTEXT_NONE },
        { "JOB-118", 401, BG_JOB_STATE_ERROR, 0x80190191, BG_ERROR_CONTEXT_NONE },
        { "JOB-118", 405, BG_JOB_STATE_ERROR, 0x80190195, BG_ERROR_CONTEXT_NONE },
        { "JOB-118", 410, BG_JOB_STATE_ERROR, 0x8019019a, BG_ERROR_CONTEXT_NONE },
        { "JOB-118", 412, BG_JOB_STATE_ERROR, 0x8019019c, BG_ERROR_CONTEXT_NONE },
        { "JOB-118", 451, BG_JOB_STATE_ERROR, 0x801901c3, BG_ERROR_CONTEXT_NONE },
        { "JOB-118", 302, BG_JOB_STATE_ERROR, 0x8019012e, BG_ERROR_CONTEXT_NONE }, /* without Location */
        { "JOB-120", 408, BG_JOB_STATE_TRANSIENT_ERROR, 0x80190198, BG_ERROR_CONTEXT_NONE },
        { "JOB-120", 425, BG_JOB_STATE_TRANSIENT_ERROR, 0x801901a9, BG_ERROR_CONTEXT_NONE },
        { "JOB-120", 429, BG_JOB_STATE_TRANSIENT_ERROR, 0x801901ad, BG_ERROR_CONTEXT_NONE },
        { "JOB-120", 500, BG_JOB_STATE_TRANSIENT_ERROR, 0x801901f4, BG_ERROR_CONTEXT_NONE },
        { "JOB-120", 501, BG_JOB_STATE_TRANSIENT_ERROR, 0x801901f5, BG_ERROR_CONTEXT_NONE },
        { "JOB-120", 503, BG_JOB_STATE_TRANSIENT_ERROR, 0x801901f7, BG_ERROR_CONTEXT_NONE },
        { "JOB-120", 599, BG_JOB_STATE_TRANSIENT_ERROR, 0x80190257, BG_ERROR_CONTEXT_NONE },
        { "JOB-120", 202, BG_JOB_STATE_TRANSIENT_ERROR, DO_E_UNEXPECTED_HTTP_STATUS_2XX, BG_ERROR_CONTEXT_NONE },
        { "JOB-120", 204, BG_JOB_STATE_TRANSIENT_ERROR, DO_E_UNEXPECTED_HTTP_STATUS_2XX, BG_ERROR_CONTEXT_NONE },
    };
    struct resource *resources[ARRAY_SIZE(rows)];
    IBackgroundCopyJob *jobs[ARRAY_SIZE(rows)];
    struct fixture fixture;
    WCHAR path[MAX_PATH];
    char name[16];
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("status %u", rows[i].status);
        sprintf(name, "/status%u", i);
        resources[i] = origin_add_resource(fixture.origin, name, 1000 + i);
        resources[i]->status = rows[i].status;
        resources[i]->retry_after = 3;
        jobs[i] = create_job(fixture.manager);
        swprintf(path, ARRAY_SIZE(path), L"%lsfile%u", fixture.dir, i);
        add_file(rows[i].id, jobs[i], resources[i], path);
        resume_job(rows[i].id, jobs[i]);
        winetest_pop_context();
    }
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("status %u", rows[i].status);
        wait_for_state(rows[i].id, jobs[i], rows[i].state);
        check_error_object(rows[i].id, jobs[i], rows[i].code, rows[i].context, TRUE);
        winetest_pop_context();
    }

    /* The server recovers: what was a passing trouble ends without a call. */
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
        set_status(resources[i], 0, 0);
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("status %u", rows[i].status);
        if (rows[i].state == BG_JOB_STATE_ERROR)
        {
            check_state(rows[i].id, jobs[i], BG_JOB_STATE_ERROR);
            resume_job("JOB-058", jobs[i]);
        }
        wait_for_state(rows[i].id, jobs[i], BG_JOB_STATE_TRANSFERRED);
        check_no_error("JOB-125", jobs[i]);
        hr = IBackgroundCopyJob_Complete(jobs[i]);
        ok(hr == S_OK, "%s: got hr %#lx.\n", rows[i].id, hr);
        swprintf(path, ARRAY_SIZE(path), L"%lsfile%u", fixture.dir, i);
        check_content(rows[i].id, path, resources[i]);
        discard_job(jobs[i]);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

static void test_retry_after(void)
{
    struct origin_request first, second;
    struct resource *resource;
    struct fixture fixture;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/later", 1000);
    resource->status = 503;
    resource->status_count = 1;
    resource->retry_after = 5;
    add_file("JOB-120", fixture.job, resource, fixture.path);
    resume_job("JOB-120", fixture.job);
    wait_for_state("JOB-120", fixture.job, BG_JOB_STATE_TRANSIENT_ERROR);
    origin_get_requests(resource, &first);
    wait_for_state("JOB-120", fixture.job, BG_JOB_STATE_TRANSFERRED);
    origin_get_requests(resource, &second);
    /* Clocks of both sides are coarse. */
    ok(second.time - first.time >= 4900, "JOB-120: the next attempt came after %lu ms.\n", second.time - first.time);
    fixture_close(&fixture);
}

/* A missing file behind a redirect gets one more try at the original URL. */
static void test_redirected_error(void)
{
    struct resource *resource, *missing;
    struct fixture fixture;
    unsigned int count;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/redirect", 0);
    resource->status = 302;
    resource->location = "/missing";
    missing = origin_add_resource(fixture.origin, "/missing", 1000);
    missing->status = 404;
    add_file("JOB-118", fixture.job, resource, fixture.path);
    resume_job("JOB-118", fixture.job);
    wait_for_state("JOB-118", fixture.job, BG_JOB_STATE_ERROR);
    check_error("JOB-118", fixture.job, 0x80190194);
    count = origin_get_requests(resource, NULL);
    ok(count == 2, "JOB-118: got %u requests.\n", count);
    fixture_close(&fixture);
}

static void test_no_error(void)
{
    struct resource *resource;
    struct fixture fixture;
    HANDLE gate;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    check_no_error("JOB-117", fixture.job);
    hr = IBackgroundCopyJob_GetError(fixture.job, NULL);
    check_null_arg("JOB-117", hr);
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/fine", 1000);
    set_gate(resource, gate, 500);
    add_file("JOB-117", fixture.job, resource, fixture.path);
    check_no_error("JOB-117", fixture.job);
    resume_job("JOB-117", fixture.job);
    wait_for_bytes("JOB-117", fixture.job, 500);
    check_no_error("JOB-117", fixture.job);
    SetEvent(gate);
    wait_for_state("JOB-117", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_no_error("JOB-117", fixture.job);
    CloseHandle(gate);
    fixture_close(&fixture);
}

/* From TRANSIENT_ERROR to the next TRANSFERRING, a Suspend between them included. */
static void test_error_lifetime(void)
{
    IBackgroundCopyError *error = NULL;
    BG_ERROR_CONTEXT context;
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr, code;
    HANDLE gate;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/lifetime", 1000);
    resource->status = 500;
    resource->status_count = 1;
    set_gate(resource, gate, 500);
    add_file("JOB-125", fixture.job, resource, fixture.path);
    resume_job("JOB-125", fixture.job);
    wait_for_state("JOB-125", fixture.job, BG_JOB_STATE_TRANSIENT_ERROR);
    hr = IBackgroundCopyJob_GetError(fixture.job, &error);
    ok(hr == S_OK, "JOB-125: got hr %#lx.\n", hr);
    IBackgroundCopyJob_Suspend(fixture.job);
    check_state("JOB-125", fixture.job, BG_JOB_STATE_SUSPENDED);
    check_error("JOB-125", fixture.job, 0x801901f4);
    resume_job("JOB-125", fixture.job);
    wait_for_bytes("JOB-125", fixture.job, 500);
    check_state("JOB-125", fixture.job, BG_JOB_STATE_TRANSFERRING);
    check_no_error("JOB-125", fixture.job);
    if (error)
    {
        /* A snapshot. */
        hr = IBackgroundCopyError_GetError(error, &context, &code);
        ok(hr == S_OK, "JOB-125: got hr %#lx.\n", hr);
        ok(code == (HRESULT)0x801901f4, "JOB-125: got code %#lx.\n", code);
        IBackgroundCopyError_Release(error);
    }
    SetEvent(gate);
    wait_for_state("JOB-125", fixture.job, BG_JOB_STATE_TRANSFERRED);
    CloseHandle(gate);
    fixture_close(&fixture);
}

static void add_url(const char *id, IBackgroundCopyJob *job, const WCHAR *url, const WCHAR *path)
{
    HRESULT hr = IBackgroundCopyJob_AddFile(job, url, path);

    ok(hr == S_OK, "%s: got hr %#lx.\n", id, hr);
}

static void test_refused_connection(void)
{
    struct fixture fixture;
    unsigned short port = 0;
    WCHAR url[64];
    SOCKET sock;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    sock = origin_bind(&port);
    ok(sock != INVALID_SOCKET, "JOB-121: got error %u.\n", WSAGetLastError());
    swprintf(url, ARRAY_SIZE(url), L"http://127.0.0.1:%u/x", port);
    add_url("JOB-121", fixture.job, url, fixture.path);
    resume_job("JOB-121", fixture.job);
    wait_for_state("JOB-121", fixture.job, BG_JOB_STATE_TRANSIENT_ERROR);
    check_error_object("JOB-121", fixture.job, connect_error, BG_ERROR_CONTEXT_NONE, TRUE);

    fixture_new_job(&fixture);
    add_url("JOB-121", fixture.job, url, fixture.path);
    hr = IBackgroundCopyJob_SetNoProgressTimeout(fixture.job, 0);
    ok(hr == S_OK, "JOB-121: got hr %#lx.\n", hr);
    resume_job("JOB-121", fixture.job);
    wait_for_state("JOB-121", fixture.job, BG_JOB_STATE_ERROR);
    check_error_object("JOB-121", fixture.job, connect_error, BG_ERROR_CONTEXT_NONE, TRUE);
    closesocket(sock);
    fixture_close(&fixture);
}

/* The disk, not the URL, is the cause. */
static void test_local_failure(void)
{
    struct resource *resource;
    struct fixture fixture;
    WCHAR path[MAX_PATH];

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/local", 1000);
    add_file("JOB-118", fixture.job, resource, join_path(path, fixture.dir, L"no-such-folder\\file"));
    resume_job("JOB-118", fixture.job);
    wait_for_state("JOB-118", fixture.job, BG_JOB_STATE_ERROR);
    check_error_object("JOB-118", fixture.job, HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND), BG_ERROR_CONTEXT_NONE, FALSE);
    fixture_close(&fixture);
}

static void test_no_progress(void)
{
    struct resource *resource;
    struct fixture fixture;
    DWORD start, time;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/busy", 1000);
    resource->status = 503;
    add_file("JOB-122", fixture.job, resource, fixture.path);
    hr = IBackgroundCopyJob_SetNoProgressTimeout(fixture.job, 5);
    ok(hr == S_OK, "JOB-122: got hr %#lx.\n", hr);
    start = GetTickCount();
    resume_job("JOB-122", fixture.job);
    wait_for_state("JOB-122", fixture.job, BG_JOB_STATE_TRANSIENT_ERROR);
    while (get_state(fixture.job) != BG_JOB_STATE_ERROR && GetTickCount() - start < 45000)
        Sleep(50);
    time = GetTickCount() - start;
    check_state("JOB-122", fixture.job, BG_JOB_STATE_ERROR);
    check_error("JOB-122", fixture.job, DO_E_DOWNLOAD_NO_PROGRESS);
    ok(time >= 4900 && time < 40000, "JOB-122: it took %lu ms.\n", time);
    fixture_close(&fixture);
}

static void test_slow_progress(void)
{
    struct resource *resource;
    struct fixture fixture;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/drops", 5);
    resource->tick_ms = 2000;
    resource->tick_bytes = 1;
    add_file("JOB-123", fixture.job, resource, fixture.path);
    IBackgroundCopyJob_SetNoProgressTimeout(fixture.job, 5);
    resume_job("JOB-123", fixture.job);
    wait_for_state("JOB-123", fixture.job, BG_JOB_STATE_TRANSFERRED);
    ok(origin_get_requests(resource, NULL) == 1, "JOB-123: got %u requests.\n", origin_get_requests(resource, NULL));
    fixture_close(&fixture);
}

/* Twenty bodies that are cut somewhere, in all the ways there are. */
static void test_cut_bodies(void)
{
    static const unsigned int kinds[] = { 0, RESOURCE_CUTS_BY_RESET, RESOURCE_IS_CHUNKED, RESOURCE_IGNORES_RANGES };
    static const UINT64 size = 150000;
    struct resource *resources[20];
    IBackgroundCopyJob *jobs[20];
    struct fixture fixture;
    WCHAR path[MAX_PATH];
    char name[16];
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    srand(GetTickCount());
    for (i = 0; i < 20; ++i)
    {
        sprintf(name, "/cut%u", i);
        resources[i] = origin_add_resource(fixture.origin, name, size);
        resources[i]->flags = kinds[i % ARRAY_SIZE(kinds)];
        resources[i]->cut_count = 1 + i / 10;
        if (i < 4)
            resources[i]->cut_after = 0;
        else if (i < 8)
            resources[i]->cut_after = size - 1;
        else
            resources[i]->cut_after = ((UINT64)rand() * rand()) % size;
        jobs[i] = create_job(fixture.manager);
        swprintf(path, ARRAY_SIZE(path), L"%lsfile%u", fixture.dir, i);
        add_file("JOB-124", jobs[i], resources[i], path);
        resume_job("JOB-124", jobs[i]);
    }
    for (i = 0; i < 20; ++i)
    {
        winetest_push_context("cut %u after %s", i, debugstr_u64(resources[i]->cut_after));
        wait_for_state("JOB-124", jobs[i], BG_JOB_STATE_TRANSFERRED);
        check_progress("JOB-124", jobs[i], size, size, 1, 1);
        hr = IBackgroundCopyJob_Complete(jobs[i]);
        ok(hr == S_OK, "JOB-124: got hr %#lx.\n", hr);
        swprintf(path, ARRAY_SIZE(path), L"%lsfile%u", fixture.dir, i);
        check_content("JOB-124", path, resources[i]);
        ok(origin_get_requests(resources[i], NULL) >= 2, "JOB-124: got one request.\n");
        discard_job(jobs[i]);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

static void test_descriptions(void)
{
    static const HRESULT codes[] =
    {
        DO_E_DOWNLOAD_NO_PROGRESS, 0x80190194, E_ACCESSDENIED, DO_E_JOB_NOT_FOUND, 0x8abcdef0, /* nobody's */
    };
    IBackgroundCopyManager *manager;
    WCHAR *text;
    HRESULT hr;
    UINT i;

    if (FAILED(create_manager(&manager)))
        return;
    for (i = 0; i < ARRAY_SIZE(codes); ++i)
    {
        text = NULL;
        hr = IBackgroundCopyManager_GetErrorDescription(manager, codes[i], 1033, &text);
        ok(hr == S_OK, "JOB-126: code %#lx gives %#lx.\n", codes[i], hr);
        ok(text && *text, "JOB-126: code %#lx gives %s.\n", codes[i], wine_dbgstr_w(text));
        CoTaskMemFree(text);
    }
    text = (WCHAR *)0xdeadbeef;
    hr = IBackgroundCopyManager_GetErrorDescription(manager, DO_E_JOB_NOT_FOUND, 0, &text);
    ok(hr == E_INVALIDARG, "JOB-126: got hr %#lx.\n", hr);
    ok(!text, "JOB-126: got string %p.\n", text);
    hr = IBackgroundCopyManager_GetErrorDescription(manager, DO_E_JOB_NOT_FOUND, 1033, NULL);
    check_null_arg("JOB-126", hr);
    IBackgroundCopyManager_Release(manager);
}

static void test_no_length(void)
{
    static const unsigned int flags[] = { RESOURCE_IS_CHUNKED, RESOURCE_ENDS_BY_CLOSE };
    struct resource *resource;
    BG_JOB_PROGRESS progress;
    struct fixture fixture;
    UINT64 declared;
    char name[16];
    HANDLE gate;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < 4; ++i)
    {
        winetest_push_context("case %u", i);
        declared = i / 2 ? 200000 : SIZE_UNKNOWN;
        gate = create_gate();
        sprintf(name, "/length%u", i);
        resource = origin_add_resource(fixture.origin, name, 200000);
        resource->flags = flags[i % 2];
        set_gate(resource, gate, 100000);
        add_ranges("JOB-127", fixture.job, resource, fixture.path, NULL, 0, declared, S_OK);
        resume_job("JOB-127", fixture.job);
        wait_for_bytes("JOB-127", fixture.job, 100000);
        get_progress(fixture.job, &progress);
        ok(progress.BytesTotal == declared, "JOB-127: BytesTotal is %s.\n", debugstr_u64(progress.BytesTotal));
        ok(progress.BytesTransferred == 100000, "JOB-127: BytesTransferred is %s.\n",
                debugstr_u64(progress.BytesTransferred));
        SetEvent(gate);
        wait_for_state("JOB-127", fixture.job, BG_JOB_STATE_TRANSFERRED);
        check_progress("JOB-127", fixture.job, 200000, 200000, 1, 1);
        hr = IBackgroundCopyJob_Complete(fixture.job);
        ok(hr == S_OK, "JOB-127: got hr %#lx.\n", hr);
        check_content("JOB-127", fixture.path, resource);
        fixture_new_job(&fixture);
        CloseHandle(gate);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

static ULONG get_error_count(IBackgroundCopyJob *job)
{
    ULONG count = 0xdeadbeef;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetErrorCount(job, &count);
    ok(hr == S_OK, "JOB-128: got hr %#lx.\n", hr);
    return count;
}

static void test_error_count(void)
{
    struct resource *resource;
    struct fixture fixture;
    ULONG count;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/count", 1000);
    resource->status = 404;
    add_file("JOB-128", fixture.job, resource, fixture.path);
    resume_job("JOB-128", fixture.job);
    wait_for_state("JOB-128", fixture.job, BG_JOB_STATE_ERROR);
    count = get_error_count(fixture.job);
    ok(count == 1, "JOB-128: got %lu.\n", count);
    set_status(resource, 500, 2);
    resume_job("JOB-128", fixture.job);
    ok(get_error_count(fixture.job) >= 1, "JOB-128: got %lu after Resume.\n", get_error_count(fixture.job));
    wait_for_state("JOB-128", fixture.job, BG_JOB_STATE_TRANSIENT_ERROR);
    count = get_error_count(fixture.job);
    ok(count == 2, "JOB-128: got %lu.\n", count);
    wait_for_state("JOB-128", fixture.job, BG_JOB_STATE_TRANSFERRED);
    count = get_error_count(fixture.job);
    ok(count == 3, "JOB-128: got %lu.\n", count);
    fixture_close(&fixture);
}

/* No call of a client waits for a server that is silent. */
static void test_silent_server(void)
{
    struct resource *resource;
    struct fixture fixture;
    DWORD start, time;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/silent", 1000);
    resource->flags = RESOURCE_IS_SILENT;
    add_file("JOB-086", fixture.job, resource, fixture.path);
    resume_job("JOB-086", fixture.job);
    wait_for_requests("JOB-086", resource, 1);
    start = GetTickCount();
    hr = IBackgroundCopyJob_Suspend(fixture.job);
    ok(hr == S_OK, "JOB-054: got hr %#lx.\n", hr);
    check_state("JOB-054", fixture.job, BG_JOB_STATE_SUSPENDED);
    resume_job("JOB-053", fixture.job);
    hr = IBackgroundCopyJob_Cancel(fixture.job);
    ok(hr == S_OK, "JOB-086: got hr %#lx.\n", hr);
    check_state("JOB-086", fixture.job, BG_JOB_STATE_CANCELLED);
    time = GetTickCount() - start;
    ok(time < 3000, "JOB-086: it took %lu ms.\n", time);
    check_dir_count("JOB-086", fixture.dir, 0);
    fixture_close(&fixture);
}

START_TEST(error)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_no_error();
    test_statuses();
    test_retry_after();
    test_redirected_error();
    test_error_lifetime();
    test_refused_connection();
    test_local_failure();
    test_no_progress();
    test_slow_progress();
    test_cut_bodies();
    test_descriptions();
    test_no_length();
    test_error_count();
    test_silent_server();
    CoUninitialize();
}
