/*
 * Another version of Wine, for a preloaded library
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

/* Wine's ntdll writes its version with this format when a program asks for it; the variable DOSVC_WINE_VERSION takes
 * its place. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int snprintf(char *buffer, size_t size, const char *format, ...)
{
    const char *other = strcmp(format, "%s%c%s%c%s%c%s") ? NULL : getenv("DOSVC_WINE_VERSION"), *version;
    char others[32];
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(buffer, size, format, args);
    va_end(args);
    if (!other || length < 0 || (size_t)length >= size)
        return length;
    va_start(args, format);
    version = va_arg(args, const char *);
    va_end(args);
    /* The texts that follow on the version keep their places: it may be cut, but gets no longer. */
    memset(others, 0, sizeof(others));
    strncpy(others, other, sizeof(others) - 1);
    memcpy(buffer, others, strlen(version) < sizeof(others) ? strlen(version) : 0);
    return length;
}
