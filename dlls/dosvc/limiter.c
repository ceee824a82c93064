/*
 * The limits that all transfers share
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

#include "limiter.h"
#include "ratelimit.h"

#define BELIEF_TIME 1000 /* ms that settings are believed */

static SRWLOCK limiter_lock = SRWLOCK_INIT;
/* protected by limiter_lock */
static struct ratelimit limits[2]; /* of the background and of the foreground */
static ULONGLONG read_time; /* 0: not yet */

/* In us. Between two ticks of the system's clock nothing comes in, and what is
 * left waits for the next one. */
static UINT64 get_time(void)
{
    return GetTickCount64() * 1000;
}

static void update_locked(UINT64 now)
{
    UINT i;

    if (read_time && now / 1000 - read_time < BELIEF_TIME)
        return;
    read_time = max(now / 1000, 1);
    for (i = 0; i < ARRAY_SIZE(limits); i++)
        ratelimit_set(&limits[i], bandwidth_get_limit(i), now);
}

UINT limiter_take(BOOL is_foreground, UINT size, DWORD *wait)
{
    UINT64 now = get_time(), delay;

    AcquireSRWLockExclusive(&limiter_lock);
    update_locked(now);
    size = ratelimit_take(&limits[!!is_foreground], size, now, &delay);
    ReleaseSRWLockExclusive(&limiter_lock);
    /* A limit may be lifted meanwhile. */
    *wait = min((delay + 999) / 1000, BELIEF_TIME);
    return size;
}

void limiter_return(BOOL is_foreground, UINT size)
{
    if (!size)
        return;
    AcquireSRWLockExclusive(&limiter_lock);
    ratelimit_return(&limits[!!is_foreground], size);
    ReleaseSRWLockExclusive(&limiter_lock);
}
