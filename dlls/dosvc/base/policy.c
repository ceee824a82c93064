/*
 * Settings that administrators make, as they are at the moment
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

/* Values are read when they are asked for, and kept until one of the keys changes. Nothing watches the keys: they
 * usually do not exist, and to notice when they come, all of HKLM\Software would have to be watched, with a thread that
 * each installation of a program wakes. To compare the times of the keys once a second costs a few calls to the
 * registry, and none at all while nothing is downloaded. */

#include <stdlib.h>
#include <wchar.h>

#include "base/front.h"
#include "base/policy.h"
#include "base/policy_registry.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define CHECK_INTERVAL 1000 /* ms */

static SRWLOCK policy_lock = SRWLOCK_INIT;
/* protected by policy_lock */
static struct
{
    UINT version; /* at which it was read; 0: not yet */
    struct policy_value value;
}
values[POLICY_COUNT];
static UINT version; /* 0: not yet looked at the keys */
static ULONGLONG check_time;
static UINT64 key_times[POLICY_PLACE_COUNT + 1];

/* Return the places of the settings of this service. BITS has its own key only. */
static const struct policy_place *get_places(UINT *count)
{
    static struct policy_place own;

    if (front->has_policies)
    {
        *count = POLICY_PLACE_COUNT;
        return policy_places;
    }
    own.root = HKEY_LOCAL_MACHINE;
    own.path = front->parameters_key;
    own.provider = PROVIDER_SETTINGS;
    *count = 1;
    return &own;
}

/* Return the value as of the last look at the keys. */
static const struct policy_value *read_value_locked(enum policy policy)
{
    struct policy_value *value = &values[policy].value;
    const WCHAR *rejected = value->rejected;
    const struct policy_place *places;
    UINT count;

    if (values[policy].version == version)
        return value;
    values[policy].version = version;
    free(value->text);
    places = get_places(&count);
    policy_read(policy, places, count, value);
    if (value->rejected && value->rejected != rejected)
        WARN("%s has the wrong type, or is out of its range, and counts as not set.\n", debugstr_w(value->rejected));
    return value;
}

static void check_locked(BOOL is_forced)
{
    BOOL is_changed = !version;
    const struct policy_place *places;
    ULONGLONG now = GetTickCount64();
    UINT64 time;
    UINT i, count;

    if (version && !is_forced && now - check_time < CHECK_INTERVAL)
        return;
    check_time = now;
    places = get_places(&count);
    for (i = 0; i <= count; i++)
    {
        time = policy_place_time(i < count ? &places[i] : &policy_bits_place);
        is_changed |= time != key_times[i];
        key_times[i] = time;
    }
    if (!is_changed)
        return;
    version++;
    log_set_verbose(read_value_locked(POLICY_VERBOSE_LOGS)->number);
}

/* Return the value, which is valid while the lock is held. */
static const struct policy_value *get_value_locked(enum policy policy)
{
    check_locked(FALSE);
    return read_value_locked(policy);
}

BOOL policy_get_number(enum policy policy, DWORD *number)
{
    const struct policy_value *value;
    BOOL is_set;

    AcquireSRWLockExclusive(&policy_lock);
    value = get_value_locked(policy);
    if ((is_set = value->provider != PROVIDER_DEFAULT))
        *number = value->number;
    ReleaseSRWLockExclusive(&policy_lock);
    return is_set;
}

WCHAR *policy_get_string(enum policy policy)
{
    const struct policy_value *value;
    WCHAR *text;

    AcquireSRWLockExclusive(&policy_lock);
    value = get_value_locked(policy);
    text = value->text ? wcsdup(value->text) : NULL;
    ReleaseSRWLockExclusive(&policy_lock);
    return text;
}

UINT policy_get_version(void)
{
    UINT ret;

    AcquireSRWLockExclusive(&policy_lock);
    check_locked(FALSE);
    ret = version;
    ReleaseSRWLockExclusive(&policy_lock);
    return ret;
}

void policy_refresh(void)
{
    AcquireSRWLockExclusive(&policy_lock);
    check_locked(TRUE);
    ReleaseSRWLockExclusive(&policy_lock);
}
