/*
 * doctl doctor: why downloads fail
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
#include "wine_version.h"

/* Checks go from what is needed first to what is needed last. A fault ends those that depend on it. The service itself
 * asks the server, so that its proxy, its certificates and its rules count. */

#define LEAST_RATE    100         /* KB a second; a lower limit looks like a fault to users */
#define LEAST_ROOM    100000000   /* bytes */
#define NO_ROOM       100000      /* bytes */
#define ANSWER_TIME   30000       /* ms for the first byte */
#define SPEED_TIME    3000        /* ms */

struct doctor_values
{
    BOOL json;
};

const struct option doctor_options[] =
{
    {L"json", 'j', OPTION_FLAG, offsetof(struct doctor_values, json)},
    {NULL}
};

enum finding
{
    FINDING_OK,
    FINDING_WARNING,
    FINDING_FAULT,
};

struct doctor
{
    BOOL json;
    HANDLE interrupted;
    const WCHAR *url;
    struct service service;
    unsigned int count, warnings, faults;
    WCHAR *verdict; /* text of the first fault, or else of the first warning */
};

static void write_finding_json(const struct doctor *doctor, enum finding finding, const WCHAR *check, const WCHAR *text,
        const WCHAR *next)
{
    static const WCHAR * const names[] = {L"ok", L"warning", L"fault"};

    write_text(STD_OUTPUT_HANDLE, doctor->count > 1 ? L",\n{\"check\":" : L"\n{\"check\":");
    write_json_value(check);
    write_json_member(L"finding", names[finding], TRUE);
    write_json_member(L"text", text, TRUE);
    write_json_member(L"next", next, TRUE);
    write_text(STD_OUTPUT_HANDLE, L"}");
}

/* Write a line. Takes over the text and the next step, which may be NULL. */
static void find(struct doctor *doctor, enum finding finding, UINT check_id, WCHAR *text, WCHAR *next)
{
    WCHAR *check = format_message(check_id), *label = format_message(IDS_FINDING + finding);

    doctor->count++;
    doctor->warnings += finding == FINDING_WARNING;
    doctor->faults += finding == FINDING_FAULT;
    if (check && label && text)
    {
        if (doctor->json)
            write_finding_json(doctor, finding, check, text, next);
        else
            write_message(STD_OUTPUT_HANDLE, IDS_FINDING_LINE, label, check, text);
        if (next && !doctor->json)
            write_message(STD_OUTPUT_HANDLE, IDS_FINDING_NEXT, next);
        if ((finding == FINDING_FAULT && doctor->faults == 1)
                || (finding == FINDING_WARNING && doctor->warnings == 1 && !doctor->faults))
        {
            free(doctor->verdict);
            doctor->verdict = format_message(IDS_VERDICT_TEXT, check, text);
        }
    }
    free(check);
    free(label);
    free(text);
    free(next);
}

static void find_error(struct doctor *doctor, enum finding finding, UINT check, HRESULT hr)
{
    WCHAR *text = error_text(hr), *next = error_next_step(hr);

    find(doctor, finding, check, text ? format_message(IDS_FOUND_ERROR, hr, text) : NULL,
            next ? next : finding == FINDING_OK ? NULL : format_message(IDS_FOUND_ERROR_NEXT, hr));
    free(text);
}

/* Look whether the prefix is run by a Wine in which the service works. */
static void check_wine(struct doctor *doctor)
{
    const char *(CDECL *get_version)(void) = (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version");
    BOOL is_old;

    if (!get_version)
        return;
    is_old = wine_version_is_old(get_version());
    find(doctor, is_old ? FINDING_FAULT : FINDING_OK, IDS_CHECK_WINE,
            format_message(is_old ? IDS_FOUND_OLD_WINE : IDS_FOUND_WINE, get_version(), WINE_MAJOR_MIN),
            is_old ? format_message(IDS_FOUND_OLD_WINE_NEXT, WINE_MAJOR_MIN) : NULL);
}

/* Let the setup program compare the prefix with what it has installed, in both widths. */
static void check_installation(struct doctor *doctor)
{
    DWORD code;

    if (!run_setup(L"verify", FALSE, &code))
        find(doctor, FINDING_WARNING, IDS_CHECK_INSTALLATION, format_message(IDS_FOUND_NO_SETUP), NULL);
    else if (code)
        find(doctor, FINDING_FAULT, IDS_CHECK_INSTALLATION, format_message(IDS_FOUND_INCOMPLETE),
                format_message(IDS_FOUND_INCOMPLETE_NEXT));
    else
        find(doctor, FINDING_OK, IDS_CHECK_INSTALLATION, format_message(IDS_FOUND_COMPLETE), NULL);
}

/* Look how the service has ended, before it starts again. */
static void check_death(struct doctor *doctor)
{
    SC_HANDLE service = scm_open_service(SERVICE_QUERY_STATUS);

    if (service && scm_has_died(service))
        find(doctor, FINDING_WARNING, IDS_CHECK_SERVICE, format_message(IDS_FOUND_DEAD),
                format_message(IDS_FOUND_DEAD_NEXT));
    if (service)
        CloseServiceHandle(service);
}

static BOOL check_service(struct doctor *doctor)
{
    HRESULT hr = service_open(&doctor->service);
    WCHAR *text;

    if (FAILED(hr))
    {
        text = error_text(hr);
        find(doctor, FINDING_FAULT, IDS_CHECK_SERVICE, format_message(IDS_FOUND_ERROR, hr, text ? text : L""),
                format_message(IDS_NEXT_STEP_NO_SERVICE));
        free(text);
    }
    else
    {
        find(doctor, FINDING_OK, IDS_CHECK_SERVICE, format_message(IDS_FOUND_SERVICE), NULL);
    }
    return SUCCEEDED(hr);
}

static void check_limit(struct doctor *doctor, const WCHAR *name, DWORD limit)
{
    if (limit && limit < LEAST_RATE)
        find(doctor, FINDING_WARNING, IDS_CHECK_POLICY, format_message(IDS_FOUND_LIMIT, name, limit),
                format_message(IDS_FOUND_LIMIT_NEXT));
    else
        find(doctor, FINDING_OK, IDS_CHECK_POLICY, format_message(IDS_FOUND_LIMIT, name, limit), NULL);
}

static void check_bypass(struct doctor *doctor)
{
    struct policy_value strict;

    policy_read(POLICY_STRICT_BYPASS_MODE, policy_places, POLICY_PLACE_COUNT, &strict);
    find(doctor, strict.number ? FINDING_FAULT : FINDING_WARNING, IDS_CHECK_POLICY,
            format_message(strict.number ? IDS_FOUND_STRICT_BYPASS : IDS_FOUND_BYPASS),
            format_message(IDS_FOUND_BYPASS_NEXT));
}

/* Look at the settings that can be why downloads are slow or fail. */
static void check_policies(struct doctor *doctor)
{
    struct policy_value value;
    unsigned int i;

    for (i = 0; i < POLICY_COUNT; ++i)
    {
        policy_read(i, policy_places, POLICY_PLACE_COUNT, &value);
        free(value.text);
        if (value.rejected)
            find(doctor, FINDING_WARNING, IDS_CHECK_POLICY, format_message(IDS_FOUND_REJECTED, value.rejected),
                    format_message(IDS_FOUND_REJECTED_NEXT));
        if (value.provider == PROVIDER_DEFAULT)
            continue;
        if (i == POLICY_BANDWIDTH_FOREGROUND || i == POLICY_BANDWIDTH_BACKGROUND || i == POLICY_BANDWIDTH)
            check_limit(doctor, policy_rules[i].name, value.number);
        else if (i == POLICY_DOWNLOAD_MODE && value.number == POLICY_MODE_BYPASS)
            check_bypass(doctor);
        else if ((i == POLICY_CACHE_HOST_SOURCE || i == POLICY_CACHE_HOST_DISCOVERY) && value.number)
            find(doctor, FINDING_WARNING, IDS_CHECK_POLICY,
                    format_message(IDS_FOUND_SEARCH, policy_rules[i].name, value.number),
                    format_message(IDS_FOUND_SEARCH_NEXT));
    }
}

static enum finding judge_room(UINT64 bytes)
{
    if (bytes < NO_ROOM)
        return FINDING_FAULT;
    return bytes < LEAST_ROOM ? FINDING_WARNING : FINDING_OK;
}

/* Look whether the current folder takes a file, and has room. Return the name of a file there, or NULL. free() it. */
static WCHAR *check_folder(struct doctor *doctor)
{
    WCHAR *folder = full_path(L"."), *target = full_path(L"x"), *path = target ? temporary_path(target) : NULL;
    ULARGE_INTEGER available;
    WCHAR size[24];
    HANDLE file;

    if (!path || (file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE, NULL))
            == INVALID_HANDLE_VALUE)
    {
        find_error(doctor, FINDING_FAULT, IDS_CHECK_FOLDER, path ? HRESULT_FROM_WIN32(GetLastError()) : E_OUTOFMEMORY);
        free(path);
        path = NULL;
    }
    else
    {
        CloseHandle(file);
        if (!GetDiskFreeSpaceExW(folder, &available, NULL, NULL))
            available.QuadPart = LEAST_ROOM;
        format_size(available.QuadPart, size, ARRAY_SIZE(size));
        find(doctor, judge_room(available.QuadPart), IDS_CHECK_FOLDER,
                format_message(available.QuadPart < NO_ROOM ? IDS_FOUND_NO_ROOM : IDS_FOUND_ROOM,
                folder ? folder : L".", size),
                available.QuadPart < LEAST_ROOM ? error_next_step(HRESULT_FROM_WIN32(ERROR_DISK_FULL)) : NULL);
    }
    free(folder);
    free(target);
    return path;
}

static BOOL has_field(const WCHAR *headers, const WCHAR *name)
{
    WCHAR value[2];

    return probe_find_field(headers, name, value, ARRAY_SIZE(value));
}

/* Tell whether a server offers something that downloads can do without. */
static void find_offer(struct doctor *doctor, BOOL is_offered, UINT check, UINT offered, UINT missing, UINT next)
{
    if (is_offered)
        find(doctor, FINDING_OK, check, format_message(offered), NULL);
    else
        find(doctor, FINDING_WARNING, check, format_message(missing), format_message(next));
}

/* Tell what the answer to a request for the first byte says of the server. */
static void check_response(struct doctor *doctor, IDODownload *download)
{
    WCHAR *address = download_get_string(download, DODownloadProperty_HttpServerIPAddress);
    WCHAR *headers = download_get_string(download, DODownloadProperty_HttpResponseHeaders);
    WCHAR *target = download_get_string(download, DODownloadProperty_HttpRedirectionTarget);
    unsigned int code = probe_get_status_code(download);

    find(doctor, FINDING_OK, IDS_CHECK_SERVER, format_message(IDS_FOUND_ANSWER, address ? address : L"-", code), NULL);
    if (target && *target)
        find(doctor, FINDING_OK, IDS_CHECK_SERVER, format_message(IDS_FOUND_REDIRECT, target), NULL);
    if (headers && wcsstr(headers, L"text/html"))
        find(doctor, FINDING_WARNING, IDS_CHECK_SERVER, format_message(IDS_FOUND_PAGE),
                format_message(IDS_FOUND_PAGE_NEXT));
    find_offer(doctor, has_field(headers, L"Content-Range") || has_field(headers, L"Content-Length"), IDS_CHECK_LENGTH,
            IDS_FOUND_LENGTH, IDS_FOUND_NO_LENGTH, IDS_FOUND_NO_LENGTH_NEXT);
    find_offer(doctor, code == 206, IDS_CHECK_RANGES, IDS_FOUND_RANGES, IDS_FOUND_NO_RANGES, IDS_FOUND_NO_RANGES_NEXT);
    find_offer(doctor, has_field(headers, L"ETag") || has_field(headers, L"Last-Modified"), IDS_CHECK_VERSION,
            IDS_FOUND_VERSION, IDS_FOUND_NO_VERSION, IDS_FOUND_NO_VERSION_NEXT);
    free(address);
    free(headers);
    free(target);
}

static void accept_response(IDODownload *download, void *context)
{
    check_response(context, download);
}

/* Ask for the first byte, with SecurityFlags as of WinHTTP. */
static HRESULT ask_server(struct doctor *doctor, const WCHAR *path, UINT flags, BOOL is_reported)
{
    const struct probe probe = {&doctor->service, doctor->interrupted, doctor->url, path, flags};

    HRESULT hr = probe_first_byte(&probe, ANSWER_TIME, is_reported ? accept_response : NULL, doctor);

    return hr == S_FALSE ? HRESULT_FROM_WIN32(ERROR_WINHTTP_TIMEOUT) : hr;
}

/* Return what is behind ERROR_WINHTTP_SECURE_FAILURE: the fault of the certificate that, if it is forgiven, lets the
 * server answer. If all of them together do not, it is no certificate but the channel. */
static HRESULT find_certificate_fault(struct doctor *doctor, const WCHAR *path, HRESULT hr)
{
    static const struct
    {
        UINT flag;
        DWORD error;
    }
    kinds[] =
    {
        {SECURITY_FLAG_IGNORE_UNKNOWN_CA,        ERROR_WINHTTP_SECURE_INVALID_CA},
        {SECURITY_FLAG_IGNORE_CERT_CN_INVALID,   ERROR_WINHTTP_SECURE_CERT_CN_INVALID},
        {SECURITY_FLAG_IGNORE_CERT_DATE_INVALID, ERROR_WINHTTP_SECURE_CERT_DATE_INVALID},
        {SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE,  ERROR_WINHTTP_SECURE_CERT_WRONG_USAGE},
    };
    unsigned int i;
    UINT all = 0;

    for (i = 0; i < ARRAY_SIZE(kinds); i++)
    {
        all |= kinds[i].flag;
        if (SUCCEEDED(ask_server(doctor, path, kinds[i].flag, FALSE)))
            return HRESULT_FROM_WIN32(kinds[i].error);
    }
    return ask_server(doctor, path, all, FALSE) == hr ? HRESULT_FROM_WIN32(ERROR_WINHTTP_SECURE_CHANNEL_ERROR) : hr;
}

static BOOL check_server(struct doctor *doctor, const WCHAR *path)
{
    HRESULT hr = ask_server(doctor, path, 0, TRUE);

    if (hr == HRESULT_FROM_WIN32(ERROR_WINHTTP_SECURE_FAILURE))
        hr = find_certificate_fault(doctor, path, hr);
    if (FAILED(hr))
        find_error(doctor, FINDING_FAULT, IDS_CHECK_SERVER, hr);
    return hr == S_OK;
}

/* Ask a cache host for nothing in particular: any status will do. A URL that names an origin goes to no other host. */
static void check_cache_host(struct doctor *doctor, const WCHAR *path, const WCHAR *host)
{
    WCHAR url[CACHE_HOST_MAX + 32], *text;
    struct doctor probe = *doctor;
    HRESULT hr;

    swprintf(url, ARRAY_SIZE(url), L"http://%ls/?cacheHostOrigin=", host);
    probe.url = url;
    hr = ask_server(&probe, path, 0, FALSE);
    if (SUCCEEDED(hr) || HRESULT_FACILITY(hr) == FACILITY_HTTP)
    {
        find(doctor, FINDING_OK, IDS_CHECK_CACHE, format_message(IDS_FOUND_CACHE, host), NULL);
        return;
    }
    text = error_text(hr);
    find(doctor, FINDING_WARNING, IDS_CHECK_CACHE, format_message(IDS_FOUND_NO_CACHE, host, hr, text ? text : L""),
            format_message(IDS_FOUND_NO_CACHE_NEXT));
    free(text);
}

static void check_cache_hosts(struct doctor *doctor, const WCHAR *path)
{
    struct policy_value list;
    struct cache_hosts *hosts;
    unsigned int i;

    policy_read(POLICY_CACHE_HOST, policy_places, POLICY_PLACE_COUNT, &list);
    if ((hosts = calloc(1, sizeof(*hosts))))
    {
        cache_hosts_parse(list.text, hosts);
        for (i = 0; i < hosts->count; i++)
            check_cache_host(doctor, path, hosts->names[i]);
    }
    free(hosts);
    free(list.text);
}

/* Download for a while. */
static void check_speed(struct doctor *doctor, const WCHAR *path)
{
    const struct probe probe = {&doctor->service, doctor->interrupted, doctor->url, path};
    DO_DOWNLOAD_STATUS status = {0};
    IDODownload *download;
    WCHAR size[24];
    ULONGLONG time;
    HRESULT hr;

    if (SUCCEEDED(hr = probe_create(&probe, &download)))
    {
        time = GetTickCount64();
        if (SUCCEEDED(hr = IDODownload_Start(download, NULL)))
            hr = probe_wait(&probe, download, SPEED_TIME, &status);
        time = max(GetTickCount64() - time, 1);
        probe_end(download);
    }
    if (FAILED(hr))
    {
        find_error(doctor, FINDING_FAULT, IDS_CHECK_SPEED, hr);
        return;
    }
    format_size(status.BytesTransferred * 1000 / time, size, ARRAY_SIZE(size));
    if (status.BytesTransferred * 1000 / time < LEAST_RATE * 1000 && hr == S_FALSE)
        find(doctor, FINDING_WARNING, IDS_CHECK_SPEED, format_message(IDS_FOUND_SPEED, size),
                format_message(IDS_FOUND_SLOW_NEXT));
    else
        find(doctor, FINDING_OK, IDS_CHECK_SPEED, format_message(IDS_FOUND_SPEED, size), NULL);
}

static void write_verdict(const struct doctor *doctor)
{
    UINT id = doctor->faults ? IDS_VERDICT_FAULT : doctor->warnings ? IDS_VERDICT_WARNING : IDS_VERDICT_OK;
    WCHAR *verdict = format_message(id, doctor->verdict ? doctor->verdict : L"");

    if (verdict && doctor->json)
    {
        write_text(STD_OUTPUT_HANDLE, L"\n]");
        write_json_member(L"verdict", verdict, TRUE);
        write_text(STD_OUTPUT_HANDLE, L"}\n");
    }
    else if (verdict)
    {
        write_text(STD_OUTPUT_HANDLE, verdict);
        write_text(STD_OUTPUT_HANDLE, L"\n");
    }
    free(verdict);
}

static void examine(struct doctor *doctor)
{
    WCHAR *path;

    check_wine(doctor);
    /* Before the check of the installation, which starts the service. */
    check_death(doctor);
    check_installation(doctor);
    check_policies(doctor);
    path = check_folder(doctor);
    if (check_service(doctor) && path)
    {
        check_cache_hosts(doctor, path);
        if (doctor->url && check_server(doctor, path))
            check_speed(doctor, path);
    }
    service_close(&doctor->service);
    free(path);
}

enum exit_code doctor_run(const struct verb *verb, const void *values, WCHAR **args)
{
    struct doctor doctor = {((const struct doctor_values *)values)->json, .url = args[0]};

    if (doctor.url && !url_is_supported(doctor.url))
        return report_usage(verb, IDS_BAD_URL, args[0]);
    doctor.interrupted = catch_interrupt();
    if (doctor.json)
        write_text(STD_OUTPUT_HANDLE, L"{\"schema\":1,\"findings\":[");
    examine(&doctor);
    write_verdict(&doctor);
    free(doctor.verdict);
    return doctor.faults ? EXIT_PROBLEMS : EXIT_DONE;
}
