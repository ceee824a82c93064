/*
 * When to try again, and when to give up
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

/* Pure: the time is a parameter.
 *
 * Only bytes that raise the mark are progress. A server without ranges that cuts every body makes a transfer store the
 * same bytes over and over; these do not shorten the delays, and after some fruitless rounds they do not restart the
 * no-progress clock either. */

#include "base/retry.h"

#define SECOND              1000
#define FRUITLESS_ROUNDS    5
#define MAX_DELAY           30 /* seconds */

ULONGLONG progress_clock_advance(struct progress_clock *clock, ULONGLONG now)
{
    if (clock->last && now > clock->last + 2 * PROGRESS_TICK)
        clock->skipped += now - clock->last - PROGRESS_TICK;
    clock->last = max(clock->last, now);
    return clock->last - clock->skipped;
}

void retry_start(struct retry *retry, UINT64 bytes, ULONGLONG now)
{
    retry_restart_clock(retry, now);
    retry->reconnect = 0;
    retry->mark = bytes;
    retry->failures = 0;
    retry->fruitless = 0;
    retry->has_moved = FALSE;
}

void retry_restart_clock(struct retry *retry, ULONGLONG now)
{
    retry->clock = now;
    retry->held_since = now;
}

void retry_hold_clock(struct retry *retry, ULONGLONG now)
{
    retry->held_since = now;
    retry->is_held = TRUE;
}

void retry_release_clock(struct retry *retry, ULONGLONG now)
{
    if (retry->is_held)
        retry->clock += now - retry->held_since;
    retry->is_held = FALSE;
}

void retry_show_life(struct retry *retry, ULONGLONG now)
{
    if (retry->failures < FRUITLESS_ROUNDS)
        retry_restart_clock(retry, now);
}

void retry_progress(struct retry *retry, UINT64 bytes, ULONGLONG now)
{
    if (bytes > retry->mark)
    {
        retry->mark = bytes;
        retry->clock = now;
        if (!retry->is_crawling)
            retry->failures = 0;
        retry->has_moved = TRUE;
    }
    if (retry->failures < FRUITLESS_ROUNDS)
        retry->clock = now;
}

BOOL retry_at_once(struct retry *retry, ULONGLONG now)
{
    /* Not more than once a second: a server may give one byte at a time. */
    if (!retry->has_moved || (retry->reconnect && now - retry->reconnect < SECOND))
        return FALSE;
    retry->reconnect = now;
    retry->has_moved = FALSE;
    return TRUE;
}

BOOL retry_after_pause(struct retry *retry, UINT max_fruitless, ULONGLONG now, DWORD *pause)
{
    if (retry->has_moved)
        retry->fruitless = 0;
    else if (retry->fruitless++ >= max_fruitless)
        return FALSE;
    *pause = retry->reconnect && now - retry->reconnect < SECOND ? SECOND - (now - retry->reconnect) : 0;
    retry->reconnect = now + *pause;
    retry->has_moved = FALSE;
    return TRUE;
}

ULONGLONG retry_delay(struct retry *retry, DWORD first_delay, DWORD retry_after)
{
    DWORD delay = first_delay << min(retry->failures, 8);

    retry->failures++;
    retry->fruitless = 0;
    retry->has_moved = FALSE;
    return (ULONGLONG)max(min(delay, MAX_DELAY), retry_after) * SECOND;
}

ULONGLONG retry_deadline(const struct retry *retry, DWORD timeout)
{
    return timeout && !retry->is_held ? retry->clock + (ULONGLONG)timeout * SECOND : ~(ULONGLONG)0;
}
