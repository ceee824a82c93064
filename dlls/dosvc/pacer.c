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

#include "pacer.h"

#define WAIT_MAX    5       /* ms */
#define FREE_COUNT  8       /* receives of a phase without waiting */
#define WAIT_COUNT  32      /* receives of a phase with; a few are enough to see that it does not pay */
#define CHECK_COUNT 4
#define PAUSE       2000000 /* us until waiting is tried again */

void pacer_init(struct pacer *pacer)
{
    memset(pacer, 0, sizeof(*pacer));
    pacer->wait = WAIT_MAX;
}

UINT pacer_get_wait(const struct pacer *pacer, UINT space)
{
    if (!pacer->is_waiting)
        return 0;
    /* Not longer than it takes to fill half of the space. */
    return min(pacer->wait, space / 2 / max(pacer->free_rate, 1));
}

static void start_phase(struct pacer *pacer, BOOL is_waiting)
{
    pacer->is_waiting = is_waiting;
    pacer->count = 0;
    pacer->bytes = 0;
    pacer->time = 0;
}

static void give_up(struct pacer *pacer)
{
    if ((pacer->wait /= 2))
        return;
    pacer->wait = WAIT_MAX;
    pacer->pause = PAUSE;
}

void pacer_count(struct pacer *pacer, UINT size, UINT64 time)
{
    UINT64 rate;

    pacer->count++;
    pacer->bytes += size;
    pacer->time += time;
    pacer->pause -= min(pacer->pause, time);
    rate = pacer->bytes * 1000 / max(pacer->time, 1);
    if (!pacer->is_waiting)
    {
        if (pacer->count < FREE_COUNT)
            return;
        pacer->free_rate = max(rate, 1);
        start_phase(pacer, !pacer->pause);
    }
    else if (pacer->count >= CHECK_COUNT && rate < pacer->free_rate - pacer->free_rate / 8)
    {
        give_up(pacer);
        start_phase(pacer, FALSE);
    }
    else if (pacer->count == WAIT_COUNT)
    {
        start_phase(pacer, FALSE);
    }
}
