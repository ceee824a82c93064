/*
 * Form of the service's log: lines, names of files, and how many are kept
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

/* Pure. Statements are in documentation/spec/policy-cache-integrity.md, sections 7.1 and 7.3. A line is
 *
 *   2026-12-01T11:47:08.1234567Z 1A4 2B8 Info {function} message
 *
 * with the process and the thread in hex, in UTC. */

#ifndef __DOSVC_LOG_RULES_H
#define __DOSVC_LOG_RULES_H

#include "base/types.h"

/* Numbers are those of Windows' events; a higher one tells more. */
enum log_level
{
    LOG_ERROR = 2,
    LOG_WARNING,
    LOG_INFO,
    LOG_DEBUG,
};

#define LOG_TIME_LENGTH 28       /* characters */
#define LOG_NAME_MAX    64       /* characters of the name of a file with its end */
#define LOG_SIZE_MAX    0x800000 /* bytes of a file */
#define LOG_FILES_MAX   10
#define LOG_DAYS_MAX    14

/* Return the name of a level, as in lines; NULL if there is none. */
extern const char *log_level_name(UINT level);
/* Write a FILETIME, with a zero behind it. */
extern void log_format_time(UINT64 time, char text[LOG_TIME_LENGTH + 1]);

/* Parts of a line. Strings are not terminated. */
struct log_line
{
    const char *time;    /* of LOG_TIME_LENGTH characters */
    UINT process, thread;
    enum log_level level;
    const char *function;
    UINT function_length;
    const char *message;
    UINT message_length; /* without the line's end */
};

/* Take a line of so many bytes apart. FALSE if it is none. */
extern BOOL log_parse_line(const char *text, UINT length, struct log_line *line);

/* File of a log: PREFIX.YYYYMMDD.log, and from the second one of a day on PREFIX.YYYYMMDD.N.log. */
struct log_file
{
    UINT date;   /* YYYYMMDD */
    UINT number; /* from 1 on */
};

/* Return the date of a FILETIME. */
extern UINT log_date(UINT64 time);
extern void log_format_name(const struct log_file *file, const WCHAR *prefix, WCHAR name[LOG_NAME_MAX]);
/* Return FALSE if this is the name of no file of the log. */
extern BOOL log_parse_name(const WCHAR *name, const WCHAR *prefix, struct log_file *file);
/* Compare for qsort: the earlier file comes first. */
extern int log_compare_files(const void *a, const void *b);
/* Return how many of the first of these sorted files are not kept. */
extern UINT log_count_old(const struct log_file *files, UINT count, UINT today);

#endif /* __DOSVC_LOG_RULES_H */
