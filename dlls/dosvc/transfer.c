/*
 * Transfers: what is to be fetched, and how far it has come
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

#include "run.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define STREAM_DRAIN_TIME 500 /* milliseconds for which the end of a client's Write is waited for */

const struct transfer_rules transfer_job_rules =
{
    .layout = LAYOUT_CONCATENATE,
    .is_replacing = TRUE,
    .is_dated = TRUE,
    .is_flushed_later = TRUE,
    .is_rewinding = TRUE,
    .is_total_needed = TRUE,
    .first_delay = 2,
};

const struct transfer_rules transfer_download_rules =
{
    .layout = LAYOUT_OFFSETS,
    .is_size_enough = TRUE,
    .is_folding = TRUE,
    .max_skip = 64 * 1024 * 1024,
    .max_malformed = 2,
    .first_attempts = 4,
    .first_delay = 1,
    .is_held_offline = TRUE,
    .is_impatient = TRUE,
};

static HRESULT copy_ranges(const struct range *ranges, UINT count, struct range **out)
{
    *out = NULL;
    if (!count)
        return S_OK;
    if (!(*out = malloc(count * sizeof(*ranges))))
        return E_OUTOFMEMORY;
    memcpy(*out, ranges, count * sizeof(*ranges));
    return S_OK;
}

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
    if (!(transfer->run = calloc(1, sizeof(*transfer->run))))
        goto failed;
    transfer->run->transfer = transfer;
    list_init(&transfer->run->lanes);
    InitializeSRWLock(&transfer->run->sink_lock);
    if ((url && !(transfer->url = wcsdup(url))) || (path && !(transfer->path = wcsdup(path))))
        goto failed;
    if (FAILED(copy_ranges(ranges, count, &transfer->wanted)) || !engine_attach(transfer))
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
    struct transfer_run *run = transfer->run;

    if (run)
    {
        engine_detach(transfer);
        if (run->sink)
            run->sink->ops->destroy(run->sink);
        options_release(run->options);
        range_set_clear(&run->flushed);
        free(run->url);
        free(run->redirect);
        free(run);
    }
    range_set_clear(&transfer->received);
    free(transfer->wanted);
    free(transfer->url);
    free(transfer->path);
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

HRESULT transfer_set_path_locked(struct transfer *transfer, const WCHAR *path)
{
    return replace_string(&transfer->path, path);
}

HRESULT transfer_set_options_locked(struct transfer *transfer, const struct transfer_options *options)
{
    struct options *copy;

    if (!(copy = options_create(options)))
        return E_OUTOFMEMORY;
    options_release(transfer->run->options);
    transfer->run->options = copy;
    return S_OK;
}

static struct plan get_plan_locked(const struct transfer *transfer)
{
    struct plan plan = { transfer->wanted, transfer->wanted_count, transfer->rules->layout };

    return plan;
}

/* What has been stored counts no more. A worker that is still writing hears of
 * it by the generation. */
static void forget_received_locked(struct transfer *transfer)
{
    transfer->run->generation++;
    range_set_clear(&transfer->received);
    transfer->bytes_received = 0;
}

HRESULT transfer_set_ranges_locked(struct transfer *transfer, const struct range *ranges, UINT count)
{
    struct range *copy;
    struct plan plan;
    HRESULT hr;

    if (FAILED(hr = copy_ranges(ranges, count, &copy)))
        return hr;
    free(transfer->wanted);
    transfer->wanted = copy;
    transfer->wanted_count = count;
    transfer->run->generation++;
    if (transfer_has_stream_locked(transfer))
    {
        forget_received_locked(transfer);
    }
    else
    {
        plan = get_plan_locked(transfer);
        transfer->bytes_received = plan_get_received(&plan, &transfer->received);
    }
    if (transfer->state == TRANSFER_DONE)
        transfer->state = TRANSFER_IDLE;
    return S_OK;
}

static BOOL is_stream(const struct sink *sink)
{
    return sink && sink->is_sequential;
}

BOOL transfer_has_stream_locked(const struct transfer *transfer)
{
    return is_stream(transfer->run->sink);
}

void transfer_drain(struct transfer *transfer)
{
    BOOL is_waiting_for_client;

    AcquireSRWLockShared(transfer->lock);
    is_waiting_for_client = is_stream(transfer->run->sink) || is_stream(transfer->run->busy_sink);
    ReleaseSRWLockShared(transfer->lock);
    if (!is_waiting_for_client)
        engine_drain(transfer);
    else if (!engine_drain_for(transfer, STREAM_DRAIN_TIME))
        WARN("transfer %p: the client is still in Write.\n", transfer);
}

void transfer_set_stream(struct transfer *transfer, struct sink *sink)
{
    struct transfer_run *run = transfer->run;
    struct sink *former;

    AcquireSRWLockExclusive(transfer->lock);
    former = run->sink;
    run->sink = sink;
    /* A new stream gets everything; without one the counts stay for those who look at the end. */
    if (sink)
        forget_received_locked(transfer);
    if (former && former == run->busy_sink)
        former = NULL; /* the worker destroys it */
    ReleaseSRWLockExclusive(transfer->lock);
    if (former)
        sink_retire(run, former);
}

UINT64 transfer_get_total_locked(const struct transfer *transfer)
{
    UINT64 size = transfer->size != SIZE_UNKNOWN ? transfer->size : transfer->declared_size;
    struct plan plan = get_plan_locked(transfer);
    UINT64 total = plan_get_total(&plan, size);

    /* The declared size has turned out to be wrong. */
    return total < transfer->bytes_received ? SIZE_UNKNOWN : total;
}

ULONGLONG transfer_get_active_ms_locked(const struct transfer *transfer)
{
    if (transfer->state != TRANSFER_RUNNING)
        return transfer->active_ms;
    return transfer->active_ms + GetTickCount64() - transfer->run->started;
}

void sink_lock(struct transfer_run *run, const struct sink *sink)
{
    if (!sink || !sink->is_sequential)
        AcquireSRWLockExclusive(&run->sink_lock);
}

void sink_unlock(struct transfer_run *run, const struct sink *sink)
{
    if (!sink || !sink->is_sequential)
        ReleaseSRWLockExclusive(&run->sink_lock);
}

void sink_retire(struct transfer_run *run, struct sink *sink)
{
    sink_lock(run, NULL);
    sink_unlock(run, NULL);
    sink_discard(sink);
}

static struct sink *get_sink(struct transfer *transfer)
{
    struct sink *sink;

    AcquireSRWLockShared(transfer->lock);
    sink = transfer->run->sink;
    ReleaseSRWLockShared(transfer->lock);
    return sink;
}

static void set_sink(struct transfer *transfer, struct sink *sink)
{
    AcquireSRWLockExclusive(transfer->lock);
    transfer->run->sink = sink;
    ReleaseSRWLockExclusive(transfer->lock);
}

/* Either may be NULL; the path is to be freed. */
static HRESULT get_target(struct transfer *transfer, struct sink **sink, WCHAR **path)
{
    HRESULT hr = S_OK;

    AcquireSRWLockShared(transfer->lock);
    *sink = transfer->run->sink;
    *path = NULL;
    if (transfer->path && !(*path = wcsdup(transfer->path)))
        hr = E_OUTOFMEMORY;
    ReleaseSRWLockShared(transfer->lock);
    return hr;
}

static HRESULT prepare_file(struct transfer *transfer, const WCHAR *path)
{
    struct sink *sink;
    HRESULT hr;

    if (FAILED(hr = file_sink_check_target(path, transfer->rules->is_replacing))
            || FAILED(hr = file_sink_create_folders(path))
            || FAILED(hr = file_sink_create(path, transfer->temporary_id, &sink)))
        return hr;
    if (FAILED(hr = sink->ops->open(sink)) || FAILED(hr = sink->ops->close(sink, SINK_CLOSE)))
    {
        sink_discard(sink);
        return hr;
    }
    set_sink(transfer, sink);
    transfer->run->is_sink_lost = FALSE;
    return S_OK;
}

HRESULT transfer_prepare(struct transfer *transfer)
{
    struct sink *sink;
    WCHAR *path;
    HRESULT hr;

    if (FAILED(hr = get_target(transfer, &sink, &path)))
        return hr;
    if (!sink)
        hr = path ? prepare_file(transfer, path) : DO_E_FILE_DOWNLOADSINK_UNSPECIFIED;
    free(path);
    return hr;
}

HRESULT transfer_commit(struct transfer *transfer, BOOL is_free)
{
    const struct transfer_rules *rules = transfer->rules;
    UINT64 modified = rules->is_dated ? transfer->run->modified : 0;
    struct sink *sink;
    WCHAR *path;
    HRESULT hr;

    if (FAILED(hr = get_target(transfer, &sink, &path)))
        return hr;
    if (sink)
    {
        sink_lock(transfer->run, sink);
        hr = sink->ops->commit(sink, path, is_free, rules->is_replacing, modified);
        sink_unlock(transfer->run, sink);
    }
    else
    {
        hr = HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    }
    free(path);
    return hr;
}

HRESULT transfer_abandon(struct transfer *transfer)
{
    struct sink *sink = get_sink(transfer);
    HRESULT hr;

    if (!sink)
        return S_OK;
    if (sink->is_sequential)
    {
        transfer_set_stream(transfer, NULL);
        return S_OK;
    }
    sink_lock(transfer->run, NULL);
    if (SUCCEEDED(hr = sink->ops->abandon(sink)))
    {
        set_sink(transfer, NULL);
        sink->ops->destroy(sink);
    }
    sink_unlock(transfer->run, NULL);
    return hr;
}
