/*
 * The BITS front: activation, interfaces, finding and listing jobs
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

#define DEFINE_TEST_GUIDS
#include "bits_test.h"

static const IID IID_IBackgroundCopyFile6_ =
        { 0xcf6784f7, 0xd677, 0x49fd, { 0x93, 0x68, 0xcb, 0x47, 0xae, 0xe9, 0xd1, 0xad } };
static const IID IID_IBitsTokenOptions_ =
        { 0x9a2584c3, 0xf7d2, 0x457a, { 0x9a, 0x5e, 0x22, 0xb6, 0x7b, 0xff, 0xc7, 0xd2 } };

static const CLSID classes[] = /* BITS 1.0 to 5.0 */
{
    { 0x4991d34b, 0x80a1, 0x4291, { 0x83, 0xb6, 0x33, 0x28, 0x36, 0x6b, 0x90, 0x97 } },
    { 0xf087771f, 0xd74f, 0x4c1a, { 0xbb, 0x8a, 0xe1, 0x6a, 0xca, 0x91, 0x24, 0xea } },
    { 0x6d18ad12, 0xbde3, 0x4393, { 0xb3, 0x11, 0x09, 0x9c, 0x34, 0x6e, 0x6d, 0xf9 } },
    { 0x03ca98d6, 0xff5d, 0x49b8, { 0xab, 0xc6, 0x03, 0xdd, 0x84, 0x12, 0x70, 0x20 } },
    { 0x659cdea7, 0x489e, 0x11d9, { 0xa9, 0xcd, 0x00, 0x0d, 0x56, 0x96, 0x52, 0x51 } },
    { 0xbb6df56b, 0xcace, 0x11dc, { 0x99, 0x92, 0x00, 0x19, 0xb9, 0x3a, 0x3a, 0x84 } },
    { 0x1ecca34c, 0xe88a, 0x44e3, { 0x8d, 0x6a, 0x89, 0x21, 0xbd, 0xe9, 0xe4, 0x52 } },
};

static const CLSID later_classes[] = /* BITS 10.0 to 10.3 */
{
    { 0x4d233817, 0xb456, 0x4e75, { 0x83, 0xd2, 0xb1, 0x7d, 0xec, 0x54, 0x4d, 0x12 } },
    { 0x4bd3e4e1, 0x7bd4, 0x4a2b, { 0x99, 0x64, 0x49, 0x64, 0x00, 0xde, 0x51, 0x93 } },
    { 0x4575438f, 0xa6c8, 0x4976, { 0xb0, 0xfe, 0x2f, 0x26, 0xb8, 0x0d, 0x95, 0x9e } },
    { 0x5fd42ad5, 0xc04e, 0x4d36, { 0xad, 0xc7, 0xe0, 0x8f, 0xf1, 0x57, 0x37, 0xad } },
};

static void test_activation(void)
{
    IBackgroundCopyManager *manager;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(classes); ++i)
    {
        winetest_push_context("class %u", i);
        manager = NULL;
        hr = CoCreateInstance(&classes[i], NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager, (void **)&manager);
        check_hr(i ? "BITS-002" : "BITS-001", hr, S_OK);
        if (SUCCEEDED(hr))
            IBackgroundCopyManager_Release(manager);
        hr = CoCreateInstance(&classes[i], NULL, CLSCTX_ALL, &IID_IBackgroundCopyManager, (void **)&manager);
        check_hr(i ? "BITS-002" : "BITS-001", hr, S_OK);
        if (SUCCEEDED(hr))
            IBackgroundCopyManager_Release(manager);
        winetest_pop_context();
    }
    for (i = 0; i < ARRAY_SIZE(later_classes); ++i)
    {
        hr = CoCreateInstance(&later_classes[i], NULL, CLSCTX_ALL, &IID_IBackgroundCopyManager, (void **)&manager);
        check_hr("BITS-002", hr, REGDB_E_CLASSNOTREG);
    }
}

static void test_interfaces(struct fixture *fixture)
{
    struct resource *resource = origin_add_resource(fixture->origin, "/interfaces", 1000);
    IBackgroundCopyFile *file;
    HRESULT hr;

    check_interface("BITS-016", fixture->manager, &IID_IDOManager, FALSE);
    check_interface("BITS-016", fixture->job, &IID_IBackgroundCopyJob2, TRUE);
    check_interface("BITS-016", fixture->job, &IID_IBackgroundCopyJob3, TRUE);
    check_interface("BITS-016", fixture->job, &IID_IBackgroundCopyJob4, TRUE);
    check_interface("BITS-016", fixture->job, &IID_IBackgroundCopyJob5, TRUE);
    check_interface("BITS-016", fixture->job, &IID_IDeliveryOptimizationJob, FALSE);
    check_interface("BITS-016", fixture->job, &IID_IDeliveryOptimizationJob2, FALSE);
    check_interface("BITS-016", fixture->job, &IID_IBitsTokenOptions_, FALSE);

    hr = IBackgroundCopyJob_AddFile(fixture->job, resource->url, fixture->path);
    check_hr("BITS-017", hr, S_OK);
    if (!(file = get_file("BITS-017", fixture->job, 0)))
        return;
    check_interface("BITS-017", file, &IID_IBackgroundCopyFile2, TRUE);
    check_interface("BITS-017", file, &IID_IBackgroundCopyFile3, TRUE);
    check_interface("BITS-017", file, &IID_IBackgroundCopyFile4, TRUE);
    check_interface("BITS-017", file, &IID_IBackgroundCopyFile5, TRUE);
    check_interface("BITS-017", file, &IID_IBackgroundCopyFile6_, FALSE);
    check_interface("BITS-017", file, &IID_IDeliveryOptimizationFile, FALSE);
    check_interface("BITS-017", file, &IID_IDeliveryOptimizationFile2, FALSE);
    hr = CoSetProxyBlanket((IUnknown *)file, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, NULL, RPC_C_AUTHN_LEVEL_CALL,
            RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE);
    check_hr("BITS-018", hr, S_OK);
    IBackgroundCopyFile_Release(file);
    hr = CoSetProxyBlanket((IUnknown *)fixture->job, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, NULL,
            RPC_C_AUTHN_LEVEL_CALL, RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE);
    check_hr("BITS-018", hr, S_OK);
    hr = CoSetProxyBlanket((IUnknown *)fixture->manager, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, NULL,
            RPC_C_AUTHN_LEVEL_CALL, RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE);
    check_hr("BITS-018", hr, S_OK);
}

static void test_types(IBackgroundCopyManager *manager)
{
    IBackgroundCopyJob *job = (void *)0xdeadbeef;
    HRESULT hr;
    GUID id;

    hr = IBackgroundCopyManager_CreateJob(manager, L"upload", BG_JOB_TYPE_UPLOAD, &id, &job);
    check_hr("BITS-019", hr, E_NOTIMPL);
    ok(!job, "BITS-019: got job %p.\n", job);
    job = (void *)0xdeadbeef;
    hr = IBackgroundCopyManager_CreateJob(manager, L"reply", BG_JOB_TYPE_UPLOAD_REPLY, &id, &job);
    check_hr("BITS-019", hr, E_NOTIMPL);
    ok(!job, "BITS-019: got job %p.\n", job);
}

static void test_lookup(struct fixture *fixture)
{
    IBackgroundCopyManager *other;
    IBackgroundCopyJob *job;
    GUID id = { 1 };
    HRESULT hr;

    hr = IBackgroundCopyManager_GetJob(fixture->manager, &id, &job);
    check_hr("BITS-020", hr, BG_E_NOT_FOUND);
    hr = IBackgroundCopyJob_GetId(fixture->job, &id);
    check_hr("BITS-020", hr, S_OK);
    hr = IBackgroundCopyManager_GetJob(fixture->manager, &id, &job);
    check_hr("BITS-020", hr, S_OK);
    if (SUCCEEDED(hr))
        IBackgroundCopyJob_Release(job);

    /* Each class has its own jobs. */
    hr = CoCreateInstance(&CLSID_DeliveryOptimization, NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager,
            (void **)&other);
    ok(hr == S_OK, "BITS-013: got hr %#lx.\n", hr);
    if (SUCCEEDED(hr))
    {
        hr = IBackgroundCopyManager_GetJob(other, &id, &job);
        ok(FAILED(hr), "BITS-013: got hr %#lx.\n", hr);
        IBackgroundCopyJob_SetDisplayName(fixture->job, L"only in BITS");
        job = find_job(other, L"only in BITS");
        ok(!job, "BITS-013: the job is in the other class.\n");
        job = find_job(fixture->manager, L"only in BITS");
        ok(!!job, "BITS-013: the job is not listed.\n");
        if (job)
            IBackgroundCopyJob_Release(job);
        IBackgroundCopyManager_Release(other);
    }

    hr = IBackgroundCopyJob_Cancel(fixture->job);
    check_hr("BITS-020", hr, S_OK);
    hr = IBackgroundCopyManager_GetJob(fixture->manager, &id, &job);
    check_hr("BITS-020", hr, BG_E_NOT_FOUND);
}

static void test_texts(IBackgroundCopyManager *manager)
{
    static const HRESULT codes[] = { BG_E_NOT_FOUND, (HRESULT)0x80190194, (HRESULT)0x80072ee7, BG_E_INVALID_STATE,
            BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED, BG_E_MAXDOWNLOAD_TIMEOUT, BG_E_INVALID_PROXY_INFO };
    unsigned int i;
    WCHAR *text;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(codes); ++i)
    {
        text = NULL;
        hr = IBackgroundCopyManager_GetErrorDescription(manager, codes[i], 0x409, &text);
        check_hr("BITS-021", hr, S_OK);
        ok(text && text[0] && wcsncmp(text, L"Error 0x", 8), "BITS-021: the text of %#lx is %s.\n", codes[i],
                wine_dbgstr_w(text));
        CoTaskMemFree(text);
    }
}

START_TEST(manager)
{
    struct fixture fixture;

    if (!begin_bits())
        return;
    test_activation();
    if (fixture_open(&fixture))
    {
        test_interfaces(&fixture);
        test_types(fixture.manager);
        test_texts(fixture.manager);
        test_lookup(&fixture);
        fixture_close(&fixture);
    }
    end_bits();
}
