/*
 * Fuzzer of both APIs: objects that are at hand
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

#include "fuzz.h"

#define SHARED_SIZE 64
#define MANY        16 /* jobs and downloads of a thread, until some are ended */

const GUID *const kind_iids[KIND_COUNT] =
{
    &IID_IUnknown,
    &IID_IClientSecurity,
    &IID_IBackgroundCopyManager,
    &IID_IBackgroundCopyJob,
    &IID_IBackgroundCopyJob2,
    &IID_IBackgroundCopyJob3,
    &IID_IBackgroundCopyJob4,
    &IID_IBackgroundCopyJob5,
    &IID_IDeliveryOptimizationJob,
    &IID_IDeliveryOptimizationJob2,
    &IID_IBackgroundCopyFile,
    &IID_IBackgroundCopyFile2,
    &IID_IBackgroundCopyFile3,
    &IID_IBackgroundCopyFile4,
    &IID_IBackgroundCopyFile5,
    &IID_IDeliveryOptimizationFile,
    &IID_IDeliveryOptimizationFile2,
    &IID_IBackgroundCopyError,
    &IID_IEnumBackgroundCopyJobs,
    &IID_IEnumBackgroundCopyFiles,
    &IID_IDOManager,
    &IID_IDODownload,
    &IID_IEnumUnknown,
};

/* Of all threads of the process. */
static SRWLOCK lock = SRWLOCK_INIT;
static struct object shared[SHARED_SIZE];

BOOL is_derived(enum kind kind, enum kind base)
{
    if (base == KIND_UNKNOWN)
        return TRUE;
    if (base >= KIND_JOB && base <= KIND_JOB5)
        return kind >= base && kind <= KIND_JOB5;
    if (base >= KIND_FILE && base <= KIND_FILE5)
        return kind >= base && kind <= KIND_FILE5;
    return kind == base;
}

void pool_add(struct fuzzer *fuzzer, IUnknown *unknown, enum kind kind)
{
    struct object *object = &fuzzer->pool.objects[draw_below(fuzzer, POOL_SIZE)], old;

    if (draw_chance(fuzzer, 4))
    {
        object = &shared[draw_below(fuzzer, SHARED_SIZE)];
        AcquireSRWLockExclusive(&lock);
    }
    old = *object;
    object->unknown = unknown;
    object->kind = kind;
    if (object >= shared && object < shared + SHARED_SIZE)
        ReleaseSRWLockExclusive(&lock);
    if (old.unknown)
        IUnknown_Release(old.unknown);
}

static IUnknown *find(struct fuzzer *fuzzer, const struct object *objects, unsigned int size, enum kind kind)
{
    unsigned int i, start = draw_below(fuzzer, size);

    for (i = 0; i < size; ++i)
    {
        const struct object *object = &objects[(start + i) % size];

        if (object->unknown && is_derived(object->kind, kind))
        {
            IUnknown_AddRef(object->unknown);
            return object->unknown;
        }
    }
    return NULL;
}

static HRESULT make_manager(struct fuzzer *fuzzer, IUnknown *source, IUnknown **out)
{
    HRESULT hr;

    CALL(fuzzer, "CoCreateInstance", hr, CoCreateInstance(&CLSID_DeliveryOptimization, NULL, CLSCTX_LOCAL_SERVER,
            &IID_IBackgroundCopyManager, (void **)out));
    return hr;
}

static HRESULT make_do_manager(struct fuzzer *fuzzer, IUnknown *source, IUnknown **out)
{
    HRESULT hr;

    CALL(fuzzer, "CoCreateInstance", hr, CoCreateInstance(&CLSID_DeliveryOptimization, NULL, CLSCTX_LOCAL_SERVER,
            &IID_IDOManager, (void **)out));
    return hr;
}

static void count_created(struct fuzzer *fuzzer)
{
    if (++fuzzer->created % MANY == 0)
        end_some(fuzzer);
}

/* One that can do something at once. */
static HRESULT make_job(struct fuzzer *fuzzer, IUnknown *source, IUnknown **out)
{
    IBackgroundCopyJob *job;
    HRESULT hr;
    GUID id;

    count_created(fuzzer);
    CALL(fuzzer, "IBackgroundCopyManager::CreateJob", hr, IBackgroundCopyManager_CreateJob(
            (IBackgroundCopyManager *)source, L"fuzz", BG_JOB_TYPE_DOWNLOAD, &id, (IBackgroundCopyJob **)out));
    if (FAILED(hr))
        return hr;
    job = (IBackgroundCopyJob *)*out;
    CALL(fuzzer, "IBackgroundCopyJob::AddFile", hr, IBackgroundCopyJob_AddFile(job, draw_url(fuzzer),
            draw_path(fuzzer)));
    if (!draw_chance(fuzzer, 3))
        CALL(fuzzer, "IBackgroundCopyJob::Resume", hr, IBackgroundCopyJob_Resume(job));
    return S_OK;
}

static HRESULT make_file(struct fuzzer *fuzzer, IUnknown *source, IUnknown **out)
{
    HRESULT hr;

    CALL(fuzzer, "IEnumBackgroundCopyFiles::Next", hr, IEnumBackgroundCopyFiles_Next(
            (IEnumBackgroundCopyFiles *)source, 1, (IBackgroundCopyFile **)out, NULL));
    return hr;
}

static HRESULT make_error(struct fuzzer *fuzzer, IUnknown *source, IUnknown **out)
{
    HRESULT hr;

    CALL(fuzzer, "IBackgroundCopyJob::GetError", hr, IBackgroundCopyJob_GetError((IBackgroundCopyJob *)source,
            (IBackgroundCopyError **)out));
    return hr;
}

static HRESULT make_enum_jobs(struct fuzzer *fuzzer, IUnknown *source, IUnknown **out)
{
    HRESULT hr;

    CALL(fuzzer, "IBackgroundCopyManager::EnumJobs", hr, IBackgroundCopyManager_EnumJobs(
            (IBackgroundCopyManager *)source, 0, (IEnumBackgroundCopyJobs **)out));
    return hr;
}

static HRESULT make_enum_files(struct fuzzer *fuzzer, IUnknown *source, IUnknown **out)
{
    HRESULT hr;

    CALL(fuzzer, "IBackgroundCopyJob::EnumFiles", hr, IBackgroundCopyJob_EnumFiles((IBackgroundCopyJob *)source,
            (IEnumBackgroundCopyFiles **)out));
    return hr;
}

static void set_property(struct fuzzer *fuzzer, IDODownload *download, DODownloadProperty property)
{
    struct frame *frame = calloc(1, sizeof(*frame));
    HRESULT hr;

    draw_download_property(fuzzer, frame, property);
    CALL(fuzzer, "IDODownload::SetProperty", hr, IDODownload_SetProperty(download, property, &frame->variant));
    free_frame(frame);
    free(frame);
}

static HRESULT make_download(struct fuzzer *fuzzer, IUnknown *source, IUnknown **out)
{
    HRESULT hr;

    count_created(fuzzer);
    CALL(fuzzer, "IDOManager::CreateDownload", hr, IDOManager_CreateDownload((IDOManager *)source,
            (IDODownload **)out));
    if (FAILED(hr))
        return hr;
    set_property(fuzzer, (IDODownload *)*out, DODownloadProperty_Uri);
    set_property(fuzzer, (IDODownload *)*out, draw_chance(fuzzer, 2) ? DODownloadProperty_LocalPath
            : DODownloadProperty_StreamInterface);
    if (draw_chance(fuzzer, 2))
        set_property(fuzzer, (IDODownload *)*out, DODownloadProperty_CallbackInterface);
    if (draw_chance(fuzzer, 2))
        CALL(fuzzer, "IDODownload::Start", hr, IDODownload_Start((IDODownload *)*out, NULL));
    return S_OK;
}

static HRESULT make_enum_downloads(struct fuzzer *fuzzer, IUnknown *source, IUnknown **out)
{
    HRESULT hr;

    CALL(fuzzer, "IDOManager::EnumDownloads", hr, IDOManager_EnumDownloads((IDOManager *)source, NULL,
            (IEnumUnknown **)out));
    return hr;
}

/* How to come to one. Without a function its source is asked for the interface. */
static const struct
{
    enum kind source;
    HRESULT (*make)(struct fuzzer *fuzzer, IUnknown *source, IUnknown **out);
}
recipes[KIND_COUNT] =
{
    [KIND_UNKNOWN] = {KIND_COUNT, make_manager},
    [KIND_SECURITY] = {KIND_UNKNOWN},
    [KIND_MANAGER] = {KIND_COUNT, make_manager},
    [KIND_JOB] = {KIND_MANAGER, make_job},
    [KIND_JOB2] = {KIND_JOB},
    [KIND_JOB3] = {KIND_JOB},
    [KIND_JOB4] = {KIND_JOB},
    [KIND_JOB5] = {KIND_JOB},
    [KIND_DO_JOB] = {KIND_JOB},
    [KIND_DO_JOB2] = {KIND_JOB},
    [KIND_FILE] = {KIND_ENUM_FILES, make_file},
    [KIND_FILE2] = {KIND_FILE},
    [KIND_FILE3] = {KIND_FILE},
    [KIND_FILE4] = {KIND_FILE},
    [KIND_FILE5] = {KIND_FILE},
    [KIND_DO_FILE] = {KIND_FILE},
    [KIND_DO_FILE2] = {KIND_FILE},
    [KIND_ERROR] = {KIND_JOB, make_error},
    [KIND_ENUM_JOBS] = {KIND_MANAGER, make_enum_jobs},
    [KIND_ENUM_FILES] = {KIND_JOB, make_enum_files},
    [KIND_DO_MANAGER] = {KIND_COUNT, make_do_manager},
    [KIND_DOWNLOAD] = {KIND_DO_MANAGER, make_download},
    [KIND_ENUM_DOWNLOADS] = {KIND_DO_MANAGER, make_enum_downloads},
};

static IUnknown *make(struct fuzzer *fuzzer, enum kind kind)
{
    IUnknown *source = NULL, *unknown = NULL;
    HRESULT hr;

    if (recipes[kind].source != KIND_COUNT && !(source = pool_get(fuzzer, recipes[kind].source)))
        return NULL;
    if (recipes[kind].make)
        hr = recipes[kind].make(fuzzer, source, &unknown);
    else
        CALL(fuzzer, "IUnknown::QueryInterface", hr, IUnknown_QueryInterface(source, kind_iids[kind],
                (void **)&unknown));
    if (source)
        IUnknown_Release(source);
    if (hr != S_OK || !unknown)
        return NULL;
    IUnknown_AddRef(unknown);
    pool_add(fuzzer, unknown, kind);
    return unknown;
}

IUnknown *pool_get(struct fuzzer *fuzzer, enum kind kind)
{
    IUnknown *unknown = NULL;

    if (!draw_chance(fuzzer, 4))
        unknown = find(fuzzer, fuzzer->pool.objects, POOL_SIZE, kind);
    if (!unknown)
    {
        AcquireSRWLockShared(&lock);
        unknown = find(fuzzer, shared, SHARED_SIZE, kind);
        ReleaseSRWLockShared(&lock);
    }
    /* What is at hand gets old, and what is done with does little. */
    if (unknown && draw_chance(fuzzer, kind == KIND_MANAGER || kind == KIND_DO_MANAGER ? 128 : 16))
    {
        IUnknown_Release(unknown);
        unknown = NULL;
    }
    return unknown ? unknown : make(fuzzer, kind == KIND_UNKNOWN ? KIND_MANAGER : kind);
}

void pool_clear(struct fuzzer *fuzzer)
{
    unsigned int i;

    for (i = 0; i < POOL_SIZE; ++i)
        if (fuzzer->pool.objects[i].unknown)
            IUnknown_Release(fuzzer->pool.objects[i].unknown);
    memset(&fuzzer->pool, 0, sizeof(fuzzer->pool));
}

void pool_clear_shared(void)
{
    struct object old[SHARED_SIZE];
    unsigned int i;

    AcquireSRWLockExclusive(&lock);
    memcpy(old, shared, sizeof(old));
    memset(shared, 0, sizeof(shared));
    ReleaseSRWLockExclusive(&lock);
    for (i = 0; i < SHARED_SIZE; ++i)
        if (old[i].unknown)
            IUnknown_Release(old[i].unknown);
}

static void end_jobs(struct fuzzer *fuzzer)
{
    IUnknown *manager = pool_get(fuzzer, KIND_MANAGER), *jobs = NULL;
    IBackgroundCopyJob *job;
    HRESULT hr;

    if (manager && SUCCEEDED(make_enum_jobs(fuzzer, manager, &jobs)))
    {
        while (IEnumBackgroundCopyJobs_Next((IEnumBackgroundCopyJobs *)jobs, 1, &job, NULL) == S_OK)
        {
            if (draw_chance(fuzzer, 2))
                CALL(fuzzer, "IBackgroundCopyJob::Cancel", hr, IBackgroundCopyJob_Cancel(job));
            IBackgroundCopyJob_Release(job);
        }
        IUnknown_Release(jobs);
    }
    if (manager)
        IUnknown_Release(manager);
}

static void end_downloads(struct fuzzer *fuzzer)
{
    IUnknown *manager = pool_get(fuzzer, KIND_DO_MANAGER), *downloads = NULL, *unknown;
    IDODownload *download;
    ULONG count;
    HRESULT hr;

    if (manager && SUCCEEDED(make_enum_downloads(fuzzer, manager, &downloads)))
    {
        while (IEnumUnknown_Next((IEnumUnknown *)downloads, 1, &unknown, &count) == S_OK)
        {
            if (draw_chance(fuzzer, 2) && SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_IDODownload,
                    (void **)&download)))
            {
                CALL(fuzzer, "IDODownload::Abort", hr, IDODownload_Abort(download));
                IDODownload_Release(download);
            }
            IUnknown_Release(unknown);
        }
        IUnknown_Release(downloads);
    }
    if (manager)
        IUnknown_Release(manager);
}

void end_some(struct fuzzer *fuzzer)
{
    end_jobs(fuzzer);
    end_downloads(fuzzer);
}
