/*
 * Tests of URLs
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
#include "base/url.h"

static void test_parse(void)
{
    static const struct
    {
        const char *text, *authority, *path, *query;
        BOOL is_secure;
    }
    tests[] =
    {
        { "http://host", "host", "", "" },
        { "HTTPS://Host:8443/a/b?x=/?y#z?", "Host:8443", "/a/b", "?x=/?y", TRUE },
        { "http://user:pa@ss@host/@b", "host", "/@b", "" },
        { "http://host?q", "host", "", "?q" },
        { "http://[::1]:80/", "[::1]:80", "/", "" },
        { "http:///path", NULL },
        { "http://", NULL },
        { "http://:80/", NULL },
        { "http://user@/", NULL },
        { "http:/host/", NULL },
        { "ftp://host/", NULL },
        { "host/path", NULL },
        { "", NULL },
    };
    WCHAR text[256], part[256];
    struct url url;
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        BOOL ret;

        widen(tests[i].text, text, 256);
        ret = url_parse(text, &url);
        ok(ret == !!tests[i].authority, "%s: got %d.\n", tests[i].text, ret);
        if (!ret || !tests[i].authority)
            continue;
        ok(url.authority_length == widen(tests[i].authority, part, 256)
                && !memcmp(url.authority, part, url.authority_length * sizeof(WCHAR)),
                "%s: authority.\n", tests[i].text);
        ok(url.path_length == widen(tests[i].path, part, 256)
                && !memcmp(url.path, part, url.path_length * sizeof(WCHAR)), "%s: path.\n", tests[i].text);
        ok(url.query_length == widen(tests[i].query, part, 256)
                && !memcmp(url.path + url.path_length, part, url.query_length * sizeof(WCHAR)),
                "%s: query.\n", tests[i].text);
        ok(url.is_secure == tests[i].is_secure, "%s: scheme.\n", tests[i].text);
    }
}

static void test_combine(void)
{
    static const struct
    {
        const char *base, *reference, *result;
    }
    tests[] =
    {
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "/p/q", "http://h:8/p/q" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "d.bin", "http://h:8/a/b/d.bin" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "../d", "http://h:8/a/d" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "../../../d", "http://h:8/d" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "./d/.", "http://h:8/a/b/d/" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "d/..", "http://h:8/a/b/" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "?q=2", "http://h:8/a/b/c.bin?q=2" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "", "http://h:8/a/b/c.bin?x=1&y=/z" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "#g", "http://h:8/a/b/c.bin?x=1&y=/z" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "//o/p#g", "http://o/p" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "https://o/p?x=/../y#g", "https://o/p?x=/../y" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "d?x=/../y", "http://h:8/a/b/d?x=/../y" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "/a/./b/../c", "http://h:8/a/c" },
        { "http://h:8/a/b/c.bin?x=1&y=/z#f", "/...", "http://h:8/..." },
        { "https://h", "d", "https://h/d" },
        { "https://h", "//o/p", "https://o/p" },
        { "https://h?q", "?r", "https://h?r" },
        { "http://h/", "http:foo", NULL },
        { "http://h/", "d:e", NULL },
        { "http://h/", "ftp://o/p", NULL },
        { "http://h/", "mailto:x", NULL },
        { "http://h/", "//", NULL },
        { "http://h/", "http://", NULL },
        /* Any bytes: UTF-8 stays, others and blanks are escaped. */
        { "http://h/", "a b\tc\x01\x7f", "http://h/a%20b%09c%01%7F" },
        { "http://h/", "caf\xe9", "http://h/caf%E9" },
        { "http://h/", "caf\xe9\xc3\xa9?\xff", "http://h/caf%E9%C3%A9?%FF" },
        { "http://h/", "caf\xc3\xa9", "http://h/caf\xe9" },
        { "http://h/", "a%2Fb%zz|{}\"", "http://h/a%2Fb%zz|{}\"" },
        { "http://h/", "http://o/a/../b/./c", "http://o/b/c" },
        { "http://h/", "//o/../b?/../c", "http://o/b?/../c" },
        { "http://h/", "HTTP://O", "http://O" },
        { "http://h/", "http://o?q/../r", "http://o?q/../r" },
        { "http://me:secret@h/a", "b", "http://h/b" },
        { "http://h/", "http://me:secret@o/b", "http://o/b" },
        { "http://h/", "//me@o/b", "http://o/b" },
        { "ftp://h/", "a", NULL },
    };
    static char big[2 * URL_MAX];
    static WCHAR buffer[URL_MAX];
    WCHAR base[256], result[256];
    UINT i, length;
    BOOL ret;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        widen(tests[i].base, base, 256);
        ret = url_combine(base, tests[i].reference, buffer);
        ok(ret == !!tests[i].result, "%s + %s: got %d.\n", tests[i].base, tests[i].reference, ret);
        if (ret && tests[i].result)
        {
            length = widen(tests[i].result, result, 256);
            buffer[min(length + 1, URL_MAX - 1)] = 0;
            ok(!memcmp(result, buffer, (length + 1) * sizeof(WCHAR)), "%s + %s.\n", tests[i].base, tests[i].reference);
        }
    }

    widen("http://h/", base, 256);
    memset(big, 'x', sizeof(big) - 1);
    ok(!url_combine(base, big, buffer), "too long.\n");
    big[URL_MAX - 9] = 0;
    ok(!url_combine(base, big, buffer), "too long.\n");
    big[URL_MAX - 10] = 0;
    ok(url_combine(base, big, buffer) && !buffer[URL_MAX - 1], "just right.\n");
    memset(big, ' ', URL_MAX / 2);
    ok(!url_combine(base, big, buffer), "too long with escapes.\n");
}

static void test_utf8(void)
{
    static const struct
    {
        const char *text;
        const WCHAR *wide; /* NULL: not UTF-8 */
    }
    tests[] =
    {
        { "", L"" },
        { "a\x7f", L"a\x7f" },
        { "\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", L"\x80\x7ff\x800\xffff" },
        { "\xed\x9f\xbf\xee\x80\x80", L"\xd7ff\xe000" },
        { "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", L"\xd800\xdc00\xdbff\xdfff" },
        { "\x80" }, { "\xbf" }, { "\xc0\x80" }, { "\xc1\xbf" }, { "\xc3" }, { "\xc3z" }, { "\xe0\x9f\xbf" },
        { "\xe2\x82" }, { "\xe2\x82z" }, { "\xed\xa0\x80" }, { "\xed\xbf\xbf" }, { "\xf0\x8f\xbf\xbf" },
        { "\xf0\x90\x80" }, { "\xf4\x90\x80\x80" }, { "\xf5\x80\x80\x80" }, { "\xff" }, { "caf\xe9.exe" },
    };
    UINT i, size, length;
    WCHAR *wide;
    char *copy;
    BOOL ret;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        /* Of this very size, so that reading or writing behind it shows. */
        size = strlen(tests[i].text);
        copy = malloc(size + !size);
        wide = malloc((size + !size) * sizeof(*wide));
        memcpy(copy, tests[i].text, size);
        ret = utf8_decode(copy, size, wide, &length);
        ok(ret == !!tests[i].wide, "%u: got %d.\n", i, ret);
        if (ret && tests[i].wide)
            ok(!tests[i].wide[length] && !memcmp(wide, tests[i].wide, length * sizeof(*wide)), "%u: wrong text.\n", i);
        free(copy);
        free(wide);
    }
}

static void test_hash(void)
{
    WCHAR a[64], b[64];

    widen("http://user@Host:80/x", a, 64);
    widen("http://host:80/y?z", b, 64);
    ok(url_hash_host(a) == url_hash_host(b), "%#x, %#x.\n", url_hash_host(a), url_hash_host(b));
    widen("http://host:81/y?z", b, 64);
    ok(url_hash_host(a) != url_hash_host(b), "ports.\n");
    widen("https://host:80/y?z", b, 64);
    ok(url_hash_host(a) != url_hash_host(b), "schemes.\n");
}

static void test_garbage(void)
{
    static const char alphabet[] = "htps:/?#@.a[]\\ %\xc3\xa4";
    static WCHAR base[64], text[64], buffer[URL_MAX];
    char reference[64];
    UINT i, j, length, combined = 0;
    UINT64 seed = 7;
    struct url url;

    for (i = 0; i < 100000; i++)
    {
        length = next_random(&seed) % 40;
        for (j = 0; j < length; j++)
            reference[j] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
        reference[length] = 0;
        widen(i % 2 ? "http://h/a/b?c" : "https://h", base, 64);
        if (url_combine(base, reference, buffer))
        {
            combined++;
            if (!url_parse(buffer, &url))
                ok(0, "round %u: not a URL.\n", i);
        }
        widen(reference, text, 64);
        url_parse(text, &url);
    }
    ok(combined > 1000 && combined < i, "got %u URLs.\n", combined);
}

static void test_origin(void)
{
    static const struct
    {
        const char *a, *b;
        BOOL is_same;
    }
    tests[] =
    {
        { "http://host/a", "http://host/b?c", TRUE },
        { "http://host/", "HTTP://HOST", TRUE },
        { "http://host/", "http://host:80/", TRUE },
        { "http://host:/", "http://host:0080/", TRUE },
        { "https://host/", "https://host:443/", TRUE },
        { "https://host:80/", "https://host/", FALSE },
        { "http://host:443/", "http://host/", FALSE },
        { "http://host/", "https://host/", FALSE },
        { "http://host:80/", "https://host:80/", FALSE },
        { "http://host:8080/", "http://host:8080/x", TRUE },
        { "http://host:8080/", "http://host:8081/", FALSE },
        { "http://host:8/", "http://host:80/", FALSE },
        { "http://host:65616/", "http://host:65616/", FALSE },
        { "http://host/", "http://host.example/", FALSE },
        { "http://host.example/", "http://host/", FALSE },
        { "http://host/", "http://hosu/", FALSE },
        { "http://user:pass@host/", "http://host/", TRUE },
        { "http://host@evil/", "http://host/", FALSE },
        { "http://[::1]/", "http://[::1]:80/", TRUE },
        { "http://[::1]:81/", "http://[::1]:80/", FALSE },
        { "http://127.0.0.1/", "http://127.0.0.10/", FALSE },
        { "http://127.0.0.1:80/", "http://127.0.0.1/", TRUE },
        { "http://12/", "http://12:80/", TRUE },
        { "ftp://host/", "ftp://host/", FALSE },
    };
    WCHAR a[64], b[64];
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        widen(tests[i].a, a, 64);
        widen(tests[i].b, b, 64);
        ok(url_has_same_origin(a, b) == tests[i].is_same, "%s, %s.\n", tests[i].a, tests[i].b);
        ok(url_has_same_origin(b, a) == tests[i].is_same, "%s, %s.\n", tests[i].b, tests[i].a);
    }
}

static void test_loopback(void)
{
    static const struct
    {
        const char *url;
        BOOL is_loopback;
    }
    tests[] =
    {
        { "http://127.0.0.1/", TRUE },
        { "https://127.255.3.4:8080/x", TRUE },
        { "http://user@127.0.0.1/", TRUE },
        { "http://[::1]:80/", TRUE },
        { "http://LocalHost", TRUE },
        { "http://localhost.:81/", TRUE },
        { "http://a.localhost/", TRUE },
        { "http://alocalhost/", FALSE },
        { "http://localhost.example/", FALSE },
        { "http://127.0.0.1.example/", FALSE },
        { "http://127.example.a.b/", FALSE },
        { "http://128.0.0.1/", FALSE },
        { "http://1270.0.0.1/", FALSE },
        { "http://[::2]/", FALSE },
        { "http://[fe80::1]/", FALSE },
        { "http://x/127.0.0.1", FALSE },
        { "ftp://localhost/", FALSE },
        { "http://127.0.0.1:99999/", FALSE },
    };
    WCHAR text[64];
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        widen(tests[i].url, text, 64);
        ok(url_is_loopback(text) == tests[i].is_loopback, "%s.\n", tests[i].url);
    }
}

static void test_strip(void)
{
    static const struct
    {
        const char *url;
        const char *result; /* NULL: as it was */
    }
    tests[] =
    {
        { "http://user:pass@host/path?query#end", "http://host/path?query#end" },
        { "HTTPS://user@host:443", "HTTPS://host:443" },
        { "https://:pass@host/", "https://host/" },
        { "http://@host/", "http://host/" },
        { "http://user:pa@ss@host/a@b", "http://host/a@b" },
        { "http://host/user:pass@", NULL },
        { "http://host?user:pass@", NULL },
        { "ftp://user:pass@host/", NULL },
        { "user:pass@host", NULL },
        { "", NULL },
    };
    WCHAR text[64], result[64];
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        widen(tests[i].url, text, 64);
        ok(url_strip_userinfo(text) == !!tests[i].result, "%s.\n", tests[i].url);
        widen(tests[i].result ? tests[i].result : tests[i].url, result, 64);
        ok(!memcmp(text, result, (strlen(tests[i].result ? tests[i].result : tests[i].url) + 1) * sizeof(*text)),
                "%s: another text.\n", tests[i].url);
    }
}

static void test_parse_origin(void)
{
    static const struct
    {
        const char *url, *host;
        unsigned int port;
        BOOL is_ipv6;
    }
    tests[] =
    {
        { "http://Example.com/x", "example.com", 80 },
        { "https://example.com", "example.com", 443 },
        { "http://h_1-2.x:8080/", "h_1-2.x", 8080 },
        { "http://h:65535/", "h", 65535 },
        { "http://h:/", "h", 80 },
        { "http://u:p@h:81/", "h", 81 },
        { "http://127.0.0.1/", "127.0.0.1", 80 },
        { "http://[::1]/", "::1", 80, TRUE },
        { "https://[FE80::1:127.0.0.1]:444/", "fe80::1:127.0.0.1", 444, TRUE },
        { "http://h:0/" },
        { "http://h:65536/" },
        { "http://h:99999999999999/" },
        { "http://h:8x/" },
        { "http://h:-1/" },
        { "http://h h/" },
        { "http://h\r\nX:/" },
        { "http://h%41/" },
        { "http://\xe4/" },
        { "http://[::1/" },
        { "http://[]/" },
        { "http://[::1]x/" },
        { "http://[::1%25eth0]/" },
        { "http://[gg::1]/" },
        { "http://[/" },
    };
    struct url_origin origin;
    WCHAR text[512];
    struct url url;
    BOOL ret;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        widen(tests[i].url, text, 512);
        ret = url_parse(text, &url) && url_parse_origin(&url, &origin);
        ok(ret == !!tests[i].host, "%s: got %d.\n", tests[i].url, ret);
        if (!ret || !tests[i].host)
            continue;
        ok(!strcmp(origin.host, tests[i].host), "%s: host %s.\n", tests[i].url, origin.host);
        ok(origin.port == tests[i].port && origin.is_ipv6 == tests[i].is_ipv6, "%s: port %u.\n", tests[i].url,
                origin.port);
    }
    memcpy(text, L"http://", 14);
    for (i = 0; i < URL_HOST_MAX; i++)
        text[7 + i] = 'a';
    text[7 + i] = 0;
    ok(url_parse(text, &url) && !url_parse_origin(&url, &origin), "too long a host.\n");
    text[6 + i] = 0;
    ok(url_parse(text, &url) && url_parse_origin(&url, &origin), "longest host.\n");
}

static void test_userinfo(void)
{
    static const struct
    {
        const char *url, *credentials; /* NULL: there are none, or they cannot be sent */
    }
    tests[] =
    {
        { "http://user:pass@h/", "dXNlcjpwYXNz" },
        { "http://user@h/", "dXNlcjo=" },
        { "http://:pass@h/", "OnBhc3M=" },
        { "http://@h/", "Og==" },
        { "http://me%40x:p%3Aq%2f%zz@h/", "bWVAeDpwOnEvJXp6" },
        { "http://a@b:c@h/", "YUBiOmM=" },
        { "http://u:\xe4%C3%A4@h/", "dTrkw6Q=" },
        { "http://h/a@b" },
        { "http://h:80/" },
    };
    char credentials[URL_CREDENTIALS_MAX];
    WCHAR text[1024];
    struct url url;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        widen(tests[i].url, text, 1024);
        ok(url_parse(text, &url) && !url.userinfo == !tests[i].credentials, "%s.\n", tests[i].url);
        if (url.userinfo && tests[i].credentials)
            ok(url_encode_userinfo(url.userinfo, url.userinfo_length, credentials)
                    && !strcmp(credentials, tests[i].credentials), "%s: got %s.\n", tests[i].url, credentials);
    }
    ok(!url_encode_userinfo(L"u:\x20ac", 3, credentials), "not of bytes.\n");
    for (i = 0; i < 1024; i++)
        text[i] = i ? 'x' : ':';
    ok(!url_encode_userinfo(text, 1024, credentials), "too long.\n");
    ok(url_encode_userinfo(text, 380, credentials) && strlen(credentials) < URL_CREDENTIALS_MAX, "refused.\n");
}

int main(void)
{
    test_parse();
    test_combine();
    test_utf8();
    test_hash();
    test_garbage();
    test_origin();
    test_loopback();
    test_parse_origin();
    test_userinfo();
    test_strip();
    return report("url");
}
