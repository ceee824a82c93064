/*
 * testtool: verbs and what they share
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

#define INITGUID
#include "testtool.h"

#include <winsvc.h>

static const struct
{
    const WCHAR *name;
    int min_args;
    int (*run)(int argc, WCHAR **argv);
    const char *usage;
}
verbs[] =
{
    {L"abort-downloads", 0, abort_downloads, "abort-downloads            abort all downloads, and count them"},
    {L"activate", 1, activate,   "activate COUNT             time the activations of the service"},
    {L"activate-killed", 1, activate_killed, "activate-killed COUNT      activate after each of so many kills"},
    {L"addroot",  1, add_root,   "addroot FILE               trust a root certificate (DER)"},
    {L"bits-get", 2, get_by_bits, "bits-get URL FILE [flags=N] [id=HASH] [name=TEXT]   by a job of BITS"},
    {L"cancel-jobs", 0, cancel_jobs, "cancel-jobs                cancel all jobs, and count them"},
    {L"client-certificate", 3, make_client_certificate,
            "client-certificate PFX PASSWORD FILE   write what SecurityContext takes"},
    {L"complete-part", 0, complete_part, "complete-part              complete the first job, and tell the result"},
    {L"crash", 0, crash_service, "crash                      let a thread of the service crash"},
    {L"crowd",    5, crowd,      "crowd BASE SOURCE FOLDER COUNT RUNNING   many downloads at once"},
    {L"download", 2, download,   "download URL FILE|- [ID=VALUE...] [pause ID=VALUE...]   one with any properties"},
    {L"end-downloads", 5, end_downloads,
            "end-downloads URL SOURCE FOLDER COUNT STOP   finalize while the service is killed"},
    {L"end-jobs", 5, end_jobs,   "end-jobs URL SOURCE FOLDER COUNT STOP   complete jobs while the service is killed"},
    {L"extend-job", 1, extend_job, "extend-job COUNT           add files to the first job, and count its files"},
    {L"fail",    10, fail,
            "fail CONTROL URL SOURCE FOLDER KIND API ERRNO UNIX-FOLDER STATE UNIX-STATE [STEP]   see failing.c"},
    {L"full",     4, full_disk,  "full URL FILE FILLER BYTES download to a full disk"},
    {L"give-stream", 1, give_stream, "give-stream end|release    give a stream, and end at once or not"},
    {L"give-streams", 1, give_streams, "give-streams COUNT         so many processes that do so"},
    {L"handles",  0, count_handles, "handles                    count the handles of the service"},
    {L"hog",      4, hog,        "hog URL1 URL2 COUNT FOLDER [stream]   take all of the service"},
    {L"hold",     2, hold,       "hold NAME STOP             keep a mutex"},
    {L"fill-state", 3, fill_state, "fill-state URL FILE FILLER calls while the disk of the records is full"},
    {L"kill-service", 1, kill_service_named, "kill-service NAME          end the process of a service by force"},
    {L"keep",     2, keep,       "keep URL FILE              leave a job FILE.job and a download FILE.download"},
    {L"keep-ending", 0, keep_ending, "keep-ending                complete what was left"},
    {L"keep-going", 0, keep_going, "keep-going                 start it again"},
    {L"knock",    1, knock,      "knock COUNT                leave while the service is activated, and activate"},
    {L"lost-handles", 1, lose_handles, "lost-handles COUNT         count what Wine loses when so many processes die"},
    {L"make-downloads", 1, make_downloads, "make-downloads COUNT       make NonVolatile downloads"},
    {L"make-jobs", 1, make_jobs, "make-jobs COUNT            make jobs with a file"},
    {L"make-part", 5, make_part, "make-part URL1 FILE1 URL2 FILE2 0|1   suspend a job when one of its files is there"},
    {L"list-bits", 0, list_bits_jobs, "list-bits                  the state and the bytes of each job of BITS"},
    {L"mix",      4, mix_jobs,
            "mix URL SOURCE FOLDER STOP [MARKS [PAUSE]]   work on jobs while the service is killed"},
    {L"mix-downloads", 4, mix_downloads,
            "mix-downloads URL SOURCE FOLDER STOP [MARKS [PAUSE]]   the same with downloads"},
    {L"move-part", 1, move_part, "move-part FILE             give the first file of the first job another path"},
    {L"pid-of",   1, print_pid,  "pid-of NAME                the process of a service, as Wine numbers it"},
    {L"poll",     3, poll,       "poll COUNT MS FOLDER       ask for states in so many threads"},
    {L"ranges",   4, get_ranges, "ranges URL FILE OFFSET LENGTH...   download parts of a file"},
    {L"set-properties", 1, set_properties, "set-properties COUNT       set a property of a download so many times"},
    {L"start-bits", 2, start_bits_job, "start-bits URL FILE        start a job of BITS, and leave it"},
    {L"start-jobs", 0, start_jobs, "start-jobs                 start the service, time it, and count its jobs"},
    {L"store-certificate", 2, store_certificate, "store-certificate PFX PASSWORD   into the store MY; prints its hash"},
    {L"stick",    3, stick,      "stick URL FILE COUNT       pause and start while a callback does not return"},
    {L"watch",    4, watch,      "watch URL FILE SIZE POLLS  download and check each GetProgress"},
};

BOOL is_bits(void)
{
    WCHAR front[8];

    return GetEnvironmentVariableW(L"DOSVC_FRONT", front, sizeof(front) / sizeof(front[0])) && !wcscmp(front, L"bits");
}

const CLSID *get_clsid(void)
{
    return is_bits() ? &CLSID_BackgroundCopyManager : &CLSID_DeliveryOptimization;
}

HRESULT open_manager(IBackgroundCopyManager **manager)
{
    return CoCreateInstance(get_clsid(), NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager,
            (void **)manager);
}

BOOL is_death(HRESULT hr)
{
    /* The last is what Wine's QueryInterface says then; nothing here asks for what there is not. */
    return hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE) || hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED)
            || hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE) || hr == RPC_E_DISCONNECTED
            || hr == E_NOINTERFACE;
}

BOOL are_equal(const WCHAR *a, const WCHAR *b)
{
    static char left[65536], right[65536];
    FILE *one = _wfopen(a, L"rb"), *two = _wfopen(b, L"rb");
    BOOL ret = one && two;
    size_t size;

    while (ret)
    {
        size = fread(left, 1, sizeof(left), one);
        if (fread(right, 1, sizeof(right), two) != size || memcmp(left, right, size))
            ret = FALSE;
        if (!size)
            break;
    }
    if (one)
        fclose(one);
    if (two)
        fclose(two);
    return ret;
}

BOOL exists(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

DWORD get_pid_of_service(const WCHAR *name)
{
    SC_HANDLE scm = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT), service;
    SERVICE_STATUS_PROCESS status = { 0 };
    DWORD size;

    if ((service = OpenServiceW(scm, name, SERVICE_QUERY_STATUS)))
        QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)&status, sizeof(status), &size);
    CloseServiceHandle(service);
    CloseServiceHandle(scm);
    return status.dwProcessId;
}

DWORD get_service_pid(void)
{
    return get_pid_of_service(is_bits() ? L"BITS" : L"DoSvc");
}

int failed(const char *what, HRESULT hr)
{
    fprintf(stderr, "%s: %#lx\n", what, hr);
    return 1;
}

static HRESULT add_file(IBackgroundCopyJob *job, const WCHAR *url, const WCHAR *path, BG_FILE_RANGE *ranges,
        DWORD count)
{
    IDeliveryOptimizationJob *do_job;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_QueryInterface(job, &IID_IDeliveryOptimizationJob, (void **)&do_job)))
        return hr;
    hr = IDeliveryOptimizationJob_AddFileWithRanges(do_job, url, url, path, count, ranges, DO_UNKNOWN_FILE_SIZE);
    IDeliveryOptimizationJob_Release(do_job);
    return hr;
}

HRESULT create_empty_job(GUID *id, IBackgroundCopyJob **job)
{
    IBackgroundCopyManager *manager;
    HRESULT hr;

    if (FAILED(hr = open_manager(&manager)))
        return hr;
    hr = IBackgroundCopyManager_CreateJob(manager, L"testtool", BG_JOB_TYPE_DOWNLOAD, id, job);
    IBackgroundCopyManager_Release(manager);
    return hr;
}

HRESULT start_job(const WCHAR *url, const WCHAR *path, BG_FILE_RANGE *ranges, DWORD count, IBackgroundCopyJob **job)
{
    WCHAR full[MAX_PATH];
    HRESULT hr;
    GUID id;

    GetFullPathNameW(path, ARRAYSIZE(full), full, NULL);
    if (FAILED(hr = create_empty_job(&id, job)))
        return hr;
    if (FAILED(hr = add_file(*job, url, full, ranges, count)) || FAILED(hr = IBackgroundCopyJob_Resume(*job)))
    {
        IBackgroundCopyJob_Cancel(*job);
        IBackgroundCopyJob_Release(*job);
    }
    return hr;
}

/* As .NET does. All proxies of a process share one for IRemUnknown, which Wine
 * may free in one thread while another one takes it; a query that reaches the
 * service makes the manager keep it, for as long as that is held itself. */
HRESULT open_download_manager(IDOManager **manager)
{
    IUnknown *unknown;
    HRESULT hr;

    if (FAILED(hr = CoCreateInstance(&CLSID_DeliveryOptimization, NULL, CLSCTX_LOCAL_SERVER, &IID_IUnknown,
            (void **)&unknown)))
        return hr;
    hr = IUnknown_QueryInterface(unknown, &IID_IDOManager, (void **)manager);
    IUnknown_Release(unknown);
    return hr;
}

HRESULT set_string(IDODownload *download, DODownloadProperty prop, const WCHAR *text)
{
    VARIANT value;
    HRESULT hr;

    V_VT(&value) = VT_BSTR;
    if (!(V_BSTR(&value) = SysAllocString(text)))
        return E_OUTOFMEMORY;
    hr = IDODownload_SetProperty(download, prop, &value);
    VariantClear(&value);
    return hr;
}

HRESULT set_unknown(IDODownload *download, DODownloadProperty prop, IUnknown *unknown)
{
    VARIANT value;

    V_VT(&value) = VT_UNKNOWN;
    V_UNKNOWN(&value) = unknown;
    return IDODownload_SetProperty(download, prop, &value);
}

ULONGLONG get_time(void)
{
    LARGE_INTEGER counter, frequency;

    QueryPerformanceCounter(&counter);
    QueryPerformanceFrequency(&frequency);
    return counter.QuadPart / frequency.QuadPart * 1000000
            + counter.QuadPart % frequency.QuadPart * 1000000 / frequency.QuadPart;
}

int __cdecl wmain(int argc, WCHAR **argv);

int __cdecl wmain(int argc, WCHAR **argv)
{
    unsigned int i;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (i = 0; i < ARRAYSIZE(verbs); ++i)
    {
        if (argc - 2 >= verbs[i].min_args && !wcscmp(argv[1], verbs[i].name))
            return verbs[i].run(argc - 2, argv + 2);
    }
    for (i = 0; i < ARRAYSIZE(verbs); ++i)
        fprintf(stderr, "testtool %s\n", verbs[i].usage);
    return 2;
}
