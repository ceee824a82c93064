/*
 * Conformance tests of IBackgroundCopyJobHttpOptions and its successors
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

#include "bits_test.h"
#include "control.h"
#include <wincrypt.h>

#define HEADERS_MAX    16383
#define ADDITION_COUNT 40

static const GUID IID_unknown_callback =
        { 0x4cec0d02, 0xdef7, 0x4158, { 0x81, 0x3a, 0xc3, 0x2a, 0x46, 0x94, 0x5f, 0xf7 } };

static IBackgroundCopyJobHttpOptions3 *get_options(IBackgroundCopyJob *job)
{
    IBackgroundCopyJobHttpOptions3 *options = NULL;

    query("BITS-016", job, &IID_IBackgroundCopyJobHttpOptions3, &options);
    return options;
}

static void test_interfaces(IBackgroundCopyJob *job)
{
    static const IID * const iids[] = { &IID_IBackgroundCopyJobHttpOptions, &IID_IBackgroundCopyJobHttpOptions2,
            &IID_IBackgroundCopyJobHttpOptions3 };
    IUnknown *identity, *other, *options;
    unsigned int i;
    HRESULT hr;

    query("BITS-016", job, &IID_IUnknown, &identity);
    for (i = 0; i < ARRAY_SIZE(iids); ++i)
    {
        winetest_push_context("interface %u", i + 1);
        check_interface("BITS-016", job, iids[i], TRUE);
        if (SUCCEEDED(query("BITS-016", job, iids[i], &options)))
        {
            query("BITS-016", options, &IID_IUnknown, &other);
            ok(other == identity, "BITS-016: got another identity.\n");
            IUnknown_Release(other);
            check_interface("BITS-016", options, &IID_IBackgroundCopyJob5, TRUE);
            hr = CoSetProxyBlanket(options, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, NULL, RPC_C_AUTHN_LEVEL_CALL,
                    RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE);
            check_hr("BITS-018", hr, S_OK);
            IUnknown_Release(options);
        }
        winetest_pop_context();
    }
    IUnknown_Release(identity);
}

/* Make one job of one file, which is started by the caller. */
static IBackgroundCopyJobHttpOptions3 *prepare(const char *id, struct fixture *fixture, struct resource *resource)
{
    HRESULT hr;

    fixture_new_job(fixture);
    hr = IBackgroundCopyJob_AddFile(fixture->job, resource->url, fixture->path);
    check_hr(id, hr, S_OK);
    return get_options(fixture->job);
}

static void check_headers(const char *id, IBackgroundCopyJobHttpOptions3 *options, HRESULT expected, const WCHAR *text)
{
    WCHAR *headers = (WCHAR *)0xdeadbeef;
    HRESULT hr;

    hr = IBackgroundCopyJobHttpOptions3_GetCustomHeaders(options, &headers);
    check_hr(id, hr, expected);
    if (!text)
        ok(!headers, "%s: got %s.\n", id, wine_dbgstr_w(headers));
    else
        ok(headers && !wcscmp(headers, text), "%s: got %s.\n", id, wine_dbgstr_w(headers));
    CoTaskMemFree(headers);
}

static void test_set_headers(struct fixture *fixture)
{
    static WCHAR text[HEADERS_MAX + 2];
    IBackgroundCopyJobHttpOptions3 *options;
    HRESULT hr;
    int i;

    fixture_new_job(fixture);
    options = get_options(fixture->job);
    check_headers("BITS-084", options, S_FALSE, NULL);
    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options, L"");
    check_hr("BITS-083", hr, S_OK);
    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options, L"\r\n");
    check_hr("BITS-083", hr, S_OK);
    check_headers("BITS-084", options, S_OK, L"\r\n");
    wcscpy(text, L"X-Long: ");
    for (i = wcslen(text); i < HEADERS_MAX; ++i)
        text[i] = 'a';
    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options, text);
    check_hr("BITS-083", hr, S_OK);
    check_headers("BITS-084", options, S_OK, text);
    text[HEADERS_MAX] = 'a';
    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options, text);
    check_hr("BITS-083", hr, BG_E_STRING_TOO_LONG);
    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options, NULL);
    check_hr("BITS-083", hr, S_OK);
    check_headers("BITS-084", options, S_FALSE, NULL);

    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options, L"X-Test: 1");
    check_hr("BITS-083", hr, S_OK);
    hr = IBackgroundCopyJobHttpOptions3_MakeCustomHeadersWriteOnly(options);
    check_hr("BITS-084", hr, S_OK);
    check_headers("BITS-084", options, E_ACCESSDENIED, NULL);
    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options, NULL);
    check_hr("BITS-084", hr, S_OK);
    check_headers("BITS-084", options, E_ACCESSDENIED, NULL);
    IBackgroundCopyJobHttpOptions3_Release(options);
}

/* Check a field of the nth request of a resource; NULL is none. */
static void check_field(const char *id, struct resource *resource, unsigned int index, const char *name,
        const char *expected)
{
    struct origin_request request;
    char value[256] = "";

    if (origin_get_request(resource, index, &request) <= index)
    {
        ok(0, "%s: there is no request %u.\n", id, index);
        return;
    }
    origin_get_field(request.head, name, value, sizeof(value));
    ok(!strcmp(value, expected ? expected : ""), "%s: request %u has %s '%s'.\n", id, index, name, value);
}

static void test_sent_headers(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/headers", 100000);
    IBackgroundCopyJobHttpOptions3 *options = prepare("BITS-083", fixture, resource);
    HRESULT hr;

    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options,
            L"X-Test: one\r\nUser-Agent: tester\r\nHost: elsewhere\r\nAuthorization: Basic dTpw");
    check_hr("BITS-083", hr, S_OK);
    hr = IBackgroundCopyJob_SetMinimumRetryDelay(fixture->job, 5);
    check_hr("BITS-083", hr, S_OK);
    set_status(resource, 503, 1);
    resource->cut_after = 50000;
    resource->cut_count = 1;
    resume_job("BITS-083", fixture->job);
    wait_for_state("BITS-083", fixture->job, BG_JOB_STATE_TRANSIENT_ERROR);
    resume_job("BITS-083", fixture->job);
    wait_for_state("BITS-083", fixture->job, BG_JOB_STATE_TRANSFERRED);
    ok(origin_get_requests(resource, NULL) == 3, "BITS-083: got %u requests.\n", origin_get_requests(resource, NULL));
    check_field("BITS-083", resource, 0, "X-Test", "one"); /* the first request, */
    check_field("BITS-083", resource, 1, "X-Test", "one"); /* a retry, */
    check_field("BITS-083", resource, 2, "X-Test", "one"); /* a resume */
    check_field("BITS-083", resource, 2, "Range", "bytes=50000-99999");
    check_field("BITS-083", resource, 2, "User-Agent", "tester");
    check_field("BITS-083", resource, 2, "Authorization", "Basic dTpw");
    hr = IBackgroundCopyJob_Complete(fixture->job);
    check_hr("BITS-083", hr, S_OK);
    check_content("BITS-083", fixture->path, resource);

    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options, L"X: y");
    check_hr("BITS-027", hr, BG_E_INVALID_STATE);
    hr = IBackgroundCopyJobHttpOptions3_SetSecurityFlags(options, 0);
    check_hr("BITS-027", hr, BG_E_INVALID_STATE);
    hr = IBackgroundCopyJobHttpOptions3_SetHttpMethod(options, L"POST");
    check_hr("BITS-027", hr, BG_E_INVALID_STATE);
    hr = IBackgroundCopyJobHttpOptions3_RemoveClientCertificate(options);
    check_hr("BITS-027", hr, BG_E_INVALID_STATE);
    hr = IBackgroundCopyJobHttpOptions3_MakeCustomHeadersWriteOnly(options);
    check_hr("BITS-027", hr, BG_E_INVALID_STATE);
    hr = IBackgroundCopyJobHttpOptions3_SetServerCertificateValidationInterface(options, NULL);
    check_hr("BITS-027", hr, BG_E_INVALID_STATE);
    IBackgroundCopyJobHttpOptions3_Release(options);
}

struct addition
{
    struct fixture *fixture;
    struct resource *resource;
    HANDLE begun;
};

static DWORD WINAPI add_thread(void *param)
{
    struct addition *addition = param;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    SetEvent(addition->begun);
    check_hr("BITS-083", IBackgroundCopyJob_AddFile(addition->fixture->job, addition->resource->url,
            addition->fixture->path), S_OK);
    CoUninitialize();
    return 0;
}

/* Options that are set while a file is being added, at one moment or another, are those of the file, too. */
static void test_late_headers(struct fixture *fixture)
{
    struct addition addition = { fixture, origin_add_resource(fixture->origin, "/late", 1000) };
    IBackgroundCopyJobHttpOptions3 *options;
    unsigned int i;
    HANDLE thread;

    addition.begun = CreateEventW(NULL, FALSE, FALSE, NULL);
    for (i = 0; i < ADDITION_COUNT; ++i)
    {
        fixture_new_job(fixture);
        options = get_options(fixture->job);
        thread = CreateThread(NULL, 0, add_thread, &addition, 0, NULL);
        wait_event("BITS-083", addition.begun);
        Sleep(i % 4);
        check_hr("BITS-083", IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options, L"X-Test: one"), S_OK);
        wait_event("BITS-083", thread);
        CloseHandle(thread);
        resume_job("BITS-083", fixture->job);
        wait_for_state("BITS-083", fixture->job, BG_JOB_STATE_TRANSFERRED);
        check_field("BITS-083", addition.resource, i, "X-Test", "one");
        IBackgroundCopyJobHttpOptions3_Release(options);
    }
    CloseHandle(addition.begun);
}

/* Secrets do not go to another origin; all else does. */
static void test_foreign_headers(struct fixture *fixture, struct origin *other)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/leave", 1000);
    struct resource *target = origin_add_resource(other, "/arrive", 1000);
    IBackgroundCopyJobHttpOptions3 *options = prepare("BITS-080", fixture, resource);
    char location[128];
    HRESULT hr;

    sprintf(location, "http://127.0.0.1:%u/arrive", other->port);
    resource->location = location;
    set_status(resource, 302, ~0u);
    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options,
            L"X-Test: one\r\nAuthorization: Basic dTpw\r\nCookie: a=b");
    check_hr("BITS-080", hr, S_OK);
    resume_job("BITS-080", fixture->job);
    wait_for_state("BITS-080", fixture->job, BG_JOB_STATE_TRANSFERRED);
    check_field("BITS-080", resource, 0, "Authorization", "Basic dTpw");
    check_field("BITS-080", target, 0, "Authorization", NULL);
    check_field("BITS-080", target, 0, "Cookie", NULL);
    check_field("BITS-083", target, 0, "X-Test", "one");
    IBackgroundCopyJobHttpOptions3_Release(options);
    IBackgroundCopyJob_Cancel(fixture->job);
}

static void test_flags(struct fixture *fixture)
{
    static const struct
    {
        ULONG flags;
        HRESULT hr;
    }
    tests[] =
    {
        { 0x1f, S_OK }, { 0x100, S_OK }, { 0x200, S_OK }, { 0x91f, S_OK }, { 0, S_OK },
        { 0x20, E_NOTIMPL }, { 0x300, E_NOTIMPL }, { 0x400, E_NOTIMPL }, { 0x1000, E_NOTIMPL },
        { 0x80000000, E_NOTIMPL },
    };
    IBackgroundCopyJobHttpOptions3 *options;
    ULONG flags = 0xdeadbeef, expected = 0;
    unsigned int i;
    HRESULT hr;

    fixture_new_job(fixture);
    options = get_options(fixture->job);
    hr = IBackgroundCopyJobHttpOptions3_GetSecurityFlags(options, &flags);
    ok(hr == S_OK && !flags, "BITS-088: got hr %#lx, flags %#lx.\n", hr, flags);
    for (i = 0; i < ARRAY_SIZE(tests); ++i)
    {
        winetest_push_context("flags %#lx", tests[i].flags);
        hr = IBackgroundCopyJobHttpOptions3_SetSecurityFlags(options, tests[i].flags);
        check_hr("BITS-088", hr, tests[i].hr);
        if (tests[i].hr == S_OK)
            expected = tests[i].flags;
        hr = IBackgroundCopyJobHttpOptions3_GetSecurityFlags(options, &flags);
        ok(hr == S_OK && flags == expected, "BITS-088: got hr %#lx, flags %#lx.\n", hr, flags);
        winetest_pop_context();
    }
    IBackgroundCopyJobHttpOptions3_Release(options);
}

static void test_redirects(struct fixture *fixture)
{
    static const ULONG flags[] = { 0, BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT, BG_HTTP_REDIRECT_POLICY_DISALLOW };
    struct resource *resource = origin_add_resource(fixture->origin, "/old", 1000);
    struct resource *target = origin_add_resource(fixture->origin, "/new", 1000);
    IBackgroundCopyJobHttpOptions3 *options;
    IBackgroundCopyFile2 *file2;
    IBackgroundCopyFile *file;
    unsigned int i;
    HRESULT hr;

    resource->location = "/new";
    target->seed = resource->seed;
    set_status(resource, 302, ~0u);
    for (i = 0; i < ARRAY_SIZE(flags); ++i)
    {
        winetest_push_context("flags %#lx", flags[i]);
        options = prepare("BITS-085", fixture, resource);
        hr = IBackgroundCopyJobHttpOptions3_SetSecurityFlags(options, flags[i]);
        check_hr("BITS-085", hr, S_OK);
        check_remote_name("BITS-085", fixture->job, resource->url);
        resume_job("BITS-085", fixture->job);
        if (flags[i] == BG_HTTP_REDIRECT_POLICY_DISALLOW)
        {
            wait_for_state("BITS-086", fixture->job, BG_JOB_STATE_ERROR);
            check_error("BITS-086", fixture->job, 0x8019012e);
            check_remote_name("BITS-086", fixture->job, target->url);
            /* The client may go there itself. */
            file = get_file("BITS-086", fixture->job, 0);
            query("BITS-086", file, &IID_IBackgroundCopyFile2, &file2);
            hr = IBackgroundCopyFile2_SetRemoteName(file2, target->url);
            check_hr("BITS-086", hr, S_OK);
            IBackgroundCopyFile2_Release(file2);
            IBackgroundCopyFile_Release(file);
            resume_job("BITS-086", fixture->job);
        }
        wait_for_state("BITS-085", fixture->job, BG_JOB_STATE_TRANSFERRED);
        check_remote_name("BITS-085", fixture->job, flags[i] ? target->url : resource->url);
        hr = IBackgroundCopyJob_Complete(fixture->job);
        check_hr("BITS-085", hr, S_OK);
        check_content("BITS-085", fixture->path, target);
        DeleteFileW(fixture->path);
        IBackgroundCopyJobHttpOptions3_Release(options);
        winetest_pop_context();
    }
}

/* A link that a redirect gives may have expired: these statuses lead back to its URL, once. */
static void test_expired_target(struct fixture *fixture)
{
    static const struct
    {
        unsigned int status;
        BOOL is_back;
    }
    tests[] = { { 401, TRUE }, { 403, TRUE }, { 404, TRUE }, { 410, TRUE }, { 400, FALSE }, { 402, FALSE },
            { 429, FALSE }, { 501, FALSE } };
    struct resource *resource, *target;
    char name[32], location[32];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(tests); ++i)
    {
        winetest_push_context("status %u", tests[i].status);
        sprintf(name, "/signed%u", i);
        sprintf(location, "/expired%u", i);
        resource = origin_add_resource(fixture->origin, name, 1000);
        target = origin_add_resource(fixture->origin, location, 1000);
        resource->location = location;
        set_status(resource, 302, ~0u);
        set_status(target, tests[i].status, 1);
        IBackgroundCopyJobHttpOptions3_Release(prepare("BITS-085", fixture, resource));
        resume_job("BITS-085", fixture->job);
        wait_for_state("BITS-085", fixture->job, tests[i].is_back ? BG_JOB_STATE_TRANSFERRED : BG_JOB_STATE_ERROR);
        if (!tests[i].is_back)
            check_error("BITS-085", fixture->job, MAKE_HRESULT(SEVERITY_ERROR, 0x19, tests[i].status));
        ok(origin_get_requests(resource, NULL) == (tests[i].is_back ? 2 : 1), "BITS-085: got %u requests.\n",
                origin_get_requests(resource, NULL));
        IBackgroundCopyJob_Cancel(fixture->job);
        winetest_pop_context();
    }
}

static void test_method_values(struct fixture *fixture)
{
    static const WCHAR * const bad[] = { L"", L"HEAD", L"head", L"CONNECT", L"TRACE", L"A B", L"GET\r\n", L"P\xe4",
            L"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG" };
    IBackgroundCopyJobHttpOptions3 *options;
    BG_JOB_PRIORITY priority;
    unsigned int i;
    WCHAR *method;
    HRESULT hr;

    fixture_new_job(fixture);
    options = get_options(fixture->job);
    hr = IBackgroundCopyJobHttpOptions3_GetHttpMethod(options, &method);
    ok(hr == S_OK && !wcscmp(method, L"GET"), "BITS-089: got hr %#lx, method %s.\n", hr, wine_dbgstr_w(method));
    CoTaskMemFree(method);
    for (i = 0; i < ARRAY_SIZE(bad); ++i)
    {
        hr = IBackgroundCopyJobHttpOptions3_SetHttpMethod(options, bad[i]);
        ok(hr == E_INVALIDARG, "BITS-089: got hr %#lx for %s.\n", hr, wine_dbgstr_w(bad[i]));
    }
    hr = IBackgroundCopyJobHttpOptions3_SetHttpMethod(options, L"GET");
    check_hr("BITS-089", hr, S_OK);
    hr = IBackgroundCopyJob_GetPriority(fixture->job, &priority);
    ok(hr == S_OK && priority == BG_JOB_PRIORITY_NORMAL, "BITS-089: got hr %#lx, priority %u.\n", hr, priority);
    hr = IBackgroundCopyJobHttpOptions3_SetHttpMethod(options, L"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF");
    check_hr("BITS-089", hr, S_OK);
    hr = IBackgroundCopyJob_GetPriority(fixture->job, &priority);
    ok(hr == S_OK && priority == BG_JOB_PRIORITY_FOREGROUND, "BITS-089: got hr %#lx, priority %u.\n", hr, priority);
    hr = IBackgroundCopyJob_SetPriority(fixture->job, BG_JOB_PRIORITY_NORMAL);
    check_hr("BITS-089", hr, BG_E_INVALID_STATE);
    IBackgroundCopyJobHttpOptions3_Release(options);
}

static void check_method(struct resource *resource, unsigned int index, const char *method)
{
    struct origin_request request;

    if (origin_get_request(resource, index, &request) <= index)
        ok(0, "BITS-089: there is no request %u.\n", index);
    else
        ok(!strcmp(request.method, method) && !request.range[0], "BITS-089: request %u is %s.\n", index, request.head);
}

static void test_method(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/post", 100000);
    IBackgroundCopyJobHttpOptions3 *options = prepare("BITS-089", fixture, resource);
    HRESULT hr;

    hr = IBackgroundCopyJobHttpOptions3_SetHttpMethod(options, L"POST");
    check_hr("BITS-089", hr, S_OK);
    set_status(resource, 503, 1);
    resource->cut_after = 50000;
    resource->cut_count = 1;
    resume_job("BITS-089", fixture->job);
    wait_for_state("BITS-089", fixture->job, BG_JOB_STATE_ERROR);
    check_error("BITS-089", fixture->job, 0x801901f7);
    hr = IBackgroundCopyJobHttpOptions3_SetHttpMethod(options, L"GET");
    check_hr("BITS-089", hr, BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);

    /* A body that breaks off is an error, too, and the next request begins anew. */
    resume_job("BITS-089", fixture->job);
    wait_for_state("BITS-089", fixture->job, BG_JOB_STATE_ERROR);
    resume_job("BITS-089", fixture->job);
    wait_for_state("BITS-089", fixture->job, BG_JOB_STATE_TRANSFERRED);
    ok(origin_get_requests(resource, NULL) == 3, "BITS-089: got %u requests.\n", origin_get_requests(resource, NULL));
    check_method(resource, 0, "POST");
    check_method(resource, 1, "POST");
    check_method(resource, 2, "POST");
    check_field("BITS-089", resource, 2, "Content-Length", "0");
    hr = IBackgroundCopyJob_Complete(fixture->job);
    check_hr("BITS-089", hr, S_OK);
    check_content("BITS-089", fixture->path, resource);
    DeleteFileW(fixture->path);
    IBackgroundCopyJobHttpOptions3_Release(options);
}

static void test_redirected_method(struct fixture *fixture)
{
    static const struct
    {
        unsigned int status;
        const char *method;
    }
    tests[] = { { 301, "GET" }, { 302, "GET" }, { 303, "GET" }, { 307, "POST" }, { 308, "POST" } };
    struct resource *resource = origin_add_resource(fixture->origin, "/post-old", 1000);
    struct resource *target = origin_add_resource(fixture->origin, "/post-new", 1000);
    IBackgroundCopyJobHttpOptions3 *options;
    unsigned int i;
    HRESULT hr;

    resource->location = "/post-new";
    for (i = 0; i < ARRAY_SIZE(tests); ++i)
    {
        winetest_push_context("status %u", tests[i].status);
        set_status(resource, tests[i].status, ~0u);
        options = prepare("BITS-089", fixture, resource);
        hr = IBackgroundCopyJobHttpOptions3_SetHttpMethod(options, L"POST");
        check_hr("BITS-089", hr, S_OK);
        resume_job("BITS-089", fixture->job);
        wait_for_state("BITS-089", fixture->job, BG_JOB_STATE_TRANSFERRED);
        check_method(resource, i, "POST");
        check_method(target, i, tests[i].method);
        IBackgroundCopyJob_Cancel(fixture->job);
        IBackgroundCopyJobHttpOptions3_Release(options);
        winetest_pop_context();
    }
}

static void check_no_certificate(IBackgroundCopyJobHttpOptions3 *options)
{
    WCHAR *store = NULL, *subject = NULL;
    BG_CERT_STORE_LOCATION location;
    BYTE *hash = NULL;
    HRESULT hr;

    hr = IBackgroundCopyJobHttpOptions3_GetClientCertificate(options, &location, &store, &hash, &subject);
    check_hr("BITS-090", hr, HRESULT_FROM_WIN32(RPC_X_BAD_STUB_DATA));
    ok(!store && !hash && !subject, "BITS-090: got %p, %p, %p.\n", store, hash, subject);
}

static void test_certificate_errors(struct fixture *fixture)
{
    static WCHAR store[257];
    IBackgroundCopyJobHttpOptions3 *options;
    BYTE hash[20] = { 1, 2, 3 };
    unsigned int i;
    HRESULT hr;

    fixture_new_job(fixture);
    options = get_options(fixture->job);
    check_no_certificate(options);
    hr = IBackgroundCopyJobHttpOptions3_RemoveClientCertificate(options);
    check_hr("BITS-090", hr, S_FALSE);
    hr = IBackgroundCopyJobHttpOptions3_SetClientCertificateByID(options, BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY",
            hash);
    check_hr("BITS-090", hr, CRYPT_E_NOT_FOUND);
    hr = IBackgroundCopyJobHttpOptions3_SetClientCertificateByName(options, BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY",
            L"nobody has this name");
    check_hr("BITS-090", hr, CRYPT_E_NOT_FOUND);
    hr = IBackgroundCopyJobHttpOptions3_SetClientCertificateByID(options, 8, L"MY", hash);
    check_hr("BITS-090", hr, E_NOTIMPL);
    hr = IBackgroundCopyJobHttpOptions3_SetClientCertificateByID(options, BG_CERT_STORE_LOCATION_CURRENT_USER,
            L"no such store", hash);
    check_hr("BITS-090", hr, HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    for (i = 0; i < 256; ++i)
        store[i] = 'a';
    hr = IBackgroundCopyJobHttpOptions3_SetClientCertificateByID(options, BG_CERT_STORE_LOCATION_CURRENT_USER, store,
            hash);
    check_hr("BITS-090", hr, BG_E_STRING_TOO_LONG);
    check_no_certificate(options);
    IBackgroundCopyJobHttpOptions3_Release(options);
}

static void test_validation(struct fixture *fixture)
{
    IBackgroundCopyJobHttpOptions3 *options;
    HRESULT hr;

    fixture_new_job(fixture);
    options = get_options(fixture->job);
    check_interface("BITS-091", fixture->job, &IID_unknown_callback, FALSE);
    hr = IBackgroundCopyJobHttpOptions3_SetServerCertificateValidationInterface(options, (IUnknown *)fixture->manager);
    check_hr("BITS-091", hr, E_NOTIMPL);
    hr = IBackgroundCopyJobHttpOptions3_SetServerCertificateValidationInterface(options, NULL);
    check_hr("BITS-091", hr, S_OK);
    IBackgroundCopyJobHttpOptions3_Release(options);
}

static void test_ownership(struct fixture *fixture)
{
    IBackgroundCopyJobHttpOptions3 *options;
    HRESULT hr;

    fixture_new_job(fixture);
    options = get_options(fixture->job);
    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options, L"X-Test: 1");
    check_hr("BITS-034", hr, S_OK);
    hr = IBackgroundCopyJob_TakeOwnership(fixture->job);
    check_hr("BITS-034", hr, S_OK);
    check_headers("BITS-034", options, S_FALSE, NULL);
    IBackgroundCopyJobHttpOptions3_Release(options);
}

/* Put a certificate without a key into the user's store: it is not used. NULL if this system makes none. */
static const CERT_CONTEXT *add_certificate(HCERTSTORE store)
{
    static WCHAR container[] = L"dosvc test";
    CRYPT_KEY_PROV_INFO provider = { container, NULL, PROV_RSA_FULL, CRYPT_SILENT, 0, NULL, AT_SIGNATURE };
    const CERT_CONTEXT *certificate, *stored = NULL;
    BYTE name[64];
    CERT_NAME_BLOB subject = { sizeof(name), name };
    HCRYPTPROV key;

    if (!CertStrToNameW(X509_ASN_ENCODING, L"CN=dosvc restart", CERT_X500_NAME_STR, NULL, name, &subject.cbData, NULL))
        return NULL;
    if ((certificate = CertCreateSelfSignCertificate(0, &subject, 0, &provider, NULL, NULL, NULL, NULL)))
    {
        CertAddCertificateContextToStore(store, certificate, CERT_STORE_ADD_REPLACE_EXISTING, &stored);
        CertFreeCertificateContext(certificate);
    }
    CryptAcquireContextW(&key, container, NULL, PROV_RSA_FULL, CRYPT_DELETEKEYSET);
    return stored;
}

/* Delete a certificate in the registry, where CertDeleteCertificateFromStore of Wine leaves it. */
static void delete_certificate(const BYTE hash[20])
{
    WCHAR key[128] = L"Software\\Microsoft\\SystemCertificates\\MY\\Certificates\\";
    LSTATUS status;
    unsigned int i;

    for (i = 0; i < 20; ++i)
        swprintf(key + wcslen(key), 3, L"%02X", hash[i]);
    status = RegDeleteTreeW(HKEY_CURRENT_USER, key);
    ok(!status, "BITS-090: cannot delete %s, error %ld.\n", wine_dbgstr_w(key), status);
}

/* Set the certificate of the job to one that is gone afterwards. Wine writes the store when it is closed. */
static BOOL set_certificate(IBackgroundCopyJobHttpOptions3 *options, BYTE hash[20])
{
    const CERT_CONTEXT *certificate;
    DWORD size = 20;
    HCERTSTORE store;
    HRESULT hr;

    store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, L"MY");
    if (!store || !(certificate = add_certificate(store)))
    {
        skip("BITS-090: no certificate, error %#lx.\n", GetLastError());
        return FALSE;
    }
    CertGetCertificateContextProperty(certificate, CERT_SHA1_HASH_PROP_ID, hash, &size);
    CertFreeCertificateContext(certificate);
    CertCloseStore(store, 0);
    hr = IBackgroundCopyJobHttpOptions3_SetClientCertificateByID(options, BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY",
            hash);
    check_hr("BITS-090", hr, S_OK);
    delete_certificate(hash);
    return hr == S_OK;
}

static void check_certificate(IBackgroundCopyJobHttpOptions3 *options, const BYTE expected[20])
{
    WCHAR *store = NULL, *subject = NULL;
    BG_CERT_STORE_LOCATION location = ~0u;
    BYTE *hash = NULL;
    HRESULT hr;

    hr = IBackgroundCopyJobHttpOptions3_GetClientCertificate(options, &location, &store, &hash, &subject);
    check_hr("BITS-090", hr, S_OK);
    if (hr == S_OK)
        ok(location == BG_CERT_STORE_LOCATION_CURRENT_USER && !wcscmp(store, L"MY") && !memcmp(hash, expected, 20)
                && !wcscmp(subject, L"dosvc restart"), "BITS-090: got location %u, store %s, subject %s.\n", location,
                wine_dbgstr_w(store), wine_dbgstr_w(subject));
    CoTaskMemFree(store);
    CoTaskMemFree(hash);
    CoTaskMemFree(subject);
}

static IBackgroundCopyJobHttpOptions3 *restart(struct fixture *fixture)
{
    IBackgroundCopyJob *job;
    HRESULT hr;
    GUID id;

    IBackgroundCopyJob_GetId(fixture->job, &id);
    if (!restart_service("BITS-046", END_STOP, &fixture->manager))
        return NULL;
    hr = IBackgroundCopyManager_GetJob(fixture->manager, &id, &job);
    check_hr("BITS-046", hr, S_OK);
    if (FAILED(hr))
        return NULL;
    IBackgroundCopyJob_Release(fixture->job);
    fixture->job = job;
    return get_options(job);
}

/* Options are in the record of the job, but for the lines of headers that are secrets. */
static void test_saved_options(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/saved", 1000);
    IBackgroundCopyJobHttpOptions3 *options = prepare("BITS-083", fixture, resource);
    ULONG flags = 0;
    WCHAR *method;
    BYTE hash[20];
    HRESULT hr;
    BOOL is_set;

    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options,
            L"Authorization: Basic dTpw\r\nX-Test: one\r\nCookie: a=b\r\nX-Other: two");
    check_hr("BITS-083", hr, S_OK);
    hr = IBackgroundCopyJobHttpOptions3_SetSecurityFlags(options, 0x91f);
    check_hr("BITS-088", hr, S_OK);
    hr = IBackgroundCopyJobHttpOptions3_SetHttpMethod(options, L"POST");
    check_hr("BITS-089", hr, S_OK);
    is_set = set_certificate(options, hash);
    IBackgroundCopyJobHttpOptions3_Release(options);
    if (!(options = restart(fixture)))
        return;
    check_headers("BITS-081", options, S_OK, L"X-Test: one\r\nX-Other: two\r\n");
    hr = IBackgroundCopyJobHttpOptions3_GetSecurityFlags(options, &flags);
    ok(hr == S_OK && flags == 0x91f, "BITS-088: got hr %#lx, flags %#lx.\n", hr, flags);
    hr = IBackgroundCopyJobHttpOptions3_GetHttpMethod(options, &method);
    ok(hr == S_OK && !wcscmp(method, L"POST"), "BITS-089: got hr %#lx, method %s.\n", hr, wine_dbgstr_w(method));
    CoTaskMemFree(method);
    if (is_set)
        check_certificate(options, hash);
    resume_job("BITS-083", fixture->job);
    wait_for_state("BITS-083", fixture->job, BG_JOB_STATE_TRANSFERRED);
    check_method(resource, 0, "POST");
    check_field("BITS-083", resource, 0, "X-Test", "one");
    check_field("BITS-083", resource, 0, "X-Other", "two");
    check_field("BITS-081", resource, 0, "Authorization", NULL);
    check_field("BITS-081", resource, 0, "Cookie", NULL);
    IBackgroundCopyJob_Cancel(fixture->job);
    IBackgroundCopyJobHttpOptions3_Release(options);
}

/* Hidden headers stay hidden, and are sent; a final URL stays known. */
static void test_saved_names(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/saved-old", 1000);
    struct resource *target = origin_add_resource(fixture->origin, "/saved-new", 1000);
    IBackgroundCopyJobHttpOptions3 *options = prepare("BITS-084", fixture, resource);
    HRESULT hr;

    resource->location = "/saved-new";
    set_status(resource, 302, ~0u);
    hr = IBackgroundCopyJobHttpOptions3_SetCustomHeaders(options, L"X-Test: one");
    check_hr("BITS-083", hr, S_OK);
    hr = IBackgroundCopyJobHttpOptions3_MakeCustomHeadersWriteOnly(options);
    check_hr("BITS-084", hr, S_OK);
    hr = IBackgroundCopyJobHttpOptions3_SetSecurityFlags(options, BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT);
    check_hr("BITS-085", hr, S_OK);
    IBackgroundCopyJobHttpOptions3_Release(options);
    if (!(options = restart(fixture)))
        return;
    check_headers("BITS-084", options, E_ACCESSDENIED, NULL);
    resume_job("BITS-084", fixture->job);
    wait_for_state("BITS-084", fixture->job, BG_JOB_STATE_TRANSFERRED);
    check_field("BITS-084", target, 0, "X-Test", "one");
    check_remote_name("BITS-085", fixture->job, target->url);
    IBackgroundCopyJobHttpOptions3_Release(options);
    if (!(options = restart(fixture)))
        return;
    check_remote_name("BITS-085", fixture->job, target->url);
    IBackgroundCopyJob_Cancel(fixture->job);
    IBackgroundCopyJobHttpOptions3_Release(options);
}

START_TEST(http_options)
{
    struct fixture fixture;
    struct origin *other;

    if (!begin_bits())
        return;
    if (fixture_open(&fixture))
    {
        test_interfaces(fixture.job);
        test_set_headers(&fixture);
        test_sent_headers(&fixture);
        test_late_headers(&fixture);
        if ((other = origin_create()))
        {
            test_foreign_headers(&fixture, other);
            origin_destroy(other);
        }
        test_flags(&fixture);
        test_redirects(&fixture);
        test_expired_target(&fixture);
        test_method_values(&fixture);
        test_method(&fixture);
        test_redirected_method(&fixture);
        test_certificate_errors(&fixture);
        test_validation(&fixture);
        test_ownership(&fixture);
        test_saved_options(&fixture);
        test_saved_names(&fixture);
        fixture_close(&fixture);
    }
    end_bits();
}
