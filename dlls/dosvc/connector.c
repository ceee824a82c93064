/*
 * Connects on a thread that can be left behind
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

#include "connection.h"
#include "wineheaders.h"
#include "transport.h"

struct connector
{
    LONG refcount; /* one for the user, one for the thread */
    struct route route;
    ULONGLONG deadline;
    LONG is_abandoned; /* set from any thread, once */

    SRWLOCK lock;
    CONDITION_VARIABLE changed;
    /* protected by lock */
    BOOL is_done;
    DWORD error;
    struct connection *connection; /* owned, until the user takes it */
};

void connector_release(struct connector *connector)
{
    if (InterlockedDecrement(&connector->refcount))
        return;
    if (connector->connection)
        pool_put(connector->connection);
    route_clear(&connector->route);
    free(connector);
}

static void CALLBACK connect_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct connector *connector = context;
    struct connection *connection = NULL;
    DWORD error;

    CallbackMayRunLong(instance);
    error = connection_create(&connector->route, connector->deadline, &connector->is_abandoned, &connection);
    AcquireSRWLockExclusive(&connector->lock);
    connector->is_done = TRUE;
    connector->error = error;
    connector->connection = connection;
    ReleaseSRWLockExclusive(&connector->lock);
    WakeConditionVariable(&connector->changed);
    connector_release(connector);
}

DWORD connector_start(const struct route *route, DWORD timeout, struct connector **out)
{
    struct connector *connector;
    DWORD error;

    if (!(connector = calloc(1, sizeof(*connector))))
        return ERROR_OUTOFMEMORY;
    connector->refcount = 2;
    route_copy(&connector->route, route);
    connector->deadline = GetTickCount64() + timeout;
    InitializeSRWLock(&connector->lock);
    InitializeConditionVariable(&connector->changed);
    if (!TrySubmitThreadpoolCallback(connect_proc, connector, NULL))
    {
        error = GetLastError();
        route_clear(&connector->route);
        free(connector);
        return error;
    }
    *out = connector;
    return ERROR_SUCCESS;
}

DWORD connector_wait(struct connector *connector, struct connection **connection)
{
    ULONGLONG now;
    DWORD error;

    AcquireSRWLockExclusive(&connector->lock);
    while (!connector->is_done && !connector->is_abandoned && (now = GetTickCount64()) < connector->deadline)
        SleepConditionVariableSRW(&connector->changed, &connector->lock,
                min(connector->deadline - now, INFINITE - 1), 0);
    if (connector->is_abandoned)
        error = ERROR_WINHTTP_OPERATION_CANCELLED;
    else if (!connector->is_done)
        error = ERROR_WINHTTP_TIMEOUT;
    else if (!(error = connector->error))
    {
        *connection = connector->connection;
        connector->connection = NULL;
    }
    /* If the thread is still at it, nobody waits for it any more. */
    InterlockedExchange(&connector->is_abandoned, TRUE);
    ReleaseSRWLockExclusive(&connector->lock);
    return error;
}

void connector_cancel(struct connector *connector)
{
    AcquireSRWLockExclusive(&connector->lock);
    InterlockedExchange(&connector->is_abandoned, TRUE);
    ReleaseSRWLockExclusive(&connector->lock);
    WakeConditionVariable(&connector->changed);
}
