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

#define PROXY_TEXT_MAX 4000 /* characters of the list, and of the bypass list */

static HRESULT check_proxy(BG_JOB_PROXY_USAGE usage, const WCHAR *list, const WCHAR *bypass)
{
    if ((UINT)usage > BG_JOB_PROXY_USAGE_AUTODETECT)
        return E_NOTIMPL;
    if (usage == BG_JOB_PROXY_USAGE_OVERRIDE ? !list : list || bypass)
        return E_INVALIDARG;
    if (list && wcslen(list) > PROXY_TEXT_MAX)
        return BG_E_PROXY_LIST_TOO_LARGE;
    return bypass && wcslen(bypass) > PROXY_TEXT_MAX ? BG_E_PROXY_BYPASS_LIST_TOO_LARGE : S_OK;
}

/* The lists are not traced: a client may have written a password into them. */
HRESULT WINAPI bits_job_SetProxySettings(IBackgroundCopyJob5 *iface, BG_JOB_PROXY_USAGE usage, const WCHAR *list,
        const WCHAR *bypass)
{
    struct job *job = job_from_iface(iface);
    HRESULT hr;

    TRACE("iface %p, usage %u, list %p, bypass %p.\n", iface, usage, list, bypass);

    if (FAILED(hr = check_proxy(usage, list, bypass)))
        return hr;
    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    return job_end_set(job, job_set_proxy_locked(job, usage, list, bypass));
}

HRESULT WINAPI bits_job_GetProxySettings(IBackgroundCopyJob5 *iface, BG_JOB_PROXY_USAGE *usage, LPWSTR *list,
        LPWSTR *bypass)
{
    struct job *job = job_from_iface(iface);
    HRESULT hr = S_OK;

    TRACE("iface %p, usage %p, list %p, bypass %p.\n", iface, usage, list, bypass);

    if (!usage || !list || !bypass)
        return E_INVALIDARG;
    *list = *bypass = NULL;
    AcquireSRWLockShared(&job->lock);
    *usage = job->options.proxy_usage;
    if (job->options.proxy_list)
        hr = copy_string(job->options.proxy_list, list);
    if (SUCCEEDED(hr) && job->options.proxy_bypass)
        hr = copy_string(job->options.proxy_bypass, bypass);
    ReleaseSRWLockShared(&job->lock);
    if (FAILED(hr))
    {
        CoTaskMemFree(*list);
        *list = NULL;
    }
    return hr;
}

/* All processes of a prefix run as one user, who is its administrator and the owner of all jobs. */
HRESULT WINAPI bits_job_TakeOwnership(IBackgroundCopyJob5 *iface)
{
    struct job *job = job_from_iface(iface);

    TRACE("iface %p.\n", iface);

    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    return job_end_set(job, job_forget_secrets_locked(job));
}

/* A job starts no programs: nothing in a prefix would limit what they do. */
HRESULT WINAPI bits_job_SetNotifyCmdLine(IBackgroundCopyJob5 *iface, LPCWSTR program, LPCWSTR parameters)
{
    HRESULT hr;

    TRACE("iface %p, program %s, parameters %s.\n", iface, debugstr_w(program), debugstr_w(parameters));

    if (!program && parameters)
        return E_INVALIDARG;
    hr = job_check_not_final(job_from_iface(iface));
    return hr == S_OK && program ? E_NOTIMPL : hr;
}

HRESULT WINAPI bits_job_GetNotifyCmdLine(IBackgroundCopyJob5 *iface, LPWSTR *program, LPWSTR *parameters)
{
    TRACE("iface %p, program %p, parameters %p.\n", iface, program, parameters);

    if (!program || !parameters)
        return E_INVALIDARG;
    *program = *parameters = NULL;
    return S_OK;
}

#define USER_MAX     300   /* characters */
#define PASSWORD_MAX 65535

/* Return what the service calls a target and a scheme, or a code. */
static HRESULT find_auth(BG_AUTH_TARGET target, BG_AUTH_SCHEME scheme, enum auth_target *out,
        enum auth_scheme *out_scheme)
{
    static const enum auth_scheme schemes[] =
    {
        [BG_AUTH_SCHEME_BASIC] = AUTH_BASIC,
        [BG_AUTH_SCHEME_DIGEST] = AUTH_DIGEST,
        [BG_AUTH_SCHEME_NTLM] = AUTH_NTLM,
        [BG_AUTH_SCHEME_NEGOTIATE] = AUTH_NEGOTIATE,
    };

    if (target != BG_AUTH_TARGET_SERVER && target != BG_AUTH_TARGET_PROXY)
        return BG_E_INVALID_AUTH_TARGET;
    if ((UINT)scheme < BG_AUTH_SCHEME_BASIC || (UINT)scheme > BG_AUTH_SCHEME_PASSPORT)
        return BG_E_INVALID_AUTH_SCHEME;
    if (scheme == BG_AUTH_SCHEME_PASSPORT)
        return E_NOTIMPL;
    *out = target == BG_AUTH_TARGET_PROXY ? AUTH_PROXY : AUTH_SERVER;
    *out_scheme = schemes[scheme];
    return S_OK;
}

static HRESULT check_credential(const struct credential *credential, enum auth_scheme scheme)
{
    if ((scheme == AUTH_BASIC || scheme == AUTH_DIGEST) && (!credential->user || !credential->password))
        return E_INVALIDARG;
    if (credential->user && wcslen(credential->user) > USER_MAX)
        return BG_E_USERNAME_TOO_LARGE;
    return credential->password && wcslen(credential->password) > PASSWORD_MAX ? BG_E_PASSWORD_TOO_LARGE : S_OK;
}

/* Set or remove, with NULL. The record has nothing of it, but the time of the change. */
static HRESULT set_credential(struct job *job, enum auth_target target, enum auth_scheme scheme,
        const struct credential *credential)
{
    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    return job_end_set(job, job_set_credential_locked(job, target, scheme, credential));
}

HRESULT WINAPI bits_job_SetCredentials(IBackgroundCopyJob5 *iface, BG_AUTH_CREDENTIALS *credentials)
{
    struct credential credential = { TRUE };
    enum auth_target target;
    enum auth_scheme scheme;
    HRESULT hr;

    if (!credentials)
        return E_INVALIDARG;

    TRACE("iface %p, target %u, scheme %u.\n", iface, credentials->Target, credentials->Scheme);

    if (FAILED(hr = find_auth(credentials->Target, credentials->Scheme, &target, &scheme)))
        return hr;
    credential.user = credentials->Credentials.Basic.UserName;
    credential.password = credentials->Credentials.Basic.Password;
    if (FAILED(hr = check_credential(&credential, scheme)))
        return hr;
    return set_credential(job_from_iface(iface), target, scheme, &credential);
}

HRESULT WINAPI bits_job_RemoveCredentials(IBackgroundCopyJob5 *iface, BG_AUTH_TARGET target, BG_AUTH_SCHEME scheme)
{
    enum auth_target own_target;
    enum auth_scheme own_scheme;
    HRESULT hr;

    TRACE("iface %p, target %u, scheme %u.\n", iface, target, scheme);

    if (FAILED(hr = find_auth(target, scheme, &own_target, &own_scheme)))
        return hr;
    return set_credential(job_from_iface(iface), own_target, own_scheme, NULL);
}

/* Return the URL, as the client may know it, with another prefix; S_FALSE and NULL if it does not have the one. The
 * caller frees it. */
static HRESULT replace_prefix_locked(const struct job_file *file, const WCHAR *from, const WCHAR *to, WCHAR **out)
{
    UINT length = wcslen(from);
    HRESULT hr = S_FALSE;
    WCHAR *url;

    *out = NULL;
    if (!(url = wcsdup(file->transfer->url)))
        return E_OUTOFMEMORY;
    bg_file_hide_userinfo_locked(file, url);
    if (!wcsncmp(url, from, length))
        hr = (*out = join(to, url + length)) ? check_remote_name(*out) : E_OUTOFMEMORY;
    free(url);
    return hr;
}

/* Replace the prefix of all URLs that have it, or of none. */
static HRESULT replace_prefixes_locked(struct job *job, const WCHAR *from, const WCHAR *to)
{
    HRESULT hr = S_OK;
    UINT i, count = 0;
    WCHAR **urls;

    if (!(urls = calloc(job->file_count + 1, sizeof(*urls))))
        return E_OUTOFMEMORY;
    for (i = 0; SUCCEEDED(hr) && i < job->file_count; i++)
    {
        hr = replace_prefix_locked(job->files[i], from, to, &urls[i]);
        count += !!urls[i];
    }
    for (i = 0; SUCCEEDED(hr) && i < job->file_count; i++)
    {
        if (urls[i])
            hr = file_set_url_locked(job->files[i], urls[i]);
    }
    for (i = 0; i < job->file_count; i++)
        free(urls[i]);
    free(urls);
    return FAILED(hr) || count ? hr : S_FALSE;
}

HRESULT WINAPI bits_job_ReplaceRemotePrefix(IBackgroundCopyJob5 *iface, LPCWSTR from, LPCWSTR to)
{
    struct job *job = job_from_iface(iface);

    TRACE("iface %p, from %s, to %s.\n", iface, debugstr_name(from), debugstr_name(to));

    if (!from || !from[0] || !to)
        return E_INVALIDARG;
    if (!job_begin_set(job))
        return BG_E_INVALID_STATE;
    return job_end_set(job, replace_prefixes_locked(job, from, to));
}
