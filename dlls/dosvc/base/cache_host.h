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

/* Pure. A cache host is asked in place of the server of a URL, the origin, for the same path. Times are in milliseconds
 * of a clock that never goes back. */

#ifndef __DOSVC_CACHE_HOST_H
#define __DOSVC_CACHE_HOST_H

#include "base/url.h"

#define CACHE_HOSTS_MAX     16
#define CACHE_HOST_MAX      (URL_HOST_MAX + 8) /* characters with the terminator, of a name with its port */
#define CACHE_ORIGIN_MAX    (URL_HOST_MAX + 2) /* the same, of an origin, which may have brackets */
#define CACHE_BANS_MAX      256
#define CACHE_BAN_TIME      (15 * 60 * 1000)
#define CACHE_DELAY_FOREVER (~(DWORD)0)
#define CACHE_SKIP_MAX      (64 * 1024 * 1024) /* bytes that are stored, in front of what a whole body is read for */

/* Cache hosts in their order: "name", "name:port", or an address, in lower case. */
struct cache_hosts
{
    WCHAR names[CACHE_HOSTS_MAX][CACHE_HOST_MAX];
    UINT count;
};

/* Parse a comma list of names and addresses; what is neither is left out, and what is there twice, or too many. NULL
 * is an empty list. */
extern void cache_hosts_parse(const WCHAR *list, struct cache_hosts *hosts);
/* Return whether a cache host of this list serves the host and port of the URL. */
extern BOOL cache_list_has_url(const WCHAR *list, const WCHAR *url);
/* Return whether the host is on this machine or in its local network, as far as its name tells. */
extern BOOL cache_host_is_private(const WCHAR *host);
/* Write the origin as a cache host is told of it. FALSE if the URL can be asked of its server alone. */
extern BOOL cache_get_origin(const WCHAR *url, BOOL is_https_allowed, WCHAR origin[CACHE_ORIGIN_MAX]);
/* Return whether a comma list of names, which may begin with "*.", has the origin. */
extern BOOL cache_filter_has(const WCHAR *filter, const WCHAR *origin);
/* Find what stands for an origin in a comma list of "origin=name". FALSE if nothing does, or it is no name. */
extern BOOL cache_map_origin(const WCHAR *map, const WCHAR *origin, WCHAR mapped[CACHE_ORIGIN_MAX]);
/* Write the URL that a cache host is asked for, of a URL with this origin. FALSE if it is too long. */
extern BOOL cache_rewrite(const WCHAR *url, const WCHAR *host, const WCHAR *origin, WCHAR buffer[URL_MAX]);

/* End of a request to a cache host. */
enum cache_event
{
    CACHE_BROKEN,      /* status 5xx and others, a body that broke off */
    CACHE_REFUSED,     /* status 4xx, or it has something else than the origin: it is of no use for that */
    CACHE_UNREACHABLE, /* a timeout, a name that is not resolved, no connection */
    CACHE_SLOW,        /* the origin is much faster */
    CACHE_WRONG,       /* a piece is not as its hash says */
};

extern enum cache_event cache_event_from_status(DWORD status);

struct cache_ban
{
    WCHAR host[CACHE_HOST_MAX];
    WCHAR origin[CACHE_ORIGIN_MAX]; /* empty: all of them */
    enum cache_event event;         /* why */
    ULONGLONG end;
};

/* Cache hosts that are not asked for a while. Zero-initialised is empty. */
struct cache_bans
{
    struct cache_ban *items; /* owned */
    UINT count;
};

/* Ban a cache host for what has happened. Without memory it is not banned. */
extern void cache_bans_note(struct cache_bans *bans, const WCHAR *host, const WCHAR *origin, enum cache_event event,
        ULONGLONG now);
extern BOOL cache_bans_has(const struct cache_bans *bans, const WCHAR *host, const WCHAR *origin, ULONGLONG now);
/* Drop those that have ended. */
extern void cache_bans_expire(struct cache_bans *bans, ULONGLONG now);
extern void cache_bans_clear(struct cache_bans *bans);

/* Facts for a decision, apart from the past of the download. */
struct cache_situation
{
    const struct cache_hosts *hosts;
    const struct cache_bans *bans;
    const WCHAR *origin;
    DWORD delay; /* seconds that a download keeps to cache hosts; 0: one failure is enough */
    ULONGLONG now;
};

/* Past of a download. Zero-initialised is ready. */
struct cache_choice
{
    ULONGLONG started; /* when it was started first, or 0 */
    UINT index;        /* of the cache host to ask */
    UINT rounds;       /* of all hosts, without a byte */
    UINT fruitless;    /* attempts in a row at the origin that brought nothing */
    BOOL has_left;     /* the origin is asked */
};

#define CACHE_CHOICE_ORIGIN (~0u)
#define CACHE_CHOICE_NONE   (CACHE_CHOICE_ORIGIN - 1)

/* Begin, or go on because the caller wants it or there is a network again: cache hosts are asked first, from this one
 * on. */
extern void cache_choice_start(struct cache_choice *choice, UINT first, ULONGLONG now);
/* Return the index of the host to ask now, or ORIGIN. NONE: no host may be asked, and the origin must not be. */
extern UINT cache_choice_next(struct cache_choice *choice, const struct cache_situation *situation);
/* Count a failure of the host that was asked, after its ban. Return how long to wait before the next request, in
 * milliseconds. */
extern DWORD cache_choice_fail(struct cache_choice *choice, const struct cache_situation *situation,
        enum cache_event event);
/* Count bytes that a cache host has brought. */
extern void cache_choice_progress(struct cache_choice *choice);
/* Return whether the origin may be asked although a cache host is of use. */
extern BOOL cache_choice_may_leave(const struct cache_choice *choice, DWORD delay, ULONGLONG now);
/* Count a failed attempt at the origin: after two that brought nothing new a cache host is asked once more. */
extern void cache_choice_fail_origin(struct cache_choice *choice, BOOL has_moved, DWORD delay);

/* Speed of a body. Zero-initialised is ready. */
struct cache_pace
{
    UINT64 bytes;
    ULONGLONG time; /* spent waiting for them */
    UINT64 rate;    /* bytes in a second, of the last period; 0 before its end */
};

/* Count bytes and the time that they took. TRUE if a period has ended, and there is a new rate. */
extern BOOL cache_pace_count(struct cache_pace *pace, UINT64 bytes, ULONGLONG time);
/* Judge the rate of a cache host, with that of origins, or 0 if it is not known or they must not be asked. TRUE if the
 * host is to be left, for this event. */
extern BOOL cache_pace_is_slow(const struct cache_pace *pace, UINT64 origin_rate, enum cache_event *event);

#endif /* __DOSVC_CACHE_HOST_H */
