/*
 * Unit tests for what a stub frees of an [in] VARIANT *
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

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "objbase.h"
#include "oaidl.h"

#include "wine/test.h"

#define CALLS 100

/* Object in the apartment of the main thread, of an interface with a method that takes an [in] VARIANT *. */
static LONG writes;

static HRESULT WINAPI bag_QueryInterface(IPropertyBag *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IPropertyBag))
        return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI bag_AddRef(IPropertyBag *iface)
{
    return 2;
}

static ULONG WINAPI bag_Release(IPropertyBag *iface)
{
    return 1;
}

static HRESULT WINAPI bag_Read(IPropertyBag *iface, const OLECHAR *name, VARIANT *value, IErrorLog *log)
{
    return E_NOTIMPL;
}

static HRESULT WINAPI bag_Write(IPropertyBag *iface, const OLECHAR *name, VARIANT *value)
{
    ok(V_VT(value) == VT_I4 && V_I4(value) == 42, "got type %u.\n", V_VT(value));
    InterlockedIncrement(&writes);
    return S_OK;
}

static IPropertyBagVtbl bag_vtbl =
{
    bag_QueryInterface,
    bag_AddRef,
    bag_Release,
    bag_Read,
    bag_Write,
};

static IPropertyBag bag = { &bag_vtbl };

/* Spy that counts the blocks of COM's allocator that are in use. */
static LONG blocks;

static HRESULT WINAPI spy_QueryInterface(IMallocSpy *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IMallocSpy))
        return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI spy_AddRef(IMallocSpy *iface)
{
    return 2;
}

static ULONG WINAPI spy_Release(IMallocSpy *iface)
{
    return 1;
}

static SIZE_T WINAPI spy_PreAlloc(IMallocSpy *iface, SIZE_T size)
{
    return size;
}

static void * WINAPI spy_PostAlloc(IMallocSpy *iface, void *block)
{
    if (block)
        InterlockedIncrement(&blocks);
    return block;
}

static void * WINAPI spy_PreFree(IMallocSpy *iface, void *block, BOOL spied)
{
    if (block && spied)
        InterlockedDecrement(&blocks);
    return block;
}

static void WINAPI spy_PostFree(IMallocSpy *iface, BOOL spied)
{
}

static SIZE_T WINAPI spy_PreRealloc(IMallocSpy *iface, void *block, SIZE_T size, void **new_block, BOOL spied)
{
    *new_block = block;
    return size;
}

static void * WINAPI spy_PostRealloc(IMallocSpy *iface, void *block, BOOL spied)
{
    return block;
}

static void * WINAPI spy_PreGetSize(IMallocSpy *iface, void *block, BOOL spied)
{
    return block;
}

static SIZE_T WINAPI spy_PostGetSize(IMallocSpy *iface, SIZE_T size, BOOL spied)
{
    return size;
}

static void * WINAPI spy_PreDidAlloc(IMallocSpy *iface, void *block, BOOL spied)
{
    return block;
}

static int WINAPI spy_PostDidAlloc(IMallocSpy *iface, void *block, BOOL spied, int actual)
{
    return actual;
}

static void WINAPI spy_PreHeapMinimize(IMallocSpy *iface)
{
}

static void WINAPI spy_PostHeapMinimize(IMallocSpy *iface)
{
}

static IMallocSpyVtbl spy_vtbl =
{
    spy_QueryInterface,
    spy_AddRef,
    spy_Release,
    spy_PreAlloc,
    spy_PostAlloc,
    spy_PreFree,
    spy_PostFree,
    spy_PreRealloc,
    spy_PostRealloc,
    spy_PreGetSize,
    spy_PostGetSize,
    spy_PreDidAlloc,
    spy_PostDidAlloc,
    spy_PreHeapMinimize,
    spy_PostHeapMinimize,
};

static IMallocSpy spy = { &spy_vtbl };

/* Returns how many blocks are left by so many calls. */
static LONG write_values(IPropertyBag *proxy, unsigned int calls)
{
    LONG before = blocks;
    VARIANT value;
    HRESULT hr;

    V_VT(&value) = VT_I4;
    V_I4(&value) = 42;
    while (calls--)
    {
        hr = IPropertyBag_Write(proxy, L"name", &value);
        ok(hr == S_OK, "got hr %#lx.\n", hr);
    }
    return blocks - before;
}

static DWORD WINAPI run_client(void *stream)
{
    IPropertyBag *proxy;
    HRESULT hr;
    LONG left;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    hr = CoGetInterfaceAndReleaseStream(stream, &IID_IPropertyBag, (void **)&proxy);
    ok(hr == S_OK, "got hr %#lx.\n", hr);
    if (hr == S_OK)
    {
        ok(proxy != &bag, "got no proxy.\n");
        write_values(proxy, 1);
        left = write_values(proxy, CALLS);
        todo_wine ok(left < CALLS / 2, "%ld blocks are left of %u calls.\n", left, CALLS);
        IPropertyBag_Release(proxy);
    }
    CoUninitialize();
    return 0;
}

START_TEST(test)
{
    IStream *stream;
    HANDLE thread;
    HRESULT hr;

    hr = CoRegisterMallocSpy(&spy);
    ok(hr == S_OK, "got hr %#lx.\n", hr);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    hr = CoMarshalInterThreadInterfaceInStream(&IID_IPropertyBag, (IUnknown *)&bag, &stream);
    ok(hr == S_OK, "got hr %#lx.\n", hr);

    thread = CreateThread(NULL, 0, run_client, stream, 0, NULL);
    ok(!WaitForSingleObject(thread, 30000), "The client does not end.\n");
    CloseHandle(thread);
    ok(writes == CALLS + 1, "got %ld calls.\n", writes);

    CoUninitialize();
    CoRevokeMallocSpy();
}
