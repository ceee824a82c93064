/*
 * The methods whose parameters need a form of their own on the wire
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

/* Methods that travel in another form than clients call them (call_as in the IDL).
 *
 * Each method has two functions. The client calls the proxy's, which calls the generated one; in the service the
 * generated stub calls the stub's. Strings are CoTaskMemAlloc copies that the receiver frees. */

#include "dosvcps_private.h"

/* The most ranges that the service takes. With a count that is too large rpcrt4 would read memory that the client
 * does not have, and with sizes beyond 32 bits it fails with an error of its own. */
#define RANGES_MAX 65536

C_ASSERT(sizeof(BITS_JOB_PROPERTY_VALUE) == sizeof(GUID));

HRESULT CALLBACK IBackgroundCopyFile5_SetProperty_Proxy(IBackgroundCopyFile5 *iface, BITS_FILE_PROPERTY_ID id,
        BITS_FILE_PROPERTY_VALUE value)
{
    return IBackgroundCopyFile5_RemoteSetProperty_Proxy(iface, id, value.String);
}

HRESULT STDMETHODCALLTYPE IBackgroundCopyFile5_SetProperty_Stub(IBackgroundCopyFile5 *iface, DWORD id, LPCWSTR string)
{
    BITS_FILE_PROPERTY_VALUE value;

    value.String = (WCHAR *)string;
    return IBackgroundCopyFile5_SetProperty(iface, id, value);
}

HRESULT CALLBACK IBackgroundCopyFile5_GetProperty_Proxy(IBackgroundCopyFile5 *iface, BITS_FILE_PROPERTY_ID id,
        BITS_FILE_PROPERTY_VALUE *value)
{
    if (!value)
        return E_INVALIDARG;
    value->String = NULL;
    return IBackgroundCopyFile5_RemoteGetProperty_Proxy(iface, id, &value->String);
}

HRESULT STDMETHODCALLTYPE IBackgroundCopyFile5_GetProperty_Stub(IBackgroundCopyFile5 *iface, DWORD id, LPWSTR *string)
{
    BITS_FILE_PROPERTY_VALUE value = {0};
    HRESULT hr;

    hr = IBackgroundCopyFile5_GetProperty(iface, id, &value);
    *string = SUCCEEDED(hr) ? value.String : NULL;
    return hr;
}

HRESULT CALLBACK IBackgroundCopyJob5_SetProperty_Proxy(IBackgroundCopyJob5 *iface, BITS_JOB_PROPERTY_ID id,
        BITS_JOB_PROPERTY_VALUE value)
{
    return IBackgroundCopyJob5_RemoteSetProperty_Proxy(iface, id, &value.ClsID);
}

HRESULT STDMETHODCALLTYPE IBackgroundCopyJob5_SetProperty_Stub(IBackgroundCopyJob5 *iface, DWORD id, const GUID *guid)
{
    BITS_JOB_PROPERTY_VALUE value;

    value.ClsID = *guid;
    return IBackgroundCopyJob5_SetProperty(iface, id, value);
}

HRESULT CALLBACK IBackgroundCopyJob5_GetProperty_Proxy(IBackgroundCopyJob5 *iface, BITS_JOB_PROPERTY_ID id,
        BITS_JOB_PROPERTY_VALUE *value)
{
    if (!value)
        return E_INVALIDARG;
    memset(value, 0, sizeof(*value));
    return IBackgroundCopyJob5_RemoteGetProperty_Proxy(iface, id, &value->ClsID);
}

HRESULT STDMETHODCALLTYPE IBackgroundCopyJob5_GetProperty_Stub(IBackgroundCopyJob5 *iface, DWORD id, GUID *guid)
{
    BITS_JOB_PROPERTY_VALUE value;
    HRESULT hr;

    memset(&value, 0, sizeof(value));
    if (FAILED(hr = IBackgroundCopyJob5_GetProperty(iface, id, &value)))
        memset(&value, 0, sizeof(value));
    *guid = value.ClsID;
    return hr;
}

HRESULT CALLBACK IDeliveryOptimizationJob_AddFileWithRanges_Proxy(IDeliveryOptimizationJob *iface, LPCWSTR id,
        LPCWSTR url, LPCWSTR path, DWORD count, BG_FILE_RANGE *ranges, ULONG64 size)
{
    if (count > RANGES_MAX)
        return E_INVALIDARG;
    return IDeliveryOptimizationJob_RemoteAddFileWithRanges_Proxy(iface, id, url, path, count, ranges, size);
}

HRESULT STDMETHODCALLTYPE IDeliveryOptimizationJob_AddFileWithRanges_Stub(IDeliveryOptimizationJob *iface, LPCWSTR id,
        LPCWSTR url, LPCWSTR path, DWORD count, BG_FILE_RANGE *ranges, ULONG64 size)
{
    return IDeliveryOptimizationJob_AddFileWithRanges(iface, id, url, path, count, ranges, size);
}

HRESULT CALLBACK IDeliveryOptimizationJob2_AddFile_Proxy(IDeliveryOptimizationJob2 *iface, LPCWSTR id, LPCWSTR url,
        DWORD count, BG_FILE_RANGE *ranges, REFIID riid, void **object)
{
    /* rpcrt4 would look at the pointer only when the result comes, after the file was added. */
    if (!object)
        return E_INVALIDARG;
    *object = NULL;
    if (count > RANGES_MAX)
        return E_INVALIDARG;
    return IDeliveryOptimizationJob2_RemoteAddFile_Proxy(iface, id, url, count, ranges, riid, (IUnknown **)object);
}

HRESULT STDMETHODCALLTYPE IDeliveryOptimizationJob2_AddFile_Stub(IDeliveryOptimizationJob2 *iface, LPCWSTR id,
        LPCWSTR url, DWORD count, BG_FILE_RANGE *ranges, REFIID riid, IUnknown **object)
{
    HRESULT hr;

    if (FAILED(hr = IDeliveryOptimizationJob2_AddFile(iface, id, url, count, ranges, riid, (void **)object)))
        *object = NULL;
    return hr;
}
