/*
 * Records that are in a folder of an earlier service
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

/* Copy beside the new name, flush, rename, and flush the name. */
static BOOL copy_record(const WCHAR *from, const WCHAR *to)
{
    WCHAR *copy = join(to, L".new");
    BOOL ret = FALSE;
    HANDLE file;

    if (copy && CopyFileW(from, copy, FALSE))
    {
        file = CreateFileW(copy, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        ret = file != INVALID_HANDLE_VALUE && FlushFileBuffers(file);
        if (file != INVALID_HANDLE_VALUE)
            CloseHandle(file);
        ret = ret && MoveFileExW(copy, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)
                && SUCCEEDED(file_sink_flush_folder(to));
        if (!ret)
            file_delete(copy);
    }
    free(copy);
    return ret;
}

/* Move what has the name for that already. */
static BOOL finish_move(const WCHAR *moving, const WCHAR *to)
{
    crash_point("a record to be taken over");
    if (GetFileAttributesW(to) == INVALID_FILE_ATTRIBUTES && !copy_record(moving, to))
        return FALSE;
    crash_point("a record taken over");
    return SUCCEEDED(file_delete(moving));
}

static BOOL move_record(const WCHAR *from, const WCHAR *to)
{
    WCHAR *moving;
    BOOL ret;

    if (MoveFileExW(from, to, MOVEFILE_WRITE_THROUGH))
        return SUCCEEDED(file_sink_flush_folder(to));
    if (GetLastError() != ERROR_NOT_SAME_DEVICE || !(moving = join(from, MOVING)))
        return FALSE;
    ret = MoveFileExW(from, moving, MOVEFILE_WRITE_THROUGH) && finish_move(moving, to);
    free(moving);
    return ret;
}

/* Take over a file by its name in the folder. */
static BOOL take_over_file(const WCHAR *path, const WCHAR *name, const WCHAR *folder)
{
    UINT length = wcslen(name), tail = wcslen(MOVING);
    BOOL is_moving = length > tail && text_is_same(name + length - tail, MOVING), ret = FALSE;
    WCHAR *stem, *to;

    if (text_is_same(name, LEFTOVER_NAME))
        return leftover_take_over(path);
    if ((stem = join_text(name, is_moving ? length - tail : length, L"")) && (to = join(folder, stem)))
    {
        ret = is_moving ? finish_move(path, to) : move_record(path, to);
        free(to);
    }
    free(stem);
    return ret;
}

BOOL take_over_records(const WCHAR *from, const WCHAR *to)
{
    struct file_list list;
    UINT taken = 0, count, i;
    HRESULT hr;

    if (FAILED(hr = folder_list_files(from, L"", &list)))
    {
        ERR("cannot list the records in %s, hr %#lx.\n", debugstr_w(from), hr);
        return FALSE;
    }
    for (i = 0; i < list.count; i++)
    {
        if (take_over_file(list.paths[i], list.paths[i] + wcslen(from), to))
            taken++;
        else
            ERR("cannot take over %s, error %lu.\n", debugstr_w(list.paths[i]), GetLastError());
    }
    count = list.count;
    folder_free_list(&list);
    if (count)
        INFO("%u of %u records of %s are taken over.\n", taken, count, debugstr_w(from));
    RemoveDirectoryW(from);
    return taken == count;
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
