/*
 * Tests for retries and timeouts of downloads
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
#include "piece_document.h"

/* Slow tests wait rather than work, so all of them run at once. Times
 * are those of the origin; lower bounds leave room for the clock's ticks. */

#define P(name) DODownloadProperty_ ## name

#define SLOW_LIMIT_MS 150000
#define TICK_MS       20

/* Milliseconds between two requests for the resource. */
static DWORD get_distance(struct resource *resource, unsigned int first, unsigned int second)
{
    struct origin_request a, b;

    origin_get_request(resource, first, &a);
    origin_get_request(resource, second, &b);
    return b.time - a.time;
}

static void test_retries(void)
{
    static const DWORD distances[] = { 800, 1600, 3200 };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i;
    DWORD time;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/three", 1000);
    set_status(resource, 503, 3);
    download = prepare_download("DL-172", &fixture, resource->url, fixture.path);
    dl_start("DL-172", download);
    dl_finish_limit("DL-172", download, fixture.path, resource, SLOW_LIMIT_MS);
    ok(origin_get_requests(resource, NULL) == 4, "DL-172: got %u requests.\n", origin_get_requests(resource, NULL));
    for (i = 0; i < ARRAY_SIZE(distances); ++i)
    {
        time = get_distance(resource, i, i + 1);
        ok(time + TICK_MS >= distances[i], "DL-172: request %u came after %lu ms.\n", i + 1, time);
    }
    dl_discard(download);
    dl_close(&fixture);
}

/* The error is told after four requests if nothing was ever received. */
static void check_last_attempt(const char *id, unsigned int status, HRESULT error)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/always", 1000);
    resource->status = status;
    download = prepare_download(id, &fixture, resource->url, fixture.path);
    dl_start(id, download);
    dl_wait_error_(__FILE__, __LINE__, id, download, error, S_OK, SLOW_LIMIT_MS);
    ok(origin_get_requests(resource, NULL) == 4, "%s: got %u requests.\n", id, origin_get_requests(resource, NULL));
    dl_discard(download);
    dl_close(&fixture);
}

static void test_503(void)
{
    check_last_attempt("DL-173", 503, 0x801901f7);
}

static void test_204(void)
{
    check_last_attempt("DL-183", 204, DO_E_UNEXPECTED_HTTP_STATUS_2XX);
}

static void test_retry_after(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    DWORD time;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/later", 1000);
    resource->retry_after = 5;
    set_status(resource, 429, 1);
    download = prepare_download("DL-174", &fixture, resource->url, fixture.path);
    dl_start("DL-174", download);
    dl_finish_limit("DL-174", download, fixture.path, resource, SLOW_LIMIT_MS);
    time = get_distance(resource, 0, 1);
    ok(time + TICK_MS >= 5000, "DL-174: the next request came after %lu ms.\n", time);
    dl_discard(download);
    DeleteFileW(fixture.path);

    resource = origin_add_resource(fixture.origin, "/much-later", 1000);
    resource->retry_after = 1000;
    resource->status = 503;
    download = prepare_download("DL-175", &fixture, resource->url, fixture.path);
    check_hr("DL-175", dl_set_uint(download, P(NoProgressTimeoutSeconds), 60), S_OK);
    dl_start("DL-175", download);
    dl_wait_error("DL-175", download, 0x801901f7, S_OK);
    ok(origin_get_requests(resource, NULL) == 1, "DL-175: got %u requests.\n", origin_get_requests(resource, NULL));
    dl_discard(download);
    dl_close(&fixture);
}

static void test_silence(void)
{
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    DWORD time;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/silence", 1000000);
    resource->stall_after = 500000;
    resource->stall_count = 1;
    download = prepare_download("DL-176", &fixture, resource->url, fixture.path);
    dl_start("DL-176", download);
    dl_finish_limit("DL-176", download, fixture.path, resource, SLOW_LIMIT_MS);
    ok(origin_get_request(resource, 1, &request) == 2, "DL-176: got %u requests.\n",
            origin_get_requests(resource, NULL));
    ok(!strncmp(request.range, "bytes=500000-", 13), "DL-176: got range %s.\n", request.range);
    time = get_distance(resource, 0, 1);
    /* 40 s, says the statement; and as much again for a machine that is busy. */
    ok(time < 80000, "DL-176: the second request came after %lu ms.\n", time);
    dl_discard(download);
    dl_close(&fixture);
}

static void test_no_progress(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;
    DWORD time;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/progress", 1000000);
    gate = create_gate();
    set_gate(resource, gate, 250000);
    resource->cut_after = 500000;
    resource->cut_count = 1;
    download = prepare_download("DL-177", &fixture, resource->url, fixture.path);
    check_hr("DL-177", dl_set_uint(download, P(NoProgressTimeoutSeconds), 60), S_OK);
    dl_start("DL-177", download);
    wait_event("DL-177", resource->at_gate);
    set_status(resource, 503, ORIGIN_FOREVER);
    SetEvent(gate);
    dl_wait_bytes("DL-177", download, 500000);
    time = GetTickCount();
    dl_wait_error_(__FILE__, __LINE__, "NET-005", download, DO_E_DOWNLOAD_NO_PROGRESS, 0x801901f7, SLOW_LIMIT_MS);
    time = GetTickCount() - time;
    /* The last byte came a little before the clock was read. */
    ok(time >= 59000 && time < 120000, "DL-177: it took %lu ms.\n", time);
    check_dl_bytes("DL-177", download, 1000000, 500000);
    set_status(resource, 0, 0);
    dl_start("DL-177", download);
    dl_finish("DL-177", download, fixture.path, resource);
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* A server that names no version always cuts at the same place. Pieces of what comes are verified each time, which is
 * no progress. */
static void test_same_cut(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    WCHAR info[512];

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/same-cut", 1000000);
    document_add(&document, resource, PIECE_SIZE);
    resource->etag = resource->last_modified = NULL;
    resource->flags = RESOURCE_IGNORES_RANGES;
    resource->cut_after = 500000;
    resource->cut_count = ORIGIN_FOREVER;
    download = prepare_download("DL-177", &fixture, resource->url, fixture.path);
    check_hr("DL-177", dl_set_string(download, P(IntegrityCheckInfo),
            document_usual_info(&document, info, ARRAY_SIZE(info))), S_OK);
    check_hr("DL-177", dl_set_uint(download, P(NoProgressTimeoutSeconds), 60), S_OK);
    dl_start("DL-177", download);
    dl_wait_error_(__FILE__, __LINE__, "DL-177", download, DO_E_DOWNLOAD_NO_PROGRESS,
            HRESULT_FROM_WIN32(12030), SLOW_LIMIT_MS);
    dl_discard(download);
    free(document.text);
    dl_close(&fixture);
}

/* A server without ranges needs more than the time without progress to send again what is stored. */
static void test_read_over(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/read-over", 1000000);
    gate = create_gate();
    set_gate(resource, gate, 250000);
    resource->etag = "\"v1\"";
    resource->flags = RESOURCE_IGNORES_RANGES;
    resource->cut_after = 800000;
    resource->cut_count = 1;
    download = prepare_download("DL-177", &fixture, resource->url, fixture.path);
    check_hr("DL-177", dl_set_uint(download, P(NoProgressTimeoutSeconds), 60), S_OK);
    dl_start("DL-177", download);
    wait_event("DL-177", resource->at_gate);
    origin_lock(fixture.origin);
    resource->tick_ms = 100;
    resource->tick_bytes = 1000;
    origin_unlock(fixture.origin);
    SetEvent(gate);
    dl_finish_limit("DL-177", download, fixture.path, resource, SLOW_LIMIT_MS);
    ok(origin_get_requests(resource, NULL) == 2, "DL-177: got %u requests.\n", origin_get_requests(resource, NULL));
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_closed_port(void)
{
    struct dl_fixture fixture;
    unsigned short port = 0;
    IDODownload *download;
    WCHAR url[64];
    DWORD time;
    SOCKET sock;

    if (!dl_open(&fixture))
        return;
    sock = origin_bind(&port);
    swprintf(url, ARRAY_SIZE(url), L"http://127.0.0.1:%u/", port);
    download = prepare_download("DL-170", &fixture, url, fixture.path);
    time = GetTickCount();
    dl_start("DL-170", download);
    dl_wait_error("DL-170", download, 0x80072efd, S_OK);
    time = GetTickCount() - time;
    ok(time < 20000, "DL-170: it took %lu ms.\n", time);
    dl_discard(download);
    closesocket(sock);

    download = prepare_download("DL-171", &fixture, L"http://dosvc-test.invalid/x", fixture.path);
    dl_start("DL-171", download);
    dl_wait_error_(__FILE__, __LINE__, "DL-171", download, 0x80072ee7, S_OK, SLOW_LIMIT_MS);
    dl_discard(download);
    dl_close(&fixture);
}

START_TEST(dl_slow)
{
    static void (*const tests[])(void) =
    {
        test_retries, test_503, test_204, test_retry_after, test_silence, test_no_progress, test_same_cut,
        test_read_over, test_closed_port,
    };

    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    run_at_once(tests, ARRAY_SIZE(tests));
    CoUninitialize();
}
