/*
 * What the native unit tests share
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

#ifndef __UNIT_H
#define __UNIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/failure.h"
#include "base/ranges.h"

static unsigned int passed, failed;

#define ok(condition, ...) ok_(__LINE__, condition, __VA_ARGS__)

static void __attribute__((format(printf, 3, 4), unused)) ok_(int line, int condition, const char *format, ...)
{
    va_list args;

    if (condition)
    {
        passed++;
        return;
    }
    failed++;
    printf("%d: Test failed: ", line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

static inline int report(const char *name)
{
    printf("%s: %u passed, %u failed, 0 skipped\n", name, passed, failed);
    return failed != 0;
}

/* A generator of our own: the same numbers everywhere. */
static inline UINT64 next_random(UINT64 *state)
{
    UINT64 value = *state += 0x9e3779b97f4a7c15ull;

    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebull;
    return value ^ (value >> 31);
}

static inline UINT widen(const char *text, WCHAR *buffer, UINT size)
{
    UINT i;

    for (i = 0; text[i] && i < size - 1; i++)
        buffer[i] = (unsigned char)text[i];
    buffer[i] = 0;
    return i;
}

#endif /* __UNIT_H */
