/*
 * The work on a transfer, from its first request to its last byte
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

/* Decide what to ask for next, ask, store the body; until nothing is missing. */

#include <stdlib.h>

#include "engine/attempt.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define MAX_MALFORMED 2 /* responses in a row */

/* Tell the owner of a response of the server, also of one that is refused, or of one of a cache host that is taken. */
static void publish_response(struct attempt *attempt, struct http_exchange *exchange)
{
    struct transfer *transfer = attempt->transfer;

    AcquireSRWLockExclusive(transfer->lock);
    if (exchange->head.text)
    {
        transfer_forget_response_locked(transfer);
        transfer->response_headers = exchange->head.text;
        exchange->head.text = NULL;
        transfer->response_status = exchange->head.status;
        transfer->final_url = exchange->is_redirected && !attempt->cache.url ? wcsdup(exchange->url) : NULL;
        transfer->response_address = exchange->address[0] ? wcsdup(exchange->address) : NULL;
    }
    if (attempt->cache.url)
    {
        free(transfer->cache_host);
        transfer->cache_host = wcsdup(attempt->cache.host);
    }
    if (exchange->head.status)
        transfer->ops->changed(transfer, TRANSFER_EVENT_RESPONSE);
    ReleaseSRWLockExclusive(transfer->lock);
}

/* Find another missing piece that comes in this body. */
static BOOL next_piece(struct attempt *attempt, const struct body *body, struct request *piece)
{
    return body->is_whole && body->length && attempt_next_request(attempt, 0, piece, FALSE)
            && piece->asked.range.offset >= body->offset
            && response_may_skip(attempt, piece->asked.range.offset - body->offset);
}

/* Return whether another connection has taken the end of the piece. It may have failed to get that. */
static BOOL is_cut(const struct body *body, const struct request *piece)
{
    return body->length && body->offset - piece->asked.range.offset < piece->asked.range.length;
}

static BOOL extend(struct attempt *attempt, UINT64 limit)
{
    BOOL ret;

    if (!attempt_lock(attempt))
        return FALSE;
    ret = segments_extend(&attempt->segments, 0, min(limit, attempt->transfer->size), &attempt->target->received);
    attempt_unlock(attempt);
    return ret;
}

/* Store the piece, as far as it comes. */
static struct failure read_piece(struct attempt *attempt, struct http_exchange *exchange, struct body *body,
        const struct request *piece, BOOL *is_ended)
{
    UINT64 position = piece->position + body->offset - piece->asked.range.offset;
    UINT64 length = piece->asked.range.length, start = body->offset;
    struct failure failure;

    do
    {
        failure = receive_body(attempt->connections, exchange, body, length, &position, is_ended);
        position += body->offset - start;
        if (length != LENGTH_TO_EOF)
            length -= body->offset - start;
        start = body->offset;
    } while (failure.class == FAILURE_NONE && !*is_ended && is_cut(body, piece)
            && extend(attempt, body->offset + min(length, body->length)));
    return failure;
}

/* Make sure that a whole body without an announced length ends at the known size. */
static struct failure find_end(struct attempt *attempt, struct http_exchange *exchange, struct body *body,
        BOOL is_ended)
{
    DWORD error, size = 0;
    BYTE surplus;

    if (!is_ended && (error = http_read(exchange, &surplus, sizeof(surplus), INFINITE, &size)))
        return failure_from_transport(error);
    return response_end(attempt, body->offset + size);
}

static struct failure receive(struct attempt *attempt, const struct request *request, struct http_exchange *exchange,
        struct body *body)
{
    UINT64 end = body->length == SIZE_UNKNOWN ? SIZE_UNKNOWN : body->offset + body->length;
    struct request piece = *request;
    struct failure failure;
    BOOL is_ended = FALSE;

    /* The transfer may have begun anew with this body. */
    if (body->is_whole && !attempt_next_request(attempt, 0, &piece, FALSE))
        return no_failure;
    do
    {
        failure = receive_body(attempt->connections, exchange, body, piece.asked.range.offset - body->offset, NULL,
                &is_ended);
        if (failure.class == FAILURE_NONE && body->length)
            failure = read_piece(attempt, exchange, body, &piece, &is_ended);
        if (failure.class != FAILURE_NONE)
            return failure;
    } while (!is_ended && !is_cut(body, &piece) && next_piece(attempt, body, &piece));

    /* The rest of the body may be there already. */
    if (end == SIZE_UNKNOWN && !attempt->plan.count && (is_ended || body->offset >= attempt->transfer->size))
        return find_end(attempt, exchange, body, is_ended);
    if (!is_ended || body->offset == end)
        return no_failure;
    return end == SIZE_UNKNOWN ? response_end(attempt, body->offset)
            : failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
}

/* Send later requests to where this one had its response, but not to where it failed. */
static void remember_exchange(struct attempt *attempt, const struct http_exchange *exchange, BOOL has_response)
{
    struct session *session = &attempt->worker->session;

    free(session->redirect);
    session->redirect = has_response && exchange->is_redirected && !exchange->is_downgraded
            && attempt_is_repeatable(attempt) ? wcsdup(exchange->url) : NULL;
    session->is_authorized = exchange->is_authorized;
}

/* Give up a server whose heads or bodies are not HTTP. */
static void count_malformed(struct attempt *attempt, struct failure *failure)
{
    struct transfer_worker *worker = attempt->worker;

    if (failure->hr == HRESULT_FROM_WIN32(ERROR_WINHTTP_INVALID_SERVER_RESPONSE))
    {
        if (++worker->malformed < MAX_MALFORMED)
            return;
        worker->malformed = 0;
        failure->class = FAILURE_FATAL;
    }
    else if (failure->http_status || failure->class == FAILURE_NONE)
    {
        worker->malformed = 0;
    }
}

/* Return whether anything was stored or given up since the last call. */
static BOOL has_moved(struct attempt *attempt)
{
    BOOL ret;

    AcquireSRWLockExclusive(attempt->transfer->lock);
    ret = attempt->has_moved;
    attempt->has_moved = FALSE;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    return ret;
}

/* Return whether another request could continue the body. */
static BOOL can_resume(const struct attempt *attempt, const struct http_head *head)
{
    return (head->status == 206 || head->has_ranges) && validator_if_range(&attempt->target->version)
            && attempt_is_repeatable(attempt);
}

/* Make a request, and judge the response. */
static struct failure request_body(struct attempt *attempt, const struct request *request,
        struct http_exchange *exchange, struct body *body, BOOL *is_short)
{
    struct transfer_worker *worker = attempt->worker;
    const struct http_params params = attempt_get_params(attempt, request, &worker->session,
            &attempt->target->version);
    struct failure failure;

    wcscpy_s(attempt->connections[0].cache_host, ARRAY_SIZE(attempt->connections[0].cache_host), attempt->cache.host);
    failure = http_open(&params, &worker->cancel, exchange);
    attempt_count_requests(attempt, exchange);
    if (!attempt->cache.url)
    {
        publish_response(attempt, exchange);
        remember_exchange(attempt, exchange, failure.class == FAILURE_NONE);
    }
    if (failure.class == FAILURE_NONE)
        failure = response_accept(attempt, request, exchange, body, is_short);
    if (failure.class == FAILURE_NONE && attempt->cache.url)
        publish_response(attempt, exchange);
    return failure;
}

/* Make one request and store its body. is_lost: the body broke off. */
static struct failure fetch(struct attempt *attempt, const struct request *request, BOOL *is_lost)
{
    struct transfer_worker *worker = attempt->worker;
    struct http_exchange exchange;
    struct failure failure;
    struct body body = {0};
    BOOL is_short = FALSE;

    *is_lost = FALSE;
    failure = request_body(attempt, request, &exchange, &body, &is_short);
    if (failure.class == FAILURE_NONE)
        extra_connections_check_response(attempt, request, &exchange, &body);
    if (failure.class == FAILURE_NONE)
        engine_set_fixed(worker, !can_resume(attempt, &exchange.head));
    if (failure.class == FAILURE_NONE && body.length)
    {
        AcquireSRWLockExclusive(attempt->transfer->lock);
        worker->has_response = TRUE;
        worker->retry.is_crawling = is_short;
        ReleaseSRWLockExclusive(attempt->transfer->lock);
        failure = receive(attempt, request, &exchange, &body);
        *is_lost = TRUE;
        /* Make a pause if the server gives a few bytes at a time, or nothing new. An extra connection may have taken
         * all that was asked for. */
        if (failure.class == FAILURE_NONE && (is_short || (!has_moved(attempt) && !extra_connections_count(worker))))
        {
            *is_lost = attempt->transfer->rules->max_fruitless != 0;
            failure = failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
        }
    }
    if (!attempt->cache.url)
        count_malformed(attempt, &failure);
    *is_lost &= failure.class == FAILURE_RETRY;
    http_close(&exchange);
    return failure;
}

/* Return whether to ask again within this attempt, after a pause if there has to be one. The failure is the last one
 * if the time without progress is over before the attempt is. */
static BOOL may_reconnect(struct attempt *attempt, const struct failure *failure)
{
    const struct transfer *transfer = attempt->transfer;
    struct retry *retry = &attempt->worker->retry;
    UINT max_fruitless = transfer->rules->max_fruitless;
    DWORD pause = 0;
    BOOL ret;

    if (!attempt_is_repeatable(attempt) || !attempt_lock(attempt))
        return FALSE;
    attempt->worker->last = *failure;
    if (max_fruitless)
        ret = retry_after_pause(retry, max_fruitless, progress_now(), &pause);
    else
        ret = transfer->no_progress_timeout && retry_at_once(retry, progress_now());
    attempt_unlock(attempt);
    return ret && (!pause || !http_cancel_wait(&attempt->worker->cancel, pause));
}

/* Get what is to be requested next; there may be nothing. has_response: of the request before, without a failure. */
static struct failure next_request(struct attempt *attempt, BOOL has_response, struct request *request,
        BOOL *is_missing)
{
    struct failure failure = receive_deliver(attempt);
    BOOL is_dropped = FALSE;

    *is_missing = FALSE;
    if (failure.class == FAILURE_NONE)
        failure = attempt_drop_partial_ranges(attempt, &is_dropped);
    if (failure.class == FAILURE_NONE && (*is_missing = extra_connections_next_request(attempt, request))
            && has_response && (is_dropped || !attempt_is_repeatable(attempt)))
        /* The server would be asked for ever if it never sends a whole range. */
        failure = failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
    return failure;
}

static struct failure fetch_missing(struct attempt *attempt)
{
    BOOL is_lost = FALSE, has_response = FALSE, is_missing;
    struct failure failure;
    struct request request;

    while ((failure = next_request(attempt, has_response, &request, &is_missing)).class == FAILURE_NONE && is_missing)
    {
        if ((failure = cache_source_check(attempt)).class == FAILURE_NONE)
            failure = fetch(attempt, &request, &is_lost);
        has_response = failure.class == FAILURE_NONE;
        if (has_response)
            continue;
        if (attempt->cache.url)
            extra_connections_stop(attempt);
        if (cache_source_leave(attempt, &failure))
            continue;
        if (!is_lost || http_is_cancelled(&attempt->worker->cancel) || !may_reconnect(attempt, &failure))
            return failure;
        TRACE("transfer %p: connection lost.\n", attempt->transfer);
    }
    return failure;
}

/* Fetch what is missing, and again what turns out to be wrong. */
static struct failure fetch_all(struct attempt *attempt)
{
    struct failure failure = integrity_prepare(attempt);
    BOOL is_complete = FALSE;

    if (failure.class == FAILURE_NONE && attempt->hashes && !attempt->sink->is_sequential)
        failure = verifier_start(attempt);
    while (failure.class == FAILURE_NONE && !is_complete)
    {
        failure = fetch_missing(attempt);
        if (failure.class == FAILURE_NONE)
            failure = response_check_size(attempt);
        if (failure.class == FAILURE_NONE)
            failure = integrity_check_received(attempt);
        is_complete = !attempt->hashes || attempt->sink->is_sequential;
        if (failure.class == FAILURE_NONE && !is_complete)
            failure = verifier_finish(attempt, &is_complete);
    }
    return failure;
}

/* Begin anew if the file does not hold all that was stored. */
static struct failure check_stored(struct attempt *attempt)
{
    UINT64 length = attempt->sink->length, stored;

    if (attempt->sink->is_sequential)
        return no_failure;
    if (!attempt_lock(attempt))
        return attempt_cancelled();
    stored = plan_get_stored_length(&attempt->plan, attempt->transfer->size, &attempt->target->received);
    attempt_unlock(attempt);
    return length < stored ? attempt_restart(attempt, "the file is too short") : no_failure;
}

/* Create the temporary file, when it is needed first. */
static HRESULT create_sink(struct attempt *attempt)
{
    struct sink *sink;
    HRESULT hr;

    if (!attempt->path)
        return DO_E_FILE_DOWNLOADSINK_UNSPECIFIED;
    if (attempt->target->is_lost && (FAILED(hr = file_sink_create_folders(attempt->path))
            || FAILED(hr = transfer_forget(attempt->transfer))))
        return hr;
    if (FAILED(hr = file_sink_create(attempt->path, attempt->transfer->temporary_id, attempt->transfer->is_passing,
            &sink)))
        return hr;
    if (!attempt_lock(attempt))
    {
        sink_discard(sink);
        return HRESULT_FROM_WIN32(ERROR_WINHTTP_OPERATION_CANCELLED);
    }
    attempt->target->sink = sink;
    attempt->sink = sink_addref(sink);
    attempt_unlock(attempt);
    return S_OK;
}

static struct failure open_sink(struct attempt *attempt)
{
    HRESULT hr;

    if (!attempt->sink && FAILED(hr = create_sink(attempt)))
        return failure_from_hresult(hr);
    sink_lock(attempt->sink);
    hr = attempt->sink->ops->open(attempt->sink);
    sink_unlock(attempt->sink);
    if (FAILED(hr))
    {
        transfer_check_file(attempt->transfer, attempt->target, hr);
        return failure_from_sink(hr);
    }
    if (!receive_init(attempt->connections, attempt, 0, attempt->sink))
        return failure_from_hresult(E_OUTOFMEMORY);
    return check_stored(attempt);
}

/* Forget all that was learned from another URL. */
static void compare_url(struct attempt *attempt)
{
    struct transfer_worker *worker = attempt->worker;
    WCHAR *copy;

    if (worker->url && !wcscmp(worker->url, attempt->url))
        return;
    copy = wcsdup(attempt->url);
    free(worker->url);
    worker->url = copy;
    session_clear(&worker->session);
    memset(&worker->doubt, 0, sizeof(worker->doubt));
    worker->malformed = 0;
    worker->is_page_wrong = FALSE;
}

/* Replace the failure of a host if there is no network at all. */
static void blame_network(struct attempt *attempt, struct failure *failure)
{
    HRESULT hr = failure->hr;

    if (failure->class != FAILURE_RETRY || !failure_is_remote(failure) || HRESULT_FACILITY(hr) != FACILITY_WIN32)
        return;
    if (attempt->is_local || http_is_cancelled(&attempt->worker->cancel) || network_is_present())
        return;
    WARN("transfer %p: no network, hr %#lx.\n", attempt->transfer, hr);
    *failure = failure_from_hresult(DO_E_BLOCKED_BY_NO_NETWORK);
    failure->underlying = hr;
}

/* Leave it to the client to make a request again that is no GET. */
static void end_unrepeatable(struct attempt *attempt, struct failure *failure)
{
    if (attempt_is_repeatable(attempt) || failure->class != FAILURE_RETRY
            || failure->hr == HRESULT_FROM_WIN32(ERROR_WINHTTP_OPERATION_CANCELLED))
        return;
    failure->class = FAILURE_FATAL;
}

/* Close the sink. After an attempt without a failure the target is complete. */
static void end_sink(struct attempt *attempt, struct failure *failure)
{
    BOOL is_flushed_later = attempt->transfer->rules->is_flushed_later;
    BOOL is_complete = failure->class == FAILURE_NONE;
    enum sink_end end = !is_complete ? SINK_CLOSE : is_flushed_later ? SINK_KEEP : SINK_FLUSH;
    HRESULT hr;

    sink_lock(attempt->sink);
    hr = attempt->sink->ops->close(attempt->sink, end);
    sink_unlock(attempt->sink);
    if (FAILED(hr))
    {
        transfer_lose(attempt->transfer, attempt->target, hr);
        if (is_complete)
            *failure = failure_from_sink(hr);
        return;
    }
    if (!is_complete)
        return;
    if (!attempt_lock(attempt))
    {
        *failure = attempt_cancelled();
        return;
    }
    attempt->target->is_complete = TRUE;
    attempt->target->is_unflushed = is_flushed_later && !attempt->sink->is_sequential;
    attempt_unlock(attempt);
}

static struct failure perform(struct attempt *attempt)
{
    struct failure failure;

    compare_url(attempt);
    if (attempt->is_started)
        cache_source_start(attempt->worker);
    if (!cache_source_select(attempt))
        return attempt_cancelled();
    failure = open_sink(attempt);
    if (failure.class == FAILURE_NONE && attempt->is_restart_wanted)
        failure = attempt_restart(attempt, "the client has started it again");
    if (failure.class == FAILURE_NONE)
        failure = fetch_all(attempt);
    extra_connections_stop(attempt);
    verifier_stop(attempt, &failure);
    receive_drop_staged(attempt);
    if (attempt->sink)
        end_sink(attempt, &failure);
    return failure;
}

static struct failure perform_transfer(struct transfer *transfer, BYTE **buffer)
{
    struct failure failure;
    struct attempt attempt;
    HRESULT hr;

    hr = attempt_init(&attempt, transfer);
    attempt.connections[0].buffer = *buffer;
    attempt.adjust = extra_connections_adjust;
    failure = SUCCEEDED(hr) ? perform(&attempt) : failure_from_hresult(hr);
    blame_network(&attempt, &failure);
    cache_source_end(&attempt, &failure);
    if (attempt.is_unverifiable)
        integrity_explain(&failure);
    end_unrepeatable(&attempt, &failure);
    *buffer = attempt.connections[0].buffer;
    extra_connections_free(&attempt);
    cache_source_free(&attempt);
    attempt_cleanup(&attempt);
    return failure;
}

const struct engine_callbacks transfer_callbacks = { perform_transfer, extra_connections_cut };
