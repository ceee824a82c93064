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

/* Pure: needs nothing from Windows but types, and compiles natively too. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "deliveryoptimizationerrors.h"
#include "base/ranges.h"

#define CAPACITY_MAX (1u << 26) /* 1 GiB of ranges */

/* Return the index of the first range that does not end before offset. */
static UINT find_range(const struct range_set *set, UINT64 offset)
{
    UINT low = 0, high = set->count, middle;

    while (low < high)
    {
        middle = low + (high - low) / 2;
        if (set->ranges[middle].offset + set->ranges[middle].length < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static BOOL reserve_one(struct range_set *set)
{
    UINT capacity = set->capacity ? set->capacity * 2 : 8;
    struct range *ranges;

    if (set->count < set->capacity)
        return TRUE;
    if (capacity > CAPACITY_MAX)
        return FALSE;
    if (!(ranges = realloc(set->ranges, capacity * sizeof(*ranges))))
        return FALSE;
    set->ranges = ranges;
    set->capacity = capacity;
    return TRUE;
}

BOOL range_set_add(struct range_set *set, UINT64 offset, UINT64 length)
{
    UINT64 end = offset + length;
    UINT first, last;

    if (!length)
        return TRUE;
    assert(end > offset);

    /* [first, last) are the ranges that the new one overlaps or touches. */
    first = last = find_range(set, offset);
    while (last < set->count && set->ranges[last].offset <= end)
    {
        offset = min(offset, set->ranges[last].offset);
        end = max(end, set->ranges[last].offset + set->ranges[last].length);
        last++;
    }
    if (first == last && !reserve_one(set))
        return FALSE;

    memmove(set->ranges + first + 1, set->ranges + last, (set->count - last) * sizeof(*set->ranges));
    set->count -= last - first;
    set->count++;
    set->ranges[first].offset = offset;
    set->ranges[first].length = end - offset;
    return TRUE;
}

BOOL range_set_remove(struct range_set *set, UINT64 offset, UINT64 length)
{
    UINT64 end = length > SIZE_UNKNOWN - offset ? SIZE_UNKNOWN : offset + length, last_end;
    UINT first = find_range(set, offset), last;

    if (!length)
        return TRUE;
    if (first < set->count && set->ranges[first].offset + set->ranges[first].length == offset)
        first++;
    if (first < set->count && set->ranges[first].offset < offset)
    {
        last_end = set->ranges[first].offset + set->ranges[first].length;
        if (last_end > end && !reserve_one(set))
            return FALSE;
        set->ranges[first].length = offset - set->ranges[first].offset;
        first++;
        if (last_end > end)
        {
            memmove(set->ranges + first + 1, set->ranges + first, (set->count - first) * sizeof(*set->ranges));
            set->count++;
            set->ranges[first].offset = end;
            set->ranges[first].length = last_end - end;
            return TRUE;
        }
    }
    /* [first, last) are the ranges that are removed altogether. */
    for (last = first; last < set->count && set->ranges[last].offset + set->ranges[last].length <= end; last++)
        ;
    if (last < set->count && set->ranges[last].offset < end)
    {
        set->ranges[last].length -= end - set->ranges[last].offset;
        set->ranges[last].offset = end;
    }
    memmove(set->ranges + first, set->ranges + last, (set->count - last) * sizeof(*set->ranges));
    set->count -= last - first;
    return TRUE;
}

BOOL range_set_intersect(struct range_set *set, const struct range_set *other)
{
    UINT64 start = 0;
    struct range gap;

    while (range_set_next_gap(other, start, SIZE_UNKNOWN, &gap))
    {
        if (!range_set_remove(set, gap.offset, gap.length))
            return FALSE;
        start = gap.offset + gap.length;
    }
    return TRUE;
}

BOOL ranges_copy(const struct range *ranges, UINT count, struct range **copy)
{
    *copy = NULL;
    if (!count)
        return TRUE;
    if ((*copy = calloc(count, sizeof(*ranges))))
        memcpy(*copy, ranges, count * sizeof(*ranges));
    return *copy != NULL;
}

BOOL range_set_copy(const struct range_set *set, struct range_set *copy)
{
    memset(copy, 0, sizeof(*copy));
    if (!ranges_copy(set->ranges, set->count, &copy->ranges))
        return FALSE;
    copy->count = copy->capacity = set->count;
    return TRUE;
}

void range_set_clear(struct range_set *set)
{
    free(set->ranges);
    memset(set, 0, sizeof(*set));
}

UINT64 range_set_bytes(const struct range_set *set)
{
    UINT64 bytes = 0;
    UINT i;

    for (i = 0; i < set->count; i++)
        bytes += set->ranges[i].length;
    return bytes;
}

BOOL range_set_next_gap(const struct range_set *set, UINT64 start, UINT64 end, struct range *gap)
{
    UINT i = find_range(set, start);

    if (i < set->count && set->ranges[i].offset <= start)
    {
        start = set->ranges[i].offset + set->ranges[i].length;
        i++;
    }
    if (i < set->count)
        end = min(end, set->ranges[i].offset);
    if (start >= end)
        return FALSE;
    gap->offset = start;
    gap->length = end - start;
    return TRUE;
}

UINT64 range_set_count(const struct range_set *set, UINT64 start, UINT64 end)
{
    UINT64 count = 0, first, last;
    UINT i;

    for (i = find_range(set, start); i < set->count && set->ranges[i].offset < end; i++)
    {
        first = max(start, set->ranges[i].offset);
        last = min(end, set->ranges[i].offset + set->ranges[i].length);
        if (first < last)
            count += last - first;
    }
    return count;
}

UINT64 range_set_last_end(const struct range_set *set, UINT64 start, UINT64 end)
{
    UINT i = find_range(set, end);

    /* The range that is found may begin before the end, and reach it. */
    if (i < set->count && set->ranges[i].offset < end)
        return max(start, end);
    return i ? max(start, set->ranges[i - 1].offset + set->ranges[i - 1].length) : start;
}

static int __cdecl compare_ranges(const void *a, const void *b)
{
    const struct range *left = *(const struct range * const *)a, *right = *(const struct range * const *)b;

    if (left->offset != right->offset)
        return left->offset < right->offset ? -1 : 1;
    /* The pointers are into one array: the sort is stable. */
    return left < right ? -1 : left > right;
}

static HRESULT check_overlaps(const struct range *ranges, UINT count)
{
    const struct range **sorted;
    HRESULT hr = S_OK;
    UINT i;

    if (!(sorted = calloc(count, sizeof(*sorted))))
        return E_OUTOFMEMORY;
    for (i = 0; i < count; i++)
        sorted[i] = ranges + i;
    qsort(sorted, count, sizeof(*sorted), compare_ranges);
    for (i = 1; i < count && hr == S_OK; i++)
    {
        if (sorted[i]->offset < range_end(sorted[i - 1], SIZE_UNKNOWN))
            hr = DO_E_OVERLAPPING_RANGES;
    }
    free(sorted);
    return hr;
}

HRESULT ranges_validate(const struct range *ranges, UINT count, UINT64 size)
{
    HRESULT hr;
    UINT i;

    if (!count)
        return S_OK;
    for (i = 0; i < count; i++)
    {
        if (ranges[i].offset == LENGTH_TO_EOF)
            return DO_E_INVALID_RANGE;
        if (ranges[i].length != LENGTH_TO_EOF && ranges[i].length > ~ranges[i].offset)
            return DO_E_INVALID_RANGE;
    }
    if (FAILED(hr = check_overlaps(ranges, count)))
        return hr;
    for (i = 0; i < count; i++)
    {
        if (!ranges[i].length || (size != SIZE_UNKNOWN
                && (ranges[i].offset >= size || range_end(ranges + i, size) > size)))
            return DO_E_INVALID_RANGE;
    }
    return S_OK;
}
