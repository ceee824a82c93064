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

/* Whatever a server may say, the body is the bytes that belong to it. */
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
        { OK "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=\"y\"\r\nlo\r\n0\r\nX: y\r\n\r\n", "hello" },
        { OK "Transfer-Encoding: chunked\r\n\r\n0005\r\nhello\r\n00\r\n\r\n", "hello" },
        { "HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 5\r\n\r\nhello", "hello" },
        { "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 P\r\n\r\n" OK "Content-Length: 5\r\n\r\nhello", "hello" },
        { OK "Content-Length: 0\r\n\r\n", "" },
    };
    struct resource *resource;
    struct fixture fixture;
    char name[16];
    HRESULT hr;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(tests); ++i)
    {
        winetest_push_context("case %u", i);
        sprintf(name, "/valid%u", i);
        resource = add_raw(fixture.origin, name, tests[i].raw);
        add_file("JOB-127", fixture.job, resource, fixture.path);
        resume_job("JOB-127", fixture.job);
        if (wait_for_state("JOB-127", fixture.job, BG_JOB_STATE_TRANSFERRED))
        {
            hr = IBackgroundCopyJob_Complete(fixture.job);
            ok(hr == S_OK, "JOB-127: got hr %#lx.\n", hr);
            check_text("JOB-127", fixture.path, tests[i].text);
            DeleteFileW(fixture.path);
        }
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

/* What can be read in two ways is not read at all (download-api 9.8). */
static void test_invalid(void)
{
    static const char * const tests[] =
    {
        OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        OK "Transfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        OK "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        OK "Content-Length: 5x\r\n\r\nhello",
        OK "Content-Length: -5\r\n\r\nhello",
        OK "Content-Length : 5\r\n\r\nhello",
        OK "X: y\r\n Content-Length: 5\r\n\r\nhello",
        OK "X: y\nContent-Length: 5\r\n\r\nhello",
        OK "Content-Length: 5\r\nnonsense\r\n\r\nhello",
        "HTTP/1.1 101 Switching\r\n\r\n" OK "Content-Length: 5\r\n\r\nhello",
        "HTTP/1.1 999 What\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/3.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "hello",
    };
    static const char * const bodies[] =
    {
        OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n",
        OK "Transfer-Encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n",
        OK "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        OK "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
    };
    const UINT count = ARRAY_SIZE(tests) + ARRAY_SIZE(bodies);
    struct resource *resource;
    struct fixture fixture;
    HRESULT code;
    char name[16];
    UINT i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < count; ++i)
    {
        winetest_push_context("case %u", i);
        sprintf(name, "/invalid%u", i);
        resource = add_raw(fixture.origin, name, i < ARRAY_SIZE(tests) ? tests[i] : bodies[i - ARRAY_SIZE(tests)]);
        IBackgroundCopyJob_SetNoProgressTimeout(fixture.job, 0);
        add_file("JOB-124", fixture.job, resource, fixture.path);
        resume_job("JOB-124", fixture.job);
        if (wait_for_state("JOB-124", fixture.job, BG_JOB_STATE_ERROR))
        {
            code = get_error_code(fixture.job, NULL);
            ok(code == HRESULT_FROM_WIN32(12152) /* ERROR_WINHTTP_INVALID_SERVER_RESPONSE */,
                    "JOB-124: got code %#lx.\n", code);
        }
        ok(!file_exists(fixture.path), "JOB-124: there is a file.\n");
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
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
    test_invalid();
    test_hang_up();
    test_surplus();
    CoUninitialize();
}
