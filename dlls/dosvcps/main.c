/*
 * Entry points of dosvcps.dll
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

#include "dosvcps_private.h"
#include "olectl.h"
#include "registration.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* The functions that rpcproxy.h generates in dlldata.c. */
HRESULT WINAPI standard_DllGetClassObject(REFCLSID clsid, REFIID riid, void **out);
HRESULT WINAPI standard_DllCanUnloadNow(void);

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID riid, void **out)
{
    IPSFactoryBuffer *standard;
    HRESULT hr;

    TRACE("clsid %s, riid %s, out %p.\n", debugstr_guid(clsid), debugstr_guid(riid), out);

    /* Windows answers IClientSecurity itself, and means it. */
    if (!is_wine())
        return standard_DllGetClassObject(clsid, riid, out);

    *out = NULL;
    if (IsEqualIID(riid, &IID_IClassFactory) && IsEqualCLSID(clsid, &CLSID_PSFactoryBuffer))
        return activator_create(out);
    if (FAILED(hr = standard_DllGetClassObject(clsid, &IID_IPSFactoryBuffer, (void **)&standard)))
        return hr;
    return factory_create(standard, riid, out);
}

HRESULT WINAPI DllCanUnloadNow(void)
{
    return has_identities() || has_activators() ? S_FALSE : standard_DllCanUnloadNow();
}

/* Wine's build supplies these two functions, from the registration that widl writes. */
#ifndef __WINESRC__

HRESULT WINAPI DllRegisterServer(void)
{
    static const DWORD flags = GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    REGSAM view = registration_get_own_view();
    WCHAR path[MAX_PATH];
    HMODULE module;
    DWORD ret;

    TRACE("\n");

    GetModuleHandleExW(flags, (const WCHAR *)&DllRegisterServer, &module);
    if (!(ret = GetModuleFileNameW(module, path, ARRAY_SIZE(path))) || ret == ARRAY_SIZE(path))
        return HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
    if (!(ret = registration_register_proxies(view, path)))
        ret = registration_register_bits(view);
    return HRESULT_FROM_WIN32(ret);
}

HRESULT WINAPI DllUnregisterServer(void)
{
    REGSAM view = registration_get_own_view();
    DWORD ret, first;

    TRACE("\n");

    first = registration_unregister_bits(view);
    ret = registration_unregister_proxies(view);
    return HRESULT_FROM_WIN32(first ? first : ret);
}

#endif
