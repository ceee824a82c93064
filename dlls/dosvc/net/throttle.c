/*
 * Limits of the bandwidth
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

/* Limits of the bandwidth, for the foreground and for the background. Bodies are received in pieces of the size that is
 * allowed here. A limit in per cent relates to what has been received so far (bandwidth.h). */

#include "net/http.h"
#include "base/bandwidth.h"
#include "base/base.h"
#include "base/front.h"
#include "base/policy.h"
#include "base/ratelimit.h"

#include "winreg.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define UNIT 1024               /* bytes; the values are in KB per second */
#define UPDATE_INTERVAL 1000000 /* us; limits change meanwhile by the hour, by the line, and by who has to yield */
#define ACTIVE_TIME 2000000     /* us for which the foreground is active after it has received something */
#define SAVE_INTERVAL 10000000  /* us */
#define DAY_TICKS ((UINT64)864000000000) /* of a FILETIME */

/* Policies of a class. */
struct class_policies
{
    enum policy bandwidth, percentage, hours; /* behind the last one are those for from, to, in, out */
};

static const struct class_policies class_policies[] =
{
    { POLICY_BANDWIDTH_BACKGROUND, POLICY_PERCENTAGE_BACKGROUND, POLICY_HOURS_BACKGROUND },
    { POLICY_BANDWIDTH_FOREGROUND, POLICY_PERCENTAGE_FOREGROUND, POLICY_HOURS_FOREGROUND },
};

static SRWLOCK limiter_lock = SRWLOCK_INIT;
/* protected by limiter_lock */
static struct
{
    struct ratelimit absolute, percentage;
}
limits[2]; /* of the background and of the foreground */
static struct bandwidth_meter meter;
static struct bandwidth_history history;
static BOOL is_history_unsaved;
/* in us */
static UINT64 update_time; /* 0: not yet */
static UINT64 save_time, active_time; /* when the foreground last received something */
static UINT64 day; /* at update_time */
static UINT version; /* of the policies that the limits are from */

/* Return the time in microseconds. Tokens come with the ticks of the system's clock. */
static UINT64 get_time(void)
{
    return GetTickCount64() * 1000;
}

/* The value is beside the settings of the service, so that it goes with them. */
static void load_history_locked(void)
{
    struct bandwidth_history saved;
    DWORD size = sizeof(saved);

    if (!RegGetValueW(HKEY_LOCAL_MACHINE, front->parameters_key, L"BandwidthHistory", RRF_RT_REG_BINARY, NULL, &saved,
            &size) && size == sizeof(saved))
        history = saved;
}

static void save_history(const struct bandwidth_history *saved)
{
    LSTATUS error = RegSetKeyValueW(HKEY_LOCAL_MACHINE, front->parameters_key, L"BandwidthHistory", REG_BINARY, saved,
            sizeof(*saved));

    if (error)
        WARN("error %ld.\n", error);
}

/* Return the limit in bytes per second; 0: none. */
static UINT64 get_absolute(const struct class_policies *policies)
{
    DWORD number;

    if (!policy_get_number(policies->bandwidth, &number) && !policy_get_number(POLICY_BANDWIDTH, &number))
        return 0;
    return (UINT64)number * UNIT;
}

/* Return the share for this hour of the day; FALSE if there are no business hours. */
static BOOL get_percent_of_hour(const struct class_policies *policies, DWORD *percent)
{
    struct bandwidth_hours hours = {0};
    SYSTEMTIME time;
    DWORD number;

    if (!policy_get_number(policies->hours, &number) || !number || !policy_get_number(policies->hours + 1, &number))
        return FALSE;
    hours.from = number;
    if (!policy_get_number(policies->hours + 2, &number))
        return FALSE;
    hours.to = number;
    if (policy_get_number(policies->hours + 3, &number))
        hours.inside = number;
    if (policy_get_number(policies->hours + 4, &number))
        hours.outside = number;
    GetLocalTime(&time);
    *percent = bandwidth_get_percent(&hours, time.wHour);
    return TRUE;
}

/* Return the limit in bytes per second; 0: none. */
static UINT64 get_percentage_locked(BOOL is_foreground, UINT64 now)
{
    const struct class_policies *policies = &class_policies[is_foreground];
    BOOL has_to_yield = !is_foreground && active_time && now - active_time < ACTIVE_TIME;
    DWORD percent = 0;

    if (!get_percent_of_hour(policies, &percent) && !policy_get_number(policies->percentage, &percent))
        policy_get_number(POLICY_PERCENTAGE, &percent);
    return bandwidth_get_limit(bandwidth_get_reference(&history, day), percent, has_to_yield);
}

static void update_locked(UINT64 now)
{
    UINT i, current = policy_get_version();

    if (current == version && now - update_time < UPDATE_INTERVAL)
        return;
    if (!update_time)
        load_history_locked();
    version = current;
    update_time = now;
    day = get_system_time() / DAY_TICKS;
    for (i = 0; i < ARRAY_SIZE(limits); i++)
    {
        ratelimit_set(&limits[i].absolute, get_absolute(&class_policies[i]), now);
        ratelimit_set(&limits[i].percentage, get_percentage_locked(i, now), now);
    }
}

UINT limiter_take(BOOL is_foreground, BOOL is_near, UINT size, DWORD *wait)
{
    UINT64 now = get_time(), delay = 0;
    UINT allowed;

    is_foreground = !!is_foreground;
    AcquireSRWLockExclusive(&limiter_lock);
    update_locked(now);
    allowed = ratelimit_take(&limits[is_foreground].absolute, size, now, &delay);
    if (allowed && !is_near)
    {
        size = allowed;
        if (!(allowed = ratelimit_take(&limits[is_foreground].percentage, size, now, &delay)))
            is_history_unsaved |= bandwidth_note_held(&history, day);
        ratelimit_return(&limits[is_foreground].absolute, size - allowed);
    }
    ReleaseSRWLockExclusive(&limiter_lock);
    /* A limit may be lifted meanwhile. */
    *wait = min((delay + 999) / 1000, UPDATE_INTERVAL / 1000);
    return allowed;
}

UINT64 limiter_get_reference(void)
{
    UINT64 reference;

    AcquireSRWLockExclusive(&limiter_lock);
    update_locked(get_time());
    reference = bandwidth_get_reference(&history, day);
    ReleaseSRWLockExclusive(&limiter_lock);
    return reference;
}

void limiter_settle(BOOL is_foreground, BOOL is_near, UINT taken, UINT received)
{
    struct bandwidth_history saved;
    UINT64 now = get_time();
    BOOL has_to_save;

    is_foreground = !!is_foreground;
    AcquireSRWLockExclusive(&limiter_lock);
    ratelimit_return(&limits[is_foreground].absolute, taken - received);
    if (is_foreground && received)
        active_time = now;
    if (!is_near)
    {
        ratelimit_return(&limits[is_foreground].percentage, taken - received);
        is_history_unsaved |= bandwidth_count(&meter, &history, received, now, day);
    }
    /* The key of BITS is Wine's, and has to be as it was when the front has been removed. */
    if ((has_to_save = front->has_policies && is_history_unsaved && now - save_time >= SAVE_INTERVAL))
    {
        is_history_unsaved = FALSE;
        save_time = now;
        saved = history;
    }
    ReleaseSRWLockExclusive(&limiter_lock);
    if (has_to_save)
        save_history(&saved);
}
