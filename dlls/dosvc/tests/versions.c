/*
 * Jobs whose files change at a server, or are told by it in odd ways
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
#include "sink.h"
#include "versions.h"
#include "trial.h"

static struct fixture fixture;

/* Codes as the other interface has them. */
static BG_FILE_RANGE ranges[ARRAY_SIZE(selected_ranges)];

static DWORD get_ranges(const struct script *script)
{
    DWORD i;

    for (i = 0; i < ARRAY_SIZE(ranges); ++i)
    {
        ranges[i].InitialOffset = selected_ranges[i].Offset;
        ranges[i].Length = selected_ranges[i].Length;
    }
    return script->flags & SELECTS ? ARRAY_SIZE(ranges) : 0;
}

/* A file of the job that goes to the sink of the trial. */
static BOOL add_sink(struct trial *trial)
{
    IDeliveryOptimizationFile2 *file = NULL;
    IDeliveryOptimizationJob2 *job2;
    VARIANT value;
    HRESULT hr;

    if (FAILED(query("VER-01", trial->transfer, &IID_IDeliveryOptimizationJob2, &job2)))
        return FALSE;
    hr = IDeliveryOptimizationJob2_AddFile(job2, L"stream", trial->resource->url, get_ranges(trial->script), ranges,
            &IID_IDeliveryOptimizationFile2, (void **)&file);
    check_hr("VER-01", hr, S_OK);
    IDeliveryOptimizationJob2_Release(job2);
    if (!file)
        return FALSE;
    V_VT(&value) = VT_UNKNOWN;
    V_UNKNOWN(&value) = (IUnknown *)&trial->sink->IStream_iface;
    check_hr("VER-01", IDeliveryOptimizationFile2_SetProperty(file, DOFilePropertyId_DownloadSinkInterface, &value),
            S_OK);
    IDeliveryOptimizationFile2_Release(file);
    return TRUE;
}

static BOOL job_start(struct trial *trial)
{
    IBackgroundCopyJob *job = create_job(fixture.manager);
    DWORD count = get_ranges(trial->script);

    if (!(trial->transfer = job))
        return FALSE;
    IBackgroundCopyJob_SetNoProgressTimeout(job, trial->script->seconds ? trial->script->seconds : 45);
    if (!trial->sink)
        add_ranges("VER-01", job, trial->resource, trial->path, ranges, count, DO_UNKNOWN_FILE_SIZE, S_OK);
    else if (!add_sink(trial))
        return FALSE;
    resume_job("VER-01", job);
    return TRUE;
}

static void job_look(struct trial *trial)
{
    BG_JOB_STATE state = get_state(trial->transfer);
    BG_JOB_PROGRESS progress;

    get_progress(trial->transfer, &progress);
    trial->bytes = progress.BytesTransferred;
    trial->is_resting = is_resting(state);
    trial->is_finished = state == BG_JOB_STATE_TRANSFERRED;
    trial->error = get_error_code(trial->transfer, NULL);
}

static HRESULT job_finish(struct trial *trial)
{
    return IBackgroundCopyJob_Complete((IBackgroundCopyJob *)trial->transfer);
}

static void job_discard(struct trial *trial)
{
    if (trial->transfer)
        discard_job(trial->transfer);
}

static HRESULT job_pause(struct trial *trial)
{
    return IBackgroundCopyJob_Suspend((IBackgroundCopyJob *)trial->transfer);
}

static HRESULT job_resume(struct trial *trial)
{
    return IBackgroundCopyJob_Resume((IBackgroundCopyJob *)trial->transfer);
}

static void job_check_selected(const WCHAR *path, const struct resource *content)
{
    check_ranges_content("VER-01", path, content, ranges, ARRAY_SIZE(ranges));
}

static const struct trial_api job_api =
{
    job_start, job_look, job_finish, job_discard, job_pause, job_resume, job_check_selected,
};

/* A stream that can be taken back gets the other version from its beginning. */
static void test_rewinding(void)
{
    static const struct script script = { "rewinding", .ranged = { { 206, 2, TAG2 RANGE, ASKED } }, .proper = 2 };
    struct trial *trial = test_alloc(sizeof(*trial));
    struct resource other;

    if (!is_wanted(script.name))
        return;
    open_trial(trial, &script, TRUE, fixture.origin, fixture.dir);
    other = *trial->resource;
    other.seed = get_seed(trial->resource, 2);
    trial->sink->other = &other;
    job_start(trial);
    wait_for_state("VER-01", trial->transfer, BG_JOB_STATE_TRANSFERRED);
    sink_check("VER-01", trial->sink, SIZE);
    job_discard(trial);
    sink_check_released("VER-01", trial->sink);
}

START_TEST(versions)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    if (fixture_open(&fixture))
    {
        run_scripts(&job_api, scripts, ARRAY_SIZE(scripts), fixture.origin, fixture.dir);
        run_pauses(&job_api, fixture.origin, fixture.dir);
        run_fickle(&job_api, fixture.origin, fixture.dir);
        test_rewinding();
        run_joins(&job_api, fixture.origin, fixture.dir);
        fixture_close(&fixture);
    }
    CoUninitialize();
}
