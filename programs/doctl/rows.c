/*
 * doctl status and monitor: all files there are, in few calls
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

/* Rows under way, with the last error and its text: many files have failed with the same error, whose text is asked for
 * once. */
struct rows
{
    void (*callback)(const GUID *id, const struct row *row, void *context);
    void *context;
};

static void report_file(struct rows *rows, const struct api *api, const DOSVC_FILE *file)
{
    struct row row = {0};

    if (file->is_none)
    {
        rows->callback(&file->id, NULL, rows->context);
        return;
    }
    api->fill_row(file, &row);
    row.api = api;
    row.cdn_bytes = row.stats.bytesFromHttp - row.stats.bytesFromDoinc;
    row.cache_host = file->cacheHost;
    format_id(&file->id, row.id);
    rows->callback(&file->id, &row, rows->context);
}

static HRESULT report_files(struct rows *rows, IDosvcStatus *status, const struct api *api)
{
    DOSVC_CURSOR cursor = {0};
    DOSVC_FILE *files;
    ULONG count, i;
    HRESULT hr;

    do
    {
        if (FAILED(hr = IDosvcStatus_GetFiles(status, api == &job_api, &cursor, &count, &files)))
            return hr;
        for (i = 0; i < count; ++i)
        {
            report_file(rows, api, &files[i]);
            CoTaskMemFree(files[i].stats.fileId);
            CoTaskMemFree(files[i].stats.sourceURL);
            CoTaskMemFree(files[i].cacheHost);
        }
        CoTaskMemFree(files);
    }
    while (count);
    return S_OK;
}

HRESULT enum_rows(const struct service *service,
        void (*callback)(const GUID *id, const struct row *row, void *context), void *context)
{
    struct rows rows = {callback, context};
    IDosvcStatus *status;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyManager_QueryInterface(service->jobs, &IID_IDosvcStatus, (void **)&status)))
        return hr;
    hold_output(TRUE);
    hr = service->downloads ? report_files(&rows, status, &download_api) : S_OK;
    if (SUCCEEDED(hr))
        hr = report_files(&rows, status, &job_api);
    hold_output(FALSE);
    IDosvcStatus_Release(status);
    return hr;
}
