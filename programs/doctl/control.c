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

static HRESULT control(const WCHAR *verb, const struct item *item)
{
    if (!wcscmp(verb, L"pause"))
        return item->api->pause(item->object);
    if (!wcscmp(verb, L"resume"))
        return item->api->resume(item->object);
    if (!wcscmp(verb, L"cancel"))
        return item->api->cancel(item->object);
    return item->api->complete(item->object);
}

enum exit_code control_run(const struct verb *verb, const void *values, WCHAR **args)
{
    struct service service;
    enum exit_code code;
    struct item item;
    HRESULT hr;

    if (FAILED(service_open(&service)))
        return EXIT_NO_SERVICE;
    if ((code = find_item(&service, args[0], &item)) == EXIT_DONE)
    {
        if (FAILED(hr = control(verb->name, &item)))
            code = report_error(&service, hr, args[0]);
        IUnknown_Release(item.object);
    }
    service_close(&service);
    return code;
}
