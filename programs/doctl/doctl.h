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
#include <winsvc.h>
#include <deliveryoptimization.h>
#include <deliveryoptimizationjob.h>
#include <dosvcstatus.h>

#include "base/digest.h"
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
    EXIT_PROBLEMS    = 7,
    EXIT_INTERRUPTED = 130,
};

/* options.c: the command line of a verb */

enum option_type
{
    OPTION_FLAG,   /* BOOL */
    OPTION_NUMBER, /* struct number */
    OPTION_STRING, /* const WCHAR *, points into argv */
    OPTION_CHOICE, /* int, the position in the list of choices */
    OPTION_LIST,   /* struct list, may be repeated */
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

/* The value of OPTION_LIST. */
#define MAX_LIST 32
struct list
{
    unsigned int count;
    const WCHAR *items[MAX_LIST]; /* point into argv */
};

struct verb
{
    const WCHAR *name;
    UINT help; /* string id */
    const struct option *options; /* ends with a row without name; NULL if there are none */
    unsigned int min_args, max_args;
    /* args are the arguments besides options; those behind the given ones are NULL. */
    enum exit_code (*run)(const struct verb *verb, const void *values, WCHAR **args);
    BOOL is_do_only; /* of Delivery Optimization, and not of BITS */
};

#define MAX_ARGS 256
#define MAX_OPTION_VALUES 384 /* bytes of the largest struct of option values */

/* Write a message about the command line, and where the help is; returns EXIT_USAGE. */
extern enum exit_code report_usage(const struct verb *verb, UINT message, const WCHAR *text);
extern BOOL parse_options(const struct verb *verb, int argc, WCHAR **argv, void *values, WCHAR **args, BOOL *help);

/* output.c: a stream is STD_OUTPUT_HANDLE or STD_ERROR_HANDLE */

extern BOOL is_console(DWORD stream);
/* Return an event that Ctrl+C and its kin set from now on, instead of ending the program. */
extern HANDLE catch_interrupt(void);
/* Return whether the console or the session ends, so that nobody has asked for an end of the program as such. */
extern BOOL is_session_ending(void);
/* Return the columns of the console, or the given number when the stream is no console. */
extern unsigned int console_width(DWORD stream, unsigned int otherwise);
/* Begin or end to buffer standard output, unless that is a console. */
extern void hold_output(BOOL is_held);
/* Write a text to a console, or in UTF-8 to a file or a pipe, since Unix is on the other side. */
extern void write_text(DWORD stream, const WCHAR *text);
/* Write a string of the resources, with inserts as FormatMessage has them. */
extern void write_message(DWORD stream, UINT id, ...);
/* Return a string of the resources with its inserts, or NULL when memory is short. free() it. */
extern WCHAR *format_message(UINT id, ...);
/* Return the URL as it may be shown: without query and credentials. free() it. */
extern WCHAR *printable_url(const WCHAR *url);
/* Return whether the URL begins with a scheme that the service knows. */
extern BOOL url_is_supported(const WCHAR *url);
/* Return the text for JSON: in quotes, escaped. free() it. */
extern WCHAR *json_string(const WCHAR *text);
/* Write a text as a value of JSON. */
extern void write_json_value(const WCHAR *text);
/* Write a further member of a JSON object, null if the value is NULL. */
extern void write_json_member(const WCHAR *name, const WCHAR *value, BOOL quote);
/* Write "12.3 MB", in decimal units; returns the buffer. */
/* Elide the middle of a text, which tells less than its ends, if it is longer than the width, which is 16 at least. */
extern void elide(WCHAR *text, size_t width);
extern const WCHAR *format_size(UINT64 size, WCHAR *buffer, size_t count);

/* errors.c */

/* Return the name from the headers, or NULL. */
extern const WCHAR *error_name(HRESULT hr);
/* Find an error by its name, in any case. */
extern BOOL error_from_name(const WCHAR *name, HRESULT *hr);
/* Return the text of an error, without a full stop; NULL when memory is short. free() it. */
extern WCHAR *error_text(HRESULT hr);
/* Return the advice for an error, without a full stop; NULL if there is none. free() it. */
extern WCHAR *error_next_step(HRESULT hr);
/* Write an error and the next step on standard error, and return the exit code that belongs to it. The subject, which
 * is usually a URL, may be NULL. */
extern enum exit_code report_error(HRESULT hr, const WCHAR *subject);
/* Do the same as report_error for a failure of service_open(). */
extern enum exit_code report_no_service(HRESULT hr);
/* Do the same for the error that led to another one. */
extern void report_cause(HRESULT hr);
/* Write the members of the JSON object of an error. */
extern void write_json_error(HRESULT hr);

/* service.c: the service and what it has */

/* The two generations of the API. */
struct service
{
    IBackgroundCopyManager *jobs;
    IDOManager *downloads; /* NULL: BITS has none */
};

/* Work with the service BITS from now on. */
extern void service_use_bits(void);
extern BOOL service_is_bits(void);
/* Connect to the service, which starts when it does not run. */
extern HRESULT service_open(struct service *service);
extern void service_close(struct service *service);
/* Have an item come from the server of its URL alone, from the next request on, or from cache hosts as well. */
extern HRESULT service_set_direct(const struct service *service, const GUID *id, BOOL is_direct);

/* scm.c: the service as the service manager has it, and its registration */

/* Open the service. NULL if that fails; CloseServiceHandle() it. */
extern SC_HANDLE scm_open_service(DWORD access);
/* Return whether the service has ended without being told to. */
extern BOOL scm_has_died(SC_HANDLE service);
/* Run dosvc-setup, and wait for it. FALSE if it cannot be run. */
extern BOOL run_setup(const WCHAR *arguments, BOOL is_shown, DWORD *code);

/* A download of either generation. The object is an IBackgroundCopyJob or an IDODownload. */
struct item
{
    const struct api *api;
    IUnknown *object;
    GUID id;
};

extern BOOL id_begins_with(const GUID *id, const WCHAR *text);
/* Write "xxxxxxxx-xxxx-...", without braces. */
#define ID_LENGTH 37
extern void format_id(const GUID *id, WCHAR text[ID_LENGTH]);

/* job.c, download.c: one generation of the API each */

#define UNKNOWN_SIZE BG_SIZE_UNKNOWN

/* How far an item is. */
struct status
{
    BG_JOB_STATE state; /* of a download: what a job in this condition would say */
    UINT64 total, transferred; /* bytes; the total may be UNKNOWN_SIZE */
    BOOL from_cache; /* most bytes came from a cache host */
    HRESULT error; /* why it stopped or waits, S_OK if there is nothing */
    HRESULT cause; /* of the error, S_OK if that is not known */
};

extern BOOL status_is_complete(const struct status *status);

/* A file as status and monitor show it; fields.c has the names of the columns. */
struct row
{
    const struct api *api;
    WCHAR id[ID_LENGTH];
    struct status status; /* of the item, the bytes are those of the file */
    UINT64 rate; /* bytes per second, 0 if it is not known */
    BOOL has_stats; /* FALSE: of the statistics, there are only size, bytes, their sources, status, priority and URL */
    DOSwarmStats stats;
    UINT64 cdn_bytes; /* of those over HTTP, what the server of the URL has sent */
    LPWSTR cache_host; /* last used one, or NULL */
};

/* rows.c: call back for each file of all users, with a row that is valid during the call, and for each job without
 * files, with row NULL. id is that of the job or the download. */
extern HRESULT enum_rows(const struct service *service,
        void (*callback)(const GUID *id, const struct row *row, void *context), void *context);

/* A download as get wants it. */
struct request
{
    const WCHAR *url, *path;
    BOOL is_background;
    BOOL is_kept; /* outlives the client */
    struct number timeout; /* seconds without progress */
    WCHAR *headers; /* "Name: value" lines with CRLF, NULL if there are none; of downloads only */
    const WCHAR *label; /* by which get finds it again, NULL if it is not to be found */
    const WCHAR *integrity_info; /* JSON for IntegrityCheckInfo, NULL if nothing is verified; not of BITS */
    UINT security_flags; /* as of WinHTTP; of downloads only */
};

/* An object is what struct item holds. */
struct api
{
    const WCHAR *name;
    /* Make an item, without resuming it. */
    HRESULT (*create)(const struct service *service, const struct request *request, struct item *item);
    /* Call back for each item, whose object is released afterwards, until the callback returns FALSE. */
    HRESULT (*enumerate)(const struct service *service,
            BOOL (*callback)(const struct service *service, const struct item *item, void *context), void *context);
    /* The same for at least those with this label. */
    HRESULT (*enum_labelled)(const struct service *service, const WCHAR *label,
            BOOL (*callback)(const struct service *service, const struct item *item, void *context), void *context);
    /* Return a text, or NULL. free() it. */
    WCHAR *(*get_url)(IUnknown *object);
    WCHAR *(*get_path)(IUnknown *object);
    WCHAR *(*get_label)(IUnknown *object);
    WCHAR *(*get_headers)(IUnknown *object); /* of the last response */
    /* Stop an item that has not arrived yet, and change it to what the request says. */
    HRESULT (*reuse)(IUnknown *object, const struct request *request);
    HRESULT (*get_status)(IUnknown *object, struct status *status);
    /* Fill all but the id of a row of zeros; the strings stay those of the file. */
    void (*fill_row)(const DOSVC_FILE *file, struct row *row);
    HRESULT (*pause)(IUnknown *object);
    HRESULT (*resume)(IUnknown *object);
    HRESULT (*cancel)(IUnknown *object);
    /* DO_E_INVALID_STATE if not all has arrived. */
    HRESULT (*complete)(IUnknown *object);
};

extern const struct api job_api, download_api;
/* download.c: return the text of a property, or NULL. free() it. */
extern WCHAR *download_get_string(IDODownload *download, DODownloadProperty id);

/* probe.c: downloads that find out how a server answers */

/* All is borrowed. */
struct probe
{
    const struct service *service;
    HANDLE interrupted;
    const WCHAR *url, *path; /* of a file that does not exist */
    UINT security_flags;     /* as of WinHTTP */
};

extern HRESULT probe_create(const struct probe *probe, IDODownload **download);
extern void probe_end(IDODownload *download);
/* Wait until a download has ended, has failed for now, or the time in milliseconds is over, which is S_FALSE. */
extern HRESULT probe_wait(const struct probe *probe, IDODownload *download, DWORD time, DO_DOWNLOAD_STATUS *status);
/* Ask for the first byte, and call back with the download if it comes. */
extern HRESULT probe_first_byte(const struct probe *probe, DWORD time,
        void (*accept)(IDODownload *download, void *context), void *context);
extern unsigned int probe_get_status_code(IDODownload *download);
/* Copy the value of a header field, cut to the room. FALSE if there is none. */
extern BOOL probe_find_field(const WCHAR *headers, const WCHAR *name, WCHAR *value, size_t count);

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
    const WCHAR *name; /* shown in front; borrowed; NULL if there is only one download */
    struct sample samples[16]; /* the last four seconds, for the rate */
    unsigned int sample_count;
    unsigned int percent_written;
    WCHAR *row; /* of the console, owned; NULL if there is none */
    ULONGLONG time; /* of what was written last, 0 if nothing was */
};

/* Rows on the console at once. */
#define PROGRESS_ROWS 8

extern void progress_init(struct progress *progress, enum progress_mode mode, const WCHAR *name);
/* Show how far the download is. Calls that follow too early, by the time in milliseconds, show nothing, except the last
 * one. */
extern void progress_update(struct progress *progress, const struct status *status, const WCHAR *url, ULONGLONG time,
        BOOL last);
/* Remove the row of the download, or leave it above the others. */
extern void progress_end(struct progress *progress, BOOL is_left);
/* Remove all rows for now, so that something else can be written. */
extern void progress_break(void);

/* hash.c */

#define SHA256_SIZE   32
#define SHA256_LENGTH (2 * SHA256_SIZE + 1) /* characters of its text */
#define WHOLE_FILE  (~(UINT64)0)
extern HRESULT open_for_hash(const WCHAR *path, HANDLE *file);
/* Hash so many bytes of a file from where it stands, or up to its end. */
extern HRESULT hash_part(HANDLE file, enum digest_algorithm algorithm, UINT64 length, BYTE *digest);
extern HRESULT sha256_file(const WCHAR *path, BYTE digest[SHA256_SIZE]);
extern BOOL parse_sha256(const WCHAR *text, BYTE digest[SHA256_SIZE]);
/* Write it in hexadecimal digits; returns the text. */
extern const WCHAR *format_sha256(const BYTE digest[SHA256_SIZE], WCHAR text[SHA256_LENGTH]);

/* target.c */

/* Return the absolute form of a path. free() it. */
extern WCHAR *full_path(const WCHAR *path);
/* Return a path of two parts. free() it. */
extern WCHAR *join_path(const WCHAR *folder, const WCHAR *name);
/* Return the absolute path of what the user names, the current folder if that is NULL. It ends with a backslash if it
 * is a folder. free() it. */
extern WCHAR *target_path(const WCHAR *file);
extern BOOL target_is_folder(const WCHAR *target);
/* Return whether the folder of the target is there. */
extern BOOL target_has_folder(const WCHAR *target);
/* Return the name of a file beside the target, or in it, that does not exist. free() it. */
extern WCHAR *temporary_path(const WCHAR *target);

/* delivery.c: how a file gets its name */

/* Promises of get about a file, also for who completes it later. */
struct delivery
{
    const WCHAR *target; /* as of target_path() */
    BOOL has_digest;
    BYTE digest[SHA256_SIZE];
};

/* Write what an item has as its label. free() it. */
extern WCHAR *delivery_format(const struct delivery *delivery);
/* Read it. The target points into the label. FALSE if the item is not of get. */
extern BOOL delivery_parse(const WCHAR *label, struct delivery *delivery);
/* Complete an item, verify its file, and give that its name. The object is released and NULL, if it was completed. */
extern enum exit_code deliver(struct item *item, const struct delivery *delivery);

/* input.c: lists of URLs */

struct urls
{
    WCHAR **items; /* owned */
    unsigned int count, capacity;
};

/* Add a URL, unless it is there already. */
extern HRESULT urls_add(struct urls *urls, const WCHAR *url, size_t length);
/* Add the lines of a file, or of standard input for "-". Empty ones and those that begin with # do not count. */
extern HRESULT urls_read(struct urls *urls, const WCHAR *file);
extern void urls_free(struct urls *urls);

/* transfer.c: a download of get */

enum priority
{
    PRIORITY_FOREGROUND,
    PRIORITY_BACKGROUND,
};

/* Options of the user. */
struct get_values
{
    int api;
    int priority;
    struct number timeout; /* seconds without progress */
    const WCHAR *sha256;
    const WCHAR *phf, *hash_of_hashes;
    const WCHAR *output, *input_file;
    struct list headers;
    int progress;
    BOOL is_direct; /* no cache host is asked */
    BOOL quiet;
    BOOL keep;
    BOOL is_new;
};

/* Things that the downloads of a command share. */
struct get
{
    const struct get_values *values;
    const struct api *api;
    struct service service;
    struct delivery delivery;
    WCHAR *headers, *integrity_info; /* owned; as of struct request */
    enum progress_mode mode;
    BOOL is_single; /* the only download of the command, which needs no name */
};

struct transfer
{
    const struct get *get; /* NULL while there is none */
    const WCHAR *url; /* borrowed */
    WCHAR *shown_url; /* owned, as the others */
    WCHAR *label;
    WCHAR *name; /* shown with the progress */
    HANDLE claim; /* to be the only get with this URL and target */
    struct item item;
    struct progress progress;
    HRESULT last_error;
    enum exit_code code; /* of its end */
};

/* Begin a download, or go on with an earlier one. FALSE if it has ended at once. Either way it is ended by
 * transfer_end(). */
extern BOOL transfer_begin(struct transfer *transfer, const struct get *get, const WCHAR *url);
/* Look how far it is. FALSE if it has ended. */
extern BOOL transfer_poll(struct transfer *transfer);
/* Leave a download that was interrupted, or end it. */
extern void transfer_interrupt(struct transfer *transfer);
extern void transfer_end(struct transfer *transfer);

/* fields.c, table.c: rows */

/* Write a line with a name and its value, which may be NULL. */
extern void write_list_member(const WCHAR *name, const WCHAR *value);
extern void write_row_list(const struct row *row);
extern void write_row_json(const struct row *row, BOOL first);
/* Write one line, elided to the width of the console. */
extern void write_row_header(BOOL wide);
extern void write_row_columns(const struct row *row, BOOL wide);

/* a function for each verb */

extern const struct option cache_host_options[], config_options[], doctor_options[], explain_options[], get_options[],
        hash_options[], log_options[], monitor_options[], perf_options[], service_options[], status_options[];
extern enum exit_code cache_host_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code config_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code doctor_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code explain_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code get_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code hash_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code log_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code monitor_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code perf_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code service_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code status_run(const struct verb *verb, const void *values, WCHAR **args);
extern enum exit_code control_run(const struct verb *verb, const void *values, WCHAR **args);

#endif /* DOCTL_H */
