/*
 * Enumerators over a snapshot of objects
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

#include "dosvc_private.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* The enumerators of the API differ in the type of their elements, which are
 * interface pointers in any case. One vtable serves them all: its slots are
 * those of IEnumBackgroundCopyJobs, of IEnumBackgroundCopyFiles and, without
 * the last one, of IEnumUnknown. */
struct enumerator
{
    IEnumBackgroundCopyJobs IEnumBackgroundCopyJobs_iface;
    struct facade facade;
    IID iid;
    SRWLOCK lock;
    UINT position; /* guarded by lock */
    UINT count;
    IUnknown **items; /* owned, with a reference each */
};

static inline struct enumerator *impl_from_IEnumBackgroundCopyJobs(IEnumBackgroundCopyJobs *iface)
{
    return CONTAINING_RECORD(iface, struct enumerator, IEnumBackgroundCopyJobs_iface);
}

static HRESULT WINAPI enumerator_QueryInterface(IEnumBackgroundCopyJobs *iface, REFIID riid, void **out)
{
    struct enumerator *enumerator = impl_from_IEnumBackgroundCopyJobs(iface);

    TRACE("iface %p, riid %s, out %p.\n", iface, debugstr_guid(riid), out);

    if (!out)
        return E_POINTER;
    if (IsEqualGUID(riid, &IID_IUnknown) || IsEqualGUID(riid, &enumerator->iid))
    {
        IEnumBackgroundCopyJobs_AddRef(iface);
        *out = iface;
        return S_OK;
    }
    WARN("%s is not supported.\n", debugstr_guid(riid));
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI enumerator_AddRef(IEnumBackgroundCopyJobs *iface)
{
    return facade_addref(&impl_from_IEnumBackgroundCopyJobs(iface)->facade);
}

static void free_items(IUnknown **items, UINT count)
{
    while (count--)
        IUnknown_Release(items[count]);
    free(items);
}

static ULONG WINAPI enumerator_Release(IEnumBackgroundCopyJobs *iface)
{
    struct enumerator *enumerator = impl_from_IEnumBackgroundCopyJobs(iface);
    ULONG refcount = facade_release(&enumerator->facade);

    if (!refcount)
    {
        free_items(enumerator->items, enumerator->count);
        free(enumerator);
    }
    return refcount;
}

static HRESULT WINAPI enumerator_Next(IEnumBackgroundCopyJobs *iface, ULONG count, IBackgroundCopyJob **items,
        ULONG *fetched)
{
    struct enumerator *enumerator = impl_from_IEnumBackgroundCopyJobs(iface);
    IUnknown **out = (IUnknown **)items;
    UINT available, i;

    TRACE("iface %p, count %lu, items %p, fetched %p.\n", iface, count, items, fetched);

    if (fetched)
        *fetched = 0;
    if ((count && !items) || (count != 1 && !fetched))
        return E_INVALIDARG;

    AcquireSRWLockExclusive(&enumerator->lock);
    available = min(count, enumerator->count - enumerator->position);
    for (i = 0; i < available; i++)
    {
        out[i] = enumerator->items[enumerator->position++];
        IUnknown_AddRef(out[i]);
    }
    ReleaseSRWLockExclusive(&enumerator->lock);
    for (i = available; i < count; i++)
        out[i] = NULL;
    if (fetched)
        *fetched = available;
    return available == count ? S_OK : S_FALSE;
}

static HRESULT WINAPI enumerator_Skip(IEnumBackgroundCopyJobs *iface, ULONG count)
{
    struct enumerator *enumerator = impl_from_IEnumBackgroundCopyJobs(iface);
    UINT available;

    TRACE("iface %p, count %lu.\n", iface, count);

    AcquireSRWLockExclusive(&enumerator->lock);
    available = min(count, enumerator->count - enumerator->position);
    enumerator->position += available;
    ReleaseSRWLockExclusive(&enumerator->lock);
    return available == count ? S_OK : S_FALSE;
}

static HRESULT WINAPI enumerator_Reset(IEnumBackgroundCopyJobs *iface)
{
    struct enumerator *enumerator = impl_from_IEnumBackgroundCopyJobs(iface);

    TRACE("iface %p.\n", iface);

    AcquireSRWLockExclusive(&enumerator->lock);
    enumerator->position = 0;
    ReleaseSRWLockExclusive(&enumerator->lock);
    return S_OK;
}

static HRESULT create_enumerator(REFIID iid, IUnknown **items, UINT count, struct client *client,
        struct enumerator **out);

static HRESULT WINAPI enumerator_Clone(IEnumBackgroundCopyJobs *iface, IEnumBackgroundCopyJobs **out)
{
    struct enumerator *enumerator = impl_from_IEnumBackgroundCopyJobs(iface), *clone;
    struct client *client;
    IUnknown **items;
    HRESULT hr;
    UINT i;

    TRACE("iface %p, out %p.\n", iface, out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (!(items = calloc(enumerator->count + 1, sizeof(*items))))
        return E_OUTOFMEMORY;
    for (i = 0; i < enumerator->count; i++)
    {
        items[i] = enumerator->items[i];
        IUnknown_AddRef(items[i]);
    }
    client = client_get_current();
    if (SUCCEEDED(hr = create_enumerator(&enumerator->iid, items, enumerator->count, client, &clone)))
    {
        AcquireSRWLockShared(&enumerator->lock);
        clone->position = enumerator->position;
        ReleaseSRWLockShared(&enumerator->lock);
        *out = &clone->IEnumBackgroundCopyJobs_iface;
    }
    client_release(client);
    return hr;
}

static HRESULT WINAPI enumerator_GetCount(IEnumBackgroundCopyJobs *iface, ULONG *count)
{
    struct enumerator *enumerator = impl_from_IEnumBackgroundCopyJobs(iface);

    TRACE("iface %p, count %p.\n", iface, count);

    if (!count)
        return E_INVALIDARG;
    *count = enumerator->count;
    return S_OK;
}

static const IEnumBackgroundCopyJobsVtbl enumerator_vtbl =
{
    enumerator_QueryInterface,
    enumerator_AddRef,
    enumerator_Release,
    enumerator_Next,
    enumerator_Skip,
    enumerator_Reset,
    enumerator_Clone,
    enumerator_GetCount,
};

/* Takes over the array and the references in it, also when it fails. */
static HRESULT create_enumerator(REFIID iid, IUnknown **items, UINT count, struct client *client,
        struct enumerator **out)
{
    struct enumerator *enumerator;

    if (!(enumerator = calloc(1, sizeof(*enumerator))))
    {
        free_items(items, count);
        return E_OUTOFMEMORY;
    }
    enumerator->IEnumBackgroundCopyJobs_iface.lpVtbl = (IEnumBackgroundCopyJobsVtbl *)&enumerator_vtbl;
    enumerator->iid = *iid;
    enumerator->items = items;
    enumerator->count = count;
    InitializeSRWLock(&enumerator->lock);
    facade_init(&enumerator->facade, (IUnknown *)&enumerator->IEnumBackgroundCopyJobs_iface, client);
    *out = enumerator;
    return S_OK;
}

HRESULT enum_create(REFIID iid, void **models, UINT count,
        HRESULT (*make_item)(void *model, struct client *client, IUnknown **item), void **out)
{
    struct enumerator *enumerator;
    struct client *client;
    IUnknown **items;
    HRESULT hr = S_OK;
    UINT made = 0;

    if (!(items = calloc(count + 1, sizeof(*items))))
        return E_OUTOFMEMORY;
    client = client_get_current();
    while (made < count && SUCCEEDED(hr = make_item(models[made], client, &items[made])))
        made++;
    if (FAILED(hr))
        free_items(items, made);
    else if (SUCCEEDED(hr = create_enumerator(iid, items, count, client, &enumerator)))
        *out = &enumerator->IEnumBackgroundCopyJobs_iface;
    client_release(client);
    return hr;
}
