/*
 * How much may be received, and when
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

#include "base/ratelimit.h"

#define SECOND      1000000 /* us */
#define RATE_MAX    ((UINT64)1 << 40)
#define SHARE       10      /* a bucket holds the tokens of one second, divided by this */
#define PIECE       4       /* and this part of a full bucket is worth a receive */

static UINT64 get_capacity(const struct ratelimit *limit)
{
    return max(limit->rate / SHARE, 1);
}

static void fill(struct ratelimit *limit, UINT64 now)
{
    UINT64 capacity = get_capacity(limit), elapsed = now > limit->time ? now - limit->time : 0, tokens;

    tokens = limit->rate * min(elapsed, SECOND) / SECOND;
    limit->tokens += tokens;
    if (limit->tokens >= capacity)
    {
        limit->tokens = capacity;
        limit->time = now;
        return;
    }
    /* The moment at which the last whole one was there, or just after. */
    limit->time += (tokens * SECOND + limit->rate - 1) / limit->rate;
}

void ratelimit_set(struct ratelimit *limit, UINT64 rate, UINT64 now)
{
    rate = min(rate, RATE_MAX);
    if (rate == limit->rate)
        return;
    if (limit->rate)
        fill(limit, now);
    limit->rate = rate;
    limit->time = now;
    limit->tokens = min(limit->tokens, get_capacity(limit));
}

UINT ratelimit_take(struct ratelimit *limit, UINT size, UINT64 now, UINT64 *wait)
{
    UINT64 needed;

    *wait = 0;
    if (!limit->rate)
        return size;
    fill(limit, now);
    needed = min(max(get_capacity(limit) / PIECE, 1), size);
    if (limit->tokens >= needed)
    {
        size = min(size, limit->tokens);
        limit->tokens -= size;
        return size;
    }
    *wait = ((needed - limit->tokens) * SECOND + limit->rate - 1) / limit->rate;
    return 0;
}

void ratelimit_return(struct ratelimit *limit, UINT size)
{
    if (limit->rate)
        limit->tokens = min(limit->tokens + size, get_capacity(limit));
}
