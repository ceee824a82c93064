/*
 * doctl status and monitor: the table
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

static const WCHAR *size_text(UINT64 size, WCHAR *buffer, size_t count)
{
    return size == UNKNOWN_SIZE ? L"-" : format_size(size, buffer, count);
}

/* Write the bytes that came from one kind of source, which are unknown for downloads. */
static const WCHAR *source_text(const struct row *row, UINT64 size, WCHAR *buffer, size_t count)
{
    return row->has_stats ? format_size(size, buffer, count) : L"-";
}

static const WCHAR *percent_text(const struct row *row, WCHAR *buffer, size_t count)
{
    UINT64 total = row->status.total;

    if (total == UNKNOWN_SIZE)
        return L"-";
    swprintf(buffer, count, L"%u", total ? (unsigned int)(row->status.transferred * 100.0 / total)
            : row->stats.status == SwarmStatus_Complete ? 100 : 0);
    return buffer;
}

static const WCHAR *error_code_text(const struct row *row, WCHAR *buffer, size_t count)
{
    if (SUCCEEDED(row->status.error))
        return L"-";
    swprintf(buffer, count, L"0x%08lx", row->status.error);
    return buffer;
}

static const WCHAR *rate_text(const struct row *row, WCHAR *buffer, size_t count)
{
    WCHAR size[16];

    if (!row->rate)
        return L"-";
    swprintf(buffer, count, L"%ls/s", format_size(row->rate, size, ARRAY_SIZE(size)));
    return buffer;
}

static const WCHAR *duration_text(const struct row *row, WCHAR *buffer, size_t count)
{
    UINT seconds = row->stats.downloadDuration / 1000;

    if (!row->has_stats)
        return L"-";
    swprintf(buffer, count, L"%u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
    return buffer;
}

static WCHAR *format_columns(const struct row *row, BOOL wide)
{
    WCHAR done[8], size[16], rate[20], cdn[16], cache[16], error[16], duration[16], line[192];
    WCHAR *state = format_message(IDS_STATE + row->status.state);
    WCHAR *priority = format_message(row->stats.isBackground ? IDS_BACKGROUND : IDS_FOREGROUND);

    swprintf(line, ARRAY_SIZE(line), wide ? L"%-36.36ls" : L"%-8.8ls", row->id);
    swprintf(line + wcslen(line), ARRAY_SIZE(line) - wcslen(line), L" %-12ls %-3ls %9ls %5ls %11ls %9ls %9ls %-10ls",
            state ? state : L"", priority ? priority : L"", size_text(row->status.total, size, ARRAY_SIZE(size)),
            percent_text(row, done, ARRAY_SIZE(done)), rate_text(row, rate, ARRAY_SIZE(rate)),
            source_text(row, row->stats.bytesFromHttp, cdn, ARRAY_SIZE(cdn)),
            source_text(row, row->stats.bytesFromDoinc, cache, ARRAY_SIZE(cache)),
            error_code_text(row, error, ARRAY_SIZE(error)));
    if (wide)
        swprintf(line + wcslen(line), ARRAY_SIZE(line) - wcslen(line), L" %9ls %-8ls",
                duration_text(row, duration, ARRAY_SIZE(duration)), row->api->name);
    free(state);
    free(priority);
    return wcsdup(line);
}

void write_row_header(BOOL wide)
{
    write_message(STD_OUTPUT_HANDLE, wide ? IDS_STATUS_HEADER_WIDE : IDS_STATUS_HEADER);
}

void write_row_columns(const struct row *row, BOOL wide)
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
