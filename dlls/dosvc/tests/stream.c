/*
 * Conformance tests: streams as sinks of jobs
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

#include "dosvc_test.h"

/* A stream of which only Write works, and Commit does what the test wants. */
struct sink
{
    IStream IStream_iface;
    LONG refcount;
    const struct resource *resource; /* what has to arrive, from its beginning */

    /* Read by the test when the service does not write. */
    UINT64 size;
    unsigned int write_count;
    unsigned int commit_count;
    unsigned int bad_count;  /* writes that were empty, too large or brought wrong bytes */
    unsigned int other_count; /* calls of other methods */

    unsigned int fail_at;    /* the number of the write that fails with fail_hr */
    HRESULT fail_hr;
    HRESULT commit_hr;
    HANDLE entered, gate;    /* if set, a write signals the one and waits for the other */
};

static inline struct sink *impl_from_IStream(IStream *iface)
{
    return CONTAINING_RECORD(iface, struct sink, IStream_iface);
}

static HRESULT STDMETHODCALLTYPE sink_QueryInterface(IStream *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_ISequentialStream) || IsEqualIID(iid, &IID_IStream))
    {
        *out = iface;
        IStream_AddRef(iface);
        return S_OK;
    }
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE sink_AddRef(IStream *iface)
{
    return InterlockedIncrement(&impl_from_IStream(iface)->refcount);
}

static ULONG STDMETHODCALLTYPE sink_Release(IStream *iface)
{
    return InterlockedDecrement(&impl_from_IStream(iface)->refcount);
}

static HRESULT other_method(IStream *iface)
{
    impl_from_IStream(iface)->other_count++;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE sink_Read(IStream *iface, void *data, ULONG size, ULONG *done)
{
    return other_method(iface);
}

/* The count of bytes is not stored (JOB-103). */
static HRESULT STDMETHODCALLTYPE sink_Write(IStream *iface, const void *data, ULONG size, ULONG *written)
{
    struct sink *sink = impl_from_IStream(iface);
    const BYTE *bytes = data;
    BOOL is_bad = !size || size > 256 * 1024;
    ULONG i;

    sink->write_count++;
    if (sink->gate)
    {
        SetEvent(sink->entered);
        wait_event("JOB-104", sink->gate);
    }
    if (sink->write_count == sink->fail_at)
        return sink->fail_hr;
    for (i = 0; i < size && !is_bad; ++i)
        is_bad = bytes[i] != origin_get_byte(sink->resource->seed, sink->size + i);
    sink->bad_count += is_bad;
    sink->size += size;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE sink_Seek(IStream *iface, LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER *position)
{
    return other_method(iface);
}

static HRESULT STDMETHODCALLTYPE sink_SetSize(IStream *iface, ULARGE_INTEGER size)
{
    return other_method(iface);
}

static HRESULT STDMETHODCALLTYPE sink_CopyTo(IStream *iface, IStream *target, ULARGE_INTEGER size,
        ULARGE_INTEGER *done, ULARGE_INTEGER *written)
{
    return other_method(iface);
}

static HRESULT STDMETHODCALLTYPE sink_Commit(IStream *iface, DWORD flags)
{
    struct sink *sink = impl_from_IStream(iface);

    ok(flags == STGC_DEFAULT, "JOB-105: got flags %#lx.\n", flags);
    sink->commit_count++;
    return sink->commit_hr;
}

static HRESULT STDMETHODCALLTYPE sink_Revert(IStream *iface)
{
    return other_method(iface);
}

static HRESULT STDMETHODCALLTYPE sink_LockRegion(IStream *iface, ULARGE_INTEGER offset, ULARGE_INTEGER size, DWORD type)
{
    return other_method(iface);
}

static HRESULT STDMETHODCALLTYPE sink_Stat(IStream *iface, STATSTG *stat, DWORD flags)
{
    return other_method(iface);
}

static HRESULT STDMETHODCALLTYPE sink_Clone(IStream *iface, IStream **out)
{
    return other_method(iface);
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
    sink_LockRegion,
    sink_Stat,
    sink_Clone,
};

/* A file of the job of the fixture that goes to the sink. */
static IDeliveryOptimizationFile2 *add_stream(struct fixture *fixture, struct resource *resource, struct sink *sink)
{
    IDeliveryOptimizationFile2 *file = NULL;
    IDeliveryOptimizationJob2 *job2;
    VARIANT value;
    HRESULT hr;

    memset(sink, 0, sizeof(*sink));
    sink->IStream_iface.lpVtbl = (IStreamVtbl *)&sink_vtbl;
    sink->refcount = 1;
    sink->resource = resource;
    if (FAILED(query("JOB-007", fixture->job, &IID_IDeliveryOptimizationJob2, &job2)))
        return NULL;
    hr = IDeliveryOptimizationJob2_AddFile(job2, L"stream", resource->url, 0, NULL, &IID_IDeliveryOptimizationFile2,
            (void **)&file);
    check_hr("JOB-043", hr, S_OK);
    IDeliveryOptimizationJob2_Release(job2);
    if (!file)
        return NULL;
    V_VT(&value) = VT_UNKNOWN;
    V_UNKNOWN(&value) = (IUnknown *)&sink->IStream_iface;
    hr = IDeliveryOptimizationFile2_SetProperty(file, DOFilePropertyId_DownloadSinkInterface, &value);
    check_hr("JOB-103", hr, S_OK);
    return file;
}

/* The service gives its references back, though not at once. */
static void check_released(struct sink *sink)
{
    unsigned int i;

    for (i = 0; i < 500 && sink->refcount != 1; ++i)
        Sleep(10);
    ok(sink->refcount == 1, "JOB-103: the stream has %ld references.\n", sink->refcount);
}

static void check_received(const char *id, const struct sink *sink, UINT64 size)
{
    ok(sink->size == size, "%s: got %s bytes.\n", id, debugstr_u64(sink->size));
    ok(!sink->bad_count, "%s: %u writes are wrong.\n", id, sink->bad_count);
    ok(!sink->other_count, "%s: %u calls of other methods.\n", id, sink->other_count);
}

static void test_whole_file(void)
{
    IDeliveryOptimizationFile2 *file;
    IBackgroundCopyFile *bg_file;
    struct resource *resource;
    struct fixture fixture;
    struct sink sink;
    VARIANT value;
    WCHAR *name;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/stream", 3000000);
    if (!(file = add_stream(&fixture, resource, &sink)))
        return;

    hr = IDeliveryOptimizationFile2_GetProperty(file, DOFilePropertyId_DownloadSinkInterface, &value);
    check_hr("JOB-106", hr, S_OK);
    ok(V_VT(&value) == VT_UNKNOWN && V_UNKNOWN(&value) == (IUnknown *)&sink.IStream_iface,
            "JOB-106: got type %u, object %p.\n", V_VT(&value), V_UNKNOWN(&value));
    VariantClear(&value);
    name = (WCHAR *)0xdeadbeef;
    if (SUCCEEDED(query("JOB-103", file, &IID_IBackgroundCopyFile, &bg_file)))
    {
        hr = IBackgroundCopyFile_GetLocalName(bg_file, &name);
        check_hr("JOB-103", hr, DO_E_LOCALPATH_NOT_SET);
        ok(!name, "JOB-103: got name %p.\n", name);
        IBackgroundCopyFile_Release(bg_file);
    }

    resume_job("JOB-103", fixture.job);
    wait_for_state("JOB-103", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_received("JOB-103", &sink, resource->size);
    check_dir_count("JOB-103", fixture.dir, 0);

    sink.commit_hr = E_FAIL;
    hr = IBackgroundCopyJob_Complete(fixture.job);
    check_hr("JOB-105", hr, E_FAIL);
    check_state("JOB-105", fixture.job, BG_JOB_STATE_TRANSFERRED);
    sink.commit_hr = E_NOTIMPL;
    hr = IBackgroundCopyJob_Complete(fixture.job);
    check_hr("JOB-105", hr, S_OK);
    ok(sink.commit_count == 2, "JOB-105: got %u calls of Commit.\n", sink.commit_count);
    check_state("JOB-105", fixture.job, BG_JOB_STATE_ACKNOWLEDGED);
    check_received("JOB-105", &sink, resource->size);
    IDeliveryOptimizationFile2_Release(file);
    check_released(&sink);
    fixture_close(&fixture);
}

static void test_failing_write(void)
{
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    struct fixture fixture;
    struct sink sink;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/stream", 3000000);
    if (!(file = add_stream(&fixture, resource, &sink)))
        return;
    sink.fail_at = 2;
    sink.fail_hr = STG_E_MEDIUMFULL;
    resume_job("JOB-104", fixture.job);
    wait_for_state("JOB-104", fixture.job, BG_JOB_STATE_ERROR);
    check_error("JOB-104", fixture.job, STG_E_MEDIUMFULL);

    /* What was refused comes again, and nothing else. */
    resume_job("JOB-104", fixture.job);
    wait_for_state("JOB-104", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_received("JOB-104", &sink, resource->size);
    check_hr("JOB-104", IBackgroundCopyJob_Cancel(fixture.job), S_OK);
    ok(!sink.commit_count, "JOB-105: got %u calls of Commit.\n", sink.commit_count);
    IDeliveryOptimizationFile2_Release(file);
    check_released(&sink);
    fixture_close(&fixture);
}

/* A client that does not return from Write holds up neither Suspend nor Cancel. */
static void test_stuck_write(void)
{
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    struct fixture fixture;
    unsigned int count;
    struct sink sink;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/stream", 3000000);
    if (!(file = add_stream(&fixture, resource, &sink)))
        return;
    sink.entered = CreateEventW(NULL, FALSE, FALSE, NULL);
    sink.gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    resume_job("JOB-104", fixture.job);
    wait_event("JOB-104", sink.entered);
    check_hr("JOB-104", IBackgroundCopyJob_Suspend(fixture.job), S_OK);
    check_state("JOB-104", fixture.job, BG_JOB_STATE_SUSPENDED);
    check_hr("JOB-104", IBackgroundCopyJob_Cancel(fixture.job), S_OK);
    count = sink.write_count;
    ok(count == 1, "JOB-104: got %u writes.\n", count);
    SetEvent(sink.gate);
    IDeliveryOptimizationFile2_Release(file);
    check_released(&sink);
    ok(sink.write_count == count, "JOB-104: got %u writes after Cancel.\n", sink.write_count - count);
    CloseHandle(sink.entered);
    CloseHandle(sink.gate);
    fixture_close(&fixture);
}

#define STALL 50000 /* bytes, after which the server waits */

/* argv: stream event URL. It is killed while it waits at the end. The parent finds the job by its name, the URL. */
static void child(char **argv)
{
    HANDLE ready = ULongToHandle(strtoul(argv[2], NULL, 16));
    static struct resource resource; /* nobody looks at the bytes */
    struct fixture fixture = { 0 };
    struct sink sink;
    HRESULT hr;
    GUID id;

    MultiByteToWideChar(CP_ACP, 0, argv[3], -1, resource.url, ARRAY_SIZE(resource.url));
    hr = create_manager(&fixture.manager);
    check_hr("JOB-104", hr, S_OK);
    hr = IBackgroundCopyManager_CreateJob(fixture.manager, resource.url, BG_JOB_TYPE_DOWNLOAD, &id, &fixture.job);
    check_hr("JOB-104", hr, S_OK);
    if (!add_stream(&fixture, &resource, &sink))
        return;
    resume_job("JOB-104", fixture.job);
    wait_for_bytes("JOB-104", fixture.job, STALL);
    SetEvent(ready);
    Sleep(INFINITE);
}

/* Nobody calls it, since nothing arrives; but its death is noticed. */
static void test_dead_client(void)
{
    SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
    HANDLE ready, process, gate;
    struct resource *resource;
    IBackgroundCopyJob *job;
    struct fixture fixture;
    char args[500];

    if (!fixture_open(&fixture))
        return;
    ready = CreateEventW(&inherited, TRUE, FALSE, NULL);
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/dying", 100000);
    set_gate(resource, gate, STALL);
    sprintf(args, "%lx %ls", HandleToULong(ready), resource->url);
    process = start_child("stream", args);
    wait_event("JOB-104", ready);
    TerminateProcess(process, 0);
    job = find_job(fixture.manager, resource->url);
    ok(!!job, "JOB-104: the job has gone.\n");
    if (job)
    {
        wait_for_state("JOB-104", job, BG_JOB_STATE_ERROR);
        check_error("JOB-104", job, RPC_E_DISCONNECTED);
        discard_job(job);
    }
    SetEvent(gate);
    CloseHandle(process);
    CloseHandle(ready);
    CloseHandle(gate);
    fixture_close(&fixture);
}

START_TEST(stream)
{
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    if (argc >= 4)
    {
        child(argv);
    }
    else
    {
        test_whole_file();
        test_failing_write();
        test_stuck_write();
        test_dead_client();
    }
    CoUninitialize();
}
