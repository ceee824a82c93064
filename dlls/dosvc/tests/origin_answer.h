/*
 * How the origin of the conformance tests answers a request
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

#ifndef __DOSVC_TESTS_ORIGIN_ANSWER_H
#define __DOSVC_TESTS_ORIGIN_ANSWER_H

/* The answer to one request. */
struct answer
{
    struct resource resource; /* a copy; the original may change meanwhile */
    SOCKET socket;
    HANDLE stop;
    unsigned int status;
    UINT64 start; /* offsets in the resource */
    UINT64 end;
    BOOL has_body;
    BOOL is_cut;
    BOOL is_stalled;
};

/* Waits until the socket is ready, and for the end of the server: neither
 * shutdown() nor closesocket() interrupts a call of another thread in Wine. */
static inline BOOL origin_wait(SOCKET sock, BOOL is_send, HANDLE stop)
{
    struct timeval timeout = { 0, 20000 };
    fd_set set;
    int ret;

    while (WaitForSingleObject(stop, 0) == WAIT_TIMEOUT)
    {
        FD_ZERO(&set);
        FD_SET(sock, &set);
        if ((ret = select(0, is_send ? NULL : &set, is_send ? &set : NULL, NULL, &timeout)))
            return ret > 0;
    }
    return FALSE;
}

static inline BOOL origin_send(const struct answer *answer, const void *data, int size)
{
    const char *p = data;
    int sent;

    while (size)
    {
        if ((sent = send(answer->socket, p, size, 0)) > 0)
        {
            p += sent;
            size -= sent;
        }
        else if (WSAGetLastError() != WSAEWOULDBLOCK || !origin_wait(answer->socket, TRUE, answer->stop))
            return FALSE;
    }
    return TRUE;
}

static inline BOOL origin_send_block(const struct answer *answer, const BYTE *data, DWORD size)
{
    char head[32];

    if (!(answer->resource.flags & RESOURCE_IS_CHUNKED))
        return origin_send(answer, data, size);
    sprintf(head, "%lx\r\n", size);
    return origin_send(answer, head, strlen(head)) && origin_send(answer, data, size)
            && origin_send(answer, "\r\n", 2);
}

/* Returns FALSE when the server stops. */
static inline BOOL origin_pass(const struct answer *answer, HANDLE gate)
{
    HANDLE handles[2] = { answer->stop, gate };

    if (WaitForSingleObject(gate, 0) == WAIT_OBJECT_0)
        return TRUE;
    SetEvent(answer->resource.at_gate);
    return WaitForMultipleObjects(2, handles, FALSE, INFINITE) == WAIT_OBJECT_0 + 1;
}

/* How many bytes may follow at once; 0 when the server stops. */
static inline DWORD origin_next_block(const struct answer *answer, UINT64 pos, UINT64 end)
{
    const struct resource *resource = &answer->resource;
    UINT64 size = origin_min(end - pos, ORIGIN_BLOCK_SIZE);

    if (resource->gate && pos < resource->gate_at)
        size = origin_min(size, resource->gate_at - pos);
    else if (resource->gate)
    {
        if (!origin_pass(answer, resource->gate))
            return 0;
        if (resource->gate_step)
            size = origin_min(size, resource->gate_step);
    }
    if (resource->tick_ms)
    {
        if (WaitForSingleObject(answer->stop, resource->tick_ms) != WAIT_TIMEOUT)
            return 0;
        size = origin_min(size, resource->tick_bytes);
    }
    return size;
}

/* Fill in bytes of the resource, with its flaws. */
static inline void origin_get_block(const struct answer *answer, BYTE *block, UINT64 pos, DWORD size)
{
    const struct resource *resource = &answer->resource;
    struct flaw *flaw;
    unsigned int i;

    if (resource->content)
        memcpy(block, (const BYTE *)resource->content + pos, size);
    else
        origin_fill(block, pos, size, resource->seed);
    for (i = 0; i < resource->flaw_count; ++i)
    {
        flaw = &resource->flaws[i];
        if (flaw->offset < pos || flaw->offset >= pos + size)
            continue;
        EnterCriticalSection(&resource->origin->cs);
        if (flaw->count)
        {
            block[flaw->offset - pos] ^= 1 << flaw->offset % 8;
            if (flaw->count != ORIGIN_FOREVER)
                --flaw->count;
        }
        LeaveCriticalSection(&resource->origin->cs);
    }
}

static inline BOOL origin_send_body(const struct answer *answer)
{
    UINT64 pos = answer->start, end = answer->end;
    BYTE *block;
    DWORD size;

    if (answer->is_cut)
        end = origin_min(end, pos + answer->resource.cut_after);
    if (answer->is_stalled)
        end = origin_min(end, pos + answer->resource.stall_after);
    block = test_alloc(ORIGIN_BLOCK_SIZE);
    while (pos < end)
    {
        if (!(size = origin_next_block(answer, pos, end)))
            break;
        origin_get_block(answer, block, pos, size);
        if (!origin_send_block(answer, block, size))
            break;
        pos += size;
    }
    free(block);
    if (pos == end && answer->is_stalled)
        WaitForSingleObject(answer->stop, INFINITE);
    if (pos < answer->end)
        return FALSE;
    return !(answer->resource.flags & RESOURCE_IS_CHUNKED) || origin_send(answer, "0\r\n\r\n", 5);
}

static inline char *origin_put_field(char *p, const char *name, const char *value)
{
    return value ? p + sprintf(p, "%s: %s\r\n", name, value) : p;
}

static inline const char *origin_print_u64(char *buffer, UINT64 value)
{
    char digits[24], *p = digits + sizeof(digits) - 1;

    *p = 0;
    do
        *--p = '0' + value % 10;
    while (value /= 10);
    return strcpy(buffer, p);
}

static inline char *origin_put_content_range(char *p, const struct answer *answer)
{
    char start[24], end[24], size[24];

    if (answer->resource.content_range)
    {
        if (!*answer->resource.content_range)
            return p;
        return origin_put_field(p, "Content-Range", answer->resource.content_range);
    }
    origin_print_u64(size, answer->resource.size);
    if (answer->status == 416)
        return p + sprintf(p, "Content-Range: bytes */%s\r\n", size);
    return p + sprintf(p, "Content-Range: bytes %s-%s/%s\r\n", origin_print_u64(start, answer->start),
            origin_print_u64(end, answer->end - 1), size);
}

static inline BOOL origin_send_head(const struct answer *answer)
{
    const struct resource *resource = &answer->resource;
    char head[ORIGIN_MAX_HEAD], number[24], *p = head;

    p += sprintf(p, "HTTP/1.1 %u Test\r\n", answer->status);
    p = origin_put_field(p, "Server", "dosvc-test");
    p = origin_put_field(p, "X-Path", resource->path);
    if (answer->status / 100 == 2)
    {
        p = origin_put_field(p, "ETag", resource->etag);
        p = origin_put_field(p, "Last-Modified", resource->last_modified);
        if (!(resource->flags & RESOURCE_IGNORES_RANGES))
            p = origin_put_field(p, "Accept-Ranges", "bytes");
    }
    if (resource->headers)
        p += sprintf(p, "%s", resource->headers);
    if (answer->status == 401 && resource->required)
        p = origin_put_field(p, "WWW-Authenticate", "Custom realm=\"test\"");
    if (answer->has_body)
        p = origin_put_field(p, "Content-Type", resource->content_type);
    if (answer->status == 206 || answer->status == 416)
        p = origin_put_content_range(p, answer);
    if (answer->status / 100 == 3)
        p = origin_put_field(p, "Location", resource->location);
    if (answer->status == resource->status && resource->retry_after)
        p += sprintf(p, "Retry-After: %u\r\n", resource->retry_after);
    if (!answer->has_body)
        p = origin_put_field(p, "Content-Length", answer->status == 204 ? NULL : "0");
    else if (resource->flags & RESOURCE_IS_CHUNKED)
        p = origin_put_field(p, "Transfer-Encoding", "chunked");
    else if (resource->flags & RESOURCE_ENDS_BY_CLOSE)
        p = origin_put_field(p, "Connection", "close");
    else
        p = origin_put_field(p, "Content-Length", origin_print_u64(number, answer->end - answer->start));
    p += sprintf(p, "\r\n");
    return origin_send(answer, head, p - head);
}

/* The value of a header field, without the blanks before it; empty if there is none. */
static inline void origin_get_field(const char *request, const char *name, char *value, size_t size)
{
    size_t len = strlen(name), i;
    const char *p = request;

    *value = 0;
    while ((p = strstr(p, "\r\n")))
    {
        p += 2;
        if (_strnicmp(p, name, len) || p[len] != ':')
            continue;
        for (p += len + 1; *p == ' '; ++p)
            ;
        for (i = 0; i + 1 < size && p[i] && p[i] != '\r'; ++i)
            value[i] = p[i];
        value[i] = 0;
        return;
    }
}

/* FALSE if the range does not exist in the resource. */
static inline BOOL origin_parse_range(const char *range, UINT64 size, UINT64 *start, UINT64 *end)
{
    char *p;

    *start = _strtoui64(range + strlen("bytes="), &p, 10);
    *end = size;
    if (*p == '-' && p[1])
        *end = origin_min(size, _strtoui64(p + 1, NULL, 10) + 1);
    return *start < *end;
}

static inline BOOL origin_validator_matches(const struct resource *resource, const char *if_range)
{
    if (!*if_range || (resource->flags & RESOURCE_IGNORES_IF_RANGE))
        return TRUE;
    return (resource->etag && !strcmp(if_range, resource->etag))
            || (resource->last_modified && !strcmp(if_range, resource->last_modified));
}

static inline struct resource *origin_find_locked(struct origin *origin, const char *path)
{
    size_t len = strcspn(path, "?");
    unsigned int i;

    for (i = 0; i < origin->resource_count; ++i)
        if (strlen(origin->resources[i].path) == len && !memcmp(origin->resources[i].path, path, len))
            return &origin->resources[i];
    return NULL;
}

static inline unsigned int origin_use_up(unsigned int *count)
{
    if (!*count)
        return 0;
    if (*count != ORIGIN_FOREVER)
        --*count;
    return 1;
}

/* Decide what to answer, and take note of the request. */
static inline void origin_decide(struct origin *origin, struct origin_request *request, struct answer *answer)
{
    struct resource *resource;

    EnterCriticalSection(&origin->cs);
    if (!(resource = origin_find_locked(origin, request->path)))
        answer->status = 404;
    else
    {
        answer->resource = *resource;
        if (resource->required && !strstr(request->head, resource->required))
            answer->status = 401;
        else if (resource->status && origin_use_up(&resource->status_count))
            answer->status = resource->status;
        else if (resource->range_status && *request->range)
            answer->status = resource->range_status;
        else
        {
            answer->has_body = TRUE;
            answer->status = 200;
            answer->end = resource->size;
            if (*request->range && !(resource->flags & RESOURCE_IGNORES_RANGES)
                    && origin_validator_matches(resource, request->if_range))
            {
                answer->has_body = origin_parse_range(request->range, resource->size, &answer->start, &answer->end);
                answer->status = answer->has_body ? 206 : 416;
            }
            if (answer->has_body)
            {
                answer->is_cut = origin_use_up(&resource->cut_count);
                answer->is_stalled = origin_use_up(&resource->stall_count);
            }
        }
    }
    request->status = answer->status;
    request->time = GetTickCount();
    if (origin->request_count < ORIGIN_MAX_REQUESTS)
        origin->requests[origin->request_count] = *request;
    ++origin->request_count;
    LeaveCriticalSection(&origin->cs);
}

/* Have the connection reset when it is closed. */
static inline void origin_reset_at_close(SOCKET sock)
{
    static const struct linger linger = { 1, 0 };

    setsockopt(sock, SOL_SOCKET, SO_LINGER, (const char *)&linger, sizeof(linger));
}

/* Returns whether the connection stays open. */
static inline BOOL origin_answer(struct origin_connection *connection, const char *text)
{
    struct origin_request request = { "" };
    struct answer answer = { .socket = connection->socket, .stop = connection->origin->stop };

    if (sscanf(text, "%7s %255s", request.method, request.path) != 2)
        return FALSE;
    memcpy(request.head, text, origin_min(strlen(text), sizeof(request.head) - 1));
    origin_get_field(text, "Range", request.range, sizeof(request.range));
    origin_get_field(text, "If-Range", request.if_range, sizeof(request.if_range));
    origin_decide(connection->origin, &request, &answer);
    if (answer.resource.flags & RESOURCE_IS_SILENT)
    {
        WaitForSingleObject(answer.stop, INFINITE);
        return FALSE;
    }
    if (answer.resource.head_gate && !origin_pass(&answer, answer.resource.head_gate))
        return FALSE;
    if (answer.resource.stale && connection->answer_count)
    {
        origin_send(&answer, answer.resource.stale, strlen(answer.resource.stale));
        return FALSE;
    }
    ++connection->answer_count;
    if (answer.resource.play)
        return answer.resource.play(answer.resource.play_context, &request, &answer);
    if (answer.resource.raw)
        return origin_send(&answer, answer.resource.raw, strlen(answer.resource.raw));
    if (!origin_send_head(&answer))
        return FALSE;
    if (!answer.has_body || !strcmp(request.method, "HEAD"))
        return TRUE;
    if (origin_send_body(&answer))
        return !(answer.resource.flags & RESOURCE_ENDS_BY_CLOSE);
    if (answer.resource.flags & RESOURCE_CUTS_BY_RESET)
        origin_reset_at_close(connection->socket);
    return FALSE;
}

#endif /* __DOSVC_TESTS_ORIGIN_ANSWER_H */
