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
#include "path.h"
#include "url.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define CLIENT_URL_MAX 2200 /* characters */

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

HRESULT check_path(const WCHAR *path)
{
    return path_check(path) == PATH_VALID ? S_OK : E_INVALIDARG;
}

HRESULT check_local_path(const WCHAR *path)
{
    switch (path_check(path))
    {
        case PATH_VALID:
            return S_OK;
        case PATH_TOO_LONG:
            return HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
        case PATH_BAD_NAME:
            return HRESULT_FROM_WIN32(ERROR_INVALID_NAME);
        default:
            return E_INVALIDARG;
    }
}

BOOL is_same_directory(const WCHAR *path, const WCHAR *other)
{
    UINT length = path_folder_length(path);

    return length == path_folder_length(other) && !memcmp(path, other, length * sizeof(*path));
}

/* Only an attempt tells: access rights alone do not know of a file system
 * that is mounted read-only. */
HRESULT check_directory(const WCHAR *path)
{
    const WCHAR *end = path + path_folder_length(path);
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
