/*
 * Tool of the tests: a client with many threads that poll
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

/* poll COUNT MS FOLDER: as many threads ask a job and a download for their state, each MS milliseconds after the last
 * answer. Says "ready" when all have had one, and ends when there is a file FOLDER\abort. */

#include "testtool.h"

#define STACK 65536
#define LIMIT 300000 /* milliseconds */

static IBackgroundCopyJob *job;
static IDODownload *other;
static DWORD wait;
static LONG is_ending, begun, polls, failures, longest;

static HRESULT poll_once(unsigned int number)
{
    DO_DOWNLOAD_STATUS status;
    BG_JOB_PROGRESS progress;
    BG_JOB_STATE state;

    switch (number % 3)
    {
        case 0: return IBackgroundCopyJob_GetState(job, &state);
        case 1: return IBackgroundCopyJob_GetProgress(job, &progress);
    }
    return IDODownload_GetStatus(other, &status);
}

static DWORD WINAPI poll_thread(void *arg)
{
    unsigned int first = (UINT_PTR)arg, number;
    LONG time;
    DWORD start;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (number = first; !InterlockedCompareExchange(&is_ending, 0, 0); ++number)
    {
        start = GetTickCount();
        if (FAILED(poll_once(number)))
            InterlockedIncrement(&failures);
        time = GetTickCount() - start;
        if (time > longest)
            InterlockedExchange(&longest, time);
        InterlockedIncrement(&polls);
        if (number == first)
            InterlockedIncrement(&begun);
        Sleep(wait);
    }
    InterlockedDecrement(&begun);
    return 0;
}

int poll(int argc, WCHAR **argv)
{
    LONG count = wcstoul(argv[0], NULL, 10), i;
    DWORD end = GetTickCount() + LIMIT;
    IBackgroundCopyManager *manager;
    WCHAR file[MAX_PATH];
    HRESULT hr;
    GUID id;

    wait = wcstoul(argv[1], NULL, 10);
    swprintf(file, ARRAYSIZE(file), L"%ls\\abort", argv[2]);
    if (FAILED(hr = open_manager(&manager))
            || FAILED(hr = IBackgroundCopyManager_CreateJob(manager, L"poll", BG_JOB_TYPE_DOWNLOAD, &id, &job)))
        return failed("a new job", hr);
    if (FAILED(hr = prepare_download(L"http://localhost/", L"poll.bin", &other)))
        return failed("a new download", hr);
    for (i = 0; i < count; ++i)
        if (!CreateThread(NULL, STACK, poll_thread, (void *)(UINT_PTR)i, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL))
            return failed("a new thread", HRESULT_FROM_WIN32(GetLastError()));
    while (InterlockedCompareExchange(&begun, 0, 0) < count && (LONG)(end - GetTickCount()) > 0)
        Sleep(50);
    printf("ready\n");
    fflush(stdout);
    while (!exists(file) && (LONG)(end - GetTickCount()) > 0)
        Sleep(50);
    InterlockedExchange(&is_ending, TRUE);
    printf("%ld threads: %ld polls, %ld failed, the longest took %ld ms\n", count, polls, failures, longest);
    /* A process that ends while it has as many threads may hang in Wine. */
    while (InterlockedCompareExchange(&begun, 0, 0) && (LONG)(end - GetTickCount()) > 0)
        Sleep(50);
    IBackgroundCopyJob_Cancel(job);
    IDODownload_Abort(other);
    return !!failures;
}
