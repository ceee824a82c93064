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

#include <stdlib.h>
#include <string.h>

#include "net/proxy.h"
#include "base/text.h"

#define ENTRY_MAX 1024 /* characters of the URL of a proxy */

/* Take the next entry of a list. FALSE at its end. */
static BOOL take_entry(struct slice *list, struct slice *entry)
{
    while (slice_take_part(list, ";, \t\r\n", entry))
    {
        if (entry->length)
            return TRUE;
    }
    return FALSE;
}

/* Return a copy in bytes, with '?' for wider characters. The caller frees it; NULL if out of memory. */
static char *narrow(const WCHAR *text)
{
    UINT length = text_length(text), i;
    char *copy;

    if (!(copy = calloc(1, length + 1)))
        return NULL;
    for (i = 0; i < length; i++)
        copy[i] = text[i] <= 0xff ? text[i] : '?';
    return copy;
}

/* Set a string, unless an earlier one has set it. FALSE if out of memory. */
static BOOL set_string(char **string, const struct slice *value)
{
    if (*string || !value->length)
        return TRUE;
    if (!(*string = calloc(1, value->length + 1)))
        return FALSE;
    memcpy(*string, value->text, value->length);
    return TRUE;
}

void proxy_clear(struct proxy_settings *settings)
{
    free(settings->http);
    free(settings->https);
    free(settings->bypass);
    memset(settings, 0, sizeof(*settings));
}

BOOL proxy_parse_list(const WCHAR *list, const WCHAR *bypass, struct proxy_settings *settings)
{
    char *text = list ? narrow(list) : NULL;
    struct slice rest = { text, text ? strlen(text) : 0 }, entry;
    BOOL ret = text || !list;

    memset(settings, 0, sizeof(*settings));
    while (ret && take_entry(&rest, &entry))
    {
        if (!memchr(entry.text, '=', entry.length))
            ret = set_string(&settings->http, &entry) && set_string(&settings->https, &entry);
        else if (slice_skip(&entry, "http="))
            ret = set_string(&settings->http, &entry);
        else if (slice_skip(&entry, "https="))
            ret = set_string(&settings->https, &entry);
    }
    if (ret && bypass)
        ret = (settings->bypass = narrow(bypass)) != NULL;
    if (!ret)
        proxy_clear(settings);
    free(text);
    return ret;
}

/* Return the value of a variable; NULL unless the string is that variable. */
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

/* Read the first of these variables that has a value. */
static BOOL read_variable(const char *block, UINT size, const char *const names[4], char **string)
{
    struct slice value = {0};
    UINT i;

    for (i = 0; i < 4 && names[i] && !value.text; i++)
        value.text = find_variable(block, size, names[i]);
    if (value.text)
        value.length = strlen(value.text);
    return set_string(string, &value);
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

/* Match a pattern with '*' for any characters, also none. Takes time in proportion to the product of the lengths. */
static BOOL matches(struct slice pattern, const char *host)
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
        else if (i < pattern.length && text_lower(pattern.text[i]) == *host)
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

/* Remove the part behind the last colon, if it is a port; an IPv6 address without brackets has none. */
static BOOL take_port(struct slice *pattern, UINT64 *port)
{
    struct slice number;
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
    number.text = pattern->text + start + 1;
    number.length = pattern->length - start - 1;
    if (!slice_take_number(&number, port) || number.length || *port > 65535)
        return FALSE;
    pattern->length = start;
    return TRUE;
}

static void strip_brackets(struct slice *pattern)
{
    if (pattern->length < 2 || pattern->text[0] != '[' || pattern->text[pattern->length - 1] != ']')
        return;
    pattern->text++;
    pattern->length -= 2;
}

/* The pattern is a network, as in 10.0.0.0/8, and the host an address in it. */
static BOOL is_in_network(struct slice pattern, const char *host)
{
    struct slice text = { host, strlen(host) };
    UINT network, address;
    UINT64 bits;

    if (!slice_take_ipv4(&pattern, &network) || !slice_skip(&pattern, "/") || !slice_take_number(&pattern, &bits)
            || pattern.length || bits > 32 || !slice_take_ipv4(&text, &address) || text.length)
        return FALSE;
    return !bits || (network ^ address) >> (32 - bits) == 0;
}

/* The host is the domain, or in it. */
static BOOL is_in_domain(struct slice domain, const char *host)
{
    UINT length = strlen(host);

    slice_skip(&domain, ".");
    if (!domain.length || length < domain.length || !matches(domain, host + length - domain.length))
        return FALSE;
    return length == domain.length || host[length - domain.length - 1] == '.';
}

static BOOL is_local(const char *host)
{
    return !strpbrk(host, ".:");
}

static BOOL matches_entry(struct slice entry, BOOL is_domains, const struct url_origin *target)
{
    UINT64 port;

    if (!is_domains && slice_equals(&entry, "<local>"))
        return is_local(target->host);
    if (!is_domains && slice_skip(&entry, target->is_secure ? "http://" : "https://"))
        return FALSE;
    if (!is_domains)
        slice_skip(&entry, target->is_secure ? "https://" : "http://");
    if (is_domains && is_in_network(entry, target->host))
        return TRUE;
    if (take_port(&entry, &port) && port != target->port)
        return FALSE;
    strip_brackets(&entry);
    if (matches(entry, target->host))
        return TRUE;
    return is_domains && is_in_domain(entry, target->host);
}

/* Return whether the target is reached directly. This machine is, unless the list says otherwise. */
static BOOL is_bypassed(const struct proxy_settings *settings, const struct url_origin *target, BOOL is_loopback)
{
    struct slice list = { settings->bypass, settings->bypass ? strlen(settings->bypass) : 0 }, entry;

    while (take_entry(&list, &entry))
    {
        if (!settings->is_domains && slice_equals(&entry, "<-loopback>"))
            is_loopback = FALSE;
        else if (matches_entry(entry, settings->is_domains, target))
            return TRUE;
    }
    return is_loopback;
}

/* Parse the URL of a proxy. FALSE if it is not an HTTP proxy. */
static BOOL parse_proxy(const char *text, struct proxy *proxy)
{
    struct slice entry = { text, strlen(text) };
    WCHAR buffer[ENTRY_MAX] = L"http://";
    UINT length = text_length(buffer), i;
    struct url url;

    slice_skip(&entry, "http://");
    if (entry.length >= ARRAY_SIZE(buffer) - length)
        return FALSE;
    for (i = 0; i < entry.length; i++)
        buffer[length++] = (unsigned char)entry.text[i];
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
    const char *text = target->is_secure ? settings->https : settings->http;

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

BOOL proxy_choose_own(const struct proxy_settings *settings, const struct url_origin *target, struct proxy *proxy)
{
    if (!settings->http && !settings->https)
        return FALSE;
    proxy_choose(settings, target, FALSE, proxy);
    return proxy->kind != PROXY_UNKNOWN && !proxy->credentials[0];
}

BOOL proxy_equals(const struct proxy *a, const struct proxy *b)
{
    if (a->kind != b->kind)
        return FALSE;
    return a->kind != PROXY_HTTP || (a->origin.port == b->origin.port && !strcmp(a->origin.host, b->origin.host)
            && !strcmp(a->credentials, b->credentials));
}
