/*
 * Unit tests of http1.c
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
#include "net/http1.h"
#include "net/transport.h"

#define OK      "HTTP/1.1 200 OK\r\n"
#define NOW     0x01c00f9b2fb25600ull
#define REFUSED ERROR_WINHTTP_INVALID_SERVER_RESPONSE

static UINT allocations_left = ~0u;

/* As http1.c allocates. */
void *test_realloc(void *block, size_t size);
void *test_realloc(void *block, size_t size)
{
    return allocations_left && allocations_left-- ? realloc(block, size) : NULL;
}

void *test_calloc(size_t count, size_t size);
void *test_calloc(size_t count, size_t size)
{
    return allocations_left && allocations_left-- ? calloc(count, size) : NULL;
}

static DWORD parse_bytes(const char *bytes, UINT size, struct http_head *head, struct framing *framing)
{
    char *copy = malloc(size + !size); /* no terminator, so that each byte behind the end is noticed */
    DWORD error;

    memcpy(copy, bytes, size);
    error = http1_parse_head(copy, size, NOW, head, framing);
    free(copy);
    return error;
}

static DWORD parse(const char *text, struct http_head *head, struct framing *framing)
{
    return parse_bytes(text, strlen(text), head, framing);
}

static BOOL equals(const WCHAR *wide, const char *text)
{
    while (*wide && *wide == (unsigned char)*text)
    {
        wide++;
        text++;
    }
    return *wide == (unsigned char)*text;
}

static void test_find_head(void)
{
    static const struct
    {
        const char *text;
        UINT size; /* 0: not found, ~0: no head at all */
    }
    tests[] =
    {
        { OK "A: b\r\n\r\nbody\r\n\r\n", 25 },
        { "HTTP/1.1 200 OK\nA: b\n\nbody\n\n", 22 },
        { OK "A: b\r\n\nbody\n\n", 24 },
        { "\r\n\n\r\n" OK "\r\n\r\n", 24 },
        { OK " \t\r\n\r\n", 23 },
        { OK "A: b\r\n\r\r\n" },
        { OK "A: b\r\n" },
        { OK },
        { "\r\n\r\n" },
        { "" },
        { "\r\n\r\nSSH-2.0", ~0u },
        { "HTTX", ~0u },
        { "http/1.1 200 OK\r\n\r\n", ~0u },
        { "HTTP/2 200 OK\r\n\r\n", ~0u },
    };
    UINT i, j, checked, size, end;
    BOOL ret = TRUE;
    char *copy;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        /* All at once, and byte by byte. */
        end = strlen(tests[i].text);
        checked = 0;
        ret = http1_find_head(tests[i].text, end, &checked, &size);
        ok(ret == (tests[i].size != ~0u), "%u: got %d.\n", i, ret);
        ok(size == (ret ? tests[i].size : 0), "%u: size %u.\n", i, size);
        for (j = checked = size = 0, ret = TRUE; j <= end && ret && !size; j++)
        {
            copy = malloc(j + !j);
            memcpy(copy, tests[i].text, j);
            ret = http1_find_head(copy, j, &checked, &size);
            ok(!ret || size == (j < tests[i].size || !tests[i].size ? 0 : tests[i].size), "%u: %u: size %u.\n", i, j,
                    size);
            free(copy);
        }
    }
}

static void test_numbers(void)
{
    static const struct
    {
        const char *text;
        BOOL ret;
        UINT64 number;
    }
    tests[] =
    {
        { "0", TRUE, 0 },
        { "00012", TRUE, 12 },
        { "5368709120", TRUE, 5368709120ull },
        { "18446744073709551615", TRUE, ~0ull },
        { "18446744073709551616", FALSE },
        { "99999999999999999999", FALSE },
        { "", FALSE },
        { "-1", FALSE },
        { "+1", FALSE },
        { " 1", FALSE },
        { "1 ", FALSE },
        { "0x10", FALSE },
        { "1,1", FALSE },
    };
    UINT64 number;
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        const char *text = tests[i].text;
        BOOL ret;

        number = 77;
        ret = http1_parse_number(text, strlen(text), &number);
        ok(ret == tests[i].ret, "'%s': got %d.\n", tests[i].text, ret);
        ok(number == (ret ? tests[i].number : 77), "'%s': got %llu.\n", tests[i].text, (unsigned long long)number);
    }
}

static void test_content_range(void)
{
    static const struct
    {
        const char *text;
        BOOL ret;
        struct content_range range;
    }
    tests[] =
    {
        { "bytes 0-99/200", TRUE, { 0, 100, 200 } },
        { "Bytes 0-0/1", TRUE, { 0, 1, 1 } },
        { "bytes 100-199/*", TRUE, { 100, 100, SIZE_UNKNOWN } },
        { "bytes */200", TRUE, { 0, 0, 200 } },
        { "bytes */0", TRUE, { 0, 0, 0 } },
        { "bytes 5368709119-5368709119/5368709120", TRUE, { 5368709119ull, 1, 5368709120ull } },
        { "bytes 0-99/99", FALSE },
        { "bytes 9-8/99", FALSE },
        { "bytes 0-18446744073709551615/*", FALSE },
        { "bytes 9-18446744073709551615/*", FALSE },
        { "bytes 0-1/18446744073709551615", FALSE },
        { "bytes */*", FALSE },
        { "bytes 0-99/200x", FALSE },
        { "bytes 0-99", FALSE },
        { "bytes -99/100", FALSE },
        { "bytes=0-99/200", FALSE },
        { "items 0-99/200", FALSE },
        { "bytes", FALSE },
        { "", FALSE },
    };
    struct content_range range;
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        BOOL ret = http1_parse_content_range(tests[i].text, strlen(tests[i].text), &range);

        ok(ret == tests[i].ret, "'%s': got %d.\n", tests[i].text, ret);
        if (ret)
            ok(!memcmp(&range, &tests[i].range, sizeof(range)), "'%s': wrong values.\n", tests[i].text);
    }
}

static void test_dates(void)
{
    static const struct
    {
        const char *text;
        BOOL ret;
        UINT64 seconds; /* since 1970 */
    }
    tests[] =
    {
        { "Sun, 06 Nov 1994 08:49:37 GMT", TRUE, 784111777 },
        { "Sunday, 06-Nov-94 08:49:37 GMT", TRUE, 784111777 },
        { "Sun Nov  6 08:49:37 1994", TRUE, 784111777 },
        { "Sun, 06-Nov-1994 08:49:37 GMT", TRUE, 784111777 },
        { "Thu, 29 Feb 2024 00:00:00 GMT", TRUE, 1709164800 },
        { "Thu, 01 Jan 1970 00:00:00 GMT", TRUE, 0 },
        { "Tue, 19 Jan 2038 03:14:08 GMT", TRUE, 2147483648u },
        { "Wednesday, 09-Nov-61 23:59:60 GMT", TRUE, 2898806400u },
        { "Fri, 31 Dec 9999 23:59:59 GMT", TRUE, 253402300799ull },
        { "Thu, 29 Feb 2023 00:00:00 GMT", FALSE },
        { "Sun, 31 Nov 1994 08:49:37 GMT", FALSE },
        { "Sun, 00 Nov 1994 08:49:37 GMT", FALSE },
        { "Sun, 06 Nov 1500 08:49:37 GMT", FALSE },
        { "Sun, 06 Nov 1994 24:49:37 GMT", FALSE },
        { "Sun, 06 Nov 1994 08:60:37 GMT", FALSE },
        { "Sun, 06 Nov 1994 08:49:61 GMT", FALSE },
        { "Sun, 06 Nox 1994 08:49:37 GMT", FALSE },
        { "Sux, 06 Nov 1994 08:49:37 GMT", FALSE },
        { "Sun, 06 Nov 1994 08:49:37 CET", FALSE },
        { "Sun, 06 Nov 1994 08:49:37 GMT ", FALSE },
        { "Sun, 6 Nov 1994 08:49:37 GMT", FALSE },
        { "784111777", FALSE },
        { "", FALSE },
    };
    UINT64 time;
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        BOOL ret = http1_parse_date(tests[i].text, strlen(tests[i].text), &time);

        ok(ret == tests[i].ret, "'%s': got %d.\n", tests[i].text, ret);
        if (ret)
            ok(time == (tests[i].seconds + 11644473600ull) * 10000000, "'%s': got %llu.\n", tests[i].text,
                    (unsigned long long)time / 10000000 - 11644473600ull);
    }
}

/* Each row of "Tolerance", and what is refused since it could be read in two ways. */
static void test_heads(void)
{
    static const struct
    {
        const char *head;
        DWORD status; /* 0: refused */
        enum framing_kind kind;
        UINT64 left;
        BOOL is_ended, is_persistent;
    }
    tests[] =
    {
        { OK "Content-Length: 10\r\n\r\n", 200, FRAMING_LENGTH, 10, FALSE, TRUE },
        { OK "content-LENGTH:10 \t\r\n\r\n", 200, FRAMING_LENGTH, 10, FALSE, TRUE },
        { OK "Content-Length: 0\r\n\r\n", 200, FRAMING_LENGTH, 0, TRUE, TRUE },
        { OK "Content-Length: 18446744073709551614\r\n\r\n", 200, FRAMING_LENGTH, SIZE_UNKNOWN - 1, FALSE, TRUE },
        { OK "Content-Length: 7\r\nConnection: x, Close\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, FALSE },
        { OK "Content-Length: 7\r\nConnection: ,\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "\r\n", 200, FRAMING_CLOSE, 0, FALSE, FALSE },
        { OK "Connection: keep-alive\r\n\r\n", 200, FRAMING_CLOSE, 0, FALSE, FALSE },
        { "HTTP/1.1 206\r\nContent-Length: 1\r\n\r\n", 206, FRAMING_LENGTH, 1, FALSE, TRUE },
        { "HTTP/1.1 404 \x80\xff\r\nContent-Length: 1\r\n\r\n", 404, FRAMING_LENGTH, 1, FALSE, TRUE },
        { "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", 200, FRAMING_LENGTH, 1, FALSE, FALSE },
        { "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n", 200, FRAMING_LENGTH, 1, FALSE,
                TRUE },
        { "HTTP/1.1 100 Continue\r\n\r\n", 100, FRAMING_LENGTH, 0, TRUE, TRUE },
        { "HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n", 304, FRAMING_LENGTH, 0, TRUE, TRUE },
        { "HTTP/1.1 204 N\r\n\r\n", 204, FRAMING_LENGTH, 0, TRUE, TRUE },
        /* Lines that end in LF alone; blank lines before the status line. */
        { "HTTP/1.1 200 OK\nContent-Length: 7\n\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "A: b\nContent-Length: 7\r\n\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { "\r\n\n" OK "Content-Length: 7\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        /* Blanks before a colon: not for what frames the body. */
        { OK "Server : x\r\nContent-Length: 7\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "Connection\t: close\r\nContent-Length: 7\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "Content-Length : 7\r\n\r\n" },
        { OK "Transfer-Encoding : chunked\r\n\r\n" },
        { OK "Content-Range \t: bytes 0-1/2\r\nContent-Length: 2\r\n\r\n" },
        /* Lines that go on. */
        { OK "A: b\r\n Content-Length: 8\r\nContent-Length: 7\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "A: b\n\tc\n d\nContent-Length: 7\n\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "Content-Length: 7\r\n \t\r\n\r\n" },
        { OK "Content-Length:\r\n 7\r\n\r\n" },
        { OK "Transfer-Encoding:\r\n\tchunked\r\n\r\n" },
        { OK "Content-Range: bytes\n 0-1/2\r\nContent-Length: 2\r\n\r\n" },
        { OK " Content-Length: 7\r\n\r\n" },
        /* Empty or strange names, none at all, control characters and others. */
        { OK ": b\r\nMy Header: x\r\nA(: b\r\n\xe4: \xff\r\nA: \x01\x7f\r\nno colon\r\nContent-Length: 7\r\n\r\n",
                200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "A: b\rContent-Length: 7\r\n\r\n" },
        { OK "A: b\r\r\n\r\n" },
        /* Lengths. */
        { OK "Content-Length: 7\r\nContent-Length: 7\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "Content-Length: 7,\t007\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "Content-Length: 7\r\nContent-Length: 8\r\n\r\n" },
        { OK "Content-Length: 7, 8\r\n\r\n" },
        { OK "Content-Length:\r\n\r\n" },
        { OK "Content-Length: 7,\r\n\r\n" },
        { OK "Content-Length: -1\r\n\r\n" },
        { OK "Content-Length: +1\r\n\r\n" },
        { OK "Content-Length: 0x10\r\n\r\n" },
        { OK "Content-Length: 1 0\r\n\r\n" },
        { OK "Content-Length: 18446744073709551615\r\n\r\n" },
        { OK "Content-Length: 18446744073709551616\r\n\r\n" },
        { OK "Content-Length: 99999999999999999999999\r\n\r\n" },
        /* Codings; with a length, or of HTTP/1.0, they win, and the connection is not kept. */
        { OK "Transfer-Encoding: chunked\r\n\r\n", 200, FRAMING_CHUNKED, 0, FALSE, TRUE },
        { OK "Transfer-Encoding: , Identity,, Chunked ,\r\n\r\n", 200, FRAMING_CHUNKED, 0, FALSE, TRUE },
        { OK "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n", 200, FRAMING_CHUNKED, 0, FALSE,
                TRUE },
        { OK "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n", 200, FRAMING_CHUNKED, 0, FALSE, FALSE },
        { OK "Transfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n", 200, FRAMING_CHUNKED, 0, FALSE, FALSE },
        { "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n", 200, FRAMING_CHUNKED, 0,
                FALSE, FALSE },
        { OK "Transfer-Encoding: identity\r\nContent-Length: 7\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, FALSE },
        { OK "Transfer-Encoding: identity\r\n\r\n", 200, FRAMING_CLOSE, 0, FALSE, FALSE },
        { OK "Transfer-Encoding: chunked, chunked\r\n\r\n" },
        { OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { OK "Transfer-Encoding: chunked, identity\r\n\r\n" },
        { OK "Transfer-Encoding: gzip, chunked\r\n\r\n" },
        { OK "Transfer-Encoding: gzip\r\n\r\n" },
        { OK "Transfer-Encoding: xchunked\r\n\r\n" },
        { OK "Transfer-Encoding: \vchunked\r\n\r\n" },
        /* Statuses of no class count as errors of the server, and are no interim ones. */
        { "HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\n", 500, FRAMING_LENGTH, 2, FALSE, TRUE },
        { "HTTP/1.1 000\r\nContent-Length: 2\r\n\r\n", 500, FRAMING_LENGTH, 2, FALSE, TRUE },
        { "HTTP/1.1 600 X\r\nContent-Length: 2\r\n\r\n", 500, FRAMING_LENGTH, 2, FALSE, TRUE },
        { "HTTP/1.1 999 X\r\nContent-Length: 2\r\n\r\n", 500, FRAMING_LENGTH, 2, FALSE, TRUE },
        { "HTTP/1.1 599 X\r\nContent-Length: 2\r\n\r\n", 599, FRAMING_LENGTH, 2, FALSE, TRUE },
        { "HTTP/1.1 20 OK\r\n\r\n" },
        { "HTTP/1.1 2000\r\n\r\n" },
        { "HTTP/1.1 200X\r\n\r\n" },
        { "HTTP/1.1  200 OK\r\n\r\n" },
        { "HTTP/1 200 OK\r\n\r\n" },
        { "HTTP/1.1\r\n\r\n" },
        { "http/1.1 200 OK\r\n\r\n" },
        { "HTTP/2.0 200 OK\r\n\r\n" },
        { "ICY 200 OK\r\n\r\n" },
        /* No head, or more than one. */
        { OK "A: b\r\n" },
        { OK "A: b\r\n\r\n\r\n" },
        { OK },
        { "\r\n\r\n" },
        { "" },
    };
    struct framing framing;
    struct http_head head;
    DWORD error;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        error = parse(tests[i].head, &head, &framing);
        ok(error == (tests[i].status ? ERROR_SUCCESS : REFUSED), "%u, %s: got %u.\n", i, tests[i].head, error);
        if (!error && tests[i].status)
        {
            ok(head.status == tests[i].status, "%u: status %u.\n", i, head.status);
            ok(framing.kind == tests[i].kind, "%u: kind %u.\n", i, framing.kind);
            ok(framing.left == tests[i].left, "%u: left.\n", i);
            ok(framing.is_ended == tests[i].is_ended, "%u: ended %d.\n", i, framing.is_ended);
            ok(framing.is_persistent == tests[i].is_persistent, "%u: persistent %d.\n", i, framing.is_persistent);
            ok(head.is_chunked == (tests[i].kind == FRAMING_CHUNKED), "%u: chunked %d.\n", i, head.is_chunked);
            if (tests[i].left || tests[i].kind != FRAMING_LENGTH)
                ok(head.content_length == (tests[i].left ? tests[i].left : SIZE_UNKNOWN), "%u: length.\n", i);
        }
        http_head_clear(&head);
    }
    ok(parse_bytes(OK "A: b\0c\r\n\r\n", sizeof(OK "A: b\0c\r\n\r\n") - 1, &head, &framing) == REFUSED, "NUL.\n");
    http_head_clear(&head);
}

static void test_fields(void)
{
    struct framing framing;
    struct http_head head;

    ok(!parse(OK "\r\n", &head, &framing), "refused.\n");
    ok(head.content_length == SIZE_UNKNOWN && !head.has_ranges && !head.location && !head.cookies && !head.date
            && !head.has_content_range && !head.is_range_malformed, "defaults.\n");
    ok(equals(head.text, "HTTP/1.1 200 OK"), "text.\n");
    http_head_clear(&head);

    ok(!parse(OK "Accept-Ranges: bytes\r\nETag: \"a-1\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\n"
            "Location:  /a b\xff \r\nRetry-After : 120\r\nX: b\xe4\n  c\r\nY: \xc3\xa4\r\nSet-Cookie: a=b\r\n"
            "Set-cookie:c=d;\r\n path=/\r\n\r\n", &head, &framing), "refused.\n");
    ok(head.has_ranges, "no ranges.\n");
    ok(equals(head.validator.etag, "\"a-1\""), "wrong ETag.\n");
    ok(equals(head.validator.modified, "Sun, 06 Nov 1994 08:49:37 GMT"), "wrong date.\n");
    ok(head.modified == (784111777 + 11644473600ull) * 10000000, "got %llu.\n", (unsigned long long)head.modified);
    ok(!strcmp(head.location, "/a b\xff"), "got %s.\n", head.location);
    ok(!strcmp(head.cookies, "a=b\nc=d;   path=/\n"), "got %s.\n", head.cookies);
    ok(head.retry_after == 120, "got %u.\n", head.retry_after);
    ok(equals(head.text, OK "Accept-Ranges: bytes\r\nETag: \"a-1\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Location:  /a b\xff \r\nRetry-After : 120\r\nX: b\xe4   c\r\nY: \xe4\r\nSet-Cookie: a=b\r\n"
            "Set-cookie:c=d;   path=/"), "wrong text.\n");
    http_head_clear(&head);
    ok(!head.text && !head.status, "not cleared.\n");

    ok(!parse(OK "Content-Type: multipart/byteranges; boundary=x\r\nAccept-Ranges: none\r\nETag: \r\n\r\n", &head,
            &framing) && head.is_multipart && !head.has_ranges && !head.validator.etag[0], "multipart.\n");
    http_head_clear(&head);
}

static void test_content_range_fields(void)
{
    static const struct
    {
        const char *fields;
        BOOL has_range, is_malformed;
    }
    tests[] =
    {
        { "Content-Range: bytes 5-9/10\r\n", TRUE, FALSE },
        { "Content-Range: bytes 5-9/10\r\ncontent-range:bytes  5-9/10\r\n", TRUE, FALSE },
        { "Content-Range: bytes 5-9/10\r\nContent-Range: bytes 0-9/10\r\n", FALSE, TRUE },
        { "Content-Range: bytes 5-9/10\r\nContent-Range: x\r\n", FALSE, TRUE },
        { "Content-Range: x\r\nContent-Range: bytes 5-9/10\r\n", FALSE, TRUE },
        { "Content-Range: 5-9/10\r\n", FALSE, TRUE },
        { "Content-Range: bytes 5-9\r\n", FALSE, TRUE },
        { "Content-Range:\r\n", FALSE, TRUE },
        { "", FALSE, FALSE },
    };
    struct framing framing;
    struct http_head head;
    char text[256];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        snprintf(text, sizeof(text), "HTTP/1.1 206 P\r\n%s\r\n", tests[i].fields);
        ok(!parse(text, &head, &framing), "%u: refused.\n", i);
        ok(head.has_content_range == tests[i].has_range, "%u: got %d.\n", i, head.has_content_range);
        ok(head.is_range_malformed == tests[i].is_malformed, "%u: got %d.\n", i, head.is_range_malformed);
        if (head.has_content_range)
            ok(head.content_range.offset == 5 && head.content_range.length == 5 && head.content_range.total == 10,
                    "%u: wrong values.\n", i);
        http_head_clear(&head);
    }
}

#define MODIFIED "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

static void test_validators(void)
{
    static const struct
    {
        const char *fields, *etag, *modified, *if_range, *coding;
    }
    tests[] =
    {
        { "ETag: \"a\"\r\n", "\"a\"", "", "\"a\"", "" },
        { "ETag: W/\"a\"\r\n", "W/\"a\"", "", NULL, "" },
        { "ETag: fd56aff1df79\r\n", "fd56aff1df79", "", "fd56aff1df79", "" },
        { "ETag: \"\xe4\xff\"\r\n", "\"\xe4\xff\"", "", "\"\xe4\xff\"", "" },
        { "ETag: \"a\x01\"\r\n", "", "", NULL, "" },
        { "ETag: \"a\"\r\n" MODIFIED, "\"a\"", "Sun, 06 Nov 1994 08:49:37 GMT", "\"a\"", "" },
        /* A date counts if it is a second older than the response. */
        { MODIFIED, "", "Sun, 06 Nov 1994 08:49:37 GMT", NULL, "" },
        { MODIFIED "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "", "Sun, 06 Nov 1994 08:49:37 GMT", NULL, "" },
        { "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\nETag: W/\"a\"\r\n" MODIFIED, "W/\"a\"",
                "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", "" },
        { "Date: yesterday\r\n" MODIFIED, "", "Sun, 06 Nov 1994 08:49:37 GMT", NULL, "" },
        { "Last-Modified: 2018-02-27T08:09:17Z\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\n", "", "2018-02-27T08:09:17Z",
                NULL, "" },
        { "Content-Encoding: GZip\r\n", "", "", NULL, "gzip" },
        { "Content-Encoding: identity\r\n", "", "", NULL, "" },
        { "Content-Encoding: \r\n", "", "", NULL, "" },
        { "Content-Encoding: gzip, identity ,br\r\nContent-Encoding: x\r\n", "", "", NULL, "gzip,br,x" },
        { "Content-Encoding: abcdefghijklmnopqrstuvwxyz0123456789\r\n", "", "", NULL,
                "abcdefghijklmnopqrstuvwxyz01234" },
    };
    struct framing framing;
    struct http_head head;
    const WCHAR *if_range;
    char text[512];
    UINT i, j;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        snprintf(text, sizeof(text), OK "%s\r\n", tests[i].fields);
        ok(!parse(text, &head, &framing), "%u: refused.\n", i);
        ok(equals(head.validator.etag, tests[i].etag), "%u: ETag.\n", i);
        ok(equals(head.validator.modified, tests[i].modified), "%u: Last-Modified.\n", i);
        ok(equals(head.validator.coding, tests[i].coding), "%u: coding.\n", i);
        if_range = validator_if_range(&head.validator);
        ok(!if_range == !tests[i].if_range, "%u: If-Range %d.\n", i, !!if_range);
        if (if_range && tests[i].if_range)
            ok(equals(if_range, tests[i].if_range), "%u: If-Range.\n", i);
        http_head_clear(&head);
    }
    for (i = VALIDATOR_MAX - 1; i <= VALIDATOR_MAX; i++)
    {
        j = sprintf(text, OK "ETag: ");
        memset(text + j, 'x', i);
        strcpy(text + j + i, "\r\n\r\n");
        ok(!parse(text, &head, &framing) && !head.validator.etag[0] == (i == VALIDATOR_MAX), "%u characters.\n", i);
        http_head_clear(&head);
    }
}

static void test_retry_after(void)
{
    static const struct
    {
        const char *fields; /* now is Tue, 29 Aug 2000 08:40:00 GMT */
        DWORD seconds;
    }
    tests[] =
    {
        { "Retry-After: 0\r\n", 0 },
        { "Retry-After: 7\r\n", 7 },
        { "Retry-After: 99999999999\r\n", 30 * 86400 },
        { "Retry-After: Tue, 29 Aug 2000 08:40:16 GMT\r\n", 16 },
        { "Retry-After: Tue, 29 Aug 2000 08:39:59 GMT\r\n", 0 },
        { "Retry-After: soon\r\n", 0 },
        { "Retry-After: -5\r\n", 0 },
        { "Retry-After:\r\n", 0 },
        { "", 0 },
        /* The server's clock counts, wherever its Date stands. */
        { "Retry-After: Tue, 29 Aug 2000 18:40:16 GMT\r\nDate: Tue, 29 Aug 2000 18:40:00 GMT\r\n", 16 },
        { "Date: Tue, 29 Aug 2000 03:40:00 GMT\r\nRetry-After: Tue, 29 Aug 2000 03:41:00 GMT\r\n", 60 },
        { "Date: Tue, 29 Aug 2000 18:40:00 GMT\r\nRetry-After: Tue, 29 Aug 2000 08:41:00 GMT\r\n", 0 },
        { "Date: today\r\nRetry-After: Tue, 29 Aug 2000 08:41:00 GMT\r\n", 60 },
        { "Date: Tue, 29 Aug 2000 03:40:00 GMT\r\nRetry-After: 5\r\n", 5 },
    };
    struct framing framing;
    struct http_head head;
    char text[256];
    UINT64 now;
    UINT i;

    ok(http1_parse_date("Tue, 29 Aug 2000 08:40:00 GMT", 29, &now), "no date.\n");
    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        snprintf(text, sizeof(text), "HTTP/1.1 503 X\r\n%s\r\n", tests[i].fields);
        ok(!http1_parse_head(text, strlen(text), now, &head, &framing), "'%s': refused.\n", tests[i].fields);
        ok(head.retry_after == tests[i].seconds, "'%s': got %u.\n", tests[i].fields, head.retry_after);
        http_head_clear(&head);
    }
}

/* kept: characters of the text. */
static DWORD parse_long(UINT fields, UINT length, UINT *kept)
{
    char *bytes = malloc(fields * (length + 4) + 64), *p = bytes;
    struct framing framing;
    struct http_head head;
    DWORD error;
    UINT i;

    p += sprintf(p, OK);
    for (i = 0; i < fields; i++)
    {
        memcpy(p, "A:", 2);
        memset(p + 2, 'x', length - 2);
        memcpy(p + length, "\r\n", 2);
        p += length + 2;
    }
    memcpy(p, "\r\n", 2);
    error = parse_bytes(bytes, p + 2 - bytes, &head, &framing);
    free(bytes);
    for (*kept = 0; !error && head.text[*kept]; ++*kept)
        ;
    http_head_clear(&head);
    return error;
}

static void test_limits(void)
{
    static char bytes[HTTP1_HEAD_MAX + 16];
    UINT kept = 0, checked, size;

    ok(!parse_long(1, HTTP1_LINE_MAX, &kept), "longest line.\n");
    ok(kept == 15, "%u kept.\n", kept);
    ok(parse_long(1, HTTP1_LINE_MAX + 1, &kept) == REFUSED, "too long a line.\n");
    ok(!parse_long(HTTP1_FIELDS_MAX, 100, &kept), "most fields.\n");
    ok(kept == 15 + 80 * 102, "%u kept.\n", kept);
    ok(parse_long(HTTP1_FIELDS_MAX + 1, 100, &kept) == REFUSED, "too many fields.\n");
    ok(!parse_long(4, 65000, &kept), "long head.\n");
    ok(parse_long(5, 65000, &kept) == REFUSED, "too long a head.\n");

    memset(bytes, 'x', sizeof(bytes));
    memcpy(bytes, OK, sizeof(OK) - 1);
    checked = 0;
    ok(http1_find_head(bytes, HTTP1_HEAD_MAX - 1, &checked, &size) && !size, "not yet.\n");
    ok(!http1_find_head(bytes, HTTP1_HEAD_MAX, &checked, &size), "never.\n");
    memcpy(bytes + HTTP1_HEAD_MAX - 4, "\r\n\r\n", 4);
    checked = 0;
    ok(http1_find_head(bytes, sizeof(bytes), &checked, &size) && size == HTTP1_HEAD_MAX, "the longest, %u.\n", size);
    memcpy(bytes + HTTP1_HEAD_MAX - 4, "x\r\n\r\n", 5);
    checked = 0;
    ok(!http1_find_head(bytes, sizeof(bytes), &checked, &size), "too long.\n");
}

static void test_challenges(void)
{
    struct framing framing;
    struct http_head head;

    ok(!parse("HTTP/1.1 401 No\r\nWWW-Authenticate: A b=\"c, d\"\r\nProxy-Authenticate: E\r\n"
            "www-authenticate:  F g\r\n\r\n", &head, &framing), "BITS-074: is not parsed.\n");
    ok(head.challenges[0] && !strcmp(head.challenges[0], "A b=\"c, d\"\nF g\n"), "BITS-074: got %s.\n",
            head.challenges[0]);
    ok(head.challenges[1] && !strcmp(head.challenges[1], "E\n"), "BITS-076: got %s.\n", head.challenges[1]);
    http_head_clear(&head);
}

/* The first allocation fails, then the second, and so on. */
static void test_memory(void)
{
    struct framing framing;
    struct http_head head;
    DWORD error;
    UINT i;

    for (i = 0;; i++)
    {
        allocations_left = i;
        error = parse("HTTP/1.1 302 F\r\nLocation: /a\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n", &head, &framing);
        allocations_left = ~0u;
        http_head_clear(&head);
        if (!error)
            break;
        ok(error == ERROR_OUTOFMEMORY, "%u allocations: got %u.\n", i, error);
    }
    ok(i == 4, "got %u allocations.\n", i);
}

/* Decode in pieces of the given sizes. The number of bytes used, or -1. */
static int decode(const char *stream, UINT size, const UINT *pieces, UINT piece_count, char *out, UINT *out_size,
        BOOL *is_ended)
{
    UINT position = 0, piece = 0, count, data_size, used, total = 0;
    struct framing framing = { FRAMING_CHUNKED };
    BYTE *buffer;

    *out_size = 0;
    while (position < size && !framing.is_ended)
    {
        count = piece < piece_count ? pieces[piece++] : size - position;
        count = min(count, size - position);
        buffer = malloc(count);
        memcpy(buffer, stream + position, count);
        if (!framing_take(&framing, buffer, count, &data_size, &used))
        {
            free(buffer);
            return -1;
        }
        memcpy(out + *out_size, buffer, data_size);
        free(buffer);
        *out_size += data_size;
        position += count;
        total += used;
    }
    *is_ended = framing.is_ended;
    return total;
}

static const struct
{
    const char *stream, *data;
    int used; /* -1: not valid; else bytes of the stream that belong to the body */
    BOOL is_ended;
}
streams[] =
{
    { "5\r\nhello\r\n0\r\n\r\n", "hello", 15, TRUE },
    { "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nHTTP/1.1", "hello world", 26, TRUE },
    { "0\r\n\r\n", "", 5, TRUE },
    { "000a\r\n0123456789\r\n00\r\n\r\n", "0123456789", 24, TRUE },
    { "A;x=y;z=\"q;r\"\r\n0123456789\r\n0;a\r\n\r\n", "0123456789", 34, TRUE },
    { "1 ;x\r\na\r\n0\r\nX: y\r\nZ: w\r\n\r\n", "a", 26, TRUE },
    { "3\r\n\r\n\r\r\n0\r\n\r\n", "\r\n\r", 13, TRUE },
    { "5\nhello\n0\n\n", "hello", 11, TRUE },
    { "5;x\nhello\r\n1\r\n!\n0\nX: y\n\r\n", "hello!", 25, TRUE },
    { "1;\x01\x7f\r\na\r\n0\r\nX: \x02\r\n\tfold\r\n\r\n", "a", 27, TRUE },
    { "5\r\nhel", "hel", 6, FALSE },
    { "5\r\nhello\r\n0\r\n", "hello", 13, FALSE },
    { "\r\n", NULL, -1 },
    { "x\r\n", NULL, -1 },
    { "-1\r\n", NULL, -1 },
    { "0x5\r\nhello\r\n0\r\n\r\n", NULL, -1 },
    { " 5\r\nhello\r\n", NULL, -1 },
    { "5\rhello\r\n", NULL, -1 },
    { "5;a\rb\r\nhello\r\n", NULL, -1 },
    { "5\r\nhelloo\r\n", NULL, -1 },
    { "5\r\nhello\r\r\n", NULL, -1 },
    { "10000000000000000\r\n", NULL, -1 },
    { "fffffffffffffffff\r\n", NULL, -1 },
    { "0\r\nX: \ry\r\n\r\n", NULL, -1 },
    { "0\r\n\r\r\n", NULL, -1 },
};

static void check_stream(UINT i, const UINT *pieces, UINT count)
{
    char out[64];
    UINT size;
    BOOL is_ended;
    int used;

    used = decode(streams[i].stream, strlen(streams[i].stream), pieces, count, out, &size, &is_ended);
    ok(used == streams[i].used, "%u: used %d.\n", i, used);
    if (used == -1 || streams[i].used == -1)
        return;
    ok(is_ended == streams[i].is_ended, "%u: ended %d.\n", i, is_ended);
    ok(size == strlen(streams[i].data) && !memcmp(out, streams[i].data, size), "%u: data %.*s.\n", i, size, out);
}

/* Each in every split into one, two and three pieces, and byte by byte. */
static void test_chunks(void)
{
    UINT ones[64], pieces[2], i, length;

    for (i = 0; i < ARRAY_SIZE(ones); i++)
        ones[i] = 1;
    for (i = 0; i < ARRAY_SIZE(streams); i++)
    {
        length = strlen(streams[i].stream);
        check_stream(i, NULL, 0);
        check_stream(i, ones, ARRAY_SIZE(ones));
        for (pieces[0] = 1; pieces[0] < length; pieces[0]++)
        {
            for (pieces[1] = 1; pieces[1] < length - pieces[0]; pieces[1]++)
                check_stream(i, pieces, 2);
        }
    }
}

static void test_overhead(void)
{
    static char stream[HTTP1_LINE_MAX + 100], out[HTTP1_LINE_MAX + 100];
    BOOL is_ended;
    UINT size;

    memset(stream, 'x', sizeof(stream));
    memcpy(stream, "5;", 2);
    ok(decode(stream, sizeof(stream), NULL, 0, out, &size, &is_ended) == -1, "endless extension.\n");
    memcpy(stream, "0\r\n", 3);
    ok(decode(stream, sizeof(stream), NULL, 0, out, &size, &is_ended) == -1, "endless trailer.\n");
    memset(stream, '0', sizeof(stream));
    ok(decode(stream, sizeof(stream), NULL, 0, out, &size, &is_ended) == -1, "endless size.\n");
    memset(stream, '\n', sizeof(stream));
    memset(stream, 'x', 4);
    memcpy(stream, "0\nX\nY\n", 6);
    ok(decode(stream, sizeof(stream), NULL, 0, out, &size, &is_ended) == 7 && is_ended, "trailers.\n");
}

static void test_length(void)
{
    struct framing framing = { FRAMING_LENGTH, .is_persistent = TRUE, .left = 10 }, chunked = { FRAMING_CHUNKED },
            close = { FRAMING_CLOSE }, cut = framing;
    UINT data_size, used;
    BYTE data[8] = {0};

    ok(framing_take(&framing, data, 8, &data_size, &used) && data_size == 8 && used == 8 && !framing.is_ended,
            "first part.\n");
    ok(framing_take(&framing, data, 8, &data_size, &used) && data_size == 2 && used == 2 && framing.is_ended,
            "last part.\n");
    ok(framing_take(&framing, data, 8, &data_size, &used) && !data_size && !used, "behind the end.\n");
    ok(!framing_close(&cut) && !cut.is_persistent, "cut.\n");
    ok(!framing_close(&chunked), "cut chunks.\n");
    ok(framing_take(&close, data, 8, &data_size, &used) && data_size == 8 && used == 8 && !close.is_ended,
            "until the end.\n");
    ok(framing_close(&close) && close.is_ended && !close.is_persistent, "the end.\n");
}

/* Mutations of valid input: the sanitizers watch, and the result must not depend on the split. */
static void test_mutations(void)
{
    static const char bytes[] = "\r\n\t :;,0159afAFxX-+\x01\x7f\xff";
    char text[128], out[2][128];
    UINT sizes[2], pieces[8], size, i, j;
    UINT64 state = 1;
    BOOL is_ended[2];
    int used[2];

    for (i = 0; i < 200000; i++)
    {
        const char *stream = streams[i % 9].stream;

        size = strlen(stream);
        memcpy(text, stream, size);
        for (j = next_random(&state) % 4; j; j--)
            text[next_random(&state) % size] = bytes[next_random(&state) % (sizeof(bytes) - 1)];
        for (j = 0; j < ARRAY_SIZE(pieces); j++)
            pieces[j] = 1 + next_random(&state) % 6;
        used[0] = decode(text, size, NULL, 0, out[0], &sizes[0], &is_ended[0]);
        used[1] = decode(text, size, pieces, ARRAY_SIZE(pieces), out[1], &sizes[1], &is_ended[1]);
        if (used[0] != used[1] || (used[0] != -1 && (is_ended[0] != is_ended[1] || sizes[0] != sizes[1]
                || memcmp(out[0], out[1], sizes[0]))))
            ok(0, "the split changes the result of %.*s.\n", size, text);
    }
    passed++;
}

/* Whatever comes: no access outside of the bytes, no value without sense. */
static void test_garbage(void)
{
    static const char * const seeds[] =
    {
        OK "Content-Length: 5368709120\r\nAccept-Ranges: bytes\r\nETag: \"a-1\"\r\nRetry-After: 120\r\n\r\n",
        "HTTP/1.1 206 P\nContent-Range: bytes 5-9/10\nDate: Sun, 06 Nov 1994 08:49:37 GMT\n" MODIFIED "\n",
        "HTTP/1.1 416 N\r\nContent-Range: bytes */10\r\nLocation: /x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "\r\nHTTP/1.1 503 S\r\nRetry-After: Sunday, 06-Nov-94 08:49:37 GMT\r\nSet-Cookie: a=b\r\n c\r\n\r\n",
    };
    static const char bytes[] = "\r\n\t :;,0159afAFxX-+\x01\x7f\xff";
    UINT i, j, size, found, checked, accepted = 0;
    struct framing framing;
    struct http_head head;
    UINT64 seed = 3;
    char text[512];

    for (i = 0; i < 200000; i++)
    {
        size = strlen(seeds[i % 4]);
        memcpy(text, seeds[i % 4], size);
        for (j = next_random(&seed) % 6; j; j--)
            text[next_random(&seed) % size] = bytes[next_random(&seed) % (sizeof(bytes) - 1)];
        size -= next_random(&seed) % 3 ? 0 : next_random(&seed) % size;
        checked = 0;
        if (!parse_bytes(text, size, &head, &framing))
        {
            accepted++;
            if (head.status < 100 || head.status > 599 || head.retry_after > 30 * 86400)
                ok(0, "round %u: status %u.\n", i, head.status);
            if (head.content_range.total != SIZE_UNKNOWN && head.content_range.length
                    && head.content_range.offset + head.content_range.length > head.content_range.total)
                ok(0, "round %u: range outside.\n", i);
            if (!http1_find_head(text, size, &checked, &found) || found != size)
                ok(0, "round %u: %u bytes, found %u.\n", i, size, found);
        }
        http_head_clear(&head);
    }
    ok(accepted > 1000 && accepted < i, "accepted %u.\n", accepted);
}

int main(void)
{
    test_find_head();
    test_numbers();
    test_content_range();
    test_dates();
    test_heads();
    test_fields();
    test_challenges();
    test_content_range_fields();
    test_validators();
    test_retry_after();
    test_limits();
    test_memory();
    test_chunks();
    test_overhead();
    test_length();
    test_mutations();
    test_garbage();
    return report("http1");
}
