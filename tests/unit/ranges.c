/*
 * Tests of sets of byte intervals
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

#define MODEL_SIZE 512

/* How many allocations succeed before one fails; -1: all. */
static int allocations = -1;

static BOOL may_allocate(void)
{
    return allocations < 0 || allocations-- > 0;
}

void *test_realloc(void *block, size_t size);
void *test_calloc(size_t count, size_t size);

void *test_realloc(void *block, size_t size)
{
    return may_allocate() ? realloc(block, size) : NULL;
}

void *test_calloc(size_t count, size_t size)
{
    return may_allocate() ? calloc(count, size) : NULL;
}

static void test_add(void)
{
    struct range_set set = {0};

    ok(range_set_add(&set, 10, 0) && !set.count, "got %u ranges.\n", set.count);
    ok(range_set_add(&set, 10, 10), "add failed.\n");
    ok(range_set_add(&set, 30, 10), "add failed.\n");
    ok(set.count == 2, "got %u ranges.\n", set.count);
    ok(range_set_add(&set, 20, 10), "add failed.\n");
    ok(set.count == 1 && set.ranges[0].offset == 10 && set.ranges[0].length == 30, "got %u ranges.\n", set.count);
    ok(range_set_add(&set, 15, 5) && set.count == 1, "got %u ranges.\n", set.count);
    ok(range_set_add(&set, 0, 100) && set.count == 1 && set.ranges[0].length == 100, "got %u ranges.\n", set.count);
    ok(range_set_bytes(&set) == 100, "got %llu bytes.\n", (unsigned long long)range_set_bytes(&set));
    ok(range_set_add(&set, ~(UINT64)0 - 10, 10), "add failed.\n");
    ok(set.count == 2 && range_set_bytes(&set) == 110, "got %u ranges.\n", set.count);
    range_set_clear(&set);
    ok(!set.count && !set.ranges && !set.capacity, "not cleared.\n");
}

static void test_gaps(void)
{
    struct range_set set = {0};
    struct range gap;

    ok(range_set_next_gap(&set, 0, 5, &gap) && !gap.offset && gap.length == 5, "wrong gap.\n");
    ok(!range_set_next_gap(&set, 5, 5, &gap), "gap in nothing.\n");
    range_set_add(&set, 10, 10);
    range_set_add(&set, 30, 10);
    ok(range_set_next_gap(&set, 0, 100, &gap) && !gap.offset && gap.length == 10, "wrong gap.\n");
    ok(range_set_next_gap(&set, 10, 100, &gap) && gap.offset == 20 && gap.length == 10, "wrong gap.\n");
    ok(range_set_next_gap(&set, 35, 100, &gap) && gap.offset == 40 && gap.length == 60, "wrong gap.\n");
    ok(range_set_next_gap(&set, 15, 25, &gap) && gap.offset == 20 && gap.length == 5, "wrong gap.\n");
    ok(!range_set_next_gap(&set, 30, 40, &gap), "gap in a full part.\n");
    ok(range_set_next_gap(&set, 39, SIZE_UNKNOWN, &gap) && gap.offset == 40 && gap.length == SIZE_UNKNOWN - 40,
            "wrong gap.\n");
    range_set_clear(&set);
}

static void test_copy(void)
{
    struct range_set set = {0}, copy = {0};

    ok(range_set_copy(&set, &copy) && !copy.count && !copy.ranges, "got %u ranges.\n", copy.count);
    range_set_add(&set, 10, 10);
    range_set_add(&set, 30, 10);
    allocations = 0;
    ok(!range_set_copy(&set, &copy) && !copy.count && !copy.ranges, "copied without memory.\n");
    allocations = -1;
    ok(range_set_copy(&set, &copy), "copy failed.\n");
    range_set_add(&set, 0, 100);
    ok(copy.count == 2 && copy.ranges[1].offset == 30 && range_set_bytes(&copy) == 20, "got %u ranges.\n", copy.count);
    ok(range_set_add(&copy, 50, 10) && copy.count == 3, "got %u ranges.\n", copy.count);
    range_set_clear(&copy);
    range_set_clear(&set);
}

/* Compare a set with what a bitmap says about the same additions. */
static BOOL set_matches(const struct range_set *set, const unsigned char *model)
{
    UINT64 position = 0, bytes = 0;
    struct range gap;
    UINT i, j;

    for (i = 0; i < set->count; i++)
    {
        if (!set->ranges[i].length || (i && set->ranges[i].offset <= position))
            return FALSE;
        for (j = 0; j < set->ranges[i].length; j++)
        {
            if (!model[set->ranges[i].offset + j])
                return FALSE;
        }
        position = set->ranges[i].offset + set->ranges[i].length;
    }
    for (i = 0; i < MODEL_SIZE; i++)
        bytes += model[i];
    if (bytes != range_set_bytes(set))
        return FALSE;

    for (i = 0; i < MODEL_SIZE; i = gap.offset + gap.length)
    {
        if (!range_set_next_gap(set, i, MODEL_SIZE, &gap))
            break;
        for (j = i; j < gap.offset; j++)
        {
            if (!model[j])
                return FALSE;
        }
        for (; j < gap.offset + gap.length; j++)
        {
            if (model[j])
                return FALSE;
        }
    }
    for (j = i; j < MODEL_SIZE; j++)
    {
        if (!model[j])
            return FALSE;
    }
    return TRUE;
}

static void test_random(void)
{
    UINT64 seed = 1;
    UINT round, step;

    for (round = 0; round < 500; round++)
    {
        unsigned char model[MODEL_SIZE] = {0};
        struct range_set set = {0};
        BOOL is_right = TRUE;

        for (step = 0; step < 60 && is_right; step++)
        {
            UINT offset = next_random(&seed) % MODEL_SIZE;
            UINT length = next_random(&seed) % (round % 2 ? 8 : 64);

            length = min(length, MODEL_SIZE - offset);
            is_right = range_set_add(&set, offset, length);
            memset(model + offset, 1, length);
            is_right = is_right && set_matches(&set, model);
        }
        ok(is_right, "round %u differs from the model in step %u.\n", round, step);
        range_set_clear(&set);
    }
}

static void test_allocation_failure(void)
{
    struct range ranges[3] = { { 0, 1 }, { 5, 1 }, { 9, 1 } };
    struct range_set set = {0};
    UINT i, count;
    int budget;

    for (budget = 0; budget < 5; budget++)
    {
        allocations = budget;
        for (i = 0; range_set_add(&set, i * 10, 5); i++)
            ok(i < 1000, "no allocation failed.\n");
        count = set.count;
        ok(count == i && range_set_bytes(&set) == i * 5ull, "budget %d, %u adds: got %u ranges.\n", budget, i, count);
        ok(i == (budget ? 8u << (budget - 1) : 0), "budget %d: %u adds.\n", budget, i);
        /* What needs no room goes on. */
        if (count)
            ok(range_set_add(&set, 5, 5) && set.count == max(count - 1, 1u), "got %u ranges.\n", set.count);
        range_set_clear(&set);
    }
    allocations = 0;
    ok(ranges_validate(ranges, 3, 10) == E_OUTOFMEMORY, "allocation did not fail.\n");
    ok(ranges_validate(NULL, 0, 10) == S_OK, "nothing to allocate.\n");
    allocations = -1;
}

static void test_validate(void)
{
    static const struct
    {
        struct range ranges[3];
        UINT count;
        UINT64 size;
        HRESULT hr;
    }
    tests[] =
    {
        { { { 0, 1 } }, 0, 0, S_OK },
        { { { 0, LENGTH_TO_EOF } }, 1, SIZE_UNKNOWN, S_OK },
        { { { 0, LENGTH_TO_EOF } }, 1, 1, S_OK },
        { { { 0, LENGTH_TO_EOF } }, 1, 0, DO_E_INVALID_RANGE },
        { { { LENGTH_TO_EOF, 1 } }, 1, SIZE_UNKNOWN, DO_E_INVALID_RANGE },
        { { { LENGTH_TO_EOF, LENGTH_TO_EOF } }, 1, SIZE_UNKNOWN, DO_E_INVALID_RANGE },
        { { { ~(UINT64)0 - 1, 1 } }, 1, SIZE_UNKNOWN, S_OK },
        { { { ~(UINT64)0 - 1, 2 } }, 1, SIZE_UNKNOWN, DO_E_INVALID_RANGE },
        { { { 2, ~(UINT64)0 - 1 } }, 1, SIZE_UNKNOWN, DO_E_INVALID_RANGE },
        { { { 100, 0 } }, 1, SIZE_UNKNOWN, DO_E_INVALID_RANGE },
        { { { 0, 10 }, { 5, 10 } }, 2, SIZE_UNKNOWN, DO_E_OVERLAPPING_RANGES },
        { { { 0, 10 }, { 0, 10 } }, 2, SIZE_UNKNOWN, DO_E_OVERLAPPING_RANGES },
        { { { 10, LENGTH_TO_EOF }, { 20, 5 } }, 2, SIZE_UNKNOWN, DO_E_OVERLAPPING_RANGES },
        { { { 20, 5 }, { 10, LENGTH_TO_EOF } }, 2, SIZE_UNKNOWN, DO_E_OVERLAPPING_RANGES },
        { { { 10, LENGTH_TO_EOF }, { 10, LENGTH_TO_EOF } }, 2, SIZE_UNKNOWN, DO_E_OVERLAPPING_RANGES },
        { { { 10, LENGTH_TO_EOF }, { 0, 10 } }, 2, SIZE_UNKNOWN, S_OK },
        { { { 100, 5 }, { 100, 0 } }, 2, SIZE_UNKNOWN, DO_E_OVERLAPPING_RANGES },
        { { { 100, 0 }, { 100, 5 } }, 2, SIZE_UNKNOWN, DO_E_INVALID_RANGE },
        { { { 0, 10 }, { 10, 10 } }, 2, SIZE_UNKNOWN, S_OK },
        { { { 100, 100 }, { 900, 100 }, { 400, 100 } }, 3, 1000, S_OK },
        { { { 100, 100 }, { 900, 101 }, { 400, 100 } }, 3, 1000, DO_E_INVALID_RANGE },
        { { { 40, 20 } }, 1, 50, DO_E_INVALID_RANGE },
        { { { 50, LENGTH_TO_EOF } }, 1, 50, DO_E_INVALID_RANGE },
        { { { 49, LENGTH_TO_EOF } }, 1, 50, S_OK },
        { { { 40, 10 } }, 1, 50, S_OK },
        { { { 0, 10 }, { 5, 10 }, { LENGTH_TO_EOF, 1 } }, 3, SIZE_UNKNOWN, DO_E_INVALID_RANGE },
        { { { 0, 10 }, { 5, 10 }, { 70, 1 } }, 3, 50, DO_E_OVERLAPPING_RANGES },
    };
    HRESULT hr;
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        hr = ranges_validate(tests[i].ranges, tests[i].count, tests[i].size);
        ok(hr == tests[i].hr, "row %u: got hr %#x.\n", i, (UINT)hr);
    }
}

static void test_count(void)
{
    char model[64] = { 0 };
    UINT64 seed = 5, start, end, count, got;
    struct range_set set = {0};
    UINT round, i;

    for (round = 0; round < 3000; round++)
    {
        start = next_random(&seed) % 64;
        end = start + next_random(&seed) % (65 - start);
        for (count = 0, i = start; i < end; i++)
            count += model[i];
        got = range_set_count(&set, start, end);
        ok(got == count, "[%llu, %llu): got %llu, expected %llu.\n", (unsigned long long)start,
                (unsigned long long)end, (unsigned long long)got, (unsigned long long)count);
        for (count = end; count > start && !model[count - 1]; count--)
            ;
        got = range_set_last_end(&set, start, end);
        ok(got == count, "[%llu, %llu): the last ends at %llu, expected %llu.\n", (unsigned long long)start,
                (unsigned long long)end, (unsigned long long)got, (unsigned long long)count);
        if (!(round % 3))
        {
            range_set_add(&set, start, end - start);
            memset(model + start, 1, end - start);
        }
        else if (!(round % 100))
        {
            range_set_clear(&set);
            memset(model, 0, sizeof(model));
        }
    }
    range_set_clear(&set);
}

/* Remove parts at random, and compare with a bitmap. */
static void test_remove(void)
{
    static unsigned char model[MODEL_SIZE], other_model[MODEL_SIZE];
    struct range_set set = {0}, other = {0};
    UINT64 state = 5;
    UINT i, j, start, length;
    BOOL ret;

    for (i = 0; i < 3000; i++)
    {
        start = next_random(&state) % MODEL_SIZE;
        length = next_random(&state) % min(MODEL_SIZE - start + 1, 60);
        if (next_random(&state) % 2)
        {
            ok(range_set_add(&set, start, length), "add failed.\n");
            memset(model + start, 1, length);
        }
        else
        {
            allocations = next_random(&state) % 8 ? -1 : 0;
            ret = range_set_remove(&set, start, length);
            ok(ret || !allocations, "remove failed.\n");
            allocations = -1;
            if (ret)
                memset(model + start, 0, length);
        }
        if (i % 20 == 7)
        {
            for (j = 0; j < 4; j++)
            {
                start = next_random(&state) % MODEL_SIZE;
                length = next_random(&state) % (MODEL_SIZE - start + 1);
                range_set_add(&other, start, length);
                memset(other_model + start, 1, length);
            }
            ok(range_set_intersect(&set, &other), "intersect failed.\n");
            for (j = 0; j < MODEL_SIZE; j++)
                model[j] &= other_model[j];
            range_set_clear(&other);
            memset(other_model, 0, sizeof(other_model));
        }
        ok(set_matches(&set, model), "round %u.\n", i);
    }
    ok(range_set_add(&set, ~(UINT64)0 - 10, 10) && range_set_remove(&set, 0, ~(UINT64)0) && !set.count,
            "got %u ranges.\n", set.count);
    range_set_clear(&set);
}

int main(void)
{
    test_add();
    test_gaps();
    test_copy();
    test_random();
    test_allocation_failure();
    test_validate();
    test_count();
    test_remove();
    return report("ranges");
}
