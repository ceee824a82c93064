/*
 * Tests of ratelimit.c
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
#include "base/ratelimit.h"

static void test_unlimited(void)
{
    struct ratelimit limit = {0};
    UINT64 wait;
    UINT size;

    size = ratelimit_take(&limit, 1000000, 5, &wait);
    ok(size == 1000000 && !wait, "got %u.\n", size);
    ratelimit_return(&limit, 10);
    size = ratelimit_take(&limit, ~0u, 5, &wait);
    ok(size == ~0u && !wait, "got %u.\n", size);
}

/* Takes all it can from start on, pieces of so many bytes, and gives what that was. */
static UINT64 run(struct ratelimit *limit, UINT size, UINT64 *now, UINT64 end)
{
    UINT64 total = 0, wait;
    UINT count, turns = 0;

    while (*now < end)
    {
        count = ratelimit_take(limit, size, *now, &wait);
        ok(count <= size, "%u of %u.\n", count, size);
        ok(!count == !!wait, "%u bytes, and wait.\n", count);
        total += count;
        *now += wait;
        if (++turns > 2000000)
            break;
    }
    return total;
}

static void test_rate(void)
{
    static const UINT64 rates[] = { 1, 3, 10, 999, 102400, 1234567, 125000000, (UINT64)1 << 33 };
    static const UINT sizes[] = { 1000, 65536, 1 << 20 };
    UINT64 now, start, total, expected;
    UINT i, j;

    for (i = 0; i < ARRAY_SIZE(rates); i++)
    {
        for (j = 0; j < ARRAY_SIZE(sizes); j++)
        {
            struct ratelimit limit = {0};

            /* A small piece at a time would take too many turns. */
            if (rates[i] / sizes[j] > 100000)
                continue;
            start = now = (UINT64)1 << 50;
            ratelimit_set(&limit, rates[i], now);
            total = run(&limit, sizes[j], &now, start + 10000000);
            expected = rates[i] * 10;
            ok(total <= expected + rates[i] / 10 + 1, "rate %u, size %u: more than there is.\n", (UINT)rates[i],
                    sizes[j]);
            ok(total + rates[i] / 10 + 1 >= expected, "rate %u, size %u: less than there is.\n", (UINT)rates[i],
                    sizes[j]);
        }
    }
}

/* No more than a tenth of a second's worth is saved up. */
static void test_burst(void)
{
    struct ratelimit limit = {0};
    UINT64 wait;
    UINT size;

    ratelimit_set(&limit, 1000000, 1000);
    size = ratelimit_take(&limit, 1 << 20, 3600000000ull, &wait);
    ok(size == 100000, "got %u.\n", size);
    size = ratelimit_take(&limit, 1 << 20, 3600000000ull, &wait);
    ok(!size && wait == 25000, "got %u, wait %u.\n", size, (UINT)wait);
    /* A little less is not worth it, except at the end. */
    size = ratelimit_take(&limit, 1 << 20, 3600000000ull + 24999, &wait);
    ok(!size && wait == 1, "got %u, wait %u.\n", size, (UINT)wait);
    size = ratelimit_take(&limit, 1000, 3600000000ull + 24999, &wait);
    ok(size == 1000, "got %u.\n", size);
}

static void test_return(void)
{
    struct ratelimit limit = {0};
    UINT64 wait;
    UINT size;

    ratelimit_set(&limit, 1000000, 0);
    size = ratelimit_take(&limit, 1 << 20, 10000000, &wait);
    ratelimit_return(&limit, size);
    size = ratelimit_take(&limit, 1 << 20, 10000000, &wait);
    ok(size == 100000, "got %u.\n", size);
    ratelimit_return(&limit, 1 << 20);
    size = ratelimit_take(&limit, 1 << 20, 10000000, &wait);
    ok(size == 100000, "more than full: got %u.\n", size);
}

/* Asking often does not lose the parts of tokens, and does not make any. */
static void test_parts(void)
{
    struct ratelimit limit = {0};
    UINT64 now, wait, total = 0;

    ratelimit_set(&limit, 1000, 0);
    ratelimit_take(&limit, 1000, 0, &wait);
    for (now = 0; now < 10000000; now += 7)
        total += ratelimit_take(&limit, 1000, now, &wait);
    ok(total >= 9900 && total <= 10000, "got %u.\n", (UINT)total);
}

static void test_change(void)
{
    struct ratelimit limit = {0};
    UINT64 wait;
    UINT size;

    ratelimit_set(&limit, 1000000, 0);
    ratelimit_take(&limit, 1, 10000000, &wait);
    ratelimit_set(&limit, 1000, 10000000);
    size = ratelimit_take(&limit, 1 << 20, 10000000, &wait);
    ok(size == 100, "the old tokens: got %u.\n", size);
    ratelimit_set(&limit, 0, 10000000);
    size = ratelimit_take(&limit, 1 << 20, 10000000, &wait);
    ok(size == 1 << 20, "got %u.\n", size);
    /* The time without a limit gives no tokens. */
    ratelimit_set(&limit, 1000000, 20000000);
    size = ratelimit_take(&limit, 1 << 20, 20000000, &wait);
    ok(!size && wait, "got %u.\n", size);
    ratelimit_set(&limit, ~(UINT64)0, 30000000);
    size = ratelimit_take(&limit, 1 << 20, 40000000, &wait);
    ok(size == 1 << 20, "got %u.\n", size);
}

/* A clock that goes back. */
static void test_clock(void)
{
    struct ratelimit limit = {0};
    UINT64 wait;
    UINT size;

    ratelimit_set(&limit, 1000000, 10000000);
    ratelimit_take(&limit, 1 << 20, 20000000, &wait);
    size = ratelimit_take(&limit, 1 << 20, 0, &wait);
    ok(!size && wait == 25000, "got %u.\n", size);
}

int main(void)
{
    test_unlimited();
    test_rate();
    test_burst();
    test_return();
    test_parts();
    test_change();
    test_clock();
    return report("ratelimit");
}
