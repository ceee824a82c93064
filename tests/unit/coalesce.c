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
#include "base/coalesce.h"

#define BUFFER_SIZE 0x100000

/* A source of so many bytes in a microsecond, of which no more than window fit until they are received.
 * A receive takes 20 us, and brings no less than packet. A full buffer takes so many us to be stored. */
struct source
{
    UINT rate, window, packet, store;
    UINT64 receives, bytes, time, queued;
};

static void pass(struct source *source, UINT64 time)
{
    source->time += time;
    source->queued = min(source->queued + time * source->rate, source->window);
}

static void run(struct source *source, UINT64 size)
{
    UINT space = BUFFER_SIZE, received;
    struct coalesce coalesce;

    coalesce_init(&coalesce);
    while (source->bytes < size)
    {
        pass(source, coalesce_get_wait(&coalesce, space) * 1000 + 20);
        if (source->queued < source->packet)
            pass(source, (source->packet - source->queued + source->rate - 1) / source->rate);
        received = min(source->queued, space);
        source->queued -= received;
        space -= received;
        source->receives++;
        source->bytes += received;
        coalesce_count(&coalesce, received, space + received, source->time);
        if (space)
            continue;
        pass(source, source->store);
        space = BUFFER_SIZE;
    }
}

static void test_coalesce(void)
{
    static const struct
    {
        const char *name;
        struct source source;
        UINT max_receives; /* for 1 GiB */
        UINT min_rate;     /* percent of what can be had without waiting */
    }
    tests[] =
    {
        { "1 Gbit/s", { 119, ~0u, 16384, 300 }, 9000, 99 },
        { "1 Gbit/s, slow disk", { 119, ~0u, 16384, 5000 }, 9000, 99 },
        { "100 Mbit/s", { 12, ~0u, 4096, 300 }, 40000, 99 },
        { "1 Gbit/s, small window", { 119, 65536, 16384, 300 }, ~0u, 95 },
        { "2 Gbit/s, small window", { 238, 262144, 16384, 300 }, ~0u, 95 },
        { "loopback", { 2000, 400000, 65536, 300 }, ~0u, 90 },
        { "loopback, slow disk", { 2000, 4000000, 65536, 5000 }, ~0u, 98 },
        { "loopback, slow disk, small window", { 2000, 131072, 16384, 5000 }, ~0u, 95 },
        { "fast loopback", { 8000, 4000000, 65536, 300 }, ~0u, 90 },
    };
    UINT i, percent;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        struct source source = tests[i].source, best = source;
        UINT64 full;

        run(&source, 1024 * 1024 * 1024);
        /* The link or the disk and the window, whichever is slower. */
        full = max(source.bytes / best.rate, (source.bytes >> 20) * (best.store + (BUFFER_SIZE
                - min(min((UINT64)best.store * best.rate, best.window), BUFFER_SIZE)) / best.rate));
        percent = full * 100 / source.time;
        ok(source.receives <= tests[i].max_receives, "%s: %u receives.\n", tests[i].name, (UINT)source.receives);
        ok(percent >= tests[i].min_rate, "%s: %u %%.\n", tests[i].name, percent);
    }
}

static void test_short(void)
{
    struct coalesce coalesce;
    UINT i;

    coalesce_init(&coalesce);
    ok(!coalesce_get_wait(&coalesce, BUFFER_SIZE), "waits at once.\n");
    for (i = 0; i < 200; i++)
        coalesce_count(&coalesce, 16384, BUFFER_SIZE, i * 130);
    ok(coalesce_get_wait(&coalesce, BUFFER_SIZE) == 5, "waits %u.\n", coalesce_get_wait(&coalesce, BUFFER_SIZE));
    ok(coalesce_get_wait(&coalesce, 65536) == 1, "waits for what has no room.\n");
    coalesce_init(&coalesce);
    for (i = 0; i < 20; i++)
        coalesce_count(&coalesce, 100, BUFFER_SIZE, i * 10000);
    ok(coalesce_get_wait(&coalesce, BUFFER_SIZE) == 5, "little comes.\n");
}

int main(void)
{
    test_coalesce();
    test_short();
    return report("coalesce");
}
