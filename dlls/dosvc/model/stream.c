/*
 * Streams of clients in place of files: as sinks of transfers, and in jobs
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

/* Nothing but Write is called while the bytes flow, and its count of bytes is
 * not looked at: a success means that all were taken. The client may be slow,
 * stuck or dead; whoever holds a lock must not come here. */

#include "com/dosvc_private.h"
#include "disk/sink.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define COMMIT_TIME 750 /* milliseconds for which a client waits for the stream of another one */

struct stream_sink
{
    struct sink sink;
    struct client_stream *stream; /* owned */
    BOOL is_full;              /* it is an IStream, and may be rewound */
};

static inline struct stream_sink *impl_from_sink(struct sink *sink)
{
    return CONTAINING_RECORD(sink, struct stream_sink, sink);
}

static struct client_stream *client_stream_addref(struct client_stream *stream)
{
    InterlockedIncrement(&stream->refcount);
    return stream;
}

static HRESULT stream_sink_set_length(struct sink *sink, UINT64 length, UINT64 to_write)
{
    IStream *stream = (IStream *)impl_from_sink(sink)->stream->stream;
    static const LARGE_INTEGER begin;
    ULARGE_INTEGER size;
    HRESULT hr;

    if (!impl_from_sink(sink)->is_full)
        return E_NOTIMPL;
    size.QuadPart = length;
    if (SUCCEEDED(hr = IStream_Seek(stream, begin, STREAM_SEEK_SET, NULL)))
        hr = IStream_SetSize(stream, size);
    TRACE("rewinding, hr %#lx.\n", hr);
    return hr;
}

static HRESULT stream_sink_write(struct sink *sink, UINT64 offset, const void *data, DWORD size)
{
    ULONG written = 0;
    HRESULT hr;

    if (FAILED(hr = ISequentialStream_Write(impl_from_sink(sink)->stream->stream, data, size, &written)))
        WARN("writing %lu bytes failed, hr %#lx.\n", size, hr);
    return FAILED(hr) ? hr : S_OK;
}

/* To open, flush and abandon: what the client has taken is in its hands. */
static HRESULT stream_sink_leave(struct sink *sink)
{
    return S_OK;
}

static HRESULT stream_sink_close(struct sink *sink, enum sink_end end)
{
    return S_OK;
}

/* Complete calls job_commit_streams before, without a lock. */
static HRESULT stream_sink_commit(struct sink *sink, const WCHAR *path, BOOL is_free, BOOL is_replacing,
        UINT64 modified)
{
    return S_OK;
}

static void stream_sink_destroy(struct sink *sink)
{
    struct stream_sink *stream_sink = impl_from_sink(sink);

    client_stream_release(stream_sink->stream);
    free(stream_sink);
}

static const struct sink_ops stream_sink_ops =
{
    stream_sink_leave,
    stream_sink_set_length,
    stream_sink_write,
    stream_sink_close,
    stream_sink_leave,
    stream_sink_commit,
    stream_sink_leave,
    stream_sink_destroy,
};

HRESULT stream_sink_create(struct client_stream *stream, BOOL is_full, struct sink **out)
{
    struct stream_sink *stream_sink;

    if (!(stream_sink = calloc(1, sizeof(*stream_sink))))
        return E_OUTOFMEMORY;
    stream_sink->sink.ops = &stream_sink_ops;
    stream_sink->sink.is_sequential = TRUE;
    stream_sink->sink.refcount = 1;
    stream_sink->stream = client_stream_addref(stream);
    stream_sink->is_full = is_full;
    *out = &stream_sink->sink;
    return S_OK;
}

static void commit_addref(struct task *task)
{
    struct client_stream *stream = CONTAINING_RECORD(task, struct client_stream, commit);

    client_stream_addref(stream);
    store_item_addref(&stream->file->job->item);
}

static void commit_release(struct task *task)
{
    struct client_stream *stream = CONTAINING_RECORD(task, struct client_stream, commit);

    job_release(stream->file->job);
    client_stream_release(stream);
}

static void commit_run(struct task *task)
{
    struct client_stream *stream = CONTAINING_RECORD(task, struct client_stream, commit);
    struct job_file *file = stream->file;
    BOOL is_wanted;
    HRESULT hr;

    AcquireSRWLockShared(&file->job->lock);
    is_wanted = file->stream == stream; /* else the job was cancelled meanwhile */
    ReleaseSRWLockShared(&file->job->lock);
    hr = is_wanted ? IStream_Commit((IStream *)stream->stream, STGC_DEFAULT) : DO_E_INVALID_STATE;
    TRACE("hr %#lx.\n", hr);
    AcquireSRWLockExclusive(&file->job->lock);
    stream->commit_hr = FAILED(hr) && hr != E_NOTIMPL ? hr : S_OK;
    stream->is_committing = FALSE;
    file->is_completed = SUCCEEDED(stream->commit_hr);
    WakeAllConditionVariable(&stream->committed);
    ReleaseSRWLockExclusive(&file->job->lock);
}

static const struct task_ops commit_ops = { commit_run, commit_addref, commit_release };

static HRESULT query_stream(IUnknown *unknown, BOOL is_sequential_enough, ISequentialStream **stream)
{
    if (SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_IStream, (void **)stream)))
        return S_OK;
    if (is_sequential_enough && SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_ISequentialStream, (void **)stream)))
        return S_OK;
    *stream = NULL;
    return E_NOINTERFACE;
}

HRESULT client_stream_create(IUnknown *unknown, BOOL is_sequential_enough, struct client_stream **out)
{
    struct client_stream *stream;
    HRESULT hr;

    if (!(stream = calloc(1, sizeof(*stream))))
        return E_OUTOFMEMORY;
    stream->refcount = 1;
    stream->client = client_get_current();
    task_init(&stream->commit, &commit_ops, client_get_calls(stream->client));
    InitializeConditionVariable(&stream->committed);
    if (FAILED(hr = query_stream(unknown, is_sequential_enough, &stream->stream)))
    {
        client_stream_release(stream);
        return hr;
    }
    stream->unknown = unknown;
    IUnknown_AddRef(unknown);
    *out = stream;
    return S_OK;
}

void client_stream_release(struct client_stream *stream)
{
    if (!stream || InterlockedDecrement(&stream->refcount))
        return;
    client_release_object(stream->client, (IUnknown *)stream->stream);
    client_release_object(stream->client, stream->unknown);
    client_release(stream->client);
    free(stream);
}

BOOL client_stream_is_of(const struct client_stream *stream, const struct client *client)
{
    return stream && stream->client == client;
}

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
    struct client_stream *stream = NULL;
    BOOL is_new = FALSE, is_completed;
    HRESULT hr;

    AcquireSRWLockExclusive(&file->job->lock);
    is_completed = file->is_completed; /* by a call that was under way a moment ago */
    if (!is_completed && (stream = file->stream))
    {
        client_stream_addref(stream);
        is_new = !stream->is_committing;
        stream->is_committing = TRUE;
        stream->file = file;
    }
    ReleaseSRWLockExclusive(&file->job->lock);
    if (is_new && stream->client == client)
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
    client_stream_release(stream);
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
