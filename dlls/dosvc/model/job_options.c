/*
 * Options of the requests of a job
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

#include "model/job.h"
#include "net/credentials.h"
#include "net/request.h"

#include "bitshttpoptions.h"
#include "winhttp.h"

static const struct
{
    DWORD http_flag, security_flag;
}
security_flags[] =
{
    { BG_SSL_ENABLE_CRL_CHECK,         WINHTTP_ENABLE_SSL_REVOCATION },
    { BG_SSL_IGNORE_CERT_CN_INVALID,   SECURITY_FLAG_IGNORE_CERT_CN_INVALID },
    { BG_SSL_IGNORE_CERT_DATE_INVALID, SECURITY_FLAG_IGNORE_CERT_DATE_INVALID },
    { BG_SSL_IGNORE_UNKNOWN_CA,        SECURITY_FLAG_IGNORE_UNKNOWN_CA },
    { BG_SSL_IGNORE_CERT_WRONG_USAGE,  SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE },
};

static DWORD get_security_flags(DWORD http_flags)
{
    DWORD flags = 0;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(security_flags); i++)
    {
        if (http_flags & security_flags[i].http_flag)
            flags |= security_flags[i].security_flag;
    }
    return flags;
}

static HRESULT replace_credentials_locked(struct job *job, struct credentials *credentials)
{
    if (!credentials)
        return E_OUTOFMEMORY;
    credentials_release(job->options.credentials);
    job->options.credentials = credentials;
    return S_OK;
}

/* Have the property of the job count as credentials. */
static HRESULT apply_stored_credentials_locked(struct job *job)
{
    const struct credentials *credentials = job->options.credentials;

    if (!job->stored_credentials || (credentials && credentials->is_proxy_logon))
        return S_OK;
    return replace_credentials_locked(job, credentials_add_proxy_logon(credentials));
}

HRESULT job_apply_options_locked(struct job *job)
{
    HRESULT hr = apply_stored_credentials_locked(job);
    const struct job_options *set = &job->options;
    const struct transfer_options values =
    {
        .headers = set->headers,
        .method = set->method,
        .security_flags = get_security_flags(set->http_flags),
        .certificate = set->certificate.element,
        .certificate_size = set->certificate.size,
        .is_redirect_refused = !!(set->http_flags & BG_HTTP_REDIRECT_POLICY_DISALLOW),
        .is_insecure_redirect_allowed = !!(set->http_flags & BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP),
        .proxy_usage = (enum proxy_usage)set->proxy_usage,
        .proxy_list = set->proxy_list,
        .proxy_bypass = set->proxy_bypass,
        .credentials = set->credentials,
    };
    struct options *options;
    UINT i;

    if (FAILED(hr))
        return hr;
    if (!(options = options_create(&values)))
        return E_OUTOFMEMORY;
    for (i = 0; i < job->file_count; i++)
        transfer_share_options_locked(job->files[i]->transfer, options);
    options_release(job->shared_options);
    job->shared_options = options;
    return S_OK;
}

C_ASSERT(PROXY_PRECONFIGURED == (enum proxy_usage)BG_JOB_PROXY_USAGE_PRECONFIG);
C_ASSERT(PROXY_FORBIDDEN == (enum proxy_usage)BG_JOB_PROXY_USAGE_NO_PROXY);
C_ASSERT(PROXY_OVERRIDE == (enum proxy_usage)BG_JOB_PROXY_USAGE_OVERRIDE);
C_ASSERT(PROXY_AUTODETECT == (enum proxy_usage)BG_JOB_PROXY_USAGE_AUTODETECT);

/* Apply changed options, or go back to the former ones. The caller frees what is not used then. */
static HRESULT change_options_locked(struct job *job, const struct job_options *changed)
{
    struct job_options former = job->options;
    HRESULT hr;

    job->options = *changed;
    if (SUCCEEDED(hr = job_apply_options_locked(job)))
        return hr;
    former.credentials = job->options.credentials;
    job->options = former;
    return hr;
}

HRESULT job_set_proxy_locked(struct job *job, BG_JOB_PROXY_USAGE usage, const WCHAR *list, const WCHAR *bypass)
{
    struct job_options former = job->options, changed = former;
    HRESULT hr = E_OUTOFMEMORY;

    changed.proxy_usage = usage;
    changed.proxy_list = list ? wcsdup(list) : NULL;
    changed.proxy_bypass = bypass ? wcsdup(bypass) : NULL;
    if (!list == !changed.proxy_list && !bypass == !changed.proxy_bypass)
        hr = change_options_locked(job, &changed);
    free(FAILED(hr) ? changed.proxy_list : former.proxy_list);
    free(FAILED(hr) ? changed.proxy_bypass : former.proxy_bypass);
    return hr;
}

HRESULT job_set_credential_locked(struct job *job, enum auth_target target, enum auth_scheme scheme,
        const struct credential *credential)
{
    static const struct credential none;
    const struct credentials *former = job->options.credentials;
    HRESULT hr;

    if (!credential && (!former || !former->entries[target][scheme].is_set))
        return S_FALSE;
    hr = replace_credentials_locked(job, credentials_replace(former, target, scheme,
            credential ? credential : &none));
    return FAILED(hr) ? hr : job_apply_options_locked(job);
}

HRESULT job_set_headers_locked(struct job *job, const WCHAR *headers)
{
    struct job_options changed = job->options;
    WCHAR *copy = NULL, *saved = NULL;
    HRESULT hr = E_OUTOFMEMORY;

    if (!headers || ((copy = wcsdup(headers)) && (saved = fields_copy_public(headers))))
    {
        changed.headers = copy;
        changed.saved_headers = saved;
        copy = job->options.headers;
        saved = job->options.saved_headers;
        if (FAILED(hr = change_options_locked(job, &changed)))
        {
            copy = changed.headers;
            saved = changed.saved_headers;
        }
    }
    free(copy);
    free(saved);
    return hr;
}

HRESULT job_set_http_flags_locked(struct job *job, DWORD flags)
{
    struct job_options changed = job->options;

    changed.http_flags = flags;
    return change_options_locked(job, &changed);
}

HRESULT job_set_method_locked(struct job *job, const WCHAR *method)
{
    struct job_options changed = job->options;
    WCHAR *former = job->options.method;
    HRESULT hr;

    changed.method = NULL;
    if (method && !(changed.method = wcsdup(method)))
        return E_OUTOFMEMORY;
    hr = change_options_locked(job, &changed);
    free(FAILED(hr) ? changed.method : former);
    return hr;
}

HRESULT job_set_certificate_locked(struct job *job, struct stored_certificate *certificate)
{
    struct stored_certificate former = job->options.certificate;
    struct job_options changed = job->options;
    HRESULT hr;

    memset(&changed.certificate, 0, sizeof(changed.certificate));
    if (certificate)
        changed.certificate = *certificate;
    if (FAILED(hr = change_options_locked(job, &changed)))
        return hr;
    stored_certificate_clear(&former);
    if (certificate)
        memset(certificate, 0, sizeof(*certificate));
    return S_OK;
}

HRESULT job_restore_options(struct job *job)
{
    struct job_options *options = &job->options;

    if (options->saved_headers && !(options->headers = wcsdup(options->saved_headers)))
        return E_OUTOFMEMORY;
    if (options->certificate.store && FAILED(stored_certificate_load(&options->certificate)))
        return E_OUTOFMEMORY;
    /* Leave a job without options as it is: its requests may be sent before their turn. */
    if (!options->headers && !options->http_flags && !options->method && !options->certificate.store
            && options->proxy_usage == BG_JOB_PROXY_USAGE_PRECONFIG && !job->stored_credentials)
        return S_OK;
    return job_apply_options_locked(job);
}

HRESULT job_forget_secrets_locked(struct job *job)
{
    HRESULT hr;

    credentials_release(job->options.credentials);
    job->options.credentials = NULL;
    job->stored_credentials = 0;
    if (SUCCEEDED(hr = job_set_headers_locked(job, NULL)))
        hr = job_set_certificate_locked(job, NULL);
    return hr;
}

void job_free_options(struct job *job)
{
    free(job->options.headers);
    free(job->options.proxy_list);
    free(job->options.proxy_bypass);
    credentials_release(job->options.credentials);
    free(job->options.saved_headers);
    free(job->options.method);
    stored_certificate_clear(&job->options.certificate);
    options_release(job->shared_options);
}
