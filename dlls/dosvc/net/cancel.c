/*
 * Ends what another thread waits for
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

#include <stdarg.h>
#include <string.h>

#include "windef.h"
#include "winbase.h"

#include "net/connection.h"
#include "net/transport.h"

static void init(struct http_cancel *cancel)
{
    memset(cancel, 0, sizeof(*cancel));
    InitializeConditionVariable(&cancel->changed);
}

void http_cancel_init(struct http_cancel *cancel)
{
    init(cancel);
    InitializeSRWLock(&cancel->lock);
}

/* The next one may be gone as soon as the lock of this one is left. */
static void set(struct http_cancel *cancel)
{
    AcquireSRWLockExclusive(&cancel->lock);
    InterlockedExchange(&cancel->is_set, TRUE);
    if (cancel->tcp)
        tcp_interrupt(cancel->tcp);
    if (cancel->next)
        set(cancel->next);
    WakeAllConditionVariable(&cancel->changed);
    ReleaseSRWLockExclusive(&cancel->lock);
}

void http_cancel_set(struct http_cancel *cancel)
{
    set(cancel);
    connection_wake();
    proxy_script_wake();
}

void http_cancel_init_next(struct http_cancel *next, struct http_cancel *cancel)
{
    init(next);
    InitializeSRWLock(&next->lock); /* of a class of its own in tests/locks: it is taken within that of the other */
    AcquireSRWLockExclusive(&cancel->lock);
    cancel->next = next;
    if (cancel->is_set)
        set(next);
    ReleaseSRWLockExclusive(&cancel->lock);
}

void http_cancel_unlink(struct http_cancel *cancel)
{
    AcquireSRWLockExclusive(&cancel->lock);
    cancel->next = NULL;
    ReleaseSRWLockExclusive(&cancel->lock);
}

void http_cancel_reset(struct http_cancel *cancel)
{
    InterlockedExchange(&cancel->is_set, FALSE);
}

BOOL http_is_cancelled(struct http_cancel *cancel)
{
    return InterlockedCompareExchange(&cancel->is_set, 0, 0);
}

BOOL http_cancel_wait(struct http_cancel *cancel, DWORD timeout)
{
    AcquireSRWLockExclusive(&cancel->lock);
    if (!cancel->is_set)
        SleepConditionVariableSRW(&cancel->changed, &cancel->lock, timeout, 0);
    ReleaseSRWLockExclusive(&cancel->lock);
    return http_is_cancelled(cancel);
}
