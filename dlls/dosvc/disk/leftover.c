/*
 * Names of files that the next service deletes
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
#include <stddef.h>
#include <wchar.h>

#include "disk/file.h"
#include "disk/leftover.h"
#include "base/base.h"
#include "base/task.h"
#include "base/text.h"

#include "base/log.h"
#include "wine/list.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define SLOT_SIZE     512       /* bytes; most names need one */
#define SLOTS_MAX     (1 << 20) /* more than any service has files */
#define MAGIC         0x6e744f44 /* DOtn */
#define RETRY_DELAY   10000     /* ms between attempts to delete a file */

/* Head of a name in the file, at the beginning of a slot. */
struct head
{
    DWORD magic; /* 0 when the name is forgotten */
    DWORD size;  /* of the name in bytes, without the NUL that follows on it */
    DWORD sum;
};

/* Name that an earlier service has noted. */
struct former
{
    struct list entry;
    struct leftover place;
    WCHAR name[];
};

static void retry(struct task *task);

static const struct task_ops retry_ops = { retry };
static struct task retry_task;

static HANDLE (*open_file)(DWORD disposition);
static SRWLOCK lock = SRWLOCK_INIT;

/* guarded by lock */
static HANDLE file;     /* NULL before it is needed */
static BYTE *slots;     /* TRUE for those in use; owned */
static UINT slot_count;
static struct list formers = LIST_INIT(formers);

static DWORD get_sum(const void *data, UINT size)
{
    const BYTE *bytes = data;
    DWORD sum = HASH_INIT;
    UINT i;

    for (i = 0; i < size; i++)
        sum = hash_add(sum, bytes[i]);
    return sum;
}

static UINT count_slots(UINT size)
{
    return (sizeof(struct head) + size + sizeof(WCHAR) + SLOT_SIZE - 1) / SLOT_SIZE;
}

static BOOL grow_locked(UINT count)
{
    UINT capacity = max(count, slot_count * 2);
    BYTE *larger;

    if (count <= slot_count)
        return TRUE;
    if (capacity > SLOTS_MAX || !(larger = realloc(slots, capacity)))
        return FALSE;
    memset(larger + slot_count, FALSE, capacity - slot_count);
    slots = larger;
    slot_count = capacity;
    return TRUE;
}

/* Find free slots that follow on each other. */
static UINT find_slots_locked(UINT count)
{
    UINT i, free = 0;

    for (i = 0; i < slot_count && free < count; i++)
        free = slots[i] ? 0 : free + 1;
    return i - free;
}

static HRESULT write_locked(UINT slot, const void *data, UINT size)
{
    LARGE_INTEGER position;
    DWORD written;

    position.QuadPart = (UINT64)slot * SLOT_SIZE;
    if (!SetFilePointerEx(file, position, NULL, FILE_BEGIN) || !WriteFile(file, data, size, &written, NULL))
        return last_error();
    return written == size ? S_OK : HRESULT_FROM_WIN32(ERROR_DISK_FULL);
}

/* Return the name that a file has in a slot, which the caller frees; NULL if there is none. */
static struct former *read_former(const BYTE *data, UINT rest)
{
    const struct head *head = (const struct head *)data;
    struct former *former;

    if (head->magic != MAGIC || head->size > rest - sizeof(*head) - sizeof(WCHAR) || head->size % sizeof(WCHAR)
            || get_sum(head + 1, head->size) != head->sum)
        return NULL;
    if ((former = calloc(1, offsetof(struct former, name) + head->size + sizeof(WCHAR))))
        memcpy(former->name, head + 1, head->size);
    return former;
}

/* Take a name over that the file has in a slot. Return how many slots it has; 1 if there is none. */
static UINT take_former_locked(const BYTE *data, UINT slot, UINT rest)
{
    struct former *former = read_former(data, rest);
    UINT count;

    if (!former)
        return 1;
    count = count_slots(wcslen(former->name) * sizeof(WCHAR));
    if (!grow_locked(slot + count))
    {
        free(former);
        return 1;
    }
    former->place.slot = slot;
    former->place.count = count;
    memset(slots + slot, TRUE, count);
    list_add_tail(&formers, &former->entry);
    return count;
}

/* Read a file of names, with a slot of zeros behind it, since the last name may end within its slot. Return NULL if
 * that fails; the caller frees the data. */
static BYTE *read_names(HANDLE from, DWORD *read)
{
    LARGE_INTEGER size;
    BYTE *data;

    *read = 0;
    if (!GetFileSizeEx(from, &size))
        return NULL;
    size.QuadPart = min(size.QuadPart, (UINT64)SLOTS_MAX * SLOT_SIZE);
    if ((data = calloc(1, size.QuadPart + SLOT_SIZE)) && !ReadFile(from, data, size.QuadPart, read, NULL))
        WARN("cannot read, error %lu.\n", GetLastError());
    return data;
}

static HRESULT read_formers_locked(void)
{
    DWORD read;
    BYTE *data;
    UINT slot;

    if (!(data = read_names(file, &read)))
        return E_OUTOFMEMORY;
    for (slot = 0; slot * SLOT_SIZE < read;)
        slot += take_former_locked(data + slot * SLOT_SIZE, slot, read + SLOT_SIZE - slot * SLOT_SIZE);
    free(data);
    return S_OK;
}

static HRESULT open_locked(DWORD disposition)
{
    HRESULT hr;

    if (file)
        return S_OK;
    if ((file = open_file(disposition)) != INVALID_HANDLE_VALUE)
    {
        if (SUCCEEDED(hr = read_formers_locked()))
            return S_OK;
        CloseHandle(file);
    }
    else
        hr = last_error();
    file = NULL;
    return hr;
}

void leftover_init(HANDLE (*open)(DWORD disposition))
{
    open_file = open;
    task_init(&retry_task, &retry_ops, &service_tasks);
}

HRESULT leftover_note(const WCHAR *name, struct leftover *place)
{
    UINT length = wcslen(name), size = length * sizeof(*name), count = count_slots(size), slot;
    struct head *head;
    HRESULT hr;

    if (!(head = calloc(1, sizeof(*head) + size + sizeof(*name))))
        return E_OUTOFMEMORY;
    head->magic = MAGIC;
    head->size = size;
    memcpy(head + 1, name, size);
    head->sum = get_sum(head + 1, size);

    AcquireSRWLockExclusive(&lock);
    if (SUCCEEDED(hr = open_locked(OPEN_ALWAYS)))
    {
        slot = find_slots_locked(count);
        hr = grow_locked(slot + count) ? write_locked(slot, head, sizeof(*head) + size + sizeof(*name)) : E_OUTOFMEMORY;
    }
    if (SUCCEEDED(hr))
    {
        memset(slots + slot, TRUE, count);
        place->slot = slot;
        place->count = count;
    }
    ReleaseSRWLockExclusive(&lock);
    free(head);
    TRACE("%s, hr %#lx.\n", debugstr_w(name), hr);
    return hr;
}

void leftover_forget(struct leftover *place)
{
    const DWORD no_magic = 0;

    if (!place->count)
        return;
    AcquireSRWLockExclusive(&lock);
    /* A name that stays there is that of no file. */
    write_locked(place->slot, &no_magic, sizeof(no_magic));
    memset(slots + place->slot, FALSE, place->count);
    ReleaseSRWLockExclusive(&lock);
    place->count = 0;
}

/* Note the names of another file in this one. */
static BOOL take_names(const BYTE *data, DWORD read)
{
    struct former *former;
    BOOL ret = TRUE;
    UINT slot;

    for (slot = 0; slot * SLOT_SIZE < read && ret; slot++)
    {
        if (!(former = read_former(data + slot * SLOT_SIZE, read + SLOT_SIZE - slot * SLOT_SIZE)))
            continue;
        if (!(ret = SUCCEEDED(leftover_note(former->name, &former->place))))
        {
            free(former);
            break;
        }
        AcquireSRWLockExclusive(&lock);
        list_add_tail(&formers, &former->entry);
        ReleaseSRWLockExclusive(&lock);
    }
    return ret;
}

BOOL leftover_take_over(const WCHAR *path)
{
    HANDLE from = CreateFileW(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    BOOL ret = FALSE;
    BYTE *data;
    DWORD read;

    if (from == INVALID_HANDLE_VALUE)
        return FALSE;
    if ((data = read_names(from, &read)))
        ret = take_names(data, read);
    free(data);
    CloseHandle(from);
    return ret && SUCCEEDED(file_delete(path));
}

void leftover_delete_all(void)
{
    struct former *former, *next;
    struct list list;

    list_init(&list);
    AcquireSRWLockExclusive(&lock);
    open_locked(OPEN_EXISTING);
    list_move_tail(&list, &formers);
    ReleaseSRWLockExclusive(&lock);

    LIST_FOR_EACH_ENTRY_SAFE(former, next, &list, struct former, entry)
    {
        if (FAILED(file_delete(former->name)))
            continue;
        leftover_forget(&former->place);
        list_remove(&former->entry);
        free(former);
    }
    if (list_empty(&list))
        return;
    WARN("%u files cannot be deleted.\n", list_count(&list));
    AcquireSRWLockExclusive(&lock);
    list_move_tail(&formers, &list);
    ReleaseSRWLockExclusive(&lock);
    task_schedule(&retry_task, GetTickCount64() + RETRY_DELAY);
}

static void retry(struct task *task)
{
    leftover_delete_all();
}
