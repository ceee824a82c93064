/*
 * Tests of the rules of the room on disks
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
#include "base/room.h"

#define MB (1024 * 1024ull)
#define NO_LIMIT (~0ull)

static void test_suffices(void)
{
    static const struct
    {
        UINT64 available, to_write, others;
        BOOL suffices;
    }
    tests[] =
    {
        { 17 * MB, MB, 0, TRUE },
        { 17 * MB - 1, MB, 0, FALSE },
        { 17 * MB, MB + 1, 0, FALSE },
        { 17 * MB, MB, 1, FALSE },
        { 117 * MB, MB, 100 * MB, TRUE },
        { 117 * MB, MB, 100 * MB + 1, FALSE },
        { 16 * MB, 1, 0, FALSE },
        { 16 * MB + 1, 1, 0, TRUE },
        { MB, 1, 0, FALSE },
        { 0, 1, 0, FALSE },
        /* all is there already */
        { 0, 0, 0, TRUE },
        { 0, 0, NO_LIMIT, TRUE },
        /* sums beyond 64 bits */
        { NO_LIMIT, NO_LIMIT, 0, FALSE },
        { NO_LIMIT, NO_LIMIT - 16 * MB, 0, TRUE },
        { NO_LIMIT, NO_LIMIT - 16 * MB, 1, FALSE },
        { NO_LIMIT, 1, NO_LIMIT, FALSE },
        { 32 * MB, NO_LIMIT - 16 * MB + 1, NO_LIMIT - 16 * MB + 1, FALSE },
    };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
        ok(room_suffices(tests[i].available, tests[i].to_write, tests[i].others) == tests[i].suffices,
                "DSK-003: test %u.\n", i);
}

static void test_same(void)
{
    static const struct
    {
        struct room room, other;
        BOOL is_same;
    }
    tests[] =
    {
        { { 100 * MB, 50 * MB }, { 100 * MB, 50 * MB }, TRUE },
        { { 100 * MB, 50 * MB }, { 100 * MB, 49 * MB }, TRUE },
        { { 100 * MB, 49 * MB }, { 100 * MB, 50 * MB }, TRUE },
        { { 100 * MB, 50 * MB }, { 100 * MB, 49 * MB - 1 }, FALSE },
        { { 100 * MB, 50 * MB }, { 101 * MB, 50 * MB }, FALSE },
        { { NO_LIMIT, 0 }, { NO_LIMIT, NO_LIMIT }, FALSE },
    };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
        ok(room_is_same(&tests[i].room, &tests[i].other) == tests[i].is_same, "DSK-003: test %u.\n", i);
}

int main(void)
{
    test_suffices();
    test_same();
    return report("room");
}
