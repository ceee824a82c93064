/*
 * Callbacks: objects of clients that are told of a job or a download
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

#include <stdlib.h>

#include "client/client.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define LEAVE_TIME 1000 /* milliseconds for which a call under way is waited for when the object is replaced */

static inline struct callback *impl_from_task(struct task *task)
{
    return CONTAINING_RECORD(task, struct callback, task);
}

static HRESULT set_object(struct callback *callback, IUnknown *unknown)
{
    void **interfaces = (void **)callback->interfaces;
    const IID *const *iids = callback->ops->iids;

    if (FAILED(IUnknown_QueryInterface(unknown, iids[0], &interfaces[0])))
        return E_NOINTERFACE;
    /* The second interface is optional, and NULL on failure. */
    if (iids[1])
        IUnknown_QueryInterface(unknown, iids[1], &interfaces[1]);
    IUnknown_AddRef(unknown);
    callback->unknown = unknown;
    return S_OK;
}

static void forget_object(struct callback *callback)
{
    client_release_object(callback->client, callback->interfaces[1]);
    client_release_object(callback->client, callback->interfaces[0]);
    client_release_object(callback->client, callback->unknown);
    callback->interfaces[1] = callback->interfaces[0] = callback->unknown = NULL;
}

static HRESULT activate_class(struct callback *callback)
{
    IUnknown *unknown;
    HRESULT hr;

    if (SUCCEEDED(hr = CoCreateInstance(&callback->clsid, NULL, CLSCTX_LOCAL_SERVER, callback->ops->iids[0],
            (void **)&unknown)))
    {
        hr = set_object(callback, unknown);
        IUnknown_Release(unknown);
    }
    if (FAILED(hr))
        WARN("cannot activate %s, hr %#lx.\n", debugstr_guid(&callback->clsid), hr);
    return hr;
}

static void take_result_locked(struct callback *callback, HRESULT hr)
{
    if (is_client_gone(hr))
    {
        WARN("callback %p, the client is gone.\n", callback);
        if (callback_is_of_class(callback))
            forget_object(callback);
        else
            callback_drop_locked(callback->place);
    }
    callback->ops->set_result_locked(callback, hr);
}

/* Make a single call: the callbacks of a client take turns. */
static void callback_run(struct task *task)
{
    struct callback *callback = impl_from_task(task);
    ULONGLONG now = GetTickCount64(), due = TASK_NEVER;
    HRESULT hr = S_OK;

    AcquireSRWLockExclusive(callback->lock);
    if (!callback->is_detached && (due = callback->ops->pick_locked(callback, now)) <= now)
    {
        callback->is_calling = TRUE;
        CoGetCurrentLogicalThreadId(&callback->causality);
        ReleaseSRWLockExclusive(callback->lock);
        if (callback->unknown || SUCCEEDED(hr = activate_class(callback)))
            hr = callback->ops->call(callback);
        AcquireSRWLockExclusive(callback->lock);
        callback->is_calling = FALSE;
        WakeAllConditionVariable(&callback->returned);
        if (!callback->is_detached)
            take_result_locked(callback, hr);
    }
    if (!callback->is_detached && due != TASK_NEVER)
        task_schedule(task, due);
    ReleaseSRWLockExclusive(callback->lock);
}

static void callback_task_addref(struct task *task)
{
    struct callback *callback = impl_from_task(task);

    InterlockedIncrement(&callback->refcount);
    store_item_addref(callback->item);
}

static void callback_task_release(struct task *task)
{
    struct callback *callback = impl_from_task(task);

    store_item_release(callback->item);
    callback_release(callback);
}

static const struct task_ops callback_task_ops =
{
    callback_run,
    callback_task_addref,
    callback_task_release,
};

/* Take over the reference to the client. */
static HRESULT create(const struct callback_ops *ops, struct store_item *item, SRWLOCK *lock, struct callback **place,
        struct client *client, struct callback **out)
{
    struct callback *callback;

    if (!(*out = callback = calloc(1, ops->size)))
    {
        client_release(client);
        return E_OUTOFMEMORY;
    }
    task_init(&callback->task, &callback_task_ops, client_get_calls(client));
    callback->ops = ops;
    callback->refcount = 1;
    callback->client = client;
    callback->item = item;
    callback->lock = lock;
    callback->place = place;
    InitializeConditionVariable(&callback->returned);
    return S_OK;
}

HRESULT callback_create(const struct callback_ops *ops, struct store_item *item, SRWLOCK *lock,
        struct callback **place, IUnknown *unknown, struct callback **out)
{
    HRESULT hr;

    if (FAILED(hr = create(ops, item, lock, place, client_get_current(), out)))
        return hr;
    if (FAILED(hr = set_object(*out, unknown)))
    {
        callback_release(*out);
        *out = NULL;
    }
    return hr;
}

HRESULT callback_create_for_class(const struct callback_ops *ops, struct store_item *item, SRWLOCK *lock,
        struct callback **place, const CLSID *clsid, struct callback **out)
{
    HRESULT hr;

    if (SUCCEEDED(hr = create(ops, item, lock, place, client_get_for_class(clsid), out)))
        (*out)->clsid = *clsid;
    return hr;
}

void callback_release(struct callback *callback)
{
    if (!callback || InterlockedDecrement(&callback->refcount))
        return;
    forget_object(callback);
    client_release(callback->client);
    free(callback);
}

struct callback *callback_replace_locked(struct callback **place, struct callback *callback)
{
    struct callback *previous = *place;

    if (previous)
        previous->is_detached = TRUE;
    if (callback)
        callback->is_detached = FALSE; /* which it is if it comes back */
    *place = callback;
    return previous;
}

void callback_drop_locked(struct callback **place)
{
    callback_release(callback_replace_locked(place, NULL));
}

IUnknown *callback_get_object_locked(const struct callback *callback)
{
    if (!callback || callback_is_of_class(callback))
        return NULL;
    IUnknown_AddRef(callback->unknown);
    return callback->unknown;
}

void callback_wait(struct callback *callback)
{
    ULONGLONG now = GetTickCount64(), end = now + LEAVE_TIME;
    struct client *client = client_get_current();
    BOOL is_other = client != callback->client;
    GUID causality;

    client_release(client);
    if (is_other)
        return;
    CoGetCurrentLogicalThreadId(&causality);
    AcquireSRWLockExclusive(callback->lock);
    while (callback->is_calling && !IsEqualGUID(&causality, &callback->causality) && now < end)
    {
        SleepConditionVariableSRW(&callback->returned, callback->lock, end - now, 0);
        now = GetTickCount64();
    }
    ReleaseSRWLockExclusive(callback->lock);
}

void callback_release_argument(IUnknown *argument, HRESULT hr)
{
    if (!argument)
        return;
    /* A client that died before it got the argument cannot release it. */
    if (is_client_gone(hr))
        CoDisconnectObject(argument, 0);
    IUnknown_Release(argument);
}
