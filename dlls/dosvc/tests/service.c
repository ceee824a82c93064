/*
 * Tests for the life of the service and for its neighbour BITS
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
#include "control.h"

#define PSAPI_VERSION 2 /* of kernel32 */
#include <psapi.h>

/* JOB-005: this file is built for both widths; the service has one. */
static void test_activation(void)
{
    static const DWORD contexts[] =
    {
        CLSCTX_LOCAL_SERVER, CLSCTX_SERVER, CLSCTX_ALL, CLSCTX_LOCAL_SERVER | CLSCTX_ENABLE_CLOAKING,
        CLSCTX_LOCAL_SERVER | CLSCTX_ACTIVATE_32_BIT_SERVER, CLSCTX_LOCAL_SERVER | CLSCTX_ACTIVATE_64_BIT_SERVER,
    };
    IBackgroundCopyManager *manager;
    DWORD start, time;
    MULTI_QI multi[2];
    HRESULT hr;
    UINT i;

    if (!stop_service())
        skip("HOST-01: no right to stop the service.\n");
    start = GetTickCount();
    hr = create_manager(&manager);
    time = GetTickCount() - start;
    ok(hr == S_OK, "HOST-01: got hr %#lx.\n", hr);
    /* How long it may take is for bench/run to tell, on a machine that does nothing else. */
    trace("HOST-01: the first activation took %lu ms.\n", time);
    if (SUCCEEDED(hr))
        IBackgroundCopyManager_Release(manager);
    for (i = 0; i < 10; ++i)
    {
        start = GetTickCount();
        hr = create_manager(&manager);
        if ((time = GetTickCount() - start) >= 100)
            trace("HOST-01: activation %u took %lu ms.\n", i + 2, time);
        ok(hr == S_OK, "HOST-01: got hr %#lx.\n", hr);
        if (SUCCEEDED(hr))
            IBackgroundCopyManager_Release(manager);
    }

    for (i = 0; i < ARRAY_SIZE(contexts); ++i)
    {
        hr = CoCreateInstance(&CLSID_DeliveryOptimization, NULL, contexts[i], &IID_IBackgroundCopyManager,
                (void **)&manager);
        ok(hr == S_OK, "HOST-01: context %#lx gives %#lx.\n", contexts[i], hr);
        if (SUCCEEDED(hr))
            IBackgroundCopyManager_Release(manager);
    }
    memset(multi, 0, sizeof(multi));
    multi[0].pIID = &IID_IBackgroundCopyManager;
    multi[1].pIID = &IID_IUnknown;
    hr = CoCreateInstanceEx(&CLSID_DeliveryOptimization, NULL, CLSCTX_LOCAL_SERVER, NULL, 2, multi);
    ok(hr == S_OK, "HOST-01: got hr %#lx.\n", hr);
    for (i = 0; i < 2; ++i)
    {
        ok(multi[i].hr == S_OK, "HOST-01: got hr %#lx.\n", multi[i].hr);
        if (multi[i].pItf)
            IUnknown_Release(multi[i].pItf);
    }
}

static void test_immediate_use(void)
{
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;

    if (!stop_service())
        skip("JOB-006: no right to stop the service.\n");
    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/immediate", 5000);
    add_file("JOB-006", fixture.job, resource, fixture.path);
    resume_job("JOB-006", fixture.job);
    wait_for_state("JOB-006", fixture.job, BG_JOB_STATE_TRANSFERRED);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-006: got hr %#lx.\n", hr);
    check_content("JOB-006", fixture.path, resource);
    fixture_close(&fixture);
}

static void child_activate(void)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    HRESULT hr;

    hr = create_manager(&manager);
    ok(hr == S_OK, "HOST-03: got hr %#lx.\n", hr);
    if (FAILED(hr))
        return;
    if ((job = create_job(manager)))
        discard_job(job);
    IBackgroundCopyManager_Release(manager);
}

static void test_eight_clients(void)
{
    HANDLE processes[8];
    UINT i;

    if (!stop_service())
        skip("HOST-03: no right to stop the service.\n");
    for (i = 0; i < ARRAY_SIZE(processes); ++i)
        processes[i] = start_child("service", "activate");
    for (i = 0; i < ARRAY_SIZE(processes); ++i)
    {
        wait_child_process(processes[i]);
        CloseHandle(processes[i]);
    }
}

static void test_stop(void)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job, *job2;
    BG_JOB_STATE state;
    DWORD start, time;
    HRESULT hr;
    GUID id;
    UINT i;

    hr = create_manager(&manager);
    ok(hr == S_OK, "HOST-04: got hr %#lx.\n", hr);
    if (FAILED(hr) || !(job = create_job(manager)))
        return;
    /* Not left behind for the next service. */
    IBackgroundCopyJob_Cancel(job);
    if (!stop_service())
    {
        skip("HOST-04: no right to stop the service.\n");
        IBackgroundCopyJob_Release(job);
        IBackgroundCopyManager_Release(manager);
        return;
    }
    start = GetTickCount();
    for (i = 0; i < 3; ++i)
    {
        hr = IBackgroundCopyJob_GetState(job, &state);
        ok(is_rpc_error(hr), "HOST-04: got hr %#lx.\n", hr);
        hr = IBackgroundCopyManager_CreateJob(manager, L"name", BG_JOB_TYPE_DOWNLOAD, &id, &job2);
        ok(is_rpc_error(hr), "HOST-04: got hr %#lx.\n", hr);
    }
    IBackgroundCopyJob_Release(job);
    IBackgroundCopyManager_Release(manager);
    time = GetTickCount() - start;
    ok(time < 1000, "HOST-04: the calls took %lu ms.\n", time);

    hr = create_manager(&manager);
    ok(hr == S_OK, "HOST-04: got hr %#lx.\n", hr);
    if (FAILED(hr))
        return;
    if ((job = create_job(manager)))
        discard_job(job);
    IBackgroundCopyManager_Release(manager);
}

/* A stop while a job transfers ends in time and leaves nothing that hangs. */
static void test_stop_in_transfer(void)
{
    struct resource *resource;
    struct fixture fixture;
    SC_HANDLE service;
    HANDLE gate;
    DWORD time;
    HRESULT hr;
    GUID id;

    if (!(service = open_service(SERVICE_STOP)))
    {
        skip("HOST-04: no right to stop the service.\n");
        return;
    }
    CloseServiceHandle(service);
    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/stopped", 100000);
    set_gate(resource, gate, 50000);
    add_file("HOST-04", fixture.job, resource, fixture.path);
    resume_job("HOST-04", fixture.job);
    wait_for_bytes("HOST-04", fixture.job, 50000);
    IBackgroundCopyJob_GetId(fixture.job, &id);
    time = GetTickCount();
    stop_service();
    time = GetTickCount() - time;
    ok(time < 5000, "SVC-005: it took %lu ms.\n", time);
    IBackgroundCopyJob_Release(fixture.job);
    IBackgroundCopyManager_Release(fixture.manager);

    hr = create_manager(&fixture.manager);
    ok(hr == S_OK, "HOST-04: got hr %#lx.\n", hr);
    SetEvent(gate);
    hr = IBackgroundCopyManager_GetJob(fixture.manager, &id, &fixture.job);
    ok(hr == S_OK, "SVC-005: got hr %#lx.\n", hr);
    if (FAILED(hr))
        fixture.job = create_job(fixture.manager);
    fixture_close(&fixture);
    CloseHandle(gate);
}

static void test_kill(void)
{
    IBackgroundCopyManager *manager;
    unsigned int i;
    IBackgroundCopyJob *job;
    HRESULT hr;

    hr = create_manager(&manager);
    ok(hr == S_OK, "HOST-05: got hr %#lx.\n", hr);
    if (!kill_service())
    {
        skip("HOST-05: no right to end the service.\n");
        IBackgroundCopyManager_Release(manager);
        return;
    }
    IBackgroundCopyManager_Release(manager);

    for (i = 0; i < 5; ++i)
    {
        hr = create_manager(&manager);
        ok(hr == S_OK, "HOST-05: got hr %#lx.\n", hr);
        if (FAILED(hr))
            continue;
        if ((job = create_job(manager)))
            discard_job(job);
        IBackgroundCopyManager_Release(manager);
    }
}

/* Clients that die while others work */

/* Dies with many objects in its hands; none of the jobs stays in the queue. */
static void child_hoard(void)
{
    IEnumBackgroundCopyFiles *files;
    IBackgroundCopyManager *manager;
    IBackgroundCopyFile *file;
    IBackgroundCopyJob *job;
    HRESULT hr;
    UINT i;

    hr = create_manager(&manager);
    ok(hr == S_OK, "HOST-15: got hr %#lx.\n", hr);
    for (i = 0; i < 20 && SUCCEEDED(hr); ++i)
    {
        if (!(job = create_job(manager)))
            break;
        hr = IBackgroundCopyJob_AddFile(job, L"http://127.0.0.1/", L"c:\\dosvc-test");
        ok(hr == S_OK, "HOST-15: got hr %#lx.\n", hr);
        hr = IBackgroundCopyJob_EnumFiles(job, &files);
        ok(hr == S_OK, "HOST-15: got hr %#lx.\n", hr);
        hr = IEnumBackgroundCopyFiles_Next(files, 1, &file, NULL);
        ok(hr == S_OK, "HOST-15: got hr %#lx.\n", hr);
        hr = IBackgroundCopyJob_Cancel(job);
        ok(hr == S_OK, "HOST-15: got hr %#lx.\n", hr);
    }
    TerminateProcess(GetCurrentProcess(), FAILED(hr));
}

static LONG stop_working;

static void work_once(IBackgroundCopyManager *manager)
{
    IEnumBackgroundCopyFiles *files;
    IBackgroundCopyFile *file;
    IBackgroundCopyJob *job;
    HRESULT hr;

    if (!(job = create_job(manager)))
        return;
    hr = IBackgroundCopyJob_AddFile(job, L"http://127.0.0.1/", L"c:\\dosvc-test");
    ok(hr == S_OK, "HOST-15: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_EnumFiles(job, &files);
    ok(hr == S_OK, "HOST-15: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
    {
        hr = IEnumBackgroundCopyFiles_Next(files, 1, &file, NULL);
        ok(hr == S_OK, "HOST-15: got hr %#lx.\n", hr);
        if (SUCCEEDED(hr))
            IBackgroundCopyFile_Release(file);
        IEnumBackgroundCopyFiles_Release(files);
    }
    discard_job(job);
}

static DWORD WINAPI work_thread(void *param)
{
    IBackgroundCopyManager *manager;
    HRESULT hr;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    hr = create_manager(&manager);
    ok(hr == S_OK, "HOST-15: got hr %#lx.\n", hr);
    while (SUCCEEDED(hr) && !InterlockedCompareExchange(&stop_working, 0, 0))
        work_once(manager);
    if (SUCCEEDED(hr))
        IBackgroundCopyManager_Release(manager);
    CoUninitialize();
    return 0;
}

static void test_dying_hoarders(void)
{
    HANDLE workers[2], children[3];
    IBackgroundCopyManager *manager;
    BOOL has_ended = TRUE;
    UINT i, round;
    HRESULT hr;

    stop_working = FALSE;
    for (i = 0; i < ARRAY_SIZE(workers); ++i)
        workers[i] = CreateThread(NULL, 0, work_thread, NULL, 0, NULL);
    for (round = 0; round < 3; ++round)
    {
        for (i = 0; i < ARRAY_SIZE(children); ++i)
            children[i] = start_child("service", "hoard");
        for (i = 0; i < ARRAY_SIZE(children); ++i)
        {
            wait_child_process(children[i]);
            CloseHandle(children[i]);
        }
    }
    InterlockedExchange(&stop_working, TRUE);
    for (i = 0; i < ARRAY_SIZE(workers); ++i)
    {
        has_ended &= WaitForSingleObject(workers[i], LIMIT_MS) == WAIT_OBJECT_0;
        ok(has_ended, "HOST-15: a call does not return.\n");
    }
    /* A service that hangs would hang this program as well. */
    if (!has_ended)
        kill_service();
    for (i = 0; i < ARRAY_SIZE(workers); ++i)
    {
        WaitForSingleObject(workers[i], LIMIT_MS);
        CloseHandle(workers[i]);
    }
    hr = create_manager(&manager);
    ok(hr == S_OK || !has_ended, "HOST-15: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
        IBackgroundCopyManager_Release(manager);
}

/* The neighbour */

static BOOL lists(const char *id, IBackgroundCopyManager *manager, const GUID *guid)
{
    IEnumBackgroundCopyJobs *jobs = NULL;
    IBackgroundCopyJob *job;
    BOOL found = FALSE;
    GUID other;
    HRESULT hr;

    hr = IBackgroundCopyManager_EnumJobs(manager, 0, &jobs);
    ok(hr == S_OK, "%s: got hr %#lx.\n", id, hr);
    if (FAILED(hr))
        return FALSE;
    while (IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL) == S_OK)
    {
        IBackgroundCopyJob_GetId(job, &other);
        found |= IsEqualGUID(&other, guid);
        IBackgroundCopyJob_Release(job);
    }
    IEnumBackgroundCopyJobs_Release(jobs);
    return found;
}

static void test_bits_job(IBackgroundCopyJob *job, const WCHAR *path, const struct resource *resource)
{
    struct client *client = client_create();
    IEnumBackgroundCopyFiles *files;
    IBackgroundCopyFile *file;
    WCHAR *text = NULL;
    HRESULT hr;

    hr = IBackgroundCopyJob_AddFile(job, resource->url, path);
    ok(hr == S_OK, "HOST-13: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_EnumFiles(job, &files);
    ok(hr == S_OK, "HOST-13: got hr %#lx.\n", hr);
    hr = IEnumBackgroundCopyFiles_Next(files, 1, &file, NULL);
    ok(hr == S_OK, "HOST-13: got hr %#lx.\n", hr);
    if (hr == S_OK)
    {
        hr = IBackgroundCopyFile_GetRemoteName(file, &text);
        ok(hr == S_OK, "HOST-13: got hr %#lx.\n", hr);
        ok(text && !wcscmp(text, resource->url), "HOST-13: got %s.\n", wine_dbgstr_w(text));
        CoTaskMemFree(text);
        IBackgroundCopyFile_Release(file);
    }
    IEnumBackgroundCopyFiles_Release(files);
    client_register("HOST-13", client, job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR);
    hr = IBackgroundCopyJob_SetPriority(job, BG_JOB_PRIORITY_FOREGROUND);
    ok(hr == S_OK, "HOST-13: got hr %#lx.\n", hr);
    resume_job("HOST-13", job);
    client_wait("HOST-13", client, CALL_TRANSFERRED, 1);
    hr = IBackgroundCopyJob_Complete(job);
    ok(hr == S_OK, "HOST-13: got hr %#lx.\n", hr);
    check_content("HOST-13", path, resource);
    client_release(client);
}

static void test_bits(void)
{
    IBackgroundCopyJob *bits_job = NULL, *job;
    IBackgroundCopyManager *bits = NULL;
    struct resource *resource;
    struct fixture fixture;
    GUID id, bits_id;
    HRESULT hr;

    hr = CoCreateInstance(&CLSID_BackgroundCopyManager, NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager,
            (void **)&bits);
    ok(hr == S_OK, "HOST-13: got hr %#lx.\n", hr);
    if (FAILED(hr))
        return;
    hr = IBackgroundCopyManager_CreateJob(bits, L"dosvc test of BITS", BG_JOB_TYPE_DOWNLOAD, &bits_id, &bits_job);
    ok(hr == S_OK, "HOST-13: got hr %#lx.\n", hr);
    if (FAILED(hr) || !fixture_open(&fixture))
    {
        IBackgroundCopyManager_Release(bits);
        return;
    }
    IBackgroundCopyJob_GetId(fixture.job, &id);
    ok(lists("JOB-018", fixture.manager, &id), "JOB-018: our job is not in our list.\n");
    ok(lists("JOB-018", bits, &bits_id), "JOB-018: the job of BITS is not in its list.\n");
    ok(!lists("JOB-018", fixture.manager, &bits_id), "JOB-018: a job of BITS is in our list.\n");
    ok(!lists("JOB-018", bits, &id), "JOB-018: our job is in the list of BITS.\n");
    hr = IBackgroundCopyManager_GetJob(fixture.manager, &bits_id, &job);
    ok(hr == DO_E_JOB_NOT_FOUND, "JOB-018: got hr %#lx.\n", hr);
    hr = IBackgroundCopyManager_GetJob(bits, &id, &job);
    ok(FAILED(hr), "JOB-018: got hr %#lx.\n", hr);

    resource = origin_add_resource(fixture.origin, "/bits", 50000);
    test_bits_job(bits_job, fixture.path, resource);
    discard_job(bits_job);
    IBackgroundCopyManager_Release(bits);
    fixture_close(&fixture);
}

/* Of the service process; 0 if it cannot be asked. */
static SIZE_T get_peak_memory(void)
{
    PROCESS_MEMORY_COUNTERS counters = { sizeof(counters) };
    SERVICE_STATUS_PROCESS status = { 0 };
    HANDLE process = NULL;
    SC_HANDLE service;

    if (!(service = open_service(0)))
        return 0;
    if (query_status(service, &status))
        process = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE, status.dwProcessId);
    if (process && !GetProcessMemoryInfo(process, &counters, sizeof(counters)))
        counters.PeakWorkingSetSize = 0;
    CloseHandle(process);
    CloseServiceHandle(service);
    return counters.PeakWorkingSetSize;
}

#define LONG_NEXT 0x800000 /* elements; their pointers take 32 or 64 MB */

/* The proxy clears the whole array, so it has to be there. */
static void check_long_next(IUnknown *unknown, const char *kind)
{
    IEnumUnknown *enumerator = (IEnumUnknown *)unknown; /* all have the same methods up to Clone */
    IUnknown **items;
    ULONG fetched = 0, i;
    SIZE_T before, grown;
    HRESULT hr;

    items = VirtualAlloc(NULL, LONG_NEXT * sizeof(*items), MEM_COMMIT, PAGE_READWRITE);
    ok(!!items, "BND-01: no memory.\n");
    before = get_peak_memory();
    hr = IEnumUnknown_Next(enumerator, LONG_NEXT, items, &fetched);
    grown = get_peak_memory() - before;
    ok(hr == S_FALSE && fetched >= 1 && fetched < LONG_NEXT, "BND-01: %s: hr %#lx, %lu elements.\n", kind, hr,
            fetched);
    ok(grown < (16 << 20), "BND-01: %s: the service takes %lu MB more.\n", kind, (ULONG)(grown >> 20));
    if (!before)
        skip("BND-01: the memory of the service cannot be read.\n");
    for (i = 0; i < fetched; i++)
        IUnknown_Release(items[i]);
    VirtualFree(items, 0, MEM_RELEASE);
    IUnknown_Release(unknown);
}

/* An enumeration costs the service what there is, not what is asked for. */
static void test_long_next(void)
{
    IBackgroundCopyManager *manager;
    IEnumBackgroundCopyFiles *files;
    IEnumBackgroundCopyJobs *jobs;
    IDOManager *do_manager = NULL;
    IEnumUnknown *downloads;
    IDODownload *download;
    IBackgroundCopyJob *job;
    WCHAR dir[MAX_PATH], path[MAX_PATH];
    HRESULT hr;

    if (FAILED(create_manager(&manager)))
        return;
    job = create_job(manager);
    GetTempPathW(ARRAY_SIZE(dir), dir);
    join_path(path, dir, L"next");
    hr = IBackgroundCopyJob_AddFile(job, L"http://localhost/next", path);
    ok(hr == S_OK, "BND-01: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr = IBackgroundCopyManager_EnumJobs(manager, 0, &jobs)))
        check_long_next((IUnknown *)jobs, "jobs");
    if (SUCCEEDED(hr = IBackgroundCopyJob_EnumFiles(job, &files)))
        check_long_next((IUnknown *)files, "files");
    discard_job(job);

    hr = IBackgroundCopyManager_QueryInterface(manager, &IID_IDOManager, (void **)&do_manager);
    ok(hr == S_OK, "BND-01: got hr %#lx.\n", hr);
    if (do_manager && SUCCEEDED(hr = IDOManager_CreateDownload(do_manager, &download)))
    {
        if (SUCCEEDED(hr = IDOManager_EnumDownloads(do_manager, NULL, &downloads)))
            check_long_next((IUnknown *)downloads, "downloads");
        ok(hr == S_OK, "BND-01: got hr %#lx.\n", hr);
        IDODownload_Abort(download);
        IDODownload_Release(download);
    }
    if (do_manager)
        IDOManager_Release(do_manager);
    IBackgroundCopyManager_Release(manager);
}

START_TEST(service)
{
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    if (argc >= 3)
    {
        /* Without the first activation of begin_tests(). */
        CoInitializeEx(NULL, COINIT_MULTITHREADED);
        if (!strcmp(argv[2], "hoard"))
            child_hoard();
        else
            child_activate();
        CoUninitialize();
        return;
    }
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_activation();
    test_immediate_use();
    test_eight_clients();
    test_stop();
    test_stop_in_transfer();
    test_kill();
    test_dying_hoarders();
    test_long_next();
    test_bits();
    CoUninitialize();
}
