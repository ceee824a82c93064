/*
 * Jobs and downloads that end while somebody kills the service
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

/* URL SOURCE FOLDER COUNT STOP: fetches URL into COUNT files of FOLDER, as one job or as so many
 * downloads, and completes them, again and again until the file STOP exists. Before that it makes
 * FOLDER.ready, with the milliseconds that it took at most so far, and waits for FOLDER.go, so that
 * somebody can kill the service meanwhile. What is left then must be ready to be completed, and in
 * the end every file must equal SOURCE. Prints what is wrong, and a summary. */

#include "testtool.h"

#define LIMIT 120000 /* milliseconds */

static struct
{
    const WCHAR *url, *source, *folder, *stop;
    unsigned int count, deaths, rounds, wrong;
    DWORD start, longest; /* milliseconds */
} ending;

struct end_ops
{
    HRESULT (*make)(void);     /* until all is transferred; removes what an earlier attempt has left */
    HRESULT (*complete)(void); /* what is there; the result of the last call */
};

static HRESULT complain(const char *what, HRESULT hr)
{
    if (!is_death(hr))
    {
        printf("%s, %#lx\n", what, hr);
        ending.wrong++;
    }
    return hr;
}

static void get_path(unsigned int i, WCHAR path[MAX_PATH])
{
    swprintf(path, MAX_PATH, L"%ls\\%05u.bin", ending.folder, i);
}

static BOOL is_late(DWORD start)
{
    return GetTickCount() - start >= LIMIT;
}

/* Somebody may kill the service from now on. */
static void await_go(void)
{
    WCHAR ready[MAX_PATH], go[MAX_PATH];
    DWORD start = GetTickCount();
    FILE *file;

    swprintf(ready, MAX_PATH, L"%ls.ready", ending.folder);
    swprintf(go, MAX_PATH, L"%ls.go", ending.folder);
    if ((file = _wfopen(ready, L"w")))
    {
        fprintf(file, "%lu\n", ending.longest);
        fclose(file);
    }
    while (!DeleteFileW(go) && !is_late(start))
        Sleep(5);
    if (is_late(start))
        complain("nobody says go", HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    ending.start = GetTickCount();
}

/* A service that is killed meanwhile lets an activation fail. Never for long. */
static HRESULT open_some(const IID *iid, void **manager)
{
    DWORD start = GetTickCount();
    HRESULT hr;

    while (FAILED(hr = CoCreateInstance(get_clsid(), NULL, CLSCTX_LOCAL_SERVER, iid, manager)))
    {
        if (is_late(start))
        {
            printf("no activation, %#lx\n", hr);
            return complain("activation", HRESULT_FROM_WIN32(ERROR_TIMEOUT));
        }
        Sleep(10);
    }
    return hr;
}

HRESULT get_first_job(IBackgroundCopyJob **job)
{
    IBackgroundCopyManager *manager;
    IEnumBackgroundCopyJobs *jobs;
    HRESULT hr;

    if (FAILED(hr = open_some(&IID_IBackgroundCopyManager, (void **)&manager)))
        return hr;
    if (SUCCEEDED(hr = IBackgroundCopyManager_EnumJobs(manager, 0, &jobs)))
    {
        hr = IEnumBackgroundCopyJobs_Next(jobs, 1, job, NULL);
        IEnumBackgroundCopyJobs_Release(jobs);
    }
    IBackgroundCopyManager_Release(manager);
    return hr;
}

static HRESULT cancel_all_jobs(void)
{
    IBackgroundCopyJob *job;
    HRESULT hr;

    while ((hr = get_first_job(&job)) == S_OK)
    {
        hr = IBackgroundCopyJob_Cancel(job);
        IBackgroundCopyJob_Release(job);
        if (FAILED(hr))
            break;
    }
    return hr;
}

static HRESULT add_files(IBackgroundCopyJob *job)
{
    WCHAR (*paths)[MAX_PATH] = calloc(ending.count, sizeof(*paths));
    BG_FILE_INFO *files = calloc(ending.count, sizeof(*files));
    HRESULT hr = E_OUTOFMEMORY;
    unsigned int i;

    for (i = 0; paths && files && i < ending.count; ++i)
    {
        get_path(i, paths[i]);
        files[i].RemoteName = (WCHAR *)ending.url;
        files[i].LocalName = paths[i];
    }
    if (paths && files)
        hr = IBackgroundCopyJob_AddFileSet(job, ending.count, files);
    free(paths);
    free(files);
    return hr;
}

static HRESULT await_job(IBackgroundCopyJob *job)
{
    DWORD start = GetTickCount();
    BG_JOB_STATE state;
    HRESULT hr;

    while (SUCCEEDED(hr = IBackgroundCopyJob_GetState(job, &state)) && state != BG_JOB_STATE_TRANSFERRED)
    {
        if (is_late(start))
            return complain("not transferred", state);
        Sleep(20);
    }
    return hr;
}

static HRESULT make_job(void)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    HRESULT hr;
    GUID id;

    if (FAILED(hr = cancel_all_jobs()) || FAILED(hr = open_some(&IID_IBackgroundCopyManager, (void **)&manager)))
        return hr;
    if (SUCCEEDED(hr = IBackgroundCopyManager_CreateJob(manager, L"ending", BG_JOB_TYPE_DOWNLOAD, &id, &job)))
    {
        if (SUCCEEDED(hr = add_files(job)) && SUCCEEDED(hr = IBackgroundCopyJob_Resume(job)))
            hr = await_job(job);
        IBackgroundCopyJob_Release(job);
    }
    IBackgroundCopyManager_Release(manager);
    return hr;
}

static HRESULT complete_job(void)
{
    IBackgroundCopyJob *job;
    BG_JOB_STATE state;
    HRESULT hr;

    if ((hr = get_first_job(&job)) != S_OK)
        return hr;
    /* That it is TRANSFERRED is shown before it is on disk: it may have to get there once more. */
    if (SUCCEEDED(hr = IBackgroundCopyJob_GetState(job, &state)) && state < BG_JOB_STATE_SUSPENDED)
        hr = await_job(job);
    else if (SUCCEEDED(hr) && state != BG_JOB_STATE_TRANSFERRED)
        complain("a job in another state", state);
    if (SUCCEEDED(hr))
    {
        await_go();
        if ((hr = IBackgroundCopyJob_Complete(job)) != S_OK)
            complain("Complete", hr);
    }
    IBackgroundCopyJob_Release(job);
    return hr;
}

HRESULT get_downloads(IEnumUnknown **downloads)
{
    IDOManager *manager;
    HRESULT hr;

    if (FAILED(hr = open_some(&IID_IDOManager, (void **)&manager)))
        return hr;
    hr = IDOManager_EnumDownloads(manager, NULL, downloads);
    IDOManager_Release(manager);
    return hr == DO_E_NO_DOWNLOADS ? S_FALSE : hr;
}

HRESULT get_next_download(IEnumUnknown *downloads, IDODownload **download)
{
    ULONG fetched = 0;
    IUnknown *unknown;
    HRESULT hr;

    if ((hr = IEnumUnknown_Next(downloads, 1, &unknown, &fetched)) != S_OK || !fetched)
        return FAILED(hr) ? hr : S_FALSE;
    hr = IUnknown_QueryInterface(unknown, &IID_IDODownload, (void **)download);
    IUnknown_Release(unknown);
    return hr;
}

HRESULT get_first_download(IDODownload **download)
{
    IEnumUnknown *downloads;
    HRESULT hr;

    if ((hr = get_downloads(&downloads)) != S_OK)
        return hr;
    hr = get_next_download(downloads, download);
    IEnumUnknown_Release(downloads);
    return hr;
}

static HRESULT for_each_download(HRESULT (*proc)(IDODownload *download), BOOL is_ending)
{
    IEnumUnknown *downloads;
    IDODownload *download;
    HRESULT hr;

    if ((hr = get_downloads(&downloads)) != S_OK)
        return hr;
    if (is_ending)
        await_go();
    while ((hr = get_next_download(downloads, &download)) == S_OK)
    {
        hr = proc(download);
        IDODownload_Release(download);
        if (FAILED(hr))
            break;
    }
    IEnumUnknown_Release(downloads);
    return hr;
}

static HRESULT abort_it(IDODownload *download)
{
    return IDODownload_Abort(download);
}

static HRESULT await_it(IDODownload *download)
{
    DWORD start = GetTickCount();
    DO_DOWNLOAD_STATUS status;
    HRESULT hr;

    while (SUCCEEDED(hr = IDODownload_GetStatus(download, &status)) && status.State != DODownloadState_Transferred)
    {
        if (status.Error || is_late(start))
            return complain("not transferred", status.Error ? status.Error : (HRESULT)status.State);
        Sleep(20);
    }
    return hr;
}

static HRESULT finalize_it(IDODownload *download)
{
    DO_DOWNLOAD_STATUS status;
    HRESULT hr;

    if (FAILED(hr = IDODownload_GetStatus(download, &status)))
        return hr;
    if (status.State == DODownloadState_Transferring && FAILED(hr = await_it(download)))
        return hr;
    if (status.State != DODownloadState_Transferring && status.State != DODownloadState_Transferred)
        complain("a download in another state", status.State);
    return FAILED(hr = IDODownload_Finalize(download)) ? complain("Finalize", hr) : hr;
}

static HRESULT finalize_downloads(void)
{
    return for_each_download(finalize_it, TRUE);
}

static HRESULT start_one(unsigned int i)
{
    IDODownload *download;
    WCHAR path[MAX_PATH];
    HRESULT hr;

    get_path(i, path);
    if (FAILED(hr = prepare_lasting(ending.url, path, &download)))
        return hr;
    hr = IDODownload_Start(download, NULL);
    IDODownload_Release(download);
    return hr;
}

static HRESULT make_downloads_to_end(void)
{
    unsigned int i;
    HRESULT hr;

    if (FAILED(hr = for_each_download(abort_it, FALSE)))
        return hr;
    for (i = 0; i < ending.count && SUCCEEDED(hr); ++i)
        hr = start_one(i);
    return FAILED(hr) ? hr : for_each_download(await_it, FALSE);
}

static void check_files(void)
{
    WCHAR path[MAX_PATH];
    unsigned int i, wrong = 0;

    for (i = 0; i < ending.count; ++i)
    {
        get_path(i, path);
        if (!are_equal(path, ending.source))
        {
            if (!wrong++)
                printf("%ls is wrong\n", path);
        }
        DeleteFileW(path);
    }
    ending.wrong += wrong;
}

static HRESULT run_round(const struct end_ops *ops)
{
    HRESULT hr;

    while (is_death(hr = ops->make()))
        ;
    if (FAILED(hr))
        return complain("preparation", hr);
    do
    {
        ending.start = GetTickCount();
        if (SUCCEEDED(hr = ops->complete()))
            ending.longest = max(ending.longest, GetTickCount() - ending.start);
        ending.deaths += is_death(hr);
    } while (is_death(hr));
    check_files();
    ending.rounds++;
    return hr;
}

static int run_rounds(const struct end_ops *ops, WCHAR **argv)
{
    ending.url = argv[0];
    ending.source = argv[1];
    ending.folder = argv[2];
    ending.count = wcstoul(argv[3], NULL, 10);
    ending.stop = argv[4];
    while (!exists(ending.stop) && SUCCEEDED(run_round(ops)))
        ;
    printf("%u rounds of %u files, %u deaths, %u wrong\n", ending.rounds, ending.count, ending.deaths, ending.wrong);
    return ending.wrong || !ending.rounds;
}

int end_jobs(int argc, WCHAR **argv)
{
    static const struct end_ops ops = { make_job, complete_job };

    return run_rounds(&ops, argv);
}

int end_downloads(int argc, WCHAR **argv)
{
    static const struct end_ops ops = { make_downloads_to_end, finalize_downloads };

    return run_rounds(&ops, argv);
}
