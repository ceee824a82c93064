/*
 * testtool fail: jobs and downloads while one operation of the service fails
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

/* fail CONTROL URL SOURCE FOLDER KIND API ERRNO UNIX-FOLDER STATE UNIX-STATE [STEP]: fetches URL into FOLDER, again and
 * again, while the first, the second, the third ... operation of the KIND fails with ERRNO, until none is left to fail;
 * with a STEP, one of so many. API is job or download; restart-job and restart-download end the service by force once
 * all is transferred. CONTROL is the file that the library of the disk maps, STATE the folder of the records.
 *
 * Whatever fails: a call that fails works when it is made again, a transfer that stops goes on when it is started
 * again, what has been promised outlives the service, the file equals SOURCE, and nothing but the file is left. */

#include "testtool.h"
#include "../failing/failing.h"

#define LIMIT 60000 /* milliseconds */
#define ENDED_MAX 8 /* bytes of a record that could not be deleted */
#define ROUNDS 4    /* starts of a transfer: one more than a failure and its consequences take */

static const char *const kind_names[] =
{
    "nothing", "write", "flush", "create", "open", "read", "rename", "delete", "resize", "allocation",
};

static struct failing *failing;
static const WCHAR *url, *source, *folder, *records;
static BOOL is_download, has_restart;

static IBackgroundCopyJob *job;
static IDODownload *lasting;
static GUID id;
static WCHAR path[MAX_PATH];
static unsigned int wrong;
static char story[1024]; /* failed calls of this round */

static void tell(const char *what, HRESULT hr)
{
    size_t length = strlen(story);

    snprintf(story + length, sizeof(story) - length, " %s %#lx;", what, hr);
}

static void complain(const char *what, HRESULT hr)
{
    tell("WRONG:", 0);
    tell(what, hr);
    wrong++;
}

static void release(void)
{
    if (lasting)
        IDODownload_Release(lasting);
    if (job)
        IBackgroundCopyJob_Release(job);
    lasting = NULL;
    job = NULL;
}

static HRESULT create(void)
{
    return is_download ? prepare_lasting(url, path, &lasting) : create_empty_job(&id, &job);
}

static HRESULT prepare(void)
{
    return is_download ? S_OK : IBackgroundCopyJob_AddFile(job, url, path);
}

static HRESULT start(void)
{
    return is_download ? IDODownload_Start(lasting, NULL) : IBackgroundCopyJob_Resume(job);
}

static HRESULT complete(void)
{
    return is_download ? IDODownload_Finalize(lasting) : IBackgroundCopyJob_Complete(job);
}

/* S_OK: transferred; S_FALSE: stopped, and can be started. */
static HRESULT wait_job(void)
{
    DWORD end = GetTickCount() + LIMIT;
    IBackgroundCopyError *error;
    BG_ERROR_CONTEXT context;
    BG_JOB_STATE state;
    HRESULT hr;

    for (;;)
    {
        if (FAILED(hr = IBackgroundCopyJob_GetState(job, &state)))
            return hr;
        if (state >= BG_JOB_STATE_SUSPENDED && state != BG_JOB_STATE_TRANSIENT_ERROR)
            break;
        if ((LONG)(end - GetTickCount()) <= 0)
            return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
        Sleep(10);
    }
    if (state == BG_JOB_STATE_ERROR && SUCCEEDED(IBackgroundCopyJob_GetError(job, &error)))
    {
        IBackgroundCopyError_GetError(error, &context, &hr);
        IBackgroundCopyError_Release(error);
        tell("ERROR", hr);
    }
    return state == BG_JOB_STATE_TRANSFERRED ? S_OK : S_FALSE;
}

static HRESULT wait_transfer(void)
{
    DO_DOWNLOAD_STATUS status = {0};
    HRESULT hr;

    if (!is_download)
        return wait_job();
    hr = wait_download(lasting, &status);
    if (status.State == DODownloadState_Paused || status.State == DODownloadState_Created)
    {
        tell("Paused", hr);
        return S_FALSE;
    }
    return hr;
}

/* Start until all is transferred. */
static HRESULT transfer(void)
{
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ROUNDS; ++i)
    {
        if (FAILED(hr = start()))
            tell("start", hr);
        else if ((hr = wait_transfer()) != S_FALSE)
            return hr;
    }
    return hr;
}

/* Make a call, and once more if it fails: only one operation does. */
static BOOL try(const char *name, HRESULT (*call)(void))
{
    HRESULT hr;

    if (SUCCEEDED(hr = call()))
        return TRUE;
    tell(name, hr);
    if (SUCCEEDED(hr = call()))
        return TRUE;
    complain(name, hr);
    return FALSE;
}

static HRESULT find(void)
{
    IBackgroundCopyManager *manager;
    HRESULT hr;

    if (is_download)
        hr = get_first_download(&lasting); /* nothing else lasts */
    else if (SUCCEEDED(hr = open_manager(&manager)))
    {
        hr = IBackgroundCopyManager_GetJob(manager, &id, &job);
        IBackgroundCopyManager_Release(manager);
    }
    return hr == S_FALSE ? E_FAIL : hr;
}

static BOOL restart(void)
{
    release();
    if (FAILED(kill_process(get_service_pid())))
        complain("the service cannot be ended", 0);
    return try("find", find);
}

/* Start a download that is transferred, and cannot be finalized, with other ranges, and once more as a whole. */
static void start_over(void)
{
    const DO_DOWNLOAD_RANGES_INFO ranges = { 1, {{ 0, 10 }} };
    DO_DOWNLOAD_STATUS status = {0};
    HRESULT hr;

    if (FAILED(IDODownload_GetStatus(lasting, &status)) || status.State != DODownloadState_Transferred)
        return;
    if (FAILED(hr = IDODownload_Start(lasting, (DO_DOWNLOAD_RANGES_INFO *)&ranges)) || FAILED(hr = wait_transfer()))
        complain("start with ranges", hr);
    if (FAILED(hr = transfer()))
        complain("start over", hr);
}

/* Complete; what cannot be completed yet is started again first. */
static void finish(void)
{
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ROUNDS; ++i)
    {
        if (SUCCEEDED(hr = complete()))
            return;
        tell("complete", hr);
        if (is_download)
            start_over();
        if ((hr = wait_transfer()) == S_FALSE && FAILED(hr = transfer()))
            break;
    }
    complain("complete", hr);
}

/* Complain about each file of a folder that has more bytes than that, but for one of that name, and delete it. */
static void check_empty(const WCHAR *folder_name, const WCHAR *pattern, const WCHAR *excepted, DWORD most)
{
    WIN32_FIND_DATAW data;
    WCHAR name[MAX_PATH];
    HANDLE handle;

    swprintf(name, MAX_PATH, L"%ls\\%ls", folder_name, pattern);
    if ((handle = FindFirstFileW(name, &data)) == INVALID_HANDLE_VALUE)
        return;
    do
    {
        if ((data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) || data.nFileSizeLow <= most)
            continue;
        if (wcscmp(data.cFileName, excepted))
            complain("a file is left", 0);
        swprintf(name, MAX_PATH, L"%ls\\%ls", folder_name, data.cFileName);
        DeleteFileW(name);
    } while (FindNextFileW(handle, &data));
    FindClose(handle);
}

/* The right file is there, and nothing else. What the disk has not deleted is the fault of the disk; a record of that
 * kind says no more than that. */
static void check_files(enum failing_kind kind)
{
    WCHAR undeleted[MAX_PATH];

    if (!are_equal(path, source))
        complain(exists(path) ? "the file is not right" : "the file is not there", 0);
    DeleteFileW(path);
    swprintf(undeleted, MAX_PATH, L"%hs", kind == FAIL_DELETE ? failing->name : "");
    check_empty(folder, L"*", undeleted, 0);
    check_empty(records, L"{*}.*", L"", ENDED_MAX);
}

static void make_round(enum failing_kind kind)
{
    DWORD pid = get_service_pid();
    HRESULT hr;

    if (!try("create", create))
        return;
    if (try("AddFile", prepare))
    {
        if (FAILED(hr = transfer()))
            complain("transfer", hr);
        if (!has_restart || restart())
        {
            /* A restart may find an earlier state on the disk. */
            if (wait_transfer() == S_FALSE && FAILED(hr = transfer()))
                complain("transfer after a restart", hr);
            finish();
        }
    }
    release();
    failing->kind = FAIL_NOTHING;
    check_files(kind);
    if (pid && !has_restart && get_service_pid() != pid)
        complain("the service has died", 0);
}

static BOOL map_control(const WCHAR *name, enum failing_kind kind)
{
    HANDLE file = INVALID_HANDLE_VALUE, mapping;

    if (kind != FAIL_ALLOCATION && (file = CreateFileW(name, GENERIC_READ | GENERIC_WRITE,
            FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL)) == INVALID_HANDLE_VALUE)
        return FALSE;
    if ((mapping = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, sizeof(*failing),
            kind == FAIL_ALLOCATION ? FAILING_SECTION : NULL)))
        failing = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, sizeof(*failing));
    return failing != NULL;
}

static enum failing_kind get_kind(const WCHAR *name)
{
    unsigned int i;
    char text[16];

    snprintf(text, sizeof(text), "%ls", name);
    for (i = 1; i < ARRAYSIZE(kind_names); ++i)
    {
        if (!strcmp(kind_names[i], text))
            return i;
    }
    return FAIL_NOTHING;
}

static void arm(enum failing_kind kind, int error, unsigned int round)
{
    failing->kind = FAIL_NOTHING;
    failing->failures = 0;
    failing->left = round;
    failing->error = error;
    failing->kind = kind;
}

int fail(int argc, WCHAR **argv)
{
    unsigned int i, rounds = 0, step = argc > 10 ? wcstoul(argv[10], NULL, 10) : 1;
    enum failing_kind kind = get_kind(argv[4]);
    int error = wcstol(argv[6], NULL, 10);

    url = argv[1];
    source = argv[2];
    folder = argv[3];
    has_restart = !wcsncmp(argv[5], L"restart-", 8);
    is_download = wcsstr(argv[5], L"download") != NULL;
    records = argv[8];
    if (!kind || !map_control(argv[0], kind))
        return failed("the arguments", E_INVALIDARG);
    snprintf(failing->folders[0], sizeof(failing->folders[0]), "%ls", argv[7]);
    snprintf(failing->folders[1], sizeof(failing->folders[1]), "%ls", argv[9]);
    swprintf(path, MAX_PATH, L"%ls\\file", folder);
    for (i = 0; ; i += step)
    {
        story[0] = 0;
        arm(kind, error, i);
        make_round(kind);
        if (!failing->failures)
            break;
        rounds++;
        printf("%ls: %s %u of %s:%s\n", argv[5], kind_names[kind], i, failing->name, story);
        fflush(stdout);
    }
    if (!i)
        complain("no operation has failed", 0);
    printf("%ls: %u failures of %s, %u wrong%s\n", argv[5], rounds, kind_names[kind], wrong, i ? "" : story);
    return wrong != 0;
}
