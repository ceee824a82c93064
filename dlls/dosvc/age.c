/*
 * How old something is that a record tells of
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

#include "record.h"

#define TICKS_PER_MS 10000 /* of a FILETIME */

/* The time that the service was not there is known from the system's clock alone,
 * which may have been at 1970 until the network came, or be there again. */
UINT64 age_continue(const struct age_record *record, UINT64 now, UINT64 limit)
{
    UINT64 stop = record->time < now ? (now - record->time) / TICKS_PER_MS : 0;

    return min(record->passed, limit) + min(stop, limit / AGE_STOPS);
}
