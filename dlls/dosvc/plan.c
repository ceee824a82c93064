/*
 * Which bytes of a resource are wanted, and where they go
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

#include "plan.h"

static UINT64 range_end(const struct range *range, UINT64 size)
{
    return range->length == LENGTH_TO_EOF ? size : range->offset + range->length;
}

UINT64 plan_get_total(const struct plan *plan, UINT64 size)
{
    const struct range *range;
    UINT64 total = 0;
    UINT i;

    if (!plan->count)
        return size;
    for (i = 0; i < plan->count; i++)
    {
        range = plan->wanted + i;
        if (range->length != LENGTH_TO_EOF)
            total += range->length;
        else if (size == SIZE_UNKNOWN || size < range->offset)
            return SIZE_UNKNOWN;
        else
            total += size - range->offset;
    }
    return total;
}

UINT64 plan_get_received(const struct plan *plan, const struct range_set *received)
{
    UINT64 count = 0;
    UINT i;

    if (!plan->count)
        return range_set_bytes(received);
    for (i = 0; i < plan->count; i++)
        count += range_set_count(received, plan->wanted[i].offset, range_end(plan->wanted + i, SIZE_UNKNOWN));
    return count;
}

static UINT64 received_end(const struct range_set *received)
{
    const struct range *last;

    if (!received->count)
        return 0;
    last = received->ranges + received->count - 1;
    return last->offset + last->length;
}

UINT64 plan_get_length(const struct plan *plan, UINT64 size, const struct range_set *received)
{
    UINT64 length = 0, end;
    UINT i;

    if (!plan->count)
        return size;
    for (i = 0; i < plan->count; i++)
    {
        if ((end = range_end(plan->wanted + i, size)) == SIZE_UNKNOWN)
            return SIZE_UNKNOWN;
        if (plan->layout == LAYOUT_OFFSETS)
            length = max(length, end);
        else
            length += end - plan->wanted[i].offset;
    }
    /* Other ranges may have been wanted before. */
    return plan->layout == LAYOUT_OFFSETS ? max(length, received_end(received)) : length;
}

UINT64 plan_get_stored_length(const struct plan *plan, UINT64 size, const struct range_set *received)
{
    UINT64 length = 0, position = 0, end;
    const struct range *range;
    struct range gap;
    UINT i;

    if (!plan->count || plan->layout == LAYOUT_OFFSETS)
        return received_end(received);
    for (i = 0; i < plan->count; i++)
    {
        range = plan->wanted + i;
        end = range_end(range, size);
        /* Each range is filled from its front. */
        if (!range_set_next_gap(received, range->offset, end, &gap))
            gap.offset = end;
        if (gap.offset > range->offset)
            length = position + gap.offset - range->offset;
        position += end - range->offset;
    }
    return length;
}

BOOL plan_next_gap(const struct plan *plan, UINT64 size, const struct range_set *received, struct plan_cursor *cursor,
        struct range *gap, UINT64 *position)
{
    const struct range *range;
    UINT64 end;

    if (!plan->count)
    {
        if (!range_set_next_gap(received, 0, size, gap))
            return FALSE;
        *position = gap->offset;
        return TRUE;
    }
    for (; cursor->index < plan->count; cursor->index++)
    {
        range = plan->wanted + cursor->index;
        end = range_end(range, size);
        if (range_set_next_gap(received, range->offset, end, gap))
        {
            *position = gap->offset;
            if (plan->layout == LAYOUT_CONCATENATE)
                *position += cursor->position - range->offset;
            return TRUE;
        }
        cursor->position += end - range->offset;
    }
    return FALSE;
}
