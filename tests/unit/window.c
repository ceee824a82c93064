/*
 * Tests for base/window.c: how many small files are fetched at once
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
#include "base/window.h"

#define MS    1000
#define FILES 1000
#define SIZE  0x4000

/* A server and the way to it, and how many files are at work in the end. */
struct line
{
    const char *name;
    UINT latency;   /* microseconds that each file takes, ... */
    UINT each;      /* ... and for which nothing else is at work */
    UINT connect;   /* further ones of a new connection */
    UINT max;       /* files */
    UINT expected;  /* files at work after three quarters */
    UINT max_time;  /* in percent of what max at once would take */
};

/* Give the files to connections; the line passes one at a time. */
static void test_line(const struct line *line)
{
    ULONGLONG ends[WINDOW_MAX], now = 1000 * MS, free_time = now, best;
    UINT at_work = 0, opened = 0, begun = 0, done, first, i, at_end = 0;
    struct window window;

    window_init(&window, line->max);
    ok(window.count == 1, "%s: begins with %u.\n", line->name, window.count);
    window_note_small(&window);
    for (done = 0; done < FILES;)
    {
        while (at_work < window.count && begun < FILES)
        {
            begun++;
            free_time = max(free_time, now + line->latency + (at_work >= opened ? line->connect : 0)) + line->each;
            opened = max(opened, at_work + 1);
            ends[at_work++] = free_time;
        }
        for (first = i = 0; i < at_work; i++)
        {
            if (ends[i] < ends[first])
                first = i;
        }
        now = max(now, ends[first]);
        ends[first] = ends[at_work - 1];
        window_note_done(&window, at_work--, SIZE, now);
        if (++done == FILES / 4 * 3)
            at_end = window.count;
    }
    best = FILES * (ULONGLONG)max(line->each, (line->latency + line->each) / line->max);
    ok(at_end == line->expected, "%s: %u at work.\n", line->name, at_end);
    ok((now - 1000 * MS) * 100 / best <= line->max_time, "%s: %u ms instead of %u.\n", line->name,
            (UINT)((now - 1000 * MS) / MS), (UINT)(best / MS));
}

static void test_lines(void)
{
    static const struct line lines[] =
    {
        { "30 ms", 30 * MS, 10, 30 * MS, 16, 16, 125 },
        { "30 ms, 100 Mbit/s", 30 * MS, 1300, 30 * MS, 16, 16, 135 },
        { "15 ms and TLS", 15 * MS, 10, 45 * MS, 16, 16, 150 },
        { "300 ms", 300 * MS, 10, 600 * MS, 16, 16, 150 },
        { "30 ms, 10 Mbit/s", 30 * MS, 13 * MS, 30 * MS, 16, 4, 110 },
        { "30 ms, eight allowed", 30 * MS, 10, 30 * MS, 8, 8, 125 },
        { "loopback", 400, 500, 300, 16, 2, 110 },
        { "one allowed", 30 * MS, 10, 30 * MS, 1, 1, 101 },
    };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(lines); i++)
        test_line(lines + i);
}

/* Note so many files that are done, one each 30 ms for each that is at work. */
static void note_files(struct window *window, UINT count, ULONGLONG *now)
{
    while (count--)
    {
        *now += 30 * MS / window->count;
        window_note_done(window, window->count, SIZE, *now);
    }
}

static void test_failure(void)
{
    ULONGLONG now = 1000 * MS;
    struct window window;
    UINT i;

    window_init(&window, WINDOW_MAX);
    window_note_small(&window);
    note_files(&window, 200, &now);
    ok(window.count == 16, "%u before.\n", window.count);
    window_note_failure(&window, now);
    ok(window.count == 8, "%u after a failure.\n", window.count);
    note_files(&window, 200, &now);
    ok(window.count == 8, "%u soon after.\n", window.count);
    note_files(&window, 400, &now);
    ok(window.count == 16, "%u later.\n", window.count);
    for (i = 0; i < 10; i++)
        window_note_failure(&window, now);
    ok(window.count == 1, "%u after ten.\n", window.count);
    window_note_small(&window);
    ok(window.count == 1, "%u, since a file is small.\n", window.count);
    note_files(&window, 1000, &now);
    ok(window.count == 1, "%u long after ten.\n", window.count);
}

static void test_close(void)
{
    ULONGLONG now = 1000 * MS;
    struct window window;

    window_init(&window, WINDOW_MAX);
    window_close(&window);
    window_note_small(&window);
    window_note_done(&window, 3, SIZE, now);
    window_note_failure(&window, now);
    window_note_done(&window, 1, SIZE, now + 1000 * MS);
    ok(!window.count, "%u after the end.\n", window.count);
}

/* What keeps files from beginning says nothing about the line. */
static void test_unfilled(void)
{
    ULONGLONG now = 1000 * MS;
    struct window window;
    UINT i;

    window_init(&window, WINDOW_MAX);
    window_note_small(&window);
    for (i = 0; i < 100; i++)
        window_note_done(&window, 1, SIZE, now += 30 * MS);
    ok(window.count == 2, "%u with one at work.\n", window.count);
}

int main(void)
{
    test_lines();
    test_failure();
    test_close();
    test_unfilled();
    return report("window");
}
