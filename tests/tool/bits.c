/*
 * The class of BITS, whoever serves it
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

#include "testtool.h"

#include <bitshttpoptions.h>

#define LIMIT 120000 /* milliseconds */

static HRESULT open_bits(IBackgroundCopyManager **manager)
{
    return CoCreateInstance(&CLSID_BackgroundCopyManager, NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager,
            (void **)manager);
}

/* Create a job; 0, or the exit code after a message. */
static int create_job(IBackgroundCopyJob **job)
{
    IBackgroundCopyManager *manager;
    HRESULT hr;
    GUID id;

    if (FAILED(hr = open_bits(&manager)))
        return failed("activation", hr);
    hr = IBackgroundCopyManager_CreateJob(manager, L"testtool", BG_JOB_TYPE_DOWNLOAD, &id, job);
    IBackgroundCopyManager_Release(manager);
    return FAILED(hr) ? failed("CreateJob", hr) : 0;
}

int start_bits_job(int argc, WCHAR **argv)
{
    IBackgroundCopyJob *job;
    HRESULT hr;
    int code;

    if ((code = create_job(&job)))
        return code;
    if (FAILED(hr = IBackgroundCopyJob_AddFile(job, argv[0], argv[1])))
        return failed("AddFile", hr);
    if (FAILED(hr = IBackgroundCopyJob_Resume(job)))
        return failed("Resume", hr);
    IBackgroundCopyJob_Release(job);
    return 0;
}

static HRESULT set_certificate_by_id(IBackgroundCopyJobHttpOptions *options, const WCHAR *text)
{
    unsigned int i, value;
    BYTE hash[20];

    for (i = 0; i < sizeof(hash); ++i)
    {
        if (swscanf(text + 2 * i, L"%2x", &value) != 1)
            return E_INVALIDARG;
        hash[i] = value;
    }
    return IBackgroundCopyJobHttpOptions_SetClientCertificateByID(options, BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY",
            hash);
}

static HRESULT set_option(IBackgroundCopyJobHttpOptions *options, const WCHAR *argument)
{
    if (!wcsncmp(argument, L"flags=", 6))
        return IBackgroundCopyJobHttpOptions_SetSecurityFlags(options, wcstoul(argument + 6, NULL, 0));
    if (!wcsncmp(argument, L"id=", 3))
        return set_certificate_by_id(options, argument + 3);
    if (!wcsncmp(argument, L"name=", 5))
        return IBackgroundCopyJobHttpOptions_SetClientCertificateByName(options, BG_CERT_STORE_LOCATION_CURRENT_USER,
                L"MY", argument + 5);
    return E_INVALIDARG;
}

static HRESULT wait_job(IBackgroundCopyJob *job)
{
    DWORD end = GetTickCount() + LIMIT;
    BG_ERROR_CONTEXT context;
    IBackgroundCopyError *error;
    BG_JOB_STATE state;
    HRESULT hr, code;

    while (SUCCEEDED(hr = IBackgroundCopyJob_GetState(job, &state)))
    {
        if (state == BG_JOB_STATE_TRANSFERRED)
            return IBackgroundCopyJob_Complete(job);
        if (state == BG_JOB_STATE_ERROR || state == BG_JOB_STATE_TRANSIENT_ERROR)
        {
            if (FAILED(hr = IBackgroundCopyJob_GetError(job, &error)))
                return hr;
            if (SUCCEEDED(hr = IBackgroundCopyError_GetError(error, &context, &code)))
                fprintf(stderr, "context %u, ", context);
            IBackgroundCopyError_Release(error);
            return FAILED(hr) ? hr : code;
        }
        if ((LONG)(end - GetTickCount()) <= 0)
            return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
        Sleep(10);
    }
    return hr;
}

static HRESULT run_job(IBackgroundCopyJob *job, int argc, WCHAR **argv)
{
    IBackgroundCopyJobHttpOptions *options;
    WCHAR path[MAX_PATH];
    HRESULT hr;
    int i;

    if (FAILED(hr = IBackgroundCopyJob_QueryInterface(job, &IID_IBackgroundCopyJobHttpOptions, (void **)&options)))
        return hr;
    for (i = 2; SUCCEEDED(hr) && i < argc; ++i)
        hr = set_option(options, argv[i]);
    IBackgroundCopyJobHttpOptions_Release(options);
    GetFullPathNameW(argv[1], ARRAYSIZE(path), path, NULL);
    if (FAILED(hr) || FAILED(hr = IBackgroundCopyJob_AddFile(job, argv[0], path))
            || FAILED(hr = IBackgroundCopyJob_Resume(job)))
        return hr;
    return wait_job(job);
}

int get_by_bits(int argc, WCHAR **argv)
{
    IBackgroundCopyJob *job;
    HRESULT hr;
    int code;

    if ((code = create_job(&job)))
        return code;
    if (FAILED(hr = run_job(job, argc, argv)))
    {
        failed("error", hr);
        IBackgroundCopyJob_Cancel(job);
    }
    IBackgroundCopyJob_Release(job);
    return FAILED(hr);
}

static HRESULT print_job(IBackgroundCopyJob *job)
{
    BG_JOB_PROGRESS progress;
    BG_JOB_STATE state;
    HRESULT hr;

    if (SUCCEEDED(hr = IBackgroundCopyJob_GetState(job, &state))
            && SUCCEEDED(hr = IBackgroundCopyJob_GetProgress(job, &progress)))
        printf("%u %I64u\n", state, progress.BytesTransferred);
    return hr;
}

int list_bits_jobs(int argc, WCHAR **argv)
{
    IBackgroundCopyManager *manager;
    IEnumBackgroundCopyJobs *jobs;
    IBackgroundCopyJob *job;
    HRESULT hr;

    if (FAILED(hr = open_bits(&manager)))
        return failed("activation", hr);
    if (FAILED(hr = IBackgroundCopyManager_EnumJobs(manager, 0, &jobs)))
        return failed("EnumJobs", hr);
    while (SUCCEEDED(hr) && IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL) == S_OK)
    {
        hr = print_job(job);
        IBackgroundCopyJob_Release(job);
    }
    IEnumBackgroundCopyJobs_Release(jobs);
    IBackgroundCopyManager_Release(manager);
    return FAILED(hr) ? failed("a job", hr) : 0;
}

int kill_service_named(int argc, WCHAR **argv)
{
    DWORD pid = get_pid_of_service(argv[0]);
    HRESULT hr = pid ? kill_process(pid) : HRESULT_FROM_WIN32(ERROR_SERVICE_NOT_ACTIVE);

    return FAILED(hr) ? failed("a kill", hr) : 0;
}

int print_pid(int argc, WCHAR **argv)
{
    printf("%lu\n", get_pid_of_service(argv[0]));
    return 0;
}
