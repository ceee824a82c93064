/*
 * HTTP/1.1 over connections of our own
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

/* A body is received into the caller's buffer, and its framing removed in place. Only bytes that came along with the
 * head are copied. */

#include <stdarg.h>
#include <stdlib.h>

#include "windef.h"
#include "winbase.h"
#include "winhttp.h"

#include "base/base.h"
#include "net/connection.h"
#include "net/failure.h"
#include "net/http1.h"
#include "base/coalesce.h"
#include "net/origin.h"
#include "net/request.h"
#include "net/transport.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define CONNECT_TIMEOUT  15000  /* ms */
#define RESPONSE_TIMEOUT 60000  /* ms */
#define RECEIVE_TIMEOUT  30000  /* ms, for the next byte of the body */
#define FIRST_WAIT      50      /* ms */
#define PACED_SIZE      0x40000 /* bytes of a body that are received without delay, ... */
#define UNPACED_END     0x10000 /* ... and of its end */
#define SECURITY_FLAGS (WINHTTP_ENABLE_SSL_REVOCATION | SECURITY_FLAG_IGNORE_UNKNOWN_CA \
        | SECURITY_FLAG_IGNORE_CERT_DATE_INVALID | SECURITY_FLAG_IGNORE_CERT_CN_INVALID \
        | SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE)

struct transport_request
{
    struct route route;
    const WCHAR *url; /* borrowed */
    char *headers;  /* owned, as all strings */
    WCHAR *method;  /* NULL: GET */
    WCHAR *script;  /* URL of the script that names the proxy, or NULL */
    char *message;  /* the bytes to be sent; NULL while the proxy is not known */
    UINT message_size;
    struct auth_dialog dialogs[AUTH_TARGET_COUNT]; /* with the server, and with a proxy */
    DWORD connect_timeout, response_timeout; /* ms */
    BOOL is_proxy_failure; /* the error is about the proxy */

    UINT input_taken;   /* bytes of what was received with the head that have been used */
    struct framing framing;
    UINT64 received;    /* bytes of the body */
    BOOL is_waiting;    /* for the next byte, since then: */
    ULONGLONG since;
    struct coalesce coalesce;
    DWORD error;        /* after which no read succeeds */

    struct http_cancel *cancel;    /* borrowed; knows the connection, too */
    struct connection *connection; /* owned, from the request to the end of the body */
};

DWORD transport_init(void)
{
    /* Not undone: a thread that was left behind may be at it still. */
    DWORD error = tcp_init();

    return error ? error : pool_init();
}

void transport_cleanup(void)
{
    pool_cleanup();
    proxy_source_cleanup();
}

/* Give the request a connection, or NULL. FALSE if it has been cancelled. */
static BOOL set_connection(struct transport_request *request, struct connection *connection)
{
    struct http_cancel *cancel = request->cancel;
    BOOL ret;

    AcquireSRWLockExclusive(&cancel->lock);
    request->connection = connection;
    cancel->tcp = connection ? connection->tcp : NULL;
    ret = !cancel->is_set;
    ReleaseSRWLockExclusive(&cancel->lock);
    return ret;
}

/* Release the connection: keep it for another request if it is of use. */
static void detach(struct transport_request *request, BOOL is_useful)
{
    struct connection *connection = request->connection;

    if (!connection)
        return;
    if (set_connection(request, NULL) && is_useful)
        pool_put(connection);
    else
        connection_destroy(connection);
}

/* Return what a cancelled request fails with, whatever error has come of it. */
static DWORD check_cancelled(struct transport_request *request, DWORD error)
{
    return http_is_cancelled(request->cancel) ? ERROR_WINHTTP_OPERATION_CANCELLED : error;
}

void transport_close(struct transport_request *request)
{
    detach(request, FALSE);
    auth_dialog_end(&request->dialogs[AUTH_SERVER]);
    auth_dialog_end(&request->dialogs[AUTH_PROXY]);
    route_clear(&request->route);
    free(request->headers);
    free(request->method);
    free(request->script);
    free(request->message);
    free(request);
}

/* Ask the script, if there is one, for the proxy, and write the message. */
static DWORD prepare(struct transport_request *request, ULONGLONG deadline)
{
    struct route *route = &request->route;
    BOOL is_proxied;
    struct url url;
    DWORD error;

    if (request->script)
    {
        error = proxy_script_find(request->script, &route->origin, deadline, &request->cancel->is_set, &route->proxy);
        request->is_proxy_failure = error != ERROR_SUCCESS;
        if (error)
            return error;
    }
    if (route->proxy.kind == PROXY_UNKNOWN)
    {
        WARN("%s: the proxy is not one of HTTP.\n", debugstr_url(request->url));
        return ERROR_WINHTTP_CANNOT_CONNECT;
    }
    if (route->proxy.kind == PROXY_HTTP)
        TRACE("%s: through %s, port %u.\n", debugstr_url(request->url), debugstr_a(route->proxy.origin.host),
                route->proxy.origin.port);
    url_parse(request->url, &url);
    /* In a tunnel it is the server that reads the request. */
    is_proxied = route->proxy.kind == PROXY_HTTP && !route->origin.is_secure;
    return request_format(request->method, &url, &route->origin, request->headers, is_proxied, route->proxy.credentials,
            &request->message, &request->message_size);
}

static DWORD open_request(struct transport_request *request, const char *headers,
        const struct transfer_options *options, BOOL is_foreign)
{
    struct route *route = &request->route;
    struct url url;
    DWORD error;

    if (!(request->headers = strdup(headers)) || (options->method && !(request->method = wcsdup(options->method))))
        return ERROR_OUTOFMEMORY;
    request->connect_timeout = options->connect_timeout ? options->connect_timeout : CONNECT_TIMEOUT;
    request->response_timeout = options->response_timeout ? options->response_timeout : RESPONSE_TIMEOUT;
    route->credentials = credentials_addref(options->credentials);
    route->security_flags = options->security_flags & SECURITY_FLAGS;
    if (!origin_parse(request->url, &url, &route->origin))
        return ERROR_WINHTTP_INVALID_URL;
    if (options->certificate && url.is_secure && !is_foreign
            && !(route->certificate = client_certificate_create(options->certificate, options->certificate_size)))
        return ERROR_OUTOFMEMORY;
    if ((error = proxy_find(&route->origin, url_is_loopback(request->url), options, &route->proxy, &request->script)))
        return error;
    error = prepare(request, 0);
    return request->script && error == ERROR_WINHTTP_TIMEOUT ? ERROR_SUCCESS : error;
}

DWORD transport_open(const WCHAR *url, const char *headers, const struct transfer_options *options, BOOL is_foreign,
        struct http_cancel *cancel, struct transport_request **out)
{
    static const struct transfer_options none;
    struct transport_request *request;
    DWORD error;

    if (!(request = calloc(1, sizeof(*request))))
        return ERROR_OUTOFMEMORY;
    request->url = url;
    request->cancel = cancel;
    request->route.is_foreign = is_foreign && options && options->credentials;
    coalesce_init(&request->coalesce);
    if ((error = open_request(request, headers, options ? options : &none, is_foreign)))
    {
        WARN("cannot open %s, error %lu.\n", debugstr_url(url), error);
        transport_close(request);
        return error;
    }
    *out = request;
    return ERROR_SUCCESS;
}

static DWORD receive_response(struct transport_request *request, struct http_head *head)
{
    ULONGLONG deadline = progress_now() + request->response_timeout;
    struct connection *connection = request->connection;
    UINT size, interim;
    DWORD error;
    char *input;

    connection->input_size = 0;
    /* No response is there as soon as the request has been sent, and a receive that fails is not cheap. */
    if (!request->route.origin.is_secure)
        tcp_wait(connection->tcp, progress_now() + FIRST_WAIT);
    for (interim = 0; interim <= HTTP1_INTERIM_MAX; interim++)
    {
        if ((error = connection_receive_head(connection, deadline, &size)))
            return error;
        input = connection->input;
        http_head_clear(head);
        if ((error = http1_parse_head(input, size, get_system_time(), head, &request->framing)))
            return error;
        request->input_taken = size;
        if (head->status >= 200)
            return ERROR_SUCCESS;
        if (head->status == 101)
            break;
        connection->input_size -= size;
        memmove(input, input + size, connection->input_size);
    }
    WARN("no final response.\n");
    return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
}

static DWORD send_message(struct transport_request *request)
{
    return connection_send(request->connection, request->message, request->message_size,
            progress_now() + CONNECT_TIMEOUT);
}

/* Release the connection if the body has ended. */
static void finish(struct transport_request *request)
{
    if (!request->framing.is_ended || !request->connection)
        return;
    if (request->input_taken < request->connection->input_size)
    {
        WARN("there is more than the response.\n");
        request->framing.is_persistent = FALSE;
    }
    detach(request, request->framing.is_persistent);
}

/* Send the message over a new connection. */
static DWORD send_anew(struct transport_request *request)
{
    struct connection *connection;
    DWORD error;

    if ((error = connection_open(&request->route, request->connect_timeout, &request->cancel->is_set, &connection,
            &request->is_proxy_failure)))
        return error;
    return set_connection(request, connection) ? send_message(request) : ERROR_WINHTTP_OPERATION_CANCELLED;
}

/* Send the message over a connection that was kept. FALSE if there is none, or if the request must not be sent again
 * should that turn out to be closed. */
static BOOL reuse(struct transport_request *request)
{
    struct connection *connection;

    if (!request->message || request->method || !(connection = pool_take(&request->route)))
        return FALSE;
    if (set_connection(request, connection) && !send_message(request))
        return TRUE;
    detach(request, FALSE);
    return FALSE;
}

/* Return whether a kept connection was of no use. A server may close it at any time, and say so (408), or send the rest
 * of an earlier response. None of that answers the request, which may be sent again as it is a GET. */
static BOOL is_stale(DWORD error, const struct http_head *head)
{
    return error == ERROR_WINHTTP_CONNECTION_ERROR || error == ERROR_WINHTTP_INVALID_SERVER_RESPONSE
            || (!error && head->status == 408);
}

BOOL transport_is_proxy_failure(const struct transport_request *request)
{
    return request->is_proxy_failure;
}

/* Send the message over a kept connection, or a new one, and receive the response. */
static DWORD exchange(struct transport_request *request, struct http_head *head)
{
    DWORD error;

    if (reuse(request))
    {
        error = receive_response(request, head);
        if (!is_stale(error, head) || check_cancelled(request, ERROR_SUCCESS))
            return error;
        TRACE("the connection is stale, error %lu: try a new one.\n", error);
        /* To be closed is what a connection may expect. */
        if (request->connection->input_size)
            pool_distrust(&request->route);
        detach(request, FALSE);
    }
    if (!(error = send_anew(request)))
        error = receive_response(request, head);
    return error;
}

/* Write the answer to a server or proxy that asks for credentials into the message. FALSE if there is none. */
static BOOL answer(struct transport_request *request, const struct http_head *head)
{
    enum auth_target target = head->status == 407 ? AUTH_PROXY : AUTH_SERVER;
    const struct route *route = &request->route;
    const struct url_origin *peer = target == AUTH_PROXY ? &route->proxy.origin : &route->origin;
    UINT i;

    if (head->status != 401 && head->status != 407)
        return FALSE;
    /* Neither another server nor one that plays the proxy in a tunnel gets anything. */
    if (target == AUTH_SERVER ? route->is_foreign : route->proxy.kind != PROXY_HTTP || route->origin.is_secure)
        return FALSE;
    if (!auth_dialog_answer(&request->dialogs[target], route->credentials, target, peer->host,
            head->challenges[target]))
        return FALSE;
    for (i = 0; i < AUTH_TARGET_COUNT; i++)
    {
        if (auth_dialog_write(&request->dialogs[i], route->credentials, &request->message, &request->message_size))
            return FALSE;
    }
    return TRUE;
}

/* Send the message again, over the same connection if that is of use. What may be sent once only is not sent where the
 * server may close without a word. */
static DWORD exchange_again(struct transport_request *request, BOOL is_bound, struct http_head *head)
{
    DWORD error = ERROR_WINHTTP_CONNECTION_ERROR;

    if ((is_bound || !request->method)
            && connection_skip_body(request->connection, &request->framing, request->input_taken))
    {
        if (!(error = send_message(request)))
            error = receive_response(request, head);
        if (!is_stale(error, head) || is_bound)
            return error;
    }
    detach(request, FALSE);
    if (is_bound || check_cancelled(request, ERROR_SUCCESS))
        return error;
    if (!(error = send_anew(request)))
        error = receive_response(request, head);
    return error;
}

DWORD transport_send(struct transport_request *request, struct http_head *head, WCHAR address[ADDRESS_MAX])
{
    BOOL is_bound;
    DWORD error;

    if (request->message || !(error = prepare(request, progress_now() + CONNECT_TIMEOUT)))
        error = exchange(request, head);
    while (!error && !check_cancelled(request, ERROR_SUCCESS) && answer(request, head))
    {
        is_bound = auth_dialog_is_bound(&request->dialogs[head->status == 407 ? AUTH_PROXY : AUTH_SERVER]);
        error = exchange_again(request, is_bound, head);
    }
    error = check_cancelled(request, error);
    if (!error)
    {
        memcpy(address, tcp_get_address(request->connection->tcp), ADDRESS_MAX * sizeof(*address));
        finish(request);
    }
    else
    {
        TRACE("error %lu.\n", error);
        request->error = error;
        http_head_clear(head);
        detach(request, FALSE);
    }
    return error;
}

/* Take bytes of the body that came with the head. */
static UINT take_input(struct transport_request *request, void *buffer, UINT size)
{
    size = min(size, request->connection->input_size - request->input_taken);
    memcpy(buffer, request->connection->input + request->input_taken, size);
    request->input_taken += size;
    return size;
}

static BOOL is_paced(const struct transport_request *request)
{
    const struct framing *framing = &request->framing;

    return request->received >= PACED_SIZE && (framing->kind != FRAMING_LENGTH || framing->left >= UNPACED_END);
}

static void pace(struct transport_request *request, UINT size, ULONGLONG deadline)
{
    UINT wait = coalesce_get_wait(&request->coalesce, size);
    ULONGLONG now;

    if (!wait || (now = progress_now()) >= deadline)
        return;
    http_cancel_wait(request->cancel, min(wait, deadline - now));
}

/* Receive at least one byte; 0 bytes at the end of the stream. */
static DWORD receive(struct transport_request *request, void *buffer, UINT size, ULONGLONG deadline, UINT *received)
{
    BOOL paced = is_paced(request);
    DWORD error;

    if (request->framing.kind == FRAMING_LENGTH)
        size = min(size, request->framing.left);
    if (paced)
        pace(request, size, deadline);
    error = connection_receive(request->connection, buffer, size, deadline, received);
    if (paced && !error)
        coalesce_count(&request->coalesce, *received, size, get_microseconds());
    return error;
}

/* Receive until there is something for the caller, or the body has ended. */
static DWORD read_body(struct transport_request *request, BYTE *buffer, UINT size, ULONGLONG deadline, DWORD *read)
{
    UINT received, data_size, used;
    DWORD error;

    for (*read = 0; !*read && !request->framing.is_ended; *read = data_size)
    {
        if (!(received = take_input(request, buffer, size)))
        {
            if ((error = receive(request, buffer, size, deadline, &received)))
                return error;
            if (!received && !framing_close(&request->framing))
                return ERROR_WINHTTP_CONNECTION_ERROR;
        }
        if (!framing_take(&request->framing, buffer, received, &data_size, &used))
        {
            WARN("the chunks are not valid.\n");
            return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
        }
        if (used < received)
            request->framing.is_persistent = FALSE;
        request->received += data_size;
    }
    finish(request);
    return ERROR_SUCCESS;
}

DWORD transport_read(struct transport_request *request, void *buffer, DWORD size, DWORD timeout, DWORD *read)
{
    ULONGLONG now = progress_now(), limit, deadline;
    DWORD error;

    *read = 0;
    if (request->error)
        return request->error;
    /* The time that the caller spends elsewhere is not the server's. */
    if (!request->is_waiting)
        request->since = now;
    limit = request->since + RECEIVE_TIMEOUT;
    deadline = timeout == INFINITE ? limit : min(limit, now + timeout);
    error = check_cancelled(request, read_body(request, buffer, size, deadline, read));
    request->is_waiting = error == WAIT_TIMEOUT;
    if (error == WAIT_TIMEOUT && deadline < limit)
        return error;
    if (error == WAIT_TIMEOUT)
        error = ERROR_WINHTTP_TIMEOUT;
    if (!error)
        return ERROR_SUCCESS;
    TRACE("error %lu after %s bytes.\n", error, wine_dbgstr_longlong(request->received));
    request->error = error;
    *read = 0;
    detach(request, FALSE);
    return error;
}
