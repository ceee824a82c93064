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

/* A large file is fetched by several connections if they bring more together.
 * The first one is the worker's; it decides how many others there are, and
 * only what it is told makes the transfer fail or start over. Another one that
 * fails gives back what it has claimed. */

#include <stdlib.h>

#include "run.h"
#include "settings.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define MAX_DEFAULT 4 /* connections */
#define MAX_LOST    3 /* lanes that break off until there are no others */

/* Parts of such a resource can be put together again. */
static BOOL has_strong_validator(const struct validator *validator)
{
    return validator->etag[0] == '"';
}

static UINT64 get_size(struct attempt *attempt)
{
    UINT64 size;

    AcquireSRWLockShared(attempt->transfer->lock);
    size = attempt->transfer->size;
    ReleaseSRWLockShared(attempt->transfer->lock);
    return size;
}

void lanes_judge(struct attempt *attempt, const struct request *request, const struct http_exchange *exchange)
{
    BOOL has_ranges = exchange->answer == HTTP_PART
            || (exchange->answer == HTTP_WHOLE && exchange->head.has_ranges && !request->has_range);
    UINT64 size = get_size(attempt);

    attempt->is_divisible = has_ranges && has_strong_validator(&attempt->run->validator) && !attempt->run->is_alone
            && !attempt->plan.count && !attempt->sink->is_sequential && size != SIZE_UNKNOWN
            && size >= SPLIT_SIZE + SPLIT_KEPT;
    if (attempt->is_divisible && !attempt->gauge.max)
        gauge_init(&attempt->gauge, max(settings_get_number(L"MaxConnections", MAX_DEFAULT), 1));
}

/* One that is not at work, or NULL. */
static struct lane *find_idle(struct attempt *attempt, UINT *index)
{
    for (*index = 1; *index < attempt->gauge.max; ++*index)
    {
        if (!InterlockedCompareExchange(&attempt->lanes[*index].is_busy, FALSE, FALSE))
            return attempt->lanes + *index;
    }
    return NULL;
}

static BOOL take_claim(struct attempt *attempt, UINT index, struct range *range)
{
    struct claim *claim = attempt->split.claims + index;
    BOOL ret;

    if (!attempt_lock(attempt))
        return FALSE;
    ret = !attempt->is_full && !attempt->is_changed
            && split_take(&attempt->split, index, attempt->transfer->size, &attempt->transfer->received, TRUE);
    if (ret)
    {
        range->offset = claim->offset;
        range->length = min(claim->end - claim->offset, http_get_max_body());
        claim->end = range->offset + range->length;
    }
    attempt_unlock(attempt);
    return ret;
}

static void drop_claim(struct attempt *attempt, UINT index)
{
    AcquireSRWLockExclusive(attempt->transfer->lock);
    split_drop(&attempt->split, index);
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}

/* The worker may have taken it back meanwhile. */
static void confirm_claim(struct lane *lane)
{
    struct attempt *attempt = lane->attempt;

    AcquireSRWLockExclusive(attempt->transfer->lock);
    split_confirm(&attempt->split, lane->index);
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}

/* It begins when a thread is there for it. FALSE if there is nothing for it. */
static BOOL start_lane(struct attempt *attempt)
{
    struct transfer_run *run = attempt->run;
    struct lane *lane;
    struct range range;
    UINT index;

    if (!(lane = find_idle(attempt, &index)) || !take_claim(attempt, index, &range))
        return FALSE;
    lane->attempt = attempt;
    lane->index = index;
    lane->validator = run->validator;
    lane->is_authorized = run->is_authorized;
    lane->redirect = run->redirect ? wcsdup(run->redirect) : NULL;
    http_cancel_reset(&lane->cancel);
    lane->is_busy = TRUE;
    if (engine_add_lane(lane))
    {
        TRACE("transfer %p: connection %u, offset %s, length %s.\n", attempt->transfer, index,
                wine_dbgstr_longlong(range.offset), wine_dbgstr_longlong(range.length));
        return TRUE;
    }
    lane->is_busy = FALSE;
    free(lane->redirect);
    drop_claim(attempt, index);
    return FALSE;
}

void lanes_tend(struct attempt *attempt)
{
    struct transfer *transfer = attempt->transfer;
    UINT count, wanted;
    UINT64 left;

    if (!attempt->is_divisible)
        return;
    AcquireSRWLockShared(transfer->lock);
    left = transfer->size - min(transfer->size, transfer->bytes_received);
    ReleaseSRWLockShared(transfer->lock);
    count = 1 + engine_count_lanes(attempt->run);
    wanted = gauge_get_count(&attempt->gauge, count, InterlockedExchangeAdd64(&attempt->arrived, 0), left,
            GetTickCount64());
    if (wanted < count)
    {
        TRACE("transfer %p: %u connections bring no more than %u.\n", transfer, count, wanted);
        engine_cut_lanes(attempt->run, wanted - 1);
    }
    while (count < wanted && start_lane(attempt))
        count++;
}

BOOL lanes_next_request(struct attempt *attempt, struct request *request)
{
    UINT count;

    /* A lane that leaves after it was counted may have left something behind. */
    while ((count = engine_count_lanes(attempt->run)), !attempt_next_request(attempt, request, TRUE))
    {
        if (!count)
            return FALSE;
        engine_wait_lanes(attempt->run, count);
    }
    return TRUE;
}

void lanes_stop(struct attempt *attempt)
{
    UINT count;

    engine_cut_lanes(attempt->run, 0);
    while ((count = engine_count_lanes(attempt->run)))
        engine_wait_lanes(attempt->run, count);
}

static BOOL is_other(UINT64 told, UINT64 size)
{
    return told != SIZE_UNKNOWN && told != size;
}

/* The answer is of another version than what is stored. */
static BOOL is_other_version(const struct lane *lane, const struct http_exchange *exchange, UINT64 size)
{
    const struct http_head *head = &exchange->head;

    if (exchange->answer == HTTP_WHOLE)
        return validator_differs(&lane->validator, &head->validator) || is_other(head->content_length, size);
    if (exchange->answer == HTTP_PART && validator_differs(&lane->validator, &head->validator))
        return TRUE;
    return head->has_content_range && is_other(head->content_range.total, size);
}

/* Just what was asked for, of the very version. */
static BOOL is_expected(const struct lane *lane, const struct http_exchange *exchange, const struct range *range,
        UINT64 size)
{
    const struct http_head *head = &exchange->head;

    return exchange->answer == HTTP_PART && head->content_range.length == range->length
            && head->content_range.total == size && has_strong_validator(&head->validator)
            && !validator_differs(&lane->validator, &head->validator);
}

/* Why it ends; nothing of it makes the transfer fail. */
static void note_end(struct lane *lane, BOOL is_changed, BOOL is_refused)
{
    struct attempt *attempt = lane->attempt;

    if (!is_changed && http_is_cancelled(&lane->cancel))
        return;
    TRACE("transfer %p: connection %u ends, changed %d, refused %d.\n", attempt->transfer, lane->index, is_changed,
            is_refused);
    AcquireSRWLockExclusive(attempt->transfer->lock);
    attempt->is_changed |= is_changed;
    attempt->is_full |= is_refused || ++attempt->lost_lanes >= MAX_LOST;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}

/* The body is read as far as no other lane has taken it. */
static BOOL read_range(struct lane *lane, const struct range *range, struct http_exchange *exchange)
{
    struct body body = { range->offset, range->length, FALSE };
    struct failure failure;
    BOOL is_ended = FALSE;

    failure = lane_read(lane, exchange, &body, range->length, &range->offset, &is_ended);
    return failure.class == FAILURE_NONE && !lane_get_left(lane);
}

/* FALSE if it is of no further use. */
static BOOL fetch(struct lane *lane, const struct range *range)
{
    struct attempt *attempt = lane->attempt;
    const struct http_params params =
    {
        .rules = attempt->transfer->rules,
        .options = attempt->options ? &attempt->options->values : NULL,
        .url = attempt->url,
        .redirect = lane->redirect,
        .range = range,
        .if_range = validator_if_range(&lane->validator),
        .is_authorized = lane->is_authorized,
        .is_foreground = &attempt->transfer->is_foreground,
    };
    UINT64 size = get_size(attempt);
    struct http_exchange exchange;
    struct failure failure;
    BOOL is_accepted, ret;

    failure = http_open(&params, &lane->cancel, &exchange);
    AcquireSRWLockExclusive(attempt->transfer->lock);
    attempt->transfer->request_count += exchange.request_count;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    is_accepted = failure.class == FAILURE_NONE && is_expected(lane, &exchange, range, size);
    if (is_accepted)
        confirm_claim(lane);
    ret = is_accepted && read_range(lane, range, &exchange);
    if (!ret)
        note_end(lane, failure.class == FAILURE_NONE && !is_accepted && is_other_version(lane, &exchange, size),
                !is_accepted);
    http_close(&exchange);
    return ret;
}

/* A file pointer of its own. */
static BOOL open_sink(struct lane *lane)
{
    struct sink *sink;

    if (FAILED(file_sink_adopt(file_sink_get_name(lane->attempt->sink), &sink)))
        return FALSE;
    if (SUCCEEDED(sink->ops->open(sink)))
    {
        if (lane_init(lane, lane->attempt, lane->index, sink))
            return TRUE;
        sink->ops->close(sink, FALSE);
    }
    sink->ops->destroy(sink);
    return FALSE;
}

void lane_perform(struct lane *lane)
{
    struct attempt *attempt = lane->attempt;
    struct range range;
    BOOL is_open;

    if (!(is_open = open_sink(lane)))
        note_end(lane, FALSE, TRUE);
    else
        while (take_claim(attempt, lane->index, &range) && fetch(lane, &range))
            ;
    if (is_open)
    {
        lane->sink->ops->close(lane->sink, FALSE);
        lane->sink->ops->destroy(lane->sink);
    }
    free(lane->buffer);
    lane->buffer = NULL;
    free(lane->redirect);
    drop_claim(attempt, lane->index);
}
