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

/* A file of the job that goes to the sink of the trial. */
static BOOL add_sink(struct trial *trial)
{
    IDeliveryOptimizationFile2 *file = NULL;
    IDeliveryOptimizationJob2 *job2;
    VARIANT value;

    if (FAILED(query("VER-01", trial->transfer, &IID_IDeliveryOptimizationJob2, &job2)))
        return FALSE;
    check_hr("VER-01", IDeliveryOptimizationJob2_AddFile(job2, L"stream", trial->resource->url, 0, NULL,
            &IID_IDeliveryOptimizationFile2, (void **)&file), S_OK);
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

    if (!(trial->transfer = job))
        return FALSE;
    IBackgroundCopyJob_SetNoProgressTimeout(job, trial->script->seconds ? trial->script->seconds : 45);
    if (!trial->sink)
        add_file("VER-01", job, trial->resource, trial->path);
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

static const struct trial_api job_api = { job_start, job_look, job_finish, job_discard };

START_TEST(versions)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    if (fixture_open(&fixture))
    {
        run_scripts(&job_api, scripts, ARRAY_SIZE(scripts), fixture.origin, fixture.dir);
        run_joins(&job_api, fixture.origin, fixture.dir);
        fixture_close(&fixture);
    }
    CoUninitialize();
}
