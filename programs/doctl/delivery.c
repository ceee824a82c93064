/*
 * doctl get and complete: how a file gets its name
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
#include "file_name.h"

/* A label is the display name of the download, or the description of the job. */
#define LABEL_START  L"doctl get "
#define LABEL_DIGEST L"--sha256 "

WCHAR *delivery_format(const struct delivery *delivery)
{
    size_t size = wcslen(delivery->target) + SHA256_LENGTH + 32;
    WCHAR *label = calloc(size, sizeof(*label)), digest[SHA256_LENGTH];

    if (!label)
        return NULL;
    wcscpy_s(label, size, LABEL_START);
    if (delivery->has_digest)
    {
        wcscat_s(label, size, LABEL_DIGEST);
        wcscat_s(label, size, format_sha256(delivery->digest, digest));
        wcscat_s(label, size, L" ");
    }
    wcscat_s(label, size, delivery->target);
    return label;
}

/* Skip the prefix, if it is there. */
static BOOL skip(const WCHAR **text, const WCHAR *prefix)
{
    if (wcsncmp(*text, prefix, wcslen(prefix)))
        return FALSE;
    *text += wcslen(prefix);
    return TRUE;
}

BOOL delivery_parse(const WCHAR *label, struct delivery *delivery)
{
    WCHAR digest[SHA256_LENGTH] = {0};

    memset(delivery, 0, sizeof(*delivery));
    if (!skip(&label, LABEL_START))
        return FALSE;
    if (skip(&label, LABEL_DIGEST))
    {
        if (wcslen(label) <= 2 * SHA256_SIZE)
            return FALSE;
        wmemcpy(digest, label, 2 * SHA256_SIZE);
        if (!parse_sha256(digest, delivery->digest))
            return FALSE;
        delivery->has_digest = TRUE;
        label += 2 * SHA256_SIZE + 1;
    }
    delivery->target = label;
    return *label;
}

/* Names that this program has given: of two downloads with the same name both are kept. */
static struct urls delivered;

/* Find the path of a file in a folder. What the user did not see in the URL must not replace a file of his. */
static WCHAR *choose_path(const struct item *item, const WCHAR *folder, BOOL *may_replace)
{
    WCHAR *headers = item->api->get_headers(item->object), *url = item->api->get_url(item->object);
    WCHAR name[FILE_NAME_SIZE], url_name[FILE_NAME_SIZE];
    BOOL is_in_url = url && file_name_from_url(url, url_name);
    WCHAR *path = NULL;

    if (!headers || !file_name_from_headers(headers, name))
        wcscpy_s(name, ARRAY_SIZE(name), is_in_url ? url_name : L"index.html");
    *may_replace = is_in_url && !_wcsicmp(name, url_name);
    path = join_path(folder, name);
    free(headers);
    free(url);
    return path;
}

static BOOL was_delivered(const WCHAR *path)
{
    unsigned int i;

    for (i = 0; i < delivered.count && _wcsicmp(delivered.items[i], path); ++i)
        ;
    return i < delivered.count;
}

/* Return the path with a number before its extension. free() it. */
static WCHAR *add_number(const WCHAR *path, unsigned int number)
{
    const WCHAR *extension = file_name_extension(wcsrchr(path, '\\') + 1);
    size_t size = wcslen(path) + 16;
    WCHAR *numbered = calloc(size, sizeof(*numbered));

    if (numbered)
        swprintf(numbered, size, L"%.*ls (%u)%ls", (int)(extension - path), path, number, extension);
    return numbered;
}

/* Give a file its name, or that with a number if it is not to replace another one. The path is the new one then. */
static HRESULT rename_file(const WCHAR *from, WCHAR **path, BOOL may_replace)
{
    unsigned int number = 1;
    WCHAR *wanted = *path;
    HRESULT hr = S_OK;
    DWORD error;

    may_replace = may_replace && !was_delivered(wanted);
    while (*path && !MoveFileExW(from, *path, may_replace ? MOVEFILE_REPLACE_EXISTING : 0))
    {
        error = GetLastError();
        if (may_replace || (error != ERROR_ALREADY_EXISTS && error != ERROR_FILE_EXISTS))
        {
            hr = HRESULT_FROM_WIN32(error);
            break;
        }
        if (*path != wanted)
            free(*path);
        *path = add_number(wanted, ++number);
    }
    if (!*path)
        hr = E_OUTOFMEMORY;
    else if (SUCCEEDED(hr))
        urls_add(&delivered, *path, wcslen(*path));
    if (*path != wanted)
        free(wanted);
    return hr;
}

static enum exit_code verify_file(const struct delivery *delivery, const WCHAR *path, const WCHAR *url)
{
    BYTE digest[SHA256_SIZE];
    HRESULT hr;

    if (FAILED(hr = sha256_file(path, digest)))
        return report_error(hr, path);
    if (!memcmp(digest, delivery->digest, sizeof(digest)))
        return EXIT_DONE;
    DeleteFileW(path);
    write_message(STD_ERROR_HANDLE, IDS_SHA256_MISMATCH, url ? url : L"");
    return EXIT_INTEGRITY;
}

static BOOL was_completed(const struct item *item)
{
    struct status status;

    return SUCCEEDED(item->api->get_status(item->object, &status)) && status.state == BG_JOB_STATE_ACKNOWLEDGED;
}

/* Complete an item, which gives its file the path that it was made with. */
static HRESULT complete(struct item *item, const WCHAR *path, BOOL is_target)
{
    HRESULT hr = item->api->complete(item->object);

    /* Downloads do not replace files; a file that came to be meanwhile is replaced like one that was there before. */
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_EXISTS) && is_target && DeleteFileW(path))
        hr = item->api->complete(item->object);
    /* Another client may have completed the item. */
    if ((hr == DO_E_INVALID_STATE || hr == (HRESULT)BG_E_INVALID_STATE) && was_completed(item))
        hr = S_OK;
    if (SUCCEEDED(hr))
    {
        IUnknown_Release(item->object);
        item->object = NULL;
    }
    return hr;
}

/* Verify the completed file, and move it from where the service has put it. */
static enum exit_code place_file(const struct delivery *delivery, const WCHAR *path, const WCHAR *url, WCHAR **target,
        BOOL may_replace)
{
    enum exit_code code;
    HRESULT hr;

    if (delivery->has_digest && (code = verify_file(delivery, path, url)) != EXIT_DONE)
        return code;
    if (!wcscmp(path, *target) || SUCCEEDED(hr = rename_file(path, target, may_replace)))
        return EXIT_DONE;
    code = report_error(hr, *target);
    write_message(STD_ERROR_HANDLE, IDS_LEFT, path);
    return code;
}

enum exit_code deliver(struct item *item, const struct delivery *delivery)
{
    WCHAR *path = item->api->get_path(item->object), *url = item->api->get_url(item->object), *target, *shown_url;
    enum exit_code code;
    BOOL may_replace = TRUE;
    HRESULT hr;

    if (target_is_folder(delivery->target))
        target = choose_path(item, delivery->target, &may_replace);
    else
        target = wcsdup(delivery->target);
    shown_url = url ? printable_url(url) : NULL;
    if (!path || !target)
        code = report_error(E_OUTOFMEMORY, delivery->target);
    else if (FAILED(hr = complete(item, path, !wcscmp(path, target))))
        code = report_error(hr, target);
    else
        code = place_file(delivery, path, shown_url, &target, may_replace);
    free(path);
    free(url);
    free(shown_url);
    free(target);
    return code;
}
