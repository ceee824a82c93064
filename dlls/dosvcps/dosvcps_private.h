/*
 * What the files of dosvcps share
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

#ifndef __DOSVCPS_PRIVATE_H
#define __DOSVCPS_PRIVATE_H

#include <stdarg.h>

#define COBJMACROS
#define CONST_VTABLE

#include "windef.h"
#include "winbase.h"
#include "objbase.h"

#include "dosvcps.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* The arguments of IClientSecurity::SetBlanket. */
struct blanket
{
    DWORD authn_service;
    DWORD authz_service;
    DWORD authn_level;
    DWORD imp_level;
    DWORD capabilities;
    void *auth_info;    /* the client's; handed back and never read */
    WCHAR *principal;   /* may be NULL */
};

/* activator.c */

/* Return the IClassFactory of the object that unmarshals the entry in Wine's table of class objects. */
extern HRESULT activator_create(void **out);
extern BOOL has_activators(void);

/* blanket.c */

/* Let the identity hand out our IClientSecurity. Identities with another vtable than that of the first one are left
 * alone. */
extern void blanket_shadow_identity(IUnknown *outer);

/* channel.c */

struct channel
{
    IRpcChannelBuffer IRpcChannelBuffer_iface;
    IRpcChannelBuffer *standard; /* borrowed: whoever refers to the channel refers to this one */
    IID iid;                     /* of the proxy */
};

/* Return the channel to which a proxy, which has set the IID, is to be connected; for callbacks that is the standard
 * channel itself. */
extern IRpcChannelBuffer *channel_init(struct channel *channel, IRpcChannelBuffer *standard);

/* factory.c */

/* Wrap the factory that rpcrt4 made, whose reference is taken over, also when this fails. */
extern HRESULT factory_create(IPSFactoryBuffer *standard, REFIID riid, void **out);

/* identity.c */

/* An identity is known while it has proxies of ours. Its name is its IUnknown, which also is the outer object of the
 * proxies. These functions take no reference. */
extern HRESULT identity_add_proxy(IUnknown *outer);
extern void identity_remove_proxy(IUnknown *outer, void *proxy);
extern BOOL identity_is_known(IUnknown *outer);
extern BOOL has_identities(void);

/* Set and get the blanket of a proxy, whose pointer only serves as a name. The principal is copied; CoTaskMemFree()
 * the one that is received. E_INVALIDARG if the identity is not known. */
extern HRESULT identity_set_blanket(IUnknown *outer, void *proxy, const struct blanket *blanket);
extern HRESULT identity_get_blanket(IUnknown *outer, void *proxy, struct blanket *blanket);

#endif /* __DOSVCPS_PRIVATE_H */
