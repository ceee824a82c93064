/*
 * doctl: the service, its jobs and files
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

HRESULT service_open(IBackgroundCopyManager **manager)
{
    HRESULT hr;

    if (SUCCEEDED(hr = CoInitializeEx(NULL, COINIT_MULTITHREADED)))
        hr = CoCreateInstance(&CLSID_DeliveryOptimization, NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager,
                (void **)manager);
    if (FAILED(hr))
    {
        WCHAR *text = format_message(IDS_NO_SERVICE);

        report_error(NULL, hr, text);
        free(text);
    }
    return hr;
}

HRESULT job_get_error(IBackgroundCopyJob *job, WCHAR **description)
{
    IBackgroundCopyError *error;
    BG_ERROR_CONTEXT context;
    HRESULT hr, code = S_OK;

    *description = NULL;
    if (FAILED(hr = IBackgroundCopyJob_GetError(job, &error)))
        return hr;
    if (SUCCEEDED(hr = IBackgroundCopyError_GetError(error, &context, &code))
            && FAILED(IBackgroundCopyError_GetErrorDescription(error, GetUserDefaultLangID(), description)))
        *description = NULL;
    IBackgroundCopyError_Release(error);
    return FAILED(hr) ? hr : code;
}

HRESULT enum_jobs(IBackgroundCopyManager *manager, DWORD flags, BOOL (*callback)(IBackgroundCopyJob *job,
        const GUID *id, void *context), void *context)
{
    IEnumBackgroundCopyJobs *jobs;
    IBackgroundCopyJob *job;
    BOOL go_on = TRUE;
    HRESULT hr;
    GUID id;

    if (FAILED(hr = IBackgroundCopyManager_EnumJobs(manager, flags, &jobs)))
        return hr;
    while (go_on && (hr = IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL)) == S_OK)
    {
        if (SUCCEEDED(IBackgroundCopyJob_GetId(job, &id)))
            go_on = callback(job, &id, context);
        IBackgroundCopyJob_Release(job);
    }
    IEnumBackgroundCopyJobs_Release(jobs);
    return FAILED(hr) ? hr : S_OK;
}

void format_id(const GUID *id, WCHAR text[ID_LENGTH])
{
    WCHAR braced[ID_LENGTH + 2];

    StringFromGUID2(id, braced, ARRAY_SIZE(braced));
    wcsncpy(text, braced + 1, ID_LENGTH - 1);
    text[ID_LENGTH - 1] = 0;
    _wcslwr(text);
}

BOOL id_begins_with(const GUID *id, const WCHAR *text)
{
    WCHAR id_text[ID_LENGTH];
    size_t length;

    if (*text == '{')
        ++text;
    length = wcscspn(text, L"}");
    format_id(id, id_text);
    return length && !_wcsnicmp(id_text, text, length);
}

struct search
{
    const WCHAR *text;
    IBackgroundCopyJob *job;
    unsigned int count;
};

static BOOL search_job(IBackgroundCopyJob *job, const GUID *id, void *context)
{
    struct search *search = context;

    if (!id_begins_with(id, search->text))
        return TRUE;
    if (!search->count++)
    {
        search->job = job;
        IBackgroundCopyJob_AddRef(job);
    }
    return TRUE;
}

enum exit_code find_job(IBackgroundCopyManager *manager, const WCHAR *text, IBackgroundCopyJob **job)
{
    struct search search = {text};
    HRESULT hr;

    hr = enum_jobs(manager, 0, search_job, &search);
    if (SUCCEEDED(hr) && search.count == 1)
    {
        *job = search.job;
        return EXIT_DONE;
    }
    if (search.job)
        IBackgroundCopyJob_Release(search.job);
    if (FAILED(hr))
        return report_error(manager, hr, NULL);
    write_message(STD_ERROR_HANDLE, search.count ? IDS_AMBIGUOUS_ID : IDS_NO_SUCH_ID, text);
    return EXIT_NO_ID;
}

HRESULT first_file(IBackgroundCopyJob *job, IBackgroundCopyFile **file)
{
    IEnumBackgroundCopyFiles *files;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_EnumFiles(job, &files)))
        return hr;
    hr = IEnumBackgroundCopyFiles_Next(files, 1, file, NULL);
    IEnumBackgroundCopyFiles_Release(files);
    return hr == S_FALSE ? HRESULT_FROM_WIN32(ERROR_NOT_FOUND) : hr;
}

HRESULT file_get_stats(IBackgroundCopyFile *file, DOSwarmStats *stats)
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

void stats_clear(DOSwarmStats *stats)
{
    CoTaskMemFree(stats->fileId);
    CoTaskMemFree(stats->sourceURL);
}
