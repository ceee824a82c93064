/*
 * Clients that are killed, and what remains of them
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

/* Objects that a client holds in the service cannot be counted from outside, but a
 * download in Created goes away with the last object that leads to it: these
 * are the witnesses. A callback that the service has given up cannot be read
 * any more, and a download cannot write into a stream that is gone. */

#include "dosvc_test.h"
#include "download.h"
#include "recorder.h"
#include "sink.h"
#include "control.h"

#define P(name) DODownloadProperty_ ## name

static const struct death
{
    const char *when;
    unsigned int witnesses;
    BOOL has_callback;
    BOOL is_in_call;
    BOOL has_stream;
    BOOL is_in_write;
    BOOL is_done; /* the stream is one that has everything, and outlives the service */
}
deaths[] =
{
    { "inside a callback",    1,   TRUE,  TRUE,  FALSE, FALSE },
    { "between callbacks",    1,   TRUE,  FALSE, FALSE, FALSE },
    { "inside a Write",       1,   FALSE, FALSE, TRUE,  TRUE },
    { "between Writes",       1,   FALSE, FALSE, TRUE,  FALSE },
    { "with 100 downloads",   100, FALSE, FALSE, FALSE, FALSE },
    { "with all of that",     100, TRUE,  TRUE,  TRUE,  TRUE },
    { "after the last Write", 1,   FALSE, FALSE, TRUE,  FALSE, TRUE },
};

#define NAME_SIZE 160
#define STALL     500000 /* bytes, after which the server waits */

/* The name by which the parent finds what the child has made. */
static WCHAR *make_name(WCHAR *name, const WCHAR *url, const WCHAR *what)
{
    swprintf(name, NAME_SIZE, L"%ls %ls", url, what);
    return name;
}

static IDODownload *create_named(IDOManager *manager, const WCHAR *url, const WCHAR *what)
{
    IDODownload *download = create_download("HOST-15", manager);
    WCHAR name[NAME_SIZE];

    check_hr("HOST-15", dl_set_string(download, P(Uri), url), S_OK);
    check_hr("HOST-15", dl_set_string(download, P(DisplayName), make_name(name, url, what)), S_OK);
    return download;
}

/* argv: dl_death index event URL path. It is killed while it waits at the end. */
static void child(char **argv)
{
    const struct death *death = &deaths[atoi(argv[2])];
    HANDLE ready = ULongToHandle(strtoul(argv[3], NULL, 16));
    static struct resource resource; /* nobody looks at the bytes */
    struct recorder *recorder;
    WCHAR url[128], path[MAX_PATH];
    IDODownload *download;
    IDOManager *manager;
    struct sink *sink;
    unsigned int i;
    HRESULT hr;

    MultiByteToWideChar(CP_ACP, 0, argv[4], -1, url, ARRAY_SIZE(url));
    MultiByteToWideChar(CP_ACP, 0, argv[5], -1, path, ARRAY_SIZE(path));
    hr = create_do_manager(&manager);
    ok(hr == S_OK, "HOST-15: got hr %#lx.\n", hr);
    for (i = 0; i < death->witnesses; ++i)
        create_named(manager, url, L"witness");
    if (death->has_callback)
    {
        recorder = recorder_create();
        recorder->gate = death->is_in_call ? create_gate() : NULL;
        download = create_named(manager, url, L"file");
        check_hr("HOST-15", dl_set_string(download, P(LocalPath), path), S_OK);
        /* Nothing but its death shows the service that it is not there. */
        if (!death->is_in_call)
            check_hr("HOST-15", dl_set_uint(download, P(CallbackFreqSeconds), 0), S_OK);
        recorder_register("HOST-15", recorder, download);
        dl_start("HOST-15", download);
        recorder_wait("HOST-15", recorder, DODownloadState_Transferring, 1);
    }
    if (death->has_stream)
    {
        sink = sink_create(&resource);
        sink->gate = death->is_in_write ? create_gate() : NULL;
        download = create_named(manager, url, L"stream");
        check_hr("HOST-15", dl_set_object(download, P(StreamInterface), &sink->IStream_iface), S_OK);
        check_hr("HOST-15", dl_set_bool(download, P(NonVolatile), death->is_done), S_OK);
        dl_start("HOST-15", download);
        if (death->is_in_write)
            wait_event("HOST-15", sink->at_gate);
        else if (death->is_done)
            dl_wait("HOST-15", download, DODownloadState_Transferred);
        else
            dl_wait_bytes("HOST-15", download, STALL); /* counted when Write has returned */
    }
    SetEvent(ready);
    Sleep(INFINITE);
}

static unsigned int count_downloads(IDOManager *manager, const WCHAR *name)
{
    IEnumUnknown *enumerator;
    unsigned int count = 0;
    IUnknown *unknown;
    HRESULT hr;

    hr = dl_enum(manager, P(DisplayName), name, &enumerator);
    ok(hr == S_OK || hr == DO_E_NO_DOWNLOADS, "HOST-15: EnumDownloads gives %#lx.\n", hr);
    if (FAILED(hr))
        return 0;
    while (IEnumUnknown_Next(enumerator, 1, &unknown, NULL) == S_OK)
    {
        IUnknown_Release(unknown);
        ++count;
    }
    IEnumUnknown_Release(enumerator);
    return count;
}

static BOOL has_witness(IDOManager *manager, const WCHAR *url)
{
    WCHAR name[NAME_SIZE];

    return count_downloads(manager, make_name(name, url, L"witness")) != 0;
}

/* The transfer goes on, for nobody, until somebody finds it (DL-112). */
static BOOL has_callback(IDOManager *manager, const WCHAR *url)
{
    WCHAR name[NAME_SIZE];
    IDODownload *download;
    VARIANT value;
    HRESULT hr;

    if (!(download = dl_find("DL-112", manager, P(DisplayName), make_name(name, url, L"file"))))
        return FALSE;
    check_dl_status("DL-112", download, DODownloadState_Transferring, S_OK, S_OK);
    VariantInit(&value);
    hr = IDODownload_GetProperty(download, P(CallbackInterface), &value);
    VariantClear(&value);
    IDODownload_Release(download);
    return hr != E_NOT_SET;
}

static BOOL has_running_stream(IDOManager *manager, const WCHAR *url)
{
    WCHAR name[NAME_SIZE];
    DODownloadState state;
    IDODownload *download;
    VARIANT value;
    HRESULT hr;

    if (!(download = dl_find("DL-124", manager, P(DisplayName), make_name(name, url, L"stream"))))
        return FALSE;
    state = dl_get_state(download);
    VariantInit(&value);
    hr = IDODownload_GetProperty(download, P(StreamInterface), &value);
    VariantClear(&value);
    IDODownload_Release(download);
    return state == DODownloadState_Transferring || hr != E_NOT_SET;
}

/* tests/stress/run reads these times. */
static void check_gone(const char *what, const struct death *death, IDOManager *manager, const WCHAR *url,
        BOOL (*is_there)(IDOManager *manager, const WCHAR *url), DWORD start)
{
    BOOL ret;

    while ((ret = is_there(manager, url)) && GetTickCount() - start < LIMIT_MS)
        Sleep(POLL_MS);
    ok(!ret, "HOST-15: %s of a client killed %s is still there.\n", what, death->when);
    trace("HOST-15: killed %s, %s gone after %lu ms.\n", death->when, what, GetTickCount() - start);
}

static void check_stream(IDOManager *manager, const WCHAR *url)
{
    DO_DOWNLOAD_STATUS status;
    WCHAR name[NAME_SIZE];
    IDODownload *download;

    if (!(download = dl_find("DL-124", manager, P(DisplayName), make_name(name, url, L"stream"))))
        return;
    dl_get_status(download, &status);
    ok(status.State == DODownloadState_Paused, "DL-124: got state %s.\n", debugstr_dl_state(status.State));
    ok(status.Error == RPC_E_DISCONNECTED || status.Error == RPC_E_SERVER_DIED
            || status.Error == RPC_E_SERVER_DIED_DNE || status.Error == CO_E_OBJNOTCONNECTED
            || status.Error == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)
            || status.Error == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED), "DL-124: got error %#lx.\n", status.Error);
    dl_discard(download);
}

static void check_file(IDOManager *manager, const struct resource *resource, const WCHAR *path)
{
    WCHAR name[NAME_SIZE];
    IDODownload *download;

    if (!(download = dl_find("DL-112", manager, P(DisplayName), make_name(name, resource->url, L"file"))))
        return;
    dl_finish("DL-112", download, path, resource);
    IDODownload_Release(download);
    DeleteFileW(path);
}

/* Returns the moment when the child was dead. */
static DWORD kill_child(unsigned int index, const WCHAR *url, const WCHAR *path, IDOManager *manager)
{
    SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
    HANDLE ready = CreateEventW(&inherited, TRUE, FALSE, NULL), process;
    WCHAR name[NAME_SIZE];
    unsigned int count;
    char args[5000];

    sprintf(args, "%u %lx %ls \"%ls\"", index, HandleToULong(ready), url, path);
    process = start_child("dl_death", args);
    wait_event("HOST-15", ready);
    count = count_downloads(manager, make_name(name, url, L"witness"));
    ok(count == deaths[index].witnesses, "HOST-15: there are %u witnesses, expected %u.\n", count,
            deaths[index].witnesses);
    TerminateProcess(process, 0);
    WaitForSingleObject(process, LIMIT_MS);
    CloseHandle(process);
    CloseHandle(ready);
    return GetTickCount();
}

static void test_death(unsigned int index)
{
    const struct death *death = &deaths[index];
    struct recorder *recorder = recorder_create();
    struct resource *resource, *other;
    struct dl_fixture fixture;
    IDODownload *bystander;
    WCHAR path[MAX_PATH];
    unsigned int count;
    HANDLE gate;
    DWORD start;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/dying", 1000000);
    other = origin_add_resource(fixture.origin, "/bystander", 1000000);
    set_gate(resource, gate, STALL);
    set_gate(other, gate, STALL);
    swprintf(path, MAX_PATH, L"%lsbystander", fixture.dir);
    bystander = prepare_download("HOST-15", &fixture, other->url, path);
    recorder_register("HOST-15", recorder, bystander);
    dl_start("HOST-15", bystander);
    recorder_wait("HOST-15", recorder, DODownloadState_Transferring, 1);

    start = kill_child(index, resource->url, fixture.path, fixture.manager);
    count = recorder_count(recorder);
    check_gone("witnesses", death, fixture.manager, resource->url, has_witness, start);
    if (death->has_stream)
    {
        check_gone("stream", death, fixture.manager, resource->url, has_running_stream, start);
        check_stream(fixture.manager, resource->url);
    }
    if (death->has_callback)
        check_gone("callback", death, fixture.manager, resource->url, has_callback, start);

    /* The others have not noticed. */
    recorder_wait("HOST-15", recorder, DODownloadState_Transferring, count + 1);
    SetEvent(gate);
    if (death->has_callback)
        check_file(fixture.manager, resource, fixture.path);
    dl_finish("HOST-15", bystander, path, other);
    recorder_wait("HOST-15", recorder, DODownloadState_Finalized, 1);
    recorder_check_states("HOST-15", recorder, "TDF");
    IDODownload_Release(bystander);
    recorder_check_released("HOST-15", recorder);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void check_done_stream(IDOManager *manager, const WCHAR *url, BOOL is_finished)
{
    WCHAR name[NAME_SIZE];
    IDODownload *download;

    if (!(download = dl_find("DL-150", manager, P(DisplayName), make_name(name, url, L"stream"))))
        return;
    check_dl_status("DL-150", download, DODownloadState_Transferred, S_OK, S_OK);
    check_dl_bytes("DL-150", download, 100000, 100000);
    if (is_finished)
        check_hr("DL-150", IDODownload_Finalize(download), S_OK);
    IDODownload_Release(download);
}

/* A stream that is Transferred stays so when its client dies, and in the next service. */
static void test_done(unsigned int index)
{
    struct resource *resource;
    struct dl_fixture fixture;
    DWORD start;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/done", 100000);
    start = kill_child(index, resource->url, fixture.path, fixture.manager);
    check_gone("stream", &deaths[index], fixture.manager, resource->url, has_running_stream, start);
    check_done_stream(fixture.manager, resource->url, FALSE);
    IDOManager_Release(fixture.manager);
    fixture.manager = NULL;
    end_service("DL-150", END_STOP);
    check_hr("DL-150", create_do_manager(&fixture.manager), S_OK);
    check_done_stream(fixture.manager, resource->url, TRUE);
    dl_close(&fixture);
}

START_TEST(dl_death)
{
    unsigned int i;
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    if (argc >= 6)
        child(argv);
    else
    {
        for (i = 0; i < ARRAY_SIZE(deaths); ++i)
        {
            if (deaths[i].is_done)
                test_done(i);
            else
                test_death(i);
        }
    }
    CoUninitialize();
}
