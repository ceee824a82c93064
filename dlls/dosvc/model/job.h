/*
 * Jobs: an ordered list of files that are transferred one after the other
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

#ifndef __DOSVC_JOB_H
#define __DOSVC_JOB_H

#include "model/table.h"
#include "base/window.h"
#include "net/credentials.h"
#include "engine/transfer.h"
#include "net/certificate_store.h"

#include "bits.h"
#include "deliveryoptimization.h"
#include "deliveryoptimizationjob.h"

extern struct table job_table;

/* Where jobs of the two services differ; constant. job_window.c has one for each. */
struct job_rules
{
    const struct transfer_rules *transfer;
    ULONG timeout_foreground; /* seconds without progress until a failing job gives up */
    ULONG timeout_background;
    ULONG retry_delay;        /* seconds; the least between two attempts, if the transfer rules obey it */
    enum setting expiry;      /* of the age that a job may reach */
    BOOL is_age_of_inactivity; /* progress and changes make it young again */
    BG_JOB_STATE running_state; /* from the start of an attempt until the server answers */
};

extern const struct job_rules job_dosvc_rules, job_bits_rules;
/* Row of this process. Set before a table is loaded. */
extern const struct job_rules *job_rules;

/* Events that the client of a job is told of, in the order in which it hears of them. */
enum job_event
{
    JOB_FILE_TRANSFERRED, /* is_notify_pending of the file says which */
    JOB_TRANSFERRED,
    JOB_ERROR,
    JOB_MODIFIED,
    /* No event for the client: who is told, and of what, has changed. The state may have to be told once more. */
    JOB_LISTENER_CHANGED,
};

struct job_file
{
    struct job *job;           /* borrowed: a file lives as long as its job */
    UINT index;                /* in job->files; never changes */
    struct transfer *transfer; /* owned */
    WCHAR *id;                 /* owned; never changes */

    /* guarded by job->lock */
    UINT64 url_client;         /* serial of the client that gave the URL, and may read its password; 0 without one */
    WCHAR *reported_url;       /* owned; where a redirect led that the client wants to know of, or NULL */
    BOOL is_completed;         /* Complete has made it visible */
    enum transfer_state state; /* of the transfer, as it counts in the job */
    BOOL is_large;             /* at work, and much is left */
    BOOL is_ahead;             /* done before its turn: not told yet */
    BOOL is_notify_pending;    /* FileTransferred has to be called */
    BOOL is_validated;         /* the client has found it right */
    BOOL has_integrity_mandatory; /* the client has set whether it is: */
    BOOL is_integrity_mandatory;
    BSTR integrity_info;       /* owned; as the client gave it, or NULL */
    struct client_stream *stream; /* owned; an IStream, in place of a path, or NULL */
};

/* Why the job is or was in an error state; a copy of it is an error object. */
struct job_error
{
    struct failure failure;
    struct job_file *file; /* borrowed */
};

/* End of a job that a client has begun and not seen completed. The values are on disk. */
enum job_ending
{
    JOB_NOT_ENDING = 0,
    JOB_COMPLETING = 1, /* files are being renamed; after a crash the client may go on with it */
    JOB_CANCELLING = 2, /* files are being deleted; after a crash so are the others */
};

/* Options of the requests of a job, as its client has set them. */
struct job_options
{
    WCHAR *headers;            /* owned; lines, or NULL */
    WCHAR *saved_headers;      /* owned; lines of these without credentials, for the record */
    BOOL are_headers_hidden;   /* from all clients, for good */
    DWORD http_flags;          /* BG_SSL_* and BG_HTTP_REDIRECT_POLICY_* */
    WCHAR *method;             /* owned; NULL: GET */
    struct stored_certificate certificate; /* of the client; the record has no more than where it is */
    DWORD proxy_usage;         /* BG_JOB_PROXY_USAGE */
    WCHAR *proxy_list;         /* owned, as the next one; NULL unless the usage is OVERRIDE */
    WCHAR *proxy_bypass;
    struct credentials *credentials; /* owned: a reference; in memory only; NULL: none */
};

struct job
{
    struct store_item item;
    GUID id;
    WCHAR *user_sid;   /* owned; as a string */
    struct age age;    /* since it was made */
    struct age_record age_record; /* for the record alone */

    SRWLOCK operation;
    SRWLOCK flush; /* taken by who flushes its files, so that each is flushed once */
    SRWLOCK lock;

    /* guarded by lock */
    BG_JOB_STATE state;
    enum job_ending ending;
    WCHAR *name;        /* owned */
    WCHAR *description; /* owned */
    BG_JOB_PRIORITY priority;
    UINT64 client;             /* serial of the last one that called Resume; its transfers work for that one */
    ULONG retry_delay;         /* seconds; at least so many between two attempts, if job_rules says so */
    ULONG no_progress_timeout; /* seconds */
    BOOL has_timeout;          /* else it follows from the priority */
    ULONG notify_flags;
    DWORD cost_flags;
    CLSID notify_clsid;
    struct job_options options;
    struct options *shared_options; /* owned; of the transfers of its files; NULL: nothing is set */
    ULONG notify_interval;     /* milliseconds; at least so many between two modifications that are told */
    ULONG max_download_time;   /* seconds that its files may take since Resume, waits not counted */
    UINT64 max_download_size;  /* bytes of one file */
    DWORD file_acl_flags;      /* this and the next five are stored for the client, and have no effect here */
    DWORD peer_caching_flags;
    DWORD stored_credentials;  /* BG_AUTH_TARGET, or 0 */
    BOOL is_dynamic;
    BOOL is_high_performance;
    ULONG integrity_level;     /* of the process that made it */
    BOOL is_elevated;
    BOOL is_resumed;           /* has been, some time */
    UINT64 time_used;          /* milliseconds that its files were active since Resume, but for the current period: */
    UINT running_count;        /* transfers that are running, ... */
    ULONGLONG running_since;   /* ... at least one of them since then */
    BG_JOB_TIMES times;
    struct job_file **files; /* owned; in the order added */
    UINT file_count;
    UINT new_count;          /* files behind them that only the record knows, while they are added */
    UINT file_capacity;
    UINT done_count;         /* so many are known to be done, from the first on */
    UINT next_file;          /* the first that has not begun since Resume; those behind are done, or have not either */
    UINT at_work_count;      /* files that the engine is to complete, ... */
    UINT large_count;        /* ... and those of them of which much is left */
    struct window window;
    BOOL has_error;
    struct job_error error;
    ULONG error_count;
    struct callback *callback; /* owned; NULL if nobody wants to be called */
    BOOL is_notified;          /* the client has accepted JobTransferred or JobError for the state */
};

/* Parameters of AddFile and its relatives. Strings are copied. */
struct file_params
{
    const WCHAR *id;
    const WCHAR *url;
    const WCHAR *path; /* NULL: a sink is set later */
    const struct range *ranges;
    UINT range_count;
    UINT64 size; /* DO_UNKNOWN_FILE_SIZE if not declared */
};

#define JOB_NAME_MAX        256
#define JOB_DESCRIPTION_MAX 1024
#define JOB_RANGES_MAX      65536

static inline struct job *job_from_item(struct store_item *item)
{
    return CONTAINING_RECORD(item, struct job, item);
}

/* job.c */

/* Create a job when the table has been loaded. job_insert follows. */
extern HRESULT job_create(struct table *table, const WCHAR *name, struct job **job);
/* Create a job without anything in it, and one more file of it, for job_decode. */
extern struct job *job_alloc(struct table *table);
extern HRESULT job_restore_file(struct job *job, const struct file_params *params, struct job_file **file);
extern void job_release(struct job *job);
extern void job_destroy(struct store_item *item);
/* Put the job into the store and the table, when its record is on disk; else it is in neither. */
extern HRESULT job_insert(struct job *job);
/* last may be NULL. */
extern HRESULT job_add_files(struct job *job, const struct file_params *params, UINT count, struct job_file **last);
/* Set another URL, of the client that calls. E_OUTOFMEMORY is the only error. */
extern HRESULT file_set_url_locked(struct job_file *file, const WCHAR *url);
extern void job_set_priority_locked(struct job *job, BG_JOB_PRIORITY priority);
extern void job_set_timeout_locked(struct job *job, ULONG seconds);
extern void job_set_cost_flags_locked(struct job *job, DWORD flags);
extern void job_set_retry_delay_locked(struct job *job, ULONG seconds);
/* Give the transfer what the client has set about its integrity. E_OUTOFMEMORY is the only error. */
extern HRESULT file_apply_integrity_locked(struct job_file *file);
extern void file_get_progress(struct job_file *file, BG_FILE_PROGRESS *progress);

/* job_window.c: the state, and which files are at work */

extern const char *debugstr_job_state(BG_JOB_STATE state);
extern BOOL job_is_final_locked(const struct job *job);
extern BOOL job_is_active_locked(const struct job *job);
/* Note that something has changed: for the time of modification, for the record as well, for the client, too. */
extern void job_note_activity_locked(struct job *job);
extern void job_touch_times_locked(struct job *job);
extern void job_touch_locked(struct job *job);
extern void job_set_state_locked(struct job *job, BG_JOB_STATE state);
/* Let the engine work on the current file, and on others; the transfers tell what becomes of them, possibly before this
 * returns. DO_E_NO_SERVICE when the service is stopping. */
extern HRESULT job_run_locked(struct job *job);
/* Let the engine stop to work on it, soon. */
extern void job_halt_files_locked(struct job *job);
/* Put the job into ERROR, since a transfer has failed, and stop the others. Does nothing if it is there already. */
extern void job_fail_locked(struct job_file *file);
/* Return the first file that is not done, or NULL. The lock is held exclusively. */
extern struct job_file *job_get_current_locked(struct job *job);
/* Return whether its turn has not come, be it that it is done: the job shows nothing of it. */
extern BOOL file_is_ahead_locked(const struct job_file *file);
/* Return how long its files were active since Resume, in milliseconds. */
extern ULONGLONG job_get_time_used_locked(const struct job *job);
extern void job_set_max_download_time_locked(struct job *job, ULONG seconds);
/* Note what the transfer tells: another state, or more bytes, or the size. */
extern void file_state_changed_locked(struct job_file *file);
extern void file_progressed_locked(struct job_file *file, BOOL is_size);

/* job_options.c */

/* Have the next requests made with the options as they are now. E_OUTOFMEMORY is the only error. */
extern HRESULT job_apply_options_locked(struct job *job);
/* Set where the proxies come from. list and bypass may be NULL. E_OUTOFMEMORY is the only error. */
extern HRESULT job_set_proxy_locked(struct job *job, BG_JOB_PROXY_USAGE usage, const WCHAR *list, const WCHAR *bypass);
/* Set what answers a server or proxy that asks, in place of what was set for this scheme; credential NULL: nothing, and
 * S_FALSE if nothing was. The texts are copied. E_OUTOFMEMORY is the only error. */
extern HRESULT job_set_credential_locked(struct job *job, enum auth_target target, enum auth_scheme scheme,
        const struct credential *credential);
/* Set an option, and apply it. NULL removes headers and certificate, and is the method GET. The certificate is taken
 * over. Errors leave everything as it was. */
extern HRESULT job_set_headers_locked(struct job *job, const WCHAR *headers);
extern HRESULT job_set_http_flags_locked(struct job *job, DWORD flags);
extern HRESULT job_set_method_locked(struct job *job, const WCHAR *method);
extern HRESULT job_set_certificate_locked(struct job *job, struct stored_certificate *certificate);
/* Complete the options of a job from its record, and apply them. E_OUTOFMEMORY is the only error. */
extern HRESULT job_restore_options(struct job *job);
/* Forget what another owner must not use: credentials, certificate, headers. */
extern HRESULT job_forget_secrets_locked(struct job *job);
extern void job_free_options(struct job *job);

/* job_commit.c: work on the files of a job that are not being transferred */

/* Flush all that has been received to the disk, and hold no file open after with is_parking: nobody is about to make
 * them visible. Returns the first error. */
extern HRESULT job_flush_files(struct job *job, BOOL is_parking);
/* Put into the record what is going on, before any file is touched. */
extern HRESULT job_record_ending(struct job *job, enum job_ending ending);
/* Flush all transferred files, make every one of them visible, and that safe on disk; the first error, after trying
 * all. The caller holds the operation lock. */
extern HRESULT job_commit_files(struct job *job);
/* The last part of it: the names of files that are visible survive a crash of the machine. */
extern HRESULT job_flush_folders(struct job *job);
/* Delete what was not made visible. FALSE if a temporary file stays behind. */
extern BOOL job_abandon_files(struct job *job);

/* Set a stream in place of a path. The state is checked before the value, which may be NULL. */
extern HRESULT file_set_stream(struct job_file *file, IUnknown *unknown);
/* Wait until no Write begins any more after a suspend; a file may get what is in flight. */
extern void job_drain_streams(struct job *job);
extern void job_release_streams(struct job *job);
/* Commit the streams that are filled. Calls the client: without a lock. RPC_E_TIMEOUT if a stream is another client's,
 * which does not answer; the next call goes on. */
extern HRESULT job_commit_streams(struct job *job);
/* End a stream of a client that is being filled: the job has an error. */
extern void job_forget_client(struct store_item *item, const struct client *client);

/* job_control.c: actions of clients and of the service on a job */

extern HRESULT job_resume(struct job *job);
extern HRESULT job_suspend(struct job *job);
extern HRESULT job_cancel(struct job *job);
extern HRESULT job_complete(struct job *job);
/* Note what the client has found out about a file that is done. One that is wrong is fetched again after Resume, and
 * puts the job into ERROR. E_PENDING before the file is done. */
extern HRESULT file_set_validation(struct job_file *file, BOOL is_valid);
extern void job_start(struct store_item *item);
extern void job_halt(struct store_item *item);
extern void job_expire(struct store_item *item, ULONGLONG limit);

#endif /* __DOSVC_JOB_H */
