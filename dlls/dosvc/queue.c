/*
 * The queue: all jobs that are not final
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

static SRWLOCK queue_lock = SRWLOCK_INIT;
static struct list queue = LIST_INIT(queue);

void queue_add(struct job *job)
{
    AcquireSRWLockExclusive(&queue_lock);
    list_add_tail(&queue, &job->entry);
    ReleaseSRWLockExclusive(&queue_lock);
    job_addref(job);
}

void queue_remove(struct job *job)
{
    AcquireSRWLockExclusive(&queue_lock);
    list_remove(&job->entry);
    ReleaseSRWLockExclusive(&queue_lock);
    job_release(job);
}

struct job *queue_find(const GUID *id)
{
    struct job *job, *found = NULL;

    AcquireSRWLockShared(&queue_lock);
    LIST_FOR_EACH_ENTRY(job, &queue, struct job, entry)
    {
        if (IsEqualGUID(&job->id, id))
        {
            found = job_addref(job);
            break;
        }
    }
    ReleaseSRWLockShared(&queue_lock);
    return found;
}

HRESULT queue_get_jobs(struct job ***out, UINT *count)
{
    struct job **jobs, *job;
    UINT i = 0;

    AcquireSRWLockShared(&queue_lock);
    if (!(jobs = calloc(list_count(&queue) + 1, sizeof(*jobs))))
    {
        ReleaseSRWLockShared(&queue_lock);
        return E_OUTOFMEMORY;
    }
    LIST_FOR_EACH_ENTRY(job, &queue, struct job, entry)
        jobs[i++] = job_addref(job);
    ReleaseSRWLockShared(&queue_lock);
    *out = jobs;
    *count = i;
    return S_OK;
}

void queue_shutdown(void)
{
    struct job **jobs;
    UINT count, i;

    if (FAILED(queue_get_jobs(&jobs, &count)))
        return;
    TRACE("stopping %u jobs.\n", count);
    for (i = 0; i < count; i++)
    {
        job_halt(jobs[i]);
        job_release(jobs[i]);
    }
    free(jobs);
}
