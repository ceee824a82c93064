/*
 * Answers of servers, byte for byte
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
#include "download.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define LONG_SIZE 0x10001 /* bytes; the file that comes behind so many has to use the same connection */

#define check_text(id, path, text) check_text_(__LINE__, id, path, text)
static void check_text_(int line, const char *id, const WCHAR *path, const char *text)
{
    char buffer[2 * LONG_SIZE] = "";
    DWORD size = 0;
    HANDLE file;

    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    ok_(__FILE__, line)(file != INVALID_HANDLE_VALUE, "%s: no file, error %lu.\n", id, GetLastError());
    if (file == INVALID_HANDLE_VALUE)
        return;
    ReadFile(file, buffer, sizeof(buffer) - 1, &size, NULL);
    CloseHandle(file);
    buffer[size] = 0;
    ok_(__FILE__, line)(!strcmp(buffer, text), "%s: got %s.\n", id, debugstr_a(buffer));
}

static struct resource *add_raw(struct origin *origin, const char *path, const char *raw)
{
    struct resource *resource = origin_add_resource(origin, path, 0);

    resource->raw = raw;
    return resource;
}

/* A file of a job and a download, from the same server. */
struct pair
{
    struct fixture job;
    struct dl_fixture download;
};

static BOOL pair_open(struct pair *pair)
{
    if (!fixture_open(&pair->job))
        return FALSE;
    if (dl_open(&pair->download))
        return TRUE;
    fixture_close(&pair->job);
    return FALSE;
}

static void pair_close(struct pair *pair)
{
    dl_close(&pair->download);
    fixture_close(&pair->job);
}

/* Fetches the URL by a job and by a download. FALSE if one of them did not get it. */
static BOOL pair_fetch(const char *id, struct pair *pair, const WCHAR *url)
{
    IDODownload *download;
    BOOL ret;

    check_hr(id, IBackgroundCopyJob_AddFile(pair->job.job, url, pair->job.path), S_OK);
    resume_job(id, pair->job.job);
    if ((ret = wait_for_state(id, pair->job.job, BG_JOB_STATE_TRANSFERRED)))
        check_hr(id, IBackgroundCopyJob_Complete(pair->job.job), S_OK);

    download = prepare_download(id, &pair->download, url, pair->download.path);
    dl_start(id, download);
    if (dl_wait(id, download, DODownloadState_Transferred))
        check_hr(id, IDODownload_Finalize(download), S_OK);
    else
        ret = FALSE;
    dl_discard(download);
    return ret;
}

static void pair_delete(struct pair *pair)
{
    fixture_new_job(&pair->job);
    DeleteFileW(pair->download.path);
}

/* Downloads it, checks it and removes it. */
static void dl_fetch(const char *id, struct dl_fixture *fixture, const struct resource *resource)
{
    IDODownload *download = prepare_download(id, fixture, resource->url, fixture->path);

    dl_start(id, download);
    dl_finish(id, download, fixture->path, resource);
    dl_discard(download);
    DeleteFileW(fixture->path);
}

/* The text arrives, whichever API asks. */
static void check_arrives(const char *id, struct pair *pair, const char *raw, const char *text)
{
    static unsigned int count;
    struct resource *resource;
    char name[16];

    sprintf(name, "/valid%u", count++);
    resource = add_raw(pair->job.origin, name, raw);
    IBackgroundCopyJob_SetNoProgressTimeout(pair->job.job, 0); /* the first failure is final */
    if (pair_fetch(id, pair, resource->url))
    {
        check_text(id, pair->job.path, text);
        check_text(id, pair->download.path, text);
    }
    pair_delete(pair);
    ok(origin_get_requests(resource, NULL) == 2, "%s: got %u requests.\n", id, origin_get_requests(resource, NULL));
}

/* The content of the resource arrives from the URL. */
static void check_pair(const char *id, struct pair *pair, const WCHAR *url, const struct resource *resource)
{
    if (pair_fetch(id, pair, url))
    {
        check_content(id, pair->job.path, resource);
        check_content(id, pair->download.path, resource);
    }
    pair_delete(pair);
}

/* Spelling that every client takes is taken, and the body is the bytes that belong to it. */
static void test_valid(void)
{
    static const struct
    {
        const char *raw, *text;
    }
    tests[] =
    {
        { OK "Content-Length: 5\r\n\r\nhello", "hello" },
        { "HTTP/1.1 200\r\ncontent-length:5\r\nX: \xe4\r\n\r\nhello", "hello" },
        { OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "hello" },
        { OK "Content-Length: 5, 5\r\n\r\nhello", "hello" },
        { OK "Content-Length: 0\r\n\r\n", "" },
        { OK "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=\"y\"\r\nlo\r\n0\r\nX: y\r\n\r\n", "hello" },
        { OK "Transfer-Encoding: chunked\r\n\r\n0005\r\nhello\r\n00\r\n\r\n", "hello" },
        { OK "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "" },
        { OK "Transfer-Encoding: chunked\r\n\r\n3\nhel\n2;x\nlo\n0\nX: y\n\n", "hello" },
        { OK "Transfer-Encoding: Identity, ,CHUNKED,\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello" },
        { OK "Content-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello" },
        { OK "Content-Length: 5\r\nTransfer-Encoding: identity\r\n\r\nhello", "hello" },
        { "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello" },
        { "HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 5\r\n\r\nhello", "hello" },
        { "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 P\r\n\r\n" OK "Content-Length: 5\r\n\r\nhello", "hello" },
        { "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "hello" },
        { OK "X: y\nContent-Length: 5\r\n\nhello", "hello" },
        { "\r\n\n" OK "Content-Length: 5\r\n\r\nhello", "hello" },
        { OK "X: one;\r\n two;\r\n\tthree\r\nContent-Length: 5\r\n\r\nhello", "hello" },
        { OK "X: y\r\n Content-Length: 6\r\nContent-Length: 5\r\n\r\nhello", "hello" },
        { OK "Server : x\r\nMy Header: x\r\n: x\r\nContent-Length: 5\r\n\r\nhello", "hello" },
        { OK "Content-Length: 5\r\nnonsense\r\n\r\nhello", "hello" },
        { OK "X: a\x01z\xff\r\nContent-Length: 5\r\n\r\nhello", "hello" },
    };
    struct pair pair;
    UINT i;

    if (!pair_open(&pair))
        return;
    for (i = 0; i < ARRAY_SIZE(tests); ++i)
    {
        winetest_push_context("case %u", i);
        check_arrives("JOB-127", &pair, tests[i].raw, tests[i].text);
        winetest_pop_context();
    }
    pair_close(&pair);
}

/* Heads with this many interim ones in front, with so many fields of this length. */
static void test_long_heads(void)
{
    static const struct
    {
        UINT interim, fields, length;
    }
    tests[] =
    {
        { 20, 0, 0 },
        { 100, 0, 0 },
        { 0, 300, 10 },
        { 0, 999, 10 },
        { 0, 1, 20000 },
        { 0, 1, 65000 },
        { 0, 200, 600 },
        { 0, 4, 65000 },
    };
    char *raw = test_alloc(0x50000), *p;
    struct pair pair;
    UINT i, j;

    if (!pair_open(&pair))
    {
        free(raw);
        return;
    }
    for (i = 0; i < ARRAY_SIZE(tests); ++i)
    {
        winetest_push_context("case %u", i);
        for (j = 0, p = raw; j < tests[i].interim; ++j)
            p += sprintf(p, "HTTP/1.1 103 Early Hints\r\nLink: </s>; rel=preload\r\n\r\n");
        p += sprintf(p, OK);
        for (j = 0; j < tests[i].fields; ++j)
        {
            p += sprintf(p, "X-%u: ", j);
            memset(p, 'v', tests[i].length);
            p += tests[i].length;
            p += sprintf(p, "\r\n");
        }
        strcpy(p, "Content-Length: 5\r\n\r\nhello");
        check_arrives("JOB-127", &pair, raw, "hello");
        winetest_pop_context();
    }
    pair_close(&pair);
    free(raw);
}

/* Answers that can be read in two ways are not read at all (download-api 9.8). Twice in a row is enough. */
static void test_malformed(void)
{
    static const char * const tests[] =
    {
        OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        OK "Transfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        OK "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        OK "Content-Length: 5x\r\n\r\nhello",
        OK "Content-Length: -5\r\n\r\nhello",
        OK "Content-Length : 5\r\n\r\nhello",
        OK "Content-Length:\r\n 5\r\n\r\nhello",
        OK " Content-Length: 5\r\n\r\nhello",
        OK "X: y\rContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 101 Switching\r\n\r\n" OK "Content-Length: 5\r\n\r\nhello",
        "HTTP/3.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "hello",
        OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n",
        OK "Transfer-Encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n",
        OK "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        OK "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
        OK "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
        /* A part of the body is right, each time. */
        OK "ETag: \"1\"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nx\r\n",
    };
    const HRESULT malformed = HRESULT_FROM_WIN32(12152); /* ERROR_WINHTTP_INVALID_SERVER_RESPONSE */
    struct resource *resource;
    IDODownload *download;
    struct pair pair;
    HRESULT code;
    char name[16];
    UINT i;

    if (!pair_open(&pair))
        return;
    for (i = 0; i < ARRAY_SIZE(tests); ++i)
    {
        winetest_push_context("case %u", i);
        sprintf(name, "/malformed%u", i);
        resource = add_raw(pair.job.origin, name, tests[i]);
        add_file("JOB-124", pair.job.job, resource, pair.job.path);
        resume_job("JOB-124", pair.job.job);
        if (wait_for_state("JOB-124", pair.job.job, BG_JOB_STATE_ERROR))
        {
            code = get_error_code(pair.job.job, NULL);
            ok(code == malformed, "JOB-124: got code %#lx.\n", code);
        }
        ok(!file_exists(pair.job.path), "JOB-124: there is a file.\n");
        ok(origin_get_requests(resource, NULL) == 2, "JOB-124: got %u requests.\n",
                origin_get_requests(resource, NULL));
        fixture_new_job(&pair.job);

        download = prepare_download("DL-174", &pair.download, resource->url, pair.download.path);
        dl_start("DL-174", download);
        dl_wait_error("DL-174", download, malformed, S_OK);
        dl_discard(download);
        check_no_file("DL-174", &pair.download);
        ok(origin_get_requests(resource, NULL) == 4, "DL-174: got %u requests.\n",
                origin_get_requests(resource, NULL));
        winetest_pop_context();
    }
    pair_close(&pair);
}

/* A status of no class counts as an error of the server: it is tried again. */
static void test_odd_statuses(void)
{
    static const unsigned int statuses[] = { 600, 999 };
    struct resource *resource;
    IDODownload *download;
    struct pair pair;
    HRESULT code;
    char name[16];
    UINT i;

    if (!pair_open(&pair))
        return;
    for (i = 0; i < ARRAY_SIZE(statuses); ++i)
    {
        winetest_push_context("status %u", statuses[i]);
        sprintf(name, "/status%u", i);
        resource = origin_add_resource(pair.job.origin, name, 1000);
        resource->status = statuses[i];
        resource->status_count = 1;
        download = prepare_download("DL-170", &pair.download, resource->url, pair.download.path);
        dl_start("DL-170", download);
        dl_finish("DL-170", download, pair.download.path, resource);
        dl_discard(download);
        DeleteFileW(pair.download.path);
        ok(origin_get_requests(resource, NULL) == 2, "DL-170: got %u requests.\n",
                origin_get_requests(resource, NULL));

        resource->status_count = ~0u;
        IBackgroundCopyJob_SetNoProgressTimeout(pair.job.job, 0);
        add_file("JOB-125", pair.job.job, resource, pair.job.path);
        resume_job("JOB-125", pair.job.job);
        wait_for_state("JOB-125", pair.job.job, BG_JOB_STATE_ERROR);
        code = get_error_code(pair.job.job, NULL);
        ok(code == (HRESULT)0x801901f4, "JOB-125: got code %#lx.\n", code);
        fixture_new_job(&pair.job);
        winetest_pop_context();
    }
    pair_close(&pair);
}

/* Over the connection of the first file, then once more for the second one. */
static void check_stale(const char *stale, BOOL is_job)
{
    struct resource *first, *second;
    WCHAR path[MAX_PATH];
    struct pair pair;
    UINT count;

    if (!pair_open(&pair))
        return;
    first = origin_add_resource(pair.job.origin, "/first", LONG_SIZE);
    second = origin_add_resource(pair.job.origin, "/second", 1000);
    second->stale = stale;
    if (is_job)
    {
        IBackgroundCopyJob_SetNoProgressTimeout(pair.job.job, 0);
        add_file("JOB-124", pair.job.job, first, pair.job.path);
        add_file("JOB-124", pair.job.job, second, join_path(path, pair.job.dir, L"second"));
        resume_job("JOB-124", pair.job.job);
        if (wait_for_state("JOB-124", pair.job.job, BG_JOB_STATE_TRANSFERRED))
        {
            check_hr("JOB-124", IBackgroundCopyJob_Complete(pair.job.job), S_OK);
            check_content("JOB-124", path, second);
        }
    }
    else
    {
        dl_fetch("DL-174", &pair.download, first);
        dl_fetch("DL-174", &pair.download, second);
    }
    count = origin_get_requests(second, NULL);
    ok(count == 2, "got %u requests.\n", count);
    pair_close(&pair);
}

/* A kept connection brings something else than the next answer, and is closed: that is no failure. */
static void test_stale(void)
{
    static const char * const tests[] =
    {
        "",
        "HTTP/1.0 408 Request Time-out\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlater",
        "HTTP/1.1 408 Request Time-out\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 2",
        "\r\n",
        "garbage\r\n\r\n",
    };
    UINT i;

    for (i = 0; i < 2 * ARRAY_SIZE(tests); ++i)
    {
        winetest_push_context("case %u", i);
        check_stale(tests[i / 2], i % 2);
        winetest_pop_context();
    }
}

/* A body without a length is not over when the connection is reset, whatever has come by then. */
static void test_reset(void)
{
    struct resource *resource;
    struct fixture fixture;
    HANDLE gate;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/reset", 100000);
    resource->flags = RESOURCE_ENDS_BY_CLOSE | RESOURCE_CUTS_BY_RESET;
    resource->cut_after = 50001;
    resource->cut_count = 1;
    set_gate(resource, gate, 50000);
    IBackgroundCopyJob_SetMinimumRetryDelay(fixture.job, 1);
    add_file("P3", fixture.job, resource, fixture.path);
    resume_job("P3", fixture.job);
    wait_for_bytes("P3", fixture.job, 50000);
    SetEvent(gate);
    wait_for_state("P3", fixture.job, BG_JOB_STATE_TRANSFERRED);
    ok(origin_get_requests(resource, NULL) == 2, "P3: got %u requests.\n", origin_get_requests(resource, NULL));
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "P3: got hr %#lx.\n", hr);
    check_content("P3", fixture.path, resource);
    CloseHandle(gate);
    fixture_close(&fixture);
}

/* Bytes that follow an answer unasked are not the next one. */
static void test_surplus(void)
{
    static const char surplus[] = OK "Content-Length: 4\r\n\r\nevil";
    struct resource *first, *second;
    struct fixture fixture;
    WCHAR path[MAX_PATH];
    char *raw, *body;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    raw = test_alloc(ORIGIN_MAX_HEAD + LONG_SIZE + sizeof(surplus));
    body = raw + sprintf(raw, OK "Content-Length: %d\r\n\r\n", LONG_SIZE);
    memset(body, 'x', LONG_SIZE);
    strcpy(body + LONG_SIZE, surplus);
    first = add_raw(fixture.origin, "/first", raw);
    second = add_raw(fixture.origin, "/second", OK "Content-Length: 5\r\n\r\nworld");
    add_file("JOB-127", fixture.job, first, fixture.path);
    add_file("JOB-127", fixture.job, second, join_path(path, fixture.dir, L"second"));
    resume_job("JOB-127", fixture.job);
    wait_for_state("JOB-127", fixture.job, BG_JOB_STATE_TRANSFERRED);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-127: got hr %#lx.\n", hr);
    body[LONG_SIZE] = 0;
    check_text("JOB-127", fixture.path, body);
    check_text("JOB-127", path, "world");
    fixture_close(&fixture);
    free(raw);
}

/* A Location may be of any bytes. */
static void test_locations(void)
{
    static const struct
    {
        const char *location, *path;
    }
    tests[] =
    {
        { "/a b", "/a%20b" },
        { "/caf\xe9", "/caf%E9" },
        { "/u/caf\xc3\xa9", "/u/caf%C3%A9" },
        { "/a/./b/../c", "/a/c" },
        { "d?q=/../r#part", "/d" },
        { "%s/x/../y/./e", "/y/e" },
        { "//127.0.0.1:%u/../f", "/f" },
        { "http://me:secret@127.0.0.1:%u/g/h/..", "/g/" },
    };
    struct resource *redirect, *target;
    char location[128], name[16];
    struct pair pair;
    UINT i;

    if (!pair_open(&pair))
        return;
    for (i = 0; i < ARRAY_SIZE(tests); ++i)
    {
        winetest_push_context("case %u", i);
        if (*tests[i].location == '%')
            sprintf(location, "http://127.0.0.1:%u%s", pair.job.origin->port, tests[i].location + 2);
        else
            sprintf(location, tests[i].location, pair.job.origin->port);
        sprintf(name, "/redirect%u", i);
        target = origin_add_resource(pair.job.origin, tests[i].path, 1000);
        redirect = origin_add_resource(pair.job.origin, name, 0);
        redirect->status = 302;
        redirect->location = location;
        check_pair("JOB-118", &pair, redirect->url, target);
        winetest_pop_context();
    }
    pair_close(&pair);
}

/* A cookie that a redirect sets comes back within the same transfer, and in no other one. */
static void test_cookies(void)
{
    struct resource *redirect, *target, *plain, *elsewhere;
    struct origin_request request;
    char location[64], value[256];
    struct pair pair;
    UINT i, count;

    if (!pair_open(&pair))
        return;
    target = origin_add_resource(pair.job.origin, "/d/target", 100000);
    target->required = "Cookie: seen=yes; also=1\r\n";
    target->cut_after = 50000;
    target->cut_count = 1;
    redirect = origin_add_resource(pair.job.origin, "/d/redirect", 0);
    redirect->status = 302;
    redirect->location = "/d/target";
    redirect->headers = "Set-Cookie: seen=yes; path=/d\r\nSet-Cookie: also=1; Max-Age=60\r\n"
            "Set-Cookie: not=1; Secure\r\nSet-Cookie: nor=1; path=/e\r\nSet-Cookie: never=1; domain=example.com\r\n"
            "Set-Cookie: gone=1\r\nSet-Cookie: gone=; expires=Thu, 01-Jan-1970 00:00:00 GMT\r\n";
    check_pair("JOB-118", &pair, redirect->url, target);
    count = origin_get_requests(target, NULL);
    ok(count == 3, "got %u requests.\n", count);
    for (i = 0; i < count; ++i)
    {
        origin_get_request(target, i, &request);
        origin_get_field(request.head, "Cookie", value, sizeof(value));
        ok(!strcmp(value, "seen=yes; also=1"), "got %s.\n", value);
    }
    for (i = 0; i < origin_get_request(redirect, 0, &request); ++i)
    {
        origin_get_request(redirect, i, &request);
        origin_get_field(request.head, "Cookie", value, sizeof(value));
        ok(!*value, "got %s.\n", value);
    }

    /* Another transfer does not have it, nor has another host. */
    plain = origin_add_resource(pair.job.origin, "/d/plain", 1000);
    elsewhere = origin_add_resource(pair.job.origin, "/d/elsewhere", 0);
    elsewhere->status = 302;
    elsewhere->headers = redirect->headers;
    elsewhere->location = location;
    sprintf(location, "http://localhost:%u/d/plain", pair.job.origin->port);
    check_pair("JOB-118", &pair, plain->url, plain);
    check_pair("JOB-118", &pair, elsewhere->url, plain);
    for (i = 0; i < origin_get_request(plain, 0, &request); ++i)
    {
        origin_get_request(plain, i, &request);
        origin_get_field(request.head, "Cookie", value, sizeof(value));
        ok(!*value, "got %s.\n", value);
    }
    ok(i == 4, "got %u requests.\n", i);
    pair_close(&pair);
}

/* User and password of a URL go to its origin only, and stand in no request line. */
static void test_userinfo(void)
{
    struct resource *redirect, *target, *elsewhere;
    char location[64], name[16], value[256];
    struct origin_request request;
    WCHAR url[128], *host;
    struct pair pair;
    UINT i, j, count;

    if (!pair_open(&pair))
        return;
    target = origin_add_resource(pair.job.origin, "/target", 1000);
    target->required = "Authorization: Basic bWVAeDpwOnE=\r\n";
    elsewhere = origin_add_resource(pair.job.origin, "/elsewhere", 1000);
    sprintf(location, "http://localhost:%u/elsewhere", pair.job.origin->port);
    for (i = 0; i < 3; ++i)
    {
        winetest_push_context("case %u", i);
        sprintf(name, "/redirect%u", i);
        redirect = i ? origin_add_resource(pair.job.origin, name, 0) : target;
        redirect->status = i ? 302 : 0;
        redirect->location = i == 1 ? "/target" : location;
        host = wcschr(redirect->url, '1');
        swprintf(url, ARRAY_SIZE(url), L"http://me%%40x:p%%3Aq@%s", host);
        check_pair("JOB-118", &pair, url, i < 2 ? target : elsewhere);
        count = origin_get_requests(redirect, NULL);
        ok(count >= 2, "got %u requests.\n", count);
        for (j = 0; j < count; ++j)
        {
            origin_get_request(redirect, j, &request);
            origin_get_field(request.head, "Authorization", value, sizeof(value));
            ok(!strcmp(value, "Basic bWVAeDpwOnE="), "got %s.\n", value);
            ok(!strstr(request.head, "me%40x") && !strstr(request.head, "me@x"), "got %s.\n", request.head);
        }
        winetest_pop_context();
    }
    count = origin_get_requests(elsewhere, NULL);
    ok(count == 2, "got %u requests.\n", count);
    for (j = 0; j < count; ++j)
    {
        origin_get_request(elsewhere, j, &request);
        origin_get_field(request.head, "Authorization", value, sizeof(value));
        ok(!*value, "got %s.\n", value);
    }
    pair_close(&pair);
}

/* A date is that of the server's clock, which may be wrong. */
static void test_retry_after(void)
{
    struct resource *resource;
    struct pair pair;
    char name[16];
    UINT i;

    if (!pair_open(&pair))
        return;
    for (i = 0; i < 2; ++i)
    {
        winetest_push_context("case %u", i);
        sprintf(name, "/busy%u", i);
        resource = origin_add_resource(pair.job.origin, name, 1000);
        resource->status = 503;
        resource->status_count = 1;
        resource->headers = i ? "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nRetry-After: Thu, 01 Jan 1970 00:00:02 GMT\r\n"
                : "Retry-After: Fri, 01 Jan 2100 00:00:02 GMT\r\nDate: Fri, 01 Jan 2100 00:00:00 GMT\r\n";
        check_pair("JOB-126", &pair, resource->url, resource);
        ok(origin_get_requests(resource, NULL) == 3, "got %u requests.\n", origin_get_requests(resource, NULL));
        winetest_pop_context();
    }
    pair_close(&pair);
}

/* Characters of the head that a client sees of a file; ~0 if there is none. */
static UINT get_head_length(IBackgroundCopyJob *job, unsigned int index)
{
    IBackgroundCopyFile *file = get_file("JOB-116", job, index);
    BITS_FILE_PROPERTY_VALUE value = { NULL };
    IBackgroundCopyFile5 *file5;
    UINT length = ~0u;

    if (!file)
        return length;
    if (query("JOB-008", file, &IID_IBackgroundCopyFile5, &file5) == S_OK)
    {
        check_hr("JOB-116", IBackgroundCopyFile5_GetProperty(file5, BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS,
                &value), S_OK);
        length = value.String ? wcslen(value.String) : ~0u;
        CoTaskMemFree(value.String);
        IBackgroundCopyFile5_Release(file5);
    }
    IBackgroundCopyFile_Release(file);
    return length;
}

/* Keep 8 KiB of a long head, up to the end of a line; in a job only of the file that ran last. */
static void test_kept_heads(void)
{
    char *raw = test_alloc(0x10000), *p = raw;
    struct resource *resource;
    IDODownload *download;
    WCHAR path[MAX_PATH];
    struct pair pair;
    VARIANT value;
    UINT i;

    p += sprintf(p, OK "Content-Length: 5\r\n");
    for (i = 0; i < 400; ++i)
        p += sprintf(p, "X-%04u: 0123456789012345678901234567890123456789\r\n", i);
    strcpy(p, "\r\nhello");
    if (pair_open(&pair))
    {
        resource = add_raw(pair.job.origin, "/long", raw);
        add_file("JOB-116", pair.job.job, resource, pair.job.path);
        add_file("JOB-116", pair.job.job, resource, join_path(path, pair.job.dir, L"second"));
        resume_job("JOB-116", pair.job.job);
        wait_for_state("JOB-116", pair.job.job, BG_JOB_STATE_TRANSFERRED);
        i = get_head_length(pair.job.job, 0);
        ok(!i, "JOB-116: got %u characters.\n", i);
        i = get_head_length(pair.job.job, 1);
        ok(i > 8100 && i <= 8192, "JOB-116: got %u characters.\n", i);
        IBackgroundCopyJob_Cancel(pair.job.job);

        download = prepare_download("DL-090", &pair.download, resource->url, pair.download.path);
        dl_start("DL-090", download);
        dl_wait("DL-090", download, DODownloadState_Transferred);
        if (dl_get("DL-090", download, DODownloadProperty_HttpResponseHeaders, VT_BSTR, &value))
        {
            i = SysStringLen(V_BSTR(&value));
            ok(i > 8100 && i <= 8192, "DL-090: got %u characters.\n", i);
            ok(V_BSTR(&value)[i - 1] == '9', "DL-090: got %s.\n", wine_dbgstr_w(V_BSTR(&value) + i - 60));
            VariantClear(&value);
        }
        dl_discard(download);
        pair_close(&pair);
    }
    free(raw);
}

START_TEST(response)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_valid();
    test_long_heads();
    test_malformed();
    test_odd_statuses();
    test_stale();
    flaky_if(!origin_resets())
        test_reset();
    test_surplus();
    test_locations();
    test_cookies();
    test_userinfo();
    test_retry_after();
    test_kept_heads();
    CoUninitialize();
}
