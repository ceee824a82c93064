/*
 * Tests for the properties of a download
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
#include <urlmon.h>
#include "control.h"
#include "download.h"
#include "recorder.h"
#include "sink.h"

#define P(name) DODownloadProperty_ ## name

/* Accepts none of the interfaces that the service asks for. */
static HRESULT WINAPI plain_QueryInterface(IUnknown *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown))
        return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI plain_AddRef(IUnknown *iface)
{
    return 2;
}

static ULONG WINAPI plain_Release(IUnknown *iface)
{
    return 1;
}

static const IUnknownVtbl plain_vtbl =
{
    plain_QueryInterface,
    plain_AddRef,
    plain_Release,
};

static IUnknown plain_object = { (IUnknownVtbl *)&plain_vtbl };

static void test_new_download(void)
{
    static const DODownloadProperty unset[] =
    {
        P(Uri), P(ContentId), P(DisplayName), P(LocalPath), P(HttpCustomHeaders), P(CallbackInterface),
        P(StreamInterface), P(CorrelationVector), P(TotalSizeBytes), P(HttpCustomAuthHeaders),
        P(HttpRedirectionTarget), P(HttpResponseHeaders), P(HttpServerIPAddress), P(HttpStatusCode),
    };
    static const DODownloadProperty switches[] =
    {
        P(ForegroundPriority), P(BlockingMode), P(IntegrityCheckMandatory), P(DisallowOnCellular),
        P(HttpAllowSecureToNonSecureRedirect), P(NonVolatile),
    };
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    download = create_download("DL-018", fixture.manager);
    check_dl_status("DL-018", download, DODownloadState_Created, S_OK, S_OK);
    check_dl_bytes("DL-018", download, 0, 0);
    for (i = 0; i < ARRAY_SIZE(unset); ++i)
        check_dl_unreadable("DL-024", download, unset[i], E_NOT_SET);
    for (i = 0; i < ARRAY_SIZE(switches); ++i)
        check_dl_bool("DL-025", download, switches[i], VARIANT_FALSE);
    check_dl_uint("DL-026", download, P(CallbackFreqSeconds), 1);
    check_dl_uint("DL-027", download, P(CallbackFreqPercent), 0);
    check_dl_uint("DL-028", download, P(CostPolicy), DODownloadCostPolicy_Standard);
    check_dl_uint("DL-030", download, P(NoProgressTimeoutSeconds), 1800);
    dl_discard(download);
    dl_close(&fixture);
}

static void test_id(void)
{
    IDODownload *downloads[2];
    struct dl_fixture fixture;
    WCHAR ids[2][40], again[40], braced[44];
    GUID guids[2];
    unsigned int i;
    HRESULT hr;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < 2; ++i)
    {
        downloads[i] = create_download("DL-019", fixture.manager);
        dl_get_id(downloads[i], ids[i]);
        dl_get_id(downloads[i], again);
        ok(!wcscmp(ids[i], again), "DL-019: got %s, then %s.\n", wine_dbgstr_w(ids[i]), wine_dbgstr_w(again));
        swprintf(braced, ARRAY_SIZE(braced), L"{%ls}", ids[i]);
        hr = IIDFromString(braced, &guids[i]);
        ok(hr == S_OK, "DL-019: %s gives %#lx.\n", wine_dbgstr_w(braced), hr);
        ok(!IsEqualGUID(&guids[i], &GUID_NULL), "DL-019: the id is zero.\n");
        ok(wcslen(ids[i]) == 36 && !wcspbrk(ids[i], L"ABCDEF"), "DL-019: got %s.\n", wine_dbgstr_w(ids[i]));
    }
    ok(!IsEqualGUID(&guids[0], &guids[1]), "DL-019: two downloads have one id.\n");
    for (i = 0; i < 2; ++i)
        dl_discard(downloads[i]);
    dl_close(&fixture);
}

static void test_access(void)
{
    static const DODownloadProperty read_only[] =
    {
        P(Id), P(HttpRedirectionTarget), P(HttpResponseHeaders), P(HttpServerIPAddress), P(HttpStatusCode),
    };
    static const DODownloadProperty write_only[] =
    {
        P(SecurityFlags), P(SecurityContext), P(NetworkToken), P(DecryptionInfo), P(IntegrityCheckInfo),
    };
    static const int unknown[] = { 30, 1000, 0x7fffffff, -1 };
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i;
    HRESULT hr;

    if (!dl_open(&fixture))
        return;
    download = create_download("DL-020", fixture.manager);
    for (i = 0; i < ARRAY_SIZE(read_only); ++i)
    {
        /* DL-020, DL-021 */
        hr = dl_set_string(download, read_only[i], L"00000000-0000-0000-0000-000000000001");
        ok(hr == DO_E_READ_ONLY_PROPERTY, "DL-021: SetProperty(%d) gives %#lx.\n", read_only[i], hr);
        hr = dl_set_empty(download, read_only[i], VT_EMPTY);
        ok(hr == DO_E_READ_ONLY_PROPERTY, "DL-021: SetProperty(%d) gives %#lx.\n", read_only[i], hr);
    }
    for (i = 0; i < ARRAY_SIZE(unknown); ++i)
    {
        hr = dl_set_uint(download, unknown[i], 1);
        ok(hr == DO_E_UNKNOWN_PROPERTY_ID, "DL-022: SetProperty(%d) gives %#lx.\n", unknown[i], hr);
        check_dl_unreadable("DL-022", download, unknown[i], DO_E_UNKNOWN_PROPERTY_ID);
    }
    for (i = 0; i < ARRAY_SIZE(write_only); ++i)
        check_dl_unreadable("DL-023", download, write_only[i], DO_E_WRITE_ONLY_PROPERTY);
    hr = dl_set_uint(download, P(SecurityFlags), 0x100);
    ok(hr == S_OK, "DL-023: got hr %#lx.\n", hr);
    hr = dl_set_bool(download, P(NetworkToken), TRUE);
    ok(hr == S_OK, "DL-023: got hr %#lx.\n", hr);
    hr = dl_set_string(download, P(IntegrityCheckInfo), L"{}");
    ok(hr == S_OK, "DL-023: got hr %#lx.\n", hr);
    for (i = 0; i < ARRAY_SIZE(write_only); ++i)
        check_dl_unreadable("DL-023", download, write_only[i], DO_E_WRITE_ONLY_PROPERTY);
    dl_discard(download);
    dl_close(&fixture);
}

static void test_numbers(void)
{
    struct dl_fixture fixture;
    IDODownload *download;
    HRESULT hr;

    if (!dl_open(&fixture))
        return;
    download = create_download("DL-027", fixture.manager);
    check_hr("DL-027", dl_set_uint(download, P(CallbackFreqPercent), 101), E_INVALIDARG);
    check_hr("DL-027", dl_set_uint(download, P(CallbackFreqPercent), 100), S_OK);
    check_dl_uint("DL-027", download, P(CallbackFreqPercent), 100);
    check_hr("DL-026", dl_set_uint(download, P(CallbackFreqSeconds), 0), S_OK);
    check_dl_uint("DL-026", download, P(CallbackFreqSeconds), 0);

    check_hr("DL-032", dl_set_bool(download, P(ForegroundPriority), TRUE), S_OK);
    check_dl_bool("DL-032", download, P(ForegroundPriority), VARIANT_TRUE);
    check_dl_uint("DL-028", download, P(CostPolicy), DODownloadCostPolicy_Always);
    check_dl_uint("DL-030", download, P(NoProgressTimeoutSeconds), 300);
    check_hr("DL-028", dl_set_uint(download, P(CostPolicy), 6), E_INVALIDARG);
    check_hr("DL-028", dl_set_uint(download, P(CostPolicy), DODownloadCostPolicy_NoCellular), S_OK);
    check_dl_uint("DL-028", download, P(CostPolicy), DODownloadCostPolicy_NoCellular);
    check_hr("DL-032", dl_set_bool(download, P(ForegroundPriority), FALSE), S_OK);
    check_dl_bool("DL-032", download, P(ForegroundPriority), VARIANT_FALSE);
    check_dl_uint("DL-028", download, P(CostPolicy), DODownloadCostPolicy_NoCellular);

    check_hr("NET-005", dl_set_uint(download, P(NoProgressTimeoutSeconds), 59), E_INVALIDARG);
    check_hr("DL-029", dl_set_uint(download, P(NoProgressTimeoutSeconds), 1), E_INVALIDARG);
    check_dl_uint("DL-029", download, P(NoProgressTimeoutSeconds), 1800);
    check_hr("DL-029", dl_set_uint(download, P(NoProgressTimeoutSeconds), 60), S_OK);
    check_dl_uint("DL-029", download, P(NoProgressTimeoutSeconds), 60);
    check_hr("DL-030", dl_set_uint(download, P(NoProgressTimeoutSeconds), 0), S_OK);
    check_dl_uint("DL-030", download, P(NoProgressTimeoutSeconds), 1800);

    hr = dl_set_u64(download, P(TotalSizeBytes), 12345);
    ok(hr == S_OK, "DL-057: got hr %#lx.\n", hr);
    check_dl_u64("DL-057", download, P(TotalSizeBytes), 12345);
    hr = dl_set_u64(download, P(TotalSizeBytes), 0);
    ok(hr == S_OK, "DL-057: got hr %#lx.\n", hr);
    check_dl_unreadable("DL-057", download, P(TotalSizeBytes), E_NOT_SET);

    check_hr("DL-051", dl_set_uint(download, P(SecurityFlags), 0x3300), S_OK);
    check_hr("DL-051", dl_set_uint(download, P(SecurityFlags), 1), S_OK);
    check_hr("DL-051", dl_set_uint(download, P(SecurityFlags), 2), E_INVALIDARG);
    dl_discard(download);
    dl_close(&fixture);
}

static void test_strings(void)
{
    static const DODownloadProperty cleared[] =
    {
        P(ContentId), P(DisplayName), P(HttpCustomHeaders), P(HttpCustomAuthHeaders), P(CorrelationVector),
    };
    static const WCHAR name[] = L"Ein \x00e4hnlicher Name \xd83d\xde00";
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i;
    VARIANT value;
    BSTR text;

    if (!dl_open(&fixture))
        return;
    download = create_download("DL-031", fixture.manager);
    for (i = 0; i < ARRAY_SIZE(cleared); ++i)
    {
        check_hr("DL-031", dl_set_string(download, cleared[i], name), S_OK);
        check_dl_string("DL-031", download, cleared[i], name);
        check_hr("DL-031", dl_set_empty(download, cleared[i], VT_EMPTY), S_OK);
        check_dl_unreadable("DL-031", download, cleared[i], E_NOT_SET);
        check_hr("DL-031", dl_set_string(download, cleared[i], L"again"), S_OK);
        check_hr("DL-031", dl_set_empty(download, cleared[i], VT_NULL), S_OK);
        check_dl_unreadable("DL-031", download, cleared[i], E_NOT_SET);
    }
    /* A header is checked when it is sent. */
    text = SysAllocStringLen(NULL, 32768);
    for (i = 0; i < 32768; ++i)
        text[i] = 'x';
    V_VT(&value) = VT_BSTR;
    V_BSTR(&value) = text;
    for (i = 0; i < ARRAY_SIZE(cleared); ++i)
    {
        check_hr("BND-02", dl_set(download, cleared[i], &value), E_INVALIDARG);
        check_dl_unreadable("BND-02", download, cleared[i], E_NOT_SET);
    }
    SysFreeString(text);

    check_hr("DL-041", dl_set_string(download, P(Uri), L"HTTP://127.0.0.1:80/a b?\x00e4#c"), S_OK);
    check_dl_string("DL-041", download, P(Uri), L"HTTP://127.0.0.1:80/a b?\x00e4#c");
    check_hr("DL-041", dl_set_string(download, P(LocalPath), L"C:\\Some Folder/No.ExE"), S_OK);
    check_dl_string("DL-041", download, P(LocalPath), L"C:\\Some Folder/No.ExE");
    dl_discard(download);
    dl_close(&fixture);
}

static void test_conversions(void)
{
    struct dl_fixture fixture;
    IDODownload *download;
    VARIANT value, inner;
    BSTR text;

    if (!dl_open(&fixture))
        return;
    download = create_download("DL-033", fixture.manager);
    V_VT(&value) = VT_I4;
    V_I4(&value) = 3;
    check_hr("DL-033", dl_set(download, P(CostPolicy), &value), S_OK);
    check_dl_uint("DL-033", download, P(CostPolicy), 3);
    V_I4(&value) = 77;
    check_hr("DL-033", dl_set(download, P(NoProgressTimeoutSeconds), &value), S_OK);
    check_dl_uint("DL-033", download, P(NoProgressTimeoutSeconds), 77);
    V_I4(&value) = 1;
    check_hr("DL-033", dl_set(download, P(ForegroundPriority), &value), S_OK);
    check_dl_bool("DL-033", download, P(ForegroundPriority), VARIANT_TRUE);

    V_I4(&value) = -1;
    check_hr("DL-034", dl_set(download, P(CostPolicy), &value), E_INVALIDARG);
    check_hr("DL-034", dl_set_string(download, P(CostPolicy), L"1"), E_INVALIDARG);
    check_hr("DL-034", dl_set_bool(download, P(CostPolicy), TRUE), E_INVALIDARG);
    check_hr("DL-034", dl_set_uint(download, P(Uri), 1), E_INVALIDARG);
    check_hr("DL-034", dl_set_empty(download, P(Uri), VT_EMPTY), E_INVALIDARG);
    check_hr("DL-034", dl_set_empty(download, P(ForegroundPriority), VT_EMPTY), E_INVALIDARG);
    check_hr("DL-034", dl_set_string(download, P(BlockingMode), L"true"), E_INVALIDARG);
    V_VT(&value) = VT_R8;
    V_R8(&value) = 1;
    check_hr("DL-034", dl_set(download, P(TotalSizeBytes), &value), E_INVALIDARG);
    V_VT(&value) = VT_I8;
    V_I8(&value) = -1;
    check_hr("DL-034", dl_set(download, P(TotalSizeBytes), &value), E_INVALIDARG);
    V_I8(&value) = (LONGLONG)1 << 33;
    check_hr("DL-034", dl_set(download, P(CallbackFreqSeconds), &value), E_INVALIDARG);
    check_hr("DL-034", dl_set(download, P(TotalSizeBytes), &value), S_OK);
    check_dl_u64("DL-033", download, P(TotalSizeBytes), (UINT64)1 << 33);
    check_dl_uint("DL-034", download, P(CostPolicy), 3);

    text = SysAllocString(L"http://127.0.0.1/byref");
    V_VT(&value) = VT_BYREF | VT_BSTR;
    V_BSTRREF(&value) = &text;
    check_hr("DL-035", dl_set(download, P(Uri), &value), S_OK);
    check_dl_string("DL-035", download, P(Uri), text);
    SysFreeString(text);
    V_VT(&inner) = VT_BSTR;
    V_BSTR(&inner) = SysAllocString(L"http://127.0.0.1/variant");
    V_VT(&value) = VT_BYREF | VT_VARIANT;
    V_VARIANTREF(&value) = &inner;
    check_hr("DL-035", dl_set(download, P(Uri), &value), S_OK);
    check_dl_string("DL-035", download, P(Uri), V_BSTR(&inner));
    VariantClear(&inner);
    dl_discard(download);
    dl_close(&fixture);
}

static void test_objects(void)
{
    struct recorder *recorder = recorder_create();
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;
    VARIANT value;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/objects", 1000);
    sink = sink_create(resource);
    download = create_download("DL-036", fixture.manager);
    /* The proxy of an IDispatch travels; it is never asked for anything else. */
    V_VT(&value) = VT_DISPATCH;
    V_DISPATCH(&value) = NULL;
    check_hr("DL-036", dl_set(download, P(CallbackInterface), &value), E_INVALIDARG);
    check_hr("DL-036", dl_set(download, P(StreamInterface), &value), E_INVALIDARG);
    check_hr("DL-037", dl_set_object(download, P(CallbackInterface), &plain_object), E_NOINTERFACE);
    check_hr("DL-037", dl_set_object(download, P(StreamInterface), &plain_object), E_NOINTERFACE);
    check_dl_unreadable("DL-037", download, P(CallbackInterface), E_NOT_SET);

    recorder_register("DL-038", recorder, download);
    if (dl_get("DL-038", download, P(CallbackInterface), VT_UNKNOWN, &value))
    {
        check_interface("DL-038", V_UNKNOWN(&value), &IID_IDODownloadStatusCallback, TRUE);
        VariantClear(&value);
    }
    check_hr("DL-038", dl_set_empty(download, P(CallbackInterface), VT_EMPTY), S_OK);
    check_dl_unreadable("DL-038", download, P(CallbackInterface), E_NOT_SET);
    recorder_register("DL-038", recorder, download);
    check_hr("DL-038", dl_set_object(download, P(CallbackInterface), NULL), S_OK);
    check_dl_unreadable("DL-038", download, P(CallbackInterface), E_NOT_SET);

    check_hr("DL-044", dl_set_object(download, P(StreamInterface), &sink->IStream_iface), S_OK);
    check_hr("DL-044", dl_set_string(download, P(LocalPath), fixture.path), DO_E_FILE_DOWNLOADSINK_ALREADY_SET);
    check_dl_unreadable("DL-044", download, P(LocalPath), E_NOT_SET);
    check_hr("DL-044", dl_set_object(download, P(StreamInterface), NULL), S_OK);
    check_dl_unreadable("DL-044", download, P(StreamInterface), E_NOT_SET);
    check_hr("DL-044", dl_set_string(download, P(LocalPath), fixture.path), S_OK);
    check_hr("DL-044", dl_set_object(download, P(StreamInterface), &sink->IStream_iface),
            DO_E_FILE_DOWNLOADSINK_ALREADY_SET);
    check_hr("DL-044", dl_set_object(download, P(StreamInterface), &plain_object),
            DO_E_FILE_DOWNLOADSINK_ALREADY_SET);
    check_hr("DL-044", dl_set_uint(download, P(StreamInterface), 1), E_INVALIDARG);
    check_dl_unreadable("DL-044", download, P(StreamInterface), E_NOT_SET);
    dl_discard(download);
    recorder_check_released("DL-038", recorder);
    sink_check_released("DL-044", sink);
    dl_close(&fixture);
}

static void test_uris(void)
{
    static const WCHAR *const uris[] =
    {
        L"invaliduri:http//", L"invalidurihttp", L"http://", L"ftp://server.com", L"blargle-flargle-fluff",
    };
    static const WCHAR *const good_uris[] =
    {
        L"http://127.0.0.1", L"hTTps://localhost:444/x", L"http://127.0.0.1/x y?\x00fc=1#fragment",
    };
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i;
    HRESULT hr;

    if (!dl_open(&fixture))
        return;
    download = create_download("DL-039", fixture.manager);
    check_hr("DL-039", dl_set_string(download, P(Uri), L""), E_INVALIDARG);
    check_hr("DL-039", dl_set_string(download, P(Uri), NULL), E_INVALIDARG);
    for (i = 0; i < ARRAY_SIZE(uris); ++i)
    {
        hr = dl_set_string(download, P(Uri), uris[i]);
        ok(hr == INET_E_INVALID_URL, "DL-040: %s gives %#lx.\n", wine_dbgstr_w(uris[i]), hr);
    }
    check_dl_unreadable("DL-040", download, P(Uri), E_NOT_SET);
    for (i = 0; i < ARRAY_SIZE(good_uris); ++i)
    {
        hr = dl_set_string(download, P(Uri), good_uris[i]);
        ok(hr == S_OK, "DL-040: %s gives %#lx.\n", wine_dbgstr_w(good_uris[i]), hr);
    }
    dl_discard(download);
    dl_close(&fixture);
}

static void test_paths(void)
{
    static const struct
    {
        const WCHAR *path;
        HRESULT hr;
    }
    rows[] =
    {
        { L"", E_INVALIDARG },
        { L"relative", E_INVALIDARG },
        { L"some\\folder\\file", E_INVALIDARG },
        { L"\\rooted", E_INVALIDARG },
        { L"C:relative", E_INVALIDARG },
        { L"C:\\a?b\\c", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"C:\\a\\b*", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"C:\\a\\b:c", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"C:\\con", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"C:\\a\\NUL", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"C:\\aux.txt", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"C:\\com1.tar.gz", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"C:\\a\\..", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"\\\\.\\C:\\a", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"\\\\?\\C:\\a\\..\\b", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"C:\\a\\<b>", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"C:\\a\\b\\", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"C:\\a/b/", __HRESULT_FROM_WIN32(ERROR_INVALID_NAME) },
        { L"\\\\server\\share\\file", S_OK },
        { L"\\\\?\\C:\\a\\b", S_OK },
        { L"C:/a/b", S_OK },
    };
    struct resource *resource;
    struct dl_fixture fixture;
    WCHAR path[MAX_PATH], *p;
    IDODownload *download;
    unsigned int i;
    HRESULT hr;

    if (!dl_open(&fixture))
        return;
    download = create_download("DL-042", fixture.manager);
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        hr = dl_set_string(download, P(LocalPath), rows[i].path);
        ok(hr == rows[i].hr, "DL-042: %s gives %#lx, expected %#lx.\n", wine_dbgstr_w(rows[i].path), hr, rows[i].hr);
    }
    dl_discard(download);

    resource = origin_add_resource(fixture.origin, "/paths", 1000);
    for (i = 0; i < 2; ++i)
    {
        if (i)
            swprintf(path, ARRAY_SIZE(path), L"%ls", fixture.path);
        else
            swprintf(path, ARRAY_SIZE(path), L"\\\\?\\%ls", fixture.path);
        for (p = path; i && *p; ++p)
            if (*p == '\\')
                *p = '/';
        winetest_push_context("%s", wine_dbgstr_w(path));
        download = prepare_download("DL-043", &fixture, resource->url, path);
        dl_start("DL-043", download);
        dl_finish("DL-043", download, fixture.path, resource);
        check_dl_string("DL-041", download, P(LocalPath), path);
        dl_discard(download);
        DeleteFileW(fixture.path);
        winetest_pop_context();
    }
    dl_close(&fixture);
}

/* Properties that may be set in each state. */
static void test_states(void)
{
    static const DODownloadProperty all[] =
    {
        P(Uri), P(ContentId), P(DisplayName), P(LocalPath), P(HttpCustomHeaders), P(CostPolicy), P(SecurityFlags),
        P(CallbackFreqPercent), P(CallbackFreqSeconds), P(NoProgressTimeoutSeconds), P(ForegroundPriority),
        P(BlockingMode), P(CallbackInterface), P(StreamInterface), P(SecurityContext), P(NetworkToken),
        P(CorrelationVector), P(DecryptionInfo), P(IntegrityCheckInfo), P(IntegrityCheckMandatory), P(TotalSizeBytes),
        P(DisallowOnCellular), P(HttpCustomAuthHeaders), P(HttpAllowSecureToNonSecureRedirect), P(NonVolatile),
    };
    struct recorder *recorder = recorder_create();
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    WCHAR id[40];
    HANDLE gate;
    HRESULT hr;
    UINT i, j;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/states", 100000);
    set_gate(resource, gate, 50000);
    for (j = 0; j < 2; ++j)
    {
        ResetEvent(gate);
        download = prepare_download("DL-045", &fixture, resource->url, fixture.path);
        dl_start("DL-045", download);
        check_hr("DL-045", dl_set_string(download, P(Uri), resource->url), DO_E_INVALID_STATE);
        check_hr("DL-045", dl_set_string(download, P(LocalPath), fixture.path), DO_E_INVALID_STATE);
        check_hr("DL-045", dl_set_bool(download, P(BlockingMode), TRUE), DO_E_INVALID_STATE);
        check_hr("DL-045", dl_set_bool(download, P(NonVolatile), TRUE), DO_E_INVALID_STATE);
        check_hr("DL-047", dl_set_bool(download, P(ForegroundPriority), TRUE), S_OK);
        check_hr("DL-047", dl_set_uint(download, P(CostPolicy), DODownloadCostPolicy_NoRoaming), S_OK);
        check_hr("DL-047", dl_set_uint(download, P(CallbackFreqSeconds), 5), S_OK);
        check_hr("DL-047", dl_set_uint(download, P(NoProgressTimeoutSeconds), 100), S_OK);
        check_hr("DL-047", dl_set_string(download, P(DisplayName), L"name"), S_OK);
        recorder_register("DL-047", recorder, download);
        check_hr("DL-047", dl_set_empty(download, P(CallbackInterface), VT_EMPTY), S_OK);
        check_dl_state("DL-045", download, DODownloadState_Transferring);

        check_hr("DL-046", IDODownload_Pause(download), S_OK);
        check_hr("DL-046", dl_set_string(download, P(LocalPath), fixture.path), DO_E_INVALID_STATE);
        check_hr("DL-046", dl_set_object(download, P(StreamInterface), NULL), DO_E_INVALID_STATE);
        /* The state comes before the type. */
        check_hr("DL-046", dl_set_uint(download, P(StreamInterface), 1), DO_E_INVALID_STATE);
        check_hr("DL-046", dl_set_string(download, P(Uri), L"http://127.0.0.1/other"), S_OK);
        check_hr("DL-046", dl_set_string(download, P(Uri), resource->url), S_OK);
        check_hr("DL-046", dl_set_string(download, P(HttpCustomHeaders), L"A: 1"), S_OK);
        if (j)
            check_hr("DL-048", IDODownload_Abort(download), S_OK);
        else
        {
            SetEvent(gate);
            dl_start("DL-046", download);
            dl_finish("DL-046", download, fixture.path, resource);
        }
        for (i = 0; i < ARRAY_SIZE(all); ++i)
        {
            hr = dl_set_string(download, all[i], L"http://127.0.0.1/");
            ok(hr == DO_E_INVALID_STATE, "DL-048: SetProperty(%d) gives %#lx.\n", all[i], hr);
        }
        check_dl_string("DL-048", download, P(Uri), resource->url);
        check_dl_string("DL-048", download, P(LocalPath), fixture.path);
        dl_get_id(download, id);
        ok(*id, "DL-048: there is no id.\n");
        IDODownload_Release(download);
        DeleteFileW(fixture.path);
    }
    recorder_check_released("DL-047", recorder);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_security_context(void)
{
    static const BYTE bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    static const LONG numbers[] = { 1, 2, 3 };
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    download = create_download("DL-049", fixture.manager);
    check_hr("DL-049", dl_set_bytes(download, P(SecurityContext), VT_UI1, bytes, sizeof(bytes)), CRYPT_E_FILE_ERROR);
    check_hr("DL-050", dl_set_bytes(download, P(SecurityContext), VT_UI1, NULL, 0), E_INVALIDARG);
    check_hr("DL-050", dl_set_bytes(download, P(SecurityContext), VT_I4, numbers, ARRAY_SIZE(numbers)), E_INVALIDARG);
    check_hr("DL-050", dl_set_string(download, P(SecurityContext), L"x"), E_INVALIDARG);
    check_hr("DL-049", IDODownload_Abort(download), S_OK);
    IDODownload_Release(download);
    dl_close(&fixture);
}

static void test_integrity(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    WCHAR info[512];

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/integrity", 100000);
    swprintf(info, ARRAY_SIZE(info), L"{\"PiecesHashFileUrl\":\"http://127.0.0.1:%u/missing.phf\","
            L"\"HashOfHashes\":\"9mxnU1DY4Qp1vzpPbxg3dmr8y2oTvZ5FfTSxSYWcV0Y=\"}", fixture.origin->port);
    download = prepare_download("DL-052", &fixture, resource->url, fixture.path);
    check_hr("DL-052", dl_set_string(download, P(IntegrityCheckInfo), L"blah"), E_INVALIDARG);
    check_hr("DL-052", dl_set_string(download, P(IntegrityCheckInfo), L"[1]"), E_INVALIDARG);

    check_hr("DL-054", dl_set_bool(download, P(IntegrityCheckMandatory), TRUE), S_OK);
    check_hr("DL-054", IDODownload_Start(download, NULL), DO_E_INTEGRITYCHECKINFO_UNSPECIFIED);
    check_dl_status("DL-054", download, DODownloadState_Created, S_OK, S_OK);
    check_hr("DL-054", dl_set_string(download, P(IntegrityCheckInfo), L"{}"), S_OK);
    check_hr("DL-054", IDODownload_Start(download, NULL), DO_E_INTEGRITYCHECKINFO_UNSPECIFIED);
    check_dl_status("DL-054", download, DODownloadState_Created, S_OK, S_OK);
    check_no_file("DL-054", &fixture);

    check_hr("DL-053", dl_set_bool(download, P(IntegrityCheckMandatory), FALSE), S_OK);
    check_hr("DL-052", dl_set_string(download, P(IntegrityCheckInfo), info), S_OK);
    check_hr("DL-055", dl_set_string(download, P(CorrelationVector), L"g+Vo71JZwkmJdYfF.0"), S_OK);
    check_hr("DL-055", dl_set_bool(download, P(NetworkToken), TRUE), S_OK);
    dl_start("DL-053", download);
    dl_finish("DL-053", download, fixture.path, resource);
    check_dl_string("DL-055", download, P(CorrelationVector), L"g+Vo71JZwkmJdYfF.0");
    dl_discard(download);
    dl_close(&fixture);
}

static void test_size_hint(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    unsigned int i;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/hint", 100000);
    for (i = 0; i < 2; ++i)
    {
        set_head_gate(resource, gate);
        ResetEvent(gate);
        download = prepare_download("DL-056", &fixture, resource->url, fixture.path);
        if (i)
            check_hr("DL-057", dl_set_u64(download, P(TotalSizeBytes), 77), S_OK);
        dl_start("DL-056", download);
        check_dl_bytes("DL-057", download, i ? 77 : 0, 0);
        SetEvent(gate);
        dl_finish("DL-056", download, fixture.path, resource);
        check_dl_u64("DL-056", download, P(TotalSizeBytes), resource->size);
        dl_discard(download);
        DeleteFileW(fixture.path);
    }
    CloseHandle(gate);
    dl_close(&fixture);
}

/* A line that begins with the prefix, in any case, as winget looks for it. */
static BOOL has_line(const WCHAR *headers, const WCHAR *prefix)
{
    const WCHAR *line;

    for (line = headers; line; line = wcsstr(line, L"\r\n") ? wcsstr(line, L"\r\n") + 2 : NULL)
        if (!_wcsnicmp(line, prefix, wcslen(prefix)))
            return TRUE;
    return FALSE;
}

static void check_headers(const char *id, IDODownload *download, const WCHAR *line)
{
    VARIANT value;

    if (!dl_get(id, download, P(HttpResponseHeaders), VT_BSTR, &value))
        return;
    ok(has_line(V_BSTR(&value), line), "%s: got headers %s.\n", id, wine_dbgstr_w(V_BSTR(&value)));
    VariantClear(&value);
}

static void test_response(void)
{
    struct resource *resource, *redirect, *missing;
    struct dl_fixture fixture;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/response", 100000);
    redirect = origin_add_resource(fixture.origin, "/redirect", 0);
    redirect->status = 302;
    redirect->location = "/response";
    missing = origin_add_resource(fixture.origin, "/missing", 0);
    missing->status = 404;

    set_gate(resource, gate, 50000);
    download = prepare_download("DL-058", &fixture, resource->url, fixture.path);
    dl_start("DL-058", download);
    dl_wait_bytes("DL-060", download, 50000);
    check_dl_uint("DL-060", download, P(HttpStatusCode), 200);
    check_headers("DL-060", download, L"content-type:");
    SetEvent(gate);
    dl_wait("DL-058", download, DODownloadState_Transferred);
    check_dl_uint("DL-058", download, P(HttpStatusCode), 200);
    check_headers("DL-058", download, L"HTTP/1.1 200");
    check_headers("DL-058", download, L"content-type:");
    check_dl_string("DL-058", download, P(HttpServerIPAddress), L"127.0.0.1");
    check_dl_unreadable("DL-058", download, P(HttpRedirectionTarget), E_NOT_SET);
    dl_finish("DL-058", download, fixture.path, resource);
    check_headers("DL-058", download, L"content-type:");
    dl_discard(download);
    DeleteFileW(fixture.path);

    download = prepare_download("DL-059", &fixture, redirect->url, fixture.path);
    dl_start("DL-059", download);
    dl_finish("DL-059", download, fixture.path, resource);
    check_dl_string("DL-059", download, P(HttpRedirectionTarget), resource->url);
    check_dl_string("DL-059", download, P(Uri), redirect->url);
    check_headers("DL-059", download, L"HTTP/1.1 200");
    dl_discard(download);
    DeleteFileW(fixture.path);

    download = prepare_download("DL-060", &fixture, missing->url, fixture.path);
    dl_start("DL-060", download);
    dl_wait_error("DL-060", download, 0x80190194, S_OK);
    check_dl_uint("DL-060", download, P(HttpStatusCode), 404);
    check_headers("DL-060", download, L"HTTP/1.1 404");
    check_headers("DL-060", download, L"server: dosvc-test");
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

#define SECRET_HEADERS L"X-Api-Key: key\r\nAuthorization: Bearer secret\r\nCookie: secret=1\r\n"
#define SECRET_AUTH    L"Authorization: Basic secret\r\n"
#define SECRET_URI     L"http://user:secret@127.0.0.1:1/path?sig=1"
#define PLAIN_URI      L"http://127.0.0.1:1/path?sig=1"

static void set_secrets(IDODownload *download)
{
    check_hr("CRED-02", dl_set_string(download, P(Uri), SECRET_URI), S_OK);
    check_hr("CRED-02", dl_set_string(download, P(HttpCustomHeaders), SECRET_HEADERS), S_OK);
    check_hr("CRED-02", dl_set_string(download, P(HttpCustomAuthHeaders), SECRET_AUTH), S_OK);
}

static void check_seen(IDODownload *download)
{
    check_dl_string("CRED-02", download, P(Uri), SECRET_URI);
    check_dl_string("CRED-02", download, P(HttpCustomHeaders), SECRET_HEADERS);
    check_dl_string("CRED-02", download, P(HttpCustomAuthHeaders), SECRET_AUTH);
}

static void check_hidden(IDODownload *download)
{
    check_dl_string("CRED-03", download, P(Uri), PLAIN_URI);
    check_dl_string("CRED-03", download, P(HttpCustomHeaders), L"X-Api-Key: key\r\n");
    check_dl_unreadable("CRED-03", download, P(HttpCustomAuthHeaders), E_NOT_SET);
}

/* argv: dl_property verb id. Another client of the same download. */
static void child(char **argv)
{
    IDODownload *download;
    IDOManager *manager;
    WCHAR id[40];
    HRESULT hr;

    MultiByteToWideChar(CP_ACP, 0, argv[3], -1, id, ARRAY_SIZE(id));
    hr = create_do_manager(&manager);
    ok(hr == S_OK, "CRED-03: got hr %#lx.\n", hr);
    if (FAILED(hr))
        return;
    if ((download = dl_find("CRED-03", manager, P(Id), id)))
    {
        if (!strcmp(argv[2], "read"))
        {
            check_hidden(download);
        }
        else if (!strcmp(argv[2], "fail"))
        {
            ok(FAILED(dl_set_string(download, P(Uri), SECRET_URI)), "CRED-03: the URL was set.\n");
            ok(FAILED(dl_set_string(download, P(HttpCustomAuthHeaders), SECRET_AUTH)), "CRED-03: fields were set.\n");
            check_hidden(download);
        }
        else
        {
            set_secrets(download);
            check_seen(download);
        }
        IDODownload_Release(download);
    }
    /* Whoever asks learns nothing of the password. */
    if ((download = dl_find("CRED-03", manager, P(Uri), PLAIN_URI)))
        IDODownload_Release(download);
    if ((download = dl_find("CRED-03", manager, P(Uri), L"http://user:guess@127.0.0.1:1/path?sig=1")))
        IDODownload_Release(download);
    IDOManager_Release(manager);
}

/* Secrets are for the process that set them. */
static void test_other_client(void)
{
    struct dl_fixture fixture;
    IDODownload *download;
    char args[512];
    WCHAR id[40];

    if (!dl_open(&fixture))
        return;
    download = create_download("CRED-02", fixture.manager);
    dl_get_id(download, id);
    set_secrets(download);
    check_seen(download);
    sprintf(args, "read %ls", id);
    run_child("dl_property", args);
    check_seen(download);
    sprintf(args, "write %ls", id);
    run_child("dl_property", args);
    check_hidden(download);
    check_hr("CRED-02", dl_set_string(download, P(HttpCustomAuthHeaders), SECRET_AUTH), S_OK);
    check_dl_string("CRED-02", download, P(HttpCustomAuthHeaders), SECRET_AUTH);
    check_dl_string("CRED-03", download, P(Uri), PLAIN_URI);
    dl_discard(download);
    dl_close(&fixture);
}

/* A client that cannot set them learns nothing of them, and does not take them from who has set them. */
static void test_failing_client(void)
{
    WCHAR path[MAX_PATH], dir[MAX_PATH], id[40];
    struct dl_fixture fixture;
    IDODownload *download;
    char args[512];

    if (!dl_open(&fixture))
        return;
    download = create_download("CRED-03", fixture.manager);
    dl_get_id(download, id);
    check_hr("CRED-03", dl_set_bool(download, P(NonVolatile), VARIANT_TRUE), S_OK);
    set_secrets(download);
    /* In place of the file in which the record is written anew. */
    swprintf(path, MAX_PATH, L"%ls{%ls}.new", get_state_dir(dir), id);
    if (CreateDirectoryW(path, NULL))
    {
        sprintf(args, "fail %ls", id);
        run_child("dl_property", args);
        RemoveDirectoryW(path);
        check_seen(download);
    }
    else
    {
        skip("CRED-03: no right to disturb the service, error %lu.\n", GetLastError());
    }
    dl_discard(download);
    dl_close(&fixture);
}

static void test_redirection_target(void)
{
    struct resource *resource, *redirect;
    struct dl_fixture fixture;
    IDODownload *download;
    WCHAR url[128];

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/redirected", 1000);
    redirect = origin_add_resource(fixture.origin, "/redirect", 0);
    redirect->status = 302;
    redirect->location = "/redirected";
    add_userinfo(url, redirect->url, L"user:secret@");
    download = prepare_download("CRED-04", &fixture, url, fixture.path);
    dl_start("CRED-04", download);
    dl_finish("CRED-04", download, fixture.path, resource);
    check_dl_string("CRED-04", download, P(HttpRedirectionTarget), resource->url);
    check_dl_string("CRED-04", download, P(Uri), url);
    IDODownload_Release(download);
    DeleteFileW(fixture.path);
    dl_close(&fixture);
}

START_TEST(dl_property)
{
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    if (argc >= 4)
    {
        child(argv);
    }
    else
    {
        test_new_download();
        test_id();
        test_access();
        test_numbers();
        test_strings();
        test_conversions();
        test_objects();
        test_uris();
        test_paths();
        test_states();
        test_security_context();
        test_integrity();
        test_size_hint();
        test_response();
        test_other_client();
        test_failing_client();
        test_redirection_target();
    }
    CoUninitialize();
}
