/*
 * The BITS front: proxies of jobs
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

#define INTERNET_SETTINGS L"Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings"
#define READ_INTERVAL     5000 /* ms after which the service reads settings again */
#define SILENCE           60000 /* ms after which it gives a silent server up, at the latest */

/* A job with another server that is its proxy. */
struct proxy_fixture
{
    struct fixture base;
    struct origin *proxy;
    IBackgroundCopyJob *job; /* of base */
};

static void new_job(struct proxy_fixture *fixture)
{
    fixture_new_job(&fixture->base);
    fixture->job = fixture->base.job;
}

/* Set OVERRIDE with a list in which each %u is the port of the proxy. */
static HRESULT override_proxy(struct proxy_fixture *fixture, const WCHAR *format, const WCHAR *bypass)
{
    WCHAR list[256];

    swprintf(list, ARRAY_SIZE(list), format, fixture->proxy->port, fixture->proxy->port);
    return IBackgroundCopyJob_SetProxySettings(fixture->job, BG_JOB_PROXY_USAGE_OVERRIDE, list, bypass);
}

static void add_url(const char *id, struct proxy_fixture *fixture, const WCHAR *url)
{
    check_hr(id, IBackgroundCopyJob_AddFile(fixture->job, url, fixture->base.path), S_OK);
}

/* The job gets what the resource has, be that the proxy's or the server's. */
static void check_transfer(const char *id, struct proxy_fixture *fixture, const WCHAR *url, struct resource *resource)
{
    unsigned int count = origin_get_requests(resource, NULL);

    add_url(id, fixture, url);
    resume_job(id, fixture->job);
    if (!wait_for_state(id, fixture->job, BG_JOB_STATE_TRANSFERRED))
        return;
    ok(origin_get_requests(resource, NULL) == count + 1, "%s: no request has come.\n", id);
    check_hr(id, IBackgroundCopyJob_Complete(fixture->job), S_OK);
    check_content(id, fixture->base.path, resource);
}

static void check_failure(const char *id, IBackgroundCopyJob *job, BG_JOB_STATE state, HRESULT expected,
        BG_ERROR_CONTEXT expected_context)
{
    BG_ERROR_CONTEXT context = BG_ERROR_CONTEXT_NONE;
    HRESULT code;

    if (!wait_for_state(id, job, state))
        return;
    code = get_error_code(job, &context);
    ok(code == expected && context == expected_context, "%s: got code %#lx, context %u.\n", id, code, context);
}

static void check_settings(const char *id, IBackgroundCopyJob *job, BG_JOB_PROXY_USAGE expected,
        const WCHAR *expected_list, const WCHAR *expected_bypass)
{
    WCHAR *list = (WCHAR *)0xdeadbeef, *bypass = (WCHAR *)0xdeadbeef;
    BG_JOB_PROXY_USAGE usage = ~0u;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetProxySettings(job, &usage, &list, &bypass);
    ok(hr == S_OK && usage == expected, "%s: got hr %#lx, usage %u.\n", id, hr, usage);
    if (FAILED(hr))
        return;
    ok(expected_list ? list && !wcscmp(list, expected_list) : !list, "%s: got list %s.\n", id, wine_dbgstr_w(list));
    ok(expected_bypass ? bypass && !wcscmp(bypass, expected_bypass) : !bypass, "%s: got bypass list %s.\n", id,
            wine_dbgstr_w(bypass));
    CoTaskMemFree(list);
    CoTaskMemFree(bypass);
}

static void test_arguments(struct proxy_fixture *fixture)
{
    static const BG_JOB_PROXY_USAGE usages[] =
    {
        BG_JOB_PROXY_USAGE_NO_PROXY, BG_JOB_PROXY_USAGE_AUTODETECT, BG_JOB_PROXY_USAGE_PRECONFIG,
    };
    IBackgroundCopyJob *job = fixture->job;
    WCHAR text[4002];
    unsigned int i;

    check_settings("BITS-068", job, BG_JOB_PROXY_USAGE_PRECONFIG, NULL, NULL);
    for (i = 0; i < ARRAY_SIZE(usages); ++i)
    {
        check_hr("BITS-068", IBackgroundCopyJob_SetProxySettings(job, usages[i], NULL, NULL), S_OK);
        check_settings("BITS-068", job, usages[i], NULL, NULL);
        check_hr("BITS-072", IBackgroundCopyJob_SetProxySettings(job, usages[i], L"proxy", NULL), E_INVALIDARG);
        check_hr("BITS-072", IBackgroundCopyJob_SetProxySettings(job, usages[i], NULL, L"*"), E_INVALIDARG);
    }
    check_hr("BITS-072", IBackgroundCopyJob_SetProxySettings(job, BG_JOB_PROXY_USAGE_OVERRIDE, NULL, L"*"),
            E_INVALIDARG);
    check_hr("BITS-072", IBackgroundCopyJob_SetProxySettings(job, 4, NULL, NULL), E_NOTIMPL);
    for (i = 0; i < 4001; ++i)
        text[i] = 'a';
    text[4001] = 0;
    check_hr("BITS-072", IBackgroundCopyJob_SetProxySettings(job, BG_JOB_PROXY_USAGE_OVERRIDE, text, NULL),
            BG_E_PROXY_LIST_TOO_LARGE);
    check_hr("BITS-072", IBackgroundCopyJob_SetProxySettings(job, BG_JOB_PROXY_USAGE_OVERRIDE, L"a", text),
            BG_E_PROXY_BYPASS_LIST_TOO_LARGE);
    check_settings("BITS-072", job, BG_JOB_PROXY_USAGE_PRECONFIG, NULL, NULL);
    text[4000] = 0;
    check_hr("BITS-072", IBackgroundCopyJob_SetProxySettings(job, BG_JOB_PROXY_USAGE_OVERRIDE, text, text), S_OK);
    check_settings("BITS-072", job, BG_JOB_PROXY_USAGE_OVERRIDE, text, text);
    check_hr("BITS-068", IBackgroundCopyJob_SetProxySettings(job, BG_JOB_PROXY_USAGE_OVERRIDE, L"a:1 b:2", L"<local>"),
            S_OK);
    check_settings("BITS-068", job, BG_JOB_PROXY_USAGE_OVERRIDE, L"a:1 b:2", L"<local>");
    check_hr("BITS-027", IBackgroundCopyJob_Cancel(job), S_OK);
    check_hr("BITS-027", IBackgroundCopyJob_SetProxySettings(job, BG_JOB_PROXY_USAGE_NO_PROXY, NULL, NULL),
            BG_E_INVALID_STATE);
}

static void test_override(struct proxy_fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->base.origin, "/override", 1000), *far_one, *near_one;
    char name[64];

    far_one = origin_add_resource(fixture->proxy, "http://server.invalid/override", 3000);
    sprintf(name, "http://127.0.0.1:%u/override", fixture->base.origin->port);
    near_one = origin_add_resource(fixture->proxy, name, 4000);
    new_job(fixture);
    check_hr("BITS-069", override_proxy(fixture, L"127.0.0.1:%u", NULL), S_OK);
    check_transfer("BITS-069", fixture, L"http://server.invalid/override", far_one);
    new_job(fixture);
    check_hr("BITS-069", override_proxy(fixture, L"127.0.0.1:%u", L"*.invalid"), S_OK);
    check_transfer("BITS-069", fixture, resource->url, near_one);
    new_job(fixture);
    check_hr("BITS-069", override_proxy(fixture, L"http://127.0.0.1:%u", L"127.*"), S_OK);
    check_transfer("BITS-069", fixture, resource->url, resource);
    /* Neither this machine nor the connections that are kept make a difference. */
    new_job(fixture);
    check_hr("BITS-071", IBackgroundCopyJob_SetProxySettings(fixture->job, BG_JOB_PROXY_USAGE_NO_PROXY, NULL, NULL),
            S_OK);
    check_transfer("BITS-071", fixture, resource->url, resource);
    new_job(fixture);
    check_hr("BITS-069", override_proxy(fixture, L"127.0.0.1:%u;", NULL), S_OK);
    check_transfer("BITS-069", fixture, resource->url, near_one);
    new_job(fixture);
    check_hr("BITS-068", IBackgroundCopyJob_SetProxySettings(fixture->job, BG_JOB_PROXY_USAGE_AUTODETECT, NULL, NULL),
            S_OK);
    check_transfer("BITS-068", fixture, resource->url, resource);
}

static void test_schemes(struct proxy_fixture *fixture)
{
    struct resource *plain, *tunnel;
    struct origin_request request;
    WCHAR list[128];

    plain = origin_add_resource(fixture->base.origin, "http://schemes.invalid/schemes", 1000);
    tunnel = origin_add_resource(fixture->proxy, "schemes.invalid:443", 0);
    set_status(tunnel, 503, ORIGIN_FOREVER);
    swprintf(list, ARRAY_SIZE(list), L"http=http://127.0.0.1:%u 127.0.0.1:%u", fixture->base.origin->port,
            fixture->proxy->port);
    new_job(fixture);
    check_hr("BITS-070", override_proxy(fixture, list, NULL), S_OK);
    check_transfer("BITS-070", fixture, L"http://schemes.invalid/schemes", plain);
    new_job(fixture);
    check_hr("BITS-070", override_proxy(fixture, list, NULL), S_OK);
    add_url("BITS-070", fixture, L"https://schemes.invalid/schemes");
    resume_job("BITS-070", fixture->job);
    check_failure("BITS-070", fixture->job, BG_JOB_STATE_TRANSIENT_ERROR, HRESULT_FROM_WIN32(12029),
            BG_ERROR_CONTEXT_GENERAL_TRANSPORT);
    origin_get_requests(tunnel, &request);
    ok(!strcmp(request.method, "CONNECT"), "BITS-070: got method %s.\n", request.method);
}

static void test_unusable(struct proxy_fixture *fixture)
{
    static const WCHAR *const lists[] =
    {
        L"", L" ; ", L"socks5://127.0.0.1:1080", L"127.0.0.1:99999", L"ftp=127.0.0.1:80",
        L"user:password@127.0.0.1:80",
    };
    struct resource *resource = origin_add_resource(fixture->base.origin, "/unusable", 1000);
    unsigned short port = 0;
    SOCKET sock = origin_bind(&port);
    WCHAR list[64];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(lists); ++i)
    {
        new_job(fixture);
        check_hr("BITS-073", IBackgroundCopyJob_SetProxySettings(fixture->job, BG_JOB_PROXY_USAGE_OVERRIDE, lists[i],
                NULL), S_OK);
        add_url("BITS-073", fixture, resource->url);
        resume_job("BITS-073", fixture->job);
        check_failure("BITS-073", fixture->job, BG_JOB_STATE_ERROR, BG_E_INVALID_PROXY_INFO,
                BG_ERROR_CONTEXT_GENERAL_TRANSPORT);
    }
    ok(!origin_get_requests(resource, NULL), "BITS-073: a request has come.\n");
    check_hr("BITS-073", IBackgroundCopyJob_SetProxySettings(fixture->job, BG_JOB_PROXY_USAGE_NO_PROXY, NULL, NULL),
            S_OK);
    resume_job("BITS-073", fixture->job);
    wait_for_state("BITS-073", fixture->job, BG_JOB_STATE_TRANSFERRED);

    /* Nobody listens there. */
    new_job(fixture);
    swprintf(list, ARRAY_SIZE(list), L"127.0.0.1:%u", port);
    check_hr("BITS-073", IBackgroundCopyJob_SetProxySettings(fixture->job, BG_JOB_PROXY_USAGE_OVERRIDE, list, NULL),
            S_OK);
    add_url("BITS-073", fixture, resource->url);
    resume_job("BITS-073", fixture->job);
    check_failure("BITS-073", fixture->job, BG_JOB_STATE_TRANSIENT_ERROR, HRESULT_FROM_WIN32(12029),
            BG_ERROR_CONTEXT_GENERAL_TRANSPORT);
    closesocket(sock);
}

static void set_internet_setting(const WCHAR *name, DWORD type, const void *data, DWORD size)
{
    if (data)
        RegSetKeyValueW(HKEY_CURRENT_USER, INTERNET_SETTINGS, name, type, data, size);
    else
        RegDeleteKeyValueW(HKEY_CURRENT_USER, INTERNET_SETTINGS, name);
}

/* A script has named the proxy, though not at the first look, and the connection to that is kept from another job. So
 * it is the server that does not answer. */
static void test_silent_server(struct proxy_fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->proxy, "http://kept.invalid/kept", 1000);
    DWORD end;

    new_job(fixture);
    check_hr("BITS-068", override_proxy(fixture, L"127.0.0.1:%u", NULL), S_OK);
    check_transfer("BITS-068", fixture, L"http://kept.invalid/kept", resource);
    origin_lock(fixture->proxy);
    resource->flags |= RESOURCE_IS_SILENT;
    origin_unlock(fixture->proxy);
    new_job(fixture);
    check_hr("BITS-068", IBackgroundCopyJob_SetProxySettings(fixture->job, BG_JOB_PROXY_USAGE_AUTODETECT, NULL, NULL),
            S_OK);
    add_url("BITS-068", fixture, L"http://kept.invalid/kept");
    resume_job("BITS-068", fixture->job);
    wait_for_requests("BITS-068", resource, 2);
    for (end = GetTickCount() + SILENCE; get_state(fixture->job) != BG_JOB_STATE_TRANSIENT_ERROR
            && (LONG)(end - GetTickCount()) > 0;)
        Sleep(POLL_MS);
    check_failure("BITS-068", fixture->job, BG_JOB_STATE_TRANSIENT_ERROR, HRESULT_FROM_WIN32(12002),
            BG_ERROR_CONTEXT_REMOTE_FILE);
}

/* The settings of the user count for PRECONFIG, a script of his for AUTODETECT, and neither for NO_PROXY. */
static void test_user_settings(struct proxy_fixture *fixture)
{
    static const char script[] = "function FindProxyForURL(url, host) { return 'PROXY 127.0.0.1:%u'; }";
    struct resource *resource, *pac;
    char body[128], raw[256];
    WCHAR list[64];
    DWORD one = 1;

    resource = origin_add_resource(fixture->proxy, "http://user.invalid/settings", 1000);
    swprintf(list, ARRAY_SIZE(list), L"127.0.0.1:%u", fixture->proxy->port);
    set_internet_setting(L"ProxyServer", REG_SZ, list, (wcslen(list) + 1) * sizeof(*list));
    set_internet_setting(L"ProxyEnable", REG_DWORD, &one, sizeof(one));
    Sleep(READ_INTERVAL + 500);
    new_job(fixture);
    check_transfer("BITS-068", fixture, L"http://user.invalid/settings", resource);
    new_job(fixture);
    check_hr("BITS-071", IBackgroundCopyJob_SetProxySettings(fixture->job, BG_JOB_PROXY_USAGE_NO_PROXY, NULL, NULL),
            S_OK);
    add_url("BITS-071", fixture, L"http://user.invalid/settings");
    resume_job("BITS-071", fixture->job);
    check_failure("BITS-071", fixture->job, BG_JOB_STATE_TRANSIENT_ERROR, HRESULT_FROM_WIN32(12007),
            BG_ERROR_CONTEXT_REMOTE_FILE);
    set_internet_setting(L"ProxyEnable", REG_DWORD, NULL, 0);
    set_internet_setting(L"ProxyServer", REG_SZ, NULL, 0);

    pac = origin_add_resource(fixture->base.origin, "/proxy.pac", 0);
    sprintf(body, script, fixture->proxy->port);
    sprintf(raw, "HTTP/1.1 200 OK\r\nContent-Type: application/x-ns-proxy-autoconfig\r\nContent-Length: %u\r\n\r\n%s",
            (unsigned int)strlen(body), body);
    pac->raw = raw;
    set_internet_setting(L"AutoConfigURL", REG_SZ, pac->url, (wcslen(pac->url) + 1) * sizeof(*pac->url));
    new_job(fixture);
    check_hr("BITS-068", IBackgroundCopyJob_SetProxySettings(fixture->job, BG_JOB_PROXY_USAGE_AUTODETECT, NULL, NULL),
            S_OK);
    check_transfer("BITS-068", fixture, L"http://user.invalid/settings", resource);
    test_silent_server(fixture);
    set_internet_setting(L"AutoConfigURL", REG_SZ, NULL, 0);
    Sleep(READ_INTERVAL + 500);
}

/* A host with letters other than ASCII has cookies as any other one has. */
static void test_international_cookie(struct proxy_fixture *fixture)
{
    struct resource *redirect = origin_add_resource(fixture->proxy, "http://xn--bcher-kva.invalid/to-cookie", 0);
    struct resource *resource = origin_add_resource(fixture->proxy, "http://xn--bcher-kva.invalid/cookie", 1000);

    resource->required = "Cookie: seen=yes\r\n";
    redirect->status = 302;
    redirect->location = "/cookie";
    redirect->headers = "Set-Cookie: seen=yes\r\n";
    new_job(fixture);
    check_hr("BITS-069", override_proxy(fixture, L"127.0.0.1:%u", NULL), S_OK);
    check_transfer("BITS-069", fixture, L"http://b\x00fc" L"cher.invalid/to-cookie", resource);
}

static void test_restart(struct proxy_fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->proxy, "http://server.invalid/restart", 1000);
    WCHAR list[64];
    HRESULT hr;
    GUID id;

    new_job(fixture);
    swprintf(list, ARRAY_SIZE(list), L"127.0.0.1:%u", fixture->proxy->port);
    check_hr("BITS-069", IBackgroundCopyJob_SetProxySettings(fixture->job, BG_JOB_PROXY_USAGE_OVERRIDE, list, L"*.x"),
            S_OK);
    add_url("BITS-069", fixture, L"http://server.invalid/restart");
    IBackgroundCopyJob_GetId(fixture->job, &id);
    if (restart_service("BITS-046", END_STOP, &fixture->base.manager))
    {
        IBackgroundCopyJob_Release(fixture->job);
        hr = IBackgroundCopyManager_GetJob(fixture->base.manager, &id, &fixture->job);
        check_hr("BITS-046", hr, S_OK);
        fixture->base.job = fixture->job;
        check_settings("BITS-068", fixture->job, BG_JOB_PROXY_USAGE_OVERRIDE, list, L"*.x");
        resume_job("BITS-069", fixture->job);
        if (wait_for_state("BITS-069", fixture->job, BG_JOB_STATE_TRANSFERRED))
            check_hr("BITS-069", IBackgroundCopyJob_Complete(fixture->job), S_OK);
        check_content("BITS-069", fixture->base.path, resource);
    }
}

START_TEST(proxy)
{
    struct proxy_fixture fixture;

    if (!begin_bits())
        return;
    if (fixture_open(&fixture.base))
    {
        fixture.proxy = origin_create();
        fixture.job = fixture.base.job;
        test_arguments(&fixture);
        test_override(&fixture);
        test_schemes(&fixture);
        test_unusable(&fixture);
        test_user_settings(&fixture);
        test_international_cookie(&fixture);
        test_restart(&fixture);
        fixture_close(&fixture.base);
        origin_destroy(fixture.proxy);
    }
    end_bits();
}
