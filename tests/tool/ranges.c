/*
 * testtool ranges: download parts of a file
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

#define MAX_RANGES 16
#define TIMEOUT 60000

static int wait_and_complete(IBackgroundCopyJob *job)
{
    ULONGLONG end = GetTickCount64() + TIMEOUT;
    IBackgroundCopyError *error;
    BG_ERROR_CONTEXT context;
    BG_JOB_STATE state;
    HRESULT hr, code;

    while (SUCCEEDED(hr = IBackgroundCopyJob_GetState(job, &state)) && GetTickCount64() < end)
    {
        if (state == BG_JOB_STATE_TRANSFERRED)
            return FAILED(hr = IBackgroundCopyJob_Complete(job)) ? failed("Complete", hr) : 0;
        if (state == BG_JOB_STATE_ERROR && SUCCEEDED(hr = IBackgroundCopyJob_GetError(job, &error)))
        {
            hr = IBackgroundCopyError_GetError(error, &context, &code);
            IBackgroundCopyError_Release(error);
            IBackgroundCopyJob_Cancel(job);
            return failed("job", SUCCEEDED(hr) ? code : hr);
        }
        Sleep(20);
    }
    IBackgroundCopyJob_Cancel(job);
    return failed("timeout or GetState", hr);
}

int get_ranges(int argc, WCHAR **argv)
{
    BG_FILE_RANGE ranges[MAX_RANGES];
    IBackgroundCopyJob *job;
    int count = 0, ret;
    HRESULT hr;

    for (; count < MAX_RANGES && argc >= 2 * count + 4; ++count)
    {
        ranges[count].InitialOffset = _wcstoui64(argv[2 * count + 2], NULL, 10);
        ranges[count].Length = _wcstoui64(argv[2 * count + 3], NULL, 10);
    }
    if (FAILED(hr = start_job(argv[0], argv[1], ranges, count, &job)))
        return failed("start", hr);
    ret = wait_and_complete(job);
    IBackgroundCopyJob_Release(job);
    return ret;
}
