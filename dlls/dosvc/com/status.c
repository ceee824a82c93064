/*
 * What doctl shows, in few calls
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

#include "com/com.h"

/* An answer ends with so many rows, or with the one with which its strings reach so many bytes. */
#define ROWS_MAX   256
#define TEXT_LIMIT (512 * 1024)

struct answer
{
    DOSVC_FILE *rows;     /* owned; CoTaskMem, for ROWS_MAX */
    UINT count;
    size_t text_size;     /* bytes */
    DOSVC_CURSOR *cursor; /* file is how many rows of the item there were */
};

static BOOL is_full(const struct answer *answer)
{
    return answer->count == ROWS_MAX || answer->text_size >= TEXT_LIMIT;
}

static DOSVC_FILE *add_row(struct answer *answer, const GUID *id)
{
    DOSVC_FILE *row = &answer->rows[answer->count++];

    memset(row, 0, sizeof(*row));
    row->id = *id;
    answer->cursor->file++;
    return row;
}

static HRESULT add_file_locked(struct answer *answer, const struct job *job, const struct job_file *file)
{
    DOSVC_FILE *row = add_row(answer, &job->id);
    HRESULT hr;

    row->status.State = (DODownloadState)job->state;
    row->status.Error = job->has_error ? job->error.failure.hr : S_OK;
    if ((row->is_none = !file))
        return S_OK;
    row->status.BytesTotal = transfer_get_total_locked(file->transfer);
    row->status.BytesTransferred = file->transfer->bytes_received;
    if (SUCCEEDED(hr = file_get_stats_locked(file, &row->stats)))
        answer->text_size += (wcslen(row->stats.fileId) + wcslen(row->stats.sourceURL)) * sizeof(WCHAR);
    return hr;
}

static HRESULT add_job(struct answer *answer, struct store_item *item)
{
    struct job *job = job_from_item(item);
    HRESULT hr = S_OK;
    UINT64 index;

    AcquireSRWLockShared(&job->lock);
    while (SUCCEEDED(hr) && !is_full(answer) && !job_is_final_locked(job)
            && (index = answer->cursor->file) < max(job->file_count, 1))
        hr = add_file_locked(answer, job, index < job->file_count ? job->files[index] : NULL);
    ReleaseSRWLockShared(&job->lock);
    return hr;
}

static HRESULT add_download(struct answer *answer, struct store_item *item)
{
    struct download *download = download_from_item(item);
    DOSVC_FILE *row = NULL;
    HRESULT hr = S_OK;
    VARIANT url;

    AcquireSRWLockShared(&download->lock);
    if (!answer->cursor->file && !download_is_final_locked(download))
    {
        row = add_row(answer, &download->id);
        download_get_status_locked(download, &row->status);
        row->stats.isBackground = !download->settings.is_foreground;
    }
    ReleaseSRWLockShared(&download->lock);
    if (row && SUCCEEDED(download_get_property(download, DODownloadProperty_Uri, &url)))
    {
        answer->text_size += SysStringLen(V_BSTR(&url)) * sizeof(WCHAR);
        hr = copy_string(V_BSTR(&url), &row->stats.sourceURL);
        VariantClear(&url);
    }
    return hr;
}

static HRESULT fill(struct answer *answer, struct table *table,
        HRESULT (*add_item)(struct answer *answer, struct store_item *item))
{
    DOSVC_CURSOR *cursor = answer->cursor;
    struct store_item **items;
    UINT count, i;
    HRESULT hr;

    if (FAILED(hr = table_snapshot(table, &items, &count)))
        return hr;
    for (i = 0; i < count; i++)
    {
        if (SUCCEEDED(hr) && !is_full(answer) && items[i]->number >= cursor->item)
        {
            if (items[i]->number > cursor->item)
                cursor->file = 0;
            cursor->item = items[i]->number;
            hr = add_item(answer, items[i]);
        }
        store_item_release(items[i]);
    }
    free(items);
    return hr;
}

static void free_rows(struct answer *answer)
{
    while (answer->count--)
    {
        CoTaskMemFree(answer->rows[answer->count].stats.fileId);
        CoTaskMemFree(answer->rows[answer->count].stats.sourceURL);
    }
    CoTaskMemFree(answer->rows);
}

HRESULT status_get_files(BOOL is_job, DOSVC_CURSOR *cursor, ULONG *count, DOSVC_FILE **files)
{
    struct answer answer = { CoTaskMemAlloc(ROWS_MAX * sizeof(*answer.rows)), .cursor = cursor };
    HRESULT hr;

    if (!answer.rows)
        return E_OUTOFMEMORY;
    if (FAILED(hr = fill(&answer, is_job ? &job_table : &download_table, is_job ? add_job : add_download)))
    {
        free_rows(&answer);
        return hr;
    }
    *count = answer.count;
    *files = answer.rows;
    return S_OK;
}
