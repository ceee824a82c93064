/*
 * What went wrong, and what follows from it
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

#include "net/failure.h"
#include "net/transport.h"
#include "base/url.h"

#include "bitserrors.h"

#include "base/log.h"

#ifndef INET_E_INVALID_URL /* of urlmon.h, which is all about COM */
#define INET_E_INVALID_URL ((HRESULT)0x800c0002)
#endif

#define HRESULT_FROM_STATUS(status) ((HRESULT)(0x80190000 | (status)))

const struct failure no_failure;

/* A server that has not proved who it is. */
#define TLS_ERROR(error) { error, { FAILURE_FATAL, DO_E_HTTP_CERT_VALIDATION, __HRESULT_FROM_WIN32(error), \
        .source = SOURCE_REMOTE } }

/* Transport errors that another attempt does not help. */
static const struct
{
    DWORD error;
    struct failure failure;
}
transport_errors[] =
{
    { ERROR_OUTOFMEMORY, { FAILURE_FATAL, E_OUTOFMEMORY } },
    { ERROR_NOT_ENOUGH_MEMORY, { FAILURE_FATAL, E_OUTOFMEMORY } },
    { ERROR_WINHTTP_INVALID_URL, { FAILURE_FATAL, INET_E_INVALID_URL, .source = SOURCE_REMOTE } },
    TLS_ERROR(ERROR_WINHTTP_SECURE_FAILURE),
    TLS_ERROR(ERROR_WINHTTP_SECURE_CERT_CN_INVALID),
    TLS_ERROR(ERROR_WINHTTP_SECURE_CERT_DATE_INVALID),
    TLS_ERROR(ERROR_WINHTTP_SECURE_CERT_REVOKED),
    TLS_ERROR(ERROR_WINHTTP_SECURE_CERT_REV_FAILED),
    TLS_ERROR(ERROR_WINHTTP_SECURE_INVALID_CA),
    { ERROR_WINHTTP_INVALID_OPTION, { FAILURE_FATAL, BG_E_INVALID_PROXY_INFO, .source = SOURCE_PROXY } },
    { ERROR_WINHTTP_LOGIN_FAILURE, { FAILURE_FATAL, HRESULT_FROM_STATUS(407), .source = SOURCE_REMOTE } },
    { ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED, { FAILURE_FATAL,
            __HRESULT_FROM_WIN32(ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED), .source = SOURCE_REMOTE } },
    { ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY, { FAILURE_FATAL,
            __HRESULT_FROM_WIN32(ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED),
            __HRESULT_FROM_WIN32(ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY), .source = SOURCE_REMOTE } },
};

/* Codes decided here rather than by the system or the server. */
static const struct failure own_errors[] =
{
    { FAILURE_FATAL, E_OUTOFMEMORY },
    { FAILURE_FATAL, DO_E_FILE_DOWNLOADSINK_UNSPECIFIED, .source = SOURCE_LOCAL },
    { FAILURE_RETRY, DO_E_HTTP_BLOCKSIZE_MISMATCH, .source = SOURCE_REMOTE },
    { FAILURE_RETRY, DO_E_BLOCKED_BY_COST_TRANSFER_POLICY },
    { FAILURE_RETRY, DO_E_BLOCKED_BY_CELLULAR_POLICY },
    { FAILURE_RETRY, DO_E_BLOCKED_BY_POWER_STATE },
};

struct failure failure_from_transport(DWORD error)
{
    struct failure failure = { FAILURE_RETRY, HRESULT_FROM_WIN32(error), .source = SOURCE_REMOTE };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(transport_errors); i++)
    {
        if (transport_errors[i].error == error)
            return transport_errors[i].failure;
    }
    return failure;
}

#define RULE(rules) (1u << (rules))
#define RULES_ALL   (RULE(STATUS_OF_JOB) | RULE(STATUS_OF_DOWNLOAD) | RULE(STATUS_OF_BITS))

/* Statuses from 400 on with which a server may give another answer later, and for whom. */
static const struct
{
    DWORD first, last;
    UINT rules;
}
passing_statuses[] =
{
    { 408, 408, RULES_ALL },
    { 409, 409, RULE(STATUS_OF_BITS) },
    { 425, 425, RULE(STATUS_OF_JOB) | RULE(STATUS_OF_DOWNLOAD) },
    { 429, 429, RULE(STATUS_OF_JOB) | RULE(STATUS_OF_DOWNLOAD) },
    { 500, 500, RULES_ALL },
    { 501, 501, RULE(STATUS_OF_JOB) },
    { 502, 504, RULES_ALL },
    { 505, 505, RULE(STATUS_OF_JOB) },
    { 506, ~0u, RULES_ALL },
};

static BOOL is_passing_status(enum status_rules rules, DWORD status)
{
    UINT i;

    for (i = 0; i < ARRAY_SIZE(passing_statuses); i++)
    {
        if (status >= passing_statuses[i].first && status <= passing_statuses[i].last)
            return (passing_statuses[i].rules & RULE(rules)) != 0;
    }
    return FALSE;
}

static DWORD fold_status(DWORD status)
{
    if (status < 400)
        return 3;
    return status == 410 ? 404 : status;
}

struct failure failure_from_status(enum status_rules rules, DWORD status, DWORD retry_after)
{
    struct failure failure = { FAILURE_FATAL, HRESULT_FROM_STATUS(status), .http_status = status,
            .source = SOURCE_REMOTE };

    if (status < 300)
    {
        failure.class = FAILURE_RETRY;
        failure.hr = DO_E_UNEXPECTED_HTTP_STATUS_2XX;
        return failure;
    }
    if (rules == STATUS_OF_DOWNLOAD)
        failure.hr = HRESULT_FROM_STATUS(fold_status(status));
    if (is_passing_status(rules, status))
    {
        failure.class = FAILURE_RETRY;
        failure.retry_after = retry_after;
    }
    return failure;
}

BOOL is_status_of_expired(enum status_rules rules, DWORD status)
{
    if (rules == STATUS_OF_JOB)
        return status >= 400 && status < 500;
    return status == 401 || status == 403 || status == 404 || status == 410;
}

struct failure failure_from_sink(HRESULT hr)
{
    struct failure failure = { FAILURE_FATAL, hr, .source = SOURCE_LOCAL };

    return failure;
}

/* Codes of the transient zone may be tried again, and others as the table says. */
struct failure failure_from_hresult(HRESULT hr)
{
    struct failure failure = { FAILURE_FATAL, hr, .source = SOURCE_REMOTE };
    UINT i;

    if (HRESULT_FACILITY(hr) == FACILITY_DELIVERY_OPTIMIZATION
            && (hr & DO_TRANSIENT_ZONE_MASK) == DO_TRANSIENT_ZONE)
        failure.class = FAILURE_RETRY;
    for (i = 0; i < ARRAY_SIZE(own_errors); i++)
    {
        if (own_errors[i].hr == hr)
            return own_errors[i];
    }
    return failure;
}

HRESULT failure_get_cause(const struct failure *failure)
{
    if (failure->hr == DO_E_HTTP_CERT_VALIDATION && failure->underlying)
        return HRESULT_FROM_WIN32(ERROR_WINHTTP_SECURE_FAILURE);
    return failure->underlying;
}

const char *debugstr_url(const WCHAR *text)
{
    const WCHAR *start;
    struct url url;

    if (!text)
        return "(null)";
    if (!url_parse(text, &url))
        return "(not a URL)";
    /* Up to the query; from the host on if there is a password in front of it. */
    start = url.authority == text + wcslen(url.is_secure ? L"https://" : L"http://") ? text : url.authority;
    return wine_dbg_sprintf("%s%s", debugstr_wn(start, url.path + url.path_length - start),
            url.query_length ? "?..." : "");
}

const char *debugstr_name(const WCHAR *name)
{
    struct url url;

    return name && url_parse(name, &url) ? debugstr_url(name) : debugstr_w(name);
}
