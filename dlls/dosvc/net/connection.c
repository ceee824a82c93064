/*
 * Connections to HTTP servers
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

#include <stdlib.h>

#include "base/base.h"
#include "net/connection.h"
#include "net/request.h"
#include "base/wineheaders.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Room for a head and a small body that comes with it: one receive for both. A larger head makes it grow. */
#define INPUT_SIZE 0x20000

/* FALSE if out of memory. */
static BOOL grow_input(struct connection *connection)
{
    UINT capacity = max(2 * connection->input_capacity, INPUT_SIZE);

    if (!pages_resize((void **)&connection->input, connection->input_size, capacity))
        return FALSE;
    connection->input_capacity = capacity;
    return TRUE;
}

static DWORD receive_input(struct connection *connection, ULONGLONG deadline)
{
    UINT received;
    DWORD error;

    if (connection->input_size == connection->input_capacity && !grow_input(connection))
        return ERROR_OUTOFMEMORY;
    error = connection_receive(connection, connection->input + connection->input_size,
            connection->input_capacity - connection->input_size, deadline, &received);
    if (!error && !received)
        return ERROR_WINHTTP_CONNECTION_ERROR;
    connection->input_size += received;
    return error == WAIT_TIMEOUT ? ERROR_WINHTTP_TIMEOUT : error;
}

DWORD connection_receive_head(struct connection *connection, ULONGLONG deadline, UINT *size)
{
    UINT checked = 0;
    DWORD error;

    while (http1_find_head(connection->input, connection->input_size, &checked, size))
    {
        if (*size)
            return ERROR_SUCCESS;
        if ((error = receive_input(connection, deadline)))
            return error;
    }
    return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
}

#define SKIP_TIME 5000    /* ms */
#define SKIP_MAX  0x10000 /* bytes */

BOOL connection_skip_body(struct connection *connection, struct framing *framing, UINT used)
{
    ULONGLONG deadline = progress_now() + SKIP_TIME;
    UINT size = connection->input_size - used, left = SKIP_MAX, data_size, taken;
    BYTE *data = (BYTE *)connection->input + used;

    for (;;)
    {
        if (size && (!framing_take(framing, data, size, &data_size, &taken) || taken < size))
            return FALSE;
        if (framing->is_ended)
            break;
        data = (BYTE *)connection->input;
        if (!left || connection_receive(connection, data, min(left, connection->input_capacity), deadline, &size)
                || !size)
            return FALSE;
        left -= size;
    }
    connection->input_size = 0;
    return framing->is_persistent;
}

/* Connection to a proxy that is to become a tunnel. */
struct tunnel
{
    struct connection *connection;
    const struct route *route;
    struct auth_dialog dialog; /* with the proxy */
    char *message;             /* owned; the next CONNECT */
    UINT message_size;
    BOOL is_asked;             /* again, as the proxy wants it */
};

/* Answer the proxy. ERROR_WINHTTP_LOGIN_FAILURE if there is no answer, or the connection is lost that it was for. */
static DWORD answer_proxy(struct tunnel *tunnel, const struct http_head *head, struct framing *framing, UINT size,
        ULONGLONG deadline, LONG *is_abandoned)
{
    const struct url_origin *proxy = &tunnel->route->proxy.origin;
    struct connection *connection = tunnel->connection;
    BOOL is_usable;

    if (!auth_dialog_answer(&tunnel->dialog, tunnel->route->credentials, AUTH_PROXY, proxy->host,
            head->challenges[AUTH_PROXY]))
        return ERROR_WINHTTP_LOGIN_FAILURE;
    is_usable = connection_skip_body(connection, framing, size);
    if (!is_usable && auth_dialog_is_bound(&tunnel->dialog))
        return ERROR_WINHTTP_LOGIN_FAILURE;
    if (auth_dialog_write(&tunnel->dialog, tunnel->route->credentials, &tunnel->message, &tunnel->message_size))
        return ERROR_OUTOFMEMORY;
    tunnel->is_asked = TRUE;
    if (is_usable)
        return ERROR_SUCCESS;
    tcp_close(connection->tcp);
    connection->tcp = NULL;
    return tcp_connect(proxy->host, proxy->port, deadline, is_abandoned, &connection->tcp);
}

static DWORD receive_answer(struct tunnel *tunnel, ULONGLONG deadline, LONG *is_abandoned)
{
    struct connection *connection = tunnel->connection;
    struct framing framing;
    struct http_head head;
    DWORD error;
    UINT size;

    connection->input_size = 0;
    if ((error = connection_receive_head(connection, deadline, &size)))
        return error;
    if (!(error = http1_parse_head(connection->input, size, 0, &head, &framing)))
    {
        TRACE("status %lu.\n", head.status);
        if (head.status == 407)
            error = answer_proxy(tunnel, &head, &framing, size, deadline, is_abandoned);
        else if (head.status < 200 || head.status >= 300)
        {
            WARN("the proxy refuses, status %lu.\n", head.status);
            error = ERROR_WINHTTP_CANNOT_CONNECT;
        }
        /* A server of TLS does not speak first. */
        else if (connection->input_size != size)
            error = ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    }
    http_head_clear(&head);
    return error;
}

/* Ask the proxy at the other end for a connection to the origin. ERROR_WINHTTP_LOGIN_FAILURE if it wants other
 * credentials, ERROR_WINHTTP_CANNOT_CONNECT if it refuses. */
static DWORD open_tunnel(struct connection *connection, const struct route *route, ULONGLONG deadline,
        LONG *is_abandoned)
{
    struct tunnel tunnel = { connection, route };
    DWORD error;

    if ((error = request_format_connect(&route->origin, route->proxy.credentials, &tunnel.message,
            &tunnel.message_size)))
        return error;
    do
    {
        tunnel.is_asked = FALSE;
        if (!(error = tcp_send(connection->tcp, tunnel.message, tunnel.message_size, deadline)))
            error = receive_answer(&tunnel, deadline, is_abandoned);
    } while (!error && tunnel.is_asked);
    auth_dialog_end(&tunnel.dialog);
    free(tunnel.message);
    return error;
}

static void route_copy(struct route *to, const struct route *from)
{
    *to = *from;
    client_certificate_addref(to->certificate);
    credentials_addref(to->credentials);
}

void route_clear(struct route *route)
{
    client_certificate_release(route->certificate);
    credentials_release(route->credentials);
}

static BOOL route_equals(const struct route *a, const struct route *b)
{
    return url_origin_equals(&a->origin, &b->origin) && a->security_flags == b->security_flags
            && proxy_equals(&a->proxy, &b->proxy) && client_certificate_equals(a->certificate, b->certificate)
            && a->credentials == b->credentials && a->is_foreign == b->is_foreign;
}

/* Make a connection. Waits; when *is_abandoned is set it gives up soon. */
static DWORD connection_create(const struct route *route, ULONGLONG deadline, LONG *is_abandoned,
        struct connection **out, BOOL *is_proxy_failure)
{
    const struct url_origin *origin = &route->origin;
    BOOL is_proxied = route->proxy.kind == PROXY_HTTP;
    const struct url_origin *peer = is_proxied ? &route->proxy.origin : origin;
    struct connection *connection;
    DWORD error;

    if (!(connection = calloc(1, sizeof(*connection))))
        return ERROR_OUTOFMEMORY;
    route_copy(&connection->route, route);
    if (!grow_input(connection))
        error = ERROR_OUTOFMEMORY;
    else
        error = tcp_connect(peer->host, peer->port, deadline, is_abandoned, &connection->tcp);
    if (!error && is_proxied && origin->is_secure)
        error = open_tunnel(connection, route, deadline, is_abandoned);
    *is_proxy_failure = is_proxied && error && error != ERROR_OUTOFMEMORY && error != ERROR_WINHTTP_LOGIN_FAILURE;
    if (!error && origin->is_secure)
        error = tls_connect(connection->tcp, origin->host, route->security_flags, route->certificate, deadline,
                &connection->tls);
    if (error)
    {
        connection_destroy(connection);
        return error;
    }
    TRACE("connection %p to %s, port %u.\n", connection, debugstr_a(peer->host), peer->port);
    *out = connection;
    return ERROR_SUCCESS;
}

DWORD connection_send(struct connection *connection, const void *data, UINT size, ULONGLONG deadline)
{
    if (connection->tls)
        return tls_send(connection->tls, data, size, deadline);
    return tcp_send(connection->tcp, data, size, deadline);
}

DWORD connection_receive(struct connection *connection, void *buffer, UINT size, ULONGLONG deadline, UINT *received)
{
    DWORD error;

    do
        error = connection->tls ? tls_receive(connection->tls, buffer, size, received)
                : tcp_receive(connection->tcp, buffer, size, received);
    while (error == WAIT_TIMEOUT && !(error = tcp_wait(connection->tcp, deadline)));
    return error;
}

void connection_destroy(struct connection *connection)
{
    TRACE("connection %p.\n", connection);
    if (connection->tls)
        tls_destroy(connection->tls);
    if (connection->tcp)
        tcp_close(connection->tcp);
    route_clear(&connection->route);
    pages_free(connection->input);
    free(connection);
}

static SRWLOCK connect_lock = SRWLOCK_INIT;
static CONDITION_VARIABLE connect_cv = CONDITION_VARIABLE_INIT;

/* A thread that opens a connection. The last one of it and the caller who waits destroys the job. */
struct connect_job
{
    struct route route;
    ULONGLONG deadline;
    LONG is_abandoned; /* the caller is gone; set under connect_lock */
    BOOL is_done;      /* the thread is; protected by connect_lock */
    DWORD error;
    BOOL is_proxy_failure;
    struct connection *connection; /* owned, until the caller takes it */
};

static void connect_job_destroy(struct connect_job *job)
{
    if (job->connection)
        pool_put(job->connection);
    route_clear(&job->route);
    free(job);
}

static void CALLBACK connect_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct connect_job *job = context;
    BOOL is_abandoned;

    CallbackMayRunLong(instance);
    job->error = connection_create(&job->route, job->deadline, &job->is_abandoned, &job->connection,
            &job->is_proxy_failure);
    AcquireSRWLockExclusive(&connect_lock);
    job->is_done = TRUE;
    is_abandoned = job->is_abandoned;
    ReleaseSRWLockExclusive(&connect_lock);
    WakeAllConditionVariable(&connect_cv);
    if (is_abandoned)
        connect_job_destroy(job);
}

/* Wait for the thread. FALSE if it goes on alone. */
static BOOL wait_for_connect(struct connect_job *job, LONG *is_cancelled)
{
    ULONGLONG now;
    BOOL ret;

    AcquireSRWLockExclusive(&connect_lock);
    while (!job->is_done && !InterlockedCompareExchange(is_cancelled, 0, 0) && (now = progress_now()) < job->deadline)
        SleepConditionVariableSRW(&connect_cv, &connect_lock, min(job->deadline - now, INFINITE - 1), 0);
    if (!(ret = job->is_done))
        InterlockedExchange(&job->is_abandoned, TRUE);
    ReleaseSRWLockExclusive(&connect_lock);
    return ret;
}

DWORD connection_open(const struct route *route, DWORD timeout, LONG *is_cancelled, struct connection **connection,
        BOOL *is_proxy_failure)
{
    struct connect_job *job;
    DWORD error;

    if (!(job = calloc(1, sizeof(*job))))
        return ERROR_OUTOFMEMORY;
    route_copy(&job->route, route);
    job->deadline = progress_now() + timeout;
    if (!TrySubmitThreadpoolCallback(connect_proc, job, NULL))
        job->error = GetLastError();
    else if (!wait_for_connect(job, is_cancelled))
    {
        *is_proxy_failure = route->proxy.kind == PROXY_HTTP;
        return InterlockedCompareExchange(is_cancelled, 0, 0) ? ERROR_WINHTTP_OPERATION_CANCELLED
                : ERROR_WINHTTP_TIMEOUT;
    }
    error = job->error;
    *is_proxy_failure = job->is_proxy_failure;
    *connection = job->connection;
    job->connection = NULL;
    connect_job_destroy(job);
    return error;
}

void connection_wake(void)
{
    /* A caller who has looked at the flag waits by now. */
    AcquireSRWLockExclusive(&connect_lock);
    ReleaseSRWLockExclusive(&connect_lock);
    WakeAllConditionVariable(&connect_cv);
}

#define ORIGIN_MAX  16
#define POOL_MAX    32
#define IDLE_TIME   30000 /* ms */
#define DISTRUST_MAX  8
#define DISTRUST_TIME 60000 /* ms */

static SRWLOCK pool_lock = SRWLOCK_INIT;
/* protected by pool_lock; the one that came last is the first */
static struct list pool = LIST_INIT(pool);
static UINT pool_size;
static struct
{
    struct url_origin origin;
    ULONGLONG since; /* 0: not running */
} distrusted[DISTRUST_MAX];
static UINT next_distrusted;
static TP_TIMER *timer;
static BOOL is_timed; /* the timer is going to go off */

/* Take a connection out of the pool. */
static void remove_locked(struct connection *connection)
{
    list_remove(&connection->entry);
    pool_size--;
}

static void destroy_list(struct list *list)
{
    struct connection *connection, *next;

    LIST_FOR_EACH_ENTRY_SAFE(connection, next, list, struct connection, entry)
        connection_destroy(connection);
}

/* Set the timer for the connection that will be too old next. It may have been taken by then; but to set the timer
 * wakes a thread, and connections come and go with each request. */
static void set_timer_locked(void)
{
    ULONGLONG now = GetTickCount64(), due;
    struct list *entry;

    if (is_timed || !timer || !(entry = list_tail(&pool)))
        return;
    is_timed = TRUE;
    due = LIST_ENTRY(entry, struct connection, entry)->idle_since + IDLE_TIME;
    timer_set(timer, due, now);
}

static void CALLBACK expire_proc(TP_CALLBACK_INSTANCE *instance, void *context, TP_TIMER *expired)
{
    struct list old = LIST_INIT(old);
    ULONGLONG now = GetTickCount64();
    struct connection *connection;
    struct list *entry;

    AcquireSRWLockExclusive(&pool_lock);
    while ((entry = list_tail(&pool)))
    {
        connection = LIST_ENTRY(entry, struct connection, entry);
        if (now - connection->idle_since < IDLE_TIME)
            break;
        remove_locked(connection);
        list_add_head(&old, &connection->entry);
    }
    is_timed = FALSE;
    set_timer_locked();
    ReleaseSRWLockExclusive(&pool_lock);
    destroy_list(&old);
}

DWORD pool_init(void)
{
    return (timer = CreateThreadpoolTimer(expire_proc, NULL, NULL)) ? ERROR_SUCCESS : GetLastError();
}

void pool_cleanup(void)
{
    struct list all = LIST_INIT(all);
    TP_TIMER *old;

    AcquireSRWLockExclusive(&pool_lock);
    list_move_tail(&all, &pool);
    pool_size = 0;
    old = timer;
    timer = NULL;
    is_timed = FALSE;
    ReleaseSRWLockExclusive(&pool_lock);
    timer_close(old);
    destroy_list(&all);
}

static struct connection *take_any(const struct route *route)
{
    struct connection *connection, *found = NULL;

    AcquireSRWLockExclusive(&pool_lock);
    LIST_FOR_EACH_ENTRY(connection, &pool, struct connection, entry)
    {
        if (route_equals(&connection->route, route))
        {
            found = connection;
            remove_locked(found);
            break;
        }
    }
    ReleaseSRWLockExclusive(&pool_lock);
    return found;
}

struct connection *pool_take(const struct route *route)
{
    struct connection *connection;

    /* Bytes that the server sent unasked would be taken for the response. */
    while ((connection = take_any(route))
            && !tcp_has_no_pending_input(connection->tcp, GetTickCount64() - connection->idle_since))
        connection_destroy(connection);
    if (connection)
        TRACE("connection %p is used again.\n", connection);
    return connection;
}

static BOOL is_distrusted_locked(const struct url_origin *origin)
{
    ULONGLONG now = GetTickCount64();
    UINT i;

    for (i = 0; i < DISTRUST_MAX; i++)
    {
        if (distrusted[i].since && now - distrusted[i].since < DISTRUST_TIME
                && url_origin_equals(&distrusted[i].origin, origin))
            return TRUE;
    }
    return FALSE;
}

void pool_distrust(const struct route *route)
{
    struct connection *connection, *next;
    struct list useless = LIST_INIT(useless);

    AcquireSRWLockExclusive(&pool_lock);
    distrusted[next_distrusted].origin = route->origin;
    distrusted[next_distrusted].since = GetTickCount64();
    next_distrusted = (next_distrusted + 1) % DISTRUST_MAX;
    LIST_FOR_EACH_ENTRY_SAFE(connection, next, &pool, struct connection, entry)
    {
        if (!url_origin_equals(&connection->route.origin, &route->origin))
            continue;
        remove_locked(connection);
        list_add_tail(&useless, &connection->entry);
    }
    ReleaseSRWLockExclusive(&pool_lock);
    destroy_list(&useless);
}

/* Return the oldest connection of the route, or of all, if there are too many. */
static struct connection *find_surplus_locked(const struct connection *added)
{
    struct connection *connection, *oldest = NULL;
    UINT count = 0;

    LIST_FOR_EACH_ENTRY(connection, &pool, struct connection, entry)
    {
        if (!route_equals(&connection->route, &added->route))
            continue;
        oldest = connection;
        count++;
    }
    if (count > ORIGIN_MAX)
        return oldest;
    return pool_size > POOL_MAX ? LIST_ENTRY(list_tail(&pool), struct connection, entry) : NULL;
}

void pool_put(struct connection *connection)
{
    struct connection *surplus;

    if (connection->tls && !tls_rest(connection->tls))
    {
        connection_destroy(connection);
        return;
    }
    connection->idle_since = GetTickCount64();
    AcquireSRWLockExclusive(&pool_lock);
    list_add_head(&pool, &connection->entry);
    pool_size++;
    if (timer && !is_distrusted_locked(&connection->route.origin))
        surplus = find_surplus_locked(connection);
    else
        surplus = connection;
    if (surplus)
        remove_locked(surplus);
    set_timer_locked();
    ReleaseSRWLockExclusive(&pool_lock);
    if (surplus)
        connection_destroy(surplus);
}
