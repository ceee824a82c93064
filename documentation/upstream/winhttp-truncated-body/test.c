/*
 * Unit tests for bodies that end too early
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

/* Server for one connection: it closes the connection after the response. */
struct server
{
    SOCKET listener;
    USHORT port;
    const char *response;
};

static DWORD WINAPI serve(void *param)
{
    struct server *server = param;
    char buffer[1024];
    SOCKET s;

    s = accept(server->listener, NULL, NULL);
    recv(s, buffer, sizeof(buffer), 0);
    send(s, server->response, strlen(server->response), 0);
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

/* Returns the error of the read that ends the body, or ERROR_SUCCESS if the body is complete. */
static DWORD read_body(HINTERNET request, DWORD *total)
{
    char buffer[64];
    DWORD size;

    for (*total = 0;; *total += size)
    {
        size = 0xdeadbeef;
        if (!WinHttpReadData(request, buffer, sizeof(buffer), &size))
            return GetLastError();
        if (!size)
            return ERROR_SUCCESS;
    }
}

/* Returns how the body ended, and its length. */
static DWORD get(const char *response, DWORD *total)
{
    struct server server = { .response = response };
    HINTERNET session, connection, request;
    DWORD error = ERROR_SUCCESS;
    HANDLE thread;
    BOOL ret;

    thread = start_server(&server);
    session = WinHttpOpen(L"winetest", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    connection = WinHttpConnect(session, L"127.0.0.1", server.port, 0);
    request = WinHttpOpenRequest(connection, NULL, L"/", NULL, NULL, NULL, 0);
    ret = WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0);
    ok(ret, "got error %lu.\n", GetLastError());
    ret = WinHttpReceiveResponse(request, NULL);
    ok(ret, "got error %lu.\n", GetLastError());
    error = read_body(request, total);

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
    DWORD error, total;
    WSADATA data;

    WSAStartup(MAKEWORD(2, 2), &data);

    error = get("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", &total);
    ok(error == ERROR_SUCCESS, "got error %lu.\n", error);
    ok(total == 10, "got %lu bytes.\n", total);

    error = get("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789", &total);
    ok(error == ERROR_SUCCESS, "got error %lu.\n", error);
    ok(total == 10, "got %lu bytes.\n", total);

    error = get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n", &total);
    ok(error == ERROR_SUCCESS, "got error %lu.\n", error);
    ok(total == 10, "got %lu bytes.\n", total);

    error = get("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789", &total);
    todo_wine ok(error == ERROR_WINHTTP_CONNECTION_ERROR, "got error %lu.\n", error);

    /* In the middle of a chunk. */
    error = get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n0123456789", &total);
    todo_wine ok(error == ERROR_WINHTTP_CONNECTION_ERROR, "got error %lu.\n", error);

    /* Between two chunks. */
    error = get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n", &total);
    todo_wine ok(error == ERROR_WINHTTP_CONNECTION_ERROR, "got error %lu.\n", error);

    WSACleanup();
}
