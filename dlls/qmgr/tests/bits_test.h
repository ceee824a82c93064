/*
 * Tools for the conformance tests of the BITS front
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

/* Every test begins with begin_bits(), and does nothing where the class BITS is not ours. The fixture and the origin
 * server are those of the tests of dosvc.dll. */

#ifndef __DOSVC_TESTS_BITS_TEST_H
#define __DOSVC_TESTS_BITS_TEST_H

#define TEST_CLSID CLSID_BackgroundCopyManager
#define TEST_TEMP  L"BIT"
#define TEST_SERVICE L"BITS"
#include "dosvc_test.h"
#include "bitserrors.h"
#include <bitshttpoptions.h>

/* Initialise COM. FALSE, with a skip, if jobs of the class do not answer for IBackgroundCopyJob5: Wine's do not. */
static inline BOOL begin_bits(void)
{
    IBackgroundCopyManager *manager;
    IBackgroundCopyJob *job = NULL;
    IUnknown *job5 = NULL;
    HRESULT hr;
    GUID id;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (SUCCEEDED(hr = create_manager(&manager)))
    {
        if (SUCCEEDED(hr = IBackgroundCopyManager_CreateJob(manager, L"test", BG_JOB_TYPE_DOWNLOAD, &id, &job)))
        {
            hr = IBackgroundCopyJob_QueryInterface(job, &IID_IBackgroundCopyJob5, (void **)&job5);
            IBackgroundCopyJob_Cancel(job);
            IBackgroundCopyJob_Release(job);
        }
        IBackgroundCopyManager_Release(manager);
    }
    if (job5)
    {
        IUnknown_Release(job5);
        return TRUE;
    }
    skip("The BITS front is not installed here, hr %#lx.\n", hr);
    CoUninitialize();
    return FALSE;
}

static inline void end_bits(void)
{
    CoUninitialize();
}

/* Check a result as the tests of dosvc.dll do, and that it is none of Delivery Optimization. */
#undef check_hr
#define check_hr(id, hr, expected) check_bits_hr_(__FILE__, __LINE__, id, hr, expected)
static inline void check_bits_hr_(const char *file, int line, const char *id, HRESULT hr, HRESULT expected)
{
    check_hr_(file, line, id, hr, expected);
    ok_(file, line)(HRESULT_FACILITY(hr) != FACILITY_DELIVERY_OPTIMIZATION, "BITS-022: got hr %#lx.\n", hr);
}

/* Check the name of the first file. */
#define check_remote_name(id, job, expected) check_remote_name_(__FILE__, __LINE__, id, job, expected)
static inline void check_remote_name_(const char *file, int line, const char *id, IBackgroundCopyJob *job,
        const WCHAR *expected)
{
    IBackgroundCopyFile *first;
    WCHAR *name = NULL;

    if (!(first = get_file_(file, line, id, job, 0)))
        return;
    check_bits_hr_(file, line, id, IBackgroundCopyFile_GetRemoteName(first, &name), S_OK);
    ok_(file, line)(name && !wcscmp(name, expected), "%s: got %s.\n", id, wine_dbgstr_w(name));
    CoTaskMemFree(name);
    IBackgroundCopyFile_Release(first);
}

#endif /* __DOSVC_TESTS_BITS_TEST_H */
