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

/* Table of the blankets that clients have set on proxies.
 *
 * A client takes IClientSecurity from a proxy, sets a blanket, drops the IClientSecurity and later asks again. So the
 * blanket has to outlive the object that set it, and must not outlive the proxy: another proxy may come to lie at the
 * same address. Nobody tells of a proxy's last Release, since combase counts most of the references itself. The
 * factory of the proxies does learn of their creation and of their end (factory.c). Hence this table: an entry for
 * each identity, made with its first proxy of ours and freed with its last one, which carries the blankets of all
 * interface pointers of that identity. A blanket whose pointer is a proxy of ours goes with that proxy. */

#include <stdlib.h>

#include "dosvcps_private.h"

struct record
{
    struct record *next;
    void *proxy;            /* borrowed, as a name */
    struct blanket blanket;
};

struct identity
{
    struct identity *next;
    IUnknown *outer;        /* borrowed; holds the proxies */
    unsigned int proxies;
    struct record *records;
};

static SRWLOCK lock = SRWLOCK_INIT;

/* protected by lock */
static struct identity *identities[64];
static unsigned int identity_count;

/* Return where the entry is linked, or would be. The caller must hold the lock. */
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

    return identity ? S_OK : E_OUTOFMEMORY;
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

/* Copy a blanket with its principal, which is CoTaskMemAlloc memory then. */
static HRESULT copy_blanket(struct blanket *copy, const struct blanket *blanket)
{
    SIZE_T size;

    *copy = *blanket;
    if (!blanket->principal)
        return S_OK;
    size = (wcslen(blanket->principal) + 1) * sizeof(*blanket->principal);
    if (!(copy->principal = CoTaskMemAlloc(size)))
        return E_OUTOFMEMORY;
    memcpy(copy->principal, blanket->principal, size);
    return S_OK;
}

/* The caller must hold the lock. */
static HRESULT set_record(struct identity *identity, void *proxy, const struct blanket *blanket)
{
    struct record **link = find_record(identity, proxy);
    struct blanket copy;

    if (FAILED(copy_blanket(&copy, blanket)))
        return E_OUTOFMEMORY;
    if (!*link && (*link = calloc(1, sizeof(**link))))
        (*link)->proxy = proxy;
    if (!*link)
    {
        CoTaskMemFree(copy.principal);
        return E_OUTOFMEMORY;
    }
    CoTaskMemFree((*link)->blanket.principal);
    (*link)->blanket = copy;
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
    /* The values of a proxy on which no blanket was set. */
    static const struct blanket initial =
    {
        .authn_service = RPC_C_AUTHN_NONE,
        .authz_service = RPC_C_AUTHZ_NONE,
        .authn_level = RPC_C_AUTHN_LEVEL_NONE,
        .imp_level = RPC_C_IMP_LEVEL_IDENTIFY,
        .capabilities = EOAC_NONE,
    };
    struct record *record = *find_record(identity, proxy);

    return copy_blanket(blanket, record ? &record->blanket : &initial);
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
