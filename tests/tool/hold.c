/*
 * testtool hold: what another process has
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

/* hold NAME STOP: has the mutex of this name, says "ready", and keeps it until there is a file STOP. */

#include "testtool.h"

#define LIMIT 300000 /* milliseconds */

int hold(int argc, WCHAR **argv)
{
    HANDLE mutex = CreateMutexW(NULL, FALSE, argv[0]);
    DWORD end = GetTickCount() + LIMIT;

    if (!mutex || GetLastError() == ERROR_ALREADY_EXISTS)
        return failed("a mutex", HRESULT_FROM_WIN32(GetLastError()));
    printf("ready\n");
    fflush(stdout);
    while (!exists(argv[1]) && (LONG)(end - GetTickCount()) > 0)
        Sleep(50);
    CloseHandle(mutex);
    return 0;
}
