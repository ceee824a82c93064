/*
 * What the engine keeps of a transfer
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

#ifndef __DOSVC_RUN_H
#define __DOSVC_RUN_H

#include "base/base.h"
#include "net/http.h"
#include "base/plan.h"
#include "base/response_rules.h"
#include "base/retry.h"
#include "engine/scheduler.h"
#include "disk/sink.h"
#include "base/segments.h"
#include "engine/transfer.h"

#include "wine/list.h"

/* attempt.c: options */
struct options
{
    LONG refcount;
    struct transfer_options values;
};

extern struct options *options_create(const struct transfer_options *values); /* NULL if out of memory */
extern struct options *options_addref(struct options *options); /* NULL gives NULL */
extern void options_release(struct options *options);

/* What the engine knows of a transfer. In all but OUT it holds a reference. */
enum worker_phase
{
    WORKER_OUT,
    WORKER_QUEUED,  /* for a slot */
    WORKER_ACTIVE,  /* has a worker that is about to begin, at work, or about to leave */
    WORKER_WAITING, /* for the timer */
    WORKER_LEAVING, /* the reference is to be dropped */
};

/* The bytes that are stored of one version of a resource, and where. An attempt
 * works on the target that the transfer has when it begins; the transfer gets
 * another one when a client sets another stream or other ranges, when the version
 * changes, and when stored bytes turn out to be lost. What a worker or a flush
 * does to a former target counts no more. */
struct target
{
    LONG refcount;
    /* Protected by the transfer's lock. */
    struct sink *sink;           /* a reference, or NULL; set once, and reset when the bytes are with the client */
    struct range_set received;   /* in offsets of the resource */
    struct range_set flushed;    /* of these, what is safe on disk */
    UINT64 flushed_bytes;        /* bytes_received at that time */
    struct validator version;    /* of what has been received, or was before the transfer started over */
    UINT64 modified;             /* Last-Modified of it as a FILETIME, or 0 */
    BOOL is_complete;            /* every wanted byte has been received */
    BOOL is_unflushed;           /* the same, but not all of it is safe on disk */
    BOOL is_lost;                /* there had been a file, which was deleted, perhaps with its folder */
};

/* attempt.c */

/* Create an empty one that has the sink, or none; takes the reference to the sink over, also when it gives NULL, out of
 * memory. */
extern struct target *target_create(struct sink *sink);
extern struct target *target_addref(struct target *target);
extern void target_release(struct target *target); /* NULL is ignored */
/* Give the transfer another target, and count what it holds. Returns the former one, to be released later. */
extern struct target *target_replace_locked(struct transfer *transfer, struct target *target);
/* Create a successor with the same sink and version, and with these of the bytes, or with NULL none. NULL if out of
 * memory. */
extern struct target *target_create_successor_locked(const struct target *target, const struct range_set *received);

struct transfer_worker
{
    struct transfer *transfer;
    TP_WORK *work;

    /* Protected by the engine's lock. */
    struct list entry;   /* in the list of its phase, unless OUT */
    enum worker_phase phase;
    struct slot slot;
    BOOL is_superseded;   /* another one has got the slot since the attempt began */
    ULONGLONG due;       /* when the timer has something to do; ACTIVE and WAITING only */

    SRWLOCK extra_lock;  /* innermost, apart from that of a cancel */
    CONDITION_VARIABLE extra_left;
    /* protected by extra_lock */
    struct list extra_connections;   /* further connections at work */
    UINT extra_count;

    /* Protected by the transfer's lock. */
    struct retry retry;
    struct failure last; /* what the last attempt ended with, for DO_E_DOWNLOAD_NO_PROGRESS */
    ULONGLONG started;   /* when RUNNING was entered */
    ULONGLONG retry_time; /* when WAITING ends */
    BOOL is_stream_busy; /* an attempt works on a stream */
    BOOL is_rerun;       /* cancelled and wanted again while the worker is still leaving */
    BOOL is_started;     /* by the client since the last attempt began; the doubts begin anew */
    BOOL is_doubted;     /* it had failed then; what is stored is given up if responses had raised doubts about it */
    BOOL has_response;     /* a server has given something of use, some time */
    DWORD attempts;      /* failed ones since engine_run_locked, as long as there was no such response */
    struct options *options; /* owned; or NULL */
    struct target *target; /* owned; never NULL */

    struct http_cancel cancel;

    /* Touched by the worker only; by commit when there is none. */
    WCHAR *url;          /* of the last attempt */
    WCHAR *redirect;     /* where it led, or NULL */
    struct cookie_jar jar; /* from all of its responses */
    struct doubt doubt;  /* about what is stored */
    BOOL is_authorized;  /* the server has asked for the client's auth_headers */
    DWORD malformed;     /* responses in a row */
};

struct attempt;

/* prefetch.c: requests that have been sent before their turn, in the order of the turns */
#define PREFETCH_MAX 3

struct prefetch
{
    struct prefetch_request *requests[PREFETCH_MAX];
    UINT count;
    UINT max;     /* that there may be; 0 when it turned out to be of no use */
    BOOL has_max;
    struct prefetch_thread *thread; /* that sends them, or NULL before there is one */
};

/* What a worker keeps from one transfer to the next. Zero-initialised is ready. */
struct worker_buffers
{
    BYTE *buffer; /* owned; what it receives into, made when it is needed */
    struct prefetch prefetch;
};

/* What is asked for with a range. */
struct part
{
    struct range range;
    UINT64 position; /* in the sink */
};

/* One connection of an attempt. The first is that of the worker. */
struct attempt_connection
{
    struct attempt *attempt;    /* borrowed: it waits for its lanes */
    UINT index;                 /* of its claim */
    struct sink *sink;          /* of its own, since each has a file pointer; that of the attempt for the first. NULL:
                                   what it gets stays in its buffer until the worker gives it to the stream */
    BYTE *buffer;
    DWORD buffer_size;          /* what is received at a time */

    /* Of further ones only: */
    LONG is_busy;               /* interlocked; while it is, its thread has it */
    struct part part;           /* of a stream: what it is to get, from the start of its buffer on */
    struct http_cancel cancel;
    struct list entry;          /* in worker->lanes; guarded by its lock */
    struct slot slot;           /* guarded by the engine's lock */
    ULONGLONG heard;            /* when the engine was told of a byte */
    struct validator validator; /* of what has been received; copies, as is the next */
    WCHAR *redirect;
    struct cookie_jar jar;
    BOOL is_authorized;
};

/* One turn of the worker. What it works on is taken over under the lock, for
 * the owner may change it while a client keeps the worker in its stream. */
struct attempt
{
    struct transfer *transfer;
    struct transfer_worker *worker;
    struct target *target; /* a reference; the attempt counts as long as it is the transfer's */
    WCHAR *url;
    WCHAR *path;          /* NULL with a stream */
    struct range *wanted; /* owned; in the plan */
    struct plan plan;
    struct options *options;
    struct sink *sink;    /* a reference to that of the target */
    struct plan_cursor cursor;
    UINT64 checked_size;  /* what ranges and sink were prepared for */
    BOOL has_moved;       /* bytes stored or a size learned since the last request; the lock protects it */
    struct prefetch *prefetch;  /* of the worker */
    void (*adjust)(struct attempt *attempt); /* extra_connections_adjust; after each piece that the worker has stored */
    BOOL is_local;        /* the URL leads to this machine */
    BOOL is_restart_wanted; /* by the client, since nothing could tell whether what is stored still belongs together */

    struct attempt_connection connections[SEGMENTS_MAX];
    LONG64 arrived;       /* bytes of bodies, by all lanes; interlocked */
    /* Protected by the transfer's lock. */
    struct segments segments;
    BOOL is_full;         /* the server has refused a further lane: no more of them */
    UINT lost_connections;      /* ended by a failure */
    CONDITION_VARIABLE filled; /* a lane has got something for the stream, or has ended */
    /* Touched by the worker only; what it needs for further lanes does not change while there are any. */
    struct throughput_probe probe;   /* max is 0 until it is of use */
    UINT level;           /* connections that there are to be */
    UINT64 total;         /* bytes that are wanted, by the last response */
    BOOL is_divisible;    /* the last response allows further lanes */
};

/* What to ask for next. */
struct request
{
    struct range range;
    BOOL has_range;  /* FALSE: all of it */
    BOOL is_bound;   /* to the version that is stored, by If-Range */
    UINT64 position; /* of the range in the sink */
};

/* The body that a response brings. */
struct body
{
    UINT64 offset; /* in the resource */
    UINT64 length; /* SIZE_UNKNOWN if only its end will tell */
    BOOL is_whole; /* may hold more than was asked for */
};

/* transfer_storage.c */

/* Wait until no record claims bytes that the target does not have; the error is that of the record. Not in a flush. */
extern HRESULT transfer_forget(struct transfer *transfer);
/* A flush has failed with hr: give up all that was stored, and fail; when the client starts it again it begins anew
 * with an empty file. To flush the same bytes again would prove nothing (W1). */
extern void transfer_lose(struct transfer *transfer, const struct target *target, HRESULT hr);
/* The sink has failed with hr: do the same if its file is gone. */
extern void transfer_check_file(struct transfer *transfer, const struct target *target, HRESULT hr);

/* Work of the engine's threads, which knows the engine, and not the other way round. */
struct engine_callbacks
{
    /* Work until all is stored or something fails. Without locks. */
    struct failure (*perform)(struct transfer *transfer, struct worker_buffers *buffers);
    void (*free_buffers)(struct worker_buffers *buffers); /* the worker ends; without locks */
    void (*cut_extra_connections)(struct transfer_worker *worker, UINT kept); /* extra_connections_cut */
};

/* attempt.c */

/* Take over what the owner wants now. E_OUTOFMEMORY is the only error; attempt_cleanup must follow in any case. */
extern HRESULT attempt_init(struct attempt *attempt, struct transfer *transfer);
extern void attempt_cleanup(struct attempt *attempt);
/* Exclusive; FALSE, and no lock, if the attempt counts no more. */
extern BOOL attempt_lock(struct attempt *attempt);
extern void attempt_unlock(struct attempt *attempt);
extern struct failure attempt_cancelled(void); /* the failure of one that counts no more */
extern struct missing attempt_get_missing_locked(struct attempt *attempt);
/* State for the rules; the version is borrowed from the target, where the worker alone changes it. */
extern struct stored attempt_get_stored_locked(const struct attempt *attempt);
/* FALSE if nothing is missing, or if the attempt counts no more. Of what lanes
 * have claimed nothing is given but, perhaps, half of what one of them has. */
extern BOOL attempt_next_request(struct attempt *attempt, struct request *request, BOOL is_taking);

/* receive.c: from the connection of a lane into its sink */

extern BOOL receive_init(struct attempt_connection *connection, struct attempt *attempt, UINT index, struct sink *sink);
/* Read up to that many bytes, to that place of the sink, or nowhere. Stops also
 * where the claim of the lane ends. */
extern struct failure receive_body(struct attempt_connection *connection, struct http_exchange *exchange,
        struct body *body, UINT64 length, const UINT64 *position, BOOL *is_ended);
/* How many bytes the lane may still get. */
extern UINT64 receive_get_left(struct attempt_connection *connection);
/* Give the stream what lanes have or get for it, up to where none has claimed what is next. */
extern struct failure receive_deliver(struct attempt *attempt);

/* extra_connection.c: further connections */

/* How many connections there may be, the first one included. */
extern UINT extra_connections_get_limit(void);

/* The server has responded to the worker: whether others may join. */
extern void extra_connections_check_response(struct attempt *attempt, const struct request *request,
        const struct http_exchange *exchange, const struct body *body);
/* Let some join or leave; from time to time, by the worker. */
extern void extra_connections_adjust(struct attempt *attempt);
/* What the worker is to fetch next, be it by taking it from a lane, or when one
 * has failed. FALSE if nothing is missing, or if the attempt counts no more. */
extern BOOL extra_connections_next_request(struct attempt *attempt, struct request *request);
/* There is none when this returns. */
extern void extra_connections_stop(struct attempt *attempt);
/* What they had; there is none any more. */
extern void extra_connections_free(struct attempt *attempt);
/* How many there are. */
extern UINT extra_connections_count(struct transfer_worker *worker);
/* Cancel all but the oldest ones. With any lock held; does not wait. */
extern void extra_connections_cut(struct transfer_worker *worker, UINT kept);

/* As http_open, with what was asked for before its turn. FALSE if nothing was, or
 * in vain: the exchange is not open then. */
extern BOOL prefetch_take(struct prefetch *prefetch, const struct http_params *params, struct http_cancel *cancel,
        struct http_exchange *exchange, struct failure *failure);
/* The response has a body of that length: ask for the next ones if it is a small one. */
extern void prefetch_adjust(struct prefetch *prefetch, struct transfer *transfer, UINT64 length);
/* Nobody takes what was asked for, and nothing more is. */
extern void prefetch_end(struct prefetch *prefetch);

/* response.c: carry out what the rules say of a response */

/* Judge the head of a response. FAILURE_NONE with a body of length 0: ask again.
 * is_short: so little comes that the next request has to wait. */
extern struct failure response_accept(struct attempt *attempt, const struct request *request,
        const struct http_exchange *exchange, struct body *body, BOOL *is_short);
/* Judge the end of a whole body that had announced no length. */
extern struct failure response_end(struct attempt *attempt, UINT64 end);
/* Give up all that is stored, and begin anew: a file from zero, a stream if it can be rewound. */
extern struct failure attempt_restart(struct attempt *attempt, const char *reason);
/* Give up what has come of ranges that broke off, where no validator could tell that the rest belongs to it. */
extern struct failure attempt_drop_partial_ranges(struct attempt *attempt);
/* How far the response may be read through in front of this gap. */
extern BOOL response_may_skip(const struct attempt *attempt, UINT64 length);

/* engine.c */
extern BOOL engine_attach(struct transfer *transfer);
extern void engine_detach(struct transfer *transfer);
/* The worker is about to enter a client's Write, or has left it. The no-progress clock stands still meanwhile. */
extern void engine_begin_write_locked(struct transfer *transfer);
extern void engine_end_write_locked(struct transfer *transfer);
/* A byte has come for it. */
extern void engine_hear(struct slot *slot);
/* As scheduler_set_fixed, until the end of the attempt. */
extern void engine_set_fixed(struct transfer_worker *worker, BOOL is_fixed);
/* Give an extra connection a slot, whose host and cancel are set; it is cancelled if another one needs the slot. FALSE
 * if there is none, or the run is cancelled. */
extern BOOL engine_add_extra(struct transfer_worker *worker, struct slot *slot);
extern void engine_end_extra(struct slot *slot);
/* Call proc on a thread of the engine, which it may keep. FALSE if out of memory. */
extern BOOL engine_start_thread(PTP_SIMPLE_CALLBACK proc, void *context);

#endif /* __DOSVC_RUN_H */
