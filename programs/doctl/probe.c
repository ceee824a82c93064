/*
 * doctl: downloads that find out how a server answers
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

/* The service itself asks, so that its proxy, its certificates and its rules count. Nothing is kept. */

#define PROBE_TIMEOUT 60 /* seconds, the least that the service takes */
#define POLL_TIME     50 /* ms */

HRESULT probe_wait(const struct probe *probe, IDODownload *download, DWORD time, DO_DOWNLOAD_STATUS *status)
{
    ULONGLONG start = GetTickCount64();
    HRESULT hr;

    while (SUCCEEDED(hr = IDODownload_GetStatus(download, status)))
    {
        if (FAILED(status->Error) || FAILED(status->ExtendedError))
            return FAILED(status->ExtendedError) ? status->ExtendedError : status->Error;
        if (status->State != DODownloadState_Created && status->State != DODownloadState_Transferring)
            return S_OK;
        if (GetTickCount64() - start >= time)
            return S_FALSE;
        if (WaitForSingleObject(probe->interrupted, POLL_TIME) == WAIT_OBJECT_0)
            return E_ABORT;
    }
    return hr;
}

HRESULT probe_create(const struct probe *probe, IDODownload **download)
{
    struct request request = {probe->url, probe->path, .timeout = {TRUE, PROBE_TIMEOUT},
            .security_flags = probe->security_flags};
    struct item item;
    HRESULT hr;

    if (SUCCEEDED(hr = download_api.create(probe->service, &request, &item)))
        *download = (IDODownload *)item.object;
    return hr;
}

void probe_end(IDODownload *download)
{
    IDODownload_Abort(download);
    IDODownload_Release(download);
}

unsigned int probe_get_status_code(IDODownload *download)
{
    unsigned int code = 0;
    VARIANT value;

    if (FAILED(IDODownload_GetProperty(download, DODownloadProperty_HttpStatusCode, &value)))
        return 0;
    if (V_VT(&value) == VT_UI4)
        code = V_UI4(&value);
    VariantClear(&value);
    return code;
}

BOOL probe_find_field(const WCHAR *headers, const WCHAR *name, WCHAR *value, size_t count)
{
    const WCHAR *line = headers;
    size_t length = wcslen(name), size;

    while (line && (line = wcschr(line, '\n')))
    {
        if (_wcsnicmp(++line, name, length) || line[length] != ':')
            continue;
        line += length + 1;
        line += wcsspn(line, L" \t");
        size = min(wcscspn(line, L"\r\n"), count - 1);
        memcpy(value, line, size * sizeof(*value));
        value[size] = 0;
        return TRUE;
    }
    return FALSE;
}

HRESULT probe_first_byte(const struct probe *probe, DWORD time, void (*accept)(IDODownload *download, void *context),
        void *context)
{
    DO_DOWNLOAD_RANGES_INFO *ranges;
    DO_DOWNLOAD_STATUS status;
    IDODownload *download;
    HRESULT hr;

    if (FAILED(hr = probe_create(probe, &download)))
        return hr;
    if (!(ranges = calloc(1, offsetof(DO_DOWNLOAD_RANGES_INFO, Ranges[1]))))
        hr = E_OUTOFMEMORY;
    else
    {
        ranges->RangeCount = 1;
        ranges->Ranges[0].Length = 1;
        if (SUCCEEDED(hr = IDODownload_Start(download, ranges)))
            hr = probe_wait(probe, download, time, &status);
    }
    if (hr == S_OK && accept)
        accept(download, context);
    free(ranges);
    probe_end(download);
    return hr;
}
