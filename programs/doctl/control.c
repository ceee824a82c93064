/*
 * doctl pause, resume, cancel and complete: control a download
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

#include "doctl.h"

static HRESULT pause_job(IBackgroundCopyJob *job)
{
    return IBackgroundCopyJob_Suspend(job);
}

static HRESULT resume_job(IBackgroundCopyJob *job)
{
    return IBackgroundCopyJob_Resume(job);
}

static HRESULT cancel_job(IBackgroundCopyJob *job)
{
    return IBackgroundCopyJob_Cancel(job);
}

static HRESULT complete_job(IBackgroundCopyJob *job)
{
    BG_JOB_STATE state;
    HRESULT hr;

    /* Complete would throw away what has not arrived yet. */
    if (SUCCEEDED(hr = IBackgroundCopyJob_GetState(job, &state)) && state != BG_JOB_STATE_TRANSFERRED)
        hr = DO_E_INVALID_STATE;
    return SUCCEEDED(hr) ? IBackgroundCopyJob_Complete(job) : hr;
}

static const struct
{
    const WCHAR *verb;
    HRESULT (*function)(IBackgroundCopyJob *job);
}
actions[] =
{
    {L"pause",    pause_job},
    {L"resume",   resume_job},
    {L"cancel",   cancel_job},
    {L"complete", complete_job},
};

enum exit_code control_run(const struct verb *verb, const void *values, WCHAR **args)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    enum exit_code code;
    HRESULT hr = S_OK;
    unsigned int i;

    if (FAILED(service_open(&manager)))
        return EXIT_NO_SERVICE;
    if ((code = find_job(manager, args[0], &job)) == EXIT_DONE)
    {
        for (i = 0; i < ARRAY_SIZE(actions); ++i)
        {
            if (!wcscmp(verb->name, actions[i].verb))
                hr = actions[i].function(job);
        }
        if (FAILED(hr))
            code = report_error(manager, hr, args[0]);
        IBackgroundCopyJob_Release(job);
    }
    IBackgroundCopyManager_Release(manager);
    return code;
}
