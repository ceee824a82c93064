/*
 * doctl: the service, what it has, and ids
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

void service_close(struct service *service)
{
    if (service->jobs)
        IBackgroundCopyManager_Release(service->jobs);
    if (service->downloads)
        IDOManager_Release(service->downloads);
    memset(service, 0, sizeof(*service));
}

static BOOL is_bits;

void service_use_bits(void)
{
    is_bits = TRUE;
}

BOOL service_is_bits(void)
{
    return is_bits;
}

/* Fail where the class is Wine's, which tells little of its jobs. */
static HRESULT check_bits(struct service *service)
{
    IDosvcStatus *status;

    if (SUCCEEDED(IBackgroundCopyManager_QueryInterface(service->jobs, &IID_IDosvcStatus, (void **)&status)))
    {
        IDosvcStatus_Release(status);
        return S_OK;
    }
    service_close(service);
    return HRESULT_FROM_WIN32(ERROR_SERVICE_DOES_NOT_EXIST);
}

HRESULT service_open(struct service *service)
{
    const CLSID *clsid = is_bits ? &CLSID_BackgroundCopyManager : &CLSID_DeliveryOptimization;
    HRESULT hr;

    memset(service, 0, sizeof(*service));
    if (FAILED(hr = CoInitializeEx(NULL, COINIT_MULTITHREADED)))
        return hr;
    if (FAILED(hr = CoCreateInstance(clsid, NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager,
            (void **)&service->jobs)))
        return hr;
    if (is_bits)
        return check_bits(service);
    if (FAILED(hr = CoCreateInstance(clsid, NULL, CLSCTX_LOCAL_SERVER, &IID_IDOManager, (void **)&service->downloads)))
        service_close(service);
    return hr;
}

HRESULT service_set_direct(const struct service *service, const GUID *id, BOOL is_direct)
{
    IDosvcStatus *status;
    HRESULT hr;

    if (FAILED(hr = IBackgroundCopyManager_QueryInterface(service->jobs, &IID_IDosvcStatus, (void **)&status)))
        return hr;
    hr = IDosvcStatus_SetIsDirect(status, id, is_direct);
    IDosvcStatus_Release(status);
    return hr;
}

void format_id(const GUID *id, WCHAR text[ID_LENGTH])
{
    WCHAR braced[ID_LENGTH + 2];

    StringFromGUID2(id, braced, ARRAY_SIZE(braced));
    memcpy(text, braced + 1, (ID_LENGTH - 1) * sizeof(*text));
    text[ID_LENGTH - 1] = 0;
    _wcslwr(text);
}

BOOL id_begins_with(const GUID *id, const WCHAR *text)
{
    WCHAR id_text[ID_LENGTH];
    size_t length;

    if (*text == '{')
        ++text;
    length = wcscspn(text, L"}");
    format_id(id, id_text);
    return length && !_wcsnicmp(id_text, text, length);
}

BOOL status_is_complete(const struct status *status)
{
    return status->state == BG_JOB_STATE_TRANSFERRED || status->state == BG_JOB_STATE_ACKNOWLEDGED;
}
