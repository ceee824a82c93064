/*
 * COM objects that clients hold: what all of them have in common
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

#include "com/dosvc_private.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

static void *get_interface(struct facade *facade, const struct facade_interface *row)
{
    return (char *)facade + row->offset;
}

/* NULL if the objects of this class have no such interface. */
static const struct facade_interface *find_interface(const struct facade_class *class, REFIID riid)
{
    UINT i;

    if (IsEqualGUID(riid, &IID_IUnknown))
        return &class->interfaces[0];
    for (i = 0; i < class->count; i++)
    {
        if (IsEqualGUID(riid, class->interfaces[i].iid))
            return &class->interfaces[i];
    }
    return NULL;
}

BOOL facade_supports(const struct facade_class *class, REFIID riid)
{
    return find_interface(class, riid) != NULL;
}

void *facade_create(const struct facade_class *class, struct client *client, struct store_item *model)
{
    struct client *caller = client ? NULL : client_get_current();
    struct facade *facade;
    UINT i;

    if ((facade = calloc(1, class->size)))
    {
        facade->class = class;
        if ((facade->model = model))
            store_item_addref(model);
        for (i = 0; i < class->count; i++)
            *(const void **)get_interface(facade, &class->interfaces[i]) = class->interfaces[i].vtbl;
        facade_init(facade, get_interface(facade, &class->interfaces[0]), client ? client : caller);
    }
    client_release(caller);
    return facade;
}

HRESULT facade_query_interface(struct facade *facade, REFIID riid, void **out)
{
    const struct facade_interface *row;

    TRACE("object %p, riid %s, out %p.\n", facade->object, debugstr_guid(riid), out);

    if (!out)
        return E_POINTER;
    *out = NULL;
    if (!(row = find_interface(facade->class, riid)))
    {
        WARN("%s is not supported.\n", debugstr_guid(riid));
        return E_NOINTERFACE;
    }
    facade_addref(facade);
    *out = get_interface(facade, row);
    return S_OK;
}

ULONG facade_drop(struct facade *facade)
{
    ULONG refcount = facade_release(facade);

    if (!refcount)
    {
        if (facade->class->destroy)
            facade->class->destroy(facade);
        if (facade->model)
            store_item_release(facade->model);
        free(facade);
    }
    return refcount;
}
