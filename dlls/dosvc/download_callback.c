/*
 * Tells a client what becomes of its download
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

/* A reporter calls one client object about one download: every change of the
 * status in order, and in between how far it has come. It has a thread only
 * while it calls; a client that does not answer costs that thread and nothing
 * else. */

#include "download.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* In milliseconds. */
#define START_DELAY  200  /* between Start and the first call: a client starts first and waits then */
#define REPEAT_DELAY 1000 /* a client may have missed the call that ends its waiting */
#define LEAVE_TIME   1000 /* how long a call under way is waited for when the object is replaced */

struct report
{
    struct list entry;
    DO_DOWNLOAD_STATUS status;
};

struct reporter
{
    struct task task;
    LONG refcount;
    struct download *download; /* borrowed; owned by the task while that is scheduled */
    struct client *client;     /* owned */
    IUnknown *unknown;         /* owned */
    IDODownloadStatusCallback *callback; /* owned */
    CONDITION_VARIABLE returned; /* with the download's lock */

    /* guarded by download->lock */
    struct list reports;     /* struct report */
    ULONGLONG not_before;    /* tick counts */
    ULONGLONG next_progress;
    ULONGLONG repeat_time;   /* 0: nothing to be said again */
    UINT repeat_calls;       /* download->call_count when it was said first */
    UINT last_step;          /* in units of CallbackFreqPercent */
    BOOL is_detached;
    BOOL is_calling;
    GUID causality;          /* of that call: what the client calls from inside has it, too */
};

static inline struct reporter *impl_from_task(struct task *task)
{
    return CONTAINING_RECORD(task, struct reporter, task);
}

static void free_reports(struct reporter *reporter)
{
    struct report *report, *next;

    LIST_FOR_EACH_ENTRY_SAFE(report, next, &reporter->reports, struct report, entry)
        free(report);
    list_init(&reporter->reports);
}

void reporter_release(struct reporter *reporter)
{
    if (InterlockedDecrement(&reporter->refcount))
        return;
    free_reports(reporter);
    task_release_later((IUnknown *)reporter->callback);
    task_release_later(reporter->unknown);
    client_release(reporter->client);
    free(reporter);
}

IUnknown *reporter_get_unknown(struct reporter *reporter)
{
    IUnknown_AddRef(reporter->unknown);
    return reporter->unknown;
}

/* How many multiples of CallbackFreqPercent have been passed. */
static UINT get_step_locked(const struct download *download)
{
    UINT percent = download->settings.callback_percent;
    DO_DOWNLOAD_STATUS status;

    if (!percent)
        return 0;
    download_get_status_locked(download, &status);
    if (!status.BytesTotal)
        return 0;
    return (UINT)(100.0 * status.BytesTransferred / status.BytesTotal) / percent;
}

static BOOL is_end_of_waiting(const DO_DOWNLOAD_STATUS *status)
{
    return status->State == DODownloadState_Transferred
            || (status->State == DODownloadState_Paused && status->Error);
}

static BOOL is_final(const DO_DOWNLOAD_STATUS *status)
{
    return status->State == DODownloadState_Finalized || status->State == DODownloadState_Aborted;
}

static ULONGLONG progress_after_locked(const struct download *download, ULONGLONG now)
{
    UINT seconds = download->settings.callback_seconds;

    return seconds ? now + 1000 * (ULONGLONG)seconds : TASK_NEVER;
}

/* What to say next. FALSE: nothing before the time given in due. */
static BOOL pick_status_locked(struct reporter *reporter, DO_DOWNLOAD_STATUS *status, ULONGLONG *due)
{
    struct download *download = reporter->download;
    ULONGLONG now = GetTickCount64();
    struct report *report;

    if (reporter->repeat_time && (reporter->repeat_calls != download->call_count
            || !list_empty(&reporter->reports)))
        reporter->repeat_time = 0;
    if (!list_empty(&reporter->reports))
        *due = reporter->not_before;
    else if (reporter->repeat_time)
        *due = max(reporter->repeat_time, reporter->not_before);
    else if (download->state != DODownloadState_Transferring)
        *due = TASK_NEVER;
    else if (get_step_locked(download) > reporter->last_step)
        *due = reporter->not_before;
    else
        *due = max(reporter->next_progress, reporter->not_before);
    if (*due > now)
        return FALSE;

    download_get_status_locked(download, status);
    if (list_empty(&reporter->reports))
        return TRUE;
    report = LIST_ENTRY(list_head(&reporter->reports), struct report, entry);
    list_remove(&report->entry);
    /* The last report is of the state that the download is in now, but the
     * numbers may be newer. */
    if (!list_empty(&reporter->reports))
        *status = report->status;
    free(report);
    return TRUE;
}

static BOOL is_client_gone(HRESULT hr)
{
    return hr == RPC_E_DISCONNECTED || hr == RPC_E_SERVER_DIED || hr == RPC_E_SERVER_DIED_DNE
            || hr == CO_E_OBJNOTCONNECTED || hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)
            || hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED);
}

/* The call itself, without a lock. */
static HRESULT call_client(struct reporter *reporter, const DO_DOWNLOAD_STATUS *status)
{
    IDODownload *view;
    HRESULT hr;

    if (FAILED(hr = do_download_create(reporter->download, reporter->client, &view)))
        return hr;
    hr = IDODownloadStatusCallback_OnStatusChange(reporter->callback, view, status);
    TRACE("download %s, %s, hr %#lx.\n", debugstr_guid(&reporter->download->id),
            debugstr_download_state(status->State), hr);
    /* A client that died before it got the argument cannot release it. */
    if (is_client_gone(hr))
        CoDisconnectObject((IUnknown *)view, 0);
    IDODownload_Release(view);
    return hr;
}

/* Leaves the lock while it calls. */
static void report_locked(struct reporter *reporter, const DO_DOWNLOAD_STATUS *status)
{
    struct download *download = reporter->download;
    BOOL is_repetition = reporter->repeat_time != 0;
    UINT call_count = download->call_count;
    ULONGLONG now;
    HRESULT hr;

    reporter->repeat_time = 0;
    reporter->last_step = get_step_locked(download);
    reporter->is_calling = TRUE;
    CoGetCurrentLogicalThreadId(&reporter->causality);
    ReleaseSRWLockExclusive(&download->lock);
    hr = call_client(reporter, status);
    AcquireSRWLockExclusive(&download->lock);
    reporter->is_calling = FALSE;
    WakeAllConditionVariable(&reporter->returned);

    now = GetTickCount64();
    reporter->next_progress = progress_after_locked(download, now);
    if (is_end_of_waiting(status) && !is_repetition)
    {
        reporter->repeat_time = now + REPEAT_DELAY;
        reporter->repeat_calls = call_count;
    }
    if (is_client_gone(hr))
        WARN("download %s, the client is gone.\n", debugstr_guid(&download->id));
    if (is_client_gone(hr) || is_final(status))
        reporter->is_detached = TRUE;
}

static void reporter_run(struct task *task)
{
    struct reporter *reporter = impl_from_task(task);
    struct download *download = reporter->download;
    ULONGLONG due = TASK_NEVER;
    DO_DOWNLOAD_STATUS status;
    BOOL drop;

    AcquireSRWLockExclusive(&download->lock);
    while (!reporter->is_detached && pick_status_locked(reporter, &status, &due))
        report_locked(reporter, &status);
    if (!reporter->is_detached && due != TASK_NEVER)
        task_schedule(task, due);
    /* The client is gone, or has heard the last that there is to say. */
    if ((drop = reporter->is_detached && download->reporter == reporter))
        download->reporter = NULL;
    ReleaseSRWLockExclusive(&download->lock);
    if (drop)
        reporter_release(reporter);
}

static void reporter_task_addref(struct task *task)
{
    struct reporter *reporter = impl_from_task(task);

    InterlockedIncrement(&reporter->refcount);
    download_addref(reporter->download);
}

static void reporter_task_release(struct task *task)
{
    struct reporter *reporter = impl_from_task(task);
    struct download *download = reporter->download;

    reporter_release(reporter);
    download_release(download);
}

static const struct task_ops reporter_ops =
{
    reporter_run,
    reporter_task_addref,
    reporter_task_release,
};

HRESULT reporter_create(struct download *download, IUnknown *unknown, struct reporter **out)
{
    IDODownloadStatusCallback *callback;
    struct reporter *reporter;

    if (FAILED(IUnknown_QueryInterface(unknown, &IID_IDODownloadStatusCallback, (void **)&callback)))
        return E_NOINTERFACE;
    if (!(reporter = calloc(1, sizeof(*reporter))))
    {
        IDODownloadStatusCallback_Release(callback);
        return E_OUTOFMEMORY;
    }
    task_init(&reporter->task, &reporter_ops);
    reporter->refcount = 1;
    reporter->download = download;
    reporter->callback = callback;
    reporter->unknown = unknown;
    IUnknown_AddRef(unknown);
    reporter->client = client_get_current();
    list_init(&reporter->reports);
    InitializeConditionVariable(&reporter->returned);
    *out = reporter;
    return S_OK;
}

void reporter_detach_locked(struct reporter *reporter)
{
    reporter->is_detached = TRUE;
}

void reporter_forget_client(struct download *download, const struct client *client)
{
    struct reporter *reporter;

    AcquireSRWLockExclusive(&download->lock);
    reporter = download->reporter;
    if (reporter && reporter->client == client)
    {
        reporter_detach_locked(reporter);
        download->reporter = NULL;
    }
    else
        reporter = NULL;
    ReleaseSRWLockExclusive(&download->lock);
    if (reporter)
        reporter_release(reporter);
}

void reporter_wait(struct reporter *reporter)
{
    struct download *download = reporter->download;
    ULONGLONG now = GetTickCount64(), end = now + LEAVE_TIME;
    GUID causality;

    CoGetCurrentLogicalThreadId(&causality);
    AcquireSRWLockExclusive(&download->lock);
    while (reporter->is_calling && !IsEqualGUID(&causality, &reporter->causality) && now < end)
    {
        SleepConditionVariableSRW(&reporter->returned, &download->lock, end - now, 0);
        now = GetTickCount64();
    }
    ReleaseSRWLockExclusive(&download->lock);
}

void reporter_add_status_locked(struct download *download)
{
    struct reporter *reporter = download->reporter;
    struct report *report;

    if (!reporter)
        return;
    if (!(report = malloc(sizeof(*report))))
    {
        ERR("no memory for a report.\n");
        return;
    }
    download_get_status_locked(download, &report->status);
    list_add_tail(&reporter->reports, &report->entry);
    task_schedule(&reporter->task, reporter->not_before);
}

void reporter_add_progress_locked(struct download *download)
{
    struct reporter *reporter = download->reporter;

    if (reporter && !reporter->is_calling && get_step_locked(download) > reporter->last_step)
        task_schedule(&reporter->task, reporter->not_before);
}

void reporter_begin_locked(struct download *download)
{
    struct reporter *reporter = download->reporter;

    if (!reporter)
        return;
    reporter->not_before = GetTickCount64() + START_DELAY;
    reporter->last_step = 0;
}

void reporter_reschedule_locked(struct download *download)
{
    struct reporter *reporter = download->reporter;

    if (!reporter)
        return;
    reporter->last_step = get_step_locked(download);
    reporter->next_progress = progress_after_locked(download, GetTickCount64());
    task_schedule(&reporter->task, 0);
}
