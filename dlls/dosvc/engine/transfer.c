/*
 * Transfers: their settings and state
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

#define _CRT_RAND_S
#include <stdlib.h>

#include "base/base.h"
#include "engine/worker.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define STREAM_DRAIN_TIME 500 /* ms to wait for the end of a client's Write */

const struct transfer_rules transfer_job_rules =
{
    .layout = LAYOUT_CONCATENATE,
    .is_replacing = TRUE,
    .is_dated = TRUE,
    .is_flushed_later = TRUE,
    .can_rewind = TRUE,
    .is_total_needed = TRUE,
    .status_rules = STATUS_OF_JOB,
    .first_delay = 2,
};

const struct transfer_rules transfer_bits_rules =
{
    .layout = LAYOUT_CONCATENATE,
    .is_replacing = TRUE,
    .is_dated = TRUE,
    .is_flushed_later = TRUE,
    .can_rewind = TRUE,
    .is_total_needed = TRUE,
    .status_rules = STATUS_OF_BITS,
    .max_fruitless = 3,
    .has_retry_delay = TRUE,
};

const struct transfer_rules transfer_download_rules =
{
    .layout = LAYOUT_OFFSETS,
    .status_rules = STATUS_OF_DOWNLOAD,
    .max_skip = 64 * 1024 * 1024,
    .first_attempts = 4,
    .first_delay = 1,
    .is_held_offline = TRUE,
    .fails_on_long_retry_after = TRUE,
};

HRESULT transfer_create(const struct transfer_ops *ops, const struct transfer_rules *rules, void *owner,
        SRWLOCK *lock, const WCHAR *url, const WCHAR *path, const struct range *ranges, UINT count,
        struct transfer **out)
{
    struct transfer *transfer;
    UINT high, low;

    if (rand_s(&high) || rand_s(&low) || !(transfer = calloc(1, sizeof(*transfer))))
        return E_OUTOFMEMORY;
    transfer->temporary_id = (UINT64)high << 32 | low;
    transfer->ops = ops;
    transfer->owner = owner;
    transfer->lock = lock;
    transfer->rules = rules;
    transfer->wanted_count = count;
    transfer->declared_size = SIZE_UNKNOWN;
    transfer->size = SIZE_UNKNOWN;
    transfer->max_active_ms = TIME_UNLIMITED;
    transfer->cost.policy = COST_POLICY_ALWAYS;
    if (!(transfer->worker = calloc(1, sizeof(*transfer->worker))))
        goto failed;
    transfer->worker->transfer = transfer;
    InitializeSRWLock(&transfer->worker->extra_lock);
    InitializeConditionVariable(&transfer->worker->extra_left);
    http_cancel_init(&transfer->worker->cancel);
    transfer->worker->slot.cancel = &transfer->worker->cancel;
    list_init(&transfer->worker->extra_connections);
    if (!(transfer->worker->target = target_create(NULL)))
        goto failed;
    if ((url && !(transfer->url = wcsdup(url))) || (path && !(transfer->path = wcsdup(path))))
        goto failed;
    if (!ranges_copy(ranges, count, &transfer->wanted) || !engine_attach(transfer))
        goto failed;
    *out = transfer;
    return S_OK;

failed:
    transfer_destroy(transfer);
    return E_OUTOFMEMORY;
}

void transfer_forget_response_locked(struct transfer *transfer)
{
    free(transfer->response_headers);
    transfer->response_headers = NULL;
    free(transfer->final_url);
    transfer->final_url = NULL;
    free(transfer->response_address);
    transfer->response_address = NULL;
    transfer->response_status = 0;
}

void transfer_destroy(struct transfer *transfer)
{
    struct transfer_worker *worker = transfer->worker;

    if (worker)
    {
        engine_detach(transfer);
        target_release(worker->target);
        options_release(worker->options);
        integrity_release(worker->integrity);
        free(worker->url);
        session_clear(&worker->session);
        free(worker);
    }
    free(transfer->wanted);
    free(transfer->url);
    free(transfer->path);
    free(transfer->cache_host);
    transfer_forget_response_locked(transfer);
    free(transfer);
}

static HRESULT replace_string(WCHAR **string, const WCHAR *value)
{
    WCHAR *copy;

    if (!(copy = wcsdup(value)))
        return E_OUTOFMEMORY;
    free(*string);
    *string = copy;
    return S_OK;
}

HRESULT transfer_set_url_locked(struct transfer *transfer, const WCHAR *url)
{
    return replace_string(&transfer->url, url);
}

void transfer_set_foreground_locked(struct transfer *transfer, BOOL is_foreground)
{
    InterlockedExchange((LONG *)&transfer->is_foreground, is_foreground);
}

HRESULT transfer_set_options_locked(struct transfer *transfer, const struct transfer_options *options)
{
    struct options *copy;

    if (!(copy = options_create(options)))
        return E_OUTOFMEMORY;
    transfer_share_options_locked(transfer, copy);
    options_release(copy);
    return S_OK;
}

void transfer_share_options_locked(struct transfer *transfer, struct options *options)
{
    options_release(transfer->worker->options);
    transfer->worker->options = options_addref(options);
}

static BOOL is_stream(const struct sink *sink)
{
    return sink && sink->is_sequential;
}

/* Have what the new target lacks fetched, also after the end. A client that is still in a Write to the former one stops
 * the clock of that one only. Returns the former one. */
static struct target *exchange_target_locked(struct transfer *transfer, struct target *target)
{
    struct target *former = target_replace_locked(transfer, target);

    retry_release_clock(&transfer->worker->retry, progress_now());
    if (transfer->state == TRANSFER_DONE)
    {
        transfer->state = TRANSFER_IDLE;
        transfer->ops->changed(transfer, TRANSFER_EVENT_STATE);
    }
    return former;
}

HRESULT transfer_set_path_locked(struct transfer *transfer, const WCHAR *path)
{
    struct target *target = NULL;

    /* Bytes that a stream got before do not count: a file has everything. */
    if (!transfer->path && !(target = target_create(NULL)))
        return E_OUTOFMEMORY;
    if (FAILED(replace_string(&transfer->path, path)))
    {
        target_release(target);
        return E_OUTOFMEMORY;
    }
    if (target)
        target_release(exchange_target_locked(transfer, target));
    return S_OK;
}

HRESULT transfer_set_ranges_locked(struct transfer *transfer, const struct range *ranges, UINT count)
{
    const struct target *former = transfer->worker->target;
    BOOL is_kept = !is_stream(former->sink); /* a stream gets them from their beginning */
    struct target *target;
    struct range *copy;

    if (!ranges_copy(ranges, count, &copy))
        return E_OUTOFMEMORY;
    target = target_create_successor_locked(former, is_kept ? &former->received : NULL);
    if (!target || (is_kept && !range_set_copy(&former->flushed, &target->flushed)))
    {
        target_release(target);
        free(copy);
        return E_OUTOFMEMORY;
    }
    free(transfer->wanted);
    transfer->wanted = copy;
    transfer->wanted_count = count;
    target_release(exchange_target_locked(transfer, target));
    return S_OK;
}

UINT64 transfer_get_cached_bytes_locked(const struct transfer *transfer)
{
    return min(cache_shares_bytes(&transfer->worker->target->shares), transfer->bytes_received);
}

BOOL transfer_has_stream_locked(const struct transfer *transfer)
{
    return is_stream(transfer->worker->target->sink);
}

void transfer_drain(struct transfer *transfer)
{
    BOOL is_waiting_for_client;

    AcquireSRWLockShared(transfer->lock);
    is_waiting_for_client = transfer_has_stream_locked(transfer) || transfer->worker->is_stream_busy;
    ReleaseSRWLockShared(transfer->lock);
    if (!engine_drain(transfer, is_waiting_for_client ? STREAM_DRAIN_TIME : INFINITE))
        WARN("transfer %p: the client is still in Write.\n", transfer);
}

HRESULT transfer_set_stream(struct transfer *transfer, struct sink *sink)
{
    struct target *target = sink ? target_create(sink) : NULL, *former = NULL;
    struct transfer_worker *worker = transfer->worker;
    struct sink *former_sink;

    if (sink && !target)
        return E_OUTOFMEMORY;
    AcquireSRWLockExclusive(transfer->lock);
    former_sink = worker->target->sink;
    worker->target->sink = NULL;
    /* A new stream gets everything; without one the counts stay for those who look at the end. */
    if (target)
        former = exchange_target_locked(transfer, target);
    ReleaseSRWLockExclusive(transfer->lock);
    if (former_sink)
        sink_discard(former_sink);
    target_release(former);
    return S_OK;
}

static UINT64 get_total(const struct transfer *transfer, UINT64 size)
{
    struct plan plan = { transfer->wanted, transfer->wanted_count, transfer->rules->layout };

    return plan_get_total(&plan, size);
}

UINT64 transfer_get_declared_total_locked(const struct transfer *transfer)
{
    return get_total(transfer, transfer->declared_size);
}

UINT64 transfer_get_progress_locked(const struct transfer *transfer)
{
    const struct transfer_worker *worker = transfer->worker;
    struct plan plan = { transfer->wanted, transfer->wanted_count, transfer->rules->layout };

    return worker->integrity && worker->integrity->is_mandatory && !worker->target->is_complete
            ? plan_get_received(&plan, &worker->target->verified) : transfer->bytes_received;
}

UINT64 transfer_get_total_locked(const struct transfer *transfer)
{
    UINT64 total = get_total(transfer, transfer->size != SIZE_UNKNOWN ? transfer->size : transfer->declared_size);

    /* The declared size has turned out to be wrong. */
    return total < transfer->bytes_received ? SIZE_UNKNOWN : total;
}
