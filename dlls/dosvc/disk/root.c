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
static WCHAR *usual_folder, *last_folder; /* in that list, or NULL: the one without a policy, and the last in use */
static WCHAR *state_folder; /* owned */
static HRESULT policy_result; /* of using the folder that the administrator has chosen */

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

/* Add a folder, unless it is there. Takes it over; NULL is ignored. Return the one in the list, or NULL. */
static WCHAR *add_folder(WCHAR *folder)
{
    UINT i;

    for (i = 0; folder && i < folder_count; i++)
    {
        if (!is_same_path(folders[i], folder))
            continue;
        free(folder);
        return folders[i];
    }
    if (folder && folder_count < FOLDERS_MAX)
        return folders[folder_count++] = folder;
    free(folder);
    return NULL;
}

/* Add the folders that a service has remembered. The first of them was in use. */
static void read_folders(void)
{
    WCHAR list[LIST_MAX], *folder, *added;
    DWORD size = sizeof(list);

    if (!front->has_policies || RegGetValueW(HKEY_LOCAL_MACHINE, front->parameters_key, FOLDERS_VALUE,
            RRF_RT_REG_MULTI_SZ, NULL, list, &size))
        return;
    for (folder = list; *folder; folder += wcslen(folder) + 1)
    {
        added = add_folder(wcsdup(folder));
        if (folder == list && added)
            last_folder = added;
    }
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
static void write_folders(void)
{
    WCHAR list[LIST_MAX], *end;
    LSTATUS error = ERROR_SUCCESS;

    if (!front->has_policies)
        return;
    if (folder_count == 1 && folders[0] == usual_folder)
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

HRESULT root_init(void)
{
    /* The log begins where the records are to be, which is not known yet. */
    log_begin();
    add_folder(get_moved_folder(&policy_result));
    last_folder = usual_folder = add_folder(get_folder(L"SystemRoot", front->root_folder));
    read_folders();
    if (!folder_count || !(state_folder = join(folders[0], STATE_NAME)))
        return E_OUTOFMEMORY;
    return S_OK;
}

void root_open_log(void)
{
    static BOOL is_open;
    WCHAR formers[LIST_MAX], *folder = NULL;

    if (is_open || !folder_count)
        return;
    is_open = TRUE;
    if (FAILED(policy_result))
        ERR("DOModifyCacheDrive cannot be used, hr %#lx; the folder is %s.\n", policy_result, debugstr_w(folders[0]));
    else
        INFO("the folder is %s.\n", debugstr_w(folders[0]));
    if ((folder = join(folders[0], LOGS_NAME)) && list_folders(1, LOGS_NAME, formers)
            && FAILED(log_open(folder, formers)))
        WARN("there is no log.\n");
    free(folder);
}

const WCHAR *root_get_state_folder(void)
{
    return state_folder;
}

HRESULT root_make_state_folder(void)
{
    return make_folder(state_folder);
}

/* Use a folder of the list. */
static HRESULT use_folder(const WCHAR *folder)
{
    WCHAR *state = join(folder, STATE_NAME), *first = folders[0];
    UINT i;

    if (!state)
        return E_OUTOFMEMORY;
    for (i = 0; folders[i] != folder; i++)
        ;
    folders[0] = folders[i];
    folders[i] = first;
    free(state_folder);
    state_folder = state;
    return S_OK;
}

/* Take over the records of all other folders, or, if one of them finds no place, of none of them. Without is_whole, of
 * each folder by itself. */
static HRESULT take_over(WCHAR * const *states, UINT count, BOOL is_whole)
{
    struct take_over move;
    HRESULT hr = S_OK;
    UINT i;

    take_over_begin(&move, state_folder);
    for (i = 0; i < count && SUCCEEDED(hr); i++)
    {
        hr = take_over_add(&move, states[i]);
        if (is_whole)
            continue;
        if (SUCCEEDED(hr))
            take_over_commit(&move);
        else
            take_over_undo(&move);
        take_over_begin(&move, state_folder);
        hr = S_OK;
    }
    if (SUCCEEDED(hr))
        take_over_commit(&move);
    else
        take_over_undo(&move);
    return hr;
}

/* List the folders of records of earlier services. Return their number; the caller frees them. */
static UINT list_states(WCHAR *states[FOLDERS_MAX])
{
    WCHAR *earlier;
    UINT count = 0, i;

    for (i = 1; i < folder_count; i++)
    {
        if ((states[count] = join(folders[i], STATE_NAME)))
            count++;
    }
    if (front->state_fallback && (earlier = get_folder(L"TEMP", front->state_fallback)))
        states[count++] = earlier;
    return count;
}

/* Use a folder for all records that there are. */
static HRESULT settle(const WCHAR *folder, BOOL is_whole)
{
    WCHAR *states[FOLDERS_MAX];
    HRESULT hr, made;
    UINT count, i;

    if (FAILED(hr = use_folder(folder)))
        return hr;
    if (FAILED(made = root_make_state_folder()))
        ERR("cannot make %s, hr %#lx.\n", debugstr_w(state_folder), made);
    count = list_states(states);
    hr = take_over(states, count, is_whole);
    for (i = 0; i < count; i++)
    {
        if (SUCCEEDED(hr))
            take_over_is_done(states[i]);
        free(states[i]);
    }
    return hr;
}

/* Forget the folders of which nothing is left. */
static void forget_folders(void)
{
    WCHAR *state;
    BOOL is_done;
    UINT i, kept = 1;

    for (i = 1; i < folder_count; i++)
    {
        state = join(folders[i], STATE_NAME);
        is_done = state && take_over_is_done(state);
        free(state);
        /* A disk may be absent. */
        if (!is_done || (folders[i] != usual_folder && GetFileAttributesW(folders[i]) == INVALID_FILE_ATTRIBUTES))
        {
            folders[kept++] = folders[i];
            continue;
        }
        if (folders[i] == usual_folder)
            usual_folder = NULL;
        free(folders[i]);
    }
    folder_count = kept;
}

/* Remember all folders, the last one in use first, if there is something to be moved: whatever ends the move, the next
 * service knows where records are. */
static void remember_move(const WCHAR *last)
{
    WCHAR *states[FOLDERS_MAX];
    BOOL has_records = FALSE;
    UINT count = list_states(states), i;

    for (i = 0; i < count; i++)
    {
        has_records |= !take_over_is_done(states[i]);
        free(states[i]);
    }
    if (has_records && last && SUCCEEDED(use_folder(last)))
        write_folders();
}

/* Return whether a folder can be used in place of the first of the list. That of a disk that is absent is not made. */
static BOOL can_fall_back(const WCHAR *folder)
{
    if (!folder || folder == folders[0])
        return FALSE;
    return (folder == usual_folder || GetFileAttributesW(folder) != INVALID_FILE_ATTRIBUTES)
            && SUCCEEDED(try_folder(folder));
}

void root_take_over(void)
{
    WCHAR *first = folders[0], *last = last_folder;
    HRESULT hr;

    remember_move(last);
    hr = settle(first, TRUE);
    if (FAILED(hr) && first != usual_folder)
        policy_result = hr;
    /* Where there is no place for all records, they stay together where there is. */
    if (FAILED(hr) && can_fall_back(last))
        hr = settle(last, TRUE);
    if (FAILED(hr) && usual_folder != first && can_fall_back(usual_folder))
        hr = settle(usual_folder, TRUE);
    if (FAILED(hr))
        settle(last ? last : first, FALSE);
    root_open_log();
    forget_folders();
    write_folders();
    take_back_records(state_folder);
}
