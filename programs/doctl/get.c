/*
 * doctl get: download a file
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

/* Milliseconds between two calls for the status, which grow: small files come soon. */
#define FIRST_WAIT 10
#define LAST_WAIT 250

#define MIN_TIMEOUT 60 /* seconds; the download API takes no less */

enum priority
{
    PRIORITY_FOREGROUND,
    PRIORITY_BACKGROUND,
};

enum api_choice
{
    API_DOWNLOAD,
    API_JOB,
};

struct get_values
{
    int api;
    int priority;
    struct number timeout; /* seconds without progress */
    const WCHAR *sha256;
    struct list headers;
    int progress;
    BOOL quiet;
    BOOL keep;
};

C_ASSERT(sizeof(struct get_values) <= MAX_OPTION_VALUES);

const struct option get_options[] =
{
    {L"api",      'a', OPTION_CHOICE, offsetof(struct get_values, api), L"download|job"},
    {L"priority", 'p', OPTION_CHOICE, offsetof(struct get_values, priority), L"fg|bg"},
    {L"timeout",  't', OPTION_NUMBER, offsetof(struct get_values, timeout)},
    {L"sha256",   's', OPTION_STRING, offsetof(struct get_values, sha256)},
    {L"header",   'H', OPTION_LIST,   offsetof(struct get_values, headers)},
    {L"progress", 'P', OPTION_CHOICE, offsetof(struct get_values, progress), L"bar|json|none"},
    {L"quiet",    'q', OPTION_FLAG,   offsetof(struct get_values, quiet)},
    {L"keep",     'k', OPTION_FLAG,   offsetof(struct get_values, keep)},
    {NULL}
};

struct get
{
    const struct get_values *values;
    const struct api *api;
    const WCHAR *url;
    WCHAR *shown_url;
    WCHAR *target;
    WCHAR *temporary; /* file that the service writes instead of the target, or NULL */
    BYTE digest[SHA256_SIZE];
    HANDLE interrupted;
    struct service service;
    struct item item;
    struct progress progress;
    HRESULT last_error;
};

static enum exit_code report_item_error(const struct get *get, const struct status *status)
{
    enum exit_code code = report_error(status->error, get->shown_url);

    if (FAILED(status->cause))
        report_cause(status->cause);
    return code;
}

/* Show each reason for which the service waits before it tries again, once. */
static void show_waiting(struct get *get, const struct status *status)
{
    if (status->error == get->last_error || SUCCEEDED(status->error) || get->values->quiet)
        return;
    get->last_error = status->error;
    progress_break(&get->progress);
    report_item_error(get, status);
    write_message(STD_ERROR_HANDLE, IDS_WAITING);
}

static enum exit_code report_end(const struct get *get, const struct status *status)
{
    if (status_is_complete(status))
        return EXIT_DONE;
    if (FAILED(status->error))
        return report_item_error(get, status);
    write_message(STD_ERROR_HANDLE, IDS_CANCELLED, get->shown_url);
    return EXIT_FAILED;
}

static enum exit_code wait_for_item(struct get *get)
{
    struct status status = {BG_JOB_STATE_QUEUED};
    enum exit_code code = EXIT_DONE;
    DWORD wait = FIRST_WAIT;
    BOOL has_ended = FALSE;
    HRESULT hr;

    while (!has_ended)
    {
        if (WaitForSingleObject(get->interrupted, wait) == WAIT_OBJECT_0)
            return EXIT_INTERRUPTED;
        wait = min(wait + wait / 2, LAST_WAIT);
        if (FAILED(hr = get->api->get_status(get->item.object, &status)))
        {
            progress_break(&get->progress);
            return report_error(hr, get->shown_url);
        }
        has_ended = status.state >= BG_JOB_STATE_TRANSFERRED || status.state == BG_JOB_STATE_ERROR;
        progress_update(&get->progress, &status, get->url, GetTickCount64(), status_is_complete(&status));
        if (status.state == BG_JOB_STATE_TRANSIENT_ERROR)
            show_waiting(get, &status);
        if (has_ended)
        {
            progress_break(&get->progress);
            code = report_end(get, &status);
        }
    }
    return code;
}

static void release_item(struct get *get)
{
    IUnknown_Release(get->item.object);
    get->item.object = NULL;
}

static enum exit_code leave_item(struct get *get)
{
    WCHAR id[ID_LENGTH];

    progress_break(&get->progress);
    if (!get->values->keep)
    {
        write_message(STD_ERROR_HANDLE, IDS_INTERRUPTED);
        return EXIT_INTERRUPTED;
    }
    release_item(get);
    format_id(&get->item.id, id);
    write_message(STD_ERROR_HANDLE, IDS_KEPT, id);
    return EXIT_INTERRUPTED;
}

static enum exit_code verify_file(struct get *get)
{
    BYTE digest[SHA256_SIZE];
    HRESULT hr;

    if (FAILED(hr = sha256_file(get->temporary, digest)))
        return report_error(hr, get->temporary);
    if (!memcmp(digest, get->digest, sizeof(digest)))
        return EXIT_DONE;
    write_message(STD_ERROR_HANDLE, IDS_SHA256_MISMATCH, get->shown_url);
    return EXIT_INTEGRITY;
}

static BOOL was_completed(const struct get *get)
{
    struct status status;
    BOOL ret;

    if (FAILED(get->api->get_status(get->item.object, &status)))
        return FALSE;
    ret = status.state == BG_JOB_STATE_ACKNOWLEDGED;
    return ret;
}

static enum exit_code complete_item(struct get *get)
{
    HRESULT hr = get->api->complete(get->item.object);
    enum exit_code code;

    /* Downloads do not replace files; a file that came to be meanwhile is replaced like one that was there before. */
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_EXISTS) && DeleteFileW(get->target))
        hr = get->api->complete(get->item.object);
    /* Another client may have completed the item. */
    if (FAILED(hr) && !((hr == DO_E_INVALID_STATE || hr == (HRESULT)BG_E_INVALID_STATE) && was_completed(get)))
        return report_error(hr, get->target);
    release_item(get);
    if (get->values->sha256 && (code = verify_file(get)) != EXIT_DONE)
        return code;
    if (get->temporary && !MoveFileExW(get->temporary, get->target, MOVEFILE_REPLACE_EXISTING))
        return report_error(HRESULT_FROM_WIN32(GetLastError()), get->target);
    return EXIT_DONE;
}

/* Choose the path that the service writes. A download replaces no file, and a file that is to be verified gets its
 * final name afterwards. */
static enum exit_code choose_path(struct get *get)
{
    BOOL is_in_the_way = get->api == &download_api && GetFileAttributesW(get->target) != INVALID_FILE_ATTRIBUTES;

    if (!target_has_folder(get->target))
        return report_error(HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND), get->target);
    if (is_in_the_way && get->values->keep)
    {
        report_error(HRESULT_FROM_WIN32(ERROR_FILE_EXISTS), get->target);
        write_message(STD_ERROR_HANDLE, IDS_KEEP_AND_EXISTING);
        return EXIT_FAILED;
    }
    if ((is_in_the_way || get->values->sha256) && !(get->temporary = temporary_path(get->target)))
        return report_error(E_OUTOFMEMORY, get->target);
    return EXIT_DONE;
}

/* Return the lines of the headers, or NULL if there are none. free() them. */
static WCHAR *join_headers(const struct list *headers)
{
    size_t size = 1;
    WCHAR *text;
    unsigned int i;

    for (i = 0; i < headers->count; ++i)
        size += wcslen(headers->items[i]) + 2;
    if (!headers->count || !(text = calloc(size, sizeof(*text))))
        return NULL;
    for (i = 0; i < headers->count; ++i)
    {
        wcsncat(text, headers->items[i], size - wcslen(text) - 1);
        wcsncat(text, L"\r\n", size - wcslen(text) - 1);
    }
    return text;
}

static HRESULT start_item(struct get *get)
{
    const struct get_values *values = get->values;
    struct request request =
    {
        .url = get->url,
        .path = get->temporary ? get->temporary : get->target,
        .is_background = values->priority == PRIORITY_BACKGROUND,
        .is_kept = values->keep,
        .timeout = values->timeout,
        .headers = join_headers(&values->headers),
    };
    HRESULT hr;

    if (values->headers.count && !request.headers)
        return E_OUTOFMEMORY;
    hr = get->api->create(&get->service, &request, &get->item);
    free(request.headers);
    return SUCCEEDED(hr) ? get->api->resume(get->item.object) : hr;
}

static enum exit_code download(struct get *get)
{
    enum exit_code code;
    HRESULT hr;

    if (FAILED(hr = service_open(&get->service)))
        return report_no_service(hr);
    if ((code = choose_path(get)) != EXIT_DONE)
        return code;
    if (FAILED(hr = start_item(get)))
        return report_error(hr, get->shown_url);
    if ((code = wait_for_item(get)) == EXIT_DONE)
        return complete_item(get);
    return code == EXIT_INTERRUPTED ? leave_item(get) : code;
}

/* Release all, and cancel the item if it has failed or was interrupted. */
static void cleanup(struct get *get)
{
    if (get->item.object)
    {
        get->api->cancel(get->item.object);
        release_item(get);
    }
    if (get->temporary)
        DeleteFileW(get->temporary);
    service_close(&get->service);
    free(get->temporary);
    free(get->target);
    free(get->shown_url);
}

static BOOL is_header(const WCHAR *text)
{
    const WCHAR *p;

    for (p = text; *p; ++p)
    {
        if (*p < ' ' && *p != '\t')
            return FALSE;
    }
    return *text != ':' && wcschr(text, ':');
}

static BOOL check_headers(const struct get *get)
{
    const struct list *headers = &get->values->headers;
    unsigned int i;

    if (headers->count && get->api != &download_api)
    {
        write_message(STD_ERROR_HANDLE, IDS_HEADER_AND_JOB);
        return FALSE;
    }
    for (i = 0; i < headers->count; ++i)
    {
        if (!is_header(headers->items[i]))
        {
            write_message(STD_ERROR_HANDLE, IDS_BAD_HEADER, headers->items[i]);
            return FALSE;
        }
    }
    return TRUE;
}

static BOOL check_values(struct get *get)
{
    const struct get_values *values = get->values;

    if (!url_is_supported(get->url))
    {
        write_message(STD_ERROR_HANDLE, IDS_BAD_URL, get->url);
        return FALSE;
    }
    if (values->sha256 && !parse_sha256(values->sha256, get->digest))
    {
        write_message(STD_ERROR_HANDLE, IDS_BAD_SHA256);
        return FALSE;
    }
    if (values->sha256 && values->keep)
    {
        write_message(STD_ERROR_HANDLE, IDS_KEEP_AND_SHA256);
        return FALSE;
    }
    if (get->api == &download_api && values->timeout.value && values->timeout.value < MIN_TIMEOUT)
    {
        write_message(STD_ERROR_HANDLE, IDS_BAD_TIMEOUT);
        return FALSE;
    }
    return check_headers(get);
}

enum exit_code get_run(const struct verb *verb, const void *values, WCHAR **args)
{
    struct get get = {.values = values, .url = args[0]};
    enum exit_code code = EXIT_USAGE;

    get.api = get.values->api == API_JOB || service_is_bits() ? &job_api : &download_api;
    if (!check_values(&get))
        return EXIT_USAGE;
    get.interrupted = catch_interrupt();
    progress_init(&get.progress, get.values->quiet ? PROGRESS_NONE : get.values->progress);
    get.shown_url = printable_url(get.url);
    if ((get.target = target_path(get.url, args[1])))
        code = download(&get);
    cleanup(&get);
    return code;
}
