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
#include "download.h"
#include "sink.h"
#include "control.h"

#define BLOCKER_COUNT 5    /* jobs with a client in Write: the service waits for each of them, 500 ms, when it stops */
#define HALTED_MS     1000 /* after which it has halted a job that was made before these */

static void check_received(const char *id, struct sink *sink, UINT64 size)
{
    sink_check(id, sink, size);
    ok(!sink->other_calls, "%s: got %u other calls.\n", id, sink->other_calls);
}

static void test_whole_file(void)
{
    IDeliveryOptimizationFile2 *file;
    IBackgroundCopyFile *bg_file;
    struct resource *resource;
    struct fixture fixture;
    struct sink *sink;
    VARIANT value;
    WCHAR *name;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/stream", 3000000);
    if (!(file = add_stream(fixture.job, resource, &sink)))
        return;

    hr = IDeliveryOptimizationFile2_GetProperty(file, DOFilePropertyId_DownloadSinkInterface, &value);
    check_hr("JOB-106", hr, S_OK);
    ok(V_VT(&value) == VT_UNKNOWN && V_UNKNOWN(&value) == (IUnknown *)&sink->IStream_iface,
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
    check_received("JOB-103", sink, resource->size);
    check_dir_count("JOB-103", fixture.dir, 0);

    sink->commit_result = E_FAIL;
    hr = IBackgroundCopyJob_Complete(fixture.job);
    check_hr("JOB-105", hr, E_FAIL);
    check_state("JOB-105", fixture.job, BG_JOB_STATE_TRANSFERRED);
    sink->commit_result = E_NOTIMPL;
    hr = IBackgroundCopyJob_Complete(fixture.job);
    check_hr("JOB-105", hr, S_OK);
    ok(sink->commits == 2, "JOB-105: got %u calls of Commit.\n", sink->commits);
    check_state("JOB-105", fixture.job, BG_JOB_STATE_ACKNOWLEDGED);
    check_received("JOB-105", sink, resource->size);
    IDeliveryOptimizationFile2_Release(file);
    sink_check_released("JOB-103", sink);
    fixture_close(&fixture);
}

static void test_failing_write(void)
{
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    struct fixture fixture;
    struct sink *sink;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/stream", 3000000);
    if (!(file = add_stream(fixture.job, resource, &sink)))
        return;
    sink_set_refusal(sink, STG_E_MEDIUMFULL, 1);
    resume_job("JOB-104", fixture.job);
    wait_for_state("JOB-104", fixture.job, BG_JOB_STATE_ERROR);
    check_error("JOB-104", fixture.job, STG_E_MEDIUMFULL);
    ok(sink->refused == 1, "JOB-104: %u Writes were refused.\n", sink->refused);
    sink_set_refusal(sink, S_OK, 0);

    /* Bytes that were refused come again, and nothing else. */
    resume_job("JOB-104", fixture.job);
    wait_for_state("JOB-104", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_received("JOB-104", sink, resource->size);
    check_hr("JOB-104", IBackgroundCopyJob_Cancel(fixture.job), S_OK);
    ok(!sink->commits, "JOB-105: got %u calls of Commit.\n", sink->commits);
    IDeliveryOptimizationFile2_Release(file);
    sink_check_released("JOB-103", sink);
    fixture_close(&fixture);
}

/* Suspend a job whose client is in the first Write, and does not return before the gate is open. NULL if there is no
 * file. */
static IDeliveryOptimizationFile2 *open_stuck(struct fixture *fixture, struct resource **resource, struct sink **sink,
        HANDLE gate)
{
    IDeliveryOptimizationFile2 *file;

    if (!fixture_open(fixture))
        return NULL;
    *resource = origin_add_resource(fixture->origin, "/stream", 3000000);
    if (!(file = add_stream(fixture->job, *resource, sink)))
        return NULL;
    (*sink)->gate = gate;
    resume_job("JOB-104", fixture->job);
    wait_event("JOB-104", (*sink)->at_gate);
    check_hr("JOB-104", IBackgroundCopyJob_Suspend(fixture->job), S_OK);
    return file;
}

/* A client that does not return from Write holds up neither Suspend nor Cancel. */
static void test_stuck_write(void)
{
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    struct fixture fixture;
    struct sink *sink;
    HANDLE gate;

    if (!(file = open_stuck(&fixture, &resource, &sink, gate = create_gate())))
        return;
    check_state("JOB-104", fixture.job, BG_JOB_STATE_SUSPENDED);
    check_hr("JOB-104", IBackgroundCopyJob_Cancel(fixture.job), S_OK);
    ok(sink->depth == 1, "JOB-104: Cancel has waited for a Write.\n");
    SetEvent(gate);
    IDeliveryOptimizationFile2_Release(file);
    wait_last_reference(&sink->IStream_iface);
    ok(sink->writes == 1, "JOB-104: got %u Writes.\n", sink->writes);
    sink_check_released("JOB-103", sink);
    CloseHandle(gate);
    fixture_close(&fixture);
}

static void set_stream(const char *id, IDeliveryOptimizationFile2 *file, struct sink *sink)
{
    VARIANT value;

    V_VT(&value) = VT_UNKNOWN;
    V_UNKNOWN(&value) = (IUnknown *)&sink->IStream_iface;
    check_hr(id, IDeliveryOptimizationFile2_SetProperty(file, DOFilePropertyId_DownloadSinkInterface, &value), S_OK);
}

/* A client that does not return from Write holds up the stream that another one has set, but not for ever. */
static void test_stuck_former_stream(void)
{
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    struct sink *sink, *second;
    struct fixture fixture;
    HANDLE gate;

    if (!(file = open_stuck(&fixture, &resource, &sink, gate = create_gate())))
        return;
    second = sink_create(resource);
    set_stream("JOB-104", file, second);
    check_hr("JOB-104", IBackgroundCopyJob_SetNoProgressTimeout(fixture.job, 5), S_OK);
    resume_job("JOB-104", fixture.job);
    wait_for_state("JOB-104", fixture.job, BG_JOB_STATE_ERROR);
    check_error("JOB-104", fixture.job, DO_E_DOWNLOAD_NO_PROGRESS);
    SetEvent(gate);
    sink_check_released("JOB-103", sink);
    resume_job("JOB-104", fixture.job);
    wait_for_state("JOB-104", fixture.job, BG_JOB_STATE_TRANSFERRED);
    sink_check("JOB-104", second, resource->size);
    check_hr("JOB-104", IBackgroundCopyJob_Complete(fixture.job), S_OK);
    IDeliveryOptimizationFile2_Release(file);
    sink_check_released("JOB-103", second);
    CloseHandle(gate);
    fixture_close(&fixture);
}

/* A stream that comes after the end of its file, of a job that goes on for another file. */
static void test_second_stream(void)
{
    struct resource *resource, *other;
    IDeliveryOptimizationFile2 *file;
    struct sink *first, *second;
    struct fixture fixture;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/stream", 300000);
    other = origin_add_resource(fixture.origin, "/other", 1000);
    if (!(file = add_stream(fixture.job, resource, &first)))
        return;
    resume_job("JOB-101", fixture.job);
    wait_for_state("JOB-101", fixture.job, BG_JOB_STATE_TRANSFERRED);
    add_file("JOB-101", fixture.job, other, fixture.path);
    check_state("JOB-101", fixture.job, BG_JOB_STATE_SUSPENDED);
    second = sink_create(resource);
    set_stream("JOB-101", file, second);
    check_progress("JOB-101", fixture.job, BG_SIZE_UNKNOWN, 0, 2, 0);

    resume_job("JOB-101", fixture.job);
    wait_for_state("JOB-101", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_progress("JOB-101", fixture.job, 301000, 301000, 2, 2);
    check_hr("JOB-101", IBackgroundCopyJob_Complete(fixture.job), S_OK);
    check_content("JOB-101", fixture.path, other);
    check_received("JOB-101", first, resource->size);
    check_received("JOB-101", second, resource->size);
    ok(!first->commits, "JOB-101: the first stream got %u calls of Commit.\n", first->commits);
    ok(second->commits == 1, "JOB-101: the second stream got %u calls of Commit.\n", second->commits);
    IDeliveryOptimizationFile2_Release(file);
    sink_check_released("JOB-101", first);
    sink_check_released("JOB-101", second);
    fixture_close(&fixture);
}

#define FULL  1000  /* bytes of a stream that is full */
#define STALL 50000 /* bytes of another, after which the server waits */

/* argv: stream event URL URL2. It is killed while it waits at the end, with one stream full and one half-way. The
 * parent finds the job by its name, the second URL. */
static void child(char **argv)
{
    HANDLE ready = ULongToHandle(strtoul(argv[2], NULL, 16));
    static struct resource full, resource; /* nobody looks at the bytes */
    static struct sink *full_sink, *sink;
    struct fixture fixture = { 0 };
    HRESULT hr;
    GUID id;

    MultiByteToWideChar(CP_ACP, 0, argv[3], -1, full.url, ARRAY_SIZE(full.url));
    MultiByteToWideChar(CP_ACP, 0, argv[4], -1, resource.url, ARRAY_SIZE(resource.url));
    hr = create_manager(&fixture.manager);
    check_hr("JOB-104", hr, S_OK);
    hr = IBackgroundCopyManager_CreateJob(fixture.manager, resource.url, BG_JOB_TYPE_DOWNLOAD, &id, &fixture.job);
    check_hr("JOB-104", hr, S_OK);
    if (!add_stream(fixture.job, &full, &full_sink) || !add_stream(fixture.job, &resource, &sink))
        return;
    resume_job("JOB-104", fixture.job);
    wait_for_bytes("JOB-104", fixture.job, FULL + STALL);
    SetEvent(ready);
    Sleep(INFINITE);
}

/* Only the stream that is not full has to be replaced. */
static void resume_after_death(IBackgroundCopyJob *job, const struct resource *resource, HANDLE gate)
{
    IDeliveryOptimizationFile2 *file2;
    IBackgroundCopyFile *file;
    struct sink *sink;

    if (!(file = get_file("JOB-104", job, 1))
            || FAILED(query("JOB-104", file, &IID_IDeliveryOptimizationFile2, &file2)))
        return;
    sink = sink_create(resource);
    set_stream("JOB-104", file2, sink);
    SetEvent(gate);
    check_hr("JOB-104", IBackgroundCopyJob_Resume(job), S_OK);
    wait_for_state("JOB-104", job, BG_JOB_STATE_TRANSFERRED);
    check_hr("JOB-104", IBackgroundCopyJob_Complete(job), S_OK);
    sink_check("JOB-104", sink, resource->size);
    IDeliveryOptimizationFile2_Release(file2);
    IBackgroundCopyFile_Release(file);
    sink_check_released("JOB-104", sink);
}

/* Nobody calls it, since nothing arrives; but its death is noticed. What its other stream has got stays so, and needs
 * no Commit. */
static void test_dead_client(BOOL is_resumed)
{
    SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
    struct resource *full, *resource;
    HANDLE ready, process, gate;
    IBackgroundCopyJob *job;
    BG_JOB_PROGRESS progress;
    struct fixture fixture;
    char args[500];

    if (!fixture_open(&fixture))
        return;
    ready = CreateEventW(&inherited, TRUE, FALSE, NULL);
    gate = create_gate();
    full = origin_add_resource(fixture.origin, "/full", FULL);
    resource = origin_add_resource(fixture.origin, "/dying", 100000);
    set_gate(resource, gate, STALL);
    sprintf(args, "%lx %ls %ls", HandleToULong(ready), full->url, resource->url);
    process = start_child("stream", args);
    wait_event("JOB-104", ready);
    TerminateProcess(process, 0);
    job = find_job(fixture.manager, resource->url);
    ok(!!job, "JOB-104: the job has gone.\n");
    if (job)
    {
        wait_for_state("JOB-104", job, BG_JOB_STATE_ERROR);
        check_error("JOB-104", job, RPC_E_DISCONNECTED);
        check_hr("JOB-104", IBackgroundCopyJob_GetProgress(job, &progress), S_OK);
        ok(progress.FilesTransferred == 1, "JOB-104: %lu files are transferred.\n", progress.FilesTransferred);
        if (is_resumed)
            resume_after_death(job, resource, gate);
        else
            check_hr("JOB-104", IBackgroundCopyJob_Complete(job), BG_S_PARTIAL_COMPLETE);
        IBackgroundCopyJob_Release(job);
    }
    SetEvent(gate);
    CloseHandle(process);
    CloseHandle(ready);
    CloseHandle(gate);
    fixture_close(&fixture);
}

/* Start a job whose client does not return from Write before the gate opens. */
static struct sink *block_job(IBackgroundCopyJob *job, const struct resource *resource, HANDLE gate, GUID *guid)
{
    IDeliveryOptimizationFile2 *file;
    struct sink *sink;

    IBackgroundCopyJob_GetId(job, guid);
    check_hr("SVC-005", IBackgroundCopyJob_SetPriority(job, BG_JOB_PRIORITY_FOREGROUND), S_OK);
    if (!(file = add_stream(job, resource, &sink)))
        return NULL;
    sink->gate = gate;
    IDeliveryOptimizationFile2_Release(file);
    return sink;
}

/* A file that ends while the service stops, after its job was halted, does not begin the next one. */
static void test_stop_in_last_write(void)
{
    IBackgroundCopyJob *jobs[BLOCKER_COUNT + 1];
    struct sink *sinks[BLOCKER_COUNT + 1];
    struct resource *resource, *next;
    GUID guids[BLOCKER_COUNT + 1];
    struct fixture fixture;
    HANDLE gates[2], thread;
    unsigned int i;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/last", 1000);
    next = origin_add_resource(fixture.origin, "/next", 1000);
    next->flags = RESOURCE_IS_SILENT;
    gates[0] = create_gate();
    gates[1] = create_gate();
    for (i = 0; i <= BLOCKER_COUNT; ++i)
    {
        jobs[i] = i ? create_job(fixture.manager) : fixture.job;
        if (!(sinks[i] = block_job(jobs[i], resource, gates[!!i], &guids[i])))
            return;
        if (!i)
            add_file("SVC-005", jobs[i], next, fixture.path);
        resume_job("SVC-005", jobs[i]);
        wait_event("SVC-005", sinks[i]->at_gate);
    }
    if ((thread = begin_stop("SVC-005")))
    {
        Sleep(HALTED_MS);
        SetEvent(gates[0]);
        Sleep(HALTED_MS);
        SetEvent(gates[1]);
        end_stop("SVC-005", thread);
        ok(!origin_get_requests(next, NULL), "SVC-005: the next file was asked for.\n");
        IBackgroundCopyManager_Release(fixture.manager);
        check_hr("SVC-005", create_manager_again(&fixture.manager), S_OK);
    }
    for (i = 0; i <= BLOCKER_COUNT; ++i)
    {
        if (thread)
        {
            IBackgroundCopyJob_Release(jobs[i]);
            check_hr("SVC-005", IBackgroundCopyManager_GetJob(fixture.manager, &guids[i], &jobs[i]), S_OK);
            CoDisconnectObject((IUnknown *)&sinks[i]->IStream_iface, 0);
        }
        SetEvent(gates[!!i]);
        discard_job(jobs[i]);
        sink_release(sinks[i]);
    }
    fixture.job = create_job(fixture.manager);
    fixture_close(&fixture);
    CloseHandle(gates[0]);
    CloseHandle(gates[1]);
}

START_TEST(stream)
{
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    if (argc >= 5)
    {
        child(argv);
    }
    else
    {
        test_whole_file();
        test_failing_write();
        test_stuck_write();
        test_stuck_former_stream();
        test_second_stream();
        test_dead_client(FALSE);
        test_dead_client(TRUE);
        test_stop_in_last_write();
    }
    CoUninitialize();
}
