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

/* Pure. */

#include "base/plan.h"

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
    /* Bytes of ranges that were wanted before are kept. */
    return plan->layout == LAYOUT_OFFSETS ? max(length, received_end(received)) : length;
}

UINT64 plan_get_stored_length(const struct plan *plan, UINT64 size, const struct range_set *received)
{
    UINT64 length = 0, position = 0, end, last;
    const struct range *range;
    UINT i;

    if (!plan->count || plan->layout == LAYOUT_OFFSETS)
        return received_end(received);
    for (i = 0; i < plan->count; i++)
    {
        range = plan->wanted + i;
        end = range_end(range, size);
        last = range_set_last_end(received, range->offset, end);
        if (last > range->offset)
            length = position + last - range->offset;
        position += end - range->offset;
    }
    return length;
}

BOOL plan_get_range(const struct plan *plan, UINT64 size, const struct plan_cursor *cursor, struct range *range,
        UINT64 *position)
{
    if (cursor->index >= max(plan->count, 1))
        return FALSE;
    range->offset = plan->count ? plan->wanted[cursor->index].offset : 0;
    range->length = (plan->count ? range_end(plan->wanted + cursor->index, size) : size) - range->offset;
    *position = plan->count && plan->layout == LAYOUT_CONCATENATE ? cursor->position : range->offset;
    return TRUE;
}

void plan_step(const struct plan *plan, UINT64 size, struct plan_cursor *cursor)
{
    struct range range;
    UINT64 position;

    if (plan_get_range(plan, size, cursor, &range, &position))
        cursor->position += range.length;
    cursor->index++;
}

BOOL plan_next_gap(const struct plan *plan, UINT64 size, const struct range_set *received, struct plan_cursor *cursor,
        struct range *gap, UINT64 *position)
{
    struct range range;

    while (plan_get_range(plan, size, cursor, &range, position))
    {
        if (range_set_next_gap(received, range.offset, range.offset + range.length, gap))
        {
            *position += gap->offset - range.offset;
            return TRUE;
        }
        /* The size of a whole resource may become another one. */
        if (!plan->count)
            break;
        plan_step(plan, size, cursor);
    }
    return FALSE;
}

BOOL plan_get_intact(const struct plan *plan, UINT64 size, const struct range_set *received,
        struct range_set *intact, BOOL *is_intact)
{
    const struct range *range;
    struct range gap;
    UINT64 end;
    UINT i;

    *is_intact = TRUE;
    for (i = 0; i < plan->count; i++)
    {
        range = plan->wanted + i;
        end = range_end(range, size);
        if (!range_set_count(received, range->offset, end))
            continue;
        if (range_set_next_gap(received, range->offset, end, &gap))
            *is_intact = FALSE;
        else if (!range_set_add(intact, range->offset, end - range->offset))
            return FALSE;
    }
    return TRUE;
}
