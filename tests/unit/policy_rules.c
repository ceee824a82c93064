/*
 * Tests of policy_rules.c
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
#include "base/policy_rules.h"
#include "base/text.h"

static BOOL is_memory_short;

void *test_calloc(size_t count, size_t size);

void *test_calloc(size_t count, size_t size)
{
    return is_memory_short ? NULL : calloc(count, size);
}

/* Each row is what its type needs, and its default is a value that it may have. */
static void test_rules(void)
{
    const struct policy_rule *rule;
    enum policy policy;
    DWORD number;
    UINT i, j;

    for (i = 0; i < POLICY_COUNT; i++)
    {
        rule = &policy_rules[i];
        ok(rule->name && rule->name[0], "POL-001: setting %u has no name.\n", i);
        ok(rule->type == POLICY_NUMBER ? rule->min < rule->max : !rule->max, "POL-010: setting %u: bounds.\n", i);
        ok(rule->type == POLICY_NUMBER || !rule->unit, "POL-010: setting %u: unit.\n", i);
        ok(policy_find(rule->name, &policy) && policy == i, "POL-011: setting %u is not found.\n", i);
        ok(!rule->alias || (policy_find(rule->alias, &policy) && policy == i), "POL-011: setting %u: alias.\n", i);
        if (rule->type == POLICY_NUMBER && rule->default_value)
            ok(policy_parse_number(rule, REG_SZ, rule->default_value,
                    text_length(rule->default_value) * sizeof(WCHAR), &number), "POL-001: setting %u: default.\n", i);
        for (j = 0; rule->name[j]; j++)
            ok(rule->name[j] < 0x7f, "setting %u.\n", i);
    }
    ok(!policy_find(L"DODownload", &policy) && !policy_find(L"", &policy), "a part of a name is found.\n");
    ok(policy_find(L"dodownloadmode", &policy) && policy == POLICY_DOWNLOAD_MODE, "POL-002: case matters.\n");
}

static void test_bounds(void)
{
    static const struct
    {
        enum policy policy;
        DWORD number;
        BOOL is_allowed;
    }
    tests[] =
    {
        { POLICY_DOWNLOAD_MODE, 0, TRUE },
        { POLICY_DOWNLOAD_MODE, 3, TRUE },
        { POLICY_DOWNLOAD_MODE, 4, FALSE },
        { POLICY_DOWNLOAD_MODE, 98, FALSE },
        { POLICY_DOWNLOAD_MODE, 99, TRUE },
        { POLICY_DOWNLOAD_MODE, 100, TRUE },
        { POLICY_DOWNLOAD_MODE, 101, FALSE },
        { POLICY_CACHE_FALLBACK_FOREGROUND, 2592000, TRUE },
        { POLICY_CACHE_FALLBACK_FOREGROUND, 2592001, FALSE },
        { POLICY_CACHE_FALLBACK_FOREGROUND, ~0u - 1, FALSE },
        { POLICY_CACHE_FALLBACK_BACKGROUND, ~0u, TRUE },
        { POLICY_PERCENTAGE_BACKGROUND, 100, TRUE },
        { POLICY_PERCENTAGE_BACKGROUND, 101, FALSE },
        { POLICY_HOURS_FOREGROUND_FROM, 23, TRUE },
        { POLICY_HOURS_FOREGROUND_FROM, 24, FALSE },
        { POLICY_MIN_BACKGROUND_QOS, 0, FALSE },
        { POLICY_MIN_BACKGROUND_QOS, 1, TRUE },
        { POLICY_MAX_CACHE_SIZE, 0, FALSE },
        { POLICY_BANDWIDTH_FOREGROUND, ~0u, TRUE },
        { POLICY_NETWORK_COST, 0x800000ff, TRUE },
        { POLICY_NETWORK_IS_VPN, 2, FALSE },
    };
    DWORD number;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        const struct policy_rule *rule = &policy_rules[tests[i].policy];
        BOOL is_read;

        ok(policy_allows(rule, tests[i].number) == tests[i].is_allowed, "POL-010: test %u.\n", i);
        number = 1234567;
        is_read = policy_parse_number(rule, REG_DWORD, &tests[i].number, sizeof(DWORD), &number);
        ok(is_read == tests[i].is_allowed, "POL-010: test %u: %d.\n", i, is_read);
        ok(number == (is_read ? tests[i].number : 1234567), "POL-010: test %u: got %u.\n", i, number);
    }
}

static void test_numbers(void)
{
    static const struct
    {
        DWORD type;
        const WCHAR *data;
        DWORD size;
        BOOL is_read;
        DWORD number;
    }
    tests[] =
    {
        { REG_SZ, L"100", 8, TRUE, 100 },
        { REG_SZ, L"100", 6, TRUE, 100 }, /* without its end */
        { REG_SZ, L"100", 7, TRUE, 100 },
        { REG_SZ, L"100", 3, TRUE, 1 },
        { REG_SZ, L"7\0008", 8, TRUE, 7 },
        { REG_SZ, L"4294967295", 22, TRUE, ~0u },
        { REG_SZ, L"4294967296", 22 },
        { REG_SZ, L"", 2 },
        { REG_SZ, L"", 0 },
        { REG_SZ, L" 1", 6 },
        { REG_SZ, L"-1", 6 },
        { REG_SZ, L"0x10", 10 },
        { REG_SZ, L"1.5", 8 },
        { REG_EXPAND_SZ, L"100", 8 },
        { REG_MULTI_SZ, L"100\0", 10 },
        { REG_BINARY, L"\1\0", 4 },
        { REG_QWORD, L"\1\0\0\0", 8 },
        { REG_DWORD, L"\1\2", 4, TRUE, 0x20001 },
        { REG_DWORD, L"\1\2", 2 },
        { REG_DWORD, L"\1\2\0\0", 8 },
    };
    const struct policy_rule *rule = &policy_rules[POLICY_BANDWIDTH];
    DWORD number;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        BOOL is_read;

        number = 0;
        is_read = policy_parse_number(rule, tests[i].type, tests[i].data, tests[i].size, &number);
        ok(is_read == tests[i].is_read && number == tests[i].number, "POL-010: test %u: %d, %u.\n", i, is_read,
                number);
    }
    rule = &policy_rules[POLICY_CACHE_HOST];
    ok(!policy_parse_number(rule, REG_SZ, L"1", 4, &number), "POL-010: a text is a number.\n");
}

static BOOL is_same(const WCHAR *text, const WCHAR *other)
{
    UINT length = text_length(other);

    return text_length(text) == length && !memcmp(text, other, length * sizeof(*text));
}

static void test_texts(void)
{
    static const struct
    {
        enum policy policy;
        DWORD type;
        const WCHAR *data;
        DWORD size;
        const WCHAR *text;
    }
    tests[] =
    {
        { POLICY_CACHE_HOST, REG_SZ, L"a,b", 8, L"a,b" },
        { POLICY_CACHE_HOST, REG_SZ, L"a,b", 6, L"a,b" },
        { POLICY_CACHE_HOST, REG_SZ, L"a\0b", 6, L"a" },
        { POLICY_CACHE_HOST, REG_SZ, L"", 2, L"" },
        { POLICY_CACHE_HOST, REG_SZ, L"", 0, L"" },
        { POLICY_CACHE_HOST, REG_MULTI_SZ, L"a\0bc\0", 12, L"a,bc" },
        { POLICY_CACHE_HOST, REG_MULTI_SZ, L"a\0bc", 8, L"a,bc" },
        { POLICY_CACHE_HOST, REG_MULTI_SZ, L"a\0bc\0\0d", 16, L"a,bc" },
        { POLICY_CACHE_HOST, REG_MULTI_SZ, L"", 2, L"" },
        { POLICY_CACHE_HOST, REG_MULTI_SZ, L"", 0, L"" },
        { POLICY_CACHE_HOST, REG_EXPAND_SZ, L"a", 4 },
        { POLICY_CACHE_HOST, REG_DWORD, L"a", 4 },
        { POLICY_USER_AGENT, REG_SZ, L"agent", 12, L"agent" },
        { POLICY_USER_AGENT, REG_MULTI_SZ, L"a\0b\0", 10 },
        { POLICY_BANDWIDTH, REG_SZ, L"1", 4 },
    };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        WCHAR *text = policy_parse_text(&policy_rules[tests[i].policy], tests[i].type, tests[i].data, tests[i].size);

        ok(!text == !tests[i].text && (!text || is_same(text, tests[i].text)), "POL-010: test %u.\n", i);
        free(text);
    }
    is_memory_short = TRUE;
    ok(!policy_parse_text(&policy_rules[POLICY_USER_AGENT], REG_SZ, L"a", 4), "POL-010: a text without memory.\n");
    is_memory_short = FALSE;
}

int main(void)
{
    test_rules();
    test_bounds();
    test_numbers();
    test_texts();
    return report("policy_rules");
}
