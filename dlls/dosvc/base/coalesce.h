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

/* Pure. A receive under Wine costs the same for a byte and for a megabyte, and little has arrived
 * when the last receive has returned. A wait of a few milliseconds makes receives few and large,
 * but slows a server with a small window down. So both ways are measured, in turns, and the wait
 * is given up where it does not pay. */

#ifndef __DOSVC_COALESCE_H
#define __DOSVC_COALESCE_H

#include "base/types.h"

struct coalesce
{
    UINT wait;        /* ms to try */
    BOOL is_waiting;  /* in this phase */
    BOOL is_drained;  /* nothing is left of the phase before */
    BOOL is_full;     /* the last receive had no room for more */
    UINT count;       /* of the receives in this phase, ... */
    UINT64 bytes;     /* ... what they brought ... */
    UINT64 start;     /* ... and since when; all times in us */
    UINT64 now;       /* of the last receive */
    UINT64 free_rate; /* bytes per ms without waiting; 0 before that is known */
    UINT64 duration;  /* of the next phase with waiting */
    UINT64 pause;     /* before waiting is tried again, if it does not pay */
    UINT64 pause_end;
};

extern void coalesce_init(struct coalesce *coalesce);
/* Return the ms to wait before the next receive into a buffer with so much space. */
extern UINT coalesce_get_wait(const struct coalesce *coalesce, UINT space);
/* Note that a receive into so much space has just brought size bytes; now is in microseconds. */
extern void coalesce_count(struct coalesce *coalesce, UINT size, UINT space, UINT64 now);

#endif /* __DOSVC_COALESCE_H */
