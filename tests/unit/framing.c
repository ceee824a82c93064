/*
 * Where a response ends, in every split and mutation
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
#include "framing.h"

#define OK "HTTP/1.1 200 OK\r\n"

static BOOL init(const char *head, struct framing *framing, DWORD *status)
{
    UINT size = strlen(head);
    char *copy = malloc(size); /* no terminator, so that each byte behind the end is noticed */
    BOOL ret;

    memcpy(copy, head, size);
    ret = framing_init(framing, copy, size, status);
    free(copy);
    return ret;
}

static void test_find_head(void)
{
    static const char text[] = OK "A: b\r\n\r\nbody\r\n\r\n";
    const UINT size = sizeof(text) - 1, end = strstr(text, "body") - text;
    UINT i, j, found;

    for (i = 0; i <= size; i++)
    {
        found = framing_find_head(text, i, 0);
        ok(found == (i < end ? 0 : end), "%u bytes: got %u.\n", i, found);
        for (j = 0; j <= i && j < end; j++)
        {
            found = framing_find_head(text, i, j);
            ok(found == (i < end ? 0 : end), "%u bytes after %u: got %u.\n", i, j, found);
        }
    }
    ok(!framing_find_head("\n\n\n\n\r\n\r", 7, 0), "not an end.\n");
}

static void test_heads(void)
{
    static const struct
    {
        const char *head;
        DWORD status;
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
        { OK "Content-Length: 7\r\nContent-Length: 7\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "Content-Length: 7, 7\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "Content-Length: 7\r\nConnection: x, Close\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, FALSE },
        { OK "Content-Length: 7\r\nConnection: ,\r\n\r\n", 200, FRAMING_LENGTH, 7, FALSE, TRUE },
        { OK "Transfer-Encoding: chunked\r\n\r\n", 200, FRAMING_CHUNKED, 0, FALSE, TRUE },
        { OK "Transfer-Encoding: identity, Chunked\r\n\r\n", 200, FRAMING_CHUNKED, 0, FALSE, TRUE },
        { OK "\r\n", 200, FRAMING_CLOSE, 0, FALSE, FALSE },
        { OK "Connection: keep-alive\r\n\r\n", 200, FRAMING_CLOSE, 0, FALSE, FALSE },
        { "HTTP/1.1 206\r\nContent-Length: 1\r\n\r\n", 206, FRAMING_LENGTH, 1, FALSE, TRUE },
        { "HTTP/1.1 404 \x80\xff\r\nContent-Length: 1\r\nX: \xe4\r\n\r\n", 404, FRAMING_LENGTH, 1, FALSE, TRUE },
        { "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", 200, FRAMING_LENGTH, 1, FALSE, FALSE },
        { "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n", 200, FRAMING_LENGTH, 1, FALSE,
                TRUE },
        { "HTTP/1.1 100 Continue\r\n\r\n", 100, FRAMING_LENGTH, 0, TRUE, TRUE },
        { "HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n", 304, FRAMING_LENGTH, 0, TRUE, TRUE },
        { "HTTP/1.1 204 N\r\n\r\n", 204, FRAMING_LENGTH, 0, TRUE, TRUE },
        /* Two ways to tell the end. */
        { OK "Content-Length: 7\r\nContent-Length: 8\r\n\r\n" },
        { OK "Content-Length: 7, 8\r\n\r\n" },
        { OK "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { OK "Transfer-Encoding: identity\r\nContent-Length: 7\r\n\r\n" },
        { "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { OK "Transfer-Encoding: chunked, chunked\r\n\r\n" },
        { OK "Transfer-Encoding: chunked, identity\r\n\r\n" },
        { OK "Transfer-Encoding: gzip, chunked\r\n\r\n" },
        { OK "Transfer-Encoding: xchunked\r\n\r\n" },
        { OK "Transfer-Encoding: \vchunked\r\n\r\n" },
        { OK "Transfer-Encoding:\r\n\r\n" },
        /* Lengths that are none. */
        { OK "Content-Length:\r\n\r\n" },
        { OK "Content-Length: 7,\r\n\r\n" },
        { OK "Content-Length: -1\r\n\r\n" },
        { OK "Content-Length: +1\r\n\r\n" },
        { OK "Content-Length: 0x10\r\n\r\n" },
        { OK "Content-Length: 1 0\r\n\r\n" },
        { OK "Content-Length: 18446744073709551615\r\n\r\n" },
        { OK "Content-Length: 18446744073709551616\r\n\r\n" },
        { OK "Content-Length: 99999999999999999999999\r\n\r\n" },
        /* Lines that others read in another way. */
        { OK "Content-Length : 7\r\n\r\n" },
        { OK " Content-Length: 7\r\n\r\n" },
        { OK "A: b\r\n Content-Length: 7\r\n\r\n" },
        { OK "A: b\r\n\tc\r\n\r\n" },
        { OK "A: b\nContent-Length: 7\r\n\r\n" },
        { OK "A: b\rContent-Length: 7\r\n\r\n" },
        { OK "A: b\r\r\n\r\n" },
        { OK "A\r\n\r\n" },
        { OK ": b\r\n\r\n" },
        { OK "A(: b\r\n\r\n" },
        { OK "A: \x01\r\n\r\n" },
        { OK "A: \x7f\r\n\r\n" },
        { OK "A: b\r\n" },
        { OK "A: b\r\n\r\n\r\n" },
        { OK },
        { "" },
        { "\r\n\r\n" },
        { "HTTP/1.1 200 OK\n\n" },
        { "http/1.1 200 OK\r\n\r\n" },
        { "HTTP/2.0 200 OK\r\n\r\n" },
        { "HTTP/1.1  200 OK\r\n\r\n" },
        { "HTTP/1.1 20 OK\r\n\r\n" },
        { "HTTP/1.1 2000\r\n\r\n" },
        { "HTTP/1.1 600 OK\r\n\r\n" },
        { "HTTP/1.1 099 OK\r\n\r\n" },
        { "HTTP/1.1\r\n\r\n" },
        { "ICY 200 OK\r\n\r\n" },
    };
    struct framing framing;
    DWORD status;
    BOOL ret;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        ret = init(tests[i].head, &framing, &status);
        ok(ret == !!tests[i].status, "%u, %s: got %d.\n", i, tests[i].head, ret);
        if (!ret || !tests[i].status)
            continue;
        ok(status == tests[i].status, "%u: status %u.\n", i, status);
        ok(framing.kind == tests[i].kind, "%u: kind %u.\n", i, framing.kind);
        ok(framing.left == tests[i].left, "%u: left.\n", i);
        ok(framing.is_ended == tests[i].is_ended, "%u: ended %d.\n", i, framing.is_ended);
        ok(framing.is_persistent == tests[i].is_persistent, "%u: persistent %d.\n", i, framing.is_persistent);
    }
}

static BOOL init_long(UINT fields, UINT length)
{
    char *head = malloc(fields * (length + 4) + 64), *p = head;
    struct framing framing;
    DWORD status;
    BOOL ret;
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
    ret = framing_init(&framing, head, p + 2 - head, &status);
    free(head);
    return ret;
}

static void test_limits(void)
{
    ok(init_long(1, FRAMING_LINE_MAX), "longest line.\n");
    ok(!init_long(1, FRAMING_LINE_MAX + 1), "too long a line.\n");
    ok(init_long(FRAMING_FIELDS_MAX, 100), "most fields.\n");
    ok(!init_long(FRAMING_FIELDS_MAX + 1, 100), "too many fields.\n");
    ok(init_long(4, 16000), "long head.\n");
    ok(!init_long(5, 16000), "too long a head.\n");
}

/* Decode in pieces of the given sizes. The number of bytes used, or -1. */
static int decode(const char *stream, UINT size, const UINT *pieces, UINT piece_count, char *out, UINT *out_size,
        BOOL *is_ended)
{
    UINT position = 0, piece = 0, count, data_size, used, total = 0;
    struct framing framing;
    DWORD status;
    BYTE *buffer;

    init(OK "Transfer-Encoding: chunked\r\n\r\n", &framing, &status);
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
    { "5\r\nhel", "hel", 6, FALSE },
    { "5\r\nhello\r\n0\r\n", "hello", 13, FALSE },
    { "\r\n", NULL, -1 },
    { "x\r\n", NULL, -1 },
    { "-1\r\n", NULL, -1 },
    { "0x5\r\nhello\r\n0\r\n\r\n", NULL, -1 },
    { " 5\r\nhello\r\n", NULL, -1 },
    { "5\nhello\r\n", NULL, -1 },
    { "5\rhello\r\n", NULL, -1 },
    { "5;\x01\r\nhello\r\n", NULL, -1 },
    { "5;a\nb\r\nhello\r\n", NULL, -1 },
    { "5\r\nhelloo\r\n", NULL, -1 },
    { "5\r\nhello\n", NULL, -1 },
    { "5\r\nhello\r\r\n", NULL, -1 },
    { "10000000000000000\r\n", NULL, -1 },
    { "fffffffffffffffff\r\n", NULL, -1 },
    { "0\r\nX: \x02\r\n\r\n", NULL, -1 },
    { "0\r\n X\r\n\r\n", NULL, -1 },
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
    static char stream[40000], out[40000];
    BOOL is_ended;
    UINT size;

    memset(stream, 'x', sizeof(stream));
    memcpy(stream, "5;", 2);
    ok(decode(stream, sizeof(stream), NULL, 0, out, &size, &is_ended) == -1, "endless extension.\n");
    memcpy(stream, "0\r\n", 3);
    ok(decode(stream, sizeof(stream), NULL, 0, out, &size, &is_ended) == -1, "endless trailer.\n");
    memset(stream, '0', sizeof(stream));
    ok(decode(stream, sizeof(stream), NULL, 0, out, &size, &is_ended) == -1, "endless size.\n");
}

static void test_length(void)
{
    struct framing framing;
    UINT data_size, used;
    BYTE data[8] = {0};
    DWORD status;

    init(OK "Content-Length: 10\r\n\r\n", &framing, &status);
    ok(framing_take(&framing, data, 8, &data_size, &used) && data_size == 8 && used == 8 && !framing.is_ended,
            "first part.\n");
    ok(framing_take(&framing, data, 8, &data_size, &used) && data_size == 2 && used == 2 && framing.is_ended,
            "last part.\n");
    ok(framing_take(&framing, data, 8, &data_size, &used) && !data_size && !used, "behind the end.\n");
    init(OK "Content-Length: 10\r\n\r\n", &framing, &status);
    ok(!framing_close(&framing) && !framing.is_persistent, "cut.\n");
    init(OK "Transfer-Encoding: chunked\r\n\r\n", &framing, &status);
    ok(!framing_close(&framing), "cut chunks.\n");
    init(OK "\r\n", &framing, &status);
    ok(framing_take(&framing, data, 8, &data_size, &used) && data_size == 8 && used == 8 && !framing.is_ended,
            "until the end.\n");
    ok(framing_close(&framing) && framing.is_ended && !framing.is_persistent, "the end.\n");
}

static BOOL has_length(const char *head, UINT size)
{
    static const char field[] = "\r\nContent-Length:";
    UINT i;

    for (i = 0; i + sizeof(field) - 1 <= size; i++)
    {
        if (!memcmp(head + i, field, sizeof(field) - 1))
            return TRUE;
    }
    return FALSE;
}

/* Mutations of valid input: the sanitizers watch, and the result must not depend on the split. */
static void test_mutations(void)
{
    static const char heads[] = OK "Content-Length: 10\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
            "A: b\r\n\r\n";
    static const char bytes[] = "\r\n\t :;,0159afAFxX-+\x01\x7f\xff";
    char text[128], out[2][128], *copy;
    UINT sizes[2], pieces[8], size, i, j;
    UINT64 state = 1;
    struct framing framing;
    BOOL is_ended[2];
    DWORD status;
    int used[2];

    for (i = 0; i < 200000; i++)
    {
        const char *stream = streams[i % 6].stream;

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

        size = sizeof(heads) - 1 - next_random(&state) % 8;
        copy = malloc(size);
        memcpy(copy, heads, size);
        for (j = next_random(&state) % 6; j; j--)
            copy[next_random(&state) % size] = bytes[next_random(&state) % (sizeof(bytes) - 1)];
        if (framing_init(&framing, copy, size, &status) && framing.kind == FRAMING_CHUNKED
                && has_length(copy, size))
            ok(0, "two framings are accepted.\n");
        free(copy);
    }
    passed++;
}

int main(void)
{
    test_find_head();
    test_heads();
    test_limits();
    test_chunks();
    test_overhead();
    test_length();
    test_mutations();
    return report("framing");
}
