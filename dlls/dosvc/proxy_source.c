/*
 * Where the settings for proxies come from
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

/* The first source that has something to say is the one that counts: the
 * settings of the service, those of WinHTTP, those of the user, and the
 * environment of the program that started the prefix. Wine gives services an
 * environment without it, but not without a way to read it. */

#include <stdarg.h>
#include <stdlib.h>

#include "windef.h"
#include "winbase.h"
#include "winreg.h"
#include "winhttp.h"

#include "proxy_source.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define BELIEF_TIME     5000     /* ms that settings are believed */
#define SETTING_MAX     2048     /* characters with the terminator */
#define ENVIRONMENT_MAX 0x200000 /* bytes */

/* Proxy: a list as of WinHTTP, or "direct" for none; ProxyBypass. */
static const WCHAR settings_key[] = L"SYSTEM\\CurrentControlSet\\Services\\DoSvc\\Parameters";
static const WCHAR wininet_key[] = L"Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";

static SRWLOCK source_lock = SRWLOCK_INIT;
/* protected by source_lock */
static struct proxy_settings settings;
static WCHAR *script_url; /* owned, or NULL */
static ULONGLONG read_time; /* 0: not yet */

static BOOL is_set(void)
{
    return settings.http || settings.https;
}

static WCHAR *read_string(HKEY root, const WCHAR *key, const WCHAR *name)
{
    WCHAR text[SETTING_MAX];
    DWORD size = sizeof(text);

    if (RegGetValueW(root, key, name, RRF_RT_REG_SZ, NULL, text, &size) || !text[0])
        return NULL;
    return wcsdup(text);
}

/* TRUE if no other source counts. */
static BOOL read_service_locked(void)
{
    WCHAR *list = read_string(HKEY_LOCAL_MACHINE, settings_key, L"Proxy");
    WCHAR *bypass = read_string(HKEY_LOCAL_MACHINE, settings_key, L"ProxyBypass");
    BOOL is_direct = list && !wcsicmp(list, L"direct");

    if (list && !is_direct)
        proxy_parse_list(list, bypass, &settings);
    free(list);
    free(bypass);
    return is_direct || is_set();
}

static BOOL read_winhttp_locked(void)
{
    WINHTTP_PROXY_INFO info = {0};

    if (!WinHttpGetDefaultProxyConfiguration(&info))
        return FALSE;
    if (info.dwAccessType == WINHTTP_ACCESS_TYPE_NAMED_PROXY)
        proxy_parse_list(info.lpszProxy, info.lpszProxyBypass, &settings);
    GlobalFree(info.lpszProxy);
    GlobalFree(info.lpszProxyBypass);
    return is_set();
}

static BOOL read_user_locked(void)
{
    WINHTTP_CURRENT_USER_IE_PROXY_CONFIG config = {0};

    if (!WinHttpGetIEProxyConfigForCurrentUser(&config))
        return FALSE;
    proxy_parse_list(config.lpszProxy, config.lpszProxyBypass, &settings);
    if (config.lpszAutoConfigUrl && config.lpszAutoConfigUrl[0])
        script_url = wcsdup(config.lpszAutoConfigUrl);
    GlobalFree(config.lpszAutoConfigUrl);
    GlobalFree(config.lpszProxy);
    GlobalFree(config.lpszProxyBypass);
    return script_url || is_set();
}

/* Wine's WinHTTP knows the settings of a connection only, and its wininet writes these. */
static BOOL read_wininet_locked(void)
{
    DWORD is_enabled = 0, size = sizeof(is_enabled);
    WCHAR *list, *bypass;

    script_url = read_string(HKEY_CURRENT_USER, wininet_key, L"AutoConfigURL");
    if (RegGetValueW(HKEY_CURRENT_USER, wininet_key, L"ProxyEnable", RRF_RT_REG_DWORD, NULL, &is_enabled, &size)
            || !is_enabled)
        return !!script_url;
    list = read_string(HKEY_CURRENT_USER, wininet_key, L"ProxyServer");
    bypass = read_string(HKEY_CURRENT_USER, wininet_key, L"ProxyOverride");
    proxy_parse_list(list, bypass, &settings);
    free(list);
    free(bypass);
    return script_url || is_set();
}

/* The whole file; its size is not known before. The caller frees it. */
static char *read_file(HANDLE file, UINT *size)
{
    UINT capacity = 0x4000;
    char *data = NULL, *grown;
    DWORD count;

    for (*size = 0; capacity <= ENVIRONMENT_MAX; capacity *= 2)
    {
        if (!(grown = realloc(data, capacity)))
            break;
        data = grown;
        while (*size < capacity && ReadFile(file, data + *size, capacity - *size, &count, NULL) && count)
            *size += count;
        if (*size < capacity)
            return data;
    }
    free(data);
    return NULL;
}

/* Not there on Windows. */
static BOOL read_environment_locked(void)
{
    char *block;
    HANDLE file;
    UINT size;

    file = CreateFileW(L"\\\\?\\unix\\proc\\self\\environ", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
            NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return FALSE;
    if ((block = read_file(file, &size)))
        proxy_parse_environment(block, size, &settings);
    free(block);
    CloseHandle(file);
    return is_set();
}

static void forget_locked(void)
{
    proxy_clear(&settings);
    free(script_url);
    script_url = NULL;
    read_time = 0;
}

static void update_locked(void)
{
    static const struct
    {
        const char *name;
        BOOL (*read)(void);
    }
    sources[] =
    {
        { "the service", read_service_locked },
        { "WinHTTP", read_winhttp_locked },
        { "the connection", read_user_locked },
        { "the user", read_wininet_locked },
        { "the environment", read_environment_locked },
    };
    ULONGLONG now = GetTickCount64();
    UINT i;

    if (read_time && now - read_time < BELIEF_TIME)
        return;
    forget_locked();
    read_time = max(now, 1);
    for (i = 0; i < ARRAY_SIZE(sources); i++)
    {
        if (sources[i].read())
        {
            TRACE("the settings of %s, bypass %s.\n", sources[i].name, debugstr_w(settings.bypass));
            return;
        }
        proxy_clear(&settings); /* a bypass without a proxy */
    }
}

void proxy_find(const struct url_origin *origin, BOOL is_loopback, struct proxy *proxy, WCHAR **script)
{
    AcquireSRWLockExclusive(&source_lock);
    update_locked();
    proxy_choose(&settings, origin, is_loopback, proxy);
    *script = script_url && !is_loopback ? wcsdup(script_url) : NULL;
    ReleaseSRWLockExclusive(&source_lock);
}

void proxy_source_cleanup(void)
{
    AcquireSRWLockExclusive(&source_lock);
    forget_locked();
    ReleaseSRWLockExclusive(&source_lock);
}
