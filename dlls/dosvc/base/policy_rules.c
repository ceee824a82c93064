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

#include <stdlib.h>

#include "base/policy_rules.h"
#include "base/text.h"

#define MONTH   2592000 /* seconds */
#define NEVER   ~0u

static BOOL is_mode(DWORD number)
{
    return number == POLICY_MODE_SIMPLE || number == POLICY_MODE_BYPASS;
}

static BOOL is_never(DWORD number)
{
    return number == NEVER;
}

#define A_NUMBER(min, max)  POLICY_NUMBER, (min), (max), NULL
#define A_FLAG              A_NUMBER(0, 1), NULL
#define A_PERCENT           A_NUMBER(0, 100), L"%"
#define A_HOUR              A_NUMBER(0, 23), L"h"
#define A_TEXT              POLICY_TEXT, 0, 0, NULL, NULL
#define A_LIST              POLICY_LIST, 0, 0, NULL, NULL
/* Published lists of the values spell the names of this group without "DO". */
#define NAME_OF_HOURS(end)  L"SetHoursToLimit" end, L"DOSetHoursToLimit" end

const struct policy_rule policy_rules[POLICY_COUNT] =
{
    [POLICY_DOWNLOAD_MODE] = { L"DODownloadMode", NULL, POLICY_NUMBER, 0, 3, is_mode, NULL, L"1", POLICY_USED },
    [POLICY_GROUP_ID] = { L"DOGroupId", NULL, A_TEXT, NULL, POLICY_IGNORED },
    [POLICY_GROUP_ID_SOURCE] = { L"DOGroupIdSource", NULL, A_NUMBER(0, 5), NULL, L"0", POLICY_IGNORED },
    [POLICY_RESTRICT_PEER_SELECTION_BY] =
        { L"DORestrictPeerSelectionBy", NULL, A_NUMBER(0, 2), NULL, L"0", POLICY_IGNORED },

    [POLICY_CACHE_HOST] = { L"DOCacheHost", NULL, A_LIST, NULL, POLICY_USED },
    [POLICY_CACHE_HOST_SOURCE] = { L"DOCacheHostSource", NULL, A_NUMBER(0, 2), NULL, NULL, POLICY_SHOWN },
    [POLICY_CACHE_FALLBACK_FOREGROUND] = { L"DODelayCacheServerFallbackForeground",
        L"DelayCacheServerFallbackForeground", POLICY_NUMBER, 0, MONTH, is_never, L"s", NULL, POLICY_USED },
    [POLICY_CACHE_FALLBACK_BACKGROUND] = { L"DODelayCacheServerFallbackBackground",
        L"DelayCacheServerFallbackBackground", POLICY_NUMBER, 0, MONTH, is_never, L"s", NULL, POLICY_USED },
    [POLICY_CACHE_HOST_NOT_ON_VPN] = { L"DODisallowCacheServerDownloadsOnVPN", NULL, A_FLAG, L"0", POLICY_USED },

    [POLICY_BANDWIDTH_FOREGROUND] =
        { L"DOMaxForegroundDownloadBandwidth", NULL, A_NUMBER(0, ~0u), L"KB/s", L"0", POLICY_USED },
    [POLICY_BANDWIDTH_BACKGROUND] =
        { L"DOMaxBackgroundDownloadBandwidth", NULL, A_NUMBER(0, ~0u), L"KB/s", L"0", POLICY_USED },
    [POLICY_BANDWIDTH] = { L"DOMaxDownloadBandwidth", NULL, A_NUMBER(0, ~0u), L"KB/s", L"0", POLICY_USED },
    [POLICY_PERCENTAGE_FOREGROUND] = { L"DOPercentageMaxForegroundBandwidth", NULL, A_PERCENT, L"0", POLICY_USED },
    [POLICY_PERCENTAGE_BACKGROUND] = { L"DOPercentageMaxBackgroundBandwidth", NULL, A_PERCENT, L"0", POLICY_USED },
    [POLICY_PERCENTAGE] = { L"DOPercentageMaxDownloadBandwidth", NULL, A_PERCENT, L"0", POLICY_USED },
    [POLICY_HOURS_FOREGROUND] = { NAME_OF_HOURS(L"ForegroundDownloadBandwidth"), A_FLAG, L"0", POLICY_USED },
    [POLICY_HOURS_FOREGROUND_FROM] = { NAME_OF_HOURS(L"ForegroundDownloadBandwidthFrom"), A_HOUR, NULL, POLICY_USED },
    [POLICY_HOURS_FOREGROUND_TO] = { NAME_OF_HOURS(L"ForegroundDownloadBandwidthTo"), A_HOUR, NULL, POLICY_USED },
    [POLICY_HOURS_FOREGROUND_IN] = { NAME_OF_HOURS(L"ForegroundDownloadBandwidthIn"), A_PERCENT, NULL, POLICY_USED },
    [POLICY_HOURS_FOREGROUND_OUT] = { NAME_OF_HOURS(L"ForegroundDownloadBandwidthOut"), A_PERCENT, NULL, POLICY_USED },
    [POLICY_HOURS_BACKGROUND] = { NAME_OF_HOURS(L"BackgroundDownloadBandwidth"), A_FLAG, L"0", POLICY_USED },
    [POLICY_HOURS_BACKGROUND_FROM] = { NAME_OF_HOURS(L"BackgroundDownloadBandwidthFrom"), A_HOUR, NULL, POLICY_USED },
    [POLICY_HOURS_BACKGROUND_TO] = { NAME_OF_HOURS(L"BackgroundDownloadBandwidthTo"), A_HOUR, NULL, POLICY_USED },
    [POLICY_HOURS_BACKGROUND_IN] = { NAME_OF_HOURS(L"BackgroundDownloadBandwidthIn"), A_PERCENT, NULL, POLICY_USED },
    [POLICY_HOURS_BACKGROUND_OUT] = { NAME_OF_HOURS(L"BackgroundDownloadBandwidthOut"), A_PERCENT, NULL, POLICY_USED },
    [POLICY_MIN_BACKGROUND_QOS] = { L"DOMinBackgroundQos", NULL, A_NUMBER(1, ~0u), L"KB/s", L"2500", POLICY_SHOWN },
    [POLICY_MAX_UPLOAD_BANDWIDTH] = { L"DOMaxUploadBandwidth", NULL, A_NUMBER(0, ~0u), L"KB/s", L"0", POLICY_IGNORED },
    [POLICY_MONTHLY_UPLOAD_DATA_CAP] =
        { L"DOMonthlyUploadDataCap", NULL, A_NUMBER(0, ~0u), L"GB", L"20", POLICY_IGNORED },

    [POLICY_DELAY_FOREGROUND_FROM_HTTP] =
        { L"DODelayForegroundDownloadFromHttp", NULL, A_NUMBER(0, ~0u), L"s", L"0", POLICY_IGNORED },
    [POLICY_DELAY_BACKGROUND_FROM_HTTP] =
        { L"DODelayBackgroundDownloadFromHttp", NULL, A_NUMBER(0, ~0u), L"s", L"0", POLICY_IGNORED },
    [POLICY_MIN_RAM_TO_PEER] = { L"DOMinRAMAllowedToPeer", NULL, A_NUMBER(1, 100000), L"GB", L"4", POLICY_IGNORED },
    [POLICY_MIN_DISK_SIZE_TO_PEER] =
        { L"DOMinDiskSizeAllowedToPeer", NULL, A_NUMBER(1, 100000), L"GB", L"32", POLICY_IGNORED },
    [POLICY_ALLOW_VPN_PEER_CACHING] = { L"DOAllowVPNPeerCaching", NULL, A_FLAG, L"0", POLICY_IGNORED },
    [POLICY_MIN_BATTERY_TO_UPLOAD] =
        { L"DOMinBatteryPercentageAllowedToUpload", NULL, A_PERCENT, NULL, POLICY_IGNORED },

    [POLICY_MIN_FILE_SIZE_TO_CACHE] =
        { L"DOMinFileSizeToCache", NULL, A_NUMBER(1, 100000), L"MB", L"1", POLICY_SHOWN },
    [POLICY_MAX_CACHE_AGE] = { L"DOMaxCacheAge", NULL, A_NUMBER(0, ~0u), L"s", L"259200", POLICY_SHOWN },
    [POLICY_MAX_CACHE_SIZE] = { L"DOMaxCacheSize", NULL, A_NUMBER(1, 100), L"%", L"20", POLICY_SHOWN },
    [POLICY_ABSOLUTE_MAX_CACHE_SIZE] = { L"DOAbsoluteMaxCacheSize", NULL, A_NUMBER(0, ~0u), L"GB", NULL, POLICY_SHOWN },
    [POLICY_MODIFY_CACHE_DRIVE] = { L"DOModifyCacheDrive", NULL, A_TEXT, L"%SystemDrive%", POLICY_USED },
    [POLICY_VPN_KEYWORDS] = { L"DOVpnKeywords", NULL, A_LIST, L"VPN,Secure,Virtual Private Network", POLICY_USED },

    [POLICY_STRICT_BYPASS_MODE] = { L"StrictBypassMode", NULL, A_FLAG, L"0", POLICY_USED, TRUE },
    [POLICY_CACHE_HOST_ALLOW_HTTPS] = { L"CacheHostAllowHttps", NULL, A_FLAG, L"0", POLICY_USED, TRUE },
    [POLICY_CACHE_HOST_SHUFFLE] = { L"CacheHostShuffle", NULL, A_FLAG, L"0", POLICY_USED, TRUE },
    [POLICY_CACHE_HOST_USE_PROXY] = { L"CacheHostUseProxy", NULL, A_FLAG, L"0", POLICY_USED, TRUE },
    [POLICY_CACHE_HOST_ORIGIN_FILTER] = { L"CacheHostOriginFilter", NULL, A_LIST, NULL, POLICY_USED, TRUE },
    [POLICY_CACHE_HOST_ORIGIN_MAP] = { L"CacheHostOriginMap", NULL, A_LIST, NULL, POLICY_USED, TRUE },
    [POLICY_CACHE_HOST_DISCOVERY] = { L"CacheHostDiscovery", NULL, A_NUMBER(0, 2), NULL, L"0", POLICY_SHOWN, TRUE },
    [POLICY_SHARED_CACHE] = { L"SharedCache", NULL, A_TEXT, NULL, POLICY_SHOWN, TRUE },
    [POLICY_USER_AGENT] = { L"UserAgent", NULL, A_TEXT, NULL, POLICY_USED, TRUE },
    [POLICY_NETWORK_COST] = { L"NetworkCost", NULL, A_NUMBER(0, 0x800000ff), NULL, NULL, POLICY_USED, TRUE },
    [POLICY_NETWORK_IS_CELLULAR] = { L"NetworkIsCellular", NULL, A_FLAG, NULL, POLICY_USED, TRUE },
    [POLICY_NETWORK_IS_VPN] = { L"NetworkIsVpn", NULL, A_FLAG, NULL, POLICY_USED, TRUE },
    [POLICY_ON_BATTERY] = { L"OnBattery", NULL, A_FLAG, NULL, POLICY_USED, TRUE },
    [POLICY_PAUSE_ON_BATTERY] = { L"PauseOnBattery", NULL, A_FLAG, L"0", POLICY_USED, TRUE },
    [POLICY_VERBOSE_LOGS] = { L"VerboseLogs", NULL, A_FLAG, L"0", POLICY_USED, TRUE },

    [POLICY_JOB_INACTIVITY] = { L"JobInactivityTimeout", NULL, A_NUMBER(1, ~0u), L"s", NULL, POLICY_USED, FALSE, TRUE },
    [POLICY_MAX_JOBS_PER_USER] = { L"MaxJobsPerUser", NULL, A_NUMBER(1, ~0u), NULL, NULL, POLICY_SHOWN, FALSE, TRUE },
    [POLICY_MAX_JOBS_PER_MACHINE] =
        { L"MaxJobsPerMachine", NULL, A_NUMBER(1, ~0u), NULL, NULL, POLICY_SHOWN, FALSE, TRUE },
    [POLICY_MAX_FILES_PER_JOB] = { L"MaxFilesPerJob", NULL, A_NUMBER(1, ~0u), NULL, NULL, POLICY_SHOWN, FALSE, TRUE },
    [POLICY_MAX_RANGES_PER_FILE] =
        { L"MaxRangesPerFile", NULL, A_NUMBER(1, ~0u), NULL, NULL, POLICY_SHOWN, FALSE, TRUE },
};

BOOL policy_find(const WCHAR *name, enum policy *policy)
{
    UINT i;

    for (i = 0; i < POLICY_COUNT; i++)
    {
        if (!text_is_same(name, policy_rules[i].name)
                && !(policy_rules[i].alias && text_is_same(name, policy_rules[i].alias)))
            continue;
        *policy = i;
        return TRUE;
    }
    return FALSE;
}

BOOL policy_allows(const struct policy_rule *rule, DWORD number)
{
    return (number >= rule->min && number <= rule->max) || (rule->is_special && rule->is_special(number));
}

/* Return the length of the first string in the data, which may lack its end. */
static UINT get_length(const WCHAR *text, UINT max)
{
    UINT length = 0;

    while (length < max && text[length])
        length++;
    return length;
}

BOOL policy_parse_number(const struct policy_rule *rule, DWORD type, const void *data, DWORD size, DWORD *number)
{
    UINT value;

    if (type == REG_DWORD && size == sizeof(value))
        memcpy(&value, data, sizeof(value));
    else if (type != REG_SZ || !text_parse_number(data, get_length(data, size / sizeof(WCHAR)), ~0u, &value))
        return FALSE;
    if (rule->type != POLICY_NUMBER || !policy_allows(rule, value))
        return FALSE;
    *number = value;
    return TRUE;
}

/* Join the strings in the data with commas, up to the empty one at their end. */
static void join(const WCHAR *strings, UINT max, WCHAR *text)
{
    UINT length, start = 0, written = 0;

    while (start < max && (length = get_length(strings + start, max - start)))
    {
        if (written)
            text[written++] = ',';
        memcpy(text + written, strings + start, length * sizeof(WCHAR));
        written += length;
        start += length + 1;
    }
    text[written] = 0;
}

WCHAR *policy_parse_text(const struct policy_rule *rule, DWORD type, const void *data, DWORD size)
{
    UINT max = size / sizeof(WCHAR);
    WCHAR *text;

    if (rule->type == POLICY_NUMBER || (type != REG_SZ && (type != REG_MULTI_SZ || rule->type != POLICY_LIST)))
        return NULL;
    if (!(text = calloc(max + 1, sizeof(*text))))
        return NULL;
    if (type == REG_MULTI_SZ)
        join(data, max, text);
    else
        memcpy(text, data, get_length(data, max) * sizeof(WCHAR));
    return text;
}
