/*
 * How several connections share what is missing
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

/* Pure. */

#ifndef __DOSVC_SPLIT_H
#define __DOSVC_SPLIT_H

#include "transfer.h"

#define SPLIT_MAX       8        /* connections of one transfer */
#define SPLIT_SIZE      0x800000 /* no further connection is made for less, ... */
#define SPLIT_KEPT      0x200000 /* ... nor if the one that gives would keep less; it may have a buffer of it already */

/* What one connection is going to store; nothing if offset is end. */
struct claim
{
    UINT64 offset;
    UINT64 end;
    BOOL is_firm; /* the server has agreed */
};

/* Of whole resources; zero-initialised is empty. */
struct split
{
    struct claim claims[SPLIT_MAX]; /* of the connections; they do not overlap */
};

/* Give up what the connection has claimed, and claim what it is to fetch next:
 * the first gap of [0, size) that nobody has claimed, or the largest one of
 * SPLIT_SIZE or more if it is a further connection (index > 0); else, if it
 * may take from others, the second half of the largest claim. FALSE if there
 * is nothing. */
extern BOOL split_take(struct split *split, UINT index, UINT64 size, const struct range_set *received,
        BOOL is_taking);
extern void split_drop(struct split *split, UINT index);
/* The server gives what was claimed. */
extern void split_confirm(struct split *split, UINT index);
/* The connection is at the end of its claim, but not of what it is given: let
 * it go on as far as nobody else has a firm claim, and not beyond limit. FALSE if
 * it cannot. */
extern BOOL split_extend(struct split *split, UINT index, UINT64 limit, const struct range_set *received);
/* The connection has stored so many bytes. */
extern void split_advance(struct split *split, UINT index, UINT64 count);
/* How many bytes it may store still. */
extern UINT64 split_get_left(const struct split *split, UINT index);

/* Whether further connections bring something. */
struct gauge
{
    UINT max;             /* connections */
    UINT count;           /* of them, in this phase */
    UINT former;          /* how many there were before those that are on trial; 0: none is */
    UINT64 former_rate;   /* bytes in a ms */
    BOOL is_settled;      /* the measurement has begun: */
    UINT64 start_bytes;
    ULONGLONG start;
    ULONGLONG pause;      /* ms until the next trial, after one that failed */
    ULONGLONG pause_end;
};

extern void gauge_init(struct gauge *gauge, UINT max);
/* How many connections there should be. There are count; bytes have arrived
 * since some time by all of them, and left bytes are missing. now is in ms. */
extern UINT gauge_get_count(struct gauge *gauge, UINT count, UINT64 bytes, UINT64 left, ULONGLONG now);

#endif /* __DOSVC_SPLIT_H */
