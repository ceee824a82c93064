/*
 * doctl pause, resume, cancel and complete: control a download
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

struct search
{
    const WCHAR *text;
    struct item item; /* the first one found, whose object is owned */
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

/* Find the one item whose id begins with the text, and report when there is none or more than one. */
static enum exit_code find_item(const struct service *service, struct search *search)
{
    HRESULT hr;

    if (FAILED(hr = download_api.enumerate(service, search_item, search))
            || FAILED(hr = job_api.enumerate(service, search_item, search)))
        return report_error(hr, NULL);
    if (search->count == 1)
        return EXIT_DONE;
    write_message(STD_ERROR_HANDLE, search->count ? IDS_AMBIGUOUS_ID : IDS_NO_SUCH_ID, search->text);
    return EXIT_NO_ID;
}

/* Complete an item; a file of get gets the name that get would have given it. */
static enum exit_code complete(struct search *search)
{
    struct item *item = &search->item;
    WCHAR *label = item->api->get_label(item->object);
    struct delivery delivery;
    enum exit_code code = EXIT_DONE;
    HRESULT hr;

    if (label && delivery_parse(label, &delivery))
        code = deliver(item, &delivery);
    else if (FAILED(hr = item->api->complete(item->object)))
        code = report_error(hr, search->text);
    free(label);
    return code;
}

static HRESULT control(const WCHAR *verb, const struct item *item)
{
    if (!wcscmp(verb, L"pause"))
        return item->api->pause(item->object);
    if (!wcscmp(verb, L"resume"))
        return item->api->resume(item->object);
    return item->api->cancel(item->object);
}

enum exit_code control_run(const struct verb *verb, const void *values, WCHAR **args)
{
    struct search search = {args[0]};
    struct service service;
    enum exit_code code;
    HRESULT hr;

    if (FAILED(hr = service_open(&service)))
        return report_no_service(hr);
    code = find_item(&service, &search);
    if (code == EXIT_DONE && !wcscmp(verb->name, L"complete"))
        code = complete(&search);
    else if (code == EXIT_DONE && FAILED(hr = control(verb->name, &search.item)))
        code = report_error(hr, search.text);
    if (search.item.object)
        IUnknown_Release(search.item.object);
    service_close(&service);
    return code;
}
