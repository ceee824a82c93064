/*
 * doctl cache-host: hosts that are asked in place of servers
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
#include <winhttp.h>

#include "base/cache_host.h"
#include "base/policy_registry.h"

#define TEST_TIME  30000 /* ms for an answer */
#define TEST_URL   L"http://au.download.windowsupdate.com/mscomtest/wuidt.gif" /* of Microsoft's instructions */
#define NO_ORIGIN  L"refused.invalid" /* served by no cache host */

struct cache_host_values
{
    BOOL test;
    BOOL reset_bans;
    const WCHAR *url;
    BOOL json;
};

const struct option cache_host_options[] =
{
    {L"test",       't', OPTION_FLAG,   offsetof(struct cache_host_values, test)},
    {L"reset-bans", 'r', OPTION_FLAG,   offsetof(struct cache_host_values, reset_bans)},
    {L"url",        'u', OPTION_STRING, offsetof(struct cache_host_values, url)},
    {L"json",       'j', OPTION_FLAG,   offsetof(struct cache_host_values, json)},
    {NULL}
};

/* Answer of a cache host. */
struct answer
{
    HRESULT hr;
    unsigned int status; /* of HTTP; 0: none came */
    WCHAR *headers;      /* owned, or NULL */
};

/* Test in progress, or its result. */
struct test
{
    struct probe probe;
    const WCHAR *host, *url;
    WCHAR origin[CACHE_ORIGIN_MAX];
    struct answer allowed, refused;
};

static const WCHAR *reason_name(DOSVC_BAN_REASON reason)
{
    switch (reason)
    {
        case DosvcBanReason_Refused:     return L"Refused";
        case DosvcBanReason_Unreachable: return L"Unreachable";
        case DosvcBanReason_Wrong:       return L"WrongData";
        default:                         return NULL;
    }
}

/* Write the time that is so many seconds ahead, as ISO 8601 has it. */
static void format_time(DWORD seconds, WCHAR *text, size_t count)
{
    ULARGE_INTEGER time;
    SYSTEMTIME parts;
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    time.u.LowPart = now.dwLowDateTime;
    time.u.HighPart = now.dwHighDateTime;
    time.QuadPart += (UINT64)seconds * 10000000;
    now.dwLowDateTime = time.u.LowPart;
    now.dwHighDateTime = time.u.HighPart;
    FileTimeToSystemTime(&now, &parts);
    swprintf(text, count, L"%04u-%02u-%02uT%02u:%02u:%02uZ", parts.wYear, parts.wMonth, parts.wDay, parts.wHour,
            parts.wMinute, parts.wSecond);
}

static void write_host_json(const DOSVC_CACHE_HOST *host)
{
    WCHAR number[24], time[32];

    format_time(host->bannedFor, time, ARRAY_SIZE(time));
    swprintf(number, ARRAY_SIZE(number), L"%I64u", host->bytes);
    write_text(STD_OUTPUT_HANDLE, L"{\"Host\":");
    write_json_value(host->host);
    write_json_member(L"State", host->bannedFor ? L"Banned" : L"Used", TRUE);
    write_json_member(L"Reason", reason_name(host->reason), TRUE);
    write_json_member(L"BannedUntil", host->bannedFor ? time : NULL, TRUE);
    write_json_member(L"Origin", host->origin, TRUE);
    write_json_member(L"BytesFromCacheServer", number, FALSE);
    write_text(STD_OUTPUT_HANDLE, L"}");
}

static void write_host_line(const DOSVC_CACHE_HOST *host)
{
    const WCHAR *reason = reason_name(host->reason);
    WCHAR size[24], time[32];

    format_time(host->bannedFor, time, ARRAY_SIZE(time));
    format_size(host->bytes, size, ARRAY_SIZE(size));
    if (host->bannedFor && host->origin)
        write_message(STD_OUTPUT_HANDLE, IDS_CACHE_BANNED_FOR, host->host, time, host->origin, reason ? reason : L"");
    else if (host->bannedFor)
        write_message(STD_OUTPUT_HANDLE, IDS_CACHE_BANNED, host->host, time, reason ? reason : L"");
    else
        write_message(STD_OUTPUT_HANDLE, IDS_CACHE_USED, host->host, size);
}

static HRESULT list_hosts(IDosvcStatus *status, BOOL json)
{
    DOSVC_CACHE_HOST *hosts;
    ULONG count, i;
    HRESULT hr;

    if (FAILED(hr = IDosvcStatus_GetCacheHosts(status, &count, &hosts)))
        return hr;
    if (json)
        write_text(STD_OUTPUT_HANDLE, L"{\"schema\":1,\"hosts\":[");
    else if (!count)
        write_message(STD_OUTPUT_HANDLE, IDS_CACHE_NONE);
    for (i = 0; i < count; ++i)
    {
        if (json)
        {
            write_text(STD_OUTPUT_HANDLE, i ? L",\n" : L"\n");
            write_host_json(&hosts[i]);
        }
        else
        {
            write_host_line(&hosts[i]);
        }
        CoTaskMemFree(hosts[i].host);
        CoTaskMemFree(hosts[i].origin);
    }
    CoTaskMemFree(hosts);
    if (json)
        write_text(STD_OUTPUT_HANDLE, L"]}\n");
    return S_OK;
}

static void accept_answer(IDODownload *download, void *context)
{
    struct answer *answer = context;

    answer->status = probe_get_status_code(download);
    answer->headers = download_get_string(download, DODownloadProperty_HttpResponseHeaders);
}

/* Ask for the path of the URL, as of this origin. A URL that names one goes to no other host. */
static void ask(struct test *test, const WCHAR *origin, struct answer *answer)
{
    WCHAR url[URL_MAX];

    if (!cache_rewrite(test->url, test->host, origin, url))
    {
        answer->hr = E_INVALIDARG;
        return;
    }
    test->probe.url = url;
    answer->hr = probe_first_byte(&test->probe, TEST_TIME, accept_answer, answer);
    if (answer->hr == S_FALSE)
        answer->hr = HRESULT_FROM_WIN32(ERROR_WINHTTP_TIMEOUT);
    if (FAILED(answer->hr) && HRESULT_FACILITY(answer->hr) == FACILITY_HTTP)
        answer->status = HRESULT_CODE(answer->hr);
}

static const WCHAR *result_name(const struct answer *answer)
{
    if (answer->status)
        return L"Reachable";
    if (answer->hr == HRESULT_FROM_WIN32(ERROR_WINHTTP_TIMEOUT))
        return L"Timeout";
    return answer->hr == HRESULT_FROM_WIN32(ERROR_WINHTTP_CANNOT_CONNECT) ? L"Refused" : L"Failed";
}

static const WCHAR * const fields[] = {L"X-Cache-Status", L"X-CID", L"X-CCC", L"X-OSID"};

static void write_status_json(const WCHAR *name, const struct answer *answer)
{
    WCHAR number[16];

    swprintf(number, ARRAY_SIZE(number), L"%u", answer->status);
    write_json_member(name, answer->status ? number : NULL, FALSE);
}

static void write_test_json(const struct test *test)
{
    WCHAR value[128];
    unsigned int i;

    write_text(STD_OUTPUT_HANDLE, L"{\"Host\":");
    write_json_value(test->host);
    write_json_member(L"Result", result_name(&test->allowed), TRUE);
    write_text(STD_OUTPUT_HANDLE, L",\"Error\":");
    if (test->allowed.status)
    {
        write_text(STD_OUTPUT_HANDLE, L"null");
    }
    else
    {
        write_text(STD_OUTPUT_HANDLE, L"{");
        write_json_error(test->allowed.hr);
        write_text(STD_OUTPUT_HANDLE, L"}");
    }
    write_json_member(L"AllowedOrigin", test->origin, TRUE);
    write_status_json(L"AllowedStatus", &test->allowed);
    write_json_member(L"RefusedOrigin", NO_ORIGIN, TRUE);
    write_status_json(L"RefusedStatus", &test->refused);
    for (i = 0; i < ARRAY_SIZE(fields); i++)
        write_json_member(fields[i], probe_find_field(test->allowed.headers, fields[i], value, ARRAY_SIZE(value))
                ? value : NULL, TRUE);
    write_text(STD_OUTPUT_HANDLE, L"}");
}

static void write_test_lines(const struct test *test)
{
    WCHAR *text, value[128];
    unsigned int i;

    if (!test->allowed.status)
    {
        text = error_text(test->allowed.hr);
        write_message(STD_OUTPUT_HANDLE, IDS_CACHE_FAILED, test->host, result_name(&test->allowed), test->allowed.hr,
                text ? text : L"");
        free(text);
        return;
    }
    write_message(STD_OUTPUT_HANDLE, IDS_CACHE_ANSWERS, test->host, result_name(&test->allowed), test->allowed.status,
            test->origin);
    if (test->refused.status)
        write_message(STD_OUTPUT_HANDLE, IDS_CACHE_REFUSES, test->refused.status, NO_ORIGIN);
    for (i = 0; i < ARRAY_SIZE(fields); i++)
    {
        if (probe_find_field(test->allowed.headers, fields[i], value, ARRAY_SIZE(value)))
            write_message(STD_OUTPUT_HANDLE, IDS_CACHE_FIELD, fields[i], value);
    }
}

/* Test a host. FALSE if it does not answer. */
static BOOL test_host(struct test *test, const WCHAR *host, BOOL json)
{
    BOOL ret;

    test->host = host;
    memset(&test->allowed, 0, sizeof(test->allowed));
    memset(&test->refused, 0, sizeof(test->refused));
    ask(test, test->origin, &test->allowed);
    if ((ret = test->allowed.status != 0))
        ask(test, NO_ORIGIN, &test->refused);
    if (json)
        write_test_json(test);
    else
        write_test_lines(test);
    free(test->allowed.headers);
    free(test->refused.headers);
    return ret;
}

/* Return a name for a file in the folder for temporary ones. free() it. */
static WCHAR *probe_path(void)
{
    WCHAR target[MAX_PATH + 8];
    DWORD length = GetTempPathW(MAX_PATH, target);

    if (!length || length > MAX_PATH)
        return NULL;
    wcscpy(target + length, L"x");
    return temporary_path(target);
}

/* Test the hosts of the policy, or the one that is named. */
static enum exit_code test_hosts(struct test *test, const WCHAR *named, BOOL json)
{
    enum exit_code code = EXIT_DONE;
    struct policy_value list = {0};
    struct cache_hosts *hosts;
    unsigned int i;

    if (!(hosts = calloc(1, sizeof(*hosts))))
        return report_error(E_OUTOFMEMORY, NULL);
    if (!named)
        policy_read(POLICY_CACHE_HOST, policy_places, POLICY_PLACE_COUNT, &list);
    cache_hosts_parse(named ? named : list.text, hosts);
    if (json)
        write_text(STD_OUTPUT_HANDLE, L"{\"schema\":1,\"tests\":[");
    else if (!hosts->count)
        write_message(STD_OUTPUT_HANDLE, IDS_CACHE_NONE);
    for (i = 0; i < hosts->count; i++)
    {
        if (json)
            write_text(STD_OUTPUT_HANDLE, i ? L",\n" : L"\n");
        if (!test_host(test, hosts->names[i], json))
            code = EXIT_FAILED;
    }
    if (json)
        write_text(STD_OUTPUT_HANDLE, L"]}\n");
    free(list.text);
    free(hosts);
    return code;
}

static enum exit_code run(const struct service *service, struct test *test, const struct cache_host_values *values,
        WCHAR **args)
{
    enum exit_code code = EXIT_DONE;
    IDosvcStatus *status;
    WCHAR *path;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyManager_QueryInterface(service->jobs, &IID_IDosvcStatus, (void **)&status)))
        return report_error(hr, NULL);
    if (values->reset_bans)
        hr = IDosvcStatus_ResetCacheBans(status);
    if (SUCCEEDED(hr) && values->test)
    {
        path = probe_path();
        test->probe.service = service;
        test->probe.interrupted = catch_interrupt();
        test->probe.path = path;
        code = path ? test_hosts(test, args[0], values->json) : report_error(E_OUTOFMEMORY, NULL);
        free(path);
    }
    else if (SUCCEEDED(hr))
    {
        hr = list_hosts(status, values->json);
    }
    IDosvcStatus_Release(status);
    return FAILED(hr) ? report_error(hr, NULL) : code;
}

/* Return whether the text names one host as the policy may. In a list of them what is no name would not be tested. */
static BOOL is_host(const WCHAR *text)
{
    struct cache_hosts *hosts = calloc(1, sizeof(*hosts));
    BOOL ret;

    if (hosts)
        cache_hosts_parse(text, hosts);
    ret = hosts && hosts->count && !wcschr(text, ',');
    free(hosts);
    return ret;
}

enum exit_code cache_host_run(const struct verb *verb, const void *values, WCHAR **args)
{
    const struct cache_host_values *cache_host = values;
    struct test test = {.url = cache_host->url ? cache_host->url : TEST_URL};
    struct service service;
    enum exit_code code;
    HRESULT hr;

    if ((args[0] || cache_host->url) && !cache_host->test)
        return report_usage(verb, IDS_BAD_CACHE_HOST, NULL);
    if (args[0] && !is_host(args[0]))
        return report_usage(verb, IDS_BAD_CACHE_NAME, args[0]);
    if (!cache_get_origin(test.url, FALSE, test.origin))
        return report_usage(verb, IDS_BAD_CACHE_URL, test.url);
    if (FAILED(hr = service_open(&service)))
        return report_no_service(hr);
    code = run(&service, &test, cache_host, args);
    service_close(&service);
    return code;
}
