/*
 * Tests of the form of the service's log
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
#include "base/log_rules.h"
#include "base/text.h"

#define UNIX_EPOCH 116444736000000000ull /* as a FILETIME */

static void test_times(void)
{
    static const struct
    {
        UINT64 time;
        const char *text;
    }
    tests[] =
    {
        { 0, "1601-01-01T00:00:00.0000000Z" },
        { UNIX_EPOCH, "1970-01-01T00:00:00.0000000Z" },
        { UNIX_EPOCH + 1, "1970-01-01T00:00:00.0000001Z" },
        { UNIX_EPOCH - 1, "1969-12-31T23:59:59.9999999Z" },
        { UNIX_EPOCH + 951782400 * 10000000ull, "2000-02-29T00:00:00.0000000Z" },
        { UNIX_EPOCH + 951868800 * 10000000ull, "2000-03-01T00:00:00.0000000Z" },
        { UNIX_EPOCH + 1709251199 * 10000000ull, "2024-02-29T23:59:59.0000000Z" },
        { UNIX_EPOCH + 1796126400 * 10000000ull + 1234567, "2026-12-01T12:00:00.1234567Z" },
        { UNIX_EPOCH + 4107542400 * 10000000ull, "2100-03-01T00:00:00.0000000Z" },
    };
    char text[LOG_TIME_LENGTH + 1];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        log_format_time(tests[i].time, text);
        ok(!strcmp(text, tests[i].text), "SVC-009: test %u: got %s.\n", i, text);
    }
    ok(log_date(UNIX_EPOCH + 1796126400 * 10000000ull) == 20261201, "SVC-009: got another date.\n");
}

#define TIME "2026-12-01T12:00:00.1234567Z"

static void test_lines(void)
{
    static const struct
    {
        const char *text;
        BOOL is_line;
        enum log_level level;
        const char *function, *message;
    }
    tests[] =
    {
        { TIME " 1A4 2b8 Info {open} a message.\n", TRUE, LOG_INFO, "open", "a message." },
        { TIME " 1A4 2b8 Info {open} a message.\r\n", TRUE, LOG_INFO, "open", "a message." },
        { TIME " 1A4 2b8 Error {open} a } b", TRUE, LOG_ERROR, "open", "a } b" },
        { TIME " 1A4 2b8 Warning {} ", TRUE, LOG_WARNING, "", "" },
        { TIME " 1A4 2b8 Debug {f} x", TRUE, LOG_DEBUG, "f", "x" },
        { TIME " 1A4 2b8 Debug {f}", FALSE },
        { TIME " 1A4 2b8 Debug f x", FALSE },
        { TIME " 1A4 2b8 Verbose {f} x", FALSE },
        { TIME " 1A4 2b8", FALSE },
        { TIME " 1A4 {f} x y z", FALSE },
        { TIME " 1G4 2b8 Info {f} x", FALSE },
        { TIME " 123456789 2b8 Info {f} x", FALSE },
        { TIME "  2b8 Info {f} x", FALSE },
        { TIME, FALSE },
        { "2026-12-01 12:00:00.1234567Z 1A4 2b8 Info {f} x", FALSE },
        { "2026-12-01T12:00:00Z 1A4 2b8 Info {f} x", FALSE },
        { "", FALSE },
        { "\n", FALSE },
    };
    struct log_line line;
    BOOL is_line;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        is_line = log_parse_line(tests[i].text, strlen(tests[i].text), &line);
        ok(is_line == tests[i].is_line, "SVC-009: test %u: got %d.\n", i, is_line);
        if (!is_line || !tests[i].is_line)
            continue;
        ok(line.time == tests[i].text && line.process == 0x1a4 && line.thread == 0x2b8 && line.level == tests[i].level,
                "SVC-009: test %u.\n", i);
        ok(line.function_length == strlen(tests[i].function)
                && !memcmp(line.function, tests[i].function, line.function_length), "SVC-009: test %u: function.\n", i);
        ok(line.message_length == strlen(tests[i].message)
                && !memcmp(line.message, tests[i].message, line.message_length), "SVC-009: test %u: message.\n", i);
    }
    ok(!strcmp(log_level_name(LOG_ERROR), "Error") && !log_level_name(0) && !log_level_name(LOG_DEBUG + 1),
            "SVC-009: levels.\n");
}

/* Each beginning of a line is none, and is not read beyond its end. */
static void test_cut_lines(void)
{
    static const char text[] = TIME " 1A4 2b8 Info {open} m";
    struct log_line line;
    char *copy;
    UINT i;

    for (i = 0; i < sizeof(text) - 1; i++)
    {
        copy = malloc(i + 1);
        memcpy(copy, text, i);
        ok(log_parse_line(copy, i, &line) == (i >= sizeof(text) - 2), "SVC-009: %u characters.\n", i);
        free(copy);
    }
}

static void test_names(void)
{
    static const struct
    {
        const WCHAR *name;
        BOOL is_name;
        UINT date, number;
    }
    tests[] =
    {
        { L"dosvc.20261201.log", TRUE, 20261201, 1 },
        { L"dosvc.20261201.2.log", TRUE, 20261201, 2 },
        { L"dosvc.20261201.123.log", TRUE, 20261201, 123 },
        { L"DOSVC.20261201.LOG", TRUE, 20261201, 1 },
        { L"dosvc.20261201.1.log" },
        { L"dosvc.20261201.02.log" },
        { L"dosvc.20261201.10000.log" },
        { L"dosvc.20261201..log" },
        { L"dosvc.20261201.txt" },
        { L"dosvc.20261201.log.bak" },
        { L"dosvc.20261301.log" },
        { L"dosvc.20260001.log" },
        { L"dosvc.20261200.log" },
        { L"dosvc.20261232.log" },
        { L"dosvc.2026120.log" },
        { L"dosvc.202612011.log" },
        { L"dosvc20261201.log" },
        { L"bits.20261201.log" },
        { L"dosvc.log" },
        { L"dosvc" },
        { L"" },
    };
    WCHAR name[LOG_NAME_MAX];
    struct log_file file;
    BOOL is_name;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        is_name = log_parse_name(tests[i].name, L"dosvc", &file);
        ok(is_name == tests[i].is_name, "SVC-009: test %u: got %d.\n", i, is_name);
        if (!is_name || !tests[i].is_name)
            continue;
        ok(file.date == tests[i].date && file.number == tests[i].number, "SVC-009: test %u: got %u, %u.\n", i,
                file.date, file.number);
        log_format_name(&file, L"dosvc", name);
        ok(text_is_same(name, tests[i].name), "SVC-009: test %u: another name.\n", i);
    }
}

static void test_order(void)
{
    static const struct log_file sorted[] =
        { { 20251231, 9 }, { 20260101, 1 }, { 20260101, 2 }, { 20260101, 10 }, { 20260102, 1 } };
    UINT i, j;

    for (i = 0; i < ARRAY_SIZE(sorted); i++)
    {
        for (j = 0; j < ARRAY_SIZE(sorted); j++)
        {
            int order = log_compare_files(&sorted[i], &sorted[j]);

            ok((order > 0) == (i > j) && (order < 0) == (i < j), "SVC-009: %u and %u: got %d.\n", i, j, order);
        }
    }
}

static void test_old(void)
{
    static const struct
    {
        UINT dates[12], today, old;
    }
    tests[] =
    {
        { { 0 }, 20260101, 0 },
        { { 20260101 }, 20260101, 0 },
        /* 14 days */
        { { 20260301 }, 20260314, 0 },
        { { 20260301 }, 20260315, 1 },
        { { 20251219, 20251220 }, 20260102, 1 },
        { { 20240216, 20240217 }, 20240301, 1 },
        { { 20230215, 20230216 }, 20230301, 1 },
        /* 10 files */
        { { 20260101, 20260101, 20260101, 20260101, 20260101, 20260101, 20260101, 20260101, 20260101, 20260101 },
                20260101, 0 },
        { { 20260101, 20260101, 20260101, 20260101, 20260101, 20260101, 20260101, 20260101, 20260101, 20260101,
                20260101, 20260102 }, 20260102, 2 },
        /* both */
        { { 20250101, 20250101, 20250101, 20260101, 20260101, 20260101, 20260101, 20260101, 20260101, 20260101,
                20260101, 20260101 }, 20260101, 3 },
        /* a clock that was wrong */
        { { 20300101 }, 20260101, 0 },
    };
    struct log_file files[12] = {{0}};
    UINT i, j, old;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        for (j = 0; j < 12 && tests[i].dates[j]; j++)
        {
            files[j].date = tests[i].dates[j];
            files[j].number = j + 1;
        }
        old = log_count_old(files, j, tests[i].today);
        ok(old == tests[i].old, "SVC-009: test %u: got %u.\n", i, old);
    }
}

int main(void)
{
    test_times();
    test_lines();
    test_cut_lines();
    test_names();
    test_order();
    test_old();
    return report("log_rules");
}
