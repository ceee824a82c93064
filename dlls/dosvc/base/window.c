/*
 * How many small files are fetched at once
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

#include "base/segments.h"
#include "base/window.h"

#define FILE_AMOUNT 0x4000            /* bytes that a file counts for besides its own */
#define SAMPLE_TIME (20 * 1000)       /* of the shortest measurement */
#define PAUSE       (1000 * 1000)
#define PAUSE_MAX   (64 * 1000 * 1000)

void window_init(struct window *window, UINT max)
{
    memset(window, 0, sizeof(*window));
    window->max = min(max, WINDOW_MAX);
    window->count = 1;
    window->pause = PAUSE;
}

void window_close(struct window *window)
{
    window->count = 0;
}

/* Measure anew when the files are done that are at work now. */
static void set_count(struct window *window, UINT count)
{
    window->count = count;
    window->is_settled = FALSE;
    window->files = 0;
}

static void start_pause(struct window *window, ULONGLONG now)
{
    window->former = 0;
    window->pause_end = now + window->pause;
    window->pause = min(window->pause * 2, PAUSE_MAX);
}

static void start_sample(struct window *window, ULONGLONG now)
{
    window->is_settled = TRUE;
    window->files = 0;
    window->amount = 0;
    window->start = now;
}

void window_note_small(struct window *window)
{
    if (!window->is_open && window->count)
        set_count(window, min(2, window->max));
    window->is_open = TRUE;
}

/* Go back, or try twice as many. */
static void adjust(struct window *window, ULONGLONG rate, ULONGLONG now)
{
    UINT former = window->former, count = window->count;

    window->former = 0;
    if (former && !connections_pay(former, window->former_rate, count, rate))
    {
        start_pause(window, now);
        set_count(window, former);
    }
    else if (count < window->max && now >= window->pause_end)
    {
        window->former = count;
        window->former_rate = rate;
        set_count(window, min(2 * count, window->max));
    }
    else
    {
        start_sample(window, now);
    }
}

void window_note_done(struct window *window, UINT at_work, ULONGLONG size, ULONGLONG now)
{
    if (at_work < window->count) /* something else has kept others from beginning */
    {
        set_count(window, window->count);
        return;
    }
    window->files++;
    window->amount += size + FILE_AMOUNT;
    /* Files come in rounds, so a part of a round tells nothing. */
    if (!window->count || window->files % window->count)
        return;
    if (!window->is_settled)
        start_sample(window, now);
    else if (now - window->start >= SAMPLE_TIME)
        adjust(window, window->amount * 1000000 / (now - window->start), now);
}

void window_note_failure(struct window *window, ULONGLONG now)
{
    if (!window->count)
        return;
    start_pause(window, now);
    set_count(window, max(window->count / 2, 1));
}
