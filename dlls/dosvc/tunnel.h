/*
 * Connections through a proxy to a server of TLS
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

#ifndef __DOSVC_TUNNEL_H
#define __DOSVC_TUNNEL_H

#include "tcp.h"
#include "url.h"

/* Ask the proxy at the other end for a connection to the origin. credentials: as of a proxy.
 * ERROR_WINHTTP_LOGIN_FAILURE if it wants some, ERROR_WINHTTP_CANNOT_CONNECT if it refuses. */
extern DWORD tunnel_open(struct tcp *tcp, const struct url_origin *origin, const char *credentials,
        ULONGLONG deadline);

#endif /* __DOSVC_TUNNEL_H */
