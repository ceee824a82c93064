/*
 * The BITS front in place of Wine's
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

/* Wine's registry names qmgr.dll as the DLL of the service BITS, so the file is all that changes (bits-front 2.1). */

#include "registration_private.h"

#include "winsvc.h"

/* Entries of the front in the class table of RpcSs; com/class_table.c makes the key. It is volatile. */
#define ENTRIES_KEY BITS_PARAMETERS_KEY L"\\ClassTable"

/* RpcSs goes on referring clients to a process of Wine's BITS that was ended by force, and no other process can revoke
 * its entry. This key has COM take another class; it is volatile, as the table of RpcSs is. */
#define DIVERSION_KEY L"Software\\Classes\\CLSID\\" BITS_CLSID_TEXT L"\\TreatAs"

static BOOL is_active(void)
{
    return registration_get_front() == REGISTRATION_FRONT_ACTIVE;
}

static BOOL has_entries(void)
{
    return key_exists(get_native_view(), ENTRIES_KEY) && !key_is_empty(get_native_view(), ENTRIES_KEY);
}

DWORD registration_retire_front(void)
{
    DWORD ret;

    /* Otherwise the service is Wine's. */
    if (!has_entries() && !is_active())
        return ERROR_SUCCESS;
    ret = service_stop(BITS_SERVICE_NAME, DOSVC_CONTROL_REPLACE);
    /* A service that was killed has left its entries, and no other program can revoke them. One that cannot start does
     * not keep itself from being removed. */
    if (!ret && has_entries() && is_active() && !service_start(BITS_SERVICE_NAME))
        ret = service_stop(BITS_SERVICE_NAME, DOSVC_CONTROL_REPLACE);
    if (!ret)
        RegDeleteKeyExW(HKEY_LOCAL_MACHINE, ENTRIES_KEY, get_native_view(), 0);
    return ret;
}

DWORD registration_divert_class(REGSAM view)
{
    DWORD ret;
    HKEY key;

    if ((ret = RegCreateKeyExW(HKEY_LOCAL_MACHINE, DIVERSION_KEY, 0, NULL, REG_OPTION_VOLATILE, KEY_SET_VALUE | view,
            NULL, &key, NULL)))
        return ret;
    ret = RegSetValueExW(key, NULL, 0, REG_SZ, (const BYTE *)front_clsids[0],
            (wcslen(front_clsids[0]) + 1) * sizeof(WCHAR));
    RegCloseKey(key);
    return ret;
}

BOOL registration_is_class_diverted(void)
{
    return key_exists(get_native_view(), DIVERSION_KEY);
}

void front_end_diversion(REGSAM view)
{
    RegDeleteKeyExW(HKEY_LOCAL_MACHINE, DIVERSION_KEY, view ? view : get_native_view(), 0);
}

/* Wine writes the name with a path. */
static enum registration_state get_service_dll_state(void)
{
    enum registration_state ret = REGISTRATION_WRONG;
    struct content content;
    const WCHAR *name;

    if (content_read(get_native_view(), BITS_PARAMETERS_KEY, L"ServiceDll", &content))
        return ret;
    if (!content.data)
        return REGISTRATION_MISSING;
    name = wcsrchr(content.data, '\\');
    if (!wcsicmp(name ? name + 1 : content.data, L"qmgr.dll"))
        ret = REGISTRATION_OK;
    content_free(&content);
    return ret;
}

void front_verify(registration_check check, void *context)
{
    if (registration_get_front() != REGISTRATION_FRONT_NONE)
        check(context, L"HKLM\\" BITS_PARAMETERS_KEY L", ServiceDll", get_service_dll_state());
}
