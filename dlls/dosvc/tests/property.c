/*
 * Tests for sinks, statistics and the other properties of a file
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
#include "piece_document.h"

#define RETURN_LIMIT_MS 15000 /* for a call; a server that is silent is given up after 30 s */

/* An object that answers for IUnknown only. */
static HRESULT STDMETHODCALLTYPE plain_QueryInterface(IUnknown *iface, REFIID iid, void **out)
{
    *out = IsEqualIID(iid, &IID_IUnknown) ? iface : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE plain_AddRef(IUnknown *iface)
{
    return 2;
}

static ULONG STDMETHODCALLTYPE plain_Release(IUnknown *iface)
{
    return 1;
}

static const IUnknownVtbl plain_vtbl = { plain_QueryInterface, plain_AddRef, plain_Release };
static IUnknown plain_object = { (IUnknownVtbl *)&plain_vtbl };

/* A file without a sink. */
static IDeliveryOptimizationFile2 *add_bare_file(IBackgroundCopyJob *job, const struct resource *resource)
{
    IDeliveryOptimizationFile2 *file = NULL;
    IDeliveryOptimizationJob2 *job2;
    HRESULT hr;

    if (FAILED(query("JOB-007", job, &IID_IDeliveryOptimizationJob2, &job2)))
        return NULL;
    hr = IDeliveryOptimizationJob2_AddFile(job2, L"bare-id", resource->url, 0, NULL, &IID_IDeliveryOptimizationFile2,
            (void **)&file);
    ok(hr == S_OK, "JOB-043: got hr %#lx.\n", hr);
    IDeliveryOptimizationJob2_Release(job2);
    return file;
}

static HRESULT set_string(IDeliveryOptimizationFile2 *file, DOFilePropertyId prop, const WCHAR *text)
{
    VARIANT value;
    HRESULT hr;

    V_VT(&value) = VT_BSTR;
    V_BSTR(&value) = SysAllocString(text);
    hr = IDeliveryOptimizationFile2_SetProperty(file, prop, &value);
    VariantClear(&value);
    return hr;
}

static HRESULT set_u64(IDeliveryOptimizationFile2 *file, DOFilePropertyId prop, UINT64 number)
{
    VARIANT value;

    V_VT(&value) = VT_UI8;
    V_UI8(&value) = number;
    return IDeliveryOptimizationFile2_SetProperty(file, prop, &value);
}

static HRESULT set_bool(IDeliveryOptimizationFile2 *file, DOFilePropertyId prop, VARIANT_BOOL state)
{
    VARIANT value;

    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = state;
    return IDeliveryOptimizationFile2_SetProperty(file, prop, &value);
}

static HRESULT set_object(IDeliveryOptimizationFile2 *file, DOFilePropertyId prop, IUnknown *object)
{
    VARIANT value;

    V_VT(&value) = VT_UNKNOWN;
    V_UNKNOWN(&value) = object;
    return IDeliveryOptimizationFile2_SetProperty(file, prop, &value);
}

#define check_unreadable(id, file, prop, hr) check_unreadable_(__LINE__, id, file, prop, hr)
static void check_unreadable_(int line, const char *id, IDeliveryOptimizationFile2 *file, DOFilePropertyId prop,
        HRESULT expected)
{
    VARIANT value;
    HRESULT hr;

    memset(&value, 0xcc, sizeof(value));
    hr = IDeliveryOptimizationFile2_GetProperty(file, prop, &value);
    ok_(__FILE__, line)(hr == expected, "%s: property %u gives %#lx, expected %#lx.\n", id, prop, hr, expected);
    ok_(__FILE__, line)(V_VT(&value) == VT_EMPTY, "%s: got variant type %u.\n", id, V_VT(&value));
}

#define check_path(id, file, path) check_path_(__LINE__, id, file, path)
static void check_path_(int line, const char *id, IDeliveryOptimizationFile2 *file, const WCHAR *path)
{
    VARIANT value;
    HRESULT hr;

    memset(&value, 0xcc, sizeof(value));
    hr = IDeliveryOptimizationFile2_GetProperty(file, DOFilePropertyId_DownloadSinkFilePath, &value);
    ok_(__FILE__, line)(hr == S_OK, "%s: got hr %#lx.\n", id, hr);
    ok_(__FILE__, line)(V_VT(&value) == VT_BSTR, "%s: got variant type %u.\n", id, V_VT(&value));
    if (V_VT(&value) == VT_BSTR)
        ok_(__FILE__, line)(!wcscmp(V_BSTR(&value), path), "%s: got path %s.\n", id, wine_dbgstr_w(V_BSTR(&value)));
    VariantClear(&value);
}

static void test_path_sink(void)
{
    static const WCHAR *const bad_paths[] = { L"", L"name", L"dir\\name", L"\\name", L"c:name", L"c:\\dir\\" };
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    IBackgroundCopyFile *bgfile;
    struct fixture fixture;
    WCHAR other[MAX_PATH], *name = (WCHAR *)0xdeadbeef;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/sink", 100000);
    if (!(file = add_bare_file(fixture.job, resource)))
        return;
    if (SUCCEEDED(query("JOB-008", file, &IID_IBackgroundCopyFile, &bgfile)))
    {
        hr = IBackgroundCopyFile_GetLocalName(bgfile, &name);
        ok(hr == DO_E_LOCALPATH_NOT_SET, "JOB-100: got hr %#lx.\n", hr);
        ok(!name, "JOB-100: got name %p.\n", name);
        IBackgroundCopyFile_Release(bgfile);
    }
    for (i = 0; i < ARRAY_SIZE(bad_paths); ++i)
    {
        hr = set_string(file, DOFilePropertyId_DownloadSinkFilePath, bad_paths[i]);
        ok(hr == E_INVALIDARG, "JOB-100: path %s gives %#lx.\n", wine_dbgstr_w(bad_paths[i]), hr);
    }
    hr = set_string(file, DOFilePropertyId_DownloadSinkFilePath, join_path(other, fixture.dir, L"other"));
    ok(hr == S_OK, "JOB-100: got hr %#lx.\n", hr);
    check_path("JOB-100", file, other);
    hr = set_string(file, DOFilePropertyId_DownloadSinkFilePath, fixture.path);
    ok(hr == S_OK, "JOB-101: got hr %#lx.\n", hr);
    check_path("JOB-101", file, fixture.path);
    if (SUCCEEDED(query("JOB-008", file, &IID_IBackgroundCopyFile, &bgfile)))
    {
        hr = IBackgroundCopyFile_GetLocalName(bgfile, &name);
        ok(hr == S_OK, "JOB-100: got hr %#lx.\n", hr);
        ok(!wcscmp(name, fixture.path), "JOB-100: got name %s.\n", wine_dbgstr_w(name));
        CoTaskMemFree(name);
        IBackgroundCopyFile_Release(bgfile);
    }

    resume_job("JOB-100", fixture.job);
    wait_for_state("JOB-100", fixture.job, BG_JOB_STATE_TRANSFERRED);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-100: got hr %#lx.\n", hr);
    check_content("JOB-100", fixture.path, resource);
    check_dir_count("JOB-089", fixture.dir, 1);
    IDeliveryOptimizationFile2_Release(file);
    fixture_close(&fixture);
}

static void test_stream_sink(void)
{
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    struct fixture fixture;
    IStream *stream;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/stream", 1000);
    hr = CreateStreamOnHGlobal(NULL, TRUE, &stream);
    ok(hr == S_OK, "JOB-101: got hr %#lx.\n", hr);
    if (!(file = add_bare_file(fixture.job, resource)))
        return;

    hr = set_object(file, DOFilePropertyId_DownloadSinkInterface, &plain_object);
    ok(hr == E_NOINTERFACE, "JOB-102: got hr %#lx.\n", hr);
    hr = set_object(file, DOFilePropertyId_DownloadSinkInterface, NULL);
    ok(hr == E_INVALIDARG, "JOB-102: got hr %#lx.\n", hr);
    hr = set_object(file, DOFilePropertyId_DownloadSinkInterface, (IUnknown *)stream);
    ok(hr == S_OK, "JOB-101: got hr %#lx.\n", hr);
    hr = set_string(file, DOFilePropertyId_DownloadSinkFilePath, fixture.path);
    ok(hr == DO_E_FILE_DOWNLOADSINK_ALREADY_SET, "JOB-101: got hr %#lx.\n", hr);
    hr = set_object(file, DOFilePropertyId_DownloadSinkMemoryStream, (IUnknown *)stream);
    ok(hr == S_OK, "JOB-101: got hr %#lx.\n", hr);
    IDeliveryOptimizationFile2_Release(file);

    fixture_new_job(&fixture);
    if ((file = add_bare_file(fixture.job, resource)))
    {
        hr = set_string(file, DOFilePropertyId_DownloadSinkFilePath, fixture.path);
        ok(hr == S_OK, "JOB-101: got hr %#lx.\n", hr);
        hr = set_object(file, DOFilePropertyId_DownloadSinkInterface, (IUnknown *)stream);
        ok(hr == DO_E_FILE_DOWNLOADSINK_ALREADY_SET, "JOB-101: got hr %#lx.\n", hr);
        check_path("JOB-101", file, fixture.path);
        IDeliveryOptimizationFile2_Release(file);
    }
    IStream_Release(stream);
    fixture_close(&fixture);
}

static void test_unset_properties(void)
{
    static const struct
    {
        DOFilePropertyId prop;
        HRESULT hr;
    }
    rows[] =
    {
        { DOFilePropertyId_DecryptionInfo, DO_E_WRITE_ONLY_PROPERTY },
        { DOFilePropertyId_IntegrityCheckInfo, DO_E_WRITE_ONLY_PROPERTY },
        { DOFilePropertyId_IntegrityCheckMandatory, E_NOT_SET },
        { DOFilePropertyId_DownloadSinkInterface, E_NOT_SET },
        { DOFilePropertyId_DownloadSinkFilePath, E_NOT_SET },
        { DOFilePropertyId_DownloadSinkMemoryStream, E_NOT_SET },
        { DOFilePropertyId_TotalSizeBytes, E_NOT_SET },
        { 7, DO_E_UNKNOWN_PROPERTY_ID },
        { 0xffffffff, DO_E_UNKNOWN_PROPERTY_ID },
    };
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    IBackgroundCopyFile *bgfile;
    struct fixture fixture;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/unset", 1000);
    if (!(file = add_bare_file(fixture.job, resource)))
        return;
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
        check_unreadable("JOB-106", file, rows[i].prop, rows[i].hr);
    hr = IDeliveryOptimizationFile2_GetProperty(file, DOFilePropertyId_TotalSizeBytes, NULL);
    check_null_arg("JOB-106", hr);
    hr = IDeliveryOptimizationFile2_SetProperty(file, DOFilePropertyId_TotalSizeBytes, NULL);
    check_null_arg("JOB-110", hr);
    hr = set_u64(file, 7, 1);
    ok(hr == DO_E_UNKNOWN_PROPERTY_ID, "JOB-106: got hr %#lx.\n", hr);
    IDeliveryOptimizationFile2_Release(file);

    /* The path of a file that was added with one. */
    fixture_new_job(&fixture);
    add_file("JOB-106", fixture.job, resource, fixture.path);
    if ((bgfile = get_file("JOB-106", fixture.job, 0)))
    {
        if (SUCCEEDED(query("JOB-008", bgfile, &IID_IDeliveryOptimizationFile2, &file)))
        {
            check_path("JOB-106", file, fixture.path);
            IDeliveryOptimizationFile2_Release(file);
        }
        IBackgroundCopyFile_Release(bgfile);
    }
    fixture_close(&fixture);
}

#define check_size(id, file, size) check_size_(__LINE__, id, file, size)
static void check_size_(int line, const char *id, IDeliveryOptimizationFile2 *file, UINT64 size)
{
    VARIANT value;
    HRESULT hr;

    memset(&value, 0xcc, sizeof(value));
    hr = IDeliveryOptimizationFile2_GetProperty(file, DOFilePropertyId_TotalSizeBytes, &value);
    ok_(__FILE__, line)(hr == S_OK, "%s: got hr %#lx.\n", id, hr);
    ok_(__FILE__, line)(V_VT(&value) == VT_UI8, "%s: got variant type %u.\n", id, V_VT(&value));
    ok_(__FILE__, line)(V_UI8(&value) == size, "%s: got size %s.\n", id, debugstr_u64(V_UI8(&value)));
}

static void test_total_size(void)
{
    BG_FILE_RANGE range = { 500, 100 };
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    IBackgroundCopyFile *bgfile;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/total", 5000);
    if (!(file = add_bare_file(fixture.job, resource)))
        return;
    check_progress("JOB-107", fixture.job, BG_SIZE_UNKNOWN, 0, 1, 0);
    hr = set_u64(file, DOFilePropertyId_TotalSizeBytes, ((UINT64)5 << 32) + 7);
    ok(hr == S_OK, "JOB-107: got hr %#lx.\n", hr);
    check_size("JOB-107", file, ((UINT64)5 << 32) + 7);
    check_progress("JOB-107", fixture.job, ((UINT64)5 << 32) + 7, 0, 1, 0);
    hr = set_u64(file, DOFilePropertyId_TotalSizeBytes, DO_UNKNOWN_FILE_SIZE);
    ok(hr == S_OK, "JOB-107: got hr %#lx.\n", hr);
    check_unreadable("JOB-107", file, DOFilePropertyId_TotalSizeBytes, E_NOT_SET);
    check_progress("JOB-107", fixture.job, BG_SIZE_UNKNOWN, 0, 1, 0);
    set_string(file, DOFilePropertyId_DownloadSinkFilePath, fixture.path);
    resume_job("JOB-107", fixture.job);
    wait_for_state("JOB-107", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_size("JOB-107", file, 5000);
    IDeliveryOptimizationFile2_Release(file);

    fixture_new_job(&fixture);
    add_ranges("JOB-107", fixture.job, resource, fixture.path, &range, 1, DO_UNKNOWN_FILE_SIZE, S_OK);
    if ((bgfile = get_file("JOB-107", fixture.job, 0)))
    {
        if (SUCCEEDED(query("JOB-008", bgfile, &IID_IDeliveryOptimizationFile2, &file)))
        {
            hr = set_u64(file, DOFilePropertyId_TotalSizeBytes, 550);
            ok(hr == DO_E_INVALID_RANGE, "JOB-107: got hr %#lx.\n", hr);
            hr = set_u64(file, DOFilePropertyId_TotalSizeBytes, 600);
            ok(hr == S_OK, "JOB-107: got hr %#lx.\n", hr);
            check_progress("JOB-107", fixture.job, 100, 0, 1, 0);
            IDeliveryOptimizationFile2_Release(file);
        }
        IBackgroundCopyFile_Release(bgfile);
    }
    fixture_close(&fixture);
}

static void test_integrity(void)
{
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    struct fixture fixture;
    VARIANT value;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/integrity", 1000);
    if (!(file = add_bare_file(fixture.job, resource)))
        return;
    set_string(file, DOFilePropertyId_DownloadSinkFilePath, fixture.path);
    hr = set_bool(file, DOFilePropertyId_IntegrityCheckMandatory, VARIANT_TRUE);
    ok(hr == S_OK, "JOB-108: got hr %#lx.\n", hr);
    hr = IDeliveryOptimizationFile2_GetProperty(file, DOFilePropertyId_IntegrityCheckMandatory, &value);
    ok(hr == S_OK && V_BOOL(&value) == VARIANT_TRUE, "JOB-108: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_Resume(fixture.job);
    ok(hr == DO_E_INTEGRITYCHECKINFO_UNSPECIFIED, "JOB-108: got hr %#lx.\n", hr);
    hr = set_bool(file, DOFilePropertyId_IntegrityCheckMandatory, VARIANT_FALSE);
    ok(hr == S_OK, "JOB-108: got hr %#lx.\n", hr);
    memset(&value, 0xcc, sizeof(value));
    hr = IDeliveryOptimizationFile2_GetProperty(file, DOFilePropertyId_IntegrityCheckMandatory, &value);
    ok(hr == S_OK, "JOB-108: got hr %#lx.\n", hr);
    ok(V_VT(&value) == VT_BOOL, "JOB-108: got variant type %u.\n", V_VT(&value));
    ok(V_BOOL(&value) == VARIANT_FALSE, "JOB-108: got %d.\n", V_BOOL(&value));

    hr = set_string(file, DOFilePropertyId_IntegrityCheckInfo, L"http://127.0.0.1/hashes");
    ok(hr == S_OK, "JOB-106: got hr %#lx.\n", hr);
    check_unreadable("JOB-106", file, DOFilePropertyId_IntegrityCheckInfo, DO_E_WRITE_ONLY_PROPERTY);
    hr = set_string(file, DOFilePropertyId_DecryptionInfo, L"");
    ok(hr == S_OK, "JOB-106: got hr %#lx.\n", hr);
    hr = set_string(file, DOFilePropertyId_DecryptionInfo, L"{\"KeyData\":\"x\"}");
    ok(hr == E_NOTIMPL, "JOB-106: got hr %#lx.\n", hr);
    IDeliveryOptimizationFile2_Release(file);
    fixture_close(&fixture);
}

/* A job with a file that has to be verified; the document, or the file, has a fault. */
static void test_verified(const char *old, const char *new, BOOL has_flaw, HRESULT code, const WCHAR *cause)
{
    struct flaw flaw = { 100000, ORIGIN_FOREVER };
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    struct document document;
    struct fixture fixture;
    WCHAR info[512];

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/verified", 5 * PIECE_SIZE + 9);
    document_add(&document, resource, PIECE_SIZE);
    document_usual_info(&document, info, ARRAY_SIZE(info));
    if (old)
        document_replace(&document, old, new);
    resource->flaws = &flaw;
    resource->flaw_count = 1;
    flaw.count = has_flaw ? ORIGIN_FOREVER : 2;
    if (!(file = add_bare_file(fixture.job, resource)))
        return;
    check_hr("JOB-108", set_string(file, DOFilePropertyId_DownloadSinkFilePath, fixture.path), S_OK);
    check_hr("JOB-108", set_string(file, DOFilePropertyId_IntegrityCheckInfo, info), S_OK);
    check_hr("JOB-108", set_bool(file, DOFilePropertyId_IntegrityCheckMandatory, VARIANT_TRUE), S_OK);
    check_hr("JOB-108", IBackgroundCopyJob_Resume(fixture.job), S_OK);
    if (code)
    {
        wait_for_state("JOB-108", fixture.job, BG_JOB_STATE_ERROR);
        check_error("JOB-108", fixture.job, code);
        check_extended_error("JOB-108", fixture.job, cause);
        check_hr("JOB-108", IBackgroundCopyJob_Cancel(fixture.job), S_OK);
    }
    else
    {
        wait_for_state("JOB-108", fixture.job, BG_JOB_STATE_TRANSFERRED);
        check_hr("JOB-108", IBackgroundCopyJob_Complete(fixture.job), S_OK);
        check_content("JOB-108", fixture.path, resource);
    }
    IDeliveryOptimizationFile2_Release(file);
    free(document.text);
    fixture_close(&fixture);
}

/* A job ends at once though the server falls silent in the request for the whole of a piece of which a part is
 * wanted. */
static void test_silent_piece(void)
{
    BG_FILE_RANGE range = { PIECE_SIZE + 100, 1000 };
    IDeliveryOptimizationFile2 *file2;
    struct resource *resource;
    IBackgroundCopyFile *file;
    struct document document;
    struct fixture fixture;
    WCHAR info[512];
    HANDLE gate;
    DWORD time;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/hushed", 3 * PIECE_SIZE);
    document_add(&document, resource, PIECE_SIZE);
    set_gate(resource, gate, PIECE_SIZE + 2000);
    add_ranges("JOB-108", fixture.job, resource, fixture.path, &range, 1, DO_UNKNOWN_FILE_SIZE, S_OK);
    if (!(file = get_file("JOB-108", fixture.job, 0)))
        return;
    query("JOB-108", file, &IID_IDeliveryOptimizationFile2, &file2);
    document_usual_info(&document, info, ARRAY_SIZE(info));
    check_hr("JOB-108", set_string(file2, DOFilePropertyId_IntegrityCheckInfo, info), S_OK);
    check_hr("JOB-108", set_bool(file2, DOFilePropertyId_IntegrityCheckMandatory, VARIANT_TRUE), S_OK);
    resume_job("JOB-108", fixture.job);
    wait_event("JOB-108", resource->at_gate);
    time = GetTickCount();
    check_hr("JOB-108", IBackgroundCopyJob_Suspend(fixture.job), S_OK);
    check_hr("JOB-108", IBackgroundCopyJob_Cancel(fixture.job), S_OK);
    time = GetTickCount() - time;
    ok(time < RETURN_LIMIT_MS, "JOB-108: the calls took %lu ms.\n", time);
    SetEvent(gate);
    IDeliveryOptimizationFile2_Release(file2);
    IBackgroundCopyFile_Release(file);
    free(document.text);
    CloseHandle(gate);
    fixture_close(&fixture);
}

static void test_wrong_types(void)
{
    static const struct
    {
        DOFilePropertyId prop;
        VARTYPE vt;
    }
    rows[] =
    {
        { DOFilePropertyId_DecryptionInfo, VT_UI8 },
        { DOFilePropertyId_DecryptionInfo, VT_EMPTY },
        { DOFilePropertyId_IntegrityCheckInfo, VT_BOOL },
        { DOFilePropertyId_IntegrityCheckMandatory, VT_UI4 },
        { DOFilePropertyId_IntegrityCheckMandatory, VT_EMPTY },
        { DOFilePropertyId_DownloadSinkInterface, VT_UI8 },
        { DOFilePropertyId_DownloadSinkInterface, VT_EMPTY },
        { DOFilePropertyId_DownloadSinkFilePath, VT_UI8 },
        { DOFilePropertyId_DownloadSinkFilePath, VT_EMPTY },
        { DOFilePropertyId_DownloadSinkFilePath, VT_NULL },
        { DOFilePropertyId_DownloadSinkMemoryStream, VT_UI8 },
        { DOFilePropertyId_TotalSizeBytes, VT_UI4 },
        { DOFilePropertyId_TotalSizeBytes, VT_I8 },
        { DOFilePropertyId_TotalSizeBytes, VT_EMPTY },
    };
    IDeliveryOptimizationFile2 *file;
    struct resource *resource;
    struct fixture fixture;
    VARIANT value;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/types", 1000);
    if (!(file = add_bare_file(fixture.job, resource)))
        return;
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        memset(&value, 0, sizeof(value));
        V_VT(&value) = rows[i].vt;
        hr = IDeliveryOptimizationFile2_SetProperty(file, rows[i].prop, &value);
        ok(hr == E_INVALIDARG, "JOB-110: property %u, type %u gives %#lx.\n", rows[i].prop, rows[i].vt, hr);
    }
    check_unreadable("JOB-110", file, DOFilePropertyId_DownloadSinkFilePath, E_NOT_SET);
    IDeliveryOptimizationFile2_Release(file);
    fixture_close(&fixture);
}

/* Statistics */

static HRESULT get_stats(IBackgroundCopyFile *bgfile, UINT slot, DOSwarmStats *stats)
{
    IDeliveryOptimizationFile *file;
    HRESULT hr;

    memset(stats, 0xcc, sizeof(*stats));
    if (FAILED(hr = query("JOB-008", bgfile, &IID_IDeliveryOptimizationFile, &file)))
        return hr;
    if (slot == 3)
        hr = IDeliveryOptimizationFile_GetStats(file, stats);
    else
        hr = IDeliveryOptimizationFile_GetStatsEx(file, stats);
    IDeliveryOptimizationFile_Release(file);
    return hr;
}

static void free_stats(DOSwarmStats *stats)
{
    CoTaskMemFree(stats->fileId);
    CoTaskMemFree(stats->sourceURL);
}

#define check_stats(file, resource, size, bytes, status, foreground) \
    check_stats_(__LINE__, file, resource, size, bytes, status, foreground)
static void check_stats_(int line, IBackgroundCopyFile *file, const struct resource *resource, UINT64 size,
        UINT64 bytes, SwarmStatus status, BOOL foreground)
{
    DOSwarmStats stats;
    HRESULT hr;
    UINT slot;

    for (slot = 3; slot <= 4; ++slot)
    {
        winetest_push_context("slot %u", slot);
        hr = get_stats(file, slot, &stats);
        ok_(__FILE__, line)(hr == S_OK, "JOB-111: got hr %#lx.\n", hr);
        if (SUCCEEDED(hr))
        {
            ok_(__FILE__, line)(stats.fileId && !wcscmp(stats.fileId, L"file-id"), "JOB-111: got id %s.\n",
                    wine_dbgstr_w(stats.fileId));
            ok_(__FILE__, line)(stats.sourceURL && !wcscmp(stats.sourceURL, resource->url), "JOB-111: got URL %s.\n",
                    wine_dbgstr_w(stats.sourceURL));
            ok_(__FILE__, line)(stats.fileSize == size, "JOB-112: got size %s.\n", debugstr_u64(stats.fileSize));
            ok_(__FILE__, line)(stats.totalBytesDownloaded == bytes, "JOB-112: got %s bytes.\n",
                    debugstr_u64(stats.totalBytesDownloaded));
            ok_(__FILE__, line)(stats.bytesFromHttp == bytes, "JOB-112: got %s bytes from HTTP.\n",
                    debugstr_u64(stats.bytesFromHttp));
            ok_(__FILE__, line)(!stats.bytesFromLanPeers && !stats.bytesFromGroupPeers && !stats.bytesFromInternetPeers
                    && !stats.bytesFromDoinc && !stats.bytesToLanPeers && !stats.bytesToGroupPeers
                    && !stats.bytesToInternetPeers, "JOB-112: there are bytes of peers.\n");
            ok_(__FILE__, line)(!stats.doincConnectionCount && !stats.lanConnectionCount && !stats.groupConnectionCount
                    && !stats.internetConnectionCount, "JOB-112: there are connections to peers.\n");
            ok_(__FILE__, line)(stats.httpConnectionCount == origin_get_requests((struct resource *)resource, NULL),
                    "JOB-112: got %u connections, expected %u.\n", stats.httpConnectionCount,
                    origin_get_requests((struct resource *)resource, NULL));
            ok_(__FILE__, line)(stats.downloadMode == DownloadMode_Simple, "JOB-112: got mode %u.\n",
                    stats.downloadMode);
            ok_(__FILE__, line)(stats.status == status, "JOB-113: got status %u, expected %u.\n", stats.status, status);
            ok_(__FILE__, line)(stats.isBackground == !foreground, "JOB-112: got isBackground %d.\n",
                    stats.isBackground);
            ok_(__FILE__, line)(stats.downloadDuration < LIMIT_MS * 4, "JOB-112: got duration %u.\n",
                    stats.downloadDuration);
            free_stats(&stats);
        }
        winetest_pop_context();
    }
}

static void test_stats(void)
{
    IDeliveryOptimizationFile *dofile;
    struct resource *resource;
    IBackgroundCopyFile *file;
    struct fixture fixture;
    HANDLE gate;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/stats", 100000);
    set_gate(resource, gate, 40000);
    add_file("JOB-111", fixture.job, resource, fixture.path);
    if (!(file = get_file("JOB-111", fixture.job, 0)))
        return;
    check_stats(file, resource, DO_UNKNOWN_FILE_SIZE, 0, SwarmStatus_Paused, FALSE);
    resume_job("JOB-113", fixture.job);
    wait_for_bytes("JOB-113", fixture.job, 40000);
    check_stats(file, resource, 100000, 40000, SwarmStatus_Downloading, FALSE);
    IBackgroundCopyJob_Suspend(fixture.job);
    check_stats(file, resource, 100000, 40000, SwarmStatus_Paused, FALSE);
    IBackgroundCopyJob_SetPriority(fixture.job, BG_JOB_PRIORITY_FOREGROUND);
    check_stats(file, resource, 100000, 40000, SwarmStatus_Paused, TRUE);
    set_gate(resource, NULL, 0);
    resume_job("JOB-113", fixture.job);
    wait_for_state("JOB-113", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_stats(file, resource, 100000, 100000, SwarmStatus_Complete, TRUE);
    if (SUCCEEDED(query("JOB-008", file, &IID_IDeliveryOptimizationFile, &dofile)))
    {
        hr = IDeliveryOptimizationFile_GetStats(dofile, NULL);
        check_null_arg("JOB-111", hr);
        IDeliveryOptimizationFile_Release(dofile);
    }
    IBackgroundCopyFile_Release(file);
    SetEvent(gate);
    fixture_close(&fixture);
    CloseHandle(gate);
}

static void test_job2_properties(void)
{
    IDeliveryOptimizationJob2 *job2;
    struct resource *resource;
    struct fixture fixture;
    VARIANT value;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    if (FAILED(query("JOB-007", fixture.job, &IID_IDeliveryOptimizationJob2, &job2)))
        return;
    memset(&value, 0xcc, sizeof(value));
    hr = IDeliveryOptimizationJob2_GetProperty(job2, DOJobPropertyId_ExtendedErrorInfo, &value);
    ok(hr == S_OK, "JOB-114: got hr %#lx.\n", hr);
    ok(V_VT(&value) == VT_BSTR, "JOB-114: got variant type %u.\n", V_VT(&value));
    if (V_VT(&value) == VT_BSTR)
        ok(!!wcsstr(V_BSTR(&value), L"0x00000000"), "JOB-114: got %s.\n", wine_dbgstr_w(V_BSTR(&value)));
    VariantClear(&value);
    memset(&value, 0xcc, sizeof(value));
    hr = IDeliveryOptimizationJob2_GetProperty(job2, 1, &value);
    ok(hr == DO_E_UNKNOWN_PROPERTY_ID, "JOB-114: got hr %#lx.\n", hr);
    hr = IDeliveryOptimizationJob2_GetProperty(job2, DOJobPropertyId_ExtendedErrorInfo, NULL);
    check_null_arg("JOB-114", hr);
    V_VT(&value) = VT_BSTR;
    V_BSTR(&value) = SysAllocString(L"text");
    hr = IDeliveryOptimizationJob2_SetProperty(job2, DOJobPropertyId_ExtendedErrorInfo, &value);
    ok(hr == DO_E_READ_ONLY_PROPERTY, "JOB-114: got hr %#lx.\n", hr);
    hr = IDeliveryOptimizationJob2_SetProperty(job2, 1, &value);
    ok(hr == DO_E_UNKNOWN_PROPERTY_ID, "JOB-114: got hr %#lx.\n", hr);
    VariantClear(&value);
    /* The value is not looked at. */
    hr = IDeliveryOptimizationJob2_SetProperty(job2, DOJobPropertyId_ExtendedErrorInfo, NULL);
    ok(hr == DO_E_READ_ONLY_PROPERTY, "JOB-114: got hr %#lx.\n", hr);

    resource = origin_add_resource(fixture.origin, "/missing", 1000);
    resource->status = 404;
    add_file("JOB-114", fixture.job, resource, fixture.path);
    resume_job("JOB-114", fixture.job);
    wait_for_state("JOB-114", fixture.job, BG_JOB_STATE_ERROR);
    memset(&value, 0xcc, sizeof(value));
    hr = IDeliveryOptimizationJob2_GetProperty(job2, DOJobPropertyId_ExtendedErrorInfo, &value);
    ok(hr == S_OK, "JOB-114: got hr %#lx.\n", hr);
    if (V_VT(&value) == VT_BSTR)
        ok(!!wcsstr(V_BSTR(&value), L"80190194"), "JOB-114: got %s.\n", wine_dbgstr_w(V_BSTR(&value)));
    VariantClear(&value);
    IDeliveryOptimizationJob2_Release(job2);
    fixture_close(&fixture);
}

#define check_remote_name(file, url) check_remote_name_(__LINE__, file, url)
static void check_remote_name_(int line, IBackgroundCopyFile2 *file, const WCHAR *url)
{
    WCHAR *text = NULL;
    HRESULT hr;

    hr = IBackgroundCopyFile2_GetRemoteName(file, &text);
    ok_(__FILE__, line)(hr == S_OK, "JOB-115: got hr %#lx.\n", hr);
    ok_(__FILE__, line)(text && !wcscmp(text, url), "JOB-115: got URL %s.\n", wine_dbgstr_w(text));
    CoTaskMemFree(text);
}

/* The second URL has the same content as the first if is_same. */
static void check_set_remote_name(BOOL is_same)
{
    struct resource *first, *second;
    struct origin_request request;
    IBackgroundCopyFile2 *file2;
    IBackgroundCopyFile *file;
    struct fixture fixture;
    WCHAR url[2300];
    HANDLE gate;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    first = origin_add_resource(fixture.origin, "/one", 100000);
    second = origin_add_resource(fixture.origin, "/other", is_same ? 100000 : 120000);
    if (is_same)
        second->seed = first->seed;
    else
        second->etag = "\"other\"", second->last_modified = "Thu, 22 Oct 2015 07:28:00 GMT";
    set_gate(first, gate, 40000);
    add_file("JOB-115", fixture.job, first, fixture.path);
    if (!(file = get_file("JOB-115", fixture.job, 0)))
        return;
    query("JOB-008", file, &IID_IBackgroundCopyFile2, &file2);
    check_remote_name(file2, first->url);
    resume_job("JOB-115", fixture.job);
    wait_for_bytes("JOB-115", fixture.job, 40000);
    IBackgroundCopyJob_Suspend(fixture.job);

    wcscpy(url, first->url);
    for (i = wcslen(url); i < 2201; ++i)
        url[i] = 'x';
    url[2201] = 0;
    hr = IBackgroundCopyFile2_SetRemoteName(file2, url);
    ok(hr == E_INVALIDARG, "JOB-115: got hr %#lx.\n", hr);
    hr = IBackgroundCopyFile2_SetRemoteName(file2, L"ftp://127.0.0.1/x");
    ok(hr == E_INVALIDARG, "JOB-115: got hr %#lx.\n", hr);
    hr = IBackgroundCopyFile2_SetRemoteName(file2, L"");
    ok(hr == E_INVALIDARG, "JOB-115: got hr %#lx.\n", hr);
    hr = IBackgroundCopyFile2_SetRemoteName(file2, NULL);
    check_null_arg("JOB-115", hr);
    check_remote_name(file2, first->url);

    hr = IBackgroundCopyFile2_SetRemoteName(file2, second->url);
    ok(hr == S_OK, "JOB-115: got hr %#lx.\n", hr);
    check_remote_name(file2, second->url);
    resume_job("JOB-115", fixture.job);
    wait_for_state("JOB-115", fixture.job, BG_JOB_STATE_TRANSFERRED);
    ok(origin_get_requests(second, &request) >= 1, "JOB-115: the new URL is not used.\n");
    if (is_same)
        ok(request.status == 206, "JOB-115: got status %u.\n", request.status);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-115: got hr %#lx.\n", hr);
    check_content("JOB-115", fixture.path, second);
    IBackgroundCopyFile2_Release(file2);
    IBackgroundCopyFile_Release(file);
    SetEvent(gate);
    fixture_close(&fixture);
    CloseHandle(gate);
}

static void test_set_remote_name(void)
{
    check_set_remote_name(TRUE);
    check_set_remote_name(FALSE);
}

static void test_response_headers(void)
{
    BITS_FILE_PROPERTY_VALUE value = { NULL };
    IBackgroundCopyFile5 *file5;
    struct resource *resource;
    IBackgroundCopyFile *file;
    struct fixture fixture;
    WCHAR text[] = L"X: y\r\n";
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/headers", 1234);
    add_file("JOB-116", fixture.job, resource, fixture.path);
    if (!(file = get_file("JOB-116", fixture.job, 0)))
        return;
    query("JOB-008", file, &IID_IBackgroundCopyFile5, &file5);
    hr = IBackgroundCopyFile5_GetProperty(file5, BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, &value);
    ok(hr == S_OK, "JOB-116: got hr %#lx.\n", hr);
    ok(value.String && !*value.String, "JOB-116: got %s.\n", wine_dbgstr_w(value.String));
    CoTaskMemFree(value.String);
    resume_job("JOB-116", fixture.job);
    wait_for_state("JOB-116", fixture.job, BG_JOB_STATE_TRANSFERRED);
    value.String = NULL;
    hr = IBackgroundCopyFile5_GetProperty(file5, BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, &value);
    ok(hr == S_OK, "JOB-116: got hr %#lx.\n", hr);
    ok(value.String && !wcsncmp(value.String, L"HTTP/1.1 200 Test\r\n", 19), "JOB-116: got %s.\n",
            wine_dbgstr_w(value.String));
    ok(value.String && wcsstr(value.String, L"\r\nX-Path: /headers\r\n"), "JOB-116: got %s.\n",
            wine_dbgstr_w(value.String));
    ok(value.String && wcsstr(value.String, L"Content-Length: 1234"), "JOB-116: got %s.\n",
            wine_dbgstr_w(value.String));
    CoTaskMemFree(value.String);

    value.String = NULL;
    hr = IBackgroundCopyFile5_GetProperty(file5, 2, &value);
    ok(hr == DO_E_UNKNOWN_PROPERTY_ID, "JOB-116: got hr %#lx.\n", hr);
    hr = IBackgroundCopyFile5_GetProperty(file5, BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, NULL);
    check_null_arg("JOB-116", hr);
    value.String = text;
    hr = IBackgroundCopyFile5_SetProperty(file5, BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, value);
    ok(hr == DO_E_READ_ONLY_PROPERTY, "JOB-116: got hr %#lx.\n", hr);
    hr = IBackgroundCopyFile5_SetProperty(file5, 2, value);
    ok(hr == DO_E_UNKNOWN_PROPERTY_ID, "JOB-116: got hr %#lx.\n", hr);
    IBackgroundCopyFile5_Release(file5);
    IBackgroundCopyFile_Release(file);
    fixture_close(&fixture);
}

#define check_head(job, index, expected) check_head_(__LINE__, job, index, expected)
static void check_head_(int line, IBackgroundCopyJob *job, ULONG index, const WCHAR *expected)
{
    BITS_FILE_PROPERTY_VALUE value = { NULL };
    IBackgroundCopyFile5 *file5;
    IBackgroundCopyFile *file;
    HRESULT hr;

    if (!(file = get_file("CRED-07", job, index)))
        return;
    if (SUCCEEDED(query("CRED-07", file, &IID_IBackgroundCopyFile5, &file5)))
    {
        hr = IBackgroundCopyFile5_GetProperty(file5, BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, &value);
        ok_(__FILE__, line)(hr == S_OK, "CRED-07: got hr %#lx.\n", hr);
        ok_(__FILE__, line)(value.String && (*expected ? !!wcsstr(value.String, expected) : !*value.String),
                "CRED-07: file %lu: got %s.\n", index, wine_dbgstr_w(value.String));
        CoTaskMemFree(value.String);
        IBackgroundCopyFile5_Release(file5);
    }
    IBackgroundCopyFile_Release(file);
}

/* Only one of thousands of files has a head in memory. */
static void test_current_head(void)
{
    static const char *const paths[] = { "/head-0", "/head-1", "/head-2" };
    struct resource *resource = NULL;
    WCHAR path[MAX_PATH], name[16];
    struct fixture fixture;
    unsigned int i;
    HANDLE gate;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    for (i = 0; i < ARRAY_SIZE(paths); ++i)
    {
        resource = origin_add_resource(fixture.origin, paths[i], 1000);
        if (i == 1)
            set_gate(resource, gate, 500);
        swprintf(name, ARRAY_SIZE(name), L"%u.bin", i);
        add_file("CRED-07", fixture.job, resource, join_path(path, fixture.dir, name));
    }
    resume_job("CRED-07", fixture.job);
    wait_for_bytes("CRED-07", fixture.job, 1500);
    check_head(fixture.job, 0, L"");
    check_head(fixture.job, 1, L"X-Path: /head-1\r\n");
    check_head(fixture.job, 2, L"");
    SetEvent(gate);
    wait_for_state("CRED-07", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_head(fixture.job, 0, L"");
    check_head(fixture.job, 1, L"");
    check_head(fixture.job, 2, L"X-Path: /head-2\r\n");

    resource = origin_add_resource(fixture.origin, "/head-3", 1000);
    add_file("CRED-07", fixture.job, resource, join_path(path, fixture.dir, L"3.bin"));
    resume_job("CRED-07", fixture.job);
    wait_for_state("CRED-07", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_head(fixture.job, 2, L"");
    check_head(fixture.job, 3, L"X-Path: /head-3\r\n");
    fixture_close(&fixture);
    CloseHandle(gate);
}

/* Methods that File3 and File4 add. */
static void test_bits_methods(void)
{
    UINT64 origin_bytes, peer_bytes;
    struct resource *resource;
    IBackgroundCopyFile4 *file4;
    IBackgroundCopyFile *file;
    struct fixture fixture;
    WCHAR *text;
    HRESULT hr;
    BOOL state;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/bits", 1234);
    add_file("JOB-008", fixture.job, resource, fixture.path);
    if (!(file = get_file("JOB-008", fixture.job, 0)))
        return;
    query("JOB-008", file, &IID_IBackgroundCopyFile4, &file4);
    resume_job("JOB-008", fixture.job);
    wait_for_state("JOB-008", fixture.job, BG_JOB_STATE_TRANSFERRED);
    text = (WCHAR *)0xdeadbeef;
    hr = IBackgroundCopyFile4_GetTemporaryName(file4, &text);
    ok(hr == E_NOTIMPL, "JOB-008: got hr %#lx.\n", hr);
    ok(!text, "JOB-008: got string %p.\n", text);
    hr = IBackgroundCopyFile4_SetValidationState(file4, TRUE);
    ok(hr == E_NOTIMPL, "JOB-008: got hr %#lx.\n", hr);
    hr = IBackgroundCopyFile4_GetValidationState(file4, &state);
    ok(hr == E_NOTIMPL, "JOB-008: got hr %#lx.\n", hr);
    state = 0xdeadbeef;
    hr = IBackgroundCopyFile4_IsDownloadedFromPeer(file4, &state);
    ok(hr == S_OK, "JOB-008: got hr %#lx.\n", hr);
    ok(!state, "JOB-008: got %d.\n", state);
    origin_bytes = peer_bytes = 0xdeadbeef;
    hr = IBackgroundCopyFile4_GetPeerDownloadStats(file4, &origin_bytes, &peer_bytes);
    ok(hr == S_OK, "JOB-008: got hr %#lx.\n", hr);
    ok(origin_bytes == 1234, "JOB-008: got %s bytes of the origin.\n", debugstr_u64(origin_bytes));
    ok(!peer_bytes, "JOB-008: got %s bytes of peers.\n", debugstr_u64(peer_bytes));
    IBackgroundCopyFile4_Release(file4);
    IBackgroundCopyFile_Release(file);
    fixture_close(&fixture);
}

#define SECRET_URL L"http://user:secret@127.0.0.1:1/path?sig=1"
#define PLAIN_URL  L"http://127.0.0.1:1/path?sig=1"

/* The id was the URL, too; that is seen by all. */
static void check_names(IBackgroundCopyJob *job, const WCHAR *url)
{
    IBackgroundCopyFile *file;
    DOSwarmStats stats;
    WCHAR *text = NULL;
    HRESULT hr;

    if (!(file = get_file("CRED-05", job, 0)))
        return;
    hr = IBackgroundCopyFile_GetRemoteName(file, &text);
    ok(hr == S_OK, "CRED-05: got hr %#lx.\n", hr);
    ok(text && !wcscmp(text, url), "CRED-05: got URL %s.\n", wine_dbgstr_w(text));
    CoTaskMemFree(text);
    hr = get_stats(file, 4, &stats);
    ok(hr == S_OK, "CRED-05: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
    {
        ok(!wcscmp(stats.sourceURL, url), "CRED-05: got URL %s.\n", wine_dbgstr_w(stats.sourceURL));
        ok(!wcscmp(stats.fileId, PLAIN_URL), "CRED-05: got id %s.\n", wine_dbgstr_w(stats.fileId));
        free_stats(&stats);
    }
    IBackgroundCopyFile_Release(file);
}

static void set_secret_name(IBackgroundCopyJob *job)
{
    IBackgroundCopyFile *file = get_file("CRED-05", job, 0);
    IBackgroundCopyFile2 *file2;
    HRESULT hr;

    if (!file)
        return;
    if (SUCCEEDED(query("CRED-05", file, &IID_IBackgroundCopyFile2, &file2)))
    {
        hr = IBackgroundCopyFile2_SetRemoteName(file2, SECRET_URL);
        ok(hr == S_OK, "CRED-05: got hr %#lx.\n", hr);
        IBackgroundCopyFile2_Release(file2);
    }
    IBackgroundCopyFile_Release(file);
}

/* argv: property verb name. Another client of the same job. */
static void child(char **argv)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    WCHAR name[40];

    MultiByteToWideChar(CP_ACP, 0, argv[3], -1, name, ARRAY_SIZE(name));
    if (FAILED(create_manager(&manager)))
        return;
    job = find_job(manager, name);
    ok(!!job, "CRED-05: there is no job %s.\n", wine_dbgstr_w(name));
    if (job && !strcmp(argv[2], "read"))
        check_names(job, PLAIN_URL);
    if (job && !strcmp(argv[2], "write"))
    {
        set_secret_name(job);
        check_names(job, SECRET_URL);
    }
    if (job)
        IBackgroundCopyJob_Release(job);
    IBackgroundCopyManager_Release(manager);
}

/* User and password are for the process that set them, and in no text about an error. */
static void test_other_client(void)
{
    IDeliveryOptimizationJob2 *job2;
    struct fixture fixture;
    WCHAR name[40];
    char args[512];
    VARIANT value;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    swprintf(name, ARRAY_SIZE(name), L"secrets-%lx", GetCurrentProcessId());
    IBackgroundCopyJob_SetDisplayName(fixture.job, name);
    hr = IBackgroundCopyJob_AddFile(fixture.job, SECRET_URL, fixture.path);
    ok(hr == S_OK, "CRED-05: got hr %#lx.\n", hr);
    check_names(fixture.job, SECRET_URL);
    sprintf(args, "read %ls", name);
    run_child("property", args);
    check_names(fixture.job, SECRET_URL);

    IBackgroundCopyJob_SetNoProgressTimeout(fixture.job, 0);
    resume_job("CRED-06", fixture.job);
    wait_for_state("CRED-06", fixture.job, BG_JOB_STATE_ERROR);
    if (SUCCEEDED(query("CRED-06", fixture.job, &IID_IDeliveryOptimizationJob2, &job2)))
    {
        hr = IDeliveryOptimizationJob2_GetProperty(job2, DOJobPropertyId_ExtendedErrorInfo, &value);
        ok(hr == S_OK, "CRED-06: got hr %#lx.\n", hr);
        ok(!wcsstr(V_BSTR(&value), L"user") && !wcsstr(V_BSTR(&value), L"secret"), "CRED-06: got %s.\n",
                wine_dbgstr_w(V_BSTR(&value)));
        ok(!!wcsstr(V_BSTR(&value), PLAIN_URL), "CRED-06: got %s.\n", wine_dbgstr_w(V_BSTR(&value)));
        VariantClear(&value);
        IDeliveryOptimizationJob2_Release(job2);
    }

    sprintf(args, "write %ls", name);
    run_child("property", args);
    check_names(fixture.job, PLAIN_URL);
    set_secret_name(fixture.job);
    check_names(fixture.job, SECRET_URL);
    fixture_close(&fixture);
}

START_TEST(property)
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
        test_path_sink();
        test_stream_sink();
        test_unset_properties();
        test_total_size();
        test_integrity();
        test_verified(NULL, NULL, FALSE, S_OK, NULL);
        test_verified(NULL, NULL, TRUE, DO_E_BAD_PIECE_HASH, NULL);
        test_verified("{", "<", FALSE, DO_E_INTEGRITYCHECKINFO_UNAVAILABLE, L"\"LastHResult\":\"0x80d06809\"");
        test_silent_piece();
        test_wrong_types();
        test_stats();
        test_job2_properties();
        test_set_remote_name();
        test_response_headers();
        test_current_head();
        test_bits_methods();
        test_other_client();
    }
    CoUninitialize();
}
