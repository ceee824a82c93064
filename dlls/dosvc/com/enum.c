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

#include "com/com.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* The enumerators of the API differ in the type of their elements, which are
 * interface pointers in any case. One vtable serves them all: its slots are
 * those of IEnumBackgroundCopyJobs, of IEnumBackgroundCopyFiles and, without
 * the last one, of IEnumUnknown. */
struct enumerator
{
    struct com_object com_object;
    IEnumBackgroundCopyJobs IEnumBackgroundCopyJobs_iface;
    SRWLOCK lock;
    UINT position; /* guarded by lock */
    UINT count;
    IUnknown **items; /* owned, with a reference each */
};

DEFINE_IUNKNOWN(enumerator, IEnumBackgroundCopyJobs, enumerator)

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

static HRESULT copy_item(void *model, struct client *client, IUnknown **item)
{
    *item = model;
    IUnknown_AddRef(*item);
    return S_OK;
}

static HRESULT WINAPI enumerator_Clone(IEnumBackgroundCopyJobs *iface, IEnumBackgroundCopyJobs **out)
{
    struct enumerator *enumerator = impl_from_IEnumBackgroundCopyJobs(iface);
    HRESULT hr;

    TRACE("iface %p, out %p.\n", iface, out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    hr = enum_create(enumerator->com_object.class, (void **)enumerator->items, enumerator->count, copy_item,
            (void **)out);
    if (SUCCEEDED(hr))
    {
        AcquireSRWLockShared(&enumerator->lock);
        impl_from_IEnumBackgroundCopyJobs(*out)->position = enumerator->position;
        ReleaseSRWLockShared(&enumerator->lock);
    }
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

UINT enum_count_left(IUnknown *object)
{
    struct enumerator *enumerator = impl_from_IEnumBackgroundCopyJobs((IEnumBackgroundCopyJobs *)object);
    UINT left;

    AcquireSRWLockShared(&enumerator->lock);
    left = enumerator->count - enumerator->position;
    ReleaseSRWLockShared(&enumerator->lock);
    return left;
}

static void enumerator_destroy(struct com_object *object)
{
    struct enumerator *enumerator = CONTAINING_RECORD(object, struct enumerator, com_object);

    while (enumerator->count--)
        IUnknown_Release(enumerator->items[enumerator->count]);
    free(enumerator->items);
}

static const struct com_object_interface interfaces[] =
{
    { &IID_IEnumBackgroundCopyJobs,  offsetof(struct enumerator, IEnumBackgroundCopyJobs_iface), &enumerator_vtbl },
    { &IID_IEnumBackgroundCopyFiles, offsetof(struct enumerator, IEnumBackgroundCopyJobs_iface), &enumerator_vtbl },
    { &IID_IEnumUnknown,             offsetof(struct enumerator, IEnumBackgroundCopyJobs_iface), &enumerator_vtbl },
};

const struct com_object_class enum_jobs_class = { &interfaces[0], 1, sizeof(struct enumerator), enumerator_destroy };
const struct com_object_class enum_files_class = { &interfaces[1], 1, sizeof(struct enumerator), enumerator_destroy };
const struct com_object_class enum_unknown_class = { &interfaces[2], 1, sizeof(struct enumerator), enumerator_destroy };

HRESULT enum_create(const struct com_object_class *class, void **models, UINT count,
        HRESULT (*make_item)(void *model, struct client *client, IUnknown **item), void **out)
{
    struct enumerator *enumerator;
    HRESULT hr = S_OK;
    UINT i;

    if (!(enumerator = com_object_create(class, NULL, NULL)))
        return E_OUTOFMEMORY;
    InitializeSRWLock(&enumerator->lock);
    if (!(enumerator->items = calloc(count + 1, sizeof(*enumerator->items))))
        hr = E_OUTOFMEMORY;
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
    {
        if (SUCCEEDED(hr = make_item(models[i], enumerator->com_object.base.client, &enumerator->items[i])))
            enumerator->count++;
    }
    if (SUCCEEDED(hr))
        *out = &enumerator->IEnumBackgroundCopyJobs_iface;
    else
        com_object_release(&enumerator->com_object);
    return hr;
}
