/*
 * testtool watch: download and check each GetProgress
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

/* More than the service can store between two polls of a running client. */
#define MAX_STEP ((UINT64)1 << 30)

struct watch
{
    UINT64 size; /* what the server has */
    BG_JOB_PROGRESS last;
    UINT64 largest_step;
    DWORD *times; /* microseconds of each call */
    unsigned int count, capacity;
};

static BOOL check(BOOL condition, const char *what, const BG_JOB_PROGRESS *last, const BG_JOB_PROGRESS *now)
{
    if (!condition)
        fprintf(stderr, "%s: %I64u of %I64u after %I64u of %I64u\n", what, now->BytesTransferred, now->BytesTotal,
                last->BytesTransferred, last->BytesTotal);
    return condition;
}

static BOOL check_progress(struct watch *watch, const BG_JOB_PROGRESS *now)
{
    const BG_JOB_PROGRESS *last = &watch->last;
    UINT64 step = now->BytesTransferred - last->BytesTransferred;

    if (!check(now->BytesTransferred >= last->BytesTransferred, "BytesTransferred decreased", last, now)
            || !check(step <= MAX_STEP, "BytesTransferred jumped", last, now)
            || !check(now->BytesTotal == watch->size || (now->BytesTotal == BG_SIZE_UNKNOWN
            && last->BytesTotal == BG_SIZE_UNKNOWN), "wrong BytesTotal", last, now)
            || !check(now->BytesTransferred <= now->BytesTotal, "more than the total", last, now))
        return FALSE;
    if (step > watch->largest_step)
        watch->largest_step = step;
    watch->last = *now;
    return TRUE;
}

static BOOL add_time(struct watch *watch, DWORD time)
{
    DWORD *times;

    if (watch->count == watch->capacity)
    {
        watch->capacity = watch->capacity ? watch->capacity * 2 : 16384;
        if (!(times = realloc(watch->times, watch->capacity * sizeof(*times))))
            return FALSE;
        watch->times = times;
    }
    watch->times[watch->count++] = time;
    return TRUE;
}

/* Polls until the job has arrived, and so many times at least. */
static int poll_job(struct watch *watch, IBackgroundCopyJob *job, unsigned int polls)
{
    BG_JOB_STATE state = BG_JOB_STATE_QUEUED;
    BG_JOB_PROGRESS progress;
    ULONGLONG start;
    HRESULT hr;

    while (state != BG_JOB_STATE_TRANSFERRED || watch->count < polls)
    {
        start = get_time();
        if (FAILED(hr = IBackgroundCopyJob_GetProgress(job, &progress)))
            return failed("GetProgress", hr);
        if (!add_time(watch, get_time() - start) || !check_progress(watch, &progress))
            return 1;
        if (FAILED(hr = IBackgroundCopyJob_GetState(job, &state)))
            return failed("GetState", hr);
        if (state == BG_JOB_STATE_ERROR)
            return failed("the job is in state", state);
        if (state != BG_JOB_STATE_TRANSFERRED)
            Sleep(1);
    }
    return watch->last.BytesTransferred == watch->size ? 0 : failed("too few bytes", E_FAIL);
}

static int __cdecl compare(const void *a, const void *b)
{
    DWORD left = *(const DWORD *)a, right = *(const DWORD *)b;

    return left < right ? -1 : left > right;
}

int watch(int argc, WCHAR **argv)
{
    struct watch watch = {_wcstoui64(argv[2], NULL, 10), {BG_SIZE_UNKNOWN}};
    IBackgroundCopyJob *job;
    HRESULT hr;
    int ret;

    if (FAILED(hr = start_job(argv[0], argv[1], NULL, 0, &job)))
        return failed("start", hr);
    if (!(ret = poll_job(&watch, job, wcstoul(argv[3], NULL, 10))) && FAILED(hr = IBackgroundCopyJob_Complete(job)))
        ret = failed("Complete", hr);
    if (ret)
        IBackgroundCopyJob_Cancel(job);
    IBackgroundCopyJob_Release(job);
    qsort(watch.times, watch.count, sizeof(*watch.times), compare);
    if (watch.count)
        printf("%u polls, median %lu us, 99 of 100 within %lu us, largest step %I64u bytes\n", watch.count,
                watch.times[watch.count / 2], watch.times[(UINT64)watch.count * 99 / 100], watch.largest_step);
    free(watch.times);
    return ret;
}
