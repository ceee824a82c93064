/*
 * Sets of byte intervals
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

#ifndef __DOSVC_RANGES_H
#define __DOSVC_RANGES_H

#include "base/types.h"

struct range
{
    UINT64 offset;
    UINT64 length;
};

/* size: of the resource, or SIZE_UNKNOWN */
static inline UINT64 range_end(const struct range *range, UINT64 size)
{
    return range->length == LENGTH_TO_EOF ? size : range->offset + range->length;
}

/* A sorted set of disjoint byte intervals. Zero-initialised is empty. */
struct range_set
{
    struct range *ranges; /* owned; sorted, neither overlapping nor adjacent */
    UINT count;
    UINT capacity;
};

/* Add a range. FALSE if out of memory; the set is unchanged then. */
extern BOOL range_set_add(struct range_set *set, UINT64 offset, UINT64 length);
/* Remove a range. FALSE if out of memory; the set is unchanged then. */
extern BOOL range_set_remove(struct range_set *set, UINT64 offset, UINT64 length);
/* Remove what is not in the other set. FALSE if out of memory. */
extern BOOL range_set_intersect(struct range_set *set, const struct range_set *other);
extern BOOL range_set_copy(const struct range_set *set, struct range_set *copy); /* FALSE if out of memory */
extern void range_set_clear(struct range_set *set);
extern UINT64 range_set_bytes(const struct range_set *set);
/* Find the first part of [start, end) that is not in the set; FALSE if there is none. */
extern BOOL range_set_next_gap(const struct range_set *set, UINT64 start, UINT64 end, struct range *gap);
/* Return how many bytes of [start, end) are in the set. */
extern UINT64 range_set_count(const struct range_set *set, UINT64 start, UINT64 end);
/* Return where the last byte of [start, end) that is in the set ends, or start if there is none. */
extern UINT64 range_set_last_end(const struct range_set *set, UINT64 start, UINT64 end);

/* Copy an array of ranges; the copy of none is NULL. FALSE if out of memory. */
extern BOOL ranges_copy(const struct range *ranges, UINT count, struct range **copy);
/* Check the ranges that a client asks for (job-api section 8, download-api 9.7); size may be SIZE_UNKNOWN. */
extern HRESULT ranges_validate(const struct range *ranges, UINT count, UINT64 size);

#endif /* __DOSVC_RANGES_H */
