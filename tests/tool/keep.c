/*
 * A job and a download that stay while something happens to the disk
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

#define LIMIT 60000 /* milliseconds */
#define FULL  HRESULT_FROM_WIN32(ERROR_DISK_FULL)

static BG_JOB_STATE await_rest(IBackgroundCopyJob *job)
{
    DWORD end = GetTickCount() + LIMIT;
    BG_JOB_STATE state = BG_JOB_STATE_QUEUED;

    while (SUCCEEDED(IBackgroundCopyJob_GetState(job, &state)) && state < BG_JOB_STATE_SUSPENDED
            && (LONG)(end - GetTickCount()) > 0)
        Sleep(20);
    return state;
}

static void start_and_wait(IDODownload *download)
{
    DO_DOWNLOAD_STATUS status = { 0 };
    HRESULT hr;

    if (SUCCEEDED(hr = IDODownload_Start(download, NULL)))
        wait_download(download, &status);
    printf("download: Start %#lx, state %d, error %#lx\n", hr, status.State, status.Error);
}

static void resume_and_wait(IBackgroundCopyJob *job)
{
    HRESULT hr = IBackgroundCopyJob_Resume(job);

    printf("job: Resume %#lx, state %d\n", hr, await_rest(job));
}

/* Tells what becomes of them. Fails if they cannot be made. */
int keep(int argc, WCHAR **argv)
{
    IBackgroundCopyJob *job;
    WCHAR path[MAX_PATH];
    IDODownload *download;
    HRESULT hr;

    swprintf(path, MAX_PATH, L"%ls.job", argv[1]);
    if (FAILED(hr = start_job(argv[0], path, NULL, 0, &job)))
        return failed("job", hr);
    printf("job: state %d\n", await_rest(job));
    IBackgroundCopyJob_Release(job);
    swprintf(path, MAX_PATH, L"%ls.download", argv[1]);
    if (FAILED(hr = prepare_lasting(argv[0], path, &download)))
        return failed("download", hr);
    start_and_wait(download);
    IDODownload_Release(download);
    return 0;
}

/* Both are to be there. */
static int for_both(void (*use_job)(IBackgroundCopyJob *job), void (*use_download)(IDODownload *download))
{
    IBackgroundCopyJob *job;
    IDODownload *download;

    if (get_first_job(&job) == S_OK)
    {
        use_job(job);
        IBackgroundCopyJob_Release(job);
    }
    if (get_first_download(&download) == S_OK)
    {
        use_download(download);
        IDODownload_Release(download);
    }
    return 0;
}

int keep_going(int argc, WCHAR **argv)
{
    return for_both(resume_and_wait, start_and_wait);
}

/* As clients do: what is not transferred is not completed. */
static void complete(IBackgroundCopyJob *job)
{
    BG_JOB_STATE state = await_rest(job);

    if (state != BG_JOB_STATE_TRANSFERRED)
        printf("job: state %d\n", state);
    else
        printf("job: Complete %#lx\n", IBackgroundCopyJob_Complete(job));
}

static void finalize(IDODownload *download)
{
    printf("download: Finalize %#lx\n", IDODownload_Finalize(download));
}

int keep_ending(int argc, WCHAR **argv)
{
    return for_both(complete, finalize);
}

static int expect(const char *what, HRESULT hr, HRESULT expected)
{
    if (hr == expected)
        return 0;
    printf("%s gives %#lx, expected %#lx\n", what, hr, expected);
    return 1;
}

/* The last block of the record may have room for some. */
static HRESULT add_until_full(IBackgroundCopyJob *job, WCHAR **argv, unsigned int *count)
{
    WCHAR path[MAX_PATH];
    HRESULT hr = S_OK;

    for (*count = 0; *count < 100; ++*count)
    {
        swprintf(path, MAX_PATH, L"%ls.%u", argv[1], *count);
        if (FAILED(hr = IBackgroundCopyJob_AddFile(job, argv[0], path)))
            break;
    }
    return hr;
}

static int fill_state_of_job(WCHAR **argv)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    BG_JOB_PROGRESS progress;
    unsigned int count;
    BG_JOB_STATE state;
    int wrong = 0;
    GUID id;

    if (FAILED(open_manager(&manager)))
        return 1;
    fill_disk(argv[2]);
    wrong += expect("CreateJob", IBackgroundCopyManager_CreateJob(manager, L"full", BG_JOB_TYPE_DOWNLOAD, &id, &job),
            FULL);
    wrong += expect("EnumJobs", get_first_job(&job), S_FALSE);
    DeleteFileW(argv[2]);
    if (expect("CreateJob", IBackgroundCopyManager_CreateJob(manager, L"full", BG_JOB_TYPE_DOWNLOAD, &id, &job), S_OK))
        return 1;
    fill_disk(argv[2]);
    wrong += expect("AddFile", add_until_full(job, argv, &count), FULL);
    IBackgroundCopyJob_GetProgress(job, &progress);
    wrong += expect("AddFile that fails, files", progress.FilesTotal, count);
    DeleteFileW(argv[2]);
    wrong += expect("AddFile", IBackgroundCopyJob_AddFile(job, argv[0], argv[1]), S_OK);
    fill_disk(argv[2]);
    wrong += expect("Resume", IBackgroundCopyJob_Resume(job), FULL);
    IBackgroundCopyJob_GetState(job, &state);
    wrong += expect("Resume that fails, state", state, BG_JOB_STATE_SUSPENDED);
    DeleteFileW(argv[2]);
    wrong += expect("Resume", IBackgroundCopyJob_Resume(job), S_OK);
    wrong += expect("state", await_rest(job), BG_JOB_STATE_TRANSFERRED);
    wrong += expect("SetDescription", IBackgroundCopyJob_SetDescription(job, L"full"), S_OK);
    fill_disk(argv[2]);
    wrong += expect("Complete", IBackgroundCopyJob_Complete(job), FULL);
    DeleteFileW(argv[2]);
    wrong += expect("Complete", IBackgroundCopyJob_Complete(job), S_OK);
    IBackgroundCopyJob_Release(job);
    IBackgroundCopyManager_Release(manager);
    return wrong;
}

static int fill_state_of_download(WCHAR **argv)
{
    static const WCHAR keys[] = L"{\"KeyData\":\"c2VjcmV0LWtleS0xMjM0NQ==\",\"AlgorithmName\":\"AES\","
            L"\"EncryptionBufferSize\":65536}";
    static struct listener listener, other;
    DO_DOWNLOAD_STATUS status;
    IDODownload *download;
    int wrong = 0;

    if (FAILED(prepare_lasting(argv[0], argv[1], &download)))
        return 1;
    listener_init(&listener, listener_note);
    listener_init(&other, listener_note);
    wrong += expect("CallbackInterface", listener_set(&listener, download), S_OK);
    fill_disk(argv[2]);
    wrong += expect("CallbackInterface", listener_set(&other, download), FULL);
    wrong += expect("DecryptionInfo", set_string(download, DODownloadProperty_DecryptionInfo, keys), FULL);
    wrong += expect("Start", IDODownload_Start(download, NULL), FULL);
    IDODownload_GetStatus(download, &status);
    wrong += expect("Start that fails, state", status.State, DODownloadState_Created);
    DeleteFileW(argv[2]);
    wrong += expect("Start", IDODownload_Start(download, NULL), S_OK);
    wrong += expect("download", wait_download(download, &status), S_OK);
    wrong += expect("the first callback", WaitForSingleObject(listener.transferred, LIMIT), WAIT_OBJECT_0);
    wrong += expect("the second callback", WaitForSingleObject(other.transferred, 0), WAIT_TIMEOUT);
    /* Returns when the record has been written. */
    wrong += expect("SetProperty", set_string(download, DODownloadProperty_DisplayName, L"full"), S_OK);
    fill_disk(argv[2]);
    wrong += expect("Finalize", IDODownload_Finalize(download), FULL);
    DeleteFileW(argv[2]);
    wrong += expect("Finalize", IDODownload_Finalize(download), S_OK);
    IDODownload_Release(download);
    return wrong;
}

/* FILLER is on the disk of the records. A call that fails has changed nothing. */
int fill_state(int argc, WCHAR **argv)
{
    int wrong = fill_state_of_job(argv);

    DeleteFileW(argv[1]);
    return wrong + fill_state_of_download(argv);
}
