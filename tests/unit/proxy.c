/*
 * Tests of proxy.c
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
#include "net/proxy.h"

static UINT allocations = ~0u;

void *test_calloc(size_t count, size_t size);
void *test_calloc(size_t count, size_t size)
{
    return allocations && allocations-- ? calloc(count, size) : NULL;
}

static struct url_origin make_origin(const char *url_text)
{
    struct url_origin origin;
    WCHAR text[256];
    struct url url;

    widen(url_text, text, ARRAY_SIZE(text));
    ok(url_parse(text, &url) && url_parse_origin(&url, &origin), "%s is no URL.\n", url_text);
    return origin;
}

/* As text: empty for none, "?" for one that is not known, otherwise host:port, and credentials. */
static void describe(const struct proxy *proxy, char *text)
{
    text[0] = 0;
    if (proxy->kind == PROXY_UNKNOWN)
        strcpy(text, "?");
    else if (proxy->kind == PROXY_HTTP)
        sprintf(text, "%s:%u%s%s", proxy->origin.host, proxy->origin.port, proxy->credentials[0] ? " " : "",
                proxy->credentials);
}

static void test_own_list(void)
{
    static const struct
    {
        const WCHAR *proxies, *bypass;
        const char *url;
        const char *proxy; /* NULL: not usable */
    }
    tests[] =
    {
        { L"proxy:3128", NULL, "http://127.0.0.1", "proxy:3128" },
        { L"proxy:3128", L"127.*", "http://127.0.0.1", "" },
        { L"http=http://a:1 b:2", NULL, "http://h", "a:1" },
        { L"http=http://a:1 b:2", NULL, "https://h", "b:2" },
        { L"http=a:1", NULL, "https://h", "" },
        { L"", NULL, "http://h", NULL },
        { L" ;,", L"*", "http://h", NULL },
        { L"ftp=a:1", NULL, "http://h", NULL },
        { L"socks5://a:1", NULL, "http://h", NULL },
        { L"a:99999", NULL, "http://h", NULL },
        { L"user:password@a:1", NULL, "http://h", NULL },
    };
    struct proxy_settings settings;
    struct url_origin origin;
    struct proxy proxy;
    char text[1024];
    UINT i;
    BOOL ret;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        ok(proxy_parse_list(tests[i].proxies, tests[i].bypass, &settings), "%u: no memory.\n", i);
        origin = make_origin(tests[i].url);
        memset(&proxy, 0, sizeof(proxy));
        ret = proxy_choose_own(&settings, &origin, &proxy);
        describe(&proxy, text);
        ok(ret == !!tests[i].proxy && (!ret || !strcmp(text, tests[i].proxy)), "BITS-073: %u: got %d, %s.\n", i, ret,
                text);
        proxy_clear(&settings);
    }
}

static void test_list(void)
{
    static const struct
    {
        const WCHAR *proxies, *bypass;
        const char *url;
        const char *proxy;
    }
    tests[] =
    {
        { NULL, NULL, "http://h", "" },
        { L"", NULL, "http://h", "" },
        { L" ; ", NULL, "http://h", "" },
        { L"proxy:3128", NULL, "http://h", "proxy:3128" },
        { L"PROXY:3128", NULL, "https://h", "proxy:3128" },
        { L"http=proxy:3128", NULL, "http://h", "proxy:3128" },
        { L"http=proxy:3128", NULL, "https://h", "" },
        { L"http=http://proxy:3128/", NULL, "http://h", "proxy:3128" },
        { L"ftp=x; HTTPS=proxy:3128", NULL, "https://h", "proxy:3128" },
        { L"http=one:1 http=two:2", NULL, "http://h", "one:1" },
        { L"one:1;http=two:2", NULL, "http://h", "one:1" },
        { L"ftp=x socks=y", NULL, "http://h", "" },
        { L"proxy", NULL, "http://h", "proxy:80" },
        { L"[::1]:8080", NULL, "http://h", "::1:8080" },
        { L"http=", NULL, "http://h", "" },
        { L"socks5://proxy:1080", NULL, "http://h", "?" },
        { L"https://proxy:3128", NULL, "http://h", "?" },
        { L"proxy:99999", NULL, "http://h", "?" },
        { L"proxy:3128/path", NULL, "http://h", "?" },
        { L"pr\xf6xy:3128", NULL, "http://h", "?" },
        { L"user:pass@proxy:3128", NULL, "http://h", "proxy:3128 dXNlcjpwYXNz" },
        { L"a%40b:%3a%2F@proxy:3128", NULL, "http://h", "proxy:3128 YUBiOjov" },
        { L"user@proxy:3128", NULL, "http://h", "proxy:3128 dXNlcjo=" },
        { L"u%3a%zz%4@proxy", NULL, "http://h", "proxy:80 dTolenolNDo=" },
        { L"\x20ac@proxy", NULL, "http://h", "?" },

        { L"proxy", L"", "http://h", "proxy:80" },
        { L"proxy", L"<local>", "http://h", "" },
        { L"proxy", L"<LOCAL>", "http://h", "" },
        { L"proxy", L"<local>x", "http://h", "proxy:80" },
        { L"proxy", L"<local>", "http://h.x", "proxy:80" },
        { L"proxy", L"<local>", "http://[fe80::1]", "proxy:80" },
        { L"proxy", L"a;b.c , <local>", "http://h", "" },
        { L"proxy", L"*.example.com", "http://a.b.Example.COM", "" },
        { L"proxy", L"*.example.com", "http://example.com", "proxy:80" },
        { L"proxy", L"example.com", "http://a.example.com", "proxy:80" },
        { L"proxy", L"example.com", "http://example.com.org", "proxy:80" },
        { L"proxy", L"127.*;10.*.1", "http://10.2.3.1", "" },
        { L"proxy", L"127.*;10.*.1", "http://10.2.3.2", "proxy:80" },
        { L"proxy", L"*", "http://h", "" },
        { L"proxy", L"a**b", "http://ab", "" },
        { L"proxy", L"*a*b*", "http://xxaxxbxx", "" },
        { L"proxy", L"*a*b", "http://axbx", "proxy:80" },
        { L"proxy", L"http://h", "http://h", "" },
        { L"proxy", L"http://h", "https://h", "proxy:80" },
        { L"proxy", L"h:81", "http://h", "proxy:80" },
        { L"proxy", L"h:81", "http://h:81", "" },
        { L"proxy", L"h:", "http://h", "proxy:80" },
        { L"proxy", L"[fe80::1]", "http://[fe80::1]:81", "" },
        { L"proxy", L"fe80::1", "http://[fe80::1]:81", "" },
        { L"proxy", L"[fe80::1]:81", "http://[fe80::1]:82", "proxy:80" },
        { L"proxy", L"10.0.0.0/8", "http://10.1.2.3", "proxy:80" },
    };
    struct proxy_settings settings;
    struct url_origin origin;
    struct proxy proxy;
    char text[1024];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        ok(proxy_parse_list(tests[i].proxies, tests[i].bypass, &settings), "%u: out of memory.\n", i);
        origin = make_origin(tests[i].url);
        proxy_choose(&settings, &origin, FALSE, &proxy);
        describe(&proxy, text);
        ok(!strcmp(text, tests[i].proxy), "%u: got %s.\n", i, text);
        proxy_clear(&settings);
    }
}

/* The string ends with a zero of its own. */
#define ENVIRONMENT(text) text, sizeof(text)

static void test_environment(void)
{
    static const struct
    {
        const char *block;
        UINT size;
        const char *url;
        const char *proxy;
    }
    tests[] =
    {
        { "", 0, "http://h", "" },
        { ENVIRONMENT("HOME=/\0http_proxy=http://proxy:3128"), "http://h", "proxy:3128" },
        { ENVIRONMENT("http_proxy=proxy:3128"), "http://h", "proxy:3128" },
        { ENVIRONMENT("http_proxy=proxy:3128"), "https://h", "" },
        { ENVIRONMENT("https_proxy=http://proxy:3128/"), "https://h", "proxy:3128" },
        { ENVIRONMENT("HTTP_PROXY=a:1"), "http://h", "a:1" },
        { ENVIRONMENT("HTTPS_PROXY=a:1\0https_proxy=b:2"), "https://h", "b:2" },
        { ENVIRONMENT("http_proxy=\0HTTP_PROXY=a:1"), "http://h", "a:1" },
        { ENVIRONMENT("all_proxy=a:1\0http_proxy=b:2"), "https://h", "a:1" },
        { ENVIRONMENT("all_proxy=socks5h://a:1"), "http://h", "?" },
        { ENVIRONMENT("my_http_proxy=a:1\0http_proxy"), "http://h", "" },
        { "http_proxy=a:1", 14, "http://h", "" },
        { ENVIRONMENT("http_proxy=http://u:p@proxy:1"), "http://h", "proxy:1 dTpw" },
        { ENVIRONMENT("http_proxy=http://u;p=1@proxy:1"), "http://h", "proxy:1 dTtwPTE6" },

        { ENVIRONMENT("http_proxy=p:1\0no_proxy=example.com"), "http://example.com", "" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=example.com"), "http://a.Example.com", "" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=example.com"), "http://badexample.com", "p:1" },
        { ENVIRONMENT("http_proxy=p:1\0NO_PROXY=.example.com"), "http://example.com", "" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=a.b, example.com"), "http://x.example.com", "" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=*"), "http://h", "" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=."), "http://h", "p:1" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=h:81"), "http://h", "p:1" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=h:81"), "http://h:81", "" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=<local>"), "http://h", "p:1" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=10.0.0.0/8"), "http://10.200.1.1", "" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=10.0.0.0/8"), "http://11.0.0.1", "p:1" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=10.64.0.0/10"), "http://10.127.255.255", "" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=10.64.0.0/10"), "http://10.128.0.0", "p:1" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=0.0.0.0/0"), "http://1.2.3.4", "" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=10.0.0.0/33"), "http://10.0.0.0", "p:1" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=10.0.0.0/"), "http://10.0.0.0", "p:1" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=10.0.0.256/8"), "http://10.0.0.0", "p:1" },
        { ENVIRONMENT("http_proxy=p:1\0no_proxy=[fe80::1]"), "http://[fe80::1]", "" },
    };
    struct proxy_settings settings;
    struct url_origin origin;
    struct proxy proxy;
    char text[1024];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        ok(proxy_parse_environment(tests[i].block, tests[i].size, &settings), "%u: out of memory.\n", i);
        origin = make_origin(tests[i].url);
        proxy_choose(&settings, &origin, FALSE, &proxy);
        describe(&proxy, text);
        ok(!strcmp(text, tests[i].proxy), "%u: got %s.\n", i, text);
        proxy_clear(&settings);
    }
}

static void test_loopback(void)
{
    static const char block[] = "http_proxy=p:1\0no_proxy=<-loopback>";
    struct url_origin origin = make_origin("http://localhost:81");
    struct proxy_settings settings;
    struct proxy proxy;

    proxy_parse_list(L"proxy", NULL, &settings);
    proxy_choose(&settings, &origin, TRUE, &proxy);
    ok(proxy.kind == PROXY_NONE, "this machine through a proxy.\n");
    proxy_clear(&settings);
    proxy_parse_list(L"proxy", L"a;<-loopback>", &settings);
    proxy_choose(&settings, &origin, TRUE, &proxy);
    ok(proxy.kind == PROXY_HTTP, "not through the proxy.\n");
    proxy_clear(&settings);
    proxy_parse_list(L"proxy", L"<-loopback>;<local>", &settings);
    proxy_choose(&settings, &origin, TRUE, &proxy);
    ok(proxy.kind == PROXY_NONE, "a local name through the proxy.\n");
    proxy_clear(&settings);
    proxy_parse_environment(block, sizeof(block), &settings);
    proxy_choose(&settings, &origin, TRUE, &proxy);
    ok(proxy.kind == PROXY_NONE, "this machine through a proxy of the environment.\n");
    proxy_clear(&settings);
}

/* What does not fit is not cut. */
static void test_limits(void)
{
    struct url_origin origin = make_origin("http://h");
    struct proxy_settings settings;
    struct proxy proxy;
    WCHAR text[1200];
    UINT length, i;

    for (length = 1; length < 1100; length++)
    {
        for (i = 0; i < length; i++)
            text[i] = 'a';
        memcpy(text + length, L"@h", 6);
        proxy_parse_list(text, NULL, &settings);
        proxy_choose(&settings, &origin, FALSE, &proxy);
        ok(proxy.kind == (length < 381 ? PROXY_HTTP : PROXY_UNKNOWN), "%u: kind %u.\n", length, proxy.kind);
        if (proxy.kind == PROXY_HTTP)
            ok(strlen(proxy.credentials) == (length + 3) / 3 * 4, "%u: %s.\n", length, proxy.credentials);
        proxy_clear(&settings);
    }
}

static void test_equals(void)
{
    static const WCHAR *const lists[] = { L"", L"a:1", L"a:2", L"b:1", L"u@a:1", L"v@a:1", L"x://a" };
    struct url_origin origin = make_origin("http://h");
    struct proxy proxies[ARRAY_SIZE(lists)];
    struct proxy_settings settings;
    UINT i, j;

    for (i = 0; i < ARRAY_SIZE(lists); i++)
    {
        proxy_parse_list(lists[i], NULL, &settings);
        proxy_choose(&settings, &origin, FALSE, &proxies[i]);
        proxy_clear(&settings);
        for (j = 0; j <= i; j++)
            ok(proxy_equals(&proxies[i], &proxies[j]) == (i == j), "%u and %u.\n", i, j);
    }
}

static void test_memory(void)
{
    static const char block[] = "http_proxy=p:1\0https_proxy=p:1\0no_proxy=x";
    struct proxy_settings settings;
    UINT i;

    for (i = 0; i < 5; i++)
    {
        allocations = i;
        ok(proxy_parse_list(L"p", L"x", &settings) == (i == 4), "%u: a list.\n", i);
        if (i < 4)
            ok(!settings.http && !settings.https && !settings.bypass, "%u: something is left.\n", i);
        proxy_clear(&settings);
        allocations = i;
        ok(proxy_parse_environment(block, sizeof(block), &settings) == (i >= 3), "%u: an environment.\n", i);
        proxy_clear(&settings);
    }
    allocations = ~0u;
}

int main(void)
{
    test_list();
    test_own_list();
    test_environment();
    test_loopback();
    test_limits();
    test_equals();
    test_memory();
    return report("proxy");
}
