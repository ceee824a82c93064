/*
 * What is kept of a transfer, and how much of it is safe on disk
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

/* A record must not claim bytes that a crash of the machine could take away, or
 * that are overwritten. So there are two sets: what has been received, which is
 * shown, and what has been flushed since, which is saved. */

#include "parallel.h"
#include "run.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define FLUSH_THREADS 32 /* so many waits for the disk share one commit of the file system */

void transfer_save_locked(const struct transfer *transfer, struct transfer_record *record)
{
    struct transfer_run *run = transfer->run;
    BOOL is_done = transfer->state == TRANSFER_DONE && !run->is_unflushed;
    const struct range_set *safe = is_done ? &transfer->received : &run->flushed;
    BOOL is_stream = transfer_has_stream_locked(transfer);

    memset(record, 0, sizeof(*record));
    record->url = transfer->url;
    record->path = transfer->path;
    record->temporary_name = run->sink && !is_stream ? (WCHAR *)file_sink_get_name(run->sink) : NULL;
    record->temporary_id = transfer->temporary_id;
    record->is_stream = is_stream;
    record->is_done = is_done;
    record->wanted = transfer->wanted;
    record->wanted_count = transfer->wanted_count;
    record->received = safe->ranges;
    record->received_count = safe->count;
    record->declared_size = transfer->declared_size;
    record->size = transfer->size;
    record->etag = run->validator.etag;
    record->modified = run->validator.modified;
    record->modified_time = run->modified;
    record->failure_count = transfer->failure_count;
    record->request_count = transfer->request_count;
    record->active_ms = transfer_get_active_ms_locked(transfer);
}

static void restore_validator(struct validator *validator, const struct transfer_record *record)
{
    memset(validator, 0, sizeof(*validator));
    if (record->etag)
        wcscpy_s(validator->etag, ARRAY_SIZE(validator->etag), record->etag);
    if (record->modified)
        wcscpy_s(validator->modified, ARRAY_SIZE(validator->modified), record->modified);
}

static HRESULT restore_sink(struct transfer *transfer, const struct transfer_record *record)
{
    struct transfer_run *run = transfer->run;

    if (record->is_stream)
        return S_OK;
    if (record->temporary_name)
        return file_sink_adopt(record->temporary_name, &run->sink);
    /* It may have been made all the same, and then has to be deleted some time. */
    return record->path ? file_sink_create(record->path, record->temporary_id, &run->sink) : S_OK;
}

HRESULT transfer_restore(struct transfer *transfer, const struct transfer_record *record)
{
    struct plan plan = { transfer->wanted, transfer->wanted_count, transfer->rules->layout };
    struct transfer_run *run = transfer->run;
    HRESULT hr;
    UINT i;

    transfer->temporary_id = record->temporary_id;
    transfer->declared_size = record->declared_size;
    transfer->size = record->size;
    transfer->failure_count = record->failure_count;
    transfer->request_count = record->request_count;
    transfer->active_ms = record->active_ms;
    run->modified = record->modified_time;
    run->has_answer = record->received_count || record->is_done;
    restore_validator(&run->validator, record);
    if (FAILED(hr = restore_sink(transfer, record)))
        return hr;
    for (i = 0; i < record->received_count && (!record->is_stream || record->is_done); i++)
    {
        if (!range_set_add(&transfer->received, record->received[i].offset, record->received[i].length))
            return E_OUTOFMEMORY;
    }
    if (!range_set_copy(&transfer->received, &run->flushed))
        return E_OUTOFMEMORY;
    transfer->bytes_received = run->flushed_bytes = plan_get_received(&plan, &transfer->received);
    if (record->is_done && plan_get_total(&plan, transfer->size) == transfer->bytes_received)
        transfer->state = TRANSFER_DONE;
    return S_OK;
}

static HRESULT flush_sink(struct transfer *transfer)
{
    struct transfer_run *run = transfer->run;
    struct sink *sink;
    HRESULT hr = S_OK;

    AcquireSRWLockShared(&run->sink_lock);
    AcquireSRWLockShared(transfer->lock);
    sink = run->sink;
    ReleaseSRWLockShared(transfer->lock);
    if (sink && !sink->is_sequential)
        hr = sink->ops->flush(sink);
    ReleaseSRWLockShared(&run->sink_lock);
    return hr;
}

HRESULT transfer_flush(struct transfer *transfer)
{
    struct transfer_run *run = transfer->run;
    struct range_set received, former;
    UINT generation, forgotten;
    BOOL ret, is_done;
    UINT64 bytes;
    HRESULT hr;

    AcquireSRWLockShared(transfer->lock);
    ret = range_set_copy(&transfer->received, &received);
    bytes = transfer->bytes_received;
    is_done = transfer->state == TRANSFER_DONE;
    generation = run->generation;
    forgotten = run->forgotten;
    ReleaseSRWLockShared(transfer->lock);
    if (!ret)
        return E_OUTOFMEMORY;
    if (FAILED(hr = flush_sink(transfer)))
    {
        WARN("transfer %p, hr %#lx.\n", transfer, hr);
        range_set_clear(&received);
        return hr;
    }

    AcquireSRWLockExclusive(transfer->lock);
    former = received;
    if (generation == run->generation && forgotten == run->forgotten)
    {
        former = run->flushed;
        run->flushed = received;
        run->flushed_bytes = bytes;
        if (is_done && transfer->state == TRANSFER_DONE)
            run->is_unflushed = FALSE;
    }
    ReleaseSRWLockExclusive(transfer->lock);
    range_set_clear(&former);
    return S_OK;
}

void transfer_rest(struct transfer *transfer)
{
    struct transfer_run *run = transfer->run;
    struct sink *sink;

    sink_lock(run, NULL);
    AcquireSRWLockShared(transfer->lock);
    sink = run->sink;
    ReleaseSRWLockShared(transfer->lock);
    if (sink && !sink->is_sequential)
        file_sink_rest(sink);
    sink_unlock(run, NULL);
}

struct flush_batch
{
    struct transfer **transfers;
    LONG hr; /* interlocked */
};

static void flush_one(void *context, UINT index)
{
    struct flush_batch *batch = context;
    HRESULT hr;

    if (FAILED(hr = transfer_flush(batch->transfers[index])))
        InterlockedCompareExchange(&batch->hr, hr, S_OK);
}

/* File systems write together what is waited for at the same time. */
HRESULT transfer_flush_all(struct transfer **transfers, UINT count)
{
    struct flush_batch batch = { transfers, S_OK };

    run_parallel(count, FLUSH_THREADS, flush_one, &batch);
    return batch.hr;
}

UINT64 transfer_get_unflushed_locked(const struct transfer *transfer)
{
    UINT64 flushed = transfer->run->flushed_bytes;

    /* No more comes: what matters then is whether the whole is safe. */
    if (transfer->state == TRANSFER_DONE)
        return 0;
    return transfer->bytes_received > flushed ? transfer->bytes_received - flushed : 0;
}

BOOL transfer_is_unflushed_locked(const struct transfer *transfer)
{
    return transfer->state == TRANSFER_DONE ? transfer->run->is_unflushed : !!transfer_get_unflushed_locked(transfer);
}

void transfer_forget(struct transfer *transfer)
{
    struct transfer_run *run = transfer->run;

    AcquireSRWLockExclusive(transfer->lock);
    range_set_clear(&run->flushed);
    run->flushed_bytes = 0;
    run->forgotten++;
    ReleaseSRWLockExclusive(transfer->lock);
    if (transfer->ops->forget)
        transfer->ops->forget(transfer);
}
