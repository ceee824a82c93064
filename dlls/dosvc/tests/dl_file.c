/*
 * Tests for files as sinks of downloads
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
#include "download.h"
#include "denied.h"

#define P(name) DODownloadProperty_ ## name

static void test_temporary_file(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    WCHAR temp[MAX_PATH];
    HANDLE gate, file;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/temporary", 100000);
    set_gate(resource, gate, 50000);
    download = prepare_download("DL-126", &fixture, resource->url, fixture.path);
    check_no_file("DL-126", &fixture);
    dl_start("DL-126", download);
    ok(find_temp(fixture.dir, temp) == 1, "DL-126: there is no temporary file after Start.\n");
    dl_wait_bytes("DL-126", download, 50000);
    ok(find_temp(fixture.dir, temp) == 1, "DL-126: there is no temporary file in T.\n");
    ok(!file_exists(fixture.path), "DL-126: the file exists in T.\n");
    SetEvent(gate);
    dl_wait("DL-126", download, DODownloadState_Transferred);
    ok(find_temp(fixture.dir, temp) == 1, "DL-126: there is no temporary file in D.\n");
    check_dir_count("DL-126", fixture.dir, 1);
    dl_finish("DL-127", download, fixture.path, resource);
    check_dir_count("DL-127", fixture.dir, 1);
    file = CreateFileW(fixture.path, GENERIC_READ | GENERIC_WRITE | DELETE, 0, NULL, OPEN_EXISTING, 0, NULL);
    ok(file != INVALID_HANDLE_VALUE, "DL-127: opening it gives error %lu.\n", GetLastError());
    CloseHandle(file);
    ok(DeleteFileW(fixture.path), "DL-127: deleting it gives error %lu.\n", GetLastError());
    dl_discard(download);
    check_no_file("DL-127", &fixture);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* The verdict of the file system on a name shows when the temporary file is made, not in Finalize. */
static void test_long_name(void)
{
    WCHAR path[MAX_PATH], temp[MAX_PATH];
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/long", 1000);
    download = prepare_download("DL-126", &fixture, resource->url, fixture.path);
    if (!strcmp(winetest_platform, "wine"))
    {
        check_hr("DL-042", dl_set_string(download, P(LocalPath), join_long_name(path, fixture.dir, 280)),
                HRESULT_FROM_WIN32(ERROR_INVALID_NAME));
        check_hr("DL-042", dl_set_string(download, P(LocalPath), join_long_name(path, fixture.dir, 256)),
                HRESULT_FROM_WIN32(ERROR_INVALID_NAME));
    }
    check_hr("DL-042", dl_set_string(download, P(LocalPath), join_long_name(path, fixture.dir, 255)), S_OK);
    dl_start("DL-126", download);
    dl_wait("DL-126", download, DODownloadState_Transferred);
    ok(find_temp(fixture.dir, temp) == 1, "DL-126: there is no temporary file.\n");
    if (!strcmp(winetest_platform, "wine"))
        ok(count_name_bytes(temp) == 255 && wcschr(temp, 0xfc), "DL-126: got %s, of another kind.\n",
                wine_dbgstr_w(temp));
    dl_finish("DL-126", download, path, resource);
    dl_discard(download);
    dl_close(&fixture);
}

static void test_directories(void)
{
    WCHAR inner[MAX_PATH], outer[MAX_PATH], path[MAX_PATH];
    struct denied_dir denied;
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/directories", 1000);
    join_path(outer, fixture.dir, L"a");
    join_path(inner, fixture.dir, L"a\\b");
    join_path(path, fixture.dir, L"a\\b\\file");
    download = prepare_download("DL-129", &fixture, resource->url, path);
    ok(!file_exists(outer), "DL-129: the folder exists before Start.\n");
    dl_start("DL-129", download);
    dl_finish("DL-129", download, path, resource);
    dl_discard(download);
    DeleteFileW(path);
    RemoveDirectoryW(inner);

    /* Abort leaves them. */
    download = prepare_download("DL-129", &fixture, resource->url, path);
    dl_start("DL-129", download);
    dl_discard(download);
    check_dir_count("DL-128", join_path(path, inner, L"\\"), 0);
    ok(RemoveDirectoryW(inner), "DL-128: removing the folder gives error %lu.\n", GetLastError());
    RemoveDirectoryW(outer);

    if (!denied_dir_open(&denied))
        skip("DL-132: there is no folder that cannot be written to.\n");
    else
    {
        download = prepare_download("DL-132", &fixture, resource->url, join_path(path, denied.dir, L"x"));
        check_hr("DL-132", IDODownload_Start(download, NULL), E_ACCESSDENIED);
        check_dl_status("DL-132", download, DODownloadState_Created, S_OK, S_OK);
        check_hr("DL-132", dl_set_string(download, P(LocalPath), join_path(path, denied.dir, L"x\\y")), S_OK);
        check_hr("DL-132", IDODownload_Start(download, NULL), E_ACCESSDENIED);
        check_dl_status("DL-132", download, DODownloadState_Created, S_OK, S_OK);
        dl_discard(download);
    }
    denied_dir_close(&denied);
    dl_close(&fixture);
}

static void check_text(const char *id, const WCHAR *path, const char *text)
{
    char buffer[64] = "";
    DWORD read = 0;
    HANDLE file;

    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    ReadFile(file, buffer, sizeof(buffer) - 1, &read, NULL);
    CloseHandle(file);
    ok(!strcmp(buffer, text), "%s: the file has %s.\n", id, wine_dbgstr_a(buffer));
}

static void test_no_overwriting(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/overwriting", 1000);
    write_file(fixture.path, "mine");
    download = prepare_download("DL-130", &fixture, resource->url, fixture.path);
    check_hr("DL-130", IDODownload_Start(download, NULL), HRESULT_FROM_WIN32(ERROR_FILE_EXISTS));
    check_dl_status("DL-130", download, DODownloadState_Created, S_OK, S_OK);
    check_text("DL-130", fixture.path, "mine");
    check_dir_count("DL-130", fixture.dir, 1);
    DeleteFileW(fixture.path);
    CreateDirectoryW(fixture.path, NULL);
    check_hr("DL-130", IDODownload_Start(download, NULL), E_ACCESSDENIED);
    check_dl_status("DL-130", download, DODownloadState_Created, S_OK, S_OK);
    check_dir_count("DL-130", fixture.dir, 1);
    RemoveDirectoryW(fixture.path);

    dl_start("DL-131", download);
    dl_wait("DL-131", download, DODownloadState_Transferred);
    write_file(fixture.path, "mine");
    check_hr("DL-131", IDODownload_Finalize(download), HRESULT_FROM_WIN32(ERROR_FILE_EXISTS));
    check_dl_status("DL-131", download, DODownloadState_Transferred, S_OK, S_OK);
    check_text("DL-131", fixture.path, "mine");
    ok(find_temp(fixture.dir, NULL) == 1, "DL-131: the temporary file has gone.\n");
    DeleteFileW(fixture.path);
    dl_finish("DL-131", download, fixture.path, resource);
    check_dir_count("DL-131", fixture.dir, 1);
    dl_discard(download);
    dl_close(&fixture);
}

/* Abort deletes its temporary file, and none that others have made, even under its own name. */
static void test_foreign_files(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    WCHAR beside[MAX_PATH];

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/foreign", 1000);
    write_file(join_path(beside, fixture.dir, L"DOmine.tmp"), "mine");
    download = prepare_download("DSK-004", &fixture, resource->url, fixture.path);
    dl_start("DSK-004", download);
    dl_wait("DSK-004", download, DODownloadState_Transferred);
    write_file(fixture.path, "mine");
    check_dir_count("DSK-004", fixture.dir, 3);
    check_hr("DSK-004", IDODownload_Abort(download), S_OK);
    IDODownload_Release(download);
    check_dir_count("DSK-004", fixture.dir, 2);
    check_text("DSK-004", fixture.path, "mine");
    check_text("DSK-004", beside, "mine");
    DeleteFileW(beside);
    DeleteFileW(fixture.path);
    dl_close(&fixture);
}

static void test_deleted_file(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    WCHAR temp[MAX_PATH];
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/deleted", 100000);
    set_gate(resource, gate, 50000);
    download = prepare_download("DL-133", &fixture, resource->url, fixture.path);
    dl_start("DL-133", download);
    dl_wait_bytes("DL-133", download, 50000);
    check_hr("DL-133", IDODownload_Pause(download), S_OK);
    find_temp(fixture.dir, temp);
    ok(DeleteFileW(temp), "DL-134: deleting %s gives error %lu.\n", wine_dbgstr_w(temp), GetLastError());
    check_no_file("DL-134", &fixture);
    SetEvent(gate);
    dl_start("DL-133", download);
    dl_wait_error("DL-133", download, HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), S_OK);
    check_hr("DL-133", IDODownload_Abort(download), S_OK);
    IDODownload_Release(download);

    /* A shortened file is completed (7.6). */
    ResetEvent(gate);
    download = prepare_download("DL-133", &fixture, resource->url, fixture.path);
    dl_start("DL-133", download);
    dl_wait_bytes("DL-133", download, 50000);
    check_hr("DL-133", IDODownload_Pause(download), S_OK);
    if (find_temp(fixture.dir, temp) == 1)
    {
        HANDLE file = CreateFileW(temp, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);

        ok(file != INVALID_HANDLE_VALUE, "DL-134: opening it gives error %lu.\n", GetLastError());
        SetFilePointer(file, 20000, NULL, FILE_BEGIN);
        ok(SetEndOfFile(file), "DL-133: shortening it gives error %lu.\n", GetLastError());
        CloseHandle(file);
    }
    SetEvent(gate);
    dl_start("DL-133", download);
    dl_finish("DL-133", download, fixture.path, resource);
    dl_discard(download);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* A file that is deleted after it has been transferred is fetched again. */
static void test_lost(void)
{
    WCHAR folder[MAX_PATH], path[MAX_PATH], temp[MAX_PATH];
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    UINT i;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/lost", 100000);
    join_path(folder, fixture.dir, L"lost\\");
    join_path(path, folder, L"file");
    for (i = 0; i < 2; ++i)
    {
        HRESULT hr;

        winetest_push_context("row %u", i);
        download = prepare_download("DL-133", &fixture, resource->url, path);
        dl_start("DL-133", download);
        dl_wait("DL-133", download, DODownloadState_Transferred);
        ok(find_temp(folder, temp) == 1 && DeleteFileW(temp), "DL-133: cannot delete the temporary file.\n");
        ok(!i || RemoveDirectoryW(folder), "DL-133: cannot delete the folder.\n");
        hr = IDODownload_Finalize(download);
        ok(hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) || hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND),
                "DL-133: Finalize gives %#lx.\n", hr);
        dl_wait_error("DL-133", download, hr, S_OK);
        dl_start("DL-133", download);
        dl_finish("DL-133", download, path, resource);
        dl_discard(download);
        delete_dir(folder);
        winetest_pop_context();
    }
    dl_close(&fixture);
}

static void test_same_path(void)
{
    IDODownload *first, *second;
    struct resource *resource;
    struct dl_fixture fixture;
    WCHAR path[MAX_PATH], *p;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/same", 100000);
    set_gate(resource, gate, 50000);
    /* Compared without case, and with slashes of both kinds. */
    wcscpy(path, fixture.path);
    for (p = path + wcslen(fixture.dir); *p; ++p)
        *p = towupper(*p);
    path[wcslen(fixture.dir) - 1] = '/';
    first = prepare_download("DL-135", &fixture, resource->url, fixture.path);
    second = prepare_download("DL-135", &fixture, resource->url, path);
    dl_start("DL-135", first);
    dl_wait_bytes("DL-135", first, 50000);
    check_hr("DL-135", IDODownload_Pause(first), S_OK);
    SetEvent(gate);
    dl_start("DL-135", second);
    check_dl_status("DL-135", first, DODownloadState_Aborted, S_OK, S_OK);
    dl_finish("DL-135", second, fixture.path, resource);
    check_dir_count("DL-135", fixture.dir, 1);
    IDODownload_Release(first);
    IDODownload_Release(second);
    DeleteFileW(fixture.path);

    first = prepare_download("DL-136", &fixture, resource->url, fixture.path);
    second = prepare_download("DL-136", &fixture, resource->url, fixture.path);
    check_hr("DL-136", IDODownload_Abort(second), S_OK);
    check_dl_state("DL-136", first, DODownloadState_Created);
    dl_start("DL-136", first);
    dl_finish("DL-136", first, fixture.path, resource);
    IDODownload_Release(first);
    IDODownload_Release(second);
    DeleteFileW(fixture.path);

    ResetEvent(gate);
    swprintf(path, MAX_PATH, L"%ls2", fixture.path);
    first = prepare_download("DL-137", &fixture, resource->url, fixture.path);
    second = prepare_download("DL-137", &fixture, resource->url, path);
    dl_start("DL-137", first);
    dl_wait_bytes("DL-137", first, 50000);
    check_hr("DL-137", IDODownload_Pause(first), S_OK);
    SetEvent(gate);
    dl_start("DL-137", second);
    dl_wait("DL-137", second, DODownloadState_Transferred);
    check_dl_state("DL-137", first, DODownloadState_Paused);
    dl_start("DL-137", first);
    dl_finish("DL-137", first, fixture.path, resource);
    dl_finish("DL-137", second, path, resource);
    IDODownload_Release(first);
    IDODownload_Release(second);
    CloseHandle(gate);
    dl_close(&fixture);
}

static void test_holes(void)
{
    const struct dl_ranges ranges = { 2, { { 0, 10 }, { 100, 10 } } };
    struct resource *resource, *empty;
    struct dl_fixture fixture;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/holes", 1000);
    download = prepare_download("DL-139", &fixture, resource->url, fixture.path);
    check_hr("DL-139", dl_start_ranges(download, &ranges), S_OK);
    dl_wait("DL-139", download, DODownloadState_Transferred);
    check_dl_bytes("DL-139", download, 20, 20);
    check_hr("DL-139", IDODownload_Finalize(download), S_OK);
    check_parts_content("DL-139", fixture.path, resource, ranges.ranges, ranges.count);
    dl_discard(download);
    DeleteFileW(fixture.path);

    empty = origin_add_resource(fixture.origin, "/empty", 0);
    download = prepare_download("DL-140", &fixture, empty->url, fixture.path);
    dl_start("DL-140", download);
    dl_finish("DL-140", download, fixture.path, empty);
    dl_discard(download);
    dl_close(&fixture);
}

START_TEST(dl_file)
{
    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    test_temporary_file();
    test_long_name();
    test_directories();
    test_no_overwriting();
    test_foreign_files();
    test_deleted_file();
    test_lost();
    test_same_path();
    test_holes();
    CoUninitialize();
}
