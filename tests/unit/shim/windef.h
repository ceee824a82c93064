/*
 * The basic types of Windows, for pure files that are compiled natively
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

#ifndef __UNIT_WINDEF_H
#define __UNIT_WINDEF_H

#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

typedef int32_t BOOL, LONG, HRESULT;
typedef uint32_t UINT, DWORD, ULONG;
typedef uint64_t UINT64, ULONGLONG;
typedef unsigned char BYTE;
typedef wchar_t WCHAR; /* of 16 bits: -fshort-wchar */

#define FALSE 0
#define TRUE 1
#define __cdecl
/* of winnt.h */
#define REG_SZ          1u
#define REG_EXPAND_SZ   2u
#define REG_BINARY      3u
#define REG_DWORD       4u
#define REG_MULTI_SZ    7u
#define REG_QWORD       11u
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

#endif /* __UNIT_WINDEF_H */
