/*
 * Proxy settings
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

#include "proxy.h"

struct slice
{
    const WCHAR *text;
    UINT length;
};

static WCHAR lower(WCHAR c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static BOOL is_separator(WCHAR c)
{
    return c == ';' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next entry of a list; FALSE at its end. */
static BOOL take_entry(const WCHAR **list, struct slice *entry)
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

static BOOL starts_with(const struct slice *slice, const char *prefix)
{
    UINT i;

    for (i = 0; prefix[i]; i++)
    {
        if (i == slice->length || lower(slice->text[i]) != (unsigned char)prefix[i])
            return FALSE;
    }
    return TRUE;
}

static BOOL has_scheme(const struct slice *entry)
{
    UINT i;

    for (i = 0; i < entry->length; i++)
    {
        if (entry->text[i] == '=')
            return TRUE;
    }
    return FALSE;
}

static BOOL matches(struct slice pattern, struct slice host)
{
    UINT i;

    for (; pattern.length && pattern.text[0] != '*'; pattern.text++, pattern.length--, host.text++, host.length--)
    {
        if (!host.length || lower(pattern.text[0]) != lower(host.text[0]))
            return FALSE;
    }
    if (!pattern.length)
        return !host.length;
    pattern.text++;
    pattern.length--;
    for (i = 0; i <= host.length; i++)
    {
        struct slice rest = { host.text + i, host.length - i };

        if (matches(pattern, rest))
            return TRUE;
    }
    return FALSE;
}

static BOOL is_local(const struct slice *host)
{
    UINT i;

    for (i = 0; i < host->length; i++)
    {
        if (host->text[i] == '.' || host->text[i] == ':')
            return FALSE;
    }
    return TRUE;
}

static BOOL is_bypassed(const WCHAR *bypass, const struct slice *host)
{
    struct slice entry;

    while (take_entry(&bypass, &entry))
    {
        if (starts_with(&entry, "<local>") ? is_local(host) : matches(entry, *host))
            return TRUE;
    }
    return FALSE;
}

BOOL proxy_is_used(const WCHAR *proxies, const WCHAR *bypass, const WCHAR *host_text, UINT host_length,
        BOOL is_secure)
{
    struct slice host = { host_text, host_length }, entry;

    while (proxies && take_entry(&proxies, &entry))
    {
        if (!has_scheme(&entry) || starts_with(&entry, is_secure ? "https=" : "http="))
            return !bypass || !is_bypassed(bypass, &host);
    }
    return FALSE;
}
