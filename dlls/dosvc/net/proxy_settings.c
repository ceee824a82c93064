/*
 * Settings of the proxy, and the scripts (PAC) that they name
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

/* The first source that names a proxy or a script counts: the settings of the service, those of WinHTTP, those of the
 * user, and the environment of the program that started the prefix. Wine leaves that out of the environment of
 * services, but they can read it in /proc. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "windef.h"
#include "winbase.h"
#include "winreg.h"
#include "winhttp.h"

#include "base/base.h"
#include "base/settings.h"
#include "net/proxy.h"
#include "net/request.h"
#include "net/transport.h"
#include "base/wineheaders.h"

#include "base/log.h"
#include "wine/list.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define READ_INTERVAL   5000     /* ms until settings are read again */

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

/* The readers return TRUE if no other source counts. */

static BOOL read_service_locked(void)
{
    WCHAR *list = settings_get_string(SETTING_PROXY);
    WCHAR *bypass = settings_get_string(SETTING_PROXY_BYPASS);
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

/* Read the settings that Wine's wininet writes: its WinHTTP knows those of a connection only. */
static BOOL read_wininet_locked(void)
{
    DWORD is_enabled = 0, size = sizeof(is_enabled);
    WCHAR *list, *bypass;

    script_url = registry_get_string(HKEY_CURRENT_USER, wininet_key, L"AutoConfigURL");
    if (RegGetValueW(HKEY_CURRENT_USER, wininet_key, L"ProxyEnable", RRF_RT_REG_DWORD, NULL, &is_enabled, &size)
            || !is_enabled)
        return !!script_url;
    list = registry_get_string(HKEY_CURRENT_USER, wininet_key, L"ProxyServer");
    bypass = registry_get_string(HKEY_CURRENT_USER, wininet_key, L"ProxyOverride");
    proxy_parse_list(list, bypass, &settings);
    free(list);
    free(bypass);
    return script_url || is_set();
}

/* Read the environment of Unix, which Windows does not have. */
static BOOL read_environment_locked(void)
{
    UINT size;
    char *block = read_unix_file(L"\\\\?\\unix\\proc\\self\\environ", &size);

    if (block)
        proxy_parse_environment(block, size, &settings);
    free(block);
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

    if (read_time && now - read_time < READ_INTERVAL)
        return;
    forget_locked();
    read_time = max(now, 1);
    for (i = 0; i < ARRAY_SIZE(sources); i++)
    {
        if (sources[i].read())
        {
            TRACE("the settings of %s, bypass %s.\n", sources[i].name, debugstr_a(settings.bypass));
            return;
        }
        proxy_clear(&settings); /* a bypass without a proxy */
    }
}

static void find_preconfigured(const struct url_origin *origin, BOOL is_loopback, struct proxy *proxy, WCHAR **script)
{
    AcquireSRWLockExclusive(&source_lock);
    update_locked();
    proxy_choose(&settings, origin, is_loopback, proxy);
    *script = script_url && !is_loopback ? wcsdup(script_url) : NULL;
    ReleaseSRWLockExclusive(&source_lock);
}

static DWORD find_own(const struct url_origin *origin, const struct transfer_options *options, struct proxy *proxy)
{
    struct proxy_settings own;
    DWORD error;

    if (!proxy_parse_list(options->proxy_list, options->proxy_bypass, &own))
        return ERROR_OUTOFMEMORY;
    error = proxy_choose_own(&own, origin, proxy) ? ERROR_SUCCESS : ERROR_WINHTTP_INVALID_OPTION;
    proxy_clear(&own);
    return error;
}

/* Return the script of the user, or an empty text if there is none and it has to be detected; NULL if out of memory. */
static WCHAR *find_script(void)
{
    WCHAR *script = registry_get_string(HKEY_CURRENT_USER, wininet_key, L"AutoConfigURL");

    return script ? script : wcsdup(L"");
}

DWORD proxy_find(const struct url_origin *origin, BOOL is_loopback, const struct transfer_options *options,
        struct proxy *proxy, WCHAR **script)
{
    memset(proxy, 0, sizeof(*proxy));
    *script = NULL;
    switch (options->proxy_usage)
    {
        case PROXY_PRECONFIGURED:
            find_preconfigured(origin, is_loopback, proxy, script);
            return ERROR_SUCCESS;
        case PROXY_FORBIDDEN:
            return ERROR_SUCCESS;
        case PROXY_OVERRIDE:
            return find_own(origin, options, proxy);
        case PROXY_AUTODETECT:
            return is_loopback || (*script = find_script()) ? ERROR_SUCCESS : ERROR_OUTOFMEMORY;
    }
    return ERROR_WINHTTP_INVALID_OPTION;
}

void proxy_source_cleanup(void)
{
    AcquireSRWLockExclusive(&source_lock);
    forget_locked();
    ReleaseSRWLockExclusive(&source_lock);
}

/* WinHTTP fetches the script and runs it. Nothing interrupts that, and a server may be silent for as long as it likes;
 * so it happens on a thread that can be left behind, one for each script. Requests of one origin share a look-up, whose
 * answer is kept for a while. */

#define ANSWER_TIME  60000 /* ms that an answer is kept */
#define FAILURE_TIME 5000  /* ms until a script that failed is asked again */
#define LOOKUPS_MAX  256   /* of which the answer is kept */
#define URL_SIZE     (URL_HOST_MAX + 32)

struct lookup
{
    struct list entry;
    UINT users;       /* requests that wait for it */
    BOOL is_started;  /* a thread runs the script, until it is done */
    BOOL is_done;
    ULONGLONG expiry; /* of the answer */
    DWORD error;
    struct proxy proxy;
    struct url_origin origin;
    WCHAR script[];
};

static SRWLOCK lookup_lock = SRWLOCK_INIT;
static CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;
/* protected by lookup_lock; a lookup that is started and not done is its thread's, apart from users */
static struct list lookups = LIST_INIT(lookups);

static void format_url(const struct url_origin *origin, WCHAR url[URL_SIZE])
{
    WCHAR port[16] = L"";

    if (origin->port != (origin->is_secure ? 443 : 80))
        swprintf(port, ARRAY_SIZE(port), L":%u", origin->port);
    swprintf(url, URL_SIZE, origin->is_ipv6 ? L"%ls://[%hs]%ls/" : L"%ls://%hs%ls/",
            origin->is_secure ? L"https" : L"http", origin->host, port);
}

/* Ask the script for a proxy: the first one of its answer. Without a script that can be detected there is none. */
static DWORD ask(const WCHAR *script, const struct url_origin *origin, struct proxy *proxy)
{
    WINHTTP_AUTOPROXY_OPTIONS options = { WINHTTP_AUTOPROXY_CONFIG_URL, .lpszAutoConfigUrl = script,
            .fAutoLogonIfChallenged = TRUE };
    WINHTTP_AUTOPROXY_OPTIONS detection = { WINHTTP_AUTOPROXY_AUTO_DETECT,
            WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A };
    struct proxy_settings answer;
    WCHAR url[URL_SIZE];
    WINHTTP_PROXY_INFO info;
    HINTERNET session;
    DWORD error = 0;

    if (!(session = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_NO_PROXY_NAME, WINHTTP_NO_PROXY_BYPASS, 0)))
        return GetLastError();
    format_url(origin, url);
    if (!WinHttpGetProxyForUrl(session, url, script[0] ? &options : &detection, &info))
        error = GetLastError();
    WinHttpCloseHandle(session);
    if (error)
        return script[0] ? error : ERROR_SUCCESS;
    if (!proxy_parse_list(info.lpszProxy, NULL, &answer))
        error = ERROR_OUTOFMEMORY;
    GlobalFree(info.lpszProxy);
    GlobalFree(info.lpszProxyBypass);
    if (error)
        return error;
    proxy_choose(&answer, origin, FALSE, proxy);
    proxy_clear(&answer);
    return ERROR_SUCCESS;
}

static struct lookup *find_unstarted_locked(const WCHAR *script)
{
    struct lookup *lookup;

    LIST_FOR_EACH_ENTRY(lookup, &lookups, struct lookup, entry)
    {
        if (!lookup->is_started && !wcscmp(lookup->script, script))
            return lookup;
    }
    return NULL;
}

static void CALLBACK lookup_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct lookup *lookup = context, *next;
    DWORD error;

    CallbackMayRunLong(instance);
    for (; lookup; lookup = next)
    {
        error = ask(lookup->script, &lookup->origin, &lookup->proxy);
        TRACE("%s: kind %u, error %lu.\n", debugstr_a(lookup->origin.host), lookup->proxy.kind, error);
        AcquireSRWLockExclusive(&lookup_lock);
        if ((next = find_unstarted_locked(lookup->script)))
            next->is_started = TRUE;
        lookup->error = error;
        lookup->expiry = GetTickCount64() + (error ? FAILURE_TIME : ANSWER_TIME);
        lookup->is_done = TRUE;
        ReleaseSRWLockExclusive(&lookup_lock);
        WakeAllConditionVariable(&changed);
    }
}

static void destroy_locked(struct lookup *lookup)
{
    list_remove(&lookup->entry);
    free(lookup);
}

/* Discard old answers, and the oldest ones of too many. */
static void discard_locked(ULONGLONG now)
{
    UINT surplus = list_count(&lookups);
    struct lookup *lookup, *next;

    surplus -= min(surplus, LOOKUPS_MAX);
    LIST_FOR_EACH_ENTRY_SAFE(lookup, next, &lookups, struct lookup, entry)
    {
        if (!lookup->is_done || lookup->users || (now < lookup->expiry && !surplus))
            continue;
        surplus -= !!surplus;
        destroy_locked(lookup);
    }
}

static struct lookup *find_locked(const WCHAR *script, const struct url_origin *origin, ULONGLONG now)
{
    struct lookup *lookup;

    LIST_FOR_EACH_ENTRY(lookup, &lookups, struct lookup, entry)
    {
        if (url_origin_equals(&lookup->origin, origin) && !wcscmp(lookup->script, script)
                && (!lookup->is_done || now < lookup->expiry))
            return lookup;
    }
    return NULL;
}

static struct lookup *add_locked(const WCHAR *script, const struct url_origin *origin)
{
    UINT size = (wcslen(script) + 1) * sizeof(*script);
    const struct lookup *other;
    struct lookup *lookup;

    if (!(lookup = calloc(1, sizeof(*lookup) + size)))
        return NULL;
    memcpy(lookup->script, script, size);
    lookup->origin = *origin;
    lookup->is_started = TRUE;
    LIST_FOR_EACH_ENTRY(other, &lookups, struct lookup, entry)
    {
        /* A thread that runs this script takes this one next. */
        if (other->is_started && !other->is_done && !wcscmp(other->script, script))
            lookup->is_started = FALSE;
    }
    if (lookup->is_started && !TrySubmitThreadpoolCallback(lookup_proc, lookup, NULL))
    {
        free(lookup);
        return NULL;
    }
    list_add_tail(&lookups, &lookup->entry);
    return lookup;
}

DWORD proxy_script_find(const WCHAR *script, const struct url_origin *origin, ULONGLONG deadline,
        LONG *is_cancelled, struct proxy *proxy)
{
    ULONGLONG now = GetTickCount64();
    struct lookup *lookup;
    DWORD error;

    AcquireSRWLockExclusive(&lookup_lock);
    discard_locked(now);
    if (!(lookup = find_locked(script, origin, now)) && !(lookup = add_locked(script, origin)))
    {
        ReleaseSRWLockExclusive(&lookup_lock);
        return ERROR_OUTOFMEMORY;
    }
    lookup->users++;
    while (!lookup->is_done && !InterlockedCompareExchange(is_cancelled, 0, 0) && (now = progress_now()) < deadline)
        SleepConditionVariableSRW(&changed, &lookup_lock, min(deadline - now, INFINITE - 1), 0);
    lookup->users--;
    if (InterlockedCompareExchange(is_cancelled, 0, 0))
        error = ERROR_WINHTTP_OPERATION_CANCELLED;
    else if (!lookup->is_done)
        error = ERROR_WINHTTP_TIMEOUT;
    else if (!(error = lookup->error))
        *proxy = lookup->proxy;
    if (!lookup->users && !lookup->is_started)
        destroy_locked(lookup);
    ReleaseSRWLockExclusive(&lookup_lock);
    return error;
}

void proxy_script_wake(void)
{
    /* A caller who has looked at the flag waits by now. */
    AcquireSRWLockExclusive(&lookup_lock);
    ReleaseSRWLockExclusive(&lookup_lock);
    WakeAllConditionVariable(&changed);
}
