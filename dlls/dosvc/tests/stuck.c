/*
 * Clients that have stopped, and what others can do meanwhile
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
#include "download.h"
#include "recorder.h"
#include "sink.h"

#define NAME_SIZE 160

/* Calls of one client on a job or a download whose callback is an object of another one, which is stopped. */
struct act
{
    const char *name;
    HRESULT (*job)(IBackgroundCopyJob *job);
    HRESULT (*download)(IDODownload *download);
    BOOL is_in_call; /* of the other client, to which the job's callback belongs; a download always is */
    HRESULT expected;
    HRESULT hr;
    void *object;
    DWORD time; /* milliseconds */
};

/* Objects of this client, which take the place of those of the stopped one. */
static struct client *other_client;
static struct recorder *other_recorder;

static HRESULT complete(IBackgroundCopyJob *job)
{
    return IBackgroundCopyJob_Complete(job);
}

static HRESULT cancel(IBackgroundCopyJob *job)
{
    return IBackgroundCopyJob_Cancel(job);
}

static HRESULT unset(IBackgroundCopyJob *job)
{
    return IBackgroundCopyJob_SetNotifyInterface(job, NULL);
}

static HRESULT replace(IBackgroundCopyJob *job)
{
    return IBackgroundCopyJob_SetNotifyInterface(job, (IUnknown *)&other_client->IBackgroundCopyCallback2_iface);
}

static HRESULT dl_finalize(IDODownload *download)
{
    return IDODownload_Finalize(download);
}

static HRESULT dl_abort(IDODownload *download)
{
    return IDODownload_Abort(download);
}

static HRESULT dl_unset(IDODownload *download)
{
    return dl_set_empty(download, DODownloadProperty_CallbackInterface, VT_EMPTY);
}

static HRESULT dl_replace(IDODownload *download)
{
    return dl_set_object(download, DODownloadProperty_CallbackInterface,
            &other_recorder->IDODownloadStatusCallback_iface);
}

static struct act acts[] =
{
    { "Complete", complete },
    { "Complete", complete, NULL, TRUE },
    { "Cancel", cancel },
    { "Cancel", cancel, NULL, TRUE },
    { "SetNotifyInterface(NULL)", unset },
    { "SetNotifyInterface(NULL)", unset, NULL, TRUE },
    { "SetNotifyInterface(another)", replace },
    { "SetNotifyInterface(another)", replace, NULL, TRUE },
    { "Finalize", NULL, dl_finalize },
    { "Abort", NULL, dl_abort },
    { "CallbackInterface, none", NULL, dl_unset },
    { "CallbackInterface, another", NULL, dl_replace },
};

static DWORD WINAPI act_thread(void *param)
{
    DWORD start = GetTickCount();
    struct act *act = param;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    act->hr = act->job ? act->job(act->object) : act->download(act->object);
    act->time = GetTickCount() - start;
    CoUninitialize();
    return 0;
}

/* The name by which the parent finds what the child has made. */
static WCHAR *make_name(WCHAR *name, const WCHAR *url, unsigned int index)
{
    swprintf(name, NAME_SIZE, L"%ls %u", url, index);
    return name;
}

static IBackgroundCopyJob *create_named_job(IBackgroundCopyManager *manager, const WCHAR *url, unsigned int index)
{
    IBackgroundCopyJob *job = create_job(manager);
    WCHAR name[NAME_SIZE];

    IBackgroundCopyJob_SetDisplayName(job, make_name(name, url, index));
    return job;
}

static void run_job(IBackgroundCopyManager *manager, const WCHAR *url, const WCHAR *path, unsigned int index,
        struct client *client)
{
    ULONG flags = acts[index].is_in_call ? BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_MODIFICATION : BG_NOTIFY_JOB_ERROR;
    IBackgroundCopyJob *job = create_named_job(manager, url, index);

    check_hr("HOST-16", IBackgroundCopyJob_AddFile(job, url, path), S_OK);
    client_register("HOST-16", client, job, flags);
    resume_job("HOST-16", job);
    IBackgroundCopyJob_Release(job);
}

static void run_download(IDOManager *manager, const WCHAR *url, const WCHAR *path, unsigned int index,
        struct recorder *recorder)
{
    IDODownload *download = create_download("HOST-16", manager);
    WCHAR name[NAME_SIZE];

    check_hr("HOST-16", dl_set_string(download, DODownloadProperty_Uri, url), S_OK);
    check_hr("HOST-16", dl_set_string(download, DODownloadProperty_DisplayName, make_name(name, url, index)), S_OK);
    check_hr("HOST-16", dl_set_string(download, DODownloadProperty_LocalPath, path), S_OK);
    recorder_register("HOST-16", recorder, download);
    dl_start("HOST-16", download);
    IDODownload_Release(download);
}

/* argv: stuck EVENT URL DIR. It is stopped after the event, and when it goes on, all of its objects are given back. */
static void child(char **argv)
{
    HANDLE ready = ULongToHandle(strtoul(argv[2], NULL, 16));
    struct client *clients[ARRAY_SIZE(acts)];
    struct recorder *recorders[ARRAY_SIZE(acts)];
    IBackgroundCopyManager *manager;
    WCHAR url[128], path[MAX_PATH];
    IDOManager *do_manager;
    unsigned int i;

    MultiByteToWideChar(CP_ACP, 0, argv[3], -1, url, ARRAY_SIZE(url));
    check_hr("HOST-16", create_manager(&manager), S_OK);
    check_hr("HOST-16", create_do_manager(&do_manager), S_OK);
    for (i = 0; i < ARRAY_SIZE(acts); ++i)
    {
        swprintf(path, MAX_PATH, L"%hs%u", argv[4], i);
        clients[i] = client_create();
        recorders[i] = recorder_create();
        if (acts[i].job)
            run_job(manager, url, path, i, clients[i]);
        else
            run_download(do_manager, url, path, i, recorders[i]);
    }
    SetEvent(ready);
    for (i = 0; i < ARRAY_SIZE(acts); ++i)
    {
        ok(wait_last_reference(&clients[i]->IBackgroundCopyCallback2_iface) == 1, "JOB-142: callback %u is kept.\n", i);
        recorder_check_released("HOST-16", recorders[i]);
    }
    IBackgroundCopyManager_Release(manager);
    IDOManager_Release(do_manager);
}

/* As a debugger does, or SIGSTOP. */
static void set_suspended(HANDLE process, BOOL is_suspended)
{
    LONG (WINAPI *set)(HANDLE process);

    set = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), is_suspended ? "NtSuspendProcess" : "NtResumeProcess");
    ok(!set(process), "HOST-16: the process cannot be stopped or resumed.\n");
}

static HANDLE start_and_suspend(const char *args)
{
    SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
    HANDLE ready = CreateEventW(&inherited, TRUE, FALSE, NULL), process;
    char all[5000];

    sprintf(all, "%lx %s", HandleToULong(ready), args);
    process = start_child("stuck", all);
    wait_event("HOST-16", ready);
    set_suspended(process, TRUE);
    CloseHandle(ready);
    return process;
}

/* FALSE if it does not return; then it has not returned when this returns. */
static BOOL run_act(struct act *act, HANDLE *thread)
{
    *thread = CreateThread(NULL, 0, act_thread, act, 0, NULL);
    if (WaitForSingleObject(*thread, LIMIT_MS) == WAIT_OBJECT_0)
    {
        ok(act->hr == act->expected, "HOST-16: %s gives %#lx.\n", act->name, act->hr);
        trace("HOST-16: %s took %lu ms while the other client was stopped.\n", act->name, act->time);
        return TRUE;
    }
    ok(0, "HOST-16: %s waits for a client that was stopped.\n", act->name);
    return FALSE;
}

static void find_objects(const struct fixture *fixture, IDOManager *manager, const WCHAR *url)
{
    WCHAR name[NAME_SIZE];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(acts); ++i)
    {
        make_name(name, url, i);
        if (acts[i].job)
        {
            acts[i].object = find_job(fixture->manager, name);
            wait_for_state("HOST-16", acts[i].object, BG_JOB_STATE_TRANSFERRED);
        }
        else
        {
            acts[i].object = dl_find("HOST-16", manager, DODownloadProperty_DisplayName, name);
            dl_wait("HOST-16", acts[i].object, DODownloadState_Transferred);
        }
    }
}

static void test_stopped_client(void)
{
    HANDLE process, gate = create_gate(), threads[ARRAY_SIZE(acts)];
    struct resource *resource;
    struct fixture fixture;
    IDOManager *manager;
    char args[4000];
    unsigned int i;

    if (!fixture_open(&fixture))
        return;
    check_hr("HOST-16", create_do_manager(&manager), S_OK);
    other_client = client_create();
    other_recorder = recorder_create();
    resource = origin_add_resource(fixture.origin, "/stuck", 10000);
    set_gate(resource, gate, 5000);
    sprintf(args, "%ls \"%ls\\\"", resource->url, fixture.dir);
    process = start_and_suspend(args);
    SetEvent(gate);
    find_objects(&fixture, manager, resource->url);
    for (i = 0; i < ARRAY_SIZE(acts); ++i)
    {
        if (!run_act(&acts[i], &threads[i]))
        {
            /* All others would take as long. */
            set_suspended(process, FALSE);
            WaitForSingleObject(threads[i], LIMIT_MS);
        }
        CloseHandle(threads[i]);
    }
    /* Callbacks that have taken the place of others are called. */
    client_wait("HOST-16", other_client, CALL_TRANSFERRED, 1);
    dl_finalize(acts[ARRAY_SIZE(acts) - 1].object);
    recorder_wait("HOST-16", other_recorder, DODownloadState_Finalized, 1);

    set_suspended(process, FALSE);
    wait_child_process(process);
    CloseHandle(process);
    for (i = 0; i < ARRAY_SIZE(acts); ++i)
    {
        if (acts[i].job)
            discard_job(acts[i].object);
        else
            dl_discard(acts[i].object);
    }
    ok(wait_last_reference(&other_client->IBackgroundCopyCallback2_iface) == 1, "JOB-142: the callback is kept.\n");
    client_release(other_client);
    recorder_check_released("HOST-16", other_recorder);
    IDOManager_Release(manager);
    CloseHandle(gate);
    list_dir(fixture.dir, delete_path);
    fixture_close(&fixture);
}

/* argv: stuck EVENT NAME. Leaves a job that calls this process. */
static void child_with_old_job(char **argv)
{
    HANDLE ready = ULongToHandle(strtoul(argv[2], NULL, 16));
    struct client *client = client_create();
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    WCHAR name[128];

    MultiByteToWideChar(CP_ACP, 0, argv[3], -1, name, ARRAY_SIZE(name));
    check_hr("HOST-16", create_manager(&manager), S_OK);
    job = create_named_job(manager, name, 0);
    client_register("HOST-16", client, job, BG_NOTIFY_JOB_ERROR);
    IBackgroundCopyJob_Release(job);
    SetEvent(ready);
    ok(wait_last_reference(&client->IBackgroundCopyCallback2_iface) == 1, "JOB-142: the callback is kept.\n");
    IBackgroundCopyManager_Release(manager);
}

/* argv: stuck EVENT stream URL SIZE SEED. Leaves a job whose stream, which has everything, is of this process. */
static void child_with_stream(char **argv)
{
    struct resource resource = { .size = atoi(argv[5]), .seed = strtoul(argv[6], NULL, 10) };
    HANDLE ready = ULongToHandle(strtoul(argv[2], NULL, 16));
    IDeliveryOptimizationFile2 *file;
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    struct sink *sink;

    MultiByteToWideChar(CP_ACP, 0, argv[4], -1, resource.url, ARRAY_SIZE(resource.url));
    check_hr("HOST-16", create_manager(&manager), S_OK);
    job = create_named_job(manager, resource.url, 0);
    if ((file = add_stream(job, &resource, &sink)))
    {
        IDeliveryOptimizationFile2_Release(file);
        resume_job("HOST-16", job);
        wait_for_state("HOST-16", job, BG_JOB_STATE_TRANSFERRED);
        sink_check("HOST-16", sink, resource.size);
        SetEvent(ready);
        wait_last_reference(&sink->IStream_iface);
        ok(sink->commits == 1, "HOST-16: got %u calls of Commit.\n", sink->commits);
        sink_check_released("HOST-16", sink);
    }
    IBackgroundCopyJob_Release(job);
    IBackgroundCopyManager_Release(manager);
}

/* The answer to Commit is the result of Complete, so that fails, and may be called again. */
static void test_stopped_stream(void)
{
    struct act act = { "Complete of a job with a stream", complete };
    struct resource *resource;
    struct fixture fixture;
    HANDLE process, thread;
    WCHAR name[NAME_SIZE];
    unsigned int i;
    char args[400];

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/stuck-stream", 10000);
    sprintf(args, "stream %ls %u %lu", resource->url, (unsigned int)resource->size, resource->seed);
    process = start_and_suspend(args);
    act.object = find_job(fixture.manager, make_name(name, resource->url, 0));
    act.expected = RPC_E_TIMEOUT;
    for (i = 0; i < 2; ++i)
    {
        if (!run_act(&act, &thread))
        {
            set_suspended(process, FALSE);
            WaitForSingleObject(thread, LIMIT_MS);
        }
        CloseHandle(thread);
        check_state("HOST-16", act.object, BG_JOB_STATE_TRANSFERRED);
    }
    set_suspended(process, FALSE);
    while ((act.hr = complete(act.object)) == RPC_E_TIMEOUT && ++i < 100)
        Sleep(POLL_MS);
    check_hr("JOB-105", act.hr, S_OK);
    check_state("HOST-16", act.object, BG_JOB_STATE_ACKNOWLEDGED);
    IBackgroundCopyJob_Release((IBackgroundCopyJob *)act.object);
    wait_child_process(process);
    CloseHandle(process);
    fixture_close(&fixture);
}

static void wait_until_cancelled(IBackgroundCopyJob *job)
{
    DWORD end = GetTickCount() + LIMIT_MS;

    while (get_state(job) != BG_JOB_STATE_CANCELLED && (LONG)(end - GetTickCount()) > 0)
        Sleep(POLL_MS);
    check_state("JOB-141", job, BG_JOB_STATE_CANCELLED);
}

static void test_expiry(void)
{
    struct fixture fixture;
    IBackgroundCopyJob *old;
    WCHAR name[NAME_SIZE];
    HANDLE process;

    if (!set_setting(L"JobExpirySeconds", 10))
    {
        skip("JOB-141: this user may not change settings.\n");
        return;
    }
    process = start_and_suspend("expiring-job");
    if (fixture_open(&fixture))
    {
        old = find_job(fixture.manager, make_name(name, L"expiring-job", 0));
        ok(!!old, "JOB-141: the job has gone.\n");
        wait_until_cancelled(old);
        wait_until_cancelled(fixture.job);
        IBackgroundCopyJob_Release(old);
        fixture_close(&fixture);
    }
    set_setting(L"JobExpirySeconds", 0);
    set_suspended(process, FALSE);
    wait_child_process(process);
    CloseHandle(process);
}

/* A class whose server does not become one. */

static const CLSID test_clsid = { 0x5f0f35f2, 0x6b5c, 0x4f60, { 0x8d, 0x3c, 0x4e, 0x2a, 0x7f, 0x51, 0x9b, 0x2d } };
#define CLASSES_KEY L"Software\\Classes\\CLSID"
#define CLASS_NAME  L"{5f0f35f2-6b5c-4f60-8d3c-4e2a7f519b2d}"

/* argv: stuck server FILE. */
static void child_server(char **argv)
{
    DWORD written;
    HANDLE file;

    file = CreateFileA(argv[3], FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS, 0, NULL);
    WriteFile(file, "x", 1, &written, NULL);
    CloseHandle(file);
}

static BOOL register_class(const WCHAR *path)
{
    WCHAR command[2 * MAX_PATH];
    LSTATUS status;
    char **argv;
    HKEY key;

    winetest_get_mainargs(&argv);
    swprintf(command, ARRAY_SIZE(command), L"\"%hs\" stuck server \"%ls\"", argv[0], path);
    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, CLASSES_KEY L"\\" CLASS_NAME L"\\LocalServer32", 0, NULL, 0,
            KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, &key, NULL))
        return FALSE;
    status = RegSetValueExW(key, NULL, 0, REG_SZ, (BYTE *)command, (wcslen(command) + 1) * sizeof(*command));
    RegCloseKey(key);
    return !status;
}

static void unregister_class(void)
{
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, CLASSES_KEY, 0, KEY_ALL_ACCESS | KEY_WOW64_64KEY, &key))
        return;
    RegDeleteTreeW(key, CLASS_NAME);
    RegCloseKey(key);
}

static unsigned int count_activations(const WCHAR *path)
{
    WIN32_FILE_ATTRIBUTE_DATA data;

    return GetFileAttributesExW(path, GetFileExInfoStandard, &data) ? data.nFileSizeLow : 0;
}

static void set_class(IBackgroundCopyJob *job)
{
    BITS_JOB_PROPERTY_VALUE value = { 0 };
    IBackgroundCopyJob5 *job5;

    if (FAILED(query("JOB-031", job, &IID_IBackgroundCopyJob5, &job5)))
        return;
    value.ClsID = test_clsid;
    check_hr("JOB-031", IBackgroundCopyJob5_SetProperty(job5, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value), S_OK);
    IBackgroundCopyJob5_Release(job5);
}

static void wait_for_activation(const WCHAR *path)
{
    DWORD end = GetTickCount() + LIMIT_MS;

    while (!count_activations(path) && (LONG)(end - GetTickCount()) > 0)
        Sleep(POLL_MS);
    ok(count_activations(path), "JOB-031: the class was not activated.\n");
}

static BOOL open_with_class(struct fixture *fixture)
{
    if (!fixture_open(fixture))
        return FALSE;
    if (register_class(fixture->path))
        return TRUE;
    skip("JOB-031: this user may not register a class.\n");
    fixture_close(fixture);
    return FALSE;
}

static void close_with_class(struct fixture *fixture)
{
    unregister_class();
    IBackgroundCopyJob_Cancel(fixture->job);
    list_dir(fixture->dir, delete_path);
    fixture_close(fixture);
}

/* A class hears what the interface has not accepted, once there is no interface any more. */
static void test_class_after_interface(void)
{
    struct resource *resource;
    struct fixture fixture;
    struct client *client;
    WCHAR path[MAX_PATH];

    if (!open_with_class(&fixture))
        return;
    set_class(fixture.job);
    client = client_create();
    client_set_result(client, CALL_TRANSFERRED, E_FAIL);
    client_register("JOB-031", client, fixture.job, BG_NOTIFY_JOB_TRANSFERRED);
    resource = origin_add_resource(fixture.origin, "/class", 1000);
    swprintf(path, ARRAY_SIZE(path), L"%lsfile", fixture.dir);
    add_file("JOB-031", fixture.job, resource, path);
    resume_job("JOB-031", fixture.job);
    client_wait("JOB-031", client, CALL_TRANSFERRED, 1);
    ok(!count_activations(fixture.path), "JOB-031: the class was activated beside an interface.\n");
    check_hr("JOB-031", IBackgroundCopyJob_SetNotifyInterface(fixture.job, NULL), S_OK);
    wait_for_activation(fixture.path);
    close_with_class(&fixture);
    client_release(client);
}

/* JobModification is due twice a second, but the class rests for 5 s, and then for 30 s. */
static void test_broken_class(void)
{
    struct fixture fixture;
    unsigned int count, i;

    if (!open_with_class(&fixture))
        return;
    check_hr("JOB-031", IBackgroundCopyJob_SetNotifyFlags(fixture.job, BG_NOTIFY_JOB_MODIFICATION), S_OK);
    set_class(fixture.job);
    wait_for_activation(fixture.path);
    /* Not a wait for something: no other activation may come, or one if the machine is busy. */
    for (i = 0; i < 100; ++i)
    {
        IBackgroundCopyJob_SetDescription(fixture.job, i & 1 ? L"odd" : L"even");
        Sleep(30);
    }
    count = count_activations(fixture.path);
    ok(count >= 1 && count <= 2, "JOB-031: the class was activated %u times.\n", count);
    close_with_class(&fixture);
}

START_TEST(stuck)
{
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    if (argc >= 4 && !strcmp(argv[2], "server"))
    {
        child_server(argv);
        return;
    }
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    if (argc >= 7)
        child_with_stream(argv);
    else if (argc >= 5)
        child(argv);
    else if (argc >= 4)
        child_with_old_job(argv);
    else
    {
        test_stopped_client();
        test_stopped_stream();
        test_expiry();
        test_broken_class();
        test_class_after_interface();
    }
    CoUninitialize();
}
