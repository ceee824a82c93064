/*
 * Unit tests for what a proxy reads of its arguments
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

#ifdef __x86_64__

#define STACK_SIZE 0x40000
#define PAGE_SIZE  0x1000

/* Object in the apartment of the main thread, with a method of four arguments. */
static HRESULT WINAPI dispatch_QueryInterface(IDispatch *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IDispatch))
        return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI dispatch_AddRef(IDispatch *iface)
{
    return 2;
}

static ULONG WINAPI dispatch_Release(IDispatch *iface)
{
    return 1;
}

static HRESULT WINAPI dispatch_GetTypeInfoCount(IDispatch *iface, UINT *count)
{
    *count = 0;
    return S_OK;
}

static HRESULT WINAPI dispatch_GetTypeInfo(IDispatch *iface, UINT index, LCID lcid, ITypeInfo **info)
{
    *info = NULL;
    return DISP_E_BADINDEX;
}

static HRESULT WINAPI dispatch_GetIDsOfNames(IDispatch *iface, REFIID iid, LPOLESTR *names, UINT count, LCID lcid,
        DISPID *ids)
{
    return E_NOTIMPL;
}

static HRESULT WINAPI dispatch_Invoke(IDispatch *iface, DISPID id, REFIID iid, LCID lcid, WORD flags,
        DISPPARAMS *params, VARIANT *result, EXCEPINFO *info, UINT *error)
{
    return E_NOTIMPL;
}

static IDispatchVtbl dispatch_vtbl =
{
    dispatch_QueryInterface,
    dispatch_AddRef,
    dispatch_Release,
    dispatch_GetTypeInfoCount,
    dispatch_GetTypeInfo,
    dispatch_GetIDsOfNames,
    dispatch_Invoke,
};

static IDispatch dispatch = { &dispatch_vtbl };

/* Page behind the stack. It is made accessible when it is touched. */
static BYTE *stack_end;
static LONG touches;

static LONG CALLBACK handler(EXCEPTION_POINTERS *info)
{
    const EXCEPTION_RECORD *record = info->ExceptionRecord;
    ULONG_PTR address = record->ExceptionInformation[1];
    DWORD old;

    if (record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION || address - (ULONG_PTR)stack_end >= PAGE_SIZE)
        return EXCEPTION_CONTINUE_SEARCH;
    ++touches;
    VirtualProtect(stack_end, PAGE_SIZE, PAGE_READWRITE, &old);
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* Calls a function of four arguments whose places are the last ones of the stack. */
static HRESULT call_at_end(void *func, void *arg1, UINT arg2, LCID arg3, void *arg4)
{
    register void *top __asm__("r12") = stack_end - 4 * sizeof(void *);
    register void *r13 __asm__("r13") = func;
    register ULONG_PTR r8 __asm__("r8") = arg3;
    register void *r9 __asm__("r9") = arg4;
    NT_TIB *tib = (NT_TIB *)NtCurrentTeb(), old = *tib;
    HRESULT hr;

    tib->StackBase = stack_end;
    tib->StackLimit = stack_end - STACK_SIZE;
    __asm__("movq %%rsp, %%rbx\n\t"
            "movq %[top], %%rsp\n\t"
            "call *%[func]\n\t"
            "movq %%rbx, %%rsp"
            : "=a"(hr), "+c"(arg1), "+d"(arg2), "+r"(r8), "+r"(r9)
            : [top]"r"(top), [func]"r"(r13)
            : "rbx", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "cc", "memory");
    tib->StackBase = old.StackBase;
    tib->StackLimit = old.StackLimit;
    return hr;
}

static DWORD WINAPI run_client(void *stream)
{
    ITypeInfo *info = (ITypeInfo *)0xdeadbeef;
    IDispatch *proxy;
    HRESULT hr;
    void *cookie;
    DWORD old;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    hr = CoGetInterfaceAndReleaseStream(stream, &IID_IDispatch, (void **)&proxy);
    ok(hr == S_OK, "got hr %#lx.\n", hr);
    ok(proxy != &dispatch, "got no proxy.\n");
    hr = IDispatch_GetTypeInfo(proxy, 0, 0, &info);
    ok(hr == DISP_E_BADINDEX, "got hr %#lx.\n", hr);

    stack_end = (BYTE *)VirtualAlloc(NULL, STACK_SIZE + PAGE_SIZE, MEM_COMMIT, PAGE_READWRITE) + STACK_SIZE;
    VirtualProtect(stack_end, PAGE_SIZE, PAGE_NOACCESS, &old);
    cookie = AddVectoredExceptionHandler(TRUE, handler);
    hr = call_at_end(proxy->lpVtbl->GetTypeInfo, proxy, 0, 0, &info);
    RemoveVectoredExceptionHandler(cookie);
    ok(hr == DISP_E_BADINDEX, "got hr %#lx.\n", hr);
    todo_wine ok(!touches, "The page behind the stack was touched.\n");

    IDispatch_Release(proxy);
    CoUninitialize();
    return 0;
}

START_TEST(test)
{
    IStream *stream;
    HANDLE thread;
    HRESULT hr;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    hr = CoMarshalInterThreadInterfaceInStream(&IID_IDispatch, (IUnknown *)&dispatch, &stream);
    ok(hr == S_OK, "got hr %#lx.\n", hr);
    thread = CreateThread(NULL, 0, run_client, stream, 0, NULL);
    ok(!WaitForSingleObject(thread, 30000), "The client does not end.\n");
    CloseHandle(thread);
    CoUninitialize();
}

#else

START_TEST(test)
{
    skip("Written for x86_64.\n");
}

#endif
