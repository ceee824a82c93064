/*
 * Characters of protocols: ASCII in any locale, in bytes or in UTF-16
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

#ifndef __DOSVC_TEXT_H
#define __DOSVC_TEXT_H

#include <string.h>

#include "windef.h"

/* Add a byte or a character to a hash (FNV-1a), which begins as HASH_INIT. */
#define HASH_INIT 0x811c9dc5u

static inline UINT hash_add(UINT hash, UINT value)
{
    return (hash ^ value) * 0x01000193u;
}

static inline int text_lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static inline BOOL text_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* Return the value of a hexadecimal digit, or -1. */
static inline int text_hex_digit(int c)
{
    if (text_is_digit(c))
        return c - '0';
    c = text_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline BOOL text_is_blank(int c)
{
    return c == ' ' || c == '\t';
}

/* UTF-16; prefixes and names are in lower case, and match in any case. The length of a terminated text may be ~0u. */

static inline UINT text_length(const WCHAR *text)
{
    UINT length = 0;

    while (text[length])
        length++;
    return length;
}

static inline BOOL text_starts(const WCHAR *text, UINT length, const char *prefix)
{
    UINT i;

    for (i = 0; prefix[i]; i++)
    {
        if (i == length || text_lower(text[i]) != prefix[i])
            return FALSE;
    }
    return TRUE;
}

static inline BOOL text_equals(const WCHAR *text, UINT length, const char *name)
{
    return length == strlen(name) && text_starts(text, length, name);
}

/* Return whether two texts of this length are the same in any case. */
static inline BOOL text_matches(const WCHAR *text, const WCHAR *other, UINT length)
{
    UINT i = 0;

    while (i < length && text_lower(text[i]) == text_lower(other[i]))
        i++;
    return i == length;
}

/* Return whether two terminated texts are the same in any case. */
static inline BOOL text_is_same(const WCHAR *text, const WCHAR *other)
{
    UINT length = text_length(text);

    return length == text_length(other) && text_matches(text, other, length);
}

/* Take the next part of a comma list, without blanks at either end. The list is NULL after its last part. FALSE if
 * there is none. */
static inline BOOL text_take_part(const WCHAR **list, const WCHAR **part, UINT *length)
{
    const WCHAR *end = *list;

    if (!end)
        return FALSE;
    while (*end && *end != ',')
        end++;
    *part = *list;
    *length = end - *list;
    *list = *end ? end + 1 : NULL;
    while (*length && text_is_blank(**part))
    {
        ++*part;
        --*length;
    }
    while (*length && text_is_blank((*part)[*length - 1]))
        --*length;
    return TRUE;
}

/* Parse a text of digits only. FALSE if the number is above max. */
static inline BOOL text_parse_number(const WCHAR *text, UINT length, UINT max, UINT *number)
{
    UINT64 value = 0;
    UINT i;

    for (i = 0; i < length && text_is_digit(text[i]) && value <= max; i++)
        value = value * 10 + text[i] - '0';
    if (!i || i < length || value > max)
        return FALSE;
    *number = value;
    return TRUE;
}

/* Bytes. */

struct slice
{
    const char *text;
    UINT length;
};

static inline BOOL slice_starts(const struct slice *slice, const char *prefix, UINT length)
{
    UINT i;

    for (i = 0; i < length && i < slice->length; i++)
    {
        if (text_lower(slice->text[i]) != prefix[i])
            return FALSE;
    }
    return i == length;
}

static inline BOOL slice_equals(const struct slice *slice, const char *name)
{
    return slice->length == strlen(name) && slice_starts(slice, name, slice->length);
}

/* Remove the prefix, if it is there. */
static inline BOOL slice_skip_chars(struct slice *slice, const char *prefix, UINT length)
{
    if (!slice_starts(slice, prefix, length))
        return FALSE;
    slice->text += length;
    slice->length -= length;
    return TRUE;
}

static inline BOOL slice_skip(struct slice *slice, const char *prefix)
{
    return slice_skip_chars(slice, prefix, strlen(prefix));
}

/* Take the digits at the front; FALSE if there are none or too many. */
static inline BOOL slice_take_number(struct slice *slice, UINT64 *number)
{
    const char *start = slice->text;
    UINT64 value = 0;
    UINT digit;

    for (; slice->length && text_is_digit(*slice->text); slice->text++, slice->length--)
    {
        digit = *slice->text - '0';
        if (value > (~(UINT64)0 - digit) / 10)
            return FALSE;
        value = value * 10 + digit;
    }
    *number = value;
    return slice->text != start;
}

/* Take an address as in 127.0.0.1; the first byte is the highest. FALSE if there is none at the front. */
static inline BOOL slice_take_ipv4(struct slice *slice, UINT *address)
{
    UINT64 byte;
    UINT i;

    for (*address = 0, i = 0; i < 4; i++)
    {
        if ((i && !slice_skip(slice, ".")) || !slice_take_number(slice, &byte) || byte > 255)
            return FALSE;
        *address = *address << 8 | byte;
    }
    return TRUE;
}

/* Remove blanks at either end. */
static inline void slice_trim(struct slice *slice)
{
    while (slice->length && text_is_blank(*slice->text))
    {
        slice->text++;
        slice->length--;
    }
    while (slice->length && text_is_blank(slice->text[slice->length - 1]))
        slice->length--;
}

/* Take the part up to the first of these separators, which is skipped, without blanks at either end. FALSE if nothing
 * is left. */
static inline BOOL slice_take_part(struct slice *rest, const char *separators, struct slice *part)
{
    UINT length = 0, next;

    while (length < rest->length && (!rest->text[length] || !strchr(separators, rest->text[length])))
        length++;
    part->text = rest->text;
    part->length = length;
    next = length + (length < rest->length);
    rest->text += next;
    rest->length -= next;
    slice_trim(part);
    return next != 0;
}

/* Take the next character as UTF-8, with a replacement for half a surrogate pair. Return its size in bytes. */
extern UINT utf8_take(const WCHAR **text, const WCHAR *end, BYTE utf8[4]);

/* Bytes that may be secret, and are cleared where they were. Zero-initialised is empty. */
struct buffer
{
    char *text;     /* owned; ended by a zero; NULL while there is none */
    UINT length;
    UINT capacity;
    BOOL is_failed; /* out of memory: something is missing */
};

/* Make room for so many bytes and a zero. FALSE if memory runs out now or did before. */
extern BOOL buffer_reserve(struct buffer *buffer, UINT length);
extern void buffer_append(struct buffer *buffer, const char *bytes, UINT length);
extern void buffer_append_text(struct buffer *buffer, const char *text);
extern void buffer_clear(struct buffer *buffer);

#endif /* __DOSVC_TEXT_H */
