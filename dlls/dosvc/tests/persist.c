/*
 * Tests for what survives the service
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
#include "control.h"
#include "download.h"
#include "sink.h"

#define BUSY_COUNT   16 /* jobs whose progress is to be written when the service stops */
#define VICTIM_COUNT 120

static const CLSID CLSID_Nobody = { 0x6d1e8ab1, 0x4b3a, 0x4a3c, { 0x8e, 0x60, 0x1d, 0x52, 0x6f, 0x0a, 0x11, 0x02 } };

/* In place of an object of a service that is gone. */
static BOOL get_again(const char *id, IBackgroundCopyManager *manager, IBackgroundCopyJob **job, const GUID *guid)
{
    HRESULT hr;

    IBackgroundCopyJob_Release(*job);
    hr = IBackgroundCopyManager_GetJob(manager, guid, job);
    ok(hr == S_OK, "%s: GetJob gives %#lx.\n", id, hr);
    if (FAILED(hr))
        *job = create_job(manager);
    return hr == S_OK;
}

static BOOL restart_fixture(const char *id, struct fixture *fixture, enum end end)
{
    GUID guid;

    IBackgroundCopyJob_GetId(fixture->job, &guid);
    if (!restart_service("JOB-076", end, &fixture->manager))
        return FALSE;
    return get_again(id, fixture->manager, &fixture->job, &guid);
}

struct snapshot
{
    BG_JOB_STATE state;
    BG_JOB_PROGRESS progress;
    BG_JOB_TIMES times;
    BG_JOB_PRIORITY priority;
    ULONG flags, retry_delay, timeout, errors;
    BITS_JOB_PROPERTY_VALUE cost, clsid;
    WCHAR *name, *description, *owner;
    HRESULT error;
    BG_ERROR_CONTEXT context;
};

static void take_snapshot(IBackgroundCopyJob *job, struct snapshot *snapshot)
{
    IBackgroundCopyJob5 *job5;
    HRESULT hr;

    memset(snapshot, 0, sizeof(*snapshot));
    snapshot->state = get_state(job);
    get_progress(job, &snapshot->progress);
    IBackgroundCopyJob_GetTimes(job, &snapshot->times);
    IBackgroundCopyJob_GetPriority(job, &snapshot->priority);
    IBackgroundCopyJob_GetNotifyFlags(job, &snapshot->flags);
    IBackgroundCopyJob_GetMinimumRetryDelay(job, &snapshot->retry_delay);
    IBackgroundCopyJob_GetNoProgressTimeout(job, &snapshot->timeout);
    IBackgroundCopyJob_GetErrorCount(job, &snapshot->errors);
    IBackgroundCopyJob_GetDisplayName(job, &snapshot->name);
    IBackgroundCopyJob_GetDescription(job, &snapshot->description);
    IBackgroundCopyJob_GetOwner(job, &snapshot->owner);
    snapshot->error = get_error_code(job, &snapshot->context);
    if (FAILED(query("JOB-076", job, &IID_IBackgroundCopyJob5, &job5)))
        return;
    hr = IBackgroundCopyJob5_GetProperty(job5, BITS_JOB_PROPERTY_ID_COST_FLAGS, &snapshot->cost);
    ok(hr == S_OK, "JOB-030: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob5_GetProperty(job5, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, &snapshot->clsid);
    ok(hr == S_OK, "JOB-031: got hr %#lx.\n", hr);
    IBackgroundCopyJob5_Release(job5);
}

static void free_snapshot(struct snapshot *snapshot)
{
    CoTaskMemFree(snapshot->name);
    CoTaskMemFree(snapshot->description);
    CoTaskMemFree(snapshot->owner);
}

static BOOL same_text(const WCHAR *a, const WCHAR *b)
{
    return a && b && !wcscmp(a, b);
}

static void check_snapshot(const char *id, IBackgroundCopyJob *job, const struct snapshot *expected)
{
    struct snapshot now;

    take_snapshot(job, &now);
    ok(now.state == expected->state, "%s: got state %s, expected %s.\n", id, debugstr_state(now.state),
            debugstr_state(expected->state));
    ok(now.progress.BytesTotal == expected->progress.BytesTotal, "%s: got total %s, expected %s.\n", id,
            debugstr_u64(now.progress.BytesTotal), debugstr_u64(expected->progress.BytesTotal));
    ok(now.progress.BytesTransferred == expected->progress.BytesTransferred, "%s: got %s bytes, expected %s.\n", id,
            debugstr_u64(now.progress.BytesTransferred), debugstr_u64(expected->progress.BytesTransferred));
    ok(now.progress.FilesTotal == expected->progress.FilesTotal, "%s: got %lu files, expected %lu.\n", id,
            now.progress.FilesTotal, expected->progress.FilesTotal);
    ok(now.progress.FilesTransferred == expected->progress.FilesTransferred, "%s: got %lu files, expected %lu.\n", id,
            now.progress.FilesTransferred, expected->progress.FilesTransferred);
    ok(!CompareFileTime(&now.times.CreationTime, &expected->times.CreationTime), "%s: another creation time.\n", id);
    ok(!CompareFileTime(&now.times.TransferCompletionTime, &expected->times.TransferCompletionTime),
            "%s: another completion time.\n", id);
    ok(now.priority == expected->priority, "%s: got priority %u, expected %u.\n", id, now.priority, expected->priority);
    ok(now.flags == expected->flags, "%s: got flags %#lx, expected %#lx.\n", id, now.flags, expected->flags);
    ok(now.retry_delay == expected->retry_delay, "%s: got delay %lu, expected %lu.\n", id, now.retry_delay,
            expected->retry_delay);
    ok(now.timeout == expected->timeout, "%s: got timeout %lu, expected %lu.\n", id, now.timeout, expected->timeout);
    ok(now.errors == expected->errors, "%s: got %lu errors, expected %lu.\n", id, now.errors, expected->errors);
    ok(now.cost.Dword == expected->cost.Dword, "%s: got cost flags %#lx, expected %#lx.\n", id, now.cost.Dword,
            expected->cost.Dword);
    ok(IsEqualGUID(&now.clsid.ClsID, &expected->clsid.ClsID), "%s: got class %s.\n", id,
            wine_dbgstr_guid(&now.clsid.ClsID));
    ok(same_text(now.name, expected->name), "%s: got name %s.\n", id, wine_dbgstr_w(now.name));
    ok(same_text(now.description, expected->description), "%s: got description %s.\n", id,
            wine_dbgstr_w(now.description));
    ok(same_text(now.owner, expected->owner), "%s: got owner %s.\n", id, wine_dbgstr_w(now.owner));
    ok(now.error == expected->error, "%s: got error %#lx, expected %#lx.\n", id, now.error, expected->error);
    ok(now.context == expected->context, "%s: got context %u, expected %u.\n", id, now.context, expected->context);
    free_snapshot(&now);
}

static void set_everything(IBackgroundCopyJob *job)
{
    BITS_JOB_PROPERTY_VALUE value;
    IBackgroundCopyJob5 *job5;
    HRESULT hr;

    hr = IBackgroundCopyJob_SetDisplayName(job, L"another \x0441\x043b\x043e\x0432\x043e name");
    ok(hr == S_OK, "JOB-027: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_SetDescription(job, L"a description");
    ok(hr == S_OK, "JOB-076: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_SetPriority(job, BG_JOB_PRIORITY_HIGH);
    ok(hr == S_OK, "JOB-028: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_SetNotifyFlags(job, BG_NOTIFY_JOB_ERROR | BG_NOTIFY_FILE_TRANSFERRED);
    ok(hr == S_OK, "JOB-029: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_SetMinimumRetryDelay(job, 77);
    ok(hr == S_OK, "JOB-076: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_SetNoProgressTimeout(job, 1234);
    ok(hr == S_OK, "JOB-076: got hr %#lx.\n", hr);
    if (FAILED(query("JOB-076", job, &IID_IBackgroundCopyJob5, &job5)))
        return;
    value.Dword = BITS_JOB_TRANSFER_POLICY_STANDARD;
    hr = IBackgroundCopyJob5_SetProperty(job5, BITS_JOB_PROPERTY_ID_COST_FLAGS, value);
    ok(hr == S_OK, "JOB-030: got hr %#lx.\n", hr);
    value.ClsID = CLSID_Nobody;
    hr = IBackgroundCopyJob5_SetProperty(job5, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value);
    ok(hr == S_OK, "JOB-031: got hr %#lx.\n", hr);
    IBackgroundCopyJob5_Release(job5);
}

static void set_file_properties(IBackgroundCopyJob *job)
{
    IDeliveryOptimizationFile2 *file2;
    IDeliveryOptimizationJob2 *job2;
    VARIANT value;
    HRESULT hr;

    if (FAILED(query("JOB-043", job, &IID_IDeliveryOptimizationJob2, &job2)))
        return;
    hr = IDeliveryOptimizationJob2_AddFile(job2, L"second", L"http://127.0.0.1:1/second", 0, NULL,
            &IID_IDeliveryOptimizationFile2, (void **)&file2);
    ok(hr == S_OK, "JOB-043: got hr %#lx.\n", hr);
    IDeliveryOptimizationJob2_Release(job2);
    if (FAILED(hr))
        return;
    V_VT(&value) = VT_UI8;
    V_UI8(&value) = 5555555555ull;
    hr = IDeliveryOptimizationFile2_SetProperty(file2, DOFilePropertyId_TotalSizeBytes, &value);
    ok(hr == S_OK, "JOB-107: got hr %#lx.\n", hr);
    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = VARIANT_FALSE;
    hr = IDeliveryOptimizationFile2_SetProperty(file2, DOFilePropertyId_IntegrityCheckMandatory, &value);
    ok(hr == S_OK, "JOB-108: got hr %#lx.\n", hr);
    IDeliveryOptimizationFile2_Release(file2);
}

static void check_file_properties(IBackgroundCopyJob *job)
{
    IBackgroundCopyFile *file = get_file("JOB-076", job, 1);
    IDeliveryOptimizationFile2 *file2;
    WCHAR *text = NULL;
    VARIANT value;
    HRESULT hr;

    if (!file)
        return;
    hr = IBackgroundCopyFile_GetRemoteName(file, &text);
    ok(hr == S_OK && !wcscmp(text, L"http://127.0.0.1:1/second"), "JOB-076: got hr %#lx, %s.\n", hr,
            wine_dbgstr_w(text));
    CoTaskMemFree(text);
    hr = IBackgroundCopyFile_GetLocalName(file, &text);
    ok(hr == DO_E_LOCALPATH_NOT_SET, "JOB-076: got hr %#lx.\n", hr);
    if (SUCCEEDED(query("JOB-076", file, &IID_IDeliveryOptimizationFile2, &file2)))
    {
        hr = IDeliveryOptimizationFile2_GetProperty(file2, DOFilePropertyId_TotalSizeBytes, &value);
        ok(hr == S_OK && V_VT(&value) == VT_UI8 && V_UI8(&value) == 5555555555ull, "JOB-107: got hr %#lx, %s.\n", hr,
                debugstr_u64(V_UI8(&value)));
        hr = IDeliveryOptimizationFile2_GetProperty(file2, DOFilePropertyId_IntegrityCheckMandatory, &value);
        ok(hr == S_OK && V_VT(&value) == VT_BOOL && !V_BOOL(&value), "JOB-108: got hr %#lx.\n", hr);
        IDeliveryOptimizationFile2_Release(file2);
    }
    IBackgroundCopyFile_Release(file);
}

static void check_file_ranges(IBackgroundCopyJob *job, const BG_FILE_RANGE *expected, DWORD expected_count)
{
    IBackgroundCopyFile *file = get_file("JOB-091", job, 0);
    BG_FILE_RANGE *ranges = NULL;
    IBackgroundCopyFile2 *file2;
    DWORD count = 0;
    HRESULT hr;

    if (!file)
        return;
    if (SUCCEEDED(query("JOB-091", file, &IID_IBackgroundCopyFile2, &file2)))
    {
        hr = IBackgroundCopyFile2_GetFileRanges(file2, &count, &ranges);
        ok(hr == S_OK, "JOB-091: got hr %#lx.\n", hr);
        ok(count == expected_count && ranges && !memcmp(ranges, expected, count * sizeof(*ranges)),
                "JOB-091: got %lu ranges.\n", count);
        CoTaskMemFree(ranges);
        IBackgroundCopyFile2_Release(file2);
    }
    IBackgroundCopyFile_Release(file);
}

/* A job that was never started, with everything that can be set. */
static void test_suspended(enum end end)
{
    static BG_FILE_RANGE ranges[] = { { 900, 100 }, { 0, 10 }, { 2000, BG_LENGTH_TO_EOF } };
    struct resource *resource;
    struct snapshot snapshot;
    struct fixture fixture;
    IUnknown *unknown;
    HRESULT hr;

    winetest_push_context("%s", debugstr_end(end));
    if (fixture_open(&fixture))
    {
        resource = origin_add_resource(fixture.origin, "/suspended", 5000);
        set_everything(fixture.job);
        add_ranges("JOB-076", fixture.job, resource, fixture.path, ranges, ARRAY_SIZE(ranges), DO_UNKNOWN_FILE_SIZE,
                S_OK);
        set_file_properties(fixture.job);
        take_snapshot(fixture.job, &snapshot);
        if (restart_fixture("JOB-076", &fixture, end))
        {
            check_snapshot("JOB-076", fixture.job, &snapshot);
            check_file_ranges(fixture.job, ranges, ARRAY_SIZE(ranges));
            check_file_properties(fixture.job);
            hr = IBackgroundCopyJob_GetNotifyInterface(fixture.job, &unknown);
            ok(hr == S_OK && !unknown, "JOB-076: got hr %#lx, %p.\n", hr, unknown);
        }
        free_snapshot(&snapshot);
        fixture_close(&fixture);
    }
    winetest_pop_context();
}

/* In the middle of a transfer: it goes on by itself, from where it was. */
static void test_transferring(enum end end)
{
    struct origin_request request;
    struct resource *resource;
    BG_JOB_PROGRESS progress;
    struct fixture fixture;
    unsigned int before;
    HANDLE gate;
    HRESULT hr;

    winetest_push_context("%s", debugstr_end(end));
    if (fixture_open(&fixture))
    {
        gate = create_gate();
        resource = origin_add_resource(fixture.origin, "/transferring", 300000);
        set_gate(resource, gate, 200000);
        add_file("JOB-076", fixture.job, resource, fixture.path);
        resume_job("JOB-076", fixture.job);
        wait_for_bytes("JOB-076", fixture.job, 200000);
        /* Longer than the service takes to save what it shows. */
        if (end == END_KILL)
            Sleep(4000);
        before = origin_get_requests(resource, NULL);
        if (restart_fixture("JOB-076", &fixture, end))
        {
            get_progress(fixture.job, &progress);
            ok(progress.BytesTransferred == 200000, "JOB-076: got %s bytes.\n",
                    debugstr_u64(progress.BytesTransferred));
            ok(progress.BytesTotal == 300000, "JOB-076: got total %s.\n", debugstr_u64(progress.BytesTotal));
            SetEvent(gate);
            wait_for_state("JOB-076", fixture.job, BG_JOB_STATE_TRANSFERRED);
            get_progress(fixture.job, &progress);
            ok(progress.BytesTransferred == 300000, "JOB-076: got %s bytes.\n",
                    debugstr_u64(progress.BytesTransferred));
            ok(origin_get_requests(resource, &request) == before + 1, "JOB-076: got %u requests, %u before.\n",
                    origin_get_requests(resource, NULL), before);
            ok(!strncmp(request.range, "bytes=200000-", 13), "JOB-055: got range %s.\n", request.range);
            ok(!strcmp(request.if_range, "\"v1\""), "JOB-055: got validator %s.\n", request.if_range);
            hr = IBackgroundCopyJob_Complete(fixture.job);
            ok(hr == S_OK, "JOB-080: got hr %#lx.\n", hr);
            check_content("JOB-076", fixture.path, resource);
            check_dir_count("JOB-089", fixture.dir, 1);
        }
        SetEvent(gate);
        fixture_close(&fixture);
        CloseHandle(gate);
    }
    winetest_pop_context();
}

/* The server has something else when the service is back. */
static void test_changed_resource(void)
{
    struct resource *resource;
    struct fixture fixture;
    HANDLE gate;
    HRESULT hr;
    GUID guid;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/changed", 300000);
    set_gate(resource, gate, 200000);
    add_file("JOB-072", fixture.job, resource, fixture.path);
    resume_job("JOB-072", fixture.job);
    wait_for_bytes("JOB-072", fixture.job, 200000);
    IBackgroundCopyJob_GetId(fixture.job, &guid);
    if (stop_service())
    {
        origin_lock(fixture.origin);
        resource->etag = "\"v2\"";
        resource->last_modified = "Thu, 22 Oct 2015 07:28:00 GMT";
        resource->seed += 100;
        resource->size = 250000;
        resource->gate = NULL;
        origin_unlock(fixture.origin);
        if (restart_service("JOB-072", END_STOP, &fixture.manager)
                && get_again("JOB-072", fixture.manager, &fixture.job, &guid))
        {
            wait_for_state("JOB-072", fixture.job, BG_JOB_STATE_TRANSFERRED);
            hr = IBackgroundCopyJob_Complete(fixture.job);
            ok(hr == S_OK, "JOB-072: got hr %#lx.\n", hr);
            check_content("JOB-072", fixture.path, resource);
        }
    }
    SetEvent(gate);
    fixture_close(&fixture);
    CloseHandle(gate);
}

/* States that wait for the client. */
static void test_resting(enum end end)
{
    IBackgroundCopyJob *failed, *paused;
    struct snapshot done_state, failed_state, paused_state;
    struct resource *resource, *missing, *slow;
    struct fixture fixture;
    WCHAR path[MAX_PATH];
    GUID ids[2];
    HANDLE gate;
    HRESULT hr;

    winetest_push_context("%s", debugstr_end(end));
    if (fixture_open(&fixture))
    {
        gate = create_gate();
        failed = create_job(fixture.manager);
        paused = create_job(fixture.manager);
        IBackgroundCopyJob_GetId(failed, &ids[0]);
        IBackgroundCopyJob_GetId(paused, &ids[1]);

        resource = origin_add_resource(fixture.origin, "/done", 70000);
        add_file("JOB-076", fixture.job, resource, fixture.path);
        missing = origin_add_resource(fixture.origin, "/forbidden", 1000);
        set_status(missing, 403, ORIGIN_FOREVER);
        add_file("JOB-076", failed, missing, join_path(path, fixture.dir, L"failed.bin"));
        slow = origin_add_resource(fixture.origin, "/slow", 100000);
        set_gate(slow, gate, 60000);
        add_file("JOB-076", paused, slow, join_path(path, fixture.dir, L"paused.bin"));
        resume_job("JOB-076", fixture.job);
        resume_job("JOB-076", failed);
        resume_job("JOB-076", paused);
        wait_for_state("JOB-076", fixture.job, BG_JOB_STATE_TRANSFERRED);
        wait_for_state("JOB-119", failed, BG_JOB_STATE_ERROR);
        wait_for_bytes("JOB-076", paused, 60000);
        if (end == END_KILL)
            Sleep(4000);
        hr = IBackgroundCopyJob_Suspend(paused);
        ok(hr == S_OK, "JOB-054: got hr %#lx.\n", hr);
        take_snapshot(fixture.job, &done_state);
        take_snapshot(failed, &failed_state);
        take_snapshot(paused, &paused_state);
        ok(failed_state.error == (HRESULT)0x80190193, "JOB-119: got error %#lx.\n", failed_state.error);

        if (restart_fixture("JOB-076", &fixture, end)
                && get_again("JOB-076", fixture.manager, &failed, &ids[0])
                && get_again("JOB-076", fixture.manager, &paused, &ids[1]))
        {
            check_snapshot("JOB-076", fixture.job, &done_state);
            check_snapshot("JOB-119", failed, &failed_state);
            check_snapshot("JOB-054", paused, &paused_state);

            hr = IBackgroundCopyJob_Complete(fixture.job);
            ok(hr == S_OK, "JOB-080: got hr %#lx.\n", hr);
            check_content("JOB-080", fixture.path, resource);
            set_status(missing, 0, 0);
            resume_job("JOB-058", failed);
            wait_for_state("JOB-058", failed, BG_JOB_STATE_TRANSFERRED);
            SetEvent(gate);
            resume_job("JOB-055", paused);
            wait_for_state("JOB-055", paused, BG_JOB_STATE_TRANSFERRED);
            hr = IBackgroundCopyJob_Complete(paused);
            ok(hr == S_OK, "JOB-080: got hr %#lx.\n", hr);
            check_content("JOB-080", path, slow);
            hr = IBackgroundCopyJob_Cancel(failed);
            ok(hr == S_OK, "JOB-088: got hr %#lx.\n", hr);
            check_dir_count("JOB-088", fixture.dir, 2);
        }
        SetEvent(gate);
        free_snapshot(&done_state);
        free_snapshot(&failed_state);
        free_snapshot(&paused_state);
        discard_job(failed);
        discard_job(paused);
        fixture_close(&fixture);
        CloseHandle(gate);
    }
    winetest_pop_context();
}

static void test_transient_error(void)
{
    struct resource *resource;
    struct fixture fixture;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/busy", 1000);
    set_status(resource, 503, ORIGIN_FOREVER);
    add_file("JOB-120", fixture.job, resource, fixture.path);
    resume_job("JOB-120", fixture.job);
    wait_for_state("JOB-120", fixture.job, BG_JOB_STATE_TRANSIENT_ERROR);
    if (restart_fixture("JOB-120", &fixture, END_KILL))
    {
        set_status(resource, 0, 0);
        wait_for_state("JOB-120", fixture.job, BG_JOB_STATE_TRANSFERRED);
    }
    fixture_close(&fixture);
}

/* A final job is not there again. */
static void test_final(void)
{
    IBackgroundCopyJob *completed, *cancelled, *job;
    IBackgroundCopyManager *manager;
    struct fixture fixture;
    HRESULT hr;
    GUID ids[2];
    UINT i;

    if (!fixture_open(&fixture))
        return;
    completed = create_job(fixture.manager);
    cancelled = create_job(fixture.manager);
    IBackgroundCopyJob_GetId(completed, &ids[0]);
    IBackgroundCopyJob_GetId(cancelled, &ids[1]);
    hr = IBackgroundCopyJob_Complete(completed);
    ok(hr == S_OK, "JOB-080: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_Cancel(cancelled);
    ok(hr == S_OK, "JOB-086: got hr %#lx.\n", hr);
    IBackgroundCopyJob_Release(completed);
    IBackgroundCopyJob_Release(cancelled);
    if (restart_fixture("HOST-05", &fixture, END_KILL))
    {
        manager = fixture.manager;
        for (i = 0; i < ARRAY_SIZE(ids); ++i)
        {
            hr = IBackgroundCopyManager_GetJob(manager, &ids[i], &job);
            ok(hr == DO_E_JOB_NOT_FOUND, "HOST-05: job %u: got hr %#lx.\n", i, hr);
        }
    }
    fixture_close(&fixture);
}

/* A job that was made before the service started, and one after. */
static void test_expiry(void)
{
    IBackgroundCopyJob *old, *job;
    struct resource *resource;
    struct fixture fixture;
    GUID ids[2];
    HRESULT hr = E_FAIL;
    HANDLE gate;
    DWORD end;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/old", 100000);
    set_gate(resource, gate, 50000);
    add_file("JOB-141", fixture.job, resource, fixture.path);
    resume_job("JOB-141", fixture.job);
    wait_for_bytes("JOB-141", fixture.job, 50000);
    IBackgroundCopyJob_GetId(fixture.job, &ids[0]);
    if (!set_setting(L"JobExpirySeconds", 3) || !restart_fixture("JOB-141", &fixture, END_STOP))
    {
        skip("JOB-141: no right to change the settings of the service.\n");
        SetEvent(gate);
        fixture_close(&fixture);
        CloseHandle(gate);
        return;
    }
    old = fixture.job;
    fixture.job = create_job(fixture.manager);
    IBackgroundCopyJob_GetId(fixture.job, &ids[1]);
    for (i = 0; i < ARRAY_SIZE(ids); ++i)
    {
        for (end = GetTickCount() + LIMIT_MS; (LONG)(end - GetTickCount()) > 0; Sleep(POLL_MS))
        {
            if ((hr = IBackgroundCopyManager_GetJob(fixture.manager, &ids[i], &job)) != S_OK)
                break;
            IBackgroundCopyJob_Release(job);
        }
        ok(hr == DO_E_JOB_NOT_FOUND, "JOB-141: job %u: got hr %#lx.\n", i, hr);
    }
    check_state("JOB-141", old, BG_JOB_STATE_CANCELLED);
    check_state("JOB-141", fixture.job, BG_JOB_STATE_CANCELLED);
    check_dir_count("JOB-141", fixture.dir, 0);
    set_setting(L"JobExpirySeconds", 0);
    SetEvent(gate);
    IBackgroundCopyJob_Release(old);
    fixture_close(&fixture);
    CloseHandle(gate);
    stop_service(); /* the next one has the default again */
}

/* The password of a URL, also where the URL is the id of the file. */
static void test_secrets(void)
{
    IBackgroundCopyFile2 *file2;
    struct resource *resource;
    IBackgroundCopyFile *file;
    struct fixture fixture;
    WCHAR url[128], *text;
    HANDLE gate;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/kept-path", 100000);
    set_gate(resource, gate, 50000);
    add_userinfo(url, resource->url, L"secret-user:secret-pass@");
    hr = IBackgroundCopyJob_AddFile(fixture.job, url, fixture.path);
    ok(hr == S_OK, "CRED-01: got hr %#lx.\n", hr);
    resume_job("CRED-01", fixture.job);
    wait_for_bytes("CRED-01", fixture.job, 50000);
    IBackgroundCopyJob_Suspend(fixture.job);
    if (restart_fixture("CRED-01", &fixture, END_STOP) && (file = get_file("CRED-01", fixture.job, 0)))
    {
        ok(!count_saved(L"*", "secret-user"), "CRED-01: the user was saved.\n");
        ok(!count_saved(L"*", "secret-pass"), "CRED-01: the password was saved.\n");
        /* The test would find it. */
        ok(count_saved(L"*", "kept-path"), "CRED-01: nothing was saved.\n");
        hr = IBackgroundCopyFile_GetRemoteName(file, &text);
        ok(hr == S_OK, "CRED-01: got hr %#lx.\n", hr);
        ok(!wcscmp(text, resource->url), "CRED-01: got %s.\n", wine_dbgstr_w(text));
        CoTaskMemFree(text);
        if (SUCCEEDED(query("CRED-01", file, &IID_IBackgroundCopyFile2, &file2)))
        {
            hr = IBackgroundCopyFile2_SetRemoteName(file2, url);
            ok(hr == S_OK, "CRED-01: got hr %#lx.\n", hr);
            ok(!count_saved(L"*", "secret-pass"), "CRED-01: the new password was saved.\n");
            IBackgroundCopyFile2_Release(file2);
        }
        IBackgroundCopyFile_Release(file);
        SetEvent(gate);
        resume_job("CRED-01", fixture.job);
        wait_for_state("CRED-01", fixture.job, BG_JOB_STATE_TRANSFERRED);
    }
    SetEvent(gate);
    fixture_close(&fixture);
    CloseHandle(gate);
}

/* Have the service lose a stream that has got everything, and the job go on with another file. */
static BOOL lose_stream(struct fixture *fixture, struct resource *other)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/stream", 100000);
    IDeliveryOptimizationFile2 *file;
    struct sink *sink;

    if (!(file = add_stream(fixture->job, resource, &sink)))
        return FALSE;
    resume_job("JOB-076", fixture->job);
    wait_for_state("JOB-076", fixture->job, BG_JOB_STATE_TRANSFERRED);
    IDeliveryOptimizationFile2_Release(file);
    if (!restart_fixture("JOB-076", fixture, END_STOP))
        return FALSE;
    sink_release(sink);
    check_state("JOB-076", fixture->job, BG_JOB_STATE_TRANSFERRED);
    add_file("JOB-076", fixture->job, other, fixture->path);
    return TRUE;
}

/* A stream that has got everything is not missed. */
static void test_finished_stream(void)
{
    struct fixture fixture;
    struct resource *other;

    if (!fixture_open(&fixture))
        return;
    other = origin_add_resource(fixture.origin, "/other", 1000);
    if (lose_stream(&fixture, other))
    {
        resume_job("JOB-076", fixture.job);
        wait_for_state("JOB-076", fixture.job, BG_JOB_STATE_TRANSFERRED);
        check_hr("JOB-076", IBackgroundCopyJob_Complete(fixture.job), S_OK);
        check_content("JOB-076", fixture.path, other);
    }
    fixture_close(&fixture);
}

/* A path in its place gets the file. */
static void test_path_for_stream(void)
{
    IDeliveryOptimizationFile2 *file2;
    struct fixture fixture;
    struct resource *other;
    IBackgroundCopyFile *file;
    WCHAR path[MAX_PATH];
    VARIANT value;

    if (!fixture_open(&fixture))
        return;
    other = origin_add_resource(fixture.origin, "/other", 1000);
    if (lose_stream(&fixture, other) && (file = get_file("JOB-101", fixture.job, 0)))
    {
        query("JOB-101", file, &IID_IDeliveryOptimizationFile2, &file2);
        V_VT(&value) = VT_BSTR;
        V_BSTR(&value) = SysAllocString(join_path(path, fixture.dir, L"stream"));
        check_hr("JOB-101", IDeliveryOptimizationFile2_SetProperty(file2, DOFilePropertyId_DownloadSinkFilePath,
                &value), S_OK);
        VariantClear(&value);
        resume_job("JOB-101", fixture.job);
        wait_for_state("JOB-101", fixture.job, BG_JOB_STATE_TRANSFERRED);
        check_hr("JOB-101", IBackgroundCopyJob_Complete(fixture.job), S_OK);
        ok(file_exists(path), "JOB-101: the file has nothing of what the stream had got.\n");
        IDeliveryOptimizationFile2_Release(file2);
        IBackgroundCopyFile_Release(file);
    }
    fixture_close(&fixture);
}

/* The age grows over many short runs of the service. */
static void test_saved_age(void)
{
    struct fixture fixture;
    FILETIME time;

    if (!fixture_open(&fixture))
        return;
    time = get_saved_time(L"*.job");
    if (!set_setting(L"JobExpirySeconds", 60))
    {
        skip("JOB-141: no right to change the settings of the service.\n");
        fixture_close(&fixture);
        return;
    }
    if (restart_fixture("JOB-141", &fixture, END_STOP))
        check_saved_again("JOB-141", L"*.job", time);
    set_setting(L"JobExpirySeconds", 0);
    fixture_close(&fixture);
    stop_service();
}

/* A job, or a download that outlives the service. */
struct victim
{
    IBackgroundCopyJob *job; /* NULL: a download */
    BOOL is_transferred; /* a job to be completed, not cancelled */
    IDODownload *download;
    GUID guid;
    WCHAR id[40];
    HRESULT hr; /* of the call that ends it */
};

static void create_victims(struct fixture *fixture, IDOManager *manager, struct victim *victims)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/victim", 1000);
    WCHAR path[MAX_PATH];
    unsigned int i;

    for (i = 0; i < VICTIM_COUNT; ++i)
    {
        if (i % 2)
        {
            victims[i].job = create_job(fixture->manager);
            IBackgroundCopyJob_GetId(victims[i].job, &victims[i].guid);
            if (!(victims[i].is_transferred = i % 4 == 1))
                continue;
            swprintf(path, MAX_PATH, L"%lsvictim%u", fixture->dir, i);
            add_file("HOST-04", victims[i].job, resource, path);
            resume_job("HOST-04", victims[i].job);
            wait_for_state("HOST-04", victims[i].job, BG_JOB_STATE_TRANSFERRED);
            continue;
        }
        victims[i].download = create_download("DL-150", manager);
        check_hr("DL-150", dl_set_bool(victims[i].download, DODownloadProperty_NonVolatile, TRUE), S_OK);
        dl_get_id(victims[i].download, victims[i].id);
    }
}

/* A victim is gone, or the call has failed. */
static void check_victim(struct fixture *fixture, IDOManager *manager, const struct victim *victim)
{
    IDODownload *download = NULL;
    IBackgroundCopyJob *job = NULL;
    IEnumUnknown *enumerator;
    HRESULT hr;

    ok(victim->hr == S_OK || victim->hr == DO_E_NO_SERVICE || is_rpc_error(victim->hr), "HOST-04: got hr %#lx.\n",
            victim->hr);
    if (victim->job)
    {
        hr = IBackgroundCopyManager_GetJob(fixture->manager, &victim->guid, &job);
        ok(FAILED(hr) || victim->hr != S_OK, "HOST-04: a job that has ended is there again.\n");
        ok(hr == S_OK || victim->hr != DO_E_NO_SERVICE, "HOST-04: a job has gone, hr %#lx.\n", hr);
        if (SUCCEEDED(hr))
            discard_job(job);
        return;
    }
    if (SUCCEEDED(hr = dl_enum(manager, DODownloadProperty_Id, victim->id, &enumerator)))
    {
        IEnumUnknown_Release(enumerator);
        download = dl_find("HOST-04", manager, DODownloadProperty_Id, victim->id);
    }
    ok(FAILED(hr) || victim->hr != S_OK, "HOST-04: an aborted download is there again.\n");
    ok(hr == S_OK || victim->hr != DO_E_NO_SERVICE, "HOST-04: a download has gone, hr %#lx.\n", hr);
    if (download)
        dl_discard(download);
}

static HRESULT end_victim(const struct victim *victim)
{
    if (!victim->job)
        return IDODownload_Abort(victim->download);
    return victim->is_transferred ? IBackgroundCopyJob_Complete(victim->job) : IBackgroundCopyJob_Cancel(victim->job);
}

/* Jobs that always have progress to write. */
static void create_busy_jobs(struct fixture *fixture, IBackgroundCopyJob **jobs, GUID *guids)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/busy", 100000000);
    WCHAR path[MAX_PATH];
    unsigned int i;

    resource->tick_ms = 100;
    resource->tick_bytes = 1000;
    for (i = 0; i < BUSY_COUNT; ++i)
    {
        jobs[i] = create_job(fixture->manager);
        IBackgroundCopyJob_GetId(jobs[i], &guids[i]);
        check_hr("HOST-04", IBackgroundCopyJob_SetPriority(jobs[i], BG_JOB_PRIORITY_FOREGROUND), S_OK);
        swprintf(path, MAX_PATH, L"%lsbusy%u", fixture->dir, i);
        add_file("HOST-04", jobs[i], resource, path);
        resume_job("HOST-04", jobs[i]);
    }
    for (i = 0; i < BUSY_COUNT; ++i)
        wait_for_bytes("HOST-04", jobs[i], 1);
}

/* A call that succeeds while the service stops holds for the next one, be it while the last records are written. */
static void test_late_calls(void)
{
    static struct victim victims[VICTIM_COUNT];
    IBackgroundCopyJob *jobs[BUSY_COUNT];
    unsigned int i, done = 0, refused = 0;
    GUID guids[BUSY_COUNT], guid;
    struct fixture fixture;
    IDOManager *manager;
    HANDLE thread;

    if (!fixture_open(&fixture))
        return;
    check_hr("HOST-04", create_do_manager(&manager), S_OK);
    create_victims(&fixture, manager, victims);
    create_busy_jobs(&fixture, jobs, guids);
    IBackgroundCopyJob_GetId(fixture.job, &guid);
    if ((thread = begin_stop("HOST-04")))
    {
        for (i = 0; i < VICTIM_COUNT; ++i)
        {
            victims[i].hr = end_victim(&victims[i]);
            done += victims[i].hr == S_OK;
            refused += victims[i].hr == DO_E_NO_SERVICE;
        }
        end_stop("HOST-04", thread);
        trace("HOST-04: of %u calls %u succeeded and %u were refused.\n", VICTIM_COUNT, done, refused);
        IDOManager_Release(manager);
        IBackgroundCopyManager_Release(fixture.manager);
        check_hr("HOST-04", create_manager_again(&fixture.manager), S_OK);
        check_hr("HOST-04", create_do_manager(&manager), S_OK);
        for (i = 0; i < BUSY_COUNT; ++i)
            get_again("HOST-04", fixture.manager, &jobs[i], &guids[i]);
        get_again("HOST-04", fixture.manager, &fixture.job, &guid);
    }
    for (i = 0; i < VICTIM_COUNT; ++i)
    {
        check_victim(&fixture, manager, &victims[i]);
        if (victims[i].job)
            IBackgroundCopyJob_Release(victims[i].job);
        else
            IDODownload_Release(victims[i].download);
    }
    for (i = 0; i < BUSY_COUNT; ++i)
        discard_job(jobs[i]);
    IDOManager_Release(manager);
    fixture_close(&fixture);
}

START_TEST(persist)
{
    enum end end;

    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    for (end = END_STOP; end <= END_KILL; ++end)
    {
        test_suspended(end);
        test_transferring(end);
        test_resting(end);
    }
    test_changed_resource();
    test_transient_error();
    test_final();
    test_secrets();
    test_finished_stream();
    test_path_for_stream();
    test_saved_age();
    test_expiry();
    test_late_calls();
    CoUninitialize();
}
