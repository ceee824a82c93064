/*
 * doctl get: names of files
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


#include "file_name.h"

#include "base/text.h"
#include "base/url.h"

#define RAW_MAX       2048 /* characters that are looked at */
#define EXTENSION_MAX 16   /* characters; a longer one is no extension */

/* Name under way, not terminated. */
struct name
{
    WCHAR text[RAW_MAX];
    UINT length;
};

static void add(struct name *name, WCHAR c)
{
    if (name->length < RAW_MAX)
        name->text[name->length++] = c;
}

/* Return whether a character is invisible, or changes the order of others: "gpj.exe" must not look like "exe.jpg". */
static BOOL is_hidden(WCHAR c)
{
    return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200b && c <= 0x200f)
            || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff
            || (c >= 0xfff0 && c < 0xfffd);
}

static BOOL is_high_surrogate(WCHAR c)
{
    return (c & 0xfc00) == 0xd800;
}

static BOOL is_low_surrogate(WCHAR c)
{
    return (c & 0xfc00) == 0xdc00;
}

/* Return whether half a character stands at the index, or one that no name can have. */
static BOOL is_forbidden(const struct name *name, UINT index)
{
    WCHAR c = name->text[index];

    if (is_high_surrogate(c))
        return index + 1 == name->length || !is_low_surrogate(name->text[index + 1]);
    if (is_low_surrogate(c))
        return !index || !is_high_surrogate(name->text[index - 1]);
    return c < 0x80 && strchr("/\\:*?\"<>|", c);
}

static void clean(struct name *name)
{
    UINT i, length = 0;

    /* Two passes, since a character is looked at with its neighbours. */
    for (i = 0; i < name->length; i++)
    {
        if (!is_hidden(name->text[i]))
            name->text[length++] = name->text[i];
    }
    name->length = length;
    for (i = 0; i < name->length; i++)
    {
        if (is_forbidden(name, i))
            name->text[i] = '_';
    }
}

/* Remove the end that Windows would ignore: "con. " is a device, too. */
static UINT trim_end(const WCHAR *text, UINT length)
{
    while (length && (text[length - 1] == ' ' || text[length - 1] == '.'))
        length--;
    return length;
}

static void trim(struct name *name)
{
    UINT start = 0;

    name->length = trim_end(name->text, name->length);
    while (start < name->length && name->text[start] == ' ')
        start++;
    name->length -= start;
    memmove(name->text, name->text + start, name->length * sizeof(WCHAR));
}

static BOOL is_device(const WCHAR *text, UINT length)
{
    static const char * const devices[] = { "con", "prn", "aux", "nul", "conin$", "conout$" };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(devices); i++)
    {
        if (text_equals(text, length, devices[i]))
            return TRUE;
    }
    /* Superscript digits count, too. */
    return length == 4 && (text_starts(text, length, "com") || text_starts(text, length, "lpt"))
            && (text_is_digit(text[3]) || text[3] == 0xb9 || text[3] == 0xb2 || text[3] == 0xb3);
}

/* Let the name be none of a device, whose extension does not count. */
static void avoid_device(struct name *name)
{
    UINT length = 0;

    while (length < name->length && name->text[length] != '.')
        length++;
    if (!is_device(name->text, trim_end(name->text, length)))
        return;
    memmove(name->text + 1, name->text, name->length * sizeof(WCHAR));
    name->text[0] = '_';
    name->length++;
}

static UINT get_extension(const WCHAR *text, UINT length)
{
    UINT start = length;

    while (start > 1 && length - start < EXTENSION_MAX)
    {
        if (text[--start] == '.')
            return start;
    }
    return length;
}

const WCHAR *file_name_extension(const WCHAR *name)
{
    return name + get_extension(name, text_length(name));
}

/* Return how many bytes a character has in UTF-8; half a surrogate pair counts half. */
static UINT count_bytes(WCHAR c)
{
    if (c < 0x80)
        return 1;
    return c < 0x800 || is_high_surrogate(c) || is_low_surrogate(c) ? 2 : 3;
}

static UINT count_all_bytes(const WCHAR *text, UINT length)
{
    UINT bytes = 0;

    while (length--)
        bytes += count_bytes(text[length]);
    return bytes;
}

/* Cut a name that is too long, before its extension. One more character has to fit. */
static void limit(struct name *name)
{
    UINT extension = get_extension(name->text, name->length), kept = 0;
    UINT rest = count_all_bytes(name->text + extension, name->length - extension), bytes = rest;

    if (rest + count_all_bytes(name->text, extension) < FILE_NAME_BYTES)
        return;
    while (kept < extension && (bytes += count_bytes(name->text[kept])) < FILE_NAME_BYTES)
        kept++;
    if (kept && is_high_surrogate(name->text[kept - 1]))
        kept--;
    kept = trim_end(name->text, kept);
    memmove(name->text + kept, name->text + extension, (name->length - extension) * sizeof(WCHAR));
    name->length -= extension - kept;
}

/* Make the name safe and write it. FALSE if nothing is left of it. */
static BOOL finish(struct name *raw, WCHAR name[FILE_NAME_SIZE])
{
    clean(raw);
    trim(raw);
    limit(raw);
    avoid_device(raw);
    memcpy(name, raw->text, raw->length * sizeof(WCHAR));
    name[raw->length] = 0;
    return raw->length != 0;
}

/* Text that is parsed from the front. */
struct cursor
{
    const WCHAR *text, *end;
};

static void skip_blanks(struct cursor *cursor)
{
    while (cursor->text < cursor->end && text_is_blank(*cursor->text))
        cursor->text++;
}

/* Take what comes before a delimiter, without blanks at its end. */
static struct cursor take_until(struct cursor *cursor, const char *delimiters)
{
    struct cursor part;

    skip_blanks(cursor);
    part = *cursor;
    while (cursor->text < cursor->end && (*cursor->text >= 0x80 || !strchr(delimiters, *cursor->text)))
        cursor->text++;
    part.end = cursor->text;
    while (part.end > part.text && text_is_blank(part.end[-1]))
        part.end--;
    return part;
}

/* Take the text between quotation marks. A backslash escapes a mark and itself; others are those of a path, as some
 * servers write it. */
static void take_quoted(struct cursor *cursor, struct name *value)
{
    for (cursor->text++; cursor->text < cursor->end && *cursor->text != '"'; cursor->text++)
    {
        if (*cursor->text == '\\' && cursor->end - cursor->text > 1
                && (cursor->text[1] == '"' || cursor->text[1] == '\\'))
            cursor->text++;
        add(value, *cursor->text);
    }
}

static void take_value(struct cursor *cursor, struct name *value)
{
    struct cursor plain;

    value->length = 0;
    skip_blanks(cursor);
    if (cursor->text < cursor->end && *cursor->text == '"')
    {
        take_quoted(cursor, value);
        take_until(cursor, ";");
        return;
    }
    for (plain = take_until(cursor, ";"); plain.text < plain.end; plain.text++)
        add(value, *plain.text);
}

/* Decode the escapes (%20) into bytes. FALSE if anything else than ASCII is there. */
static BOOL decode_bytes(const WCHAR *text, UINT length, char bytes[RAW_MAX], UINT *count)
{
    UINT i;

    *count = 0;
    for (i = 0; i < length; i++)
    {
        if (text[i] >= 0x80)
            return FALSE;
        if (text[i] == '%' && length - i > 2 && text_hex_digit(text[i + 1]) >= 0 && text_hex_digit(text[i + 2]) >= 0)
        {
            bytes[(*count)++] = text_hex_digit(text[i + 1]) << 4 | text_hex_digit(text[i + 2]);
            i += 2;
        }
        else
        {
            bytes[(*count)++] = text[i];
        }
    }
    return TRUE;
}

/* Decode a value like UTF-8'en'%e2%82%ac (RFC 8187), in place. */
static BOOL decode_extended(struct name *value)
{
    UINT charset = 0, start, count, i;
    char bytes[RAW_MAX];

    while (charset < value->length && value->text[charset] != '\'')
        charset++;
    for (start = charset + 1; start < value->length && value->text[start] != '\''; start++)
        ;
    if (++start >= value->length || !decode_bytes(value->text + start, value->length - start, bytes, &count))
        return FALSE;
    if (text_equals(value->text, charset, "utf-8"))
        return utf8_decode(bytes, count, value->text, &value->length);
    if (!text_equals(value->text, charset, "iso-8859-1"))
        return FALSE;
    for (i = 0; i < count; i++)
        value->text[i] = (unsigned char)bytes[i];
    value->length = count;
    return TRUE;
}

static void remove_folders(struct name *name)
{
    UINT start = name->length;

    while (start && name->text[start - 1] != '/' && name->text[start - 1] != '\\')
        start--;
    name->length -= start;
    memmove(name->text, name->text + start, name->length * sizeof(WCHAR));
}

/* Write the name in the value of a parameter. A server must not make a hidden file, such as one that a shell reads. */
static BOOL finish_value(struct name *value, WCHAR name[FILE_NAME_SIZE])
{
    remove_folders(value);
    if (!finish(value, name))
        return FALSE;
    if (name[0] == '.')
        name[0] = '_';
    return TRUE;
}

/* Find the name in the value of the field. That of filename* goes before that of filename. */
static BOOL parse_disposition(struct cursor field, WCHAR name[FILE_NAME_SIZE])
{
    struct cursor parameter;
    struct name value;
    BOOL found = FALSE;

    for (; field.text < field.end; field.text += field.text < field.end)
    {
        parameter = take_until(&field, "=;");
        if (field.text == field.end || *field.text == ';')
            continue;
        field.text++;
        take_value(&field, &value);
        if (text_equals(parameter.text, parameter.end - parameter.text, "filename*") && decode_extended(&value)
                && finish_value(&value, name))
            return TRUE;
        if (!found && text_equals(parameter.text, parameter.end - parameter.text, "filename"))
            found = finish_value(&value, name);
    }
    return found;
}

BOOL file_name_from_headers(const WCHAR *headers, WCHAR name[FILE_NAME_SIZE])
{
    static const char field[] = "content-disposition:";
    struct cursor line;

    for (line.text = headers; *line.text; line.text = *line.end ? line.end + 1 : line.end)
    {
        for (line.end = line.text; *line.end && *line.end != '\n'; line.end++)
            ;
        if (text_starts(line.text, line.end - line.text, field))
        {
            line.text += sizeof(field) - 1;
            if (parse_disposition(line, name))
                return TRUE;
        }
    }
    return FALSE;
}

/* Decode the escapes of a URL, in place, unless that gives no text. */
static void decode_escapes(struct name *name)
{
    char bytes[RAW_MAX];
    struct name decoded;
    UINT count;

    if (decode_bytes(name->text, name->length, bytes, &count)
            && utf8_decode(bytes, count, decoded.text, &decoded.length))
        *name = decoded;
}

BOOL file_name_from_url(const WCHAR *url, WCHAR name[FILE_NAME_SIZE])
{
    struct name raw;
    struct url parts;
    UINT start;

    if (!url_parse(url, &parts))
        return FALSE;
    for (start = parts.path_length; start && parts.path[start - 1] != '/'; start--)
        ;
    for (raw.length = 0; start < parts.path_length; start++)
        add(&raw, parts.path[start]);
    decode_escapes(&raw);
    return finish(&raw, name);
}
