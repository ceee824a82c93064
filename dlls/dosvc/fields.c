/*
 * The fields of an HTTP request
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

#include <stdlib.h>
#include <string.h>

#include "fields.h"

/* Ours to decide: the framing, the connection, the range, the coding. */
static const char * const reserved[] =
{
    "accept-encoding", "connection", "content-length", "expect", "host", "if-range", "keep-alive", "proxy-connection",
    "range", "te", "trailer", "transfer-encoding", "upgrade",
};

static const char * const credentials[] = { "authorization", "cookie", "proxy-authorization" };

static WCHAR lower(WCHAR c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static BOOL equals(const WCHAR *name, UINT length, const char *other)
{
    UINT i;

    if (length != strlen(other))
        return FALSE;
    for (i = 0; i < length; i++)
    {
        if (lower(name[i]) != lower((unsigned char)other[i]))
            return FALSE;
    }
    return TRUE;
}

static BOOL is_listed(const WCHAR *name, UINT length, const char * const *list, UINT count)
{
    UINT i;

    for (i = 0; i < count; i++)
    {
        if (equals(name, length, list[i]))
            return TRUE;
    }
    return FALSE;
}

/* RFC 9110, section 5.6.2 */
static BOOL is_token_char(WCHAR c)
{
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9')
            || (c && c < 0x80 && strchr("!#$%&'*+-.^_`|~", c));
}

/* A wider character might become anything on its way to a byte. */
static BOOL is_value_char(WCHAR c)
{
    return c == '\t' || (c >= ' ' && c != 0x7f && c <= 0xff);
}

static BOOL is_value(const WCHAR *value, UINT length)
{
    UINT i;

    for (i = 0; i < length; i++)
    {
        if (!is_value_char(value[i]))
            return FALSE;
    }
    return TRUE;
}

static BOOL is_blank(WCHAR c)
{
    return c == ' ' || c == '\t';
}

static void trim(const WCHAR **text, UINT *length)
{
    while (*length && is_blank(**text))
    {
        ++*text;
        --*length;
    }
    while (*length && is_blank((*text)[*length - 1]))
        --*length;
}

/* 0 if it is not a token with a colon behind it. */
static UINT name_length(const WCHAR *line, UINT length)
{
    UINT i = 0;

    while (i < length && is_token_char(line[i]))
        i++;
    return i < length && line[i] == ':' ? i : 0;
}

/* Up to the LF, the CR in front of it, or the end. */
static UINT line_length(const WCHAR *text)
{
    UINT length = 0;

    while (text[length] && text[length] != '\n' && !(text[length] == '\r' && text[length + 1] == '\n'))
        length++;
    return length;
}

static const WCHAR *next_line(const WCHAR *text)
{
    text += line_length(text);
    if (*text == '\r')
        text++;
    if (*text == '\n')
        text++;
    return text;
}

/* Among the first so many characters. */
static BOOL has_field(const struct fields *fields, UINT end, const WCHAR *name, UINT length)
{
    const WCHAR *line;
    UINT i;

    for (line = fields->text; line && line < fields->text + end; line = next_line(line))
    {
        if (name_length(line, line_length(line)) != length)
            continue;
        for (i = 0; i < length && lower(line[i]) == lower(name[i]); i++)
            ;
        if (i == length)
            return TRUE;
    }
    return FALSE;
}

static BOOL reserve(struct fields *fields, UINT length)
{
    UINT capacity = max(fields->capacity, 256);
    WCHAR *text;

    while (capacity - fields->length <= length)
        capacity *= 2;
    if (capacity == fields->capacity)
        return TRUE;
    if (!(text = realloc(fields->text, capacity * sizeof(*text))))
    {
        fields->is_failed = TRUE;
        return FALSE;
    }
    fields->text = text;
    fields->capacity = capacity;
    return TRUE;
}

static void append(struct fields *fields, const WCHAR *name, UINT length, const WCHAR *value, UINT value_length)
{
    static const WCHAR colon[] = { ':', ' ' }, end[] = { '\r', '\n', 0 };
    WCHAR *p;

    if (!reserve(fields, length + value_length + 4))
        return;
    p = fields->text + fields->length;
    memcpy(p, name, length * sizeof(*p));
    memcpy(p += length, colon, sizeof(colon));
    memcpy(p += 2, value, value_length * sizeof(*p));
    memcpy(p += value_length, end, sizeof(end));
    fields->length += length + value_length + 4;
}

void fields_add(struct fields *fields, const char *name, const WCHAR *value)
{
    UINT length = strlen(name), value_length = 0, i;
    WCHAR wide[32];

    for (i = 0; i < length; i++)
        wide[i] = (unsigned char)name[i];
    while (value[value_length])
        value_length++;
    trim(&value, &value_length);
    if (is_value(value, value_length) && !has_field(fields, fields->length, wide, length))
        append(fields, wide, length, value, value_length);
}

void fields_add_lines(struct fields *fields, const WCHAR *lines, BOOL is_foreign)
{
    UINT former = fields->length, length, value_length;
    const WCHAR *line, *value;

    for (line = lines; *line; line = next_line(line))
    {
        value_length = line_length(line);
        if (!(length = name_length(line, value_length)))
            continue;
        value = line + length + 1;
        value_length -= length + 1;
        trim(&value, &value_length);
        if (!is_value(value, value_length) || is_listed(line, length, reserved, ARRAY_SIZE(reserved)))
            continue;
        if (is_foreign && is_listed(line, length, credentials, ARRAY_SIZE(credentials)))
            continue;
        if (!has_field(fields, former, line, length))
            append(fields, line, length, value, value_length);
    }
}

void fields_clear(struct fields *fields)
{
    free(fields->text);
    memset(fields, 0, sizeof(*fields));
}
