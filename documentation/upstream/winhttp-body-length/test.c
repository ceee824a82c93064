/*
 * Unit tests for lengths of bodies of more than 32 bits
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

/* Server for one connection, which it closes after the response. The body is cut. */
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

static void test_length(HINTERNET request)
{
    WCHAR text[32];
    ULONGLONG length = 0xdeadbeef;
    DWORD error, size = sizeof(text);
    BOOL ret;

    ret = WinHttpQueryHeaders(request, WINHTTP_QUERY_CONTENT_LENGTH, NULL, text, &size, NULL);
    ok(ret, "got error %lu.\n", GetLastError());
    ok(!wcscmp(text, L"4294967301"), "got %s.\n", wine_dbgstr_w(text));

    size = sizeof(length);
    ret = WinHttpQueryHeaders(request, WINHTTP_QUERY_CONTENT_LENGTH | WINHTTP_QUERY_FLAG_NUMBER64, NULL, &length,
            &size, NULL);
    error = GetLastError();
    todo_wine ok(ret || broken(error == ERROR_INVALID_PARAMETER) /* before Windows 10 */, "got error %lu.\n", error);
    if (ret)
    {
        ok(length == 4294967301ull, "got %s.\n", wine_dbgstr_longlong(length));
        ok(size == sizeof(length), "got size %lu.\n", size);
    }
}

/* Returns how much of the body comes. */
static DWORD read_body(HINTERNET request)
{
    DWORD size, total;
    char buffer[64];

    for (total = 0;; total += size)
        if (!WinHttpReadData(request, buffer, sizeof(buffer), &size) || !size)
            return total;
}

/* Opens a request, and returns how much of the body comes. */
static DWORD get(const char *response, void (*test)(HINTERNET))
{
    struct server server = { .response = response };
    HINTERNET session, connection, request;
    HANDLE thread;
    DWORD total;
    BOOL ret;

    thread = start_server(&server);
    session = WinHttpOpen(L"winetest", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    connection = WinHttpConnect(session, L"127.0.0.1", server.port, 0);
    request = WinHttpOpenRequest(connection, NULL, L"/", NULL, NULL, NULL, 0);
    ret = WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0);
    ok(ret, "got error %lu.\n", GetLastError());
    ret = WinHttpReceiveResponse(request, NULL);
    ok(ret, "got error %lu.\n", GetLastError());
    if (test)
        test(request);
    total = read_body(request);

    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connection);
    WinHttpCloseHandle(session);
    ok(!WaitForSingleObject(thread, 10000), "The server does not end.\n");
    CloseHandle(thread);
    closesocket(server.listener);
    return total;
}

START_TEST(test)
{
    WSADATA data;
    DWORD total;

    WSAStartup(MAKEWORD(2, 2), &data);

    get("HTTP/1.1 200 OK\r\nContent-Length: 4294967301\r\n\r\n0123456789", test_length);

    /* 4 GiB and 5 bytes. */
    total = get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100000005\r\n0123456789", NULL);
    todo_wine ok(total == 10, "got %lu bytes.\n", total);

    WSACleanup();
}
