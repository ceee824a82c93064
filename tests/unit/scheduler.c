/*
 * Tests of who gets a slot
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
#include "engine/scheduler.h"

#define COUNT   1000
#define NOBODY  (~0u)
#define SHARE   (SLOTS_MAX / BACKGROUND_SHARE)
#define SHARE_OF_HOST (SLOTS_PER_HOST / BACKGROUND_SHARE)

/* What may be asked of a transfer. */
struct transfer_model
{
    struct slot slot;
    BOOL is_known;
    BOOL is_silent;
    UINT64 left; /* ms of work */
};

struct world
{
    struct scheduler scheduler;
    struct transfer_model all[COUNT];
    UINT count;
    UINT victims;
    ULONGLONG now;
};

static struct world world;

static void init(void)
{
    memset(&world, 0, sizeof(world));
    scheduler_init(&world.scheduler);
    world.now = 1000000;
}

/* As the engine does after each change; workers that have to leave do so at once, unless they are in Write. */
static void settle(void)
{
    struct victims victims;
    UINT grants = 0, i;

    while (grants++ < COUNT && scheduler_grant(&world.scheduler, world.now, &victims))
    {
        world.victims += victims.count;
        for (i = 0; i < victims.count; i++)
        {
            ok(!victims.slots[i]->has_slot && victims.slots[i]->is_queued != victims.slots[i]->is_extra,
                    "a victim keeps its slot.\n");
            if (!victims.slots[i]->is_writing)
                scheduler_end(&world.scheduler, victims.slots[i]);
        }
    }
    ok(grants < COUNT, "slots go round and round.\n");
}

static UINT add(UINT host, UINT64 client, BOOL is_foreground)
{
    struct transfer_model *model = world.all + world.count;

    memset(model, 0, sizeof(*model));
    model->slot.host = host;
    model->slot.client = client;
    model->slot.is_foreground = is_foreground;
    model->is_known = TRUE;
    scheduler_queue(&world.scheduler, &model->slot);
    settle();
    return world.count++;
}

/* Returns the first of them. */
static UINT add_many(UINT count, UINT host, UINT64 client, BOOL is_foreground)
{
    UINT first = world.count;

    while (count--)
        add(host, client, is_foreground);
    return first;
}

static BOOL has_slot(UINT index)
{
    return world.all[index].slot.has_slot;
}

/* Of so many from the first one on. */
static UINT count_slots(UINT first, UINT count)
{
    UINT i, ret = 0;

    for (i = first; i < first + count; i++)
        ret += has_slot(i);
    return ret;
}

static void end(UINT index)
{
    struct slot *slot = &world.all[index].slot;

    scheduler_drop(&world.scheduler, slot);
    scheduler_end(&world.scheduler, slot);
    world.all[index].is_known = FALSE;
    settle();
}

/* Bytes come for all that are not silent. */
static void pass(ULONGLONG time)
{
    UINT i;

    world.now += time;
    for (i = 0; i < world.count; i++)
    {
        if (has_slot(i) && !world.all[i].is_silent && !world.all[i].slot.is_writing)
            scheduler_hear(&world.all[i].slot, world.now);
    }
    settle();
}

static void set_silent(UINT first, UINT count)
{
    UINT i;

    for (i = first; i < first + count; i++)
        world.all[i].is_silent = TRUE;
}

static void begin_write(UINT first, UINT count)
{
    UINT i;

    for (i = first; i < first + count; i++)
    {
        if (has_slot(i) && !world.all[i].slot.is_writing)
            scheduler_begin_write(&world.all[i].slot, world.now);
    }
}

/* 16 or 300 slow ones in the background, and others at the same host. */
static void test_same_host(UINT count)
{
    UINT first, foreground, i;

    init();
    first = add_many(count, 1, 1, FALSE);
    ok(count_slots(first, count) == SLOTS_PER_HOST, "got %u.\n", count_slots(first, count));
    for (i = 0; i < RESERVED_PER_HOST; i++)
        ok(has_slot(add(1, 2, TRUE)), "the foreground waits.\n");
    ok(!world.victims, "there are slots for the foreground.\n");

    foreground = add(1, 1, TRUE);
    ok(has_slot(foreground), "the foreground waits.\n");
    ok(world.victims == 1 && !has_slot(first + SLOTS_PER_HOST - 1), "it is not the youngest that leaves.\n");
    end(foreground);
    ok(has_slot(first + SLOTS_PER_HOST - 1), "it does not go on first.\n");

    ok(has_slot(add(1, 2, FALSE)), "another client waits.\n");
    ok(count_slots(first, count) == SLOTS_PER_HOST - 1, "got %u.\n", count_slots(first, count));
}

static void test_other_host(void)
{
    UINT first, i;

    init();
    first = add_many(40, 1, 1, FALSE);
    add_many(40, 2, 1, FALSE);
    ok(count_slots(first, 80) == SLOTS_MAX, "got %u.\n", count_slots(first, 80));
    for (i = 0; i < RESERVED + SHARE; i++)
        ok(has_slot(add(3 + i, 1, TRUE)), "the foreground waits, %u.\n", i);
    ok(world.victims == SHARE, "got %u.\n", world.victims);
    ok(has_slot(add(100, 2, FALSE)), "another client waits.\n");
    ok(!has_slot(add(101, 1, FALSE)), "the same one does not wait.\n");
}

/* All are connected to hosts that say nothing. */
static void test_silent(void)
{
    UINT first, other, i;

    init();
    first = add_many(60, 1, 1, FALSE);
    add_many(16, 2, 1, FALSE);
    set_silent(first, 76);
    ok(has_slot(add(3, 1, TRUE)), "the foreground waits.\n");
    ok(has_slot(add(3, 2, FALSE)), "another client waits.\n");
    ok(has_slot(add(1, 2, FALSE)), "another client waits.\n");
    other = add(3, 1, FALSE);
    ok(!has_slot(other), "the same one does not wait.\n");
    ok(scheduler_get_due(&world.scheduler, world.now) == world.now + SILENCE_TIME, "no slot will be free.\n");
    pass(SILENCE_TIME);
    ok(has_slot(other), "the silent ones keep their claim.\n");
    ok(scheduler_get_due(&world.scheduler, world.now) > world.now, "nothing changes now.\n");
    ok(count_slots(first, 60) < SLOTS_PER_HOST, "a silent host has %u slots.\n", count_slots(first, 60));
    ok(has_slot(add(1, 2, FALSE)) && has_slot(add(1, 1, TRUE)), "a silent host is too full.\n");
    /* There are never so many that nobody else gets a thread. */
    for (i = 0; i < 10; i++)
    {
        first = add_many(10, 10 + i, 1, FALSE);
        set_silent(first, 10);
        pass(SILENCE_TIME);
    }
    ok(!has_slot(add(100, 1, FALSE)), "there is no end.\n");
    ok(has_slot(add(100, 1, TRUE)), "the foreground waits.\n");
    ok(has_slot(add(100, 2, FALSE)), "another client waits.\n");
}

/* Streams of a client that takes nothing. */
static void test_writing(UINT count)
{
    UINT first, other, i;

    init();
    first = add_many(count, 1, 1, FALSE);
    begin_write(first, count);
    for (i = 0; i < 100; i++)
    {
        begin_write(first, count);
        pass(WRITE_TIME);
    }
    ok(count_slots(first, count) == min(count, THREADS_SHARED / 2), "got %u.\n", count_slots(first, count));
    world.victims = 0;
    other = add_many(SLOTS_PER_HOST, 1, 2, FALSE);
    ok(count_slots(other, SLOTS_PER_HOST) == SLOTS_PER_HOST, "got %u.\n", count_slots(other, SLOTS_PER_HOST));
    ok(!world.victims, "a slot that does not count is taken.\n");

    if (count > SLOTS_PER_HOST)
        return;
    /* One comes back. */
    add_many(4, 1, 2, FALSE);
    ok(!scheduler_end_write(&world.scheduler, &world.all[first].slot, world.now), "the slot is still there.\n");
    scheduler_end(&world.scheduler, &world.all[first].slot);
    settle();
    ok(has_slot(first), "another client does not make room.\n");
}

/* Many clients, each with four streams that take nothing. */
static void test_many_writing(UINT clients)
{
    UINT other, i, j;

    init();
    for (i = 0; i < clients; i++)
    {
        add_many(4, 1 + i % 2, 1 + i, FALSE);
        for (j = 0; j < 2; j++)
        {
            begin_write(0, world.count);
            pass(WRITE_TIME);
        }
    }
    for (i = 0; i < clients; i++)
        ok(count_slots(4 * i, 4) > 0, "%u clients: %u waits.\n", clients, i);
    for (i = 0; i < 4; i++)
    {
        other = add(3, 1000 + i, i % 2);
        ok(has_slot(other), "%u clients: another one waits.\n", clients);
    }
}

static void test_write_returns(void)
{
    UINT index;

    init();
    index = add(1, 1, FALSE);
    begin_write(index, 1);
    pass(WRITE_TIME * 10);
    ok(scheduler_end_write(&world.scheduler, &world.all[index].slot, world.now), "nobody wants the slot.\n");
    begin_write(index, 1);
    add_many(SLOTS_PER_HOST, 1, 1, FALSE);
    ok(scheduler_end_write(&world.scheduler, &world.all[index].slot, world.now), "it was quick.\n");
    begin_write(index, 1);
    pass(WRITE_TIME);
    scheduler_set_fixed(&world.all[index].slot, TRUE);
    ok(scheduler_end_write(&world.scheduler, &world.all[index].slot, world.now), "it would lose its bytes.\n");
}

/* The slots of cancelled ones are free although their threads are not. */
static void test_cancelled(void)
{
    UINT first, i;

    init();
    first = add_many(SLOTS_PER_HOST, 1, 1, TRUE);
    add_many(SLOTS_PER_HOST, 2, 1, TRUE);
    begin_write(first, SLOTS_MAX);
    for (i = first; i < first + SLOTS_MAX; i++)
        scheduler_drop(&world.scheduler, &world.all[i].slot);
    first = add_many(SLOTS_PER_HOST, 1, 2, FALSE);
    add_many(SLOTS_PER_HOST, 2, 2, FALSE);
    ok(count_slots(first, SLOTS_MAX) == SLOTS_MAX, "got %u.\n", count_slots(first, SLOTS_MAX));
    ok(!world.victims, "a cancelled one is asked to leave.\n");
}

static void test_shares(void)
{
    UINT foreground, background;

    init();
    foreground = add_many(SLOTS_PER_HOST + 10, 1, 1, TRUE);
    background = add_many(10, 1, 1, FALSE);
    ok(count_slots(background, 10) == SHARE_OF_HOST, "got %u.\n", count_slots(background, 10));
    add_many(10, 1, 1, TRUE);
    ok(count_slots(background, 10) == SHARE_OF_HOST, "got %u.\n", count_slots(background, 10));
    /* One of the background makes room for the next of it, not for the foreground, and the other way round. */
    end(background);
    ok(has_slot(background + SHARE_OF_HOST), "the foreground has more than its share.\n");
    end(foreground);
    ok(!has_slot(background + SHARE_OF_HOST + 1), "the background has more than its share.\n");
}

/* What becomes free is given to the right one at once, not taken back. */
static void test_order(void)
{
    UINT foreground, background, first, other;

    init();
    foreground = add_many(SLOTS_PER_HOST + 10, 1, 1, TRUE);
    background = add_many(10, 1, 1, FALSE);
    world.victims = 0;
    end(background);
    ok(has_slot(background + SHARE_OF_HOST), "the foreground comes before the share of the background.\n");
    end(foreground);
    ok(!has_slot(background + SHARE_OF_HOST + 1), "the background comes before the foreground.\n");
    ok(!world.victims, "got %u victims.\n", world.victims);

    /* One that has begun, and is younger than one that waits. */
    init();
    first = add_many(SLOTS_PER_HOST + 1, 1, 1, FALSE);
    other = add_many(SLOTS_PER_HOST, 2, 1, FALSE);
    add_many(RESERVED, 3, 1, TRUE);
    add(4, 1, TRUE);
    ok(!has_slot(other + SLOTS_PER_HOST - 1), "it is not the youngest that leaves.\n");
    add(2, 1, FALSE);
    end(first);
    ok(has_slot(other + SLOTS_PER_HOST - 1) && !has_slot(first + SLOTS_PER_HOST), "one that has begun waits.\n");

    /* The other class makes room, although another client has more of this one. */
    init();
    other = add_many(RESERVED_PER_HOST, 1, 2, TRUE);
    add_many(SLOTS_PER_HOST, 1, 1, FALSE);
    ok(has_slot(add(1, 1, TRUE)) && count_slots(other, RESERVED_PER_HOST) == RESERVED_PER_HOST && world.victims == 1,
            "got %u victims.\n", world.victims);
}

static void test_clients(void)
{
    UINT one, two, three;

    init();
    one = add_many(100, 1, 1, FALSE);
    two = add_many(100, 1, 2, FALSE);
    ok(count_slots(one, 100) == 8 && count_slots(two, 100) == 8, "got %u.\n", count_slots(two, 100));
    three = add_many(100, 1, 3, FALSE);
    ok(count_slots(three, 100) == 5, "got %u.\n", count_slots(three, 100));
    ok(count_slots(one, 100) <= 6 && count_slots(two, 100) <= 6, "got %u.\n", count_slots(two, 100));
    /* Nothing is given back and taken again when one of them ends. */
    world.victims = 0;
    end(three);
    end(one);
    ok(!world.victims, "got %u.\n", world.victims);
}

static void test_fixed(void)
{
    UINT first, i;

    init();
    first = add_many(SLOTS_PER_HOST, 1, 1, FALSE);
    for (i = first; i < first + SLOTS_PER_HOST; i++)
        scheduler_set_fixed(&world.all[i].slot, TRUE);
    first = add_many(100, 1, 1, TRUE);
    ok(!world.victims, "bytes are lost.\n");
    ok(count_slots(first, 100) == SLOTS_PER_HOST + RESERVED_PER_HOST - SHARE_OF_HOST, "got %u.\n",
            count_slots(first, 100));
    first = add_many(100, 1, 2, FALSE);
    ok(count_slots(first, 100) == SLOTS_PER_HOST - 1, "got %u.\n", count_slots(first, 100));
}

/* Returns how many there could be. */
static UINT add_extras(UINT host)
{
    struct transfer_model *extra;
    UINT count;

    for (count = 0;; count++)
    {
        extra = world.all + world.count;
        memset(extra, 0, sizeof(*extra));
        extra->slot.host = host;
        extra->slot.client = 1;
        if (!scheduler_add_extra(&world.scheduler, &extra->slot, world.now))
            return count;
        world.count++;
    }
}

static void test_extra(void)
{
    UINT first, count;

    init();
    add(1, 1, FALSE);
    count = add_extras(1);
    ok(count == EXTRA_PER_HOST - 1, "got %u.\n", count);
    first = add_many(SLOTS_PER_HOST - 1, 1, 1, FALSE);
    count = count_slots(first, SLOTS_PER_HOST - 1);
    ok(count == SLOTS_PER_HOST - 1, "got %u.\n", count);
    ok(world.victims == EXTRA_PER_HOST - 1, "got %u.\n", world.victims);
    add_many(SLOTS_PER_HOST, 2, 1, FALSE);
    ok(!add_extras(3), "there are too many.\n");

    init();
    add_extras(1);
    first = add_many(SLOTS_PER_HOST - EXTRA_PER_HOST, 1, 1, FALSE);
    add_many(RESERVED_PER_HOST + 1, 1, 1, TRUE);
    count = count_slots(first, SLOTS_PER_HOST - EXTRA_PER_HOST);
    ok(count == SLOTS_PER_HOST - EXTRA_PER_HOST && world.victims == 1, "got %u.\n", count);
}

static void test_priority(void)
{
    UINT first;

    init();
    first = add_many(SLOTS_PER_HOST + 2, 1, 1, FALSE);
    scheduler_set_foreground(&world.scheduler, &world.all[first + SLOTS_PER_HOST + 1].slot, TRUE);
    settle();
    ok(has_slot(first + SLOTS_PER_HOST + 1) && !has_slot(first + SLOTS_PER_HOST), "the priority is not looked at.\n");
    scheduler_set_foreground(&world.scheduler, &world.all[first].slot, TRUE);
    settle();
    ok(has_slot(first + SLOTS_PER_HOST), "one of the background is counted still.\n");
}

/* Slots that count: of any host (NOBODY) or one, of any client (NOBODY) or one, of a class. */
static UINT count_used(UINT host, UINT64 client, BOOL is_foreground)
{
    UINT i, ret = 0;

    for (i = 0; i < world.count; i++)
    {
        const struct slot *slot = &world.all[i].slot;

        ret += slot->has_slot && slot->is_foreground == is_foreground && (host == NOBODY || slot->host == host)
                && (client == NOBODY || slot->client == client)
                && world.now - slot->active < (slot->is_writing ? WRITE_TIME : SILENCE_TIME);
    }
    return ret;
}

static BOOL is_full(UINT host, const struct slot *slot)
{
    UINT limit = host == NOBODY ? SLOTS_MAX : SLOTS_PER_HOST, reserved;

    reserved = host == NOBODY ? RESERVED : RESERVED_PER_HOST;
    limit += slot->is_foreground ? reserved : min(reserved, count_used(host, NOBODY, TRUE));
    return count_used(host, NOBODY, TRUE) + count_used(host, NOBODY, FALSE) >= limit;
}

#define HOSTS   3
#define CLIENTS 3

/* One who waits has no less than any other client, where it is that there is no room, and its class has its share. */
static void check_waiting(const struct slot *slot, UINT seed)
{
    UINT host = is_full(NOBODY, slot) ? NOBODY : slot->host, used = count_used(host, slot->client, slot->is_foreground);
    UINT share = host == NOBODY ? SHARE : SHARE_OF_HOST;
    UINT64 client;

    if (is_full(NOBODY, slot) && is_full(slot->host, slot))
        return;
    ok(is_full(NOBODY, slot) || is_full(slot->host, slot), "%u: one waits for nothing.\n", seed);
    for (client = 1; client <= CLIENTS; client++)
        ok(count_used(host, client, slot->is_foreground) <= used + 1, "%u: another client has more.\n", seed);
    if (slot->is_foreground)
        ok(count_used(host, NOBODY, FALSE) <= share, "%u: the background has more than its share.\n", seed);
    else
        ok(count_used(host, NOBODY, FALSE) >= share, "%u: the background has less than its share.\n", seed);
}

static void check_all(UINT seed)
{
    UINT i, slots = 0;

    for (i = 0; i < world.count; i++)
    {
        if (world.all[i].slot.is_queued)
            check_waiting(&world.all[i].slot, seed);
        slots += has_slot(i);
    }
    ok(slots <= THREADS_SHARED, "%u: got %u slots.\n", seed, slots);
    ok(count_used(NOBODY, NOBODY, TRUE) + count_used(NOBODY, NOBODY, FALSE) <= SLOTS_MAX + RESERVED,
            "%u: got %u of the foreground, %u of the background.\n", seed, count_used(NOBODY, NOBODY, TRUE),
            count_used(NOBODY, NOBODY, FALSE));
}

static void arrive(UINT seed, UINT64 *state)
{
    UINT host = next_random(state) % HOSTS, index;
    BOOL is_foreground = !(next_random(state) % 3), is_first;

    is_first = count_used(NOBODY, NOBODY, TRUE) < SLOTS_MAX + RESERVED - SHARE
            && count_used(host, NOBODY, TRUE) < SLOTS_PER_HOST + RESERVED_PER_HOST - SHARE_OF_HOST;
    index = add(host, 1 + next_random(state) % CLIENTS, is_foreground);
    world.all[index].left = 1 + next_random(state) % 4000;
    ok(has_slot(index) || !is_foreground || !is_first, "%u: the foreground waits.\n", seed);
}

/* Work is done; all that has an end comes to it. Returns how many are left. */
static UINT work(UINT64 time)
{
    UINT i, left = 0;

    for (i = 0; i < world.count; i++)
    {
        if (has_slot(i))
            world.all[i].left -= min(world.all[i].left, time);
        if (world.all[i].is_known && !world.all[i].left)
            end(i);
        left += world.all[i].is_known;
    }
    pass(time);
    return left;
}

/* Random arrivals, and nobody is silent: the limits hold, nobody is passed over, and all come to an end. */
static void test_random(UINT seed)
{
    UINT64 state = seed;
    UINT i, rounds = 0;

    init();
    for (i = 0; i < 200; i++)
    {
        arrive(seed, &state);
        if (!(next_random(&state) % 4))
            work(next_random(&state) % 500);
        check_all(seed);
    }
    while (work(200) && rounds < 1000)
        rounds++;
    ok(rounds < 1000, "%u: some never end.\n", seed);
    ok(list_empty(&world.scheduler.queue) && list_empty(&world.scheduler.threads), "%u: something is left.\n", seed);
}

/* What a worker may do, and what its client and its server may do to it. */
static void behave(struct transfer_model *model, UINT64 *state)
{
    struct slot *slot = &model->slot;

    switch (next_random(state) % 6)
    {
        case 0:
            model->is_silent = !model->is_silent;
            break;
        case 1:
            if (!slot->is_writing)
                scheduler_begin_write(slot, world.now);
            break;
        case 2:
            if (slot->is_writing && !scheduler_end_write(&world.scheduler, slot, world.now))
                scheduler_end(&world.scheduler, slot);
            break;
        case 3:
            scheduler_set_fixed(slot, next_random(state) % 2);
            break;
        case 4:
            scheduler_set_foreground(&world.scheduler, slot, next_random(state) % 2);
            break;
        default:
            if (next_random(state) % 2 || slot->is_writing)
                break;
            scheduler_drop(&world.scheduler, slot);
            scheduler_end(&world.scheduler, slot);
            model->is_known = FALSE;
    }
    settle();
}

static UINT count_threads(UINT64 client)
{
    struct slot *slot;
    UINT ret = 0;

    LIST_FOR_EACH_ENTRY(slot, &world.scheduler.threads, struct slot, thread)
        ret += slot->client == client;
    return ret;
}

/* Whatever happens: slots do not go round, there are threads for other clients, and all come to an end. */
static void test_chaos(UINT seed)
{
    UINT64 state = seed, client;
    UINT i, rounds = 0;

    init();
    for (i = 0; i < 300; i++)
    {
        add(next_random(&state) % HOSTS, 1 + next_random(&state) % CLIENTS, !(next_random(&state) % 3));
        world.all[world.count - 1].left = 1 + next_random(&state) % 4000;
        world.all[world.count - 1].is_silent = !(next_random(&state) % 4);
        behave(world.all + next_random(&state) % world.count, &state);
        if (has_slot(world.count - 1) && next_random(&state) % 2)
            scheduler_begin_write(&world.all[world.count - 1].slot, world.now);
        if (!(next_random(&state) % 4))
            pass(next_random(&state) % 2000);
        for (client = 1; client <= CLIENTS; client++)
            ok(count_threads(client) <= THREADS_SHARED * 3 / 4, "%u: a client has too many threads.\n", seed);
        ok(list_count(&world.scheduler.threads) < THREADS_SHARED, "%u: there are no threads left.\n", seed);
    }
    for (i = 0; i < world.count; i++)
    {
        if (world.all[i].slot.is_writing && !scheduler_end_write(&world.scheduler, &world.all[i].slot, world.now))
            scheduler_end(&world.scheduler, &world.all[i].slot);
    }
    while (work(200) && rounds < 2000)
        rounds++;
    ok(rounds < 2000, "%u: some never end.\n", seed);
}

int main(void)
{
    UINT seed, count;

    test_same_host(SLOTS_PER_HOST);
    test_same_host(300);
    test_other_host();
    test_silent();
    test_writing(SLOTS_PER_HOST);
    test_writing(300);
    for (count = 1; count <= 64; count++)
        test_many_writing(count);
    test_write_returns();
    test_cancelled();
    test_shares();
    test_order();
    test_clients();
    test_fixed();
    test_extra();
    test_priority();
    for (seed = 1; seed <= 20; seed++)
    {
        test_random(seed);
        test_chaos(seed);
    }
    return report("scheduler");
}
