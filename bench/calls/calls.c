/*
 * How long activation and GetProgress take, beside BITS and an empty call
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

/* Measures the same calls of two services that run in the same prefix: ours,
 * and the background copy service that Wine has. Beside them stands a call that
 * does nothing, IEnumUnknown::Reset of an object in a second process of this
 * program: what any call costs. Prints lines of a measure, a subject and a
 * figure. */

#include <stdarg.h>
#include <stdio.h>

#define COBJMACROS
#include "initguid.h"
#include "windef.h"
#include "winbase.h"
#include "winsvc.h"
#include "objbase.h"
#include "bits.h"
#include "deliveryoptimization.h"

#define WARM_COUNT     20
#define PROGRESS_COUNT 1000 /* a round */
#define ROUNDS         10
#define STOP_LIMIT     30000 /* milliseconds */

/* Of a service. */
struct subject
{
    const char *name;
    const CLSID *clsid;
    const WCHAR *service;
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
};

static double progress_times[3][PROGRESS_COUNT * ROUNDS]; /* us; of the two services, and of the empty call */

static int fail(const char *what, HRESULT hr)
{
    fprintf(stderr, "calls: %s: %#lx\n", what, hr);
    return 1;
}

static double now_ms(void)
{
    LARGE_INTEGER frequency, counter;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&counter);
    return counter.QuadPart * 1000.0 / frequency.QuadPart;
}

static int __cdecl compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *values, UINT count)
{
    qsort(values, count, sizeof(*values), compare_doubles);
    return values[count / 2];
}

/* So that the next activation has to start it. */
static BOOL stop_service(const WCHAR *name)
{
    SERVICE_STATUS status = { 0 };
    SC_HANDLE manager, service = NULL;
    DWORD start = GetTickCount();
    BOOL ret = FALSE;

    if (!(manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT)))
        return FALSE;
    if ((service = OpenServiceW(manager, name, SERVICE_STOP | SERVICE_QUERY_STATUS)))
    {
        ControlService(service, SERVICE_CONTROL_STOP, &status);
        while (QueryServiceStatus(service, &status) && !(ret = status.dwCurrentState == SERVICE_STOPPED)
                && GetTickCount() - start < STOP_LIMIT)
            Sleep(20);
        CloseServiceHandle(service);
    }
    CloseServiceHandle(manager);
    return ret;
}

static HRESULT activate(const CLSID *clsid, IBackgroundCopyManager **manager, double *ms)
{
    double start = now_ms();
    HRESULT hr;

    hr = CoCreateInstance(clsid, NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager, (void **)manager);
    *ms = now_ms() - start;
    return hr;
}

static HRESULT measure_activation(struct subject *subject)
{
    IBackgroundCopyManager *manager;
    double values[WARM_COUNT], cold;
    HRESULT hr;
    GUID id;
    UINT i;

    if (!stop_service(subject->service))
        return HRESULT_FROM_WIN32(ERROR_SERVICE_REQUEST_TIMEOUT);
    hr = activate(subject->clsid, &subject->manager, &cold);
    /* Wine's service may leave its entry behind when it stops. */
    if (hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE))
        hr = activate(subject->clsid, &subject->manager, &cold);
    if (FAILED(hr))
        return hr;
    for (i = 0; i < WARM_COUNT; i++)
    {
        if (FAILED(hr = activate(subject->clsid, &manager, &values[i])))
            return hr;
        IBackgroundCopyManager_Release(manager);
    }
    printf("cold %s %.3f\n", subject->name, cold);
    printf("warm %s %.3f\n", subject->name, median(values, WARM_COUNT));
    return IBackgroundCopyManager_CreateJob(subject->manager, L"calls", BG_JOB_TYPE_DOWNLOAD, &id, &subject->job);
}

static HRESULT time_progress(IBackgroundCopyJob *job, double *values)
{
    BG_JOB_PROGRESS progress;
    HRESULT hr = S_OK;
    double start;
    UINT i;

    for (i = 0; SUCCEEDED(hr) && i < PROGRESS_COUNT; i++)
    {
        start = now_ms();
        hr = IBackgroundCopyJob_GetProgress(job, &progress);
        values[i] = (now_ms() - start) * 1000;
    }
    return hr;
}

static HRESULT time_empty(IEnumUnknown *object, double *values)
{
    HRESULT hr = S_OK;
    double start;
    UINT i;

    for (i = 0; SUCCEEDED(hr) && i < PROGRESS_COUNT; i++)
    {
        start = now_ms();
        hr = IEnumUnknown_Reset(object);
        values[i] = (now_ms() - start) * 1000;
    }
    return hr;
}

/* In turns, for the machine may be slower at one time than at another. */
static HRESULT measure_progress(struct subject subjects[2], IEnumUnknown *empty)
{
    HRESULT hr = S_OK;
    UINT round, i;

    for (round = 0; SUCCEEDED(hr) && round < ROUNDS; round++)
    {
        for (i = 0; SUCCEEDED(hr) && i < 2; i++)
            hr = time_progress(subjects[i].job, &progress_times[i][round * PROGRESS_COUNT]);
        if (SUCCEEDED(hr))
            hr = time_empty(empty, &progress_times[2][round * PROGRESS_COUNT]);
    }
    for (i = 0; SUCCEEDED(hr) && i < 3; i++)
        printf("progress %s %.2f\n", i < 2 ? subjects[i].name : "empty",
                median(progress_times[i], PROGRESS_COUNT * ROUNDS));
    return hr;
}

/* The object of the second process. */

static HRESULT WINAPI empty_QueryInterface(IEnumUnknown *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IEnumUnknown))
        return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI empty_AddRef(IEnumUnknown *iface)
{
    return 2;
}

static ULONG WINAPI empty_Release(IEnumUnknown *iface)
{
    return 1;
}

static HRESULT WINAPI empty_Next(IEnumUnknown *iface, ULONG count, IUnknown **elements, ULONG *fetched)
{
    return S_FALSE;
}

static HRESULT WINAPI empty_Skip(IEnumUnknown *iface, ULONG count)
{
    return S_FALSE;
}

static HRESULT WINAPI empty_Reset(IEnumUnknown *iface)
{
    return S_OK;
}

static HRESULT WINAPI empty_Clone(IEnumUnknown *iface, IEnumUnknown **out)
{
    return E_NOTIMPL;
}

static IEnumUnknownVtbl empty_vtbl =
{
    empty_QueryInterface,
    empty_AddRef,
    empty_Release,
    empty_Next,
    empty_Skip,
    empty_Reset,
    empty_Clone,
};

/* Tells its object to the first process, and lasts as long as that one. */
static int serve(void)
{
    IEnumUnknown object = { &empty_vtbl };
    HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD written;
    IStream *stream;
    HGLOBAL memory;
    char byte;
    HRESULT hr;

    if (FAILED(hr = CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return fail("the stream", hr);
    if (FAILED(hr = CoMarshalInterface(stream, &IID_IEnumUnknown, (IUnknown *)&object, MSHCTX_LOCAL, NULL,
            MSHLFLAGS_NORMAL)))
        return fail("marshalling", hr);
    GetHGlobalFromStream(stream, &memory);
    WriteFile(out, GlobalLock(memory), GlobalSize(memory), &written, NULL);
    CloseHandle(out);
    ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &written, NULL);
    return 0;
}

/* All that the second process writes. */
static HRESULT read_object(HANDLE pipe, IEnumUnknown **object)
{
    LARGE_INTEGER start = {{0}};
    char buffer[4096];
    IStream *stream;
    DWORD size;
    HRESULT hr;

    if (FAILED(hr = CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return hr;
    while (ReadFile(pipe, buffer, sizeof(buffer), &size, NULL) && size)
        IStream_Write(stream, buffer, size, NULL);
    IStream_Seek(stream, start, STREAM_SEEK_SET, NULL);
    hr = CoUnmarshalInterface(stream, &IID_IEnumUnknown, (void **)object);
    IStream_Release(stream);
    return hr;
}

/* It ends when this process does, and its input with it. */
static HRESULT open_empty(IEnumUnknown **object)
{
    SECURITY_ATTRIBUTES inheritable = { sizeof(inheritable), NULL, TRUE };
    STARTUPINFOW startup = { sizeof(startup) };
    WCHAR path[MAX_PATH], command[MAX_PATH + 16];
    PROCESS_INFORMATION process;
    HANDLE output, input;

    GetModuleFileNameW(NULL, path, ARRAYSIZE(path));
    swprintf(command, ARRAYSIZE(command), L"\"%s\" serve", path);
    if (!CreatePipe(&output, &startup.hStdOutput, &inheritable, 0) || !CreatePipe(&startup.hStdInput, &input,
            &inheritable, 0))
        return HRESULT_FROM_WIN32(GetLastError());
    SetHandleInformation(output, HANDLE_FLAG_INHERIT, 0);
    SetHandleInformation(input, HANDLE_FLAG_INHERIT, 0);
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    startup.dwFlags = STARTF_USESTDHANDLES;
    if (!CreateProcessW(path, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
        return HRESULT_FROM_WIN32(GetLastError());
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    CloseHandle(startup.hStdOutput);
    CloseHandle(startup.hStdInput);
    return read_object(output, object);
}

int __cdecl wmain(int argc, WCHAR **argv);

int __cdecl wmain(int argc, WCHAR **argv)
{
    struct subject subjects[] =
    {
        { "dosvc", &CLSID_DeliveryOptimization, L"DoSvc" },
        { "bits", &CLSID_BackgroundCopyManager, L"BITS" },
    };
    IEnumUnknown *empty;
    HRESULT hr;
    UINT i;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (argc > 1 && !wcscmp(argv[1], L"serve"))
        return serve();
    for (i = 0; i < ARRAYSIZE(subjects); i++)
    {
        if (FAILED(hr = measure_activation(&subjects[i])))
            return fail(subjects[i].name, hr);
    }
    if (FAILED(hr = open_empty(&empty)))
        return fail("the second process", hr);
    if (FAILED(hr = measure_progress(subjects, empty)))
        return fail("GetProgress", hr);
    IEnumUnknown_Release(empty);
    for (i = 0; i < ARRAYSIZE(subjects); i++)
    {
        IBackgroundCopyJob_Cancel(subjects[i].job);
        IBackgroundCopyJob_Release(subjects[i].job);
        IBackgroundCopyManager_Release(subjects[i].manager);
    }
    CoUninitialize();
    return 0;
}
