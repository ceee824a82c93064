/*
 * URLs of http and https
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
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "base/url.h"

/* Return the length of the scheme with its colon, or 0. */
static UINT scheme_length(const WCHAR *text)
{
    UINT i;

    for (i = 0; text[i]; i++)
    {
        if (text_lower(text[i]) >= 'a' && text_lower(text[i]) <= 'z')
            continue;
        if (text[i] == ':')
            return i ? i + 1 : 0;
        if (!i || !((text[i] >= '0' && text[i] <= '9') || text[i] == '+' || text[i] == '-' || text[i] == '.'))
            return 0;
    }
    return 0;
}

/* Return the number of characters in front of the first stop. It runs for each URL many times. */
static UINT length_until(const WCHAR *text, const char *stops)
{
    const char *stop;
    UINT i;

    for (i = 0; text[i]; i++)
    {
        for (stop = stops; *stop; stop++)
        {
            if (text[i] == *stop)
                return i;
        }
    }
    return i;
}

BOOL utf8_decode(const char *text, UINT length, WCHAR *wide, UINT *wide_length)
{
    static const UINT first[] = { 0, 0x80, 0x800, 0x10000 }; /* code for which so many more bytes are needed */
    const unsigned char *p = (const unsigned char *)text, *end = p + length;
    UINT out = 0, code, more, i;

    while (p < end)
    {
        more = *p < 0x80 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
        code = more ? *p & (0x3f >> more) : *p;
        if ((*p >= 0x80 && *p < 0xc0) || *p > 0xf4 || (UINT)(end - p) <= more)
            return FALSE;
        for (i = 1; i <= more && (p[i] & 0xc0) == 0x80; i++)
            code = code << 6 | (p[i] & 0x3f);
        if (i <= more || code < first[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            return FALSE;
        p += more + 1;
        if (code >= 0x10000)
            wide[out++] = 0xd800 + ((code - 0x10000) >> 10);
        wide[out++] = code < 0x10000 ? code : 0xdc00 + (code & 0x3ff);
    }
    *wide_length = out;
    return TRUE;
}

static void split_authority(struct url *url)
{
    UINT start = url->authority_length;

    url->host_length = url->authority_length;
    url->port = url->is_secure ? 443 : 80;
    while (start && text_is_digit(url->authority[start - 1]))
        start--;
    if (!start || url->authority[start - 1] != ':')
        return;
    url->host_length = start - 1;
    if (start < url->authority_length
            && !text_parse_number(url->authority + start, url->authority_length - start, 65535, &url->port))
        url->port = 0;
}

BOOL url_parse(const WCHAR *text, struct url *url)
{
    UINT i;

    memset(url, 0, sizeof(*url));
    url->is_secure = text_starts(text, ~0u, "https://");
    if (!url->is_secure && !text_starts(text, ~0u, "http://"))
        return FALSE;

    url->authority = text + strlen(url->is_secure ? "https://" : "http://");
    url->authority_length = length_until(url->authority, "/?#\\");
    url->path = url->authority + url->authority_length;
    url->path_length = length_until(url->path, "?#");
    url->query_length = length_until(url->path + url->path_length, "#");

    for (i = url->authority_length; i; i--)
    {
        if (url->authority[i - 1] != '@')
            continue;
        url->userinfo = url->authority;
        url->userinfo_length = i - 1;
        url->authority += i;
        url->authority_length -= i;
        break;
    }
    split_authority(url);
    return url->authority_length && url->authority[0] != ':';
}

BOOL url_strip_userinfo(WCHAR *text)
{
    struct url url;

    if (!url_parse(text, &url) || !url.userinfo)
        return FALSE;
    memmove(text + (url.userinfo - text), url.authority, (text_length(url.authority) + 1) * sizeof(*text));
    return TRUE;
}

WCHAR *url_copy_stripped(const WCHAR *text)
{
    UINT size = (text_length(text) + 1) * sizeof(*text);
    WCHAR *copy = malloc(size);

    if (copy)
    {
        memcpy(copy, text, size);
        url_strip_userinfo(copy);
    }
    return copy;
}

BOOL url_encode_userinfo(const WCHAR *text, UINT length, char credentials[URL_CREDENTIALS_MAX])
{
    BYTE data[URL_CREDENTIALS_MAX / 4 * 3 - 3];
    UINT size = 0, i;
    BOOL has_colon = FALSE;
    WCHAR c;

    for (i = 0; i < length && size < sizeof(data) - 1; i++)
    {
        c = text[i];
        has_colon = has_colon || c == ':';
        if (c == '%' && length - i > 2 && (text_hex_digit(text[i + 1]) | text_hex_digit(text[i + 2])) >= 0)
        {
            c = text_hex_digit(text[i + 1]) << 4 | text_hex_digit(text[i + 2]);
            i += 2;
        }
        if (c > 0xff)
            return FALSE;
        data[size++] = c;
    }
    if (i < length)
        return FALSE;
    if (!has_colon)
        data[size++] = ':';
    encode_base64(data, size, credentials);
    return TRUE;
}

/* Characters of RFC 3986, without escapes. */
static BOOL is_host_char(WCHAR c, BOOL is_ipv6)
{
    if (is_ipv6)
        return text_hex_digit(c) >= 0 || c == ':' || c == '.';
    return text_is_digit(c) || (text_lower(c) >= 'a' && text_lower(c) <= 'z')
            || (c && c < 0x80 && strchr("-._~!$&'()*+,;=", c));
}

BOOL url_parse_origin(const struct url *url, struct url_origin *origin)
{
    const WCHAR *p = url->authority, *end = p + url->host_length;
    UINT length = 0;

    memset(origin, 0, sizeof(*origin));
    origin->is_secure = url->is_secure;
    origin->port = url->port;
    if ((origin->is_ipv6 = p < end && *p == '['))
        p++;
    for (; p < end && is_host_char(*p, origin->is_ipv6); p++)
    {
        if (length == ARRAY_SIZE(origin->host) - 1)
            return FALSE;
        origin->host[length++] = text_lower(*p);
    }
    if (origin->is_ipv6 && (p == end || *p++ != ']'))
        return FALSE;
    return length && p == end && origin->port;
}

BOOL url_origin_equals(const struct url_origin *a, const struct url_origin *b)
{
    return a->port == b->port && a->is_secure == b->is_secure && !strcmp(a->host, b->host);
}

/* Return the length without the last segment and its slash. */
static UINT drop_segment(const WCHAR *path, UINT length)
{
    while (length && path[length - 1] != '/')
        length--;
    return length ? length - 1 : 0;
}

/* Remove dot segments in place: RFC 3986, section 5.2.4. The path begins with a slash. Return its new length. */
static UINT remove_dots(WCHAR *path, UINT length)
{
    UINT in = 0, out = 0, segment;

    while (in < length)
    {
        for (segment = 1; in + segment < length && path[in + segment] != '/'; segment++)
            ;
        if ((segment == 2 && path[in + 1] == '.') || (segment == 3 && path[in + 1] == '.' && path[in + 2] == '.'))
        {
            if (segment == 3)
                out = drop_segment(path, out);
            in += segment;
            if (in == length)
                path[out++] = '/';
            continue;
        }
        memmove(path + out, path + in, segment * sizeof(*path));
        out += segment;
        in += segment;
    }
    return out;
}

struct builder
{
    WCHAR *buffer;
    UINT length;
    BOOL is_full;
};

static void append(struct builder *builder, const WCHAR *text, UINT length)
{
    if (builder->is_full || length >= URL_MAX - builder->length)
    {
        builder->is_full = TRUE;
        return;
    }
    memcpy(builder->buffer + builder->length, text, length * sizeof(*text));
    builder->length += length;
    builder->buffer[builder->length] = 0;
}

/* Append one byte, escaped where RFC 3986 wants it. */
static void append_escaped(struct builder *builder, unsigned char byte)
{
    static const char hex[] = "0123456789ABCDEF";
    WCHAR escape[] = { '%', hex[byte >> 4], hex[byte & 15] };

    append(builder, escape, ARRAY_SIZE(escape));
}

/* Append UTF-8 as it is, and escape other bytes and blanks. */
static BOOL append_bytes(struct builder *builder, const char *bytes)
{
    WCHAR wide[URL_MAX];
    UINT length = strlen(bytes), i;
    BOOL is_utf8;

    if (length >= URL_MAX)
        return FALSE;
    is_utf8 = utf8_decode(bytes, length, wide, &length);
    for (i = 0; i < length; i++)
    {
        if (!is_utf8)
            wide[i] = (unsigned char)bytes[i];
        if (wide[i] <= ' ' || wide[i] == 0x7f || (!is_utf8 && wide[i] > 0x7f))
            append_escaped(builder, wide[i]);
        else
            append(builder, wide + i, 1);
    }
    return !builder->is_full;
}

/* Append the path of a reference with neither scheme nor authority: RFC 3986, section 5.2.2. */
static void append_path(struct builder *builder, const struct url *base, const WCHAR *reference, UINT path, UINT length)
{
    UINT directory = base->path_length;

    if (path && reference[0] != '/')
    {
        while (directory && base->path[directory - 1] != '/')
            directory--;
        append(builder, base->path, directory);
        if (!directory)
            append(builder, L"/", 1);
    }
    else if (!path)
    {
        append(builder, base->path, length ? base->path_length : base->path_length + base->query_length);
    }
    append(builder, reference, path);
}

BOOL url_combine(const WCHAR *base_text, const char *reference, WCHAR buffer[URL_MAX])
{
    struct builder builder = { buffer }, text = { NULL };
    struct url base, target;
    WCHAR copy[URL_MAX];
    UINT length, start;

    text.buffer = copy;
    copy[0] = 0;
    if (!url_parse(base_text, &base))
        return FALSE;
    if (reference[0] == '/' && reference[1] == '/')
        append(&text, base_text, base.is_secure ? 6 : 5);
    if (!append_bytes(&text, reference))
        return FALSE;
    length = length_until(copy, "#");
    copy[length] = 0;
    target = base;
    if (!scheme_length(copy))
    {
        target.path = copy;
        target.path_length = length_until(copy, "?");
        target.query_length = length - target.path_length;
    }
    else if (!url_parse(copy, &target))
    {
        return FALSE;
    }
    append(&builder, target.is_secure ? L"https://" : L"http://", target.is_secure ? 8 : 7);
    append(&builder, target.authority, target.authority_length);
    start = builder.length;
    if (target.authority == base.authority)
        append_path(&builder, &base, target.path, target.path_length, length);
    else
        append(&builder, target.path, target.path_length);
    if (target.path_length && !builder.is_full)
        builder.length = start + remove_dots(buffer + start, builder.length - start);
    append(&builder, target.path + target.path_length, target.query_length);
    return !builder.is_full;
}

BOOL url_has_same_origin(const WCHAR *a_text, const WCHAR *b_text)
{
    struct url a, b;

    return url_parse(a_text, &a) && url_parse(b_text, &b) && a.is_secure == b.is_secure && a.port && a.port == b.port
            && a.host_length == b.host_length && text_matches(a.authority, b.authority, a.host_length);
}

BOOL url_is_loopback(const WCHAR *text)
{
    static const char name[] = ".localhost";
    struct url_origin origin;
    struct url url;
    UINT length;

    if (!url_parse(text, &url) || !url_parse_origin(&url, &origin))
        return FALSE;
    length = strlen(origin.host);
    if (origin.host[length - 1] == '.')
        origin.host[--length] = 0;
    if (!strncmp(origin.host, "127.", 4) && strspn(origin.host, "0123456789.") == length)
        return TRUE;
    return !strcmp(origin.host, "::1") || !strcmp(origin.host, name + 1)
            || (length >= strlen(name) && !strcmp(origin.host + length - strlen(name), name));
}

UINT url_hash_host(const WCHAR *text)
{
    UINT hash = HASH_INIT, i;
    struct url url;

    if (!url_parse(text, &url))
        return 0;
    for (i = 0; i < url.authority_length; i++)
        hash = hash_add(hash, text_lower(url.authority[i]));
    return hash ^ url.is_secure;
}
