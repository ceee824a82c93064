/*
 * One exchange with an HTTP server
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

#include <stdlib.h>

#include "base/base.h"
#include "base/cache_host.h"
#include "base/front.h"
#include "base/policy.h"
#include "net/counters.h"
#include "net/http.h"
#include "net/origin.h"
#include "net/request.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define MAX_REDIRECTS       10
#define CACHE_CONNECT_TIMEOUT  3000  /* ms */
#define CACHE_RESPONSE_TIMEOUT 20000 /* ms */

/* Return whether the client wants another method than GET. */
static BOOL has_method(const struct http_params *params)
{
    return params->options && params->options->method;
}

/* Forget the last response. */
static void reset_exchange(struct http_exchange *exchange)
{
    if (exchange->request)
    {
        transport_close(exchange->request);
        counters_add_connection(exchange->is_cached, -1);
    }
    exchange->request = NULL;
    local_file_close(&exchange->local);
    http_head_clear(&exchange->head);
}

static void trace_request(const WCHAR *url, const struct http_params *params)
{
    if (has_method(params))
        INFO("%s %s.\n", debugstr_w(params->options->method), debugstr_url(url));
    else if (!params->range)
        INFO("GET %s.\n", debugstr_url(url));
    else
        INFO("GET %s, offset %s, length %s, If-Range %s.\n", debugstr_url(url),
                wine_dbgstr_longlong(params->range->offset), wine_dbgstr_longlong(params->range->length),
                debugstr_w(params->if_range));
}

static void adjust_to_cache(const struct http_params *params, struct transfer_options *options)
{
    options->connect_timeout = CACHE_CONNECT_TIMEOUT;
    options->response_timeout = CACHE_RESPONSE_TIMEOUT;
    if (params->is_cache_direct)
        options->proxy_usage = PROXY_FORBIDDEN;
}

static WCHAR *get_cookies(const struct http_params *params, const struct http_exchange *exchange, BOOL *has_failed)
{
    struct url_origin origin;
    struct url url;

    if (!params->jar || !params->jar->count || !origin_parse(exchange->url, &url, &origin))
        return NULL;
    return cookies_get(params->jar, &url, &origin, get_system_time(), has_failed);
}

static BOOL take_cookies(const struct http_params *params, const struct http_exchange *exchange)
{
    struct url_origin origin;
    struct url url;

    if (!params->jar || !exchange->head.cookies || !origin_parse(exchange->url, &url, &origin))
        return TRUE;
    return cookies_take(params->jar, &url, &origin, exchange->head.cookies, get_system_time());
}

static DWORD open_request(const struct http_params *params, struct http_exchange *exchange)
{
    BOOL has_failed = FALSE;
    WCHAR *agent = policy_get_string(POLICY_USER_AGENT);
    WCHAR *cookies = get_cookies(params, exchange, &has_failed);
    const struct request_parts parts =
    {
        .client_url = params->url,
        .url = exchange->url,
        .options = params->options,
        .is_authorized = exchange->is_authorized,
        .cookies = cookies,
        .range = params->range,
        .if_range = params->if_range,
        .is_foreign = params->is_foreign,
        .is_fresh = params->is_fresh,
        .user_agent = front->user_agent,
        .chosen_agent = agent,
        .is_cached = !!params->cache_url,
    };
    struct transfer_options options = {0};
    struct buffer fields = {0};
    DWORD error;

    if (params->options)
        options = *params->options;
    if (exchange->is_get)
        options.method = NULL;
    if (params->cache_url)
        adjust_to_cache(params, &options);
    exchange->is_foreign = request_is_foreign(&parts);
    trace_request(exchange->url, params);
    request_select_fields(&parts, &fields);
    if (has_failed || fields.is_failed)
        error = ERROR_OUTOFMEMORY;
    else if (!(error = transport_open(exchange->url, fields.text, &options, exchange->is_foreign, exchange->cancel,
            &exchange->request)))
    {
        exchange->request_count++;
        exchange->is_cached = params->cache_url != NULL;
        counters_add_connection(exchange->is_cached, 1);
    }
    buffer_clear(&fields);
    free(cookies);
    free(agent);
    return error;
}

/* Send one request to one URL, and wait for the head of its response. */
static DWORD send_request(const struct http_params *params, struct http_exchange *exchange)
{
    DWORD error;

    if ((error = open_request(params, exchange)))
        return error;
    if ((error = transport_send(exchange->request, &exchange->head, exchange->address)))
        return error;
    exchange->is_near = params->cache_url && cache_host_is_private(exchange->address);
    if (!take_cookies(params, exchange))
        return ERROR_OUTOFMEMORY;
    INFO("status %lu, length 0x%s.\n", exchange->head.status, wine_dbgstr_longlong(exchange->head.content_length));
    return ERROR_SUCCESS;
}

/* Return whether a challenge can be answered: once, with the fields of the client. */
static BOOL may_authorize(const struct http_params *params, const struct http_exchange *exchange)
{
    return exchange->head.status == 401 && !exchange->is_authorized && !exchange->is_foreign && params->options
            && params->options->auth_headers && params->options->auth_headers[0];
}

static DWORD send_authorized(const struct http_params *params, struct http_exchange *exchange)
{
    DWORD error = send_request(params, exchange);

    if (error || !may_authorize(params, exchange))
        return error;
    reset_exchange(exchange);
    exchange->is_authorized = TRUE;
    return send_request(params, exchange);
}

static struct failure get_failure(const struct http_exchange *exchange, DWORD error)
{
    struct failure failure = failure_from_transport(error);

    if (exchange->request && transport_is_proxy_failure(exchange->request))
        failure.source = SOURCE_PROXY;
    return failure;
}

static BOOL is_redirect(DWORD status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static DWORD set_url(const WCHAR *url, struct http_exchange *exchange)
{
    free(exchange->url);
    return (exchange->url = wcsdup(url)) ? ERROR_SUCCESS : ERROR_OUTOFMEMORY;
}

/* Move on to the Location; FALSE if that is not allowed, or out of memory. Where the client allows no redirect at all
 * it is told where this one leads. */
static BOOL follow_redirect(const struct http_params *params, struct http_exchange *exchange)
{
    static const struct transfer_options none;
    const struct transfer_options *options = params->options ? params->options : &none;
    const struct http_head *head = &exchange->head;
    struct url from, to;
    WCHAR url[URL_MAX];

    if (!head->location || !url_combine(exchange->url, head->location, url))
        return FALSE;
    if (!url_parse(exchange->url, &from) || !url_parse(url, &to))
        return FALSE;
    if (options->is_redirect_refused)
    {
        exchange->is_redirected = TRUE;
        set_url(url, exchange);
        return FALSE;
    }
    if (params->cache_url && !url_has_same_origin(url, params->cache_url)
            && cache_list_has_url(params->cache_list, url))
        return FALSE;
    exchange->is_downgraded |= from.is_secure && !to.is_secure;
    if (exchange->is_downgraded && !options->is_insecure_redirect_allowed)
        return FALSE;
    exchange->is_get |= head->status <= 303;
    reset_exchange(exchange);
    exchange->is_redirected = TRUE;
    return !set_url(url, exchange);
}

static struct failure check_status(const struct http_params *params, const struct http_exchange *exchange)
{
    DWORD status = exchange->head.status;

    if (status == 200 || status == 203 || status == 206 || status == 416)
        return no_failure;
    return failure_from_status(params->status_rules, status, exchange->head.retry_after);
}

/* Send requests from the URL of the exchange on to where it redirects. */
static struct failure send_and_follow(const struct http_params *params, struct http_exchange *exchange)
{
    DWORD error;
    UINT i;

    for (i = 0; i <= MAX_REDIRECTS; i++)
    {
        if ((error = send_authorized(params, exchange)))
            return get_failure(exchange, error);
        if (!is_redirect(exchange->head.status))
            return check_status(params, exchange);
        if (i == MAX_REDIRECTS || !follow_redirect(params, exchange))
            break;
    }
    WARN("%s: redirect is not followed.\n", debugstr_url(exchange->url));
    return failure_from_status(params->status_rules, exchange->head.status, 0);
}

struct failure http_open(const struct http_params *params, struct http_cancel *cancel, struct http_exchange *exchange)
{
    struct failure failure;
    DWORD error;

    memset(exchange, 0, sizeof(*exchange));
    exchange->cancel = cancel;
    exchange->is_foreground = params->is_foreground;
    exchange->is_authorized = params->is_authorized;
    exchange->is_redirected = !params->cache_url && params->redirect;
    if ((error = set_url(params->cache_url ? params->cache_url : params->redirect ? params->redirect : params->url,
            exchange)))
        return failure_from_transport(error);
    if (local_file_is_source(params->url))
        return local_file_open(params->url, params->range, params->if_range, &exchange->local, &exchange->head);
    failure = send_and_follow(params, exchange);

    /* A request with a method of its own is not made twice. */
    if (failure.class == FAILURE_FATAL && is_status_of_expired(params->status_rules, failure.http_status)
            && exchange->is_redirected && !has_method(params) && !params->cache_url)
    {
        TRACE("status %lu, back to the original URL.\n", failure.http_status);
        reset_exchange(exchange);
        exchange->is_redirected = exchange->is_downgraded = FALSE;
        if ((error = set_url(params->url, exchange)))
            return failure_from_transport(error);
        failure = send_and_follow(params, exchange);
    }
    return failure;
}

DWORD http_read(struct http_exchange *exchange, void *buffer, DWORD size, DWORD timeout, DWORD *read)
{
    ULONGLONG start = 0, elapsed = 0;
    BOOL is_foreground;
    DWORD wait, error;
    UINT allowed;

    *read = 0;
    if (exchange->local.file)
        return http_is_cancelled(exchange->cancel) ? ERROR_WINHTTP_OPERATION_CANCELLED
                : local_file_read(&exchange->local, buffer, size, read);
    for (;;)
    {
        is_foreground = InterlockedCompareExchange((LONG *)exchange->is_foreground, 0, 0);
        if ((allowed = limiter_take(is_foreground, exchange->is_near, size, &wait)) || !size)
            break;
        if (start)
            elapsed = GetTickCount64() - start;
        else
            start = GetTickCount64();
        if (timeout != INFINITE && elapsed >= timeout)
        {
            exchange->limited += elapsed;
            return WAIT_TIMEOUT;
        }
        if (timeout != INFINITE)
            wait = min(wait, timeout - elapsed);
        if (http_cancel_wait(exchange->cancel, wait))
            return ERROR_WINHTTP_OPERATION_CANCELLED;
    }
    if (timeout != INFINITE)
        timeout -= min(elapsed, timeout);
    exchange->limited += elapsed;
    error = transport_read(exchange->request, buffer, allowed, timeout, read);
    limiter_settle(is_foreground, exchange->is_near, allowed, *read);
    counters_add(is_foreground, exchange->is_cached, *read);
    return error;
}

void http_close(struct http_exchange *exchange)
{
    reset_exchange(exchange);
    free(exchange->url);
    exchange->url = NULL;
}
