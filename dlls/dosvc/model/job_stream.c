/*
 * Streams of clients in place of the files of a job
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

#include "model/job.h"
#include "disk/sink.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define COMMIT_TIME 750 /* milliseconds for which a client waits for the stream of another one */

/* Stream, and the call of Commit for it. */
struct job_stream
{
    struct client_stream stream;
    struct job_file *file; /* borrowed */
    struct task commit;    /* has a reference to the job while it is scheduled */

    /* guarded by job->lock */
    BOOL is_committing;
    HRESULT commit_hr;     /* of the last call */
    CONDITION_VARIABLE committed;
};

static inline struct job_stream *impl_from_task(struct task *task)
{
    return CONTAINING_RECORD(task, struct job_stream, commit);
}

static void commit_addref(struct task *task)
{
    struct job_stream *stream = impl_from_task(task);

    client_stream_addref(&stream->stream);
    store_item_addref(&stream->file->job->item);
}

static void commit_release(struct task *task)
{
    struct job_stream *stream = impl_from_task(task);

    job_release(stream->file->job);
    client_stream_release(&stream->stream);
}

static void commit_run(struct task *task)
{
    struct job_stream *stream = impl_from_task(task);
    struct job_file *file = stream->file;
    BOOL is_wanted;
    HRESULT hr;

    AcquireSRWLockShared(&file->job->lock);
    is_wanted = file->stream == &stream->stream; /* else the job was cancelled meanwhile */
    ReleaseSRWLockShared(&file->job->lock);
    hr = is_wanted ? IStream_Commit((IStream *)stream->stream.stream, STGC_DEFAULT) : DO_E_INVALID_STATE;
    TRACE("hr %#lx.\n", hr);
    AcquireSRWLockExclusive(&file->job->lock);
    stream->commit_hr = FAILED(hr) && hr != E_NOTIMPL ? hr : S_OK;
    stream->is_committing = FALSE;
    file->is_completed = SUCCEEDED(stream->commit_hr);
    WakeAllConditionVariable(&stream->committed);
    ReleaseSRWLockExclusive(&file->job->lock);
}

static const struct task_ops commit_ops = { commit_run, commit_addref, commit_release };

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
    client_stream_release(stream);
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

/* Commit a stream, or wait for a call that is under way. It is made on a task unless the client that owns the stream
 * waits for it, for any other client must not wait for one that is stuck. */
static HRESULT commit_file(struct job_file *file)
{
    ULONGLONG now = GetTickCount64(), end = now + COMMIT_TIME;
    struct client *client = client_get_current();
    struct job_stream *stream = NULL;
    BOOL is_new = FALSE, is_completed;
    HRESULT hr;

    AcquireSRWLockExclusive(&file->job->lock);
    is_completed = file->is_completed; /* by a call that was under way a moment ago */
    if (!is_completed && file->stream)
    {
        stream = CONTAINING_RECORD(client_stream_addref(file->stream), struct job_stream, stream);
        is_new = !stream->is_committing;
        stream->is_committing = TRUE;
    }
    ReleaseSRWLockExclusive(&file->job->lock);
    if (is_new && stream->stream.client == client)
        commit_run(&stream->commit);
    else if (is_new)
        task_schedule(&stream->commit, 0);
    client_release(client);
    if (!stream)
        return is_completed ? S_OK : DO_E_INVALID_STATE;

    AcquireSRWLockExclusive(&file->job->lock);
    while (stream->is_committing && now < end)
    {
        SleepConditionVariableSRW(&stream->committed, &file->job->lock, end - now, 0);
        now = GetTickCount64();
    }
    hr = stream->is_committing ? RPC_E_TIMEOUT : stream->commit_hr;
    ReleaseSRWLockExclusive(&file->job->lock);
    client_stream_release(&stream->stream);
    return hr;
}

/* The first file whose stream has been filled and not been committed, or NULL. */
static struct job_file *get_uncommitted(struct job *job)
{
    struct job_file *file, *found = NULL;
    UINT i;

    AcquireSRWLockShared(&job->lock);
    for (i = 0; i < job->file_count && !found; i++)
    {
        file = job->files[i];
        if (file->stream && !file->is_completed && file->transfer->state == TRANSFER_DONE)
            found = file;
    }
    ReleaseSRWLockShared(&job->lock);
    return found;
}

HRESULT job_commit_streams(struct job *job)
{
    struct job_file *file;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && (file = get_uncommitted(job)))
        hr = commit_file(file);
    return hr;
}

static HRESULT create_stream(struct job_file *file, IUnknown *unknown, struct client_stream **out)
{
    struct job_stream *stream;
    HRESULT hr;

    if (FAILED(hr = client_stream_create(sizeof(*stream), unknown, FALSE, out)))
        return hr;
    stream = CONTAINING_RECORD(*out, struct job_stream, stream);
    stream->file = file;
    task_init(&stream->commit, &commit_ops, client_get_calls(stream->stream.client));
    InitializeConditionVariable(&stream->committed);
    return S_OK;
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
    else if (SUCCEEDED(made = create_stream(file, unknown, &stream)))
        made = stream_sink_create(stream, TRUE, &sink);

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
    client_stream_release(stream);
    return hr;
}
