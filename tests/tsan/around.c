/*
 * The engine's surroundings without a network, policies and a log
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

#include "base/front.h"
#include "base/log.h"
#include "base/policy.h"
#include "base/policy_rules.h"
#include "base/settings.h"
#include "disk/leftover.h"
#include "engine/transfer.h"
#include "net/connection.h"
#include "net/counters.h"
#include "net/credentials.h"
#include "net/http.h"

#include "bcrypt.h"

static const struct front test_front = { .temporary_prefix = L"tsan", .user_agent = L"tsan" };
const struct front *front = &test_front;

LONG log_level;

void log_write(enum log_level level, const char *function, const char *format, ...)
{
}

int compat_dbg_enabled(enum __wine_debug_class cls, struct __wine_debug_channel *channel)
{
    return FALSE;
}

int compat_dbg_log(enum __wine_debug_class cls, struct __wine_debug_channel *channel, const char *function,
        const char *format, ...)
{
    return 0;
}

const char *wine_dbg_sprintf(const char *format, ...)
{
    return "";
}

const char *wine_dbgstr_an(const char *text, int length)
{
    return "";
}

const char *wine_dbgstr_wn(const WCHAR *text, int length)
{
    return "";
}

const char *wine_dbgstr_longlong(ULONGLONG value)
{
    return "";
}

DWORD settings_get_number(enum setting setting)
{
    return setting == SETTING_MAX_CONNECTIONS ? 8 : 0;
}

BOOL policy_get_number(enum policy policy, DWORD *number)
{
    return FALSE;
}

WCHAR *policy_get_string(enum policy policy)
{
    return NULL;
}

void counters_add(BOOL is_foreground, BOOL is_cached, UINT bytes)
{
}

void counters_add_connection(BOOL is_cached, LONG change)
{
}

void counters_add_file(void)
{
}

struct credentials *credentials_addref(struct credentials *credentials)
{
    return credentials;
}

void credentials_release(struct credentials *credentials)
{
}

HRESULT leftover_note(const WCHAR *name, struct leftover *place)
{
    return S_OK;
}

void leftover_forget(struct leftover *place)
{
}

/* Nothing waits in a socket, for a connection or for a script. */

void tcp_interrupt(struct tcp *tcp)
{
}

void connection_wake(void)
{
}

void proxy_script_wake(void)
{
}

UINT limiter_take(BOOL is_foreground, BOOL is_near, UINT size, DWORD *wait)
{
    return size;
}

void limiter_settle(BOOL is_foreground, BOOL is_near, UINT taken, UINT received)
{
}

BOOL network_is_present(void)
{
    return TRUE;
}

struct cost network_get_cost(void)
{
    return (struct cost){ 0 };
}

HRESULT network_check_cost(const struct cost_limits *limits, BOOL is_foreground)
{
    return S_OK;
}

BOOL network_is_vpn(void)
{
    return FALSE;
}

void network_note_data(void)
{
}

/* No pieces are verified, so nothing is hashed. */

NTSTATUS WINAPI BCryptOpenAlgorithmProvider(BCRYPT_ALG_HANDLE *algorithm, const WCHAR *name, const WCHAR *provider,
        ULONG flags)
{
    return -1;
}

NTSTATUS WINAPI BCryptCloseAlgorithmProvider(BCRYPT_ALG_HANDLE algorithm, ULONG flags)
{
    return -1;
}

NTSTATUS WINAPI BCryptCreateHash(BCRYPT_ALG_HANDLE algorithm, BCRYPT_HASH_HANDLE *hash, UCHAR *object,
        ULONG object_size, UCHAR *secret, ULONG secret_size, ULONG flags)
{
    return -1;
}

NTSTATUS WINAPI BCryptHashData(BCRYPT_HASH_HANDLE hash, UCHAR *data, ULONG size, ULONG flags)
{
    return -1;
}

NTSTATUS WINAPI BCryptFinishHash(BCRYPT_HASH_HANDLE hash, UCHAR *output, ULONG size, ULONG flags)
{
    return -1;
}

NTSTATUS WINAPI BCryptDestroyHash(BCRYPT_HASH_HANDLE hash)
{
    return -1;
}
