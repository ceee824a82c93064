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

/* Pure: a token bucket. Time is a parameter, in microseconds of any clock that
 * does not go back; tokens are bytes.
 *
 * Tokens come at the rate, and at most a tenth of a second's worth of them is
 * kept, so what passes in any time t is at most rate * (t + 0.1 s). A part of a
 * token is not lost: what was not enough for a whole one counts from the time
 * of the last one on. */

#ifndef __DOSVC_RATELIMIT_H
#define __DOSVC_RATELIMIT_H

#include "base/types.h"

struct ratelimit
{
    UINT64 rate;   /* bytes per second; 0: no limit */
    UINT64 tokens; /* in the bucket, in bytes */
    UINT64 time;   /* up to which they were counted, in us */
};

/* Set the rate, which holds at once; the tokens that are left stay as far as there is room. Zero-initialised is no
 * limit. */
extern void ratelimit_set(struct ratelimit *limit, UINT64 rate, UINT64 now);
/* Take as many of size bytes as there are tokens for, and return how many. 0 if they are too few to be worth it; wait
 * is the time until there are enough, in microseconds. */
extern UINT ratelimit_take(struct ratelimit *limit, UINT size, UINT64 now, UINT64 *wait);
/* Give back bytes that were taken and not received. */
extern void ratelimit_return(struct ratelimit *limit, UINT size);

#endif /* __DOSVC_RATELIMIT_H */
