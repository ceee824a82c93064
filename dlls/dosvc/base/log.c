/*
 * The log of the service, in files
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

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/base.h"
#include "base/front.h"
#include "base/log.h"

#include "sddl.h"

#define LINE_MAX     1024    /* bytes; longer ones are cut */
#define BUFFER_SIZE  0x10000 /* bytes of lines that wait for the disk */
#define GATHER_TIME  100     /* ms between two writes, unless there is a warning: the prefix may end at any moment */
#define CLOSE_TIME   2000    /* ms that the end of the service waits for the disk */
#define FOUND_MAX    64      /* files that are looked at */

LONG log_level;

static SRWLOCK log_lock = SRWLOCK_INIT;
static CONDITION_VARIABLE filled_cv = CONDITION_VARIABLE_INIT;
static CONDITION_VARIABLE urgent_cv = CONDITION_VARIABLE_INIT;
/* guarded by log_lock */
static char *buffer; /* owned */
static UINT filled;
static UINT lost;    /* lines */
static BOOL is_verbose, is_urgent, is_closing;

static HANDLE thread;

/* Touched by the thread alone. */
static WCHAR *folder;  /* with the separator at its end; owned, as is the next */
static WCHAR *formers;
static HANDLE file;    /* NULL while closed */
static struct log_file current;
static UINT size;      /* of the file */
static SECURITY_ATTRIBUTES folder_security = { sizeof(folder_security) };
static SECURITY_ATTRIBUTES file_security = { sizeof(file_security) };

static void set_level_locked(void)
{
    log_level = !buffer || is_closing ? 0 : is_verbose ? LOG_DEBUG : LOG_INFO;
}

void log_set_verbose(BOOL verbose)
{
    AcquireSRWLockExclusive(&log_lock);
    is_verbose = verbose;
    set_level_locked();
    ReleaseSRWLockExclusive(&log_lock);
}

/* Return the length of a line, which ends with a line feed, and has no other one. */
static UINT end_line(char line[LINE_MAX], int length)
{
    UINT end = length < 0 || length >= LINE_MAX ? LINE_MAX - 1 : length, i;

    while (end && (line[end - 1] == '\n' || !line[end - 1]))
        end--;
    for (i = 0; i < end; i++)
    {
        if ((BYTE)line[i] < ' ')
            line[i] = ' ';
    }
    line[end] = '\n';
    return end + 1;
}

static void add_line(const char *line, UINT length, BOOL has_priority)
{
    AcquireSRWLockExclusive(&log_lock);
    if (!log_level || length > BUFFER_SIZE - filled)
        lost++;
    else
    {
        if (!filled)
            WakeConditionVariable(&filled_cv);
        memcpy(buffer + filled, line, length);
        filled += length;
    }
    if (has_priority && !is_urgent)
    {
        is_urgent = TRUE;
        WakeConditionVariable(&urgent_cv);
    }
    ReleaseSRWLockExclusive(&log_lock);
}

static int format_line(char line[LINE_MAX], enum log_level level, const char *function, const char *format,
        va_list args)
{
    char time[LOG_TIME_LENGTH + 1];
    int length, end;

    log_format_time(get_system_time(), time);
    length = snprintf(line, LINE_MAX, "%s %lX %lX %s {%s} ", time, GetCurrentProcessId(), GetCurrentThreadId(),
            log_level_name(level), function);
    if (length < 0 || length >= LINE_MAX)
        return length;
    end = vsnprintf(line + length, LINE_MAX - length, format, args);
    return end < 0 ? end : length + end;
}

void log_write(enum log_level level, const char *function, const char *format, ...)
{
    char line[LINE_MAX];
    va_list args;
    int length;

    va_start(args, format);
    length = format_line(line, level, function, format, args);
    va_end(args);
    add_line(line, end_line(line, length), level <= LOG_WARNING);
}

/* The functions below are those of the thread. */

static WCHAR *get_path(const struct log_file *log_file)
{
    WCHAR name[LOG_NAME_MAX];

    log_format_name(log_file, front->log_prefix, name);
    return join(folder, name);
}

/* List the files in a folder, the earliest first. Return how many there are. */
static UINT list_files(const WCHAR *from, struct log_file files[FOUND_MAX])
{
    WCHAR *pattern = join(from, L"*");
    WIN32_FIND_DATAW data;
    HANDLE find = INVALID_HANDLE_VALUE;
    UINT count = 0;

    if (pattern)
        find = FindFirstFileW(pattern, &data);
    free(pattern);
    if (find == INVALID_HANDLE_VALUE)
        return 0;
    do
        count += log_parse_name(data.cFileName, front->log_prefix, &files[count]);
    while (count < FOUND_MAX && FindNextFileW(find, &data));
    FindClose(find);
    qsort(files, count, sizeof(*files), log_compare_files);
    return count;
}

/* Move a file of another folder, with the next number if its name is taken. */
static BOOL take_over_file(const WCHAR *from, struct log_file *log_file)
{
    WCHAR *to = get_path(log_file);
    BOOL ret = to && MoveFileExW(from, to, MOVEFILE_COPY_ALLOWED);
    DWORD error = GetLastError();

    free(to);
    if (ret || !to || (error != ERROR_ALREADY_EXISTS && error != ERROR_FILE_EXISTS) || log_file->number >= FOUND_MAX)
        return ret;
    log_file->number++;
    return take_over_file(from, log_file);
}

/* Move the files of a folder that was used before. */
static void take_over(const WCHAR *former)
{
    struct log_file files[FOUND_MAX];
    UINT count = list_files(former, files), i;
    WCHAR name[LOG_NAME_MAX], *from;

    for (i = 0; i < count; i++)
    {
        log_format_name(&files[i], front->log_prefix, name);
        if ((from = join(former, name)))
            take_over_file(from, &files[i]);
        free(from);
    }
    RemoveDirectoryW(former);
}

static void delete_old(struct log_file *files, UINT count, UINT today)
{
    UINT old = log_count_old(files, count, today), i;
    WCHAR *path;

    for (i = 0; i < old; i++)
    {
        if ((path = get_path(&files[i])))
            DeleteFileW(path);
        free(path);
    }
}

static void close_file(void)
{
    if (file)
        CloseHandle(file);
    file = NULL;
}

/* Open a file, and go to its end. FALSE if that fails. */
static BOOL open_file(void)
{
    LARGE_INTEGER end = {{0}};
    WCHAR *path = get_path(&current);
    HANDLE opened = INVALID_HANDLE_VALUE;

    if (path)
        opened = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, &file_security, OPEN_ALWAYS,
                FILE_ATTRIBUTE_NORMAL, NULL);
    free(path);
    if (opened == INVALID_HANDLE_VALUE)
        return FALSE;
    file = opened;
    if (SetFilePointerEx(file, end, &end, FILE_END) && end.u.HighPart == 0)
    {
        size = end.u.LowPart;
        return TRUE;
    }
    close_file();
    return FALSE;
}

/* Open the file for so many more bytes today: the last one, or the next. */
static BOOL choose_file(UINT today, UINT more)
{
    struct log_file files[FOUND_MAX];
    UINT count;

    if (file && current.date == today && size + more <= LOG_SIZE_MAX)
        return TRUE;
    close_file();
    CreateDirectoryW(folder, &folder_security);
    count = list_files(folder, files);
    current.date = today;
    current.number = count && files[count - 1].date == today ? files[count - 1].number : 1;
    if (open_file() && size && size + more > LOG_SIZE_MAX)
    {
        close_file();
        current.number++;
        open_file();
    }
    if (file && (!count || log_compare_files(&files[count - 1], &current)) && count < FOUND_MAX)
        files[count++] = current;
    delete_old(files, count, today);
    return file != NULL;
}

/* Write whole lines, or none. */
static BOOL write_lines(const char *lines, UINT length)
{
    LARGE_INTEGER end = {{0}};
    DWORD written = 0;

    if (!choose_file(log_date(get_system_time()), length))
        return FALSE;
    if (WriteFile(file, lines, length, &written, NULL) && written == length)
    {
        size += length;
        return TRUE;
    }
    end.u.LowPart = size;
    if (SetFilePointerEx(file, end, NULL, FILE_BEGIN))
        SetEndOfFile(file);
    close_file();
    return FALSE;
}

static UINT count_lines(const char *lines, UINT length)
{
    UINT count = 0, i;

    for (i = 0; i < length; i++)
        count += lines[i] == '\n';
    return count;
}

/* Take the lines that there are, with an empty buffer in exchange. Return their length. */
static UINT take_lines_locked(char **lines)
{
    char *empty = *lines;
    UINT length = filled;

    *lines = buffer;
    buffer = empty;
    filled = 0;
    is_urgent = FALSE;
    return length;
}

static void report_lost(UINT count)
{
    if (count)
        log_write(LOG_WARNING, __FUNCTION__, "%u lines could not be written.\n", count);
}

static void write_until_closed(char *lines)
{
    UINT length, missed = 0;

    AcquireSRWLockExclusive(&log_lock);
    while (filled || !is_closing)
    {
        if (!filled)
        {
            SleepConditionVariableSRW(&filled_cv, &log_lock, INFINITE, 0);
            continue;
        }
        length = take_lines_locked(&lines);
        missed += lost;
        lost = 0;
        ReleaseSRWLockExclusive(&log_lock);
        if (!write_lines(lines, length))
            missed += count_lines(lines, length);
        else
        {
            report_lost(missed);
            missed = 0;
        }
        AcquireSRWLockExclusive(&log_lock);
        if (!is_closing && !is_urgent)
            SleepConditionVariableSRW(&urgent_cv, &log_lock, GATHER_TIME, 0);
    }
    ReleaseSRWLockExclusive(&log_lock);
    free(lines);
}

static DWORD WINAPI log_proc(void *arg)
{
    const WCHAR *former;

    ConvertStringSecurityDescriptorToSecurityDescriptorW(FOLDER_SECURITY, SDDL_REVISION_1,
            &folder_security.lpSecurityDescriptor, NULL);
    ConvertStringSecurityDescriptorToSecurityDescriptorW(FILE_SECURITY, SDDL_REVISION_1,
            &file_security.lpSecurityDescriptor, NULL);
    CreateDirectoryW(folder, &folder_security);
    for (former = formers; *former; former += wcslen(former) + 1)
        take_over(former);
    write_until_closed(arg);
    close_file();
    return 0;
}

static WCHAR *copy_strings(const WCHAR *strings)
{
    const WCHAR *end = strings;
    WCHAR *copy;

    while (*end)
        end += wcslen(end) + 1;
    if ((copy = malloc((end - strings + 1) * sizeof(*copy))))
        memcpy(copy, strings, (end - strings + 1) * sizeof(*copy));
    return copy;
}

void log_begin(void)
{
    AcquireSRWLockExclusive(&log_lock);
    buffer = malloc(BUFFER_SIZE);
    set_level_locked();
    ReleaseSRWLockExclusive(&log_lock);
}

HRESULT log_open(const WCHAR *new_folder, const WCHAR *former_folders)
{
    char *lines = malloc(BUFFER_SIZE);

    folder = wcsdup(new_folder);
    formers = copy_strings(former_folders);
    if (lines && log_level && folder && formers)
        thread = CreateThread(NULL, 0, log_proc, lines, 0, NULL);
    if (thread)
        return S_OK;
    free(lines);
    return E_OUTOFMEMORY;
}

void log_close(void)
{
    if (!thread)
        return;
    AcquireSRWLockExclusive(&log_lock);
    is_closing = TRUE;
    set_level_locked();
    ReleaseSRWLockExclusive(&log_lock);
    WakeConditionVariable(&filled_cv);
    WakeConditionVariable(&urgent_cv);
    WaitForSingleObject(thread, CLOSE_TIME);
}
