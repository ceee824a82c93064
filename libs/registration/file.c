/*
 * Installing and removing of files
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

#include "registration_private.h"

#include "wingdi.h"
#include "winuser.h"
#include "winver.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Texts behind the DOS header by which Wine marks its own files; the second one marks the stand-in for a builtin of
 * which the prefix has no copy. No file of ours may have such a text in one piece: winetricks searches whole files
 * for it. */
#define SIGNATURE_OFFSET 0x40
#define SIGNATURE_START  "Wine "

static const char *const signatures[] = {"builtin DLL", "placeholder DLL"};

#define DISPLACED_SUFFIX L".before-dosvc"
#define NEW_SUFFIX       L".new-dosvc"

BOOL registration_is_file_wanted(const struct registration_file *file)
{
    return !file->is_32bit || registration_has_32bit_dlls();
}

void registration_get_file_path(const struct registration_file *file, WCHAR *path)
{
    WCHAR folder[MAX_PATH / 2];

    /* The files of ours have short names, and so has Wine's folder. */
    if (file->is_32bit)
        GetSystemWow64DirectoryW(folder, ARRAY_SIZE(folder));
    else
        GetSystemDirectoryW(folder, ARRAY_SIZE(folder));
    swprintf(path, MAX_PATH, L"%s\\%s", folder, file->name);
}

static HANDLE open_file(const WCHAR *path)
{
    return CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
            0, NULL);
}

static BOOL file_exists(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

BOOL registration_is_wine_file(const WCHAR *path)
{
    char header[SIGNATURE_OFFSET + 32] = {0}, *text = header + SIGNATURE_OFFSET;
    HANDLE file = open_file(path);
    DWORD size = 0;
    unsigned int i;

    if (file == INVALID_HANDLE_VALUE)
        return FALSE;
    ReadFile(file, header, sizeof(header) - 1, &size, NULL);
    CloseHandle(file);
    if (strncmp(text, SIGNATURE_START, strlen(SIGNATURE_START)))
        return FALSE;
    for (i = 0; i < ARRAY_SIZE(signatures); ++i)
    {
        if (!strcmp(text + strlen(SIGNATURE_START), signatures[i]))
            return TRUE;
    }
    return FALSE;
}

static BOOL are_equal_streams(HANDLE a, HANDLE b)
{
    char buffer_a[4096], buffer_b[4096];
    DWORD size_a, size_b;

    do
    {
        if (!ReadFile(a, buffer_a, sizeof(buffer_a), &size_a, NULL)
                || !ReadFile(b, buffer_b, sizeof(buffer_b), &size_b, NULL))
            return FALSE;
        if (size_a != size_b || memcmp(buffer_a, buffer_b, size_a))
            return FALSE;
    } while (size_a);
    return TRUE;
}

static BOOL are_equal_files(const WCHAR *path_a, const WCHAR *path_b)
{
    HANDLE a = open_file(path_a), b = open_file(path_b);
    BOOL ret;

    ret = a != INVALID_HANDLE_VALUE && b != INVALID_HANDLE_VALUE && are_equal_streams(a, b);
    if (a != INVALID_HANDLE_VALUE)
        CloseHandle(a);
    if (b != INVALID_HANDLE_VALUE)
        CloseHandle(b);
    return ret;
}

/* Move a file that is in use, which can be renamed but not deleted, to the folder of temporary files. It is deleted
 * when the prefix next starts. */
static DWORD move_away(const WCHAR *path)
{
    WCHAR folder[MAX_PATH], temp[MAX_PATH];

    GetWindowsDirectoryW(folder, MAX_PATH / 2);
    wcscat(folder, L"\\temp");
    if (!GetTempFileNameW(folder, L"dos", 0, temp))
        return GetLastError();
    if (!MoveFileExW(path, temp, MOVEFILE_REPLACE_EXISTING))
    {
        DWORD ret = GetLastError();

        DeleteFileW(temp);
        return ret;
    }
    WARN("%s is in use, moved to %s until the prefix restarts.\n", debugstr_w(path), debugstr_w(temp));
    if (!MoveFileExW(temp, NULL, MOVEFILE_DELAY_UNTIL_REBOOT))
        return GetLastError();
    return ERROR_SUCCESS;
}

/* Replace a file, or a link of Unix, by an empty file. Wine would follow the link to delete or to move it, and do
 * that to the file elsewhere. */
static BOOL replace_by_nothing(const WCHAR *path)
{
    WCHAR empty[MAX_PATH];
    HANDLE file;

    swprintf(empty, ARRAY_SIZE(empty), L"%s%s", path, NEW_SUFFIX);
    if ((file = CreateFileW(empty, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL)) == INVALID_HANDLE_VALUE)
        return FALSE;
    CloseHandle(file);
    if (MoveFileExW(empty, path, MOVEFILE_REPLACE_EXISTING))
        return TRUE;
    DeleteFileW(empty);
    return FALSE;
}

static DWORD delete_file(const WCHAR *path, BOOL can_move)
{
    if (replace_by_nothing(path) && DeleteFileW(path))
        return ERROR_SUCCESS;
    if (!file_exists(path))
        return ERROR_SUCCESS;
    return can_move ? move_away(path) : ERROR_SHARING_VIOLATION;
}

/* Replace a file at once: the path never has half a file, whenever this ends. */
static DWORD copy_file(const WCHAR *source, const WCHAR *path)
{
    WCHAR copy[MAX_PATH];
    DWORD ret = ERROR_SUCCESS;

    swprintf(copy, ARRAY_SIZE(copy), L"%s%s", path, NEW_SUFFIX);
    if (!CopyFileW(source, copy, FALSE))
    {
        ret = GetLastError();
        DeleteFileW(copy);
        return ret;
    }
    SetFileAttributesW(copy, FILE_ATTRIBUTE_NORMAL);
    if (MoveFileExW(copy, path, MOVEFILE_REPLACE_EXISTING))
        return ERROR_SUCCESS;
    /* The old file is in use. */
    if (file_exists(path))
        ret = move_away(path);
    if (!ret && !MoveFileExW(copy, path, 0))
        ret = GetLastError();
    if (ret)
        DeleteFileW(copy);
    return ret;
}

/* Return whether the version resource names our product. The journal does not tell if the prefix was killed before Wine
 * saved the registry. */
static BOOL is_our_file(const WCHAR *path)
{
    static const WCHAR product[] = L"ProductName\0\0dosvc"; /* aligned to 32 bits */
    HMODULE module = LoadLibraryExW(path, NULL, LOAD_LIBRARY_AS_DATAFILE);
    const char *data = NULL;
    BOOL ret = FALSE;
    DWORD i, size = 0;
    HRSRC resource;

    if (!module)
        return FALSE;
    if ((resource = FindResourceW(module, MAKEINTRESOURCEW(VS_VERSION_INFO), RT_VERSION)))
    {
        size = SizeofResource(module, resource);
        data = LockResource(LoadResource(module, resource));
    }
    for (i = 0; data && !ret && i + sizeof(product) <= size; i += sizeof(WCHAR))
        ret = !memcmp(data + i, product, sizeof(product));
    FreeLibrary(module);
    return ret;
}

/* Keep a copy of a foreign file at a path of ours. The file itself stays until it is replaced. */
static DWORD keep_displaced(const WCHAR *path)
{
    WCHAR displaced[MAX_PATH];
    DWORD ret;

    if (journal_has(UNDO_FILES, path))
        return ERROR_SUCCESS;
    swprintf(displaced, ARRAY_SIZE(displaced), L"%s%s", path, DISPLACED_SUFFIX);
    if (file_exists(path) && !file_exists(displaced) && !is_our_file(path) && (ret = copy_file(path, displaced)))
        return ret;
    return journal_write_text(UNDO_FILES, path, file_exists(displaced) ? displaced : L"");
}

DWORD file_install(const struct registration_file *file, const WCHAR *source)
{
    WCHAR path[MAX_PATH];
    DWORD ret;

    registration_get_file_path(file, path);
    TRACE("%s from %s.\n", debugstr_w(path), debugstr_w(source));

    if ((ret = keep_displaced(path)) || (ret = journal_save()))
        return ret;
    return are_equal_files(source, path) ? ERROR_SUCCESS : copy_file(source, path);
}

static DWORD restore_displaced(const WCHAR *path, const WCHAR *displaced)
{
    if (!file_exists(displaced))
        return ERROR_SUCCESS;
    /* An update of the prefix may have put a newer one there. */
    if (file_exists(path))
        return delete_file(displaced, TRUE);
    return MoveFileExW(displaced, path, 0) ? ERROR_SUCCESS : GetLastError();
}

DWORD file_remove(const struct registration_file *file, BOOL can_move)
{
    WCHAR path[MAX_PATH], displaced[MAX_PATH];
    DWORD ret = ERROR_SUCCESS;

    registration_get_file_path(file, path);
    if (!journal_has(UNDO_FILES, path) && !is_our_file(path))
        return ERROR_SUCCESS;
    TRACE("%s.\n", debugstr_w(path));

    swprintf(displaced, ARRAY_SIZE(displaced), L"%s%s", path, DISPLACED_SUFFIX);
    if (!registration_is_wine_file(path))
        ret = delete_file(path, can_move);
    if (!ret && !(ret = restore_displaced(path, displaced)))
        journal_forget(UNDO_FILES, path);
    return ret;
}

BOOL files_are_there(void)
{
    WCHAR path[MAX_PATH];
    unsigned int i;

    for (i = 0; i < registration_file_count; ++i)
    {
        registration_get_file_path(&registration_files[i], path);
        if (is_our_file(path))
            return TRUE;
    }
    return FALSE;
}

void files_verify(registration_check check, void *context)
{
    WCHAR path[MAX_PATH];
    unsigned int i;

    for (i = 0; i < registration_file_count; ++i)
    {
        if (!registration_is_file_wanted(&registration_files[i]))
            continue;
        registration_get_file_path(&registration_files[i], path);
        if (!file_exists(path))
            check(context, path, REGISTRATION_MISSING);
        else
            check(context, path, registration_is_wine_file(path) ? REGISTRATION_WRONG : REGISTRATION_OK);
    }
}
