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

HRESULT job_forget_secrets_locked(struct job *job)
{
    free(job->options.headers);
    job->options.headers = NULL;
    return job_apply_options_locked(job);
}

void job_free_options(struct job *job)
{
    free(job->options.headers);
    options_release(job->shared_options);
}
