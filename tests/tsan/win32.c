/*
 * Functions of Windows over POSIX, as far as the engine uses them
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

/* A slim lock is a lock of pthreads that is made when it is first taken, and stays when its memory is freed: TSan knows
 * those, tells readers from writers, and looks for locks that are taken in different orders. A condition variable wakes
 * all of its waiters, and any of them too often, as Windows may. Each call of the thread pool has a thread of its own.
 * Paths are those of Unix with backslashes. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "win32.h"

#include "bcrypt.h"
#include "sddl.h"
#include "shlwapi.h"
#include "winnls.h"

static __thread DWORD last_error_code;

DWORD shim_GetLastError(void)
{
    return last_error_code;
}

void shim_SetLastError(DWORD error)
{
    last_error_code = error;
}

HANDLE shim_GetProcessHeap(void)
{
    return NULL;
}

HANDLE shim_GetCurrentProcess(void)
{
    return NULL;
}

static void set_unix_error(void)
{
    switch (errno)
    {
    case ENOENT:  last_error_code = ERROR_FILE_NOT_FOUND; break;
    case ENOTDIR: last_error_code = ERROR_PATH_NOT_FOUND; break;
    case EEXIST:  last_error_code = ERROR_ALREADY_EXISTS; break;
    case EMFILE:  last_error_code = ERROR_TOO_MANY_OPEN_FILES; break;
    case ENOSPC:  last_error_code = ERROR_DISK_FULL; break;
    default:      last_error_code = ERROR_ACCESS_DENIED; break;
    }
}

/* Texts. */

size_t wcslen(const WCHAR *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

WCHAR *wcschr(const WCHAR *text, WCHAR c)
{
    while (*text != c && *text)
        text++;
    return *text == c ? (WCHAR *)text : NULL;
}

int wcsncmp(const WCHAR *text, const WCHAR *other, size_t length)
{
    for (; length && *text == *other && *text; length--, text++, other++)
        ;
    return length ? *text - *other : 0;
}

int wcscmp(const WCHAR *text, const WCHAR *other)
{
    return wcsncmp(text, other, ~(size_t)0);
}

static int lower(WCHAR c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

int wcsicmp(const WCHAR *text, const WCHAR *other)
{
    for (; lower(*text) == lower(*other) && *text; text++, other++)
        ;
    return lower(*text) - lower(*other);
}

int wcscpy_s(WCHAR *to, size_t size, const WCHAR *from)
{
    assert(wcslen(from) < size);
    memcpy(to, from, (wcslen(from) + 1) * sizeof(*to));
    return 0;
}

WCHAR *wcsdup(const WCHAR *text)
{
    size_t size = (wcslen(text) + 1) * sizeof(*text);
    WCHAR *ret = malloc(size);

    return ret ? memcpy(ret, text, size) : NULL;
}

/* For tags of local files, which nothing here has. */
int swprintf(WCHAR *buffer, size_t size, const WCHAR *format, ...)
{
    assert(0);
    return -1;
}

int rand_s(unsigned int *value)
{
    static unsigned int last;

    *value = __atomic_add_fetch(&last, 0x9e3779b9u, __ATOMIC_SEQ_CST);
    return 0;
}

/* Time. */

static UINT64 get_nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* Return the time of the system at which a timeout has passed. */
static struct timespec get_end(UINT64 milliseconds)
{
    UINT64 end = get_nanoseconds() + milliseconds * (1000000 / CLOCK_SPEED);

    return (struct timespec){ end / 1000000000, end % 1000000000 };
}

ULONGLONG WINAPI GetTickCount64(void)
{
    return get_nanoseconds() / (1000000 / CLOCK_SPEED);
}

void WINAPI GetSystemTimeAsFileTime(FILETIME *time)
{
    UINT64 value = 132000000000000000ull + GetTickCount64() * 10000;

    time->dwLowDateTime = value;
    time->dwHighDateTime = value >> 32;
}

BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *value)
{
    value->QuadPart = get_nanoseconds() / 100;
    return TRUE;
}

BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *value)
{
    value->QuadPart = 10000000 / CLOCK_SPEED;
    return TRUE;
}

/* Locks. */

/* Return the object behind a pointer, which create() makes if there is none. */
static void *get_object(void **place, void *(*create)(void), void (*destroy)(void *object))
{
    void *object = __atomic_load_n(place, __ATOMIC_ACQUIRE), *created;

    if (object)
        return object;
    created = create();
    if (__atomic_compare_exchange_n(place, &object, created, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return created;
    destroy(created);
    return object;
}

static void *create_lock(void)
{
    pthread_rwlock_t *lock = calloc(1, sizeof(*lock));
    pthread_rwlockattr_t attributes;

    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(lock, &attributes);
    return lock;
}

static void destroy_lock(void *lock)
{
    pthread_rwlock_destroy(lock);
    free(lock);
}

static pthread_rwlock_t *get_lock(SRWLOCK *lock)
{
    return get_object(&lock->Ptr, create_lock, destroy_lock);
}

void WINAPI InitializeSRWLock(SRWLOCK *lock)
{
    lock->Ptr = NULL;
}

void WINAPI AcquireSRWLockExclusive(SRWLOCK *lock)
{
    pthread_rwlock_wrlock(get_lock(lock));
}

void WINAPI AcquireSRWLockShared(SRWLOCK *lock)
{
    pthread_rwlock_rdlock(get_lock(lock));
}

void WINAPI ReleaseSRWLockExclusive(SRWLOCK *lock)
{
    pthread_rwlock_unlock(get_lock(lock));
}

void WINAPI ReleaseSRWLockShared(SRWLOCK *lock)
{
    pthread_rwlock_unlock(get_lock(lock));
}

struct condition
{
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    UINT64 wakes;
};

static void *create_condition(void)
{
    struct condition *condition = calloc(1, sizeof(*condition));
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&condition->cond, &attributes);
    pthread_mutex_init(&condition->mutex, NULL);
    return condition;
}

static void destroy_condition(void *object)
{
    struct condition *condition = object;

    pthread_cond_destroy(&condition->cond);
    pthread_mutex_destroy(&condition->mutex);
    free(condition);
}

static struct condition *get_condition(CONDITION_VARIABLE *variable)
{
    return get_object(&variable->Ptr, create_condition, destroy_condition);
}

void WINAPI InitializeConditionVariable(CONDITION_VARIABLE *variable)
{
    variable->Ptr = NULL;
}

void WINAPI WakeAllConditionVariable(CONDITION_VARIABLE *variable)
{
    struct condition *condition = get_condition(variable);

    pthread_mutex_lock(&condition->mutex);
    condition->wakes++;
    pthread_cond_broadcast(&condition->cond);
    pthread_mutex_unlock(&condition->mutex);
}

void WINAPI WakeConditionVariable(CONDITION_VARIABLE *variable)
{
    WakeAllConditionVariable(variable);
}

BOOL WINAPI SleepConditionVariableSRW(CONDITION_VARIABLE *variable, SRWLOCK *lock, DWORD timeout, ULONG flags)
{
    struct condition *condition = get_condition(variable);
    struct timespec end = get_end(timeout);
    UINT64 wakes;
    int ret = 0;

    pthread_mutex_lock(&condition->mutex);
    wakes = condition->wakes;
    pthread_rwlock_unlock(get_lock(lock));
    while (wakes == condition->wakes && ret != ETIMEDOUT)
    {
        if (timeout == INFINITE)
            pthread_cond_wait(&condition->cond, &condition->mutex);
        else
            ret = pthread_cond_timedwait(&condition->cond, &condition->mutex, &end);
    }
    pthread_mutex_unlock(&condition->mutex);
    if (flags & CONDITION_VARIABLE_LOCKMODE_SHARED)
        pthread_rwlock_rdlock(get_lock(lock));
    else
        pthread_rwlock_wrlock(get_lock(lock));
    if (ret == ETIMEDOUT)
        SetLastError(ERROR_TIMEOUT);
    return ret != ETIMEDOUT;
}

BOOL WINAPI InitOnceExecuteOnce(INIT_ONCE *once, PINIT_ONCE_FN proc, void *param, void **context)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&mutex);
    if (!once->Ptr && proc(once, param, context))
        once->Ptr = once;
    pthread_mutex_unlock(&mutex);
    return TRUE;
}

/* Memory. */

void * WINAPI VirtualAlloc(void *address, SIZE_T size, DWORD type, DWORD protection)
{
    return calloc(1, size);
}

BOOL WINAPI VirtualFree(void *address, SIZE_T size, DWORD type)
{
    free(address);
    return TRUE;
}

/* Threads. */

#define TLS_MAX 8

static __thread void *tls_values[TLS_MAX];

DWORD WINAPI TlsAlloc(void)
{
    static DWORD count;

    assert(count < TLS_MAX);
    return count++;
}

void * WINAPI TlsGetValue(DWORD index)
{
    return tls_values[index];
}

BOOL WINAPI TlsSetValue(DWORD index, void *value)
{
    tls_values[index] = value;
    return TRUE;
}

static BOOL start_thread(void *(*proc)(void *context), void *context)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int ret;

    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    ret = pthread_create(&thread, &attributes, proc, context);
    pthread_attr_destroy(&attributes);
    return !ret;
}

/* Work, a timer, or a single call. */
struct work
{
    LONG refcount;
    void *context;
    PTP_WORK_CALLBACK work_proc;
    PTP_TIMER_CALLBACK timer_proc;
    PTP_SIMPLE_CALLBACK simple_proc;
    struct condition *condition; /* of what follows */
    UINT running;
    BOOL is_closed;
    BOOL is_set;  /* of a timer, as the next */
    struct timespec due;
};

static struct work *create_work(void *context)
{
    struct work *work = calloc(1, sizeof(*work));

    work->refcount = 1;
    work->context = context;
    work->condition = create_condition();
    return work;
}

static void release_work(struct work *work)
{
    if (__atomic_sub_fetch(&work->refcount, 1, __ATOMIC_SEQ_CST))
        return;
    destroy_condition(work->condition);
    free(work);
}

static void set_running(struct work *work, int change)
{
    pthread_mutex_lock(&work->condition->mutex);
    work->running += change;
    pthread_cond_broadcast(&work->condition->cond);
    pthread_mutex_unlock(&work->condition->mutex);
}

static void wait_for_calls(struct work *work)
{
    pthread_mutex_lock(&work->condition->mutex);
    while (work->running)
        pthread_cond_wait(&work->condition->cond, &work->condition->mutex);
    pthread_mutex_unlock(&work->condition->mutex);
}

static void *call_proc(void *context)
{
    struct work *work = context;

    if (work->simple_proc)
        work->simple_proc(NULL, work->context);
    else
        work->work_proc(NULL, work->context, (TP_WORK *)work);
    set_running(work, -1);
    release_work(work);
    return NULL;
}

static BOOL submit(struct work *work)
{
    __atomic_add_fetch(&work->refcount, 1, __ATOMIC_SEQ_CST);
    set_running(work, 1);
    if (start_thread(call_proc, work))
        return TRUE;
    set_running(work, -1);
    release_work(work);
    return FALSE;
}

TP_POOL * WINAPI CreateThreadpool(void *reserved)
{
    return calloc(1, 1);
}

void WINAPI CloseThreadpool(TP_POOL *pool)
{
    free(pool);
}

void WINAPI SetThreadpoolThreadMaximum(TP_POOL *pool, DWORD maximum)
{
}

BOOL WINAPI CallbackMayRunLong(TP_CALLBACK_INSTANCE *instance)
{
    return TRUE;
}

TP_WORK * WINAPI CreateThreadpoolWork(PTP_WORK_CALLBACK proc, void *context, TP_CALLBACK_ENVIRON *environment)
{
    struct work *work = create_work(context);

    work->work_proc = proc;
    return (TP_WORK *)work;
}

void WINAPI SubmitThreadpoolWork(TP_WORK *work)
{
    if (!submit((struct work *)work))
        abort();
}

void WINAPI WaitForThreadpoolWorkCallbacks(TP_WORK *work, BOOL is_cancelling)
{
    wait_for_calls((struct work *)work);
}

void WINAPI CloseThreadpoolWork(TP_WORK *work)
{
    release_work((struct work *)work);
}

BOOL WINAPI TrySubmitThreadpoolCallback(PTP_SIMPLE_CALLBACK proc, void *context, TP_CALLBACK_ENVIRON *environment)
{
    struct work *work = create_work(context);
    BOOL ret;

    work->simple_proc = proc;
    ret = submit(work);
    release_work(work);
    return ret;
}

static BOOL is_over(const struct timespec *time)
{
    return get_nanoseconds() >= time->tv_sec * 1000000000ull + time->tv_nsec;
}

static void *timer_thread(void *context)
{
    struct work *timer = context;
    struct condition *condition = timer->condition;

    pthread_mutex_lock(&condition->mutex);
    while (!timer->is_closed)
    {
        if (!timer->is_set)
            pthread_cond_wait(&condition->cond, &condition->mutex);
        else if (!is_over(&timer->due))
            pthread_cond_timedwait(&condition->cond, &condition->mutex, &timer->due);
        if (timer->is_closed || !timer->is_set || !is_over(&timer->due))
            continue;
        timer->is_set = FALSE;
        timer->running++;
        pthread_mutex_unlock(&condition->mutex);
        timer->timer_proc(NULL, timer->context, (TP_TIMER *)timer);
        pthread_mutex_lock(&condition->mutex);
        timer->running--;
        pthread_cond_broadcast(&condition->cond);
    }
    pthread_mutex_unlock(&condition->mutex);
    release_work(timer);
    return NULL;
}

TP_TIMER * WINAPI CreateThreadpoolTimer(PTP_TIMER_CALLBACK proc, void *context, TP_CALLBACK_ENVIRON *environment)
{
    struct work *timer = create_work(context);

    timer->timer_proc = proc;
    timer->refcount++;
    if (!start_thread(timer_thread, timer))
        abort();
    return (TP_TIMER *)timer;
}

void WINAPI SetThreadpoolTimer(TP_TIMER *tp_timer, FILETIME *time, DWORD period, DWORD window)
{
    struct work *timer = (struct work *)tp_timer;
    LARGE_INTEGER delay;

    pthread_mutex_lock(&timer->condition->mutex);
    if ((timer->is_set = !!time))
    {
        delay.u.LowPart = time->dwLowDateTime;
        delay.u.HighPart = time->dwHighDateTime;
        timer->due = get_end(-delay.QuadPart / 10000);
    }
    pthread_cond_broadcast(&timer->condition->cond);
    pthread_mutex_unlock(&timer->condition->mutex);
}

void WINAPI WaitForThreadpoolTimerCallbacks(TP_TIMER *timer, BOOL is_cancelling)
{
    wait_for_calls((struct work *)timer);
}

void WINAPI CloseThreadpoolTimer(TP_TIMER *tp_timer)
{
    struct work *timer = (struct work *)tp_timer;

    pthread_mutex_lock(&timer->condition->mutex);
    timer->is_closed = TRUE;
    pthread_cond_broadcast(&timer->condition->cond);
    pthread_mutex_unlock(&timer->condition->mutex);
    release_work(timer);
}

/* Files; a handle is a descriptor and one more. */

static int get_descriptor(HANDLE file)
{
    return (int)(INT_PTR)file - 1;
}

static const char *get_unix_path(const WCHAR *path, char buffer[MAX_PATH])
{
    UINT i;

    for (i = 0; i < MAX_PATH - 1 && path[i]; i++)
        buffer[i] = path[i] == '\\' ? '/' : path[i];
    buffer[i] = 0;
    return buffer;
}

static BOOL check(int ret)
{
    if (ret >= 0)
        return TRUE;
    set_unix_error();
    return FALSE;
}

HANDLE WINAPI CreateFileW(const WCHAR *path, DWORD access, DWORD sharing, SECURITY_ATTRIBUTES *security,
        DWORD disposition, DWORD attributes, HANDLE template)
{
    int flags = access & GENERIC_WRITE ? O_RDWR : O_RDONLY, file;
    char buffer[MAX_PATH];

    get_unix_path(path, buffer);
    if (disposition == OPEN_ALWAYS && (file = open(buffer, flags | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) >= 0)
    {
        SetLastError(ERROR_SUCCESS);
        return (HANDLE)(INT_PTR)(file + 1);
    }
    if (!check(file = open(buffer, flags | O_CLOEXEC)))
        return INVALID_HANDLE_VALUE;
    SetLastError(disposition == OPEN_ALWAYS ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
    return (HANDLE)(INT_PTR)(file + 1);
}

BOOL WINAPI CloseHandle(HANDLE file)
{
    return check(close(get_descriptor(file)));
}

BOOL WINAPI ReadFile(HANDLE file, void *data, DWORD size, DWORD *count, OVERLAPPED *overlapped)
{
    ssize_t ret = read(get_descriptor(file), data, size);

    *count = max(ret, 0);
    return check(ret);
}

BOOL WINAPI WriteFile(HANDLE file, const void *data, DWORD size, DWORD *count, OVERLAPPED *overlapped)
{
    ssize_t ret = write(get_descriptor(file), data, size);

    *count = max(ret, 0);
    return check(ret);
}

BOOL WINAPI FlushFileBuffers(HANDLE file)
{
    return check(fsync(get_descriptor(file)));
}

BOOL WINAPI SetFilePointerEx(HANDLE file, LARGE_INTEGER distance, LARGE_INTEGER *position, DWORD method)
{
    off_t ret = lseek(get_descriptor(file), distance.QuadPart, method);

    if (position)
        position->QuadPart = ret;
    return check(ret < 0 ? -1 : 0);
}

BOOL WINAPI SetEndOfFile(HANDLE file)
{
    return check(ftruncate(get_descriptor(file), lseek(get_descriptor(file), 0, SEEK_CUR)));
}

BOOL WINAPI GetFileSizeEx(HANDLE file, LARGE_INTEGER *size)
{
    struct stat info;

    if (!check(fstat(get_descriptor(file), &info)))
        return FALSE;
    size->QuadPart = info.st_size;
    return TRUE;
}

BOOL WINAPI SetFileInformationByHandle(HANDLE file, FILE_INFO_BY_HANDLE_CLASS class, void *info, DWORD size)
{
    char link[32], from[MAX_PATH], to[MAX_PATH];
    ssize_t length;

    if (class != FileRenameInfo)
        return TRUE;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", get_descriptor(file));
    length = readlink(link, from, sizeof(from) - 1);
    from[max(length, 0)] = 0;
    get_unix_path(((FILE_RENAME_INFO *)info)->FileName, to);
    return check(renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE));
}

BOOL WINAPI MoveFileExW(const WCHAR *from, const WCHAR *to, DWORD flags)
{
    char from_path[MAX_PATH], to_path[MAX_PATH];

    return check(renameat2(AT_FDCWD, get_unix_path(from, from_path), AT_FDCWD, get_unix_path(to, to_path),
            flags & MOVEFILE_REPLACE_EXISTING ? 0 : RENAME_NOREPLACE));
}

/* All files are on one volume. */
BOOL WINAPI CopyFileW(const WCHAR *from, const WCHAR *to, BOOL fail_if_exists)
{
    SetLastError(ERROR_NOT_SUPPORTED);
    return FALSE;
}

BOOL WINAPI DeleteFileW(const WCHAR *path)
{
    char buffer[MAX_PATH];

    return check(unlink(get_unix_path(path, buffer)));
}

DWORD WINAPI GetFileAttributesW(const WCHAR *path)
{
    char buffer[MAX_PATH];
    struct stat info;

    if (!check(stat(get_unix_path(path, buffer), &info)))
        return INVALID_FILE_ATTRIBUTES;
    return S_ISDIR(info.st_mode) ? FILE_ATTRIBUTE_DIRECTORY : FILE_ATTRIBUTE_NORMAL;
}

BOOL WINAPI SetFileAttributesW(const WCHAR *path, DWORD attributes)
{
    return TRUE;
}

BOOL WINAPI CreateDirectoryW(const WCHAR *path, SECURITY_ATTRIBUTES *security)
{
    char buffer[MAX_PATH];

    return check(mkdir(get_unix_path(path, buffer), 0700));
}

/* What the engine does without. */

static BOOL refuse(void)
{
    SetLastError(ERROR_CALL_NOT_IMPLEMENTED);
    return FALSE;
}

BOOL WINAPI GetFileInformationByHandle(HANDLE file, BY_HANDLE_FILE_INFORMATION *info)
{
    return refuse();
}

BOOL WINAPI GetDiskFreeSpaceExW(const WCHAR *path, ULARGE_INTEGER *available, ULARGE_INTEGER *total,
        ULARGE_INTEGER *all)
{
    available->QuadPart = total->QuadPart = (UINT64)1 << 40;
    return TRUE;
}

HANDLE WINAPI FindFirstFileW(const WCHAR *pattern, WIN32_FIND_DATAW *data)
{
    refuse();
    return INVALID_HANDLE_VALUE;
}

BOOL WINAPI FindNextFileW(HANDLE find, WIN32_FIND_DATAW *data)
{
    return refuse();
}

BOOL WINAPI FindClose(HANDLE find)
{
    return refuse();
}

/* So there are no Unix names of files. */
DWORD WINAPI GetFullPathNameW(const WCHAR *path, DWORD size, WCHAR *buffer, WCHAR **name)
{
    return refuse();
}

HMODULE WINAPI GetModuleHandleW(const WCHAR *name)
{
    return NULL;
}

FARPROC WINAPI GetProcAddress(HMODULE module, const char *name)
{
    return NULL;
}

int WINAPI MultiByteToWideChar(UINT page, DWORD flags, const char *text, int length, WCHAR *buffer, int size)
{
    return refuse();
}

int WINAPI CompareStringOrdinal(const WCHAR *a, int a_length, const WCHAR *b, int b_length, BOOL ignore_case)
{
    return refuse();
}

BOOL WINAPI HeapFree(HANDLE heap, DWORD flags, void *memory)
{
    return refuse();
}

HLOCAL WINAPI LocalFree(HLOCAL memory)
{
    return NULL;
}

BOOL WINAPI OpenProcessToken(HANDLE process, DWORD access, HANDLE *token)
{
    return refuse();
}

BOOL WINAPI GetTokenInformation(HANDLE token, TOKEN_INFORMATION_CLASS class, void *data, DWORD size, DWORD *needed)
{
    return refuse();
}

BOOL WINAPI ConvertSidToStringSidW(PSID sid, WCHAR **text)
{
    return refuse();
}

HRESULT WINAPI PathCreateFromUrlW(const WCHAR *url, WCHAR *path, DWORD *size, DWORD reserved)
{
    return E_NOTIMPL;
}
