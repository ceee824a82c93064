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

#include <stdlib.h>

#include "http1.h"
#include "request.h"
#include "tunnel.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define HEAD_MAX 8192 /* bytes */

/* filled: with what came along. */
static DWORD receive_head(struct tcp *tcp, char head[HEAD_MAX], UINT *size, UINT *filled, ULONGLONG deadline)
{
    UINT received, checked = 0;
    DWORD error;

    *filled = *size = 0;
    while (!*size)
    {
        if (*filled == HEAD_MAX)
            return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
        while ((error = tcp_receive(tcp, head + *filled, HEAD_MAX - *filled, &received)) == WAIT_TIMEOUT)
        {
            if ((error = tcp_wait(tcp, deadline)))
                return error == WAIT_TIMEOUT ? ERROR_WINHTTP_TIMEOUT : error;
        }
        if (error || !received)
            return ERROR_WINHTTP_CONNECTION_ERROR;
        *filled += received;
        if (!http1_find_head(head, *filled, &checked, size))
            return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    }
    return ERROR_SUCCESS;
}

static DWORD receive_answer(struct tcp *tcp, ULONGLONG deadline)
{
    struct framing framing;
    struct http_head head;
    char data[HEAD_MAX];
    DWORD status, error;
    UINT size, filled;

    if ((error = receive_head(tcp, data, &size, &filled, deadline)))
        return error;
    error = http1_parse_head(data, size, 0, &head, &framing);
    status = head.status;
    http_head_clear(&head);
    if (error)
        return error;
    TRACE("status %lu.\n", status);
    if (status == 407)
        return ERROR_WINHTTP_LOGIN_FAILURE;
    if (status < 200 || status >= 300)
    {
        WARN("the proxy refuses, status %lu.\n", status);
        return ERROR_WINHTTP_CANNOT_CONNECT;
    }
    /* A server of TLS does not speak first. */
    return filled == size ? ERROR_SUCCESS : ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
}

DWORD tunnel_open(struct tcp *tcp, const struct url_origin *origin, const char *credentials, ULONGLONG deadline)
{
    char *message;
    DWORD error;
    UINT size;

    if ((error = request_format_connect(origin, credentials, &message, &size)))
        return error;
    error = tcp_send(tcp, message, size, deadline);
    free(message);
    return error ? error : receive_answer(tcp, deadline);
}
