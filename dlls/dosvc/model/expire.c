/*
 * Downloads that nobody asks for any more
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

#include "model/download.h"

#define DEFAULT_SECONDS (30 * 24 * 60 * 60)
#define MAX_INTERVAL    (60 * 60 * 1000) /* milliseconds between two looks at all that can grow old */
#define MIN_INTERVAL    250

/* Write the age again so often that a stop of the service hides no more than it counts for. */
#define SAVES_PER_STOP  4

/* The settings are REG_DWORD, in seconds; for tests, and for those who want
 * their disk back sooner. */
ULONGLONG expiry_get_limit(const struct store_ops *ops)
{
    DWORD seconds = settings_get_number(ops->expiry, DEFAULT_SECONDS);

    return 1000 * (ULONGLONG)(seconds ? seconds : DEFAULT_SECONDS);
}

void age_start(struct age *age)
{
    InterlockedExchange64(&age->zero, GetTickCount64());
}

ULONGLONG age_get(struct age *age)
{
    return GetTickCount64() - InterlockedCompareExchange64(&age->zero, 0, 0);
}

void age_save(struct age *age, struct age_record *record)
{
    LONGLONG zero = InterlockedCompareExchange64(&age->zero, 0, 0), now = GetTickCount64();

    record->passed = now - zero;
    record->time = get_system_time();
    InterlockedExchange64(&age->saved_zero, zero);
    InterlockedExchange64(&age->saved_at, now);
}

void age_restore(struct age *age, const struct age_record *record, ULONGLONG limit)
{
    UINT64 passed = age_continue(record, get_system_time(), limit);
    LONGLONG now = GetTickCount64();

    age->zero = age->saved_zero = now - passed;
    age->saved_at = age->zero + min(record->passed, limit);
}

BOOL age_is_unsaved(struct age *age, ULONGLONG limit)
{
    if (InterlockedCompareExchange64(&age->saved_zero, 0, 0) != InterlockedCompareExchange64(&age->zero, 0, 0))
        return TRUE;
    return GetTickCount64() - InterlockedCompareExchange64(&age->saved_at, 0, 0) >= limit / AGE_STOPS / SAVES_PER_STOP;
}

static void schedule(struct task *task, ULONGLONG parts)
{
    ULONGLONG limit = min(expiry_get_limit(&download_store_ops), expiry_get_limit(&job_store_ops));

    task_schedule(task, GetTickCount64() + min(max(limit / parts, MIN_INTERVAL), MAX_INTERVAL));
}

static void expiry_run(struct task *task)
{
    tables_expire();
    schedule(task, 8);
}

static const struct task_ops expiry_ops = { expiry_run };

static struct task expiry = { &expiry_ops, &service_tasks, TASK_IDLE, { NULL }, TASK_NEVER };

void expiry_arm(void)
{
    schedule(&expiry, 1);
}

void expiry_look(void)
{
    task_schedule(&expiry, 0);
}
