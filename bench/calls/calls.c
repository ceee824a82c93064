/*
 * How long activation and GetProgress take, beside BITS
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
 * and the background copy service that Wine has. Prints a line per measure:
 * name, ours, BITS, unit, and the ratio of the two. */

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
#define PROGRESS_COUNT 10000
#define STOP_LIMIT     30000 /* milliseconds */

struct results
{
    double cold;     /* milliseconds: activation that starts the service */
    double warm;     /* milliseconds: further activations, median */
    double warm_max; /* milliseconds */
    double progress; /* microseconds: GetProgress, median */
};

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

static HRESULT measure_warm(const CLSID *clsid, struct results *results)
{
    IBackgroundCopyManager *manager;
    double values[WARM_COUNT];
    HRESULT hr;
    UINT i;

    for (i = 0; i < WARM_COUNT; i++)
    {
        if (FAILED(hr = activate(clsid, &manager, &values[i])))
            return hr;
        IBackgroundCopyManager_Release(manager);
    }
    results->warm = median(values, WARM_COUNT);
    results->warm_max = values[WARM_COUNT - 1];
    return S_OK;
}

static HRESULT measure_progress(IBackgroundCopyManager *manager, struct results *results)
{
    static double values[PROGRESS_COUNT];
    BG_JOB_PROGRESS progress;
    IBackgroundCopyJob *job;
    double start;
    HRESULT hr;
    GUID id;
    UINT i;

    if (FAILED(hr = IBackgroundCopyManager_CreateJob(manager, L"calls", BG_JOB_TYPE_DOWNLOAD, &id, &job)))
        return hr;
    for (i = 0; SUCCEEDED(hr) && i < PROGRESS_COUNT; i++)
    {
        start = now_ms();
        hr = IBackgroundCopyJob_GetProgress(job, &progress);
        values[i] = (now_ms() - start) * 1000;
    }
    IBackgroundCopyJob_Cancel(job);
    IBackgroundCopyJob_Release(job);
    results->progress = median(values, PROGRESS_COUNT);
    return hr;
}

static HRESULT measure(const CLSID *clsid, const WCHAR *service, struct results *results)
{
    IBackgroundCopyManager *manager;
    HRESULT hr;

    if (!stop_service(service))
        return HRESULT_FROM_WIN32(ERROR_SERVICE_REQUEST_TIMEOUT);
    if (FAILED(hr = activate(clsid, &manager, &results->cold)))
        return hr;
    if (SUCCEEDED(hr = measure_warm(clsid, results)))
        hr = measure_progress(manager, results);
    IBackgroundCopyManager_Release(manager);
    return hr;
}

static void print(const char *name, double ours, double peer, const char *unit)
{
    printf("%-28s %10.2f %10.2f %s  ratio %.2f\n", name, ours, peer, unit, ours / peer);
}

int __cdecl wmain(void);

int __cdecl wmain(void)
{
    struct results ours, peer;
    HRESULT hr;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (FAILED(hr = measure(&CLSID_DeliveryOptimization, L"DoSvc", &ours)))
        return fail("Delivery Optimization", hr);
    if (FAILED(hr = measure(&CLSID_BackgroundCopyManager, L"BITS", &peer)))
        return fail("BITS", hr);
    printf("%-28s %10s %10s\n", "", "dosvc", "BITS");
    print("first activation", ours.cold, peer.cold, "ms");
    print("further activation, median", ours.warm, peer.warm, "ms");
    print("further activation, slowest", ours.warm_max, peer.warm_max, "ms");
    print("GetProgress, median", ours.progress, peer.progress, "us");
    CoUninitialize();
    return 0;
}
