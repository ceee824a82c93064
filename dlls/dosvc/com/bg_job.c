/*
 * IBackgroundCopyJob and its relatives: a front of struct job
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

#include "com/bits_job.h"
#include "base/url.h"
#include "net/local_file.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define NOTIFY_FLAGS_MASK (BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR | BG_NOTIFY_DISABLE \
        | BG_NOTIFY_JOB_MODIFICATION | BG_NOTIFY_FILE_TRANSFERRED | BG_NOTIFY_FILE_RANGES_TRANSFERRED)

#define RETRY_DELAY_MIN 5 /* seconds */

#define PEER_CACHING_MASK (BG_JOB_ENABLE_PEERCACHING_CLIENT | BG_JOB_ENABLE_PEERCACHING_SERVER \
        | BG_JOB_DISABLE_BRANCH_CACHE)

C_ASSERT(sizeof(struct range) == sizeof(BG_FILE_RANGE));
C_ASSERT(offsetof(struct range, offset) == offsetof(BG_FILE_RANGE, InitialOffset));
C_ASSERT(offsetof(struct range, length) == offsetof(BG_FILE_RANGE, Length));

static HRESULT check_ranges(const BG_FILE_RANGE *ranges, DWORD count, UINT64 size)
{
    if (count && (!ranges || count > JOB_RANGES_MAX))
        return E_INVALIDARG;
    return ranges_validate((const struct range *)ranges, count, size ? size : SIZE_UNKNOWN);
}

/* Add a file, with checks in the order of the API. Without a path it gets its sink later; then riid is wanted of it. */
static HRESULT add_file(struct job *job, const WCHAR *id, const WCHAR *url, const WCHAR *path, const IID *riid,
        const BG_FILE_RANGE *ranges, DWORD count, UINT64 size, struct job_file **file)
{
    const struct file_params params = { id, url, path, (const struct range *)ranges, count, size };
    HRESULT hr;

    if (FAILED(hr = job_check_not_final(job)) || FAILED(hr = check_file_id(id)) || FAILED(hr = check_remote_name(url)))
        return hr;
    if (riid && !com_object_supports(com_front->file, riid))
        return E_NOINTERFACE;
    if (!riid && (FAILED(hr = check_path(path)) || FAILED(hr = check_other_file(url, path))
            || FAILED(hr = check_directory(path))))
        return hr;
    if (count && local_file_is_source(url))
        return E_INVALIDARG;
    if (FAILED(hr = check_ranges(ranges, count, size)))
        return hr;
    return job_add_files(job, &params, 1, file);
}

DEFINE_IUNKNOWN(bg_job, IBackgroundCopyJob5, bg_job)

static HRESULT WINAPI bg_job_AddFileSet(IBackgroundCopyJob5 *iface, ULONG count, BG_FILE_INFO *infos)
{
    struct job *job = impl_from_IBackgroundCopyJob5(iface)->job;
    struct file_params *params;
    HRESULT hr;
    ULONG i;

    TRACE("iface %p, count %lu, infos %p.\n", iface, count, infos);

    if (FAILED(hr = job_check_not_final(job)))
        return com_result(hr);
    if (!count || !infos || count > ULONG_MAX / sizeof(*params))
        return E_INVALIDARG;
    if (!(params = calloc(count, sizeof(*params))))
        return E_OUTOFMEMORY;
    for (i = 0; SUCCEEDED(hr) && i < count; i++)
    {
        params[i].id = params[i].url = infos[i].RemoteName;
        params[i].path = infos[i].LocalName;
        params[i].size = DO_UNKNOWN_FILE_SIZE;
        if (SUCCEEDED(hr = check_remote_name(params[i].url)) && SUCCEEDED(hr = check_path(params[i].path))
                && SUCCEEDED(hr = check_other_file(params[i].url, params[i].path))
                && (!i || !is_same_directory(params[i].path, params[i - 1].path)))
            hr = check_directory(params[i].path);
    }
    if (SUCCEEDED(hr))
        hr = job_add_files(job, params, count, NULL);
    free(params);
    return com_result(hr);
}

static HRESULT WINAPI bg_job_AddFile(IBackgroundCopyJob5 *iface, LPCWSTR url, LPCWSTR path)
{
    TRACE("iface %p, url %s, path %s.\n", iface, debugstr_url(url), debugstr_w(path));

    return com_result(add_file(impl_from_IBackgroundCopyJob5(iface)->job, url, url, path, NULL, NULL, 0,
            DO_UNKNOWN_FILE_SIZE, NULL));
}

static HRESULT make_file_item(void *file, struct client *client, IUnknown **item)
{
    return bg_file_create(file, client, (IBackgroundCopyFile **)item);
}

static HRESULT WINAPI bg_job_EnumFiles(IBackgroundCopyJob5 *iface, IEnumBackgroundCopyFiles **out)
{
    struct job *job = impl_from_IBackgroundCopyJob5(iface)->job;
    struct job_file **files;
    UINT count;
    HRESULT hr;

    TRACE("iface %p, out %p.\n", iface, out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;

    AcquireSRWLockShared(&job->lock);
    count = job->file_count;
    if ((files = calloc(count + 1, sizeof(*files))) && count)
        memcpy(files, job->files, count * sizeof(*files));
    ReleaseSRWLockShared(&job->lock);
    if (!files)
        return E_OUTOFMEMORY;
    hr = enum_create(&enum_files_class, (void **)files, count, make_file_item, (void **)out);
    free(files);
    return hr;
}

/* Methods that the job carries out. */
#define DEFINE_ACTION(method, function) \
static HRESULT WINAPI bg_job_##method(IBackgroundCopyJob5 *iface) \
{ \
    TRACE("iface %p.\n", iface); \
 \
    return com_result(function(impl_from_IBackgroundCopyJob5(iface)->job)); \
}

/* Methods after which it has no object of the client. */

static HRESULT cancel_job(struct job *job)
{
    return client_settle(job_cancel(job));
}

static HRESULT complete_job(struct job *job)
{
    return client_settle(job_complete(job));
}

DEFINE_ACTION(Suspend, job_suspend)
DEFINE_ACTION(Resume, job_resume)
DEFINE_ACTION(Cancel, cancel_job)
DEFINE_ACTION(Complete, complete_job)

static HRESULT WINAPI bg_job_GetProgress(IBackgroundCopyJob5 *iface, BG_JOB_PROGRESS *progress)
{
    struct job *job = impl_from_IBackgroundCopyJob5(iface)->job;
    UINT64 total;
    UINT i;

    TRACE("iface %p, progress %p.\n", iface, progress);

    if (!progress)
        return E_INVALIDARG;
    memset(progress, 0, sizeof(*progress));
    AcquireSRWLockShared(&job->lock);
    progress->FilesTotal = job->file_count;
    for (i = 0; i < job->file_count; i++)
    {
        const struct transfer *transfer = job->files[i]->transfer;
        BOOL is_ahead = file_is_ahead_locked(job->files[i]);

        total = is_ahead ? transfer_get_declared_total_locked(transfer) : transfer_get_total_locked(transfer);
        if (total == SIZE_UNKNOWN || progress->BytesTotal == BG_SIZE_UNKNOWN)
            progress->BytesTotal = BG_SIZE_UNKNOWN;
        else
            progress->BytesTotal += total;
        if (is_ahead)
            continue;
        progress->BytesTransferred += transfer_get_progress_locked(transfer);
        if (transfer->state == TRANSFER_DONE)
            progress->FilesTransferred++;
    }
    ReleaseSRWLockShared(&job->lock);
    return S_OK;
}

/* Methods that tell a value of the job. */
#define DEFINE_GETTER(method, type, value) \
static HRESULT WINAPI bg_job_##method(IBackgroundCopyJob5 *iface, type *out) \
{ \
    struct job *job = impl_from_IBackgroundCopyJob5(iface)->job; \
 \
    TRACE("iface %p, out %p.\n", iface, out); \
 \
    if (!out) \
        return E_INVALIDARG; \
    AcquireSRWLockShared(&job->lock); \
    *out = value; \
    ReleaseSRWLockShared(&job->lock); \
    return S_OK; \
}

DEFINE_GETTER(GetId, GUID, job->id)
DEFINE_GETTER(GetType, BG_JOB_TYPE, BG_JOB_TYPE_DOWNLOAD)
DEFINE_GETTER(GetTimes, BG_JOB_TIMES, job->times)
DEFINE_GETTER(GetState, BG_JOB_STATE, job->state)
DEFINE_GETTER(GetPriority, BG_JOB_PRIORITY, job->priority)
DEFINE_GETTER(GetNotifyFlags, ULONG, job->notify_flags)
DEFINE_GETTER(GetNotifyInterface, IUnknown *, callback_get_object_locked(job->callback))
DEFINE_GETTER(GetMinimumRetryDelay, ULONG, job->retry_delay)
DEFINE_GETTER(GetNoProgressTimeout, ULONG, job->no_progress_timeout)
DEFINE_GETTER(GetErrorCount, ULONG, job->error_count)

/* Methods that tell a string of the job. */
#define DEFINE_STRING_GETTER(method, member) \
static HRESULT WINAPI bg_job_##method(IBackgroundCopyJob5 *iface, WCHAR **out) \
{ \
    struct job *job = impl_from_IBackgroundCopyJob5(iface)->job; \
    HRESULT hr; \
 \
    TRACE("iface %p, out %p.\n", iface, out); \
 \
    AcquireSRWLockShared(&job->lock); \
    hr = copy_string(job->member, out); \
    ReleaseSRWLockShared(&job->lock); \
    return hr; \
}

DEFINE_STRING_GETTER(GetOwner, user_sid)
DEFINE_STRING_GETTER(GetDisplayName, name)
DEFINE_STRING_GETTER(GetDescription, description)

static HRESULT WINAPI bg_job_GetError(IBackgroundCopyJob5 *iface, IBackgroundCopyError **out)
{
    struct job *job = impl_from_IBackgroundCopyJob5(iface)->job;
    struct job_error error;
    BOOL has_error;

    TRACE("iface %p, out %p.\n", iface, out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    AcquireSRWLockShared(&job->lock);
    has_error = job->has_error && !job_is_final_locked(job);
    error = job->error;
    ReleaseSRWLockShared(&job->lock);
    return has_error ? bg_error_create(job, &error, NULL, out)
            : com_result(DO_E_ERROR_INFORMATION_UNAVAILABLE);
}

/* Replace a string member of the job. */
static HRESULT set_string(struct job *job, WCHAR **member, const WCHAR *value)
{
    WCHAR *copy;

    if (!(copy = wcsdup(value)))
        return E_OUTOFMEMORY;
    if (!job_begin_set(job))
    {
        free(copy);
        return com_result(DO_E_INVALID_STATE);
    }
    free(*member);
    *member = copy;
    return job_end_set(job, S_OK);
}

static HRESULT WINAPI bg_job_SetDisplayName(IBackgroundCopyJob5 *iface, LPCWSTR name)
{
    struct job *job = impl_from_IBackgroundCopyJob5(iface)->job;

    TRACE("iface %p, name %s.\n", iface, debugstr_name(name));

    if (!name || wcslen(name) > JOB_NAME_MAX)
        return E_INVALIDARG;
    return set_string(job, &job->name, name);
}

static HRESULT WINAPI bg_job_SetDescription(IBackgroundCopyJob5 *iface, LPCWSTR description)
{
    struct job *job = impl_from_IBackgroundCopyJob5(iface)->job;

    TRACE("iface %p, description %s.\n", iface, debugstr_name(description));

    if (!description)
        return E_INVALIDARG;
    if (wcslen(description) > JOB_DESCRIPTION_MAX)
        return BG_E_STRING_TOO_LONG;
    return set_string(job, &job->description, description);
}

static void set_notify_flags_locked(struct job *job, ULONG flags)
{
    job->notify_flags = flags;
    table_tell_locked(&job->item, JOB_LISTENER_CHANGED);
}

static HRESULT check_not_transferred(struct job *job)
{
    BOOL is_transferred;

    AcquireSRWLockShared(&job->lock);
    is_transferred = job->state == BG_JOB_STATE_TRANSFERRED;
    ReleaseSRWLockShared(&job->lock);
    return is_transferred ? com_result(DO_E_INVALID_STATE) : S_OK;
}

/* A method that is not repeatable is only asked for while its client waits. */
static HRESULT check_priority(struct job *job)
{
    BOOL is_fixed;

    AcquireSRWLockShared(&job->lock);
    is_fixed = !!job->options.method;
    ReleaseSRWLockShared(&job->lock);
    return is_fixed ? com_result(DO_E_INVALID_STATE) : S_OK;
}

/* Methods that set a number; check is S_OK if it may be set, action is taken with the lock held. */
#define DEFINE_SETTER(method, type, check, action) \
static HRESULT WINAPI bg_job_##method(IBackgroundCopyJob5 *iface, type value) \
{ \
    struct job *job = impl_from_IBackgroundCopyJob5(iface)->job; \
    HRESULT hr = check; \
 \
    TRACE("iface %p, value %#lx.\n", iface, (ULONG)value); \
 \
    if (FAILED(hr)) \
        return hr; \
    if (!job_begin_set(job)) \
        return com_result(DO_E_INVALID_STATE); \
    action; \
    return job_end_set(job, S_OK); \
}

DEFINE_SETTER(SetPriority, BG_JOB_PRIORITY, (UINT)value <= BG_JOB_PRIORITY_LOW ? check_priority(job) : E_NOTIMPL,
        job_set_priority_locked(job, value))
DEFINE_SETTER(SetNotifyFlags, ULONG, value & ~NOTIFY_FLAGS_MASK ? E_NOTIMPL : S_OK, set_notify_flags_locked(job, value))
DEFINE_SETTER(SetMinimumRetryDelay, ULONG, S_OK, job_set_retry_delay_locked(job, max(value, RETRY_DELAY_MIN)))
DEFINE_SETTER(SetNoProgressTimeout, ULONG, S_OK, job_set_timeout_locked(job, value))

DEFINE_GETTER(GetFileACLFlags, DWORD, job->file_acl_flags)
DEFINE_GETTER(GetPeerCachingFlags, DWORD, job->peer_caching_flags)
DEFINE_GETTER(GetOwnerIntegrityLevel, ULONG, job->integrity_level)
DEFINE_GETTER(GetOwnerElevationState, BOOL, job->is_elevated)
DEFINE_GETTER(GetMaximumDownloadTime, ULONG, job->max_download_time)
DEFINE_SETTER(SetMaximumDownloadTime, ULONG, S_OK, job_set_max_download_time_locked(job, value))
/* Hints without an effect: security descriptors are not copied, and there are no peers. */
DEFINE_SETTER(SetFileACLFlags, DWORD, value & ~BG_COPY_FILE_ALL ? E_INVALIDARG : check_not_transferred(job),
        job->file_acl_flags = value)
DEFINE_SETTER(SetPeerCachingFlags, DWORD, value & ~PEER_CACHING_MASK ? E_INVALIDARG : S_OK,
        job->peer_caching_flags = value)

static HRESULT WINAPI bg_job_SetNotifyInterface(IBackgroundCopyJob5 *iface, IUnknown *unknown)
{
    struct job *job = impl_from_IBackgroundCopyJob5(iface)->job;
    struct callback *callback = NULL;
    HRESULT hr;

    TRACE("iface %p, unknown %p.\n", iface, unknown);

    if (unknown && FAILED(hr = callback_create(job_table.callbacks, &job->item, &job->lock, &job->callback, unknown,
            &callback)))
        return hr;
    if (!job_begin_set(job))
    {
        callback_release(callback);
        return com_result(DO_E_INVALID_STATE);
    }
    callback_release(callback_replace_locked(&job->callback, callback));
    if (callback)
        job->is_notified = FALSE; /* tell a new object what the old one may have heard */
    /* Without an object the class hears what the old one has not accepted. */
    table_tell_locked(&job->item, JOB_LISTENER_CHANGED);
    /* Wait for no record: an interface is not durable. */
    job_touch_locked(job);
    ReleaseSRWLockExclusive(&job->lock);
    return S_OK;
}

static HRESULT WINAPI bg_job_AddFileWithRanges(IBackgroundCopyJob5 *iface, LPCWSTR url, LPCWSTR path, DWORD count,
        BG_FILE_RANGE *ranges)
{
    struct job *job = impl_from_IBackgroundCopyJob5(iface)->job;
    HRESULT hr;

    TRACE("iface %p, url %s, path %s, count %lu, ranges %p.\n", iface, debugstr_url(url), debugstr_w(path), count,
            ranges);

    if (SUCCEEDED(hr = job_check_not_final(job)))
        hr = count ? add_file(job, url, url, path, NULL, ranges, count, DO_UNKNOWN_FILE_SIZE, NULL) : E_INVALIDARG;
    return com_result(hr);
}

/* Methods that this API does not offer (job-api 3.9). */

NOT_OFFERED(bg_job, SetProxySettings, (IBackgroundCopyJob5 *iface, BG_JOB_PROXY_USAGE usage, const WCHAR *list,
        const WCHAR *bypass),)
NOT_OFFERED(bg_job, GetProxySettings, (IBackgroundCopyJob5 *iface, BG_JOB_PROXY_USAGE *usage, LPWSTR *list,
        LPWSTR *bypass), CLEAR(usage); CLEAR(list); CLEAR(bypass))
NOT_OFFERED(bg_job, TakeOwnership, (IBackgroundCopyJob5 *iface),)
NOT_OFFERED(bg_job, SetNotifyCmdLine, (IBackgroundCopyJob5 *iface, LPCWSTR program, LPCWSTR parameters),)
NOT_OFFERED(bg_job, GetNotifyCmdLine, (IBackgroundCopyJob5 *iface, LPWSTR *program, LPWSTR *parameters),
        CLEAR(program); CLEAR(parameters))
NOT_OFFERED(bg_job, GetReplyProgress, (IBackgroundCopyJob5 *iface, BG_JOB_REPLY_PROGRESS *progress), CLEAR(progress))
NOT_OFFERED(bg_job, GetReplyData, (IBackgroundCopyJob5 *iface, byte **buffer, UINT64 *length),
        CLEAR(buffer); CLEAR(length))
NOT_OFFERED(bg_job, SetReplyFileName, (IBackgroundCopyJob5 *iface, LPCWSTR filename),)
NOT_OFFERED(bg_job, GetReplyFileName, (IBackgroundCopyJob5 *iface, LPWSTR *filename), CLEAR(filename))
NOT_OFFERED(bg_job, SetCredentials, (IBackgroundCopyJob5 *iface, BG_AUTH_CREDENTIALS *credentials),)
NOT_OFFERED(bg_job, RemoveCredentials, (IBackgroundCopyJob5 *iface, BG_AUTH_TARGET target, BG_AUTH_SCHEME scheme),)
NOT_OFFERED(bg_job, ReplaceRemotePrefix, (IBackgroundCopyJob5 *iface, LPCWSTR old, LPCWSTR new),)

/* Methods of a job; those of the prefix differ between the services. */
#define JOB_VTBL(prefix) \
{ \
    bg_job_QueryInterface, \
    bg_job_AddRef, \
    bg_job_Release, \
    /* IBackgroundCopyJob */ \
    bg_job_AddFileSet, \
    bg_job_AddFile, \
    bg_job_EnumFiles, \
    bg_job_Suspend, \
    bg_job_Resume, \
    bg_job_Cancel, \
    bg_job_Complete, \
    bg_job_GetId, \
    bg_job_GetType, \
    bg_job_GetProgress, \
    bg_job_GetTimes, \
    bg_job_GetState, \
    bg_job_GetError, \
    bg_job_GetOwner, \
    bg_job_SetDisplayName, \
    bg_job_GetDisplayName, \
    bg_job_SetDescription, \
    bg_job_GetDescription, \
    bg_job_SetPriority, \
    bg_job_GetPriority, \
    bg_job_SetNotifyFlags, \
    bg_job_GetNotifyFlags, \
    bg_job_SetNotifyInterface, \
    bg_job_GetNotifyInterface, \
    bg_job_SetMinimumRetryDelay, \
    bg_job_GetMinimumRetryDelay, \
    bg_job_SetNoProgressTimeout, \
    bg_job_GetNoProgressTimeout, \
    bg_job_GetErrorCount, \
    prefix##_SetProxySettings, \
    prefix##_GetProxySettings, \
    prefix##_TakeOwnership, \
    /* IBackgroundCopyJob2 */ \
    prefix##_SetNotifyCmdLine, \
    prefix##_GetNotifyCmdLine, \
    bg_job_GetReplyProgress, \
    bg_job_GetReplyData, \
    bg_job_SetReplyFileName, \
    bg_job_GetReplyFileName, \
    prefix##_SetCredentials, \
    prefix##_RemoveCredentials, \
    /* IBackgroundCopyJob3 */ \
    prefix##_ReplaceRemotePrefix, \
    bg_job_AddFileWithRanges, \
    bg_job_SetFileACLFlags, \
    bg_job_GetFileACLFlags, \
    /* IBackgroundCopyJob4 */ \
    bg_job_SetPeerCachingFlags, \
    bg_job_GetPeerCachingFlags, \
    bg_job_GetOwnerIntegrityLevel, \
    bg_job_GetOwnerElevationState, \
    bg_job_SetMaximumDownloadTime, \
    bg_job_GetMaximumDownloadTime, \
    /* IBackgroundCopyJob5 */ \
    job_SetProperty, \
    job_GetProperty, \
}

static const IBackgroundCopyJob5Vtbl bg_job_vtbl = JOB_VTBL(bg_job);
static const IBackgroundCopyJob5Vtbl bits_job_vtbl = JOB_VTBL(bits_job);

DEFINE_IUNKNOWN(do_job, IDeliveryOptimizationJob, bg_job)

static HRESULT WINAPI do_job_AddFileWithRanges(IDeliveryOptimizationJob *iface, LPCWSTR id, LPCWSTR url, LPCWSTR path,
        DWORD count, BG_FILE_RANGE *ranges, ULONG64 size)
{
    TRACE("iface %p, id %s, url %s, path %s, count %lu, ranges %p, size %s.\n", iface, debugstr_name(id),
            debugstr_url(url), debugstr_w(path), count, ranges, wine_dbgstr_longlong(size));

    return add_file(impl_from_IDeliveryOptimizationJob(iface)->job, id, url, path, NULL, ranges, count, size, NULL);
}

static const IDeliveryOptimizationJobVtbl do_job_vtbl =
{
    do_job_QueryInterface,
    do_job_AddRef,
    do_job_Release,
    do_job_AddFileWithRanges,
};

DEFINE_IUNKNOWN(do_job2, IDeliveryOptimizationJob2, bg_job)

static HRESULT WINAPI do_job2_AddFile(IDeliveryOptimizationJob2 *iface, LPCWSTR id, LPCWSTR url, DWORD count,
        BG_FILE_RANGE *ranges, REFIID riid, void **object)
{
    IBackgroundCopyFile *bg_file;
    struct job_file *file;
    HRESULT hr;

    TRACE("iface %p, id %s, url %s, count %lu, ranges %p, riid %s, object %p.\n", iface, debugstr_name(id),
            debugstr_url(url), count, ranges, debugstr_guid(riid), object);

    if (!object)
        return E_INVALIDARG;
    *object = NULL;
    if (FAILED(hr = add_file(impl_from_IDeliveryOptimizationJob2(iface)->job, id, url, NULL, riid, ranges, count,
            DO_UNKNOWN_FILE_SIZE, &file)))
        return hr;
    if (SUCCEEDED(hr = bg_file_create(file, NULL, &bg_file)))
    {
        hr = IBackgroundCopyFile_QueryInterface(bg_file, riid, object);
        IBackgroundCopyFile_Release(bg_file);
    }
    return hr;
}

/* Escaped as JSON wants it; at most six characters for each of the string. */
static WCHAR *append_json_string(WCHAR *p, const WCHAR *string)
{
    *p++ = '"';
    for (; *string; string++)
    {
        if (*string == '"' || *string == '\\')
            *p++ = '\\';
        if (*string < ' ')
            p += swprintf(p, 7, L"\\u%04x", *string);
        else
            *p++ = *string;
    }
    *p++ = '"';
    return p;
}

/* Return a JSON object, in which "HResult" comes first because callers look for it there. */
static WCHAR *format_extended_error_locked(const struct job_error *error)
{
    BOOL is_remote = error->file && failure_is_remote(&error->failure);
    WCHAR *url = url_copy_stripped(is_remote ? error->file->transfer->url : L"");
    const WCHAR *id = is_remote ? error->file->id : L"";
    WCHAR *text, *p, *end;
    size_t size;

    if (!url)
        return NULL;
    size = 160 + 6 * (wcslen(url) + wcslen(id));
    if (!(text = calloc(size, sizeof(*text))))
    {
        free(url);
        return NULL;
    }
    end = text + size;
    p = text + swprintf(text, size, L"{\"HResult\":\"0x%08lx\"", error->failure.hr);
    if (error->failure.http_status)
        p += swprintf(p, end - p, L",\"HttpStatus\":%lu", error->failure.http_status);
    if (*url)
    {
        p += swprintf(p, end - p, L",\"Url\":");
        p = append_json_string(p, url);
        p += swprintf(p, end - p, L",\"FileId\":");
        p = append_json_string(p, id);
    }
    if (error->failure.underlying)
        p += swprintf(p, end - p, L",\"LastHResult\":\"0x%08lx\"", failure_get_cause(&error->failure));
    swprintf(p, end - p, L"}");
    free(url);
    return text;
}

static HRESULT WINAPI do_job2_GetProperty(IDeliveryOptimizationJob2 *iface, DOJobPropertyId id, VARIANT *value)
{
    struct job *job = impl_from_IDeliveryOptimizationJob2(iface)->job;
    WCHAR *text;

    TRACE("iface %p, id %u, value %p.\n", iface, id, value);

    if (!value)
        return E_INVALIDARG;
    VariantInit(value);
    if (id != DOJobPropertyId_ExtendedErrorInfo)
        return DO_E_UNKNOWN_PROPERTY_ID;
    AcquireSRWLockShared(&job->lock);
    text = format_extended_error_locked(&job->error);
    ReleaseSRWLockShared(&job->lock);
    if (text && (V_BSTR(value) = SysAllocString(text)))
        V_VT(value) = VT_BSTR;
    free(text);
    return V_VT(value) == VT_BSTR ? S_OK : E_OUTOFMEMORY;
}

static HRESULT WINAPI do_job2_SetProperty(IDeliveryOptimizationJob2 *iface, DOJobPropertyId id, const VARIANT *value)
{
    TRACE("iface %p, id %u, value %p.\n", iface, id, value);

    return id == DOJobPropertyId_ExtendedErrorInfo ? DO_E_READ_ONLY_PROPERTY : DO_E_UNKNOWN_PROPERTY_ID;
}

static const IDeliveryOptimizationJob2Vtbl do_job2_vtbl =
{
    do_job2_QueryInterface,
    do_job2_AddRef,
    do_job2_Release,
    do_job2_AddFile,
    do_job2_GetProperty,
    do_job2_SetProperty,
};

#define JOB_INTERFACES(vtbl) \
    { &IID_IBackgroundCopyJob,  offsetof(struct bg_job, IBackgroundCopyJob5_iface), &(vtbl) }, \
    { &IID_IBackgroundCopyJob2, offsetof(struct bg_job, IBackgroundCopyJob5_iface), &(vtbl) }, \
    { &IID_IBackgroundCopyJob3, offsetof(struct bg_job, IBackgroundCopyJob5_iface), &(vtbl) }, \
    { &IID_IBackgroundCopyJob4, offsetof(struct bg_job, IBackgroundCopyJob5_iface), &(vtbl) }, \
    { &IID_IBackgroundCopyJob5, offsetof(struct bg_job, IBackgroundCopyJob5_iface), &(vtbl) }

static const struct com_object_interface dosvc_interfaces[] =
{
    JOB_INTERFACES(bg_job_vtbl),
    { &IID_IDeliveryOptimizationJob,  offsetof(struct bg_job, IDeliveryOptimizationJob_iface), &do_job_vtbl },
    { &IID_IDeliveryOptimizationJob2, offsetof(struct bg_job, IDeliveryOptimizationJob2_iface), &do_job2_vtbl },
};

const struct com_object_class bg_job_class = COM_OBJECT_CLASS(bg_job, dosvc_interfaces, NULL);

#define HTTP_OPTIONS(iid) { &(iid), offsetof(struct bg_job, IBackgroundCopyJobHttpOptions3_iface), &http_options_vtbl }

static const struct com_object_interface bits_interfaces[] =
{
    JOB_INTERFACES(bits_job_vtbl),
    HTTP_OPTIONS(IID_IBackgroundCopyJobHttpOptions),
    HTTP_OPTIONS(IID_IBackgroundCopyJobHttpOptions2),
    HTTP_OPTIONS(IID_IBackgroundCopyJobHttpOptions3),
};

const struct com_object_class bits_job_class = COM_OBJECT_CLASS(bg_job, bits_interfaces, NULL);

HRESULT bg_job_create(struct job *job, struct client *client, IBackgroundCopyJob **out)
{
    struct bg_job *bg_job;

    if (!(bg_job = com_object_create(com_front->job, client, &job->item)))
        return E_OUTOFMEMORY;
    bg_job->job = job;
    *out = (IBackgroundCopyJob *)&bg_job->IBackgroundCopyJob5_iface;
    return S_OK;
}
