/*
 * Builder of HTTP/1.1 requests
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

/* Pure. The one builder of requests. Whatever a URL or a line of a client holds, the result is one request with one
 * line for each field: no line of a client decides where a message ends, what it asks for or where it goes, and
 * credentials go to the origin of the client's URL only. */

#ifndef __DOSVC_REQUEST_H
#define __DOSVC_REQUEST_H

#include "base/ranges.h"
#include "base/text.h"
#include "base/url.h"
#include "net/proxy.h"

struct credentials;

/* How the requests of a transfer are made. All may be NULL or 0. */
struct transfer_options
{
    /* Lines of "Name: value" as the client gave them; http.c leaves out what may not be sent. */
    const WCHAR *headers;
    const WCHAR *auth_headers; /* of the same form; sent only after a 401, and only to the origin of the URL */
    const WCHAR *correlation_vector; /* MS-CV */
    /* SECURITY_FLAG_IGNORE_* of WinHTTP, and WINHTTP_ENABLE_SSL_REVOCATION (1). */
    DWORD security_flags;
    const void *certificate;   /* of the client: a serialized element of a certificate store */
    DWORD certificate_size;    /* in bytes */
    BOOL is_insecure_redirect_allowed; /* from https to http */
    BOOL is_redirect_refused;  /* each redirect is a failure */
    const WCHAR *method;       /* a token; not GET, which is NULL: the request is made once, and is not resumed */
    enum proxy_usage proxy_usage;
    const WCHAR *proxy_list;   /* both for PROXY_OVERRIDE, in the form of proxy_parse_list */
    const WCHAR *proxy_bypass;
    struct credentials *credentials; /* for who asks for some (net/credentials.h) */
    DWORD connect_timeout;     /* ms; 0: the usual one, here as next */
    DWORD response_timeout;    /* ms, until the head of the response is there */
};

/* Parts of a GET; all texts may be NULL, apart from the URLs. */
struct request_parts
{
    const WCHAR *client_url; /* as the client gave it */
    const WCHAR *url;        /* of this request */
    const struct transfer_options *options; /* or NULL */
    BOOL is_authorized;      /* the origin of client_url has asked for options->auth_headers */
    const WCHAR *cookies;    /* of the jar, for url */
    const struct range *range; /* or NULL; length may be LENGTH_TO_EOF */
    const WCHAR *if_range;
    BOOL is_foreign;         /* the options are for another origin than client_url */
    BOOL is_fresh;           /* no cache on the way is to answer */
    const WCHAR *user_agent;
    const WCHAR *chosen_agent; /* by the administrator, in place of that if it is the value of a field; or NULL */
    BOOL is_cached;          /* for a cache host, which gets nothing that identifies anybody */
};

/* Return whether the client's credentials, of whatever kind, are for another origin than that of the request. */
extern BOOL request_is_foreign(const struct request_parts *parts);
/* Select the fields of a GET, apart from Host and what the connection needs. A field
 * that the client gives comes first, and not again. */
extern void request_select_fields(const struct request_parts *parts, struct buffer *fields);
/* Add a field, unless there is one of this name already or the value cannot be sent. */
extern void fields_add(struct buffer *fields, const char *name, const WCHAR *value);
/* Add those lines of a client that may be sent, except for fields that are there already; of one name there may be
 * several. is_foreign: leave out credentials, since the request goes to another origin than the client's. */
extern void fields_add_lines(struct buffer *fields, const WCHAR *lines, BOOL is_foreign);
/* Return whether one of the lines holds credentials. */
extern BOOL fields_have_secrets(const WCHAR *lines);
/* Copy those lines of a client that may be sent and hold no credentials. The caller frees the copy; NULL if out of
 * memory. */
extern WCHAR *fields_copy_public(const WCHAR *lines);

/* Return whether it can be the name of a method (RFC 9110, section 5.6.2). */
extern BOOL request_is_token(const WCHAR *text);

/* Write a request with the text of fields, or with none if that is NULL. method: NULL is GET. is_proxied: it goes to a
 * proxy, with these credentials in base64, unless they are empty. The caller frees data. ERROR_OUTOFMEMORY is the only
 * error. */
extern DWORD request_format(const WCHAR *method, const struct url *url, const struct url_origin *origin,
        const char *fields, BOOL is_proxied, const char *credentials, char **data, UINT *size);
/* Write a CONNECT, for a proxy: from its answer on, the connection is one to the origin. */
extern DWORD request_format_connect(const struct url_origin *origin, const char *credentials, char **data, UINT *size);
/* Replace the fields of this name, in lower case, in a request without a body; value NULL: remove them. data is owned
 * by the caller, before and after. ERROR_OUTOFMEMORY is the only error, and changes nothing. */
extern DWORD request_set_field(char **data, UINT *size, const char *name, const char *value);

#endif /* __DOSVC_REQUEST_H */
