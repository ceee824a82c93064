/*
 * doctl: the progress of a download
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

#define BAR_CELLS 30
#define LINE_PERCENT 10
#define BAR_INTERVAL 250
#define JSON_INTERVAL 1000

void progress_init(struct progress *progress, enum progress_mode mode)
{
    memset(progress, 0, sizeof(*progress));
    if (mode == PROGRESS_BAR && !is_console(STD_ERROR_HANDLE))
        mode = PROGRESS_LINES;
    progress->mode = mode;
}

static void add_sample(struct progress *progress, ULONGLONG time, UINT64 bytes)
{
    if (progress->sample_count == ARRAY_SIZE(progress->samples))
    {
        memmove(progress->samples, progress->samples + 1, sizeof(progress->samples) - sizeof(*progress->samples));
        --progress->sample_count;
    }
    progress->samples[progress->sample_count].time = time;
    progress->samples[progress->sample_count++].bytes = bytes;
}

/* Return the bytes per second over the samples: none for a transfer that began again from zero until the old samples
 * are gone. */
static UINT64 get_rate(const struct progress *progress)
{
    const struct sample *first = progress->samples, *last = first + progress->sample_count - 1;

    if (last->time == first->time || last->bytes < first->bytes)
        return 0;
    return (last->bytes - first->bytes) * 1000 / (last->time - first->time);
}

static BOOL is_total_known(const struct status *status)
{
    return status->total != UNKNOWN_SIZE;
}

static unsigned int get_percent(const struct status *status)
{
    if (!status->total)
        return status_is_complete(status) ? 100 : 0;
    return status->transferred * 100.0 / status->total;
}

static const WCHAR *format_eta(const struct status *status, UINT64 rate, WCHAR *buffer, size_t count)
{
    UINT64 seconds;

    if (!rate)
        return L"-:--";
    seconds = (status->total - status->transferred + rate - 1) / rate;
    if (seconds >= 100 * 3600)
        return L"-:--";
    if (seconds >= 3600)
        swprintf(buffer, count, L"%u:%02u:%02u", (unsigned int)(seconds / 3600), (unsigned int)(seconds / 60 % 60),
                (unsigned int)(seconds % 60));
    else
        swprintf(buffer, count, L"%u:%02u", (unsigned int)(seconds / 60), (unsigned int)(seconds % 60));
    return buffer;
}

/* Remove the unit of a size if the total has the same, for "12.3 of 200.0 MB". */
static void drop_unit(WCHAR *size, const WCHAR *total)
{
    WCHAR *unit = wcschr(size, ' ');

    if (unit && !wcscmp(unit, wcschr(total, ' ')))
        *unit = 0;
}

static WCHAR *format_bar(const struct status *status, UINT64 rate)
{
    WCHAR cells[BAR_CELLS + 1] = {0}, done[16], total[16], speed[16], eta[16], percent[8], *source, *line;
    unsigned int i;

    source = format_message(status->from_cache ? IDS_SOURCE_CACHE : IDS_SOURCE_CDN);
    format_size(status->transferred, done, ARRAY_SIZE(done));
    format_size(rate, speed, ARRAY_SIZE(speed));
    if (is_total_known(status))
    {
        for (i = 0; i < BAR_CELLS; ++i)
            cells[i] = i < get_percent(status) * BAR_CELLS / 100 ? '#' : '-';
        swprintf(percent, ARRAY_SIZE(percent), L"%3u", get_percent(status));
        format_size(status->total, total, ARRAY_SIZE(total));
        drop_unit(done, total);
        line = format_message(IDS_BAR, cells, percent, done, total, speed,
                format_eta(status, rate, eta, ARRAY_SIZE(eta)), source);
    }
    else
    {
        line = format_message(IDS_BAR_UNKNOWN, done, speed, source);
    }
    free(source);
    return line;
}

/* Draw the line over the former one. It is shorter than the console is wide: otherwise it would wrap, and CR would
 * not lead back to its start. */
static void draw_bar(struct progress *progress, const struct status *status)
{
    size_t width = console_width(STD_ERROR_HANDLE, 80) - 1, length;
    WCHAR *line, *text;

    if (!(line = format_bar(status, get_rate(progress))))
        return;
    if ((length = wcslen(line)) > width)
        line[length = width] = 0;
    if ((text = calloc(max(length, progress->drawn) + 2, sizeof(*text))))
    {
        text[0] = '\r';
        wmemset(text + 1, ' ', max(length, progress->drawn));
        wmemcpy(text + 1, line, length);
        write_text(STD_ERROR_HANDLE, text);
        progress->drawn = length;
        free(text);
    }
    free(line);
}

static void write_lines(struct progress *progress, const struct status *status)
{
    WCHAR percent[8], total[16];

    if (!is_total_known(status))
        return;
    while (progress->percent_written + LINE_PERCENT <= get_percent(status))
    {
        progress->percent_written += LINE_PERCENT;
        swprintf(percent, ARRAY_SIZE(percent), L"%3u", progress->percent_written);
        write_message(STD_ERROR_HANDLE, IDS_PERCENT_LINE, percent,
                format_size(status->total, total, ARRAY_SIZE(total)));
    }
}

static void write_json(const struct progress *progress, const struct status *status, const WCHAR *url)
{
    WCHAR total[24] = L"null", *quoted_url, *text;
    size_t size;

    if (is_total_known(status))
        swprintf(total, ARRAY_SIZE(total), L"%I64u", status->total);
    if (!(quoted_url = json_string(url)))
        return;
    size = wcslen(quoted_url) + 256;
    if ((text = calloc(size, sizeof(*text))))
    {
        swprintf(text, size, L"{\"schema\":1,\"FileSize\":%ls,\"TotalBytesDownloaded\":%I64u,\"Status\":\"%ls\","
                L"\"BytesPerSecond\":%I64u,\"SourceURL\":%ls}\n", total, status->transferred,
                status_is_complete(status) ? L"Complete" : L"Downloading", get_rate(progress), quoted_url);
        write_utf8(STD_ERROR_HANDLE, text);
        free(text);
    }
    free(quoted_url);
}

void progress_update(struct progress *progress, const struct status *status, const WCHAR *url, ULONGLONG time,
        BOOL last)
{
    ULONGLONG interval = progress->mode == PROGRESS_JSON ? JSON_INTERVAL : BAR_INTERVAL;

    if (progress->mode == PROGRESS_NONE)
        return;
    if (!last && progress->sample_count && time < progress->samples[progress->sample_count - 1].time + BAR_INTERVAL)
        return;
    add_sample(progress, time, status->transferred);
    if (!last && progress->time && time < progress->time + interval)
        return;
    progress->time = time;
    if (progress->mode == PROGRESS_BAR)
        draw_bar(progress, status);
    else if (progress->mode == PROGRESS_LINES)
        write_lines(progress, status);
    else
        write_json(progress, status, url);
}

void progress_break(struct progress *progress)
{
    if (progress->drawn)
        write_text(STD_ERROR_HANDLE, L"\n");
    progress->drawn = 0;
}
