/*
 * Requests that are sent before their turn
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

/* The files of a job are stored one after the other. While a small one is
 * stored, another thread sends the requests for those that follow; so a job of many
 * small files does not wait for each response. An early response counts, and is
 * published, when its turn has come. Only requests that depend on nothing are sent
 * early. A request that failed, perhaps since the server wants fewer connections, is
 * made again at its turn. */

#include <stdlib.h>

#include "engine/attempt.h"
#include "base/wineheaders.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define SMALL_SIZE 0x10000 /* bytes; behind a longer body the others would wait too long */
#define PATIENCE   1000    /* ms; some servers serve one connection at a time */

/* Thread that sends the requests of a worker, and receives the responses in the order of
 * the turns. One is enough for requests over connections that are there: their responses
 * come while it sends the others. When it waits for a response, so does the worker,
 * which then sends the requests that are left. */
struct prefetch_thread
{
    LONG refcount; /* by the worker, the thread and each request */
    SRWLOCK lock;
    CONDITION_VARIABLE changed; /* for the thread */
    /* protected by lock */
    struct list added;          /* requests that are to be sent */
    struct list sent;           /* requests whose responses it is to receive */
    BOOL is_ended;
};

struct prefetch_request
{
    LONG refcount; /* by the worker and the thread that has the request */
    struct prefetch_thread *thread;
    struct list entry;
    struct slot slot; /* guarded by the engine's lock */
    enum status_rules status_rules; /* as in struct http_params */
    WCHAR *url;    /* owned */
    struct http_cancel cancel;
    CONDITION_VARIABLE done;
    /* protected by the lock of the thread */
    BOOL is_done;
    /* the thread's until it is done, the worker's then */
    BOOL has_begun;
    struct cookie_jar jar;
    struct failure failure;
    struct http_exchange exchange;
};

static void thread_release(struct prefetch_thread *thread)
{
    if (!InterlockedDecrement(&thread->refcount))
        free(thread);
}

static struct prefetch_request *request_create(const struct transfer *transfer, WCHAR *url)
{
    struct prefetch_request *request;

    if (!(request = calloc(1, sizeof(*request))))
    {
        free(url);
        return NULL;
    }
    request->refcount = 2;
    request->slot.host = url_hash_host(url);
    request->slot.cancel = &request->cancel;
    request->status_rules = transfer->rules->status_rules;
    request->url = url;
    InitializeConditionVariable(&request->done);
    return request;
}

static void request_destroy(struct prefetch_request *request)
{
    http_close(&request->exchange);
    cookies_clear(&request->jar);
    free(request->url);
    free(request);
}

static void request_release(struct prefetch_request *request)
{
    struct prefetch_thread *thread = request->thread;

    if (InterlockedDecrement(&request->refcount))
        return;
    request_destroy(request);
    thread_release(thread);
}

/* Wait for the response to a request. */
static void finish(struct prefetch_request *request)
{
    const struct http_params params = { .status_rules = request->status_rules, .url = request->url,
            .jar = &request->jar };

    if (request->has_begun)
        request->failure = http_finish(&params, &request->exchange);
    else
        request->failure = http_open(&params, &request->cancel, &request->exchange);
    AcquireSRWLockExclusive(&request->thread->lock);
    request->is_done = TRUE;
    ReleaseSRWLockExclusive(&request->thread->lock);
    WakeConditionVariable(&request->done);
    engine_end_extra(&request->slot);
    request_release(request);
}

static void CALLBACK finish_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    CallbackMayRunLong(instance);
    finish(context);
}

/* Send a request, or let another thread do so if it has to connect. FALSE in that case. */
static BOOL begin(struct prefetch_request *request)
{
    const struct http_params params = { .status_rules = request->status_rules, .url = request->url };

    request->has_begun = http_begin(&params, &request->cancel, &request->exchange);
    return request->has_begun || http_is_cancelled(&request->cancel) || !engine_start_thread(finish_proc, request);
}

static struct prefetch_request *take_first_locked(struct list *list)
{
    struct list *entry = list_head(list);

    if (!entry)
        return NULL;
    list_remove(entry);
    return LIST_ENTRY(entry, struct prefetch_request, entry);
}

/* Send a request, with the lock left meanwhile. */
static void send_locked(struct prefetch_thread *thread, struct prefetch_request *request)
{
    BOOL is_ours;

    ReleaseSRWLockExclusive(&thread->lock);
    is_ours = begin(request);
    AcquireSRWLockExclusive(&thread->lock);
    if (is_ours)
        list_add_tail(&thread->sent, &request->entry);
}

static void CALLBACK thread_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct prefetch_thread *thread = context;
    struct prefetch_request *request;

    CallbackMayRunLong(instance);
    AcquireSRWLockExclusive(&thread->lock);
    for (;;)
    {
        if ((request = take_first_locked(&thread->added)))
        {
            send_locked(thread, request);
        }
        else if ((request = take_first_locked(&thread->sent)))
        {
            ReleaseSRWLockExclusive(&thread->lock);
            finish(request);
            AcquireSRWLockExclusive(&thread->lock);
        }
        else if (thread->is_ended)
        {
            break;
        }
        else
        {
            SleepConditionVariableSRW(&thread->changed, &thread->lock, INFINITE, 0);
        }
    }
    ReleaseSRWLockExclusive(&thread->lock);
    thread_release(thread);
}

static struct prefetch_thread *thread_start(void)
{
    struct prefetch_thread *thread;

    if (!(thread = calloc(1, sizeof(*thread))))
        return NULL;
    thread->refcount = 2;
    InitializeSRWLock(&thread->lock);
    InitializeConditionVariable(&thread->changed);
    list_init(&thread->added);
    list_init(&thread->sent);
    if (engine_start_thread(thread_proc, thread))
        return thread;
    free(thread);
    return NULL;
}

/* Wait for the response until it is due; a cancelled request fails soon. */
static BOOL wait_until_done(struct prefetch_request *request, struct http_cancel *cancel)
{
    ULONGLONG now = GetTickCount64(), end = now + PATIENCE;
    struct prefetch_thread *thread = request->thread;
    struct prefetch_request *other;
    BOOL ret;

    http_cancel_follow(cancel, &request->cancel);
    AcquireSRWLockExclusive(&thread->lock);
    while (!request->is_done && (other = take_first_locked(&thread->added)))
        send_locked(thread, other);
    WakeConditionVariable(&thread->changed);
    while (!request->is_done && (now = GetTickCount64()) < end)
        SleepConditionVariableSRW(&request->done, &thread->lock, end - now, 0);
    ret = request->is_done;
    ReleaseSRWLockExclusive(&thread->lock);
    http_cancel_follow(cancel, NULL);
    return ret;
}

static struct prefetch_request *remove_first(struct prefetch *prefetch)
{
    struct prefetch_request *request = prefetch->requests[0];

    prefetch->count--;
    memmove(prefetch->requests, prefetch->requests + 1, prefetch->count * sizeof(*prefetch->requests));
    return request;
}

static void drop_first(struct prefetch *prefetch)
{
    struct prefetch_request *request = remove_first(prefetch);

    TRACE("%s is not wanted.\n", debugstr_url(request->url));
    http_cancel_set(&request->cancel);
    request_release(request);
}

static void clear(struct prefetch *prefetch)
{
    while (prefetch->count)
        drop_first(prefetch);
}

void prefetch_end(struct prefetch *prefetch)
{
    struct prefetch_thread *thread = prefetch->thread;

    clear(prefetch);
    if (!thread)
        return;
    prefetch->thread = NULL;
    AcquireSRWLockExclusive(&thread->lock);
    thread->is_ended = TRUE;
    ReleaseSRWLockExclusive(&thread->lock);
    WakeConditionVariable(&thread->changed);
    thread_release(thread);
}

BOOL prefetch_take(struct prefetch *prefetch, const struct http_params *params, struct http_cancel *cancel,
        struct http_exchange *exchange, struct failure *failure)
{
    struct prefetch_request *request;

    while (prefetch->count && wcscmp(prefetch->requests[0]->url, params->url))
        drop_first(prefetch);
    if (!prefetch->count || params->redirect || params->range || params->options || params->jar->count)
        return FALSE;
    if (!wait_until_done(prefetch->requests[0], cancel) || prefetch->requests[0]->failure.class == FAILURE_RETRY)
    {
        WARN("%s is asked for again.\n", debugstr_url(params->url));
        prefetch->max = 0;
        clear(prefetch);
        return FALSE;
    }
    request = remove_first(prefetch);
    *failure = request->failure;
    http_move(&request->exchange, cancel, exchange);
    *params->jar = request->jar;
    request->jar.count = 0;
    exchange->is_foreground = params->is_foreground;
    request_release(request);
    return TRUE;
}

/* Return whether the first request is a plain one for the whole resource, which depends on nothing else. */
static BOOL is_plain_locked(const struct transfer *transfer)
{
    const struct transfer_worker *worker = transfer->worker;

    return transfer->state == TRANSFER_IDLE && transfer->url && !transfer->wanted_count
            && !worker->target->received.count && !worker->url && !worker->options;
}

/* Create the request for the transfer after those that have one already; NULL if there is none. */
static struct prefetch_request *create_next(const struct prefetch *prefetch, struct transfer *transfer)
{
    struct transfer *next = transfer;
    WCHAR *url = NULL;
    UINT i;

    AcquireSRWLockShared(transfer->lock);
    for (i = 0; i <= prefetch->count && next; i++)
        next = next->ops->get_next_locked(next);
    if (next && is_plain_locked(next))
        url = wcsdup(next->url);
    ReleaseSRWLockShared(transfer->lock);
    return url ? request_create(transfer, url) : NULL;
}

static BOOL add_next(struct prefetch *prefetch, struct transfer *transfer)
{
    struct prefetch_request *request;

    if (!(request = create_next(prefetch, transfer)))
        return FALSE;
    if ((!prefetch->thread && !(prefetch->thread = thread_start())) || !engine_add_extra(transfer->worker,
            &request->slot))
    {
        request_destroy(request);
        return FALSE;
    }
    TRACE("%s is asked for before its turn.\n", debugstr_url(request->url));
    prefetch->requests[prefetch->count++] = request;
    request->thread = prefetch->thread;
    InterlockedIncrement(&prefetch->thread->refcount);
    AcquireSRWLockExclusive(&prefetch->thread->lock);
    list_add_tail(&prefetch->thread->added, &request->entry);
    ReleaseSRWLockExclusive(&prefetch->thread->lock);
    WakeConditionVariable(&prefetch->thread->changed);
    return TRUE;
}

void prefetch_adjust(struct prefetch *prefetch, struct transfer *transfer, UINT64 length)
{
    if (length > SMALL_SIZE || !transfer->ops->get_next_locked)
    {
        clear(prefetch);
        return;
    }
    while (prefetch->count < prefetch->max && add_next(prefetch, transfer))
        ;
}
