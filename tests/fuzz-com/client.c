/*
 * Fuzzer of both APIs: streams and callbacks of the client
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

/* One object is a stream and all callbacks. Each time it is called it draws anew how it behaves. */

#include "fuzz.h"

struct client
{
    IStream IStream_iface;
    IBackgroundCopyCallback2 IBackgroundCopyCallback2_iface;
    IDODownloadStatusCallback IDODownloadStatusCallback_iface;
    LONG refcount;
    LONG calls;
    UINT64 seed;
    unsigned int kinds; /* bits: which interfaces it has */
};

#define IS_STREAM     1
#define IS_SEQUENTIAL 2
#define IS_JOB        4
#define IS_DOWNLOAD   8

/* No thread fuzzes within a call that came while it fuzzed, or so on without end. */
static __thread BOOL is_within;

static LONG alive;

/* A call back into the API, of which any may be about the object that has called. */
static void reenter(struct client *client, struct fuzzer *fuzzer, IUnknown *unknown, enum kind kind)
{
    unsigned int i, count = 1 + draw_below(fuzzer, 3);

    if (is_within || options.is_dying)
        return;
    is_within = TRUE;
    if (unknown)
    {
        IUnknown_AddRef(unknown);
        pool_add(fuzzer, unknown, kind);
    }
    watch_fuzzer(fuzzer, TRUE);
    for (i = 0; i < count; ++i)
        fuzz_once(fuzzer);
    pool_clear(fuzzer);
    watch_fuzzer(fuzzer, FALSE);
    is_within = FALSE;
}

static HRESULT behave(struct client *client, IUnknown *unknown, enum kind kind)
{
    static const HRESULT results[] = { E_FAIL, E_OUTOFMEMORY, STG_E_MEDIUMFULL, RPC_E_DISCONNECTED, S_FALSE, E_ABORT };
    struct fuzzer fuzzer;

    seed_fuzzer(&fuzzer, client->seed + 1000003 * InterlockedIncrement(&client->calls));
    switch (draw_below(&fuzzer, 12))
    {
        case 0: return results[draw_below(&fuzzer, ARRAYSIZE(results))];
        case 1: Sleep(50); break;
        case 2: reenter(client, &fuzzer, unknown, kind); break;
        case 3: pool_clear_shared(); break;
    }
    return S_OK;
}

static HRESULT client_query(struct client *client, REFIID iid, void **out)
{
    *out = NULL;
    if (IsEqualIID(iid, &IID_IUnknown))
        *out = &client->IStream_iface;
    else if (IsEqualIID(iid, &IID_IStream) && client->kinds & IS_STREAM)
        *out = &client->IStream_iface;
    else if (IsEqualIID(iid, &IID_ISequentialStream) && client->kinds & (IS_STREAM | IS_SEQUENTIAL))
        *out = &client->IStream_iface;
    else if (IsEqualIID(iid, &IID_IBackgroundCopyCallback) && client->kinds & IS_JOB)
        *out = &client->IBackgroundCopyCallback2_iface;
    else if (IsEqualIID(iid, &IID_IBackgroundCopyCallback2) && client->kinds & IS_JOB)
        *out = &client->IBackgroundCopyCallback2_iface;
    else if (IsEqualIID(iid, &IID_IDODownloadStatusCallback) && client->kinds & IS_DOWNLOAD)
        *out = &client->IDODownloadStatusCallback_iface;
    if (!*out)
        return E_NOINTERFACE;
    InterlockedIncrement(&client->refcount);
    return S_OK;
}

static ULONG client_release(struct client *client)
{
    ULONG refcount = InterlockedDecrement(&client->refcount);

    if (!refcount)
    {
        InterlockedDecrement(&alive);
        free(client);
    }
    return refcount;
}

/* IUnknown of each interface. */
#define UNKNOWN_METHODS(iface_type, prefix) \
static inline struct client *impl_from_##iface_type(iface_type *iface) \
{ \
    return CONTAINING_RECORD(iface, struct client, iface_type##_iface); \
} \
static HRESULT STDMETHODCALLTYPE prefix##_QueryInterface(iface_type *iface, REFIID iid, void **out) \
{ \
    return client_query(impl_from_##iface_type(iface), iid, out); \
} \
static ULONG STDMETHODCALLTYPE prefix##_AddRef(iface_type *iface) \
{ \
    return InterlockedIncrement(&impl_from_##iface_type(iface)->refcount); \
} \
static ULONG STDMETHODCALLTYPE prefix##_Release(iface_type *iface) \
{ \
    return client_release(impl_from_##iface_type(iface)); \
}

UNKNOWN_METHODS(IStream, stream)
UNKNOWN_METHODS(IBackgroundCopyCallback2, job)
UNKNOWN_METHODS(IDODownloadStatusCallback, download)

static HRESULT stream_behave(IStream *iface)
{
    return behave(impl_from_IStream(iface), NULL, KIND_UNKNOWN);
}

static HRESULT STDMETHODCALLTYPE stream_Read(IStream *iface, void *data, ULONG size, ULONG *read)
{
    if (read)
        *read = 0;
    return stream_behave(iface);
}

/* A short write now and then. */
static HRESULT STDMETHODCALLTYPE stream_Write(IStream *iface, const void *data, ULONG size, ULONG *written)
{
    if (written)
        *written = impl_from_IStream(iface)->calls % 16 == 15 ? size / 2 : size;
    return stream_behave(iface);
}

static HRESULT STDMETHODCALLTYPE stream_Seek(IStream *iface, LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER *position)
{
    if (position)
        position->QuadPart = move.QuadPart;
    return stream_behave(iface);
}

static HRESULT STDMETHODCALLTYPE stream_SetSize(IStream *iface, ULARGE_INTEGER size)
{
    return stream_behave(iface);
}

static HRESULT STDMETHODCALLTYPE stream_CopyTo(IStream *iface, IStream *stream, ULARGE_INTEGER count,
        ULARGE_INTEGER *read, ULARGE_INTEGER *written)
{
    return stream_behave(iface);
}

static HRESULT STDMETHODCALLTYPE stream_Commit(IStream *iface, DWORD flags)
{
    return stream_behave(iface);
}

static HRESULT STDMETHODCALLTYPE stream_Revert(IStream *iface)
{
    return stream_behave(iface);
}

static HRESULT STDMETHODCALLTYPE stream_LockRegion(IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER count,
        DWORD type)
{
    return stream_behave(iface);
}

static HRESULT STDMETHODCALLTYPE stream_Stat(IStream *iface, STATSTG *stat, DWORD flags)
{
    memset(stat, 0, sizeof(*stat));
    return stream_behave(iface);
}

static HRESULT STDMETHODCALLTYPE stream_Clone(IStream *iface, IStream **out)
{
    *out = NULL;
    return E_NOTIMPL;
}

static const IStreamVtbl stream_vtbl =
{
    stream_QueryInterface,
    stream_AddRef,
    stream_Release,
    stream_Read,
    stream_Write,
    stream_Seek,
    stream_SetSize,
    stream_CopyTo,
    stream_Commit,
    stream_Revert,
    stream_LockRegion,
    stream_LockRegion,
    stream_Stat,
    stream_Clone,
};

static HRESULT job_behave(IBackgroundCopyCallback2 *iface, IBackgroundCopyJob *job)
{
    return behave(impl_from_IBackgroundCopyCallback2(iface), (IUnknown *)job, KIND_JOB);
}

static HRESULT STDMETHODCALLTYPE job_JobTransferred(IBackgroundCopyCallback2 *iface, IBackgroundCopyJob *job)
{
    return job_behave(iface, job);
}

static HRESULT STDMETHODCALLTYPE job_JobError(IBackgroundCopyCallback2 *iface, IBackgroundCopyJob *job,
        IBackgroundCopyError *error)
{
    return job_behave(iface, job);
}

static HRESULT STDMETHODCALLTYPE job_JobModification(IBackgroundCopyCallback2 *iface, IBackgroundCopyJob *job,
        DWORD reserved)
{
    return job_behave(iface, job);
}

static HRESULT STDMETHODCALLTYPE job_FileTransferred(IBackgroundCopyCallback2 *iface, IBackgroundCopyJob *job,
        IBackgroundCopyFile *file)
{
    return job_behave(iface, job);
}

static const IBackgroundCopyCallback2Vtbl job_vtbl =
{
    job_QueryInterface,
    job_AddRef,
    job_Release,
    job_JobTransferred,
    job_JobError,
    job_JobModification,
    job_FileTransferred,
};

static HRESULT STDMETHODCALLTYPE download_OnStatusChange(IDODownloadStatusCallback *iface, IDODownload *download,
        const DO_DOWNLOAD_STATUS *status)
{
    return behave(impl_from_IDODownloadStatusCallback(iface), (IUnknown *)download, KIND_DOWNLOAD);
}

static const IDODownloadStatusCallbackVtbl download_vtbl =
{
    download_QueryInterface,
    download_AddRef,
    download_Release,
    download_OnStatusChange,
};

IUnknown *create_client_object(struct fuzzer *fuzzer)
{
    struct client *client;

    if (!(client = calloc(1, sizeof(*client))))
        return NULL;
    client->IStream_iface.lpVtbl = (IStreamVtbl *)&stream_vtbl;
    client->IBackgroundCopyCallback2_iface.lpVtbl = (IBackgroundCopyCallback2Vtbl *)&job_vtbl;
    client->IDODownloadStatusCallback_iface.lpVtbl = (IDODownloadStatusCallbackVtbl *)&download_vtbl;
    client->refcount = 1;
    InterlockedIncrement(&alive);
    client->seed = draw(fuzzer);
    client->kinds = draw_chance(fuzzer, 4) ? draw_below(fuzzer, 16) : 15;
    return (IUnknown *)&client->IStream_iface;
}

unsigned int get_client_objects(void)
{
    return InterlockedCompareExchange(&alive, 0, 0);
}
