/*
 * Transfers, and the engine that carries them out
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

/* A transfer is one remote resource on its way to one sink. Neither COM nor jobs are
 * known here; the owner of a transfer is told of changes through transfer_ops.
 *
 * All sizes and offsets are in bytes. HRESULTs come from error.c. */

#ifndef __DOSVC_TRANSFER_H
#define __DOSVC_TRANSFER_H

#include "net/failure.h"
#include "base/cache_host.h"
#include "base/cost.h"
#include "base/plan.h"
#include "base/ranges.h"

/* transfer.c */

enum transfer_state
{
    TRANSFER_IDLE,    /* not wanted to run: new, suspended */
    TRANSFER_QUEUED,  /* waits for a free slot of the engine */
    TRANSFER_RUNNING,
    TRANSFER_WAITING, /* failed for now; runs again after a delay */
    TRANSFER_DONE,    /* every wanted byte is stored */
    TRANSFER_FAILED,
};

/* Where the two APIs differ; constant. transfer.c has one for each. */
struct transfer_rules
{
    enum transfer_layout layout;
    BOOL is_replacing;     /* commit takes the place of a file that exists */
    BOOL is_dated;         /* commit gives the file the date of the resource */
    BOOL is_flushed_later; /* DONE does not mean that all is on disk: the owner calls transfer_flush_all */
    BOOL can_rewind;       /* a stream that has to begin anew is rewound by Seek and SetSize, else that is an error */
    BOOL is_total_needed;  /* a part that reaches to the end must tell the size: DO_E_FILE_SIZE_UNKNOWN_HTTP_206 */
    enum status_rules status_rules; /* which statuses are failures for now, and how they are told */
    UINT64 max_skip;       /* bytes of a response without ranges that may be thrown away in front of a wanted range;
                              0: such a response is DO_E_INSUFFICIENT_RANGE_SUPPORT, and a file begins anew */
    DWORD first_attempts;  /* as long as no response was of use, the failure of this attempt is final; 0: no limit */
    DWORD first_delay;     /* before the second attempt, in seconds; doubles from there on, up to 30 */
    BOOL is_held_offline;  /* the no-progress clock stands still while there is no network */
    BOOL fails_on_long_retry_after; /* if it is longer than what is left of the no-progress time */
    UINT max_fruitless;    /* lost connections in a row that bring nothing new, but are replaced within an attempt; 0: a
                              connection is replaced if it brought something, and at most once a second */
    BOOL has_retry_delay;  /* the owner sets transfer->retry_delay, in place of first_delay and what follows from it */
};

extern const struct transfer_rules transfer_job_rules;      /* job-api 4.3, 8 */
extern const struct transfer_rules transfer_bits_rules;     /* bits-front 6.2, 7 */
extern const struct transfer_rules transfer_download_rules; /* download-api 9 */

#define TIME_UNLIMITED (~(ULONGLONG)0)

enum transfer_event
{
    TRANSFER_EVENT_STATE,    /* transfer->state has changed */
    TRANSFER_EVENT_RESPONSE, /* a server has answered; what it said may be a failure */
    TRANSFER_EVENT_SIZE,     /* transfer->size has been learned or has changed */
    TRANSFER_EVENT_PROGRESS, /* transfer->bytes_received has changed */
};

struct sink;
struct transfer;
struct transfer_options;
struct options;
struct transfer_record;

/* Supplied by the owner. */
struct transfer_ops
{
    /* Called with the transfer's lock held exclusively; must neither block nor call out. */
    void (*changed)(struct transfer *transfer, enum transfer_event event);
    /* Keep the owner alive while the engine knows the transfer. addref with any lock held, release without one. */
    void (*addref)(struct transfer *transfer);
    void (*release)(struct transfer *transfer);
    /* Make sure that no record on disk claims the received bytes, which are about to be overwritten, or lost. Called
     * without a lock. NULL if the owner keeps no record. */
    HRESULT (*forget)(struct transfer *transfer);
};

struct transfer
{
    const struct transfer_ops *ops;
    void *owner;       /* borrowed: the owner destroys the transfer */
    SRWLOCK *lock;     /* the owner's; shared by all transfers of one job, so that a sum over them is a snapshot */
    const struct transfer_rules *rules;
    UINT64 temporary_id; /* random; names the temporary file, so that it is known before it exists */

    /* Members below are guarded by *lock. */

    struct range *wanted; /* owned; in the order of the client */
    UINT wanted_count;    /* 0: the whole resource */

    enum transfer_state state;
    struct failure failure; /* of the last attempt; class FAILURE_NONE while all is well */
    DWORD failure_count;    /* attempts that ended in WAITING or FAILED */
    DWORD request_count;    /* HTTP requests opened so far */
    DWORD cache_request_count; /* of these, to cache hosts */
    ULONGLONG active_ms;    /* time spent in RUNNING; the current run is added by transfer_get_active_ms_locked */
    BOOL is_foreground;     /* transfer_set_foreground_locked changes it; a worker reads it without the lock */
    BOOL is_passing;        /* the temporary file is of no use without this service */
    BOOL is_direct;         /* no cache host is asked */
    UINT64 client;          /* serial of the process that it works for, or 0; counts from engine_run_locked on */
    DWORD no_progress_timeout; /* seconds; 0: the first failure is final */
    struct cost_limits cost; /* of the network, that are accepted */
    DWORD retry_delay;      /* seconds between two attempts; longer than the timeout: the first failure is final */
    ULONGLONG max_active_ms; /* when active_ms reaches it, BG_E_MAXDOWNLOAD_TIMEOUT; TIME_UNLIMITED is never */

    WCHAR *url;             /* owned; transfer_set_url_locked changes it; NULL before */
    WCHAR *path;            /* owned; destination of the file sink, NULL while there is none */
    UINT64 declared_size;   /* SIZE_UNKNOWN if the client told none */
    UINT64 size;            /* of the complete resource as the server told it, or SIZE_UNKNOWN */
    UINT64 bytes_received;  /* stored in the sink, each byte once */

    /* Last response; NULL before. Owned. */
    WCHAR *response_headers; /* status line and fields, CRLF between them, as they came */
    WCHAR *final_url;        /* NULL unless a redirect was followed */
    WCHAR *response_address; /* of the server: no port, no brackets */
    DWORD response_status;

    WCHAR *cache_host;      /* owned; the last one that has brought bytes, or NULL */

    struct transfer_worker *worker; /* private to transfer.c and engine.c */
};

/* Copies url, path and ranges. Both may be NULL until they are known
 * (transfer_set_url_locked, transfer_set_path_locked). E_OUTOFMEMORY is the
 * only error. */
extern HRESULT transfer_create(const struct transfer_ops *ops, const struct transfer_rules *rules, void *owner,
        SRWLOCK *lock, const WCHAR *url, const WCHAR *path, const struct range *ranges, UINT count,
        struct transfer **transfer);
/* Free the last response, which nobody asks for any more. */
extern void transfer_forget_response_locked(struct transfer *transfer);
/* Frees memory only. The transfer must not be known to the engine. */
extern void transfer_destroy(struct transfer *transfer);

/* Changes count from the next engine_run_locked on, also while a
 * worker is still leaving. Everything is copied. */
extern HRESULT transfer_set_url_locked(struct transfer *transfer, const WCHAR *url);
extern HRESULT transfer_set_path_locked(struct transfer *transfer, const WCHAR *path);
extern void transfer_set_foreground_locked(struct transfer *transfer, BOOL is_foreground);
extern HRESULT transfer_set_options_locked(struct transfer *transfer, const struct transfer_options *options);
/* Do the same for one of many transfers, which share a copy. NULL is none. */
extern void transfer_share_options_locked(struct transfer *transfer, struct options *options);
/* Copy options. Everything is copied; NULL if out of memory. */
extern struct options *options_create(const struct transfer_options *values);
extern struct options *options_addref(struct options *options); /* NULL gives NULL */
extern void options_release(struct options *options);           /* NULL is ignored */
/* Set other ranges of a transfer that is IDLE, DONE or FAILED; DONE becomes IDLE.
 * bytes_received then counts their bytes in the file; a stream gets them from
 * their beginning. */
extern HRESULT transfer_set_ranges_locked(struct transfer *transfer, const struct range *ranges, UINT count);
/* Store bytes in this sink (stream.c) instead of a file. Takes the sink over; NULL
 * is none. Without the lock, on a transfer that is not QUEUED, RUNNING or
 * WAITING. A stream gets everything: DONE becomes IDLE, as it does when a path takes
 * the place of a stream. The former sink is destroyed, at once or, if a worker is still
 * writing to it, by that worker when the write has returned: nobody waits for
 * a client. E_OUTOFMEMORY is the only error, and there is none for NULL. */
extern HRESULT transfer_set_stream(struct transfer *transfer, struct sink *sink);
/* Return how many of the received bytes have come from cache hosts. */
extern UINT64 transfer_get_cached_bytes_locked(const struct transfer *transfer);
extern BOOL transfer_has_stream_locked(const struct transfer *transfer);
/* Wait until no byte is stored any more and no Write begins, after a cancellation
 * and without the lock. A client may stay in Write for as long as it likes, or call
 * from there: the caller does not wait long for that. */
extern void transfer_drain(struct transfer *transfer);
/* Have pieces verified: text is what the client has given to find their hashes, or NULL. With is_mandatory nothing
 * counts that is not verified. E_OUTOFMEMORY is the only error. */
extern HRESULT transfer_set_integrity_locked(struct transfer *transfer, const WCHAR *text, BOOL is_mandatory);
/* Return how many of the received bytes count for clients. */
extern UINT64 transfer_get_progress_locked(const struct transfer *transfer);
/* Return how many bytes are wanted altogether, or SIZE_UNKNOWN (job-api 5.1). */
extern UINT64 transfer_get_total_locked(const struct transfer *transfer);
/* Return the same as far as it is known without a server. */
extern UINT64 transfer_get_declared_total_locked(const struct transfer *transfer);

/* Fill in the record of the transfer, without bytes that the disk may not hold yet. Strings
 * and ranges are borrowed as long as the lock is held. */
extern void transfer_save_locked(const struct transfer *transfer, struct transfer_record *record);
/* Restore a new transfer with the same URL, path and ranges. Its stream does not exist
 * any more: unless that had everything, all begins anew with the next one. */
extern HRESULT transfer_restore(struct transfer *transfer, const struct transfer_record *record);
/* Flush received bytes to the disk, so that they are saved from then on. Without the
 * lock, from any thread. */
extern HRESULT transfer_flush(struct transfer *transfer);
/* Flush transfers that share a lock at once: that takes little longer than one. Returns the first error. */
extern HRESULT transfer_flush_all(struct transfer **transfers, UINT count);
/* Close the file, unless the engine runs the transfer: DONE may have left it open for
 * a flush and for commit. Without the lock, from any thread. */
extern void transfer_park(struct transfer *transfer);
/* Return how many received bytes are not known to be on disk. */
extern UINT64 transfer_get_unflushed_locked(const struct transfer *transfer);
/* Return whether there is something to flush. A record does not claim that the transfer is DONE before. */
extern BOOL transfer_is_unflushed_locked(const struct transfer *transfer);

/* Synchronous work on the sink, without the lock, while the engine does not
 * run the transfer (engine_drain; of a stream only abandon may come earlier).
 * Errors are those of the file system, or of the stream.
 *
 * Check finds out whether a transfer that is DONE still has its file; without it
 * the transfer fails, and starts over when it is run again. Prepare creates the
 * temporary file, and the folders that lead to it, before
 * the first run; without it the engine creates the file, in a folder that
 * must exist. ERROR_FILE_EXISTS, as an HRESULT, if there is a file at the path
 * and the rules do not allow to replace it, ERROR_ACCESS_DENIED if it is a
 * folder. Nothing to do for a stream. Commit makes the file visible under its
 * name; with is_free nothing had that a moment ago, in whatever case. It may be
 * called again after a failure. Uncommit, for a file only, undoes it. Abandon deletes the temporary file, or lets go of
 * the stream as transfer_set_stream does. */
extern void transfer_check_done(struct transfer *transfer);
extern HRESULT transfer_prepare(struct transfer *transfer);
extern HRESULT transfer_commit(struct transfer *transfer, BOOL is_free);
extern HRESULT transfer_uncommit(struct transfer *transfer);
extern HRESULT transfer_abandon(struct transfer *transfer);

/* Give up all bytes of a transfer that is DONE, whose client says that they are wrong: it fails with this code, and
 * starts over when it is run again. */
extern void transfer_reject(struct transfer *transfer, HRESULT hr);
/* Return the path of the temporary file, which the caller frees, or NULL while there is none. */
extern WCHAR *transfer_copy_temporary_name(struct transfer *transfer);

/* engine.c */

struct engine_callbacks;
extern const struct engine_callbacks transfer_callbacks; /* fetch.c */
extern HRESULT engine_init(const struct engine_callbacks *callbacks);
/* Let no transfer begin any more. */
extern void engine_refuse(void);
/* Refuse, cancel everything and wait for the workers, though not for one that
 * a client keeps in its stream. */
extern void engine_shutdown(void);
/* Start or go on: to RUNNING if a slot is free, else to QUEUED. The failure,
 * the retry delay and the no-progress clock are cleared. Does nothing to a
 * transfer that is QUEUED or RUNNING; DONE stays DONE. Calls changed().
 * DO_E_NO_SERVICE, and nothing has changed, when the service is stopping. */
extern HRESULT engine_run_locked(struct transfer *transfer);
/* To IDLE (DONE and FAILED stay as they are). Does not wait: bytes that are in
 * flight may still be stored, but no new request begins. */
extern void engine_cancel_locked(struct transfer *transfer);
extern ULONGLONG transfer_get_active_ms_locked(const struct transfer *transfer);
/* Cancel, but to FAILED, also from DONE: something other than an attempt has found that it cannot go on. */
extern void engine_fail_locked(struct transfer *transfer, const struct failure *failure);
/* Fail a transfer to a stream whose client has died, unless it is done: the worker may be waiting for the server, and
 * not notice for minutes. */
extern void engine_disconnect_locked(struct transfer *transfer);
/* Take over a change of is_foreground, cost, no_progress_timeout, retry_delay or max_active_ms. */
extern void engine_reprioritize_locked(struct transfer *transfer);
/* Wait until no worker touches the transfer or its sink any more, but not longer than this many milliseconds; FALSE
 * if one still does. A client may keep one in its stream for as long as it likes. Call after engine_cancel_locked,
 * without the lock. */
extern BOOL engine_drain(struct transfer *transfer, DWORD timeout);

/* cache_source.c */

/* Row of the list: a cache host that is set, or a ban of it. */
struct cache_host_status
{
    WCHAR host[CACHE_HOST_MAX];
    WCHAR origin[CACHE_ORIGIN_MAX]; /* of a ban; empty: all of them */
    enum cache_event reason;
    ULONGLONG banned_for;           /* ms; 0: this is no ban */
    UINT64 bytes;                   /* brought by the host since it was set, and the service began */
};

/* List the hosts in their order, each followed by its bans. free() it. FALSE if out of memory. */
extern BOOL cache_source_get_status(struct cache_host_status **status, UINT *count);
extern void cache_source_reset_bans(void);

#endif /* __DOSVC_TRANSFER_H */
