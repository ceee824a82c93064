/*
 * Tests of the plan of a transfer
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
#include "base/plan.h"

static const struct range_set nothing;

static void test_total(void)
{
    static const struct range finite[] = { { 0, 100 }, { 200, 1000 } };
    static const struct range open_end[] = { { 500, LENGTH_TO_EOF }, { 0, 10 } };
    static const struct plan whole, two = { finite, 2 }, open_plan = { open_end, 2 };

    ok(plan_get_total(&whole, SIZE_UNKNOWN) == SIZE_UNKNOWN, "whole, unknown.\n");
    ok(plan_get_total(&whole, 7) == 7, "whole.\n");
    /* DL-092 */
    ok(plan_get_total(&two, SIZE_UNKNOWN) == 1100, "two, unknown.\n");
    ok(plan_get_total(&two, 5000) == 1100, "two.\n");
    ok(plan_get_total(&open_plan, SIZE_UNKNOWN) == SIZE_UNKNOWN, "open, unknown.\n");
    ok(plan_get_total(&open_plan, 600) == 110, "open.\n");
    ok(plan_get_total(&open_plan, 400) == SIZE_UNKNOWN, "open, too short.\n");
}

static void test_received(void)
{
    static const struct range wanted[] = { { 100, 100 }, { 500, LENGTH_TO_EOF }, { 0, 10 } };
    static const struct plan whole = { NULL, 0, LAYOUT_OFFSETS }, some = { wanted, 3, LAYOUT_OFFSETS };
    struct range_set received = {0};

    ok(!plan_get_received(&whole, &received), "whole, nothing.\n");
    ok(!plan_get_received(&some, &received), "some, nothing.\n");
    range_set_add(&received, 5, 115);
    range_set_add(&received, 450, 100);
    ok(plan_get_received(&whole, &received) == 215, "whole.\n");
    ok(plan_get_received(&some, &received) == 5 + 20 + 50, "some.\n");
    range_set_clear(&received);
}

static void test_length(void)
{
    static const struct range wanted[] = { { 100, 10 }, { 0, 10 } }, open_end[] = { { 50, LENGTH_TO_EOF } };
    static const struct plan concatenated = { wanted, 2, LAYOUT_CONCATENATE }, placed = { wanted, 2, LAYOUT_OFFSETS },
            placed_open = { open_end, 1, LAYOUT_OFFSETS }, whole = { NULL, 0, LAYOUT_OFFSETS };
    struct range_set received = {0};

    ok(plan_get_length(&concatenated, SIZE_UNKNOWN, &nothing) == 20, "concatenated.\n");
    /* DL-139 */
    ok(plan_get_length(&placed, SIZE_UNKNOWN, &nothing) == 110, "placed.\n");
    ok(plan_get_length(&placed_open, SIZE_UNKNOWN, &nothing) == SIZE_UNKNOWN, "open, unknown.\n");
    ok(plan_get_length(&placed_open, 90, &nothing) == 90, "open.\n");
    ok(plan_get_length(&whole, 90, &nothing) == 90, "whole.\n");
    ok(!plan_get_stored_length(&placed, 200, &nothing), "nothing stored.\n");

    /* DL-069: what was wanted before stays. */
    range_set_add(&received, 150, 10);
    ok(plan_get_length(&placed, 200, &received) == 160, "got %llu.\n",
            (unsigned long long)plan_get_length(&placed, 200, &received));
    ok(plan_get_length(&concatenated, 200, &received) == 20, "concatenated, other ranges.\n");
    ok(plan_get_stored_length(&placed, 200, &received) == 160, "placed.\n");
    ok(!plan_get_stored_length(&concatenated, 200, &received), "nothing of it stored.\n");
    range_set_add(&received, 0, 5);
    ok(plan_get_stored_length(&concatenated, 200, &received) == 15, "second range begun.\n");
    /* Not from the front: another connection has had its end. */
    range_set_add(&received, 8, 1);
    ok(plan_get_stored_length(&concatenated, 200, &received) == 19, "with a hole.\n");
    range_set_add(&received, 8, 20);
    ok(plan_get_stored_length(&concatenated, 200, &received) == 20, "beyond what is wanted.\n");
    range_set_clear(&received);
}

/* Ranges of which all or nothing is there. */
static void test_intact(void)
{
    static const struct range wanted[] = { { 100, 10 }, { 0, 10 }, { 200, LENGTH_TO_EOF } };
    static const struct plan plan = { wanted, 3, LAYOUT_OFFSETS };
    static const struct
    {
        const char *name;
        UINT64 size;
        struct range received[2];
        BOOL is_intact;
        UINT64 intact; /* bytes */
    }
    rows[] =
    {
        { "nothing", 300, { { 0 } }, TRUE, 0 },
        { "one", 300, { { 100, 10 } }, TRUE, 10 },
        { "two, and others between them", 300, { { 0, 110 } }, TRUE, 20 },
        { "a beginning", 300, { { 100, 9 } }, FALSE, 0 },
        { "an end", 300, { { 101, 9 }, { 0, 10 } }, FALSE, 10 },
        { "to the end", 300, { { 200, 100 } }, TRUE, 100 },
        { "nearly to the end", 300, { { 200, 99 } }, FALSE, 0 },
        { "nothing is behind the start", 200, { { 0, 10 } }, TRUE, 10 },
        { "to an end that is not known", SIZE_UNKNOWN, { { 200, 100 } }, FALSE, 0 },
    };
    struct range_set received, intact;
    BOOL is_intact, ret;
    UINT i, j;

    for (i = 0; i < ARRAY_SIZE(rows); i++)
    {
        memset(&received, 0, sizeof(received));
        memset(&intact, 0, sizeof(intact));
        for (j = 0; j < 2; j++)
            range_set_add(&received, rows[i].received[j].offset, rows[i].received[j].length);
        ret = plan_get_intact(&plan, rows[i].size, &received, &intact, &is_intact);
        ok(ret, "%s.\n", rows[i].name);
        ok(is_intact == rows[i].is_intact, "%s: got %d.\n", rows[i].name, is_intact);
        ok(range_set_bytes(&intact) == rows[i].intact, "%s: got %llu.\n", rows[i].name,
                (unsigned long long)range_set_bytes(&intact));
        range_set_clear(&received);
        range_set_clear(&intact);
    }
}

#define check_gap(plan, size, received, cursor, ret, offset, length, position) \
        check_gap_(__LINE__, plan, size, received, cursor, ret, offset, length, position)

static void check_gap_(int line, const struct plan *plan, UINT64 size, const struct range_set *received,
        struct plan_cursor *cursor, BOOL expected, UINT64 offset, UINT64 length, UINT64 position)
{
    struct range gap = { 77, 77 };
    UINT64 place = 77;
    BOOL ret = plan_next_gap(plan, size, received, cursor, &gap, &place);

    ok_(line, ret == expected, "got %d.\n", ret);
    if (!ret || !expected)
        return;
    ok_(line, gap.offset == offset && gap.length == length, "got %llu, %llu.\n", (unsigned long long)gap.offset,
            (unsigned long long)gap.length);
    ok_(line, place == position, "got position %llu.\n", (unsigned long long)place);
}

static void test_gaps(void)
{
    static const struct range wanted[] = { { 100, 10 }, { 0, 10 }, { 200, LENGTH_TO_EOF } };
    static const struct plan concatenated = { wanted, 3, LAYOUT_CONCATENATE }, placed = { wanted, 3, LAYOUT_OFFSETS },
            whole = { NULL, 0, LAYOUT_OFFSETS };
    struct plan_cursor a = {0}, b = {0}, c = {0};
    struct range_set received = {0};

    check_gap(&whole, SIZE_UNKNOWN, &received, &c, TRUE, 0, SIZE_UNKNOWN, 0);
    check_gap(&whole, 0, &received, &c, FALSE, 0, 0, 0);

    /* In the order of the client. */
    check_gap(&concatenated, SIZE_UNKNOWN, &received, &a, TRUE, 100, 10, 0);
    check_gap(&placed, SIZE_UNKNOWN, &received, &b, TRUE, 100, 10, 100);
    range_set_add(&received, 100, 4);
    check_gap(&concatenated, SIZE_UNKNOWN, &received, &a, TRUE, 104, 6, 4);
    check_gap(&placed, SIZE_UNKNOWN, &received, &b, TRUE, 104, 6, 104);
    range_set_add(&received, 104, 6);
    check_gap(&concatenated, SIZE_UNKNOWN, &received, &a, TRUE, 0, 10, 10);
    check_gap(&placed, SIZE_UNKNOWN, &received, &b, TRUE, 0, 10, 0);
    range_set_add(&received, 0, 10);
    check_gap(&concatenated, SIZE_UNKNOWN, &received, &a, TRUE, 200, SIZE_UNKNOWN - 200, 20);
    check_gap(&concatenated, 205, &received, &a, TRUE, 200, 5, 20);
    check_gap(&placed, 205, &received, &b, TRUE, 200, 5, 200);
    check_gap(&whole, 205, &received, &c, TRUE, 10, 90, 10);
    range_set_add(&received, 200, 5);
    check_gap(&concatenated, 205, &received, &a, FALSE, 0, 0, 0);
    check_gap(&placed, 205, &received, &b, FALSE, 0, 0, 0);
    check_gap(&whole, 205, &received, &c, TRUE, 10, 90, 10);
    range_set_add(&received, 10, 90);
    check_gap(&whole, 205, &received, &c, TRUE, 110, 90, 110);
    range_set_clear(&received);
}

static void test_walk(void)
{
    static const struct range wanted[] = { { 100, 10 }, { 0, 10 }, { 200, LENGTH_TO_EOF } };
    static const struct plan concatenated = { wanted, 3, LAYOUT_CONCATENATE }, placed = { wanted, 3, LAYOUT_OFFSETS },
            whole = { NULL, 0, LAYOUT_CONCATENATE };
    static const UINT64 positions[] = { 0, 10, 20 };
    struct plan_cursor cursor = {0}, other = {0};
    struct range range;
    UINT64 position;
    UINT i;

    for (i = 0; i < 3; i++)
    {
        ok(plan_get_range(&concatenated, 250, &cursor, &range, &position), "range %u.\n", i);
        ok(range.offset == wanted[i].offset && range.length == (i < 2 ? 10 : 50) && position == positions[i],
                "range %u: got %llu, %llu.\n", i, (unsigned long long)range.length, (unsigned long long)position);
        plan_step(&concatenated, 250, &cursor);
        ok(plan_get_range(&placed, 250, &other, &range, &position) && position == wanted[i].offset, "range %u.\n", i);
        plan_step(&placed, 250, &other);
    }
    ok(!plan_get_range(&concatenated, 250, &cursor, &range, &position), "a fourth range.\n");
    memset(&cursor, 0, sizeof(cursor));
    ok(plan_get_range(&whole, 7, &cursor, &range, &position) && !range.offset && range.length == 7 && !position,
            "whole.\n");
    plan_step(&whole, 7, &cursor);
    ok(!plan_get_range(&whole, 7, &cursor, &range, &position), "twice the whole.\n");
}

int main(void)
{
    test_total();
    test_received();
    test_intact();
    test_length();
    test_gaps();
    test_walk();
    return report("plan");
}
