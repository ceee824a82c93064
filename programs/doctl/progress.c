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
#define NAMED_CELLS 10 /* of a row with a name */
#define NAME_WIDTH 20
#define LINE_PERCENT 10
#define BAR_INTERVAL 250
#define JSON_INTERVAL 1000

/* Rows at the end of the console. The cursor stands in the last one. */
static struct progress *rows[PROGRESS_ROWS];
static unsigned int row_count, drawn_count;

void progress_init(struct progress *progress, enum progress_mode mode, const WCHAR *name)
{
    memset(progress, 0, sizeof(*progress));
    progress->name = name;
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

static WCHAR *format_bar(const struct status *status, UINT64 rate, unsigned int cell_count)
{
    WCHAR cells[BAR_CELLS + 1] = {0}, done[16], total[16], speed[16], eta[16], percent[8], *source, *line;
    unsigned int i;

    source = format_message(status->from_cache ? IDS_SOURCE_CACHE : IDS_SOURCE_CDN);
    format_size(status->transferred, done, ARRAY_SIZE(done));
    format_size(rate, speed, ARRAY_SIZE(speed));
    if (is_total_known(status))
    {
        for (i = 0; i < cell_count; ++i)
            cells[i] = i < get_percent(status) * cell_count / 100 ? '#' : '-';
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

/* Put the name in front of a bar, which is freed. */
static WCHAR *add_name(const WCHAR *name, WCHAR *bar)
{
    WCHAR *shown = wcsdup(name), *row = NULL;
    size_t size = wcslen(bar) + NAME_WIDTH + 2;

    if (shown && (row = calloc(size, sizeof(*row))))
    {
        elide(shown, NAME_WIDTH);
        swprintf(row, size, L"%-*ls %ls", NAME_WIDTH, shown, bar);
    }
    free(shown);
    free(bar);
    return row;
}

static void go_to_first_row(void)
{
    HANDLE console = GetStdHandle(STD_ERROR_HANDLE);
    CONSOLE_SCREEN_BUFFER_INFO info;
    COORD start = {0};

    if (!drawn_count || !GetConsoleScreenBufferInfo(console, &info))
        return;
    start.Y = max(info.dwCursorPosition.Y - (int)drawn_count + 1, 0);
    SetConsoleCursorPosition(console, start);
}

/* Append a line that fills its row, so that nothing is left of a former one. It is shorter than the console is wide:
 * otherwise it would wrap. */
static void append_row(WCHAR *text, const WCHAR *line, size_t width, BOOL is_last)
{
    size_t length = min(wcslen(line), width);

    text += wcslen(text);
    wmemcpy(text, line, length);
    wmemset(text + length, ' ', width - length);
    wcscpy_s(text + width, 2, is_last ? L"" : L"\n");
}

/* Draw a line above the rows, if there is one, and the rows. They are written at once, or the console flickers. */
static void draw_rows(const WCHAR *above)
{
    size_t width = console_width(STD_ERROR_HANDLE, 80) - 1;
    WCHAR *text = calloc((row_count + 1) * (width + 1) + 1, sizeof(*text));
    unsigned int i;

    if (!text)
        return;
    go_to_first_row();
    if (above)
        append_row(text, above, width, FALSE);
    for (i = 0; i < row_count; ++i)
        append_row(text, rows[i]->row, width, i == row_count - 1);
    write_text(STD_ERROR_HANDLE, text);
    drawn_count = row_count;
    free(text);
}

static void draw_bar(struct progress *progress, const struct status *status)
{
    WCHAR *row = format_bar(status, get_rate(progress), progress->name ? NAMED_CELLS : BAR_CELLS);

    if (row && progress->name)
        row = add_name(progress->name, row);
    if (!row)
        return;
    if (progress->row)
        free(progress->row);
    else
        rows[row_count++] = progress;
    progress->row = row;
    draw_rows(NULL);
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
        format_size(status->total, total, ARRAY_SIZE(total));
        if (progress->name)
            write_message(STD_ERROR_HANDLE, IDS_PERCENT_LINE_NAMED, percent, total, progress->name);
        else
            write_message(STD_ERROR_HANDLE, IDS_PERCENT_LINE, percent, total);
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
        write_text(STD_ERROR_HANDLE, text);
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

void progress_break(void)
{
    size_t width = console_width(STD_ERROR_HANDLE, 80) - 1;
    WCHAR *text;
    unsigned int i;

    if (!drawn_count || !(text = calloc(drawn_count * (width + 1) + 1, sizeof(*text))))
        return;
    go_to_first_row();
    for (i = 0; i < drawn_count; ++i)
        append_row(text, L"", width, i == drawn_count - 1);
    write_text(STD_ERROR_HANDLE, text);
    go_to_first_row();
    drawn_count = 0;
    free(text);
}

void progress_end(struct progress *progress, BOOL is_left)
{
    WCHAR *row = progress->row;
    unsigned int i;

    if (!row)
        return;
    for (i = 0; rows[i] != progress; ++i)
        ;
    memmove(rows + i, rows + i + 1, (--row_count - i) * sizeof(*rows));
    progress->row = NULL;
    if (is_left)
        draw_rows(row);
    else
        progress_break();
    free(row);
}
