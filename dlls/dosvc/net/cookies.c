/*
 * Cookies of one transfer
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

#include "net/cookies.h"
#include "net/http1.h"
#include "base/text.h"
#include "base/url.h"

#define TICKS_PER_SECOND 10000000
#define NEVER            (~(UINT64)0)

struct cookie
{
    UINT64 expires;      /* NEVER: with the transfer */
    BOOL is_host_only;
    BOOL is_secure;
    char host[URL_HOST_MAX]; /* or domain, in lower case */
    WCHAR *path;         /* in text, as is the pair */
    UINT path_length;
    UINT name_length;
    UINT pair_length;    /* of "name=value" */
    UINT text_length;
    WCHAR text[];        /* the pair, then the path */
};

/* The origin and the path of a URL. */
struct place
{
    const struct url_origin *origin;
    const WCHAR *path;
    UINT path_length;
};

/* Attributes of one value of Set-Cookie. */
struct setting
{
    struct slice name, value, domain, path;
    BOOL is_secure, has_max_age;
    UINT64 expires;
};

static void set_max_age(struct setting *setting, struct slice value, UINT64 now)
{
    BOOL is_negative = slice_skip(&value, "-");
    UINT64 seconds;

    if (!http1_parse_number(value.text, value.length, &seconds))
        return;
    setting->has_max_age = TRUE;
    if (is_negative || !seconds)
        setting->expires = 0;
    else
        setting->expires = seconds < (NEVER - now) / TICKS_PER_SECOND ? now + seconds * TICKS_PER_SECOND : NEVER;
}

static void set_attribute(struct setting *setting, const struct slice *name, const struct slice *value, UINT64 now)
{
    UINT64 time;

    if (slice_equals(name, "secure"))
        setting->is_secure = TRUE;
    else if (slice_equals(name, "domain"))
        setting->domain = *value;
    else if (slice_equals(name, "path"))
        setting->path = *value;
    else if (slice_equals(name, "max-age"))
        set_max_age(setting, *value, now);
    else if (slice_equals(name, "expires") && !setting->has_max_age
            && http1_parse_date(value->text, value->length, &time))
        setting->expires = time;
}

/* Parse a value of Set-Cookie. FALSE if it is no cookie, or one that could not be sent. */
static BOOL parse(struct slice line, UINT64 now, struct setting *setting)
{
    struct slice part, name;
    UINT i;

    memset(setting, 0, sizeof(*setting));
    setting->expires = NEVER;
    for (i = 0; i < line.length; i++)
    {
        if ((unsigned char)line.text[i] < ' ' && line.text[i] != '\t')
            return FALSE;
    }
    if (!slice_take_part(&line, ";", &part) || !memchr(part.text, '=', part.length))
        return FALSE;
    slice_take_part(&part, "=", &setting->name);
    setting->value = part;
    slice_trim(&setting->value);
    while (slice_take_part(&line, ";", &part))
    {
        slice_take_part(&part, "=", &name);
        slice_trim(&part);
        set_attribute(setting, &name, &part, now);
    }
    return setting->name.length && setting->name.length + setting->value.length + setting->path.length < COOKIE_MAX;
}

static struct place get_place(const struct url *url, const struct url_origin *origin)
{
    static const WCHAR slash[] = { '/' };
    struct place place = { origin, url->path_length ? url->path : slash, max(url->path_length, 1) };

    return place;
}

/* Return whether the host is an address, which has no domain. */
static BOOL is_address(const struct url_origin *origin)
{
    UINT length = strlen(origin->host);

    return origin->is_ipv6 || (length && origin->host[length - 1] >= '0' && origin->host[length - 1] <= '9');
}

static BOOL is_within(const struct url_origin *origin, const char *domain)
{
    UINT length = strlen(origin->host), domain_length = strlen(domain);

    if (length <= domain_length || is_address(origin))
        return FALSE;
    return origin->host[length - domain_length - 1] == '.' && !strcmp(origin->host + length - domain_length, domain);
}

static BOOL matches(const struct cookie *cookie, const struct place *place)
{
    UINT length = cookie->path_length;

    if (cookie->is_secure && !place->origin->is_secure)
        return FALSE;
    if (strcmp(place->origin->host, cookie->host) && (cookie->is_host_only || !is_within(place->origin, cookie->host)))
        return FALSE;
    if (place->path_length < length || memcmp(place->path, cookie->path, length * sizeof(*place->path)))
        return FALSE;
    return place->path_length == length || place->path[length] == '/' || cookie->path[length - 1] == '/';
}

/* Set the domain. FALSE unless the host is within it, and it is no suffix of foreign hosts. */
static BOOL set_domain(struct cookie *cookie, const struct slice *value, const struct url_origin *origin)
{
    struct slice domain = *value;
    UINT i;

    slice_skip(&domain, ".");
    memcpy(cookie->host, origin->host, sizeof(cookie->host));
    cookie->is_host_only = !domain.length || slice_equals(&domain, origin->host);
    if (domain.length >= sizeof(cookie->host))
        return FALSE;
    if (!domain.length || (cookie->is_host_only && is_address(origin)))
        return TRUE;
    for (i = 0; i < domain.length; i++)
        cookie->host[i] = text_lower(domain.text[i]);
    cookie->host[i] = 0;
    if (!memchr(domain.text, '.', domain.length))
        return cookie->is_host_only;
    cookie->is_host_only = FALSE;
    return !strcmp(cookie->host, origin->host) || is_within(origin, cookie->host);
}

static WCHAR *append(WCHAR *text, const struct slice *slice)
{
    UINT i;

    for (i = 0; i < slice->length; i++)
        *text++ = (unsigned char)slice->text[i];
    return text;
}

/* Set the path: that of the attribute, else the folder of the resource. */
static void set_path(struct cookie *cookie, const struct slice *value, const struct place *place)
{
    UINT length = place->path_length;

    if (value->length && *value->text == '/')
    {
        cookie->path_length = append(cookie->path, value) - cookie->path;
        return;
    }
    while (length > 1 && place->path[length - 1] != '/')
        length--;
    cookie->path_length = max(length - 1, 1);
    memcpy(cookie->path, place->path, cookie->path_length * sizeof(*place->path));
}

static struct cookie *create(const struct setting *setting, const struct place *place)
{
    static const struct slice equal = { "=", 1 };
    UINT length = setting->name.length + 1 + setting->value.length + max(setting->path.length, place->path_length);
    struct cookie *cookie;

    if (!(cookie = calloc(1, sizeof(*cookie) + length * sizeof(*cookie->text))))
        return NULL;
    cookie->expires = setting->expires;
    cookie->is_secure = setting->is_secure;
    cookie->name_length = setting->name.length;
    cookie->path = append(append(append(cookie->text, &setting->name), &equal), &setting->value);
    cookie->pair_length = cookie->path - cookie->text;
    cookie->text_length = length;
    set_path(cookie, &setting->path, place);
    return cookie;
}

static BOOL is_same(const struct cookie *a, const struct cookie *b)
{
    return a->name_length == b->name_length && a->path_length == b->path_length && a->is_host_only == b->is_host_only
            && !memcmp(a->text, b->text, a->name_length * sizeof(*a->text)) && !strcmp(a->host, b->host)
            && !memcmp(a->path, b->path, a->path_length * sizeof(*a->path));
}

static void drop(struct cookie_jar *jar, UINT index)
{
    free(jar->cookies[index]);
    jar->count--;
    memmove(jar->cookies + index, jar->cookies + index + 1, (jar->count - index) * sizeof(*jar->cookies));
}

/* Insert a cookie in place of the same one, or behind those with paths of its length. */
static void insert(struct cookie_jar *jar, struct cookie *cookie, UINT64 now)
{
    UINT i = 0;

    while (i < jar->count)
    {
        if (is_same(jar->cookies[i], cookie) || jar->cookies[i]->expires <= now)
            drop(jar, i);
        else
            i++;
    }
    if (cookie->expires <= now || jar->count == COOKIES_MAX)
    {
        free(cookie);
        return;
    }
    for (i = jar->count++; i && jar->cookies[i - 1]->path_length < cookie->path_length; i--)
        jar->cookies[i] = jar->cookies[i - 1];
    jar->cookies[i] = cookie;
}

BOOL cookies_take(struct cookie_jar *jar, const struct url *url, const struct url_origin *origin, const char *lines,
        UINT64 now)
{
    const struct place place = get_place(url, origin);
    struct slice rest = { lines, strlen(lines) }, line;
    struct setting setting;
    struct cookie *cookie;

    while (slice_take_part(&rest, "\n", &line))
    {
        if (!parse(line, now, &setting))
            continue;
        if (!(cookie = create(&setting, &place)))
            return FALSE;
        if (set_domain(cookie, &setting.domain, origin))
            insert(jar, cookie, now);
        else
            free(cookie);
    }
    return TRUE;
}

WCHAR *cookies_get(const struct cookie_jar *jar, const struct url *url, const struct url_origin *origin, UINT64 now,
        BOOL *has_failed)
{
    const struct place place = get_place(url, origin);
    WCHAR *value = NULL, *grown;
    struct cookie *cookie;
    UINT length = 0, i;

    for (i = 0; i < jar->count; i++)
    {
        cookie = jar->cookies[i];
        if (cookie->expires <= now || !matches(cookie, &place))
            continue;
        if (!(grown = realloc(value, (length + cookie->pair_length + 3) * sizeof(*value))))
        {
            *has_failed = TRUE;
            free(value);
            return NULL;
        }
        value = grown;
        if (length)
        {
            value[length++] = ';';
            value[length++] = ' ';
        }
        memcpy(value + length, cookie->text, cookie->pair_length * sizeof(*value));
        value[length += cookie->pair_length] = 0;
    }
    return value;
}

BOOL cookies_copy(const struct cookie_jar *from, struct cookie_jar *to)
{
    struct cookie *cookie;
    UINT size;

    for (to->count = 0; to->count < from->count; to->count++)
    {
        size = sizeof(*cookie) + from->cookies[to->count]->text_length * sizeof(*cookie->text);
        if (!(cookie = calloc(1, size)))
        {
            cookies_clear(to);
            return FALSE;
        }
        memcpy(cookie, from->cookies[to->count], size);
        cookie->path = cookie->text + cookie->pair_length;
        to->cookies[to->count] = cookie;
    }
    return TRUE;
}

void cookies_clear(struct cookie_jar *jar)
{
    while (jar->count)
        drop(jar, jar->count - 1);
}
