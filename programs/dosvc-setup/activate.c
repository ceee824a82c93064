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

#include "deliveryoptimizationjob.h"

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
HRESULT create_manager(const WCHAR *class_text, const WCHAR *interface_name, void **manager)
{
    const struct registration_interface *iface = find_interface(interface_name);
    CLSID clsid;
    HRESULT hr;
    IID iid;

    if (FAILED(hr = CLSIDFromString(class_text, &clsid)) || FAILED(hr = IIDFromString(iface->iid, &iid)))
        return hr;
    return CoCreateInstance(&clsid, NULL, CLSCTX_LOCAL_SERVER, &iid, manager);
}

IUnknown *get_interface(IUnknown *object, const WCHAR *name)
{
    IUnknown *ret = NULL;
    IID iid;

    if (SUCCEEDED(IIDFromString(find_interface(name)->iid, &iid)))
        IUnknown_QueryInterface(object, &iid, (void **)&ret);
    return ret;
}

static HRESULT try_manager(void)
{
    IUnknown *manager;
    HRESULT hr;

    if (SUCCEEDED(hr = create_manager(DOSVC_CLSID_TEXT, L"IBackgroundCopyManager", (void **)&manager)))
        IUnknown_Release(manager);
    return hr;
}

/* Wine's own jobs do not have this interface. */
static HRESULT try_bits_job(void)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    IUnknown *job5;
    HRESULT hr;
    GUID id;

    if (FAILED(hr = create_manager(BITS_CLSID_TEXT, L"IBackgroundCopyManager", (void **)&manager)))
        return hr;
    if (SUCCEEDED(hr = IBackgroundCopyManager_CreateJob(manager, L"dosvc-setup", BG_JOB_TYPE_DOWNLOAD, &id, &job)))
    {
        if ((job5 = get_interface((IUnknown *)job, L"IBackgroundCopyJob5")))
            IUnknown_Release(job5);
        else
            hr = E_NOINTERFACE;
        IBackgroundCopyJob_Cancel(job);
        IBackgroundCopyJob_Release(job);
    }
    IBackgroundCopyManager_Release(manager);
    return hr;
}

static enum activation try_activation(HRESULT (*func)(void), UINT works, UINT fails)
{
    ULONGLONG start = GetTickCount64();
    HRESULT hr;

    if (SUCCEEDED(hr = CoInitializeEx(NULL, COINIT_MULTITHREADED)))
    {
        hr = func();
        CoUninitialize();
    }
    if (FAILED(hr))
    {
        print(fails, NATIVE_WIDTH, hr);
        return ACTIVATION_FAILS;
    }
    print(works, NATIVE_WIDTH, (DWORD)(GetTickCount64() - start));
    return ACTIVATION_WORKS;
}

enum activation activate(void)
{
    return try_activation(try_manager, IDS_ACTIVATED, IDS_NOT_ACTIVATED);
}

enum activation activate_bits(void)
{
    return try_activation(try_bits_job, IDS_BITS_ACTIVATED, IDS_BITS_NOT_ACTIVATED);
}
