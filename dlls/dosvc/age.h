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

#ifndef __DOSVC_AGE_H
#define __DOSVC_AGE_H

#include <stdarg.h>

#include "windef.h"

/* How many stops of the service, of whatever length, make up a life at least. */
#define AGE_STOPS 30

struct age_record
{
    UINT64 passed; /* milliseconds, */
    UINT64 time;   /* at this FILETIME */
};

/* The milliseconds that have passed at the FILETIME now; limit is the age at which it expires. */
extern UINT64 age_continue(const struct age_record *record, UINT64 now, UINT64 limit);

#endif /* __DOSVC_AGE_H */
