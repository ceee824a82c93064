/*
 * The security blanket on the client's side
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

/* IClientSecurity of the proxies.
 *
 * Under Wine the IClientSecurity of every proxy answers E_NOTIMPL, and clients of Delivery Optimization give up when
 * CoSetProxyBlanket fails. So our proxies hand out an IClientSecurity of our own. It has no effect on the calls, which
 * never leave the prefix: it keeps the blanket that was set (identity.c) and reports it.
 *
 * IUnknown itself is not a proxy of ours but an object of combase, the identity, whose QueryInterface under Wine hands
 * out an IClientSecurity that can do nothing. An identity therefore gets a copy of its vtable, the shadow, in which
 * QueryInterface is ours. As proxies of all makers pass their queries on to the identity, the shadow also serves the
 * proxies of others as soon as there is one of ours. */

#include <stdlib.h>

#include "dosvcps_private.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

struct client_security
{
    IClientSecurity IClientSecurity_iface;
    LONG refcount;
    IUnknown *proxy;    /* owned; any interface pointer of the object */
};

static inline struct client_security *impl_from_IClientSecurity(IClientSecurity *iface)
{
    return CONTAINING_RECORD(iface, struct client_security, IClientSecurity_iface);
}

static HRESULT WINAPI client_security_QueryInterface(IClientSecurity *iface, REFIID riid, void **out)
{
    struct client_security *security = impl_from_IClientSecurity(iface);

    if (!IsEqualIID(riid, &IID_IClientSecurity))
        return IUnknown_QueryInterface(security->proxy, riid, out);
    IClientSecurity_AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG WINAPI client_security_AddRef(IClientSecurity *iface)
{
    struct client_security *security = impl_from_IClientSecurity(iface);

    return InterlockedIncrement(&security->refcount);
}

static ULONG WINAPI client_security_Release(IClientSecurity *iface)
{
    struct client_security *security = impl_from_IClientSecurity(iface);
    ULONG refcount = InterlockedDecrement(&security->refcount);

    if (!refcount)
    {
        IUnknown_Release(security->proxy);
        free(security);
    }
    return refcount;
}

/* Return the IUnknown by which identity.c knows the object of a proxy, or NULL. The reference is the caller's. */
static IUnknown *get_outer(IUnknown *proxy)
{
    IUnknown *outer;

    if (!proxy || FAILED(IUnknown_QueryInterface(proxy, &IID_IUnknown, (void **)&outer)))
        return NULL;
    return outer;
}

static HRESULT WINAPI client_security_QueryBlanket(IClientSecurity *iface, IUnknown *proxy, DWORD *authn_service,
        DWORD *authz_service, OLECHAR **principal, DWORD *authn_level, DWORD *imp_level, void **auth_info,
        DWORD *capabilities)
{
    struct blanket blanket;
    IUnknown *outer;
    HRESULT hr;

    TRACE("iface %p, proxy %p, authn_service %p, authz_service %p, principal %p, authn_level %p, imp_level %p, "
            "auth_info %p, capabilities %p.\n", iface, proxy, authn_service, authz_service, principal, authn_level,
            imp_level, auth_info, capabilities);

    if (!(outer = get_outer(proxy)))
        return E_INVALIDARG;
    hr = identity_get_blanket(outer, proxy, &blanket);
    IUnknown_Release(outer);
    if (FAILED(hr))
        return hr;

    if (authn_service)
        *authn_service = blanket.authn_service;
    if (authz_service)
        *authz_service = blanket.authz_service;
    if (authn_level)
        *authn_level = blanket.authn_level;
    if (imp_level)
        *imp_level = blanket.imp_level;
    if (auth_info)
        *auth_info = blanket.auth_info;
    if (capabilities)
        *capabilities = blanket.capabilities;
    if (principal)
        *principal = blanket.principal;
    else
        CoTaskMemFree(blanket.principal);
    return S_OK;
}

static HRESULT WINAPI client_security_SetBlanket(IClientSecurity *iface, IUnknown *proxy, DWORD authn_service,
        DWORD authz_service, OLECHAR *principal, DWORD authn_level, DWORD imp_level, void *auth_info,
        DWORD capabilities)
{
    struct blanket blanket = {authn_service, authz_service, authn_level, imp_level, capabilities};
    IUnknown *outer;
    HRESULT hr;

    TRACE("iface %p, proxy %p, authn_service %#lx, authz_service %#lx, principal %p, authn_level %lu, imp_level %lu, "
            "auth_info %p, capabilities %#lx.\n", iface, proxy, authn_service, authz_service, principal, authn_level,
            imp_level, auth_info, capabilities);

    if (authn_level > RPC_C_AUTHN_LEVEL_PKT_PRIVACY || imp_level > RPC_C_IMP_LEVEL_DELEGATE)
        return E_INVALIDARG;
    if (auth_info != COLE_DEFAULT_AUTHINFO)
        blanket.auth_info = auth_info;
    if (principal != COLE_DEFAULT_PRINCIPAL)
        blanket.principal = principal;

    if (!(outer = get_outer(proxy)))
        return E_INVALIDARG;
    hr = identity_set_blanket(outer, proxy, &blanket);
    IUnknown_Release(outer);
    return hr;
}

static HRESULT WINAPI client_security_CopyProxy(IClientSecurity *iface, IUnknown *proxy, IUnknown **copy)
{
    TRACE("iface %p, proxy %p, copy %p.\n", iface, proxy, copy);

    if (!proxy || !copy)
        return E_INVALIDARG;
    /* A blanket has no effect, so that a copy needs none of its own. */
    *copy = proxy;
    IUnknown_AddRef(proxy);
    return S_OK;
}

static const IClientSecurityVtbl client_security_vtbl =
{
    client_security_QueryInterface,
    client_security_AddRef,
    client_security_Release,
    client_security_QueryBlanket,
    client_security_SetBlanket,
    client_security_CopyProxy,
};

static HRESULT client_security_create(IUnknown *proxy, IClientSecurity **out)
{
    struct client_security *security;

    if (!out)
        return E_POINTER;
    *out = NULL;
    if (!(security = malloc(sizeof(*security))))
        return E_OUTOFMEMORY;
    security->IClientSecurity_iface.lpVtbl = &client_security_vtbl;
    security->refcount = 1;
    security->proxy = proxy;
    IUnknown_AddRef(proxy);

    *out = &security->IClientSecurity_iface;
    return S_OK;
}

static SRWLOCK shadow_lock = SRWLOCK_INIT;

/* Protected by shadow_lock, and never changed once they are set. */
static IMultiQIVtbl shadow;
static const IMultiQIVtbl *original;

static HRESULT WINAPI shadow_QueryInterface(IMultiQI *iface, REFIID riid, void **out)
{
    if (IsEqualIID(riid, &IID_IClientSecurity))
        return client_security_create((IUnknown *)iface, (IClientSecurity **)out);
    return original->QueryInterface(iface, riid, out);
}

/* Return whether the vtable has the four entries of IMultiQI. */
static BOOL is_multi_qi(IUnknown *outer)
{
    IMultiQI *multi;
    BOOL ret;

    if (FAILED(IUnknown_QueryInterface(outer, &IID_IMultiQI, (void **)&multi)))
        return FALSE;
    ret = (void *)multi == (void *)outer;
    IMultiQI_Release(multi);
    return ret;
}

/* Keep this DLL loaded for ever. Objects with our vtable may outlive everything else that would: clients release them
 * after CoUninitialize. */
static BOOL pin_module(void)
{
    static const DWORD flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    HMODULE module;

    return GetModuleHandleExW(flags, (const WCHAR *)&shadow, &module);
}

void blanket_shadow_identity(IUnknown *outer)
{
    const IMultiQIVtbl *vtbl = ((IMultiQI *)outer)->lpVtbl;

    if (vtbl == &shadow || !is_multi_qi(outer))
        return;

    AcquireSRWLockExclusive(&shadow_lock);
    if (!original && pin_module())
    {
        shadow = *vtbl;
        shadow.QueryInterface = shadow_QueryInterface;
        original = vtbl;
    }
    if (vtbl == original)
        InterlockedExchangePointer((void **)outer, &shadow);
    else
        WARN("Identity %p has the vtable %p instead of %p.\n", outer, vtbl, original);
    ReleaseSRWLockExclusive(&shadow_lock);
}

/* The first entry of the vtables of all our proxies, see proxy.h. */
HRESULT STDMETHODCALLTYPE blanket_QueryInterface_Proxy(IUnknown *iface, REFIID riid, void **out)
{
    IUnknown *outer;
    BOOL is_known;

    if (!IsEqualIID(riid, &IID_IClientSecurity) || !(outer = get_outer(iface)))
        return IUnknown_QueryInterface_Proxy(iface, riid, out);

    is_known = identity_is_known(outer);
    IUnknown_Release(outer);
    if (!is_known)
        return IUnknown_QueryInterface_Proxy(iface, riid, out);
    return client_security_create(iface, (IClientSecurity **)out);
}
