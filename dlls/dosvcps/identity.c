/*
 * The objects that a client holds proxies of
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

/* A client takes IClientSecurity from a proxy, sets a blanket, drops the
 * IClientSecurity and later asks again. So the blanket has to outlive the object
 * that set it, and must not outlive the proxy: another proxy may come to lie at
 * the same address. Nobody tells of a proxy's last Release, since most
 * references are counted inside combase. What is told, to the factory of the
 * proxies, is their creation and their end (factory.c). Hence this table: an
 * entry for each identity, made with its first proxy of ours and freed with its
 * last one, which carries the blankets of all interface pointers of that
 * identity. A blanket whose pointer is a proxy of ours goes with that proxy.
 *
 * IUnknown itself is not a proxy of ours but an object of combase, whose
 * QueryInterface under Wine hands out an IClientSecurity that can do nothing.
 * An identity therefore gets a copy of its vtable in which QueryInterface is
 * ours. As proxies of all makers pass their queries on to the identity, that
 * also serves the proxies of others as soon as there is one of ours. */

#include <stdlib.h>

#include "dosvcps_private.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

struct record
{
    struct record *next;
    void *proxy;            /* borrowed, as a name */
    struct blanket blanket;
};

struct identity
{
    struct identity *next;
    IUnknown *outer;        /* borrowed: it holds the proxies */
    unsigned int proxies;
    struct record *records;
};

static SRWLOCK lock = SRWLOCK_INIT;

/* protected by lock */
static struct identity *identities[64];
static unsigned int identity_count;
static IMultiQIVtbl shadow;

/* Set with the shadow, and never changed. */
static const IMultiQIVtbl *original;

static HRESULT WINAPI shadow_QueryInterface(IMultiQI *iface, REFIID riid, void **out)
{
    if (IsEqualIID(riid, &IID_IClientSecurity))
        return client_security_create((IUnknown *)iface, (IClientSecurity **)out);
    return original->QueryInterface(iface, riid, out);
}

/* Proves that the vtable has four entries. */
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

/* Objects with our vtable may outlive everything that keeps a DLL loaded:
 * clients release them after CoUninitialize. */
static BOOL pin_module(void)
{
    static const DWORD flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    HMODULE module;

    return GetModuleHandleExW(flags, (const WCHAR *)&shadow, &module);
}

/* Only on objects whose vtable is the one that was copied first: all others
 * are left alone. */
static void shadow_identity(IUnknown *outer)
{
    const IMultiQIVtbl *vtbl = ((IMultiQI *)outer)->lpVtbl;

    if (vtbl == &shadow || !is_wine() || !is_multi_qi(outer))
        return;

    AcquireSRWLockExclusive(&lock);
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
    ReleaseSRWLockExclusive(&lock);
}

/* The caller must hold the lock. Gives where the entry is linked, or would be. */
static struct identity **find_identity(IUnknown *outer)
{
    struct identity **link = &identities[((ULONG_PTR)outer >> 5) % ARRAY_SIZE(identities)];

    while (*link && (*link)->outer != outer)
        link = &(*link)->next;
    return link;
}

/* The caller must hold the lock. */
static struct record **find_record(struct identity *identity, void *proxy)
{
    struct record **link = &identity->records;

    while (*link && (*link)->proxy != proxy)
        link = &(*link)->next;
    return link;
}

static void remove_record(struct record **link)
{
    struct record *record = *link;

    *link = record->next;
    CoTaskMemFree(record->blanket.principal);
    free(record);
}

HRESULT identity_add_proxy(IUnknown *outer)
{
    struct identity *identity, **link;

    AcquireSRWLockExclusive(&lock);
    link = find_identity(outer);
    if (!*link && (identity = calloc(1, sizeof(*identity))))
    {
        identity->outer = outer;
        *link = identity;
        identity_count++;
    }
    if ((identity = *link))
        identity->proxies++;
    ReleaseSRWLockExclusive(&lock);

    if (!identity)
        return E_OUTOFMEMORY;
    shadow_identity(outer);
    return S_OK;
}

void identity_remove_proxy(IUnknown *outer, void *proxy)
{
    struct identity *identity, **link;
    struct record **record;

    AcquireSRWLockExclusive(&lock);
    link = find_identity(outer);
    identity = *link;
    if (*(record = find_record(identity, proxy)))
        remove_record(record);
    if (!--identity->proxies)
    {
        while (identity->records)
            remove_record(&identity->records);
        *link = identity->next;
        free(identity);
        identity_count--;
    }
    ReleaseSRWLockExclusive(&lock);
}

BOOL identity_is_known(IUnknown *outer)
{
    BOOL ret;

    AcquireSRWLockShared(&lock);
    ret = !!*find_identity(outer);
    ReleaseSRWLockShared(&lock);
    return ret;
}

BOOL has_identities(void)
{
    BOOL ret;

    AcquireSRWLockShared(&lock);
    ret = !!identity_count;
    ReleaseSRWLockShared(&lock);
    return ret;
}

/* The caller must hold the lock. */
static HRESULT set_record(struct identity *identity, void *proxy, const struct blanket *blanket)
{
    struct record **link = find_record(identity, proxy);

    if (!*link)
    {
        if (!(*link = calloc(1, sizeof(**link))))
            return E_OUTOFMEMORY;
        (*link)->proxy = proxy;
    }
    CoTaskMemFree((*link)->blanket.principal);
    (*link)->blanket = *blanket;
    return S_OK;
}

HRESULT identity_set_blanket(IUnknown *outer, void *proxy, const struct blanket *blanket)
{
    struct identity *identity;
    HRESULT hr;

    AcquireSRWLockExclusive(&lock);
    identity = *find_identity(outer);
    hr = identity ? set_record(identity, proxy, blanket) : E_INVALIDARG;
    ReleaseSRWLockExclusive(&lock);
    return hr;
}

/* The caller must hold the lock. */
static HRESULT get_record(struct identity *identity, void *proxy, struct blanket *blanket)
{
    /* What a client sees that set nothing. */
    static const struct blanket initial =
    {
        .authn_service = RPC_C_AUTHN_NONE,
        .authz_service = RPC_C_AUTHZ_NONE,
        .authn_level = RPC_C_AUTHN_LEVEL_NONE,
        .imp_level = RPC_C_IMP_LEVEL_IDENTIFY,
        .capabilities = EOAC_NONE,
    };
    struct record *record = *find_record(identity, proxy);

    *blanket = record ? record->blanket : initial;
    if (!blanket->principal)
        return S_OK;
    blanket->principal = copy_string(blanket->principal);
    return blanket->principal ? S_OK : E_OUTOFMEMORY;
}

HRESULT identity_get_blanket(IUnknown *outer, void *proxy, struct blanket *blanket)
{
    struct identity *identity;
    HRESULT hr;

    AcquireSRWLockShared(&lock);
    identity = *find_identity(outer);
    hr = identity ? get_record(identity, proxy, blanket) : E_INVALIDARG;
    ReleaseSRWLockShared(&lock);
    return hr;
}
