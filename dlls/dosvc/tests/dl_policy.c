/*
 * Settings of administrators
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

#include "dosvc_test.h"
#include "download.h"
#include "control.h"
#include "policy.h"
#include "slow.h"

/* How long something takes at least follows from a limit; a busy machine makes it longer. Limits are given in KB, which
 * are 1024 bytes. A limit is kept if its time is reached but for a tenth, and something more for the clock's ticks. */

#define P(name) DODownloadProperty_ ## name

#define KB 1024
#define TICK_MS 20

#define check_least_time(id, time, bytes, rate) check_least_time_(__FILE__, __LINE__, id, time, bytes, rate)
static void check_least_time_(const char *file, int line, const char *id, DWORD time, UINT64 bytes, UINT64 rate)
{
    DWORD least = bytes * 900 / rate;

    ok_(file, line)(time + TICK_MS >= least, "%s: it took %lu ms, and the limit demands %lu.\n", id, time, least);
}

/* Starts a download of a new resource; the caller deletes the file. */
static IDODownload *start_new(const char *id, struct dl_fixture *fixture, const WCHAR *path, UINT64 size,
        BOOL is_foreground, struct resource **resource)
{
    static LONG count;
    IDODownload *download;
    char name[32];

    sprintf(name, "/%ld", InterlockedIncrement(&count));
    *resource = origin_add_resource(fixture->origin, name, size);
    download = prepare_download(id, fixture, (*resource)->url, path);
    check_hr(id, dl_set_bool(download, P(ForegroundPriority), is_foreground), S_OK);
    dl_start(id, download);
    return download;
}

/* Downloads so many bytes, and gives the milliseconds that it took. */
static DWORD download_new(const char *id, struct dl_fixture *fixture, UINT64 size, BOOL is_foreground)
{
    DWORD time = GetTickCount();
    struct resource *resource;
    IDODownload *download;

    download = start_new(id, fixture, fixture->path, size, is_foreground, &resource);
    dl_finish(id, download, fixture->path, resource);
    time = GetTickCount() - time;
    dl_discard(download);
    DeleteFileW(fixture->path);
    return time;
}

static void test_mode(void)
{
    static const DWORD modes[] = { 0, 1, 2, 3, 99 };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(modes); ++i)
    {
        if (set_policy("POL-002", L"DODownloadMode", modes[i]))
            download_new("POL-002", &fixture, 10000, TRUE);
    }
    if (set_policy("POL-003", L"DODownloadMode", 100))
    {
        download_new("POL-003", &fixture, 10000, TRUE);
        /* Only settings have this. */
        set_policy("POL-003", L"StrictBypassMode", 1);
        download_new("POL-003", &fixture, 10000, TRUE);
        remove_policy(L"StrictBypassMode");
        set_do_setting("POL-003", DO_SETTINGS, L"StrictBypassMode", 1);
        resource = origin_add_resource(fixture.origin, "/strict", 1000);
        download = prepare_download("POL-003", &fixture, resource->url, fixture.path);
        check_hr("POL-003", IDODownload_Start(download, NULL), DO_E_NO_DOWNLOAD_EXTSETTINGS);
        check_dl_state("POL-003", download, DODownloadState_Created);
        set_policy("POL-003", L"DODownloadMode", 99);
        dl_start("POL-003", download);
        dl_finish("POL-003", download, fixture.path, resource);
        dl_discard(download);
        remove_do_setting(DO_SETTINGS, L"StrictBypassMode");
    }
    remove_policy(L"DODownloadMode");
    dl_close(&fixture);
}

/* Without peers nobody waits for them. */
static void test_delay(void)
{
    struct dl_fixture fixture;

    if (!dl_open(&fixture))
        return;
    if (set_policy("POL-009", L"DODelayForegroundDownloadFromHttp", 3600)
            && set_policy("POL-009", L"DODelayBackgroundDownloadFromHttp", 3600))
    {
        download_new("POL-009", &fixture, 10000, TRUE);
        download_new("POL-009", &fixture, 10000, FALSE);
    }
    remove_policy(L"DODelayForegroundDownloadFromHttp");
    remove_policy(L"DODelayBackgroundDownloadFromHttp");
    dl_close(&fixture);
}

/* The limit that is ignored would take a quarter of an hour. */
static void test_wrong_values(void)
{
    static const struct
    {
        DWORD type;
        const WCHAR *data;
        DWORD size;
    }
    tests[] =
    {
        { REG_BINARY, L"\1", 4 },
        { REG_SZ, L"fast", 10 },
        { REG_SZ, L"1 KB", 10 },
        { REG_EXPAND_SZ, L"1", 4 },
        { REG_MULTI_SZ, L"1\0", 6 },
        { REG_QWORD, L"\1\0\0\0", 8 },
    };
    const WCHAR *name = L"DOMaxForegroundDownloadBandwidth";
    struct dl_fixture fixture;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(tests); ++i)
    {
        if (set_value("POL-010", POLICIES, name, tests[i].type, tests[i].data, tests[i].size, KEY_WOW64_64KEY))
            download_new("POL-010", &fixture, 1000 * KB, TRUE);
    }
    remove_policy(name);
    dl_close(&fixture);
}

/* In the registry of 64-bit programs. */
static BOOL has_policy(const WCHAR *name)
{
    BOOL ret;
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, POLICIES, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key))
        return FALSE;
    ret = !RegQueryValueExW(key, name, NULL, NULL, NULL, NULL);
    RegCloseKey(key);
    return ret;
}

static void test_precedence(void)
{
    const WCHAR *name = L"DOMaxForegroundDownloadBandwidth";
    struct dl_fixture fixture;
    DWORD twenty = 20, time;

    if (!dl_open(&fixture))
        return;
    if (set_do_setting("POL-013", DO_SETTINGS, name, 20) && set_policy("POL-013", name, 0))
    {
        download_new("POL-013", &fixture, 1000 * KB, TRUE);
        remove_policy(name);
        time = download_new("POL-013", &fixture, 60 * KB, TRUE);
        check_least_time("POL-013", time, 60 * KB, 20 * KB);
        /* A decimal number in a string is one; a value that is none does not hide another one. */
        set_policy_text("POL-013", name, L"30");
        time = download_new("POL-013", &fixture, 60 * KB, TRUE);
        check_least_time("POL-013", time, 60 * KB, 30 * KB);
        set_policy_text("POL-013", name, L"none");
        time = download_new("POL-013", &fixture, 60 * KB, TRUE);
        check_least_time("POL-013", time, 60 * KB, 20 * KB);
    }
    remove_do_setting(DO_SETTINGS, name);
    remove_policy(name);
    if (set_value("POL-014", POLICIES, name, REG_DWORD, &twenty, sizeof(twenty), KEY_WOW64_32KEY))
    {
        /* Programs of both widths have the same policies, or this one is not for the service. */
        time = download_new("POL-014", &fixture, has_policy(name) ? 60 * KB : 1000 * KB, TRUE);
        if (has_policy(name))
            check_least_time("POL-014", time, 60 * KB, 20 * KB);
        set_value("POL-014", POLICIES, name, 0, NULL, 0, KEY_WOW64_32KEY);
    }
    dl_close(&fixture);
}

static void test_background_limit(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    WCHAR path[MAX_PATH];
    DWORD time;

    if (!dl_open(&fixture))
        return;
    if (set_policy("POL-004", L"DOMaxBackgroundDownloadBandwidth", 100))
    {
        time = GetTickCount();
        download = start_new("POL-004", &fixture, join_path(path, fixture.dir, L"background"), 2000 * KB, FALSE,
                &resource);
        dl_wait_bytes("POL-004", download, 1);
        download_new("POL-004", &fixture, 2000 * KB, TRUE);
        check_dl_state("POL-004", download, DODownloadState_Transferring);
        dl_finish("POL-004", download, path, resource);
        time = GetTickCount() - time;
        check_least_time("POL-004", time, 2000 * KB, 100 * KB);
        dl_discard(download);
    }
    remove_policy(L"DOMaxBackgroundDownloadBandwidth");
    dl_close(&fixture);
}

static void test_foreground_limit(void)
{
    struct resource *resource, *resource2;
    IDODownload *download, *download2;
    struct dl_fixture fixture;
    WCHAR path[MAX_PATH];
    DWORD time;

    if (!dl_open(&fixture))
        return;
    if (set_policy("POL-005", L"DOMaxForegroundDownloadBandwidth", 200))
    {
        time = GetTickCount();
        download = start_new("POL-005", &fixture, fixture.path, 600 * KB, TRUE, &resource);
        download2 = start_new("POL-005", &fixture, join_path(path, fixture.dir, L"second"), 600 * KB, TRUE, &resource2);
        dl_finish("POL-005", download, fixture.path, resource);
        dl_finish("POL-005", download2, path, resource2);
        time = GetTickCount() - time;
        check_least_time("POL-005", time, 1200 * KB, 200 * KB);
        dl_discard(download);
        dl_discard(download2);
        /* A download that is moved to the other class has the limit of that. */
        DeleteFileW(fixture.path);
        download = start_new("POL-005", &fixture, fixture.path, 20000 * KB, TRUE, &resource);
        dl_wait_bytes("POL-005", download, 1);
        check_hr("POL-005", dl_set_bool(download, P(ForegroundPriority), FALSE), S_OK);
        dl_finish("POL-005", download, fixture.path, resource);
        dl_discard(download);
    }
    remove_policy(L"DOMaxForegroundDownloadBandwidth");
    dl_close(&fixture);
}

/* Bytes at a time. */
struct point
{
    DWORD before, after; /* the call that told the bytes */
    UINT64 bytes;
};

/* Several connections share the limit, which holds in any ten seconds. */
static void test_any_time(void)
{
    static struct point points[1000];
    unsigned int i, j, count = 0;
    struct resource *resource;
    struct dl_fixture fixture;
    DO_DOWNLOAD_STATUS status;
    IDODownload *download;
    UINT64 bytes;
    DWORD time;

    if (!dl_open(&fixture))
        return;
    resource = add_slow(fixture.origin, "/large", LARGE_SIZE);
    download = prepare_download("POL-005", &fixture, resource->url, fixture.path);
    check_hr("POL-005", dl_set_bool(download, P(ForegroundPriority), TRUE), S_OK);
    if (set_policy("POL-005", L"DOMaxForegroundDownloadBandwidth", 2500))
    {
        dl_start("POL-005", download);
        do
        {
            points[count].before = GetTickCount();
            dl_get_status(download, &status);
            points[count].after = GetTickCount();
            points[count++].bytes = status.BytesTransferred;
            Sleep(100);
        } while (status.State == DODownloadState_Transferring && count < ARRAY_SIZE(points));
        for (i = 0; i < count; ++i)
        {
            for (j = i + 1; j < count && points[j].after - points[i].before < 10000; ++j)
                ;
            if (j == count)
                break;
            bytes = points[j].bytes - points[i].bytes;
            time = points[j].after - points[i].before;
            ok(bytes * 10 <= (UINT64)time * 2500 * KB / 1000 * 11, "POL-005: %s bytes in %lu ms.\n",
                    debugstr_u64(bytes), time);
        }
        ok(i, "POL-005: it took no ten seconds.\n");
        dl_finish("POL-005", download, fixture.path, resource);
    }
    remove_policy(L"DOMaxForegroundDownloadBandwidth");
    dl_discard(download);
    dl_close(&fixture);
}

static UINT64 get_bytes(IDODownload *download)
{
    DO_DOWNLOAD_STATUS status;

    dl_get_status(download, &status);
    return status.BytesTransferred;
}

/* A limit that comes holds after two seconds; one that goes lets the rest pass, which would take an hour. */
static void test_change(void)
{
    const WCHAR *name = L"DOMaxForegroundDownloadBandwidth";
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    UINT64 bytes;
    DWORD time;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/change", 40000 * KB);
    resource->tick_ms = 20;
    resource->tick_bytes = 10 * KB;
    download = prepare_download("POL-006", &fixture, resource->url, fixture.path);
    check_hr("POL-006", dl_set_bool(download, P(ForegroundPriority), TRUE), S_OK);
    dl_start("POL-006", download);
    dl_wait_bytes("POL-006", download, 100 * KB);
    if (set_policy("POL-006", name, 10))
    {
        Sleep(2000);
        bytes = get_bytes(download);
        time = GetTickCount();
        Sleep(3000);
        bytes = get_bytes(download) - bytes;
        time = GetTickCount() - time;
        check_least_time("POL-006", time, bytes, 10 * KB);
        origin_lock(fixture.origin);
        resource->tick_ms = 0;
        origin_unlock(fixture.origin);
        remove_policy(name);
        bytes = get_bytes(download);
        dl_wait_bytes("POL-006", download, bytes + 1000 * KB);
    }
    dl_discard(download);
    dl_close(&fixture);
}

/* As the service keeps it: seconds of measurement, and for each day, modulo 8, the best average. */
struct history
{
    UINT64 seconds;
    struct
    {
        UINT64 day, peak;
    }
    days[8];
};

/* Lets the service believe, at its next start, that the line gives so many bytes a second. */
static BOOL set_reference(const char *id, UINT64 reference)
{
    struct history history = { 30 };
    ULARGE_INTEGER time;
    FILETIME filetime;
    UINT64 day;

    GetSystemTimeAsFileTime(&filetime);
    time.u.LowPart = filetime.dwLowDateTime;
    time.u.HighPart = filetime.dwHighDateTime;
    day = time.QuadPart / ((UINT64)24 * 60 * 60 * 10000000);
    history.days[day % ARRAY_SIZE(history.days)].day = day;
    history.days[day % ARRAY_SIZE(history.days)].peak = reference;
    return set_value(id, SETTINGS, L"BandwidthHistory", REG_BINARY, &history, sizeof(history), KEY_WOW64_64KEY);
}

static void set_hours(const WCHAR *from, const WCHAR *to, unsigned int first)
{
    SYSTEMTIME time;
    WCHAR text[8];

    GetLocalTime(&time);
    set_policy("POL-008", from, (time.wHour + first) % 24);
    swprintf(text, ARRAY_SIZE(text), L"%u", (time.wHour + first + 2) % 24);
    set_policy_text("POL-008", to, text);
}

static void check_percentages(struct dl_fixture *fixture)
{
    DWORD time;

    set_policy("POL-007", L"DOPercentageMaxBackgroundBandwidth", 10);
    set_policy("POL-007", L"DOMaxBackgroundDownloadBandwidth", 1000);
    time = download_new("POL-007", fixture, 300000, FALSE);
    check_least_time("POL-007", time, 300000, 100000);
    set_policy("POL-007", L"DOMaxBackgroundDownloadBandwidth", 50);
    time = download_new("POL-007", fixture, 150000, FALSE);
    check_least_time("POL-007", time, 150000, 50 * KB);
    remove_policy(L"DOMaxBackgroundDownloadBandwidth");
    set_policy("POL-007", L"DOPercentageMaxBackgroundBandwidth", 100);
    download_new("POL-007", fixture, 2000000, FALSE);
    remove_policy(L"DOPercentageMaxBackgroundBandwidth");
    /* The deprecated one is for those that have none of their own. */
    set_policy("POL-007", L"DOPercentageMaxDownloadBandwidth", 10);
    time = download_new("POL-007", fixture, 300000, TRUE);
    check_least_time("POL-007", time, 300000, 100000);
    remove_policy(L"DOPercentageMaxDownloadBandwidth");
}

/* Downloads without a limit would take minutes with the limit of the other hours. */
static void check_hours(struct dl_fixture *fixture)
{
    DWORD time;

    set_policy("POL-008", L"SetHoursToLimitBackgroundDownloadBandwidth", 1);
    set_policy("POL-008", L"SetHoursToLimitBackgroundDownloadBandwidthIn", 5);
    set_policy("POL-008", L"SetHoursToLimitBackgroundDownloadBandwidthOut", 100);
    set_hours(L"SetHoursToLimitBackgroundDownloadBandwidthFrom", L"SetHoursToLimitBackgroundDownloadBandwidthTo", 23);
    time = download_new("POL-008", fixture, 150000, FALSE);
    check_least_time("POL-008", time, 150000, 50000);
    set_policy("POL-008", L"SetHoursToLimitBackgroundDownloadBandwidthIn", 1);
    set_hours(L"SetHoursToLimitBackgroundDownloadBandwidthFrom", L"SetHoursToLimitBackgroundDownloadBandwidthTo", 2);
    download_new("POL-008", fixture, 2000000, FALSE);
    set_policy("POL-008", L"SetHoursToLimitBackgroundDownloadBandwidthOut", 5);
    time = download_new("POL-008", fixture, 150000, FALSE);
    check_least_time("POL-008", time, 150000, 50000);
    /* The hours are those of the background. */
    download_new("POL-008", fixture, 2000000, TRUE);
    remove_policy(L"SetHoursToLimitBackgroundDownloadBandwidth");
    download_new("POL-008", fixture, 2000000, FALSE);
}

/* While there is a foreground the background has 45 per cent. */
static void check_yield(struct dl_fixture *fixture)
{
    struct resource *resource;
    IDODownload *download;
    WCHAR path[MAX_PATH];
    DWORD time;

    resource = origin_add_resource(fixture->origin, "/foreground", 1000000);
    resource->tick_ms = 50;
    resource->tick_bytes = 1000;
    download = prepare_download("POL-007", fixture, resource->url, join_path(path, fixture->dir, L"foreground"));
    check_hr("POL-007", dl_set_bool(download, P(ForegroundPriority), TRUE), S_OK);
    dl_start("POL-007", download);
    dl_wait_bytes("POL-007", download, 1000);
    /* The service looks each second at who has to yield. */
    Sleep(1500);
    time = download_new("POL-007", fixture, 1500000, FALSE);
    check_least_time("POL-007", time, 1500000, 450000);
    dl_discard(download);
}

static void test_percentages(void)
{
    struct dl_fixture fixture;

    if (!stop_service() || !set_reference("POL-007", 1000000))
    {
        skip("POL-007: this user may not stop the service.\n");
        return;
    }
    if (dl_open(&fixture))
    {
        check_percentages(&fixture);
        check_hours(&fixture);
        check_yield(&fixture);
        dl_close(&fixture);
    }
    /* Nothing is left of what it believes. */
    stop_service();
}

/* Start a download that is held back, and wait until it says so. */
static IDODownload *start_blocked(const char *id, struct dl_fixture *fixture, struct resource *resource,
        const WCHAR *name, DWORD policy, BOOL is_never_cellular, HRESULT reason)
{
    IDODownload *download;
    WCHAR path[MAX_PATH];

    download = prepare_download(id, fixture, resource->url, join_path(path, fixture->dir, name));
    check_hr(id, dl_set_uint(download, P(CostPolicy), policy), S_OK);
    check_hr(id, dl_set_bool(download, P(DisallowOnCellular), is_never_cellular), S_OK);
    dl_start(id, download);
    dl_wait_error(id, download, S_OK, reason);
    ok(!origin_get_requests(resource, NULL), "%s: policy %lu: the server is asked.\n", id, policy);
    return download;
}

static void finish_blocked(const char *id, struct dl_fixture *fixture, IDODownload *download, const WCHAR *name,
        struct resource *resource)
{
    WCHAR path[MAX_PATH];

    join_path(path, fixture->dir, name);
    dl_finish(id, download, path, resource);
    dl_discard(download);
    DeleteFileW(path);
}

static void test_cost(void)
{
    struct resource *resource, *resource2;
    IDODownload *download, *download2;
    struct dl_fixture fixture;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/standard", 10000);
    resource2 = origin_add_resource(fixture.origin, "/roaming", 10000);
    if (set_do_setting("NET-001", DO_SETTINGS, L"NetworkCost", 0x80))
    {
        download = start_blocked("NET-001", &fixture, resource, L"standard", DODownloadCostPolicy_Standard, FALSE,
                DO_E_BLOCKED_BY_COST_TRANSFER_POLICY);
        download2 = start_blocked("NET-001", &fixture, resource2, L"roaming", DODownloadCostPolicy_NoRoaming, FALSE,
                DO_E_BLOCKED_BY_COST_TRANSFER_POLICY);
        /* The default of the foreground. */
        download_new("NET-001", &fixture, 10000, TRUE);
        check_dl_status("NET-001", download, DODownloadState_Paused, S_OK, DO_E_BLOCKED_BY_COST_TRANSFER_POLICY);
        /* The second one goes on because it accepts more, the first one because it costs less. */
        check_hr("NET-001", dl_set_uint(download2, P(CostPolicy), DODownloadCostPolicy_Always), S_OK);
        finish_blocked("NET-001", &fixture, download2, L"roaming", resource2);
        check_dl_status("NET-001", download, DODownloadState_Paused, S_OK, DO_E_BLOCKED_BY_COST_TRANSFER_POLICY);
        set_do_setting("NET-001", DO_SETTINGS, L"NetworkCost", 0x80000040);
        finish_blocked("NET-001", &fixture, download, L"standard", resource);
        remove_do_setting(DO_SETTINGS, L"NetworkCost");
        /* Policies do not have it. */
        set_policy("NET-001", L"NetworkCost", 0x80);
        download_new("NET-001", &fixture, 10000, FALSE);
        remove_policy(L"NetworkCost");
    }
    dl_close(&fixture);
}

/* A transfer that runs stops, keeps what it has, and goes on. */
static void test_cost_change(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/change", 1000000);
    set_gate(resource, gate, 500000);
    download = prepare_download("NET-001", &fixture, resource->url, fixture.path);
    check_hr("NET-001", dl_set_uint(download, P(CostPolicy), DODownloadCostPolicy_Unrestricted), S_OK);
    dl_start("NET-006", download);
    dl_wait_bytes("NET-006", download, 500000);
    if (set_do_setting("NET-001", DO_SETTINGS, L"NetworkCost", 0x02))
    {
        dl_wait_error("NET-001", download, S_OK, DO_E_BLOCKED_BY_COST_TRANSFER_POLICY);
        check_dl_bytes("NET-001", download, 1000000, 500000);
        SetEvent(gate);
        remove_do_setting(DO_SETTINGS, L"NetworkCost");
    }
    SetEvent(gate);
    dl_finish("NET-001", download, fixture.path, resource);
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_cellular(void)
{
    struct resource *resource, *resource2;
    IDODownload *download, *download2;
    struct dl_fixture fixture;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/policy", 10000);
    resource2 = origin_add_resource(fixture.origin, "/flag", 10000);
    if (set_do_setting("NET-003", DO_SETTINGS, L"NetworkIsCellular", 1))
    {
        download = start_blocked("NET-003", &fixture, resource, L"policy", DODownloadCostPolicy_NoCellular, FALSE,
                DO_E_BLOCKED_BY_CELLULAR_POLICY);
        download2 = start_blocked("NET-003", &fixture, resource2, L"flag", DODownloadCostPolicy_Always, TRUE,
                DO_E_BLOCKED_BY_CELLULAR_POLICY);
        download_new("NET-003", &fixture, 10000, FALSE);
        set_do_setting("NET-003", DO_SETTINGS, L"NetworkIsCellular", 0);
        finish_blocked("NET-003", &fixture, download, L"policy", resource);
        finish_blocked("NET-003", &fixture, download2, L"flag", resource2);
    }
    remove_do_setting(DO_SETTINGS, L"NetworkIsCellular");
    dl_close(&fixture);
}

/* The battery holds the background back, if it is wanted so. */
static void test_battery(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/battery", 10000);
    if (set_do_setting("POL-001", DO_SETTINGS, L"OnBattery", 1))
    {
        download_new("POL-001", &fixture, 10000, FALSE);
        set_do_setting("POL-001", DO_SETTINGS, L"PauseOnBattery", 1);
        download = start_blocked("POL-001", &fixture, resource, L"battery", DODownloadCostPolicy_Always, FALSE,
                DO_E_BLOCKED_BY_POWER_STATE);
        download_new("POL-001", &fixture, 10000, TRUE);
        check_dl_status("POL-001", download, DODownloadState_Paused, S_OK, DO_E_BLOCKED_BY_POWER_STATE);
        set_do_setting("POL-001", DO_SETTINGS, L"OnBattery", 0);
        finish_blocked("POL-001", &fixture, download, L"battery", resource);
    }
    remove_do_setting(DO_SETTINGS, L"OnBattery");
    remove_do_setting(DO_SETTINGS, L"PauseOnBattery");
    dl_close(&fixture);
}

static void test_job_cost(void)
{
    BITS_JOB_PROPERTY_VALUE value = { 0x8000007f };
    struct resource *resource;
    IBackgroundCopyJob5 *job5;
    struct fixture fixture;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/job", 10000);
    add_file("NET-001", fixture.job, resource, fixture.path);
    if (SUCCEEDED(query("NET-001", fixture.job, &IID_IBackgroundCopyJob5, &job5))
            && set_do_setting("NET-001", DO_SETTINGS, L"NetworkCost", 0x80))
    {
        check_hr("NET-001", IBackgroundCopyJob5_SetProperty(job5, BITS_JOB_PROPERTY_ID_COST_FLAGS, value), S_OK);
        /* Even where the first error is final. */
        check_hr("NET-001", IBackgroundCopyJob_SetNoProgressTimeout(fixture.job, 0), S_OK);
        resume_job("NET-001", fixture.job);
        wait_for_state("NET-001", fixture.job, BG_JOB_STATE_TRANSIENT_ERROR);
        check_error("NET-001", fixture.job, DO_E_BLOCKED_BY_COST_TRANSFER_POLICY);
        check_error_count("NET-001", fixture.job, 0);
        ok(!origin_get_requests(resource, NULL), "NET-001: the server is asked.\n");
        remove_do_setting(DO_SETTINGS, L"NetworkCost");
        wait_for_state("NET-001", fixture.job, BG_JOB_STATE_TRANSFERRED);
        /* A cost that is not known blocks nobody. */
        fixture_new_job(&fixture);
        add_file("NET-006", fixture.job, resource, fixture.path);
        IBackgroundCopyJob5_Release(job5);
        query("NET-006", fixture.job, &IID_IBackgroundCopyJob5, &job5);
        value.Dword = 0;
        check_hr("NET-006", IBackgroundCopyJob5_SetProperty(job5, BITS_JOB_PROPERTY_ID_COST_FLAGS, value), S_OK);
        resume_job("NET-006", fixture.job);
        wait_for_state("NET-006", fixture.job, BG_JOB_STATE_TRANSFERRED);
    }
    IBackgroundCopyJob5_Release(job5);
    fixture_close(&fixture);
}

/* Download the resource, and get what the origin was asked last. */
static void get_request(const char *id, struct dl_fixture *fixture, struct resource *resource,
        struct origin_request *request)
{
    IDODownload *download = prepare_download(id, fixture, resource->url, fixture->path);

    dl_start(id, download);
    dl_finish(id, download, fixture->path, resource);
    dl_discard(download);
    DeleteFileW(fixture->path);
    origin_get_requests(resource, request);
}

/* The agent is a setting, which policies do not have, and no line break makes another field of it. */
static void test_user_agent(void)
{
    static const WCHAR theirs[] = L"Theirs/1.0 (test)", broken[] = L"a\r\nX-Field: b";
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/agent", 1000);
    if (set_policy_text("POL-013", L"UserAgent", theirs))
    {
        get_request("POL-013", &fixture, resource, &request);
        ok(!!strstr(request.head, "User-Agent: Microsoft-Delivery-Optimization/10.1\r\n"),
                "POL-013: a policy counts: %s.\n", request.head);

        set_value("POL-013", DO_SETTINGS, L"UserAgent", REG_SZ, theirs, sizeof(theirs), KEY_WOW64_64KEY);
        get_request("POL-013", &fixture, resource, &request);
        ok(!!strstr(request.head, "User-Agent: Theirs/1.0 (test)\r\n"), "POL-013: got %s.\n", request.head);

        set_value("POL-010", DO_SETTINGS, L"UserAgent", REG_SZ, broken, sizeof(broken), KEY_WOW64_64KEY);
        get_request("POL-010", &fixture, resource, &request);
        ok(!!strstr(request.head, "User-Agent: Microsoft-Delivery-Optimization/10.1\r\n")
                && !strstr(request.head, "X-Field"), "POL-010: got %s.\n", request.head);
        remove_do_setting(DO_SETTINGS, L"UserAgent");
        remove_policy(L"UserAgent");
    }
    dl_close(&fixture);
}

START_TEST(dl_policy)
{
    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    test_mode();
    test_user_agent();
    test_delay();
    test_wrong_values();
    test_precedence();
    test_background_limit();
    test_foreground_limit();
    test_any_time();
    test_change();
    test_cost();
    test_cost_change();
    test_cellular();
    test_battery();
    test_job_cost();
    test_percentages();
    restore_settings();
    CoUninitialize();
}
