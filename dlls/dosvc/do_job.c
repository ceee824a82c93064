/*
 * IDeliveryOptimizationJob and IDeliveryOptimizationJob2: adding files
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

#include "dosvc_private.h"
#include "url.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Copy the caller's ranges; NULL with S_OK for none. */
static HRESULT copy_ranges(const BG_FILE_RANGE *ranges, DWORD count, UINT64 size, struct range **out)
{
    struct range *copy;
    HRESULT hr;
    DWORD i;

    *out = NULL;
    if (!count)
        return S_OK;
    if (!ranges || count > JOB_RANGES_MAX)
        return E_INVALIDARG;
    if (!(copy = calloc(count, sizeof(*copy))))
        return E_OUTOFMEMORY;
    for (i = 0; i < count; i++)
    {
        copy[i].offset = ranges[i].InitialOffset;
        copy[i].length = ranges[i].Length;
    }
    if (FAILED(hr = ranges_validate(copy, count, size ? size : SIZE_UNKNOWN)))
        free(copy);
    else
        *out = copy;
    return hr;
}

HRESULT job_check_not_final(struct job *job)
{
    HRESULT hr;

    AcquireSRWLockShared(&job->lock);
    hr = job_is_final_locked(job) ? DO_E_INVALID_STATE : S_OK;
    ReleaseSRWLockShared(&job->lock);
    return hr;
}

/* A file with a known destination, in the order of checks that the API has. */
HRESULT job_add_file(struct job *job, const WCHAR *id, const WCHAR *url, const WCHAR *path,
        const BG_FILE_RANGE *ranges, DWORD count, UINT64 size)
{
    struct file_params params = { id, url, path, NULL, count, size };
    struct job_file *file;
    struct range *copy;
    HRESULT hr;

    if (FAILED(hr = job_check_not_final(job)))
        return hr;
    if (!id || !id[0])
        return E_INVALIDARG;
    if (FAILED(hr = check_url(url)) || FAILED(hr = check_path(path)) || FAILED(hr = check_directory(path)))
        return hr;
    if (FAILED(hr = copy_ranges(ranges, count, size, &copy)))
        return hr;
    params.ranges = copy;
    hr = job_add_files(job, &params, 1, &file);
    free(copy);
    return hr;
}

DEFINE_IUNKNOWN(do_job, IDeliveryOptimizationJob, bg_job, IBackgroundCopyJob5)

static HRESULT WINAPI do_job_AddFileWithRanges(IDeliveryOptimizationJob *iface, LPCWSTR id, LPCWSTR url, LPCWSTR path,
        DWORD count, BG_FILE_RANGE *ranges, ULONG64 size)
{
    TRACE("iface %p, id %s, url %s, path %s, count %lu, ranges %p, size %s.\n", iface, debugstr_name(id),
            debugstr_url(url), debugstr_w(path), count, ranges, wine_dbgstr_longlong(size));

    return job_add_file(impl_from_IDeliveryOptimizationJob(iface)->job, id, url, path, ranges, count, size);
}

const IDeliveryOptimizationJobVtbl do_job_vtbl =
{
    do_job_QueryInterface,
    do_job_AddRef,
    do_job_Release,
    do_job_AddFileWithRanges,
};

DEFINE_IUNKNOWN(do_job2, IDeliveryOptimizationJob2, bg_job, IBackgroundCopyJob5)

static HRESULT WINAPI do_job2_AddFile(IDeliveryOptimizationJob2 *iface, LPCWSTR id, LPCWSTR url, DWORD count,
        BG_FILE_RANGE *ranges, REFIID riid, void **object)
{
    struct job *job = impl_from_IDeliveryOptimizationJob2(iface)->job;
    struct file_params params = { id, url, NULL, NULL, count, DO_UNKNOWN_FILE_SIZE };
    struct client *client;
    struct job_file *file;
    struct range *copy;
    IBackgroundCopyFile *bg_file;
    HRESULT hr;

    TRACE("iface %p, id %s, url %s, count %lu, ranges %p, riid %s, object %p.\n", iface, debugstr_name(id),
            debugstr_url(url), count, ranges, debugstr_guid(riid), object);

    if (!object)
        return E_INVALIDARG;
    *object = NULL;
    if (FAILED(hr = job_check_not_final(job)))
        return hr;
    if (!id || !id[0])
        return E_INVALIDARG;
    if (FAILED(hr = check_url(url)))
        return hr;
    if (!bg_file_supports(riid))
        return E_NOINTERFACE;
    if (FAILED(hr = copy_ranges(ranges, count, DO_UNKNOWN_FILE_SIZE, &copy)))
        return hr;
    params.ranges = copy;
    hr = job_add_files(job, &params, 1, &file);
    free(copy);
    if (FAILED(hr))
        return hr;

    client = client_get_current();
    if (SUCCEEDED(hr = bg_file_create(file, client, &bg_file)))
    {
        hr = IBackgroundCopyFile_QueryInterface(bg_file, riid, object);
        IBackgroundCopyFile_Release(bg_file);
    }
    client_release(client);
    return hr;
}

/* Escaped as JSON wants it; at most six characters for each of the string. */
static WCHAR *append_json_string(WCHAR *p, const WCHAR *string)
{
    *p++ = '"';
    for (; *string; string++)
    {
        if (*string == '"' || *string == '\\')
        {
            *p++ = '\\';
            *p++ = *string;
        }
        else if (*string < ' ')
            p += swprintf(p, 7, L"\\u%04x", *string);
        else
            *p++ = *string;
    }
    *p++ = '"';
    return p;
}

/* A JSON object; "HResult" comes first because callers look for it there. */
static WCHAR *format_extended_error_locked(const struct job_error *error)
{
    BOOL is_remote = error->file && error->failure.is_remote;
    WCHAR *url = wcsdup(is_remote ? error->file->transfer->url : L"");
    const WCHAR *id = is_remote ? error->file->id : L"";
    WCHAR *text, *p, *end;
    size_t size;

    if (!url)
        return NULL;
    url_strip_userinfo(url);
    size = 160 + 6 * (wcslen(url) + wcslen(id));
    if (!(text = calloc(size, sizeof(*text))))
    {
        free(url);
        return NULL;
    }
    end = text + size;
    p = text + swprintf(text, size, L"{\"HResult\":\"0x%08lx\"", error->failure.hr);
    if (error->failure.http_status)
        p += swprintf(p, end - p, L",\"HttpStatus\":%lu", error->failure.http_status);
    if (*url)
    {
        p += swprintf(p, end - p, L",\"Url\":");
        p = append_json_string(p, url);
        p += swprintf(p, end - p, L",\"FileId\":");
        p = append_json_string(p, id);
    }
    if (error->failure.underlying)
        p += swprintf(p, end - p, L",\"LastHResult\":\"0x%08lx\"", error->failure.underlying);
    swprintf(p, end - p, L"}");
    free(url);
    return text;
}

static HRESULT get_extended_error(struct job *job, BSTR *out)
{
    WCHAR *text;

    AcquireSRWLockShared(&job->lock);
    text = format_extended_error_locked(&job->error);
    ReleaseSRWLockShared(&job->lock);
    *out = text ? SysAllocString(text) : NULL;
    free(text);
    return *out ? S_OK : E_OUTOFMEMORY;
}

static HRESULT WINAPI do_job2_GetProperty(IDeliveryOptimizationJob2 *iface, DOJobPropertyId id, VARIANT *value)
{
    HRESULT hr;
    BSTR text;

    TRACE("iface %p, id %u, value %p.\n", iface, id, value);

    if (!value)
        return E_INVALIDARG;
    VariantInit(value);
    if (id != DOJobPropertyId_ExtendedErrorInfo)
        return DO_E_UNKNOWN_PROPERTY_ID;
    if (FAILED(hr = get_extended_error(impl_from_IDeliveryOptimizationJob2(iface)->job, &text)))
        return hr;
    V_VT(value) = VT_BSTR;
    V_BSTR(value) = text;
    return S_OK;
}

static HRESULT WINAPI do_job2_SetProperty(IDeliveryOptimizationJob2 *iface, DOJobPropertyId id, const VARIANT *value)
{
    TRACE("iface %p, id %u, value %p.\n", iface, id, value);

    return id == DOJobPropertyId_ExtendedErrorInfo ? DO_E_READ_ONLY_PROPERTY : DO_E_UNKNOWN_PROPERTY_ID;
}

const IDeliveryOptimizationJob2Vtbl do_job2_vtbl =
{
    do_job2_QueryInterface,
    do_job2_AddRef,
    do_job2_Release,
    do_job2_AddFile,
    do_job2_GetProperty,
    do_job2_SetProperty,
};
