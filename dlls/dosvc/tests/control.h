/*
 * Stopping and killing the service
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

#ifndef __DOSVC_TESTS_CONTROL_H
#define __DOSVC_TESTS_CONTROL_H

#include <winreg.h>
#include <winsvc.h>

#ifndef TEST_SERVICE /* the tests of BITS have another one */
#define TEST_SERVICE L"DoSvc"
#endif

#define SETTINGS L"System\\CurrentControlSet\\Services\\" TEST_SERVICE L"\\Parameters"

/* FALSE, and a skip, if this user may not. */
static inline BOOL limit_connections(const char *id, DWORD count)
{
    HKEY key;

    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, SETTINGS, 0, NULL, 0, KEY_SET_VALUE, NULL, &key, NULL))
    {
        skip("%s: this user may not change settings.\n", id);
        return FALSE;
    }
    RegSetValueExW(key, L"MaxConnections", 0, REG_DWORD, (BYTE *)&count, sizeof(count));
    RegCloseKey(key);
    return TRUE;
}

/* After limit_connections. */
static inline void unlimit_connections(void)
{
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, SETTINGS, 0, KEY_SET_VALUE, &key))
        return;
    RegDeleteValueW(key, L"MaxConnections");
    RegCloseKey(key);
}

/* NULL if this user may not; the caller closes the handle. */
static inline SC_HANDLE open_service(DWORD access)
{
    SC_HANDLE manager, service;

    if (!(manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT)))
        return NULL;
    service = OpenServiceW(manager, TEST_SERVICE, access | SERVICE_QUERY_STATUS);
    CloseServiceHandle(manager);
    return service;
}

static inline BOOL query_status(SC_HANDLE service, SERVICE_STATUS_PROCESS *status)
{
    DWORD size;
    BOOL ret;

    ret = QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)status, sizeof(*status), &size);
    ok(ret, "HOST-04: QueryServiceStatusEx gives error %lu.\n", GetLastError());
    return ret;
}

/* FALSE if this user may not stop it. */
static inline BOOL stop_service(void)
{
    SERVICE_STATUS_PROCESS status = { 0 };
    SERVICE_STATUS old_status;
    HANDLE process = NULL;
    SC_HANDLE service;
    DWORD end;
    BOOL ret;

    if (!(service = open_service(SERVICE_STOP)))
        return FALSE;
    if (query_status(service, &status) && status.dwProcessId)
        process = OpenProcess(SYNCHRONIZE, FALSE, status.dwProcessId);
    ret = ControlService(service, SERVICE_CONTROL_STOP, &old_status);
    ok(ret || GetLastError() == ERROR_SERVICE_NOT_ACTIVE, "HOST-04: ControlService gives error %lu.\n", GetLastError());
    for (end = GetTickCount() + LIMIT_MS; query_status(service, &status) && (LONG)(end - GetTickCount()) > 0;)
    {
        if (status.dwCurrentState == SERVICE_STOPPED)
            break;
        Sleep(POLL_MS);
    }
    ok(status.dwCurrentState == SERVICE_STOPPED, "HOST-04: got state %lu.\n", status.dwCurrentState);
    CloseServiceHandle(service);
    /* For a moment the process still answers. */
    if (process)
    {
        ok(WaitForSingleObject(process, LIMIT_MS) == WAIT_OBJECT_0, "HOST-04: the process does not end.\n");
        CloseHandle(process);
    }
    return status.dwCurrentState == SERVICE_STOPPED;
}

static inline DWORD WINAPI stop_thread(void *param)
{
    return stop_service();
}

/* Stop the service in a thread, and return when it is stopping. NULL, and a skip, if this user may not. */
static inline HANDLE begin_stop(const char *id)
{
    SERVICE_STATUS_PROCESS status;
    HANDLE thread = NULL;
    SC_HANDLE service;

    if (!(service = open_service(SERVICE_STOP)))
    {
        skip("%s: no right to stop the service.\n", id);
        return NULL;
    }
    if ((thread = CreateThread(NULL, 0, stop_thread, NULL, 0, NULL)))
    {
        while (query_status(service, &status) && status.dwCurrentState == SERVICE_RUNNING)
            Sleep(1);
    }
    CloseServiceHandle(service);
    return thread;
}

/* Wait until it has stopped. */
static inline void end_stop(const char *id, HANDLE thread)
{
    ok(WaitForSingleObject(thread, 3 * LIMIT_MS) == WAIT_OBJECT_0, "%s: the service does not stop.\n", id);
    CloseHandle(thread);
}

/* FALSE if this user may not. */
static inline BOOL kill_service(void)
{
    SERVICE_STATUS_PROCESS status = { 0 };
    HANDLE process = NULL;
    SC_HANDLE service;
    BOOL ret;

    if (!(service = open_service(SERVICE_STOP)))
        return FALSE;
    if (query_status(service, &status))
        process = OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, status.dwProcessId);
    CloseServiceHandle(service);
    if (!process)
        return FALSE;
    ret = TerminateProcess(process, 1);
    ok(ret, "HOST-05: got error %lu.\n", GetLastError());
    ok(WaitForSingleObject(process, LIMIT_MS) == WAIT_OBJECT_0, "HOST-05: the process does not end.\n");
    CloseHandle(process);
    return TRUE;
}

/* Wine's RPC keeps something of connections to a service that was killed, under its process id, while this process
 * has objects of it. Of a later one that gets the same id it thinks that it knew it, and is refused there. So another
 * one has to come. tries is zero at first. */
static inline BOOL may_activate_again(HRESULT hr, unsigned int *tries)
{
    if (hr != HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE) || strcmp(winetest_platform, "wine") || ++*tries > 3)
        return FALSE;
    trace("HOST-05: Wine takes the service for one that is gone.\n");
    return kill_service();
}

static inline HRESULT create_manager_again(IBackgroundCopyManager **manager)
{
    unsigned int tries = 0;
    HRESULT hr;

    do hr = create_manager(manager);
    while (may_activate_again(hr, &tries));
    return hr;
}

enum end
{
    END_STOP,
    END_KILL,
};

static inline const char *debugstr_end(enum end end)
{
    return end == END_STOP ? "stop" : "kill";
}

/* FALSE if this user may not. */
static inline BOOL end_service(const char *id, enum end end)
{
    if (end == END_STOP ? stop_service() : kill_service())
        return TRUE;
    skip("%s: no right to end the service.\n", id);
    return FALSE;
}

/* The service ends and is there again. FALSE if this user may not do that. */
static inline BOOL restart_service(const char *id, enum end end, IBackgroundCopyManager **manager)
{
    HRESULT hr;

    if (!end_service(id, end))
        return FALSE;
    IBackgroundCopyManager_Release(*manager);
    hr = create_manager_again(manager);
    ok(hr == S_OK, "HOST-05: got hr %#lx.\n", hr);
    return hr == S_OK;
}

/* Of the service, when it starts next or when it looks; 0 removes it. FALSE if this user may not. */
static inline BOOL set_setting(const WCHAR *name, DWORD value)
{
    LSTATUS status;
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, SETTINGS, 0, KEY_SET_VALUE, &key))
        return FALSE;
    if (value)
        status = RegSetValueExW(key, name, 0, REG_DWORD, (const BYTE *)&value, sizeof(value));
    else
        status = RegDeleteValueW(key, name);
    RegCloseKey(key);
    return !status;
}

/* How often the text is in the file, in either width. */
static inline unsigned int count_text(const WCHAR *path, const char *text)
{
    static char data[65536];
    unsigned int length = strlen(text), count = 0, i, j;
    DWORD size = 0;
    HANDLE file;

    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
            OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return 0;
    ReadFile(file, data, sizeof(data), &size, NULL);
    CloseHandle(file);
    for (i = 0; i < size; ++i)
    {
        for (j = 0; j < length && i + 2 * j < size && data[i + 2 * j] == text[j]; ++j)
            ;
        count += j == length;
        for (j = 0; j < length && i + j < size && data[i + j] == text[j]; ++j)
            ;
        count += j == length;
    }
    return count;
}

static inline const WCHAR *get_state_dir(WCHAR dir[MAX_PATH])
{
    static const WCHAR rest[] = L"\\ServiceProfiles\\NetworkService\\AppData\\Local\\Microsoft\\Windows"
            L"\\DeliveryOptimization\\State\\";

    GetWindowsDirectoryW(dir, MAX_PATH);
    wcscat(dir, rest);
    return dir;
}

/* In all records whose names match. */
static inline unsigned int count_saved(const WCHAR *names, const char *text)
{
    WCHAR dir[MAX_PATH], path[MAX_PATH];
    unsigned int count = 0;
    WIN32_FIND_DATAW data;
    HANDLE find;

    find = FindFirstFileW(join_path(path, get_state_dir(dir), names), &data);
    if (find == INVALID_HANDLE_VALUE)
        return 0;
    do
        count += count_text(join_path(path, dir, data.cFileName), text);
    while (FindNextFileW(find, &data));
    FindClose(find);
    return count;
}

/* When the newest record whose name matches was written. */
static inline FILETIME get_saved_time(const WCHAR *names)
{
    WCHAR dir[MAX_PATH], path[MAX_PATH];
    FILETIME newest = { 0, 0 };
    WIN32_FIND_DATAW data;
    HANDLE find;

    find = FindFirstFileW(join_path(path, get_state_dir(dir), names), &data);
    if (find == INVALID_HANDLE_VALUE)
        return newest;
    do
    {
        if (CompareFileTime(&data.ftLastWriteTime, &newest) > 0)
            newest = data.ftLastWriteTime;
    }
    while (FindNextFileW(find, &data));
    FindClose(find);
    return newest;
}

/* The age of what lies there is kept, though nothing else of it changes. The former time is of before
 * the service was started. */
#define check_saved_again(id, names, former) check_saved_again_(__FILE__, __LINE__, id, names, former)
static inline void check_saved_again_(const char *file, int line, const char *id, const WCHAR *names, FILETIME former)
{
    DWORD end = GetTickCount() + LIMIT_MS;
    FILETIME time;

    ok_(file, line)(former.dwLowDateTime || former.dwHighDateTime, "%s: there was no record.\n", id);
    for (;;)
    {
        time = get_saved_time(names);
        if (CompareFileTime(&time, &former) > 0 || (LONG)(end - GetTickCount()) <= 0)
            break;
        Sleep(POLL_MS);
    }
    ok_(file, line)(CompareFileTime(&time, &former) > 0, "%s: the age was not saved.\n", id);
}

#endif /* __DOSVC_TESTS_CONTROL_H */
