/*
 * Tests for Complete and Cancel
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

#include "dosvc_test.h"

static void check_text(const char *id, const WCHAR *path, const char *text)
{
    char buffer[64] = "";
    DWORD read = 0;
    HANDLE handle;

    handle = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    ok(handle != INVALID_HANDLE_VALUE, "%s: cannot open %s.\n", id, wine_dbgstr_w(path));
    ReadFile(handle, buffer, sizeof(buffer) - 1, &read, NULL);
    CloseHandle(handle);
    ok(!strcmp(buffer, text), "%s: the file has %s.\n", id, wine_dbgstr_a(buffer));
}

static void test_complete(void)
{
    struct resource *resource;
    struct fixture fixture;
    HANDLE gate;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/complete", 100000);
    set_gate(resource, gate, 50000);
    add_file("JOB-079", fixture.job, resource, fixture.path);
    ok(!file_exists(fixture.path), "JOB-079: the file is there after AddFile.\n");
    resume_job("JOB-079", fixture.job);
    wait_for_bytes("JOB-079", fixture.job, 50000);
    ok(!file_exists(fixture.path), "JOB-079: the file is there during the transfer.\n");
    SetEvent(gate);
    wait_for_state("JOB-079", fixture.job, BG_JOB_STATE_TRANSFERRED);
    ok(!file_exists(fixture.path), "JOB-079: the file is there before Complete.\n");
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-080: got hr %#lx.\n", hr);
    check_state("JOB-080", fixture.job, BG_JOB_STATE_ACKNOWLEDGED);
    check_content("JOB-079", fixture.path, resource);
    check_dir_count("JOB-089", fixture.dir, 1);
    CloseHandle(gate);
    fixture_close(&fixture);
}

static void test_attributes(void)
{
    WIN32_FILE_ATTRIBUTE_DATA data = { 0 };
    SYSTEMTIME time = { 2015, 10, 3, 21, 7, 28, 0, 0 };
    struct resource *resource;
    struct fixture fixture;
    FILETIME filetime;
    BOOL ret;

    if (!fixture_open(&fixture))
        return;
    SystemTimeToFileTime(&time, &filetime);
    resource = origin_add_resource(fixture.origin, "/attributes", 1000);
    add_file("JOB-079", fixture.job, resource, fixture.path);
    resume_job("JOB-079", fixture.job);
    wait_for_state("JOB-079", fixture.job, BG_JOB_STATE_TRANSFERRED);
    IBackgroundCopyJob_Complete(fixture.job);
    ret = GetFileAttributesExW(fixture.path, GetFileExInfoStandard, &data);
    ok(ret, "JOB-079: got error %lu.\n", GetLastError());
    ok(!(data.dwFileAttributes & (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_TEMPORARY)),
            "JOB-079: got attributes %#lx.\n", data.dwFileAttributes);
    ok(!CompareFileTime(&data.ftLastWriteTime, &filetime), "JOB-079: got modification time %s.\n",
            wine_dbgstr_longlong(((UINT64)data.ftLastWriteTime.dwHighDateTime << 32)
            | data.ftLastWriteTime.dwLowDateTime));
    fixture_close(&fixture);
}

static void test_replace(void)
{
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/replace", 1000);
    write_file(fixture.path, "old content");
    add_file("JOB-081", fixture.job, resource, fixture.path);
    resume_job("JOB-081", fixture.job);
    wait_for_state("JOB-081", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_text("JOB-081", fixture.path, "old content");
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-081: got hr %#lx.\n", hr);
    check_content("JOB-081", fixture.path, resource);
    check_dir_count("JOB-089", fixture.dir, 1);
    fixture_close(&fixture);
}

/* Of two files with one path the later one replaces the earlier one. */
static void test_same_path(void)
{
    struct resource *first, *second;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    first = origin_add_resource(fixture.origin, "/first", 3000);
    second = origin_add_resource(fixture.origin, "/second", 1000);
    add_file("JOB-081", fixture.job, first, fixture.path);
    add_file("JOB-081", fixture.job, second, fixture.path);
    resume_job("JOB-081", fixture.job);
    wait_for_state("JOB-081", fixture.job, BG_JOB_STATE_TRANSFERRED);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-081: got hr %#lx.\n", hr);
    check_content("JOB-081", fixture.path, second);
    check_dir_count("JOB-081", fixture.dir, 1);
    fixture_close(&fixture);
}

/* Among others, also where the case is another one, and of letters beyond ASCII. */
static void test_replace_some(void)
{
    static const WCHAR * const existing[] = { L"both.bin", L"\x00c4hnlich.bin", L"UPPER.BIN" };
    static const WCHAR * const names[] = { L"both.bin", L"\x00e4hnlich.bin", L"upper.bin", L"none.bin", L"other.bin" };
    struct resource *resources[ARRAY_SIZE(names)];
    WCHAR paths[ARRAY_SIZE(names)][MAX_PATH], path[MAX_PATH];
    struct fixture fixture;
    char name[16];
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(existing); ++i)
    {
        swprintf(path, MAX_PATH, L"%ls%ls", fixture.dir, existing[i]);
        write_file(path, "old content");
    }
    for (i = 0; i < ARRAY_SIZE(names); ++i)
    {
        sprintf(name, "/some%u", i);
        resources[i] = origin_add_resource(fixture.origin, name, 1000 + i);
        swprintf(paths[i], MAX_PATH, L"%ls%ls", fixture.dir, names[i]);
        add_file("JOB-081", fixture.job, resources[i], paths[i]);
    }
    resume_job("JOB-081", fixture.job);
    wait_for_state("JOB-081", fixture.job, BG_JOB_STATE_TRANSFERRED);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-081: got hr %#lx.\n", hr);
    for (i = 0; i < ARRAY_SIZE(names); ++i)
    {
        winetest_push_context("file %u", i);
        check_content("JOB-081", paths[i], resources[i]);
        winetest_pop_context();
    }
    check_dir_count("JOB-081", fixture.dir, ARRAY_SIZE(names));
    fixture_close(&fixture);
}

static void test_partial(void)
{
    struct resource *resources[5];
    struct fixture fixture;
    WCHAR paths[5][MAX_PATH];
    IBackgroundCopyFile *file;
    BG_FILE_PROGRESS progress;
    char name[16];
    HANDLE gate;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    for (i = 0; i < 5; ++i)
    {
        sprintf(name, "/file%u", i);
        resources[i] = origin_add_resource(fixture.origin, name, 10000 + i);
        swprintf(paths[i], MAX_PATH, L"%lsfile%u", fixture.dir, i);
        add_file("JOB-082", fixture.job, resources[i], paths[i]);
    }
    set_gate(resources[2], gate, 5000);
    resume_job("JOB-082", fixture.job);
    wait_for_bytes("JOB-082", fixture.job, 25001);
    check_progress("JOB-082", fixture.job, BG_SIZE_UNKNOWN, 25001, 5, 2);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == BG_S_PARTIAL_COMPLETE, "JOB-082: got hr %#lx.\n", hr);
    check_state("JOB-082", fixture.job, BG_JOB_STATE_ACKNOWLEDGED);
    for (i = 0; i < 5; ++i)
    {
        winetest_push_context("file %u", i);
        if (i < 2)
            check_content("JOB-082", paths[i], resources[i]);
        else
            ok(!file_exists(paths[i]), "JOB-082: the file is there.\n");
        if ((file = get_file("JOB-082", fixture.job, i)))
        {
            hr = IBackgroundCopyFile_GetProgress(file, &progress);
            ok(hr == S_OK, "JOB-082: got hr %#lx.\n", hr);
            ok(!progress.Completed == (i >= 2), "JOB-082: got Completed %d.\n", progress.Completed);
            IBackgroundCopyFile_Release(file);
        }
        winetest_pop_context();
    }
    check_progress("JOB-075", fixture.job, BG_SIZE_UNKNOWN, 25001, 5, 2);
    check_dir_count("JOB-089", fixture.dir, 2);
    SetEvent(gate);
    CloseHandle(gate);
    fixture_close(&fixture);
}

static void test_blocked(void)
{
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;
    BOOL ret;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/blocked", 1000);
    add_file("JOB-083", fixture.job, resource, fixture.path);
    resume_job("JOB-083", fixture.job);
    wait_for_state("JOB-083", fixture.job, BG_JOB_STATE_TRANSFERRED);
    ret = CreateDirectoryW(fixture.path, NULL);
    ok(ret, "JOB-083: got error %lu.\n", GetLastError());
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(FAILED(hr) && HRESULT_FACILITY(hr) == FACILITY_WIN32, "JOB-083: got hr %#lx.\n", hr);
    check_state("JOB-083", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_no_error("JOB-083", fixture.job);
    check_progress("JOB-083", fixture.job, 1000, 1000, 1, 1);
    ret = RemoveDirectoryW(fixture.path);
    ok(ret, "JOB-083: got error %lu.\n", GetLastError());
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-083: got hr %#lx.\n", hr);
    check_state("JOB-083", fixture.job, BG_JOB_STATE_ACKNOWLEDGED);
    check_content("JOB-083", fixture.path, resource);
    check_dir_count("JOB-089", fixture.dir, 1);
    fixture_close(&fixture);
}

static BOOL is_completed(IBackgroundCopyJob *job, UINT index)
{
    BG_FILE_PROGRESS progress = { 0 };
    IBackgroundCopyFile *file;

    if (!(file = get_file("JOB-084", job, index)))
        return FALSE;
    IBackgroundCopyFile_GetProgress(file, &progress);
    IBackgroundCopyFile_Release(file);
    return progress.Completed;
}

static void test_second_blocked(void)
{
    WCHAR second[MAX_PATH], third[MAX_PATH];
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/second", 1000);
    add_file("JOB-084", fixture.job, resource, fixture.path);
    add_file("JOB-084", fixture.job, resource, join_path(second, fixture.dir, L"second"));
    add_file("JOB-084", fixture.job, resource, join_path(third, fixture.dir, L"third"));
    resume_job("JOB-084", fixture.job);
    wait_for_state("JOB-084", fixture.job, BG_JOB_STATE_TRANSFERRED);
    CreateDirectoryW(second, NULL);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(FAILED(hr) && HRESULT_FACILITY(hr) == FACILITY_WIN32, "JOB-084: got hr %#lx.\n", hr);
    check_state("JOB-084", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_content("JOB-084", fixture.path, resource);
    check_content("JOB-084", third, resource);
    ok(is_completed(fixture.job, 0), "JOB-084: the first file is not completed.\n");
    ok(!is_completed(fixture.job, 1), "JOB-084: the second file is completed.\n");
    ok(is_completed(fixture.job, 2), "JOB-084: the third file is not completed.\n");

    /* Only what is left is touched. */
    write_file(fixture.path, "mine");
    RemoveDirectoryW(second);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-084: got hr %#lx.\n", hr);
    check_text("JOB-084", fixture.path, "mine");
    check_content("JOB-084", second, resource);
    check_dir_count("JOB-089", fixture.dir, 3);
    fixture_close(&fixture);
}

/* is_blocked: a folder has the name of the file that is there, at first. */
static void test_complete_after_error(BOOL is_blocked)
{
    struct resource *resource, *missing;
    struct fixture fixture;
    WCHAR second[MAX_PATH];
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/there", 1000);
    missing = origin_add_resource(fixture.origin, "/missing", 1000);
    missing->status = 404;
    add_file("JOB-085", fixture.job, resource, fixture.path);
    add_file("JOB-085", fixture.job, missing, join_path(second, fixture.dir, L"second"));
    resume_job("JOB-085", fixture.job);
    wait_for_state("JOB-085", fixture.job, BG_JOB_STATE_ERROR);
    if (is_blocked)
    {
        CreateDirectoryW(fixture.path, NULL);
        hr = IBackgroundCopyJob_Complete(fixture.job);
        ok(FAILED(hr), "JOB-085: got hr %#lx.\n", hr);
        check_state("JOB-085", fixture.job, BG_JOB_STATE_SUSPENDED);
        RemoveDirectoryW(fixture.path);
    }
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == BG_S_PARTIAL_COMPLETE, "JOB-085: got hr %#lx.\n", hr);
    check_state("JOB-085", fixture.job, BG_JOB_STATE_ACKNOWLEDGED);
    check_content("JOB-085", fixture.path, resource);
    ok(!file_exists(second), "JOB-085: the second file is there.\n");
    check_dir_count("JOB-089", fixture.dir, 1);
    fixture_close(&fixture);
}

static void test_cancel(void)
{
    struct resource *resource;
    struct fixture fixture;
    HANDLE gate;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/cancel", 100000);
    /* Before the transfer, during it and after it; with a file of the same name. */
    for (i = 0; i < 3; ++i)
    {
        winetest_push_context("round %u", i);
        set_gate(resource, gate, i == 1 ? 50000 : 100000);
        write_file(fixture.path, "old content");
        add_file("JOB-086", fixture.job, resource, fixture.path);
        if (i)
            resume_job("JOB-086", fixture.job);
        if (i == 1)
            wait_for_bytes("JOB-086", fixture.job, 50000);
        if (i == 2)
            wait_for_state("JOB-088", fixture.job, BG_JOB_STATE_TRANSFERRED);
        hr = IBackgroundCopyJob_Cancel(fixture.job);
        ok(hr == S_OK, "JOB-086: got hr %#lx.\n", hr);
        check_state("JOB-086", fixture.job, BG_JOB_STATE_CANCELLED);
        check_text("JOB-087", fixture.path, "old content");
        check_dir_count("JOB-088", fixture.dir, 1);
        SetEvent(gate);
        fixture_new_job(&fixture);
        ResetEvent(gate);
        winetest_pop_context();
    }

    set_gate(resource, gate, 50000);
    add_file("JOB-086", fixture.job, resource, fixture.path);
    resume_job("JOB-086", fixture.job);
    wait_for_bytes("JOB-086", fixture.job, 50000);
    hr = IBackgroundCopyJob_Cancel(fixture.job);
    ok(hr == S_OK, "JOB-086: got hr %#lx.\n", hr);
    ok(!file_exists(fixture.path), "JOB-086: the file is there.\n");
    check_dir_count("JOB-086", fixture.dir, 0);
    SetEvent(gate);
    fixture_close(&fixture);
    CloseHandle(gate);
}

/* A file that an earlier Complete made visible is not the job's any more. */
static void test_cancel_after_complete(void)
{
    struct resource *resource;
    struct fixture fixture;
    WCHAR second[MAX_PATH];
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/twice", 1000);
    add_file("JOB-087", fixture.job, resource, fixture.path);
    add_file("JOB-087", fixture.job, resource, join_path(second, fixture.dir, L"second"));
    resume_job("JOB-087", fixture.job);
    wait_for_state("JOB-087", fixture.job, BG_JOB_STATE_TRANSFERRED);
    CreateDirectoryW(second, NULL);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(FAILED(hr), "JOB-087: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_Cancel(fixture.job);
    ok(hr == S_OK, "JOB-087: got hr %#lx.\n", hr);
    check_content("JOB-087", fixture.path, resource);
    check_dir_count("JOB-089", fixture.dir, 2);
    fixture_close(&fixture);
}

static void complete_two(struct fixture *fixture, const WCHAR *folder, struct resource *resource)
{
    WCHAR path[MAX_PATH];
    HRESULT hr;

    add_file("JOB-079", fixture->job, resource, join_path(path, folder, L"first"));
    add_file("JOB-079", fixture->job, resource, join_path(path, folder, L"second"));
    resume_job("JOB-079", fixture->job);
    wait_for_state("JOB-079", fixture->job, BG_JOB_STATE_TRANSFERRED);
    hr = IBackgroundCopyJob_Complete(fixture->job);
    ok(hr == S_OK, "JOB-079: got hr %#lx.\n", hr);
    check_content("JOB-079", path, resource);
    check_dir_count("JOB-079", folder, 2);
    fixture_new_job(fixture);
}

/* Knowledge of a folder does not hold for another one of that name. */
static void test_folders(void)
{
    WCHAR folder[MAX_PATH], other[MAX_PATH], recased[MAX_PATH];
    struct resource *first, *second;
    struct fixture fixture;
    BOOL ret;

    if (!fixture_open(&fixture))
        return;
    first = origin_add_resource(fixture.origin, "/first", 1000);
    second = origin_add_resource(fixture.origin, "/second", 2000);
    join_path(folder, fixture.dir, L"folder\\");
    join_path(other, fixture.dir, L"other\\");
    join_path(recased, fixture.dir, L"FOLDER\\");
    CreateDirectoryW(folder, NULL);
    complete_two(&fixture, folder, first);
    ret = MoveFileExW(folder, other, 0);
    ok(ret, "Cannot rename the folder, error %lu.\n", GetLastError());
    CreateDirectoryW(recased, NULL);
    complete_two(&fixture, folder, second);
    check_dir_count("JOB-079", recased, 2);
    check_dir_count("JOB-079", other, 2);
    delete_dir(recased);
    CreateDirectoryW(folder, NULL);
    complete_two(&fixture, folder, first);
    delete_dir(folder);
    delete_dir(other);
    fixture_close(&fixture);
}

/* The service keeps the file open for a moment; until then it is only about to be deleted. */
static void wait_until_gone(const char *id, const WCHAR *path)
{
    DWORD end = GetTickCount() + LIMIT_MS;

    while (file_exists(path) && (int)(end - GetTickCount()) > 0)
        Sleep(20);
    ok(!file_exists(path), "%s: %s is still there.\n", id, wine_dbgstr_w(path));
}

/* A file that is deleted after it has been transferred is fetched again. */
static void test_lost(void)
{
    static const struct
    {
        BOOL is_folder_lost, is_resumed_first;
    }
    rows[] = { { FALSE, FALSE }, { FALSE, TRUE }, { TRUE, FALSE }, { TRUE, TRUE } };
    WCHAR folder[MAX_PATH], path[MAX_PATH], temp[MAX_PATH];
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/lost", 100000);
    join_path(folder, fixture.dir, L"lost\\");
    join_path(path, folder, L"file");
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("row %u", i);
        CreateDirectoryW(folder, NULL);
        add_file("JOB-079", fixture.job, resource, path);
        resume_job("JOB-079", fixture.job);
        wait_for_state("JOB-079", fixture.job, BG_JOB_STATE_TRANSFERRED);
        ok(find_temp(folder, temp) == 1 && DeleteFileW(temp), "JOB-079: cannot delete the temporary file.\n");
        wait_until_gone("JOB-079", temp);
        ok(!rows[i].is_folder_lost || RemoveDirectoryW(folder), "JOB-079: cannot delete the folder.\n");
        if (!rows[i].is_resumed_first)
        {
            hr = IBackgroundCopyJob_Complete(fixture.job);
            ok(hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) || hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND),
                    "JOB-079: Complete gives %#lx.\n", hr);
            check_state("JOB-079", fixture.job, BG_JOB_STATE_ERROR);
            check_error("JOB-079", fixture.job, hr);
        }
        resume_job("JOB-079", fixture.job);
        wait_for_state("JOB-079", fixture.job, BG_JOB_STATE_TRANSFERRED);
        hr = IBackgroundCopyJob_Complete(fixture.job);
        ok(hr == S_OK, "JOB-079: Complete gives %#lx.\n", hr);
        check_content("JOB-079", path, resource);
        delete_dir(folder);
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

START_TEST(complete)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_complete();
    test_folders();
    test_lost();
    test_attributes();
    test_replace();
    test_same_path();
    test_replace_some();
    test_partial();
    test_blocked();
    test_second_blocked();
    test_complete_after_error(FALSE);
    test_complete_after_error(TRUE);
    test_cancel();
    test_cancel_after_complete();
    CoUninitialize();
}
