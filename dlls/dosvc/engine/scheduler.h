/*
 * Transfer scheduler: slots and queues
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


/* Pure. The clock is a parameter, in milliseconds, and never goes back. The caller
 * serialises all calls.
 *
 * A slot is the right to connect and to receive. A worker that is in a client's Write for a while keeps its slot, but
 * does not count: others go beyond the limits. A worker that gets nothing from its server for some seconds counts for
 * that host alone. A transfer that waits to try again, or is cancelled, has no slot.
 *
 * Where a limit is reached, a waiting slot takes the place of another one, if
 *  - the other one is an extra connection, or
 *  - the class (foreground or background) of the other one has more than its share: a quarter is the background's, or
 *  - both are of one class, and the client of the other one has at least two slots more than the client of this one.
 * The other one goes on later, before those of its kind that have not begun. If it cannot (is_fixed), both
 * have a slot. */

#ifndef __DOSVC_SCHEDULER_H
#define __DOSVC_SCHEDULER_H

#include <stdarg.h>
#include <stddef.h>

#include "windef.h"
#include "winbase.h"
#include "wine/list.h"

#define SLOTS_MAX        32 /* slots, ... */
#define SLOTS_PER_HOST   16 /* ... and for one host (download-api 3.7: so many downloads at least run at a time) */
#define RESERVED         4  /* further ones for the foreground alone, ... */
#define RESERVED_PER_HOST 2 /* ... and for one host */
#define BACKGROUND_SHARE 4  /* this part of the slots is the background's */
#define EXTRA_PER_HOST   8  /* no extra connection is made beyond so many slots of its host */
#define THREADS_SHARED   96 /* of which a client gets no more than half of what the others leave, or three quarters for
                               its foreground */
#define THREADS_FIRST    64 /* further ones, for clients that have none */
#define THREADS_MAX      (THREADS_SHARED + THREADS_FIRST)
#define SILENCE_TIME     3000 /* ms without a byte from the server, or ... */
#define WRITE_TIME       250  /* ... in one Write of a client, after which a slot counts no more */

struct http_cancel;

/* A worker or an extra connection that has a slot, or waits for one. Zero-initialised is ready. */
struct slot
{
    /* Set by the user before it is queued or added. */
    UINT host;     /* hash */
    UINT64 client; /* serial of the process that it works for */
    BOOL is_foreground;
    struct http_cancel *cancel; /* borrowed; not looked at by the scheduler */

    /* For the user to read. */
    BOOL has_slot;
    BOOL is_extra;

    /* Private. */
    BOOL is_queued;
    BOOL has_thread;    /* from when it gets a slot until scheduler_end */
    BOOL has_begun;     /* had a slot before */
    BOOL is_fixed;      /* could not go on later, and keeps its slot */
    BOOL is_writing;    /* in a Write of the client */
    ULONGLONG active;   /* when it got the slot, or a byte, or entered or left Write last */
    UINT64 number;      /* in the order in which they came */
    struct list entry;  /* in the queue */
    struct list thread; /* in scheduler->threads, with has_slot or has_thread */
};

struct scheduler
{
    struct list queue;
    struct list threads;
    UINT64 last_number;
};

struct victims
{
    struct slot *slots[2];
    UINT count;
};

extern void scheduler_init(struct scheduler *scheduler);
/* Wait for a slot, unless it has one or waits already. */
extern void scheduler_queue(struct scheduler *scheduler, struct slot *slot);
/* Give an extra connection a slot until scheduler_end. FALSE if there is none left. */
extern BOOL scheduler_add_extra(struct scheduler *scheduler, struct slot *slot, ULONGLONG now);
/* Give the next one its slot, and return it; NULL if none gets one now. The caller cancels the victims, which have lost
 * theirs for it; they wait again, unless they are extra connections. */
extern struct slot *scheduler_grant(struct scheduler *scheduler, ULONGLONG now, struct victims *victims);
/* Take the slot or the place in the queue away. */
extern void scheduler_drop(struct scheduler *scheduler, struct slot *slot);
/* Note that the thread that worked for the slot is free. A place in the queue stays. */
extern void scheduler_end(struct scheduler *scheduler, struct slot *slot);
/* Change the priority. */
extern void scheduler_set_foreground(struct scheduler *scheduler, struct slot *slot, BOOL is_foreground);
/* Tell whether all received bytes could be lost if the transfer had to go on later. */
extern void scheduler_set_fixed(struct slot *slot, BOOL is_fixed);
/* Note that a byte has come. */
extern void scheduler_hear(struct slot *slot, ULONGLONG now);
extern void scheduler_begin_write(struct slot *slot, ULONGLONG now);
/* Return FALSE if the slot has gone to another one meanwhile; it waits for another slot then. */
extern BOOL scheduler_end_write(struct scheduler *scheduler, struct slot *slot, ULONGLONG now);
/* Return when scheduler_grant may find something although no other call has changed anything; ~0: never. */
extern ULONGLONG scheduler_get_due(const struct scheduler *scheduler, ULONGLONG now);

#endif /* __DOSVC_SCHEDULER_H */
