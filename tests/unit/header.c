/*
 * Tests of the head of an HTTP response
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
#include "header.h"

#define NOW 0x01c00f9b2fb25600ull

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
    WCHAR text[64];
    UINT64 number;
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        UINT length = widen(tests[i].text, text, 64);
        BOOL ret;

        number = 77;
        ret = header_parse_number(text, length, &number);
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
    WCHAR text[64];
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        UINT length = widen(tests[i].text, text, 64);
        BOOL ret = header_parse_content_range(text, length, &range);

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
    WCHAR text[64];
    UINT64 time;
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        UINT length = widen(tests[i].text, text, 64);
        BOOL ret = header_parse_date(text, length, &time);

        ok(ret == tests[i].ret, "'%s': got %d.\n", tests[i].text, ret);
        if (ret)
            ok(time == (tests[i].seconds + 11644473600ull) * 10000000, "'%s': got %llu.\n", tests[i].text,
                    (unsigned long long)time / 10000000 - 11644473600ull);
    }
}

static BOOL parse(const char *string, struct http_head *head)
{
    static WCHAR text[4096];

    widen(string, text, 4096);
    return http_head_parse(text, NOW, head);
}

static void test_status_line(void)
{
    static const struct
    {
        const char *text;
        DWORD status; /* 0: refused */
    }
    tests[] =
    {
        { "HTTP/1.1 200 OK", 200 },
        { "HTTP/1.0 404", 404 },
        { "http/1.1 599 ", 599 },
        { "HTTP/1.1 200 OK\r\nA: b\r\n", 200 },
        { "HTTP/1.1 99 X", 0 },
        { "HTTP/1.1 600 X", 0 },
        { "HTTP/1.1 2000 X", 0 },
        { "HTTP/1.1 200X", 0 },
        { "HTTP/1.1  200 OK", 0 },
        { "HTTP/1 200 OK", 0 },
        { "ICY 200 OK", 0 },
        { "\r\nHTTP/1.1 200 OK", 0 },
        { "", 0 },
    };
    struct http_head head;
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        BOOL ret = parse(tests[i].text, &head);

        ok(ret == !!tests[i].status, "'%s': got %d.\n", tests[i].text, ret);
        if (ret)
            ok(head.status == tests[i].status, "'%s': got %u.\n", tests[i].text, head.status);
    }
}

#define OK "HTTP/1.1 200 OK\r\n"

static void test_fields(void)
{
    static const WCHAR etag[] = L"\"a-1\"", date[] = L"Sun, 06 Nov 1994 08:49:37 GMT";
    struct http_head head;

    ok(parse(OK, &head), "refused.\n");
    ok(head.content_length == SIZE_UNKNOWN && !head.is_chunked && !head.has_ranges && !head.location, "defaults.\n");

    ok(parse(OK "content-LENGTH:\t 5368709120 \r\nAccept-Ranges: bytes\r\nETag: \"a-1\"\r\n"
            "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nLocation:  /a b \r\nRetry-After: 120", &head),
            "refused.\n");
    ok(head.content_length == 5368709120ull, "got %llu.\n", (unsigned long long)head.content_length);
    ok(head.has_ranges, "no ranges.\n");
    ok(!memcmp(head.validator.etag, etag, sizeof(etag)), "wrong ETag.\n");
    ok(!memcmp(head.validator.modified, date, sizeof(date)), "wrong date.\n");
    ok(head.modified == (784111777 + 11644473600ull) * 10000000, "got %llu.\n", (unsigned long long)head.modified);
    ok(head.location_length == 4 && head.location[0] == '/' && head.location[3] == 'b', "got %u.\n",
            head.location_length);
    ok(head.retry_after == 120, "got %u.\n", head.retry_after);
    ok(validator_if_range(&head.validator) == head.validator.etag, "not the ETag.\n");

    ok(parse(OK "Content-Length: 1\r\nContent-Length: 1", &head) && head.content_length == 1, "the same twice.\n");
    ok(!parse(OK "Content-Length: 1\r\nContent-Length: 2", &head), "two lengths.\n");
    ok(!parse(OK "Content-Length: 1x", &head), "bad length.\n");
    ok(!parse(OK "Content-Length:", &head), "empty length.\n");
    ok(!parse(OK "Content-Length: 18446744073709551615", &head), "impossible length.\n");
    ok(parse(OK "Content-Length: 10\r\nTransfer-Encoding: Chunked", &head) && head.is_chunked
            && head.content_length == SIZE_UNKNOWN, "chunks win.\n");
    ok(parse(OK "Transfer-Encoding: identity", &head) && !head.is_chunked, "identity.\n");
    ok(!parse(OK "Transfer-Encoding: gzip, chunked", &head), "compressed.\n");
    ok(!parse(OK "Transfer-Encoding: gzip", &head), "compressed.\n");

    ok(parse("HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/10", &head) && head.has_content_range
            && head.content_range.offset == 5 && head.content_range.length == 5 && head.content_range.total == 10,
            "range.\n");
    ok(parse("HTTP/1.1 206 P\r\nContent-Range: bytes 5-9", &head) && !head.has_content_range, "bad range.\n");
    ok(!parse("HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/10\r\nContent-Range: bytes 0-9/10", &head), "two ranges.\n");
    ok(parse("HTTP/1.1 206 P\r\nContent-Type: multipart/byteranges; boundary=x", &head) && head.is_multipart,
            "multipart.\n");

    ok(parse(OK "no colon\r\n: no name\r\n folded\r\nETag: W/\"b\"\nAccept-Ranges: none", &head), "refused.\n");
    ok(head.validator.etag[0] == 'W' && !head.has_ranges && !validator_if_range(&head.validator), "weak.\n");
    ok(parse(OK "ETag: unquoted\r\nLast-Modified: yesterday", &head), "refused.\n");
    ok(!head.validator.etag[0] && !head.validator.modified[0] && !head.modified, "bad validators.\n");
    ok(parse(OK "ETag: W/\"b\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT", &head)
            && validator_if_range(&head.validator) == head.validator.modified, "not the date.\n");
}

static void test_retry_after(void)
{
    static const struct
    {
        const char *value;
        DWORD seconds;
    }
    tests[] =
    {
        { "0", 0 },
        { "7", 7 },
        { "99999999999", 30 * 86400 },
        { "Tue, 29 Aug 2000 08:40:16 GMT", 16 },
        { "Tue, 29 Aug 2000 08:39:59 GMT", 0 },
        { "soon", 0 },
        { "-5", 0 },
        { "", 0 },
    };
    struct http_head head;
    char text[128];
    UINT64 now;
    UINT i;

    ok(parse(OK "Last-Modified: Tue, 29 Aug 2000 08:40:00 GMT", &head), "refused.\n");
    now = head.modified;
    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        WCHAR wide[128];

        snprintf(text, sizeof(text), "HTTP/1.1 503 X\r\nRetry-After: %s\r\n", tests[i].value);
        widen(text, wide, 128);
        ok(http_head_parse(wide, now, &head), "'%s': refused.\n", tests[i].value);
        ok(head.retry_after == tests[i].seconds, "'%s': got %u.\n", tests[i].value, head.retry_after);
    }
}

static void test_limits(void)
{
    static WCHAR text[HEADER_MAX + 2];
    WCHAR etag[VALIDATOR_MAX];
    struct http_head head;
    UINT i, length;

    length = widen(OK, text, HEADER_MAX);
    for (i = length; i < HEADER_MAX; i++)
        text[i] = 'x';
    ok(http_head_parse(text, NOW, &head), "refused the longest.\n");
    text[HEADER_MAX] = 'x';
    ok(!http_head_parse(text, NOW, &head), "accepted too much.\n");

    for (i = 0; i < VALIDATOR_MAX; i++)
        text[i] = 'x';
    text[0] = text[VALIDATOR_MAX - 1] = '"';
    ok(!header_parse_etag(text, VALIDATOR_MAX, etag), "accepted too much.\n");
    text[VALIDATOR_MAX - 2] = '"';
    ok(header_parse_etag(text, VALIDATOR_MAX - 1, etag) && !etag[VALIDATOR_MAX - 1], "refused the longest.\n");
    ok(!header_parse_etag(text, 1, etag) && !header_parse_etag(text, 0, etag), "half an ETag.\n");
}

static void test_validators(void)
{
    static const struct validator none, a = { L"\"a\"", L"" }, b = { L"\"b\"", L"" }, weak = { L"W/\"a\"", L"1" },
            one = { L"", L"1" }, two = { L"", L"2" }, both = { L"\"a\"", L"2" };

    ok(!validator_differs(&a, &a), "itself.\n");
    ok(validator_differs(&a, &b), "two ETags.\n");
    ok(validator_differs(&a, &weak), "weak is not strong.\n");
    ok(validator_differs(&one, &two), "two dates.\n");
    ok(!validator_differs(&one, &weak), "the same date.\n");
    ok(!validator_differs(&a, &both), "the ETag decides.\n");
    ok(!validator_differs(&a, &one) && !validator_differs(&none, &both), "nothing to compare.\n");
}

/* Whatever comes: no access outside of the text, no value without sense. */
static void test_garbage(void)
{
    static const char * const seeds[] =
    {
        OK "Content-Length: 5368709120\r\nAccept-Ranges: bytes\r\nETag: \"a-1\"\r\nRetry-After: 120\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/10\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        "HTTP/1.1 416 N\r\nContent-Range: bytes */10\r\nLocation: /x\r\nTransfer-Encoding: chunked\r\n",
        "HTTP/1.1 503 S\r\nRetry-After: Sunday, 06-Nov-94 08:49:37 GMT\r\nLast-Modified: Sun Nov  6 08:49:37 1994\r\n",
    };
    UINT i, j, length, accepted = 0;
    struct content_range range;
    WCHAR etag[VALIDATOR_MAX];
    struct http_head head;
    UINT64 seed = 3, value;
    WCHAR *text;

    for (i = 0; i < 100000; i++)
    {
        WCHAR wide[512];

        length = widen(seeds[i % 4], wide, 512);
        if (i % 5 == 4)
        {
            length = next_random(&seed) % 64;
            for (j = 0; j < length; j++)
                wide[j] = next_random(&seed) % 0x180;
        }
        for (j = next_random(&seed) % 4; j && length; j--)
            wide[next_random(&seed) % length] = next_random(&seed);
        length = next_random(&seed) % 3 ? length : next_random(&seed) % (length + 1);

        /* In a block of its own, so that the sanitizer sees each step too far. */
        text = malloc((length + 1) * sizeof(*text));
        memcpy(text, wide, length * sizeof(*text));
        if (header_parse_number(text, length, &value))
            accepted++;
        if (header_parse_content_range(text, length, &range) && range.total != SIZE_UNKNOWN)
            ok(range.offset + range.length <= range.total, "round %u: range outside.\n", i);
        header_parse_date(text, length, &value);
        header_parse_etag(text, length, etag);
        text[length] = 0;
        if (http_head_parse(text, NOW, &head))
        {
            accepted++;
            if (head.status < 100 || head.status > 599 || head.retry_after > 30 * 86400)
                ok(0, "round %u: status %u.\n", i, head.status);
            if (head.location && (head.location < text || head.location + head.location_length > text + length))
                ok(0, "round %u: location outside.\n", i);
        }
        free(text);
    }
    ok(accepted > 1000 && accepted < i, "accepted %u.\n", accepted);
}

int main(void)
{
    test_numbers();
    test_content_range();
    test_dates();
    test_status_line();
    test_fields();
    test_retry_after();
    test_limits();
    test_validators();
    test_garbage();
    return report("header");
}
