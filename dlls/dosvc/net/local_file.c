/*
 * Files as sources of transfers
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
#include <stdlib.h>

#include "net/local_file.h"
#include "base/path.h"
#include "base/text.h"

#include "shlwapi.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define PATH_SIZE 4096 /* characters */

#define ATTRIBUTES (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_ARCHIVE)

/* Errors of a share that cannot be reached now. */
static const DWORD passing_errors[] =
{
    ERROR_BAD_NETPATH, ERROR_BAD_NET_NAME, ERROR_NETNAME_DELETED, ERROR_NETWORK_UNREACHABLE, ERROR_HOST_UNREACHABLE,
    ERROR_REM_NOT_LIST, ERROR_NETWORK_BUSY, ERROR_SEM_TIMEOUT,
};

static BOOL is_file_url(const WCHAR *name)
{
    return text_length(name) > 5 && text_equals(name, 5, "file:");
}

BOOL local_file_is_source(const WCHAR *name)
{
    return is_file_url(name) || (name[0] && name[1] == ':') || (path_is_separator(name[0])
            && path_is_separator(name[1]));
}

/* Return whether the path, which is a valid one, begins with \\?\ or leads to a pipe. */
static BOOL is_special(const WCHAR *path)
{
    const WCHAR *share;

    if (!path_is_separator(path[0]) || !path_is_separator(path[1]))
        return FALSE;
    for (share = path + 2; *share && !path_is_separator(*share); share++)
        ;
    return path[2] == '?' || (*share && text_length(share + 1) > 5 && text_equals(share + 1, 4, "pipe")
            && path_is_separator(share[5]));
}

WCHAR *local_file_get_path(const WCHAR *name)
{
    WCHAR path[PATH_SIZE];
    DWORD size = PATH_SIZE;

    if (is_file_url(name))
    {
        if (FAILED(PathCreateFromUrlW(name, path, &size, 0)))
            return NULL;
        name = path;
    }
    return path_check(name) == PATH_VALID && !is_special(name) ? wcsdup(name) : NULL;
}

static struct failure get_failure(DWORD error)
{
    struct failure failure = { FAILURE_FATAL, HRESULT_FROM_WIN32(error), .source = SOURCE_REMOTE };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(passing_errors); i++)
    {
        if (passing_errors[i] == error)
            failure.class = FAILURE_RETRY;
    }
    return failure;
}

static void fill_head(const BY_HANDLE_FILE_INFORMATION *info, const struct range *range, const WCHAR *if_range,
        struct http_head *head)
{
    UINT64 size = (UINT64)info->nFileSizeHigh << 32 | info->nFileSizeLow, rest;

    head->modified = (UINT64)info->ftLastWriteTime.dwHighDateTime << 32 | info->ftLastWriteTime.dwLowDateTime;
    swprintf(head->validator.etag, ARRAY_SIZE(head->validator.etag), L"\"%I64x-%I64x\"", size, head->modified);
    head->has_ranges = TRUE;
    head->status = 200;
    head->content_length = size;
    if (!range || (if_range && wcscmp(if_range, head->validator.etag)))
        return;
    head->has_content_range = TRUE;
    head->content_range.total = size;
    head->status = range->offset < size ? 206 : 416;
    head->content_length = 0;
    if (head->status == 416)
        return;
    rest = size - range->offset;
    head->content_range.offset = range->offset;
    head->content_range.length = range->length == LENGTH_TO_EOF ? rest : min(range->length, rest);
    head->content_length = head->content_range.length;
}

struct failure local_file_open(const WCHAR *name, const struct range *range, const WCHAR *if_range,
        struct local_file *local, struct http_head *head)
{
    LARGE_INTEGER offset;
    WCHAR *path;

    if (!(path = local_file_get_path(name)))
        return get_failure(ERROR_PATH_NOT_FOUND);
    TRACE("%s, offset %s.\n", debugstr_w(path), wine_dbgstr_longlong(range ? range->offset : 0));
    local->file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
            OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    free(path);
    if (local->file == INVALID_HANDLE_VALUE)
    {
        local->file = NULL;
        return get_failure(GetLastError());
    }
    if (!GetFileInformationByHandle(local->file, &local->info))
        return get_failure(GetLastError());
    fill_head(&local->info, range, if_range, head);
    local->left = head->content_length;
    offset.QuadPart = head->content_range.offset;
    if (!SetFilePointerEx(local->file, offset, NULL, FILE_BEGIN))
        return get_failure(GetLastError());
    return no_failure;
}

static BOOL is_unchanged(const struct local_file *local)
{
    const BY_HANDLE_FILE_INFORMATION *former = &local->info;
    BY_HANDLE_FILE_INFORMATION info;

    return GetFileInformationByHandle(local->file, &info)
            && info.ftLastWriteTime.dwLowDateTime == former->ftLastWriteTime.dwLowDateTime
            && info.ftLastWriteTime.dwHighDateTime == former->ftLastWriteTime.dwHighDateTime
            && info.nFileSizeLow == former->nFileSizeLow && info.nFileSizeHigh == former->nFileSizeHigh;
}

/* A file that somebody has changed breaks off, as a connection does. */
DWORD local_file_read(struct local_file *local, void *buffer, DWORD size, DWORD *read)
{
    *read = 0;
    if (!local->left || !size)
        return ERROR_SUCCESS;
    if (!ReadFile(local->file, buffer, min(size, local->left), read, NULL))
        return GetLastError();
    if (!is_unchanged(local))
        *read = 0;
    local->left -= *read;
    return *read ? ERROR_SUCCESS : ERROR_HANDLE_EOF;
}

void local_file_close(struct local_file *local)
{
    if (local->file)
        CloseHandle(local->file);
    local->file = NULL;
}

void local_file_copy_attributes(const WCHAR *name, const WCHAR *path)
{
    WCHAR *source = local_file_get_path(name);
    DWORD attributes = source ? GetFileAttributesW(source) : INVALID_FILE_ATTRIBUTES;

    free(source);
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & ATTRIBUTES)
            && !SetFileAttributesW(path, attributes & ATTRIBUTES))
        WARN("cannot set the attributes of %s, error %lu.\n", debugstr_w(path), GetLastError());
}
