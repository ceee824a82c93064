/*
 * Folder of what the service keeps: records and logs
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
#include <wchar.h>

#include "base/base.h"
#include "base/front.h"
#include "base/place.h"
#include "base/policy.h"
#include "disk/root.h"
#include "disk/sink.h"
#include "disk/take_over.h"

#include "sddl.h"
#include "winreg.h"
#include "registration.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define FOLDERS_MAX 8    /* remembered ones */
#define LIST_MAX    2048 /* characters of them */

/* Folders, each with a separator at its end; owned. The first is in use, the others may have records. */
static WCHAR *folders[FOLDERS_MAX];
static UINT folder_count;
static WCHAR *state_folder; /* owned */

/* Return the value of a variable, which the caller frees, with the rest behind it; NULL without the variable. */
static WCHAR *get_folder(const WCHAR *variable, const WCHAR *rest)
{
    UINT length = GetEnvironmentVariableW(variable, NULL, 0);
    WCHAR *value, *folder = NULL;

    if (!length || !(value = calloc(length, sizeof(*value))))
        return NULL;
    if (GetEnvironmentVariableW(variable, value, length) == length - 1)
        folder = join_text(value, length - 1, rest);
    free(value);
    return folder;
}

/* Return the text with the values of variables. The caller frees it. */
static WCHAR *expand(const WCHAR *text)
{
    DWORD size = ExpandEnvironmentStringsW(text, NULL, 0);
    WCHAR *expanded = size ? malloc(size * sizeof(*expanded)) : NULL;

    if (expanded && ExpandEnvironmentStringsW(text, expanded, size) == size)
        return expanded;
    free(expanded);
    return NULL;
}

/* Add a folder, unless it is there. Takes it over; NULL is ignored. */
static void add_folder(WCHAR *folder)
{
    UINT i;

    for (i = 0; folder && i < folder_count; i++)
    {
        if (!is_same_path(folders[i], folder))
            continue;
        free(folder);
        return;
    }
    if (folder && folder_count < FOLDERS_MAX)
        folders[folder_count++] = folder;
    else
        free(folder);
}

/* Add the folders that a service has remembered. */
static void read_folders(void)
{
    WCHAR list[LIST_MAX], *folder;
    DWORD size = sizeof(list);

    if (!front->has_policies || RegGetValueW(HKEY_LOCAL_MACHINE, front->parameters_key, FOLDERS_VALUE,
            RRF_RT_REG_MULTI_SZ, NULL, list, &size))
        return;
    for (folder = list; *folder; folder += wcslen(folder) + 1)
        add_folder(wcsdup(folder));
}

/* Write the folders as strings, the last one empty. FALSE if there is no room. */
static BOOL list_folders(UINT first, const WCHAR *rest, WCHAR list[LIST_MAX])
{
    UINT length = 0, i;

    for (i = first; i < folder_count; i++)
    {
        if (length + wcslen(folders[i]) + wcslen(rest) + 2 > LIST_MAX)
            return FALSE;
        length += swprintf(list + length, LIST_MAX - length, L"%ls%ls", folders[i], rest) + 1;
    }
    list[length] = 0;
    return TRUE;
}

/* Remember the folders for the next service, for doctl, and for whoever removes them all. The default one alone needs
 * no value. */
static void write_folders(const WCHAR *usual)
{
    WCHAR list[LIST_MAX], *end;
    LSTATUS error = ERROR_SUCCESS;

    if (!front->has_policies)
        return;
    if (folder_count == 1 && usual && is_same_path(folders[0], usual))
        RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, front->parameters_key, FOLDERS_VALUE);
    else if (list_folders(0, L"", list))
    {
        for (end = list; *end; end += wcslen(end) + 1)
            ;
        error = RegSetKeyValueW(HKEY_LOCAL_MACHINE, front->parameters_key, FOLDERS_VALUE, REG_MULTI_SZ, list,
                (end - list + 1) * sizeof(*list));
    }
    if (error)
        ERR("cannot remember folders, error %ld.\n", error);
}

static HRESULT make_folder(const WCHAR *folder)
{
    PSECURITY_DESCRIPTOR descriptor;
    HRESULT hr;

    if (FAILED(hr = file_sink_create_folders(folder)))
        return hr;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(FOLDER_SECURITY, SDDL_REVISION_1, &descriptor, NULL))
        return last_error();
    if (!SetFileSecurityW(folder, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, descriptor))
        WARN("cannot protect %s, error %lu.\n", debugstr_w(folder), GetLastError());
    LocalFree(descriptor);
    return S_OK;
}

/* Make the folder of records, and a file in it. */
static HRESULT try_folder(const WCHAR *root)
{
    WCHAR *folder = join(root, STATE_NAME), *path = folder ? join(folder, L"usable.new") : NULL;
    HRESULT hr = path ? make_folder(folder) : E_OUTOFMEMORY;
    HANDLE file;

    if (SUCCEEDED(hr))
    {
        file = CreateFileW(path, GENERIC_WRITE | DELETE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
        if (file == INVALID_HANDLE_VALUE)
            hr = last_error();
        else
            CloseHandle(file);
    }
    free(folder);
    free(path);
    return hr;
}

/* Return the folder that the administrator has chosen, which the caller frees, or NULL. */
static WCHAR *get_moved_folder(HRESULT *hr)
{
    WCHAR *value = front->has_policies ? policy_get_string(POLICY_MODIFY_CACHE_DRIVE) : NULL;
    WCHAR *text = value ? expand(value) : NULL, *drive = get_folder(L"SystemDrive", L""), folder[PLACE_MAX];
    enum place place = PLACE_DEFAULT;

    if (text)
        place = place_parse(text, drive ? drive : L"", front->root_name, folder);
    free(value);
    free(text);
    free(drive);
    *hr = place == PLACE_UNUSABLE ? HRESULT_FROM_WIN32(ERROR_BAD_PATHNAME) : S_OK;
    if (place == PLACE_MOVED && SUCCEEDED(*hr = try_folder(folder)))
        return wcsdup(folder);
    return NULL;
}

static void open_log(void)
{
    WCHAR formers[LIST_MAX], *folder = join(folders[0], LOGS_NAME);

    if (folder && list_folders(1, LOGS_NAME, formers) && FAILED(log_open(folder, formers)))
        WARN("there is no log.\n");
    free(folder);
}

HRESULT root_init(void)
{
    HRESULT hr;

    add_folder(get_moved_folder(&hr));
    add_folder(get_folder(L"SystemRoot", front->root_folder));
    read_folders();
    if (!folder_count || !(state_folder = join(folders[0], STATE_NAME)))
        return E_OUTOFMEMORY;
    open_log();
    if (FAILED(hr))
        ERR("DOModifyCacheDrive cannot be used, hr %#lx; the folder is %s.\n", hr, debugstr_w(folders[0]));
    else
        INFO("the folder is %s.\n", debugstr_w(folders[0]));
    return S_OK;
}

const WCHAR *root_get_state_folder(void)
{
    return state_folder;
}

HRESULT root_make_state_folder(void)
{
    return make_folder(state_folder);
}

/* Return whether nothing is left in a folder that was used before. */
static BOOL take_over(const WCHAR *folder, BOOL is_usual)
{
    WCHAR *former = join(folder, STATE_NAME);
    BOOL ret = former && take_over_records(former, state_folder);

    /* A disk may be absent. */
    if (ret && !is_usual && GetFileAttributesW(folder) == INVALID_FILE_ATTRIBUTES)
        ret = FALSE;
    free(former);
    return ret;
}

void root_take_over(void)
{
    WCHAR *usual = get_folder(L"SystemRoot", front->root_folder), *earlier;
    UINT i, kept = 1;

    for (i = 1; i < folder_count; i++)
    {
        if (take_over(folders[i], usual && is_same_path(folders[i], usual)))
            free(folders[i]);
        else
            folders[kept++] = folders[i];
    }
    folder_count = kept;
    write_folders(usual);
    free(usual);
    if (front->state_fallback && (earlier = get_folder(L"TEMP", front->state_fallback)))
    {
        take_over_records(earlier, state_folder);
        free(earlier);
    }
    take_back_records(state_folder);
}
