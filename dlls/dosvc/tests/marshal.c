/*
 * Tests for what crosses the process border
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

/* All objects there are, each of them alive at the same time. */
struct objects
{
    struct fixture fixture;
    IBackgroundCopyFile *file;
    IBackgroundCopyError *error;
    IEnumBackgroundCopyFiles *files;
    IEnumBackgroundCopyJobs *jobs;
    IBackgroundCopyJob *enumerated_job;
};

static BOOL objects_open(struct objects *objects)
{
    struct resource *resource;
    HRESULT hr;

    memset(objects, 0, sizeof(*objects));
    if (!fixture_open(&objects->fixture))
        return FALSE;
    resource = origin_add_resource(objects->fixture.origin, "/forbidden", 1000);
    resource->status = 403;
    add_file("HOST-11", objects->fixture.job, resource, objects->fixture.path);
    resume_job("HOST-11", objects->fixture.job);
    wait_for_state("HOST-11", objects->fixture.job, BG_JOB_STATE_ERROR);
    objects->file = get_file("HOST-11", objects->fixture.job, 0);
    hr = IBackgroundCopyJob_GetError(objects->fixture.job, &objects->error);
    ok(hr == S_OK, "HOST-11: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_EnumFiles(objects->fixture.job, &objects->files);
    ok(hr == S_OK, "HOST-11: got hr %#lx.\n", hr);
    hr = IBackgroundCopyManager_EnumJobs(objects->fixture.manager, 0, &objects->jobs);
    ok(hr == S_OK, "HOST-11: got hr %#lx.\n", hr);
    hr = IEnumBackgroundCopyJobs_Next(objects->jobs, 1, &objects->enumerated_job, NULL);
    ok(hr == S_OK, "HOST-11: got hr %#lx.\n", hr);
    return objects->file && objects->error && objects->files && objects->jobs && objects->enumerated_job;
}

static void objects_close(struct objects *objects)
{
    IUnknown *const released[] =
    {
        (IUnknown *)objects->file, (IUnknown *)objects->error, (IUnknown *)objects->files, (IUnknown *)objects->jobs,
        (IUnknown *)objects->enumerated_job,
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(released); ++i)
        if (released[i])
            IUnknown_Release(released[i]);
    fixture_close(&objects->fixture);
}

/* Security blankets */

struct blanket
{
    DWORD authn, authz, authn_level, imp_level, capabilities;
    BOOL default_principal;
};

static const struct blanket blankets[] =
{
    /* The first is what winget passes, the second the sample of the SDK. */
    { RPC_C_AUTHN_DEFAULT, RPC_C_AUTHZ_DEFAULT, RPC_C_AUTHN_LEVEL_DEFAULT, RPC_C_IMP_LEVEL_IMPERSONATE, EOAC_DEFAULT,
      TRUE },
    { RPC_C_AUTHN_DEFAULT, RPC_C_AUTHZ_DEFAULT, RPC_C_AUTHN_LEVEL_DEFAULT, RPC_C_IMP_LEVEL_IMPERSONATE,
      EOAC_STATIC_CLOAKING, TRUE },
    { RPC_C_AUTHN_DEFAULT, RPC_C_AUTHZ_DEFAULT, RPC_C_AUTHN_LEVEL_DEFAULT, RPC_C_IMP_LEVEL_IMPERSONATE,
      EOAC_DYNAMIC_CLOAKING, TRUE },
    { RPC_C_AUTHN_NONE, RPC_C_AUTHZ_NONE, RPC_C_AUTHN_LEVEL_DEFAULT, RPC_C_IMP_LEVEL_IMPERSONATE, EOAC_STATIC_CLOAKING,
      TRUE },
    { RPC_C_AUTHN_NONE, RPC_C_AUTHZ_NONE, RPC_C_AUTHN_LEVEL_DEFAULT, RPC_C_IMP_LEVEL_IMPERSONATE, EOAC_DYNAMIC_CLOAKING,
      TRUE },
    { RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, RPC_C_AUTHN_LEVEL_DEFAULT, RPC_C_IMP_LEVEL_IMPERSONATE, EOAC_NONE, FALSE },
    { RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, RPC_C_IMP_LEVEL_IMPERSONATE, EOAC_NONE,
      FALSE },
    { RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, RPC_C_AUTHN_LEVEL_CALL, RPC_C_IMP_LEVEL_IMPERSONATE, EOAC_DYNAMIC_CLOAKING,
      FALSE },
};

static void check_queried_blanket(const char *what, IUnknown *object)
{
    DWORD authn, authz, authn_level, imp_level, capabilities;
    WCHAR *principal = NULL;
    HRESULT hr;

    hr = CoQueryProxyBlanket(object, &authn, &authz, &principal, &authn_level, &imp_level, NULL, &capabilities);
    ok(hr == S_OK, "JOB-002: CoQueryProxyBlanket on %s gives %#lx.\n", what, hr);
    if (FAILED(hr))
        return;
    /* The first of the known sets of arguments, with a higher level. */
    hr = CoSetProxyBlanket(object, authn, authz, principal, authn_level, RPC_C_IMP_LEVEL_IMPERSONATE, NULL,
            capabilities);
    ok(hr == S_OK, "JOB-003: CoSetProxyBlanket on %s gives %#lx.\n", what, hr);
    CoTaskMemFree(principal);
    imp_level = 0xdeadbeef;
    hr = CoQueryProxyBlanket(object, NULL, NULL, NULL, NULL, &imp_level, NULL, NULL);
    ok(hr == S_OK, "JOB-003: CoQueryProxyBlanket on %s gives %#lx.\n", what, hr);
    ok(imp_level == RPC_C_IMP_LEVEL_IMPERSONATE, "JOB-003: got level %lu on %s.\n", imp_level, what);
}

static void check_blanket(const char *what, IUnknown *object)
{
    const struct blanket *blanket;
    IUnknown *copy = NULL;
    unsigned int i;
    HRESULT hr;

    check_queried_blanket(what, object);
    for (i = 0; i < ARRAY_SIZE(blankets); ++i)
    {
        blanket = &blankets[i];
        hr = CoSetProxyBlanket(object, blanket->authn, blanket->authz,
                blanket->default_principal ? COLE_DEFAULT_PRINCIPAL : NULL, blanket->authn_level, blanket->imp_level,
                NULL, blanket->capabilities);
        ok(hr == S_OK, "JOB-004: CoSetProxyBlanket on %s with set %u gives %#lx.\n", what, i, hr);
    }
    check_queried_blanket(what, object);
    hr = CoCopyProxy(object, &copy);
    ok(hr == S_OK, "HOST-10: CoCopyProxy on %s gives %#lx.\n", what, hr);
    if (SUCCEEDED(hr) && copy)
        IUnknown_Release(copy);
}

/* On the pointer itself, on the pointers of the other interfaces, and on the identity. */
static void check_blankets(const char *name, void *object, const IID *const *iids, unsigned int count)
{
    unsigned int i;
    IUnknown *iface;
    char what[64];

    check_blanket(name, object);
    for (i = 0; i < count; ++i)
    {
        if (FAILED(query("HOST-10", object, iids[i], &iface)))
            continue;
        sprintf(what, "interface %u of %s", i, name);
        check_blanket(what, iface);
        IUnknown_Release(iface);
    }
    if (SUCCEEDED(query("HOST-10", object, &IID_IUnknown, &iface)))
    {
        sprintf(what, "IUnknown of %s", name);
        check_blanket(what, iface);
        IUnknown_Release(iface);
    }
}

static const IID *const job_iids[] =
{
    &IID_IBackgroundCopyJob, &IID_IBackgroundCopyJob2, &IID_IBackgroundCopyJob3, &IID_IBackgroundCopyJob4,
    &IID_IBackgroundCopyJob5, &IID_IDeliveryOptimizationJob, &IID_IDeliveryOptimizationJob2,
};

static const IID *const file_iids[] =
{
    &IID_IBackgroundCopyFile, &IID_IBackgroundCopyFile2, &IID_IBackgroundCopyFile3, &IID_IBackgroundCopyFile4,
    &IID_IBackgroundCopyFile5, &IID_IDeliveryOptimizationFile, &IID_IDeliveryOptimizationFile2,
};

/* The calls work as before; a file that comes from one of them has a blanket as well. */
static void check_calls(struct objects *objects)
{
    BG_ERROR_CONTEXT context;
    IBackgroundCopyFile *file;
    BG_FILE_PROGRESS progress;
    IBackgroundCopyJob *job;
    BG_JOB_STATE state;
    HRESULT hr, code;
    ULONG count;
    GUID id;

    hr = IBackgroundCopyJob_GetId(objects->fixture.job, &id);
    ok(hr == S_OK, "HOST-10: got hr %#lx.\n", hr);
    hr = IBackgroundCopyManager_GetJob(objects->fixture.manager, &id, &job);
    ok(hr == S_OK, "HOST-10: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
    {
        check_blanket("the result of GetJob", (IUnknown *)job);
        IBackgroundCopyJob_Release(job);
    }
    hr = IBackgroundCopyJob_GetState(objects->enumerated_job, &state);
    ok(hr == S_OK, "HOST-10: got hr %#lx.\n", hr);
    hr = IBackgroundCopyFile_GetProgress(objects->file, &progress);
    ok(hr == S_OK, "HOST-10: got hr %#lx.\n", hr);
    hr = IBackgroundCopyError_GetError(objects->error, &context, &code);
    ok(hr == S_OK, "HOST-10: got hr %#lx.\n", hr);
    hr = IBackgroundCopyError_GetFile(objects->error, &file);
    ok(hr == S_OK, "HOST-10: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
    {
        check_blanket("the result of GetFile", (IUnknown *)file);
        IBackgroundCopyFile_Release(file);
    }
    hr = IEnumBackgroundCopyFiles_GetCount(objects->files, &count);
    ok(hr == S_OK, "HOST-10: got hr %#lx.\n", hr);
    hr = IEnumBackgroundCopyFiles_Next(objects->files, 1, &file, NULL);
    ok(hr == S_OK, "HOST-10: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
    {
        check_blanket("the result of Next", (IUnknown *)file);
        IBackgroundCopyFile_Release(file);
    }
    hr = IEnumBackgroundCopyJobs_GetCount(objects->jobs, &count);
    ok(hr == S_OK, "HOST-10: got hr %#lx.\n", hr);
}

static void test_blankets(void)
{
    static const IID *const manager_iids[] = { &IID_IBackgroundCopyManager };
    struct objects objects;

    if (!objects_open(&objects))
        return;
    check_blankets("the manager", objects.fixture.manager, manager_iids, ARRAY_SIZE(manager_iids));
    check_blankets("the job", objects.fixture.job, job_iids, ARRAY_SIZE(job_iids));
    check_blankets("the enumerated job", objects.enumerated_job, job_iids, ARRAY_SIZE(job_iids));
    check_blankets("the file", objects.file, file_iids, ARRAY_SIZE(file_iids));
    check_blankets("the error", objects.error, NULL, 0);
    check_blankets("the enumerator of files", objects.files, NULL, 0);
    check_blankets("the enumerator of jobs", objects.jobs, NULL, 0);
    check_calls(&objects);
    objects_close(&objects);
}

/* Strings */

static const WCHAR odd_text[] = L"Gr\x00f6\x00df""e \x6771\x4eac \xd83d\xde00 \t\"%s\"";

#define check_text(what, hr, text, expected) check_text_(__LINE__, what, hr, text, expected)
static void check_text_(int line, const char *what, HRESULT hr, WCHAR *text, const WCHAR *expected)
{
    ok_(__FILE__, line)(hr == S_OK, "HOST-11: %s gives %#lx.\n", what, hr);
    ok_(__FILE__, line)(text && (expected ? !wcscmp(text, expected) : *text), "HOST-11: %s gives %s.\n", what,
            wine_dbgstr_w(text));
    CoTaskMemFree(text);
}

/* Each proxy has the inherited methods as well, through a table of its own. */
static void test_job_strings(struct objects *objects)
{
    IBackgroundCopyJob *job;
    WCHAR *text;
    UINT i;
    HRESULT hr;

    hr = IBackgroundCopyJob_SetDisplayName(objects->fixture.job, odd_text);
    ok(hr == S_OK, "HOST-11: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_SetDescription(objects->fixture.job, odd_text + 1);
    ok(hr == S_OK, "HOST-11: got hr %#lx.\n", hr);
    for (i = 0; i < 5; ++i)
    {
        if (FAILED(query("HOST-11", objects->fixture.job, job_iids[i], &job)))
            continue;
        winetest_push_context("job %u", i);
        text = NULL;
        hr = IBackgroundCopyJob_GetDisplayName(job, &text);
        check_text("GetDisplayName", hr, text, odd_text);
        text = NULL;
        hr = IBackgroundCopyJob_GetDescription(job, &text);
        check_text("GetDescription", hr, text, odd_text + 1);
        text = NULL;
        hr = IBackgroundCopyJob_GetOwner(job, &text);
        check_text("GetOwner", hr, text, NULL);
        winetest_pop_context();
        IBackgroundCopyJob_Release(job);
    }
}

static void test_file_strings(struct objects *objects)
{
    const struct resource *resource = &objects->fixture.origin->resources[0];
    BITS_FILE_PROPERTY_VALUE value = { NULL };
    IBackgroundCopyFile5 *file5;
    IBackgroundCopyFile *file;
    WCHAR *text;
    HRESULT hr;
    UINT i;

    for (i = 0; i < 5; ++i)
    {
        if (FAILED(query("HOST-11", objects->file, file_iids[i], &file)))
            continue;
        winetest_push_context("file %u", i);
        text = NULL;
        hr = IBackgroundCopyFile_GetRemoteName(file, &text);
        check_text("GetRemoteName", hr, text, resource->url);
        text = NULL;
        hr = IBackgroundCopyFile_GetLocalName(file, &text);
        check_text("GetLocalName", hr, text, objects->fixture.path);
        winetest_pop_context();
        IBackgroundCopyFile_Release(file);
    }
    if (SUCCEEDED(query("HOST-12", objects->file, &IID_IBackgroundCopyFile5, &file5)))
    {
        hr = IBackgroundCopyFile5_GetProperty(file5, BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, &value);
        check_text("File5::GetProperty", hr, value.String, NULL);
        IBackgroundCopyFile5_Release(file5);
    }
}

static void test_error_strings(struct objects *objects)
{
    WCHAR *text;
    HRESULT hr;

    text = NULL;
    hr = IBackgroundCopyError_GetErrorDescription(objects->error, 1033, &text);
    check_text("GetErrorDescription", hr, text, NULL);
    text = NULL;
    hr = IBackgroundCopyError_GetErrorContextDescription(objects->error, 1033, &text);
    check_text("GetErrorContextDescription", hr, text, NULL);
    text = NULL;
    hr = IBackgroundCopyError_GetProtocol(objects->error, &text);
    check_text("GetProtocol", hr, text, L"http");
    text = NULL;
    hr = IBackgroundCopyManager_GetErrorDescription(objects->fixture.manager, E_ACCESSDENIED, 1033, &text);
    check_text("GetErrorDescription", hr, text, NULL);
}

/* The properties are in job.c and property.c (HOST-12), except for odd texts. */
static void test_property_strings(struct objects *objects)
{
    IDeliveryOptimizationFile *dofile = NULL;
    IDeliveryOptimizationFile2 *file2;
    IDeliveryOptimizationJob2 *job2;
    WCHAR path[MAX_PATH], id[64];
    DOSwarmStats stats;
    VARIANT value;
    HRESULT hr;

    if (FAILED(query("HOST-12", objects->fixture.job, &IID_IDeliveryOptimizationJob2, &job2)))
        return;
    swprintf(id, ARRAY_SIZE(id), L"%ls", odd_text);
    hr = IDeliveryOptimizationJob2_AddFile(job2, id, objects->fixture.origin->resources[0].url, 0, NULL,
            &IID_IDeliveryOptimizationFile, (void **)&dofile);
    ok(hr == S_OK, "HOST-12: got hr %#lx.\n", hr);
    IDeliveryOptimizationJob2_Release(job2);
    if (FAILED(hr))
        return;
    memset(&stats, 0xcc, sizeof(stats));
    hr = IDeliveryOptimizationFile_GetStats(dofile, &stats);
    check_text("GetStats", hr, stats.fileId, id);
    check_text("GetStats", hr, stats.sourceURL, objects->fixture.origin->resources[0].url);
    if (SUCCEEDED(query("HOST-12", dofile, &IID_IDeliveryOptimizationFile2, &file2)))
    {
        V_VT(&value) = VT_BSTR;
        V_BSTR(&value) = SysAllocString(join_path(path, objects->fixture.dir, L"Gr\x00f6\x00df""e \x6771\x4eac.bin"));
        hr = IDeliveryOptimizationFile2_SetProperty(file2, DOFilePropertyId_DownloadSinkFilePath, &value);
        ok(hr == S_OK, "HOST-12: got hr %#lx.\n", hr);
        VariantClear(&value);
        memset(&value, 0xcc, sizeof(value));
        hr = IDeliveryOptimizationFile2_GetProperty(file2, DOFilePropertyId_DownloadSinkFilePath, &value);
        ok(hr == S_OK, "HOST-12: got hr %#lx.\n", hr);
        ok(V_VT(&value) == VT_BSTR && !wcscmp(V_BSTR(&value), path), "HOST-12: got another path.\n");
        VariantClear(&value);
        IDeliveryOptimizationFile2_Release(file2);
    }
    IDeliveryOptimizationFile_Release(dofile);
}

static void test_strings(void)
{
    struct objects objects;

    if (!objects_open(&objects))
        return;
    test_job_strings(&objects);
    test_file_strings(&objects);
    test_error_strings(&objects);
    test_property_strings(&objects);
    objects_close(&objects);
}

/* Layout */

#ifdef _WIN64
#define BY_WIDTH(narrow, wide) (wide)
#else
#define BY_WIDTH(narrow, wide) (narrow)
#endif

static void test_layout(void)
{
    static const struct
    {
        const char *name;
        size_t value, expected;
    }
    rows[] =
    {
        { "BG_JOB_PROGRESS", sizeof(BG_JOB_PROGRESS), 24 },
        { "BG_JOB_PROGRESS.BytesTransferred", offsetof(BG_JOB_PROGRESS, BytesTransferred), 8 },
        { "BG_JOB_PROGRESS.FilesTotal", offsetof(BG_JOB_PROGRESS, FilesTotal), 16 },
        { "BG_JOB_PROGRESS.FilesTransferred", offsetof(BG_JOB_PROGRESS, FilesTransferred), 20 },
        { "BG_FILE_PROGRESS", sizeof(BG_FILE_PROGRESS), 24 },
        { "BG_FILE_PROGRESS.Completed", offsetof(BG_FILE_PROGRESS, Completed), 16 },
        { "BG_FILE_RANGE", sizeof(BG_FILE_RANGE), 16 },
        { "BG_FILE_RANGE.Length", offsetof(BG_FILE_RANGE, Length), 8 },
        { "BG_JOB_TIMES", sizeof(BG_JOB_TIMES), 24 },
        { "BG_JOB_TIMES.TransferCompletionTime", offsetof(BG_JOB_TIMES, TransferCompletionTime), 16 },
        { "BG_FILE_INFO", sizeof(BG_FILE_INFO), BY_WIDTH(8, 16) },
        { "BITS_JOB_PROPERTY_VALUE", sizeof(BITS_JOB_PROPERTY_VALUE), 16 },
        { "BITS_FILE_PROPERTY_VALUE", sizeof(BITS_FILE_PROPERTY_VALUE), BY_WIDTH(4, 8) },
        { "VARIANT", sizeof(VARIANT), BY_WIDTH(16, 24) },
        /* JOB-112 */
        { "DOSwarmStats", sizeof(DOSwarmStats), BY_WIDTH(128, 136) },
        { "DOSwarmStats.sourceURL", offsetof(DOSwarmStats, sourceURL), BY_WIDTH(4, 8) },
        { "DOSwarmStats.fileSize", offsetof(DOSwarmStats, fileSize), BY_WIDTH(8, 16) },
        { "DOSwarmStats.totalBytesDownloaded", offsetof(DOSwarmStats, totalBytesDownloaded), BY_WIDTH(16, 24) },
        { "DOSwarmStats.bytesFromHttp", offsetof(DOSwarmStats, bytesFromHttp), BY_WIDTH(48, 56) },
        { "DOSwarmStats.bytesToInternetPeers", offsetof(DOSwarmStats, bytesToInternetPeers), BY_WIDTH(80, 88) },
        { "DOSwarmStats.httpConnectionCount", offsetof(DOSwarmStats, httpConnectionCount), BY_WIDTH(88, 96) },
        { "DOSwarmStats.internetConnectionCount", offsetof(DOSwarmStats, internetConnectionCount), BY_WIDTH(104, 112) },
        { "DOSwarmStats.downloadDuration", offsetof(DOSwarmStats, downloadDuration), BY_WIDTH(108, 116) },
        { "DOSwarmStats.downloadMode", offsetof(DOSwarmStats, downloadMode), BY_WIDTH(112, 120) },
        { "DOSwarmStats.status", offsetof(DOSwarmStats, status), BY_WIDTH(116, 124) },
        { "DOSwarmStats.isBackground", offsetof(DOSwarmStats, isBackground), BY_WIDTH(120, 128) },
        { "DO_DOWNLOAD_RANGE", sizeof(DO_DOWNLOAD_RANGE), 16 },
        { "DO_DOWNLOAD_RANGES_INFO.Ranges", offsetof(DO_DOWNLOAD_RANGES_INFO, Ranges), 8 },
        { "DO_DOWNLOAD_STATUS", sizeof(DO_DOWNLOAD_STATUS), 32 },
        { "DO_DOWNLOAD_STATUS.State", offsetof(DO_DOWNLOAD_STATUS, State), 16 },
        { "DO_DOWNLOAD_STATUS.ExtendedError", offsetof(DO_DOWNLOAD_STATUS, ExtendedError), 24 },
        { "DO_DOWNLOAD_ENUM_CATEGORY", sizeof(DO_DOWNLOAD_ENUM_CATEGORY), BY_WIDTH(8, 16) },
    };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(rows); ++i)
        ok(rows[i].value == rows[i].expected, "JOB-112: %s is %u, expected %u.\n", rows[i].name,
                (unsigned int)rows[i].value, (unsigned int)rows[i].expected);
}

/* Arguments that no sane client passes */

static WCHAR *make_text(const WCHAR *start, size_t len)
{
    WCHAR *text = test_alloc((len + 1) * sizeof(*text));
    size_t i;

    wcscpy(text, start);
    for (i = wcslen(start); i < len; ++i)
        text[i] = 'x';
    text[len] = 0;
    return text;
}

static void test_long_strings(struct fixture *fixture)
{
    WCHAR *url = make_text(L"http://127.0.0.1/", 1 << 20), *path = make_text(L"c:\\", 1 << 20);
    IDeliveryOptimizationJob *dojob;
    IBackgroundCopyJob *job;
    HRESULT hr;
    GUID id;

    job = (void *)0xdeadbeef;
    hr = IBackgroundCopyManager_CreateJob(fixture->manager, url, BG_JOB_TYPE_DOWNLOAD, &id, &job);
    ok(hr == E_INVALIDARG, "JOB-012: got hr %#lx.\n", hr);
    ok(!job, "JOB-012: got job %p.\n", job);
    hr = IBackgroundCopyJob_SetDisplayName(fixture->job, url);
    ok(hr == E_INVALIDARG, "JOB-012: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_SetDescription(fixture->job, url);
    ok(hr == (HRESULT)BG_E_STRING_TOO_LONG, "JOB-012: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_AddFile(fixture->job, url, fixture->path);
    ok(hr == E_INVALIDARG, "JOB-038: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_AddFile(fixture->job, L"http://127.0.0.1/", path);
    ok(hr == E_INVALIDARG, "JOB-037: got hr %#lx.\n", hr);
    if (SUCCEEDED(query("JOB-007", fixture->job, &IID_IDeliveryOptimizationJob, &dojob)))
    {
        hr = IDeliveryOptimizationJob_AddFileWithRanges(dojob, url, url, path, 0, NULL, 0);
        ok(hr == E_INVALIDARG, "JOB-038: got hr %#lx.\n", hr);
        IDeliveryOptimizationJob_Release(dojob);
    }
    check_progress("JOB-038", fixture->job, 0, 0, 0, 0);
    free(path);
    free(url);
}

/* The fetched count of an enumerator can never exceed what there is. */
static void test_big_counts(struct fixture *fixture, const struct resource *resource)
{
    IBackgroundCopyFile **found = test_alloc(0x10000 * sizeof(*found));
    IEnumBackgroundCopyFiles *files;
    ULONG fetched = 0;
    HRESULT hr;

    add_file("JOB-047", fixture->job, resource, fixture->path);
    hr = IBackgroundCopyJob_EnumFiles(fixture->job, &files);
    ok(hr == S_OK, "JOB-047: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
    {
        hr = IEnumBackgroundCopyFiles_Next(files, 0x10000, found, &fetched);
        ok(hr == S_FALSE, "JOB-048: got hr %#lx.\n", hr);
        ok(fetched == 1, "JOB-048: got %lu files.\n", fetched);
        if (fetched == 1)
            IBackgroundCopyFile_Release(found[0]);
        fetched = 0xdeadbeef;
        hr = IEnumBackgroundCopyFiles_Next(files, 0, found, &fetched);
        ok(hr == S_OK, "JOB-048: got hr %#lx.\n", hr);
        ok(!fetched, "JOB-048: got %lu files.\n", fetched);
        hr = IEnumBackgroundCopyFiles_Skip(files, 0xffffffff);
        ok(hr == S_FALSE, "JOB-048: got hr %#lx.\n", hr);
        IEnumBackgroundCopyFiles_Release(files);
    }
    free(found);
}

static void test_ranges_count(struct fixture *fixture, const struct resource *resource)
{
    BG_FILE_RANGE ranges[2] = { { 0, 1 }, { 5, 1 } };
    IDeliveryOptimizationJob2 *job2;
    IDeliveryOptimizationJob *dojob;
    IUnknown *object = NULL;
    HRESULT hr;

    if (SUCCEEDED(query("JOB-007", fixture->job, &IID_IDeliveryOptimizationJob, &dojob)))
    {
        hr = IDeliveryOptimizationJob_AddFileWithRanges(dojob, L"id", resource->url, fixture->path, 0xffffffff, ranges,
                0);
        /* An array of that size does not get past the proxy. */
        ok(hr == E_INVALIDARG || hr == HRESULT_FROM_WIN32(RPC_S_INVALID_BOUND), "JOB-040: got hr %#lx.\n", hr);
        IDeliveryOptimizationJob_Release(dojob);
    }
    if (SUCCEEDED(query("JOB-007", fixture->job, &IID_IDeliveryOptimizationJob2, &job2)))
    {
        hr = IDeliveryOptimizationJob2_AddFile(job2, L"id", resource->url, 0xffffffff, ranges,
                &IID_IDeliveryOptimizationFile, (void **)&object);
        ok(hr == E_INVALIDARG || hr == HRESULT_FROM_WIN32(RPC_S_INVALID_BOUND), "JOB-040: got hr %#lx.\n", hr);
        ok(!object, "JOB-040: got object %p.\n", object);
        hr = IDeliveryOptimizationJob2_AddFile(job2, L"id", resource->url, 0xffffffff, NULL,
                &IID_IDeliveryOptimizationFile, (void **)&object);
        ok(hr == E_INVALIDARG, "JOB-040: got hr %#lx.\n", hr);
        ok(!object, "JOB-040: got object %p.\n", object);
        IDeliveryOptimizationJob2_Release(job2);
    }
}

/* Enumerations with values that are not in the enumeration. */
static void test_wrong_values(struct fixture *fixture)
{
    static const UINT values[] = { 4, 5, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0xffffffff };
    IDeliveryOptimizationJob2 *job2;
    IBackgroundCopyJob *job;
    VARIANT value;
    HRESULT hr;
    GUID id;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(values); ++i)
    {
        winetest_push_context("value %#x", values[i]);
        /* The wire format of these enumerations has 16 bits. */
        hr = IBackgroundCopyJob_SetPriority(fixture->job, values[i]);
        ok(hr == E_NOTIMPL || (values[i] > 0x7fff && hr == HRESULT_FROM_WIN32(RPC_X_ENUM_VALUE_OUT_OF_RANGE)),
                "JOB-028: got hr %#lx.\n", hr);
        job = NULL;
        hr = IBackgroundCopyManager_CreateJob(fixture->manager, L"wrong", values[i], &id, &job);
        ok(hr == E_NOTIMPL || (values[i] > 0x7fff && hr == HRESULT_FROM_WIN32(RPC_X_ENUM_VALUE_OUT_OF_RANGE)),
                "JOB-014: got hr %#lx.\n", hr);
        ok(!job, "JOB-014: got job %p.\n", job);
        hr = IBackgroundCopyJob_SetNotifyFlags(fixture->job, values[i] | 0x40);
        ok(hr == E_NOTIMPL, "JOB-029: got hr %#lx.\n", hr);
        if (SUCCEEDED(query("JOB-007", fixture->job, &IID_IDeliveryOptimizationJob2, &job2)))
        {
            memset(&value, 0, sizeof(value));
            hr = IDeliveryOptimizationJob2_GetProperty(job2, values[i], &value);
            ok(hr == DO_E_UNKNOWN_PROPERTY_ID, "JOB-114: got hr %#lx.\n", hr);
            hr = IDeliveryOptimizationJob2_SetProperty(job2, values[i], &value);
            ok(hr == DO_E_UNKNOWN_PROPERTY_ID, "JOB-114: got hr %#lx.\n", hr);
            IDeliveryOptimizationJob2_Release(job2);
        }
        winetest_pop_context();
    }
}

static void test_bad_input(void)
{
    struct resource *resource;
    struct fixture fixture;
    GUID id, id2;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/after", 1000);
    IBackgroundCopyJob_GetId(fixture.job, &id);
    test_long_strings(&fixture);
    test_ranges_count(&fixture, resource);
    test_wrong_values(&fixture);
    test_big_counts(&fixture, resource);

    /* The service was the same all the time, and still works. */
    hr = IBackgroundCopyJob_GetId(fixture.job, &id2);
    ok(hr == S_OK, "JOB-040: got hr %#lx.\n", hr);
    ok(IsEqualGUID(&id, &id2), "JOB-040: got another job.\n");
    resume_job("JOB-040", fixture.job);
    wait_for_state("JOB-040", fixture.job, BG_JOB_STATE_TRANSFERRED);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-040: got hr %#lx.\n", hr);
    check_content("JOB-040", fixture.path, resource);
    fixture_close(&fixture);
}

START_TEST(marshal)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_blankets();
    test_strings();
    test_layout();
    test_bad_input();
    CoUninitialize();
}
