/*
 * testtool full: a download to a disk that has no room
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

/* full URL FILE FILLER BYTES: downloads to a disk on which FILLER leaves too
 * little room, which must fail, and then without FILLER, which must work. With
 * BYTES the filler is made, until nothing fits any more, once so much has
 * arrived; otherwise it exists before. */

#include "testtool.h"

void fill_disk(const WCHAR *path)
{
    static BYTE block[65536];
    DWORD size, written;
    HANDLE handle;

    memset(block, 'x', sizeof(block));
    handle = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    for (size = sizeof(block); size; size /= 2)
        while (WriteFile(handle, block, size, &written, NULL) && written == size)
            ;
    CloseHandle(handle);
}

static HRESULT wait_bytes(IDODownload *download, UINT64 bytes)
{
    DO_DOWNLOAD_STATUS status;
    HRESULT hr;

    do
    {
        Sleep(10);
        if (FAILED(hr = IDODownload_GetStatus(download, &status)))
            return hr;
    }
    while (status.State == DODownloadState_Transferring && status.BytesTransferred < bytes);
    return status.State == DODownloadState_Transferring ? S_OK : E_FAIL;
}

int full_disk(int argc, WCHAR **argv)
{
    UINT64 bytes = _wcstoui64(argv[3], NULL, 10);
    DO_DOWNLOAD_STATUS status;
    IDODownload *download;
    HRESULT hr;
    int ret = 1;

    if (FAILED(hr = prepare_download(argv[0], argv[1], &download)))
        return failed("prepare", hr);
    if (FAILED(hr = IDODownload_Start(download, NULL)))
        failed("Start", hr);
    else if (bytes && FAILED(hr = wait_bytes(download, bytes)))
        failed("it does not get so far", hr);
    else
    {
        if (bytes)
            fill_disk(argv[2]);
        hr = wait_download(download, &status);
        printf("%I64u of %I64u bytes, state %d, error %#lx, extended %#lx\n", status.BytesTransferred,
                status.BytesTotal, status.State, status.Error, status.ExtendedError);
        if (status.State != DODownloadState_Paused || hr != HRESULT_FROM_WIN32(ERROR_DISK_FULL)
                || status.ExtendedError || status.BytesTransferred < bytes)
            failed("DL-138: the full disk", hr);
        else if (!DeleteFileW(argv[2]))
            failed("cannot delete the filler", HRESULT_FROM_WIN32(GetLastError()));
        else if (FAILED(hr = IDODownload_Start(download, NULL)) || FAILED(hr = wait_download(download, &status))
                || FAILED(hr = IDODownload_Finalize(download)))
            failed("DL-138: with room", hr);
        else
            ret = 0;
    }
    if (ret)
        IDODownload_Abort(download);
    IDODownload_Release(download);
    return ret;
}
