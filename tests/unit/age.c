/*
 * Unit test of how records let things grow old
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

#include "record.h"

#define DAY   (24 * 60 * 60 * 1000ull) /* milliseconds */
#define LIMIT (30 * DAY)
#define TIME  132000000000000000ull    /* a FILETIME */

static void test_continue(void)
{
    static const struct
    {
        UINT64 passed;
        long long stop; /* by the system's clock, in milliseconds */
        UINT64 limit;
        UINT64 result;
    }
    tests[] =
    {
        { 0, 0, LIMIT, 0 },
        { 5 * DAY, 0, LIMIT, 5 * DAY },
        { 5 * DAY, 1, LIMIT, 5 * DAY + 1 },
        { 5 * DAY, DAY / 2, LIMIT, 5 * DAY + DAY / 2 },
        { 5 * DAY, DAY, LIMIT, 6 * DAY },
        { 5 * DAY, DAY + 1, LIMIT, 6 * DAY },
        { 5 * DAY, 40 * 365 * DAY, LIMIT, 6 * DAY },
        { 5 * DAY, -1, LIMIT, 5 * DAY },
        { 5 * DAY, -(long long)(40 * 365 * DAY), LIMIT, 5 * DAY },
        { 29 * DAY, 40 * 365 * DAY, LIMIT, LIMIT },
        { LIMIT, 1, LIMIT, LIMIT + 1 },
        { ~0ull, ~0ull >> 20, LIMIT, LIMIT + DAY },
        { 3000, 3000, 3000, 3100 },
        { 0, 3000, 3000, 100 },
    };
    struct age_record record;
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        record.passed = tests[i].passed;
        record.time = TIME;
        ok(age_continue(&record, TIME + tests[i].stop * 10000, tests[i].limit) == tests[i].result, "row %u.\n", i);
    }
    /* A record of before there was an age in it. */
    memset(&record, 0, sizeof(record));
    ok(age_continue(&record, TIME, LIMIT) == DAY, "no age.\n");
}

int main(void)
{
    test_continue();
    return report("age");
}
