/*
 * How the files of a job become visible, or what is in streams in their place
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

/* Under Wine a rename to a name that is missing looks at all names of the folder,
 * since one of them may differ by case only. For a thousand files in one folder
 * that takes longer than everything else, so we look once for all of them. */

#include <stdlib.h>

#include "model/job.h"
#include "base/base.h"
#include "base/path.h"
#include "disk/sink.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define COMMIT_TIME    750 /* milliseconds for which a client waits for the stream of another one */
#define FLUSH_THREADS  32 /* folders, which mostly wait for the disk */
#define COMMIT_THREADS 4  /* wineserver renames one file at a time; what is around that takes longer */

HRESULT job_flush_files(struct job *job, BOOL is_parking)
{
    struct transfer **transfers;
    HRESULT hr = S_OK;
    UINT count = 0, i;

    AcquireSRWLockExclusive(&job->flush);
    AcquireSRWLockShared(&job->lock);
    transfers = calloc(job->file_count, sizeof(*transfers));
    for (i = 0; transfers && i < job->file_count; i++)
    {
        if (transfer_is_unflushed_locked(job->files[i]->transfer))
            transfers[count++] = job->files[i]->transfer;
    }
    /* Files are never taken out of a job. */
    ReleaseSRWLockShared(&job->lock);
    if (!transfers && job->file_count)
        hr = E_OUTOFMEMORY;
    else if (count)
        hr = transfer_flush_all(transfers, count);
    for (i = 0; i < count && is_parking; i++)
        transfer_park(transfers[i]);
    ReleaseSRWLockExclusive(&job->flush);
    free(transfers);
    return hr;
}

HRESULT job_record_ending(struct job *job, enum job_ending ending)
{
    AcquireSRWLockExclusive(&job->lock);
    job->ending = ending;
    store_change(&job->item);
    ReleaseSRWLockExclusive(&job->lock);
    return store_sync(&job->item);
}

struct target
{
    struct job_file *file;
    const WCHAR *path;  /* of the file */
    UINT folder_length; /* characters of the path, with the separator */
    BOOL is_free;       /* nothing in the folder has the name, in whatever case */
};

struct commit_batch
{
    struct job *job;
    struct target *targets; /* in the order in which the files were added */
    struct target **sorted; /* the same, by folder */
    UINT count;
    BOOL is_path_shared;    /* then the last of them is to win */
    HRESULT flush_hr;       /* of its files */
    UINT first_failed;      /* guarded by the job's lock */
    HRESULT hr;             /* of that one */
};

static void commit_one(void *context, UINT index)
{
    struct commit_batch *batch = context;
    struct target *target = &batch->targets[index];
    struct job_file *file = target->file;
    HRESULT hr;

    if (file->is_completed)
        return;
    hr = transfer_commit(file->transfer, target->is_free);
    crash_point("a committed file");
    if (FAILED(hr))
        WARN("cannot complete %s, hr %#lx.\n", debugstr_w(target->path), hr);
    AcquireSRWLockExclusive(&batch->job->lock);
    file->is_completed = SUCCEEDED(hr);
    if (FAILED(hr) && index < batch->first_failed)
    {
        batch->first_failed = index;
        batch->hr = hr;
    }
    ReleaseSRWLockExclusive(&batch->job->lock);
}

/* Compare names as file systems do. */
static int compare_names(const WCHAR *first, int first_length, const WCHAR *second, int second_length)
{
    return CompareStringOrdinal(first, first_length, second, second_length, TRUE) - CSTR_EQUAL;
}

static int compare_targets(const void *a, const void *b)
{
    const struct target *first = *(const struct target * const *)a, *second = *(const struct target * const *)b;
    UINT length = first->folder_length;
    int ret = 0;

    if (length != second->folder_length)
        return length < second->folder_length ? -1 : 1;
    /* Compare bytes first: mostly the folder is the same. */
    if (memcmp(first->path, second->path, length * sizeof(*first->path)))
        ret = compare_names(first->path, length, second->path, length);
    return ret ? ret : compare_names(first->path + length, -1, second->path + length, -1);
}

static BOOL is_path_shared(const struct commit_batch *batch)
{
    UINT i;

    for (i = 1; i < batch->count; i++)
    {
        if (!compare_targets(&batch->sorted[i - 1], &batch->sorted[i]))
            return TRUE;
    }
    return FALSE;
}

static UINT count_neighbours(struct target * const *sorted, UINT count)
{
    UINT length = sorted[0]->folder_length, i = 1;

    while (i < count && sorted[i]->folder_length == length
            && !compare_names(sorted[i]->path, length, sorted[0]->path, length))
        i++;
    return i;
}

/* Return the folder with room for a name in it, or NULL. */
static WCHAR *copy_folder(const struct target *target)
{
    WCHAR *copy = calloc(target->folder_length + MAX_PATH, sizeof(*copy));

    if (copy)
        memcpy(copy, target->path, target->folder_length * sizeof(*copy));
    return copy;
}

/* Find out which targets, all in one folder, are free: none when the folder cannot be looked through. */
static void find_free(struct target **sorted, UINT count)
{
    struct target key = { .folder_length = sorted[0]->folder_length }, *searched = &key, **found;
    WCHAR *path = copy_folder(sorted[0]);
    WIN32_FIND_DATAW data;
    HANDLE find;
    UINT i;

    if (!(key.path = path))
        return;
    path[key.folder_length] = '*';
    find = FindFirstFileExW(path, FindExInfoBasic, &data, FindExSearchNameMatch, NULL, 0);
    if (find != INVALID_HANDLE_VALUE)
    {
        for (i = 0; i < count; i++)
            sorted[i]->is_free = TRUE;
        do
        {
            wcscpy_s(path + key.folder_length, MAX_PATH, data.cFileName);
            if ((found = bsearch(&searched, sorted, count, sizeof(*sorted), compare_targets)))
                (*found)->is_free = FALSE;
        } while (FindNextFileW(find, &data));
        for (i = 0; i < count && GetLastError() != ERROR_NO_MORE_FILES; i++)
            sorted[i]->is_free = FALSE;
        FindClose(find);
    }
    free(path);
}

/* Find out which targets are free, except in a folder with only one, which is not worth it. */
static void find_free_targets(struct commit_batch *batch)
{
    UINT i, count;

    for (i = 0; i < batch->count; i += count)
    {
        if ((count = count_neighbours(batch->sorted + i, batch->count - i)) > 1)
            find_free(batch->sorted + i, count);
    }
}

static BOOL init_batch(struct commit_batch *batch)
{
    struct job *job = batch->job;
    UINT i;

    batch->targets = calloc(job->file_count, sizeof(*batch->targets));
    batch->sorted = calloc(job->file_count, sizeof(*batch->sorted));
    if (!batch->targets || !batch->sorted)
        return FALSE;
    for (i = 0; i < job->file_count; i++)
    {
        struct target *target = &batch->targets[batch->count];
        struct job_file *file = job->files[i];

        /* Count a file that is completed already for its folder only. */
        if (!file->transfer->path || file->transfer->state != TRANSFER_DONE || file->is_ahead)
            continue;
        target->file = file;
        target->path = file->transfer->path;
        target->folder_length = path_folder_length(target->path);
        batch->sorted[batch->count++] = target;
    }
    qsort(batch->sorted, batch->count, sizeof(*batch->sorted), compare_targets);
    batch->is_path_shared = is_path_shared(batch);
    return TRUE;
}

static void prepare_part(void *context, UINT index)
{
    struct commit_batch *batch = context;

    if (!index)
        batch->flush_hr = job_flush_files(batch->job, FALSE);
    else if (!batch->is_path_shared)
        find_free_targets(batch);
}

static HRESULT create_batch(struct job *job, struct commit_batch **out)
{
    struct commit_batch *batch;

    if (!(*out = batch = calloc(1, sizeof(*batch))))
        return E_OUTOFMEMORY;
    batch->job = job;
    batch->first_failed = UINT_MAX;
    return init_batch(batch) ? S_OK : E_OUTOFMEMORY;
}

static void flush_folder(void *context, UINT index)
{
    struct commit_batch *batch = context;
    HRESULT hr = file_sink_flush_folder(batch->sorted[index]->path);

    if (FAILED(hr))
        InterlockedCompareExchange(&batch->flush_hr, hr, S_OK);
}

/* Flush each folder once. The order of the targets is of no use any more. */
static HRESULT flush_folders(struct commit_batch *batch)
{
    UINT i, count, folders = 0;

    for (i = 0; i < batch->count; i += count)
    {
        count = count_neighbours(batch->sorted + i, batch->count - i);
        batch->sorted[folders++] = batch->sorted[i];
    }
    run_parallel(folders, FLUSH_THREADS, flush_folder, batch);
    return batch->flush_hr;
}

static void free_batch(struct commit_batch *batch)
{
    if (!batch)
        return;
    free(batch->targets);
    free(batch->sorted);
    free(batch);
}

HRESULT job_flush_folders(struct job *job)
{
    struct commit_batch *batch;
    HRESULT hr;

    if (SUCCEEDED(hr = create_batch(job, &batch)))
        hr = flush_folders(batch);
    free_batch(batch);
    return hr;
}

static HRESULT commit_batch(struct commit_batch *batch)
{
    run_parallel(batch->count, batch->is_path_shared ? 1 : COMMIT_THREADS, commit_one, batch);
    if (SUCCEEDED(batch->hr))
        batch->hr = flush_folders(batch);
    crash_point("the folders of committed files");
    return batch->hr;
}

HRESULT job_commit_files(struct job *job)
{
    struct commit_batch *batch;
    HRESULT hr;

    if (SUCCEEDED(hr = create_batch(job, &batch)))
    {
        /* Prepare in parallel: mostly one part waits for the disk, and the other one does not. */
        run_parallel(2, 2, prepare_part, batch);
        /* A record claims that the job completes from before the first rename until all names are on disk. */
        if (SUCCEEDED(hr = batch->flush_hr) && SUCCEEDED(hr = job_record_ending(job, JOB_COMPLETING)))
            hr = commit_batch(batch);
    }
    free_batch(batch);
    return hr;
}

BOOL job_abandon_files(struct job *job)
{
    BOOL ret = TRUE;
    HRESULT hr;
    UINT i;

    for (i = 0; i < job->file_count; i++)
    {
        struct job_file *file = job->files[i];

        if (file->is_completed || !file->transfer->path)
            continue;
        if (FAILED(hr = transfer_abandon(file->transfer)))
        {
            WARN("cannot delete the temporary file of %s, hr %#lx.\n", debugstr_w(file->transfer->path), hr);
            ret = FALSE;
        }
        crash_point("a deleted file");
    }
    return ret;
}

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
    is_wanted = file->stream == &stream->stream; /* else it was replaced, or the job cancelled meanwhile */
    ReleaseSRWLockShared(&file->job->lock);
    hr = is_wanted ? IStream_Commit((IStream *)stream->stream.stream, STGC_DEFAULT) : DO_E_INVALID_STATE;
    TRACE("hr %#lx.\n", hr);
    AcquireSRWLockExclusive(&file->job->lock);
    stream->commit_hr = FAILED(hr) && hr != E_NOTIMPL ? hr : S_OK;
    stream->is_committing = FALSE;
    if (file->stream == &stream->stream)
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

/* Stop filling the stream of a client that has died; one that is full needs it no more. */
static void lose_stream_locked(struct job_file *file)
{
    if (file->transfer->state == TRANSFER_DONE)
    {
        client_stream_release(file->stream);
        file->stream = NULL;
    }
    engine_disconnect_locked(file->transfer);
}

void job_forget_client(struct store_item *item, const struct client *client)
{
    struct job *job = job_from_item(item);
    UINT i;

    AcquireSRWLockExclusive(&job->lock);
    for (i = 0; i < job->file_count; i++)
    {
        if (client_stream_is_of(job->files[i]->stream, client))
            lose_stream_locked(job->files[i]);
    }
    ReleaseSRWLockExclusive(&job->lock);
}

/* Commit a stream, or wait for a call that is under way. It is made on a task unless the client that owns the stream
 * waits for it, for any other client must not wait for one that is stuck. */
static HRESULT commit_stream(struct job_file *file)
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
        hr = commit_stream(file);
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
    }
    ReleaseSRWLockExclusive(&job->lock);
    if (SUCCEEDED(hr))
        hr = transfer_set_stream(file->transfer, sink);
    else
        sink_release(sink);
    if (SUCCEEDED(hr))
    {
        AcquireSRWLockExclusive(&job->lock);
        job_touch_locked(job);
        ReleaseSRWLockExclusive(&job->lock);
    }
    ReleaseSRWLockExclusive(&job->operation);
    client_stream_release(stream);
    return FAILED(hr) ? hr : store_sync(&job->item);
}
