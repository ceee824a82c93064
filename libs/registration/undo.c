/*
 * A list of what has been changed, and its form as text
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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "undo.h"

#define FIRST_LINE      "dosvc undo 1\n"
#define LAST_WORD       "end "
#define CHECKSUM_LENGTH 8 /* digits */

#define CRC_POLYNOMIAL  0xedb88320

const char *const undo_section_names[UNDO_SECTION_COUNT] =
{
    "Created", "Files", "Previous", "Service", "Written", "Lost",
};

/* The rest of a text, up to its end. */
struct reader
{
    const char *text, *end;
};

struct writer
{
    char *text; /* owned */
    unsigned int size, capacity;
    BOOL has_failed;
};

static unsigned int get_length(const WCHAR *text)
{
    unsigned int length = 0;

    while (text[length])
        length++;
    return length;
}

static BOOL is_equal(const WCHAR *a, const WCHAR *b)
{
    while (*a && *a == *b)
    {
        a++;
        b++;
    }
    return *a == *b;
}

static void clear_entry(struct undo_entry *entry)
{
    free(entry->name);
    free(entry->data);
}

void undo_clear(struct undo_list *list)
{
    while (list->count)
        clear_entry(&list->entries[--list->count]);
    free(list->entries);
    memset(list, 0, sizeof(*list));
}

static struct undo_entry *find(const struct undo_list *list, enum undo_section section, const WCHAR *name)
{
    unsigned int i;

    for (i = 0; i < list->count; i++)
    {
        if (list->entries[i].section == section && is_equal(list->entries[i].name, name))
            return &list->entries[i];
    }
    return NULL;
}

const struct undo_entry *undo_find(const struct undo_list *list, enum undo_section section, const WCHAR *name)
{
    return find(list, section, name);
}

BOOL undo_has_section(const struct undo_list *list, enum undo_section section)
{
    unsigned int i;

    for (i = 0; i < list->count; i++)
    {
        if (list->entries[i].section == section)
            return TRUE;
    }
    return FALSE;
}

/* Takes what the entry owns, unless it fails. */
static BOOL add_entry(struct undo_list *list, const struct undo_entry *entry)
{
    struct undo_entry *entries;
    unsigned int capacity = list->capacity ? 2 * list->capacity : 64;

    if (list->count == list->capacity)
    {
        if (!(entries = realloc(list->entries, capacity * sizeof(*entries))))
            return FALSE;
        list->entries = entries;
        list->capacity = capacity;
    }
    list->entries[list->count++] = *entry;
    return TRUE;
}

BOOL undo_set(struct undo_list *list, enum undo_section section, const WCHAR *name, DWORD type, const void *data,
        DWORD size)
{
    struct undo_entry entry = {section, NULL, type, size}, *former;
    unsigned int name_size = (get_length(name) + 1) * sizeof(*name);

    if ((entry.data = calloc(1, size + sizeof(WCHAR))) && (entry.name = calloc(1, name_size)))
    {
        memcpy(entry.name, name, name_size);
        memcpy(entry.data, data, size);
        if ((former = find(list, section, name)))
        {
            clear_entry(former);
            *former = entry;
            return TRUE;
        }
        if (add_entry(list, &entry))
            return TRUE;
    }
    clear_entry(&entry);
    return FALSE;
}

void undo_remove(struct undo_list *list, enum undo_section section, const WCHAR *name)
{
    struct undo_entry *entry = find(list, section, name);

    if (!entry)
        return;
    clear_entry(entry);
    list->count--;
    memmove(entry, entry + 1, (list->entries + list->count - entry) * sizeof(*entry));
}

static DWORD get_checksum(const char *text, unsigned int size)
{
    DWORD crc = ~(DWORD)0;
    unsigned int i;

    while (size--)
    {
        crc ^= (BYTE)*text++;
        for (i = 0; i < 8; i++)
            crc = crc & 1 ? crc >> 1 ^ CRC_POLYNOMIAL : crc >> 1;
    }
    return ~crc;
}

static int get_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A number of exactly so many hexadecimal digits. */
static BOOL read_digits(struct reader *reader, unsigned int count, DWORD *value)
{
    int digit;

    for (*value = 0; count; count--)
    {
        if (reader->text == reader->end || (digit = get_digit(*reader->text)) < 0)
            return FALSE;
        *value = *value << 4 | digit;
        reader->text++;
    }
    return TRUE;
}

static BOOL skip(struct reader *reader, const char *text)
{
    size_t length = strlen(text);

    if ((size_t)(reader->end - reader->text) < length || memcmp(reader->text, text, length))
        return FALSE;
    reader->text += length;
    return TRUE;
}

/* The units up to a character or the end of the text, with a zero after them. To
 * be freed; NULL if they are damaged, and without memory. */
static WCHAR *read_units(struct reader *reader, char stop, unsigned int *count)
{
    WCHAR *units;
    DWORD unit;

    if (!(units = calloc(reader->end - reader->text + 1, sizeof(*units))))
        return NULL;
    for (*count = 0; reader->text < reader->end && *reader->text != stop; units[(*count)++] = unit)
    {
        unit = (BYTE)*reader->text++;
        if (unit == '%' && !read_digits(reader, 4, &unit))
        {
            free(units);
            return NULL;
        }
    }
    return units;
}

static BOOL read_section(struct reader *reader, enum undo_section *section)
{
    unsigned int i;

    for (i = 0; i < UNDO_SECTION_COUNT; i++)
    {
        *section = i;
        if (skip(reader, undo_section_names[i]))
            return TRUE;
    }
    return FALSE;
}

/* On failure there is nothing to be freed. */
static BOOL read_entry(struct reader *reader, struct undo_entry *entry)
{
    unsigned int length;
    DWORD checksum;

    memset(entry, 0, sizeof(*entry));
    if (!read_digits(reader, CHECKSUM_LENGTH, &checksum) || !skip(reader, " ")
            || checksum != get_checksum(reader->text, reader->end - reader->text)
            || !read_section(reader, &entry->section)
            || !skip(reader, " ") || !read_digits(reader, 8, &entry->type)
            || !skip(reader, " ") || !read_digits(reader, 8, &entry->size)
            || !skip(reader, " ") || !(entry->name = read_units(reader, '=', &length)))
        return FALSE;
    if (skip(reader, "=") && (entry->data = read_units(reader, '\n', &length))
            && length == entry->size / 2 + entry->size % 2)
        return TRUE;
    clear_entry(entry);
    return FALSE;
}

/* Does the text end here, with a line that fits what is before it? */
static BOOL has_end(struct reader reader, const char *text, unsigned int count)
{
    unsigned int size = reader.text - text;
    DWORD value;

    return skip(&reader, LAST_WORD) && read_digits(&reader, 8, &value) && value == count && skip(&reader, " ")
            && read_digits(&reader, CHECKSUM_LENGTH, &value) && value == get_checksum(text, size)
            && skip(&reader, "\n") && reader.text == reader.end;
}

BOOL undo_read(struct undo_list *list, const char *text, unsigned int size)
{
    struct reader all = {text, text + size}, line;
    struct undo_entry entry;
    unsigned int count = 0;
    BOOL ret;

    for (ret = skip(&all, FIRST_LINE); all.text < all.end; all.text = line.end + (line.end < all.end))
    {
        if (has_end(all, text, count))
            return ret;
        line.text = all.text;
        if (!(line.end = memchr(line.text, '\n', all.end - line.text)))
            line.end = all.end;
        if (!read_entry(&line, &entry))
        {
            ret = FALSE;
            continue;
        }
        count++;
        if (find(list, entry.section, entry.name) || !add_entry(list, &entry))
            clear_entry(&entry);
    }
    return FALSE;
}

static void write_text(struct writer *writer, const char *text)
{
    unsigned int length = strlen(text), capacity = writer->capacity ? writer->capacity : 4096;
    char *new_text;

    while (capacity - writer->size < length)
        capacity *= 2;
    if (capacity != writer->capacity && !writer->has_failed)
    {
        if (!(new_text = realloc(writer->text, capacity)))
        {
            writer->has_failed = TRUE;
            return;
        }
        writer->text = new_text;
        writer->capacity = capacity;
    }
    if (writer->has_failed)
        return;
    memcpy(writer->text + writer->size, text, length);
    writer->size += length;
}

static void write_number(struct writer *writer, DWORD number)
{
    char text[CHECKSUM_LENGTH + 1];

    snprintf(text, sizeof(text), "%08x", (unsigned int)number);
    write_text(writer, text);
}

static void write_units(struct writer *writer, const BYTE *bytes, unsigned int size)
{
    char text[8];
    WCHAR unit;

    for (; size; size = size > 2 ? size - 2 : 0, bytes += 2)
    {
        unit = size > 1 ? bytes[0] | bytes[1] << 8 : bytes[0];
        if (unit < ' ' || unit > '~' || unit == '%' || unit == '=')
            snprintf(text, sizeof(text), "%%%04x", unit);
        else
            snprintf(text, sizeof(text), "%c", unit);
        write_text(writer, text);
    }
}

static void write_entry(struct writer *writer, const struct undo_entry *entry)
{
    unsigned int start = writer->size, rest;
    char checksum[CHECKSUM_LENGTH + 1];

    write_number(writer, 0);
    write_text(writer, " ");
    rest = writer->size;
    write_text(writer, undo_section_names[entry->section]);
    write_text(writer, " ");
    write_number(writer, entry->type);
    write_text(writer, " ");
    write_number(writer, entry->size);
    write_text(writer, " ");
    write_units(writer, (const BYTE *)entry->name, get_length(entry->name) * sizeof(WCHAR));
    write_text(writer, "=");
    write_units(writer, entry->data, entry->size);
    if (!writer->has_failed)
    {
        snprintf(checksum, sizeof(checksum), "%08x",
                (unsigned int)get_checksum(writer->text + rest, writer->size - rest));
        memcpy(writer->text + start, checksum, CHECKSUM_LENGTH);
    }
    write_text(writer, "\n");
}

char *undo_write(const struct undo_list *list, unsigned int *size)
{
    struct writer writer = {0};
    DWORD checksum = 0;
    unsigned int i;

    write_text(&writer, FIRST_LINE);
    for (i = 0; i < list->count; i++)
        write_entry(&writer, &list->entries[i]);
    if (!writer.has_failed)
        checksum = get_checksum(writer.text, writer.size);
    write_text(&writer, LAST_WORD);
    write_number(&writer, list->count);
    write_text(&writer, " ");
    write_number(&writer, checksum);
    write_text(&writer, "\n");
    if (!writer.has_failed)
    {
        *size = writer.size;
        return writer.text;
    }
    free(writer.text);
    return NULL;
}
