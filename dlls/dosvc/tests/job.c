/*
 * Tests for the properties of a job
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

#include "dosvc_test.h"

#include <sddl.h>

static void test_defaults(IBackgroundCopyJob *job)
{
    IUnknown *notify = (IUnknown *)0xdeadbeef;
    ULONG value;
    BG_JOB_PRIORITY priority = 0xdeadbeef;
    BG_JOB_TYPE type = 0xdeadbeef;
    WCHAR *text;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetPriority(job, &priority);
    ok(hr == S_OK, "JOB-021: got hr %#lx.\n", hr);
    ok(priority == BG_JOB_PRIORITY_NORMAL, "JOB-021: got priority %u.\n", priority);
    hr = IBackgroundCopyJob_GetType(job, &type);
    ok(hr == S_OK, "JOB-022: got hr %#lx.\n", hr);
    ok(type == BG_JOB_TYPE_DOWNLOAD, "JOB-022: got type %u.\n", type);

    value = 0xdeadbeef;
    hr = IBackgroundCopyJob_GetNotifyFlags(job, &value);
    ok(hr == S_OK, "JOB-024: got hr %#lx.\n", hr);
    ok(value == 3, "JOB-024: got flags %#lx.\n", value);
    hr = IBackgroundCopyJob_GetNotifyInterface(job, &notify);
    ok(hr == S_OK, "JOB-024: got hr %#lx.\n", hr);
    ok(!notify, "JOB-024: got object %p.\n", notify);
    hr = IBackgroundCopyJob_GetNotifyInterface(job, NULL);
    check_null_arg("JOB-024", hr);

    value = 0xdeadbeef;
    hr = IBackgroundCopyJob_GetMinimumRetryDelay(job, &value);
    ok(hr == S_OK, "JOB-021: got hr %#lx.\n", hr);
    ok(value == 600, "JOB-021: got retry delay %lu.\n", value);
    value = 0xdeadbeef;
    hr = IBackgroundCopyJob_GetErrorCount(job, &value);
    ok(hr == S_OK, "JOB-128: got hr %#lx.\n", hr);
    ok(!value, "JOB-128: got error count %lu.\n", value);
    text = NULL;
    hr = IBackgroundCopyJob_GetDescription(job, &text);
    ok(hr == S_OK, "JOB-021: got hr %#lx.\n", hr);
    ok(text && !*text, "JOB-021: got description %s.\n", wine_dbgstr_w(text));
    CoTaskMemFree(text);
    check_progress("JOB-060", job, 0, 0, 0, 0);
    check_no_error("JOB-117", job);
}

static ULONG get_timeout(IBackgroundCopyJob *job)
{
    ULONG value = 0xdeadbeef;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetNoProgressTimeout(job, &value);
    ok(hr == S_OK, "JOB-023: got hr %#lx.\n", hr);
    return value;
}

static void test_timeout(IBackgroundCopyJob *job)
{
    static const ULONG by_priority[] = { 3600, 86400, 86400, 86400 };
    static const ULONG values[] = { 0, 1, 1234, 0xffffffff };
    ULONG value;
    HRESULT hr;
    UINT i;

    value = get_timeout(job);
    ok(value == 86400, "JOB-023: got %lu.\n", value);
    for (i = 0; i < ARRAY_SIZE(by_priority); ++i)
    {
        hr = IBackgroundCopyJob_SetPriority(job, i);
        ok(hr == S_OK, "JOB-023: priority %u gives %#lx.\n", i, hr);
        value = get_timeout(job);
        ok(value == by_priority[i], "JOB-023: got %lu for priority %u.\n", value, i);
    }
    for (i = 0; i < ARRAY_SIZE(values); ++i)
    {
        hr = IBackgroundCopyJob_SetNoProgressTimeout(job, values[i]);
        ok(hr == S_OK, "JOB-023: timeout %lu gives %#lx.\n", values[i], hr);
        value = get_timeout(job);
        ok(value == values[i], "JOB-023: got %lu, expected %lu.\n", value, values[i]);
    }
    IBackgroundCopyJob_SetNoProgressTimeout(job, 1234);
    for (i = 0; i < ARRAY_SIZE(by_priority); ++i)
    {
        IBackgroundCopyJob_SetPriority(job, i);
        value = get_timeout(job);
        ok(value == 1234, "JOB-023: got %lu for priority %u after an explicit value.\n", value, i);
    }
}

static void test_priority(IBackgroundCopyJob *job)
{
    BG_JOB_PRIORITY priority;
    HRESULT hr;
    UINT i;

    for (i = 0; i < 4; ++i)
    {
        hr = IBackgroundCopyJob_SetPriority(job, i);
        ok(hr == S_OK, "JOB-028: priority %u gives %#lx.\n", i, hr);
        priority = 0xdeadbeef;
        hr = IBackgroundCopyJob_GetPriority(job, &priority);
        ok(hr == S_OK, "JOB-028: got hr %#lx.\n", hr);
        ok(priority == (BG_JOB_PRIORITY)i, "JOB-028: got priority %u, expected %u.\n", priority, i);
    }
    hr = IBackgroundCopyJob_SetPriority(job, 4);
    ok(hr == E_NOTIMPL, "JOB-028: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_GetPriority(job, &priority);
    ok(hr == S_OK, "JOB-028: got hr %#lx.\n", hr);
    ok(priority == BG_JOB_PRIORITY_LOW, "JOB-028: got priority %u.\n", priority);
    hr = IBackgroundCopyJob_GetPriority(job, NULL);
    check_null_arg("JOB-028", hr);
}

static void test_notify_flags(IBackgroundCopyJob *job)
{
    ULONG flags, value;
    HRESULT hr;

    for (flags = 0; flags <= 0x3f; ++flags)
    {
        hr = IBackgroundCopyJob_SetNotifyFlags(job, flags);
        ok(hr == S_OK, "JOB-029: flags %#lx give %#lx.\n", flags, hr);
        value = 0xdeadbeef;
        hr = IBackgroundCopyJob_GetNotifyFlags(job, &value);
        ok(hr == S_OK, "JOB-029: got hr %#lx.\n", hr);
        ok(value == flags, "JOB-029: got flags %#lx, expected %#lx.\n", value, flags);
    }
    hr = IBackgroundCopyJob_SetNotifyFlags(job, 0x40);
    ok(hr == E_NOTIMPL, "JOB-029: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_SetNotifyFlags(job, 0x80000003);
    ok(hr == E_NOTIMPL, "JOB-029: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_GetNotifyFlags(job, &value);
    ok(hr == S_OK, "JOB-029: got hr %#lx.\n", hr);
    ok(value == 0x3f, "JOB-029: got flags %#lx.\n", value);
    hr = IBackgroundCopyJob_GetNotifyFlags(job, NULL);
    check_null_arg("JOB-029", hr);
}

static void test_display_name(IBackgroundCopyJob *job)
{
    WCHAR name[300], *text = NULL;
    HRESULT hr;
    UINT i;

    hr = IBackgroundCopyJob_GetDisplayName(job, &text);
    ok(hr == S_OK, "JOB-027: got hr %#lx.\n", hr);
    ok(text && !wcscmp(text, L"dosvc test"), "JOB-027: got name %s.\n", wine_dbgstr_w(text));
    CoTaskMemFree(text);
    hr = IBackgroundCopyJob_GetDisplayName(job, NULL);
    check_null_arg("JOB-027", hr);

    for (i = 0; i < ARRAY_SIZE(name); ++i)
        name[i] = 'A' + i % 26;
    name[257] = 0;
    hr = IBackgroundCopyJob_SetDisplayName(job, name);
    ok(hr == E_INVALIDARG, "JOB-027: got hr %#lx.\n", hr);
    name[256] = 0;
    hr = IBackgroundCopyJob_SetDisplayName(job, name);
    ok(hr == S_OK, "JOB-027: got hr %#lx.\n", hr);
    text = NULL;
    hr = IBackgroundCopyJob_GetDisplayName(job, &text);
    ok(hr == S_OK, "JOB-027: got hr %#lx.\n", hr);
    ok(text && !wcscmp(text, name), "JOB-027: got name %s.\n", wine_dbgstr_w(text));
    CoTaskMemFree(text);
    hr = IBackgroundCopyJob_SetDisplayName(job, NULL);
    check_null_arg("JOB-027", hr);
}

static void test_description(IBackgroundCopyJob *job)
{
    WCHAR name[1100], *text = NULL;
    HRESULT hr;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(name); ++i)
        name[i] = 'A' + i % 26;
    name[1025] = 0;
    hr = IBackgroundCopyJob_SetDescription(job, name);
    ok(hr == (HRESULT)BG_E_STRING_TOO_LONG, "JOB-027: got hr %#lx.\n", hr);
    name[1024] = 0;
    hr = IBackgroundCopyJob_SetDescription(job, name);
    ok(hr == S_OK, "JOB-027: got hr %#lx.\n", hr);
    hr = IBackgroundCopyJob_GetDescription(job, &text);
    ok(hr == S_OK, "JOB-027: got hr %#lx.\n", hr);
    ok(text && !wcscmp(text, name), "JOB-027: got description %s.\n", wine_dbgstr_w(text));
    CoTaskMemFree(text);
}

static void test_retry_delay(IBackgroundCopyJob *job)
{
    static const struct { ULONG set, get; } rows[] = { { 0, 5 }, { 4, 5 }, { 5, 5 }, { 77, 77 } };
    ULONG value;
    HRESULT hr;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        hr = IBackgroundCopyJob_SetMinimumRetryDelay(job, rows[i].set);
        ok(hr == S_OK, "JOB-023: delay %lu gives %#lx.\n", rows[i].set, hr);
        value = 0xdeadbeef;
        hr = IBackgroundCopyJob_GetMinimumRetryDelay(job, &value);
        ok(hr == S_OK, "JOB-023: got hr %#lx.\n", hr);
        ok(value == rows[i].get, "JOB-023: got %lu, expected %lu.\n", value, rows[i].get);
    }
}

static WCHAR *get_own_sid(void)
{
    BYTE buffer[256];
    WCHAR *sid = NULL;
    HANDLE token;
    DWORD size;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return NULL;
    if (GetTokenInformation(token, TokenUser, buffer, sizeof(buffer), &size))
        ConvertSidToStringSidW(((TOKEN_USER *)buffer)->User.Sid, &sid);
    CloseHandle(token);
    return sid;
}

static void test_owner(IBackgroundCopyJob *job)
{
    WCHAR *sid = get_own_sid(), *text = NULL;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetOwner(job, &text);
    ok(hr == S_OK, "JOB-033: got hr %#lx.\n", hr);
    ok(text && sid && !wcscmp(text, sid), "JOB-033: got owner %s, expected %s.\n", wine_dbgstr_w(text),
            wine_dbgstr_w(sid));
    CoTaskMemFree(text);
    LocalFree(sid);
    hr = IBackgroundCopyJob_GetOwner(job, NULL);
    check_null_arg("JOB-033", hr);
}

static void test_job5(IBackgroundCopyJob *job)
{
    static const BITS_JOB_PROPERTY_ID unsupported[] = { 3, 4, 5, 7, 9, 10 };
    static const BITS_JOB_PROPERTY_ID unknown[] = { 0, 6, 8, 11 };
    static const GUID clsid = { 0x12345678, 0x9abc, 0xdef0, { 1, 2, 3, 4, 5, 6, 7, 8 } };
    BITS_JOB_PROPERTY_VALUE value;
    IBackgroundCopyJob5 *job5;
    HRESULT hr;
    UINT i;

    if (FAILED(query("JOB-007", job, &IID_IBackgroundCopyJob5, &job5)))
        return;
    memset(&value, 0xcc, sizeof(value));
    hr = IBackgroundCopyJob5_GetProperty(job5, BITS_JOB_PROPERTY_ID_COST_FLAGS, &value);
    ok(hr == S_OK, "JOB-030: got hr %#lx.\n", hr);
    ok(value.Dword == 0x800000ff, "JOB-030: got flags %#lx.\n", value.Dword);
    memset(&value, 0xcc, sizeof(value));
    value.Dword = 0x80000067;
    hr = IBackgroundCopyJob5_SetProperty(job5, BITS_JOB_PROPERTY_ID_COST_FLAGS, value);
    ok(hr == S_OK, "JOB-030: got hr %#lx.\n", hr);
    value.Dword = 0xdeadbeef;
    hr = IBackgroundCopyJob5_GetProperty(job5, BITS_JOB_PROPERTY_ID_COST_FLAGS, &value);
    ok(hr == S_OK, "JOB-030: got hr %#lx.\n", hr);
    ok(value.Dword == 0x80000067, "JOB-030: got flags %#lx.\n", value.Dword);

    memset(&value, 0xcc, sizeof(value));
    hr = IBackgroundCopyJob5_GetProperty(job5, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, &value);
    ok(hr == S_OK, "JOB-031: got hr %#lx.\n", hr);
    ok(IsEqualGUID(&value.ClsID, &GUID_NULL), "JOB-031: got %s.\n", wine_dbgstr_guid(&value.ClsID));
    value.ClsID = clsid;
    hr = IBackgroundCopyJob5_SetProperty(job5, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value);
    ok(hr == S_OK, "JOB-031: got hr %#lx.\n", hr);
    memset(&value, 0xcc, sizeof(value));
    hr = IBackgroundCopyJob5_GetProperty(job5, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, &value);
    ok(hr == S_OK, "JOB-031: got hr %#lx.\n", hr);
    ok(IsEqualGUID(&value.ClsID, &clsid), "JOB-031: got %s.\n", wine_dbgstr_guid(&value.ClsID));
    value.ClsID = GUID_NULL;
    hr = IBackgroundCopyJob5_SetProperty(job5, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value);
    ok(hr == S_OK, "JOB-031: got hr %#lx.\n", hr);
    memset(&value, 0xcc, sizeof(value));
    hr = IBackgroundCopyJob5_GetProperty(job5, BITS_JOB_PROPERTY_NOTIFICATION_CLSID, &value);
    ok(hr == S_OK, "JOB-031: got hr %#lx.\n", hr);
    ok(IsEqualGUID(&value.ClsID, &GUID_NULL), "JOB-031: got %s.\n", wine_dbgstr_guid(&value.ClsID));

    memset(&value, 0, sizeof(value));
    for (i = 0; i < ARRAY_SIZE(unsupported); ++i)
    {
        hr = IBackgroundCopyJob5_SetProperty(job5, unsupported[i], value);
        ok(hr == E_NOTIMPL, "JOB-032: setting %u gives %#lx.\n", unsupported[i], hr);
        hr = IBackgroundCopyJob5_GetProperty(job5, unsupported[i], &value);
        ok(hr == E_NOTIMPL, "JOB-032: getting %u gives %#lx.\n", unsupported[i], hr);
    }
    for (i = 0; i < ARRAY_SIZE(unknown); ++i)
    {
        hr = IBackgroundCopyJob5_SetProperty(job5, unknown[i], value);
        ok(hr == DO_E_UNKNOWN_PROPERTY_ID, "JOB-032: setting %u gives %#lx.\n", unknown[i], hr);
        hr = IBackgroundCopyJob5_GetProperty(job5, unknown[i], &value);
        ok(hr == DO_E_UNKNOWN_PROPERTY_ID, "JOB-032: getting %u gives %#lx.\n", unknown[i], hr);
    }
    hr = IBackgroundCopyJob5_GetProperty(job5, BITS_JOB_PROPERTY_ID_COST_FLAGS, NULL);
    check_null_arg("JOB-032", hr);
    IBackgroundCopyJob5_Release(job5);
}

static void check_no_string(const char *name, HRESULT hr, WCHAR *text)
{
    ok(hr == E_NOTIMPL, "JOB-034: %s gives %#lx.\n", name, hr);
    ok(!text, "JOB-034: %s gives string %p.\n", name, text);
}

/* Methods that promise an effect that is not delivered. */
static void test_not_implemented(IBackgroundCopyJob *job)
{
    BG_JOB_REPLY_PROGRESS reply = { 0 };
    BG_AUTH_CREDENTIALS credentials = { 0 };
    WCHAR *text, *text2, user[] = L"user", password[] = L"password";
    IBackgroundCopyJob4 *job4;
    BG_JOB_PROXY_USAGE usage;
    BYTE *data = (BYTE *)0xdeadbeef;
    UINT64 length = 0;
    HRESULT hr;

    if (FAILED(query("JOB-007", job, &IID_IBackgroundCopyJob4, &job4)))
        return;
    hr = IBackgroundCopyJob4_SetProxySettings(job4, BG_JOB_PROXY_USAGE_NO_PROXY, NULL, NULL);
    ok(hr == E_NOTIMPL, "JOB-034: SetProxySettings gives %#lx.\n", hr);
    text = text2 = (WCHAR *)0xdeadbeef;
    hr = IBackgroundCopyJob4_GetProxySettings(job4, &usage, &text, &text2);
    check_no_string("GetProxySettings", hr, text);
    check_no_string("GetProxySettings", hr, text2);
    hr = IBackgroundCopyJob4_TakeOwnership(job4);
    ok(hr == E_NOTIMPL, "JOB-034: TakeOwnership gives %#lx.\n", hr);

    hr = IBackgroundCopyJob4_SetNotifyCmdLine(job4, L"c:\\a.exe", L"a b");
    ok(hr == E_NOTIMPL, "JOB-034: SetNotifyCmdLine gives %#lx.\n", hr);
    text = text2 = (WCHAR *)0xdeadbeef;
    hr = IBackgroundCopyJob4_GetNotifyCmdLine(job4, &text, &text2);
    check_no_string("GetNotifyCmdLine", hr, text);
    check_no_string("GetNotifyCmdLine", hr, text2);
    hr = IBackgroundCopyJob4_GetReplyProgress(job4, &reply);
    ok(hr == E_NOTIMPL, "JOB-034: GetReplyProgress gives %#lx.\n", hr);
    hr = IBackgroundCopyJob4_GetReplyData(job4, &data, &length);
    ok(hr == E_NOTIMPL, "JOB-034: GetReplyData gives %#lx.\n", hr);
    ok(!data, "JOB-034: GetReplyData gives %p.\n", data);
    hr = IBackgroundCopyJob4_SetReplyFileName(job4, L"c:\\reply");
    ok(hr == E_NOTIMPL, "JOB-034: SetReplyFileName gives %#lx.\n", hr);
    text = (WCHAR *)0xdeadbeef;
    hr = IBackgroundCopyJob4_GetReplyFileName(job4, &text);
    check_no_string("GetReplyFileName", hr, text);
    credentials.Target = BG_AUTH_TARGET_SERVER;
    credentials.Scheme = BG_AUTH_SCHEME_BASIC;
    credentials.Credentials.Basic.UserName = user;
    credentials.Credentials.Basic.Password = password;
    hr = IBackgroundCopyJob4_SetCredentials(job4, &credentials);
    ok(hr == E_NOTIMPL, "JOB-034: SetCredentials gives %#lx.\n", hr);
    hr = IBackgroundCopyJob4_RemoveCredentials(job4, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC);
    ok(hr == E_NOTIMPL, "JOB-034: RemoveCredentials gives %#lx.\n", hr);

    hr = IBackgroundCopyJob4_ReplaceRemotePrefix(job4, L"http://a/", L"http://b/");
    ok(hr == E_NOTIMPL, "JOB-034: ReplaceRemotePrefix gives %#lx.\n", hr);
    IBackgroundCopyJob4_Release(job4);
}

/* Hints that are stored, so that clients that set them go on (bits-front 4.3). */
static void test_hints(IBackgroundCopyJob *job)
{
    IBackgroundCopyJob4 *job4;
    ULONG value;
    BOOL state;
    HRESULT hr;

    query("JOB-034", job, &IID_IBackgroundCopyJob4, &job4);
    hr = IBackgroundCopyJob4_SetFileACLFlags(job4, BG_COPY_FILE_OWNER);
    ok(hr == S_OK, "BITS-029: SetFileACLFlags gives %#lx.\n", hr);
    hr = IBackgroundCopyJob4_GetFileACLFlags(job4, &value);
    ok(hr == S_OK && value == BG_COPY_FILE_OWNER, "BITS-029: GetFileACLFlags gives %#lx, %#lx.\n", hr, value);
    hr = IBackgroundCopyJob4_SetPeerCachingFlags(job4, BG_JOB_ENABLE_PEERCACHING_SERVER);
    ok(hr == S_OK, "BITS-029: SetPeerCachingFlags gives %#lx.\n", hr);
    hr = IBackgroundCopyJob4_GetPeerCachingFlags(job4, &value);
    ok(hr == S_OK && value == BG_JOB_ENABLE_PEERCACHING_SERVER, "BITS-029: GetPeerCachingFlags gives %#lx, %#lx.\n",
            hr, value);
    hr = IBackgroundCopyJob4_GetOwnerIntegrityLevel(job4, &value);
    ok(hr == S_OK && value >= 0x1000, "BITS-029: GetOwnerIntegrityLevel gives %#lx, %#lx.\n", hr, value);
    hr = IBackgroundCopyJob4_GetOwnerElevationState(job4, &state);
    ok(hr == S_OK, "BITS-029: GetOwnerElevationState gives %#lx.\n", hr);
    hr = IBackgroundCopyJob4_SetMaximumDownloadTime(job4, 100);
    ok(hr == S_OK, "BITS-028: SetMaximumDownloadTime gives %#lx.\n", hr);
    hr = IBackgroundCopyJob4_GetMaximumDownloadTime(job4, &value);
    ok(hr == S_OK && value == 100, "BITS-028: GetMaximumDownloadTime gives %#lx, %lu.\n", hr, value);
    IBackgroundCopyJob4_Release(job4);
}

static void test_properties(void)
{
    static void (*const tests[])(IBackgroundCopyJob *) =
    {
        test_defaults, test_timeout, test_priority, test_notify_flags, test_display_name, test_description,
        test_retry_delay, test_owner, test_job5, test_not_implemented, test_hints,
    };
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    UINT i;

    if (FAILED(create_manager(&manager)))
        return;
    for (i = 0; i < ARRAY_SIZE(tests); ++i)
    {
        if (!(job = create_job(manager)))
            break;
        tests[i](job);
        check_state("JOB-010", job, BG_JOB_STATE_SUSPENDED);
        check_refcount("JOB-142", job, 1);
        discard_job(job);
    }
    IBackgroundCopyManager_Release(manager);
}

static UINT64 filetime_value(const FILETIME *time)
{
    return ((UINT64)time->dwHighDateTime << 32) | time->dwLowDateTime;
}

static UINT64 get_now(void)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    return filetime_value(&now);
}

static UINT64 get_modification(IBackgroundCopyJob *job)
{
    BG_JOB_TIMES times;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetTimes(job, &times);
    ok(hr == S_OK, "JOB-026: got hr %#lx.\n", hr);
    return filetime_value(&times.ModificationTime);
}

/* Checks that the time has changed since before, and waits for the clock to show a later one. */
static UINT64 check_modified(const char *what, IBackgroundCopyJob *job, UINT64 before)
{
    UINT64 time = get_modification(job);

    ok(time > before, "JOB-026: %s does not change the modification time.\n", what);
    while (get_now() <= time)
        Sleep(1);
    return time;
}

static void test_times(void)
{
    struct resource *resource;
    struct fixture fixture;
    UINT64 before, time;
    BG_JOB_TIMES times;
    HANDLE gate;
    HRESULT hr;
    DWORD end;

    before = get_now();
    if (!fixture_open(&fixture))
        return;
    memset(&times, 0xcc, sizeof(times));
    hr = IBackgroundCopyJob_GetTimes(fixture.job, &times);
    ok(hr == S_OK, "JOB-025: got hr %#lx.\n", hr);
    time = filetime_value(&times.CreationTime);
    ok(time >= before && time <= get_now(), "JOB-025: the creation time is not that of the creation.\n");
    ok(filetime_value(&times.ModificationTime) >= time, "JOB-025: modified before its creation.\n");
    ok(!filetime_value(&times.TransferCompletionTime), "JOB-025: there is a completion time.\n");
    hr = IBackgroundCopyJob_GetTimes(fixture.job, NULL);
    check_null_arg("JOB-025", hr);

    while (get_now() <= filetime_value(&times.ModificationTime))
        Sleep(1);
    time = filetime_value(&times.ModificationTime);
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/times", 100000);
    set_gate(resource, gate, 50000);
    add_file("JOB-026", fixture.job, resource, fixture.path);
    time = check_modified("AddFile", fixture.job, time);
    IBackgroundCopyJob_SetPriority(fixture.job, BG_JOB_PRIORITY_FOREGROUND);
    time = check_modified("SetPriority", fixture.job, time);
    IBackgroundCopyJob_Resume(fixture.job);
    time = check_modified("Resume", fixture.job, time);
    wait_for_bytes("JOB-026", fixture.job, 50000);
    time = get_modification(fixture.job);
    while (get_now() <= time)
        Sleep(1);
    SetEvent(gate);
    wait_for_state("JOB-026", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_modified("the transfer", fixture.job, time);

    /* The time is set no later than the state becomes visible. */
    hr = IBackgroundCopyJob_GetTimes(fixture.job, &times);
    ok(hr == S_OK, "JOB-025: got hr %#lx.\n", hr);
    time = filetime_value(&times.TransferCompletionTime);
    ok(time > filetime_value(&times.CreationTime) && time <= get_now(), "JOB-025: the completion time is wrong.\n");
    for (end = GetTickCount() + LIMIT_MS; get_now() <= time && (LONG)(end - GetTickCount()) > 0;)
        Sleep(1);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-026: got hr %#lx.\n", hr);
    check_modified("Complete", fixture.job, time);
    CloseHandle(gate);
    fixture_close(&fixture);
}

/* Set calls in a final state. */
static HRESULT set_priority(IBackgroundCopyJob *job) { return IBackgroundCopyJob_SetPriority(job, 0); }
static HRESULT set_flags(IBackgroundCopyJob *job) { return IBackgroundCopyJob_SetNotifyFlags(job, 1); }
static HRESULT set_timeout(IBackgroundCopyJob *job) { return IBackgroundCopyJob_SetNoProgressTimeout(job, 5); }
static HRESULT set_interface(IBackgroundCopyJob *job) { return IBackgroundCopyJob_SetNotifyInterface(job, NULL); }
static HRESULT set_name(IBackgroundCopyJob *job) { return IBackgroundCopyJob_SetDisplayName(job, L"name"); }
static HRESULT set_description(IBackgroundCopyJob *job) { return IBackgroundCopyJob_SetDescription(job, L"text"); }
static HRESULT set_delay(IBackgroundCopyJob *job) { return IBackgroundCopyJob_SetMinimumRetryDelay(job, 60); }
static HRESULT do_suspend(IBackgroundCopyJob *job) { return IBackgroundCopyJob_Suspend(job); }
static HRESULT do_resume(IBackgroundCopyJob *job) { return IBackgroundCopyJob_Resume(job); }
static HRESULT do_cancel(IBackgroundCopyJob *job) { return IBackgroundCopyJob_Cancel(job); }
static HRESULT do_complete(IBackgroundCopyJob *job) { return IBackgroundCopyJob_Complete(job); }
static HRESULT add_a_file(IBackgroundCopyJob *job)
{
    return IBackgroundCopyJob_AddFile(job, L"http://127.0.0.1/", L"c:\\file");
}
static HRESULT set_cost(IBackgroundCopyJob *job)
{
    BITS_JOB_PROPERTY_VALUE value = { .Dword = 0x80000021 };
    IBackgroundCopyJob5 *job5;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_QueryInterface(job, &IID_IBackgroundCopyJob5, (void **)&job5)))
        return hr;
    hr = IBackgroundCopyJob5_SetProperty(job5, BITS_JOB_PROPERTY_ID_COST_FLAGS, value);
    IBackgroundCopyJob5_Release(job5);
    return hr;
}

static void test_final_states(void)
{
    static const struct
    {
        const char *name;
        HRESULT (*func)(IBackgroundCopyJob *job);
    }
    rows[] =
    {
        { "Suspend", do_suspend },
        { "Resume", do_resume },
        { "Cancel", do_cancel },
        { "Complete", do_complete },
        { "SetPriority", set_priority },
        { "SetNotifyFlags", set_flags },
        { "SetNoProgressTimeout", set_timeout },
        { "SetNotifyInterface", set_interface },
        { "SetDisplayName", set_name },
        { "SetDescription", set_description },
        { "SetMinimumRetryDelay", set_delay },
        { "SetProperty", set_cost },
        { "AddFile", add_a_file }, /* JOB-041 */
    };
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    BG_JOB_STATE state;
    HRESULT hr;
    UINT i, j;

    if (FAILED(create_manager(&manager)))
        return;
    for (i = 0; i < 2; ++i)
    {
        if (!(job = create_job(manager)))
            break;
        hr = i ? IBackgroundCopyJob_Cancel(job) : IBackgroundCopyJob_Complete(job);
        state = i ? BG_JOB_STATE_CANCELLED : BG_JOB_STATE_ACKNOWLEDGED;
        ok(hr == S_OK, "JOB-057: got hr %#lx.\n", hr);
        for (j = 0; j < ARRAY_SIZE(rows); ++j)
        {
            hr = rows[j].func(job);
            ok(hr == DO_E_INVALID_STATE, "JOB-057: %s in %s gives %#lx.\n", rows[j].name, debugstr_state(state), hr);
            check_state("JOB-057", job, state);
        }
        test_defaults(job);
        IBackgroundCopyJob_Release(job);
    }
    IBackgroundCopyManager_Release(manager);
}

START_TEST(job)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_properties();
    test_times();
    test_final_states();
    CoUninitialize();
}
