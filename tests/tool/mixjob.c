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

/* mix URL SOURCE FOLDER STOP: see mix.c. After a death nothing but the jobs that
 * were made must be there, each with its file if that was added. */

#include "mix.h"

#define STATE(state) (1u << BG_JOB_STATE_##state)

/* What a job may do by itself after Resume. That it is TRANSFERRED is shown
 * before it is on disk: it may have to get there once more. */
#define RUNNING (STATE(QUEUED) | STATE(CONNECTING) | STATE(TRANSFERRING) | STATE(TRANSIENT_ERROR) | STATE(TRANSFERRED))

static IBackgroundCopyManager *get_manager(void)
{
    return (IBackgroundCopyManager *)mixture.manager;
}

static IBackgroundCopyJob *get_job(struct slot *slot)
{
    return (IBackgroundCopyJob *)slot->object;
}

static HRESULT find_job(struct slot *slot)
{
    HRESULT hr = IBackgroundCopyManager_GetJob(get_manager(), &slot->id, (IBackgroundCopyJob **)&slot->object);

    if (FAILED(hr))
        slot->object = NULL;
    return hr == (is_bits() ? (HRESULT)BG_E_NOT_FOUND : DO_E_JOB_NOT_FOUND) ? S_FALSE : hr;
}

static HRESULT get_job_state(struct slot *slot, unsigned int *state)
{
    BG_JOB_STATE job_state;
    HRESULT hr;

    if (SUCCEEDED(hr = IBackgroundCopyJob_GetState(get_job(slot), &job_state)))
        *state = 1u << job_state;
    return hr;
}

static HRESULT check_job(struct slot *slot)
{
    unsigned int expected = slot->is_ready;
    BG_JOB_PROGRESS progress;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_GetProgress(get_job(slot), &progress)))
        return hr;
    if (progress.FilesTotal > expected || (progress.FilesTotal < expected && !slot->is_adding))
        complain(slot, "another number of files", progress.FilesTotal);
    slot->is_ready = progress.FilesTotal != 0;
    slot->is_adding = FALSE;
    return hr;
}

static BOOL is_known(const GUID *id)
{
    unsigned int i;

    for (i = 0; i < SLOTS; ++i)
    {
        if (mixture.slots[i].states && IsEqualGUID(&mixture.slots[i].id, id))
            return TRUE;
    }
    return FALSE;
}

/* One whose creation was not answered. */
static HRESULT adopt_job(IBackgroundCopyJob *job)
{
    unsigned int i;
    HRESULT hr;
    GUID id;

    if (FAILED(hr = IBackgroundCopyJob_GetId(job, &id)) || is_known(&id))
        return hr;
    for (i = 0; i < SLOTS && !mixture.slots[i].is_creating; ++i)
        ;
    if (i == SLOTS)
    {
        printf("a job that nobody made\n");
        mixture.wrong++;
    }
    if (SUCCEEDED(hr = IBackgroundCopyJob_Cancel(job)) && i < SLOTS)
        mixture.slots[i].is_creating = FALSE;
    return hr;
}

static BOOL adopt_jobs(void)
{
    IEnumBackgroundCopyJobs *jobs;
    IBackgroundCopyJob *job;
    unsigned int i;
    HRESULT hr;

    if (FAILED(IBackgroundCopyManager_EnumJobs(get_manager(), 0, &jobs)))
        return FALSE;
    while ((hr = IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL)) == S_OK)
    {
        hr = adopt_job(job);
        IBackgroundCopyJob_Release(job);
        if (FAILED(hr))
            break;
    }
    IEnumBackgroundCopyJobs_Release(jobs);
    for (i = 0; i < SLOTS && SUCCEEDED(hr); ++i)
        mixture.slots[i].is_creating = FALSE;
    return SUCCEEDED(hr);
}

static HRESULT create_job(struct slot *slot)
{
    HRESULT hr;

    slot->is_creating = TRUE;
    hr = IBackgroundCopyManager_CreateJob(get_manager(), L"mix", BG_JOB_TYPE_DOWNLOAD, &slot->id,
            (IBackgroundCopyJob **)&slot->object);
    if (FAILED(hr))
        return hr;
    slot->is_creating = FALSE;
    slot->is_lasting = TRUE;
    slot->states = STATE(SUSPENDED);
    return hr;
}

static HRESULT add_file(struct slot *slot)
{
    HRESULT hr;

    slot->is_ready = slot->is_adding = TRUE;
    if (SUCCEEDED(hr = settle(slot, IBackgroundCopyJob_AddFile(get_job(slot), mixture.url, slot->path), slot->states)))
        slot->is_adding = FALSE;
    return hr;
}

static HRESULT resume_job(struct slot *slot)
{
    return IBackgroundCopyJob_Resume(get_job(slot));
}

static HRESULT suspend_job(struct slot *slot)
{
    return IBackgroundCopyJob_Suspend(get_job(slot));
}

static HRESULT complete_job(struct slot *slot)
{
    return IBackgroundCopyJob_Complete(get_job(slot));
}

static HRESULT cancel_job(struct slot *slot)
{
    return IBackgroundCopyJob_Cancel(get_job(slot));
}

static const struct mix_ops job_ops =
{
    "job",
    &IID_IBackgroundCopyManager,
    .startable = STATE(SUSPENDED),
    .running = RUNNING,
    .unfinished = RUNNING,
    .stopped = STATE(SUSPENDED),
    .done = STATE(TRANSFERRED),
    find_job,
    get_job_state,
    check_job,
    adopt_jobs,
    create_job,
    add_file,
    resume_job,
    suspend_job,
    complete_job,
    cancel_job,
};

int mix_jobs(int argc, WCHAR **argv)
{
    return run_mixture(&job_ops, argc, argv);
}
