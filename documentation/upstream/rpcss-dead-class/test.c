/*
 * Unit tests for the class objects of processes that have been killed
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

#include "objbase.h"

#include "wine/test.h"

#define CLSID_TEXT "{3c8a0f2e-7d54-4b0e-9a55-0d0b8f6f7a11}"
#define CLSID_KEY  "CLSID\\" CLSID_TEXT

static const CLSID CLSID_Test = { 0x3c8a0f2e, 0x7d54, 0x4b0e, { 0x9a, 0x55, 0x0d, 0x0b, 0x8f, 0x6f, 0x7a, 0x11 } };

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

static IClassFactory factory = { &factory_vtbl };

/* The server, which COM starts. It ends when it is told to. */
static void run_server(HANDLE started, HANDLE quit)
{
    DWORD cookie;
    HRESULT hr;

    hr = CoRegisterClassObject(&CLSID_Test, (IUnknown *)&factory, CLSCTX_LOCAL_SERVER, REGCLS_MULTIPLEUSE, &cookie);
    ok(hr == S_OK, "got hr %#lx.\n", hr);
    SetEvent(started);
    WaitForSingleObject(quit, 60000);
    hr = CoRevokeClassObject(cookie);
    ok(hr == S_OK, "got hr %#lx.\n", hr);
}

static BOOL register_server(const char *program)
{
    char command[MAX_PATH + 32];
    LSTATUS status;

    sprintf(command, "\"%s\" test", program);
    status = RegSetValueA(HKEY_CLASSES_ROOT, CLSID_KEY "\\LocalServer32", REG_SZ, command, 0);
    if (status)
        win_skip("The class cannot be registered, error %ld.\n", status);
    return !status;
}

static void unregister_server(void)
{
    RegDeleteKeyA(HKEY_CLASSES_ROOT, CLSID_KEY "\\LocalServer32");
    RegDeleteKeyA(HKEY_CLASSES_ROOT, CLSID_KEY);
}

static HRESULT activate(void)
{
    IClassFactory *object;
    HRESULT hr;

    hr = CoGetClassObject(&CLSID_Test, CLSCTX_LOCAL_SERVER, NULL, &IID_IClassFactory, (void **)&object);
    if (SUCCEEDED(hr))
        IClassFactory_Release(object);
    return hr;
}

static void test_killed_server(const char *program, HANDLE started, HANDLE quit)
{
    PROCESS_INFORMATION server;
    STARTUPINFOA startup = { sizeof(startup) };
    char command[MAX_PATH + 32];
    HRESULT hr;
    BOOL ret;

    sprintf(command, "\"%s\" test -Embedding", program);
    ret = CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &server);
    ok(ret, "got error %lu.\n", GetLastError());
    ok(!WaitForSingleObject(started, 30000), "The server does not start.\n");
    hr = activate();
    ok(hr == S_OK, "got hr %#lx.\n", hr);

    TerminateProcess(server.hProcess, 0);
    WaitForSingleObject(server.hProcess, 30000);
    CloseHandle(server.hThread);
    CloseHandle(server.hProcess);

    /* The class belongs to nobody now, so that COM starts a server again. */
    hr = activate();
    todo_wine ok(hr == S_OK, "got hr %#lx.\n", hr);
    todo_wine ok(!WaitForSingleObject(started, 0), "No server was started.\n");
    SetEvent(quit);
}

START_TEST(test)
{
    HANDLE started, quit;
    char **argv;
    int argc;

    argc = winetest_get_mainargs(&argv);
    started = CreateEventA(NULL, FALSE, FALSE, "dead_class_started");
    quit = CreateEventA(NULL, TRUE, FALSE, "dead_class_quit");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (argc > 2)
        run_server(started, quit);
    else if (register_server(argv[0]))
    {
        test_killed_server(argv[0], started, quit);
        unregister_server();
    }
    CoUninitialize();
    CloseHandle(quit);
    CloseHandle(started);
}
