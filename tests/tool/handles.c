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

/* Values of handles are multiples of 4, and the lowest that are free are given out. So many free ones in a row are
 * taken for the end. */
#define HANDLE_STEP 4
#define FREE_MAX    1024

/* Types of handles, and how many there are of each. */
struct type_counts
{
    unsigned int count;
    struct
    {
        WCHAR name[32];
        unsigned int handles;
    } types[64];
};

static void count_type(struct type_counts *counts, HANDLE handle)
{
    static WCHAR buffer[256]; /* UNICODE_STRING, and what it points to */
    const WCHAR *name = L"unknown";
    unsigned int i;

    if (!NtQueryObject(handle, ObjectTypeInformation, buffer, sizeof(buffer), NULL))
        name = ((UNICODE_STRING *)buffer)->Buffer;
    for (i = 0; i < counts->count && wcscmp(counts->types[i].name, name); ++i)
        ;
    if (i == ARRAYSIZE(counts->types))
        return;
    if (i == counts->count)
        lstrcpynW(counts->types[counts->count++].name, name, ARRAYSIZE(counts->types[i].name));
    ++counts->types[i].handles;
}

/* Return the number of handles of a process by copies of them. Wine's GetProcessHandleCount gives 0, and wineserver of
 * Wine 8.0 crashes where all handles are listed while a process has none yet (documentation/upstream/README.md). While
 * there is a copy of a file's handle, the file cannot be opened or renamed, so a process at work would fail. */
int get_handle_count(DWORD pid)
{
    HANDLE process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, pid), copy;
    struct type_counts counts = {0};
    unsigned int i, free = 0;
    ULONG_PTR value;
    int count = 0;

    if (!process)
        return -failed("cannot open the process", HRESULT_FROM_WIN32(GetLastError()));
    for (value = HANDLE_STEP; free < FREE_MAX; value += HANDLE_STEP)
    {
        ++free;
        if (!DuplicateHandle(process, (HANDLE)value, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
            continue;
        count_type(&counts, copy);
        CloseHandle(copy);
        ++count;
        free = 0;
    }
    CloseHandle(process);
    for (i = 0; i < counts.count; ++i)
        fprintf(stderr, "%u of type %ls\n", counts.types[i].handles, counts.types[i].name);
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
