/*
 * Records that are in folders of earlier services
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
#include "base/text.h"
#include "disk/crash_point.h"
#include "disk/file.h"
#include "disk/folder.h"
#include "disk/leftover.h"
#include "disk/sink.h"
#include "disk/take_over.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Name of a record while it is copied to another disk. A folder that gives it cannot keep the record for a later
 * service, to which it would be one that has ended meanwhile. */
#define MOVING L".moving"

enum taken_how
{
    TAKEN_RENAMED,
    TAKEN_COPIED,
    TAKEN_EARLIER, /* the copy has been there before */
    TAKEN_NAMES,   /* names of files to be deleted, which are noted at the end */
};

/* A file on its way. */
struct taken
{
    const WCHAR *folder; /* borrowed; from which it comes */
    WCHAR *name;         /* owned, as are the next */
    WCHAR *moving;
    WCHAR *to;
    enum taken_how how;
};

static BOOL exists(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

/* Copy beside the new name, flush, rename, and flush the name. */
static HRESULT copy_record(const WCHAR *from, const WCHAR *to)
{
    WCHAR *copy = join(to, L".new");
    HRESULT hr = E_OUTOFMEMORY;

    if (copy && SUCCEEDED(hr = file_copy(from, copy)))
        hr = MoveFileExW(copy, to, MOVEFILE_WRITE_THROUGH) ? file_sink_flush_folder(to) : last_error();
    if (copy && FAILED(hr))
        file_delete(copy);
    free(copy);
    return hr;
}

/* Move a file so far that it can still be given back. S_FALSE if its folder does not give it. */
static HRESULT take_file(struct taken *file, BOOL is_moving)
{
    HRESULT hr = S_OK;

    if (is_moving)
        file->how = exists(file->to) ? TAKEN_EARLIER : TAKEN_COPIED;
    else if (MoveFileExW(file->name, file->to, MOVEFILE_WRITE_THROUGH))
        file->how = TAKEN_RENAMED;
    else if (exists(file->to) || !MoveFileExW(file->name, file->moving, MOVEFILE_WRITE_THROUGH))
        return S_FALSE;
    else
        file->how = TAKEN_COPIED;

    crash_point("a record to be taken over");
    if (file->how == TAKEN_RENAMED)
        hr = file_sink_flush_folder(file->to);
    else if (file->how == TAKEN_COPIED)
        hr = copy_record(file->moving, file->to);
    crash_point("a record taken over");
    return hr;
}

static void free_file(struct taken *file)
{
    free(file->name);
    free(file->moving);
    free(file->to);
}

/* Add a file of a folder. FALSE if out of memory. */
static BOOL add_file(struct take_over *move, const WCHAR *folder, const WCHAR *path, BOOL is_moving)
{
    UINT length = wcslen(path) - (is_moving ? wcslen(MOVING) : 0);
    struct taken *file;

    if (!array_grow((void **)&move->files, move->count, &move->capacity, sizeof(*file)))
        return FALSE;
    file = &move->files[move->count];
    file->folder = folder;
    file->name = join_text(path, length, L"");
    file->moving = join_text(path, length, MOVING);
    file->to = file->name ? join(move->to, file->name + wcslen(folder)) : NULL;
    if (file->moving && file->to)
    {
        move->count++;
        return TRUE;
    }
    free_file(file);
    return FALSE;
}

/* Take over a file by its path. S_FALSE if it has to stay. */
static HRESULT take_over_file(struct take_over *move, const WCHAR *folder, const WCHAR *path)
{
    UINT length = wcslen(path), tail = wcslen(MOVING);
    BOOL is_moving = length > tail && text_is_same(path + length - tail, MOVING);
    struct taken *file;
    HRESULT hr;

    if (!add_file(move, folder, path, is_moving))
        return E_OUTOFMEMORY;
    file = &move->files[move->count - 1];
    if (text_is_same(file->name + wcslen(folder), LEFTOVER_NAME))
    {
        file->how = TAKEN_NAMES;
        return S_OK;
    }
    if ((hr = take_file(file, is_moving)) == S_FALSE)
    {
        ERR("cannot take over %s, error %lu.\n", debugstr_w(path), GetLastError());
        free_file(file);
        move->count--;
    }
    if (FAILED(hr))
        ERR("cannot take over %s to %s, hr %#lx.\n", debugstr_w(path), debugstr_w(file->to), hr);
    return hr;
}

void take_over_begin(struct take_over *move, const WCHAR *to)
{
    memset(move, 0, sizeof(*move));
    move->to = to;
}

HRESULT take_over_add(struct take_over *move, const WCHAR *from)
{
    struct file_list list;
    HRESULT hr;
    UINT i;

    if (FAILED(hr = folder_list_files(from, L"", &list)))
    {
        ERR("cannot list the records in %s, hr %#lx.\n", debugstr_w(from), hr);
        return hr == E_OUTOFMEMORY ? hr : S_OK;
    }
    for (i = 0; i < list.count && SUCCEEDED(hr); i++)
        hr = take_over_file(move, from, list.paths[i]);
    folder_free_list(&list);
    return FAILED(hr) ? hr : S_OK;
}

static void end(struct take_over *move)
{
    UINT i;

    for (i = 0; i < move->count; i++)
        free_file(&move->files[i]);
    free(move->files);
    take_over_begin(move, NULL);
}

/* Remove what a file has left in its folder. */
static BOOL commit_file(const struct taken *file)
{
    if (file->how == TAKEN_RENAMED)
        return TRUE;
    if (file->how == TAKEN_NAMES ? leftover_take_over(file->name) : SUCCEEDED(file_delete(file->moving)))
        return TRUE;
    ERR("cannot take over %s, error %lu.\n", debugstr_w(file->name), GetLastError());
    return FALSE;
}

void take_over_commit(struct take_over *move)
{
    UINT i, first = 0, taken = 0;

    for (i = 0; i < move->count; i++)
    {
        taken += commit_file(&move->files[i]);
        if (i + 1 < move->count && move->files[i + 1].folder == move->files[first].folder)
            continue;
        INFO("%u of %u records of %s are taken over.\n", taken, i + 1 - first, debugstr_w(move->files[first].folder));
        first = i + 1;
        taken = 0;
    }
    end(move);
}

/* Give a file back to its folder. What an earlier service had copied is the later one, and stays. */
static BOOL undo_file(const struct taken *file)
{
    switch (file->how)
    {
        case TAKEN_RENAMED:
            return MoveFileExW(file->to, file->name, MOVEFILE_WRITE_THROUGH)
                    && SUCCEEDED(file_sink_flush_folder(file->name));
        case TAKEN_COPIED:
            /* The copy goes first: never are there two records. */
            return SUCCEEDED(file_delete(file->to)) && SUCCEEDED(file_sink_flush_folder(file->to))
                    && MoveFileExW(file->moving, file->name, MOVEFILE_WRITE_THROUGH)
                    && SUCCEEDED(file_sink_flush_folder(file->name));
        default:
            return TRUE;
    }
}

void take_over_undo(struct take_over *move)
{
    UINT i;

    for (i = move->count; i--;)
    {
        crash_point("a record to be given back");
        if (!undo_file(&move->files[i]))
            ERR("cannot give %s back, error %lu.\n", debugstr_w(move->files[i].name), GetLastError());
    }
    end(move);
}

BOOL take_over_is_done(const WCHAR *from)
{
    struct file_list list;
    UINT count;

    if (FAILED(folder_list_files(from, L"", &list)))
        return FALSE;
    count = list.count;
    folder_free_list(&list);
    if (!count)
        RemoveDirectoryW(from);
    return !count;
}

void take_back_records(const WCHAR *folder)
{
    struct file_list list;
    WCHAR *stem;
    BOOL ret;
    UINT i;

    folder_list_files(folder, MOVING, &list);
    for (i = 0; i < list.count; i++)
    {
        stem = join_text(list.paths[i], wcslen(list.paths[i]) - wcslen(MOVING), L"");
        /* A copy that the other folder had is here by now, and is later. */
        if (stem && GetFileAttributesW(stem) != INVALID_FILE_ATTRIBUTES)
            ret = SUCCEEDED(file_delete(list.paths[i]));
        else
            ret = stem && MoveFileExW(list.paths[i], stem, MOVEFILE_WRITE_THROUGH);
        if (!ret)
            ERR("cannot take back %s, error %lu.\n", debugstr_w(list.paths[i]), GetLastError());
        free(stem);
    }
    folder_free_list(&list);
}
