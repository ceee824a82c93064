/*
 * Transfer scheduler: slots and queues
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


#include "engine/scheduler.h"

#define KEYS_MAX 16

/* Scopes in which slots are counted: all of them, and those of a host. */
static const struct scope
{
    BOOL is_host;
    UINT limit;
    UINT reserved;
}
scopes[] =
{
    { FALSE, SLOTS_MAX, RESERVED },
    { TRUE, SLOTS_PER_HOST, RESERVED_PER_HOST },
};

#define SCOPES (sizeof(scopes) / sizeof(*scopes))

/* Slots that count in a scope. */
struct tally
{
    UINT foreground;
    UINT background;
    BOOL is_full; /* for the waiting slot */
};

/* A waiting slot, and the counts of the limits that it would come under. */
struct view
{
    const struct scheduler *scheduler;
    const struct slot *slot;
    ULONGLONG now;
    struct tally tallies[SCOPES];
};

static ULONGLONG get_end(const struct slot *slot)
{
    return slot->active + (slot->is_writing ? WRITE_TIME : SILENCE_TIME);
}

static BOOL is_counted(const struct slot *slot, const struct scope *scope, UINT host, ULONGLONG now)
{
    BOOL is_active = now < get_end(slot);

    return slot->has_slot && (scope->is_host ? slot->host == host && (is_active || !slot->is_writing) : is_active);
}

static void count(const struct view *view, const struct scope *scope, struct tally *tally)
{
    const struct slot *other;
    UINT limit = scope->limit;

    tally->foreground = tally->background = 0;
    LIST_FOR_EACH_ENTRY(other, &view->scheduler->threads, struct slot, thread)
    {
        if (!is_counted(other, scope, view->slot->host, view->now))
            continue;
        if (other->is_foreground)
            tally->foreground++;
        else
            tally->background++;
    }
    limit += view->slot->is_foreground ? scope->reserved : min(scope->reserved, tally->foreground);
    tally->is_full = tally->foreground + tally->background >= limit;
}

static void look(struct view *view, const struct scheduler *scheduler, const struct slot *slot, ULONGLONG now)
{
    UINT i;

    view->scheduler = scheduler;
    view->slot = slot;
    view->now = now;
    for (i = 0; i < SCOPES; i++)
        count(view, scopes + i, view->tallies + i);
}

/* Count the slots of a client in the class and the scope of the waiting one. */
static UINT count_client(const struct view *view, const struct scope *scope, UINT64 client)
{
    const struct slot *other;
    UINT ret = 0;

    LIST_FOR_EACH_ENTRY(other, &view->scheduler->threads, struct slot, thread)
        ret += other->client == client && other->is_foreground == view->slot->is_foreground
                && is_counted(other, scope, view->slot->host, view->now);
    return ret;
}

/* Return whether the class of the waiting slot has less than its share in a scope; if that is full, the other class has
 * more. */
static BOOL is_below_share(const struct view *view, UINT index)
{
    const struct tally *tally = view->tallies + index;
    const struct scope *scope = scopes + index;
    UINT share = scope->limit / BACKGROUND_SHARE;

    return view->slot->is_foreground ? tally->foreground < scope->limit + scope->reserved - share
            : tally->background < share;
}

static BOOL has_to_yield(const struct view *view, UINT index, const struct slot *other)
{
    const struct slot *slot = view->slot;

    if (!is_counted(other, scopes + index, slot->host, view->now))
        return FALSE;
    if (other->is_extra)
        return TRUE;
    if (other->is_foreground != slot->is_foreground)
        return is_below_share(view, index);
    return other->client != slot->client && count_client(view, scopes + index, other->client)
            >= count_client(view, scopes + index, slot->client) + 2;
}

/* Extra connections first, then the other class, then the youngest. */
static BOOL is_better_victim(const struct view *view, const struct slot *a, const struct slot *b)
{
    if (a->is_extra != b->is_extra)
        return a->is_extra;
    if (a->is_foreground != b->is_foreground)
        return a->is_foreground != view->slot->is_foreground;
    return a->number > b->number;
}

/* Find the slot that is taken to make room in the scopes from first to last.
 * has_candidate is set if any slot would have to yield, be it fixed. */
static struct slot *find_victim(const struct view *view, UINT first, UINT last, BOOL *has_candidate)
{
    struct slot *other, *victim = NULL;
    UINT i;

    *has_candidate = FALSE;
    LIST_FOR_EACH_ENTRY(other, &view->scheduler->threads, struct slot, thread)
    {
        for (i = first; i <= last && has_to_yield(view, i, other); i++)
            ;
        if (i <= last)
            continue;
        *has_candidate = TRUE;
        if (other->is_fixed)
            continue;
        if (!victim || is_better_victim(view, other, victim))
            victim = other;
    }
    return victim;
}

/* Find slots that make room where there is none: one for all scopes, or one for each. FALSE if none has to. */
static BOOL make_room(const struct view *view, struct victims *victims)
{
    BOOL is_full = view->tallies[0].is_full, is_host_full = view->tallies[1].is_full, has_candidate = TRUE;
    struct slot *victim;
    UINT i;

    victims->count = 0;
    if (is_full && is_host_full && (victim = find_victim(view, 0, 1, &has_candidate)))
    {
        victims->slots[victims->count++] = victim;
        return TRUE;
    }
    for (i = 0, has_candidate = TRUE; i < SCOPES && has_candidate; i++)
    {
        if (view->tallies[i].is_full && (victim = find_victim(view, i, i, &has_candidate)))
            victims->slots[victims->count++] = victim;
    }
    return has_candidate;
}

/* Clients may keep threads in their streams for as long as they like. One alone never gets the last shared threads, and
 * many that have taken these leave a first thread for others. */
static BOOL has_thread_left(const struct scheduler *scheduler, const struct slot *slot)
{
    const struct slot *other;
    UINT own = 0, others = 0;

    LIST_FOR_EACH_ENTRY(other, &scheduler->threads, struct slot, thread)
    {
        if (other == slot)
            return TRUE;
        if (other->client == slot->client)
            own++;
        else
            others++;
    }
    if (!own)
        return others < THREADS_MAX;
    return others < THREADS_SHARED && own < (THREADS_SHARED - others) * (slot->is_foreground ? 3 : 2) / 4;
}

/* Return FALSE if it gets no slot now. A lower rank is served first: the background up to its share, the foreground,
 * the rest of the background; of each, the client that has the fewest. */
static BOOL can_grant(const struct scheduler *scheduler, const struct slot *slot, ULONGLONG now,
        struct victims *victims, UINT *rank)
{
    struct view view;

    look(&view, scheduler, slot, now);
    *rank = count_client(&view, scopes, slot->client);
    if (slot->is_foreground)
        *rank += THREADS_MAX;
    else if (!is_below_share(&view, 0) || !is_below_share(&view, 1))
        *rank += 2 * THREADS_MAX;
    return has_thread_left(scheduler, slot) && make_room(&view, victims);
}

static BOOL are_alike(const struct slot *a, const struct slot *b)
{
    return a->host == b->host && a->client == b->client && a->is_foreground == b->is_foreground;
}

static void enqueue(struct scheduler *scheduler, struct slot *slot)
{
    struct list *position = list_tail(&scheduler->queue);
    const struct slot *other;

    /* Slots that have begun come first, the others in the order of their numbers. */
    while (position)
    {
        other = LIST_ENTRY(position, struct slot, entry);
        if (other->has_begun > slot->has_begun || (other->has_begun == slot->has_begun && other->number < slot->number))
            break;
        position = list_prev(&scheduler->queue, position);
    }
    list_add_after(position ? position : &scheduler->queue, &slot->entry);
    slot->is_queued = TRUE;
}

static void dequeue(struct slot *slot)
{
    if (slot->is_queued)
        list_remove(&slot->entry);
    slot->is_queued = FALSE;
}

static void give(struct scheduler *scheduler, struct slot *slot, ULONGLONG now)
{
    if (!slot->has_thread)
        list_add_tail(&scheduler->threads, &slot->thread);
    slot->has_slot = slot->has_thread = slot->has_begun = TRUE;
    slot->is_fixed = FALSE;
    slot->active = now;
}

/* Take a slot; its transfer waits for another one. */
static void take(struct scheduler *scheduler, struct slot *slot)
{
    slot->has_slot = FALSE;
    if (!slot->is_extra)
        enqueue(scheduler, slot);
}

void scheduler_init(struct scheduler *scheduler)
{
    list_init(&scheduler->queue);
    list_init(&scheduler->threads);
    scheduler->last_number = 0;
}

void scheduler_queue(struct scheduler *scheduler, struct slot *slot)
{
    if (slot->has_slot || slot->is_queued)
        return;
    slot->number = ++scheduler->last_number;
    slot->has_begun = FALSE;
    enqueue(scheduler, slot);
}

BOOL scheduler_add_extra(struct scheduler *scheduler, struct slot *slot, ULONGLONG now)
{
    const struct tally *tallies;
    struct view view;

    look(&view, scheduler, slot, now);
    tallies = view.tallies;
    if (tallies[0].foreground + tallies[0].background >= SLOTS_MAX
            || tallies[1].foreground + tallies[1].background >= EXTRA_PER_HOST || !has_thread_left(scheduler, slot))
        return FALSE;
    slot->number = ++scheduler->last_number;
    slot->is_extra = TRUE;
    give(scheduler, slot, now);
    return TRUE;
}

struct slot *scheduler_grant(struct scheduler *scheduler, ULONGLONG now, struct victims *victims)
{
    const struct slot *seen[KEYS_MAX];
    struct slot *slot, *best = NULL;
    UINT rank, best_rank = 0, count = 0, i;
    struct victims others;

    LIST_FOR_EACH_ENTRY(slot, &scheduler->queue, struct slot, entry)
    {
        /* Only the first of slots that are alike can be granted. */
        for (i = 0; i < count && !are_alike(seen[i], slot); i++)
            ;
        if (i < count)
            continue;
        if (count < KEYS_MAX)
            seen[count++] = slot;
        if (!can_grant(scheduler, slot, now, &others, &rank) || (best && rank >= best_rank))
            continue;
        best = slot;
        best_rank = rank;
        *victims = others;
    }
    if (!best)
        return NULL;
    dequeue(best);
    give(scheduler, best, now);
    for (i = 0; i < victims->count; i++)
        take(scheduler, victims->slots[i]);
    return best;
}

void scheduler_drop(struct scheduler *scheduler, struct slot *slot)
{
    dequeue(slot);
    slot->has_slot = FALSE;
}

void scheduler_end(struct scheduler *scheduler, struct slot *slot)
{
    if (slot->has_thread)
        list_remove(&slot->thread);
    slot->has_slot = slot->has_thread = slot->is_writing = FALSE;
}

void scheduler_set_foreground(struct scheduler *scheduler, struct slot *slot, BOOL is_foreground)
{
    BOOL is_moving = slot->is_queued && slot->is_foreground != is_foreground;

    slot->is_foreground = is_foreground;
    if (!is_moving)
        return;
    dequeue(slot);
    scheduler_queue(scheduler, slot); /* behind the others of its class */
}

void scheduler_set_fixed(struct slot *slot, BOOL is_fixed)
{
    slot->is_fixed = is_fixed;
}

void scheduler_hear(struct slot *slot, ULONGLONG now)
{
    slot->active = now;
}

void scheduler_begin_write(struct slot *slot, ULONGLONG now)
{
    slot->is_writing = TRUE;
    slot->active = now;
}

BOOL scheduler_end_write(struct scheduler *scheduler, struct slot *slot, ULONGLONG now)
{
    BOOL is_late = slot->is_writing && now >= get_end(slot);
    struct view view;

    slot->is_writing = FALSE;
    if (!slot->has_slot || slot->is_fixed || !is_late)
    {
        slot->active = now;
        return TRUE;
    }
    /* The slot does not count among the others yet. */
    look(&view, scheduler, slot, now);
    slot->active = now;
    if (!view.tallies[0].is_full && !view.tallies[1].is_full)
        return TRUE;
    take(scheduler, slot);
    return FALSE;
}

ULONGLONG scheduler_get_due(const struct scheduler *scheduler, ULONGLONG now)
{
    ULONGLONG due = ~(ULONGLONG)0;
    const struct slot *slot;

    if (list_empty((struct list *)&scheduler->queue))
        return due;
    LIST_FOR_EACH_ENTRY(slot, &scheduler->threads, struct slot, thread)
    {
        if (slot->has_slot && now < get_end(slot))
            due = min(due, get_end(slot));
    }
    return due;
}
