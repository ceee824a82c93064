/*
 * Settings of administrators, for the time of a test
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

#ifndef __DOSVC_TESTS_POLICY_H
#define __DOSVC_TESTS_POLICY_H

#include <winreg.h>

#define POLICIES L"SOFTWARE\\Policies\\Microsoft\\Windows\\DeliveryOptimization"
#define DO_SETTINGS L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\DeliveryOptimization\\Settings"

/* A value as it was before a test. */
struct former_value
{
    const WCHAR *key, *name;
    REGSAM view;
    BOOL is_set;
    DWORD type, size;
    BYTE data[1024];
};

static struct former_value former_values[64];
static unsigned int former_value_count;

static inline void keep_former_value(HKEY key, const WCHAR *path, const WCHAR *name, REGSAM view)
{
    struct former_value *former;
    unsigned int i;

    for (i = 0; i < former_value_count; ++i)
    {
        former = &former_values[i];
        if (!wcscmp(former->key, path) && !wcscmp(former->name, name) && former->view == view)
            return;
    }
    former = &former_values[former_value_count];
    ok(former_value_count < ARRAY_SIZE(former_values), "Too many values.\n");
    former->key = path;
    former->name = name;
    former->view = view;
    former->size = sizeof(former->data);
    former->is_set = !RegQueryValueExW(key, name, NULL, &former->type, former->data, &former->size);
    ++former_value_count;
}

/* Set a value, or remove it if there is no data. restore_settings() brings back what was there. FALSE, and a skip, if
 * this user may not. The path and the name outlive the test. */
static inline BOOL set_value(const char *id, const WCHAR *path, const WCHAR *name, DWORD type, const void *data,
        DWORD size, REGSAM view)
{
    LSTATUS error;
    HKEY key;

    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_QUERY_VALUE | KEY_SET_VALUE | view, NULL, &key, NULL))
    {
        skip("%s: this user may not change settings.\n", id);
        return FALSE;
    }
    keep_former_value(key, path, name, view);
    error = data ? RegSetValueExW(key, name, 0, type, data, size) : RegDeleteValueW(key, name);
    ok(!error || (!data && error == ERROR_FILE_NOT_FOUND), "%s: got error %ld.\n", id, error);
    RegCloseKey(key);
    return TRUE;
}

static inline BOOL set_do_setting(const char *id, const WCHAR *path, const WCHAR *name, DWORD number)
{
    return set_value(id, path, name, REG_DWORD, &number, sizeof(number), KEY_WOW64_64KEY);
}

static inline BOOL set_policy(const char *id, const WCHAR *name, DWORD number)
{
    return set_do_setting(id, POLICIES, name, number);
}

static inline BOOL set_policy_text(const char *id, const WCHAR *name, const WCHAR *text)
{
    return set_value(id, POLICIES, name, REG_SZ, text, (wcslen(text) + 1) * sizeof(*text), KEY_WOW64_64KEY);
}

static inline void remove_do_setting(const WCHAR *path, const WCHAR *name)
{
    set_value("", path, name, 0, NULL, 0, KEY_WOW64_64KEY);
}

static inline void remove_policy(const WCHAR *name)
{
    remove_do_setting(POLICIES, name);
}

/* Bring back all values that were there before, and no others. A key that is empty then goes. */
static inline void restore_settings(void)
{
    const struct former_value *former;
    DWORD values;
    HKEY key;

    while (former_value_count)
    {
        former = &former_values[--former_value_count];
        if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, former->key, 0, KEY_QUERY_VALUE | KEY_SET_VALUE | former->view, &key))
            continue;
        if (former->is_set)
            RegSetValueExW(key, former->name, 0, former->type, former->data, former->size);
        else
            RegDeleteValueW(key, former->name);
        if (RegQueryInfoKeyW(key, NULL, NULL, NULL, NULL, NULL, NULL, &values, NULL, NULL, NULL, NULL))
            values = 1;
        RegCloseKey(key);
        if (!values)
            RegDeleteKeyExW(HKEY_LOCAL_MACHINE, former->key, former->view, 0);
    }
}

#endif /* __DOSVC_TESTS_POLICY_H */
