/*
 * testtool download: one download with any properties
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

/* download URL FILE|- [ID=VALUE...] [pause ID=VALUE...]: takes a stream if FILE is -, sets the properties with these
 * numbers, starts, pauses when something has come and sets those behind "pause", waits
 * and finalizes. Says how long it took to start and to transfer. A VALUE is yes, no,
 * a number, or @FILE for its bytes. Ends with the error of the download, if there is
 * one. */

#include "testtool.h"

#define LIMIT 120000 /* milliseconds */

static HRESULT set_bytes(IDODownload *download, DODownloadProperty prop, const WCHAR *path)
{
    static BYTE buffer[65536];
    VARIANT value;
    size_t size;
    void *data;
    FILE *file;
    HRESULT hr;

    if (!(file = _wfopen(path, L"rb")))
        return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    size = fread(buffer, 1, sizeof(buffer), file);
    fclose(file);
    V_VT(&value) = VT_ARRAY | VT_UI1;
    if (!(V_ARRAY(&value) = SafeArrayCreateVector(VT_UI1, 0, size)))
        return E_OUTOFMEMORY;
    if (SUCCEEDED(hr = SafeArrayAccessData(V_ARRAY(&value), &data)))
    {
        memcpy(data, buffer, size);
        SafeArrayUnaccessData(V_ARRAY(&value));
        hr = IDODownload_SetProperty(download, prop, &value);
    }
    VariantClear(&value);
    return hr;
}

static HRESULT set_property(IDODownload *download, const WCHAR *argument)
{
    VARIANT value;
    WCHAR *text;
    DODownloadProperty prop = wcstoul(argument, &text, 10);

    if (*text++ != '=')
        return E_INVALIDARG;
    if (*text == '@')
        return set_bytes(download, prop, text + 1);
    if (!wcscmp(text, L"yes") || !wcscmp(text, L"no"))
    {
        V_VT(&value) = VT_BOOL;
        V_BOOL(&value) = *text == 'y' ? VARIANT_TRUE : VARIANT_FALSE;
    }
    else
    {
        V_VT(&value) = VT_UI4;
        V_UI4(&value) = wcstoul(text, NULL, 0);
    }
    return IDODownload_SetProperty(download, prop, &value);
}

HRESULT wait_download(IDODownload *download, DO_DOWNLOAD_STATUS *status)
{
    DWORD end = GetTickCount() + LIMIT;
    HRESULT hr;

    for (;;)
    {
        if (FAILED(hr = IDODownload_GetStatus(download, status)))
            return hr;
        if (status->State != DODownloadState_Transferring)
            return status->State == DODownloadState_Transferred ? S_OK : status->Error ? status->Error : E_FAIL;
        if ((LONG)(end - GetTickCount()) <= 0)
            return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
        Sleep(10);
    }
}

static HRESULT set_target(IDODownload *download, const WCHAR *path)
{
    WCHAR full[MAX_PATH];
    IStream *stream;
    VARIANT value;
    HRESULT hr;

    if (wcscmp(path, L"-"))
    {
        GetFullPathNameW(path, ARRAYSIZE(full), full, NULL);
        return set_string(download, DODownloadProperty_LocalPath, full);
    }
    if (FAILED(hr = CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return hr;
    V_VT(&value) = VT_UNKNOWN;
    V_UNKNOWN(&value) = (IUnknown *)stream;
    hr = IDODownload_SetProperty(download, DODownloadProperty_StreamInterface, &value);
    IStream_Release(stream);
    return hr;
}

HRESULT prepare_download(const WCHAR *url, const WCHAR *path, IDODownload **download)
{
    IDOManager *manager;
    HRESULT hr;

    if (FAILED(hr = open_download_manager(&manager)))
        return hr;
    if (SUCCEEDED(hr = IDOManager_CreateDownload(manager, download)))
    {
        if (FAILED(hr = set_string(*download, DODownloadProperty_Uri, url))
                || FAILED(hr = set_target(*download, path)))
            IDODownload_Release(*download);
    }
    IDOManager_Release(manager);
    return hr;
}

HRESULT prepare_lasting(const WCHAR *url, const WCHAR *path, IDODownload **download)
{
    VARIANT value;
    HRESULT hr;

    if (FAILED(hr = prepare_download(url, path, download)))
        return hr;
    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = VARIANT_TRUE;
    if (FAILED(hr = IDODownload_SetProperty(*download, DODownloadProperty_NonVolatile, &value)))
        IDODownload_Release(*download);
    return hr;
}

/* Up to the end, or to "pause". */
static HRESULT set_and_start(IDODownload *download, int argc, WCHAR **argv, int *next)
{
    HRESULT hr = S_OK;

    for (; SUCCEEDED(hr) && *next < argc && wcscmp(argv[*next], L"pause"); ++*next)
        if (FAILED(hr = set_property(download, argv[*next])))
            failed("SetProperty", hr);
    return SUCCEEDED(hr) ? IDODownload_Start(download, NULL) : hr;
}

static HRESULT pause_download(IDODownload *download, DO_DOWNLOAD_STATUS *status)
{
    DWORD end = GetTickCount() + LIMIT;
    HRESULT hr;

    while (SUCCEEDED(hr = IDODownload_GetStatus(download, status)) && !status->BytesTransferred
            && status->State == DODownloadState_Transferring && (LONG)(end - GetTickCount()) > 0)
        Sleep(10);
    return SUCCEEDED(hr) ? IDODownload_Pause(download) : hr;
}

int download(int argc, WCHAR **argv)
{
    DO_DOWNLOAD_STATUS status = { 0 };
    IDODownload *download;
    ULONGLONG start;
    int next = 2;
    HRESULT hr;

    if (FAILED(hr = prepare_download(argv[0], argv[1], &download)))
        return failed("prepare", hr);
    start = get_time();
    hr = set_and_start(download, argc, argv, &next);
    if (SUCCEEDED(hr) && next++ < argc && SUCCEEDED(hr = pause_download(download, &status)))
        hr = set_and_start(download, argc, argv, &next);
    if (SUCCEEDED(hr))
        hr = wait_download(download, &status);
    if (SUCCEEDED(hr))
        printf("%u ms\n", (unsigned int)((get_time() - start) / 1000));
    if (SUCCEEDED(hr))
        hr = IDODownload_Finalize(download);
    if (FAILED(hr))
    {
        fprintf(stderr, "download: %#lx, extended %#lx\n", hr, status.ExtendedError);
        IDODownload_Abort(download);
    }
    IDODownload_Release(download);
    return FAILED(hr);
}
