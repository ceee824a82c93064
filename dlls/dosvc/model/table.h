/*
 * Tables of items: the jobs and the downloads that are not final
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

#ifndef __DOSVC_TABLE_H
#define __DOSVC_TABLE_H

#include "client/client.h"
#include "base/policy.h"
#include "base/settings.h"

/* Locks, in the order in which they are taken:
 *   job->operation       Resume, Suspend, Complete, Cancel and adding files, one at a time
 *   job->lock            the job and all its transfers
 *   download->operation  Start, Pause, Abort, Finalize and SetProperty, one at a time
 *   download->lock       the download and its transfer
 *   the locks of the tables, the clients, the engine, the tasks and the store: leaves
 * Locks of two jobs or downloads are never held at once.
 * No lock is held while a client is called or a foreign interface released. */

struct table;

/* Functions of the items of a table; called without a lock. */
struct table_ops
{
    struct store_ops store;
    /* Create an item of the table as its record tells. */
    enum record_status (*decode)(struct table *table, const GUID *id, struct record_reader *reader,
            struct store_item **item);
    /* Give an item that was decoded its place in the store. FALSE: it was about to end, and is now gone. */
    BOOL (*restore)(struct store_item *item);
    void (*start)(struct store_item *item); /* let it run on, if it did before the service stopped */
    void (*halt)(struct store_item *item);  /* stop it, since the service stops */
    void (*expire)(struct store_item *item, ULONGLONG limit); /* end it if it is older than so many milliseconds */
    void (*forget_client)(struct store_item *item, const struct client *client); /* whose process is gone */
};

/* Items in the order of their making. A table holds a reference to each. */
struct table
{
    const struct table_ops *ops;
    const struct callback_ops *callbacks; /* set before the table is loaded */
    enum setting expiry_setting; /* of the age that an item may reach */
    enum policy expiry_policy;   /* shortens it; POLICY_COUNT: none */
    SRWLOCK lock;
    CONDITION_VARIABLE loaded; /* with lock */
    BOOL is_loaded;            /* guarded by lock; what the service before this one had is there */
    struct list items;         /* struct store_item */
    UINT64 last_number;        /* of an item */
    struct task expiry;        /* looks for items that are too old */
};

#define TABLE_INIT(table, ops, expiry_setting, expiry_policy) { &(ops), NULL, expiry_setting, expiry_policy, \
        SRWLOCK_INIT, \
        CONDITION_VARIABLE_INIT, FALSE, LIST_INIT((table).items), 0, \
        { &table_expiry_ops, &service_tasks, TASK_IDLE, { NULL }, TASK_NEVER } }

extern const struct task_ops table_expiry_ops;

/* Prepare an item for a table: with one reference, and in neither the table nor the store yet. */
extern void table_init_item(struct table *table, struct store_item *item, const GUID *id);
extern void table_insert(struct store_item *item);
/* Drop the reference of the table. */
extern void table_withdraw(struct store_item *item);
/* Wait until all has been loaded. Before, no item may be made that gets a record: it would be loaded, too. */
extern void table_wait_loaded(struct table *table);
/* Return an item with a reference, or NULL. This and the next two wait likewise. */
extern struct store_item *table_lookup(struct table *table, const GUID *id);
/* Return references to all; the caller releases them and frees the array. */
extern HRESULT table_snapshot(struct table *table, struct store_item ***items, UINT *count);
/* Visit each of such a snapshot, without a lock: it may be withdrawn meanwhile. */
extern void table_for_each(struct table *table, void (*visit)(struct store_item *item, const void *context),
        const void *context);
/* Read what the service before this one had, and let it run on. Clients that ask for it, or create an item, wait. */
extern void table_load(struct table *table, BOOL (*is_stopping)(void));
extern void table_halt(struct table *table);
extern void table_forget_client(struct table *table, const struct client *client);
extern ULONGLONG table_get_expiry(const struct table *table); /* milliseconds */
/* Tell the client of an event of the item, whose lock is held exclusively. FALSE if nobody is told. */
static inline BOOL table_tell_locked(struct store_item *item, UINT event)
{
    return item->table->callbacks->tell_locked(item, event);
}

/* Age of an item, by the clock that does not jump, while the service runs. All members are tick counts, before the
 * start of the machine too; interlocked. */
struct age
{
    LONGLONG zero;       /* when it was or would have been 0 */
    LONGLONG saved_zero; /* the same as the record has it, */
    LONGLONG saved_at;   /* which is from then */
};

extern void age_start(struct age *age);
extern ULONGLONG age_get(struct age *age); /* milliseconds */
extern void age_save(struct age *age, struct age_record *record);
extern void age_restore(struct age *age, const struct age_record *record, ULONGLONG limit);
/* Return whether the record is so old that it has to be written again. */
extern BOOL age_is_unsaved(struct age *age, ULONGLONG limit);

#endif /* __DOSVC_TABLE_H */
