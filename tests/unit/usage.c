/*
 * Tests of the counters of what was received
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
#include "base/usage.h"

/* 7.1: the month begins anew, and what is not of a month never does. */
static void test_months(void)
{
    struct usage usage = {0}, total = {0};

    usage_set_month(&usage, 2026, 12);
    usage_add(&usage, TRUE, FALSE, 5, TRUE);
    usage_set_month(&usage, 2026, 12);
    ok(usage_get_bytes(&usage) == 5, "7.1: got %u.\n", (UINT)usage_get_bytes(&usage));
    ok(usage.month / 12 == 2026 && usage.month % 12 == 11, "7.1: got month %u.\n", (UINT)usage.month);
    usage_set_month(&usage, 2027, 1);
    ok(!usage_get_bytes(&usage) && !usage.classes[1].seconds, "7.1: got %u.\n", (UINT)usage_get_bytes(&usage));
    /* A clock that is set back begins anew, too. */
    usage_add(&usage, TRUE, FALSE, 5, TRUE);
    usage_set_month(&usage, 2026, 12);
    ok(!usage_get_bytes(&usage), "7.1: got %u.\n", (UINT)usage_get_bytes(&usage));
    usage_add(&total, TRUE, FALSE, 5, TRUE);
    ok(usage_get_bytes(&total) == 5 && !total.month, "7.1: got %u.\n", (UINT)usage_get_bytes(&total));
}

/* 7.1: a row for each class and source. */
static void test_classes(void)
{
    struct usage usage = {0};
    UINT i;

    for (i = 0; i < 4; i++)
        usage_add(&usage, i & 2, i & 1, 1u << (8 * i), i != 1);
    ok(usage.classes[0].server_bytes == 1 && usage.classes[0].cache_bytes == 0x100
            && usage.classes[1].server_bytes == 0x10000 && usage.classes[1].cache_bytes == 0x1000000,
            "7.1: bytes in the wrong place.\n");
    ok(usage.classes[0].seconds == 1 && usage.classes[1].seconds == 2, "7.1: got %u and %u seconds.\n",
            (UINT)usage.classes[0].seconds, (UINT)usage.classes[1].seconds);
    ok(usage_get_bytes(&usage) == 0x1010101, "7.1: got %#x.\n", (UINT)usage_get_bytes(&usage));
}

int main(void)
{
    test_months();
    test_classes();
    return report("usage");
}
