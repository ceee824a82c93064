/*
 * A transfer in the engine: its worker, the target of its bytes
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

#ifndef __DOSVC_WORKER_H
#define __DOSVC_WORKER_H

#include "base/cache_host.h"
#include "base/cache_share.h"
#include "base/response_rules.h"
#include "base/retry.h"
#include "disk/sink.h"
#include "engine/integrity.h"
#include "engine/scheduler.h"
#include "engine/transfer.h"
#include "net/http.h"

#include "wine/list.h"

/* attempt.c: options of transfers, which their attempts share; never changed */
struct options
{
    LONG refcount;
    struct transfer_options values;
};

/* attempt.c: bytes that are stored of one version of a resource, and where. An attempt
 * works on the target that the transfer has when it begins; the transfer gets
 * another one when a client sets another stream or other ranges, when the version
 * changes, and when stored bytes turn out to be lost. Changes of a former target
 * by a worker or a flush have no effect. */
struct target
{
    LONG refcount;
    /* Protected by the transfer's lock. */
    struct sink *sink;           /* a reference, or NULL; set once, and reset when the bytes are with the client */
    struct range_set received;   /* in offsets of the resource */
    struct range_set flushed;    /* of these, what is safe on disk */
    UINT64 flushed_bytes;        /* bytes_received at that time */
    struct range_set verified;   /* of these, what is as the piece hashes say: whole pieces */
    BYTE verified_by[PIECE_HASH_SIZE]; /* hash of hashes that they were verified with */
    BYTE *wrong_counts;          /* owned; for each piece, how often it was wrong; NULL: never */
    UINT removals;               /* of received bytes; a flush that began before one says nothing */
    struct validator version;    /* of what has been received, or was before the transfer started over */
    UINT64 modified;             /* its Last-Modified as a FILETIME, or 0 */
    BOOL is_unconfirmed;         /* a cache host alone has told of the version */
    struct cache_shares shares;  /* of what has been received, what cache hosts have brought since the service began */
    BOOL is_complete;            /* every wanted byte has been received */
    BOOL is_unflushed;           /* complete, but not all of it is safe on disk */
    BOOL is_lost;                /* the file was deleted, perhaps with its folder */
};

/* Create an empty target. Takes the reference to the sink, which may be NULL, even if it fails. NULL if out of
 * memory. */
extern struct target *target_create(struct sink *sink);
extern struct target *target_addref(struct target *target);
extern void target_release(struct target *target); /* NULL is ignored */
/* Give the transfer another target, and count its bytes. Returns the former one, for the caller to release. */
extern struct target *target_replace_locked(struct transfer *transfer, struct target *target);
/* Create a target with the same sink and version, and with these bytes; NULL is none. NULL if out of memory. */
extern struct target *target_create_successor_locked(const struct target *target, const struct range_set *received);

/* attempt.c: state that the responses of a server leave for the next request */
struct session
{
    WCHAR *redirect;       /* owned; where the URL led, or NULL */
    struct cookie_jar jar;
    BOOL is_authorized;    /* the server has asked for the client's auth_headers */
};

/* Copy into an empty session. FALSE if out of memory; session_clear must follow in any case. */
extern BOOL session_copy(struct session *session, const struct session *from);
extern void session_clear(struct session *session);

/* A transfer that the engine knows; in all phases but OUT it holds a reference. */
enum worker_phase
{
    WORKER_OUT,
    WORKER_QUEUED,  /* for a slot */
    WORKER_ACTIVE,  /* has a thread that is about to begin, at work, or about to leave */
    WORKER_WAITING, /* for the timer */
    WORKER_LEAVING, /* the reference is to be dropped */
};

struct transfer_worker
{
    struct transfer *transfer;
    TP_WORK *work;

    /* Protected by the engine's lock. */
    struct list entry;   /* in the list of its phase, unless OUT */
    enum worker_phase phase;
    struct slot slot;
    BOOL is_superseded;  /* another transfer has got the slot since the attempt began */
    ULONGLONG due;       /* when the timer has something to do; ACTIVE and WAITING only */

    SRWLOCK extra_lock;  /* innermost, apart from that of a cancel */
    CONDITION_VARIABLE extra_left;
    /* Protected by extra_lock. */
    struct list extra_connections; /* at work */
    UINT extra_count;

    /* Protected by the transfer's lock. */
    struct retry retry;
    struct failure last;  /* of the last attempt, for DO_E_DOWNLOAD_NO_PROGRESS */
    ULONGLONG started;    /* when RUNNING was entered */
    ULONGLONG failed_at;  /* when WAITING began, and */
    ULONGLONG retry_time; /* when it ends */
    HRESULT held;         /* condition that has ended the attempt, or kept it from beginning; or S_OK */
    BOOL is_stream_busy;  /* an attempt works on a stream */
    BOOL is_rerun;        /* cancelled and wanted again while the worker is still leaving */
    BOOL is_started;      /* by the client since the last attempt began; the doubts begin anew */
    BOOL is_doubted;      /* started after a failure; stored bytes are given up if responses had raised doubts */
    BOOL has_response;    /* a server has given something of use, some time */
    DWORD attempts;       /* failed ones since engine_run_locked, as long as there was no such response */
    struct options *options; /* owned; or NULL */
    struct integrity *integrity; /* a reference; NULL: no pieces are verified */
    struct target *target;   /* owned; never NULL */

    struct http_cancel cancel;

    /* Touched by the worker only; by commit when there is none. */
    WCHAR *url;             /* of the last attempt */
    struct session session; /* with its server */
    struct doubt doubt;     /* about what is stored */
    DWORD malformed;        /* responses in a row */
    struct cache_choice cache; /* of who is asked */
    BOOL is_page_wrong;     /* the server has named a type that is not text/html */
};

/* Work of the engine's threads, which the engine does not know. Called without locks, but for the last. */
struct engine_callbacks
{
    /* Work until all is stored or something fails. Allocates the buffer when it needs one; the thread keeps it from one
     * transfer to the next. */
    struct failure (*perform)(struct transfer *transfer, BYTE **buffer);
    /* Cancel all extra connections but the oldest ones. With any lock held; does not wait. */
    void (*cut_extra_connections)(struct transfer_worker *worker, UINT kept);
};

/* engine.c */

extern BOOL engine_attach(struct transfer *transfer);
extern void engine_detach(struct transfer *transfer);
/* Enter a client's Write, or leave it. The no-progress clock stands still meanwhile. */
extern void engine_begin_write_locked(struct transfer *transfer);
extern void engine_end_write_locked(struct transfer *transfer);
/* Note that a byte has come for a slot. */
extern void engine_hear(struct slot *slot);
/* As scheduler_set_fixed, until the end of the attempt. */
extern void engine_set_fixed(struct transfer_worker *worker, BOOL is_fixed);
/* Give an extra connection a slot, whose cancel is set; it is cancelled if another one needs the slot. FALSE
 * if there is none, or the worker is cancelled. */
extern BOOL engine_add_extra(struct transfer_worker *worker, struct slot *slot);
extern void engine_end_extra(struct slot *slot);
/* Call proc on a thread of the engine, which it may keep. FALSE if out of memory. */
extern BOOL engine_start_thread(PTP_SIMPLE_CALLBACK proc, void *context);

/* transfer_storage.c */

/* Wait until no record claims bytes that the target does not have; the error is that of the record. Not in a flush. */
extern HRESULT transfer_forget(struct transfer *transfer);
/* Give up all that was stored, after a flush has failed with hr, and fail; the next start begins with an empty file.
 * To flush the same bytes again would prove nothing (W1). */
extern void transfer_lose(struct transfer *transfer, const struct target *target, HRESULT hr);
/* Do the same if the file is gone, after the sink has failed with hr. */
extern void transfer_check_file(struct transfer *transfer, const struct target *target, HRESULT hr);

#endif /* __DOSVC_WORKER_H */
