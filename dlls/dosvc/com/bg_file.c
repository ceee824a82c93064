/*
 * IBackgroundCopyFile and its relatives: a front of struct job_file
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

#include "com/bits_job.h"
#include "base/url.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

struct bg_file
{
    struct com_object com_object;
    IBackgroundCopyFile5 IBackgroundCopyFile5_iface;
    IDeliveryOptimizationFile IDeliveryOptimizationFile_iface;
    IDeliveryOptimizationFile2 IDeliveryOptimizationFile2_iface;
    struct job *job;       /* borrowed; the model of the object */
    struct job_file *file; /* borrowed; lives as long as its job */
};

DEFINE_IUNKNOWN(bg_file, IBackgroundCopyFile5, bg_file)

void bg_file_hide_userinfo_locked(const struct job_file *file, WCHAR *url)
{
    if (!client_is_current(file->url_client))
        url_strip_userinfo(url);
}

static HRESULT copy_url_locked(const struct job_file *file, WCHAR **url)
{
    HRESULT hr = copy_string(file->reported_url ? file->reported_url : file->transfer->url, url);

    if (SUCCEEDED(hr))
        bg_file_hide_userinfo_locked(file, *url);
    return hr;
}

static HRESULT WINAPI bg_file_GetRemoteName(IBackgroundCopyFile5 *iface, LPWSTR *name)
{
    struct bg_file *bg_file = impl_from_IBackgroundCopyFile5(iface);
    HRESULT hr;

    TRACE("iface %p, name %p.\n", iface, name);

    AcquireSRWLockShared(&bg_file->job->lock);
    hr = copy_url_locked(bg_file->file, name);
    ReleaseSRWLockShared(&bg_file->job->lock);
    return hr;
}

static HRESULT WINAPI bg_file_GetLocalName(IBackgroundCopyFile5 *iface, LPWSTR *name)
{
    struct bg_file *bg_file = impl_from_IBackgroundCopyFile5(iface);
    HRESULT hr = DO_E_LOCALPATH_NOT_SET;

    TRACE("iface %p, name %p.\n", iface, name);

    if (!name)
        return E_INVALIDARG;
    *name = NULL;
    AcquireSRWLockShared(&bg_file->job->lock);
    if (bg_file->file->transfer->path)
        hr = copy_string(bg_file->file->transfer->path, name);
    ReleaseSRWLockShared(&bg_file->job->lock);
    return hr;
}

static HRESULT WINAPI bg_file_GetProgress(IBackgroundCopyFile5 *iface, BG_FILE_PROGRESS *progress)
{
    TRACE("iface %p, progress %p.\n", iface, progress);

    if (!progress)
        return E_INVALIDARG;
    file_get_progress(impl_from_IBackgroundCopyFile5(iface)->file, progress);
    return S_OK;
}

static HRESULT WINAPI bg_file_GetFileRanges(IBackgroundCopyFile5 *iface, DWORD *count, BG_FILE_RANGE **out)
{
    const struct transfer *transfer = impl_from_IBackgroundCopyFile5(iface)->file->transfer;
    UINT size = transfer->wanted_count * sizeof(**out);

    TRACE("iface %p, count %p, out %p.\n", iface, count, out);

    if (count)
        *count = 0;
    if (out)
        *out = NULL;
    if (!count || !out)
        return E_INVALIDARG;
    if (!size)
        return S_FALSE;
    if (!(*out = CoTaskMemAlloc(size)))
        return E_OUTOFMEMORY;
    memcpy(*out, transfer->wanted, size);
    *count = transfer->wanted_count;
    return S_OK;
}

static HRESULT WINAPI bg_file_SetRemoteName(IBackgroundCopyFile5 *iface, LPCWSTR url)
{
    struct bg_file *bg_file = impl_from_IBackgroundCopyFile5(iface);
    struct job *job = bg_file->job;
    HRESULT hr;

    TRACE("iface %p, url %s.\n", iface, debugstr_url(url));

    if (FAILED(hr = check_remote_name(url)))
        return hr;
    AcquireSRWLockExclusive(&job->lock);
    if (job_is_final_locked(job))
        hr = DO_E_INVALID_STATE;
    else if (SUCCEEDED(hr = file_set_url_locked(bg_file->file, url)))
        job_touch_locked(job);
    ReleaseSRWLockExclusive(&job->lock);
    return com_result(FAILED(hr) ? hr : store_sync(&job->item));
}

/* Methods that Delivery Optimization does not offer, and BITS does. */

NOT_OFFERED(bg_file, GetTemporaryName, (IBackgroundCopyFile5 *iface, LPWSTR *name), CLEAR(name))
NOT_OFFERED(bg_file, SetValidationState, (IBackgroundCopyFile5 *iface, BOOL state),)
NOT_OFFERED(bg_file, GetValidationState, (IBackgroundCopyFile5 *iface, BOOL *state), CLEAR(state))

static HRESULT WINAPI bits_file_GetTemporaryName(IBackgroundCopyFile5 *iface, LPWSTR *name)
{
    struct bg_file *bg_file = impl_from_IBackgroundCopyFile5(iface);
    WCHAR *path;
    HRESULT hr;

    TRACE("iface %p, name %p.\n", iface, name);

    if (!name)
        return E_INVALIDARG;
    *name = NULL;
    if (FAILED(hr = job_check_not_final(bg_file->job)))
        return hr;
    if (!(path = transfer_copy_temporary_name(bg_file->file->transfer)))
        return E_PENDING;
    hr = copy_string(path, name);
    free(path);
    return hr;
}

static HRESULT WINAPI bits_file_SetValidationState(IBackgroundCopyFile5 *iface, BOOL state)
{
    TRACE("iface %p, state %d.\n", iface, state);

    return com_result(file_set_validation(impl_from_IBackgroundCopyFile5(iface)->file, !!state));
}

static HRESULT WINAPI bits_file_GetValidationState(IBackgroundCopyFile5 *iface, BOOL *state)
{
    struct bg_file *bg_file = impl_from_IBackgroundCopyFile5(iface);

    TRACE("iface %p, state %p.\n", iface, state);

    if (!state)
        return E_INVALIDARG;
    AcquireSRWLockShared(&bg_file->job->lock);
    *state = bg_file->file->is_validated;
    ReleaseSRWLockShared(&bg_file->job->lock);
    return S_OK;
}

static HRESULT WINAPI bg_file_IsDownloadedFromPeer(IBackgroundCopyFile5 *iface, BOOL *val)
{
    TRACE("iface %p, val %p.\n", iface, val);

    if (!val)
        return E_INVALIDARG;
    *val = FALSE;
    return S_OK;
}

static HRESULT WINAPI bg_file_GetPeerDownloadStats(IBackgroundCopyFile5 *iface, UINT64 *from_origin, UINT64 *from_peers)
{
    BG_FILE_PROGRESS progress;

    TRACE("iface %p, from_origin %p, from_peers %p.\n", iface, from_origin, from_peers);

    if (!from_origin || !from_peers)
        return E_INVALIDARG;
    file_get_progress(impl_from_IBackgroundCopyFile5(iface)->file, &progress);
    *from_origin = progress.BytesTransferred;
    *from_peers = 0;
    return S_OK;
}

static HRESULT WINAPI bg_file_SetProperty(IBackgroundCopyFile5 *iface, BITS_FILE_PROPERTY_ID id,
        BITS_FILE_PROPERTY_VALUE value)
{
    TRACE("iface %p, id %u.\n", iface, id);

    return com_result(id == BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS ? DO_E_READ_ONLY_PROPERTY
            : DO_E_UNKNOWN_PROPERTY_ID);
}

static HRESULT WINAPI bg_file_GetProperty(IBackgroundCopyFile5 *iface, BITS_FILE_PROPERTY_ID id,
        BITS_FILE_PROPERTY_VALUE *value)
{
    struct bg_file *bg_file = impl_from_IBackgroundCopyFile5(iface);
    const WCHAR *headers;
    HRESULT hr;

    TRACE("iface %p, id %u, value %p.\n", iface, id, value);

    if (!value)
        return E_INVALIDARG;
    memset(value, 0, sizeof(*value));
    if (id != BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS)
        return com_result(DO_E_UNKNOWN_PROPERTY_ID);
    AcquireSRWLockShared(&bg_file->job->lock);
    headers = file_is_ahead_locked(bg_file->file) ? NULL : bg_file->file->transfer->response_headers;
    hr = copy_string(headers ? headers : L"", &value->String);
    ReleaseSRWLockShared(&bg_file->job->lock);
    return hr;
}

/* Methods of a file; those of the prefix differ between the services. */
#define FILE_VTBL(prefix) \
{ \
    bg_file_QueryInterface, \
    bg_file_AddRef, \
    bg_file_Release, \
    /* IBackgroundCopyFile */ \
    bg_file_GetRemoteName, \
    bg_file_GetLocalName, \
    bg_file_GetProgress, \
    /* IBackgroundCopyFile2 */ \
    bg_file_GetFileRanges, \
    bg_file_SetRemoteName, \
    /* IBackgroundCopyFile3 */ \
    prefix##_GetTemporaryName, \
    prefix##_SetValidationState, \
    prefix##_GetValidationState, \
    bg_file_IsDownloadedFromPeer, \
    /* IBackgroundCopyFile4 */ \
    bg_file_GetPeerDownloadStats, \
    /* IBackgroundCopyFile5 */ \
    bg_file_SetProperty, \
    bg_file_GetProperty, \
}

static const IBackgroundCopyFile5Vtbl bg_file_vtbl = FILE_VTBL(bg_file);
static const IBackgroundCopyFile5Vtbl bits_file_vtbl = FILE_VTBL(bits_file);

DEFINE_IUNKNOWN(do_file, IDeliveryOptimizationFile, bg_file)

static SwarmStatus get_swarm_status_locked(const struct job_file *file)
{
    if (file->transfer->state == TRANSFER_DONE)
        return SwarmStatus_Complete;
    switch (file->job->state)
    {
        case BG_JOB_STATE_SUSPENDED:
        case BG_JOB_STATE_ERROR:
        case BG_JOB_STATE_TRANSIENT_ERROR:
            return SwarmStatus_Paused;
        default:
            return SwarmStatus_Downloading;
    }
}

void stats_set_sources_locked(DOSwarmStats *stats, const struct transfer *transfer)
{
    stats->bytesFromHttp = transfer->bytes_received;
    stats->bytesFromDoinc = transfer_get_cached_bytes_locked(transfer);
    stats->httpConnectionCount = transfer->request_count;
    stats->doincConnectionCount = transfer->cache_request_count;
}

HRESULT file_get_stats_locked(const struct job_file *file, DOSwarmStats *stats)
{
    const struct transfer *transfer = file->transfer;
    HRESULT hr;

    memset(stats, 0, sizeof(*stats));
    if (SUCCEEDED(hr = copy_string(file->id, &stats->fileId))
            && SUCCEEDED(hr = copy_url_locked(file, &stats->sourceURL)))
    {
        stats->fileSize = transfer->size != SIZE_UNKNOWN ? transfer->size : transfer->declared_size;
        stats->totalBytesDownloaded = transfer->bytes_received;
        stats_set_sources_locked(stats, transfer);
        stats->downloadDuration = min(transfer_get_active_ms_locked(transfer), UINT_MAX);
        stats->downloadMode = DownloadMode_Simple;
        stats->status = get_swarm_status_locked(file);
        stats->isBackground = file->job->priority != BG_JOB_PRIORITY_FOREGROUND;
        return S_OK;
    }
    CoTaskMemFree(stats->fileId);
    memset(stats, 0, sizeof(*stats));
    return hr;
}

static HRESULT WINAPI do_file_GetStats(IDeliveryOptimizationFile *iface, DOSwarmStats *stats)
{
    struct bg_file *bg_file = impl_from_IDeliveryOptimizationFile(iface);
    HRESULT hr;

    TRACE("iface %p, stats %p.\n", iface, stats);

    if (!stats)
        return E_INVALIDARG;
    AcquireSRWLockShared(&bg_file->job->lock);
    hr = file_get_stats_locked(bg_file->file, stats);
    ReleaseSRWLockShared(&bg_file->job->lock);
    return hr;
}

static const IDeliveryOptimizationFileVtbl do_file_vtbl =
{
    do_file_QueryInterface,
    do_file_AddRef,
    do_file_Release,
    do_file_GetStats,
    do_file_GetStats,
};

DEFINE_IUNKNOWN(do_file2, IDeliveryOptimizationFile2, bg_file)

/* The properties of a file. The functions run with the job's lock held; a NULL
 * getter means that the property can only be written, and streams are set elsewhere. set() is called in a
 * state that allows it, with a value of the right type. */

static HRESULT set_decryption_info_locked(struct job_file *file, const VARIANT *value)
{
    /* Bytes that are not decrypted must not pass for the file. */
    return V_BSTR(value) && V_BSTR(value)[0] ? E_NOTIMPL : S_OK;
}

static HRESULT set_integrity_info_locked(struct job_file *file, const VARIANT *value)
{
    BSTR copy = SysAllocString(V_BSTR(value) ? V_BSTR(value) : L"");

    if (!copy)
        return E_OUTOFMEMORY;
    SysFreeString(file->integrity_info);
    file->integrity_info = copy;
    return file_apply_integrity_locked(file);
}

static HRESULT set_integrity_mandatory_locked(struct job_file *file, const VARIANT *value)
{
    file->has_integrity_mandatory = TRUE;
    file->is_integrity_mandatory = !!V_BOOL(value);
    return file_apply_integrity_locked(file);
}

static HRESULT get_integrity_mandatory_locked(const struct job_file *file, VARIANT *value)
{
    if (!file->has_integrity_mandatory)
        return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
    V_BOOL(value) = file->is_integrity_mandatory ? VARIANT_TRUE : VARIANT_FALSE;
    return S_OK;
}

static HRESULT get_stream_locked(const struct job_file *file, VARIANT *value)
{
    if (!file->stream)
        return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
    V_UNKNOWN(value) = file->stream->unknown;
    IUnknown_AddRef(V_UNKNOWN(value));
    return S_OK;
}

static HRESULT set_path_locked(struct job_file *file, const VARIANT *value)
{
    HRESULT hr;

    if (FAILED(hr = check_path(V_BSTR(value))))
        return hr;
    if (file->stream)
        return DO_E_FILE_DOWNLOADSINK_ALREADY_SET;
    return transfer_set_path_locked(file->transfer, V_BSTR(value));
}

static HRESULT get_path_locked(const struct job_file *file, VARIANT *value)
{
    if (!file->transfer->path)
        return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
    V_BSTR(value) = SysAllocString(file->transfer->path);
    return V_BSTR(value) ? S_OK : E_OUTOFMEMORY;
}

static HRESULT set_size_locked(struct job_file *file, const VARIANT *value)
{
    struct transfer *transfer = file->transfer;
    HRESULT hr;

    if (transfer->wanted_count
            && FAILED(hr = ranges_validate(transfer->wanted, transfer->wanted_count, V_UI8(value))))
        return hr;
    transfer->declared_size = V_UI8(value);
    return S_OK;
}

static HRESULT get_size_locked(const struct job_file *file, VARIANT *value)
{
    const struct transfer *transfer = file->transfer;

    V_UI8(value) = transfer->size != SIZE_UNKNOWN ? transfer->size : transfer->declared_size;
    return V_UI8(value) != SIZE_UNKNOWN ? S_OK : HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
}

static const struct property
{
    VARTYPE type;
    HRESULT (*set)(struct job_file *file, const VARIANT *value);
    HRESULT (*get)(const struct job_file *file, VARIANT *value);
}
properties[] =
{
    [DOFilePropertyId_DecryptionInfo]           = { VT_BSTR, set_decryption_info_locked },
    [DOFilePropertyId_IntegrityCheckInfo]       = { VT_BSTR, set_integrity_info_locked },
    [DOFilePropertyId_IntegrityCheckMandatory]  = { VT_BOOL, set_integrity_mandatory_locked,
            get_integrity_mandatory_locked },
    [DOFilePropertyId_DownloadSinkInterface]    = { VT_UNKNOWN, NULL, get_stream_locked },
    [DOFilePropertyId_DownloadSinkFilePath]     = { VT_BSTR, set_path_locked, get_path_locked },
    [DOFilePropertyId_DownloadSinkMemoryStream] = { VT_UNKNOWN, NULL, get_stream_locked },
    [DOFilePropertyId_TotalSizeBytes]           = { VT_UI8, set_size_locked, get_size_locked },
};

static HRESULT WINAPI do_file2_GetProperty(IDeliveryOptimizationFile2 *iface, DOFilePropertyId id, VARIANT *value)
{
    struct bg_file *bg_file = impl_from_IDeliveryOptimizationFile2(iface);
    HRESULT hr;

    TRACE("iface %p, id %u, value %p.\n", iface, id, value);

    if (!value)
        return E_INVALIDARG;
    VariantInit(value);
    if ((UINT)id >= ARRAY_SIZE(properties))
        return DO_E_UNKNOWN_PROPERTY_ID;
    if (!properties[id].get)
        return DO_E_WRITE_ONLY_PROPERTY;
    AcquireSRWLockShared(&bg_file->job->lock);
    hr = properties[id].get(bg_file->file, value);
    ReleaseSRWLockShared(&bg_file->job->lock);
    if (SUCCEEDED(hr))
        V_VT(value) = properties[id].type;
    return hr;
}

static HRESULT WINAPI do_file2_SetProperty(IDeliveryOptimizationFile2 *iface, DOFilePropertyId id, const VARIANT *value)
{
    struct bg_file *bg_file = impl_from_IDeliveryOptimizationFile2(iface);
    struct job *job = bg_file->job;
    HRESULT hr;

    TRACE("iface %p, id %u, value %p.\n", iface, id, value);

    if ((UINT)id >= ARRAY_SIZE(properties))
        return DO_E_UNKNOWN_PROPERTY_ID;
    /* Set streams without a lock: they are asked for their interfaces. */
    if (properties[id].type == VT_UNKNOWN)
        return file_set_stream(bg_file->file, value && V_VT(value) == VT_UNKNOWN ? V_UNKNOWN(value) : NULL);
    /* Complete and Cancel look at the path while the job is suspended for them. */
    AcquireSRWLockExclusive(&job->operation);
    AcquireSRWLockExclusive(&job->lock);
    if (job->state != BG_JOB_STATE_SUSPENDED && job->state != BG_JOB_STATE_ERROR)
        hr = DO_E_INVALID_STATE;
    else if (!value || V_VT(value) != properties[id].type)
        hr = E_INVALIDARG;
    else if (SUCCEEDED(hr = properties[id].set(bg_file->file, value)))
        job_touch_locked(job);
    ReleaseSRWLockExclusive(&job->lock);
    ReleaseSRWLockExclusive(&job->operation);
    return FAILED(hr) ? hr : store_sync(&job->item);
}

static const IDeliveryOptimizationFile2Vtbl do_file2_vtbl =
{
    do_file2_QueryInterface,
    do_file2_AddRef,
    do_file2_Release,
    do_file2_GetProperty,
    do_file2_SetProperty,
};

#define FILE_INTERFACES(vtbl) \
    { &IID_IBackgroundCopyFile,  offsetof(struct bg_file, IBackgroundCopyFile5_iface), &(vtbl) }, \
    { &IID_IBackgroundCopyFile2, offsetof(struct bg_file, IBackgroundCopyFile5_iface), &(vtbl) }, \
    { &IID_IBackgroundCopyFile3, offsetof(struct bg_file, IBackgroundCopyFile5_iface), &(vtbl) }, \
    { &IID_IBackgroundCopyFile4, offsetof(struct bg_file, IBackgroundCopyFile5_iface), &(vtbl) }, \
    { &IID_IBackgroundCopyFile5, offsetof(struct bg_file, IBackgroundCopyFile5_iface), &(vtbl) }

static const struct com_object_interface dosvc_interfaces[] =
{
    FILE_INTERFACES(bg_file_vtbl),
    { &IID_IDeliveryOptimizationFile,  offsetof(struct bg_file, IDeliveryOptimizationFile_iface), &do_file_vtbl },
    { &IID_IDeliveryOptimizationFile2, offsetof(struct bg_file, IDeliveryOptimizationFile2_iface), &do_file2_vtbl },
};

const struct com_object_class bg_file_class = COM_OBJECT_CLASS(bg_file, dosvc_interfaces, NULL);

static const struct com_object_interface bits_interfaces[] = { FILE_INTERFACES(bits_file_vtbl) };

const struct com_object_class bits_file_class = COM_OBJECT_CLASS(bg_file, bits_interfaces, NULL);

HRESULT bg_file_create(struct job_file *file, struct client *client, IBackgroundCopyFile **out)
{
    struct bg_file *bg_file;

    if (!(bg_file = com_object_create(com_front->file, client, &file->job->item)))
        return E_OUTOFMEMORY;
    bg_file->file = file;
    bg_file->job = file->job;
    *out = (IBackgroundCopyFile *)&bg_file->IBackgroundCopyFile5_iface;
    return S_OK;
}
