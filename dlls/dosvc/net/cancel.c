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

void http_cancel_init(struct http_cancel *cancel)
{
    memset(cancel, 0, sizeof(*cancel));
    InitializeSRWLock(&cancel->lock);
    InitializeConditionVariable(&cancel->changed);
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

void http_cancel_link(struct http_cancel *cancel, struct http_cancel *next)
{
    AcquireSRWLockExclusive(&cancel->lock);
    cancel->next = next;
    if (next && cancel->is_set)
        set(next);
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
