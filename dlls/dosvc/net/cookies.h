/*
 * Cookies of one transfer
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

/* Pure. A jar of cookies (RFC 6265) from the responses of one transfer, redirects included, which ends with the
 * transfer. Times are FILETIMEs. Used by one thread at a time. */

#ifndef __DOSVC_COOKIES_H
#define __DOSVC_COOKIES_H

#include "base/types.h"

#define COOKIES_MAX 50   /* further ones are not kept */
#define COOKIE_MAX  4096 /* characters of a name with its value, and of what belongs to it; longer ones are not kept */

struct cookie;
struct url;
struct url_origin;

/* Zero-initialised is empty. */
struct cookie_jar
{
    struct cookie *cookies[COOKIES_MAX]; /* owned; the longest paths first */
    UINT count;
};

/* Take values of Set-Cookie, each ended by LF, that came from the URL. FALSE if out of memory. */
extern BOOL cookies_take(struct cookie_jar *jar, const struct url *url, const struct url_origin *origin,
        const char *lines, UINT64 now);
/* Return the value of Cookie for a request to the URL: the caller frees it. NULL if there is none, which is an
 * error only if *has_failed has been set: out of memory. */
extern WCHAR *cookies_get(const struct cookie_jar *jar, const struct url *url, const struct url_origin *origin,
        UINT64 now, BOOL *has_failed);
/* Copy a jar into an empty one. FALSE if out of memory. */
extern BOOL cookies_copy(const struct cookie_jar *from, struct cookie_jar *to);
extern void cookies_clear(struct cookie_jar *jar);

#endif /* __DOSVC_COOKIES_H */
