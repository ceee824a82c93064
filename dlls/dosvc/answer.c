/*
 * What an answer means for what has been stored
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

/* A resource may change while it is fetched. What has been stored is kept only
 * as long as nothing contradicts it: the validators, the total size, and the
 * ranges that the server gives. Otherwise the transfer starts over from zero,
 * which not every stream can. */

#include "run.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define MAX_RESTARTS 3

static const struct failure no_failure;

/* What is known and stored when the answer comes. */
struct known
{
    BOOL has_bytes;
    UINT64 size;
    UINT64 end; /* of the bytes that are stored without a gap from zero on */
};

static BOOL get_known(struct attempt *attempt, struct known *known)
{
    const struct range_set *received = &attempt->transfer->received;

    if (!attempt_lock(attempt))
        return FALSE;
    known->has_bytes = !!received->count;
    known->size = attempt->transfer->size;
    known->end = received->count == 1 && !received->ranges[0].offset ? received->ranges[0].length : 0;
    attempt_unlock(attempt);
    return TRUE;
}

/* A file gets its length. */
static struct failure set_length(struct attempt *attempt, UINT64 length, UINT64 to_write)
{
    HRESULT hr = S_OK;

    if (!attempt->sink->is_sequential && length != SIZE_UNKNOWN)
        hr = attempt->sink->ops->set_length(attempt->sink, length, to_write);
    return FAILED(hr) ? failure_from_sink(hr) : no_failure;
}

/* What a stream was given, it has; some can take it back. */
static struct failure rewind_stream(struct attempt *attempt)
{
    HRESULT hr = DO_E_BAD_INCOMING_DATA;

    if (http_is_cancelled(&attempt->run->cancel))
        return attempt_cancelled();
    if (attempt->transfer->rules->is_rewinding)
        hr = attempt->sink->ops->set_length(attempt->sink, 0, 0);
    return FAILED(hr) ? failure_from_sink(hr) : no_failure;
}

struct failure answer_restart(struct attempt *attempt, const char *reason)
{
    struct transfer *transfer = attempt->transfer;
    struct transfer_run *run = attempt->run;
    struct failure failure;
    struct known known;

    TRACE("transfer %p, %s: starts over.\n", transfer, reason);
    lanes_stop(attempt);
    if (!get_known(attempt, &known))
        return attempt_cancelled();
    if (known.has_bytes && attempt->sink->is_sequential)
    {
        if ((failure = rewind_stream(attempt)).class != FAILURE_NONE)
            return failure;
    }
    attempt->restarts++;
    attempt->checked_size = SIZE_UNKNOWN;
    memset(&attempt->cursor, 0, sizeof(attempt->cursor));

    if (!attempt_lock(attempt))
        return attempt_cancelled();
    memset(&run->validator, 0, sizeof(run->validator));
    split_reset(&attempt->split);
    attempt->is_changed = FALSE;
    run->modified = 0;
    range_set_clear(&transfer->received);
    if (transfer->bytes_received)
    {
        transfer->bytes_received = 0;
        transfer->ops->changed(transfer, TRANSFER_EVENT_PROGRESS);
    }
    attempt_unlock(attempt);
    if (known.has_bytes)
        transfer_forget(transfer);
    return set_length(attempt, 0, 0);
}

struct failure answer_restart_changed(struct attempt *attempt, const char *reason)
{
    struct failure failure = answer_restart(attempt, reason);

    if (failure.class == FAILURE_NONE && attempt->restarts > MAX_RESTARTS)
        return failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
    return failure;
}

/* The server has told the size. */
struct failure answer_learn_size(struct attempt *attempt, UINT64 size)
{
    struct transfer *transfer = attempt->transfer;
    UINT64 length, total, to_write;
    HRESULT hr;

    if (!attempt_lock(attempt))
        return attempt_cancelled();
    if (transfer->size != size)
    {
        transfer->size = size;
        transfer->ops->changed(transfer, TRANSFER_EVENT_SIZE);
    }
    length = plan_get_length(&attempt->plan, size, &transfer->received);
    total = plan_get_total(&attempt->plan, size);
    to_write = total == SIZE_UNKNOWN ? 0 : total - min(total, transfer->bytes_received);
    attempt_unlock(attempt);

    if (attempt->checked_size == size)
        return no_failure;
    attempt->checked_size = size;
    if (FAILED(hr = ranges_validate(attempt->plan.wanted, attempt->plan.count, size)))
        return failure_from_hresult(hr);
    return set_length(attempt, length, to_write);
}

static void learn_validator(struct attempt *attempt, const struct http_head *head)
{
    AcquireSRWLockExclusive(attempt->transfer->lock);
    attempt->run->validator = head->validator;
    attempt->run->modified = head->modified;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}

/* Is it another resource than what is stored came from? */
static const char *get_change(const struct attempt *attempt, const struct known *known, const struct http_head *head,
        UINT64 size)
{
    if (!known->has_bytes)
        return NULL;
    if (validator_differs(&attempt->run->validator, &head->validator))
        return "another validator";
    if (size != SIZE_UNKNOWN && known->size != SIZE_UNKNOWN && size != known->size)
        return "another size";
    return NULL;
}

BOOL answer_may_skip(const struct attempt *attempt, UINT64 length)
{
    return !attempt->plan.count || length <= attempt->transfer->rules->max_skip;
}

/* Nothing tells that this is the resource that is stored in part. */
static BOOL is_unknown(const struct validator *a, const struct validator *b)
{
    return !(a->etag[0] && b->etag[0]) && !(a->modified[0] && b->modified[0]);
}

static BOOL is_too_long(UINT64 length)
{
    return length != SIZE_UNKNOWN && length > http_get_max_body();
}

/* A body that the transport does not carry to its end. The first piece of it
 * will do, if the others can be had. */
static struct failure accept_too_long(struct attempt *attempt, const struct request *request,
        const struct http_head *head, BOOL has_changed)
{
    if ((request->has_range || attempt->run->is_rangeless) && !has_changed)
        return failure_from_hresult(DO_E_INSUFFICIENT_RANGE_SUPPORT);
    attempt->run->is_split = TRUE;
    return head->has_ranges ? no_failure : answer_restart_changed(attempt, "too long for one body");
}

/* The whole resource comes, and ranges of it are wanted. */
static struct failure accept_whole_for_ranges(struct attempt *attempt, const struct request *request,
        const struct http_head *head)
{
    const struct range *range = &request->range;

    if (attempt->transfer->rules->max_skip && answer_may_skip(attempt, range->offset)
            && (!is_too_long(head->content_length)
            || range->length <= http_get_max_body() - min(range->offset, http_get_max_body())))
        return no_failure;
    return failure_from_hresult(DO_E_INSUFFICIENT_RANGE_SUPPORT);
}

/* The whole resource comes, asked for or not. */
static struct failure accept_whole(struct attempt *attempt, const struct request *request,
        const struct http_head *head, const struct known *known, struct body *body)
{
    const char *change = get_change(attempt, known, head, head->content_length);
    BOOL is_reading_through = attempt->sink->is_sequential || attempt->transfer->rules->max_skip;
    struct failure failure = no_failure;
    UINT64 size = head->content_length;

    if (attempt->plan.count)
    {
        if (change)
            return answer_restart_changed(attempt, change);
        failure = accept_whole_for_ranges(attempt, request, head);
    }
    else if (is_too_long(head->content_length))
    {
        failure = accept_too_long(attempt, request, head, !!change);
        if (failure.class == FAILURE_NONE && !head->has_ranges)
            return no_failure;
    }
    if (failure.class != FAILURE_NONE)
        return failure;

    if (!known->has_bytes)
    {
        memset(&attempt->cursor, 0, sizeof(attempt->cursor));
        attempt->checked_size = SIZE_UNKNOWN;
        if (!attempt->plan.count)
            failure = set_length(attempt, 0, 0);
    }
    else if (change || !is_reading_through || (size == SIZE_UNKNOWN && !attempt->sink->is_sequential
            && is_unknown(&attempt->run->validator, &head->validator)))
    {
        failure = answer_restart(attempt, change ? change : "no ranges");
    }
    else if (size == SIZE_UNKNOWN)
    {
        size = known->size;
    }
    if (failure.class != FAILURE_NONE)
        return failure;
    learn_validator(attempt, head);
    body->length = head->content_length;
    body->is_whole = TRUE;
    return answer_learn_size(attempt, size);
}

static struct failure accept_part(struct attempt *attempt, const struct request *request,
        const struct http_head *head, const struct known *known, struct body *body)
{
    const struct content_range *part = &head->content_range;
    const char *change = get_change(attempt, known, head, part->total);
    struct failure failure = no_failure;

    if (change)
        return answer_restart_changed(attempt, change);
    if (part->total == SIZE_UNKNOWN && request->range.length == LENGTH_TO_EOF && attempt->plan.count
            && attempt->transfer->rules->is_total_needed)
        return failure_from_hresult(DO_E_FILE_SIZE_UNKNOWN_HTTP_206);
    if (!known->has_bytes)
        learn_validator(attempt, head);
    if (part->total != SIZE_UNKNOWN)
        failure = answer_learn_size(attempt, part->total);
    body->offset = part->offset;
    body->length = part->length;
    return failure;
}

/* Without ranges, then. */
static struct failure give_up_ranges(struct attempt *attempt, const struct http_head *head)
{
    if (attempt->run->is_rangeless || attempt->run->is_split)
        return failure_from_status(attempt->transfer->rules, head->status, 0);
    TRACE("transfer %p: no ranges.\n", attempt->transfer);
    attempt->run->is_rangeless = TRUE;
    return no_failure;
}

/* 416 to a range that the client wants. */
static struct failure accept_unsatisfied_range(struct attempt *attempt, const struct http_head *head)
{
    struct failure failure;

    if (!attempt->transfer->rules->max_skip)
        return failure_from_hresult(DO_E_INVALID_RANGE);
    if (head->has_content_range)
    {
        failure = answer_learn_size(attempt, head->content_range.total);
        if (failure.class != FAILURE_NONE)
            return failure;
    }
    return give_up_ranges(attempt, head);
}

/* 416. When a connection broke after the last byte of a resource of unknown
 * size, this is how to learn that it was the last. */
static struct failure accept_unsatisfied(struct attempt *attempt, const struct request *request,
        const struct http_head *head, const struct known *known)
{
    BOOL is_end = head->has_content_range && head->content_range.total == request->range.offset
            && known->size == SIZE_UNKNOWN
            && !validator_differs(&attempt->run->validator, &head->validator);

    if (!request->has_range)
        return failure_from_status(attempt->transfer->rules, head->status, 0);
    if (is_end && known->has_bytes && (attempt->plan.count || known->end == request->range.offset))
        return answer_learn_size(attempt, request->range.offset);
    if (attempt->plan.count)
        return accept_unsatisfied_range(attempt, head);
    if (attempt->run->is_split && !request->range.offset)
        return failure_from_hresult(DO_E_INSUFFICIENT_RANGE_SUPPORT);
    if (attempt->sink->is_sequential || attempt->transfer->rules->max_skip)
        return give_up_ranges(attempt, head);
    return answer_restart_changed(attempt, "the range is refused");
}

/* A part, but not the one asked for. */
static struct failure accept_bad_part(struct attempt *attempt)
{
    struct failure failure = failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
    DWORD limit = attempt->transfer->rules->max_malformed;

    if (limit)
    {
        if (++attempt->run->malformed < limit)
            return no_failure;
        failure.class = FAILURE_FATAL;
        return failure;
    }
    if (attempt->plan.count || attempt->run->is_split || attempt->sink->is_sequential)
        return failure_from_hresult(DO_E_INSUFFICIENT_RANGE_SUPPORT);
    failure = answer_restart(attempt, "a wrong part");
    return failure.class == FAILURE_NONE ? failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH) : failure;
}

struct failure answer_accept(struct attempt *attempt, const struct request *request,
        const struct http_exchange *exchange, struct body *body)
{
    struct known known;

    memset(body, 0, sizeof(*body));
    if (!get_known(attempt, &known))
        return attempt_cancelled();
    /* Where the file may get another length, nobody else may be writing to it. */
    if (exchange->answer != HTTP_PART || !known.has_bytes)
    {
        lanes_stop(attempt);
        if (!get_known(attempt, &known))
            return attempt_cancelled();
    }
    switch (exchange->answer)
    {
        case HTTP_WHOLE:       return accept_whole(attempt, request, &exchange->head, &known, body);
        case HTTP_PART:        return accept_part(attempt, request, &exchange->head, &known, body);
        case HTTP_UNSATISFIED: return accept_unsatisfied(attempt, request, &exchange->head, &known);
        case HTTP_BAD_PART:    break;
    }
    return accept_bad_part(attempt);
}
