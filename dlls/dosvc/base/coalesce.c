/*
 * Coalescing of received bytes: the wait before the next receive
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

#include <string.h>

#include "base/coalesce.h"

#define WAIT_MAX    5       /* ms */
#define RATE_MAX    0x60000 /* bytes per ms; what is faster fills the buffer without help, ... */
#define RECEIVE_MAX 0x10000 /* ... and so do receives that bring more than this */
#define FREE_COUNT  16      /* receives of a phase without waiting, ... */
#define FREE_TIME   20000   /* ... and us: servers and networks come in bursts */
#define WAIT_TIME   300000  /* us of the first phase with waiting; each good one is followed by one twice as long */
#define CHECK_TIME  20000   /* us after which it shows that waiting does not pay */
#define PAUSE       250000  /* us until waiting is tried again; twice as long each time that it does not pay */
#define TIME_MAX    4000000 /* us of both */

void coalesce_init(struct coalesce *coalesce)
{
    memset(coalesce, 0, sizeof(*coalesce));
    coalesce->wait = WAIT_MAX;
    coalesce->duration = WAIT_TIME;
    coalesce->pause = PAUSE;
}

UINT coalesce_get_wait(const struct coalesce *coalesce, UINT space)
{
    if (!coalesce->is_waiting || coalesce->is_full)
        return 0;
    /* Wait no longer than it takes to fill the space, and a little for the end of a buffer. */
    return min(coalesce->wait, max(space / coalesce->free_rate, 1));
}

static void start_phase(struct coalesce *coalesce, BOOL is_waiting)
{
    coalesce->is_waiting = is_waiting;
    coalesce->is_drained = is_waiting;
    coalesce->count = 0;
    coalesce->bytes = 0;
    coalesce->start = coalesce->now;
}

static void end_free_phase(struct coalesce *coalesce, UINT64 rate)
{
    BOOL is_small = coalesce->bytes / coalesce->count <= RECEIVE_MAX;

    coalesce->free_rate = max(rate, 1);
    start_phase(coalesce, coalesce->now >= coalesce->pause_end && rate <= RATE_MAX && is_small);
}

static void end_waiting_phase(struct coalesce *coalesce, BOOL is_good)
{
    if (is_good)
    {
        coalesce->duration = min(coalesce->duration * 2, TIME_MAX);
        coalesce->pause = PAUSE;
    }
    else
    {
        coalesce->wait = coalesce->wait > 1 ? coalesce->wait / 2 : WAIT_MAX;
        coalesce->duration = WAIT_TIME;
        coalesce->pause_end = coalesce->now + coalesce->pause;
        coalesce->pause = min(coalesce->pause * 2, TIME_MAX);
    }
    start_phase(coalesce, FALSE);
}

void coalesce_count(struct coalesce *coalesce, UINT size, UINT space, UINT64 now)
{
    UINT64 time, rate;

    coalesce->now = now;
    coalesce->is_full = size == space;
    /* Bytes from before the phase tell nothing of the speed. */
    if (!coalesce->is_drained)
    {
        if (!coalesce->is_full)
            start_phase(coalesce, FALSE);
        coalesce->is_drained = !coalesce->is_full;
        return;
    }
    coalesce->count++;
    coalesce->bytes += size;
    time = now - coalesce->start;
    rate = coalesce->bytes * 1000 / max(time, 1);
    if (!coalesce->is_waiting)
    {
        if (coalesce->count >= FREE_COUNT && time >= FREE_TIME)
            end_free_phase(coalesce, rate);
    }
    else if (time >= CHECK_TIME && rate < coalesce->free_rate - coalesce->free_rate / 8)
    {
        end_waiting_phase(coalesce, FALSE);
    }
    else if (time >= coalesce->duration)
    {
        end_waiting_phase(coalesce, TRUE);
    }
}
