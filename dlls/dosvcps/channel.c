/*
 * The channel of a proxy
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

/* Channel of a proxy, which bounds the number of calls that a process has under way.
 *
 * Wine (8.0) runs each call in a thread of the service. If 1,000 threads of a process poll, each call of any other
 * process waits for a thousand calls. So a process has at most MAX_CALLS under way, and the others wait here, in the
 * process that makes them. */

#include "dosvcps_private.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define MAX_CALLS 32
#define PATIENCE  10000 /* milliseconds after which a call goes ahead, since those under way may depend on it */

static LONG call_count;

static inline struct channel *impl_from_IRpcChannelBuffer(IRpcChannelBuffer *iface)
{
    return CONTAINING_RECORD(iface, struct channel, IRpcChannelBuffer_iface);
}

static HRESULT WINAPI channel_QueryInterface(IRpcChannelBuffer *iface, REFIID riid, void **out)
{
    struct channel *channel = impl_from_IRpcChannelBuffer(iface);

    if (!IsEqualIID(riid, &IID_IRpcChannelBuffer) && !IsEqualIID(riid, &IID_IUnknown))
        return IRpcChannelBuffer_QueryInterface(channel->standard, riid, out);
    IRpcChannelBuffer_AddRef(iface);
    *out = iface;
    return S_OK;
}

/* Count on the standard channel: this one is part of the proxy, which outlives all references to the channel. */
static ULONG WINAPI channel_AddRef(IRpcChannelBuffer *iface)
{
    return IRpcChannelBuffer_AddRef(impl_from_IRpcChannelBuffer(iface)->standard);
}

static ULONG WINAPI channel_Release(IRpcChannelBuffer *iface)
{
    return IRpcChannelBuffer_Release(impl_from_IRpcChannelBuffer(iface)->standard);
}

static HRESULT WINAPI channel_GetBuffer(IRpcChannelBuffer *iface, RPCOLEMESSAGE *message, REFIID riid)
{
    return IRpcChannelBuffer_GetBuffer(impl_from_IRpcChannelBuffer(iface)->standard, message, riid);
}

static BOOL CALLBACK create_turns(INIT_ONCE *once, void *arg, void **context)
{
    return !!(*context = CreateSemaphoreW(NULL, 0, MAXLONG, NULL));
}

/* Return the semaphore of turns that ended calls pass on, made at the first need: most processes have none. */
static HANDLE get_turns(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    void *turns = NULL;

    InitOnceExecuteOnce(&once, create_turns, NULL, &turns);
    return turns;
}

/* Return whether a call may last for a whole download, as Start does with BlockingMode. */
static BOOL may_block(const struct channel *channel, const RPCOLEMESSAGE *message)
{
    return IsEqualIID(&channel->iid, &IID_IDODownload)
            && message->iMethod == FIELD_OFFSET(IDODownloadVtbl, Start) / sizeof(void *);
}

static HRESULT WINAPI channel_SendReceive(IRpcChannelBuffer *iface, RPCOLEMESSAGE *message, ULONG *status)
{
    struct channel *channel = impl_from_IRpcChannelBuffer(iface);
    HANDLE turns;
    DWORD index;
    HRESULT hr;

    if (may_block(channel, message))
        return IRpcChannelBuffer_SendReceive(channel->standard, message, status);
    if (InterlockedIncrement(&call_count) > MAX_CALLS && (turns = get_turns())
            && FAILED(hr = CoWaitForMultipleHandles(0, PATIENCE, 1, &turns, &index)))
        WARN("No turn for a call, hr %#lx.\n", hr);
    hr = IRpcChannelBuffer_SendReceive(channel->standard, message, status);
    if (InterlockedDecrement(&call_count) >= MAX_CALLS && (turns = get_turns()))
        ReleaseSemaphore(turns, 1, NULL);
    return hr;
}

static HRESULT WINAPI channel_FreeBuffer(IRpcChannelBuffer *iface, RPCOLEMESSAGE *message)
{
    return IRpcChannelBuffer_FreeBuffer(impl_from_IRpcChannelBuffer(iface)->standard, message);
}

static HRESULT WINAPI channel_GetDestCtx(IRpcChannelBuffer *iface, DWORD *context, void **data)
{
    return IRpcChannelBuffer_GetDestCtx(impl_from_IRpcChannelBuffer(iface)->standard, context, data);
}

static HRESULT WINAPI channel_IsConnected(IRpcChannelBuffer *iface)
{
    return IRpcChannelBuffer_IsConnected(impl_from_IRpcChannelBuffer(iface)->standard);
}

static const IRpcChannelBufferVtbl channel_vtbl =
{
    channel_QueryInterface,
    channel_AddRef,
    channel_Release,
    channel_GetBuffer,
    channel_SendReceive,
    channel_FreeBuffer,
    channel_GetDestCtx,
    channel_IsConnected,
};

IRpcChannelBuffer *channel_init(struct channel *channel, IRpcChannelBuffer *standard)
{
    /* Callbacks take no turn: the service must not let one client wait for another one. */
    if (IsEqualIID(&channel->iid, &IID_IDODownloadStatusCallback)
            || IsEqualIID(&channel->iid, &IID_IBackgroundCopyCallback)
            || IsEqualIID(&channel->iid, &IID_IBackgroundCopyCallback2))
        return standard;
    channel->IRpcChannelBuffer_iface.lpVtbl = &channel_vtbl;
    channel->standard = standard;
    return &channel->IRpcChannelBuffer_iface;
}
