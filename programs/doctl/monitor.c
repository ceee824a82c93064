/*
 * doctl monitor: a list that renews itself
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

#define DEFAULT_INTERVAL 2

struct monitor_values
{
    struct number interval; /* seconds */
    BOOL wide;
};

const struct option monitor_options[] =
{
    {L"interval", 'i', OPTION_NUMBER, offsetof(struct monitor_values, interval)},
    {L"wide",     'w', OPTION_FLAG,   offsetof(struct monitor_values, wide)},
    {NULL}
};

/* Progress of a file when it was shown last. */
struct mark
{
    WCHAR id[ID_LENGTH];
    unsigned int file; /* its position among those of the id */
    UINT64 bytes;
    ULONGLONG time; /* ms */
};

struct marks
{
    struct mark *items;
    unsigned int count, capacity;
};

struct monitor
{
    BOOL wide;
    unsigned int lines, max_lines; /* of this round; more are only counted */
    struct marks last, now;
};

static struct mark *add_mark(struct marks *marks, const WCHAR *id)
{
    struct mark *mark, *items;

    if (marks->count == marks->capacity)
    {
        marks->capacity = marks->capacity ? marks->capacity * 2 : 16;
        if (!(items = realloc(marks->items, marks->capacity * sizeof(*items))))
            exit(report_error(E_OUTOFMEMORY, NULL));
        marks->items = items;
    }
    mark = marks->items + marks->count;
    memcpy(mark->id, id, sizeof(mark->id));
    mark->file = marks->count && !wcscmp(mark[-1].id, id) ? mark[-1].file + 1 : 0;
    ++marks->count;
    return mark;
}

/* Return the bytes per second since the file was shown last. */
static UINT64 get_rate(const struct monitor *monitor, const struct mark *now)
{
    const struct mark *last;
    unsigned int i;

    for (i = 0; i < monitor->last.count; ++i)
    {
        last = monitor->last.items + i;
        if (last->file != now->file || wcscmp(last->id, now->id))
            continue;
        if (last->bytes > now->bytes || last->time == now->time)
            return 0;
        return (now->bytes - last->bytes) * 1000 / (now->time - last->time);
    }
    return 0;
}

static void show_row(const GUID *id, const struct row *row, void *context)
{
    struct monitor *monitor = context;
    struct mark *mark;
    struct row shown;

    if (!row)
        return;
    mark = add_mark(&monitor->now, row->id);
    shown = *row;
    mark->bytes = row->status.transferred;
    mark->time = GetTickCount64();
    shown.rate = get_rate(monitor, mark);
    if (monitor->lines++ < monitor->max_lines)
        write_row_columns(&shown, monitor->wide);
}

/* Empty the window of the console, and return its height, or 0 if there is no console. */
static unsigned int clear_console(void)
{
    HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);
    CONSOLE_SCREEN_BUFFER_INFO info;
    COORD start = {0};
    DWORD written;

    if (!GetConsoleScreenBufferInfo(console, &info))
        return 0;
    start.Y = info.srWindow.Top;
    FillConsoleOutputCharacterW(console, ' ', info.dwSize.X * (info.srWindow.Bottom - info.srWindow.Top + 1), start,
            &written);
    SetConsoleCursorPosition(console, start);
    return info.srWindow.Bottom - info.srWindow.Top + 1;
}

static HRESULT show_round(const struct service *service, struct monitor *monitor)
{
    unsigned int height = clear_console();
    struct marks last = monitor->last;
    HRESULT hr;

    /* The header, the line for the rest, and the one where the cursor stands. */
    monitor->max_lines = height ? max(height, 4) - 3 : ~0u;
    monitor->lines = 0;
    monitor->now.count = 0;
    write_row_header(monitor->wide);
    hr = enum_rows(service, show_row, monitor);
    if (monitor->lines > monitor->max_lines)
        write_message(STD_OUTPUT_HANDLE, IDS_MORE_ROWS, monitor->lines - monitor->max_lines);
    else if (!height)
        write_text(STD_OUTPUT_HANDLE, L"\n");
    monitor->last = monitor->now;
    monitor->now = last;
    return hr;
}

enum exit_code monitor_run(const struct verb *verb, const void *values, WCHAR **args)
{
    const struct monitor_values *options = values;
    DWORD interval = options->interval.is_set ? options->interval.value : DEFAULT_INTERVAL;
    struct monitor monitor = {.wide = options->wide};
    enum exit_code code = EXIT_DONE;
    struct service service;
    HANDLE interrupted;
    HRESULT hr;

    if (!interval || interval > MAXLONG / 1000)
        return report_usage(verb, IDS_BAD_INTERVAL, NULL);
    interrupted = catch_interrupt();
    if (FAILED(hr = service_open(&service)))
        return report_no_service(hr);
    do
    {
        if (FAILED(hr = show_round(&service, &monitor)))
            code = report_error(hr, NULL);
    }
    while (code == EXIT_DONE && WaitForSingleObject(interrupted, interval * 1000) == WAIT_TIMEOUT);
    service_close(&service);
    free(monitor.last.items);
    free(monitor.now.items);
    return code;
}
