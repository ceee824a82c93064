/*
 * Texts
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

#include <stdlib.h>

#include "base/text.h"

UINT utf8_take(const WCHAR **text, const WCHAR *end, BYTE utf8[4])
{
    static const unsigned char lead[] = { 0, 0xc0, 0xe0, 0xf0 };
    UINT c = *(*text)++, count, i;

    if (c >= 0xd800 && c < 0xe000)
    {
        if (c < 0xdc00 && *text < end && **text >= 0xdc00 && **text < 0xe000)
            c = 0x10000 + ((c - 0xd800) << 10) + *(*text)++ - 0xdc00;
        else
            c = 0xfffd;
    }
    count = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (i = count - 1; i; i--, c >>= 6)
        utf8[i] = 0x80 | (c & 0x3f);
    utf8[0] = lead[count - 1] | c;
    return count;
}

BOOL buffer_reserve(struct buffer *buffer, UINT length)
{
    UINT capacity = max(buffer->capacity, 256);
    char *text;

    while (capacity - buffer->length <= length)
        capacity *= 2;
    if (buffer->is_failed || capacity == buffer->capacity)
        return !buffer->is_failed;
    if (!(text = calloc(1, capacity)))
    {
        buffer->is_failed = TRUE;
        return FALSE;
    }
    if (buffer->text)
    {
        memcpy(text, buffer->text, buffer->length);
        memset(buffer->text, 0, buffer->length);
        free(buffer->text);
    }
    buffer->text = text;
    buffer->capacity = capacity;
    return TRUE;
}

void buffer_append(struct buffer *buffer, const char *bytes, UINT length)
{
    if (!buffer_reserve(buffer, length))
        return;
    memcpy(buffer->text + buffer->length, bytes, length);
    buffer->length += length;
    buffer->text[buffer->length] = 0;
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_clear(struct buffer *buffer)
{
    if (buffer->text)
        memset(buffer->text, 0, buffer->length);
    free(buffer->text);
    memset(buffer, 0, sizeof(*buffer));
}
