/*
 * Registering, unregistering and verifying
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

struct check_context
{
    registration_check check;
    void *context;
};

static DWORD write_values(enum value_group group, REGSAM view, const WCHAR *path)
{
    return for_each_value(group, view, path, value_write, NULL);
}

static DWORD remove_values(enum value_group group, REGSAM view)
{
    return for_each_value(group, view, NULL, value_remove, NULL);
}

DWORD registration_register_service(void)
{
    DWORD ret;

    /* The service would be started with the width of its creator. */
    if (registration_is_wow64())
        return ERROR_EXE_MACHINE_TYPE_MISMATCH;
    if ((ret = service_register()) || (ret = write_values(VALUES_SERVICE, 0, NULL))
            || (ret = write_values(VALUES_CLASS, 0, NULL)))
        return ret;
    return registration_is_64bit_prefix() ? write_values(VALUES_CLASS, KEY_WOW64_32KEY, NULL) : ERROR_SUCCESS;
}

DWORD registration_unregister_service(void)
{
    DWORD ret, ret32, stopped;

    if (registration_is_wow64())
        return ERROR_EXE_MACHINE_TYPE_MISMATCH;
    stopped = registration_stop_service();
    ret32 = registration_is_64bit_prefix() ? remove_values(VALUES_CLASS, KEY_WOW64_32KEY) : ERROR_SUCCESS;
    if (!(ret = remove_values(VALUES_CLASS, 0)))
        ret = ret32;
    if (!ret)
        ret = remove_values(VALUES_SERVICE, 0);
    if (!ret)
        ret = service_unregister();
    journal_close();
    return ret ? ret : stopped;
}

/* A 32-bit process may know the folder of its DLLs as system32. */
static BOOL is_redirected(const WCHAR *path)
{
    WCHAR folder[MAX_PATH];
    UINT length = GetSystemDirectoryW(folder, ARRAY_SIZE(folder));

    return registration_is_wow64() && !wcsnicmp(path, folder, length) && path[length] == '\\';
}

DWORD registration_register_proxies(REGSAM view, const WCHAR *path)
{
    WCHAR folder[MAX_PATH / 2], real[MAX_PATH];

    if (!is_redirected(path))
        return write_values(VALUES_PROXIES, view, path);
    GetSystemWow64DirectoryW(folder, ARRAY_SIZE(folder));
    swprintf(real, ARRAY_SIZE(real), L"%s%s", folder, wcsrchr(path, '\\'));
    return write_values(VALUES_PROXIES, view, real);
}

DWORD registration_unregister_proxies(REGSAM view)
{
    DWORD ret = remove_values(VALUES_PROXIES, view);

    journal_close();
    return ret;
}

DWORD registration_register_bits(REGSAM view)
{
    return write_values(VALUES_BITS, view, NULL);
}

DWORD registration_unregister_bits(REGSAM view)
{
    DWORD ret = remove_values(VALUES_BITS, view);

    journal_close();
    return ret;
}

BOOL registration_is_installed(void)
{
    return !journal_is_empty() || files_are_there();
}

BOOL registration_is_registered(void)
{
    return journal_has_values();
}

static DWORD check_value(const struct value *value, void *context)
{
    struct check_context *args = context;
    WCHAR subject[SUBJECT_LENGTH];

    value_get_subject(value, subject);
    args->check(args->context, subject, value_get_state(value));
    return ERROR_SUCCESS;
}

static DWORD check_written_value(const struct value *value, void *context)
{
    return value_is_written(value) ? check_value(value, context) : ERROR_SUCCESS;
}

static void verify_proxies(REGSAM view, struct check_context *context)
{
    WCHAR path[MAX_PATH];

    if (view & KEY_WOW64_32KEY)
        GetSystemWow64DirectoryW(path, ARRAY_SIZE(path));
    else
        GetSystemDirectoryW(path, ARRAY_SIZE(path));
    wcscat(path, L"\\dosvcps.dll");
    for_each_value(VALUES_PROXIES, view, path, check_value, context);
    for_each_value(VALUES_BITS, view, path, check_written_value, context);
}

void registration_verify(registration_check check, void *context)
{
    struct check_context args = {check, context};

    files_verify(check, context);
    service_verify(check, context);
    for_each_value(VALUES_SERVICE, 0, NULL, check_value, &args);
    for_each_value(VALUES_CLASS, 0, NULL, check_value, &args);
    verify_proxies(0, &args);
    if (registration_is_64bit_prefix())
        for_each_value(VALUES_CLASS, KEY_WOW64_32KEY, NULL, check_value, &args);
    if (registration_has_32bit_dlls())
        verify_proxies(KEY_WOW64_32KEY, &args);
}

enum registration_owner registration_get_owner(const struct registration_interface *iface, REGSAM view)
{
    enum registration_owner owner = REGISTRATION_OWNER_NONE;
    struct content content;
    WCHAR key[100];

    swprintf(key, ARRAY_SIZE(key), L"Software\\Classes\\Interface\\%s\\ProxyStubClsid32", iface->iid);
    if (content_read(view, key, NULL, &content))
        return owner;
    if (content.data)
        owner = wcsicmp(content.data, DOSVC_PROXY_CLSID_TEXT) ? REGISTRATION_OWNER_OTHER : REGISTRATION_OWNER_DOSVC;
    content_free(&content);
    return owner;
}
