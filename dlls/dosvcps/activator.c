/*
 * The class object of the service, as a client gets it
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

/* Unmarshaling of the entry in Wine's table of class objects (factory.c of dosvc).
 *
 * Each client that activates the class runs this code, which reads a reference to the class object from a pipe of the
 * service, and starts the service when the pipe is not there. documentation/activation.md says why the table has no
 * reference of its own. */

#include "dosvcps_private.h"
#include "registration.h"
#include "servprov.h"
#include "winsvc.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define START_TIMEOUT  30000 /* milliseconds, as Wine's own activation */
#define POLL_INTERVAL  20    /* milliseconds */

static LONG references; /* of the three objects in this file, which have no other state */

static HRESULT query_interface(REFIID riid, void **out);

/* Define the methods of IUnknown for one of these objects. */
#define DEFINE_IUNKNOWN(prefix, type) \
static HRESULT WINAPI prefix##_QueryInterface(type *iface, REFIID riid, void **out) \
{ \
    return query_interface(riid, out); \
} \
 \
static ULONG WINAPI prefix##_AddRef(type *iface) \
{ \
    return InterlockedIncrement(&references); \
} \
 \
static ULONG WINAPI prefix##_Release(type *iface) \
{ \
    return InterlockedDecrement(&references); \
}

BOOL has_activators(void)
{
    return references != 0;
}

/* Service that has a class, and the pipe of it. */
struct server
{
    const WCHAR *service;
    const WCHAR *pipe;
};

/* All classes but that of Delivery Optimization are those of BITS. */
static const struct server *get_server(const CLSID *clsid)
{
    static const struct server dosvc = { DOSVC_SERVICE_NAME, DOSVC_PIPE_NAME };
    static const struct server bits = { BITS_SERVICE_NAME, BITS_PIPE_NAME };

    return IsEqualGUID(clsid, &CLSID_DeliveryOptimization) ? &dosvc : &bits;
}

static HRESULT read_reference(const struct server *server, IStream *stream)
{
    BYTE buffer[DOSVC_REFERENCE_SIZE];
    HRESULT hr = S_OK;
    HANDLE pipe;
    DWORD size;

    pipe = CreateFileW(server->pipe, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (pipe == INVALID_HANDLE_VALUE)
        return HRESULT_FROM_WIN32(GetLastError());
    if (!ReadFile(pipe, buffer, sizeof(buffer), &size, NULL))
        hr = HRESULT_FROM_WIN32(GetLastError());
    CloseHandle(pipe);
    return FAILED(hr) ? hr : IStream_Write(stream, buffer, size, NULL);
}

static DWORD start_service(const struct server *server)
{
    SC_HANDLE manager, service = NULL;
    DWORD ret = ERROR_SUCCESS;

    if (!(manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT))
            || !(service = OpenServiceW(manager, server->service, SERVICE_START))
            || !StartServiceW(service, 0, NULL))
        ret = GetLastError();
    if (service)
        CloseServiceHandle(service);
    if (manager)
        CloseServiceHandle(manager);
    return ret;
}

/* Try until the service answers. The service manager says that a service which is just starting or ending runs, so one
 * request to start it is not enough. */
static HRESULT await_reference(const struct server *server, IStream *stream)
{
    ULONGLONG end = GetTickCount64() + START_TIMEOUT;
    HRESULT hr;
    DWORD ret;

    while (FAILED(hr = read_reference(server, stream)))
    {
        TRACE("hr %#lx.\n", hr);
        if (GetTickCount64() >= end)
            break;
        if (hr != HRESULT_FROM_WIN32(ERROR_PIPE_BUSY) && (ret = start_service(server)))
        {
            TRACE("The service does not start, error %lu.\n", ret);
            if (ret == ERROR_SERVICE_DOES_NOT_EXIST || ret == ERROR_SERVICE_DISABLED)
                return HRESULT_FROM_WIN32(ret);
        }
        Sleep(POLL_INTERVAL);
    }
    return hr;
}

static HRESULT get_class_object(const struct server *server, REFIID riid, void **out)
{
    static const LARGE_INTEGER begin;
    IStream *stream;
    HRESULT hr;

    if (FAILED(hr = CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return hr;
    if (SUCCEEDED(hr = await_reference(server, stream))
            && SUCCEEDED(hr = IStream_Seek(stream, begin, STREAM_SEEK_SET, NULL)))
        hr = CoUnmarshalInterface(stream, riid, out);
    IStream_Release(stream);
    return hr;
}

/* Class factory of the object that unmarshals. */

DEFINE_IUNKNOWN(factory, IClassFactory)

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID riid, void **out)
{
    *out = NULL;
    return outer ? CLASS_E_NOAGGREGATION : query_interface(riid, out);
}

static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
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

/* IMarshal, which unmarshals entries of the class table, and makes none. */

DEFINE_IUNKNOWN(marshal, IMarshal)

static HRESULT WINAPI marshal_GetUnmarshalClass(IMarshal *iface, REFIID riid, void *object, DWORD context,
        void *context_data, DWORD flags, CLSID *clsid)
{
    return E_NOTIMPL;
}

static HRESULT WINAPI marshal_GetMarshalSizeMax(IMarshal *iface, REFIID riid, void *object, DWORD context,
        void *context_data, DWORD flags, DWORD *size)
{
    return E_NOTIMPL;
}

static HRESULT WINAPI marshal_MarshalInterface(IMarshal *iface, IStream *stream, REFIID riid, void *object,
        DWORD context, void *context_data, DWORD flags)
{
    return E_NOTIMPL;
}

static HRESULT WINAPI marshal_UnmarshalInterface(IMarshal *iface, IStream *stream, REFIID riid, void **out)
{
    TRACE("riid %s.\n", debugstr_guid(riid));
    return query_interface(riid, out);
}

static HRESULT WINAPI marshal_ReleaseMarshalData(IMarshal *iface, IStream *stream)
{
    return S_OK;
}

static HRESULT WINAPI marshal_DisconnectObject(IMarshal *iface, DWORD reserved)
{
    return S_OK;
}

static const IMarshalVtbl marshal_vtbl =
{
    marshal_QueryInterface,
    marshal_AddRef,
    marshal_Release,
    marshal_GetUnmarshalClass,
    marshal_GetMarshalSizeMax,
    marshal_MarshalInterface,
    marshal_UnmarshalInterface,
    marshal_ReleaseMarshalData,
    marshal_DisconnectObject,
};

/* IServiceProvider, which Wine's COM asks for the class object. */

DEFINE_IUNKNOWN(provider, IServiceProvider)

static HRESULT WINAPI provider_QueryService(IServiceProvider *iface, REFGUID clsid, REFIID riid, void **out)
{
    HRESULT hr;

    *out = NULL;
    hr = get_class_object(get_server(clsid), riid, out);
    TRACE("clsid %s, riid %s, hr %#lx.\n", debugstr_guid(clsid), debugstr_guid(riid), hr);
    return hr;
}

static const IServiceProviderVtbl provider_vtbl =
{
    provider_QueryInterface,
    provider_AddRef,
    provider_Release,
    provider_QueryService,
};

static HRESULT query_interface(REFIID riid, void **out)
{
    static IClassFactory factory = { (IClassFactoryVtbl *)&factory_vtbl };
    static IMarshal marshal = { (IMarshalVtbl *)&marshal_vtbl };
    static IServiceProvider provider = { (IServiceProviderVtbl *)&provider_vtbl };

    if (IsEqualIID(riid, &IID_IClassFactory) || IsEqualIID(riid, &IID_IUnknown))
        *out = &factory;
    else if (IsEqualIID(riid, &IID_IMarshal))
        *out = &marshal;
    else if (IsEqualIID(riid, &IID_IServiceProvider))
        *out = &provider;
    else
    {
        *out = NULL;
        return E_NOINTERFACE;
    }
    InterlockedIncrement(&references);
    return S_OK;
}

HRESULT activator_create(void **out)
{
    return query_interface(&IID_IClassFactory, out);
}
