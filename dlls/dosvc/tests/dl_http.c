/*
 * Tests for how downloads speak HTTP
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

#define RANGE_SUPPORT_LIMIT ((UINT64)64 << 20)

/* Downloads it, checks it and removes it. */
#define fetch(id, fixture, resource) fetch_(__FILE__, __LINE__, id, fixture, resource, resource)
static void fetch_(const char *file, int line, const char *id, struct dl_fixture *fixture,
        const struct resource *resource, const struct resource *content)
{
    IDODownload *download = prepare_download_(file, line, id, fixture, resource->url, fixture->path);

    check_hr_(file, line, id, IDODownload_Start(download, NULL), S_OK);
    dl_finish_(file, line, id, download, fixture->path, content, LIMIT_MS);
    dl_discard(download);
    DeleteFileW(fixture->path);
}

/* The download ends with this error. */
#define fetch_error(id, fixture, url, error) fetch_error_(__FILE__, __LINE__, id, fixture, url, error)
static void fetch_error_(const char *file, int line, const char *id, struct dl_fixture *fixture, const WCHAR *url,
        HRESULT error)
{
    IDODownload *download = prepare_download_(file, line, id, fixture, url, fixture->path);

    check_hr_(file, line, id, IDODownload_Start(download, NULL), S_OK);
    dl_wait_error_(file, line, id, download, error, S_OK, LIMIT_MS);
    dl_discard(download);
    check_no_file_(file, line, id, fixture);
}

#define check_field(id, request, name, expected) check_field_(__FILE__, __LINE__, id, request, name, expected)
static void check_field_(const char *file, int line, const char *id, const struct origin_request *request,
        const char *name, const char *expected)
{
    char value[256];

    origin_get_field(request->head, name, value, sizeof(value));
    ok_(file, line)(!strcmp(value, expected), "%s: %s is %s, expected %s.\n", id, name, wine_dbgstr_a(value),
            wine_dbgstr_a(expected));
}

static void test_requests(void)
{
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    unsigned int count;
    char value[256];

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/plain", 100000);
    fetch("DL-154", &fixture, resource);
    count = origin_get_request(resource, 0, &request);
    ok(count == 1, "DL-154: got %u requests.\n", count);
    ok(!strcmp(request.method, "GET") && !*request.range && !*request.if_range, "DL-154: got %s.\n", request.head);
    origin_get_field(request.head, "User-Agent", value, sizeof(value));
    ok(!strncmp(value, "Microsoft-Delivery-Optimization/10", 34), "DL-165: got %s.\n", wine_dbgstr_a(value));
    check_field("DL-165", &request, "Accept", "*/*");
    check_field("DL-165", &request, "Referer", "");

    /* Large, and yet few requests. */
    resource = origin_add_resource(fixture.origin, "/large", 100 << 20);
    fetch("DL-184", &fixture, resource);
    count = origin_get_requests(resource, &request);
    ok(count <= 16, "DL-184: got %u requests.\n", count);
    dl_close(&fixture);
}

static void test_without_ranges(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/ignored", 1000000);
    resource->flags = RESOURCE_IGNORES_RANGES;
    resource->cut_after = 600000;
    resource->cut_count = 1;
    fetch("DL-155", &fixture, resource);
    ok(origin_get_requests(resource, NULL) >= 2, "DL-155: the connection was not cut.\n");

    resource = origin_add_resource(fixture.origin, "/refused", 1000000);
    resource->range_status = 416;
    resource->content_range = "";
    fetch("DL-156", &fixture, resource);
    set_gate(resource, gate, 600000);
    download = prepare_download("DL-156", &fixture, resource->url, fixture.path);
    dl_start("DL-156", download);
    dl_wait_bytes("DL-156", download, 600000);
    check_hr("DL-156", IDODownload_Pause(download), S_OK);
    SetEvent(gate);
    dl_start("DL-156", download);
    dl_finish("DL-156", download, fixture.path, resource);
    dl_discard(download);
    DeleteFileW(fixture.path);

    resource = origin_add_resource(fixture.origin, "/chunked", 1000000);
    resource->flags = RESOURCE_IS_CHUNKED;
    fetch("DL-157", &fixture, resource);
    resource = origin_add_resource(fixture.origin, "/closed", 1000000);
    resource->flags = RESOURCE_ENDS_BY_CLOSE;
    fetch("DL-157", &fixture, resource);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_changed_resource(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/changed", 1000000);
    set_gate(resource, gate, 600000);
    download = prepare_download("DL-158", &fixture, resource->url, fixture.path);
    dl_start("DL-158", download);
    dl_wait_bytes("DL-158", download, 600000);
    check_hr("DL-158", IDODownload_Pause(download), S_OK);
    origin_lock(fixture.origin);
    resource->etag = "\"v2\"";
    resource->seed += 100;
    resource->size = 700000;
    origin_unlock(fixture.origin);
    SetEvent(gate);
    dl_start("DL-158", download);
    dl_finish("DL-158", download, fixture.path, resource);
    dl_discard(download);
    DeleteFileW(fixture.path);

    /* Nothing is remembered between two downloads. */
    fetch("DL-185", &fixture, resource);
    origin_lock(fixture.origin);
    resource->seed += 100;
    resource->size = 900000;
    origin_unlock(fixture.origin);
    fetch("DL-185", &fixture, resource);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_redirects(void)
{
    static const unsigned int statuses[] = { 301, 302, 303, 307, 308 };
    struct resource *resource, *redirect, *hops[12];
    struct dl_fixture fixture;
    char paths[12][16], path[16];
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/target", 10000);
    for (i = 0; i < ARRAY_SIZE(statuses); ++i)
    {
        sprintf(path, "/%u", statuses[i]);
        redirect = origin_add_resource(fixture.origin, path, 0);
        redirect->status = statuses[i];
        redirect->location = "/target";
        fetch_(__FILE__, __LINE__, "DL-159", &fixture, redirect, resource);
    }
    /* hops[i] is i hops away from the target. */
    for (i = 1; i < ARRAY_SIZE(hops); ++i)
    {
        sprintf(paths[i], "/hop%u", i);
        hops[i] = origin_add_resource(fixture.origin, paths[i], 0);
        hops[i]->status = 302;
        hops[i]->location = i > 1 ? paths[i - 1] : "/target";
    }
    fetch_(__FILE__, __LINE__, "DL-159", &fixture, hops[10], resource);
    fetch_error("DL-159", &fixture, hops[11]->url, 0x80190003);

    redirect = origin_add_resource(fixture.origin, "/ftp", 0);
    redirect->status = 302;
    redirect->location = "ftp://127.0.0.1/target";
    fetch_error("DL-161", &fixture, redirect->url, 0x80190003);
    redirect = origin_add_resource(fixture.origin, "/nowhere", 0);
    redirect->status = 302;
    fetch_error("DL-161", &fixture, redirect->url, 0x80190003);
    dl_close(&fixture);
}

static void test_custom_headers(void)
{
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i, count;
    char host[32];

    if (!dl_open(&fixture))
        return;
    sprintf(host, "127.0.0.1:%u", fixture.origin->port);
    resource = origin_add_resource(fixture.origin, "/headers", 1000000);
    resource->cut_after = 600000;
    resource->cut_count = 1;
    download = prepare_download("DL-162", &fixture, resource->url, fixture.path);
    check_hr("DL-162", dl_set_string(download, P(HttpCustomHeaders), L"A: 1\r\nB: 2\r\n"), S_OK);
    dl_start("DL-162", download);
    dl_finish("DL-162", download, fixture.path, resource);
    count = origin_get_requests(resource, NULL);
    ok(count >= 2, "DL-162: got %u requests.\n", count);
    for (i = 0; i < count; ++i)
    {
        origin_get_request(resource, i, &request);
        check_field("DL-162", &request, "A", "1");
        check_field("DL-162", &request, "B", "2");
    }
    dl_discard(download);
    DeleteFileW(fixture.path);

    download = prepare_download("DL-163", &fixture, resource->url, fixture.path);
    check_hr("DL-163", dl_set_string(download, P(HttpCustomHeaders), L"XCustom1=someData\nXCustom2=moreData\n"), S_OK);
    dl_start("DL-163", download);
    dl_finish("DL-163", download, fixture.path, resource);
    dl_discard(download);
    DeleteFileW(fixture.path);

    /* A bare LF ends a line, and the last needs no end. */
    download = prepare_download("DL-164", &fixture, resource->url, fixture.path);
    check_hr("DL-164", dl_set_string(download, P(HttpCustomHeaders),
            L"Range: bytes=1-2\r\nHost: elsewhere\r\nConnection: x-mine\r\nIf-Range: x\r\nContent-Length: 5\r\n"
            L"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\nUser-Agent: Mine/1\r\n: empty\r\nb ad: 1\n"
            L"Good: yes"), S_OK);
    dl_start("DL-164", download);
    dl_finish("DL-164", download, fixture.path, resource);
    origin_get_requests(resource, &request);
    check_field("DL-164", &request, "Range", "");
    check_field("DL-164", &request, "If-Range", "");
    check_field("DL-164", &request, "Host", host);
    ok(!strstr(request.head, "x-mine"), "DL-164: got %s.\n", request.head);
    check_field("DL-164", &request, "Content-Length", "");
    check_field("DL-164", &request, "Transfer-Encoding", "");
    check_field("DL-164", &request, "Expect", "");
    check_field("DL-164", &request, "User-Agent", "Mine/1");
    check_field("DL-164", &request, "Good", "yes");
    ok(!strstr(request.head, "empty") && !strstr(request.head, "b ad"), "DL-164: got %s.\n", request.head);
    dl_discard(download);
    dl_close(&fixture);
}

static void test_authorization(void)
{
    struct resource *resource, *elsewhere, *same, *redirect;
    struct origin *other = origin_create();
    struct origin_request request;
    struct dl_fixture fixture;
    IDODownload *download;
    char location[64];
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    elsewhere = origin_add_resource(other, "/elsewhere", 1000);
    sprintf(location, "http://127.0.0.1:%u/elsewhere", other->port);
    same = origin_add_resource(fixture.origin, "/same", 1000);
    for (i = 0; i < 2; ++i)
    {
        redirect = origin_add_resource(fixture.origin, i ? "/to-same" : "/to-elsewhere", 0);
        redirect->status = 302;
        redirect->location = i ? "/same" : location;
        resource = i ? same : elsewhere;
        download = prepare_download("DL-166", &fixture, redirect->url, fixture.path);
        check_hr("DL-166", dl_set_string(download, P(HttpCustomHeaders),
                L"Authorization: Basic eDp5\r\nCookie: a=b\r\nProxy-Authorization: Basic eDp5\r\nX-Other: yes\r\n"),
                S_OK);
        dl_start("DL-166", download);
        dl_finish("DL-166", download, fixture.path, resource);
        origin_get_requests(redirect, &request);
        check_field("DL-166", &request, "Authorization", "Basic eDp5");
        check_field("DL-166", &request, "Proxy-Authorization", "");
        origin_get_requests(resource, &request);
        check_field("DL-166", &request, "Authorization", i ? "Basic eDp5" : "");
        check_field("DL-166", &request, "Cookie", i ? "a=b" : "");
        check_field("DL-166", &request, "Proxy-Authorization", "");
        check_field("DL-166", &request, "X-Other", "yes");
        dl_discard(download);
        DeleteFileW(fixture.path);
    }

    resource = origin_add_resource(fixture.origin, "/challenge", 1000);
    resource->required = "X-Token: secret";
    download = prepare_download("DL-167", &fixture, resource->url, fixture.path);
    check_hr("DL-167", dl_set_string(download, P(HttpCustomAuthHeaders), L"X-Token: secret\r\n"), S_OK);
    dl_start("DL-167", download);
    dl_finish("DL-167", download, fixture.path, resource);
    ok(origin_get_request(resource, 0, &request) == 2, "DL-167: got %u requests.\n",
            origin_get_requests(resource, NULL));
    check_field("DL-167", &request, "X-Token", "");
    origin_get_request(resource, 1, &request);
    check_field("DL-167", &request, "X-Token", "secret");
    dl_discard(download);
    DeleteFileW(fixture.path);

    download = prepare_download("DL-167", &fixture, resource->url, fixture.path);
    check_hr("DL-167", dl_set_string(download, P(HttpCustomAuthHeaders), L"X-Token: wrong\r\n"), S_OK);
    dl_start("DL-167", download);
    dl_wait_error("DL-167", download, 0x80190191, S_OK);
    ok(origin_get_requests(resource, NULL) == 4, "DL-167: got %u requests.\n", origin_get_requests(resource, NULL));
    dl_discard(download);

    /* Not to another origin. */
    elsewhere->required = "X-Token: secret";
    redirect = origin_add_resource(fixture.origin, "/to-challenge", 0);
    redirect->status = 302;
    redirect->location = location;
    download = prepare_download("DL-167", &fixture, redirect->url, fixture.path);
    check_hr("DL-167", dl_set_string(download, P(HttpCustomAuthHeaders), L"X-Token: secret\r\n"), S_OK);
    dl_start("DL-167", download);
    dl_wait_error("DL-167", download, 0x80190191, S_OK);
    origin_get_requests(elsewhere, &request);
    check_field("DL-167", &request, "X-Token", "");
    dl_discard(download);
    check_no_file("DL-167", &fixture);
    dl_close(&fixture);
    origin_destroy(other);
}

/* Signed links expire: the target refuses what the URL would still give. */
static void test_expired_target(void)
{
    struct resource *redirect, *old, *new;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    redirect = origin_add_resource(fixture.origin, "/signed", 0);
    redirect->status = 302;
    redirect->location = "/old";
    old = origin_add_resource(fixture.origin, "/old", 1000000);
    new = origin_add_resource(fixture.origin, "/new", 1000000);
    new->seed = old->seed;
    set_gate(old, gate, 600000);
    download = prepare_download("DL-178", &fixture, redirect->url, fixture.path);
    dl_start("DL-178", download);
    dl_wait_bytes("DL-178", download, 600000);
    check_hr("DL-178", IDODownload_Pause(download), S_OK);
    set_status(old, 403, ORIGIN_FOREVER);
    origin_lock(fixture.origin);
    redirect->location = "/new";
    origin_unlock(fixture.origin);
    dl_start("DL-178", download);
    dl_finish("DL-178", download, fixture.path, new);
    check_dl_string("DL-178", download, P(HttpRedirectionTarget), new->url);
    dl_discard(download);
    SetEvent(gate);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_refused_ranges(void)
{
    static const struct
    {
        struct dl_ranges ranges;
        HRESULT hr;
    }
    rows[] =
    {
        { { 1, { { 0, 0 } } }, DO_E_INVALID_RANGE },
        { { 1, { { DO_LENGTH_TO_EOF, 1 } } }, DO_E_INVALID_RANGE },
        { { 1, { { DO_LENGTH_TO_EOF, DO_LENGTH_TO_EOF } } }, DO_E_INVALID_RANGE },
        { { 1, { { DO_LENGTH_TO_EOF - 5, 100 } } }, DO_E_INVALID_RANGE },
        { { 2, { { 0, 100 }, { 99, 100 } } }, DO_E_OVERLAPPING_RANGES },
        { { 2, { { 0, 100 }, { 0, 100 } } }, DO_E_OVERLAPPING_RANGES },
        { { 2, { { 500, DO_LENGTH_TO_EOF }, { 600, 1 } } }, DO_E_OVERLAPPING_RANGES },
        { { 2, { { 600, 10 }, { 500, DO_LENGTH_TO_EOF } } }, DO_E_OVERLAPPING_RANGES },
    };
    const struct dl_ranges beyond = { 1, { { 5000, 10 } } }, across = { 1, { { 900, 200 } } };
    DO_DOWNLOAD_RANGES_INFO *many;
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/refused", 1000);
    download = prepare_download("DL-179", &fixture, resource->url, fixture.path);
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("row %u", i);
        check_hr("DL-179", dl_start_ranges(download, &rows[i].ranges), rows[i].hr);
        check_dl_status("DL-179", download, DODownloadState_Created, S_OK, S_OK);
        winetest_pop_context();
    }
    many = test_alloc(offsetof(DO_DOWNLOAD_RANGES_INFO, Ranges[65537]));
    many->RangeCount = 65537;
    for (i = 0; i < many->RangeCount; ++i)
    {
        many->Ranges[i].Offset = 2 * i;
        many->Ranges[i].Length = 1;
    }
    check_hr("DL-179", IDODownload_Start(download, many), E_INVALIDARG);
    check_dl_status("DL-179", download, DODownloadState_Created, S_OK, S_OK);
    free(many);
    check_no_file("DL-179", &fixture);

    check_hr("DL-180", dl_start_ranges(download, &beyond), S_OK);
    dl_wait_error("DL-180", download, DO_E_INVALID_RANGE, S_OK);
    check_hr("DL-180", dl_start_ranges(download, &across), S_OK);
    dl_wait_error("DL-180", download, DO_E_INVALID_RANGE, S_OK);
    dl_discard(download);
    dl_close(&fixture);
}

/* A range begins behind a resource whose size is known, so that no byte of it is missing. */
static void test_range_of_nothing(void)
{
    static const struct dl_ranges beyond = { 1, { { 5000, DO_LENGTH_TO_EOF } } };
    static const struct dl_ranges all = { 1, { { 0, DO_LENGTH_TO_EOF } } };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/known", 1000);
    download = prepare_download("DL-180", &fixture, resource->url, fixture.path);
    dl_start("DL-180", download);
    dl_wait("DL-180", download, DODownloadState_Transferred);
    check_hr("DL-180", dl_start_ranges(download, &beyond), S_OK);
    dl_wait_error("DL-180", download, DO_E_INVALID_RANGE, S_OK);
    check_hr("DL-180", dl_start_ranges(download, &all), S_OK);
    dl_finish("DL-180", download, fixture.path, resource);
    dl_close(&fixture);
}

static void test_insufficient_support(void)
{
    const struct dl_ranges close_by = { 2, { { 1000, 100 }, { 5000, 10 } } };
    const struct dl_ranges distant = { 1, { { RANGE_SUPPORT_LIMIT + 1, 10 } } };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/no-ranges", RANGE_SUPPORT_LIMIT + 10000);
    resource->flags = RESOURCE_IGNORES_RANGES;
    download = prepare_download("DL-181", &fixture, resource->url, fixture.path);
    check_hr("DL-181", dl_start_ranges(download, &close_by), S_OK);
    dl_wait("DL-181", download, DODownloadState_Transferred);
    check_dl_bytes("DL-181", download, 110, 110);
    check_hr("DL-181", IDODownload_Finalize(download), S_OK);
    check_parts_content("DL-181", fixture.path, resource, close_by.ranges, close_by.count);
    dl_discard(download);
    DeleteFileW(fixture.path);

    download = prepare_download("DL-181", &fixture, resource->url, fixture.path);
    check_hr("DL-181", dl_start_ranges(download, &distant), S_OK);
    dl_wait_error("DL-181", download, DO_E_INSUFFICIENT_RANGE_SUPPORT, S_OK);
    dl_discard(download);
    dl_close(&fixture);
}

static void test_wrong_content_range(void)
{
    const struct dl_ranges ranges = { 1, { { 100, 50 } } };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    WCHAR temp[MAX_PATH];
    HANDLE file;
    DWORD size;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/wrong", 1000);
    resource->content_range = "bytes 200-249/1000";
    download = prepare_download("DL-182", &fixture, resource->url, fixture.path);
    check_hr("DL-182", dl_start_ranges(download, &ranges), S_OK);
    dl_wait_error("DL-182", download, DO_E_HTTP_BLOCKSIZE_MISMATCH, S_OK);
    check_dl_bytes("DL-182", download, 50, 0);
    if (find_temp(fixture.dir, temp) == 1)
    {
        file = CreateFileW(temp, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                OPEN_EXISTING, 0, NULL);
        size = GetFileSize(file, NULL);
        ok(has_zeros(file, size), "DL-182: the file has some of it.\n");
        CloseHandle(file);
    }
    dl_discard(download);
    dl_close(&fixture);
}

/* A body without a length is not over when the connection is reset, whatever has come by then. */
static void reset_connection(void)
{
    struct dl_fixture fixture;
    struct resource *resource;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/reset", 100000);
    resource->flags = RESOURCE_ENDS_BY_CLOSE | RESOURCE_CUTS_BY_RESET;
    resource->cut_after = 50001;
    resource->cut_count = 1;
    set_gate(resource, gate, 50000);
    download = prepare_download("P3", &fixture, resource->url, fixture.path);
    dl_start("P3", download);
    dl_wait_bytes("P3", download, 50000);
    SetEvent(gate);
    dl_finish("P3", download, fixture.path, resource);
    ok(origin_get_requests(resource, NULL) == 2, "P3: got %u requests.\n", origin_get_requests(resource, NULL));
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_reset(void)
{
    flaky_if(!origin_resets())
        reset_connection();
}

START_TEST(dl_http)
{
    static void (*const tests[])(void) =
    {
        test_requests, test_without_ranges, test_changed_resource, test_redirects, test_custom_headers,
        test_authorization, test_expired_target, test_refused_ranges, test_insufficient_support,
        test_wrong_content_range, test_range_of_nothing, test_reset,
    };

    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    run_at_once(tests, ARRAY_SIZE(tests));
    CoUninitialize();
}
