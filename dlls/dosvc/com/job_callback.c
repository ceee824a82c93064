/*
 * Tells a client what becomes of its job
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

/* News are a set of flags, not a queue: newer ones replace older ones, however long the client does not answer. */

#include "com/com.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* In milliseconds. */
#define FIRST_RETRY_DELAY     5000
#define NEXT_RETRY_DELAY      30000

#define PENDING(event) (1u << (event))

struct job_callback
{
    struct callback callback;
    /* Arguments of the call: set before it, constant meanwhile. */
    enum job_event event;
    struct job_file *file;  /* borrowed */
    struct job_error error;

    /* guarded by job->lock */
    UINT pending;
    ULONGLONG next_modification; /* tick counts */
    ULONGLONG retry_time;        /* before it nothing is told again, and no activation is tried again */
    BOOL is_retry;
};

static const struct
{
    DWORD flag;
    BG_JOB_STATE state; /* the event is void in another one */
}
events[] =
{
    [JOB_FILE_TRANSFERRED] = { BG_NOTIFY_FILE_TRANSFERRED },
    [JOB_TRANSFERRED]      = { BG_NOTIFY_JOB_TRANSFERRED, BG_JOB_STATE_TRANSFERRED },
    [JOB_ERROR]            = { BG_NOTIFY_JOB_ERROR, BG_JOB_STATE_ERROR },
    [JOB_MODIFIED]         = { BG_NOTIFY_JOB_MODIFICATION },
};

static inline struct job_callback *impl_from_callback(struct callback *callback)
{
    return CONTAINING_RECORD(callback, struct job_callback, callback);
}

static BOOL is_wanted_locked(const struct job *job, enum job_event event)
{
    return (job->notify_flags & events[event].flag) && !(job->notify_flags & BG_NOTIFY_DISABLE);
}

static BOOL is_void_locked(const struct job *job, enum job_event event)
{
    return events[event].state && events[event].state != job->state;
}

/* The first file, in the order added, whose arrival has to be told. */
static struct job_file *get_pending_file_locked(const struct job *job)
{
    UINT i;

    for (i = 0; i < job->file_count; i++)
    {
        if (job->files[i]->is_notify_pending)
            return job->files[i];
    }
    return NULL;
}

static BOOL can_tell_locked(struct job_callback *callback, enum job_event event)
{
    struct job *job = job_from_item(callback->callback.item);

    if (!is_wanted_locked(job, event) || is_void_locked(job, event))
        return FALSE;
    if (event != JOB_FILE_TRANSFERRED)
        return TRUE;
    callback->file = get_pending_file_locked(job);
    return callback->file && (callback->callback.interfaces[1] || !callback->callback.unknown);
}

static ULONGLONG get_due_locked(const struct job_callback *callback, enum job_event event)
{
    if (event == JOB_MODIFIED && callback->callback.unknown)
        return callback->next_modification;
    return callback->retry_time;
}

/* FileTransferred comes before the end of the job, and what has to be said again holds back what follows it. */
static ULONGLONG job_callback_pick_locked(struct callback *iface, ULONGLONG now)
{
    struct job_callback *callback = impl_from_callback(iface);
    struct job *job = job_from_item(iface->item);
    ULONGLONG due, next = TASK_NEVER;
    enum job_event event;

    if (job->notify_flags & BG_NOTIFY_DISABLE)
        return TASK_NEVER;
    for (event = 0; event < ARRAY_SIZE(events); event++)
    {
        if (!(callback->pending & PENDING(event)))
            continue;
        if (!can_tell_locked(callback, event))
        {
            callback->pending &= ~PENDING(event);
            continue;
        }
        if ((due = get_due_locked(callback, event)) <= now)
        {
            callback->pending &= ~PENDING(event);
            callback->event = event;
            callback->error = job->error;
            if (event == JOB_MODIFIED)
                callback->next_modification = now + job->notify_interval;
            return due;
        }
        next = min(next, due);
        /* Hold back only what has to follow an unanswered call. */
        if (event == JOB_FILE_TRANSFERRED)
            break;
    }
    return next;
}

static HRESULT job_callback_call(struct callback *iface)
{
    struct job_callback *callback = impl_from_callback(iface);
    struct job *job = job_from_item(iface->item);
    IBackgroundCopyCallback *object = (IBackgroundCopyCallback *)iface->interfaces[0];
    IBackgroundCopyError *bg_error = NULL;
    IBackgroundCopyFile *bg_file = NULL;
    IBackgroundCopyJob *bg_job;
    HRESULT hr;

    if (FAILED(hr = bg_job_create(job, iface->client, &bg_job)))
        return hr;
    switch (callback->event)
    {
        case JOB_FILE_TRANSFERRED:
            if (iface->interfaces[1] && SUCCEEDED(hr = bg_file_create(callback->file, iface->client, &bg_file)))
                hr = IBackgroundCopyCallback2_FileTransferred((IBackgroundCopyCallback2 *)iface->interfaces[1], bg_job,
                        bg_file);
            break;
        case JOB_TRANSFERRED:
            hr = IBackgroundCopyCallback_JobTransferred(object, bg_job);
            break;
        case JOB_ERROR:
            if (SUCCEEDED(hr = bg_error_create(job, &callback->error, iface->client, &bg_error)))
                hr = IBackgroundCopyCallback_JobError(object, bg_job, bg_error);
            break;
        case JOB_MODIFIED:
            hr = IBackgroundCopyCallback_JobModification(object, bg_job, 0);
            break;
        case JOB_LISTENER_CHANGED:
            break;
    }
    TRACE("job %s, event %u, hr %#lx.\n", debugstr_guid(&job->id), callback->event, hr);
    callback_release_argument((IUnknown *)bg_error, hr);
    callback_release_argument((IUnknown *)bg_file, hr);
    callback_release_argument((IUnknown *)bg_job, hr);
    return hr;
}

static void retry_locked(struct job_callback *callback)
{
    callback->pending |= PENDING(callback->event);
    callback->retry_time = GetTickCount64() + (callback->is_retry ? NEXT_RETRY_DELAY : FIRST_RETRY_DELAY);
    callback->is_retry = TRUE;
}

static void accept_locked(struct job_callback *callback)
{
    struct job *job = job_from_item(callback->callback.item);

    callback->retry_time = 0;
    callback->is_retry = FALSE;
    if (callback->event == JOB_FILE_TRANSFERRED)
    {
        callback->file->is_notify_pending = FALSE;
        if (get_pending_file_locked(job))
            callback->pending |= PENDING(JOB_FILE_TRANSFERRED);
    }
    else if (!(callback->pending & PENDING(callback->event)))
    {
        job->is_notified = TRUE;
        store_change(&job->item);
    }
}

/* The class takes the place of an object that is not there. */
static void use_class_locked(struct job *job)
{
    if (!job->callback && !IsEqualGUID(&job->notify_clsid, &GUID_NULL))
        callback_create_for_class(&job_callback_ops, &job->item, &job->lock, &job->callback, &job->notify_clsid,
                &job->callback);
}

static BOOL notify_locked(struct job *job, enum job_event event)
{
    struct job_callback *callback;

    if (events[event].state)
        job->is_notified = FALSE;
    if (!is_wanted_locked(job, event))
        return FALSE;
    use_class_locked(job);
    if (!job->callback)
        return FALSE;
    callback = impl_from_callback(job->callback);
    if (events[event].state && job->callback->unknown)
    {
        callback->retry_time = 0;
        callback->is_retry = FALSE;
    }
    callback->pending |= PENDING(event);
    task_schedule(&job->callback->task, get_due_locked(callback, event));
    return TRUE;
}

/* Tell what holds now and has not been told: the interface, the flags or the class to be notified have changed. */
static void renotify_locked(struct job *job)
{
    enum job_event event = job->state == BG_JOB_STATE_ERROR ? JOB_ERROR : JOB_TRANSFERRED;
    UINT i;

    /* Files that arrived before somebody wanted to hear of files are not told. */
    for (i = 0; !is_wanted_locked(job, JOB_FILE_TRANSFERRED) && i < job->file_count; i++)
        job->files[i]->is_notify_pending = FALSE;
    if (get_pending_file_locked(job))
        notify_locked(job, JOB_FILE_TRANSFERRED);
    if (job->is_notified || is_void_locked(job, event))
        return;
    /* The client may come here from inside the call that tells it. */
    if (job->callback && job->callback->is_calling && impl_from_callback(job->callback)->event == event)
        return;
    notify_locked(job, event);
}

static void job_callback_set_result_locked(struct callback *iface, HRESULT hr)
{
    struct job_callback *callback = impl_from_callback(iface);
    struct job *job = job_from_item(iface->item);

    if (iface->is_detached)
    {
        renotify_locked(job); /* the class takes its place, if there is one */
        return;
    }
    /* Let a class rest that could not be activated, or whose server has ended, whatever there is to tell. */
    if (!iface->unknown)
        retry_locked(callback);
    /* The answer may come when the job is in another state; then it says nothing about what is to be told now. */
    else if (callback->event == JOB_MODIFIED || is_void_locked(job, callback->event))
        return;
    else if (callback->event == JOB_FILE_TRANSFERRED ? SUCCEEDED(hr) : hr == S_OK)
        accept_locked(callback);
    else
        retry_locked(callback);
}

static BOOL job_callback_tell_locked(struct store_item *item, UINT event)
{
    struct job *job = job_from_item(item);

    if (event != JOB_LISTENER_CHANGED)
        return notify_locked(job, event);
    renotify_locked(job);
    return TRUE;
}

const struct callback_ops job_callback_ops =
{
    sizeof(struct job_callback),
    { &IID_IBackgroundCopyCallback, &IID_IBackgroundCopyCallback2 },
    job_callback_tell_locked,
    job_callback_pick_locked,
    job_callback_call,
    job_callback_set_result_locked,
};
