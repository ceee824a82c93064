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

/* Decide what to ask for next, ask, judge the answer, store
 * the body; until nothing is missing.
 *
 * A resource may change while it is fetched. What has been stored is kept only
 * as long as nothing contradicts it: the validators, the total size, and the
 * ranges that the server gives. Otherwise the transfer starts over from zero. */

#include <stdlib.h>

#include "run.h"
#include "transport.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define BUFFER_SIZE     0x100000
#define STORE_DELAY     500 /* ms; what arrives is stored and shown no later */
#define MAX_RESTARTS    3

static const struct failure no_failure;

/* The worker alone changes received and size, so it reads them without the lock. */

static UINT64 range_end(const struct transfer *transfer, const struct range *range)
{
    return range->length == LENGTH_TO_EOF ? transfer->size : range->offset + range->length;
}

/* How long the sink is going to be, or SIZE_UNKNOWN. */
static UINT64 sink_length(const struct transfer *transfer)
{
    UINT64 length = 0, end;
    UINT i;

    if (!transfer->wanted_count)
        return transfer->size;
    for (i = 0; i < transfer->wanted_count; i++)
    {
        if ((end = range_end(transfer, transfer->wanted + i)) == SIZE_UNKNOWN)
            return SIZE_UNKNOWN;
        if (transfer->rules->layout == LAYOUT_OFFSETS)
            length = max(length, end);
        else
            length += end - transfer->wanted[i].offset;
    }
    return length;
}

/* How long the sink must be to hold what has been stored. */
static UINT64 stored_length(const struct transfer *transfer)
{
    const struct range_set *received = &transfer->received;
    UINT64 length = 0, position = 0, end;
    const struct range *range;
    struct range gap;
    UINT i;

    if (!received->count)
        return 0;
    if (!transfer->wanted_count || transfer->rules->layout == LAYOUT_OFFSETS)
        return received->ranges[received->count - 1].offset + received->ranges[received->count - 1].length;
    for (i = 0; i < transfer->wanted_count; i++)
    {
        range = transfer->wanted + i;
        end = range_end(transfer, range);
        /* Each range is filled from its front. */
        if (!range_set_next_gap(received, range->offset, end, &gap))
            gap.offset = end;
        if (gap.offset > range->offset)
            length = position + gap.offset - range->offset;
        position += end - range->offset;
    }
    return length;
}

/* Look for what is missing from the first wanted range on. */
static void reset_cursor(struct transfer_run *run)
{
    run->checked_size = SIZE_UNKNOWN;
    run->cursor = 0;
    run->position = 0;
}

static struct failure store_length(struct transfer *transfer, UINT64 length)
{
    struct sink *sink = transfer->run->sink;
    DWORD error = ERROR_SUCCESS;

    if (length != SIZE_UNKNOWN)
        error = sink->ops->set_length(sink, length);
    return error ? failure_from_sink(error) : no_failure;
}

/* Start over: what has been stored is of no use. */
static struct failure restart(struct transfer *transfer, const char *reason)
{
    struct transfer_run *run = transfer->run;

    TRACE("transfer %p, %s: %s bytes are dropped.\n", transfer, reason, wine_dbgstr_longlong(transfer->bytes_received));
    memset(&run->validator, 0, sizeof(run->validator));
    run->modified = 0;
    run->restarts++;
    reset_cursor(run);

    AcquireSRWLockExclusive(transfer->lock);
    range_set_clear(&transfer->received);
    if (transfer->bytes_received)
    {
        transfer->bytes_received = 0;
        transfer->ops->changed(transfer, TRANSFER_EVENT_PROGRESS);
    }
    ReleaseSRWLockExclusive(transfer->lock);
    return store_length(transfer, 0);
}

/* As restart, for a resource that keeps changing: at some time it is enough. */
static struct failure restart_changed(struct transfer *transfer, const char *reason)
{
    struct failure failure = restart(transfer, reason);

    if (failure.class == FAILURE_NONE && transfer->run->restarts > MAX_RESTARTS)
        return failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
    return failure;
}

static void set_size(struct transfer *transfer, UINT64 size)
{
    if (transfer->size == size)
        return;
    AcquireSRWLockExclusive(transfer->lock);
    transfer->size = size;
    transfer->ops->changed(transfer, TRANSFER_EVENT_SIZE);
    ReleaseSRWLockExclusive(transfer->lock);
}

/* The server has told the size. */
static struct failure learn_size(struct transfer *transfer, UINT64 size)
{
    HRESULT hr;

    set_size(transfer, size);
    if (transfer->run->checked_size == size)
        return no_failure;
    transfer->run->checked_size = size;
    if (FAILED(hr = ranges_validate(transfer->wanted, transfer->wanted_count, size)))
        return failure_from_hresult(hr);
    return store_length(transfer, sink_length(transfer));
}

/* What to ask for next. */
struct request
{
    struct range range;
    BOOL has_range;  /* FALSE: all of it */
    UINT64 position; /* of the range in the sink */
};

static BOOL next_request(struct transfer *transfer, struct request *request)
{
    struct transfer_run *run = transfer->run;
    const struct range *wanted;
    UINT64 end;

    memset(request, 0, sizeof(*request));
    if (!transfer->wanted_count)
    {
        request->has_range = transfer->received.count || run->is_split;
        if (!range_set_next_gap(&transfer->received, 0, transfer->size, &request->range))
            return FALSE;
        request->position = request->range.offset;
        return TRUE;
    }
    request->has_range = TRUE;
    for (; run->cursor < transfer->wanted_count; run->cursor++)
    {
        wanted = transfer->wanted + run->cursor;
        end = range_end(transfer, wanted);
        if (range_set_next_gap(&transfer->received, wanted->offset, end, &request->range))
        {
            request->position = request->range.offset;
            if (transfer->rules->layout == LAYOUT_CONCATENATE)
                request->position += run->position - wanted->offset;
            return TRUE;
        }
        run->position += end - wanted->offset;
    }
    return FALSE;
}

/* A gap without an end is asked for up to the end, a long one piece by piece. */
static void limit_request(const struct transfer *transfer, struct request *request)
{
    UINT64 max_body = http_get_max_body();

    if (request->range.offset + request->range.length == SIZE_UNKNOWN)
        request->range.length = LENGTH_TO_EOF;
    else if (request->has_range)
        request->range.length = min(request->range.length, max_body);
    if (transfer->run->is_split)
        request->range.length = min(request->range.length, max_body);
}

/* The owner hears of each response, also of those that are refused. */
static void publish_response(struct transfer *transfer, struct http_exchange *exchange)
{
    WCHAR *final_url = exchange->is_redirected ? wcsdup(exchange->url) : NULL;

    AcquireSRWLockExclusive(transfer->lock);
    transfer->request_count += exchange->request_count;
    if (exchange->headers)
    {
        free(transfer->response_headers);
        transfer->response_headers = exchange->headers;
        transfer->response_status = exchange->head.status;
        free(transfer->final_url);
        transfer->final_url = final_url;
        final_url = NULL;
        exchange->headers = NULL;
    }
    ReleaseSRWLockExclusive(transfer->lock);
    free(final_url);
}

/* The body that an answer brings. */
struct body
{
    UINT64 offset;   /* in the resource */
    UINT64 position; /* in the sink */
    UINT64 length;   /* SIZE_UNKNOWN if only its end will tell */
};

static void learn_validator(struct transfer *transfer, const struct http_head *head)
{
    transfer->run->validator = head->validator;
    transfer->run->modified = head->modified;
}

/* The whole resource comes, asked for or not. */
static struct failure accept_whole(struct transfer *transfer, const struct request *request,
        const struct http_head *head, struct body *body)
{
    struct transfer_run *run = transfer->run;
    BOOL has_changed = validator_differs(&run->validator, &head->validator);
    struct failure failure;

    if (transfer->wanted_count)
    {
        if (has_changed)
            return restart_changed(transfer, "another validator");
        return failure_from_hresult(DO_E_INSUFFICIENT_RANGE_SUPPORT);
    }
    if (head->content_length != SIZE_UNKNOWN && head->content_length > http_get_max_body())
    {
        if (request->has_range && !has_changed)
            return failure_from_hresult(DO_E_INSUFFICIENT_RANGE_SUPPORT);
        run->is_split = TRUE;
        /* The first piece of this body will do, if the others can be had. */
        if (!head->has_ranges)
            return restart_changed(transfer, "too long for one body");
    }
    if (transfer->received.count)
    {
        failure = restart(transfer, has_changed ? "another validator" : "no ranges");
    }
    else
    {
        reset_cursor(run);
        failure = store_length(transfer, 0);
    }
    if (failure.class != FAILURE_NONE)
        return failure;
    learn_validator(transfer, head);
    body->length = head->content_length;
    return learn_size(transfer, head->content_length);
}

static struct failure accept_part(struct transfer *transfer, const struct request *request,
        const struct http_head *head, struct body *body)
{
    const struct content_range *part = &head->content_range;
    struct transfer_run *run = transfer->run;
    struct failure failure = no_failure;

    if (validator_differs(&run->validator, &head->validator))
        return restart_changed(transfer, "another validator");
    if (part->total != SIZE_UNKNOWN && transfer->received.count && transfer->size != SIZE_UNKNOWN
            && part->total != transfer->size)
        return restart_changed(transfer, "another size");
    if (part->total == SIZE_UNKNOWN && request->range.length == LENGTH_TO_EOF && transfer->wanted_count)
        return failure_from_hresult(DO_E_FILE_SIZE_UNKNOWN_HTTP_206);
    if (!transfer->received.count)
        learn_validator(transfer, head);
    if (part->total != SIZE_UNKNOWN)
        failure = learn_size(transfer, part->total);
    body->offset = part->offset;
    body->position = request->position;
    body->length = part->length;
    return failure;
}

/* 416. When a connection broke after the last byte of a resource of unknown
 * size, this is how to learn that it was the last. */
static struct failure accept_unsatisfied(struct transfer *transfer, const struct request *request,
        const struct http_head *head)
{
    const struct range_set *received = &transfer->received;

    if (!request->has_range)
        return failure_from_status(head->status, 0);
    if (transfer->wanted_count)
        return failure_from_hresult(DO_E_INVALID_RANGE);
    if (transfer->run->is_split && !request->range.offset)
        return failure_from_hresult(DO_E_INSUFFICIENT_RANGE_SUPPORT);
    if (transfer->size == SIZE_UNKNOWN && head->has_content_range && !validator_differs(&transfer->run->validator,
            &head->validator) && received->count == 1 && head->content_range.total == request->range.offset)
        return learn_size(transfer, request->range.offset);
    return restart_changed(transfer, "the range is refused");
}

static struct failure accept_bad_part(struct transfer *transfer)
{
    struct failure failure;

    if (transfer->wanted_count || transfer->run->is_split)
        return failure_from_hresult(DO_E_INSUFFICIENT_RANGE_SUPPORT);
    failure = restart(transfer, "a wrong part");
    return failure.class == FAILURE_NONE ? failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH) : failure;
}

/* Judge the answer. FAILURE_NONE with a body of length 0: ask again. */
static struct failure accept_answer(struct transfer *transfer, const struct request *request,
        const struct http_exchange *exchange, struct body *body)
{
    memset(body, 0, sizeof(*body));
    switch (exchange->answer)
    {
        case HTTP_WHOLE:       return accept_whole(transfer, request, &exchange->head, body);
        case HTTP_PART:        return accept_part(transfer, request, &exchange->head, body);
        case HTTP_UNSATISFIED: return accept_unsatisfied(transfer, request, &exchange->head);
        case HTTP_BAD_PART:    break;
    }
    return accept_bad_part(transfer);
}

/* Write what the buffer holds; only then it counts. */
static struct failure store(struct transfer *transfer, struct body *body, DWORD size)
{
    struct transfer_run *run = transfer->run;
    DWORD error;
    BOOL ret;

    if (!size)
        return no_failure;
    if ((error = run->sink->ops->write(run->sink, body->position, run->buffer, size)))
        return failure_from_sink(error);

    AcquireSRWLockExclusive(transfer->lock);
    if ((ret = range_set_add(&transfer->received, body->offset, size)))
    {
        transfer->bytes_received += size;
        retry_progress(&run->retry, transfer->bytes_received, GetTickCount64());
        run->last = no_failure;
        transfer->ops->changed(transfer, TRANSFER_EVENT_PROGRESS);
    }
    ReleaseSRWLockExclusive(transfer->lock);
    if (!ret)
        return failure_from_hresult(E_OUTOFMEMORY);
    body->position += size;
    body->offset += size;
    if (body->length != SIZE_UNKNOWN)
        body->length -= size;
    return no_failure;
}

static struct failure failure_from_body(const struct body *body, DWORD error)
{
    struct failure failure = failure_from_transport(error);

    if (error == ERROR_WINHTTP_CONNECTION_ERROR && body->length != SIZE_UNKNOWN)
    {
        failure = failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
        failure.underlying = HRESULT_FROM_WIN32(error);
    }
    return failure;
}

/* Fill the buffer with what arrives, until it is full, or its oldest byte is to
 * be shown, or the wanted bytes are there, or the body ends. */
static DWORD gather(struct transfer *transfer, struct http_exchange *exchange, UINT64 wanted, DWORD *filled,
        BOOL *is_ended)
{
    BYTE *buffer = transfer->run->buffer;
    DWORD size, limit = min(wanted, BUFFER_SIZE), error;
    ULONGLONG now, due = ~(ULONGLONG)0;

    for (*filled = 0; *filled < limit && (now = GetTickCount64()) < due; *filled += size)
    {
        error = http_read(exchange, buffer + *filled, limit - *filled, *filled ? due - now : INFINITE, &size);
        if (error)
            return error == WAIT_TIMEOUT ? ERROR_SUCCESS : error;
        if ((*is_ended = !size))
            break;
        if (!*filled)
            due = GetTickCount64() + STORE_DELAY;
    }
    return ERROR_SUCCESS;
}

static struct failure receive(struct transfer *transfer, struct http_exchange *exchange, struct body *body)
{
    UINT64 left = body->length == SIZE_UNKNOWN ? SIZE_UNKNOWN : min(body->length, http_get_max_body());
    struct failure failure;
    BOOL is_ended = FALSE;
    DWORD filled, error;

    while (left && !is_ended)
    {
        error = gather(transfer, exchange, left, &filled, &is_ended);
        failure = store(transfer, body, filled);
        if (failure.class != FAILURE_NONE)
            return failure;
        if (error)
            return failure_from_body(body, error);
        if (left != SIZE_UNKNOWN)
            left -= filled;
    }
    if (body->length == SIZE_UNKNOWN)
        return learn_size(transfer, body->offset);
    return left ? failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH) : no_failure;
}

/* Later requests go where this one was answered; a target that failed is not
 * asked again. */
static void remember_redirect(struct transfer *transfer, const struct http_exchange *exchange, BOOL is_answered)
{
    struct transfer_run *run = transfer->run;

    free(run->redirect);
    run->redirect = is_answered && exchange->is_redirected ? wcsdup(exchange->url) : NULL;
}

/* One request and its body. is_lost: the body broke off. */
static struct failure fetch(struct transfer *transfer, const struct request *request, BOOL *is_lost)
{
    struct transfer_run *run = transfer->run;
    const struct http_params params =
    {
        .url = run->url,
        .redirect = run->redirect,
        .range = request->has_range ? &request->range : NULL,
        .if_range = validator_if_range(&run->validator),
    };
    struct http_exchange exchange;
    struct failure failure;
    struct body body;

    *is_lost = FALSE;
    failure = http_open(&params, &run->cancel, &exchange);
    publish_response(transfer, &exchange);
    remember_redirect(transfer, &exchange, failure.class == FAILURE_NONE);
    if (failure.class == FAILURE_NONE)
        failure = accept_answer(transfer, request, &exchange, &body);
    if (failure.class == FAILURE_NONE && body.length)
    {
        failure = receive(transfer, &exchange, &body);
        *is_lost = failure.class == FAILURE_RETRY;
    }
    http_close(&exchange);
    return failure;
}

/* Nothing could tell whether what the server has now belongs to what is stored. */
static BOOL is_unverifiable(const struct transfer *transfer, BOOL is_url_new)
{
    if (!transfer->received.count || validator_if_range(&transfer->run->validator))
        return FALSE;
    return is_url_new || (!transfer->wanted_count && transfer->size == SIZE_UNKNOWN);
}

static BOOL may_reconnect(struct transfer *transfer)
{
    BOOL ret;

    AcquireSRWLockExclusive(transfer->lock);
    ret = transfer->no_progress_timeout && retry_at_once(&transfer->run->retry, GetTickCount64());
    ReleaseSRWLockExclusive(transfer->lock);
    return ret;
}

static struct failure fetch_all(struct transfer *transfer)
{
    struct failure failure;
    struct request request;
    BOOL is_lost;

    while (next_request(transfer, &request))
    {
        limit_request(transfer, &request);
        failure = fetch(transfer, &request, &is_lost);
        if (failure.class == FAILURE_NONE)
            continue;
        if (!is_lost || http_is_cancelled(&transfer->run->cancel) || !may_reconnect(transfer))
            return failure;
        TRACE("transfer %p: connection lost after %s bytes.\n", transfer,
                wine_dbgstr_longlong(transfer->bytes_received));
        if (is_unverifiable(transfer, FALSE) && (failure = restart(transfer, "no validator")).class != FAILURE_NONE)
            return failure;
    }
    return no_failure;
}

static struct failure open_sink(struct transfer *transfer, const WCHAR *path)
{
    struct transfer_run *run = transfer->run;
    BOOL is_new;
    DWORD error;

    if (run->is_sink_lost)
    {
        run->sink->ops->destroy(run->sink);
        run->sink = NULL;
        run->is_sink_lost = FALSE;
    }
    is_new = !run->sink;
    if (is_new && (error = file_sink_create(path, &run->sink)))
        return failure_from_transport(error);
    if ((error = run->sink->ops->open(run->sink)))
    {
        run->is_sink_lost = !is_new && (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND);
        return failure_from_sink(error);
    }
    if (run->sink->length < stored_length(transfer))
        return restart(transfer, "the sink is too short");
    return no_failure;
}

/* Take over what the owner wants now. */
static HRESULT take_url_and_path(struct transfer *transfer, WCHAR **url, WCHAR **path)
{
    BOOL has_path;

    AcquireSRWLockShared(transfer->lock);
    has_path = !!transfer->path;
    *url = wcsdup(transfer->url);
    *path = has_path ? wcsdup(transfer->path) : NULL;
    ReleaseSRWLockShared(transfer->lock);
    if (*url && *path)
        return S_OK;
    free(*url);
    free(*path);
    return has_path ? E_OUTOFMEMORY : DO_E_FILE_DOWNLOADSINK_UNSPECIFIED;
}

static struct failure prepare(struct transfer *transfer)
{
    struct transfer_run *run = transfer->run;
    struct failure failure;
    WCHAR *url, *path;
    BOOL is_url_new;
    HRESULT hr;

    if (FAILED(hr = take_url_and_path(transfer, &url, &path)))
        return failure_from_hresult(hr);
    if ((is_url_new = !run->url || wcscmp(run->url, url)))
    {
        free(run->redirect);
        run->redirect = NULL;
        run->is_split = FALSE;
    }
    free(run->url);
    run->url = url;
    failure = open_sink(transfer, path);
    free(path);
    if (failure.class == FAILURE_NONE && is_unverifiable(transfer, is_url_new))
        failure = restart(transfer, "no validator");
    return failure;
}

struct failure transfer_perform(struct transfer *transfer)
{
    struct transfer_run *run = transfer->run;
    struct failure failure;
    DWORD error = ERROR_SUCCESS;

    run->restarts = 0;
    reset_cursor(run);
    if (!(run->buffer = malloc(BUFFER_SIZE)))
        return failure_from_hresult(E_OUTOFMEMORY);
    failure = prepare(transfer);
    if (failure.class == FAILURE_NONE)
        failure = fetch_all(transfer);
    if (run->sink)
        error = run->sink->ops->close(run->sink, failure.class == FAILURE_NONE);
    free(run->buffer);
    if (error && failure.class == FAILURE_NONE)
        failure = failure_from_sink(error);
    return failure;
}
