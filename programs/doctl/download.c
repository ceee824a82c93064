/*
 * doctl: the download API
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

#include "doctl.h"

static HRESULT set_string(IDODownload *download, DODownloadProperty id, const WCHAR *text)
{
    VARIANT value = {{{VT_BSTR}}};
    HRESULT hr;

    if (!(V_BSTR(&value) = SysAllocString(text)))
        return E_OUTOFMEMORY;
    hr = IDODownload_SetProperty(download, id, &value);
    SysFreeString(V_BSTR(&value));
    return hr;
}

static HRESULT set_number(IDODownload *download, DODownloadProperty id, UINT number)
{
    VARIANT value = {{{VT_UI4}}};

    V_UI4(&value) = number;
    return IDODownload_SetProperty(download, id, &value);
}

static HRESULT set_bool(IDODownload *download, DODownloadProperty id, BOOL is_true)
{
    VARIANT value = {{{VT_BOOL}}};

    V_BOOL(&value) = is_true ? VARIANT_TRUE : VARIANT_FALSE;
    return IDODownload_SetProperty(download, id, &value);
}

WCHAR *download_get_string(IDODownload *download, DODownloadProperty id)
{
    WCHAR *text = NULL;
    VARIANT value;

    if (FAILED(IDODownload_GetProperty(download, id, &value)))
        return NULL;
    if (V_VT(&value) == VT_BSTR && V_BSTR(&value))
        text = wcsdup(V_BSTR(&value));
    VariantClear(&value);
    return text;
}

static HRESULT get_id(IDODownload *download, GUID *id)
{
    WCHAR text[ID_LENGTH + 2];
    VARIANT value;
    HRESULT hr;

    if (FAILED(hr = IDODownload_GetProperty(download, DODownloadProperty_Id, &value)))
        return hr;
    swprintf(text, ARRAY_SIZE(text), L"{%.36ls}", V_BSTR(&value));
    VariantClear(&value);
    return CLSIDFromString(text, id);
}

/* Set what may be set anew before the download goes on. */
static HRESULT set_options(IDODownload *download, const struct request *request)
{
    HRESULT hr;

    if (FAILED(hr = set_string(download, DODownloadProperty_Uri, request->url)))
        return hr;
    if (FAILED(hr = set_bool(download, DODownloadProperty_ForegroundPriority, !request->is_background)))
        return hr;
    if (request->headers
            && FAILED(hr = set_string(download, DODownloadProperty_HttpCustomHeaders, request->headers)))
        return hr;
    if (request->security_flags && FAILED(hr = set_number(download, DODownloadProperty_SecurityFlags,
            request->security_flags)))
        return hr;
    if (request->integrity_info
            && FAILED(hr = set_string(download, DODownloadProperty_IntegrityCheckInfo, request->integrity_info)))
        return hr;
    if (request->integrity_info && FAILED(hr = set_bool(download, DODownloadProperty_IntegrityCheckMandatory, TRUE)))
        return hr;
    if (request->timeout.is_set)
        hr = set_number(download, DODownloadProperty_NoProgressTimeoutSeconds, request->timeout.value);
    return hr;
}

static HRESULT configure(IDODownload *download, const struct request *request)
{
    HRESULT hr;

    if (FAILED(hr = set_string(download, DODownloadProperty_LocalPath, request->path)))
        return hr;
    if (FAILED(hr = set_string(download, DODownloadProperty_DisplayName, request->label ? request->label : L"doctl")))
        return hr;
    if (FAILED(hr = set_bool(download, DODownloadProperty_NonVolatile, request->is_kept)))
        return hr;
    return set_options(download, request);
}

static HRESULT download_create(const struct service *service, const struct request *request, struct item *item)
{
    IDODownload *download;
    HRESULT hr;

    if (FAILED(hr = IDOManager_CreateDownload(service->downloads, &download)))
        return hr;
    if (FAILED(hr = get_id(download, &item->id)) || FAILED(hr = configure(download, request)))
    {
        IDODownload_Abort(download);
        IDODownload_Release(download);
        return hr;
    }
    item->api = &download_api;
    item->object = (IUnknown *)download;
    return S_OK;
}

/* Call back for the downloads of this user, as the API allows no others, that are of the category. */
static HRESULT enum_category(const struct service *service, const DO_DOWNLOAD_ENUM_CATEGORY *category,
        BOOL (*callback)(const struct service *service, const struct item *item, void *context), void *context)
{
    struct item item = {&download_api};
    IEnumUnknown *elements;
    IDODownload *download;
    BOOL go_on = TRUE;
    IUnknown *element;
    HRESULT hr;

    if (!service->downloads)
        return S_OK;
    if ((hr = IDOManager_EnumDownloads(service->downloads, category, &elements)) == DO_E_NO_DOWNLOADS)
        return S_OK;
    if (FAILED(hr))
        return hr;
    while (go_on && (hr = IEnumUnknown_Next(elements, 1, &element, NULL)) == S_OK)
    {
        hr = IUnknown_QueryInterface(element, &IID_IDODownload, (void **)&download);
        IUnknown_Release(element);
        if (FAILED(hr))
            break;
        item.object = (IUnknown *)download;
        if (SUCCEEDED(get_id(download, &item.id)))
            go_on = callback(service, &item, context);
        IDODownload_Release(download);
    }
    IEnumUnknown_Release(elements);
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT download_enumerate(const struct service *service,
        BOOL (*callback)(const struct service *service, const struct item *item, void *context), void *context)
{
    return enum_category(service, NULL, callback, context);
}

static HRESULT download_enum_labelled(const struct service *service, const WCHAR *label,
        BOOL (*callback)(const struct service *service, const struct item *item, void *context), void *context)
{
    DO_DOWNLOAD_ENUM_CATEGORY category = {DODownloadProperty_DisplayName, label};

    return enum_category(service, &category, callback, context);
}

static WCHAR *download_get_url(IUnknown *object)
{
    return download_get_string((IDODownload *)object, DODownloadProperty_Uri);
}

static WCHAR *download_get_path(IUnknown *object)
{
    return download_get_string((IDODownload *)object, DODownloadProperty_LocalPath);
}

static WCHAR *download_get_label(IUnknown *object)
{
    return download_get_string((IDODownload *)object, DODownloadProperty_DisplayName);
}

static WCHAR *download_get_headers(IUnknown *object)
{
    return download_get_string((IDODownload *)object, DODownloadProperty_HttpResponseHeaders);
}

/* Stop the download, and let it go on as the request says. */
static HRESULT download_reuse(IUnknown *object, const struct request *request)
{
    IDODownload *download = (IDODownload *)object;

    IDODownload_Pause(download); /* fails if it does not run */
    return set_options(download, request);
}

/* Return the state that a job in the same condition has. */
static BG_JOB_STATE get_job_state(const DO_DOWNLOAD_STATUS *status)
{
    switch (status->State)
    {
        case DODownloadState_Created:
            return BG_JOB_STATE_SUSPENDED;
        case DODownloadState_Transferring:
            return BG_JOB_STATE_TRANSFERRING;
        case DODownloadState_Transferred:
            return BG_JOB_STATE_TRANSFERRED;
        case DODownloadState_Finalized:
            return BG_JOB_STATE_ACKNOWLEDGED;
        case DODownloadState_Aborted:
            return BG_JOB_STATE_CANCELLED;
        case DODownloadState_Paused:
            break;
    }
    if (FAILED(status->Error))
        return BG_JOB_STATE_ERROR;
    /* The service goes on by itself when the network is back or free to use. */
    return FAILED(status->ExtendedError) ? BG_JOB_STATE_TRANSIENT_ERROR : BG_JOB_STATE_SUSPENDED;
}

static void fill_status(const DO_DOWNLOAD_STATUS *now, struct status *status)
{
    memset(status, 0, sizeof(*status));
    status->state = get_job_state(now);
    status->total = now->BytesTotal || status_is_complete(status) ? now->BytesTotal : UNKNOWN_SIZE;
    status->transferred = now->BytesTransferred;
    status->error = FAILED(now->Error) ? now->Error : now->ExtendedError;
    status->cause = FAILED(now->Error) ? now->ExtendedError : S_OK;
}

static HRESULT download_get_status(IUnknown *object, struct status *status)
{
    DO_DOWNLOAD_STATUS now;
    HRESULT hr;

    if (SUCCEEDED(hr = IDODownload_GetStatus((IDODownload *)object, &now)))
        fill_status(&now, status);
    return hr;
}

static SwarmStatus get_swarm_status(const struct status *status)
{
    if (status_is_complete(status))
        return SwarmStatus_Complete;
    return status->state == BG_JOB_STATE_TRANSFERRING ? SwarmStatus_Downloading : SwarmStatus_Paused;
}

static void download_fill_row(const DOSVC_FILE *file, struct row *row)
{
    fill_status(&file->status, &row->status);
    row->stats = file->stats;
    row->stats.fileSize = row->status.total;
    row->stats.totalBytesDownloaded = row->status.transferred;
    row->stats.status = get_swarm_status(&row->status);
}

static HRESULT download_pause(IUnknown *object)
{
    return IDODownload_Pause((IDODownload *)object);
}

static HRESULT download_resume(IUnknown *object)
{
    return IDODownload_Start((IDODownload *)object, NULL);
}

static HRESULT download_cancel(IUnknown *object)
{
    return IDODownload_Abort((IDODownload *)object);
}

static HRESULT download_complete(IUnknown *object)
{
    return IDODownload_Finalize((IDODownload *)object);
}

const struct api download_api =
{
    L"download",
    download_create,
    download_enumerate,
    download_enum_labelled,
    download_get_url,
    download_get_path,
    download_get_label,
    download_get_headers,
    download_reuse,
    download_get_status,
    download_fill_row,
    download_pause,
    download_resume,
    download_cancel,
    download_complete,
};
