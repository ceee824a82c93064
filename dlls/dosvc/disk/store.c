/*
 * The store: what survives a restart, on disk
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

#include "disk/file.h"
#include "disk/folder.h"
#include "disk/leftover.h"
#include "disk/root.h"
#include "disk/store.h"
#include "disk/sink.h"
#include "base/base.h"
#include "base/front.h"

#include "objbase.h"
#include "sddl.h"
#include "deliveryoptimizationerrors.h"
#include "base/wineheaders.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define PROGRESS_DELAY  2000 /* ms; received bytes are saved no later */
#define UNFLUSHED_MAX  (32 * 1024 * 1024) /* bytes; with so many received ones all are saved */
#define SETTLE_DELAY   200   /* ms; a client that waits for it completes it by then */
#define RETRY_DELAY    30000 /* ms; after a write that failed */
#define LOAD_TRIES     5     /* of a record that cannot be read */
#define LOAD_DELAY     50    /* ms; between them */
#define NEVER          (~(ULONGLONG)0)
#define ENDED          "ended" /* content of a record whose item has ended, and that could not be deleted */
#define ENDED_SIZE     (sizeof(ENDED) - 1)
#define NAME_MAX       64    /* characters of the name of a record, */
#define PATH_SIZE      (2 * MAX_PATH) /* and of its path */

static SRWLOCK store_lock = SRWLOCK_INIT;
static CONDITION_VARIABLE work_cv = CONDITION_VARIABLE_INIT;
static CONDITION_VARIABLE done_cv = CONDITION_VARIABLE_INIT;

/* guarded by store_lock */
static struct list changed = LIST_INIT(changed);
static UINT flush_count; /* on threads of their own */
static BOOL is_running;

static HANDLE store_thread;
static const WCHAR *directory; /* with the backslash at its end */
static SECURITY_ATTRIBUTES security = { sizeof(security) }; /* of records */

/* Get the path of a file that belongs to an item, without an allocation: a record can be deleted where memory lacks. */
static HRESULT get_path(const struct store_item *item, const WCHAR *extension, WCHAR path[PATH_SIZE])
{
    WCHAR name[NAME_MAX];

    StringFromGUID2(item->id, name, NAME_MAX);
    if (wcslen(directory) + wcslen(name) + wcslen(extension) >= PATH_SIZE)
        return HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
    wcscpy_s(path, PATH_SIZE, directory);
    wcscat_s(path, PATH_SIZE, name);
    wcscat_s(path, PATH_SIZE, extension);
    return S_OK;
}

static HRESULT write_all(HANDLE file, const struct record_writer *writer)
{
    DWORD written;

    if (!WriteFile(file, writer->data, writer->size, &written, NULL))
        return last_error();
    if (written != writer->size)
        return HRESULT_FROM_WIN32(ERROR_DISK_FULL);
    crash_point("a written record");
    return FlushFileBuffers(file) ? S_OK : last_error();
}

/* Write beside, flush, rename, and flush the name. */
static HRESULT replace_file(const WCHAR *path, const WCHAR *new_path, const struct record_writer *writer)
{
    HANDLE file;
    HRESULT hr;

    crash_point("a changed record");
    file = CreateFileW(new_path, GENERIC_WRITE, 0, &security, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return last_error();
    crash_point("an empty record");
    hr = write_all(file, writer);
    CloseHandle(file);
    crash_point("a flushed record");
    if (SUCCEEDED(hr) && !MoveFileExW(new_path, path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
        hr = last_error();
    if (FAILED(hr))
        DeleteFileW(new_path);
    crash_point("a renamed record");
    return SUCCEEDED(hr) ? file_sink_flush_folder(path) : hr;
}

/* Append an addition to the record, as a whole or not at all. */
static HRESULT extend_file(const WCHAR *path, UINT size, const struct record_writer *addition)
{
    HANDLE file;
    HRESULT hr;

    crash_point("an extended record");
    file = CreateFileW(path, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return last_error();
    SetFilePointer(file, size, NULL, FILE_BEGIN);
    if (FAILED(hr = write_all(file, addition)))
    {
        SetFilePointer(file, size, NULL, FILE_BEGIN);
        SetEndOfFile(file);
    }
    CloseHandle(file);
    return hr;
}

/* Write at the end of a record of this size, or in place of the record if that is 0. */
static HRESULT write_record(const struct store_item *item, const struct record_writer *writer, UINT size)
{
    WCHAR path[PATH_SIZE], new_path[PATH_SIZE];
    HRESULT hr;

    if (FAILED(hr = get_path(item, item->ops->extension, path)) || FAILED(hr = get_path(item, L".new", new_path)))
        return hr;
    hr = size ? extend_file(path, size, writer) : replace_file(path, new_path, writer);
    /* The folder may have been impossible to make before. */
    if (!size && hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND) && SUCCEEDED(hr = root_make_state_folder()))
        hr = replace_file(path, new_path, writer);
    TRACE("%s, %u bytes, hr %#lx.\n", debugstr_w(path), writer->size, hr);
    return hr;
}

static HRESULT write_item(struct store_item *item, BOOL is_addition)
{
    UINT size = is_addition ? item->record_size : 0;
    struct record_writer writer;
    HRESULT hr = E_OUTOFMEMORY;

    record_begin(&writer, item->ops->kind);
    item->ops->encode(item, &writer, size != 0);
    if (record_end(&writer) && writer.size <= RECORD_MAX - size)
        hr = write_record(item, &writer, size);
    item->record_size = SUCCEEDED(hr) ? size + writer.size : 0;
    record_free(&writer);
    return FAILED(hr) && size ? write_item(item, FALSE) : hr;
}

/* Say in a record that cannot be deleted that its item has ended: the next service deletes it. */
static HRESULT end_record(const WCHAR *path)
{
    DWORD written;
    HANDLE file;
    HRESULT hr;

    file = CreateFileW(path, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return last_error();
    hr = WriteFile(file, ENDED, ENDED_SIZE, &written, NULL) && written == ENDED_SIZE ? file_set_end(file) : E_FAIL;
    CloseHandle(file);
    return hr;
}

static HRESULT delete_item(struct store_item *item)
{
    WCHAR path[PATH_SIZE];
    HRESULT hr;

    if (!item->has_record)
        return S_OK;
    if (FAILED(hr = get_path(item, item->ops->extension, path)))
        return hr;
    crash_point("a record to be deleted");
    if (FAILED(hr = file_delete(path)) && SUCCEEDED(end_record(path)))
        hr = S_OK;
    TRACE("%s, hr %#lx.\n", debugstr_w(path), hr);
    crash_point("a deleted record");
    return hr;
}

static void list_item_locked(struct store_item *item)
{
    if (item->is_changed)
        return;
    store_item_addref(item);
    item->is_changed = TRUE;
    list_add_tail(&changed, &item->entry);
}

static ULONGLONG get_due_locked(const struct store_item *item)
{
    return item->is_flushing ? item->due : min(item->due, item->flush_due);
}

/* Write a record that claims what has been flushed, when that is due. */
static void claim_flushed_locked(struct store_item *item)
{
    if (item->is_recordless)
        return;
    item->due = min(item->due, item->running_claim_due);
    item->is_adding = FALSE;
}

/* Flush on a thread of its own, since a large flush must not keep all other records waiting. The write that follows
 * claims what is on disk then. */
static void CALLBACK flush_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct store_item *item = context;

    CallbackMayRunLong(instance);
    item->ops->flush(item);
    AcquireSRWLockExclusive(&store_lock);
    item->is_flushing = FALSE;
    flush_count--;
    claim_flushed_locked(item);
    if (!item->is_removed && get_due_locked(item) != NEVER)
        list_item_locked(item);
    WakeAllConditionVariable(&work_cv);
    ReleaseSRWLockExclusive(&store_lock);
    store_item_release(item);
}

/* Start a flush. FALSE if the caller has to do it. */
static BOOL start_flush_locked(struct store_item *item)
{
    if (!is_running || !TrySubmitThreadpoolCallback(flush_proc, item, NULL))
        return FALSE;
    store_item_addref(item);
    item->is_flushing = TRUE;
    flush_count++;
    return TRUE;
}

/* Take the item out of the list, and flush, write or delete it without the lock. */
static void save_locked(struct store_item *item)
{
    ULONGLONG now = GetTickCount64();
    BOOL is_removed = item->is_removed, is_gone = is_removed || item->is_recordless;
    BOOL has_flush = item->flush_due <= now && !item->is_flushing && !is_removed, has_write, is_addition;
    UINT64 changes = item->changes;
    HRESULT hr = S_OK;

    list_remove(&item->entry);
    item->is_changed = FALSE;
    if (has_flush || is_removed)
    {
        item->running_claim_due = item->claim_due;
        item->flush_due = item->claim_due = NEVER;
    }
    if (has_flush && start_flush_locked(item))
        has_flush = FALSE;
    has_write = has_flush || is_removed || item->due <= now || !is_running;
    is_addition = item->is_adding && !has_flush;
    if (has_write)
    {
        item->due = NEVER;
        item->is_adding = FALSE;
        item->has_record |= !is_gone;
    }
    ReleaseSRWLockExclusive(&store_lock);

    if (has_flush)
        item->ops->flush(item);
    if (has_write && FAILED(hr = is_gone ? delete_item(item) : write_item(item, is_addition)))
        ERR("record %s cannot be %s, hr %#lx.\n", debugstr_guid(item->id), is_gone ? "deleted" : "written", hr);

    AcquireSRWLockExclusive(&store_lock);
    if (has_write)
        item->tried = max(item->tried, changes);
    if (has_write && SUCCEEDED(hr))
    {
        item->written = max(item->written, changes);
        item->has_record = !is_gone;
    }
    else if (has_write)
        item->error = hr;
    /* Threads that wait are not kept waiting for a disk that is full. */
    if (FAILED(hr) && is_running)
        item->due = min(item->due, GetTickCount64() + RETRY_DELAY);
    if (get_due_locked(item) != NEVER && is_running)
        list_item_locked(item);
    WakeAllConditionVariable(&done_cv);
    ReleaseSRWLockExclusive(&store_lock);
    store_item_release(item);
    AcquireSRWLockExclusive(&store_lock);
}

/* Return an item that is due, or NULL and the time until the next one, in milliseconds. */
static struct store_item *find_due_locked(ULONGLONG *next)
{
    ULONGLONG now = GetTickCount64(), due;
    struct store_item *item;

    *next = NEVER;
    LIST_FOR_EACH_ENTRY(item, &changed, struct store_item, entry)
    {
        due = get_due_locked(item);
        if (due <= now || !is_running)
            return item;
        if (due != NEVER)
            *next = min(*next, due - now);
    }
    return NULL;
}

static DWORD WINAPI store_proc(void *arg)
{
    struct store_item *item;
    ULONGLONG next;

    AcquireSRWLockExclusive(&store_lock);
    for (;;)
    {
        if ((item = find_due_locked(&next)))
        {
            if (!is_running && item->flush_due != NEVER)
                item->flush_due = 0;
            save_locked(item);
        }
        else if (!is_running && !flush_count)
            break;
        else
            SleepConditionVariableSRW(&work_cv, &store_lock, next == NEVER ? INFINITE : next, 0);
    }
    ReleaseSRWLockExclusive(&store_lock);
    return 0;
}

/* Delete records that were not renamed: their write was not finished. */
static void delete_unfinished(void)
{
    struct file_list list;
    HRESULT hr;
    UINT i;

    folder_list_files(directory, L".new", &list);
    for (i = 0; i < list.count; i++)
    {
        if (FAILED(hr = file_delete(list.paths[i])))
            WARN("cannot delete %s, hr %#lx.\n", debugstr_w(list.paths[i]), hr);
    }
    folder_free_list(&list);
}

/* Make sure that no other process writes records here. The mutex ends with this process. */
static HRESULT reserve_directory(void)
{
    if (!CreateMutexW(NULL, FALSE, front->state_mutex))
        return last_error();
    return GetLastError() == ERROR_ALREADY_EXISTS ? HRESULT_FROM_WIN32(ERROR_SERVICE_ALREADY_RUNNING) : S_OK;
}

/* Open the file that names files which end with the service. */
static HANDLE open_leftovers(DWORD disposition)
{
    WCHAR *path = join(root_get_state_folder(), LEFTOVER_NAME);
    HANDLE file = INVALID_HANDLE_VALUE;
    DWORD error = ERROR_OUTOFMEMORY;

    /* The folder may have been impossible to make before. */
    if (path && (disposition == OPEN_EXISTING || SUCCEEDED(root_make_state_folder())))
    {
        file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, &security, disposition,
                FILE_ATTRIBUTE_NORMAL, NULL);
        error = GetLastError();
    }
    free(path);
    SetLastError(error);
    return file;
}

HRESULT store_init(void)
{
    HRESULT hr;

    if (FAILED(hr = reserve_directory()))
        return hr;
    crash_point_init();
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(FILE_SECURITY, SDDL_REVISION_1,
            &security.lpSecurityDescriptor, NULL))
        return last_error();
    leftover_init(open_leftovers);
    root_take_over();
    directory = root_get_state_folder();
    delete_unfinished();
    is_running = TRUE;
    if (!(store_thread = CreateThread(NULL, 0, store_proc, NULL, 0, NULL)))
    {
        is_running = FALSE;
        return last_error();
    }
    return S_OK;
}

void store_shutdown(void)
{
    if (!store_thread)
        return;
    AcquireSRWLockExclusive(&store_lock);
    is_running = FALSE;
    WakeAllConditionVariable(&work_cv);
    ReleaseSRWLockExclusive(&store_lock);
    WaitForSingleObject(store_thread, INFINITE);
    CloseHandle(store_thread);
    store_thread = NULL;
    WakeAllConditionVariable(&done_cv);
}

void store_item_init(struct store_item *item, const struct store_ops *ops, const GUID *id)
{
    item->ops = ops;
    item->id = id;
    item->refcount = 1;
    item->created = get_system_time();
    item->due = item->flush_due = item->claim_due = NEVER;
}

void store_item_addref(struct store_item *item)
{
    InterlockedIncrement(&item->refcount);
}

void store_item_release(struct store_item *item)
{
    if (!InterlockedDecrement(&item->refcount))
        item->ops->destroy(item);
}

void store_add_loaded(struct store_item *item)
{
    AcquireSRWLockExclusive(&store_lock);
    item->is_added = item->has_record = TRUE;
    ReleaseSRWLockExclusive(&store_lock);
}

/* Return whether there is a record, or will be. */
static BOOL add(struct store_item *item, BOOL is_recordless)
{
    BOOL ret;

    AcquireSRWLockExclusive(&store_lock);
    item->is_added = TRUE;
    item->is_recordless = is_recordless;
    ret = item->has_record || item->is_changed || !is_recordless;
    ReleaseSRWLockExclusive(&store_lock);
    return ret;
}

void store_add(struct store_item *item)
{
    add(item, FALSE);
    store_change(item);
}

void store_add_recordless(struct store_item *item)
{
    if (add(item, TRUE))
        store_change(item);
}

static BOOL is_present_locked(const struct store_item *item)
{
    return item->is_added && !item->is_removed;
}

static BOOL is_stored_locked(const struct store_item *item)
{
    return is_present_locked(item) && is_running;
}

/* Count the change also when nothing is written any more: who waits for it has to hear of that. */
static void change(struct store_item *item, BOOL is_addition)
{
    AcquireSRWLockExclusive(&store_lock);
    if (is_present_locked(item))
        item->changes++;
    if (is_stored_locked(item))
    {
        item->is_adding = is_addition && (item->due == NEVER || item->is_adding);
        if (item->due)
            WakeAllConditionVariable(&work_cv);
        item->due = 0;
        list_item_locked(item);
    }
    ReleaseSRWLockExclusive(&store_lock);
}

void store_change(struct store_item *item)
{
    change(item, FALSE);
}

void store_extend(struct store_item *item)
{
    change(item, TRUE);
}

static void flush_until(struct store_item *item, ULONGLONG due, ULONGLONG claim_due, BOOL is_recordless_too)
{
    AcquireSRWLockExclusive(&store_lock);
    if (is_stored_locked(item) && (is_recordless_too || !item->is_recordless))
    {
        item->claim_due = min(item->claim_due, claim_due);
        if (due < item->flush_due)
        {
            item->flush_due = due;
            list_item_locked(item);
            WakeAllConditionVariable(&work_cv);
        }
    }
    ReleaseSRWLockExclusive(&store_lock);
}

void store_progress(struct store_item *item, UINT64 unflushed)
{
    ULONGLONG claim_due = GetTickCount64() + PROGRESS_DELAY;
    BOOL is_much = unflushed >= UNFLUSHED_MAX;

    flush_until(item, is_much ? 0 : claim_due, claim_due, is_much);
}

void store_settle(struct store_item *item)
{
    ULONGLONG due = GetTickCount64() + SETTLE_DELAY;

    flush_until(item, due, due, TRUE);
}

/* Return whether all changes so far have been tried; FALSE when writing has ended before. */
static BOOL wait_locked(struct store_item *item)
{
    UINT64 changes = item->changes;

    while (item->tried < changes && (is_running || item->is_changed))
        SleepConditionVariableSRW(&done_cv, &store_lock, INFINITE, 0);
    return item->tried >= changes;
}

HRESULT store_sync(struct store_item *item)
{
    HRESULT hr = S_OK;
    BOOL is_tried;
    UINT64 changes;

    AcquireSRWLockExclusive(&store_lock);
    if (is_present_locked(item))
    {
        changes = item->changes;
        is_tried = wait_locked(item);
        if (item->written < changes)
            hr = is_tried ? item->error : DO_E_NO_SERVICE;
    }
    ReleaseSRWLockExclusive(&store_lock);
    return hr;
}

HRESULT store_remove(struct store_item *item)
{
    HRESULT hr = S_OK;

    AcquireSRWLockExclusive(&store_lock);
    if (is_stored_locked(item))
    {
        item->is_removed = TRUE;
        if (item->has_record || item->is_changed)
        {
            item->changes++;
            item->due = 0;
            list_item_locked(item);
            WakeAllConditionVariable(&work_cv);
            if (!item->is_recordless && !wait_locked(item))
                hr = DO_E_NO_SERVICE;
        }
    }
    else if (is_present_locked(item) && item->has_record && !item->is_recordless)
    {
        hr = DO_E_NO_SERVICE;
    }
    ReleaseSRWLockExclusive(&store_lock);
    return hr;
}

/* The caller frees the data, also on failure. */
static HRESULT read_file(const WCHAR *path, BYTE **data, UINT *size)
{
    LARGE_INTEGER length;
    HRESULT hr = S_OK;
    DWORD read = 0;
    HANDLE file;

    *data = NULL;
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return last_error();
    if (!GetFileSizeEx(file, &length))
        hr = last_error();
    /* Of a file that is too large for a record no more is read than shows that. */
    else if (!(*data = malloc((*size = min(length.QuadPart, RECORD_MAX + 1)) + 1)))
        hr = E_OUTOFMEMORY;
    else if (!ReadFile(file, *data, *size, &read, NULL))
        hr = last_error();
    else if (read != *size)
        hr = HRESULT_FROM_WIN32(ERROR_HANDLE_EOF);
    CloseHandle(file);
    return hr;
}

static void set_aside(const WCHAR *path, enum record_status status)
{
    static const char * const reasons[] = { "", "foreign", "truncated", "damaged", "of a newer version", "too large" };
    WCHAR *bad = join(path, L".bad");

    ERR("record %s is %s, and set aside.\n", debugstr_w(path), reasons[status]);
    if (bad && !MoveFileExW(path, bad, MOVEFILE_REPLACE_EXISTING))
        WARN("cannot rename %s, error %lu.\n", debugstr_w(path), GetLastError());
    free(bad);
}

/* The id of a record is the name of its file. */
static BOOL get_id(const WCHAR *name, const WCHAR *extension, GUID *id)
{
    UINT length = wcslen(name), tail = wcslen(extension);
    WCHAR text[NAME_MAX];

    if (length != 38 + tail || wcsicmp(name + 38, extension))
        return FALSE;
    memcpy(text, name, 38 * sizeof(*text));
    text[38] = 0;
    return SUCCEEDED(CLSIDFromString(text, id));
}

/* Return S_FALSE if the file is no record. */
static HRESULT load_record(const struct store_ops *ops, store_load_proc load, void *context, const WCHAR *path)
{
    struct record_reader reader;
    enum record_status status;
    UINT size = 0;
    HRESULT hr;
    BYTE *data;
    GUID id;

    if (!get_id(path + wcslen(directory), ops->extension, &id))
        return S_FALSE;
    if (FAILED(hr = read_file(path, &data, &size)))
    {
        free(data);
        return hr;
    }
    if (size == ENDED_SIZE && !memcmp(data, ENDED, ENDED_SIZE))
    {
        free(data);
        return file_delete(path);
    }
    if ((status = record_open(data, size, ops->kind, &reader)) == RECORD_OK)
        status = load(context, &id, &reader);
    if (reader.unfinished)
        WARN("%u bytes at the end of %s are unfinished.\n", reader.unfinished, debugstr_w(path));
    free(data);
    if (status == RECORD_NO_MEMORY)
        return E_OUTOFMEMORY;
    if (status != RECORD_OK)
        set_aside(path, status);
    return S_OK;
}

/* Load a record. Where descriptors or memory lack for the moment, a later try does: clients would miss the item. */
static void load_file(const struct store_ops *ops, store_load_proc load, void *context, const WCHAR *path)
{
    UINT tries = LOAD_TRIES;
    HRESULT hr;

    while (FAILED(hr = load_record(ops, load, context, path)) && --tries)
        Sleep(LOAD_DELAY);
    /* The next service may be able to read it. */
    if (FAILED(hr))
        ERR("cannot read %s, hr %#lx.\n", debugstr_w(path), hr);
    else if (hr == S_FALSE)
        set_aside(path, RECORD_FOREIGN);
}

void store_load(const struct store_ops *ops, store_load_proc load, void *context, BOOL (*is_stopping)(void))
{
    ULONGLONG start = GetTickCount64();
    UINT i, tries = LOAD_TRIES;
    struct file_list list;
    HRESULT hr;

    while (FAILED(hr = folder_list_files(directory, ops->extension, &list)) && --tries)
        Sleep(LOAD_DELAY);
    if (FAILED(hr))
        ERR("cannot list the records in %s, hr %#lx.\n", debugstr_w(directory), hr);
    for (i = 0; i < list.count && !is_stopping(); i++)
        load_file(ops, load, context, list.paths[i]);
    TRACE("%u records in %lu ms.\n", list.count, (DWORD)(GetTickCount64() - start));
    folder_free_list(&list);
}
