/*
 * The BITS front: transfers and their end
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

#include "bits_test.h"
#include "client.h"
#include "control.h"

static void add_bits_file(const char *id, struct fixture *fixture, const struct resource *resource, const WCHAR *path)
{
    check_hr(id, IBackgroundCopyJob_AddFile(fixture->job, resource->url, path), S_OK);
}

/* The pointer that a client has kept tells the truth after Complete: Chromium aborts otherwise. */
static void test_complete(struct fixture *fixture)
{
    static const unsigned int flags[] = { 0, RESOURCE_IS_CHUNKED };
    struct resource *resource;
    BG_FILE_PROGRESS progress;
    IBackgroundCopyFile *file;
    unsigned int i;
    char path[32];

    check_hr("BITS-039", IBackgroundCopyJob_Resume(fixture->job), BG_E_EMPTY);
    for (i = 0; i < ARRAY_SIZE(flags); ++i)
    {
        fixture_new_job(fixture);
        sprintf(path, "/complete%u", i);
        resource = origin_add_resource(fixture->origin, path, 123456);
        resource->flags = flags[i];
        add_bits_file("BITS-036", fixture, resource, fixture->path);
        if (!(file = get_file("BITS-036", fixture->job, 0)))
            continue;
        resume_job("BITS-036", fixture->job);
        wait_for_state("BITS-036", fixture->job, BG_JOB_STATE_TRANSFERRED);
        check_hr("BITS-036", IBackgroundCopyJob_Complete(fixture->job), S_OK);
        check_content("BITS-036", fixture->path, resource);
        memset(&progress, 0xcc, sizeof(progress));
        check_hr("BITS-036", IBackgroundCopyFile_GetProgress(file, &progress), S_OK);
        ok(progress.Completed == TRUE && progress.BytesTotal == 123456 && progress.BytesTransferred == 123456,
                "BITS-036: got %d, %s of %s bytes.\n", progress.Completed, debugstr_u64(progress.BytesTransferred),
                debugstr_u64(progress.BytesTotal));
        IBackgroundCopyFile_Release(file);
    }
}

static void check_left(const char *id, IBackgroundCopyJob *job, BG_JOB_STATE former)
{
    BG_JOB_STATE state;

    resume_job(id, job);
    state = get_state(job);
    ok(state != former, "%s: the state is still %s.\n", id, debugstr_state(state));
}

static void test_states(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/states", 100000);
    HANDLE head = create_gate(), gate = create_gate();

    fixture_new_job(fixture);
    set_head_gate(resource, head);
    set_gate(resource, gate, 50000);
    add_bits_file("BITS-037", fixture, resource, fixture->path);
    check_left("BITS-037", fixture->job, BG_JOB_STATE_SUSPENDED);
    wait_for_state("BITS-038", fixture->job, BG_JOB_STATE_CONNECTING);
    wait_for_requests("BITS-038", resource, 1);
    check_state("BITS-038", fixture->job, BG_JOB_STATE_CONNECTING);
    SetEvent(head);
    wait_for_state("BITS-038", fixture->job, BG_JOB_STATE_TRANSFERRING);
    wait_for_bytes("BITS-038", fixture->job, 50000);
    check_state("BITS-038", fixture->job, BG_JOB_STATE_TRANSFERRING);
    check_hr("BITS-038", IBackgroundCopyJob_Suspend(fixture->job), S_OK);
    check_left("BITS-037", fixture->job, BG_JOB_STATE_SUSPENDED);
    SetEvent(gate);
    wait_for_state("BITS-037", fixture->job, BG_JOB_STATE_TRANSFERRED);

    /* From both kinds of errors. */
    fixture_new_job(fixture);
    ResetEvent(head);
    set_head_gate(resource, NULL);
    set_status(resource, 404, 1);
    add_bits_file("BITS-037", fixture, resource, fixture->path);
    resume_job("BITS-037", fixture->job);
    wait_for_state("BITS-037", fixture->job, BG_JOB_STATE_ERROR);
    set_head_gate(resource, head);
    set_status(resource, 503, 1);
    check_left("BITS-037", fixture->job, BG_JOB_STATE_ERROR);
    SetEvent(head);
    wait_for_state("BITS-037", fixture->job, BG_JOB_STATE_TRANSIENT_ERROR);
    ResetEvent(head);
    check_left("BITS-037", fixture->job, BG_JOB_STATE_TRANSIENT_ERROR);
    SetEvent(head);
    wait_for_state("BITS-037", fixture->job, BG_JOB_STATE_TRANSFERRED);
    CloseHandle(head);
    CloseHandle(gate);
}

static void test_early_complete(struct fixture *fixture)
{
    struct resource *first = origin_add_resource(fixture->origin, "/first", 10000);
    struct resource *second = origin_add_resource(fixture->origin, "/second", 10000);
    HANDLE gate = create_gate();
    WCHAR path[MAX_PATH];

    fixture_new_job(fixture);
    set_gate(second, gate, 5000);
    add_bits_file("BITS-041", fixture, first, fixture->path);
    add_bits_file("BITS-041", fixture, second, join_path(path, fixture->dir, L"second.bin"));
    resume_job("BITS-041", fixture->job);
    wait_for_bytes("BITS-041", fixture->job, 15000);
    check_hr("BITS-041", IBackgroundCopyJob_Complete(fixture->job), BG_S_PARTIAL_COMPLETE);
    check_content("BITS-041", fixture->path, first);
    ok(!file_exists(path), "BITS-041: the second file is there.\n");
    SetEvent(gate);
    CloseHandle(gate);

    /* All bytes are there, whatever the state says. */
    fixture_new_job(fixture);
    add_bits_file("BITS-040", fixture, first, fixture->path);
    resume_job("BITS-040", fixture->job);
    wait_for_bytes("BITS-040", fixture->job, 10000);
    check_hr("BITS-040", IBackgroundCopyJob_Complete(fixture->job), S_OK);
    check_content("BITS-040", fixture->path, first);
}

static void test_cancel(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/cancel", 100000);
    HANDLE gate = create_gate();

    fixture_new_job(fixture);
    set_gate(resource, gate, 50000);
    write_file(fixture->path, "mine");
    add_bits_file("BITS-042", fixture, resource, fixture->path);
    resume_job("BITS-042", fixture->job);
    wait_for_bytes("BITS-043", fixture->job, 50000);
    ok(find_temp(fixture->dir, NULL) == 1, "BITS-048: there is no temporary file.\n");
    check_hr("BITS-043", IBackgroundCopyJob_Cancel(fixture->job), S_OK);
    check_dir_count("BITS-042", fixture->dir, 1);
    ok(file_exists(fixture->path), "BITS-042: the file that was there is gone.\n");
    check_hr("BITS-027", IBackgroundCopyJob_Resume(fixture->job), BG_E_INVALID_STATE);
    check_hr("BITS-027", IBackgroundCopyJob_Suspend(fixture->job), BG_E_INVALID_STATE);
    check_hr("BITS-027", IBackgroundCopyJob_Complete(fixture->job), BG_E_INVALID_STATE);
    check_hr("BITS-027", IBackgroundCopyJob_Cancel(fixture->job), BG_E_INVALID_STATE);
    check_hr("BITS-027", IBackgroundCopyJob_SetPriority(fixture->job, BG_JOB_PRIORITY_LOW), BG_E_INVALID_STATE);
    check_hr("BITS-027", IBackgroundCopyJob_SetDisplayName(fixture->job, L"x"), BG_E_INVALID_STATE);
    check_hr("BITS-027", IBackgroundCopyJob_SetMinimumRetryDelay(fixture->job, 9), BG_E_INVALID_STATE);
    check_hr("BITS-027", IBackgroundCopyJob_AddFile(fixture->job, resource->url, fixture->path), BG_E_INVALID_STATE);
    check_hr("BITS-027", IBackgroundCopyJob_TakeOwnership(fixture->job), BG_E_INVALID_STATE);
    SetEvent(gate);
    CloseHandle(gate);
}

static void test_ranges(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/ranges", 10000);
    struct resource *plain = origin_add_resource(fixture->origin, "/plain", 10000);
    BG_FILE_RANGE ranges[] = { { 0, 1000 }, { 5000, 24 } }, overlap[] = { { 0, 1000 }, { 500, 24 } };
    BG_FILE_RANGE beyond[] = { { 20000, 10 } }, eof[] = { { BG_LENGTH_TO_EOF, 10 } };
    IBackgroundCopyJob3 *job;

    plain->flags = RESOURCE_IGNORES_RANGES;
    fixture_new_job(fixture);
    query("BITS-044", fixture->job, &IID_IBackgroundCopyJob3, &job);
    check_hr("BITS-045", IBackgroundCopyJob3_AddFileWithRanges(job, resource->url, fixture->path, 0, ranges),
            E_INVALIDARG);
    check_hr("BITS-045", IBackgroundCopyJob3_AddFileWithRanges(job, resource->url, fixture->path, 2, overlap),
            BG_E_OVERLAPPING_RANGES);
    check_hr("BITS-045", IBackgroundCopyJob3_AddFileWithRanges(job, resource->url, fixture->path, 1, eof),
            BG_E_INVALID_RANGE);
    check_hr("BITS-044", IBackgroundCopyJob3_AddFileWithRanges(job, resource->url, fixture->path, 2, ranges), S_OK);
    resume_job("BITS-044", fixture->job);
    wait_for_state("BITS-044", fixture->job, BG_JOB_STATE_TRANSFERRED);
    check_hr("BITS-044", IBackgroundCopyJob_Complete(fixture->job), S_OK);
    check_ranges_content("BITS-044", fixture->path, resource, ranges, 2);
    IBackgroundCopyJob3_Release(job);

    fixture_new_job(fixture);
    query("BITS-045", fixture->job, &IID_IBackgroundCopyJob3, &job);
    check_hr("BITS-045", IBackgroundCopyJob3_AddFileWithRanges(job, resource->url, fixture->path, 1, beyond), S_OK);
    resume_job("BITS-045", fixture->job);
    wait_for_state("BITS-045", fixture->job, BG_JOB_STATE_ERROR);
    check_error("BITS-045", fixture->job, BG_E_INVALID_RANGE);
    IBackgroundCopyJob3_Release(job);

    fixture_new_job(fixture);
    query("BITS-045", fixture->job, &IID_IBackgroundCopyJob3, &job);
    check_hr("BITS-045", IBackgroundCopyJob3_AddFileWithRanges(job, plain->url, fixture->path, 2, ranges), S_OK);
    resume_job("BITS-045", fixture->job);
    wait_for_state("BITS-045", fixture->job, BG_JOB_STATE_ERROR);
    check_error("BITS-045", fixture->job, BG_E_INSUFFICIENT_RANGE_SUPPORT);
    IBackgroundCopyJob3_Release(job);
}

static void test_modifications(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/modified", 200000);
    struct client *client = client_create();
    DWORD start;
    LONG count;

    fixture_new_job(fixture);
    resource->tick_ms = 100;
    resource->tick_bytes = 10000;
    client_register("BITS-057", client, fixture->job,
            BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR | BG_NOTIFY_JOB_MODIFICATION);
    add_bits_file("BITS-057", fixture, resource, fixture->path);
    start = GetTickCount();
    resume_job("BITS-057", fixture->job);
    client_wait("BITS-057", client, CALL_TRANSFERRED, 1);
    count = client_get_count(client, CALL_MODIFICATION);
    ok(count >= 2 && count <= 3 + (LONG)(GetTickCount() - start) / 500, "BITS-057: got %ld calls in %lu ms.\n", count,
            GetTickCount() - start);
    client_release(client);
}

/* The job goes on by itself when the next client activates the class. */
static void test_kill(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/killed", 100000);
    IBackgroundCopyManager *manager;
    HANDLE gate = create_gate();
    IBackgroundCopyJob *job;
    HRESULT hr;
    GUID id;

    fixture_new_job(fixture);
    set_gate(resource, gate, 50000);
    add_bits_file("BITS-046", fixture, resource, fixture->path);
    check_hr("BITS-046", IBackgroundCopyJob_GetId(fixture->job, &id), S_OK);
    resume_job("BITS-046", fixture->job);
    wait_for_bytes("BITS-046", fixture->job, 50000);
    if (!kill_service())
    {
        skip("BITS-046: this user may not end the service.\n");
        return;
    }
    SetEvent(gate);
    hr = create_manager(&manager);
    check_hr("BITS-046", hr, S_OK);
    if (SUCCEEDED(hr))
    {
        hr = IBackgroundCopyManager_GetJob(manager, &id, &job);
        check_hr("BITS-046", hr, S_OK);
        IBackgroundCopyJob_Release(fixture->job);
        IBackgroundCopyManager_Release(fixture->manager);
        fixture->manager = manager;
        fixture->job = job;
        wait_for_state("BITS-046", job, BG_JOB_STATE_TRANSFERRED);
        check_hr("BITS-046", IBackgroundCopyJob_Complete(job), S_OK);
        check_content("BITS-046", fixture->path, resource);
    }
    CloseHandle(gate);
}

START_TEST(transfer)
{
    struct fixture fixture;

    if (!begin_bits())
        return;
    if (fixture_open(&fixture))
    {
        test_complete(&fixture);
        test_states(&fixture);
        test_early_complete(&fixture);
        test_cancel(&fixture);
        test_ranges(&fixture);
        test_modifications(&fixture);
        test_kill(&fixture);
        fixture_close(&fixture);
    }
    end_bits();
}
