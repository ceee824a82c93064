/*
 * IDODownload: one client's handle of a download
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

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

struct do_download
{
    struct com_object com_object;
    IDODownload IDODownload_iface;
    struct download *download; /* borrowed; the model of the object */
};

DEFINE_IUNKNOWN(do_download, IDODownload, do_download)

/* Begin a method. */
static struct download *enter(IDODownload *iface)
{
    struct download *download = impl_from_IDODownload(iface)->download;

    download_touch(download);
    return download;
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

/* Methods that the download carries out. */
#define DEFINE_ACTION(method, function) \
static HRESULT WINAPI do_download_##method(IDODownload *iface) \
{ \
    TRACE("iface %p.\n", iface); \
 \
    return function(enter(iface)); \
}

DEFINE_ACTION(Pause, download_pause)
DEFINE_ACTION(Abort, download_abort)
DEFINE_ACTION(Finalize, download_finalize)

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

static void do_download_destroy(struct com_object *object)
{
    download_remove_handle(download_from_item(object->model));
}

static const struct com_object_interface interfaces[] =
{
    { &IID_IDODownload, offsetof(struct do_download, IDODownload_iface), &do_download_vtbl },
};

const struct com_object_class do_download_class = COM_OBJECT_CLASS(do_download, interfaces, do_download_destroy);

HRESULT do_download_create(struct download *download, struct client *client, IDODownload **out)
{
    struct do_download *handle;

    if (!(handle = com_object_create(&do_download_class, client, &download->item)))
        return E_OUTOFMEMORY;
    handle->download = download;
    download_add_handle(download);
    *out = &handle->IDODownload_iface;
    return S_OK;
}
