/*
 * What clients may pass: URLs, paths, strings
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

#include "dosvc_private.h"
#include "sink.h"
#include "url.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define CLIENT_URL_MAX  2200 /* characters */
#define CLIENT_PATH_MAX 32767

HRESULT check_url(const WCHAR *text)
{
    const WCHAR *p;
    struct url url;

    if (!text || wcslen(text) > CLIENT_URL_MAX || !url_parse(text, &url))
        return E_INVALIDARG;
    for (p = text; *p; p++)
    {
        if (*p < ' ' || *p == 0x7f)
            return E_INVALIDARG;
    }
    for (p = url.authority; p < url.authority + url.authority_length; p++)
    {
        if (wcschr(L" <>\"%^`{|}", *p))
            return E_INVALIDARG;
    }
    return S_OK;
}

static BOOL is_separator(WCHAR c)
{
    return c == '\\' || c == '/';
}

/* The part behind the root of a fully qualified path, or NULL: drive-absolute,
 * UNC, or one of the \\?\ forms. */
static const WCHAR *skip_root(const WCHAR *path)
{
    if (!wcsncmp(path, L"\\\\?\\", 4))
        return path + 4;
    if (((path[0] >= 'a' && path[0] <= 'z') || (path[0] >= 'A' && path[0] <= 'Z')) && path[1] == ':'
            && is_separator(path[2]))
        return path + 3;
    if (is_separator(path[0]) && is_separator(path[1]) && path[2] && !is_separator(path[2]))
        return path + 2;
    return NULL;
}

HRESULT check_path(const WCHAR *path)
{
    const WCHAR *p;
    size_t len;

    if (!path || !(len = wcslen(path)) || len > CLIENT_PATH_MAX)
        return E_INVALIDARG;
    if (!(p = skip_root(path)) || !*p || is_separator(path[len - 1]))
        return E_INVALIDARG;
    return wcspbrk(p, L"*?<>|\"") ? E_INVALIDARG : S_OK;
}

HRESULT check_local_path(const WCHAR *path)
{
    const WCHAR *p, *root;
    size_t len = wcslen(path);

    if (!len)
        return E_INVALIDARG;
    if (len > CLIENT_PATH_MAX)
        return HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
    root = skip_root(path);
    p = root ? root : path;
    /* The colon of a drive: in a relative path, and behind the prefix. */
    if (p[0] && p[1] == ':' && (!root || !wcsncmp(path, L"\\\\?\\", 4)))
        p += 2;
    if (is_separator(path[len - 1]))
        return HRESULT_FROM_WIN32(ERROR_INVALID_NAME);
    for (; *p; p++)
    {
        if (*p < ' ' || wcschr(L"<>|\"?*:", *p))
            return HRESULT_FROM_WIN32(ERROR_INVALID_NAME);
    }
    return root ? S_OK : E_INVALIDARG;
}

BOOL is_same_directory(const WCHAR *path, const WCHAR *other)
{
    UINT length = file_sink_directory_length(path);

    return length == file_sink_directory_length(other) && !memcmp(path, other, length * sizeof(*path));
}

/* Only an attempt tells: access rights alone do not know of a file system
 * that is mounted read-only. */
HRESULT check_directory(const WCHAR *path)
{
    const WCHAR *end = path + file_sink_directory_length(path);
    WCHAR *name;
    HANDLE file;
    DWORD error = ERROR_SUCCESS;
    GUID guid;

    if (!(name = calloc(end - path + 64, sizeof(*name))))
        return E_OUTOFMEMORY;
    CoCreateGuid(&guid);
    memcpy(name, path, (end - path) * sizeof(*name));
    swprintf(name + (end - path), 64, L"DO%08lx%04x%04x.tmp", guid.Data1, guid.Data2, guid.Data3);
    file = CreateFileW(name, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE,
            NULL);
    if (file == INVALID_HANDLE_VALUE)
        error = GetLastError();
    else
        CloseHandle(file);
    free(name);
    TRACE("path %s, error %lu.\n", debugstr_w(path), error);
    return error == ERROR_ACCESS_DENIED || error == ERROR_WRITE_PROTECT ? E_ACCESSDENIED : S_OK;
}

WCHAR *make_full_path(const WCHAR *path)
{
    WCHAR *full;
    DWORD size;

    if (!wcsncmp(path, L"\\\\?\\", 4))
        return wcsdup(path);
    if (!(size = GetFullPathNameW(path, 0, NULL, NULL)) || !(full = malloc(size * sizeof(*full))))
        return NULL;
    if (GetFullPathNameW(path, size, full, NULL) < size)
        return full;
    free(full);
    return NULL;
}

BOOL is_same_path(const WCHAR *path, const WCHAR *other)
{
    if (!wcsncmp(path, L"\\\\?\\", 4))
        path += 4;
    if (!wcsncmp(other, L"\\\\?\\", 4))
        other += 4;
    return CompareStringOrdinal(path, -1, other, -1, TRUE) == CSTR_EQUAL;
}

HRESULT copy_string(const WCHAR *string, WCHAR **out)
{
    size_t size = (wcslen(string) + 1) * sizeof(*string);

    if (!out)
        return E_INVALIDARG;
    if (!(*out = CoTaskMemAlloc(size)))
        return E_OUTOFMEMORY;
    memcpy(*out, string, size);
    return S_OK;
}
