/*
 * Record of what cache hosts have brought
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

/* Pure. Tells who is to blame when stored bytes turn out to be wrong. */

#ifndef __DOSVC_CACHE_SHARE_H
#define __DOSVC_CACHE_SHARE_H

#include "base/cache_host.h"
#include "base/ranges.h"

/* Bytes that a cache host has brought of what an origin has. */
struct cache_share
{
    WCHAR host[CACHE_HOST_MAX];
    WCHAR origin[CACHE_ORIGIN_MAX];
    struct range_set ranges;
};

/* Shares of a file, which do not overlap. Zero-initialised is empty. */
struct cache_shares
{
    struct cache_share *items; /* owned */
    UINT count;
};

/* Note who has brought these bytes, in place of whoever had brought them before; a host of NULL or "" is none. FALSE if
 * out of memory. */
extern BOOL cache_shares_set(struct cache_shares *shares, const WCHAR *host, const WCHAR *origin, UINT64 offset,
        UINT64 length);
/* Return the next share that has any of these bytes, from this index on, and step the index behind it. NULL: none. */
extern const struct cache_share *cache_shares_next(const struct cache_shares *shares, UINT64 offset, UINT64 length,
        UINT *index);
/* Return how many bytes cache hosts have brought. */
extern UINT64 cache_shares_bytes(const struct cache_shares *shares);
/* Copy into an empty one. FALSE if out of memory; clear the copy in any case. */
extern BOOL cache_shares_copy(const struct cache_shares *shares, struct cache_shares *copy);
extern void cache_shares_clear(struct cache_shares *shares);

#endif /* __DOSVC_CACHE_SHARE_H */
