/*
 * Folders of the service
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

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/base.h"
#include "disk/folder.h"

static BOOL ends_with(const WCHAR *name, const WCHAR *extension)
{
    UINT length = wcslen(name), tail = wcslen(extension);

    return length >= tail && !wcsicmp(name + length - tail, extension);
}

void folder_free_list(struct file_list *list)
{
    while (list->count)
        free(list->paths[--list->count]);
    free(list->paths);
    memset(list, 0, sizeof(*list));
}

static HRESULT append_path(struct file_list *list, const WCHAR *folder, const WCHAR *name)
{
    if (!array_grow((void **)&list->paths, list->count, &list->capacity, sizeof(*list->paths))
            || !(list->paths[list->count] = join(folder, name)))
        return E_OUTOFMEMORY;
    list->count++;
    return S_OK;
}

HRESULT folder_list_files(const WCHAR *folder, const WCHAR *extension, struct file_list *list)
{
    WCHAR *pattern = join(folder, L"*");
    WIN32_FIND_DATAW data;
    HRESULT hr = S_OK;
    HANDLE find;

    memset(list, 0, sizeof(*list));
    if (!pattern)
        return E_OUTOFMEMORY;
    find = FindFirstFileW(pattern, &data);
    if (find == INVALID_HANDLE_VALUE)
        hr = last_error();
    free(pattern);
    if (FAILED(hr))
        return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) || hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND) ? S_OK
                : hr;
    do
    {
        if (ends_with(data.cFileName, extension) && !(data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
            hr = append_path(list, folder, data.cFileName);
    } while (SUCCEEDED(hr) && FindNextFileW(find, &data));
    if (SUCCEEDED(hr) && GetLastError() != ERROR_NO_MORE_FILES)
        hr = last_error();
    FindClose(find);
    if (FAILED(hr))
        folder_free_list(list);
    return hr;
}
