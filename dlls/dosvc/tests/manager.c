/*
 * Tests for activation, the manager and the queue of jobs
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

#define DEFINE_TEST_GUIDS
#include "dosvc_test.h"

static const IID IID_IBackgroundCopyFile6_ =
        { 0xcf6784f7, 0xd677, 0x49fd, { 0x93, 0x68, 0xcb, 0x47, 0xae, 0xe9, 0xd1, 0xad } };
static const IID IID_IBackgroundCopyJobHttpOptions_ =
        { 0xf1bd1079, 0x9f01, 0x4bdc, { 0x80, 0x36, 0xf0, 0x9b, 0x70, 0x09, 0x50, 0x66 } };
/* Interface with which cleaners of other authors ask for the cache of Windows. */
static const IID IID_internal_cache =
        { 0x6692fd56, 0x3b9b, 0x433a, { 0xac, 0x04, 0x3f, 0xfb, 0x44, 0x25, 0x56, 0xdd } };
static const IID IID_unknown_interface =
        { 0x7a4c4f0b, 0x6d1c, 0x4a62, { 0x9a, 0x5f, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66 } };

static void test_activation(void)
{
    IBackgroundCopyManager *manager;
    IClassFactory *factory;
    HRESULT hr;

    hr = create_manager(&manager);
    ok(hr == S_OK, "JOB-001: got hr %#lx.\n", hr);
    check_refcount("JOB-001", manager, 1);
    check_interface("JOB-001", manager, &IID_IUnknown, TRUE);
    check_interface("JOB-001", manager, &IID_IBackgroundCopyManager, TRUE);
    check_interface("JOB-001", manager, &IID_IBackgroundCopyJob, FALSE);
    check_interface("JOB-001", manager, &IID_unknown_interface, FALSE);
    check_interface("SVC-007", manager, &IID_internal_cache, FALSE);
    check_refcount("JOB-001", manager, 1);
    IBackgroundCopyManager_Release(manager);

    hr = CoGetClassObject(&CLSID_DeliveryOptimization, CLSCTX_LOCAL_SERVER, NULL, &IID_IClassFactory,
            (void **)&factory);
    ok(hr == S_OK, "JOB-001: got hr %#lx.\n", hr);
    manager = NULL;
    hr = IClassFactory_CreateInstance(factory, NULL, &IID_IBackgroundCopyManager, (void **)&manager);
    ok(hr == S_OK, "JOB-001: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
        IBackgroundCopyManager_Release(manager);
    manager = (void *)0xdeadbeef;
    hr = IClassFactory_CreateInstance(factory, NULL, &IID_unknown_interface, (void **)&manager);
    ok(hr == E_NOINTERFACE, "JOB-001: got hr %#lx.\n", hr);
    ok(!manager, "JOB-001: got object %p.\n", manager);
    IClassFactory_Release(factory);

    hr = CoCreateInstance(&CLSID_DeliveryOptimization, NULL, CLSCTX_INPROC_SERVER, &IID_IBackgroundCopyManager,
            (void **)&manager);
    ok(hr == REGDB_E_CLASSNOTREG, "JOB-001: got hr %#lx.\n", hr);
}

struct interface_row
{
    const IID *iid;
    BOOL supported;
};

/* Every interface of an object leads to every other one and to one IUnknown. */
static void check_identity(const char *id, IUnknown *object, const struct interface_row *rows, unsigned int count)
{
    IUnknown *identity, *iface, *other;
    unsigned int i, j;

    query(id, object, &IID_IUnknown, &identity);
    for (i = 0; i < count; ++i)
    {
        winetest_push_context("row %u", i);
        check_interface(id, object, rows[i].iid, rows[i].supported);
        if (rows[i].supported && SUCCEEDED(query(id, object, rows[i].iid, &iface)))
        {
            for (j = 0; j < count; ++j)
                check_interface(id, iface, rows[j].iid, rows[j].supported);
            if (SUCCEEDED(query(id, iface, &IID_IUnknown, &other)))
            {
                ok(other == identity, "%s: got identity %p, expected %p.\n", id, other, identity);
                IUnknown_Release(other);
            }
            IUnknown_Release(iface);
        }
        winetest_pop_context();
    }
    IUnknown_Release(identity);
}

static void test_interfaces(void)
{
    static const struct interface_row job_rows[] =
    {
        { &IID_IUnknown, TRUE },
        { &IID_IBackgroundCopyJob, TRUE },
        { &IID_IBackgroundCopyJob2, TRUE },
        { &IID_IBackgroundCopyJob3, TRUE },
        { &IID_IBackgroundCopyJob4, TRUE },
        { &IID_IBackgroundCopyJob5, TRUE },
        { &IID_IDeliveryOptimizationJob, TRUE },
        { &IID_IDeliveryOptimizationJob2, TRUE },
        { &IID_IBackgroundCopyJobHttpOptions_, FALSE }, /* JOB-009 */
        { &IID_IBackgroundCopyFile, FALSE },
        { &IID_unknown_interface, FALSE },
    };
    static const struct interface_row file_rows[] =
    {
        { &IID_IUnknown, TRUE },
        { &IID_IBackgroundCopyFile, TRUE },
        { &IID_IBackgroundCopyFile2, TRUE },
        { &IID_IBackgroundCopyFile3, TRUE },
        { &IID_IBackgroundCopyFile4, TRUE },
        { &IID_IBackgroundCopyFile5, TRUE },
        { &IID_IDeliveryOptimizationFile, TRUE },
        { &IID_IDeliveryOptimizationFile2, TRUE },
        { &IID_IBackgroundCopyFile6_, FALSE }, /* JOB-009 */
        { &IID_IBackgroundCopyJob, FALSE },
        { &IID_unknown_interface, FALSE },
    };
    struct resource *resource;
    IBackgroundCopyFile *file;
    struct fixture fixture;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/file", 1000);
    add_file("JOB-008", fixture.job, resource, fixture.path);
    check_identity("JOB-007", (IUnknown *)fixture.job, job_rows, ARRAY_SIZE(job_rows));
    check_refcount("JOB-007", fixture.job, 1);
    if ((file = get_file("JOB-008", fixture.job, 0)))
    {
        check_identity("JOB-008", (IUnknown *)file, file_rows, ARRAY_SIZE(file_rows));
        check_refcount("JOB-008", file, 1);
        IBackgroundCopyFile_Release(file);
    }
    fixture_close(&fixture);
}

static void test_create_job(void)
{
    static const GUID zero;
    IBackgroundCopyJob *job = NULL, *job2 = NULL;
    IBackgroundCopyManager *manager;
    GUID id = zero, id2 = zero;
    BG_JOB_STATE state;
    HRESULT hr;

    if (FAILED(create_manager(&manager)))
        return;
    hr = IBackgroundCopyManager_CreateJob(manager, L"same name", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    ok(hr == S_OK, "JOB-010: got hr %#lx.\n", hr);
    ok(!IsEqualGUID(&id, &zero), "JOB-010: the id is zero.\n");
    hr = IBackgroundCopyJob_GetId(job, &id2);
    ok(hr == S_OK, "JOB-010: got hr %#lx.\n", hr);
    ok(IsEqualGUID(&id, &id2), "JOB-010: got id %s, expected %s.\n", wine_dbgstr_guid(&id2), wine_dbgstr_guid(&id));
    state = get_state(job);
    ok(state == BG_JOB_STATE_SUSPENDED, "JOB-010: got state %s.\n", debugstr_state(state));
    check_refcount("JOB-010", job, 1);

    hr = IBackgroundCopyManager_CreateJob(manager, L"same name", BG_JOB_TYPE_DOWNLOAD, &id2, &job2);
    ok(hr == S_OK, "JOB-011: got hr %#lx.\n", hr);
    ok(!IsEqualGUID(&id, &id2), "JOB-011: got the same id twice.\n");
    discard_job(job);
    discard_job(job2);
    IBackgroundCopyManager_Release(manager);
}

static void check_create(const char *id, IBackgroundCopyManager *manager, const WCHAR *name, BG_JOB_TYPE type,
        HRESULT expected)
{
    IBackgroundCopyJob *job = (void *)0xdeadbeef;
    HRESULT hr;
    GUID guid;

    hr = IBackgroundCopyManager_CreateJob(manager, name, type, &guid, &job);
    ok(hr == expected, "%s: got hr %#lx, expected %#lx.\n", id, hr, expected);
    if (SUCCEEDED(hr))
        discard_job(job);
    else
        ok(!job, "%s: got job %p.\n", id, job);
}

/* A call that failed has left no job behind. */
static void check_no_job(const char *id, IBackgroundCopyManager *manager, const WCHAR *name, BOOL todo)
{
    IBackgroundCopyJob *job = find_job(manager, name);

    todo_wine_if(todo) ok(!job, "%s: there is a job %s.\n", id, wine_dbgstr_w(name));
    if (job)
        discard_job(job);
}

static void test_create_job_arguments(void)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job = NULL;
    WCHAR name[300];
    HRESULT hr;
    GUID guid;
    UINT i;

    if (FAILED(create_manager(&manager)))
        return;
    for (i = 0; i < ARRAY_SIZE(name); ++i)
        name[i] = 'a' + i % 26;
    name[257] = 0;
    check_create("JOB-012", manager, name, BG_JOB_TYPE_DOWNLOAD, E_INVALIDARG);
    name[256] = 0;
    check_create("JOB-012", manager, name, BG_JOB_TYPE_DOWNLOAD, S_OK);
    check_create("JOB-012", manager, L"", BG_JOB_TYPE_DOWNLOAD, S_OK);

    check_create("JOB-014", manager, L"upload", BG_JOB_TYPE_UPLOAD, E_NOTIMPL);
    check_create("JOB-014", manager, L"upload", BG_JOB_TYPE_UPLOAD_REPLY, E_NOTIMPL);
    check_create("JOB-014", manager, L"unknown type", 3, E_NOTIMPL);

    hr = IBackgroundCopyManager_CreateJob(manager, NULL, BG_JOB_TYPE_DOWNLOAD, &guid, &job);
    check_null_arg("JOB-013", hr);
    hr = IBackgroundCopyManager_CreateJob(manager, L"dosvc test, no id", BG_JOB_TYPE_DOWNLOAD, NULL, &job);
    check_null_arg("JOB-013", hr);
    check_no_job("JOB-013", manager, L"dosvc test, no id", FALSE);
    hr = IBackgroundCopyManager_CreateJob(manager, L"dosvc test, no job", BG_JOB_TYPE_DOWNLOAD, &guid, NULL);
    check_null_arg("JOB-013", hr);
    /* Wine's rpcrt4 finds out that the pointer for an interface is NULL when it has got the interface. */
    check_no_job("JOB-013", manager, L"dosvc test, no job", TRUE);
    hr = IBackgroundCopyManager_GetJob(manager, &guid, NULL);
    check_null_arg("JOB-013", hr);
    hr = IBackgroundCopyManager_EnumJobs(manager, 0, NULL);
    check_null_arg("JOB-013", hr);
    IBackgroundCopyManager_Release(manager);
}

static void check_not_found(const char *id, IBackgroundCopyManager *manager, const GUID *guid)
{
    IBackgroundCopyJob *job = (void *)0xdeadbeef;
    HRESULT hr;

    hr = IBackgroundCopyManager_GetJob(manager, guid, &job);
    ok(hr == DO_E_JOB_NOT_FOUND, "%s: got hr %#lx.\n", id, hr);
    ok(!job, "%s: got job %p.\n", id, job);
}

static void test_get_job(void)
{
    IBackgroundCopyJob *job, *found = NULL;
    IBackgroundCopyManager *manager;
    WCHAR *name = NULL;
    GUID id, id2;
    HRESULT hr;

    if (FAILED(create_manager(&manager)))
        return;
    CoCreateGuid(&id);
    check_not_found("JOB-016", manager, &id);
    check_not_found("JOB-016", manager, &GUID_NULL);

    if (!(job = create_job(manager)))
        return;
    IBackgroundCopyJob_GetId(job, &id);
    hr = IBackgroundCopyManager_GetJob(manager, &id, &found);
    ok(hr == S_OK, "JOB-015: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
    {
        hr = IBackgroundCopyJob_GetId(found, &id2);
        ok(hr == S_OK, "JOB-015: got hr %#lx.\n", hr);
        ok(IsEqualGUID(&id, &id2), "JOB-015: got id %s, expected %s.\n", wine_dbgstr_guid(&id2), wine_dbgstr_guid(&id));
        hr = IBackgroundCopyJob_GetDisplayName(found, &name);
        ok(hr == S_OK, "JOB-015: got hr %#lx.\n", hr);
        ok(name && !wcscmp(name, L"dosvc test"), "JOB-015: got name %s.\n", wine_dbgstr_w(name));
        CoTaskMemFree(name);
        IBackgroundCopyJob_Release(found);
    }

    hr = IBackgroundCopyJob_Cancel(job);
    ok(hr == S_OK, "JOB-017: got hr %#lx.\n", hr);
    check_not_found("JOB-017", manager, &id);
    IBackgroundCopyJob_Release(job);

    if ((job = create_job(manager)))
    {
        IBackgroundCopyJob_GetId(job, &id);
        hr = IBackgroundCopyJob_Complete(job);
        ok(hr == S_OK, "JOB-017: got hr %#lx.\n", hr);
        check_not_found("JOB-017", manager, &id);
        IBackgroundCopyJob_Release(job);
    }
    IBackgroundCopyManager_Release(manager);
}

/* How often the manager lists the job. */
static unsigned int count_listed(const char *id, IBackgroundCopyManager *manager, DWORD flags, const GUID *guid)
{
    IEnumBackgroundCopyJobs *jobs = NULL;
    unsigned int count = 0;
    IBackgroundCopyJob *job;
    GUID other;
    HRESULT hr;

    hr = IBackgroundCopyManager_EnumJobs(manager, flags, &jobs);
    ok(hr == S_OK, "%s: got hr %#lx.\n", id, hr);
    if (FAILED(hr))
        return 0;
    while (IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL) == S_OK)
    {
        IBackgroundCopyJob_GetId(job, &other);
        count += IsEqualGUID(&other, guid);
        IBackgroundCopyJob_Release(job);
    }
    IEnumBackgroundCopyJobs_Release(jobs);
    return count;
}

static void test_enum_jobs(void)
{
    IEnumBackgroundCopyJobs *jobs = (void *)0xdeadbeef;
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job, *final;
    unsigned int count;
    GUID id, id2, id3;
    HRESULT hr;

    if (FAILED(create_manager(&manager)))
        return;
    if (!(job = create_job(manager)))
        return;
    IBackgroundCopyJob_GetId(job, &id);
    /* See service.c for the jobs of BITS, which are not listed. */
    count = count_listed("JOB-018", manager, 0, &id);
    ok(count == 1, "JOB-018: the job is listed %u times.\n", count);

    hr = IBackgroundCopyManager_EnumJobs(manager, 0x2, &jobs);
    ok(hr == E_INVALIDARG, "JOB-018: got hr %#lx.\n", hr);
    ok(!jobs, "JOB-018: got enumerator %p.\n", jobs);
    hr = IBackgroundCopyManager_EnumJobs(manager, BG_JOB_ENUM_ALL_USERS, &jobs);
    ok(hr == S_OK || hr == E_ACCESSDENIED, "JOB-018: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
    {
        IEnumBackgroundCopyJobs_Release(jobs);
        count = count_listed("JOB-018", manager, BG_JOB_ENUM_ALL_USERS, &id);
        ok(count == 1, "JOB-018: the job is listed %u times.\n", count);
    }

    final = create_job(manager);
    IBackgroundCopyJob_GetId(final, &id2);
    IBackgroundCopyJob_Complete(final);
    count = count_listed("JOB-019", manager, 0, &id2);
    ok(!count, "JOB-019: an acknowledged job is listed.\n");
    IBackgroundCopyJob_Release(final);
    final = create_job(manager);
    IBackgroundCopyJob_GetId(final, &id3);
    IBackgroundCopyJob_Cancel(final);
    count = count_listed("JOB-019", manager, 0, &id3);
    ok(!count, "JOB-019: a cancelled job is listed.\n");
    IBackgroundCopyJob_Release(final);
    discard_job(job);
    IBackgroundCopyManager_Release(manager);
}

/* The enumerator of jobs as such; that of files is in files.c. */
static void test_enumerator(void)
{
    IEnumBackgroundCopyJobs *jobs = NULL, *clone = NULL;
    IBackgroundCopyJob *job, *found[3], *late;
    IBackgroundCopyManager *manager;
    ULONG count, count2, fetched;
    HRESULT hr;

    if (FAILED(create_manager(&manager)))
        return;
    job = create_job(manager);
    hr = IBackgroundCopyManager_EnumJobs(manager, 0, &jobs);
    ok(hr == S_OK, "JOB-018: got hr %#lx.\n", hr);
    if (FAILED(hr))
        return;
    check_interface("JOB-018", jobs, &IID_IUnknown, TRUE);
    check_interface("JOB-018", jobs, &IID_IEnumBackgroundCopyJobs, TRUE);
    check_interface("JOB-018", jobs, &IID_IEnumBackgroundCopyFiles, FALSE);
    count = 0xdeadbeef;
    hr = IEnumBackgroundCopyJobs_GetCount(jobs, &count);
    ok(hr == S_OK, "JOB-018: got hr %#lx.\n", hr);
    ok(count >= 1 && count != 0xdeadbeef, "JOB-018: got count %lu.\n", count);

    /* A snapshot. */
    late = create_job(manager);
    hr = IEnumBackgroundCopyJobs_GetCount(jobs, &count2);
    ok(hr == S_OK, "JOB-018: got hr %#lx.\n", hr);
    ok(count2 == count, "JOB-018: got count %lu, expected %lu.\n", count2, count);
    discard_job(late);

    hr = IEnumBackgroundCopyJobs_Next(jobs, 2, found, NULL);
    ok(hr == E_INVALIDARG, "JOB-047: got hr %#lx.\n", hr);
    hr = IEnumBackgroundCopyJobs_Skip(jobs, count - 1);
    ok(hr == S_OK, "JOB-048: got hr %#lx.\n", hr);
    hr = IEnumBackgroundCopyJobs_Clone(jobs, &clone);
    ok(hr == S_OK, "JOB-048: got hr %#lx.\n", hr);
    fetched = 0xdeadbeef;
    hr = IEnumBackgroundCopyJobs_Next(jobs, 3, found, &fetched);
    ok(hr == S_FALSE, "JOB-048: got hr %#lx.\n", hr);
    ok(fetched == 1, "JOB-048: got %lu jobs.\n", fetched);
    if (fetched == 1)
        IBackgroundCopyJob_Release(found[0]);
    hr = IEnumBackgroundCopyJobs_Next(jobs, 1, found, &fetched);
    ok(hr == S_FALSE, "JOB-048: got hr %#lx.\n", hr);
    ok(!fetched, "JOB-048: got %lu jobs.\n", fetched);
    if (clone)
    {
        hr = IEnumBackgroundCopyJobs_Next(clone, 1, found, &fetched);
        ok(hr == S_OK, "JOB-048: got hr %#lx.\n", hr);
        ok(fetched == 1, "JOB-048: got %lu jobs.\n", fetched);
        if (fetched == 1)
            IBackgroundCopyJob_Release(found[0]);
        IEnumBackgroundCopyJobs_Release(clone);
    }
    hr = IEnumBackgroundCopyJobs_Reset(jobs);
    ok(hr == S_OK, "JOB-048: got hr %#lx.\n", hr);
    hr = IEnumBackgroundCopyJobs_Skip(jobs, count + 1);
    ok(hr == S_FALSE, "JOB-048: got hr %#lx.\n", hr);
    IEnumBackgroundCopyJobs_Release(jobs);
    discard_job(job);
    IBackgroundCopyManager_Release(manager);
}

/* In a child process, whose end the job outlives. */
static void child_leave_job(const char *event_name)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    WCHAR name[64];
    HRESULT hr;
    GUID id;

    hr = create_manager(&manager);
    ok(hr == S_OK, "JOB-020: got hr %#lx.\n", hr);
    swprintf(name, ARRAY_SIZE(name), L"left %hs", event_name);
    hr = IBackgroundCopyManager_CreateJob(manager, name, BG_JOB_TYPE_DOWNLOAD, &id, &job);
    ok(hr == S_OK, "JOB-020: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
        IBackgroundCopyJob_Release(job);
    IBackgroundCopyManager_Release(manager);
}

static void test_job_outlives_client(void)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    WCHAR name[64];
    char args[64];
    HRESULT hr;
    GUID id;

    if (FAILED(create_manager(&manager)))
        return;
    sprintf(args, "leave %lu", GetCurrentProcessId());
    run_child("manager", args);
    swprintf(name, ARRAY_SIZE(name), L"left %lu", GetCurrentProcessId());
    job = find_job(manager, name);
    ok(!!job, "JOB-020: the job of the child has gone.\n");
    if (job)
    {
        /* The same after every reference of this process has gone. */
        IBackgroundCopyJob_GetId(job, &id);
        IBackgroundCopyJob_Release(job);
        hr = IBackgroundCopyManager_GetJob(manager, &id, &job);
        ok(hr == S_OK, "JOB-020: got hr %#lx.\n", hr);
        if (SUCCEEDED(hr))
            discard_job(job);
    }
    IBackgroundCopyManager_Release(manager);
}

START_TEST(manager)
{
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    if (argc >= 4 && !strcmp(argv[2], "leave"))
        child_leave_job(argv[3]);
    else
    {
        test_activation();
        test_interfaces();
        test_create_job();
        test_create_job_arguments();
        test_get_job();
        test_enum_jobs();
        test_enumerator();
        test_job_outlives_client();
    }
    CoUninitialize();
}
