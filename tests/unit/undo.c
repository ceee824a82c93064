/*
 * Unit tests of the list of what registration has changed
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
#include "undo.h"

/* Memory that runs out. */

static unsigned int allocations_left = ~0u;

void *test_realloc(void *pointer, size_t size)
{
    return allocations_left && allocations_left-- ? realloc(pointer, size) : NULL;
}

void *test_calloc(size_t count, size_t size)
{
    return allocations_left && allocations_left-- ? calloc(count, size) : NULL;
}

static const struct
{
    enum undo_section section;
    const char *name;
    DWORD type;
    const char *data;
    DWORD size;
}
rows[] =
{
    {UNDO_WRITTEN,  "HKLM\\Software\\Classes\\Interface\\{1}, (default)", 1, "a\0b\0c\0\0", 8},
    {UNDO_PREVIOUS, "HKLM\\Software\\Classes\\Interface\\{1}, (default)", 1, "\0", 2},
    {UNDO_CREATED,  "HKLM\\Software\\Classes\\Interface\\{2}", 1, "", 0},
    {UNDO_SERVICE,  "Start", 4, "\3\0\0\0", 4},
    {UNDO_FILES,    "C:\\a = b, 100 %.dll", 1, "=\0%\0\n\0\xe4\0\x3c\xd8\0", 11},
    {UNDO_WRITTEN,  "odd", 3, "x", 1},
    {UNDO_WRITTEN,  "", 7, "D\0o\0\0\0\0\0", 8},
    {UNDO_LOST,     "", 0, "", 0},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static void make_list(struct undo_list *list)
{
    WCHAR name[100];
    unsigned int i;

    memset(list, 0, sizeof(*list));
    for (i = 0; i < ROW_COUNT; i++)
    {
        widen(rows[i].name, name, 100);
        ok(undo_set(list, rows[i].section, name, rows[i].type, rows[i].data, rows[i].size), "row %u: not set.\n", i);
    }
}

static BOOL has_row(const struct undo_list *list, unsigned int i)
{
    const struct undo_entry *entry;
    WCHAR name[100];

    widen(rows[i].name, name, 100);
    return (entry = undo_find(list, rows[i].section, name)) && entry->type == rows[i].type
            && entry->size == rows[i].size && !memcmp(entry->data, rows[i].data, rows[i].size);
}

/* How many entries are as they were. All others are an error. */
static unsigned int count_rows(const struct undo_list *list, const char *what, unsigned int where)
{
    unsigned int i, count = 0;

    for (i = 0; i < ROW_COUNT; i++)
        count += has_row(list, i);
    ok(count == list->count, "%s %u: %u entries, of which %u are true.\n", what, where, list->count, count);
    return count;
}

static void test_list(void)
{
    static const WCHAR name[] = {'O', 'd', 'd', 0}, other[] = {'o', 'd', 'd', 0};
    struct undo_list list;
    unsigned int count;

    make_list(&list);
    count = list.count;
    ok(count == ROW_COUNT, "%u entries.\n", count);
    ok(!undo_find(&list, UNDO_WRITTEN, name) && !undo_find(&list, UNDO_FILES, other), "found.\n");
    ok(undo_has_section(&list, UNDO_LOST), "no such section.\n");
    undo_remove(&list, UNDO_LOST, L"");
    ok(!undo_has_section(&list, UNDO_LOST) && list.count == count - 1, "not removed.\n");
    undo_remove(&list, UNDO_LOST, L"");
    ok(list.count == count - 1, "removed twice.\n");
    ok(undo_set(&list, UNDO_WRITTEN, other, 4, "yz", 2), "not replaced.\n");
    ok(list.count == count - 1 && undo_find(&list, UNDO_WRITTEN, other)->size == 2, "not replaced.\n");
    undo_clear(&list);
    ok(!list.count && !list.entries, "not cleared.\n");
}

static void test_text(void)
{
    static const char expect[] =
            "dosvc undo 1\n"
            "ca6a695c Written 00000003 00000001 odd=x\n"
            "1640ac83 Lost 00000000 00000000 =\n"
            "end 00000002 ae88e991\n";
    struct undo_list list = {0};
    unsigned int size;
    char *text;

    undo_set(&list, UNDO_WRITTEN, L"odd", 3, "x", 1);
    undo_set(&list, UNDO_LOST, L"", 0, "", 0);
    text = undo_write(&list, &size);
    ok(text && size == strlen(expect) && !memcmp(text, expect, size), "got %.*s.\n", (int)size, text);
    undo_clear(&list);
    free(text);

    make_list(&list);
    text = undo_write(&list, &size);
    undo_clear(&list);
    ok(undo_read(&list, text, size), "damaged.\n");
    ok(count_rows(&list, "read", 0) == ROW_COUNT, "not all.\n");
    /* An entry that is there already wins. */
    undo_set(&list, UNDO_WRITTEN, L"odd", 3, "yz", 2);
    ok(undo_read(&list, text, size), "damaged the second time.\n");
    ok(list.count == ROW_COUNT && undo_find(&list, UNDO_WRITTEN, L"odd")->size == 2, "replaced.\n");
    undo_clear(&list);
    free(text);

    text = undo_write(&list, &size);
    ok(undo_read(&list, text, size) && !list.count, "an empty list is damaged.\n");
    free(text);
}

/* Of a text of any damage: it is noticed, and what is read is true. */
static unsigned int read_damaged(const char *text, unsigned int size, const char *what, unsigned int where)
{
    struct undo_list list = {0};
    char *copy = malloc(size + 1); /* so that a sanitizer notices what is read behind it */
    unsigned int count;

    memcpy(copy, text, size);
    ok(!undo_read(&list, copy, size), "%s %u: not noticed.\n", what, where);
    count = count_rows(&list, what, where);
    undo_clear(&list);
    free(copy);
    return count;
}

static void test_damage(void)
{
    unsigned int size, i, bit, line = 0, count;
    struct undo_list list;
    char *text, last;

    make_list(&list);
    text = undo_write(&list, &size);
    for (i = 0; i < size; i++)
    {
        count = read_damaged(text, i, "truncated at", i);
        line += i && text[i - 1] == '\n';
        /* Down to the first and the last line. */
        ok(count >= (line ? line - 1 : 0) && count <= line, "truncated at %u: %u of %u lines.\n", i, count, line);
    }
    for (i = 0; i < size; i++)
    {
        for (bit = 0; bit < 8; bit++)
        {
            text[i] ^= 1 << bit;
            count = read_damaged(text, size, "flipped at", 8 * i + bit);
            ok(count + 2 >= ROW_COUNT, "flipped at %u: %u entries are left.\n", i, count);
            text[i] ^= 1 << bit;
        }
    }
    /* A byte is missing. */
    for (i = size - 1; i; i--)
    {
        last = text[i];
        memmove(text + i, text + i + 1, size - i - 1);
        read_damaged(text, size - 1, "missing at", i);
        memmove(text + i + 1, text + i, size - i - 1);
        text[i] = last;
    }
    undo_clear(&list);
    free(text);
}

/* Any bytes, also with checksums that are right. */
static void test_random(void)
{
    static const char *const lines[] =
    {
        "dosvc undo 1\n", "end 00000000 00000000\n", "ca6a695c Written 00000003 00000001 odd=x\n",
        "1640ac83 Lost 00000000 00000000 =\n", "\n", "end ", "ca6a695c ", "Written", "=", "%00", "%0000",
    };
    UINT64 state = 1;
    unsigned int i, j;
    char text[256];

    for (i = 0; i < 20000; i++)
    {
        struct undo_list list = {0};
        unsigned int size = 0;

        for (j = next_random(&state) % 6; j; j--)
        {
            const char *line = lines[next_random(&state) % (sizeof(lines) / sizeof(lines[0]))];

            memcpy(text + size, line, strlen(line));
            size += strlen(line);
        }
        if (size && next_random(&state) % 2)
            text[next_random(&state) % size] = next_random(&state);
        undo_read(&list, text, size);
        for (j = 0; j < list.count; j++)
            ok(list.entries[j].section < UNDO_SECTION_COUNT, "section %u.\n", list.entries[j].section);
        undo_clear(&list);
    }
}

static void test_memory(void)
{
    struct undo_list list, copy = {0};
    unsigned int i, size;
    char *text, *other;
    BOOL is_done = FALSE;

    make_list(&list);
    text = undo_write(&list, &size);
    for (i = 0; !is_done; i++)
    {
        allocations_left = i;
        is_done = undo_read(&copy, text, size);
        allocations_left = ~0u;
        count_rows(&copy, "without memory", i);
        undo_clear(&copy);
    }
    ok(i > ROW_COUNT, "%u allocations.\n", i);
    allocations_left = 0;
    ok(!undo_write(&list, &size), "written without memory.\n");
    ok(!undo_set(&list, UNDO_FILES, L"name", 1, "", 0), "set without memory.\n");
    allocations_left = ~0u;
    other = undo_write(&list, &size);
    ok(other && !memcmp(text, other, size), "changed by what failed.\n");
    free(other);
    free(text);
    undo_clear(&list);
}

int main(void)
{
    test_list();
    test_text();
    test_damage();
    test_random();
    test_memory();
    return report("undo");
}
