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

/* Tasks share a timer and a pool of threads. A task may be stuck in a client for as long as the client
 * likes. Two bounds keep that from the others: each queue, that is each client process, has few threads, and
 * a task that has been running for a while does not count against the bound of all. So 16 client processes
 * that are stuck have 32 threads, and after a second all others are called as if those were not there. */

#include <stdarg.h>
#include <stddef.h>

#include "windef.h"
#include "winbase.h"
#include "objbase.h"

#include "base/base.h"
#include "base/task.h"
#include "base/wineheaders.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* A client may wait, inside a call, for what another call tells it; so there is room for two. */
#define MAX_PER_QUEUE 2
#define MAX_RUNNING   16   /* tasks that are not stuck */
#define STUCK_TIME    1000 /* milliseconds after which a task counts as stuck */
#define MAX_THREADS   256  /* of 120 stuck client processes; with more, calls wait */

static SRWLOCK tasks_lock = SRWLOCK_INIT;

/* guarded by tasks_lock */
static struct list waiting = LIST_INIT(waiting); /* tasks; the earliest first */
static struct list ready = LIST_INIT(ready);     /* queues with a task that may run; they take turns */
static struct list running = LIST_INIT(running); /* tasks that are not stuck; the oldest first */
static ULONGLONG armed = TASK_NEVER; /* when the timer goes off */
static BOOL is_accepting;

struct task_queue service_tasks = { LIST_INIT(service_tasks.tasks), LIST_INIT(service_tasks.entry), 0 };

static TP_CALLBACK_ENVIRON environment;
static TP_POOL *pool;
static TP_TIMER *timer;

void task_queue_init(struct task_queue *queue)
{
    list_init(&queue->tasks);
    list_init(&queue->entry);
    queue->running = 0;
}

void task_init(struct task *task, const struct task_ops *ops, struct task_queue *queue)
{
    task->ops = ops;
    task->queue = queue;
    task->phase = TASK_IDLE;
    task->due = TASK_NEVER;
}

static struct task *get_first_locked(const struct list *list)
{
    struct list *first = list_head(list);

    return first ? LIST_ENTRY(first, struct task, entry) : NULL;
}

static void arm_timer_locked(void)
{
    struct task *next = get_first_locked(&waiting), *oldest = get_first_locked(&running);
    ULONGLONG now = GetTickCount64(), due = next ? next->due : TASK_NEVER;

    /* Look again when the oldest task is stuck, or there may be memory for a thread. */
    if (!list_empty(&ready))
        due = min(due, (oldest ? oldest->started : now) + STUCK_TIME);
    if (due >= armed)
        return;
    armed = due;
    timer_set(timer, due, now);
}

static void offer_locked(struct task_queue *queue)
{
    if (list_empty(&queue->entry) && !list_empty(&queue->tasks) && queue->running < MAX_PER_QUEUE)
        list_add_tail(&ready, &queue->entry);
}

static void enqueue_locked(struct task *task, ULONGLONG due)
{
    struct task *other;

    if (due <= GetTickCount64())
    {
        task->phase = TASK_DUE;
        list_add_tail(&task->queue->tasks, &task->entry);
        offer_locked(task->queue);
        return;
    }
    task->phase = TASK_WAITING;
    task->due = due;
    /* From the end: most are set to a time after that of all others. */
    LIST_FOR_EACH_ENTRY_REV(other, &waiting, struct task, entry)
    {
        if (other->due <= due)
            break;
    }
    list_add_after(&other->entry, &task->entry);
}

static void start_tasks_locked(void);

static void CALLBACK task_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct task *task = context;
    BOOL is_over;
    HRESULT hr;

    CallbackMayRunLong(instance);
    hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    task->ops->run(task);

    AcquireSRWLockExclusive(&tasks_lock);
    list_remove(&task->entry);
    task->queue->running--;
    if ((is_over = task->due == TASK_NEVER))
        task->phase = TASK_IDLE;
    else
        enqueue_locked(task, task->due);
    offer_locked(task->queue);
    start_tasks_locked();
    ReleaseSRWLockExclusive(&tasks_lock);
    if (is_over && task->ops->release)
        task->ops->release(task);
    if (SUCCEEDED(hr))
        CoUninitialize();
}

static void start_tasks_locked(void)
{
    struct task_queue *queue;
    struct task *task;

    while (is_accepting && !list_empty(&ready) && list_count(&running) < MAX_RUNNING)
    {
        queue = LIST_ENTRY(list_head(&ready), struct task_queue, entry);
        task = get_first_locked(&queue->tasks);
        if (!TrySubmitThreadpoolCallback(task_proc, task, &environment))
        {
            ERR("cannot submit work, error %lu.\n", GetLastError());
            break;
        }
        task->phase = TASK_ACTIVE;
        task->due = TASK_NEVER;
        task->started = GetTickCount64();
        list_remove(&task->entry);
        list_add_tail(&running, &task->entry);
        queue->running++;
        /* To the end, if there is more that may run. */
        list_remove(&queue->entry);
        list_init(&queue->entry);
        offer_locked(queue);
    }
    arm_timer_locked();
}

void task_schedule(struct task *task, ULONGLONG due)
{
    AcquireSRWLockExclusive(&tasks_lock);
    if (task->phase == TASK_ACTIVE)
    {
        task->due = min(task->due, due);
    }
    else if (task->phase == TASK_IDLE)
    {
        if (task->ops->addref)
            task->ops->addref(task);
        enqueue_locked(task, due);
    }
    else if (task->phase == TASK_WAITING && due < task->due)
    {
        list_remove(&task->entry);
        enqueue_locked(task, due);
    }
    start_tasks_locked();
    ReleaseSRWLockExclusive(&tasks_lock);
}

static void CALLBACK timer_proc(TP_CALLBACK_INSTANCE *instance, void *context, TP_TIMER *tp_timer)
{
    ULONGLONG now = GetTickCount64();
    struct task *task;

    AcquireSRWLockExclusive(&tasks_lock);
    armed = TASK_NEVER;
    while ((task = get_first_locked(&waiting)) && task->due <= now)
    {
        list_remove(&task->entry);
        enqueue_locked(task, task->due);
    }
    while ((task = get_first_locked(&running)) && task->started + STUCK_TIME <= now)
    {
        list_remove(&task->entry);
        list_init(&task->entry);
    }
    start_tasks_locked();
    ReleaseSRWLockExclusive(&tasks_lock);
}

HRESULT tasks_init(void)
{
    pool = CreateThreadpool(NULL);
    timer = CreateThreadpoolTimer(timer_proc, NULL, NULL);
    if (!pool || !timer)
        return E_OUTOFMEMORY;
    SetThreadpoolThreadMaximum(pool, MAX_THREADS);
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackPool(&environment, pool);
    is_accepting = TRUE;
    return S_OK;
}

/* Threads that are stuck in a client end with the process. */
void tasks_shutdown(void)
{
    AcquireSRWLockExclusive(&tasks_lock);
    is_accepting = FALSE;
    ReleaseSRWLockExclusive(&tasks_lock);
    if (timer)
        SetThreadpoolTimer(timer, NULL, 0, 0);
}
