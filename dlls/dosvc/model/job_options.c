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
    const struct transfer_options values =
    {
        .headers = job->options.headers,
        .proxy_usage = (enum proxy_usage)job->options.proxy_usage,
        .proxy_list = job->options.proxy_list,
        .proxy_bypass = job->options.proxy_bypass,
        .credentials = job->options.credentials,
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

HRESULT job_set_proxy_locked(struct job *job, BG_JOB_PROXY_USAGE usage, const WCHAR *list, const WCHAR *bypass)
{
    struct job_options former = job->options;
    HRESULT hr = E_OUTOFMEMORY;

    job->options.proxy_usage = usage;
    job->options.proxy_list = list ? wcsdup(list) : NULL;
    job->options.proxy_bypass = bypass ? wcsdup(bypass) : NULL;
    if (!list == !job->options.proxy_list && !bypass == !job->options.proxy_bypass)
        hr = job_apply_options_locked(job);
    if (FAILED(hr))
    {
        free(job->options.proxy_list);
        free(job->options.proxy_bypass);
        job->options = former;
        return hr;
    }
    free(former.proxy_list);
    free(former.proxy_bypass);
    return S_OK;
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

HRESULT job_forget_secrets_locked(struct job *job)
{
    credentials_release(job->options.credentials);
    job->options.credentials = NULL;
    job->stored_credentials = 0;
    free(job->options.headers);
    job->options.headers = NULL;
    return job_apply_options_locked(job);
}

void job_free_options(struct job *job)
{
    free(job->options.headers);
    free(job->options.proxy_list);
    free(job->options.proxy_bypass);
    credentials_release(job->options.credentials);
    options_release(job->shared_options);
}
