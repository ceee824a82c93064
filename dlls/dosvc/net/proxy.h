/*
 * Which proxy a request goes through
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

/* Pure. Settings come in two forms: that of Windows, and that of the environment of Unix programs. */

#ifndef __DOSVC_PROXY_H
#define __DOSVC_PROXY_H

#include "base/types.h"
#include "base/url.h"

/* How a client wants proxies to be found. The values are those of BG_JOB_PROXY_USAGE. */
enum proxy_usage
{
    PROXY_PRECONFIGURED, /* by the settings of the machine */
    PROXY_FORBIDDEN,
    PROXY_OVERRIDE,      /* by the client's own list */
    PROXY_AUTODETECT,    /* by the script that the user has set, or one that the network names */
};

struct proxy_settings
{
    char *http;      /* the proxy for such URLs: "[http://][user:password@]host[:port]"; owned, or NULL */
    char *https;
    char *bypass;    /* owned, or NULL */
    BOOL is_domains; /* bypass has the form of no_proxy */
};

enum proxy_kind
{
    PROXY_NONE,
    PROXY_HTTP,
    PROXY_UNKNOWN, /* of another kind */
};

struct proxy
{
    enum proxy_kind kind;
    struct url_origin origin;
    char credentials[URL_CREDENTIALS_MAX]; /* for the scheme Basic, in base64; empty: none */
};

/* Parse settings of Windows. list: "host:port" for all, or "http=host:port;https=host:port"; NULL or empty for none.
 * bypass: patterns of hosts with '*', with a scheme before or a port behind if it is to match only that; "<local>" for
 * names without a dot; "<-loopback>" if even this machine is reached through the proxy. FALSE if out of memory. */
extern BOOL proxy_parse_list(const WCHAR *list, const WCHAR *bypass, struct proxy_settings *settings);
/* Parse the strings of an environment, each with its terminator: http_proxy, https_proxy, all_proxy and no_proxy, or
 * the same in capitals. FALSE if out of memory. */
extern BOOL proxy_parse_environment(const char *block, UINT size, struct proxy_settings *settings);
extern void proxy_clear(struct proxy_settings *settings);
/* Choose the proxy for a target. is_loopback: that is this machine. */
extern void proxy_choose(const struct proxy_settings *settings, const struct url_origin *target, BOOL is_loopback,
        struct proxy *proxy);
/* Choose the proxy of a client's own lists, which are for this machine, too. FALSE if they cannot be understood: no
 * proxy of HTTP is named, or credentials, which would be sent unasked. */
extern BOOL proxy_choose_own(const struct proxy_settings *settings, const struct url_origin *target,
        struct proxy *proxy);
extern BOOL proxy_equals(const struct proxy *a, const struct proxy *b);

/* proxy_settings.c; not pure */

struct transfer_options;

/* Find the proxy for requests to an origin with these options. script is set to the URL of a script that has to be
 * asked, or to an empty text if it has to be detected first; the caller frees it, and there is no proxy yet. Otherwise
 * it is set to NULL. ERROR_WINHTTP_INVALID_OPTION if the client's own lists are not usable. */
extern DWORD proxy_find(const struct url_origin *origin, BOOL is_loopback, const struct transfer_options *options,
        struct proxy *proxy, WCHAR **script);
extern void proxy_source_cleanup(void);
/* Ask the script (PAC) at this URL, or the one that is detected, for the proxy of an origin; the path and query of a
 * request are nothing to it. Waits until the deadline, in the time of GetTickCount64 (0: only what is known already
 * will do), or until *is_cancelled is set and proxy_script_wake called. Errors are ERROR_WINHTTP_*;
 * ERROR_WINHTTP_TIMEOUT leaves the look-up going on. */
extern DWORD proxy_script_find(const WCHAR *script, const struct url_origin *origin, ULONGLONG deadline,
        LONG *is_cancelled, struct proxy *proxy);
/* Make those who wait look at their flag; from any thread. */
extern void proxy_script_wake(void);

#endif /* __DOSVC_PROXY_H */
