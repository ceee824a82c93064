/*
 * What the engine wants from an HTTP transport
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

/* Requests with the error codes of WinHTTP (ERROR_WINHTTP_*). A request goes to one URL without redirects, and is
 * used by one thread; http.c does the rest. */

#ifndef __DOSVC_TRANSPORT_H
#define __DOSVC_TRANSPORT_H

#include "net/http1.h"

/* Errors that callers know; winhttp.h has them too. */
#ifndef ERROR_WINHTTP_TIMEOUT
#define ERROR_WINHTTP_TIMEOUT                   12002
#define ERROR_WINHTTP_INVALID_URL               12005
#define ERROR_WINHTTP_NAME_NOT_RESOLVED         12007
#define ERROR_WINHTTP_INVALID_OPTION            12009
#define ERROR_WINHTTP_LOGIN_FAILURE             12015
#define ERROR_WINHTTP_OPERATION_CANCELLED       12017
#define ERROR_WINHTTP_CANNOT_CONNECT            12029
#define ERROR_WINHTTP_CONNECTION_ERROR          12030
#define ERROR_WINHTTP_SECURE_CERT_DATE_INVALID  12037
#define ERROR_WINHTTP_SECURE_CERT_CN_INVALID    12038
#define ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED   12044
#define ERROR_WINHTTP_SECURE_INVALID_CA         12045
#define ERROR_WINHTTP_SECURE_CERT_REV_FAILED    12057
#define ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY 12185
#define ERROR_WINHTTP_INVALID_SERVER_RESPONSE   12152
#define ERROR_WINHTTP_SECURE_CERT_REVOKED       12170
#define ERROR_WINHTTP_SECURE_FAILURE            12175
#endif

#define ADDRESS_MAX 64 /* characters with the terminator */

struct tcp;
struct transfer_options;
struct transport_request;

/* Ends what another thread waits for: one request at a time. */
struct http_cancel
{
    SRWLOCK lock;
    CONDITION_VARIABLE changed;
    LONG is_set;     /* set under lock */
    struct tcp *tcp; /* of the request in progress, or NULL; borrowed, protected by lock */
    struct http_cancel *next; /* is set with this one, or NULL; borrowed, protected by lock */
};

extern void http_cancel_init(struct http_cancel *cancel);
/* From any thread, without waiting: a request in progress and all new ones fail with ERROR_WINHTTP_OPERATION_CANCELLED
 * until the reset, which comes when none is in progress. */
extern void http_cancel_set(struct http_cancel *cancel);
/* Initialise one that is set with another one until that is unlinked; at once if that is set. */
extern void http_cancel_init_next(struct http_cancel *next, struct http_cancel *cancel);
extern void http_cancel_unlink(struct http_cancel *cancel);
extern void http_cancel_reset(struct http_cancel *cancel);
extern BOOL http_is_cancelled(struct http_cancel *cancel);
/* Wait for so many milliseconds, or less. TRUE if it has been set. */
extern BOOL http_cancel_wait(struct http_cancel *cancel, DWORD timeout);

extern DWORD transport_init(void);
extern void transport_cleanup(void);
/* Prepare a request to an absolute URL of http or https. headers: all fields, each ended by CRLF, except for Host and
 * what the connection needs. Of the options, which may be NULL, the security flags, the certificate, the method and the
 * timeouts count, and where the proxy comes from (documentation/transport.md); ERROR_WINHTTP_INVALID_OPTION if the
 * client has named none that is usable. Credentials and the certificate answer who asks for some, but the server if
 * is_foreign: it is not the one that they are for. Nothing is sent before transport_send. The URL and the cancel stay
 * until the request is closed. */
extern DWORD transport_open(const WCHAR *url, const char *headers, const struct transfer_options *options,
        BOOL is_foreign, struct http_cancel *cancel, struct transport_request **request);
/* Send the request and wait for the head of the response, which the caller clears, with the peer's address: neither
 * port nor brackets, and empty if it is not known. ERROR_WINHTTP_LOGIN_FAILURE if a proxy wants other credentials
 * before it connects to a server. */
extern DWORD transport_send(struct transport_request *request, struct http_head *head, WCHAR address[ADDRESS_MAX]);
/* Return whether it is the way to or through the proxy that has failed, but for the lack of credentials. */
extern BOOL transport_is_proxy_failure(const struct transport_request *request);
/* Receive at least one byte of the body. Wait no longer than timeout milliseconds, then return WAIT_TIMEOUT, with
 * INFINITE 30 s without a byte, then ERROR_WINHTTP_TIMEOUT. 0 bytes with success is the end of a complete body.
 * A body that ends too early, or not in order, gives ERROR_WINHTTP_CONNECTION_ERROR, a cancelled request
 * ERROR_WINHTTP_OPERATION_CANCELLED. */
extern DWORD transport_read(struct transport_request *request, void *buffer, DWORD size, DWORD timeout, DWORD *read);
/* Never waits for the network. */
extern void transport_close(struct transport_request *request);

#endif /* __DOSVC_TRANSPORT_H */
