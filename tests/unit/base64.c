/*
 * Tests of base64
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
#include "base/base64.h"

/* The file under test does not allocate. */
void *test_realloc(void *memory, size_t size) { return realloc(memory, size); }
void *test_calloc(size_t count, size_t size) { return calloc(count, size); }

/* RFC 4648, section 10. */
static void test_vectors(void)
{
    static const struct { const char *plain, *text; } rows[] =
    {
        { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xbf", "+/+/" },
    };
    char encoded[16];
    WCHAR wide[16];
    BYTE data[8];
    UINT i, size;

    for (i = 0; i < ARRAY_SIZE(rows); i++)
    {
        encode_base64((const BYTE *)rows[i].plain, strlen(rows[i].plain), encoded);
        ok(!strcmp(encoded, rows[i].text), "%s gives %s.\n", rows[i].plain, encoded);
        ok(decode_base64(wide, widen(rows[i].text, wide, ARRAY_SIZE(wide)), data, sizeof(data), &size)
                && size == strlen(rows[i].plain) && !memcmp(data, rows[i].plain, size), "%s.\n", rows[i].text);
    }
}

static void test_refused(void)
{
    static const char * const texts[] =
    {
        "Z", "Zg", "Zg=", "=", "==", "====", "Z===", "Zg==Zg==", "Zm8", "Z-==", "Z_==", "Zm 9", "Zm9v\n", " Zm9",
        "Zh==", "Zm9=", "Zm9vZm9vZm9v",
    };
    WCHAR wide[16];
    BYTE data[8];
    UINT i, size;

    for (i = 0; i < ARRAY_SIZE(texts); i++)
        ok(!decode_base64(wide, widen(texts[i], wide, ARRAY_SIZE(wide)), data, sizeof(data), &size), "%s.\n", texts[i]);
    wide[0] = 0x100 + 'Z';
    ok(!decode_base64(wide, 4, data, sizeof(data), &size), "a character beyond a byte.\n");
}

static void test_random(void)
{
    BYTE data[200], again[200];
    UINT64 state = 1;
    char text[300];
    WCHAR wide[300];
    UINT i, j, size, read;

    for (i = 0; i < 2000; i++)
    {
        size = next_random(&state) % (sizeof(data) + 1);
        for (j = 0; j < size; j++)
            data[j] = next_random(&state);
        encode_base64(data, size, text);
        ok(decode_base64(wide, widen(text, wide, ARRAY_SIZE(wide)), again, size, &read) && read == size
                && !memcmp(data, again, size), "size %u.\n", size);
    }
}

int main(void)
{
    test_vectors();
    test_refused();
    test_random();
    return report("base64");
}
