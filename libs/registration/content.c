/*
 * Values of the registry, without the journal
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

DWORD content_read(REGSAM view, const WCHAR *path, const WCHAR *name, struct content *content)
{
    DWORD ret;
    HKEY key;

    memset(content, 0, sizeof(*content));
    if ((ret = RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE | view, &key)))
        return ret == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : ret;
    if (!(ret = RegQueryValueExW(key, name, NULL, &content->type, NULL, &content->size)))
    {
        /* An empty value has data, too. */
        if (!(content->data = calloc(1, content->size + sizeof(WCHAR))))
            ret = ERROR_OUTOFMEMORY;
        else
            ret = RegQueryValueExW(key, name, NULL, &content->type, content->data, &content->size);
    }
    RegCloseKey(key);
    if (ret)
        content_free(content);
    return ret == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : ret;
}

DWORD content_write(REGSAM view, const WCHAR *path, const WCHAR *name, const struct content *content)
{
    DWORD ret;
    HKEY key;

    if ((ret = RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_SET_VALUE | view, NULL, &key, NULL)))
        return ret;
    ret = RegSetValueExW(key, name, 0, content->type, content->data, content->size);
    RegCloseKey(key);
    return ret;
}

DWORD content_delete(REGSAM view, const WCHAR *path, const WCHAR *name)
{
    DWORD ret;
    HKEY key;

    if ((ret = RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_SET_VALUE | view, &key)))
        return ret == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : ret;
    ret = RegDeleteValueW(key, name);
    RegCloseKey(key);
    return ret == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : ret;
}

BOOL content_is_equal(const struct content *a, const struct content *b)
{
    return a->data && b->data && a->type == b->type && a->size == b->size && !memcmp(a->data, b->data, a->size);
}

void content_free(struct content *content)
{
    free(content->data);
    memset(content, 0, sizeof(*content));
}

BOOL key_exists(REGSAM view, const WCHAR *path)
{
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE | view, &key))
        return FALSE;
    RegCloseKey(key);
    return TRUE;
}

BOOL key_is_empty(REGSAM view, const WCHAR *path)
{
    DWORD keys = 1, values = 1;
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE | view, &key))
        return FALSE;
    RegQueryInfoKeyW(key, NULL, NULL, NULL, &keys, NULL, NULL, &values, NULL, NULL, NULL, NULL);
    RegCloseKey(key);
    return !keys && !values;
}
