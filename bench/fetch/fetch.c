/*
 * Downloads files as a client of one service or another
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


/* Prints how long it took, in seconds, from the first call to the last file
 * under its name. Whatever the interface, the steps are the same: make, start,
 * poll until it has arrived, complete. */

#include <stdarg.h>
#include <stdio.h>

#define COBJMACROS
#include "initguid.h"
#include "windef.h"
#include "winbase.h"
#include "objbase.h"
#include "oleauto.h"
#include "shlwapi.h"
#include "bits.h"
#include "deliveryoptimization.h"

#define POLL_DELAY   5  /* ms at least, ... */
#define POLL_SHARE   64 /* ... and this part of the time until then: a call costs more than what it waits for */
#define POLLERS      8
#define PATH_SIZE    1024
#define RANGES       5

static const WCHAR *api, *url, *path, *started, *hash_of_hashes;
static UINT count, polls;

static IDOManager *downloads;
static IBackgroundCopyManager *jobs;

/* A download, or a job with one file or more. */
struct item
{
    IDODownload *download;
    IBackgroundCopyJob *job;
};

static HRESULT fail(const char *what, HRESULT hr)
{
    fprintf(stderr, "fetch: %s: %#lx\n", what, hr);
    return hr;
}

static double get_time(void)
{
    LARGE_INTEGER frequency, counter;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&counter);
    return (double)counter.QuadPart / frequency.QuadPart;
}

static BOOL is_api(const WCHAR *name)
{
    return !wcscmp(api, name);
}

/* Ranges of a file: the size of each, or 0. */
static UINT64 get_range_size(void)
{
    return wcsncmp(api, L"ranges:", 7) ? 0 : wcstoul(api + 7, NULL, 10);
}

/* All files in one job. */
static BOOL is_together(void)
{
    return is_api(L"job") || is_api(L"bits");
}

static HRESULT open_manager(void)
{
    const CLSID *clsid = wcsncmp(api, L"bits", 4) ? &CLSID_DeliveryOptimization : &CLSID_BackgroundCopyManager;

    if (is_api(L"download") || is_api(L"stream") || get_range_size())
        return CoCreateInstance(clsid, NULL, CLSCTX_LOCAL_SERVER, &IID_IDOManager, (void **)&downloads);
    return CoCreateInstance(clsid, NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager, (void **)&jobs);
}

/* One file is at the URL, several below it. */
static void get_names(UINT i, WCHAR source[PATH_SIZE], WCHAR target[PATH_SIZE])
{
    if (count == 1)
    {
        swprintf(source, PATH_SIZE, L"%s", url);
        swprintf(target, PATH_SIZE, L"%s", path);
        return;
    }
    swprintf(source, PATH_SIZE, L"%s/%u", url, i);
    swprintf(target, PATH_SIZE, L"%s\\%u", path, i);
}

static HRESULT set_string(IDODownload *download, DODownloadProperty property, const WCHAR *text)
{
    VARIANT value;
    HRESULT hr;

    V_VT(&value) = VT_BSTR;
    if (!(V_BSTR(&value) = SysAllocString(text)))
        return E_OUTOFMEMORY;
    hr = IDODownload_SetProperty(download, property, &value);
    VariantClear(&value);
    return hr;
}

static HRESULT set_target(IDODownload *download, const WCHAR *target)
{
    IStream *stream;
    VARIANT value;
    HRESULT hr;

    if (!is_api(L"stream"))
        return set_string(download, DODownloadProperty_LocalPath, target);
    if (FAILED(hr = SHCreateStreamOnFileW(target, STGM_CREATE | STGM_WRITE, &stream)))
        return hr;
    V_VT(&value) = VT_UNKNOWN;
    V_UNKNOWN(&value) = (IUnknown *)stream;
    hr = IDODownload_SetProperty(download, DODownloadProperty_StreamInterface, &value);
    IStream_Release(stream);
    return hr;
}

/* Have pieces verified by the document beside the source. */
static HRESULT set_integrity(IDODownload *download, const WCHAR *source)
{
    WCHAR info[2 * PATH_SIZE];
    VARIANT value;
    HRESULT hr;

    swprintf(info, 2 * PATH_SIZE, L"{\"PiecesHashFileUrl\":\"%s.phf\",\"HashOfHashes\":\"%s\"}", source,
            hash_of_hashes);
    if (FAILED(hr = set_string(download, DODownloadProperty_IntegrityCheckInfo, info)))
        return hr;
    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = VARIANT_TRUE;
    return IDODownload_SetProperty(download, DODownloadProperty_IntegrityCheckMandatory, &value);
}

static HRESULT make_download(UINT i, IDODownload **out)
{
    WCHAR source[PATH_SIZE], target[PATH_SIZE];
    IDODownload *download;
    VARIANT value;
    HRESULT hr;

    if (FAILED(hr = IDOManager_CreateDownload(downloads, &download)))
        return fail("CreateDownload", hr);
    *out = download;
    get_names(i, source, target);
    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = VARIANT_TRUE;
    if (FAILED(hr = set_string(download, DODownloadProperty_Uri, source))
            || FAILED(hr = set_target(download, target))
            || (hash_of_hashes && FAILED(hr = set_integrity(download, source)))
            || FAILED(hr = IDODownload_SetProperty(download, DODownloadProperty_ForegroundPriority, &value)))
        return fail("SetProperty", hr);
    return S_OK;
}

/* All in one call. */
static HRESULT add_files(IBackgroundCopyJob *job, UINT first, UINT files)
{
    WCHAR source[PATH_SIZE], target[PATH_SIZE];
    HRESULT hr = E_OUTOFMEMORY;
    BG_FILE_INFO *infos;
    UINT i;

    if (!(infos = calloc(files, sizeof(*infos))))
        return hr;
    for (i = 0; i < files; i++)
    {
        get_names(first + i, source, target);
        infos[i].RemoteName = _wcsdup(source);
        infos[i].LocalName = _wcsdup(target);
        if (!infos[i].RemoteName || !infos[i].LocalName)
            break;
    }
    if (i == files)
        hr = IBackgroundCopyJob_AddFileSet(job, files, infos);
    for (i = 0; i < files; i++)
    {
        free(infos[i].RemoteName);
        free(infos[i].LocalName);
    }
    free(infos);
    return hr;
}

static HRESULT make_job(UINT first, UINT files, IBackgroundCopyJob **job)
{
    HRESULT hr;
    GUID id;

    if (FAILED(hr = IBackgroundCopyManager_CreateJob(jobs, L"fetch", BG_JOB_TYPE_DOWNLOAD, &id, job)))
        return fail("CreateJob", hr);
    /* Not all services know it. */
    IBackgroundCopyJob_SetPriority(*job, BG_JOB_PRIORITY_FOREGROUND);
    return FAILED(hr = add_files(*job, first, files)) ? fail("AddFileSet", hr) : S_OK;
}

static HRESULT make_item(UINT i, struct item *item)
{
    if (downloads)
        return make_download(i, &item->download);
    return make_job(i, is_together() ? count : 1, &item->job);
}

/* All of the file, the last range first. */
static HRESULT start_ranges(IDODownload *download, UINT64 length)
{
    DO_DOWNLOAD_RANGES_INFO *info;
    HRESULT hr;
    UINT i;

    if (!(info = calloc(1, FIELD_OFFSET(DO_DOWNLOAD_RANGES_INFO, Ranges[RANGES]))))
        return E_OUTOFMEMORY;
    info->RangeCount = RANGES;
    for (i = 0; i < RANGES; i++)
    {
        info->Ranges[i].Offset = (RANGES - 1 - i) * length;
        info->Ranges[i].Length = i ? length : DO_LENGTH_TO_EOF;
    }
    hr = IDODownload_Start(download, info);
    free(info);
    return hr;
}

static HRESULT start_download(IDODownload *download)
{
    UINT64 size = get_range_size();

    return size ? start_ranges(download, size) : IDODownload_Start(download, NULL);
}

static HRESULT start_item(struct item *item)
{
    HRESULT hr = item->download ? start_download(item->download) : IBackgroundCopyJob_Resume(item->job);

    return FAILED(hr) ? fail("start", hr) : S_OK;
}

/* S_FALSE: not yet. */
static HRESULT has_arrived(struct item *item)
{
    DO_DOWNLOAD_STATUS status = {0};
    BG_JOB_STATE state = 0;
    HRESULT hr;

    if (item->download)
    {
        if (FAILED(hr = IDODownload_GetStatus(item->download, &status)))
            return fail("GetStatus", hr);
        if (status.State == DODownloadState_Paused || status.State == DODownloadState_Aborted)
            return fail("the download", status.Error);
        return status.State == DODownloadState_Transferred ? S_OK : S_FALSE;
    }
    if (FAILED(hr = IBackgroundCopyJob_GetState(item->job, &state)))
        return fail("GetState", hr);
    if (state == BG_JOB_STATE_ERROR)
        return fail("the job", E_FAIL);
    return state == BG_JOB_STATE_TRANSFERRED ? S_OK : S_FALSE;
}

static HRESULT finish_item(struct item *item)
{
    double start = get_time();
    HRESULT hr;

    while ((hr = has_arrived(item)) == S_FALSE)
        Sleep(max(POLL_DELAY, (DWORD)((get_time() - start) * 1000 / POLL_SHARE)));
    if (FAILED(hr))
        return hr;
    hr = item->download ? IDODownload_Finalize(item->download) : IBackgroundCopyJob_Complete(item->job);
    return FAILED(hr) ? fail("complete", hr) : S_OK;
}

/* Asks for the progress of a download so often, until the process ends. */
static DWORD CALLBACK poll_proc(void *context)
{
    struct item *item = context;
    double start = get_time();
    DO_DOWNLOAD_STATUS status;
    BG_JOB_PROGRESS progress;
    HRESULT hr = S_OK;
    UINT i, due;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (i = 0; SUCCEEDED(hr);)
    {
        due = (get_time() - start) * polls / POLLERS;
        for (; i < due && SUCCEEDED(hr); i++)
            hr = item->download ? IDODownload_GetStatus(item->download, &status)
                    : IBackgroundCopyJob_GetProgress(item->job, &progress);
        Sleep(POLL_DELAY);
    }
    CoUninitialize();
    return 0;
}

static HRESULT start_pollers(struct item *item)
{
    HANDLE thread;
    UINT i;

    for (i = 0; i < POLLERS; i++)
    {
        if (!(thread = CreateThread(NULL, 0, poll_proc, item, 0, NULL)))
            return HRESULT_FROM_WIN32(GetLastError());
        CloseHandle(thread);
    }
    return S_OK;
}

/* The one who measures waits for that file. */
static HRESULT tell_started(void)
{
    HANDLE file;

    if ((file = CreateFileW(started, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL)) == INVALID_HANDLE_VALUE)
        return HRESULT_FROM_WIN32(GetLastError());
    CloseHandle(file);
    return S_OK;
}

static HRESULT fetch(struct item *items, UINT item_count)
{
    HRESULT hr;
    UINT i;

    for (i = 0; i < item_count; i++)
    {
        if (FAILED(hr = make_item(i, &items[i])))
            return hr;
    }
    for (i = 0; i < item_count; i++)
    {
        if (FAILED(hr = start_item(&items[i])))
            return hr;
    }
    if (started && FAILED(hr = tell_started()))
        return fail("the file that tells", hr);
    if (polls && FAILED(hr = start_pollers(&items[0])))
        return fail("threads", hr);
    for (i = 0; i < item_count; i++)
    {
        if (FAILED(hr = finish_item(&items[i])))
            return hr;
    }
    return S_OK;
}

/* What is left of it is of no use. */
static void drop_item(struct item *item)
{
    if (item->download)
        IDODownload_Abort(item->download);
    if (item->job)
        IBackgroundCopyJob_Cancel(item->job);
}

static int usage(void)
{
    fprintf(stderr, "usage: fetch API COUNT URL PATH [POLLS [STARTED]]\n\n"
            "API      download, job or jobs (one for all files, one for each), bits or bits-jobs; stream, of one\n"
            "         file; ranges:SIZE, of so many bytes each\n"
            "COUNT    1: URL and PATH are of the file; more: they are of a folder with 0, 1, 2...\n"
            "POLLS    calls a second that ask for the progress of the first one\n"
            "STARTED  a file that is created when all have been started\n"
            "The variable FETCH_HASH is the hash of hashes of a document URL.phf: pieces of downloads are verified.\n");
    return 2;
}

int __cdecl wmain(int argc, WCHAR **argv);

int __cdecl wmain(int argc, WCHAR **argv)
{
    UINT item_count, i;
    struct item *items;
    double start;
    HRESULT hr;

    if (argc < 5)
        return usage();
    api = argv[1];
    count = wcstoul(argv[2], NULL, 10);
    url = argv[3];
    path = argv[4];
    polls = argc > 5 ? wcstoul(argv[5], NULL, 10) : 0;
    started = argc > 6 ? argv[6] : NULL;
    hash_of_hashes = _wgetenv(L"FETCH_HASH");
    if (!count)
        return usage();
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    item_count = is_together() ? 1 : count;
    if (!(items = calloc(item_count, sizeof(*items))))
        return 1;
    start = get_time();
    if (FAILED(hr = open_manager()))
        fail("the service", hr);
    else
        hr = fetch(items, item_count);
    if (SUCCEEDED(hr))
        printf("%.4f\n", get_time() - start);
    for (i = 0; FAILED(hr) && i < item_count; i++)
        drop_item(&items[i]);
    fflush(stdout);
    /* Pollers may still be at it, and the process has nothing else to give back. */
    TerminateProcess(GetCurrentProcess(), FAILED(hr));
    return 1;
}
