/*
 * A callback object that takes notes
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

/* The object records every call; a test can let it block, fail or act, and
 * compares the record with the sequence that it expects. */

#ifndef __DOSVC_TESTS_CLIENT_H
#define __DOSVC_TESTS_CLIENT_H

enum call_kind
{
    CALL_TRANSFERRED,
    CALL_ERROR,
    CALL_MODIFICATION,
    CALL_FILE,
    CALL_KIND_COUNT,
};

struct call
{
    enum call_kind kind;
    GUID job;
    BG_JOB_STATE state; /* as GetState says during the call */
    HRESULT code;       /* CALL_ERROR: of the error object */
    DWORD reserved;     /* CALL_MODIFICATION */
    UINT64 size;        /* CALL_FILE: of the file */
    DWORD thread;
};

#define CLIENT_MAX_CALLS 128

struct client
{
    IBackgroundCopyCallback2 IBackgroundCopyCallback2_iface;
    LONG refcount;
    BOOL is_plain; /* no IBackgroundCopyCallback2 */

    HRESULT results[CALL_KIND_COUNT]; /* of the calls */
    HANDLE gate; /* calls wait for it; NULL: they do not */
    /* Called before the gate. The job is valid during the call. */
    void (*handler)(struct client *client, const struct call *call, IBackgroundCopyJob *job);
    void *context;

    HANDLE called[CALL_KIND_COUNT]; /* auto-reset events, set when a call has been recorded */
    CRITICAL_SECTION cs; /* for the rest */
    LONG counts[CALL_KIND_COUNT];
    struct call calls[CLIENT_MAX_CALLS]; /* the first so many */
    unsigned int call_count;
};

/* A row of an expected sequence. */
enum expected_flags
{
    EXPECT_MUST = 0x0, /* exactly once */
    EXPECT_MAY  = 0x1, /* not at all or once */
    EXPECT_MANY = 0x2, /* any further ones of the same kind */
};

struct expected_call
{
    enum call_kind kind;
    unsigned int flags;
    BG_JOB_STATE state; /* ANY_STATE: not looked at */
};

#define ANY_STATE ((BG_JOB_STATE)~0u)

static inline const char *debugstr_call(enum call_kind kind)
{
    static const char *const names[] = { "JobTransferred", "JobError", "JobModification", "FileTransferred" };

    return names[kind];
}

static inline struct client *impl_from_IBackgroundCopyCallback2(IBackgroundCopyCallback2 *iface)
{
    return CONTAINING_RECORD(iface, struct client, IBackgroundCopyCallback2_iface);
}

static HRESULT STDMETHODCALLTYPE client_QueryInterface(IBackgroundCopyCallback2 *iface, REFIID iid, void **out)
{
    struct client *client = impl_from_IBackgroundCopyCallback2(iface);

    *out = NULL;
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IBackgroundCopyCallback)
            || (IsEqualIID(iid, &IID_IBackgroundCopyCallback2) && !client->is_plain))
    {
        *out = iface;
        IBackgroundCopyCallback2_AddRef(iface);
        return S_OK;
    }
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE client_AddRef(IBackgroundCopyCallback2 *iface)
{
    return InterlockedIncrement(&impl_from_IBackgroundCopyCallback2(iface)->refcount);
}

static ULONG STDMETHODCALLTYPE client_Release(IBackgroundCopyCallback2 *iface)
{
    struct client *client = impl_from_IBackgroundCopyCallback2(iface);
    ULONG refcount = InterlockedDecrement(&client->refcount);
    unsigned int i;

    if (!refcount)
    {
        for (i = 0; i < CALL_KIND_COUNT; ++i)
            CloseHandle(client->called[i]);
        DeleteCriticalSection(&client->cs);
        free(client);
    }
    return refcount;
}

static inline HRESULT client_record(struct client *client, struct call *call, IBackgroundCopyJob *job)
{
    HRESULT hr;

    call->thread = GetCurrentThreadId();
    call->state = ANY_STATE;
    ok(!!job, "JOB-129: there is no job.\n");
    hr = IBackgroundCopyJob_GetState(job, &call->state);
    ok(hr == S_OK, "JOB-129: GetState in a callback gives %#lx.\n", hr);
    IBackgroundCopyJob_GetId(job, &call->job);

    EnterCriticalSection(&client->cs);
    ++client->counts[call->kind];
    if (client->call_count < CLIENT_MAX_CALLS)
        client->calls[client->call_count++] = *call;
    hr = client->results[call->kind];
    LeaveCriticalSection(&client->cs);

    /* Whoever gets the event may drop the last reference. */
    IBackgroundCopyCallback2_AddRef(&client->IBackgroundCopyCallback2_iface);
    if (client->handler)
        client->handler(client, call, job);
    SetEvent(client->called[call->kind]);
    if (client->gate)
        wait_event("JOB-140", client->gate);
    IBackgroundCopyCallback2_Release(&client->IBackgroundCopyCallback2_iface);
    return hr;
}

static HRESULT STDMETHODCALLTYPE client_JobTransferred(IBackgroundCopyCallback2 *iface, IBackgroundCopyJob *job)
{
    struct call call = { CALL_TRANSFERRED };

    return client_record(impl_from_IBackgroundCopyCallback2(iface), &call, job);
}

static HRESULT STDMETHODCALLTYPE client_JobError(IBackgroundCopyCallback2 *iface, IBackgroundCopyJob *job,
        IBackgroundCopyError *error)
{
    struct call call = { CALL_ERROR };
    BG_ERROR_CONTEXT context;
    HRESULT hr;

    ok(!!error, "JOB-131: there is no error object.\n");
    hr = IBackgroundCopyError_GetError(error, &context, &call.code);
    ok(hr == S_OK, "JOB-131: GetError in a callback gives %#lx.\n", hr);
    return client_record(impl_from_IBackgroundCopyCallback2(iface), &call, job);
}

static HRESULT STDMETHODCALLTYPE client_JobModification(IBackgroundCopyCallback2 *iface, IBackgroundCopyJob *job,
        DWORD reserved)
{
    struct call call = { CALL_MODIFICATION, .reserved = reserved };

    return client_record(impl_from_IBackgroundCopyCallback2(iface), &call, job);
}

static HRESULT STDMETHODCALLTYPE client_FileTransferred(IBackgroundCopyCallback2 *iface, IBackgroundCopyJob *job,
        IBackgroundCopyFile *file)
{
    struct call call = { CALL_FILE };
    BG_FILE_PROGRESS progress;
    HRESULT hr;

    ok(!!file, "JOB-134: there is no file.\n");
    hr = IBackgroundCopyFile_GetProgress(file, &progress);
    ok(hr == S_OK, "JOB-134: GetProgress in a callback gives %#lx.\n", hr);
    ok(progress.BytesTransferred == progress.BytesTotal, "JOB-134: got %s of %s bytes.\n",
            debugstr_u64(progress.BytesTransferred), debugstr_u64(progress.BytesTotal));
    call.size = progress.BytesTotal;
    return client_record(impl_from_IBackgroundCopyCallback2(iface), &call, job);
}

static const IBackgroundCopyCallback2Vtbl client_vtbl =
{
    client_QueryInterface,
    client_AddRef,
    client_Release,
    client_JobTransferred,
    client_JobError,
    client_JobModification,
    client_FileTransferred,
};

static inline struct client *client_create(void)
{
    struct client *client = test_alloc(sizeof(*client));
    unsigned int i;

    client->IBackgroundCopyCallback2_iface.lpVtbl = (IBackgroundCopyCallback2Vtbl *)&client_vtbl;
    client->refcount = 1;
    InitializeCriticalSection(&client->cs);
    for (i = 0; i < CALL_KIND_COUNT; ++i)
        client->called[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
    return client;
}

static inline void client_release(struct client *client)
{
    IBackgroundCopyCallback2_Release(&client->IBackgroundCopyCallback2_iface);
}

static inline LONG client_get_count(struct client *client, enum call_kind kind)
{
    LONG count;

    EnterCriticalSection(&client->cs);
    count = client->counts[kind];
    LeaveCriticalSection(&client->cs);
    return count;
}

static inline void client_set_result(struct client *client, enum call_kind kind, HRESULT result)
{
    EnterCriticalSection(&client->cs);
    client->results[kind] = result;
    LeaveCriticalSection(&client->cs);
}

#define client_register(id, client, job, flags) client_register_(__FILE__, __LINE__, id, client, job, flags)
static inline void client_register_(const char *file, int line, const char *id, struct client *client,
        IBackgroundCopyJob *job, ULONG flags)
{
    HRESULT hr;

    hr = IBackgroundCopyJob_SetNotifyFlags(job, flags);
    ok_(file, line)(hr == S_OK, "%s: SetNotifyFlags gives %#lx.\n", id, hr);
    hr = IBackgroundCopyJob_SetNotifyInterface(job, (IUnknown *)&client->IBackgroundCopyCallback2_iface);
    ok_(file, line)(hr == S_OK, "%s: SetNotifyInterface gives %#lx.\n", id, hr);
}

/* Waits until the client has been called so often. */
#define client_wait(id, client, kind, count) client_wait_(__FILE__, __LINE__, id, client, kind, count)
static inline BOOL client_wait_(const char *file, int line, const char *id, struct client *client,
        enum call_kind kind, LONG count)
{
    while (client_get_count(client, kind) < count)
        if (!wait_event_(file, line, id, client->called[kind]))
            return FALSE;
    return TRUE;
}

#define client_check_count(id, client, kind, count) client_check_count_(__FILE__, __LINE__, id, client, kind, count)
static inline void client_check_count_(const char *file, int line, const char *id, struct client *client,
        enum call_kind kind, LONG count)
{
    LONG ret = client_get_count(client, kind);

    ok_(file, line)(ret == count, "%s: %s was called %ld times, expected %ld.\n", id, debugstr_call(kind), ret, count);
}

/* Compares the record with the expected calls; stops at the first difference. */
#define client_check_sequence(id, client, expected, count) \
    client_check_sequence_(__FILE__, __LINE__, id, client, expected, count)
static inline void client_check_sequence_(const char *file, int line, const char *id, struct client *client,
        const struct expected_call *expected, unsigned int count)
{
    unsigned int i = 0, row;

    EnterCriticalSection(&client->cs);
    for (row = 0; row < count; ++row)
    {
        if (i < client->call_count && client->calls[i].kind == expected[row].kind)
        {
            ok_(file, line)(expected[row].state == ANY_STATE || client->calls[i].state == expected[row].state,
                    "%s: in call %u, %s, the state is %s, expected %s.\n", id, i, debugstr_call(client->calls[i].kind),
                    debugstr_state(client->calls[i].state), debugstr_state(expected[row].state));
            ++i;
            while ((expected[row].flags & EXPECT_MANY) && i < client->call_count
                    && client->calls[i].kind == expected[row].kind)
                ++i;
        }
        else if (!(expected[row].flags & (EXPECT_MAY | EXPECT_MANY)))
        {
            ok_(file, line)(0, "%s: call %u is %s, expected %s.\n", id, i,
                    i < client->call_count ? debugstr_call(client->calls[i].kind) : "missing",
                    debugstr_call(expected[row].kind));
            break;
        }
    }
    ok_(file, line)(i == client->call_count || row < count, "%s: unexpected call %u, %s.\n", id, i,
            i < client->call_count ? debugstr_call(client->calls[i].kind) : "");
    LeaveCriticalSection(&client->cs);
}

#endif /* __DOSVC_TESTS_CLIENT_H */
