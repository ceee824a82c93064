/*
 * Limits of the bandwidth, and the registry values that set them
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

/* Limits of the bandwidth: one for the foreground and one for the background. Bodies are received in pieces of the size
 * that is allowed here. */

#include "net/http.h"
#include "base/front.h"
#include "base/ratelimit.h"
#include "base/text.h"

#include "winreg.h"

#define UNIT 1024 /* bytes; the values are in KB per second */
#define READ_INTERVAL 1000 /* ms until settings are read again */

struct source
{
    HKEY root;
    const WCHAR *path;
};

/* Places of the settings of Delivery Optimization; the first that has a value counts. BITS has its own key. */
static const struct source policies[] =
{
    { HKEY_LOCAL_MACHINE, L"SOFTWARE\\Policies\\Microsoft\\Windows\\DeliveryOptimization" },
    { HKEY_USERS, L"S-1-5-20\\Software\\Microsoft\\Windows\\CurrentVersion\\DeliveryOptimization\\Settings" },
    { HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\DeliveryOptimization\\Settings" },
};

/* Read a number, also one in a string; anything else counts as absent. */
static BOOL read_number(const struct source *source, const WCHAR *name, UINT *number)
{
    DWORD size = sizeof(*number);
    WCHAR text[16];
    BOOL is_found;
    HKEY key;

    if (RegOpenKeyExW(source->root, source->path, 0, KEY_READ | KEY_WOW64_64KEY, &key))
        return FALSE;
    is_found = !RegGetValueW(key, NULL, name, RRF_RT_REG_DWORD, NULL, number, &size);
    size = sizeof(text);
    if (!is_found && !RegGetValueW(key, NULL, name, RRF_RT_REG_SZ, NULL, text, &size))
        is_found = text_parse_number(text, text_length(text), ~0u, number);
    RegCloseKey(key);
    return is_found;
}

static BOOL find_number(const WCHAR *name, UINT *number)
{
    const struct source own = { HKEY_LOCAL_MACHINE, front->parameters_key };
    UINT i;

    if (!front->has_policies)
        return read_number(&own, name, number);
    for (i = 0; i < ARRAY_SIZE(policies); i++)
    {
        if (read_number(&policies[i], name, number))
            return TRUE;
    }
    return FALSE;
}

/* Return the limit in bytes per second; 0: none. */
static UINT64 get_limit(BOOL is_foreground)
{
    UINT number;

    if (!find_number(is_foreground ? L"DOMaxForegroundDownloadBandwidth" : L"DOMaxBackgroundDownloadBandwidth", &number)
            && !find_number(L"DOMaxDownloadBandwidth", &number))
        return 0;
    return (UINT64)number * UNIT;
}

static SRWLOCK limiter_lock = SRWLOCK_INIT;
/* protected by limiter_lock */
static struct ratelimit limits[2]; /* of the background and of the foreground */
static ULONGLONG read_time; /* 0: not yet */

/* Return the time in microseconds. Tokens come with the ticks of the system's clock. */
static UINT64 get_time(void)
{
    return GetTickCount64() * 1000;
}

static void update_locked(UINT64 now)
{
    UINT i;

    if (read_time && now / 1000 - read_time < READ_INTERVAL)
        return;
    read_time = max(now / 1000, 1);
    for (i = 0; i < ARRAY_SIZE(limits); i++)
        ratelimit_set(&limits[i], get_limit(i), now);
}

UINT limiter_take(BOOL is_foreground, UINT size, DWORD *wait)
{
    UINT64 now = get_time(), delay;

    AcquireSRWLockExclusive(&limiter_lock);
    update_locked(now);
    size = ratelimit_take(&limits[!!is_foreground], size, now, &delay);
    ReleaseSRWLockExclusive(&limiter_lock);
    /* A limit may be lifted meanwhile. */
    *wait = min((delay + 999) / 1000, READ_INTERVAL);
    return size;
}

void limiter_return(BOOL is_foreground, UINT size)
{
    if (!size)
        return;
    AcquireSRWLockExclusive(&limiter_lock);
    ratelimit_return(&limits[!!is_foreground], size);
    ReleaseSRWLockExclusive(&limiter_lock);
}
