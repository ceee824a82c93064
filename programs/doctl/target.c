/*
 * doctl: where a download is stored
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

WCHAR *full_path(const WCHAR *path)
{
    DWORD size = GetFullPathNameW(path, 0, NULL, NULL);
    WCHAR *full;

    if (!size || !(full = calloc(size, sizeof(*full))))
        return NULL;
    GetFullPathNameW(path, size, full, NULL);
    return full;
}

static BOOL is_directory(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}

/* Return the last segment of the URL's path, as it is written there; NULL if it is no name for a file. */
static WCHAR *name_from_url(const WCHAR *url)
{
    const WCHAR *path, *name, *p, *end;
    WCHAR *copy;

    path = wcsstr(url, L"://") + 3;
    path += wcscspn(path, L"/?#");
    end = path + wcscspn(path, L"?#");
    for (name = p = path; p < end; ++p)
    {
        if (*p == '/')
            name = p + 1;
    }
    if (name == end || !(copy = calloc(end - name + 1, sizeof(*copy))))
        return NULL;
    memcpy(copy, name, (end - name) * sizeof(*copy));
    for (p = copy; (p = wcspbrk(p, L"\\:*\"<>|")); ++p)
        copy[p - copy] = '_';
    if (!wcscmp(copy, L".") || !wcscmp(copy, L".."))
    {
        free(copy);
        return NULL;
    }
    return copy;
}

static WCHAR *join_path(const WCHAR *directory, const WCHAR *name)
{
    size_t size = wcslen(directory) + wcslen(name) + 2;
    WCHAR *path, *full;

    if (!(path = calloc(size, sizeof(*path))))
        return NULL;
    swprintf(path, size, L"%ls\\%ls", directory, name);
    full = full_path(path);
    free(path);
    return full;
}

WCHAR *target_path(const WCHAR *url, const WCHAR *file)
{
    WCHAR *name, *path;

    if (file && *file && !wcschr(L"/\\", file[wcslen(file) - 1]) && !is_directory(file))
        return full_path(file);
    if (!(name = name_from_url(url)))
    {
        write_message(STD_ERROR_HANDLE, IDS_NO_FILE_NAME);
        return NULL;
    }
    path = join_path(file && *file ? file : L".", name);
    free(name);
    return path;
}

static WCHAR *folder_of(const WCHAR *path)
{
    WCHAR *folder = wcsdup(path), *end;

    if (folder && (end = wcsrchr(folder, '\\')))
        end[1] = 0;
    return folder;
}

BOOL target_has_folder(const WCHAR *target)
{
    WCHAR *folder = folder_of(target);
    BOOL ret = folder && is_directory(folder);

    free(folder);
    return ret;
}

WCHAR *temporary_path(const WCHAR *target)
{
    WCHAR *folder = folder_of(target), *path = NULL;
    size_t size;
    GUID id;

    if (folder && SUCCEEDED(CoCreateGuid(&id)))
    {
        size = wcslen(folder) + 16;
        if ((path = calloc(size, sizeof(*path))))
            swprintf(path, size, L"%lsdoc%08lx.tmp", folder, id.Data1);
    }
    free(folder);
    return path;
}
