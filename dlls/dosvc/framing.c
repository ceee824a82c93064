/*
 * Where an HTTP/1.1 response ends
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

#include "framing.h"

#define CHUNK_OVERHEAD_MAX 16384 /* bytes of a size with its extensions, or of all trailers */

struct text
{
    const char *data;
    UINT size;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* name is in lower case */
static BOOL text_equals(const struct text *text, const char *name)
{
    UINT i;

    if (text->size != strlen(name))
        return FALSE;
    for (i = 0; i < text->size; i++)
    {
        if (lower(text->data[i]) != name[i])
            return FALSE;
    }
    return TRUE;
}

static void trim(struct text *text)
{
    while (text->size && (text->data[0] == ' ' || text->data[0] == '\t'))
    {
        text->data++;
        text->size--;
    }
    while (text->size && (text->data[text->size - 1] == ' ' || text->data[text->size - 1] == '\t'))
        text->size--;
}

static BOOL is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Of the name of a field. */
static BOOL is_token_char(char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* Of a value, a reason phrase, an extension: no control characters. */
static BOOL is_text_char(char c)
{
    return c == '\t' || ((unsigned char)c >= ' ' && c != 0x7f);
}

UINT framing_find_head(const char *data, UINT size, UINT checked)
{
    UINT i = checked > 3 ? checked - 3 : 0;

    for (; size >= 4 && i <= size - 4; i++)
    {
        if (data[i] == '\r' && data[i + 1] == '\n' && data[i + 2] == '\r' && data[i + 3] == '\n')
            return i + 4;
    }
    return 0;
}

/* The next line of a head; FALSE if it holds anything but text before its CRLF. */
static BOOL take_line(struct text *head, struct text *line)
{
    UINT i;

    for (i = 0; i < head->size && is_text_char(head->data[i]); i++)
        ;
    if (head->size < i + 2 || head->data[i] != '\r' || head->data[i + 1] != '\n' || i > FRAMING_LINE_MAX)
        return FALSE;
    line->data = head->data;
    line->size = i;
    head->data += i + 2;
    head->size -= i + 2;
    return TRUE;
}

/* "HTTP/1.1 200 OK"; the reason and the blank in front of it may be missing. */
static BOOL parse_status_line(const struct text *line, BOOL *is_old, DWORD *status)
{
    static const char prefix[] = "HTTP/1.";
    const char *p = line->data;

    if (line->size < 12 || memcmp(p, prefix, sizeof(prefix) - 1) || !is_digit(p[7]) || p[8] != ' ')
        return FALSE;
    if (p[9] < '1' || p[9] > '5' || !is_digit(p[10]) || !is_digit(p[11]) || (line->size > 12 && p[12] != ' '))
        return FALSE;
    *is_old = p[7] == '0';
    *status = (p[9] - '0') * 100 + (p[10] - '0') * 10 + p[11] - '0';
    return TRUE;
}

/* What the fields say of the framing. */
struct fields
{
    BOOL has_length;
    UINT64 length;
    BOOL has_coding;
    BOOL is_chunked;
    BOOL is_close;
    BOOL is_keep_alive;
};

/* Several equal lengths are one, as fields of their own or as a list. */
static BOOL parse_length(const struct text *item, struct fields *fields)
{
    UINT64 length = 0;
    UINT i, digit;

    for (i = 0; i < item->size; i++)
    {
        if (!is_digit(item->data[i]))
            return FALSE;
        digit = item->data[i] - '0';
        if (length > (SIZE_UNKNOWN - 1 - digit) / 10)
            return FALSE;
        length = length * 10 + digit;
    }
    if (!i || (fields->has_length && fields->length != length))
        return FALSE;
    fields->has_length = TRUE;
    fields->length = length;
    return TRUE;
}

/* Codings other than chunked were not asked for; twice chunked is a trick. */
static BOOL parse_coding(const struct text *item, struct fields *fields)
{
    fields->has_coding = TRUE;
    if (text_equals(item, "identity"))
        return !fields->is_chunked;
    if (fields->is_chunked || !text_equals(item, "chunked"))
        return FALSE;
    fields->is_chunked = TRUE;
    return TRUE;
}

static BOOL parse_connection(const struct text *item, struct fields *fields)
{
    if (text_equals(item, "close"))
        fields->is_close = TRUE;
    else if (text_equals(item, "keep-alive"))
        fields->is_keep_alive = TRUE;
    return TRUE;
}

static const struct
{
    const char *name;
    BOOL (*parse)(const struct text *item, struct fields *fields);
    BOOL may_be_empty;
}
list_fields[] =
{
    { "connection",        parse_connection, TRUE },
    { "content-length",    parse_length },
    { "transfer-encoding", parse_coding },
};

/* Each item of a list with commas. */
static BOOL parse_list(struct text value, BOOL may_be_empty, struct fields *fields,
        BOOL (*parse)(const struct text *item, struct fields *fields))
{
    struct text item;
    UINT i;

    for (;;)
    {
        for (i = 0; i < value.size && value.data[i] != ','; i++)
            ;
        item.data = value.data;
        item.size = i;
        trim(&item);
        if (item.size ? !parse(&item, fields) : !may_be_empty)
            return FALSE;
        if (i == value.size)
            return TRUE;
        value.data += i + 1;
        value.size -= i + 1;
    }
}

/* A blank before the colon, or a line that continues the last one, have been
 * read in different ways by different programs; neither is allowed. */
static BOOL parse_field(const struct text *line, struct fields *fields)
{
    struct text name = *line, value;
    UINT i;

    for (name.size = 0; name.size < line->size && is_token_char(line->data[name.size]); name.size++)
        ;
    if (!name.size || name.size == line->size || line->data[name.size] != ':')
        return FALSE;
    value.data = line->data + name.size + 1;
    value.size = line->size - name.size - 1;
    for (i = 0; i < ARRAY_SIZE(list_fields); i++)
    {
        if (text_equals(&name, list_fields[i].name))
            return parse_list(value, list_fields[i].may_be_empty, fields, list_fields[i].parse);
    }
    return TRUE;
}

BOOL framing_init(struct framing *framing, const char *data, UINT size, DWORD *status)
{
    struct text head = { data, size }, line;
    struct fields fields = {0};
    UINT count = 0;
    BOOL is_old;

    memset(framing, 0, sizeof(*framing));
    if (size > FRAMING_HEAD_MAX || !take_line(&head, &line) || !parse_status_line(&line, &is_old, status))
        return FALSE;
    for (;;)
    {
        if (!take_line(&head, &line))
            return FALSE;
        if (!line.size)
            break;
        if (++count > FRAMING_FIELDS_MAX || !parse_field(&line, &fields))
            return FALSE;
    }
    if (head.size)
        return FALSE;
    /* Both, or a coding that HTTP/1.0 does not know: somebody on the way may read it otherwise. */
    if (fields.has_coding && (fields.has_length || is_old))
        return FALSE;

    framing->is_persistent = !fields.is_close && (!is_old || fields.is_keep_alive);
    if (*status < 200 || *status == 204 || *status == 304)
    {
        framing->kind = FRAMING_LENGTH;
        framing->is_ended = TRUE;
    }
    else if (fields.is_chunked)
    {
        framing->kind = FRAMING_CHUNKED;
    }
    else if (fields.has_length)
    {
        framing->kind = FRAMING_LENGTH;
        framing->left = fields.length;
        framing->is_ended = !fields.length;
    }
    else
    {
        framing->kind = FRAMING_CLOSE;
        framing->is_persistent = FALSE;
    }
    return TRUE;
}

static BOOL take_size_digit(struct framing *framing, char c)
{
    UINT digit = is_digit(c) ? c - '0' : lower(c) - 'a' + 10;

    if (framing->left > SIZE_UNKNOWN >> 5)
        return FALSE;
    framing->left = framing->left * 16 + digit;
    return TRUE;
}

static BOOL is_hex_digit(char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

static BOOL expect(struct framing *framing, char c, char expected, enum chunk_state next)
{
    framing->state = next;
    return c == expected;
}

/* One byte of what surrounds the chunks. */
static BOOL take_chunk_byte(struct framing *framing, char c)
{
    if (++framing->overhead > CHUNK_OVERHEAD_MAX)
        return FALSE;
    switch (framing->state)
    {
        case CHUNK_SIZE_START:
            framing->left = 0;
            framing->state = CHUNK_SIZE;
            return is_hex_digit(c) && take_size_digit(framing, c);
        case CHUNK_SIZE:
            if (is_hex_digit(c))
                return take_size_digit(framing, c);
            framing->state = c == '\r' ? CHUNK_SIZE_LF : CHUNK_EXTENSION;
            return c == '\r' || c == ';' || c == ' ' || c == '\t';
        case CHUNK_EXTENSION:
            if (c == '\r')
                framing->state = CHUNK_SIZE_LF;
            return c == '\r' || is_text_char(c);
        case CHUNK_SIZE_LF:
            framing->overhead = 0;
            return expect(framing, c, '\n', framing->left ? CHUNK_DATA : CHUNK_TRAILER_START);
        case CHUNK_DATA_CR:
            return expect(framing, c, '\r', CHUNK_DATA_LF);
        case CHUNK_DATA_LF:
            framing->overhead = 0;
            return expect(framing, c, '\n', CHUNK_SIZE_START);
        case CHUNK_TRAILER_START:
            framing->state = c == '\r' ? CHUNK_END_LF : CHUNK_TRAILER;
            return c == '\r' || is_token_char(c);
        case CHUNK_TRAILER:
            if (c == '\r')
                framing->state = CHUNK_TRAILER_LF;
            return c == '\r' || is_text_char(c);
        case CHUNK_TRAILER_LF:
            return expect(framing, c, '\n', CHUNK_TRAILER_START);
        case CHUNK_END_LF:
            framing->is_ended = TRUE;
            return expect(framing, c, '\n', CHUNK_DONE);
        case CHUNK_DATA:
        case CHUNK_DONE:
            break;
    }
    return FALSE;
}

static BOOL take_chunks(struct framing *framing, BYTE *data, UINT size, UINT *data_size, UINT *used)
{
    UINT in = 0, out = 0, count;

    while (in < size && !framing->is_ended)
    {
        if (framing->state != CHUNK_DATA)
        {
            if (!take_chunk_byte(framing, data[in++]))
                return FALSE;
            continue;
        }
        count = min(framing->left, size - in);
        if (in != out)
            memmove(data + out, data + in, count);
        in += count;
        out += count;
        framing->left -= count;
        if (!framing->left)
            framing->state = CHUNK_DATA_CR;
    }
    *data_size = out;
    *used = in;
    return TRUE;
}

BOOL framing_take(struct framing *framing, BYTE *data, UINT size, UINT *data_size, UINT *used)
{
    *data_size = *used = 0;
    if (framing->is_ended)
        return TRUE;
    if (framing->kind == FRAMING_CHUNKED)
        return take_chunks(framing, data, size, data_size, used);
    if (framing->kind == FRAMING_LENGTH)
    {
        size = min(size, framing->left);
        framing->left -= size;
        framing->is_ended = !framing->left;
    }
    *data_size = *used = size;
    return TRUE;
}

BOOL framing_close(struct framing *framing)
{
    framing->is_persistent = FALSE;
    if (framing->kind == FRAMING_CLOSE)
        framing->is_ended = TRUE;
    return framing->is_ended;
}
