/*
 * IBackgroundCopyJobHttpOptions and its successors: how the requests of a job are made
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

#include "com/bits_job.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define HEADERS_MAX    16383 /* characters */
#define STORE_NAME_MAX 255
#define METHOD_MAX     32

#define SECURITY_MASK (BG_SSL_ENABLE_CRL_CHECK | BG_SSL_IGNORE_CERT_CN_INVALID | BG_SSL_IGNORE_CERT_DATE_INVALID \
        | BG_SSL_IGNORE_UNKNOWN_CA | BG_SSL_IGNORE_CERT_WRONG_USAGE | BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP)

DEFINE_IUNKNOWN(http_options, IBackgroundCopyJobHttpOptions3, bg_job)

static struct job *get_job(IBackgroundCopyJobHttpOptions3 *iface)
{
    return impl_from_IBackgroundCopyJobHttpOptions3(iface)->job;
}

/* Find a certificate, by its hash or by a name, and set it. */
static HRESULT set_certificate(struct job *job, BG_CERT_STORE_LOCATION location, const WCHAR *store, const BYTE *hash,
        const WCHAR *name)
{
    struct stored_certificate certificate;
    HRESULT hr;

    if (!store || (!hash && !name))
        return E_INVALIDARG;
    if (wcslen(store) > STORE_NAME_MAX)
        return BG_E_STRING_TOO_LONG;
    if (FAILED(hr = stored_certificate_find(location, store, hash, name, &certificate)))
        return hr;
    if (job_begin_set(job))
        hr = job_end_set(job, job_set_certificate_locked(job, &certificate));
    else
        hr = BG_E_INVALID_STATE;
    stored_certificate_clear(&certificate);
    return hr;
}

static HRESULT WINAPI http_options_SetClientCertificateByID(IBackgroundCopyJobHttpOptions3 *iface,
        BG_CERT_STORE_LOCATION location, LPCWSTR store, BYTE *hash)
{
    TRACE("iface %p, location %u, store %s, hash %p.\n", iface, location, debugstr_w(store), hash);

    return set_certificate(get_job(iface), location, store, hash, NULL);
}

static HRESULT WINAPI http_options_SetClientCertificateByName(IBackgroundCopyJobHttpOptions3 *iface,
        BG_CERT_STORE_LOCATION location, LPCWSTR store, LPCWSTR name)
{
    TRACE("iface %p, location %u, store %s, name %s.\n", iface, location, debugstr_w(store), debugstr_w(name));

    return set_certificate(get_job(iface), location, store, NULL, name);
}

static HRESULT WINAPI http_options_RemoveClientCertificate(IBackgroundCopyJobHttpOptions3 *iface)
{
    struct job *job = get_job(iface);
    BOOL is_set;
    HRESULT hr;

    TRACE("iface %p.\n", iface);

    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    is_set = !!job->options.certificate.store;
    hr = job_end_set(job, job_set_certificate_locked(job, NULL));
    return hr == S_OK && !is_set ? S_FALSE : hr;
}

/* Copy all that the client is told of the certificate. */
static HRESULT copy_certificate(const struct stored_certificate *certificate, WCHAR **store, BYTE **hash,
        WCHAR **subject)
{
    if (!certificate->store)
        return HRESULT_FROM_WIN32(RPC_X_BAD_STUB_DATA);
    if ((*hash = CoTaskMemAlloc(CERTIFICATE_HASH_SIZE)) && SUCCEEDED(copy_string(certificate->store, store))
            && SUCCEEDED(copy_string(certificate->subject ? certificate->subject : L"", subject)))
    {
        memcpy(*hash, certificate->hash, CERTIFICATE_HASH_SIZE);
        return S_OK;
    }
    CoTaskMemFree(*store);
    CoTaskMemFree(*hash);
    *store = NULL;
    *hash = NULL;
    return E_OUTOFMEMORY;
}

static HRESULT WINAPI http_options_GetClientCertificate(IBackgroundCopyJobHttpOptions3 *iface,
        BG_CERT_STORE_LOCATION *location, LPWSTR *store, BYTE **hash, LPWSTR *subject)
{
    struct job *job = get_job(iface);
    HRESULT hr;

    TRACE("iface %p, location %p, store %p, hash %p, subject %p.\n", iface, location, store, hash, subject);

    if (!location || !store || !hash || !subject)
        return E_INVALIDARG;
    *store = *subject = NULL;
    *hash = NULL;
    AcquireSRWLockShared(&job->lock);
    *location = job->options.certificate.location;
    hr = copy_certificate(&job->options.certificate, store, hash, subject);
    ReleaseSRWLockShared(&job->lock);
    return hr;
}

/* Headers may hold credentials: they are not traced. */
static HRESULT WINAPI http_options_SetCustomHeaders(IBackgroundCopyJobHttpOptions3 *iface, LPCWSTR headers)
{
    struct job *job = get_job(iface);

    TRACE("iface %p, headers %p.\n", iface, headers);

    if (headers && wcslen(headers) > HEADERS_MAX)
        return BG_E_STRING_TOO_LONG;
    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    return job_end_set(job, job_set_headers_locked(job, headers));
}

static HRESULT WINAPI http_options_GetCustomHeaders(IBackgroundCopyJobHttpOptions3 *iface, LPWSTR *headers)
{
    struct job *job = get_job(iface);
    HRESULT hr = S_FALSE;

    TRACE("iface %p, headers %p.\n", iface, headers);

    if (!headers)
        return E_INVALIDARG;
    *headers = NULL;
    AcquireSRWLockShared(&job->lock);
    if (job->options.are_headers_hidden)
        hr = E_ACCESSDENIED;
    else if (job->options.headers)
        hr = copy_string(job->options.headers, headers);
    ReleaseSRWLockShared(&job->lock);
    return hr;
}

static BOOL are_valid_flags(ULONG flags)
{
    ULONG policy = flags & BG_HTTP_REDIRECT_POLICY_MASK;

    return !(flags & ~(SECURITY_MASK | BG_HTTP_REDIRECT_POLICY_MASK))
            && (policy == BG_HTTP_REDIRECT_POLICY_ALLOW_SILENT || policy == BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT
            || policy == BG_HTTP_REDIRECT_POLICY_DISALLOW);
}

static HRESULT WINAPI http_options_SetSecurityFlags(IBackgroundCopyJobHttpOptions3 *iface, ULONG flags)
{
    struct job *job = get_job(iface);

    TRACE("iface %p, flags %#lx.\n", iface, flags);

    if (!are_valid_flags(flags))
        return E_NOTIMPL;
    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    return job_end_set(job, job_set_http_flags_locked(job, flags));
}

static HRESULT WINAPI http_options_GetSecurityFlags(IBackgroundCopyJobHttpOptions3 *iface, ULONG *flags)
{
    struct job *job = get_job(iface);

    TRACE("iface %p, flags %p.\n", iface, flags);

    if (!flags)
        return E_INVALIDARG;
    AcquireSRWLockShared(&job->lock);
    *flags = job->options.http_flags;
    ReleaseSRWLockShared(&job->lock);
    return S_OK;
}

/* Return whether a request may have the method. One of these has no body to store, or is not for a client like this. */
static BOOL is_valid_method(const WCHAR *method)
{
    static const WCHAR * const excluded[] = { L"HEAD", L"CONNECT", L"TRACE" };
    UINT i;

    if (!request_is_token(method) || wcslen(method) > METHOD_MAX)
        return FALSE;
    for (i = 0; i < ARRAY_SIZE(excluded); i++)
    {
        if (!wcsicmp(method, excluded[i]))
            return FALSE;
    }
    return TRUE;
}

/* Set the method; for another one than GET the client waits in the foreground. */
static HRESULT set_method_locked(struct job *job, const WCHAR *method)
{
    const WCHAR *other = wcscmp(method, L"GET") ? method : NULL;
    HRESULT hr;

    if (job->is_resumed)
        return BG_E_READ_ONLY_PROPERTY_AFTER_RESUME;
    if (SUCCEEDED(hr = job_set_method_locked(job, other)) && other)
        job_set_priority_locked(job, BG_JOB_PRIORITY_FOREGROUND);
    return hr;
}

static HRESULT WINAPI http_options_SetHttpMethod(IBackgroundCopyJobHttpOptions3 *iface, LPCWSTR method)
{
    struct job *job = get_job(iface);

    TRACE("iface %p, method %s.\n", iface, debugstr_w(method));

    if (!method || !is_valid_method(method))
        return E_INVALIDARG;
    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    return job_end_set(job, set_method_locked(job, method));
}

static HRESULT WINAPI http_options_GetHttpMethod(IBackgroundCopyJobHttpOptions3 *iface, LPWSTR *method)
{
    struct job *job = get_job(iface);
    HRESULT hr;

    TRACE("iface %p, method %p.\n", iface, method);

    AcquireSRWLockShared(&job->lock);
    hr = copy_string(job->options.method ? job->options.method : L"GET", method);
    ReleaseSRWLockShared(&job->lock);
    return hr;
}

/* Refuse to take a check that would not be made. */
static HRESULT WINAPI http_options_SetServerCertificateValidationInterface(IBackgroundCopyJobHttpOptions3 *iface,
        IUnknown *callback)
{
    HRESULT hr;

    TRACE("iface %p, callback %p.\n", iface, callback);

    hr = job_check_not_final(get_job(iface));
    return hr == S_OK && callback ? E_NOTIMPL : hr;
}

static HRESULT WINAPI http_options_MakeCustomHeadersWriteOnly(IBackgroundCopyJobHttpOptions3 *iface)
{
    struct job *job = get_job(iface);

    TRACE("iface %p.\n", iface);

    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    job->options.are_headers_hidden = TRUE;
    return job_end_set(job, S_OK);
}

const IBackgroundCopyJobHttpOptions3Vtbl http_options_vtbl =
{
    http_options_QueryInterface,
    http_options_AddRef,
    http_options_Release,
    /* IBackgroundCopyJobHttpOptions */
    http_options_SetClientCertificateByID,
    http_options_SetClientCertificateByName,
    http_options_RemoveClientCertificate,
    http_options_GetClientCertificate,
    http_options_SetCustomHeaders,
    http_options_GetCustomHeaders,
    http_options_SetSecurityFlags,
    http_options_GetSecurityFlags,
    /* IBackgroundCopyJobHttpOptions2 */
    http_options_SetHttpMethod,
    http_options_GetHttpMethod,
    /* IBackgroundCopyJobHttpOptions3 */
    http_options_SetServerCertificateValidationInterface,
    http_options_MakeCustomHeadersWriteOnly,
};
