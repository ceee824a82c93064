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
 * that are overwritten. So there are two sets: the bytes received, which are
 * shown, and those of them that have been flushed, which are saved. */

#include <stdlib.h>

#include "base/base.h"
#include "base/record.h"
#include "base/plan.h"
#include "engine/worker.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define FLUSH_THREADS 32 /* so many waits for the disk share one commit of the file system */

void transfer_save_locked(const struct transfer *transfer, struct transfer_record *record)
{
    const struct target *target = transfer->worker->target;
    BOOL is_done = transfer->state == TRANSFER_DONE && !target->is_unflushed;
    const struct range_set *safe = is_done ? &target->received : &target->flushed;
    BOOL is_stream = transfer_has_stream_locked(transfer);

    memset(record, 0, sizeof(*record));
    record->url = transfer->url;
    record->path = transfer->path;
    record->temporary_name = target->sink && !is_stream ? (WCHAR *)file_sink_get_name(target->sink) : NULL;
    record->temporary_id = transfer->temporary_id;
    record->is_stream = is_stream;
    record->is_done = is_done;
    record->is_direct = transfer->is_direct;
    record->wanted = transfer->wanted;
    record->wanted_count = transfer->wanted_count;
    record->received = safe->ranges;
    record->received_count = safe->count;
    record->verified = target->verified.ranges;
    record->verified_count = target->verified.count;
    memcpy(record->verified_by, target->verified_by, sizeof(record->verified_by));
    record->declared_size = transfer->declared_size;
    record->size = transfer->size;
    record->etag = (WCHAR *)target->version.etag;
    record->modified = (WCHAR *)target->version.modified;
    record->coding = (WCHAR *)target->version.coding;
    record->is_date_strong = target->version.is_date_strong;
    record->modified_time = target->modified;
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
    if (record->coding)
        wcscpy_s(validator->coding, ARRAY_SIZE(validator->coding), record->coding);
    validator->is_date_strong = record->is_date_strong;
}

/* Trust what was verified, as far as it was safe on the disk. */
static HRESULT restore_verified(struct target *target, const struct transfer_record *record)
{
    UINT i;

    memcpy(target->verified_by, record->verified_by, sizeof(target->verified_by));
    for (i = 0; i < record->verified_count; i++)
    {
        if (!range_set_add(&target->verified, record->verified[i].offset, record->verified[i].length))
            return E_OUTOFMEMORY;
    }
    return range_set_intersect(&target->verified, &target->received) ? S_OK : E_OUTOFMEMORY;
}

static HRESULT restore_sink(struct transfer *transfer, const struct transfer_record *record)
{
    struct sink **sink = &transfer->worker->target->sink;

    if (record->is_stream)
        return S_OK;
    if (record->temporary_name)
        return file_sink_adopt(record->temporary_name, sink);
    /* Adopt a file that was perhaps created after the record was written, so that it is deleted some time. */
    return record->path ? file_sink_create(record->path, record->temporary_id, FALSE, sink) : S_OK;
}

HRESULT transfer_restore(struct transfer *transfer, const struct transfer_record *record)
{
    struct plan plan = { transfer->wanted, transfer->wanted_count, transfer->rules->layout };
    struct target *target = transfer->worker->target;
    HRESULT hr;
    UINT i;

    transfer->temporary_id = record->temporary_id;
    transfer->declared_size = record->declared_size;
    transfer->size = record->size;
    transfer->is_direct = record->is_direct;
    transfer->failure_count = record->failure_count;
    transfer->request_count = record->request_count;
    transfer->active_ms = record->active_ms;
    target->modified = record->modified_time;
    transfer->worker->has_response = record->received_count || record->is_done;
    restore_validator(&target->version, record);
    if (FAILED(hr = restore_sink(transfer, record)))
        return hr;
    for (i = 0; i < record->received_count && (!record->is_stream || record->is_done); i++)
    {
        if (!range_set_add(&target->received, record->received[i].offset, record->received[i].length))
            return E_OUTOFMEMORY;
    }
    if (!range_set_copy(&target->received, &target->flushed))
        return E_OUTOFMEMORY;
    if (FAILED(hr = restore_verified(target, record)))
        return hr;
    transfer->bytes_received = target->flushed_bytes = plan_get_received(&plan, &target->received);
    target->is_complete = record->is_done && plan_get_total(&plan, transfer->size) == transfer->bytes_received;
    if (target->is_complete)
        transfer->state = TRANSFER_DONE;
    return S_OK;
}

/* Bytes that a transfer has received, on their way to the disk. */
struct flush
{
    struct transfer *transfer;
    struct target *target;     /* a reference */
    struct sink *sink;         /* a reference, or NULL */
    struct range_set received; /* owned */
    UINT64 bytes;
    UINT removals;
    BOOL is_complete;
    HRESULT hr;
};

static void begin_flush_locked(struct flush *flush, struct transfer *transfer)
{
    struct target *target = transfer->worker->target;

    flush->transfer = transfer;
    flush->target = target_addref(target);
    flush->sink = transfer_has_stream_locked(transfer) ? NULL : sink_addref(target->sink);
    flush->hr = range_set_copy(&target->received, &flush->received) ? S_OK : E_OUTOFMEMORY;
    flush->bytes = transfer->bytes_received;
    flush->removals = target->removals;
    flush->is_complete = target->is_complete;
}

/* Flush without the transfer's lock: many threads come back from the disk at the same moment. */
static void flush_one(void *context, UINT index)
{
    struct flush *flush = (struct flush *)context + index;

    if (FAILED(flush->hr) || !flush->sink)
        return;
    AcquireSRWLockShared(&flush->sink->lock);
    flush->hr = flush->sink->ops->flush(flush->sink);
    ReleaseSRWLockShared(&flush->sink->lock);
    if (SUCCEEDED(flush->hr))
        return;
    WARN("transfer %p, hr %#lx.\n", flush->transfer, flush->hr);
    transfer_lose(flush->transfer, flush->target, flush->hr);
}

/* Tell the target what is safe now; the set that it had before is left in the flush, to be freed. */
static void end_flush_locked(struct flush *flush)
{
    struct target *target = flush->target;
    struct range_set former = target->flushed;

    if (FAILED(flush->hr) || flush->removals != target->removals)
        return;
    target->flushed = flush->received;
    target->flushed_bytes = flush->bytes;
    if (flush->is_complete)
        target->is_unflushed = FALSE;
    flush->received = former;
}

/* Flush in parallel: a file system writes together what is waited for at the same time. */
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
        if (SUCCEEDED(hr))
            hr = flushes[i].hr;
        range_set_clear(&flushes[i].received);
        target_release(flushes[i].target);
        sink_release(flushes[i].sink);
    }
    free(flushes);
    return hr;
}

HRESULT transfer_flush(struct transfer *transfer)
{
    return transfer_flush_all(&transfer, 1);
}

void transfer_park(struct transfer *transfer)
{
    struct sink *sink;

    AcquireSRWLockShared(transfer->lock);
    sink = transfer_has_stream_locked(transfer) ? NULL : sink_addref(transfer->worker->target->sink);
    ReleaseSRWLockShared(transfer->lock);
    if (!sink)
        return;
    sink_lock(sink);
    file_sink_park(sink);
    sink_unlock(sink);
    sink_release(sink);
}

UINT64 transfer_get_unflushed_locked(const struct transfer *transfer)
{
    UINT64 flushed = transfer->worker->target->flushed_bytes;

    /* After the end only the flush of the whole matters. */
    if (transfer->state == TRANSFER_DONE)
        return 0;
    return transfer->bytes_received > flushed ? transfer->bytes_received - flushed : 0;
}

BOOL transfer_is_unflushed_locked(const struct transfer *transfer)
{
    return transfer->state == TRANSFER_DONE ? transfer->worker->target->is_unflushed
            : !!transfer_get_unflushed_locked(transfer);
}

HRESULT transfer_forget(struct transfer *transfer)
{
    return transfer->ops->forget ? transfer->ops->forget(transfer) : S_OK;
}

/* Go on with an empty file, after the next start. The target may have got a successor, with ranges of the same file,
 * while the file was being flushed. */
static void give_up(struct transfer *transfer, const struct target *target, const struct failure *failure)
{
    struct target *current, *empty, *former = NULL;

    AcquireSRWLockExclusive(transfer->lock);
    current = transfer->worker->target;
    if ((target == current || (target->sink && target->sink == current->sink)) && (empty = target_create(NULL)))
    {
        empty->version = current->version;
        empty->is_lost = TRUE;
        former = target_replace_locked(transfer, empty);
        transfer->ops->changed(transfer, TRANSFER_EVENT_PROGRESS);
        engine_fail_locked(transfer, failure);
    }
    ReleaseSRWLockExclusive(transfer->lock);
    target_release(former);
}

/* Give up also what was flushed before: after a failure ext4 writes to extents that count as never written, and reports
 * success. Only a file that has been emptied takes the bytes. */
void transfer_lose(struct transfer *transfer, const struct target *target, HRESULT hr)
{
    const struct failure failure = failure_from_sink(hr);

    WARN("transfer %p, hr %#lx, stored bytes are lost.\n", transfer, hr);
    give_up(transfer, target, &failure);
}

void transfer_reject(struct transfer *transfer, HRESULT hr)
{
    const struct failure failure = failure_from_sink(hr);
    struct target *target;

    AcquireSRWLockShared(transfer->lock);
    target = target_addref(transfer->worker->target);
    ReleaseSRWLockShared(transfer->lock);
    give_up(transfer, target, &failure);
    target_release(target);
}

WCHAR *transfer_copy_temporary_name(struct transfer *transfer)
{
    WCHAR *copy = NULL;
    struct sink *sink;

    AcquireSRWLockShared(transfer->lock);
    sink = transfer_has_stream_locked(transfer) ? NULL : sink_addref(transfer->worker->target->sink);
    ReleaseSRWLockShared(transfer->lock);
    if (sink && !file_sink_is_gone(file_sink_get_name(sink)))
        copy = wcsdup(file_sink_get_name(sink));
    sink_release(sink);
    return copy;
}

void transfer_check_done(struct transfer *transfer)
{
    struct target *target;
    BOOL is_done;

    AcquireSRWLockShared(transfer->lock);
    target = target_addref(transfer->worker->target);
    is_done = transfer->state == TRANSFER_DONE;
    ReleaseSRWLockShared(transfer->lock);
    if (is_done)
        transfer_check_file(transfer, target, HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    target_release(target);
}

void transfer_check_file(struct transfer *transfer, const struct target *target, HRESULT hr)
{
    const WCHAR *name = target->sink && !target->sink->is_sequential ? file_sink_get_name(target->sink) : NULL;

    if ((hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) || hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
            && name && file_sink_is_gone(name))
        transfer_lose(transfer, target, hr);
}

/* Return a reference to the target; the caller frees the path, which may be NULL. */
static HRESULT get_target(struct transfer *transfer, struct target **target, WCHAR **path)
{
    HRESULT hr = S_OK;

    AcquireSRWLockShared(transfer->lock);
    *target = target_addref(transfer->worker->target);
    *path = NULL;
    if (transfer->path && !(*path = wcsdup(transfer->path)))
        hr = E_OUTOFMEMORY;
    ReleaseSRWLockShared(transfer->lock);
    return hr;
}

static HRESULT prepare_file(struct transfer *transfer, struct target *target, const WCHAR *path)
{
    struct sink *sink;
    HRESULT hr;

    if (FAILED(hr = file_sink_check_target(path, transfer->rules->is_replacing))
            || FAILED(hr = file_sink_create_folders(path))
            || FAILED(hr = file_sink_create(path, transfer->temporary_id, transfer->is_passing, &sink)))
        return hr;
    if (FAILED(hr = sink->ops->open(sink)) || FAILED(hr = sink->ops->close(sink, SINK_KEEP)))
    {
        sink_discard(sink);
        return hr;
    }
    AcquireSRWLockExclusive(transfer->lock);
    target->sink = sink;
    ReleaseSRWLockExclusive(transfer->lock);
    return S_OK;
}

HRESULT transfer_prepare(struct transfer *transfer)
{
    struct target *target;
    WCHAR *path;
    HRESULT hr;

    if (SUCCEEDED(hr = get_target(transfer, &target, &path)) && !target->sink)
        hr = path ? prepare_file(transfer, target, path) : DO_E_FILE_DOWNLOADSINK_UNSPECIFIED;
    target_release(target);
    free(path);
    return hr;
}

/* Give a file that was copied the attributes of its source. */
static void copy_attributes(struct transfer *transfer, const WCHAR *path)
{
    WCHAR *source = NULL;

    AcquireSRWLockShared(transfer->lock);
    if (local_file_is_source(transfer->url))
        source = wcsdup(transfer->url);
    ReleaseSRWLockShared(transfer->lock);
    if (source)
        local_file_copy_attributes(source, path);
    free(source);
}

/* Get the target for what needs its sink, as get_target does. */
static HRESULT get_stored_target(struct transfer *transfer, struct target **target, WCHAR **path)
{
    HRESULT hr = get_target(transfer, target, path);

    return SUCCEEDED(hr) && !(*target)->sink ? HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) : hr;
}

HRESULT transfer_commit(struct transfer *transfer, BOOL is_free)
{
    const struct transfer_rules *rules = transfer->rules;
    struct target *target;
    WCHAR *path;
    HRESULT hr;

    if (SUCCEEDED(hr = get_stored_target(transfer, &target, &path)))
    {
        sink_lock(target->sink);
        hr = target->sink->ops->commit(target->sink, path, is_free, rules->is_replacing,
                rules->is_dated ? target->modified : 0);
        sink_unlock(target->sink);
    }
    if (FAILED(hr))
        transfer_check_file(transfer, target, hr);
    else
        copy_attributes(transfer, path);
    target_release(target);
    free(path);
    return hr;
}

HRESULT transfer_uncommit(struct transfer *transfer)
{
    struct target *target;
    WCHAR *path;
    HRESULT hr;

    if (SUCCEEDED(hr = get_stored_target(transfer, &target, &path)))
    {
        sink_lock(target->sink);
        hr = file_sink_uncommit(target->sink, path);
        sink_unlock(target->sink);
    }
    target_release(target);
    free(path);
    return hr;
}

/* Return the sink, or the file of bytes that were lost, which no attempt has opened since. The caller releases it; NULL
 * if there is neither. */
static HRESULT get_sink(struct transfer *transfer, struct sink **sink)
{
    const struct target *target;
    WCHAR *path = NULL;
    HRESULT hr = S_OK;

    AcquireSRWLockShared(transfer->lock);
    target = transfer->worker->target;
    *sink = sink_addref(target->sink);
    if (!*sink && target->is_lost && transfer->path && !(path = wcsdup(transfer->path)))
        hr = E_OUTOFMEMORY;
    ReleaseSRWLockShared(transfer->lock);
    if (path)
        hr = file_sink_create(path, transfer->temporary_id, transfer->is_passing, sink);
    free(path);
    return hr;
}

HRESULT transfer_abandon(struct transfer *transfer)
{
    struct sink *sink;
    HRESULT hr;

    if (FAILED(hr = get_sink(transfer, &sink)))
        return hr;
    if (sink && !sink->is_sequential)
    {
        sink_lock(sink);
        hr = sink->ops->abandon(sink);
        sink_unlock(sink);
    }
    if (sink && SUCCEEDED(hr))
        transfer_set_stream(transfer, NULL);
    sink_release(sink);
    return hr;
}
