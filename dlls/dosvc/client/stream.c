/*
 * Streams of clients in place of files, as sinks of transfers
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

/* Write alone is called while the bytes flow, and its count of bytes is not looked at: a success means that all were
 * taken. The client may be slow, stuck or dead, so none of these functions may be called with a lock held. */

#include <stdlib.h>

#include "client/client.h"
#include "disk/sink.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

struct stream_sink
{
    struct sink sink;
    struct client_stream *stream; /* owned */
    BOOL is_full;              /* an IStream, which may be rewound */
};

static inline struct stream_sink *impl_from_sink(struct sink *sink)
{
    return CONTAINING_RECORD(sink, struct stream_sink, sink);
}

struct client_stream *client_stream_addref(struct client_stream *stream)
{
    InterlockedIncrement(&stream->refcount);
    return stream;
}

static HRESULT stream_sink_set_length(struct sink *sink, UINT64 length, UINT64 to_write)
{
    IStream *stream = (IStream *)impl_from_sink(sink)->stream->stream;
    static const LARGE_INTEGER begin;
    ULARGE_INTEGER size;
    HRESULT hr;

    if (!impl_from_sink(sink)->is_full)
        return E_NOTIMPL;
    size.QuadPart = length;
    if (SUCCEEDED(hr = IStream_Seek(stream, begin, STREAM_SEEK_SET, NULL)))
        hr = IStream_SetSize(stream, size);
    TRACE("rewinding, hr %#lx.\n", hr);
    return hr;
}

static HRESULT stream_sink_write(struct sink *sink, UINT64 offset, const void *data, DWORD size)
{
    ULONG written = 0;
    HRESULT hr;

    if (FAILED(hr = ISequentialStream_Write(impl_from_sink(sink)->stream->stream, data, size, &written)))
        WARN("writing %lu bytes failed, hr %#lx.\n", size, hr);
    return FAILED(hr) ? hr : S_OK;
}

/* Open, flush or abandon: what the client has taken is in its hands. */
static HRESULT stream_sink_leave(struct sink *sink)
{
    return S_OK;
}

static HRESULT stream_sink_close(struct sink *sink, enum sink_end end)
{
    return S_OK;
}

/* The owner has called Commit before, if at all. */
static HRESULT stream_sink_commit(struct sink *sink, const WCHAR *path, BOOL is_free, BOOL is_replacing,
        UINT64 modified)
{
    return S_OK;
}

static void stream_sink_destroy(struct sink *sink)
{
    struct stream_sink *stream_sink = impl_from_sink(sink);

    client_stream_release(stream_sink->stream);
    free(stream_sink);
}

static const struct sink_ops stream_sink_ops =
{
    stream_sink_leave,
    stream_sink_set_length,
    stream_sink_write,
    stream_sink_close,
    stream_sink_leave,
    stream_sink_commit,
    stream_sink_leave,
    stream_sink_destroy,
};

HRESULT stream_sink_create(struct client_stream *stream, BOOL is_full, struct sink **out)
{
    struct stream_sink *stream_sink;

    if (!(stream_sink = calloc(1, sizeof(*stream_sink))))
        return E_OUTOFMEMORY;
    sink_init(&stream_sink->sink, &stream_sink_ops, TRUE);
    stream_sink->stream = client_stream_addref(stream);
    stream_sink->is_full = is_full;
    *out = &stream_sink->sink;
    return S_OK;
}

static HRESULT query_stream(IUnknown *unknown, BOOL is_sequential_enough, ISequentialStream **stream)
{
    if (SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_IStream, (void **)stream)))
        return S_OK;
    if (is_sequential_enough && SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_ISequentialStream, (void **)stream)))
        return S_OK;
    *stream = NULL;
    return E_NOINTERFACE;
}

HRESULT client_stream_create(size_t size, IUnknown *unknown, BOOL is_sequential_enough, struct client_stream **out)
{
    struct client_stream *stream;
    HRESULT hr;

    if (!(stream = calloc(1, size)))
        return E_OUTOFMEMORY;
    stream->refcount = 1;
    stream->client = client_get_current();
    if (FAILED(hr = query_stream(unknown, is_sequential_enough, &stream->stream)))
    {
        client_stream_release(stream);
        return hr;
    }
    stream->unknown = unknown;
    IUnknown_AddRef(unknown);
    *out = stream;
    return S_OK;
}

void client_stream_release(struct client_stream *stream)
{
    if (!stream || InterlockedDecrement(&stream->refcount))
        return;
    client_release_object(stream->client, (IUnknown *)stream->stream);
    client_release_object(stream->client, stream->unknown);
    client_release(stream->client);
    free(stream);
}

BOOL client_stream_is_of(const struct client_stream *stream, const struct client *client)
{
    return stream && stream->client == client;
}
