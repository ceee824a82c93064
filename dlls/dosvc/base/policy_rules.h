/*
 * Rules of the settings that administrators make: names, types, bounds
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

/* Pure. Statements are in documentation/spec/policy-cache-integrity.md, section 1. */

#ifndef __DOSVC_POLICY_RULES_H
#define __DOSVC_POLICY_RULES_H

#include "base/types.h"

#define POLICY_MODE_SIMPLE 99  /* HTTP alone, the mode in which this service is */
#define POLICY_MODE_BYPASS 100 /* leave downloads to BITS */

enum policy
{
    /* mode and groups */
    POLICY_DOWNLOAD_MODE,
    POLICY_GROUP_ID,
    POLICY_GROUP_ID_SOURCE,
    POLICY_RESTRICT_PEER_SELECTION_BY,
    /* cache host */
    POLICY_CACHE_HOST,
    POLICY_CACHE_HOST_SOURCE,
    POLICY_CACHE_FALLBACK_FOREGROUND,
    POLICY_CACHE_FALLBACK_BACKGROUND,
    POLICY_CACHE_HOST_NOT_ON_VPN,
    /* bandwidth; of each pair the background comes right behind the foreground */
    POLICY_BANDWIDTH_FOREGROUND,
    POLICY_BANDWIDTH_BACKGROUND,
    POLICY_BANDWIDTH,
    POLICY_PERCENTAGE_FOREGROUND,
    POLICY_PERCENTAGE_BACKGROUND,
    POLICY_PERCENTAGE,
    POLICY_HOURS_FOREGROUND,
    POLICY_HOURS_FOREGROUND_FROM,
    POLICY_HOURS_FOREGROUND_TO,
    POLICY_HOURS_FOREGROUND_IN,
    POLICY_HOURS_FOREGROUND_OUT,
    POLICY_HOURS_BACKGROUND,
    POLICY_HOURS_BACKGROUND_FROM,
    POLICY_HOURS_BACKGROUND_TO,
    POLICY_HOURS_BACKGROUND_IN,
    POLICY_HOURS_BACKGROUND_OUT,
    POLICY_MIN_BACKGROUND_QOS,
    POLICY_MAX_UPLOAD_BANDWIDTH,
    POLICY_MONTHLY_UPLOAD_DATA_CAP,
    /* peers */
    POLICY_DELAY_FOREGROUND_FROM_HTTP,
    POLICY_DELAY_BACKGROUND_FROM_HTTP,
    POLICY_MIN_RAM_TO_PEER,
    POLICY_MIN_DISK_SIZE_TO_PEER,
    POLICY_ALLOW_VPN_PEER_CACHING,
    POLICY_MIN_BATTERY_TO_UPLOAD,
    /* disk and network */
    POLICY_MIN_FILE_SIZE_TO_CACHE,
    POLICY_MAX_CACHE_AGE,
    POLICY_MAX_CACHE_SIZE,
    POLICY_ABSOLUTE_MAX_CACHE_SIZE,
    POLICY_MODIFY_CACHE_DRIVE,
    POLICY_VPN_KEYWORDS,
    /* in the keys of settings only */
    POLICY_STRICT_BYPASS_MODE,
    POLICY_CACHE_HOST_ALLOW_HTTPS,
    POLICY_CACHE_HOST_SHUFFLE,
    POLICY_CACHE_HOST_USE_PROXY,
    POLICY_CACHE_HOST_ORIGIN_FILTER,
    POLICY_CACHE_HOST_ORIGIN_MAP,
    POLICY_CACHE_HOST_DISCOVERY,
    POLICY_SHARED_CACHE,
    POLICY_USER_AGENT,
    POLICY_NETWORK_COST,
    POLICY_NETWORK_IS_CELLULAR,
    POLICY_NETWORK_IS_VPN,
    POLICY_ON_BATTERY,
    POLICY_PAUSE_ON_BATTERY,
    POLICY_VERBOSE_LOGS,
    /* policies of BITS */
    POLICY_JOB_INACTIVITY,
    POLICY_MAX_JOBS_PER_USER,
    POLICY_MAX_JOBS_PER_MACHINE,
    POLICY_MAX_FILES_PER_JOB,
    POLICY_MAX_RANGES_PER_FILE,

    POLICY_COUNT,
};

enum policy_type
{
    POLICY_NUMBER, /* REG_DWORD, or REG_SZ with a decimal number */
    POLICY_TEXT,   /* REG_SZ */
    POLICY_LIST,   /* REG_SZ with commas, or REG_MULTI_SZ */
};

/* Effect of a setting in this version of the service. */
enum policy_action
{
    POLICY_USED,
    POLICY_SHOWN,   /* read and reported, without another effect */
    POLICY_IGNORED, /* without meaning where there are no peers */
};

struct policy_rule
{
    const WCHAR *name;
    const WCHAR *alias; /* counts where the name has no value; or NULL */
    enum policy_type type;
    DWORD min, max;     /* of a number */
    BOOL (*is_special)(DWORD number); /* allows a number beyond the bounds; or NULL */
    const WCHAR *unit;  /* of a number, or NULL */
    const WCHAR *default_value; /* in decimal for a number; NULL: not set */
    enum policy_action action;
    BOOL is_setting;    /* policies do not have it */
    BOOL is_of_bits;    /* settings do not have it: it is in the key of BITS' policies */
};

extern const struct policy_rule policy_rules[POLICY_COUNT];

/* Find a setting by its name or alias, in any case. */
extern BOOL policy_find(const WCHAR *name, enum policy *policy);
/* Return whether a setting may have this number. */
extern BOOL policy_allows(const struct policy_rule *rule, DWORD number);
/* Read a number from the data of a registry value, size in bytes. FALSE if its type or the number will not do. */
extern BOOL policy_parse_number(const struct policy_rule *rule, DWORD type, const void *data, DWORD size,
        DWORD *number);
/* Read a text or a list, with commas, from the data of a registry value, size in bytes. NULL if its type will not do,
 * or if out of memory. The caller frees it. */
extern WCHAR *policy_parse_text(const struct policy_rule *rule, DWORD type, const void *data, DWORD size);

#endif /* __DOSVC_POLICY_RULES_H */
