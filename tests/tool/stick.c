/*
 * A callback that does not return
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

/* stick URL FILE COUNT: begins to download URL to FILE, and does not return from the first callback before it has
 * paused and started the download COUNT times. What is not told meanwhile must not grow without bound. */

#include "testtool.h"

static HANDLE called, go_on;

static void wait_in_call(struct listener *listener, const DO_DOWNLOAD_STATUS *status)
{
    SetEvent(called);
    WaitForSingleObject(go_on, INFINITE);
}

static HRESULT pause_and_start(IDODownload *download, unsigned int count)
{
    HRESULT hr = S_OK;

    while (count-- && SUCCEEDED(hr = IDODownload_Pause(download)))
    {
        if (FAILED(hr = IDODownload_Start(download, NULL)))
            break;
    }
    return hr;
}

int stick(int argc, WCHAR **argv)
{
    static struct listener listener;
    WCHAR path[MAX_PATH];
    IDODownload *download;
    IDOManager *manager;
    HRESULT hr;

    listener_init(&listener, wait_in_call);
    GetFullPathNameW(argv[1], ARRAYSIZE(path), path, NULL);
    called = CreateEventW(NULL, TRUE, FALSE, NULL);
    go_on = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (FAILED(hr = open_download_manager(&manager)) || FAILED(hr = IDOManager_CreateDownload(manager, &download)))
        return failed("a new download", hr);
    if (FAILED(hr = set_string(download, DODownloadProperty_Uri, argv[0]))
            || FAILED(hr = set_string(download, DODownloadProperty_LocalPath, path))
            || FAILED(hr = listener_set(&listener, download))
            || FAILED(hr = IDODownload_Start(download, NULL)))
        return failed("Start", hr);
    if (WaitForSingleObject(called, 60000))
        return failed("a callback", E_FAIL);
    hr = pause_and_start(download, wcstoul(argv[2], NULL, 10));
    SetEvent(go_on);
    IDODownload_Abort(download);
    IDODownload_Release(download);
    IDOManager_Release(manager);
    return FAILED(hr) ? failed("Pause and Start", hr) : 0;
}
