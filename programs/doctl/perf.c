/*
 * doctl perf: counters
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


#include "doctl.h"
#include "base/policy_registry.h"

struct perf_values
{
    BOOL month;
    BOOL json;
};

const struct option perf_options[] =
{
    {L"month", 'm', OPTION_FLAG, offsetof(struct perf_values, month)},
    {L"json",  'j', OPTION_FLAG, offsetof(struct perf_values, json)},
    {NULL}
};

enum column
{
    BACKGROUND,
    FOREGROUND,
};

/* Present state of all files. */
struct perf
{
    BOOL json;
    UINT64 files;
    UINT64 running[2], pending[2];
};

static void count_row(const GUID *id, const struct row *row, void *context)
{
    struct perf *perf = context;
    enum column column;

    if (!row)
        return;
    column = row->stats.isBackground ? BACKGROUND : FOREGROUND;
    perf->files++;
    if (row->status.state == BG_JOB_STATE_TRANSFERRING || row->status.state == BG_JOB_STATE_CONNECTING)
        perf->running[column]++;
    else if (row->status.state == BG_JOB_STATE_QUEUED || row->status.state == BG_JOB_STATE_TRANSIENT_ERROR)
        perf->pending[column]++;
}

static void write_member(const struct perf *perf, const WCHAR *name, const WCHAR *value, BOOL quote)
{
    if (perf->json)
        write_json_member(name, value, quote);
    else
        write_list_member(name, value);
}

static void write_number(const struct perf *perf, const WCHAR *name, UINT64 number)
{
    WCHAR text[24];

    swprintf(text, ARRAY_SIZE(text), L"%I64u", number);
    write_member(perf, name, text, FALSE);
}

/* Write counters of what there is not: peers, uploads to them, and a cache of files for them. */
static void write_zeros(const struct perf *perf, const WCHAR * const *names, unsigned int count)
{
    unsigned int i;

    for (i = 0; i < count; ++i)
        write_number(perf, names[i], 0);
}

static UINT64 divide(UINT64 number, UINT64 divisor)
{
    return divisor ? number / divisor : 0;
}

static UINT64 sum_bytes(const DOSVC_USAGE *usage)
{
    return usage[BACKGROUND].serverBytes + usage[BACKGROUND].cacheBytes + usage[FOREGROUND].serverBytes
            + usage[FOREGROUND].cacheBytes;
}

/* Write the room on the drive of the service. */
static void write_disk(const struct perf *perf)
{
    ULARGE_INTEGER available, total;
    WCHAR folder[MAX_PATH];

    if (!GetWindowsDirectoryW(folder, ARRAY_SIZE(folder)) || !GetDiskFreeSpaceExW(folder, &available, &total, NULL))
        return;
    write_number(perf, L"TotalDiskBytes", total.QuadPart);
    write_number(perf, L"AvailableDiskBytes", available.QuadPart);
}

static void write_process(const struct perf *perf, const DOSVC_COUNTERS *counters)
{
    SYSTEM_INFO system;

    GetSystemInfo(&system);
    write_number(perf, L"CpuUsagePct", divide(counters->processorTime * 100,
            counters->uptime * system.dwNumberOfProcessors));
    write_number(perf, L"MemUsageKB", counters->memory / 1024);
    write_number(perf, L"UptimeSeconds", counters->uptime / 1000);
}

static UINT64 get_percentage(enum policy policy)
{
    struct policy_value value;

    policy_read(policy, policy_places, POLICY_PLACE_COUNT, &value);
    free(value.text);
    return value.provider == PROVIDER_DEFAULT ? 0 : value.number;
}

static void write_snapshot(const struct perf *perf, const DOSVC_COUNTERS *counters)
{
    static const WCHAR * const uploads[] = {L"FilesUploaded", L"TotalBytesUploaded", L"AverageUploadSize",
            L"CacheSizeBytes", L"NumberOfPeers", L"LanConnections", L"LinkLocalConnections", L"GroupConnections",
            L"InternetConnections", L"UplinkBps", L"UplinkUsageBps", L"UploadRatePct", L"UploadCount"};
    const DOSVC_USAGE *total = counters->total;

    write_number(perf, L"FilesDownloaded", counters->files);
    write_number(perf, L"Files", perf->files);
    write_number(perf, L"TotalBytesDownloaded", sum_bytes(total));
    write_number(perf, L"BytesFromCdn", total[BACKGROUND].serverBytes + total[FOREGROUND].serverBytes);
    write_number(perf, L"BytesFromCacheServer", total[BACKGROUND].cacheBytes + total[FOREGROUND].cacheBytes);
    write_number(perf, L"AverageDownloadSize", divide(sum_bytes(total), counters->files));
    write_member(perf, L"DownloadMode", L"Simple", TRUE);
    write_disk(perf);
    write_process(perf, counters);
    write_number(perf, L"CacheHostConnections", counters->cacheConnections);
    write_number(perf, L"CdnConnections", counters->serverConnections);
    write_number(perf, L"DownlinkBps", counters->line);
    write_number(perf, L"DownlinkUsageBps", counters->rate);
    write_number(perf, L"ForegroundDownloadRatePct", get_percentage(POLICY_PERCENTAGE_FOREGROUND));
    write_number(perf, L"BackgroundDownloadRatePct", get_percentage(POLICY_PERCENTAGE_BACKGROUND));
    write_number(perf, L"ForegroundDownloadCount", perf->running[FOREGROUND]);
    write_number(perf, L"ForegroundDownloadsPending", perf->pending[FOREGROUND]);
    write_number(perf, L"BackgroundDownloadCount", perf->running[BACKGROUND]);
    write_number(perf, L"BackgroundDownloadsPending", perf->pending[BACKGROUND]);
    write_zeros(perf, uploads, ARRAY_SIZE(uploads));
}

/* Return the average of the seconds in which something came, in kilobits. */
static UINT64 get_rate(const DOSVC_USAGE *usage)
{
    return divide((usage->serverBytes + usage->cacheBytes) * 8 / 1000, usage->seconds);
}

static void write_month(const struct perf *perf, const DOSVC_COUNTERS *counters)
{
    static const WCHAR * const uploads[] = {L"UploadLanBytes", L"UploadInternetBytes", L"DownloadLanBytes",
            L"DownloadInternetBytes"};
    const DOSVC_USAGE *month = counters->month;
    WCHAR date[40];

    write_number(perf, L"DownloadHttpBytes", month[BACKGROUND].serverBytes + month[FOREGROUND].serverBytes);
    write_number(perf, L"DownloadCacheHostBytes", month[BACKGROUND].cacheBytes + month[FOREGROUND].cacheBytes);
    write_number(perf, L"DownloadFgRateKbps", get_rate(&month[FOREGROUND]));
    write_number(perf, L"DownloadBgRateKbps", get_rate(&month[BACKGROUND]));
    write_zeros(perf, uploads, ARRAY_SIZE(uploads));
    write_member(perf, L"UploadLimitReached", L"false", FALSE);
    swprintf(date, ARRAY_SIZE(date), L"%04u-%02u-01T00:00:00Z", counters->year, counters->monthOfYear);
    write_member(perf, L"MonthStartDate", date, TRUE);
}

static HRESULT get_counters(const struct service *service, DOSVC_COUNTERS *counters)
{
    IDosvcStatus *status;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyManager_QueryInterface(service->jobs, &IID_IDosvcStatus, (void **)&status)))
        return hr;
    hr = IDosvcStatus_GetCounters(status, counters);
    IDosvcStatus_Release(status);
    return hr;
}

enum exit_code perf_run(const struct verb *verb, const void *values, WCHAR **args)
{
    const struct perf_values *options = values;
    struct perf perf = {options->json};
    DOSVC_COUNTERS counters;
    struct service service;
    HRESULT hr;

    if (FAILED(hr = service_open(&service)))
        return report_no_service(hr);
    if (SUCCEEDED(hr = get_counters(&service, &counters)))
        hr = enum_rows(&service, count_row, &perf);
    service_close(&service);
    if (FAILED(hr))
        return report_error(hr, NULL);
    hold_output(TRUE);
    if (perf.json)
        write_text(STD_OUTPUT_HANDLE, L"{\"schema\":1");
    if (options->month)
        write_month(&perf, &counters);
    else
        write_snapshot(&perf, &counters);
    if (perf.json)
        write_text(STD_OUTPUT_HANDLE, L"}\n");
    hold_output(FALSE);
    return EXIT_DONE;
}
