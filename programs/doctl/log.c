/*
 * doctl log: lines of the service's log
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

#include <stdio.h>

#include "doctl.h"
#include "base/log_rules.h"
#include "registration.h"

#define CHUNK_SIZE    0x10000 /* bytes; lines are shorter */
#define FILES_MAX     64
#define FOLDERS_MAX   2048    /* characters of a list of folders */
#define POLL_INTERVAL 500     /* ms */

/* Choices of --level, in reverse. */
static const enum log_level levels[] = {LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR};

struct log_values
{
    BOOL follow;
    int level;
    const WCHAR *since;
    BOOL json;
};

const struct option log_options[] =
{
    {L"follow", 'f', OPTION_FLAG,   offsetof(struct log_values, follow)},
    {L"level",  'l', OPTION_CHOICE, offsetof(struct log_values, level), L"debug|info|warning|error"},
    {L"since",  's', OPTION_STRING, offsetof(struct log_values, since)},
    {L"json",   'j', OPTION_FLAG,   offsetof(struct log_values, json)},
    {NULL}
};

struct reader
{
    enum log_level level;             /* up to which lines are shown */
    char since[LOG_TIME_LENGTH + 1];  /* a time, or the beginning of one */
    BOOL json;
    WCHAR folder[MAX_PATH];           /* with the separator at its end */
    const WCHAR *prefix;              /* of the names of files */
    HANDLE file;                      /* NULL while closed */
    struct log_file current;
    char data[CHUNK_SIZE];
    UINT filled;                      /* with the beginning of a line */
};

/* Find the folder that the service uses, or has used last. */
static BOOL find_folder(struct reader *reader)
{
    const WCHAR *usual = service_is_bits() ? BITS_ROOT_FOLDER L"\\" : DOSVC_ROOT_FOLDER L"\\";
    WCHAR list[FOLDERS_MAX];
    DWORD size = sizeof(list), length;

    reader->prefix = service_is_bits() ? L"bits" : L"dosvc";
    if (!service_is_bits() && !RegGetValueW(HKEY_LOCAL_MACHINE, DOSVC_PARAMETERS_KEY, FOLDERS_VALUE,
            RRF_RT_REG_MULTI_SZ, NULL, list, &size) && list[0])
        return swprintf(reader->folder, MAX_PATH, L"%ls%ls", list, LOGS_NAME) > 0;
    length = GetEnvironmentVariableW(L"SystemRoot", list, FOLDERS_MAX);
    return length && length < FOLDERS_MAX
            && swprintf(reader->folder, MAX_PATH, L"%ls%ls%ls", list, usual, LOGS_NAME) > 0;
}

/* Read a time that has the form of those in the log, as far as it goes. */
static BOOL parse_time(const WCHAR *text, char since[LOG_TIME_LENGTH + 1])
{
    static const char form[] = "0000-00-00T00:00:00.0000000Z";
    unsigned int i;

    for (i = 0; text[i]; ++i)
    {
        if (i == LOG_TIME_LENGTH || (form[i] == '0' ? text[i] < '0' || text[i] > '9'
                : text[i] != form[i] && (form[i] != 'T' || text[i] != ' ')))
            return FALSE;
        since[i] = form[i] == '0' ? text[i] : form[i];
    }
    since[i] = 0;
    return i >= 4;
}

/* Read how long ago: a number with s, m, h or d behind it. */
static BOOL parse_age(const WCHAR *text, char since[LOG_TIME_LENGTH + 1])
{
    static const struct
    {
        WCHAR letter;
        unsigned int seconds;
    }
    units[] = {{'s', 1}, {'m', 60}, {'h', 60 * 60}, {'d', 24 * 60 * 60}};
    WCHAR *end;
    ULONGLONG age = wcstoul(text, &end, 10);
    ULARGE_INTEGER now;
    FILETIME time;
    unsigned int i;

    if (end == text || !*end || end[1] || text[0] < '0' || text[0] > '9')
        return FALSE;
    for (i = 0; i < ARRAY_SIZE(units) && units[i].letter != *end; ++i)
        ;
    if (i == ARRAY_SIZE(units))
        return FALSE;
    GetSystemTimeAsFileTime(&time);
    now.u.LowPart = time.dwLowDateTime;
    now.u.HighPart = time.dwHighDateTime;
    age *= units[i].seconds * 10000000ull;
    log_format_time(now.QuadPart > age ? now.QuadPart - age : 0, since);
    return TRUE;
}

/* Return a copy of text in UTF-8. free() it. */
static WCHAR *widen(const char *text, UINT length)
{
    int size = length ? MultiByteToWideChar(CP_UTF8, 0, text, length, NULL, 0) : 0;
    WCHAR *copy = calloc(size + 1, sizeof(*copy));

    if (copy && size)
        MultiByteToWideChar(CP_UTF8, 0, text, length, copy, size);
    return copy;
}

static void write_part(const WCHAR *name, const char *text, UINT length)
{
    WCHAR *wide = widen(text, length);

    write_json_member(name, wide, TRUE);
    free(wide);
}

static void write_number(const WCHAR *name, UINT number)
{
    WCHAR text[16];

    swprintf(text, ARRAY_SIZE(text), L"%u", number);
    write_json_member(name, text, FALSE);
}

static void write_json_line(const struct log_line *line)
{
    const char *level = log_level_name(line->level);

    write_text(STD_OUTPUT_HANDLE, L"{\"schema\":1");
    write_part(L"TimeCreated", line->time, LOG_TIME_LENGTH);
    write_number(L"ProcessId", line->process);
    write_number(L"ThreadId", line->thread);
    write_number(L"Level", line->level);
    write_part(L"LevelName", level, strlen(level));
    write_part(L"Function", line->function, line->function_length);
    write_part(L"Message", line->message, line->message_length);
    write_text(STD_OUTPUT_HANDLE, L"}\n");
}

static void show_line(const struct reader *reader, const char *text, UINT length)
{
    struct log_line line;
    WCHAR *wide;

    if (!log_parse_line(text, length, &line) || line.level > reader->level
            || strncmp(line.time, reader->since, strlen(reader->since)) < 0)
        return;
    if (reader->json)
    {
        write_json_line(&line);
        return;
    }
    if ((wide = widen(text, length)))
        write_text(STD_OUTPUT_HANDLE, wide);
    free(wide);
}

/* Show what has come to the file since the last call. */
static void read_file(struct reader *reader)
{
    const char *end, *start;
    DWORD size;

    while (reader->file && ReadFile(reader->file, reader->data + reader->filled, CHUNK_SIZE - reader->filled, &size,
            NULL) && size)
    {
        reader->filled += size;
        for (start = reader->data; (end = memchr(start, '\n', reader->data + reader->filled - start)); start = end + 1)
            show_line(reader, start, end + 1 - start);
        reader->filled -= start - reader->data;
        memmove(reader->data, start, reader->filled);
        /* A line that fills it all is none of the service. */
        if (reader->filled == CHUNK_SIZE)
            reader->filled = 0;
    }
}

/* Find the first file behind the current one. */
static BOOL find_next(const struct reader *reader, struct log_file *next)
{
    WCHAR pattern[MAX_PATH + 1];
    WIN32_FIND_DATAW data;
    struct log_file file;
    BOOL found = FALSE;
    HANDLE find;

    swprintf(pattern, ARRAY_SIZE(pattern), L"%ls*", reader->folder);
    if ((find = FindFirstFileW(pattern, &data)) == INVALID_HANDLE_VALUE)
        return FALSE;
    do
    {
        if (!log_parse_name(data.cFileName, reader->prefix, &file) || log_compare_files(&file, &reader->current) <= 0
                || (found && log_compare_files(&file, next) > 0))
            continue;
        *next = file;
        found = TRUE;
    }
    while (FindNextFileW(find, &data));
    FindClose(find);
    return found;
}

static void close_file(struct reader *reader)
{
    if (reader->file)
        CloseHandle(reader->file);
    reader->file = NULL;
    reader->filled = 0;
}

static void open_next(struct reader *reader, const struct log_file *next)
{
    WCHAR path[MAX_PATH + LOG_NAME_MAX], name[LOG_NAME_MAX];

    reader->current = *next;
    log_format_name(next, reader->prefix, name);
    swprintf(path, ARRAY_SIZE(path), L"%ls%ls", reader->folder, name);
    reader->file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
            OPEN_EXISTING, 0, NULL);
    if (reader->file != INVALID_HANDLE_VALUE)
        return;
    report_error(HRESULT_FROM_WIN32(GetLastError()), path);
    reader->file = NULL;
}

/* Show what there is, in all files. */
static void show_round(struct reader *reader)
{
    struct log_file next;

    hold_output(TRUE);
    read_file(reader);
    while (find_next(reader, &next))
    {
        /* The service writes no more to a file when there is another one. */
        read_file(reader);
        close_file(reader);
        open_next(reader, &next);
        read_file(reader);
    }
    hold_output(FALSE);
}

enum exit_code log_run(const struct verb *verb, const void *values, WCHAR **args)
{
    const struct log_values *options = values;
    struct reader *reader;
    HANDLE interrupted;

    if (!(reader = calloc(1, sizeof(*reader))))
        return report_error(E_OUTOFMEMORY, NULL);
    reader->level = levels[options->level];
    reader->json = options->json;
    if (options->since && !parse_time(options->since, reader->since) && !parse_age(options->since, reader->since))
    {
        free(reader);
        return report_usage(verb, IDS_BAD_SINCE, options->since);
    }
    if (!find_folder(reader))
    {
        free(reader);
        return report_error(HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND), NULL);
    }
    interrupted = options->follow ? catch_interrupt() : NULL;
    do
        show_round(reader);
    while (options->follow && WaitForSingleObject(interrupted, POLL_INTERVAL) == WAIT_TIMEOUT);
    close_file(reader);
    free(reader);
    return EXIT_DONE;
}
