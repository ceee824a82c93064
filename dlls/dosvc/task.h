/*
 * Work that is to be done at a time, on threads that live no longer than it
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

#ifndef __DOSVC_TASK_H
#define __DOSVC_TASK_H

#include <stdarg.h>
#include "windef.h"
#include "winbase.h"
#include "objbase.h"

#include "wine/list.h"

#define TASK_NEVER (~(ULONGLONG)0)

struct task;

struct task_ops
{
    /* On a thread of its own, in the multithreaded apartment, without a lock;
     * may block. There is one such call at a time for a task. */
    void (*run)(struct task *task);
    /* Keep the owner alive while the task is scheduled or runs. addref() may be
     * called with any lock held, release() is called without one. */
    void (*addref)(struct task *task);
    void (*release)(struct task *task);
};

enum task_phase
{
    TASK_IDLE,
    TASK_WAITING, /* for its time */
    TASK_ACTIVE,  /* runs, or waits for a thread */
};

/* Part of its owner, and needs no destruction. */
struct task
{
    const struct task_ops *ops;

    /* guarded by the lock of all tasks */
    enum task_phase phase;
    struct list entry; /* while it waits */
    ULONGLONG due;     /* tick count; TASK_NEVER unless it is to run (again) */
};

extern void task_init(struct task *task, const struct task_ops *ops);
/* Run at this time, or at the time set before if that is earlier; with 0 at
 * once. A task that is running runs again. With any lock held. */
extern void task_schedule(struct task *task, ULONGLONG due);
/* Release a client's object without waiting for the client. With any lock held; NULL is ignored. */
extern void task_release_later(IUnknown *unknown);

extern HRESULT tasks_init(void);
/* Nothing starts any more. Does not wait. */
extern void tasks_shutdown(void);

#endif /* __DOSVC_TASK_H */
