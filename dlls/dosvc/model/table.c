/*
 * Queues: all jobs and all downloads that are not final
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

#include <stdlib.h>

#include "model/table.h"
#include "base/base.h"
#include "base/wineheaders.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define EXPIRY_MAX_INTERVAL (60 * 60 * 1000)    /* milliseconds between two looks at all that can grow old */
#define EXPIRY_MIN_INTERVAL 250

/* Write the age again so often that a stop of the service hides no more than it counts for. */
#define SAVES_PER_STOP 4

ULONGLONG table_get_expiry(const struct table *table)
{
    DWORD seconds = settings_get_number(table->expiry_setting), limit;

    if (table->expiry_policy != POLICY_COUNT && policy_get_number(table->expiry_policy, &limit))
        seconds = min(seconds, limit);
    return 1000 * (ULONGLONG)seconds;
}

/* Look at all items when the age limit has passed by one of so many parts. */
static void schedule_expiry(struct table *table, UINT parts)
{
    ULONGLONG interval = table_get_expiry(table) / parts;

    task_schedule(&table->expiry, GetTickCount64() + min(max(interval, EXPIRY_MIN_INTERVAL), EXPIRY_MAX_INTERVAL));
}

static void expire_item(struct store_item *item, const void *context)
{
    const ULONGLONG *limit = context;

    item->table->ops->expire(item, *limit);
}

static void expiry_run(struct task *task)
{
    struct table *table = CONTAINING_RECORD(task, struct table, expiry);
    ULONGLONG limit = table_get_expiry(table);

    table_for_each(table, expire_item, &limit);
    schedule_expiry(table, 8);
}

const struct task_ops table_expiry_ops = { expiry_run };

void table_init_item(struct table *table, struct store_item *item, const GUID *id)
{
    store_item_init(item, &table->ops->store, id);
    item->table = table;
}

static void append(struct table *table, struct store_item *item)
{
    AcquireSRWLockExclusive(&table->lock);
    list_add_tail(&table->items, &item->table_entry);
    item->number = ++table->last_number;
    ReleaseSRWLockExclusive(&table->lock);
    store_item_addref(item);
}

void table_insert(struct store_item *item)
{
    append(item->table, item);
    schedule_expiry(item->table, 1);
}

void table_withdraw(struct store_item *item)
{
    AcquireSRWLockExclusive(&item->table->lock);
    list_remove(&item->table_entry);
    ReleaseSRWLockExclusive(&item->table->lock);
    store_item_release(item);
}

/* Take the lock, shared, when all is there. */
static void lock_loaded(struct table *table)
{
    AcquireSRWLockShared(&table->lock);
    while (!table->is_loaded)
        SleepConditionVariableSRW(&table->loaded, &table->lock, INFINITE, CONDITION_VARIABLE_LOCKMODE_SHARED);
}

void table_wait_loaded(struct table *table)
{
    lock_loaded(table);
    ReleaseSRWLockShared(&table->lock);
}

struct store_item *table_lookup(struct table *table, const GUID *id)
{
    struct store_item *item, *found = NULL;

    lock_loaded(table);
    LIST_FOR_EACH_ENTRY(item, &table->items, struct store_item, table_entry)
    {
        if (IsEqualGUID(item->id, id))
        {
            store_item_addref(item);
            found = item;
            break;
        }
    }
    ReleaseSRWLockShared(&table->lock);
    return found;
}

HRESULT table_snapshot(struct table *table, struct store_item ***out, UINT *count)
{
    struct store_item *item, **items;
    UINT i = 0;

    lock_loaded(table);
    if (!(items = calloc(list_count(&table->items) + 1, sizeof(*items))))
    {
        ReleaseSRWLockShared(&table->lock);
        return E_OUTOFMEMORY;
    }
    LIST_FOR_EACH_ENTRY(item, &table->items, struct store_item, table_entry)
    {
        store_item_addref(item);
        items[i++] = item;
    }
    ReleaseSRWLockShared(&table->lock);
    *out = items;
    *count = i;
    return S_OK;
}

void table_for_each(struct table *table, void (*visit)(struct store_item *item, const void *context),
        const void *context)
{
    struct store_item **items;
    UINT count, i;

    if (FAILED(table_snapshot(table, &items, &count)))
        return;
    for (i = 0; i < count; i++)
    {
        visit(items[i], context);
        store_item_release(items[i]);
    }
    free(items);
}

struct loading
{
    struct table *table;
    struct store_item **items; /* with a reference each */
    UINT count;
    UINT capacity;
};

static enum record_status load_item(void *context, const GUID *id, struct record_reader *reader)
{
    struct loading *loading = context;
    enum record_status status;
    struct store_item *item;

    if (!array_grow((void **)&loading->items, loading->count, &loading->capacity, sizeof(*loading->items)))
        return RECORD_NO_MEMORY;
    if ((status = loading->table->ops->decode(loading->table, id, reader, &item)) != RECORD_OK)
        return status;
    if (loading->table->ops->restore(item))
        loading->items[loading->count++] = item;
    else
        store_item_release(item);
    return RECORD_OK;
}

static int __cdecl compare_items(const void *a, const void *b)
{
    const struct store_item *left = *(struct store_item * const *)a, *right = *(struct store_item * const *)b;

    return left->created < right->created ? -1 : left->created > right->created;
}

/* Items are inserted in the order in which they were made, so that they run on in that order. */
void table_load(struct table *table, BOOL (*is_stopping)(void))
{
    const struct store_ops *ops = &table->ops->store;
    struct loading loading = { table };
    UINT i;

    store_load(ops, load_item, &loading, is_stopping);
    if (loading.count)
        qsort(loading.items, loading.count, sizeof(*loading.items), compare_items);
    for (i = 0; i < loading.count; i++)
        append(table, loading.items[i]);
    AcquireSRWLockExclusive(&table->lock);
    table->is_loaded = TRUE;
    ReleaseSRWLockExclusive(&table->lock);
    WakeAllConditionVariable(&table->loaded);
    TRACE("%u of %s.\n", loading.count, debugstr_w(ops->extension));

    for (i = 0; i < loading.count; i++)
    {
        if (!is_stopping())
            table->ops->start(loading.items[i]);
        store_item_release(loading.items[i]);
    }
    if (loading.count)
        task_schedule(&table->expiry, 0);
    free(loading.items);
}

static void halt_item(struct store_item *item, const void *context)
{
    item->table->ops->halt(item);
}

void table_halt(struct table *table)
{
    table_for_each(table, halt_item, NULL);
}

static void forget_client(struct store_item *item, const void *context)
{
    item->table->ops->forget_client(item, context);
}

void table_forget_client(struct table *table, const struct client *client)
{
    table_for_each(table, forget_client, client);
}

void age_start(struct age *age)
{
    InterlockedExchange64(&age->zero, GetTickCount64());
}

ULONGLONG age_get(struct age *age)
{
    return GetTickCount64() - InterlockedCompareExchange64(&age->zero, 0, 0);
}

void age_save(struct age *age, struct age_record *record)
{
    LONGLONG zero = InterlockedCompareExchange64(&age->zero, 0, 0), now = GetTickCount64();

    record->passed = now - zero;
    record->time = get_system_time();
    InterlockedExchange64(&age->saved_zero, zero);
    InterlockedExchange64(&age->saved_at, now);
}

void age_restore(struct age *age, const struct age_record *record, ULONGLONG limit)
{
    UINT64 passed = age_continue(record, get_system_time(), limit);
    LONGLONG now = GetTickCount64();

    age->zero = age->saved_zero = now - passed;
    age->saved_at = age->zero + min(record->passed, limit);
}

BOOL age_is_unsaved(struct age *age, ULONGLONG limit)
{
    if (InterlockedCompareExchange64(&age->saved_zero, 0, 0) != InterlockedCompareExchange64(&age->zero, 0, 0))
        return TRUE;
    return GetTickCount64() - InterlockedCompareExchange64(&age->saved_at, 0, 0) >= limit / AGE_STOPS / SAVES_PER_STOP;
}
