/*
 * Unit tests of json.c
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
#include "base/json.h"

/* The file under test does not allocate. */
void *test_realloc(void *memory, size_t size) { return realloc(memory, size); }
void *test_calloc(size_t count, size_t size) { return calloc(count, size); }

static WCHAR *text; /* of the exact length, so that reading behind it shows */

static UINT set_text(const char *source)
{
    UINT i, length = strlen(source);

    free(text);
    text = malloc(length * sizeof(*text) + 1);
    for (i = 0; i < length; i++)
        text[i] = (unsigned char)source[i];
    return length;
}

static void test_objects(void)
{
    static const struct
    {
        const char *source;
        BOOL is_object;
    }
    rows[] =
    {
        { "{}", TRUE },
        { " \t\r\n{ } \n", TRUE },
        { "{\"a\":1}", TRUE },
        { "{\"a\":-0.5e+10,\"b\":[1,2,{\"c\":null}],\"d\":true,\"e\":false}", TRUE },
        { "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u12aB\"}", TRUE },
        { "", FALSE },
        { "blah", FALSE },
        { "[]", FALSE },
        { "\"a\"", FALSE },
        { "{", FALSE },
        { "{}}", FALSE },
        { "{} x", FALSE },
        { "{\"a\"}", FALSE },
        { "{\"a\":}", FALSE },
        { "{\"a\":1,}", FALSE },
        { "{,}", FALSE },
        { "{a:1}", FALSE },
        { "{\"a\":01}", FALSE },
        { "{\"a\":1.}", FALSE },
        { "{\"a\":-}", FALSE },
        { "{\"a\":1e}", FALSE },
        { "{\"a\":tru}", FALSE },
        { "{\"a\":\"\\x\"}", FALSE },
        { "{\"a\":\"\\u12g4\"}", FALSE },
        { "{\"a\":\"\\u12", FALSE },
        { "{\"a\":\"b", FALSE },
        { "{\"a\":\"\n\"}", FALSE },
        { "{\"a\":[1 2]}", FALSE },
        { "{\"a\":[1}", FALSE },
    };
    UINT i, j, length;

    for (i = 0; i < ARRAY_SIZE(rows); i++)
    {
        length = set_text(rows[i].source);
        ok(json_is_object(text, length) == rows[i].is_object, "%s.\n", rows[i].source);
        /* No part of a text but its end is read, and no beginning of an object is one. */
        for (j = 0; rows[i].is_object && j < length; j++)
        {
            if (rows[i].source[j] == '}' && strspn(rows[i].source + j + 1, " \n") == length - j - 1)
                break;
            ok(!json_is_object(text, j), "%.*s.\n", (int)j, rows[i].source);
        }
    }
}

static void test_depth(void)
{
    char source[8 * JSON_DEPTH_MAX] = "";
    UINT i, depth;

    for (depth = JSON_DEPTH_MAX - 1; depth <= JSON_DEPTH_MAX + 1; depth++)
    {
        strcpy(source, "{\"a\":");
        for (i = 1; i < depth; i++)
            strcat(source, "[");
        strcat(source, "0");
        for (i = 1; i < depth; i++)
            strcat(source, "]");
        strcat(source, "}");
        ok(json_is_object(text, set_text(source)) == (depth <= JSON_DEPTH_MAX), "depth %u.\n", depth);
    }
}

static void check_string(const char *source, const char *name, const char *expected)
{
    UINT length = set_text(source);
    struct json_value value;
    WCHAR buffer[16], wide[16];

    widen(name, wide, ARRAY_SIZE(wide));
    value = json_find(text, length, wide);
    memset(buffer, 0xcc, sizeof(buffer));
    ok(json_get_string(&value, buffer, ARRAY_SIZE(buffer)) == (expected != NULL), "%s, %s.\n", source, name);
    if (!expected)
        return;
    widen(expected, wide, ARRAY_SIZE(wide));
    ok(!memcmp(buffer, wide, (strlen(expected) + 1) * sizeof(*wide)), "%s, %s.\n", source, name);
}

static void test_members(void)
{
    struct json_value value;
    UINT length;

    check_string("{\"a\":\"b\"}", "a", "b");
    check_string("{\"a\":\"b\"}", "b", NULL);
    check_string("{\"a\":\"b\"}", "", NULL);
    check_string("{\"a\":1}", "a", NULL);
    check_string("{\"x\":{\"a\":\"b\"}}", "a", NULL);
    check_string("{\"a\":\"b\",\"a\":\"c\"}", "a", "c");
    check_string("{\"\\u0061\":\"\\u0062\\n\"}", "a", "b\n");
    check_string("{\"ab\":\"1\",\"a\":\"2\"}", "a", "2");
    check_string("{\"a\":\"\"}", "a", "");
    check_string("{\"a\":\"0123456789abcde\"}", "a", "0123456789abcde");
    check_string("{\"a\":\"0123456789abcdef\"}", "a", NULL);

    length = set_text("{\"size\": 4096 ,\"b\":[]}");
    value = json_find(text, length, L"size");
    ok(value.type == JSON_NUMBER && value.length == 4 && value.text[3] == '6', "type %u, length %u.\n", value.type,
            value.length);
    value = json_find(text, length, L"b");
    ok(value.type == JSON_ARRAY && value.length == 2, "type %u, length %u.\n", value.type, value.length);
    value = json_find(text, length, L"c");
    ok(value.type == JSON_NONE, "type %u.\n", value.type);
}

/* Write the types and texts of all items. */
static void list_items(struct json_reader reader, char *list)
{
    static const char types[] = "-snao";
    struct json_value name, value;
    UINT i;

    while (json_next(&reader, &name, &value))
    {
        for (i = 0; name.type == JSON_STRING && i < name.length; i++)
            *list++ = name.text[i];
        *list++ = types[value.type];
        for (i = 0; value.type != JSON_OTHER && i < value.length; i++)
            *list++ = value.text[i];
        *list++ = ' ';
    }
    *list = 0;
    ok(!json_next(&reader, &name, &value), "the end is for good.\n");
}

static void test_readers(void)
{
    static const struct { const char *source, *members, *items; } rows[] =
    {
        { "{}", "", "" },
        { " { } ", "", "" },
        { "{\"a\":1 , \"a\" : \"b\"}", "an1 asb ", "" },
        { "{\"a\":[]}", "aa[] ", "" },
        { "{\"a\": [ ] }", "aa[ ] ", "" },
        { "{\"a\":[1, \"b\" ,[2],{\"c\":3},null,{}],\"d\":true}", "aa[1, \"b\" ,[2],{\"c\":3},null,{}] do ",
                "n1 sb a[2] o o o " },
    };
    char list[128];
    UINT i, length;

    for (i = 0; i < ARRAY_SIZE(rows); i++)
    {
        struct json_value array;

        length = set_text(rows[i].source);
        list_items(json_open(text, length), list);
        ok(!strcmp(list, rows[i].members), "%s gives %s.\n", rows[i].source, list);
        array = json_find(text, length, L"a");
        list_items(json_open_array(&array), list);
        ok(!strcmp(list, rows[i].items), "%s gives %s.\n", rows[i].source, list);
    }
}

static void test_integers(void)
{
    static const struct { const char *source; BOOL is_integer; UINT64 number; } rows[] =
    {
        { "{\"a\":0}", TRUE, 0 },
        { "{\"a\":1048576}", TRUE, 1048576 },
        { "{\"a\":18446744073709551615}", TRUE, ~(UINT64)0 },
        { "{\"a\":18446744073709551616}", FALSE },
        { "{\"a\":-1}", FALSE },
        { "{\"a\":1.0}", FALSE },
        { "{\"a\":1e3}", FALSE },
        { "{\"a\":\"1\"}", FALSE },
        { "{}", FALSE },
    };
    struct json_value value;
    UINT i, length;
    UINT64 number;

    for (i = 0; i < ARRAY_SIZE(rows); i++)
    {
        number = 0;
        length = set_text(rows[i].source);
        value = json_find(text, length, L"a");
        ok(json_get_integer(&value, &number) == rows[i].is_integer && number == rows[i].number, "%s.\n",
                rows[i].source);
    }
}

int main(void)
{
    test_objects();
    test_depth();
    test_members();
    test_readers();
    test_integers();
    free(text);
    return report("json");
}
