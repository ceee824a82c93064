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

#include <stdlib.h>

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
    record->modified = run->validator.is_date_strong ? run->validator.modified : NULL;
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
    validator->is_date_strong = !!validator->modified[0];
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

/* What a transfer has received, on its way to the disk. */
struct flush
{
    struct transfer *transfer;
    struct range_set received; /* owned */
    UINT64 bytes;
    UINT generation;
    UINT forgotten;
    BOOL is_done;
    HRESULT hr;
};

static void begin_flush_locked(struct flush *flush, struct transfer *transfer)
{
    flush->transfer = transfer;
    flush->hr = range_set_copy(&transfer->received, &flush->received) ? S_OK : E_OUTOFMEMORY;
    flush->bytes = transfer->bytes_received;
    flush->is_done = transfer->state == TRANSFER_DONE;
    flush->generation = transfer->run->generation;
    flush->forgotten = transfer->run->forgotten;
}

/* Many come back from the disk at the same moment, so this is done without the lock that all of them
 * have in common. The sink is not destroyed meanwhile, even if it is that of the transfer no more. */
static HRESULT flush_sink(struct transfer_run *run)
{
    struct sink *sink;
    HRESULT hr = S_OK;

    AcquireSRWLockShared(&run->sink_lock);
    sink = InterlockedCompareExchangePointer((void **)&run->sink, NULL, NULL);
    if (sink && !sink->is_sequential)
        hr = sink->ops->flush(sink);
    ReleaseSRWLockShared(&run->sink_lock);
    return hr;
}

static void flush_one(void *context, UINT index)
{
    struct flush *flush = (struct flush *)context + index;

    if (SUCCEEDED(flush->hr) && FAILED(flush->hr = flush_sink(flush->transfer->run)))
        WARN("transfer %p, hr %#lx.\n", flush->transfer, flush->hr);
}

/* What is left in it is to be freed. */
static void end_flush_locked(struct flush *flush)
{
    struct transfer *transfer = flush->transfer;
    struct transfer_run *run = transfer->run;
    struct range_set former = run->flushed;

    if (FAILED(flush->hr) || flush->generation != run->generation || flush->forgotten != run->forgotten)
        return;
    run->flushed = flush->received;
    run->flushed_bytes = flush->bytes;
    if (flush->is_done && transfer->state == TRANSFER_DONE)
        run->is_unflushed = FALSE;
    flush->received = former;
}

/* File systems write together what is waited for at the same time. */
HRESULT transfer_flush_all(struct transfer **transfers, UINT count)
{
    SRWLOCK *lock = transfers[0]->lock;
    struct flush *flushes;
    HRESULT hr = S_OK;
    UINT i;

    if (!(flushes = calloc(count, sizeof(*flushes))))
        return E_OUTOFMEMORY;
    AcquireSRWLockShared(lock);
    for (i = 0; i < count; i++)
        begin_flush_locked(&flushes[i], transfers[i]);
    ReleaseSRWLockShared(lock);

    run_parallel(count, FLUSH_THREADS, flush_one, flushes);

    AcquireSRWLockExclusive(lock);
    for (i = 0; i < count; i++)
        end_flush_locked(&flushes[i]);
    ReleaseSRWLockExclusive(lock);
    for (i = 0; i < count; i++)
    {
        range_set_clear(&flushes[i].received);
        if (SUCCEEDED(hr))
            hr = flushes[i].hr;
    }
    free(flushes);
    return hr;
}

HRESULT transfer_flush(struct transfer *transfer)
{
    return transfer_flush_all(&transfer, 1);
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
