/*
 * The factory of proxies and stubs
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

/* Factory of proxies and stubs.
 *
 * Both are those of rpcrt4. Each proxy is wrapped, so that the table of identities learns of its creation and of its
 * end (identity.c), and that its channel can be wrapped, too (channel.c). */

#include <stdlib.h>

#include "dosvcps_private.h"
#include "winsvc.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

struct proxy
{
    IRpcProxyBuffer IRpcProxyBuffer_iface;
    LONG refcount;
    IRpcProxyBuffer *standard;
    IUnknown *outer;    /* borrowed; holds the only reference to the proxy */
    void *iface;        /* the clients' pointer; belongs to the standard proxy */
    struct channel channel;
};

static inline struct proxy *impl_from_IRpcProxyBuffer(IRpcProxyBuffer *iface)
{
    return CONTAINING_RECORD(iface, struct proxy, IRpcProxyBuffer_iface);
}

static HRESULT WINAPI proxy_QueryInterface(IRpcProxyBuffer *iface, REFIID riid, void **out)
{
    struct proxy *proxy = impl_from_IRpcProxyBuffer(iface);

    if (!IsEqualIID(riid, &IID_IRpcProxyBuffer) && !IsEqualIID(riid, &IID_IUnknown))
        return IRpcProxyBuffer_QueryInterface(proxy->standard, riid, out);
    IRpcProxyBuffer_AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG WINAPI proxy_AddRef(IRpcProxyBuffer *iface)
{
    struct proxy *proxy = impl_from_IRpcProxyBuffer(iface);

    return InterlockedIncrement(&proxy->refcount);
}

static ULONG WINAPI proxy_Release(IRpcProxyBuffer *iface)
{
    struct proxy *proxy = impl_from_IRpcProxyBuffer(iface);
    ULONG refcount = InterlockedDecrement(&proxy->refcount);

    if (!refcount)
    {
        TRACE("proxy %p of %p.\n", proxy->iface, proxy->outer);
        identity_remove_proxy(proxy->outer, proxy->iface);
        IRpcProxyBuffer_Release(proxy->standard);
        free(proxy);
    }
    return refcount;
}

static HRESULT WINAPI proxy_Connect(IRpcProxyBuffer *iface, IRpcChannelBuffer *channel)
{
    struct proxy *proxy = impl_from_IRpcProxyBuffer(iface);

    return IRpcProxyBuffer_Connect(proxy->standard, channel_init(&proxy->channel, channel));
}

static void WINAPI proxy_Disconnect(IRpcProxyBuffer *iface)
{
    struct proxy *proxy = impl_from_IRpcProxyBuffer(iface);

    IRpcProxyBuffer_Disconnect(proxy->standard);
}

static const IRpcProxyBufferVtbl proxy_vtbl =
{
    proxy_QueryInterface,
    proxy_AddRef,
    proxy_Release,
    proxy_Connect,
    proxy_Disconnect,
};

struct factory
{
    IPSFactoryBuffer IPSFactoryBuffer_iface;
    LONG refcount;
    IPSFactoryBuffer *standard;
};

static inline struct factory *impl_from_IPSFactoryBuffer(IPSFactoryBuffer *iface)
{
    return CONTAINING_RECORD(iface, struct factory, IPSFactoryBuffer_iface);
}

static HRESULT WINAPI factory_QueryInterface(IPSFactoryBuffer *iface, REFIID riid, void **out)
{
    if (!out)
        return E_POINTER;
    if (!IsEqualIID(riid, &IID_IPSFactoryBuffer) && !IsEqualIID(riid, &IID_IUnknown))
    {
        WARN("Interface %s not supported.\n", debugstr_guid(riid));
        *out = NULL;
        return E_NOINTERFACE;
    }
    IPSFactoryBuffer_AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG WINAPI factory_AddRef(IPSFactoryBuffer *iface)
{
    struct factory *factory = impl_from_IPSFactoryBuffer(iface);

    return InterlockedIncrement(&factory->refcount);
}

static ULONG WINAPI factory_Release(IPSFactoryBuffer *iface)
{
    struct factory *factory = impl_from_IPSFactoryBuffer(iface);
    ULONG refcount = InterlockedDecrement(&factory->refcount);

    if (!refcount)
    {
        IPSFactoryBuffer_Release(factory->standard);
        free(factory);
    }
    return refcount;
}

static HRESULT proxy_create(IPSFactoryBuffer *standard, IUnknown *outer, REFIID riid, struct proxy **out)
{
    struct proxy *proxy;
    HRESULT hr;

    if (!(proxy = calloc(1, sizeof(*proxy))))
        return E_OUTOFMEMORY;
    proxy->IRpcProxyBuffer_iface.lpVtbl = &proxy_vtbl;
    proxy->refcount = 1;
    proxy->outer = outer;
    proxy->channel.iid = *riid;

    if (SUCCEEDED(hr = identity_add_proxy(outer)))
    {
        blanket_shadow_identity(outer);
        hr = IPSFactoryBuffer_CreateProxy(standard, outer, riid, &proxy->standard, &proxy->iface);
        if (FAILED(hr))
            identity_remove_proxy(outer, NULL);
    }
    if (FAILED(hr))
    {
        free(proxy);
        return hr;
    }
    *out = proxy;
    return S_OK;
}

/* Open a handle of the service manager, which stays open for as long as the process.
 *
 * Threads of a program that activate at once all ask the service manager for the service. If their calls are the
 * first ones of the process, each gets a connection that knows its own handles alone, and Wine's RPC lets the threads
 * use one another's: such an activation fails with E_NOINTERFACE. Connections made while there is one already know
 * all handles. */
static BOOL CALLBACK connect_service_manager(INIT_ONCE *once, void *arg, void **context)
{
    if (!OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT))
        WARN("Cannot open the service manager, error %lu.\n", GetLastError());
    return TRUE;
}

static HRESULT WINAPI factory_CreateProxy(IPSFactoryBuffer *iface, IUnknown *outer, REFIID riid,
        IRpcProxyBuffer **buffer, void **out)
{
    struct factory *factory = impl_from_IPSFactoryBuffer(iface);
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    struct proxy *proxy = NULL;
    HRESULT hr;

    InitOnceExecuteOnce(&once, connect_service_manager, NULL, NULL);
    if (!outer)
        return IPSFactoryBuffer_CreateProxy(factory->standard, outer, riid, buffer, out);

    *buffer = NULL;
    *out = NULL;
    hr = proxy_create(factory->standard, outer, riid, &proxy);
    TRACE("outer %p, riid %s, hr %#lx.\n", outer, debugstr_guid(riid), hr);
    if (FAILED(hr))
        return hr;
    *buffer = &proxy->IRpcProxyBuffer_iface;
    *out = proxy->iface;
    return S_OK;
}

static HRESULT WINAPI factory_CreateStub(IPSFactoryBuffer *iface, REFIID riid, IUnknown *server, IRpcStubBuffer **out)
{
    struct factory *factory = impl_from_IPSFactoryBuffer(iface);

    TRACE("riid %s, server %p, out %p.\n", debugstr_guid(riid), server, out);
    return IPSFactoryBuffer_CreateStub(factory->standard, riid, server, out);
}

static const IPSFactoryBufferVtbl factory_vtbl =
{
    factory_QueryInterface,
    factory_AddRef,
    factory_Release,
    factory_CreateProxy,
    factory_CreateStub,
};

HRESULT factory_create(IPSFactoryBuffer *standard, REFIID riid, void **out)
{
    struct factory *factory;
    HRESULT hr;

    if (!(factory = calloc(1, sizeof(*factory))))
    {
        IPSFactoryBuffer_Release(standard);
        return E_OUTOFMEMORY;
    }
    factory->IPSFactoryBuffer_iface.lpVtbl = &factory_vtbl;
    factory->refcount = 1;
    factory->standard = standard;

    hr = IPSFactoryBuffer_QueryInterface(&factory->IPSFactoryBuffer_iface, riid, out);
    IPSFactoryBuffer_Release(&factory->IPSFactoryBuffer_iface);
    return hr;
}
