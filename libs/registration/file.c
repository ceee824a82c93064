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
#define NOTE_SUFFIX      L".link-before-dosvc" /* setup_dosvc.sh notes where a link led */

BOOL registration_is_file_wanted(const struct registration_file *file)
{
    if (file->is_front)
        return registration_get_front() != REGISTRATION_FRONT_NONE;
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

/* Return the path of a file or a folder without links of Unix, or NULL. The caller frees it. */
static WCHAR *get_final_path(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
            FILE_FLAG_BACKUP_SEMANTICS, NULL);
    WCHAR *final;
    DWORD size;

    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    if ((size = GetFinalPathNameByHandleW(file, NULL, 0, 0)) && (final = malloc(size * sizeof(*final)))
            && GetFinalPathNameByHandleW(file, final, size, 0) >= size)
    {
        free(final);
        final = NULL;
    }
    CloseHandle(file);
    return size ? final : NULL;
}

/* Return whether a path is a link of Unix. Wine shows nothing of it but where the opened file is. */
static BOOL is_link(const WCHAR *path)
{
    WCHAR folder[MAX_PATH], *name, *final_file, *final_folder;
    BOOL ret;

    lstrcpynW(folder, path, ARRAY_SIZE(folder));
    name = wcsrchr(folder, '\\');
    *name++ = 0;
    final_file = get_final_path(path);
    final_folder = get_final_path(folder);
    ret = final_file && final_folder && (_wcsnicmp(final_file, final_folder, wcslen(final_folder))
            || _wcsicmp(final_file + wcslen(final_folder) + 1, name));
    free(final_file);
    free(final_folder);
    return ret;
}

/* Move a file that is in use, which can be renamed but not deleted, to the folder of temporary files. It is deleted
 * when the prefix next starts. A link stays, for Wine would move the file that it leads to. */
static DWORD move_away(const WCHAR *path)
{
    WCHAR folder[MAX_PATH], temp[MAX_PATH];

    if (is_link(path))
        return ERROR_SHARING_VIOLATION;
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

/* Rename a file over another one. The path never has half a file, whenever this ends; the old file is moved away first
 * only where it is in use. Wine's own files are not moved: a link of Unix would lead to the file that all prefixes
 * have, and the rename would reach it. */
static DWORD replace_file(const WCHAR *file, const WCHAR *path)
{
    DWORD ret;

    if (MoveFileExW(file, path, MOVEFILE_REPLACE_EXISTING))
        return ERROR_SUCCESS;
    ret = GetLastError();
    if (file_exists(path) && (registration_is_wine_file(path) || (ret = move_away(path))))
        return ret;
    return MoveFileExW(file, path, 0) ? ERROR_SUCCESS : GetLastError();
}

static DWORD copy_file(const WCHAR *source, const WCHAR *path)
{
    WCHAR copy[MAX_PATH];
    DWORD ret;

    swprintf(copy, ARRAY_SIZE(copy), L"%s%s", path, NEW_SUFFIX);
    if (!CopyFileW(source, copy, FALSE))
    {
        ret = GetLastError();
        DeleteFileW(copy);
        return ret;
    }
    SetFileAttributesW(copy, FILE_ATTRIBUTE_NORMAL);
    if ((ret = replace_file(copy, path)))
        DeleteFileW(copy);
    return ret;
}

/* Return whether the version resource names a product, and whether it is ours. The journal does not tell if the prefix
 * was killed before Wine saved the registry. */
static BOOL has_product(const WCHAR *path, BOOL *is_ours)
{
    static const WCHAR product[] = L"ProductName\0\0dosvc"; /* aligned to 32 bits */
    HMODULE module = LoadLibraryExW(path, NULL, LOAD_LIBRARY_AS_DATAFILE);
    const char *data = NULL;
    DWORD i, size = 0;
    HRSRC resource;

    *is_ours = FALSE;
    if (!module)
        return FALSE;
    if ((resource = FindResourceW(module, MAKEINTRESOURCEW(VS_VERSION_INFO), RT_VERSION)))
    {
        size = SizeofResource(module, resource);
        data = LockResource(LoadResource(module, resource));
    }
    for (i = 0; data && !*is_ours && i + sizeof(product) <= size; i += sizeof(WCHAR))
        *is_ours = !memcmp(data + i, product, sizeof(product));
    FreeLibrary(module);
    return !!data;
}

static BOOL is_our_file(const WCHAR *path)
{
    BOOL is_ours;

    has_product(path, &is_ours);
    return is_ours;
}

static void get_displaced(const WCHAR *path, WCHAR *displaced)
{
    swprintf(displaced, MAX_PATH, L"%s%s", path, DISPLACED_SUFFIX);
}

/* Keep a copy of a foreign file at a path of ours. The file itself stays until it is replaced. What an update of Wine
 * has put over our file is newer than what was kept before. */
static DWORD keep_displaced(const WCHAR *path)
{
    BOOL is_wines = registration_is_wine_file(path);
    WCHAR displaced[MAX_PATH];
    DWORD ret;

    if (journal_has(UNDO_FILES, path) && !is_wines)
        return ERROR_SUCCESS;
    get_displaced(path, displaced);
    if (file_exists(path) && (is_wines || (!file_exists(displaced) && !is_our_file(path)))
            && (ret = copy_file(path, displaced)))
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

/* Return whether a file at a path of ours is somebody else's, although the journal says that we put one there. A front
 * without any product is damaged rather than replaced. */
static BOOL is_foreign(const struct registration_file *file, const WCHAR *path)
{
    BOOL is_ours;

    return registration_is_wine_file(path) || (file->is_front && has_product(path, &is_ours) && !is_ours);
}

/* Remove our file, and put the displaced one back in one step. */
static DWORD remove_ours(const WCHAR *path, const WCHAR *displaced, BOOL can_move)
{
    if (!file_exists(displaced))
        return delete_file(path, can_move);
    if (can_move)
        return replace_file(displaced, path);
    return MoveFileExW(displaced, path, MOVEFILE_REPLACE_EXISTING) ? ERROR_SUCCESS : ERROR_SHARING_VIOLATION;
}

static void forget_note(const WCHAR *path)
{
    WCHAR note[MAX_PATH];

    swprintf(note, ARRAY_SIZE(note), L"%s%s", path, NOTE_SUFFIX);
    DeleteFileW(note);
}

DWORD file_remove(const struct registration_file *file, BOOL can_move)
{
    WCHAR path[MAX_PATH], displaced[MAX_PATH];
    DWORD ret = ERROR_SUCCESS;

    registration_get_file_path(file, path);
    get_displaced(path, displaced);
    if (!journal_has(UNDO_FILES, path) && !is_our_file(path) && !file_exists(displaced))
        return ERROR_SUCCESS;
    TRACE("%s.\n", debugstr_w(path));

    if (!is_foreign(file, path))
        ret = remove_ours(path, displaced, can_move);
    else if (file_exists(displaced))
        ret = delete_file(displaced, TRUE);
    if (!ret)
        journal_forget(UNDO_FILES, path);
    if (!ret && file->is_front)
        forget_note(path);
    return ret;
}

const struct registration_file *registration_get_front_file(void)
{
    const struct registration_file *file = registration_files;

    while (!file->is_front)
        ++file;
    return file;
}

BOOL registration_has_saved_front(void)
{
    WCHAR path[MAX_PATH], displaced[MAX_PATH];

    registration_get_file_path(registration_get_front_file(), path);
    get_displaced(path, displaced);
    return file_exists(displaced);
}

enum registration_front registration_get_front(void)
{
    enum registration_front ret = REGISTRATION_FRONT_NONE;
    WCHAR path[MAX_PATH];

    registration_get_file_path(registration_get_front_file(), path);
    if (is_our_file(path))
        return REGISTRATION_FRONT_ACTIVE;
    if (journal_open())
        return ret;
    if (journal_has(UNDO_FILES, path) || registration_has_saved_front())
        ret = REGISTRATION_FRONT_LOST;
    journal_close();
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

/* A DLL of the wrong width keeps all services of its group from starting. */
static BOOL has_right_width(const struct registration_file *file, const WCHAR *path)
{
    WORD wanted = file->is_32bit || sizeof(void *) == 4 ? IMAGE_FILE_MACHINE_I386 : IMAGE_FILE_MACHINE_AMD64;
    struct { DWORD signature; IMAGE_FILE_HEADER file; } header = {0};
    HANDLE handle = open_file(path);
    IMAGE_DOS_HEADER dos = {0};
    DWORD size;

    if (handle == INVALID_HANDLE_VALUE)
        return FALSE;
    if (ReadFile(handle, &dos, sizeof(dos), &size, NULL))
    {
        SetFilePointer(handle, dos.e_lfanew, NULL, FILE_BEGIN);
        ReadFile(handle, &header, sizeof(header), &size, NULL);
    }
    CloseHandle(handle);
    return header.signature == IMAGE_NT_SIGNATURE && header.file.Machine == wanted;
}

static BOOL is_right_file(const struct registration_file *file, const WCHAR *path)
{
    if (file->is_front && !is_our_file(path))
        return FALSE;
    return !registration_is_wine_file(path) && has_right_width(file, path);
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
            check(context, path, is_right_file(&registration_files[i], path) ? REGISTRATION_OK : REGISTRATION_WRONG);
    }
}
