/*
 * Room on disks that is promised to files on their way
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
#include <string.h>

#include "base/base.h"
#include "base/path.h"
#include "base/room.h"
#include "disk/claim.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

static SRWLOCK claims_lock = SRWLOCK_INIT;
static struct list claims = LIST_INIT(claims); /* guarded by claims_lock, with all members; the earliest first */

/* Look at the file system of a path. FALSE if it does not tell. */
static BOOL look(const WCHAR *path, struct room *room)
{
    WCHAR *folder = join_text(path, path_folder_length(path), L"");
    ULARGE_INTEGER available, total;
    BOOL ret = folder && GetDiskFreeSpaceExW(folder, &available, &total, NULL);

    if (ret)
    {
        room->total = total.QuadPart;
        room->available = available.QuadPart;
    }
    free(folder);
    return ret;
}

/* Copy the claims before this one that may be on its file system. NULL if there are none, or if out of memory. The
 * caller frees the array and the paths. */
static struct claim *copy_earlier(const struct claim *claim, UINT *count)
{
    struct claim *copies, *other;

    *count = 0;
    AcquireSRWLockShared(&claims_lock);
    if ((copies = calloc(list_count(&claims), sizeof(*copies))))
    {
        LIST_FOR_EACH_ENTRY(other, &claims, struct claim, entry)
        {
            if (other == claim)
                break;
            if (other->total != claim->total || !(copies[*count].path = wcsdup(other->path)))
                continue;
            copies[*count].total = other->total;
            copies[(*count)++].left = other->left;
        }
    }
    ReleaseSRWLockShared(&claims_lock);
    return copies;
}

/* Return what earlier claims still need here. Those that are_near alone are looked for: file systems of one size may be
 * two. */
static UINT64 sum_up(const struct claim *claim, const struct claim *earlier, UINT count, BOOL are_near)
{
    UINT length = path_folder_length(claim->path), i;
    struct room room, other;
    UINT64 sum = 0;

    for (i = 0; i < count; i++)
    {
        if (are_near && (path_folder_length(earlier[i].path) != length || wcsncmp(earlier[i].path, claim->path, length))
                && (!look(earlier[i].path, &other) || !look(claim->path, &room) || !room_is_same(&other, &room)))
            continue;
        sum += earlier[i].left;
    }
    return sum;
}

/* Return whether there is room beside earlier claims. */
static BOOL is_granted(const struct claim *claim, const struct room *room, UINT64 size)
{
    struct claim *earlier;
    UINT count, i;
    UINT64 others;
    BOOL ret;

    earlier = copy_earlier(claim, &count);
    others = sum_up(claim, earlier, count, FALSE);
    if (!(ret = room_suffices(room->available, size, others)))
    {
        others = sum_up(claim, earlier, count, TRUE);
        ret = room_suffices(room->available, size, others);
    }
    if (!ret)
        WARN("%s: %lu MB are to be written, others write %lu MB, %lu MB are free.\n", debugstr_w(claim->path),
                (ULONG)(size >> 20), (ULONG)(others >> 20), (ULONG)(room->available >> 20));
    for (i = 0; i < count; i++)
        free((WCHAR *)earlier[i].path);
    free(earlier);
    return ret;
}

HRESULT claim_make(struct claim *claim, const WCHAR *path, UINT64 size)
{
    struct room room;

    claim_end(claim);
    if (!look(path, &room))
        return S_OK;
    AcquireSRWLockExclusive(&claims_lock);
    claim->path = path;
    claim->total = room.total;
    claim->left = size;
    list_add_tail(&claims, &claim->entry);
    ReleaseSRWLockExclusive(&claims_lock);
    if (is_granted(claim, &room, size))
        return S_OK;
    claim_end(claim);
    return HRESULT_FROM_WIN32(ERROR_DISK_FULL);
}

void claim_reduce(struct claim *claim, UINT64 size)
{
    if (!claim->path)
        return;
    AcquireSRWLockExclusive(&claims_lock);
    claim->left -= min(claim->left, size);
    ReleaseSRWLockExclusive(&claims_lock);
}

void claim_end(struct claim *claim)
{
    if (!claim->path)
        return;
    AcquireSRWLockExclusive(&claims_lock);
    list_remove(&claim->entry);
    ReleaseSRWLockExclusive(&claims_lock);
    claim->path = NULL;
}
