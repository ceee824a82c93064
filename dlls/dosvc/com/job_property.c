/*
 * Properties of jobs
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

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

BOOL job_begin_set(struct job *job)
{
    AcquireSRWLockExclusive(&job->lock);
    if (!job_is_final_locked(job))
        return TRUE;
    ReleaseSRWLockExclusive(&job->lock);
    return FALSE;
}

HRESULT job_end_set(struct job *job, HRESULT hr)
{
    if (hr == S_OK)
        job_touch_locked(job);
    ReleaseSRWLockExclusive(&job->lock);
    return com_result(hr == S_OK ? store_sync(&job->item) : hr);
}

HRESULT job_check_not_final(struct job *job)
{
    HRESULT hr;

    AcquireSRWLockShared(&job->lock);
    hr = job_is_final_locked(job) ? com_result(DO_E_INVALID_STATE) : S_OK;
    ReleaseSRWLockShared(&job->lock);
    return hr;
}

/* Functions run with the lock held; set with a job that is not final. Codes are those of BITS. */
struct job_property
{
    const char *name;
    HRESULT (*set_locked)(struct job *job, const BITS_JOB_PROPERTY_VALUE *value);
    void (*get_locked)(const struct job *job, BITS_JOB_PROPERTY_VALUE *value);
};

static HRESULT set_cost_flags_locked(struct job *job, const BITS_JOB_PROPERTY_VALUE *value)
{
    job_set_cost_flags_locked(job, value->Dword);
    return S_OK;
}

static void get_cost_flags_locked(const struct job *job, BITS_JOB_PROPERTY_VALUE *value)
{
    value->Dword = job->cost_flags;
}

static HRESULT set_notify_class_locked(struct job *job, const BITS_JOB_PROPERTY_VALUE *value)
{
    job->notify_clsid = value->ClsID;
    if (job->callback && callback_is_of_class(job->callback))
        callback_drop_locked(&job->callback);
    table_tell_locked(&job->item, JOB_LISTENER_CHANGED);
    return S_OK;
}

static void get_notify_class_locked(const struct job *job, BITS_JOB_PROPERTY_VALUE *value)
{
    value->ClsID = job->notify_clsid;
}

/* A hint: servers without length or ranges are served either way. */
static HRESULT set_dynamic_content_locked(struct job *job, const BITS_JOB_PROPERTY_VALUE *value)
{
    if (job->is_resumed)
        return BG_E_READ_ONLY_PROPERTY_AFTER_RESUME;
    job->is_dynamic = !!value->Enable;
    return S_OK;
}

static void get_dynamic_content_locked(const struct job *job, BITS_JOB_PROPERTY_VALUE *value)
{
    value->Enable = job->is_dynamic;
}

/* A hint without an effect: to write into the destination itself would break the promise of Cancel. */
static HRESULT set_high_performance_locked(struct job *job, const BITS_JOB_PROPERTY_VALUE *value)
{
    if (job->file_count)
        return BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE;
    job->is_high_performance = !!value->Enable;
    return S_OK;
}

static void get_high_performance_locked(const struct job *job, BITS_JOB_PROPERTY_VALUE *value)
{
    value->Enable = job->is_high_performance;
}

static HRESULT set_max_size_locked(struct job *job, const BITS_JOB_PROPERTY_VALUE *value)
{
    if (job->is_resumed)
        return BG_E_READ_ONLY_PROPERTY_AFTER_RESUME;
    if (!value->Uint64)
        return BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE;
    job->max_download_size = value->Uint64;
    return S_OK;
}

static void get_max_size_locked(const struct job *job, BITS_JOB_PROPERTY_VALUE *value)
{
    value->Uint64 = job->max_download_size;
}

static HRESULT set_stored_credentials_locked(struct job *job, const BITS_JOB_PROPERTY_VALUE *value)
{
    if (value->Target != BG_AUTH_TARGET_PROXY)
        return BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED;
    job->stored_credentials = value->Target;
    return job_apply_options_locked(job);
}

static void get_stored_credentials_locked(const struct job *job, BITS_JOB_PROPERTY_VALUE *value)
{
    value->Target = job->stored_credentials;
}

static HRESULT set_interval_locked(struct job *job, const BITS_JOB_PROPERTY_VALUE *value)
{
    job->notify_interval = value->Dword;
    return S_OK;
}

static void get_interval_locked(const struct job *job, BITS_JOB_PROPERTY_VALUE *value)
{
    value->Dword = job->notify_interval;
}

static HRESULT set_on_demand_locked(struct job *job, const BITS_JOB_PROPERTY_VALUE *value)
{
    return value->Enable ? E_NOTIMPL : S_OK;
}

static void get_on_demand_locked(const struct job *job, BITS_JOB_PROPERTY_VALUE *value)
{
    value->Enable = FALSE;
}

/* Delivery Optimization has the first two, and refuses the others with E_NOTIMPL (job-api 3.9). */
static const struct job_property properties[] =
{
    [BITS_JOB_PROPERTY_ID_COST_FLAGS] = { "COST_FLAGS", set_cost_flags_locked, get_cost_flags_locked },
    [BITS_JOB_PROPERTY_NOTIFICATION_CLSID] = { "NOTIFICATION_CLSID", set_notify_class_locked,
            get_notify_class_locked },
    [BITS_JOB_PROPERTY_DYNAMIC_CONTENT] = { "DYNAMIC_CONTENT", set_dynamic_content_locked,
            get_dynamic_content_locked },
    [BITS_JOB_PROPERTY_HIGH_PERFORMANCE] = { "HIGH_PERFORMANCE", set_high_performance_locked,
            get_high_performance_locked },
    [BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE] = { "MAX_DOWNLOAD_SIZE", set_max_size_locked, get_max_size_locked },
    [BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS] = { "USE_STORED_CREDENTIALS", set_stored_credentials_locked,
            get_stored_credentials_locked },
    [BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS] = { "MINIMUM_NOTIFICATION_INTERVAL_MS", set_interval_locked,
            get_interval_locked },
    [BITS_JOB_PROPERTY_ON_DEMAND_MODE] = { "ON_DEMAND_MODE", set_on_demand_locked, get_on_demand_locked },
};

/* NULL, and the code that the front has for that, if it does not offer the property. */
static const struct job_property *find_property(BITS_JOB_PROPERTY_ID id, HRESULT *hr)
{
    BOOL is_known = (UINT)id < ARRAY_SIZE(properties) && properties[id].name;

    *hr = is_known ? E_NOTIMPL : com_result(DO_E_UNKNOWN_PROPERTY_ID);
    return is_known && (UINT)id < com_front->codes->job_property_count ? &properties[id] : NULL;
}

HRESULT WINAPI job_SetProperty(IBackgroundCopyJob5 *iface, BITS_JOB_PROPERTY_ID id, BITS_JOB_PROPERTY_VALUE value)
{
    const struct job_property *property;
    struct job *job = job_from_iface(iface);
    HRESULT hr;

    TRACE("iface %p, id %u, value %s.\n", iface, id, debugstr_guid(&value.ClsID));

    if (!(property = find_property(id, &hr)))
        return hr;
    if (!job_begin_set(job))
        return com_result(DO_E_INVALID_STATE);
    hr = property->set_locked(job, &value);
    TRACE("job %s, %s, hr %#lx.\n", debugstr_guid(&job->id), property->name, hr);
    return job_end_set(job, hr);
}

HRESULT WINAPI job_GetProperty(IBackgroundCopyJob5 *iface, BITS_JOB_PROPERTY_ID id, BITS_JOB_PROPERTY_VALUE *value)
{
    const struct job_property *property;
    struct job *job = job_from_iface(iface);
    HRESULT hr;

    TRACE("iface %p, id %u, value %p.\n", iface, id, value);

    if (!value)
        return E_INVALIDARG;
    memset(value, 0, sizeof(*value));
    if (!(property = find_property(id, &hr)))
        return hr;
    AcquireSRWLockShared(&job->lock);
    property->get_locked(job, value);
    ReleaseSRWLockShared(&job->lock);
    return S_OK;
}
