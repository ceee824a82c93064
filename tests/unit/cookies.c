/*
 * Unit tests of cookies.c
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
#include "net/cookies.h"

#define NOW 0x1c01194b7a13000ull /* Tue, 29 Aug 2000 08:40:00 GMT */

static UINT allocations_left = ~0u;

void *test_realloc(void *block, size_t size);
void *test_realloc(void *block, size_t size)
{
    return allocations_left && allocations_left-- ? realloc(block, size) : NULL;
}

void *test_calloc(size_t count, size_t size);
void *test_calloc(size_t count, size_t size)
{
    return allocations_left && allocations_left-- ? calloc(count, size) : NULL;
}

static BOOL take(struct cookie_jar *jar, const WCHAR *text, const char *lines, UINT64 now)
{
    struct url_origin origin;
    struct url url;

    ok(url_parse(text, &url) && url_parse_origin(&url, &origin), "no URL.\n");
    return cookies_take(jar, &url, &origin, lines, now);
}

static WCHAR *get_wide(const struct cookie_jar *jar, const WCHAR *text, UINT64 now, BOOL *has_failed)
{
    struct url_origin origin;
    struct url url;

    ok(url_parse(text, &url) && url_parse_origin(&url, &origin), "no URL.\n");
    return cookies_get(jar, &url, &origin, now, has_failed);
}

/* NULL if there are none. */
static char *get(const struct cookie_jar *jar, const WCHAR *url, UINT64 now)
{
    static char narrow[COOKIES_MAX * (COOKIE_MAX + 4)];
    BOOL has_failed = FALSE;
    WCHAR *value = get_wide(jar, url, now, &has_failed);
    UINT i;

    ok(!has_failed, "failed.\n");
    for (i = 0; value && value[i]; i++)
        narrow[i] = value[i];
    narrow[i] = 0;
    free(value);
    return value ? narrow : NULL;
}

/* Set by a response from one URL, sent or not sent to another one. */
static void test_rules(void)
{
    static const struct
    {
        const WCHAR *from;
        const char *lines;
        const WCHAR *to;
        const char *cookies; /* NULL: none */
    }
    tests[] =
    {
        { L"http://h.x/a", "a=b\n", L"http://h.x/a", "a=b" },
        { L"http://h.x/a", " a = b c ; x\n", L"http://h.x/a", "a=b c" },
        { L"http://h.x/a", "a=b=c\n", L"http://h.x/a", "a=b=c" },
        { L"http://h.x/a", "a=\n", L"http://h.x/a", "a=" },
        { L"http://h.x/a", "a=\"b\"\n", L"http://h.x/a", "a=\"b\"" },
        { L"http://h.x/a", "a=b\nc=d\n", L"http://h.x/a", "a=b; c=d" },
        { L"http://h.x/a", "a=\xe4\xff\n", L"http://h.x/a", "a=\xe4\xff" },
        { L"http://h.x/a", "a\n", L"http://h.x/a" },
        { L"http://h.x/a", "; a=b\n", L"http://h.x/a" },
        { L"http://h.x/a", "=b\n", L"http://h.x/a" },
        { L"http://h.x/a", "a=b\rc\n", L"http://h.x/a" },
        { L"http://h.x/a", "", L"http://h.x/a" },
        /* The host, on any port; names in any case. */
        { L"http://h.x/a", "a=b\n", L"https://H.X:444/a", "a=b" },
        { L"http://h.x/a", "a=b\n", L"http://g.x/a" },
        { L"http://h.x/a", "a=b\n", L"http://s.h.x/a" },
        { L"http://h.x/a", "a=b\n", L"http://x/a" },
        { L"http://h.x/a", "a=b; domain=\n", L"http://s.h.x/a" },
        /* A domain that the host is within. */
        { L"http://h.x/a", "a=b; domain=h.x\n", L"http://s.h.x/a", "a=b" },
        { L"http://s.h.x/a", "a=b; Domain = .H.x\n", L"http://t.h.x/a", "a=b" },
        { L"http://s.h.x/a", "a=b; domain=h.x\n", L"http://h.x/a", "a=b" },
        { L"http://s.h.x/a", "a=b; domain=h.x\n", L"http://sh.x/a" },
        { L"http://s.h.x/a", "a=b; domain=t.h.x\n", L"http://t.h.x/a" },
        { L"http://s.h.x/a", "a=b; domain=t.h.x\n", L"http://s.h.x/a" },
        { L"http://h.x/a", "a=b; domain=s.h.x\n", L"http://s.h.x/a" },
        { L"http://sh.x/a", "a=b; domain=h.x\n", L"http://h.x/a" },
        { L"http://s.h.x/a", "a=b; domain=t.x; domain=h.x\n", L"http://t.h.x/a", "a=b" },
        /* A top level is nobody's own, unless it is the host. */
        { L"http://h.x/a", "a=b; domain=x\n", L"http://g.x/a" },
        { L"http://h.x/a", "a=b; domain=.x\n", L"http://h.x/a" },
        { L"http://h.x/a", "a=b; domain=.\n", L"http://h.x/a", "a=b" },
        { L"http://localhost/a", "a=b; domain=localhost\n", L"http://localhost/a", "a=b" },
        { L"http://localhost/a", "a=b; domain=localhost\n", L"http://s.localhost/a" },
        /* Addresses have no domains. */
        { L"http://127.0.0.1/a", "a=b\n", L"http://127.0.0.1:81/a", "a=b" },
        { L"http://127.0.0.1/a", "a=b; domain=127.0.0.1\n", L"http://127.0.0.1/a", "a=b" },
        { L"http://127.0.0.1/a", "a=b; domain=0.0.1\n", L"http://127.0.0.1/a" },
        { L"http://127.0.0.1/a", "a=b; domain=0.0.1\n", L"http://1.0.0.1/a" },
        { L"http://[::1]/a", "a=b; domain=::1\n", L"http://[::1]/a", "a=b" },
        { L"http://[::1]/a", "a=b\n", L"http://[::2]/a" },
        /* The path: that of the folder, or what is said. */
        { L"http://h.x/a/b/c?q=/d/", "a=b\n", L"http://h.x/a/b", "a=b" },
        { L"http://h.x/a/b/c", "a=b\n", L"http://h.x/a/b/x/y", "a=b" },
        { L"http://h.x/a/b/c", "a=b\n", L"http://h.x/a/bc" },
        { L"http://h.x/a/b/c", "a=b\n", L"http://h.x/a/" },
        { L"http://h.x", "a=b\n", L"http://h.x?q", "a=b" },
        { L"http://h.x/a", "a=b\n", L"http://h.x", "a=b" },
        { L"http://h.x/a", "a=b; path=/c\n", L"http://h.x/c?d", "a=b" },
        { L"http://h.x/a", "a=b; path=/c\n", L"http://h.x/C" },
        { L"http://h.x/a", "a=b; path=/c\n", L"http://h.x/a" },
        { L"http://h.x/a", "a=b; path=/c/\n", L"http://h.x/c" },
        { L"http://h.x/a", "a=b; path=/c/\n", L"http://h.x/c/d", "a=b" },
        { L"http://h.x/a/b", "a=b; path=c\n", L"http://h.x/a/c", "a=b" },
        { L"http://h.x/a/b", "a=b; path=/; path=\n", L"http://h.x/" },
        /* Longer paths first, then older ones. */
        { L"http://h.x/a", "a=1\nb=2; path=/c/d\nc=3; path=/c\nd=4\n", L"http://h.x/c/d", "b=2; c=3; a=1; d=4" },
        /* Security. */
        { L"https://h.x/a", "a=b; secure; HttpOnly; SameSite=Lax\n", L"https://h.x/a", "a=b" },
        { L"https://h.x/a", "a=b; Secure=no\n", L"http://h.x/a" },
        /* Time. */
        { L"http://h.x/a", "a=b; max-age=1\n", L"http://h.x/a", "a=b" },
        { L"http://h.x/a", "a=b; max-age=0\n", L"http://h.x/a" },
        { L"http://h.x/a", "a=b; Max-Age=-1\n", L"http://h.x/a" },
        { L"http://h.x/a", "a=b; max-age=x\n", L"http://h.x/a", "a=b" },
        { L"http://h.x/a", "a=b; max-age=18446744073709551615\n", L"http://h.x/a", "a=b" },
        { L"http://h.x/a", "a=b; max-age=10; expires=Thu, 01 Jan 1970 00:00:00 GMT\n", L"http://h.x/a", "a=b" },
        { L"http://h.x/a", "a=b; expires=Tue, 29-Aug-2000 08:40:01 GMT; max-age=0\n", L"http://h.x/a" },
        { L"http://h.x/a", "a=b; expires=Tue, 29-Aug-2000 08:40:01 GMT\n", L"http://h.x/a", "a=b" },
        { L"http://h.x/a", "a=b; Expires=Tue, 29 Aug 2000 08:40:00 GMT\n", L"http://h.x/a" },
        { L"http://h.x/a", "a=b; expires=tomorrow\n", L"http://h.x/a", "a=b" },
        /* Replaced and deleted: only by the same name, host, and path. */
        { L"http://h.x/a", "a=1\na=2\n", L"http://h.x/a", "a=2" },
        { L"http://h.x/a", "a=1\nA=2\n", L"http://h.x/a", "a=1; A=2" },
        { L"http://h.x/a", "a=1\na=; max-age=0\n", L"http://h.x/a" },
        { L"http://h.x/a/b", "a=1\na=2; path=/\n", L"http://h.x/a/b", "a=1; a=2" },
        { L"http://h.x/a", "a=1\na=2; domain=h.x\n", L"http://h.x/a", "a=1; a=2" },
        { L"http://h.x/a/b", "a=1\na=2; max-age=0; path=/\n", L"http://h.x/a/b", "a=1" },
    };
    const char *got, *expected;
    struct cookie_jar jar = {0};
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        ok(take(&jar, tests[i].from, tests[i].lines, NOW), "%u: failed.\n", i);
        got = get(&jar, tests[i].to, NOW);
        expected = tests[i].cookies;
        ok(!got == !expected && (!got || !strcmp(got, expected)), "%u, %s: got %s.\n", i, tests[i].lines,
                got ? got : "none");
        cookies_clear(&jar);
        ok(!jar.count, "%u: not cleared.\n", i);
    }
}

static void test_expiry(void)
{
    struct cookie_jar jar = {0}, copy = {0};
    const char *got;

    ok(take(&jar, L"http://h.x/a", "a=1; max-age=5\nb=2\n", NOW), "failed.\n");
    got = get(&jar, L"http://h.x/", NOW + 49999999);
    ok(got && !strcmp(got, "a=1; b=2"), "got %s.\n", got);
    got = get(&jar, L"http://h.x/", NOW + 50000000);
    ok(got && !strcmp(got, "b=2"), "got %s.\n", got);

    ok(cookies_copy(&jar, &copy), "no copy.\n");
    cookies_clear(&jar);
    got = get(&copy, L"http://h.x/", NOW);
    ok(got && !strcmp(got, "a=1; b=2"), "got %s.\n", got);
    cookies_clear(&copy);
}

static void test_limits(void)
{
    static char lines[2 * COOKIES_MAX * 16 + 2 * COOKIE_MAX];
    struct cookie_jar jar = {0}, copy = {0};
    UINT i, length = 0;
    BOOL has_failed;
    WCHAR *value;

    for (i = 0; i < 2 * COOKIES_MAX; i++)
        length += sprintf(lines + length, "n%u=v\n", i);
    ok(take(&jar, L"http://h.x/a", lines, NOW) && jar.count == COOKIES_MAX, "got %u.\n", jar.count);
    ok(take(&jar, L"http://h.x/a", "n3=w\n", NOW) && jar.count == COOKIES_MAX, "got %u.\n", jar.count);
    ok(strstr(get(&jar, L"http://h.x/a", NOW), "n3=w") != NULL, "not replaced.\n");
    cookies_clear(&jar);

    for (i = COOKIE_MAX - 2; i < COOKIE_MAX; i++)
    {
        memset(lines, 'x', sizeof(lines));
        lines[1] = '=';
        strcpy(lines + 1 + i, "\n");
        ok(take(&jar, L"http://h.x/a", lines, NOW), "failed.\n");
        ok(jar.count == 1, "%u: got %u.\n", i, jar.count);
    }
    memset(lines, 'x', sizeof(lines));
    lines[1] = '=';
    strcpy(lines + 2 + i, "\n");
    cookies_clear(&jar);
    ok(take(&jar, L"http://h.x/a", lines, NOW) && !jar.count, "got %u.\n", jar.count);

    for (i = 0; ; i++)
    {
        has_failed = FALSE;
        allocations_left = i;
        value = NULL;
        if (take(&jar, L"http://h.x/a", "a=1\nb=2\n", NOW) && cookies_copy(&jar, &copy))
            value = get_wide(&copy, L"http://h.x/", NOW, &has_failed);
        allocations_left = ~0u;
        ok(!value == (i < 6), "%u allocations: got %d.\n", i, !!value);
        free(value);
        cookies_clear(&jar);
        cookies_clear(&copy);
        if (value)
            break;
    }
}

/* Whatever comes: no access outside, and no control character in a request. */
static void test_random(void)
{
    static const char chars[] = "ab=;; \t/.-1\x01\x7f\xff\n";
    static const char * const seeds[] = { "a=b; path=/; domain=h.x; max-age=5\n",
            "c=d; expires=Tue, 29-Aug-2000 08:40:01 GMT\n" };
    struct cookie_jar jar = {0};
    UINT64 state = 1;
    UINT i, j, length;
    char line[80], *copy;
    const char *got;

    for (i = 0; i < 100000; i++)
    {
        length = strlen(seeds[i % 2]);
        strcpy(line, seeds[i % 2]);
        for (j = next_random(&state) % 8; j; j--)
            line[next_random(&state) % length] = chars[next_random(&state) % (sizeof(chars) - 1)];
        copy = strdup(line + next_random(&state) % length);
        ok(take(&jar, L"http://h.x/a/b", copy, NOW), "failed.\n");
        free(copy);
        got = get(&jar, L"http://h.x/a/b", NOW);
        for (; got && *got; got++)
        {
            if ((unsigned char)*got < ' ' && *got != '\t')
                ok(0, "round %u: %#x.\n", i, *got);
        }
        if (i % 16 == 15)
            cookies_clear(&jar);
    }
    cookies_clear(&jar);
}

int main(void)
{
    test_rules();
    test_expiry();
    test_limits();
    test_random();
    return report("cookies");
}
