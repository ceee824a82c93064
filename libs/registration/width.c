/*
 * The width of the process and of the prefix
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

#include "registration_private.h"

BOOL registration_is_wow64(void)
{
    BOOL ret = FALSE;

    return IsWow64Process(GetCurrentProcess(), &ret) && ret;
}

BOOL registration_is_64bit_prefix(void)
{
    return sizeof(void *) == 8 || registration_is_wow64();
}

BOOL registration_has_32bit_dlls(void)
{
    WCHAR path[MAX_PATH];
    DWORD attributes;

    if (!registration_is_64bit_prefix() || !GetSystemWow64DirectoryW(path, ARRAY_SIZE(path)))
        return FALSE;
    attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY;
}

REGSAM get_native_view(void)
{
    return registration_is_wow64() ? KEY_WOW64_64KEY : 0;
}

REGSAM registration_get_own_view(void)
{
    return registration_is_wow64() ? KEY_WOW64_32KEY : 0;
}
