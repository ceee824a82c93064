/*
 * Tests of bandwidth.c
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
#include "base/bandwidth.h"

#define SECOND 1000000
#define DAY    20000

/* Receive at this rate for so many seconds, in tenths; returns the time. */
static UINT64 receive(struct bandwidth_meter *meter, struct bandwidth_history *history, UINT64 rate, UINT seconds,
        UINT64 now, UINT64 day)
{
    UINT i;

    for (i = 0; i < seconds * 10; i++, now += SECOND / 10)
        bandwidth_count(meter, history, rate / 10, now, day);
    return now;
}

static void test_average(void)
{
    struct bandwidth_history history = {0};
    struct bandwidth_meter meter = {0};
    UINT64 now = (UINT64)1000000000 * SECOND;

    now = receive(&meter, &history, 1000, 29, now, DAY);
    ok(!bandwidth_get_reference(&history, DAY), "1.4: a reference after %u seconds.\n", (UINT)history.seconds);
    now = receive(&meter, &history, 1000, 2, now, DAY);
    ok(bandwidth_get_reference(&history, DAY) == 1000, "1.4: got %u.\n", (UINT)bandwidth_get_reference(&history, DAY));
    /* A moment that is fast makes no fast line. */
    now = receive(&meter, &history, 11000, 1, now, DAY);
    now = receive(&meter, &history, 0, 60, now, DAY);
    ok(bandwidth_get_reference(&history, DAY) == 2000, "1.4: got %u.\n", (UINT)bandwidth_get_reference(&history, DAY));
    /* The best one counts, not the last one. */
    now = receive(&meter, &history, 500, 60, now, DAY);
    ok(bandwidth_get_reference(&history, DAY) == 2000, "1.4: got %u.\n", (UINT)bandwidth_get_reference(&history, DAY));
    receive(&meter, &history, 5000, 12, now, DAY);
    ok(bandwidth_get_reference(&history, DAY) == 5000, "1.4: got %u.\n", (UINT)bandwidth_get_reference(&history, DAY));
}

/* Seconds without anything are no seconds of data, and windows with gaps are windows. */
static void test_gaps(void)
{
    struct bandwidth_history history = {0};
    struct bandwidth_meter meter = {0};
    UINT64 now = 77 * SECOND;
    UINT i;

    for (i = 0; i < 29; i++, now += 20 * SECOND)
        bandwidth_count(&meter, &history, 10000, now, DAY);
    ok(history.seconds == 29 && !bandwidth_get_reference(&history, DAY), "1.4: %u seconds.\n", (UINT)history.seconds);
    ok(bandwidth_count(&meter, &history, 10000, now, DAY), "1.4: unchanged.\n");
    ok(bandwidth_get_reference(&history, DAY) == 1000, "1.4: got %u.\n", (UINT)bandwidth_get_reference(&history, DAY));
    ok(!bandwidth_count(&meter, &history, 10000, now, DAY), "1.4: the same second changes the history.\n");
    /* Two bursts, five seconds apart, are in one window. */
    bandwidth_count(&meter, &history, 10000, now + 5 * SECOND, DAY);
    bandwidth_count(&meter, &history, 0, now + 7 * SECOND, DAY);
    ok(bandwidth_get_reference(&history, DAY) == 3000, "1.4: got %u.\n", (UINT)bandwidth_get_reference(&history, DAY));
}

/* 7.1: the rate of a moment ago. */
static void test_meter(void)
{
    struct bandwidth_meter meter = {0};
    UINT64 now = 500 * SECOND, rate;
    UINT i;

    for (i = 0; i < 10; i++)
        bandwidth_meter_add(&meter, 1000, now + i * SECOND);
    rate = bandwidth_meter_get(&meter, now + 9 * SECOND);
    ok(rate == 1000, "7.1: got %u.\n", (UINT)rate);
    rate = bandwidth_meter_get(&meter, now + 14 * SECOND);
    ok(rate == 500, "7.1: got %u.\n", (UINT)rate);
    rate = bandwidth_meter_get(&meter, now + 19 * SECOND);
    ok(!rate, "7.1: got %u.\n", (UINT)rate);
}

static void set_peak(struct bandwidth_history *history, UINT64 day, UINT64 peak)
{
    history->seconds = BANDWIDTH_ENOUGH;
    history->days[day % BANDWIDTH_SLOTS].day = day;
    history->days[day % BANDWIDTH_SLOTS].peak = peak;
}

static void test_decay(void)
{
    static const UINT expected[] = {100000, 90000, 81000, 72900, 65610, 59049, 53145, 0, 0, 0};
    struct bandwidth_history history = {0};
    UINT i, reference;

    set_peak(&history, DAY, 100000);
    for (i = 0; i < ARRAY_SIZE(expected); i++)
    {
        reference = bandwidth_get_reference(&history, DAY + i);
        ok(reference == expected[i], "1.4: day %u: got %u.\n", i, reference);
    }
    ok(!bandwidth_get_reference(&history, DAY - 1), "1.4: a day to come counts.\n");
    set_peak(&history, DAY + 2, 85000);
    ok(bandwidth_get_reference(&history, DAY + 2) == 85000, "1.4: the best one does not count.\n");
    set_peak(&history, DAY + 2, 80000);
    ok(bandwidth_get_reference(&history, DAY + 2) == 81000, "1.4: the best one does not count.\n");
    set_peak(&history, DAY, ~(UINT64)0);
    ok(bandwidth_get_reference(&history, DAY + 1) > ~(UINT64)0 / 10 * 9, "1.4: overflow.\n");
}

/* Held back day by day, the limit stays what it is; without that it goes down. */
static void test_held(void)
{
    struct bandwidth_history history = {0};
    struct bandwidth_meter meter = {0};
    UINT64 now = SECOND, limit = 0;
    UINT day;

    set_peak(&history, DAY, 100000);
    for (day = DAY + 1; day < DAY + 30; day++)
    {
        bandwidth_note_held(&history, day);
        ok(!bandwidth_note_held(&history, day), "1.4: day %u: noted twice.\n", day - DAY);
        limit = bandwidth_get_limit(bandwidth_get_reference(&history, day), 50, FALSE);
        ok(limit == 50000, "1.4: day %u: got %u.\n", day - DAY, (UINT)limit);
        now = receive(&meter, &history, limit, 30, now, day) + 20 * SECOND;
    }
    ok(bandwidth_get_reference(&history, day) == 90000, "1.4: no decay: %u.\n",
            (UINT)bandwidth_get_reference(&history, day));
    /* A faster line shows where nothing holds it back. */
    receive(&meter, &history, 200000, 12, now, day);
    bandwidth_note_held(&history, day);
    ok(bandwidth_get_reference(&history, day) == 200000, "1.4: got %u.\n",
            (UINT)bandwidth_get_reference(&history, day));
    memset(&history, 0, sizeof(history));
    ok(!bandwidth_note_held(&history, DAY) && !bandwidth_note_held(&history, 0), "1.4: a reference out of nothing.\n");
}

static void test_limit(void)
{
    static const struct
    {
        UINT64 reference;
        UINT percent;
        BOOL has_to_yield;
        UINT64 limit;
    }
    tests[] =
    {
        {1000, 0, FALSE, 0},
        {1000, 1, FALSE, 10},
        {1000, 50, FALSE, 500},
        {1000, 99, FALSE, 990},
        {1000, 100, FALSE, 0},
        {1000, 0, TRUE, 450},
        {1000, 30, TRUE, 300},
        {1000, 45, TRUE, 450},
        {1000, 46, TRUE, 450},
        {1000, 99, TRUE, 450},
        {1000, 100, TRUE, 0},
        {0, 50, FALSE, 0},
        {0, 0, TRUE, 0},
        {1, 1, FALSE, 1},
        {199, 50, FALSE, 99},
        {~(UINT64)0, 50, FALSE, ~(UINT64)0 / 2},
    };
    UINT64 limit;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        limit = bandwidth_get_limit(tests[i].reference, tests[i].percent, tests[i].has_to_yield);
        ok(limit == tests[i].limit, "POL-007: test %u: got %u.\n", i, (UINT)limit);
    }
}

static void test_hours(void)
{
    static const struct
    {
        UINT from, to;
        const char *inside; /* a digit for each hour */
    }
    tests[] =
    {
        {8, 17,  "000000001111111110000000"},
        {0, 1,   "100000000000000000000000"},
        {0, 23,  "111111111111111111111110"},
        {23, 0,  "000000000000000000000001"},
        {22, 6,  "111111000000000000000011"},
        {23, 22, "111111111111111111111101"},
        {5, 5,   "111111111111111111111111"},
        {0, 0,   "111111111111111111111111"},
    };
    struct bandwidth_hours hours = {.inside = 20, .outside = 80};
    UINT i, hour, percent;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        hours.from = tests[i].from;
        hours.to = tests[i].to;
        for (hour = 0; hour < 24; hour++)
        {
            percent = bandwidth_get_percent(&hours, hour);
            ok(percent == (tests[i].inside[hour] == '1' ? 20 : 80), "POL-008: from %u to %u, hour %u: got %u.\n",
                    hours.from, hours.to, hour, percent);
        }
    }
}

int main(void)
{
    test_average();
    test_meter();
    test_gaps();
    test_decay();
    test_held();
    test_limit();
    test_hours();
    return report("bandwidth");
}
