/*
 * testtool handles: the handles of the service
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

#include "testtool.h"

#include <winternl.h>

#define SYSTEM_HANDLES ((SYSTEM_INFORMATION_CLASS)16)

/* As the system gives it out. */
struct handle_entry
{
    ULONG pid;
    BYTE type;
    BYTE flags;
    USHORT value;
    void *object;
    ULONG access;
};

struct handle_list
{
    ULONG count;
    struct handle_entry entries[1];
};

/* By a handle that this process has: "" if there is none. */
static const WCHAR *get_type_name(const struct handle_list *list, ULONG type)
{
    static WCHAR buffer[256]; /* UNICODE_STRING, and what it points to */
    ULONG i;

    for (i = 0; i < list->count; ++i)
    {
        if (list->entries[i].type == type && list->entries[i].pid == GetCurrentProcessId()
                && !NtQueryObject(ULongToHandle(list->entries[i].value), ObjectTypeInformation, buffer,
                sizeof(buffer), NULL))
            return ((UNICODE_STRING *)buffer)->Buffer;
    }
    return L"";
}

/* Wine's GetProcessHandleCount gives 0. */
static int count_in_list(const struct handle_list *list, DWORD pid)
{
    unsigned int types[256] = { 0 };
    int count = 0;
    ULONG i;

    for (i = 0; i < list->count; ++i)
    {
        if (list->entries[i].pid != pid)
            continue;
        ++types[list->entries[i].type];
        ++count;
    }
    for (i = 0; i < ARRAYSIZE(types); ++i)
        if (types[i])
            fprintf(stderr, "%u of type %lu %ls\n", types[i], i, get_type_name(list, i));
    return count;
}

int get_handle_count(DWORD pid)
{
    static const NTSTATUS too_small = 0xc0000004; /* STATUS_INFO_LENGTH_MISMATCH */
    ULONG size = 1 << 20, needed;
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL); /* so that this type has a name */
    struct handle_list *list;
    NTSTATUS status;
    int count;

    for (;;)
    {
        if (!(list = malloc(size)))
            return -failed("no memory", E_OUTOFMEMORY);
        if (!(status = NtQuerySystemInformation(SYSTEM_HANDLES, list, size, &needed)))
            break;
        free(list);
        if (status != too_small)
            return -failed("cannot list handles", status);
        size *= 2;
    }
    count = count_in_list(list, pid);
    free(list);
    CloseHandle(event);
    return count;
}

/* Prints how many the process of the service has, and of which types. */
int count_handles(int argc, WCHAR **argv)
{
    DWORD pid = get_service_pid();
    int count;

    if (!pid)
        return failed("the service does not run", HRESULT_FROM_WIN32(GetLastError()));
    if ((count = get_handle_count(pid)) < 0)
        return 1;
    printf("%d\n", count);
    return 0;
}
