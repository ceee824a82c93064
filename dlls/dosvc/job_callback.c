/*
 * Calls clients back: in order, throttled, never under a lock
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

/* A notifier calls one client object about one job. What it has to say is a set
 * of flags, not a queue: newer news replace older ones, and a client that never
 * answers costs one thread and nothing else. The thread lives only while there
 * is something to say. */

#include "dosvc_private.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* In milliseconds. */
#define MODIFICATION_INTERVAL 500
#define FIRST_RETRY_DELAY     5000
#define NEXT_RETRY_DELAY      30000

#define PENDING(event) (1u << (event))

struct notifier
{
    LONG refcount;
    struct job *job;         /* borrowed by the notifier, owned by its thread */
    struct client *client;   /* owned */
    IUnknown *unknown;       /* owned; NULL for a class to be activated */
    CLSID clsid;             /* if unknown is NULL */
    CONDITION_VARIABLE wake; /* with the job's lock */

    /* Owned by the thread once it runs, set before otherwise. */
    IBackgroundCopyCallback *callback;
    IBackgroundCopyCallback2 *callback2; /* NULL if the client has none */

    /* guarded by job->lock */
    UINT pending;
    BOOL has_thread;
    UINT calling;                /* the event that is being told */
    BOOL is_detached;
    ULONGLONG next_modification; /* tick counts */
    ULONGLONG retry_time;        /* 0: nothing to be said again */
    BOOL is_retry;
};

static HRESULT notifier_alloc(struct job *job, struct notifier **out)
{
    struct notifier *notifier;

    if (!(notifier = calloc(1, sizeof(*notifier))))
        return E_OUTOFMEMORY;
    notifier->refcount = 1;
    notifier->job = job;
    InitializeConditionVariable(&notifier->wake);
    *out = notifier;
    return S_OK;
}

/* Called while the client is in its own call: to ask its object later could
 * block for as long as the client does not pump messages. */
HRESULT notifier_create(struct job *job, IUnknown *unknown, struct notifier **out)
{
    IBackgroundCopyCallback *callback;
    struct notifier *notifier;
    HRESULT hr;

    if (FAILED(IUnknown_QueryInterface(unknown, &IID_IBackgroundCopyCallback, (void **)&callback)))
        return E_NOINTERFACE;
    if (FAILED(hr = notifier_alloc(job, &notifier)))
    {
        IBackgroundCopyCallback_Release(callback);
        return hr;
    }
    notifier->callback = callback;
    if (FAILED(IUnknown_QueryInterface(unknown, &IID_IBackgroundCopyCallback2, (void **)&notifier->callback2)))
        notifier->callback2 = NULL;
    IUnknown_AddRef(unknown);
    notifier->unknown = unknown;
    notifier->client = client_get_current();
    *out = notifier;
    return S_OK;
}

void notifier_release(struct notifier *notifier)
{
    if (InterlockedDecrement(&notifier->refcount))
        return;
    if (notifier->callback2)
        IBackgroundCopyCallback2_Release(notifier->callback2);
    if (notifier->callback)
        IBackgroundCopyCallback_Release(notifier->callback);
    if (notifier->unknown)
        IUnknown_Release(notifier->unknown);
    client_release(notifier->client);
    free(notifier);
}

void notifier_detach_locked(struct notifier *notifier)
{
    notifier->is_detached = TRUE;
    WakeAllConditionVariable(&notifier->wake);
}

IUnknown *notifier_get_unknown(struct notifier *notifier)
{
    if (notifier->unknown)
        IUnknown_AddRef(notifier->unknown);
    return notifier->unknown;
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

BOOL notifier_is_class(const struct notifier *notifier)
{
    return !notifier->unknown;
}

/* What to say next, or -1; wait is then the time until something is due, in
 * milliseconds. FileTransferred comes before the end of the job, and what has
 * to be said again holds back what follows it. */
static int pick_event_locked(struct notifier *notifier, DWORD *wait)
{
    static const struct
    {
        enum notify_event event;
        DWORD flag;
        BG_JOB_STATE state; /* the event is void in another one */
    }
    order[] =
    {
        { NOTIFY_FILE,         BG_NOTIFY_FILE_TRANSFERRED },
        { NOTIFY_TRANSFERRED,  BG_NOTIFY_JOB_TRANSFERRED, BG_JOB_STATE_TRANSFERRED },
        { NOTIFY_ERROR,        BG_NOTIFY_JOB_ERROR,       BG_JOB_STATE_ERROR },
        { NOTIFY_MODIFICATION, BG_NOTIFY_JOB_MODIFICATION },
    };
    ULONGLONG now = GetTickCount64(), due;
    struct job *job = notifier->job;
    UINT i;

    *wait = INFINITE;
    if (job->notify_flags & BG_NOTIFY_DISABLE)
        return -1;
    for (i = 0; i < ARRAY_SIZE(order); i++)
    {
        if (!(notifier->pending & PENDING(order[i].event)))
            continue;
        if (!(job->notify_flags & order[i].flag) || (order[i].state && order[i].state != job->state))
        {
            notifier->pending &= ~PENDING(order[i].event);
            continue;
        }
        due = order[i].event == NOTIFY_MODIFICATION ? notifier->next_modification : notifier->retry_time;
        if (due <= now)
            return order[i].event;
        *wait = min(*wait, due - now);
        /* Only what has to follow an unanswered call waits for it. */
        if (order[i].event == NOTIFY_FILE)
            break;
    }
    return -1;
}

static BOOL is_client_gone(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE) || hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED)
            || hr == RPC_E_DISCONNECTED || hr == CO_E_OBJNOTCONNECTED || hr == RPC_E_SERVER_DIED_DNE;
}

/* A client that died before it got the argument cannot release it. */
static void release_argument(IUnknown *object, HRESULT hr)
{
    if (!object)
        return;
    if (is_client_gone(hr))
        CoDisconnectObject(object, 0);
    IUnknown_Release(object);
}

/* The call itself, without a lock. */
static HRESULT call_client(struct notifier *notifier, enum notify_event event, struct job_file *file,
        const struct job_error *error)
{
    IBackgroundCopyError *bg_error = NULL;
    IBackgroundCopyFile *bg_file = NULL;
    IBackgroundCopyJob *bg_job;
    HRESULT hr;

    if (FAILED(hr = bg_job_create(notifier->job, notifier->client, &bg_job)))
        return hr;
    switch (event)
    {
        case NOTIFY_FILE:
            if (SUCCEEDED(hr = bg_file_create(file, notifier->client, &bg_file)))
                hr = IBackgroundCopyCallback2_FileTransferred(notifier->callback2, bg_job, bg_file);
            break;
        case NOTIFY_TRANSFERRED:
            hr = IBackgroundCopyCallback_JobTransferred(notifier->callback, bg_job);
            break;
        case NOTIFY_ERROR:
            if (SUCCEEDED(hr = bg_error_create(notifier->job, error, notifier->client, &bg_error)))
                hr = IBackgroundCopyCallback_JobError(notifier->callback, bg_job, bg_error);
            break;
        case NOTIFY_MODIFICATION:
            hr = IBackgroundCopyCallback_JobModification(notifier->callback, bg_job, 0);
            break;
    }
    TRACE("job %s, event %u, hr %#lx.\n", debugstr_guid(&notifier->job->id), event, hr);
    release_argument((IUnknown *)bg_error, hr);
    release_argument((IUnknown *)bg_file, hr);
    release_argument((IUnknown *)bg_job, hr);
    return hr;
}

static void set_result_locked(struct notifier *notifier, enum notify_event event, struct job_file *file, HRESULT hr)
{
    struct job *job = notifier->job;
    BOOL is_accepted = event == NOTIFY_FILE ? SUCCEEDED(hr) : hr == S_OK;

    if (is_client_gone(hr))
    {
        WARN("job %s, the client is gone.\n", debugstr_guid(&job->id));
        notifier->is_detached = TRUE;
        return;
    }
    /* The answer may come when the job is in another state, or has another
     * client object; then it says nothing about what is to be told now. */
    if (event == NOTIFY_MODIFICATION || notifier->is_detached
            || (event == NOTIFY_TRANSFERRED && job->state != BG_JOB_STATE_TRANSFERRED)
            || (event == NOTIFY_ERROR && job->state != BG_JOB_STATE_ERROR))
        return;
    if (!is_accepted)
    {
        notifier->pending |= PENDING(event);
        notifier->retry_time = GetTickCount64() + (notifier->is_retry ? NEXT_RETRY_DELAY : FIRST_RETRY_DELAY);
        notifier->is_retry = TRUE;
        return;
    }
    notifier->retry_time = 0;
    notifier->is_retry = FALSE;
    if (event == NOTIFY_FILE)
    {
        file->is_notify_pending = FALSE;
        if (get_pending_file_locked(job))
            notifier->pending |= PENDING(NOTIFY_FILE);
    }
    else if (!(notifier->pending & PENDING(event)))
    {
        job->is_notified = TRUE;
        store_change(&job->item);
    }
}

static void notify_locked(struct notifier *notifier, enum notify_event event)
{
    struct job *job = notifier->job;
    struct job_file *file = NULL;
    struct job_error error = job->error;
    HRESULT hr;

    notifier->pending &= ~PENDING(event);
    if (event == NOTIFY_MODIFICATION)
        notifier->next_modification = GetTickCount64() + MODIFICATION_INTERVAL;
    if (event == NOTIFY_FILE && (!notifier->callback2 || !(file = get_pending_file_locked(job))))
        return;
    notifier->calling = PENDING(event);
    ReleaseSRWLockExclusive(&job->lock);
    hr = call_client(notifier, event, file, &error);
    AcquireSRWLockExclusive(&job->lock);
    notifier->calling = 0;
    set_result_locked(notifier, event, file, hr);
}

/* The class that the job names, for a job without an interface. */
static void activate_class(struct notifier *notifier)
{
    HRESULT hr;

    if (FAILED(hr = CoCreateInstance(&notifier->clsid, NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyCallback,
            (void **)&notifier->callback)))
    {
        WARN("cannot activate %s, hr %#lx.\n", debugstr_guid(&notifier->clsid), hr);
        notifier->callback = NULL;
        return;
    }
    if (FAILED(IBackgroundCopyCallback_QueryInterface(notifier->callback, &IID_IBackgroundCopyCallback2,
            (void **)&notifier->callback2)))
        notifier->callback2 = NULL;
}

static DWORD WINAPI notifier_proc(void *arg)
{
    struct notifier *notifier = arg;
    struct job *job = notifier->job;
    BOOL drop;
    DWORD wait;
    int event;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (!notifier->callback)
        activate_class(notifier);

    AcquireSRWLockExclusive(&job->lock);
    while (!notifier->is_detached && notifier->callback)
    {
        if ((event = pick_event_locked(notifier, &wait)) != -1)
            notify_locked(notifier, event);
        else if (wait == INFINITE)
            break;
        else
            SleepConditionVariableSRW(&notifier->wake, &job->lock, wait, 0);
    }
    notifier->has_thread = FALSE;
    /* A client that is gone, or a class that cannot be activated, is forgotten. */
    if ((drop = job->notifier == notifier && (notifier->is_detached || !notifier->callback)))
    {
        job->notifier = NULL;
        if (notifier->unknown)
            job_renotify_locked(job); /* the class takes its place, if there is one */
    }
    ReleaseSRWLockExclusive(&job->lock);

    if (drop)
        notifier_release(notifier);
    notifier_release(notifier);
    job_release(job);
    CoUninitialize();
    return 0;
}

static void start_thread_locked(struct notifier *notifier)
{
    HANDLE thread;

    job_addref(notifier->job);
    InterlockedIncrement(&notifier->refcount);
    if (!(thread = CreateThread(NULL, 0, notifier_proc, notifier, 0, NULL)))
    {
        /* The news stay pending; the next ones try again. Neither reference is
         * the last one: the caller holds both objects. */
        ERR("cannot create a thread, error %lu.\n", GetLastError());
        InterlockedDecrement(&notifier->refcount);
        InterlockedDecrement(&notifier->job->item.refcount);
        return;
    }
    CloseHandle(thread);
    notifier->has_thread = TRUE;
}

static BOOL is_wanted_locked(const struct job *job, enum notify_event event)
{
    static const DWORD flags[] =
    {
        [NOTIFY_TRANSFERRED]  = BG_NOTIFY_JOB_TRANSFERRED,
        [NOTIFY_ERROR]        = BG_NOTIFY_JOB_ERROR,
        [NOTIFY_MODIFICATION] = BG_NOTIFY_JOB_MODIFICATION,
        [NOTIFY_FILE]         = BG_NOTIFY_FILE_TRANSFERRED,
    };

    return (job->notify_flags & flags[event]) && !(job->notify_flags & BG_NOTIFY_DISABLE);
}

/* Nobody has asked to hear of the files that have arrived so far. */
static void forget_files_locked(struct job *job)
{
    UINT i;

    for (i = 0; i < job->file_count; i++)
        job->files[i]->is_notify_pending = FALSE;
    job->has_pending_files = FALSE;
}

/* The class is activated only when there is something to tell it. */
static void use_class_locked(struct job *job)
{
    struct notifier *notifier;

    if (job->notifier || IsEqualGUID(&job->notify_clsid, &GUID_NULL) || FAILED(notifier_alloc(job, &notifier)))
        return;
    notifier->clsid = job->notify_clsid;
    job->notifier = notifier;
}

/* FALSE if nobody wants to hear of it. */
static BOOL tell_client_locked(struct job *job, enum notify_event event)
{
    if (event == NOTIFY_TRANSFERRED || event == NOTIFY_ERROR)
        job->is_notified = FALSE;
    if (is_wanted_locked(job, event))
        use_class_locked(job);
    if (!job->notifier || !is_wanted_locked(job, event))
        return FALSE;
    if (event == NOTIFY_TRANSFERRED || event == NOTIFY_ERROR)
    {
        job->notifier->retry_time = 0;
        job->notifier->is_retry = FALSE;
    }
    job->notifier->pending |= PENDING(event);
    if (job->notifier->has_thread)
        WakeAllConditionVariable(&job->notifier->wake);
    else
        start_thread_locked(job->notifier);
    return TRUE;
}

void job_notify_locked(struct job *job, enum notify_event event)
{
    tell_client_locked(job, event);
}

void job_notify_file_locked(struct job_file *file)
{
    struct job *job = file->job;

    if (tell_client_locked(job, NOTIFY_FILE))
        file->is_notify_pending = job->has_pending_files = TRUE;
    else if (job->has_pending_files)
        forget_files_locked(job);
}

void job_renotify_locked(struct job *job)
{
    enum notify_event event = job->state == BG_JOB_STATE_ERROR ? NOTIFY_ERROR : NOTIFY_TRANSFERRED;

    if (job->notifier && get_pending_file_locked(job) && !tell_client_locked(job, NOTIFY_FILE))
        forget_files_locked(job);
    if (job->is_notified || (job->state != BG_JOB_STATE_ERROR && job->state != BG_JOB_STATE_TRANSFERRED))
        return;
    /* The client may come here from inside the call that tells it. */
    if (job->notifier && (job->notifier->calling & PENDING(event)))
        return;
    job_notify_locked(job, event);
}
