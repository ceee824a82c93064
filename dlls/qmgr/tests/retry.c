/*
 * The BITS front: attempts after a failure
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

/* All jobs fail at once and wait side by side. A job that has to stay where it is is looked at when another one, which
 * may go on after the least delay, has done so. */

#include "bits_test.h"

static struct resource *add_failing(struct fixture *fixture, const char *path, unsigned int count)
{
    struct resource *resource = origin_add_resource(fixture->origin, path, 1000);

    set_status(resource, 503, count);
    return resource;
}

/* A job with one file, which the caller resumes and discards. */
static IBackgroundCopyJob *make_job(const char *id, struct fixture *fixture, struct resource *resource,
        const WCHAR *name, ULONG delay, ULONG timeout)
{
    IBackgroundCopyJob *job = create_job(fixture->manager);
    WCHAR path[MAX_PATH];

    if (delay)
        check_hr(id, IBackgroundCopyJob_SetMinimumRetryDelay(job, delay), S_OK);
    if (timeout != ~0u)
        check_hr(id, IBackgroundCopyJob_SetNoProgressTimeout(job, timeout), S_OK);
    check_hr(id, IBackgroundCopyJob_AddFile(job, resource->url, join_path(path, fixture->dir, name)), S_OK);
    resume_job(id, job);
    return job;
}

/* Milliseconds between the first two requests, when the second one has come. */
static DWORD get_delay(const char *id, struct resource *resource)
{
    struct origin_request first, second;

    if (!wait_for_requests(id, resource, 2))
        return 0;
    origin_get_request(resource, 0, &first);
    origin_get_request(resource, 1, &second);
    return second.time - first.time;
}

static void test_delays(struct fixture *fixture)
{
    struct resource *least = add_failing(fixture, "/least", 2), *usual = add_failing(fixture, "/usual", ORIGIN_FOREVER);
    struct resource *after = add_failing(fixture, "/after", 1), *none = add_failing(fixture, "/none", ORIGIN_FOREVER);
    struct resource *longer = add_failing(fixture, "/longer", ORIGIN_FOREVER);
    struct resource *over = add_failing(fixture, "/over", ORIGIN_FOREVER), *lower = add_failing(fixture, "/lower", 1);
    IBackgroundCopyJob *jobs[7];
    unsigned int i;
    DWORD delay;

    after->retry_after = 8;
    jobs[0] = make_job("BITS-059", fixture, least, L"least", 5, ~0u);
    jobs[1] = make_job("BITS-060", fixture, usual, L"usual", 0, ~0u);
    jobs[2] = make_job("BITS-061", fixture, after, L"after", 5, ~0u);
    jobs[3] = make_job("BITS-062", fixture, none, L"none", 0, 0);
    jobs[4] = make_job("BITS-063", fixture, longer, L"longer", 0, 120);
    jobs[5] = make_job("BITS-064", fixture, over, L"over", 5, 12);
    jobs[6] = make_job("BITS-067", fixture, lower, L"lower", 0, ~0u);

    wait_for_state("BITS-062", jobs[3], BG_JOB_STATE_ERROR);
    check_error("BITS-062", jobs[3], 0x801901f7);
    wait_for_state("BITS-063", jobs[4], BG_JOB_STATE_ERROR);
    check_error("BITS-063", jobs[4], 0x801901f7);
    wait_for_state("BITS-060", jobs[1], BG_JOB_STATE_TRANSIENT_ERROR);
    wait_for_state("BITS-067", jobs[6], BG_JOB_STATE_TRANSIENT_ERROR);
    check_hr("BITS-067", IBackgroundCopyJob_SetMinimumRetryDelay(jobs[6], 5), S_OK);

    delay = get_delay("BITS-059", least);
    ok(delay >= 4900, "BITS-059: got %lu ms.\n", delay);
    delay = get_delay("BITS-067", lower);
    ok(delay >= 4900, "BITS-067: got %lu ms.\n", delay);
    wait_for_state("BITS-067", jobs[6], BG_JOB_STATE_TRANSFERRED);
    delay = get_delay("BITS-061", after);
    ok(delay >= 7900, "BITS-061: got %lu ms.\n", delay);
    wait_for_state("BITS-061", jobs[2], BG_JOB_STATE_TRANSFERRED);
    wait_for_state("BITS-059", jobs[0], BG_JOB_STATE_TRANSFERRED);
    check_error_count("BITS-058", jobs[0], 2);
    wait_for_state("BITS-064", jobs[5], BG_JOB_STATE_ERROR);
    check_error("BITS-064", jobs[5], 0x801901f7);

    ok(origin_get_requests(usual, NULL) == 1, "BITS-060: got %u requests.\n", origin_get_requests(usual, NULL));
    ok(origin_get_requests(none, NULL) == 1, "BITS-062: got %u requests.\n", origin_get_requests(none, NULL));
    ok(origin_get_requests(longer, NULL) == 1, "BITS-063: got %u requests.\n", origin_get_requests(longer, NULL));
    set_status(usual, 503, 0);
    resume_job("BITS-060", jobs[1]);
    wait_for_state("BITS-060", jobs[1], BG_JOB_STATE_TRANSFERRED);
    for (i = 0; i < ARRAY_SIZE(jobs); ++i)
        discard_job(jobs[i]);
}

static void test_cuts(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/cut", 300000);
    BG_JOB_STATE state;

    fixture_new_job(fixture);
    resource->cut_after = 100000;
    resource->cut_count = 3;
    check_hr("BITS-065", IBackgroundCopyJob_AddFile(fixture->job, resource->url, fixture->path), S_OK);
    resume_job("BITS-065", fixture->job);
    while (!is_resting(state = get_state(fixture->job)) && state != BG_JOB_STATE_TRANSIENT_ERROR)
        Sleep(POLL_MS);
    ok(state == BG_JOB_STATE_TRANSFERRED, "BITS-065: got state %s.\n", debugstr_state(state));
    check_error_count("BITS-065", fixture->job, 0);
    if (state == BG_JOB_STATE_TRANSFERRED)
    {
        check_hr("BITS-065", IBackgroundCopyJob_Complete(fixture->job), S_OK);
        check_content("BITS-065", fixture->path, resource);
    }

    resource = origin_add_resource(fixture->origin, "/nothing", 100000);
    resource->cut_after = 0;
    resource->cut_count = ORIGIN_FOREVER;
    fixture_new_job(fixture);
    check_hr("BITS-066", IBackgroundCopyJob_AddFile(fixture->job, resource->url, fixture->path), S_OK);
    resume_job("BITS-066", fixture->job);
    wait_for_state("BITS-066", fixture->job, BG_JOB_STATE_TRANSIENT_ERROR);
    ok(origin_get_requests(resource, NULL) <= 4, "BITS-066: got %u requests.\n", origin_get_requests(resource, NULL));
    ok(get_error_code(fixture->job, NULL) == (HRESULT)0x80072efe, "BITS-066: got code %#lx.\n",
            get_error_code(fixture->job, NULL));
}

START_TEST(retry)
{
    struct fixture fixture;

    if (!begin_bits())
        return;
    if (fixture_open(&fixture))
    {
        test_delays(&fixture);
        test_cuts(&fixture);
        fixture_close(&fixture);
    }
    end_bits();
}
