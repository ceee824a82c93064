/*
 * The class object: published, published again, revoked
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

/* Windows is given the class object as usual. Wine would keep it in its table of class objects when the service has
 * been killed. There clients find code of dosvcps.dll instead (activator.c), which reads a reference to the class
 * object from a pipe. A pipe ends with its process, so nobody is ever referred to a dead one. */

#include "com/com.h"
#include "base/front.h"
#include "registration.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* RpcSs may be stopped by an administrator, and then the table is empty. In milliseconds. */
#define TABLE_INTERVAL 25000
#define RETRY_INTERVAL 1000

#define CLSIDS_MAX 8

static DWORD cookies[CLSIDS_MAX]; /* of the classes of the front; 0 while one is not registered with COM */
static HANDLE stop_event, client_event;
static HANDLE pipe;     /* in which nobody is yet */
static CLSID proxy_clsid;

DEFINE_STATIC_IUNKNOWN(factory, IClassFactory)

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID riid, void **out)
{
    struct com_object *object;
    HRESULT hr;

    TRACE("iface %p, outer %p, riid %s, out %p.\n", iface, outer, debugstr_guid(riid), out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (outer)
        return CLASS_E_NOAGGREGATION;
    if (!(object = com_object_create(com_front->manager, NULL, NULL)))
        return E_OUTOFMEMORY;
    hr = com_object_query_interface(object, riid, out);
    com_object_release(object);
    return hr;
}

static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
    TRACE("iface %p, lock %d.\n", iface, lock);

    /* The service does not stop when it is idle, so there is nothing to lock. */
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl =
{
    factory_QueryInterface,
    factory_AddRef,
    factory_Release,
    factory_CreateInstance,
    factory_LockServer,
};

static IClassFactory factory = { (IClassFactoryVtbl *)&factory_vtbl };

/* Set client_event when somebody is in the new pipe, or has been: it takes nobody else then. */
static HRESULT listen_to_pipe(void)
{
    static OVERLAPPED overlapped;
    HRESULT hr;

    overlapped.hEvent = client_event;
    pipe = CreateNamedPipeW(front->pipe_name, PIPE_ACCESS_OUTBOUND | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE,
            PIPE_UNLIMITED_INSTANCES, DOSVC_REFERENCE_SIZE, 0, 0, NULL);
    if (pipe == INVALID_HANDLE_VALUE)
    {
        hr = HRESULT_FROM_WIN32(GetLastError());
        WARN("cannot make a pipe, hr %#lx.\n", hr);
        return hr;
    }
    if (ConnectNamedPipe(pipe, &overlapped) || GetLastError() != ERROR_IO_PENDING)
        SetEvent(client_event);
    return S_OK;
}

/* Write a reference to the class object. It fits into the pipe, so no client can keep this from returning. */
static void write_reference(HANDLE client)
{
    OVERLAPPED overlapped = { 0 };
    HGLOBAL memory;
    IStream *stream;
    HRESULT hr;
    DWORD size;

    if (FAILED(CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return;
    if (FAILED(hr = CoMarshalInterface(stream, &IID_IClassFactory, (IUnknown *)&factory, MSHCTX_LOCAL, NULL,
            MSHLFLAGS_NORMAL)) || FAILED(hr = GetHGlobalFromStream(stream, &memory)))
    {
        ERR("cannot refer to the class object, hr %#lx.\n", hr);
    }
    else
    {
        if (!WriteFile(client, GlobalLock(memory), min(GlobalSize(memory), DOSVC_REFERENCE_SIZE), NULL, &overlapped)
                && (GetLastError() != ERROR_IO_PENDING || !GetOverlappedResult(client, &overlapped, &size, TRUE)))
            WARN("cannot write, error %lu.\n", GetLastError());
        GlobalUnlock(memory);
    }
    IStream_Release(stream);
}

static HRESULT enter_class_table(void)
{
    HRESULT hr = S_OK;
    UINT i;

    for (i = 0; SUCCEEDED(hr) && i < com_front->codes->clsid_count; i++)
        hr = class_table_enter(&com_front->codes->clsids[i], &proxy_clsid);
    return hr;
}

static DWORD WINAPI pipe_proc(void *arg)
{
    HANDLE events[2] = { stop_event, client_event }, client;
    DWORD wait;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    while ((wait = WaitForMultipleObjects(2, events, FALSE,
            pipe == INVALID_HANDLE_VALUE ? RETRY_INTERVAL : TABLE_INTERVAL)) != WAIT_OBJECT_0)
    {
        if (wait == WAIT_TIMEOUT && pipe != INVALID_HANDLE_VALUE)
            enter_class_table();
        client = pipe;
        /* The next client finds a pipe at any time. */
        if (wait != WAIT_TIMEOUT || pipe == INVALID_HANDLE_VALUE)
            listen_to_pipe();
        if (wait != WAIT_TIMEOUT)
        {
            write_reference(client);
            CloseHandle(client);
        }
    }
    CloseHandle(pipe);
    CoUninitialize();
    return 0;
}

/* End the process at once: Wine would start a debugger, for which clients had to wait. */
static LONG WINAPI exception_filter(EXCEPTION_POINTERS *info)
{
    ERR("unhandled exception %#lx at %p.\n", info->ExceptionRecord->ExceptionCode,
            info->ExceptionRecord->ExceptionAddress);
    TerminateProcess(GetCurrentProcess(), info->ExceptionRecord->ExceptionCode);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* When the last stub of an interface goes away, Wine's COM unregisters the
 * interface from RPC and waits for its calls to end. Just as one ends, it was
 * seen to wait for ever, with locks held that every client needs. So one object
 * of each kind keeps a stub of each of its interfaces. */
static void hold_stub(IStream *stream, IUnknown *object, const IID *iid)
{
    HRESULT hr;

    if (FAILED(hr = CoMarshalInterface(stream, iid, object, MSHCTX_LOCAL, NULL, MSHLFLAGS_TABLESTRONG)))
        WARN("%s, hr %#lx.\n", debugstr_guid(iid), hr);
}

/* The objects are of no job or download: none of their methods is ever called. */
static void hold_stubs(void)
{
    const struct com_object_class * const classes[] =
    {
        com_front->manager, com_front->job, com_front->file, &bg_error_class, &do_download_class,
        &enum_jobs_class, &enum_files_class, &enum_unknown_class,
    };
    struct com_object *object;
    IStream *stream;
    UINT i, j;

    if (FAILED(CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return;
    hold_stub(stream, (IUnknown *)&factory, &IID_IClassFactory);
    for (i = 0; i < ARRAY_SIZE(classes) && (object = com_object_create(classes[i], NULL, NULL)); i++)
    {
        for (j = 0; j < classes[i]->count; j++)
            hold_stub(stream, object->base.unknown, classes[i]->interfaces[j].iid);
    }
    IStream_Release(stream);
}

static HRESULT start_pipe(void)
{
    HANDLE thread;
    HRESULT hr;

    if (!(client_event = CreateEventW(NULL, FALSE, FALSE, NULL))
            || !(stop_event = CreateEventW(NULL, TRUE, FALSE, NULL)))
        return HRESULT_FROM_WIN32(GetLastError());
    if (FAILED(hr = listen_to_pipe()))
        return hr;
    if (!(thread = CreateThread(NULL, 0, pipe_proc, NULL, 0, NULL)))
        return HRESULT_FROM_WIN32(GetLastError());
    CloseHandle(thread);
    return S_OK;
}

static HRESULT register_classes(void)
{
    HRESULT hr = S_OK;
    UINT i;

    for (i = 0; SUCCEEDED(hr) && i < com_front->codes->clsid_count; i++)
        hr = CoRegisterClassObject(&com_front->codes->clsids[i], (IUnknown *)&factory, CLSCTX_LOCAL_SERVER,
                REGCLS_MULTIPLEUSE, &cookies[i]);
    return hr;
}

HRESULT factory_publish(void)
{
    HRESULT hr;

    if (is_wine())
    {
        enum_bound_stubs();
        hold_stubs();
        SetUnhandledExceptionFilter(exception_filter);
        if (SUCCEEDED(hr = CoGetPSClsid(&IID_IDosvcStatus, &proxy_clsid)) && SUCCEEDED(hr = enter_class_table()))
            return start_pipe();
        WARN("the class table cannot be used, hr %#lx.\n", hr);
    }
    return register_classes();
}

void factory_revoke(void)
{
    UINT i;

    for (i = 0; i < com_front->codes->clsid_count; i++)
    {
        if (cookies[i])
            CoRevokeClassObject(cookies[i]);
    }
    if (stop_event)
        SetEvent(stop_event);
}

void factory_forget(void)
{
    UINT i;

    for (i = 0; i < com_front->codes->clsid_count; i++)
        class_table_revoke(&com_front->codes->clsids[i]);
}
