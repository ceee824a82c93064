/*
 * The bytes of a request
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

/* Pure. Whatever a URL or a field from outside holds, what comes out is one
 * request with one line for each field: no control character gets through. */

#ifndef __DOSVC_WIRE_H
#define __DOSVC_WIRE_H

#include "transfer.h"
#include "url.h"

#define WIRE_HOST_MAX 256

/* Whom to connect to. */
struct wire_origin
{
    char host[WIRE_HOST_MAX]; /* lower case; an IPv6 address without its brackets */
    unsigned short port;
    BOOL is_secure;
    BOOL is_ipv6; /* the host is an address, not a name */
};

/* FALSE if the host is not a plain name or address, or the port not a number. */
extern BOOL wire_parse_origin(const struct url *url, struct wire_origin *origin);
extern BOOL wire_origin_equals(const struct wire_origin *a, const struct wire_origin *b);
/* A GET. headers: lines of "Name: value", each ended by CRLF, without those that decide where a
 * message ends or to whom it goes. is_proxied: a proxy gets it, and credentials in base64, unless they are empty.
 * The caller frees data. ERROR_INVALID_PARAMETER if a line is anything else. */
extern DWORD wire_format_request(const struct url *url, const struct wire_origin *origin, const WCHAR *headers,
        BOOL is_proxied, const char *credentials, char **data, UINT *size);
/* A CONNECT, for a proxy: from its answer on, the connection is one to the origin. */
extern DWORD wire_format_connect(const struct wire_origin *origin, const char *credentials, char **data, UINT *size);

#endif /* __DOSVC_WIRE_H */
