/*
 * Builder of HTTP/1.1 requests
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

#include "net/request.h"

/* Fields that the service decides: framing, connection, range and coding, and credentials for a proxy. */
static const char * const reserved[] =
{
    "accept-encoding", "connection", "content-length", "expect", "host", "if-range", "keep-alive",
    "proxy-authorization", "proxy-connection", "range", "te", "trailer", "transfer-encoding", "upgrade",
};

static const char * const secrets[] = { "authorization", "cookie" };

/* Fields that tell a cache host of a client, and its answers' own (MCC-004). */
static const char * const traces[] = { "ms-cv", "x-ccc", "x-cid", "x-osid" };

static BOOL is_listed(const WCHAR *name, UINT length, const char * const *list, UINT count)
{
    UINT i;

    for (i = 0; i < count; i++)
    {
        if (text_equals(name, length, list[i]))
            return TRUE;
    }
    return FALSE;
}

/* RFC 9110, section 5.6.2 */
static BOOL is_token_char(WCHAR c)
{
    return (text_lower(c) >= 'a' && text_lower(c) <= 'z') || text_is_digit(c)
            || (c && c < 0x80 && strchr("!#$%&'*+-.^_`|~", c));
}

BOOL request_is_token(const WCHAR *text)
{
    const WCHAR *p = text;

    while (is_token_char(*p))
        p++;
    return p > text && !*p;
}

/* Return whether a value can be sent: no control characters, and none that is wider than a byte. */
static BOOL is_value(const WCHAR *value, UINT length)
{
    UINT i;

    for (i = 0; i < length; i++)
    {
        if ((value[i] < ' ' && value[i] != '\t') || value[i] == 0x7f || value[i] > 0xff)
            return FALSE;
    }
    return TRUE;
}

static void trim(const WCHAR **text, UINT *length)
{
    while (*length && text_is_blank(**text))
    {
        ++*text;
        --*length;
    }
    while (*length && text_is_blank((*text)[*length - 1]))
        --*length;
}

/* A line of fields. */
struct field
{
    const WCHAR *name, *value;
    UINT length, value_length;
};

/* Take lines up to the first that is a field: a token, a colon and a value that may be sent. FALSE if there is none. */
static BOOL take_field(const WCHAR **lines, struct field *field)
{
    const WCHAR *end;

    while (*(end = *lines))
    {
        field->name = end;
        while (is_token_char(*end))
            end++;
        field->length = end - field->name;
        field->value = end + 1;
        while (*end && *end != '\n' && !(*end == '\r' && end[1] == '\n'))
            end++;
        *lines = *end ? end + 1 + (*end == '\r') : end;
        if (!field->length || field->name[field->length] != ':')
            continue;
        field->value_length = end - field->value;
        trim(&field->value, &field->value_length);
        if (is_value(field->value, field->value_length))
            return TRUE;
    }
    return FALSE;
}

/* Whether the first so many bytes have a field of this name. */
static BOOL has_field(const struct buffer *fields, UINT end, const WCHAR *name, UINT length)
{
    const char *line = fields->text;
    UINT i;

    for (; line < fields->text + end; line = strchr(line, '\n') + 1)
    {
        for (i = 0; i < length && text_lower(line[i]) == text_lower(name[i]); i++)
            ;
        if (i == length && line[i] == ':')
            return TRUE;
    }
    return FALSE;
}

/* Append characters, of which each is a byte. */
static void append_wide(struct buffer *fields, const WCHAR *text, UINT length)
{
    UINT i;

    if (!buffer_reserve(fields, length))
        return;
    for (i = 0; i < length; i++)
        fields->text[fields->length++] = text[i];
    fields->text[fields->length] = 0;
}

static void append_number(struct buffer *fields, UINT64 number)
{
    char digits[20];
    UINT i = sizeof(digits);

    do
        digits[--i] = '0' + number % 10;
    while (number /= 10);
    buffer_append(fields, digits + i, sizeof(digits) - i);
}

/* Append a field, unless it is among the first so many bytes: the whole field or nothing of it. */
static void append_field(struct buffer *fields, UINT end, const struct field *field)
{
    if (!buffer_reserve(fields, field->length + field->value_length + 4)
            || has_field(fields, end, field->name, field->length))
        return;
    append_wide(fields, field->name, field->length);
    buffer_append_text(fields, ": ");
    append_wide(fields, field->value, field->value_length);
    buffer_append_text(fields, "\r\n");
}

void fields_add(struct buffer *fields, const char *name, const WCHAR *value)
{
    WCHAR wide[32];
    struct field field = { wide, value, strlen(name), text_length(value) };
    UINT i;

    for (i = 0; i < field.length; i++)
        wide[i] = (unsigned char)name[i];
    trim(&field.value, &field.value_length);
    if (is_value(field.value, field.value_length))
        append_field(fields, fields->length, &field);
}

static void add_lines(struct buffer *fields, const WCHAR *lines, BOOL is_foreign, BOOL is_cached)
{
    UINT former = fields->length;
    struct field field;

    while (take_field(&lines, &field))
    {
        if (is_listed(field.name, field.length, reserved, ARRAY_SIZE(reserved)))
            continue;
        if (is_foreign && is_listed(field.name, field.length, secrets, ARRAY_SIZE(secrets)))
            continue;
        if (is_cached && is_listed(field.name, field.length, traces, ARRAY_SIZE(traces)))
            continue;
        append_field(fields, former, &field);
    }
}

void fields_add_lines(struct buffer *fields, const WCHAR *lines, BOOL is_foreign)
{
    add_lines(fields, lines, is_foreign, FALSE);
}

BOOL fields_have_secrets(const WCHAR *lines)
{
    struct field field;

    while (take_field(&lines, &field))
    {
        if (is_listed(field.name, field.length, secrets, ARRAY_SIZE(secrets))
                || text_equals(field.name, field.length, "proxy-authorization"))
            return TRUE;
    }
    return FALSE;
}

WCHAR *fields_copy_public(const WCHAR *lines)
{
    struct buffer fields = {0};
    WCHAR *copy = NULL;
    UINT i;

    fields_add_lines(&fields, lines, TRUE);
    if (!fields.is_failed && (copy = calloc(fields.length + 1, sizeof(*copy))))
    {
        for (i = 0; i < fields.length; i++)
            copy[i] = (unsigned char)fields.text[i];
    }
    buffer_clear(&fields);
    return copy;
}

static void append_cookies(struct buffer *value, const WCHAR *lines)
{
    struct field field;

    while (take_field(&lines, &field))
    {
        if (!text_equals(field.name, field.length, "cookie"))
            continue;
        buffer_append_text(value, "; ");
        append_wide(value, field.value, field.value_length);
    }
}

/* Begin with the cookies of the jar, then those that the client has for its own origin. */
static void add_cookies(struct buffer *fields, const WCHAR *cookies, const WCHAR *auth_lines, const WCHAR *lines)
{
    buffer_append_text(fields, "Cookie: ");
    append_wide(fields, cookies, text_length(cookies));
    if (auth_lines)
        append_cookies(fields, auth_lines);
    if (lines)
        append_cookies(fields, lines);
    buffer_append_text(fields, "\r\n");
}

/* Add user and password of the client's URL, unless the client says something else. */
static void add_authorization(struct buffer *fields, const WCHAR *text)
{
    char credentials[URL_CREDENTIALS_MAX];
    struct url url;

    if (fields->is_failed || has_field(fields, fields->length, L"authorization", 13)
            || !url_parse(text, &url) || !url.userinfo
            || !url_encode_userinfo(url.userinfo, url.userinfo_length, credentials))
        return;
    buffer_append_text(fields, "Authorization: Basic ");
    buffer_append_text(fields, credentials);
    buffer_append_text(fields, "\r\n");
}

/* Add a range, unless it is bound to a version that cannot be sent. */
static void add_range(struct buffer *fields, const struct range *range, const WCHAR *if_range)
{
    UINT64 end = range->offset + range->length;

    if (if_range && !is_value(if_range, text_length(if_range)))
        return;
    buffer_append_text(fields, "Range: bytes=");
    append_number(fields, range->offset);
    buffer_append_text(fields, "-");
    if (range->length != LENGTH_TO_EOF)
        append_number(fields, end - 1);
    buffer_append_text(fields, "\r\n");
    if (if_range)
        fields_add(fields, "If-Range", if_range);
}

BOOL request_is_foreign(const struct request_parts *parts)
{
    return parts->is_cached || parts->is_foreign || !url_has_same_origin(parts->url, parts->client_url);
}

void request_select_fields(const struct request_parts *parts, struct buffer *fields)
{
    static const struct transfer_options none;
    const struct transfer_options *options = parts->options ? parts->options : &none;
    BOOL is_foreign = request_is_foreign(parts);
    const WCHAR *auth_lines = parts->is_authorized && !is_foreign ? options->auth_headers : NULL;
    BOOL has_agent = parts->chosen_agent && parts->chosen_agent[0]
            && is_value(parts->chosen_agent, text_length(parts->chosen_agent));

    if (parts->cookies && is_value(parts->cookies, text_length(parts->cookies)))
        add_cookies(fields, parts->cookies, auth_lines, is_foreign ? NULL : options->headers);
    if (auth_lines)
        fields_add_lines(fields, auth_lines, FALSE);
    if (options->headers)
        add_lines(fields, options->headers, is_foreign, parts->is_cached);
    if (!is_foreign)
        add_authorization(fields, parts->client_url);
    if (options->correlation_vector && options->correlation_vector[0] && !parts->is_cached)
        fields_add(fields, "MS-CV", options->correlation_vector);
    fields_add(fields, "User-Agent", has_agent ? parts->chosen_agent : parts->user_agent);
    fields_add(fields, "Accept", L"*/*");
    fields_add(fields, "Accept-Encoding", L"identity");
    if (parts->is_fresh)
        fields_add(fields, "Cache-Control", L"no-cache");
    if (parts->range)
        add_range(fields, parts->range, parts->if_range);
}

static BOOL is_target_char(unsigned char c)
{
    return c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}", c);
}

/* Append path and query, with escapes for bytes that RFC 3986 does not allow. */
static void append_target(struct buffer *message, const WCHAR *text, UINT length)
{
    static const char hex[] = "0123456789ABCDEF";
    const WCHAR *end = text + length;
    BYTE utf8[4];
    char escape[3] = { '%' };
    UINT count, i;

    if (!length || *text != '/')
        buffer_append_text(message, "/");
    while (text < end)
    {
        count = utf8_take(&text, end, utf8);
        for (i = 0; i < count; i++)
        {
            if (is_target_char(utf8[i]))
            {
                buffer_append(message, (char *)utf8 + i, 1);
                continue;
            }
            escape[1] = hex[utf8[i] >> 4];
            escape[2] = hex[utf8[i] & 15];
            buffer_append(message, escape, sizeof(escape));
        }
    }
}

static void append_authority(struct buffer *message, const struct url_origin *origin, BOOL has_port)
{
    buffer_append_text(message, origin->is_ipv6 ? "[" : "");
    buffer_append_text(message, origin->host);
    buffer_append_text(message, origin->is_ipv6 ? "]" : "");
    if (has_port || origin->port != (origin->is_secure ? 443 : 80))
    {
        buffer_append_text(message, ":");
        append_number(message, origin->port);
    }
}

static void append_credentials(struct buffer *message, const char *credentials)
{
    if (!credentials[0])
        return;
    buffer_append_text(message, "Proxy-Authorization: Basic ");
    buffer_append_text(message, credentials);
    buffer_append_text(message, "\r\n");
}

static DWORD finish(struct buffer *message, char **data, UINT *size)
{
    buffer_append_text(message, "Connection: Keep-Alive\r\n\r\n");
    if (message->is_failed)
    {
        buffer_clear(message);
        return ERROR_OUTOFMEMORY;
    }
    *data = message->text;
    *size = message->length;
    return ERROR_SUCCESS;
}

DWORD request_format(const WCHAR *method, const struct url *url, const struct url_origin *origin,
        const char *fields, BOOL is_proxied, const char *credentials, char **data, UINT *size)
{
    struct buffer message = {0};

    if (method)
        append_wide(&message, method, text_length(method));
    else
        buffer_append_text(&message, "GET");
    buffer_append_text(&message, " ");
    if (is_proxied)
    {
        buffer_append_text(&message, origin->is_secure ? "https://" : "http://");
        append_authority(&message, origin, FALSE);
    }
    append_target(&message, url->path, url->path_length + url->query_length);
    buffer_append_text(&message, " HTTP/1.1\r\nHost: ");
    append_authority(&message, origin, FALSE);
    buffer_append_text(&message, "\r\n");
    buffer_append_text(&message, fields);
    /* RFC 9110, section 8.6: servers may insist on the length of a body that there could be. */
    if (method)
        buffer_append_text(&message, "Content-Length: 0\r\n");
    if (is_proxied)
        append_credentials(&message, credentials);
    return finish(&message, data, size);
}

DWORD request_format_connect(const struct url_origin *origin, const char *credentials, char **data, UINT *size)
{
    struct buffer message = {0};

    buffer_append_text(&message, "CONNECT ");
    append_authority(&message, origin, TRUE);
    buffer_append_text(&message, " HTTP/1.1\r\nHost: ");
    append_authority(&message, origin, TRUE);
    buffer_append_text(&message, "\r\n");
    append_credentials(&message, credentials);
    return finish(&message, data, size);
}

DWORD request_set_field(char **data, UINT *size, const char *name, const char *value)
{
    const char *line = *data, *end = *data + *size, *next;
    struct buffer message = {0};
    struct slice former;

    for (; line < end; line = next)
    {
        next = strchr(line, '\n') + 1;
        former.text = line;
        former.length = next - line;
        if (slice_skip(&former, name) && former.length && *former.text == ':')
            continue;
        if (value && next == end)
        {
            buffer_append_text(&message, name);
            buffer_append_text(&message, ": ");
            buffer_append_text(&message, value);
            buffer_append_text(&message, "\r\n");
        }
        buffer_append(&message, line, next - line);
    }
    if (message.is_failed)
    {
        buffer_clear(&message);
        return ERROR_OUTOFMEMORY;
    }
    free(*data);
    *data = message.text;
    *size = message.length;
    return ERROR_SUCCESS;
}
