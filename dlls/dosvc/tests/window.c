/*
 * Conformance tests: small files of a job, several at a time
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

/* Small files of a job, several at a time. documentation/spec/engine.md has the statements. */

#include "dosvc_test.h"
#include "client.h"
#include "control.h"

#define COUNT      20
#define SMALL_SIZE 0x100000

/* A job whose first file waits for the gate behind its first bytes. */
struct several
{
    struct fixture fixture;
    struct resource *files[COUNT];
    WCHAR paths[COUNT][MAX_PATH];
    unsigned int count;
    HANDLE gate;
};

static void several_add(const char *id, struct several *several, UINT64 size, BOOL is_declared)
{
    unsigned int i = several->count++;
    WCHAR name[16];
    char path[16];

    sprintf(path, "/%u", i);
    swprintf(name, ARRAY_SIZE(name), L"%u", i);
    several->files[i] = origin_add_resource(several->fixture.origin, path, size);
    add_ranges(id, several->fixture.job, several->files[i], join_path(several->paths[i], several->fixture.dir, name),
            NULL, 0, is_declared ? size : SIZE_UNKNOWN, S_OK);
}

static BOOL several_open(const char *id, struct several *several, unsigned int count, UINT64 size)
{
    memset(several, 0, sizeof(*several));
    if (!fixture_open(&several->fixture))
        return FALSE;
    several->gate = create_gate();
    while (several->count < count)
        several_add(id, several, several->count ? 1000 + several->count : size, FALSE);
    set_gate(several->files[0], several->gate, size - 1);
    return TRUE;
}

static void several_start(const char *id, struct several *several)
{
    HRESULT hr;

    hr = IBackgroundCopyJob_Resume(several->fixture.job);
    ok(hr == S_OK, "%s: Resume gives %#lx.\n", id, hr);
}

/* Until the second file is asked for, while the first is on its way. */
static void several_reach_second(const char *id, struct several *several)
{
    several_start(id, several);
    wait_for_requests(id, several->files[1], 1);
}

static void check_files(const char *id, struct several *several, unsigned int expected)
{
    BG_JOB_PROGRESS progress;

    get_progress(several->fixture.job, &progress);
    ok(progress.FilesTransferred == expected, "%s: %lu files are transferred, not %u.\n", id,
            progress.FilesTransferred, expected);
}

/* Only the first file counts. */
static void check_first(const char *id, struct several *several)
{
    BG_JOB_PROGRESS progress;

    get_progress(several->fixture.job, &progress);
    ok(progress.BytesTransferred < several->files[0]->size, "%s: %s bytes are transferred.\n", id,
            debugstr_u64(progress.BytesTransferred));
    check_state(id, several->fixture.job, BG_JOB_STATE_TRANSFERRING);
    check_error_count(id, several->fixture.job, 0);
    check_files(id, several, 0);
}

static void several_finish(const char *id, struct several *several)
{
    unsigned int i;
    HRESULT hr;

    SetEvent(several->gate);
    if (!wait_for_state(id, several->fixture.job, BG_JOB_STATE_TRANSFERRED))
        return;
    check_files(id, several, several->count);
    hr = IBackgroundCopyJob_Complete(several->fixture.job);
    ok(hr == S_OK, "%s: Complete gives %#lx.\n", id, hr);
    for (i = 0; i < several->count; ++i)
        check_content(id, several->paths[i], several->files[i]);
}

static void several_close(struct several *several)
{
    SetEvent(several->gate);
    fixture_close(&several->fixture);
    CloseHandle(several->gate);
}

static void check_requests(const char *id, struct resource *resource, unsigned int expected)
{
    unsigned int count = origin_get_requests(resource, NULL);

    ok(count == expected, "%s: %s was asked for %u times, not %u.\n", id, resource->path, count, expected);
}

/* Wait for the progress of a file, which it has on its own. */
static void wait_for_file(const char *id, struct several *several, unsigned int index, UINT64 bytes)
{
    DWORD end = GetTickCount() + LIMIT_MS;
    BG_FILE_PROGRESS progress = { 0 };
    IBackgroundCopyFile *file;

    if (!(file = get_file(id, several->fixture.job, index)))
        return;
    for (;;)
    {
        IBackgroundCopyFile_GetProgress(file, &progress);
        if (progress.BytesTransferred >= bytes || (LONG)(end - GetTickCount()) <= 0)
            break;
        Sleep(POLL_MS);
    }
    ok(progress.BytesTransferred == bytes, "%s: got %s of %s bytes of file %u.\n", id,
            debugstr_u64(progress.BytesTransferred), debugstr_u64(bytes), index);
    IBackgroundCopyFile_Release(file);
}

/* Wait for all files from this one on. */
static void wait_for_files(const char *id, struct several *several, unsigned int first)
{
    for (; first < several->count; ++first)
        wait_for_file(id, several, first, several->files[first]->size);
}

/* A file of another job, so that what the service was about to do has been done. */
static void run_other_job(const char *id, struct several *several)
{
    IBackgroundCopyJob *job = create_job(several->fixture.manager);
    struct resource *resource = origin_add_resource(several->fixture.origin, "/other", 1000);
    WCHAR path[MAX_PATH];

    add_file(id, job, resource, join_path(path, several->fixture.dir, L"other"));
    IBackgroundCopyJob_Resume(job);
    wait_for_state(id, job, BG_JOB_STATE_TRANSFERRED);
    IBackgroundCopyJob_Cancel(job);
    IBackgroundCopyJob_Release(job);
}

static void test_several(void)
{
    struct several several;
    unsigned int i;

    if (!several_open("ENG-23", &several, COUNT, 1000))
        return;
    several_start("ENG-23", &several);
    wait_for_files("ENG-23", &several, 1);
    check_first("ENG-23", &several);
    several_finish("ENG-23", &several);
    for (i = 0; i < COUNT; ++i)
        check_requests("ENG-23", several.files[i], 1);
    several_close(&several);
}

static void test_callbacks(void)
{
    struct several several;
    struct client *client;
    unsigned int i;

    if (!several_open("ENG-23", &several, COUNT, 1000))
        return;
    client = client_create();
    client_register("ENG-23", client, several.fixture.job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_FILE_TRANSFERRED);
    several_start("ENG-23", &several);
    wait_for_files("ENG-23", &several, 1);
    client_check_count("ENG-23", client, CALL_FILE, 0);
    SetEvent(several.gate);
    client_wait("ENG-23", client, CALL_TRANSFERRED, 1);
    EnterCriticalSection(&client->cs);
    ok(client->call_count == COUNT + 1, "ENG-23: %u calls.\n", client->call_count);
    for (i = 0; i < COUNT && i < client->call_count; ++i)
        ok(client->calls[i].kind == CALL_FILE && client->calls[i].size == 1000 + i,
                "ENG-23: call %u is %s for a file of %s bytes.\n", i, debugstr_call(client->calls[i].kind),
                debugstr_u64(client->calls[i].size));
    LeaveCriticalSection(&client->cs);
    several_finish("ENG-23", &several);
    several_close(&several);
    client_release(client);
}

static void test_large(void)
{
    struct several several;

    if (!several_open("ENG-18", &several, 2, SMALL_SIZE + 1))
        return;
    several_start("ENG-18", &several);
    wait_for_bytes("ENG-18", several.fixture.job, SMALL_SIZE);
    run_other_job("ENG-18", &several);
    check_requests("ENG-18", several.files[1], 0);
    several_finish("ENG-18", &several);
    several_close(&several);
}

/* A large file behind small ones: nothing begins before little of it is left. */
static void test_large_among_small(void)
{
    struct several several;
    HANDLE gate;

    if (!several_open("ENG-18", &several, 2, 1000))
        return;
    gate = create_gate();
    several_add("ENG-18", &several, 4 * SMALL_SIZE, TRUE);
    several_add("ENG-18", &several, 1000, FALSE);
    set_gate(several.files[2], gate, 2 * SMALL_SIZE);
    several_start("ENG-18", &several);
    wait_for_file("ENG-18", &several, 1, 1001);
    run_other_job("ENG-18", &several);
    check_requests("ENG-18", several.files[2], 0);
    SetEvent(several.gate);
    wait_for_bytes("ENG-18", several.fixture.job, 1000 + 1001 + 2 * SMALL_SIZE);
    run_other_job("ENG-18", &several);
    check_requests("ENG-18", several.files[3], 0);
    check_files("ENG-18", &several, 2);
    set_gate(several.files[2], gate, 4 * SMALL_SIZE - 1);
    SetEvent(gate);
    several_finish("ENG-18", &several);
    several_close(&several);
    CloseHandle(gate);
}

static void test_setting(void)
{
    struct several several;

    if (!limit_connections("ENG-18", 1))
        return;
    if (several_open("ENG-18", &several, 2, 1000))
    {
        several_start("ENG-18", &several);
        wait_for_bytes("ENG-18", several.fixture.job, 999);
        run_other_job("ENG-18", &several);
        check_requests("ENG-18", several.files[1], 0);
        several_finish("ENG-18", &several);
        several_close(&several);
    }
    unlimit_connections();
}

/* A server that wants no further connection. */
static void test_refused(unsigned int status)
{
    struct several several;

    if (!several_open("ENG-19", &several, 4, 1000))
        return;
    set_status(several.files[1], status, 1);
    several.files[1]->retry_after = 1000;
    several_reach_second("ENG-19", &several);
    run_other_job("ENG-19", &several);
    check_first("ENG-19", &several);
    check_requests("ENG-25", several.files[1], 1);
    check_requests("ENG-25", several.files[2], 0);
    several_finish("ENG-19", &several);
    check_requests("ENG-19", several.files[1], 2);
    check_error_count("ENG-19", several.fixture.job, 0);
    several_close(&several);
}

/* A client that wants no other attempt. */
static void test_impatient(void)
{
    struct several several;

    if (!several_open("ENG-19", &several, 3, 1000))
        return;
    IBackgroundCopyJob_SetNoProgressTimeout(several.fixture.job, 0);
    set_status(several.files[1], 503, 1);
    several_reach_second("ENG-19", &several);
    run_other_job("ENG-19", &several);
    check_first("ENG-19", &several);
    several_finish("ENG-19", &several);
    check_requests("ENG-19", several.files[1], 2);
    several_close(&several);
}

/* A server that goes on to refuse. */
static void test_failing(void)
{
    struct several several;

    if (!several_open("ENG-19", &several, 3, 1000))
        return;
    set_status(several.files[1], 503, ORIGIN_FOREVER);
    several_reach_second("ENG-19", &several);
    run_other_job("ENG-19", &several);
    check_first("ENG-19", &several);
    SetEvent(several.gate);
    wait_for_state("ENG-19", several.fixture.job, BG_JOB_STATE_TRANSIENT_ERROR);
    check_error("ENG-19", several.fixture.job, 0x801901f7);
    check_error_count("ENG-19", several.fixture.job, 1);
    check_files("ENG-19", &several, 1);
    set_status(several.files[1], 0, 0);
    several_start("ENG-19", &several);
    several_finish("ENG-19", &several);
    several_close(&several);
}

static void test_slow(void)
{
    struct several several;
    HANDLE gate;

    if (!several_open("ENG-22", &several, COUNT, 1000))
        return;
    gate = create_gate();
    set_head_gate(several.files[1], gate);
    several_reach_second("ENG-22", &several);
    SetEvent(several.gate);
    wait_for_files("ENG-22", &several, 2);
    check_state("ENG-22", several.fixture.job, BG_JOB_STATE_TRANSFERRING);
    check_files("ENG-22", &several, 1);
    SetEvent(gate);
    several_finish("ENG-22", &several);
    check_requests("ENG-22", several.files[1], 1);
    several_close(&several);
    CloseHandle(gate);
}

static void test_missing(void)
{
    struct several several;

    if (!several_open("ENG-20", &several, 3, 1000))
        return;
    set_status(several.files[1], 404, ORIGIN_FOREVER);
    several_reach_second("ENG-20", &several);
    run_other_job("ENG-20", &several);
    check_first("ENG-20", &several);
    SetEvent(several.gate);
    wait_for_state("ENG-20", several.fixture.job, BG_JOB_STATE_ERROR);
    check_error("ENG-20", several.fixture.job, BG_E_HTTP_ERROR_404);
    check_error_count("ENG-20", several.fixture.job, 1);
    check_requests("ENG-20", several.files[1], 1);
    check_requests("ENG-20", several.files[2], 0);
    check_files("ENG-20", &several, 1);
    set_status(several.files[1], 0, 0);
    several_start("ENG-20", &several);
    several_finish("ENG-20", &several);
    several_close(&several);
}

/* A file that is half there when another one fails for good. */
static void test_stopped(void)
{
    struct origin_request request;
    struct several several;
    HANDLE gate;

    if (!several_open("ENG-20", &several, 3, 1000))
        return;
    gate = create_gate();
    set_gate(several.files[2], several.gate, 500);
    set_gate(several.files[0], NULL, 0);
    set_status(several.files[1], 404, ORIGIN_FOREVER);
    set_head_gate(several.files[1], gate);
    several_start("ENG-20", &several);
    wait_for_file("ENG-20", &several, 2, 500);
    SetEvent(gate);
    wait_for_state("ENG-20", several.fixture.job, BG_JOB_STATE_ERROR);
    check_error("ENG-20", several.fixture.job, BG_E_HTTP_ERROR_404);
    wait_for_file("ENG-20", &several, 2, 500);
    set_status(several.files[1], 0, 0);
    several_start("ENG-20", &several);
    several_finish("ENG-20", &several);
    origin_get_requests(several.files[2], &request);
    ok(!strcmp(request.range, "bytes=500-1001"), "ENG-20: asked for range %s.\n", debugstr_a(request.range));
    several_close(&several);
    CloseHandle(gate);
}

static void test_suspend(void)
{
    struct several several;
    HRESULT hr;

    if (!several_open("ENG-21", &several, COUNT, 1000))
        return;
    several_reach_second("ENG-21", &several);
    hr = IBackgroundCopyJob_Suspend(several.fixture.job);
    ok(hr == S_OK, "ENG-21: Suspend gives %#lx.\n", hr);
    SetEvent(several.gate);
    check_state("ENG-21", several.fixture.job, BG_JOB_STATE_SUSPENDED);
    several_start("ENG-21", &several);
    several_finish("ENG-21", &several);
    several_close(&several);
}

static void test_complete(void)
{
    struct several several;
    HRESULT hr;

    if (!several_open("ENG-23", &several, 3, 1000))
        return;
    several_start("ENG-23", &several);
    wait_for_files("ENG-23", &several, 1);
    hr = IBackgroundCopyJob_Complete(several.fixture.job);
    ok(hr == BG_S_PARTIAL_COMPLETE, "ENG-23: Complete gives %#lx.\n", hr);
    check_dir_count("ENG-23", several.fixture.dir, 0);
    several_close(&several);
}

static void test_cancel(void)
{
    struct several several;
    HRESULT hr;

    if (!several_open("ENG-21", &several, COUNT, 1000))
        return;
    several_reach_second("ENG-21", &several);
    hr = IBackgroundCopyJob_Cancel(several.fixture.job);
    ok(hr == S_OK, "ENG-21: Cancel gives %#lx.\n", hr);
    check_dir_count("ENG-21", several.fixture.dir, 0);
    several_close(&several);
}

START_TEST(window)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_several();
    test_callbacks();
    test_large();
    test_large_among_small();
    test_setting();
    test_refused(503);
    test_refused(429);
    test_impatient();
    test_failing();
    test_slow();
    test_missing();
    test_stopped();
    test_suspend();
    test_cancel();
    test_complete();
    CoUninitialize();
}
