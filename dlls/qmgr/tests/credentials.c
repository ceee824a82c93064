/*
 * The BITS front: credentials of jobs
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

/* Where the service keeps its records (bits-front 2.3). */
#define STATE_FOLDER L"\\ServiceProfiles\\NetworkService\\AppData\\Local\\Microsoft\\Windows\\BITS\\State\\"

#define USER     L"Mufasa"
#define PASSWORD L"Circle of Life"
#define BASIC    "Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl"

static HRESULT set_credentials(IBackgroundCopyJob *job, BG_AUTH_TARGET target, BG_AUTH_SCHEME scheme,
        const WCHAR *user, const WCHAR *password)
{
    BG_AUTH_CREDENTIALS credentials = { target, scheme };
    IBackgroundCopyJob2 *job2;
    HRESULT hr;

    query("BITS-016", job, &IID_IBackgroundCopyJob2, &job2);
    credentials.Credentials.Basic.UserName = (WCHAR *)user;
    credentials.Credentials.Basic.Password = (WCHAR *)password;
    hr = IBackgroundCopyJob2_SetCredentials(job2, &credentials);
    IBackgroundCopyJob2_Release(job2);
    return hr;
}

static HRESULT remove_credentials(IBackgroundCopyJob *job, BG_AUTH_TARGET target, BG_AUTH_SCHEME scheme)
{
    IBackgroundCopyJob2 *job2;
    HRESULT hr;

    query("BITS-016", job, &IID_IBackgroundCopyJob2, &job2);
    hr = IBackgroundCopyJob2_RemoveCredentials(job2, target, scheme);
    IBackgroundCopyJob2_Release(job2);
    return hr;
}

static void test_arguments(IBackgroundCopyJob *job)
{
    static WCHAR user[302], password[65537];
    unsigned int i;

    for (i = 0; i < 301; ++i)
        user[i] = 'u';
    for (i = 0; i < 65536; ++i)
        password[i] = 'p';
    check_hr("BITS-077", set_credentials(job, BG_AUTH_TARGET_PROXY, BG_AUTH_SCHEME_NTLM, NULL, NULL), S_OK);
    check_hr("BITS-077", set_credentials(job, BG_AUTH_TARGET_PROXY, BG_AUTH_SCHEME_NEGOTIATE, NULL, NULL), S_OK);
    check_hr("BITS-078", set_credentials(job, 0, BG_AUTH_SCHEME_BASIC, L"u", L"p"), BG_E_INVALID_AUTH_TARGET);
    check_hr("BITS-078", set_credentials(job, 3, BG_AUTH_SCHEME_BASIC, L"u", L"p"), BG_E_INVALID_AUTH_TARGET);
    check_hr("BITS-078", set_credentials(job, BG_AUTH_TARGET_SERVER, 9, L"u", L"p"), BG_E_INVALID_AUTH_SCHEME);
    check_hr("BITS-078", set_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_PASSPORT, L"u", L"p"), E_NOTIMPL);
    check_hr("BITS-078", set_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, NULL, L"p"), E_INVALIDARG);
    check_hr("BITS-078", set_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, L"u", NULL), E_INVALIDARG);
    check_hr("BITS-078", set_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_DIGEST, NULL, NULL), E_INVALIDARG);
    check_hr("BITS-078", set_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, user, L"p"),
            BG_E_USERNAME_TOO_LARGE);
    check_hr("BITS-078", set_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, L"u", password),
            BG_E_PASSWORD_TOO_LARGE);
    user[300] = password[65535] = 0;
    check_hr("BITS-078", set_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, user, password), S_OK);
    check_hr("BITS-079", remove_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC), S_OK);
    check_hr("BITS-079", remove_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC), S_FALSE);
    check_hr("BITS-079", remove_credentials(job, BG_AUTH_TARGET_PROXY, BG_AUTH_SCHEME_NTLM), S_OK);
    check_hr("BITS-079", remove_credentials(job, BG_AUTH_TARGET_PROXY, BG_AUTH_SCHEME_NTLM), S_FALSE);
    check_hr("BITS-079", remove_credentials(job, 0, BG_AUTH_SCHEME_NTLM), BG_E_INVALID_AUTH_TARGET);
    check_hr("BITS-079", remove_credentials(job, BG_AUTH_TARGET_PROXY, 9), BG_E_INVALID_AUTH_SCHEME);
    check_hr("BITS-034", IBackgroundCopyJob_TakeOwnership(job), S_OK);
    check_hr("BITS-034", remove_credentials(job, BG_AUTH_TARGET_PROXY, BG_AUTH_SCHEME_NEGOTIATE), S_FALSE);
    check_hr("BITS-027", IBackgroundCopyJob_Cancel(job), S_OK);
    check_hr("BITS-027", set_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, L"u", L"p"),
            BG_E_INVALID_STATE);
    check_hr("BITS-027", remove_credentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC), BG_E_INVALID_STATE);
}

/* A server or proxy that asks until it gets a line that it knows. */
struct guard
{
    unsigned int status;    /* 401 or 407 */
    const char *challenges; /* lines */
    const char *field;      /* of the request that is looked at */
    const char *expected;   /* begin of its value */
    BOOL closes;            /* the connection after each challenge */
};

static BOOL play_guard(void *context, const struct origin_request *request, struct answer *answer)
{
    const struct guard *guard = context;
    char value[1024], head[1024];

    origin_get_field(request->head, guard->field, value, sizeof(value));
    if (guard->expected && !strncmp(value, guard->expected, strlen(guard->expected)))
    {
        answer->status = 200;
        return origin_send_head(answer) && origin_send_body(answer);
    }
    sprintf(head, "HTTP/1.1 %u No\r\n%sContent-Length: 6\r\n%s\r\ndenied", guard->status, guard->challenges,
            guard->closes ? "Connection: close\r\n" : "");
    return origin_send(answer, head, strlen(head)) && !guard->closes;
}

static struct resource *add_guarded(struct origin *origin, const char *path, struct guard *guard)
{
    struct resource *resource = origin_add_resource(origin, path, 3000);

    resource->play_context = guard;
    resource->play = play_guard;
    return resource;
}

#define check_value(id, resource, index, field, expected) \
    check_value_(__LINE__, id, resource, index, field, expected)
static void check_value_(int line, const char *id, struct resource *resource, unsigned int index, const char *field,
        const char *expected)
{
    struct origin_request request;
    char value[1024];

    origin_get_request(resource, index, &request);
    origin_get_field(request.head, field, value, sizeof(value));
    ok_(__FILE__, line)(!strcmp(value, expected), "%s: request %u has %s: %s.\n", id, index, field, value);
}

static void add_target(const char *id, struct fixture *fixture, const WCHAR *url)
{
    check_hr(id, IBackgroundCopyJob_AddFile(fixture->job, url, fixture->path), S_OK);
}

static void check_done(const char *id, struct fixture *fixture, struct resource *resource)
{
    resume_job(id, fixture->job);
    if (!wait_for_state(id, fixture->job, BG_JOB_STATE_TRANSFERRED))
        return;
    check_hr(id, IBackgroundCopyJob_Complete(fixture->job), S_OK);
    check_content(id, fixture->path, resource);
}

static void check_refused(const char *id, struct fixture *fixture, HRESULT expected)
{
    BG_ERROR_CONTEXT context = 0;
    HRESULT code;

    resume_job(id, fixture->job);
    if (!wait_for_state(id, fixture->job, BG_JOB_STATE_ERROR))
        return;
    code = get_error_code(fixture->job, &context);
    ok(code == expected && context == BG_ERROR_CONTEXT_REMOTE_FILE, "%s: got code %#lx, context %u.\n", id, code,
            context);
}

static void test_basic(struct fixture *fixture)
{
    struct guard guard = { 401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "Authorization", BASIC };
    struct resource *resource = add_guarded(fixture->origin, "/basic", &guard);
    unsigned int count;

    fixture_new_job(fixture);
    check_hr("BITS-074", set_credentials(fixture->job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, USER, PASSWORD),
            S_OK);
    add_target("BITS-074", fixture, resource->url);
    check_done("BITS-074", fixture, resource);
    check_value("BITS-074", resource, 0, "Authorization", "");
    check_value("BITS-074", resource, 1, "Authorization", BASIC);

    guard.closes = TRUE;
    fixture_new_job(fixture);
    count = origin_get_requests(resource, NULL);
    check_hr("BITS-075", set_credentials(fixture->job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, USER, L"wrong"),
            S_OK);
    add_target("BITS-075", fixture, resource->url);
    check_refused("BITS-075", fixture, 0x80190191);
    count = origin_get_requests(resource, NULL) - count;
    ok(count == 2, "BITS-075: got %u requests.\n", count);
    check_hr("BITS-075", set_credentials(fixture->job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, USER, PASSWORD),
            S_OK);
    check_done("BITS-075", fixture, resource);

    /* Credentials for a proxy are not for a server. */
    fixture_new_job(fixture);
    check_hr("BITS-076", set_credentials(fixture->job, BG_AUTH_TARGET_PROXY, BG_AUTH_SCHEME_BASIC, USER, PASSWORD),
            S_OK);
    add_target("BITS-076", fixture, resource->url);
    count = origin_get_requests(resource, NULL);
    check_refused("BITS-076", fixture, 0x80190191);
    count = origin_get_requests(resource, NULL) - count;
    ok(count == 1, "BITS-076: got %u requests.\n", count);
}

/* The server closes the connection of its challenge at the next request. A request that may be sent once only has to
 * come over another one at once. */
static void test_method(struct fixture *fixture)
{
    static const WCHAR *const methods[] = { L"POST", L"GET" };
    struct guard guard = { 401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "Authorization", BASIC };
    IBackgroundCopyJobHttpOptions3 *options;
    struct resource *resource;
    struct origin *server;
    unsigned int i, count;

    for (i = 0; i < ARRAY_SIZE(methods); ++i)
    {
        /* A server of its own, to which no connection is kept. */
        server = origin_create();
        resource = add_guarded(server, "/closing", &guard);
        resource->stale = "";
        fixture_new_job(fixture);
        check_hr("BITS-089", set_credentials(fixture->job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, USER, PASSWORD),
                S_OK);
        add_target("BITS-089", fixture, resource->url);
        query("BITS-089", fixture->job, &IID_IBackgroundCopyJobHttpOptions3, &options);
        check_hr("BITS-089", IBackgroundCopyJobHttpOptions3_SetHttpMethod(options, methods[i]), S_OK);
        IBackgroundCopyJobHttpOptions3_Release(options);
        check_done("BITS-089", fixture, resource);
        check_value("BITS-089", resource, 0, "Authorization", "");
        check_value("BITS-089", resource, 1, "Authorization", BASIC);
        count = origin_get_requests(resource, NULL);
        ok(count == (i ? 3 : 2), "BITS-089: %s: got %u requests.\n", wine_dbgstr_w(methods[i]), count);
        fixture_new_job(fixture);
        origin_destroy(server);
    }
}

static HRESULT set_proxy(struct fixture *fixture, struct origin *proxy)
{
    WCHAR list[64];

    swprintf(list, ARRAY_SIZE(list), L"127.0.0.1:%u", proxy->port);
    return IBackgroundCopyJob_SetProxySettings(fixture->job, BG_JOB_PROXY_USAGE_OVERRIDE, list, NULL);
}

static void test_proxy(struct fixture *fixture)
{
    struct guard guard = { 407, "Proxy-Authenticate: Basic realm=\"x\"\r\n", "Proxy-Authorization", BASIC };
    struct origin *proxy = origin_create();
    struct resource *resource = add_guarded(proxy, "http://server.invalid/proxy", &guard), *tunnel;

    fixture_new_job(fixture);
    check_hr("BITS-076", set_proxy(fixture, proxy), S_OK);
    check_hr("BITS-076", set_credentials(fixture->job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, USER, PASSWORD),
            S_OK);
    add_target("BITS-076", fixture, L"http://server.invalid/proxy");
    check_refused("BITS-076", fixture, 0x80190197);
    check_value("BITS-076", resource, 0, "Authorization", "");
    check_value("BITS-076", resource, 0, "Proxy-Authorization", "");
    check_hr("BITS-076", set_credentials(fixture->job, BG_AUTH_TARGET_PROXY, BG_AUTH_SCHEME_BASIC, USER, PASSWORD),
            S_OK);
    check_done("BITS-076", fixture, resource);
    check_value("BITS-076", resource, 1, "Proxy-Authorization", "");
    check_value("BITS-076", resource, 2, "Proxy-Authorization", BASIC);

    /* The proxy of a tunnel; what follows its answer is no TLS. */
    tunnel = add_guarded(proxy, "server.invalid:443", &guard);
    fixture_new_job(fixture);
    check_hr("BITS-076", set_proxy(fixture, proxy), S_OK);
    add_target("BITS-076", fixture, L"https://server.invalid/tunnel");
    check_refused("BITS-076", fixture, 0x80190197);
    check_hr("BITS-076", set_credentials(fixture->job, BG_AUTH_TARGET_PROXY, BG_AUTH_SCHEME_BASIC, USER, PASSWORD),
            S_OK);
    resume_job("BITS-076", fixture->job);
    wait_for_requests("BITS-076", tunnel, 3);
    check_value("BITS-076", tunnel, 1, "Proxy-Authorization", "");
    check_value("BITS-076", tunnel, 2, "Proxy-Authorization", BASIC);
    fixture_new_job(fixture);
    origin_destroy(proxy);
}

/* Redirect to a server on another port, which asks as well. */
static void test_redirect(struct fixture *fixture)
{
    struct guard guard = { 401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "Authorization", BASIC };
    struct origin *other = origin_create();
    struct resource *target = add_guarded(other, "/target", &guard), *resource;
    char location[128];

    resource = origin_add_resource(fixture->origin, "/redirect", 0);
    sprintf(location, "http://127.0.0.1:%u/target", other->port);
    resource->location = location;
    set_status(resource, 302, ORIGIN_FOREVER);
    fixture_new_job(fixture);
    check_hr("BITS-080", set_credentials(fixture->job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, USER, PASSWORD),
            S_OK);
    add_target("BITS-080", fixture, resource->url);
    check_refused("BITS-080", fixture, 0x80190191);
    ok(origin_get_requests(target, NULL) > 0, "BITS-080: no request has come.\n");
    check_value("BITS-080", target, ~0u, "Authorization", "");
    fixture_new_job(fixture);
    origin_destroy(other);
}

static void test_digest(struct fixture *fixture)
{
    static const char * const challenges[] =
    {
        "WWW-Authenticate: Digest realm=\"x\", nonce=\"abc\", qop=\"auth\"\r\n",
        "WWW-Authenticate: Basic realm=\"x\"\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"abc\", qop=\"auth\", "
                "algorithm=SHA-256, opaque=\"o\"\r\n",
    };
    static const char *const parts[] = { "realm=\"x\"", "nonce=\"abc\"", "uri=\"/digest\"", "qop=auth", "nc=00000001" };
    struct guard guard = { 401, NULL, "Authorization", "Digest username=\"Mufasa\", " };
    struct resource *resource = add_guarded(fixture->origin, "/digest", &guard);
    struct origin_request request;
    unsigned int i, j;

    for (i = 0; i < ARRAY_SIZE(challenges); ++i)
    {
        guard.challenges = challenges[i];
        fixture_new_job(fixture);
        check_hr("BITS-082", set_credentials(fixture->job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, USER,
                PASSWORD), S_OK);
        check_hr("BITS-082", set_credentials(fixture->job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_DIGEST, USER,
                PASSWORD), S_OK);
        add_target("BITS-082", fixture, resource->url);
        check_done("BITS-082", fixture, resource);
        origin_get_requests(resource, &request);
        for (j = 0; j < ARRAY_SIZE(parts); ++j)
            ok(!!strstr(request.head, parts[j]), "BITS-082: %u: no %s in %s.\n", i, parts[j], request.head);
    }
}

/* A scheme that the system's package plays: its first token comes on the connection of the challenge. */
static void test_package(struct fixture *fixture, BG_AUTH_SCHEME scheme, const char *name)
{
    struct guard guard = { 401, NULL, "Authorization", BASIC };
    char path[32], challenges[128], value[1024], begin[32];
    struct origin_request request;
    struct resource *resource;

    sprintf(path, "/%s", name);
    sprintf(challenges, "WWW-Authenticate: %s\r\nWWW-Authenticate: Basic realm=\"x\"\r\n", name);
    sprintf(begin, "%s ", name);
    guard.challenges = challenges;
    resource = add_guarded(fixture->origin, path, &guard);
    fixture_new_job(fixture);
    check_hr("BITS-077", set_credentials(fixture->job, BG_AUTH_TARGET_SERVER, scheme, USER, PASSWORD), S_OK);
    check_hr("BITS-077", set_credentials(fixture->job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, USER, PASSWORD),
            S_OK);
    add_target("BITS-077", fixture, resource->url);
    resume_job("BITS-077", fixture->job);
    wait_for_requests("BITS-077", resource, 2);
    origin_get_request(resource, 1, &request);
    origin_get_field(request.head, "Authorization", value, sizeof(value));
    if (!strncmp(value, begin, strlen(begin)))
    {
        /* The server does not go on with the dialog: that is a refusal. */
        wait_for_state("BITS-077", fixture->job, BG_JOB_STATE_ERROR);
        return;
    }
    skip("BITS-077: this system has no package that plays %s.\n", name);
    ok(!strcmp(value, BASIC), "BITS-077: got %s.\n", value);
    if (wait_for_state("BITS-077", fixture->job, BG_JOB_STATE_TRANSFERRED))
        check_hr("BITS-077", IBackgroundCopyJob_Complete(fixture->job), S_OK);
}

static void search_file(const WCHAR *path, const void *needle, DWORD size)
{
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
            OPEN_EXISTING, 0, NULL);
    DWORD length, read, i;
    BYTE *data;

    if (file == INVALID_HANDLE_VALUE)
        return;
    length = GetFileSize(file, NULL);
    data = test_alloc(length + 1);
    if (ReadFile(file, data, length, &read, NULL))
    {
        for (i = 0; i + size <= read; ++i)
            ok(memcmp(data + i, needle, size), "BITS-081: %s has it at %lu.\n", wine_dbgstr_w(path), i);
    }
    free(data);
    CloseHandle(file);
}

static void search_record(const WCHAR *path, DWORD attributes)
{
    if (attributes & FILE_ATTRIBUTE_DIRECTORY)
        return;
    search_file(path, PASSWORD, wcslen(PASSWORD) * sizeof(WCHAR));
    search_file(path, "Circle of Life", strlen("Circle of Life"));
    search_file(path, USER, wcslen(USER) * sizeof(WCHAR));
}

static void test_restart(struct fixture *fixture)
{
    struct guard guard = { 401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "Authorization", BASIC };
    struct resource *resource = add_guarded(fixture->origin, "/restart", &guard);
    WCHAR folder[MAX_PATH];
    unsigned int count;
    HRESULT hr;
    GUID id;

    fixture_new_job(fixture);
    check_hr("BITS-081", set_credentials(fixture->job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC, USER, PASSWORD),
            S_OK);
    add_target("BITS-081", fixture, resource->url);
    IBackgroundCopyJob_GetId(fixture->job, &id);
    if (!restart_service("BITS-081", END_STOP, &fixture->manager))
        return;
    GetWindowsDirectoryW(folder, ARRAY_SIZE(folder));
    wcscat(folder, STATE_FOLDER);
    count = list_dir(folder, search_record);
    ok(count, "BITS-081: no record in %s.\n", wine_dbgstr_w(folder));
    IBackgroundCopyJob_Release(fixture->job);
    hr = IBackgroundCopyManager_GetJob(fixture->manager, &id, &fixture->job);
    check_hr("BITS-081", hr, S_OK);
    check_refused("BITS-081", fixture, 0x80190191);
    check_value("BITS-081", resource, ~0u, "Authorization", "");
}

START_TEST(credentials)
{
    struct fixture fixture;

    if (!begin_bits())
        return;
    if (fixture_open(&fixture))
    {
        test_arguments(fixture.job);
        test_basic(&fixture);
        test_method(&fixture);
        test_proxy(&fixture);
        test_redirect(&fixture);
        test_digest(&fixture);
        test_package(&fixture, BG_AUTH_SCHEME_NTLM, "NTLM");
        test_package(&fixture, BG_AUTH_SCHEME_NEGOTIATE, "Negotiate");
        test_restart(&fixture);
        fixture_close(&fixture);
    }
    end_bits();
}
