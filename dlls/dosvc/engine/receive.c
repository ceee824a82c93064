/*
 * From a connection into the sink
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

/* Bodies are read into the buffer of a connection and written to its sink. A byte counts when it has been written. */

#include "engine/attempt.h"

#define BUFFER_SIZE   0x200000 /* bytes; large, since each receive and each write takes calls of wineserver */
#define STORE_DELAY   500 /* ms until a byte is stored and shown */
#define HEAR_INTERVAL 500 /* ms */
#define PACE_INTERVAL 1000 /* ms without a byte until the speed of a cache host is looked at */

BOOL receive_init(struct attempt_connection *connection, struct attempt *attempt, UINT index, struct sink *sink)
{
    connection->attempt = attempt;
    connection->index = index;
    connection->sink = sink;
    connection->buffer_size = sink->is_sequential ? SEQUENTIAL_MAX : BUFFER_SIZE;
    return connection->buffer || (connection->buffer = pages_alloc(BUFFER_SIZE));
}

UINT64 receive_get_left(struct attempt_connection *connection)
{
    struct attempt *attempt = connection->attempt;
    UINT64 left;

    AcquireSRWLockShared(attempt->transfer->lock);
    left = segments_get_left(&attempt->segments, connection->index);
    ReleaseSRWLockShared(attempt->transfer->lock);
    return left;
}

/* Ask whether a write may begin. A file gets received bytes also after a cancellation, a stream does not. */
static BOOL begin_write(struct attempt *attempt)
{
    BOOL is_stream = attempt->sink->is_sequential, ret;

    if (!attempt_lock(attempt))
        return FALSE;
    ret = !is_stream || !http_is_cancelled(&attempt->worker->cancel);
    if (is_stream && ret)
        engine_begin_write_locked(attempt->transfer);
    attempt_unlock(attempt);
    return ret;
}

/* Count bytes that have been written. FALSE if out of memory. */
static BOOL count_bytes_locked(struct attempt_connection *connection, UINT64 offset, DWORD size)
{
    struct attempt *attempt = connection->attempt;
    struct transfer *transfer = attempt->transfer;
    struct transfer_worker *worker = attempt->worker;

    if (!range_set_add(&attempt->target->received, offset, size)
            || !cache_shares_set(&attempt->target->shares, connection->cache_host, attempt->cache.origin, offset, size))
        return FALSE;
    attempt->has_moved = TRUE;
    segments_advance(&attempt->segments, connection->index, size);
    if (!attempt->sink->is_sequential)
        file_sink_count(attempt->sink, size);
    transfer->bytes_received += size;
    if (connection->cache_host[0])
        cache_source_count_bytes(connection->cache_host, size);
    retry_progress(&worker->retry, transfer->bytes_received, progress_now());
    worker->last = no_failure;
    if (!attempt->is_local)
        network_note_data();
    transfer->ops->changed(transfer, TRANSFER_EVENT_PROGRESS);
    if (attempt->hashes)
        WakeAllConditionVariable(&attempt->verifier.changed);
    return TRUE;
}

/* Write bytes to the sink. connection: count them, too, unless it is NULL. */
static struct failure write_bytes(struct attempt *attempt, struct attempt_connection *connection, const BYTE *data,
        UINT64 offset, UINT64 position, DWORD size)
{
    struct sink *sink = connection && connection->sink ? connection->sink : attempt->sink;
    BOOL is_current, ret = TRUE;
    HRESULT hr;

    if (!begin_write(attempt))
        return attempt_cancelled();
    hr = sink->ops->write(sink, position, data, size);

    AcquireSRWLockExclusive(attempt->transfer->lock);
    if (attempt->sink->is_sequential)
        engine_end_write_locked(attempt->transfer);
    is_current = attempt->target == attempt->worker->target;
    if (SUCCEEDED(hr) && is_current && connection)
        ret = count_bytes_locked(connection, offset, size);
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    if (FAILED(hr))
        return failure_from_sink(hr);
    if (!is_current)
        return attempt_cancelled();
    return ret ? no_failure : failure_from_hresult(E_OUTOFMEMORY);
}

/* Begin with what the stream gets of the piece at the offset. */
static BOOL begin_piece(struct attempt *attempt, UINT64 offset)
{
    const struct piece_hashes *hashes = attempt->hashes;
    struct staging *staging = &attempt->staging;
    struct plan_cursor cursor = {0};
    struct range range, piece = piece_hashes_get_range(hashes, offset / hashes->piece_size);
    UINT64 position;

    staging->filled = staging->delivered = 0;
    staging->range.offset = offset;
    staging->range.length = piece.offset + piece.length - offset;
    for (; plan_get_range(&attempt->plan, hashes->content_length, &cursor, &range, &position);
            plan_step(&attempt->plan, hashes->content_length, &cursor))
    {
        if (range.offset <= offset && offset < range.offset + range.length)
            staging->range.length = min(staging->range.length, range.offset + range.length - offset);
    }
    return (staging->buffer || (staging->buffer = pages_alloc(hashes->piece_size)))
            && (staging->check_buffer || (staging->check_buffer = pages_alloc(PIECE_BUFFER)));
}

/* Give a verified piece to the stream. */
static struct failure deliver_piece(struct attempt *attempt)
{
    struct staging *staging = &attempt->staging;
    struct failure failure;
    BOOL ret = TRUE;
    UINT64 offset;
    DWORD size;

    while (staging->delivered < staging->filled)
    {
        offset = staging->range.offset + staging->delivered;
        size = min(staging->filled - staging->delivered, SEQUENTIAL_MAX);
        failure = write_bytes(attempt, NULL, staging->buffer + staging->delivered, offset, 0, size);
        if (failure.class != FAILURE_NONE)
            return failure;
        staging->delivered += size;
        if (!attempt_lock(attempt))
            return attempt_cancelled();
        ret = range_set_add(&attempt->target->verified, offset, size);
        attempt->transfer->ops->changed(attempt->transfer, TRANSFER_EVENT_PROGRESS);
        attempt_unlock(attempt);
        if (!ret)
            return failure_from_hresult(E_OUTOFMEMORY);
    }
    staging->range.length = staging->filled = staging->delivered = 0;
    return no_failure;
}

/* Give up what the stream has not got of a piece. */
static void drop_staged_locked(struct attempt *attempt)
{
    struct staging *staging = &attempt->staging;
    UINT left = staging->filled - staging->delivered;

    /* Out of memory: a part of one range, so none is needed. */
    if (left && range_set_remove(&attempt->target->received, staging->range.offset + staging->delivered, left))
        attempt->transfer->bytes_received -= left;
    memset(&attempt->cursor, 0, sizeof(attempt->cursor));
    staging->range.length = staging->filled = staging->delivered = 0;
}

void receive_drop_staged(struct attempt *attempt)
{
    if (attempt_lock(attempt))
    {
        drop_staged_locked(attempt);
        attempt_unlock(attempt);
    }
    pages_free(attempt->staging.buffer);
    pages_free(attempt->staging.check_buffer);
    memset(&attempt->staging, 0, sizeof(attempt->staging));
}

/* Drop a wrong piece, so that it is fetched again: the body ends here, since the stream has to get the piece first. */
static struct failure reject_staged(struct attempt *attempt, UINT index, const struct piece_fault *fault)
{
    HRESULT hr;

    if (!attempt_lock(attempt))
        return attempt_cancelled();
    attempt->target->removals++;
    drop_staged_locked(attempt);
    hr = piece_blame_locked(attempt, attempt->hashes, index, fault);
    attempt->staging.is_rejected = SUCCEEDED(hr);
    attempt_unlock(attempt);
    return failure_from_hresult(FAILED(hr) ? hr : DO_E_HTTP_BLOCKSIZE_MISMATCH);
}

/* Verify a piece that is complete, and deliver it. */
static struct failure finish_piece(struct attempt *attempt)
{
    struct staging *staging = &attempt->staging;
    const struct held held = { .data = staging->buffer, .range = staging->range, .cancel = &attempt->verifier.cancel };
    UINT index = staging->range.offset / attempt->hashes->piece_size;
    struct piece_fault fault;
    HRESULT hr;

    hr = piece_check(attempt, attempt->hashes, index, &held, staging->check_buffer, &fault);
    if (hr == S_OK)
        return deliver_piece(attempt);
    if (hr == S_FALSE)
        return reject_staged(attempt, index, &fault);
    if (http_is_cancelled(held.cancel))
        return attempt_cancelled();
    return fault.failure.class != FAILURE_NONE ? fault.failure : failure_from_sink(hr);
}

/* Keep bytes for a stream until their piece is verified. */
static struct failure stage(struct attempt_connection *connection, const BYTE *data, UINT64 offset, DWORD size)
{
    struct attempt *attempt = connection->attempt;
    struct staging *staging = &attempt->staging;
    struct failure failure = no_failure;
    BOOL ret;
    DWORD part;

    for (; size && failure.class == FAILURE_NONE; offset += part, data += part, size -= part)
    {
        if (!staging->range.length && !begin_piece(attempt, offset))
            return failure_from_hresult(E_OUTOFMEMORY);
        part = min(size, staging->range.length - staging->filled);
        memcpy(staging->buffer + staging->filled, data, part);
        if (!attempt_lock(attempt))
            return attempt_cancelled();
        ret = count_bytes_locked(connection, offset, part);
        attempt_unlock(attempt);
        if (!ret)
            return failure_from_hresult(E_OUTOFMEMORY);
        staging->filled += part;
        if (staging->filled == staging->range.length)
            failure = finish_piece(attempt);
    }
    return failure;
}

static struct failure store(struct attempt_connection *connection, const BYTE *data, UINT64 offset, UINT64 position,
        DWORD size)
{
    struct attempt *attempt = connection->attempt;
    struct failure failure;

    if (!size)
        return no_failure;
    if (!attempt->sink->is_sequential || !attempt->hashes)
        return write_bytes(attempt, connection, data, offset, position, size);
    /* A body of unknown length may be longer than the document says. */
    failure = offset + size <= attempt->hashes->content_length ? no_failure
            : integrity_check_size(attempt, offset + size);
    if (failure.class != FAILURE_NONE)
        return failure;
    if (attempt->hashes)
        return stage(connection, data, offset, size);
    if (!attempt->staging.filled)
        return write_bytes(attempt, connection, data, offset, position, size);
    /* Bytes that wait for the end of their piece come first, and are asked for again. */
    receive_drop_staged(attempt);
    return failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
}

/* Keep bytes in the buffer of the connection until the worker writes them to the stream. */
static struct failure keep(struct attempt_connection *connection, DWORD size)
{
    struct attempt *attempt = connection->attempt;

    if (!attempt_lock(attempt))
        return attempt_cancelled();
    segments_fill(&attempt->segments, connection->index, size);
    WakeConditionVariable(&attempt->filled);
    attempt_unlock(attempt);
    return no_failure;
}

static struct failure failure_from_body(const struct attempt *attempt, const struct body *body, DWORD error)
{
    struct failure failure = failure_from_transport(error);

    if (error == ERROR_WINHTTP_CONNECTION_ERROR && body->length != SIZE_UNKNOWN
            && attempt->transfer->rules->status_rules == STATUS_OF_JOB)
    {
        failure = failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
        failure.underlying = HRESULT_FROM_WIN32(error);
    }
    return failure;
}

/* Tell the engine, from time to time, that bytes come. */
static void hear(struct attempt_connection *connection, ULONGLONG now)
{
    if (now - connection->heard < HEAR_INTERVAL)
        return;
    connection->heard = now;
    engine_hear(connection->index ? &connection->slot : &connection->attempt->worker->slot);
}

/* Fill the buffer until it is full, or its oldest byte is to be shown, or the wanted bytes are there, or the body
 * ends. */
static DWORD gather(struct attempt_connection *connection, struct http_exchange *exchange, BYTE *buffer, UINT64 wanted,
        DWORD *filled, BOOL *is_ended)
{
    DWORD size, limit = min(wanted, connection->buffer_size), error;
    DWORD patience = connection->cache_host[0] && !connection->index ? PACE_INTERVAL : INFINITE;
    ULONGLONG now, due = ~(ULONGLONG)0;

    for (*filled = 0; *filled < limit && (now = GetTickCount64()) < due; *filled += size)
    {
        error = http_read(exchange, buffer + *filled, limit - *filled, *filled ? due - now : patience, &size);
        if (error)
            return error == WAIT_TIMEOUT ? ERROR_SUCCESS : error;
        if ((*is_ended = !size))
            break;
        InterlockedExchangeAdd64(&connection->attempt->arrived, size);
        now = GetTickCount64();
        hear(connection, now);
        if (!*filled)
            due = now + STORE_DELAY;
    }
    return ERROR_SUCCESS;
}

struct failure receive_body(struct attempt_connection *connection, struct http_exchange *exchange, struct body *body,
        UINT64 length, const UINT64 *position, BOOL *is_ended)
{
    UINT64 left = min(length, body->length), start = body->offset;
    struct failure failure = no_failure;
    ULONGLONG waited;
    DWORD filled, error;
    BYTE *buffer;

    while (left && !*is_ended)
    {
        /* Another connection may have taken the end of the segment. */
        if (position && !(left = min(left, receive_get_left(connection))))
            break;
        buffer = connection->sink
                ? connection->buffer : connection->buffer + (body->offset - connection->request.asked.range.offset);
        waited = GetTickCount64() - exchange->limited;
        error = gather(connection, exchange, buffer, left, &filled, is_ended);
        waited = GetTickCount64() - exchange->limited - waited;
        if (position && connection->sink)
            failure = store(connection, buffer, body->offset, *position + body->offset - start, filled);
        else if (position)
            failure = keep(connection, filled);
        else if (filled)
            attempt_show_life(connection->attempt);
        if (failure.class != FAILURE_NONE)
            return failure;
        body->offset += filled;
        if (body->length != SIZE_UNKNOWN)
            body->length -= filled;
        if (error)
            return failure_from_body(connection->attempt, body, error);
        if (left != SIZE_UNKNOWN)
            left -= filled;
        if (connection->index)
            continue;
        if ((failure = cache_source_count(connection->attempt, waited)).class != FAILURE_NONE)
            return failure;
        connection->attempt->adjust(connection->attempt);
    }
    return no_failure;
}

/* Find the connection that has claimed what the stream gets next; NULL if none has. */
static struct attempt_connection *find_next_locked(struct attempt *attempt, UINT64 *offset)
{
    struct transfer *transfer = attempt->transfer;
    struct range gap;
    UINT64 position;
    UINT index;

    if (!plan_next_gap(&attempt->plan, transfer->size, &attempt->target->received, &attempt->cursor, &gap, &position))
        return NULL;
    *offset = gap.offset;
    index = segments_find(&attempt->segments, gap.offset);
    return index ? attempt->connections + index : NULL;
}

/* Wait for bytes from that connection. A cancelled one ends, and gives up the rest of its segment. */
static struct attempt_connection *wait_for_next(struct attempt *attempt, UINT64 *offset, DWORD *size)
{
    struct attempt_connection *connection;
    UINT64 filled = 0;

    if (!attempt_lock(attempt))
        return NULL;
    while ((connection = find_next_locked(attempt, offset)) && !(filled = segments_get_filled(&attempt->segments,
            connection->index)))
        SleepConditionVariableSRW(&attempt->filled, attempt->transfer->lock, INFINITE, 0);
    *size = min(filled, SEQUENTIAL_MAX);
    attempt_unlock(attempt);
    return connection;
}

struct failure receive_deliver(struct attempt *attempt)
{
    struct failure failure = no_failure;
    struct attempt_connection *connection;
    UINT64 offset;
    DWORD size;

    if (!attempt->segments.piece)
        return no_failure;
    while (failure.class == FAILURE_NONE && (connection = wait_for_next(attempt, &offset, &size)))
    {
        attempt->staging.is_rejected = FALSE;
        failure = store(connection, connection->buffer + (offset - connection->request.asked.range.offset), offset, 0,
                size);
        if (failure.class == FAILURE_NONE)
            attempt->adjust(attempt);
        else if (attempt->staging.is_rejected)
            failure = no_failure;
    }
    return failure;
}
