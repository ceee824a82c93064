/*
 * Fuzzer of both APIs: one call
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

#include "fuzz.h"

#define LIMIT        5000u  /* milliseconds that a call may take */
#define MAX_NAMES    160
#define MAX_WATCHED  256

/* Calls that wait, as they should. */
static const struct
{
    const char *name, *reason;
}
waiting[] =
{
    {"IDODownload::Start", "with BlockingMode it returns when the download has ended"},
};

static LONG call_count;
static SRWLOCK lock = SRWLOCK_INIT;
static struct
{
    const char *name;
    unsigned int calls, failures, faults, too_long;
    DWORD longest;
}
counts[MAX_NAMES];
static struct fuzzer *watched[MAX_WATCHED];
/* The innermost call of the thread. */
static __thread const char *own_call;

static const char *get_reason(const char *name)
{
    unsigned int i;

    for (i = 0; i < ARRAYSIZE(waiting); ++i)
        if (!strcmp(waiting[i].name, name))
            return waiting[i].reason;
    return NULL;
}

/* An exception in the service, as Wine's RPC hands it on. One in the proxy, for arguments that it cannot read, comes
 * as EXCEPTION_ACCESS_VIOLATION itself. */
static BOOL is_fault(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_NOACCESS) || hr == RPC_E_SERVERFAULT;
}

static void count_call(const char *name, HRESULT hr, DWORD duration)
{
    unsigned int i;

    InterlockedIncrement(&call_count);
    AcquireSRWLockExclusive(&lock);
    for (i = 0; i < MAX_NAMES - 1 && counts[i].name && strcmp(counts[i].name, name); ++i)
        ;
    counts[i].name = name;
    counts[i].calls++;
    counts[i].failures += FAILED(hr);
    counts[i].faults += is_fault(hr);
    counts[i].too_long += duration > LIMIT;
    counts[i].longest = max(counts[i].longest, duration);
    ReleaseSRWLockExclusive(&lock);
}

void call_begin(struct fuzzer *fuzzer, const char *name)
{
    if (options.is_verbose)
        printf("%p %s\n", fuzzer, name);
    own_call = name;
    fuzzer->since = GetTickCount();
    InterlockedExchangePointer((void **)&fuzzer->call, (void *)name);
}

void call_end(struct fuzzer *fuzzer, HRESULT hr)
{
    const char *name = InterlockedExchangePointer((void **)&fuzzer->call, NULL);
    DWORD duration = GetTickCount() - fuzzer->since;

    own_call = NULL;
    if (options.is_verbose)
        printf("%p %s %#lx %lu ms\n", fuzzer, name, hr, duration);
    if (duration > LIMIT && !get_reason(name) && hr != HRESULT_FROM_WIN32(RPC_S_SERVER_TOO_BUSY))
        printf("too long: %s took %lu ms, and gave %#lx\n", name, duration, hr);
    if (is_fault(hr))
        printf("fault: %s gave %#lx\n", name, hr);
    count_call(name, hr, duration);
    if (hr == HRESULT_FROM_WIN32(RPC_S_SERVER_TOO_BUSY))
    {
        printf("lost: %s cannot connect any more\n", name);
        give_up(EXIT_LOST);
    }
    fuzzer->calls++;
}

const char *get_own_call(void)
{
    return own_call ? own_call : "no call";
}

unsigned int get_call_count(void)
{
    return InterlockedCompareExchange(&call_count, 0, 0);
}

/* The number of slots counts in 32 bits, where the method takes them off the stack. */
#define SLOTS_1 ULONG_PTR
#define SLOTS_2 SLOTS_1, ULONG_PTR
#define SLOTS_3 SLOTS_2, ULONG_PTR
#define SLOTS_4 SLOTS_3, ULONG_PTR
#define SLOTS_5 SLOTS_4, ULONG_PTR
#define SLOTS_6 SLOTS_5, ULONG_PTR
#define SLOTS_7 SLOTS_6, ULONG_PTR
#define SLOTS_8 SLOTS_7, ULONG_PTR
#define INVOKE(count, ...) ((HRESULT (STDMETHODCALLTYPE *)(void *, SLOTS_##count))method)(object, __VA_ARGS__)

static HRESULT invoke(IUnknown *object, unsigned int index, const ULONG_PTR *s, unsigned int count)
{
    void *method = (*(void ***)object)[index];

    switch (count)
    {
        case 0: return ((HRESULT (STDMETHODCALLTYPE *)(void *))method)(object);
        case 1: return INVOKE(1, s[0]);
        case 2: return INVOKE(2, s[0], s[1]);
        case 3: return INVOKE(3, s[0], s[1], s[2]);
        case 4: return INVOKE(4, s[0], s[1], s[2], s[3]);
        case 5: return INVOKE(5, s[0], s[1], s[2], s[3], s[4]);
        case 6: return INVOKE(6, s[0], s[1], s[2], s[3], s[4], s[5]);
        case 7: return INVOKE(7, s[0], s[1], s[2], s[3], s[4], s[5], s[6]);
        default: return INVOKE(8, s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
    }
}

static const struct method *draw_method(struct fuzzer *fuzzer)
{
    unsigned int i, total = 0, number;

    for (i = 0; i < method_count; ++i)
        total += methods[i].weight;
    number = draw_below(fuzzer, total);
    for (i = 0; number >= methods[i].weight; ++i)
        number -= methods[i].weight;
    return &methods[i];
}

static void keep_results(struct fuzzer *fuzzer, struct frame *frame, const struct method *method)
{
    unsigned int i;

    if (frame->object)
        pool_add(fuzzer, frame->object, method->result ? method->result : frame->object_kind);
    for (i = 0; frame->objects && i < MAX_OBJECTS && frame->objects[i]; ++i)
        pool_add(fuzzer, frame->objects[i], method->result);
}

void fuzz_once(struct fuzzer *fuzzer)
{
    const struct method *method = draw_method(fuzzer);
    IUnknown *object = pool_get(fuzzer, method->kind);
    struct frame *frame;
    unsigned int i;
    HRESULT hr;

    if (!object)
        return;
    if ((frame = calloc(1, sizeof(*frame))))
    {
        for (i = 0; i < MAX_ARGUMENTS && method->arguments[i]; ++i)
            add_argument(fuzzer, frame, method->arguments[i]);
        CALL(fuzzer, method->name, hr, invoke(object, method->index, frame->slots, frame->count));
        if (SUCCEEDED(hr))
            keep_results(fuzzer, frame, method);
        free_frame(frame);
        free(frame);
    }
    IUnknown_Release(object);
}

BOOL report_calls(void)
{
    unsigned int i, calls = 0, failures = 0, used = 0;
    const char *reason, *slowest = "none";
    BOOL ret = FALSE;
    DWORD longest = 0;

    for (i = 0; i < MAX_NAMES && counts[i].name; ++i)
    {
        calls += counts[i].calls;
        failures += counts[i].failures;
        used += counts[i].calls > counts[i].failures;
        reason = get_reason(counts[i].name);
        if (counts[i].too_long)
            printf("%s: %u calls over %u ms, the longest %lu ms%s%s\n", counts[i].name, counts[i].too_long, LIMIT,
                    counts[i].longest, reason ? "; " : "", reason ? reason : "");
        ret |= counts[i].faults || (counts[i].too_long && !reason);
        if (!reason && counts[i].longest > longest)
        {
            longest = counts[i].longest;
            slowest = counts[i].name;
        }
    }
    printf("%u calls, %u failed, %u methods succeeded, longest %lu ms in %s\n", calls, failures, used, longest,
            slowest);
    for (i = 0; options.is_verbose && i < MAX_NAMES && counts[i].name; ++i)
        printf("%8u %8u failed %6lu ms %s\n", counts[i].calls, counts[i].failures, counts[i].longest, counts[i].name);
    return ret;
}

void watch_fuzzer(struct fuzzer *fuzzer, BOOL is_watched)
{
    unsigned int i;

    AcquireSRWLockExclusive(&lock);
    for (i = 0; i < MAX_WATCHED && watched[i] != (is_watched ? NULL : fuzzer); ++i)
        ;
    if (i < MAX_WATCHED)
        watched[i] = is_watched ? fuzzer : NULL;
    ReleaseSRWLockExclusive(&lock);
}

/* The call of a slot that began that many milliseconds ago, NULL if there is none. */
static const char *get_waiting(unsigned int slot, DWORD limit)
{
    const char *call = watched[slot] ? watched[slot]->call : NULL;

    return call && GetTickCount() - watched[slot]->since >= limit ? call : NULL;
}

BOOL has_waited(DWORD limit, BOOL is_design)
{
    const char *call;
    unsigned int i;
    BOOL ret = FALSE;

    AcquireSRWLockShared(&lock);
    for (i = 0; i < MAX_WATCHED; ++i)
        if ((call = get_waiting(i, limit)) && is_design == !!get_reason(call))
            ret = TRUE;
    ReleaseSRWLockShared(&lock);
    return ret;
}

void tell_waiting(DWORD limit)
{
    const char *call;
    unsigned int i;

    AcquireSRWLockShared(&lock);
    printf("stuck: %u calls have been made\n", get_call_count());
    for (i = 0; i < MAX_WATCHED; ++i)
        if ((call = get_waiting(i, limit)))
            printf("stuck: %s has not returned for %lu ms\n", call, GetTickCount() - watched[i]->since);
    ReleaseSRWLockShared(&lock);
}
