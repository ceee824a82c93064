/*
 * Tests of the names of files
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
#include "file_name.h"
#include "base/url.h"

/* Compare with an expected name in UTF-8, NULL for none. */
static void check_name(const char *text, BOOL found, const WCHAR *name, const char *expected)
{
    WCHAR wide[FILE_NAME_SIZE * 2];
    UINT length = 0;

    ok(found == !!expected, "%s: got %d.\n", text, found);
    if (!found || !expected)
        return;
    ok(utf8_decode(expected, strlen(expected), wide, &length), "%s: bad test.\n", text);
    wide[length] = 0;
    ok(!memcmp(name, wide, (length + 1) * sizeof(WCHAR)), "%s: not %s.\n", text, expected);
}

static void check_field(const char *field, const char *expected)
{
    WCHAR headers[4096], name[FILE_NAME_SIZE];
    UINT length = widen("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n", headers, ARRAY_SIZE(headers)), more;

    ok(utf8_decode(field, strlen(field), headers + length, &more), "%s: bad test.\n", field);
    widen("\r\nETag: \"filename=x\"", headers + length + more, 32);
    check_name(field, file_name_from_headers(headers, name), name, expected);
}

/* 7.2, 11.47: paths, devices, control characters, lengths, and what RFC 6266 and RFC 8187 say. */
static void test_headers(void)
{
    static const struct
    {
        const char *value, *name;
    }
    tests[] =
    {
        { "attachment", NULL },
        { "attachment; filename=", NULL },
        { "attachment; filename=\"\"", NULL },
        { "attachment; filename=a.zip", "a.zip" },
        { "attachment; filename=\"a b.zip\"", "a b.zip" },
        { "ATTACHMENT;FILENAME=\"a.zip\"", "a.zip" },
        { "inline ; filename = a.zip ; size=3", "a.zip" },
        { "filename=a.zip", "a.zip" },
        { "attachment; filename=a b.zip", "a b.zip" },
        { "attachment; filename=\"a;b=c.zip\"; x=y", "a;b=c.zip" },
        { "attachment; x=\"filename=b\"; filename=a.zip", "a.zip" },
        { "attachment; filename=\"a\\\"b.zip\"", "a_b.zip" },
        { "attachment; filename=\"a.zip", "a.zip" },
        { "attachment; filename=a.zip; filename=b.zip", "a.zip" },
        { "attachment; filename=\"\xc3\xa4.zip\"", "\xc3\xa4.zip" },
        { "attachment; filename=\"a%20b.zip\"", "a%20b.zip" },
        /* Extended values. */
        { "attachment; filename*=UTF-8''%e2%82%ac%20rates.zip", "\xe2\x82\xac rates.zip" },
        { "attachment; filename=b.zip; filename*=utf-8'en'a.zip", "a.zip" },
        { "attachment; filename*=utf-8'en'a.zip; filename=b.zip", "a.zip" },
        { "attachment; filename*=iso-8859-1''%e4.zip", "\xc3\xa4.zip" },
        { "attachment; filename*=UTF-8''%f0%9f%93%a6.zip", "\xf0\x9f\x93\xa6.zip" },
        { "attachment; filename*=UTF-8''%e4.zip; filename=b.zip", "b.zip" },
        { "attachment; filename*=koi8-r''a.zip; filename=b.zip", "b.zip" },
        { "attachment; filename*=a.zip; filename=b.zip", "b.zip" },
        { "attachment; filename*=UTF-8'a.zip", NULL },
        { "attachment; filename*=UTF-8''", NULL },
        { "attachment; filename*=UTF-8''%2e%2e%2f%2e%2e%2fa.zip", "a.zip" },
        { "attachment; filename*=UTF-8''a%00b%0d%0a.zip", "ab.zip" },
        { "attachment; filename*=UTF-8''a%.zip", "a%.zip" },
        { "attachment; filename*=\"UTF-8''a.zip\"", "a.zip" },
        /* Paths. */
        { "attachment; filename=\"/etc/passwd\"", "passwd" },
        { "attachment; filename=\"../../a.zip\"", "a.zip" },
        { "attachment; filename=\"C:\\dir\\a.zip\"", "a.zip" },
        { "attachment; filename=\"..\\\\..\\\\a.zip\"", "a.zip" },
        { "attachment; filename=C:a.zip", "C_a.zip" },
        { "attachment; filename=a.zip:stream", "a.zip_stream" },
        { "attachment; filename=\"a/\"", NULL },
        { "attachment; filename=\".\"", NULL },
        { "attachment; filename=\"..\"", NULL },
        { "attachment; filename=\"...\"", NULL },
        { "attachment; filename=\" . \"", NULL },
        { "attachment; filename=\".bashrc\"", "_bashrc" },
        { "attachment; filename=\"  a.zip . \"", "a.zip" },
        { "attachment; filename=\"a*?<b>|.zip\"", "a__" "_b__.zip" },
        /* Devices. */
        { "attachment; filename=con", "_con" },
        { "attachment; filename=NUL.txt", "_NUL.txt" },
        { "attachment; filename=\"aux .tar.gz\"", "_aux .tar.gz" },
        { "attachment; filename=Com1.zip", "_Com1.zip" },
        { "attachment; filename=\"lpt\xc2\xb2.zip\"", "_lpt\xc2\xb2.zip" },
        { "attachment; filename=CONIN$", "_CONIN$" },
        { "attachment; filename=com10.zip", "com10.zip" },
        { "attachment; filename=contents.zip", "contents.zip" },
        /* Characters that hide others. */
        { "attachment; filename=\"a\xe2\x80\xae" "gpj.exe\"", "agpj.exe" },
        { "attachment; filename=\"\xef\xbb\xbf" "a\xe2\x80\x8b.zip\"", "a.zip" },
        { "attachment; filename=\"a\tb\x7f.zip\"", "ab.zip" },
        { "attachment; filename=\"\xe2\x80\xae\"", NULL },
    };
    char field[256];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        snprintf(field, sizeof(field), "Content-Disposition: %s", tests[i].value);
        check_field(field, tests[i].name);
    }
    check_field("content-disposition:attachment;filename=a.zip", "a.zip");
    check_field("X-Content-Disposition: attachment; filename=a.zip", NULL);
    check_field("Content-Disposition: attachment\r\nContent-Disposition: inline; filename=a.zip", "a.zip");
    check_field("X: Content-Disposition: attachment; filename=a.zip", NULL);
}

/* Names that are too long keep their extension, and no half of a character. */
static void test_lengths(void)
{
    static const struct
    {
        const char *character, *extension;
        UINT count, kept;
    }
    tests[] =
    {
        { "a", ".zip", 195, 195 },
        { "a", ".zip", 196, 195 },
        { "a", ".zip", 1900, 195 },
        { "a", "", 3000, 199 },
        { "\xe2\x82\xac", ".zip", 66, 65 },
        { "\xf0\x9f\x93\xa6", ".zip", 100, 48 },
        { "a", ".tar.gz", 300, 196 },
    };
    char field[4096], expected[1024];
    UINT i, j;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        strcpy(field, "Content-Disposition: attachment; filename=\"");
        for (expected[0] = j = 0; j < tests[i].count; j++)
        {
            strcat(field, tests[i].character);
            if (j < tests[i].kept)
                strcat(expected, tests[i].character);
        }
        strcat(strcat(field, tests[i].extension), "\"");
        strcat(expected, strcmp(tests[i].extension, ".tar.gz") ? tests[i].extension : ".gz");
        check_field(field, expected);
    }
    snprintf(field, sizeof(field), "Content-Disposition: attachment; filename=con.%0300u", 0);
    snprintf(expected, sizeof(expected), "_con.%0195u", 0);
    check_field(field, expected);
}

static void test_urls(void)
{
    static const struct
    {
        const char *url, *name;
    }
    tests[] =
    {
        { "http://h/a.zip", "a.zip" },
        { "https://u:p@h:81/x/y/a.zip?b=/c.zip#d/e", "a.zip" },
        { "http://h/a%20b.zip", "a b.zip" },
        { "http://h/%e2%82%ac.zip", "\xe2\x82\xac.zip" },
        { "http://h/%e4.zip", "%e4.zip" },
        { "http://h/a%2fb%5cc.zip", "a_b_c.zip" },
        { "http://h/%2e%2e", NULL },
        { "http://h/a%", "a%" },
        { "http://h/.config", ".config" },
        { "http://h/nul", "_nul" },
        { "http://h/a%0ab", "ab" },
        { "http://h/x/", NULL },
        { "http://h", NULL },
        { "http://h?a", NULL },
        { "ftp://h/a.zip", NULL },
    };
    WCHAR url[256], name[FILE_NAME_SIZE];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        widen(tests[i].url, url, ARRAY_SIZE(url));
        check_name(tests[i].url, file_name_from_url(url, name), name, tests[i].name);
    }
}

static void test_extensions(void)
{
    static const char * const names[] = { "a.zip", "a", ".zip", "a.tar.gz", "a.12345678901234567" };
    static const UINT offsets[] = { 1, 1, 4, 5, 19 };
    WCHAR name[64];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        widen(names[i], name, ARRAY_SIZE(name));
        ok(file_name_extension(name) - name == offsets[i], "%s: got %u.\n", names[i],
                (UINT)(file_name_extension(name) - name));
    }
}

/* Whatever a server says, no bounds are left and no path comes out. */
static void test_random(void)
{
    static const char parts[] = "filename*=UTF-8''%2f\"\\/;=.: \tcon%e2%82%ac%00";
    static const char start[] = "Content-Disposition: attachment; filename=";
    WCHAR headers[4096], name[FILE_NAME_SIZE];
    UINT64 random = 1;
    UINT i, j, length;

    for (i = 0; i < 20000; i++)
    {
        length = widen(start, headers, ARRAY_SIZE(headers));
        for (j = next_random(&random) % 3000; j; j--)
        {
            headers[length] = parts[next_random(&random) % (sizeof(parts) - 1)];
            if (next_random(&random) % 8 == 0)
                headers[length] = next_random(&random) % 0xffff + 1;
            length++;
        }
        headers[length] = 0;
        if (!file_name_from_headers(headers, name))
            continue;
        for (j = 0; name[j]; j++)
            ok(name[j] >= ' ' && !(name[j] < 0x80 && strchr("/\\:", name[j])), "round %u: got %#x.\n", i, name[j]);
        ok(j && j < FILE_NAME_SIZE && name[0] != '.' && name[j - 1] != '.', "round %u: got %u characters.\n", i, j);
    }
}

int main(void)
{
    test_headers();
    test_lengths();
    test_urls();
    test_extensions();
    test_random();
    return report("file_name");
}
