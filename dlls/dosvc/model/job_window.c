/*
 * State of a job, and which of its files are at work
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

/* The state of a job is a function of what its transfers do and of what the client asked for.
 *
 * The first file that is not done is the current one: the job is in its state. While it is small, files behind it are
 * fetched at the same time, as many as pay. What becomes of these shows when it is their turn: they count and are told
 * then, in the order of the list; one that failed for now begins anew, and one that failed for good ends the job. So a
 * client sees one file after the other, but for the progress of each.
 *
 * Large files come one after the other, and so do those of streams, and requests that are no GET. */

#include "model/job.h"
#include "base/base.h"
#include "base/settings.h"

#include "bitserrors.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define SMALL_SIZE  0x100000 /* bytes that are left; with more the line is busy for many round trips */
#define EARLY_SIZE  0x10000  /* bytes of a file beside which another one begins before any was done */
#define SMALL_FILES 4        /* for each connection that a large file may have */

const struct job_rules job_dosvc_rules =
{
    .transfer = &transfer_job_rules,
    .timeout_foreground = 3600,
    .timeout_background = 86400,
    .retry_delay = 600, /* only reported */
    .expiry = SETTING_JOB_EXPIRY,
    .running_state = BG_JOB_STATE_TRANSFERRING,
};

const struct job_rules job_bits_rules =
{
    .transfer = &transfer_bits_rules,
    .timeout_foreground = 1209600,
    .timeout_background = 1209600,
    .retry_delay = 600,
    .expiry = SETTING_JOB_INACTIVITY,
    .is_age_of_inactivity = TRUE,
    .running_state = BG_JOB_STATE_CONNECTING,
};

const struct job_rules *job_rules = &job_dosvc_rules;

const char *debugstr_job_state(BG_JOB_STATE state)
{
    static const char * const names[] =
    {
        "QUEUED", "CONNECTING", "TRANSFERRING", "SUSPENDED", "ERROR", "TRANSIENT_ERROR",
        "TRANSFERRED", "ACKNOWLEDGED", "CANCELLED",
    };

    return (UINT)state < ARRAY_SIZE(names) ? names[state] : wine_dbg_sprintf("state %u", state);
}

BOOL job_is_final_locked(const struct job *job)
{
    return job->state == BG_JOB_STATE_ACKNOWLEDGED || job->state == BG_JOB_STATE_CANCELLED;
}

void job_note_activity_locked(struct job *job)
{
    GetSystemTimeAsFileTime(&job->times.ModificationTime);
    if (job_rules->is_age_of_inactivity)
        age_start(&job->age);
}

void job_touch_times_locked(struct job *job)
{
    job_note_activity_locked(job);
    store_change(&job->item);
}

void job_touch_locked(struct job *job)
{
    job_touch_times_locked(job);
    table_tell_locked(&job->item, JOB_MODIFIED);
}

void job_set_state_locked(struct job *job, BG_JOB_STATE state)
{
    if (job->state == state)
        return;
    INFO("job %s, %s -> %s.\n", debugstr_guid(&job->id), debugstr_job_state(job->state), debugstr_job_state(state));
    job->state = state;
    job_touch_times_locked(job);
    switch (state)
    {
        case BG_JOB_STATE_CONNECTING:
        case BG_JOB_STATE_TRANSFERRING:
            job->has_error = FALSE;
            table_tell_locked(&job->item, JOB_MODIFIED);
            break;
        case BG_JOB_STATE_TRANSFERRED:
            job->has_error = FALSE;
            store_settle(&job->item); /* its files are to be safe */
            job->times.TransferCompletionTime = job->times.ModificationTime;
            table_tell_locked(&job->item, JOB_TRANSFERRED);
            break;
        case BG_JOB_STATE_ERROR:
            table_tell_locked(&job->item, JOB_ERROR);
            break;
        case BG_JOB_STATE_ACKNOWLEDGED:
        case BG_JOB_STATE_CANCELLED:
            break; /* nobody is called any more */
        default:
            table_tell_locked(&job->item, JOB_MODIFIED);
    }
}

BOOL job_is_active_locked(const struct job *job)
{
    return job->state == BG_JOB_STATE_QUEUED || job->state == BG_JOB_STATE_CONNECTING
            || job->state == BG_JOB_STATE_TRANSFERRING || job->state == BG_JOB_STATE_TRANSIENT_ERROR;
}

/* Return how many files may be at work. A user who wants one connection gets no more. */
static UINT get_limit(void)
{
    UINT connections = settings_get_number(SETTING_MAX_CONNECTIONS);

    return connections > 1 ? connections * SMALL_FILES : 1;
}

static BOOL is_at_work(enum transfer_state state)
{
    return state == TRANSFER_QUEUED || state == TRANSFER_RUNNING || state == TRANSFER_WAITING;
}

/* Note that its turn is over. */
static void pass_locked(struct job_file *file)
{
    if (file->is_ahead)
        file->is_notify_pending = table_tell_locked(&file->job->item, JOB_FILE_TRANSFERRED);
    file->is_ahead = FALSE;
}

struct job_file *job_get_current_locked(struct job *job)
{
    UINT i = max(job->done_count, 1) - 1;

    for (; job->done_count < job->file_count; job->done_count++)
    {
        if (job->files[job->done_count]->transfer->state != TRANSFER_DONE)
            break;
        pass_locked(job->files[job->done_count]);
    }
    /* Forget all response headers but those of the current or, if all is done, the last file: a server may send long
     * ones with each of thousands of files. */
    for (; i < min(job->done_count, max(job->file_count, 1) - 1); i++)
        transfer_forget_response_locked(job->files[i]->transfer);
    return job->done_count < job->file_count ? job->files[job->done_count] : NULL;
}

BOOL file_is_ahead_locked(const struct job_file *file)
{
    if (file->transfer->state == TRANSFER_DONE)
        return file->is_ahead;
    return file->index > file->job->done_count;
}

ULONGLONG job_get_time_used_locked(const struct job *job)
{
    return job->time_used + (job->running_count ? GetTickCount64() - job->running_since : 0);
}

/* Leave a running file what is left of the time for the job. */
static void limit_time_locked(struct job_file *file)
{
    ULONGLONG limit = file->job->max_download_time * 1000ull, used = job_get_time_used_locked(file->job);

    file->transfer->max_active_ms = transfer_get_active_ms_locked(file->transfer) + limit - min(used, limit);
}

void job_set_max_download_time_locked(struct job *job, ULONG seconds)
{
    UINT i;

    job->max_download_time = seconds;
    for (i = job->done_count; i < job->next_file; i++)
    {
        if (job->files[i]->transfer->state != TRANSFER_RUNNING)
            continue;
        limit_time_locked(job->files[i]);
        engine_reprioritize_locked(job->files[i]->transfer);
    }
}

static void set_large_locked(struct job_file *file, BOOL is_large)
{
    file->job->large_count += is_large - file->is_large;
    file->is_large = is_large;
}

/* Return whether much of a file is to come, as far as that is known. */
static BOOL is_large_locked(const struct job_file *file)
{
    const struct transfer *transfer = file->transfer;
    UINT64 size = transfer->size != SIZE_UNKNOWN ? transfer->size : transfer->declared_size;

    if (size == SIZE_UNKNOWN)
        return transfer->bytes_received > 0;
    return transfer->wanted_count || size > transfer->bytes_received + SMALL_SIZE;
}

/* Keep the counts, whatever the job does. */
static void count_locked(struct job_file *file)
{
    enum transfer_state state = file->transfer->state, former = file->state;
    struct job *job = file->job;

    file->state = state;
    job->at_work_count += is_at_work(state) - is_at_work(former);
    if ((state == TRANSFER_RUNNING) != (former == TRANSFER_RUNNING))
    {
        job->time_used = job_get_time_used_locked(job);
        job->running_since = GetTickCount64();
        job->running_count += state == TRANSFER_RUNNING ? 1 : -1;
    }
    if (state == TRANSFER_RUNNING)
        limit_time_locked(file);
    set_large_locked(file, is_at_work(state) && is_large_locked(file));
    /* A file that was done may have been lost by the disk, rejected by the client or given another stream. */
    if (state != TRANSFER_DONE)
    {
        job->done_count = min(job->done_count, file->index);
        file->is_completed = FALSE;
    }
}

/* Return whether the file has or will have more bytes than the client wants. */
static BOOL is_too_large_locked(const struct job_file *file)
{
    UINT64 max_size = file->job->max_download_size, total;

    /* Leave the sum over the ranges out, which each piece of a body would pay for. */
    if (max_size == SIZE_UNKNOWN)
        return FALSE;
    total = transfer_get_total_locked(file->transfer);
    return file->transfer->bytes_received > max_size || (total != SIZE_UNKNOWN && total > max_size);
}

static void fail_too_large_locked(struct job_file *file)
{
    const struct failure failure = { FAILURE_FATAL, BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED, .source = SOURCE_REMOTE };

    engine_fail_locked(file->transfer, &failure);
}

static HRESULT run_file_locked(struct job_file *file)
{
    struct job *job = file->job;
    HRESULT hr;

    job->next_file = max(job->next_file, file->index + 1);
    file->transfer->client = job->client;
    if (SUCCEEDED(hr = engine_run_locked(file->transfer)) && is_too_large_locked(file))
        fail_too_large_locked(file);
    return hr;
}

/* Return the next file that may run beside the current one, or NULL. */
static struct job_file *get_next_locked(struct job *job, const struct job_file *current)
{
    struct job_file *file;

    if (!job_is_active_locked(job) || current->transfer->state != TRANSFER_RUNNING || current->stream
            || job->options.method || job->large_count || job->at_work_count >= job->window.count)
        return NULL;
    for (; job->next_file < job->file_count; job->next_file++)
    {
        file = job->files[job->next_file];
        if (file->stream || (file->transfer->declared_size != SIZE_UNKNOWN && is_large_locked(file)))
            return NULL;
        if (file->transfer->state != TRANSFER_DONE && !is_at_work(file->transfer->state))
            return file;
    }
    return NULL;
}

/* Let the job follow the current file, and let others run beside it. */
static void update_locked(struct job *job)
{
    struct job_file *current = job_get_current_locked(job), *next;

    if (!job_is_active_locked(job))
        return;
    if (!current)
    {
        job_set_state_locked(job, BG_JOB_STATE_TRANSFERRED);
        return;
    }
    if (current->transfer->state == TRANSFER_FAILED && current->index < job->next_file)
        job_fail_locked(current);
    else if (current->transfer->state == TRANSFER_QUEUED)
        job_set_state_locked(job, BG_JOB_STATE_QUEUED);
    else if (!is_at_work(current->transfer->state))
        run_file_locked(current);
    while ((next = get_next_locked(job, current)) && SUCCEEDED(run_file_locked(next)))
        ;
}

HRESULT job_run_locked(struct job *job)
{
    struct job_file *current = job_get_current_locked(job);
    HRESULT hr;

    job->next_file = job->done_count;
    window_init(&job->window, get_limit());
    if (current && FAILED(hr = run_file_locked(current)))
        return hr;
    update_locked(job);
    return S_OK;
}

void job_halt_files_locked(struct job *job)
{
    UINT i;

    for (i = 0; i < job->file_count; i++)
        engine_cancel_locked(job->files[i]->transfer);
}

static void record_error_locked(struct job_file *file)
{
    struct job *job = file->job;

    job->has_error = TRUE;
    job->error.failure = file->transfer->failure;
    job->error.file = file;
    /* Count attempts: to give up in TRANSIENT_ERROR is none. */
    if (job->state != BG_JOB_STATE_TRANSIENT_ERROR && job->error.failure.hr != DO_E_BLOCKED_BY_NO_NETWORK
            && !failure_is_of_policy(&job->error.failure))
        job->error_count++;
    WARN("job %s, url %s, hr %#lx.\n", debugstr_guid(&job->id), debugstr_url(file->transfer->url),
            job->error.failure.hr);
}

void job_fail_locked(struct job_file *file)
{
    struct job *job = file->job;

    if (job->state == BG_JOB_STATE_ERROR)
        return;
    record_error_locked(file);
    job_set_state_locked(job, BG_JOB_STATE_ERROR);
    job_halt_files_locked(job);
}

/* Take a file back that has failed for now before its turn. */
static void withdraw_locked(struct job_file *file)
{
    struct job *job = file->job;

    TRACE("job %s, %s begins anew later.\n", debugstr_guid(&job->id), debugstr_url(file->transfer->url));
    job->next_file = min(job->next_file, file->index);
    engine_cancel_locked(file->transfer);
}

/* Note that a file is done; others may be as small. */
static void end_file_locked(struct job_file *file)
{
    const struct transfer *transfer = file->transfer;
    struct job *job = file->job;

    file->is_ahead = TRUE;
    if (file->index + 1 < job->file_count)
        transfer_forget_response_locked(file->transfer);
    store_progress(&job->item, 0);
    if (transfer->bytes_received <= SMALL_SIZE)
    {
        window_note_small(&job->window);
        window_note_done(&job->window, job->at_work_count + 1, transfer->bytes_received, get_microseconds());
    }
    update_locked(job);
}

/* Return whether a file was done, and cannot be kept. */
static BOOL is_lost_locked(const struct job_file *file)
{
    return file->transfer->state == TRANSFER_FAILED && file->job->state == BG_JOB_STATE_TRANSFERRED;
}

/* Return whether another attempt may bring it, be it that the client wants none. */
static BOOL has_failed_for_now_locked(const struct transfer *transfer)
{
    return transfer->state == TRANSFER_WAITING
            || (transfer->state == TRANSFER_FAILED && transfer->failure.class == FAILURE_RETRY);
}

void file_state_changed_locked(struct job_file *file)
{
    BOOL is_current, is_retry = has_failed_for_now_locked(file->transfer);
    enum transfer_state state = file->transfer->state;
    struct job *job = file->job;

    count_locked(file);
    is_current = file->index == job->done_count;
    /* Leave the state to Resume when the engine reports after a suspend what it finished meanwhile. */
    if (!job_is_active_locked(job) && state != TRANSFER_DONE && !is_lost_locked(file))
        return;
    if (is_retry)
        window_note_failure(&job->window, get_microseconds());
    if (state == TRANSFER_DONE)
        end_file_locked(file);
    else if (is_retry && !is_current)
        withdraw_locked(file);
    else if (state == TRANSFER_FAILED && !is_current)
        window_close(&job->window);
    else if (is_current && state == TRANSFER_QUEUED)
        job_set_state_locked(job, BG_JOB_STATE_QUEUED);
    else if (is_current && state == TRANSFER_RUNNING && job->state != BG_JOB_STATE_TRANSFERRING)
        job_set_state_locked(job, job_rules->running_state);
    else if (state == TRANSFER_WAITING)
    {
        record_error_locked(file);
        job_set_state_locked(job, BG_JOB_STATE_TRANSIENT_ERROR);
    }
    else if (state == TRANSFER_FAILED)
        job_fail_locked(file);
}

void file_progressed_locked(struct job_file *file, BOOL is_size)
{
    const struct transfer *transfer = file->transfer;
    struct job *job = file->job;
    BOOL was_large = file->is_large;

    job_note_activity_locked(job);
    table_tell_locked(&job->item, JOB_MODIFIED);
    /* Far more often than a record can be written. */
    store_progress(&job->item, transfer_get_unflushed_locked(transfer));
    set_large_locked(file, is_at_work(transfer->state) && is_large_locked(file));
    if (is_size && transfer->size <= EARLY_SIZE && !transfer->wanted_count)
        window_note_small(&job->window);
    if (!job_is_active_locked(job))
        return;
    if (is_too_large_locked(file))
        fail_too_large_locked(file);
    else if (is_size || (was_large && !file->is_large))
        update_locked(job);
}
