/*
 * testtool lost-handles: what Wine loses with a process that dies
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

/* lost-handles COUNT: calls an object in a process of its own, kills that, and
 * releases the object, so many times. Prints how many handles this process has
 * more then: Wine (8.0) loses an event each time. Nothing of dosvc takes part. */

#include "testtool.h"

#define LIMIT 60000 /* milliseconds */
#define SIZE  4096  /* of an object reference, at most */

/* The process that will die. The object is one of Wine's own. */

/* Writes the reference to the pipe. */
static HRESULT give_away(IStream *stream, HANDLE pipe)
{
    IStream *reference;
    HGLOBAL memory;
    DWORD size;
    HRESULT hr;

    if (FAILED(hr = CreateStreamOnHGlobal(NULL, TRUE, &reference)))
        return hr;
    if (SUCCEEDED(hr = CoMarshalInterface(reference, &IID_IStream, (IUnknown *)stream, MSHCTX_LOCAL, NULL,
            MSHLFLAGS_NORMAL)) && SUCCEEDED(hr = GetHGlobalFromStream(reference, &memory)))
    {
        if (!WriteFile(pipe, GlobalLock(memory), GlobalSize(memory), &size, NULL))
            hr = HRESULT_FROM_WIN32(GetLastError());
        GlobalUnlock(memory);
    }
    IStream_Release(reference);
    return hr;
}

/* victim PIPE */
static int be_victim(WCHAR **argv)
{
    IStream *stream;
    HRESULT hr;

    if (FAILED(hr = CreateStreamOnHGlobal(NULL, TRUE, &stream))
            || FAILED(hr = give_away(stream, ULongToHandle(wcstoul(argv[1], NULL, 16)))))
        return failed("an object reference", hr);
    Sleep(LIMIT);
    return 0;
}

/* The process that kills it. */

static HANDLE start_victim(HANDLE pipe)
{
    STARTUPINFOW startup = { sizeof(startup) };
    WCHAR path[MAX_PATH], command[MAX_PATH + 80];
    PROCESS_INFORMATION info;

    GetModuleFileNameW(NULL, path, ARRAYSIZE(path));
    swprintf(command, ARRAYSIZE(command), L"\"%ls\" lost-handles victim %lx", path, HandleToULong(pipe));
    if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info))
        return NULL;
    CloseHandle(info.hThread);
    return info.hProcess;
}

static HRESULT receive(HANDLE pipe, IStream **stream)
{
    static const LARGE_INTEGER begin;
    char buffer[SIZE];
    IStream *reference;
    DWORD size;
    HRESULT hr;

    if (!ReadFile(pipe, buffer, sizeof(buffer), &size, NULL))
        return HRESULT_FROM_WIN32(GetLastError());
    if (FAILED(hr = CreateStreamOnHGlobal(NULL, TRUE, &reference)))
        return hr;
    if (SUCCEEDED(hr = IStream_Write(reference, buffer, size, NULL))
            && SUCCEEDED(hr = IStream_Seek(reference, begin, STREAM_SEEK_SET, NULL)))
        hr = CoUnmarshalInterface(reference, &IID_IStream, (void **)stream);
    IStream_Release(reference);
    return hr;
}

static HRESULT call_and_kill(HANDLE process, IStream *stream)
{
    HRESULT hr;

    hr = IStream_Write(stream, "x", 1, NULL);
    TerminateProcess(process, 0);
    WaitForSingleObject(process, LIMIT);
    IStream_Release(stream);
    return hr;
}

static HRESULT lose_one(void)
{
    SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
    HANDLE process, reader, writer;
    IStream *stream;
    HRESULT hr = E_FAIL;

    if (!CreatePipe(&reader, &writer, &inherited, 0))
        return HRESULT_FROM_WIN32(GetLastError());
    if ((process = start_victim(writer)))
    {
        if (SUCCEEDED(hr = receive(reader, &stream)))
            hr = call_and_kill(process, stream);
        else
            TerminateProcess(process, 0);
        CloseHandle(process);
    }
    CloseHandle(reader);
    CloseHandle(writer);
    return hr;
}

int lose_handles(int argc, WCHAR **argv)
{
    unsigned int i, count = wcstoul(argv[0], NULL, 10);
    int before, after;
    HRESULT hr;

    if (argc == 2 && !wcscmp(argv[0], L"victim"))
        return be_victim(argv);
    /* The first one makes what stays. */
    if (FAILED(hr = lose_one()))
        return failed("a process", hr);
    before = get_handle_count(GetCurrentProcessId());
    for (i = 0; i < count; ++i)
        if (FAILED(hr = lose_one()))
            return failed("a process", hr);
    after = get_handle_count(GetCurrentProcessId());
    if (before < 0 || after < 0)
        return 1;
    printf("%d\n", after - before);
    return 0;
}
