/*
 * A download: its state, and what clients do to it
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

/* The table of reactions says what a call does in a state. Calls of one download go one after the other
 * (download->operation); the state itself changes under download->lock, by calls and by what the transfer reports. */

#include <stdlib.h>
#include <wchar.h>

#include "model/download.h"
#include "base/base.h"
#include "disk/sink.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Seconds without progress until a failing download gives up. */
#define TIMEOUT_FOREGROUND  300
#define TIMEOUT_BACKGROUND 1800

#define CLEANUP_DELAY 10000 /* milliseconds between attempts to delete a temporary file */

enum call
{
    CALL_START, /* asks for something else than what is in force */
    CALL_PAUSE,
    CALL_ABORT,
    CALL_FINALIZE,
};

enum reaction
{
    REFUSE, /* DO_E_INVALID_STATE */
    PASS,   /* S_OK */
    ACT,
};

static const BYTE reactions[][6] =
{
    /*                  Created  Transf.  Transf'd Final.  Aborted Paused */
    [CALL_START]    = { ACT,     REFUSE,  ACT,     REFUSE, REFUSE, ACT },
    [CALL_PAUSE]    = { PASS,    ACT,     PASS,    REFUSE, REFUSE, ACT },
    [CALL_ABORT]    = { ACT,     ACT,     ACT,     REFUSE, REFUSE, ACT },
    [CALL_FINALIZE] = { REFUSE,  REFUSE,  ACT,     REFUSE, REFUSE, REFUSE },
};

const char *debugstr_download_state(DODownloadState state)
{
    static const char * const names[] =
    {
        "Created", "Transferring", "Transferred", "Finalized", "Aborted", "Paused",
    };

    return (UINT)state < ARRAY_SIZE(names) ? names[state] : wine_dbg_sprintf("state %u", state);
}

void download_save_locked(struct download *download)
{
    if (download->settings.is_non_volatile)
        store_add(&download->item);
    else
        store_add_recordless(&download->item);
}

void download_change_locked(struct download *download)
{
    if (download->settings.is_non_volatile)
        store_change(&download->item);
}

BOOL download_is_final_locked(const struct download *download)
{
    return download->state == DODownloadState_Finalized || download->state == DODownloadState_Aborted;
}

/* Return the result of a blocking Start, now that the download is not Transferring any more. */
static HRESULT get_run_result_locked(const struct download *download)
{
    if (download->state == DODownloadState_Transferred)
        return S_OK;
    if (download->state == DODownloadState_Paused)
        return download->error ? download->error : S_FALSE;
    return E_ABORT;
}

void download_set_status_locked(struct download *download, DODownloadState state, HRESULT error,
        HRESULT extended_error)
{
    DODownloadState previous = download->state;

    if (previous == state && download->error == error && download->extended_error == extended_error)
        return;
    INFO("download %s, %s, %s -> %s, error %#lx, extended %#lx.\n", debugstr_guid(&download->id),
            debugstr_url(download->transfer->url), debugstr_download_state(previous), debugstr_download_state(state),
            error, extended_error);
    download->state = state;
    download->error = error;
    download->extended_error = extended_error;
    if (previous == DODownloadState_Transferring && state != DODownloadState_Transferring)
    {
        download->run_result = get_run_result_locked(download);
        download->run_count++;
        WakeAllConditionVariable(&download->run_ended);
    }
    table_tell_locked(&download->item, DOWNLOAD_STATUS_CHANGED);
    /* A final state is recorded by the call that ends the download. */
    if (!download_is_final_locked(download))
        download_change_locked(download);
}

BOOL download_is_following_locked(const struct download *download)
{
    if (download->ending)
        return FALSE;
    return download->state == DODownloadState_Transferring
            || (download->state == DODownloadState_Paused && !download->error && download->extended_error);
}

/* Return whether the condition passes by itself. A 204 and its like is tried again without being told of. */
static BOOL is_transient(HRESULT hr)
{
    if (hr == DO_E_UNEXPECTED_HTTP_STATUS_2XX)
        return FALSE;
    return HRESULT_FACILITY(hr) == FACILITY_DELIVERY_OPTIMIZATION && (hr & DO_TRANSIENT_ZONE_MASK) == DO_TRANSIENT_ZONE;
}

static void transfer_state_changed_locked(struct download *download)
{
    const struct transfer *transfer = download->transfer;

    switch (transfer->state)
    {
        case TRANSFER_IDLE:
            break;
        case TRANSFER_QUEUED:
        case TRANSFER_RUNNING:
            download_set_status_locked(download, DODownloadState_Transferring, S_OK, S_OK);
            break;
        case TRANSFER_WAITING:
            if (is_transient(transfer->failure.hr))
                download_set_status_locked(download, DODownloadState_Paused, S_OK, transfer->failure.hr);
            else
                download_set_status_locked(download, DODownloadState_Transferring, S_OK, S_OK);
            break;
        case TRANSFER_FAILED:
            download_set_status_locked(download, DODownloadState_Paused, transfer->failure.hr,
                    failure_get_cause(&transfer->failure));
            break;
        case TRANSFER_DONE:
            download_set_status_locked(download, DODownloadState_Transferred, S_OK, S_OK);
            break;
    }
}

/* transfer_ops */

static void download_changed(struct transfer *transfer, enum transfer_event event)
{
    struct download *download = transfer->owner;

    if (event == TRANSFER_EVENT_RESPONSE)
        return;
    if (event == TRANSFER_EVENT_PROGRESS)
        store_progress(&download->item, transfer_get_unflushed_locked(transfer));
    else if (event != TRANSFER_EVENT_STATE)
        download_change_locked(download);
    if (!download_is_following_locked(download))
        return;
    if (event == TRANSFER_EVENT_STATE)
        transfer_state_changed_locked(download);
    else
        table_tell_locked(&download->item, DOWNLOAD_PROGRESSED);
}

static void download_transfer_addref(struct transfer *transfer)
{
    store_item_addref(&((struct download *)transfer->owner)->item);
}

static void download_transfer_release(struct transfer *transfer)
{
    download_release(transfer->owner);
}

static HRESULT download_forget(struct transfer *transfer)
{
    struct download *download = transfer->owner;

    AcquireSRWLockShared(&download->lock);
    download_change_locked(download);
    ReleaseSRWLockShared(&download->lock);
    return store_sync(&download->item);
}

static const struct transfer_ops download_ops =
{
    download_changed,
    download_transfer_addref,
    download_transfer_release,
    download_forget,
};

/* task_ops of the cleanup: the temporary file of an aborted download. */

static void cleanup_run(struct task *task)
{
    struct download *download = CONTAINING_RECORD(task, struct download, cleanup);

    if (SUCCEEDED(download_delete_file(download)))
        store_remove(&download->item);
}

static void cleanup_addref(struct task *task)
{
    store_item_addref(&CONTAINING_RECORD(task, struct download, cleanup)->item);
}

static void cleanup_release(struct task *task)
{
    download_release(CONTAINING_RECORD(task, struct download, cleanup));
}

static const struct task_ops cleanup_ops =
{
    cleanup_run,
    cleanup_addref,
    cleanup_release,
};

HRESULT download_delete_file(struct download *download)
{
    HRESULT hr;

    if (FAILED(hr = transfer_abandon(download->transfer)))
    {
        WARN("download %s, cannot delete its temporary file, hr %#lx.\n", debugstr_guid(&download->id), hr);
        task_schedule(&download->cleanup, GetTickCount64() + CLEANUP_DELAY);
    }
    return hr;
}

HRESULT download_alloc(struct table *table, const WCHAR *url, const WCHAR *path, const struct range *ranges,
        UINT count, struct download **out)
{
    struct download *download;
    HRESULT hr;

    if (!(download = calloc(1, sizeof(*download))))
        return E_OUTOFMEMORY;
    if (FAILED(hr = transfer_create(&download_ops, &transfer_download_rules, download, &download->lock, url, path,
            ranges, count, &download->transfer)))
    {
        free(download);
        return hr;
    }
    table_init_item(table, &download->item, &download->id);
    InitializeSRWLock(&download->operation);
    InitializeSRWLock(&download->lock);
    InitializeConditionVariable(&download->run_ended);
    task_init(&download->cleanup, &cleanup_ops, &service_tasks);
    download->state = DODownloadState_Created;
    download->settings.cost_policy = COST_POLICY_UNSET;
    download->settings.callback_seconds = 1;
    *out = download;
    return S_OK;
}

HRESULT download_create(struct table *table, struct download **out)
{
    struct download *download;
    HRESULT hr;

    table_wait_loaded(table);
    if (FAILED(hr = download_alloc(table, NULL, NULL, NULL, 0, &download)))
        return hr;
    if (FAILED(hr = CoCreateGuid(&download->id)))
    {
        download_release(download);
        return hr;
    }
    download_touch(download);
    download_apply_settings_locked(download);
    INFO("created download %s.\n", debugstr_guid(&download->id));
    *out = download;
    return S_OK;
}

void download_release(struct download *download)
{
    store_item_release(&download->item);
}

void download_destroy(struct store_item *item)
{
    struct download *download = download_from_item(item);

    TRACE("freeing download %s.\n", debugstr_guid(&download->id));
    transfer_destroy(download->transfer);
    callback_release(download->callback);
    client_stream_release(download->stream);
    download_settings_clear(&download->settings);
    free(download->user_sid);
    free(download);
}

void download_insert(struct download *download)
{
    AcquireSRWLockExclusive(&download->lock);
    download->is_in_table = TRUE;
    table_insert(&download->item);
    ReleaseSRWLockExclusive(&download->lock);
}

void download_touch(struct download *download)
{
    age_start(&download->idle);
}

WCHAR *download_format_id(const struct download *download, WCHAR text[37])
{
    const GUID *id = &download->id;

    swprintf(text, 37, L"%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", id->Data1, id->Data2, id->Data3,
            id->Data4[0], id->Data4[1], id->Data4[2], id->Data4[3], id->Data4[4], id->Data4[5], id->Data4[6],
            id->Data4[7]);
    return text;
}

DWORD download_get_cost_policy_locked(const struct download *download)
{
    const struct download_settings *settings = &download->settings;

    if (settings->cost_policy != COST_POLICY_UNSET)
        return settings->cost_policy;
    return settings->is_foreground ? DODownloadCostPolicy_Always : DODownloadCostPolicy_Standard;
}

void download_apply_settings_locked(struct download *download)
{
    struct transfer *transfer = download->transfer;

    transfer_set_foreground_locked(transfer, download->settings.is_foreground);
    transfer->no_progress_timeout = download_get_timeout_locked(download);
    transfer->cost = cost_limits_from_download(download_get_cost_policy_locked(download),
            download->settings.is_cellular_forbidden);
}

UINT download_get_timeout_locked(const struct download *download)
{
    if (download->settings.no_progress_timeout)
        return download->settings.no_progress_timeout;
    return download->settings.is_foreground ? TIMEOUT_FOREGROUND : TIMEOUT_BACKGROUND;
}

void download_get_status_locked(const struct download *download, DO_DOWNLOAD_STATUS *status)
{
    const struct transfer *transfer = download->transfer;
    UINT64 total = transfer_get_total_locked(transfer);

    memset(status, 0, sizeof(*status));
    status->State = download->state;
    status->Error = download->error;
    status->ExtendedError = download->extended_error;
    status->BytesTransferred = transfer_get_progress_locked(transfer);
    if (transfer->state == TRANSFER_DONE)
        status->BytesTotal = transfer->bytes_received;
    else if (total != SIZE_UNKNOWN)
        status->BytesTotal = total;
}

/* The caller holds the operation lock. */
static void drop_stream(struct download *download)
{
    struct client_stream *stream;
    BOOL is_in_use;

    AcquireSRWLockExclusive(&download->lock);
    stream = download->stream;
    download->stream = NULL;
    is_in_use = transfer_has_stream_locked(download->transfer);
    ReleaseSRWLockExclusive(&download->lock);

    if (is_in_use)
        transfer_set_stream(download->transfer, NULL);
    client_stream_release(stream);
}

/* Put the download into a final state. The caller holds the operation lock, and has removed the record, unless
 * something is left to delete. */
static void end_download(struct download *download, DODownloadState state, HRESULT error)
{
    BOOL is_in_table;

    AcquireSRWLockExclusive(&download->lock);
    download_set_status_locked(download, state, error, S_OK);
    is_in_table = download->is_in_table;
    download->is_in_table = FALSE;
    ReleaseSRWLockExclusive(&download->lock);

    drop_stream(download);
    if (is_in_table)
        table_withdraw(&download->item);
}

/* Record which end comes, before it is carried out. The caller holds the operation lock. */
static HRESULT set_ending(struct download *download, enum download_ending ending)
{
    AcquireSRWLockExclusive(&download->lock);
    download->ending = ending;
    if (ending == DOWNLOAD_ABORTING)
        engine_cancel_locked(download->transfer);
    download_change_locked(download);
    ReleaseSRWLockExclusive(&download->lock);
    return store_sync(&download->item);
}

/* The caller holds the operation lock, and the state allows it. DO_E_NO_SERVICE if the next service would go on with
 * it; a disk that is full is no reason to keep what fills it. */
static HRESULT abort_download(struct download *download, HRESULT error)
{
    HRESULT hr = set_ending(download, DOWNLOAD_ABORTING);

    if (hr == DO_E_NO_SERVICE)
        return hr;
    hr = S_OK;
    transfer_drain(download->transfer);
    if (!download->stream)
        hr = download_delete_file(download);
    crash_point("a deleted file");
    if (SUCCEEDED(hr))
        store_remove(&download->item);
    end_download(download, DODownloadState_Aborted, error);
    return S_OK;
}

void download_add_handle(struct download *download)
{
    AcquireSRWLockExclusive(&download->lock);
    download->handle_count++;
    ReleaseSRWLockExclusive(&download->lock);
}

typedef BOOL (*condition_proc)(const struct download *download, const void *context);

static BOOL holds(struct download *download, condition_proc condition, const void *context)
{
    BOOL ret;

    AcquireSRWLockShared(&download->lock);
    ret = condition(download, context);
    ReleaseSRWLockShared(&download->lock);
    return ret;
}

/* Take the operation lock if the condition holds, and still does then. Where it does not, nobody waits for the lock. */
static BOOL begin_if(struct download *download, condition_proc condition, const void *context)
{
    if (!holds(download, condition, context))
        return FALSE;
    AcquireSRWLockExclusive(&download->operation);
    if (holds(download, condition, context))
        return TRUE;
    ReleaseSRWLockExclusive(&download->operation);
    return FALSE;
}

static BOOL is_lost_locked(const struct download *download, const void *context)
{
    return !download->handle_count && download->is_in_table && download->state == DODownloadState_Created
            && !download->settings.is_non_volatile;
}

void download_remove_handle(struct download *download)
{
    AcquireSRWLockExclusive(&download->lock);
    download->handle_count--;
    ReleaseSRWLockExclusive(&download->lock);
    if (!begin_if(download, is_lost_locked, NULL))
        return;
    TRACE("download %s was never started.\n", debugstr_guid(&download->id));
    abort_download(download, S_OK);
    ReleaseSRWLockExclusive(&download->operation);
}

static enum reaction get_reaction_locked(const struct download *download, enum call call)
{
    return reactions[call][download->state];
}

BOOL download_can_start_locked(const struct download *download)
{
    return get_reaction_locked(download, CALL_START) == ACT;
}

/* Begin a call. TRUE with the operation lock held; FALSE if there is nothing to do but to return hr. */
static BOOL begin_call(struct download *download, enum call call, HRESULT *hr)
{
    enum reaction reaction;

    AcquireSRWLockExclusive(&download->operation);
    AcquireSRWLockExclusive(&download->lock);
    download->call_count++;
    reaction = get_reaction_locked(download, call);
    ReleaseSRWLockExclusive(&download->lock);
    *hr = reaction == REFUSE ? DO_E_INVALID_STATE : S_OK;
    if (reaction != ACT)
        ReleaseSRWLockExclusive(&download->operation);
    return reaction == ACT;
}

HRESULT download_pause(struct download *download)
{
    HRESULT hr;

    if (!begin_call(download, CALL_PAUSE, &hr))
        return hr;

    AcquireSRWLockExclusive(&download->lock);
    /* Keep an error, and forget a condition that passes. */
    if (download_is_following_locked(download))
        download_set_status_locked(download, DODownloadState_Paused, S_OK, S_OK);
    engine_cancel_locked(download->transfer);
    ReleaseSRWLockExclusive(&download->lock);
    transfer_drain(download->transfer);
    transfer_park(download->transfer);

    ReleaseSRWLockExclusive(&download->operation);
    /* The download stands still, whether the record can say so or not. */
    return store_sync(&download->item);
}

HRESULT download_abort(struct download *download)
{
    HRESULT hr;

    if (!begin_call(download, CALL_ABORT, &hr))
        return hr;
    hr = abort_download(download, S_OK);
    ReleaseSRWLockExclusive(&download->operation);
    return hr;
}

/* Files that were Transferred may be gone from the disk; the client has to start the download again. */
static void note_loss(struct download *download)
{
    AcquireSRWLockExclusive(&download->lock);
    if (download->transfer->state == TRANSFER_FAILED)
        transfer_state_changed_locked(download);
    ReleaseSRWLockExclusive(&download->lock);
}

/* Give the file its name, and have that on disk. FALSE in *is_undone if the file may have it after a failure. */
static HRESULT commit_file(struct download *download, BOOL *is_undone)
{
    HRESULT hr;

    *is_undone = TRUE;
    if (FAILED(hr = transfer_commit(download->transfer, FALSE)))
        return hr;
    if (FAILED(hr = file_sink_flush_folder(download->transfer->path)))
        *is_undone = SUCCEEDED(transfer_uncommit(download->transfer));
    return hr;
}

HRESULT download_finalize(struct download *download)
{
    BOOL is_undone = TRUE;
    HRESULT hr;

    if (!begin_call(download, CALL_FINALIZE, &hr))
        return hr;
    transfer_drain(download->transfer);
    if (FAILED(hr = set_ending(download, DOWNLOAD_FINALIZING))
            || (download->settings.path && FAILED(hr = commit_file(download, &is_undone))))
    {
        WARN("download %s, cannot finalize, hr %#lx.\n", debugstr_guid(&download->id), hr);
        note_loss(download);
        if (is_undone)
            set_ending(download, DOWNLOAD_NOT_ENDING);
    }
    else
    {
        crash_point("a committed file");
        /* The record says that the file may have its name: while there is one the download may come back. */
        if (SUCCEEDED(hr = store_remove(&download->item)))
            end_download(download, DODownloadState_Finalized, S_OK);
    }
    ReleaseSRWLockExclusive(&download->operation);
    return hr;
}

/* Abort the download if no client has called for so long. */
void download_expire(struct store_item *item, ULONGLONG limit)
{
    struct download *download = download_from_item(item);

    AcquireSRWLockExclusive(&download->operation);
    if (get_reaction_locked(download, CALL_ABORT) == ACT && age_get(&download->idle) >= limit)
    {
        WARN("download %s is too old.\n", debugstr_guid(&download->id));
        abort_download(download, DO_E_JOB_TOO_OLD);
    }
    ReleaseSRWLockExclusive(&download->operation);
    AcquireSRWLockShared(&download->lock);
    if (age_is_unsaved(&download->idle, limit))
        download_change_locked(download);
    ReleaseSRWLockShared(&download->lock);
}

static BOOL is_stream_of_locked(const struct download *download, const void *client)
{
    return client_stream_is_of(download->stream, client);
}

/* Call the client no more, nor write into its stream. */
void download_forget_client(struct store_item *item, const struct client *client)
{
    struct download *download = download_from_item(item);

    AcquireSRWLockExclusive(&download->lock);
    if (download->callback && download->callback->client == client)
        callback_drop_locked(&download->callback);
    ReleaseSRWLockExclusive(&download->lock);
    if (!begin_if(download, is_stream_of_locked, client))
        return;
    AcquireSRWLockExclusive(&download->lock);
    engine_disconnect_locked(download->transfer);
    ReleaseSRWLockExclusive(&download->lock);
    drop_stream(download);
    ReleaseSRWLockExclusive(&download->operation);
}

/* Stop the download, whose state stays in the record. */
static void suspend_for_restart(struct download *download)
{
    AcquireSRWLockExclusive(&download->lock);
    engine_cancel_locked(download->transfer);
    download->run_result = DO_E_NO_SERVICE;
    download->run_count++;
    WakeAllConditionVariable(&download->run_ended);
    ReleaseSRWLockExclusive(&download->lock);
    transfer_drain(download->transfer);
}

/* Stop the download, or abort it if it does not survive the service. */
void download_halt(struct store_item *item)
{
    struct download *download = download_from_item(item);

    AcquireSRWLockExclusive(&download->operation);
    if (download->settings.is_non_volatile)
        suspend_for_restart(download);
    else if (get_reaction_locked(download, CALL_ABORT) == ACT)
        abort_download(download, S_OK);
    ReleaseSRWLockExclusive(&download->operation);
}

struct supersession
{
    const struct download *download; /* supersedes the others */
    const WCHAR *path;
    UINT64 serial;
};

static BOOL is_superseded_locked(const struct download *download, const void *context)
{
    const struct supersession *supersession = context;
    const WCHAR *other = download->transfer->path;

    return download->state != DODownloadState_Created && !download_is_final_locked(download)
            && download->start_serial < supersession->serial && other && is_same_path(supersession->path, other);
}

static void supersede(struct store_item *item, const void *context)
{
    struct download *download = download_from_item(item);
    const struct supersession *supersession = context;

    if (download == supersession->download || !begin_if(download, is_superseded_locked, supersession))
        return;
    WARN("download %s gives way to another one to %s.\n", debugstr_guid(&download->id),
            debugstr_w(supersession->path));
    abort_download(download, S_OK);
    ReleaseSRWLockExclusive(&download->operation);
}

void download_supersede_others(struct download *download, const WCHAR *path, UINT64 serial)
{
    const struct supersession supersession = { download, path, serial };

    table_for_each(download->item.table, supersede, &supersession);
}
