/*
 * Many jobs: make them, start the service with them, cancel them
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

#include <winsvc.h>

int make_jobs(int argc, WCHAR **argv)
{
    unsigned int i, count = wcstoul(argv[0], NULL, 10);
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    HRESULT hr;
    GUID id;

    if (FAILED(hr = open_manager(&manager)))
        return failed("activation", hr);
    for (i = 0; i < count; ++i)
    {
        if (FAILED(hr = IBackgroundCopyManager_CreateJob(manager, L"one of many", BG_JOB_TYPE_DOWNLOAD, &id, &job)))
            return failed("CreateJob", hr);
        hr = IBackgroundCopyJob_AddFile(job, L"http://user:secret@localhost:1/folder/a-name-of-usual-length.bin",
                L"c:\\folder\\another\\a-name-of-usual-length.bin");
        IBackgroundCopyJob_Release(job);
        if (FAILED(hr))
            return failed("AddFile", hr);
    }
    IBackgroundCopyManager_Release(manager);
    return 0;
}

/* To the first job there is, one by one. Prints how many it has then. */
int extend_job(int argc, WCHAR **argv)
{
    unsigned int i, count = wcstoul(argv[0], NULL, 10);
    IBackgroundCopyManager *manager;
    IEnumBackgroundCopyJobs *jobs;
    BG_JOB_PROGRESS progress;
    IBackgroundCopyJob *job;
    HRESULT hr;

    if (FAILED(hr = open_manager(&manager)) && FAILED(hr = open_manager(&manager)))
        return failed("activation", hr);
    if (FAILED(hr = IBackgroundCopyManager_EnumJobs(manager, 0, &jobs))
            || (hr = IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL)) != S_OK)
        return failed("EnumJobs", hr);
    for (i = 0; i < count; ++i)
    {
        if (FAILED(hr = IBackgroundCopyJob_AddFile(job, L"http://localhost:1/folder/a-name-of-usual-length.bin",
                L"c:\\folder\\another\\a-name-of-usual-length.bin")))
            return failed("AddFile", hr);
    }
    if (FAILED(hr = IBackgroundCopyJob_GetProgress(job, &progress)))
        return failed("GetProgress", hr);
    printf("%lu\n", progress.FilesTotal);
    IBackgroundCopyJob_Release(job);
    IEnumBackgroundCopyJobs_Release(jobs);
    IBackgroundCopyManager_Release(manager);
    return 0;
}

static HRESULT count_jobs(IBackgroundCopyManager *manager, BOOL is_cancelling, unsigned int *count)
{
    IEnumBackgroundCopyJobs *jobs;
    IBackgroundCopyJob *job;
    HRESULT hr;

    *count = 0;
    if (FAILED(hr = IBackgroundCopyManager_EnumJobs(manager, 0, &jobs)))
        return hr;
    while (IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL) == S_OK)
    {
        ++*count;
        if (is_cancelling)
            IBackgroundCopyJob_Cancel(job);
        IBackgroundCopyJob_Release(job);
    }
    IEnumBackgroundCopyJobs_Release(jobs);
    return S_OK;
}

static BOOL start_service(void)
{
    SC_HANDLE scm = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT), service;
    SERVICE_STATUS status = { 0 };
    BOOL ret;

    if (!(service = OpenServiceW(scm, L"DoSvc", SERVICE_START | SERVICE_QUERY_STATUS)))
        return FALSE;
    if ((ret = StartServiceW(service, 0, NULL)))
    {
        while ((ret = QueryServiceStatus(service, &status)) && status.dwCurrentState == SERVICE_START_PENDING)
            Sleep(1);
        ret = status.dwCurrentState == SERVICE_RUNNING;
    }
    CloseServiceHandle(service);
    CloseServiceHandle(scm);
    return ret;
}

/* The service must not run. Prints the milliseconds until it runs, which is
 * after the class was registered, then those until GetJob has answered, and the
 * number of jobs. */
int start_jobs(int argc, WCHAR **argv)
{
    IBackgroundCopyManager *manager;
    ULONGLONG start = get_time(), running, answered;
    IBackgroundCopyJob *job;
    unsigned int count;
    HRESULT hr;

    if (!start_service())
        return failed("start", HRESULT_FROM_WIN32(GetLastError()));
    running = get_time();
    if (FAILED(hr = open_manager(&manager)) && FAILED(hr = open_manager(&manager)))
        return failed("activation", hr);
    hr = IBackgroundCopyManager_GetJob(manager, &IID_IUnknown, &job);
    answered = get_time();
    if (hr != DO_E_JOB_NOT_FOUND)
        return failed("GetJob", hr);
    if (FAILED(hr = count_jobs(manager, FALSE, &count)))
        return failed("EnumJobs", hr);
    printf("%u %u %u\n", (unsigned int)((running - start) / 1000), (unsigned int)((answered - start) / 1000), count);
    IBackgroundCopyManager_Release(manager);
    return 0;
}

/* Prints how many there were. */
int cancel_jobs(int argc, WCHAR **argv)
{
    IBackgroundCopyManager *manager;
    unsigned int count;
    HRESULT hr;

    if (FAILED(hr = open_manager(&manager)) && FAILED(hr = open_manager(&manager)))
        return failed("activation", hr);
    if (FAILED(hr = count_jobs(manager, TRUE, &count)))
        return failed("EnumJobs", hr);
    printf("%u\n", count);
    IBackgroundCopyManager_Release(manager);
    return 0;
}
