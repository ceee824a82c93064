/*
 * URLs of http and https
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

/* Pure. The system's functions damage what they combine: UrlCombine simplifies
 * a path inside the query and loses the file name before a lone query. */

#ifndef __DOSVC_URL_H
#define __DOSVC_URL_H

#include "base/types.h"

#define URL_MAX             8192 /* characters with the terminator, as the others */
#define URL_CREDENTIALS_MAX 512
#define URL_HOST_MAX       256

struct url
{
    const WCHAR *authority; /* host and port, without user and password; all parts point into the text */
    UINT authority_length;
    UINT host_length;
    UINT port;              /* 0 if what stands there is none */
    const WCHAR *userinfo;  /* user and password, or NULL */
    UINT userinfo_length;
    const WCHAR *path;      /* path and query, without the fragment */
    UINT path_length;       /* of the path alone */
    UINT query_length;      /* with the question mark */
    BOOL is_secure;
};

/* A server to connect to. */
struct url_origin
{
    char host[URL_HOST_MAX]; /* lower case; an IPv6 address without its brackets */
    unsigned short port;
    BOOL is_secure;
    BOOL is_ipv6; /* the host is an address, not a name */
};

/* Decode length bytes into at most as many characters. FALSE if the text is not UTF-8. */
extern BOOL utf8_decode(const char *text, UINT length, WCHAR *wide, UINT *wide_length);
/* Split a URL. FALSE unless it is an absolute one of http or https with a host. */
extern BOOL url_parse(const WCHAR *text, struct url *url);
/* Return the target of a redirect, whose bytes need not be those of a URL: without
 * user, password and fragment. FALSE if that is no URL of http or https, or too long. */
extern BOOL url_combine(const WCHAR *base, const char *reference, WCHAR buffer[URL_MAX]);
/* Return whether scheme, host and port are the same (RFC 6454). */
extern BOOL url_has_same_origin(const WCHAR *a, const WCHAR *b);
/* Return the origin. FALSE if the host is not a plain name or address, or the port not a number. */
extern BOOL url_parse_origin(const struct url *url, struct url_origin *origin);
extern BOOL url_origin_equals(const struct url_origin *a, const struct url_origin *b);
/* Write "user:password", of which either may have escapes, for the scheme Basic, in base64. FALSE if it is too
 * long, or not of bytes. */
extern BOOL url_encode_userinfo(const WCHAR *text, UINT length, char credentials[URL_CREDENTIALS_MAX]);
/* Remove user and password, in place. FALSE if there were none. */
extern BOOL url_strip_userinfo(WCHAR *text);
/* Return a copy without user and password, which the caller frees; NULL if out of memory. */
extern WCHAR *url_copy_stripped(const WCHAR *text);
/* Return whether the host is this machine. */
extern BOOL url_is_loopback(const WCHAR *text);
/* Return a hash that is equal for URLs with the same host and port. */
extern UINT url_hash_host(const WCHAR *text);

#endif /* __DOSVC_URL_H */
