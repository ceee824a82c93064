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

/* Times are in milliseconds of the clock below. */

#ifndef __DOSVC_RETRY_H
#define __DOSVC_RETRY_H

#include "base/types.h"

/* A clock that never goes back, and stands still while the process is stopped or the machine sleeps, since no data
 * comes then, which is no fault of a server. It must be read each second; the rest of a longer gap between two reads
 * does not count. Zero-initialised is ready. */
struct progress_clock
{
    ULONGLONG last;    /* when it was asked for */
    ULONGLONG skipped; /* time that does not count */
};

#define PROGRESS_TICK 1000 /* ms */

/* now is the time of a clock of the system. */
extern ULONGLONG progress_clock_advance(struct progress_clock *clock, ULONGLONG now);

struct retry
{
    ULONGLONG clock;     /* when the no-progress clock was started or restarted */
    ULONGLONG held_since; /* while is_held */
    ULONGLONG reconnect; /* when retry_at_once last said yes */
    UINT64 mark;         /* the most bytes that were ever held since retry_start */
    DWORD fruitless;     /* replacements in a row that brought nothing new */
    DWORD failures;      /* in a row, without raising the mark */
    BOOL has_moved;      /* the mark has been raised since the last failure */
    BOOL is_crawling;    /* the response brings so little that it counts as a failure; kept by the caller */
    BOOL is_held;        /* the no-progress clock stands still */
};

/* Begin or resume a transfer that has this many bytes. A clock that stands still goes on to do so. */
extern void retry_start(struct retry *retry, UINT64 bytes, ULONGLONG now);
/* Go on after a time that does not count. */
extern void retry_restart_clock(struct retry *retry, ULONGLONG now);
/* Stop the no-progress clock until it is released. */
extern void retry_hold_clock(struct retry *retry, ULONGLONG now);
extern void retry_release_clock(struct retry *retry, ULONGLONG now);
/* Note work that goes on without new bytes. Like bytes that are stored again, it does not count after some failures. */
extern void retry_show_life(struct retry *retry, ULONGLONG now);
/* Count a piece that has been stored: there are this many bytes now. */
extern void retry_progress(struct retry *retry, UINT64 bytes, ULONGLONG now);
/* Return whether a lost connection may be replaced without a delay, because it brought something new. That counts as
 * no failure. */
extern BOOL retry_at_once(struct retry *retry, ULONGLONG now);
/* Return whether a lost connection may be replaced within the attempt, and set the pause before that, in milliseconds,
 * of which there is one when the last replacement was less than a second ago. Counts as no failure. After max_fruitless
 * replacements in a row that have brought nothing new the answer is FALSE. */
extern BOOL retry_after_pause(struct retry *retry, UINT max_fruitless, ULONGLONG now, DWORD *pause);
/* Count a failed attempt, and return the delay before the next one: first_delay seconds, twice as much each time, or
 * retry_after, which the server asked for, if that is more. */
extern ULONGLONG retry_delay(struct retry *retry, DWORD first_delay, DWORD retry_after);
/* Return when the no-progress clock runs out; timeout in seconds, 0 is never. Never, too, while it stands still. */
extern ULONGLONG retry_deadline(const struct retry *retry, DWORD timeout);

#endif /* __DOSVC_RETRY_H */
