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
            fprintf(stderr, "%u of type %lu\n", types[i], i);
    return count;
}

/* Prints how many the process of the service has, and of which types. */
int count_handles(int argc, WCHAR **argv)
{
    static const NTSTATUS too_small = 0xc0000004; /* STATUS_INFO_LENGTH_MISMATCH */
    ULONG size = 1 << 20, needed;
    DWORD pid = get_service_pid();
    struct handle_list *list;
    NTSTATUS status;

    if (!pid)
        return failed("the service does not run", HRESULT_FROM_WIN32(GetLastError()));
    for (;;)
    {
        if (!(list = malloc(size)))
            return failed("no memory", E_OUTOFMEMORY);
        if (!(status = NtQuerySystemInformation(SYSTEM_HANDLES, list, size, &needed)))
            break;
        free(list);
        if (status != too_small)
            return failed("cannot list handles", status);
        size *= 2;
    }
    printf("%d\n", count_in_list(list, pid));
    free(list);
    return 0;
}
