/*
 * The file sink
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

/* Data goes to a hidden temporary file beside the target, and takes its place
 * by a rename. Under Wine an explicit offset costs a round trip to wineserver
 * for each write; so the file pointer is moved only when it has to. */

#define _CRT_RAND_S
#include <stdlib.h>
#include <stdarg.h>
#include <stdio.h>

#include "sink.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define NAME_ATTEMPTS 20

struct file_sink
{
    struct sink sink;
    WCHAR *name;      /* path of the temporary file, NULL before it exists; owned */
    HANDLE file;      /* NULL while closed */
    UINT64 position;  /* of the file pointer */
    WCHAR directory[]; /* with the backslash at its end */
};

static inline struct file_sink *impl_from_sink(struct sink *sink)
{
    return CONTAINING_RECORD(sink, struct file_sink, sink);
}

static BOOL is_missing(DWORD error)
{
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

static HANDLE open_file(const WCHAR *name, DWORD disposition)
{
    return CreateFileW(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, disposition,
            FILE_ATTRIBUTE_HIDDEN, NULL);
}

static DWORD create_file(struct file_sink *file_sink)
{
    UINT size = wcslen(file_sink->directory) + ARRAY_SIZE(L"DO0123456789abcdef.tmp"), high, low, i;
    DWORD error = ERROR_OUTOFMEMORY;
    HANDLE file;
    WCHAR *name;

    if (!(name = malloc(size * sizeof(*name))))
        return ERROR_OUTOFMEMORY;
    for (i = 0; i < NAME_ATTEMPTS; i++)
    {
        if (rand_s(&high) || rand_s(&low))
        {
            error = ERROR_GEN_FAILURE;
            break;
        }
        swprintf(name, size, L"%sDO%08x%08x.tmp", file_sink->directory, high, low);
        if ((file = open_file(name, CREATE_NEW)) != INVALID_HANDLE_VALUE)
        {
            file_sink->file = file;
            file_sink->name = name;
            return ERROR_SUCCESS;
        }
        if ((error = GetLastError()) != ERROR_FILE_EXISTS)
            break;
    }
    free(name);
    return error;
}

static DWORD file_sink_open(struct sink *sink)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    LARGE_INTEGER size;
    DWORD error;

    if (!file_sink->name)
    {
        if ((error = create_file(file_sink)))
            return error;
    }
    else if ((file_sink->file = open_file(file_sink->name, OPEN_EXISTING)) == INVALID_HANDLE_VALUE)
    {
        file_sink->file = NULL;
        return GetLastError();
    }
    TRACE("%s.\n", debugstr_w(file_sink->name));

    file_sink->position = 0;
    if (!GetFileSizeEx(file_sink->file, &size))
        return GetLastError();
    sink->length = size.QuadPart;
    return ERROR_SUCCESS;
}

static DWORD seek(struct file_sink *file_sink, UINT64 offset)
{
    LARGE_INTEGER position;

    if (file_sink->position == offset)
        return ERROR_SUCCESS;
    position.QuadPart = offset;
    if (!SetFilePointerEx(file_sink->file, position, NULL, FILE_BEGIN))
        return GetLastError();
    file_sink->position = offset;
    return ERROR_SUCCESS;
}

/* Setting the length takes no room under Wine; look for it, so that a disk
 * that is too small shows before the download and not at its end. */
static DWORD check_room(struct file_sink *file_sink, UINT64 size)
{
    ULARGE_INTEGER available;

    if (!GetDiskFreeSpaceExW(file_sink->directory, &available, NULL, NULL))
        return ERROR_SUCCESS; /* not every file system knows; the writes will tell */
    return available.QuadPart < size ? ERROR_DISK_FULL : ERROR_SUCCESS;
}

static DWORD file_sink_set_length(struct sink *sink, UINT64 length)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    DWORD error;

    if (length == sink->length)
        return ERROR_SUCCESS;
    if (length > sink->length && (error = check_room(file_sink, length - sink->length)))
        return error;
    if ((error = seek(file_sink, length)))
        return error;
    if (!SetEndOfFile(file_sink->file))
        return GetLastError();
    sink->length = length;
    return ERROR_SUCCESS;
}

static DWORD file_sink_write(struct sink *sink, UINT64 offset, const void *data, DWORD size)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    const BYTE *bytes = data;
    DWORD written, error;

    if ((error = seek(file_sink, offset)))
        return error;
    while (size)
    {
        if (!WriteFile(file_sink->file, bytes, size, &written, NULL))
        {
            error = GetLastError();
            file_sink->position = SIZE_UNKNOWN; /* nobody says where it is now */
            return error;
        }
        if (!written)
            return ERROR_DISK_FULL;
        file_sink->position += written;
        bytes += written;
        size -= written;
    }
    sink->length = max(sink->length, file_sink->position);
    return ERROR_SUCCESS;
}

static DWORD file_sink_close(struct sink *sink, BOOL flush)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    DWORD error = ERROR_SUCCESS;

    if (!file_sink->file)
        return ERROR_SUCCESS;
    if (flush && !FlushFileBuffers(file_sink->file))
        error = GetLastError();
    CloseHandle(file_sink->file);
    file_sink->file = NULL;
    return error;
}

static DWORD set_times(const WCHAR *name, UINT64 modified)
{
    FILETIME time = { (DWORD)modified, modified >> 32 };
    DWORD error = ERROR_SUCCESS;
    HANDLE file;

    file = CreateFileW(name, FILE_WRITE_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
            OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    if (!SetFileTime(file, &time, NULL, &time))
        error = GetLastError();
    CloseHandle(file);
    return error;
}

static DWORD file_sink_commit(struct sink *sink, const WCHAR *path, UINT64 modified)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    DWORD error;

    TRACE("%s, path %s.\n", debugstr_w(file_sink->name), debugstr_w(path));
    if (!file_sink->name)
        return ERROR_FILE_NOT_FOUND;
    if (modified && (error = set_times(file_sink->name, modified)))
        return error;
    if (!SetFileAttributesW(file_sink->name, FILE_ATTRIBUTE_NORMAL))
        return GetLastError();
    /* The path may have been changed to one on another volume. */
    if (!MoveFileExW(file_sink->name, path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_COPY_ALLOWED))
    {
        error = GetLastError();
        SetFileAttributesW(file_sink->name, FILE_ATTRIBUTE_HIDDEN);
        WARN("cannot move to %s, error %lu.\n", debugstr_w(path), error);
        return error;
    }
    free(file_sink->name);
    file_sink->name = NULL;
    return ERROR_SUCCESS;
}

static DWORD file_sink_abandon(struct sink *sink)
{
    struct file_sink *file_sink = impl_from_sink(sink);

    TRACE("%s.\n", debugstr_w(file_sink->name));
    if (file_sink->name && !DeleteFileW(file_sink->name) && !is_missing(GetLastError()))
        return GetLastError();
    free(file_sink->name);
    file_sink->name = NULL;
    return ERROR_SUCCESS;
}

static void file_sink_destroy(struct sink *sink)
{
    struct file_sink *file_sink = impl_from_sink(sink);

    free(file_sink->name);
    free(file_sink);
}

static const struct sink_ops file_sink_ops =
{
    file_sink_open,
    file_sink_set_length,
    file_sink_write,
    file_sink_close,
    file_sink_commit,
    file_sink_abandon,
    file_sink_destroy,
};

DWORD file_sink_create(const WCHAR *path, struct sink **sink)
{
    const WCHAR *name = path + wcslen(path);
    struct file_sink *file_sink;

    while (name > path && name[-1] != '\\' && name[-1] != '/')
        name--;
    if (!(file_sink = calloc(1, offsetof(struct file_sink, directory[name - path + 1]))))
        return ERROR_OUTOFMEMORY;
    file_sink->sink.ops = &file_sink_ops;
    memcpy(file_sink->directory, path, (name - path) * sizeof(*path));
    *sink = &file_sink->sink;
    return ERROR_SUCCESS;
}
