/*
 * Unit tests for the redirects that are followed
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

/* Server that answers the first request with a redirect, and tells of the second one. */
struct server
{
    SOCKET listener;
    USHORT port;
    unsigned int status;
    char method[8];
};

/* Returns FALSE if there is no request. */
static BOOL answer(SOCKET listener, const char *response, char *method)
{
    struct timeval timeout = { 1, 0 };
    fd_set set = { 1, { listener } };
    char buffer[1024];
    int len;
    SOCKET s;

    if (select(0, &set, NULL, NULL, &timeout) != 1)
        return FALSE;
    s = accept(listener, NULL, NULL);
    if ((len = recv(s, buffer, sizeof(buffer) - 1, 0)) < 0)
        len = 0;
    buffer[len] = 0;
    sscanf(buffer, "%7s", method);
    send(s, response, strlen(response), 0);
    closesocket(s);
    return TRUE;
}

static DWORD WINAPI serve(void *param)
{
    struct server *server = param;
    char redirect[128], method[8];

    sprintf(redirect, "HTTP/1.1 %u Redirect\r\nLocation: /target\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            server->status);
    answer(server->listener, redirect, method);
    answer(server->listener, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", server->method);
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

static void test_redirect(unsigned int status, const WCHAR *method, const char *expected, BOOL is_followed)
{
    struct server server = { .status = status };
    HINTERNET session, connection, request;
    DWORD result = 0, size = sizeof(result);
    HANDLE thread;
    BOOL ret;

    winetest_push_context("%u %s", status, wine_dbgstr_w(method));
    thread = start_server(&server);
    session = WinHttpOpen(L"winetest", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    connection = WinHttpConnect(session, L"127.0.0.1", server.port, 0);
    request = WinHttpOpenRequest(connection, method, L"/", NULL, NULL, NULL, 0);
    ret = WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0);
    ok(ret, "got error %lu.\n", GetLastError());
    ret = WinHttpReceiveResponse(request, NULL);
    ok(ret, "got error %lu.\n", GetLastError());
    ret = WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER, NULL, &result, &size,
            NULL);
    ok(ret, "got error %lu.\n", GetLastError());
    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connection);
    WinHttpCloseHandle(session);
    ok(!WaitForSingleObject(thread, 10000), "The server does not end.\n");
    CloseHandle(thread);
    closesocket(server.listener);

    todo_wine_if(!is_followed)
    {
        ok(result == 200 || broken(result == 308) /* before Windows 10 */, "got status %lu.\n", result);
        ok(!strcmp(server.method, expected) || broken(result == 308), "got method %s.\n", wine_dbgstr_a(server.method));
    }
    winetest_pop_context();
}

START_TEST(test)
{
    WSADATA data;

    WSAStartup(MAKEWORD(2, 2), &data);
    test_redirect(302, L"GET", "GET", TRUE);
    test_redirect(302, L"POST", "GET", TRUE);
    test_redirect(307, L"POST", "POST", TRUE);
    test_redirect(303, L"GET", "GET", FALSE);
    test_redirect(303, L"POST", "GET", FALSE);
    test_redirect(308, L"GET", "GET", FALSE);
    test_redirect(308, L"POST", "POST", FALSE);
    WSACleanup();
}
