/*
 * Tests of cache hosts
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

#include "unit.h"
#include "base/cache_host.h"

static BOOL is_out_of_memory;

extern void *test_realloc(void *memory, size_t size);

void *test_realloc(void *memory, size_t size)
{
    return is_out_of_memory ? NULL : realloc(memory, size);
}

static void narrow(const WCHAR *text, char *buffer, UINT size)
{
    UINT i;

    for (i = 0; text[i] && i < size - 1; i++)
        buffer[i] = text[i];
    buffer[i] = 0;
}

static void test_lists(void)
{
    static const struct
    {
        const char *list, *hosts[3];
    }
    tests[] =
    {
        { "" }, { " " }, { "," }, { ", ,\t" },
        { "cache", { "cache" } },
        { "Cache.Example", { "cache.example" } },
        { " a , b,\tc:8080 ", { "a", "b", "c:8080" } },
        { "10.0.0.1:81,10.0.0.1", { "10.0.0.1:81", "10.0.0.1" } },
        { "[::1],[FE80::1]:8080,fd00::2", { "[::1]", "[fe80::1]:8080", "[fd00::2]" } },
        { "a,A,a:80", { "a", "a:80" } },
        { "http://a,a/b,u@b,a b,c:d,c:99999,?q,#f,a\\b", { NULL } },
    };
    static struct cache_hosts hosts;
    char name[CACHE_HOST_MAX];
    WCHAR list[256];
    UINT i, j;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        widen(tests[i].list, list, ARRAY_SIZE(list));
        cache_hosts_parse(list, &hosts);
        for (j = 0; j < 3 && tests[i].hosts[j] && j < hosts.count; j++)
        {
            narrow(hosts.names[j], name, sizeof(name));
            ok(!strcmp(name, tests[i].hosts[j]), "%s: got %s.\n", tests[i].list, name);
        }
        ok(hosts.count == j && (j == 3 || !tests[i].hosts[j]), "%s: got %u.\n", tests[i].list, hosts.count);
    }
    cache_hosts_parse(NULL, &hosts);
    ok(!hosts.count, "got %u.\n", hosts.count);
}

static void test_limits(void)
{
    static WCHAR list[20 * CACHE_HOST_MAX];
    static struct cache_hosts hosts;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(list) - 1; i++)
        list[i] = 'a';
    cache_hosts_parse(list, &hosts);
    ok(!hosts.count, "got %u.\n", hosts.count);
    for (i = 0; i < 60; i += 3)
    {
        list[i + 1] = 'a' + i / 3;
        list[i + 2] = ',';
    }
    list[i] = 0;
    cache_hosts_parse(list, &hosts);
    ok(hosts.count == CACHE_HOSTS_MAX, "got %u.\n", hosts.count);
}

static void test_list_has_url(void)
{
    static const struct
    {
        const char *list, *url;
        BOOL ret;
    }
    tests[] =
    {
        { "a,b:81", "http://A/x", TRUE }, { "a,b:81", "http://a:80/x", TRUE }, { "a,b:81", "http://b:81/", TRUE },
        { "a,b:81", "http://b/", FALSE }, { "a,b:81", "http://c/", FALSE }, { "", "http://a/", FALSE },
        { "::1", "http://[::1]/", TRUE },
    };
    WCHAR list[64], url[64];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        widen(tests[i].list, list, ARRAY_SIZE(list));
        widen(tests[i].url, url, ARRAY_SIZE(url));
        ok(cache_list_has_url(list, url) == tests[i].ret, "%s, %s.\n", tests[i].list, tests[i].url);
    }
}

static void test_private(void)
{
    static const struct
    {
        const char *host;
        BOOL ret;
    }
    tests[] =
    {
        { "cache", TRUE }, { "cache:8080", TRUE }, { "docache.lan", TRUE }, { "a.b.local:80", TRUE },
        { "cache.example", FALSE }, { "lan.example", FALSE }, { "xlan", TRUE }, { "a.xlan", FALSE },
        { "10.1.2.3", TRUE }, { "127.0.0.1:81", TRUE }, { "172.16.0.1", TRUE }, { "172.31.0.1", TRUE },
        { "172.32.0.1", FALSE }, { "172.15.0.1", FALSE }, { "192.168.1.1", TRUE }, { "192.169.1.1", FALSE },
        { "169.254.1.1", TRUE }, { "169.253.1.1", FALSE }, { "11.0.0.1", FALSE }, { "8.8.8.8:80", FALSE },
        { "10.0.0.256", FALSE }, { "10.0.0", FALSE }, { "10.0.0.1.example", FALSE },
        { "[::1]", TRUE }, { "[fc00::1]", TRUE }, { "[fd12::1]:80", TRUE }, { "[fe80::1]", TRUE },
        { "[febf::1]", TRUE }, { "fd12::1", TRUE }, { "2001:db8::1", FALSE },
        { "[fec0::1]", FALSE }, { "[fe70::1]", FALSE }, { "[2001:db8::1]", FALSE }, { "[fd::1]", FALSE }, { "", FALSE },
    };
    WCHAR host[64];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        widen(tests[i].host, host, ARRAY_SIZE(host));
        ok(cache_host_is_private(host) == tests[i].ret, "%s.\n", tests[i].host);
    }
}

/* MCC-001, MCC-002, MCC-003 */
static void test_rewrite(void)
{
    static const struct
    {
        const char *url, *host, *result; /* NULL: only the server is asked */
        BOOL is_https_allowed;
    }
    tests[] =
    {
        { "http://o.example/p/f?a=1", "c", "http://c/p/f?a=1&cacheHostOrigin=o.example" },
        { "http://o.example/p/f", "c", "http://c/p/f?cacheHostOrigin=o.example" },
        { "http://o.example", "c", "http://c/?cacheHostOrigin=o.example" },
        { "http://o.example?a", "c", "http://c/?a&cacheHostOrigin=o.example" },
        { "http://o.example/p?", "c", "http://c/p?cacheHostOrigin=o.example" },
        { "HTTP://O.Example:80/P/%7e%7E%2f+b%20?A=%2F", "c:8080",
            "http://c:8080/P/%7e%7E%2f+b%20?A=%2F&cacheHostOrigin=o.example" },
        { "http://user:pass@o.example/p#f?x", "c", "http://c/p?cacheHostOrigin=o.example" },
        { "http://192.0.2.1/p", "10.0.0.1", "http://10.0.0.1/p?cacheHostOrigin=192.0.2.1" },
        { "http://[2001:DB8::1]/p", "[fd00::1]:81", "http://[fd00::1]:81/p?cacheHostOrigin=[2001:db8::1]" },
        { "http://o_1&x=2/p", "c", NULL },
        { "http://%41.example/p", "c", NULL },
        { "http://o.example/p?xcacheHostOrigin=y", "c", "http://c/p?xcacheHostOrigin=y&cacheHostOrigin=o.example" },
        { "http://o.example/cacheHostOrigin=y", "c", "http://c/cacheHostOrigin=y?cacheHostOrigin=o.example" },
        { "http://o.example/p?cacheHostOrigin=y", "c", NULL },
        { "http://o.example/p?a&CACHEHOSTORIGIN=y", "c", NULL },
        { "http://o.example:8080/p", "c", NULL },
        { "http://o.example:x/p", "c", NULL },
        { "https://o.example/p", "c", NULL },
        { "https://o.example/p", "c", "https://c/p?cacheHostOrigin=o.example", TRUE },
        { "https://o.example:80/p", "c", NULL, TRUE },
        { "ftp://o.example/p", "c", NULL },
        { "http://\xe4.example/p", "c", NULL },
    };
    static WCHAR url[URL_MAX], buffer[URL_MAX];
    WCHAR host[64], origin[CACHE_ORIGIN_MAX];
    char result[256];
    BOOL ret;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        widen(tests[i].url, url, URL_MAX);
        widen(tests[i].host, host, ARRAY_SIZE(host));
        ret = cache_get_origin(url, tests[i].is_https_allowed, origin) && cache_rewrite(url, host, origin, buffer);
        ok(ret == !!tests[i].result, "%s: got %d.\n", tests[i].url, ret);
        if (!ret)
            continue;
        narrow(buffer, result, sizeof(result));
        ok(tests[i].result && !strcmp(result, tests[i].result), "%s: got %s.\n", tests[i].url, result);
    }
}

static void test_long_urls(void)
{
    static WCHAR url[URL_MAX], buffer[URL_MAX];
    WCHAR host[] = { 'c', 0 }, origin[CACHE_ORIGIN_MAX];
    UINT i, length = 0;

    widen("http://o/", url, URL_MAX);
    for (i = 9; i < URL_MAX - 1; i++)
        url[i] = 'p';
    while (i > 9)
    {
        url[i--] = 0;
        if (cache_get_origin(url, FALSE, origin) && cache_rewrite(url, host, origin, buffer))
            break;
    }
    while (buffer[length])
        length++;
    ok(length == i + 1 + 18 && length < URL_MAX && length > URL_MAX - 20, "got %u of %u.\n", length, i);
}

static void test_filter(void)
{
    static const struct
    {
        const char *filter, *origin;
        BOOL ret;
    }
    tests[] =
    {
        { "o.example", "o.example", TRUE }, { "O.Example", "o.example", TRUE }, { "x, o.example", "o.example", TRUE },
        { "*.example", "o.example", TRUE }, { "*.example", "a.o.example", TRUE }, { "*.example", "example", FALSE },
        { "*.o.example", "xo.example", FALSE }, { "example", "o.example", FALSE }, { "", "o.example", FALSE },
        { ",", "o.example", FALSE }, { "*.", "o.example", FALSE }, { "o.example.com", "o.example", FALSE },
    };
    WCHAR filter[64], origin[64];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        widen(tests[i].filter, filter, ARRAY_SIZE(filter));
        widen(tests[i].origin, origin, ARRAY_SIZE(origin));
        ok(cache_filter_has(filter, origin) == tests[i].ret, "%s, %s.\n", tests[i].filter, tests[i].origin);
    }
}

/* Hosts "a", "b" and "c", origins "o" and "p". */
struct world
{
    struct cache_hosts hosts;
    struct cache_bans bans;
    struct cache_choice choice;
    struct cache_situation situation;
};

static const WCHAR origin_o[] = { 'o', 0 }, origin_p[] = { 'p', 0 };

static void world_init(struct world *world, UINT hosts, DWORD delay, ULONGLONG now)
{
    UINT i;

    memset(world, 0, sizeof(*world));
    for (i = 0; i < hosts; i++)
        world->hosts.names[i][0] = 'a' + i;
    world->hosts.count = hosts;
    world->situation.hosts = &world->hosts;
    world->situation.bans = &world->bans;
    world->situation.origin = origin_o;
    world->situation.delay = delay;
    world->situation.now = now;
    cache_choice_start(&world->choice, 0, now);
}

static void test_events(void)
{
    static const struct
    {
        DWORD status;
        enum cache_event event;
    }
    tests[] =
    {
        { 400, CACHE_REFUSED }, { 403, CACHE_REFUSED }, { 404, CACHE_REFUSED }, { 499, CACHE_REFUSED },
        { 500, CACHE_BROKEN }, { 503, CACHE_BROKEN }, { 599, CACHE_BROKEN }, { 204, CACHE_BROKEN },
        { 302, CACHE_BROKEN }, { 399, CACHE_BROKEN },
    };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
        ok(cache_event_from_status(tests[i].status) == tests[i].event, "status %u.\n", (UINT)tests[i].status);
}

/* MCC-005, MCC-006, MCC-008: who is banned, for which origins and how long. */
static void test_bans(void)
{
    static const struct
    {
        enum cache_event event;
        BOOL is_banned, is_banned_for_others;
    }
    tests[] =
    {
        { CACHE_BROKEN, FALSE, FALSE }, { CACHE_SLOW, FALSE, FALSE }, { CACHE_REFUSED, TRUE, FALSE },
        { CACHE_WRONG, TRUE, FALSE }, { CACHE_UNREACHABLE, TRUE, TRUE },
    };
    static const WCHAR host[] = { 'A', 0 }, lower[] = { 'a', 0 }, other[] = { 'b', 0 };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        struct cache_bans bans = {0};

        cache_bans_note(&bans, host, origin_o, tests[i].event, 1000);
        ok(cache_bans_has(&bans, lower, origin_o, 1000) == tests[i].is_banned, "row %u.\n", i);
        ok(cache_bans_has(&bans, lower, origin_o, 1000 + CACHE_BAN_TIME - 1) == tests[i].is_banned, "row %u.\n", i);
        ok(!cache_bans_has(&bans, lower, origin_o, 1000 + CACHE_BAN_TIME), "row %u.\n", i);
        ok(cache_bans_has(&bans, lower, origin_p, 1000) == tests[i].is_banned_for_others, "row %u.\n", i);
        ok(!cache_bans_has(&bans, other, origin_o, 1000), "row %u.\n", i);
        /* Again: the time begins anew, and there is one ban. */
        cache_bans_note(&bans, lower, origin_o, tests[i].event, 2000);
        ok(bans.count == (UINT)tests[i].is_banned, "row %u: got %u.\n", i, bans.count);
        ok(cache_bans_has(&bans, lower, origin_o, 1000 + CACHE_BAN_TIME) == tests[i].is_banned, "row %u.\n", i);
        cache_bans_expire(&bans, 2000 + CACHE_BAN_TIME);
        ok(!bans.count, "row %u: got %u.\n", i, bans.count);
        cache_bans_clear(&bans);
    }
}

static void test_many_bans(void)
{
    struct cache_bans bans = {0};
    WCHAR name[3] = {0}, first[3] = {0};
    UINT i;

    for (i = 0; i <= CACHE_BANS_MAX; i++)
    {
        name[0] = 'a' + i / 26;
        name[1] = 'a' + i % 26;
        if (!i)
            memcpy(first, name, sizeof(name));
        cache_bans_note(&bans, name, origin_o, CACHE_REFUSED, i);
    }
    ok(bans.count == CACHE_BANS_MAX, "got %u.\n", bans.count);
    ok(cache_bans_has(&bans, name, origin_o, i), "the last is not there.\n");
    ok(!cache_bans_has(&bans, first, origin_o, i), "the first is there.\n");
    cache_bans_clear(&bans);
}

static void test_no_memory(void)
{
    struct cache_bans bans = {0};

    is_out_of_memory = TRUE;
    cache_bans_note(&bans, origin_p, origin_o, CACHE_REFUSED, 0);
    is_out_of_memory = FALSE;
    ok(!bans.count, "got %u.\n", bans.count);
}

/* Play events; each row is what follows on the one before. */
struct step
{
    ULONGLONG now;     /* ms */
    int event;         /* of the host in use; START, PROGRESS, ORIGIN and MOVED as below */
    UINT pause;        /* ms, after an event of a host */
    UINT next;
};

#define START       (-1) /* the caller resumes it */
#define PROGRESS    (-2)
#define ORIGIN      (-3) /* the origin has failed and brought nothing new */
#define MOVED       (-4) /* the origin has failed and brought something */
#define DIRECT      CACHE_CHOICE_ORIGIN
#define NOWHERE     CACHE_CHOICE_NONE

static void play(const char *name, UINT hosts, DWORD delay, const struct step *steps, UINT count)
{
    static struct world world;
    UINT i, next;
    DWORD pause;

    world_init(&world, hosts, delay, 1000);
    for (i = 0; i < count; i++)
    {
        world.situation.now = steps[i].now;
        pause = 0;
        switch (steps[i].event)
        {
            case START:    cache_choice_start(&world.choice, 0, steps[i].now); break;
            case PROGRESS: cache_choice_progress(&world.choice); break;
            case ORIGIN:   cache_choice_fail_origin(&world.choice, FALSE, delay); break;
            case MOVED:    cache_choice_fail_origin(&world.choice, TRUE, delay); break;
            default:
                cache_bans_note(&world.bans, world.hosts.names[world.choice.index], origin_o, steps[i].event,
                        steps[i].now);
                pause = cache_choice_fail(&world.choice, &world.situation, steps[i].event);
        }
        ok(pause == steps[i].pause, "%s, step %u: got a pause of %u.\n", name, i, (UINT)pause);
        next = cache_choice_next(&world.choice, &world.situation);
        ok(next == steps[i].next, "%s, step %u: next is %u.\n", name, i, next);
    }
    cache_bans_clear(&world.bans);
}

#define PLAY(name, hosts, delay, ...) \
        do { static const struct step steps[] = { __VA_ARGS__ }; \
        play(name, hosts, delay, steps, ARRAY_SIZE(steps)); } while (0)

/* Section 2.4, rule by rule. */
static void test_choices(void)
{
    PLAY("no hosts", 0, 0, { 1000, START, 0, DIRECT }, { 2000, ORIGIN, 0, DIRECT });
    PLAY("no delay, 5xx", 1, 0, { 1000, START, 0, 0 }, { 1100, CACHE_BROKEN, 0, DIRECT }, { 2000, START, 0, 0 });
    PLAY("no delay, 4xx", 1, 0, { 1000, START, 0, 0 }, { 1100, CACHE_REFUSED, 0, DIRECT }, { 2000, START, 0, DIRECT },
            { 1100 + CACHE_BAN_TIME, START, 0, 0 });
    PLAY("no delay, two hosts", 2, 0, { 1000, START, 0, 0 }, { 1100, CACHE_UNREACHABLE, 0, DIRECT },
            { 2000, START, 0, 1 });
    PLAY("no delay, alternation", 1, 0, { 1000, START, 0, 0 }, { 1100, CACHE_BROKEN, 0, DIRECT },
            { 2000, ORIGIN, 0, DIRECT }, { 3000, ORIGIN, 0, 0 }, { 3100, CACHE_BROKEN, 0, DIRECT },
            { 4000, ORIGIN, 0, DIRECT }, { 5000, MOVED, 0, DIRECT }, { 6000, ORIGIN, 0, DIRECT },
            { 7000, ORIGIN, 0, 0 },
            { 8000, CACHE_UNREACHABLE, 0, DIRECT }, { 9000, ORIGIN, 0, DIRECT }, { 9999, ORIGIN, 0, DIRECT });
    /* MCC-009 */
    PLAY("a delay", 1, 10, { 1000, START, 0, 0 }, { 1000, CACHE_BROKEN, 2000, 0 }, { 3000, CACHE_BROKEN, 4000, 0 },
            { 7000, CACHE_BROKEN, 4000, 0 }, { 11000, CACHE_BROKEN, 0, DIRECT }, { 12000, ORIGIN, 0, DIRECT },
            { 13000, ORIGIN, 0, DIRECT }, { 14000, ORIGIN, 0, DIRECT }, { 15000, START, 0, 0 },
            { 15100, CACHE_BROKEN, 0, DIRECT });
    PLAY("a healthy transfer goes on", 1, 10, { 1000, START, 0, 0 }, { 50000, PROGRESS, 0, 0 },
            { 60000, CACHE_BROKEN, 0, DIRECT });
    PLAY("progress ends the delays", 1, 600, { 1000, START, 0, 0 }, { 1000, CACHE_BROKEN, 2000, 0 },
            { 3000, CACHE_BROKEN, 4000, 0 }, { 7000, PROGRESS, 0, 0 }, { 8000, CACHE_BROKEN, 2000, 0 },
            { 10000, CACHE_BROKEN, 4000, 0 }, { 14000, CACHE_BROKEN, 8000, 0 }, { 22000, CACHE_BROKEN, 16000, 0 },
            { 38000, CACHE_BROKEN, 30000, 0 }, { 68000, CACHE_BROKEN, 30000, 0 });
    /* MCC-010 */
    PLAY("a delay, 4xx", 1, 10, { 1000, START, 0, 0 }, { 1100, CACHE_REFUSED, 0, DIRECT });
    PLAY("a delay, all banned", 2, 10, { 1000, START, 0, 0 }, { 1100, CACHE_REFUSED, 0, 1 },
            { 1200, CACHE_UNREACHABLE, 0, DIRECT });
    /* MCC-011 */
    PLAY("two hosts, the first refused", 2, 10, { 1000, START, 0, 0 }, { 1100, CACHE_UNREACHABLE, 0, 1 },
            { 1200, CACHE_BROKEN, 2000, 1 }, { 3200, CACHE_BROKEN, 4000, 1 });
    PLAY("round robin", 3, 600, { 1000, START, 0, 0 }, { 1000, CACHE_BROKEN, 0, 1 }, { 1000, CACHE_BROKEN, 0, 2 },
            { 1000, CACHE_BROKEN, 2000, 0 }, { 3000, CACHE_BROKEN, 0, 1 }, { 3000, CACHE_REFUSED, 0, 2 },
            { 3000, CACHE_BROKEN, 4000, 0 }, { 7000, CACHE_BROKEN, 0, 2 });
    PLAY("never back", 1, CACHE_DELAY_FOREVER, { 1000, START, 0, 0 }, { 1000, CACHE_BROKEN, 2000, 0 },
            { 10000000, CACHE_BROKEN, 4000, 0 }, { 10000000, CACHE_REFUSED, 8000, NOWHERE },
            { 10000000 + CACHE_BAN_TIME, PROGRESS, 0, 0 }, { 20000000, CACHE_SLOW, 2000, 0 });
    PLAY("slow", 2, 10, { 1000, START, 0, 0 }, { 1100, CACHE_SLOW, 0, DIRECT });
    /* MCC-019 */
    PLAY("resumed", 2, 0, { 1000, START, 0, 0 }, { 2000, CACHE_BROKEN, 0, DIRECT }, { 3000, START, 0, 0 },
            { 4000, CACHE_REFUSED, 0, DIRECT }, { 5000, START, 0, 1 });
}

static void test_first(void)
{
    static struct world world;

    world_init(&world, 3, 0, 1000);
    cache_choice_start(&world.choice, 5, 1000);
    ok(cache_choice_next(&world.choice, &world.situation) == 2, "got %u.\n", world.choice.index);
}

static void test_pace(void)
{
    static const struct
    {
        UINT64 bytes, origin_rate;
        BOOL is_slow;
        enum cache_event event;
    }
    tests[] =
    {
        { 0, 0, TRUE, CACHE_UNREACHABLE }, { 79999, 0, TRUE, CACHE_UNREACHABLE }, { 80000, 0, FALSE },
        { 80000, 40000, FALSE }, { 80000, 40010, TRUE, CACHE_SLOW }, { 79999, 100, TRUE, CACHE_UNREACHABLE },
        { 20000000, 9999999, FALSE }, { 20000000, 10000010, TRUE, CACHE_SLOW },
    };
    enum cache_event event;
    BOOL ret;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        struct cache_pace pace = {0};

        ok(!cache_pace_count(&pace, tests[i].bytes / 2, 19999), "row %u.\n", i);
        ok(cache_pace_count(&pace, tests[i].bytes - tests[i].bytes / 2, 1), "row %u.\n", i);
        ret = cache_pace_is_slow(&pace, tests[i].origin_rate, &event);
        ok(ret == tests[i].is_slow && (!ret || event == tests[i].event), "row %u: got %d, %u.\n", i, ret, event);
        ok(!cache_pace_count(&pace, 0, 19999), "row %u: no new period.\n", i);
    }
}

static void test_map(void)
{
    static const struct
    {
        const char *map, *origin, *mapped; /* NULL: it is not in the map */
    }
    tests[] =
    {
        { "10.0.0.1=o.example", "10.0.0.1", "o.example" }, { "10.0.0.1=O.Example", "10.0.0.1", "o.example" },
        { "10.0.0.2=a, 10.0.0.1=b", "10.0.0.1", "b" }, { "A.example=b", "a.example", "b" },
        { "[::1]=o.example", "[::1]", "o.example" }, { "", "10.0.0.1", NULL }, { "10.0.0.1", "10.0.0.1", NULL },
        { "10.0.0.1=", "10.0.0.1", NULL }, { "10.0.0.10=a", "10.0.0.1", NULL }, { "10.0.0.1=a/b", "10.0.0.1", NULL },
        { "10.0.0.1=a:80", "10.0.0.1", NULL }, { "10.0.0.1=u@a", "10.0.0.1", NULL },
        { "10.0.0.1=a b", "10.0.0.1", NULL }, { "10.0.0.1=a?b", "10.0.0.1", NULL }, { "=a", "10.0.0.1", NULL },
        { "10.0.0.1=a&b=c", "10.0.0.1", NULL }, { "10.0.0.1=b=c", "10.0.0.1", NULL },
    };
    WCHAR map[64], origin[64], mapped[CACHE_ORIGIN_MAX], expected[64], long_map[CACHE_ORIGIN_MAX + 64];
    BOOL ret;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        widen(tests[i].map, map, ARRAY_SIZE(map));
        widen(tests[i].origin, origin, ARRAY_SIZE(origin));
        widen(tests[i].mapped ? tests[i].mapped : "", expected, ARRAY_SIZE(expected));
        ret = cache_map_origin(map, origin, mapped);
        ok(ret == !!tests[i].mapped, "%s, %s: got %d.\n", tests[i].map, tests[i].origin, ret);
        ok(!ret || !memcmp(mapped, expected, (strlen(tests[i].mapped) + 1) * sizeof(WCHAR)), "%s, %s.\n",
                tests[i].map, tests[i].origin);
    }
    widen("a=", long_map, ARRAY_SIZE(long_map));
    for (i = 2; i < ARRAY_SIZE(long_map) - 1; i++)
        long_map[i] = 'b';
    long_map[i] = 0;
    widen("a", origin, ARRAY_SIZE(origin));
    ok(!cache_map_origin(long_map, origin, mapped), "A name is too long.\n");
}

int main(void)
{
    test_lists();
    test_limits();
    test_list_has_url();
    test_private();
    test_rewrite();
    test_long_urls();
    test_filter();
    test_map();
    test_events();
    test_bans();
    test_many_bans();
    test_no_memory();
    test_choices();
    test_first();
    test_pace();
    return report("cache_host");
}
