/*
 * Delivery Optimization service: counters of what it has done
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


#ifndef __DOSVC_COUNTERS_H
#define __DOSVC_COUNTERS_H

#include "base/usage.h"

struct counters
{
    UINT64 files;       /* received since the service began */
    UINT64 rate;        /* bytes in a second, on the average of the last ten */
    struct usage total; /* since the service began */
    struct usage month; /* also of former runs */
    LONG connections[2]; /* open ones, to servers and to cache hosts */
};

/* Count what has come from a server or a cache host. */
extern void counters_add(BOOL is_foreground, BOOL is_cached, UINT bytes);
extern void counters_add_file(void);
extern void counters_add_connection(BOOL is_cached, LONG change);
extern void counters_get(struct counters *counters);
/* Store what has to outlive the service. */
extern void counters_save(void);

#endif /* __DOSVC_COUNTERS_H */
