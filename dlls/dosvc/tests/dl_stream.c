/*
 * Tests for streams as sinks of downloads
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
#include "sink.h"
#include "dl_sink.h"

#define P(name) DODownloadProperty_ ## name

/* DL-114, DL-115, DL-117, DL-118, DL-121, DL-125 */
static void test_whole(void)
{
    struct dl_ranges whole = { 1, { { 0, DO_LENGTH_TO_EOF } } }, none = { 0 };
    const struct dl_ranges *const ranges[] = { NULL, &none, &whole };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;
    unsigned int i, j;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/whole", 3000000);
    for (i = 0; i < ARRAY_SIZE(ranges); ++i)
    {
        for (j = 0; j < 3; ++j)
        {
            winetest_push_context("%u, %u", i, j);
            sink = sink_create(resource);
            sink->is_counting = j == 1;
            sink->is_sequential = j == 2;
            download = prepare_stream("DL-118", &fixture, resource, sink);
            check_hr("DL-118", dl_start_ranges(download, ranges[i]), S_OK);
            dl_wait("DL-117", download, DODownloadState_Transferred);
            check_dl_u64("DL-056", download, P(TotalSizeBytes), resource->size);
            /* Once it never touches the count of bytes that Write gives, once it does. */
            finish_stream(j ? "DL-114" : "DL-115", download, sink, resource->size);
            winetest_pop_context();
        }
    }
    check_no_file("DL-114", &fixture);
    dl_close(&fixture);
}

static void check_ranges(struct dl_fixture *fixture, struct resource *resource, const struct dl_ranges *ranges,
        UINT64 size)
{
    struct sink *sink = sink_create(resource);
    IDODownload *download;

    sink->expected = *ranges;
    download = prepare_stream("DL-116", fixture, resource, sink);
    check_hr("DL-116", dl_start_ranges(download, ranges), S_OK);
    finish_stream("DL-119", download, sink, size);
}

static void test_ranges(void)
{
    const struct dl_ranges rows[] =
    {
        { 2, { { 0, 100 }, { 200, 1000 } } }, /* DL-116 */
        { 3, { { 50000, 1000 }, { 7, 1 }, { 0, 7 } } }, /* DL-119 */
        { 2, { { 99000, DO_LENGTH_TO_EOF }, { 10, 100 } } },
        { 2, { { 100, 100 }, { 200, 100 } } },
    };
    static const UINT64 sizes[] = { 1100, 1008, 1100, 200 };
    struct resource *resource, *bare;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/ranges", 100000);
    bare = origin_add_resource(fixture.origin, "/bare", 100000);
    bare->etag = bare->last_modified = NULL;
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("row %u", i);
        check_ranges(&fixture, bare, &rows[i], sizes[i]);
        check_ranges(&fixture, resource, &rows[i], sizes[i]);
        winetest_pop_context();
    }

    /* Other ranges are given from their beginning, also what was given before. */
    sink = sink_create(resource);
    sink->expected = rows[0];
    download = prepare_stream("DL-119", &fixture, resource, sink);
    check_hr("DL-119", dl_start_ranges(download, &rows[0]), S_OK);
    dl_wait("DL-119", download, DODownloadState_Transferred);
    sink_check("DL-119", sink, sizes[0]);
    sink->expected = rows[3];
    sink->bytes = 0;
    check_hr("DL-119", dl_start_ranges(download, &rows[3]), S_OK);
    finish_stream("DL-119", download, sink, sizes[3]);
    dl_close(&fixture);
}

static void test_refusal(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/refusal", 1000000);
    sink = sink_create(resource);
    sink_set_refusal(sink, STG_E_MEDIUMFULL, 300000);
    download = prepare_stream("DL-120", &fixture, resource, sink);
    dl_start("DL-120", download);
    dl_wait_error("DL-120", download, STG_E_MEDIUMFULL, S_OK);
    ok(sink->refused == 1, "DL-120: %u Writes were refused.\n", sink->refused);
    check_dl_bytes("DL-120", download, resource->size, sink_get_bytes(sink));
    sink_set_refusal(sink, S_OK, 0);
    dl_start("DL-120", download);
    finish_stream("DL-120", download, sink, resource->size);
    dl_close(&fixture);
}

static void test_pause(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;
    UINT64 bytes;
    HANDLE gate;
    UINT i;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/pause", 12000000);
    resource->tick_ms = 2;
    resource->tick_bytes = 20000;
    sink = sink_create(resource);
    download = prepare_stream("DL-122", &fixture, resource, sink);
    for (i = 1; i < 4; ++i)
    {
        dl_start("DL-122", download);
        dl_wait_bytes("DL-122", download, i * 500000);
        check_hr("DL-122", IDODownload_Pause(download), S_OK);
        check_dl_status("DL-122", download, DODownloadState_Paused, S_OK, S_OK);
        bytes = sink->writes;
        /* Not a wait for something: no Write may begin. One that is under way has been counted or counts once. */
        Sleep(300);
        ok(sink->writes <= bytes + 1, "DL-122: %s Writes became %u.\n", debugstr_u64(bytes), sink->writes);
    }
    dl_start("DL-122", download);
    finish_stream("DL-122", download, sink, resource->size);

    /* A Write that is under way when Pause is called may end later; its bytes are not given twice. */
    sink = sink_create(resource);
    sink->gate = gate;
    sink->gate_at = 500000;
    download = prepare_stream("DL-122", &fixture, resource, sink);
    dl_start("DL-122", download);
    wait_event("DL-122", sink->at_gate);
    check_hr("DL-122", IDODownload_Pause(download), S_OK);
    check_dl_status("DL-122", download, DODownloadState_Paused, S_OK, S_OK);
    SetEvent(gate);
    dl_start("DL-122", download);
    finish_stream("DL-122", download, sink, resource->size);

    /* Abort does not wait for it either, not even when the stream has been taken back. */
    ResetEvent(gate);
    sink = sink_create(resource);
    sink->gate = gate;
    sink->gate_at = 500000;
    download = prepare_stream("DL-122", &fixture, resource, sink);
    dl_start("DL-122", download);
    wait_event("DL-122", sink->at_gate);
    check_hr("DL-122", IDODownload_Pause(download), S_OK);
    check_hr("DL-122", dl_set_object(download, P(StreamInterface), NULL), S_OK);
    check_hr("DL-122", IDODownload_Abort(download), S_OK);
    ok(sink->depth == 1, "DL-122: Abort has waited for a Write.\n");
    SetEvent(gate);
    IDODownload_Release(download);
    sink_check_released("DL-122", sink);

    sink = sink_create(resource);
    download = prepare_stream("DL-122", &fixture, resource, sink);
    dl_start("DL-122", download);
    dl_wait_bytes("DL-122", download, 500000);
    check_hr("DL-122", IDODownload_Abort(download), S_OK);
    IDODownload_Release(download);
    sink_check_released("DL-122", sink);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_dropped_connection(void)
{
    static const unsigned int flags[] =
    {
        0, RESOURCE_IGNORES_RANGES, RESOURCE_CUTS_BY_RESET, RESOURCE_IGNORES_RANGES | RESOURCE_CUTS_BY_RESET,
        RESOURCE_IS_CHUNKED,
    };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;
    char path[16];
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(flags); ++i)
    {
        winetest_push_context("flags %#x", flags[i]);
        sprintf(path, "/dropped%u", i);
        resource = origin_add_resource(fixture.origin, path, 2000000);
        resource->flags = flags[i];
        resource->cut_after = 700000;
        resource->cut_count = flags[i] & RESOURCE_IGNORES_RANGES ? 1 : 2;
        sink = sink_create(resource);
        download = prepare_stream("DL-123", &fixture, resource, sink);
        dl_start("DL-123", download);
        finish_stream("DL-123", download, sink, resource->size);
        winetest_pop_context();
    }
    dl_close(&fixture);
}

static void test_changed_resource(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/changed", 1000000);
    set_gate(resource, gate, 500000);
    sink = sink_create(resource);
    download = prepare_stream("DL-158", &fixture, resource, sink);
    dl_start("DL-158", download);
    dl_wait_bytes("DL-158", download, 500000);
    check_hr("DL-158", IDODownload_Pause(download), S_OK);
    sink_check("DL-158", sink, 500000);
    origin_lock(fixture.origin);
    resource->etag = "\"v2\"";
    resource->last_modified = "Thu, 22 Oct 2015 07:28:00 GMT";
    resource->seed += 100;
    origin_unlock(fixture.origin);
    SetEvent(gate);
    dl_start("DL-158", download);
    dl_wait_error("DL-158", download, DO_E_BAD_INCOMING_DATA, S_OK);
    ok(sink_get_bytes(sink) == 500000, "DL-158: the stream got %s bytes.\n", debugstr_u64(sink_get_bytes(sink)));
    dl_discard(download);
    sink_check_released("DL-158", sink);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_unsized(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/unsized", 500000);
    resource->flags = RESOURCE_ENDS_BY_CLOSE;
    sink = sink_create(resource);
    download = prepare_stream("DL-157", &fixture, resource, sink);
    dl_start("DL-157", download);
    finish_stream("DL-157", download, sink, resource->size);
    dl_close(&fixture);
}

START_TEST(dl_stream)
{
    static void (*const tests[])(void) =
    {
        test_whole, test_ranges, test_refusal, test_pause, test_dropped_connection, test_changed_resource,
        test_unsized,
    };

    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    run_at_once(tests, ARRAY_SIZE(tests));
    CoUninitialize();
}
