/*
 * Effects of a response on the bytes that are stored
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

/* Carry out the verdict of the rules (response_rules.c) on the target and the sink. */

#include <stdlib.h>

#include "engine/attempt.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

static const struct http_head no_head;

/* Set the length of a file. */
static struct failure set_length(struct attempt *attempt, UINT64 length, UINT64 to_write)
{
    HRESULT hr = S_OK;

    if (!attempt->sink->is_sequential && length != SIZE_UNKNOWN)
        hr = attempt->sink->ops->set_length(attempt->sink, length, to_write);
    return FAILED(hr) ? failure_from_sink(hr) : no_failure;
}

/* Empty a client's stream; otherwise_hr is the error of one that cannot go back. */
static struct failure rewind_stream(struct attempt *attempt, HRESULT otherwise_hr)
{
    HRESULT hr = E_NOTIMPL;

    if (http_is_cancelled(&attempt->worker->cancel))
        return attempt_cancelled();
    if (attempt->transfer->rules->can_rewind)
        hr = attempt->sink->ops->set_length(attempt->sink, 0, 0);
    if (SUCCEEDED(hr))
        return no_failure;
    return failure_from_sink(hr == E_NOTIMPL || hr == STG_E_INVALIDFUNCTION ? otherwise_hr : hr);
}

/* Go on with a new target that has only these bytes. No record claims others when this returns. */
static struct failure replace_target(struct attempt *attempt, const struct range_set *received)
{
    struct transfer *transfer = attempt->transfer;
    struct target *target, *former = NULL;
    UINT64 bytes = transfer->bytes_received;
    HRESULT hr;

    memset(&attempt->cursor, 0, sizeof(attempt->cursor));
    attempt->staging.range.length = attempt->staging.filled = attempt->staging.delivered = 0;
    attempt->checked_size = SIZE_UNKNOWN;
    if (!attempt_lock(attempt))
        return attempt_cancelled();
    if ((target = target_create_successor_locked(attempt->target, received)))
    {
        former = target_replace_locked(transfer, target);
        target_release(attempt->target);
        attempt->target = target_addref(target);
        attempt->has_moved = TRUE;
        segments_reset(&attempt->segments);
        if (transfer->bytes_received != bytes)
            transfer->ops->changed(transfer, TRANSFER_EVENT_PROGRESS);
    }
    attempt_unlock(attempt);
    if (!target)
        return failure_from_hresult(E_OUTOFMEMORY);
    target_release(former);
    if (bytes && FAILED(hr = transfer_forget(transfer)))
        return failure_from_sink(hr);
    return no_failure;
}

static struct failure restart(struct attempt *attempt, const char *reason, HRESULT otherwise_hr)
{
    struct failure failure = no_failure;
    BOOL has_bytes;

    TRACE("transfer %p, %s: starts over.\n", attempt->transfer, debugstr_a(reason));
    extra_connections_stop(attempt);
    if (!attempt_lock(attempt))
        return attempt_cancelled();
    has_bytes = attempt->target->received.count;
    attempt_unlock(attempt);
    if (has_bytes && attempt->sink->is_sequential)
        failure = rewind_stream(attempt, otherwise_hr);
    if (failure.class == FAILURE_NONE)
        failure = replace_target(attempt, NULL);
    return failure.class == FAILURE_NONE ? set_length(attempt, 0, 0) : failure;
}

struct failure attempt_restart(struct attempt *attempt, const char *reason)
{
    return restart(attempt, reason, DO_E_BAD_INCOMING_DATA);
}

struct failure attempt_drop_partial_ranges(struct attempt *attempt, BOOL *is_dropped)
{
    struct range_set intact = {0};
    struct failure failure = no_failure;
    BOOL is_intact, is_complete;

    *is_dropped = FALSE;
    if (!attempt->plan.count || validator_if_range(&attempt->target->version) || !attempt_lock(attempt))
        return no_failure;
    is_complete = plan_get_intact(&attempt->plan, attempt->transfer->size, &attempt->target->received, &intact,
            &is_intact);
    attempt_unlock(attempt);
    *is_dropped = !is_intact;
    if (!is_complete)
        failure = failure_from_hresult(E_OUTOFMEMORY);
    else if (!is_intact && attempt->sink->is_sequential)
        failure = attempt_restart(attempt, "a range broke off");
    else if (!is_intact)
        failure = replace_target(attempt, &intact);
    range_set_clear(&intact);
    return failure;
}

/* Take over the size that the server tells; SIZE_UNKNOWN if it tells none. */
static struct failure learn_size(struct attempt *attempt, UINT64 size)
{
    struct transfer *transfer = attempt->transfer;
    UINT64 length, total, to_write;
    struct failure failure;
    HRESULT hr;

    if ((failure = integrity_check_size(attempt, size)).class != FAILURE_NONE)
        return failure;
    /* Without hashes nothing waits for the end of its piece. */
    if (!attempt->hashes && attempt->staging.filled)
        receive_drop_staged(attempt);
    if (!attempt_lock(attempt))
        return attempt_cancelled();
    if (transfer->size != size)
    {
        transfer->size = size;
        attempt->has_moved = TRUE;
        transfer->ops->changed(transfer, TRANSFER_EVENT_SIZE);
    }
    length = plan_get_length(&attempt->plan, size, &attempt->target->received);
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

struct failure response_check_size(struct attempt *attempt)
{
    UINT64 size;

    if (!attempt_lock(attempt))
        return attempt_cancelled();
    size = attempt->transfer->size;
    attempt_unlock(attempt);
    return size == SIZE_UNKNOWN || attempt->checked_size == size ? no_failure : learn_size(attempt, size);
}

BOOL response_may_skip(const struct attempt *attempt, UINT64 length)
{
    return !attempt->plan.count || length <= attempt->transfer->rules->max_skip;
}

/* Note that the server itself has told of the version. */
static void confirm(struct attempt *attempt, const struct http_head *head)
{
    if (head->has_type)
        attempt->worker->is_page_wrong = !head->is_page;
    if (!attempt_lock(attempt))
        return;
    attempt->target->is_unconfirmed = FALSE;
    attempt_unlock(attempt);
}

static struct failure take(struct attempt *attempt, const struct http_head *head, const struct verdict *verdict,
        BOOL has_bytes, struct body *body)
{
    if (!has_bytes)
    {
        memset(&attempt->cursor, 0, sizeof(attempt->cursor));
        attempt->checked_size = SIZE_UNKNOWN;
        if (!attempt_lock(attempt))
            return attempt_cancelled();
        attempt->target->version = head->validator;
        attempt->target->modified = head->modified;
        attempt->target->is_unconfirmed = TRUE;
        attempt_unlock(attempt);
    }
    if (!attempt->cache.url)
        confirm(attempt, head);
    body->is_whole = verdict->is_whole;
    body->offset = verdict->is_whole ? 0 : head->content_range.offset;
    body->length = verdict->is_whole ? head->content_length : head->content_range.length;
    return learn_size(attempt, verdict->size);
}

static struct failure fail(const struct attempt *attempt, const struct verdict *verdict, DWORD status)
{
    struct failure failure = verdict->hr ? failure_from_hresult(verdict->hr)
            : failure_from_status(attempt->transfer->rules->status_rules, status, 0);

    failure.class = verdict->kind == VERDICT_LATER ? FAILURE_RETRY : FAILURE_FATAL;
    return failure;
}

static struct failure carry_out(struct attempt *attempt, const struct http_head *head, const struct verdict *verdict,
        BOOL has_bytes, struct body *body)
{
    struct failure failure = no_failure;

    switch (verdict->kind)
    {
        case VERDICT_REPLACE:
            failure = attempt_restart(attempt, verdict->reason);
            has_bytes = FALSE;
            /* fall through */
        case VERDICT_TAKE:
            return failure.class == FAILURE_NONE ? take(attempt, head, verdict, has_bytes, body) : failure;
        case VERDICT_RESTART:
            return restart(attempt, verdict->reason, verdict->hr);
        case VERDICT_COMPLETE:
            return learn_size(attempt, verdict->size);
        case VERDICT_AGAIN:
            return no_failure;
        case VERDICT_LATER:
        case VERDICT_FAIL:
            break;
    }
    return fail(attempt, verdict, head->status);
}

/* Leave the cache host, which is of no use for this server. */
static void refuse_cache(struct attempt *attempt)
{
    attempt->cache.has_event = TRUE;
    attempt->cache.event = CACHE_REFUSED;
}

/* Judge the response of a cache host. */
static struct verdict classify_cache(struct attempt *attempt, const struct stored *stored, const struct asked *asked,
        const struct http_head *head)
{
    BOOL is_wrong, is_page = head->is_page && attempt->worker->is_page_wrong;
    struct verdict verdict;

    verdict = rules_classify_cache(stored, &attempt->worker->doubt, asked, head, attempt->transfer->declared_size,
            &is_wrong);
    if (is_page)
        verdict.kind = VERDICT_FAIL;
    if (is_wrong || is_page)
        refuse_cache(attempt);
    return verdict;
}

struct failure response_accept(struct attempt *attempt, const struct request *request,
        const struct http_exchange *exchange, struct body *body, BOOL *is_short)
{
    const struct http_head *head = &exchange->head;
    struct verdict verdict;
    struct stored stored;

    memset(body, 0, sizeof(*body));
    /* Where the file may get another length, nobody else may be writing to it. */
    if (head->status != 206)
        extra_connections_stop(attempt);
    if (!attempt_lock(attempt))
        return attempt_cancelled();
    stored = attempt_get_stored_locked(attempt);
    attempt_unlock(attempt);
    if (attempt->cache.url)
        verdict = classify_cache(attempt, &stored, &request->asked, head);
    else
        verdict = rules_classify(&stored, &attempt->worker->doubt, &request->asked, head, GetTickCount64());
    TRACE("transfer %p, verdict %u, hr %#lx, %s.\n", attempt->transfer, verdict.kind, verdict.hr,
            debugstr_a(verdict.reason));
    *is_short = verdict.is_short;
    /* Nothing binds the response to the version that they have asked for. */
    if (verdict.kind == VERDICT_TAKE && !stored.has_bytes)
        extra_connections_drop(attempt);
    return carry_out(attempt, head, &verdict, stored.has_bytes, body);
}

struct failure response_end(struct attempt *attempt, UINT64 end)
{
    struct failure failure;
    struct body body = {0};
    struct verdict verdict;
    struct stored stored;
    struct doubt doubt;

    if (!attempt_lock(attempt))
        return attempt_cancelled();
    stored = attempt_get_stored_locked(attempt);
    attempt_unlock(attempt);
    doubt = attempt->worker->doubt;
    verdict = rules_classify_end(&stored, attempt->cache.url ? &doubt : &attempt->worker->doubt, end);
    failure = carry_out(attempt, &no_head, &verdict, stored.has_bytes, &body);
    if (!attempt->cache.url || verdict.kind == VERDICT_COMPLETE || failure.class != FAILURE_NONE)
        return failure;
    refuse_cache(attempt);
    return failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
}
