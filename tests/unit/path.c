/*
 * Tests of the names that clients may want
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
#include "base/path.h"

static void test_check(void)
{
    static const struct
    {
        const char *path;
        enum path_status status;
    }
    tests[] =
    {
        { "", PATH_EMPTY },
        { "C:\\a", PATH_VALID },
        { "z:/folder/a.b.c", PATH_VALID },
        { "C:\\a\\..\\b", PATH_VALID },
        { "C:\\..\\b", PATH_VALID },
        { "C:\\.\\b", PATH_VALID },
        { "C:\\a\\\\b", PATH_VALID },
        { "C:\\...", PATH_VALID },
        { "C:\\.hidden", PATH_VALID },
        { "C:\\a b ", PATH_VALID },
        { "\\\\server\\share\\a", PATH_VALID },
        { "//server/share/a", PATH_VALID },
        { "\\\\?\\C:\\a", PATH_VALID },
        { "\\\\?\\C:\\..a\\b..", PATH_VALID },
        { "\\\\?\\UNC\\server\\share\\a", PATH_VALID },
        { "\\\\?\\unix\\tmp\\a", PATH_VALID },
        /* relative */
        { "a", PATH_RELATIVE },
        { "a\\b", PATH_RELATIVE },
        { "C:a", PATH_RELATIVE },
        { "C:", PATH_RELATIVE },
        { "\\a", PATH_RELATIVE },
        /* folders */
        { "C:\\", PATH_BAD_NAME },
        { "C:\\a\\", PATH_BAD_NAME },
        { "C:\\a/", PATH_BAD_NAME },
        { "C:\\a\\.", PATH_BAD_NAME },
        { "C:\\a\\..", PATH_BAD_NAME },
        { "\\\\?\\", PATH_BAD_NAME },
        { "\\\\?\\C:\\", PATH_BAD_NAME },
        /* characters */
        { "C:\\a<", PATH_BAD_NAME },
        { "C:\\a>\\b", PATH_BAD_NAME },
        { "C:\\a|b", PATH_BAD_NAME },
        { "C:\\\"a\"", PATH_BAD_NAME },
        { "C:\\a?", PATH_BAD_NAME },
        { "C:\\*\\a", PATH_BAD_NAME },
        { "C:\\a\nb", PATH_BAD_NAME },
        { "a?", PATH_BAD_NAME },
        /* streams */
        { "C:\\a:b", PATH_BAD_NAME },
        { "C:\\a::$DATA", PATH_BAD_NAME },
        { "C:\\a:b\\c", PATH_BAD_NAME },
        { "\\\\?\\C:\\a:b", PATH_BAD_NAME },
        { "\\\\server\\share\\a:b", PATH_BAD_NAME },
        { "http://host/a", PATH_BAD_NAME },
        /* devices */
        { "C:\\con", PATH_BAD_NAME },
        { "C:\\a\\NUL", PATH_BAD_NAME },
        { "C:\\aux.txt", PATH_BAD_NAME },
        { "C:\\prn.tar.gz", PATH_BAD_NAME },
        { "C:\\Com1", PATH_BAD_NAME },
        { "C:\\lpt9.x", PATH_BAD_NAME },
        { "C:\\com\xb9", PATH_BAD_NAME },
        { "C:\\nul .txt", PATH_BAD_NAME },
        { "\\\\server\\share\\con", PATH_BAD_NAME },
        { "\\\\.\\C:\\a", PATH_BAD_NAME },
        { "\\\\.\\pipe\\a", PATH_BAD_NAME },
        { "C:\\com0", PATH_VALID },
        { "C:\\com10", PATH_VALID },
        { "C:\\com", PATH_VALID },
        { "C:\\console", PATH_VALID },
        { "C:\\xcon", PATH_VALID },
        { "C:\\aux\\a", PATH_VALID },
        { "\\\\?\\C:\\con", PATH_VALID },
        /* nothing is replaced behind the prefix */
        { "\\\\?\\C:\\a\\..\\b", PATH_BAD_NAME },
        { "\\\\?\\C:\\.\\b", PATH_BAD_NAME },
        { "\\\\?\\..\\b", PATH_BAD_NAME },
        { "\\\\?\\C:\\a/b", PATH_BAD_NAME },
    };
    WCHAR path[256];
    UINT i;

    ok(path_check(NULL) == PATH_EMPTY, "NULL.\n");
    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        enum path_status status;

        widen(tests[i].path, path, 256);
        status = path_check(path);
        ok(status == tests[i].status, "%s: got %u.\n", tests[i].path, status);
    }
}

static UINT append(WCHAR *name, UINT length, WCHAR c, UINT count)
{
    while (count--)
        name[length++] = c;
    name[length] = 0;
    return length;
}

static void test_length(void)
{
    static WCHAR path[33000];
    UINT start = widen("C:\\a\\", path, 256), i, length;

    append(path, start, 'x', 255);
    ok(path_check(path) == PATH_VALID, "255 bytes.\n");
    append(path, start, 'x', 256);
    ok(path_check(path) == PATH_BAD_NAME, "256 bytes.\n");
    append(path, start + 256, '\\', 1);
    append(path, start + 257, 'x', 1);
    ok(path_check(path) == PATH_BAD_NAME, "a folder of 256 bytes.\n");
    length = append(path, start, 0xfc, 127);
    ok(path_check(path) == PATH_VALID, "254 bytes.\n");
    append(path, length, 0xfc, 1);
    ok(path_check(path) == PATH_BAD_NAME, "128 letters of 2 bytes.\n");
    append(path, start, 0x4e00, 85);
    ok(path_check(path) == PATH_VALID, "85 letters of 3 bytes.\n");
    append(path, start, 0x4e00, 86);
    ok(path_check(path) == PATH_BAD_NAME, "86 letters of 3 bytes.\n");
    for (i = 0, length = start; i < 64; i++)
    {
        ok(path_check(path) == (i ? PATH_VALID : PATH_BAD_NAME), "%u letters of 4 bytes.\n", i);
        length = append(path, length, 0xd83d, 1);
        length = append(path, length, 0xde00, 1);
    }
    ok(path_check(path) == PATH_BAD_NAME, "64 letters of 4 bytes.\n");
    for (i = 0, length = start; length < 32767; i++)
        length = append(path, length, i % 200 == 199 ? '\\' : 'x', 1);
    ok(path_check(path) == PATH_VALID, "32767 characters.\n");
    append(path, length, 'x', 1);
    ok(path_check(path) == PATH_TOO_LONG, "32768 characters.\n");
}

static void test_folder(void)
{
    WCHAR path[64];

    widen("C:\\a/b\\c", path, 64);
    ok(path_folder_length(path) == 7, "got %u.\n", path_folder_length(path));
    widen("c", path, 64);
    ok(!path_folder_length(path), "got %u.\n", path_folder_length(path));
}

static UINT count(const WCHAR *name, WCHAR c)
{
    UINT ret = 0;

    for (; *name; name++)
        ret += *name == c;
    return ret;
}

static UINT get_bytes(const WCHAR *name)
{
    UINT ret = 0;

    for (; *name; name++)
        ret += *name < 0x80 ? 1 : *name < 0x800 || (*name & 0xf800) == 0xd800 ? 2 : 3;
    return ret;
}

static void check_temporary_(UINT line, const WCHAR *name, UINT bytes)
{
    WCHAR temporary[PATH_NAME_MAX + 1], start[32], prefix[8];
    UINT length = 0, i;

    widen("DO0123456789abcdef", start, 32);
    widen("DO", prefix, 8);
    path_make_temporary_name(name, prefix, 0x0123456789abcdefull, temporary);
    while (temporary[length])
        length++;
    ok_(line, get_bytes(temporary) == bytes, "got %u bytes.\n", get_bytes(temporary));
    ok_(line, !memcmp(temporary, start, 18 * sizeof(WCHAR)), "another beginning.\n");
    ok_(line, length >= 22 && temporary[length - 4] == '.' && temporary[length - 3] == 't'
            && temporary[length - 2] == 'm' && temporary[length - 1] == 'p', "another end.\n");
    for (i = 0; i < length; i++)
        ok_(line, (temporary[i] & 0xfc00) != 0xd800 || (temporary[i + 1] & 0xfc00) == 0xdc00, "half a letter.\n");
}
#define check_temporary(name, bytes) check_temporary_(__LINE__, name, bytes)

static void test_temporary(void)
{
    WCHAR name[512], temporary[PATH_NAME_MAX + 1], prefix[8];
    UINT i;

    widen("DO", prefix, 8);
    for (i = 1; i <= 255; i++)
    {
        append(name, 0, 'x', i);
        check_temporary(name, max(22, i));
    }
    /* As short as it may be it has the letters all the same. */
    append(name, append(name, 0, 'x', 3), 0xfc, 5);
    check_temporary(name, 32);
    path_make_temporary_name(name, prefix, 1, temporary);
    ok(count(temporary, 0xfc) == 5, "got %u.\n", count(temporary, 0xfc));
    append(name, 0, 0xfc, 127);
    check_temporary(name, 254);
    path_make_temporary_name(name, prefix, 1, temporary);
    ok(count(temporary, 0xfc) == 116, "got %u.\n", count(temporary, 0xfc));
    append(name, 0, 0x4e00, 85);
    check_temporary(name, 255);
    for (i = 0; i < 63; i++)
    {
        append(name, 2 * i, 0xd83d, 1);
        append(name, 2 * i + 1, 0xde00, 1);
    }
    check_temporary(name, 252);
    /* Of an earlier version: too long by itself. */
    append(name, 0, 'x', 400);
    check_temporary(name, 255);
}

int main(void)
{
    test_check();
    test_length();
    test_folder();
    test_temporary();
    return report("path");
}
