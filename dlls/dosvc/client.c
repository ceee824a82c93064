/*
 * Client processes and the objects that they hold
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

#include "download.h"
#include "rpc.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

struct client
{
    LONG refcount;
    UINT64 serial; /* never used again for another process, as a pid is */
    DWORD pid;
    HANDLE process;
    HANDLE wait;
    struct list entry;   /* in clients, while the process lives */
    struct list facades; /* struct facade */
    BOOL is_dead;
};

static SRWLOCK clients_lock = SRWLOCK_INIT;
static struct list clients = LIST_INIT(clients);

struct client *client_addref(struct client *client)
{
    if (client)
        InterlockedIncrement(&client->refcount);
    return client;
}

void client_release(struct client *client)
{
    if (!client || InterlockedDecrement(&client->refcount))
        return;
    if (client->process)
        CloseHandle(client->process);
    free(client);
}

/* A reference unless the last one is just being dropped. */
static BOOL facade_try_addref(struct facade *facade)
{
    LONG count = facade->refcount, seen;

    while (count)
    {
        if ((seen = InterlockedCompareExchange(&facade->refcount, count + 1, count)) == count)
            return TRUE;
        count = seen;
    }
    return FALSE;
}

/* One living facade of a dead client, with a reference; it leaves the list. */
static struct facade *take_facade(struct client *client)
{
    struct facade *facade, *found = NULL;

    AcquireSRWLockExclusive(&clients_lock);
    LIST_FOR_EACH_ENTRY(facade, &client->facades, struct facade, entry)
    {
        if (!facade_try_addref(facade))
            continue;
        list_remove(&facade->entry);
        list_init(&facade->entry);
        found = facade;
        break;
    }
    ReleaseSRWLockExclusive(&clients_lock);
    return found;
}

static void CALLBACK client_died(void *context, BOOLEAN timed_out)
{
    struct client *client = context;
    struct facade *facade;
    UINT count = 0;
    HRESULT hr;

    AcquireSRWLockExclusive(&clients_lock);
    client->is_dead = TRUE;
    list_remove(&client->entry);
    ReleaseSRWLockExclusive(&clients_lock);

    hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    while ((facade = take_facade(client)))
    {
        /* Drops the references that the dead process can no longer drop. */
        CoDisconnectObject(facade->object, 0);
        IUnknown_Release(facade->object);
        count++;
    }
    queues_forget_client(client);
    if (SUCCEEDED(hr))
        CoUninitialize();
    TRACE("process %#lx is gone, disconnected %u objects.\n", client->pid, count);
    UnregisterWait(client->wait);
    client_release(client);
}

static struct client *client_create_locked(DWORD pid)
{
    static UINT64 last_serial;
    struct client *client;

    if (!(client = calloc(1, sizeof(*client))))
        return NULL;
    client->refcount = 1;
    client->serial = ++last_serial;
    client->pid = pid;
    list_init(&client->facades);
    if (!(client->process = OpenProcess(SYNCHRONIZE, FALSE, pid)))
    {
        WARN("cannot open process %#lx, error %lu.\n", pid, GetLastError());
        client_release(client);
        return NULL;
    }
    list_add_tail(&clients, &client->entry);
    /* The reference of the list goes to client_died, which cannot look at
     * client->wait before we have left the lock. */
    if (!RegisterWaitForSingleObject(&client->wait, client->process, client_died, client, INFINITE,
            WT_EXECUTEONLYONCE | WT_EXECUTELONGFUNCTION))
    {
        ERR("cannot watch process %#lx, error %lu.\n", pid, GetLastError());
        list_remove(&client->entry);
        client_release(client);
        return NULL;
    }
    TRACE("watching process %#lx.\n", pid);
    return client;
}

struct client *client_get_current(void)
{
    static RPC_STATUS (WINAPI *p_inq_pid)(RPC_BINDING_HANDLE, ULONG *);
    struct client *client, *found = NULL;
    ULONG pid;

    if (!p_inq_pid && !(p_inq_pid = (void *)GetProcAddress(GetModuleHandleW(L"rpcrt4.dll"),
            "I_RpcBindingInqLocalClientPID")))
        return NULL;
    if (p_inq_pid(NULL, &pid) || pid == GetCurrentProcessId())
        return NULL;

    AcquireSRWLockExclusive(&clients_lock);
    LIST_FOR_EACH_ENTRY(client, &clients, struct client, entry)
    {
        if (client->pid == pid && WaitForSingleObject(client->process, 0) == WAIT_TIMEOUT)
        {
            found = client;
            break;
        }
    }
    if (!found)
        found = client_create_locked(pid);
    client_addref(found);
    ReleaseSRWLockExclusive(&clients_lock);
    return found;
}

UINT64 client_get_current_serial(void)
{
    struct client *client = client_get_current();
    UINT64 serial = client ? client->serial : 0;

    client_release(client);
    return serial;
}

BOOL client_is_current(UINT64 serial)
{
    return serial && serial == client_get_current_serial();
}

void facade_init(struct facade *facade, IUnknown *object, struct client *client)
{
    facade->refcount = 1;
    facade->object = object;
    facade->client = client_addref(client);
    list_init(&facade->entry);
    if (!client)
        return;
    AcquireSRWLockExclusive(&clients_lock);
    if (!client->is_dead)
        list_add_tail(&client->facades, &facade->entry);
    ReleaseSRWLockExclusive(&clients_lock);
}

ULONG facade_addref(struct facade *facade)
{
    return InterlockedIncrement(&facade->refcount);
}

ULONG facade_release(struct facade *facade)
{
    ULONG refcount = InterlockedDecrement(&facade->refcount);

    if (refcount)
        return refcount;
    AcquireSRWLockExclusive(&clients_lock);
    list_remove(&facade->entry);
    ReleaseSRWLockExclusive(&clients_lock);
    client_release(facade->client);
    return 0;
}
