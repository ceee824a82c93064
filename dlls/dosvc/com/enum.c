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

#define CINTERFACE
#include "com/com.h"

#include "rpcproxy.h"

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

/* The stub of a Next method allocates room for as many pointers as the client asks
 * for, 16 GB at most, before the enumerator is called. The service therefore has
 * stubs of its own for the three enumerators: those of the proxy DLL, with another
 * Invoke, which lowers the number to one more than the enumerator has left. The
 * client gets the same elements, and S_FALSE, as it would without. */

#define NEXT_METHOD 3 /* of IEnumUnknown and those like it */

struct bounded_interface
{
    const IID *iid;
    IPSFactoryBuffer *standard;   /* owned for as long as the process */
    const IRpcStubBufferVtbl *original; /* of its stubs */
    CInterfaceStubVtbl stub_vtbl; /* rpcrt4 looks for the header in front of a stub's methods */
};

static struct bounded_interface bounded_interfaces[] =
{
    { &IID_IEnumBackgroundCopyJobs },
    { &IID_IEnumBackgroundCopyFiles },
    { &IID_IEnumUnknown },
};

/* Class of this process alone. */
static const CLSID clsid_factory = { 0x0a9b4f59, 0x6d0f, 0x4c83, { 0x9b, 0x5e, 0x1f, 0x7c, 0x8a, 0x42, 0xd6, 0x31 } };

/* Return how many elements Next has not returned yet. */
static UINT count_left(IUnknown *object)
{
    struct enumerator *enumerator = impl_from_IEnumBackgroundCopyJobs((IEnumBackgroundCopyJobs *)object);
    UINT left;

    AcquireSRWLockShared(&enumerator->lock);
    left = enumerator->count - enumerator->position;
    ReleaseSRWLockShared(&enumerator->lock);
    return left;
}

static HRESULT WINAPI stub_Invoke(IRpcStubBuffer *iface, RPCOLEMESSAGE *message, IRpcChannelBuffer *channel)
{
    struct bounded_interface *bounded = CONTAINING_RECORD(iface->lpVtbl, struct bounded_interface, stub_vtbl.Vtbl);
    ULONG *count = message->Buffer; /* the first argument */
    UINT left;

    if (message->iMethod == NEXT_METHOD && message->cbBuffer >= sizeof(*count))
    {
        left = count_left(((CStdStubBuffer *)iface)->pvServerObject);
        *count = min(*count, left + 1);
    }
    return bounded->original->Invoke(iface, message, channel);
}

DEFINE_STATIC_IUNKNOWN(factory, IPSFactoryBuffer)

static struct bounded_interface *find_bounded(REFIID iid)
{
    UINT i;

    for (i = 0; i < ARRAY_SIZE(bounded_interfaces); i++)
    {
        if (bounded_interfaces[i].standard && IsEqualGUID(bounded_interfaces[i].iid, iid))
            return &bounded_interfaces[i];
    }
    return NULL;
}

static HRESULT WINAPI factory_CreateProxy(IPSFactoryBuffer *iface, IUnknown *outer, REFIID iid, IRpcProxyBuffer **proxy,
        void **out)
{
    struct bounded_interface *bounded = find_bounded(iid);

    return bounded ? IPSFactoryBuffer_CreateProxy(bounded->standard, outer, iid, proxy, out) : E_NOINTERFACE;
}

/* The first stub, which hold_stubs makes before any client calls, fills in the methods of all. */
static HRESULT WINAPI factory_CreateStub(IPSFactoryBuffer *iface, REFIID iid, IUnknown *server, IRpcStubBuffer **out)
{
    struct bounded_interface *bounded = find_bounded(iid);
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
    for (i = 0; i < ARRAY_SIZE(bounded_interfaces) && SUCCEEDED(hr); i++)
        hr = take_interface(&bounded_interfaces[i]);
    if (FAILED(hr))
        WARN("stubs of enumerators stay unbounded, hr %#lx.\n", hr);
    return hr;
}
