/*
 * Many downloads
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

static HRESULT make_download(IDOManager *manager)
{
    IDODownload *download;
    VARIANT value;
    HRESULT hr;

    if (FAILED(hr = IDOManager_CreateDownload(manager, &download)))
        return hr;
    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = VARIANT_TRUE;
    if (SUCCEEDED(hr = IDODownload_SetProperty(download, DODownloadProperty_NonVolatile, &value))
            && SUCCEEDED(hr = set_string(download, DODownloadProperty_Uri,
            L"http://user:secret@localhost:1/folder/a-name-of-usual-length.bin")))
        hr = set_string(download, DODownloadProperty_LocalPath, L"c:\\folder\\another\\a-name-of-usual-length.bin");
    IDODownload_Release(download);
    return hr;
}

/* NonVolatile, and not started. */
int make_downloads(int argc, WCHAR **argv)
{
    unsigned int i, count = wcstoul(argv[0], NULL, 10);
    IDOManager *manager;
    HRESULT hr;

    if (FAILED(hr = open_download_manager(&manager)))
        return failed("activation", hr);
    for (i = 0; i < count && SUCCEEDED(hr); ++i)
        hr = make_download(manager);
    IDOManager_Release(manager);
    return FAILED(hr) ? failed("a download", hr) : 0;
}

/* Texts, as most are. */
int set_properties(int argc, WCHAR **argv)
{
    unsigned int i, count = wcstoul(argv[0], NULL, 10);
    IDODownload *download;
    IDOManager *manager;
    HRESULT hr;

    if (FAILED(hr = open_download_manager(&manager)))
        return failed("activation", hr);
    if (SUCCEEDED(hr = IDOManager_CreateDownload(manager, &download)))
    {
        for (i = 0; i < count && SUCCEEDED(hr); ++i)
            hr = set_string(download, DODownloadProperty_DisplayName, L"a name of usual length");
        IDODownload_Release(download);
    }
    IDOManager_Release(manager);
    return FAILED(hr) ? failed("a property", hr) : 0;
}

static HRESULT abort_element(IUnknown *unknown)
{
    IDODownload *download;
    HRESULT hr;

    if (SUCCEEDED(hr = IUnknown_QueryInterface(unknown, &IID_IDODownload, (void **)&download)))
    {
        hr = IDODownload_Abort(download);
        IDODownload_Release(download);
    }
    IUnknown_Release(unknown);
    return hr;
}

/* Prints how many there were. */
int abort_downloads(int argc, WCHAR **argv)
{
    IEnumUnknown *enumerator;
    unsigned int count = 0;
    IDOManager *manager;
    IUnknown *unknown;
    ULONG fetched = 0;
    HRESULT hr;

    if (FAILED(hr = open_download_manager(&manager)))
        return failed("activation", hr);
    if (SUCCEEDED(hr = IDOManager_EnumDownloads(manager, NULL, &enumerator)))
    {
        while (SUCCEEDED(hr) && IEnumUnknown_Next(enumerator, 1, &unknown, &fetched) == S_OK && fetched)
        {
            hr = abort_element(unknown);
            ++count;
        }
        IEnumUnknown_Release(enumerator);
    }
    IDOManager_Release(manager);
    printf("%u\n", count);
    return FAILED(hr) && hr != DO_E_NO_DOWNLOADS ? failed("a download", hr) : 0;
}
