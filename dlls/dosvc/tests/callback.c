/*
 * Tests for notifications
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
#include "client.h"

/* Most tests run in a thread of their own, once in each kind of apartment. */
static void (*current_test)(BOOL is_sta);
static const char *current_name;

static DWORD WINAPI apartment_thread(void *param)
{
    BOOL is_sta = PtrToUlong(param);
    HRESULT hr;

    hr = CoInitializeEx(NULL, is_sta ? COINIT_APARTMENTTHREADED : COINIT_MULTITHREADED);
    ok(hr == S_OK || hr == S_FALSE, "CoInitializeEx gives %#lx.\n", hr);
    winetest_push_context("%s %s", is_sta ? "STA" : "MTA", current_name);
    current_test(is_sta);
    winetest_pop_context();
    CoUninitialize();
    return 0;
}

#define run_in_apartments(test) run_in_apartments_(test, #test)
static void run_in_apartments_(void (*test)(BOOL is_sta), const char *name)
{
    HANDLE thread;
    DWORD i;

    current_test = test;
    current_name = name;
    for (i = 0; i < 2; ++i)
    {
        thread = CreateThread(NULL, 0, apartment_thread, ULongToPtr(i), 0, NULL);
        ok(!!thread, "CreateThread gives error %lu.\n", GetLastError());
        ok(WaitForSingleObject(thread, 4 * LIMIT_MS) == WAIT_OBJECT_0, "The thread does not end.\n");
        CloseHandle(thread);
    }
}

/* The reference of the service is dropped at its leisure. */
#define check_released(id, client) check_released_(__LINE__, id, client)
static void check_released_(int line, const char *id, struct client *client)
{
    DWORD end = GetTickCount() + LIMIT_MS;
    HANDLE never = create_gate();
    DWORD index;
    LONG ret;

    while ((ret = client->refcount) != 1 && (LONG)(end - GetTickCount()) > 0)
        CoWaitForMultipleHandles(0, POLL_MS, 1, &never, &index);
    ok_(__FILE__, line)(ret == 1, "%s: the client has %ld references.\n", id, ret);
    CloseHandle(never);
    client_release(client);
}

static void test_job_transferred(BOOL is_sta)
{
    static const struct expected_call expected[] = { { CALL_TRANSFERRED, EXPECT_MUST, BG_JOB_STATE_TRANSFERRED } };
    struct resource *resource;
    struct fixture fixture;
    struct client *client;
    GUID id;

    if (!fixture_open(&fixture))
        return;
    client = client_create();
    resource = origin_add_resource(fixture.origin, "/transferred", 5000);
    add_file("JOB-129", fixture.job, resource, fixture.path);
    client_register("JOB-129", client, fixture.job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR);
    resume_job("JOB-129", fixture.job);
    client_wait("JOB-129", client, CALL_TRANSFERRED, 1);
    check_state("JOB-129", fixture.job, BG_JOB_STATE_TRANSFERRED);
    IBackgroundCopyJob_GetId(fixture.job, &id);
    ok(IsEqualGUID(&client->calls[0].job, &id), "JOB-129: got another job.\n");
    ok((client->calls[0].thread == GetCurrentThreadId()) == is_sta, "JOB-129: called on thread %#lx.\n",
            client->calls[0].thread);
    IBackgroundCopyJob_Complete(fixture.job);
    client_check_sequence("JOB-129", client, expected, ARRAY_SIZE(expected));
    check_released("JOB-142", client);
    fixture_close(&fixture);
}

static void complete_in_callback(struct client *client, const struct call *call, IBackgroundCopyJob *job)
{
    BG_JOB_PROGRESS progress;
    HRESULT hr;

    if (call->kind != CALL_TRANSFERRED)
        return;
    hr = IBackgroundCopyJob_GetProgress(job, &progress);
    ok(hr == S_OK, "JOB-130: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_Complete(job);
    ok(hr == S_OK, "JOB-130: got hr %#lx.\n", hr);
    check_state("JOB-130", job, BG_JOB_STATE_ACKNOWLEDGED);
}

static void test_complete_in_callback(BOOL is_sta)
{
    struct resource *resource;
    struct fixture fixture;
    struct client *client;

    if (!fixture_open(&fixture))
        return;
    client = client_create();
    client->handler = complete_in_callback;
    resource = origin_add_resource(fixture.origin, "/complete", 5000);
    add_file("JOB-130", fixture.job, resource, fixture.path);
    client_register("JOB-130", client, fixture.job, BG_NOTIFY_JOB_TRANSFERRED);
    resume_job("JOB-130", fixture.job);
    client_wait("JOB-130", client, CALL_TRANSFERRED, 1);
    /* The call may not have come to its end. */
    wait_for_state("JOB-130", fixture.job, BG_JOB_STATE_ACKNOWLEDGED);
    check_content("JOB-130", fixture.path, resource);
    check_released("JOB-142", client);
    fixture_close(&fixture);
}

static void cancel_in_callback(struct client *client, const struct call *call, IBackgroundCopyJob *job)
{
    HRESULT hr;

    if (call->kind != CALL_ERROR)
        return;
    hr = IBackgroundCopyJob_Cancel(job);
    ok(hr == S_OK, "JOB-130: got hr %#lx.\n", hr);
}

static void test_cancel_in_callback(BOOL is_sta)
{
    struct resource *resource;
    struct fixture fixture;
    struct client *client;

    if (!fixture_open(&fixture))
        return;
    client = client_create();
    client->handler = cancel_in_callback;
    /* A failure does not bring it back: the job has left that state. */
    client->results[CALL_ERROR] = E_FAIL;
    resource = origin_add_resource(fixture.origin, "/missing", 5000);
    resource->status = 404;
    add_file("JOB-130", fixture.job, resource, fixture.path);
    client_register("JOB-130", client, fixture.job, BG_NOTIFY_JOB_ERROR);
    resume_job("JOB-130", fixture.job);
    client_wait("JOB-130", client, CALL_ERROR, 1);
    /* The call may not have come to its end. */
    wait_for_state("JOB-130", fixture.job, BG_JOB_STATE_CANCELLED);
    check_released("JOB-142", client);
    fixture_close(&fixture);
}

static void test_job_error(BOOL is_sta)
{
    static const struct expected_call expected[] = { { CALL_ERROR, EXPECT_MUST, BG_JOB_STATE_ERROR } };
    struct resource *resource;
    struct fixture fixture;
    struct client *client;

    if (!fixture_open(&fixture))
        return;
    client = client_create();
    resource = origin_add_resource(fixture.origin, "/error", 5000);
    resource->status = 503;
    add_file("JOB-131", fixture.job, resource, fixture.path);
    client_register("JOB-131", client, fixture.job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR);
    resume_job("JOB-131", fixture.job);
    wait_for_state("JOB-131", fixture.job, BG_JOB_STATE_TRANSIENT_ERROR);
    client_check_count("JOB-131", client, CALL_ERROR, 0);
    set_status(resource, 404, ORIGIN_FOREVER);
    client_wait("JOB-131", client, CALL_ERROR, 1);
    ok(client->calls[0].code == (HRESULT)0x80190194, "JOB-131: got code %#lx.\n", client->calls[0].code);
    client_check_sequence("JOB-131", client, expected, ARRAY_SIZE(expected));

    /* A job that errs again tells so again. */
    set_status(resource, 403, ORIGIN_FOREVER);
    resume_job("JOB-131", fixture.job);
    client_wait("JOB-131", client, CALL_ERROR, 2);
    ok(client->calls[1].code == (HRESULT)0x80190193, "JOB-131: got code %#lx.\n", client->calls[1].code);
    IBackgroundCopyJob_Cancel(fixture.job);
    check_released("JOB-142", client);
    fixture_close(&fixture);
}

static void test_repeated_error(void)
{
    struct resource *resource;
    struct fixture fixture;
    struct client *client;

    if (!fixture_open(&fixture))
        return;
    client = client_create();
    client->results[CALL_ERROR] = E_FAIL;
    resource = origin_add_resource(fixture.origin, "/error", 5000);
    resource->status = 404;
    add_file("JOB-132", fixture.job, resource, fixture.path);
    client_register("JOB-132", client, fixture.job, BG_NOTIFY_JOB_ERROR);
    resume_job("JOB-132", fixture.job);
    client_wait("JOB-132", client, CALL_ERROR, 1);
    client_set_result(client, CALL_ERROR, S_OK);
    client_wait("JOB-132", client, CALL_ERROR, 2);
    /* The interval of the first repetition. */
    Sleep(6000);
    client_check_count("JOB-132", client, CALL_ERROR, 2);
    IBackgroundCopyJob_Cancel(fixture.job);
    check_released("JOB-142", client);
    fixture_close(&fixture);
}

static void test_job_modification(BOOL is_sta)
{
    struct resource *resource;
    struct fixture fixture;
    struct client *client;
    unsigned int i;
    HANDLE gate;
    LONG count;

    if (!fixture_open(&fixture))
        return;
    client = client_create();
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/modification", 300000);
    set_gate(resource, gate, 100000);
    client_register("JOB-133", client, fixture.job, BG_NOTIFY_JOB_MODIFICATION);
    IBackgroundCopyJob_SetPriority(fixture.job, BG_JOB_PRIORITY_HIGH);
    client_wait("JOB-133", client, CALL_MODIFICATION, 1);
    count = client_get_count(client, CALL_MODIFICATION);
    add_file("JOB-133", fixture.job, resource, fixture.path);
    client_wait("JOB-133", client, CALL_MODIFICATION, count + 1);
    count = client_get_count(client, CALL_MODIFICATION);
    resume_job("JOB-133", fixture.job);
    client_wait("JOB-133", client, CALL_MODIFICATION, count + 1);
    wait_for_bytes("JOB-133", fixture.job, 100000);
    SetEvent(gate);
    wait_for_state("JOB-133", fixture.job, BG_JOB_STATE_TRANSFERRED);
    client_check_count("JOB-133", client, CALL_TRANSFERRED, 0);
    EnterCriticalSection(&client->cs);
    for (i = 0; i < client->call_count; ++i)
        ok(!client->calls[i].reserved, "JOB-133: dwReserved is %#lx.\n", client->calls[i].reserved);
    LeaveCriticalSection(&client->cs);
    IBackgroundCopyJob_Cancel(fixture.job);
    check_released("JOB-142", client);
    CloseHandle(gate);
    fixture_close(&fixture);
}

static void check_file_transferred(BOOL is_plain)
{
    static const struct expected_call expected[] =
    {
        { CALL_FILE, EXPECT_MUST, ANY_STATE },
        { CALL_FILE, EXPECT_MUST, ANY_STATE },
        { CALL_TRANSFERRED, EXPECT_MUST, BG_JOB_STATE_TRANSFERRED },
    };
    struct resource *resource;
    struct fixture fixture;
    WCHAR path[MAX_PATH];
    struct client *client;

    if (!fixture_open(&fixture))
        return;
    client = client_create();
    client->is_plain = is_plain;
    resource = origin_add_resource(fixture.origin, "/file", 5000);
    add_file("JOB-134", fixture.job, resource, fixture.path);
    add_file("JOB-134", fixture.job, resource, join_path(path, fixture.dir, L"second"));
    client_register("JOB-134", client, fixture.job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_FILE_TRANSFERRED);
    resume_job("JOB-134", fixture.job);
    client_wait("JOB-134", client, CALL_TRANSFERRED, 1);
    if (is_plain)
        client_check_sequence("JOB-134", client, expected + 2, 1);
    else
        client_check_sequence("JOB-134", client, expected, 3);
    IBackgroundCopyJob_Complete(fixture.job);
    check_released("JOB-142", client);
    fixture_close(&fixture);
}

static void test_file_transferred(BOOL is_sta)
{
    check_file_transferred(FALSE);
    check_file_transferred(TRUE);
}

/* Runs a job to its end and waits for the call; what had to come before has come. */
static void run_other_job(const char *id, struct fixture *fixture, const struct resource *resource)
{
    struct client *client = client_create();
    IBackgroundCopyJob *job = create_job(fixture->manager);
    WCHAR path[MAX_PATH];

    add_file(id, job, resource, join_path(path, fixture->dir, L"other"));
    client_register(id, client, job, BG_NOTIFY_JOB_TRANSFERRED);
    resume_job(id, job);
    client_wait(id, client, CALL_TRANSFERRED, 1);
    IBackgroundCopyJob_Cancel(job);
    IBackgroundCopyJob_Release(job);
    check_released("JOB-142", client);
}

static void test_suppressed_calls(void)
{
    static const ULONG flags[] =
    {
        0, BG_NOTIFY_DISABLE, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR | BG_NOTIFY_DISABLE, 0x3f,
        BG_NOTIFY_JOB_ERROR, BG_NOTIFY_FILE_RANGES_TRANSFERRED,
    };
    struct resource *resource;
    struct fixture fixture;
    struct client *client;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/suppressed", 5000);
    for (i = 0; i < ARRAY_SIZE(flags); ++i)
    {
        winetest_push_context("flags %#lx", flags[i]);
        client = client_create();
        client_register("JOB-135", client, fixture.job, flags[i]);
        add_file("JOB-135", fixture.job, resource, fixture.path);
        resume_job("JOB-135", fixture.job);
        wait_for_state("JOB-135", fixture.job, BG_JOB_STATE_TRANSFERRED);
        run_other_job("JOB-135", &fixture, resource);
        client_check_sequence("JOB-135", client, NULL, 0);
        fixture_new_job(&fixture);
        check_released("JOB-142", client);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

static void test_late_registration(BOOL is_sta)
{
    struct client *client, *second;
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/late", 5000);
    add_file("JOB-136", fixture.job, resource, fixture.path);
    resume_job("JOB-136", fixture.job);
    wait_for_state("JOB-136", fixture.job, BG_JOB_STATE_TRANSFERRED);
    client = client_create();
    hr = IBackgroundCopyJob_SetNotifyInterface(fixture.job, (IUnknown *)&client->IBackgroundCopyCallback2_iface);
    ok(hr == S_OK, "JOB-136: got hr %#lx.\n", hr);
    client_wait("JOB-136", client, CALL_TRANSFERRED, 1);

    fixture_new_job(&fixture);
    check_released("JOB-142", client);
    set_status(resource, 404, ORIGIN_FOREVER);
    add_file("JOB-136", fixture.job, resource, fixture.path);
    client = client_create();
    client_register("JOB-136", client, fixture.job, 0);
    resume_job("JOB-136", fixture.job);
    wait_for_state("JOB-136", fixture.job, BG_JOB_STATE_ERROR);
    client_check_count("JOB-136", client, CALL_ERROR, 0);
    hr = IBackgroundCopyJob_SetNotifyFlags(fixture.job, BG_NOTIFY_JOB_ERROR);
    ok(hr == S_OK, "JOB-136: got hr %#lx.\n", hr);
    client_wait("JOB-136", client, CALL_ERROR, 1);
    second = client_create();
    hr = IBackgroundCopyJob_SetNotifyInterface(fixture.job, (IUnknown *)&second->IBackgroundCopyCallback2_iface);
    ok(hr == S_OK, "JOB-136: got hr %#lx.\n", hr);
    client_wait("JOB-136", second, CALL_ERROR, 1);
    check_released("JOB-142", client);
    IBackgroundCopyJob_Cancel(fixture.job);
    check_released("JOB-142", second);
    fixture_close(&fixture);
}

static void test_unregistration(BOOL is_sta)
{
    struct client *client, *second;
    struct resource *resource;
    struct fixture fixture;
    IUnknown *notify;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/unregistered", 5000);
    add_file("JOB-137", fixture.job, resource, fixture.path);
    client = client_create();
    client_register("JOB-137", client, fixture.job, 0x13);
    notify = NULL;
    hr = IBackgroundCopyJob_GetNotifyInterface(fixture.job, &notify);
    ok(hr == S_OK, "JOB-024: got hr %#lx.\n", hr);
    ok(notify == (IUnknown *)&client->IBackgroundCopyCallback2_iface, "JOB-024: got object %p.\n", notify);
    if (notify)
        IUnknown_Release(notify);
    hr = IBackgroundCopyJob_SetNotifyInterface(fixture.job, NULL);
    ok(hr == S_OK, "JOB-137: got hr %#lx.\n", hr);
    notify = (IUnknown *)0xdeadbeef;
    hr = IBackgroundCopyJob_GetNotifyInterface(fixture.job, &notify);
    ok(hr == S_OK, "JOB-024: got hr %#lx.\n", hr);
    ok(!notify, "JOB-024: got object %p.\n", notify);
    resume_job("JOB-137", fixture.job);
    wait_for_state("JOB-137", fixture.job, BG_JOB_STATE_TRANSFERRED);

    /* The second one is called for the same event; the first is not. */
    second = client_create();
    hr = IBackgroundCopyJob_SetNotifyInterface(fixture.job, (IUnknown *)&second->IBackgroundCopyCallback2_iface);
    ok(hr == S_OK, "JOB-137: got hr %#lx.\n", hr);
    client_wait("JOB-137", second, CALL_TRANSFERRED, 1);
    client_check_sequence("JOB-137", client, NULL, 0);
    check_released("JOB-142", client);
    IBackgroundCopyJob_Cancel(fixture.job);
    check_released("JOB-142", second);
    fixture_close(&fixture);
}

static void test_wrong_interface(BOOL is_sta)
{
    struct resource *resource;
    struct fixture fixture;
    struct client *client;
    IStream *stream;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    hr = CreateStreamOnHGlobal(NULL, TRUE, &stream);
    ok(hr == S_OK, "JOB-139: got hr %#lx.\n", hr);
    client = client_create();
    client_register("JOB-139", client, fixture.job, BG_NOTIFY_JOB_TRANSFERRED);
    hr = IBackgroundCopyJob_SetNotifyInterface(fixture.job, (IUnknown *)stream);
    ok(hr == E_NOINTERFACE, "JOB-139: got hr %#lx.\n", hr);
    resource = origin_add_resource(fixture.origin, "/wrong", 5000);
    add_file("JOB-139", fixture.job, resource, fixture.path);
    resume_job("JOB-139", fixture.job);
    client_wait("JOB-139", client, CALL_TRANSFERRED, 1);
    IBackgroundCopyJob_Cancel(fixture.job);
    check_released("JOB-142", client);
    IStream_Release(stream);
    fixture_close(&fixture);
}

static void test_blocked_callback(void)
{
    static const struct expected_call expected[] =
    {
        { CALL_FILE, EXPECT_MUST, ANY_STATE },
        { CALL_FILE, EXPECT_MUST, ANY_STATE },
        { CALL_TRANSFERRED, EXPECT_MUST, BG_JOB_STATE_TRANSFERRED },
    };
    struct resource *resource;
    struct fixture fixture;
    struct client *client;
    WCHAR path[MAX_PATH];

    if (!fixture_open(&fixture))
        return;
    client = client_create();
    client->gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/blocked", 5000);
    add_file("JOB-140", fixture.job, resource, fixture.path);
    add_file("JOB-140", fixture.job, resource, join_path(path, fixture.dir, L"second"));
    client_register("JOB-140", client, fixture.job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_FILE_TRANSFERRED);
    resume_job("JOB-140", fixture.job);
    client_wait("JOB-140", client, CALL_FILE, 1);
    /* The client stays in that call; its own job and others go on. */
    wait_for_state("JOB-140", fixture.job, BG_JOB_STATE_TRANSFERRED);
    client_check_count("JOB-140", client, CALL_FILE, 1);
    client_check_count("JOB-134", client, CALL_TRANSFERRED, 0);
    run_other_job("JOB-140", &fixture, resource);
    SetEvent(client->gate);
    client_wait("JOB-140", client, CALL_TRANSFERRED, 1);
    client_check_sequence("JOB-140", client, expected, ARRAY_SIZE(expected));
    IBackgroundCopyJob_Complete(fixture.job);
    CloseHandle(client->gate);
    client->gate = NULL;
    check_released("JOB-142", client);
    fixture_close(&fixture);
}

/* Clients that die */

static void die_in_callback(struct client *client, const struct call *call, IBackgroundCopyJob *job)
{
    TerminateProcess(GetCurrentProcess(), 0);
}

/* argv: callback die|leave URL path. The parent finds the job by its name, the URL. */
static void child_dying_client(char **argv)
{
    IBackgroundCopyManager *manager;
    WCHAR url[128], path[MAX_PATH];
    struct client *client;
    IBackgroundCopyJob *job;
    HRESULT hr;
    GUID id;

    MultiByteToWideChar(CP_ACP, 0, argv[3], -1, url, ARRAY_SIZE(url));
    MultiByteToWideChar(CP_ACP, 0, argv[4], -1, path, ARRAY_SIZE(path));
    hr = create_manager(&manager);
    ok(hr == S_OK, "JOB-138: got hr %#lx.\n", hr);
    hr = IBackgroundCopyManager_CreateJob(manager, url, BG_JOB_TYPE_DOWNLOAD, &id, &job);
    ok(hr == S_OK, "JOB-138: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_AddFile(job, url, path);
    ok(hr == S_OK, "JOB-138: got hr %#lx.\n", hr);
    client = client_create();
    client->handler = die_in_callback;
    client_register("JOB-138", client, job, BG_NOTIFY_JOB_TRANSFERRED);
    resume_job("JOB-138", job);
    if (!strcmp(argv[2], "die"))
        client_wait("JOB-138", client, CALL_TRANSFERRED, 1);
    TerminateProcess(GetCurrentProcess(), strcmp(argv[2], "die") ? 0 : 1);
}

static void check_dying_client(const char *mode)
{
    struct resource *resource;
    IBackgroundCopyJob *job;
    struct fixture fixture;
    struct client *client;
    char args[5000];
    HANDLE gate;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/dying", 5000);
    set_gate(resource, gate, !strcmp(mode, "die") ? 5000 : 2000);
    sprintf(args, "%s %ls \"%ls\"", mode, resource->url, fixture.path);
    run_child("callback", args);
    SetEvent(gate);
    job = find_job(fixture.manager, resource->url);
    ok(!!job, "JOB-138: the job has gone.\n");
    if (job)
    {
        wait_for_state("JOB-138", job, BG_JOB_STATE_TRANSFERRED);
        client = client_create();
        client_register("JOB-138", client, job, BG_NOTIFY_JOB_TRANSFERRED);
        client_wait("JOB-138", client, CALL_TRANSFERRED, 1);
        IBackgroundCopyJob_Complete(job);
        check_content("JOB-138", fixture.path, resource);
        check_released("JOB-142", client);
        discard_job(job);
    }
    run_other_job("JOB-138", &fixture, resource);
    CloseHandle(gate);
    fixture_close(&fixture);
}

static void test_dying_client(void)
{
    check_dying_client("die");
    check_dying_client("leave");
}

/* argv: callback hang URL path event. In a single-threaded apartment, without taking part in its message loop
 * between the signal for the parent and that of the parent. */
static void child_hanging_client(char **argv)
{
    HANDLE hanging, go_on;
    IBackgroundCopyManager *manager;
    WCHAR url[128], path[MAX_PATH];
    struct client *client;
    IBackgroundCopyJob *job;
    char name[64];
    HRESULT hr;
    GUID id;

    MultiByteToWideChar(CP_ACP, 0, argv[3], -1, url, ARRAY_SIZE(url));
    MultiByteToWideChar(CP_ACP, 0, argv[4], -1, path, ARRAY_SIZE(path));
    hanging = OpenEventA(EVENT_ALL_ACCESS, FALSE, argv[5]);
    sprintf(name, "%s-go", argv[5]);
    go_on = OpenEventA(EVENT_ALL_ACCESS, FALSE, name);
    ok(hanging && go_on, "HOST-16: there are no events.\n");
    hr = create_manager(&manager);
    ok(hr == S_OK, "HOST-16: got hr %#lx.\n", hr);
    hr = IBackgroundCopyManager_CreateJob(manager, url, BG_JOB_TYPE_DOWNLOAD, &id, &job);
    ok(hr == S_OK, "HOST-16: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_AddFile(job, url, path);
    ok(hr == S_OK, "HOST-16: got hr %#lx.\n", hr);
    client = client_create();
    client_register("HOST-16", client, job, BG_NOTIFY_JOB_TRANSFERRED);
    resume_job("HOST-16", job);
    SetEvent(hanging);
    ok(WaitForSingleObject(go_on, LIMIT_MS) == WAIT_OBJECT_0, "HOST-16: nothing happens.\n");
    client_wait("HOST-16", client, CALL_TRANSFERRED, 1);
    discard_job(job);
    IBackgroundCopyManager_Release(manager);
    check_released("JOB-142", client);
    CloseHandle(hanging);
    CloseHandle(go_on);
}

static void test_hanging_client(void)
{
    HANDLE process, hanging, go_on;
    struct resource *resource;
    IBackgroundCopyJob *job;
    struct fixture fixture;
    char args[5000], name[64];

    if (!fixture_open(&fixture))
        return;
    sprintf(name, "dosvc-test-%lu-go", GetCurrentProcessId());
    go_on = CreateEventA(NULL, TRUE, FALSE, name);
    sprintf(name, "dosvc-test-%lu", GetCurrentProcessId());
    hanging = CreateEventA(NULL, TRUE, FALSE, name);
    resource = origin_add_resource(fixture.origin, "/hanging", 5000);
    sprintf(args, "hang %ls \"%ls\" %s", resource->url, fixture.path, name);
    process = start_child("callback", args);
    if (wait_event("HOST-16", hanging))
    {
        job = find_job(fixture.manager, resource->url);
        ok(!!job, "HOST-16: the job has gone.\n");
        if (job)
        {
            wait_for_state("HOST-16", job, BG_JOB_STATE_TRANSFERRED);
            IBackgroundCopyJob_Release(job);
        }
        run_other_job("HOST-16", &fixture, resource);
        run_other_job("HOST-16", &fixture, resource);
    }
    SetEvent(go_on);
    wait_child_process(process);
    CloseHandle(process);
    CloseHandle(hanging);
    CloseHandle(go_on);
    fixture_close(&fixture);
}

START_TEST(callback)
{
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    if (!begin_tests(argc >= 6 ? COINIT_APARTMENTTHREADED : COINIT_MULTITHREADED))
        return;
    if (argc >= 6)
        child_hanging_client(argv);
    else if (argc >= 5)
        child_dying_client(argv);
    else
    {
        run_in_apartments(test_job_transferred);
        run_in_apartments(test_complete_in_callback);
        run_in_apartments(test_cancel_in_callback);
        run_in_apartments(test_job_error);
        test_repeated_error();
        run_in_apartments(test_job_modification);
        run_in_apartments(test_file_transferred);
        test_suppressed_calls();
        run_in_apartments(test_late_registration);
        run_in_apartments(test_unregistration);
        run_in_apartments(test_wrong_interface);
        test_blocked_callback();
        test_dying_client();
        test_hanging_client();
    }
    CoUninitialize();
}
