/*
 * A status callback that takes notes
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

/* A recorder of every OnStatusChange, which a test can let block, fail or act. */

#ifndef __DOSVC_TESTS_RECORDER_H
#define __DOSVC_TESTS_RECORDER_H

struct recorded
{
    DO_DOWNLOAD_STATUS status;
    DWORD time; /* of GetTickCount */
    DWORD thread;
};

#define RECORDER_MAX_CALLS 1024

struct recorder
{
    IDODownloadStatusCallback IDODownloadStatusCallback_iface;
    LONG refcount;

    HRESULT result; /* of the calls */
    HANDLE gate;    /* calls wait for it; NULL: they do not */
    /* Called before the gate. The download is valid during the call. */
    void (*handler)(struct recorder *recorder, IDODownload *download, const DO_DOWNLOAD_STATUS *status);
    void *context;

    HANDLE called; /* auto-reset event, set when a call has been recorded */
    CRITICAL_SECTION cs; /* for the rest */
    struct recorded calls[RECORDER_MAX_CALLS]; /* the first so many */
    unsigned int count;
    LONG depth; /* calls at the moment: never more than one */
};

static inline struct recorder *impl_from_IDODownloadStatusCallback(IDODownloadStatusCallback *iface)
{
    return CONTAINING_RECORD(iface, struct recorder, IDODownloadStatusCallback_iface);
}

static HRESULT STDMETHODCALLTYPE recorder_QueryInterface(IDODownloadStatusCallback *iface, REFIID iid, void **out)
{
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDODownloadStatusCallback))
    {
        *out = iface;
        IDODownloadStatusCallback_AddRef(iface);
        return S_OK;
    }
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE recorder_AddRef(IDODownloadStatusCallback *iface)
{
    return InterlockedIncrement(&impl_from_IDODownloadStatusCallback(iface)->refcount);
}

static ULONG STDMETHODCALLTYPE recorder_Release(IDODownloadStatusCallback *iface)
{
    struct recorder *recorder = impl_from_IDODownloadStatusCallback(iface);
    ULONG refcount = InterlockedDecrement(&recorder->refcount);

    if (!refcount)
    {
        CloseHandle(recorder->called);
        DeleteCriticalSection(&recorder->cs);
        free(recorder);
    }
    return refcount;
}

static HRESULT STDMETHODCALLTYPE recorder_OnStatusChange(IDODownloadStatusCallback *iface, IDODownload *download,
        const DO_DOWNLOAD_STATUS *status)
{
    struct recorder *recorder = impl_from_IDODownloadStatusCallback(iface);
    HRESULT result;

    ok(!!download, "DL-102: there is no download.\n");
    ok(InterlockedIncrement(&recorder->depth) == 1, "DL-107: two calls at a time.\n");
    EnterCriticalSection(&recorder->cs);
    if (recorder->count < RECORDER_MAX_CALLS)
    {
        recorder->calls[recorder->count].status = *status;
        recorder->calls[recorder->count].time = GetTickCount();
        recorder->calls[recorder->count].thread = GetCurrentThreadId();
    }
    ++recorder->count;
    result = recorder->result;
    LeaveCriticalSection(&recorder->cs);

    /* Whoever gets the event may drop the last reference. */
    IDODownloadStatusCallback_AddRef(iface);
    if (recorder->handler)
        recorder->handler(recorder, download, status);
    SetEvent(recorder->called);
    if (recorder->gate)
        wait_event("DL-111", recorder->gate);
    InterlockedDecrement(&recorder->depth);
    IDODownloadStatusCallback_Release(iface);
    return result;
}

static const IDODownloadStatusCallbackVtbl recorder_vtbl =
{
    recorder_QueryInterface,
    recorder_AddRef,
    recorder_Release,
    recorder_OnStatusChange,
};

static inline struct recorder *recorder_create(void)
{
    struct recorder *recorder = test_alloc(sizeof(*recorder));

    recorder->IDODownloadStatusCallback_iface.lpVtbl = (IDODownloadStatusCallbackVtbl *)&recorder_vtbl;
    recorder->refcount = 1;
    InitializeCriticalSection(&recorder->cs);
    recorder->called = CreateEventW(NULL, FALSE, FALSE, NULL);
    return recorder;
}

static inline void recorder_release(struct recorder *recorder)
{
    IDODownloadStatusCallback_Release(&recorder->IDODownloadStatusCallback_iface);
}

#define recorder_register(id, recorder, download) recorder_register_(__FILE__, __LINE__, id, recorder, download)
static inline void recorder_register_(const char *file, int line, const char *id, struct recorder *recorder,
        IDODownload *download)
{
    HRESULT hr;

    hr = dl_set_object(download, DODownloadProperty_CallbackInterface, &recorder->IDODownloadStatusCallback_iface);
    ok_(file, line)(hr == S_OK, "%s: setting CallbackInterface gives %#lx.\n", id, hr);
}

static inline unsigned int recorder_count(struct recorder *recorder)
{
    unsigned int count;

    EnterCriticalSection(&recorder->cs);
    count = recorder->count;
    LeaveCriticalSection(&recorder->cs);
    return count;
}

/* How many calls have told of this state. */
static inline unsigned int recorder_count_state(struct recorder *recorder, DODownloadState state)
{
    unsigned int i, count = 0;

    EnterCriticalSection(&recorder->cs);
    for (i = 0; i < min(recorder->count, RECORDER_MAX_CALLS); ++i)
        if (recorder->calls[i].status.State == state)
            ++count;
    LeaveCriticalSection(&recorder->cs);
    return count;
}

/* The call with this index among those that told of the state; FALSE if there are not so many. */
static inline BOOL recorder_get(struct recorder *recorder, DODownloadState state, unsigned int index,
        struct recorded *call)
{
    BOOL found = FALSE;
    unsigned int i;

    EnterCriticalSection(&recorder->cs);
    for (i = 0; !found && i < min(recorder->count, RECORDER_MAX_CALLS); ++i)
    {
        if (recorder->calls[i].status.State != state || index--)
            continue;
        *call = recorder->calls[i];
        found = TRUE;
    }
    LeaveCriticalSection(&recorder->cs);
    return found;
}

/* Waits until so many calls have told of the state. */
#define recorder_wait(id, recorder, state, count) recorder_wait_(__FILE__, __LINE__, id, recorder, state, count)
static inline BOOL recorder_wait_(const char *file, int line, const char *id, struct recorder *recorder,
        DODownloadState state, unsigned int count)
{
    DWORD end = GetTickCount() + LIMIT_MS, index;

    while (recorder_count_state(recorder, state) < count && (LONG)(end - GetTickCount()) > 0)
        CoWaitForMultipleHandles(0, 100, 1, &recorder->called, &index);
    ok_(file, line)(recorder_count_state(recorder, state) >= count, "%s: %u calls told of state %s, expected %u.\n",
            id, recorder_count_state(recorder, state), debugstr_dl_state(state), count);
    return recorder_count_state(recorder, state) >= count;
}

/* Compares the states that the calls told of, one letter each, with what is
 * expected; a state that was told several times in a row counts once. */
#define recorder_check_states(id, recorder, states) \
    recorder_check_states_(__FILE__, __LINE__, id, recorder, states)
static inline void recorder_check_states_(const char *file, int line, const char *id, struct recorder *recorder,
        const char *expected)
{
    static const char letters[] = "CTDFAP";
    char states[64] = "", letter;
    unsigned int i, count = 0;

    EnterCriticalSection(&recorder->cs);
    for (i = 0; i < min(recorder->count, RECORDER_MAX_CALLS) && count < sizeof(states) - 1; ++i)
    {
        letter = letters[min((unsigned int)recorder->calls[i].status.State, 5)];
        if (!count || states[count - 1] != letter)
            states[count++] = letter;
    }
    LeaveCriticalSection(&recorder->cs);
    ok_(file, line)(!strcmp(states, expected), "%s: the calls told of %s, expected %s.\n", id, states, expected);
}

/* The reference of the service is dropped at its leisure. Drops ours. */
#define recorder_check_released(id, recorder) recorder_check_released_(__FILE__, __LINE__, id, recorder)
static inline void recorder_check_released_(const char *file, int line, const char *id, struct recorder *recorder)
{
    ULONG refcount = wait_last_reference(&recorder->IDODownloadStatusCallback_iface);

    ok_(file, line)(refcount == 1, "%s: got refcount %lu.\n", id, refcount);
    recorder_release(recorder);
}

#endif /* __DOSVC_TESTS_RECORDER_H */
