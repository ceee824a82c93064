/*
 * Settings of the service in the registry
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
#include <wchar.h>

#include "base/front.h"
#include "base/settings.h"

#include "winreg.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define STRING_MAX 2048 /* characters with the terminator */
#define MONTH      (30 * 24 * 60 * 60) /* seconds */

/* Numbers are REG_DWORD; 0 counts as not set. Strings are REG_SZ. */
static const struct
{
    const WCHAR *name;
    DWORD default_value;
    DWORD max;
    BOOL is_once; /* for this start of the service only */
}
settings[] =
{
    [SETTING_MAX_CONNECTIONS] = { L"MaxConnections",        4,     8 },
    [SETTING_DOWNLOAD_EXPIRY] = { L"DownloadExpirySeconds", MONTH, ~0u },
    [SETTING_JOB_EXPIRY]      = { L"JobExpirySeconds",      MONTH, ~0u },
    [SETTING_JOB_INACTIVITY]  = { L"JobInactivitySeconds",  3 * MONTH, ~0u },
    [SETTING_CRASH_POINT]     = { L"CrashPoint",            0,     ~0u, TRUE },
    [SETTING_PROXY]           = { L"Proxy" },
    [SETTING_PROXY_BYPASS]    = { L"ProxyBypass" },
};

DWORD settings_get_number(enum setting setting)
{
    const WCHAR *name = settings[setting].name;
    DWORD number, size = sizeof(number);

    if (RegGetValueW(HKEY_LOCAL_MACHINE, front->parameters_key, name, RRF_RT_REG_DWORD, NULL, &number, &size)
            || !number)
        return settings[setting].default_value;
    TRACE("%s is %lu.\n", debugstr_w(name), number);
    if (settings[setting].is_once)
        RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, front->parameters_key, name);
    return min(number, settings[setting].max);
}

WCHAR *registry_get_string(HKEY root, const WCHAR *key, const WCHAR *name)
{
    WCHAR text[STRING_MAX];
    DWORD size = sizeof(text);

    if (RegGetValueW(root, key, name, RRF_RT_REG_SZ, NULL, text, &size) || !text[0])
        return NULL;
    return wcsdup(text);
}

WCHAR *settings_get_string(enum setting setting)
{
    return registry_get_string(HKEY_LOCAL_MACHINE, front->parameters_key, settings[setting].name);
}
