/*
 * Clients of the fault matrix
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

/* Reads cells, as tests/faults/origin describes them, and makes many of them at once, each on a thread of its own. For
 * each it prints, when it has ended:
 *
 * NUMBER END HRESULT EXTENDED STATUS BYTES TOTAL MILLISECONDS [COMPLAINT]
 *
 * END is file (the client was given it), error, partial (the job was completed without the file), hang, or call, with
 * the HRESULT of a call that failed. */

#define COBJMACROS
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "initguid.h"
#include "windef.h"
#include "winbase.h"
#include "objbase.h"
#include "oleauto.h"
#include "shlwapi.h"
#include "bits.h"
#include "deliveryoptimization.h"
#include "deliveryoptimizationjob.h"
#include "deliveryoptimizationerrors.h"
#include "crash.h"

#define POLL_DELAY      150     /* ms */
#define MARKER_DELAY    20      /* ms */
#define PAUSE_TIME      300     /* ms */
#define LIMIT           240000  /* ms for a cell that makes no progress in its state */
#define MOMENT_LIMIT    60000   /* ms until the moment is there */
#define TEXT_SIZE       512
#define ACTIVATIONS     10
#define THREADS_MAX     256

struct cell
{
    UINT number;
    WCHAR api[16], sink[16], moment[16];
    UINT64 break_at;    /* bytes that the client has at the moment */
    DWORD timeout;      /* seconds without progress */
    WCHAR url[TEXT_SIZE], path[TEXT_SIZE];

    IDODownload *download;
    IBackgroundCopyJob *job;

    /* The last that was seen. */
    BOOL is_done, is_failed;
    HRESULT hr, extended;
    UINT64 bytes, total;
    UINT status;        /* of HTTP; 0 where it is not told */
    const char *complaint;
};

static const WCHAR *folder, *markers;
static struct cell *cells;
static UINT cell_count;
static LONG next;
static CRITICAL_SECTION print_lock;

static BOOL is_moment(const struct cell *cell, const WCHAR *name)
{
    return !wcscmp(cell->moment, name);
}

static BOOL is_stream(const struct cell *cell)
{
    return !wcscmp(cell->sink, L"stream");
}

static BOOL is_bits(const struct cell *cell)
{
    return !wcscmp(cell->api, L"bits");
}

static HRESULT set_property(IDODownload *download, DODownloadProperty property, VARTYPE type, const void *value)
{
    VARIANT variant;
    HRESULT hr;

    V_VT(&variant) = type;
    if (type == VT_UI4)
        V_UI4(&variant) = *(const DWORD *)value;
    else if (type == VT_UNKNOWN)
        V_UNKNOWN(&variant) = (IUnknown *)value;
    else if (!(V_BSTR(&variant) = SysAllocString(value)))
        return E_OUTOFMEMORY;
    hr = IDODownload_SetProperty(download, property, &variant);
    if (type == VT_BSTR)
        VariantClear(&variant);
    return hr;
}

/* Activate a class. Wine says S_FALSE, and sets no object, where several threads get their first objects of a process
 * at once (documentation/upstream/combase-failed-unmarshal). */
static HRESULT activate(const CLSID *clsid, const IID *iid, void **object)
{
    UINT tries = ACTIVATIONS;
    HRESULT hr;

    do
    {
        *object = NULL;
        hr = CoCreateInstance(clsid, NULL, CLSCTX_LOCAL_SERVER, iid, object);
    } while (SUCCEEDED(hr) && !*object && --tries);
    return SUCCEEDED(hr) && !*object ? E_NOINTERFACE : hr;
}

static HRESULT make_download(struct cell *cell)
{
    IDOManager *manager;
    IStream *stream;
    HRESULT hr;

    if (FAILED(hr = activate(&CLSID_DeliveryOptimization, &IID_IDOManager, (void **)&manager)))
        return hr;
    hr = IDOManager_CreateDownload(manager, &cell->download);
    IDOManager_Release(manager);
    if (FAILED(hr) || FAILED(hr = set_property(cell->download, DODownloadProperty_Uri, VT_BSTR, cell->url))
            || FAILED(hr = set_property(cell->download, DODownloadProperty_NoProgressTimeoutSeconds, VT_UI4,
            &cell->timeout)))
        return hr;
    if (!is_stream(cell))
        return set_property(cell->download, DODownloadProperty_LocalPath, VT_BSTR, cell->path);
    if (FAILED(hr = SHCreateStreamOnFileW(cell->path, STGM_CREATE | STGM_WRITE | STGM_SHARE_DENY_WRITE, &stream)))
        return hr;
    hr = set_property(cell->download, DODownloadProperty_StreamInterface, VT_UNKNOWN, stream);
    IStream_Release(stream);
    return hr;
}

static HRESULT add_stream(IBackgroundCopyJob *job, const struct cell *cell)
{
    IDeliveryOptimizationFile2 *file = NULL;
    IDeliveryOptimizationJob2 *job2;
    IStream *stream;
    VARIANT value;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_QueryInterface(job, &IID_IDeliveryOptimizationJob2, (void **)&job2)))
        return hr;
    hr = IDeliveryOptimizationJob2_AddFile(job2, L"stream", cell->url, 0, NULL, &IID_IDeliveryOptimizationFile2,
            (void **)&file);
    IDeliveryOptimizationJob2_Release(job2);
    if (FAILED(hr))
        return hr;
    if (SUCCEEDED(hr = SHCreateStreamOnFileW(cell->path, STGM_CREATE | STGM_WRITE | STGM_SHARE_DENY_WRITE, &stream)))
    {
        V_VT(&value) = VT_UNKNOWN;
        V_UNKNOWN(&value) = (IUnknown *)stream;
        hr = IDeliveryOptimizationFile2_SetProperty(file, DOFilePropertyId_DownloadSinkInterface, &value);
        IStream_Release(stream);
    }
    IDeliveryOptimizationFile2_Release(file);
    return hr;
}

static HRESULT make_job(struct cell *cell)
{
    IBackgroundCopyManager *manager;
    HRESULT hr;
    GUID id;

    if (FAILED(hr = activate(is_bits(cell) ? &CLSID_BackgroundCopyManager : &CLSID_DeliveryOptimization,
            &IID_IBackgroundCopyManager, (void **)&manager)))
        return hr;
    hr = IBackgroundCopyManager_CreateJob(manager, L"faults", BG_JOB_TYPE_DOWNLOAD, &id, &cell->job);
    IBackgroundCopyManager_Release(manager);
    if (FAILED(hr) || FAILED(hr = IBackgroundCopyJob_SetNoProgressTimeout(cell->job, cell->timeout))
            || FAILED(hr = IBackgroundCopyJob_SetMinimumRetryDelay(cell->job, 5)))
        return hr;
    if (is_stream(cell))
        return add_stream(cell->job, cell);
    return IBackgroundCopyJob_AddFile(cell->job, cell->url, cell->path);
}

static HRESULT start(struct cell *cell)
{
    return cell->download ? IDODownload_Start(cell->download, NULL) : IBackgroundCopyJob_Resume(cell->job);
}

static HRESULT pause(struct cell *cell)
{
    return cell->download ? IDODownload_Pause(cell->download) : IBackgroundCopyJob_Suspend(cell->job);
}

static HRESULT finish(struct cell *cell)
{
    return cell->download ? IDODownload_Finalize(cell->download) : IBackgroundCopyJob_Complete(cell->job);
}

static HRESULT look_at_download(struct cell *cell)
{
    DO_DOWNLOAD_STATUS status = {0};
    VARIANT value;
    HRESULT hr;

    if (FAILED(hr = IDODownload_GetStatus(cell->download, &status)))
        return hr;
    if (status.State == DODownloadState_Transferring && (status.Error || status.ExtendedError))
        cell->complaint = "an error while it is transferring";
    cell->bytes = status.BytesTransferred;
    cell->total = status.BytesTotal;
    cell->is_done = status.State == DODownloadState_Transferred;
    cell->is_failed = status.State == DODownloadState_Aborted
            || (status.State == DODownloadState_Paused && status.Error);
    cell->hr = status.Error;
    cell->extended = status.ExtendedError;
    if (!cell->is_failed || FAILED(IDODownload_GetProperty(cell->download, DODownloadProperty_HttpStatusCode, &value)))
        return S_OK;
    cell->status = V_UI4(&value);
    return S_OK;
}

/* Number after a name in the JSON of an extended error, 0 without it. */
static DWORD find_number(const WCHAR *text, const WCHAR *name)
{
    const WCHAR *found = wcsstr(text, name);

    if (!found)
        return 0;
    found += wcslen(name);
    return wcstoul(*found == '"' ? found + 1 : found, NULL, 0);
}

static void get_extended_error(struct cell *cell)
{
    IDeliveryOptimizationJob2 *job2;
    VARIANT value;

    if (FAILED(IBackgroundCopyJob_QueryInterface(cell->job, &IID_IDeliveryOptimizationJob2, (void **)&job2)))
        return;
    VariantInit(&value);
    if (SUCCEEDED(IDeliveryOptimizationJob2_GetProperty(job2, DOJobPropertyId_ExtendedErrorInfo, &value)))
    {
        cell->extended = find_number(V_BSTR(&value), L"\"LastHResult\":");
        cell->status = find_number(V_BSTR(&value), L"\"HttpStatus\":");
    }
    IDeliveryOptimizationJob2_Release(job2);
    VariantClear(&value);
}

static HRESULT get_job_error(struct cell *cell)
{
    BG_ERROR_CONTEXT context;
    IBackgroundCopyError *error;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_GetError(cell->job, &error)))
        return hr;
    hr = IBackgroundCopyError_GetError(error, &context, &cell->hr);
    IBackgroundCopyError_Release(error);
    get_extended_error(cell);
    return hr;
}

static HRESULT look_at_job(struct cell *cell)
{
    BG_JOB_PROGRESS progress;
    BG_JOB_STATE state = 0;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_GetState(cell->job, &state))
            || FAILED(hr = IBackgroundCopyJob_GetProgress(cell->job, &progress)))
        return hr;
    cell->bytes = progress.BytesTransferred;
    cell->total = progress.BytesTotal;
    cell->is_done = state == BG_JOB_STATE_TRANSFERRED;
    cell->is_failed = state == BG_JOB_STATE_ERROR;
    return cell->is_failed ? get_job_error(cell) : S_OK;
}

static HRESULT look(struct cell *cell)
{
    return cell->download ? look_at_download(cell) : look_at_job(cell);
}

/* Wait until the cell has so many bytes, or has ended. S_FALSE: neither. */
static HRESULT wait_for(struct cell *cell, UINT64 bytes, DWORD limit)
{
    ULONGLONG end = GetTickCount64() + limit;
    HRESULT hr;

    for (;;)
    {
        if (FAILED(hr = look(cell)) || cell->is_done || cell->is_failed || cell->bytes >= bytes)
            return hr;
        if (GetTickCount64() >= end)
            return S_FALSE;
        Sleep(POLL_DELAY);
    }
}

/* Wait until the origin says that the fault has happened. S_FALSE: it has not. */
static HRESULT wait_for_fault(const struct cell *cell)
{
    ULONGLONG end = GetTickCount64() + MOMENT_LIMIT;
    WCHAR path[TEXT_SIZE];

    swprintf(path, TEXT_SIZE, L"%s\\%u", markers, cell->number);
    while (GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES)
    {
        if (GetTickCount64() >= end)
            return S_FALSE;
        Sleep(MARKER_DELAY);
    }
    return S_OK;
}

/* Do what the moment is about. S_FALSE: it did not come. */
static HRESULT reach_moment(struct cell *cell, const char **end)
{
    HRESULT hr;

    if ((hr = wait_for(cell, cell->break_at, MOMENT_LIMIT)) != S_OK)
        return hr;
    if (is_moment(cell, L"resume"))
    {
        if (FAILED(hr = pause(cell)))
            return hr;
        Sleep(PAUSE_TIME);
        return start(cell);
    }
    if ((hr = wait_for_fault(cell)) != S_OK)
        return hr;
    hr = finish(cell);
    if (SUCCEEDED(hr))
        *end = hr == BG_S_PARTIAL_COMPLETE ? "partial" : "file";
    else if (cell->download && hr == DO_E_INVALID_STATE)
        *end = "error";
    cell->hr = hr;
    return *end ? S_OK : hr;
}

static const char *make_cell(struct cell *cell)
{
    const char *end = NULL;
    HRESULT hr;

    hr = !wcscmp(cell->api, L"download") ? make_download(cell) : make_job(cell);
    if (SUCCEEDED(hr))
        hr = start(cell);
    if (SUCCEEDED(hr) && (is_moment(cell, L"resume") || is_moment(cell, L"finish")))
        hr = reach_moment(cell, &end);
    if (end)
        return end;
    if (hr == S_FALSE && cell->download == NULL && cell->bytes < cell->break_at)
        return "hang";
    if (SUCCEEDED(hr))
        hr = wait_for(cell, ~(UINT64)0, LIMIT);
    if (hr == S_FALSE)
        return "hang";
    if (SUCCEEDED(hr) && cell->is_failed)
        return "error";
    if (SUCCEEDED(hr))
        hr = finish(cell);
    cell->hr = hr;
    return SUCCEEDED(hr) ? "file" : "call";
}

static void drop_cell(struct cell *cell, BOOL is_file)
{
    if (cell->download)
    {
        if (!is_file)
            IDODownload_Abort(cell->download);
        IDODownload_Release(cell->download);
    }
    if (cell->job)
    {
        if (!is_file)
            IBackgroundCopyJob_Cancel(cell->job);
        IBackgroundCopyJob_Release(cell->job);
    }
}

static DWORD CALLBACK work(void *context)
{
    ULONGLONG started;
    struct cell *cell;
    const char *end;
    LONG i;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    while ((i = InterlockedIncrement(&next) - 1) < (LONG)cell_count)
    {
        cell = cells + i;
        started = GetTickCount64();
        end = make_cell(cell);
        drop_cell(cell, !strcmp(end, "file") || !strcmp(end, "partial"));
        EnterCriticalSection(&print_lock);
        printf("%u %s %#lx %#lx %u %I64u %I64u %I64u %s\n", cell->number, end, cell->hr, cell->extended, cell->status,
                cell->bytes, cell->total, GetTickCount64() - started, cell->complaint ? cell->complaint : "");
        fflush(stdout);
        LeaveCriticalSection(&print_lock);
    }
    CoUninitialize();
    return 0;
}

static BOOL read_cells(const WCHAR *path)
{
    struct cell *more, cell;
    WCHAR line[4 * TEXT_SIZE];
    FILE *file;

    if (!(file = _wfopen(path, L"r")))
        return FALSE;
    while (fgetws(line, 4 * TEXT_SIZE, file))
    {
        memset(&cell, 0, sizeof(cell));
        if (swscanf(line, L"%u %15ls %15ls %15ls %I64u %lu %511ls", &cell.number, cell.api, cell.sink, cell.moment,
                &cell.break_at, &cell.timeout, cell.url) != 7)
            continue;
        swprintf(cell.path, TEXT_SIZE, L"%s\\%u\\file", folder, cell.number);
        if (!(more = realloc(cells, (cell_count + 1) * sizeof(*cells))))
            break;
        cells = more;
        cells[cell_count++] = cell;
    }
    fclose(file);
    return TRUE;
}

/* Of what a cell leaves nothing may be there but its file, so each has a folder. */
static BOOL make_folder(const struct cell *cell)
{
    WCHAR path[TEXT_SIZE];

    swprintf(path, TEXT_SIZE, L"%s\\%u", folder, cell->number);
    return CreateDirectoryW(path, NULL) || GetLastError() == ERROR_ALREADY_EXISTS;
}

/* Get the first objects of this process before there are threads (see activate). The references are kept. BITS is left
 * alone where there is no cell of it, since it may be killed meanwhile (tests/soak). */
static void get_first_objects(void)
{
    IUnknown *object;
    UINT i;

    activate(&CLSID_DeliveryOptimization, &IID_IBackgroundCopyManager, (void **)&object);
    activate(&CLSID_DeliveryOptimization, &IID_IDOManager, (void **)&object);
    for (i = 0; i < cell_count && !is_bits(cells + i); i++)
        ;
    if (i < cell_count)
        activate(&CLSID_BackgroundCopyManager, &IID_IBackgroundCopyManager, (void **)&object);
}

/* Print why nothing can be made. */
static int refuse(const char *what, const WCHAR *name)
{
    fprintf(stderr, "%s %ls, error %lu\n", what, name, GetLastError());
    return 1;
}

int __cdecl wmain(int argc, WCHAR **argv);

int __cdecl wmain(int argc, WCHAR **argv)
{
    HANDLE threads[THREADS_MAX];
    UINT i, count;

    if (argc != 5 || !(count = wcstoul(argv[4], NULL, 10)) || count > THREADS_MAX)
    {
        fprintf(stderr, "usage: faults CELLS FOLDER MARKERS COUNT\n\nMARKERS is where the origin says that faults have "
                "happened, COUNT is how many cells there are at once, up to %d.\n",
                THREADS_MAX);
        return 2;
    }
    folder = argv[2];
    markers = argv[3];
    SetUnhandledExceptionFilter(print_crash);
    if (!read_cells(argv[1]))
        return refuse("cannot read", argv[1]);
    for (i = 0; i < cell_count; i++)
    {
        if (!make_folder(cells + i))
            return refuse("cannot make a folder in", folder);
    }
    InitializeCriticalSection(&print_lock);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    get_first_objects();
    for (i = 0; i < count; i++)
    {
        if (!(threads[i] = CreateThread(NULL, 0, work, NULL, 0, NULL)))
            return refuse("cannot create a thread for", argv[1]);
    }
    for (i = 0; i < count; i++)
        WaitForSingleObject(threads[i], INFINITE);
    return 0;
}
