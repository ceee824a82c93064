/*
 * testtool activate: how long an activation takes
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
#include "registration.h"

/* One line for each activation, in milliseconds. */
int activate(int argc, WCHAR **argv)
{
    IBackgroundCopyManager *manager;
    unsigned int i, count = wcstoul(argv[0], NULL, 10);
    ULONGLONG start;
    HRESULT hr;

    for (i = 0; i < count; ++i)
    {
        start = get_time();
        if (FAILED(hr = open_manager(&manager)))
            return failed("activation", hr);
        printf("%u\n", (unsigned int)((get_time() - start) / 1000));
        IBackgroundCopyManager_Release(manager);
    }
    return 0;
}

HRESULT kill_process(DWORD pid)
{
    HANDLE process = OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, pid);
    HRESULT hr = E_FAIL;

    if (process && TerminateProcess(process, 1) && !WaitForSingleObject(process, 60000))
        hr = S_OK;
    CloseHandle(process);
    return hr;
}

/* COUNT times, the first activation after the service was killed. */
int activate_killed(int argc, WCHAR **argv)
{
    unsigned int i, count = wcstoul(argv[0], NULL, 10), failures = 0, longest = 0;
    IBackgroundCopyManager *manager;
    ULONGLONG start;
    HRESULT hr;

    if (FAILED(hr = open_manager(&manager)))
        return failed("activation", hr);
    for (i = 0; i < count; ++i)
    {
        IBackgroundCopyManager_Release(manager);
        if (FAILED(hr = kill_process(get_service_pid())))
            return failed("a kill", hr);
        start = get_time();
        if (FAILED(hr = open_manager(&manager)))
        {
            failures++;
            if (FAILED(open_manager(&manager)))
                return failed("activation", hr);
        }
        longest = max(longest, (unsigned int)((get_time() - start) / 1000));
    }
    IBackgroundCopyManager_Release(manager);
    printf("%u kills, %u first activations failed, at most %u ms\n", count, failures, longest);
    return failures != 0;
}

static DWORD WINAPI knock_thread(void *arg)
{
    UINT_PTR count = (UINT_PTR)arg;
    DWORD opened = 0;
    HANDLE pipe;

    while (count--)
    {
        pipe = CreateFileW(DOSVC_PIPE_NAME, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
        if (pipe != INVALID_HANDLE_VALUE)
        {
            CloseHandle(pipe);
            opened++;
        }
    }
    return opened;
}

/* Four clients begin to activate, as activator.c of dosvcps does, COUNT times each, and are gone before they are
 * answered; after that another one activates. */
int knock(int argc, WCHAR **argv)
{
    DWORD opened = 0, exit_code, i;
    IBackgroundCopyManager *manager;
    HANDLE threads[4];
    HRESULT hr;

    for (i = 0; i < ARRAYSIZE(threads); ++i)
        threads[i] = CreateThread(NULL, 0, knock_thread, (void *)(UINT_PTR)wcstoul(argv[0], NULL, 10), 0, NULL);
    for (i = 0; i < ARRAYSIZE(threads); ++i)
    {
        WaitForSingleObject(threads[i], INFINITE);
        GetExitCodeThread(threads[i], &exit_code);
        opened += exit_code;
    }
    printf("%lu times opened\n", opened);
    if (!opened)
        return 1;
    if (FAILED(hr = open_manager(&manager)))
        return failed("activation", hr);
    IBackgroundCopyManager_Release(manager);
    return 0;
}
