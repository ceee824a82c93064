/*
 * Manager: the object that clients activate, for both APIs
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
#include "net/counters.h"
#include "net/http.h"

#define PSAPI_VERSION 2
#include "psapi.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

struct manager
{
    struct com_object com_object;
    IBackgroundCopyManager IBackgroundCopyManager_iface;
    IDOManager IDOManager_iface;
    IDosvcStatus IDosvcStatus_iface;
};

DEFINE_IUNKNOWN(manager, IBackgroundCopyManager, manager)

static HRESULT WINAPI manager_CreateJob(IBackgroundCopyManager *iface, LPCWSTR name, BG_JOB_TYPE type, GUID *id,
        IBackgroundCopyJob **out)
{
    struct job *job;
    HRESULT hr;

    TRACE("iface %p, name %s, type %u, id %p, out %p.\n", iface, debugstr_name(name), type, id, out);

    if (out)
        *out = NULL;
    if (!name || !id || !out || wcslen(name) > JOB_NAME_MAX)
        return E_INVALIDARG;
    if (type != BG_JOB_TYPE_DOWNLOAD)
        return E_NOTIMPL;

    if (FAILED(hr = job_create(&job_table, name, &job)))
        return hr;
    if (SUCCEEDED(hr = bg_job_create(job, NULL, out)))
    {
        *id = job->id;
        if (FAILED(hr = job_insert(job)))
        {
            IBackgroundCopyJob_Release(*out);
            *out = NULL;
        }
    }
    job_release(job);
    return hr;
}

static HRESULT WINAPI manager_GetJob(IBackgroundCopyManager *iface, REFGUID id, IBackgroundCopyJob **out)
{
    struct store_item *item;
    HRESULT hr;

    TRACE("iface %p, id %s, out %p.\n", iface, debugstr_guid(id), out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (!id)
        return E_INVALIDARG;
    if (!(item = table_lookup(&job_table, id)))
        return com_result(DO_E_JOB_NOT_FOUND);
    hr = bg_job_create(job_from_item(item), NULL, out);
    store_item_release(item);
    return hr;
}

/* Enumerate items, of which the references and the array are given up. */
static HRESULT enumerate(const struct com_object_class *class, struct store_item **items, UINT count,
        HRESULT (*make_item)(void *model, struct client *client, IUnknown **item), void **out)
{
    HRESULT hr = enum_create(class, (void **)items, count, make_item, out);

    while (count--)
        store_item_release(items[count]);
    free(items);
    return hr;
}

static HRESULT make_job(void *item, struct client *client, IUnknown **out)
{
    return bg_job_create(job_from_item(item), client, (IBackgroundCopyJob **)out);
}

/* All processes of a prefix run as one user, who is also its administrator:
 * the flag makes no difference. */
static HRESULT WINAPI manager_EnumJobs(IBackgroundCopyManager *iface, DWORD flags, IEnumBackgroundCopyJobs **out)
{
    struct store_item **items;
    UINT count;
    HRESULT hr;

    TRACE("iface %p, flags %#lx, out %p.\n", iface, flags, out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (flags & ~BG_JOB_ENUM_ALL_USERS)
        return E_INVALIDARG;
    if (FAILED(hr = table_snapshot(&job_table, &items, &count)))
        return hr;
    return enumerate(&enum_jobs_class, items, count, make_job, (void **)out);
}

static HRESULT WINAPI manager_GetErrorDescription(IBackgroundCopyManager *iface, HRESULT hr, DWORD language,
        WCHAR **description)
{
    TRACE("iface %p, hr %#lx, language %#lx, description %p.\n", iface, hr, language, description);

    return error_text_from_hresult(hr, language, description);
}

static const IBackgroundCopyManagerVtbl manager_vtbl =
{
    manager_QueryInterface,
    manager_AddRef,
    manager_Release,
    manager_CreateJob,
    manager_GetJob,
    manager_EnumJobs,
    manager_GetErrorDescription,
};

DEFINE_IUNKNOWN(do_manager, IDOManager, manager)

static HRESULT WINAPI do_manager_CreateDownload(IDOManager *iface, IDODownload **out)
{
    struct download *download;
    HRESULT hr;

    TRACE("iface %p, out %p.\n", iface, out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (FAILED(hr = download_create(&download_table, &download)))
        return hr;
    if (SUCCEEDED(hr = do_download_create(download, NULL, out)))
        download_insert(download);
    download_release(download);
    return hr;
}

static BOOL is_wanted(struct download *download, const DO_DOWNLOAD_ENUM_CATEGORY *category)
{
    BOOL ret;

    AcquireSRWLockShared(&download->lock);
    ret = !download_is_final_locked(download)
            && (!category || download_matches_locked(download, category->Property, category->Value));
    ReleaseSRWLockShared(&download->lock);
    return ret;
}

/* Returns how many are left. */
static UINT keep_wanted(struct store_item **items, UINT count, const DO_DOWNLOAD_ENUM_CATEGORY *category)
{
    UINT i, kept = 0;

    for (i = 0; i < count; i++)
    {
        if (is_wanted(download_from_item(items[i]), category))
            items[kept++] = items[i];
        else
            store_item_release(items[i]);
    }
    return kept;
}

static HRESULT make_download(void *item, struct client *client, IUnknown **out)
{
    return do_download_create(download_from_item(item), client, (IDODownload **)out);
}

/* All processes of a prefix run as one user, whose downloads these are. */
static HRESULT WINAPI do_manager_EnumDownloads(IDOManager *iface, const DO_DOWNLOAD_ENUM_CATEGORY *category,
        IEnumUnknown **out)
{
    struct store_item **items;
    UINT count;
    HRESULT hr;

    TRACE("iface %p, property %d, value %s, out %p.\n", iface, category ? (int)category->Property : -1,
            debugstr_name(category ? category->Value : NULL), out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (category && (!category->Value || !download_can_filter(category->Property)))
        return E_INVALIDARG;
    if (FAILED(hr = table_snapshot(&download_table, &items, &count)))
        return hr;
    if ((count = keep_wanted(items, count, category)))
        return enumerate(&enum_unknown_class, items, count, make_download, (void **)out);
    free(items);
    return DO_E_NO_DOWNLOADS;
}

static const IDOManagerVtbl do_manager_vtbl =
{
    do_manager_QueryInterface,
    do_manager_AddRef,
    do_manager_Release,
    do_manager_CreateDownload,
    do_manager_EnumDownloads,
};

/* IDosvcStatus tells doctl all that there is, in few calls. */

/* Bounds of an answer: so many rows, or the one with which its strings reach so many bytes. */
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

/* Copy the cache host, if there is one. */
static HRESULT add_cache_host_locked(struct answer *answer, DOSVC_FILE *row, const struct transfer *transfer)
{
    if (!transfer->cache_host)
        return S_OK;
    answer->text_size += wcslen(transfer->cache_host) * sizeof(WCHAR);
    return copy_string(transfer->cache_host, &row->cacheHost);
}

static HRESULT add_file_locked(struct answer *answer, const struct job *job, const struct job_file *file)
{
    DOSVC_FILE *row = add_row(answer, &job->id);
    HRESULT hr;

    row->status.State = (DODownloadState)job->state;
    row->status.Error = job->has_error ? com_front->codes->get_code(&job->error.failure) : S_OK;
    if ((row->is_none = !file))
        return S_OK;
    row->status.BytesTotal = transfer_get_total_locked(file->transfer);
    row->status.BytesTransferred = transfer_get_progress_locked(file->transfer);
    if (SUCCEEDED(hr = file_get_stats_locked(file, &row->stats)))
        answer->text_size += (wcslen(row->stats.fileId) + wcslen(row->stats.sourceURL)) * sizeof(WCHAR);
    return SUCCEEDED(hr) ? add_cache_host_locked(answer, row, file->transfer) : hr;
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
        stats_set_sources_locked(&row->stats, download->transfer);
        hr = add_cache_host_locked(answer, row, download->transfer);
    }
    ReleaseSRWLockShared(&download->lock);
    if (SUCCEEDED(hr) && row && SUCCEEDED(download_get_property(download, DODownloadProperty_Uri, &url)))
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
        CoTaskMemFree(answer->rows[answer->count].cacheHost);
    }
    CoTaskMemFree(answer->rows);
}

DEFINE_IUNKNOWN(status, IDosvcStatus, manager)

static HRESULT WINAPI status_GetFiles(IDosvcStatus *iface, BOOL is_job, DOSVC_CURSOR *cursor, ULONG *count,
        DOSVC_FILE **files)
{
    struct answer answer = { .cursor = cursor };
    HRESULT hr;

    TRACE("iface %p, is_job %d, cursor %p, count %p, files %p.\n", iface, is_job, cursor, count, files);

    if (!cursor || !count || !files)
        return E_INVALIDARG;
    *count = 0;
    *files = NULL;
    if (!(answer.rows = CoTaskMemAlloc(ROWS_MAX * sizeof(*answer.rows))))
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

static HRESULT add_cache_host(DOSVC_CACHE_HOST *row, const struct cache_host_status *status)
{
    HRESULT hr;

    memset(row, 0, sizeof(*row));
    row->reason = status->banned_for ? (DOSVC_BAN_REASON)status->reason : DosvcBanReason_None;
    row->bannedFor = (status->banned_for + 999) / 1000;
    row->bytes = status->bytes;
    if (FAILED(hr = copy_string(status->host, &row->host)))
        return hr;
    return status->origin[0] ? copy_string(status->origin, &row->origin) : S_OK;
}

static void free_cache_hosts(DOSVC_CACHE_HOST *rows, UINT count)
{
    while (count--)
    {
        CoTaskMemFree(rows[count].host);
        CoTaskMemFree(rows[count].origin);
    }
    CoTaskMemFree(rows);
}

static HRESULT copy_cache_hosts(const struct cache_host_status *status, UINT count, DOSVC_CACHE_HOST **hosts)
{
    DOSVC_CACHE_HOST *rows;
    HRESULT hr = S_OK;
    UINT i;

    if (!(rows = CoTaskMemAlloc(max(count, 1) * sizeof(*rows))))
        return E_OUTOFMEMORY;
    for (i = 0; i < count && SUCCEEDED(hr); i++)
        hr = add_cache_host(rows + i, status + i);
    if (FAILED(hr))
        free_cache_hosts(rows, i);
    else
        *hosts = rows;
    return hr;
}

static HRESULT WINAPI status_GetCacheHosts(IDosvcStatus *iface, ULONG *count, DOSVC_CACHE_HOST **hosts)
{
    struct cache_host_status *status;
    UINT status_count;
    HRESULT hr;

    TRACE("iface %p, count %p, hosts %p.\n", iface, count, hosts);

    if (!count || !hosts)
        return E_INVALIDARG;
    *count = 0;
    *hosts = NULL;
    if (!cache_source_get_status(&status, &status_count))
        return E_OUTOFMEMORY;
    if (SUCCEEDED(hr = copy_cache_hosts(status, status_count, hosts)))
        *count = status_count;
    free(status);
    return hr;
}

static HRESULT WINAPI status_ResetCacheBans(IDosvcStatus *iface)
{
    TRACE("iface %p.\n", iface);

    cache_source_reset_bans();
    return S_OK;
}

static UINT64 get_milliseconds(FILETIME time)
{
    return ((UINT64)time.dwHighDateTime << 32 | time.dwLowDateTime) / 10000;
}

/* Tell what the service costs. */
static void fill_process(DOSVC_COUNTERS *counters)
{
    FILETIME created, exited, kernel, user, now;
    PROCESS_MEMORY_COUNTERS memory;

    if (GetProcessTimes(GetCurrentProcess(), &created, &exited, &kernel, &user))
    {
        GetSystemTimeAsFileTime(&now);
        counters->uptime = get_milliseconds(now) - get_milliseconds(created);
        counters->processorTime = get_milliseconds(kernel) + get_milliseconds(user);
    }
    if (K32GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof(memory)))
        counters->memory = memory.WorkingSetSize;
}

static DOSVC_USAGE get_usage(const struct usage_class *usage)
{
    DOSVC_USAGE out = { usage->server_bytes, usage->cache_bytes, usage->seconds };

    return out;
}

static HRESULT WINAPI status_GetCounters(IDosvcStatus *iface, DOSVC_COUNTERS *out)
{
    struct counters counters;
    UINT i;

    TRACE("iface %p, out %p.\n", iface, out);

    if (!out)
        return E_INVALIDARG;
    memset(out, 0, sizeof(*out));
    fill_process(out);
    counters_get(&counters);
    out->files = counters.files;
    out->rate = counters.rate;
    out->line = limiter_get_reference();
    for (i = 0; i < ARRAY_SIZE(out->total); i++)
    {
        out->total[i] = get_usage(&counters.total.classes[i]);
        out->month[i] = get_usage(&counters.month.classes[i]);
    }
    out->year = counters.month.month / 12;
    out->monthOfYear = counters.month.month % 12 + 1;
    out->serverConnections = counters.connections[FALSE];
    out->cacheConnections = counters.connections[TRUE];
    return S_OK;
}

static void set_download_direct(struct download *download, BOOL is_direct)
{
    AcquireSRWLockExclusive(&download->lock);
    download->transfer->is_direct = is_direct;
    download_change_locked(download);
    ReleaseSRWLockExclusive(&download->lock);
}

static void set_job_direct(struct job *job, BOOL is_direct)
{
    UINT i;

    AcquireSRWLockExclusive(&job->lock);
    for (i = 0; i < job->file_count; i++)
        job->files[i]->transfer->is_direct = is_direct;
    job_touch_locked(job);
    ReleaseSRWLockExclusive(&job->lock);
}

static HRESULT WINAPI status_SetIsDirect(IDosvcStatus *iface, REFGUID id, BOOL is_direct)
{
    struct store_item *item;
    HRESULT hr;

    TRACE("iface %p, id %s, is_direct %d.\n", iface, debugstr_guid(id), is_direct);

    if (!id)
        return E_INVALIDARG;
    if ((item = table_lookup(&download_table, id)))
        set_download_direct(download_from_item(item), !!is_direct);
    else if ((item = table_lookup(&job_table, id)))
        set_job_direct(job_from_item(item), !!is_direct);
    else
        return com_result(DO_E_JOB_NOT_FOUND);
    hr = store_sync(item);
    store_item_release(item);
    return hr;
}

static const IDosvcStatusVtbl status_vtbl =
{
    status_QueryInterface,
    status_AddRef,
    status_Release,
    status_GetFiles,
    status_GetCacheHosts,
    status_ResetCacheBans,
    status_GetCounters,
    status_SetIsDirect,
};

static const struct com_object_interface dosvc_interfaces[] =
{
    { &IID_IBackgroundCopyManager, offsetof(struct manager, IBackgroundCopyManager_iface), &manager_vtbl },
    { &IID_IDOManager,             offsetof(struct manager, IDOManager_iface), &do_manager_vtbl },
    { &IID_IDosvcStatus,           offsetof(struct manager, IDosvcStatus_iface), &status_vtbl },
};

const struct com_object_class manager_class = COM_OBJECT_CLASS(manager, dosvc_interfaces, NULL);

static const struct com_object_interface bits_interfaces[] =
{
    { &IID_IBackgroundCopyManager, offsetof(struct manager, IBackgroundCopyManager_iface), &manager_vtbl },
    { &IID_IDosvcStatus,           offsetof(struct manager, IDosvcStatus_iface), &status_vtbl },
};

const struct com_object_class bits_manager_class = COM_OBJECT_CLASS(manager, bits_interfaces, NULL);
