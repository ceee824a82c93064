/*
 * Downloads of what changes at a server, or is told by it in odd ways
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
#include "dl_sink.h"
#include "versions.h"
#include "trial.h"

#define NO_PROGRESS 60 /* seconds; the least that can be set */

static struct dl_fixture fixture;

static BOOL download_start(struct trial *trial)
{
    struct dl_ranges ranges = { ARRAY_SIZE(selected_ranges) };
    IDODownload *download;

    memcpy(ranges.ranges, selected_ranges, sizeof(selected_ranges));
    if (trial->sink)
        download = prepare_stream("VER-01", &fixture, trial->resource, trial->sink);
    else
        download = prepare_download("VER-01", &fixture, trial->resource->url, trial->path);
    trial->transfer = download;
    check_hr("VER-01", dl_set_uint(download, DODownloadProperty_NoProgressTimeoutSeconds, NO_PROGRESS), S_OK);
    if (trial->script->flags & SELECTS)
        check_hr("VER-01", dl_start_ranges(download, &ranges), S_OK);
    else
        dl_start("VER-01", download);
    return TRUE;
}

static void download_look(struct trial *trial)
{
    DO_DOWNLOAD_STATUS status;

    dl_get_status(trial->transfer, &status);
    trial->bytes = status.BytesTransferred;
    trial->is_resting = dl_is_resting(&status);
    trial->is_finished = status.State == DODownloadState_Transferred;
    trial->error = status.Error;
}

static HRESULT download_finish(struct trial *trial)
{
    return IDODownload_Finalize((IDODownload *)trial->transfer);
}

static void download_discard(struct trial *trial)
{
    if (trial->transfer)
        dl_discard(trial->transfer);
}

static HRESULT download_pause(struct trial *trial)
{
    return IDODownload_Pause((IDODownload *)trial->transfer);
}

static HRESULT download_resume(struct trial *trial)
{
    return IDODownload_Start((IDODownload *)trial->transfer, NULL);
}

static void download_check_selected(const WCHAR *path, const struct resource *content)
{
    check_parts_content("VER-01", path, content, selected_ranges, ARRAY_SIZE(selected_ranges));
}

static const struct trial_api download_api =
{
    download_start, download_look, download_finish, download_discard, download_pause, download_resume,
    download_check_selected,
};

START_TEST(dl_versions)
{
    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    if (dl_open(&fixture))
    {
        run_scripts(&download_api, scripts, ARRAY_SIZE(scripts), fixture.origin, fixture.dir);
        run_pauses(&download_api, fixture.origin, fixture.dir);
        run_fickle(&download_api, fixture.origin, fixture.dir);
        run_joins(&download_api, fixture.origin, fixture.dir);
        dl_close(&fixture);
    }
    CoUninitialize();
}
