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

#include <stdlib.h>

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
    return connection->buffer || (connection->buffer = malloc(BUFFER_SIZE));
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

    if (!range_set_add(&attempt->target->received, offset, size))
        return FALSE;
    attempt->has_moved = TRUE;
    segments_advance(&attempt->segments, connection->index, size);
    transfer->bytes_received += size;
    if (connection->is_cached)
        attempt->target->cached_bytes += size;
    retry_progress(&worker->retry, transfer->bytes_received, progress_now());
    worker->last = no_failure;
    if (!attempt->is_local)
        network_note_data();
    transfer->ops->changed(transfer, TRANSFER_EVENT_PROGRESS);
    return TRUE;
}

/* Write bytes to the sink, and count them. */
static struct failure store(struct attempt_connection *connection, const BYTE *data, UINT64 offset, UINT64 position,
        DWORD size)
{
    struct attempt *attempt = connection->attempt;
    struct sink *sink = connection->sink ? connection->sink : attempt->sink;
    BOOL is_current, ret = TRUE;
    HRESULT hr;

    if (!size)
        return no_failure;
    if (!begin_write(attempt))
        return attempt_cancelled();
    hr = sink->ops->write(sink, position, data, size);

    AcquireSRWLockExclusive(attempt->transfer->lock);
    if (attempt->sink->is_sequential)
        engine_end_write_locked(attempt->transfer);
    is_current = attempt->target == attempt->worker->target;
    if (SUCCEEDED(hr) && is_current)
        ret = count_bytes_locked(connection, offset, size);
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    if (FAILED(hr))
        return failure_from_sink(hr);
    if (!is_current)
        return attempt_cancelled();
    return ret ? no_failure : failure_from_hresult(E_OUTOFMEMORY);
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
    DWORD patience = connection->is_cached && !connection->index ? PACE_INTERVAL : INFINITE;
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
        failure = store(connection, connection->buffer + (offset - connection->request.asked.range.offset), offset, 0,
                size);
        if (failure.class == FAILURE_NONE)
            attempt->adjust(attempt);
    }
    return failure;
}
