/*
 * Tests for every call in every state of a job
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

/* The grid of job-api 4.1: its rows are the calls, its columns the states. QUEUED is
 * left out, since no client can keep a job there. */

enum column
{
    COLUMN_SUSPENDED,
    COLUMN_TRANSFERRING,
    COLUMN_TRANSIENT_ERROR,
    COLUMN_ERROR,
    COLUMN_TRANSFERRED,
    COLUMN_ACKNOWLEDGED,
    COLUMN_CANCELLED,
    COLUMN_COUNT,
};

#define MASK(state) (1u << BG_JOB_STATE_##state)

/* The same state; an active job may move on by itself. */
#define ACTIVE (MASK(QUEUED) | MASK(TRANSFERRING))
#define SAME   0

struct cell
{
    HRESULT hr;
    unsigned int states; /* where the job may be afterwards */
};

struct grid
{
    struct fixture fixture;
    struct resource *resources[COLUMN_COUNT];
    HANDLE gate;
    UINT job_count;
};

/* A job with one file on its way to or in the state of the column. */
struct subject
{
    IBackgroundCopyJob *job;
    IBackgroundCopyFile *file;
    WCHAR path[MAX_PATH];
    const struct resource *resource;
};

static HRESULT call_suspend(struct subject *subject)
{
    return IBackgroundCopyJob_Suspend(subject->job);
}

static HRESULT call_resume(struct subject *subject)
{
    return IBackgroundCopyJob_Resume(subject->job);
}

static HRESULT call_complete(struct subject *subject)
{
    return IBackgroundCopyJob_Complete(subject->job);
}

static HRESULT call_cancel(struct subject *subject)
{
    return IBackgroundCopyJob_Cancel(subject->job);
}

static HRESULT call_set_priority(struct subject *subject)
{
    return IBackgroundCopyJob_SetPriority(subject->job, BG_JOB_PRIORITY_HIGH);
}

static HRESULT call_add_file(struct subject *subject)
{
    IDeliveryOptimizationJob *job;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_QueryInterface(subject->job, &IID_IDeliveryOptimizationJob, (void **)&job)))
        return hr;
    hr = IDeliveryOptimizationJob_AddFileWithRanges(job, L"id", subject->resource->url, subject->path, 0, NULL,
            DO_UNKNOWN_FILE_SIZE);
    IDeliveryOptimizationJob_Release(job);
    return hr;
}

static HRESULT call_job2_add_file(struct subject *subject)
{
    IDeliveryOptimizationJob2 *job;
    IUnknown *object = NULL;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyJob_QueryInterface(subject->job, &IID_IDeliveryOptimizationJob2, (void **)&job)))
        return hr;
    hr = IDeliveryOptimizationJob2_AddFile(job, L"id", subject->resource->url, 0, NULL, &IID_IDeliveryOptimizationFile2,
            (void **)&object);
    if (object)
        IUnknown_Release(object);
    IDeliveryOptimizationJob2_Release(job);
    return hr;
}

static HRESULT call_set_remote_name(struct subject *subject)
{
    IBackgroundCopyFile2 *file;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyFile_QueryInterface(subject->file, &IID_IBackgroundCopyFile2, (void **)&file)))
        return hr;
    hr = IBackgroundCopyFile2_SetRemoteName(file, subject->resource->url);
    IBackgroundCopyFile2_Release(file);
    return hr;
}

static HRESULT call_set_property(struct subject *subject)
{
    IDeliveryOptimizationFile2 *file;
    VARIANT value;
    HRESULT hr;

    V_VT(&value) = VT_UI8;
    V_UI8(&value) = 5000;
    if (FAILED(hr = IBackgroundCopyFile_QueryInterface(subject->file, &IID_IDeliveryOptimizationFile2, (void **)&file)))
        return hr;
    hr = IDeliveryOptimizationFile2_SetProperty(file, DOFilePropertyId_TotalSizeBytes, &value);
    IDeliveryOptimizationFile2_Release(file);
    return hr;
}

static HRESULT call_get_error(struct subject *subject)
{
    IBackgroundCopyError *error = NULL;
    HRESULT hr;

    hr = IBackgroundCopyJob_GetError(subject->job, &error);
    if (error)
        IBackgroundCopyError_Release(error);
    return hr;
}

static HRESULT call_get_progress(struct subject *subject)
{
    BG_JOB_PROGRESS progress;

    return IBackgroundCopyJob_GetProgress(subject->job, &progress);
}

#define INVALID_CELL { DO_E_INVALID_STATE, SAME }
#define UNAVAILABLE_CELL { DO_E_ERROR_INFORMATION_UNAVAILABLE, SAME }
#define SAME_CELL { S_OK, SAME }
#define PARTIAL_CELL { BG_S_PARTIAL_COMPLETE, MASK(ACKNOWLEDGED) }

static const struct
{
    const char *id;
    const char *name;
    HRESULT (*func)(struct subject *subject);
    struct cell cells[COLUMN_COUNT];
}
rows[] =
{
    { "JOB-054", "Suspend", call_suspend,
      { SAME_CELL, { S_OK, MASK(SUSPENDED) }, { S_OK, MASK(SUSPENDED) }, SAME_CELL,
        SAME_CELL, INVALID_CELL, INVALID_CELL } },
    { "JOB-052", "Resume", call_resume,
      { { S_OK, ACTIVE }, { S_OK, ACTIVE }, { S_OK, ACTIVE | MASK(TRANSIENT_ERROR) }, { S_OK, ACTIVE | MASK(ERROR) },
        SAME_CELL, INVALID_CELL, INVALID_CELL } },
    { "JOB-082", "Complete", call_complete,
      { PARTIAL_CELL, PARTIAL_CELL, PARTIAL_CELL, PARTIAL_CELL,
        { S_OK, MASK(ACKNOWLEDGED) }, INVALID_CELL, INVALID_CELL } },
    { "JOB-086", "Cancel", call_cancel,
      { { S_OK, MASK(CANCELLED) }, { S_OK, MASK(CANCELLED) }, { S_OK, MASK(CANCELLED) }, { S_OK, MASK(CANCELLED) },
        { S_OK, MASK(CANCELLED) }, INVALID_CELL, INVALID_CELL } },
    { "JOB-041", "AddFileWithRanges", call_add_file,
      { SAME_CELL, SAME_CELL, SAME_CELL, SAME_CELL,
        { S_OK, MASK(SUSPENDED) }, INVALID_CELL, INVALID_CELL } },
    { "JOB-045", "AddFile", call_job2_add_file,
      { SAME_CELL, INVALID_CELL, INVALID_CELL, SAME_CELL,
        { S_OK, MASK(SUSPENDED) }, INVALID_CELL, INVALID_CELL } },
    { "JOB-057", "SetPriority", call_set_priority,
      { SAME_CELL, SAME_CELL, SAME_CELL, SAME_CELL,
        SAME_CELL, INVALID_CELL, INVALID_CELL } },
    { "JOB-115", "SetRemoteName", call_set_remote_name,
      { SAME_CELL, SAME_CELL, SAME_CELL, SAME_CELL,
        SAME_CELL, INVALID_CELL, INVALID_CELL } },
    { "JOB-109", "SetProperty", call_set_property,
      { SAME_CELL, INVALID_CELL, INVALID_CELL, SAME_CELL,
        INVALID_CELL, INVALID_CELL, INVALID_CELL } },
    { "JOB-117", "GetError", call_get_error,
      { UNAVAILABLE_CELL, UNAVAILABLE_CELL, SAME_CELL, SAME_CELL,
        UNAVAILABLE_CELL, UNAVAILABLE_CELL, UNAVAILABLE_CELL } },
    { "JOB-075", "GetProgress", call_get_progress,
      { SAME_CELL, SAME_CELL, SAME_CELL, SAME_CELL,
        SAME_CELL, SAME_CELL, SAME_CELL } },
};

static const BG_JOB_STATE column_states[] =
{
    BG_JOB_STATE_SUSPENDED, BG_JOB_STATE_TRANSFERRING, BG_JOB_STATE_TRANSIENT_ERROR, BG_JOB_STATE_ERROR,
    BG_JOB_STATE_TRANSFERRED, BG_JOB_STATE_ACKNOWLEDGED, BG_JOB_STATE_CANCELLED,
};

static void grid_init(struct grid *grid)
{
    struct origin *origin = grid->fixture.origin;
    struct resource *gated, *busy, *missing, *good;

    grid->gate = create_gate();
    gated = origin_add_resource(origin, "/gated", 5000);
    set_gate(gated, grid->gate, 1000);
    busy = origin_add_resource(origin, "/busy", 5000);
    busy->status = 503;
    busy->retry_after = 120; /* so that the job stays there */
    missing = origin_add_resource(origin, "/missing", 5000);
    missing->status = 404;
    good = origin_add_resource(origin, "/good", 5000);

    grid->resources[COLUMN_SUSPENDED] = grid->resources[COLUMN_TRANSFERRING] = gated;
    grid->resources[COLUMN_TRANSIENT_ERROR] = busy;
    grid->resources[COLUMN_ERROR] = missing;
    grid->resources[COLUMN_TRANSFERRED] = grid->resources[COLUMN_ACKNOWLEDGED] = good;
    grid->resources[COLUMN_CANCELLED] = gated;
}

static BOOL subject_init(struct grid *grid, struct subject *subject, enum column column)
{
    memset(subject, 0, sizeof(*subject));
    subject->resource = grid->resources[column];
    swprintf(subject->path, ARRAY_SIZE(subject->path), L"%lsjob%u", grid->fixture.dir, grid->job_count++);
    if (!(subject->job = create_job(grid->fixture.manager)))
        return FALSE;
    add_file("JOB-035", subject->job, subject->resource, subject->path);
    subject->file = get_file("JOB-046", subject->job, 0);
    if (column != COLUMN_SUSPENDED)
        resume_job("JOB-052", subject->job);
    if (column == COLUMN_ACKNOWLEDGED)
        wait_for_state("JOB-080", subject->job, BG_JOB_STATE_TRANSFERRED);
    if (column == COLUMN_ACKNOWLEDGED)
        IBackgroundCopyJob_Complete(subject->job);
    else if (column == COLUMN_CANCELLED)
        IBackgroundCopyJob_Cancel(subject->job);
    return wait_for_state("JOB-052", subject->job, column_states[column]);
}

static void subject_cleanup(struct subject *subject)
{
    if (subject->file)
        IBackgroundCopyFile_Release(subject->file);
    if (subject->job)
        discard_job(subject->job);
}

static void test_cell(struct grid *grid, UINT row, enum column column)
{
    const struct cell *cell = &rows[row].cells[column];
    struct subject subject;
    unsigned int states;
    BG_JOB_STATE state;
    HRESULT hr;

    if (subject_init(grid, &subject, column) && subject.file)
    {
        hr = rows[row].func(&subject);
        state = get_state(subject.job);
        states = cell->states ? cell->states : 1u << column_states[column];
        ok(hr == cell->hr, "%s: got hr %#lx, expected %#lx.\n", rows[row].id, hr, cell->hr);
        ok(states & (1u << state), "%s: the state is %s afterwards.\n", rows[row].id, debugstr_state(state));
    }
    subject_cleanup(&subject);
}

static void test_grid(void)
{
    struct grid grid = { .job_count = 0 };
    UINT row, column;

    if (!fixture_open(&grid.fixture))
        return;
    grid_init(&grid);
    for (row = 0; row < ARRAY_SIZE(rows); ++row)
    {
        for (column = 0; column < COLUMN_COUNT; ++column)
        {
            winetest_push_context("%s in %s", rows[row].name, debugstr_state(column_states[column]));
            test_cell(&grid, row, column);
            winetest_pop_context();
        }
    }
    fixture_close(&grid.fixture);
    CloseHandle(grid.gate);
}

START_TEST(state)
{
    if (!begin_tests(COINIT_MULTITHREADED))
        return;
    test_grid();
    CoUninitialize();
}
