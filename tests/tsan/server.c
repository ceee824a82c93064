/*
 * A server that is asked by function calls, in place of the transport
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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/origin.h"
#include "net/transport.h"
#include "tsan.h"

#define CUT_RATE  150 /* of so many reads, one breaks the connection */
#define BLIND_RATE 4  /* of so many requests with If-Range, the field of one is ignored, as some servers do */
#define FAIL_RATE 25  /* of so many requests, one gets no answer */

enum tagging
{
    TAG_STRONG,
    TAG_WEAK,
    TAG_DATE,
};

struct transport_request
{
    struct http_cancel *cancel;
    UINT resource, version;
    BOOL has_range;
    UINT64 first, last;  /* of the range; the last byte is included */
    char if_range[64];   /* empty: the request has none */
    UINT64 offset, left; /* of what is sent next */
};

LONG server_requests, server_cuts;

static LONG versions[RESOURCES]; /* interlocked */

void server_init(void)
{
    UINT i;

    for (i = 0; i < RESOURCES; i++)
        versions[i] = 1;
}

void server_change(void)
{
    InterlockedIncrement(&versions[is_one_in(2) ? LARGE_RESOURCE + random_below(RESOURCES - LARGE_RESOURCE)
            : random_below(RESOURCES)]);
}

UINT server_get_version(UINT resource)
{
    return InterlockedCompareExchange(&versions[resource], 0, 0);
}

/* Some sizes stay the same from one version to the next. */
UINT64 server_get_size(UINT resource, UINT version)
{
    static const UINT sizes[RESOURCES] = { 0, 1, 4096, 300000, 1000000, 3000000, 14000000, 24000000 };

    return sizes[resource] + (resource % 2 ? 0 : version % 5 * 1000);
}

/* A copy is what TSan looks at in one piece. */
static void __attribute__((no_sanitize("thread"))) fill_words(UINT resource, UINT version, UINT64 first, UINT64 *words,
        UINT count)
{
    UINT64 value;
    UINT i;

    for (i = 0; i < count; i++)
    {
        value = ((UINT64)resource << 56 | (UINT64)version << 40 | (first + i)) * 0x9e3779b97f4a7c15ull;
        words[i] = value ^ value >> 29;
    }
}

void server_fill(UINT resource, UINT version, UINT64 offset, BYTE *buffer, UINT size)
{
    UINT64 words[1024];
    UINT part;

    while (size)
    {
        part = min(size, sizeof(words) - 16);
        fill_words(resource, version, offset / 8, words, part / 8 + 2);
        memcpy(buffer, (BYTE *)words + offset % 8, part);
        buffer += part;
        offset += part;
        size -= part;
    }
}

/* Dates differ by more than a minute, so that they are as good as strong tags. */
static void format_validator(UINT resource, UINT version, char *tag, char *date, UINT size)
{
    static const enum tagging taggings[RESOURCES] = { TAG_STRONG, TAG_DATE, TAG_WEAK, TAG_DATE, TAG_WEAK, TAG_STRONG,
            TAG_STRONG, TAG_STRONG };

    snprintf(tag, size, "%s\"%u-%u\"", taggings[resource] == TAG_WEAK ? "W/" : "", resource, version);
    snprintf(date, size, "Tue, %02u Dec 2015 %02u:%02u:00 GMT", version / 1440 % 28 + 1, version / 60 % 24,
            version % 60);
    if (taggings[resource] == TAG_DATE)
        tag[0] = 0;
    else
        date[0] = 0;
}

/* The engine calls these. */

BOOL origin_parse(const WCHAR *text, struct url *url, struct url_origin *origin)
{
    return url_parse(text, url) && url_parse_origin(url, origin);
}

DWORD transport_init(void)
{
    return ERROR_SUCCESS;
}

void transport_cleanup(void)
{
}

DWORD transport_open(const WCHAR *url, const char *headers, const struct transfer_options *options, BOOL is_foreign,
        struct http_cancel *cancel, struct transport_request **out)
{
    struct transport_request *request = calloc(1, sizeof(*request));
    const char *field;

    request->cancel = cancel;
    request->resource = url[wcslen(url) - 1] - '0';
    request->last = ~(UINT64)0;
    if ((field = strstr(headers, "Range: bytes=")))
    {
        request->has_range = TRUE;
        sscanf(field, "Range: bytes=%llu-%llu", (unsigned long long *)&request->first,
                (unsigned long long *)&request->last);
    }
    if ((field = strstr(headers, "If-Range: ")))
        sscanf(field, "If-Range: %63[^\r]", request->if_range);
    *out = request;
    return ERROR_SUCCESS;
}

/* Decide whether the request gets its range, and how much it gets. Return the length of the head. */
static int answer(struct transport_request *request, char *head, UINT size)
{
    UINT64 length = server_get_size(request->resource, request->version);
    char tag[64], date[64];
    BOOL has_range;
    int ret;

    format_validator(request->resource, request->version, tag, date, sizeof(tag));
    has_range = request->has_range && !is_one_in(20)
            && (!request->if_range[0] || is_one_in(BLIND_RATE) || !strcmp(request->if_range, tag[0] ? tag : date));
    if (has_range && request->first >= length)
        return snprintf(head, size, "HTTP/1.1 416 No\r\nContent-Range: bytes */%llu\r\nContent-Length: 0\r\n\r\n",
                (unsigned long long)length);
    request->offset = has_range ? request->first : 0;
    request->left = (has_range ? min(request->last + 1, length) : length) - request->offset;
    if (has_range && request->last == ~(UINT64)0)
        request->left = length - request->offset;
    ret = snprintf(head, size, "HTTP/1.1 %s\r\nContent-Length: %llu\r\nAccept-Ranges: bytes\r\n",
            has_range ? "206 Partial" : "200 OK", (unsigned long long)request->left);
    if (has_range)
        ret += snprintf(head + ret, size - ret, "Content-Range: bytes %llu-%llu/%llu\r\n",
                (unsigned long long)request->offset, (unsigned long long)(request->offset + request->left - 1),
                (unsigned long long)length);
    return ret + snprintf(head + ret, size - ret, "%s%s\r\n\r\n", tag[0] ? "ETag: " : "Last-Modified: ",
            tag[0] ? tag : date);
}

DWORD transport_send(struct transport_request *request, struct http_head *head, WCHAR address[ADDRESS_MAX])
{
    struct framing framing;
    char text[512];
    int size;

    InterlockedIncrement(&server_requests);
    address[0] = 0;
    if (http_cancel_wait(request->cancel, random_below(30)))
        return ERROR_WINHTTP_OPERATION_CANCELLED;
    if (is_one_in(FAIL_RATE))
        return is_one_in(2) ? ERROR_WINHTTP_CANNOT_CONNECT : ERROR_WINHTTP_CONNECTION_ERROR;
    request->version = server_get_version(request->resource);
    if (is_one_in(2 * FAIL_RATE))
        size = snprintf(text, sizeof(text), "HTTP/1.1 %s Error\r\nContent-Length: 0\r\n\r\n",
                is_one_in(4) ? "404" : "503");
    else
        size = answer(request, text, sizeof(text));
    return http1_parse_head(text, size, get_system_time(), head, &framing);
}

BOOL transport_is_proxy_failure(const struct transport_request *request)
{
    return FALSE;
}

DWORD transport_read(struct transport_request *request, void *buffer, DWORD size, DWORD timeout, DWORD *read)
{
    DWORD wait = is_one_in(8) ? random_below(200) : 0, part = 1 + random_below(is_one_in(2) ? 0x40000 : 0x2000);

    *read = 0;
    if (wait && timeout != INFINITE && wait > timeout)
        return http_cancel_wait(request->cancel, timeout) ? ERROR_WINHTTP_OPERATION_CANCELLED : WAIT_TIMEOUT;
    if (wait ? http_cancel_wait(request->cancel, wait) : http_is_cancelled(request->cancel))
        return ERROR_WINHTTP_OPERATION_CANCELLED;
    if (request->left && is_one_in(CUT_RATE))
    {
        InterlockedIncrement(&server_cuts);
        return ERROR_WINHTTP_CONNECTION_ERROR;
    }
    *read = min(size, min(request->left, part));
    server_fill(request->resource, request->version, request->offset, buffer, *read);
    request->offset += *read;
    request->left -= *read;
    return ERROR_SUCCESS;
}

void transport_close(struct transport_request *request)
{
    free(request);
}
