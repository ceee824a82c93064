/*
 * Values that Wine itself registers
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

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* The proxies of Wine for the interfaces of BITS; wineboot -u registers them. */
#define BITS_PROXIES L"\\qmgrprxy.dll"
#define REGSVR32     L"\\regsvr32.exe"

#define TIMEOUT 60000 /* ms */
#define TRIES   3

static void get_path(REGSAM view, const WCHAR *name, WCHAR *path)
{
    if (view & KEY_WOW64_32KEY)
        GetSystemWow64DirectoryW(path, MAX_PATH / 2);
    else
        GetSystemDirectoryW(path, MAX_PATH / 2);
    wcscat_s(path, MAX_PATH, name);
}

BOOL wine_has_bits(REGSAM view)
{
    WCHAR path[MAX_PATH];

    get_path(view, BITS_PROXIES, path);
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static BOOL is_registered(REGSAM view)
{
    unsigned int i;

    for (i = 0; i < registration_interface_count; ++i)
    {
        if (registration_interfaces[i].is_bits
                && registration_get_owner(&registration_interfaces[i], view) == REGISTRATION_OWNER_NONE)
            return FALSE;
    }
    return TRUE;
}

static DWORD run_regsvr32(const WCHAR *path, const WCHAR *dll)
{
    STARTUPINFOW startup = {sizeof(startup)};
    WCHAR command[MAX_PATH + 20];
    PROCESS_INFORMATION process;
    DWORD ret = ERROR_TIMEOUT;

    swprintf(command, ARRAY_SIZE(command), L"regsvr32 /s \"%s\"", dll);
    if (!CreateProcessW(path, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process))
        return GetLastError();
    if (!WaitForSingleObject(process.hProcess, TIMEOUT) && GetExitCodeProcess(process.hProcess, &ret) && ret)
        ret = ERROR_DLL_INIT_FAILED;
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return ret;
}

DWORD wine_register_bits(REGSAM view)
{
    WCHAR path[MAX_PATH], dll[MAX_PATH];
    DWORD ret = ERROR_SUCCESS;
    unsigned int i;

    if (!wine_has_bits(view) || is_registered(view))
        return ERROR_SUCCESS;
    get_path(view, BITS_PROXIES, dll);
    get_path(view, REGSVR32, path);
    /* On a busy machine a process of Wine's may die before it has begun (ERROR_INTERNAL_ERROR). */
    for (i = 0; i < TRIES && (!i || ret == ERROR_INTERNAL_ERROR); ++i)
        ret = run_regsvr32(path, dll);
    if (ret)
        ERR("%s cannot be registered, error %lu.\n", debugstr_w(dll), ret);
    else
        tell(REGISTRATION_REGISTERED, dll);
    return ret;
}
