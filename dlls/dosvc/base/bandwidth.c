/*
 * How fast the line is, and what a share of that is
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

#include "base/bandwidth.h"

#define SECOND  1000000 /* us */
#define DAYS    7

static BOOL note_peak(struct bandwidth_history *history, UINT64 day, UINT64 peak)
{
    UINT i = day % BANDWIDTH_SLOTS;

    if (!peak || (history->days[i].day == day && history->days[i].peak >= peak))
        return FALSE;
    history->days[i].day = day;
    history->days[i].peak = peak;
    return TRUE;
}

static UINT64 get_average(const struct bandwidth_meter *meter)
{
    UINT64 sum = 0;
    UINT i;

    for (i = 0; i < BANDWIDTH_WINDOW; i++)
        sum += meter->bytes[i];
    return sum / BANDWIDTH_WINDOW;
}

/* Go on to a second. */
static void advance(struct bandwidth_meter *meter, UINT64 second)
{
    if (second <= meter->second)
        return;
    if (second - meter->second >= BANDWIDTH_WINDOW)
        memset(meter->bytes, 0, sizeof(meter->bytes));
    else
    {
        while (meter->second < second)
            meter->bytes[++meter->second % BANDWIDTH_WINDOW] = 0;
    }
    meter->second = second;
}

void bandwidth_meter_add(struct bandwidth_meter *meter, UINT64 bytes, UINT64 now)
{
    advance(meter, now / SECOND);
    meter->bytes[meter->second % BANDWIDTH_WINDOW] += bytes;
}

UINT64 bandwidth_meter_get(struct bandwidth_meter *meter, UINT64 now)
{
    advance(meter, now / SECOND);
    return get_average(meter);
}

BOOL bandwidth_count(struct bandwidth_meter *meter, struct bandwidth_history *history, UINT64 bytes, UINT64 now,
        UINT64 day)
{
    BOOL is_changed = FALSE;
    UINT64 *present;

    /* A full second ends a window. Windows behind the present one have less in them. */
    if (now / SECOND > meter->second)
        is_changed = note_peak(history, day, get_average(meter));
    advance(meter, now / SECOND);
    present = &meter->bytes[meter->second % BANDWIDTH_WINDOW];
    if (bytes && !*present && history->seconds < BANDWIDTH_ENOUGH)
    {
        history->seconds++;
        is_changed = TRUE;
    }
    *present += bytes;
    return is_changed;
}

static UINT64 get_reference(const struct bandwidth_history *history, UINT64 day)
{
    UINT64 best = 0, rate, age;
    UINT i;

    for (i = 0; i < BANDWIDTH_SLOTS; i++)
    {
        rate = history->days[i].peak;
        if (history->days[i].day > day || day - history->days[i].day >= DAYS)
            continue;
        for (age = day - history->days[i].day; age; age--)
            rate -= rate / 10;
        best = max(best, rate);
    }
    return best;
}

BOOL bandwidth_note_held(struct bandwidth_history *history, UINT64 day)
{
    return day && note_peak(history, day, get_reference(history, day - 1));
}

UINT64 bandwidth_get_reference(const struct bandwidth_history *history, UINT64 day)
{
    return history->seconds < BANDWIDTH_ENOUGH ? 0 : get_reference(history, day);
}

UINT64 bandwidth_get_limit(UINT64 reference, UINT percent, BOOL has_to_yield)
{
    if (has_to_yield && (!percent || (percent > BANDWIDTH_YIELD && percent < 100)))
        percent = BANDWIDTH_YIELD;
    if (!reference || !percent || percent >= 100)
        return 0;
    return max(reference / 100 * percent + reference % 100 * percent / 100, 1);
}

UINT bandwidth_get_percent(const struct bandwidth_hours *hours, UINT hour)
{
    BOOL is_inside;

    if (hours->from == hours->to)
        is_inside = TRUE;
    else if (hours->from < hours->to)
        is_inside = hour >= hours->from && hour < hours->to;
    else
        is_inside = hour >= hours->from || hour < hours->to;
    return is_inside ? hours->inside : hours->outside;
}
