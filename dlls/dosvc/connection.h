/*
 * Connections to HTTP servers
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

/* Errors are ERROR_WINHTTP_*. Deadlines are in the time of GetTickCount64. A connection is used by
 * one thread at a time, apart from connection_interrupt. */

#ifndef __DOSVC_CONNECTION_H
#define __DOSVC_CONNECTION_H

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "wine/list.h"

#include "proxy.h"
#include "transfer.h"
#include "url.h"

struct client_certificate;
struct tcp;
struct tls;

/* What makes one connection as good as another. */
struct route
{
    struct url_origin origin;
    struct proxy proxy;   /* PROXY_NONE or PROXY_HTTP */
    DWORD security_flags; /* that the certificate is checked with (certificate.h) */
    struct client_certificate *certificate; /* owned: a reference; NULL: none */
};

extern void route_copy(struct route *to, const struct route *from);
extern void route_clear(struct route *route);
extern BOOL route_equals(const struct route *a, const struct route *b);

/* Room for a head and a small body that comes with it: one receive for both. A larger head makes it grow. */
#define CONNECTION_INPUT_SIZE 0x20000

struct connection
{
    struct route route;
    struct tcp *tcp;
    struct tls *tls;      /* NULL for plain HTTP */
    char *input;          /* for the request that has the connection */
    UINT input_capacity;

    /* pool.c; entry is guarded by its lock */
    struct list entry;
    ULONGLONG idle_since;
};

/* Waits; when *is_abandoned is set it gives up soon. */
extern DWORD connection_create(const struct route *route, ULONGLONG deadline, LONG *is_abandoned,
        struct connection **connection);
/* As the functions of tcp.h and tls.h. */
extern DWORD connection_send(struct connection *connection, const void *data, UINT size, ULONGLONG deadline);
extern DWORD connection_receive(struct connection *connection, void *buffer, UINT size, UINT *received);
extern DWORD connection_wait(struct connection *connection, ULONGLONG deadline);
/* FALSE if out of memory. */
extern BOOL connection_grow_input(struct connection *connection);
extern const WCHAR *connection_get_address(const struct connection *connection);
extern void connection_interrupt(struct connection *connection);
extern void connection_destroy(struct connection *connection);
/* It is about to wait for the next request. FALSE if it is not worth it. */
extern BOOL connection_rest(struct connection *connection);
extern BOOL connection_is_quiet(struct connection *connection);

/* pool.c: connections that wait for the next request, for a while. */

extern DWORD pool_init(void);
/* Closes them all. */
extern void pool_cleanup(void);
/* One of the same route that is of use still, or NULL. */
extern struct connection *pool_take(const struct route *route);
/* Nothing may be left to be received. */
extern void pool_put(struct connection *connection);
/* A connection of the route that was kept has brought something else than a response: those of its origin are of
 * no use, and none is kept for a while. */
extern void pool_distrust(const struct route *route);

/* connector.c: makes a connection on a thread that can be left behind, for
 * neither a name server nor the check of a certificate can be interrupted. */

struct connector;

extern DWORD connector_start(const struct route *route, DWORD timeout, struct connector **connector);
/* Waits for the connection; ERROR_WINHTTP_OPERATION_CANCELLED after connector_cancel. */
extern DWORD connector_wait(struct connector *connector, struct connection **connection);
/* From any thread. */
extern void connector_cancel(struct connector *connector);
extern void connector_release(struct connector *connector);

#endif /* __DOSVC_CONNECTION_H */
