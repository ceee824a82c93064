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
#include "fields.h"

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
    return calloc(count, size);
}

#define check_text(fields, expected) check_text_(__LINE__, fields, expected)

static void check_text_(int line, const struct fields *fields, const char *expected)
{
    static char text[TEXT_MAX];
    UINT i;

    ok_(line, fields->length == (fields->text ? strlen(expected) : 0), "got length %u.\n", fields->length);
    for (i = 0; i < fields->length; i++)
        text[i] = fields->text[i] < 0x80 ? fields->text[i] : '?';
    text[fields->length] = 0;
    ok_(line, !strcmp(text, expected), "got '%s', expected '%s'.\n", text, expected);
    ok_(line, !fields->text || !fields->text[fields->length], "not terminated.\n");
}

static void add_lines(struct fields *fields, const char *lines, BOOL is_foreign)
{
    static WCHAR wide[TEXT_MAX];

    widen(lines, wide, TEXT_MAX);
    fields_add_lines(fields, wide, is_foreign);
}

static void add(struct fields *fields, const char *name, const char *value)
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
                "authorization: Basic x\r\nA: 1\r\nCookie: a=b\r\nProxy-Authorization: y\r\nAuthorization2: z\r\n",
                "A: 1\r\nAuthorization2: z\r\n" },
    };
    struct fields fields = {0};
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        add_lines(&fields, tests[i].lines, FALSE);
        check_text(&fields, tests[i].sent);
        fields_clear(&fields);
        add_lines(&fields, tests[i].lines, TRUE);
        check_text(&fields, tests[i].sent_abroad ? tests[i].sent_abroad : tests[i].sent);
        fields_clear(&fields);
    }
}

/* Characters that become CR and LF when they are cut to a byte. */
static void test_wide(void)
{
    static const WCHAR lines[] = { 'A', ':', '1', 0x10d, 0x10a, 'X', ':', '2', '\r', '\n', 'B', ':', '3', 0 };
    struct fields fields = {0};

    fields_add_lines(&fields, lines, FALSE);
    check_text(&fields, "B: 3\r\n");
    fields_add(&fields, "MS-CV", lines + 2);
    check_text(&fields, "B: 3\r\n");
    fields_clear(&fields);
}

static void test_precedence(void)
{
    struct fields fields = {0};

    add_lines(&fields, "Authorization: Basic new\r\n", FALSE);
    add_lines(&fields, "X: 1\r\nauthorization: Basic old\r\nuser-agent: mine\r\nX: 2\r\n", FALSE);
    add(&fields, "User-Agent", "ours");
    add(&fields, "Accept", "*/*");
    add(&fields, "accept", "text/plain");
    add(&fields, "MS-CV", " a.1\t");
    add(&fields, "Bad", "1\r\nX: 3");
    check_text(&fields, "Authorization: Basic new\r\nX: 1\r\nuser-agent: mine\r\nX: 2\r\nAccept: */*\r\n"
            "MS-CV: a.1\r\n");
    fields_clear(&fields);
    ok(!fields.text && !fields.length, "not cleared.\n");
}

static void test_long(void)
{
    static char lines[TEXT_MAX];
    struct fields fields = {0};
    UINT i, length = 0;

    for (i = 0; i < 3000; i++)
        length += sprintf(lines + length, "Name%u: %u\r\n", i, i);
    add_lines(&fields, lines, FALSE);
    check_text(&fields, lines);
    ok(!fields.is_failed, "failed.\n");
    fields_clear(&fields);

    allocations_left = 2;
    add_lines(&fields, lines, FALSE);
    ok(fields.is_failed, "did not fail.\n");
    ok(!fields.text[fields.length], "not terminated.\n");
    allocations_left = 0;
    fields_clear(&fields);
    add(&fields, "A", "1");
    ok(fields.is_failed && !fields.text, "did not fail.\n");
    allocations_left = -1;
    fields_clear(&fields);
}

/* Whatever the lines are, what comes out is fields. */
static void test_random(void)
{
    static const char chars[] = "aB1:: \t\r\n\r\n-\x01\xff\x7f(";
    UINT64 seed = 1;
    UINT round, i, length, colons;
    struct fields fields;
    WCHAR lines[64];
    const WCHAR *p;

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
                if (*p == '\n' || (*p < ' ' && *p != '\t') || (!colons && *p == ' '))
                    break;
            }
            if (p[0] != '\r' || p[1] != '\n' || !colons)
                break;
        }
        if (p && *p)
            ok(FALSE, "round %u: bad field.\n", round);
        fields_clear(&fields);
    }
    ok(TRUE, "never.\n");
}

int main(void)
{
    test_lines();
    test_wide();
    test_precedence();
    test_long();
    test_random();
    return report("fields");
}
