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

/* One timer for all tasks, and a pool whose threads go away when they have
 * nothing to do. A thread may be stuck in a client for as long as that likes;
 * the pool then makes another one. */

#include "dosvc_private.h"
#include "task.h"
#include "wineheaders.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define MAX_THREADS 2000
#define RETRY_DELAY 200 /* milliseconds, when there is no memory for a thread */

static SRWLOCK tasks_lock = SRWLOCK_INIT;

/* guarded by tasks_lock */
static struct list waiting = LIST_INIT(waiting); /* the earliest first */
static ULONGLONG armed = TASK_NEVER; /* when the timer goes off */
static BOOL is_accepting;

static TP_CALLBACK_ENVIRON environment;
static TP_POOL *pool;
static TP_TIMER *timer;

void task_init(struct task *task, const struct task_ops *ops)
{
    task->ops = ops;
    task->phase = TASK_IDLE;
    task->due = TASK_NEVER;
}

static void arm_timer_locked(void)
{
    struct list *first = list_head(&waiting);
    ULONGLONG now = GetTickCount64(), due;
    LARGE_INTEGER delay;
    FILETIME time;

    due = first ? LIST_ENTRY(first, struct task, entry)->due : TASK_NEVER;
    if (due >= armed)
        return;
    armed = due;
    delay.QuadPart = due > now ? -(LONGLONG)(due - now) * 10000 : -1;
    time.dwLowDateTime = delay.u.LowPart;
    time.dwHighDateTime = delay.u.HighPart;
    SetThreadpoolTimer(timer, &time, 0, 0);
}

static void wait_locked(struct task *task, ULONGLONG due)
{
    struct task *other;

    task->phase = TASK_WAITING;
    task->due = due;
    /* From the end: most are set to a time after that of all others. */
    LIST_FOR_EACH_ENTRY_REV(other, &waiting, struct task, entry)
    {
        if (other->due <= due)
            break;
    }
    list_add_after(&other->entry, &task->entry);
    arm_timer_locked();
}

static void run_or_wait_locked(struct task *task, ULONGLONG due);

static void CALLBACK task_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct task *task = context;
    BOOL is_over;
    HRESULT hr;

    CallbackMayRunLong(instance);
    hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    task->ops->run(task);

    AcquireSRWLockExclusive(&tasks_lock);
    if ((is_over = task->due == TASK_NEVER))
        task->phase = TASK_IDLE;
    else
        run_or_wait_locked(task, task->due);
    ReleaseSRWLockExclusive(&tasks_lock);
    if (is_over)
        task->ops->release(task);
    if (SUCCEEDED(hr))
        CoUninitialize();
}

static void run_or_wait_locked(struct task *task, ULONGLONG due)
{
    ULONGLONG now = GetTickCount64();

    if (due > now || !is_accepting)
    {
        wait_locked(task, due);
        return;
    }
    task->phase = TASK_ACTIVE;
    task->due = TASK_NEVER;
    if (TrySubmitThreadpoolCallback(task_proc, task, &environment))
        return;
    ERR("cannot submit work, error %lu.\n", GetLastError());
    wait_locked(task, now + RETRY_DELAY);
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
        task->ops->addref(task);
        run_or_wait_locked(task, due);
    }
    else if (due < task->due)
    {
        list_remove(&task->entry);
        run_or_wait_locked(task, due);
    }
    ReleaseSRWLockExclusive(&tasks_lock);
}

static void CALLBACK timer_proc(TP_CALLBACK_INSTANCE *instance, void *context, TP_TIMER *tp_timer)
{
    ULONGLONG now = GetTickCount64();
    struct task *task;
    struct list *first;

    AcquireSRWLockExclusive(&tasks_lock);
    armed = TASK_NEVER;
    while (is_accepting && (first = list_head(&waiting)))
    {
        task = LIST_ENTRY(first, struct task, entry);
        if (task->due > now)
            break;
        list_remove(&task->entry);
        run_or_wait_locked(task, task->due);
    }
    arm_timer_locked();
    ReleaseSRWLockExclusive(&tasks_lock);
}

static void CALLBACK release_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    HRESULT hr;

    CallbackMayRunLong(instance);
    hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    IUnknown_Release((IUnknown *)context);
    if (SUCCEEDED(hr))
        CoUninitialize();
}

void task_release_later(IUnknown *unknown)
{
    /* Without memory a leak is better than a call under a lock. */
    if (unknown && !TrySubmitThreadpoolCallback(release_proc, unknown, &environment))
        ERR("cannot submit work, error %lu.\n", GetLastError());
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

/* Those that are stuck in a client end with the process. */
void tasks_shutdown(void)
{
    AcquireSRWLockExclusive(&tasks_lock);
    is_accepting = FALSE;
    ReleaseSRWLockExclusive(&tasks_lock);
    if (timer)
        SetThreadpoolTimer(timer, NULL, 0, 0);
}
