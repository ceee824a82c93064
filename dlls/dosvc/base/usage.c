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


#include <string.h>

#include "base/usage.h"

void usage_set_month(struct usage *usage, UINT year, UINT month)
{
    UINT64 present = (UINT64)year * 12 + month - 1;

    if (usage->month == present)
        return;
    memset(usage, 0, sizeof(*usage));
    usage->month = present;
}

void usage_add(struct usage *usage, BOOL is_foreground, BOOL is_cached, UINT64 bytes, BOOL is_new_second)
{
    struct usage_class *usage_class = &usage->classes[!!is_foreground];

    *(is_cached ? &usage_class->cache_bytes : &usage_class->server_bytes) += bytes;
    usage_class->seconds += is_new_second;
}

UINT64 usage_get_bytes(const struct usage *usage)
{
    UINT64 bytes = 0;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(usage->classes); i++)
        bytes += usage->classes[i].server_bytes + usage->classes[i].cache_bytes;
    return bytes;
}
