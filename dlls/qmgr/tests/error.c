/*
 * The BITS front: failing transfers, and how they are told
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
#include "client.h"

struct status_row
{
    unsigned int status;
    BG_JOB_STATE state;
};

/* Add a file to a new job, and resume it. */
static void start_file(const char *id, struct fixture *fixture, const WCHAR *url)
{
    fixture_new_job(fixture);
    check_hr(id, IBackgroundCopyJob_AddFile(fixture->job, url, fixture->path), S_OK);
    resume_job(id, fixture->job);
}

static void check_context(const char *id, IBackgroundCopyJob *job, HRESULT code, BG_ERROR_CONTEXT expected)
{
    BG_ERROR_CONTEXT context = 0xdeadbeef;
    HRESULT ret = get_error_code(job, &context);

    ok(ret == code, "%s: got code %#lx, expected %#lx.\n", id, ret, code);
    ok(HRESULT_FACILITY(ret) != FACILITY_DELIVERY_OPTIMIZATION, "BITS-022: got code %#lx.\n", ret);
    ok(context == expected, "%s: got context %u, expected %u.\n", id, context, expected);
}

static void check_error_file(IBackgroundCopyJob *job, HRESULT expected)
{
    IBackgroundCopyFile *file = (void *)0xdeadbeef;
    IBackgroundCopyError *error;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetError(job, &error);
    check_hr("BITS-055", hr, S_OK);
    if (FAILED(hr))
        return;
    hr = IBackgroundCopyError_GetFile(error, &file);
    check_hr("BITS-055", hr, expected);
    ok(!file == FAILED(expected), "BITS-055: got file %p.\n", file);
    if (SUCCEEDED(hr) && file)
        IBackgroundCopyFile_Release(file);
    IBackgroundCopyError_Release(error);
}

static void check_protocol(IBackgroundCopyJob *job, HRESULT expected, const WCHAR *protocol)
{
    IBackgroundCopyError *error;
    WCHAR *text = NULL;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetError(job, &error);
    check_hr("BITS-055", hr, S_OK);
    if (FAILED(hr))
        return;
    hr = IBackgroundCopyError_GetProtocol(error, &text);
    check_hr("BITS-055", hr, expected);
    ok(protocol ? text && !wcscmp(text, protocol) : !text, "BITS-055: got %s.\n", wine_dbgstr_w(text));
    CoTaskMemFree(text);
    text = NULL;
    hr = IBackgroundCopyError_GetErrorDescription(error, 0x409, &text);
    check_hr("BITS-021", hr, S_OK);
    ok(text && text[0], "BITS-021: got %s.\n", wine_dbgstr_w(text));
    CoTaskMemFree(text);
    IBackgroundCopyError_Release(error);
}

static void test_statuses(struct fixture *fixture)
{
    static const struct status_row rows[] =
    {
        { 403, BG_JOB_STATE_ERROR },
        { 404, BG_JOB_STATE_ERROR },
        { 410, BG_JOB_STATE_ERROR },
        { 425, BG_JOB_STATE_ERROR },
        { 429, BG_JOB_STATE_ERROR },
        { 501, BG_JOB_STATE_ERROR },
        { 505, BG_JOB_STATE_ERROR },
        { 306, BG_JOB_STATE_ERROR },
        { 204, BG_JOB_STATE_TRANSIENT_ERROR },
        { 408, BG_JOB_STATE_TRANSIENT_ERROR },
        { 409, BG_JOB_STATE_TRANSIENT_ERROR },
        { 500, BG_JOB_STATE_TRANSIENT_ERROR },
        { 502, BG_JOB_STATE_TRANSIENT_ERROR },
        { 503, BG_JOB_STATE_TRANSIENT_ERROR },
        { 504, BG_JOB_STATE_TRANSIENT_ERROR },
    };
    struct resource *resource;
    unsigned int i;
    char path[32];

    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        const char *id = rows[i].state == BG_JOB_STATE_ERROR ? "BITS-050" : "BITS-051";

        winetest_push_context("status %u", rows[i].status);
        sprintf(path, "/status%u", rows[i].status);
        resource = origin_add_resource(fixture->origin, path, 100);
        set_status(resource, rows[i].status, ORIGIN_FOREVER);
        start_file(id, fixture, resource->url);
        wait_for_state(id, fixture->job, rows[i].state);
        check_context(id, fixture->job, 0x80190000 + rows[i].status, BG_ERROR_CONTEXT_REMOTE_FILE);
        check_error_count("BITS-058", fixture->job, 1);
        check_protocol(fixture->job, S_OK, L"http");
        /* No page of an error is ever the file. */
        check_hr(id, IBackgroundCopyJob_Complete(fixture->job), BG_S_PARTIAL_COMPLETE);
        check_dir_count(id, fixture->dir, 0);
        winetest_pop_context();
    }
}

static void test_connection(struct fixture *fixture)
{
    struct origin *origin = origin_create();
    struct resource *resource = origin_add_resource(origin, "/gone", 100);
    WCHAR url[128];

    wcscpy(url, resource->url);
    origin_destroy(origin);
    start_file("BITS-052", fixture, url);
    wait_for_state("BITS-052", fixture->job, BG_JOB_STATE_TRANSIENT_ERROR);
    check_context("BITS-052", fixture->job, 0x80072efd, BG_ERROR_CONTEXT_REMOTE_FILE);
    check_hr("BITS-052", IBackgroundCopyJob_Cancel(fixture->job), S_OK);
}

static void test_disk(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/disk", 100);
    WCHAR path[MAX_PATH];

    fixture_new_job(fixture);
    check_hr("BITS-054", IBackgroundCopyJob_AddFile(fixture->job, resource->url,
            join_path(path, fixture->dir, L"missing\\target.bin")), S_OK);
    resume_job("BITS-054", fixture->job);
    wait_for_state("BITS-054", fixture->job, BG_JOB_STATE_ERROR);
    check_context("BITS-054", fixture->job, HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND), BG_ERROR_CONTEXT_LOCAL_FILE);
    check_protocol(fixture->job, BG_E_PROTOCOL_NOT_AVAILABLE, NULL);
    check_error_file(fixture->job, S_OK);
}

static void test_callback(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/callback", 100);
    struct client *client = client_create();

    set_status(resource, 404, ORIGIN_FOREVER);
    fixture_new_job(fixture);
    client_register("BITS-056", client, fixture->job, BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR);
    check_hr("BITS-056", IBackgroundCopyJob_AddFile(fixture->job, resource->url, fixture->path), S_OK);
    resume_job("BITS-056", fixture->job);
    client_wait("BITS-056", client, CALL_ERROR, 1);
    ok(client->calls[0].code == (HRESULT)0x80190194, "BITS-056: got code %#lx.\n", client->calls[0].code);
    check_state("BITS-056", fixture->job, BG_JOB_STATE_ERROR);
    check_hr("BITS-056", IBackgroundCopyJob_Cancel(fixture->job), S_OK);
    client_check_count("BITS-056", client, CALL_ERROR, 1);
    client_check_count("BITS-056", client, CALL_TRANSFERRED, 0);
    client_release(client);
}

START_TEST(error)
{
    struct fixture fixture;

    if (!begin_bits())
        return;
    if (fixture_open(&fixture))
    {
        test_statuses(&fixture);
        test_connection(&fixture);
        test_disk(&fixture);
        test_callback(&fixture);
        fixture_close(&fixture);
    }
    end_bits();
}
