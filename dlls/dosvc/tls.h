/*
 * TLS over a TCP connection
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

/* Errors are ERROR_WINHTTP_*. Deadlines are in the time of GetTickCount64. The TCP connection is
 * borrowed; who interrupts it interrupts this. */

#ifndef __DOSVC_TLS_H
#define __DOSVC_TLS_H

#include "tcp.h"

struct client_certificate;
struct tls;

/* The handshake, with the checks of certificate.h. certificate: for a server that asks, or NULL;
 * ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED if it insists and there is none. */
extern DWORD tls_connect(struct tcp *tcp, const char *host, DWORD flags,
        const struct client_certificate *certificate, ULONGLONG deadline, struct tls **tls);
/* As the functions of tcp.h. A stream that ends without the peer having said so (close_notify) gives
 * ERROR_WINHTTP_CONNECTION_ERROR: somebody may have cut it. */
extern DWORD tls_send(struct tls *tls, const void *data, UINT size, ULONGLONG deadline);
extern DWORD tls_receive(struct tls *tls, void *buffer, UINT size, UINT *received);
/* Drop the big buffer until there is more. FALSE if something received is left, or the stream has ended. */
extern BOOL tls_rest(struct tls *tls);
extern void tls_destroy(struct tls *tls);

#endif /* __DOSVC_TLS_H */
