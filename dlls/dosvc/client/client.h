/*
 * Client processes, and what they hand to the service
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

#ifndef __DOSVC_CLIENT_H
#define __DOSVC_CLIENT_H

#include <stdarg.h>

#define COBJMACROS
#include "windef.h"
#include "winbase.h"
#include "objbase.h"

#include "base/task.h"
#include "disk/store.h"

struct sink;

/* client.c: processes that hold objects of the service. COM under Wine does not tell when one dies, so each is watched,
 * and its objects are disconnected. */

struct client;

/* The part of a COM object that its client process is known to hold. */
struct client_object
{
    LONG refcount;
    struct client *client; /* owned; NULL for a caller without a process */
    struct list entry;     /* in client->objects */
    IUnknown *unknown;     /* borrowed: the object that this is part of */
};

extern struct client *client_get_current(void); /* of the COM call in progress; NULL if unknown */
/* Return a number that no other process has as long as the service runs; 0 if the client is unknown. */
extern UINT64 client_get_current_serial(void);
extern BOOL client_is_current(UINT64 serial); /* 0 is nobody */
/* Tell the integrity level, a SECURITY_MANDATORY_*_RID, of the process whose COM call is in progress, and whether it is
 * elevated. Both stay as they are where the system does not tell. */
extern void client_get_elevation(ULONG *integrity_level, BOOL *is_elevated);
/* Return the server of a class, which the service activates to call it. NULL without memory. */
extern struct client *client_get_for_class(const CLSID *clsid);
extern void client_release(struct client *client);
/* Return the queue of tasks that call the client; borrowed. */
extern struct task_queue *client_get_calls(struct client *client);
/* Release an object of the client in a task, since that may take as long as a call. With any lock held. */
extern void client_release_object(struct client *client, IUnknown *object);
/* Wait a little until the objects of the client whose COM call is in progress are released, and return hr: many clients
 * end right after a call that ends a download, and Wine (8.0) loses handles for an object whose process has ended. Call
 * this without a lock. */
extern HRESULT client_settle(HRESULT hr);
extern BOOL is_client_gone(HRESULT hr); /* by the result of a call */
/* Call this, without a lock, after a process has ended and its objects are gone. Set before the first client calls. */
extern void client_set_observer(void (*ended)(const struct client *client));

/* Enter an object with one reference into the list of its client, which may be NULL. */
extern void client_object_init(struct client_object *object, IUnknown *unknown, struct client *client);
/* Take it out of the list when 0 references are left. */
extern ULONG client_object_release(struct client_object *object);

/* callback.c: objects of clients that are told of an item, a job or a download. A callback makes one call at a time, on
 * a thread that it has only meanwhile. A client that does not answer delays no other one. */

struct callback;

/* Callbacks of one kind of items. */
struct callback_ops
{
    size_t size;        /* bytes of a struct that begins with a struct callback */
    const IID *iids[2]; /* interfaces of the object; the second one may be NULL, and the object need not have it */
    /* An event of the item, whose lock is held exclusively. FALSE if nobody is told. */
    BOOL (*tell_locked)(struct store_item *item, UINT event);
    /* Choose what to tell, and return the tick count when that is due, or TASK_NEVER. If it is now, call() follows. */
    ULONGLONG (*pick_locked)(struct callback *callback, ULONGLONG now);
    /* Tell it, without a lock. */
    HRESULT (*call)(struct callback *callback);
    /* Take the result of the call. When it says that the client is gone, the object has been forgotten; if
     * that was not one of a class, the callback has left its item. Not called after somebody else has detached it. */
    void (*set_result_locked)(struct callback *callback, HRESULT hr);
};

struct callback
{
    struct task task;
    const struct callback_ops *ops;
    LONG refcount;
    struct client *client;    /* owned; whose object it is */
    struct store_item *item;  /* borrowed. The task has a reference while it is scheduled */
    SRWLOCK *lock;            /* borrowed; of the item */
    struct callback **place;  /* borrowed; in the item */
    CONDITION_VARIABLE returned; /* with lock */
    CLSID clsid;              /* of the object, which is made when there is something to tell, or GUID_NULL */

    /* Constant, but for an object that is made by the call, from inside it. */
    IUnknown *unknown;       /* owned; as the client gave it, or NULL */
    IUnknown *interfaces[2]; /* owned; its answers to QueryInterface */

    /* guarded by lock */
    BOOL is_detached;        /* another object, or none, has taken its place */
    BOOL is_calling;
    GUID causality;          /* of that call: what the client calls from inside has it, too */
};

/* Create a callback for an item, which is not in its place yet. In a call of the client, without a lock: to ask its
 * object later could take as long as the client likes. E_NOINTERFACE if the object lacks the first interface. */
extern HRESULT callback_create(const struct callback_ops *ops, struct store_item *item, SRWLOCK *lock,
        struct callback **place, IUnknown *unknown, struct callback **callback);
/* Create a callback of a class, which is activated when there is something to tell; with any lock held. */
extern HRESULT callback_create_for_class(const struct callback_ops *ops, struct store_item *item, SRWLOCK *lock,
        struct callback **place, const CLSID *clsid, struct callback **callback);
/* Release, with any lock held, and without waiting. NULL is ignored. */
extern void callback_release(struct callback *callback);
/* Put a callback, or NULL, in the place of another one, which is told no more and returned. References move. */
extern struct callback *callback_replace_locked(struct callback **place, struct callback *callback);
/* Release the callback in the place, if there is one. */
extern void callback_drop_locked(struct callback **place);
/* Return the object that a client gave, with a reference, or NULL. The callback may be NULL. */
extern IUnknown *callback_get_object_locked(const struct callback *callback);
/* Wait, after that and without a lock, until the client has left a call that had begun before, unless it is stuck
 * there, calls from inside that call, or is another one than calls now: no client waits for another one. */
extern void callback_wait(struct callback *callback);
/* Release what was passed to a call that has given hr. */
extern void callback_release_argument(IUnknown *argument, HRESULT hr);
static inline BOOL callback_is_of_class(const struct callback *callback)
{
    return !IsEqualGUID(&callback->clsid, &GUID_NULL);
}

/* stream.c: streams of clients, to which bytes go in place of a file. */

struct client_stream
{
    LONG refcount;
    /* Constant. */
    IUnknown *unknown;         /* owned; as the client gave it */
    ISequentialStream *stream; /* owned; the answer of unknown to QueryInterface */
    struct client *client;     /* owned; the one that has set it, and ends it by its death; NULL if unknown */
};

/* Create a stream in a struct of this size, which begins with it. In a call of the client, without a lock.
 * E_NOINTERFACE unless unknown answers for IStream, or for ISequentialStream if that is enough. */
extern HRESULT client_stream_create(size_t size, IUnknown *unknown, BOOL is_sequential_enough,
        struct client_stream **out);
extern struct client_stream *client_stream_addref(struct client_stream *stream);
/* Release, without waiting for the client. NULL is ignored. */
extern void client_stream_release(struct client_stream *stream);
/* NULL belongs to nobody. */
extern BOOL client_stream_is_of(const struct client_stream *stream, const struct client *client);
/* Create a sink with a reference to the stream, which answers for IStream if is_full says so: then it is rewound when
 * all has to begin anew. */
extern HRESULT stream_sink_create(struct client_stream *stream, BOOL is_full, struct sink **sink);

#endif /* __DOSVC_CLIENT_H */
