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

#include <stdlib.h>

#include "client/client.h"
#include "rpc.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

struct client
{
    LONG refcount;
    UINT64 serial; /* never used again for another process, as a pid is */
    DWORD pid;
    HANDLE process;      /* NULL for the server of a class */
    HANDLE wait;
    CLSID clsid;         /* of the class */
    struct task_queue calls;
    struct list entry;   /* in clients, while the process lives, or in classes */
    struct list objects; /* struct client_object */
    BOOL is_dead;
    BOOL is_number_kept; /* objects of it were released after its end */
    UINT releases;       /* of its objects, which have not returned; guarded by clients_lock */
};

#define DEAD_MAX 1024
#define RELEASE_TIME 100 /* milliseconds that a call waits for releases */

static void (*observer)(const struct client *client);
static SRWLOCK clients_lock = SRWLOCK_INIT;

/* guarded by clients_lock */
static struct list clients = LIST_INIT(clients);
static struct list classes = LIST_INIT(classes);
static CONDITION_VARIABLE released; /* the last object of a client, with clients_lock */

/* Wine's RPC (8.0) does not forget a process that it could not reach to release an object: each call to a later process
 * with that number fails. So the handles of such processes stay open, the last ones of them, which keeps their numbers
 * from being given away. */
static HANDLE dead_processes[DEAD_MAX]; /* guarded by clients_lock */
static UINT dead_count;                 /* guarded by clients_lock */

/* Calls of processes that could not be found out. */
static struct task_queue other_calls = { LIST_INIT(other_calls.tasks), LIST_INIT(other_calls.entry), 0 };

static struct client *client_addref(struct client *client)
{
    if (client)
        InterlockedIncrement(&client->refcount);
    return client;
}

void client_release(struct client *client)
{
    HANDLE *place, process;

    if (!client || InterlockedDecrement(&client->refcount))
        return;
    process = client->process;
    AcquireSRWLockExclusive(&clients_lock);
    if (!process)
        list_remove(&client->entry);
    else if (client->is_number_kept)
    {
        place = &dead_processes[dead_count++ % DEAD_MAX];
        process = *place;
        *place = client->process;
    }
    ReleaseSRWLockExclusive(&clients_lock);
    if (process)
        CloseHandle(process);
    free(client);
}

/* Add a reference unless the last one is just being dropped. */
static BOOL try_addref(LONG *refcount)
{
    LONG count = *refcount, seen;

    while (count)
    {
        if ((seen = InterlockedCompareExchange(refcount, count + 1, count)) == count)
            return TRUE;
        count = seen;
    }
    return FALSE;
}

/* Return a living object of a dead client, with a reference; it leaves the list. */
static struct client_object *take_object(struct client *client)
{
    struct client_object *object, *found = NULL;

    AcquireSRWLockExclusive(&clients_lock);
    LIST_FOR_EACH_ENTRY(object, &client->objects, struct client_object, entry)
    {
        if (!try_addref(&object->refcount))
            continue;
        list_remove(&object->entry);
        list_init(&object->entry);
        found = object;
        break;
    }
    ReleaseSRWLockExclusive(&clients_lock);
    return found;
}

static void CALLBACK client_died(void *context, BOOLEAN timed_out)
{
    struct client *client = context;
    struct client_object *object;
    UINT count = 0;
    HRESULT hr;

    AcquireSRWLockExclusive(&clients_lock);
    client->is_dead = TRUE;
    list_remove(&client->entry);
    ReleaseSRWLockExclusive(&clients_lock);

    hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    while ((object = take_object(client)))
    {
        /* Drop the references that the dead process can no longer drop. */
        CoDisconnectObject(object->unknown, 0);
        IUnknown_Release(object->unknown);
        count++;
    }
    if (observer)
        observer(client);
    if (SUCCEEDED(hr))
        CoUninitialize();
    TRACE("process %#lx is gone, disconnected %u objects.\n", client->pid, count);
    UnregisterWait(client->wait);
    client_release(client);
}

static struct client *client_alloc(void)
{
    struct client *client;

    if (!(client = calloc(1, sizeof(*client))))
        return NULL;
    client->refcount = 1;
    task_queue_init(&client->calls);
    list_init(&client->objects);
    return client;
}

static struct client *client_create_locked(DWORD pid)
{
    static UINT64 last_serial;
    struct client *client;

    if (!(client = client_alloc()))
        return NULL;
    client->serial = ++last_serial;
    client->pid = pid;
    /* Leave the reference of the list to client_died, which cannot look at the client before this leaves the lock. */
    if (!(client->process = OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid))
            || !RegisterWaitForSingleObject(&client->wait, client->process, client_died, client, INFINITE,
            WT_EXECUTEONLYONCE | WT_EXECUTELONGFUNCTION))
    {
        ERR("cannot watch process %#lx, error %lu.\n", pid, GetLastError());
        if (client->process)
            CloseHandle(client->process);
        free(client);
        return NULL;
    }
    list_add_tail(&clients, &client->entry);
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

struct client *client_get_for_class(const CLSID *clsid)
{
    struct client *client;

    AcquireSRWLockExclusive(&clients_lock);
    LIST_FOR_EACH_ENTRY(client, &classes, struct client, entry)
    {
        if (IsEqualCLSID(&client->clsid, clsid) && try_addref(&client->refcount))
        {
            ReleaseSRWLockExclusive(&clients_lock);
            return client;
        }
    }
    if ((client = client_alloc()))
    {
        client->clsid = *clsid;
        list_add_tail(&classes, &client->entry);
    }
    ReleaseSRWLockExclusive(&clients_lock);
    return client;
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

void client_get_elevation(ULONG *integrity_level, BOOL *is_elevated)
{
    struct client *client = client_get_current();
    union
    {
        TOKEN_MANDATORY_LABEL label;
        BYTE space[sizeof(TOKEN_MANDATORY_LABEL) + SECURITY_MAX_SID_SIZE];
    } buffer;
    TOKEN_ELEVATION elevation;
    HANDLE token;
    DWORD size;

    if (client && client->process && OpenProcessToken(client->process, TOKEN_QUERY, &token))
    {
        if (GetTokenInformation(token, TokenIntegrityLevel, &buffer, sizeof(buffer), &size))
            *integrity_level = *GetSidSubAuthority(buffer.label.Label.Sid,
                    *GetSidSubAuthorityCount(buffer.label.Label.Sid) - 1);
        if (GetTokenInformation(token, TokenElevation, &elevation, sizeof(elevation), &size))
            *is_elevated = elevation.TokenIsElevated != 0;
        CloseHandle(token);
    }
    client_release(client);
}

void client_object_init(struct client_object *object, IUnknown *unknown, struct client *client)
{
    object->refcount = 1;
    object->unknown = unknown;
    object->client = client_addref(client);
    list_init(&object->entry);
    if (!client)
        return;
    AcquireSRWLockExclusive(&clients_lock);
    if (!client->is_dead)
        list_add_tail(&client->objects, &object->entry);
    ReleaseSRWLockExclusive(&clients_lock);
}

ULONG client_object_release(struct client_object *object)
{
    ULONG refcount = InterlockedDecrement(&object->refcount);

    if (refcount)
        return refcount;
    AcquireSRWLockExclusive(&clients_lock);
    list_remove(&object->entry);
    ReleaseSRWLockExclusive(&clients_lock);
    client_release(object->client);
    return 0;
}

void client_set_observer(void (*ended)(const struct client *client))
{
    observer = ended;
}

struct task_queue *client_get_calls(struct client *client)
{
    return client ? &client->calls : &other_calls;
}

BOOL is_client_gone(HRESULT hr)
{
    return hr == RPC_E_DISCONNECTED || hr == RPC_E_SERVER_DIED || hr == RPC_E_SERVER_DIED_DNE
            || hr == CO_E_OBJNOTCONNECTED || hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)
            || hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED);
}

struct release
{
    struct task task;
    struct client *client; /* owned */
    IUnknown *object;      /* owned until the task has run */
};

static void count_release(struct client *client, int count)
{
    if (!client)
        return;
    AcquireSRWLockExclusive(&clients_lock);
    client->releases += count;
    if (!client->releases)
        WakeAllConditionVariable(&released);
    ReleaseSRWLockExclusive(&clients_lock);
}

static void release_run(struct task *task)
{
    struct release *release = CONTAINING_RECORD(task, struct release, task);

    IUnknown_Release(release->object);
    if (release->client && release->client->process && !WaitForSingleObject(release->client->process, 0))
        release->client->is_number_kept = TRUE;
}

static void release_free(struct task *task)
{
    struct release *release = CONTAINING_RECORD(task, struct release, task);

    count_release(release->client, -1);
    client_release(release->client);
    free(release);
}

static const struct task_ops release_ops = { release_run, NULL, release_free };

void client_release_object(struct client *client, IUnknown *object)
{
    struct release *release;

    if (!object)
        return;
    if (!(release = malloc(sizeof(*release))))
    {
        /* Leak it: that is better than a call that may wait. */
        ERR("no memory to release object %p.\n", object);
        return;
    }
    task_init(&release->task, &release_ops, client_get_calls(client));
    release->client = client_addref(client);
    release->object = object;
    count_release(client, 1);
    task_schedule(&release->task, 0);
}

HRESULT client_settle(HRESULT hr)
{
    ULONGLONG end = GetTickCount64() + RELEASE_TIME, now;
    struct client *client = client_get_current();

    if (!client)
        return hr;
    AcquireSRWLockExclusive(&clients_lock);
    while (client->releases && (now = GetTickCount64()) < end)
        SleepConditionVariableSRW(&released, &clients_lock, end - now, 0);
    ReleaseSRWLockExclusive(&clients_lock);
    client_release(client);
    return hr;
}
