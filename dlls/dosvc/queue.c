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

void queue_add(struct job *job)
{
    queue_insert(&jobs, &job->entry, &job->id, &job->refcount);
}

void queue_remove(struct job *job)
{
    queue_withdraw(&jobs, &job->entry);
    job_release(job);
}

struct job *queue_find(const GUID *id)
{
    struct queue_entry *entry = queue_lookup(&jobs, id);

    return entry ? CONTAINING_RECORD(entry, struct job, entry) : NULL;
}

HRESULT queue_get_jobs(struct job ***out, UINT *count)
{
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
