/*
 * doctl status: list downloads
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

enum format
{
    FORMAT_TABLE,
    FORMAT_LIST,
    FORMAT_JSON,
};

struct status_values
{
    BOOL all;
    BOOL wide;
    int format;
    BOOL json;
};

const struct option status_options[] =
{
    {L"all",    'a', OPTION_FLAG,   offsetof(struct status_values, all)},
    {L"wide",   'w', OPTION_FLAG,   offsetof(struct status_values, wide)},
    {L"format", 'f', OPTION_CHOICE, offsetof(struct status_values, format), L"table|list|json"},
    {L"json",   'j', OPTION_FLAG,   offsetof(struct status_values, json)},
    {NULL}
};

struct status
{
    const struct status_values *values;
    const WCHAR *id; /* only this one, NULL for all */
    enum format format;
    unsigned int rows;
    BOOL found; /* a job may have no files */
};

static const WCHAR *percent_text(const struct row *row, WCHAR *buffer, size_t count)
{
    UINT64 total = row->progress.BytesTotal;

    if (total == BG_SIZE_UNKNOWN)
        return L"-";
    swprintf(buffer, count, L"%u", total ? (unsigned int)(row->progress.BytesTransferred * 100.0 / total)
            : row->stats.status == SwarmStatus_Complete ? 100 : 0);
    return buffer;
}

static const WCHAR *error_text(const struct row *row, WCHAR *buffer, size_t count)
{
    if (SUCCEEDED(row->error))
        return L"-";
    swprintf(buffer, count, L"0x%08lx", row->error);
    return buffer;
}

/* The service has no current rate: the average over the time of transfer. */
static const WCHAR *rate_text(const struct row *row, WCHAR *buffer, size_t count)
{
    if (!row->stats.downloadDuration)
        return L"-";
    format_size(row->stats.totalBytesDownloaded * 1000 / row->stats.downloadDuration, buffer, count - 2);
    return wcscat(buffer, L"/s");
}

static const WCHAR *duration_text(const struct row *row, WCHAR *buffer, size_t count)
{
    UINT seconds = row->stats.downloadDuration / 1000;

    swprintf(buffer, count, L"%u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
    return buffer;
}

/* Both ends of a URL tell more than its middle. */
static void elide(WCHAR *text, size_t width)
{
    size_t length = wcslen(text), tail;

    if (width < 16)
        width = 16;
    if (length <= width)
        return;
    tail = (width - 3) / 2;
    wmemcpy(text + width - tail - 3, L"...", 3);
    wmemmove(text + width - tail, text + length - tail, tail + 1);
}

static WCHAR *format_columns(const struct row *row, BOOL wide)
{
    WCHAR done[8], size[16], rate[16], cdn[16], cache[16], error[16], duration[16], line[192];
    WCHAR *state = format_message(IDS_STATE + row->state);
    WCHAR *priority = format_message(row->stats.isBackground ? IDS_BACKGROUND : IDS_FOREGROUND);

    swprintf(line, ARRAY_SIZE(line), wide ? L"%-36.36ls" : L"%-8.8ls", row->id);
    swprintf(line + wcslen(line), ARRAY_SIZE(line) - wcslen(line), L" %-12ls %-3ls %9ls %5ls %11ls %9ls %9ls %-10ls",
            state ? state : L"", priority ? priority : L"",
            row->progress.BytesTotal == BG_SIZE_UNKNOWN ? L"-"
            : format_size(row->progress.BytesTotal, size, ARRAY_SIZE(size)),
            percent_text(row, done, ARRAY_SIZE(done)), rate_text(row, rate, ARRAY_SIZE(rate)),
            format_size(row->stats.bytesFromHttp, cdn, ARRAY_SIZE(cdn)),
            format_size(row->stats.bytesFromDoinc, cache, ARRAY_SIZE(cache)),
            error_text(row, error, ARRAY_SIZE(error)));
    if (wide)
        swprintf(line + wcslen(line), ARRAY_SIZE(line) - wcslen(line), L" %9ls",
                duration_text(row, duration, ARRAY_SIZE(duration)));
    free(state);
    free(priority);
    return wcsdup(line);
}

static void write_row(const struct row *row, BOOL wide)
{
    WCHAR *columns = format_columns(row, wide);
    WCHAR *url = row->stats.sourceURL ? printable_url(row->stats.sourceURL) : NULL;
    unsigned int width = console_width(STD_OUTPUT_HANDLE, 0);

    if (columns)
    {
        write_text(STD_OUTPUT_HANDLE, columns);
        write_text(STD_OUTPUT_HANDLE, L" ");
        if (url && width)
            elide(url, width > wcslen(columns) + 2 ? width - wcslen(columns) - 2 : 0);
        write_text(STD_OUTPUT_HANDLE, url ? url : L"");
        write_text(STD_OUTPUT_HANDLE, L"\n");
    }
    free(columns);
    free(url);
}

static void write_file(struct status *status, const struct row *row)
{
    if (!status->rows++ && status->format == FORMAT_TABLE)
        write_message(STD_OUTPUT_HANDLE, status->values->wide ? IDS_STATUS_HEADER_WIDE : IDS_STATUS_HEADER);
    switch (status->format)
    {
        case FORMAT_TABLE:
            write_row(row, status->values->wide);
            break;
        case FORMAT_LIST:
            write_row_list(row);
            break;
        case FORMAT_JSON:
            write_row_json(row, status->rows == 1);
            break;
    }
}

/* A file whose numbers cannot be had any more has just ended: it is left out. */
static void write_job(struct status *status, IBackgroundCopyJob *job, struct row *row)
{
    IEnumBackgroundCopyFiles *files;
    IBackgroundCopyFile *file;

    if (FAILED(IBackgroundCopyJob_EnumFiles(job, &files)))
        return;
    while (IEnumBackgroundCopyFiles_Next(files, 1, &file, NULL) == S_OK)
    {
        if (SUCCEEDED(IBackgroundCopyFile_GetProgress(file, &row->progress))
                && SUCCEEDED(file_get_stats(file, &row->stats)))
        {
            write_file(status, row);
            stats_clear(&row->stats);
        }
        IBackgroundCopyFile_Release(file);
    }
    IEnumBackgroundCopyFiles_Release(files);
}

static BOOL status_job(IBackgroundCopyJob *job, const GUID *id, void *context)
{
    struct status *status = context;
    struct row row = {{0}};

    if (status->id && !id_begins_with(id, status->id))
        return TRUE;
    status->found = TRUE;
    if (FAILED(IBackgroundCopyJob_GetState(job, &row.state)))
        return TRUE;
    format_id(id, row.id);
    if (row.state == BG_JOB_STATE_ERROR || row.state == BG_JOB_STATE_TRANSIENT_ERROR)
        row.error = job_get_error(job, &row.error_text);
    write_job(status, job, &row);
    CoTaskMemFree(row.error_text);
    return TRUE;
}

enum exit_code status_run(const struct verb *verb, const void *values, WCHAR **args)
{
    struct status status = {values, args[0]};
    IBackgroundCopyManager *manager;
    HRESULT hr;

    status.format = status.values->json ? FORMAT_JSON : status.values->format;
    if (FAILED(service_open(&manager)))
        return EXIT_NO_SERVICE;
    if (status.format == FORMAT_JSON)
        write_utf8(STD_OUTPUT_HANDLE, L"[");
    hr = enum_jobs(manager, status.values->all ? BG_JOB_ENUM_ALL_USERS : 0, status_job, &status);
    if (status.format == FORMAT_JSON)
        write_utf8(STD_OUTPUT_HANDLE, status.rows ? L"\n]\n" : L"]\n");
    IBackgroundCopyManager_Release(manager);
    if (FAILED(hr))
        return report_error(NULL, hr, NULL);
    if (!status.id || status.found)
        return EXIT_DONE;
    write_message(STD_ERROR_HANDLE, IDS_NO_SUCH_ID, status.id);
    return EXIT_NO_ID;
}
