/*
 * The system that the service runs on: Wine or not, settings, its names of files, the user, threads
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

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/base.h"
#include "base/retry.h"
#include "base/wineheaders.h"

#include "sddl.h"
#include "winnls.h"

HINSTANCE dosvc_instance;

void timer_set(TP_TIMER *timer, ULONGLONG due, ULONGLONG now)
{
    LARGE_INTEGER delay;
    FILETIME time;

    delay.QuadPart = due > now ? -(LONGLONG)(due - now) * 10000 : -1; /* relative */
    time.dwLowDateTime = delay.u.LowPart;
    time.dwHighDateTime = delay.u.HighPart;
    SetThreadpoolTimer(timer, &time, 0, 0);
}

void timer_close(TP_TIMER *timer)
{
    if (!timer)
        return;
    SetThreadpoolTimer(timer, NULL, 0, 0);
    WaitForThreadpoolTimerCallbacks(timer, TRUE);
    CloseThreadpoolTimer(timer);
}

UINT64 get_system_time(void)
{
    FILETIME time;

    GetSystemTimeAsFileTime(&time);
    return (UINT64)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

UINT64 get_microseconds(void)
{
    LARGE_INTEGER value, frequency;

    QueryPerformanceCounter(&value);
    QueryPerformanceFrequency(&frequency);
    return value.QuadPart * 1000000 / frequency.QuadPart;
}

HRESULT get_user_sid(WCHAR **sid)
{
    char buffer[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof(buffer);
    HRESULT hr = S_OK;
    WCHAR *string;
    HANDLE token;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return HRESULT_FROM_WIN32(GetLastError());
    if (!GetTokenInformation(token, TokenUser, buffer, size, &size)
            || !ConvertSidToStringSidW(((TOKEN_USER *)buffer)->User.Sid, &string))
        hr = HRESULT_FROM_WIN32(GetLastError());
    else
    {
        if (!(*sid = wcsdup(string)))
            hr = E_OUTOFMEMORY;
        LocalFree(string);
    }
    CloseHandle(token);
    return hr;
}

WCHAR *join_text(const WCHAR *text, UINT length, const WCHAR *end)
{
    UINT size = length + wcslen(end) + 1;
    WCHAR *ret;

    if ((ret = calloc(size, sizeof(*ret))))
    {
        memcpy(ret, text, length * sizeof(*ret));
        wcscpy_s(ret + length, size - length, end);
    }
    return ret;
}

WCHAR *join(const WCHAR *text, const WCHAR *end)
{
    return join_text(text, wcslen(text), end);
}

BOOL array_grow(void **array, UINT count, UINT *capacity, UINT size)
{
    UINT larger = max(64, *capacity * 2);
    void *grown;

    if (count < *capacity)
        return TRUE;
    if (!(grown = realloc(*array, larger * size)))
        return FALSE;
    *array = grown;
    *capacity = larger;
    return TRUE;
}

void *pages_alloc(UINT size)
{
    return VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

BOOL pages_resize(void **pages, UINT used, UINT size)
{
    void *resized;

    if (!(resized = pages_alloc(size)))
        return FALSE;
    if (used)
        memcpy(resized, *pages, used);
    pages_free(*pages);
    *pages = resized;
    return TRUE;
}

void pages_free(void *pages)
{
    if (pages)
        VirtualFree(pages, 0, MEM_RELEASE);
}

WCHAR *make_full_path(const WCHAR *path)
{
    WCHAR *full;
    DWORD size;

    if (!wcsncmp(path, L"\\\\?\\", 4))
        return wcsdup(path);
    if (!(size = GetFullPathNameW(path, 0, NULL, NULL)) || !(full = malloc(size * sizeof(*full))))
        return NULL;
    if (GetFullPathNameW(path, size, full, NULL) < size)
        return full;
    free(full);
    return NULL;
}

BOOL is_same_path(const WCHAR *path, const WCHAR *other)
{
    if (!wcsncmp(path, L"\\\\?\\", 4))
        path += 4;
    if (!wcsncmp(other, L"\\\\?\\", 4))
        other += 4;
    return CompareStringOrdinal(path, -1, other, -1, TRUE) == CSTR_EQUAL;
}

ULONGLONG progress_now(void)
{
    static struct progress_clock clock;
    static SRWLOCK lock;
    ULONGLONG ret;

    AcquireSRWLockExclusive(&lock);
    ret = progress_clock_advance(&clock, GetTickCount64());
    ReleaseSRWLockExclusive(&lock);
    return ret;
}

struct batch
{
    LONG refcount;
    void (*proc)(void *context, UINT index);
    void *context;
    UINT count;
    LONG next; /* interlocked */
    SRWLOCK lock;
    UINT left; /* calls that have not returned; guarded by lock */
    CONDITION_VARIABLE ended;
};

static void batch_release(struct batch *batch)
{
    if (!InterlockedDecrement(&batch->refcount))
        free(batch);
}

static void run_batch(struct batch *batch)
{
    UINT i;

    while ((i = InterlockedIncrement(&batch->next) - 1) < batch->count)
    {
        batch->proc(batch->context, i);
        AcquireSRWLockExclusive(&batch->lock);
        if (!--batch->left)
            WakeConditionVariable(&batch->ended);
        ReleaseSRWLockExclusive(&batch->lock);
    }
}

static void CALLBACK batch_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    CallbackMayRunLong(instance);
    run_batch(context);
    batch_release(context);
}

/* A thread that begins when all is done finds nothing. It is not cancelled: Wine (8.0) counts what is cancelled as busy
 * for ever, and so makes one more thread each time. */
void run_parallel(UINT count, UINT threads, void (*proc)(void *context, UINT index), void *context)
{
    struct batch *batch;
    UINT i;

    threads = min(count, threads);
    if (threads < 2 || !(batch = calloc(1, sizeof(*batch))))
    {
        for (i = 0; i < count; i++)
            proc(context, i);
        return;
    }
    batch->refcount = threads;
    batch->proc = proc;
    batch->context = context;
    batch->count = count;
    batch->left = count;
    InitializeSRWLock(&batch->lock);
    InitializeConditionVariable(&batch->ended);
    for (i = 1; i < threads; i++)
    {
        if (!TrySubmitThreadpoolCallback(batch_proc, batch, NULL))
            batch_release(batch);
    }
    run_batch(batch);
    AcquireSRWLockExclusive(&batch->lock);
    while (batch->left)
        SleepConditionVariableSRW(&batch->ended, &batch->lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&batch->lock);
    batch_release(batch);
}

/* Wine looks for a name that is missing once more, in any case, among all names of the folder; when there are many,
 * that takes longer than to write the file. In its namespace of Unix names it does not. */

#define UNIX_FILE_MAX 0x200000 /* bytes */
#define CP_UNIXCP 65010 /* Wine's number for the code page of Unix names */

static const WCHAR prefix[] = L"\\\\?\\unix";

/* A file of /proc does not tell its size before it is read. */
char *read_unix_file(const WCHAR *path, UINT *size)
{
    char *data = NULL, *grown;
    UINT capacity = 0x4000;
    BOOL is_read = FALSE;
    DWORD count;
    HANDLE file;

    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    for (*size = 0; !is_read && capacity <= UNIX_FILE_MAX && (grown = realloc(data, capacity)); capacity *= 2)
    {
        data = grown;
        while (*size < capacity - 1 && ReadFile(file, data + *size, capacity - 1 - *size, &count, NULL) && count)
            *size += count;
        if ((is_read = *size < capacity - 1))
            data[*size] = 0;
    }
    CloseHandle(file);
    if (is_read)
        return data;
    free(data);
    return NULL;
}

/* Return whether Windows takes the path as it is: no device, and nothing at its end that is left out. A Unix name could
 * create what no file can be called. */
static BOOL is_plain(const WCHAR *path, UINT length)
{
    WCHAR full[MAX_PATH];
    DWORD size = GetFullPathNameW(path, MAX_PATH, full, NULL);
    const WCHAR *p;

    if (!size || size >= MAX_PATH || wcscmp(full, path))
        return FALSE;
    for (p = path + length; *p >= ' ' && !wcschr(L"\"*/:<>?|", *p); p++)
        ;
    return !*p;
}

/* Return the folder in the namespace of Unix names, with a separator at its end. The caller frees it. */
static WCHAR *widen(const char *folder)
{
    UINT start = wcslen(prefix);
    WCHAR *ret, *p;
    int length;

    if (!(length = MultiByteToWideChar(CP_UNIXCP, 0, folder, -1, NULL, 0)))
        return NULL;
    if (!(ret = malloc((start + length + 1) * sizeof(*ret))))
        return NULL;
    wcscpy_s(ret, start + length + 1, prefix);
    MultiByteToWideChar(CP_UNIXCP, 0, folder, -1, ret + start, length);
    for (p = ret + start; *p; p++)
    {
        if (*p == '/')
            *p = '\\';
    }
    if (p[-1] != '\\')
        *p++ = '\\';
    *p = 0;
    return ret;
}

/* Return the Unix name of a folder, or NULL. The caller frees it. */
static WCHAR *get_unix_folder(const WCHAR *folder)
{
    char *(__cdecl *p_get_unix_file_name)(const WCHAR *);
    WCHAR *ret = NULL;
    char *name;

    p_get_unix_file_name = (void *)GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "wine_get_unix_file_name");
    if (!p_get_unix_file_name || !(name = p_get_unix_file_name(folder)))
        return NULL;
    /* A backslash separates names in that namespace, too. */
    if (name[0] == '/' && !strchr(name, '\\'))
        ret = widen(name);
    HeapFree(GetProcessHeap(), 0, name);
    return ret;
}

/* The folder of the last call, since one folder gets many files. It may be another one by now, or gone: the caller then
 * uses the path. */
static SRWLOCK last_lock = SRWLOCK_INIT;
static WCHAR *last_folder, *last_unix_folder;

static WCHAR *join_last(const WCHAR *path, UINT length)
{
    WCHAR *ret = NULL;

    AcquireSRWLockShared(&last_lock);
    if (last_folder && !wcsncmp(last_folder, path, length) && !last_folder[length])
        ret = join(last_unix_folder, path + length);
    ReleaseSRWLockShared(&last_lock);
    return ret;
}

static void set_last(WCHAR *folder, WCHAR *unix_folder)
{
    AcquireSRWLockExclusive(&last_lock);
    free(last_folder);
    free(last_unix_folder);
    last_folder = folder;
    last_unix_folder = unix_folder;
    ReleaseSRWLockExclusive(&last_lock);
}

WCHAR *unix_name_from_path(const WCHAR *path, UINT length)
{
    WCHAR *folder, *unix_folder, *ret;

    if (!is_plain(path, length))
        return NULL;
    if ((ret = join_last(path, length)))
        return ret;
    if (!(folder = join_text(path, length, L"")))
        return NULL;
    if (!(unix_folder = get_unix_folder(folder)))
    {
        free(folder);
        return NULL;
    }
    ret = join(unix_folder, path + length);
    set_last(folder, unix_folder);
    return ret;
}
