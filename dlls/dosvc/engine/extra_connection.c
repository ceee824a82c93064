/*
 * Further connections of a transfer
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

/* A large resource is fetched by several connections if they bring more together.
 * The first one is the worker's; it decides how many extra ones there are, and
 * only its responses make the transfer fail or start over. An extra one that
 * fails gives its segment back.
 *
 * A stream takes its bytes in order and from the worker alone. An extra
 * connection fetches one piece of it into a buffer and ends; the next one begins
 * when the stream has taken a piece. So the buffers bound how far requests run ahead
 * of the stream, and a slow client keeps no connection waiting. When extra connections
 * have all of the next pieces, the worker only writes. */

#include "base/base.h"
#include "base/settings.h"
#include "base/wineheaders.h"
#include "engine/attempt.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define MAX_LOST    3 /* extra connections that break off until no more are made */
#define STREAM_BUFFERS_MAX   0x800000  /* bytes kept for one stream (download-api 6), ... */
#define ALL_BUFFERS_MAX   0x4000000 /* ... and for all of them */
#define ALIGNMENT   0x10000   /* of pieces */

static LONG buffered; /* bytes in buffers of pieces; interlocked */

static UINT64 get_size(struct attempt *attempt)
{
    UINT64 size;

    AcquireSRWLockShared(attempt->transfer->lock);
    size = attempt->transfer->size;
    ReleaseSRWLockShared(attempt->transfer->lock);
    return size;
}

UINT extra_connections_get_limit(void)
{
    return min(settings_get_number(SETTING_MAX_CONNECTIONS), SEGMENTS_MAX);
}

UINT extra_connections_count(struct transfer_worker *worker)
{
    UINT count;

    AcquireSRWLockShared(&worker->extra_lock);
    count = worker->extra_count;
    ReleaseSRWLockShared(&worker->extra_lock);
    return count;
}

void extra_connections_cut(struct transfer_worker *worker, UINT kept)
{
    struct attempt_connection *connection;
    UINT i = 0;

    AcquireSRWLockShared(&worker->extra_lock);
    LIST_FOR_EACH_ENTRY(connection, &worker->extra_connections, struct attempt_connection, entry)
    {
        if (i++ >= kept)
            http_cancel_set(&connection->cancel);
    }
    ReleaseSRWLockShared(&worker->extra_lock);
}

/* Wait until there are fewer extra connections than count. */
static void wait_for_extra_connection(struct transfer_worker *worker, UINT count)
{
    AcquireSRWLockExclusive(&worker->extra_lock);
    while (worker->extra_count >= count)
        SleepConditionVariableSRW(&worker->extra_left, &worker->extra_lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&worker->extra_lock);
}

/* Prepare for extra connections, when a response allows them first. */
static void init_probe(struct attempt *attempt)
{
    UINT max_count = extra_connections_get_limit();

    /* The worker of a stream may have no connection of its own. */
    if (attempt->sink->is_sequential)
    {
        max_count = min(max_count, SEGMENTS_MAX - 1);
        attempt->segments.piece = STREAM_BUFFERS_MAX / max_count / ALIGNMENT * ALIGNMENT;
    }
    throughput_probe_init(&attempt->probe, max_count);
    attempt->level = 1;
}

static void drop_segment(struct attempt *attempt, UINT index)
{
    AcquireSRWLockExclusive(attempt->transfer->lock);
    segments_drop(&attempt->segments, index);
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}

void extra_connections_drop(struct attempt *attempt)
{
    UINT i;

    extra_connections_stop(attempt);
    for (i = 1; i < SEGMENTS_MAX; i++)
        drop_segment(attempt, i);
}

void extra_connections_check_response(struct attempt *attempt, const struct request *request,
        const struct http_exchange *exchange, const struct body *body)
{
    BOOL has_ranges = exchange->head.status == 206 || (exchange->head.has_ranges && !request->asked.has_range);
    UINT64 size = get_size(attempt);

    attempt->total = plan_get_total(&attempt->plan, size);
    attempt->is_divisible = has_ranges && attempt_is_repeatable(attempt)
            && version_has_strong_tag(&attempt->target->version)
            && !attempt->worker->doubt.is_rangeless && body->length && body->length != SIZE_UNKNOWN
            && size != SIZE_UNKNOWN && attempt->total != SIZE_UNKNOWN
            && attempt->total >= SEGMENT_SIZE + SEGMENT_KEPT;
    if (attempt->is_divisible && !attempt->probe.max)
        init_probe(attempt);
    if (!attempt->is_divisible && attempt->segments.piece)
        extra_connections_drop(attempt);
    if (!extra_connections_count(attempt->worker) && !segments_count(&attempt->segments))
        extra_connections_free(attempt);
}

/* Find an extra connection that is not at work and has no segment; NULL if there is none. */
static struct attempt_connection *find_idle(struct attempt *attempt, UINT *index)
{
    UINT last = attempt->sink->is_sequential ? attempt->probe.max : attempt->probe.max - 1;
    BOOL is_idle = FALSE;

    AcquireSRWLockShared(attempt->transfer->lock);
    for (*index = 1; *index <= last; ++*index)
    {
        is_idle = !InterlockedCompareExchange(&attempt->connections[*index].is_busy, FALSE, FALSE)
                && !(segments_get_left(&attempt->segments, *index) + segments_get_filled(&attempt->segments, *index));
        if (is_idle)
            break;
    }
    ReleaseSRWLockShared(attempt->transfer->lock);
    return is_idle ? attempt->connections + *index : NULL;
}

/* Claim the segment for good. FALSE if the worker, which was faster, has taken it back. */
static BOOL confirm_segment(struct attempt_connection *connection)
{
    struct attempt *attempt = connection->attempt;
    BOOL ret;

    AcquireSRWLockExclusive(attempt->transfer->lock);
    segments_confirm(&attempt->segments, connection->index);
    ret = segments_get_left(&attempt->segments, connection->index) > 0;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    return ret;
}

/* Allocate the buffer of a piece, which is kept for the next piece. */
static BOOL reserve_piece(struct attempt_connection *connection)
{
    LONG size = connection->attempt->segments.piece;

    if (connection->buffer)
        return TRUE;
    if (InterlockedExchangeAdd(&buffered, size) <= ALL_BUFFERS_MAX - size && (connection->buffer = pages_alloc(size)))
        return TRUE;
    InterlockedExchangeAdd(&buffered, -size);
    return FALSE;
}

void extra_connections_free(struct attempt *attempt)
{
    UINT i;

    for (i = 1; i < SEGMENTS_MAX; i++)
    {
        if (!attempt->connections[i].buffer)
            continue;
        pages_free(attempt->connections[i].buffer);
        attempt->connections[i].buffer = NULL;
        InterlockedExchangeAdd(&buffered, -(LONG)attempt->segments.piece);
    }
}

/* Return whether the response is just the part that was asked for, of the very version. */
static BOOL is_accepted(const struct attempt_connection *connection, const struct http_head *head)
{
    const struct stored stored = { .version = &connection->validator, .size = get_size(connection->attempt),
            .has_bytes = TRUE };

    return rules_may_join(&stored, &connection->request.asked, head);
}

/* Note why a connection ends. The transfer does not fail by that, but tells the failure if nothing follows it until the
 * time without progress is over. */
static void note_end(struct attempt_connection *connection, const struct failure *failure, BOOL is_refused)
{
    struct attempt *attempt = connection->attempt;

    if (http_is_cancelled(&connection->cancel))
        return;
    TRACE("transfer %p: connection %u ends, hr %#lx, refused %d.\n", attempt->transfer, connection->index, failure->hr,
            is_refused);
    AcquireSRWLockExclusive(attempt->transfer->lock);
    attempt->is_full |= is_refused || ++attempt->lost_connections >= MAX_LOST;
    if (failure->class == FAILURE_RETRY)
        attempt->worker->last = *failure;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}

/* Read the body as far as no other connection has taken it. */
static struct failure read_part(struct attempt_connection *connection, struct http_exchange *exchange)
{
    const struct request *request = &connection->request;
    struct body body = { request->asked.range.offset, request->asked.range.length, FALSE };
    BOOL is_ended = FALSE;

    return receive_body(connection, exchange, &body, body.length, &request->position, &is_ended);
}

/* Make a request and store its body. FALSE if the connection is of no further use. */
static BOOL fetch(struct attempt_connection *connection)
{
    struct attempt *attempt = connection->attempt;
    const struct http_params params = attempt_get_params(attempt, &connection->request, &connection->session,
            &connection->validator);
    struct http_exchange exchange;
    BOOL is_taken, ret = FALSE;
    struct failure failure;

    failure = http_open(&params, &connection->cancel, &exchange);
    attempt_count_requests(attempt, &exchange);
    is_taken = failure.class == FAILURE_NONE && is_accepted(connection, &exchange.head);
    if (is_taken && confirm_segment(connection))
    {
        failure = read_part(connection, &exchange);
        ret = failure.class == FAILURE_NONE && !receive_get_left(connection);
    }
    if (!ret)
        note_end(connection, &failure, !is_taken);
    http_close(&exchange);
    return ret;
}

/* Open the file with a file pointer of its own. */
static BOOL open_sink(struct attempt_connection *connection)
{
    struct sink *sink;

    if (FAILED(file_sink_adopt(file_sink_get_name(connection->attempt->sink), &sink)))
        return FALSE;
    if (SUCCEEDED(sink->ops->open(sink)))
    {
        if (receive_init(connection, connection->attempt, connection->index, sink))
            return TRUE;
        sink->ops->close(sink, SINK_CLOSE);
    }
    sink_release(sink);
    return FALSE;
}

/* Fetch a piece of a stream. Its first part is of use even if the rest fails. */
static void get_piece(struct attempt_connection *connection)
{
    struct attempt *attempt = connection->attempt;

    connection->sink = NULL;
    connection->buffer_size = SEQUENTIAL_MAX;
    fetch(connection);
    AcquireSRWLockExclusive(attempt->transfer->lock);
    segments_settle(&attempt->segments, connection->index);
    WakeConditionVariable(&attempt->filled);
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}

/* Fetch segments of a file, one after the other. */
static void get_ranges(struct attempt_connection *connection)
{
    struct attempt *attempt = connection->attempt;

    if (!open_sink(connection))
    {
        note_end(connection, &no_failure, TRUE);
    }
    else
    {
        while (attempt_next_request(attempt, connection->index, &connection->request, TRUE) && fetch(connection))
            ;
        connection->sink->ops->close(connection->sink, SINK_CLOSE);
        sink_release(connection->sink);
    }
    pages_free(connection->buffer);
    connection->buffer = NULL;
    drop_segment(attempt, connection->index);
}

/* Work until nothing is left. The attempt may end as soon as extra_count is lowered. */
static void CALLBACK connection_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct attempt_connection *connection = context;
    struct attempt *attempt = connection->attempt;
    struct transfer_worker *worker = attempt->worker;

    CallbackMayRunLong(instance);
    if (attempt->segments.piece)
        get_piece(connection);
    else
        get_ranges(connection);
    session_clear(&connection->session);
    engine_end_extra(&connection->slot);
    AcquireSRWLockExclusive(&worker->extra_lock);
    list_remove(&connection->entry);
    InterlockedExchange(&connection->is_busy, FALSE);
    worker->extra_count--;
    WakeConditionVariable(&attempt->filled);
    WakeAllConditionVariable(&worker->extra_left);
    ReleaseSRWLockExclusive(&worker->extra_lock);
}

/* Give the connection a slot and a thread. FALSE if there is none, or the worker is cancelled; a later cancellation
 * finds the connection in the list. */
static BOOL launch(struct attempt_connection *connection)
{
    struct transfer_worker *worker = connection->attempt->worker;
    BOOL ret;

    connection->slot.cancel = &connection->cancel;
    if (!engine_add_extra(worker, &connection->slot))
        return FALSE;
    AcquireSRWLockExclusive(&worker->extra_lock);
    if ((ret = !http_is_cancelled(&worker->cancel) && engine_start_thread(connection_proc, connection)))
    {
        list_add_tail(&worker->extra_connections, &connection->entry);
        worker->extra_count++;
    }
    ReleaseSRWLockExclusive(&worker->extra_lock);
    if (!ret)
        engine_end_extra(&connection->slot);
    return ret;
}

/* Start an extra connection. FALSE if nothing is left for it to fetch, or it cannot be made. */
static BOOL start_connection(struct attempt *attempt)
{
    struct transfer_worker *worker = attempt->worker;
    struct attempt_connection *connection;
    struct range *range;
    UINT index;

    if (!(connection = find_idle(attempt, &index)) || !attempt_next_request(attempt, index, &connection->request, TRUE))
        return FALSE;
    range = &connection->request.asked.range;
    TRACE("transfer %p: connection %u, offset %s, length %s.\n", attempt->transfer, index,
            wine_dbgstr_longlong(range->offset), wine_dbgstr_longlong(range->length));
    connection->attempt = attempt;
    connection->index = index;
    connection->validator = attempt->target->version;
    wcscpy_s(connection->cache_host, ARRAY_SIZE(connection->cache_host), attempt->cache.host);
    http_cancel_reset(&connection->cancel);
    connection->is_busy = TRUE;
    if (session_copy(&connection->session, &worker->session) && (!attempt->segments.piece || reserve_piece(connection))
            && launch(connection))
        return TRUE;
    connection->is_busy = FALSE;
    session_clear(&connection->session);
    drop_segment(attempt, index);
    return FALSE;
}

/* Count connections. One whose piece waits for the stream counts; a worker that only writes does not. */
static UINT count_connections(struct attempt *attempt)
{
    UINT count;

    if (!attempt->segments.piece)
        return 1 + extra_connections_count(attempt->worker);
    AcquireSRWLockShared(attempt->transfer->lock);
    count = segments_count(&attempt->segments) + (segments_get_left(&attempt->segments, 0) > 0);
    ReleaseSRWLockShared(attempt->transfer->lock);
    return count;
}

static UINT start_connections(struct attempt *attempt, UINT count, UINT wanted)
{
    while (count < wanted && start_connection(attempt))
        count++;
    return count;
}

void extra_connections_adjust(struct attempt *attempt)
{
    UINT count, wanted;
    UINT64 left;

    if (!attempt->is_divisible)
        return;
    count = count_connections(attempt);
    if (attempt->segments.piece)
    {
        /* A single one is the worker's. Superfluous ones end with their piece. */
        if (attempt->level > 1)
            count = start_connections(attempt, count, attempt->level);
        if (count > attempt->level)
            return;
    }
    AcquireSRWLockShared(attempt->transfer->lock);
    left = attempt->total - min(attempt->total, attempt->transfer->bytes_received);
    ReleaseSRWLockShared(attempt->transfer->lock);
    wanted = throughput_probe_get_count(&attempt->probe, count, InterlockedExchangeAdd64(&attempt->arrived, 0), left,
            GetTickCount64());
    if (wanted < count)
    {
        TRACE("transfer %p: %u connections bring no more than %u.\n", attempt->transfer, count, wanted);
        if (!attempt->segments.piece)
            extra_connections_cut(attempt->worker, wanted - 1);
    }
    attempt->level = wanted;
    start_connections(attempt, count, wanted);
}

static BOOL is_complete(struct attempt *attempt)
{
    struct transfer *transfer = attempt->transfer;
    struct range gap;
    UINT64 position;
    BOOL ret;

    if (!attempt_lock(attempt))
        return FALSE;
    ret = !plan_next_gap(&attempt->plan, transfer->size, &attempt->target->received, &attempt->cursor, &gap, &position);
    attempt_unlock(attempt);
    return ret;
}

BOOL extra_connections_next_request(struct attempt *attempt, struct request *request)
{
    UINT count;

    /* A connection that ends after it was counted may have left a segment behind. */
    while ((count = extra_connections_count(attempt->worker)), !attempt_next_request(attempt, 0, request, TRUE))
    {
        if (!count || is_complete(attempt))
            return FALSE;
        wait_for_extra_connection(attempt->worker, count);
    }
    return TRUE;
}

void extra_connections_stop(struct attempt *attempt)
{
    extra_connections_cut(attempt->worker, 0);
    wait_for_extra_connection(attempt->worker, 1);
}
