/*
 * Programs that download through BITS: their calls, in their order
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

/* Each client of bits-front 1 goes through a good download, a file that is not there, a server that is busy, and a
 * connection that breaks. A client gives up at the call at which the program would. This test runs against Wine's BITS,
 * too, and then compares with what that is known to do, so that the table of the README can be made anew. */

#include "bits_test.h"
#include "client.h"

enum path_kind
{
    PATH_GOOD,
    PATH_MISSING, /* 404 */
    PATH_BUSY,    /* 503 */
    PATH_CUT,     /* once, in mid-body */
    PATH_COUNT,
};

static const char *const path_names[] = { "good", "404", "503", "cut" };

#define SIZE 400000

/* A run of a client. */
struct run
{
    struct fixture *fixture;
    struct resource *resource;
    enum path_kind kind;
    IBackgroundCopyJob *job; /* released by the caller */
    char failure[128];       /* the call at which the program gives up; empty: none */
};

/* Note the first failure. Returns whether the program goes on. */
static BOOL go_on(struct run *run, const char *call, HRESULT hr)
{
    if (FAILED(hr) && !run->failure[0])
        sprintf(run->failure, "%s %#lx", call, hr);
    return !run->failure[0];
}

static BOOL give_up(struct run *run, const char *reason)
{
    if (!run->failure[0])
        strcpy(run->failure, reason);
    return FALSE;
}

/* COM's method, as an expression that is TRUE while the program goes on. */
#define CALL(run, method, ...) go_on(run, #method, IBackgroundCopyJob_##method((run)->job, ##__VA_ARGS__))

static BOOL create(struct run *run, const WCHAR *name)
{
    GUID id;

    return go_on(run, "CreateJob", IBackgroundCopyManager_CreateJob(run->fixture->manager, name, BG_JOB_TYPE_DOWNLOAD,
            &id, &run->job));
}

/* Look for a job that a former run of the program has left, by name and perhaps by age. */
static BOOL look_for_own(struct run *run, BOOL wants_times)
{
    IEnumBackgroundCopyJobs *jobs;
    IBackgroundCopyJob *job;
    BG_JOB_TIMES times;
    WCHAR *name;
    ULONG count;

    if (!go_on(run, "EnumJobs", IBackgroundCopyManager_EnumJobs(run->fixture->manager, 0, &jobs)))
        return FALSE;
    go_on(run, "GetCount", IEnumBackgroundCopyJobs_GetCount(jobs, &count));
    while (IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL) == S_OK)
    {
        name = NULL;
        if (wants_times)
            go_on(run, "GetTimes", IBackgroundCopyJob_GetTimes(job, &times));
        go_on(run, "GetDisplayName", IBackgroundCopyJob_GetDisplayName(job, &name));
        CoTaskMemFree(name);
        IBackgroundCopyJob_Release(job);
    }
    IEnumBackgroundCopyJobs_Release(jobs);
    return !run->failure[0];
}

/* Poll until the job is in one of these states, as a mask; -1: it takes too long. */
static int poll(struct run *run, unsigned int states)
{
    DWORD end = GetTickCount() + LIMIT_MS;
    BG_JOB_STATE state;

    while ((LONG)(end - GetTickCount()) > 0)
    {
        if (!CALL(run, GetState, &state))
            return -1;
        if (states & (1u << state))
            return state;
        Sleep(POLL_MS);
    }
    return -1;
}

#define ENDS (1u << BG_JOB_STATE_TRANSFERRED | 1u << BG_JOB_STATE_ERROR)

static HRESULT get_code(struct run *run)
{
    IBackgroundCopyError *error;
    BG_ERROR_CONTEXT context;
    HRESULT code = S_OK;

    if (!CALL(run, GetError, &error))
        return S_OK;
    go_on(run, "IBackgroundCopyError::GetError", IBackgroundCopyError_GetError(error, &context, &code));
    IBackgroundCopyError_Release(error);
    return code;
}

/* The download has failed as the path says, or else the program shows a wrong message. */
static BOOL check_code(struct run *run)
{
    static const HRESULT codes[] = { S_OK, 0x80190194, 0x801901f7, S_OK };
    HRESULT code = get_code(run);

    if (code != codes[run->kind] && !run->failure[0])
        sprintf(run->failure, "fails with %#lx", code);
    return !run->failure[0];
}

static BOOL complete(struct run *run)
{
    BG_FILE_RANGE all = { 0, run->resource->size };
    HANDLE handle;
    BOOL ret;

    if (!go_on(run, "Complete", IBackgroundCopyJob_Complete(run->job)))
        return FALSE;
    handle = CreateFileW(run->fixture->path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (handle == INVALID_HANDLE_VALUE)
        return give_up(run, "no file");
    ret = GetFileSize(handle, NULL) == all.Length && has_bytes(handle, run->resource, 0, all.Length);
    CloseHandle(handle);
    return ret || give_up(run, "wrong file");
}

/* End as the path has it: with the file, or with the code in one of the states. */
static void end_run(struct run *run, unsigned int failing_states)
{
    int state = poll(run, ENDS | failing_states);

    if (state < 0)
        give_up(run, "never ends");
    else if (state == BG_JOB_STATE_TRANSFERRED && (run->kind == PATH_MISSING || run->kind == PATH_BUSY))
        give_up(run, "takes an error page for the file");
    else if (state == BG_JOB_STATE_TRANSFERRED)
        complete(run);
    else
        check_code(run);
}

static void run_chromium(struct run *run)
{
    BG_FILE_PROGRESS progress;
    IBackgroundCopyFile *file;
    WCHAR *name;

    if (!look_for_own(run, TRUE) || !create(run, L"Component")
            || !CALL(run, AddFile, run->resource->url, run->fixture->path) || !CALL(run, SetDescription, L"")
            || !CALL(run, SetPriority, BG_JOB_PRIORITY_NORMAL)
            || !CALL(run, SetMinimumRetryDelay, 60) || !CALL(run, SetNoProgressTimeout, 86400) || !CALL(run, Resume))
        return;
    file = get_file("BITS-094", run->job, 0);
    end_run(run, 1u << BG_JOB_STATE_TRANSIENT_ERROR);
    if (!run->failure[0] && (run->kind == PATH_GOOD || run->kind == PATH_CUT))
    {
        if (go_on(run, "GetLocalName", IBackgroundCopyFile_GetLocalName(file, &name)))
            CoTaskMemFree(name);
        if (go_on(run, "GetProgress of the file", IBackgroundCopyFile_GetProgress(file, &progress))
                && (!progress.Completed || progress.BytesTotal != progress.BytesTransferred))
            give_up(run, "aborts: the file is not completed");
    }
    IBackgroundCopyFile_Release(file);
}

static void run_omaha(struct run *run)
{
    struct client *client = client_create();
    BG_JOB_PRIORITY priority;

    if (look_for_own(run, FALSE) && create(run, L"update") && CALL(run, AddFile, run->resource->url, run->fixture->path)
            && CALL(run, SetDescription, L"update") && CALL(run, SetPriority, BG_JOB_PRIORITY_FOREGROUND)
            && CALL(run, SetNoProgressTimeout, 0)
            && CALL(run, SetProxySettings, BG_JOB_PROXY_USAGE_NO_PROXY, NULL, NULL)
            && CALL(run, SetNotifyInterface, (IUnknown *)&client->IBackgroundCopyCallback2_iface)
            && CALL(run, SetNotifyFlags, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR | BG_NOTIFY_JOB_MODIFICATION)
            && CALL(run, Resume) && CALL(run, GetPriority, &priority))
        end_run(run, 0);
    if (run->job)
        IBackgroundCopyJob_SetNotifyInterface(run->job, NULL);
    client_release(client);
}

/* The updater activates the class for each look. */
static BOOL look_as_firefox(struct run *run, const GUID *id, BG_JOB_STATE *state)
{
    IBackgroundCopyManager *manager;
    BG_JOB_PROGRESS progress;
    IBackgroundCopyJob *job;
    BG_JOB_TIMES times;
    ULONG count;

    if (!go_on(run, "CoCreateInstance", create_manager(&manager)))
        return FALSE;
    if (go_on(run, "GetJob", IBackgroundCopyManager_GetJob(manager, id, &job)))
    {
        go_on(run, "GetState", IBackgroundCopyJob_GetState(job, state));
        go_on(run, "GetProgress", IBackgroundCopyJob_GetProgress(job, &progress));
        go_on(run, "GetErrorCount", IBackgroundCopyJob_GetErrorCount(job, &count));
        go_on(run, "GetTimes", IBackgroundCopyJob_GetTimes(job, &times));
        IBackgroundCopyJob_Release(job);
    }
    IBackgroundCopyManager_Release(manager);
    return !run->failure[0];
}

static void run_firefox(struct run *run)
{
    struct client *client = client_create();
    BG_JOB_STATE state = BG_JOB_STATE_QUEUED;
    GUID id;

    if (create(run, L"MozillaUpdate") && CALL(run, GetId, &id)
            && CALL(run, SetProxySettings, BG_JOB_PROXY_USAGE_PRECONFIG, NULL, NULL)
            && CALL(run, SetMinimumRetryDelay, 60) && CALL(run, SetNoProgressTimeout, 86400)
            && CALL(run, SetPriority, BG_JOB_PRIORITY_FOREGROUND)
            && CALL(run, SetNotifyInterface, (IUnknown *)&client->IBackgroundCopyCallback2_iface)
            && CALL(run, SetNotifyFlags, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR)
            && CALL(run, AddFile, run->resource->url, run->fixture->path) && CALL(run, Resume))
    {
        while (look_as_firefox(run, &id, &state) && !is_resting(state) && state != BG_JOB_STATE_TRANSIENT_ERROR)
            Sleep(POLL_MS);
        if (!run->failure[0])
            end_run(run, 1u << BG_JOB_STATE_TRANSIENT_ERROR);
    }
    if (run->job)
        IBackgroundCopyJob_SetNotifyInterface(run->job, NULL);
    client_release(client);
}

static void run_python(struct run *run)
{
    IBackgroundCopyError *error;
    BG_JOB_PROGRESS progress;
    WCHAR *text = NULL;
    int state;

    if (!create(run, L"Python") || !CALL(run, AddFile, run->resource->url, run->fixture->path)
            || !CALL(run, SetPriority, BG_JOB_PRIORITY_FOREGROUND)
            || !CALL(run, SetProxySettings, BG_JOB_PROXY_USAGE_AUTODETECT, NULL, NULL) || !CALL(run, Resume))
        return;
    do
    {
        if (!CALL(run, GetProgress, &progress))
            return;
        state = poll(run, ~0u);
    } while (state >= 0 && !is_resting(state) && state != BG_JOB_STATE_TRANSIENT_ERROR
            && progress.BytesTransferred != progress.BytesTotal);
    if (state == BG_JOB_STATE_ERROR || state == BG_JOB_STATE_TRANSIENT_ERROR)
    {
        if (check_code(run) && CALL(run, GetError, &error))
        {
            if (go_on(run, "GetErrorDescription", IBackgroundCopyError_GetErrorDescription(error, 0x409, &text)))
                CoTaskMemFree(text);
            IBackgroundCopyError_Release(error);
        }
    }
    else if (run->kind == PATH_MISSING || run->kind == PATH_BUSY)
        give_up(run, "takes an error page for the file");
    else
        complete(run); /* also in TRANSFERRING */
}

static void run_wix(struct run *run)
{
    struct client *client = client_create();
    BG_AUTH_CREDENTIALS credentials = { BG_AUTH_TARGET_PROXY, BG_AUTH_SCHEME_NTLM };
    IBackgroundCopyJob2 *job2 = NULL;
    HANDLE events[2] = { client->called[CALL_TRANSFERRED], client->called[CALL_ERROR] };

    if (create(run, L"WixBurn")
            && CALL(run, SetNotifyFlags, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR | BG_NOTIFY_JOB_MODIFICATION)
            && CALL(run, SetNoProgressTimeout, 120) && CALL(run, SetPriority, BG_JOB_PRIORITY_FOREGROUND)
            && CALL(run, QueryInterface, &IID_IBackgroundCopyJob2, (void **)&job2)
            && go_on(run, "SetCredentials", IBackgroundCopyJob2_SetCredentials(job2, &credentials))
            && (credentials.Scheme = BG_AUTH_SCHEME_NEGOTIATE,
            go_on(run, "SetCredentials", IBackgroundCopyJob2_SetCredentials(job2, &credentials)))
            && CALL(run, AddFile, run->resource->url, run->fixture->path)
            && CALL(run, SetNotifyInterface, (IUnknown *)&client->IBackgroundCopyCallback2_iface) && CALL(run, Resume))
    {
        if (WaitForMultipleObjects(2, events, FALSE, LIMIT_MS) == WAIT_TIMEOUT)
            give_up(run, "waits for ever for a callback");
        else
            end_run(run, 0);
    }
    if (job2)
        IBackgroundCopyJob2_Release(job2);
    if (run->job)
        IBackgroundCopyJob_SetNotifyInterface(run->job, NULL);
    client_release(client);
}

static void run_office(struct run *run)
{
    BG_FILE_RANGE range = { 0, BG_LENGTH_TO_EOF };
    IBackgroundCopyJob4 *job4 = NULL;

    if (!create(run, L"Office") || !CALL(run, QueryInterface, &IID_IBackgroundCopyJob4, (void **)&job4))
        return;
    if (go_on(run, "AddFileWithRanges", IBackgroundCopyJob4_AddFileWithRanges(job4, run->resource->url,
            run->fixture->path, 1, &range)) && CALL(run, SetPriority, BG_JOB_PRIORITY_FOREGROUND)
            && go_on(run, "SetMaximumDownloadTime", IBackgroundCopyJob4_SetMaximumDownloadTime(job4, 3600))
            && CALL(run, Resume))
        end_run(run, 1u << BG_JOB_STATE_TRANSIENT_ERROR);
    IBackgroundCopyJob4_Release(job4);
}

static const struct
{
    const char *name;
    void (*run)(struct run *run);
}
clients[] =
{
    { "Chromium, Brave", run_chromium },
    { "Omaha", run_omaha },
    { "Firefox", run_firefox },
    { "Python install manager", run_python },
    { "WiX Burn", run_wix },
    { "Office Deployment Tool", run_office },
};

static void run_client(struct fixture *fixture, unsigned int client, enum path_kind kind, BOOL is_ours)
{
    struct run run = { fixture, NULL, kind };
    char path[32];

    sprintf(path, "/client%u-%u", client, (unsigned int)kind);
    run.resource = origin_add_resource(fixture->origin, path, SIZE);
    run.resource->etag = "\"1\"";
    if (kind == PATH_MISSING || kind == PATH_BUSY)
        set_status(run.resource, kind == PATH_MISSING ? 404 : 503, ORIGIN_FOREVER);
    if (kind == PATH_CUT)
    {
        run.resource->cut_after = SIZE / 2;
        run.resource->cut_count = 1;
    }
    clients[client].run(&run);
    trace("%s, %s, %s: %s\n", clients[client].name, path_names[kind], is_ours ? "dosvc" : "Wine's BITS",
            run.failure[0] ? run.failure : "goes through");
    ok(!is_ours || !run.failure[0], "BITS-094: %s, %s: %s.\n", clients[client].name, path_names[kind], run.failure);
    if (run.job)
        discard_job(run.job);
    list_dir(fixture->dir, delete_path);
}

START_TEST(clients)
{
    BOOL is_ours = begin_bits();
    struct fixture fixture;
    enum path_kind kind;
    unsigned int i;

    if (!is_ours)
        CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (fixture_open(&fixture))
    {
        for (i = 0; i < ARRAY_SIZE(clients); ++i)
        {
            for (kind = 0; kind < PATH_COUNT; ++kind)
                run_client(&fixture, i, kind, is_ours);
        }
        fixture_close(&fixture);
    }
    end_bits();
}
