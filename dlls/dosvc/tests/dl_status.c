/*
 * Tests for what GetStatus tells
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

static void test_total(void)
{
    const struct dl_ranges ranges = { 2, { { 0, 100 }, { 200, 1000 } } };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/total", 100000);
    set_head_gate(resource, gate);
    download = prepare_download("DL-090", &fixture, resource->url, fixture.path);
    dl_start("DL-090", download);
    wait_for_requests("DL-090", resource, 1);
    check_dl_status("DL-090", download, DODownloadState_Transferring, S_OK, S_OK);
    check_dl_bytes("DL-090", download, 0, 0);
    set_gate(resource, gate, 50000);
    SetEvent(gate);
    dl_wait("DL-090", download, DODownloadState_Transferred);
    check_dl_bytes("DL-090", download, 100000, 100000);
    dl_discard(download);

    /* As soon as the headers are there. */
    set_head_gate(resource, NULL);
    ResetEvent(gate);
    set_gate(resource, gate, 50000);
    download = prepare_download("DL-090", &fixture, resource->url, fixture.path);
    dl_start("DL-090", download);
    dl_wait_bytes("DL-090", download, 50000);
    check_dl_bytes("DL-090", download, 100000, 50000);
    SetEvent(gate);
    dl_finish("DL-090", download, fixture.path, resource);
    dl_discard(download);
    DeleteFileW(fixture.path);

    download = prepare_download("DL-092", &fixture, resource->url, fixture.path);
    check_hr("DL-092", dl_start_ranges(download, &ranges), S_OK);
    dl_wait("DL-092", download, DODownloadState_Transferred);
    check_dl_bytes("DL-092", download, 1100, 1100);
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_monotony(void)
{
    UINT64 last_transferred = 0;
    struct resource *resource;
    struct dl_fixture fixture;
    DO_DOWNLOAD_STATUS status;
    IDODownload *download;
    DWORD end;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/monotony", 2000000);
    resource->tick_ms = 5;
    resource->tick_bytes = 30000;
    resource->cut_after = 700000;
    resource->cut_count = 1;
    download = prepare_download("DL-091", &fixture, resource->url, fixture.path);
    dl_start("DL-091", download);
    for (end = GetTickCount() + LIMIT_MS; (LONG)(end - GetTickCount()) > 0;)
    {
        dl_get_status(download, &status);
        ok(status.BytesTransferred >= last_transferred, "DL-091: %s bytes became %s.\n",
                debugstr_u64(last_transferred), debugstr_u64(status.BytesTransferred));
        ok(!status.BytesTotal || status.BytesTransferred <= status.BytesTotal, "DL-091: got %s of %s bytes.\n",
                debugstr_u64(status.BytesTransferred), debugstr_u64(status.BytesTotal));
        ok(!status.Error && !status.ExtendedError, "DL-093: got errors %#lx, %#lx.\n", status.Error,
                status.ExtendedError);
        last_transferred = status.BytesTransferred;
        if (dl_is_resting(&status))
            break;
        Sleep(1);
    }
    dl_finish("DL-091", download, fixture.path, resource);
    ok(origin_get_requests(resource, NULL) >= 2, "DL-091: the connection was not cut.\n");
    dl_discard(download);
    dl_close(&fixture);
}

/* While it retries nothing is to be seen of it. */
static void test_retries(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/retries", 100000);
    gate = create_gate();
    set_gate(resource, gate, 20000);
    resource->cut_after = 40000;
    resource->cut_count = 1;
    download = prepare_download("DL-093", &fixture, resource->url, fixture.path);
    dl_start("DL-093", download);
    wait_event("DL-093", resource->at_gate);
    set_status(resource, 503, 2);
    SetEvent(gate);
    wait_for_requests("DL-093", resource, 2);
    check_dl_status("DL-093", download, DODownloadState_Transferring, S_OK, S_OK);
    wait_for_requests("DL-093", resource, 3);
    check_dl_status("DL-093", download, DODownloadState_Transferring, S_OK, S_OK);
    check_dl_bytes("DL-093", download, 100000, 40000);
    dl_finish("DL-093", download, fixture.path, resource);
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* Errors that nothing can help are told at once, with no second request. */
static void test_fatal_statuses(void)
{
    static const struct
    {
        unsigned int status;
        HRESULT hr;
    }
    rows[] =
    {
        { 403, 0x80190193 }, /* DL-094 */
        { 404, 0x80190194 }, { 410, 0x80190194 }, { 400, 0x80190190 }, { 401, 0x80190191 },
        /* 10.3 and 9.8 */
        { 402, 0x80190192 }, { 405, 0x80190195 }, { 407, 0x80190197 }, { 413, 0x8019019d }, { 451, 0x801901c3 },
        { 501, 0x801901f5 }, { 505, 0x801901f9 },
    };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i, count;
    char path[64];
    DWORD time;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("status %u", rows[i].status);
        sprintf(path, "/%u", rows[i].status);
        resource = origin_add_resource(fixture.origin, path, 0);
        resource->status = rows[i].status;
        download = prepare_download("DL-095", &fixture, resource->url, fixture.path);
        time = GetTickCount();
        dl_start("DL-095", download);
        dl_wait_error("DL-095", download, rows[i].hr, S_OK);
        time = GetTickCount() - time;
        ok(time < 5000, "DL-094: it took %lu ms.\n", time);
        check_dl_uint("DL-060", download, P(HttpStatusCode), rows[i].status);
        count = origin_get_requests(resource, NULL);
        ok(count == 1, "DL-094: got %u requests.\n", count);
        dl_discard(download);
        winetest_pop_context();
    }
    check_no_file("DL-094", &fixture);
    dl_close(&fixture);
}

static void test_unsized(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    DO_DOWNLOAD_STATUS status;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/unsized", 300000);
    resource->flags = RESOURCE_IS_CHUNKED;
    set_gate(resource, gate, 200000);
    download = prepare_download("DL-096", &fixture, resource->url, fixture.path);
    dl_start("DL-096", download);
    dl_wait_bytes("DL-096", download, 200000);
    check_dl_state("DL-096", download, DODownloadState_Transferring);
    dl_get_status(download, &status);
    ok(!status.BytesTotal, "DL-096: BytesTotal is %s.\n", debugstr_u64(status.BytesTotal));
    SetEvent(gate);
    dl_finish("DL-096", download, fixture.path, resource);
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

START_TEST(dl_status)
{
    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    test_total();
    test_monotony();
    test_retries();
    test_fatal_statuses();
    test_unsized();
    CoUninitialize();
}
