/*
 * Waiting for more pays, or is given up
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
#include "pacer.h"

#define BUFFER_SIZE 0x100000

/* A source of so many bytes in a microsecond, of which no more than window fit until they are received.
 * A receive takes 20 us, and brings no less than packet. */
struct source
{
    UINT rate, window, packet;
    UINT64 receives, bytes, time;
};

static void run(struct source *source, UINT64 size)
{
    UINT64 time, there;
    struct pacer pacer;
    UINT wait;

    pacer_init(&pacer);
    while (source->bytes < size)
    {
        wait = pacer_get_wait(&pacer, BUFFER_SIZE);
        time = wait * 1000 + 20;
        there = min(time * source->rate, source->window);
        if (there < source->packet)
        {
            time += (source->packet - there + source->rate - 1) / source->rate;
            there = source->packet;
        }
        there = min(there, BUFFER_SIZE);
        pacer_count(&pacer, there, time);
        source->receives++;
        source->bytes += there;
        source->time += time;
    }
}

static void test_pacer(void)
{
    static const struct
    {
        const char *name;
        struct source source;
        UINT max_receives; /* for 1 GiB */
        UINT min_rate;     /* percent of what the source can do */
    }
    tests[] =
    {
        { "1 Gbit/s", { 119, ~0u, 16384 }, 9000, 99 },
        { "100 Mbit/s", { 12, ~0u, 4096 }, 40000, 99 },
        { "1 Gbit/s, small window", { 119, 65536, 16384 }, ~0u, 90 },
        { "2 Gbit/s, small window", { 238, 262144, 16384 }, ~0u, 90 },
        { "loopback", { 2000, 400000, 65536 }, ~0u, 95 },
        { "fast loopback", { 8000, 4000000, 65536 }, ~0u, 99 },
    };
    UINT i, percent;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        struct source source = tests[i].source;

        run(&source, 1024 * 1024 * 1024);
        percent = source.bytes * 100 / source.rate / source.time;
        ok(source.receives <= tests[i].max_receives, "%s: %u receives.\n", tests[i].name, (UINT)source.receives);
        ok(percent >= tests[i].min_rate, "%s: %u %%.\n", tests[i].name, percent);
    }
}

static void test_short(void)
{
    struct pacer pacer;
    UINT i;

    pacer_init(&pacer);
    ok(!pacer_get_wait(&pacer, BUFFER_SIZE), "waits at once.\n");
    for (i = 0; i < 8; i++)
        pacer_count(&pacer, 16384, 130);
    ok(pacer_get_wait(&pacer, BUFFER_SIZE) == 4, "waits %u.\n", pacer_get_wait(&pacer, BUFFER_SIZE));
    ok(pacer_get_wait(&pacer, 65536) == 0, "waits for what has no room.\n");
    pacer_init(&pacer);
    for (i = 0; i < 8; i++)
        pacer_count(&pacer, 0, 0);
    ok(pacer_get_wait(&pacer, BUFFER_SIZE) == 5, "nothing comes.\n");
}

int main(void)
{
    test_pacer();
    test_short();
    return report("pacer");
}
