/*
 * The engine among many threads: what the files share
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

#ifndef TSAN_H
#define TSAN_H

#include "base/base.h"

/* main.c */

/* Return a random number below the limit; each thread has numbers of its own. */
extern UINT random_below(UINT limit);
static inline BOOL is_one_in(UINT count)
{
    return !random_below(count);
}
/* Wait for up to so many milliseconds of the system. */
extern void pause_randomly(UINT max);

/* server.c, in place of net/transport.c: a server whose resources change, over lines that break. It tells
 * versions apart by strong tags, weak ones or dates, but does not always look at If-Range. The URL of a
 * resource is http://NAME/NUMBER. */

#define RESOURCES 8
#define LARGE_RESOURCE 6 /* from here on they are so large that they get extra connections */

extern void server_init(void);
/* Put another version in place of that of some resource. */
extern void server_change(void);
/* Return the last version of a resource; the first one is 1. */
extern UINT server_get_version(UINT resource);
extern UINT64 server_get_size(UINT resource, UINT version);
/* Fill a buffer with bytes of a version. */
extern void server_fill(UINT resource, UINT version, UINT64 offset, BYTE *buffer, UINT size);
extern LONG server_requests, server_cuts; /* counts, interlocked */

#endif /* TSAN_H */
