/*
 * The BITS front: files as sources
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

#include "bits_test.h"

#define SOURCE_SIZE 300000
#define LARGE_SIZE  (512 * 1024 * 1024) /* bytes that take no room in the source */
#define LAST_BYTES  (16 * 1024 * 1024)  /* bytes that may still come after Suspend, ... */
#define SUSPENDED_POLLS 100             /* ... which is looked at so often */

/* Write a file whose bytes are those of a resource that no server has, with an old date. */
static void write_source(const WCHAR *path, const struct resource *resource, FILETIME *time)
{
    BYTE *bytes = test_alloc(SOURCE_SIZE);
    DWORD written;
    HANDLE handle;

    origin_fill(bytes, 0, SOURCE_SIZE, resource->seed);
    handle = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    ok(handle != INVALID_HANDLE_VALUE, "Cannot create %s.\n", wine_dbgstr_w(path));
    WriteFile(handle, bytes, SOURCE_SIZE, &written, NULL);
    time->dwLowDateTime = 0x12345670;
    time->dwHighDateTime = 0x01d00000;
    SetFileTime(handle, NULL, NULL, time);
    CloseHandle(handle);
    free(bytes);
}

static void check_time(const WCHAR *path, const FILETIME *expected)
{
    WIN32_FILE_ATTRIBUTE_DATA data;
    BOOL ret = GetFileAttributesExW(path, GetFileExInfoStandard, &data);

    ok(ret && !CompareFileTime(&data.ftLastWriteTime, expected), "BITS-092: another time, %#lx%08lx.\n",
            data.ftLastWriteTime.dwHighDateTime, data.ftLastWriteTime.dwLowDateTime);
    ok(ret && (data.dwFileAttributes & FILE_ATTRIBUTE_HIDDEN), "BITS-092: got attributes %#lx.\n",
            data.dwFileAttributes);
}

static void test_copies(struct fixture *fixture)
{
    static const WCHAR *const forms[] = { L"%ls", L"file://%ls", L"file:///%ls" };
    struct resource *resource = origin_add_resource(fixture->origin, "/not-there", SOURCE_SIZE);
    WCHAR source[MAX_PATH], name[MAX_PATH], *p;
    unsigned int i;
    FILETIME time;

    join_path(source, fixture->dir, L"source.bin");
    for (i = 0; i < ARRAY_SIZE(forms); ++i)
    {
        winetest_push_context("form %u", i);
        fixture_new_job(fixture);
        write_source(source, resource, &time);
        SetFileAttributesW(source, FILE_ATTRIBUTE_HIDDEN);
        swprintf(name, MAX_PATH, forms[i], source);
        for (p = name; i == 2 && *p; ++p)
            if (*p == '\\')
                *p = '/';
        check_hr("BITS-092", IBackgroundCopyJob_AddFile(fixture->job, name, fixture->path), S_OK);
        resume_job("BITS-092", fixture->job);
        wait_for_state("BITS-092", fixture->job, BG_JOB_STATE_TRANSFERRED);
        check_progress("BITS-092", fixture->job, SOURCE_SIZE, SOURCE_SIZE, 1, 1);
        ok(!file_exists(fixture->path), "BITS-092: the file is there before Complete.\n");
        check_hr("BITS-092", IBackgroundCopyJob_Complete(fixture->job), S_OK);
        check_content("BITS-092", fixture->path, resource);
        check_time(fixture->path, &time);
        ok(!origin_get_requests(resource, NULL), "BITS-092: the server was asked.\n");
        winetest_pop_context();
    }
    /* A changed file is copied anew. */
    fixture_new_job(fixture);
    write_source(source, resource, &time);
    check_hr("BITS-092", IBackgroundCopyJob_AddFile(fixture->job, source, fixture->path), S_OK);
    resume_job("BITS-092", fixture->job);
    wait_for_state("BITS-092", fixture->job, BG_JOB_STATE_TRANSFERRED);
    check_hr("BITS-092", IBackgroundCopyJob_Cancel(fixture->job), S_OK);
    check_dir_count("BITS-092", fixture->dir, 1);
}

/* A copy ends when it is told to, as a download does. */
static void test_suspension(struct fixture *fixture)
{
    BG_JOB_PROGRESS before, after;
    WCHAR source[MAX_PATH];
    HANDLE handle;
    UINT i;

    fixture_new_job(fixture);
    join_path(source, fixture->dir, L"large.bin");
    handle = CreateFileW(source, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    ok(handle != INVALID_HANDLE_VALUE, "Cannot create %s.\n", wine_dbgstr_w(source));
    SetFilePointer(handle, LARGE_SIZE, NULL, FILE_BEGIN);
    SetEndOfFile(handle);
    CloseHandle(handle);
    check_hr("BITS-092", IBackgroundCopyJob_AddFile(fixture->job, source, fixture->path), S_OK);
    resume_job("BITS-092", fixture->job);
    wait_for_bytes("BITS-092", fixture->job, 1);
    check_hr("BITS-092", IBackgroundCopyJob_Suspend(fixture->job), S_OK);
    get_progress(fixture->job, &before);
    after = before;
    for (i = 0; i < SUSPENDED_POLLS && after.BytesTransferred - before.BytesTransferred <= LAST_BYTES; i++)
    {
        Sleep(POLL_MS);
        get_progress(fixture->job, &after);
    }
    ok(after.BytesTransferred - before.BytesTransferred <= LAST_BYTES, "BITS-092: %I64u bytes, then %I64u.\n",
            before.BytesTransferred, after.BytesTransferred);
    check_hr("BITS-092", IBackgroundCopyJob_Cancel(fixture->job), S_OK);
    ok(!find_temp(fixture->dir, NULL), "BITS-043: the temporary file is still there.\n");
    DeleteFileW(source);
}

static void test_missing(struct fixture *fixture)
{
    BG_ERROR_CONTEXT context;
    IBackgroundCopyError *error;
    WCHAR name[MAX_PATH], *text = NULL;
    HRESULT code;

    fixture_new_job(fixture);
    join_path(name, fixture->dir, L"missing.bin");
    check_hr("BITS-093", IBackgroundCopyJob_AddFile(fixture->job, name, fixture->path), S_OK);
    resume_job("BITS-093", fixture->job);
    wait_for_state("BITS-093", fixture->job, BG_JOB_STATE_ERROR);
    code = get_error_code(fixture->job, &context);
    ok(code == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), "BITS-093: got code %#lx.\n", code);
    ok(context == BG_ERROR_CONTEXT_REMOTE_FILE, "BITS-093: got context %u.\n", context);
    check_hr("BITS-055", IBackgroundCopyJob_GetError(fixture->job, &error), S_OK);
    check_hr("BITS-055", IBackgroundCopyError_GetProtocol(error, &text), S_OK);
    ok(text && !wcscmp(text, L"file"), "BITS-055: got %s.\n", wine_dbgstr_w(text));
    CoTaskMemFree(text);
    IBackgroundCopyError_Release(error);
}

static void test_names(struct fixture *fixture)
{
    static const WCHAR *const names[] =
    {
        L"\\\\.\\C:\\a", L"\\\\?\\C:\\a", L"\\\\server\\pipe\\a", L"C:\\nul", L"C:\\a*", L"C:\\folder\\", L"C:a",
        L"file:", L"file://", L"ftp://server/a", L"a", L"",
    };
    BG_FILE_RANGE range = { 0, 10 };
    IBackgroundCopyJob3 *job;
    WCHAR source[MAX_PATH];
    unsigned int i;

    fixture_new_job(fixture);
    for (i = 0; i < ARRAY_SIZE(names); ++i)
    {
        winetest_push_context("%s", wine_dbgstr_w(names[i]));
        check_hr("BITS-093", IBackgroundCopyJob_AddFile(fixture->job, names[i], fixture->path), E_INVALIDARG);
        winetest_pop_context();
    }
    check_hr("BITS-093", IBackgroundCopyJob_AddFile(fixture->job, fixture->path, fixture->path), E_INVALIDARG);
    query("BITS-093", fixture->job, &IID_IBackgroundCopyJob3, &job);
    check_hr("BITS-093", IBackgroundCopyJob3_AddFileWithRanges(job, join_path(source, fixture->dir, L"source.bin"),
            fixture->path, 1, &range), E_INVALIDARG);
    IBackgroundCopyJob3_Release(job);
}

START_TEST(source)
{
    struct fixture fixture;

    if (!begin_bits())
        return;
    if (fixture_open(&fixture))
    {
        test_copies(&fixture);
        test_suspension(&fixture);
        test_missing(&fixture);
        test_names(&fixture);
        fixture_close(&fixture);
    }
    end_bits();
}
