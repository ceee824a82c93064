/*
 * Test tool: a crash of the service
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

/* Nothing is there to be run. */
int crash_service(int argc, WCHAR **argv)
{
    DWORD pid = get_service_pid();
    HANDLE process, thread;

    if (!pid || !(process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, pid)))
        return failed("the service does not run", HRESULT_FROM_WIN32(GetLastError()));
    if ((thread = CreateRemoteThread(process, NULL, 0, (LPTHREAD_START_ROUTINE)(ULONG_PTR)16, NULL, 0, NULL)))
        CloseHandle(thread);
    CloseHandle(process);
    return thread ? 0 : failed("a thread", HRESULT_FROM_WIN32(GetLastError()));
}
