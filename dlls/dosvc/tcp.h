/*
 * TCP connections
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

/* Errors are ERROR_WINHTTP_*. Deadlines are in the time of GetTickCount64. A
 * connection is used by one thread at a time, apart from tcp_interrupt. */

#ifndef __DOSVC_TCP_H
#define __DOSVC_TCP_H

#include "transport.h"

struct tcp;

extern DWORD tcp_init(void);
/* The bytes of an IP address, 4 or 16; 0 if it is a name. */
extern UINT tcp_parse_address(const char *host, BYTE address[16]);
/* host: a name or an address, without brackets. Waits, also for the name server, which nothing can
 * interrupt; when *is_abandoned is set it gives up soon. */
extern DWORD tcp_connect(const char *host, unsigned short port, ULONGLONG deadline, LONG *is_abandoned,
        struct tcp **tcp);
/* Of the peer: neither port nor brackets; may be empty. */
extern const WCHAR *tcp_get_address(const struct tcp *tcp);
/* All of it. ERROR_WINHTTP_TIMEOUT if the peer does not take it in time. */
extern DWORD tcp_send(struct tcp *tcp, const void *data, UINT size, ULONGLONG deadline);
/* Receive without waiting. WAIT_TIMEOUT if nothing is there; 0 bytes at the end of the stream, if that
 * is in order: a reset gives ERROR_WINHTTP_CONNECTION_ERROR. */
extern DWORD tcp_receive(struct tcp *tcp, void *buffer, UINT size, UINT *received);
/* Wait until there is something to receive, or WAIT_TIMEOUT. */
extern DWORD tcp_wait(struct tcp *tcp, ULONGLONG deadline);
/* The peer has neither sent something nor closed while the connection was at rest, for so many milliseconds: the
 * fewer, the less is asked. */
extern BOOL tcp_is_quiet(struct tcp *tcp, ULONGLONG rest);
/* From any thread: whatever waits, and all that comes later, fails at once. */
extern void tcp_interrupt(struct tcp *tcp);
extern void tcp_close(struct tcp *tcp);

#endif /* __DOSVC_TCP_H */
