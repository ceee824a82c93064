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

/* A server in the test process, on the loopback interface and a port that
 * the system picks, with a thread for the listener and one for each
 * connection. What it serves is a table of resources; a resource tells how to
 * misbehave. The bytes of a body follow from the seed and the offset, so that
 * any part of any size can be checked without being stored. */

#ifndef __DOSVC_TESTS_ORIGIN_H
#define __DOSVC_TESTS_ORIGIN_H

#define ORIGIN_MAX_RESOURCES   256
#define ORIGIN_MAX_REQUESTS    2048
#define ORIGIN_MAX_CONNECTIONS 512
#define ORIGIN_BLOCK_SIZE      65536
#define ORIGIN_MAX_HEAD        2048
#define ORIGIN_LIMIT_MS        30000
#define ORIGIN_FOREVER         (~0u)

/* Zeroed, and never NULL: a test without memory ends here, as a failure. */
static inline void *test_alloc(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory)
    {
        ok(0, "No memory.\n");
        ExitProcess(255);
    }
    return memory;
}

enum resource_flags
{
    RESOURCE_IGNORES_RANGES = 0x01, /* answers 200 with the whole body */
    RESOURCE_IS_CHUNKED     = 0x02, /* no Content-Length */
    RESOURCE_ENDS_BY_CLOSE  = 0x04, /* no Content-Length, the end of the connection is the end */
    RESOURCE_IS_SILENT      = 0x08, /* takes the request and never answers */
    RESOURCE_CUTS_BY_RESET  = 0x10, /* cut_after: reset the connection instead of closing it */
    RESOURCE_IGNORES_IF_RANGE = 0x20, /* 206 even if the validator is another */
};

struct answer;
struct origin_request;

/* A bit that is wrong when a byte is sent. */
struct flaw
{
    UINT64 offset;      /* of the byte in the resource */
    unsigned int count; /* how often it is still sent so */
};

struct resource
{
    /* Set by origin_add_resource. */
    struct origin *origin;
    char path[64];
    WCHAR url[128];

    UINT64 size;
    DWORD seed;
    const void *content;       /* the body, which the test keeps; NULL: it follows from the seed */
    struct flaw *flaws;        /* kept by the test; the lock of the origin guards the counts */
    unsigned int flaw_count;
    unsigned int flags;
    const char *etag;          /* with its quotes; NULL: none is sent */
    const char *last_modified; /* NULL: not sent */
    const char *location;      /* of a redirect; may be relative */
    const char *content_range; /* NULL: the right one; "": none is sent */
    const char *stale;         /* bytes that come, before a close, in place of an answer on a connection that has
                                  given one already; NULL: an answer comes */
    const char *raw;           /* the whole answer, byte for byte; the connection stays open; NULL: a proper one */
    const char *content_type;  /* NULL: not sent */
    const char *headers;       /* further lines of each answer, with their ends; NULL: none */
    const char *required;      /* a line that a request must have, else 401; NULL: none */

    /* Answers a request in place of all that is told here; returns whether the
     * connection stays open; NULL: nothing does. */
    BOOL (*play)(void *context, const struct origin_request *request, struct answer *answer);
    void *play_context;

    unsigned int status;      /* instead of 200 or 206 ... */
    unsigned int status_count; /* ... for so many requests */
    unsigned int range_status; /* instead of 206; 0: ranges are served */
    unsigned int retry_after; /* seconds; sent with status; 0: none */

    UINT64 cut_after;       /* bytes of the body after which the answer ends ... */
    unsigned int cut_count; /* ... in so many answers */

    UINT64 stall_after;       /* bytes of the body after which nothing comes any more ... */
    unsigned int stall_count; /* ... in so many answers */

    /* Set by set_gate and set_head_gate. */
    HANDLE head_gate; /* the answer waits for it; NULL: it does not */
    HANDLE gate;      /* bytes at gate_at and behind wait for it; NULL: nothing waits */
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
    char method[8];
    char head[ORIGIN_MAX_HEAD]; /* all of it, for origin_get_field */
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
    ULONG address; /* in the order of this machine */
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
    HANDLE *gates;
    unsigned int gate_count;
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

/* Are these the bytes of the resource at the offset? */
static inline BOOL origin_is_at(DWORD seed, UINT64 offset, const BYTE *data, DWORD size)
{
    DWORD i;

    for (i = 0; i < size; ++i)
        if (data[i] != origin_get_byte(seed, offset + i))
            return FALSE;
    return TRUE;
}

static inline UINT64 origin_min(UINT64 a, UINT64 b)
{
    return a < b ? a : b;
}

#include "origin_answer.h"

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

/* A place in the table, that of a connection that has ended if there is no
 * new one; NULL if all are in use. */
static inline struct origin_connection *origin_find_place_locked(struct origin *origin)
{
    struct origin_connection *connection;
    unsigned int i;

    if (origin->connection_count < ORIGIN_MAX_CONNECTIONS)
        return &origin->connections[origin->connection_count++];
    for (i = 0; i < ORIGIN_MAX_CONNECTIONS; ++i)
    {
        connection = &origin->connections[i];
        if (connection->thread && WaitForSingleObject(connection->thread, 0) != WAIT_OBJECT_0)
            continue;
        CloseHandle(connection->thread);
        return connection;
    }
    return NULL;
}

static inline void origin_take_connection(struct origin *origin, SOCKET sock)
{
    struct origin_connection *connection;

    EnterCriticalSection(&origin->cs);
    if (WaitForSingleObject(origin->stop, 0) == WAIT_OBJECT_0 || !(connection = origin_find_place_locked(origin)))
        closesocket(sock);
    else
    {
        connection->origin = origin;
        connection->socket = sock;
        connection->answer_count = 0;
        if (!(connection->thread = CreateThread(NULL, 0, origin_connection_thread, connection, 0, NULL)))
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

/* A socket that is bound to an address and a port, 0 for any, of the loopback interface. Without a
 * listen() connections to it are refused, and nobody else gets the port. */
static inline SOCKET origin_bind_at(ULONG address, unsigned short *port)
{
    struct sockaddr_in addr = { 0 };
    int len = sizeof(addr);
    SOCKET sock;

    sock = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    addr.sin_family = AF_INET;
    addr.sin_port = htons(*port);
    addr.sin_addr.s_addr = htonl(address);
    if (bind(sock, (struct sockaddr *)&addr, sizeof(addr)) || getsockname(sock, (struct sockaddr *)&addr, &len))
    {
        closesocket(sock);
        return INVALID_SOCKET;
    }
    *port = ntohs(addr.sin_port);
    return sock;
}

static inline SOCKET origin_bind(unsigned short *port)
{
    *port = 0;
    return origin_bind_at(INADDR_LOOPBACK, port);
}

static inline BOOL CALLBACK origin_start_sockets(INIT_ONCE *once, void *arg, void **context)
{
    WSADATA data;
    int error;

    error = WSAStartup(MAKEWORD(2, 2), &data);
    ok(!error, "Sockets do not start, error %d.\n", error);
    return TRUE;
}

/* Sockets start once and never end: in threads at once Wine loses count, and then
 * closes handles that by now are others'. */
static inline struct origin *origin_create_with(SOCKET (*bind_socket)(struct origin *origin))
{
    struct origin *origin = test_alloc(sizeof(*origin));
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

    InitOnceExecuteOnce(&once, origin_start_sockets, NULL, NULL);
    InitializeCriticalSection(&origin->cs);
    origin->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    if ((origin->listener = bind_socket(origin)) == INVALID_SOCKET)
    {
        DeleteCriticalSection(&origin->cs);
        CloseHandle(origin->stop);
        free(origin);
        return NULL;
    }
    if (!listen(origin->listener, SOMAXCONN))
        origin->thread = CreateThread(NULL, 0, origin_thread, origin, 0, NULL);
    ok(!!origin->thread, "The server does not start, error %u.\n", WSAGetLastError());
    return origin;
}

static inline SOCKET origin_bind_any(struct origin *origin)
{
    origin->address = INADDR_LOOPBACK;
    return origin_bind(&origin->port);
}

static inline struct origin *origin_create(void)
{
    struct origin *origin = origin_create_with(origin_bind_any);

    if (origin)
        return origin;
    ok(0, "No port is free, error %u.\n", WSAGetLastError());
    ExitProcess(255);
}

/* Take port 80 of an address that nobody else uses. */
static inline SOCKET origin_bind_usual(struct origin *origin)
{
    static unsigned int count;
    SOCKET sock = INVALID_SOCKET;
    unsigned int tries;

    for (tries = 0; tries < 5 && sock == INVALID_SOCKET; ++tries)
    {
        origin->address = 0x7f010001 + (GetCurrentProcessId() * 4096 + count++) % 0xfd0000;
        origin->port = 80;
        sock = origin_bind_at(origin->address, &origin->port);
    }
    return sock;
}

/* A server with an address of its own, at the usual port; NULL if this user may not have that. */
static inline struct origin *origin_create_usual(void)
{
    return origin_create_with(origin_bind_usual);
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
    addr.sin_addr.s_addr = htonl(origin->address);
    connect(sock, (struct sockaddr *)&addr, sizeof(addr));
    ok(WaitForSingleObject(origin->thread, ORIGIN_LIMIT_MS) == WAIT_OBJECT_0, "The listener does not end.\n");
    closesocket(sock);
    closesocket(origin->listener);
    CloseHandle(origin->thread);
}

/* A handle of the server's own: an answer comes back to the gate for each block, when
 * the test may have closed its own. Who waits on a closed handle takes away what another
 * thread waits for, such as the answer to a call of COM, if Wine has given out its number again. */
static inline HANDLE origin_keep_gate_locked(struct origin *origin, HANDLE gate)
{
    HANDLE process = GetCurrentProcess(), own = NULL;
    BOOL ret;

    if (!gate)
        return NULL;
    ret = DuplicateHandle(process, gate, process, &own, 0, FALSE, DUPLICATE_SAME_ACCESS);
    ok(ret, "Cannot keep a gate, error %lu.\n", GetLastError());
    origin->gates = realloc(origin->gates, (origin->gate_count + 1) * sizeof(*origin->gates));
    return origin->gates[origin->gate_count++] = own;
}

static inline void origin_destroy(struct origin *origin)
{
    struct origin_connection *connection;
    unsigned int i;

    origin_stop_listening(origin);
    for (i = 0; i < origin->connection_count; ++i)
    {
        connection = &origin->connections[i];
        ok(!connection->thread || WaitForSingleObject(connection->thread, ORIGIN_LIMIT_MS) == WAIT_OBJECT_0,
                "Connection %u does not end.\n", i);
        CloseHandle(connection->thread);
    }
    for (i = 0; i < origin->resource_count; ++i)
        CloseHandle(origin->resources[i].at_gate);
    for (i = 0; i < origin->gate_count; ++i)
        CloseHandle(origin->gates[i]);
    free(origin->gates);
    DeleteCriticalSection(&origin->cs);
    CloseHandle(origin->stop);
    free(origin);
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
    WCHAR port[8] = L"";

    if (origin->port != 80)
        swprintf(port, ARRAY_SIZE(port), L":%u", origin->port);
    origin_lock(origin);
    resource = &origin->resources[origin->resource_count++];
    resource->origin = origin;
    strcpy(resource->path, path);
    swprintf(resource->url, ARRAY_SIZE(resource->url), L"http://%lu.%lu.%lu.%lu%ls%hs", origin->address >> 24,
            origin->address >> 16 & 255, origin->address >> 8 & 255, origin->address & 255, port, path);
    resource->size = size;
    resource->seed = origin->resource_count;
    resource->etag = "\"v1\"";
    resource->last_modified = "Wed, 21 Oct 2015 07:28:00 GMT";
    resource->content_type = "application/octet-stream";
    resource->status_count = ORIGIN_FOREVER;
    resource->at_gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    origin_unlock(origin);
    return resource;
}

/* How many requests for this path have been taken, and the one with this
 * index, or the last one of them if there are not so many. */
static inline unsigned int origin_get_request(struct resource *resource, unsigned int index,
        struct origin_request *request)
{
    struct origin *origin = resource->origin;
    unsigned int i, count = 0;

    if (request)
        memset(request, 0, sizeof(*request));
    origin_lock(origin);
    for (i = 0; i < min(origin->request_count, ORIGIN_MAX_REQUESTS); ++i)
    {
        if (origin_find_locked(origin, origin->requests[i].path) != resource)
            continue;
        if (request && count <= index)
            *request = origin->requests[i];
        ++count;
    }
    origin_unlock(origin);
    return count;
}

/* How many requests for this path have been taken, and the last one of them. */
static inline unsigned int origin_get_requests(struct resource *resource, struct origin_request *last)
{
    return origin_get_request(resource, ~0u, last);
}

/* Whether a connection that the origin resets ends by that alone. Wine 10 seems to
 * end it in order first, and a client may see that. */
static inline BOOL origin_resets(void)
{
    const char *(__cdecl *p_wine_get_version)(void);

    p_wine_get_version = (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version");
    return !p_wine_get_version || atoi(p_wine_get_version()) < 9;
}

#endif /* __DOSVC_TESTS_ORIGIN_H */
