/*
 * doctl get: download files
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
#define AT_ONCE PROGRESS_ROWS /* downloads; the service has slots for more */

enum api_choice
{
    API_DOWNLOAD,
    API_JOB,
};

C_ASSERT(sizeof(struct get_values) <= MAX_OPTION_VALUES);

const struct option get_options[] =
{
    {L"api",        'a', OPTION_CHOICE, offsetof(struct get_values, api), L"download|job"},
    {L"priority",   'p', OPTION_CHOICE, offsetof(struct get_values, priority), L"fg|bg"},
    {L"timeout",    't', OPTION_NUMBER, offsetof(struct get_values, timeout)},
    {L"sha256",     's', OPTION_STRING, offsetof(struct get_values, sha256)},
    {L"phf",        'f', OPTION_STRING, offsetof(struct get_values, phf)},
    {L"hoh",        0,   OPTION_STRING, offsetof(struct get_values, hash_of_hashes)},
    {L"no-cache-host", 0, OPTION_FLAG,  offsetof(struct get_values, is_direct)},
    {L"output",     'o', OPTION_STRING, offsetof(struct get_values, output)},
    {L"input-file", 'i', OPTION_STRING, offsetof(struct get_values, input_file)},
    {L"header",     'H', OPTION_LIST,   offsetof(struct get_values, headers)},
    {L"progress",   'P', OPTION_CHOICE, offsetof(struct get_values, progress), L"bar|json|none"},
    {L"quiet",      'q', OPTION_FLAG,   offsetof(struct get_values, quiet)},
    {L"keep",       'k', OPTION_FLAG,   offsetof(struct get_values, keep)},
    {L"new",        'n', OPTION_FLAG,   offsetof(struct get_values, is_new)},
    {NULL}
};

/* Downloads of a command, of which some are under way. */
struct queue
{
    struct get get;
    struct urls urls;
    unsigned int next; /* URL to begin with */
    struct transfer transfers[AT_ONCE];
    unsigned int active;
    enum exit_code code; /* of the worst */
};

static void end(struct queue *queue, struct transfer *transfer)
{
    queue->code = max(queue->code, transfer->code);
    transfer_end(transfer);
}

/* Begin with as many downloads as there is room for. Return whether there was one. */
static BOOL begin_more(struct queue *queue)
{
    BOOL has_begun = FALSE;
    unsigned int i;

    for (i = 0; i < AT_ONCE && queue->next < queue->urls.count; ++i)
    {
        if (queue->transfers[i].get)
            continue;
        has_begun = TRUE;
        if (transfer_begin(&queue->transfers[i], &queue->get, queue->urls.items[queue->next++]))
            ++queue->active;
        else
            end(queue, &queue->transfers[i]);
    }
    return has_begun;
}

static void poll_all(struct queue *queue)
{
    unsigned int i;

    for (i = 0; i < AT_ONCE; ++i)
    {
        if (!queue->transfers[i].get || transfer_poll(&queue->transfers[i]))
            continue;
        --queue->active;
        end(queue, &queue->transfers[i]);
    }
}

static void interrupt_all(struct queue *queue)
{
    unsigned int i;

    progress_break();
    for (i = 0; i < AT_ONCE; ++i)
    {
        if (!queue->transfers[i].get)
            continue;
        transfer_interrupt(&queue->transfers[i]);
        end(queue, &queue->transfers[i]);
    }
    if (!queue->get.values->keep && !is_session_ending())
        write_message(STD_ERROR_HANDLE, IDS_INTERRUPTED);
    queue->code = EXIT_INTERRUPTED;
}

static void run_queue(struct queue *queue, HANDLE interrupted)
{
    DWORD wait = FIRST_WAIT;

    while (begin_more(queue) || queue->active)
    {
        if (WaitForSingleObject(interrupted, wait) == WAIT_OBJECT_0)
        {
            interrupt_all(queue);
            return;
        }
        wait = min(wait + wait / 2, LAST_WAIT);
        poll_all(queue);
        if (queue->active < AT_ONCE && queue->next < queue->urls.count)
            wait = FIRST_WAIT;
    }
}

static enum exit_code download_all(struct queue *queue)
{
    const WCHAR *target = queue->get.delivery.target;
    HANDLE interrupted = catch_interrupt();
    HRESULT hr;

    if (FAILED(hr = service_open(&queue->get.service)))
        return report_no_service(hr);
    if (target_has_folder(target))
        run_queue(queue, interrupted);
    else
        queue->code = report_error(HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND), target);
    service_close(&queue->get.service);
    return queue->code;
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

/* Join the lines of the headers. free() the text. */
static WCHAR *join_headers(const struct list *headers)
{
    size_t size = 1;
    WCHAR *text;
    unsigned int i;

    for (i = 0; i < headers->count; ++i)
        size += wcslen(headers->items[i]) + 2;
    if (!(text = calloc(size, sizeof(*text))))
        return NULL;
    for (i = 0; i < headers->count; ++i)
    {
        wcsncat(text, headers->items[i], size - wcslen(text) - 1);
        wcsncat(text, L"\r\n", size - wcslen(text) - 1);
    }
    return text;
}

/* Make the value of IntegrityCheckInfo. free() it. */
static WCHAR *make_integrity_info(const struct get_values *values)
{
    WCHAR *phf = json_string(values->phf), *hash = values->hash_of_hashes ? json_string(values->hash_of_hashes) : NULL;
    WCHAR *text = NULL;
    size_t size;

    if (phf && (hash || !values->hash_of_hashes))
    {
        size = wcslen(phf) + (hash ? wcslen(hash) : 0) + 128;
        if ((text = calloc(size, sizeof(*text))))
            swprintf(text, size, L"{\"" IntegrityCheckInfo_PiecesHashFileUrl L"\":%ls%ls%ls}", phf,
                    hash ? L",\"" IntegrityCheckInfo_HashOfHashes L"\":" : L"", hash ? hash : L"");
    }
    free(phf);
    free(hash);
    return text;
}

/* Return the message about values that are wrong or exclude each other, or 0. */
static UINT check_values(struct get *get, const WCHAR **text)
{
    const struct get_values *values = get->values;
    unsigned int i;

    if (values->sha256 && !(get->delivery.has_digest = parse_sha256(values->sha256, get->delivery.digest)))
        return IDS_BAD_SHA256;
    if (get->api == &download_api && values->timeout.value && values->timeout.value < MIN_TIMEOUT)
        return IDS_BAD_TIMEOUT;
    if (values->headers.count && get->api != &download_api)
        return IDS_HEADER_AND_JOB;
    if ((values->phf || values->hash_of_hashes) && service_is_bits())
        return IDS_PHF_AND_BITS;
    if (values->phf ? !url_is_supported(values->phf) : values->hash_of_hashes != NULL)
        return IDS_BAD_PHF;
    for (i = 0; i < values->headers.count; ++i)
    {
        if (!is_header(*text = values->headers.items[i]))
            return IDS_BAD_HEADER;
    }
    return 0;
}

/* Return the message about URLs that are wrong or too many, or 0. */
static UINT check_urls(const struct queue *queue, const WCHAR **text)
{
    const struct get_values *values = queue->get.values;
    unsigned int i;

    for (i = 0; i < queue->urls.count; ++i)
    {
        if (!url_is_supported(*text = queue->urls.items[i]))
            return IDS_BAD_URL;
    }
    if (queue->urls.count < 2)
        return 0;
    if (values->sha256 || values->phf)
        return IDS_ONE_HASH;
    return target_is_folder(queue->get.delivery.target) ? 0 : IDS_ONE_FILE;
}

/* Take the arguments: URLs, and perhaps a file or folder behind them, or behind those of a file. */
static HRESULT take_arguments(struct queue *queue, WCHAR **args, const WCHAR **output)
{
    BOOL has_urls = queue->get.values->input_file != NULL;
    HRESULT hr = S_OK;
    unsigned int i;

    for (i = 0; args[i] && SUCCEEDED(hr); ++i)
    {
        if ((i || has_urls) && !args[i + 1] && !url_is_supported(args[i]) && !*output)
            *output = args[i];
        else
            hr = urls_add(&queue->urls, args[i], wcslen(args[i]));
    }
    return hr;
}

static enum exit_code prepare(struct queue *queue, const struct verb *verb, WCHAR **args)
{
    struct get *get = &queue->get;
    const WCHAR *output = get->values->output, *text = NULL;
    UINT message;
    HRESULT hr;

    if ((message = check_values(get, &text)))
        return report_usage(verb, message, text);
    hr = take_arguments(queue, args, &output);
    if (SUCCEEDED(hr) && get->values->input_file && FAILED(hr = urls_read(&queue->urls, get->values->input_file)))
        return report_error(hr, get->values->input_file);
    if (FAILED(hr) || !(get->delivery.target = target_path(output)))
        return report_error(E_OUTOFMEMORY, NULL);
    if (!queue->urls.count && !get->values->input_file)
        return report_usage(verb, IDS_MISSING_ARGUMENT, NULL);
    if ((message = check_urls(queue, &text)))
        return report_usage(verb, message, text);
    if ((get->values->headers.count && !(get->headers = join_headers(&get->values->headers)))
            || (get->values->phf && !(get->integrity_info = make_integrity_info(get->values))))
        return report_error(E_OUTOFMEMORY, NULL);
    get->is_single = queue->urls.count < 2;
    get->mode = get->values->quiet ? PROGRESS_NONE : get->values->progress;
    return EXIT_DONE;
}

enum exit_code get_run(const struct verb *verb, const void *values, WCHAR **args)
{
    struct queue queue = {{values}};
    enum exit_code code;

    queue.get.api = queue.get.values->api == API_JOB || service_is_bits() ? &job_api : &download_api;
    if ((code = prepare(&queue, verb, args)) == EXIT_DONE)
        code = download_all(&queue);
    urls_free(&queue.urls);
    free((WCHAR *)queue.get.delivery.target);
    free(queue.get.headers);
    free(queue.get.integrity_info);
    return code;
}
