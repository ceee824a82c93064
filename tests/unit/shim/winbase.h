/*
 * The basic types of Windows, for pure files that are compiled natively
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

#ifndef __UNIT_WINBASE_H
#define __UNIT_WINBASE_H

typedef struct
{
    void *Ptr;
} SRWLOCK, CONDITION_VARIABLE;

#define InterlockedIncrement(value) __sync_add_and_fetch(value, 1)
#define InterlockedDecrement(value) __sync_sub_and_fetch(value, 1)

#endif /* __UNIT_WINBASE_H */
