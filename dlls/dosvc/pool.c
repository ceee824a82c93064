/*
 * Connections that wait for the next request
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

#include "connection.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define ORIGIN_MAX  16
#define POOL_MAX    32
#define IDLE_TIME   30000 /* ms */
#define DISTRUST_MAX  8
#define DISTRUST_TIME 60000 /* ms */

static SRWLOCK pool_lock = SRWLOCK_INIT;
/* protected by pool_lock; the one that came last is the first */
static struct list pool = LIST_INIT(pool);
static UINT pool_size;
static struct
{
    struct url_origin origin;
    ULONGLONG since; /* 0: none */
} distrusted[DISTRUST_MAX];
static UINT next_distrusted;
static TP_TIMER *timer;
static BOOL is_timed; /* it is going to go off */

/* The caller gets the connection. */
static void remove_locked(struct connection *connection)
{
    list_remove(&connection->entry);
    pool_size--;
}

static void destroy_list(struct list *list)
{
    struct connection *connection, *next;

    LIST_FOR_EACH_ENTRY_SAFE(connection, next, list, struct connection, entry)
        connection_destroy(connection);
}

/* For the connection that will be too old next. It may have been taken by then: to set
 * the timer wakes a thread, and connections come and go with each request. */
static void set_timer_locked(void)
{
    struct connection *oldest;
    struct list *entry;
    FILETIME due;
    LONGLONG ticks;

    if (is_timed || !timer || !(entry = list_tail(&pool)))
        return;
    is_timed = TRUE;
    oldest = LIST_ENTRY(entry, struct connection, entry);
    ticks = (LONGLONG)(GetTickCount64() - oldest->idle_since - IDLE_TIME - 10) * 10000;
    due.dwLowDateTime = ticks;
    due.dwHighDateTime = ticks >> 32;
    SetThreadpoolTimer(timer, &due, 0, 1000);
}

static void CALLBACK expire_proc(TP_CALLBACK_INSTANCE *instance, void *context, TP_TIMER *expired)
{
    struct list old = LIST_INIT(old);
    ULONGLONG now = GetTickCount64();
    struct connection *connection;
    struct list *entry;

    AcquireSRWLockExclusive(&pool_lock);
    while ((entry = list_tail(&pool)))
    {
        connection = LIST_ENTRY(entry, struct connection, entry);
        if (now - connection->idle_since < IDLE_TIME)
            break;
        remove_locked(connection);
        list_add_head(&old, &connection->entry);
    }
    is_timed = FALSE;
    set_timer_locked();
    ReleaseSRWLockExclusive(&pool_lock);
    destroy_list(&old);
}

DWORD pool_init(void)
{
    return (timer = CreateThreadpoolTimer(expire_proc, NULL, NULL)) ? ERROR_SUCCESS : GetLastError();
}

void pool_cleanup(void)
{
    struct list all = LIST_INIT(all);
    TP_TIMER *old;

    AcquireSRWLockExclusive(&pool_lock);
    list_move_tail(&all, &pool);
    pool_size = 0;
    old = timer;
    timer = NULL;
    is_timed = FALSE;
    ReleaseSRWLockExclusive(&pool_lock);
    if (old)
    {
        SetThreadpoolTimer(old, NULL, 0, 0);
        WaitForThreadpoolTimerCallbacks(old, TRUE);
        CloseThreadpoolTimer(old);
    }
    destroy_list(&all);
}

static struct connection *take_any(const struct route *route)
{
    struct connection *connection, *found = NULL;

    AcquireSRWLockExclusive(&pool_lock);
    LIST_FOR_EACH_ENTRY(connection, &pool, struct connection, entry)
    {
        if (route_equals(&connection->route, route))
        {
            found = connection;
            remove_locked(found);
            break;
        }
    }
    ReleaseSRWLockExclusive(&pool_lock);
    return found;
}

struct connection *pool_take(const struct route *route)
{
    struct connection *connection;

    /* What the server sent unasked would be taken for the answer. */
    while ((connection = take_any(route)) && !connection_is_quiet(connection))
        connection_destroy(connection);
    if (connection)
        TRACE("connection %p is used again.\n", connection);
    return connection;
}

static BOOL is_distrusted_locked(const struct url_origin *origin)
{
    ULONGLONG now = GetTickCount64();
    UINT i;

    for (i = 0; i < DISTRUST_MAX; i++)
    {
        if (distrusted[i].since && now - distrusted[i].since < DISTRUST_TIME
                && url_origin_equals(&distrusted[i].origin, origin))
            return TRUE;
    }
    return FALSE;
}

void pool_distrust(const struct route *route)
{
    struct connection *connection, *next;
    struct list useless = LIST_INIT(useless);

    AcquireSRWLockExclusive(&pool_lock);
    distrusted[next_distrusted].origin = route->origin;
    distrusted[next_distrusted].since = GetTickCount64();
    next_distrusted = (next_distrusted + 1) % DISTRUST_MAX;
    LIST_FOR_EACH_ENTRY_SAFE(connection, next, &pool, struct connection, entry)
    {
        if (!url_origin_equals(&connection->route.origin, &route->origin))
            continue;
        remove_locked(connection);
        list_add_tail(&useless, &connection->entry);
    }
    ReleaseSRWLockExclusive(&pool_lock);
    destroy_list(&useless);
}

/* If there are too many, the oldest one has to go. */
static struct connection *find_surplus_locked(const struct connection *added)
{
    struct connection *connection, *oldest = NULL;
    UINT count = 0;

    LIST_FOR_EACH_ENTRY(connection, &pool, struct connection, entry)
    {
        if (!route_equals(&connection->route, &added->route))
            continue;
        oldest = connection;
        count++;
    }
    if (count > ORIGIN_MAX)
        return oldest;
    return pool_size > POOL_MAX ? LIST_ENTRY(list_tail(&pool), struct connection, entry) : NULL;
}

void pool_put(struct connection *connection)
{
    struct connection *surplus;

    if (!connection_rest(connection))
    {
        connection_destroy(connection);
        return;
    }
    connection->idle_since = GetTickCount64();
    AcquireSRWLockExclusive(&pool_lock);
    list_add_head(&pool, &connection->entry);
    pool_size++;
    if (timer && !is_distrusted_locked(&connection->route.origin))
        surplus = find_surplus_locked(connection);
    else
        surplus = connection;
    if (surplus)
        remove_locked(surplus);
    set_timer_locked();
    ReleaseSRWLockExclusive(&pool_lock);
    if (surplus)
        connection_destroy(surplus);
}
