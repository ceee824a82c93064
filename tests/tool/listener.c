/*
 * A callback of downloads, for all verbs
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

#include "testtool.h"

static struct listener *impl_from_IDODownloadStatusCallback(IDODownloadStatusCallback *iface)
{
    return CONTAINING_RECORD(iface, struct listener, IDODownloadStatusCallback_iface);
}

static HRESULT STDMETHODCALLTYPE listener_QueryInterface(IDODownloadStatusCallback *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDODownloadStatusCallback))
        return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE listener_AddRef(IDODownloadStatusCallback *iface)
{
    return 2;
}

static ULONG STDMETHODCALLTYPE listener_Release(IDODownloadStatusCallback *iface)
{
    return 1;
}

static HRESULT STDMETHODCALLTYPE listener_OnStatusChange(IDODownloadStatusCallback *iface, IDODownload *download,
        const DO_DOWNLOAD_STATUS *status)
{
    struct listener *listener = impl_from_IDODownloadStatusCallback(iface);

    listener->hear(listener, status);
    return S_OK;
}

static const IDODownloadStatusCallbackVtbl listener_vtbl =
{
    listener_QueryInterface,
    listener_AddRef,
    listener_Release,
    listener_OnStatusChange,
};

void listener_init(struct listener *listener, void (*hear)(struct listener *listener, const DO_DOWNLOAD_STATUS *status))
{
    listener->IDODownloadStatusCallback_iface.lpVtbl = (IDODownloadStatusCallbackVtbl *)&listener_vtbl;
    listener->hear = hear;
    listener->transferred = CreateEventW(NULL, TRUE, FALSE, NULL);
}

void listener_note(struct listener *listener, const DO_DOWNLOAD_STATUS *status)
{
    if (status->State == DODownloadState_Transferred)
        SetEvent(listener->transferred);
}

HRESULT listener_set(struct listener *listener, IDODownload *download)
{
    return set_unknown(download, DODownloadProperty_CallbackInterface,
            (IUnknown *)&listener->IDODownloadStatusCallback_iface);
}
