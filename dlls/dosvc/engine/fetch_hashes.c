/*
 * Documents of piece hashes, from their servers
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

/* The document is fetched by a request of its own, in front of the resource: with the proxy, the credentials for it and
 * the limits of the transfer, and with the client's headers if it is of the same origin. */

#include <stdlib.h>

#include "base/url.h"
#include "engine/attempt.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define BLOCK_SIZE 0x10000 /* bytes */

/* Leave out what is for the origin of the resource alone. */
static struct transfer_options get_options(const struct attempt *attempt, BOOL is_foreign)
{
    struct transfer_options options = {0};

    if (attempt->options)
        options = attempt->options->values;
    options.method = NULL;
    if (!is_foreign)
        return options;
    options.headers = options.auth_headers = NULL;
    return options;
}

/* Read a body into data, which is NULL, and owned by the caller also on failure; size is 0. */
static struct failure read_body(struct http_exchange *exchange, BYTE **data, UINT *size)
{
    UINT64 length = exchange->head.content_length;
    UINT capacity = 0;
    DWORD error, read;
    BYTE *grown;

    if (length != SIZE_UNKNOWN && length > PIECE_DOCUMENT_MAX)
        return failure_from_hresult(DO_E_METAINFO_FILE_SIZE);
    for (; *size <= PIECE_DOCUMENT_MAX; *size += read)
    {
        if (*size == capacity)
        {
            /* Make room for a byte more than announced, to see the end. */
            capacity = capacity || length == SIZE_UNKNOWN ? 2 * capacity + BLOCK_SIZE : length + 1;
            if (!(grown = realloc(*data, capacity)))
                return failure_from_hresult(E_OUTOFMEMORY);
            *data = grown;
        }
        if ((error = http_read(exchange, *data + *size, capacity - *size, INFINITE, &read)))
            return failure_from_transport(error);
        if (!read)
            return no_failure;
    }
    return failure_from_hresult(DO_E_METAINFO_FILE_SIZE);
}

static struct failure read_document(const struct integrity_info *info, enum status_rules rules,
        struct http_exchange *exchange, struct piece_hashes **hashes)
{
    DWORD status = exchange->head.status;
    struct failure failure;
    BYTE *data = NULL;
    UINT size = 0;
    HRESULT hr;

    if (status != 200 && status != 203)
        return failure_from_status(rules, status, 0);
    failure = read_body(exchange, &data, &size);
    if (failure.class == FAILURE_NONE && FAILED(hr = piece_hashes_parse(data, size, info, digest_compute, hashes)))
        failure = failure_from_hresult(hr);
    free(data);
    return failure;
}

/* Ask for the document. A host that is no more than a cache may only be asked where integrity_info_has_proof. */
static struct failure fetch_document(struct attempt *attempt, struct piece_hashes **hashes)
{
    const struct integrity_info *info = &attempt->integrity->info;
    struct transfer *transfer = attempt->transfer;
    BOOL is_foreign = !info->url || !url_has_same_origin(info->url, attempt->url);
    const struct transfer_options options = get_options(attempt, is_foreign);
    const struct http_params params =
    {
        .status_rules = transfer->rules->status_rules,
        .options = &options,
        .url = info->url,
        .is_foreign = is_foreign,
        .is_foreground = &transfer->is_foreground,
    };
    struct http_exchange exchange;
    struct failure failure;

    if (!integrity_info_is_sufficient(info))
        return failure_from_hresult(DO_E_INTEGRITYCHECKINFO_UNSPECIFIED);
    failure = http_open(&params, &attempt->worker->cancel, &exchange);
    attempt_count_requests(attempt, &exchange);
    if (failure.class == FAILURE_NONE)
        failure = read_document(info, params.status_rules, &exchange, hashes);
    http_close(&exchange);
    return failure;
}

/* Note that there are no hashes, which is a failure if they are mandatory. */
static struct failure give_up(struct attempt *attempt, const struct failure *failure)
{
    struct integrity *integrity = attempt->integrity;
    struct piece_hashes *former;

    if (http_is_cancelled(&attempt->worker->cancel))
        return attempt_cancelled();
    WARN("transfer %p: no piece hashes, mandatory %d, hr %#lx.\n", attempt->transfer, integrity->is_mandatory,
            failure->hr);
    AcquireSRWLockExclusive(attempt->transfer->lock);
    former = attempt->hashes;
    attempt->hashes = NULL;
    if (failure->class == FAILURE_FATAL)
        integrity->hr = failure->hr;
    WakeAllConditionVariable(&attempt->verifier.changed);
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    piece_hashes_release(former);
    attempt->is_unverifiable = integrity->is_mandatory;
    return integrity->is_mandatory ? *failure : no_failure;
}

struct failure integrity_check_size(struct attempt *attempt, UINT64 size)
{
    const struct failure failure = failure_from_hresult(DO_E_METAINFO_CONTENT_LENGTH);

    if (!attempt->hashes || size == SIZE_UNKNOWN || size == attempt->hashes->content_length)
        return no_failure;
    return give_up(attempt, &failure);
}

struct failure integrity_check_received(struct attempt *attempt)
{
    const struct range_set *received;
    const struct range *last;
    UINT64 end = 0;

    if (!attempt_lock(attempt))
        return attempt_cancelled();
    received = &attempt->target->received;
    if (received->count)
    {
        last = received->ranges + received->count - 1;
        end = last->offset + last->length;
    }
    attempt_unlock(attempt);
    return attempt->hashes && end > attempt->hashes->content_length ? integrity_check_size(attempt, end) : no_failure;
}

/* Work with these hashes. Pieces that were verified with others are to be verified again. */
static struct failure use_hashes(struct attempt *attempt, struct piece_hashes *hashes)
{
    struct integrity *integrity = attempt->integrity;
    struct target *target = attempt->target;
    UINT64 size;

    if (!attempt_lock(attempt))
    {
        piece_hashes_release(hashes);
        return attempt_cancelled();
    }
    if (!integrity->hashes)
        integrity->hashes = piece_hashes_addref(hashes);
    attempt->hashes = hashes;
    if (memcmp(target->verified_by, hashes->hash_of_hashes, sizeof(target->verified_by)))
        range_set_clear(&target->verified);
    memcpy(target->verified_by, hashes->hash_of_hashes, sizeof(target->verified_by));
    size = target->received.count ? attempt->transfer->size : SIZE_UNKNOWN;
    attempt_unlock(attempt);
    return integrity_check_size(attempt, size);
}

struct failure integrity_prepare(struct attempt *attempt)
{
    struct integrity *integrity = attempt->integrity;
    struct piece_hashes *hashes;
    struct failure failure;
    HRESULT hr;

    if (!integrity)
        return no_failure;
    AcquireSRWLockShared(attempt->transfer->lock);
    hashes = piece_hashes_addref(integrity->hashes);
    hr = integrity->hr;
    ReleaseSRWLockShared(attempt->transfer->lock);
    if (!hashes && FAILED(hr) && !integrity->is_mandatory)
        return no_failure;
    if (!hashes && (failure = fetch_document(attempt, &hashes)).class != FAILURE_NONE)
        return give_up(attempt, &failure);
    return use_hashes(attempt, hashes);
}

void integrity_explain(struct failure *failure)
{
    /* The way to the document may be there again, as that to the resource may. */
    if (failure->class == FAILURE_NONE || failure->hr == DO_E_BLOCKED_BY_NO_NETWORK)
        return;
    failure->underlying = failure->hr;
    failure->hr = DO_E_INTEGRITYCHECKINFO_UNAVAILABLE;
}
