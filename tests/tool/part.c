/*
 * A job of two files, of which one is there
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

#define LIMIT 60000 /* milliseconds */

static HRESULT get_file(IBackgroundCopyJob *job, UINT index, IBackgroundCopyFile **file)
{
    IEnumBackgroundCopyFiles *files;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_EnumFiles(job, &files)))
        return hr;
    IEnumBackgroundCopyFiles_Skip(files, index);
    if ((hr = IEnumBackgroundCopyFiles_Next(files, 1, file, NULL)) == S_FALSE)
        hr = HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
    IEnumBackgroundCopyFiles_Release(files);
    return hr;
}

/* The job counts a file when it is done; of one before its turn there are the bytes only. */
static HRESULT is_there(IBackgroundCopyJob *job, IBackgroundCopyFile *file, UINT index, BOOL *ret)
{
    BG_FILE_PROGRESS file_progress;
    BG_JOB_PROGRESS progress;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_GetProgress(job, &progress))
            || FAILED(hr = IBackgroundCopyFile_GetProgress(file, &file_progress)))
        return hr;
    *ret = index ? file_progress.BytesTransferred == file_progress.BytesTotal : progress.FilesTransferred != 0;
    return S_OK;
}

static HRESULT await_file(IBackgroundCopyJob *job, UINT index)
{
    DWORD end = GetTickCount() + LIMIT;
    IBackgroundCopyFile *file;
    BOOL ret = FALSE;
    HRESULT hr;

    if (FAILED(hr = get_file(job, index, &file)))
        return hr;
    while (SUCCEEDED(hr = is_there(job, file, index, &ret)) && !ret)
    {
        if ((LONG)(end - GetTickCount()) <= 0)
        {
            hr = HRESULT_FROM_WIN32(ERROR_TIMEOUT);
            break;
        }
        Sleep(20);
    }
    IBackgroundCopyFile_Release(file);
    return hr;
}

/* URL1 FILE1 URL2 FILE2 INDEX: suspends the job as soon as the file of this index, 0 or 1, is there. */
int make_part(int argc, WCHAR **argv)
{
    BG_FILE_INFO files[] = {{argv[0], argv[1]}, {argv[2], argv[3]}};
    IBackgroundCopyJob *job;
    HRESULT hr;
    GUID id;

    if (FAILED(hr = create_empty_job(&id, &job)))
        return failed("CreateJob", hr);
    if (FAILED(hr = IBackgroundCopyJob_AddFileSet(job, ARRAYSIZE(files), files)))
        return failed("AddFileSet", hr);
    if (FAILED(hr = IBackgroundCopyJob_Resume(job)))
        return failed("Resume", hr);
    if (FAILED(hr = await_file(job, wcstoul(argv[4], NULL, 10))))
        return failed("file", hr);
    if (FAILED(hr = IBackgroundCopyJob_Suspend(job)))
        return failed("Suspend", hr);
    IBackgroundCopyJob_Release(job);
    return 0;
}

static HRESULT set_path(IBackgroundCopyJob *job, const WCHAR *path)
{
    IDeliveryOptimizationFile2 *file2;
    IBackgroundCopyFile *file;
    VARIANT value;
    HRESULT hr;

    if (FAILED(hr = get_file(job, 0, &file)))
        return hr;
    hr = IBackgroundCopyFile_QueryInterface(file, &IID_IDeliveryOptimizationFile2, (void **)&file2);
    IBackgroundCopyFile_Release(file);
    if (FAILED(hr))
        return hr;
    V_VT(&value) = VT_BSTR;
    V_BSTR(&value) = SysAllocString(path);
    hr = IDeliveryOptimizationFile2_SetProperty(file2, DOFilePropertyId_DownloadSinkFilePath, &value);
    VariantClear(&value);
    IDeliveryOptimizationFile2_Release(file2);
    return hr;
}

/* FILE: gives the first file of the first job this path. */
int move_part(int argc, WCHAR **argv)
{
    IBackgroundCopyJob *job;
    HRESULT hr;

    if ((hr = get_first_job(&job)) != S_OK)
        return failed("EnumJobs", hr);
    if (FAILED(hr = set_path(job, argv[0])))
        return failed("DownloadSinkFilePath", hr);
    IBackgroundCopyJob_Release(job);
    return 0;
}

/* Tells what Complete of the first job returns. The service may end meanwhile. */
int complete_part(int argc, WCHAR **argv)
{
    IBackgroundCopyJob *job;
    HRESULT hr;

    if ((hr = get_first_job(&job)) != S_OK)
        return failed("EnumJobs", hr);
    hr = IBackgroundCopyJob_Complete(job);
    if (is_death(hr))
        printf("the service has ended\n");
    else
        printf("Complete %#lx\n", hr);
    IBackgroundCopyJob_Release(job);
    return 0;
}
