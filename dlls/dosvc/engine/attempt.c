/*
 * An attempt, and what it works on: a target, options
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

#include <stdlib.h>

#include "engine/attempt.h"
#include "net/credentials.h"

struct target *target_create(struct sink *sink)
{
    struct target *target = calloc(1, sizeof(*target));

    if (!target)
    {
        sink_release(sink);
        return NULL;
    }
    target->refcount = 1;
    target->sink = sink;
    return target;
}

struct target *target_addref(struct target *target)
{
    InterlockedIncrement(&target->refcount);
    return target;
}

void target_release(struct target *target)
{
    if (!target || InterlockedDecrement(&target->refcount))
        return;
    sink_release(target->sink);
    range_set_clear(&target->received);
    range_set_clear(&target->flushed);
    range_set_clear(&target->verified);
    cache_shares_clear(&target->shares);
    free(target->wrong_counts);
    free(target);
}

struct target *target_create_successor_locked(const struct target *target, const struct range_set *received)
{
    struct target *successor = target_create(sink_addref(target->sink));

    if (!successor)
        return NULL;
    successor->version = target->version;
    successor->modified = target->modified;
    successor->is_unconfirmed = target->is_unconfirmed;
    if (!received || (range_set_copy(received, &successor->received)
            && cache_shares_copy(&target->shares, &successor->shares)))
        return successor;
    target_release(successor);
    return NULL;
}

struct target *target_replace_locked(struct transfer *transfer, struct target *target)
{
    struct plan plan = { transfer->wanted, transfer->wanted_count, transfer->rules->layout };
    struct target *former = transfer->worker->target;

    transfer->worker->target = target;
    transfer->bytes_received = plan_get_received(&plan, &target->received);
    return former;
}

static BOOL own_string(const WCHAR **string)
{
    return !*string || (*string = wcsdup(*string));
}

static BOOL own_bytes(const void **data, DWORD size)
{
    const void *bytes = *data;

    *data = NULL;
    return !bytes || !size || ((*data = malloc(size)) && memcpy((void *)*data, bytes, size));
}

struct options *options_create(const struct transfer_options *values)
{
    struct options *options;
    BOOL is_copied;

    if (!(options = calloc(1, sizeof(*options))))
        return NULL;
    options->refcount = 1;
    options->values = *values;
    credentials_addref(options->values.credentials);
    /* Copy all, even after a failure, so that no pointer to the memory of the caller is left to be freed. */
    is_copied = own_string(&options->values.headers);
    is_copied &= own_string(&options->values.auth_headers);
    is_copied &= own_string(&options->values.correlation_vector);
    is_copied &= own_string(&options->values.proxy_list);
    is_copied &= own_string(&options->values.proxy_bypass);
    is_copied &= own_string(&options->values.method);
    is_copied &= own_bytes(&options->values.certificate, options->values.certificate_size);
    if (is_copied)
        return options;
    options_release(options);
    return NULL;
}

struct options *options_addref(struct options *options)
{
    if (options)
        InterlockedIncrement(&options->refcount);
    return options;
}

void options_release(struct options *options)
{
    if (!options || InterlockedDecrement(&options->refcount))
        return;
    free((void *)options->values.headers);
    free((void *)options->values.auth_headers);
    free((void *)options->values.correlation_vector);
    credentials_release(options->values.credentials);
    free((void *)options->values.proxy_list);
    free((void *)options->values.proxy_bypass);
    free((void *)options->values.method);
    free((void *)options->values.certificate);
    free(options);
}

BOOL session_copy(struct session *session, const struct session *from)
{
    session->is_authorized = from->is_authorized;
    return (!from->redirect || (session->redirect = wcsdup(from->redirect))) && cookies_copy(&from->jar, &session->jar);
}

void session_clear(struct session *session)
{
    free(session->redirect);
    cookies_clear(&session->jar);
    session->redirect = NULL;
    session->is_authorized = FALSE;
}

HRESULT attempt_init(struct attempt *attempt, struct transfer *transfer)
{
    struct transfer_worker *worker = transfer->worker;
    BOOL is_complete;
    UINT i;

    memset(attempt, 0, sizeof(*attempt));
    for (i = 0; i < ARRAY_SIZE(attempt->connections); i++)
        http_cancel_init(&attempt->connections[i].cancel);
    http_cancel_init_next(&attempt->verifier.cancel, &worker->cancel);
    attempt->transfer = transfer;
    attempt->worker = worker;
    attempt->checked_size = SIZE_UNKNOWN;

    AcquireSRWLockExclusive(transfer->lock);
    attempt->target = target_addref(worker->target);
    attempt->url = wcsdup(transfer->url);
    attempt->path = transfer->path ? wcsdup(transfer->path) : NULL;
    is_complete = ranges_copy(transfer->wanted, transfer->wanted_count, &attempt->wanted) && attempt->url
            && !attempt->path == !transfer->path;
    attempt->plan.wanted = attempt->wanted;
    attempt->plan.count = transfer->wanted_count;
    attempt->plan.layout = transfer->rules->layout;
    attempt->options = options_addref(worker->options);
    attempt->sink = sink_addref(worker->target->sink);
    attempt->integrity = integrity_addref(worker->integrity);
    worker->is_stream_busy = attempt->sink && attempt->sink->is_sequential;
    attempt->is_restart_wanted = worker->is_started && worker->is_doubted && worker->doubt.doubtful;
    if (worker->is_started)
    {
        memset(&worker->doubt, 0, sizeof(worker->doubt));
        free(attempt->target->wrong_counts);
        attempt->target->wrong_counts = NULL;
        if (attempt->integrity)
            attempt->integrity->hr = S_OK;
    }
    attempt->is_started = worker->is_started;
    worker->is_started = FALSE;
    attempt->is_restart_wanted |= !attempt_is_repeatable(attempt) && worker->target->received.count;
    ReleaseSRWLockExclusive(transfer->lock);

    return is_complete ? S_OK : E_OUTOFMEMORY;
}

void attempt_cleanup(struct attempt *attempt)
{
    http_cancel_unlink(&attempt->worker->cancel);
    AcquireSRWLockExclusive(attempt->transfer->lock);
    attempt->worker->is_stream_busy = FALSE;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    sink_release(attempt->sink);
    target_release(attempt->target);
    options_release(attempt->options);
    integrity_release(attempt->integrity);
    piece_hashes_release(attempt->hashes);
    free(attempt->wanted);
    free(attempt->url);
    free(attempt->path);
}

BOOL attempt_is_repeatable(const struct attempt *attempt)
{
    return !attempt->options || !attempt->options->values.method;
}

BOOL attempt_lock(struct attempt *attempt)
{
    AcquireSRWLockExclusive(attempt->transfer->lock);
    if (attempt->target == attempt->worker->target)
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

struct stored attempt_get_stored_locked(const struct attempt *attempt)
{
    const struct transfer_rules *rules = attempt->transfer->rules;
    const struct range_set *received = &attempt->target->received;
    struct stored stored =
    {
        .version = &attempt->target->version,
        .size = attempt->transfer->size,
        .end = attempt->plan.count ? range_set_last_end(received, 0, SIZE_UNKNOWN)
                : received->count && !received->ranges[0].offset ? received->ranges[0].length : 0,
        .has_bytes = !!received->count,
        .is_stream = attempt->sink->is_sequential,
        .can_rewind = rules->can_rewind,
        .has_ranges = !!attempt->plan.count,
        .max_skip = rules->max_skip,
        .is_total_needed = rules->is_total_needed,
        .is_unconfirmed = attempt->target->is_unconfirmed,
    };

    return stored;
}

static BOOL take_segment_locked(struct attempt *attempt, UINT index, BOOL is_taking)
{
    const struct missing missing = { &attempt->plan, &attempt->cursor, attempt->transfer->size,
            &attempt->target->received };

    return !(index && attempt->is_full) && segments_take(&attempt->segments, index, &missing, is_taking);
}

BOOL attempt_next_request(struct attempt *attempt, UINT index, struct request *request, BOOL is_taking)
{
    const struct segment *segment = attempt->segments.items + index;
    struct asked *asked = &request->asked;
    struct stored stored;
    BOOL ret;

    memset(request, 0, sizeof(*request));
    if (!attempt_lock(attempt))
        return FALSE;
    stored = attempt_get_stored_locked(attempt);
    asked->has_range = attempt_is_repeatable(attempt)
            && (index || rules_may_resume(&stored, &attempt->worker->doubt));
    asked->is_bound = index || (asked->has_range && stored.has_bytes && validator_if_range(stored.version));
    if ((ret = take_segment_locked(attempt, index, is_taking)))
    {
        asked->range.offset = segment->offset;
        asked->range.length = segment->end == SIZE_UNKNOWN ? LENGTH_TO_EOF : segment->end - segment->offset;
        request->position = segment->position;
    }
    attempt_unlock(attempt);
    return ret;
}

struct http_params attempt_get_params(const struct attempt *attempt, const struct request *request,
        struct session *session, const struct validator *version)
{
    const struct transfer_options *options = attempt->options ? &attempt->options->values : NULL;
    const struct http_params params =
    {
        .status_rules = attempt->transfer->rules->status_rules,
        .options = options,
        .url = attempt->url,
        .redirect = options && options->is_redirect_refused ? NULL : session->redirect,
        .cache_url = attempt->cache.url,
        .cache_list = attempt->cache.list,
        .is_cache_direct = attempt->cache.is_direct,
        .range = request->asked.has_range ? &request->asked.range : NULL,
        .if_range = request->asked.is_bound ? validator_if_range(version) : NULL,
        .jar = attempt->cache.url ? NULL : &session->jar,
        .is_authorized = session->is_authorized && !attempt->cache.url,
        .is_fresh = attempt->target->removals > 0,
        .is_foreground = &attempt->transfer->is_foreground,
    };

    return params;
}

void attempt_show_life(struct attempt *attempt)
{
    AcquireSRWLockExclusive(attempt->transfer->lock);
    retry_show_life(&attempt->worker->retry, progress_now());
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}

void attempt_count_requests(struct attempt *attempt, const struct http_exchange *exchange)
{
    AcquireSRWLockExclusive(attempt->transfer->lock);
    attempt->transfer->request_count += exchange->request_count;
    if (exchange->is_cached)
        attempt->transfer->cache_request_count += exchange->request_count;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}
