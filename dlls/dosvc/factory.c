/*
 * The class object: published, published again, revoked
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

/* Wine keeps the entry of a dead process in its class table and hands it out
 * first, so a killed service could never be activated again. An entry that is
 * registered for a single use goes away when it is handed out: at most one
 * activation fails, the next one starts the service. The price is that we have
 * to register again after each use. A client that looks while nothing is
 * registered waits for a second, so this is done by a thread of ours as soon as
 * the use shows, and is done for certain when the client gets its object.
 *
 * A crash is handled better: the exception filter revokes the entry, and no
 * activation fails. */

#include "download.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* A client may die between fetching the entry and connecting to it; nothing
 * tells us, so the entry is renewed from time to time. Whoever connects just
 * then is refused, so that is seldom, but within the 30 seconds for which others
 * look for the entry. In milliseconds. */
#define RENEW_INTERVAL 25000

static SRWLOCK factory_lock = SRWLOCK_INIT;
static DWORD cookie;     /* guarded by factory_lock; 0 while nothing is registered */
static BOOL is_revoked;  /* guarded by factory_lock; final */
static LONG is_used;     /* the entry has been handed out */
static HANDLE used_event, stop_event, renew_thread;

static HRESULT WINAPI factory_QueryInterface(IClassFactory *iface, REFIID riid, void **out)
{
    TRACE("iface %p, riid %s, out %p.\n", iface, debugstr_guid(riid), out);

    if (!out)
        return E_POINTER;
    if (IsEqualGUID(riid, &IID_IUnknown) || IsEqualGUID(riid, &IID_IClassFactory))
    {
        if (used_event && IsEqualGUID(riid, &IID_IClassFactory))
        {
            InterlockedExchange(&is_used, TRUE);
            SetEvent(used_event);
        }
        *out = iface;
        return S_OK;
    }
    WARN("%s is not supported.\n", debugstr_guid(riid));
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI factory_AddRef(IClassFactory *iface)
{
    return 2;
}

static ULONG WINAPI factory_Release(IClassFactory *iface)
{
    return 1;
}

static IClassFactory factory;

static void revoke_locked(void)
{
    HRESULT hr;

    if (cookie && FAILED(hr = CoRevokeClassObject(cookie)))
        WARN("cannot revoke the class object, hr %#lx.\n", hr);
    cookie = 0;
}

/* Register, or register again in place of the used entry: COM allows one
 * registration of a class at a time. When this returns the class can be found. */
static HRESULT factory_renew(BOOL only_if_used)
{
    HRESULT hr = S_OK;

    AcquireSRWLockExclusive(&factory_lock);
    if ((InterlockedExchange(&is_used, FALSE) || !only_if_used) && !is_revoked)
    {
        revoke_locked();
        if (FAILED(hr = CoRegisterClassObject(&CLSID_DeliveryOptimization, (IUnknown *)&factory, CLSCTX_LOCAL_SERVER,
                is_wine() ? REGCLS_SINGLEUSE : REGCLS_MULTIPLEUSE, &cookie)))
        {
            ERR("cannot register the class object, hr %#lx.\n", hr);
            cookie = 0;
        }
    }
    ReleaseSRWLockExclusive(&factory_lock);
    return hr;
}

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID riid, void **out)
{
    TRACE("iface %p, outer %p, riid %s, out %p.\n", iface, outer, debugstr_guid(riid), out);

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    factory_renew(TRUE);
    if (outer)
        return CLASS_E_NOAGGREGATION;
    return manager_create(riid, out);
}

static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
    TRACE("iface %p, lock %d.\n", iface, lock);

    /* The service does not stop when it is idle, so there is nothing to lock. */
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl =
{
    factory_QueryInterface,
    factory_AddRef,
    factory_Release,
    factory_CreateInstance,
    factory_LockServer,
};

static IClassFactory factory = { (IClassFactoryVtbl *)&factory_vtbl };

static DWORD WINAPI renew_proc(void *arg)
{
    HANDLE events[2] = { stop_event, used_event };
    DWORD wait;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    while ((wait = WaitForMultipleObjects(2, events, FALSE, RENEW_INTERVAL)) != WAIT_OBJECT_0)
        factory_renew(wait != WAIT_TIMEOUT);
    CoUninitialize();
    return 0;
}

static DWORD WINAPI crash_proc(void *arg)
{
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    /* The crashed thread may hold the lock; then the entry stays behind. */
    if (TryAcquireSRWLockExclusive(&factory_lock))
    {
        is_revoked = TRUE;
        revoke_locked();
    }
    return 0;
}

static LONG WINAPI exception_filter(EXCEPTION_POINTERS *info)
{
    HANDLE thread;

    ERR("unhandled exception %#lx at %p.\n", info->ExceptionRecord->ExceptionCode,
            info->ExceptionRecord->ExceptionAddress);
    if ((thread = CreateThread(NULL, 0, crash_proc, NULL, 0, NULL)))
        WaitForSingleObject(thread, 2000);
    TerminateProcess(GetCurrentProcess(), info->ExceptionRecord->ExceptionCode);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* When the last stub of an interface goes away, Wine's COM unregisters the
 * interface from RPC and waits for its calls to end. Just as one ends, it was
 * seen to wait for ever, with locks held that every client needs. So one object
 * of each kind keeps a stub of each of its interfaces. */
static void pin(IStream *stream, IUnknown *object, const struct facade_class *class)
{
    const IID *iid;
    HRESULT hr;
    UINT i;

    for (i = 0; i < class->count; i++)
    {
        iid = class->interfaces[i].iid;
        if (FAILED(hr = CoMarshalInterface(stream, iid, object, MSHCTX_LOCAL, NULL, MSHLFLAGS_TABLESTRONG)))
            WARN("%s, hr %#lx.\n", debugstr_guid(iid), hr);
    }
    /* The table's references keep it from now on. */
    IUnknown_Release(object);
}

/* A job that is in no queue, with one file. */
static void pin_job(IStream *stream)
{
    static const struct file_params params = { L"pin", L"http://localhost/", NULL, NULL, 0, DO_UNKNOWN_FILE_SIZE };
    static const struct job_error no_error;
    struct job_file *file;
    struct job *job;
    IUnknown *object;

    if (FAILED(job_create(L"pin", &job)))
        return;
    if (SUCCEEDED(bg_job_create(job, NULL, (IBackgroundCopyJob **)&object)))
        pin(stream, object, &bg_job_class);
    if (SUCCEEDED(job_add_files(job, &params, 1, &file))
            && SUCCEEDED(bg_file_create(file, NULL, (IBackgroundCopyFile **)&object)))
        pin(stream, object, &bg_file_class);
    if (SUCCEEDED(bg_error_create(job, &no_error, NULL, (IBackgroundCopyError **)&object)))
        pin(stream, object, &bg_error_class);
    job_release(job);
}

/* A download that is in no queue. */
static void pin_download(IStream *stream)
{
    struct download *download;
    IUnknown *object;

    if (FAILED(download_create(&download)))
        return;
    if (SUCCEEDED(do_download_create(download, NULL, (IDODownload **)&object)))
        pin(stream, object, &do_download_class);
    download_release(download);
}

static void pin_enumerator(IStream *stream, const struct facade_class *class)
{
    IUnknown *object;

    if (SUCCEEDED(enum_create(class, NULL, 0, NULL, (void **)&object)))
        pin(stream, object, class);
}

static void pin_all(void)
{
    IUnknown *object;
    IStream *stream;

    if (FAILED(CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return;
    if (SUCCEEDED(manager_create(&IID_IUnknown, (void **)&object)))
        pin(stream, object, &manager_class);
    pin_job(stream);
    pin_download(stream);
    pin_enumerator(stream, &enum_jobs_class);
    pin_enumerator(stream, &enum_files_class);
    pin_enumerator(stream, &enum_unknown_class);
    IStream_Release(stream);
}

/* Keep a stub of it. COM asks for the interface once for each activation, and once
 * for each stub: then the entry that came after would be taken from the next
 * client, which may have fetched it already. */
static HRESULT pin_factory(void)
{
    IStream *stream;
    HRESULT hr;

    if (FAILED(hr = CreateStreamOnHGlobal(NULL, TRUE, &stream)))
        return hr;
    hr = CoMarshalInterface(stream, &IID_IClassFactory, (IUnknown *)&factory, MSHCTX_LOCAL, NULL, MSHLFLAGS_NORMAL);
    IStream_Release(stream);
    return hr;
}

HRESULT factory_publish(void)
{
    HRESULT hr;

    if (is_wine())
    {
        enum_bound_stubs();
        pin_all();
        SetUnhandledExceptionFilter(exception_filter);
        if (!(used_event = CreateEventW(NULL, FALSE, FALSE, NULL))
                || !(stop_event = CreateEventW(NULL, TRUE, FALSE, NULL)))
            return HRESULT_FROM_WIN32(GetLastError());
        if (FAILED(hr = pin_factory()))
            return hr;
        ResetEvent(used_event);
    }
    if (FAILED(hr = factory_renew(FALSE)))
        return hr;
    if (used_event && !(renew_thread = CreateThread(NULL, 0, renew_proc, NULL, 0, NULL)))
        return HRESULT_FROM_WIN32(GetLastError());
    TRACE("the class is registered.\n");
    return S_OK;
}

void factory_revoke(void)
{
    AcquireSRWLockExclusive(&factory_lock);
    is_revoked = TRUE;
    revoke_locked();
    ReleaseSRWLockExclusive(&factory_lock);
    if (stop_event)
        SetEvent(stop_event);
    TRACE("the class is revoked.\n");
}
