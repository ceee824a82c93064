/*
 * Settings that administrators make, as the registry has them
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

#include <string.h>

#include "base/policy_registry.h"

#define DATA_MAX 8192 /* bytes of a value; a longer one is no sensible setting */

#define DELIVERY_OPTIMIZATION L"Microsoft\\Windows\\CurrentVersion\\DeliveryOptimization\\Settings"

/* In a Wine prefix the account of the service has no keys, unless a program makes them. */
const struct policy_place policy_places[POLICY_PLACE_COUNT] =
{
    { HKEY_LOCAL_MACHINE, L"SOFTWARE\\Policies\\Microsoft\\Windows\\DeliveryOptimization", PROVIDER_POLICY },
    { HKEY_USERS, L"S-1-5-20\\Software\\" DELIVERY_OPTIMIZATION, PROVIDER_SETTINGS },
    { HKEY_LOCAL_MACHINE, L"SOFTWARE\\" DELIVERY_OPTIMIZATION, PROVIDER_SETTINGS },
};

const struct policy_place policy_bits_place =
    { HKEY_LOCAL_MACHINE, L"SOFTWARE\\Policies\\Microsoft\\Windows\\BITS", PROVIDER_POLICY };

static HKEY open_place(const struct policy_place *place)
{
    HKEY key;

    if (RegOpenKeyExW(place->root, place->path, 0, KEY_READ | KEY_WOW64_64KEY, &key))
        return NULL;
    return key;
}

/* Read the value of this name. FALSE if there is none that will do. */
static BOOL read_value(HKEY key, const struct policy_rule *rule, const WCHAR *name, struct policy_value *value)
{
    DWORD type, size = DATA_MAX;
    LSTATUS error;
    BYTE data[DATA_MAX];

    if ((error = RegQueryValueExW(key, name, NULL, &type, data, &size)) == ERROR_FILE_NOT_FOUND)
        return FALSE;
    if (!error && policy_parse_number(rule, type, data, size, &value->number))
        return TRUE;
    if (!error && (value->text = policy_parse_text(rule, type, data, size)))
        return TRUE;
    value->rejected = name;
    return FALSE;
}

void policy_read(enum policy policy, const struct policy_place *places, UINT count, struct policy_value *value)
{
    const struct policy_rule *rule = &policy_rules[policy];
    BOOL is_found = FALSE;
    HKEY key;
    UINT i;

    memset(value, 0, sizeof(*value));
    if (rule->is_of_bits)
    {
        places = &policy_bits_place;
        count = 1;
    }
    for (i = 0; i < count && !is_found; i++)
    {
        if ((rule->is_setting && places[i].provider == PROVIDER_POLICY) || !(key = open_place(&places[i])))
            continue;
        is_found = read_value(key, rule, rule->name, value)
                || (rule->alias && read_value(key, rule, rule->alias, value));
        if (is_found)
            value->provider = places[i].provider;
        RegCloseKey(key);
    }
}

UINT64 policy_place_time(const struct policy_place *place)
{
    HKEY key = open_place(place);
    FILETIME time = {0};

    if (!key)
        return 0;
    RegQueryInfoKeyW(key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &time);
    RegCloseKey(key);
    return (UINT64)time.dwHighDateTime << 32 | time.dwLowDateTime;
}
