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
#include "net/request.h"

HRESULT job_apply_options_locked(struct job *job)
{
    const struct transfer_options values =
    {
        .headers = job->options.headers,
        .proxy_usage = (enum proxy_usage)job->options.proxy_usage,
        .proxy_list = job->options.proxy_list,
        .proxy_bypass = job->options.proxy_bypass,
    };
    struct options *options;
    UINT i;

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

HRESULT job_forget_secrets_locked(struct job *job)
{
    free(job->options.headers);
    job->options.headers = NULL;
    return job_apply_options_locked(job);
}

void job_free_options(struct job *job)
{
    free(job->options.headers);
    free(job->options.proxy_list);
    free(job->options.proxy_bypass);
    options_release(job->shared_options);
}
