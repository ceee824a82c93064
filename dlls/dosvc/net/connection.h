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
 * one thread at a time, apart from tcp_interrupt. */

#ifndef __DOSVC_CONNECTION_H
#define __DOSVC_CONNECTION_H

#include "net/credentials.h"
#include "net/proxy.h"
#include "net/transport.h"
#include "base/url.h"

#include "wincrypt.h"
#include "wine/list.h"

/* tcp.c; of a struct tcp all but tcp_interrupt is for one thread at a time. */

struct tcp;

extern DWORD tcp_init(void);
/* Parse an IP address, and return its size in bytes, 4 or 16; 0 if the host is a name. */
extern UINT tcp_parse_address(const char *host, BYTE address[16]);
/* Connect to a name or an address, without brackets. Waits, also for the name server, which nothing can interrupt;
 * when *is_abandoned is set it gives up soon. */
extern DWORD tcp_connect(const char *host, unsigned short port, ULONGLONG deadline, LONG *is_abandoned,
        struct tcp **tcp);
/* Return the address of the peer, with neither port nor brackets; it may be empty. */
extern const WCHAR *tcp_get_address(const struct tcp *tcp);
/* Send all of the data. ERROR_WINHTTP_TIMEOUT if the peer does not take it in time. */
extern DWORD tcp_send(struct tcp *tcp, const void *data, UINT size, ULONGLONG deadline);
/* Receive without waiting. WAIT_TIMEOUT if nothing is there; 0 bytes at the end of the stream, if that
 * is in order: a reset gives ERROR_WINHTTP_CONNECTION_ERROR. */
extern DWORD tcp_receive(struct tcp *tcp, void *buffer, UINT size, UINT *received);
/* Wait until there is something to receive, or WAIT_TIMEOUT. */
extern DWORD tcp_wait(struct tcp *tcp, ULONGLONG deadline);
/* Return whether the peer has neither sent something nor closed while the connection was idle, for so many
 * milliseconds; a short time is checked by fewer calls. */
extern BOOL tcp_has_no_pending_input(struct tcp *tcp, ULONGLONG rest);
/* Make pending and later calls fail at once; from any thread. */
extern void tcp_interrupt(struct tcp *tcp);
extern void tcp_close(struct tcp *tcp);

/* certificate.c */

/* Check the chain, the use, the dates and the name, except for what the flags
 * (SECURITY_FLAG_IGNORE_*) leave out. With WINHTTP_ENABLE_SSL_REVOCATION (1) among them no
 * certificate of the chain may be revoked. ERROR_WINHTTP_SECURE_* if it does not pass; the reason
 * is traced. May use the network for revocation lists, for 15 s at most. */
extern DWORD certificate_verify(const CERT_CONTEXT *certificate, const char *host, DWORD flags);
/* Return whether a certificate, or those that it issues, may be used so (szOID_PKIX_KP_*). Without the extension it is
 * for everything. */
extern BOOL certificate_is_for(const CERT_CONTEXT *certificate, const char *use);

/* Certificate for servers that ask for one, as a serialized store element (CertSerializeCertificateStoreElement), which
 * tells where the private key is. Requests and connections share it by references; functions take NULL for none. */
struct client_certificate
{
    LONG refcount;
    DWORD size; /* in bytes */
    BYTE data[];
};

/* Return a copy with one reference; NULL if out of memory. */
extern struct client_certificate *client_certificate_create(const void *data, DWORD size);
extern struct client_certificate *client_certificate_addref(struct client_certificate *certificate);
extern void client_certificate_release(struct client_certificate *certificate);
extern BOOL client_certificate_equals(const struct client_certificate *a, const struct client_certificate *b);
/* Open the certificate and its key. The caller frees the context. ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY if the key
 * cannot be used. */
extern DWORD client_certificate_open(const struct client_certificate *certificate, const CERT_CONTEXT **context);

/* tls.c; the TCP connection is borrowed, and to interrupt it interrupts this. */

struct tls;

/* Shake hands, with the checks of certificate_verify. certificate: for a server that asks, or NULL;
 * ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED if it insists and there is none. */
extern DWORD tls_connect(struct tcp *tcp, const char *host, DWORD flags,
        const struct client_certificate *certificate, ULONGLONG deadline, struct tls **tls);
/* Send and receive as tcp.c does. A stream that ends without a close_notify gives ERROR_WINHTTP_CONNECTION_ERROR: it
 * may have been cut. */
extern DWORD tls_send(struct tls *tls, const void *data, UINT size, ULONGLONG deadline);
extern DWORD tls_receive(struct tls *tls, void *buffer, UINT size, UINT *received);
/* Free the input buffer until more is received. FALSE if something received is left, or the stream has ended. */
extern BOOL tls_rest(struct tls *tls);
extern void tls_destroy(struct tls *tls);

/* connection.c */

/* Properties by which connections can stand in for each other. */
struct route
{
    struct url_origin origin;
    struct proxy proxy;   /* PROXY_NONE or PROXY_HTTP */
    DWORD security_flags; /* of the check of the certificate */
    struct client_certificate *certificate; /* owned: a reference; NULL: none */
    struct credentials *credentials; /* owned: a reference; NULL: none. The peer may know the user by them */
    BOOL is_foreign; /* the server is not the one that the credentials are for; the proxy may be */
};

extern void route_clear(struct route *route);

struct connection
{
    struct route route;
    struct tcp *tcp;
    struct tls *tls;      /* NULL for plain HTTP */
    char *input;          /* for the request that has the connection */
    UINT input_capacity;
    UINT input_size;      /* of what was received with the last head */

    /* of the pool; entry is guarded by its lock */
    struct list entry;
    ULONGLONG idle_since;
};

/* Send and receive as tcp.c and tls.c do, but wait for data until the deadline. */
extern DWORD connection_send(struct connection *connection, const void *data, UINT size, ULONGLONG deadline);
extern DWORD connection_receive(struct connection *connection, void *buffer, UINT size, ULONGLONG deadline,
        UINT *received);
/* Receive until the input begins with a whole head, interim or not, of size bytes. */
extern DWORD connection_receive_head(struct connection *connection, ULONGLONG deadline, UINT *size);
/* Receive the rest of a response of which so many bytes of the input have been used, and throw it away. TRUE if the
 * connection can be used again. */
extern BOOL connection_skip_body(struct connection *connection, struct framing *framing, UINT used);
extern void connection_destroy(struct connection *connection);

/* Open a connection on a thread that can be left behind, for neither a name server nor the check of a certificate can
 * be interrupted. timeout in milliseconds. ERROR_WINHTTP_OPERATION_CANCELLED when *is_cancelled has been set, which
 * connection_wake makes all who wait look at, from any thread. is_proxy_failure tells whether an error is about the
 * proxy, but for the lack of credentials. */
extern DWORD connection_open(const struct route *route, DWORD timeout, LONG *is_cancelled,
        struct connection **connection, BOOL *is_proxy_failure);
extern void connection_wake(void);

/* The pool: connections that wait for the next request, for a while. */

extern DWORD pool_init(void);
/* Close all connections. */
extern void pool_cleanup(void);
/* Take a usable connection of the same route, or NULL. */
extern struct connection *pool_take(const struct route *route);
/* Give a connection back, on which nothing may be left to be received. */
extern void pool_put(struct connection *connection);
/* Close the connections of the route's origin, and keep none for a while: a kept one has brought something else than a
 * response. */
extern void pool_distrust(const struct route *route);

#endif /* __DOSVC_CONNECTION_H */
