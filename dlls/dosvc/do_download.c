/*
 * IDODownload: one client's view of a download
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

struct do_download
{
    IDODownload IDODownload_iface;
    struct facade facade;
    struct download *download; /* owned */
};

static inline struct do_download *impl_from_IDODownload(IDODownload *iface)
{
    return CONTAINING_RECORD(iface, struct do_download, IDODownload_iface);
}

/* What each method begins with. */
static struct download *enter(IDODownload *iface)
{
    struct download *download = impl_from_IDODownload(iface)->download;

    download_touch(download);
    return download;
}

static HRESULT WINAPI do_download_QueryInterface(IDODownload *iface, REFIID riid, void **out)
{
    TRACE("iface %p, riid %s, out %p.\n", iface, debugstr_guid(riid), out);

    if (!out)
        return E_POINTER;
    if (IsEqualGUID(riid, &IID_IUnknown) || IsEqualGUID(riid, &IID_IDODownload))
    {
        IDODownload_AddRef(iface);
        *out = iface;
        return S_OK;
    }
    WARN("%s is not supported.\n", debugstr_guid(riid));
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI do_download_AddRef(IDODownload *iface)
{
    return facade_addref(&impl_from_IDODownload(iface)->facade);
}

static ULONG WINAPI do_download_Release(IDODownload *iface)
{
    struct do_download *view = impl_from_IDODownload(iface);
    ULONG refcount = facade_release(&view->facade);

    if (!refcount)
    {
        download_remove_view(view->download);
        download_release(view->download);
        free(view);
    }
    return refcount;
}

C_ASSERT(sizeof(struct range) == sizeof(DO_DOWNLOAD_RANGE));
C_ASSERT(offsetof(struct range, offset) == offsetof(DO_DOWNLOAD_RANGE, Offset));
C_ASSERT(offsetof(struct range, length) == offsetof(DO_DOWNLOAD_RANGE, Length));

static HRESULT WINAPI do_download_Start(IDODownload *iface, const DO_DOWNLOAD_RANGES_INFO *ranges)
{
    TRACE("iface %p, ranges %p, count %u.\n", iface, ranges, ranges ? ranges->RangeCount : 0);

    if (!ranges)
        return download_start(enter(iface), START_AGAIN, NULL, 0);
    if (!ranges->RangeCount)
        return download_start(enter(iface), START_WHOLE, NULL, 0);
    return download_start(enter(iface), START_RANGES, (const struct range *)ranges->Ranges, ranges->RangeCount);
}

static HRESULT WINAPI do_download_Pause(IDODownload *iface)
{
    TRACE("iface %p.\n", iface);

    return download_pause(enter(iface));
}

static HRESULT WINAPI do_download_Abort(IDODownload *iface)
{
    TRACE("iface %p.\n", iface);

    return download_abort(enter(iface));
}

static HRESULT WINAPI do_download_Finalize(IDODownload *iface)
{
    TRACE("iface %p.\n", iface);

    return download_finalize(enter(iface));
}

static HRESULT WINAPI do_download_GetStatus(IDODownload *iface, DO_DOWNLOAD_STATUS *status)
{
    struct download *download;

    TRACE("iface %p, status %p.\n", iface, status);

    if (!status)
        return E_INVALIDARG;
    download = enter(iface);
    AcquireSRWLockShared(&download->lock);
    download_get_status_locked(download, status);
    ReleaseSRWLockShared(&download->lock);
    return S_OK;
}

static HRESULT WINAPI do_download_GetProperty(IDODownload *iface, DODownloadProperty id, VARIANT *value)
{
    TRACE("iface %p, id %d, value %p.\n", iface, (int)id, value);

    if (!value)
        return E_INVALIDARG;
    return download_get_property(enter(iface), id, value);
}

static HRESULT WINAPI do_download_SetProperty(IDODownload *iface, DODownloadProperty id, const VARIANT *value)
{
    TRACE("iface %p, id %d, value %p, type %#x.\n", iface, (int)id, value, value ? V_VT(value) : 0);

    if (!value)
        return E_INVALIDARG;
    return download_set_property(enter(iface), id, value);
}

static const IDODownloadVtbl do_download_vtbl =
{
    do_download_QueryInterface,
    do_download_AddRef,
    do_download_Release,
    do_download_Start,
    do_download_Pause,
    do_download_Abort,
    do_download_Finalize,
    do_download_GetStatus,
    do_download_GetProperty,
    do_download_SetProperty,
};

HRESULT do_download_create(struct download *download, struct client *client, IDODownload **out)
{
    struct do_download *view;

    if (!(view = calloc(1, sizeof(*view))))
        return E_OUTOFMEMORY;
    view->IDODownload_iface.lpVtbl = (IDODownloadVtbl *)&do_download_vtbl;
    view->download = download_addref(download);
    download_add_view(download);
    facade_init(&view->facade, (IUnknown *)&view->IDODownload_iface, client);
    *out = &view->IDODownload_iface;
    return S_OK;
}
