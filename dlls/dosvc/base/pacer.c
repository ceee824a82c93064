/*
 * How long to wait for more before the next receive
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

#include "base/pacer.h"

#define WAIT_MAX    5       /* ms */
#define RATE_MAX    0x60000 /* bytes per ms; what is faster fills the buffer without help, ... */
#define RECEIVE_MAX 0x10000 /* ... and so do receives that bring more than this */
#define FREE_COUNT  16      /* receives of a phase without waiting, ... */
#define FREE_TIME   20000   /* ... and us: servers and networks come in bursts */
#define WAIT_TIME   300000  /* us of the first phase with waiting; each good one is followed by one twice as long */
#define CHECK_TIME  20000   /* us after which it shows that waiting does not pay */
#define PAUSE       250000  /* us until waiting is tried again; twice as long each time that it does not pay */
#define TIME_MAX    4000000 /* us of both */

void pacer_init(struct pacer *pacer)
{
    memset(pacer, 0, sizeof(*pacer));
    pacer->wait = WAIT_MAX;
    pacer->duration = WAIT_TIME;
    pacer->pause = PAUSE;
}

UINT pacer_get_wait(const struct pacer *pacer, UINT space)
{
    if (!pacer->is_waiting || pacer->is_full)
        return 0;
    /* Not longer than it takes to fill the space; a little for the end of a buffer. */
    return min(pacer->wait, max(space / pacer->free_rate, 1));
}

static void start_phase(struct pacer *pacer, BOOL is_waiting)
{
    pacer->is_waiting = is_waiting;
    pacer->is_drained = is_waiting;
    pacer->count = 0;
    pacer->bytes = 0;
    pacer->start = pacer->now;
}

static void end_free_phase(struct pacer *pacer, UINT64 rate)
{
    BOOL is_small = pacer->bytes / pacer->count <= RECEIVE_MAX;

    pacer->free_rate = max(rate, 1);
    start_phase(pacer, pacer->now >= pacer->pause_end && rate <= RATE_MAX && is_small);
}

static void end_waiting_phase(struct pacer *pacer, BOOL is_good)
{
    if (is_good)
    {
        pacer->duration = min(pacer->duration * 2, TIME_MAX);
        pacer->pause = PAUSE;
    }
    else
    {
        pacer->wait = pacer->wait > 1 ? pacer->wait / 2 : WAIT_MAX;
        pacer->duration = WAIT_TIME;
        pacer->pause_end = pacer->now + pacer->pause;
        pacer->pause = min(pacer->pause * 2, TIME_MAX);
    }
    start_phase(pacer, FALSE);
}

void pacer_count(struct pacer *pacer, UINT size, UINT space, UINT64 now)
{
    UINT64 time, rate;

    pacer->now = now;
    pacer->is_full = size == space;
    /* What had been left behind while waiting tells nothing of the speed. */
    if (!pacer->is_drained)
    {
        if (!pacer->is_full)
            start_phase(pacer, FALSE);
        pacer->is_drained = !pacer->is_full;
        return;
    }
    pacer->count++;
    pacer->bytes += size;
    time = now - pacer->start;
    rate = pacer->bytes * 1000 / max(time, 1);
    if (!pacer->is_waiting)
    {
        if (pacer->count >= FREE_COUNT && time >= FREE_TIME)
            end_free_phase(pacer, rate);
    }
    else if (time >= CHECK_TIME && rate < pacer->free_rate - pacer->free_rate / 8)
    {
        end_waiting_phase(pacer, FALSE);
    }
    else if (time >= pacer->duration)
    {
        end_waiting_phase(pacer, TRUE);
    }
}
