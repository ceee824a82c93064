/*
 * Tests of delays and deadlines
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
#include "base/retry.h"

#define check_delay(retry, retry_after, expected) check_delay_(__LINE__, retry, retry_after, expected)

static void check_delay_(int line, struct retry *retry, DWORD retry_after, ULONGLONG expected)
{
    ULONGLONG delay = retry_delay(retry, 2, retry_after);

    ok_(line, delay == expected, "got %llu ms.\n", (unsigned long long)delay);
}

#define check_deadline(retry, timeout, expected) check_deadline_(__LINE__, retry, timeout, expected)

static void check_deadline_(int line, const struct retry *retry, DWORD timeout, ULONGLONG expected)
{
    ULONGLONG deadline = retry_deadline(retry, timeout);

    ok_(line, deadline == expected, "got %llu, expected %llu.\n", (unsigned long long)deadline,
            (unsigned long long)expected);
}

static void test_delays(void)
{
    static const UINT expected[] = { 2000, 4000, 8000, 16000, 30000, 30000, 30000 };
    struct retry retry = {0};
    UINT i;

    retry_start(&retry, 0, 1000);
    for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        check_delay(&retry, 0, expected[i]);
    retry_progress(&retry, 1, 5000);
    check_delay(&retry, 0, 2000);
    check_delay(&retry, 0, 4000);
    retry_progress(&retry, 1, 5000);
    check_delay(&retry, 0, 8000);
    retry_start(&retry, 1, 6000);
    check_delay(&retry, 0, 2000);
}

#define check_pause(retry, now, is_allowed, pause) check_pause_(__LINE__, retry, now, is_allowed, pause)

static void check_pause_(int line, struct retry *retry, ULONGLONG now, BOOL is_allowed, DWORD expected)
{
    DWORD pause = 0;
    BOOL ret = retry_after_pause(retry, 3, now, &pause);

    ok_(line, ret == is_allowed, "got %d.\n", ret);
    ok_(line, pause == expected, "got %u ms.\n", (UINT)pause);
}

/* Lost connections are replaced (bits-front 7, BITS-065, BITS-066). */
static void test_pauses(void)
{
    struct retry retry = {0};
    UINT i;

    retry_start(&retry, 0, 1000);
    for (i = 0; i < 10; i++)
    {
        retry_progress(&retry, i + 1, 5000 + 100 * i);
        check_pause(&retry, 5000 + 1000 * i, TRUE, 0);
    }
    /* A second one within a second waits for the rest of it. */
    retry_progress(&retry, 100, 14300);
    check_pause(&retry, 14300, TRUE, 700);
    check_pause(&retry, 15100, TRUE, 900);
    check_pause(&retry, 20000, TRUE, 0);
    check_pause(&retry, 30000, TRUE, 0);
    check_pause(&retry, 40000, FALSE, 0);
    /* A failed attempt gives it three more. */
    check_delay(&retry, 0, 2000);
    for (i = 0; i < 3; i++)
        check_pause(&retry, 50000 + 1000 * i, TRUE, 0);
    check_pause(&retry, 60000, FALSE, 0);
    /* So does a byte. */
    retry_progress(&retry, 101, 60000);
    for (i = 0; i < 4; i++)
        check_pause(&retry, 70000 + 1000 * i, TRUE, 0);
    check_pause(&retry, 80000, FALSE, 0);
}

/* A server that gives a few bytes at a time is asked more and more rarely, but not given up. */
static void test_crawling(void)
{
    static const UINT expected[] = { 2000, 4000, 8000, 16000, 30000, 30000, 30000 };
    struct retry retry = {0};
    UINT i;

    retry_start(&retry, 0, 1000);
    retry.is_crawling = TRUE;
    for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
    {
        retry_progress(&retry, i + 1, 2000 + i);
        check_delay(&retry, 0, expected[i]);
        check_deadline(&retry, 60, 62000 + i);
    }
    retry.is_crawling = FALSE;
    retry_progress(&retry, 100, 5000);
    check_delay(&retry, 0, 2000);
}

static void test_retry_after(void)
{
    struct retry retry = {0};

    retry_start(&retry, 0, 0);
    check_delay(&retry, 1, 2000);
    check_delay(&retry, 5, 5000);
    check_delay(&retry, ~0u, 4294967295000ull);
}

static void test_at_once(void)
{
    struct retry retry = {0};

    retry_start(&retry, 100, 0);
    ok(!retry_at_once(&retry, 10), "nothing was stored.\n");
    retry_progress(&retry, 101, 20);
    ok(retry_at_once(&retry, 30), "something was stored.\n");
    ok(!retry_at_once(&retry, 5000), "nothing was stored since.\n");
    retry_progress(&retry, 102, 31);
    ok(!retry_at_once(&retry, 32), "too soon.\n");
    ok(retry_at_once(&retry, 1030), "a second later.\n");
    retry_progress(&retry, 50, 3000);
    ok(!retry_at_once(&retry, 5000), "stored again what was there.\n");
    retry_progress(&retry, 103, 6000);
    retry_delay(&retry, 2, 0);
    ok(!retry_at_once(&retry, 9000), "nothing was stored since the failure.\n");
}

static void test_deadline(void)
{
    struct retry retry = {0};
    UINT i;

    retry_start(&retry, 0, 1000);
    check_deadline(&retry, 0, ~0ull);
    check_deadline(&retry, 5, 6000);
    check_deadline(&retry, ~0u, 4294967296000ull);
    retry_delay(&retry, 2, 0);
    check_deadline(&retry, 5, 6000);
    retry_progress(&retry, 1, 3000);
    check_deadline(&retry, 5, 8000);

    /* A server that always cuts at the same place. */
    retry_progress(&retry, 1000, 10000);
    for (i = 0; i < 10; i++)
    {
        retry_progress(&retry, 900, 11000 + i);
        check_deadline(&retry, 5, 16000 + min(i, 4u));
        retry_delay(&retry, 2, 0);
    }
    retry_progress(&retry, 1001, 20000);
    check_deadline(&retry, 5, 25000);
    retry_restart_clock(&retry, 40000);
    check_deadline(&retry, 5, 45000);
}

/* A server that always cuts at the same place, while pieces of what comes are verified. */
static void test_life(void)
{
    struct retry retry = {0};
    UINT i;

    retry_start(&retry, 0, 1000);
    retry_progress(&retry, 1000, 2000);
    retry_show_life(&retry, 10000);
    check_deadline(&retry, 5, 15000);
    for (i = 0; i < 10; i++)
    {
        retry_show_life(&retry, 11000 + i);
        check_deadline(&retry, 5, 16000 + min(i, 4u));
        retry_delay(&retry, 2, 0);
    }
    retry_progress(&retry, 1001, 20000);
    retry_show_life(&retry, 21000);
    check_deadline(&retry, 5, 26000);

    /* The time that the clock stands still begins anew with it. */
    retry_hold_clock(&retry, 22000);
    retry_show_life(&retry, 30000);
    retry_release_clock(&retry, 31000);
    check_deadline(&retry, 5, 36000);
}

static void test_first_delay(void)
{
    static const UINT expected[] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
    struct retry retry = {0};
    ULONGLONG delay;
    UINT i;

    retry_start(&retry, 0, 0);
    for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
    {
        delay = retry_delay(&retry, 1, 0);
        ok(delay == expected[i], "%u: got %llu ms.\n", i, (unsigned long long)delay);
    }
    for (i = 0; i < 100; i++)
        retry_delay(&retry, 1, 0);
    delay = retry_delay(&retry, 1, 0);
    ok(delay == 30000, "got %llu ms.\n", (unsigned long long)delay);
}

static void test_held_clock(void)
{
    struct retry retry = {0};

    retry_start(&retry, 0, 1000);
    retry_hold_clock(&retry, 3000);
    check_deadline(&retry, 5, ~0ull);
    retry_release_clock(&retry, 100000);
    check_deadline(&retry, 5, 103000);
    retry_release_clock(&retry, 200000);
    check_deadline(&retry, 5, 103000);

    /* Begun anew while it stands still. */
    retry_hold_clock(&retry, 104000);
    retry_start(&retry, 0, 110000);
    check_deadline(&retry, 5, ~0ull);
    retry_release_clock(&retry, 120000);
    check_deadline(&retry, 5, 125000);
    retry_hold_clock(&retry, 121000);
    retry_restart_clock(&retry, 130000);
    retry_release_clock(&retry, 131000);
    check_deadline(&retry, 5, 136000);

    /* Progress is told before the clock goes on. */
    retry_hold_clock(&retry, 132000);
    retry_release_clock(&retry, 140000);
    retry_progress(&retry, 1, 140000);
    check_deadline(&retry, 5, 145000);
}

/* A process that is asked each second, is late now and then, and stands still for an hour. */
static void test_clock(void)
{
    struct progress_clock clock = {0};
    ULONGLONG start = progress_clock_advance(&clock, 5000);

    ok(start == 5000, "got %llu.\n", (unsigned long long)start);
    ok(progress_clock_advance(&clock, 6000) == 6000, "a second is lost.\n");
    ok(progress_clock_advance(&clock, 8000) == 8000, "a late second is lost.\n");
    ok(progress_clock_advance(&clock, 7000) == 8000, "it goes back.\n");
    ok(progress_clock_advance(&clock, 3608000) == 9000, "the hour counts.\n");
    ok(progress_clock_advance(&clock, 3608500) == 9500, "it does not go on.\n");
}

int main(void)
{
    test_delays();
    test_pauses();
    test_crawling();
    test_retry_after();
    test_at_once();
    test_deadline();
    test_life();
    test_first_delay();
    test_held_clock();
    test_clock();
    return report("retry");
}
