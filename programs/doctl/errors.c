/*
 * doctl: errors, their names and exit codes
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
#include <urlmon.h>

static const struct
{
    HRESULT hr;
    const WCHAR *name;
    enum exit_code exit_code;
}
errors[] =
{
#define X(hr, exit_code) {hr, L## #hr, exit_code}
    X(DO_E_NO_SERVICE,                         EXIT_NO_SERVICE),
    X(DO_E_DOWNLOAD_NO_PROGRESS,               EXIT_FAILED),
    X(DO_E_JOB_NOT_FOUND,                      EXIT_NO_ID),
    X(DO_E_NO_DOWNLOADS,                       EXIT_NO_ID),
    X(DO_E_JOB_EMPTY,                          EXIT_FAILED),
    X(DO_E_JOB_TOO_OLD,                        EXIT_FAILED),
    X(DO_E_INVALID_STATE,                      EXIT_FAILED),
    X(DO_E_ERROR_INFORMATION_UNAVAILABLE,      EXIT_FAILED),
    X(DO_E_INTEGRITYCHECKINFO_UNSPECIFIED,     EXIT_INTEGRITY),
    X(DO_E_INTEGRITYCHECKINFO_UNAVAILABLE,     EXIT_INTEGRITY),
    X(DO_E_FILE_DOWNLOADSINK_UNSPECIFIED,      EXIT_FAILED),
    X(DO_E_FILE_DOWNLOADSINK_ALREADY_SET,      EXIT_FAILED),
    X(DO_E_FILE_SIZE_UNKNOWN_HTTP_200,         EXIT_FAILED),
    X(DO_E_FILE_SIZE_UNKNOWN_HTTP_206,         EXIT_FAILED),
    X(DO_E_FILE_ENCRYPTION_EXPECTED,           EXIT_INTEGRITY),
    X(DO_E_DOWNLOAD_NO_URI,                    EXIT_FAILED),
    X(DO_E_NETWORK_ACCESS_CONSENT_NEEDED,      EXIT_BLOCKED),
    X(DO_E_BLOCKED_BY_COST_TRANSFER_POLICY,    EXIT_BLOCKED),
    X(DO_E_BLOCKED_BY_CELLULAR_POLICY,         EXIT_BLOCKED),
    X(DO_E_BLOCKED_BY_POWER_STATE,             EXIT_BLOCKED),
    X(DO_E_BLOCKED_BY_NO_NETWORK,              EXIT_BLOCKED),
    X(DO_E_BLOCKED_BY_VPN_POLICY,              EXIT_BLOCKED),
    X(DO_E_BLOCKED_BY_CRITICAL_MEMORY_USAGE,   EXIT_BLOCKED),
    X(DO_E_UNEXPECTED_HTTP_STATUS_2XX,         EXIT_FAILED),
    X(DO_E_HTTP_BLOCKSIZE_MISMATCH,            EXIT_FAILED),
    X(DO_E_HTTP_CERT_VALIDATION,               EXIT_FAILED),
    X(DO_E_INVALID_RANGE,                      EXIT_FAILED),
    X(DO_E_INSUFFICIENT_RANGE_SUPPORT,         EXIT_FAILED),
    X(DO_E_OVERLAPPING_RANGES,                 EXIT_FAILED),
    X(DO_E_FATAL_CORE_ERROR,                   EXIT_FAILED),
    X(DO_E_BAD_INCOMING_DATA,                  EXIT_FAILED),
    X(DO_E_BAD_PIECE_HASH,                     EXIT_INTEGRITY),
    X(E_ACCESSDENIED,                          EXIT_FAILED),
    X(E_INVALIDARG,                            EXIT_FAILED),
    X(E_OUTOFMEMORY,                           EXIT_FAILED),
    X(INET_E_INVALID_URL,                      EXIT_FAILED),
    /* The service ended during a call. */
    X(RPC_E_DISCONNECTED,                      EXIT_NO_SERVICE),
    X(RPC_E_SERVER_DIED,                       EXIT_NO_SERVICE),
    X(RPC_E_SERVER_DIED_DNE,                   EXIT_NO_SERVICE),
    X(CO_E_OBJNOTCONNECTED,                    EXIT_NO_SERVICE),
#undef X
    {__HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE), L"RPC_S_SERVER_UNAVAILABLE", EXIT_NO_SERVICE},
    {__HRESULT_FROM_WIN32(RPC_S_CALL_FAILED),        L"RPC_S_CALL_FAILED",        EXIT_NO_SERVICE},
};

const WCHAR *error_name(HRESULT hr)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(errors); ++i)
    {
        if (errors[i].hr == hr)
            return errors[i].name;
    }
    return NULL;
}

enum exit_code error_exit_code(HRESULT hr)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(errors); ++i)
    {
        if (errors[i].hr == hr)
            return errors[i].exit_code;
    }
    return EXIT_FAILED;
}

/* Make one line of the text, without a full stop: more text follows. */
static void trim(WCHAR *text)
{
    size_t length;
    WCHAR *p;

    for (p = text; (p = wcspbrk(p, L"\r\n")); ++p)
        *p = ' ';
    for (length = wcslen(text); length && (text[length - 1] == ' ' || text[length - 1] == '.'); --length)
        text[length - 1] = 0;
}

enum exit_code report_described_error(HRESULT hr, const WCHAR *description, const WCHAR *subject)
{
    WCHAR *text = wcsdup(description);

    if (text)
    {
        trim(text);
        if (subject)
            write_message(STD_ERROR_HANDLE, IDS_ERROR_WITH_SUBJECT, hr, text, subject);
        else
            write_message(STD_ERROR_HANDLE, IDS_ERROR, hr, text);
        free(text);
    }
    return error_exit_code(hr);
}

static WCHAR *system_description(HRESULT hr)
{
    WCHAR *text, *copy;

    if (!FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_ALLOCATE_BUFFER,
            NULL, hr, 0, (WCHAR *)&text, 0, NULL))
        return format_message(hr == REGDB_E_CLASSNOTREG ? IDS_NOT_REGISTERED : IDS_UNKNOWN_ERROR);
    copy = wcsdup(text);
    LocalFree(text);
    return copy;
}

enum exit_code report_error(const struct service *service, HRESULT hr, const WCHAR *subject)
{
    WCHAR *text;

    if (service && (text = service_describe_error(service, hr)))
    {
        report_described_error(hr, text, subject);
        CoTaskMemFree(text);
    }
    else if ((text = system_description(hr)))
    {
        report_described_error(hr, text, subject);
        free(text);
    }
    return error_exit_code(hr);
}

enum exit_code report_no_service(HRESULT hr)
{
    WCHAR *text = format_message(IDS_NO_SERVICE);

    report_error(NULL, hr, text);
    free(text);
    return EXIT_NO_SERVICE;
}

void report_cause(const struct service *service, HRESULT hr)
{
    WCHAR *text = service_describe_error(service, hr);

    if (!text)
        return;
    trim(text);
    write_message(STD_ERROR_HANDLE, IDS_CAUSE, hr, text);
    CoTaskMemFree(text);
}
