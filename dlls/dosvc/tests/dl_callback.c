/*
 * Tests for status callbacks
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
#include "download.h"
#include "recorder.h"

#define P(name) DODownloadProperty_ ## name

/* Before a client has begun to wait nothing may be told (5.2). The service's
 * clock and ours may tick at different moments. */
#define FIRST_CALL_MS 200
#define TICK_MS       20

static void test_order(void)
{
    struct recorder *recorder = recorder_create();
    struct resource *resource;
    struct dl_fixture fixture;
    struct recorded call;
    IDODownload *download;
    HANDLE gate;
    DWORD time;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/order", 100000);
    set_gate(resource, gate, 50000);
    download = prepare_download("DL-097", &fixture, resource->url, fixture.path);
    recorder_register("DL-097", recorder, download);
    time = GetTickCount();
    dl_start("DL-097", download);
    recorder_wait("DL-097", recorder, DODownloadState_Transferring, 1);
    if (recorder_get(recorder, DODownloadState_Transferring, 0, &call))
        ok(call.time - time + TICK_MS >= FIRST_CALL_MS, "DL-108: the first call came after %lu ms.\n",
                call.time - time);
    SetEvent(gate);
    recorder_wait("DL-097", recorder, DODownloadState_Transferred, 1);
    if (recorder_get(recorder, DODownloadState_Transferred, 0, &call))
    {
        ok(call.status.BytesTotal == resource->size && call.status.BytesTransferred == resource->size,
                "DL-097: got %s of %s bytes.\n", debugstr_u64(call.status.BytesTransferred),
                debugstr_u64(call.status.BytesTotal));
        ok(!call.status.Error && !call.status.ExtendedError, "DL-097: got errors %#lx, %#lx.\n", call.status.Error,
                call.status.ExtendedError);
    }
    dl_finish("DL-097", download, fixture.path, resource);
    recorder_wait("DL-101", recorder, DODownloadState_Finalized, 1);
    recorder_check_states("DL-097", recorder, "TDF");
    IDODownload_Release(download);
    recorder_check_released("DL-097", recorder);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* A transfer that is done at once: the D callback too waits, so that Start has returned. */
static void test_not_too_early(void)
{
    struct recorder *recorder = recorder_create();
    struct resource *resource;
    struct dl_fixture fixture;
    struct recorded call;
    IDODownload *download;
    DWORD time;
    UINT i;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/early", 10);
    for (i = 0; i < 3; ++i)
    {
        download = prepare_download("DL-108", &fixture, resource->url, fixture.path);
        recorder_register("DL-108", recorder, download);
        time = GetTickCount();
        dl_start("DL-108", download);
        recorder_wait("DL-108", recorder, DODownloadState_Transferred, i + 1);
        if (recorder_get(recorder, DODownloadState_Transferring, i, &call))
            ok(call.time - time + TICK_MS >= FIRST_CALL_MS, "DL-108: the first call came after %lu ms.\n",
                    call.time - time);
        if (recorder_get(recorder, DODownloadState_Transferred, i, &call))
            ok(call.time - time + TICK_MS >= FIRST_CALL_MS, "DL-108: the last call came after %lu ms.\n",
                    call.time - time);
        dl_discard(download);
        recorder_wait("DL-101", recorder, DODownloadState_Aborted, i + 1);
    }
    recorder_check_states("DL-097", recorder, "TDATDATDA");
    recorder_check_released("DL-108", recorder);
    dl_close(&fixture);
}

/* The rhythm of progress: a slow transfer, for each row one, all at the same time. */
struct rhythm
{
    const char *id;
    ULONG seconds, percent;
    unsigned int min_calls, max_calls; /* in T */
    struct recorder *recorder;
    IDODownload *download;
    WCHAR path[MAX_PATH];
};

static void test_rhythm(void)
{
    struct rhythm rows[] =
    {
        { "DL-098", 1, 0, 3, 8 },
        { "DL-099", 0, 25, 1, 6 },
        { "DL-100", 0, 10, 8, 12 },
        { "DL-098", 0, 0, 0, 2 },
    };
    struct resource *resource;
    struct dl_fixture fixture;
    unsigned int i, count;
    struct recorded call;
    DWORD start, time;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/rhythm", 1000000);
    /* 100 steps of 50 ms */
    resource->tick_ms = 50;
    resource->tick_bytes = 10000;
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        swprintf(rows[i].path, MAX_PATH, L"%ls%u", fixture.path, i);
        rows[i].download = prepare_download(rows[i].id, &fixture, resource->url, rows[i].path);
        if (rows[i].seconds != 1)
            check_hr(rows[i].id, dl_set_uint(rows[i].download, P(CallbackFreqSeconds), rows[i].seconds), S_OK);
        if (rows[i].percent)
            check_hr(rows[i].id, dl_set_uint(rows[i].download, P(CallbackFreqPercent), rows[i].percent), S_OK);
        rows[i].recorder = recorder_create();
        recorder_register(rows[i].id, rows[i].recorder, rows[i].download);
    }
    start = GetTickCount();
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
        dl_start(rows[i].id, rows[i].download);
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        recorder_wait(rows[i].id, rows[i].recorder, DODownloadState_Transferred, 1);
        time = recorder_get(rows[i].recorder, DODownloadState_Transferred, 0, &call) ? call.time - start : 0;
        count = recorder_count_state(rows[i].recorder, DODownloadState_Transferring);
        /* On a machine that is busy it takes longer, and so many more calls are right; some may be dropped. */
        ok(count >= rows[i].min_calls && count <= rows[i].max_calls + (rows[i].seconds ? time / 1000 - 5 : 0),
                "%s: row %u had %u calls in T, expected %u to %u, in %lu ms.\n", rows[i].id, i, count,
                rows[i].min_calls, rows[i].max_calls, time);
        dl_finish(rows[i].id, rows[i].download, rows[i].path, resource);
        IDODownload_Release(rows[i].download);
        recorder_check_released(rows[i].id, rows[i].recorder);
    }
    dl_close(&fixture);
}

static void test_state_changes(void)
{
    struct recorder *recorder = recorder_create();
    struct resource *resource, *missing;
    struct dl_fixture fixture;
    struct recorded call;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    missing = origin_add_resource(fixture.origin, "/missing", 0);
    missing->status = 404;
    resource = origin_add_resource(fixture.origin, "/changes", 100000);
    set_gate(resource, gate, 50000);

    download = prepare_download("DL-101", &fixture, resource->url, fixture.path);
    recorder_register("DL-101", recorder, download);
    dl_start("DL-101", download);
    dl_wait_bytes("DL-101", download, 50000);
    check_hr("DL-101", IDODownload_Pause(download), S_OK);
    recorder_wait("DL-101", recorder, DODownloadState_Paused, 1);
    if (recorder_get(recorder, DODownloadState_Paused, 0, &call))
        ok(!call.status.Error && call.status.BytesTransferred == 50000, "DL-101: got error %#lx, %s bytes.\n",
                call.status.Error, debugstr_u64(call.status.BytesTransferred));
    dl_start("DL-101", download);
    check_hr("DL-101", IDODownload_Abort(download), S_OK);
    recorder_wait("DL-101", recorder, DODownloadState_Aborted, 1);
    recorder_check_states("DL-101", recorder, "TPTA");
    IDODownload_Release(download);
    recorder_check_released("DL-101", recorder);

    recorder = recorder_create();
    download = prepare_download("DL-101", &fixture, missing->url, fixture.path);
    recorder_register("DL-101", recorder, download);
    dl_start("DL-101", download);
    recorder_wait("DL-101", recorder, DODownloadState_Paused, 1);
    if (recorder_get(recorder, DODownloadState_Paused, 0, &call))
        ok(call.status.Error == (HRESULT)0x80190194 && !call.status.ExtendedError, "DL-101: got errors %#lx, %#lx.\n",
                call.status.Error, call.status.ExtendedError);
    dl_discard(download);
    recorder_wait("DL-101", recorder, DODownloadState_Aborted, 1);
    recorder_check_states("DL-101", recorder, "TPA");
    recorder_check_released("DL-101", recorder);
    CloseHandle(gate);
    dl_close(&fixture);
}

struct identity_context
{
    WCHAR id[40];
    IUnknown *own;   /* the identity of the object from CreateDownload */
    IUnknown *others[4];
    unsigned int count;
};

static void check_identity(struct recorder *recorder, IDODownload *download, const DO_DOWNLOAD_STATUS *status)
{
    struct identity_context *context = recorder->context;
    IUnknown *unknown;
    WCHAR id[40];
    unsigned int i;

    dl_get_id(download, id);
    ok(!wcscmp(id, context->id), "DL-102: got id %s, expected %s.\n", wine_dbgstr_w(id), wine_dbgstr_w(context->id));
    if (FAILED(query("DL-103", download, &IID_IUnknown, &unknown)))
        return;
    ok(unknown != context->own, "DL-103: it is the object from CreateDownload.\n");
    for (i = 0; i < context->count; ++i)
        ok(unknown != context->others[i], "DL-103: it is that of call %u.\n", i);
    if (context->count < ARRAY_SIZE(context->others))
        context->others[context->count++] = unknown; /* kept, so that its address is not used again */
    else
        IUnknown_Release(unknown);
}

static void test_identity(void)
{
    struct recorder *recorder = recorder_create();
    struct identity_context context = { L"" };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download, *other;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/identity", 100000);
    set_gate(resource, gate, 50000);
    download = prepare_download("DL-102", &fixture, resource->url, fixture.path);
    dl_get_id(download, context.id);
    query("DL-103", download, &IID_IUnknown, &context.own);
    recorder->context = &context;
    recorder->handler = check_identity;
    recorder_register("DL-102", recorder, download);
    dl_start("DL-102", download);
    recorder_wait("DL-103", recorder, DODownloadState_Transferring, 2);
    SetEvent(gate);
    dl_finish("DL-102", download, fixture.path, resource);
    recorder_wait("DL-103", recorder, DODownloadState_Finalized, 1);
    IDODownload_Release(download);
    recorder_check_released("DL-103", recorder); /* no call is under way any more */
    ok(context.count >= 3, "DL-103: got %u calls.\n", context.count);
    while (context.count)
    {
        /* An object that a call has given stays usable. */
        if (SUCCEEDED(query("DL-103", context.others[--context.count], &IID_IDODownload, &other)))
        {
            check_dl_state("DL-103", other, DODownloadState_Finalized);
            IDODownload_Release(other);
        }
        IUnknown_Release(context.others[context.count]);
    }
    IUnknown_Release(context.own);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void pause_in_call(struct recorder *recorder, IDODownload *download, const DO_DOWNLOAD_STATUS *status)
{
    DO_DOWNLOAD_STATUS now;
    HRESULT hr;

    hr = IDODownload_GetStatus(download, &now);
    ok(hr == S_OK, "DL-104: GetStatus gives %#lx.\n", hr);
    if (status->State != DODownloadState_Transferring && status->State != DODownloadState_Paused)
        return;
    hr = IDODownload_Pause(download);
    ok(hr == S_OK, "DL-104: Pause in state %s gives %#lx.\n", debugstr_dl_state(status->State), hr);
    if (status->State == DODownloadState_Paused)
        SetEvent(recorder->context);
}

static void test_pause_in_call(void)
{
    struct recorder *recorder = recorder_create();
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/pausing", 100000);
    set_gate(resource, gate, 50000);
    download = prepare_download("DL-104", &fixture, resource->url, fixture.path);
    recorder->handler = pause_in_call;
    recorder->context = create_gate();
    recorder_register("DL-104", recorder, download);
    dl_start("DL-104", download);
    recorder_wait("DL-104", recorder, DODownloadState_Paused, 1);
    recorder_check_states("DL-104", recorder, "TP");
    check_dl_status("DL-104", download, DODownloadState_Paused, S_OK, S_OK);
    /* The call is noted before it does something. */
    wait_event("DL-104", recorder->context);
    CloseHandle(recorder->context);
    dl_discard(download);
    recorder_check_released("DL-104", recorder);
    CloseHandle(gate);
    dl_close(&fixture);
}

struct finalize_context
{
    const struct dl_fixture *fixture;
    const struct resource *resource;
    BOOL is_done;
};

static void finalize_in_call(struct recorder *recorder, IDODownload *download, const DO_DOWNLOAD_STATUS *status)
{
    struct finalize_context *context = recorder->context;
    HRESULT hr;

    if (status->State != DODownloadState_Transferred || context->is_done)
        return;
    hr = IDODownload_Finalize(download);
    ok(hr == S_OK, "DL-105: Finalize gives %#lx.\n", hr);
    check_content("DL-105", context->fixture->path, context->resource);
    context->is_done = TRUE;
}

static void abort_in_call(struct recorder *recorder, IDODownload *download, const DO_DOWNLOAD_STATUS *status)
{
    HRESULT hr;

    if (status->State != DODownloadState_Transferring)
        return;
    hr = IDODownload_Abort(download);
    ok(hr == S_OK, "DL-106: Abort gives %#lx.\n", hr);
    /* The next call comes after this one has returned: depth tells. */
    check_dl_state("DL-106", download, DODownloadState_Aborted);
}

static void test_end_in_call(void)
{
    struct recorder *recorder = recorder_create();
    struct finalize_context context = { NULL };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/ending", 100000);
    context.fixture = &fixture;
    context.resource = resource;
    download = prepare_download("DL-105", &fixture, resource->url, fixture.path);
    recorder->context = &context;
    recorder->handler = finalize_in_call;
    recorder_register("DL-105", recorder, download);
    dl_start("DL-105", download);
    recorder_wait("DL-105", recorder, DODownloadState_Finalized, 1);
    check_dl_state("DL-105", download, DODownloadState_Finalized);
    ok(recorder_count_state(recorder, DODownloadState_Transferred) == 1, "DL-109: got %u calls in D.\n",
            recorder_count_state(recorder, DODownloadState_Transferred));
    IDODownload_Release(download);
    recorder_check_released("DL-105", recorder);
    DeleteFileW(fixture.path);

    recorder = recorder_create();
    set_gate(resource, gate, 50000);
    download = prepare_download("DL-106", &fixture, resource->url, fixture.path);
    recorder->handler = abort_in_call;
    recorder_register("DL-106", recorder, download);
    dl_start("DL-106", download);
    recorder_wait("DL-106", recorder, DODownloadState_Aborted, 1);
    recorder_check_states("DL-106", recorder, "TA");
    check_no_file("DL-106", &fixture);
    IDODownload_Release(download);
    recorder_check_released("DL-106", recorder);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_replaced(void)
{
    struct recorder *first = recorder_create(), *second = recorder_create();
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int count;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/replaced", 100000);
    set_gate(resource, gate, 50000);
    download = prepare_download("DL-107", &fixture, resource->url, fixture.path);
    recorder_register("DL-107", first, download);
    recorder_register("DL-107", second, download);
    dl_start("DL-107", download);
    recorder_wait("DL-107", second, DODownloadState_Transferring, 2);
    ok(!recorder_count(first), "DL-107: the replaced object was called.\n");

    /* Back again in the midst of it. */
    recorder_register("DL-107", first, download);
    count = recorder_count(second);
    recorder_wait("DL-107", first, DODownloadState_Transferring, 2);
    SetEvent(gate);
    dl_finish("DL-107", download, fixture.path, resource);
    recorder_wait("DL-107", first, DODownloadState_Finalized, 1);
    recorder_check_states("DL-107", first, "TDF");
    /* A call that was under way may have been recorded after it was counted. */
    ok(recorder_count(second) <= count + 1, "DL-107: the replaced object was called %u times.\n",
            recorder_count(second) - count);
    IDODownload_Release(download);
    recorder_check_released("DL-107", first);
    recorder_check_released("DL-107", second);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* A client that does nothing after D, and one after P with an error, hear of it twice. */
static void test_repetition(void)
{
    static const struct
    {
        const char *path;
        DODownloadState state;
    }
    rows[] = { { "/repeated", DODownloadState_Transferred }, { "/missing", DODownloadState_Paused } };
    struct recorder *recorders[2];
    IDODownload *downloads[2];
    WCHAR paths[2][MAX_PATH];
    struct recorded calls[2];
    struct resource *resource;
    struct dl_fixture fixture;
    unsigned int i;
    DWORD time;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < 2; ++i)
    {
        resource = origin_add_resource(fixture.origin, rows[i].path, 1000);
        resource->status = i ? 404 : 0;
        swprintf(paths[i], MAX_PATH, L"%ls%u", fixture.path, i);
        downloads[i] = prepare_download("DL-109", &fixture, resource->url, paths[i]);
        recorders[i] = recorder_create();
        recorder_register("DL-109", recorders[i], downloads[i]);
        dl_start("DL-109", downloads[i]);
    }
    for (i = 0; i < 2; ++i)
    {
        recorder_wait("DL-109", recorders[i], rows[i].state, 2);
        if (!recorder_get(recorders[i], rows[i].state, 0, &calls[0])
                || !recorder_get(recorders[i], rows[i].state, 1, &calls[1]))
            continue;
        time = calls[1].time - calls[0].time;
        ok(time + TICK_MS >= 500 && time < 10000, "DL-109: row %u, it came again after %lu ms.\n", i, time);
        ok(!memcmp(&calls[0].status, &calls[1].status, offsetof(DO_DOWNLOAD_STATUS, ExtendedError)),
                "DL-109: row %u, it is another status.\n", i);
    }
    /* Not a wait for something: no third call may come. */
    Sleep(3000);
    for (i = 0; i < 2; ++i)
    {
        ok(recorder_count_state(recorders[i], rows[i].state) == 2, "DL-109: row %u had %u calls.\n", i,
                recorder_count_state(recorders[i], rows[i].state));
        dl_discard(downloads[i]);
        recorder_check_released("DL-109", recorders[i]);
    }
    dl_close(&fixture);
}

static void test_failing_callback(void)
{
    struct recorder *recorder = recorder_create();
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/failing", 100000);
    set_gate(resource, gate, 50000);
    recorder->result = E_FAIL;
    download = prepare_download("DL-110", &fixture, resource->url, fixture.path);
    recorder_register("DL-110", recorder, download);
    dl_start("DL-110", download);
    recorder_wait("DL-110", recorder, DODownloadState_Transferring, 2);
    SetEvent(gate);
    recorder_wait("DL-110", recorder, DODownloadState_Transferred, 1);
    dl_finish("DL-110", download, fixture.path, resource);
    recorder_wait("DL-110", recorder, DODownloadState_Finalized, 1);
    recorder_check_states("DL-110", recorder, "TDF");
    IDODownload_Release(download);
    recorder_check_released("DL-110", recorder);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* A call that does not return: longer than anything takes, here. */
static void test_blocking_callback(void)
{
    struct recorder *stuck = recorder_create(), *other = recorder_create();
    IDODownload *download, *second;
    struct resource *resource;
    struct dl_fixture fixture;
    WCHAR path[MAX_PATH];

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/blocking", 1000000);
    resource->tick_ms = 20;
    resource->tick_bytes = 20000;
    stuck->gate = create_gate();
    download = prepare_download("DL-111", &fixture, resource->url, fixture.path);
    recorder_register("DL-111", stuck, download);
    dl_start("DL-111", download);
    recorder_wait("DL-111", stuck, DODownloadState_Transferring, 1);

    swprintf(path, MAX_PATH, L"%ls2", fixture.path);
    second = prepare_download("DL-111", &fixture, resource->url, path);
    recorder_register("DL-111", other, second);
    dl_start("DL-111", second);
    recorder_wait("DL-111", other, DODownloadState_Transferred, 1);
    dl_finish("DL-111", second, path, resource);
    recorder_wait("DL-111", other, DODownloadState_Finalized, 1);
    recorder_check_states("DL-111", other, "TDF");
    dl_wait("DL-111", download, DODownloadState_Transferred);
    check_hr("DL-111", IDODownload_Finalize(download), S_OK);
    ok(recorder_count(stuck) == 1, "DL-111: got %u calls.\n", recorder_count(stuck));
    SetEvent(stuck->gate);
    recorder_wait("DL-111", stuck, DODownloadState_Finalized, 1);
    /* No state is left out, progress is. */
    recorder_check_states("DL-111", stuck, "TDF");
    IDODownload_Release(download);
    IDODownload_Release(second);
    CloseHandle(stuck->gate);
    stuck->gate = NULL;
    recorder_check_released("DL-111", stuck);
    recorder_check_released("DL-111", other);
    dl_close(&fixture);
}

/* Changes that wait for a client which does not return are bounded: it hears of the first ones, and of the last. */
static void test_many_changes(void)
{
    struct recorder *stuck = recorder_create();
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/changes", 100000);
    set_gate(resource, gate, 50000);
    stuck->gate = create_gate();
    download = prepare_download("DL-111", &fixture, resource->url, fixture.path);
    recorder_register("DL-111", stuck, download);
    dl_start("DL-111", download);
    recorder_wait("DL-111", stuck, DODownloadState_Transferring, 1);
    for (i = 0; i < 40; ++i)
    {
        check_hr("DL-111", IDODownload_Pause(download), S_OK);
        dl_start("DL-111", download);
    }
    SetEvent(gate);
    dl_finish("DL-111", download, fixture.path, resource);
    SetEvent(stuck->gate);
    recorder_wait("DL-111", stuck, DODownloadState_Finalized, 1);
    recorder_check_states("DL-111", stuck, "TPTPTPTPTPTPTPTPF");
    ok(recorder_count(stuck) == 17, "DL-111: got %u calls.\n", recorder_count(stuck));
    IDODownload_Release(download);
    CloseHandle(stuck->gate);
    stuck->gate = NULL;
    recorder_check_released("DL-111", stuck);
    CloseHandle(gate);
    dl_close(&fixture);
}

static DWORD WINAPI single_thread(void *param)
{
    struct recorder *recorder = recorder_create();
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct recorded call;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (dl_open(&fixture))
    {
        resource = origin_add_resource(fixture.origin, "/single", 100000);
        download = prepare_download("DL-113", &fixture, resource->url, fixture.path);
        recorder_register("DL-113", recorder, download);
        dl_start("DL-113", download);
        recorder_wait("DL-113", recorder, DODownloadState_Transferred, 1);
        if (recorder_get(recorder, DODownloadState_Transferred, 0, &call))
            ok(call.thread == GetCurrentThreadId(), "DL-113: the call came in thread %lx, expected %lx.\n",
                    call.thread, GetCurrentThreadId());
        dl_finish("DL-113", download, fixture.path, resource);
        recorder_wait("DL-113", recorder, DODownloadState_Finalized, 1);
        IDODownload_Release(download);

        /* Start of a single-threaded client in blocking mode lets callbacks in. */
        DeleteFileW(fixture.path);
        resource->tick_ms = 50;
        resource->tick_bytes = 2000;
        download = prepare_download("DL-087", &fixture, resource->url, fixture.path);
        check_hr("DL-087", dl_set_bool(download, P(BlockingMode), TRUE), S_OK);
        recorder_register("DL-087", recorder, download);
        dl_start("DL-087", download);
        ok(recorder_count_state(recorder, DODownloadState_Transferring) >= 2, "DL-087: there was no call.\n");
        dl_finish("DL-087", download, fixture.path, resource);
        IDODownload_Release(download);
        recorder_check_released("DL-113", recorder);
        dl_close(&fixture);
    }
    CoUninitialize();
    return 0;
}

static void test_single_thread(void)
{
    HANDLE thread = CreateThread(NULL, 0, single_thread, NULL, 0, NULL);

    ok(WaitForSingleObject(thread, 4 * LIMIT_MS) == WAIT_OBJECT_0, "DL-113: the thread does not end.\n");
    CloseHandle(thread);
}

START_TEST(dl_callback)
{
    /* Tests that wait more than they work. */
    static void (*const tests[])(void) =
    {
        test_order, test_not_too_early, test_rhythm, test_state_changes, test_identity, test_pause_in_call,
        test_end_in_call, test_replaced, test_repetition, test_failing_callback, test_single_thread,
    };

    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    run_at_once(tests, ARRAY_SIZE(tests));
    test_blocking_callback();
    test_many_changes();
    CoUninitialize();
}
