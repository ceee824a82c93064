/*
 * What clients and the service do to a job
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

#include "model/job.h"
#include "base/policy.h"
#include "bitserrors.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

static HRESULT check_resume_locked(const struct job *job)
{
    UINT i;

    if (job_is_final_locked(job))
        return DO_E_INVALID_STATE;
    if (!job->file_count)
        return DO_E_JOB_EMPTY;
    for (i = 0; i < job->file_count; i++)
    {
        /* A stream that got everything before its client or the service ended is needed no more. */
        if (!job->files[i]->transfer->path && !job->files[i]->stream && !job->files[i]->is_completed
                && job->files[i]->transfer->state != TRANSFER_DONE)
            return DO_E_FILE_DOWNLOADSINK_UNSPECIFIED;
    }
    for (i = 0; i < job->file_count; i++)
    {
        if (job->files[i]->is_integrity_mandatory && !(job->files[i]->integrity_info
                && job->files[i]->integrity_info[0]))
            return DO_E_INTEGRITYCHECKINFO_UNSPECIFIED;
    }
    return S_OK;
}

/* Stop a job whose record cannot say that it runs. The caller holds the operation lock. */
static void undo_resume(struct job *job, BG_JOB_STATE former, BOOL had_error)
{
    AcquireSRWLockExclusive(&job->lock);
    if (job_is_active_locked(job) && former != job->state)
    {
        job_set_state_locked(job, former);
        job->has_error = had_error;
        job_halt_files_locked(job);
    }
    ReleaseSRWLockExclusive(&job->lock);
}

/* Find files that were done and have been deleted since. */
static void check_files(struct job *job)
{
    UINT i;

    for (i = 0; i < job->file_count; i++)
    {
        if (!job->files[i]->is_completed)
            transfer_check_done(job->files[i]->transfer);
    }
}

HRESULT job_resume(struct job *job)
{
    UINT64 client = client_get_current_serial();
    BG_JOB_STATE former;
    BOOL had_error;
    HRESULT hr;

    policy_refresh();
    AcquireSRWLockExclusive(&job->operation);
    check_files(job);
    AcquireSRWLockExclusive(&job->lock);
    job->client = client;
    former = job->state;
    had_error = job->has_error;
    if (SUCCEEDED(hr = check_resume_locked(job)))
    {
        job->is_resumed = TRUE;
        job->time_used = 0;
        job->running_since = GetTickCount64();
        job_set_max_download_time_locked(job, job->max_download_time);
        job_touch_times_locked(job);
        if (former == BG_JOB_STATE_SUSPENDED || former == BG_JOB_STATE_ERROR
                || former == BG_JOB_STATE_TRANSIENT_ERROR)
        {
            /* From here on the job follows the transfer. */
            if (former != BG_JOB_STATE_TRANSIENT_ERROR)
                job_set_state_locked(job, BG_JOB_STATE_QUEUED);
            if (FAILED(hr = job_run_locked(job)))
                job_set_state_locked(job, former);
        }
    }
    ReleaseSRWLockExclusive(&job->lock);
    if (SUCCEEDED(hr) && FAILED(hr = store_sync(&job->item)) && (former == BG_JOB_STATE_SUSPENDED
            || former == BG_JOB_STATE_ERROR))
        undo_resume(job, former, had_error);
    ReleaseSRWLockExclusive(&job->operation);
    return hr;
}

HRESULT job_suspend(struct job *job)
{
    HRESULT hr = S_OK;

    AcquireSRWLockExclusive(&job->operation);
    AcquireSRWLockExclusive(&job->lock);
    if (job_is_final_locked(job))
        hr = DO_E_INVALID_STATE;
    else
    {
        job_touch_times_locked(job);
        if (job_is_active_locked(job))
        {
            job_set_state_locked(job, BG_JOB_STATE_SUSPENDED);
            job_halt_files_locked(job);
        }
    }
    ReleaseSRWLockExclusive(&job->lock);
    job_drain_streams(job);
    ReleaseSRWLockExclusive(&job->operation);
    /* Report a record that cannot be written; the job stands still in any case. */
    return FAILED(hr) ? hr : store_sync(&job->item);
}

HRESULT file_set_validation(struct job_file *file, BOOL is_valid)
{
    struct job *job = file->job;
    HRESULT hr = S_OK;

    AcquireSRWLockExclusive(&job->operation);
    AcquireSRWLockExclusive(&job->lock);
    if (job_is_final_locked(job))
        hr = DO_E_INVALID_STATE;
    else if (file->transfer->state != TRANSFER_DONE)
        hr = E_PENDING;
    else
    {
        file->is_validated = is_valid;
        job_touch_locked(job);
    }
    ReleaseSRWLockExclusive(&job->lock);
    if (SUCCEEDED(hr) && !is_valid)
    {
        transfer_reject(file->transfer, BG_E_VALIDATION_FAILED);
        AcquireSRWLockExclusive(&job->lock);
        job_fail_locked(file);
        ReleaseSRWLockExclusive(&job->lock);
    }
    ReleaseSRWLockExclusive(&job->operation);
    return FAILED(hr) ? hr : store_sync(&job->item);
}

/* Stop the engine and wait until it has let go of all sinks. The caller holds
 * the operation lock, so nothing starts again and no file is added. */
static void halt_and_drain(struct job *job)
{
    UINT i;

    AcquireSRWLockExclusive(&job->lock);
    job_halt_files_locked(job);
    ReleaseSRWLockExclusive(&job->lock);

    for (i = 0; i < job->file_count; i++)
        transfer_drain(job->files[i]->transfer);
}

/* Begin Cancel or Complete; FALSE if the job is final. The job is not active
 * meanwhile. On TRUE the caller holds the operation lock. */
static BOOL begin_end(struct job *job, enum job_ending ending)
{
    BOOL ret;

    AcquireSRWLockExclusive(&job->operation);
    AcquireSRWLockExclusive(&job->lock);
    if ((ret = !job_is_final_locked(job)))
    {
        job->ending = ending;
        if (job_is_active_locked(job))
            job_set_state_locked(job, BG_JOB_STATE_SUSPENDED);
    }
    ReleaseSRWLockExclusive(&job->lock);
    if (!ret)
    {
        ReleaseSRWLockExclusive(&job->operation);
        return FALSE;
    }
    halt_and_drain(job);
    return TRUE;
}

/* Put the job into a final state, in which all but those who hold it forget it. Gives up the operation lock. The caller
 * has removed the record, unless something is left to delete at the next start of the service. */
static void end_job(struct job *job, BG_JOB_STATE state)
{
    job_release_streams(job);
    AcquireSRWLockExclusive(&job->lock);
    job->ending = JOB_CANCELLING;
    job_set_state_locked(job, state);
    callback_drop_locked(&job->callback);
    ReleaseSRWLockExclusive(&job->lock);
    ReleaseSRWLockExclusive(&job->operation);
    table_withdraw(&job->item);
}

HRESULT job_cancel(struct job *job)
{
    BOOL deleted;
    HRESULT hr;

    if (!begin_end(job, JOB_CANCELLING))
        return DO_E_INVALID_STATE;
    /* A disk that is full is no reason to keep what fills it, but the next service would go on with the job. */
    if ((hr = job_record_ending(job, JOB_CANCELLING)) == DO_E_NO_SERVICE)
    {
        AcquireSRWLockExclusive(&job->lock);
        job->ending = JOB_NOT_ENDING;
        ReleaseSRWLockExclusive(&job->lock);
        ReleaseSRWLockExclusive(&job->operation);
        return hr;
    }
    if ((deleted = job_abandon_files(job)))
        store_remove(&job->item);
    end_job(job, BG_JOB_STATE_CANCELLED);
    return deleted ? S_OK : BG_S_UNABLE_TO_DELETE_FILES;
}

/* Leave the job as the client may complete it again: in ERROR only if it has got there meanwhile. Gives up the
 * operation lock. */
static void fail_complete(struct job *job, BOOL had_error)
{
    HRESULT hr = job_flush_folders(job);
    UINT i;

    AcquireSRWLockExclusive(&job->lock);
    if (SUCCEEDED(hr))
        job->ending = JOB_NOT_ENDING;
    job_touch_times_locked(job);
    if (job->state != BG_JOB_STATE_TRANSFERRED && (job->state != BG_JOB_STATE_ERROR || had_error))
        job_set_state_locked(job, job_get_current_locked(job) ? BG_JOB_STATE_SUSPENDED : BG_JOB_STATE_TRANSFERRED);
    ReleaseSRWLockExclusive(&job->lock);
    for (i = 0; i < job->file_count; i++)
        transfer_park(job->files[i]->transfer);
    ReleaseSRWLockExclusive(&job->operation);
    store_sync(&job->item);
}

HRESULT job_complete(struct job *job)
{
    BOOL is_partial, deleted, had_error;
    HRESULT hr;

    if (!begin_end(job, JOB_NOT_ENDING))
        return DO_E_INVALID_STATE;
    AcquireSRWLockShared(&job->lock);
    had_error = job->state == BG_JOB_STATE_ERROR;
    ReleaseSRWLockShared(&job->lock);
    ReleaseSRWLockExclusive(&job->operation);
    hr = job_commit_streams(job);
    if (!begin_end(job, JOB_NOT_ENDING))
        return DO_E_INVALID_STATE;
    if (FAILED(hr) || FAILED(hr = job_commit_files(job)))
    {
        fail_complete(job, had_error);
        return hr;
    }
    AcquireSRWLockExclusive(&job->lock);
    is_partial = job_get_current_locked(job) != NULL;
    ReleaseSRWLockExclusive(&job->lock);
    /* The record says that files may have their names: while there is one the next service has the job again. */
    if ((deleted = job_abandon_files(job)) && FAILED(hr = store_remove(&job->item)))
    {
        fail_complete(job, had_error);
        return hr;
    }
    end_job(job, BG_JOB_STATE_ACKNOWLEDGED);
    /* Files are only left to delete when the result is partial, so the graver
     * of the two codes has to win. */
    if (!deleted)
        return BG_S_UNABLE_TO_DELETE_FILES;
    return is_partial ? BG_S_PARTIAL_COMPLETE : S_OK;
}

void job_expire(struct store_item *item, ULONGLONG limit)
{
    struct job *job = job_from_item(item);

    if (age_get(&job->age) < limit)
    {
        if (age_is_unsaved(&job->age, limit))
            store_change(&job->item);
        return;
    }
    WARN("job %s ends with %#lx.\n", debugstr_guid(&job->id), DO_E_JOB_TOO_OLD);
    job_cancel(job);
}

void job_halt(struct store_item *item)
{
    struct job *job = job_from_item(item);

    AcquireSRWLockExclusive(&job->operation);
    halt_and_drain(job);
    ReleaseSRWLockExclusive(&job->operation);
}

void job_start(struct store_item *item)
{
    struct job *job = job_from_item(item);

    AcquireSRWLockExclusive(&job->operation);
    AcquireSRWLockExclusive(&job->lock);
    if (job->state == BG_JOB_STATE_QUEUED)
        job_run_locked(job);
    else if (!job_is_final_locked(job))
        table_tell_locked(&job->item, JOB_LISTENER_CHANGED); /* a class may want to hear of it */
    ReleaseSRWLockExclusive(&job->lock);
    ReleaseSRWLockExclusive(&job->operation);
}
