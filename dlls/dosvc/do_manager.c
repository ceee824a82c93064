/*
 * IDOManager: makes and finds downloads
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
