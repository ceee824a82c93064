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
    const WCHAR *variable; /* NULL: a folder that the service has noted in the registry */
    const WCHAR *folder;
};

/* Folders that a service has for records and logs: that of Windows, that of earlier versions if it cannot be written,
 * those on drives of the administrator's choice. */
static const struct place places[] =
{
    {DOSVC_SERVICE_NAME, L"DO", L"SystemRoot", DOSVC_ROOT_FOLDER L"\\"},
    {DOSVC_SERVICE_NAME, L"DO", L"TEMP", L"\\" DOSVC_ROOT_NAME L"\\"},
    {DOSVC_SERVICE_NAME, L"DO"},
    {BITS_SERVICE_NAME, L"BIT", L"SystemRoot", BITS_ROOT_FOLDER L"\\"},
};

/* Function for a folder, which ends with a separator and has room for MAX_PATH characters; what follows the root may be
 * removed when it is empty. */
typedef void (*folder_func)(WCHAR *folder, size_t root, const struct place *place, void *context);

/* Call for the folders in the registry, each of which is a root, but for the name that the service itself has given. */
static void for_each_noted(const struct place *place, folder_func func, void *context)
{
    WCHAR folder[MAX_PATH], *name;
    struct content content;
    const WCHAR *end;

    if (content_read(get_native_view(), DOSVC_PARAMETERS_KEY, FOLDERS_VALUE, &content) || !content.data)
        return;
    end = (const WCHAR *)content.data + content.size / sizeof(WCHAR);
    for (name = (WCHAR *)content.data; content.type == REG_MULTI_SZ && name < end && *name; name += wcslen(name) + 1)
    {
        size_t length = wcslen(name), own = wcslen(DOSVC_ROOT_NAME L"\\");

        if (length >= MAX_PATH || name[length - 1] != '\\')
            continue;
        wcscpy_s(folder, MAX_PATH, name);
        if (length < own || wcscmp(folder + length - own, DOSVC_ROOT_NAME L"\\"))
            own = 0;
        func(folder, length - own, place, context);
    }
    content_free(&content);
}

static void for_each_folder(const WCHAR *service, folder_func func, void *context)
{
    WCHAR folder[MAX_PATH];
    unsigned int i;
    DWORD length;

    for (i = 0; i < ARRAY_SIZE(places); ++i)
    {
        if (wcscmp(places[i].service, service))
            continue;
        if (!places[i].variable)
        {
            for_each_noted(&places[i], func, context);
            continue;
        }
        length = GetEnvironmentVariableW(places[i].variable, folder, MAX_PATH);
        if (!length || length + wcslen(places[i].folder) >= MAX_PATH)
            continue;
        wcscat_s(folder, MAX_PATH, places[i].folder);
        func(folder, length, &places[i], context);
    }
}

struct caller
{
    const WCHAR *prefix; /* of temporary files */
    registration_file_func func;
    void *context;
};

/* Call for each file in a folder below a root. */
static void for_each_file(const WCHAR *root, const WCHAR *name, void (*func)(const WCHAR *path, struct caller *caller),
        struct caller *caller)
{
    WCHAR path[MAX_PATH];
    WIN32_FIND_DATAW data;
    HANDLE find;

    swprintf(path, ARRAY_SIZE(path), L"%s%s*", root, name);
    if ((find = FindFirstFileW(path, &data)) == INVALID_HANDLE_VALUE)
        return;
    do
    {
        if (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
            continue;
        swprintf(path, ARRAY_SIZE(path), L"%s%s%s", root, name, data.cFileName);
        func(path, caller);
    } while (FindNextFileW(find, &data));
    FindClose(find);
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

static void read_records(WCHAR *folder, size_t root, const struct place *place, void *context)
{
    struct caller *caller = context;

    caller->prefix = place->prefix;
    for_each_file(folder, STATE_NAME, read_record, caller);
}

void registration_for_each_download_file(const WCHAR *service, registration_file_func func, void *context)
{
    struct caller caller = {NULL, func, context};

    for_each_folder(service, read_records, &caller);
}

static void delete_log(const WCHAR *path, struct caller *caller)
{
    const WCHAR *name = wcsrchr(path, '\\') + 1, *extension = wcsrchr(path, '.');

    if (extension && !wcscmp(extension, L".log") && (!wcsncmp(name, L"dosvc.", 6) || !wcsncmp(name, L"bits.", 5)))
        DeleteFileW(path);
}

static void remove_folder(const WCHAR *folder, const WCHAR *name)
{
    WCHAR path[MAX_PATH];

    if (swprintf(path, ARRAY_SIZE(path), L"%s%s", folder, name) > 0)
        RemoveDirectoryW(path);
}

static void remove_folders(WCHAR *folder, size_t root, const struct place *place, void *context)
{
    WCHAR *name;

    for_each_file(folder, LOGS_NAME, delete_log, NULL);
    remove_folder(folder, LOGS_NAME);
    remove_folder(folder, STATE_NAME);
    /* Up to the first that others use. */
    while ((name = wcsrchr(folder, '\\')) && name > folder + root)
    {
        *name = 0;
        if (!RemoveDirectoryW(folder))
            break;
    }
}

void registration_remove_state_folders(const WCHAR *service)
{
    for_each_folder(service, remove_folders, NULL);
}
