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

/* Pure. The connections of a file share the bytes so that all end at the same
 * time: a connection that has nothing left takes half of the largest segment. Those of a
 * stream take small pieces in its order, so that little has to be kept. */

#include <string.h>

#include "base/segments.h"

#define ALIGNMENT   0x10000
#define LOOKAHEAD 16     /* of a list; what a stream gets after so many is not fetched yet */

#define SETTLE_TIME 50      /* ms after a change in which nothing is measured: it begins slowly, or with a burst */
#define SAMPLE_TIME 150     /* ms of the shortest measurement */
#define TRIAL_TIME  2000    /* ms within which extra connections have to show that they bring something */
#define WINDOW_TIME 2000    /* ms of the longest measurement */
#define WORTH_TIME  500     /* ms; bytes that come within this time anyway are not worth a connection */
#define RATE_MAX    0x40000 /* bytes in a ms; there it is the processor that limits */
#define PAUSE       4000    /* ms */
#define PAUSE_MAX   64000   /* ms */

static UINT64 get_left(const struct segment *segment, UINT64 size)
{
    UINT64 end = min(segment->end, size);

    return end > segment->offset ? end - segment->offset : 0;
}

/* Find the first part of [start, size) that is missing and not claimed. */
static BOOL next_free(const struct segments *segments, UINT64 start, UINT64 size, const struct range_set *received,
        struct range *gap)
{
    const struct segment *segment, *end = segments->items + SEGMENTS_MAX;

    while (range_set_next_gap(received, start, size, gap))
    {
        start = gap->offset;
        for (segment = segments->items; segment < end; segment++)
        {
            if (segment->offset <= start && start < segment->end)
                start = segment->end;
            else if (segment->offset < segment->end && segment->offset > start)
                gap->length = min(gap->length, segment->offset - gap->offset);
        }
        if (start == gap->offset)
            return TRUE;
    }
    return FALSE;
}

/* Find the first, or else the largest, of the gaps that nobody has claimed. */
static BOOL find_free(const struct segments *segments, const struct missing *missing, UINT64 least, BOOL is_first,
        struct segment *found)
{
    UINT last = segments->piece ? missing->cursor->index + LOOKAHEAD : ~0u;
    struct plan_cursor cursor = *missing->cursor;
    struct range range, gap;
    UINT64 position, start;

    memset(found, 0, sizeof(*found));
    for (; cursor.index < last && plan_get_range(missing->plan, missing->size, &cursor, &range, &position);
            plan_step(missing->plan, missing->size, &cursor))
    {
        start = range.offset;
        while (next_free(segments, start, range.offset + range.length, missing->received, &gap))
        {
            start = gap.offset + gap.length;
            if (gap.length < least || gap.length <= found->end - found->offset)
                continue;
            found->offset = found->filled = gap.offset;
            found->end = start;
            found->position = position + gap.offset - range.offset;
            if (is_first)
                return TRUE;
        }
    }
    return found->end > found->offset;
}

static BOOL take_half(struct segments *segments, UINT index, UINT64 size)
{
    struct segment *segment, *largest = segments->items, *own = segments->items + index;
    UINT64 left, taken;

    for (segment = segments->items; segment < segments->items + SEGMENTS_MAX; segment++)
    {
        if (get_left(segment, size) > get_left(largest, size))
            largest = segment;
    }
    left = get_left(largest, size);
    if (left < SEGMENT_SIZE + SEGMENT_KEPT)
        return FALSE;
    taken = max(left / 2, SEGMENT_SIZE);
    own->end = min(largest->end, size);
    own->offset = own->end - taken;
    /* Align only if that leaves the other connection enough: the part taken becomes larger. */
    if (left - taken >= SEGMENT_KEPT + ALIGNMENT)
        own->offset -= own->offset % ALIGNMENT;
    own->filled = own->offset;
    own->position = largest->position + own->offset - largest->offset;
    largest->end = own->offset;
    return TRUE;
}

/* Claim the bytes that are stored next, if nobody has. */
static BOOL take_head(struct segments *segments, const struct missing *missing, const struct range *head,
        UINT64 position)
{
    struct segment *own = segments->items;
    struct range gap;

    if (!next_free(segments, head->offset, head->offset + head->length, missing->received, &gap)
            || gap.offset != head->offset)
        return FALSE;
    own->offset = own->filled = gap.offset;
    own->end = gap.offset + gap.length;
    own->position = position;
    return TRUE;
}

/* Return the length of a piece, so that no small rest is left behind. */
static UINT64 get_piece(UINT64 length, UINT64 piece)
{
    if (length >= 2 * piece)
        return piece;
    return length > piece ? length / 2 : length;
}

static BOOL take_piece(struct segments *segments, UINT index, const struct missing *missing)
{
    struct segment *own = segments->items + index, *first = segments->items;

    if (get_left(first, missing->size) >= 2 * segments->piece)
        first->end = first->offset + segments->piece;
    if (!find_free(segments, missing, segments->piece / 2, TRUE, own))
        return FALSE;
    own->end = own->offset + get_piece(own->end - own->offset, segments->piece);
    return TRUE;
}

BOOL segments_take(struct segments *segments, UINT index, const struct missing *missing, BOOL is_taking)
{
    struct range head;
    UINT64 position;

    segments_drop(segments, index);
    if (!plan_next_gap(missing->plan, missing->size, missing->received, missing->cursor, &head, &position))
        return FALSE;
    if (segments->piece)
        return index ? take_piece(segments, index, missing) : take_head(segments, missing, &head, position);
    if (find_free(segments, missing, index ? SEGMENT_SIZE : 1, !index, segments->items + index))
        return TRUE;
    return is_taking && missing->size != SIZE_UNKNOWN && take_half(segments, index, missing->size);
}

void segments_reset(struct segments *segments)
{
    memset(segments->items, 0, sizeof(segments->items));
}

void segments_drop(struct segments *segments, UINT index)
{
    memset(segments->items + index, 0, sizeof(*segments->items));
}

void segments_confirm(struct segments *segments, UINT index)
{
    segments->items[index].is_firm = TRUE;
}

/* Find a segment that begins at the offset and is not firm yet; NULL if there is none. */
static struct segment *find_loose(struct segments *segments, UINT64 offset)
{
    struct segment *segment;

    for (segment = segments->items; segment < segments->items + SEGMENTS_MAX; segment++)
    {
        if (segment->offset == offset && segment->end > offset && !segment->is_firm)
            return segment;
    }
    return NULL;
}

BOOL segments_extend(struct segments *segments, UINT index, UINT64 limit, const struct range_set *received)
{
    UINT64 offset = segments->items[index].offset;
    struct segment *other;
    struct range gap;

    if (segments->items[index].end > offset)
        return TRUE;
    if ((other = find_loose(segments, offset)))
        memset(other, 0, sizeof(*other));
    if (!next_free(segments, offset, limit, received, &gap) || gap.offset != offset)
        return FALSE;
    segments->items[index].end = gap.offset + gap.length;
    return TRUE;
}

void segments_advance(struct segments *segments, UINT index, UINT64 count)
{
    struct segment *segment = segments->items + index;

    count = min(count, segment->end - segment->offset);
    segment->offset += count;
    segment->position += count;
    segment->filled = max(segment->filled, segment->offset);
}

void segments_fill(struct segments *segments, UINT index, UINT64 count)
{
    segments->items[index].filled += min(count, segments_get_left(segments, index));
}

void segments_settle(struct segments *segments, UINT index)
{
    segments->items[index].end = segments->items[index].filled;
}

UINT64 segments_get_left(const struct segments *segments, UINT index)
{
    return segments->items[index].end - segments->items[index].filled;
}

UINT64 segments_get_filled(const struct segments *segments, UINT index)
{
    return segments->items[index].filled - segments->items[index].offset;
}

UINT segments_find(const struct segments *segments, UINT64 offset)
{
    UINT i;

    for (i = 1; i < SEGMENTS_MAX; i++)
    {
        if (segments->items[i].offset == offset && segments->items[i].end > offset)
            return i;
    }
    return 0;
}

UINT segments_count(const struct segments *segments)
{
    UINT i, count = 0;

    for (i = 1; i < SEGMENTS_MAX; i++)
        count += segments->items[i].end > segments->items[i].offset;
    return count;
}

void throughput_probe_init(struct throughput_probe *probe, UINT max)
{
    memset(probe, 0, sizeof(*probe));
    probe->max = min(max, SEGMENTS_MAX);
    probe->pause = PAUSE;
}

static void start_phase(struct throughput_probe *probe, UINT count, ULONGLONG now)
{
    /* Some have left before it was known what they bring. */
    if (count < probe->count && count < probe->trial)
        probe->former = 0;
    probe->count = count;
    probe->is_settled = FALSE;
    probe->start = now;
}

static void start_sample(struct throughput_probe *probe, UINT64 bytes, ULONGLONG now)
{
    probe->is_settled = TRUE;
    probe->start = now;
    probe->start_bytes = bytes;
}

static void start_pause(struct throughput_probe *probe, ULONGLONG now)
{
    probe->pause_end = now + probe->pause;
    probe->pause = min(probe->pause * 2, PAUSE_MAX);
}

BOOL connections_pay(UINT former, UINT64 former_rate, UINT count, UINT64 rate)
{
    return rate >= former_rate + former_rate * (count - former) / former / 4;
}

/* Try half of the extra connections, since all of them bring too little. */
static UINT lower_trial(struct throughput_probe *probe, UINT count, ULONGLONG now)
{
    UINT former = probe->former, trial = (former + count) / 2;

    if (trial < probe->trial)
        start_pause(probe, now);
    probe->trial = trial;
    if (trial == former)
        probe->former = 0;
    return trial;
}

UINT throughput_probe_get_count(struct throughput_probe *probe, UINT count, UINT64 bytes, UINT64 left, ULONGLONG now)
{
    UINT64 rate;

    if (count != probe->count)
        start_phase(probe, count, now);
    if (!probe->is_settled && now - probe->start >= SETTLE_TIME)
        start_sample(probe, bytes, now);
    if (!probe->is_settled || now - probe->start < SAMPLE_TIME)
        return count;
    rate = (bytes - probe->start_bytes) / (now - probe->start);

    if (probe->former == count)
    {
        start_pause(probe, now); /* no connection could be made */
        probe->former = 0;
    }
    if (probe->former && !connections_pay(probe->former, probe->former_rate, count, rate))
        return now - probe->start < TRIAL_TIME ? count : lower_trial(probe, count, now);
    probe->former = 0;
    if (now - probe->start >= WINDOW_TIME)
        start_sample(probe, bytes, now);
    if (count >= probe->max || now < probe->pause_end || rate > RATE_MAX || left / WORTH_TIME < rate)
        return count;
    probe->former = count;
    probe->former_rate = rate;
    return probe->trial = probe->max;
}
