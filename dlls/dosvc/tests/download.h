/*
 * Helpers of the conformance tests of downloads
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

/* As in dosvc_test.h, every message starts with the id of the statement that
 * it checks. Helpers that begin with "check" report what is not as expected.
 * All of them may be used by several threads at once. */

#ifndef __DOSVC_TESTS_DOWNLOAD_H
#define __DOSVC_TESTS_DOWNLOAD_H

/* A manager, an origin and an empty folder. */
struct dl_fixture
{
    IDOManager *manager;
    struct origin *origin;
    WCHAR dir[MAX_PATH]; /* ends with a backslash */
    WCHAR path[MAX_PATH]; /* a name in it that does not exist: what most tests download to */
};

static inline const char *debugstr_dl_state(DODownloadState state)
{
    static const char *const names[] =
    {
        "Created", "Transferring", "Transferred", "Finalized", "Aborted", "Paused",
    };

    return (unsigned int)state < ARRAY_SIZE(names) ? names[state] : wine_dbg_sprintf("%u", state);
}

static SRWLOCK activation_lock = SRWLOCK_INIT;

/* Activation, by one thread at a time. The way to the class is the same for all, and Wine's COM
 * may free it for one thread while another one takes it, which gets E_UNEXPECTED then. */
static inline HRESULT activate(DWORD context, REFIID iid, void **out)
{
    HRESULT hr;

    *out = NULL;
    AcquireSRWLockExclusive(&activation_lock);
    hr = CoCreateInstance(&CLSID_DeliveryOptimization, NULL, context, iid, out);
    ReleaseSRWLockExclusive(&activation_lock);
    return hr;
}

static inline HRESULT create_do_manager(IDOManager **manager)
{
    return activate(CLSCTX_LOCAL_SERVER, &IID_IDOManager, (void **)manager);
}

/* FALSE if there is no service: the test returns. */
#define dl_open(fixture) dl_open_(__FILE__, __LINE__, fixture)
static inline BOOL dl_open_(const char *file, int line, struct dl_fixture *fixture)
{
    HRESULT hr;

    memset(fixture, 0, sizeof(*fixture));
    hr = create_do_manager(&fixture->manager);
    ok_(file, line)(hr == S_OK, "DL-001: CoCreateInstance gives %#lx.\n", hr);
    if (FAILED(hr))
        return FALSE;
    fixture->origin = origin_create();
    create_dir(fixture->dir);
    join_path(fixture->path, fixture->dir, L"target.bin");
    return TRUE;
}

/* Nothing may be left in the folder but what the test has downloaded. */
#define dl_close(fixture) dl_close_(__FILE__, __LINE__, fixture)
static inline void dl_close_(const char *file, int line, struct dl_fixture *fixture)
{
    BOOL ret;

    if (fixture->manager)
        IDOManager_Release(fixture->manager);
    origin_destroy(fixture->origin);
    ret = delete_dir(fixture->dir);
    ok_(file, line)(ret, "Cannot remove %s, error %lu.\n", wine_dbgstr_w(fixture->dir), GetLastError());
}

/* Status */

static inline void dl_get_status_(const char *file, int line, IDODownload *download, DO_DOWNLOAD_STATUS *status)
{
    HRESULT hr;

    memset(status, 0xcc, sizeof(*status));
    hr = IDODownload_GetStatus(download, status);
    ok_(file, line)(hr == S_OK, "DL-082: GetStatus gives %#lx.\n", hr);
}
#define dl_get_status(download, status) dl_get_status_(__FILE__, __LINE__, download, status)

static inline DODownloadState dl_get_state(IDODownload *download)
{
    DO_DOWNLOAD_STATUS status;

    dl_get_status(download, &status);
    return status.State;
}

#define check_dl_state(id, download, state) check_dl_state_(__FILE__, __LINE__, id, download, state)
static inline void check_dl_state_(const char *file, int line, const char *id, IDODownload *download,
        DODownloadState state)
{
    DO_DOWNLOAD_STATUS status;

    dl_get_status_(file, line, download, &status);
    ok_(file, line)(status.State == state, "%s: got state %s, expected %s.\n", id, debugstr_dl_state(status.State),
            debugstr_dl_state(state));
}

#define check_dl_status(id, download, state, error, extended) \
    check_dl_status_(__FILE__, __LINE__, id, download, state, error, extended)
static inline void check_dl_status_(const char *file, int line, const char *id, IDODownload *download,
        DODownloadState state, HRESULT error, HRESULT extended)
{
    DO_DOWNLOAD_STATUS status;

    dl_get_status_(file, line, download, &status);
    ok_(file, line)(status.State == state && status.Error == error && status.ExtendedError == extended,
            "%s: got state %s, error %#lx, extended error %#lx, expected %s, %#lx, %#lx.\n", id,
            debugstr_dl_state(status.State), status.Error, status.ExtendedError, debugstr_dl_state(state), error,
            extended);
}

#define check_dl_bytes(id, download, total, transferred) \
    check_dl_bytes_(__FILE__, __LINE__, id, download, total, transferred)
static inline void check_dl_bytes_(const char *file, int line, const char *id, IDODownload *download, UINT64 total,
        UINT64 transferred)
{
    DO_DOWNLOAD_STATUS status;

    dl_get_status_(file, line, download, &status);
    ok_(file, line)(status.BytesTotal == total, "%s: BytesTotal is %s, expected %s.\n", id,
            debugstr_u64(status.BytesTotal), debugstr_u64(total));
    ok_(file, line)(status.BytesTransferred == transferred, "%s: BytesTransferred is %s, expected %s.\n", id,
            debugstr_u64(status.BytesTransferred), debugstr_u64(transferred));
}

/* Once there a download stays there until somebody does something. */
static inline BOOL dl_is_resting(const DO_DOWNLOAD_STATUS *status)
{
    return status->State != DODownloadState_Transferring
            && !(status->State == DODownloadState_Paused && !status->Error && status->ExtendedError);
}

#define dl_wait_limit(id, download, state, limit_ms) dl_wait_(__FILE__, __LINE__, id, download, state, limit_ms)
#define dl_wait(id, download, state) dl_wait_(__FILE__, __LINE__, id, download, state, LIMIT_MS)
static inline BOOL dl_wait_(const char *file, int line, const char *id, IDODownload *download, DODownloadState state,
        DWORD limit_ms)
{
    DWORD end = GetTickCount() + limit_ms;
    DO_DOWNLOAD_STATUS status;

    for (;;)
    {
        dl_get_status_(file, line, download, &status);
        if (status.State == state || dl_is_resting(&status) || (LONG)(end - GetTickCount()) <= 0)
            break;
        Sleep(POLL_MS);
    }
    ok_(file, line)(status.State == state, "%s: got state %s instead of %s, %s of %s bytes, error %#lx, %#lx.\n", id,
            debugstr_dl_state(status.State), debugstr_dl_state(state), debugstr_u64(status.BytesTransferred),
            debugstr_u64(status.BytesTotal), status.Error, status.ExtendedError);
    return status.State == state;
}

/* Waits until it is paused because of an error. */
#define dl_wait_error(id, download, error, extended) \
    dl_wait_error_(__FILE__, __LINE__, id, download, error, extended, LIMIT_MS)
static inline BOOL dl_wait_error_(const char *file, int line, const char *id, IDODownload *download, HRESULT error,
        HRESULT extended, DWORD limit_ms)
{
    if (!dl_wait_(file, line, id, download, DODownloadState_Paused, limit_ms))
        return FALSE;
    check_dl_status_(file, line, id, download, DODownloadState_Paused, error, extended);
    return TRUE;
}

#define dl_wait_bytes(id, download, bytes) dl_wait_bytes_(__FILE__, __LINE__, id, download, bytes)
static inline BOOL dl_wait_bytes_(const char *file, int line, const char *id, IDODownload *download, UINT64 bytes)
{
    DWORD end = GetTickCount() + LIMIT_MS;
    DO_DOWNLOAD_STATUS status;

    for (;;)
    {
        dl_get_status_(file, line, download, &status);
        if (status.BytesTransferred >= bytes || dl_is_resting(&status) || (LONG)(end - GetTickCount()) <= 0)
            break;
        Sleep(POLL_MS);
    }
    ok_(file, line)(status.BytesTransferred >= bytes, "%s: got %s of %s bytes in time, state %s, error %#lx.\n", id,
            debugstr_u64(status.BytesTransferred), debugstr_u64(bytes), debugstr_dl_state(status.State), status.Error);
    return status.BytesTransferred >= bytes;
}

/* Properties */

static inline HRESULT dl_set(IDODownload *download, DODownloadProperty prop, const VARIANT *value)
{
    return IDODownload_SetProperty(download, prop, value);
}

static inline HRESULT dl_set_uint(IDODownload *download, DODownloadProperty prop, ULONG value)
{
    VARIANT variant;

    V_VT(&variant) = VT_UI4;
    V_UI4(&variant) = value;
    return dl_set(download, prop, &variant);
}

static inline HRESULT dl_set_u64(IDODownload *download, DODownloadProperty prop, UINT64 value)
{
    VARIANT variant;

    V_VT(&variant) = VT_UI8;
    V_UI8(&variant) = value;
    return dl_set(download, prop, &variant);
}

static inline HRESULT dl_set_bool(IDODownload *download, DODownloadProperty prop, BOOL value)
{
    VARIANT variant;

    V_VT(&variant) = VT_BOOL;
    V_BOOL(&variant) = value ? VARIANT_TRUE : VARIANT_FALSE;
    return dl_set(download, prop, &variant);
}

static inline HRESULT dl_set_string(IDODownload *download, DODownloadProperty prop, const WCHAR *value)
{
    VARIANT variant;
    HRESULT hr;

    V_VT(&variant) = VT_BSTR;
    V_BSTR(&variant) = SysAllocString(value);
    hr = dl_set(download, prop, &variant);
    VariantClear(&variant);
    return hr;
}

static inline HRESULT dl_set_object(IDODownload *download, DODownloadProperty prop, void *object)
{
    VARIANT variant;

    V_VT(&variant) = VT_UNKNOWN;
    V_UNKNOWN(&variant) = object;
    return dl_set(download, prop, &variant);
}

static inline HRESULT dl_set_empty(IDODownload *download, DODownloadProperty prop, VARTYPE vt)
{
    VARIANT variant;

    VariantInit(&variant);
    V_VT(&variant) = vt;
    return dl_set(download, prop, &variant);
}

static inline HRESULT dl_set_bytes(IDODownload *download, DODownloadProperty prop, VARTYPE vt, const void *data,
        ULONG size)
{
    VARIANT variant;
    void *target;
    HRESULT hr;

    V_VT(&variant) = VT_ARRAY | vt;
    V_ARRAY(&variant) = SafeArrayCreateVector(vt, 0, size);
    if (size && SUCCEEDED(SafeArrayAccessData(V_ARRAY(&variant), &target)))
    {
        memcpy(target, data, size);
        SafeArrayUnaccessData(V_ARRAY(&variant));
    }
    hr = dl_set(download, prop, &variant);
    VariantClear(&variant);
    return hr;
}

/* Reads a property that must have this type; the caller clears the value. */
#define dl_get(id, download, prop, vt, value) dl_get_(__FILE__, __LINE__, id, download, prop, vt, value)
static inline BOOL dl_get_(const char *file, int line, const char *id, IDODownload *download, DODownloadProperty prop,
        VARTYPE vt, VARIANT *value)
{
    HRESULT hr;

    VariantInit(value);
    hr = IDODownload_GetProperty(download, prop, value);
    ok_(file, line)(hr == S_OK, "%s: GetProperty(%d) gives %#lx.\n", id, prop, hr);
    ok_(file, line)(V_VT(value) == vt, "%s: property %d has type %#x, expected %#x.\n", id, prop, V_VT(value), vt);
    if (hr == S_OK && V_VT(value) == vt)
        return TRUE;
    VariantClear(value);
    return FALSE;
}

/* Reading the property fails, and leaves VT_EMPTY. */
#define check_dl_unreadable(id, download, prop, expected) \
    check_dl_unreadable_(__FILE__, __LINE__, id, download, prop, expected)
static inline void check_dl_unreadable_(const char *file, int line, const char *id, IDODownload *download,
        DODownloadProperty prop, HRESULT expected)
{
    VARIANT value;
    HRESULT hr;

    VariantInit(&value);
    hr = IDODownload_GetProperty(download, prop, &value);
    ok_(file, line)(hr == expected, "%s: GetProperty(%d) gives %#lx, expected %#lx.\n", id, prop, hr, expected);
    ok_(file, line)(V_VT(&value) == VT_EMPTY, "%s: property %d has type %#x.\n", id, prop, V_VT(&value));
    VariantClear(&value);
}

#define check_dl_uint(id, download, prop, expected) \
    check_dl_uint_(__FILE__, __LINE__, id, download, prop, expected)
static inline void check_dl_uint_(const char *file, int line, const char *id, IDODownload *download,
        DODownloadProperty prop, ULONG expected)
{
    VARIANT value;

    if (dl_get_(file, line, id, download, prop, VT_UI4, &value))
        ok_(file, line)(V_UI4(&value) == expected, "%s: property %d is %lu, expected %lu.\n", id, prop, V_UI4(&value),
                expected);
}

#define check_dl_u64(id, download, prop, expected) check_dl_u64_(__FILE__, __LINE__, id, download, prop, expected)
static inline void check_dl_u64_(const char *file, int line, const char *id, IDODownload *download,
        DODownloadProperty prop, UINT64 expected)
{
    VARIANT value;

    if (dl_get_(file, line, id, download, prop, VT_UI8, &value))
        ok_(file, line)(V_UI8(&value) == expected, "%s: property %d is %s, expected %s.\n", id, prop,
                debugstr_u64(V_UI8(&value)), debugstr_u64(expected));
}

#define check_dl_bool(id, download, prop, expected) \
    check_dl_bool_(__FILE__, __LINE__, id, download, prop, expected)
static inline void check_dl_bool_(const char *file, int line, const char *id, IDODownload *download,
        DODownloadProperty prop, VARIANT_BOOL expected)
{
    VARIANT value;

    if (dl_get_(file, line, id, download, prop, VT_BOOL, &value))
        ok_(file, line)(V_BOOL(&value) == expected, "%s: property %d is %d, expected %d.\n", id, prop, V_BOOL(&value),
                expected);
}

#define check_dl_string(id, download, prop, expected) \
    check_dl_string_(__FILE__, __LINE__, id, download, prop, expected)
static inline void check_dl_string_(const char *file, int line, const char *id, IDODownload *download,
        DODownloadProperty prop, const WCHAR *expected)
{
    VARIANT value;

    if (!dl_get_(file, line, id, download, prop, VT_BSTR, &value))
        return;
    ok_(file, line)(V_BSTR(&value) && !wcscmp(V_BSTR(&value), expected), "%s: property %d is %s, expected %s.\n", id,
            prop, wine_dbgstr_w(V_BSTR(&value)), wine_dbgstr_w(expected));
    VariantClear(&value);
}

/* Empty if the download has no id. */
static inline void dl_get_id(IDODownload *download, WCHAR id[40])
{
    VARIANT value;

    *id = 0;
    if (!dl_get("DL-019", download, DODownloadProperty_Id, VT_BSTR, &value))
        return;
    swprintf(id, 40, L"%ls", V_BSTR(&value));
    VariantClear(&value);
}

/* Downloads */

#define create_download(id, manager) create_download_(__FILE__, __LINE__, id, manager)
static inline IDODownload *create_download_(const char *file, int line, const char *id, IDOManager *manager)
{
    IDODownload *download = NULL;
    HRESULT hr;

    hr = IDOManager_CreateDownload(manager, &download);
    ok_(file, line)(hr == S_OK, "%s: CreateDownload gives %#lx.\n", id, hr);
    return download;
}

/* Create a download with a URL, and a file as its sink if path is not NULL. */
#define prepare_download(id, fixture, url, path) prepare_download_(__FILE__, __LINE__, id, fixture, url, path)
static inline IDODownload *prepare_download_(const char *file, int line, const char *id, struct dl_fixture *fixture,
        const WCHAR *url, const WCHAR *path)
{
    IDODownload *download = create_download_(file, line, id, fixture->manager);
    HRESULT hr;

    hr = dl_set_string(download, DODownloadProperty_Uri, url);
    ok_(file, line)(hr == S_OK, "%s: setting Uri gives %#lx.\n", id, hr);
    if (path)
    {
        hr = dl_set_string(download, DODownloadProperty_LocalPath, path);
        ok_(file, line)(hr == S_OK, "%s: setting LocalPath gives %#lx.\n", id, hr);
    }
    return download;
}

/* Downloads whose property has this value; the caller releases the result,
 * NULL and DO_E_NO_DOWNLOADS if there is none. */
static inline HRESULT dl_enum(IDOManager *manager, DODownloadProperty prop, const WCHAR *value, IEnumUnknown **out)
{
    DO_DOWNLOAD_ENUM_CATEGORY category = { prop, value };

    *out = (IEnumUnknown *)0xdeadbeef;
    return IDOManager_EnumDownloads(manager, &category, out);
}

/* The only download whose property has this value; the caller releases it. */
#define dl_find(id, manager, prop, value) dl_find_(__FILE__, __LINE__, id, manager, prop, value)
static inline IDODownload *dl_find_(const char *file, int line, const char *id, IDOManager *manager,
        DODownloadProperty prop, const WCHAR *value)
{
    IUnknown *unknown = NULL, *second = NULL;
    IDODownload *download = NULL;
    IEnumUnknown *enumerator;
    HRESULT hr;

    hr = dl_enum(manager, prop, value, &enumerator);
    ok_(file, line)(hr == S_OK, "%s: EnumDownloads(%d, %s) gives %#lx.\n", id, prop, wine_dbgstr_w(value), hr);
    if (FAILED(hr))
        return NULL;
    hr = IEnumUnknown_Next(enumerator, 1, &unknown, NULL);
    ok_(file, line)(hr == S_OK, "%s: Next gives %#lx.\n", id, hr);
    if (SUCCEEDED(hr) && unknown)
    {
        query_(file, line, id, unknown, &IID_IDODownload, (void **)&download);
        IUnknown_Release(unknown);
        hr = IEnumUnknown_Next(enumerator, 1, &second, NULL);
        ok_(file, line)(hr == S_FALSE && !second, "%s: there is a second one, hr %#lx.\n", id, hr);
        if (second)
            IUnknown_Release(second);
    }
    IEnumUnknown_Release(enumerator);
    return download;
}

/* Large enough for the tests, and of the same layout. */
struct dl_ranges
{
    UINT count;
    DO_DOWNLOAD_RANGE ranges[8];
};

static inline HRESULT dl_start_ranges(IDODownload *download, const struct dl_ranges *ranges)
{
    return IDODownload_Start(download, (const DO_DOWNLOAD_RANGES_INFO *)ranges);
}

/* RangeCount 0. */
static inline HRESULT dl_start_whole(IDODownload *download)
{
    struct dl_ranges none = { 0 };

    return dl_start_ranges(download, &none);
}

#define dl_start(id, download) check_hr_(__FILE__, __LINE__, id, IDODownload_Start(download, NULL), S_OK)

/* Ends the download, whatever it is doing, and drops the caller's reference. */
static inline void dl_discard(IDODownload *download)
{
    DODownloadState state = dl_get_state(download);
    HRESULT hr;

    if (state != DODownloadState_Finalized && state != DODownloadState_Aborted)
    {
        hr = IDODownload_Abort(download);
        /* The download may end by itself meanwhile. */
        ok(hr == S_OK || hr == DO_E_INVALID_STATE, "DL-076: Abort gives %#lx.\n", hr);
    }
    IDODownload_Release(download);
}

/* Waits for D, finalizes, and checks the file. */
#define dl_finish(id, download, path, resource) dl_finish_(__FILE__, __LINE__, id, download, path, resource, LIMIT_MS)
#define dl_finish_limit(id, download, path, resource, limit_ms) \
    dl_finish_(__FILE__, __LINE__, id, download, path, resource, limit_ms)
static inline void dl_finish_(const char *file, int line, const char *id, IDODownload *download, const WCHAR *path,
        const struct resource *resource, DWORD limit_ms)
{
    HRESULT hr;

    if (!dl_wait_(file, line, id, download, DODownloadState_Transferred, limit_ms))
        return;
    check_dl_status_(file, line, id, download, DODownloadState_Transferred, S_OK, S_OK);
    check_dl_bytes_(file, line, id, download, resource->size, resource->size);
    hr = IDODownload_Finalize(download);
    ok_(file, line)(hr == S_OK, "%s: Finalize gives %#lx.\n", id, hr);
    check_dl_state_(file, line, id, download, DODownloadState_Finalized);
    check_content_(file, line, id, path, resource);
}

/* Whether the next size bytes of the file are zero. */
static inline BOOL has_zeros(HANDLE handle, UINT64 size)
{
    BYTE block[4096];
    DWORD part, read, i;

    for (; size; size -= part)
    {
        part = origin_min(size, sizeof(block));
        if (!ReadFile(handle, block, part, &read, NULL) || read != part)
            return FALSE;
        for (i = 0; i < part; ++i)
            if (block[i])
                return FALSE;
    }
    return TRUE;
}

/* The file has these parts of the resource at their offsets, which rise, and
 * zeros between them; it ends with the last of them. */
#define check_parts_content(id, path, resource, parts, count) \
    check_parts_content_(__FILE__, __LINE__, id, path, resource, parts, count)
static inline void check_parts_content_(const char *file, int line, const char *id, const WCHAR *path,
        const struct resource *resource, const DO_DOWNLOAD_RANGE *parts, unsigned int count)
{
    LARGE_INTEGER size = { { 0 } };
    UINT64 pos = 0;
    unsigned int i;
    HANDLE handle;

    handle = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
            OPEN_EXISTING, 0, NULL);
    ok_(file, line)(handle != INVALID_HANDLE_VALUE, "%s: cannot open %s, error %lu.\n", id, wine_dbgstr_w(path),
            GetLastError());
    if (handle == INVALID_HANDLE_VALUE)
        return;
    for (i = 0; i < count; ++i)
    {
        ok_(file, line)(has_zeros(handle, parts[i].Offset - pos), "%s: there is something before part %u.\n", id, i);
        ok_(file, line)(has_bytes(handle, resource, parts[i].Offset, parts[i].Length),
                "%s: the content of part %u is wrong.\n", id, i);
        pos = parts[i].Offset + parts[i].Length;
    }
    GetFileSizeEx(handle, &size);
    ok_(file, line)(size.QuadPart == (LONGLONG)pos, "%s: the file has %s bytes, expected %s.\n", id,
            debugstr_u64(size.QuadPart), debugstr_u64(pos));
    CloseHandle(handle);
}

#define check_no_file(id, fixture) check_no_file_(__FILE__, __LINE__, id, fixture)
static inline void check_no_file_(const char *file, int line, const char *id, const struct dl_fixture *fixture)
{
    check_dir_count_(file, line, id, fixture->dir, 0);
}

/* Waits until nobody else has a reference; returns how many there are. */
static inline ULONG wait_last_reference(void *object)
{
    DWORD end = GetTickCount() + LIMIT_MS, index;
    HANDLE never = create_gate();
    ULONG refcount;

    while ((refcount = get_refcount(object)) > 1 && (LONG)(end - GetTickCount()) > 0)
        CoWaitForMultipleHandles(0, 10, 1, &never, &index);
    CloseHandle(never);
    return refcount;
}

/* Several tests at the same time, each in a thread and an apartment of its own. */

static DWORD WINAPI run_test_thread(void *param)
{
    void (*const *test)(void) = param;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    (*test)();
    CoUninitialize();
    return 0;
}

#define RUN_AT_ONCE_LIMIT_MS 170000

/* All proxies of a process share the one for IRemUnknown. Wine may free it in one
 * thread while another one takes it, unless something keeps it: a manager that was
 * asked, at the service, for another interface does. */
static inline IDOManager *keep_rem_unknown(void)
{
    IDOManager *manager = NULL;
    IUnknown *unknown;

    if (SUCCEEDED(activate(CLSCTX_LOCAL_SERVER, &IID_IUnknown, (void **)&unknown)))
    {
        IUnknown_QueryInterface(unknown, &IID_IDOManager, (void **)&manager);
        IUnknown_Release(unknown);
    }
    return manager;
}

static inline void run_at_once(void (*const *tests)(void), unsigned int count)
{
    IDOManager *manager = keep_rem_unknown();
    HANDLE threads[MAXIMUM_WAIT_OBJECTS];
    unsigned int i;

    for (i = 0; i < count; ++i)
        threads[i] = CreateThread(NULL, 0, run_test_thread, (void *)&tests[i], 0, NULL);
    ok(WaitForMultipleObjects(count, threads, TRUE, RUN_AT_ONCE_LIMIT_MS) < count, "The tests do not end.\n");
    for (i = 0; i < count; ++i)
        CloseHandle(threads[i]);
    if (manager)
        IDOManager_Release(manager);
}

/* For START_TEST, as begin_tests. */
static inline BOOL begin_dl_tests(DWORD apartment)
{
    IDOManager *manager;
    HRESULT hr;

    hr = CoInitializeEx(NULL, apartment);
    ok(hr == S_OK, "CoInitializeEx gives %#lx.\n", hr);
    if ((hr = create_do_manager(&manager)) == REGDB_E_CLASSNOTREG)
    {
        win_skip("DL-001: Delivery Optimization is not installed.\n");
        CoUninitialize();
        return FALSE;
    }
    if (SUCCEEDED(hr))
        IDOManager_Release(manager);
    return TRUE;
}

#endif /* __DOSVC_TESTS_DOWNLOAD_H */
