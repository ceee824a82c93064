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

#include <stdlib.h>
#include <string.h>

#include "base/cache_share.h"
#include "base/text.h"

static void copy_text(WCHAR *copy, const WCHAR *text, UINT size)
{
    UINT length = min(text_length(text), size - 1);

    memcpy(copy, text, length * sizeof(*copy));
    copy[length] = 0;
}

/* Find the share, or make an empty one. NULL if out of memory. */
static struct cache_share *get_share(struct cache_shares *shares, const WCHAR *host, const WCHAR *origin)
{
    struct cache_share *share, *items;

    for (share = shares->items; share < shares->items + shares->count; share++)
    {
        if (text_is_same(share->host, host) && text_is_same(share->origin, origin))
            return share;
    }
    if (!(items = realloc(shares->items, (shares->count + 1) * sizeof(*items))))
        return NULL;
    shares->items = items;
    share = items + shares->count++;
    memset(share, 0, sizeof(*share));
    copy_text(share->host, host, ARRAY_SIZE(share->host));
    copy_text(share->origin, origin, ARRAY_SIZE(share->origin));
    return share;
}

BOOL cache_shares_set(struct cache_shares *shares, const WCHAR *host, const WCHAR *origin, UINT64 offset,
        UINT64 length)
{
    struct cache_share *share;
    UINT i;

    for (i = 0; i < shares->count; i++)
    {
        if (!range_set_remove(&shares->items[i].ranges, offset, length))
            return FALSE;
    }
    if (!host || !host[0])
        return TRUE;
    return (share = get_share(shares, host, origin)) && range_set_add(&share->ranges, offset, length);
}

const struct cache_share *cache_shares_next(const struct cache_shares *shares, UINT64 offset, UINT64 length,
        UINT *index)
{
    const struct cache_share *share;

    while (*index < shares->count)
    {
        share = shares->items + (*index)++;
        if (range_set_count(&share->ranges, offset, offset + length))
            return share;
    }
    return NULL;
}

UINT64 cache_shares_bytes(const struct cache_shares *shares)
{
    UINT64 bytes = 0;
    UINT i;

    for (i = 0; i < shares->count; i++)
        bytes += range_set_bytes(&shares->items[i].ranges);
    return bytes;
}

BOOL cache_shares_copy(const struct cache_shares *shares, struct cache_shares *copy)
{
    const struct cache_share *share;

    for (share = shares->items; share < shares->items + shares->count; share++)
    {
        struct cache_share *copied = get_share(copy, share->host, share->origin);

        if (!copied || !range_set_copy(&share->ranges, &copied->ranges))
            return FALSE;
    }
    return TRUE;
}

void cache_shares_clear(struct cache_shares *shares)
{
    UINT i;

    for (i = 0; i < shares->count; i++)
        range_set_clear(&shares->items[i].ranges);
    free(shares->items);
    memset(shares, 0, sizeof(*shares));
}
