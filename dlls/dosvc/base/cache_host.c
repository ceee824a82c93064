/*
 * Cache hosts (Connected Cache)
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

#include "base/cache_host.h"
#include "base/text.h"

#define SECOND          1000
#define FIRST_DELAY     2  /* seconds */
#define MAX_DELAY       30 /* seconds */
#define FRUITLESS_MAX   2
#define PERIOD          (20 * SECOND)
#define MIN_RATE        4000 /* bytes in a second */
#define SLOW_FACTOR     10

static const char parameter[] = "cachehostorigin=";

static void append(WCHAR *buffer, UINT *length, const char *text)
{
    while (*text)
        buffer[(*length)++] = *text++;
    buffer[*length] = 0;
}

static void append_lower(WCHAR *buffer, UINT *length, const WCHAR *text, UINT count)
{
    UINT i;

    for (i = 0; i < count; i++)
        buffer[(*length)++] = text_lower(text[i]);
    buffer[*length] = 0;
}

/* Write an entry of the list as it stands in a URL. FALSE if it is neither a name nor an address. */
static BOOL write_host(const WCHAR *text, UINT length, WCHAR host[CACHE_HOST_MAX])
{
    WCHAR url[CACHE_HOST_MAX + 8];
    struct url_origin origin;
    struct url parts;
    UINT i, colons = 0, size = 0;

    for (i = 0; i < length; i++)
        colons += text[i] == ':';
    if (!length || length + 3 > CACHE_HOST_MAX)
        return FALSE;
    append(url, &size, "http://");
    append(url, &size, colons > 1 && text[0] != '[' ? "[" : "");
    append_lower(url, &size, text, length);
    append(url, &size, colons > 1 && text[0] != '[' ? "]" : "");
    if (!url_parse(url, &parts) || !url_parse_origin(&parts, &origin) || parts.userinfo || parts.path[0])
        return FALSE;
    memcpy(host, parts.authority, parts.authority_length * sizeof(*host));
    host[parts.authority_length] = 0;
    return TRUE;
}

static BOOL has_host(const struct cache_hosts *hosts, const WCHAR *host)
{
    UINT i;

    for (i = 0; i < hosts->count; i++)
    {
        if (text_is_same(hosts->names[i], host))
            return TRUE;
    }
    return FALSE;
}

void cache_hosts_parse(const WCHAR *list, struct cache_hosts *hosts)
{
    const WCHAR *part;
    WCHAR host[CACHE_HOST_MAX];
    UINT length;

    hosts->count = 0;
    while (hosts->count < CACHE_HOSTS_MAX && text_take_part(&list, &part, &length))
    {
        if (write_host(part, length, host) && !has_host(hosts, host))
            memcpy(hosts->names[hosts->count++], host, sizeof(host));
    }
}

BOOL cache_list_has_url(const WCHAR *list, const WCHAR *url)
{
    WCHAR host[CACHE_HOST_MAX], text[CACHE_HOST_MAX + 8];
    const WCHAR *part;
    UINT length, size;

    while (text_take_part(&list, &part, &length))
    {
        size = 0;
        if (!write_host(part, length, host))
            continue;
        append(text, &size, "http://");
        append_lower(text, &size, host, text_length(host));
        if (url_has_same_origin(text, url))
            return TRUE;
    }
    return FALSE;
}

/* Ends of names that only a local network knows. */
static const char * const private_ends[] = { ".local", ".lan", ".internal", ".home.arpa", ".localhost" };

static BOOL has_private_name(const char *host)
{
    UINT length = strlen(host), end, i;

    if (!strchr(host, '.'))
        return TRUE;
    for (i = 0; i < ARRAY_SIZE(private_ends); i++)
    {
        end = strlen(private_ends[i]);
        if (length > end && !strcmp(host + length - end, private_ends[i]))
            return TRUE;
    }
    return FALSE;
}

static BOOL is_private_ipv4(UINT address)
{
    return address >> 24 == 10 || address >> 24 == 127 || address >> 20 == (172 << 4 | 1)
            || address >> 16 == (192 << 8 | 168) || address >> 16 == (169 << 8 | 254);
}

/* fc00::/7, fe80::/10, ::1 */
static BOOL is_private_ipv6(const char *text)
{
    int first = text_hex_digit(text[0]), second = text_hex_digit(text[1]), third = text_hex_digit(text[2]);

    if (!strcmp(text, "::1"))
        return TRUE;
    if (first != 15 || second < 0 || third < 0 || text_hex_digit(text[3]) < 0)
        return FALSE;
    return second == 12 || second == 13 || (second == 14 && third >= 8 && third < 12);
}

BOOL cache_host_is_private(const WCHAR *host)
{
    WCHAR name[CACHE_HOST_MAX], url[CACHE_HOST_MAX + 8];
    struct url_origin origin;
    struct url parts;
    struct slice rest;
    UINT address, size = 0;

    if (!write_host(host, text_length(host), name))
        return FALSE;
    append(url, &size, "http://");
    append_lower(url, &size, name, text_length(name));
    if (!url_parse(url, &parts) || !url_parse_origin(&parts, &origin))
        return FALSE;
    if (origin.is_ipv6)
        return is_private_ipv6(origin.host);
    rest.text = origin.host;
    rest.length = strlen(origin.host);
    return slice_take_ipv4(&rest, &address) && !rest.length ? is_private_ipv4(address) : has_private_name(origin.host);
}

/* Return whether the query has the parameter already: a cache host might believe that one. */
static BOOL has_parameter(const struct url *url)
{
    const WCHAR *query = url->path + url->path_length;
    UINT i;

    for (i = 1; i < url->query_length; i++)
    {
        if ((i == 1 || query[i - 1] == '&') && text_starts(query + i, url->query_length - i, parameter))
            return TRUE;
    }
    return FALSE;
}

/* Return whether it can be the value of a parameter as it is. */
static BOOL is_plain(const char *host)
{
    for (; *host; host++)
    {
        if (!(*host >= 'a' && *host <= 'z') && !text_is_digit(*host) && !strchr("-._:", *host))
            return FALSE;
    }
    return TRUE;
}

BOOL cache_get_origin(const WCHAR *text, BOOL is_https_allowed, WCHAR origin[CACHE_ORIGIN_MAX])
{
    struct url_origin parts;
    UINT length = 0;
    struct url url;

    /* A name in other letters has another form in a request. */
    if (!url_parse(text, &url) || !url_parse_origin(&url, &parts) || !is_plain(parts.host)
            || (url.is_secure && !is_https_allowed) || parts.port != (url.is_secure ? 443 : 80) || has_parameter(&url))
        return FALSE;
    append(origin, &length, parts.is_ipv6 ? "[" : "");
    append(origin, &length, parts.host);
    append(origin, &length, parts.is_ipv6 ? "]" : "");
    return TRUE;
}

/* Return whether the origin ends with this, after a dot or from its beginning on. */
static BOOL is_below(const WCHAR *origin, const WCHAR *domain, UINT length)
{
    UINT size = text_length(origin);

    return size > length && origin[size - length - 1] == '.' && text_matches(origin + size - length, domain, length);
}

BOOL cache_filter_has(const WCHAR *filter, const WCHAR *origin)
{
    const WCHAR *part;
    UINT length;

    while (text_take_part(&filter, &part, &length))
    {
        if (text_starts(part, length, "*.") ? is_below(origin, part + 2, length - 2)
                : length && length == text_length(origin) && text_matches(part, origin, length))
            return TRUE;
    }
    return FALSE;
}

BOOL cache_map_origin(const WCHAR *map, const WCHAR *origin, WCHAR mapped[CACHE_ORIGIN_MAX])
{
    WCHAR url[CACHE_ORIGIN_MAX + 8];
    const WCHAR *part;
    UINT length, from = text_length(origin), size;

    while (text_take_part(&map, &part, &length))
    {
        if (length <= from + 1 || part[from] != '=' || !text_matches(part, origin, from))
            continue;
        part += from + 1;
        length -= from + 1;
        size = 0;
        if (length >= CACHE_ORIGIN_MAX)
            return FALSE;
        append(url, &size, "http://");
        append_lower(url, &size, part, length);
        return cache_get_origin(url, FALSE, mapped) && text_length(mapped) == length;
    }
    return FALSE;
}

BOOL cache_rewrite(const WCHAR *text, const WCHAR *host, const WCHAR *origin, WCHAR buffer[URL_MAX])
{
    UINT length = 0;
    struct url url;

    /* Room for the scheme, a path, the parameter and the terminator. */
    if (!url_parse(text, &url) || text_length(host) + url.path_length + url.query_length + text_length(origin)
            + sizeof("https:///?&cacheHostOrigin=") > URL_MAX)
        return FALSE;
    append(buffer, &length, url.is_secure ? "https://" : "http://");
    append_lower(buffer, &length, host, text_length(host));
    if (!url.path_length)
        append(buffer, &length, "/");
    memcpy(buffer + length, url.path, (url.path_length + url.query_length) * sizeof(*buffer));
    length += url.path_length + url.query_length;
    append(buffer, &length, !url.query_length ? "?" : url.query_length == 1 ? "" : "&");
    append(buffer, &length, "cacheHostOrigin=");
    append_lower(buffer, &length, origin, text_length(origin));
    return TRUE;
}

enum cache_event cache_event_from_status(DWORD status)
{
    return status >= 400 && status < 500 ? CACHE_REFUSED : CACHE_BROKEN;
}

static BOOL concerns(const struct cache_ban *ban, const WCHAR *host, const WCHAR *origin)
{
    return text_is_same(ban->host, host) && text_is_same(ban->origin, origin);
}

void cache_bans_expire(struct cache_bans *bans, ULONGLONG now)
{
    UINT i;

    for (i = 0; i < bans->count;)
    {
        if (bans->items[i].end > now)
            i++;
        else
            bans->items[i] = bans->items[--bans->count];
    }
}

/* Find the ban, or room for it: a new one, or that which ends first. NULL if out of memory. */
static struct cache_ban *get_ban(struct cache_bans *bans, const WCHAR *host, const WCHAR *origin)
{
    struct cache_ban *items;
    UINT i, first = 0;

    for (i = 0; i < bans->count; i++)
    {
        if (concerns(bans->items + i, host, origin))
            return bans->items + i;
        if (bans->items[i].end < bans->items[first].end)
            first = i;
    }
    if (bans->count == CACHE_BANS_MAX)
        return bans->items + first;
    if (!(items = realloc(bans->items, (bans->count + 1) * sizeof(*items))))
        return NULL;
    bans->items = items;
    return items + bans->count++;
}

void cache_bans_note(struct cache_bans *bans, const WCHAR *host, const WCHAR *origin, enum cache_event event,
        ULONGLONG now)
{
    static const WCHAR all[1];
    struct cache_ban *ban;
    UINT length = 0;

    if (event != CACHE_REFUSED && event != CACHE_UNREACHABLE && event != CACHE_WRONG)
        return;
    if (event == CACHE_UNREACHABLE)
        origin = all;
    cache_bans_expire(bans, now);
    if (text_length(host) >= CACHE_HOST_MAX || text_length(origin) >= CACHE_ORIGIN_MAX
            || !(ban = get_ban(bans, host, origin)))
        return;
    append_lower(ban->host, &length, host, text_length(host));
    length = 0;
    append_lower(ban->origin, &length, origin, text_length(origin));
    ban->event = event;
    ban->end = now + CACHE_BAN_TIME;
}

BOOL cache_bans_has(const struct cache_bans *bans, const WCHAR *host, const WCHAR *origin, ULONGLONG now)
{
    static const WCHAR all[1];
    const struct cache_ban *ban;

    for (ban = bans->items; ban < bans->items + bans->count; ban++)
    {
        if (ban->end > now && (concerns(ban, host, origin) || concerns(ban, host, all)))
            return TRUE;
    }
    return FALSE;
}

void cache_bans_clear(struct cache_bans *bans)
{
    free(bans->items);
    memset(bans, 0, sizeof(*bans));
}

void cache_choice_start(struct cache_choice *choice, UINT first, ULONGLONG now)
{
    ULONGLONG started = choice->started ? choice->started : now;

    memset(choice, 0, sizeof(*choice));
    choice->started = started;
    choice->index = first;
}

/* Return the first host from this one on that is not banned; CACHE_CHOICE_NONE if all are. */
static UINT find_candidate(const struct cache_situation *situation, UINT first)
{
    UINT count = situation->hosts->count, i, index;

    for (i = 0; i < count; i++)
    {
        index = (first + i) % count;
        if (!cache_bans_has(situation->bans, situation->hosts->names[index], situation->origin, situation->now))
            return index;
    }
    return CACHE_CHOICE_NONE;
}

UINT cache_choice_next(struct cache_choice *choice, const struct cache_situation *situation)
{
    UINT index;

    if (!situation->hosts->count)
        return CACHE_CHOICE_ORIGIN;
    if (!choice->has_left)
    {
        if ((index = find_candidate(situation, choice->index)) != CACHE_CHOICE_NONE)
            return choice->index = index;
        if (situation->delay == CACHE_DELAY_FOREVER)
            return CACHE_CHOICE_NONE;
    }
    choice->has_left = TRUE;
    return CACHE_CHOICE_ORIGIN;
}

/* Return when the origin may be asked although there are cache hosts. */
static ULONGLONG get_due(const struct cache_choice *choice, DWORD delay)
{
    if (!delay)
        return 0;
    return delay == CACHE_DELAY_FOREVER ? ~(ULONGLONG)0 : choice->started + (ULONGLONG)delay * SECOND;
}

static DWORD next_pause(struct cache_choice *choice)
{
    DWORD delay = min(FIRST_DELAY << min(choice->rounds, 8), MAX_DELAY);

    choice->rounds++;
    return delay * SECOND;
}

BOOL cache_choice_may_leave(const struct cache_choice *choice, DWORD delay, ULONGLONG now)
{
    return now >= get_due(choice, delay);
}

/* Return whether this failure leads to the origin. next: the host that could be asked. */
static BOOL leads_to_origin(const struct cache_choice *choice, const struct cache_situation *situation,
        enum cache_event event, UINT next)
{
    if (situation->delay == CACHE_DELAY_FOREVER)
        return FALSE;
    return event == CACHE_SLOW || event == CACHE_WRONG || next == CACHE_CHOICE_NONE
            || cache_choice_may_leave(choice, situation->delay, situation->now);
}

DWORD cache_choice_fail(struct cache_choice *choice, const struct cache_situation *situation, enum cache_event event)
{
    UINT failed = choice->index, next = find_candidate(situation, failed + 1);
    DWORD pause;

    choice->index = next == CACHE_CHOICE_NONE ? 0 : next;
    if (leads_to_origin(choice, situation, event, next))
    {
        choice->rounds = 0;
        choice->fruitless = 0;
        choice->has_left = TRUE;
        return 0;
    }
    if (next != CACHE_CHOICE_NONE && next > failed)
        return 0;
    pause = next_pause(choice);
    return min(pause, get_due(choice, situation->delay) - situation->now);
}

void cache_choice_progress(struct cache_choice *choice)
{
    choice->rounds = 0;
}

void cache_choice_fail_origin(struct cache_choice *choice, BOOL has_moved, DWORD delay)
{
    if (has_moved)
        choice->fruitless = 0;
    else if (++choice->fruitless >= FRUITLESS_MAX && !delay)
    {
        choice->fruitless = 0;
        choice->has_left = FALSE;
    }
}

BOOL cache_pace_count(struct cache_pace *pace, UINT64 bytes, ULONGLONG time)
{
    pace->bytes += bytes;
    pace->time += time;
    if (pace->time < PERIOD)
        return FALSE;
    pace->rate = pace->bytes * SECOND / pace->time;
    pace->bytes = 0;
    pace->time = 0;
    return TRUE;
}

BOOL cache_pace_is_slow(const struct cache_pace *pace, UINT64 origin_rate, enum cache_event *event)
{
    *event = pace->rate < MIN_RATE ? CACHE_UNREACHABLE : CACHE_SLOW;
    return pace->rate < MIN_RATE || pace->rate < origin_rate / SLOW_FACTOR;
}
