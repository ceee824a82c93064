/*
 * Tests for transfers and their progress
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

#define GIB ((UINT64)1 << 30)

static void test_resume_refused(void)
{
    IDeliveryOptimizationJob2 *job2;
    struct fixture fixture;
    IUnknown *object;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    hr = IBackgroundCopyJob_Resume(fixture.job);
    ok(hr == DO_E_JOB_EMPTY, "JOB-050: got hr %#lx.\n", hr);
    check_state("JOB-050", fixture.job, BG_JOB_STATE_SUSPENDED);

    if (SUCCEEDED(query("JOB-007", fixture.job, &IID_IDeliveryOptimizationJob2, &job2)))
    {
        hr = IDeliveryOptimizationJob2_AddFile(job2, L"id", L"http://127.0.0.1/x", 0, NULL,
                &IID_IDeliveryOptimizationFile, (void **)&object);
        ok(hr == S_OK, "JOB-051: got hr %#lx.\n", hr);
        if (SUCCEEDED(hr))
            IUnknown_Release(object);
        hr = IBackgroundCopyJob_Resume(fixture.job);
        ok(hr == DO_E_FILE_DOWNLOADSINK_UNSPECIFIED, "JOB-051: got hr %#lx.\n", hr);
        check_state("JOB-051", fixture.job, BG_JOB_STATE_SUSPENDED);
        IDeliveryOptimizationJob2_Release(job2);
    }
    fixture_close(&fixture);
}

static void test_states(void)
{
    BG_JOB_STATE state = BG_JOB_STATE_SUSPENDED;
    struct resource *resource;
    struct fixture fixture;
    HANDLE gate;
    DWORD end;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/states", 300000);
    set_gate(resource, gate, 100000);
    add_file("JOB-052", fixture.job, resource, fixture.path);
    resume_job("JOB-052", fixture.job);
    for (i = 0, end = GetTickCount() + LIMIT_MS; (LONG)(end - GetTickCount()) > 0; ++i)
    {
        state = get_state(fixture.job);
        if (state != BG_JOB_STATE_QUEUED && state != BG_JOB_STATE_TRANSFERRING)
            break;
        if (i == 20)
        {
            wait_event("JOB-052", resource->at_gate);
            check_state("JOB-052", fixture.job, BG_JOB_STATE_TRANSFERRING);
            SetEvent(gate);
        }
        Sleep(10);
    }
    ok(state == BG_JOB_STATE_TRANSFERRED, "JOB-052: got state %s.\n", debugstr_state(state));
    check_no_error("JOB-117", fixture.job);
    CloseHandle(gate);
    fixture_close(&fixture);
}

static void test_resume_twice(void)
{
    struct resource *resource;
    struct fixture fixture;
    unsigned int count;
    HANDLE gate;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/twice", 300000);
    set_gate(resource, gate, 100000);
    add_file("JOB-053", fixture.job, resource, fixture.path);
    resume_job("JOB-053", fixture.job);
    resume_job("JOB-053", fixture.job);
    wait_for_bytes("JOB-053", fixture.job, 100000);
    resume_job("JOB-053", fixture.job);
    check_progress("JOB-053", fixture.job, 300000, 100000, 1, 0);
    SetEvent(gate);
    wait_for_state("JOB-053", fixture.job, BG_JOB_STATE_TRANSFERRED);
    count = origin_get_requests(resource, NULL);
    ok(count == 1, "JOB-053: the server got %u requests.\n", count);
    resume_job("JOB-053", fixture.job);
    check_state("JOB-053", fixture.job, BG_JOB_STATE_TRANSFERRED);
    CloseHandle(gate);
    fixture_close(&fixture);
}

static void test_suspend(void)
{
    UINT64 offset = 100000, size = 400000, start, end;
    BG_JOB_PROGRESS progress, later;
    struct origin_request request;
    struct resource *resource;
    struct fixture fixture;
    HANDLE gate;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/suspend", size);
    set_gate(resource, gate, offset);
    add_file("JOB-054", fixture.job, resource, fixture.path);
    resume_job("JOB-054", fixture.job);
    wait_for_bytes("JOB-068", fixture.job, offset);
    check_progress("JOB-068", fixture.job, size, offset, 1, 0);
    hr = IBackgroundCopyJob_Suspend(fixture.job);
    ok(hr == S_OK, "JOB-054: got hr %#lx.\n", hr);
    check_state("JOB-054", fixture.job, BG_JOB_STATE_SUSPENDED);
    check_no_error("JOB-117", fixture.job);
    hr = IBackgroundCopyJob_Suspend(fixture.job);
    ok(hr == S_OK, "JOB-054: got hr %#lx.\n", hr);

    /* The server is ready to send the rest. The two seconds are the statement's. */
    SetEvent(gate);
    Sleep(2000);
    get_progress(fixture.job, &progress);
    Sleep(300);
    get_progress(fixture.job, &later);
    ok(later.BytesTransferred == progress.BytesTransferred, "JOB-054: got %s after %s bytes.\n",
            debugstr_u64(later.BytesTransferred), debugstr_u64(progress.BytesTransferred));
    ok(later.BytesTransferred >= offset, "JOB-071: got %s bytes.\n", debugstr_u64(later.BytesTransferred));
    check_state("JOB-054", fixture.job, BG_JOB_STATE_SUSPENDED);

    resume_job("JOB-055", fixture.job);
    wait_for_state("JOB-055", fixture.job, BG_JOB_STATE_TRANSFERRED);
    if (later.BytesTransferred < size)
    {
        origin_get_requests(resource, &request);
        ok(!strncmp(request.range, "bytes=", 6) && origin_parse_range(request.range, size, &start, &end)
                && start == later.BytesTransferred, "JOB-055: got Range %s, expected one from %s.\n", request.range,
                debugstr_u64(later.BytesTransferred));
        ok(!strcmp(request.if_range, resource->etag), "JOB-055: got If-Range %s.\n", request.if_range);
        ok(request.status == 206, "JOB-055: got status %u.\n", request.status);
    }
    check_progress("JOB-069", fixture.job, size, size, 1, 1);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-055: got hr %#lx.\n", hr);
    check_content("JOB-055", fixture.path, resource);
    CloseHandle(gate);
    fixture_close(&fixture);
}

/* Without an ETag the date is the validator; without either the file starts again. */
static void test_resume_validators(void)
{
    static const struct
    {
        const char *etag, *last_modified;
        unsigned int flags;
    }
    rows[] =
    {
        { "\"strong\"", NULL, 0 },
        { NULL, "Wed, 21 Oct 2015 07:28:00 GMT", 0 },
        { "W/\"weak\"", NULL, 0 },
        { NULL, NULL, 0 },
        { "\"strong\"", NULL, RESOURCE_IGNORES_RANGES },
    };
    struct resource *resource;
    struct fixture fixture;
    char path[16];
    HANDLE gate;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("row %u", i);
        gate = create_gate();
        sprintf(path, "/validator%u", i);
        resource = origin_add_resource(fixture.origin, path, 200000);
        resource->etag = rows[i].etag;
        resource->last_modified = rows[i].last_modified;
        resource->flags = rows[i].flags;
        set_gate(resource, gate, 100000);
        add_file("JOB-055", fixture.job, resource, fixture.path);
        resume_job("JOB-055", fixture.job);
        wait_for_bytes("JOB-055", fixture.job, 100000);
        IBackgroundCopyJob_Suspend(fixture.job);
        set_gate(resource, NULL, 0);
        resume_job("JOB-055", fixture.job);
        wait_for_state("JOB-055", fixture.job, BG_JOB_STATE_TRANSFERRED);
        hr = IBackgroundCopyJob_Complete(fixture.job);
        ok(hr == S_OK, "JOB-055: got hr %#lx.\n", hr);
        check_content("JOB-055", fixture.path, resource);
        SetEvent(gate);
        fixture_new_job(&fixture);
        winetest_pop_context();
        CloseHandle(gate);
    }
    fixture_close(&fixture);
}

static void test_suspend_at_rest(void)
{
    struct resource *resource, *missing;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/rest", 1000);
    add_file("JOB-056", fixture.job, resource, fixture.path);
    resume_job("JOB-056", fixture.job);
    wait_for_state("JOB-056", fixture.job, BG_JOB_STATE_TRANSFERRED);
    hr = IBackgroundCopyJob_Suspend(fixture.job);
    ok(hr == S_OK, "JOB-056: got hr %#lx.\n", hr);
    check_state("JOB-056", fixture.job, BG_JOB_STATE_TRANSFERRED);

    fixture_new_job(&fixture);
    missing = origin_add_resource(fixture.origin, "/missing", 1000);
    missing->status = 404;
    add_file("JOB-056", fixture.job, missing, fixture.path);
    resume_job("JOB-056", fixture.job);
    wait_for_state("JOB-066", fixture.job, BG_JOB_STATE_ERROR);
    hr = IBackgroundCopyJob_Suspend(fixture.job);
    ok(hr == S_OK, "JOB-056: got hr %#lx.\n", hr);
    check_state("JOB-056", fixture.job, BG_JOB_STATE_ERROR);
    check_progress("JOB-066", fixture.job, BG_SIZE_UNKNOWN, 0, 1, 0);

    set_status(missing, 0, 0);
    resume_job("JOB-058", fixture.job);
    wait_for_state("JOB-058", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_no_error("JOB-117", fixture.job);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-058: got hr %#lx.\n", hr);
    check_content("JOB-058", fixture.path, missing);
    fixture_close(&fixture);
}

/* Four jobs, none of which can end before all have begun. */
static void test_simultaneous(void)
{
    struct resource *resources[4];
    IBackgroundCopyJob *jobs[4];
    struct fixture fixture;
    WCHAR path[MAX_PATH];
    char name[16];
    HANDLE gate;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    for (i = 0; i < ARRAY_SIZE(jobs); ++i)
    {
        sprintf(name, "/job%u", i);
        resources[i] = origin_add_resource(fixture.origin, name, 100000 + i);
        set_gate(resources[i], gate, 50000);
        jobs[i] = create_job(fixture.manager);
        swprintf(path, ARRAY_SIZE(path), L"%lsjob%u", fixture.dir, i);
        add_file("JOB-059", jobs[i], resources[i], path);
        resume_job("JOB-059", jobs[i]);
    }
    for (i = 0; i < ARRAY_SIZE(jobs); ++i)
        wait_event("JOB-059", resources[i]->at_gate);
    for (i = 0; i < ARRAY_SIZE(jobs); ++i)
    {
        wait_for_bytes("JOB-059", jobs[i], 50000);
        check_state("JOB-059", jobs[i], BG_JOB_STATE_TRANSFERRING);
    }
    SetEvent(gate);
    for (i = 0; i < ARRAY_SIZE(jobs); ++i)
    {
        wait_for_state("JOB-059", jobs[i], BG_JOB_STATE_TRANSFERRED);
        IBackgroundCopyJob_Complete(jobs[i]);
        swprintf(path, ARRAY_SIZE(path), L"%lsjob%u", fixture.dir, i);
        check_content("JOB-059", path, resources[i]);
        discard_job(jobs[i]);
    }
    CloseHandle(gate);
    fixture_close(&fixture);
}

/* Results of GetProgress before anything has moved. */
static void test_totals_before(void)
{
    static const BG_FILE_RANGE finite[] = { { 2, 4 }, { 12, 5 } }, open_end[] = { { 10, BG_LENGTH_TO_EOF } };
    static const struct
    {
        const char *id;
        UINT64 size;
        const BG_FILE_RANGE *ranges;
        DWORD count;
        UINT64 total;
    }
    rows[] =
    {
        { "JOB-061", SIZE_UNKNOWN, NULL, 0, SIZE_UNKNOWN },
        { "JOB-061", 0, NULL, 0, SIZE_UNKNOWN },
        { "JOB-062", 1000, NULL, 0, 1000 },
        { "JOB-062", 5 * GIB, NULL, 0, 5 * GIB },
        { "JOB-064", SIZE_UNKNOWN, finite, 2, 9 },
        { "JOB-064", 1000, finite, 2, 9 },
        { "JOB-065", SIZE_UNKNOWN, open_end, 1, SIZE_UNKNOWN },
        { "JOB-065", 1000, open_end, 1, 990 },
    };
    struct resource *resource;
    IBackgroundCopyFile *file;
    BG_FILE_PROGRESS progress;
    struct fixture fixture;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    check_progress("JOB-060", fixture.job, 0, 0, 0, 0);
    hr = IBackgroundCopyJob_GetProgress(fixture.job, NULL);
    check_null_arg("JOB-078", hr);
    resource = origin_add_resource(fixture.origin, "/before", 1000);
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("row %u", i);
        add_ranges(rows[i].id, fixture.job, resource, fixture.path, (BG_FILE_RANGE *)rows[i].ranges, rows[i].count,
                rows[i].size, S_OK);
        check_progress(rows[i].id, fixture.job, rows[i].total, 0, 1, 0);
        if ((file = get_file(rows[i].id, fixture.job, 0)))
        {
            memset(&progress, 0xcc, sizeof(progress));
            hr = IBackgroundCopyFile_GetProgress(file, &progress);
            ok(hr == S_OK, "JOB-077: got hr %#lx.\n", hr);
            ok(progress.BytesTotal == rows[i].total, "JOB-077: got total %s.\n", debugstr_u64(progress.BytesTotal));
            ok(!progress.BytesTransferred, "JOB-077: got %s bytes.\n", debugstr_u64(progress.BytesTransferred));
            ok(!progress.Completed, "JOB-077: got Completed %d.\n", progress.Completed);
            hr = IBackgroundCopyFile_GetProgress(file, NULL);
            check_null_arg("JOB-078", hr);
            IBackgroundCopyFile_Release(file);
        }
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

/* The total of several files is known when every part of it is. */
static void test_two_files(void)
{
    struct resource *first, *second;
    struct fixture fixture;
    WCHAR path[MAX_PATH];
    HANDLE gate;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    first = origin_add_resource(fixture.origin, "/first", 70000);
    second = origin_add_resource(fixture.origin, "/second", 30000);
    set_gate(second, gate, 10000);
    add_ranges("JOB-063", fixture.job, first, fixture.path, NULL, 0, 70000, S_OK);
    check_progress("JOB-063", fixture.job, 70000, 0, 1, 0);
    add_file("JOB-063", fixture.job, second, join_path(path, fixture.dir, L"second"));
    check_progress("JOB-063", fixture.job, BG_SIZE_UNKNOWN, 0, 2, 0);
    resume_job("JOB-063", fixture.job);
    wait_for_bytes("JOB-070", fixture.job, 80000);
    check_progress("JOB-070", fixture.job, 100000, 80000, 2, 1);
    SetEvent(gate);
    wait_for_state("JOB-069", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_progress("JOB-069", fixture.job, 100000, 100000, 2, 2);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-075: got hr %#lx.\n", hr);
    check_progress("JOB-075", fixture.job, 100000, 100000, 2, 2);
    check_content("JOB-063", fixture.path, first);
    check_content("JOB-063", path, second);
    CloseHandle(gate);
    fixture_close(&fixture);
}

static void check_file_completed(const char *id, IBackgroundCopyFile *file, BOOL completed)
{
    BG_FILE_PROGRESS progress;
    HRESULT hr;

    hr = IBackgroundCopyFile_GetProgress(file, &progress);
    ok(hr == S_OK, "%s: got hr %#lx.\n", id, hr);
    ok(progress.BytesTotal == 5000, "%s: got total %s.\n", id, debugstr_u64(progress.BytesTotal));
    ok(progress.BytesTransferred == 5000, "%s: got %s bytes.\n", id, debugstr_u64(progress.BytesTransferred));
    ok(progress.Completed == completed, "%s: got Completed %d.\n", id, progress.Completed);
}

static void test_file_progress(void)
{
    struct resource *resource;
    IBackgroundCopyFile *file;
    struct fixture fixture;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/progress", 5000);
    add_file("JOB-077", fixture.job, resource, fixture.path);
    file = get_file("JOB-077", fixture.job, 0);
    resume_job("JOB-077", fixture.job);
    wait_for_state("JOB-077", fixture.job, BG_JOB_STATE_TRANSFERRED);
    if (file)
    {
        check_file_completed("JOB-077", file, FALSE);
        IBackgroundCopyJob_Complete(fixture.job);
        check_file_completed("JOB-077", file, TRUE);
        IBackgroundCopyFile_Release(file);
    }
    fixture_close(&fixture);
}

/* A wrong declared size gives way to the real one. */
static void test_learned_size(void)
{
    static const UINT64 declared[] = { 1, 1000, 100000, 5 * GIB };
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/learned", 50000);
    for (i = 0; i < ARRAY_SIZE(declared); ++i)
    {
        winetest_push_context("declared %s", debugstr_u64(declared[i]));
        add_ranges("JOB-062", fixture.job, resource, fixture.path, NULL, 0, declared[i], S_OK);
        check_progress("JOB-062", fixture.job, declared[i], 0, 1, 0);
        resume_job("JOB-062", fixture.job);
        wait_for_state("JOB-062", fixture.job, BG_JOB_STATE_TRANSFERRED);
        check_progress("JOB-062", fixture.job, 50000, 50000, 1, 1);
        hr = IBackgroundCopyJob_Complete(fixture.job);
        ok(hr == S_OK, "JOB-062: got hr %#lx.\n", hr);
        check_content("JOB-062", fixture.path, resource);
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

/* A look at the progress, which must not be behind the one before. */
static void check_monotonic(const char *id, IBackgroundCopyJob *job, BG_JOB_PROGRESS *last)
{
    BG_JOB_PROGRESS progress;

    get_progress(job, &progress);
    if (progress.BytesTransferred < last->BytesTransferred)
        ok(0, "%s: BytesTransferred falls from %s to %s.\n", id, debugstr_u64(last->BytesTransferred),
                debugstr_u64(progress.BytesTransferred));
    if (progress.FilesTransferred < last->FilesTransferred)
        ok(0, "%s: FilesTransferred falls from %lu to %lu.\n", id, last->FilesTransferred, progress.FilesTransferred);
    if (progress.BytesTotal != SIZE_UNKNOWN && progress.BytesTransferred > progress.BytesTotal)
        ok(0, "%s: got %s of %s bytes.\n", id, debugstr_u64(progress.BytesTransferred),
                debugstr_u64(progress.BytesTotal));
    if (progress.FilesTransferred > progress.FilesTotal)
        ok(0, "%s: got %lu of %lu files.\n", id, progress.FilesTransferred, progress.FilesTotal);
    if (last->BytesTotal != SIZE_UNKNOWN && progress.BytesTotal != last->BytesTotal)
        ok(0, "%s: BytesTotal changes from %s to %s.\n", id, debugstr_u64(last->BytesTotal),
                debugstr_u64(progress.BytesTotal));
    *last = progress;
}

/* Each look lets the server send one more piece, so that the whole transfer is seen. */
static void test_ten_thousand_polls(void)
{
    const UINT polls = 10000, piece = 2048;
    BG_JOB_PROGRESS last = { 0 };
    struct resource *first, *second;
    UINT i, distinct = 0;
    struct fixture fixture;
    WCHAR path[MAX_PATH];
    HANDLE semaphore;
    UINT64 bytes;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    semaphore = CreateSemaphoreW(NULL, 0, polls * 2, NULL);
    first = origin_add_resource(fixture.origin, "/polls1", polls / 2 * piece);
    second = origin_add_resource(fixture.origin, "/polls2", polls / 2 * piece);
    first->gate_step = second->gate_step = piece;
    set_gate(first, semaphore, 0);
    set_gate(second, semaphore, 0);
    add_ranges("JOB-067", fixture.job, first, fixture.path, NULL, 0, first->size, S_OK);
    add_ranges("JOB-067", fixture.job, second, join_path(path, fixture.dir, L"second"), NULL, 0, second->size, S_OK);
    get_progress(fixture.job, &last);
    resume_job("JOB-067", fixture.job);
    for (i = 0; i < polls; ++i)
    {
        bytes = last.BytesTransferred;
        check_monotonic("JOB-067", fixture.job, &last);
        distinct += last.BytesTransferred != bytes;
        ReleaseSemaphore(semaphore, 1, NULL);
    }
    trace("JOB-067: %u different values in %u polls\n", distinct, polls);
    ok(distinct >= 5, "JOB-068: got %u different values in %u polls.\n", distinct, polls);
    ReleaseSemaphore(semaphore, polls, NULL);
    wait_for_state("JOB-067", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_monotonic("JOB-067", fixture.job, &last);
    check_progress("JOB-069", fixture.job, (UINT64)polls * piece, (UINT64)polls * piece, 2, 2);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-067: got hr %#lx.\n", hr);
    check_content("JOB-067", fixture.path, first);
    check_content("JOB-067", path, second);
    CloseHandle(semaphore);
    fixture_close(&fixture);
}

/* New bytes show within a second, or 1 MiB, whichever is first. */
static void test_slow_server(void)
{
    BG_JOB_PROGRESS last = { 0 };
    struct resource *resource;
    UINT64 bytes, distinct = 0;
    struct fixture fixture;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/slow", 30000);
    resource->tick_ms = 100;
    resource->tick_bytes = 1000;
    add_ranges("JOB-067", fixture.job, resource, fixture.path, NULL, 0, 30000, S_OK);
    get_progress(fixture.job, &last);
    resume_job("JOB-067", fixture.job);
    while (!is_resting(get_state(fixture.job)))
    {
        bytes = last.BytesTransferred;
        check_monotonic("JOB-067", fixture.job, &last);
        distinct += last.BytesTransferred != bytes;
        Sleep(20);
    }
    ok(distinct >= 3, "JOB-068: got %s different values.\n", debugstr_u64(distinct));
    check_state("JOB-067", fixture.job, BG_JOB_STATE_TRANSFERRED);
    fixture_close(&fixture);
}

/* Errors of both kinds leave what has arrived. */
static void test_kept_count(void)
{
    struct resource *resource;
    struct fixture fixture;
    HANDLE gate;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/kept", 200000);
    set_gate(resource, gate, 50000);
    resource->cut_after = 60000;
    resource->cut_count = 1;
    add_file("JOB-071", fixture.job, resource, fixture.path);
    resume_job("JOB-071", fixture.job);
    wait_for_bytes("JOB-071", fixture.job, 50000);
    set_status(resource, 503, ORIGIN_FOREVER);
    SetEvent(gate);
    wait_for_state("JOB-071", fixture.job, BG_JOB_STATE_TRANSIENT_ERROR);
    check_progress("JOB-071", fixture.job, 200000, 60000, 1, 0);

    set_status(resource, 404, ORIGIN_FOREVER);
    resume_job("JOB-071", fixture.job);
    wait_for_state("JOB-071", fixture.job, BG_JOB_STATE_ERROR);
    check_progress("JOB-071", fixture.job, 200000, 60000, 1, 0);

    set_status(resource, 0, 0);
    resume_job("JOB-071", fixture.job);
    wait_for_state("JOB-071", fixture.job, BG_JOB_STATE_TRANSFERRED);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-071: got hr %#lx.\n", hr);
    check_content("JOB-071", fixture.path, resource);
    CloseHandle(gate);
    fixture_close(&fixture);
}

/* The server has got something else under the name meanwhile. */
static void test_changed_resource(void)
{
    struct origin_request request;
    struct resource *resource;
    struct fixture fixture;
    HANDLE gate, gate2;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    /* The second server ignores If-Range: only the answer shows the change. */
    for (i = 0; i < 2; ++i)
    {
        winetest_push_context("server %u", i);
        gate = create_gate();
        gate2 = create_gate();
        resource = origin_add_resource(fixture.origin, i ? "/changed2" : "/changed", 200000);
        resource->flags = i ? RESOURCE_IGNORES_IF_RANGE : 0;
        set_gate(resource, gate, 100000);
        add_file("JOB-072", fixture.job, resource, fixture.path);
        resume_job("JOB-072", fixture.job);
        wait_for_bytes("JOB-072", fixture.job, 100000);
        hr = IBackgroundCopyJob_Suspend(fixture.job);
        ok(hr == S_OK, "JOB-072: got hr %#lx.\n", hr);

        set_gate(resource, gate2, 40000);
        origin_lock(fixture.origin);
        resource->size = 150000;
        resource->seed += 1000;
        resource->etag = "\"v2\"";
        resource->last_modified = "Thu, 22 Oct 2015 07:28:00 GMT";
        origin_unlock(fixture.origin);
        resume_job("JOB-072", fixture.job);
        wait_event("JOB-072", resource->at_gate);
        if (!i)
        {
            origin_get_requests(resource, &request);
            ok(request.status == 200, "JOB-072: got status %u.\n", request.status);
        }
        SetEvent(gate2);
        wait_for_state("JOB-072", fixture.job, BG_JOB_STATE_TRANSFERRED);
        check_progress("JOB-072", fixture.job, 150000, 150000, 1, 1);
        hr = IBackgroundCopyJob_Complete(fixture.job);
        ok(hr == S_OK, "JOB-072: got hr %#lx.\n", hr);
        check_content("JOB-072", fixture.path, resource);
        SetEvent(gate);
        fixture_new_job(&fixture);
        CloseHandle(gate);
        CloseHandle(gate2);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

/* The count of a changed file restarts: seen while the new content is held back. */
static void test_restarted_count(void)
{
    BG_JOB_PROGRESS progress;
    struct resource *resource;
    struct fixture fixture;
    HANDLE gate, gate2;
    DWORD end;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    gate2 = create_gate();
    resource = origin_add_resource(fixture.origin, "/restart", 200000);
    set_gate(resource, gate, 100000);
    add_file("JOB-072", fixture.job, resource, fixture.path);
    resume_job("JOB-072", fixture.job);
    wait_for_bytes("JOB-072", fixture.job, 100000);
    IBackgroundCopyJob_Suspend(fixture.job);
    set_gate(resource, gate2, 40000);
    origin_lock(fixture.origin);
    resource->etag = "\"v2\"";
    resource->last_modified = "Thu, 22 Oct 2015 07:28:00 GMT";
    resource->size = 300000;
    origin_unlock(fixture.origin);
    resume_job("JOB-072", fixture.job);
    for (end = GetTickCount() + LIMIT_MS; (LONG)(end - GetTickCount()) > 0;)
    {
        get_progress(fixture.job, &progress);
        if (progress.BytesTotal == 300000 && progress.BytesTransferred == 40000)
            break;
        Sleep(POLL_MS);
    }
    check_progress("JOB-072", fixture.job, 300000, 40000, 1, 0);
    SetEvent(gate);
    SetEvent(gate2);
    wait_for_state("JOB-072", fixture.job, BG_JOB_STATE_TRANSFERRED);
    CloseHandle(gate);
    CloseHandle(gate2);
    fixture_close(&fixture);
}

static void test_huge_length(void)
{
    static const UINT64 sizes[] =
    {
        ((UINT64)1 << 31) - 1, (UINT64)1 << 31, ((UINT64)1 << 32) - 1, (UINT64)1 << 32, 5 * GIB,
    };
    struct resource *resource;
    struct fixture fixture;
    char name[16];
    HANDLE gate;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    /* Never opened: the server would send gigabytes. It stops waiting when it is destroyed. */
    gate = create_gate();
    for (i = 0; i < ARRAY_SIZE(sizes); ++i)
    {
        winetest_push_context("size %s", debugstr_u64(sizes[i]));
        sprintf(name, "/huge%u", i);
        resource = origin_add_resource(fixture.origin, name, sizes[i]);
        set_gate(resource, gate, 100000);
        add_file("JOB-073", fixture.job, resource, fixture.path);
        resume_job("JOB-073", fixture.job);
        if (wait_for_bytes("JOB-073", fixture.job, 100000))
            check_progress("JOB-073", fixture.job, sizes[i], 100000, 1, 0);
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
    CloseHandle(gate);
}

static void test_empty_file(void)
{
    static const unsigned int flags[] = { 0, RESOURCE_IS_CHUNKED, RESOURCE_ENDS_BY_CLOSE };
    struct resource *resource;
    struct fixture fixture;
    char name[16];
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(flags); ++i)
    {
        winetest_push_context("flags %#x", flags[i]);
        sprintf(name, "/empty%u", i);
        resource = origin_add_resource(fixture.origin, name, 0);
        resource->flags = flags[i];
        add_file("JOB-074", fixture.job, resource, fixture.path);
        resume_job("JOB-074", fixture.job);
        wait_for_state("JOB-074", fixture.job, BG_JOB_STATE_TRANSFERRED);
        check_progress("JOB-074", fixture.job, 0, 0, 1, 1);
        hr = IBackgroundCopyJob_Complete(fixture.job);
        ok(hr == S_OK, "JOB-074: got hr %#lx.\n", hr);
        check_content("JOB-074", fixture.path, resource);
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

static void test_progress_after_cancel(void)
{
    struct resource *resource;
    struct fixture fixture;
    HANDLE gate;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/cancelled", 200000);
    set_gate(resource, gate, 50000);
    add_file("JOB-075", fixture.job, resource, fixture.path);
    resume_job("JOB-075", fixture.job);
    wait_for_bytes("JOB-075", fixture.job, 50000);
    hr = IBackgroundCopyJob_Cancel(fixture.job);
    ok(hr == S_OK, "JOB-075: got hr %#lx.\n", hr);
    check_progress("JOB-075", fixture.job, 200000, 50000, 1, 0);
    SetEvent(gate);
    check_progress("JOB-075", fixture.job, 200000, 50000, 1, 0);
    CloseHandle(gate);
    fixture_close(&fixture);
}

static void test_redirects(void)
{
    static const unsigned int statuses[] = { 301, 302, 303, 307, 308 };
    struct resource *resource, *target, *loop;
    char url[128], name[16];
    struct fixture fixture;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    target = origin_add_resource(fixture.origin, "/target", 3000);
    sprintf(url, "%ls", target->url);
    for (i = 0; i < ARRAY_SIZE(statuses) * 2; ++i)
    {
        winetest_push_context("status %u, %s", statuses[i / 2], i % 2 ? "relative" : "absolute");
        sprintf(name, "/redirect%u", i);
        resource = origin_add_resource(fixture.origin, name, 0);
        resource->location = i % 2 ? "/target" : url;
        resource->status = statuses[i / 2];
        add_file("JOB-118", fixture.job, resource, fixture.path);
        resume_job("JOB-118", fixture.job);
        wait_for_state("JOB-118", fixture.job, BG_JOB_STATE_TRANSFERRED);
        hr = IBackgroundCopyJob_Complete(fixture.job);
        ok(hr == S_OK, "JOB-118: got hr %#lx.\n", hr);
        check_content("JOB-118", fixture.path, target);
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    loop = origin_add_resource(fixture.origin, "/loop", 0);
    loop->location = "/loop";
    loop->status = 302;
    add_file("JOB-118", fixture.job, loop, fixture.path);
    resume_job("JOB-118", fixture.job);
    wait_for_state("JOB-118", fixture.job, BG_JOB_STATE_ERROR);
    check_error("JOB-118", fixture.job, 0x8019012e);
    ok(origin_get_requests(loop, NULL) <= 11, "JOB-118: got %u requests.\n", origin_get_requests(loop, NULL));
    fixture_close(&fixture);
}

START_TEST(transfer)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_resume_refused();
    test_states();
    test_resume_twice();
    test_suspend();
    test_resume_validators();
    test_suspend_at_rest();
    test_simultaneous();
    test_totals_before();
    test_two_files();
    test_file_progress();
    test_learned_size();
    test_ten_thousand_polls();
    test_slow_server();
    test_kept_count();
    test_changed_resource();
    test_restarted_count();
    test_huge_length();
    test_empty_file();
    test_progress_after_cancel();
    test_redirects();
    CoUninitialize();
}
