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

#include "com/dosvc_private.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define TABLE_INIT(table, ops) { &(ops), SRWLOCK_INIT, CONDITION_VARIABLE_INIT, FALSE, LIST_INIT((table).items) }

struct table download_table = TABLE_INIT(download_table, download_store_ops);
struct table job_table = TABLE_INIT(job_table, job_store_ops);

static struct table * const tables[] = { &download_table, &job_table };

void table_insert(struct table *table, struct store_item *item)
{
    AcquireSRWLockExclusive(&table->lock);
    list_add_tail(&table->items, &item->table_entry);
    item->number = ++table->last_number;
    ReleaseSRWLockExclusive(&table->lock);
    store_item_addref(item);
}

void table_withdraw(struct table *table, struct store_item *item)
{
    AcquireSRWLockExclusive(&table->lock);
    list_remove(&item->table_entry);
    ReleaseSRWLockExclusive(&table->lock);
    store_item_release(item);
}

/* Shared. */
static void lock_loaded(struct table *table)
{
    AcquireSRWLockShared(&table->lock);
    while (!table->is_loaded)
        SleepConditionVariableSRW(&table->loaded, &table->lock, INFINITE, CONDITION_VARIABLE_LOCKMODE_SHARED);
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
    const struct store_ops *ops;
    struct store_item **items; /* with a reference each */
    UINT count;
    UINT capacity;
};

static enum record_status load_item(void *context, const GUID *id, struct record_reader *reader)
{
    struct loading *loading = context;
    struct store_item **larger, *item;
    enum record_status status;
    UINT capacity;

    if (loading->count == loading->capacity)
    {
        capacity = max(64, loading->capacity * 2);
        if (!(larger = realloc(loading->items, capacity * sizeof(*larger))))
            return RECORD_NO_MEMORY;
        loading->items = larger;
        loading->capacity = capacity;
    }
    if ((status = loading->ops->decode(id, reader, &item)) != RECORD_OK)
        return status;
    if (loading->ops->restore(item))
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

/* In the order in which they were made, so that they run on in that order. */
static void load_table(struct table *table, BOOL (*is_stopping)(void))
{
    const struct store_ops *ops = table->ops;
    struct loading loading = { ops };
    UINT i;

    store_load(ops, load_item, &loading, is_stopping);
    if (loading.count)
        qsort(loading.items, loading.count, sizeof(*loading.items), compare_items);
    for (i = 0; i < loading.count; i++)
        table_insert(table, loading.items[i]);
    AcquireSRWLockExclusive(&table->lock);
    table->is_loaded = TRUE;
    ReleaseSRWLockExclusive(&table->lock);
    WakeAllConditionVariable(&table->loaded);
    TRACE("%u of %s.\n", loading.count, debugstr_w(ops->extension));

    for (i = 0; i < loading.count; i++)
    {
        if (!is_stopping())
            ops->start(loading.items[i]);
        store_item_release(loading.items[i]);
    }
    if (loading.count)
        expiry_look();
    free(loading.items);
}

void tables_load(BOOL (*is_stopping)(void))
{
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tables); i++)
        load_table(tables[i], is_stopping);
}

static void halt_item(struct store_item *item, const void *context)
{
    item->ops->halt(item);
}

void tables_shutdown(void)
{
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tables); i++)
        table_for_each(tables[i], halt_item, NULL);
}

static void forget_client(struct store_item *item, const void *context)
{
    item->ops->forget_client(item, context);
}

void tables_forget_client(const struct client *client)
{
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tables); i++)
        table_for_each(tables[i], forget_client, client);
}

static void expire_item(struct store_item *item, const void *context)
{
    const ULONGLONG *limit = context;

    item->ops->expire(item, *limit);
}

void tables_expire(void)
{
    ULONGLONG limit;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tables); i++)
    {
        limit = expiry_get_limit(tables[i]->ops);
        table_for_each(tables[i], expire_item, &limit);
    }
}
