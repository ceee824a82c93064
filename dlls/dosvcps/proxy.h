/*
 * What the generated proxies need to be declared
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

/* The generated header includes this one behind the headers of the system, so that it reaches dosvcps_p.c: the first
 * entry of every generated vtable becomes ours (blanket.c). */

#ifndef __DOSVCPS_PROXY_H
#define __DOSVCPS_PROXY_H

#ifndef __WINESRC__
/* mingw-w64 declares these for C++ only. */
HRESULT STDMETHODCALLTYPE IUnknown_QueryInterface_Proxy(IUnknown *iface, REFIID riid, void **out);
ULONG STDMETHODCALLTYPE IUnknown_AddRef_Proxy(IUnknown *iface);
ULONG STDMETHODCALLTYPE IUnknown_Release_Proxy(IUnknown *iface);
#endif

HRESULT STDMETHODCALLTYPE blanket_QueryInterface_Proxy(IUnknown *iface, REFIID riid, void **out);

#ifdef __midl_proxy
#define IUnknown_QueryInterface_Proxy blanket_QueryInterface_Proxy
#endif

#endif /* __DOSVCPS_PROXY_H */
