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

#include "download.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

static inline struct manager *impl_from_IBackgroundCopyManager(IBackgroundCopyManager *iface)
{
    return CONTAINING_RECORD(iface, struct manager, IBackgroundCopyManager_iface);
}

static HRESULT WINAPI manager_QueryInterface(IBackgroundCopyManager *iface, REFIID riid, void **out)
{
    TRACE("iface %p, riid %s, out %p.\n", iface, debugstr_guid(riid), out);

    if (!out)
        return E_POINTER;
    if (IsEqualGUID(riid, &IID_IUnknown) || IsEqualGUID(riid, &IID_IBackgroundCopyManager))
        *out = iface;
    else if (IsEqualGUID(riid, &IID_IDOManager))
        *out = &impl_from_IBackgroundCopyManager(iface)->IDOManager_iface;
    else
    {
        WARN("%s is not supported.\n", debugstr_guid(riid));
        *out = NULL;
        return E_NOINTERFACE;
    }
    IBackgroundCopyManager_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI manager_AddRef(IBackgroundCopyManager *iface)
{
    return facade_addref(&impl_from_IBackgroundCopyManager(iface)->facade);
}

static ULONG WINAPI manager_Release(IBackgroundCopyManager *iface)
{
    struct manager *manager = impl_from_IBackgroundCopyManager(iface);
    ULONG refcount = facade_release(&manager->facade);

    if (!refcount)
        free(manager);
    return refcount;
}

static HRESULT WINAPI manager_CreateJob(IBackgroundCopyManager *iface, LPCWSTR name, BG_JOB_TYPE type, GUID *id,
        IBackgroundCopyJob **out)
{
    struct client *client;
    struct job *job;
    HRESULT hr;

    TRACE("iface %p, name %s, type %u, id %p, out %p.\n", iface, debugstr_name(name), type, id, out);

    if (out)
        *out = NULL;
    if (!name || !id || !out || wcslen(name) > JOB_NAME_MAX)
        return E_INVALIDARG;
    if (type != BG_JOB_TYPE_DOWNLOAD)
        return E_NOTIMPL;

    if (FAILED(hr = job_create(name, &job)))
        return hr;
    client = client_get_current();
    if (SUCCEEDED(hr = bg_job_create(job, client, out)))
    {
        *id = job->id;
        if (FAILED(hr = queue_add(job)))
        {
            IBackgroundCopyJob_Release(*out);
            *out = NULL;
        }
    }
    client_release(client);
    job_release(job);
    return hr;
}

static HRESULT WINAPI manager_GetJob(IBackgroundCopyManager *iface, REFGUID id, IBackgroundCopyJob **out)
{
    struct client *client;
    struct job *job;
    HRESULT hr;

    TRACE("iface %p, id %s, out %p.\n", iface, debugstr_guid(id), out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (!id)
        return E_INVALIDARG;
    if (!(job = queue_find(id)))
        return DO_E_JOB_NOT_FOUND;
    client = client_get_current();
    hr = bg_job_create(job, client, out);
    client_release(client);
    job_release(job);
    return hr;
}

static HRESULT make_job_item(void *job, struct client *client, IUnknown **item)
{
    return bg_job_create(job, client, (IBackgroundCopyJob **)item);
}

/* All processes of a prefix run as one user, who is also its administrator:
 * the flag makes no difference. */
static HRESULT WINAPI manager_EnumJobs(IBackgroundCopyManager *iface, DWORD flags, IEnumBackgroundCopyJobs **out)
{
    struct job **jobs;
    UINT count, i;
    HRESULT hr;

    TRACE("iface %p, flags %#lx, out %p.\n", iface, flags, out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (flags & ~BG_JOB_ENUM_ALL_USERS)
        return E_INVALIDARG;
    if (FAILED(hr = queue_get_jobs(&jobs, &count)))
        return hr;
    hr = enum_create(&IID_IEnumBackgroundCopyJobs, (void **)jobs, count, make_job_item, (void **)out);
    for (i = 0; i < count; i++)
        job_release(jobs[i]);
    free(jobs);
    return hr;
}

static HRESULT WINAPI manager_GetErrorDescription(IBackgroundCopyManager *iface, HRESULT hr, DWORD language,
        WCHAR **description)
{
    TRACE("iface %p, hr %#lx, language %#lx, description %p.\n", iface, hr, language, description);

    return message_from_hresult(hr, language, description);
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

HRESULT manager_create(REFIID riid, void **out)
{
    struct manager *manager;
    struct client *client;
    HRESULT hr;

    if (!(manager = calloc(1, sizeof(*manager))))
        return E_OUTOFMEMORY;
    manager->IBackgroundCopyManager_iface.lpVtbl = (IBackgroundCopyManagerVtbl *)&manager_vtbl;
    manager->IDOManager_iface.lpVtbl = (IDOManagerVtbl *)&do_manager_vtbl;
    client = client_get_current();
    facade_init(&manager->facade, (IUnknown *)&manager->IBackgroundCopyManager_iface, client);
    client_release(client);
    hr = IBackgroundCopyManager_QueryInterface(&manager->IBackgroundCopyManager_iface, riid, out);
    IBackgroundCopyManager_Release(&manager->IBackgroundCopyManager_iface);
    return hr;
}

DEFINE_IUNKNOWN(do_manager, IDOManager, manager, IBackgroundCopyManager)

static HRESULT WINAPI do_manager_CreateDownload(IDOManager *iface, IDODownload **out)
{
    struct download *download;
    struct client *client;
    HRESULT hr;

    TRACE("iface %p, out %p.\n", iface, out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (FAILED(hr = download_create(&download)))
        return hr;
    client = client_get_current();
    if (SUCCEEDED(hr = do_download_create(download, client, out)))
        download_enqueue(download);
    client_release(client);
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
static UINT keep_wanted(struct download **downloads, UINT count, const DO_DOWNLOAD_ENUM_CATEGORY *category)
{
    UINT i, kept = 0;

    for (i = 0; i < count; i++)
    {
        if (is_wanted(downloads[i], category))
            downloads[kept++] = downloads[i];
        else
            download_release(downloads[i]);
    }
    return kept;
}

static HRESULT make_download_item(void *download, struct client *client, IUnknown **item)
{
    return do_download_create(download, client, (IDODownload **)item);
}

/* All processes of a prefix run as one user, whose downloads these are. */
static HRESULT WINAPI do_manager_EnumDownloads(IDOManager *iface, const DO_DOWNLOAD_ENUM_CATEGORY *category,
        IEnumUnknown **out)
{
    struct download **downloads;
    UINT count, i;
    HRESULT hr;

    TRACE("iface %p, property %d, value %s, out %p.\n", iface, category ? (int)category->Property : -1,
            debugstr_name(category ? category->Value : NULL), out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (category && (!category->Value || !download_can_filter(category->Property)))
        return E_INVALIDARG;
    if (FAILED(hr = download_queue_get(&downloads, &count)))
        return hr;
    if ((count = keep_wanted(downloads, count, category)))
        hr = enum_create(&IID_IEnumUnknown, (void **)downloads, count, make_download_item, (void **)out);
    else
        hr = DO_E_NO_DOWNLOADS;
    for (i = 0; i < count; i++)
        download_release(downloads[i]);
    free(downloads);
    return hr;
}

const IDOManagerVtbl do_manager_vtbl =
{
    do_manager_QueryInterface,
    do_manager_AddRef,
    do_manager_Release,
    do_manager_CreateDownload,
    do_manager_EnumDownloads,
};
