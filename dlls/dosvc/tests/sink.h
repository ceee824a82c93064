/*
 * A stream that checks what is written to it
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

/* A stream that checks what it is given against what it expects, byte for byte, and
 * stores nothing. Write is all that works; what else is called is counted. */

#ifndef __DOSVC_TESTS_SINK_H
#define __DOSVC_TESTS_SINK_H

struct sink
{
    IStream IStream_iface;
    LONG refcount;

    /* Expected: these ranges of the resource, in this order. */
    const struct resource *resource;
    struct dl_ranges expected;

    BOOL is_sequential; /* no IStream */
    const struct resource *other; /* expected once it was taken back to its beginning; NULL: it cannot be */
    BOOL is_counting;   /* stores the count of bytes */
    HRESULT commit_result;
    HANDLE gate;        /* a Write waits for it, once the sink has gate_at bytes; NULL: it does not */
    UINT64 gate_at;
    HANDLE at_gate;     /* manual-reset event, set when a Write waits */

    CRITICAL_SECTION cs; /* for the rest */
    HRESULT refusal;     /* result of a Write once the sink has refuse_at bytes; S_OK: nothing is refused */
    UINT64 refuse_at;
    UINT64 bytes;        /* taken */
    unsigned int writes;
    ULONG largest, smallest; /* of the Writes, in bytes */
    unsigned int wrong;  /* Writes that are not what was expected */
    unsigned int refused;
    unsigned int commits;
    unsigned int other_calls; /* of what is not Write, Commit or IUnknown */
    LONG depth;
    DWORD last_time; /* of GetTickCount, when the last Write began */
};

static inline struct sink *impl_from_IStream(IStream *iface)
{
    return CONTAINING_RECORD(iface, struct sink, IStream_iface);
}

static HRESULT STDMETHODCALLTYPE sink_QueryInterface(IStream *iface, REFIID iid, void **out)
{
    struct sink *sink = impl_from_IStream(iface);

    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_ISequentialStream)
            && (sink->is_sequential || !IsEqualIID(iid, &IID_IStream)))
        return E_NOINTERFACE;
    *out = iface;
    IStream_AddRef(iface);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_AddRef(IStream *iface)
{
    return InterlockedIncrement(&impl_from_IStream(iface)->refcount);
}

static ULONG STDMETHODCALLTYPE sink_Release(IStream *iface)
{
    struct sink *sink = impl_from_IStream(iface);
    ULONG refcount = InterlockedDecrement(&sink->refcount);

    if (!refcount)
    {
        DeleteCriticalSection(&sink->cs);
        CloseHandle(sink->at_gate);
        free(sink);
    }
    return refcount;
}

static inline HRESULT sink_refuse(IStream *iface)
{
    struct sink *sink = impl_from_IStream(iface);

    EnterCriticalSection(&sink->cs);
    ++sink->other_calls;
    LeaveCriticalSection(&sink->cs);
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE sink_Read(IStream *iface, void *data, ULONG size, ULONG *read)
{
    return sink_refuse(iface);
}

/* Does what the sink is given follow on what it has? */
static inline BOOL sink_is_next_locked(const struct sink *sink, const BYTE *data, ULONG size)
{
    UINT64 start = sink->bytes, length, part;
    unsigned int i;

    for (i = 0; size && i < sink->expected.count; ++i)
    {
        length = origin_min(sink->expected.ranges[i].Length, sink->resource->size - sink->expected.ranges[i].Offset);
        if (start >= length)
        {
            start -= length;
            continue;
        }
        part = origin_min(size, length - start);
        if (!origin_is_at(sink->resource->seed, sink->expected.ranges[i].Offset + start, data, part))
            return FALSE;
        data += part;
        size -= part;
        start = 0;
    }
    return !size;
}

static HRESULT STDMETHODCALLTYPE sink_Write(IStream *iface, const void *data, ULONG size, ULONG *written)
{
    struct sink *sink = impl_from_IStream(iface);
    HRESULT hr = S_OK;
    BOOL is_waiting;

    ok(InterlockedIncrement(&sink->depth) == 1, "DL-114: two Writes at a time.\n");
    EnterCriticalSection(&sink->cs);
    is_waiting = sink->gate && sink->bytes >= sink->gate_at;
    sink->last_time = GetTickCount();
    LeaveCriticalSection(&sink->cs);
    if (is_waiting)
    {
        SetEvent(sink->at_gate);
        WaitForSingleObject(sink->gate, LIMIT_MS);
    }

    EnterCriticalSection(&sink->cs);
    if (sink->refusal && sink->bytes >= sink->refuse_at)
    {
        ++sink->refused;
        hr = sink->refusal;
    }
    else
    {
        if (!sink_is_next_locked(sink, data, size))
            ++sink->wrong;
        sink->largest = max(sink->largest, size);
        sink->smallest = sink->writes ? min(sink->smallest, size) : size;
        ++sink->writes;
        sink->bytes += size;
        if (sink->is_counting && written)
            *written = size;
    }
    LeaveCriticalSection(&sink->cs);
    InterlockedDecrement(&sink->depth);
    return hr;
}

static HRESULT STDMETHODCALLTYPE sink_Seek(IStream *iface, LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER *pos)
{
    struct sink *sink = impl_from_IStream(iface);

    if (!sink->other)
        return sink_refuse(iface);
    ok(!move.QuadPart && origin == STREAM_SEEK_SET, "JOB-103: got origin %lu.\n", origin);
    if (pos)
        pos->QuadPart = 0;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE sink_SetSize(IStream *iface, ULARGE_INTEGER size)
{
    struct sink *sink = impl_from_IStream(iface);

    if (!sink->other)
        return sink_refuse(iface);
    ok(!size.QuadPart, "JOB-103: got size %s.\n", debugstr_u64(size.QuadPart));
    EnterCriticalSection(&sink->cs);
    sink->resource = sink->other;
    sink->bytes = 0;
    LeaveCriticalSection(&sink->cs);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE sink_CopyTo(IStream *iface, IStream *target, ULARGE_INTEGER size,
        ULARGE_INTEGER *read, ULARGE_INTEGER *written)
{
    return sink_refuse(iface);
}

static HRESULT STDMETHODCALLTYPE sink_Commit(IStream *iface, DWORD flags)
{
    struct sink *sink = impl_from_IStream(iface);
    HRESULT hr;

    ok(flags == STGC_DEFAULT, "JOB-105: got flags %#lx.\n", flags);
    EnterCriticalSection(&sink->cs);
    ++sink->commits;
    hr = sink->commit_result;
    LeaveCriticalSection(&sink->cs);
    return hr;
}

static HRESULT STDMETHODCALLTYPE sink_Revert(IStream *iface)
{
    return sink_refuse(iface);
}

static HRESULT STDMETHODCALLTYPE sink_LockRegion(IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER size,
        DWORD type)
{
    return sink_refuse(iface);
}

static HRESULT STDMETHODCALLTYPE sink_UnlockRegion(IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER size,
        DWORD type)
{
    return sink_refuse(iface);
}

static HRESULT STDMETHODCALLTYPE sink_Stat(IStream *iface, STATSTG *stat, DWORD flags)
{
    return sink_refuse(iface);
}

static HRESULT STDMETHODCALLTYPE sink_Clone(IStream *iface, IStream **out)
{
    return sink_refuse(iface);
}

static const IStreamVtbl sink_vtbl =
{
    sink_QueryInterface,
    sink_AddRef,
    sink_Release,
    sink_Read,
    sink_Write,
    sink_Seek,
    sink_SetSize,
    sink_CopyTo,
    sink_Commit,
    sink_Revert,
    sink_LockRegion,
    sink_UnlockRegion,
    sink_Stat,
    sink_Clone,
};

/* Expects the whole resource until told otherwise. */
static inline struct sink *sink_create(const struct resource *resource)
{
    struct sink *sink = test_alloc(sizeof(*sink));

    sink->IStream_iface.lpVtbl = (IStreamVtbl *)&sink_vtbl;
    sink->refcount = 1;
    sink->resource = resource;
    sink->expected.count = 1;
    sink->expected.ranges[0].Length = DO_LENGTH_TO_EOF;
    sink->commit_result = E_NOTIMPL;
    sink->at_gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    InitializeCriticalSection(&sink->cs);
    return sink;
}

static inline void sink_release(struct sink *sink)
{
    IStream_Release(&sink->IStream_iface);
}

static inline UINT64 sink_get_bytes(struct sink *sink)
{
    UINT64 bytes;

    EnterCriticalSection(&sink->cs);
    bytes = sink->bytes;
    LeaveCriticalSection(&sink->cs);
    return bytes;
}

static inline void sink_set_refusal(struct sink *sink, HRESULT refusal, UINT64 refuse_at)
{
    EnterCriticalSection(&sink->cs);
    sink->refusal = refusal;
    sink->refuse_at = refuse_at;
    LeaveCriticalSection(&sink->cs);
}

/* Check that the sink has had so many bytes, and that nothing was wrong with them. */
#define sink_check(id, sink, bytes) sink_check_(__FILE__, __LINE__, id, sink, bytes)
static inline void sink_check_(const char *file, int line, const char *id, struct sink *sink, UINT64 bytes)
{
    EnterCriticalSection(&sink->cs);
    ok_(file, line)(sink->bytes == bytes, "%s: the stream got %s bytes, expected %s.\n", id,
            debugstr_u64(sink->bytes), debugstr_u64(bytes));
    ok_(file, line)(!sink->wrong, "%s: %u of %u Writes had wrong bytes.\n", id, sink->wrong, sink->writes);
    ok_(file, line)(!sink->writes || (sink->smallest > 0 && sink->largest <= 256 * 1024),
            "DL-121: Writes had %lu to %lu bytes.\n", sink->smallest, sink->largest);
    LeaveCriticalSection(&sink->cs);
}

/* The reference of the service is dropped at its leisure. Drops ours. */
#define sink_check_released(id, sink) sink_check_released_(__FILE__, __LINE__, id, sink)
static inline void sink_check_released_(const char *file, int line, const char *id, struct sink *sink)
{
    ULONG refcount = wait_last_reference(&sink->IStream_iface);

    ok_(file, line)(refcount == 1, "%s: got refcount %lu.\n", id, refcount);
    sink_release(sink);
}

/* Add a file that goes to a new sink to a job. NULL if that cannot be done. */
static inline IDeliveryOptimizationFile2 *add_stream(IBackgroundCopyJob *job, const struct resource *resource,
        struct sink **sink)
{
    IDeliveryOptimizationFile2 *file = NULL;
    IDeliveryOptimizationJob2 *job2;
    VARIANT value;
    HRESULT hr;

    if (FAILED(query("JOB-007", job, &IID_IDeliveryOptimizationJob2, &job2)))
        return NULL;
    hr = IDeliveryOptimizationJob2_AddFile(job2, L"stream", resource->url, 0, NULL, &IID_IDeliveryOptimizationFile2,
            (void **)&file);
    check_hr("JOB-043", hr, S_OK);
    IDeliveryOptimizationJob2_Release(job2);
    if (!file)
        return NULL;
    *sink = sink_create(resource);
    V_VT(&value) = VT_UNKNOWN;
    V_UNKNOWN(&value) = (IUnknown *)&(*sink)->IStream_iface;
    hr = IDeliveryOptimizationFile2_SetProperty(file, DOFilePropertyId_DownloadSinkInterface, &value);
    check_hr("JOB-103", hr, S_OK);
    return file;
}

#endif /* __DOSVC_TESTS_SINK_H */
