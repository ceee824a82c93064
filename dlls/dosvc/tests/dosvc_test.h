/*
 * Helpers of the conformance tests
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

/* Every message starts with the id of the statement that it checks, as in
 * "JOB-010: got hr 0x80004005."; helpers get the id as a parameter.
 *
 * A fixture is what nearly every test needs: a manager, an origin server, an
 * empty folder and a job with no files. fixture_close() leaves nothing of it. */

#ifndef __DOSVC_TESTS_DOSVC_TEST_H
#define __DOSVC_TESTS_DOSVC_TEST_H

#define COBJMACROS

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <winsock2.h>
#include <windows.h>
#include <ole2.h>
#include <oleauto.h>
#ifdef DEFINE_TEST_GUIDS /* in one file, as Wine's headers may not define them twice */
#include <initguid.h>
#endif
#include <deliveryoptimization.h>
#include <deliveryoptimizationjob.h>
#include "wine/test.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
#endif

#ifndef E_NOT_SET
#define E_NOT_SET __HRESULT_FROM_WIN32(ERROR_NOT_FOUND)
#endif

#include "origin.h"

/* Longer than anything takes, even on a busy machine: a wait that reaches it has failed. */
#define LIMIT_MS 30000
#define POLL_MS  20

#define SIZE_UNKNOWN (~(UINT64)0)

/* COM's proxy rejects a NULL where the interface demands a pointer; without a
 * proxy the service does. */
#define is_null_arg(hr) ((hr) == E_INVALIDARG || (hr) == HRESULT_FROM_WIN32(RPC_X_NULL_REF_POINTER))

struct fixture
{
    IBackgroundCopyManager *manager;
    struct origin *origin;
    IBackgroundCopyJob *job;
    WCHAR dir[MAX_PATH]; /* ends with a backslash */
    WCHAR path[MAX_PATH]; /* a name in it that does not exist: what most tests download to */
};

static inline const char *debugstr_state(BG_JOB_STATE state)
{
    static const char *const names[] =
    {
        "QUEUED", "CONNECTING", "TRANSFERRING", "SUSPENDED", "ERROR", "TRANSIENT_ERROR", "TRANSFERRED",
        "ACKNOWLEDGED", "CANCELLED",
    };

    return (unsigned int)state < ARRAY_SIZE(names) ? names[state] : wine_dbg_sprintf("%u", state);
}

static inline const char *debugstr_u64(UINT64 value)
{
    char buffer[24];

    return value == SIZE_UNKNOWN ? "unknown" : wine_dbg_sprintf("%s", origin_print_u64(buffer, value));
}

/* Interfaces */

#define check_interface(id, object, iid, supported) \
    check_interface_(__FILE__, __LINE__, id, object, iid, supported)
static inline void check_interface_(const char *file, int line, const char *id, void *object, REFIID iid,
        BOOL supported)
{
    HRESULT expected = supported ? S_OK : E_NOINTERFACE;
    IUnknown *unknown = (IUnknown *)0xdeadbeef;
    HRESULT hr;

    hr = IUnknown_QueryInterface((IUnknown *)object, iid, (void **)&unknown);
    ok_(file, line)(hr == expected, "%s: QueryInterface(%s) gives %#lx, expected %#lx.\n", id, wine_dbgstr_guid(iid),
            hr, expected);
    ok_(file, line)(!unknown == !supported, "%s: got object %p for %s.\n", id, unknown, wine_dbgstr_guid(iid));
    if (SUCCEEDED(hr) && unknown)
        IUnknown_Release(unknown);
}

static inline ULONG get_refcount(void *object)
{
    IUnknown_AddRef((IUnknown *)object);
    return IUnknown_Release((IUnknown *)object);
}

#define check_refcount(id, object, refcount) check_refcount_(__FILE__, __LINE__, id, object, refcount)
static inline void check_refcount_(const char *file, int line, const char *id, void *object, ULONG refcount)
{
    ULONG ret = get_refcount(object);

    ok_(file, line)(ret == refcount, "%s: got refcount %lu, expected %lu.\n", id, ret, refcount);
}

/* The caller releases the result. */
#define query(id, object, iid, out) query_(__FILE__, __LINE__, id, object, iid, (void **)(out))
static inline HRESULT query_(const char *file, int line, const char *id, void *object, REFIID iid, void **out)
{
    HRESULT hr = IUnknown_QueryInterface((IUnknown *)object, iid, out);

    ok_(file, line)(hr == S_OK, "%s: QueryInterface(%s) gives %#lx.\n", id, wine_dbgstr_guid(iid), hr);
    return hr;
}

#ifndef TEST_CLSID /* the tests of BITS have another one */
#define TEST_CLSID CLSID_DeliveryOptimization
#define TEST_TEMP  L"DO"
#endif

static inline HRESULT create_manager(IBackgroundCopyManager **manager)
{
    *manager = NULL;
    return CoCreateInstance(&TEST_CLSID, NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager,
            (void **)manager);
}

/* Files and folders */

static inline WCHAR *join_path(WCHAR *path, const WCHAR *dir, const WCHAR *name)
{
    swprintf(path, MAX_PATH, L"%ls%ls", dir, name);
    return path;
}

static inline void create_dir(WCHAR *dir)
{
    WCHAR temp[MAX_PATH];
    UINT ret;

    GetTempPathW(ARRAY_SIZE(temp), temp);
    ret = GetTempFileNameW(temp, L"dos", 0, dir);
    ok(ret, "GetTempFileName gives error %lu.\n", GetLastError());
    DeleteFileW(dir);
    ret = CreateDirectoryW(dir, NULL);
    ok(ret, "CreateDirectory(%s) gives error %lu.\n", wine_dbgstr_w(dir), GetLastError());
    wcscat(dir, L"\\");
}

/* Calls back for each name in a folder other than the two dots; returns how many there are. */
static inline unsigned int list_dir(const WCHAR *dir, void (*callback)(const WCHAR *path, DWORD attributes))
{
    WIN32_FIND_DATAW data;
    WCHAR path[MAX_PATH];
    unsigned int count = 0;
    HANDLE find;

    if ((find = FindFirstFileW(join_path(path, dir, L"*"), &data)) == INVALID_HANDLE_VALUE)
        return 0;
    do
    {
        if (!wcscmp(data.cFileName, L".") || !wcscmp(data.cFileName, L".."))
            continue;
        ++count;
        if (callback)
            callback(join_path(path, dir, data.cFileName), data.dwFileAttributes);
    } while (FindNextFileW(find, &data));
    FindClose(find);
    return count;
}

static inline void delete_path(const WCHAR *path, DWORD attributes)
{
    SetFileAttributesW(path, FILE_ATTRIBUTE_NORMAL);
    if (attributes & FILE_ATTRIBUTE_DIRECTORY)
        RemoveDirectoryW(path);
    else
        DeleteFileW(path);
}

/* With all that is in it, but for what lies in its folders. */
static inline BOOL delete_dir(const WCHAR *dir)
{
    list_dir(dir, delete_path);
    return RemoveDirectoryW(dir);
}

static inline void trace_path(const WCHAR *path, DWORD attributes)
{
    trace("%s, attributes %#lx\n", wine_dbgstr_w(path), attributes);
}

#define check_dir_count(id, dir, count) check_dir_count_(__FILE__, __LINE__, id, dir, count)
static inline void check_dir_count_(const char *file, int line, const char *id, const WCHAR *dir, unsigned int count)
{
    unsigned int ret = list_dir(dir, NULL);

    ok_(file, line)(ret == count, "%s: the folder has %u files, expected %u.\n", id, ret, count);
    if (ret != count)
        list_dir(dir, trace_path);
}

static inline BOOL file_exists(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

/* The first temporary file in the folder; returns how many there are. */
static inline unsigned int find_temp(const WCHAR *dir, WCHAR *path)
{
    WIN32_FIND_DATAW data;
    unsigned int count = 0;
    WCHAR pattern[MAX_PATH];
    HANDLE find;

    if ((find = FindFirstFileW(join_path(pattern, dir, TEST_TEMP L"*.tmp"), &data)) == INVALID_HANDLE_VALUE)
        return 0;
    do
    {
        /* The prefix and the extension are in this case, says download-api 7.1. */
        if (wcsncmp(data.cFileName, TEST_TEMP, wcslen(TEST_TEMP))
                || wcscmp(data.cFileName + wcslen(data.cFileName) - 4, L".tmp"))
            continue;
        if (!count++ && path)
            join_path(path, dir, data.cFileName);
    } while (FindNextFileW(find, &data));
    FindClose(find);
    return count;
}

/* Without its path, in UTF-8. */
static inline unsigned int count_name_bytes(const WCHAR *path)
{
    return WideCharToMultiByte(CP_UTF8, 0, wcsrchr(path, '\\') + 1, -1, NULL, 0, NULL, NULL) - 1;
}

/* A name that takes so many bytes in UTF-8, mostly by letters beyond ASCII. */
static inline WCHAR *join_long_name(WCHAR *path, const WCHAR *dir, unsigned int bytes)
{
    unsigned int i, length = wcslen(join_path(path, dir, bytes % 2 ? L"x" : L""));

    for (i = 0; i < bytes / 2; ++i)
        path[length + i] = 0xfc;
    path[length + i] = 0;
    return path;
}

static inline void write_file(const WCHAR *path, const char *text)
{
    DWORD written;
    HANDLE handle;

    handle = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    ok(handle != INVALID_HANDLE_VALUE, "Cannot create %s, error %lu.\n", wine_dbgstr_w(path), GetLastError());
    WriteFile(handle, text, strlen(text), &written, NULL);
    CloseHandle(handle);
}

/* Whether the next size bytes of the file are those at the offset of the resource. */
static inline BOOL has_bytes(HANDLE handle, const struct resource *resource, UINT64 offset, UINT64 size)
{
    BYTE *block = test_alloc(ORIGIN_BLOCK_SIZE);
    DWORD part, read;
    BOOL ret = TRUE;

    for (; ret && size; size -= part, offset += part)
    {
        part = origin_min(size, ORIGIN_BLOCK_SIZE);
        ret = ReadFile(handle, block, part, &read, NULL) && read == part
                && origin_is_at(resource->seed, offset, block, part);
    }
    free(block);
    return ret;
}

/* Checks that a file has these ranges of the resource, one after another, and nothing else. */
#define check_ranges_content(id, path, resource, ranges, count) \
    check_ranges_content_(__FILE__, __LINE__, id, path, resource, ranges, count)
static inline void check_ranges_content_(const char *file, int line, const char *id, const WCHAR *path,
        const struct resource *resource, const BG_FILE_RANGE *ranges, unsigned int count)
{
    LARGE_INTEGER size = { { 0 } };
    UINT64 expected = 0;
    unsigned int i;
    HANDLE handle;

    handle = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
            OPEN_EXISTING, 0, NULL);
    ok_(file, line)(handle != INVALID_HANDLE_VALUE, "%s: cannot open %s, error %lu.\n", id, wine_dbgstr_w(path),
            GetLastError());
    if (handle == INVALID_HANDLE_VALUE)
        return;
    for (i = 0; i < count; ++i)
    {
        ok_(file, line)(has_bytes(handle, resource, ranges[i].InitialOffset, ranges[i].Length),
                "%s: the content of range %u is wrong.\n", id, i);
        expected += ranges[i].Length;
    }
    GetFileSizeEx(handle, &size);
    ok_(file, line)(size.QuadPart == (LONGLONG)expected, "%s: the file has %s bytes, expected %s.\n", id,
            debugstr_u64(size.QuadPart), debugstr_u64(expected));
    CloseHandle(handle);
}

#define check_content(id, path, resource) check_content_(__FILE__, __LINE__, id, path, resource)
static inline void check_content_(const char *file, int line, const char *id, const WCHAR *path,
        const struct resource *resource)
{
    BG_FILE_RANGE all = { 0, resource->size };

    check_ranges_content_(file, line, id, path, resource, &all, 1);
}

/* Jobs */

#define create_job(manager) create_job_(__FILE__, __LINE__, manager)
static inline IBackgroundCopyJob *create_job_(const char *file, int line, IBackgroundCopyManager *manager)
{
    IBackgroundCopyJob *job = NULL;
    HRESULT hr;
    GUID id;

    hr = IBackgroundCopyManager_CreateJob(manager, L"dosvc test", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    ok_(file, line)(hr == S_OK, "JOB-010: CreateJob gives %#lx.\n", hr);
    return job;
}

/* A job that another process has made; the caller releases it. */
static inline IBackgroundCopyJob *find_job(IBackgroundCopyManager *manager, const WCHAR *name)
{
    IBackgroundCopyJob *job, *found = NULL;
    IEnumBackgroundCopyJobs *jobs;
    WCHAR *other;

    if (FAILED(IBackgroundCopyManager_EnumJobs(manager, 0, &jobs)))
        return NULL;
    while (!found && IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL) == S_OK)
    {
        other = NULL;
        IBackgroundCopyJob_GetDisplayName(job, &other);
        if (other && !wcscmp(other, name))
            found = job;
        else
            IBackgroundCopyJob_Release(job);
        CoTaskMemFree(other);
    }
    IEnumBackgroundCopyJobs_Release(jobs);
    return found;
}

static inline BG_JOB_STATE get_state(IBackgroundCopyJob *job)
{
    BG_JOB_STATE state = 0xdeadbeef;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetState(job, &state);
    ok(hr == S_OK, "GetState gives %#lx.\n", hr);
    return state;
}

static inline BOOL is_final(BG_JOB_STATE state)
{
    return state == BG_JOB_STATE_ACKNOWLEDGED || state == BG_JOB_STATE_CANCELLED;
}

/* Ends the job, whatever it is doing, and drops the caller's reference. */
static inline void discard_job(IBackgroundCopyJob *job)
{
    if (!is_final(get_state(job)))
        IBackgroundCopyJob_Cancel(job);
    IBackgroundCopyJob_Release(job);
}

static inline void add_ranges_(const char *file, int line, const char *id, IBackgroundCopyJob *job,
        const struct resource *resource, const WCHAR *path, BG_FILE_RANGE *ranges, DWORD count, UINT64 size,
        HRESULT expected)
{
    IDeliveryOptimizationJob *dojob;
    HRESULT hr;

    if (FAILED(query_(file, line, id, job, &IID_IDeliveryOptimizationJob, (void **)&dojob)))
        return;
    hr = IDeliveryOptimizationJob_AddFileWithRanges(dojob, L"file-id", resource->url, path, count, ranges, size);
    ok_(file, line)(hr == expected, "%s: AddFileWithRanges gives %#lx, expected %#lx.\n", id, hr, expected);
    IDeliveryOptimizationJob_Release(dojob);
}
#define add_ranges(id, job, resource, path, ranges, count, size, expected) \
    add_ranges_(__FILE__, __LINE__, id, job, resource, path, ranges, count, size, expected)
#define add_file(id, job, resource, path) \
    add_ranges_(__FILE__, __LINE__, id, job, resource, path, NULL, 0, DO_UNKNOWN_FILE_SIZE, S_OK)

/* The caller releases the file. */
#define get_file(id, job, index) get_file_(__FILE__, __LINE__, id, job, index)
static inline IBackgroundCopyFile *get_file_(const char *file, int line, const char *id, IBackgroundCopyJob *job,
        unsigned int index)
{
    IBackgroundCopyFile *bgfile = NULL;
    IEnumBackgroundCopyFiles *files;
    HRESULT hr;

    hr = IBackgroundCopyJob_EnumFiles(job, &files);
    ok_(file, line)(hr == S_OK, "%s: EnumFiles gives %#lx.\n", id, hr);
    if (FAILED(hr))
        return NULL;
    if (index)
        IEnumBackgroundCopyFiles_Skip(files, index);
    hr = IEnumBackgroundCopyFiles_Next(files, 1, &bgfile, NULL);
    ok_(file, line)(hr == S_OK, "%s: there is no file %u, hr %#lx.\n", id, index, hr);
    IEnumBackgroundCopyFiles_Release(files);
    return bgfile;
}

#define check_hr(id, hr, expected) check_hr_(__FILE__, __LINE__, id, hr, expected)
static inline void check_hr_(const char *file, int line, const char *id, HRESULT hr, HRESULT expected)
{
    ok_(file, line)(hr == expected, "%s: got hr %#lx, expected %#lx.\n", id, hr, expected);
}

#define check_null_arg(id, hr) check_null_arg_(__FILE__, __LINE__, id, hr)
static inline void check_null_arg_(const char *file, int line, const char *id, HRESULT hr)
{
    ok_(file, line)(is_null_arg(hr), "%s: got hr %#lx, expected that of a NULL argument.\n", id, hr);
}

#define resume_job(id, job) check_hr_(__FILE__, __LINE__, id, IBackgroundCopyJob_Resume(job), S_OK)

#define check_state(id, job, state) check_state_(__FILE__, __LINE__, id, job, state)
static inline void check_state_(const char *file, int line, const char *id, IBackgroundCopyJob *job, BG_JOB_STATE state)
{
    BG_JOB_STATE ret = get_state(job);

    ok_(file, line)(ret == state, "%s: got state %s, expected %s.\n", id, debugstr_state(ret), debugstr_state(state));
}

static inline void check_error_count(const char *id, IBackgroundCopyJob *job, ULONG expected)
{
    ULONG count = ~0u;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetErrorCount(job, &count);
    ok(hr == S_OK && count == expected, "%s: got hr %#lx, %lu errors.\n", id, hr, count);
}

/* S_OK if the job has no error. */
static inline HRESULT get_error_code(IBackgroundCopyJob *job, BG_ERROR_CONTEXT *context)
{
    BG_ERROR_CONTEXT dummy;
    IBackgroundCopyError *error;
    HRESULT code = S_OK;

    if (FAILED(IBackgroundCopyJob_GetError(job, &error)))
        return S_OK;
    IBackgroundCopyError_GetError(error, context ? context : &dummy, &code);
    IBackgroundCopyError_Release(error);
    return code;
}

#define check_error(id, job, code) check_error_(__FILE__, __LINE__, id, job, code)
static inline void check_error_(const char *file, int line, const char *id, IBackgroundCopyJob *job, HRESULT code)
{
    HRESULT ret = get_error_code(job, NULL);

    ok_(file, line)(ret == code, "%s: got error code %#lx, expected %#lx.\n", id, ret, code);
}

/* Check the JSON behind the error. part: to be in it; NULL: anything may be. */
#define check_extended_error(id, job, part) check_extended_error_(__FILE__, __LINE__, id, job, part)
static inline void check_extended_error_(const char *file, int line, const char *id, IBackgroundCopyJob *job,
        const WCHAR *part)
{
    IDeliveryOptimizationJob2 *job2;
    VARIANT value;

    if (FAILED(query(id, job, &IID_IDeliveryOptimizationJob2, &job2)))
        return;
    VariantInit(&value);
    check_hr_(file, line, id, IDeliveryOptimizationJob2_GetProperty(job2, DOJobPropertyId_ExtendedErrorInfo, &value),
            S_OK);
    ok_(file, line)(V_VT(&value) == VT_BSTR && (!part || wcsstr(V_BSTR(&value), part)), "%s: got type %u, %s.\n", id,
            V_VT(&value), V_VT(&value) == VT_BSTR ? wine_dbgstr_w(V_BSTR(&value)) : "no text");
    VariantClear(&value);
    IDeliveryOptimizationJob2_Release(job2);
}

#define check_no_error(id, job) check_no_error_(__FILE__, __LINE__, id, job)
static inline void check_no_error_(const char *file, int line, const char *id, IBackgroundCopyJob *job)
{
    IBackgroundCopyError *error = (IBackgroundCopyError *)0xdeadbeef;
    HRESULT hr = IBackgroundCopyJob_GetError(job, &error);

    ok_(file, line)(hr == DO_E_ERROR_INFORMATION_UNAVAILABLE, "%s: GetError gives %#lx.\n", id, hr);
    ok_(file, line)(!error, "%s: got error object %p.\n", id, error);
}

/* Once in one of these states a job stays there until somebody does something. Behind them is what no service has
 * answered. */
static inline BOOL is_resting(BG_JOB_STATE state)
{
    return state == BG_JOB_STATE_ERROR || state == BG_JOB_STATE_TRANSFERRED || state >= BG_JOB_STATE_ACKNOWLEDGED;
}

#define wait_for_state(id, job, state) wait_for_state_(__FILE__, __LINE__, id, job, state)
static inline BOOL wait_for_state_(const char *file, int line, const char *id, IBackgroundCopyJob *job,
        BG_JOB_STATE state)
{
    DWORD end = GetTickCount() + LIMIT_MS;
    BG_JOB_STATE ret;

    while ((ret = get_state(job)) != state && !is_resting(ret) && (LONG)(end - GetTickCount()) > 0)
        Sleep(POLL_MS);
    ok_(file, line)(ret == state, "%s: got state %s instead of %s, error code %#lx.\n", id, debugstr_state(ret),
            debugstr_state(state), get_error_code(job, NULL));
    return ret == state;
}

static inline void get_progress(IBackgroundCopyJob *job, BG_JOB_PROGRESS *progress)
{
    HRESULT hr;

    memset(progress, 0xcc, sizeof(*progress));
    hr = IBackgroundCopyJob_GetProgress(job, progress);
    ok(hr == S_OK, "GetProgress gives %#lx.\n", hr);
}

#define wait_for_bytes(id, job, bytes) wait_for_bytes_(__FILE__, __LINE__, id, job, bytes)
static inline BOOL wait_for_bytes_(const char *file, int line, const char *id, IBackgroundCopyJob *job, UINT64 bytes)
{
    DWORD end = GetTickCount() + LIMIT_MS;
    BG_JOB_PROGRESS progress;

    for (;;)
    {
        get_progress(job, &progress);
        if (progress.BytesTransferred >= bytes || (LONG)(end - GetTickCount()) <= 0)
            break;
        Sleep(POLL_MS);
    }
    ok_(file, line)(progress.BytesTransferred >= bytes, "%s: got %s of %s bytes in time, state %s, error code %#lx.\n",
            id, debugstr_u64(progress.BytesTransferred), debugstr_u64(bytes), debugstr_state(get_state(job)),
            get_error_code(job, NULL));
    return progress.BytesTransferred >= bytes;
}

#define check_progress(id, job, total, transferred, files_total, files_transferred) \
    check_progress_(__FILE__, __LINE__, id, job, total, transferred, files_total, files_transferred)
static inline void check_progress_(const char *file, int line, const char *id, IBackgroundCopyJob *job, UINT64 total,
        UINT64 transferred, ULONG files_total, ULONG files_transferred)
{
    BG_JOB_PROGRESS progress;

    get_progress(job, &progress);
    ok_(file, line)(progress.BytesTotal == total, "%s: BytesTotal is %s, expected %s.\n", id,
            debugstr_u64(progress.BytesTotal), debugstr_u64(total));
    ok_(file, line)(progress.BytesTransferred == transferred, "%s: BytesTransferred is %s, expected %s.\n", id,
            debugstr_u64(progress.BytesTransferred), debugstr_u64(transferred));
    ok_(file, line)(progress.FilesTotal == files_total, "%s: FilesTotal is %lu, expected %lu.\n", id,
            progress.FilesTotal, files_total);
    ok_(file, line)(progress.FilesTransferred == files_transferred, "%s: FilesTransferred is %lu, expected %lu.\n", id,
            progress.FilesTransferred, files_transferred);
}

/* Waits until the server has got so many requests for the resource. */
#define wait_for_requests(id, resource, count) wait_for_requests_(__FILE__, __LINE__, id, resource, count)
static inline BOOL wait_for_requests_(const char *file, int line, const char *id, struct resource *resource,
        unsigned int count)
{
    DWORD end = GetTickCount() + LIMIT_MS;
    unsigned int ret;

    while ((ret = origin_get_requests(resource, NULL)) < count && (LONG)(end - GetTickCount()) > 0)
        Sleep(POLL_MS);
    ok_(file, line)(ret >= count, "%s: the server got %u of %u requests in time.\n", id, ret, count);
    return ret >= count;
}

/* Takes part in COM's message loop where the apartment has one. */
#define wait_event(id, event) wait_event_(__FILE__, __LINE__, id, event)
static inline BOOL wait_event_(const char *file, int line, const char *id, HANDLE event)
{
    HRESULT hr;
    DWORD index;

    hr = CoWaitForMultipleHandles(0, LIMIT_MS, 1, &event, &index);
    ok_(file, line)(hr == S_OK, "%s: nothing happens, hr %#lx.\n", id, hr);
    return hr == S_OK;
}

static inline HANDLE create_gate(void)
{
    HANDLE gate = CreateEventW(NULL, TRUE, FALSE, NULL);

    ok(!!gate, "CreateEvent gives error %lu.\n", GetLastError());
    return gate;
}

/* The server stops there until the event is set. */
static inline void set_gate(struct resource *resource, HANDLE gate, UINT64 offset)
{
    origin_lock(resource->origin);
    resource->gate = origin_keep_gate_locked(resource->origin, gate);
    resource->gate_at = offset;
    ResetEvent(resource->at_gate);
    origin_unlock(resource->origin);
}

/* Let the origin not even begin to answer until the gate is set; NULL: it answers at once. */
static inline void set_head_gate(struct resource *resource, HANDLE gate)
{
    origin_lock(resource->origin);
    resource->head_gate = origin_keep_gate_locked(resource->origin, gate);
    origin_unlock(resource->origin);
}

static inline void set_status(struct resource *resource, unsigned int status, unsigned int count)
{
    origin_lock(resource->origin);
    resource->status = status;
    resource->status_count = count;
    origin_unlock(resource->origin);
}

/* Fixtures */

/* FALSE if there is no service: the test returns. */
#define fixture_open(fixture) fixture_open_(__FILE__, __LINE__, fixture)
static inline BOOL fixture_open_(const char *file, int line, struct fixture *fixture)
{
    HRESULT hr;

    memset(fixture, 0, sizeof(*fixture));
    hr = create_manager(&fixture->manager);
    ok_(file, line)(hr == S_OK, "JOB-001: CoCreateInstance gives %#lx.\n", hr);
    if (FAILED(hr))
        return FALSE;
    if (!(fixture->job = create_job_(file, line, fixture->manager)))
    {
        IBackgroundCopyManager_Release(fixture->manager);
        return FALSE;
    }
    fixture->origin = origin_create();
    create_dir(fixture->dir);
    join_path(fixture->path, fixture->dir, L"target.bin");
    return TRUE;
}

static inline void fixture_new_job(struct fixture *fixture)
{
    discard_job(fixture->job);
    list_dir(fixture->dir, delete_path);
    fixture->job = create_job(fixture->manager);
}

#define fixture_close(fixture) fixture_close_(__FILE__, __LINE__, fixture)
static inline void fixture_close_(const char *file, int line, struct fixture *fixture)
{
    BOOL ret;

    discard_job(fixture->job);
    IBackgroundCopyManager_Release(fixture->manager);
    origin_destroy(fixture->origin);
    ret = delete_dir(fixture->dir);
    ok_(file, line)(ret, "Cannot remove %s, error %lu.\n", wine_dbgstr_w(fixture->dir), GetLastError());
}

/* The URL with "user:password@" in front of its host. */
static inline WCHAR *add_userinfo(WCHAR *buffer, const WCHAR *url, const WCHAR *userinfo)
{
    swprintf(buffer, 128, L"http://%ls%ls", userinfo, url + wcslen(L"http://"));
    return buffer;
}

static inline BOOL is_rpc_error(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE) || hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED)
            || hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE) || hr == HRESULT_FROM_WIN32(RPC_S_UNKNOWN_IF)
            || hr == RPC_E_DISCONNECTED;
}

/* For START_TEST: S_OK if the service is installed. */
static inline BOOL begin_tests(DWORD apartment)
{
    IBackgroundCopyManager *manager;
    HRESULT hr;

    hr = CoInitializeEx(NULL, apartment);
    ok(hr == S_OK, "CoInitializeEx gives %#lx.\n", hr);
    /* The tests that come run with threads, of which Wine lets only one wait for long for a service that starts. */
    hr = create_manager(&manager);
    if (hr == REGDB_E_CLASSNOTREG)
    {
        win_skip("JOB-001: Delivery Optimization is not installed.\n");
        CoUninitialize();
        return FALSE;
    }
    if (SUCCEEDED(hr))
        IBackgroundCopyManager_Release(manager);
    return TRUE;
}

/* Runs this program again: test name, then one word of arguments that
 * winetest_get_mainargs() yields as argv[2], argv[3] ... */
static inline HANDLE start_child(const char *test, const char *args)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION info = { 0 };
    char command[6000], **argv;
    BOOL ret;

    winetest_get_mainargs(&argv);
    sprintf(command, "\"%s\" %s %s", argv[0], test, args);
    ret = CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info);
    ok(ret, "CreateProcess(%s) gives error %lu.\n", command, GetLastError());
    CloseHandle(info.hThread);
    return info.hProcess;
}

static inline void run_child(const char *test, const char *args)
{
    HANDLE process = start_child(test, args);

    wait_child_process(process);
    CloseHandle(process);
}

#endif /* __DOSVC_TESTS_DOSVC_TEST_H */
