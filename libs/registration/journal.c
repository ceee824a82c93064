/*
 * The journal of what registration has changed
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

/* Journal of the changes to a prefix: a list of entries (undo.h) in two copies, a value in the registry and a file.
 *
 * The copy in the registry counts if it is undamaged, since Wine saves it together with the values that it is about;
 * a prefix that is killed may lose both. Otherwise the file counts. If the file is damaged, too, the sound entries of
 * both count, and content tells the rest (value.c, wine.c). The journal says so until all is in order again.
 *
 * An entry is saved before the change and forgotten after the change is undone. A value that is not as we wrote it
 * belongs to somebody else: an update of the prefix restores Wine's own value, which is the one to put back then. */

#include "registration_private.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define PARENT_KEY    L"Software\\dosvc"
#define JOURNAL_KEY   PARENT_KEY L"\\Undo"
#define JOURNAL_VALUE L"Journal"
#define FILE_NAME     L"\\dosvc.undo" /* in the folder of Windows */
#define NEW_FILE_NAME L"\\dosvc.undo.new"
#define FILE_SIZE_MAX 0x1000000 /* bytes */

#define LOCK_TIMEOUT  120000 /* ms */

enum copy_state
{
    COPY_MISSING,
    COPY_DAMAGED,
    COPY_INTACT,
};

/* While the journal is open. */
static struct undo_list list;
static enum copy_state registry_state, file_state;
static BOOL is_changed;
static unsigned int open_count;
static HANDLE mutex;

static registration_listener listener;

void registration_set_listener(registration_listener new_listener)
{
    listener = new_listener;
}

void tell(enum registration_event event, const WCHAR *subject)
{
    TRACE("event %u, %s.\n", event, debugstr_w(subject));
    if (listener)
        listener(event, subject);
}

BOOL registration_lock(void)
{
    DWORD ret;

    if (!mutex && !(mutex = CreateMutexW(NULL, FALSE, L"Global\\dosvc-setup")))
        return FALSE;
    ret = WaitForSingleObject(mutex, LOCK_TIMEOUT);
    return ret == WAIT_OBJECT_0 || ret == WAIT_ABANDONED;
}

static void get_file_path(const WCHAR *name, WCHAR *path)
{
    GetWindowsDirectoryW(path, MAX_PATH / 2);
    wcscat_s(path, MAX_PATH, name);
}

static enum copy_state read_copy(const struct content *content, struct undo_list *entries)
{
    if (!content->data)
        return COPY_MISSING;
    return undo_read(entries, content->data, content->size) ? COPY_INTACT : COPY_DAMAGED;
}

static enum copy_state read_registry(struct undo_list *entries)
{
    enum copy_state state = COPY_DAMAGED;
    struct content content;

    if (content_read(get_native_view(), JOURNAL_KEY, JOURNAL_VALUE, &content))
        return state;
    state = read_copy(&content, entries);
    content_free(&content);
    return state;
}

static enum copy_state read_file(struct undo_list *entries)
{
    enum copy_state state = COPY_DAMAGED;
    struct content content = {0};
    WCHAR path[MAX_PATH];
    LARGE_INTEGER size;
    HANDLE file;

    get_file_path(FILE_NAME, path);
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError() == ERROR_FILE_NOT_FOUND ? COPY_MISSING : COPY_DAMAGED;
    if (GetFileSizeEx(file, &size) && size.QuadPart <= FILE_SIZE_MAX && (content.data = malloc(size.QuadPart + 1))
            && ReadFile(file, content.data, size.QuadPart, &content.size, NULL))
        state = read_copy(&content, entries);
    free(content.data);
    CloseHandle(file);
    return state;
}

static DWORD write_registry(const char *text, unsigned int size)
{
    const struct content content = {REG_BINARY, size, (void *)text};

    return content_write(get_native_view(), JOURNAL_KEY, JOURNAL_VALUE, &content);
}

static DWORD write_file(const char *text, unsigned int size)
{
    WCHAR path[MAX_PATH], new_path[MAX_PATH];
    DWORD written, ret = ERROR_SUCCESS;
    HANDLE file;

    get_file_path(FILE_NAME, path);
    get_file_path(NEW_FILE_NAME, new_path);
    file = CreateFileW(new_path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    if (!WriteFile(file, text, size, &written, NULL) || !FlushFileBuffers(file))
        ret = GetLastError();
    CloseHandle(file);
    if (!ret && !MoveFileExW(new_path, path, MOVEFILE_REPLACE_EXISTING))
        ret = GetLastError();
    if (ret)
        DeleteFileW(new_path);
    return ret;
}

/* Read the journal of the first version, which was a key for each section with a value for each entry. The names of the
 * sections are the same. */
static BOOL import_section(enum undo_section section)
{
    WCHAR path[100], name[SUBJECT_LENGTH];
    DWORD i, type, size, length;
    BYTE data[4096];
    HKEY key;

    swprintf(path, ARRAY_SIZE(path), L"%s\\%hs", JOURNAL_KEY, undo_section_names[section]);
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE | get_native_view(), &key))
        return FALSE;
    for (i = 0;; ++i)
    {
        length = ARRAY_SIZE(name);
        size = sizeof(data);
        if (RegEnumValueW(key, i, name, &length, NULL, &type, data, &size))
            break;
        undo_set(&list, section, name, type, data, size);
    }
    RegCloseKey(key);
    return i > 0;
}

static BOOL import_first_version(void)
{
    unsigned int i;
    BOOL ret = FALSE;

    for (i = 0; i < UNDO_LOST; ++i)
        ret |= import_section(i);
    return ret;
}

/* Add the entries of the second list that the first one lacks. */
static void merge(struct undo_list *entries, const struct undo_list *others)
{
    unsigned int i;

    for (i = 0; i < others->count; ++i)
    {
        const struct undo_entry *entry = &others->entries[i];

        if (!undo_find(entries, entry->section, entry->name))
            undo_set(entries, entry->section, entry->name, entry->type, entry->data, entry->size);
    }
}

/* Remove entries with our own proxies as the previous ones: the first version made these when it had lost its
 * entries. */
static void forget_own_values(void)
{
    unsigned int i;

    for (i = list.count; i--;)
    {
        const struct undo_entry *entry = &list.entries[i];

        if (entry->section != UNDO_PREVIOUS || wcsicmp(entry->data, DOSVC_PROXY_CLSID_TEXT))
            continue;
        journal_forget(UNDO_WRITTEN, entry->name);
        journal_forget(UNDO_PREVIOUS, entry->name);
        journal_set_lost(TRUE);
    }
}

static void load(void)
{
    struct undo_list copy = {0};

    registry_state = read_registry(&list);
    file_state = read_file(&copy);
    if (registry_state != COPY_INTACT && file_state == COPY_INTACT)
        undo_clear(&list);
    if (registry_state != COPY_INTACT)
        merge(&list, &copy);
    undo_clear(&copy);
    if (journal_is_missing() && import_first_version())
        registry_state = COPY_INTACT;
    if (registry_state != COPY_INTACT && file_state != COPY_INTACT && !journal_is_missing())
        journal_set_lost(TRUE);
    forget_own_values();
    is_changed = FALSE;
}

static void remove_all(void)
{
    WCHAR path[MAX_PATH];
    HKEY key;

    if (!RegOpenKeyExW(HKEY_LOCAL_MACHINE, PARENT_KEY, 0, KEY_ALL_ACCESS | get_native_view(), &key))
    {
        RegDeleteTreeW(key, L"Undo");
        RegCloseKey(key);
    }
    /* The parent may hold settings. */
    if (key_is_empty(get_native_view(), PARENT_KEY))
        RegDeleteKeyExW(HKEY_LOCAL_MACHINE, PARENT_KEY, get_native_view(), 0);
    get_file_path(FILE_NAME, path);
    DeleteFileW(path);
    get_file_path(NEW_FILE_NAME, path);
    DeleteFileW(path);
}

static void remove_first_version(void)
{
    unsigned int i;
    WCHAR name[20];
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, JOURNAL_KEY, 0, KEY_ALL_ACCESS | get_native_view(), &key))
        return;
    for (i = 0; i < UNDO_LOST; ++i)
    {
        swprintf(name, ARRAY_SIZE(name), L"%hs", undo_section_names[i]);
        RegDeleteTreeW(key, name);
    }
    RegCloseKey(key);
}

DWORD journal_save(void)
{
    unsigned int size;
    DWORD ret, ret2;
    char *text;

    if (!is_changed && !journal_is_lost() && journal_has_both_copies())
        return ERROR_SUCCESS;
    is_changed = FALSE;
    if (journal_is_empty())
    {
        remove_all();
        registry_state = file_state = COPY_MISSING;
        return ERROR_SUCCESS;
    }
    if (!(text = undo_write(&list, &size)))
        return ERROR_OUTOFMEMORY;
    if (!(ret = write_registry(text, size)))
        remove_first_version();
    ret2 = write_file(text, size);
    free(text);
    registry_state = ret ? COPY_DAMAGED : COPY_INTACT;
    file_state = ret2 ? COPY_DAMAGED : COPY_INTACT;
    return ret ? ret : ret2;
}

DWORD journal_open(void)
{
    if (!open_count && !registration_lock())
        return ERROR_TIMEOUT;
    if (!open_count++)
        load();
    return ERROR_SUCCESS;
}

void journal_close(void)
{
    DWORD ret;

    if (--open_count)
        return;
    if (is_changed && (ret = journal_save()))
        ERR("the journal cannot be saved, error %lu.\n", ret);
    undo_clear(&list);
    ReleaseMutex(mutex);
}

DWORD journal_read(enum undo_section section, const WCHAR *name, struct content *content)
{
    const struct undo_entry *entry = undo_find(&list, section, name);

    memset(content, 0, sizeof(*content));
    if (!entry)
        return ERROR_SUCCESS;
    if (!(content->data = calloc(1, entry->size + sizeof(WCHAR))))
        return ERROR_OUTOFMEMORY;
    memcpy(content->data, entry->data, entry->size);
    content->type = entry->type;
    content->size = entry->size;
    return ERROR_SUCCESS;
}

DWORD journal_write(enum undo_section section, const WCHAR *name, const struct content *content)
{
    const struct undo_entry *entry = undo_find(&list, section, name);

    if (entry && entry->type == content->type && entry->size == content->size
            && !memcmp(entry->data, content->data, content->size))
        return ERROR_SUCCESS;
    is_changed = TRUE;
    if (undo_set(&list, section, name, content->type, content->data, content->size))
        return ERROR_SUCCESS;
    return ERROR_OUTOFMEMORY;
}

DWORD journal_write_text(enum undo_section section, const WCHAR *name, const WCHAR *text)
{
    struct content content = {REG_SZ, (wcslen(text) + 1) * sizeof(*text), (void *)text};

    return journal_write(section, name, &content);
}

BOOL journal_has(enum undo_section section, const WCHAR *name)
{
    return !!undo_find(&list, section, name);
}

void journal_forget(enum undo_section section, const WCHAR *name)
{
    is_changed |= journal_has(section, name);
    undo_remove(&list, section, name);
}

/* Return whether nothing is left to undo. Created keys that are not empty do not count: others use them now. */
BOOL journal_is_empty(void)
{
    return !undo_has_section(&list, UNDO_FILES) && !undo_has_section(&list, UNDO_SERVICE)
            && !undo_has_section(&list, UNDO_WRITTEN) && !journal_is_lost();
}

BOOL journal_has_values(void)
{
    return undo_has_section(&list, UNDO_WRITTEN);
}

BOOL journal_is_lost(void)
{
    return undo_has_section(&list, UNDO_LOST);
}

void journal_set_lost(BOOL is_lost)
{
    /* Not counted as a change: reading the journal alone must not write it. */
    if (is_lost)
        undo_set(&list, UNDO_LOST, L"", REG_NONE, L"", 0);
    else
        journal_forget(UNDO_LOST, L"");
}

BOOL journal_is_missing(void)
{
    return registry_state == COPY_MISSING && file_state == COPY_MISSING;
}

BOOL journal_has_both_copies(void)
{
    return registry_state == file_state && registry_state != COPY_DAMAGED;
}
