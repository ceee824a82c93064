/*
 * Unit tests for recv() after a reset
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

#include <stdarg.h>

#include "windef.h"
#include "winsock2.h"

#include "wine/test.h"

#define ROUNDS 300

static void tcp_socketpair(SOCKET *client, SOCKET *server)
{
    struct sockaddr_in address = { 0 };
    int size = sizeof(address);
    SOCKET listener;

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&address, sizeof(address));
    listen(listener, 1);
    getsockname(listener, (struct sockaddr *)&address, &size);
    *client = socket(AF_INET, SOCK_STREAM, 0);
    ok(!connect(*client, (struct sockaddr *)&address, size), "got error %u.\n", WSAGetLastError());
    *server = accept(listener, NULL, NULL);
    ok(*server != INVALID_SOCKET, "got error %u.\n", WSAGetLastError());
    closesocket(listener);
}

static void reset(SOCKET s)
{
    struct linger linger = { 1, 0 };

    setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof(linger));
    closesocket(s);
}

static DWORD WINAPI reset_thread(void *param)
{
    reset((SOCKET)param);
    return 0;
}

/* The reset comes while recv() is called again and again. */
static void test_reset_meanwhile(void)
{
    unsigned int i, ends = 0, others = 0;
    SOCKET client, server;
    char buffer[16];
    HANDLE thread;
    u_long on = 1;
    int ret, error;

    for (i = 0; i < ROUNDS; ++i)
    {
        tcp_socketpair(&client, &server);
        ioctlsocket(client, FIONBIO, &on);
        thread = CreateThread(NULL, 0, reset_thread, (void *)server, 0, NULL);
        do
        {
            ret = recv(client, buffer, sizeof(buffer), 0);
            error = WSAGetLastError();
        } while (ret == -1 && error == WSAEWOULDBLOCK);
        if (!ret)
            ++ends;
        else if (error != WSAECONNRESET)
            ++others;
        WaitForSingleObject(thread, 10000);
        CloseHandle(thread);
        closesocket(client);
    }
    todo_wine ok(!ends, "%u of %u resets were taken for an orderly end.\n", ends, ROUNDS);
    ok(!others, "got %u other errors.\n", others);
}

START_TEST(test)
{
    WSADATA data;

    WSAStartup(MAKEWORD(2, 2), &data);
    test_reset_meanwhile();
    WSACleanup();
}
