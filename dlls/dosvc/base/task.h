/*
 * Tasks: work at a time, on a bounded number of threads
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

#include "wine/list.h"

#define TASK_NEVER (~(ULONGLONG)0)

struct task;

struct task_ops
{
    /* Do the work, in the multithreaded apartment, without a lock; may block. A task runs once at a time. */
    void (*run)(struct task *task);
    /* Keep the owner alive while the task is scheduled or runs; may be NULL. addref() may be
     * called with any lock held, release() is called without one. */
    void (*addref)(struct task *task);
    void (*release)(struct task *task);
};

/* Tasks that may be stuck for the same reason, such as a client process that does not answer. Few of them
 * run at a time, in the order in which they became due. Part of its owner, and needs no destruction. */
struct task_queue
{
    /* guarded by the lock of all tasks */
    struct list tasks; /* due ones */
    struct list entry; /* in the list of queues whose first task may run */
    UINT running;
};

enum task_phase
{
    TASK_IDLE,
    TASK_WAITING, /* for its time */
    TASK_DUE,     /* waits for its turn */
    TASK_ACTIVE,
};

/* Part of its owner, and needs no destruction. */
struct task
{
    const struct task_ops *ops;
    struct task_queue *queue; /* borrowed */

    /* guarded by the lock of all tasks */
    enum task_phase phase;
    struct list entry;
    ULONGLONG due;     /* tick count; of an active task: when it runs again, or TASK_NEVER */
    ULONGLONG started; /* tick count, while it is active */
};

extern struct task_queue service_tasks; /* for work that waits for no client */

extern void task_queue_init(struct task_queue *queue);
extern void task_init(struct task *task, const struct task_ops *ops, struct task_queue *queue);
/* Run at this time, or at the time set before if that is earlier; with 0 at
 * once. A task that is running runs again. With any lock held. */
extern void task_schedule(struct task *task, ULONGLONG due);

extern HRESULT tasks_init(void);
/* Start no task any more. Does not wait. */
extern void tasks_shutdown(void);

#endif /* __DOSVC_TASK_H */
