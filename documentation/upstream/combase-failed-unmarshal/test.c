/*
 * Unit tests for references to objects that are gone
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

#define COBJMACROS

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "objbase.h"

#include "wine/test.h"

#define OBJECTS 100

static HRESULT WINAPI factory_QueryInterface(IClassFactory *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IClassFactory))
        return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI factory_AddRef(IClassFactory *iface)
{
    return 2;
}

static ULONG WINAPI factory_Release(IClassFactory *iface)
{
    return 1;
}

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID iid, void **out)
{
    return factory_QueryInterface(iface, iid, out);
}

static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
    return S_OK;
}

static IClassFactoryVtbl factory_vtbl =
{
    factory_QueryInterface,
    factory_AddRef,
    factory_Release,
    factory_CreateInstance,
    factory_LockServer,
};

/* References of a server's objects, which are gone but for the last one. */
struct references
{
    ULONG sizes[OBJECTS + 1];
    BYTE data[OBJECTS + 1][512];
};

static ULONG marshal_to_table(IClassFactory *object, BYTE *data, ULONG capacity)
{
    static const LARGE_INTEGER zero;
    ULONG size = 0;
    IStream *stream;
    HRESULT hr;

    hr = CreateStreamOnHGlobal(NULL, TRUE, &stream);
    ok(hr == S_OK, "got hr %#lx.\n", hr);
    hr = CoMarshalInterface(stream, &IID_IClassFactory, (IUnknown *)object, MSHCTX_LOCAL, NULL, MSHLFLAGS_TABLESTRONG);
    ok(hr == S_OK, "got hr %#lx.\n", hr);
    IStream_Seek(stream, zero, STREAM_SEEK_SET, NULL);
    hr = IStream_Read(stream, data, capacity, &size);
    ok(SUCCEEDED(hr), "got hr %#lx.\n", hr);
    IStream_Release(stream);
    return size;
}

static void run_server(struct references *references, HANDLE started, HANDLE quit)
{
    static IClassFactory objects[OBJECTS + 1];
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < OBJECTS + 1; ++i)
    {
        objects[i].lpVtbl = &factory_vtbl;
        references->sizes[i] = marshal_to_table(&objects[i], references->data[i], sizeof(references->data[i]));
    }
    for (i = 0; i < OBJECTS; ++i)
    {
        hr = CoDisconnectObject((IUnknown *)&objects[i], 0);
        ok(hr == S_OK, "got hr %#lx.\n", hr);
    }
    SetEvent(started);
    WaitForSingleObject(quit, 60000);
}

static HRESULT unmarshal(const BYTE *data, ULONG size)
{
    static const LARGE_INTEGER zero;
    IClassFactory *object = NULL;
    IStream *stream;
    HRESULT hr;

    hr = CreateStreamOnHGlobal(NULL, TRUE, &stream);
    ok(hr == S_OK, "got hr %#lx.\n", hr);
    IStream_Write(stream, data, size, NULL);
    IStream_Seek(stream, zero, STREAM_SEEK_SET, NULL);
    hr = CoUnmarshalInterface(stream, &IID_IClassFactory, (void **)&object);
    if (object)
        IClassFactory_Release(object);
    IStream_Release(stream);
    return hr;
}

/* Returns a measure of the handles of the process: the place of a new one, since free places are taken first.
 * (GetProcessHandleCount is a stub in Wine.) */
static unsigned int count_handles(void)
{
    HANDLE handle = CreateEventW(NULL, FALSE, FALSE, NULL);

    CloseHandle(handle);
    return (UINT_PTR)handle / 4;
}

static void test_references(const struct references *references)
{
    unsigned int i, before;
    HRESULT hr;
    int left;

    hr = unmarshal(references->data[OBJECTS], references->sizes[OBJECTS]);
    ok(hr == S_OK, "got hr %#lx.\n", hr);

    before = count_handles();
    for (i = 0; i < OBJECTS; ++i)
    {
        hr = unmarshal(references->data[i], references->sizes[i]);
        todo_wine ok(FAILED(hr), "got hr %#lx.\n", hr);
    }
    left = count_handles() - before;
    todo_wine ok(left < OBJECTS / 2, "%d handles are left of %u failures.\n", left, OBJECTS);
}

START_TEST(test)
{
    STARTUPINFOA startup = { sizeof(startup) };
    PROCESS_INFORMATION server = { 0 };
    struct references *references;
    HANDLE mapping, started, quit;
    char command[MAX_PATH + 32];
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(*references), "references");
    references = MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    started = CreateEventA(NULL, FALSE, FALSE, "references_started");
    quit = CreateEventA(NULL, TRUE, FALSE, "references_quit");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (argc > 2)
        run_server(references, started, quit);
    else
    {
        sprintf(command, "\"%s\" test server", argv[0]);
        ok(CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &server),
                "got error %lu.\n", GetLastError());
        ok(!WaitForSingleObject(started, 30000), "The server does not start.\n");
        test_references(references);
        SetEvent(quit);
        wait_child_process(server.hProcess);
        CloseHandle(server.hThread);
        CloseHandle(server.hProcess);
    }
    CoUninitialize();
    CloseHandle(quit);
    CloseHandle(started);
    UnmapViewOfFile(references);
    CloseHandle(mapping);
}
