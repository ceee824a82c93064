/*
 * Segments of a transfer: shares of several connections in the missing bytes
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

#ifndef __DOSVC_SEGMENTS_H
#define __DOSVC_SEGMENTS_H

#include "base/plan.h"

#define SEGMENTS_MAX 8        /* connections of one transfer */
#define SEGMENT_SIZE 0x800000 /* no extra connection is made for less, ... */
#define SEGMENT_KEPT 0x200000 /* ... nor if the one that gives would keep less; it may have a buffer of it already */

/* Bytes that one connection is going to store; none if offset is end. A segment lies
 * within one of the wanted ranges. */
struct segment
{
    UINT64 offset;
    UINT64 end;
    UINT64 filled;   /* end of the bytes received; more than are stored only for a stream */
    UINT64 position; /* of offset in the sink */
    BOOL is_firm;    /* the server has agreed */
};

/* Zero-initialised is empty. */
struct segments
{
    struct segment items[SEGMENTS_MAX]; /* of the connections; they do not overlap */
    UINT64 piece; /* bytes that an extra connection claims at most, if all is stored in order; else 0 */
};

/* Bytes that are to be fetched. */
struct missing
{
    const struct plan *plan;
    struct plan_cursor *cursor;
    UINT64 size; /* of the resource, or SIZE_UNKNOWN */
    const struct range_set *received;
};

/* Give up what the connection has claimed, and claim what it is to fetch next:
 * the first gap that nobody has claimed, or the largest one of SEGMENT_SIZE or
 * more if it is an extra connection (index > 0); else, if it may take from
 * others, the second half of the largest claim. FALSE if there is nothing.
 *
 * In order: the gap at the place that is stored next, or the first one of half a
 * piece or more behind what the others have claimed, and no more than a piece;
 * of what the first connection has claimed, that keeps the first piece. */
extern BOOL segments_take(struct segments *segments, UINT index, const struct missing *missing, BOOL is_taking);
extern void segments_reset(struct segments *segments); /* drop all of them */
extern void segments_drop(struct segments *segments, UINT index);
/* Note that the server gives the segment, which becomes firm. */
extern void segments_confirm(struct segments *segments, UINT index);
/* The connection is at the end of its claim, but not of what it is given: let
 * it go on as far as nobody else has a firm claim, and not beyond limit. FALSE if
 * it cannot. */
extern BOOL segments_extend(struct segments *segments, UINT index, UINT64 limit, const struct range_set *received);
/* Note that so many bytes of the segment are stored. */
extern void segments_advance(struct segments *segments, UINT index, UINT64 count);
/* Note that so many bytes have come, which are kept until it is their turn to be stored. */
extern void segments_fill(struct segments *segments, UINT index, UINT64 count);
/* Give up the rest of the segment, since no more will come. */
extern void segments_settle(struct segments *segments, UINT index);
/* Return how many bytes of the segment are still to come. */
extern UINT64 segments_get_left(const struct segments *segments, UINT index);
/* Return how many bytes have come and are to be stored. */
extern UINT64 segments_get_filled(const struct segments *segments, UINT index);
/* Return the index of the extra connection whose segment begins at the offset, or 0. */
extern UINT segments_find(const struct segments *segments, UINT64 offset);
/* Return how many extra connections have a segment. */
extern UINT segments_count(const struct segments *segments);

/* Return whether those that have come to the former ones bring a quarter of what they would if each brought as much. */
extern BOOL connections_pay(UINT former, UINT64 former_rate, UINT count, UINT64 rate);

/* Measurement of the gain by extra connections. */
struct throughput_probe
{
    UINT max;             /* connections */
    UINT count;           /* of them, in this phase */
    UINT former;          /* how many there were before those that are on trial; 0: none is */
    UINT trial;           /* how many are wanted for it */
    UINT64 former_rate;   /* bytes in a ms */
    BOOL is_settled;      /* the measurement has begun: */
    UINT64 start_bytes;
    ULONGLONG start;
    ULONGLONG pause;      /* ms until the next trial, after one that failed */
    ULONGLONG pause_end;
};

extern void throughput_probe_init(struct throughput_probe *probe, UINT max);
/* Return how many connections there should be. There are count; bytes have arrived
 * since some time by all of them, and left bytes are missing. now is in ms. */
extern UINT throughput_probe_get_count(struct throughput_probe *probe, UINT count, UINT64 bytes, UINT64 left,
        ULONGLONG now);

#endif /* __DOSVC_SEGMENTS_H */
