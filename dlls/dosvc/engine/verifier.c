/*
 * Verification of the pieces of a file
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

/* Pieces are read back from the file, where the cache of the system still has them: so it does not matter which
 * connection has brought what, nor in which service. Receiving goes on meanwhile. */

#include "base/base.h"
#include "base/wineheaders.h"
#include "engine/attempt.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Piece in hand. */
struct piece
{
    struct target *target;       /* a reference */
    struct piece_hashes *hashes; /* a reference */
    UINT index;
    struct range range;
};

/* Return whether something of a piece is wanted, and all of that has been received. */
static BOOL is_received(const struct attempt *attempt, const struct piece_hashes *hashes, const struct target *target,
        const struct range *piece)
{
    UINT64 end = piece->offset + piece->length, position, from, to;
    struct plan_cursor cursor = {0};
    struct range range, gap;
    BOOL is_wanted = FALSE;

    for (; plan_get_range(&attempt->plan, hashes->content_length, &cursor, &range, &position);
            plan_step(&attempt->plan, hashes->content_length, &cursor))
    {
        from = max(range.offset, piece->offset);
        to = min(range.offset + range.length, end);
        if (from >= to)
            continue;
        if (range_set_next_gap(&target->received, from, to, &gap))
            return FALSE;
        is_wanted = TRUE;
    }
    return is_wanted;
}

/* Find a piece of [start, end) that has been received and not verified. */
static BOOL find_piece_within(struct attempt *attempt, UINT64 start, UINT64 end, struct piece *piece)
{
    struct piece_hashes *hashes = attempt->hashes;
    struct range gap;

    end = min(end, hashes->content_length);
    while (start < end && range_set_next_gap(&attempt->target->verified, start, end, &gap))
    {
        piece->target = attempt->target;
        piece->hashes = hashes;
        piece->index = gap.offset / hashes->piece_size;
        piece->range = piece_hashes_get_range(hashes, piece->index);
        if (is_received(attempt, hashes, attempt->target, &piece->range))
            return TRUE;
        start = piece->range.offset + piece->range.length;
    }
    return FALSE;
}

static BOOL find_piece_locked(struct attempt *attempt, struct piece *piece)
{
    const struct range_set *received = &attempt->target->received;
    UINT i;

    for (i = 0; attempt->hashes && i < received->count; i++)
    {
        if (find_piece_within(attempt, received->ranges[i].offset, received->ranges[i].offset
                + received->ranges[i].length, piece))
            return TRUE;
    }
    return FALSE;
}

/* Return whether it is still these bytes that count. */
static BOOL is_current_locked(const struct attempt *attempt, const struct piece *piece)
{
    return piece->target == attempt->target && piece->target == attempt->worker->target
            && piece->hashes == attempt->hashes
            && is_received(attempt, piece->hashes, piece->target, &piece->range);
}

static HRESULT accept_piece(struct attempt *attempt, const struct piece *piece)
{
    struct transfer *transfer = attempt->transfer;
    HRESULT hr = S_OK;

    AcquireSRWLockExclusive(transfer->lock);
    if (is_current_locked(attempt, piece))
    {
        if (!range_set_add(&piece->target->verified, piece->range.offset, piece->range.length))
            hr = E_OUTOFMEMORY;
        /* Where the processor is slower than the network, that is progress. */
        retry_show_life(&attempt->worker->retry, progress_now());
        if (attempt->integrity->is_mandatory)
            transfer->ops->changed(transfer, TRANSFER_EVENT_PROGRESS);
    }
    ReleaseSRWLockExclusive(transfer->lock);
    return hr;
}

/* Remove a piece from what a record may claim. */
static HRESULT unflush_locked(const struct piece *piece, BOOL *is_claimed)
{
    struct target *target = piece->target;
    UINT64 count = range_set_count(&target->flushed, piece->range.offset, piece->range.offset + piece->range.length);

    *is_claimed = count > 0;
    target->removals++;
    target->flushed_bytes -= min(count, target->flushed_bytes);
    return range_set_remove(&target->flushed, piece->range.offset, piece->range.length) ? S_OK : E_OUTOFMEMORY;
}

static HRESULT remove_locked(struct attempt *attempt, const struct piece *piece, const struct piece_fault *fault)
{
    struct transfer *transfer = attempt->transfer;

    if (!range_set_remove(&piece->target->received, piece->range.offset, piece->range.length))
        return E_OUTOFMEMORY;
    transfer->bytes_received = plan_get_received(&attempt->plan, &piece->target->received);
    memset(&attempt->cursor, 0, sizeof(attempt->cursor));
    transfer->ops->changed(transfer, TRANSFER_EVENT_PROGRESS);
    return piece_blame_locked(attempt, piece->hashes, piece->index, fault);
}

/* End the attempt, unless it ends anyway: let all of its connections return. */
static void fail_locked(struct attempt *attempt, HRESULT hr)
{
    struct failure failure = hr == DO_E_BAD_PIECE_HASH ? failure_from_hresult(hr) : failure_from_sink(hr);

    if (http_is_cancelled(&attempt->verifier.cancel))
        return;
    WARN("transfer %p, hr %#lx.\n", attempt->transfer, hr);
    if (attempt->verifier.failure.class == FAILURE_NONE)
        attempt->verifier.failure = failure;
    attempt->verifier.has_failed = TRUE;
    http_cancel_set(&attempt->worker->cancel);
    extra_connections_cut(attempt->worker, 0);
}

/* Have a wrong piece fetched again, unless it has been wrong too often. No record claims it when that may begin. */
static HRESULT reject_piece(struct attempt *attempt, const struct piece *piece, const struct piece_fault *fault)
{
    struct transfer *transfer = attempt->transfer;
    BOOL is_claimed = FALSE;
    HRESULT hr = S_OK;

    AcquireSRWLockExclusive(transfer->lock);
    if (is_current_locked(attempt, piece))
        hr = unflush_locked(piece, &is_claimed);
    ReleaseSRWLockExclusive(transfer->lock);
    if (is_claimed && SUCCEEDED(hr))
        hr = transfer_forget(transfer);
    if (FAILED(hr))
        return hr;
    AcquireSRWLockExclusive(transfer->lock);
    if (is_current_locked(attempt, piece) && FAILED(hr = remove_locked(attempt, piece, fault)))
        fail_locked(attempt, hr);
    ReleaseSRWLockExclusive(transfer->lock);
    return hr;
}

/* Keep why a piece cannot be verified. Of one that does not count any more, which a new version may have cut off while
 * it was read, that is no failure. */
static HRESULT fail_piece(struct attempt *attempt, const struct piece *piece, const struct piece_fault *fault,
        HRESULT hr)
{
    AcquireSRWLockExclusive(attempt->transfer->lock);
    if (is_current_locked(attempt, piece))
        attempt->verifier.failure = fault->failure;
    else
        hr = S_OK;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    return hr;
}

static HRESULT verify_piece(struct attempt *attempt, struct sink *sink, BYTE *buffer, const struct piece *piece)
{
    const struct held held = { &attempt->plan, sink, .cancel = &attempt->verifier.cancel };
    struct piece_fault fault;
    HRESULT hr = piece_check(attempt, piece->hashes, piece->index, &held, buffer, &fault);

    if (hr == S_OK)
        return accept_piece(attempt, piece);
    if (hr == S_FALSE)
        return reject_piece(attempt, piece, &fault);
    return fail_piece(attempt, piece, &fault, hr);
}

/* Wait for a piece. FALSE if the thread is to end. */
static BOOL take_piece(struct attempt *attempt, struct piece *piece)
{
    struct verifier *verifier = &attempt->verifier;

    AcquireSRWLockExclusive(attempt->transfer->lock);
    verifier->is_busy = FALSE;
    WakeAllConditionVariable(&verifier->changed);
    while (!verifier->is_stopping && !(verifier->is_busy = find_piece_locked(attempt, piece)))
        SleepConditionVariableSRW(&verifier->changed, attempt->transfer->lock, INFINITE, 0);
    if (verifier->is_busy)
    {
        target_addref(piece->target);
        piece_hashes_addref(piece->hashes);
    }
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    return verifier->is_busy;
}

static HRESULT verify_all(struct attempt *attempt, struct sink *sink, BYTE *buffer)
{
    struct piece piece;
    HRESULT hr = S_OK;

    while (SUCCEEDED(hr) && take_piece(attempt, &piece))
    {
        hr = verify_piece(attempt, sink, buffer, &piece);
        target_release(piece.target);
        piece_hashes_release(piece.hashes);
    }
    return hr;
}

/* Verify with a file pointer of its own. */
static HRESULT open_and_verify(struct attempt *attempt)
{
    BYTE *buffer = pages_alloc(PIECE_BUFFER);
    struct sink *sink;
    HRESULT hr;

    if (!buffer)
        return E_OUTOFMEMORY;
    if (SUCCEEDED(hr = file_sink_adopt(file_sink_get_name(attempt->sink), &sink)))
    {
        if (SUCCEEDED(hr = sink->ops->open(sink)))
        {
            hr = verify_all(attempt, sink, buffer);
            sink->ops->close(sink, SINK_CLOSE);
        }
        sink_release(sink);
    }
    pages_free(buffer);
    return hr;
}

/* Work until the attempt ends, which may be as soon as is_running is reset. */
static void CALLBACK verifier_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct attempt *attempt = context;
    HRESULT hr;

    CallbackMayRunLong(instance);
    hr = open_and_verify(attempt);
    AcquireSRWLockExclusive(attempt->transfer->lock);
    if (FAILED(hr))
        fail_locked(attempt, hr);
    attempt->verifier.is_running = attempt->verifier.is_busy = FALSE;
    WakeAllConditionVariable(&attempt->verifier.changed);
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}

struct failure verifier_start(struct attempt *attempt)
{
    attempt->verifier.is_running = TRUE;
    if (engine_start_thread(verifier_proc, attempt))
        return no_failure;
    attempt->verifier.is_running = FALSE;
    return failure_from_hresult(E_OUTOFMEMORY);
}

static BOOL is_verified(struct attempt *attempt)
{
    UINT64 size = attempt->hashes->content_length;

    return plan_get_received(&attempt->plan, &attempt->target->verified) >= plan_get_total(&attempt->plan, size);
}

struct failure verifier_finish(struct attempt *attempt, BOOL *is_complete)
{
    struct verifier *verifier = &attempt->verifier;
    struct failure failure = no_failure;
    struct piece piece;

    *is_complete = FALSE;
    if (!attempt_lock(attempt))
        return attempt_cancelled();
    while (verifier->is_running && !http_is_cancelled(&attempt->worker->cancel)
            && (verifier->is_busy || find_piece_locked(attempt, &piece)))
    {
        WakeAllConditionVariable(&verifier->changed);
        SleepConditionVariableSRW(&verifier->changed, attempt->transfer->lock, INFINITE, 0);
    }
    if (!verifier->is_running || http_is_cancelled(&attempt->worker->cancel))
        failure = attempt_cancelled();
    *is_complete = !attempt->hashes || is_verified(attempt);
    attempt_unlock(attempt);
    return failure;
}

void verifier_stop(struct attempt *attempt, struct failure *failure)
{
    struct verifier *verifier = &attempt->verifier;

    AcquireSRWLockExclusive(attempt->transfer->lock);
    verifier->is_stopping = TRUE;
    http_cancel_set(&verifier->cancel);
    WakeAllConditionVariable(&verifier->changed);
    while (verifier->is_running)
        SleepConditionVariableSRW(&verifier->changed, attempt->transfer->lock, INFINITE, 0);
    if (verifier->has_failed)
        *failure = verifier->failure;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
}
