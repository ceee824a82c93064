/*
 * Jobs: files that belong together, their state and progress
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

#include <stdlib.h>

#include "model/job.h"
#include "base/base.h"
#include "base/url.h"
#include "bitshttpoptions.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define NOTIFY_INTERVAL   500     /* milliseconds */
#define MAX_DOWNLOAD_TIME 7776000 /* seconds */

/* transfer_ops: the owner of a transfer is a file. */

/* Tell the client where redirects lead, if it wants to know. */
static void report_redirect_locked(struct job_file *file)
{
    const WCHAR *url = file->transfer->final_url;

    if (!(file->job->options.http_flags & BG_HTTP_REDIRECT_POLICY_MASK) || (!url && !file->reported_url))
        return;
    free(file->reported_url);
    file->reported_url = url ? wcsdup(url) : NULL;
    store_change(&file->job->item);
}

static void file_changed(struct transfer *transfer, enum transfer_event event)
{
    struct job_file *file = transfer->owner;
    struct job *job = file->job;

    if (event == TRANSFER_EVENT_RESPONSE)
    {
        report_redirect_locked(file);
        if (job->state == BG_JOB_STATE_CONNECTING && file->index == job->done_count)
            job_set_state_locked(job, BG_JOB_STATE_TRANSFERRING);
    }
    else if (event == TRANSFER_EVENT_STATE)
        file_state_changed_locked(file);
    else
        file_progressed_locked(file, event == TRANSFER_EVENT_SIZE);
}

static void file_addref(struct transfer *transfer)
{
    struct job_file *file = transfer->owner;

    store_item_addref(&file->job->item);
}

static void file_release(struct transfer *transfer)
{
    struct job_file *file = transfer->owner;

    job_release(file->job);
}

static HRESULT file_forget(struct transfer *transfer)
{
    struct job_file *file = transfer->owner;

    store_change(&file->job->item);
    return store_sync(&file->job->item);
}

static const struct transfer_ops file_ops =
{
    file_changed,
    file_addref,
    file_release,
    file_forget,
};

static void file_destroy(struct job_file *file)
{
    if (file->transfer)
        transfer_destroy(file->transfer);
    client_stream_release(file->stream);
    SysFreeString(file->integrity_info);
    free(file->reported_url);
    free(file->id);
    free(file);
}

/* Return the serial of the client in whose call a file gets this URL, or 0 if there is no user or password to hide.
 * To ask who calls takes two calls of wineserver. */
static UINT64 client_of_url(const WCHAR *url)
{
    struct url parsed;

    return url_parse(url, &parsed) && parsed.userinfo ? client_get_current_serial() : 0;
}

HRESULT file_set_url_locked(struct job_file *file, const WCHAR *url)
{
    HRESULT hr;

    if (FAILED(hr = transfer_set_url_locked(file->transfer, url)))
        return hr;
    file->url_client = client_of_url(url);
    free(file->reported_url);
    file->reported_url = NULL;
    return S_OK;
}

static HRESULT file_create(struct job *job, const struct file_params *params, struct job_file **out)
{
    struct job_file *file;
    HRESULT hr;

    if (!(file = calloc(1, sizeof(*file))))
        return E_OUTOFMEMORY;
    file->job = job;
    file->url_client = client_of_url(params->url);
    if (!(file->id = wcsdup(params->id)))
        hr = E_OUTOFMEMORY;
    else
        hr = transfer_create(&file_ops, job_rules->transfer, file, &job->lock, params->url, params->path,
                params->ranges, params->range_count, &file->transfer);
    if (FAILED(hr))
    {
        file_destroy(file);
        return hr;
    }
    /* Hide credentials: the id is often the URL once more, in a place that everybody sees. */
    url_strip_userinfo(file->id);
    /* The parameter is optional in the API: 0 means that nothing is declared. */
    file->transfer->declared_size = params->size ? params->size : DO_UNKNOWN_FILE_SIZE;
    *out = file;
    return S_OK;
}

struct job *job_alloc(struct table *table)
{
    struct job *job;

    if (!(job = calloc(1, sizeof(*job))))
        return NULL;
    table_init_item(table, &job->item, &job->id);
    InitializeSRWLock(&job->operation);
    InitializeSRWLock(&job->flush);
    InitializeSRWLock(&job->lock);
    /* Records of earlier versions lack these. */
    job->notify_interval = NOTIFY_INTERVAL;
    job->max_download_time = MAX_DOWNLOAD_TIME;
    job->max_download_size = SIZE_UNKNOWN;
    job->integrity_level = SECURITY_MANDATORY_MEDIUM_RID;
    return job;
}

HRESULT job_create(struct table *table, const WCHAR *name, struct job **out)
{
    struct job *job;
    HRESULT hr;

    table_wait_loaded(table);
    if (!(job = job_alloc(table)))
        return E_OUTOFMEMORY;
    job->state = BG_JOB_STATE_SUSPENDED;
    job->priority = BG_JOB_PRIORITY_NORMAL;
    job->retry_delay = job_rules->retry_delay;
    job->no_progress_timeout = job_rules->timeout_background;
    job->notify_flags = BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR;
    job->cost_flags = BITS_JOB_TRANSFER_POLICY_ALWAYS;
    GetSystemTimeAsFileTime(&job->times.CreationTime);
    job->times.ModificationTime = job->times.CreationTime;
    age_start(&job->age);
    client_get_elevation(&job->integrity_level, &job->is_elevated);

    if (FAILED(hr = CoCreateGuid(&job->id)) || FAILED(hr = get_user_sid(&job->user_sid)))
        goto failed;
    hr = E_OUTOFMEMORY;
    if (!(job->name = wcsdup(name)) || !(job->description = wcsdup(L"")))
        goto failed;
    INFO("created job %s.\n", debugstr_guid(&job->id));
    *out = job;
    return S_OK;

failed:
    job_release(job);
    return hr;
}

void job_release(struct job *job)
{
    store_item_release(&job->item);
}

void job_destroy(struct store_item *item)
{
    struct job *job = job_from_item(item);
    UINT i;

    TRACE("freeing job %s.\n", debugstr_guid(&job->id));
    for (i = 0; i < job->file_count; i++)
        file_destroy(job->files[i]);
    free(job->files);
    job_free_options(job);
    free(job->description);
    free(job->name);
    free(job->user_sid);
    free(job);
}

static BOOL reserve_files_locked(struct job *job, UINT count)
{
    struct job_file **files;
    UINT capacity = max(8, job->file_capacity);

    if (count > UINT_MAX / 2 / sizeof(*files) - job->file_count)
        return FALSE;
    while (capacity < job->file_count + count)
        capacity *= 2;
    if (capacity == job->file_capacity)
        return TRUE;
    if (!(files = realloc(job->files, capacity * sizeof(*files))))
        return FALSE;
    job->files = files;
    job->file_capacity = capacity;
    return TRUE;
}

/* Return whether the files may be added: those that wait for their sink only while nothing runs. */
static BOOL can_add_locked(const struct job *job, const struct file_params *params, UINT count)
{
    UINT i;

    if (job_is_final_locked(job))
        return FALSE;
    for (i = 0; i < count; i++)
    {
        if (!params[i].path && job_is_active_locked(job))
            return FALSE;
    }
    return TRUE;
}

static void apply_priority_locked(struct job_file *file)
{
    transfer_set_foreground_locked(file->transfer, file->job->priority == BG_JOB_PRIORITY_FOREGROUND);
    file->transfer->no_progress_timeout = file->job->no_progress_timeout;
    file->transfer->retry_delay = file->job->retry_delay;
    file->transfer->cost.policy = file->job->cost_flags;
}

/* Add a file for the record alone, and not to the job yet. */
static void append_file_locked(struct job *job, struct job_file *file)
{
    file->index = job->file_count + job->new_count++;
    job->files[file->index] = file;
}

/* Give the files the options of the job, which may have been set while the record was written. */
static void take_new_files_locked(struct job *job)
{
    struct job_file *file;

    for (; job->new_count; job->new_count--)
    {
        file = job->files[job->file_count++];
        apply_priority_locked(file);
        transfer_share_options_locked(file->transfer, job->shared_options);
    }
}

HRESULT job_restore_file(struct job *job, const struct file_params *params, struct job_file **file)
{
    HRESULT hr;

    if (!reserve_files_locked(job, 1))
        return E_OUTOFMEMORY;
    if (SUCCEEDED(hr = file_create(job, params, file)))
    {
        append_file_locked(job, *file);
        take_new_files_locked(job);
    }
    return hr;
}

/* Add files to the job when the record with them is on disk. The caller holds the operation lock. */
static HRESULT record_new_files(struct job *job, struct job_file **files, UINT count)
{
    HRESULT hr;
    UINT i;

    AcquireSRWLockExclusive(&job->lock);
    if (!(hr = reserve_files_locked(job, count) ? S_OK : E_OUTOFMEMORY))
    {
        for (i = 0; i < count; i++)
            append_file_locked(job, files[i]);
        job_note_activity_locked(job);
        if (job->state == BG_JOB_STATE_TRANSFERRED) /* which it is no more */
            store_change(&job->item);
        else
            store_extend(&job->item);
    }
    ReleaseSRWLockExclusive(&job->lock);
    if (SUCCEEDED(hr))
        hr = store_sync(&job->item);

    AcquireSRWLockExclusive(&job->lock);
    if (FAILED(hr))
        job->new_count = 0;
    else
    {
        take_new_files_locked(job);
        if (job->state == BG_JOB_STATE_TRANSFERRED)
        {
            memset(&job->times.TransferCompletionTime, 0, sizeof(job->times.TransferCompletionTime));
            job_set_state_locked(job, BG_JOB_STATE_SUSPENDED);
        }
        table_tell_locked(&job->item, JOB_MODIFIED);
    }
    ReleaseSRWLockExclusive(&job->lock);
    return hr;
}

HRESULT job_add_files(struct job *job, const struct file_params *params, UINT count, struct job_file **last)
{
    struct job_file **files;
    HRESULT hr = S_OK;
    BOOL can_add;
    UINT made;

    if (!count)
        return E_INVALIDARG;
    if (!(files = calloc(count, sizeof(*files))))
        return E_OUTOFMEMORY;
    for (made = 0; made < count; made++)
    {
        if (FAILED(hr = file_create(job, &params[made], &files[made])))
            goto done;
    }

    AcquireSRWLockExclusive(&job->operation);
    AcquireSRWLockShared(&job->lock);
    can_add = can_add_locked(job, params, count);
    ReleaseSRWLockShared(&job->lock);
    if (SUCCEEDED(hr = can_add ? record_new_files(job, files, count) : DO_E_INVALID_STATE))
    {
        if (last)
            *last = files[count - 1];
        made = 0;
    }
    ReleaseSRWLockExclusive(&job->operation);

done:
    while (made--)
        file_destroy(files[made]);
    free(files);
    return hr;
}

HRESULT job_insert(struct job *job)
{
    HRESULT hr;

    store_add(&job->item);
    if (FAILED(hr = store_sync(&job->item)))
    {
        store_remove(&job->item);
        return hr;
    }
    table_insert(&job->item);
    return S_OK;
}

HRESULT file_apply_integrity_locked(struct job_file *file)
{
    const WCHAR *text = file->integrity_info && file->integrity_info[0] ? file->integrity_info : NULL;

    return transfer_set_integrity_locked(file->transfer, text, file->is_integrity_mandatory);
}

void file_get_progress(struct job_file *file, BG_FILE_PROGRESS *progress)
{
    AcquireSRWLockShared(&file->job->lock);
    progress->BytesTotal = transfer_get_total_locked(file->transfer);
    progress->BytesTransferred = transfer_get_progress_locked(file->transfer);
    progress->Completed = file->is_completed;
    ReleaseSRWLockShared(&file->job->lock);
}

static void reprioritize_locked(struct job *job)
{
    UINT i;

    for (i = 0; i < job->file_count; i++)
    {
        apply_priority_locked(job->files[i]);
        engine_reprioritize_locked(job->files[i]->transfer);
    }
}

void job_set_timeout_locked(struct job *job, ULONG seconds)
{
    job->has_timeout = TRUE;
    job->no_progress_timeout = seconds;
    reprioritize_locked(job);
}

void job_set_cost_flags_locked(struct job *job, DWORD flags)
{
    job->cost_flags = flags;
    reprioritize_locked(job);
}

void job_set_retry_delay_locked(struct job *job, ULONG seconds)
{
    job->retry_delay = seconds;
    reprioritize_locked(job);
}

void job_set_priority_locked(struct job *job, BG_JOB_PRIORITY priority)
{
    job->priority = priority;
    if (!job->has_timeout)
        job->no_progress_timeout = priority == BG_JOB_PRIORITY_FOREGROUND ? job_rules->timeout_foreground
                : job_rules->timeout_background;
    reprioritize_locked(job);
}
