/*
 * Tests for the binary interface of downloads
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
#include "control.h"

static const struct blanket
{
    const char *who;
    DWORD authz;
    OLECHAR *principal;
    DWORD capabilities;
}
blankets[] =
{
    { "the SDK", RPC_C_AUTHZ_NONE, COLE_DEFAULT_PRINCIPAL, EOAC_STATIC_CLOAKING }, /* DL-011 */
    { "its sample", RPC_C_AUTHZ_DEFAULT, COLE_DEFAULT_PRINCIPAL, EOAC_STATIC_CLOAKING },
    { "winget", RPC_C_AUTHZ_DEFAULT, COLE_DEFAULT_PRINCIPAL, EOAC_DEFAULT }, /* DL-012 */
    { "imitators of winget", RPC_C_AUTHZ_DEFAULT, NULL, EOAC_NONE }, /* DL-013 */
};

/* Twice with the same arguments, as GetStoreApp does. */
static void check_blankets(const char *id, IDODownload *download)
{
    unsigned int i, j;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(blankets); ++i)
    {
        for (j = 0; j < 2; ++j)
        {
            hr = CoSetProxyBlanket((IUnknown *)download, RPC_C_AUTHN_DEFAULT, blankets[i].authz, blankets[i].principal,
                    RPC_C_AUTHN_LEVEL_DEFAULT, RPC_C_IMP_LEVEL_IMPERSONATE, NULL, blankets[i].capabilities);
            ok(hr == S_OK, "%s: the blanket of %s gives %#lx.\n", id, blankets[i].who, hr);
        }
    }
    /* The pointer is as good as before. */
    check_dl_uint(id, download, DODownloadProperty_CallbackFreqSeconds, 1);
}

static void test_activation(void)
{
    static const struct
    {
        DWORD context;
        const IID *iid;
    }
    rows[] =
    {
        { CLSCTX_LOCAL_SERVER, &IID_IDOManager }, /* DL-001 */
        { CLSCTX_SERVER, &IID_IUnknown }, /* DL-002: .NET */
        { CLSCTX_ALL, &IID_IUnknown },
    };
    IDOManager *manager;
    IUnknown *unknown;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        unknown = NULL;
        hr = CoCreateInstance(&CLSID_DeliveryOptimization, NULL, rows[i].context, rows[i].iid, (void **)&unknown);
        ok(hr == S_OK, "DL-001: row %u gives %#lx.\n", i, hr);
        if (FAILED(hr))
            continue;
        if (SUCCEEDED(query("DL-002", unknown, &IID_IDOManager, &manager)))
        {
            dl_discard(create_download("DL-002", manager));
            IDOManager_Release(manager);
        }
        IUnknown_Release(unknown);
    }

    if (SUCCEEDED(hr = create_do_manager(&manager)))
    {
        unknown = (IUnknown *)0xdeadbeef;
        hr = CoCreateInstance(&CLSID_DeliveryOptimization, (IUnknown *)manager, CLSCTX_LOCAL_SERVER, &IID_IUnknown,
                (void **)&unknown);
        ok(hr == CLASS_E_NOAGGREGATION, "DL-004: got hr %#lx.\n", hr);
        ok(!unknown, "DL-004: got object %p.\n", unknown);
        IDOManager_Release(manager);
    }
}

static DWORD WINAPI apartment_thread(void *param)
{
    HRESULT hr;

    hr = CoInitializeEx(NULL, PtrToUlong(param));
    ok(hr == S_OK, "DL-003: got hr %#lx.\n", hr);
    test_activation();
    CoUninitialize();
    return 0;
}

static void test_apartments(void)
{
    static const DWORD apartments[] = { COINIT_APARTMENTTHREADED, COINIT_MULTITHREADED };
    HANDLE thread;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(apartments); ++i)
    {
        winetest_push_context("apartment %lu", apartments[i]);
        thread = CreateThread(NULL, 0, apartment_thread, ULongToPtr(apartments[i]), 0, NULL);
        ok(WaitForSingleObject(thread, LIMIT_MS) == WAIT_OBJECT_0, "DL-003: the thread does not end.\n");
        CloseHandle(thread);
        winetest_pop_context();
    }
}

static void test_start_of_service(void)
{
    SERVICE_STATUS_PROCESS status = { 0 };
    IDOManager *manager;
    SC_HANDLE service;
    HRESULT hr;

    if (!stop_service())
    {
        skip("DL-005: no right to stop the service.\n");
        return;
    }
    hr = create_do_manager(&manager);
    ok(hr == S_OK, "DL-005: got hr %#lx.\n", hr);
    if (FAILED(hr))
        return;
    dl_discard(create_download("DL-005", manager));
    if ((service = open_service(0)))
    {
        query_status(service, &status);
        ok(status.dwCurrentState == SERVICE_RUNNING, "DL-005: got state %lu.\n", status.dwCurrentState);
        CloseServiceHandle(service);
    }
    IDOManager_Release(manager);
}

/* The slots are called as a client does whose headers are others. */
static void test_slots(void)
{
    typedef HRESULT (WINAPI *plain_method)(void *object);
    typedef HRESULT (WINAPI *pointer_method)(void *object, void *arg);
    typedef HRESULT (WINAPI *property_method)(void *object, int prop, VARIANT *value);
    typedef HRESULT (WINAPI *enum_method)(void *object, void *category, void **out);
    void *download = NULL, *enumerator = (void *)0xdeadbeef;
    DO_DOWNLOAD_STATUS status;
    IDOManager *manager;
    VARIANT value;
    void **slots;
    HRESULT hr;

    if (FAILED(create_do_manager(&manager)))
        return;
    slots = *(void ***)manager;
    hr = ((pointer_method)slots[3])(manager, &download);
    ok(hr == S_OK && download, "DL-007: slot 3 gives %#lx.\n", hr);
    if (!download)
        return;
    hr = ((enum_method)slots[4])(manager, NULL, &enumerator);
    ok(hr == S_OK && enumerator, "DL-007: slot 4 gives %#lx.\n", hr);
    if (SUCCEEDED(hr))
        IUnknown_Release((IUnknown *)enumerator);

    slots = *(void ***)download;
    hr = ((pointer_method)slots[3])(download, NULL);
    ok(hr == DO_E_DOWNLOAD_NO_URI, "DL-006: slot 3, Start, gives %#lx.\n", hr);
    hr = ((plain_method)slots[4])(download);
    ok(hr == S_OK, "DL-006: slot 4, Pause, gives %#lx.\n", hr);
    hr = ((plain_method)slots[6])(download);
    ok(hr == DO_E_INVALID_STATE, "DL-006: slot 6, Finalize, gives %#lx.\n", hr);
    memset(&status, 0xcc, sizeof(status));
    hr = ((pointer_method)slots[7])(download, &status);
    ok(hr == S_OK && status.State == DODownloadState_Created, "DL-006: slot 7, GetStatus, gives %#lx.\n", hr);
    VariantInit(&value);
    hr = ((property_method)slots[8])(download, DODownloadProperty_Id, &value);
    ok(hr == S_OK && V_VT(&value) == VT_BSTR, "DL-006: slot 8, GetProperty, gives %#lx.\n", hr);
    hr = ((property_method)slots[9])(download, DODownloadProperty_Id, &value);
    ok(hr == DO_E_READ_ONLY_PROPERTY, "DL-006: slot 9, SetProperty, gives %#lx.\n", hr);
    VariantClear(&value);
    hr = ((plain_method)slots[5])(download);
    ok(hr == S_OK, "DL-006: slot 5, Abort, gives %#lx.\n", hr);
    check_dl_state("DL-006", download, DODownloadState_Aborted);
    IDODownload_Release((IDODownload *)download);
    IDOManager_Release(manager);
}

#define check_layout(type, field, offset) \
    ok(offsetof(type, field) == (offset), "DL-008: " #field " is at %u.\n", (unsigned int)offsetof(type, field))

static void test_layout(void)
{
    ok(sizeof(DO_DOWNLOAD_RANGE) == 16, "DL-008: a range has %u bytes.\n", (unsigned int)sizeof(DO_DOWNLOAD_RANGE));
    check_layout(DO_DOWNLOAD_RANGE, Offset, 0);
    check_layout(DO_DOWNLOAD_RANGE, Length, 8);
    check_layout(DO_DOWNLOAD_RANGES_INFO, RangeCount, 0);
    check_layout(DO_DOWNLOAD_RANGES_INFO, Ranges, 8);
    ok(sizeof(DO_DOWNLOAD_STATUS) == 32, "DL-008: a status has %u bytes.\n", (unsigned int)sizeof(DO_DOWNLOAD_STATUS));
    check_layout(DO_DOWNLOAD_STATUS, BytesTotal, 0);
    check_layout(DO_DOWNLOAD_STATUS, BytesTransferred, 8);
    check_layout(DO_DOWNLOAD_STATUS, State, 16);
    check_layout(DO_DOWNLOAD_STATUS, Error, 20);
    check_layout(DO_DOWNLOAD_STATUS, ExtendedError, 24);
    ok(sizeof(DO_DOWNLOAD_ENUM_CATEGORY) == 2 * sizeof(void *), "DL-008: a category has %u bytes.\n",
            (unsigned int)sizeof(DO_DOWNLOAD_ENUM_CATEGORY));
    check_layout(DO_DOWNLOAD_ENUM_CATEGORY, Property, 0);
    check_layout(DO_DOWNLOAD_ENUM_CATEGORY, Value, sizeof(void *));
}

/* DL-009: the 32-bit build of this file is that client. */
static void test_ranges_of_client(void)
{
    struct dl_ranges ranges = { 3, { { 7, 11 }, { 5000, 300 }, { 9990, DO_LENGTH_TO_EOF } } };
    const DO_DOWNLOAD_RANGE parts[] = { { 7, 11 }, { 5000, 300 }, { 9990, 10 } };
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    HRESULT hr;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/ranges", 10000);
    download = prepare_download("DL-009", &fixture, resource->url, fixture.path);
    hr = dl_start_ranges(download, &ranges);
    ok(hr == S_OK, "DL-009: got hr %#lx.\n", hr);
    dl_wait("DL-009", download, DODownloadState_Transferred);
    check_dl_bytes("DL-009", download, 321, 321);
    hr = IDODownload_Finalize(download);
    ok(hr == S_OK, "DL-009: got hr %#lx.\n", hr);
    check_parts_content("DL-009", fixture.path, resource, parts, ARRAY_SIZE(parts));
    IDODownload_Release(download);
    dl_close(&fixture);
}

/* The value that .NET passes for no ranges ends with the count and its padding. */
static void test_end_of_page(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    SYSTEM_INFO info;
    BYTE *pages;
    DWORD old;
    HRESULT hr;

    if (!dl_open(&fixture))
        return;
    GetSystemInfo(&info);
    pages = VirtualAlloc(NULL, 2 * info.dwPageSize, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    ok(VirtualProtect(pages + info.dwPageSize, info.dwPageSize, PAGE_NOACCESS, &old), "DL-010: got error %lu.\n",
            GetLastError());
    resource = origin_add_resource(fixture.origin, "/page", 1000);
    download = prepare_download("DL-010", &fixture, resource->url, fixture.path);
    hr = IDODownload_Start(download, (DO_DOWNLOAD_RANGES_INFO *)(pages + info.dwPageSize - 8));
    ok(hr == S_OK, "DL-010: got hr %#lx.\n", hr);
    dl_finish("DL-010", download, fixture.path, resource);
    IDODownload_Release(download);
    VirtualFree(pages, 0, MEM_RELEASE);
    dl_close(&fixture);
}

static void check_callback_blankets(struct recorder *recorder, IDODownload *download, const DO_DOWNLOAD_STATUS *status)
{
    if (status->State != DODownloadState_Transferred || recorder->context)
        return;
    recorder->context = recorder;
    check_blankets("DL-014", download);
}

static void test_blankets(void)
{
    IDODownload *download, *found;
    struct recorder *recorder;
    struct resource *resource;
    struct dl_fixture fixture;
    WCHAR id[40];

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/blankets", 1000);
    download = prepare_download("DL-011", &fixture, resource->url, fixture.path);
    check_blankets("DL-011", download);
    dl_get_id(download, id);
    if ((found = dl_find("DL-014", fixture.manager, DODownloadProperty_Id, id)))
    {
        check_blankets("DL-014", found);
        IDODownload_Release(found);
    }

    recorder = recorder_create();
    recorder->handler = check_callback_blankets;
    recorder_register("DL-014", recorder, download);
    dl_start("DL-014", download);
    recorder_wait("DL-014", recorder, DODownloadState_Transferred, 1);
    ok(!!recorder->context, "DL-014: nothing was checked in the callback.\n");
    dl_finish("DL-014", download, fixture.path, resource);
    IDODownload_Release(download);
    recorder_check_released("DL-014", recorder);
    dl_close(&fixture);
}

static void test_without_blanket(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/bare", 100000);
    download = prepare_download("DL-015", &fixture, resource->url, fixture.path);
    check_interface("DL-016", download, &IID_IUnknown, TRUE);
    check_interface("DL-016", download, &IID_IDODownload, TRUE);
    check_interface("DL-016", download, &IID_IClientSecurity, TRUE);
    check_interface("DL-016", download, &IID_IDOManager, FALSE);
    check_interface("DL-016", download, &IID_IBackgroundCopyJob, FALSE);
    check_interface("DL-016", download, &IID_IDODownloadStatusCallback, FALSE);
    check_interface("DL-016", download, &IID_IDispatch, FALSE);
    check_interface("DL-016", download, &IID_IPersist, FALSE);
    dl_start("DL-015", download);
    dl_finish("DL-015", download, fixture.path, resource);
    IDODownload_Release(download);
    dl_close(&fixture);
}

static void test_null_arguments(void)
{
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    download = create_download("DL-017", fixture.manager);
    check_null_arg("DL-017", IDODownload_GetStatus(download, NULL));
    check_null_arg("DL-017", IDODownload_GetProperty(download, DODownloadProperty_Id, NULL));
    check_null_arg("DL-017", IDODownload_SetProperty(download, DODownloadProperty_Uri, NULL));
    check_null_arg("DL-017", IDOManager_CreateDownload(fixture.manager, NULL));
    check_null_arg("DL-017", IDOManager_EnumDownloads(fixture.manager, NULL, NULL));
    check_dl_status("DL-017", download, DODownloadState_Created, S_OK, S_OK);
    dl_discard(download);
    dl_discard(create_download("DL-017", fixture.manager));
    dl_close(&fixture);
}

START_TEST(dl_manager)
{
    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    test_apartments();
    test_start_of_service();
    test_slots();
    test_layout();
    test_ranges_of_client();
    test_end_of_page();
    test_blankets();
    test_without_blanket();
    test_null_arguments();
    CoUninitialize();
}
