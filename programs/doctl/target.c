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

WCHAR *join_path(const WCHAR *folder, const WCHAR *name)
{
    size_t length = wcslen(folder), size = length + wcslen(name) + 2;
    BOOL has_slash = length && wcschr(L"/\\", folder[length - 1]);
    WCHAR *path = calloc(size, sizeof(*path));

    if (path)
        swprintf(path, size, L"%ls%ls%ls", folder, has_slash ? L"" : L"\\", name);
    return path;
}

WCHAR *target_path(const WCHAR *file)
{
    WCHAR *path, *folder;

    if (!file || !*file)
        file = L".";
    if (!(path = full_path(file)) || !is_directory(file))
        return path;
    folder = join_path(path, L"");
    free(path);
    return folder;
}

BOOL target_is_folder(const WCHAR *target)
{
    return *target && target[wcslen(target) - 1] == '\\';
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
