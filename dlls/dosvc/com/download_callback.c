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

/* Every change of the status is told in order, and in between how far the download has come. */

#include "com/com.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* In milliseconds. */
#define START_DELAY  200  /* between Start and the first call: a client starts first and waits then */
#define REPEAT_DELAY 1000 /* a client may have missed the call that ends its waiting */

/* Changes that are kept for a client that does not return from a call. The API knows no bound (download-api 5.3),
 * but an unlimited number would be a leak. Of more, the first ones are told, and the last, which is the
 * status that the download has then: what a client waits for is never left out. */
#define MAX_CHANGES 16

struct download_callback
{
    struct callback callback;
    /* The call: set before it, constant meanwhile. */
    DO_DOWNLOAD_STATUS status;
    BOOL is_repetition;
    UINT call_count;         /* download->call_count before the call */

    /* guarded by download->lock */
    DO_DOWNLOAD_STATUS changes[MAX_CHANGES]; /* to be told */
    UINT change_count;
    ULONGLONG not_before;    /* tick counts */
    ULONGLONG next_progress;
    ULONGLONG repeat_time;   /* 0: nothing to be said again */
    UINT last_step;          /* in units of CallbackFreqPercent */
};

static inline struct download_callback *impl_from_callback(struct callback *callback)
{
    return CONTAINING_RECORD(callback, struct download_callback, callback);
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

static ULONGLONG progress_after_locked(const struct download *download, ULONGLONG now)
{
    UINT seconds = download->settings.callback_seconds;

    return seconds ? now + 1000 * (ULONGLONG)seconds : TASK_NEVER;
}

static ULONGLONG get_due_locked(const struct download_callback *callback)
{
    const struct download *download = download_from_item(callback->callback.item);

    if (callback->change_count)
        return callback->not_before;
    if (callback->repeat_time)
        return max(callback->repeat_time, callback->not_before);
    if (download->state != DODownloadState_Transferring)
        return TASK_NEVER;
    if (get_step_locked(download) > callback->last_step)
        return callback->not_before;
    return max(callback->next_progress, callback->not_before);
}

static ULONGLONG download_callback_pick_locked(struct callback *iface, ULONGLONG now)
{
    struct download_callback *callback = impl_from_callback(iface);
    struct download *download = download_from_item(iface->item);
    ULONGLONG due;

    if (callback->call_count != download->call_count || callback->change_count)
        callback->repeat_time = 0;
    if ((due = get_due_locked(callback)) > now)
        return due;
    /* The last change is to the state that the download is in now, but the numbers may be newer. */
    if (callback->change_count > 1)
        callback->status = callback->changes[0];
    else
        download_get_status_locked(download, &callback->status);
    if (callback->change_count)
        memmove(callback->changes, callback->changes + 1, --callback->change_count * sizeof(*callback->changes));
    callback->is_repetition = callback->repeat_time != 0;
    callback->call_count = download->call_count;
    callback->repeat_time = 0;
    callback->last_step = get_step_locked(download);
    return due;
}

static HRESULT download_callback_call(struct callback *iface)
{
    struct download_callback *callback = impl_from_callback(iface);
    struct download *download = download_from_item(iface->item);
    IDODownload *handle;
    HRESULT hr;

    if (FAILED(hr = do_download_create(download, iface->client, &handle)))
        return hr;
    hr = IDODownloadStatusCallback_OnStatusChange((IDODownloadStatusCallback *)iface->interfaces[0], handle,
            &callback->status);
    TRACE("download %s, %s, hr %#lx.\n", debugstr_guid(&download->id),
            debugstr_download_state(callback->status.State), hr);
    callback_release_argument((IUnknown *)handle, hr);
    return hr;
}

static void download_callback_set_result_locked(struct callback *iface, HRESULT hr)
{
    struct download_callback *callback = impl_from_callback(iface);
    const DO_DOWNLOAD_STATUS *status = &callback->status;
    struct download *download = download_from_item(iface->item);
    ULONGLONG now = GetTickCount64();

    callback->next_progress = progress_after_locked(download, now);
    if (!callback->is_repetition && (status->State == DODownloadState_Transferred
            || (status->State == DODownloadState_Paused && status->Error)))
        callback->repeat_time = now + REPEAT_DELAY;
    if (!iface->is_detached && (status->State == DODownloadState_Finalized
            || status->State == DODownloadState_Aborted))
        callback_drop_locked(&download->callback);
}

static void add_change_locked(struct download_callback *callback, const struct download *download)
{
    if (download->state == DODownloadState_Transferring)
    {
        callback->not_before = GetTickCount64() + START_DELAY;
        callback->last_step = 0;
    }
    if (callback->change_count < MAX_CHANGES)
        callback->change_count++;
    download_get_status_locked(download, &callback->changes[callback->change_count - 1]);
}

static BOOL download_callback_tell_locked(struct store_item *item, UINT event)
{
    struct download *download = download_from_item(item);
    struct download_callback *callback;
    ULONGLONG due = 0;

    if (!download->callback)
        return FALSE;
    callback = impl_from_callback(download->callback);
    switch (event)
    {
        case DOWNLOAD_STATUS_CHANGED:
            add_change_locked(callback, download);
            due = callback->not_before;
            break;
        case DOWNLOAD_PROGRESSED:
            if (download->callback->is_calling || get_step_locked(download) <= callback->last_step)
                return TRUE;
            due = callback->not_before;
            break;
        case DOWNLOAD_LISTENER_CHANGED:
            callback->last_step = get_step_locked(download);
            callback->next_progress = progress_after_locked(download, GetTickCount64());
            break;
    }
    task_schedule(&download->callback->task, due);
    return TRUE;
}

const struct callback_ops download_callback_ops =
{
    sizeof(struct download_callback),
    { &IID_IDODownloadStatusCallback },
    download_callback_tell_locked,
    download_callback_pick_locked,
    download_callback_call,
    download_callback_set_result_locked,
};
