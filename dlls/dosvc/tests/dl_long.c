/*
 * A long stream over a connection that breaks
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

/* 1 GiB where there is time for it: WINETEST_INTERACTIVE is set. Every byte is
 * made, sent, written and checked. */
#define LONG_SIZE  ((UINT64)1 << 30)
#define SHORT_SIZE ((UINT64)1 << 26)
#define LONG_MS    600000

#define CUTS 5

static void test_cuts(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    IDODownload *download;
    struct sink *sink;
    unsigned int left;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/long", winetest_interactive ? LONG_SIZE : SHORT_SIZE);
    /* An odd number, so that no cut is where a Write ends. */
    resource->cut_after = resource->size / (CUTS + 1) | 1;
    resource->cut_count = CUTS;
    sink = sink_create(resource);
    download = prepare_download("DL-123", &fixture, resource->url, NULL);
    check_hr("DL-123", dl_set_object(download, DODownloadProperty_StreamInterface, &sink->IStream_iface), S_OK);
    check_hr("DL-123", dl_start_whole(download), S_OK);
    dl_wait_limit("DL-123", download, DODownloadState_Transferred, LONG_MS);
    sink_check("DL-123", sink, resource->size);
    check_dl_bytes("DL-123", download, resource->size, resource->size);
    origin_lock(fixture.origin);
    left = resource->cut_count;
    origin_unlock(fixture.origin);
    ok(!left, "DL-123: %u of %u cuts did not happen.\n", left, CUTS);
    ok(origin_get_requests(resource, NULL) > CUTS, "DL-123: the server got only %u requests.\n",
            origin_get_requests(resource, NULL));
    check_hr("DL-123", IDODownload_Finalize(download), S_OK);
    IDODownload_Release(download);
    sink_check_released("DL-123", sink);
    check_no_file("DL-123", &fixture);
    dl_close(&fixture);
}

START_TEST(dl_long)
{
    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    test_cuts();
    CoUninitialize();
}
