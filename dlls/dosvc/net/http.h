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

#ifndef __DOSVC_HTTP_H
#define __DOSVC_HTTP_H

#include "net/cookies.h"
#include "net/failure.h"
#include "net/http1.h"
#include "net/local_file.h"
#include "net/request.h"
#include "net/transport.h"
#include "base/cost.h"
#include "base/url.h"

struct http_params
{
    enum status_rules status_rules;
    const struct transfer_options *options; /* or NULL */
    const WCHAR *url;
    const WCHAR *redirect;     /* where that led the last time, or NULL: go there first */
    const WCHAR *cache_url;    /* of a cache host that is asked in place of the URL, or NULL */
    const WCHAR *cache_list;   /* with that: all cache hosts, as in the policy; no redirect leads to another one */
    BOOL is_cache_direct;      /* with that: it is asked without a proxy */
    const struct range *range; /* NULL for the whole resource; length may be LENGTH_TO_EOF */
    const WCHAR *if_range;     /* validator for a range, or NULL */
    struct cookie_jar *jar;    /* of the transfer, or NULL: neither takes nor sends cookies */
    BOOL is_authorized;        /* the origin of the URL has asked for options->auth_headers before */
    BOOL is_foreign;           /* the URL is not the one that the options are for: no credentials are sent */
    BOOL is_fresh;             /* no cache on the way is to answer */
    BOOL *is_foreground;       /* whose limit holds for the body; may change at any time; outlives the exchange */
};

struct http_exchange
{
    struct http_cancel *cancel;
    struct transport_request *request;
    struct local_file local; /* open in place of a request, if the source is a file */
    BOOL *is_foreground; /* as in the parameters */
    struct http_head head; /* of the last response; empty if there was none */
    WCHAR *url;          /* source of this response, NULL if out of memory; owned */
    BOOL is_redirected;
    BOOL is_get;         /* a redirect has replaced the method of the options */
    BOOL is_downgraded;  /* a redirect led from https to http: whether that is allowed depends on the settings of the
                            moment, so the URL is not to be remembered */
    BOOL is_authorized;  /* as in the parameters, or since now */
    BOOL is_foreign;     /* the client's credentials are for another origin than that of this request */
    BOOL is_cached;      /* the source is a cache host */
    BOOL is_near;        /* the source is a cache host in the same private network */
    DWORD request_count;
    ULONGLONG limited;   /* ms that the limit of the bandwidth has taken */
    WCHAR address[ADDRESS_MAX]; /* of the server that this response came from, or empty */
};

/* Send a request, follow redirects and wait for the head of the response. Without a failure its status is 200, 203, 206
 * or 416, which response_rules.c judges. The exchange is filled in as far as it came, and must be closed, also on
 * failure. */
extern struct failure http_open(const struct http_params *params, struct http_cancel *cancel,
        struct http_exchange *exchange);
/* Read as transport_read does, within the limits of the bandwidth. */
extern DWORD http_read(struct http_exchange *exchange, void *buffer, DWORD size, DWORD timeout, DWORD *read);
extern void http_close(struct http_exchange *exchange);

/* network.c */

/* Return FALSE only if it is certain that no other host can be reached. Takes milliseconds, so ask after a request has
 * failed, not before one. */
extern BOOL network_is_present(void);
/* Return the cost of the network, which is not known unless the settings tell, and then blocks nothing; and whether the
 * battery is to be saved. The system is not asked for costs: in Wine it always says unrestricted, and to block a
 * transfer that may run is worse than to let one run that may not. */
extern struct cost network_get_cost(void);
/* Return S_OK, or why a transfer with these limits has to wait. */
extern HRESULT network_check_cost(const struct cost_limits *limits, BOOL is_foreground);
/* Return whether other hosts are reached through a virtual private network, as far as the system and the policies
 * tell. */
extern BOOL network_is_vpn(void);
/* Note that another host has just sent something. */
extern void network_note_data(void);

/* throttle.c: limits of the bandwidth. A near source is a cache host in the same private network: limits in per cent do
 * not count for it, and it does not show how fast the line is. */

/* Return how many of size bytes may be received now; 0: none before wait milliseconds have passed. */
extern UINT limiter_take(BOOL is_foreground, BOOL is_near, UINT size, DWORD *wait);
/* Tell how many of the bytes that were taken have been received, which may be none. */
extern void limiter_settle(BOOL is_foreground, BOOL is_near, UINT taken, UINT received);
/* Return how fast the line is, in bytes per second; 0: not known. */
extern UINT64 limiter_get_reference(void);

#endif /* __DOSVC_HTTP_H */
