/*
 * dosvc.dll that checks the order of its locks
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

/* The objects of dosvc.dll, linked so that what they do with slim locks comes through here. The class of a lock is the
 * place of its InitializeSRWLock, or the lock itself if it is static (lock_order.h). What is found goes to LOG_NAME,
 * with addresses that the script makes names of, and ends the process. The log has each pair of classes, too, of which
 * the second was taken while the first was held. */

#define COBJMACROS
#define CONST_VTABLE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "windef.h"
#include "winbase.h"
#include "objbase.h"
#include "lock_order.h"

#define LOG_NAME  L"C:\\dosvc-locks.log"
#define EXIT_CODE 0x10cc  /* of a service that has found something */
#define FRAMES    24

/* Guarded by order_lock. */
static SRWLOCK order_lock = SRWLOCK_INIT;
static struct lock_order order;

static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static DWORD fls_index;
static const char *image;

static void (WINAPI *p_InitializeSRWLock)(SRWLOCK *lock);
static BOOL (WINAPI *p_SleepConditionVariableSRW)(CONDITION_VARIABLE *variable, SRWLOCK *lock, DWORD timeout,
        ULONG flags);

extern VOID WINAPI __real_AcquireSRWLockExclusive(SRWLOCK *lock);
extern VOID WINAPI __real_AcquireSRWLockShared(SRWLOCK *lock);
extern VOID WINAPI __real_ReleaseSRWLockExclusive(SRWLOCK *lock);
extern VOID WINAPI __real_ReleaseSRWLockShared(SRWLOCK *lock);

static void write_log(const char *text, int length)
{
    HANDLE file = CreateFileW(LOG_NAME, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS, 0,
            NULL);
    DWORD written;

    WriteFile(file, text, length, &written, NULL);
    CloseHandle(file);
}

static void report(enum lock_finding finding, const struct held_locks *held)
{
    char buffer[8192];
    void *frames[FRAMES];
    int length, i, count;

    length = lock_order_describe(&order, finding, held, buffer, sizeof(buffer) - 1024);
    count = RtlCaptureStackBackTrace(0, FRAMES, frames, NULL);
    for (i = 0; i < count; i++)
    {
        if ((const char *)frames[i] >= image && (size_t)((const char *)frames[i] - image) < order.image_size)
            length += snprintf(buffer + length, sizeof(buffer) - length, "called from: place+%#x\n",
                    (unsigned int)((const char *)frames[i] - image));
    }
    write_log(buffer, length);
    TerminateProcess(GetCurrentProcess(), EXIT_CODE);
}

static struct held_locks *get_held(void)
{
    struct held_locks *held = FlsGetValue(fls_index);

    if (!held && (held = calloc(1, sizeof(*held))))
        FlsSetValue(fls_index, held);
    return held;
}

/* No lock may be held when the service calls a client, be it a callback, a stream, or a reference that is released. COM
 * tells its hooks of each call, on the thread that makes it. */

static HRESULT WINAPI hook_QueryInterface(IChannelHook *iface, REFIID iid, void **object)
{
    if (!IsEqualGUID(iid, &IID_IUnknown) && !IsEqualGUID(iid, &IID_IChannelHook))
    {
        *object = NULL;
        return E_NOINTERFACE;
    }
    *object = iface;
    return S_OK;
}

static ULONG WINAPI hook_AddRef(IChannelHook *iface)
{
    return 2;
}

static ULONG WINAPI hook_Release(IChannelHook *iface)
{
    return 1;
}

static void WINAPI hook_ClientGetSize(IChannelHook *iface, REFGUID id, REFIID iid, ULONG *size)
{
    struct held_locks *held = get_held();
    static LONG calls;

    *size = 0;
    if (!InterlockedExchange(&calls, 1))
        write_log("calls are seen\n", 15);
    if (held->count)
        report(LOCK_HELD_IN_CALL, held);
}

static void WINAPI hook_ClientFillBuffer(IChannelHook *iface, REFGUID id, REFIID iid, ULONG *size, void *buffer)
{
}

static void WINAPI hook_ClientNotify(IChannelHook *iface, REFGUID id, REFIID iid, ULONG size, void *buffer, DWORD rep,
        HRESULT fault)
{
}

static void WINAPI hook_ServerNotify(IChannelHook *iface, REFGUID id, REFIID iid, ULONG size, void *buffer, DWORD rep)
{
}

static void WINAPI hook_ServerGetSize(IChannelHook *iface, REFGUID id, REFIID iid, HRESULT fault, ULONG *size)
{
    *size = 0;
}

static void WINAPI hook_ServerFillBuffer(IChannelHook *iface, REFGUID id, REFIID iid, ULONG *size, void *buffer,
        HRESULT fault)
{
}

static const IChannelHookVtbl hook_vtbl =
{
    hook_QueryInterface,
    hook_AddRef,
    hook_Release,
    hook_ClientGetSize,
    hook_ClientFillBuffer,
    hook_ClientNotify,
    hook_ServerNotify,
    hook_ServerGetSize,
    hook_ServerFillBuffer,
};

static IChannelHook hook = { &hook_vtbl };
static const GUID hook_id = { 0x6d0c4a51, 0x5a0e, 0x4d2b, { 0x9b, 0x1f, 0x30, 0x84, 0x0a, 0x7c, 0x55, 0xe2 } };

static void WINAPI free_held(void *held)
{
    free(held);
}

static BOOL CALLBACK init(INIT_ONCE *once_param, void *param, void **context)
{
    HMODULE kernel32 = GetModuleHandleW(L"kernel32.dll"), module;
    const IMAGE_NT_HEADERS *headers;

    p_InitializeSRWLock = (void *)GetProcAddress(kernel32, "InitializeSRWLock");
    p_SleepConditionVariableSRW = (void *)GetProcAddress(kernel32, "SleepConditionVariableSRW");
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
            (const WCHAR *)init, &module);
    image = (const char *)module;
    headers = (const IMAGE_NT_HEADERS *)(image + ((const IMAGE_DOS_HEADER *)image)->e_lfanew);
    lock_order_init(&order, image, headers->OptionalHeader.SizeOfImage);
    fls_index = FlsAlloc(free_held);
    CoRegisterChannelHook(&hook_id, &hook);
    return TRUE;
}

static void take(SRWLOCK *lock, const void *place)
{
    struct held_locks *held;
    enum lock_finding finding;
    char text[64];
    UINT i;

    InitOnceExecuteOnce(&once, init, NULL, NULL);
    held = get_held();
    __real_AcquireSRWLockExclusive(&order_lock);
    finding = lock_order_take(&order, held, lock, place);
    if (finding == LOCK_FOLLOWS)
    {
        for (i = 0; i + 1 < held->count; i++)
            write_log(text, snprintf(text, sizeof(text), "pair: class+%#x class+%#x\n",
                    (unsigned int)((const char *)order.classes[held->locks[i].class] - image),
                    (unsigned int)((const char *)order.classes[held->locks[held->count - 1].class] - image)));
    }
    else if (finding != LOCK_FINE)
        report(finding, held);
    __real_ReleaseSRWLockExclusive(&order_lock);
}

static void leave(SRWLOCK *lock)
{
    struct held_locks *held = get_held();

    if (lock_order_leave(held, lock) != LOCK_FINE)
        report(LOCK_NOT_HELD, held);
}

extern VOID WINAPI __wrap_AcquireSRWLockExclusive(SRWLOCK *lock);
extern VOID WINAPI __wrap_AcquireSRWLockShared(SRWLOCK *lock);
extern VOID WINAPI __wrap_ReleaseSRWLockExclusive(SRWLOCK *lock);
extern VOID WINAPI __wrap_ReleaseSRWLockShared(SRWLOCK *lock);

VOID WINAPI __wrap_AcquireSRWLockExclusive(SRWLOCK *lock)
{
    take(lock, __builtin_return_address(0));
    __real_AcquireSRWLockExclusive(lock);
}

VOID WINAPI __wrap_AcquireSRWLockShared(SRWLOCK *lock)
{
    take(lock, __builtin_return_address(0));
    __real_AcquireSRWLockShared(lock);
}

VOID WINAPI __wrap_ReleaseSRWLockExclusive(SRWLOCK *lock)
{
    leave(lock);
    __real_ReleaseSRWLockExclusive(lock);
}

VOID WINAPI __wrap_ReleaseSRWLockShared(SRWLOCK *lock)
{
    leave(lock);
    __real_ReleaseSRWLockShared(lock);
}

static void WINAPI make(SRWLOCK *lock)
{
    const void *place = __builtin_return_address(0);
    struct held_locks made = { 0 };

    InitOnceExecuteOnce(&once, init, NULL, NULL);
    __real_AcquireSRWLockExclusive(&order_lock);
    if (lock_order_make(&order, lock, place) != LOCK_FINE)
        report(LOCK_TOO_MANY, &made);
    __real_ReleaseSRWLockExclusive(&order_lock);
    p_InitializeSRWLock(lock);
}

/* Waiting leaves the lock, and takes it again while the others are held. */
static BOOL WINAPI sleep(CONDITION_VARIABLE *variable, SRWLOCK *lock, DWORD timeout, ULONG flags)
{
    const void *place = __builtin_return_address(0);
    BOOL ret;

    leave(lock);
    take(lock, place);
    ret = p_SleepConditionVariableSRW(variable, lock, timeout, flags);
    return ret;
}

#ifdef _WIN64
#define IMPORTED(name, size) __asm__("__imp_" name)
#else
#define IMPORTED(name, size) __asm__("__imp__" name "@" size)
#endif

/* In place of the entries of the table of imports. */
extern void (WINAPI *imported_InitializeSRWLock)(SRWLOCK *lock) IMPORTED("InitializeSRWLock", "4");
extern BOOL (WINAPI *imported_SleepConditionVariableSRW)(CONDITION_VARIABLE *variable, SRWLOCK *lock, DWORD timeout,
        ULONG flags) IMPORTED("SleepConditionVariableSRW", "16");

void (WINAPI *imported_InitializeSRWLock)(SRWLOCK *lock) = make;
BOOL (WINAPI *imported_SleepConditionVariableSRW)(CONDITION_VARIABLE *variable, SRWLOCK *lock, DWORD timeout,
        ULONG flags) = sleep;
