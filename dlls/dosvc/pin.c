/*
 * Keeps every interface of ours marshalled while the service runs
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

/* When the last stub of an interface goes away, Wine's COM unregisters the
 * interface from RPC and waits for its calls to end. Just as one ends, it was
 * seen to wait for ever, with locks held that every client needs. So one object
 * of each kind keeps a stub of each of its interfaces. */

#include "download.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

static void pin_interface(IStream *stream, IUnknown *object, REFIID iid)
{
    HRESULT hr;

    if (FAILED(hr = CoMarshalInterface(stream, iid, object, MSHCTX_LOCAL, NULL, MSHLFLAGS_TABLESTRONG)))
        WARN("%s, hr %#lx.\n", debugstr_guid(iid), hr);
}

static void pin_interfaces(IStream *stream, IUnknown *object, const IID * const *iids, UINT count)
{
    UINT i;

    for (i = 0; i < count; i++)
        pin_interface(stream, object, iids[i]);
    /* The table's references keep it from now on. */
    IUnknown_Release(object);
}

/* A job that is in no queue, with one file. */
static void pin_job(IStream *stream)
{
    static const IID * const job_iids[] =
    {
        &IID_IBackgroundCopyJob, &IID_IBackgroundCopyJob2, &IID_IBackgroundCopyJob3, &IID_IBackgroundCopyJob4,
        &IID_IBackgroundCopyJob5, &IID_IDeliveryOptimizationJob, &IID_IDeliveryOptimizationJob2,
    };
    static const IID * const file_iids[] =
    {
        &IID_IBackgroundCopyFile, &IID_IBackgroundCopyFile2, &IID_IBackgroundCopyFile3, &IID_IBackgroundCopyFile4,
        &IID_IBackgroundCopyFile5, &IID_IDeliveryOptimizationFile, &IID_IDeliveryOptimizationFile2,
    };
    static const IID * const error_iids[] = { &IID_IBackgroundCopyError };
    static const struct file_params params = { L"pin", L"http://localhost/", NULL, NULL, 0, DO_UNKNOWN_FILE_SIZE };
    static const struct job_error no_error;
    struct job_file *file;
    struct job *job;
    IUnknown *object;

    if (FAILED(job_create(L"pin", &job)))
        return;
    if (SUCCEEDED(bg_job_create(job, NULL, (IBackgroundCopyJob **)&object)))
        pin_interfaces(stream, object, job_iids, ARRAY_SIZE(job_iids));
    if (SUCCEEDED(job_add_files(job, &params, 1, &file))
            && SUCCEEDED(bg_file_create(file, NULL, (IBackgroundCopyFile **)&object)))
        pin_interfaces(stream, object, file_iids, ARRAY_SIZE(file_iids));
    if (SUCCEEDED(bg_error_create(job, &no_error, NULL, (IBackgroundCopyError **)&object)))
        pin_interfaces(stream, object, error_iids, ARRAY_SIZE(error_iids));
    job_release(job);
}

/* A download that is in no queue. */
static void pin_download(IStream *stream)
{
    static const IID * const iids[] = { &IID_IDODownload };
    struct download *download;
    IUnknown *object;

    if (FAILED(download_create(&download)))
        return;
    if (SUCCEEDED(do_download_create(download, NULL, (IDODownload **)&object)))
        pin_interfaces(stream, object, iids, ARRAY_SIZE(iids));
    download_release(download);
}

static void pin_enumerator(IStream *stream, const IID *iid)
{
    IUnknown *object;

    if (SUCCEEDED(enum_create(iid, NULL, 0, NULL, (void **)&object)))
        pin_interfaces(stream, object, &iid, 1);
}

void pin_all(void)
{
    static const IID * const manager_iids[] = { &IID_IBackgroundCopyManager, &IID_IDOManager };
    IUnknown *object;
    IStream *stream;

    if (FAILED(CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return;
    if (SUCCEEDED(manager_create(&IID_IUnknown, (void **)&object)))
        pin_interfaces(stream, object, manager_iids, ARRAY_SIZE(manager_iids));
    pin_job(stream);
    pin_download(stream);
    pin_enumerator(stream, &IID_IEnumBackgroundCopyJobs);
    pin_enumerator(stream, &IID_IEnumBackgroundCopyFiles);
    pin_enumerator(stream, &IID_IEnumUnknown);
    IStream_Release(stream);
}
