/*
 * Where a program has crashed
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

#include <stdarg.h>
#include <stdio.h>

#include "windef.h"
#include "winbase.h"
#include "shlwapi.h"
#include "crash.h"

#define PLACES_MAX 60

/* Return whether an address is in a module, and print which, and where. */
static BOOL print_place(const void *address)
{
    static const DWORD flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    WCHAR path[MAX_PATH];
    HMODULE module;

    if (!address || !GetModuleHandleExW(flags, address, &module) || !GetModuleFileNameW(module, path, ARRAYSIZE(path)))
        return FALSE;
    fprintf(stderr, " %ls+%#Ix", PathFindFileNameW(path), (ULONG_PTR)address - (ULONG_PTR)module);
    return TRUE;
}

LONG CALLBACK print_crash(EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;
#ifdef _WIN64
    void **stack = (void **)pointers->ContextRecord->Rsp;
#else
    void **stack = (void **)pointers->ContextRecord->Esp;
#endif
    void **end = ((NT_TIB *)NtCurrentTeb())->StackBase;
    UINT count = 0;

    fprintf(stderr, "exception %#lx at %p:", record->ExceptionCode, record->ExceptionAddress);
    print_place(record->ExceptionAddress);
    for (; stack < end && count < PLACES_MAX; stack++)
        count += print_place(*stack);
    fprintf(stderr, "\n");
    fflush(stderr);
    return EXCEPTION_CONTINUE_SEARCH;
}
