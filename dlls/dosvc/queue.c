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

#include "dosvc_private.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

void queue_entry_init(struct queue_entry *entry, const GUID *id, LONG *refcount)
{
    entry->id = id;
    entry->refcount = refcount;
}

void queue_insert(struct queue *queue, struct queue_entry *entry)
{
    AcquireSRWLockExclusive(&queue->lock);
    list_add_tail(&queue->entries, &entry->entry);
    ReleaseSRWLockExclusive(&queue->lock);
    InterlockedIncrement(entry->refcount);
}

void queue_withdraw(struct queue *queue, struct queue_entry *entry)
{
    AcquireSRWLockExclusive(&queue->lock);
    list_remove(&entry->entry);
    ReleaseSRWLockExclusive(&queue->lock);
    queue->ops->release(entry);
}

/* Shared. */
static void lock_loaded(struct queue *queue)
{
    AcquireSRWLockShared(&queue->lock);
    while (!queue->is_loaded)
        SleepConditionVariableSRW(&queue->loaded, &queue->lock, INFINITE, CONDITION_VARIABLE_LOCKMODE_SHARED);
}

struct queue_entry *queue_lookup(struct queue *queue, const GUID *id)
{
    struct queue_entry *entry, *found = NULL;

    lock_loaded(queue);
    LIST_FOR_EACH_ENTRY(entry, &queue->entries, struct queue_entry, entry)
    {
        if (IsEqualGUID(entry->id, id))
        {
            InterlockedIncrement(entry->refcount);
            found = entry;
            break;
        }
    }
    ReleaseSRWLockShared(&queue->lock);
    return found;
}

HRESULT queue_snapshot(struct queue *queue, size_t offset, void ***out, UINT *count)
{
    struct queue_entry *entry;
    void **items;
    UINT i = 0;

    lock_loaded(queue);
    if (!(items = calloc(list_count(&queue->entries) + 1, sizeof(*items))))
    {
        ReleaseSRWLockShared(&queue->lock);
        return E_OUTOFMEMORY;
    }
    LIST_FOR_EACH_ENTRY(entry, &queue->entries, struct queue_entry, entry)
    {
        InterlockedIncrement(entry->refcount);
        items[i++] = (char *)entry - offset;
    }
    ReleaseSRWLockShared(&queue->lock);
    *out = items;
    *count = i;
    return S_OK;
}

void queue_for_each(struct queue *queue, void (*visit)(struct queue_entry *entry, const void *context),
        const void *context)
{
    struct queue_entry **entries;
    UINT count, i;

    if (FAILED(queue_snapshot(queue, 0, (void ***)&entries, &count)))
        return;
    for (i = 0; i < count; i++)
    {
        visit(entries[i], context);
        queue->ops->release(entries[i]);
    }
    free(entries);
}

struct loaded_entry
{
    struct queue_entry *entry; /* with a reference */
    UINT64 created;
};

struct loading
{
    const struct queue_ops *ops;
    struct loaded_entry *entries;
    UINT count;
    UINT capacity;
};

static enum record_status load_entry(void *context, const GUID *id, struct record_reader *reader)
{
    struct loading *loading = context;
    struct loaded_entry *larger, *loaded;
    enum record_status status;
    UINT capacity;

    if (loading->count == loading->capacity)
    {
        capacity = max(64, loading->capacity * 2);
        if (!(larger = realloc(loading->entries, capacity * sizeof(*larger))))
            return RECORD_NO_MEMORY;
        loading->entries = larger;
        loading->capacity = capacity;
    }
    loaded = &loading->entries[loading->count];
    if ((status = loading->ops->load(id, reader, &loaded->entry, &loaded->created)) == RECORD_OK && loaded->entry)
        loading->count++;
    return status;
}

static int __cdecl compare_entries(const void *a, const void *b)
{
    const struct loaded_entry *left = a, *right = b;

    return left->created < right->created ? -1 : left->created > right->created;
}

void queue_load(struct queue *queue, BOOL (*is_stopping)(void))
{
    const struct queue_ops *ops = queue->ops;
    struct loading loading = { ops };
    UINT i;

    store_load(ops->store, load_entry, &loading, is_stopping);
    if (loading.count)
        qsort(loading.entries, loading.count, sizeof(*loading.entries), compare_entries);
    for (i = 0; i < loading.count; i++)
        queue_insert(queue, loading.entries[i].entry);
    AcquireSRWLockExclusive(&queue->lock);
    queue->is_loaded = TRUE;
    ReleaseSRWLockExclusive(&queue->lock);
    WakeAllConditionVariable(&queue->loaded);
    TRACE("%u of %s.\n", loading.count, debugstr_w(ops->store->extension));

    for (i = 0; i < loading.count; i++)
    {
        if (!is_stopping())
            ops->start(loading.entries[i].entry);
        ops->release(loading.entries[i].entry);
    }
    if (loading.count)
        expiry_look();
    free(loading.entries);
}

/* Jobs. */

static struct job *job_from_entry(struct queue_entry *entry)
{
    return CONTAINING_RECORD(entry, struct job, entry);
}

static enum record_status load_job(const GUID *id, struct record_reader *reader, struct queue_entry **entry,
        UINT64 *created)
{
    enum record_status status;
    struct job *job;

    *entry = NULL;
    if ((status = job_decode(id, reader, &job)) != RECORD_OK)
        return status;
    *created = (UINT64)job->times.CreationTime.dwHighDateTime << 32 | job->times.CreationTime.dwLowDateTime;
    if (job_restore(job))
        *entry = &job->entry;
    else
        job_release(job);
    return RECORD_OK;
}

static void start_job(struct queue_entry *entry)
{
    job_start(job_from_entry(entry));
}

static void release_job(struct queue_entry *entry)
{
    job_release(job_from_entry(entry));
}

static const struct queue_ops job_queue_ops =
{
    &job_store_ops,
    load_job,
    start_job,
    release_job,
};

static struct queue jobs = QUEUE_INIT(jobs, job_queue_ops);

void queue_load_jobs(BOOL (*is_stopping)(void))
{
    queue_load(&jobs, is_stopping);
}

HRESULT queue_add(struct job *job)
{
    HRESULT hr;

    store_add(&job->item, &job_store_ops, &job->id);
    if (FAILED(hr = job_sync(job)))
    {
        store_remove(&job->item);
        return hr;
    }
    queue_insert(&jobs, &job->entry);
    expiry_arm();
    return S_OK;
}

void queue_remove(struct job *job)
{
    queue_withdraw(&jobs, &job->entry);
}

struct job *queue_find(const GUID *id)
{
    struct queue_entry *entry = queue_lookup(&jobs, id);

    return entry ? job_from_entry(entry) : NULL;
}

HRESULT queue_get_jobs(struct job ***out, UINT *count)
{
    return queue_snapshot(&jobs, offsetof(struct job, entry), (void ***)out, count);
}

static void halt_job(struct queue_entry *entry, const void *context)
{
    job_halt(job_from_entry(entry));
}

void queue_shutdown(void)
{
    queue_for_each(&jobs, halt_job, NULL);
}

static void forget_client(struct queue_entry *entry, const void *context)
{
    job_forget_client(job_from_entry(entry), context);
}

void queue_forget_client(const struct client *client)
{
    queue_for_each(&jobs, forget_client, client);
}

static void expire_job(struct queue_entry *entry, const void *context)
{
    const ULONGLONG *limit = context;

    job_expire(job_from_entry(entry), *limit);
}

void queue_expire(ULONGLONG limit)
{
    queue_for_each(&jobs, expire_job, &limit);
}
