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

#include <stdlib.h>

#include "certificate.h"
#include "connection.h"
#include "tcp.h"
#include "tls.h"
#include "tunnel.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

void route_copy(struct route *to, const struct route *from)
{
    *to = *from;
    client_certificate_addref(to->certificate);
}

void route_clear(struct route *route)
{
    client_certificate_release(route->certificate);
}

BOOL route_equals(const struct route *a, const struct route *b)
{
    return url_origin_equals(&a->origin, &b->origin) && a->security_flags == b->security_flags
            && proxy_equals(&a->proxy, &b->proxy) && client_certificate_equals(a->certificate, b->certificate);
}

DWORD connection_create(const struct route *route, ULONGLONG deadline, LONG *is_abandoned,
        struct connection **out)
{
    const struct url_origin *origin = &route->origin;
    BOOL is_proxied = route->proxy.kind == PROXY_HTTP;
    const struct url_origin *peer = is_proxied ? &route->proxy.origin : origin;
    struct connection *connection;
    DWORD error;

    if (!(connection = calloc(1, sizeof(*connection))))
        return ERROR_OUTOFMEMORY;
    route_copy(&connection->route, route);
    if (!connection_grow_input(connection))
        error = ERROR_OUTOFMEMORY;
    else
        error = tcp_connect(peer->host, peer->port, deadline, is_abandoned, &connection->tcp);
    if (!error && is_proxied && origin->is_secure)
        error = tunnel_open(connection->tcp, origin, route->proxy.credentials, deadline);
    if (!error && origin->is_secure)
        error = tls_connect(connection->tcp, origin->host, route->security_flags, route->certificate, deadline,
                &connection->tls);
    if (error)
    {
        connection_destroy(connection);
        return error;
    }
    TRACE("connection %p to %s, port %u.\n", connection, debugstr_a(peer->host), peer->port);
    *out = connection;
    return ERROR_SUCCESS;
}

DWORD connection_send(struct connection *connection, const void *data, UINT size, ULONGLONG deadline)
{
    if (connection->tls)
        return tls_send(connection->tls, data, size, deadline);
    return tcp_send(connection->tcp, data, size, deadline);
}

DWORD connection_receive(struct connection *connection, void *buffer, UINT size, UINT *received)
{
    if (connection->tls)
        return tls_receive(connection->tls, buffer, size, received);
    return tcp_receive(connection->tcp, buffer, size, received);
}

DWORD connection_wait(struct connection *connection, ULONGLONG deadline)
{
    return tcp_wait(connection->tcp, deadline);
}

BOOL connection_grow_input(struct connection *connection)
{
    UINT capacity = max(2 * connection->input_capacity, CONNECTION_INPUT_SIZE);
    char *input;

    if (!(input = realloc(connection->input, capacity)))
        return FALSE;
    connection->input = input;
    connection->input_capacity = capacity;
    return TRUE;
}

const WCHAR *connection_get_address(const struct connection *connection)
{
    return tcp_get_address(connection->tcp);
}

void connection_interrupt(struct connection *connection)
{
    tcp_interrupt(connection->tcp);
}

BOOL connection_rest(struct connection *connection)
{
    return !connection->tls || tls_rest(connection->tls);
}

BOOL connection_is_quiet(struct connection *connection)
{
    return tcp_is_quiet(connection->tcp, GetTickCount64() - connection->idle_since);
}

void connection_destroy(struct connection *connection)
{
    TRACE("connection %p.\n", connection);
    if (connection->tls)
        tls_destroy(connection->tls);
    if (connection->tcp)
        tcp_close(connection->tcp);
    route_clear(&connection->route);
    free(connection->input);
    free(connection);
}
