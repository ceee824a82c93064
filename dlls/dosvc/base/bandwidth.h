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

/* Pure. Time is a parameter: microseconds of a clock that does not go back, days of one that people see.
 *
 * A limit in per cent needs to know the whole. That is the best average over ten seconds of the last seven days, of all
 * that was received; each day takes a tenth off it, because lines change. Whoever is held back by such a limit cannot
 * show what the line would give. So a day on which that happened is no reason to believe less of the line than the day
 * before: else each limit would, day by day, limit itself. */

#ifndef __DOSVC_BANDWIDTH_H
#define __DOSVC_BANDWIDTH_H

#include "base/types.h"

#define BANDWIDTH_WINDOW 10 /* seconds of an average */
#define BANDWIDTH_SLOTS  8
#define BANDWIDTH_ENOUGH 30 /* seconds with something received, until the measurement counts */
#define BANDWIDTH_YIELD  45 /* per cent for the background, while there is a foreground */

/* Best average of each of the last days. Persistent as it is; all members have one size, so that it has no gaps. */
struct bandwidth_history
{
    UINT64 seconds; /* in which something was received, up to BANDWIDTH_ENOUGH */
    struct
    {
        UINT64 day;
        UINT64 peak; /* bytes per second */
    }
    days[BANDWIDTH_SLOTS]; /* by the day modulo BANDWIDTH_SLOTS */
};

/* Bytes of the last seconds. Zero-initialised: nothing was received. */
struct bandwidth_meter
{
    UINT64 second; /* the present one */
    UINT64 bytes[BANDWIDTH_WINDOW]; /* by the second modulo BANDWIDTH_WINDOW */
};

/* Count bytes that have come. */
extern void bandwidth_meter_add(struct bandwidth_meter *meter, UINT64 bytes, UINT64 now);
/* Return the average of the last seconds, in bytes per second. */
extern UINT64 bandwidth_meter_get(struct bandwidth_meter *meter, UINT64 now);
/* Count bytes that have come, and note a new best average. Return whether the history is another one now. */
extern BOOL bandwidth_count(struct bandwidth_meter *meter, struct bandwidth_history *history, UINT64 bytes,
        UINT64 now, UINT64 day);
/* Note that a limit in per cent has held something back. Return whether the history is another one now. */
extern BOOL bandwidth_note_held(struct bandwidth_history *history, UINT64 day);
/* Return how fast the line is, in bytes per second; 0: not known. */
extern UINT64 bandwidth_get_reference(const struct bandwidth_history *history, UINT64 day);
/* Return the limit that is this share of the reference, in bytes per second; 0: none. 0 per cent leave the choice to
 * the service, which limits only the background, and only while it has to yield. */
extern UINT64 bandwidth_get_limit(UINT64 reference, UINT percent, BOOL has_to_yield);

/* Business hours in local time, with a share inside of them and one outside. */
struct bandwidth_hours
{
    UINT from, to; /* the hour that is to is outside; the same one: all day */
    UINT inside, outside; /* per cent */
};

extern UINT bandwidth_get_percent(const struct bandwidth_hours *hours, UINT hour);

#endif /* __DOSVC_BANDWIDTH_H */
