/*
 * dosvc-setup: one activation of the service
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

#define COBJMACROS
#include "setup.h"

#include "objbase.h"

#define NATIVE_WIDTH ((unsigned int)sizeof(void *) * 8)

const struct registration_interface *find_interface(const WCHAR *name)
{
    unsigned int i;

    for (i = 0; i < registration_interface_count; ++i)
    {
        if (!wcscmp(registration_interfaces[i].name, name))
            return &registration_interfaces[i];
    }
    return NULL;
}

/* Never in this process, so the pointer is a proxy and the service works. */
HRESULT create_manager(const WCHAR *interface_name, void **manager)
{
    const struct registration_interface *iface = find_interface(interface_name);
    CLSID clsid;
    HRESULT hr;
    IID iid;

    if (FAILED(hr = CLSIDFromString(DOSVC_CLSID_TEXT, &clsid)) || FAILED(hr = IIDFromString(iface->iid, &iid)))
        return hr;
    return CoCreateInstance(&clsid, NULL, CLSCTX_LOCAL_SERVER, &iid, manager);
}

enum activation activate(void)
{
    ULONGLONG start = GetTickCount64();
    IUnknown *manager;
    HRESULT hr;

    if (SUCCEEDED(hr = CoInitializeEx(NULL, COINIT_MULTITHREADED)))
    {
        hr = create_manager(L"IBackgroundCopyManager", (void **)&manager);
        if (SUCCEEDED(hr))
            IUnknown_Release(manager);
        CoUninitialize();
    }
    if (FAILED(hr))
    {
        print(IDS_NOT_ACTIVATED, NATIVE_WIDTH, hr);
        return ACTIVATION_FAILS;
    }
    print(IDS_ACTIVATED, NATIVE_WIDTH, (DWORD)(GetTickCount64() - start));
    return ACTIVATION_WORKS;
}
