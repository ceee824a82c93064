/*
 * Tests of the fields of a request
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
#include "net/request.h"

#define TEXT_MAX 70000

static int allocations_left = -1; /* until one fails; -1: none does */

void *test_realloc(void *block, size_t size);
void *test_calloc(size_t count, size_t size);

void *test_realloc(void *block, size_t size)
{
    if (!allocations_left)
        return NULL;
    if (allocations_left > 0)
        allocations_left--;
    return realloc(block, size);
}

void *test_calloc(size_t count, size_t size)
{
    if (!allocations_left)
        return NULL;
    if (allocations_left > 0)
        allocations_left--;
    return calloc(count, size);
}

#define check_text(fields, expected) check_text_(__LINE__, fields, expected)

static void check_text_(int line, const struct buffer *fields, const char *expected)
{
    static char text[TEXT_MAX];
    UINT i;

    ok_(line, fields->length == (fields->text ? strlen(expected) : 0), "got length %u.\n", fields->length);
    for (i = 0; i < fields->length; i++)
        text[i] = (unsigned char)fields->text[i] < 0x80 ? fields->text[i] : '?';
    text[fields->length] = 0;
    ok_(line, !strcmp(text, expected), "got '%s', expected '%s'.\n", text, expected);
    ok_(line, !fields->text || !fields->text[fields->length], "not terminated.\n");
}

static void add_lines(struct buffer *fields, const char *lines, BOOL is_foreign)
{
    static WCHAR wide[TEXT_MAX];

    widen(lines, wide, TEXT_MAX);
    fields_add_lines(fields, wide, is_foreign);
}

static void add(struct buffer *fields, const char *name, const char *value)
{
    WCHAR wide[256];

    widen(value, wide, 256);
    fields_add(fields, name, wide);
}

static void test_lines(void)
{
    static const struct
    {
        const char *lines;
        const char *sent;
        const char *sent_abroad; /* NULL: the same */
    }
    tests[] =
    {
        { "", "" },
        { "A: 1\r\nB: 2\r\n", "A: 1\r\nB: 2\r\n" },
        { "A: 1\r\nB: 2", "A: 1\r\nB: 2\r\n" },
        { "A: 1\nB: 2\n", "A: 1\r\nB: 2\r\n" },
        { "\r\n\r\nA: 1\r\n\r\nB: 2\r\n\r\n", "A: 1\r\nB: 2\r\n" },
        { "A:1\r\nB:\t 2 \t\r\nC:\r\n", "A: 1\r\nB: 2\r\nC: \r\n" },
        { "A: 1: 2\r\n", "A: 1: 2\r\n" },
        { "A: 1\r\nA: 2\r\n", "A: 1\r\nA: 2\r\n" },
        /* DL-163 */
        { "XCustom1=someData\nXCustom2=moreData\n", "" },
        { ": 1\r\nB: 2\r\n", "B: 2\r\n" },
        { "A : 1\r\nB: 2\r\n", "B: 2\r\n" },
        { "A b: 1\r\n(A): 1\r\n\"A\": 1\r\nA\x7f: 1\r\nA\xe4: 1\r\nA!#$%&'*+-.^_`|~9: 1\r\n",
                "A!#$%&'*+-.^_`|~9: 1\r\n" },
        /* Lines that would become others. */
        { "A: 1\rX: 2\r\nB: 3\r\n", "B: 3\r\n" },
        { "A: 1\r\r\nB: 3\r\n", "B: 3\r\n" },
        { "A: 1\r", "" },
        { "A: 1\r\n X: 2\r\n\tY: 3\r\nB: 4\r\n", "A: 1\r\nB: 4\r\n" },
        { "A: 1\x01\r\nB: 1\x7f\r\nC: \xe4\r\n", "C: ?\r\n" },
        /* DL-164 */
        { "Range: bytes=0-1\r\nhost: x\r\nCONNECTION: close\r\nIf-Range: \"1\"\r\nContent-Length: 5\r\n"
                "Transfer-Encoding: chunked\r\nKeep-Alive: 5\r\nTE: trailers\r\nTrailer: x\r\nUpgrade: h2c\r\n"
                "Expect: 100-continue\r\nProxy-Connection: x\r\nAccept-Encoding: gzip\r\nRanger: 1\r\nHos: 2\r\n",
                "Ranger: 1\r\nHos: 2\r\n" },
        /* DL-166 */
        { "authorization: Basic x\r\nA: 1\r\nCookie: a=b\r\nProxy-Authorization: y\r\nAuthorization2: z\r\n",
                "authorization: Basic x\r\nA: 1\r\nCookie: a=b\r\nAuthorization2: z\r\n",
                "A: 1\r\nAuthorization2: z\r\n" },
    };
    struct buffer fields = {0};
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        add_lines(&fields, tests[i].lines, FALSE);
        check_text(&fields, tests[i].sent);
        buffer_clear(&fields);
        add_lines(&fields, tests[i].lines, TRUE);
        check_text(&fields, tests[i].sent_abroad ? tests[i].sent_abroad : tests[i].sent);
        buffer_clear(&fields);
    }
}

/* Characters that become CR and LF when they are cut to a byte. */
static void test_wide(void)
{
    static const WCHAR lines[] = { 'A', ':', '1', 0x10d, 0x10a, 'X', ':', '2', '\r', '\n', 'B', ':', '3', 0 };
    struct buffer fields = {0};

    fields_add_lines(&fields, lines, FALSE);
    check_text(&fields, "B: 3\r\n");
    fields_add(&fields, "MS-CV", lines + 2);
    check_text(&fields, "B: 3\r\n");
    buffer_clear(&fields);
}

static void test_precedence(void)
{
    struct buffer fields = {0};

    add_lines(&fields, "Authorization: Basic new\r\n", FALSE);
    add_lines(&fields, "X: 1\r\nauthorization: Basic old\r\nuser-agent: mine\r\nX: 2\r\n", FALSE);
    add(&fields, "User-Agent", "ours");
    add(&fields, "Accept", "*/*");
    add(&fields, "accept", "text/plain");
    add(&fields, "MS-CV", " a.1\t");
    add(&fields, "Bad", "1\r\nX: 3");
    check_text(&fields, "Authorization: Basic new\r\nX: 1\r\nuser-agent: mine\r\nX: 2\r\nAccept: */*\r\n"
            "MS-CV: a.1\r\n");
    buffer_clear(&fields);
    ok(!fields.text && !fields.length, "not cleared.\n");
}

static void test_long(void)
{
    static char lines[TEXT_MAX];
    struct buffer fields = {0};
    UINT i, length = 0;

    for (i = 0; i < 3000; i++)
        length += sprintf(lines + length, "Name%u: %u\r\n", i, i);
    add_lines(&fields, lines, FALSE);
    check_text(&fields, lines);
    ok(!fields.is_failed, "failed.\n");
    buffer_clear(&fields);

    allocations_left = 2;
    add_lines(&fields, lines, FALSE);
    ok(fields.is_failed, "did not fail.\n");
    ok(!fields.text[fields.length], "not terminated.\n");
    allocations_left = 0;
    buffer_clear(&fields);
    add(&fields, "A", "1");
    ok(fields.is_failed && !fields.text, "did not fail.\n");
    allocations_left = -1;
    buffer_clear(&fields);
}

/* Whatever the lines are, what comes out is fields. */
static void test_random(void)
{
    static const char chars[] = "aB1:: \t\r\n\r\n-\x01\xff\x7f(";
    UINT64 seed = 1;
    UINT round, i, length, colons;
    struct buffer fields;
    WCHAR lines[64];
    const char *p;

    for (round = 0; round < 20000; round++)
    {
        length = next_random(&seed) % 63;
        for (i = 0; i < length; i++)
            lines[i] = (unsigned char)chars[next_random(&seed) % (sizeof(chars) - 1)];
        lines[length] = 0;
        memset(&fields, 0, sizeof(fields));
        fields_add_lines(&fields, lines, round & 1);
        for (p = fields.text; p && *p; p += 2)
        {
            for (colons = 0; *p && *p != '\r'; p++)
            {
                colons += *p == ':';
                if (*p == '\n' || ((unsigned char)*p < ' ' && *p != '\t') || (!colons && *p == ' '))
                    break;
            }
            if (p[0] != '\r' || p[1] != '\n' || !colons)
                break;
        }
        if (p && *p)
            ok(FALSE, "round %u: bad field.\n", round);
        buffer_clear(&fields);
    }
    ok(TRUE, "never.\n");
}

#define OURS "User-Agent: Microsoft-Delivery-Optimization/10.1\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"

/* What goes to whom. */
/* The administrator's agent counts if it can be the value of a field, and the client's before it. */
static void test_agents(void)
{
    static const struct
    {
        const WCHAR *chosen;
        const char *agent;
    }
    tests[] =
    {
        { NULL, "User-Agent: ours\r\n" },
        { L"", "User-Agent: ours\r\n" },
        { L"Theirs/1.0 (a b)", "User-Agent: Theirs/1.0 (a b)\r\n" },
        { L"a\r\nX: y", "User-Agent: ours\r\n" },
        { L"a\nb", "User-Agent: ours\r\n" },
    };
    static const struct transfer_options agent = { .headers = L"User-Agent: mine" };
    struct request_parts parts = { L"http://h/", L"http://h/", .user_agent = L"ours" };
    struct buffer fields = {0};
    char text[128];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        parts.chosen_agent = tests[i].chosen;
        request_select_fields(&parts, &fields);
        snprintf(text, sizeof(text), "%sAccept: */*\r\nAccept-Encoding: identity\r\n", tests[i].agent);
        check_text(&fields, text);
        buffer_clear(&fields);
    }
    parts.chosen_agent = L"theirs";
    parts.options = &agent;
    request_select_fields(&parts, &fields);
    check_text(&fields, "User-Agent: mine\r\nAccept: */*\r\nAccept-Encoding: identity\r\n");
    buffer_clear(&fields);
}

static void test_select(void)
{
    static const struct transfer_options none, all = { .headers = L"X: 1\r\nCookie: c=1\r\nProxy-Authorization: p\r\n",
            .auth_headers = L"Authorization: Bearer x\r\nCookie: k=2\r\n", .correlation_vector = L"v.1" },
            basic = { .headers = L"authorization: mine\r\n" },
            agent = { .headers = L"user-agent: me\r\nRange: bytes=7-\r\n" };
    static const struct range middle = { 5, 10 }, end = { 5000000000ull, LENGTH_TO_EOF };
    static const struct
    {
        struct request_parts parts;
        const char *fields;
    }
    tests[] =
    {
        { { L"http://h/", L"http://h/" }, OURS },
        { { L"http://h/", L"http://h/", &none }, OURS },
        { { L"http://h/", L"http://h/x", &agent }, "user-agent: me\r\nAccept: */*\r\nAccept-Encoding: identity\r\n" },
        /* To the origin of the client's URL, and to others. */
        { { L"http://h/", L"http://h:80/x", &all }, "X: 1\r\nCookie: c=1\r\nMS-CV: v.1\r\n" OURS },
        { { L"http://h/", L"http://h/x", &all, TRUE },
                "Authorization: Bearer x\r\nCookie: k=2\r\nX: 1\r\nMS-CV: v.1\r\n" OURS },
        { { L"http://h/", L"http://o/x", &all, TRUE }, "X: 1\r\nMS-CV: v.1\r\n" OURS },
        { { L"http://h/", L"https://h/x", &all, TRUE }, "X: 1\r\nMS-CV: v.1\r\n" OURS },
        { { L"http://h/", L"http://h:81/", &all, TRUE }, "X: 1\r\nMS-CV: v.1\r\n" OURS },
        { { L"http://h/", L"http://h/", NULL, TRUE }, OURS },
        /* User and password of the client's URL, unless the client says something else. */
        { { L"http://u:p@h/", L"http://u:p@h/" }, "Authorization: Basic dTpw\r\n" OURS },
        { { L"http://u:p@h/", L"http://h/b" }, "Authorization: Basic dTpw\r\n" OURS },
        { { L"http://u:p@h/", L"http://o/" }, OURS },
        { { L"http://h/", L"http://u:p@h/" }, OURS },
        { { L"http://u:p@h/", L"http://h/", &basic }, "authorization: mine\r\n" OURS },
        { { L"http://u:p@h/", L"http://h/", &all, TRUE },
                "Authorization: Bearer x\r\nCookie: k=2\r\nX: 1\r\nMS-CV: v.1\r\n" OURS },
        /* Cookies of the jar go where the jar says, the client's own to the origin of its URL. */
        { { L"http://h/", L"http://h/", &none, FALSE, L"a=b; c=d" }, "Cookie: a=b; c=d\r\n" OURS },
        { { L"http://h/", L"http://h/", &all, TRUE, L"a=b" },
                "Cookie: a=b; k=2; c=1\r\nAuthorization: Bearer x\r\nX: 1\r\nMS-CV: v.1\r\n" OURS },
        { { L"http://h/", L"http://h/", &all, FALSE, L"a=b" }, "Cookie: a=b; c=1\r\nX: 1\r\nMS-CV: v.1\r\n" OURS },
        { { L"http://h/", L"http://o/", &all, TRUE, L"a=b" }, "Cookie: a=b\r\nX: 1\r\nMS-CV: v.1\r\n" OURS },
        /* Ranges, and not without the version that they are bound to. */
        { { L"http://h/", L"http://h/", NULL, FALSE, NULL, &middle }, OURS "Range: bytes=5-14\r\n" },
        { { L"http://h/", L"http://h/", &agent, FALSE, NULL, &end, L"\"\xe4\"" },
                "user-agent: me\r\nAccept: */*\r\nAccept-Encoding: identity\r\nRange: bytes=5000000000-\r\n"
                "If-Range: \"?\"\r\n" },
        { { L"http://h/", L"http://h/", NULL, FALSE, NULL, &end, L"\"\x20ac\"" }, OURS },
    };
    struct buffer fields = {0};
    struct request_parts parts;
    UINT i, limit;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        parts = tests[i].parts;
        parts.user_agent = L"Microsoft-Delivery-Optimization/10.1";
        request_select_fields(&parts, &fields);
        check_text(&fields, tests[i].fields);
        buffer_clear(&fields);
    }
    for (limit = 0; ; limit++)
    {
        allocations_left = limit;
        parts = tests[16].parts;
        parts.user_agent = L"Microsoft-Delivery-Optimization/10.1";
        request_select_fields(&parts, &fields);
        allocations_left = -1;
        if (!fields.is_failed)
            break;
        buffer_clear(&fields);
    }
    check_text(&fields, tests[16].fields);
    ok(limit >= 1, "got %u allocations.\n", limit);
    buffer_clear(&fields);
}

/* MCC-004, MCC-014 */
static void test_cached(void)
{
    static const struct transfer_options options = { .headers = L"X-Own: mine\r\nx-cid: 1\r\nX-CCC: 2\r\nX-OSID: 3\r\n"
            L"MS-CV: a\r\nAuthorization: b\r\nCookie: c\r\n", .correlation_vector = L"d.0" };
    static const struct
    {
        const WCHAR *lines;
        BOOL has_secrets;
    }
    tests[] =
    {
        { L"", FALSE }, { L"X-Own: Authorization\r\n", FALSE }, { L"X-Authorization: a\r\n", FALSE },
        { L"authorization: a\r\n", TRUE }, { L"X-Own: 1\r\nCOOKIE: a\r\n", TRUE },
        { L"Proxy-Authorization: a", TRUE }, { L"Authorization a\r\n", FALSE },
    };
    struct request_parts parts = { L"http://h/", L"http://h/", &options, .user_agent = L"us", .is_cached = TRUE };
    struct buffer fields = {0};
    UINT i;

    /* Even where the origin and the cache host are the same. */
    request_select_fields(&parts, &fields);
    check_text(&fields, "X-Own: mine\r\nUser-Agent: us\r\nAccept: */*\r\nAccept-Encoding: identity\r\n");
    buffer_clear(&fields);
    for (i = 0; i < ARRAY_SIZE(tests); i++)
        ok(fields_have_secrets(tests[i].lines) == tests[i].has_secrets, "row %u.\n", i);
}

/* credentials: for a proxy, or NULL for a request to the server. */
static DWORD format_for(const WCHAR *text, const char *headers, const char *credentials, char **data)
{
    struct url_origin origin;
    struct url url;
    DWORD error;
    char *bytes;
    UINT size;

    *data = NULL;
    if (!url_parse(text, &url) || !url_parse_origin(&url, &origin))
        return 1;
    if ((error = request_format(NULL, &url, &origin, headers, !!credentials, credentials, &bytes, &size)))
        return error;
    *data = calloc(1, size + 1);
    memcpy(*data, bytes, size);
    free(bytes);
    return error;
}

static DWORD format(const WCHAR *text, const char *headers, char **data)
{
    return format_for(text, headers, NULL, data);
}

#define TAIL "Connection: Keep-Alive\r\n\r\n"

static void test_request(void)
{
    static const struct
    {
        const WCHAR *url;
        const char *headers, *data;
    }
    tests[] =
    {
        { L"http://h", "", "GET / HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h?q#f", "", "GET /?q HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"https://H:443/a%20b?c=d", "", "GET /a%20b?c=d HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h:81/", "Range: bytes=0-1\r\nA:b\r\n",
                "GET / HTTP/1.1\r\nHost: h:81\r\nRange: bytes=0-1\r\nA:b\r\n" TAIL },
        { L"http://[::1]:81/", "", "GET / HTTP/1.1\r\nHost: [::1]:81\r\n" TAIL },
        { L"http://h/\xe4\x20ac\xd83d\xde00\xd83d/", "",
                "GET /%C3%A4%E2%82%AC%F0%9F%98%80%EF%BF%BD/ HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h/ a\tb\"<>^`{|}\x7f", "",
                "GET /%20a%09b%22%3C%3E%5E%60%7B%7C%7D%7F HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h/x HTTP/1.1\r\nEvil: 1", "", "GET /x%20HTTP/1.1%0D%0AEvil:%201 HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h/", "A: \xe4\tb\r\n", "GET / HTTP/1.1\r\nHost: h\r\nA: \xe4\tb\r\n" TAIL },
        { L"http://h/", "Hosts: x\r\n", "GET / HTTP/1.1\r\nHost: h\r\nHosts: x\r\n" TAIL },
    };
    DWORD error;
    char *data;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        error = format(tests[i].url, tests[i].headers, &data);
        ok(!error && !strcmp(data, tests[i].data), "%u: error %u, got %s.\n", i, error, data);
        free(data);
    }
}

static void test_method(void)
{
    static const WCHAR * const good[] = { L"POST", L"post", L"M-SEARCH", L"A" };
    static const WCHAR * const bad[] = { L"", L"A B", L"A\r\n", L"\xe4", L"A:" };
    struct url_origin origin;
    struct url url;
    DWORD error;
    char *data;
    UINT size, i;

    for (i = 0; i < ARRAY_SIZE(good); i++)
        ok(request_is_token(good[i]), "%u is refused.\n", i);
    for (i = 0; i < ARRAY_SIZE(bad); i++)
        ok(!request_is_token(bad[i]), "%u is accepted.\n", i);
    ok(url_parse(L"http://h/", &url) && url_parse_origin(&url, &origin), "cannot parse.\n");
    error = request_format(L"POST", &url, &origin, "A: b\r\n", FALSE, NULL, &data, &size);
    ok(!error && size == strlen("POST / HTTP/1.1\r\nHost: h\r\nA: b\r\nContent-Length: 0\r\n" TAIL)
            && !memcmp(data, "POST / HTTP/1.1\r\nHost: h\r\nA: b\r\nContent-Length: 0\r\n" TAIL, size),
            "error %u.\n", error);
    free(data);
}

static void test_proxied(void)
{
    static const struct
    {
        const WCHAR *url;
        const char *headers, *credentials, *data;
    }
    tests[] =
    {
        { L"http://H", "", "", "GET http://h/ HTTP/1.1\r\nHost: h\r\n" TAIL },
        { L"http://h:80/a b?c", "A: b\r\n", "", "GET http://h/a%20b?c HTTP/1.1\r\nHost: h\r\nA: b\r\n" TAIL },
        { L"http://[::1]:81?q", "", "", "GET http://[::1]:81/?q HTTP/1.1\r\nHost: [::1]:81\r\n" TAIL },
        { L"http://h/", "A: b\r\n", "dTpw",
                "GET http://h/ HTTP/1.1\r\nHost: h\r\nA: b\r\nProxy-Authorization: Basic dTpw\r\n" TAIL },
    };
    DWORD error;
    char *data;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        error = format_for(tests[i].url, tests[i].headers, tests[i].credentials, &data);
        ok(!error && !strcmp(data, tests[i].data), "%u: error %u, got %s.\n", i, error, data);
        free(data);
    }
}

static void test_connect(void)
{
    static const struct
    {
        const char *host, *credentials, *data;
        unsigned short port;
        BOOL is_ipv6;
    }
    tests[] =
    {
        { "h", "", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n" TAIL, 443 },
        { "::1", "", "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n" TAIL, 8443, TRUE },
        { "h", "dTpw", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nProxy-Authorization: Basic dTpw\r\n" TAIL, 443 },
    };
    char *data = NULL;
    DWORD error;
    UINT size, i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        struct url_origin origin = { .port = tests[i].port, .is_secure = TRUE, .is_ipv6 = tests[i].is_ipv6 };

        strcpy(origin.host, tests[i].host);
        error = request_format_connect(&origin, tests[i].credentials, &data, &size);
        ok(!error && size == strlen(tests[i].data) && !memcmp(data, tests[i].data, size), "%u: error %u.\n", i, error);
        free(data);
    }
}

/* Whatever characters come in: one line for each of ours. */
static void test_random_requests(void)
{
    static const WCHAR chars[] = { 'a', ':', ' ', '\r', '\n', '\t', '/', '?', '%', 1, 0x85, 0x20ac, 0xd83d, 0xde00,
            0x10d };
    WCHAR url[40] = L"http://h/", headers[40];
    struct buffer fields;
    UINT64 state = 1;
    UINT i, j, lines, accepted = 0;
    DWORD error;
    char *data, *p;

    for (i = 0; i < 100000; i++)
    {
        for (j = 9; j < 30; j++)
            url[j] = chars[next_random(&state) % ARRAY_SIZE(chars)];
        for (j = 0; j < 8; j++)
            headers[j] = chars[next_random(&state) % ARRAY_SIZE(chars)];
        headers[j] = 0;
        memset(&fields, 0, sizeof(fields));
        fields_add_lines(&fields, headers, FALSE);
        error = format(url, fields.text ? fields.text : "", &data);
        buffer_clear(&fields);
        if (error)
            continue;
        accepted++;
        for (lines = 0, p = data; *p; p++)
        {
            if (*p == '\r' && p[1] == '\n')
                lines++;
            else if (*p == '\n' ? p == data || p[-1] != '\r' : (unsigned char)*p < ' ' && *p != '\r' && *p != '\t')
                break;
        }
        if (*p || lines < 4 || lines > 7 || strstr(data, "\r\n\r\n") != p - 4)
            ok(0, "got %s.\n", data);
        free(data);
    }
    ok(accepted == i, "only %u are accepted.\n", accepted);
}

static void test_memory(void)
{
    DWORD error;
    char *data;
    UINT limit;

    for (limit = 0; ; limit++)
    {
        allocations_left = limit;
        error = format(L"http://h/", "A: b\r\n", &data);
        allocations_left = -1;
        if (!error)
            break;
        ok(error == ERROR_OUTOFMEMORY, "got %u.\n", error);
    }
    ok(limit && data, "no allocation.\n");
    free(data);
}

static void test_set_field(void)
{
    static const struct
    {
        const char *value, *message;
    }
    tests[] =
    {
        { "Basic eDp5", "GET / HTTP/1.1\r\nHost: h\r\nAuthorizations: x\r\nauthorization: Basic eDp5\r\n\r\n" },
        { NULL, "GET / HTTP/1.1\r\nHost: h\r\nAuthorizations: x\r\n\r\n" },
    };
    static const char before[] = "GET / HTTP/1.1\r\nAuthorization: a\r\nHost: h\r\nAuthorizations: x\r\n"
            "AUTHORIZATION:b\r\n\r\n";
    UINT i, size;
    char *data;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        data = strdup(before);
        size = strlen(data);
        ok(!request_set_field(&data, &size, "authorization", tests[i].value), "BITS-074: %u: no memory.\n", i);
        ok(size == strlen(tests[i].message) && !strcmp(data, tests[i].message), "BITS-074: %u: got %s.\n", i, data);
        free(data);
    }
    allocations_left = 0;
    data = strdup(before);
    size = strlen(data);
    ok(request_set_field(&data, &size, "authorization", NULL) == ERROR_OUTOFMEMORY, "BITS-074: wrong error.\n");
    ok(!strcmp(data, before), "BITS-074: got %s.\n", data);
    allocations_left = -1;
    free(data);
}

int main(void)
{
    test_lines();
    test_wide();
    test_precedence();
    test_long();
    test_random();
    test_agents();
    test_select();
    test_cached();
    test_request();
    test_method();
    test_proxied();
    test_connect();
    test_random_requests();
    test_memory();
    test_set_field();
    return report("request");
}
