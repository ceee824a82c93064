/*
 * testtool crowd: many downloads at once, each with a callback
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

/* crowd BASE SOURCE FOLDER COUNT RUNNING: makes COUNT downloads of BASE/file.bin
 * into FOLDER, has RUNNING of them running at a time, finalizes each, some from
 * inside the callback, and compares it with SOURCE. Every tenth is of
 * BASE/slow/file.bin, so that there is progress to tell of. Prints what is wrong
 * with the callbacks, and a summary. */

#include "testtool.h"

#define LIMIT 300000 /* milliseconds in which nothing happens */

struct guest
{
    IDODownloadStatusCallback IDODownloadStatusCallback_iface;
    LONG refcount; /* ours and those of the service */
    IDODownload *download; /* NULL before it is made, and when it is over */
    WCHAR path[MAX_PATH];

    /* guarded by lock */
    DODownloadState told; /* by the last call */
    UINT64 bytes;
    unsigned int calls;
    unsigned int ends;    /* calls in D */
    BOOL is_in_call;

    BOOL is_started;
    BOOL is_finalized;
};

static SRWLOCK lock = SRWLOCK_INIT;
static HANDLE news;
static struct guest *guests;
static unsigned int guest_count, wrong, calls;

static unsigned int get_index(const struct guest *guest)
{
    return guest - guests;
}

static void complain_locked(const struct guest *guest, const char *what, HRESULT hr)
{
    printf("download %u: %s, %#lx, told of state %d after %u calls\n", get_index(guest), what, hr, guest->told,
            guest->calls);
    wrong++;
}

static void complain(const struct guest *guest, const char *what, HRESULT hr)
{
    AcquireSRWLockExclusive(&lock);
    complain_locked(guest, what, hr);
    ReleaseSRWLockExclusive(&lock);
}

static inline struct guest *impl_from_IDODownloadStatusCallback(IDODownloadStatusCallback *iface)
{
    return CONTAINING_RECORD(iface, struct guest, IDODownloadStatusCallback_iface);
}

static HRESULT STDMETHODCALLTYPE guest_QueryInterface(IDODownloadStatusCallback *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDODownloadStatusCallback))
        return E_NOINTERFACE;
    IDODownloadStatusCallback_AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE guest_AddRef(IDODownloadStatusCallback *iface)
{
    return InterlockedIncrement(&impl_from_IDODownloadStatusCallback(iface)->refcount);
}

/* Guests live as long as the process. */
static ULONG STDMETHODCALLTYPE guest_Release(IDODownloadStatusCallback *iface)
{
    return InterlockedDecrement(&impl_from_IDODownloadStatusCallback(iface)->refcount);
}

/* T, once or more, D, once or twice, F, once. */
static BOOL may_follow(DODownloadState before, DODownloadState after)
{
    switch (after)
    {
        case DODownloadState_Transferring:
            return before == DODownloadState_Created || before == DODownloadState_Transferring;
        case DODownloadState_Transferred:
            return before == DODownloadState_Transferring || before == DODownloadState_Transferred;
        case DODownloadState_Finalized:
            return before == DODownloadState_Transferred;
        default:
            return FALSE;
    }
}

static void take_note_locked(struct guest *guest, const DO_DOWNLOAD_STATUS *status)
{
    if (guest->is_in_call)
        complain_locked(guest, "a call within a call", S_OK);
    if (!may_follow(guest->told, status->State))
        complain_locked(guest, "out of order", status->State);
    if (status->BytesTransferred < guest->bytes)
        complain_locked(guest, "fewer bytes than before", S_OK);
    if (status->Error || status->ExtendedError)
        complain_locked(guest, "an error", status->Error ? status->Error : status->ExtendedError);
    if (status->State == DODownloadState_Transferred && ++guest->ends > 2)
        complain_locked(guest, "told of its end too often", S_OK);
    guest->told = status->State;
    guest->bytes = status->BytesTransferred;
    guest->calls++;
    calls++;
}

static HRESULT STDMETHODCALLTYPE guest_OnStatusChange(IDODownloadStatusCallback *iface, IDODownload *download,
        const DO_DOWNLOAD_STATUS *status)
{
    struct guest *guest = impl_from_IDODownloadStatusCallback(iface);
    HRESULT hr;

    AcquireSRWLockExclusive(&lock);
    take_note_locked(guest, status);
    guest->is_in_call = TRUE;
    ReleaseSRWLockExclusive(&lock);
    /* The others are finalized by the main thread. */
    if (status->State == DODownloadState_Transferred && get_index(guest) % 2 && !guest->is_finalized)
    {
        guest->is_finalized = TRUE;
        if (FAILED(hr = IDODownload_Finalize(download)))
            complain(guest, "Finalize in a call", hr);
    }
    AcquireSRWLockExclusive(&lock);
    guest->is_in_call = FALSE;
    ReleaseSRWLockExclusive(&lock);
    SetEvent(news);
    return S_OK;
}

static const IDODownloadStatusCallbackVtbl guest_vtbl =
{
    guest_QueryInterface,
    guest_AddRef,
    guest_Release,
    guest_OnStatusChange,
};

static HRESULT invite(struct guest *guest, IDOManager *manager, const WCHAR *base, const WCHAR *folder)
{
    WCHAR url[1024];
    HRESULT hr;

    guest->IDODownloadStatusCallback_iface.lpVtbl = (IDODownloadStatusCallbackVtbl *)&guest_vtbl;
    guest->refcount = 1;
    swprintf(url, ARRAYSIZE(url), L"%ls/%lsfile.bin", base, get_index(guest) % 10 ? L"" : L"slow/");
    swprintf(guest->path, ARRAYSIZE(guest->path), L"%ls\\%lu-%u", folder, GetCurrentProcessId(), get_index(guest));
    if (FAILED(hr = IDOManager_CreateDownload(manager, &guest->download)))
        return hr;
    if (FAILED(hr = set_string(guest->download, DODownloadProperty_Uri, url))
            || FAILED(hr = set_string(guest->download, DODownloadProperty_LocalPath, guest->path)))
        return hr;
    return set_unknown(guest->download, DODownloadProperty_CallbackInterface,
            (IUnknown *)&guest->IDODownloadStatusCallback_iface);
}

/* One that has heard the last there is to hear. */
static void say_goodbye(struct guest *guest, const WCHAR *source)
{
    if (!are_equal(guest->path, source))
        complain(guest, "the file is wrong", S_OK);
    DeleteFileW(guest->path);
    IDODownload_Release(guest->download);
    guest->download = NULL;
}

/* Returns whether anything has changed. */
static BOOL look_after(struct guest *guest, const WCHAR *source, unsigned int *running)
{
    DODownloadState told;
    HRESULT hr;

    if (!guest->download || !guest->is_started)
        return FALSE;
    AcquireSRWLockShared(&lock);
    told = guest->told;
    ReleaseSRWLockShared(&lock);
    if (told == DODownloadState_Finalized)
    {
        say_goodbye(guest, source);
        --*running;
        return TRUE;
    }
    if (told != DODownloadState_Transferred || get_index(guest) % 2 || guest->is_finalized)
        return FALSE;
    guest->is_finalized = TRUE;
    if (FAILED(hr = IDODownload_Finalize(guest->download)))
        complain(guest, "Finalize", hr);
    return TRUE;
}

/* FALSE if nothing happens any more. */
static BOOL serve(const WCHAR *source, unsigned int limit)
{
    unsigned int i, started = 0, running = 0, left = guest_count;
    DWORD last = GetTickCount();
    BOOL is_changed;
    HRESULT hr;

    while (left && GetTickCount() - last < LIMIT)
    {
        for (; started < guest_count && running < limit; ++started, ++running)
        {
            guests[started].is_started = TRUE;
            if (FAILED(hr = IDODownload_Start(guests[started].download, NULL)))
                complain(&guests[started], "Start", hr);
        }
        WaitForSingleObject(news, 1000);
        for (i = 0, left = 0, is_changed = FALSE; i < guest_count; ++i)
        {
            is_changed |= look_after(&guests[i], source, &running);
            left += guests[i].download != NULL;
        }
        if (is_changed)
            last = GetTickCount();
    }
    for (i = 0; left && i < guest_count; ++i)
        if (guests[i].download)
            complain(&guests[i], "it does not end", S_OK);
    return !left;
}

static void check_references(void)
{
    DWORD end = GetTickCount() + 30000;
    unsigned int i;

    for (i = 0; i < guest_count; ++i)
    {
        while (InterlockedCompareExchange(&guests[i].refcount, 0, 0) > 1 && (LONG)(end - GetTickCount()) > 0)
            Sleep(10);
        if (guests[i].refcount > 1)
            complain(&guests[i], "the service keeps the callback", S_OK);
    }
}

int crowd(int argc, WCHAR **argv)
{
    unsigned int i, limit = wcstoul(argv[4], NULL, 10);
    ULONGLONG start = get_time();
    WCHAR folder[MAX_PATH];
    IDOManager *manager;
    HRESULT hr;

    GetFullPathNameW(argv[2], ARRAYSIZE(folder), folder, NULL);
    guest_count = wcstoul(argv[3], NULL, 10);
    guests = calloc(guest_count, sizeof(*guests));
    news = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (!guests || FAILED(hr = open_download_manager(&manager)))
        return failed("activation", guests ? hr : E_OUTOFMEMORY);
    for (i = 0; i < guest_count; ++i)
        if (FAILED(hr = invite(&guests[i], manager, argv[0], folder)))
            return failed("a new download", hr);
    if (serve(argv[1], limit))
        check_references();
    IDOManager_Release(manager);
    printf("%u downloads, %u calls, %u wrong, %u ms\n", guest_count, calls, wrong,
            (unsigned int)((get_time() - start) / 1000));
    return wrong ? 1 : 0;
}
