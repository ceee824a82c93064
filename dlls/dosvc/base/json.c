/*
 * JSON: is a text an object, and what are its members and items
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

BOOL json_is_string(const struct json_value *value, const WCHAR *text)
{
    struct parser parser = { value->text, value->text + value->length };
    WCHAR c;

    if (value->type != JSON_STRING)
        return FALSE;
    while (parser.p < parser.end)
    {
        if (!next_char(&parser, &c) || !*text || c != *text++)
            return FALSE;
    }
    return !*text;
}

static BOOL skip_value(struct parser *parser, UINT depth, struct json_value *value);

/* Skip a member, or an item if the end of all is a bracket. */
static BOOL skip_item(struct parser *parser, WCHAR close, UINT depth, struct json_value *name, struct json_value *value)
{
    name->type = JSON_NONE;
    skip_space(parser);
    if (close == '}')
    {
        if (!skip_string(parser, name))
            return FALSE;
        skip_space(parser);
        if (!skip_char(parser, ':'))
            return FALSE;
    }
    return skip_value(parser, depth, value);
}

/* Skip the items behind an opening brace or bracket. */
static BOOL skip_items(struct parser *parser, WCHAR close, UINT depth)
{
    struct json_value name, value;

    if (depth >= JSON_DEPTH_MAX)
        return FALSE;
    skip_space(parser);
    if (skip_char(parser, close))
        return TRUE;
    do
    {
        if (!skip_item(parser, close, depth + 1, &name, &value))
            return FALSE;
        skip_space(parser);
    } while (skip_char(parser, ','));
    return skip_char(parser, close);
}

static BOOL skip_array(struct parser *parser, UINT depth, struct json_value *value)
{
    value->type = JSON_ARRAY;
    parser->p++;
    if (!skip_items(parser, ']', depth))
        return FALSE;
    value->length = parser->p - value->text;
    return TRUE;
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
            return skip_items(parser, '}', depth);
        case '[':
            return skip_array(parser, depth, value);
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

BOOL json_is_object(const WCHAR *text, UINT length)
{
    struct parser parser = { text, text + length };

    if (length > JSON_SIZE_MAX)
        return FALSE;
    skip_space(&parser);
    if (!skip_char(&parser, '{') || !skip_items(&parser, '}', 0))
        return FALSE;
    skip_space(&parser);
    return parser.p == parser.end;
}

static struct json_reader open_items(const WCHAR *text, UINT length, WCHAR open, WCHAR close)
{
    struct parser parser = { text, text + length };
    struct json_reader reader = {0};

    skip_space(&parser);
    if (!skip_char(&parser, open))
        return reader;
    skip_space(&parser);
    if (skip_char(&parser, close))
        return reader;
    reader.p = parser.p;
    reader.end = parser.end;
    reader.close = close;
    return reader;
}

struct json_reader json_open(const WCHAR *text, UINT length)
{
    return open_items(text, length, '{', '}');
}

struct json_reader json_open_array(const struct json_value *array)
{
    const struct json_reader none = {0};

    return array->type == JSON_ARRAY ? open_items(array->text, array->length, '[', ']') : none;
}

BOOL json_next(struct json_reader *reader, struct json_value *name, struct json_value *value)
{
    struct parser parser = { reader->p, reader->end };

    if (!reader->close || !skip_item(&parser, reader->close, 0, name, value))
        return FALSE;
    skip_space(&parser);
    if (!skip_char(&parser, ','))
        reader->close = 0;
    reader->p = parser.p;
    return TRUE;
}

struct json_value json_find(const WCHAR *text, UINT length, const WCHAR *name)
{
    struct json_reader reader = json_open(text, length);
    struct json_value key, value, found = { JSON_NONE };

    while (json_next(&reader, &key, &value))
    {
        if (json_is_string(&key, name))
            found = value;
    }
    return found;
}

BOOL json_get_integer(const struct json_value *value, UINT64 *number)
{
    UINT64 result = 0;
    UINT i, digit;

    if (value->type != JSON_NUMBER)
        return FALSE;
    for (i = 0; i < value->length; i++)
    {
        if (!text_is_digit(value->text[i]))
            return FALSE;
        digit = value->text[i] - '0';
        if (result > (~(UINT64)0 - digit) / 10)
            return FALSE;
        result = result * 10 + digit;
    }
    *number = result;
    return TRUE;
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
