/*
 * JSON: is a text an object, and what are its members
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

#include <string.h>

#include "base/json.h"
#include "base/text.h"

struct parser
{
    const WCHAR *p;
    const WCHAR *end;
};

static void skip_space(struct parser *parser)
{
    while (parser->p < parser->end && (*parser->p == ' ' || *parser->p == '\t' || *parser->p == '\n'
            || *parser->p == '\r'))
        parser->p++;
}

static BOOL skip_char(struct parser *parser, WCHAR c)
{
    if (parser->p == parser->end || *parser->p != c)
        return FALSE;
    parser->p++;
    return TRUE;
}

static BOOL skip_word(struct parser *parser, const char *word)
{
    for (; *word; word++)
    {
        if (!skip_char(parser, *word))
            return FALSE;
    }
    return TRUE;
}

/* Take one character of a string, unescaped. */
static BOOL next_char(struct parser *parser, WCHAR *c)
{
    static const char escapes[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *escape;
    UINT i, value = 0;
    int digit;

    if (parser->p == parser->end || *parser->p < ' ')
        return FALSE;
    if ((*c = *parser->p++) != '\\')
        return TRUE;
    if (parser->p == parser->end)
        return FALSE;
    *c = *parser->p++;
    if (*c == 'u')
    {
        for (i = 0; i < 4; i++)
        {
            if (parser->p == parser->end || (digit = text_hex_digit(*parser->p++)) < 0)
                return FALSE;
            value = value << 4 | digit;
        }
        *c = value;
        return TRUE;
    }
    if (!*c || *c > 0x7f || !(escape = strchr(escapes, *c)))
        return FALSE;
    *c = values[escape - escapes];
    return TRUE;
}

static BOOL skip_string(struct parser *parser, struct json_value *value)
{
    WCHAR c;

    if (!skip_char(parser, '"'))
        return FALSE;
    value->type = JSON_STRING;
    value->text = parser->p;
    while (parser->p < parser->end && *parser->p != '"')
    {
        if (!next_char(parser, &c))
            return FALSE;
    }
    value->length = parser->p - value->text;
    return skip_char(parser, '"');
}

static BOOL skip_digits(struct parser *parser)
{
    const WCHAR *start = parser->p;

    while (parser->p < parser->end && text_is_digit(*parser->p))
        parser->p++;
    return parser->p > start;
}

static BOOL skip_number(struct parser *parser, struct json_value *value)
{
    value->type = JSON_NUMBER;
    value->text = parser->p;
    skip_char(parser, '-');
    if (!skip_char(parser, '0') && !skip_digits(parser))
        return FALSE;
    if (skip_char(parser, '.') && !skip_digits(parser))
        return FALSE;
    if (skip_char(parser, 'e') || skip_char(parser, 'E'))
    {
        if (!skip_char(parser, '+'))
            skip_char(parser, '-');
        if (!skip_digits(parser))
            return FALSE;
    }
    value->length = parser->p - value->text;
    return TRUE;
}

static BOOL is_name(const struct json_value *value, const WCHAR *name)
{
    struct parser parser = { value->text, value->text + value->length };
    WCHAR c;

    while (parser.p < parser.end)
    {
        if (!next_char(&parser, &c) || !*name || c != *name++)
            return FALSE;
    }
    return !*name;
}

static BOOL skip_value(struct parser *parser, UINT depth, struct json_value *value);

/* Skip the items behind an opening brace or bracket. The value of a member called name, if that is not NULL, goes to
 * found. */
static BOOL skip_items(struct parser *parser, WCHAR close, UINT depth, const WCHAR *name, struct json_value *found)
{
    struct json_value key, value;

    if (depth >= JSON_DEPTH_MAX)
        return FALSE;
    skip_space(parser);
    if (skip_char(parser, close))
        return TRUE;
    do
    {
        skip_space(parser);
        if (close == '}')
        {
            if (!skip_string(parser, &key))
                return FALSE;
            skip_space(parser);
            if (!skip_char(parser, ':'))
                return FALSE;
        }
        if (!skip_value(parser, depth + 1, &value))
            return FALSE;
        if (name && is_name(&key, name))
            *found = value;
        skip_space(parser);
    } while (skip_char(parser, ','));
    return skip_char(parser, close);
}

static BOOL skip_value(struct parser *parser, UINT depth, struct json_value *value)
{
    skip_space(parser);
    if (parser->p == parser->end)
        return FALSE;
    value->type = JSON_OTHER;
    value->text = parser->p;
    value->length = 0;
    switch (*parser->p)
    {
        case '{':
            parser->p++;
            return skip_items(parser, '}', depth, NULL, NULL);
        case '[':
            parser->p++;
            return skip_items(parser, ']', depth, NULL, NULL);
        case '"':
            return skip_string(parser, value);
        case 't':
            return skip_word(parser, "true");
        case 'f':
            return skip_word(parser, "false");
        case 'n':
            return skip_word(parser, "null");
        default:
            return skip_number(parser, value);
    }
}

static BOOL parse_object(const WCHAR *text, UINT length, const WCHAR *name, struct json_value *found)
{
    struct parser parser = { text, text + length };

    if (length > JSON_SIZE_MAX)
        return FALSE;
    skip_space(&parser);
    if (!skip_char(&parser, '{') || !skip_items(&parser, '}', 0, name, found))
        return FALSE;
    skip_space(&parser);
    return parser.p == parser.end;
}

BOOL json_is_object(const WCHAR *text, UINT length)
{
    return parse_object(text, length, NULL, NULL);
}

struct json_value json_find(const WCHAR *text, UINT length, const WCHAR *name)
{
    struct json_value value = { JSON_NONE };

    parse_object(text, length, name, &value);
    return value;
}

BOOL json_get_string(const struct json_value *value, WCHAR *buffer, UINT size)
{
    struct parser parser = { value->text, value->text + value->length };
    UINT i = 0;

    if (value->type != JSON_STRING)
        return FALSE;
    while (parser.p < parser.end)
    {
        if (i + 1 >= size || !next_char(&parser, &buffer[i++]))
            return FALSE;
    }
    if (i >= size)
        return FALSE;
    buffer[i] = 0;
    return TRUE;
}
