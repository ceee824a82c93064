/*
 * doctl: what the files share
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

#ifndef DOCTL_H
#define DOCTL_H

#define COBJMACROS
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <windows.h>
#include <deliveryoptimization.h>
#include <deliveryoptimizationjob.h>

#include "resource.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
#endif

enum exit_code
{
    EXIT_DONE        = 0,
    EXIT_FAILED      = 1,
    EXIT_USAGE       = 2,
    EXIT_NO_ID       = 3,
    EXIT_NO_SERVICE  = 4,
    EXIT_INTEGRITY   = 5,
    EXIT_BLOCKED     = 6,
    EXIT_INTERRUPTED = 130,
};

/* options.c: the command line of a verb */

enum option_type
{
    OPTION_FLAG,   /* BOOL */
    OPTION_NUMBER, /* struct number */
    OPTION_STRING, /* const WCHAR *, points into argv */
    OPTION_CHOICE, /* int, the position in the list of choices */
};

/* --name, -letter and /name are the same option. */
struct option
{
    const WCHAR *name;
    WCHAR letter;
    enum option_type type;
    size_t offset;        /* of the value in the verb's struct */
    const WCHAR *choices; /* "one|two" for OPTION_CHOICE */
};

/* The value of OPTION_NUMBER. */
struct number
{
    BOOL is_set;
    DWORD value;
};

struct verb
{
    const WCHAR *name;
    UINT help; /* string id */
    const struct option *options; /* ends with a row without name; NULL if there are none */
    unsigned int min_args, max_args;
    /* args is what the command line holds besides options, NULL where it holds less than max_args. */
    enum exit_code (*run)(const struct verb *verb, const void *values, WCHAR **args);
};

#define MAX_ARGS 2
#define MAX_OPTION_VALUES 64 /* bytes of the largest struct of option values */

extern BOOL parse_options(const struct verb *verb, int argc, WCHAR **argv, void *values, WCHAR **args, BOOL *help);

/* output.c: a stream is STD_OUTPUT_HANDLE or STD_ERROR_HANDLE */

extern BOOL is_console(DWORD stream);
/* Columns of the console, or the given number when it is none. */
extern unsigned int console_width(DWORD stream, unsigned int otherwise);
extern void write_text(DWORD stream, const WCHAR *text);
extern void write_utf8(DWORD stream, const WCHAR *text);
/* The string id of the resources; its inserts are those of FormatMessage. */
extern void write_message(DWORD stream, UINT id, ...);
/* free() the result, which is NULL when memory is short. */
extern WCHAR *format_message(UINT id, ...);
/* A URL as it may be shown: without query and credentials. free() it. */
extern WCHAR *printable_url(const WCHAR *url);
/* For JSON: in quotes, escaped. free() it. */
extern WCHAR *json_string(const WCHAR *text);
/* "12.3 MB", decimal units. */
extern const WCHAR *format_size(UINT64 size, WCHAR *buffer, size_t count);

/* errors.c */

/* The name from the headers, or NULL. */
extern const WCHAR *error_name(HRESULT hr);
extern enum exit_code error_exit_code(HRESULT hr);
/* One line on standard error; returns the exit code that belongs to the error. The manager describes the error and may
 * be NULL, as may the subject, which is usually a URL. */
extern enum exit_code report_error(IBackgroundCopyManager *manager, HRESULT hr, const WCHAR *subject);
/* The same with a description that is at hand. */
extern enum exit_code report_described_error(HRESULT hr, const WCHAR *description, const WCHAR *subject);

/* service.c: the service and what it knows */

/* Starts the service when it does not run; reports the error itself. */
extern HRESULT service_open(IBackgroundCopyManager **manager);
/* The error of a job in an error state; GetError's own failure otherwise. CoTaskMemFree() the description, which may
 * be NULL. */
extern HRESULT job_get_error(IBackgroundCopyJob *job, WCHAR **description);
/* Calls back for each job until the callback returns FALSE. */
extern HRESULT enum_jobs(IBackgroundCopyManager *manager, DWORD flags, BOOL (*callback)(IBackgroundCopyJob *job,
        const GUID *id, void *context), void *context);
/* Finds the one job whose id begins with the text; reports when there is none or more than one. */
extern enum exit_code find_job(IBackgroundCopyManager *manager, const WCHAR *text, IBackgroundCopyJob **job);
extern BOOL id_begins_with(const GUID *id, const WCHAR *text);
/* "xxxxxxxx-xxxx-...", without braces. */
#define ID_LENGTH 37
extern void format_id(const GUID *id, WCHAR text[ID_LENGTH]);
extern HRESULT first_file(IBackgroundCopyJob *job, IBackgroundCopyFile **file);
/* Free with stats_clear(). */
extern HRESULT file_get_stats(IBackgroundCopyFile *file, DOSwarmStats *stats);
extern void stats_clear(DOSwarmStats *stats);

/* progress.c: how far a download is, on standard error */

enum progress_mode
{
    PROGRESS_BAR, /* lines if standard error is no console */
    PROGRESS_JSON,
    PROGRESS_NONE,
    PROGRESS_LINES,
};

struct sample
{
    ULONGLONG time; /* ms */
    UINT64 bytes;
};

struct progress
{
    enum progress_mode mode;
    struct sample samples[16]; /* the last four seconds, for the rate */
    unsigned int sample_count;
    unsigned int percent_written;
    size_t drawn; /* length of the line on the console */
    ULONGLONG json_time;
};

struct progress_state
{
    BG_JOB_PROGRESS progress;
    BOOL from_cache; /* most bytes came from a cache host */
    const WCHAR *url;
};

extern void progress_init(struct progress *progress, enum progress_mode mode);
/* To be called at most four times a second; time is in milliseconds. */
extern void progress_update(struct progress *progress, const struct progress_state *state, ULONGLONG time, BOOL last);
/* Ends the line of the bar, so that something else can be written. */
extern void progress_break(struct progress *progress);

/* hash.c */

#define SHA256_SIZE 32
extern HRESULT sha256_file(const WCHAR *path, BYTE digest[SHA256_SIZE]);
extern BOOL parse_sha256(const WCHAR *text, BYTE digest[SHA256_SIZE]);

/* target.c */

/* The absolute path of what the user names: a file, or a folder that gets the name in the URL. NULL after a message.
 * free() it. */
extern WCHAR *target_path(const WCHAR *url, const WCHAR *file);
/* Makes a new empty file beside the target. free() the path. */
extern HRESULT unverified_path(const WCHAR *target, WCHAR **path);

/* fields.c: what status knows of one file, in the words of Windows */

/* What is shown of one file. */
struct row
{
    WCHAR id[ID_LENGTH];
    BG_JOB_STATE state;
    HRESULT error; /* of the job, S_OK if there is none */
    WCHAR *error_text;
    BG_FILE_PROGRESS progress;
    DOSwarmStats stats;
};

extern void write_row_list(const struct row *row);
extern void write_row_json(const struct row *row, BOOL first);

/* one per verb */

extern const struct option get_options[], status_options[];
extern enum exit_code get_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code status_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code control_run(const struct verb *verb, const void *values, WCHAR **args);

#endif /* DOCTL_H */
