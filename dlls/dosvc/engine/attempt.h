/*
 * An attempt to complete a transfer: its connections, requests and bodies
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

#ifndef __DOSVC_ATTEMPT_H
#define __DOSVC_ATTEMPT_H

#include "base/base.h"
#include "base/cache_host.h"
#include "base/plan.h"
#include "base/segments.h"
#include "engine/worker.h"

struct attempt;

/* A byte range to ask for, and its place in the sink. */
struct request
{
    struct asked asked;
    UINT64 position; /* of the range in the sink */
};

/* The body of a response. */
struct body
{
    UINT64 offset; /* in the resource */
    UINT64 length; /* SIZE_UNKNOWN if only its end will tell */
    BOOL is_whole; /* may hold more than was asked for */
};

/* Cache host that is asked in place of the server. Changed by the worker only, while there are no extra connections,
 * and under the transfer's lock, since the verifier looks at it. */
struct cache_use
{
    WCHAR *url;       /* owned; NULL: the server is asked */
    WCHAR *list;      /* owned; the policy that named the host */
    WCHAR host[CACHE_HOST_MAX]; /* empty: the server is asked */
    WCHAR origin[CACHE_ORIGIN_MAX];
    BOOL is_direct;   /* without a proxy */
    BOOL is_blamed;   /* a cache host has brought a wrong piece since the worker looked; by anyone */

    /* Touched by the worker only. */
    BOOL has_event;   /* the host is to be left, for this reason: */
    enum cache_event event;
    struct cache_pace pace; /* of whoever is asked */
    UINT64 counted;   /* bytes that had arrived at that time; as arrived in the attempt */
    UINT64 received;  /* the same, but of the transfer, when the choice was made */
};

/* Connection of an attempt. The first is that of the worker; the others are the extra ones. */
struct attempt_connection
{
    struct attempt *attempt;    /* borrowed: the attempt waits for its connections */
    UINT index;                 /* of its segment */
    struct sink *sink;          /* of its own, since each has a file pointer; that of the attempt for the first. NULL:
                                   its bytes stay in the buffer until the worker gives them to the stream */
    BYTE *buffer;
    DWORD buffer_size;          /* bytes to receive at a time */
    WCHAR cache_host[CACHE_HOST_MAX]; /* where its bytes come from; empty: the server */

    /* For extra connections only. */
    LONG is_busy;               /* interlocked; while it is, its thread has it */
    struct request request;     /* of a stream: the piece that it is to get, from the start of its buffer on */
    struct http_cancel cancel;
    struct list entry;          /* in worker->extra_connections; guarded by its lock */
    struct slot slot;           /* guarded by the engine's lock */
    ULONGLONG heard;            /* when the engine was told of a byte */
    struct validator validator; /* of what has been received; a copy, as is the next */
    struct session session;
};

/* Turn of a worker. The settings of the transfer are copied under the lock, for the
 * owner may change them while a client keeps the worker in its stream. */
struct attempt
{
    struct transfer *transfer;
    struct transfer_worker *worker;
    struct target *target; /* a reference; the attempt counts as long as it is the transfer's */
    WCHAR *url;
    WCHAR *path;           /* NULL with a stream */
    struct range *wanted;  /* owned; in the plan */
    struct plan plan;
    struct options *options;
    struct sink *sink;     /* a reference to that of the target */
    struct plan_cursor cursor;
    struct integrity *integrity; /* a reference, or NULL */
    struct piece_hashes *hashes; /* a reference; NULL: nothing is verified. The lock protects changes */
    BOOL is_unverifiable;  /* hashes are mandatory, and not to be had */
    struct verifier verifier;
    struct staging staging; /* of a stream; touched by the worker only */
    UINT64 checked_size;   /* for which ranges and sink were prepared */
    BOOL has_moved;        /* bytes stored or a size learned since the last request; the lock protects it */
    void (*adjust)(struct attempt *attempt); /* extra_connections_adjust; after each piece that the worker has stored */
    struct cache_use cache;
    BOOL is_local;         /* the next request leads to this machine */
    BOOL is_started;       /* by the client since the last attempt */
    BOOL is_restart_wanted; /* nothing could tell whether what is stored still belongs together */

    struct attempt_connection connections[SEGMENTS_MAX];
    LONG64 arrived;        /* bytes of bodies, by all connections; interlocked */
    /* Protected by the transfer's lock. */
    struct segments segments;
    BOOL is_full;          /* the server has refused an extra connection: no more of them */
    UINT lost_connections; /* extra ones that ended by a failure */
    CONDITION_VARIABLE filled; /* an extra connection has got something for the stream, or has ended */
    /* Touched by the worker only. */
    struct throughput_probe probe; /* max is 0 until it is of use */
    UINT level;            /* connections that there are to be */
    UINT64 total;          /* bytes that are wanted, by the last response */
    BOOL is_divisible;     /* the last response allows extra connections */
};

/* attempt.c */

/* Copy the settings of the transfer. E_OUTOFMEMORY is the only error; attempt_cleanup must follow in any case. */
extern HRESULT attempt_init(struct attempt *attempt, struct transfer *transfer);
extern void attempt_cleanup(struct attempt *attempt);
/* Return whether its request may be made several times, and for parts: it is a GET. */
extern BOOL attempt_is_repeatable(const struct attempt *attempt);
/* Enter the transfer's lock exclusively. FALSE, and no lock, if the attempt counts no more. */
extern BOOL attempt_lock(struct attempt *attempt);
extern void attempt_unlock(struct attempt *attempt);
/* Return the failure of an attempt that counts no more. */
extern struct failure attempt_cancelled(void);
/* Return the state for the rules; the version is borrowed from the target, where the worker alone changes it. */
extern struct stored attempt_get_stored_locked(const struct attempt *attempt);
/* Give the connection a segment, and the request for it. FALSE if nothing is missing, or the attempt counts no more.
 * With is_taking it may get half of what another connection has. */
extern BOOL attempt_next_request(struct attempt *attempt, UINT index, struct request *request, BOOL is_taking);
/* Return the parameters of a request; they borrow from all arguments. */
extern struct http_params attempt_get_params(const struct attempt *attempt, const struct request *request,
        struct session *session, const struct validator *version);
/* Note bytes of a body that are not stored, but compared or read over: they only show that the transfer is alive. */
extern void attempt_show_life(struct attempt *attempt);
/* Count the requests of an exchange, for the client. */
extern void attempt_count_requests(struct attempt *attempt, const struct http_exchange *exchange);

/* receive.c: bodies, from a connection into its sink */

extern BOOL receive_init(struct attempt_connection *connection, struct attempt *attempt, UINT index, struct sink *sink);
/* Read up to length bytes, to this position of the sink, or nowhere if it is NULL. Stops also at the end of the
 * segment. */
extern struct failure receive_body(struct attempt_connection *connection, struct http_exchange *exchange,
        struct body *body, UINT64 length, const UINT64 *position, BOOL *is_ended);
/* Give up what waits for the end of its piece, at the end of the attempt. */
extern void receive_drop_staged(struct attempt *attempt);
/* Return how many bytes of its segment a connection may still get. */
extern UINT64 receive_get_left(struct attempt_connection *connection);
/* Give the stream what extra connections have or get for it, up to where none has claimed what is next. */
extern struct failure receive_deliver(struct attempt *attempt);

/* cache_source.c */

/* Begin, or go on because the client wants it or there is a network again. */
extern void cache_source_start(struct transfer_worker *worker);
/* Decide whom the next requests ask. FALSE if it has been cancelled meanwhile: a policy may forbid to ask anybody. */
extern BOOL cache_source_select(struct attempt *attempt);
/* Count time, in milliseconds, that the worker has waited for bytes of a body. A failure if the cache host is slow. */
extern struct failure cache_source_count(struct attempt *attempt, ULONGLONG time);
/* Leave a cache host after this failure of a request to it, without extra connections: the next request goes to
 * another one, or to the server. FALSE if it is no failure of a cache host, or the attempt has been cancelled; then
 * failure is that of the attempt. */
extern BOOL cache_source_leave(struct attempt *attempt, struct failure *failure);
/* Look whether the host that is asked has brought a wrong piece; then this is a failure, and it is to be left. */
extern struct failure cache_source_check(struct attempt *attempt);
/* Count bytes that a cache host has brought. With any lock held. */
extern void cache_source_count_bytes(const WCHAR *host, DWORD size);
/* Return whether a policy forbids to ask the server. */
extern BOOL cache_source_is_bound(const struct attempt *attempt);
/* Ban the host for what it has brought of this origin. FALSE if that cannot be. With the transfer's lock. */
extern BOOL cache_source_blame_locked(struct attempt *attempt, const WCHAR *host, const WCHAR *origin);
/* Count how the attempt has ended. */
extern void cache_source_end(struct attempt *attempt, const struct failure *failure);
extern void cache_source_free(struct attempt *attempt);

/* extra_connection.c */

/* Return how many connections there may be, the first one included. */
extern UINT extra_connections_get_limit(void);
/* Find out from a response to the worker whether others may join. */
extern void extra_connections_check_response(struct attempt *attempt, const struct request *request,
        const struct http_exchange *exchange, const struct body *body);
/* Let some join or leave; from time to time, by the worker. */
extern void extra_connections_adjust(struct attempt *attempt);
/* Return what the worker is to fetch next, be it by taking it from another connection, or when one has failed. FALSE if
 * nothing is missing, or if the attempt counts no more. */
extern BOOL extra_connections_next_request(struct attempt *attempt, struct request *request);
/* Cancel the extra connections and wait for them. */
extern void extra_connections_stop(struct attempt *attempt);
/* The same, and give up what they have got for the stream. */
extern void extra_connections_drop(struct attempt *attempt);
/* Free their buffers when they have ended. */
extern void extra_connections_free(struct attempt *attempt);
extern UINT extra_connections_count(struct transfer_worker *worker);
/* As in struct engine_callbacks. */
extern void extra_connections_cut(struct transfer_worker *worker, UINT kept);

/* response.c: carry out what the rules say of a response */

/* Classify the head of a response. FAILURE_NONE with a body of length 0: ask again.
 * is_short: so little comes that the next request has to wait. */
extern struct failure response_accept(struct attempt *attempt, const struct request *request,
        const struct http_exchange *exchange, struct body *body, BOOL *is_short);
/* Classify the end of a whole body that had announced no length. */
extern struct failure response_end(struct attempt *attempt, UINT64 end);
/* Check the ranges against the size, and set the length of the file, where all is there without a response. */
extern struct failure response_check_size(struct attempt *attempt);
/* Return whether the response may be read through up to this gap, length bytes on. */
extern BOOL response_may_skip(const struct attempt *attempt, UINT64 length);
/* Give up all that is stored, and begin anew: a file from zero, a stream if it can be rewound. */
extern struct failure attempt_restart(struct attempt *attempt, const char *reason);
/* Give up what has come of ranges that broke off, where no validator could tell that the rest belongs to it.
 * *is_dropped: there are such ones. */
extern struct failure attempt_drop_partial_ranges(struct attempt *attempt, BOOL *is_dropped);

#endif /* __DOSVC_ATTEMPT_H */
