/*
 * Choice of a cache host, or of the server, for the requests of an attempt
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

/* The rules are those of base/cache_host.c. Bans are for all transfers of the process, and end with it. */

#include <stdlib.h>

#include "base/base.h"
#include "base/front.h"
#include "base/policy.h"
#include "base/settings.h"
#include "engine/attempt.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define POLL_INTERVAL 1000             /* ms, where a policy forbids to ask the server */
#define RECENT        (10 * 60 * 1000) /* ms that the speed of servers counts */

static SRWLOCK source_lock = SRWLOCK_INIT;
/* Protected by source_lock. */
static WCHAR *hosts_list; /* owned; the policy that the hosts and bans are of; or NULL */
static struct cache_hosts hosts;
static struct cache_bans bans;
static UINT64 brought[CACHE_HOSTS_MAX]; /* bytes, by each of the hosts since there is that list */
static UINT64 server_rate; /* bytes in a second, at that time: */
static ULONGLONG server_rate_time;

static BOOL get_flag(enum policy policy)
{
    DWORD number;

    return policy_get_number(policy, &number) && number;
}

/* Take over the policy. FALSE if there is no cache host. */
static BOOL load_hosts_locked(void)
{
    WCHAR *list = front->has_policies ? policy_get_string(POLICY_CACHE_HOST) : NULL;

    if (list && hosts_list && !wcscmp(list, hosts_list))
    {
        free(list);
        return hosts.count != 0;
    }
    free(hosts_list);
    hosts_list = list;
    cache_bans_clear(&bans);
    cache_hosts_parse(list, &hosts);
    memset(brought, 0, sizeof(brought));
    if (hosts.count)
        TRACE("%u cache hosts: %s.\n", hosts.count, debugstr_w(list));
    return hosts.count != 0;
}

static BOOL is_listed(const WCHAR *origin)
{
    WCHAR *filter = policy_get_string(POLICY_CACHE_HOST_ORIGIN_FILTER);
    BOOL ret = !filter || cache_filter_has(filter, origin);

    free(filter);
    return ret;
}

/* Return whether anything that only the server is to get goes along with a request. */
static BOOL has_secrets(const struct attempt *attempt)
{
    const struct transfer_options *options;
    struct url url;

    if (url_parse(attempt->url, &url) && url.userinfo)
        return TRUE;
    if (!attempt->options)
        return FALSE;
    options = &attempt->options->values;
    return options->credentials || options->certificate || (options->auth_headers && options->auth_headers[0])
            || (options->headers && fields_have_secrets(options->headers));
}

/* Name the origin as cache hosts are told of it. It stays the same for an attempt, whatever happens to settings: the
 * verifier looks at it. */
static BOOL find_origin(struct attempt *attempt)
{
    WCHAR origin[CACHE_ORIGIN_MAX], mapped[CACHE_ORIGIN_MAX], *map;

    if (!cache_get_origin(attempt->url, get_flag(POLICY_CACHE_HOST_ALLOW_HTTPS), origin))
        return FALSE;
    if (attempt->cache.origin[0])
        return TRUE;
    map = policy_get_string(POLICY_CACHE_HOST_ORIGIN_MAP);
    wcscpy_s(attempt->cache.origin, ARRAY_SIZE(attempt->cache.origin),
            map && cache_map_origin(map, origin, mapped) ? mapped : origin);
    free(map);
    return TRUE;
}

static BOOL is_direct(const struct attempt *attempt)
{
    BOOL ret;

    AcquireSRWLockShared(attempt->transfer->lock);
    ret = attempt->transfer->is_direct;
    ReleaseSRWLockShared(attempt->transfer->lock);
    return ret;
}

/* Return whether a cache host may be asked for this URL at all. */
static BOOL is_eligible(struct attempt *attempt)
{
    return attempt_is_repeatable(attempt) && find_origin(attempt) && !has_secrets(attempt)
            && is_listed(attempt->cache.origin)
            && !(get_flag(POLICY_CACHE_HOST_NOT_ON_VPN) && network_is_vpn());
}

static DWORD get_delay(const struct attempt *attempt)
{
    BOOL is_foreground = InterlockedCompareExchange((LONG *)&attempt->transfer->is_foreground, 0, 0);
    DWORD delay;

    if (!policy_get_number(is_foreground ? POLICY_CACHE_FALLBACK_FOREGROUND : POLICY_CACHE_FALLBACK_BACKGROUND, &delay))
        return 0;
    return delay;
}

static struct cache_situation get_situation_locked(const struct attempt *attempt)
{
    const struct cache_situation situation =
    {
        .hosts = &hosts,
        .bans = &bans,
        .origin = attempt->cache.origin,
        .delay = get_delay(attempt),
        .now = GetTickCount64(),
    };

    return situation;
}

void cache_source_start(struct transfer_worker *worker)
{
    UINT first = get_flag(POLICY_CACHE_HOST_SHUFFLE) ? worker->transfer->temporary_id % 0x10000 : 0;

    cache_choice_start(&worker->cache, first, GetTickCount64());
}

/* Ask the server from now on. */
static void forget_host(struct attempt *attempt)
{
    struct cache_use *cache = &attempt->cache;
    WCHAR *url = cache->url, *list = cache->list;

    AcquireSRWLockExclusive(attempt->transfer->lock);
    cache->url = cache->list = NULL;
    cache->host[0] = 0;
    cache->is_blamed = FALSE;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    free(url);
    free(list);
    cache->has_event = FALSE;
    memset(&cache->pace, 0, sizeof(cache->pace));
}

/* Name the host to ask. FALSE if that cannot be: the URL is too long, or out of memory. */
static BOOL find_host_locked(struct attempt *attempt, UINT index, struct cache_use *use)
{
    WCHAR url[URL_MAX];

    wcscpy_s(use->host, ARRAY_SIZE(use->host), hosts.names[index]);
    if (!cache_rewrite(attempt->url, use->host, attempt->cache.origin, url))
        return FALSE;
    use->is_direct = cache_host_is_private(use->host) && !get_flag(POLICY_CACHE_HOST_USE_PROXY);
    use->url = wcsdup(url);
    use->list = wcsdup(hosts_list);
    return use->url && use->list;
}

/* Ask this host from now on. */
static void set_host(struct attempt *attempt, const struct cache_use *use)
{
    struct cache_use *cache = &attempt->cache;

    AcquireSRWLockExclusive(attempt->transfer->lock);
    cache->url = use->url;
    cache->list = use->list;
    wcscpy_s(cache->host, ARRAY_SIZE(cache->host), use->host);
    cache->is_direct = use->is_direct;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    TRACE("transfer %p, %s: asks cache host %s.\n", attempt->transfer, debugstr_url(attempt->url),
            debugstr_w(cache->host));
}

/* Choose whom to ask. FALSE if it must be nobody now. */
static BOOL choose(struct attempt *attempt)
{
    struct cache_situation situation;
    struct cache_use use = {0};
    BOOL ret = TRUE, is_found = FALSE;
    UINT index;

    forget_host(attempt);
    if (is_direct(attempt))
        return TRUE;
    AcquireSRWLockExclusive(&source_lock);
    if (load_hosts_locked() && is_eligible(attempt))
    {
        situation = get_situation_locked(attempt);
        index = cache_choice_next(&attempt->worker->cache, &situation);
        ret = index != CACHE_CHOICE_NONE;
        is_found = ret && index != CACHE_CHOICE_ORIGIN && find_host_locked(attempt, index, &use);
    }
    ReleaseSRWLockExclusive(&source_lock);
    if (is_found)
    {
        set_host(attempt, &use);
        return TRUE;
    }
    free(use.url);
    free(use.list);
    return ret;
}

BOOL cache_source_select(struct attempt *attempt)
{
    struct cache_use *cache = &attempt->cache;

    while (!choose(attempt))
    {
        if (http_cancel_wait(&attempt->worker->cancel, POLL_INTERVAL))
            return FALSE;
    }
    attempt->is_local = url_is_loopback(cache->url ? cache->url : attempt->url) || local_file_is_source(attempt->url);
    cache->counted = InterlockedExchangeAdd64(&attempt->arrived, 0);
    AcquireSRWLockExclusive(attempt->transfer->lock);
    cache->received = attempt->transfer->bytes_received;
    attempt->is_full = FALSE;
    attempt->lost_connections = 0;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    return TRUE;
}

/* Note how fast servers are, and return that; 0 if it is not known. */
static UINT64 share_server_rate(UINT64 rate)
{
    ULONGLONG now = GetTickCount64();
    UINT64 ret;

    AcquireSRWLockExclusive(&source_lock);
    if (rate)
    {
        server_rate = rate;
        server_rate_time = now;
    }
    ret = now - server_rate_time < RECENT ? server_rate : 0;
    ReleaseSRWLockExclusive(&source_lock);
    return ret;
}

void cache_source_count_bytes(const WCHAR *host, DWORD size)
{
    UINT i;

    AcquireSRWLockExclusive(&source_lock);
    for (i = 0; i < hosts.count; i++)
    {
        if (!wcscmp(hosts.names[i], host))
            brought[i] += size;
    }
    ReleaseSRWLockExclusive(&source_lock);
}

static void add_status(struct cache_host_status *status, const WCHAR *host, UINT64 bytes, const struct cache_ban *ban,
        ULONGLONG now)
{
    wcscpy_s(status->host, ARRAY_SIZE(status->host), host);
    status->bytes = bytes;
    if (!ban)
        return;
    wcscpy_s(status->origin, ARRAY_SIZE(status->origin), ban->origin);
    status->reason = ban->event;
    status->banned_for = ban->end - now;
}

BOOL cache_source_get_status(struct cache_host_status **status, UINT *count)
{
    ULONGLONG now = GetTickCount64();
    UINT i, j;
    BOOL ret;

    *count = 0;
    AcquireSRWLockExclusive(&source_lock);
    load_hosts_locked();
    cache_bans_expire(&bans, now);
    if ((ret = !!(*status = calloc(hosts.count + bans.count + 1, sizeof(**status)))))
    {
        for (i = 0; i < hosts.count; i++)
        {
            add_status(*status + (*count)++, hosts.names[i], brought[i], NULL, now);
            for (j = 0; j < bans.count; j++)
            {
                if (!wcscmp(bans.items[j].host, hosts.names[i]))
                    add_status(*status + (*count)++, hosts.names[i], brought[i], bans.items + j, now);
            }
        }
    }
    ReleaseSRWLockExclusive(&source_lock);
    return ret;
}

void cache_source_reset_bans(void)
{
    AcquireSRWLockExclusive(&source_lock);
    cache_bans_clear(&bans);
    ReleaseSRWLockExclusive(&source_lock);
}

BOOL cache_source_is_bound(const struct attempt *attempt)
{
    return get_delay(attempt) == CACHE_DELAY_FOREVER;
}

BOOL cache_source_blame_locked(struct attempt *attempt, const WCHAR *host, const WCHAR *origin)
{
    ULONGLONG now = GetTickCount64();
    BOOL ret;

    WARN("transfer %p: cache host %s has brought a wrong piece of origin %s.\n", attempt->transfer, debugstr_w(host),
            debugstr_w(origin));
    AcquireSRWLockExclusive(&source_lock);
    cache_bans_note(&bans, host, origin, CACHE_WRONG, now);
    ret = cache_bans_has(&bans, host, origin, now);
    ReleaseSRWLockExclusive(&source_lock);
    attempt->cache.is_blamed |= ret;
    return ret;
}

struct failure cache_source_check(struct attempt *attempt)
{
    struct cache_use *cache = &attempt->cache;
    BOOL is_blamed;

    if (!cache->url)
        return no_failure;
    AcquireSRWLockExclusive(attempt->transfer->lock);
    is_blamed = cache->is_blamed;
    cache->is_blamed = FALSE;
    ReleaseSRWLockExclusive(attempt->transfer->lock);
    if (!is_blamed)
        return no_failure;
    AcquireSRWLockShared(&source_lock);
    is_blamed = cache_bans_has(&bans, cache->host, cache->origin, GetTickCount64());
    ReleaseSRWLockShared(&source_lock);
    if (!is_blamed)
        return no_failure;
    cache->has_event = TRUE;
    cache->event = CACHE_WRONG;
    return failure_from_hresult(DO_E_HTTP_BLOCKSIZE_MISMATCH);
}

static BOOL may_leave(const struct attempt *attempt)
{
    return validator_if_range(&attempt->target->version)
            && cache_choice_may_leave(&attempt->worker->cache, get_delay(attempt), GetTickCount64());
}

struct failure cache_source_count(struct attempt *attempt, ULONGLONG time)
{
    UINT64 arrived = InterlockedExchangeAdd64(&attempt->arrived, 0);
    struct cache_use *cache = &attempt->cache;
    struct failure failure = cache_source_check(attempt);

    if (failure.class != FAILURE_NONE)
        return failure;
    if (!cache_pace_count(&cache->pace, arrived - cache->counted, time))
    {
        cache->counted = arrived;
        return no_failure;
    }
    cache->counted = arrived;
    if (!cache->url)
        share_server_rate(cache->pace.rate);
    else if (cache_pace_is_slow(&cache->pace, may_leave(attempt) ? share_server_rate(0) : 0, &cache->event))
    {
        cache->has_event = TRUE;
        return failure_from_transport(ERROR_WINHTTP_TIMEOUT);
    }
    return no_failure;
}

static BOOL is_unreachable(const struct failure *failure)
{
    return failure->hr == HRESULT_FROM_WIN32(ERROR_WINHTTP_TIMEOUT)
            || failure->hr == HRESULT_FROM_WIN32(ERROR_WINHTTP_NAME_NOT_RESOLVED)
            || failure->hr == HRESULT_FROM_WIN32(ERROR_WINHTTP_CANNOT_CONNECT)
            || failure->hr == DO_E_HTTP_CERT_VALIDATION;
}

static enum cache_event get_event(const struct attempt *attempt, const struct failure *failure)
{
    if (attempt->cache.has_event)
        return attempt->cache.event;
    if (failure->http_status)
        return cache_event_from_status(failure->http_status);
    /* Without a network it is no fault of the host. */
    return is_unreachable(failure) && (attempt->is_local || network_is_present()) ? CACHE_UNREACHABLE : CACHE_BROKEN;
}

/* Ban the host for what has happened. Return how long to wait before the next request, in milliseconds. */
static DWORD note(struct attempt *attempt, enum cache_event event)
{
    struct cache_choice *choice = &attempt->worker->cache;
    struct cache_use *cache = &attempt->cache;
    struct cache_situation situation;
    BOOL has_moved;
    DWORD pause;

    AcquireSRWLockShared(attempt->transfer->lock);
    has_moved = attempt->transfer->bytes_received > cache->received;
    ReleaseSRWLockShared(attempt->transfer->lock);
    if (has_moved)
        cache_choice_progress(choice);
    AcquireSRWLockExclusive(&source_lock);
    /* Other hosts may have been named meanwhile, and their bans begin anew. */
    if (load_hosts_locked() && !wcscmp(hosts_list, cache->list))
        cache_bans_note(&bans, cache->host, cache->origin, event, GetTickCount64());
    situation = get_situation_locked(attempt);
    pause = cache_choice_fail(choice, &situation, event);
    ReleaseSRWLockExclusive(&source_lock);
    return pause;
}

BOOL cache_source_leave(struct attempt *attempt, struct failure *failure)
{
    struct http_cancel *cancel = &attempt->worker->cancel;
    enum cache_event event;
    DWORD pause;

    /* A wrong piece of a stream may have ended the body already. */
    if (failure->class == FAILURE_RETRY)
        cache_source_check(attempt);
    if (!attempt->cache.url || !failure_is_remote(failure) || http_is_cancelled(cancel)
            || failure->hr == HRESULT_FROM_WIN32(ERROR_WINHTTP_OPERATION_CANCELLED))
        return FALSE;
    event = get_event(attempt, failure);
    pause = note(attempt, event);
    WARN("transfer %p: leaves cache host %s, hr %#lx, status %lu, event %u.\n", attempt->transfer,
            debugstr_w(attempt->cache.host), failure->hr, failure->http_status, event);
    if ((!pause || !http_cancel_wait(cancel, pause)) && cache_source_select(attempt))
        return TRUE;
    *failure = attempt_cancelled();
    return FALSE;
}

void cache_source_end(struct attempt *attempt, const struct failure *failure)
{
    struct transfer *transfer = attempt->transfer;
    BOOL has_moved;

    if (failure->class != FAILURE_RETRY || attempt->cache.url || http_is_cancelled(&attempt->worker->cancel))
        return;
    AcquireSRWLockShared(transfer->lock);
    has_moved = transfer->bytes_received > attempt->cache.received;
    ReleaseSRWLockShared(transfer->lock);
    if (failure->hr == DO_E_BLOCKED_BY_NO_NETWORK)
        cache_source_start(attempt->worker);
    else
        cache_choice_fail_origin(&attempt->worker->cache, has_moved, get_delay(attempt));
}

void cache_source_free(struct attempt *attempt)
{
    forget_host(attempt);
}
