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

/* The text arrives, whichever API asks. */
static void check_arrives(const char *id, struct pair *pair, const char *raw, const char *text)
{
    static unsigned int count;
    struct resource *resource;
    IDODownload *download;
    char name[16];

    sprintf(name, "/valid%u", count++);
    resource = add_raw(pair->job.origin, name, raw);
    add_file(id, pair->job.job, resource, pair->job.path);
    resume_job(id, pair->job.job);
    if (wait_for_state(id, pair->job.job, BG_JOB_STATE_TRANSFERRED))
    {
        check_hr(id, IBackgroundCopyJob_Complete(pair->job.job), S_OK);
        check_text(id, pair->job.path, text);
        DeleteFileW(pair->job.path);
    }
    fixture_new_job(&pair->job);

    download = prepare_download(id, &pair->download, resource->url, pair->download.path);
    dl_start(id, download);
    if (dl_wait(id, download, DODownloadState_Transferred))
    {
        check_hr(id, IDODownload_Finalize(download), S_OK);
        check_text(id, pair->download.path, text);
        DeleteFileW(pair->download.path);
    }
    dl_discard(download);
    ok(origin_get_requests(resource, NULL) == 2, "%s: got %u requests.\n", id, origin_get_requests(resource, NULL));
}

/* What every client takes is taken, and the body is the bytes that belong to it. */
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

/* What can be read in two ways is not read at all (download-api 9.8). Twice in a row is enough. */
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

/* The server closes a kept connection while the next request is on its way: that is no failure. */
static void test_hang_up(void)
{
    struct resource *first, *second;
    struct fixture fixture;
    WCHAR path[MAX_PATH];
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    first = origin_add_resource(fixture.origin, "/first", LONG_SIZE);
    second = origin_add_resource(fixture.origin, "/second", 1000);
    second->flags = RESOURCE_HANGS_UP;
    IBackgroundCopyJob_SetNoProgressTimeout(fixture.job, 0);
    add_file("JOB-124", fixture.job, first, fixture.path);
    add_file("JOB-124", fixture.job, second, join_path(path, fixture.dir, L"second"));
    resume_job("JOB-124", fixture.job);
    wait_for_state("JOB-124", fixture.job, BG_JOB_STATE_TRANSFERRED);
    ok(origin_get_requests(second, NULL) == 2, "JOB-124: got %u requests.\n", origin_get_requests(second, NULL));
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-124: got hr %#lx.\n", hr);
    check_content("JOB-124", path, second);
    fixture_close(&fixture);
}

/* What follows an answer unasked is not the next one. */
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

START_TEST(response)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_valid();
    test_long_heads();
    test_malformed();
    test_odd_statuses();
    test_hang_up();
    test_surplus();
    CoUninitialize();
}
