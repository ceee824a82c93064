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

static const struct registration_interface *find_interface(const WCHAR *name)
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
static HRESULT create_manager(void)
{
    const struct registration_interface *iface = find_interface(L"IBackgroundCopyManager");
    IUnknown *manager;
    CLSID clsid;
    HRESULT hr;
    IID iid;

    if (!iface)
        return E_NOINTERFACE;
    if (FAILED(hr = CLSIDFromString(DOSVC_CLSID_TEXT, &clsid)) || FAILED(hr = IIDFromString(iface->iid, &iid)))
        return hr;
    if (SUCCEEDED(hr = CoCreateInstance(&clsid, NULL, CLSCTX_LOCAL_SERVER, &iid, (void **)&manager)))
        IUnknown_Release(manager);
    return hr;
}

enum activation activate(void)
{
    ULONGLONG start = GetTickCount64();
    HRESULT hr;

    if (SUCCEEDED(hr = CoInitializeEx(NULL, COINIT_MULTITHREADED)))
    {
        hr = create_manager();
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
