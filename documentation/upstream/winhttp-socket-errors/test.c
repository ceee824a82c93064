/*
 * Unit tests for errors of connections
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
#include "winhttp.h"

#include "wine/test.h"

/* Server for one connection, which it resets after the response, or when the client has given up. */
struct server
{
    SOCKET listener;
    USHORT port;
    const char *response;
    BOOL is_silent;
};

static DWORD WINAPI serve(void *param)
{
    struct linger linger = { 1, 0 };
    struct server *server = param;
    char buffer[1024];
    SOCKET s;

    s = accept(server->listener, NULL, NULL);
    recv(s, buffer, sizeof(buffer), 0);
    send(s, server->response, strlen(server->response), 0);
    if (server->is_silent)
        recv(s, buffer, sizeof(buffer), 0);
    else
        Sleep(100);
    setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof(linger));
    closesocket(s);
    return 0;
}

static HANDLE start_server(struct server *server)
{
    struct sockaddr_in address = { 0 };
    int size = sizeof(address);

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(server->listener, (struct sockaddr *)&address, sizeof(address));
    listen(server->listener, 1);
    getsockname(server->listener, (struct sockaddr *)&address, &size);
    server->port = ntohs(address.sin_port);
    return CreateThread(NULL, 0, serve, server, 0, NULL);
}

/* Returns the first error of a request, or ERROR_SUCCESS. */
static DWORD receive(HINTERNET request)
{
    char buffer[64];
    DWORD size;

    if (!WinHttpReceiveResponse(request, NULL))
        return GetLastError();
    do
    {
        if (!WinHttpReadData(request, buffer, sizeof(buffer), &size))
            return GetLastError();
    } while (size);
    return ERROR_SUCCESS;
}

static DWORD get(const char *response, BOOL is_silent)
{
    struct server server = { .response = response, .is_silent = is_silent };
    HINTERNET session, connection, request;
    DWORD error, timeout = 500;
    HANDLE thread;
    BOOL ret;

    thread = start_server(&server);
    session = WinHttpOpen(L"winetest", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    WinHttpSetTimeouts(session, 10000, 10000, 10000, timeout);
    WinHttpSetOption(session, WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT, &timeout, sizeof(timeout));
    connection = WinHttpConnect(session, L"127.0.0.1", server.port, 0);
    request = WinHttpOpenRequest(connection, NULL, L"/", NULL, NULL, NULL, 0);
    ret = WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0);
    ok(ret, "got error %lu.\n", GetLastError());
    error = receive(request);

    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connection);
    WinHttpCloseHandle(session);
    ok(!WaitForSingleObject(thread, 10000), "The server does not end.\n");
    CloseHandle(thread);
    closesocket(server.listener);
    return error;
}

START_TEST(test)
{
    WSADATA data;
    DWORD error;

    WSAStartup(MAKEWORD(2, 2), &data);

    error = get("", TRUE);
    todo_wine ok(error == ERROR_WINHTTP_TIMEOUT, "got error %lu.\n", error);
    error = get("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789", TRUE);
    todo_wine ok(error == ERROR_WINHTTP_TIMEOUT, "got error %lu.\n", error);
    error = get("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789", FALSE);
    todo_wine ok(error == ERROR_WINHTTP_CONNECTION_ERROR, "got error %lu.\n", error);

    WSACleanup();
}
