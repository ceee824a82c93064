/*
 * Plan of the wanted bytes of a resource, and their places in the sink
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

/* Pure. size is that of the resource, or SIZE_UNKNOWN; received is in offsets
 * of the resource. */

#ifndef __DOSVC_PLAN_H
#define __DOSVC_PLAN_H

#include "base/ranges.h"

/* Layout of ranges in the sink. */
enum transfer_layout
{
    LAYOUT_CONCATENATE, /* in the order given, without gaps: jobs */
    LAYOUT_OFFSETS,     /* at their offsets in the resource: downloads */
};

struct plan
{
    const struct range *wanted; /* in the order of the client */
    UINT count;                 /* 0: the whole resource */
    enum transfer_layout layout;
};

/* End of the ranges that are known to be complete; zero-initialised is none. */
struct plan_cursor
{
    UINT index;      /* all wanted ranges before this one are stored */
    UINT64 position; /* of that range in the sink, if they are concatenated */
};

/* Return how many bytes are wanted, or SIZE_UNKNOWN. */
extern UINT64 plan_get_total(const struct plan *plan, UINT64 size);
/* Return how many of the wanted bytes are received. */
extern UINT64 plan_get_received(const struct plan *plan, const struct range_set *received);
/* Return the final length of the sink, or SIZE_UNKNOWN. */
extern UINT64 plan_get_length(const struct plan *plan, UINT64 size, const struct range_set *received);
/* Return the length that the sink must have to hold the received bytes. */
extern UINT64 plan_get_stored_length(const struct plan *plan, UINT64 size, const struct range_set *received);
/* Get the range at the cursor, and its position in the sink. FALSE behind the last range. */
extern BOOL plan_get_range(const struct plan *plan, UINT64 size, const struct plan_cursor *cursor,
        struct range *range, UINT64 *position);
extern void plan_step(const struct plan *plan, UINT64 size, struct plan_cursor *cursor);
/* Get the next missing bytes, and their position in the sink. A gap up to an
 * unknown end ends at SIZE_UNKNOWN. FALSE if nothing is missing. */
extern BOOL plan_next_gap(const struct plan *plan, UINT64 size, const struct range_set *received,
        struct plan_cursor *cursor, struct range *gap, UINT64 *position);
/* Add the wanted ranges that are received whole to the set. *is_intact: no range is received in part. FALSE if out of
 * memory. */
extern BOOL plan_get_intact(const struct plan *plan, UINT64 size, const struct range_set *received,
        struct range_set *intact, BOOL *is_intact);

#endif /* __DOSVC_PLAN_H */
