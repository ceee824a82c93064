/*
 * The HTTP server of the tests, well-behaved or not
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

/* One server in the test process, on the loopback interface and a port that
 * the system picks, with a thread for the listener and one for each
 * connection. What it serves is a table of resources; a resource tells how to
 * misbehave. The bytes of a body follow from the seed and the offset, so that
 * any part of any size can be checked without being stored. */

#ifndef __DOSVC_TESTS_ORIGIN_H
#define __DOSVC_TESTS_ORIGIN_H

#define ORIGIN_MAX_RESOURCES   32
#define ORIGIN_MAX_REQUESTS    256
#define ORIGIN_MAX_CONNECTIONS 512
#define ORIGIN_BLOCK_SIZE      65536
#define ORIGIN_LIMIT_MS        30000
#define ORIGIN_FOREVER         (~0u)

enum resource_flags
{
    RESOURCE_IGNORES_RANGES = 0x01, /* answers 200 with the whole body */
    RESOURCE_IS_CHUNKED     = 0x02, /* no Content-Length */
    RESOURCE_ENDS_BY_CLOSE  = 0x04, /* no Content-Length, the end of the connection is the end */
    RESOURCE_IS_SILENT      = 0x08, /* takes the request and never answers */
    RESOURCE_CUTS_BY_RESET  = 0x10, /* cut_after: reset the connection instead of closing it */
    RESOURCE_IGNORES_IF_RANGE = 0x20, /* 206 even if the validator is another */
    RESOURCE_HANGS_UP       = 0x40, /* closes without an answer if the connection was used before */
};

struct resource
{
    /* Set by origin_add_resource. */
    struct origin *origin;
    char path[64];
    WCHAR url[128];

    UINT64 size;
    DWORD seed;
    unsigned int flags;
    const char *etag;          /* with its quotes; NULL: none is sent */
    const char *last_modified; /* NULL: none is sent */
    const char *location;      /* of a redirect; may be relative */
    const char *content_range; /* NULL: the right one; "": none is sent */
    const char *raw;           /* the whole answer, byte for byte; the connection stays open; NULL: a proper one */

    unsigned int status;      /* instead of 200 or 206 ... */
    unsigned int status_count; /* ... for so many requests */
    unsigned int retry_after; /* seconds; sent with status; 0: none */

    UINT64 cut_after;       /* bytes of the body after which the answer ends ... */
    unsigned int cut_count; /* ... in so many answers */

    HANDLE gate;      /* what lies at gate_at and behind waits for it; NULL: nothing waits */
    UINT64 gate_at;   /* offset in the resource */
    UINT64 gate_step; /* with a gate that counts: wait again after so many bytes */
    HANDLE at_gate;   /* manual-reset event, set when an answer has to wait */

    DWORD tick_ms; /* send tick_bytes each time that this has passed; 0: as fast as possible */
    DWORD tick_bytes;
};

struct origin_request
{
    char path[256]; /* with the query */
    char range[64];
    char if_range[128];
    unsigned int status;
    DWORD time; /* of GetTickCount */
};

struct origin_connection
{
    struct origin *origin;
    SOCKET socket;
    HANDLE thread;
    unsigned int answer_count;
};

struct origin
{
    SOCKET listener;
    unsigned short port;
    HANDLE thread;
    HANDLE stop; /* manual-reset event */

    CRITICAL_SECTION cs; /* for all below; the tests take it as well, to change a resource while it is served */
    struct resource resources[ORIGIN_MAX_RESOURCES];
    unsigned int resource_count;
    struct origin_request requests[ORIGIN_MAX_REQUESTS]; /* the first so many */
    unsigned int request_count;
    struct origin_connection connections[ORIGIN_MAX_CONNECTIONS];
    unsigned int connection_count;
};

static inline BYTE origin_get_byte(DWORD seed, UINT64 offset)
{
    UINT64 x = (offset + ((UINT64)seed << 40) + 1) * 0x9e3779b97f4a7c15ull;

    return (x ^ (x >> 29)) >> 32;
}

static inline void origin_fill(BYTE *buffer, UINT64 offset, DWORD size, DWORD seed)
{
    DWORD i;

    for (i = 0; i < size; ++i)
        buffer[i] = origin_get_byte(seed, offset + i);
}

static inline UINT64 origin_min(UINT64 a, UINT64 b)
{
    return a < b ? a : b;
}

/* What one request is answered with. */
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
static inline BOOL origin_pass_gate(const struct answer *answer)
{
    HANDLE handles[2] = { answer->stop, answer->resource.gate };

    if (WaitForSingleObject(answer->resource.gate, 0) == WAIT_OBJECT_0)
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
        if (!origin_pass_gate(answer))
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

static inline BOOL origin_send_body(const struct answer *answer)
{
    UINT64 pos = answer->start, end = answer->end;
    BYTE *block;
    DWORD size;

    if (answer->is_cut)
        end = origin_min(end, pos + answer->resource.cut_after);
    if (!(block = malloc(ORIGIN_BLOCK_SIZE)))
        return FALSE;
    while (pos < end)
    {
        if (!(size = origin_next_block(answer, pos, end)))
            break;
        origin_fill(block, pos, size, answer->resource.seed);
        if (!origin_send_block(answer, block, size))
            break;
        pos += size;
    }
    free(block);
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
    char head[2048], number[24], *p = head;

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
        if (resource->status && origin_use_up(&resource->status_count))
            answer->status = resource->status;
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
                answer->is_cut = origin_use_up(&resource->cut_count);
        }
    }
    request->status = answer->status;
    request->time = GetTickCount();
    if (origin->request_count < ORIGIN_MAX_REQUESTS)
        origin->requests[origin->request_count] = *request;
    ++origin->request_count;
    LeaveCriticalSection(&origin->cs);
}

/* Returns whether the connection stays open. */
static inline BOOL origin_answer(struct origin_connection *connection, const char *text)
{
    struct origin_request request = { "" };
    struct answer answer = { .socket = connection->socket, .stop = connection->origin->stop };
    struct linger linger = { 1, 0 };
    char method[8];

    if (sscanf(text, "%7s %255s", method, request.path) != 2)
        return FALSE;
    origin_get_field(text, "Range", request.range, sizeof(request.range));
    origin_get_field(text, "If-Range", request.if_range, sizeof(request.if_range));
    origin_decide(connection->origin, &request, &answer);
    if (answer.resource.flags & RESOURCE_IS_SILENT)
    {
        WaitForSingleObject(answer.stop, INFINITE);
        return FALSE;
    }
    if ((answer.resource.flags & RESOURCE_HANGS_UP) && connection->answer_count)
        return FALSE;
    ++connection->answer_count;
    if (answer.resource.raw)
        return origin_send(&answer, answer.resource.raw, strlen(answer.resource.raw));
    if (!origin_send_head(&answer))
        return FALSE;
    if (!answer.has_body || !strcmp(method, "HEAD"))
        return TRUE;
    if (origin_send_body(&answer))
        return !(answer.resource.flags & RESOURCE_ENDS_BY_CLOSE);
    if (answer.resource.flags & RESOURCE_CUTS_BY_RESET)
        setsockopt(connection->socket, SOL_SOCKET, SO_LINGER, (const char *)&linger, sizeof(linger));
    return FALSE;
}

static DWORD WINAPI origin_connection_thread(void *param)
{
    struct origin_connection *connection = param;
    char text[8192], *end;
    int size = 0, len, one = 1;
    u_long nonblocking = 1;
    BOOL stay = TRUE;

    ioctlsocket(connection->socket, FIONBIO, &nonblocking);
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, (const char *)&one, sizeof(one));
    while (stay && size < (int)sizeof(text) - 1)
    {
        if (!origin_wait(connection->socket, FALSE, connection->origin->stop)
                || (len = recv(connection->socket, text + size, sizeof(text) - 1 - size, 0)) <= 0)
            break;
        size += len;
        text[size] = 0;
        while (stay && (end = strstr(text, "\r\n\r\n")))
        {
            end[2] = 0;
            stay = origin_answer(connection, text);
            size -= end + 4 - text;
            memmove(text, end + 4, size + 1);
        }
    }

    closesocket(connection->socket);
    return 0;
}

static inline void origin_take_connection(struct origin *origin, SOCKET sock)
{
    struct origin_connection *connection;

    EnterCriticalSection(&origin->cs);
    if (WaitForSingleObject(origin->stop, 0) == WAIT_OBJECT_0 || origin->connection_count == ORIGIN_MAX_CONNECTIONS)
        closesocket(sock);
    else
    {
        connection = &origin->connections[origin->connection_count];
        connection->origin = origin;
        connection->socket = sock;
        if ((connection->thread = CreateThread(NULL, 0, origin_connection_thread, connection, 0, NULL)))
            ++origin->connection_count;
        else
            closesocket(sock);
    }
    LeaveCriticalSection(&origin->cs);
}

static DWORD WINAPI origin_thread(void *param)
{
    struct origin *origin = param;
    SOCKET sock;

    while ((sock = accept(origin->listener, NULL, NULL)) != INVALID_SOCKET)
    {
        origin_take_connection(origin, sock);
        if (WaitForSingleObject(origin->stop, 0) == WAIT_OBJECT_0)
            break;
    }
    return 0;
}

/* A socket that is bound to a port of the loopback interface. Without a
 * listen() connections to it are refused, and nobody else gets the port. */
static inline SOCKET origin_bind(unsigned short *port)
{
    struct sockaddr_in addr = { 0 };
    int len = sizeof(addr);
    SOCKET sock;

    sock = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(sock, (struct sockaddr *)&addr, sizeof(addr)) || getsockname(sock, (struct sockaddr *)&addr, &len))
    {
        closesocket(sock);
        return INVALID_SOCKET;
    }
    *port = ntohs(addr.sin_port);
    return sock;
}

static inline struct origin *origin_create(void)
{
    struct origin *origin;
    WSADATA data;

    if (WSAStartup(MAKEWORD(2, 2), &data) || !(origin = calloc(1, sizeof(*origin))))
        return NULL;
    InitializeCriticalSection(&origin->cs);
    origin->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    origin->listener = origin_bind(&origin->port);
    if (!listen(origin->listener, SOMAXCONN))
        origin->thread = CreateThread(NULL, 0, origin_thread, origin, 0, NULL);
    ok(!!origin->thread, "The server does not start, error %u.\n", WSAGetLastError());
    return origin;
}

/* Wakes the listener with a connection: closing a socket does not always
 * interrupt an accept() on it. */
static inline void origin_stop_listening(struct origin *origin)
{
    struct sockaddr_in addr = { 0 };
    SOCKET sock;

    SetEvent(origin->stop);
    sock = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    addr.sin_family = AF_INET;
    addr.sin_port = htons(origin->port);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(sock, (struct sockaddr *)&addr, sizeof(addr));
    ok(WaitForSingleObject(origin->thread, ORIGIN_LIMIT_MS) == WAIT_OBJECT_0, "The listener does not end.\n");
    closesocket(sock);
    closesocket(origin->listener);
    CloseHandle(origin->thread);
}

/* The handles of gates belong to the tests: close them afterwards. */
static inline void origin_destroy(struct origin *origin)
{
    struct origin_connection *connection;
    unsigned int i;

    origin_stop_listening(origin);
    for (i = 0; i < origin->connection_count; ++i)
    {
        connection = &origin->connections[i];
        ok(WaitForSingleObject(connection->thread, ORIGIN_LIMIT_MS) == WAIT_OBJECT_0,
                "Connection %u does not end.\n", i);
        CloseHandle(connection->thread);
    }
    for (i = 0; i < origin->resource_count; ++i)
        CloseHandle(origin->resources[i].at_gate);
    DeleteCriticalSection(&origin->cs);
    CloseHandle(origin->stop);
    free(origin);
    WSACleanup();
}

static inline void origin_lock(struct origin *origin)
{
    EnterCriticalSection(&origin->cs);
}

static inline void origin_unlock(struct origin *origin)
{
    LeaveCriticalSection(&origin->cs);
}

/* A well-behaved resource; what is to be different is set in the result. */
static inline struct resource *origin_add_resource(struct origin *origin, const char *path, UINT64 size)
{
    struct resource *resource;

    origin_lock(origin);
    resource = &origin->resources[origin->resource_count++];
    resource->origin = origin;
    strcpy(resource->path, path);
    swprintf(resource->url, ARRAY_SIZE(resource->url), L"http://127.0.0.1:%u%hs", origin->port, path);
    resource->size = size;
    resource->seed = origin->resource_count;
    resource->etag = "\"v1\"";
    resource->last_modified = "Wed, 21 Oct 2015 07:28:00 GMT";
    resource->status_count = ORIGIN_FOREVER;
    resource->at_gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    origin_unlock(origin);
    return resource;
}

/* How many requests for this path have been taken, and the last one of them. */
static inline unsigned int origin_get_requests(struct resource *resource, struct origin_request *last)
{
    struct origin *origin = resource->origin;
    unsigned int i, count = 0;

    if (last)
        memset(last, 0, sizeof(*last));
    origin_lock(origin);
    for (i = 0; i < min(origin->request_count, ORIGIN_MAX_REQUESTS); ++i)
    {
        if (origin_find_locked(origin, origin->requests[i].path) != resource)
            continue;
        ++count;
        if (last)
            *last = origin->requests[i];
    }
    origin_unlock(origin);
    return count;
}

#endif /* __DOSVC_TESTS_ORIGIN_H */
