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

static struct queue jobs = QUEUE_INIT(jobs);

void queue_insert(struct queue *queue, struct queue_entry *entry, const GUID *id, LONG *refcount)
{
    entry->id = id;
    entry->refcount = refcount;
    AcquireSRWLockExclusive(&queue->lock);
    list_add_tail(&queue->entries, &entry->entry);
    ReleaseSRWLockExclusive(&queue->lock);
    InterlockedIncrement(refcount);
}

void queue_withdraw(struct queue *queue, struct queue_entry *entry)
{
    AcquireSRWLockExclusive(&queue->lock);
    list_remove(&entry->entry);
    ReleaseSRWLockExclusive(&queue->lock);
}

struct queue_entry *queue_lookup(struct queue *queue, const GUID *id)
{
    struct queue_entry *entry, *found = NULL;

    AcquireSRWLockShared(&queue->lock);
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

    AcquireSRWLockShared(&queue->lock);
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

/* The jobs of the service before this one. */
static struct
{
    struct job **jobs;
    UINT count;
    UINT capacity;
}
loaded; /* touched by the thread that loads */

static SRWLOCK load_lock = SRWLOCK_INIT;
static CONDITION_VARIABLE load_cv = CONDITION_VARIABLE_INIT;
static BOOL is_loaded; /* guarded by load_lock */

static enum record_status load_job(const GUID *id, struct record_reader *reader)
{
    enum record_status status;
    struct job **larger, *job;
    UINT capacity;

    if (loaded.count == loaded.capacity)
    {
        capacity = max(64, loaded.capacity * 2);
        if (!(larger = realloc(loaded.jobs, capacity * sizeof(*larger))))
            return RECORD_NO_MEMORY;
        loaded.jobs = larger;
        loaded.capacity = capacity;
    }
    if ((status = job_decode(id, reader, &job)) != RECORD_OK)
        return status;
    if (job_restore(job))
        loaded.jobs[loaded.count++] = job;
    else
        job_release(job);
    return RECORD_OK;
}

static int __cdecl compare_jobs(const void *a, const void *b)
{
    const struct job *left = *(const struct job * const *)a, *right = *(const struct job * const *)b;

    return CompareFileTime(&left->times.CreationTime, &right->times.CreationTime);
}

void queue_load(BOOL (*is_stopping)(void))
{
    UINT i;

    store_load(&job_store_ops, load_job, is_stopping);
    /* In the order in which they were made, so that they run in that order. */
    if (loaded.count)
        qsort(loaded.jobs, loaded.count, sizeof(*loaded.jobs), compare_jobs);
    for (i = 0; i < loaded.count; i++)
        queue_insert(&jobs, &loaded.jobs[i]->entry, &loaded.jobs[i]->id, &loaded.jobs[i]->refcount);
    AcquireSRWLockExclusive(&load_lock);
    is_loaded = TRUE;
    ReleaseSRWLockExclusive(&load_lock);
    WakeAllConditionVariable(&load_cv);
    TRACE("%u jobs.\n", loaded.count);

    for (i = 0; i < loaded.count; i++)
    {
        if (!is_stopping())
            job_start(loaded.jobs[i]);
        job_release(loaded.jobs[i]);
    }
    if (loaded.count)
        expiry_arm();
    free(loaded.jobs);
    memset(&loaded, 0, sizeof(loaded));
}

static void wait_until_loaded(void)
{
    AcquireSRWLockExclusive(&load_lock);
    while (!is_loaded)
        SleepConditionVariableSRW(&load_cv, &load_lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&load_lock);
}

void queue_add(struct job *job)
{
    queue_insert(&jobs, &job->entry, &job->id, &job->refcount);
    store_add(&job->item, &job_store_ops, &job->id);
    expiry_arm();
}

void queue_remove(struct job *job)
{
    queue_withdraw(&jobs, &job->entry);
    job_release(job);
}

struct job *queue_find(const GUID *id)
{
    struct queue_entry *entry;

    wait_until_loaded();
    entry = queue_lookup(&jobs, id);
    return entry ? CONTAINING_RECORD(entry, struct job, entry) : NULL;
}

HRESULT queue_get_jobs(struct job ***out, UINT *count)
{
    wait_until_loaded();
    return queue_snapshot(&jobs, offsetof(struct job, entry), (void ***)out, count);
}

void queue_shutdown(void)
{
    struct job **list;
    UINT count, i;

    if (FAILED(queue_get_jobs(&list, &count)))
        return;
    TRACE("stopping %u jobs.\n", count);
    for (i = 0; i < count; i++)
    {
        job_halt(list[i]);
        job_release(list[i]);
    }
    free(list);
}

void queue_expire(DWORD seconds)
{
    struct job **list;
    UINT count, i;

    if (FAILED(queue_get_jobs(&list, &count)))
        return;
    for (i = 0; i < count; i++)
    {
        job_expire(list[i], seconds);
        job_release(list[i]);
    }
    free(list);
}
