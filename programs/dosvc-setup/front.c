/*
 * dosvc-setup: the BITS front
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

#define COBJMACROS
#include "setup.h"

#include "winsvc.h"
#include "deliveryoptimizationjob.h"

/* Return whether a job would be lost with Wine's BITS, which keeps its jobs in memory only. */
static BOOL is_at_risk(IBackgroundCopyJob *job)
{
    IUnknown *job5 = get_interface((IUnknown *)job, L"IBackgroundCopyJob5");
    BG_JOB_STATE state;

    if (job5)
    {
        /* A job of the front, whose jobs go on after an update. */
        IUnknown_Release(job5);
        return FALSE;
    }
    return SUCCEEDED(IBackgroundCopyJob_GetState(job, &state)) && (state == BG_JOB_STATE_QUEUED
            || state == BG_JOB_STATE_CONNECTING || state == BG_JOB_STATE_TRANSFERRING);
}

unsigned int count_bits_jobs(void)
{
    IEnumBackgroundCopyJobs *jobs;
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    unsigned int count = 0;

    if (FAILED(CoInitializeEx(NULL, COINIT_MULTITHREADED)))
        return 0;
    if (SUCCEEDED(create_manager(BITS_CLSID_TEXT, L"IBackgroundCopyManager", (void **)&manager)))
    {
        if (SUCCEEDED(IBackgroundCopyManager_EnumJobs(manager, 0, &jobs)))
        {
            while (IEnumBackgroundCopyJobs_Next(jobs, 1, &job, NULL) == S_OK)
            {
                count += is_at_risk(job);
                IBackgroundCopyJob_Release(job);
            }
            IEnumBackgroundCopyJobs_Release(jobs);
        }
        IBackgroundCopyManager_Release(manager);
    }
    CoUninitialize();
    return count;
}

BOOL is_bits_class_dead(void)
{
    IUnknown *manager;
    HRESULT hr;

    if (FAILED(CoInitializeEx(NULL, COINIT_MULTITHREADED)))
        return FALSE;
    if (SUCCEEDED(hr = create_manager(BITS_CLSID_TEXT, L"IBackgroundCopyManager", (void **)&manager)))
        IUnknown_Release(manager);
    CoUninitialize();
    return hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE);
}

/* Ask a copy of this program: it loads proxies, which the installation replaces. */
static unsigned int ask_copy(const WCHAR *command)
{
    WCHAR self[MAX_PATH];
    DWORD answer;

    if (!GetModuleFileNameW(NULL, self, ARRAY_SIZE(self)) || run_program(self, command, &answer))
        return 0;
    return answer;
}

static unsigned int count_at_risk(void)
{
    DWORD pid;

    if (registration_get_service_state(BITS_SERVICE_NAME, &pid) != SERVICE_RUNNING)
        return 0;
    return ask_copy(L"dosvc-setup --count-bits-jobs");
}

enum exit_code check_front(const struct options *options)
{
    enum registration_front front = registration_get_front();
    unsigned int count;

    if (options->without_bits && front != REGISTRATION_FRONT_NONE)
    {
        print_error(IDS_FRONT_NEEDS_BITS);
        return EXIT_FAILED;
    }
    if (options->force || (!options->with_bits && front == REGISTRATION_FRONT_NONE) || !(count = count_at_risk()))
        return EXIT_DONE;
    print_error(IDS_HAS_BITS_JOBS, count);
    return EXIT_FAILED;
}

static DWORD call_for_views(DWORD (*func)(REGSAM view))
{
    DWORD ret = func(0);

    return ret || !registration_is_64bit_prefix() ? ret : func(KEY_WOW64_32KEY);
}

enum exit_code register_front(void)
{
    DWORD ret = call_for_views(registration_register_front);

    /* Wine's BITS does not stop while it transfers. Ended by force, it stays in the table of RpcSs. */
    if (!ret && ask_copy(L"dosvc-setup --is-bits-class-dead"))
        ret = call_for_views(registration_divert_class);
    if (!ret)
        return EXIT_DONE;
    print_error(IDS_FRONT_FAILED, ret);
    return EXIT_FAILED;
}

static enum exit_code unregister_front(void)
{
    DWORD ret = ERROR_SUCCESS, ret2;

    if (registration_is_64bit_prefix())
        ret = registration_unregister_front(KEY_WOW64_32KEY);
    if ((ret2 = registration_unregister_front(0)) && !ret)
        ret = ret2;
    if (!ret)
        return EXIT_DONE;
    print_error(IDS_REMOVE_FAILED, ret);
    return EXIT_FAILED;
}

static enum exit_code remove_front_file(void)
{
    const struct registration_file *file = registration_get_front_file();
    WCHAR path[MAX_PATH];
    DWORD ret;

    if (!(ret = registration_remove_file(file, TRUE)))
        return EXIT_DONE;
    registration_get_file_path(file, path);
    print_error(IDS_FILE_FAILED, path, ret);
    return EXIT_FAILED;
}

enum exit_code remove_front(const struct options *options)
{
    enum registration_front front = registration_get_front();
    BOOL is_saved = registration_has_saved_front(), is_diverted = registration_is_class_diverted();
    enum exit_code code = EXIT_DONE;
    DWORD ret;

    if (front != REGISTRATION_FRONT_NONE)
    {
        if ((ret = registration_retire_front()))
        {
            print_error(IDS_STOP_FAILED, BITS_SERVICE_NAME, ret);
            return EXIT_FAILED;
        }
        if ((code = remove_front_file()) || (code = unregister_front()))
            return code;
        print(front == REGISTRATION_FRONT_LOST ? IDS_FRONT_LEFT : is_saved ? IDS_FRONT_REMOVED : IDS_FRONT_NOT_SAVED);
        if (is_diverted)
            print(IDS_FRONT_RESTART);
    }
    if (options->purge)
        code = delete_records(BITS_SERVICE_NAME);
    else
        registration_remove_state_folders(BITS_SERVICE_NAME);
    return code;
}
