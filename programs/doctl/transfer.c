/*
 * doctl get: a download
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
#include "base/url.h"
#include "file_name.h"

static enum exit_code report_item_error(const struct transfer *transfer, const struct status *status)
{
    enum exit_code code = report_error(status->error, transfer->shown_url);

    if (FAILED(status->cause))
        report_cause(status->cause);
    return code;
}

/* Show each reason for which the service waits before it tries again, once. */
static void show_waiting(struct transfer *transfer, const struct status *status)
{
    if (status->error == transfer->last_error || SUCCEEDED(status->error) || transfer->get->values->quiet)
        return;
    transfer->last_error = status->error;
    progress_break();
    report_item_error(transfer, status);
    write_message(STD_ERROR_HANDLE, IDS_WAITING);
}

static void release_item(struct transfer *transfer)
{
    IUnknown_Release(transfer->item.object);
    transfer->item.object = NULL;
}

/* Leave the item to the service, and to the next get. */
static void leave_item(struct transfer *transfer, UINT message)
{
    WCHAR id[ID_LENGTH];

    release_item(transfer);
    format_id(&transfer->item.id, id);
    write_message(STD_ERROR_HANDLE, message, id);
}

static enum exit_code report_failure(struct transfer *transfer, const struct status *status)
{
    enum exit_code code;

    if (SUCCEEDED(status->error))
    {
        write_message(STD_ERROR_HANDLE, IDS_CANCELLED, transfer->shown_url);
        return EXIT_FAILED;
    }
    code = report_item_error(transfer, status);
    if (status->transferred && code != EXIT_INTEGRITY)
        leave_item(transfer, IDS_PART_KEPT);
    return code;
}

BOOL transfer_poll(struct transfer *transfer)
{
    struct status status;
    BOOL is_complete;
    HRESULT hr;

    if (FAILED(hr = transfer->item.api->get_status(transfer->item.object, &status)))
    {
        progress_end(&transfer->progress, FALSE);
        progress_break();
        transfer->code = report_error(hr, transfer->shown_url);
        return FALSE;
    }
    is_complete = status_is_complete(&status);
    progress_update(&transfer->progress, &status, transfer->url, GetTickCount64(), is_complete);
    if (status.state == BG_JOB_STATE_TRANSIENT_ERROR)
        show_waiting(transfer, &status);
    if (status.state < BG_JOB_STATE_TRANSFERRED && status.state != BG_JOB_STATE_ERROR)
        return TRUE;
    progress_end(&transfer->progress, is_complete);
    progress_break();
    if (!is_complete)
    {
        transfer->code = report_failure(transfer, &status);
        return FALSE;
    }
    transfer->code = deliver(&transfer->item, &transfer->get->delivery);
    if (transfer->item.object)
        leave_item(transfer, IDS_PART_KEPT);
    return FALSE;
}

/* Compute what names a claim. A target and a URL are longer than the name of a mutex may be. */
static BOOL compute_claim(const WCHAR *target, const WCHAR *url, BYTE digest[SHA256_SIZE])
{
    size_t length = wcslen(target), size = length + wcslen(url) + 1;
    WCHAR *text = calloc(size, sizeof(*text)), *p;
    BOOL ret;

    if (!text)
        return FALSE;
    /* The name of a file is the same in any case, a URL is not. */
    memcpy(text, target, length * sizeof(*text));
    _wcslwr(text);
    for (p = text; (p = wcschr(p, '\\')); ++p)
        *p = '/';
    memcpy(text + length, url, (size - length) * sizeof(*text));
    ret = digest_compute(DIGEST_SHA256, text, size * sizeof(*text), digest);
    free(text);
    return ret;
}

/* Be the only get of this target. The claim ends with the process at the latest. */
static BOOL claim_target(struct transfer *transfer)
{
    const WCHAR *target = transfer->get->delivery.target;
    WCHAR name[SHA256_LENGTH + 16] = L"doctl get ";
    BYTE digest[SHA256_SIZE];

    if (!compute_claim(target, target_is_folder(target) ? transfer->url : L"", digest))
        return FALSE;
    format_sha256(digest, name + wcslen(name));
    transfer->claim = CreateMutexW(NULL, FALSE, name);
    return transfer->claim && GetLastError() != ERROR_ALREADY_EXISTS;
}

static BOOL is_same_url(const WCHAR *url, const WCHAR *other)
{
    WCHAR *one = url_copy_stripped(url), *two = url_copy_stripped(other);
    BOOL ret = one && two && !wcscmp(one, two);

    free(one);
    free(two);
    return ret;
}

/* Take the item that was begun for the same URL and target. */
static BOOL compare_item(const struct service *service, const struct item *item, void *context)
{
    WCHAR *label = item->api->get_label(item->object), *url = item->api->get_url(item->object);
    struct transfer *transfer = context;

    if (label && url && !wcscmp(label, transfer->label) && is_same_url(url, transfer->url))
    {
        transfer->item = *item;
        IUnknown_AddRef(item->object);
    }
    free(label);
    free(url);
    return !transfer->item.object;
}

/* Give an earlier item up, of which the temporary file goes, too. */
static void cancel_item(struct transfer *transfer)
{
    if (!transfer->item.object)
        return;
    transfer->item.api->cancel(transfer->item.object);
    release_item(transfer);
}

static void show_resumed(const struct transfer *transfer, const struct status *status)
{
    WCHAR size[16];

    if (transfer->get->values->quiet)
        return;
    progress_break();
    write_message(STD_ERROR_HANDLE, IDS_RESUMED, format_size(status->transferred, size, ARRAY_SIZE(size)),
            transfer->shown_url);
}

static HRESULT go_on(struct transfer *transfer, const struct request *request)
{
    const struct get *get = transfer->get;
    struct status status;
    HRESULT hr;

    if (FAILED(hr = get->api->get_status(transfer->item.object, &status)))
        return hr;
    show_resumed(transfer, &status);
    if (status_is_complete(&status))
        return S_OK;
    if (FAILED(hr = get->api->reuse(transfer->item.object, request))
            || FAILED(hr = service_set_direct(&get->service, &transfer->item.id, get->values->is_direct)))
        return hr;
    return get->api->resume(transfer->item.object);
}

/* Look for what an earlier get has left, and go on with that. S_FALSE if there is nothing. */
static HRESULT resume_earlier(struct transfer *transfer, const struct request *request)
{
    const struct get *get = transfer->get;
    HRESULT hr;

    if (FAILED(hr = get->api->enum_labelled(&get->service, transfer->label, compare_item, transfer)))
        return hr;
    if (get->values->is_new)
        cancel_item(transfer);
    if (!transfer->item.object)
        return S_FALSE;
    if (FAILED(hr = go_on(transfer, request)))
        release_item(transfer);
    return hr;
}

/* Return whether the service cannot write the file under the name of the target: it is not known yet, or there is a
 * file already, which a download does not replace, or the file has to be verified before it gets its name. */
static BOOL needs_temporary(const struct get *get)
{
    const struct delivery *delivery = &get->delivery;

    return target_is_folder(delivery->target) || delivery->has_digest || (get->api == &download_api
            && GetFileAttributesW(delivery->target) != INVALID_FILE_ATTRIBUTES);
}

static HRESULT start_item(struct transfer *transfer)
{
    const struct get *get = transfer->get;
    struct request request =
    {
        .url = transfer->url,
        .is_background = get->values->priority == PRIORITY_BACKGROUND,
        .is_kept = TRUE,
        .timeout = get->values->timeout,
        .headers = get->headers,
        .label = transfer->label,
        .integrity_info = get->integrity_info,
    };
    WCHAR *path;
    HRESULT hr;

    if ((hr = resume_earlier(transfer, &request)) != S_FALSE)
        return hr;
    path = needs_temporary(get) ? temporary_path(get->delivery.target) : wcsdup(get->delivery.target);
    request.path = path;
    hr = path ? get->api->create(&get->service, &request, &transfer->item) : E_OUTOFMEMORY;
    free(path);
    if (SUCCEEDED(hr) && get->values->is_direct)
        hr = service_set_direct(&get->service, &transfer->item.id, TRUE);
    return SUCCEEDED(hr) ? get->api->resume(transfer->item.object) : hr;
}

/* Return what stands for the download in a row. free() it. */
static WCHAR *row_name(const WCHAR *url)
{
    WCHAR name[FILE_NAME_SIZE];

    return file_name_from_url(url, name) ? wcsdup(name) : printable_url(url);
}

BOOL transfer_begin(struct transfer *transfer, const struct get *get, const WCHAR *url)
{
    HRESULT hr;

    memset(transfer, 0, sizeof(*transfer));
    transfer->get = get;
    transfer->url = url;
    transfer->code = EXIT_FAILED;
    transfer->shown_url = printable_url(url);
    transfer->label = delivery_format(&get->delivery);
    transfer->name = get->is_single ? NULL : row_name(url);
    progress_init(&transfer->progress, get->mode, transfer->name);
    if (!transfer->label)
    {
        transfer->code = report_error(E_OUTOFMEMORY, transfer->shown_url);
        return FALSE;
    }
    if (!claim_target(transfer))
    {
        progress_break();
        write_message(STD_ERROR_HANDLE, IDS_IN_USE, transfer->shown_url);
        return FALSE;
    }
    if (FAILED(hr = start_item(transfer)))
    {
        progress_break();
        transfer->code = report_error(hr, transfer->shown_url);
        return FALSE;
    }
    return TRUE;
}

void transfer_interrupt(struct transfer *transfer)
{
    transfer->code = EXIT_INTERRUPTED;
    if (transfer->get->values->keep || is_session_ending())
        leave_item(transfer, IDS_KEPT);
}

/* Release all, and cancel the item if it is not left to the service. */
void transfer_end(struct transfer *transfer)
{
    cancel_item(transfer);
    progress_end(&transfer->progress, FALSE);
    if (transfer->claim)
        CloseHandle(transfer->claim);
    free(transfer->name);
    free(transfer->label);
    free(transfer->shown_url);
    memset(transfer, 0, sizeof(*transfer));
}
