/*
 * A client that wants all of the service
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

/* hog URL1 URL2 COUNT FOLDER [stream]: starts COUNT downloads in the background, in turns from both, and says
 * "ready" when they are under way. With "stream" they go to streams that never return from Write. Aborts them
 * all when there is a file FOLDER\abort, and says how long that took. */

#include "testtool.h"

#define LIMIT 300000 /* milliseconds */
#define START 1500   /* milliseconds in which connections are made */

static HANDLE never;

static HRESULT STDMETHODCALLTYPE stuck_QueryInterface(ISequentialStream *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_ISequentialStream))
        return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

/* It lives as long as the process. */
static ULONG STDMETHODCALLTYPE stuck_AddRef(ISequentialStream *iface)
{
    return 2;
}

static ULONG STDMETHODCALLTYPE stuck_Release(ISequentialStream *iface)
{
    return 1;
}

static HRESULT STDMETHODCALLTYPE stuck_Read(ISequentialStream *iface, void *buffer, ULONG size, ULONG *read)
{
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE stuck_Write(ISequentialStream *iface, const void *data, ULONG size, ULONG *written)
{
    WaitForSingleObject(never, LIMIT);
    return E_ABORT;
}

static const ISequentialStreamVtbl stuck_vtbl =
{
    stuck_QueryInterface,
    stuck_AddRef,
    stuck_Release,
    stuck_Read,
    stuck_Write,
};

static HRESULT start_one(IDOManager *manager, const WCHAR *url, const WCHAR *folder, unsigned int index, BOOL is_stream,
        IDODownload **download)
{
    static ISequentialStream stuck = { (ISequentialStreamVtbl *)&stuck_vtbl };
    WCHAR path[MAX_PATH];
    HRESULT hr;

    swprintf(path, ARRAYSIZE(path), L"%ls\\hog%u", folder, index);
    if (FAILED(hr = IDOManager_CreateDownload(manager, download))
            || FAILED(hr = set_string(*download, DODownloadProperty_Uri, url)))
        return hr;
    if (is_stream)
        hr = set_unknown(*download, DODownloadProperty_StreamInterface, (IUnknown *)&stuck);
    else
        hr = set_string(*download, DODownloadProperty_LocalPath, path);
    return SUCCEEDED(hr) ? IDODownload_Start(*download, NULL) : hr;
}

int hog(int argc, WCHAR **argv)
{
    unsigned int count = wcstoul(argv[2], NULL, 10), i;
    IDODownload **downloads = calloc(count, sizeof(*downloads));
    WCHAR folder[MAX_PATH], file[MAX_PATH];
    DWORD end = GetTickCount() + LIMIT;
    IDOManager *manager;
    ULONGLONG start;
    HRESULT hr;

    never = CreateEventW(NULL, TRUE, FALSE, NULL);
    GetFullPathNameW(argv[3], ARRAYSIZE(folder), folder, NULL);
    swprintf(file, ARRAYSIZE(file), L"%ls\\abort", folder);
    if (!downloads || FAILED(hr = open_download_manager(&manager)))
        return failed("activation", downloads ? hr : E_OUTOFMEMORY);
    for (i = 0; i < count; ++i)
        if (FAILED(hr = start_one(manager, argv[i % 2], folder, i, argc > 4, &downloads[i])))
            return failed("a new download", hr);
    Sleep(START);
    printf("ready\n");
    fflush(stdout);
    while (!exists(file) && (LONG)(end - GetTickCount()) > 0)
        Sleep(50);
    start = get_time();
    for (i = 0; i < count; ++i)
        if (FAILED(hr = IDODownload_Abort(downloads[i])))
            return failed("Abort", hr);
    printf("aborted in %u ms\n", (unsigned int)((get_time() - start) / 1000));
    fflush(stdout);
    while (exists(file) && (LONG)(end - GetTickCount()) > 0)
        Sleep(50);
    return 0;
}
