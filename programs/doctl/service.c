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

static HRESULT create_managers(struct service *service)
{
    HRESULT hr;

    if (FAILED(hr = CoInitializeEx(NULL, COINIT_MULTITHREADED)))
        return hr;
    if (FAILED(hr = CoCreateInstance(&CLSID_DeliveryOptimization, NULL, CLSCTX_LOCAL_SERVER,
            &IID_IBackgroundCopyManager, (void **)&service->jobs)))
        return hr;
    if (FAILED(hr = CoCreateInstance(&CLSID_DeliveryOptimization, NULL, CLSCTX_LOCAL_SERVER, &IID_IDOManager,
            (void **)&service->downloads)))
        service_close(service);
    return hr;
}

HRESULT service_open(struct service *service)
{
    HRESULT hr;

    memset(service, 0, sizeof(*service));
    if (FAILED(hr = create_managers(service)))
    {
        WCHAR *text = format_message(IDS_NO_SERVICE);

        report_error(NULL, hr, text);
        free(text);
    }
    return hr;
}

void service_close(struct service *service)
{
    if (service->jobs)
        IBackgroundCopyManager_Release(service->jobs);
    if (service->downloads)
        IDOManager_Release(service->downloads);
    memset(service, 0, sizeof(*service));
}

WCHAR *service_describe_error(const struct service *service, HRESULT hr)
{
    WCHAR *text;

    if (FAILED(IBackgroundCopyManager_GetErrorDescription(service->jobs, hr, GetUserDefaultLangID(), &text)))
        return NULL;
    return text;
}

HRESULT enum_items(const struct service *service,
        BOOL (*callback)(const struct service *service, const struct item *item, void *context), void *context)
{
    HRESULT hr;

    if (SUCCEEDED(hr = download_api.enumerate(service, callback, context)))
        hr = job_api.enumerate(service, callback, context);
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

struct search
{
    const WCHAR *text;
    struct item item; /* the first one */
    unsigned int count;
};

static BOOL search_item(const struct service *service, const struct item *item, void *context)
{
    struct search *search = context;

    if (!id_begins_with(&item->id, search->text))
        return TRUE;
    if (!search->count++)
    {
        search->item = *item;
        IUnknown_AddRef(item->object);
    }
    return TRUE;
}

enum exit_code find_item(const struct service *service, const WCHAR *text, struct item *item)
{
    struct search search = {text};
    HRESULT hr;

    hr = enum_items(service, search_item, &search);
    if (SUCCEEDED(hr) && search.count == 1)
    {
        *item = search.item;
        return EXIT_DONE;
    }
    if (search.count)
        IUnknown_Release(search.item.object);
    if (FAILED(hr))
        return report_error(service, hr, NULL);
    write_message(STD_ERROR_HANDLE, search.count ? IDS_AMBIGUOUS_ID : IDS_NO_SUCH_ID, text);
    return EXIT_NO_ID;
}

void status_clear(struct status *status)
{
    CoTaskMemFree(status->text);
    memset(status, 0, sizeof(*status));
}

BOOL status_is_complete(const struct status *status)
{
    return status->state == BG_JOB_STATE_TRANSFERRED || status->state == BG_JOB_STATE_ACKNOWLEDGED;
}
