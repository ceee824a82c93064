/*
 * Downloads to a stream
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

/* After download.h and sink.h. */

#ifndef __DOSVC_TESTS_DL_SINK_H
#define __DOSVC_TESTS_DL_SINK_H

static inline IDODownload *prepare_stream(const char *id, struct dl_fixture *fixture, const struct resource *resource,
        struct sink *sink)
{
    IDODownload *download = prepare_download(id, fixture, resource->url, NULL);

    check_hr(id, dl_set_object(download, DODownloadProperty_StreamInterface, &sink->IStream_iface), S_OK);
    return download;
}

#define finish_stream(id, download, sink, size) finish_stream_(__FILE__, __LINE__, id, download, sink, size)
static inline void finish_stream_(const char *file, int line, const char *id, IDODownload *download, struct sink *sink,
        UINT64 size)
{
    dl_wait_(file, line, id, download, DODownloadState_Transferred, LIMIT_MS);
    sink_check_(file, line, id, sink, size);
    check_dl_bytes_(file, line, id, download, size, size);
    check_hr_(file, line, "DL-125", IDODownload_Finalize(download), S_OK);
    check_dl_state_(file, line, "DL-125", download, DODownloadState_Finalized);
    IDODownload_Release(download);
    ok_(file, line)(!sink->other_calls && !sink->commits, "DL-114: got %u other calls, %u of Commit.\n",
            sink->other_calls, sink->commits);
    sink_check_released_(file, line, "DL-125", sink);
}

#endif /* __DOSVC_TESTS_DL_SINK_H */
