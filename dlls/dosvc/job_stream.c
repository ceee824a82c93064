/*
 * A client's stream in place of a file of a job
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
#include "sink.h"

/* No Write begins any more after Suspend; a file may get what is in flight. */
void job_drain_streams(struct job *job)
{
    UINT i;

    for (i = 0; i < job->file_count; i++)
    {
        if (job->files[i]->stream)
            transfer_drain(job->files[i]->transfer);
    }
}

static void release_stream(struct job_file *file)
{
    struct client_stream *stream;

    AcquireSRWLockExclusive(&file->job->lock);
    stream = file->stream;
    file->stream = NULL;
    ReleaseSRWLockExclusive(&file->job->lock);
    if (stream)
        transfer_set_stream(file->transfer, NULL);
    client_stream_destroy(stream);
}

void job_release_streams(struct job *job)
{
    UINT i;

    for (i = 0; i < job->file_count; i++)
        release_stream(job->files[i]);
}

/* The worker may be waiting for the server, and not notice for minutes. */
void job_forget_client(struct store_item *item, const struct client *client)
{
    const struct failure failure = failure_from_sink(RPC_E_DISCONNECTED);
    struct job *job = job_from_item(item);
    UINT i;

    AcquireSRWLockExclusive(&job->lock);
    for (i = 0; i < job->file_count; i++)
    {
        if (client_stream_is_of(job->files[i]->stream, client))
            engine_fail_locked(job->files[i]->transfer, &failure);
    }
    ReleaseSRWLockExclusive(&job->lock);
}

/* The first stream that has been filled and not been committed, with a reference. */
static struct job_file *get_uncommitted(struct job *job, ISequentialStream **stream)
{
    struct job_file *file, *found = NULL;
    UINT i;

    AcquireSRWLockShared(&job->lock);
    for (i = 0; i < job->file_count; i++)
    {
        file = job->files[i];
        if (!file->stream || file->is_completed || file->transfer->state != TRANSFER_DONE)
            continue;
        *stream = file->stream->stream;
        ISequentialStream_AddRef(*stream);
        found = file;
        break;
    }
    ReleaseSRWLockShared(&job->lock);
    return found;
}

/* Calls the client, so without a lock: it may call us from there. */
HRESULT job_commit_streams(struct job *job)
{
    ISequentialStream *stream;
    struct job_file *file;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && (file = get_uncommitted(job, &stream)))
    {
        if (SUCCEEDED(hr = stream_commit(stream)))
        {
            AcquireSRWLockExclusive(&job->lock);
            file->is_completed = TRUE;
            ReleaseSRWLockExclusive(&job->lock);
        }
        ISequentialStream_Release(stream);
    }
    return hr;
}

HRESULT file_set_stream(struct job_file *file, IUnknown *unknown)
{
    struct client_stream *stream = NULL, *previous;
    struct job *job = file->job;
    struct sink *sink = NULL;
    HRESULT hr, made;

    /* The state is the first thing to be looked at, but the client cannot be
     * asked for its interface under a lock. */
    if (!unknown)
        made = E_INVALIDARG;
    else if (SUCCEEDED(made = client_stream_create(unknown, FALSE, &stream)))
        made = stream_sink_create(stream->stream, TRUE, &sink);

    AcquireSRWLockExclusive(&job->operation);
    AcquireSRWLockExclusive(&job->lock);
    if (job->state != BG_JOB_STATE_SUSPENDED && job->state != BG_JOB_STATE_ERROR)
        hr = DO_E_INVALID_STATE;
    else if (SUCCEEDED(hr = made) && file->transfer->path)
        hr = DO_E_FILE_DOWNLOADSINK_ALREADY_SET;
    if (SUCCEEDED(hr))
    {
        previous = file->stream;
        file->stream = stream;
        stream = previous;
        job_touch_locked(job);
    }
    ReleaseSRWLockExclusive(&job->lock);
    if (SUCCEEDED(hr))
        hr = transfer_set_stream(file->transfer, sink);
    else
        sink_release(sink);
    ReleaseSRWLockExclusive(&job->operation);
    client_stream_destroy(stream);
    return hr;
}
