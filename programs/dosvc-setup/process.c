/*
 * dosvc-setup: other processes
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

#include "setup.h"

/* In milliseconds. */
#define EXIT_TIMEOUT  10000
#define POLL_INTERVAL 20

BOOL exists(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

enum exit_code stop_service(const WCHAR *name)
{
    DWORD ret;

    if (!(ret = registration_stop_service(name)))
        return EXIT_DONE;
    print_error(IDS_STOP_FAILED, name, ret);
    return EXIT_FAILED;
}

DWORD run_program(const WCHAR *path, const WCHAR *command, DWORD *exit_code)
{
    STARTUPINFOW startup = {sizeof(startup)};
    PROCESS_INFORMATION process;
    WCHAR *copy;
    DWORD ret;

    /* CreateProcess writes into the command line. */
    if (!(copy = wcsdup(command)))
        return ERROR_OUTOFMEMORY;
    ret = ERROR_SUCCESS;
    if (!CreateProcessW(path, copy, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
        ret = GetLastError();
    free(copy);
    if (ret)
        return ret;
    WaitForSingleObject(process.hProcess, INFINITE);
    if (!GetExitCodeProcess(process.hProcess, exit_code))
        ret = GetLastError();
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return ret;
}

static DWORD remove_files(BOOL can_move)
{
    DWORD ret, first = ERROR_SUCCESS;
    unsigned int i;

    for (i = 0; i < registration_file_count; ++i)
    {
        if ((ret = registration_remove_file(&registration_files[i], can_move)) && !first)
            first = ret;
    }
    return first;
}

/* Copies the running program to a temporary file that vanishes with the last
 * handle to it. */
static DWORD copy_self(WCHAR *path, HANDLE *handle)
{
    SECURITY_ATTRIBUTES inherit = {sizeof(inherit), NULL, TRUE};
    WCHAR folder[MAX_PATH], self[MAX_PATH];

    if (!GetModuleFileNameW(NULL, self, ARRAY_SIZE(self)) || !GetTempPathW(ARRAY_SIZE(folder), folder)
            || !GetTempFileNameW(folder, L"dos", 0, path))
        return GetLastError();
    if (CopyFileW(self, path, FALSE) && (*handle = CreateFileW(path, DELETE, FILE_SHARE_READ | FILE_SHARE_WRITE
            | FILE_SHARE_DELETE, &inherit, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE, NULL)) != INVALID_HANDLE_VALUE)
        return ERROR_SUCCESS;
    DeleteFileW(path);
    return ERROR_WRITE_FAULT;
}

/* A running program cannot delete its file. A copy of it can, once it has
 * ended; the copy's own file is on the handle that it inherits. */
DWORD remove_self(void)
{
    STARTUPINFOW startup = {sizeof(startup)};
    HANDLE self, copy = NULL, process = GetCurrentProcess();
    WCHAR path[MAX_PATH], command[100];
    PROCESS_INFORMATION child;
    DWORD ret;

    if (!DuplicateHandle(process, process, process, &self, SYNCHRONIZE, TRUE, 0))
        return GetLastError();
    if ((ret = copy_self(path, &copy)))
        goto done;
    swprintf(command, ARRAY_SIZE(command), L"dosvc-setup --finish-removal %lu", HandleToUlong(self));
    if (CreateProcessW(path, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &child))
    {
        CloseHandle(child.hThread);
        CloseHandle(child.hProcess);
    }
    else
        ret = GetLastError();
    CloseHandle(copy);

done:
    CloseHandle(self);
    return ret;
}

/* The program may have been started by one of the other width, which ends a
 * little later. */
enum exit_code finish_removal(const WCHAR *handle)
{
    ULONGLONG end = GetTickCount64() + EXIT_TIMEOUT;
    DWORD ret;

    WaitForSingleObject(UlongToHandle(wcstoul(handle, NULL, 10)), EXIT_TIMEOUT);
    /* Somebody may have installed in the meantime. */
    if (!registration_lock() || registration_is_registered())
        return EXIT_FAILED;
    while ((ret = remove_files(FALSE)) == ERROR_SHARING_VIOLATION && GetTickCount64() < end)
        Sleep(POLL_INTERVAL);
    if (ret)
        ret = remove_files(TRUE);
    return ret ? EXIT_FAILED : EXIT_DONE;
}
