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

#include "network.h"
#include "run.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define MAX_MALFORMED 2 /* responses in a row */

static const struct failure no_failure;

BOOL attempt_lock(struct attempt *attempt)
{
    AcquireSRWLockExclusive(attempt->transfer->lock);
    if (attempt->generation == attempt->run->generation)
        return TRUE;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    return FALSE;
}

void attempt_unlock(struct attempt *attempt)
{
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}

struct failure attempt_cancelled(void)
{
    return failure_from_transport(ERROR_WINHTTP_OPERATION_CANCELLED);
}

/* A gap without an end is asked for up to the end, a long one piece by piece. */
static void limit_request(const struct attempt *attempt, struct request *request)
{
    UINT64 max_body = http_get_max_body();

    if (request->range.offset + request->range.length == SIZE_UNKNOWN)
        request->range.length = LENGTH_TO_EOF;
    else if (request->has_range)
        request->range.length = min(request->range.length, max_body);
    if (attempt->run->is_split)
        request->range.length = min(request->range.length, max_body);
}

struct missing attempt_get_missing_locked(struct attempt *attempt)
{
    struct missing missing = { &attempt->plan, &attempt->cursor, attempt->transfer->size,
            &attempt->transfer->received };

    return missing;
}

/* FALSE if nothing is missing, or if the attempt counts no more. */
BOOL attempt_next_request(struct attempt *attempt, struct request *request, BOOL is_taking)
{
    struct transfer *transfer = attempt->transfer;
    struct transfer_run *run = attempt->run;
    struct claim *claim = attempt->split.claims;
    struct missing missing;
    BOOL ret;

    memset(request, 0, sizeof(*request));
    if (!attempt_lock(attempt))
        return FALSE;
    request->has_range = (attempt->plan.count || transfer->received.count || run->is_split) && !run->is_rangeless;
    missing = attempt_get_missing_locked(attempt);
    if ((ret = split_take(&attempt->split, 0, &missing, is_taking)))
    {
        request->range.offset = claim->offset;
        request->range.length = claim->end - claim->offset;
        request->position = claim->position;
        limit_request(attempt, request);
        if (request->range.length != LENGTH_TO_EOF)
            claim->end = request->range.offset + request->range.length;
    }
    attempt_unlock(attempt);
    return ret;
}

/* The owner hears of each response, also of those that are refused. */
static void publish_response(struct attempt *attempt, struct http_exchange *exchange)
{
    WCHAR *final_url = exchange->is_redirected ? wcsdup(exchange->url) : NULL;
    WCHAR *address = exchange->address[0] ? wcsdup(exchange->address) : NULL;
    struct transfer *transfer = attempt->transfer;

    AcquireSRWLockExclusive(transfer->lock);
    transfer->request_count += exchange->request_count;
    if (exchange->head.text)
    {
        free(transfer->response_headers);
        transfer->response_headers = exchange->head.text;
        exchange->head.text = NULL;
        transfer->response_status = exchange->head.status;
        free(transfer->final_url);
        transfer->final_url = final_url;
        final_url = NULL;
        free(transfer->response_address);
        transfer->response_address = address;
        address = NULL;
    }
    ReleaseSRWLockExclusive(transfer->lock);
    free(final_url);
    free(address);
}

/* Whether another piece that is missing comes in this body. */
static BOOL next_piece(struct attempt *attempt, const struct body *body, struct request *piece)
{
    return body->is_whole && body->length && attempt_next_request(attempt, piece, FALSE)
            && piece->range.offset >= body->offset
            && answer_may_skip(attempt, piece->range.offset - body->offset);
}

/* Whether another lane has taken the end of the piece. It may have failed to get it. */
static BOOL is_cut(const struct body *body, const struct request *piece)
{
    return body->length && body->offset - piece->range.offset < piece->range.length;
}

static BOOL extend(struct attempt *attempt, UINT64 limit)
{
    BOOL ret;

    if (!attempt_lock(attempt))
        return FALSE;
    ret = !attempt->is_changed && split_extend(&attempt->split, 0, min(limit, attempt->transfer->size),
            &attempt->transfer->received);
    attempt_unlock(attempt);
    return ret;
}

/* Store what comes of the piece. */
static struct failure read_piece(struct attempt *attempt, struct http_exchange *exchange, struct body *body,
        const struct request *piece, BOOL *is_ended)
{
    UINT64 position = piece->position + body->offset - piece->range.offset;
    UINT64 length = piece->range.length, start = body->offset;
    struct failure failure;

    do
    {
        failure = lane_read(attempt->lanes, exchange, body, length, &position, is_ended);
        position += body->offset - start;
        if (length != LENGTH_TO_EOF)
            length -= body->offset - start;
        start = body->offset;
    } while (failure.class == FAILURE_NONE && !*is_ended && is_cut(body, piece)
            && extend(attempt, body->offset + min(length, body->length)));
    return failure;
}

static struct failure receive(struct attempt *attempt, const struct request *request, struct http_exchange *exchange,
        struct body *body)
{
    UINT64 end = body->length == SIZE_UNKNOWN ? SIZE_UNKNOWN : body->offset + body->length;
    struct request piece = *request;
    struct failure failure;
    BOOL is_ended = FALSE;

    /* The transfer may have begun anew with it. */
    if (body->is_whole && !attempt_next_request(attempt, &piece, FALSE))
        return no_failure;
    if (body->length != SIZE_UNKNOWN)
        body->length = min(body->length, http_get_max_body());
    do
    {
        failure = lane_read(attempt->lanes, exchange, body, piece.range.offset - body->offset, NULL, &is_ended);
        if (failure.class == FAILURE_NONE && body->length)
            failure = read_piece(attempt, exchange, body, &piece, &is_ended);
        if (failure.class != FAILURE_NONE)
            return failure;
    } while (!is_ended && !is_cut(body, &piece) && next_piece(attempt, body, &piece));

    if (!is_ended || body->offset == end)
        return no_failure;
    if (body->length != SIZE_UNKNOWN)
        return failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
    if (!attempt->plan.count && body->offset < piece.range.offset)
        return answer_restart_changed(attempt, "shorter than what is stored");
    return answer_learn_size(attempt, body->offset);
}

/* Later requests go where this one was answered; a target that failed is not
 * asked again. */
static void remember_exchange(struct attempt *attempt, const struct http_exchange *exchange, BOOL is_answered)
{
    struct transfer_run *run = attempt->run;

    free(run->redirect);
    run->redirect = is_answered && exchange->is_redirected ? wcsdup(exchange->url) : NULL;
    run->is_authorized = exchange->is_authorized;
}

/* A server that does not speak HTTP is not tried for ever: neither its heads nor its bodies. */
static void count_malformed(struct attempt *attempt, const struct http_exchange *exchange, struct failure *failure)
{
    struct transfer_run *run = attempt->run;

    if (failure->hr == HRESULT_FROM_WIN32(ERROR_WINHTTP_INVALID_SERVER_RESPONSE))
    {
        if (++run->malformed < MAX_MALFORMED)
            return;
        run->malformed = 0;
        failure->class = FAILURE_FATAL;
    }
    else if (failure->http_status || (failure->class == FAILURE_NONE && exchange->answer != HTTP_BAD_PART))
    {
        run->malformed = 0;
    }
}

/* One request and its body. is_lost: the body broke off. */
static struct failure fetch(struct attempt *attempt, const struct request *request, BOOL *is_lost)
{
    struct transfer_run *run = attempt->run;
    const struct http_params params =
    {
        .rules = attempt->transfer->rules,
        .options = attempt->options ? &attempt->options->values : NULL,
        .url = attempt->url,
        .redirect = run->redirect,
        .range = request->has_range ? &request->range : NULL,
        .if_range = validator_if_range(&run->validator),
        .is_authorized = run->is_authorized,
        .is_foreground = &attempt->transfer->is_foreground,
    };
    struct http_exchange exchange;
    struct failure failure;
    struct body body;

    *is_lost = FALSE;
    if (!ahead_take(attempt->ahead, &params, &run->cancel, &exchange, &failure))
        failure = http_open(&params, &run->cancel, &exchange);
    publish_response(attempt, &exchange);
    remember_exchange(attempt, &exchange, failure.class == FAILURE_NONE);
    if (failure.class == FAILURE_NONE)
        failure = answer_accept(attempt, request, &exchange, &body);
    if (failure.class == FAILURE_NONE)
        lanes_judge(attempt, request, &exchange);
    if (failure.class == FAILURE_NONE)
        ahead_tend(attempt->ahead, attempt->transfer, body.length);
    if (failure.class == FAILURE_NONE && body.length)
    {
        AcquireSRWLockExclusive(attempt->transfer->lock);
        run->has_answer = TRUE;
        ReleaseSRWLockExclusive(attempt->transfer->lock);
        failure = receive(attempt, request, &exchange, &body);
        *is_lost = TRUE;
    }
    count_malformed(attempt, &exchange, &failure);
    *is_lost &= failure.class == FAILURE_RETRY;
    http_close(&exchange);
    return failure;
}

/* Nothing could tell whether what the server has now belongs to what is stored.
 * A stream keeps what it has all the same. */
static BOOL is_unverifiable(struct attempt *attempt, BOOL is_url_new)
{
    struct transfer *transfer = attempt->transfer;
    BOOL ret;

    if (attempt->sink->is_sequential || !attempt_lock(attempt))
        return FALSE;
    ret = transfer->received.count && !validator_if_range(&attempt->run->validator)
            && ((is_url_new && !transfer->rules->is_size_enough)
            || (!attempt->plan.count && transfer->size == SIZE_UNKNOWN));
    attempt_unlock(attempt);
    return ret;
}

static BOOL may_reconnect(struct attempt *attempt)
{
    BOOL ret;

    if (!attempt_lock(attempt))
        return FALSE;
    ret = attempt->transfer->no_progress_timeout && retry_at_once(&attempt->run->retry, GetTickCount64());
    attempt_unlock(attempt);
    return ret;
}

/* What the worker reads is not what another lane is given. */
static BOOL is_changed(struct attempt *attempt)
{
    BOOL ret;

    AcquireSRWLockShared(attempt->transfer->lock);
    ret = attempt->is_changed;
    ReleaseSRWLockShared(attempt->transfer->lock);
    return ret;
}

static struct failure fetch_all(struct attempt *attempt)
{
    struct failure failure;
    struct request request;
    BOOL is_lost;

    while ((failure = lanes_deliver(attempt)).class == FAILURE_NONE && lanes_next_request(attempt, &request))
    {
        failure = fetch(attempt, &request, &is_lost);
        if (is_changed(attempt) && !http_is_cancelled(&attempt->run->cancel))
        {
            attempt->run->is_alone = TRUE;
            failure = answer_restart_changed(attempt, "another version for another connection");
        }
        if (failure.class == FAILURE_NONE)
            continue;
        if (!is_lost || http_is_cancelled(&attempt->run->cancel) || !may_reconnect(attempt))
            return failure;
        TRACE("transfer %p: connection lost.\n", attempt->transfer);
        if (is_unverifiable(attempt, FALSE)
                && (failure = answer_restart(attempt, "no validator")).class != FAILURE_NONE)
            return failure;
    }
    return failure;
}

/* What the file does not hold any more is fetched again. */
static struct failure check_stored(struct attempt *attempt)
{
    struct transfer *transfer = attempt->transfer;
    UINT64 length = attempt->sink->length, stored;
    BOOL is_whole = !attempt->plan.count || attempt->plan.layout == LAYOUT_OFFSETS, is_cut = FALSE;

    if (!attempt_lock(attempt))
        return attempt_cancelled();
    if (!transfer->received.count)
        memset(&attempt->run->validator, 0, sizeof(attempt->run->validator));
    stored = plan_get_stored_length(&attempt->plan, transfer->size, &transfer->received);
    if (!attempt->sink->is_sequential && length < stored && is_whole)
    {
        WARN("transfer %p: the file ends at %s.\n", transfer, wine_dbgstr_longlong(length));
        range_set_truncate(&transfer->received, length);
        transfer->bytes_received = plan_get_received(&attempt->plan, &transfer->received);
        transfer->ops->changed(transfer, TRANSFER_EVENT_PROGRESS);
        stored = length;
        is_cut = TRUE;
    }
    attempt_unlock(attempt);
    if (is_cut)
        transfer_forget(transfer);
    return attempt->sink->is_sequential || length >= stored ? no_failure
            : answer_restart(attempt, "the file is too short");
}

/* The temporary file is made when it is needed first. */
static HRESULT create_sink(struct attempt *attempt)
{
    struct sink *sink;
    HRESULT hr;

    if (!attempt->path)
        return DO_E_FILE_DOWNLOADSINK_UNSPECIFIED;
    if (FAILED(hr = file_sink_create(attempt->path, attempt->transfer->temporary_id, &sink)))
        return hr;
    if (!attempt_lock(attempt))
    {
        sink_discard(sink);
        return HRESULT_FROM_WIN32(ERROR_WINHTTP_OPERATION_CANCELLED);
    }
    attempt->sink = attempt->run->sink = attempt->run->busy_sink = sink;
    attempt_unlock(attempt);
    return S_OK;
}

/* The file was deleted, and the owner has heard of it. */
static void drop_lost_sink(struct attempt *attempt)
{
    struct sink *sink = attempt->sink;

    attempt->run->is_sink_lost = FALSE;
    if (!sink || sink->is_sequential)
        return;
    AcquireSRWLockExclusive(attempt->transfer->lock);
    if (attempt->run->sink == sink)
        attempt->run->sink = NULL;
    attempt->run->busy_sink = NULL;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    attempt->sink = NULL;
    sink_lock(attempt->run, sink);
    sink->ops->destroy(sink);
    sink_unlock(attempt->run, NULL);
}

static BOOL is_missing(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) || hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
}

static struct failure open_sink(struct attempt *attempt)
{
    struct transfer_run *run = attempt->run;
    BOOL is_new;
    HRESULT hr;

    if (run->is_sink_lost)
        drop_lost_sink(attempt);
    is_new = !attempt->sink;
    if (is_new && FAILED(hr = create_sink(attempt)))
        return failure_from_hresult(hr);
    sink_lock(run, attempt->sink);
    hr = attempt->sink->ops->open(attempt->sink);
    sink_unlock(run, attempt->sink);
    if (FAILED(hr))
    {
        run->is_sink_lost = !is_new && is_missing(hr);
        return failure_from_sink(hr);
    }
    if (!lane_init(attempt->lanes, attempt, 0, attempt->sink))
        return failure_from_hresult(E_OUTOFMEMORY);
    return check_stored(attempt);
}

/* Take over what the owner wants now. */
static HRESULT take_over(struct transfer *transfer, struct attempt *attempt)
{
    struct transfer_run *run = transfer->run;
    BOOL is_complete;

    memset(attempt, 0, sizeof(*attempt));
    attempt->transfer = transfer;
    attempt->run = run;
    attempt->checked_size = SIZE_UNKNOWN;

    AcquireSRWLockExclusive(transfer->lock);
    attempt->generation = run->generation;
    attempt->url = wcsdup(transfer->url);
    attempt->path = transfer->path ? wcsdup(transfer->path) : NULL;
    is_complete = attempt->url && !attempt->path == !transfer->path;
    if (transfer->wanted_count)
    {
        if ((attempt->wanted = malloc(transfer->wanted_count * sizeof(*attempt->wanted))))
            memcpy(attempt->wanted, transfer->wanted, transfer->wanted_count * sizeof(*attempt->wanted));
        else
            is_complete = FALSE;
    }
    attempt->plan.wanted = attempt->wanted;
    attempt->plan.count = transfer->wanted_count;
    attempt->plan.layout = transfer->rules->layout;
    attempt->options = options_addref(run->options);
    attempt->sink = run->busy_sink = run->sink;
    ReleaseSRWLockExclusive(transfer->lock);

    return is_complete ? S_OK : E_OUTOFMEMORY;
}

static void give_back(struct attempt *attempt)
{
    struct sink *former = NULL;

    AcquireSRWLockExclusive(attempt->transfer->lock);
    if (attempt->run->sink != attempt->sink)
        former = attempt->sink;
    attempt->run->busy_sink = NULL;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    if (former)
        sink_retire(attempt->run, former);
    options_release(attempt->options);
    free(attempt->wanted);
    free(attempt->url);
    free(attempt->path);
    lanes_free(attempt);
}

/* What was learned from another URL is of no use. TRUE if it is another one. */
static BOOL compare_url(struct attempt *attempt)
{
    struct transfer_run *run = attempt->run;
    WCHAR *copy;

    if (run->url && !wcscmp(run->url, attempt->url))
        return FALSE;
    copy = wcsdup(attempt->url);
    free(run->url);
    run->url = copy;
    free(run->redirect);
    run->redirect = NULL;
    run->is_split = FALSE;
    run->is_rangeless = FALSE;
    run->is_authorized = FALSE;
    run->is_alone = FALSE;
    run->malformed = 0;
    return TRUE;
}

/* Without a network every host seems to fail. */
static void blame_network(struct attempt *attempt, struct failure *failure)
{
    HRESULT hr = failure->hr;

    if (failure->class != FAILURE_RETRY || !failure->is_remote || HRESULT_FACILITY(hr) != FACILITY_WIN32)
        return;
    if (attempt->is_local || http_is_cancelled(&attempt->run->cancel) || network_is_present())
        return;
    WARN("transfer %p: no network, hr %#lx.\n", attempt->transfer, hr);
    *failure = failure_from_hresult(DO_E_BLOCKED_BY_NO_NETWORK);
    failure->underlying = hr;
}

static struct failure perform(struct attempt *attempt)
{
    BOOL is_url_new = compare_url(attempt);
    BOOL is_flushed_later = attempt->transfer->rules->is_flushed_later;
    enum sink_end end = SINK_CLOSE;
    struct failure failure;
    HRESULT hr;

    attempt->is_local = url_is_loopback(attempt->url);
    failure = open_sink(attempt);
    if (failure.class == FAILURE_NONE && is_unverifiable(attempt, is_url_new))
        failure = answer_restart(attempt, "no validator");
    if (failure.class == FAILURE_NONE)
        failure = fetch_all(attempt);
    lanes_stop(attempt);
    if (failure.class == FAILURE_NONE)
        end = is_flushed_later ? SINK_KEEP : SINK_FLUSH;
    if (attempt->sink)
    {
        sink_lock(attempt->run, attempt->sink);
        hr = attempt->sink->ops->close(attempt->sink, end);
        sink_unlock(attempt->run, attempt->sink);
        if (FAILED(hr) && failure.class == FAILURE_NONE)
            failure = failure_from_sink(hr);
    }
    if (failure.class == FAILURE_NONE && is_flushed_later && attempt_lock(attempt))
    {
        attempt->run->is_unflushed = !attempt->sink->is_sequential;
        attempt_unlock(attempt);
    }
    return failure;
}

struct failure transfer_perform(struct transfer *transfer, struct kit *kit)
{
    struct failure failure;
    struct attempt attempt;
    HRESULT hr;

    hr = take_over(transfer, &attempt);
    attempt.lanes[0].buffer = kit->buffer;
    attempt.ahead = &kit->ahead;
    if (SUCCEEDED(hr))
        failure = perform(&attempt);
    else
        failure = failure_from_hresult(hr);
    if (failure.class != FAILURE_NONE)
        blame_network(&attempt, &failure);
    kit->buffer = attempt.lanes[0].buffer;
    give_back(&attempt);
    return failure;
}
