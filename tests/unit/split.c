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
#include "split.h"

#define MiB 0x100000ull
#define COUNT 4

/* The claims do not overlap, and nothing that has been received is claimed. */
static BOOL is_sound(const struct split *split, const struct range_set *received)
{
    const struct claim *a, *b;

    for (a = split->claims; a < split->claims + SPLIT_MAX; a++)
    {
        if (a->offset > a->end || range_set_count(received, a->offset, a->end))
            return FALSE;
        for (b = split->claims; b < a; b++)
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
    struct split split = {0};

    ok(split_take(&split, 0, SIZE_UNKNOWN, &received, TRUE), "unknown size.\n");
    ok(!split.claims[0].offset && split.claims[0].end == SIZE_UNKNOWN, "unknown size: not all of it.\n");
    ok(!split_take(&split, 1, SIZE_UNKNOWN, &received, TRUE), "unknown size: taken from.\n");
    ok(!split_take(&split, 1, 100 * MiB, &received, FALSE), "taken from without being asked.\n");
    ok(split_take(&split, 1, 100 * MiB, &received, TRUE), "the second does not get anything.\n");
    ok(split.claims[1].offset == 50 * MiB && split.claims[1].end == 100 * MiB && split.claims[0].end == 50 * MiB,
            "the second begins at %#llx.\n", (unsigned long long)split.claims[1].offset);

    /* Half of what is left. */
    range_set_add(&received, 0, 30 * MiB);
    split_advance(&split, 0, 30 * MiB);
    ok(split_get_left(&split, 0) == 20 * MiB, "left %#llx.\n", (unsigned long long)split_get_left(&split, 0));
    ok(split_take(&split, 2, 100 * MiB, &received, TRUE), "the third does not get anything.\n");
    ok(split.claims[2].offset == 75 * MiB && split.claims[1].end == 75 * MiB, "the third begins at %#llx.\n",
            (unsigned long long)split.claims[2].offset);

    /* What one gives up is free, for a further one if it is large. */
    range_set_add(&received, 50 * MiB, 20 * MiB);
    split_advance(&split, 1, 20 * MiB);
    split_drop(&split, 1);
    ok(split_take(&split, 3, 100 * MiB, &received, TRUE), "the fourth does not get anything.\n");
    ok(split.claims[3].offset != 70 * MiB, "a small gap was given to a further one.\n");
    ok(split_take(&split, 0, 100 * MiB, &received, TRUE) && split.claims[0].offset == 30 * MiB
            && split.claims[0].end == 50 * MiB, "the first does not get the first gap.\n");
    ok(is_sound(&split, &received), "not sound.\n");
    range_set_clear(&received);
}

static void test_least(void)
{
    struct range_set received = {0};
    struct split split = {0};

    split_take(&split, 0, SPLIT_SIZE + SPLIT_KEPT - 1, &received, TRUE);
    ok(!split_take(&split, 1, SPLIT_SIZE + SPLIT_KEPT - 1, &received, TRUE), "too small.\n");
    split_take(&split, 0, SPLIT_SIZE + SPLIT_KEPT, &received, TRUE);
    ok(split_take(&split, 1, SPLIT_SIZE + SPLIT_KEPT, &received, TRUE), "large enough.\n");
    ok(split_get_left(&split, 0) == SPLIT_KEPT && split_get_left(&split, 1) == SPLIT_SIZE, "%#llx and %#llx.\n",
            (unsigned long long)split_get_left(&split, 0), (unsigned long long)split_get_left(&split, 1));
    range_set_clear(&received);
}

/* Who is given more than was left to it gets back what nobody else was given. */
static void test_extend(void)
{
    struct range_set received = {0};
    struct split split = {0};
    UINT i;

    for (i = 0; i < 2; i++)
    {
        split_take(&split, 0, 100 * MiB, &received, TRUE);
        split_confirm(&split, 0);
        split_take(&split, 1, 100 * MiB, &received, TRUE);
        ok(split_extend(&split, 0, 100 * MiB, &received), "not at the end.\n");
        ok(split_get_left(&split, 0) == 50 * MiB, "left %#llx.\n", (unsigned long long)split_get_left(&split, 0));
        range_set_add(&received, 0, 50 * MiB);
        split_advance(&split, 0, 50 * MiB);
        if (i)
            split_confirm(&split, 1);
        ok(split_extend(&split, 0, 90 * MiB, &received) == !i, "firm %u.\n", i);
        ok(split_get_left(&split, 0) == (i ? 0 : 40 * MiB), "left %#llx.\n",
                (unsigned long long)split_get_left(&split, 0));
        ok(split_get_left(&split, 1) == (i ? 50 * MiB : 0), "left %#llx.\n",
                (unsigned long long)split_get_left(&split, 1));
        split_drop(&split, 1);
        ok(split_extend(&split, 0, 100 * MiB, &received), "given up, firm %u.\n", i);
        ok(is_sound(&split, &received), "not sound.\n");
        range_set_clear(&received);
        memset(&split, 0, sizeof(split));
    }
}

/* Connections of any speed, of which some fail, store each byte once. */
static void test_all(UINT64 seed)
{
    UINT64 size = (next_random(&seed) % 400 + 1) * MiB + next_random(&seed) % MiB, stored = 0, step, random;
    BOOL at_work[COUNT] = { FALSE }, is_ok = TRUE;
    struct range_set received = {0};
    struct split split = {0};
    UINT i, requests = 0;

    while (stored < size && is_ok && requests < 10000)
    {
        random = next_random(&seed);
        i = random % COUNT;
        if (!at_work[i] || !split_get_left(&split, i))
        {
            at_work[i] = split_take(&split, i, size, &received, TRUE);
            requests += at_work[i];
            is_ok = is_sound(&split, &received) && (!i || !at_work[i] || split_get_left(&split, i) >= SPLIT_SIZE);
        }
        else if (random >> 32 & 63)
        {
            step = min(split_get_left(&split, i), (i + 1) * (random >> 40) % MiB);
            is_ok = !range_set_count(&received, split.claims[i].offset, split.claims[i].offset + step);
            range_set_add(&received, split.claims[i].offset, step);
            split_advance(&split, i, step);
            stored += step;
        }
        else
        {
            at_work[i] = FALSE;
            split_drop(&split, i);
        }
    }
    ok(is_ok && stored == size && range_set_bytes(&received) == size, "size %#llx, stored %#llx, requests %u.\n",
            (unsigned long long)size, (unsigned long long)stored, requests);
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
    UINT64 bytes = 0, now, born[SPLIT_MAX] = {0}, owed[SPLIT_MAX] = {0}, best, step;
    UINT count = 1, wanted, i, at_end = 0;
    struct gauge gauge;

    gauge_init(&gauge, COUNT);
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
        wanted = gauge_get_count(&gauge, count, bytes, line->size - min(line->size, bytes), now);
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
    struct gauge gauge;

    gauge_init(&gauge, COUNT);
    for (now = 1000; now < 3601000; now += 20)
    {
        bytes += 20 * 10000;
        count = gauge_get_count(&gauge, count, bytes, ~0ull, now);
        trials += count > former;
        former = count;
    }
    ok(trials > 40 && trials < 70, "%u trials in an hour.\n", (UINT)trials);

    gauge_init(&gauge, 1);
    for (now = 1000; now < 61000; now += 20)
        ok(gauge_get_count(&gauge, 1, now * 1000, ~0ull, now) == 1, "more than one.\n");
}

int main(void)
{
    UINT i;

    test_take();
    test_least();
    test_extend();
    for (i = 0; i < 200; i++)
        test_all(i);
    test_gauge();
    test_pauses();
    return report("split");
}
