/*
 * Rules of the room on disks
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

/* Pure. Statements are in documentation/spec/policy-cache-integrity.md, section 8.5. */

#ifndef __DOSVC_ROOM_H
#define __DOSVC_ROOM_H

#include "base/types.h"

#define ROOM_RESERVE 0x1000000 /* bytes that stay free: small files, records and logs need them */

/* Look at a file system. */
struct room
{
    UINT64 total;     /* bytes */
    UINT64 available; /* bytes that this user may still write */
};

/* Return whether two looks, one right after the other, were at one file system. Wine tells nothing of it but the
 * numbers: it has one drive for all of Unix. */
extern BOOL room_is_same(const struct room *room, const struct room *other);
/* Return whether so many bytes may be written while others still write theirs. */
extern BOOL room_suffices(UINT64 available, UINT64 to_write, UINT64 others);

#endif /* __DOSVC_ROOM_H */
