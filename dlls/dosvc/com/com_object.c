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

#include "com/com.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

static void *get_interface(struct com_object *object, const struct com_object_interface *row)
{
    return (char *)object + row->offset;
}

/* NULL if the objects of this class have no such interface. */
static const struct com_object_interface *find_interface(const struct com_object_class *class, REFIID riid)
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

BOOL com_object_supports(const struct com_object_class *class, REFIID riid)
{
    return find_interface(class, riid) != NULL;
}

void *com_object_create(const struct com_object_class *class, struct client *client, struct store_item *model)
{
    struct client *caller = client ? NULL : client_get_current();
    struct com_object *object;
    UINT i;

    if ((object = calloc(1, class->size)))
    {
        object->class = class;
        if ((object->model = model))
            store_item_addref(model);
        for (i = 0; i < class->count; i++)
            *(const void **)get_interface(object, &class->interfaces[i]) = class->interfaces[i].vtbl;
        client_object_init(&object->base, get_interface(object, &class->interfaces[0]), client ? client : caller);
    }
    client_release(caller);
    return object;
}

ULONG com_object_addref(struct com_object *object)
{
    return InterlockedIncrement(&object->base.refcount);
}

HRESULT com_object_query_interface(struct com_object *object, REFIID riid, void **out)
{
    const struct com_object_interface *row;

    TRACE("object %p, riid %s, out %p.\n", object->base.unknown, debugstr_guid(riid), out);

    if (!out)
        return E_POINTER;
    *out = NULL;
    if (!(row = find_interface(object->class, riid)))
    {
        /* COM itself asks for some, of each object. */
        TRACE("%s is not supported.\n", debugstr_guid(riid));
        return E_NOINTERFACE;
    }
    com_object_addref(object);
    *out = get_interface(object, row);
    return S_OK;
}

ULONG com_object_release(struct com_object *object)
{
    ULONG refcount = client_object_release(&object->base);

    if (!refcount)
    {
        if (object->class->destroy)
            object->class->destroy(object);
        if (object->model)
            store_item_release(object->model);
        free(object);
    }
    return refcount;
}
