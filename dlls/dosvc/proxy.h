/*
 * Proxy settings
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

/* Pure. Settings in the form of WINHTTP_PROXY_INFO. */

#ifndef __DOSVC_PROXY_H
#define __DOSVC_PROXY_H

#include "transfer.h"

/* proxies: "host:port" for all, or "http=host:port;https=host:port"; NULL or empty for none.
 * bypass: patterns of hosts with '*', or "<local>" for names without a dot; may be NULL. */
extern BOOL proxy_is_used(const WCHAR *proxies, const WCHAR *bypass, const WCHAR *host, UINT host_length,
        BOOL is_secure);

#endif /* __DOSVC_PROXY_H */
