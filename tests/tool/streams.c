/*
 * Clients that end while the service has a stream of theirs
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

/* give-streams COUNT: so many processes, one after the other, each of which gives a stream to a download. Half of them
 * end at once. Prints what failed, of which nothing should.
 * give-stream end|release: one of these processes. */

#include "testtool.h"

int give_stream(int argc, WCHAR **argv)
{
    IDODownload *download;
    IDOManager *manager;
    IStream *stream;
    HRESULT hr;

    if (FAILED(hr = open_download_manager(&manager)) || FAILED(hr = IDOManager_CreateDownload(manager, &download))
            || FAILED(hr = CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return failed("preparation", hr);
    if (FAILED(hr = set_unknown(download, DODownloadProperty_StreamInterface, (IUnknown *)stream)))
        return failed("SetProperty of a stream", hr);
    if (!wcscmp(argv[0], L"end"))
        TerminateProcess(GetCurrentProcess(), 0);
    IDODownload_Abort(download);
    IDODownload_Release(download);
    IDOManager_Release(manager);
    IStream_Release(stream);
    return 0;
}

static BOOL run_client(BOOL is_ending)
{
    STARTUPINFOW startup = { sizeof(startup) };
    WCHAR program[MAX_PATH], command[2 * MAX_PATH];
    PROCESS_INFORMATION info;
    DWORD code = 1;

    GetModuleFileNameW(NULL, program, ARRAYSIZE(program));
    swprintf(command, ARRAYSIZE(command), L"\"%ls\" give-stream %ls", program, is_ending ? L"end" : L"release");
    if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info))
        return FALSE;
    WaitForSingleObject(info.hProcess, 60000);
    GetExitCodeProcess(info.hProcess, &code);
    CloseHandle(info.hThread);
    CloseHandle(info.hProcess);
    return !code;
}

int give_streams(int argc, WCHAR **argv)
{
    unsigned int count = wcstoul(argv[0], NULL, 10), failures = 0, i;
    IDOManager *manager;
    HRESULT hr;

    /* The service outlives the clients. */
    if (FAILED(hr = open_download_manager(&manager)))
        return failed("activation", hr);
    for (i = 0; i < count; ++i)
        failures += !run_client(i % 2);
    IDOManager_Release(manager);
    printf("%u of %u clients failed\n", failures, count);
    return failures != 0;
}
