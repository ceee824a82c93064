/*
 * Bounds for what the stubs of enumerators allocate
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

/* The stub of a Next method allocates room for as many pointers as the client asks
 * for, 16 GB at most, before the enumerator is called. The service therefore has
 * stubs of its own for the three enumerators: those of the proxy DLL, with another
 * Invoke, which lowers the number to one more than the enumerator has left. The
 * client gets the same elements, and S_FALSE, as it would without. */

#define CINTERFACE
#include "com/com.h"
#include "rpcproxy.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define NEXT_METHOD 3 /* of IEnumUnknown and those like it */

struct bounded_interface
{
    const IID *iid;
    IPSFactoryBuffer *standard;   /* owned for as long as the process */
    IRpcStubBufferVtbl *original; /* of its stubs */
    CInterfaceStubVtbl stub_vtbl; /* rpcrt4 looks for the header in front of a stub's methods */
};

static struct bounded_interface interfaces[] =
{
    { &IID_IEnumBackgroundCopyJobs },
    { &IID_IEnumBackgroundCopyFiles },
    { &IID_IEnumUnknown },
};

/* A class of this process alone. */
static const CLSID clsid_factory = { 0x0a9b4f59, 0x6d0f, 0x4c83, { 0x9b, 0x5e, 0x1f, 0x7c, 0x8a, 0x42, 0xd6, 0x31 } };

static HRESULT WINAPI stub_Invoke(IRpcStubBuffer *iface, RPCOLEMESSAGE *message, IRpcChannelBuffer *channel)
{
    struct bounded_interface *bounded = CONTAINING_RECORD(iface->lpVtbl, struct bounded_interface, stub_vtbl.Vtbl);
    ULONG *count = message->Buffer; /* the first argument */
    UINT left;

    if (message->iMethod == NEXT_METHOD && message->cbBuffer >= sizeof(*count))
    {
        left = enum_count_left(((CStdStubBuffer *)iface)->pvServerObject);
        *count = min(*count, left + 1);
    }
    return bounded->original->Invoke(iface, message, channel);
}

DEFINE_STATIC_IUNKNOWN(factory, IPSFactoryBuffer)

static struct bounded_interface *find_interface(REFIID iid)
{
    UINT i;

    for (i = 0; i < ARRAY_SIZE(interfaces); i++)
    {
        if (interfaces[i].standard && IsEqualGUID(interfaces[i].iid, iid))
            return &interfaces[i];
    }
    return NULL;
}

static HRESULT WINAPI factory_CreateProxy(IPSFactoryBuffer *iface, IUnknown *outer, REFIID iid, IRpcProxyBuffer **proxy,
        void **out)
{
    struct bounded_interface *bounded = find_interface(iid);

    return bounded ? IPSFactoryBuffer_CreateProxy(bounded->standard, outer, iid, proxy, out) : E_NOINTERFACE;
}

/* The first stub, which hold_stubs makes before any client calls, fills in the methods of all. */
static HRESULT WINAPI factory_CreateStub(IPSFactoryBuffer *iface, REFIID iid, IUnknown *server, IRpcStubBuffer **out)
{
    struct bounded_interface *bounded = find_interface(iid);
    HRESULT hr;

    if (!bounded)
        return E_NOINTERFACE;
    if (FAILED(hr = IPSFactoryBuffer_CreateStub(bounded->standard, iid, server, out)))
        return hr;
    if (!bounded->original)
    {
        bounded->stub_vtbl = *CONTAINING_RECORD((*out)->lpVtbl, CInterfaceStubVtbl, Vtbl);
        bounded->original = (*out)->lpVtbl;
        bounded->stub_vtbl.Vtbl.Invoke = stub_Invoke;
    }
    (*out)->lpVtbl = &bounded->stub_vtbl.Vtbl;
    return hr;
}

static IPSFactoryBufferVtbl factory_vtbl =
{
    factory_QueryInterface,
    factory_AddRef,
    factory_Release,
    factory_CreateProxy,
    factory_CreateStub,
};

static IPSFactoryBuffer factory = { &factory_vtbl };

static HRESULT take_interface(struct bounded_interface *bounded)
{
    CLSID clsid;
    HRESULT hr;

    if (SUCCEEDED(hr = CoGetPSClsid(bounded->iid, &clsid)) && SUCCEEDED(hr = CoGetClassObject(&clsid,
            CLSCTX_INPROC_SERVER, NULL, &IID_IPSFactoryBuffer, (void **)&bounded->standard)))
        hr = CoRegisterPSClsid(bounded->iid, &clsid_factory);
    return hr;
}

HRESULT enum_bound_stubs(void)
{
    DWORD cookie;
    HRESULT hr;
    UINT i;

    hr = CoRegisterClassObject(&clsid_factory, (IUnknown *)&factory, CLSCTX_INPROC_SERVER, REGCLS_MULTIPLEUSE, &cookie);
    for (i = 0; i < ARRAY_SIZE(interfaces) && SUCCEEDED(hr); i++)
        hr = take_interface(&interfaces[i]);
    if (FAILED(hr))
        WARN("stubs of enumerators stay unbounded, hr %#lx.\n", hr);
    return hr;
}
