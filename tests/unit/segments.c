/*
 * Connections share what is missing, and are as many as bring something
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

#include "unit.h"
#include "base/segments.h"

#define MiB 0x100000ull
#define COUNT 4

/* Of a whole file. */
static BOOL take(struct segments *segments, UINT index, UINT64 size, const struct range_set *received, BOOL is_taking)
{
    static const struct plan whole;
    struct plan_cursor cursor = {0};
    struct missing missing = { &whole, &cursor, size, received };

    return segments_take(segments, index, &missing, is_taking);
}

/* The claims do not overlap, and nothing that has been received is claimed. */
static BOOL is_sound(const struct segments *segments, const struct range_set *received)
{
    const struct segment *a, *b;

    for (a = segments->items; a < segments->items + SEGMENTS_MAX; a++)
    {
        if (a->offset > a->end || range_set_count(received, a->offset, a->end))
            return FALSE;
        for (b = segments->items; b < a; b++)
        {
            if (a->offset < a->end && b->offset < b->end && a->offset < b->end && b->offset < a->end)
                return FALSE;
        }
    }
    return TRUE;
}

static void test_take(void)
{
    struct range_set received = {0};
    struct segments segments = {0};

    ok(take(&segments, 0, SIZE_UNKNOWN, &received, TRUE), "unknown size.\n");
    ok(!segments.items[0].offset && segments.items[0].end == SIZE_UNKNOWN, "unknown size: not all of it.\n");
    ok(!take(&segments, 1, SIZE_UNKNOWN, &received, TRUE), "unknown size: taken from.\n");
    ok(!take(&segments, 1, 100 * MiB, &received, FALSE), "taken from without being asked.\n");
    ok(take(&segments, 1, 100 * MiB, &received, TRUE), "the second does not get anything.\n");
    ok(segments.items[1].offset == 50 * MiB && segments.items[1].end == 100 * MiB && segments.items[0].end == 50 * MiB,
            "the second begins at %#llx.\n", (unsigned long long)segments.items[1].offset);

    /* Half of what is left. */
    range_set_add(&received, 0, 30 * MiB);
    segments_advance(&segments, 0, 30 * MiB);
    ok(segments_get_left(&segments, 0) == 20 * MiB, "left %#llx.\n", (unsigned long long)segments_get_left(&segments,
            0));
    ok(take(&segments, 2, 100 * MiB, &received, TRUE), "the third does not get anything.\n");
    ok(segments.items[2].offset == 75 * MiB && segments.items[1].end == 75 * MiB, "the third begins at %#llx.\n",
            (unsigned long long)segments.items[2].offset);

    /* What one gives up is free, for a further one if it is large. */
    range_set_add(&received, 50 * MiB, 20 * MiB);
    segments_advance(&segments, 1, 20 * MiB);
    segments_drop(&segments, 1);
    ok(take(&segments, 3, 100 * MiB, &received, TRUE), "the fourth does not get anything.\n");
    ok(segments.items[3].offset != 70 * MiB, "a small gap was given to a further one.\n");
    ok(take(&segments, 0, 100 * MiB, &received, TRUE) && segments.items[0].offset == 30 * MiB
            && segments.items[0].end == 50 * MiB, "the first does not get the first gap.\n");
    ok(is_sound(&segments, &received), "not sound.\n");
    range_set_clear(&received);
}

static void test_least(void)
{
    struct range_set received = {0};
    struct segments segments = {0};

    take(&segments, 0, SEGMENT_SIZE + SEGMENT_KEPT - 1, &received, TRUE);
    ok(!take(&segments, 1, SEGMENT_SIZE + SEGMENT_KEPT - 1, &received, TRUE), "too small.\n");
    take(&segments, 0, SEGMENT_SIZE + SEGMENT_KEPT, &received, TRUE);
    ok(take(&segments, 1, SEGMENT_SIZE + SEGMENT_KEPT, &received, TRUE), "large enough.\n");
    ok(segments_get_left(&segments, 0) == SEGMENT_KEPT && segments_get_left(&segments, 1) == SEGMENT_SIZE,
            "%#llx and %#llx.\n",
            (unsigned long long)segments_get_left(&segments, 0), (unsigned long long)segments_get_left(&segments, 1));
    range_set_clear(&received);
}

/* Who is given more than was left to it gets back what nobody else was given. */
static void test_extend(void)
{
    struct range_set received = {0};
    struct segments segments = {0};
    UINT i;

    for (i = 0; i < 2; i++)
    {
        take(&segments, 0, 100 * MiB, &received, TRUE);
        segments_confirm(&segments, 0);
        take(&segments, 1, 100 * MiB, &received, TRUE);
        ok(segments_extend(&segments, 0, 100 * MiB, &received), "not at the end.\n");
        ok(segments_get_left(&segments, 0) == 50 * MiB, "left %#llx.\n",
                (unsigned long long)segments_get_left(&segments, 0));
        range_set_add(&received, 0, 50 * MiB);
        segments_advance(&segments, 0, 50 * MiB);
        if (i)
            segments_confirm(&segments, 1);
        ok(segments_extend(&segments, 0, 90 * MiB, &received) == !i, "firm %u.\n", i);
        ok(segments_get_left(&segments, 0) == (i ? 0 : 40 * MiB), "left %#llx.\n",
                (unsigned long long)segments_get_left(&segments, 0));
        ok(segments_get_left(&segments, 1) == (i ? 50 * MiB : 0), "left %#llx.\n",
                (unsigned long long)segments_get_left(&segments, 1));
        segments_drop(&segments, 1);
        ok(segments_extend(&segments, 0, 100 * MiB, &received), "given up, firm %u.\n", i);
        ok(is_sound(&segments, &received), "not sound.\n");
        range_set_clear(&received);
        memset(&segments, 0, sizeof(segments));
    }
}

/* Connections of any speed, of which some fail, store each byte once. */
static void test_all(UINT64 seed)
{
    UINT64 size = (next_random(&seed) % 400 + 1) * MiB + next_random(&seed) % MiB, stored = 0, step, random;
    BOOL at_work[COUNT] = { FALSE }, is_ok = TRUE;
    struct range_set received = {0};
    struct segments segments = {0};
    UINT i, requests = 0;

    while (stored < size && is_ok && requests < 10000)
    {
        random = next_random(&seed);
        i = random % COUNT;
        if (!at_work[i] || !segments_get_left(&segments, i))
        {
            at_work[i] = take(&segments, i, size, &received, TRUE);
            requests += at_work[i];
            is_ok = is_sound(&segments, &received) && (!i || !at_work[i] || segments_get_left(&segments,
                    i) >= SEGMENT_SIZE);
        }
        else if (random >> 32 & 63)
        {
            step = min(segments_get_left(&segments, i), (i + 1) * (random >> 40) % MiB);
            is_ok = !range_set_count(&received, segments.items[i].offset, segments.items[i].offset + step);
            range_set_add(&received, segments.items[i].offset, step);
            segments_advance(&segments, i, step);
            stored += step;
        }
        else
        {
            at_work[i] = FALSE;
            segments_drop(&segments, i);
        }
    }
    ok(is_ok && stored == size && range_set_bytes(&received) == size, "size %#llx, stored %#llx, requests %u.\n",
            (unsigned long long)size, (unsigned long long)stored, requests);
    range_set_clear(&received);
}

/* Ranges that are wanted in any order, disjoint; some of them large. */
#define RANGES 12

static UINT64 make_ranges(UINT64 *seed, struct range *ranges, UINT count)
{
    UINT64 offset = 0;
    struct range range;
    UINT i, j;

    for (i = 0; i < count; i++)
    {
        offset += next_random(seed) % 3 * MiB;
        ranges[i].offset = offset;
        ranges[i].length = next_random(seed) % (next_random(seed) % 3 ? 3 * MiB : 40 * MiB) + 1;
        offset += ranges[i].length;
    }
    if (next_random(seed) % 2)
        ranges[count - 1].length = LENGTH_TO_EOF;
    for (i = count - 1; i; i--)
    {
        j = next_random(seed) % (i + 1);
        range = ranges[i];
        ranges[i] = ranges[j];
        ranges[j] = range;
    }
    return offset;
}

static BOOL is_in_one(const struct plan *plan, UINT64 size, const struct segment *segment)
{
    struct plan_cursor cursor = {0};
    struct range range;
    UINT64 position;

    if (segment->offset == segment->end)
        return TRUE;
    for (; plan_get_range(plan, size, &cursor, &range, &position); plan_step(plan, size, &cursor))
    {
        if (segment->offset >= range.offset && segment->end <= range.offset + range.length)
            return segment->position == position + segment->offset - range.offset;
    }
    return FALSE;
}

static BOOL are_in_one(const struct plan *plan, UINT64 size, const struct segments *segments)
{
    BOOL ret = TRUE;
    UINT i;

    for (i = 0; i < SEGMENTS_MAX; i++)
        ret = ret && is_in_one(plan, size, segments->items + i);
    return ret;
}

/* As test_all, of a list of ranges; nothing else is fetched, and each byte goes to its place. */
static void test_ranges(UINT64 seed)
{
    struct range ranges[RANGES];
    UINT count = next_random(&seed) % RANGES + 1, i, requests = 0;
    UINT64 size = make_ranges(&seed, ranges, count), stored = 0, total, random, step;
    struct plan plan = { ranges, count, next_random(&seed) % 2 ? LAYOUT_CONCATENATE : LAYOUT_OFFSETS };
    struct range_set received = {0};
    struct plan_cursor cursor = {0};
    struct missing missing = { &plan, &cursor, size, &received };
    BOOL at_work[COUNT] = { FALSE }, is_ok = TRUE;
    struct segments segments = {0};

    total = plan_get_total(&plan, size);
    while (stored < total && is_ok && requests < 10000)
    {
        random = next_random(&seed);
        i = random % COUNT;
        if (!at_work[i] || !segments_get_left(&segments, i))
        {
            at_work[i] = segments_take(&segments, i, &missing, TRUE);
            requests += at_work[i];
            is_ok = is_sound(&segments, &received) && are_in_one(&plan, size, &segments)
                    && (!i || !at_work[i] || segments_get_left(&segments, i) >= SEGMENT_SIZE);
        }
        else if (random >> 32 & 63)
        {
            step = min(segments_get_left(&segments, i), (i + 1) * (random >> 40) % MiB);
            range_set_add(&received, segments.items[i].offset, step);
            segments_advance(&segments, i, step);
            stored += step;
            is_ok = are_in_one(&plan, size, &segments);
        }
        else
        {
            at_work[i] = FALSE;
            segments_drop(&segments, i);
        }
    }
    ok(is_ok && stored == total && plan_get_received(&plan, &received) == total && range_set_bytes(&received) == total,
            "size %#llx, %u ranges, stored %#llx, requests %u.\n", (unsigned long long)size, count,
            (unsigned long long)stored, requests);
    range_set_clear(&received);
}

#define PIECE (2 * MiB)

static void test_pieces(void)
{
    struct range_set received = {0};
    struct segments segments = { .piece = PIECE };
    UINT i;

    ok(take(&segments, 0, 100 * MiB, &received, TRUE), "nothing for the first.\n");
    ok(segments_get_left(&segments, 0) == 100 * MiB, "not all of it.\n");
    for (i = 1; i < COUNT; i++)
    {
        ok(take(&segments, i, 100 * MiB, &received, TRUE), "nothing for %u.\n", i);
        ok(segments.items[i].offset == i * PIECE && segments_get_left(&segments, i) == PIECE, "%u begins at %#llx.\n",
                i, (unsigned long long)segments.items[i].offset);
    }
    ok(segments_get_left(&segments, 0) == PIECE, "left %#llx.\n", (unsigned long long)segments_get_left(&segments, 0));
    ok(segments_count(&segments) == COUNT - 1, "count %u.\n", segments_count(&segments));
    ok(segments_find(&segments, 2 * PIECE) == 2 && !segments_find(&segments, 0) && !segments_find(&segments, PIECE + 1),
            "found.\n");

    /* What one has got stays, the rest of it is free, and goes to the first. */
    segments_confirm(&segments, 1);
    segments_fill(&segments, 1, MiB);
    ok(segments_get_filled(&segments, 1) == MiB && segments_get_left(&segments, 1) == MiB, "filled %#llx.\n",
            (unsigned long long)segments_get_filled(&segments, 1));
    segments_settle(&segments, 1);
    ok(!segments_get_left(&segments, 1) && segments_get_filled(&segments, 1) == MiB, "settled.\n");
    range_set_add(&received, 0, PIECE);
    segments_advance(&segments, 0, PIECE);
    ok(!segments_extend(&segments, 0, 100 * MiB, &received), "beyond what is there.\n");
    ok(!take(&segments, 0, 100 * MiB, &received, TRUE), "what is next is there.\n");
    range_set_add(&received, PIECE, MiB);
    segments_advance(&segments, 1, MiB);
    ok(segments_count(&segments) == COUNT - 2, "count %u.\n", segments_count(&segments));
    ok(take(&segments, 0, 100 * MiB, &received, TRUE) && segments.items[0].offset == PIECE + MiB
            && segments_get_left(&segments, 0) == MiB, "the rest.\n");

    /* Who has not begun yet loses what the first comes to. */
    range_set_add(&received, PIECE + MiB, MiB);
    segments_advance(&segments, 0, MiB);
    ok(segments_extend(&segments, 0, 100 * MiB, &received) && segments_get_left(&segments, 0) == PIECE, "left %#llx.\n",
            (unsigned long long)segments_get_left(&segments, 0));
    segments_fill(&segments, 2, MiB);
    segments_settle(&segments, 2);
    ok(!segments_get_left(&segments, 2) && !segments_get_filled(&segments, 2), "kept all the same.\n");
    range_set_clear(&received);
}

/* Where the last byte of the list lies that was given to the stream, if all before it were. */
static BOOL is_next(const struct plan *plan, UINT64 size, UINT64 given, UINT64 offset)
{
    struct plan_cursor cursor = {0};
    struct range range;
    UINT64 position;

    for (; plan_get_range(plan, size, &cursor, &range, &position); plan_step(plan, size, &cursor))
    {
        if (given < range.length)
            return offset == range.offset + given;
        given -= range.length;
    }
    return FALSE;
}

/* A stream gets each byte once and in the order of the list, whatever its connections do. */
static void test_stream(UINT64 seed)
{
    struct range ranges[RANGES];
    UINT count = next_random(&seed) % (RANGES + 1), i, requests = 0;
    UINT64 size = make_ranges(&seed, ranges, max(count, 1)), given = 0, total, random, step, ahead, limit = 0;
    struct plan plan = { ranges, count, LAYOUT_CONCATENATE };
    struct range_set received = {0};
    struct plan_cursor cursor = {0};
    struct missing missing = { &plan, &cursor, size, &received };
    BOOL at_work[COUNT + 1] = { FALSE }, is_ok = TRUE;
    struct segments segments = { .piece = PIECE };

    total = plan_get_total(&plan, size);
    while (given < total && is_ok && requests < 100000)
    {
        random = next_random(&seed);
        i = random % (COUNT + 1);
        if (i && at_work[i] && segments_get_left(&segments, i) && random >> 32 & 31)
        {
            segments_confirm(&segments, i);
            segments_fill(&segments, i, (random >> 40) % MiB);
        }
        else if (i && at_work[i])
        {
            segments_settle(&segments, i); /* through, or broken off */
            at_work[i] = FALSE;
        }
        else if (i && !segments_get_filled(&segments, i))
        {
            at_work[i] = segments_take(&segments, i, &missing, TRUE);
            requests += at_work[i];
            is_ok = !at_work[i] || (segments_get_left(&segments, i) >= PIECE / 2 && segments_get_left(&segments,
                    i) <= PIECE);
        }
        else if (!i && at_work[0] && (segments_get_left(&segments, 0) || segments_extend(&segments, 0, limit,
                &received)))
        {
            step = min(segments_get_left(&segments, 0), (random >> 40) % MiB);
            is_ok = !step || is_next(&plan, size, given, segments.items[0].offset);
            range_set_add(&received, segments.items[0].offset, step);
            segments_advance(&segments, 0, step);
            given += step;
            at_work[0] = random >> 32 & 31;
        }
        else if (!i)
        {
            /* The head: from a buffer, or by a request. */
            segments_drop(&segments, 0);
            for (i = COUNT; i && !(segments_get_filled(&segments, i)
                    && is_next(&plan, size, given, segments.items[i].offset)); i--)
                ;
            ok(!i || segments_find(&segments, segments.items[i].offset) == i, "not found.\n");
            step = i ? min(segments_get_filled(&segments, i), 0x40000) : 0;
            range_set_add(&received, segments.items[i].offset, step);
            segments_advance(&segments, i, step);
            given += step;
            at_work[0] = !step && segments_take(&segments, 0, &missing, FALSE);
            limit = segments.items[0].end;
        }
        for (i = 1, ahead = 0; i <= COUNT; i++)
            ahead += segments_get_filled(&segments, i);
        is_ok = is_ok && is_sound(&segments, &received) && are_in_one(&plan, size, &segments) && ahead <= COUNT * PIECE;
    }
    ok(is_ok && given == total && range_set_bytes(&received) == total, "size %#llx, %u ranges, given %#llx of %#llx, "
            "requests %u.\n", (unsigned long long)size, count, (unsigned long long)given, (unsigned long long)total,
            requests);
    range_set_clear(&received);
}

/* A server or network, and how many connections it gets in the end. */
struct line
{
    const char *name;
    UINT each;      /* bytes in a ms for a connection, ... */
    UINT all;       /* ... and for all of them */
    UINT burst;     /* a connection gets its bytes so many ms at a time */
    UINT start;     /* ms until a new connection brings something */
    UINT max;       /* connections that are served */
    UINT64 size;
    UINT expected;  /* connections after three quarters */
    UINT min_rate;  /* percent of what COUNT connections could have */
};

static void test_line(const struct line *line)
{
    UINT64 bytes = 0, now, born[SEGMENTS_MAX] = {0}, owed[SEGMENTS_MAX] = {0}, best, step;
    UINT count = 1, wanted, i, at_end = 0;
    struct throughput_probe probe;

    throughput_probe_init(&probe, COUNT);
    for (now = 1000; bytes < line->size; now++)
    {
        for (i = 0; i < count; i++)
        {
            if (now - born[i] < line->start)
                continue;
            owed[i] += min(line->each, line->all / count);
            if (line->burst && (now + i * 7) % line->burst)
                continue;
            step = owed[i];
            bytes += step;
            owed[i] = 0;
        }
        if (now % 20)
            continue;
        wanted = throughput_probe_get_count(&probe, count, bytes, line->size - min(line->size, bytes), now);
        ok(wanted >= 1 && wanted <= COUNT, "%s: %u.\n", line->name, wanted);
        for (; count < wanted && count < line->max; count++)
        {
            born[count] = now;
            owed[count] = 0;
        }
        count = min(count, wanted);
        if (bytes < line->size / 4 * 3)
            at_end = count;
    }
    best = line->size / min(line->all, line->each * COUNT);
    ok(at_end == line->expected, "%s: %u connections.\n", line->name, at_end);
    ok(best * 100 / (now - 1000) >= line->min_rate, "%s: %u ms instead of %u.\n", line->name, (UINT)(now - 1000),
            (UINT)best);
}

static void test_gauge(void)
{
    static const struct line lines[] =
    {
        { "20 MB/s each", 20000, ~0u, 0, 10, 8, 1024 * MiB, 4, 94 },
        { "20 MB/s each, 200 MiB", 20000, ~0u, 0, 10, 8, 200 * MiB, 4, 75 },
        { "20 MB/s each, in bursts", 20000, ~0u, 125, 10, 8, 1024 * MiB, 4, 90 },
        { "1 MB/s each, far away", 1000, ~0u, 0, 700, 8, 100 * MiB, 4, 90 },
        { "1 MB/s each, only two", 1000, ~0u, 0, 10, 2, 100 * MiB, 2, 45 },
        { "a line that is full", 12000, 12000, 0, 10, 8, 1024 * MiB, 1, 99 },
        { "a line for one and a half", 8000, 12000, 0, 10, 8, 1024 * MiB, 2, 95 },
        { "a line for two and a half", 4000, 10000, 0, 10, 8, 1024 * MiB, 4, 95 },
        { "a processor that is full", 1000000, 1000000, 0, 1, 8, 4096 * MiB, 1, 99 },
        { "a small file", 20000, ~0u, 0, 10, 8, 6 * MiB, 1, 20 },
    };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(lines); i++)
        test_line(lines + i);
}

/* What does not bring anything is tried less and less often. */
static void test_pauses(void)
{
    UINT64 bytes = 0, now, trials = 0;
    UINT count = 1, former = 1;
    struct throughput_probe probe;

    throughput_probe_init(&probe, COUNT);
    for (now = 1000; now < 3601000; now += 20)
    {
        bytes += 20 * 10000;
        count = throughput_probe_get_count(&probe, count, bytes, ~0ull, now);
        trials += count > former;
        former = count;
    }
    ok(trials > 40 && trials < 70, "%u trials in an hour.\n", (UINT)trials);

    throughput_probe_init(&probe, 1);
    for (now = 1000; now < 61000; now += 20)
        ok(throughput_probe_get_count(&probe, 1, now * 1000, ~0ull, now) == 1, "more than one.\n");
}

int main(void)
{
    UINT i;

    test_take();
    test_least();
    test_extend();
    test_pieces();
    for (i = 0; i < 200; i++)
    {
        test_all(i);
        test_ranges(i);
        test_stream(i);
    }
    test_gauge();
    test_pauses();
    return report("segments");
}
