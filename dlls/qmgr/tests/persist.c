/*
 * The BITS front: how long jobs are kept
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
#include "control.h"

static BOOL set_inactivity(DWORD seconds)
{
    HKEY key;

    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, SETTINGS, 0, NULL, 0, KEY_SET_VALUE, NULL, &key, NULL))
        return FALSE;
    if (seconds)
        RegSetValueExW(key, L"JobInactivitySeconds", 0, REG_DWORD, (BYTE *)&seconds, sizeof(seconds));
    else
        RegDeleteValueW(key, L"JobInactivitySeconds");
    RegCloseKey(key);
    return TRUE;
}

/* A job whose client changes something stays, and one that nobody touches goes. */
static void test_inactivity(struct fixture *fixture)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job;
    GUID idle, active;
    HRESULT hr;
    DWORD end;

    if (!set_inactivity(4) || !stop_service())
    {
        skip("BITS-047: no right to change the settings of the service.\n");
        fixture->job = create_job(fixture->manager);
        return;
    }
    hr = create_manager(&manager);
    check_hr("BITS-047", hr, S_OK);
    if (FAILED(hr))
        return;
    job = create_job(manager);
    IBackgroundCopyJob_GetId(job, &idle);
    IBackgroundCopyJob_Release(job);
    fixture->job = create_job(manager);
    IBackgroundCopyJob_GetId(fixture->job, &active);
    for (end = GetTickCount() + LIMIT_MS; (LONG)(end - GetTickCount()) > 0; Sleep(200))
    {
        check_hr("BITS-047", IBackgroundCopyJob_SetDescription(fixture->job, L"active"), S_OK);
        if ((hr = IBackgroundCopyManager_GetJob(manager, &idle, &job)) != S_OK)
            break;
        IBackgroundCopyJob_Release(job);
    }
    check_hr("BITS-047", hr, BG_E_NOT_FOUND);
    hr = IBackgroundCopyManager_GetJob(manager, &active, &job);
    check_hr("BITS-047", hr, S_OK);
    if (SUCCEEDED(hr))
        IBackgroundCopyJob_Release(job);
    discard_job(fixture->job);
    fixture->job = create_job(manager);
    IBackgroundCopyManager_Release(fixture->manager);
    fixture->manager = manager;
    set_inactivity(0);
}

START_TEST(persist)
{
    struct fixture fixture;

    if (!begin_bits())
        return;
    if (fixture_open(&fixture))
    {
        discard_job(fixture.job);
        test_inactivity(&fixture);
        fixture_close(&fixture);
        stop_service(); /* the next one has the default again */
    }
    end_bits();
}
