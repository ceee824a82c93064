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

/* Pure. A receive under Wine costs the same for a byte and for a megabyte, and at the speed of a
 * network little has arrived when the last receive has returned. To wait a few milliseconds for
 * more makes receives few and large. That is of no use if it slows the server
 * down, whose window may be small; so both are measured, in turns, and the wait is given up where
 * it does not pay. */

#ifndef __DOSVC_PACER_H
#define __DOSVC_PACER_H

#include "transfer.h"

struct pacer
{
    UINT wait;        /* ms; what may be good */
    BOOL is_waiting;  /* in this phase */
    UINT count;       /* of the receives in this phase, ... */
    UINT64 bytes;     /* ... what they brought ... */
    UINT64 time;      /* ... and how long that took, in us */
    UINT64 free_rate; /* bytes per ms without waiting; 0 before that is known */
    UINT64 pause;     /* us until waiting is tried again */
};

extern void pacer_init(struct pacer *pacer);
/* ms to wait before the next receive into a buffer with so much space. */
extern UINT pacer_get_wait(const struct pacer *pacer, UINT space);
/* A receive has brought size bytes; it took so many microseconds, with the wait before it. */
extern void pacer_count(struct pacer *pacer, UINT size, UINT64 time);

#endif /* __DOSVC_PACER_H */
