/*
 * What the service keeps on disk, and its end
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

/* Names of temporary files are read from the records, without the service: it may be damaged. */

#include "registration_private.h"
#include "temporary.h"

#define RECORD_MAX 0x4000000 /* bytes */
#define LIST_NAME  L"temporary" /* of the file with names of files without a record */

struct place
{
    const WCHAR *service;
    const WCHAR *prefix;   /* of the names of its temporary files */
    const WCHAR *variable;
    const WCHAR *folder;
};

/* Where a service would put its records, and where if that cannot be written. */
static const struct place places[] =
{
    {DOSVC_SERVICE_NAME, L"DO", L"SystemRoot", DOSVC_STATE_FOLDER},
    {DOSVC_SERVICE_NAME, L"DO", L"TEMP", DOSVC_STATE_FALLBACK},
    {BITS_SERVICE_NAME, L"BIT", L"SystemRoot", BITS_STATE_FOLDER},
};

struct caller
{
    const WCHAR *prefix; /* of temporary files */
    registration_file_func func;
    void *context;
};

/* Calls for each file in the folder. */
static void for_each_file(const WCHAR *folder, void (*func)(const WCHAR *path, struct caller *caller),
        struct caller *caller)
{
    WCHAR path[MAX_PATH];
    WIN32_FIND_DATAW data;
    HANDLE find;

    swprintf(path, ARRAY_SIZE(path), L"%s\\*", folder);
    if ((find = FindFirstFileW(path, &data)) == INVALID_HANDLE_VALUE)
        return;
    do
    {
        if (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
            continue;
        swprintf(path, ARRAY_SIZE(path), L"%s\\%s", folder, data.cFileName);
        func(path, caller);
    } while (FindNextFileW(find, &data));
    FindClose(find);
}

static BOOL get_folder(const struct place *place, WCHAR *folder, DWORD *root)
{
    DWORD length = GetEnvironmentVariableW(place->variable, folder, MAX_PATH);

    if (!length || length + wcslen(place->folder) >= MAX_PATH)
        return FALSE;
    wcscat_s(folder, MAX_PATH, place->folder);
    *root = length;
    return TRUE;
}

/* Beside the target, with the id in its name. */
static void find_by_id(const WCHAR *path, UINT64 id, struct caller *caller)
{
    const WCHAR *end = wcsrchr(path, '\\');
    WIN32_FIND_DATAW data;
    WCHAR *name;
    HANDLE find;
    size_t size;

    if (!end)
        return;
    size = end - path + 1 + ARRAY_SIZE(data.cFileName);
    if (!(name = calloc(size, sizeof(*name))))
        return;
    swprintf(name, size, L"%.*s%s%016I64x*.tmp", (int)(end - path + 1), path, caller->prefix, id);
    if ((find = FindFirstFileW(name, &data)) != INVALID_HANDLE_VALUE)
    {
        do
        {
            swprintf(name, size, L"%.*s%s", (int)(end - path + 1), path, data.cFileName);
            caller->func(caller->context, name);
        } while (FindNextFileW(find, &data));
        FindClose(find);
    }
    free(name);
}

/* The name that a record gives is not believed when it is none of those that the service makes. */
static BOOL is_temporary(const WCHAR *path, const WCHAR *prefix)
{
    const WCHAR *name = wcsrchr(path, '\\'), *end = path + wcslen(path);
    int length = wcslen(prefix);

    return name && end - name > length + 5 && !wcsncmp(name + 1, prefix, length) && !wcscmp(end - 4, L".tmp")
            && GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static void call_for_temporary(void *context, const struct temporary *temporary)
{
    struct caller *caller = context;

    if (temporary->name && is_temporary(temporary->name, caller->prefix))
        caller->func(caller->context, temporary->name);
    else if (!temporary->name && temporary->path && temporary->id)
        find_by_id(temporary->path, temporary->id, caller);
}

/* The record is the last one to be called for. */
static void read_record(const WCHAR *path, struct caller *caller)
{
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
            OPEN_EXISTING, 0, NULL);
    const WCHAR *name = wcsrchr(path, '\\');
    DWORD size = 0, read = 0;
    BYTE *data;

    if (file != INVALID_HANDLE_VALUE && (size = GetFileSize(file, NULL)) <= RECORD_MAX && (data = malloc(size + 1)))
    {
        if (ReadFile(file, data, size, &read, NULL) && name && !wcscmp(name + 1, LIST_NAME))
            temporary_read_list(data, read, call_for_temporary, caller);
        else
            temporary_read(data, read, call_for_temporary, caller);
        free(data);
    }
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    caller->func(caller->context, path);
}

void registration_for_each_download_file(const WCHAR *service, registration_file_func func, void *context)
{
    struct caller caller = {NULL, func, context};
    WCHAR folder[MAX_PATH];
    unsigned int i;
    DWORD root;

    for (i = 0; i < ARRAY_SIZE(places); ++i)
    {
        caller.prefix = places[i].prefix;
        if (!wcscmp(places[i].service, service) && get_folder(&places[i], folder, &root))
            for_each_file(folder, read_record, &caller);
    }
}

void registration_remove_state_folders(const WCHAR *service)
{
    WCHAR folder[MAX_PATH], *name;
    unsigned int i;
    DWORD root;

    for (i = 0; i < ARRAY_SIZE(places); ++i)
    {
        if (wcscmp(places[i].service, service) || !get_folder(&places[i], folder, &root))
            continue;
        /* Up to the first that others use. */
        while (RemoveDirectoryW(folder) && (name = wcsrchr(folder, '\\')) && name > folder + root)
            *name = 0;
    }
}
