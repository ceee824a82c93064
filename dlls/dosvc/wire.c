/*
 * The bytes of a request
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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

static WCHAR lower(WCHAR c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static BOOL is_digit(WCHAR c)
{
    return c >= '0' && c <= '9';
}

static BOOL is_letter(WCHAR c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

static BOOL is_one_of(WCHAR c, const char *set)
{
    return c && c < 0x80 && strchr(set, c);
}

static BOOL is_host_char(WCHAR c, BOOL is_ipv6)
{
    if (is_ipv6)
        return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.';
    return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_';
}

static BOOL parse_port(const WCHAR *text, UINT length, struct wire_origin *origin)
{
    UINT port = 0, i;

    for (i = 0; i < length; i++)
    {
        if (!is_digit(text[i]))
            return FALSE;
        if ((port = port * 10 + text[i] - '0') > 65535)
            return FALSE;
    }
    if (i)
        origin->port = port;
    return origin->port;
}

BOOL wire_parse_origin(const struct url *url, struct wire_origin *origin)
{
    const WCHAR *p = url->authority, *end = p + url->authority_length;
    UINT length = 0;

    memset(origin, 0, sizeof(*origin));
    origin->is_secure = url->is_secure;
    origin->port = url->is_secure ? 443 : 80;
    if ((origin->is_ipv6 = p < end && *p == '['))
        p++;
    for (; p < end && is_host_char(*p, origin->is_ipv6); p++)
    {
        if (length == ARRAY_SIZE(origin->host) - 1)
            return FALSE;
        origin->host[length++] = lower(*p);
    }
    if (!length)
        return FALSE;
    if (origin->is_ipv6 && (p == end || *p++ != ']'))
        return FALSE;
    if (p == end)
        return TRUE;
    return *p == ':' && parse_port(p + 1, end - p - 1, origin);
}

BOOL wire_origin_equals(const struct wire_origin *a, const struct wire_origin *b)
{
    return a->port == b->port && a->is_secure == b->is_secure && !strcmp(a->host, b->host);
}

struct builder
{
    char *data;
    UINT size;
    UINT capacity;
    BOOL has_failed;
};

/* FALSE if out of memory. */
static BOOL reserve(struct builder *builder, UINT size)
{
    UINT capacity;
    char *grown;

    if (builder->has_failed)
        return FALSE;
    if (size <= builder->capacity - builder->size)
        return TRUE;
    capacity = max(builder->capacity * 2, builder->size + size + 512);
    if (!(grown = realloc(builder->data, capacity)))
    {
        builder->has_failed = TRUE;
        return FALSE;
    }
    builder->data = grown;
    builder->capacity = capacity;
    return TRUE;
}

static void append(struct builder *builder, const char *data, UINT size)
{
    if (!reserve(builder, size))
        return;
    memcpy(builder->data + builder->size, data, size);
    builder->size += size;
}

static void append_byte(struct builder *builder, char byte)
{
    if (reserve(builder, 1))
        builder->data[builder->size++] = byte;
}

static void append_text(struct builder *builder, const char *text)
{
    append(builder, text, strlen(text));
}

/* The next character as UTF-8, with a replacement for half a surrogate pair. */
static UINT take_utf8(const WCHAR **text, const WCHAR *end, unsigned char utf8[4])
{
    UINT c = *(*text)++;

    if (c >= 0xd800 && c < 0xe000)
    {
        if (c < 0xdc00 && *text < end && **text >= 0xdc00 && **text < 0xe000)
            c = 0x10000 + ((c - 0xd800) << 10) + *(*text)++ - 0xdc00;
        else
            c = 0xfffd;
    }
    if (c < 0x80)
    {
        utf8[0] = c;
        return 1;
    }
    if (c < 0x800)
    {
        utf8[0] = 0xc0 | c >> 6;
        utf8[1] = 0x80 | (c & 0x3f);
        return 2;
    }
    if (c < 0x10000)
    {
        utf8[0] = 0xe0 | c >> 12;
        utf8[1] = 0x80 | (c >> 6 & 0x3f);
        utf8[2] = 0x80 | (c & 0x3f);
        return 3;
    }
    utf8[0] = 0xf0 | c >> 18;
    utf8[1] = 0x80 | (c >> 12 & 0x3f);
    utf8[2] = 0x80 | (c >> 6 & 0x3f);
    utf8[3] = 0x80 | (c & 0x3f);
    return 4;
}

static BOOL is_target_char(unsigned char c)
{
    return is_letter(c) || is_digit(c) || (c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}", c));
}

/* Path and query; what RFC 3986 does not allow in them is escaped. */
static void append_target(struct builder *builder, const WCHAR *text, UINT length)
{
    static const char hex[] = "0123456789ABCDEF";
    const WCHAR *end = text + length;
    unsigned char utf8[4];
    char escape[3] = "%";
    UINT count, i;

    if (!length || *text != '/')
        append_text(builder, "/");
    while (text < end)
    {
        count = take_utf8(&text, end, utf8);
        for (i = 0; i < count; i++)
        {
            if (is_target_char(utf8[i]))
            {
                append_byte(builder, utf8[i]);
                continue;
            }
            escape[1] = hex[utf8[i] >> 4];
            escape[2] = hex[utf8[i] & 15];
            append(builder, escape, sizeof(escape));
        }
    }
}

static void append_authority(struct builder *builder, const struct wire_origin *origin, BOOL has_port)
{
    char port[16];

    append_text(builder, origin->is_ipv6 ? "[" : "");
    append_text(builder, origin->host);
    append_text(builder, origin->is_ipv6 ? "]" : "");
    if (has_port || origin->port != (origin->is_secure ? 443 : 80))
    {
        snprintf(port, sizeof(port), ":%u", origin->port);
        append_text(builder, port);
    }
}

static void append_credentials(struct builder *builder, const char *credentials)
{
    if (!credentials[0])
        return;
    append_text(builder, "Proxy-Authorization: Basic ");
    append_text(builder, credentials);
    append_text(builder, "\r\n");
}

static BOOL name_equals(const WCHAR *text, UINT length, const char *name)
{
    UINT i;

    for (i = 0; i < length; i++)
    {
        if (!name[i] || lower(text[i]) != (unsigned char)name[i])
            return FALSE;
    }
    return !name[i];
}

static BOOL is_reserved(const WCHAR *text, UINT length)
{
    static const char * const names[] = { "connection", "content-length", "expect", "host", "keep-alive",
            "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade" };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        if (name_equals(text, length, names[i]))
            return TRUE;
    }
    return FALSE;
}

/* One line, without its end. */
static BOOL append_field(struct builder *builder, const WCHAR *line, UINT length)
{
    UINT name = 0, i;

    while (name < length && (is_letter(line[name]) || is_digit(line[name]) || is_one_of(line[name], "!#$%&'*+-.^_`|~")))
        name++;
    if (!name || name == length || line[name] != ':' || is_reserved(line, name))
        return FALSE;
    for (i = 0; i < length; i++)
    {
        if ((line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f || line[i] > 0xff)
            return FALSE;
        append_byte(builder, line[i]);
    }
    append_text(builder, "\r\n");
    return TRUE;
}

/* FALSE if one of the lines is not a field. */
static BOOL append_fields(struct builder *builder, const WCHAR *headers)
{
    UINT length;

    while (*headers)
    {
        for (length = 0; headers[length] && (headers[length] != '\r' || headers[length + 1] != '\n'); length++)
            ;
        if (!headers[length] || !append_field(builder, headers, length))
            return FALSE;
        headers += length + 2;
    }
    return TRUE;
}

static DWORD finish(struct builder *builder, char **data, UINT *size)
{
    append_text(builder, "Connection: Keep-Alive\r\n\r\n");
    if (builder->has_failed)
    {
        free(builder->data);
        return ERROR_OUTOFMEMORY;
    }
    *data = builder->data;
    *size = builder->size;
    return ERROR_SUCCESS;
}

DWORD wire_format_request(const struct url *url, const struct wire_origin *origin, const WCHAR *headers,
        BOOL is_proxied, const char *credentials, char **data, UINT *size)
{
    struct builder builder = {0};

    append_text(&builder, "GET ");
    if (is_proxied)
    {
        append_text(&builder, origin->is_secure ? "https://" : "http://");
        append_authority(&builder, origin, FALSE);
    }
    append_target(&builder, url->path, url->path_length + url->query_length);
    append_text(&builder, " HTTP/1.1\r\nHost: ");
    append_authority(&builder, origin, FALSE);
    append_text(&builder, "\r\n");
    if (!append_fields(&builder, headers))
    {
        free(builder.data);
        return ERROR_INVALID_PARAMETER;
    }
    if (is_proxied)
        append_credentials(&builder, credentials);
    return finish(&builder, data, size);
}

DWORD wire_format_connect(const struct wire_origin *origin, const char *credentials, char **data, UINT *size)
{
    struct builder builder = {0};

    append_text(&builder, "CONNECT ");
    append_authority(&builder, origin, TRUE);
    append_text(&builder, " HTTP/1.1\r\nHost: ");
    append_authority(&builder, origin, TRUE);
    append_text(&builder, "\r\n");
    append_credentials(&builder, credentials);
    return finish(&builder, data, size);
}
