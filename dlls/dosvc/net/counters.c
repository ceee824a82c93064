/*
 * Delivery Optimization service: counters of what it has done
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
#include "winreg.h"

#include "base/bandwidth.h"
#include "base/base.h"
#include "base/front.h"
#include "net/counters.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define SAVE_INTERVAL 10000 /* ms */
#define END_INTERVAL  1000  /* ms, when nothing is being received any more */
#define VALUE_NAME    L"UsageOfMonth"

static SRWLOCK counters_lock = SRWLOCK_INIT;
/* protected by counters_lock */
static struct counters present;
static struct bandwidth_meter meter;
static UINT64 last_second[2]; /* in which a class has got something */
static BOOL is_loaded, is_unsaved;
static ULONGLONG save_time;

static BOOL is_due_locked(ULONGLONG interval)
{
    return is_unsaved && GetTickCount64() - save_time >= interval;
}

static void set_month_locked(void)
{
    SYSTEMTIME time;

    GetSystemTime(&time);
    usage_set_month(&present.month, time.wYear, time.wMonth);
}

/* The value is beside the settings of the service, so that it goes with them. The key of BITS is Wine's, and has to be
 * as it was when the front has been removed. */
static void load_locked(void)
{
    struct usage saved;
    DWORD size = sizeof(saved);

    if (is_loaded)
        return;
    is_loaded = TRUE;
    if (front->has_policies && !RegGetValueW(HKEY_LOCAL_MACHINE, front->parameters_key, VALUE_NAME, RRF_RT_REG_BINARY,
            NULL, &saved, &size) && size == sizeof(saved))
        present.month = saved;
    set_month_locked();
}

void counters_save(void)
{
    struct usage saved;
    BOOL has_to_save;
    LSTATUS error;

    AcquireSRWLockExclusive(&counters_lock);
    has_to_save = is_unsaved && front->has_policies;
    is_unsaved = FALSE;
    save_time = GetTickCount64();
    saved = present.month;
    ReleaseSRWLockExclusive(&counters_lock);
    if (has_to_save && (error = RegSetKeyValueW(HKEY_LOCAL_MACHINE, front->parameters_key, VALUE_NAME, REG_BINARY,
            &saved, sizeof(saved))))
        WARN("error %ld.\n", error);
}

void counters_add(BOOL is_foreground, BOOL is_cached, UINT bytes)
{
    ULONGLONG now = GetTickCount64();
    UINT64 second = now / 1000;
    BOOL is_new, is_due;

    if (!bytes)
        return;
    AcquireSRWLockExclusive(&counters_lock);
    load_locked();
    if ((is_new = last_second[!!is_foreground] != second))
        set_month_locked();
    last_second[!!is_foreground] = second;
    usage_add(&present.total, is_foreground, is_cached, bytes, is_new);
    usage_add(&present.month, is_foreground, is_cached, bytes, is_new);
    bandwidth_meter_add(&meter, bytes, now * 1000);
    is_unsaved = TRUE;
    is_due = is_due_locked(SAVE_INTERVAL);
    ReleaseSRWLockExclusive(&counters_lock);
    if (is_due)
        counters_save();
}

void counters_add_file(void)
{
    AcquireSRWLockExclusive(&counters_lock);
    present.files++;
    ReleaseSRWLockExclusive(&counters_lock);
}

void counters_add_connection(BOOL is_cached, LONG change)
{
    BOOL is_due;

    AcquireSRWLockExclusive(&counters_lock);
    present.connections[!!is_cached] += change;
    is_due = !present.connections[FALSE] && !present.connections[TRUE] && is_due_locked(END_INTERVAL);
    ReleaseSRWLockExclusive(&counters_lock);
    if (is_due)
        counters_save();
}

void counters_get(struct counters *counters)
{
    AcquireSRWLockExclusive(&counters_lock);
    load_locked();
    set_month_locked();
    present.rate = bandwidth_meter_get(&meter, GetTickCount64() * 1000);
    *counters = present;
    ReleaseSRWLockExclusive(&counters_lock);
}
