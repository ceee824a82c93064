/*
 * Tests for what survives the service: downloads
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
#include "sink.h"
#include "control.h"

#define P(name) DODownloadProperty_ ## name

#define SAVE_MS 4000 /* longer than the service takes to save what it shows */

/* After the service has ended: it starts, and the fixture has a manager of the new one. */
static BOOL open_again(struct dl_fixture *fixture)
{
    unsigned int tries = 0;
    HRESULT hr;

    IDOManager_Release(fixture->manager);
    do hr = create_do_manager(&fixture->manager);
    while (may_activate_again(hr, &tries));
    ok(hr == S_OK, "HOST-05: got hr %#lx.\n", hr);
    return hr == S_OK;
}

static BOOL restart(const char *id, struct dl_fixture *fixture, enum end end)
{
    return end_service(id, end) && open_again(fixture);
}

/* In place of an object of a service that is gone. */
static IDODownload *find_again(const char *id, struct dl_fixture *fixture, IDODownload *former, const WCHAR *guid)
{
    DO_DOWNLOAD_STATUS status;
    IDODownload *download;
    WCHAR text[40];
    HRESULT hr;

    memset(&status, 0xcc, sizeof(status));
    hr = IDODownload_GetStatus(former, &status);
    ok(is_rpc_error(hr), "%s: the former object gives %#lx.\n", id, hr);
    IDODownload_Release(former);
    if ((download = dl_find(id, fixture->manager, P(Id), guid)))
    {
        dl_get_id(download, text);
        ok(!wcscmp(text, guid), "%s: got id %s, expected %s.\n", id, wine_dbgstr_w(text), wine_dbgstr_w(guid));
    }
    return download;
}

static IDODownload *prepare_lasting(const char *id, struct dl_fixture *fixture, const struct resource *resource,
        const WCHAR *path)
{
    IDODownload *download = prepare_download(id, fixture, resource->url, path);

    check_hr(id, dl_set_bool(download, P(NonVolatile), TRUE), S_OK);
    return download;
}

/* Set and read back. */
static const struct setting
{
    DODownloadProperty prop;
    VARTYPE type;
    const WCHAR *string;
    ULONG number;
}
settings[] =
{
    { P(ContentId), VT_BSTR, L"content \x0441\x043b\x043e\x0432\x043e" },
    { P(DisplayName), VT_BSTR, L"name" },
    { P(CorrelationVector), VT_BSTR, L"g+Vo71JZwkmJdYfF.0" },
    { P(CostPolicy), VT_UI4, NULL, DODownloadCostPolicy_NoRoaming },
    { P(CallbackFreqPercent), VT_UI4, NULL, 17 },
    { P(CallbackFreqSeconds), VT_UI4, NULL, 3 },
    { P(NoProgressTimeoutSeconds), VT_UI4, NULL, 77 },
    { P(ForegroundPriority), VT_BOOL, NULL, TRUE },
    { P(BlockingMode), VT_BOOL, NULL, TRUE },
    { P(DisallowOnCellular), VT_BOOL, NULL, TRUE },
    { P(HttpAllowSecureToNonSecureRedirect), VT_BOOL, NULL, TRUE },
    { P(IntegrityCheckMandatory), VT_BOOL, NULL, FALSE },
    { P(TotalSizeBytes), VT_UI8, NULL, 123456 },
};

static void set_everything(IDODownload *download)
{
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(settings); ++i)
    {
        switch (settings[i].type)
        {
            case VT_BSTR: hr = dl_set_string(download, settings[i].prop, settings[i].string); break;
            case VT_UI4:  hr = dl_set_uint(download, settings[i].prop, settings[i].number); break;
            case VT_UI8:  hr = dl_set_u64(download, settings[i].prop, settings[i].number); break;
            default:      hr = dl_set_bool(download, settings[i].prop, settings[i].number);
        }
        ok(hr == S_OK, "DL-150: setting property %d gives %#lx.\n", settings[i].prop, hr);
    }
}

static void check_everything(IDODownload *download)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(settings); ++i)
    {
        switch (settings[i].type)
        {
            case VT_BSTR: check_dl_string("DL-150", download, settings[i].prop, settings[i].string); break;
            case VT_UI4:  check_dl_uint("DL-150", download, settings[i].prop, settings[i].number); break;
            case VT_UI8:  check_dl_u64("DL-150", download, settings[i].prop, settings[i].number); break;
            default:
                check_dl_bool("DL-150", download, settings[i].prop,
                        settings[i].number ? VARIANT_TRUE : VARIANT_FALSE);
        }
    }
}

/* A download that was never started, nor is held by anybody, with everything that can be set. */
static void test_created(enum end end)
{
    struct recorder *recorder = recorder_create();
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    WCHAR id[40];

    winetest_push_context("%s", debugstr_end(end));
    if (dl_open(&fixture))
    {
        resource = origin_add_resource(fixture.origin, "/created", 5000);
        download = prepare_lasting("DL-150", &fixture, resource, fixture.path);
        set_everything(download);
        recorder_register("DL-150", recorder, download);
        dl_get_id(download, id);
        if (restart("DL-150", &fixture, end) && (download = find_again("DL-150", &fixture, download, id)))
        {
            check_dl_status("DL-150", download, DODownloadState_Created, S_OK, S_OK);
            check_dl_bytes("DL-150", download, 123456, 0);
            check_dl_string("DL-150", download, P(Uri), resource->url);
            check_dl_string("DL-150", download, P(LocalPath), fixture.path);
            check_dl_bool("DL-150", download, P(NonVolatile), VARIANT_TRUE);
            check_everything(download);
            check_dl_unreadable("DL-150", download, P(CallbackInterface), HRESULT_FROM_WIN32(ERROR_NOT_FOUND));

            /* The download can still become one that ends with the service. */
            check_hr("DL-151", dl_set_bool(download, P(NonVolatile), FALSE), S_OK);
            if (restart("DL-151", &fixture, end))
            {
                IEnumUnknown *enumerator;

                check_hr("DL-151", dl_enum(fixture.manager, P(Id), id, &enumerator), DO_E_NO_DOWNLOADS);
            }
            IDODownload_Release(download);
        }
        dl_close(&fixture);
    }
    winetest_pop_context();
    recorder_release(recorder);
}

/* In the middle of a transfer: it goes on by itself, from where it was. */
static void test_transferring(enum end end)
{
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    DO_DOWNLOAD_STATUS status;
    IDODownload *download;
    unsigned int before;
    WCHAR id[40];
    HANDLE gate;

    winetest_push_context("%s", debugstr_end(end));
    if (dl_open(&fixture))
    {
        gate = create_gate();
        resource = origin_add_resource(fixture.origin, "/transferring", 300000);
        set_gate(resource, gate, 200000);
        download = prepare_lasting("DL-150", &fixture, resource, fixture.path);
        check_hr("DL-150", dl_set_string(download, P(HttpCustomHeaders), L"X-Kept: yes\r\n"), S_OK);
        dl_get_id(download, id);
        dl_start("DL-150", download);
        dl_wait_bytes("DL-150", download, 200000);
        if (end == END_KILL)
            Sleep(SAVE_MS);
        before = origin_get_requests(resource, NULL);
        if (restart("DL-150", &fixture, end) && (download = find_again("DL-150", &fixture, download, id)))
        {
            dl_get_status(download, &status);
            ok(status.State == DODownloadState_Transferring && !status.Error && !status.ExtendedError,
                    "DL-150: got state %s, error %#lx, %#lx.\n", debugstr_dl_state(status.State), status.Error,
                    status.ExtendedError);
            ok(status.BytesTotal == 300000 && status.BytesTransferred == 200000, "DL-150: got %s of %s bytes.\n",
                    debugstr_u64(status.BytesTransferred), debugstr_u64(status.BytesTotal));
            SetEvent(gate);
            dl_finish("DL-150", download, fixture.path, resource);
            ok(origin_get_requests(resource, &request) == before + 1, "DL-150: got %u requests, %u before.\n",
                    origin_get_requests(resource, NULL), before);
            ok(!strncmp(request.range, "bytes=200000-", 13), "DSK-001: got range %s.\n", request.range);
            ok(!strcmp(request.if_range, "\"v1\""), "DL-150: got validator %s.\n", request.if_range);
            ok(!!strstr(request.head, "X-Kept: yes\r\n"), "DL-150: the headers are gone.\n");
            IDODownload_Release(download);
            check_dir_count("DL-150", fixture.dir, 1);
        }
        SetEvent(gate);
        dl_close(&fixture);
        CloseHandle(gate);
    }
    winetest_pop_context();
}

/* States that wait for the client, and the ranges in force. */
static void test_resting(enum end end)
{
    static const struct dl_ranges ranges = { 2, { { 0, 100 }, { 50000, 20000 } } };
    static const DO_DOWNLOAD_RANGE parts[] = { { 0, 100 }, { 50000, 20000 } };
    static const struct dl_ranges more = { 1, { { 0, DO_LENGTH_TO_EOF } } };
    struct resource *resource, *missing, *slow;
    WCHAR ids[3][40], path[MAX_PATH];
    IDODownload *done, *failed, *paused;
    struct dl_fixture fixture;
    HANDLE gate;

    winetest_push_context("%s", debugstr_end(end));
    if (dl_open(&fixture))
    {
        gate = create_gate();
        join_path(path, fixture.dir, L"paused.bin");
        resource = origin_add_resource(fixture.origin, "/done", 70000);
        done = prepare_lasting("DL-150", &fixture, resource, fixture.path);
        missing = origin_add_resource(fixture.origin, "/forbidden", 1000);
        set_status(missing, 403, ORIGIN_FOREVER);
        failed = prepare_lasting("DL-150", &fixture, missing, join_path(path, fixture.dir, L"failed.bin"));
        slow = origin_add_resource(fixture.origin, "/slow", 100000);
        set_gate(slow, gate, 60000);
        paused = prepare_lasting("DL-150", &fixture, slow, join_path(path, fixture.dir, L"paused.bin"));
        dl_get_id(done, ids[0]);
        dl_get_id(failed, ids[1]);
        dl_get_id(paused, ids[2]);
        check_hr("DL-150", dl_start_ranges(done, &ranges), S_OK);
        dl_start("DL-150", failed);
        dl_start("DL-150", paused);
        dl_wait("DL-150", done, DODownloadState_Transferred);
        dl_wait_error("DL-150", failed, (HRESULT)0x80190193, S_OK);
        dl_wait_bytes("DL-150", paused, 60000);
        if (end == END_KILL)
            Sleep(SAVE_MS);
        check_hr("DL-150", IDODownload_Pause(paused), S_OK);

        if (restart("DL-150", &fixture, end))
        {
            done = find_again("DL-150", &fixture, done, ids[0]);
            failed = find_again("DL-150", &fixture, failed, ids[1]);
            paused = find_again("DL-150", &fixture, paused, ids[2]);
            if (done && failed && paused)
            {
                check_dl_status("DL-150", done, DODownloadState_Transferred, S_OK, S_OK);
                check_dl_bytes("DL-150", done, 20100, 20100);
                check_dl_status("DL-150", failed, DODownloadState_Paused, (HRESULT)0x80190193, S_OK);
                check_dl_status("DL-150", paused, DODownloadState_Paused, S_OK, S_OK);
                check_dl_bytes("DL-150", paused, 100000, 60000);

                check_hr("DL-150", IDODownload_Finalize(done), S_OK);
                check_parts_content("DL-150", fixture.path, resource, parts, ARRAY_SIZE(parts));
                set_status(missing, 0, 0);
                dl_start("DL-150", failed);
                dl_wait("DL-150", failed, DODownloadState_Transferred);
                SetEvent(gate);
                check_hr("DL-150", dl_start_ranges(paused, &more), S_OK);
                dl_finish("DL-150", paused, path, slow);
                check_hr("DL-150", IDODownload_Abort(failed), S_OK);
                check_dir_count("DL-150", fixture.dir, 2);
            }
            if (failed)
                dl_discard(failed);
            if (done)
                IDODownload_Release(done);
            if (paused)
                IDODownload_Release(paused);
        }
        SetEvent(gate);
        dl_close(&fixture);
        CloseHandle(gate);
    }
    winetest_pop_context();
}

/* A final download is not there again. */
static void test_final(void)
{
    IDODownload *finalized, *aborted;
    struct resource *resource;
    struct dl_fixture fixture;
    IEnumUnknown *enumerator;
    WCHAR path[MAX_PATH];
    WCHAR ids[2][40];
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/final", 5000);
    finalized = prepare_lasting("DL-150", &fixture, resource, fixture.path);
    aborted = prepare_lasting("DL-150", &fixture, resource, join_path(path, fixture.dir, L"aborted.bin"));
    dl_get_id(finalized, ids[0]);
    dl_get_id(aborted, ids[1]);
    dl_start("DL-150", finalized);
    dl_start("DL-150", aborted);
    dl_finish("DL-150", finalized, fixture.path, resource);
    check_hr("DL-150", IDODownload_Abort(aborted), S_OK);
    if (restart("DL-150", &fixture, END_KILL))
    {
        for (i = 0; i < ARRAY_SIZE(ids); ++i)
            check_hr("DL-150", dl_enum(fixture.manager, P(Id), ids[i], &enumerator), DO_E_NO_DOWNLOADS);
        check_content("DL-150", fixture.path, resource);
        check_dir_count("DL-150", fixture.dir, 1);
    }
    IDODownload_Release(finalized);
    IDODownload_Release(aborted);
    dl_close(&fixture);
}

/* A stream cannot survive: the download waits for another one. */
static void test_stream(enum end end)
{
    struct resource *resource;
    struct dl_fixture fixture;
    struct sink *sink, *next;
    IDODownload *download, *done;
    WCHAR ids[2][40];
    HANDLE gate;

    winetest_push_context("%s", debugstr_end(end));
    if (dl_open(&fixture))
    {
        gate = create_gate();
        resource = origin_add_resource(fixture.origin, "/stream", 300000);
        sink = sink_create(resource);
        done = prepare_lasting("DL-150", &fixture, resource, NULL);
        check_hr("DL-150", dl_set_object(done, P(StreamInterface), &sink->IStream_iface), S_OK);
        dl_get_id(done, ids[0]);
        dl_start("DL-150", done);
        dl_wait("DL-150", done, DODownloadState_Transferred);
        next = sink_create(resource);
        set_gate(resource, gate, 200000);
        download = prepare_lasting("DL-150", &fixture, resource, NULL);
        check_hr("DL-150", dl_set_object(download, P(StreamInterface), &next->IStream_iface), S_OK);
        dl_get_id(download, ids[1]);
        dl_start("DL-150", download);
        dl_wait_bytes("DL-150", download, 200000);
        if (restart("DL-150", &fixture, end))
        {
            done = find_again("DL-150", &fixture, done, ids[0]);
            download = find_again("DL-150", &fixture, download, ids[1]);
            if (done)
            {
                check_dl_status("DL-150", done, DODownloadState_Transferred, S_OK, S_OK);
                check_dl_bytes("DL-150", done, 300000, 300000);
                check_hr("DL-150", IDODownload_Finalize(done), S_OK);
                IDODownload_Release(done);
            }
            if (download)
            {
                check_dl_status("DL-150", download, DODownloadState_Paused, DO_E_FILE_DOWNLOADSINK_UNSPECIFIED, S_OK);
                check_dl_unreadable("DL-150", download, P(StreamInterface), HRESULT_FROM_WIN32(ERROR_NOT_FOUND));
                check_hr("DL-150", IDODownload_Start(download, NULL), DO_E_FILE_DOWNLOADSINK_UNSPECIFIED);
                next->bytes = 0;
                check_hr("DL-150", dl_set_object(download, P(StreamInterface), &next->IStream_iface), S_OK);
                SetEvent(gate);
                dl_start("DL-150", download);
                dl_wait("DL-150", download, DODownloadState_Transferred);
                sink_check("DL-150", next, resource->size);
                check_hr("DL-150", IDODownload_Finalize(download), S_OK);
                IDODownload_Release(download);
            }
        }
        SetEvent(gate);
        CoDisconnectObject((IUnknown *)&sink->IStream_iface, 0);
        CoDisconnectObject((IUnknown *)&next->IStream_iface, 0);
        sink_release(sink);
        sink_release(next);
        dl_close(&fixture);
        CloseHandle(gate);
    }
    winetest_pop_context();
}

/* In D, T, P and C. */
static void test_volatile(enum end end)
{
    struct resource *resource, *slow;
    IDODownload *downloads[4];
    IEnumUnknown *enumerator;
    struct dl_fixture fixture;
    DO_DOWNLOAD_STATUS status;
    WCHAR path[MAX_PATH];
    WCHAR ids[4][40];
    unsigned int i;
    VARIANT value;
    HANDLE gate;
    HRESULT hr;

    winetest_push_context("%s", debugstr_end(end));
    if (dl_open(&fixture))
    {
        gate = create_gate();
        resource = origin_add_resource(fixture.origin, "/volatile", 50000);
        slow = origin_add_resource(fixture.origin, "/slow", 100000);
        set_gate(slow, gate, 60000);
        for (i = 0; i < ARRAY_SIZE(downloads); ++i)
        {
            swprintf(path, ARRAY_SIZE(path), L"%ls%u.bin", fixture.dir, i);
            downloads[i] = prepare_download("DL-151", &fixture, i ? slow->url : resource->url, path);
            dl_get_id(downloads[i], ids[i]);
            if (i != 3)
                dl_start("DL-151", downloads[i]);
        }
        dl_wait("DL-151", downloads[0], DODownloadState_Transferred);
        dl_wait_bytes("DL-151", downloads[1], 60000);
        dl_wait_bytes("DL-151", downloads[2], 60000);
        check_hr("DL-151", IDODownload_Pause(downloads[2]), S_OK);
        check_dir_count("DL-151", fixture.dir, 3);
        if (restart("DL-151", &fixture, end))
        {
            for (i = 0; i < ARRAY_SIZE(downloads); ++i)
                check_hr("DL-151", dl_enum(fixture.manager, P(Id), ids[i], &enumerator), DO_E_NO_DOWNLOADS);
            check_no_file("DL-151", &fixture);
            VariantInit(&value);
            hr = IDODownload_GetStatus(downloads[1], &status);
            ok(is_rpc_error(hr), "DL-151: GetStatus gives %#lx.\n", hr);
            hr = IDODownload_GetProperty(downloads[1], P(Id), &value);
            ok(is_rpc_error(hr), "DL-151: GetProperty gives %#lx.\n", hr);
            hr = dl_set_string(downloads[1], P(DisplayName), L"name");
            ok(is_rpc_error(hr), "DL-151: SetProperty gives %#lx.\n", hr);
            hr = IDODownload_Start(downloads[1], NULL);
            ok(is_rpc_error(hr), "DL-151: Start gives %#lx.\n", hr);
            hr = IDODownload_Pause(downloads[1]);
            ok(is_rpc_error(hr), "DL-151: Pause gives %#lx.\n", hr);
            hr = IDODownload_Abort(downloads[1]);
            ok(is_rpc_error(hr), "DL-151: Abort gives %#lx.\n", hr);
            hr = IDODownload_Finalize(downloads[0]);
            ok(is_rpc_error(hr), "DL-151: Finalize gives %#lx.\n", hr);
        }
        for (i = 0; i < ARRAY_SIZE(downloads); ++i)
            IDODownload_Release(downloads[i]);
        SetEvent(gate);
        dl_close(&fixture);
        CloseHandle(gate);
    }
    winetest_pop_context();
}

/* Fate of the temporary files while the service is not there. */
static void test_changed_files(void)
{
    IDODownload *downloads[2];
    struct resource *resource;
    struct dl_fixture fixture;
    WCHAR path[MAX_PATH];
    WCHAR ids[2][40];
    LARGE_INTEGER size;
    unsigned int i;
    HANDLE gate, file;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/files", 100000);
    set_gate(resource, gate, 60000);
    for (i = 0; i < ARRAY_SIZE(downloads); ++i)
    {
        swprintf(path, ARRAY_SIZE(path), L"%ls%u\\%u.bin", fixture.dir, i, i);
        downloads[i] = prepare_lasting("DL-133", &fixture, resource, path);
        dl_get_id(downloads[i], ids[i]);
        dl_start("DL-133", downloads[i]);
        dl_wait_bytes("DL-133", downloads[i], 60000);
        check_hr("DL-133", IDODownload_Pause(downloads[i]), S_OK);
    }
    if (end_service("DL-133", END_STOP))
    {
        swprintf(path, ARRAY_SIZE(path), L"%ls0\\", fixture.dir);
        ok(find_temp(path, path) == 1, "DL-133: there is no file.\n");
        ok(DeleteFileW(path), "DL-134: got error %lu.\n", GetLastError());
        swprintf(path, ARRAY_SIZE(path), L"%ls1\\", fixture.dir);
        ok(find_temp(path, path) == 1, "DL-150: there is no file.\n");
        file = CreateFileW(path, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        ok(file != INVALID_HANDLE_VALUE, "DL-150: got error %lu.\n", GetLastError());
        size.QuadPart = 30000;
        ok(SetFilePointerEx(file, size, NULL, FILE_BEGIN) && SetEndOfFile(file), "DL-150: got error %lu.\n",
                GetLastError());
        CloseHandle(file);
        if (open_again(&fixture))
        {
            SetEvent(gate);
            if ((downloads[0] = find_again("DL-133", &fixture, downloads[0], ids[0])))
            {
                check_dl_status("DL-133", downloads[0], DODownloadState_Paused, S_OK, S_OK);
                dl_start("DL-133", downloads[0]);
                dl_wait_error("DL-133", downloads[0], HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), S_OK);
                dl_discard(downloads[0]);
            }
            if ((downloads[1] = find_again("DL-150", &fixture, downloads[1], ids[1])))
            {
                dl_start("DL-150", downloads[1]);
                swprintf(path, ARRAY_SIZE(path), L"%ls1\\1.bin", fixture.dir);
                dl_finish("DL-150", downloads[1], path, resource);
                IDODownload_Release(downloads[1]);
                DeleteFileW(path);
            }
        }
    }
    SetEvent(gate);
    for (i = 0; i < ARRAY_SIZE(downloads); ++i)
    {
        swprintf(path, ARRAY_SIZE(path), L"%ls%u", fixture.dir, i);
        ok(RemoveDirectoryW(path), "DL-133: cannot remove %s, error %lu.\n", wine_dbgstr_w(path), GetLastError());
    }
    dl_close(&fixture);
    CloseHandle(gate);
}

/* A file that Abort cannot delete goes when the service starts the next time. */
static void test_held_file(BOOL is_lasting)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IEnumUnknown *enumerator;
    IDODownload *download;
    WCHAR path[MAX_PATH];
    HANDLE gate, file;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/held", 100000);
    set_gate(resource, gate, 60000);
    download = prepare_download("DL-128", &fixture, resource->url, fixture.path);
    check_hr("DL-128", dl_set_bool(download, P(NonVolatile), is_lasting), S_OK);
    dl_start("DL-128", download);
    dl_wait_bytes("DL-128", download, 60000);
    check_hr("DL-128", IDODownload_Pause(download), S_OK);
    ok(find_temp(fixture.dir, path) == 1, "DL-128: there is no file.\n");
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    ok(file != INVALID_HANDLE_VALUE, "DL-128: got error %lu.\n", GetLastError());
    check_hr("DL-128", IDODownload_Abort(download), S_OK);
    check_dl_state("DL-128", download, DODownloadState_Aborted);
    check_dir_count("DL-128", fixture.dir, 1);
    if (end_service("DL-128", END_KILL))
    {
        CloseHandle(file);
        check_dir_count("DL-128", fixture.dir, 1);
        if (open_again(&fixture))
        {
            /* A client that asks waits until all has been read. */
            check_hr("DL-128", dl_enum(fixture.manager, P(Uri), resource->url, &enumerator), DO_E_NO_DOWNLOADS);
            check_no_file("DL-128", &fixture);
        }
    }
    else
    {
        CloseHandle(file);
    }
    IDODownload_Release(download);
    SetEvent(gate);
    dl_close(&fixture);
    CloseHandle(gate);
}

/* In C, T, P and D; kept and not. */
static void test_expiry(void)
{
    struct resource *resource, *slow;
    IDODownload *downloads[8];
    struct dl_fixture fixture;
    WCHAR path[MAX_PATH];
    unsigned int i;
    HANDLE gate;
    DWORD end;

    if (!dl_open(&fixture))
        return;
    if (!set_setting(L"DownloadExpirySeconds", 5))
    {
        skip("DL-152: no right to change the settings of the service.\n");
        dl_close(&fixture);
        return;
    }
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/expiry", 50000);
    slow = origin_add_resource(fixture.origin, "/slow", 100000);
    set_gate(slow, gate, 60000);
    for (i = 0; i < ARRAY_SIZE(downloads); ++i)
    {
        swprintf(path, ARRAY_SIZE(path), L"%ls%u.bin", fixture.dir, i);
        downloads[i] = prepare_download("DL-152", &fixture, i / 2 == 1 ? resource->url : slow->url, path);
        check_hr("DL-152", dl_set_bool(downloads[i], P(NonVolatile), i % 2), S_OK);
        if (i / 2)
            dl_start("DL-152", downloads[i]);
    }
    for (i = 2; i < ARRAY_SIZE(downloads); ++i)
    {
        if (i / 2 == 1)
            dl_wait("DL-152", downloads[i], DODownloadState_Transferred);
        else
            dl_wait_bytes("DL-152", downloads[i], 60000);
        if (i / 2 == 2)
            check_hr("DL-152", IDODownload_Pause(downloads[i]), S_OK);
    }
    ok(find_temp(fixture.dir, path) == 6, "DL-152: got %u files.\n", find_temp(fixture.dir, path));
    /* To ask would be a call. */
    for (end = GetTickCount() + LIMIT_MS; find_temp(fixture.dir, path) && (LONG)(end - GetTickCount()) > 0;)
        Sleep(POLL_MS);
    check_no_file("DL-152", &fixture);
    for (i = 0; i < ARRAY_SIZE(downloads); ++i)
    {
        winetest_push_context("download %u", i);
        check_dl_status("DL-152", downloads[i], DODownloadState_Aborted, DO_E_JOB_TOO_OLD, S_OK);
        IDODownload_Release(downloads[i]);
        winetest_pop_context();
    }
    set_setting(L"DownloadExpirySeconds", 0);
    SetEvent(gate);
    dl_close(&fixture);
    CloseHandle(gate);
    stop_service(); /* the next one has the default again */
}

/* A serialized element of a store: property CERT_CERT_PROP_ID of 235 bytes, a certificate of CN=secret-cert. */
static const BYTE certificate[] =
{
    32, 0, 0, 0, 1, 0, 0, 0, 235, 0, 0, 0,
    0x30, 0x81, 0xe8, 0x30, 0x81, 0x9b, 0x02, 0x14, 0x29, 0xa1, 0xd3, 0x3f, 0x29, 0x70, 0xca, 0xa5, 0xca, 0x20,
    0xa7, 0x0f, 0xca, 0xc2, 0x9e, 0xa0, 0xbd, 0xf5, 0x21, 0xd6, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x30,
    0x16, 0x31, 0x14, 0x30, 0x12, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x0b, 0x73, 0x65, 0x63, 0x72, 0x65, 0x74,
    0x2d, 0x63, 0x65, 0x72, 0x74, 0x30, 0x20, 0x17, 0x0d, 0x32, 0x36, 0x31, 0x31, 0x32, 0x35, 0x31, 0x35, 0x34,
    0x39, 0x35, 0x30, 0x5a, 0x18, 0x0f, 0x32, 0x30, 0x38, 0x31, 0x30, 0x38, 0x32, 0x38, 0x31, 0x35, 0x34, 0x39,
    0x35, 0x30, 0x5a, 0x30, 0x16, 0x31, 0x14, 0x30, 0x12, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x0b, 0x73, 0x65,
    0x63, 0x72, 0x65, 0x74, 0x2d, 0x63, 0x65, 0x72, 0x74, 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70,
    0x03, 0x21, 0x00, 0x99, 0xe3, 0x2a, 0x0c, 0xf5, 0x15, 0x10, 0x7c, 0x04, 0x7e, 0x81, 0x21, 0x8f, 0xdb, 0xff,
    0xcc, 0x52, 0xc2, 0x3d, 0x2c, 0x00, 0x1e, 0x3f, 0x85, 0x1d, 0x77, 0x77, 0x13, 0x06, 0x26, 0x20, 0x41, 0x30,
    0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x41, 0x00, 0x0c, 0xa7, 0xc9, 0xe4, 0xae, 0x8a, 0xbe, 0x3a, 0xcd,
    0xb6, 0x49, 0x95, 0x9b, 0x56, 0xff, 0xbc, 0x64, 0xc7, 0x34, 0xb1, 0x75, 0xf2, 0x2f, 0xfe, 0xf4, 0xfa, 0x2f,
    0xf6, 0xf6, 0xac, 0x26, 0x50, 0xca, 0x20, 0x46, 0xd3, 0xf8, 0xce, 0xc0, 0xf3, 0xa9, 0x26, 0x2d, 0xcd, 0x08,
    0x6c, 0x97, 0xbb, 0x88, 0x05, 0x14, 0xb1, 0xea, 0x6e, 0x5d, 0xdb, 0xcc, 0x88, 0x61, 0x24, 0x41, 0xf2, 0x61,
    0x07,
};

/* The age grows over many short runs of the service. */
static void test_saved_age(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    WCHAR id[40];
    FILETIME time;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/age", 1000);
    download = prepare_lasting("DL-152", &fixture, resource, fixture.path);
    dl_get_id(download, id);
    time = get_saved_time(L"*.download");
    if (!set_setting(L"DownloadExpirySeconds", 60))
    {
        skip("DL-152: no right to change the settings of the service.\n");
    }
    else if (restart("DL-152", &fixture, END_STOP))
    {
        check_saved_again("DL-152", L"*.download", time);
        download = find_again("DL-152", &fixture, download, id);
    }
    set_setting(L"DownloadExpirySeconds", 0);
    if (download)
        dl_discard(download);
    dl_close(&fixture);
    stop_service();
}

static void check_secrets(const char *when)
{
    static const char *const secrets[] =
    {
        "secret-header", "secret-cookie", "secret-line", "secret-auth", "secret-cert", "c2VjcmV0LWtleS0xMjM0NQ==",
        "secret-user", "secret-pass",
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(secrets); ++i)
        ok(!count_saved(L"*.download", secrets[i]), "DL-153: %s: %s was saved.\n", when, secrets[i]);
    /* The test would find it. */
    ok(count_saved(L"*.download", "kept-header"), "DL-153: %s: nothing was saved.\n", when);
    ok(count_saved(L"*.download", "Kept-Name"), "DL-153: %s: nothing was saved.\n", when);
}

static void test_secrets(void)
{
    static const WCHAR key[] = L"{\"KeyData\":\"c2VjcmV0LWtleS0xMjM0NQ==\",\"AlgorithmName\":\"AES\","
            L"\"EncryptionBufferSize\":65536}";
    static const WCHAR headers[] = L"Authorization: Bearer secret-header\r\nCookie: secret-cookie\r\n"
            L" Authorization: secret-line\r\nX-Kept: kept-header\r\n";
    IDODownload *download, *encrypted;
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    WCHAR path[MAX_PATH], url[128];
    WCHAR ids[2][40];
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/kept", 300000);
    set_gate(resource, gate, 200000);
    download = prepare_lasting("DL-153", &fixture, resource, fixture.path);
    encrypted = prepare_lasting("DL-153", &fixture, resource, join_path(path, fixture.dir, L"encrypted.bin"));
    dl_get_id(download, ids[0]);
    dl_get_id(encrypted, ids[1]);
    add_userinfo(url, resource->url, L"secret-user:secret-pass@");
    check_hr("DL-153", dl_set_string(download, P(Uri), url), S_OK);
    check_hr("DL-153", dl_set_string(download, P(DisplayName), L"Kept-Name"), S_OK);
    check_hr("DL-153", dl_set_string(download, P(HttpCustomHeaders), headers), S_OK);
    check_hr("DL-153", dl_set_string(download, P(HttpCustomAuthHeaders), L"Authorization: Basic secret-auth\r\n"),
            S_OK);
    check_hr("DL-153", dl_set_bytes(download, P(SecurityContext), VT_UI1, certificate, sizeof(certificate)), S_OK);
    check_hr("DL-153", dl_set_string(encrypted, P(DecryptionInfo), key), S_OK);
    check_secrets("created");
    dl_start("DL-153", download);
    dl_wait_bytes("DL-153", download, 200000);
    check_dl_string("DL-153", download, P(HttpCustomHeaders), headers);
    check_dl_string("DL-153", download, P(Uri), url);
    Sleep(SAVE_MS);
    check_secrets("transferring");
    if (restart("DL-153", &fixture, END_STOP))
    {
        download = find_again("DL-153", &fixture, download, ids[0]);
        encrypted = find_again("DL-153", &fixture, encrypted, ids[1]);
        if (download && encrypted)
        {
            check_secrets("stopped");
            check_dl_string("DL-153", download, P(HttpCustomHeaders), L"X-Kept: kept-header\r\n");
            check_dl_string("DL-153", download, P(Uri), resource->url);
            check_dl_unreadable("DL-153", download, P(HttpCustomAuthHeaders), HRESULT_FROM_WIN32(ERROR_NOT_FOUND));
            SetEvent(gate);
            dl_finish("DL-153", download, fixture.path, resource);
            origin_get_requests(resource, &request);
            ok(!strstr(request.head, "secret"), "DL-153: got request %s.\n", request.head);
            /* The key is gone; the ciphertext must not pass for the file. */
            check_hr("DL-153", IDODownload_Start(encrypted, NULL), E_NOTIMPL);
            check_dl_status("DL-153", encrypted, DODownloadState_Created, S_OK, S_OK);
        }
        if (download)
            IDODownload_Release(download);
        if (encrypted)
            dl_discard(encrypted);
    }
    SetEvent(gate);
    dl_close(&fixture);
    CloseHandle(gate);
}

START_TEST(dl_persist)
{
    enum end end;

    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    for (end = END_STOP; end <= END_KILL; ++end)
    {
        test_created(end);
        test_transferring(end);
        test_resting(end);
        test_stream(end);
        test_volatile(end);
    }
    test_final();
    test_changed_files();
    test_held_file(FALSE);
    test_held_file(TRUE);
    test_secrets();
    test_saved_age();
    test_expiry();
    CoUninitialize();
}
