/*
 * Tests of the rules of DOModifyCacheDrive
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
#include "base/place.h"
#include "base/text.h"

static void test_values(void)
{
    static const struct
    {
        const WCHAR *value;
        enum place place;
        const WCHAR *folder;
    }
    tests[] =
    {
        { L"C:", PLACE_DEFAULT },
        { L"c:", PLACE_DEFAULT },
        { L"C:\\", PLACE_DEFAULT },
        { L" C: ", PLACE_DEFAULT },
        { L"D:", PLACE_MOVED, L"D:\\Name\\" },
        { L"d:/", PLACE_MOVED, L"d:\\Name\\" },
        { L"C:\\cache", PLACE_MOVED, L"C:\\cache\\" },
        { L"D:\\cache\\downloads\\\\", PLACE_MOVED, L"D:\\cache\\downloads\\" },
        { L"D:/cache/downloads", PLACE_MOVED, L"D:\\cache\\downloads\\" },
        { L"\t D:\\my cache ", PLACE_MOVED, L"D:\\my cache\\" },
        { L"D:\\.cache", PLACE_MOVED, L"D:\\.cache\\" },
        { L"\\\\server\\share", PLACE_MOVED, L"\\\\server\\share\\" },
        { L"//server/share/a", PLACE_MOVED, L"\\\\server\\share\\a\\" },
        { L"", PLACE_UNUSABLE },
        { L" ", PLACE_UNUSABLE },
        { L"D", PLACE_UNUSABLE },
        { L"D:cache", PLACE_UNUSABLE },
        { L"cache", PLACE_UNUSABLE },
        { L"\\cache", PLACE_UNUSABLE },
        { L"\\", PLACE_UNUSABLE },
        { L"\\\\", PLACE_UNUSABLE },
        { L"\\\\server", PLACE_UNUSABLE },
        { L"\\\\?\\C:\\cache", PLACE_UNUSABLE },
        { L"\\\\.\\pipe", PLACE_UNUSABLE },
        { L"1:", PLACE_UNUSABLE },
        { L"%CACHE%", PLACE_UNUSABLE },
        { L"D:\\a\\..\\b", PLACE_UNUSABLE },
        { L"D:\\a\\.\\b", PLACE_UNUSABLE },
        { L"D:\\a\\\\b", PLACE_UNUSABLE },
        { L"D:\\a:b", PLACE_UNUSABLE },
        { L"D:\\a\tb", PLACE_UNUSABLE },
        { L"D:\\what?", PLACE_UNUSABLE },
        { L"D:\\a \\b", PLACE_UNUSABLE },
    };
    WCHAR folder[PLACE_MAX];
    enum place place;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        place = place_parse(tests[i].value, L"C:", L"Name", folder);
        ok(place == tests[i].place, "POL-012: test %u: got %u.\n", i, place);
        ok(place != PLACE_MOVED || (text_length(folder) == text_length(tests[i].folder)
                && !memcmp(folder, tests[i].folder, text_length(folder) * sizeof(*folder))), "POL-012: test %u.\n", i);
    }
    ok(place_parse(L"C:", L"", L"Name", folder) == PLACE_MOVED, "POL-012: no system drive.\n");
}

/* The longest folder that fits, and one more character. */
static void test_length(void)
{
    WCHAR value[PLACE_MAX + 1] = L"D:\\", folder[PLACE_MAX];
    UINT i;

    for (i = 3; i < PLACE_MAX - 2; i++)
        value[i] = 'a';
    ok(place_parse(value, L"C:", L"Name", folder) == PLACE_MOVED && text_length(folder) == PLACE_MAX - 1,
            "POL-012: the longest folder.\n");
    value[i] = 'a';
    ok(place_parse(value, L"C:", L"Name", folder) == PLACE_UNUSABLE, "POL-012: too long a folder.\n");
}

int main(void)
{
    test_values();
    test_length();
    return report("place");
}
