/*
 * Which proxy a request goes through
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

#include "proxy.h"
#include "text.h"

#define ENTRY_MAX 1024 /* characters of a proxy with its credentials */

struct entry
{
    const WCHAR *text;
    UINT length;
};

static BOOL is_separator(WCHAR c)
{
    return c == ';' || c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next entry of a list; FALSE at its end. */
static BOOL take_entry(const WCHAR **list, struct entry *entry)
{
    const WCHAR *p = *list;

    while (is_separator(*p))
        p++;
    entry->text = p;
    while (*p && !is_separator(*p))
        p++;
    entry->length = p - entry->text;
    *list = p;
    return entry->length;
}

static BOOL skip_prefix(struct entry *entry, const char *prefix)
{
    UINT length = strlen(prefix);

    if (!text_starts(entry->text, entry->length, prefix))
        return FALSE;
    entry->text += length;
    entry->length -= length;
    return TRUE;
}

static BOOL has_scheme(const struct entry *entry)
{
    UINT i;

    for (i = 0; i < entry->length; i++)
    {
        if (entry->text[i] == '=')
            return TRUE;
    }
    return FALSE;
}

/* In place of what was there. */
static BOOL set_string(WCHAR **string, const WCHAR *text, UINT length)
{
    WCHAR *copy;

    if (!(copy = calloc(length + 1, sizeof(*copy))))
        return FALSE;
    memcpy(copy, text, length * sizeof(*copy));
    free(*string);
    *string = copy;
    return TRUE;
}

void proxy_clear(struct proxy_settings *settings)
{
    free(settings->http);
    free(settings->https);
    free(settings->bypass);
    memset(settings, 0, sizeof(*settings));
}

/* The first one that there is counts. */
static BOOL add_proxy(WCHAR **proxy, const struct entry *entry)
{
    return *proxy || !entry->length || set_string(proxy, entry->text, entry->length);
}

BOOL proxy_parse_list(const WCHAR *list, const WCHAR *bypass, struct proxy_settings *settings)
{
    struct entry entry;
    BOOL ret = TRUE;

    memset(settings, 0, sizeof(*settings));
    while (ret && list && take_entry(&list, &entry))
    {
        if (!has_scheme(&entry))
            ret = add_proxy(&settings->http, &entry) && add_proxy(&settings->https, &entry);
        else if (skip_prefix(&entry, "http="))
            ret = add_proxy(&settings->http, &entry);
        else if (skip_prefix(&entry, "https="))
            ret = add_proxy(&settings->https, &entry);
    }
    if (ret && bypass)
        ret = set_string(&settings->bypass, bypass, text_length(bypass));
    if (!ret)
        proxy_clear(settings);
    return ret;
}

/* The value of a variable; NULL unless the string is that variable. */
static const char *get_value(const char *string, UINT length, const char *name)
{
    UINT size = strlen(name);

    return length > size + 1 && string[size] == '=' && !memcmp(string, name, size) ? string + size + 1 : NULL;
}

static const char *find_variable(const char *block, UINT size, const char *name)
{
    const char *value = NULL, *end;

    for (; size && (end = memchr(block, 0, size)) && !value; size -= end + 1 - block, block = end + 1)
        value = get_value(block, end - block, name);
    return value;
}

/* The first of these names that has a value. */
static BOOL read_variable(const char *block, UINT size, const char *const names[4], WCHAR **string)
{
    const char *value = NULL;
    UINT i, length;

    for (i = 0; i < 4 && names[i] && !value; i++)
        value = find_variable(block, size, names[i]);
    if (!value)
        return TRUE;
    length = strlen(value);
    if (!(*string = calloc(length + 1, sizeof(**string))))
        return FALSE;
    for (i = 0; i < length; i++)
        (*string)[i] = (unsigned char)value[i];
    return TRUE;
}

BOOL proxy_parse_environment(const char *block, UINT size, struct proxy_settings *settings)
{
    static const char *const http[4] = { "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY" };
    static const char *const https[4] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
    static const char *const bypass[4] = { "no_proxy", "NO_PROXY" };

    memset(settings, 0, sizeof(*settings));
    settings->is_domains = TRUE;
    if (read_variable(block, size, http, &settings->http) && read_variable(block, size, https, &settings->https)
            && read_variable(block, size, bypass, &settings->bypass))
        return TRUE;
    proxy_clear(settings);
    return FALSE;
}

/* With '*' for any characters, also none. Time is linear in the product of the lengths. */
static BOOL matches(struct entry pattern, const char *host)
{
    const char *retry = NULL;
    UINT i = 0, star = 0;

    while (*host)
    {
        if (i < pattern.length && pattern.text[i] == '*')
        {
            star = ++i;
            retry = host;
        }
        else if (i < pattern.length && text_lower(pattern.text[i]) == (unsigned char)*host)
        {
            i++;
            host++;
        }
        else if (retry)
        {
            i = star;
            host = ++retry;
        }
        else
        {
            return FALSE;
        }
    }
    while (i < pattern.length && pattern.text[i] == '*')
        i++;
    return i == pattern.length;
}

/* What is behind the last colon, if that is a port; the colons of an IPv6
 * address without brackets are none. */
static BOOL take_port(struct entry *pattern, UINT *port)
{
    UINT i, start = pattern->length, colons = 0;
    BOOL is_bracketed = pattern->length && pattern->text[0] == '[';

    for (i = 0; i < pattern->length; i++)
    {
        if (pattern->text[i] != ':')
            continue;
        start = i;
        colons++;
    }
    if (!colons || (is_bracketed ? pattern->text[start - 1] != ']' : colons > 1))
        return FALSE;
    for (*port = 0, i = start + 1; i < pattern->length; i++)
    {
        if (pattern->text[i] < '0' || pattern->text[i] > '9' || (*port = *port * 10 + pattern->text[i] - '0') > 65535)
            return FALSE;
    }
    if (i == start + 1)
        return FALSE;
    pattern->length = start;
    return TRUE;
}

static void strip_brackets(struct entry *pattern)
{
    if (pattern->length < 2 || pattern->text[0] != '[' || pattern->text[pattern->length - 1] != ']')
        return;
    pattern->text++;
    pattern->length -= 2;
}

/* Up to the end of the text, or a slash. */
static BOOL parse_ipv4(const WCHAR **text, const WCHAR *end, UINT *address)
{
    UINT i, byte, digits;

    for (*address = 0, i = 0; i < 4; i++)
    {
        for (byte = 0, digits = 0; *text < end && **text >= '0' && **text <= '9' && digits < 3; digits++)
            byte = byte * 10 + *(*text)++ - '0';
        if (!digits || byte > 255)
            return FALSE;
        *address = *address << 8 | byte;
        if (i < 3 && (*text == end || *(*text)++ != '.'))
            return FALSE;
    }
    return *text == end || **text == '/';
}

static BOOL parse_ipv4_host(const char *host, UINT *address)
{
    WCHAR wide[16];
    const WCHAR *p = wide;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(wide) && host[i]; i++)
        wide[i] = (unsigned char)host[i];
    return i < ARRAY_SIZE(wide) && parse_ipv4(&p, wide + i, address) && p == wide + i;
}

/* The pattern is a network, as in 10.0.0.0/8, and the host an address in it. */
static BOOL is_in_network(const struct entry *pattern, const char *host)
{
    const WCHAR *p = pattern->text, *end = p + pattern->length;
    UINT network, address, bits = 0;

    if (!parse_ipv4(&p, end, &network) || p == end || !parse_ipv4_host(host, &address))
        return FALSE;
    if (++p == end)
        return FALSE;
    for (; p < end; p++)
    {
        if (*p < '0' || *p > '9' || (bits = bits * 10 + *p - '0') > 32)
            return FALSE;
    }
    return !bits || (network ^ address) >> (32 - bits) == 0;
}

/* The host is the domain, or in it. */
static BOOL is_in_domain(struct entry domain, const char *host)
{
    UINT length = strlen(host);

    if (domain.length && domain.text[0] == '.')
    {
        domain.text++;
        domain.length--;
    }
    if (!domain.length || length < domain.length || !matches(domain, host + length - domain.length))
        return FALSE;
    return length == domain.length || host[length - domain.length - 1] == '.';
}

static BOOL is_local(const char *host)
{
    return !strpbrk(host, ".:");
}

static BOOL matches_entry(struct entry entry, BOOL is_domains, const struct url_origin *target)
{
    UINT port;

    if (!is_domains && text_equals(entry.text, entry.length, "<local>"))
        return is_local(target->host);
    if (!is_domains && !skip_prefix(&entry, target->is_secure ? "https://" : "http://")
            && (text_starts(entry.text, entry.length, "http://") || text_starts(entry.text, entry.length, "https://")))
        return FALSE;
    if (is_domains && is_in_network(&entry, target->host))
        return TRUE;
    if (take_port(&entry, &port) && port != target->port)
        return FALSE;
    strip_brackets(&entry);
    if (matches(entry, target->host))
        return TRUE;
    return is_domains && is_in_domain(entry, target->host);
}

/* What is asked of this machine stays in it, unless the list says otherwise. */
static BOOL is_bypassed(const struct proxy_settings *settings, const struct url_origin *target, BOOL is_loopback)
{
    const WCHAR *list = settings->bypass;
    struct entry entry;

    while (list && take_entry(&list, &entry))
    {
        if (!settings->is_domains && text_equals(entry.text, entry.length, "<-loopback>"))
            is_loopback = FALSE;
        else if (matches_entry(entry, settings->is_domains, target))
            return TRUE;
    }
    return is_loopback;
}

/* FALSE if it is not an HTTP proxy. */
static BOOL parse_proxy(const WCHAR *text, struct proxy *proxy)
{
    static const WCHAR scheme[] = L"http://";
    struct entry entry = { text, text_length(text) };
    WCHAR buffer[ENTRY_MAX + ARRAY_SIZE(scheme)];
    UINT prefix = ARRAY_SIZE(scheme) - 1;
    struct url url;

    skip_prefix(&entry, "http://");
    if (entry.length >= ENTRY_MAX)
        return FALSE;
    memcpy(buffer, scheme, sizeof(scheme));
    memcpy(buffer + prefix, entry.text, (entry.length + 1) * sizeof(*buffer));
    if (!url_parse(buffer, &url) || !url_parse_origin(&url, &proxy->origin))
        return FALSE;
    /* Another scheme would look like a path. */
    if (url.query_length || url.path_length > 1)
        return FALSE;
    return !url.userinfo || url_encode_userinfo(url.userinfo, url.userinfo_length, proxy->credentials);
}

void proxy_choose(const struct proxy_settings *settings, const struct url_origin *target, BOOL is_loopback,
        struct proxy *proxy)
{
    const WCHAR *text = target->is_secure ? settings->https : settings->http;

    memset(proxy, 0, sizeof(*proxy));
    if (!text || !text[0] || is_bypassed(settings, target, is_loopback))
        return;
    if (parse_proxy(text, proxy))
    {
        proxy->kind = PROXY_HTTP;
        return;
    }
    memset(proxy, 0, sizeof(*proxy));
    proxy->kind = PROXY_UNKNOWN;
}

BOOL proxy_equals(const struct proxy *a, const struct proxy *b)
{
    if (a->kind != b->kind)
        return FALSE;
    return a->kind != PROXY_HTTP || (a->origin.port == b->origin.port && !strcmp(a->origin.host, b->origin.host)
            && !strcmp(a->credentials, b->credentials));
}
