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

#include "base/room.h"

#define NOISE 0x100000 /* bytes that somebody may write between two looks */

BOOL room_is_same(const struct room *room, const struct room *other)
{
    UINT64 less = min(room->available, other->available), more = max(room->available, other->available);

    return room->total == other->total && more - less <= NOISE;
}

BOOL room_suffices(UINT64 available, UINT64 to_write, UINT64 others)
{
    if (!to_write)
        return TRUE;
    if (available < ROOM_RESERVE || available - ROOM_RESERVE < to_write)
        return FALSE;
    return available - ROOM_RESERVE - to_write >= others;
}
