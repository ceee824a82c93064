/*
 * Pieces against their hashes
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

#include "base/plan.h"
#include "engine/attempt.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define HALF (PIECE_BUFFER / 2)

/* Find out whether the byte at the offset is there, and for how many that holds. */
static BOOL find_held(const struct held *held, UINT64 size, UINT64 offset, UINT64 end, UINT64 *position, DWORD *length)
{
    struct plan whole = { &held->range, 1, LAYOUT_CONCATENATE };
    const struct plan *plan = held->data ? &whole : held->plan;
    struct plan_cursor cursor = {0};
    struct range range;

    end = min(end, offset + HALF);
    for (; plan_get_range(plan, size, &cursor, &range, position); plan_step(plan, size, &cursor))
    {
        if (range.offset <= offset && offset < range.offset + range.length)
        {
            *position += offset - range.offset;
            *length = min(end, range.offset + range.length) - offset;
            return TRUE;
        }
        if (range.offset > offset)
            end = min(end, range.offset);
    }
    *length = end - offset;
    return FALSE;
}

/* Return the bytes at this position of the file or the data, in the buffer if they have to be read. */
static HRESULT read_held(const struct held *held, UINT64 position, BYTE *buffer, DWORD size, const BYTE **bytes)
{
    *bytes = held->data ? held->data + position : buffer;
    return held->data ? S_OK : file_sink_read(held->sink, position, buffer, size);
}

static BOOL is_cut(const struct held *held, UINT64 size, const struct range *piece)
{
    UINT64 offset = piece->offset, end = offset + piece->length, position;
    DWORD length;

    while (offset < end && find_held(held, size, offset, end, &position, &length))
        offset += length;
    return offset < end;
}

static HRESULT hash_held(const struct held *held, UINT64 size, const struct range *piece, BYTE *buffer, BYTE *hash)
{
    UINT64 offset = piece->offset, end = offset + piece->length, position;
    struct digest digest;
    const BYTE *bytes;
    HRESULT hr = S_OK;
    DWORD length;

    digest_begin(&digest, DIGEST_SHA256);
    for (; offset < end && SUCCEEDED(hr); offset += length)
    {
        if (http_is_cancelled(held->cancel))
            hr = E_ABORT;
        find_held(held, size, offset, end, &position, &length);
        if (SUCCEEDED(hr) && SUCCEEDED(hr = read_held(held, position, buffer, length, &bytes)))
            digest_add(&digest, bytes, length);
    }
    return digest_end(&digest, hash) || FAILED(hr) ? hr : E_FAIL;
}

/* Compare bytes of the server with those that are there. S_FALSE: they differ. */
static HRESULT compare_held(const struct held *held, UINT64 size, UINT64 offset, const BYTE *data, DWORD count,
        BYTE *buffer)
{
    UINT64 end = offset + count, position;
    const BYTE *bytes;
    HRESULT hr = S_OK;
    DWORD length;

    for (; offset < end && hr == S_OK; offset += length, data += length)
    {
        if (find_held(held, size, offset, end, &position, &length)
                && SUCCEEDED(hr = read_held(held, position, buffer, length, &bytes)) && memcmp(bytes, data, length))
            hr = S_FALSE;
    }
    return hr;
}

/* Hash a piece from a body that begins at the offset, and compare it with what is there. */
static HRESULT hash_body(struct attempt *attempt, struct http_exchange *exchange, UINT64 offset,
        const struct held *held, UINT64 size, const struct range *piece, BYTE *buffer, BYTE *hash,
        struct failure *failure)
{
    UINT64 end = piece->offset + piece->length;
    HRESULT hr = S_OK, compared;
    struct digest digest;
    DWORD error, read;
    UINT64 wanted;

    digest_begin(&digest, DIGEST_SHA256);
    for (; offset < end && SUCCEEDED(hr); offset += read)
    {
        wanted = offset < piece->offset ? piece->offset - offset : end - offset;
        error = http_read(exchange, buffer, min(wanted, HALF), INFINITE, &read);
        if (error || !read)
        {
            *failure = error ? failure_from_transport(error) : failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
            hr = E_ABORT;
            break;
        }
        attempt_show_life(attempt);
        if (offset < piece->offset)
            continue;
        digest_add(&digest, buffer, read);
        compared = compare_held(held, size, offset, buffer, read, buffer + HALF);
        if (compared != S_OK)
            hr = compared;
    }
    return digest_end(&digest, hash) || FAILED(hr) ? hr : E_FAIL;
}

/* Return where the body begins. FALSE if it has not the piece, or is of another version. */
static BOOL get_start(const struct http_head *head, const struct validator *version, const struct range *piece,
        UINT64 size, UINT64 *start)
{
    const struct content_range *range = &head->content_range;

    *start = head->status == 206 ? range->offset : 0;
    if (version_compare(version, size, &head->validator, SIZE_UNKNOWN) == VERSION_DIFFERENT)
        return FALSE;
    if (head->status != 206)
        return head->status == 200 || head->status == 203;
    return head->has_content_range && !head->is_multipart && range->offset == piece->offset
            && range->length >= piece->length;
}

/* Fetch a piece from the server or a cache host. */
static HRESULT hash_response(struct attempt *attempt, const struct http_params *params, const struct validator *version,
        const struct held *held, UINT64 size, const struct range *piece, BYTE *buffer, BYTE *hash,
        struct failure *failure)
{
    struct http_exchange exchange;
    HRESULT hr = E_ABORT;
    UINT64 start;

    *failure = http_open(params, held->cancel, &exchange);
    attempt_count_requests(attempt, &exchange);
    if (failure->class == FAILURE_NONE)
    {
        if (get_start(&exchange.head, version, piece, size, &start))
            hr = hash_body(attempt, &exchange, start, held, size, piece, buffer, hash, failure);
        else
            *failure = failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
    }
    http_close(&exchange);
    return hr;
}

/* Copy what the worker may change while the piece is fetched. */
static BOOL own_cache(struct http_params *params)
{
    if (!params->cache_url)
        return TRUE;
    params->cache_url = wcsdup(params->cache_url);
    params->cache_list = wcsdup(params->cache_list);
    return params->cache_url && params->cache_list;
}

static void drop_cache(struct http_params *params)
{
    free((void *)params->cache_url);
    free((void *)params->cache_list);
    params->cache_url = params->cache_list = NULL;
    params->is_cache_direct = FALSE;
}

/* Fetch a piece by a request of its own. Where a cache host fails, the server is asked at once. */
static HRESULT hash_fetched(struct attempt *attempt, const struct held *held, UINT64 size, const struct range *piece,
        BYTE *buffer, BYTE *hash, struct piece_fault *fault)
{
    const struct request request = { { TRUE, *piece, TRUE } };
    struct session session = {0};
    struct validator version;
    struct http_params params;
    HRESULT hr = E_OUTOFMEMORY;
    BOOL is_owned;

    AcquireSRWLockExclusive(attempt->transfer->lock);
    version = attempt->target->version;
    params = attempt_get_params(attempt, &request, &session, &version);
    wcscpy_s(fault->host, ARRAY_SIZE(fault->host), attempt->cache.host);
    is_owned = own_cache(&params);
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    if (is_owned)
        hr = hash_response(attempt, &params, &version, held, size, piece, buffer, hash, &fault->failure);
    if (hr == E_ABORT && fault->host[0] && !http_is_cancelled(held->cancel) && !cache_source_is_bound(attempt))
    {
        drop_cache(&params);
        params.jar = &session.jar;
        fault->host[0] = 0;
        hr = hash_response(attempt, &params, &version, held, size, piece, buffer, hash, &fault->failure);
    }
    drop_cache(&params);
    session_clear(&session);
    return hr;
}

HRESULT piece_check(struct attempt *attempt, struct piece_hashes *hashes, UINT index, const struct held *held,
        BYTE *buffer, struct piece_fault *fault)
{
    struct range piece = piece_hashes_get_range(hashes, index);
    BYTE hash[PIECE_HASH_SIZE];
    BOOL is_fetched;
    HRESULT hr;

    memset(fault, 0, sizeof(*fault));
    fault->failure = no_failure;
    if ((is_fetched = is_cut(held, hashes->content_length, &piece)))
        hr = hash_fetched(attempt, held, hashes->content_length, &piece, buffer, hash, fault);
    else
        hr = hash_held(held, hashes->content_length, &piece, buffer, hash);
    if (SUCCEEDED(hr) && memcmp(hash, piece_hashes_get(hashes, index), sizeof(hash)))
    {
        fault->is_fetched = is_fetched;
        hr = S_FALSE;
    }
    if (hr == S_FALSE)
        WARN("transfer %p, piece %u is wrong.\n", attempt->transfer, index);
    return hr;
}

static HRESULT count_wrong_locked(struct target *target, const struct piece_hashes *hashes, UINT index)
{
    if (!target->wrong_counts && !(target->wrong_counts = calloc(hashes->count, 1)))
        return E_OUTOFMEMORY;
    return ++target->wrong_counts[index] < PIECE_TRIES_MAX ? S_OK : DO_E_BAD_PIECE_HASH;
}

/* Ban the cache hosts that have brought any of it. FALSE if there is none. */
static BOOL ban_locked(struct attempt *attempt, const struct range *piece, const struct piece_fault *fault)
{
    struct cache_shares *shares = &attempt->target->shares;
    const struct cache_share *share;
    BOOL ret = FALSE;
    UINT index = 0;

    if (fault->is_fetched)
        return fault->host[0] && cache_source_blame_locked(attempt, fault->host, attempt->cache.origin);
    while ((share = cache_shares_next(shares, piece->offset, piece->length, &index)))
        ret |= cache_source_blame_locked(attempt, share->host, share->origin);
    return ret;
}

HRESULT piece_blame_locked(struct attempt *attempt, const struct piece_hashes *hashes, UINT index,
        const struct piece_fault *fault)
{
    struct range piece = piece_hashes_get_range(hashes, index);
    BOOL is_cached = ban_locked(attempt, &piece, fault);

    if (!cache_shares_set(&attempt->target->shares, NULL, NULL, piece.offset, piece.length))
        return E_OUTOFMEMORY;
    return is_cached ? S_OK : count_wrong_locked(attempt->target, hashes, index);
}
