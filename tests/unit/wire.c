/*
 * The bytes of a request
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

#include "unit.h"
#include "url.h"
#include "wire.h"

static UINT allocations = ~0u;

void *test_realloc(void *block, size_t size)
{
    return allocations-- ? realloc(block, size) : NULL;
}

static void test_origin(void)
{
    static const struct
    {
        const char *url, *host;
        unsigned int port;
        BOOL is_ipv6;
    }
    tests[] =
    {
        { "http://Example.com/x", "example.com", 80 },
        { "https://example.com", "example.com", 443 },
        { "http://h_1-2.x:8080/", "h_1-2.x", 8080 },
        { "http://h:65535/", "h", 65535 },
        { "http://h:/", "h", 80 },
        { "http://u:p@h:81/", "h", 81 },
        { "http://127.0.0.1/", "127.0.0.1", 80 },
        { "http://[::1]/", "::1", 80, TRUE },
        { "https://[FE80::1:127.0.0.1]:444/", "fe80::1:127.0.0.1", 444, TRUE },
        { "http://h:0/" },
        { "http://h:65536/" },
        { "http://h:99999999999999/" },
        { "http://h:8x/" },
        { "http://h:-1/" },
        { "http://h h/" },
        { "http://h\r\nX:/" },
        { "http://h%41/" },
        { "http://\xe4/" },
        { "http://[::1/" },
        { "http://[]/" },
        { "http://[::1]x/" },
        { "http://[::1%25eth0]/" },
        { "http://[gg::1]/" },
        { "http://[/" },
    };
    struct wire_origin origin;
    WCHAR text[512];
    struct url url;
    BOOL ret;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        widen(tests[i].url, text, 512);
        ret = url_parse(text, &url) && wire_parse_origin(&url, &origin);
        ok(ret == !!tests[i].host, "%s: got %d.\n", tests[i].url, ret);
        if (!ret || !tests[i].host)
            continue;
        ok(!strcmp(origin.host, tests[i].host), "%s: host %s.\n", tests[i].url, origin.host);
        ok(origin.port == tests[i].port && origin.is_ipv6 == tests[i].is_ipv6, "%s: port %u.\n", tests[i].url,
                origin.port);
    }
    memcpy(text, L"http://", 14);
    for (i = 0; i < WIRE_HOST_MAX; i++)
        text[7 + i] = 'a';
    text[7 + i] = 0;
    ok(url_parse(text, &url) && !wire_parse_origin(&url, &origin), "too long a host.\n");
    text[6 + i] = 0;
    ok(url_parse(text, &url) && wire_parse_origin(&url, &origin), "longest host.\n");
}

/* credentials: for a proxy, or NULL for a request to the server. */
static DWORD format_for(const WCHAR *text, const WCHAR *headers, const char *credentials, char **data)
{
    struct wire_origin origin;
    struct url url;
    DWORD error;
    char *bytes;
    UINT size;

    *data = NULL;
    if (!url_parse(text, &url) || !wire_parse_origin(&url, &origin))
        return 1;
    if ((error = wire_format_request(&url, &origin, headers, !!credentials, credentials, &bytes, &size)))
        return error;
    *data = calloc(1, size + 1);
    memcpy(*data, bytes, size);
    free(bytes);
    return error;
}

static DWORD format(const WCHAR *text, const WCHAR *headers, char **data)
{
    return format_for(text, headers, NULL, data);
}

#define TAIL "Connection: Keep-Alive\r\n\r\n"

static void test_request(void)
{
    static const struct
    {
        const WCHAR *url, *headers;
        const char *data;
    }
    tests[] =
    {
        { L"http://h", L"", "GET / HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h?q#f", L"", "GET /?q HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"https://H:443/a%20b?c=d", L"", "GET /a%20b?c=d HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h:81/", L"Range: bytes=0-1\r\nA:b\r\n",
                "GET / HTTP/1.1\r\nHost: h:81\r\nRange: bytes=0-1\r\nA:b\r\n" TAIL },
        { L"http://[::1]:81/", L"", "GET / HTTP/1.1\r\nHost: [::1]:81\r\n" TAIL },
        { L"http://h/\xe4\x20ac\xd83d\xde00\xd83d/", L"",
                "GET /%C3%A4%E2%82%AC%F0%9F%98%80%EF%BF%BD/ HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h/ a\tb\"<>^`{|}\x7f", L"",
                "GET /%20a%09b%22%3C%3E%5E%60%7B%7C%7D%7F HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h/x HTTP/1.1\r\nEvil: 1", L"", "GET /x%20HTTP/1.1%0D%0AEvil:%201 HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h/", L"A: \xe4\tb\r\n", "GET / HTTP/1.1\r\nHost: h\r\nA: \xe4\tb\r\n" TAIL },
        { L"http://h/", L"Hosts: x\r\n", "GET / HTTP/1.1\r\nHost: h\r\nHosts: x\r\n" TAIL },
        { L"http://h/", L"Host: x\r\n" },
        { L"http://h/", L"Content-Length: 5\r\n" },
        { L"http://h/", L"A: b\r\nTRANSFER-encoding: chunked\r\n" },
        { L"http://h/", L"Connection: close\r\n" },
        { L"http://h/", L"A: \x100\r\n" },
        { L"http://h/", L"A: \x20ac\r\n" },
        { L"http://h/", L"A" },
        { L"http://h/", L"A: b" },
        { L"http://h/", L"A\r\n" },
        { L"http://h/", L": b\r\n" },
        { L"http://h/", L" A: b\r\n" },
        { L"http://h/", L"A : b\r\n" },
        { L"http://h/", L"A: b\n\r\n" },
        { L"http://h/", L"A: b\rC: d\r\n" },
        { L"http://h/", L"A: b\r\n\r\n" },
        { L"http://h/", L"A: b\r\n c\r\n" },
        { L"http://h/", L"A: \x7f\r\n" },
        { L"http://h/", L"A\xe4: b\r\n" },
    };
    DWORD error;
    char *data;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        error = format(tests[i].url, tests[i].headers, &data);
        ok(error == (tests[i].data ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER), "%u: error %u.\n", i, error);
        if (!error && tests[i].data)
            ok(!strcmp(data, tests[i].data), "%u: got %s.\n", i, data);
        free(data);
    }
}

static void test_proxied(void)
{
    static const struct
    {
        const WCHAR *url, *headers;
        const char *credentials, *data;
    }
    tests[] =
    {
        { L"http://H", L"", "", "GET http://h/ HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h:80/a b?c", L"A: b\r\n", "", "GET http://h/a%20b?c HTTP/1.1\r\nHost: h\r\nA: b\r\n" TAIL },
        { L"http://[::1]:81?q", L"", "", "GET http://[::1]:81/?q HTTP/1.1\r\nHost: [::1]:81\r\n" TAIL },
        { L"http://h/", L"A: b\r\n", "dTpw",
                "GET http://h/ HTTP/1.1\r\nHost: h\r\nA: b\r\nProxy-Authorization: Basic dTpw\r\n" TAIL },
    };
    DWORD error;
    char *data;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        error = format_for(tests[i].url, tests[i].headers, tests[i].credentials, &data);
        ok(!error && !strcmp(data, tests[i].data), "%u: error %u, got %s.\n", i, error, data);
        free(data);
    }
}

static void test_connect(void)
{
    static const struct
    {
        const char *host, *credentials, *data;
        unsigned short port;
        BOOL is_ipv6;
    }
    tests[] =
    {
        { "h", "", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n" TAIL, 443 },
        { "::1", "", "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n" TAIL, 8443, TRUE },
        { "h", "dTpw", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nProxy-Authorization: Basic dTpw\r\n" TAIL, 443 },
    };
    char *data = NULL;
    DWORD error;
    UINT size, i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        struct wire_origin origin = { .port = tests[i].port, .is_secure = TRUE, .is_ipv6 = tests[i].is_ipv6 };

        strcpy(origin.host, tests[i].host);
        error = wire_format_connect(&origin, tests[i].credentials, &data, &size);
        ok(!error && size == strlen(tests[i].data) && !memcmp(data, tests[i].data, size), "%u: error %u.\n", i, error);
        free(data);
    }
}

/* Whatever characters come in: one line for each of ours. */
static void test_random(void)
{
    static const WCHAR chars[] = { 'a', ':', ' ', '\r', '\n', '\t', '/', '?', '%', 1, 0x85, 0x20ac, 0xd83d, 0xde00,
            0x10d };
    WCHAR url[40] = L"http://h/", headers[40];
    UINT64 state = 1;
    UINT i, j, lines, accepted = 0;
    DWORD error;
    char *data, *p;

    for (i = 0; i < 100000; i++)
    {
        for (j = 9; j < 30; j++)
            url[j] = chars[next_random(&state) % ARRAY_SIZE(chars)];
        for (j = 0; j < 8; j++)
            headers[j] = chars[next_random(&state) % ARRAY_SIZE(chars)];
        memcpy(headers + 8, L"\r\n", 6);
        if ((error = format(url, i % 4 ? L"" : headers, &data)))
            continue;
        accepted++;
        for (lines = 0, p = data; *p; p++)
        {
            if (*p == '\r' && p[1] == '\n')
                lines++;
            else if (*p == '\n' ? p == data || p[-1] != '\r' : (unsigned char)*p < ' ' && *p != '\r' && *p != '\t')
                break;
        }
        if (*p || lines < 4 || lines > (i % 4 ? 4 : 7) || strstr(data, "\r\n\r\n") != p - 4)
            ok(0, "got %s.\n", data);
        free(data);
    }
    ok(accepted > 75000, "only %u are accepted.\n", accepted);
}

static void test_memory(void)
{
    char *data;

    for (allocations = 0; ; )
    {
        UINT limit = allocations;

        if (format(L"http://h/", L"A: b\r\n", &data) != ERROR_OUTOFMEMORY)
        {
            ok(limit && data, "no allocation.\n");
            break;
        }
        allocations = limit + 1;
    }
    free(data);
    allocations = ~0u;
}

int main(void)
{
    test_origin();
    test_request();
    test_proxied();
    test_connect();
    test_random();
    test_memory();
    return report("wire");
}
