/*
 * Delivery Optimization service: what has been received, by class and source
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


/* Pure. */

#ifndef __DOSVC_USAGE_H
#define __DOSVC_USAGE_H

#include "base/types.h"

struct usage_class
{
    UINT64 server_bytes;
    UINT64 cache_bytes; /* from cache hosts */
    UINT64 seconds;     /* in which something came */
};

/* Persistent as it is; all members have one size, so that it has no gaps. */
struct usage
{
    UINT64 month; /* months since the year 0, or 0 for a sum over all time */
    struct usage_class classes[2]; /* of the background and of the foreground */
};

/* Begin anew if the month is another one. */
extern void usage_set_month(struct usage *usage, UINT year, UINT month);
/* Count bytes, and the second if they are the first ones of it. */
extern void usage_add(struct usage *usage, BOOL is_foreground, BOOL is_cached, UINT64 bytes, BOOL is_new_second);
extern UINT64 usage_get_bytes(const struct usage *usage);

#endif /* __DOSVC_USAGE_H */
