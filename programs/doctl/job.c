/*
 * doctl: the job API
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

#include "doctl.h"

static HRESULT add_file(IBackgroundCopyJob *job, const struct request *request)
{
    IDeliveryOptimizationJob *do_job;
    HRESULT hr;

    /* BITS has no declared sizes. */
    if (FAILED(IBackgroundCopyJob_QueryInterface(job, &IID_IDeliveryOptimizationJob, (void **)&do_job)))
        return IBackgroundCopyJob_AddFile(job, request->url, request->path);
    hr = IDeliveryOptimizationJob_AddFileWithRanges(do_job, request->url, request->url, request->path, 0, NULL,
            DO_UNKNOWN_FILE_SIZE);
    IDeliveryOptimizationJob_Release(do_job);
    return hr;
}

/* Return the first file of a job, or an error: there is none. */
static HRESULT get_first_file(IBackgroundCopyJob *job, IBackgroundCopyFile **file)
{
    IEnumBackgroundCopyFiles *files;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_EnumFiles(job, &files)))
        return hr;
    hr = IEnumBackgroundCopyFiles_Next(files, 1, file, NULL);
    IEnumBackgroundCopyFiles_Release(files);
    return hr == S_FALSE ? E_FAIL : hr;
}

/* Have the file verified, and nothing count that is not. */
static HRESULT set_integrity(IDeliveryOptimizationFile2 *file, const WCHAR *info)
{
    VARIANT text = {{{VT_BSTR}}}, is_mandatory = {{{VT_BOOL}}};
    HRESULT hr;

    if (!(V_BSTR(&text) = SysAllocString(info)))
        return E_OUTOFMEMORY;
    V_BOOL(&is_mandatory) = VARIANT_TRUE;
    hr = IDeliveryOptimizationFile2_SetProperty(file, DOFilePropertyId_IntegrityCheckInfo, &text);
    SysFreeString(V_BSTR(&text));
    return FAILED(hr) ? hr
            : IDeliveryOptimizationFile2_SetProperty(file, DOFilePropertyId_IntegrityCheckMandatory, &is_mandatory);
}

static HRESULT set_file_options(IBackgroundCopyJob *job, const struct request *request)
{
    IDeliveryOptimizationFile2 *do_file;
    IBackgroundCopyFile *file;
    HRESULT hr;

    if (!request->integrity_info)
        return S_OK;
    if (FAILED(hr = get_first_file(job, &file)))
        return hr;
    hr = IBackgroundCopyFile_QueryInterface(file, &IID_IDeliveryOptimizationFile2, (void **)&do_file);
    IBackgroundCopyFile_Release(file);
    if (FAILED(hr))
        return hr;
    hr = set_integrity(do_file, request->integrity_info);
    IDeliveryOptimizationFile2_Release(do_file);
    return hr;
}

static HRESULT set_options(IBackgroundCopyJob *job, const struct request *request)
{
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_SetPriority(job, request->is_background ? BG_JOB_PRIORITY_NORMAL
            : BG_JOB_PRIORITY_FOREGROUND)) || FAILED(hr = set_file_options(job, request)))
        return hr;
    return request->timeout.is_set ? IBackgroundCopyJob_SetNoProgressTimeout(job, request->timeout.value) : S_OK;
}

static HRESULT configure(IBackgroundCopyJob *job, const struct request *request)
{
    HRESULT hr;

    if (FAILED(hr = add_file(job, request)))
        return hr;
    /* A label that is too long for a job is only missed by the next get. */
    if (request->label)
        IBackgroundCopyJob_SetDescription(job, request->label);
    return set_options(job, request);
}

static HRESULT job_create(const struct service *service, const struct request *request, struct item *item)
{
    IBackgroundCopyJob *job;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyManager_CreateJob(service->jobs, L"doctl", BG_JOB_TYPE_DOWNLOAD, &item->id, &job)))
        return hr;
    if (FAILED(hr = configure(job, request)))
    {
        IBackgroundCopyJob_Cancel(job);
        IBackgroundCopyJob_Release(job);
        return hr;
    }
    item->api = &job_api;
    item->object = (IUnknown *)job;
    return S_OK;
}

static HRESULT job_enumerate(const struct service *service,
        BOOL (*callback)(const struct service *service, const struct item *item, void *context), void *context)
{
    struct item item = {&job_api};
    IEnumBackgroundCopyJobs *jobs;
    IBackgroundCopyJob *job;
    BOOL go_on = TRUE;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyManager_EnumJobs(service->jobs, 0, &jobs)))
        return hr;
    while (go_on && (hr = IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL)) == S_OK)
    {
        item.object = (IUnknown *)job;
        if (SUCCEEDED(IBackgroundCopyJob_GetId(job, &item.id)))
            go_on = callback(service, &item, context);
        IBackgroundCopyJob_Release(job);
    }
    IEnumBackgroundCopyJobs_Release(jobs);
    return FAILED(hr) ? hr : S_OK;
}

/* Enumerate all jobs: they cannot be asked for by a label. */
static HRESULT job_enum_labelled(const struct service *service, const WCHAR *label,
        BOOL (*callback)(const struct service *service, const struct item *item, void *context), void *context)
{
    return job_enumerate(service, callback, context);
}

/* Copy a string of COM and free it. */
static WCHAR *take_string(WCHAR *text)
{
    WCHAR *copy = wcsdup(text);

    CoTaskMemFree(text);
    return copy;
}

/* Return a string of the job's first file. free() it. */
static WCHAR *get_file_string(IUnknown *object, BOOL is_url)
{
    IBackgroundCopyFile *file;
    WCHAR *text = NULL;
    HRESULT hr;

    if (FAILED(get_first_file((IBackgroundCopyJob *)object, &file)))
        return NULL;
    hr = is_url ? IBackgroundCopyFile_GetRemoteName(file, &text) : IBackgroundCopyFile_GetLocalName(file, &text);
    IBackgroundCopyFile_Release(file);
    return SUCCEEDED(hr) ? take_string(text) : NULL;
}

static WCHAR *job_get_url(IUnknown *object)
{
    return get_file_string(object, TRUE);
}

static WCHAR *job_get_path(IUnknown *object)
{
    return get_file_string(object, FALSE);
}

static WCHAR *job_get_label(IUnknown *object)
{
    WCHAR *text;

    return SUCCEEDED(IBackgroundCopyJob_GetDescription((IBackgroundCopyJob *)object, &text)) ? take_string(text) : NULL;
}

/* Return NULL: a job has the headers of its files only while it transfers. */
static WCHAR *job_get_headers(IUnknown *object)
{
    return NULL;
}

static HRESULT job_reuse(IUnknown *object, const struct request *request)
{
    IBackgroundCopyJob *job = (IBackgroundCopyJob *)object;

    IBackgroundCopyJob_Suspend(job); /* fails if it does not run */
    return set_options(job, request);
}

/* Get the error of a job; a failure to get it takes its place. */
static void get_error(IBackgroundCopyJob *job, struct status *status)
{
    IBackgroundCopyError *error;
    BG_ERROR_CONTEXT context;
    HRESULT hr;

    if (FAILED(status->error = IBackgroundCopyJob_GetError(job, &error)))
        return;
    if (FAILED(hr = IBackgroundCopyError_GetError(error, &context, &status->error)))
        status->error = hr;
    IBackgroundCopyError_Release(error);
}

static HRESULT file_get_stats(IBackgroundCopyFile *file, DOSwarmStats *stats)
{
    IDeliveryOptimizationFile *do_file;
    HRESULT hr;

    memset(stats, 0, sizeof(*stats));
    if (FAILED(hr = IBackgroundCopyFile_QueryInterface(file, &IID_IDeliveryOptimizationFile, (void **)&do_file)))
        return hr;
    hr = IDeliveryOptimizationFile_GetStats(do_file, stats);
    IDeliveryOptimizationFile_Release(do_file);
    return hr;
}

static HRESULT enum_files(IBackgroundCopyJob *job, void (*callback)(IBackgroundCopyFile *file, void *context),
        void *context)
{
    IEnumBackgroundCopyFiles *files;
    IBackgroundCopyFile *file;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_EnumFiles(job, &files)))
        return hr;
    while ((hr = IEnumBackgroundCopyFiles_Next(files, 1, &file, NULL)) == S_OK)
    {
        callback(file, context);
        IBackgroundCopyFile_Release(file);
    }
    IEnumBackgroundCopyFiles_Release(files);
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT get_state(IBackgroundCopyJob *job, struct status *status)
{
    HRESULT hr;

    memset(status, 0, sizeof(*status));
    if (FAILED(hr = IBackgroundCopyJob_GetState(job, &status->state)))
        return hr;
    if (status->state == BG_JOB_STATE_ERROR || status->state == BG_JOB_STATE_TRANSIENT_ERROR)
        get_error(job, status);
    /* The job has gone on meanwhile. */
    if (status->error == DO_E_ERROR_INFORMATION_UNAVAILABLE
            || status->error == (HRESULT)BG_E_ERROR_INFORMATION_UNAVAILABLE)
        status->error = S_OK;
    return S_OK;
}

static void find_source(IBackgroundCopyFile *file, void *context)
{
    struct status *status = context;
    DOSwarmStats stats;

    if (FAILED(file_get_stats(file, &stats)))
        return;
    status->from_cache = stats.bytesFromDoinc > stats.bytesFromHttp;
    CoTaskMemFree(stats.fileId);
    CoTaskMemFree(stats.sourceURL);
}

static HRESULT job_get_status(IUnknown *object, struct status *status)
{
    IBackgroundCopyJob *job = (IBackgroundCopyJob *)object;
    BG_JOB_PROGRESS progress;
    HRESULT hr;

    if (FAILED(hr = get_state(job, status)))
        return hr;
    if (FAILED(hr = IBackgroundCopyJob_GetProgress(job, &progress))
            || FAILED(hr = enum_files(job, find_source, status)))
        return hr;
    status->total = progress.BytesTotal;
    status->transferred = progress.BytesTransferred;
    return S_OK;
}

static UINT64 get_average_rate(const DOSwarmStats *stats)
{
    return stats->downloadDuration ? stats->totalBytesDownloaded * 1000 / stats->downloadDuration : 0;
}

static void job_fill_row(const DOSVC_FILE *file, struct row *row)
{
    row->status.state = (BG_JOB_STATE)file->status.State;
    row->status.total = file->status.BytesTotal;
    row->status.transferred = file->status.BytesTransferred;
    if (row->status.state == BG_JOB_STATE_ERROR || row->status.state == BG_JOB_STATE_TRANSIENT_ERROR)
        row->status.error = file->status.Error;
    row->has_stats = TRUE;
    row->stats = file->stats;
    row->rate = get_average_rate(&row->stats);
}

static HRESULT job_pause(IUnknown *object)
{
    return IBackgroundCopyJob_Suspend((IBackgroundCopyJob *)object);
}

static HRESULT job_resume(IUnknown *object)
{
    return IBackgroundCopyJob_Resume((IBackgroundCopyJob *)object);
}

static HRESULT job_cancel(IUnknown *object)
{
    return IBackgroundCopyJob_Cancel((IBackgroundCopyJob *)object);
}

static HRESULT job_complete(IUnknown *object)
{
    IBackgroundCopyJob *job = (IBackgroundCopyJob *)object;
    BG_JOB_STATE state;
    HRESULT hr;

    /* Complete would throw away what has not arrived yet. */
    if (SUCCEEDED(hr = IBackgroundCopyJob_GetState(job, &state)) && state != BG_JOB_STATE_TRANSFERRED)
        hr = DO_E_INVALID_STATE;
    return SUCCEEDED(hr) ? IBackgroundCopyJob_Complete(job) : hr;
}

const struct api job_api =
{
    L"job",
    job_create,
    job_enumerate,
    job_enum_labelled,
    job_get_url,
    job_get_path,
    job_get_label,
    job_get_headers,
    job_reuse,
    job_get_status,
    job_fill_row,
    job_pause,
    job_resume,
    job_cancel,
    job_complete,
};
