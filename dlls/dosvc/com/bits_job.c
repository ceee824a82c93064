/*
 * Methods of a job that BITS has and Delivery Optimization has not
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

HRESULT WINAPI bits_job_SetProxySettings(IBackgroundCopyJob5 *iface, BG_JOB_PROXY_USAGE usage, const WCHAR *list,
        const WCHAR *bypass)
{
    return E_NOTIMPL;
}

HRESULT WINAPI bits_job_GetProxySettings(IBackgroundCopyJob5 *iface, BG_JOB_PROXY_USAGE *usage, LPWSTR *list,
        LPWSTR *bypass)
{
    return E_NOTIMPL;
}

/* All processes of a prefix run as one user, who is its administrator and the owner of all jobs. */
HRESULT WINAPI bits_job_TakeOwnership(IBackgroundCopyJob5 *iface)
{
    struct job *job = job_from_iface(iface);
    HRESULT hr;

    TRACE("iface %p.\n", iface);

    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    if (SUCCEEDED(hr = job_forget_secrets_locked(job)))
        return job_end_set(job);
    ReleaseSRWLockExclusive(&job->lock);
    return hr;
}

/* A job starts no programs: nothing in a prefix would limit what they do. */
HRESULT WINAPI bits_job_SetNotifyCmdLine(IBackgroundCopyJob5 *iface, LPCWSTR program, LPCWSTR parameters)
{
    struct job *job = job_from_iface(iface);

    TRACE("iface %p, program %s, parameters %s.\n", iface, debugstr_w(program), debugstr_w(parameters));

    if (!program && parameters)
        return E_INVALIDARG;
    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    ReleaseSRWLockExclusive(&job->lock);
    return program ? E_NOTIMPL : S_OK;
}

HRESULT WINAPI bits_job_GetNotifyCmdLine(IBackgroundCopyJob5 *iface, LPWSTR *program, LPWSTR *parameters)
{
    TRACE("iface %p, program %p, parameters %p.\n", iface, program, parameters);

    if (!program || !parameters)
        return E_INVALIDARG;
    *program = *parameters = NULL;
    return S_OK;
}

HRESULT WINAPI bits_job_SetCredentials(IBackgroundCopyJob5 *iface, BG_AUTH_CREDENTIALS *credentials)
{
    return E_NOTIMPL;
}

HRESULT WINAPI bits_job_RemoveCredentials(IBackgroundCopyJob5 *iface, BG_AUTH_TARGET target, BG_AUTH_SCHEME scheme)
{
    return E_NOTIMPL;
}

/* Replace the prefix of all URLs that have it, or of none. */
static HRESULT replace_prefixes_locked(struct job *job, const WCHAR *from, const WCHAR *to)
{
    UINT length = wcslen(from), i, count = 0;
    struct job_file *file;
    HRESULT hr = S_OK;
    WCHAR **urls;

    if (!(urls = calloc(job->file_count + 1, sizeof(*urls))))
        return E_OUTOFMEMORY;
    for (i = 0; SUCCEEDED(hr) && i < job->file_count; i++)
    {
        if (wcsncmp(job->files[i]->transfer->url, from, length))
            continue;
        count++;
        if (!(urls[i] = join_text(to, wcslen(to), job->files[i]->transfer->url + length)))
            hr = E_OUTOFMEMORY;
        else
            hr = check_remote_name(urls[i]);
    }
    for (i = 0; SUCCEEDED(hr) && i < job->file_count; i++)
    {
        file = job->files[i];
        if (urls[i] && SUCCEEDED(hr = transfer_set_url_locked(file->transfer, urls[i])))
            file->url_client = client_of_url(urls[i]);
    }
    for (i = 0; i < job->file_count; i++)
        free(urls[i]);
    free(urls);
    return FAILED(hr) || count ? hr : S_FALSE;
}

HRESULT WINAPI bits_job_ReplaceRemotePrefix(IBackgroundCopyJob5 *iface, LPCWSTR from, LPCWSTR to)
{
    struct job *job = job_from_iface(iface);
    HRESULT hr;

    TRACE("iface %p, from %s, to %s.\n", iface, debugstr_name(from), debugstr_name(to));

    if (!from || !from[0] || !to)
        return E_INVALIDARG;
    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    if ((hr = replace_prefixes_locked(job, from, to)) == S_OK)
        return job_end_set(job);
    ReleaseSRWLockExclusive(&job->lock);
    return hr;
}
