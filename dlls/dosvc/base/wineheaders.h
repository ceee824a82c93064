/*
 * What Wine's headers lack
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

#ifndef __DOSVC_WINEHEADERS_H
#define __DOSVC_WINEHEADERS_H

#ifdef __WINESRC__

#include <string.h>

BOOL WINAPI CallbackMayRunLong(TP_CALLBACK_INSTANCE *instance);

static inline void InitializeThreadpoolEnvironment(TP_CALLBACK_ENVIRON *environment)
{
    memset(environment, 0, sizeof(*environment));
    environment->Version = 1;
}

static inline void SetThreadpoolCallbackPool(TP_CALLBACK_ENVIRON *environment, TP_POOL *pool)
{
    environment->Pool = pool;
}

static inline void DestroyThreadpoolEnvironment(TP_CALLBACK_ENVIRON *environment)
{
}

static inline LONG64 InterlockedExchange64(LONG64 *value, LONG64 new_value)
{
    LONG64 old;

    do old = *value;
    while (InterlockedCompareExchange64(value, new_value, old) != old);
    return old;
}

#endif

#endif
