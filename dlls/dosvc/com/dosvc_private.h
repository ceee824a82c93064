/*
 * Objects and model of the Delivery Optimization service
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

#ifndef __DOSVC_PRIVATE_H
#define __DOSVC_PRIVATE_H

#include <stdarg.h>
#include <stdio.h>

#define COBJMACROS
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "objbase.h"
#include "oleauto.h"
#include "bits.h"
#include "deliveryoptimization.h"
#include "deliveryoptimizationjob.h"
#include "dosvcstatus.h"

#include "wine/list.h"
#include "wine/debug.h"

#include "base/base.h"
#include "disk/store.h"
#include "base/task.h"
#include "engine/transfer.h"

/* Counted by the clock that does not jump, while the service runs. All members are tick counts,
 * before the start of the machine too; interlocked. */
struct age
{
    LONGLONG zero;       /* when it was or would have been 0 */
    LONGLONG saved_zero; /* the same as the record has it, */
    LONGLONG saved_at;   /* which is from then */
};

extern void age_start(struct age *age);
extern ULONGLONG age_get(struct age *age); /* milliseconds */
extern void age_save(struct age *age, struct age_record *record);
extern void age_restore(struct age *age, const struct age_record *record, ULONGLONG limit);
/* The record is so old that it has to be written again. */
extern BOOL age_is_unsaved(struct age *age, ULONGLONG limit);

/* Locks, in the order in which they are taken:
 *   job->operation       Resume, Suspend, Complete, Cancel and adding files, one at a time
 *   job->lock            the job and all its transfers
 *   download->operation  Start, Pause, Abort, Finalize and SetProperty, one at a time
 *   download->lock       the download and its transfer
 *   the locks of the tables, the clients, the engine, the tasks and the store: leaves
 * Locks of two jobs or downloads are never held at once.
 * No lock is held while a client is called or a foreign interface released. */

/* client.c: the processes that hold our objects. COM under Wine does not tell
 * when one dies, so each is watched and its objects are disconnected. */

struct client;

/* The part that every COM object of ours begins with. An object belongs to one
 * client, is cheap, and dies with it; the model behind it lives on. */
struct com_object
{
    LONG refcount;
    struct client *client; /* owned; NULL for a caller without a process */
    struct list entry;     /* in client->objects */
    IUnknown *unknown;     /* borrowed: the object that this is part of */
    struct store_item *model; /* owned; the job or download that it is about, or NULL */
    const struct com_object_class *class;
};

extern struct client *client_get_current(void); /* of the COM call in progress; NULL if unknown */
/* Tells one process from all others, for as long as the service runs; 0 if unknown. */
extern UINT64 client_get_current_serial(void);
extern BOOL client_is_current(UINT64 serial); /* 0 is nobody */
/* The server of a class, which the service activates to call it. NULL without memory. */
extern struct client *client_get_for_class(const CLSID *clsid);
extern struct client *client_addref(struct client *client);
extern void client_release(struct client *client);
/* The queue of tasks that call the client; borrowed. */
extern struct task_queue *client_get_calls(struct client *client);
/* Release an object of the client in a task, since that may take as long as a call. With any lock held. */
extern void client_release_object(struct client *client, IUnknown *object);
extern BOOL is_client_gone(HRESULT hr); /* by the result of a call */

extern void com_object_init(struct com_object *object, IUnknown *unknown, struct client *client);
extern ULONG com_object_addref(struct com_object *object);
/* At 0 the object has left its client. */
extern ULONG com_object_release(struct com_object *object);

/* com_object.c: COM objects, of which a com_object is the first member */

struct com_object_interface
{
    const IID *iid;
    size_t offset; /* in the object */
    const void *vtbl;
};

/* Interfaces and size of one kind of object. Constant. */
struct com_object_class
{
    const struct com_object_interface *interfaces; /* the first one is its IUnknown, too */
    UINT count;
    size_t size;
    void (*destroy)(struct com_object *object); /* release what it owns, apart from memory and model; NULL: nothing */
};

#define COM_OBJECT_CLASS(object, interfaces, destroy) \
        { (interfaces), ARRAY_SIZE(interfaces), sizeof(struct object), destroy }

/* Return a new object, zero-initialised but for this part and the vtables, with one reference; NULL is the client of the
 * COM call in progress. NULL if out of memory. */
extern void *com_object_create(const struct com_object_class *class, struct client *client, struct store_item *model);
extern BOOL com_object_supports(const struct com_object_class *class, REFIID riid);
extern HRESULT com_object_query_interface(struct com_object *object, REFIID riid, void **out);
/* At 0 the object is gone. */
extern ULONG com_object_drop(struct com_object *object);

/* IUnknown of one interface of an object. */
#define DEFINE_IUNKNOWN(prefix, type, object) \
static inline struct object *impl_from_##type(type *iface) \
{ \
    return CONTAINING_RECORD(iface, struct object, type##_iface); \
} \
 \
static HRESULT WINAPI prefix##_QueryInterface(type *iface, REFIID riid, void **out) \
{ \
    return com_object_query_interface(&impl_from_##type(iface)->com_object, riid, out); \
} \
 \
static ULONG WINAPI prefix##_AddRef(type *iface) \
{ \
    return com_object_addref(&impl_from_##type(iface)->com_object); \
} \
 \
static ULONG WINAPI prefix##_Release(type *iface) \
{ \
    return com_object_drop(&impl_from_##type(iface)->com_object); \
}

/* IUnknown of an object that is there as long as the process. */
#define DEFINE_STATIC_IUNKNOWN(prefix, type) \
static HRESULT WINAPI prefix##_QueryInterface(type *iface, REFIID riid, void **out) \
{ \
    if (!out) \
        return E_POINTER; \
    *out = IsEqualGUID(riid, &IID_IUnknown) || IsEqualGUID(riid, &IID_##type) ? iface : NULL; \
    return *out ? S_OK : E_NOINTERFACE; \
} \
 \
static ULONG WINAPI prefix##_AddRef(type *iface) \
{ \
    return 2; \
} \
 \
static ULONG WINAPI prefix##_Release(type *iface) \
{ \
    return 1; \
}

/* table.c: jobs and downloads that are not final, in the order of their making. A table holds a reference to each. */

struct table
{
    const struct store_ops *ops; /* of its items */
    SRWLOCK lock;
    CONDITION_VARIABLE loaded; /* with lock */
    BOOL is_loaded;            /* guarded by lock; what the service before this one had is there */
    struct list items;         /* struct store_item */
    UINT64 last_number;        /* of an item */
};

extern struct table job_table, download_table;

extern void table_insert(struct table *table, struct store_item *item);
/* Drops the reference of the table. */
extern void table_withdraw(struct table *table, struct store_item *item);
/* With a reference, or NULL. This and the next two wait until all has been loaded. */
extern struct store_item *table_lookup(struct table *table, const GUID *id);
/* References to all; the caller releases them and frees the array. */
extern HRESULT table_snapshot(struct table *table, struct store_item ***items, UINT *count);
/* Each of such a snapshot is visited, without a lock: it may be withdrawn meanwhile. */
extern void table_for_each(struct table *table, void (*visit)(struct store_item *item, const void *context),
        const void *context);
/* Read what the service before this one had, and let it run on. Who asks for it meanwhile waits until it is there. */
extern void tables_load(BOOL (*is_stopping)(void));
extern void tables_shutdown(void);
extern void tables_expire(void);
extern void tables_forget_client(const struct client *client);

/* job.c */

struct job_file
{
    struct job *job;           /* borrowed: a file lives as long as its job */
    UINT index;                /* in job->files; never changes */
    struct transfer *transfer; /* owned */
    WCHAR *id;                 /* owned; never changes */

    /* guarded by job->lock */
    UINT64 url_client;         /* serial of the client that gave the URL, and may read its password; 0 without one */
    BOOL is_completed;         /* Complete has made it visible */
    BOOL is_notify_pending;    /* FileTransferred has to be called */
    BOOL has_integrity_mandatory; /* set, to FALSE: TRUE is refused */
    BSTR integrity_info;       /* owned; kept for the verification to come */
    struct client_stream *stream; /* owned; an IStream, in place of a path, or NULL */
};

/* Why the job is or was in an error state; a copy of it is an error object. */
struct job_error
{
    struct failure failure;
    struct job_file *file; /* borrowed */
};

/* An end of a job that a client has begun and not seen completed. The values are on disk. */
enum job_ending
{
    JOB_NOT_ENDING = 0,
    JOB_COMPLETING = 1, /* files are being renamed; after a crash the client may go on with it */
    JOB_CANCELLING = 2, /* files are being deleted; after a crash so are the others */
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
    ULONG retry_delay;         /* seconds */
    ULONG no_progress_timeout; /* seconds */
    BOOL has_timeout;          /* else it follows from the priority */
    ULONG notify_flags;
    DWORD cost_flags;
    CLSID notify_clsid;
    BG_JOB_TIMES times;
    struct job_file **files; /* owned; in the order added */
    UINT file_count;
    UINT new_count;          /* files behind them that only the record knows, while they are added */
    UINT file_capacity;
    UINT done_count;         /* so many are known to be done, from the first on */
    BOOL has_error;
    struct job_error error;
    ULONG error_count;
    struct callback *callback; /* owned; NULL if nobody wants to be called */
    BOOL is_notified;          /* the client has accepted JobTransferred or JobError for the state */
};

/* What AddFile and its relatives have in common. Strings are copied. */
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

extern const struct store_ops job_store_ops, download_store_ops;

static inline struct job *job_from_item(struct store_item *item)
{
    return CONTAINING_RECORD(item, struct job, item);
}

extern HRESULT job_create(const WCHAR *name, struct job **job);
/* For job_decode: a job without anything in it, and one more file of it. */
extern struct job *job_alloc(void);
extern HRESULT job_restore_file(struct job *job, const struct file_params *params, struct job_file **file);
extern void job_release(struct job *job);
extern BOOL job_is_final_locked(const struct job *job);
/* Some of its files are done, but not safe on disk yet. */
extern BOOL job_has_unflushed_locked(const struct job *job);
/* Something that a client can see has changed. */
extern void job_touch_locked(struct job *job);
/* Into the store and the table, when its record is on disk; else it is in neither. */
extern HRESULT job_insert(struct job *job);
/* last may be NULL. */
extern HRESULT job_add_files(struct job *job, const struct file_params *params, UINT count, struct job_file **last);
/* Return the serial of the client in whose call a file gets this URL, or 0 if there is no user or password to hide.
 * To ask who calls takes two calls of wineserver. */
extern UINT64 client_of_url(const WCHAR *url);
extern HRESULT job_resume(struct job *job);
extern HRESULT job_suspend(struct job *job);
extern void job_get_progress(struct job *job, BG_JOB_PROGRESS *progress);
extern void job_set_priority_locked(struct job *job, BG_JOB_PRIORITY priority);
extern void job_set_timeout_locked(struct job *job, ULONG seconds);
extern BOOL job_get_error(struct job *job, struct job_error *error);
extern void file_get_progress(struct job_file *file, BG_FILE_PROGRESS *progress);

/* For job_end.c. */

extern BOOL job_is_active_locked(const struct job *job);
extern void job_set_state_locked(struct job *job, BG_JOB_STATE state);
extern void job_touch_times_locked(struct job *job);
/* The first file that is not done, or NULL. The lock is held exclusively. */
extern struct job_file *job_get_current_locked(struct job *job);
/* The engine stops to work on it, soon. */
extern void job_halt_locked(struct job *job);

/* job_end.c */

extern HRESULT job_cancel(struct job *job);
extern HRESULT job_complete(struct job *job);
extern void job_expire(struct store_item *item, ULONGLONG limit);
extern void job_halt(struct store_item *item);
/* Flush all that has been received to the disk. Returns the first error. */
extern HRESULT job_flush_files(struct job *job, BOOL is_resting);
/* Delete what was not made visible. FALSE if a temporary file stays behind. */
extern BOOL job_abandon_files(struct job *job);

/* The record says what is going on, before any file is touched. */
extern HRESULT job_record_ending(struct job *job, enum job_ending ending);

/* job_commit.c: the caller holds the operation lock, and no file is being transferred */

/* Flush all transferred files, make every one of them visible, and that safe on disk; the first error, after trying
 * all. */
extern HRESULT job_commit_files(struct job *job);
/* The last part of it: the names of files that are visible survive a crash of the machine. */
extern HRESULT job_flush_folders(struct job *job);

/* stream.c: a client's stream in place of a file, and as the sink of a transfer */

struct sink;

struct client_stream
{
    LONG refcount;
    /* Constant. */
    IUnknown *unknown;         /* owned; as the client gave it */
    ISequentialStream *stream; /* owned; what unknown has answered with */
    struct client *client;     /* owned; who has set it, and ends it by its death; NULL if unknown */

    /* The call of Commit for a job, guarded by its lock. */
    struct task commit;        /* has a reference to the job while it is scheduled */
    struct job_file *file;     /* borrowed */
    BOOL is_committing;
    HRESULT commit_hr;         /* of the last call */
    CONDITION_VARIABLE committed;
};

/* In a call of the client, without a lock. E_NOINTERFACE unless unknown answers
 * for IStream, or for ISequentialStream if that is enough. */
extern HRESULT client_stream_create(IUnknown *unknown, BOOL is_sequential_enough, struct client_stream **out);
/* Does not wait for the client. NULL is ignored. */
extern void client_stream_release(struct client_stream *stream);
/* NULL belongs to nobody. */
extern BOOL client_stream_is_of(const struct client_stream *stream, const struct client *client);
/* The sink takes a reference to the stream, which answers for IStream if is_full says so:
 * then it is rewound when all has to begin anew. */
extern HRESULT stream_sink_create(struct client_stream *stream, BOOL is_full, struct sink **sink);

/* stream.c: streams of jobs */

/* The state is checked before the value, which may be NULL. */
extern HRESULT file_set_stream(struct job_file *file, IUnknown *unknown);
extern void job_drain_streams(struct job *job);
extern void job_release_streams(struct job *job);
/* If a stream of the client is being filled, the job has an error. */
extern void job_forget_client(struct store_item *item, const struct client *client);
/* Commit the streams that are filled. Calls the client: without a lock. RPC_E_TIMEOUT if a stream is another client's,
 * which does not answer; the next call goes on. */
extern HRESULT job_commit_streams(struct job *job);

/* job_record.c */

extern void job_encode(struct store_item *item, struct record_writer *writer, BOOL is_addition);
extern enum record_status job_decode(const GUID *id, struct record_reader *reader, struct store_item **item);

/* expire.c: what nobody wants any more goes. */

extern void expiry_arm(void); /* there is something that can grow old */
extern void expiry_look(void); /* and may have done so already */
extern ULONGLONG expiry_get_limit(const struct store_ops *ops); /* milliseconds */

/* callback.c: objects of clients that are told of a job or a download. A callback makes one call at a time, on a
 * thread that it has only meanwhile. A client that does not answer delays no other one. */

struct callback_ops
{
    const IID *iids[2]; /* interfaces of the object; the second one may be NULL, and the object need not have it */
    /* Choose what to tell, and return the tick count when that is due, or TASK_NEVER. If it is now, call() follows. */
    ULONGLONG (*pick_locked)(struct callback *callback, ULONGLONG now);
    /* Tell it, without a lock. */
    HRESULT (*call)(struct callback *callback);
    /* Take the result of the call. Not called after a detach. */
    void (*set_result_locked)(struct callback *callback, HRESULT hr);
};

/* The first member of a job's or a download's own struct. */
struct callback
{
    struct task task;
    const struct callback_ops *ops;
    LONG refcount;
    struct client *client;   /* owned; whose object it is */
    struct store_item *owner; /* borrowed; a job or a download. The task has a reference while it is scheduled */
    SRWLOCK *lock;           /* borrowed; of the owner */
    CONDITION_VARIABLE returned; /* with lock */

    /* Constant, but for an object that is made by the call, from inside it. */
    IUnknown *unknown;       /* owned; as the client gave it, or NULL */
    IUnknown *interfaces[2]; /* owned; what it has answered with */

    /* guarded by lock */
    BOOL is_detached;        /* another object, or none, has taken its place */
    BOOL is_calling;
    GUID causality;          /* of that call: what the client calls from inside has it, too */
};

/* Create a callback of this size, which takes over the reference to client. Without an unknown, ops->call sets the
 * object. In a call of the client, without a lock: to ask its object later could take as long as the client likes. */
extern HRESULT callback_create(const struct callback_ops *ops, size_t size, struct store_item *owner,
        SRWLOCK *lock, struct client *client, IUnknown *unknown, struct callback **callback);
extern HRESULT callback_set_object(struct callback *callback, IUnknown *unknown);
extern void callback_forget_object(struct callback *callback);
/* Release, with any lock held, and without waiting. NULL is ignored. */
extern void callback_release(struct callback *callback);
/* Put a callback, or NULL, in the place of another one, which is told no more and returned. References move. */
extern struct callback *callback_replace_locked(struct callback **place, struct callback *callback);
/* Wait, after that and without a lock, until the client has left a call that had begun before, unless it is stuck
 * there, calls from inside that call, or is another one than calls now: no client waits for another one. */
extern void callback_wait(struct callback *callback);
/* Release what was passed to a call that has given hr. */
extern void callback_release_argument(IUnknown *argument, HRESULT hr);

/* job_callback.c: tells a client what becomes of its job */

/* Events, in the order in which a client hears of them. */
enum notify_event
{
    NOTIFY_FILE, /* the file says which: is_notify_pending; job_notify_file_locked */
    NOTIFY_TRANSFERRED,
    NOTIFY_ERROR,
    NOTIFY_MODIFICATION,
};

/* As callback_create; unknown must answer for IBackgroundCopyCallback. */
extern HRESULT job_callback_create(struct job *job, struct client *client, IUnknown *unknown,
        struct callback **callback);
/* The client's object, with a reference; NULL if there is none, or one of NOTIFICATION_CLSID. */
extern IUnknown *job_get_callback_locked(const struct job *job);
/* NOTIFICATION_CLSID has another value. */
extern void job_set_notify_class_locked(struct job *job, const CLSID *clsid);
/* Tell the job's client. FALSE if there is none, or the flags say so. */
extern BOOL job_notify_locked(struct job *job, enum notify_event event);
extern void job_notify_file_locked(struct job_file *file); /* NOTIFY_FILE */
/* The interface, the flags or the class to be notified have changed. */
extern void job_renotify_locked(struct job *job);

#define CLEAR(out) if (out) memset(out, 0, sizeof(*(out)))

/* A method that promises an effect that is not delivered fails, with cleared outputs. */
#define NOT_OFFERED(prefix, method, parameters, clear_outputs) \
static HRESULT WINAPI prefix##_##method parameters \
{ \
    WARN("iface %p: not offered.\n", iface); \
 \
    clear_outputs; \
    return E_NOTIMPL; \
}

/* The COM objects. Each create function makes an object for the given client
 * and returns a reference. */

extern const struct com_object_class manager_class; /* manager.c: one object for both APIs */
extern const struct com_object_class bg_job_class, bg_file_class, bg_error_class;

extern HRESULT bg_job_create(struct job *job, struct client *client, IBackgroundCopyJob **out); /* bg_job.c */
extern HRESULT bg_file_create(struct job_file *file, struct client *client, IBackgroundCopyFile **out); /* bg_file.c */
extern HRESULT bg_error_create(struct job *job, const struct job_error *error, struct client *client,
        IBackgroundCopyError **out); /* bg_error.c */

/* For status.c. */
extern HRESULT file_get_stats_locked(const struct job_file *file, DOSwarmStats *stats);

/* status.c */

extern HRESULT status_get_files(BOOL is_job, DOSVC_CURSOR *cursor, ULONG *count, DOSVC_FILE **files);

/* enum.c */

extern const struct com_object_class enum_jobs_class, enum_files_class, enum_unknown_class;

/* Enumerate the objects that make_item makes for each model, for the calling
 * client. The elements of the enumerator have the type that its class says. */
extern HRESULT enum_create(const struct com_object_class *class, void **models, UINT count,
        HRESULT (*make_item)(void *model, struct client *client, IUnknown **item), void **out);
extern UINT enum_count_left(IUnknown *object); /* elements that Next has not returned yet */
extern HRESULT enum_bound_stubs(void); /* enum_stub.c; once, before the first object is marshalled */

/* validate.c: what clients may pass */

extern HRESULT check_file_id(const WCHAR *id);
extern HRESULT check_url(const WCHAR *url);
extern HRESULT check_uri(const WCHAR *url); /* the same for a download */
extern HRESULT check_path(const WCHAR *path); /* of a file that is to be written */
/* The same for a download (download-api 2.5.3), whose errors are finer. */
extern HRESULT check_local_path(const WCHAR *path);
extern HRESULT check_directory(const WCHAR *path); /* E_ACCESSDENIED if the file cannot be created there */
extern BOOL is_same_directory(const WCHAR *path, const WCHAR *other); /* as far as the spelling tells */
/* Absolute and without "..", owned by the caller; NULL without memory. A path behind \\?\ is taken as it is. */
extern WCHAR *make_full_path(const WCHAR *path);
extern BOOL is_same_path(const WCHAR *path, const WCHAR *other); /* of two full paths */
extern HRESULT copy_string(const WCHAR *string, WCHAR **out); /* CoTaskMem copy; NULL out is E_INVALIDARG */

/* bg_error.c: text for an HRESULT or an error context, CoTaskMem */

extern HRESULT error_text_from_hresult(HRESULT hr, DWORD language, WCHAR **out);
extern HRESULT error_text_from_context(BG_ERROR_CONTEXT context, DWORD language, WCHAR **out);

/* class_table.c: activations of a class are handed to code in the client, from now on until RpcSs ends. Does nothing
 * if they are already. An error of RPC or of RpcSs; Wine only. */

extern HRESULT class_table_enter(const CLSID *clsid, const CLSID *unmarshaler);

/* factory.c: the class object, and a stub of every interface, for Wine's sake */

extern HRESULT factory_publish(void);
extern void factory_revoke(void);

/* service.c: the exports */

extern void WINAPI ServiceMain(DWORD argc, WCHAR **argv);
extern BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);
extern HRESULT WINAPI DllRegisterServer(void);
extern HRESULT WINAPI DllUnregisterServer(void);

#endif /* __DOSVC_PRIVATE_H */
