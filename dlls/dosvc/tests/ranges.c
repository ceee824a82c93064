/*
 * Tests for byte ranges
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

#define EOF_LENGTH BG_LENGTH_TO_EOF
#define GIB ((UINT64)1 << 30)

#define MAX_RANGES 3

static void check_file_ranges(const char *id, IBackgroundCopyJob *job, const BG_FILE_RANGE *ranges, DWORD count)
{
    BG_FILE_RANGE *result = (BG_FILE_RANGE *)0xdeadbeef;
    DWORD result_count = 0xdeadbeef;
    IBackgroundCopyFile2 *file2;
    IBackgroundCopyFile *file;
    HRESULT hr;

    if (!(file = get_file(id, job, 0)))
        return;
    if (SUCCEEDED(query(id, file, &IID_IBackgroundCopyFile2, &file2)))
    {
        hr = IBackgroundCopyFile2_GetFileRanges(file2, &result_count, &result);
        ok(hr == (count ? S_OK : S_FALSE), "%s: got hr %#lx.\n", id, hr);
        ok(result_count == count, "%s: got %lu ranges, expected %lu.\n", id, result_count, count);
        if (count && result_count == count)
            ok(!memcmp(result, ranges, count * sizeof(*ranges)), "%s: got other ranges.\n", id);
        else
            ok(!result, "%s: got array %p.\n", id, result);
        CoTaskMemFree(result);
        IBackgroundCopyFile2_Release(file2);
    }
    IBackgroundCopyFile_Release(file);
}

static void test_validation(void)
{
    static const struct
    {
        const char *id;
        UINT64 size;
        DWORD count;
        BG_FILE_RANGE ranges[MAX_RANGES];
        HRESULT hr;
    }
    rows[] =
    {
        { "JOB-092", SIZE_UNKNOWN, 1, { { EOF_LENGTH, 10 } }, DO_E_INVALID_RANGE },
        { "JOB-092", SIZE_UNKNOWN, 1, { { EOF_LENGTH, EOF_LENGTH } }, DO_E_INVALID_RANGE },
        { "JOB-092", SIZE_UNKNOWN, 2, { { 0, 10 }, { EOF_LENGTH, 0 } }, DO_E_INVALID_RANGE },
        { "JOB-093", SIZE_UNKNOWN, 2, { { 0, 10 }, { 5, 10 } }, DO_E_OVERLAPPING_RANGES },
        { "JOB-093", SIZE_UNKNOWN, 2, { { 5, 10 }, { 0, 10 } }, DO_E_OVERLAPPING_RANGES },
        { "JOB-093", SIZE_UNKNOWN, 2, { { 0, 10 }, { 0, 10 } }, DO_E_OVERLAPPING_RANGES },
        { "JOB-093", SIZE_UNKNOWN, 2, { { 10, EOF_LENGTH }, { 20, 5 } }, DO_E_OVERLAPPING_RANGES },
        { "JOB-093", SIZE_UNKNOWN, 2, { { 20, 5 }, { 10, EOF_LENGTH } }, DO_E_OVERLAPPING_RANGES },
        { "JOB-093", SIZE_UNKNOWN, 2, { { 0, EOF_LENGTH }, { 0, EOF_LENGTH } }, DO_E_OVERLAPPING_RANGES },
        { "JOB-093", SIZE_UNKNOWN, 3, { { 0, 100 }, { 200, 10 }, { 50, 10 } }, DO_E_OVERLAPPING_RANGES },
        { "JOB-094", SIZE_UNKNOWN, 2, { { 100, 5 }, { 100, 0 } }, DO_E_OVERLAPPING_RANGES },
        { "JOB-094", SIZE_UNKNOWN, 1, { { 100, 0 } }, DO_E_INVALID_RANGE },
        { "JOB-094", SIZE_UNKNOWN, 2, { { 100, 0 }, { 100, 5 } }, DO_E_INVALID_RANGE },
        { "JOB-095", SIZE_UNKNOWN, 1, { { EOF_LENGTH - 1, 2 } }, DO_E_INVALID_RANGE },
        { "JOB-095", SIZE_UNKNOWN, 1, { { 2, EOF_LENGTH - 1 } }, DO_E_INVALID_RANGE },
        { "JOB-096", 50, 1, { { 40, 20 } }, DO_E_INVALID_RANGE },
        { "JOB-096", 50, 1, { { 50, EOF_LENGTH } }, DO_E_INVALID_RANGE },
        { "JOB-096", 50, 1, { { 49, EOF_LENGTH } }, S_OK },
        { "JOB-096", 50, 1, { { 40, 10 } }, S_OK },
        { "JOB-099", SIZE_UNKNOWN, 2, { { 0, 10 }, { 10, 10 } }, S_OK },
        { "JOB-099", SIZE_UNKNOWN, 3, { { 20, EOF_LENGTH }, { 10, 10 }, { 0, 10 } }, S_OK },
        { "JOB-095", SIZE_UNKNOWN, 1, { { EOF_LENGTH - 2, 1 } }, S_OK },
        { "JOB-091", 1000, 3, { { 100, 100 }, { 900, 100 }, { 400, 100 } }, S_OK },
        { "JOB-091", SIZE_UNKNOWN, 0, { { 0, 0 } }, S_OK },
    };
    BG_FILE_RANGE ranges[MAX_RANGES];
    struct resource *resource;
    struct fixture fixture;
    UINT i;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/ranges", 1000);
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("row %u", i);
        memcpy(ranges, rows[i].ranges, sizeof(ranges));
        add_ranges(rows[i].id, fixture.job, resource, fixture.path, ranges, rows[i].count, rows[i].size, rows[i].hr);
        if (SUCCEEDED(rows[i].hr))
        {
            check_file_ranges("JOB-091", fixture.job, ranges, rows[i].count);
            fixture_new_job(&fixture);
        }
        else
            check_progress(rows[i].id, fixture.job, 0, 0, 0, 0);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

static void test_null_arguments(void)
{
    struct resource *resource;
    IBackgroundCopyFile2 *file2;
    IBackgroundCopyFile *file;
    struct fixture fixture;
    BG_FILE_RANGE *ranges;
    DWORD count;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/null", 1000);
    add_file("JOB-091", fixture.job, resource, fixture.path);
    if ((file = get_file("JOB-091", fixture.job, 0)))
    {
        if (SUCCEEDED(query("JOB-091", file, &IID_IBackgroundCopyFile2, &file2)))
        {
            hr = IBackgroundCopyFile2_GetFileRanges(file2, NULL, &ranges);
            check_null_arg("JOB-091", hr);
            count = 0;
            hr = IBackgroundCopyFile2_GetFileRanges(file2, &count, NULL);
            check_null_arg("JOB-091", hr);
            IBackgroundCopyFile2_Release(file2);
        }
        IBackgroundCopyFile_Release(file);
    }
    fixture_close(&fixture);
}

/* The parts lie in the file one after another, in the order of the client. */
static void test_content(void)
{
    static const struct
    {
        const char *id;
        DWORD count;
        BG_FILE_RANGE ranges[MAX_RANGES];
        UINT64 declared;
    }
    rows[] =
    {
        { "JOB-064", 2, { { 2, 4 }, { 12, 5 } }, SIZE_UNKNOWN },
        { "JOB-090", 3, { { 100, 100 }, { 900, 100 }, { 400, 100 } }, SIZE_UNKNOWN },
        { "JOB-090", 3, { { 100, 100 }, { 900, 100 }, { 400, 100 } }, 200000 },
        { "JOB-099", 2, { { 0, 10 }, { 10, 10 } }, SIZE_UNKNOWN },
        { "JOB-065", 1, { { 10, 199990 } }, SIZE_UNKNOWN },
        { "JOB-090", 2, { { 150000, 50000 }, { 0, 50000 } }, SIZE_UNKNOWN },
        { "JOB-090", 1, { { 199999, 1 } }, SIZE_UNKNOWN },
    };
    BG_FILE_RANGE ranges[MAX_RANGES];
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;
    UINT i, j;
    UINT64 sum;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/content", 200000);
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("row %u", i);
        memcpy(ranges, rows[i].ranges, sizeof(ranges));
        for (j = 0, sum = 0; j < rows[i].count; ++j)
            sum += ranges[j].Length;
        add_ranges(rows[i].id, fixture.job, resource, fixture.path, ranges, rows[i].count, rows[i].declared, S_OK);
        check_progress(rows[i].id, fixture.job, sum, 0, 1, 0);
        resume_job(rows[i].id, fixture.job);
        wait_for_state(rows[i].id, fixture.job, BG_JOB_STATE_TRANSFERRED);
        check_progress(rows[i].id, fixture.job, sum, sum, 1, 1);
        hr = IBackgroundCopyJob_Complete(fixture.job);
        ok(hr == S_OK, "%s: got hr %#lx.\n", rows[i].id, hr);
        check_ranges_content(rows[i].id, fixture.path, resource, ranges, rows[i].count);
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

/* With and without validators, for what they tell of the end is not all. */
static void test_to_the_end(BOOL is_bare)
{
    BG_FILE_RANGE ranges[] = { { 100, 50 }, { 99000, EOF_LENGTH } }, expected[] = { { 100, 50 }, { 99000, 1000 } };
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/end", 100000);
    if (is_bare)
        resource->etag = resource->last_modified = NULL;
    add_ranges("JOB-065", fixture.job, resource, fixture.path, ranges, 2, SIZE_UNKNOWN, S_OK);
    check_progress("JOB-065", fixture.job, BG_SIZE_UNKNOWN, 0, 1, 0);
    resume_job("JOB-065", fixture.job);
    wait_for_state("JOB-065", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_progress("JOB-065", fixture.job, 1050, 1050, 1, 1);
    check_file_ranges("JOB-091", fixture.job, ranges, 2);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-065: got hr %#lx.\n", hr);
    check_ranges_content("JOB-065", fixture.path, resource, expected, 2);
    ok(origin_get_request(resource, 0, NULL) <= 3, "VER-05: %u requests.\n", origin_get_request(resource, 0, NULL));
    fixture_close(&fixture);
}

/* Offsets that need more than 32 bits (HOST-17 has a whole file of that size). */
static void test_beyond_4gib(void)
{
    BG_FILE_RANGE ranges[] =
    {
        { 5 * GIB - 1000, EOF_LENGTH }, { 4 * GIB - 10, 20 }, { 0, 10 }, { 2 * GIB - 5, 10 },
    };
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/big", 5 * GIB);
    add_ranges("HOST-17", fixture.job, resource, fixture.path, ranges, 4, SIZE_UNKNOWN, S_OK);
    resume_job("HOST-17", fixture.job);
    wait_for_state("HOST-17", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_progress("HOST-17", fixture.job, 1040, 1040, 1, 1);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "HOST-17: got hr %#lx.\n", hr);
    ranges[0].Length = 1000;
    check_ranges_content("HOST-17", fixture.path, resource, ranges, 4);
    fixture_close(&fixture);
}

static void test_failures(void)
{
    static const struct
    {
        const char *id;
        BG_FILE_RANGE range;
        unsigned int flags;
        const char *content_range;
        HRESULT code;
    }
    rows[] =
    {
        { "JOB-097", { 2000, 10 }, 0, NULL, DO_E_INVALID_RANGE },
        { "JOB-097", { 990, 20 }, 0, NULL, DO_E_INVALID_RANGE },
        { "JOB-097", { 1000, EOF_LENGTH }, 0, NULL, DO_E_INVALID_RANGE },
        { "JOB-098", { 100, 10 }, RESOURCE_IGNORES_RANGES, NULL, DO_E_INSUFFICIENT_RANGE_SUPPORT },
        { "JOB-098", { 100, EOF_LENGTH }, RESOURCE_IGNORES_RANGES, NULL, DO_E_INSUFFICIENT_RANGE_SUPPORT },
        { "JOB-098", { 100, 10 }, 0, "", DO_E_HTTP_BLOCKSIZE_MISMATCH },
        { "JOB-098", { 100, 10 }, 0, "bytes 101-110/1000", DO_E_HTTP_BLOCKSIZE_MISMATCH },
        { "JOB-098", { 100, 10 }, 0, "bytes 0-999/1000", DO_E_HTTP_BLOCKSIZE_MISMATCH },
        { "JOB-098", { 100, 10 }, 0, "nonsense", DO_E_HTTP_BLOCKSIZE_MISMATCH },
        { "JOB-098", { 100, EOF_LENGTH }, 0, "bytes 100-999/*", DO_E_FILE_SIZE_UNKNOWN_HTTP_206 },
    };
    struct resource *resource;
    struct fixture fixture;
    BG_FILE_RANGE range;
    char name[16];
    UINT i;

    if (!fixture_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(rows); ++i)
    {
        winetest_push_context("row %u", i);
        sprintf(name, "/bad%u", i);
        resource = origin_add_resource(fixture.origin, name, 1000);
        resource->flags = rows[i].flags;
        resource->content_range = rows[i].content_range;
        range = rows[i].range;
        add_ranges(rows[i].id, fixture.job, resource, fixture.path, &range, 1, SIZE_UNKNOWN, S_OK);
        resume_job(rows[i].id, fixture.job);
        wait_for_state(rows[i].id, fixture.job, BG_JOB_STATE_ERROR);
        check_error(rows[i].id, fixture.job, rows[i].code);
        fixture_new_job(&fixture);
        winetest_pop_context();
    }
    fixture_close(&fixture);
}

/* A cut in the middle of a range is made good like any other. */
static void test_cut_range(void)
{
    BG_FILE_RANGE ranges[] = { { 50000, 40000 }, { 1000, 20000 } };
    struct resource *resource;
    struct fixture fixture;
    HRESULT hr;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/cut", 100000);
    resource->cut_after = 15000;
    resource->cut_count = 2;
    add_ranges("JOB-124", fixture.job, resource, fixture.path, ranges, 2, SIZE_UNKNOWN, S_OK);
    resume_job("JOB-124", fixture.job);
    wait_for_state("JOB-124", fixture.job, BG_JOB_STATE_TRANSFERRED);
    check_progress("JOB-124", fixture.job, 60000, 60000, 1, 1);
    hr = IBackgroundCopyJob_Complete(fixture.job);
    ok(hr == S_OK, "JOB-124: got hr %#lx.\n", hr);
    check_ranges_content("JOB-124", fixture.path, resource, ranges, 2);
    fixture_close(&fixture);
}

static BOOL play_half(void *context, const struct origin_request *request, struct answer *answer)
{
    answer->end = answer->start + (answer->end - answer->start) / 2;
    return origin_send_head(answer) && origin_send_body(answer);
}

/* The server never sends all of a range, and no validator tells that the rest would belong to it. */
static void test_half_range(void)
{
    BG_FILE_RANGE range = { 1000, 400000 };
    struct resource *resource;
    struct fixture fixture;
    unsigned int count;

    if (!fixture_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/half", 1000000);
    resource->etag = resource->last_modified = NULL;
    resource->play = play_half;
    add_ranges("VER-05", fixture.job, resource, fixture.path, &range, 1, SIZE_UNKNOWN, S_OK);
    check_hr("VER-05", IBackgroundCopyJob_SetNoProgressTimeout(fixture.job, 0), S_OK);
    resume_job("VER-05", fixture.job);
    if (wait_for_state("VER-05", fixture.job, BG_JOB_STATE_ERROR))
        check_error("VER-05", fixture.job, DO_E_HTTP_BLOCKSIZE_MISMATCH);
    count = origin_get_requests(resource, NULL);
    ok(count == 1, "VER-05: got %u requests.\n", count);
    fixture_close(&fixture);
}

START_TEST(ranges)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_validation();
    test_null_arguments();
    test_content();
    test_to_the_end(FALSE);
    test_to_the_end(TRUE);
    test_beyond_4gib();
    test_failures();
    test_cut_range();
    test_half_range();
    CoUninitialize();
}
