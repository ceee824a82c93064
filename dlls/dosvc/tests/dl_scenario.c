/*
 * What known clients do, call by call
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

/* Each client of section 11 of the specification calls what it calls, in its
 * order, with its flags. The ids of the messages are the clients' names. */

#include "dosvc_test.h"
#include "download.h"
#include "recorder.h"
#include "sink.h"

#define P(name) DODownloadProperty_ ## name

/* Sets a property as a client does that gives up when it fails. */
#define set_string(id, download, prop, value) \
    check_hr_(__FILE__, __LINE__, id, dl_set_string(download, prop, value), S_OK)
#define set_bool(id, download, prop, value) \
    check_hr_(__FILE__, __LINE__, id, dl_set_bool(download, prop, value), S_OK)

#define set_blanket(id, download, authz, principal, capabilities) \
    set_blanket_(__FILE__, __LINE__, id, download, authz, principal, capabilities)
static void set_blanket_(const char *file, int line, const char *id, IDODownload *download, DWORD authz,
        OLECHAR *principal, DWORD capabilities)
{
    HRESULT hr;

    hr = CoSetProxyBlanket((IUnknown *)download, RPC_C_AUTHN_DEFAULT, authz, principal, RPC_C_AUTHN_LEVEL_DEFAULT,
            RPC_C_IMP_LEVEL_IMPERSONATE, NULL, capabilities);
    ok_(file, line)(hr == S_OK, "%s: CoSetProxyBlanket gives %#lx.\n", id, hr);
}

/* As .NET activates: any context, IUnknown, then the interface. */
static IDOManager *activate_as_dotnet(const char *id)
{
    IDOManager *manager = NULL;
    IUnknown *unknown;
    HRESULT hr;

    hr = activate(CLSCTX_SERVER, &IID_IUnknown, (void **)&unknown);
    ok(hr == S_OK, "%s: CoCreateInstance gives %#lx.\n", id, hr);
    if (SUCCEEDED(hr))
    {
        query(id, unknown, &IID_IDOManager, &manager);
        IUnknown_Release(unknown);
    }
    return manager;
}

static IDOManager *activate_as_cpp(const char *id)
{
    IDOManager *manager;
    HRESULT hr;

    hr = create_do_manager(&manager);
    ok(hr == S_OK, "%s: CoCreateInstance gives %#lx.\n", id, hr);
    return manager;
}

/* The folder has the file and nothing else; it goes. */
#define check_only_file(id, fixture, resource) check_only_file_(__FILE__, __LINE__, id, fixture, resource)
static void check_only_file_(const char *file, int line, const char *id, struct dl_fixture *fixture,
        const struct resource *resource)
{
    HANDLE handle;
    BOOL ret;

    check_content_(file, line, id, fixture->path, resource);
    check_dir_count_(file, line, id, fixture->dir, 1);
    /* Nobody holds it any more. */
    handle = CreateFileW(fixture->path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    ok_(file, line)(handle != INVALID_HANDLE_VALUE, "%s: somebody holds the file, error %lu.\n", id, GetLastError());
    CloseHandle(handle);
    ret = DeleteFileW(fixture->path);
    ok_(file, line)(ret, "%s: cannot delete the file, error %lu.\n", id, GetLastError());
}

/* winget */

/* A wait on a condition variable without a predicate: what is told before it
 * waits is lost to it. */
struct winget
{
    CRITICAL_SECTION cs;
    CONDITION_VARIABLE told;
    DO_DOWNLOAD_STATUS last; /* guarded by cs */
    BOOL is_cancelling;
};

/* winget's default; then it gives up with "no progress". */
#define WINGET_LIMIT_MS 60000

static void winget_told(struct recorder *recorder, IDODownload *download, const DO_DOWNLOAD_STATUS *status)
{
    struct winget *winget = recorder->context;

    EnterCriticalSection(&winget->cs);
    winget->last = *status;
    LeaveCriticalSection(&winget->cs);
    WakeAllConditionVariable(&winget->told);
}

static DWORD WINAPI winget_cancel_thread(void *param)
{
    IDODownload *download = param;
    HRESULT hr;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    hr = IDODownload_Abort(download);
    ok(hr == S_OK, "CLIENT-WINGET: Abort from another thread gives %#lx.\n", hr);
    CoUninitialize();
    return 0;
}

/* Waits until the download leaves T, or fails; what winget takes for its result. */
static HRESULT winget_wait(struct winget *winget, IDODownload *download)
{
    HANDLE thread = NULL;
    UINT64 bytes = 0;
    HRESULT hr = S_OK;
    BOOL ret = TRUE;

    EnterCriticalSection(&winget->cs);
    while (ret)
    {
        ret = SleepConditionVariableCS(&winget->told, &winget->cs, WINGET_LIMIT_MS);
        ok(ret, "CLIENT-WINGET: it is told nothing, or too early.\n");
        if (!ret)
            hr = DO_E_DOWNLOAD_NO_PROGRESS;
        else if (FAILED(winget->last.Error))
            hr = winget->last.Error;
        if (FAILED(hr) || winget->last.State != DODownloadState_Transferring)
            break;
        ok(winget->last.BytesTransferred >= bytes, "CLIENT-WINGET: %s bytes after %s.\n",
                debugstr_u64(winget->last.BytesTransferred), debugstr_u64(bytes));
        bytes = winget->last.BytesTransferred;
        if (winget->is_cancelling && !thread)
            thread = CreateThread(NULL, 0, winget_cancel_thread, download, 0, NULL);
    }
    LeaveCriticalSection(&winget->cs);
    if (thread)
    {
        WaitForSingleObject(thread, LIMIT_MS);
        CloseHandle(thread);
    }
    return hr;
}

/* Look for a line that begins with the name, in any case. */
static BOOL has_content_type(const WCHAR *headers)
{
    static const WCHAR name[] = L"content-type:";

    for (; headers; headers = wcsstr(headers, L"\r\n") ? wcsstr(headers, L"\r\n") + 2 : NULL)
        if (!_wcsnicmp(headers, name, ARRAY_SIZE(name) - 1))
            return TRUE;
    return FALSE;
}

static void winget_finish(IDODownload *download, struct dl_fixture *fixture, const struct resource *resource)
{
    VARIANT value;
    HRESULT hr;

    if (dl_get("CLIENT-WINGET", download, P(HttpResponseHeaders), VT_BSTR, &value))
    {
        ok(has_content_type(V_BSTR(&value)), "CLIENT-WINGET: no content type in %s.\n", wine_dbgstr_w(V_BSTR(&value)));
        VariantClear(&value);
    }
    hr = IDODownload_Finalize(download);
    ok(hr == S_OK, "CLIENT-WINGET: Finalize gives %#lx.\n", hr);
    check_only_file("CLIENT-WINGET", fixture, resource);
}

static void test_winget(void)
{
    static const struct
    {
        const char *path;
        unsigned int status;
        BOOL is_cancelling;
        HRESULT result;
        DODownloadState state; /* when it looks for the last time */
        const char *told;
    }
    rows[] =
    {
        { "/winget", 0, FALSE, S_OK, DODownloadState_Finalized, "TDF" },
        { "/winget-missing", 404, FALSE, 0x80190194, DODownloadState_Paused, "TPA" },
        { "/winget-cancel", 0, TRUE, S_OK, DODownloadState_Aborted, "TA" },
    };
    struct winget winget = { .is_cancelling = FALSE };
    struct dl_ranges none = { 0 };
    struct recorder *recorder;
    struct resource *resource;
    struct dl_fixture fixture;
    DO_DOWNLOAD_STATUS status;
    IDODownload *download;
    unsigned int i;
    HANDLE gate;
    HRESULT hr;

    if (!dl_open(&fixture))
        return;
    InitializeCriticalSection(&winget.cs);
    InitializeConditionVariable(&winget.told);
    gate = create_gate();
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        resource = origin_add_resource(fixture.origin, rows[i].path, 500000);
        resource->status = rows[i].status;
        if (rows[i].is_cancelling)
            set_gate(resource, gate, 100000);
        else
            resource->tick_ms = 50;
        resource->tick_bytes = 10000;
        winget.is_cancelling = rows[i].is_cancelling;
        recorder = recorder_create();
        recorder->handler = winget_told;
        recorder->context = &winget;

        IDOManager_Release(fixture.manager);
        if (!(fixture.manager = activate_as_cpp("CLIENT-WINGET")))
            return;
        download = create_download("CLIENT-WINGET", fixture.manager);
        set_blanket("CLIENT-WINGET", download, RPC_C_AUTHZ_DEFAULT, COLE_DEFAULT_PRINCIPAL, EOAC_DEFAULT);
        set_string("CLIENT-WINGET", download, P(Uri), resource->url);
        set_bool("CLIENT-WINGET", download, P(ForegroundPriority), TRUE);
        DeleteFileW(fixture.path);
        set_string("CLIENT-WINGET", download, P(LocalPath), fixture.path);
        recorder_register("CLIENT-WINGET", recorder, download);
        set_string("CLIENT-WINGET", download, P(DisplayName), L"Some Package");
        set_string("CLIENT-WINGET", download, P(ContentId), L"some-content");
        set_string("CLIENT-WINGET", download, P(HttpCustomHeaders), L"X-One: 1\r\nX-Two: 2\r\n");
        check_hr("CLIENT-WINGET", dl_start_ranges(download, &none), S_OK);

        hr = winget_wait(&winget, download);
        ok(hr == rows[i].result, "CLIENT-WINGET: row %u ends with %#lx.\n", i, hr);
        if (hr == S_OK && winget.last.State == DODownloadState_Transferred)
            winget_finish(download, &fixture, resource);

        /* Its way out, whatever has happened. */
        dl_get_status(download, &status);
        ok(status.State == rows[i].state, "CLIENT-WINGET: row %u ends in %s.\n", i, debugstr_dl_state(status.State));
        if (status.State != DODownloadState_Finalized)
        {
            hr = IDODownload_Abort(download);
            ok(hr == (rows[i].is_cancelling ? DO_E_INVALID_STATE : S_OK), "CLIENT-WINGET: Abort gives %#lx.\n", hr);
            check_no_file("CLIENT-WINGET", &fixture);
        }
        recorder_wait("CLIENT-WINGET", recorder, rows[i].state == DODownloadState_Finalized
                ? DODownloadState_Finalized : DODownloadState_Aborted, 1);
        recorder_check_states("CLIENT-WINGET", recorder, rows[i].told);
        IDODownload_Release(download);
        recorder_check_released("CLIENT-WINGET", recorder);
    }
    CloseHandle(gate);
    DeleteCriticalSection(&winget.cs);
    dl_close(&fixture);
}

/* Microsoft's SDK, and Edge's updater, which is built on it */

/* Go on in C, T, and P if that will pass. */
static BOOL sdk_is_waiting(const DO_DOWNLOAD_STATUS *status)
{
    return status->State == DODownloadState_Created || status->State == DODownloadState_Transferring
            || (status->State == DODownloadState_Paused && !status->Error && status->ExtendedError);
}

/* Poll; S_OK once the download is finalized, else the error, after Abort. */
static HRESULT sdk_finish(IDODownload *download)
{
    DWORD end = GetTickCount() + 2 * LIMIT_MS;
    DO_DOWNLOAD_STATUS status;
    HRESULT hr;

    for (;;)
    {
        dl_get_status(download, &status);
        if (!sdk_is_waiting(&status) || (LONG)(end - GetTickCount()) <= 0)
            break;
        Sleep(500);
    }
    ok(!sdk_is_waiting(&status), "CLIENT-SDK: still in state %s.\n", debugstr_dl_state(status.State));
    if (status.State == DODownloadState_Transferred)
    {
        hr = IDODownload_Finalize(download);
        ok(hr == S_OK, "CLIENT-SDK: Finalize gives %#lx.\n", hr);
        return hr;
    }
    hr = IDODownload_Abort(download);
    ok(hr == S_OK, "CLIENT-SDK: Abort gives %#lx.\n", hr);
    return status.Error;
}

static IDODownload *sdk_prepare(struct dl_fixture *fixture, const struct resource *resource)
{
    IDODownload *download = create_download("CLIENT-SDK", fixture->manager);

    set_blanket("CLIENT-SDK", download, RPC_C_AUTHZ_NONE, COLE_DEFAULT_PRINCIPAL, EOAC_STATIC_CLOAKING);
    set_string("CLIENT-SDK", download, P(Uri), resource->url);
    return download;
}

static void test_sdk(void)
{
    static const WCHAR integrity[] = L"{\"PiecesHashFileUrl\":\"http://127.0.0.1:1/phf\",\"HashOfHashes\":"
            L"\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"}";
    struct dl_ranges none = { 0 }, all = { 1, { { 0, DO_LENGTH_TO_EOF } } };
    struct dl_fixture fixture;
    struct resource *resource;
    IDODownload *download;
    struct sink *sink;
    HANDLE gate;
    HRESULT hr;

    if (!dl_open(&fixture))
        return;
    IDOManager_Release(fixture.manager);
    if (!(fixture.manager = activate_as_cpp("CLIENT-SDK")))
        return;
    gate = create_gate();

    /* A file, paused and resumed. */
    resource = origin_add_resource(fixture.origin, "/sdk", 300000);
    set_gate(resource, gate, 100000);
    download = sdk_prepare(&fixture, resource);
    set_string("CLIENT-SDK", download, P(LocalPath), fixture.path);
    set_string("CLIENT-SDK", download, P(DisplayName), L"dosdkclient");
    check_hr("CLIENT-SDK", dl_start_ranges(download, &none), S_OK);
    dl_wait_bytes("CLIENT-SDK", download, 100000);
    check_hr("CLIENT-SDK", IDODownload_Pause(download), S_OK);
    check_dl_status("CLIENT-SDK", download, DODownloadState_Paused, S_OK, S_OK);
    SetEvent(gate);
    dl_start("CLIENT-SDK", download);
    check_hr("CLIENT-SDK", sdk_finish(download), S_OK);
    check_only_file("CLIENT-SDK", &fixture, resource);
    IDODownload_Release(download);

    /* A stream, which gets ranges. */
    sink = sink_create(resource);
    download = sdk_prepare(&fixture, resource);
    check_hr("CLIENT-SDK", dl_set_object(download, P(StreamInterface), &sink->IStream_iface), S_OK);
    check_hr("CLIENT-SDK", dl_start_ranges(download, &all), S_OK);
    check_hr("CLIENT-SDK", sdk_finish(download), S_OK);
    sink_check("CLIENT-SDK", sink, resource->size);
    ok(!sink->other_calls && !sink->commits, "CLIENT-SDK: %u other calls, %u of Commit.\n", sink->other_calls,
            sink->commits);
    check_dl_u64("CLIENT-SDK", download, P(TotalSizeBytes), resource->size);
    IDODownload_Release(download);
    sink_check_released("CLIENT-SDK", sink);

    /* Edge: two properties more, which an old service may not know. */
    download = sdk_prepare(&fixture, resource);
    set_string("CLIENT-EDGE", download, P(LocalPath), fixture.path);
    hr = dl_set_string(download, P(CorrelationVector), L"g+Vo71JZwkmJdYfF.0");
    ok(hr == S_OK || hr == DO_E_UNKNOWN_PROPERTY_ID, "CLIENT-EDGE: setting CorrelationVector gives %#lx.\n", hr);
    hr = dl_set_string(download, P(IntegrityCheckInfo), integrity);
    ok(hr == S_OK || hr == DO_E_UNKNOWN_PROPERTY_ID, "CLIENT-EDGE: setting IntegrityCheckInfo gives %#lx.\n", hr);
    set_bool("CLIENT-EDGE", download, P(ForegroundPriority), TRUE);
    check_hr("CLIENT-EDGE", dl_set_uint(download, P(NoProgressTimeoutSeconds), 60), S_OK);
    check_hr("CLIENT-EDGE", dl_start_ranges(download, &none), S_OK);
    check_hr("CLIENT-EDGE", sdk_finish(download), S_OK);
    check_only_file("CLIENT-EDGE", &fixture, resource);
    IDODownload_Release(download);

    /* A failure: Abort works and the error is reported. */
    resource = origin_add_resource(fixture.origin, "/sdk-forbidden", 1000);
    resource->status = 403;
    download = sdk_prepare(&fixture, resource);
    set_string("CLIENT-SDK", download, P(LocalPath), fixture.path);
    check_hr("CLIENT-SDK", dl_start_ranges(download, &none), S_OK);
    check_hr("CLIENT-SDK", sdk_finish(download), 0x80190193);
    check_dl_state("CLIENT-SDK", download, DODownloadState_Aborted);
    check_no_file("CLIENT-SDK", &fixture);
    IDODownload_Release(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* The C# sample */

struct sample
{
    IUnknown *identity;  /* of its own object: .NET has one wrapper for each identity */
    unsigned int shared; /* callbacks with that identity: releasing their wrapper would kill it */
};

/* Marshal.FinalReleaseComObject on the parameter, each time. */
static void sample_told(struct recorder *recorder, IDODownload *download, const DO_DOWNLOAD_STATUS *status)
{
    struct sample *sample = recorder->context;
    DO_DOWNLOAD_STATUS other;
    IUnknown *identity;

    if (FAILED(query("CLIENT-SAMPLE", download, &IID_IUnknown, &identity)))
        return;
    set_blanket("CLIENT-SAMPLE", download, RPC_C_AUTHZ_DEFAULT, COLE_DEFAULT_PRINCIPAL, EOAC_STATIC_CLOAKING);
    check_hr("CLIENT-SAMPLE", IDODownload_GetStatus(download, &other), S_OK);
    if (identity == sample->identity)
        ++sample->shared;
    IUnknown_Release(identity);
}

/* Windows Forms: a loop of messages; FALSE after 3 s of silence. */
static BOOL sample_pump(HANDLE called)
{
    MSG msg;

    switch (MsgWaitForMultipleObjects(1, &called, FALSE, 3000, QS_ALLINPUT))
    {
        case WAIT_OBJECT_0:
            return TRUE;
        case WAIT_OBJECT_0 + 1:
            while (PeekMessageW(&msg, NULL, 0, 0, PM_REMOVE))
                DispatchMessageW(&msg);
            return TRUE;
        default:
            return FALSE;
    }
}

/* Whatever it is told it looks at the numbers of the last call; when it is told
 * nothing it asks. P is a failure. */
static DODownloadState sample_wait(struct recorder *recorder, IDODownload *download, BOOL is_pumping)
{
    DWORD end = GetTickCount() + LIMIT_MS;
    DO_DOWNLOAD_STATUS status;
    unsigned int count;
    BOOL was_told;

    do
    {
        was_told = is_pumping ? sample_pump(recorder->called) : !WaitForSingleObject(recorder->called, 3000);
        memset(&status, 0, sizeof(status));
        if (was_told)
        {
            EnterCriticalSection(&recorder->cs);
            if ((count = min(recorder->count, RECORDER_MAX_CALLS)))
                status = recorder->calls[count - 1].status;
            LeaveCriticalSection(&recorder->cs);
        }
        else
            dl_get_status(download, &status);
    }
    while ((status.State == DODownloadState_Created || status.State == DODownloadState_Transferring)
            && (LONG)(end - GetTickCount()) > 0);
    return status.State;
}

/* Reads all properties, one by one; those that cannot be read are left out. */
static unsigned int sample_read_all(IDODownload *download)
{
    unsigned int i, count = 0;
    VARIANT value;
    HRESULT hr;

    for (i = P(Id); i <= P(HttpStatusCode); ++i)
    {
        VariantInit(&value);
        hr = IDODownload_GetProperty(download, i, &value);
        ok(hr == S_OK || hr == E_NOT_SET || hr == DO_E_WRITE_ONLY_PROPERTY,
                "CLIENT-SAMPLE: reading property %u gives %#lx.\n", i, hr);
        if (hr == S_OK)
            ++count;
        VariantClear(&value);
    }
    return count;
}

/* Its list: all downloads, one at a time until none is fetched. Returns how many have the id. */
static unsigned int sample_list(IDOManager *manager, const WCHAR *wanted)
{
    IEnumUnknown *enumerator = NULL;
    IDODownload *download;
    unsigned int found = 0;
    IUnknown *unknown;
    WCHAR id[40];
    ULONG count;
    HRESULT hr;

    hr = IDOManager_EnumDownloads(manager, NULL, &enumerator);
    ok(hr == S_OK || hr == DO_E_NO_DOWNLOADS, "CLIENT-SAMPLE: EnumDownloads gives %#lx.\n", hr);
    if (FAILED(hr))
        return 0;
    for (;;)
    {
        hr = IEnumUnknown_Next(enumerator, 1, &unknown, &count);
        ok(SUCCEEDED(hr), "CLIENT-SAMPLE: Next gives %#lx.\n", hr);
        if (FAILED(hr) || !count)
            break;
        if (SUCCEEDED(query("CLIENT-SAMPLE", unknown, &IID_IDODownload, &download)))
        {
            set_blanket("CLIENT-SAMPLE", download, RPC_C_AUTHZ_DEFAULT, COLE_DEFAULT_PRINCIPAL,
                    EOAC_STATIC_CLOAKING);
            dl_get_id(download, id);
            if (!wcscmp(id, wanted))
            {
                ++found;
                ok(sample_read_all(download) > 10, "CLIENT-SAMPLE: few properties can be read.\n");
            }
            IDODownload_Release(download);
        }
        IUnknown_Release(unknown);
    }
    IEnumUnknown_Release(enumerator);
    return found;
}

static void sample_run(BOOL is_pumping)
{
    struct dl_ranges none = { 0 }, parts = { 2, { { 0, 100 }, { 200, 1000 } } };
    struct sample sample = { NULL };
    struct recorder *recorder;
    struct dl_fixture fixture;
    struct resource *resource;
    IDODownload *download;
    struct recorded call;
    struct sink *sink;
    unsigned int i;
    WCHAR id[40];

    if (!dl_open(&fixture))
        return;
    IDOManager_Release(fixture.manager);
    if (!(fixture.manager = activate_as_dotnet("CLIENT-SAMPLE")))
        return;
    resource = origin_add_resource(fixture.origin, "/sample", 400000);
    resource->tick_ms = 50;
    resource->tick_bytes = 10000;
    /* To a file, then ranges to a stream. */
    for (i = 0; i < 2; ++i)
    {
        recorder = recorder_create();
        recorder->handler = sample_told;
        recorder->context = &sample;
        sink = sink_create(resource);
        sink->expected = parts;
        download = create_download("CLIENT-SAMPLE", fixture.manager);
        set_blanket("CLIENT-SAMPLE", download, RPC_C_AUTHZ_DEFAULT, COLE_DEFAULT_PRINCIPAL, EOAC_STATIC_CLOAKING);
        query("CLIENT-SAMPLE", download, &IID_IUnknown, &sample.identity);
        set_string("CLIENT-SAMPLE", download, P(DisplayName), L"DODownloaderDotNet");
        set_string("CLIENT-SAMPLE", download, P(ContentId), L"sample-content");
        set_string("CLIENT-SAMPLE", download, P(Uri), resource->url);
        check_hr("CLIENT-SAMPLE", dl_set_u64(download, P(TotalSizeBytes), resource->size), S_OK);
        if (i)
            check_hr("CLIENT-SAMPLE", dl_set_object(download, P(StreamInterface), &sink->IStream_iface), S_OK);
        else
            set_string("CLIENT-SAMPLE", download, P(LocalPath), fixture.path);
        dl_get_id(download, id);
        recorder_register("CLIENT-SAMPLE", recorder, download);
        set_bool("CLIENT-SAMPLE", download, P(ForegroundPriority), TRUE);
        ok(sample_list(fixture.manager, id) == 1, "CLIENT-SAMPLE: it is not in the list once.\n");
        check_hr("CLIENT-SAMPLE", dl_start_ranges(download, i ? &parts : &none), S_OK);

        ok(sample_wait(recorder, download, is_pumping) == DODownloadState_Transferred,
                "CLIENT-SAMPLE: the download does not arrive.\n");
        check_hr("CLIENT-SAMPLE", IDODownload_Finalize(download), S_OK);
        if (i)
            sink_check("CLIENT-SAMPLE", sink, 1100);
        else
            check_only_file("CLIENT-SAMPLE", &fixture, resource);
        ok(!sample_list(fixture.manager, id), "CLIENT-SAMPLE: it is still in the list.\n");
        if (is_pumping && recorder_get(recorder, DODownloadState_Transferring, 0, &call))
            ok(call.thread == GetCurrentThreadId(), "CLIENT-SAMPLE: the call came in thread %lx.\n", call.thread);
        ok(!sample.shared, "CLIENT-SAMPLE: %u calls had the client's own object.\n", sample.shared);
        IUnknown_Release(sample.identity);
        recorder_wait("CLIENT-SAMPLE", recorder, DODownloadState_Finalized, 1);
        recorder_check_states("CLIENT-SAMPLE", recorder, "TDF");
        IDODownload_Release(download);
        recorder_check_released("CLIENT-SAMPLE", recorder);
        sink_check_released("CLIENT-SAMPLE", sink);
    }
    dl_close(&fixture);
}

static void test_sample(void)
{
    sample_run(FALSE);
}

static DWORD WINAPI sample_single_thread(void *param)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    sample_run(TRUE);
    CoUninitialize();
    return 0;
}

static void test_sample_single(void)
{
    HANDLE thread = CreateThread(NULL, 0, sample_single_thread, NULL, 0, NULL);

    ok(WaitForSingleObject(thread, 4 * LIMIT_MS) == WAIT_OBJECT_0, "CLIENT-SAMPLE: the thread does not end.\n");
    CloseHandle(thread);
}

/* GetStoreApp */

struct store
{
    HANDLE done;
    HRESULT result;
    BOOL is_finalized;
};

/* Everything happens in the callback, on the pointer that it gets. */
static void store_told(struct recorder *recorder, IDODownload *download, const DO_DOWNLOAD_STATUS *status)
{
    struct store *store = recorder->context;

    if (FAILED(status->Error) || FAILED(status->ExtendedError))
    {
        store->result = FAILED(status->Error) ? status->Error : status->ExtendedError;
        SetEvent(store->done);
    }
    else if (status->State == DODownloadState_Transferred && !store->is_finalized)
    {
        store->is_finalized = TRUE;
        store->result = IDODownload_Finalize(download);
        SetEvent(store->done);
    }
}

enum store_call
{
    STORE_PAUSE,
    STORE_CONTINUE,
    STORE_ABORT,
};

struct store_work
{
    IDODownload *download;
    enum store_call call;
    HANDLE done;
    HRESULT hr;
};

static DWORD WINAPI store_worker(void *param)
{
    struct store_work *work = param;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    switch (work->call)
    {
        case STORE_PAUSE:
            work->hr = IDODownload_Pause(work->download);
            break;
        case STORE_CONTINUE:
            work->hr = IDODownload_Start(work->download, NULL);
            break;
        case STORE_ABORT:
            work->hr = IDODownload_Abort(work->download);
            break;
    }
    CoUninitialize();
    SetEvent(work->done);
    return 0;
}

/* Its buttons act on threads of the pool. */
static void store_press(IDODownload *download, enum store_call call)
{
    struct store_work work = { download, call, create_gate(), E_PENDING };

    QueueUserWorkItem(store_worker, &work, WT_EXECUTELONGFUNCTION);
    wait_event("CLIENT-STORE", work.done);
    ok(work.hr == S_OK, "CLIENT-STORE: call %u gives %#lx.\n", call, work.hr);
    CloseHandle(work.done);
}

static IDODownload *store_prepare(struct dl_fixture *fixture, const struct resource *resource,
        struct recorder *recorder)
{
    IDODownload *download = create_download("CLIENT-STORE", fixture->manager);
    WCHAR id[40];

    set_blanket("CLIENT-STORE", download, RPC_C_AUTHZ_DEFAULT, COLE_DEFAULT_PRINCIPAL, EOAC_STATIC_CLOAKING);
    set_blanket("CLIENT-STORE", download, RPC_C_AUTHZ_DEFAULT, COLE_DEFAULT_PRINCIPAL, EOAC_STATIC_CLOAKING);
    set_string("CLIENT-STORE", download, P(DisplayName), L"GetStoreApp");
    set_string("CLIENT-STORE", download, P(Uri), resource->url);
    set_string("CLIENT-STORE", download, P(LocalPath), fixture->path);
    dl_get_id(download, id);
    recorder_register("CLIENT-STORE", recorder, download);
    set_bool("CLIENT-STORE", download, P(ForegroundPriority), TRUE);
    dl_start("CLIENT-STORE", download);
    return download;
}

static void test_store(void)
{
    struct store store = { NULL };
    struct recorder *recorder;
    struct dl_fixture fixture;
    struct resource *resource;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    IDOManager_Release(fixture.manager);
    if (!(fixture.manager = activate_as_cpp("CLIENT-STORE")))
        return;
    gate = create_gate();
    store.done = create_gate();
    store.result = E_PENDING;
    resource = origin_add_resource(fixture.origin, "/store", 300000);
    set_gate(resource, gate, 100000);

    recorder = recorder_create();
    recorder->handler = store_told;
    recorder->context = &store;
    download = store_prepare(&fixture, resource, recorder);
    recorder_wait("CLIENT-STORE", recorder, DODownloadState_Transferring, 1);
    store_press(download, STORE_PAUSE);
    recorder_wait("CLIENT-STORE", recorder, DODownloadState_Paused, 1);
    store_press(download, STORE_CONTINUE);
    SetEvent(gate);
    wait_event("CLIENT-STORE", store.done);
    check_hr("CLIENT-STORE", store.result, S_OK);
    check_dl_state("CLIENT-STORE", download, DODownloadState_Finalized);
    check_only_file("CLIENT-STORE", &fixture, resource);
    recorder_wait("CLIENT-STORE", recorder, DODownloadState_Finalized, 1);
    recorder_check_states("CLIENT-STORE", recorder, "TPTDF");
    IDODownload_Release(download);
    recorder_check_released("CLIENT-STORE", recorder);

    recorder = recorder_create();
    recorder->handler = store_told;
    recorder->context = &store;
    ResetEvent(gate);
    download = store_prepare(&fixture, resource, recorder);
    dl_wait_bytes("CLIENT-STORE", download, 100000);
    store_press(download, STORE_ABORT);
    check_no_file("CLIENT-STORE", &fixture);
    recorder_wait("CLIENT-STORE", recorder, DODownloadState_Aborted, 1);
    recorder_check_states("CLIENT-STORE", recorder, "TA");
    check_hr("CLIENT-STORE", store.result, S_OK);
    IDODownload_Release(download);
    recorder_check_released("CLIENT-STORE", recorder);

    /* Any error is one. */
    ResetEvent(store.done);
    resource = origin_add_resource(fixture.origin, "/store-missing", 1000);
    resource->status = 404;
    recorder = recorder_create();
    recorder->handler = store_told;
    recorder->context = &store;
    download = store_prepare(&fixture, resource, recorder);
    wait_event("CLIENT-STORE", store.done);
    check_hr("CLIENT-STORE", store.result, 0x80190194);
    store_press(download, STORE_ABORT);
    check_no_file("CLIENT-STORE", &fixture);
    IDODownload_Release(download);
    recorder_check_released("CLIENT-STORE", recorder);
    CloseHandle(store.done);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* Vanara: no blanket, and it waits for what its callback says. */

static void test_vanara(void)
{
    struct recorder *recorder = recorder_create();
    struct dl_fixture fixture;
    struct resource *resource;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    IDOManager_Release(fixture.manager);
    if (!(fixture.manager = activate_as_dotnet("CLIENT-VANARA")))
        return;
    resource = origin_add_resource(fixture.origin, "/vanara", 300000);
    download = create_download("CLIENT-VANARA", fixture.manager);
    set_string("CLIENT-VANARA", download, P(Uri), resource->url);
    set_bool("CLIENT-VANARA", download, P(ForegroundPriority), TRUE);
    set_string("CLIENT-VANARA", download, P(LocalPath), fixture.path);
    set_string("CLIENT-VANARA", download, P(DisplayName), L"Vanara");
    set_string("CLIENT-VANARA", download, P(ContentId), L"vanara-content");
    recorder_register("CLIENT-VANARA", recorder, download);
    dl_start("CLIENT-VANARA", download);
    recorder_wait("CLIENT-VANARA", recorder, DODownloadState_Transferred, 1);
    check_hr("CLIENT-VANARA", IDODownload_Finalize(download), S_OK);
    check_only_file("CLIENT-VANARA", &fixture, resource);
    recorder_wait("CLIENT-VANARA", recorder, DODownloadState_Finalized, 1);
    recorder_check_states("CLIENT-VANARA", recorder, "TDF");
    IDODownload_Release(download);
    recorder_check_released("CLIENT-VANARA", recorder);
    dl_close(&fixture);
}

/* Scripts that imitate winget */

/* Read the properties that clients look at, in any state. Returns the status code, 0 if there is none yet. */
static ULONG script_read(IDODownload *download)
{
    static const DODownloadProperty props[] =
    {
        P(HttpRedirectionTarget), P(HttpResponseHeaders), P(HttpServerIPAddress), P(HttpStatusCode),
    };
    ULONG status = 0;
    unsigned int i;
    VARIANT value;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(props); ++i)
    {
        VariantInit(&value);
        hr = IDODownload_GetProperty(download, props[i], &value);
        ok(hr == S_OK || hr == E_NOT_SET, "CLIENT-SCRIPT: reading property %d gives %#lx.\n", props[i], hr);
        if (hr == S_OK && props[i] == P(HttpStatusCode))
        {
            ok(V_VT(&value) == VT_UI4, "CLIENT-SCRIPT: HttpStatusCode has type %#x.\n", V_VT(&value));
            status = V_UI4(&value);
        }
        else if (hr == S_OK)
            ok(V_VT(&value) == VT_BSTR && *V_BSTR(&value), "CLIENT-SCRIPT: property %d has type %#x.\n", props[i],
                    V_VT(&value));
        VariantClear(&value);
    }
    return status;
}

static IDODownload *script_start(struct dl_fixture *fixture, const struct resource *resource,
        struct recorder *recorder)
{
    IDODownload *download = create_download("CLIENT-SCRIPT", fixture->manager);
    BYTE zeros[24] = { 0 };
    VARIANT number;

    set_blanket("CLIENT-SCRIPT", download, RPC_C_AUTHZ_DEFAULT, NULL, EOAC_NONE);
    set_string("CLIENT-SCRIPT", download, P(Uri), resource->url);
    /* Numbers and truth are one to a script. */
    V_VT(&number) = VT_I4;
    V_I4(&number) = 1;
    check_hr("CLIENT-SCRIPT", dl_set(download, P(ForegroundPriority), &number), S_OK);
    set_string("CLIENT-SCRIPT", download, P(LocalPath), fixture->path);
    recorder_register("CLIENT-SCRIPT", recorder, download);
    set_string("CLIENT-SCRIPT", download, P(DisplayName), L"script");
    set_string("CLIENT-SCRIPT", download, P(ContentId), L"script-content");
    set_string("CLIENT-SCRIPT", download, P(HttpCustomHeaders), L"User-Agent: script/1.0");
    check_hr("CLIENT-SCRIPT", IDODownload_Start(download, (DO_DOWNLOAD_RANGES_INFO *)zeros), S_OK);
    return download;
}

static void test_script(void)
{
    DWORD end = GetTickCount() + 2 * LIMIT_MS;
    struct resource *resource, *target;
    struct origin_request request;
    struct dl_fixture fixture;
    struct recorder *recorder;
    IDODownload *download;
    char agent[64];
    ULONG status;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    IDOManager_Release(fixture.manager);
    if (!(fixture.manager = activate_as_dotnet("CLIENT-SCRIPT")))
        return;
    gate = create_gate();

    /* Through a redirect, read in T and in D. */
    target = origin_add_resource(fixture.origin, "/script-target", 200000);
    target->tick_ms = 50;
    target->tick_bytes = 10000;
    resource = origin_add_resource(fixture.origin, "/script", 1000);
    resource->status = 302;
    resource->location = "/script-target";
    recorder = recorder_create();
    download = script_start(&fixture, resource, recorder);
    while (dl_get_state(download) == DODownloadState_Transferring && (LONG)(end - GetTickCount()) > 0)
    {
        script_read(download);
        Sleep(250);
    }
    check_dl_status("CLIENT-SCRIPT", download, DODownloadState_Transferred, S_OK, S_OK);
    ok(script_read(download) == 200, "CLIENT-SCRIPT: the status code is not that of the last answer.\n");
    check_dl_string("CLIENT-SCRIPT", download, P(HttpRedirectionTarget), target->url);
    check_hr("CLIENT-SCRIPT", IDODownload_Finalize(download), S_OK);
    check_only_file("CLIENT-SCRIPT", &fixture, target);
    origin_get_request(target, 0, &request);
    origin_get_field(request.head, "User-Agent", agent, sizeof(agent));
    ok(!strcmp(agent, "script/1.0"), "CLIENT-SCRIPT: the server saw %s.\n", agent);
    IDODownload_Release(download);
    recorder_check_released("CLIENT-SCRIPT", recorder);

    /* Only the response: away as soon as the server has agreed. */
    resource = origin_add_resource(fixture.origin, "/script-response", 1000000);
    set_gate(resource, gate, 1000);
    recorder = recorder_create();
    download = script_start(&fixture, resource, recorder);
    while (!(status = script_read(download)) && (LONG)(end - GetTickCount()) > 0)
        Sleep(250);
    ok(status == 200, "CLIENT-SCRIPT: the status code is %lu.\n", status);
    check_hr("CLIENT-SCRIPT", IDODownload_Abort(download), S_OK);
    check_no_file("CLIENT-SCRIPT", &fixture);
    ok(script_read(download) == 200, "CLIENT-SCRIPT: the status code is gone.\n");
    IDODownload_Release(download);
    recorder_check_released("CLIENT-SCRIPT", recorder);

    /* After an error. */
    resource = origin_add_resource(fixture.origin, "/script-missing", 1000);
    resource->status = 404;
    recorder = recorder_create();
    download = script_start(&fixture, resource, recorder);
    dl_wait_error("CLIENT-SCRIPT", download, 0x80190194, S_OK);
    ok(script_read(download) == 404, "CLIENT-SCRIPT: the status code is %lu.\n", script_read(download));
    check_hr("CLIENT-SCRIPT", IDODownload_Abort(download), S_OK);
    check_no_file("CLIENT-SCRIPT", &fixture);
    IDODownload_Release(download);
    recorder_check_released("CLIENT-SCRIPT", recorder);
    CloseHandle(gate);
    dl_close(&fixture);
}

START_TEST(dl_scenario)
{
    static void (*const tests[])(void) =
    {
        test_winget, test_sdk, test_sample, test_sample_single, test_store, test_vanara, test_script,
    };

    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    run_at_once(tests, ARRAY_SIZE(tests));
    CoUninitialize();
}
