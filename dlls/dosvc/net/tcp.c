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

/* All addresses of a host are tried, the next one each time that the last has failed or been silent for a while
 * (RFC 8305).
 *
 * Under Wine a receive costs two calls of wineserver, whatever it brings, and neither closing nor shutting down the
 * socket reliably ends one that blocks. So sockets do not block: a thread that finds nothing waits on an event, which
 * the socket or tcp_interrupt sets. To select the events costs as much as two receives, so it is done once. */

#include <stdio.h>
#include <stdlib.h>

#include "winsock2.h"
#include "ws2tcpip.h"

#include "base/base.h"
#include "net/connection.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define ADDRESSES_MAX   16
#define ATTEMPT_DELAY   250  /* ms before the next address is tried as well */
#define ABANDONED_DELAY 1000 /* ms until an abandoned connect ends */
#define MOMENT          2    /* ms; a server that sends more than the response has sent it along with that */
#define REST_TIME       1000 /* ms; a server seldom closes earlier, and then the request is sent again */

struct tcp
{
    SOCKET socket;
    HANDLE event; /* auto-reset */
    LONG events;  /* awaited ones: FD_READ or FD_WRITE, and FD_CLOSE */
    LONG is_interrupted;
    ULONGLONG drained; /* tick of the last receive if it took all there was, or 0 */
    WCHAR address[ADDRESS_MAX];
};

struct address
{
    const ADDRINFOW *info;
    SOCKET socket; /* INVALID_SOCKET if it is not being tried */
};

struct attempt
{
    struct address addresses[ADDRESSES_MAX]; /* in the order in which they are tried */
    UINT count;
    UINT next;     /* the first that has not been tried */
    UINT pending;
    ULONGLONG next_time; /* when it is tried, although others are pending */
};

DWORD tcp_init(void)
{
    WSADATA data;

    return WSAStartup(MAKEWORD(2, 2), &data);
}

UINT tcp_parse_address(const char *host, BYTE address[16])
{
    if (inet_pton(AF_INET, host, address) == 1)
        return 4;
    return inet_pton(AF_INET6, host, address) == 1 ? 16 : 0;
}

static DWORD resolve(const char *host, unsigned short port, ADDRINFOW **list)
{
    ADDRINFOW hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP };
    WCHAR name[URL_HOST_MAX], service[8];
    int ret;

    swprintf(name, ARRAY_SIZE(name), L"%hs", host);
    swprintf(service, ARRAY_SIZE(service), L"%u", port);
    if (!(ret = GetAddrInfoW(name, service, &hints, list)))
        return ERROR_SUCCESS;
    WARN("cannot resolve %s, error %d.\n", debugstr_a(host), ret);
    return ret == WSA_NOT_ENOUGH_MEMORY ? ERROR_OUTOFMEMORY : ERROR_WINHTTP_NAME_NOT_RESOLVED;
}

/* Sort addresses as the resolver does, but with the two families in turns. */
static void sort_addresses(const ADDRINFOW *list, struct attempt *attempt)
{
    const ADDRINFOW *first = list, *other = list, **info;
    int family = list->ai_family;

    while (attempt->count < ADDRESSES_MAX)
    {
        while (first && first->ai_family != family)
            first = first->ai_next;
        while (other && other->ai_family == family)
            other = other->ai_next;
        if (!first && !other)
            break;
        info = other && (!first || attempt->count % 2) ? &other : &first;
        attempt->addresses[attempt->count].info = *info;
        attempt->addresses[attempt->count++].socket = INVALID_SOCKET;
        *info = (*info)->ai_next;
    }
}

static void drop_address(struct attempt *attempt, struct address *address)
{
    closesocket(address->socket);
    address->socket = INVALID_SOCKET;
    attempt->pending--;
    attempt->next_time = 0;
}

static void try_next_address(struct attempt *attempt, ULONGLONG now)
{
    struct address *address = &attempt->addresses[attempt->next++];
    const ADDRINFOW *info = address->info;
    u_long one = 1;

    attempt->next_time = now + ATTEMPT_DELAY;
    attempt->pending++;
    address->socket = WSASocketW(info->ai_family, info->ai_socktype, info->ai_protocol, NULL, 0,
            WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    if (address->socket == INVALID_SOCKET || ioctlsocket(address->socket, FIONBIO, &one)
            || (connect(address->socket, info->ai_addr, info->ai_addrlen) && WSAGetLastError() != WSAEWOULDBLOCK))
    {
        TRACE("address %u, error %d.\n", attempt->next - 1, WSAGetLastError());
        drop_address(attempt, address);
    }
}

/* Wait until something happens to one of the addresses. */
static void wait_for_address(struct attempt *attempt, DWORD timeout, struct address **connected)
{
    struct timeval limit = { timeout / 1000, timeout % 1000 * 1000 };
    fd_set writable, failed;
    int error, size;
    UINT i;

    FD_ZERO(&writable);
    FD_ZERO(&failed);
    for (i = 0; i < attempt->next; i++)
    {
        if (attempt->addresses[i].socket == INVALID_SOCKET)
            continue;
        FD_SET(attempt->addresses[i].socket, &writable);
        FD_SET(attempt->addresses[i].socket, &failed);
    }
    if (select(0, NULL, &writable, &failed, &limit) <= 0)
        return;
    for (i = 0; i < attempt->next && !*connected; i++)
    {
        struct address *address = &attempt->addresses[i];

        if (address->socket == INVALID_SOCKET
                || (!FD_ISSET(address->socket, &writable) && !FD_ISSET(address->socket, &failed)))
            continue;
        size = sizeof(error);
        if (getsockopt(address->socket, SOL_SOCKET, SO_ERROR, (char *)&error, &size))
            error = WSAGetLastError();
        if (!error && !FD_ISSET(address->socket, &failed))
        {
            *connected = address;
            continue;
        }
        TRACE("address %u, error %d.\n", i, error);
        drop_address(attempt, address);
    }
}

static DWORD connect_any(struct attempt *attempt, ULONGLONG deadline, LONG *is_abandoned,
        struct address **connected)
{
    ULONGLONG now, until;

    while (!*connected)
    {
        if (InterlockedCompareExchange(is_abandoned, 0, 0))
            return ERROR_WINHTTP_OPERATION_CANCELLED;
        if ((now = progress_now()) >= deadline)
            return ERROR_WINHTTP_TIMEOUT;
        if (attempt->next < attempt->count && now >= attempt->next_time)
        {
            try_next_address(attempt, now);
            continue;
        }
        if (!attempt->pending)
            return ERROR_WINHTTP_CANNOT_CONNECT;
        until = min(deadline, now + ABANDONED_DELAY);
        if (attempt->next < attempt->count)
            until = min(until, attempt->next_time);
        wait_for_address(attempt, until - now, connected);
    }
    return ERROR_SUCCESS;
}

static void format_address(const SOCKADDR *peer, WCHAR address[ADDRESS_MAX])
{
    const void *bytes;

    if (peer->sa_family == AF_INET6)
        bytes = &((const SOCKADDR_IN6 *)peer)->sin6_addr;
    else
        bytes = &((const SOCKADDR_IN *)peer)->sin_addr;
    if (!InetNtopW(peer->sa_family, (void *)bytes, address, ADDRESS_MAX))
        address[0] = 0;
}

DWORD tcp_connect(const char *host, unsigned short port, ULONGLONG deadline, LONG *is_abandoned,
        struct tcp **out)
{
    struct address *connected = NULL;
    struct attempt attempt = {0};
    ADDRINFOW *list;
    BOOL one = TRUE;
    struct tcp *tcp;
    DWORD error;
    UINT i;

    if (!(tcp = calloc(1, sizeof(*tcp))))
        return ERROR_OUTOFMEMORY;
    tcp->socket = INVALID_SOCKET;
    if (!(tcp->event = CreateEventW(NULL, FALSE, FALSE, NULL)))
        error = GetLastError();
    else if (!(error = resolve(host, port, &list)))
    {
        sort_addresses(list, &attempt);
        error = connect_any(&attempt, deadline, is_abandoned, &connected);
        if (connected)
            format_address(connected->info->ai_addr, tcp->address);
        FreeAddrInfoW(list);
    }
    for (i = 0; i < attempt.next; i++)
    {
        if (attempt.addresses[i].socket != INVALID_SOCKET && &attempt.addresses[i] != connected)
            closesocket(attempt.addresses[i].socket);
    }
    if (!connected)
    {
        WARN("cannot connect to %s, port %u, error %lu.\n", debugstr_a(host), port, error);
        tcp_close(tcp);
        return error;
    }
    tcp->socket = connected->socket;
    /* Each send is a whole message. Without this it works, but more slowly. */
    setsockopt(tcp->socket, IPPROTO_TCP, TCP_NODELAY, (const char *)&one, sizeof(one));
    *out = tcp;
    return ERROR_SUCCESS;
}

static BOOL is_interrupted(struct tcp *tcp)
{
    return InterlockedCompareExchange(&tcp->is_interrupted, 0, 0);
}

static BOOL select_events(struct tcp *tcp, LONG events)
{
    if (tcp->events == events)
        return TRUE;
    tcp->events = 0;
    if (WSAEventSelect(tcp->socket, tcp->event, events))
        return FALSE;
    tcp->events = events;
    return TRUE;
}

/* Wait for one of the events; may return early without one. */
static DWORD wait_for_event(struct tcp *tcp, LONG events, ULONGLONG deadline)
{
    ULONGLONG now = progress_now();

    if (now >= deadline)
        return WAIT_TIMEOUT;
    if (is_interrupted(tcp) || !select_events(tcp, events))
        return ERROR_WINHTTP_CONNECTION_ERROR;
    if (WaitForSingleObject(tcp->event, min(deadline - now, INFINITE - 1)) == WAIT_TIMEOUT
            && progress_now() >= deadline)
        return WAIT_TIMEOUT;
    return is_interrupted(tcp) ? ERROR_WINHTTP_CONNECTION_ERROR : ERROR_SUCCESS;
}

const WCHAR *tcp_get_address(const struct tcp *tcp)
{
    return tcp->address;
}

DWORD tcp_send(struct tcp *tcp, const void *data, UINT size, ULONGLONG deadline)
{
    const char *bytes = data;
    DWORD error;
    int sent;

    while (size)
    {
        if ((sent = send(tcp->socket, bytes, size, 0)) > 0)
        {
            bytes += sent;
            size -= sent;
            continue;
        }
        if (WSAGetLastError() != WSAEWOULDBLOCK)
            return ERROR_WINHTTP_CONNECTION_ERROR;
        if ((error = wait_for_event(tcp, FD_WRITE | FD_CLOSE, deadline)))
            return error == WAIT_TIMEOUT ? ERROR_WINHTTP_TIMEOUT : error;
    }
    return ERROR_SUCCESS;
}

/* Return whether an end of the stream is a reset, which Wine reports as an end. There is no peer any more then, which
 * Wine 10 notices late; but the system refuses to send at once. */
static BOOL is_reset(struct tcp *tcp)
{
    SOCKADDR_STORAGE address;
    int size = sizeof(address);

    return getpeername(tcp->socket, (SOCKADDR *)&address, &size)
            || (send(tcp->socket, "", 0, 0) < 0 && WSAGetLastError() != WSAEWOULDBLOCK);
}

DWORD tcp_receive(struct tcp *tcp, void *buffer, UINT size, UINT *received)
{
    int ret;

    *received = 0;
    if (is_interrupted(tcp))
        return ERROR_WINHTTP_CONNECTION_ERROR;
    ret = recv(tcp->socket, buffer, min(size, 0x7fffffff), 0);
    *received = max(ret, 0);
    tcp->drained = ret > 0 && *received < size ? GetTickCount64() : 0;
    if (ret > 0 || !size || (!ret && !is_reset(tcp)))
        return ERROR_SUCCESS;
    if (ret < 0 && WSAGetLastError() == WSAEWOULDBLOCK)
        return WAIT_TIMEOUT;
    TRACE("error %d.\n", WSAGetLastError());
    return ERROR_WINHTTP_CONNECTION_ERROR;
}

DWORD tcp_wait(struct tcp *tcp, ULONGLONG deadline)
{
    return wait_for_event(tcp, FD_READ | FD_CLOSE, deadline);
}

/* Wine tells what there is to receive by a single call of wineserver, but not that the peer has closed. Input that has
 * come since the last receive has set the event; earlier input may have, too. */
BOOL tcp_has_no_pending_input(struct tcp *tcp, ULONGLONG rest)
{
    u_long count;
    char byte;

    if (tcp->drained && GetTickCount64() - tcp->drained <= MOMENT)
        return TRUE;
    if (rest < REST_TIME && !ioctlsocket(tcp->socket, FIONREAD, &count))
        return !count;
    if (tcp->events == (FD_READ | FD_CLOSE) && WaitForSingleObject(tcp->event, 0) == WAIT_TIMEOUT)
        return TRUE;
    return recv(tcp->socket, &byte, 1, MSG_PEEK) < 0 && WSAGetLastError() == WSAEWOULDBLOCK;
}

void tcp_interrupt(struct tcp *tcp)
{
    InterlockedExchange(&tcp->is_interrupted, TRUE);
    SetEvent(tcp->event);
}

void tcp_close(struct tcp *tcp)
{
    if (tcp->socket != INVALID_SOCKET)
        closesocket(tcp->socket);
    if (tcp->event)
        CloseHandle(tcp->event);
    free(tcp);
}
