/*
 * Conformance tests: files that are asked for before their turn
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

/* Requests for the next small files of a job. documentation/spec/engine.md has the statements. */

#include "dosvc_test.h"
#include "control.h"

#define COUNT      6
#define EARLY      4 /* connections */
#define SMALL_SIZE 0x10000

/* A job whose first file waits for the gate behind its first byte. */
struct early
{
    struct fixture fixture;
    struct resource *files[COUNT];
    WCHAR paths[COUNT][MAX_PATH];
    unsigned int count;
    HANDLE gate;
};

static BOOL early_open(const char *id, struct early *early, unsigned int count, UINT64 size)
{
    WCHAR name[16];
    char path[16];
    unsigned int i;

    memset(early, 0, sizeof(*early));
    if (!fixture_open(&early->fixture))
        return FALSE;
    early->count = count;
    early->gate = create_gate();
    for (i = 0; i < count; ++i)
    {
        sprintf(path, "/%u", i);
        swprintf(name, ARRAY_SIZE(name), L"%u", i);
        early->files[i] = origin_add_resource(early->fixture.origin, path, i ? 1000 + i : size);
        add_file(id, early->fixture.job, early->files[i], join_path(early->paths[i], early->fixture.dir, name));
    }
    set_gate(early->files[0], early->gate, size - 1);
    return TRUE;
}

static void early_start(const char *id, struct early *early)
{
    HRESULT hr;

    hr = IBackgroundCopyJob_Resume(early->fixture.job);
    ok(hr == S_OK, "%s: Resume gives %#lx.\n", id, hr);
}

/* Until the second file is asked for, early. */
static void early_reach_second(const char *id, struct early *early)
{
    early_start(id, early);
    wait_for_requests(id, early->files[1], 1);
}

/* Only the first file counts. */
static void check_first(const char *id, struct early *early)
{
    BG_JOB_PROGRESS progress;

    check_state(id, early->fixture.job, BG_JOB_STATE_TRANSFERRING);
    get_progress(early->fixture.job, &progress);
    ok(!progress.FilesTransferred, "%s: %lu files are transferred.\n", id, progress.FilesTransferred);
    ok(progress.BytesTransferred < early->files[0]->size, "%s: %s bytes are transferred.\n", id,
            debugstr_u64(progress.BytesTransferred));
}

static void early_finish(const char *id, struct early *early)
{
    unsigned int i;
    HRESULT hr;

    SetEvent(early->gate);
    if (!wait_for_state(id, early->fixture.job, BG_JOB_STATE_TRANSFERRED))
        return;
    hr = IBackgroundCopyJob_Complete(early->fixture.job);
    ok(hr == S_OK, "%s: Complete gives %#lx.\n", id, hr);
    for (i = 0; i < early->count; ++i)
        check_content(id, early->paths[i], early->files[i]);
}

static void early_close(struct early *early)
{
    SetEvent(early->gate);
    fixture_close(&early->fixture);
    CloseHandle(early->gate);
}

static void check_requests(const char *id, struct resource *resource, unsigned int expected)
{
    unsigned int count = origin_get_requests(resource, NULL);

    ok(count == expected, "%s: %s was asked for %u times, not %u.\n", id, resource->path, count, expected);
}

static void test_early(void)
{
    struct early early;
    unsigned int i;

    if (!early_open("ENG-23", &early, COUNT, 1000))
        return;
    early_start("ENG-23", &early);
    for (i = 1; i < EARLY; ++i)
        wait_for_requests("ENG-23", early.files[i], 1);
    check_first("ENG-23", &early);
    for (i = EARLY; i < COUNT; ++i)
        check_requests("ENG-23", early.files[i], 0);
    early_finish("ENG-23", &early);
    for (i = 0; i < COUNT; ++i)
        check_requests("ENG-23", early.files[i], 1);
    early_close(&early);
}

static void test_large(void)
{
    struct early early;

    if (!early_open("ENG-18", &early, 2, SMALL_SIZE + 1))
        return;
    early_start("ENG-18", &early);
    wait_for_bytes("ENG-18", early.fixture.job, SMALL_SIZE);
    check_requests("ENG-18", early.files[1], 0);
    early_finish("ENG-18", &early);
    early_close(&early);
}

static void test_setting(void)
{
    struct early early;

    if (!limit_connections("ENG-18", 1))
        return;
    if (early_open("ENG-18", &early, 2, 1000))
    {
        early_start("ENG-18", &early);
        wait_for_bytes("ENG-18", early.fixture.job, 999);
        check_requests("ENG-18", early.files[1], 0);
        early_finish("ENG-18", &early);
        early_close(&early);
    }
    unlimit_connections();
}

/* A server that wants no further connection. */
static void test_refused(void)
{
    struct early early;

    if (!early_open("ENG-19", &early, 3, 1000))
        return;
    set_status(early.files[1], 503, 1);
    early_reach_second("ENG-19", &early);
    check_first("ENG-19", &early);
    early_finish("ENG-19", &early);
    check_requests("ENG-19", early.files[1], 2);
    check_error_count("ENG-19", early.fixture.job, 0);
    early_close(&early);
}

/* A server that looks at one connection at a time. */
static void test_unanswered(void)
{
    struct early early;
    HANDLE gate;

    if (!early_open("ENG-19", &early, 3, 1000))
        return;
    gate = create_gate();
    set_head_gate(early.files[1], gate);
    early_reach_second("ENG-19", &early);
    SetEvent(early.gate);
    wait_for_requests("ENG-19", early.files[1], 2);
    check_state("ENG-19", early.fixture.job, BG_JOB_STATE_TRANSFERRING);
    SetEvent(gate);
    early_finish("ENG-19", &early);
    check_error_count("ENG-19", early.fixture.job, 0);
    early_close(&early);
    CloseHandle(gate);
}

/* Files that are asked for over connections that are there, too. */
static void test_slow(void)
{
    struct early early;
    HANDLE gate;

    if (!early_open("ENG-22", &early, COUNT, 1000))
        return;
    gate = create_gate();
    set_head_gate(early.files[EARLY], gate);
    early_reach_second("ENG-22", &early);
    SetEvent(early.gate);
    wait_for_requests("ENG-22", early.files[EARLY], 1);
    wait_for_requests("ENG-22", early.files[EARLY + 1], 1);
    check_state("ENG-22", early.fixture.job, BG_JOB_STATE_TRANSFERRING);
    SetEvent(gate);
    early_finish("ENG-22", &early);
    check_requests("ENG-22", early.files[EARLY + 1], 1);
    early_close(&early);
    CloseHandle(gate);
}

static void test_missing(void)
{
    BG_JOB_PROGRESS progress;
    struct early early;

    if (!early_open("ENG-20", &early, 3, 1000))
        return;
    set_status(early.files[1], 404, ORIGIN_FOREVER);
    early_reach_second("ENG-20", &early);
    check_first("ENG-20", &early);
    SetEvent(early.gate);
    wait_for_state("ENG-20", early.fixture.job, BG_JOB_STATE_ERROR);
    check_error("ENG-20", early.fixture.job, BG_E_HTTP_ERROR_404);
    check_error_count("ENG-20", early.fixture.job, 1);
    check_requests("ENG-20", early.files[1], 1);
    get_progress(early.fixture.job, &progress);
    ok(progress.FilesTransferred == 1, "ENG-20: %lu files are transferred.\n", progress.FilesTransferred);
    early_close(&early);
}

static void test_suspend(void)
{
    struct early early;
    HRESULT hr;

    if (!early_open("ENG-21", &early, COUNT, 1000))
        return;
    early_reach_second("ENG-21", &early);
    hr = IBackgroundCopyJob_Suspend(early.fixture.job);
    ok(hr == S_OK, "ENG-21: Suspend gives %#lx.\n", hr);
    SetEvent(early.gate);
    check_state("ENG-21", early.fixture.job, BG_JOB_STATE_SUSPENDED);
    early_start("ENG-21", &early);
    early_finish("ENG-21", &early);
    early_close(&early);
}

static void test_cancel(void)
{
    struct early early;
    HRESULT hr;

    if (!early_open("ENG-21", &early, COUNT, 1000))
        return;
    early_reach_second("ENG-21", &early);
    hr = IBackgroundCopyJob_Cancel(early.fixture.job);
    ok(hr == S_OK, "ENG-21: Cancel gives %#lx.\n", hr);
    check_dir_count("ENG-21", early.fixture.dir, 0);
    early_close(&early);
}

START_TEST(prefetch)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_early();
    test_large();
    test_setting();
    test_refused();
    test_unanswered();
    test_slow();
    test_missing();
    test_suspend();
    test_cancel();
    CoUninitialize();
}
