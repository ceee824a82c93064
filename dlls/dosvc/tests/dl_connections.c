/*
 * Streams and ranges by several connections
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

/* Large resources over several connections. documentation/spec/engine.md has the statements. */

#include "dosvc_test.h"
#include "download.h"
#include "sink.h"
#include "dl_sink.h"
#include "slow.h"

#define PIECE_MIN (1 * MIB)
#define PIECE_MAX (8 * MIB)
#define AHEAD_MAX (8 * MIB)

static IDODownload *start_stream(const char *id, struct dl_fixture *fixture, const struct resource *resource,
        struct sink *sink, const struct dl_ranges *ranges)
{
    IDODownload *download = prepare_stream(id, fixture, resource, sink);

    check_hr(id, dl_start_ranges(download, ranges), S_OK);
    return download;
}

/* Further connections were made, and asked for neither little nor much. */
static void check_pieces(const char *id, struct resource *resource, unsigned int most)
{
    unsigned int i, count = origin_get_requests(resource, NULL), pieces = 0;
    struct origin_request request;
    UINT64 first, length;

    for (i = 1; i < count; ++i)
    {
        origin_get_request(resource, i, &request);
        length = get_part(&request, &first);
        ok(!strcmp(request.if_range, resource->etag), "%s: request %u has If-Range %s.\n", id, i, request.if_range);
        pieces += length >= PIECE_MIN && length <= PIECE_MAX;
    }
    ok(pieces > 1, "%s: got %u pieces.\n", id, pieces);
    ok(count <= most, "%s: got %u requests.\n", id, count);
}

static void test_several(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;
    unsigned int count;

    if (!dl_open(&fixture))
        return;
    resource = add_slow(fixture.origin, "/several", LARGE_SIZE);
    sink = sink_create(resource);
    download = start_stream("ENG-10", &fixture, resource, sink, NULL);
    finish_stream("ENG-10", download, sink, resource->size);
    check_pieces("ENG-10", resource, 40);
    count = count_whole(resource);
    ok(count == 1, "ENG-10: got %u requests for the whole.\n", count);
    dl_close(&fixture);
}

static void test_list(void)
{
    static const struct dl_ranges ranges =
    {
        5,
        {
            { 24 * MIB, 12 * MIB + 1 }, { 100, 100 }, { 2 * MIB + 7, 16 * MIB }, { 0, 100 },
            { 40 * MIB, DO_LENGTH_TO_EOF }
        }
    };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;

    if (!dl_open(&fixture))
        return;
    resource = add_slow(fixture.origin, "/list", 48 * MIB + 5);
    sink = sink_create(resource);
    sink->expected = ranges;
    download = start_stream("ENG-10", &fixture, resource, sink, &ranges);
    finish_stream("ENG-10", download, sink, 36 * MIB + 206);
    check_pieces("ENG-10", resource, 50);
    dl_close(&fixture);
}

static void test_single(struct dl_fixture *fixture, const struct single *single)
{
    struct resource *resource = add_slow(fixture->origin, single->path, single->size);
    struct sink *sink = sink_create(resource);
    IDODownload *download;
    unsigned int count;

    winetest_push_context("%s", single->path);
    resource->flags = single->flags;
    resource->etag = single->etag;
    download = start_stream("ENG-11", fixture, resource, sink, NULL);
    finish_stream("ENG-11", download, sink, resource->size);
    count = origin_get_requests(resource, NULL);
    ok(count == 1, "ENG-11: got %u requests.\n", count);
    winetest_pop_context();
}

static void test_one(void)
{
    struct dl_fixture fixture;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(singles); ++i)
        test_single(&fixture, singles + i);
    dl_close(&fixture);
}

/* The answer to the first request goes on as it is, so nothing has to begin anew. */
static void spoil_version(struct resource *resource)
{
    resource->etag = "\"v2\"";
    resource->seed += 1000;
}

static void spoil_mixture(struct resource *resource)
{
    resource->flags |= RESOURCE_IGNORES_IF_RANGE;
    spoil_version(resource);
}

static void test_spoiler(struct dl_fixture *fixture, const struct spoiler *spoiler)
{
    struct resource *resource = add_slow(fixture->origin, spoiler->path, LARGE_SIZE), served;
    unsigned int count;
    IDODownload *download;
    struct sink *sink;

    winetest_push_context("%s", spoiler->path);
    served = *resource;
    sink = sink_create(&served);
    download = start_stream("ENG-12", fixture, resource, sink, NULL);
    if (wait_for_requests("ENG-12", resource, 1))
    {
        origin_lock(fixture->origin);
        spoiler->spoil(resource);
        origin_unlock(fixture->origin);
    }
    finish_stream("ENG-12", download, sink, resource->size);
    count = origin_get_requests(resource, NULL);
    ok(count > 1 && count <= spoiler->most_pieces, "ENG-12: got %u requests.\n", count);
    count = count_whole(resource);
    ok(count == 1, "ENG-12: got %u requests for the whole.\n", count);
    winetest_pop_context();
}

static void test_spoiled(void)
{
    static const struct spoiler changes[] =
    {
        { "/new", spoil_version, .most_pieces = 4 },
        { "/mixed", spoil_mixture, .most_pieces = 4 },
    };
    struct dl_fixture fixture;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(spoilers); ++i)
        test_spoiler(&fixture, spoilers + i);
    for (i = 0; i < ARRAY_SIZE(changes); ++i)
        test_spoiler(&fixture, changes + i);
    dl_close(&fixture);
}

/* All connections break, again and again. */
static void test_cuts(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;

    if (!dl_open(&fixture))
        return;
    resource = add_slow(fixture.origin, "/cuts", LARGE_SIZE);
    resource->cut_after = 5 * MIB / 4 + 1;
    resource->cut_count = 20;
    sink = sink_create(resource);
    download = start_stream("ENG-12", &fixture, resource, sink, NULL);
    finish_stream("ENG-12", download, sink, resource->size);
    dl_close(&fixture);
}

static void test_stuck(void)
{
    unsigned int i, count, former = 0;
    struct origin_request request;
    UINT64 first, length, last = 0;
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = add_slow(fixture.origin, "/stuck", 2 * LARGE_SIZE);
    sink = sink_create(resource);
    sink->gate_at = LARGE_SIZE;
    sink->gate = gate;
    download = start_stream("ENG-13", &fixture, resource, sink, NULL);
    wait_event("ENG-13", sink->at_gate);
    /* Until they are content with what they have. */
    while ((count = origin_get_requests(resource, NULL)) != former)
    {
        former = count;
        Sleep(1000);
    }
    for (i = 1; i < count; ++i)
    {
        origin_get_request(resource, i, &request);
        length = get_part(&request, &first);
        last = max(last, first + length);
    }
    ok(count > 1, "ENG-13: got %u requests.\n", count);
    ok(last <= sink_get_bytes(sink) + AHEAD_MAX, "ENG-13: %s bytes are ahead.\n",
            debugstr_u64(last - sink_get_bytes(sink)));
    SetEvent(gate);
    finish_stream("ENG-13", download, sink, resource->size);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_pause(void)
{
    unsigned int i, writes, count;
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;

    if (!dl_open(&fixture))
        return;
    resource = add_slow(fixture.origin, "/pause", LARGE_SIZE);
    sink = sink_create(resource);
    download = start_stream("ENG-14", &fixture, resource, sink, NULL);
    for (i = 1; i < 4; ++i)
    {
        dl_wait_bytes("ENG-14", download, i * 8 * MIB);
        check_hr("ENG-14", IDODownload_Pause(download), S_OK);
        check_dl_status("ENG-14", download, DODownloadState_Paused, S_OK, S_OK);
        writes = sink->writes;
        /* Not a wait for something: no Write may begin. One that is under way may end. */
        Sleep(300);
        ok(sink->writes <= writes + 1, "ENG-14: %u Writes became %u.\n", writes, sink->writes);
        dl_start("ENG-14", download);
    }
    finish_stream("ENG-14", download, sink, resource->size);
    count = count_whole(resource);
    ok(count == 1, "ENG-14: got %u requests for the whole.\n", count);

    sink = sink_create(resource);
    download = start_stream("ENG-14", &fixture, resource, sink, NULL);
    dl_wait_bytes("ENG-14", download, 8 * MIB);
    check_hr("ENG-14", IDODownload_Abort(download), S_OK);
    IDODownload_Release(download);
    sink_check_released("ENG-14", sink);
    dl_close(&fixture);
}

static void test_job(void)
{
    IDeliveryOptimizationFile2 *file = NULL;
    IDeliveryOptimizationJob2 *job2;
    struct resource *resource;
    struct fixture fixture;
    struct sink *sink;
    VARIANT value;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = add_slow(fixture.origin, "/job", LARGE_SIZE);
    sink = sink_create(resource);
    if (SUCCEEDED(query("ENG-15", fixture.job, &IID_IDeliveryOptimizationJob2, &job2)))
    {
        hr = IDeliveryOptimizationJob2_AddFile(job2, L"stream", resource->url, 0, NULL,
                &IID_IDeliveryOptimizationFile2, (void **)&file);
        check_hr("ENG-15", hr, S_OK);
        IDeliveryOptimizationJob2_Release(job2);
    }
    if (file)
    {
        V_VT(&value) = VT_UNKNOWN;
        V_UNKNOWN(&value) = (IUnknown *)&sink->IStream_iface;
        hr = IDeliveryOptimizationFile2_SetProperty(file, DOFilePropertyId_DownloadSinkInterface, &value);
        check_hr("ENG-15", hr, S_OK);
        IDeliveryOptimizationFile2_Release(file);
    }
    check_hr("ENG-15", IBackgroundCopyJob_Resume(fixture.job), S_OK);
    wait_for_bytes("ENG-15", fixture.job, 12 * MIB);
    check_hr("ENG-15", IBackgroundCopyJob_Suspend(fixture.job), S_OK);
    check_hr("ENG-15", IBackgroundCopyJob_Resume(fixture.job), S_OK);
    wait_for_state("ENG-15", fixture.job, BG_JOB_STATE_TRANSFERRED);
    sink_check("ENG-15", sink, resource->size);
    check_hr("ENG-15", IBackgroundCopyJob_Complete(fixture.job), S_OK);
    ok(sink->commits == 1 && !sink->other_calls, "ENG-15: got %u calls of Commit, %u others.\n", sink->commits,
            sink->other_calls);
    check_pieces("ENG-15", resource, 50);
    fixture_close(&fixture);
    sink_check_released("ENG-15", sink);
}

/* In any order; those of the file rise. */
static void test_file(void)
{
    static const struct dl_ranges ranges =
    {
        3, { { 24 * MIB, 20 * MIB + 1 }, { 100, 100 }, { 2 * MIB + 7, 16 * MIB } }
    };
    static const DO_DOWNLOAD_RANGE parts[] = { { 100, 100 }, { 2 * MIB + 7, 16 * MIB }, { 24 * MIB, 20 * MIB + 1 } };
    struct origin_request request;
    UINT64 first, length, asked = 0;
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i, j, count;

    if (!dl_open(&fixture))
        return;
    resource = add_slow(fixture.origin, "/file", 48 * MIB + 5);
    download = prepare_download("ENG-16", &fixture, resource->url, fixture.path);
    check_hr("ENG-16", dl_start_ranges(download, &ranges), S_OK);
    dl_wait_bytes("ENG-16", download, 10 * MIB);
    check_hr("ENG-16", IDODownload_Pause(download), S_OK);
    check_hr("ENG-16", IDODownload_Start(download, NULL), S_OK);
    dl_wait("ENG-16", download, DODownloadState_Transferred);
    check_dl_bytes("ENG-16", download, 36 * MIB + 101, 36 * MIB + 101);
    check_hr("ENG-16", IDODownload_Finalize(download), S_OK);
    check_parts_content("ENG-16", fixture.path, resource, parts, ARRAY_SIZE(parts));
    IDODownload_Release(download);
    count = origin_get_requests(resource, NULL);
    for (i = 0; i < count; ++i)
    {
        origin_get_request(resource, i, &request);
        asked += length = get_part(&request, &first);
        for (j = 0; j < ARRAY_SIZE(parts); ++j)
        {
            if (first >= parts[j].Offset && first + length <= parts[j].Offset + parts[j].Length)
                break;
        }
        ok(length && j < ARRAY_SIZE(parts), "ENG-16: request %u asks for %s.\n", i, request.range);
    }
    ok(count > ARRAY_SIZE(parts) && count < 16, "ENG-16: got %u requests.\n", count);
    ok(asked < 4 * 36 * MIB, "ENG-16: %s bytes were asked for.\n", debugstr_u64(asked));
    dl_close(&fixture);
}

START_TEST(dl_connections)
{
    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    test_several();
    test_list();
    test_one();
    test_spoiled();
    test_cuts();
    test_stuck();
    test_pause();
    test_job();
    test_file();
    CoUninitialize();
}
