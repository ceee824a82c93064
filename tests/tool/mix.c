/*
 * Jobs at work while somebody kills the service
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

/* mix URL SOURCE FOLDER STOP: works on jobs that fetch URL into FOLDER, until the
 * file STOP exists; then completes all. After each death of the service every
 * job must be there in a state that follows from the last call, and only those.
 * What is completed must equal SOURCE. Prints what is wrong, and a summary. */

#include "testtool.h"

#define JOBS    20
#define LIMIT   60000 /* milliseconds */
#define STATE(state) (1u << BG_JOB_STATE_##state)
#define GONE    (1u << 31)

/* What a job may do by itself after Resume. */
#define RUNNING (STATE(QUEUED) | STATE(TRANSFERRING) | STATE(TRANSIENT_ERROR) | STATE(TRANSFERRED))

struct slot
{
    IBackgroundCopyJob *job; /* NULL if there is none, or not now */
    GUID id;
    WCHAR path[MAX_PATH];
    unsigned int states;     /* that are right; GONE: it may be missing */
    unsigned int files_min, files_max;
    BOOL is_creating;        /* nobody knows whether CreateJob has made it */
    BOOL is_completing;      /* the same for the file; Complete was called */
};

static struct slot slots[JOBS];
static IBackgroundCopyManager *manager;
static const WCHAR *url, *source;
static unsigned int deaths, completed, cancelled, wrong;

static void complain(const struct slot *slot, const char *what, HRESULT hr)
{
    printf("job %u: %s, %#lx, expected states %#x\n", (unsigned int)(slot - slots), what, hr, slot->states);
    wrong++;
}

static unsigned int get_state(struct slot *slot, HRESULT *hr)
{
    BG_JOB_STATE state;

    *hr = IBackgroundCopyJob_GetState(slot->job, &state);
    return SUCCEEDED(*hr) ? 1u << state : 0;
}

static void forget(struct slot *slot)
{
    if (slot->job)
        IBackgroundCopyJob_Release(slot->job);
    slot->job = NULL;
    slot->states = 0;
    slot->is_completing = FALSE;
    /* What was completed is right, or was never there. */
    if (exists(slot->path) && !are_equal(slot->path, source))
        complain(slot, "the file is wrong", 0);
    DeleteFileW(slot->path);
}

static void check_slot(struct slot *slot)
{
    BG_JOB_PROGRESS progress;
    unsigned int state;
    HRESULT hr;

    hr = IBackgroundCopyManager_GetJob(manager, &slot->id, &slot->job);
    if (hr == DO_E_JOB_NOT_FOUND)
    {
        slot->job = NULL;
        if (!(slot->states & GONE))
            complain(slot, "not there", hr);
        else if (slot->is_completing && !exists(slot->path))
            complain(slot, "completed without a file", hr);
        forget(slot);
        return;
    }
    if (FAILED(hr))
    {
        slot->job = NULL;
        if (!is_death(hr))
            complain(slot, "GetJob fails", hr);
        return;
    }
    state = get_state(slot, &hr);
    if (SUCCEEDED(hr) && !(state & slot->states))
        complain(slot, "in another state", state);
    if (SUCCEEDED(hr))
        hr = IBackgroundCopyJob_GetProgress(slot->job, &progress);
    if (SUCCEEDED(hr) && (progress.FilesTotal < slot->files_min || progress.FilesTotal > slot->files_max))
        complain(slot, "another number of files", progress.FilesTotal);
    if (SUCCEEDED(hr))
    {
        /* That it is TRANSFERRED is shown before it is on disk: it may have to get there once more. */
        slot->states = state & RUNNING ? RUNNING : state;
        slot->files_min = slot->files_max = progress.FilesTotal;
        slot->is_completing = FALSE;
    }
}

/* Jobs whose creation was not answered. FALSE if the service has died again. */
static BOOL adopt_jobs(void)
{
    IEnumBackgroundCopyJobs *jobs;
    IBackgroundCopyJob *job;
    unsigned int i;
    HRESULT hr;
    GUID id;

    if (FAILED(IBackgroundCopyManager_EnumJobs(manager, 0, &jobs)))
        return FALSE;
    while ((hr = IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL)) == S_OK)
    {
        if (FAILED(hr = IBackgroundCopyJob_GetId(job, &id)))
        {
            IBackgroundCopyJob_Release(job);
            break;
        }
        for (i = 0; i < JOBS; ++i)
            if (slots[i].states && IsEqualGUID(&slots[i].id, &id))
                break;
        if (i == JOBS)
        {
            for (i = 0; i < JOBS && !slots[i].is_creating; ++i)
                ;
            if (i == JOBS)
            {
                printf("a job that nobody made\n");
                wrong++;
            }
            if (FAILED(hr = IBackgroundCopyJob_Cancel(job)))
            {
                IBackgroundCopyJob_Release(job);
                break;
            }
            if (i < JOBS)
                slots[i].is_creating = FALSE;
        }
        IBackgroundCopyJob_Release(job);
    }
    IEnumBackgroundCopyJobs_Release(jobs);
    return SUCCEEDED(hr);
}

/* Pick up everything again after the service has died. */
static BOOL reconnect(void)
{
    DWORD end = GetTickCount() + LIMIT;
    unsigned int i, done = 0;

    ++deaths;
    while (!done)
    {
        if ((LONG)(end - GetTickCount()) <= 0)
        {
            printf("the service does not come back\n");
            wrong++;
            return FALSE;
        }
        if (manager)
            IBackgroundCopyManager_Release(manager);
        manager = NULL;
        if (FAILED(open_manager(&manager)))
            continue;
        for (i = 0; i < JOBS; ++i)
        {
            if (slots[i].job)
                IBackgroundCopyJob_Release(slots[i].job);
            slots[i].job = NULL;
        }
        for (i = 0, done = 1; i < JOBS; ++i)
        {
            if (!slots[i].states)
                continue;
            check_slot(&slots[i]);
            done &= !slots[i].states || slots[i].job;
        }
        done = done && adopt_jobs();
        deaths += !done;
    }
    for (i = 0; i < JOBS; ++i)
        slots[i].is_creating = FALSE;
    return TRUE;
}

/* A call from one state into others. If nobody answers, it has happened or not. */
static HRESULT settle(struct slot *slot, HRESULT hr, unsigned int states)
{
    if (is_death(hr))
        slot->states |= states;
    else if (FAILED(hr))
        complain(slot, "a call fails", hr);
    else
        slot->states = states;
    return hr;
}

static HRESULT begin_job(struct slot *slot)
{
    HRESULT hr;

    slot->is_creating = TRUE;
    hr = IBackgroundCopyManager_CreateJob(manager, L"mix", BG_JOB_TYPE_DOWNLOAD, &slot->id, &slot->job);
    if (FAILED(hr))
        return hr;
    slot->is_creating = FALSE;
    slot->states = STATE(SUSPENDED);
    slot->files_min = slot->files_max = 0;
    return hr;
}

static HRESULT complete(struct slot *slot)
{
    HRESULT hr;

    slot->is_completing = TRUE;
    /* When it is broken off the job is as it is when a rename fails. */
    hr = settle(slot, IBackgroundCopyJob_Complete(slot->job), GONE | STATE(TRANSFERRED));
    if (FAILED(hr))
        return hr;
    completed++;
    if (!are_equal(slot->path, source))
        complain(slot, "the completed file is wrong", 0);
    forget(slot);
    return hr;
}

static HRESULT work(struct slot *slot)
{
    unsigned int state;
    HRESULT hr;

    if (!slot->states)
        return begin_job(slot);
    if (!slot->files_max)
    {
        slot->files_max = 1;
        if (SUCCEEDED(hr = settle(slot, IBackgroundCopyJob_AddFile(slot->job, url, slot->path), slot->states)))
            slot->files_min = 1;
        return hr;
    }
    state = get_state(slot, &hr);
    if (FAILED(hr))
        return hr;
    if (!(state & slot->states))
        complain(slot, "in another state while running", state);
    if (rand() % 8 == 0)
    {
        if (SUCCEEDED(hr = settle(slot, IBackgroundCopyJob_Cancel(slot->job), GONE)))
        {
            cancelled++;
            if (exists(slot->path))
                complain(slot, "cancelled, and there is a file", 0);
            forget(slot);
        }
        return hr;
    }
    if (state == STATE(TRANSFERRED))
        return complete(slot);
    if (state == STATE(SUSPENDED))
        return settle(slot, IBackgroundCopyJob_Resume(slot->job), RUNNING);
    if (rand() % 3 == 0)
        return settle(slot, IBackgroundCopyJob_Suspend(slot->job), STATE(SUSPENDED) | STATE(TRANSFERRED));
    return S_OK;
}

/* To the end. The service may still die where it was told to. */
static HRESULT finish(struct slot *slot)
{
    DWORD end = GetTickCount() + LIMIT;
    unsigned int state;
    HRESULT hr = S_OK;

    if (!slot->states)
        return S_OK;
    if (slot->files_max && SUCCEEDED(hr = IBackgroundCopyJob_Resume(slot->job)))
    {
        slot->states = RUNNING;
        while ((state = get_state(slot, &hr)) != STATE(TRANSFERRED) && SUCCEEDED(hr)
                && (LONG)(end - GetTickCount()) > 0)
            Sleep(20);
        if (state == STATE(TRANSFERRED))
            hr = complete(slot);
        else if (SUCCEEDED(hr))
            complain(slot, "does not end", hr);
    }
    else if (SUCCEEDED(hr) && SUCCEEDED(hr = settle(slot, IBackgroundCopyJob_Cancel(slot->job), GONE)))
    {
        forget(slot);
    }
    if (FAILED(hr) && !is_death(hr))
        complain(slot, "cannot be finished", hr);
    return hr;
}

int mix(int argc, WCHAR **argv)
{
    unsigned int i, calls = 0;

    url = argv[0];
    source = argv[1];
    for (i = 0; i < JOBS; ++i)
        swprintf(slots[i].path, MAX_PATH, L"%ls\\%u.bin", argv[2], i);
    srand(GetTickCount());
    /* As if it had died before. */
    if (!reconnect())
        return 1;
    deaths = 0;
    while (!exists(argv[3]))
    {
        ++calls;
        if (is_death(work(&slots[rand() % JOBS])) && !reconnect())
            break;
    }
    /* The last death may not have shown yet. */
    for (i = 0; i < JOBS && manager; ++i)
    {
        while (is_death(finish(&slots[i])) && reconnect())
            ;
    }
    printf("%u calls, %u deaths, %u completed, %u cancelled, %u wrong\n", calls, deaths, completed, cancelled, wrong);
    return wrong || !manager || !completed;
}
