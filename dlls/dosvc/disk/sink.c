/*
 * The file sink
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

/* Data goes to a hidden temporary file beside the target, and takes its place
 * by a rename. Under Wine an explicit offset costs a round trip to wineserver
 * for each write; so the file pointer is moved only when it has to. */

#include <stdlib.h>
#include <stdarg.h>

#include "base/base.h"
#include "base/front.h"
#include "base/path.h"
#include "disk/claim.h"
#include "disk/file.h"
#include "disk/leftover.h"
#include "disk/sink.h"

#include "base/log.h"
#include "wine/list.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define SMALL_SIZE 0x100000 /* bytes; so much has room in what stays free, and to ask takes as long as to write it */

/* A sixteenth of the descriptors that a process may have is for files that are closed and held open, by all sinks: that
 * is 64 of the usual 1,024. To open 1,000 files twice more, for flush and commit, takes as long as to fetch them. */
#define KEPT_SHARE 16
#define KEPT_MIN   64
#define KEPT_MAX   1024

static SRWLOCK kept_lock = SRWLOCK_INIT;
static struct list kept_files = LIST_INIT(kept_files); /* guarded by kept_lock, as are their handles */
static UINT kept_count, kept_max = KEPT_MIN;

enum file_state
{
    FILE_ABSENT,
    FILE_CREATED,   /* has the name of a temporary file */
    FILE_COMMITTED, /* has been given another name */
};

struct file_sink
{
    struct sink sink;
    HANDLE file;      /* NULL while closed, unless it is kept */
    BOOL is_kept;     /* for what comes next; guarded by kept_lock */
    struct list kept_entry;
    UINT64 position;  /* of the file pointer */
    struct claim claim; /* of the room for what is to be written */
    enum file_state state;
    BOOL is_passing;
    struct leftover place; /* of a passing file that is there, or may be */
    WCHAR name[];     /* of the temporary file, with its path */
};

static inline struct file_sink *impl_from_sink(struct sink *sink)
{
    return CONTAINING_RECORD(sink, struct file_sink, sink);
}

static BOOL is_missing(DWORD error)
{
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

/* Return the folder of a path, with the separator at its end. The caller frees it. */
static WCHAR *copy_folder(const WCHAR *path)
{
    return join_text(path, path_folder_length(path), L"");
}

/* Under Wine wineserver opens all files, so this is about itself. Where nobody tells, there are few. */
static BOOL CALLBACK read_limit(INIT_ONCE *once, void *param, void **context)
{
    UINT size;
    char *text = read_unix_file(L"\\\\?\\unix\\proc\\self\\limits", &size), *line;

    /* The name of a limit is padded with blanks. */
    if (text && (line = strstr(text, "\nMax open files ")))
        kept_max = min(max(strtoul(line + 16, NULL, 10) / KEPT_SHARE, KEPT_MIN), KEPT_MAX);
    free(text);
    TRACE("%u files may be kept open.\n", kept_max);
    return TRUE;
}

/* Take the handle of a file, which is kept no more; NULL if it is closed. */
static HANDLE take_file_locked(struct file_sink *file_sink)
{
    HANDLE file = file_sink->file;

    if (file_sink->is_kept)
    {
        list_remove(&file_sink->kept_entry);
        kept_count--;
    }
    file_sink->is_kept = FALSE;
    file_sink->file = NULL;
    return file;
}

/* Take a file out of those that are kept; it may stay open. */
static void own_file(struct file_sink *file_sink)
{
    AcquireSRWLockExclusive(&kept_lock);
    file_sink->file = take_file_locked(file_sink);
    ReleaseSRWLockExclusive(&kept_lock);
}

/* Keep a file open. FALSE if there are too many already. */
static BOOL keep_file(struct file_sink *file_sink, HANDLE file)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    BOOL ret;

    InitOnceExecuteOnce(&once, read_limit, NULL, NULL);
    AcquireSRWLockExclusive(&kept_lock);
    if ((ret = kept_count < kept_max))
    {
        file_sink->file = file;
        file_sink->is_kept = TRUE;
        list_add_tail(&kept_files, &file_sink->kept_entry);
        kept_count++;
    }
    ReleaseSRWLockExclusive(&kept_lock);
    return ret;
}

/* Close all kept files. FALSE if there were none. */
static BOOL close_kept_files(void)
{
    BOOL ret = FALSE;

    AcquireSRWLockExclusive(&kept_lock);
    while (!list_empty(&kept_files))
        ret |= CloseHandle(take_file_locked(LIST_ENTRY(list_head(&kept_files), struct file_sink, kept_entry)));
    ReleaseSRWLockExclusive(&kept_lock);
    return ret;
}

static HANDLE open_file(const WCHAR *name, DWORD disposition)
{
    HANDLE file;

    do
        file = CreateFileW(name, GENERIC_READ | GENERIC_WRITE | DELETE,
                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, disposition, FILE_ATTRIBUTE_HIDDEN, NULL);
    while (file == INVALID_HANDLE_VALUE && GetLastError() == ERROR_TOO_MANY_OPEN_FILES && close_kept_files());
    return file;
}

/* Return the Unix name of a path, which the caller frees; NULL where there is none. */
static WCHAR *get_unix_name(const WCHAR *path)
{
    return unix_name_from_path(path, path_folder_length(path));
}

/* Open the file by its Unix name if possible: nobody else uses the name, so no folder has to be searched. */
static HANDLE open_or_create(const WCHAR *name)
{
    WCHAR *unix_name = get_unix_name(name);
    HANDLE file = INVALID_HANDLE_VALUE;
    DWORD error;

    if (unix_name)
        file = open_file(unix_name, OPEN_ALWAYS);
    if (file == INVALID_HANDLE_VALUE)
        file = open_file(name, OPEN_ALWAYS);
    error = GetLastError();
    free(unix_name);
    SetLastError(error);
    return file;
}

/* Note a file that is to be deleted by the next service, before there is one. */
static HRESULT note_leftover(struct file_sink *file_sink)
{
    if (!file_sink->is_passing || file_sink->place.count)
        return S_OK;
    return leftover_note(file_sink->name, &file_sink->place);
}

/* Create the temporary file, in place of one that an earlier service may have left. */
static HRESULT create_file(struct file_sink *file_sink)
{
    HANDLE file;
    HRESULT hr;

    if (FAILED(hr = note_leftover(file_sink)))
        return hr;
    file = open_or_create(file_sink->name);
    if (file == INVALID_HANDLE_VALUE)
        return last_error();
    if (GetLastError() == ERROR_ALREADY_EXISTS && FAILED(hr = file_set_end(file)))
    {
        CloseHandle(file);
        return hr;
    }
    file_sink->file = file;
    file_sink->state = FILE_CREATED;
    return S_OK;
}

static HRESULT open_created(struct file_sink *file_sink)
{
    HANDLE file = open_file(file_sink->name, OPEN_EXISTING);

    if (file == INVALID_HANDLE_VALUE)
        return last_error();
    file_sink->file = file;
    return S_OK;
}

static void close_file(struct file_sink *file_sink)
{
    own_file(file_sink);
    if (file_sink->file)
        CloseHandle(file_sink->file);
    file_sink->file = NULL;
}

static HRESULT file_sink_open(struct sink *sink)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    BOOL is_new = file_sink->state != FILE_CREATED;
    LARGE_INTEGER size = {{0}};
    HRESULT hr;

    own_file(file_sink);
    if (!file_sink->file)
    {
        if (FAILED(hr = is_new ? create_file(file_sink) : open_created(file_sink)))
            return hr;
        file_sink->position = 0;
    }
    TRACE("%s.\n", debugstr_w(file_sink->name));

    if (!is_new && !GetFileSizeEx(file_sink->file, &size))
    {
        hr = last_error();
        close_file(file_sink);
        return hr;
    }
    sink->length = size.QuadPart;
    return S_OK;
}

static HRESULT seek(struct file_sink *file_sink, UINT64 offset)
{
    LARGE_INTEGER position;

    if (file_sink->position == offset)
        return S_OK;
    position.QuadPart = offset;
    if (!SetFilePointerEx(file_sink->file, position, NULL, FILE_BEGIN))
        return last_error();
    file_sink->position = offset;
    return S_OK;
}

static HRESULT file_sink_set_length(struct sink *sink, UINT64 length, UINT64 to_write)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    HRESULT hr;

    /* Setting the length takes no room under Wine, where it makes a hole: a disk that is too small shows before the
     * download and not at its end. */
    claim_end(&file_sink->claim);
    if (to_write > SMALL_SIZE && FAILED(hr = claim_make(&file_sink->claim, file_sink->name, to_write)))
        return hr;
    if (length == sink->length)
        return S_OK;
    /* A small file grows as it is written. */
    if (length > sink->length && length <= SMALL_SIZE)
        return S_OK;
    if (FAILED(hr = seek(file_sink, length)) || FAILED(hr = file_set_end(file_sink->file)))
        return hr;
    sink->length = length;
    return S_OK;
}

void file_sink_count(struct sink *sink, UINT64 size)
{
    claim_reduce(&impl_from_sink(sink)->claim, size);
}

static HRESULT file_sink_write(struct sink *sink, UINT64 offset, const void *data, DWORD size)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    const BYTE *bytes = data;
    DWORD written;
    HRESULT hr;

    if (FAILED(hr = seek(file_sink, offset)))
        return hr;
    while (size)
    {
        if (!WriteFile(file_sink->file, bytes, size, &written, NULL))
        {
            hr = last_error();
            file_sink->position = SIZE_UNKNOWN; /* nobody says where it is now */
            return hr;
        }
        if (!written)
            return HRESULT_FROM_WIN32(ERROR_DISK_FULL);
        file_sink->position += written;
        bytes += written;
        size -= written;
    }
    sink->length = max(sink->length, file_sink->position);
    return S_OK;
}

HRESULT file_sink_read(struct sink *sink, UINT64 offset, void *data, DWORD size)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    BYTE *bytes = data;
    DWORD read;
    HRESULT hr;

    if (FAILED(hr = seek(file_sink, offset)))
        return hr;
    while (size)
    {
        if (!ReadFile(file_sink->file, bytes, size, &read, NULL))
        {
            hr = last_error();
            file_sink->position = SIZE_UNKNOWN; /* nobody says where it is now */
            return hr;
        }
        if (!read)
            return HRESULT_FROM_WIN32(ERROR_HANDLE_EOF);
        file_sink->position += read;
        bytes += read;
        size -= read;
    }
    return S_OK;
}

static HRESULT file_sink_close(struct sink *sink, enum sink_end end)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    HRESULT hr = S_OK;

    claim_end(&file_sink->claim);
    if (!file_sink->file || (end == SINK_KEEP && keep_file(file_sink, file_sink->file)))
        return S_OK;
    if (end == SINK_FLUSH && !FlushFileBuffers(file_sink->file))
        hr = last_error();
    close_file(file_sink);
    return hr;
}

void file_sink_park(struct sink *sink)
{
    if (impl_from_sink(sink)->is_kept)
        close_file(impl_from_sink(sink));
}

/* Take a kept file for ourselves: nobody else closes it meanwhile. */
static HRESULT file_sink_flush(struct sink *sink)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    BOOL is_closed, is_kept;
    HRESULT hr = S_OK;
    HANDLE file;

    if (file_sink->state != FILE_CREATED)
        return S_OK;
    AcquireSRWLockExclusive(&kept_lock);
    is_kept = file_sink->is_kept;
    file = is_kept ? take_file_locked(file_sink) : file_sink->file;
    ReleaseSRWLockExclusive(&kept_lock);
    is_closed = !file;
    if (is_closed && (file = open_file(file_sink->name, OPEN_EXISTING)) == INVALID_HANDLE_VALUE)
        return last_error();
    if (!FlushFileBuffers(file))
        hr = last_error();
    if (is_closed || (is_kept && !keep_file(file_sink, file)))
        CloseHandle(file);
    return hr;
}

/* Rename a file to a name that nothing has. */
static BOOL rename_file(HANDLE file, const WCHAR *path)
{
    UINT length = wcslen(path) * sizeof(*path), size = offsetof(FILE_RENAME_INFO, FileName) + length + sizeof(*path);
    FILE_RENAME_INFO *info;
    BOOL ret;

    if (!(info = calloc(1, max(size, sizeof(*info)))))
        return FALSE;
    info->FileNameLength = length;
    memcpy(info->FileName, path, length);
    ret = SetFileInformationByHandle(file, FileRenameInfo, info, max(size, sizeof(*info)));
    free(info);
    return ret;
}

/* Show the temporary file, with the date unless that is 0, and give it the name if nothing has that. In large folders
 * each look at a name that is missing takes long under Wine, so there is only one, or none. */
static HRESULT reveal(struct file_sink *file_sink, UINT64 modified, const WCHAR *path, BOOL is_free,
        BOOL *is_renamed)
{
    FILE_BASIC_INFO info = { .FileAttributes = FILE_ATTRIBUTE_NORMAL };
    WCHAR *unix_name = is_free ? get_unix_name(path) : NULL;
    HRESULT hr = S_OK;

    *is_renamed = FALSE;
    own_file(file_sink);
    info.CreationTime.QuadPart = info.LastWriteTime.QuadPart = modified;
    if (!file_sink->file)
        hr = open_created(file_sink);
    if (SUCCEEDED(hr) && !SetFileInformationByHandle(file_sink->file, FileBasicInfo, &info, sizeof(info)))
        hr = last_error();
    if (SUCCEEDED(hr))
        *is_renamed = rename_file(file_sink->file, unix_name ? unix_name : path);
    close_file(file_sink);
    free(unix_name);
    return hr;
}

static HRESULT rename_path(const WCHAR *from, const WCHAR *to, BOOL is_replacing)
{
    DWORD error;

    if (MoveFileExW(from, to, is_replacing ? MOVEFILE_REPLACE_EXISTING : 0))
        return S_OK;
    error = GetLastError();
    return HRESULT_FROM_WIN32(error == ERROR_ALREADY_EXISTS ? ERROR_FILE_EXISTS : error);
}

/* Move to another volume, by a copy that has the name of the temporary file until it is on disk. Delete the file when
 * the name of the copy is on disk, too: nothing keeps the order of changes to two volumes. */
static HRESULT copy_file(const WCHAR *from, const WCHAR *to, BOOL is_replacing)
{
    WCHAR *copy = join_text(to, path_folder_length(to), from + path_folder_length(from));
    HRESULT hr = E_OUTOFMEMORY;

    if (copy && SUCCEEDED(hr = file_copy(from, copy)) && SUCCEEDED(hr = rename_path(copy, to, is_replacing))
            && FAILED(hr = file_sink_flush_folder(to)))
        file_delete(to);
    if (copy)
        file_delete(SUCCEEDED(hr) ? from : copy);
    free(copy);
    return hr;
}

static HRESULT move_file(const WCHAR *from, const WCHAR *to, BOOL is_replacing)
{
    HRESULT hr = rename_path(from, to, is_replacing);

    /* The path may have been changed to one on another volume. */
    return hr == HRESULT_FROM_WIN32(ERROR_NOT_SAME_DEVICE) ? copy_file(from, to, is_replacing) : hr;
}

static HRESULT file_sink_commit(struct sink *sink, const WCHAR *path, BOOL is_free, BOOL is_replacing,
        UINT64 modified)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    BOOL is_renamed;
    HRESULT hr;

    TRACE("%s, path %s.\n", debugstr_w(file_sink->name), debugstr_w(path));
    if (file_sink->state == FILE_COMMITTED)
        return S_OK;
    if (file_sink->state == FILE_ABSENT)
        return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    if (FAILED(hr = reveal(file_sink, modified, path, is_free, &is_renamed)))
        return hr;
    if (!is_renamed && SUCCEEDED(hr = file_sink_check_target(path, is_replacing)))
        hr = move_file(file_sink->name, path, is_replacing);
    if (FAILED(hr))
    {
        SetFileAttributesW(file_sink->name, FILE_ATTRIBUTE_HIDDEN);
        WARN("cannot move to %s, hr %#lx.\n", debugstr_w(path), hr);
        return hr;
    }
    file_sink->state = FILE_COMMITTED;
    leftover_forget(&file_sink->place);
    return S_OK;
}

HRESULT file_sink_uncommit(struct sink *sink, const WCHAR *path)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    HRESULT hr;

    if (file_sink->state != FILE_COMMITTED)
        return S_OK;
    if (FAILED(hr = note_leftover(file_sink)) || FAILED(hr = rename_path(path, file_sink->name, FALSE)))
        return hr;
    SetFileAttributesW(file_sink->name, FILE_ATTRIBUTE_HIDDEN);
    file_sink->state = FILE_CREATED;
    return S_OK;
}

static HRESULT file_sink_abandon(struct sink *sink)
{
    struct file_sink *file_sink = impl_from_sink(sink);
    HRESULT hr;

    TRACE("%s.\n", debugstr_w(file_sink->name));
    close_file(file_sink);
    /* Created or not: an earlier service may have come that far. */
    if (FAILED(hr = file_delete(file_sink->name)))
        return hr;
    file_sink->state = FILE_ABSENT;
    leftover_forget(&file_sink->place);
    return S_OK;
}

static void file_sink_destroy(struct sink *sink)
{
    claim_end(&impl_from_sink(sink)->claim);
    close_file(impl_from_sink(sink));
    free(impl_from_sink(sink));
}

static const struct sink_ops file_sink_ops =
{
    file_sink_open,
    file_sink_set_length,
    file_sink_write,
    file_sink_close,
    file_sink_flush,
    file_sink_commit,
    file_sink_abandon,
    file_sink_destroy,
};

/* The name has a folder in front of it, which is the first length characters of the path. */
static HRESULT create_sink(const WCHAR *path, UINT length, const WCHAR *name, BOOL is_created, struct sink **sink)
{
    UINT size = length + wcslen(name) + 1;
    struct file_sink *file_sink;

    if (!(file_sink = calloc(1, offsetof(struct file_sink, name[size]))))
        return E_OUTOFMEMORY;
    sink_init(&file_sink->sink, &file_sink_ops, FALSE);
    file_sink->state = is_created ? FILE_CREATED : FILE_ABSENT;
    memcpy(file_sink->name, path, length * sizeof(*path));
    wcscpy_s(file_sink->name + length, size - length, name);
    *sink = &file_sink->sink;
    return S_OK;
}

HRESULT file_sink_create(const WCHAR *path, UINT64 id, BOOL is_passing, struct sink **sink)
{
    UINT length = path_folder_length(path);
    WCHAR name[PATH_NAME_MAX + 1];
    HRESULT hr;

    path_make_temporary_name(path + length, front->temporary_prefix, id, name);
    hr = create_sink(path, length, name, FALSE, sink);
    if (SUCCEEDED(hr))
        CONTAINING_RECORD(*sink, struct file_sink, sink)->is_passing = is_passing;
    return hr;
}

HRESULT file_sink_adopt(const WCHAR *name, struct sink **sink)
{
    return create_sink(name, 0, name, TRUE, sink);
}

const WCHAR *file_sink_get_name(const struct sink *sink)
{
    const struct file_sink *file_sink = CONTAINING_RECORD(sink, struct file_sink, sink);

    return file_sink->state != FILE_ABSENT ? file_sink->name : NULL;
}

BOOL file_sink_is_gone(const WCHAR *name)
{
    return GetFileAttributesW(name) == INVALID_FILE_ATTRIBUTES && is_missing(GetLastError());
}

void sink_init(struct sink *sink, const struct sink_ops *ops, BOOL is_sequential)
{
    sink->ops = ops;
    sink->is_sequential = is_sequential;
    sink->refcount = 1;
    InitializeSRWLock(&sink->lock);
}

struct sink *sink_addref(struct sink *sink)
{
    if (sink)
        InterlockedIncrement(&sink->refcount);
    return sink;
}

void sink_release(struct sink *sink)
{
    HRESULT hr;

    if (!sink || InterlockedDecrement(&sink->refcount))
        return;
    if (sink->is_unwanted && FAILED(hr = sink->ops->abandon(sink)))
        WARN("sink %p stays behind, hr %#lx.\n", sink, hr);
    sink->ops->destroy(sink);
}

void sink_discard(struct sink *sink)
{
    sink->is_unwanted = TRUE;
    sink_release(sink);
}

void sink_lock(struct sink *sink)
{
    if (!sink->is_sequential)
        AcquireSRWLockExclusive(&sink->lock);
}

void sink_unlock(struct sink *sink)
{
    if (!sink->is_sequential)
        ReleaseSRWLockExclusive(&sink->lock);
}

static BOOL is_folder(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}

static HRESULT create_folder(const WCHAR *folder)
{
    return CreateDirectoryW(folder, NULL) || GetLastError() == ERROR_ALREADY_EXISTS ? S_OK : last_error();
}

HRESULT file_sink_create_folders(const WCHAR *path)
{
    UINT length = path_folder_length(path);
    HRESULT hr = S_OK;
    WCHAR *folder;

    while (length && path_is_separator(path[length - 1]))
        length--;
    if (!(folder = join_text(path, length, L"")))
        return E_OUTOFMEMORY;
    if (length && !is_folder(folder))
        hr = create_folder(folder);
    /* Each call has a shorter path, down to a root. */
    if (hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND) && path_folder_length(folder)
            && SUCCEEDED(hr = file_sink_create_folders(folder)))
        hr = create_folder(folder);
    free(folder);
    return hr;
}

/* Return whether the error is that of a file system that can neither open nor flush folders. */
static BOOL is_unsupported(DWORD error)
{
    return error == ERROR_ACCESS_DENIED || error == ERROR_INVALID_FUNCTION || error == ERROR_INVALID_PARAMETER
            || error == ERROR_NOT_SUPPORTED;
}

HRESULT file_sink_flush_folder(const WCHAR *path)
{
    WCHAR *folder = copy_folder(path);
    DWORD error = ERROR_SUCCESS;
    HANDLE handle;

    if (!folder)
        return E_OUTOFMEMORY;
    handle = CreateFileW(folder, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
            OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (handle == INVALID_HANDLE_VALUE || !FlushFileBuffers(handle))
        error = GetLastError();
    if (handle != INVALID_HANDLE_VALUE)
        CloseHandle(handle);
    if (error)
        WARN("cannot flush %s, error %lu.\n", debugstr_w(folder), error);
    free(folder);
    return is_unsupported(error) ? S_OK : HRESULT_FROM_WIN32(error);
}

HRESULT file_sink_check_target(const WCHAR *path, BOOL is_replacing)
{
    DWORD attributes = GetFileAttributesW(path);

    if (attributes == INVALID_FILE_ATTRIBUTES)
        return S_OK;
    if (attributes & FILE_ATTRIBUTE_DIRECTORY)
        return HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED);
    return is_replacing ? S_OK : HRESULT_FROM_WIN32(ERROR_FILE_EXISTS);
}
