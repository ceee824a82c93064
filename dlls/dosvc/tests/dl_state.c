/*
 * Tests for the states of a download
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
#include "recorder.h"

#define P(name) DODownloadProperty_ ## name

/* As long as Abort may take. */
#define ABORT_LIMIT_MS 2000

static void test_refused_start(void)
{
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    download = create_download("DL-061", fixture.manager);
    check_hr("DL-061", IDODownload_Start(download, NULL), DO_E_DOWNLOAD_NO_URI);
    check_hr("DL-061", dl_set_string(download, P(ContentId), L"content"), S_OK);
    check_hr("DL-061", dl_start_whole(download), DO_E_DOWNLOAD_NO_URI);
    check_dl_status("DL-061", download, DODownloadState_Created, S_OK, S_OK);
    check_hr("DL-062", dl_set_string(download, P(Uri), L"http://127.0.0.1/x"), S_OK);
    check_hr("DL-062", IDODownload_Start(download, NULL), DO_E_FILE_DOWNLOADSINK_UNSPECIFIED);
    check_hr("DL-062", dl_start_whole(download), DO_E_FILE_DOWNLOADSINK_UNSPECIFIED);
    check_dl_status("DL-062", download, DODownloadState_Created, S_OK, S_OK);
    dl_discard(download);
    dl_close(&fixture);
}

static void test_whole_file(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    DO_DOWNLOAD_STATUS status;
    IDODownload *download;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/whole", 300000);
    for (i = 0; i < 2; ++i)
    {
        download = prepare_download("DL-063", &fixture, resource->url, fixture.path);
        /* DL-065 */
        check_hr("DL-063", i ? dl_start_whole(download) : IDODownload_Start(download, NULL), S_OK);
        dl_get_status(download, &status);
        ok(status.State == DODownloadState_Transferring || status.State == DODownloadState_Transferred,
                "DL-063: got state %s.\n", debugstr_dl_state(status.State));
        dl_wait("DL-064", download, DODownloadState_Transferred);
        check_dl_bytes("DL-064", download, resource->size, resource->size);
        check_hr("DL-068", IDODownload_Start(download, NULL), S_OK);
        check_dl_state("DL-068", download, DODownloadState_Transferred);
        dl_finish("DL-065", download, fixture.path, resource);
        check_hr("DL-080", IDODownload_Finalize(download), DO_E_INVALID_STATE);
        dl_discard(download);
        DeleteFileW(fixture.path);
    }
    dl_close(&fixture);
}

static void test_start_again(void)
{
    const struct dl_ranges first = { 1, { { 0, 100 } } }, second = { 1, { { 200, 300 } } };
    const DO_DOWNLOAD_RANGE parts[] = { { 0, 100 }, { 200, 300 } };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/again", 100000);
    set_gate(resource, gate, 50000);
    download = prepare_download("DL-066", &fixture, resource->url, fixture.path);
    dl_start("DL-066", download);
    dl_wait_bytes("DL-066", download, 50000);
    check_hr("DL-066", IDODownload_Start(download, NULL), S_OK);
    check_hr("DL-066", dl_start_whole(download), S_OK);
    check_hr("DL-067", dl_start_ranges(download, &first), DO_E_INVALID_STATE);
    check_dl_status("DL-066", download, DODownloadState_Transferring, S_OK, S_OK);
    check_dl_bytes("DL-066", download, 100000, 50000);
    SetEvent(gate);
    dl_finish("DL-066", download, fixture.path, resource);
    ok(origin_get_requests(resource, NULL) == 1, "DL-066: got %u requests.\n", origin_get_requests(resource, NULL));
    dl_discard(download);
    DeleteFileW(fixture.path);

    /* The same with ranges: only the same ones are no change. */
    ResetEvent(gate);
    set_gate(resource, gate, 50);
    download = prepare_download("DL-067", &fixture, resource->url, fixture.path);
    check_hr("DL-067", dl_start_ranges(download, &first), S_OK);
    check_hr("DL-067", dl_start_ranges(download, &first), S_OK);
    check_hr("DL-067", IDODownload_Start(download, NULL), S_OK);
    check_hr("DL-067", dl_start_ranges(download, &second), DO_E_INVALID_STATE);
    check_hr("DL-067", dl_start_whole(download), DO_E_INVALID_STATE);
    check_dl_state("DL-067", download, DODownloadState_Transferring);
    SetEvent(gate);
    dl_wait("DL-069", download, DODownloadState_Transferred);
    check_dl_bytes("DL-069", download, 100, 100);
    check_hr("DL-069", dl_start_ranges(download, &second), S_OK);
    dl_wait("DL-069", download, DODownloadState_Transferred);
    check_dl_bytes("DL-069", download, 300, 300);
    check_hr("DL-069", IDODownload_Finalize(download), S_OK);
    check_parts_content("DL-069", fixture.path, resource, parts, ARRAY_SIZE(parts));
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_pause(void)
{
    DO_DOWNLOAD_STATUS first, second;
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int count;
    UINT64 start;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/pause", 1000000);
    download = prepare_download("DL-074", &fixture, resource->url, fixture.path);
    check_hr("DL-074", IDODownload_Pause(download), S_OK);
    check_dl_state("DL-074", download, DODownloadState_Created);

    /* Before anything has arrived. */
    set_head_gate(resource, gate);
    dl_start("DL-071", download);
    check_hr("DL-071", IDODownload_Pause(download), S_OK);
    check_dl_status("DL-071", download, DODownloadState_Paused, S_OK, S_OK);
    check_hr("DL-073", IDODownload_Pause(download), S_OK);
    check_dl_status("DL-073", download, DODownloadState_Paused, S_OK, S_OK);
    set_head_gate(resource, NULL);

    /* In the midst of it. */
    set_gate(resource, gate, 600000);
    dl_start("DL-070", download);
    check_dl_status("DL-070", download, DODownloadState_Transferring, S_OK, S_OK);
    dl_wait_bytes("DL-072", download, 600000);
    check_hr("DL-071", IDODownload_Pause(download), S_OK);
    dl_get_status(download, &first);
    ok(first.State == DODownloadState_Paused, "DL-071: got state %s.\n", debugstr_dl_state(first.State));
    SetEvent(gate);
    /* Not a wait for something: nothing may happen meanwhile. */
    Sleep(1000);
    dl_get_status(download, &second);
    ok(second.BytesTransferred == first.BytesTransferred && second.State == DODownloadState_Paused,
            "DL-072: %s bytes became %s, state %s.\n", debugstr_u64(first.BytesTransferred),
            debugstr_u64(second.BytesTransferred), debugstr_dl_state(second.State));

    count = origin_get_requests(resource, NULL);
    dl_start("DL-075", download);
    dl_finish("DL-075", download, fixture.path, resource);
    origin_get_request(resource, count, &request);
    start = strncmp(request.range, "bytes=", 6) ? 0 : _strtoui64(request.range + 6, NULL, 10);
    ok(start == first.BytesTransferred, "DL-075: got range %s after %s bytes.\n", request.range,
            debugstr_u64(first.BytesTransferred));
    ok(!strcmp(request.if_range, "\"v1\""), "DL-075: got If-Range %s.\n", request.if_range);
    dl_discard(download);
    DeleteFileW(fixture.path);

    download = prepare_download("DL-074", &fixture, resource->url, fixture.path);
    dl_start("DL-074", download);
    dl_wait("DL-074", download, DODownloadState_Transferred);
    check_hr("DL-074", IDODownload_Pause(download), S_OK);
    check_dl_state("DL-074", download, DODownloadState_Transferred);
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* A paused download goes on with its ranges, or with others. */
static void test_ranges_of_resumed(void)
{
    const struct dl_ranges ranges = { 2, { { 100, 50000 }, { 80000, 10 } } }, others = { 1, { { 100, 20000 } } };
    const DO_DOWNLOAD_RANGE parts[] = { { 100, 50000 }, { 80000, 10 } };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/resumed", 100000);
    set_gate(resource, gate, 30000);
    download = prepare_download("DL-070", &fixture, resource->url, fixture.path);
    check_hr("DL-070", dl_start_ranges(download, &ranges), S_OK);
    dl_wait_bytes("DL-070", download, 29900);
    check_hr("DL-070", IDODownload_Pause(download), S_OK);
    check_dl_bytes("DL-092", download, 50010, 29900);
    /* Bytes of the new ranges that the file holds are not fetched again. */
    check_hr("DL-070", dl_start_ranges(download, &others), S_OK);
    dl_wait("DL-070", download, DODownloadState_Transferred);
    check_dl_bytes("DL-070", download, 20000, 20000);
    SetEvent(gate);
    check_hr("DL-070", dl_start_ranges(download, &ranges), S_OK);
    dl_wait("DL-070", download, DODownloadState_Transferred);
    check_dl_bytes("DL-070", download, 50010, 50010);
    check_hr("DL-070", IDODownload_Finalize(download), S_OK);
    check_parts_content("DL-070", fixture.path, resource, parts, ARRAY_SIZE(parts));
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* The file holds all of the new ranges, and room for the whole resource, which nobody wants any more. */
static void test_less_than_held(void)
{
    const struct dl_ranges ranges = { 1, { { 0, 1000 } } };
    WIN32_FILE_ATTRIBUTE_DATA data = {0};
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/held", 16 << 20);
    set_gate(resource, gate, 30000);
    download = prepare_download("DL-070", &fixture, resource->url, fixture.path);
    dl_start("DL-070", download);
    dl_wait_bytes("DL-070", download, 30000);
    check_hr("DL-070", IDODownload_Pause(download), S_OK);
    check_hr("DL-070", dl_start_ranges(download, &ranges), S_OK);
    dl_wait("DL-070", download, DODownloadState_Transferred);
    check_hr("DL-070", IDODownload_Finalize(download), S_OK);
    ok(GetFileAttributesExW(fixture.path, GetFileExInfoStandard, &data), "DL-070: no file, error %lu.\n",
            GetLastError());
    ok(data.nFileSizeLow == 30000, "DL-070: the file has %lu bytes.\n", data.nFileSizeLow);
    dl_discard(download);
    SetEvent(gate);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* All calls in all states. */
static void test_grid(void)
{
    enum { C, T, D, PP, F, A, STATES };
    static const DODownloadState states[STATES] =
    {
        DODownloadState_Created, DODownloadState_Transferring, DODownloadState_Transferred, DODownloadState_Paused,
        DODownloadState_Finalized, DODownloadState_Aborted,
    };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i, j;
    HANDLE gate;
    HRESULT hr;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/grid", 10000);
    set_gate(resource, gate, 5000);
    for (i = 0; i < STATES; ++i)
    {
        for (j = 0; j < 2; ++j)
        {
            winetest_push_context("state %s", debugstr_dl_state(states[i]));
            download = prepare_download("DL-076", &fixture, resource->url, fixture.path);
            if (i == D || i == F)
                SetEvent(gate);
            else
                ResetEvent(gate);
            if (i != C)
                dl_start("DL-076", download);
            if (i == PP)
                check_hr("DL-076", IDODownload_Pause(download), S_OK);
            if (i == D || i == F)
                dl_wait("DL-076", download, DODownloadState_Transferred);
            if (i == F)
                check_hr("DL-080", IDODownload_Finalize(download), S_OK);
            if (i == A)
                check_hr("DL-076", IDODownload_Abort(download), S_OK);
            check_dl_status("DL-082", download, states[i], S_OK, S_OK);

            if (i != D)
            {
                hr = IDODownload_Finalize(download);
                ok(hr == DO_E_INVALID_STATE, "%s: Finalize gives %#lx.\n", i == F ? "DL-080" : "DL-079", hr);
                check_dl_status("DL-079", download, states[i], S_OK, S_OK);
            }
            if (i == F || i == A)
            {
                check_hr("DL-081", IDODownload_Start(download, NULL), DO_E_INVALID_STATE);
                check_hr("DL-081", dl_start_whole(download), DO_E_INVALID_STATE);
                check_hr("DL-081", IDODownload_Pause(download), DO_E_INVALID_STATE);
            }
            /* DL-077, DL-078 */
            hr = IDODownload_Abort(download);
            ok(hr == (i == F || i == A ? DO_E_INVALID_STATE : S_OK), "DL-076: Abort gives %#lx.\n", hr);
            check_dl_status("DL-082", download, i == F ? DODownloadState_Finalized : DODownloadState_Aborted, S_OK,
                    S_OK);
            if (i != F)
                check_no_file("DL-128", &fixture);
            IDODownload_Release(download);
            DeleteFileW(fixture.path);
            winetest_pop_context();
        }
    }
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_abort_of_silent(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    DWORD time;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/silent", 1000);
    resource->flags = RESOURCE_IS_SILENT;
    download = prepare_download("DL-083", &fixture, resource->url, fixture.path);
    dl_start("DL-083", download);
    wait_for_requests("DL-083", resource, 1);
    time = GetTickCount();
    check_hr("DL-083", IDODownload_Abort(download), S_OK);
    time = GetTickCount() - time;
    ok(time < ABORT_LIMIT_MS, "DL-083: Abort took %lu ms.\n", time);
    check_no_file("DL-083", &fixture);
    check_dl_state("DL-083", download, DODownloadState_Aborted);
    IDODownload_Release(download);
    dl_close(&fixture);
}

static void test_error(void)
{
    struct resource *resource, *missing;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    missing = origin_add_resource(fixture.origin, "/missing", 0);
    missing->status = 404;
    resource = origin_add_resource(fixture.origin, "/error", 100000);

    download = prepare_download("DL-084", &fixture, missing->url, fixture.path);
    dl_start("DL-084", download);
    dl_wait_error("DL-084", download, 0x80190194, S_OK);
    check_hr("DL-084", IDODownload_Pause(download), S_OK);
    check_dl_status("DL-084", download, DODownloadState_Paused, 0x80190194, S_OK);
    check_hr("DL-084", IDODownload_Abort(download), S_OK);
    check_no_file("DL-084", &fixture);
    IDODownload_Release(download);

    download = prepare_download("DL-085", &fixture, missing->url, fixture.path);
    dl_start("DL-085", download);
    dl_wait_error("DL-085", download, 0x80190194, S_OK);
    check_hr("DL-085", dl_set_string(download, P(Uri), resource->url), S_OK);
    dl_start("DL-085", download);
    dl_finish("DL-085", download, fixture.path, resource);
    dl_discard(download);
    DeleteFileW(fixture.path);

    set_gate(resource, gate, 40000);
    download = prepare_download("DL-086", &fixture, resource->url, fixture.path);
    dl_start("DL-086", download);
    dl_wait_bytes("DL-086", download, 40000);
    check_hr("DL-086", IDODownload_Pause(download), S_OK);
    check_hr("DL-086", dl_set_string(download, P(Uri), missing->url), S_OK);
    dl_start("DL-086", download);
    dl_wait_error("DL-086", download, 0x80190194, S_OK);
    check_dl_bytes("DL-086", download, 100000, 40000);
    check_hr("DL-086", dl_set_string(download, P(Uri), resource->url), S_OK);
    dl_start("DL-086", download);
    check_dl_status("DL-070", download, DODownloadState_Transferring, S_OK, S_OK);
    SetEvent(gate);
    dl_finish("DL-086", download, fixture.path, resource);
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

struct blocked_start
{
    IDODownload *download;
    HRESULT hr;
    DWORD time;
};

static DWORD WINAPI blocked_start_thread(void *param)
{
    struct blocked_start *start = param;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    start->hr = IDODownload_Start(start->download, NULL);
    start->time = GetTickCount();
    CoUninitialize();
    return 0;
}

static void test_blocking_mode(void)
{
    struct resource *resource, *missing;
    struct blocked_start start;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i;
    HANDLE thread, gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    missing = origin_add_resource(fixture.origin, "/missing", 0);
    missing->status = 404;
    resource = origin_add_resource(fixture.origin, "/blocking", 100000);

    download = prepare_download("DL-087", &fixture, resource->url, fixture.path);
    check_hr("DL-087", dl_set_bool(download, P(BlockingMode), TRUE), S_OK);
    check_hr("DL-087", IDODownload_Start(download, NULL), S_OK);
    check_dl_state("DL-087", download, DODownloadState_Transferred);
    dl_finish("DL-087", download, fixture.path, resource);
    dl_discard(download);
    DeleteFileW(fixture.path);

    download = prepare_download("DL-087", &fixture, missing->url, fixture.path);
    check_hr("DL-087", dl_set_bool(download, P(BlockingMode), TRUE), S_OK);
    check_hr("DL-087", IDODownload_Start(download, NULL), 0x80190194);
    check_dl_status("DL-087", download, DODownloadState_Paused, 0x80190194, S_OK);
    dl_discard(download);

    /* Others can call meanwhile, and end it. */
    set_gate(resource, gate, 50000);
    for (i = 0; i < 2; ++i)
    {
        memset(&start, 0xcc, sizeof(start));
        start.download = prepare_download("DL-087", &fixture, resource->url, fixture.path);
        check_hr("DL-087", dl_set_bool(start.download, P(BlockingMode), TRUE), S_OK);
        thread = CreateThread(NULL, 0, blocked_start_thread, &start, 0, NULL);
        wait_event("DL-087", resource->at_gate);
        check_dl_state("DL-087", start.download, DODownloadState_Transferring);
        ok(WaitForSingleObject(thread, 0) == WAIT_TIMEOUT, "DL-087: Start has returned %#lx.\n", start.hr);
        check_hr("DL-087", i ? IDODownload_Pause(start.download) : IDODownload_Abort(start.download), S_OK);
        ok(WaitForSingleObject(thread, LIMIT_MS) == WAIT_OBJECT_0, "DL-087: Start does not return.\n");
        ok(start.hr == (i ? S_FALSE : E_ABORT), "DL-087: Start gives %#lx.\n", start.hr);
        CloseHandle(thread);
        dl_discard(start.download);
        ResetEvent(resource->at_gate);
    }
    SetEvent(gate);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_three_downloads(void)
{
    struct resource *resource;
    IDODownload *downloads[3];
    WCHAR paths[3][MAX_PATH];
    struct dl_fixture fixture;
    unsigned int i;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/three", 200000);
    set_gate(resource, gate, 100000);
    for (i = 0; i < 3; ++i)
    {
        swprintf(paths[i], MAX_PATH, L"%ls%u", fixture.path, i);
        downloads[i] = prepare_download("DL-088", &fixture, resource->url, paths[i]);
        dl_start("DL-088", downloads[i]);
    }
    for (i = 0; i < 3; ++i)
        dl_wait_bytes("DL-088", downloads[i], 100000);
    check_hr("DL-088", IDODownload_Abort(downloads[1]), S_OK);
    SetEvent(gate);
    dl_finish("DL-088", downloads[0], paths[0], resource);
    dl_finish("DL-088", downloads[2], paths[2], resource);
    check_dl_state("DL-088", downloads[1], DODownloadState_Aborted);
    check_dir_count("DL-088", fixture.dir, 2);
    for (i = 0; i < 3; ++i)
        IDODownload_Release(downloads[i]);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* Each has received something before any of them may end. */
static void test_many_at_once(void)
{
    WCHAR path[MAX_PATH + 4];
    IDODownload *downloads[16];
    struct resource *resource;
    struct dl_fixture fixture;
    unsigned int i;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/many", 200000);
    set_gate(resource, gate, 100000);
    for (i = 0; i < ARRAY_SIZE(downloads); ++i)
    {
        swprintf(path, ARRAY_SIZE(path), L"%ls%u", fixture.path, i);
        downloads[i] = prepare_download("3.7", &fixture, resource->url, path);
        dl_start("3.7", downloads[i]);
    }
    for (i = 0; i < ARRAY_SIZE(downloads); ++i)
        dl_wait_bytes("3.7", downloads[i], 100000);
    SetEvent(gate);
    for (i = 0; i < ARRAY_SIZE(downloads); ++i)
    {
        swprintf(path, ARRAY_SIZE(path), L"%ls%u", fixture.path, i);
        dl_finish("3.7", downloads[i], path, resource);
        IDODownload_Release(downloads[i]);
    }
    CloseHandle(gate);
    dl_close(&fixture);
}

#define HAMMER_THREADS 16
#define HAMMER_MS      10000

struct hammer
{
    IDODownload *download;
    DWORD end;
    unsigned int index;
    LONG calls;
};

static DWORD WINAPI hammer_thread(void *param)
{
    struct hammer *hammer = param;
    DO_DOWNLOAD_STATUS status;
    VARIANT value;
    HRESULT hr;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    while ((LONG)(hammer->end - GetTickCount()) > 0)
    {
        ++hammer->calls;
        switch ((hammer->calls + hammer->index) % 4)
        {
            case 0:
                hr = IDODownload_GetStatus(hammer->download, &status);
                if (SUCCEEDED(hr) && FAILED(status.Error))
                    hr = status.Error;
                break;
            case 1:
                hr = IDODownload_Pause(hammer->download);
                break;
            case 2:
                hr = IDODownload_Start(hammer->download, NULL);
                break;
            default:
                VariantInit(&value);
                hr = IDODownload_GetProperty(hammer->download, P(Uri), &value);
                VariantClear(&value);
        }
        ok(hr == S_OK || hr == DO_E_INVALID_STATE, "DL-089: call %lu of thread %u gives %#lx.\n", hammer->calls,
                hammer->index, hr);
    }
    CoUninitialize();
    return 0;
}

static void test_hammer(void)
{
    struct hammer hammers[HAMMER_THREADS];
    HANDLE threads[HAMMER_THREADS];
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i;
    LONG calls = 0;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/hammer", 50000000);
    resource->tick_ms = 10;
    resource->tick_bytes = 30000;
    download = prepare_download("DL-089", &fixture, resource->url, fixture.path);
    dl_start("DL-089", download);
    for (i = 0; i < HAMMER_THREADS; ++i)
    {
        memset(&hammers[i], 0, sizeof(hammers[i]));
        hammers[i].download = download;
        hammers[i].index = i;
        hammers[i].end = GetTickCount() + HAMMER_MS;
        threads[i] = CreateThread(NULL, 0, hammer_thread, &hammers[i], 0, NULL);
    }
    ok(WaitForMultipleObjects(HAMMER_THREADS, threads, TRUE, HAMMER_MS + LIMIT_MS) < HAMMER_THREADS,
            "DL-089: the threads do not end.\n");
    for (i = 0; i < HAMMER_THREADS; ++i)
    {
        CloseHandle(threads[i]);
        calls += hammers[i].calls;
    }
    trace("DL-089: %ld calls.\n", calls);
    origin_lock(fixture.origin);
    resource->tick_ms = 0;
    origin_unlock(fixture.origin);
    /* Bytes that are still on their way come slowly; a new request is answered fast. */
    check_hr("DL-089", IDODownload_Pause(download), S_OK);
    dl_start("DL-089", download);
    dl_finish("DL-089", download, fixture.path, resource);
    dl_discard(download);
    dl_close(&fixture);
}

START_TEST(dl_state)
{
    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    test_refused_start();
    test_whole_file();
    test_start_again();
    test_pause();
    test_ranges_of_resumed();
    test_less_than_held();
    test_grid();
    test_abort_of_silent();
    test_error();
    test_blocking_mode();
    test_three_downloads();
    test_many_at_once();
    test_hammer();
    CoUninitialize();
}
