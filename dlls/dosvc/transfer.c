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

#include <stdlib.h>

#include "run.h"

const struct transfer_rules transfer_job_rules =
{
    .layout = LAYOUT_CONCATENATE,
    .is_replacing = TRUE,
    .is_rewinding = TRUE,
    .first_delay = 2,
};

const struct transfer_rules transfer_download_rules =
{
    .layout = LAYOUT_OFFSETS,
    .max_skip = 64 * 1024 * 1024,
    .first_attempts = 4,
    .first_delay = 1,
};

HRESULT transfer_create(const struct transfer_ops *ops, const struct transfer_rules *rules, void *owner,
        SRWLOCK *lock, const WCHAR *url, const WCHAR *path, const struct range *ranges, UINT count,
        struct transfer **out)
{
    struct transfer *transfer;

    if (!(transfer = calloc(1, sizeof(*transfer))))
        return E_OUTOFMEMORY;
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
    if ((url && !(transfer->url = wcsdup(url))) || (path && !(transfer->path = wcsdup(path))))
        goto failed;
    if (count && !(transfer->wanted = calloc(count, sizeof(*ranges))))
        goto failed;
    if (count)
        memcpy(transfer->wanted, ranges, count * sizeof(*ranges));
    if (!engine_attach(transfer))
        goto failed;
    *out = transfer;
    return S_OK;

failed:
    transfer_destroy(transfer);
    return E_OUTOFMEMORY;
}

void transfer_destroy(struct transfer *transfer)
{
    struct transfer_run *run = transfer->run;

    if (run)
    {
        engine_detach(transfer);
        if (run->sink)
            run->sink->ops->destroy(run->sink);
        free(run->url);
        free(run->redirect);
        free(run);
    }
    range_set_clear(&transfer->received);
    free(transfer->wanted);
    free(transfer->url);
    free(transfer->path);
    free(transfer->response_headers);
    free(transfer->final_url);
    free(transfer->response_address);
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

UINT64 transfer_get_total_locked(const struct transfer *transfer)
{
    UINT64 size = transfer->size != SIZE_UNKNOWN ? transfer->size : transfer->declared_size;
    UINT64 total = transfer->wanted_count ? 0 : size;
    const struct range *range;
    UINT i;

    for (i = 0; i < transfer->wanted_count; i++)
    {
        range = transfer->wanted + i;
        if (range->length != LENGTH_TO_EOF)
            total += range->length;
        else if (size == SIZE_UNKNOWN || size < range->offset)
            return SIZE_UNKNOWN;
        else
            total += size - range->offset;
    }
    /* The declared size has turned out to be wrong. */
    return total < transfer->bytes_received ? SIZE_UNKNOWN : total;
}

ULONGLONG transfer_get_active_ms_locked(const struct transfer *transfer)
{
    if (transfer->state != TRANSFER_RUNNING)
        return transfer->active_ms;
    return transfer->active_ms + GetTickCount64() - transfer->run->started;
}

HRESULT transfer_commit(struct transfer *transfer)
{
    struct transfer_run *run = transfer->run;
    WCHAR *path;
    DWORD error;

    AcquireSRWLockShared(transfer->lock);
    path = wcsdup(transfer->path);
    ReleaseSRWLockShared(transfer->lock);
    if (!path)
        return E_OUTOFMEMORY;
    error = run->sink ? run->sink->ops->commit(run->sink, path, run->modified) : ERROR_FILE_NOT_FOUND;
    free(path);
    return HRESULT_FROM_WIN32(error);
}

HRESULT transfer_abandon(struct transfer *transfer)
{
    struct sink *sink = transfer->run->sink;
    DWORD error;

    if (!sink)
        return S_OK;
    if ((error = sink->ops->abandon(sink)))
        return HRESULT_FROM_WIN32(error);
    sink->ops->destroy(sink);
    transfer->run->sink = NULL;
    return S_OK;
}
