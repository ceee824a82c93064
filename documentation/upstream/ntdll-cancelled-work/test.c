/*
 * Unit tests for the threads of a pool whose work was cancelled
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

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"

#include "wine/test.h"

#define CANCELLED 10

/* Each thread that has run a callback of a pool. */
struct threads
{
    DWORD ids[64];
    unsigned int count;
};

static void CALLBACK note_cb(TP_CALLBACK_INSTANCE *instance, void *context, TP_WORK *work)
{
    struct threads *threads = context;
    unsigned int i;

    for (i = 0; i < threads->count && threads->ids[i] != GetCurrentThreadId(); ++i)
        ;
    if (i == threads->count && i < ARRAYSIZE(threads->ids))
        threads->ids[threads->count++] = GetCurrentThreadId();
}

static void CALLBACK wait_cb(TP_CALLBACK_INSTANCE *instance, void *context, TP_WORK *work)
{
    WaitForSingleObject(context, 10000);
}

static void CALLBACK cancelled_cb(TP_CALLBACK_INSTANCE *instance, void *context, TP_WORK *work)
{
    ++*(LONG *)context;
}

/* Work that waits for the only thread of the pool, and is cancelled. */
static void cancel_work(TP_CALLBACK_ENVIRON *environment)
{
    LONG calls = 0;
    TP_WORK *work;

    work = CreateThreadpoolWork(cancelled_cb, &calls, environment);
    ok(!!work, "got error %lu.\n", GetLastError());
    SubmitThreadpoolWork(work);
    WaitForThreadpoolWorkCallbacks(work, TRUE);
    CloseThreadpoolWork(work);
    ok(!calls, "got %ld calls.\n", calls);
}

/* One after another. */
static unsigned int count_threads(TP_CALLBACK_ENVIRON *environment)
{
    struct threads threads = {{0}};
    unsigned int i;
    TP_WORK *work;

    work = CreateThreadpoolWork(note_cb, &threads, environment);
    ok(!!work, "got error %lu.\n", GetLastError());
    for (i = 0; i < ARRAYSIZE(threads.ids); ++i)
    {
        SubmitThreadpoolWork(work);
        WaitForThreadpoolWorkCallbacks(work, FALSE);
    }
    CloseThreadpoolWork(work);
    return threads.count;
}

static void test_threads(unsigned int cancelled)
{
    TP_CALLBACK_ENVIRON environment;
    unsigned int i, count;
    HANDLE event;
    TP_WORK *work;
    TP_POOL *pool;

    winetest_push_context("%u cancelled", cancelled);
    pool = CreateThreadpool(NULL);
    ok(!!pool, "got error %lu.\n", GetLastError());
    SetThreadpoolThreadMaximum(pool, 1);
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackPool(&environment, pool);

    event = CreateEventW(NULL, TRUE, FALSE, NULL);
    work = CreateThreadpoolWork(wait_cb, event, &environment);
    ok(!!work, "got error %lu.\n", GetLastError());
    SubmitThreadpoolWork(work);
    Sleep(100);
    for (i = 0; i < cancelled; ++i)
        cancel_work(&environment);
    SetEvent(event);
    WaitForThreadpoolWorkCallbacks(work, FALSE);
    CloseThreadpoolWork(work);
    CloseHandle(event);

    SetThreadpoolThreadMaximum(pool, 50);
    count = count_threads(&environment);
    todo_wine_if(cancelled)
        ok(count < CANCELLED, "got %u threads for one callback after another.\n", count);
    CloseThreadpool(pool);
    winetest_pop_context();
}

START_TEST(test)
{
    test_threads(0);
    test_threads(CANCELLED);
}
