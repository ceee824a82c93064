/*
 * Whether there is a network
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

/* In doubt there is a network: to wait for one that is there is worse than to try without one. */

#include <stdarg.h>
#include <stdlib.h>

#include "winsock2.h"
#include "ws2tcpip.h"
#include "iphlpapi.h"

#include "net/http.h"
#include "base/policy.h"
#include "base/text.h"
#include "base/wineheaders.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define RECENT          30000 /* ms */
#define BUFFER_SIZE     16384
#define BUFFER_ATTEMPTS 4
#define FAR_ADDRESS     0x01010101 /* to see the route to the internet; nothing is sent */

#ifndef IF_TYPE_PPP /* of ipifcons.h */
#define IF_TYPE_PPP    23
#define IF_TYPE_TUNNEL 131
#endif

static LONG64 data_time; /* tick, or 0 */

void network_note_data(void)
{
    InterlockedExchange64(&data_time, GetTickCount64());
}

static BOOL has_recent_data(void)
{
    LONG64 time = InterlockedCompareExchange64(&data_time, 0, 0);

    return time && GetTickCount64() - time < RECENT;
}

/* Return whether the address reaches more than the local link. */
static BOOL is_address_of_use(const SOCKADDR *address)
{
    const BYTE *bytes;

    switch (address->sa_family)
    {
        case AF_INET:
            bytes = (const BYTE *)&((const SOCKADDR_IN *)address)->sin_addr;
            return bytes[0] && bytes[0] != 127 && !(bytes[0] == 169 && bytes[1] == 254);
        case AF_INET6:
            bytes = (const BYTE *)&((const SOCKADDR_IN6 *)address)->sin6_addr;
            return bytes[0] && !(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
    }
    return FALSE;
}

static BOOL is_adapter_of_use(const IP_ADAPTER_ADDRESSES *adapter)
{
    const IP_ADAPTER_UNICAST_ADDRESS *address;

    if (adapter->OperStatus != IfOperStatusUp || adapter->IfType == IF_TYPE_SOFTWARE_LOOPBACK)
        return FALSE;
    for (address = adapter->FirstUnicastAddress; address; address = address->Next)
    {
        if (is_address_of_use(address->Address.lpSockaddr))
            return TRUE;
    }
    return FALSE;
}

/* Return the adapters, which the caller frees; NULL if the system does not tell. */
static IP_ADAPTER_ADDRESSES *get_adapters(void)
{
    const ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
    IP_ADAPTER_ADDRESSES *adapters;
    ULONG size = BUFFER_SIZE, error;
    UINT i;

    for (i = 0; i < BUFFER_ATTEMPTS; i++)
    {
        if (!(adapters = malloc(size)))
            return NULL;
        if (!(error = GetAdaptersAddresses(AF_UNSPEC, flags, NULL, adapters, &size)))
            return adapters;
        free(adapters);
        if (error != ERROR_BUFFER_OVERFLOW)
        {
            WARN("error %lu.\n", error);
            return NULL;
        }
    }
    return NULL;
}

BOOL network_is_present(void)
{
    IP_ADAPTER_ADDRESSES *adapters, *adapter;
    BOOL ret = FALSE;

    if (has_recent_data() || !(adapters = get_adapters()))
        return TRUE;
    for (adapter = adapters; adapter && !ret; adapter = adapter->Next)
        ret = is_adapter_of_use(adapter);
    free(adapters);
    TRACE("%d.\n", ret);
    return ret;
}

/* Return whether the battery is in use, and has to be saved. */
static BOOL is_saving_battery(void)
{
    SYSTEM_POWER_STATUS status;
    DWORD number;

    if (!policy_get_number(POLICY_PAUSE_ON_BATTERY, &number) || !number)
        return FALSE;
    if (policy_get_number(POLICY_ON_BATTERY, &number))
        return number;
    return GetSystemPowerStatus(&status) && status.ACLineStatus == AC_LINE_OFFLINE;
}

struct cost network_get_cost(void)
{
    struct cost cost = { 0 };
    DWORD number;

    if (policy_get_number(POLICY_NETWORK_COST, &number))
        cost.state = number;
    if (policy_get_number(POLICY_NETWORK_IS_CELLULAR, &number))
        cost.is_cellular = number;
    cost.is_saving = is_saving_battery();
    return cost;
}

HRESULT network_check_cost(const struct cost_limits *limits, BOOL is_foreground)
{
    static const HRESULT results[] =
    {
        [COST_ALLOWED] = S_OK,
        [COST_BLOCKED] = DO_E_BLOCKED_BY_COST_TRANSFER_POLICY,
        [COST_BLOCKED_CELLULAR] = DO_E_BLOCKED_BY_CELLULAR_POLICY,
        [COST_BLOCKED_POWER] = DO_E_BLOCKED_BY_POWER_STATE,
    };
    struct cost cost = network_get_cost();

    return results[cost_judge(&cost, limits, is_foreground)];
}

static BOOL contains(const WCHAR *text, const WCHAR *word, UINT length)
{
    for (; text_length(text) >= length; text++)
    {
        if (text_matches(text, word, length))
            return TRUE;
    }
    return FALSE;
}

/* Return whether a text has one of the words, which are separated by commas. */
static BOOL has_keyword(const WCHAR *text, const WCHAR *words)
{
    const WCHAR *word;
    UINT length;

    while (text_take_part(&words, &word, &length))
    {
        if (length && contains(text, word, length))
            return TRUE;
    }
    return FALSE;
}

/* Return whether it is of a kind that virtual networks use. */
static BOOL is_tunnel(const IP_ADAPTER_ADDRESSES *adapter)
{
    static const char * const names[] = { "tun", "tap", "wg", "ppp", "nordlynx", "tailscale", "zt", "proton" };
    UINT i;

    if (adapter->IfType == IF_TYPE_PPP || adapter->IfType == IF_TYPE_TUNNEL)
        return TRUE;
    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        if (text_starts(adapter->FriendlyName, ~0u, names[i]))
            return TRUE;
    }
    return FALSE;
}

static BOOL is_adapter_virtual(const IP_ADAPTER_ADDRESSES *adapter, DWORD route, const WCHAR *words)
{
    if (adapter->OperStatus != IfOperStatusUp || adapter->IfType == IF_TYPE_SOFTWARE_LOOPBACK)
        return FALSE;
    return has_keyword(adapter->Description, words) || has_keyword(adapter->FriendlyName, words)
            || (adapter->IfIndex == route && is_tunnel(adapter));
}

BOOL network_is_vpn(void)
{
    IP_ADAPTER_ADDRESSES *adapters, *adapter;
    DWORD is_vpn, route = 0;
    BOOL ret = FALSE;
    WCHAR *words;

    if (policy_get_number(POLICY_NETWORK_IS_VPN, &is_vpn))
        return is_vpn != 0;
    if (!(adapters = get_adapters()))
        return FALSE;
    if (GetBestInterface(FAR_ADDRESS, &route))
        route = 0;
    words = policy_get_string(POLICY_VPN_KEYWORDS);
    for (adapter = adapters; adapter && !ret; adapter = adapter->Next)
        ret = is_adapter_virtual(adapter, route, words ? words : policy_rules[POLICY_VPN_KEYWORDS].default_value);
    free(words);
    free(adapters);
    TRACE("%d.\n", ret);
    return ret;
}
