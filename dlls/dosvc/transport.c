/*
 * Which transport serves a request
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

/* Requests go over connections of our own, also to proxies. WinHTTP gets those
 * that need what only it can do, or all of them if a setting says so. */

#include <stdlib.h>
#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "winreg.h"

#include "proxy_source.h"
#include "transport.h"
#include "url.h"
#include "wire.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Transport: "direct", the default, or "winhttp"; read when the service starts. */
static const WCHAR settings_key[] = L"SYSTEM\\CurrentControlSet\\Services\\DoSvc\\Parameters";

struct transport_request
{
    const struct transport_ops *ops;
    struct transport_request *request; /* its own */
    struct proxy proxy;
};

static BOOL is_direct_wanted;

static BOOL read_setting(void)
{
    DWORD size, error;
    WCHAR name[16];

    size = sizeof(name);
    error = RegGetValueW(HKEY_LOCAL_MACHINE, settings_key, L"Transport", RRF_RT_REG_SZ, NULL, name, &size);
    if (!error && !wcsicmp(name, L"winhttp"))
        return FALSE;
    if (!error && wcsicmp(name, L"direct"))
        WARN("there is no transport %s.\n", debugstr_w(name));
    return TRUE;
}

static DWORD auto_init(void)
{
    DWORD error;

    is_direct_wanted = read_setting();
    TRACE("transport %s.\n", is_direct_wanted ? transport_direct.name : transport_winhttp.name);
    if ((error = transport_winhttp.init()))
        return error;
    if ((error = transport_direct.init()))
        transport_winhttp.cleanup();
    return error;
}

static void auto_cleanup(void)
{
    transport_direct.cleanup();
    transport_winhttp.cleanup();
    proxy_source_cleanup();
}

/* NULL if requests of our own will do. */
static const char *why_winhttp(const struct transport_params *params, const struct url *url, BOOL is_plain)
{
    if (!is_direct_wanted)
        return "the setting";
    if (!is_plain)
        return "an unusual host";
    if (params->certificate && url->is_secure)
        return "a certificate of the client";
    if (params->proxy_script)
        return "a script for proxies";
    return NULL;
}

/* FALSE if the host is not a plain one; then there is no proxy either. */
static BOOL find_proxy(const struct transport_params *params, struct url *url, struct proxy *proxy, WCHAR **script)
{
    struct wire_origin origin;

    if (!url_parse(params->url, url) || !wire_parse_origin(url, &origin))
        return FALSE;
    proxy_find(&origin, url_is_loopback(params->url), proxy, script);
    return TRUE;
}

static DWORD open_request(struct transport_request *request, const struct transport_params *params)
{
    struct transport_params own = *params;
    WCHAR *script = NULL;
    struct url url = {0};
    const char *reason;
    BOOL is_plain;
    DWORD error;

    is_plain = find_proxy(params, &url, &request->proxy, &script);
    /* It is the script that decides, where there is one. */
    if (script)
        request->proxy.kind = PROXY_NONE;
    if (request->proxy.kind == PROXY_UNKNOWN)
    {
        WARN("%s: the proxy is not one of HTTP.\n", debugstr_url(params->url));
        return ERROR_WINHTTP_CANNOT_CONNECT;
    }
    if (request->proxy.kind == PROXY_HTTP)
    {
        TRACE("%s: through %s, port %u.\n", debugstr_url(params->url), debugstr_a(request->proxy.origin.host),
                request->proxy.origin.port);
        own.proxy = &request->proxy;
    }
    own.proxy_script = script;
    if ((reason = why_winhttp(&own, &url, is_plain)))
        TRACE("%s: winhttp, because of %s.\n", debugstr_url(params->url), reason);
    request->ops = reason ? &transport_winhttp : &transport_direct;
    error = request->ops->open(&own, &request->request);
    free(script);
    return error;
}

static DWORD auto_open(const struct transport_params *params, struct transport_request **out)
{
    struct transport_request *request;
    DWORD error;

    if (!(request = calloc(1, sizeof(*request))))
        return ERROR_OUTOFMEMORY;
    if ((error = open_request(request, params)))
    {
        free(request);
        return error;
    }
    *out = request;
    return ERROR_SUCCESS;
}

static BOOL auto_begin(struct transport_request *request)
{
    return request->ops->begin && request->ops->begin(request->request);
}

static DWORD auto_send(struct transport_request *request)
{
    return request->ops->send(request->request);
}

static DWORD auto_get_headers(struct transport_request *request, WCHAR **headers)
{
    return request->ops->get_headers(request->request, headers);
}

static void auto_get_address(struct transport_request *request, WCHAR address[ADDRESS_MAX])
{
    request->ops->get_address(request->request, address);
}

static DWORD auto_read(struct transport_request *request, void *buffer, DWORD size, DWORD timeout, DWORD *read)
{
    return request->ops->read(request->request, buffer, size, timeout, read);
}

static void auto_cancel(struct transport_request *request)
{
    request->ops->cancel(request->request);
}

static void auto_close(struct transport_request *request)
{
    request->ops->close(request->request);
    free(request);
}

/* Longer ones that WinHTTP gets all the same end early, and are resumed. */
static UINT64 auto_get_max_body(void)
{
    return is_direct_wanted ? transport_direct.get_max_body() : transport_winhttp.get_max_body();
}

const struct transport_ops transport_auto =
{
    "auto",
    auto_init,
    auto_cleanup,
    auto_open,
    auto_begin,
    auto_send,
    auto_get_headers,
    auto_get_address,
    auto_read,
    auto_cancel,
    auto_close,
    auto_get_max_body,
};
