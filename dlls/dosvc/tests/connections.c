/*
 * Large files by several connections
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
#include "control.h"
#include "slow.h"

#define PART_MIN    (8 * MIB)
#define PER_HOST    16
#define BACKGROUND  4
#define RESERVED    2 /* for the foreground, beside PER_HOST */
#define LEFT        1000 /* bytes of a part that is lost */

static void finish(const char *id, struct fixture *fixture, struct resource *resource)
{
    HRESULT hr;

    if (!wait_for_state(id, fixture->job, BG_JOB_STATE_TRANSFERRED))
        return;
    check_progress(id, fixture->job, resource->size, resource->size, 1, 1);
    hr = IBackgroundCopyJob_Complete(fixture->job);
    ok(hr == S_OK, "%s: Complete gives %#lx.\n", id, hr);
    check_content(id, fixture->path, resource);
}

static void start(const char *id, struct fixture *fixture, struct resource *resource)
{
    HRESULT hr;

    add_file(id, fixture->job, resource, fixture->path);
    hr = IBackgroundCopyJob_Resume(fixture->job);
    ok(hr == S_OK, "%s: Resume gives %#lx.\n", id, hr);
}

/* Of a part that another connection has left before its end, which is next to an earlier one. */
static BOOL is_rest(struct resource *resource, unsigned int index, UINT64 end)
{
    struct origin_request request;
    UINT64 first, length;
    unsigned int i;

    for (i = 0; i < index; ++i)
    {
        origin_get_request(resource, i, &request);
        if ((length = get_part(&request, &first)) && (first == end || first + length == end))
            return TRUE;
    }
    return FALSE;
}

static void test_several(void)
{
    struct origin_request request;
    struct resource *resource;
    struct fixture fixture;
    unsigned int i, count;
    UINT64 first, length;

    if (!fixture_open(&fixture))
        return;
    resource = add_slow(fixture.origin, "/several", LARGE_SIZE);
    start("ENG-01", &fixture, resource);
    finish("ENG-01", &fixture, resource);
    count = origin_get_requests(resource, NULL);
    ok(count > 1 && count < 12, "ENG-01: got %u requests.\n", count);
    for (i = 0; i < count; ++i)
    {
        origin_get_request(resource, i, &request);
        ok(!i == !*request.range, "ENG-01: request %u asks for %s.\n", i, request.range);
        if (!i)
            continue;
        length = get_part(&request, &first);
        ok(length >= PART_MIN || is_rest(resource, i, first + length), "ENG-01: request %u asks for %s.\n", i,
                request.range);
        ok(!strcmp(request.if_range, resource->etag), "ENG-01: request %u has If-Range %s.\n", i, request.if_range);
    }
    fixture_close(&fixture);
}

static void test_one(void)
{
    struct resource *resource;
    struct fixture fixture;
    unsigned int i, count;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(singles); ++i)
    {
        winetest_push_context("%s", singles[i].path);
        resource = add_slow(fixture.origin, singles[i].path, singles[i].size);
        resource->flags = singles[i].flags;
        resource->etag = singles[i].etag;
        start("ENG-02", &fixture, resource);
        finish("ENG-02", &fixture, resource);
        count = origin_get_requests(resource, NULL);
        ok(count == 1, "ENG-02: got %u requests.\n", count);
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

static void test_spoiled(void)
{
    struct resource *resource;
    struct fixture fixture;
    unsigned int i, count;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(spoilers); ++i)
    {
        winetest_push_context("%s", spoilers[i].path);
        resource = add_slow(fixture.origin, spoilers[i].path, LARGE_SIZE);
        start("ENG-03", &fixture, resource);
        if (wait_for_requests("ENG-03", resource, 1))
        {
            origin_lock(fixture.origin);
            spoilers[i].spoil(resource);
            origin_unlock(fixture.origin);
        }
        finish("ENG-03", &fixture, resource);
        count = origin_get_requests(resource, NULL);
        ok(count > 1 && count <= spoilers[i].most, "ENG-03: got %u requests.\n", count);
        count = count_whole(resource);
        ok(count == 1, "ENG-03: got %u requests for the whole.\n", count);
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

static void test_changed(void)
{
    static const struct
    {
        const char *path;
        unsigned int flags;
        UINT64 size;
    }
    rows[] =
    {
        { "/new", 0, LARGE_SIZE },
        { "/longer", 0, LARGE_SIZE + MIB },
        { "/mixed", RESOURCE_IGNORES_IF_RANGE, LARGE_SIZE },
    };
    struct resource *resource;
    unsigned int i, count, seed = 0;
    struct fixture fixture;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("%s", rows[i].path);
        resource = add_slow(fixture.origin, rows[i].path, LARGE_SIZE);
        resource->flags = rows[i].flags;
        start("ENG-04", &fixture, resource);
        if (wait_for_requests("ENG-04", resource, 1))
        {
            origin_lock(fixture.origin);
            resource->etag = "\"v2\"";
            seed = resource->seed;
            resource->seed += 1000;
            resource->size = rows[i].size;
            origin_unlock(fixture.origin);
        }
        /* The first response is of the former version, to its end. */
        wait_for_state("ENG-04", fixture.job, BG_JOB_STATE_TRANSFERRED);
        origin_lock(fixture.origin);
        resource->seed = seed;
        resource->size = LARGE_SIZE;
        origin_unlock(fixture.origin);
        finish("ENG-04", &fixture, resource);
        count = count_whole(resource);
        ok(count == 1, "ENG-04: got %u requests for the whole.\n", count);
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

static void test_suspend(void)
{
    struct origin_request request;
    struct resource *resource;
    unsigned int i, count, suspended;
    BG_JOB_PROGRESS progress;
    UINT64 asked = 0, first;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = add_slow(fixture.origin, "/suspended", LARGE_SIZE);
    start("ENG-05", &fixture, resource);
    wait_for_requests("ENG-05", resource, 2);
    wait_for_bytes("ENG-05", fixture.job, 8 * MIB);
    hr = IBackgroundCopyJob_Suspend(fixture.job);
    ok(hr == S_OK, "ENG-05: Suspend gives %#lx.\n", hr);
    check_state("ENG-05", fixture.job, BG_JOB_STATE_SUSPENDED);
    /* Bytes in flight may still be stored. */
    Sleep(1000);
    get_progress(fixture.job, &progress);
    suspended = origin_get_requests(resource, NULL);

    hr = IBackgroundCopyJob_Resume(fixture.job);
    ok(hr == S_OK, "ENG-05: Resume gives %#lx.\n", hr);
    finish("ENG-05", &fixture, resource);
    count = count_whole(resource);
    ok(count == 1, "ENG-05: got %u requests for the whole.\n", count);
    count = origin_get_requests(resource, NULL);
    for (i = suspended; i < count; ++i)
    {
        origin_get_request(resource, i, &request);
        asked += get_part(&request, &first);
    }
    ok(count > suspended, "ENG-05: got %u requests, and no more.\n", count);
    /* A requested range may be shared with a further connection later. */
    ok(asked < 3 * (LARGE_SIZE - progress.BytesTransferred), "ENG-05: %s bytes were asked for of %s.\n",
            debugstr_u64(asked), debugstr_u64(LARGE_SIZE - progress.BytesTransferred));
    fixture_close(&fixture);
}

static void test_killed(void)
{
    static const WCHAR name[] = L"dosvc test of connections";
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = add_slow(fixture.origin, "/killed", LARGE_SIZE);
    IBackgroundCopyJob_SetDisplayName(fixture.job, name);
    start("ENG-06", &fixture, resource);
    wait_for_requests("ENG-06", resource, 2);
    wait_for_bytes("ENG-06", fixture.job, 16 * MIB);
    if (kill_service())
    {
        IBackgroundCopyJob_Release(fixture.job);
        IBackgroundCopyManager_Release(fixture.manager);
        hr = create_manager_again(&fixture.manager);
        ok(hr == S_OK, "ENG-06: CoCreateInstance gives %#lx.\n", hr);
        fixture.job = find_job(fixture.manager, name);
        ok(!!fixture.job, "ENG-06: the job is not there.\n");
    }
    else
        skip("ENG-06: this user may not kill the service.\n");
    finish("ENG-06", &fixture, resource);
    fixture_close(&fixture);
}

/* Bytes of a request that the client did not want. */
static BOOL is_wanted(const struct origin_request *request, const BG_FILE_RANGE *ranges, unsigned int count)
{
    UINT64 first, length = get_part(request, &first);
    unsigned int i;

    for (i = 0; i < count; ++i)
    {
        if (first >= ranges[i].InitialOffset && first + length <= ranges[i].InitialOffset + ranges[i].Length)
            return length > 0;
    }
    return FALSE;
}

static void finish_ranges(struct fixture *fixture, struct resource *resource, const BG_FILE_RANGE *ranges,
        unsigned int range_count)
{
    unsigned int i, count, parts = 0;
    struct origin_request request;

    if (!wait_for_state("ENG-09", fixture->job, BG_JOB_STATE_TRANSFERRED))
        return;
    check_hr("ENG-09", IBackgroundCopyJob_Complete(fixture->job), S_OK);
    check_ranges_content("ENG-09", fixture->path, resource, ranges, range_count);
    count = origin_get_requests(resource, NULL);
    for (i = 0; i < count; ++i)
    {
        origin_get_request(resource, i, &request);
        ok(is_wanted(&request, ranges, range_count), "ENG-09: request %u asks for %s.\n", i, request.range);
        parts += !!*request.if_range;
    }
    ok(count > range_count && count < 20, "ENG-09: got %u requests.\n", count);
    ok(parts > 0, "ENG-09: got no request for a further part.\n");
}

/* In the order of the list, and one after the other in the file. */
static void test_ranges(void)
{
    BG_FILE_RANGE ranges[] = { { 20 * MIB + 1, 24 * MIB }, { 5, 1000 }, { 2 * MIB, 16 * MIB + 3 } };
    static const WCHAR name[] = L"dosvc test of ranges";
    struct resource *resource;
    struct fixture fixture;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < 3; ++i)
    {
        winetest_push_context("%s", i == 2 ? "killed" : i ? "suspended" : "undisturbed");
        if (!fixture_open(&fixture))
            return;
        resource = add_slow(fixture.origin, "/ranges", 48 * MIB);
        IBackgroundCopyJob_SetDisplayName(fixture.job, name);
        add_ranges("ENG-09", fixture.job, resource, fixture.path, ranges, ARRAY_SIZE(ranges), DO_UNKNOWN_FILE_SIZE,
                S_OK);
        check_hr("ENG-09", IBackgroundCopyJob_Resume(fixture.job), S_OK);
        wait_for_requests("ENG-09", resource, 2);
        if (i)
            wait_for_bytes("ENG-09", fixture.job, 16 * MIB);
        if (i == 1)
        {
            check_hr("ENG-09", IBackgroundCopyJob_Suspend(fixture.job), S_OK);
            check_hr("ENG-09", IBackgroundCopyJob_Resume(fixture.job), S_OK);
        }
        if (i == 2 && kill_service())
        {
            IBackgroundCopyJob_Release(fixture.job);
            IBackgroundCopyManager_Release(fixture.manager);
            hr = create_manager_again(&fixture.manager);
            ok(hr == S_OK, "ENG-09: CoCreateInstance gives %#lx.\n", hr);
            fixture.job = find_job(fixture.manager, name);
            ok(!!fixture.job, "ENG-09: the job is not there.\n");
        }
        finish_ranges(&fixture, resource, ranges, ARRAY_SIZE(ranges));
        fixture_close(&fixture);
        winetest_pop_context();
    }
}

static void test_setting(void)
{
    struct resource *resource;
    struct fixture fixture;
    unsigned int count;

    if (!limit_connections("ENG-07", 1))
        return;
    if (fixture_open(&fixture))
    {
        resource = add_slow(fixture.origin, "/setting", LARGE_SIZE);
        start("ENG-07", &fixture, resource);
        finish("ENG-07", &fixture, resource);
        count = origin_get_requests(resource, NULL);
        ok(count == 1, "ENG-07: got %u requests.\n", count);
        fixture_close(&fixture);
    }
    unlimit_connections();
}

/* The second request gets all but the last bytes of what it asks for, and a reset; later ones get no answer. */
struct lost
{
    LONG count;
    HANDLE is_left; /* set when nothing but these bytes is missing */
};

static BOOL play_lost(void *context, const struct origin_request *request, struct answer *answer)
{
    struct lost *lost = context;
    LONG count = InterlockedIncrement(&lost->count);

    if (count == 1)
        return origin_send_head(answer) && origin_send_body(answer);
    if (count == 2)
    {
        answer->is_cut = TRUE;
        answer->resource.cut_after = answer->end - answer->start - LEFT;
        ok(origin_send_head(answer), "ENG-26: the connection is closed.\n");
        origin_send_body(answer);
        origin_pass(answer, lost->is_left);
        origin_reset_at_close(answer->socket);
        return FALSE;
    }
    WaitForSingleObject(answer->stop, INFINITE);
    return FALSE;
}

/* A further connection breaks when the first one has nothing left to do, which then asks for the rest in vain. The
 * break is DO_E_HTTP_BLOCKSIZE_MISMATCH. */
static void test_lost(void)
{
    struct lost lost = {0};
    struct resource *resource;
    struct fixture fixture;

    if (!limit_connections("ENG-26", 2))
        return;
    lost.is_left = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (fixture_open(&fixture))
    {
        resource = add_slow(fixture.origin, "/lost", LARGE_SIZE);
        resource->play = play_lost;
        resource->play_context = &lost;
        check_hr("ENG-26", IBackgroundCopyJob_SetNoProgressTimeout(fixture.job, 5), S_OK);
        start("ENG-26", &fixture, resource);
        wait_for_bytes("ENG-26", fixture.job, LARGE_SIZE - LEFT);
        SetEvent(lost.is_left);
        wait_for_state("ENG-26", fixture.job, BG_JOB_STATE_ERROR);
        check_error("ENG-26", fixture.job, DO_E_DOWNLOAD_NO_PROGRESS);
        check_extended_error("ENG-26", fixture.job, L"\"LastHResult\":\"0x80d05001\"");
        ok(lost.count == 3, "ENG-26: got %ld requests.\n", lost.count);
        fixture_close(&fixture);
    }
    CloseHandle(lost.is_left);
    unlimit_connections();
}

static void test_slots(void)
{
    struct resource *resource, *others[PER_HOST - 1];
    IBackgroundCopyJob *jobs[PER_HOST - 1];
    WCHAR path[MAX_PATH], name[16];
    struct fixture fixture;
    char url[16];
    unsigned int i;
    HANDLE gate;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = add_slow(fixture.origin, "/large", LARGE_SIZE);
    start("ENG-08", &fixture, resource);
    wait_for_requests("ENG-08", resource, 2);
    for (i = 0; i < ARRAY_SIZE(jobs); ++i)
    {
        sprintf(url, "/other%u", i);
        swprintf(name, ARRAY_SIZE(name), L"other%u", i);
        others[i] = origin_add_resource(fixture.origin, url, SMALL_SIZE);
        set_gate(others[i], gate, 0);
        jobs[i] = create_job(fixture.manager);
        add_file("ENG-08", jobs[i], others[i], join_path(path, fixture.dir, name));
        IBackgroundCopyJob_Resume(jobs[i]);
    }
    for (i = 0; i < ARRAY_SIZE(jobs); ++i)
        wait_for_requests("ENG-08", others[i], 1);
    SetEvent(gate);
    for (i = 0; i < ARRAY_SIZE(jobs); ++i)
    {
        wait_for_state("ENG-08", jobs[i], BG_JOB_STATE_TRANSFERRED);
        discard_job(jobs[i]);
    }
    finish("ENG-08", &fixture, resource);
    fixture_close(&fixture);
    CloseHandle(gate);
}

/* A job that ends when its gate is opened. */
struct gated
{
    struct resource *resource;
    IBackgroundCopyJob *job;
    HANDLE gate;
};

static void start_gated(const char *id, struct gated *gated, struct fixture *fixture, BG_JOB_PRIORITY priority,
        UINT64 gate_at)
{
    unsigned int index = fixture->origin->resource_count;
    WCHAR path[MAX_PATH], name[16];
    char url[16];

    sprintf(url, "/gated%u", index);
    swprintf(name, ARRAY_SIZE(name), L"gated%u", index);
    gated->resource = origin_add_resource(fixture->origin, url, 1000);
    gated->gate = create_gate();
    set_gate(gated->resource, gated->gate, gate_at);
    gated->job = create_job(fixture->manager);
    check_hr(id, IBackgroundCopyJob_SetPriority(gated->job, priority), S_OK);
    add_file(id, gated->job, gated->resource, join_path(path, fixture->dir, name));
    resume_job(id, gated->job);
}

static void finish_gated(const char *id, struct gated *gated, unsigned int count)
{
    unsigned int i;

    for (i = 0; i < count; ++i)
        SetEvent(gated[i].gate);
    for (i = 0; i < count; ++i)
    {
        wait_for_state(id, gated[i].job, BG_JOB_STATE_TRANSFERRED);
        check_error_count(id, gated[i].job, 0);
        discard_job(gated[i].job);
        CloseHandle(gated[i].gate);
    }
}

static void test_background(void)
{
    struct gated foreground[PER_HOST + RESERVED + 1], background[BACKGROUND + 1];
    struct fixture fixture;
    unsigned int i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(foreground); ++i)
        start_gated("ENG-17", foreground + i, &fixture, BG_JOB_PRIORITY_FOREGROUND, 0);
    for (i = 0; i < PER_HOST + RESERVED; ++i)
        wait_for_requests("ENG-17", foreground[i].resource, 1);
    for (i = 0; i < ARRAY_SIZE(background); ++i)
        start_gated("ENG-17", background + i, &fixture, BG_JOB_PRIORITY_NORMAL, 0);
    for (i = 0; i < BACKGROUND; ++i)
        wait_for_requests("ENG-17", background[i].resource, 1);
    check_state("ENG-17", background[BACKGROUND].job, BG_JOB_STATE_QUEUED);
    check_state("ENG-17", foreground[PER_HOST + RESERVED].job, BG_JOB_STATE_QUEUED);
    check_state("ENG-17", foreground[0].job, BG_JOB_STATE_TRANSFERRING);

    /* A slot that becomes free goes to the class that had it. */
    SetEvent(background[0].gate);
    wait_for_requests("ENG-17", background[BACKGROUND].resource, 1);
    ok(!origin_get_requests(foreground[PER_HOST + RESERVED].resource, NULL),
            "ENG-17: the background has less than its share.\n");
    finish_gated("ENG-17", foreground, ARRAY_SIZE(foreground));
    finish_gated("ENG-17", background, ARRAY_SIZE(background));
    fixture_close(&fixture);
}

static void test_foreground(void)
{
    struct gated foreground[RESERVED + 1], background[PER_HOST];
    struct gated *youngest = background + PER_HOST - 1, *last = foreground + RESERVED;
    struct fixture fixture;
    unsigned int i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(background); ++i)
    {
        start_gated("ENG-24", background + i, &fixture, BG_JOB_PRIORITY_NORMAL, 500);
        wait_for_bytes("ENG-24", background[i].job, 500);
    }
    for (i = 0; i < RESERVED; ++i)
    {
        start_gated("ENG-24", foreground + i, &fixture, BG_JOB_PRIORITY_FOREGROUND, 0);
        wait_for_requests("ENG-24", foreground[i].resource, 1);
    }
    check_state("ENG-24", youngest->job, BG_JOB_STATE_TRANSFERRING);
    start_gated("ENG-24", last, &fixture, BG_JOB_PRIORITY_FOREGROUND, 0);
    wait_for_requests("ENG-24", last->resource, 1);
    wait_for_state("ENG-24", youngest->job, BG_JOB_STATE_QUEUED);
    SetEvent(last->gate);
    wait_for_requests("ENG-24", youngest->resource, 2);
    ok(is_rest(youngest->resource, 2, 500), "ENG-24: it begins anew.\n");
    finish_gated("ENG-24", foreground, ARRAY_SIZE(foreground));
    finish_gated("ENG-24", background, ARRAY_SIZE(background));
    fixture_close(&fixture);
}

START_TEST(connections)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_several();
    test_one();
    test_spoiled();
    test_changed();
    test_suspend();
    test_killed();
    test_ranges();
    test_setting();
    test_lost();
    test_slots();
    test_background();
    test_foreground();
    CoUninitialize();
}
