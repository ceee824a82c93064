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

#include "transfer.h"

#define URL_MAX 8192 /* characters with the terminator */

struct url
{
    const WCHAR *authority; /* host and port, without user and password; all parts point into the text */
    UINT authority_length;
    const WCHAR *path;      /* path and query, without the fragment */
    UINT path_length;       /* of the path alone */
    UINT query_length;      /* with the question mark */
    BOOL is_secure;
};

/* Decode into at most length characters. FALSE if the text is not UTF-8. */
extern BOOL utf8_decode(const char *text, UINT length, WCHAR *wide, UINT *wide_length);
/* FALSE unless it is an absolute URL of http or https with a host. */
extern BOOL url_parse(const WCHAR *text, struct url *url);
/* Return the target of a redirect, whose bytes need not be those of a URL: without
 * user, password and fragment. FALSE if that is no URL of http or https, or too long. */
extern BOOL url_combine(const WCHAR *base, const char *reference, WCHAR buffer[URL_MAX]);
/* The same scheme, host and port (RFC 6454). */
extern BOOL url_has_same_origin(const WCHAR *a, const WCHAR *b);
/* Remove user and password, in place. FALSE if there were none. */
extern BOOL url_strip_userinfo(WCHAR *text);
/* Its host is this machine, whatever becomes of the network. */
extern BOOL url_is_loopback(const WCHAR *text);
/* Equal for URLs with the same host and port. */
extern UINT url_hash_host(const WCHAR *text);

#endif /* __DOSVC_URL_H */
