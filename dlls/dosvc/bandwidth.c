/*
 * The bandwidth that settings allow
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

#include "limiter.h"

#include "winreg.h"

#define UNIT 1024 /* bytes; the values are in KB per second */

/* The first one that has a value counts. */
static const struct
{
    HKEY root;
    const WCHAR *path;
}
sources[] =
{
    { HKEY_LOCAL_MACHINE, L"SOFTWARE\\Policies\\Microsoft\\Windows\\DeliveryOptimization" },
    { HKEY_USERS, L"S-1-5-20\\Software\\Microsoft\\Windows\\CurrentVersion\\DeliveryOptimization\\Settings" },
    { HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\DeliveryOptimization\\Settings" },
};

/* A string with a decimal number will do; anything else counts as not there. */
static BOOL read_number(HKEY key, const WCHAR *name, DWORD *number)
{
    DWORD type, size;
    WCHAR text[16], *end;

    size = sizeof(*number);
    if (!RegGetValueW(key, NULL, name, RRF_RT_REG_DWORD, &type, number, &size))
        return TRUE;
    size = sizeof(text);
    if (RegGetValueW(key, NULL, name, RRF_RT_REG_SZ, &type, text, &size) || text[0] < '0' || text[0] > '9')
        return FALSE;
    *number = wcstoul(text, &end, 10);
    return !*end;
}

static BOOL find_number(const WCHAR *name, DWORD *number)
{
    BOOL is_found = FALSE;
    HKEY key;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(sources) && !is_found; i++)
    {
        if (RegOpenKeyExW(sources[i].root, sources[i].path, 0, KEY_READ | KEY_WOW64_64KEY, &key))
            continue;
        is_found = read_number(key, name, number);
        RegCloseKey(key);
    }
    return is_found;
}

UINT64 bandwidth_get_limit(BOOL is_foreground)
{
    DWORD number;

    if (!find_number(is_foreground ? L"DOMaxForegroundDownloadBandwidth" : L"DOMaxBackgroundDownloadBandwidth", &number)
            && !find_number(L"DOMaxDownloadBandwidth", &number))
        return 0;
    return (UINT64)number * UNIT;
}
