/*
 * Functions of Windows over POSIX, as far as the engine uses them: what headers cannot leave as it is
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

/* Included in front of each file. The headers are those of Wine, whose inline functions need a thread of Wine. What is
 * defined in win32.c has the prototypes of Windows. */

#ifndef TSAN_WIN32_H
#define TSAN_WIN32_H

#include <stdarg.h>
#include <stddef.h>
#include <wchar.h>

#include <windef.h>
#include <winbase.h>

/* Functions that libc calls have its convention. */
#undef __cdecl
#define __cdecl

/* What Wine's headers lack. */
#define __WINESRC__
#include "base/wineheaders.h"
#undef __WINESRC__

#define GetLastError shim_GetLastError
#define SetLastError shim_SetLastError
#define GetProcessHeap shim_GetProcessHeap
#define GetCurrentProcess shim_GetCurrentProcess

extern DWORD shim_GetLastError(void);
extern void shim_SetLastError(DWORD error);
extern HANDLE shim_GetProcessHeap(void);
extern HANDLE shim_GetCurrentProcess(void);

/* Those of the headers are assembler, in which TSan sees nothing. */
#undef InterlockedExchange
#define InterlockedExchange(target, value) __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST)

/* With two equal values it is a way to read. */
#undef InterlockedCompareExchange
#define InterlockedCompareExchange(target, value, expected) \
    ((value) == (expected) ? __atomic_load_n(target, __ATOMIC_SEQ_CST) \
            : __sync_val_compare_and_swap(target, expected, value))

/* Of 16 bits, which those of libc are not. */
#define wcschr   shim_wcschr
#define wcscmp   shim_wcscmp
#define wcscpy_s shim_wcscpy_s
#define wcsdup   shim_wcsdup
#define wcsicmp  shim_wcsicmp
#define wcslen   shim_wcslen
#define wcsncmp  shim_wcsncmp
#define swprintf shim_swprintf

extern WCHAR *wcschr(const WCHAR *text, WCHAR c);
extern int wcscmp(const WCHAR *text, const WCHAR *other);
extern int wcscpy_s(WCHAR *to, size_t size, const WCHAR *from);
extern WCHAR *wcsdup(const WCHAR *text);
extern int wcsicmp(const WCHAR *text, const WCHAR *other);
extern size_t wcslen(const WCHAR *text);
extern int wcsncmp(const WCHAR *text, const WCHAR *other, size_t length);
extern int swprintf(WCHAR *buffer, size_t size, const WCHAR *format, ...);
extern int rand_s(unsigned int *value);

/* The time of Windows goes faster. */
#define CLOCK_SPEED 10

#endif /* TSAN_WIN32_H */
