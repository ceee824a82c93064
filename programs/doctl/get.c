/*
 * doctl get: download a file
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

#include "doctl.h"

#define POLL_INTERVAL 250

enum priority
{
    PRIORITY_FOREGROUND,
    PRIORITY_BACKGROUND,
};

struct get_values
{
    int priority;
    struct number timeout; /* seconds without progress */
    const WCHAR *sha256;
    int progress;
    BOOL quiet;
    BOOL keep;
};

const struct option get_options[] =
{
    {L"priority", 'p', OPTION_CHOICE, offsetof(struct get_values, priority), L"fg|bg"},
    {L"timeout",  't', OPTION_NUMBER, offsetof(struct get_values, timeout)},
    {L"sha256",   's', OPTION_STRING, offsetof(struct get_values, sha256)},
    {L"progress", 'P', OPTION_CHOICE, offsetof(struct get_values, progress), L"bar|json|none"},
    {L"quiet",    'q', OPTION_FLAG,   offsetof(struct get_values, quiet)},
    {L"keep",     'k', OPTION_FLAG,   offsetof(struct get_values, keep)},
    {NULL}
};

struct get
{
    const struct get_values *values;
    const WCHAR *url;
    WCHAR *shown_url;
    WCHAR *target;
    WCHAR *local; /* what the service writes: the target, or a file beside it until the hash is verified */
    BYTE digest[SHA256_SIZE];
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    IBackgroundCopyFile *file;
    GUID id;
    struct progress progress;
    HRESULT last_error;
};

/* The handler of Ctrl+C and the callback have no other context. */
static HANDLE interrupted, ended;

static BOOL WINAPI control_handler(DWORD event)
{
    return SetEvent(interrupted);
}

static HRESULT WINAPI callback_QueryInterface(IBackgroundCopyCallback *iface, REFIID riid, void **out)
{
    if (!out)
        return E_POINTER;
    if (IsEqualGUID(riid, &IID_IBackgroundCopyCallback) || IsEqualGUID(riid, &IID_IUnknown))
    {
        *out = iface;
        return S_OK;
    }
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI callback_AddRef(IBackgroundCopyCallback *iface)
{
    return 2;
}

static ULONG WINAPI callback_Release(IBackgroundCopyCallback *iface)
{
    return 1;
}

static HRESULT WINAPI callback_JobTransferred(IBackgroundCopyCallback *iface, IBackgroundCopyJob *job)
{
    SetEvent(ended);
    return S_OK;
}

static HRESULT WINAPI callback_JobError(IBackgroundCopyCallback *iface, IBackgroundCopyJob *job,
        IBackgroundCopyError *error)
{
    SetEvent(ended);
    return S_OK;
}

static HRESULT WINAPI callback_JobModification(IBackgroundCopyCallback *iface, IBackgroundCopyJob *job, DWORD reserved)
{
    return S_OK;
}

static IBackgroundCopyCallbackVtbl callback_vtbl =
{
    callback_QueryInterface,
    callback_AddRef,
    callback_Release,
    callback_JobTransferred,
    callback_JobError,
    callback_JobModification,
};

static IBackgroundCopyCallback callback = {&callback_vtbl};

static HRESULT add_file(struct get *get)
{
    IDeliveryOptimizationJob *do_job;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_QueryInterface(get->job, &IID_IDeliveryOptimizationJob, (void **)&do_job)))
        return hr;
    hr = IDeliveryOptimizationJob_AddFileWithRanges(do_job, get->url, get->url, get->local, 0, NULL,
            DO_UNKNOWN_FILE_SIZE);
    IDeliveryOptimizationJob_Release(do_job);
    return hr;
}

static HRESULT configure_job(struct get *get)
{
    BG_JOB_PRIORITY priority = get->values->priority == PRIORITY_FOREGROUND ? BG_JOB_PRIORITY_FOREGROUND
            : BG_JOB_PRIORITY_NORMAL;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_SetPriority(get->job, priority)))
        return hr;
    if (get->values->timeout.is_set
            && FAILED(hr = IBackgroundCopyJob_SetNoProgressTimeout(get->job, get->values->timeout.value)))
        return hr;
    if (FAILED(hr = IBackgroundCopyJob_SetNotifyFlags(get->job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR)))
        return hr;
    return IBackgroundCopyJob_SetNotifyInterface(get->job, (IUnknown *)&callback);
}

static HRESULT start_job(struct get *get)
{
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyManager_CreateJob(get->manager, L"doctl", BG_JOB_TYPE_DOWNLOAD, &get->id,
            &get->job)))
        return hr;
    if (FAILED(hr = add_file(get)) || FAILED(hr = configure_job(get)) || FAILED(hr = first_file(get->job, &get->file)))
        return hr;
    return IBackgroundCopyJob_Resume(get->job);
}

static HRESULT show_progress(struct get *get, BOOL last)
{
    struct progress_state state = {.url = get->url};
    DOSwarmStats stats;
    HRESULT hr;

    if (get->progress.mode == PROGRESS_NONE)
        return S_OK;
    if (FAILED(hr = IBackgroundCopyJob_GetProgress(get->job, &state.progress)))
        return hr;
    if (SUCCEEDED(file_get_stats(get->file, &stats)))
    {
        state.from_cache = stats.bytesFromDoinc > stats.bytesFromHttp;
        stats_clear(&stats);
    }
    progress_update(&get->progress, &state, GetTickCount64(), last);
    return S_OK;
}

static enum exit_code report_job_error(struct get *get, HRESULT hr, const WCHAR *description)
{
    if (description)
        return report_described_error(hr, description, get->shown_url);
    return report_error(get->manager, hr, get->shown_url);
}

/* The service tries again by itself; the user hears of each reason once. */
static void show_waiting(struct get *get)
{
    WCHAR *description;
    HRESULT hr = job_get_error(get->job, &description);

    if (hr != get->last_error && hr != DO_E_ERROR_INFORMATION_UNAVAILABLE && !get->values->quiet)
    {
        get->last_error = hr;
        progress_break(&get->progress);
        report_job_error(get, hr, description);
        write_message(STD_ERROR_HANDLE, IDS_WAITING);
    }
    CoTaskMemFree(description);
}

static enum exit_code report_end(struct get *get, BG_JOB_STATE state)
{
    enum exit_code code = EXIT_DONE;
    WCHAR *description;
    HRESULT hr;

    if (state == BG_JOB_STATE_ERROR)
    {
        hr = job_get_error(get->job, &description);
        code = report_job_error(get, hr, description);
        CoTaskMemFree(description);
    }
    else if (state == BG_JOB_STATE_CANCELLED)
    {
        write_message(STD_ERROR_HANDLE, IDS_CANCELLED, get->shown_url);
        code = EXIT_FAILED;
    }
    return code;
}

static enum exit_code wait_for_job(struct get *get)
{
    HANDLE events[] = {interrupted, ended};
    BG_JOB_STATE state;
    HRESULT hr;

    for (;;)
    {
        if (WaitForMultipleObjects(ARRAY_SIZE(events), events, FALSE, POLL_INTERVAL) == WAIT_OBJECT_0)
            return EXIT_INTERRUPTED;
        if (FAILED(hr = IBackgroundCopyJob_GetState(get->job, &state))
                || FAILED(hr = show_progress(get, state == BG_JOB_STATE_TRANSFERRED)))
        {
            progress_break(&get->progress);
            return report_error(get->manager, hr, get->shown_url);
        }
        if (state == BG_JOB_STATE_TRANSIENT_ERROR)
            show_waiting(get);
        if (state >= BG_JOB_STATE_TRANSFERRED || state == BG_JOB_STATE_ERROR)
        {
            progress_break(&get->progress);
            return report_end(get, state);
        }
    }
}

static enum exit_code leave_job(struct get *get)
{
    WCHAR id[ID_LENGTH];

    progress_break(&get->progress);
    if (!get->values->keep)
    {
        write_message(STD_ERROR_HANDLE, IDS_INTERRUPTED);
        return EXIT_INTERRUPTED;
    }
    IBackgroundCopyJob_SetNotifyInterface(get->job, NULL);
    IBackgroundCopyJob_Release(get->job);
    get->job = NULL;
    format_id(&get->id, id);
    write_message(STD_ERROR_HANDLE, IDS_KEPT, id);
    return EXIT_INTERRUPTED;
}

/* Gives the file its final name if its hash is right. */
static enum exit_code verify_file(struct get *get)
{
    BYTE digest[SHA256_SIZE];
    HRESULT hr;

    if (FAILED(hr = sha256_file(get->local, digest)))
        return report_error(get->manager, hr, get->local);
    if (memcmp(digest, get->digest, sizeof(digest)))
    {
        write_message(STD_ERROR_HANDLE, IDS_SHA256_MISMATCH, get->shown_url);
        return EXIT_INTEGRITY;
    }
    if (!MoveFileExW(get->local, get->target, MOVEFILE_REPLACE_EXISTING))
        return report_error(get->manager, HRESULT_FROM_WIN32(GetLastError()), get->target);
    return EXIT_DONE;
}

static enum exit_code complete_job(struct get *get)
{
    HRESULT hr = IBackgroundCopyJob_Complete(get->job);

    /* Somebody else may have completed it. */
    if (FAILED(hr) && hr != DO_E_INVALID_STATE)
        return report_error(get->manager, hr, get->target);
    IBackgroundCopyJob_Release(get->job);
    get->job = NULL;
    return get->values->sha256 ? verify_file(get) : EXIT_DONE;
}

static enum exit_code download(struct get *get)
{
    enum exit_code code;
    HRESULT hr;

    if (FAILED(service_open(&get->manager)))
        return EXIT_NO_SERVICE;
    if (!get->values->sha256)
        get->local = wcsdup(get->target);
    else if (FAILED(hr = unverified_path(get->target, &get->local)))
        return report_error(get->manager, hr, get->target);
    if (FAILED(hr = start_job(get)))
        return report_error(get->manager, hr, get->shown_url);
    if ((code = wait_for_job(get)) == EXIT_DONE)
        return complete_job(get);
    return code == EXIT_INTERRUPTED ? leave_job(get) : code;
}

/* A job that is still here has failed or was interrupted. */
static void cleanup(struct get *get)
{
    if (get->job)
    {
        IBackgroundCopyJob_Cancel(get->job);
        IBackgroundCopyJob_Release(get->job);
    }
    if (get->values->sha256 && get->local)
        DeleteFileW(get->local);
    if (get->file)
        IBackgroundCopyFile_Release(get->file);
    if (get->manager)
        IBackgroundCopyManager_Release(get->manager);
    free(get->local);
    free(get->target);
    free(get->shown_url);
}

static BOOL check_values(struct get *get)
{
    if (_wcsnicmp(get->url, L"http://", 7) && _wcsnicmp(get->url, L"https://", 8))
    {
        write_message(STD_ERROR_HANDLE, IDS_BAD_URL);
        return FALSE;
    }
    if (get->values->sha256 && !parse_sha256(get->values->sha256, get->digest))
    {
        write_message(STD_ERROR_HANDLE, IDS_BAD_SHA256);
        return FALSE;
    }
    if (get->values->sha256 && get->values->keep)
    {
        write_message(STD_ERROR_HANDLE, IDS_KEEP_AND_SHA256);
        return FALSE;
    }
    return TRUE;
}

enum exit_code get_run(const struct verb *verb, const void *values, WCHAR **args)
{
    struct get get = {.values = values, .url = args[0]};
    enum exit_code code = EXIT_USAGE;

    if (!check_values(&get))
        return EXIT_USAGE;
    interrupted = CreateEventW(NULL, TRUE, FALSE, NULL);
    ended = CreateEventW(NULL, FALSE, FALSE, NULL);
    SetConsoleCtrlHandler(control_handler, TRUE);
    progress_init(&get.progress, get.values->quiet ? PROGRESS_NONE : get.values->progress);
    get.shown_url = printable_url(get.url);
    if ((get.target = target_path(get.url, args[1])))
        code = download(&get);
    cleanup(&get);
    return code;
}
