/*
 * Temporary files that a record of the service is about
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

/* Pure: needs nothing from Windows but types, and compiles natively, too. */

#include <stdlib.h>
#include <string.h>

#include "temporary.h"

/* As the service writes records: fields, of which some are groups of fields.
 * Numbers of its record.c, which never change. */
#define RECORD_HEAD   16 /* bytes */
#define RECORD_MAGIC  "DOrc" /* begins the head of a record, and of each addition behind it */
#define FIELD_HEAD    8 /* bytes */
#define TYPE_NUMBER   1
#define TYPE_STRING   2
#define TYPE_GROUP    5
#define FIELD_GROUP   1 /* a file of a job, and in it, or in a download, a transfer */
#define DEPTH_MAX     2
/* Of a transfer. */
#define FIELD_PATH    4 /* of the target */
#define FIELD_NAME    5 /* the temporary file, unless it is new */
#define FIELD_ID      6 /* in its name */

/* As leftover.c has names of files without a record. */
#define LIST_SLOT     512 /* bytes; a name begins one */
#define LIST_HEAD     12  /* bytes */
#define LIST_MAGIC    "DOtn" /* begins a head; the size of the name follows on it */

/* To be freed; NULL without memory. */
static WCHAR *get_string(const BYTE *data, DWORD size)
{
    WCHAR *string = calloc(1, size + 2 * sizeof(*string));

    if (string)
        memcpy(string, data, size);
    return string;
}

static UINT64 get_number(const BYTE *data, DWORD size)
{
    UINT64 value = 0;

    while (size--)
        value = value << 8 | data[size];
    return value;
}

struct reader
{
    temporary_func func;
    void *context;
};

static void read_fields(const BYTE *data, DWORD size, unsigned int depth, const struct reader *reader);

static void read_field(const BYTE *field, DWORD size, unsigned int depth, struct temporary *temporary,
        const struct reader *reader)
{
    DWORD number = get_number(field, 2);
    WCHAR **string = number == FIELD_PATH ? &temporary->path : &temporary->name;

    if (field[2] == TYPE_GROUP && number == FIELD_GROUP && depth < DEPTH_MAX)
    {
        read_fields(field + FIELD_HEAD, size, depth + 1, reader);
    }
    else if (field[2] == TYPE_STRING && (number == FIELD_PATH || number == FIELD_NAME))
    {
        free(*string);
        *string = get_string(field + FIELD_HEAD, size);
    }
    else if (field[2] == TYPE_NUMBER && number == FIELD_ID && size <= 8)
    {
        temporary->id = get_number(field + FIELD_HEAD, size);
    }
}

static void read_fields(const BYTE *data, DWORD size, unsigned int depth, const struct reader *reader)
{
    struct temporary temporary = {0};
    DWORD length;

    for (; size >= FIELD_HEAD; size -= FIELD_HEAD + length, data += FIELD_HEAD + length)
    {
        if (!depth && size >= RECORD_HEAD + FIELD_HEAD && !memcmp(data, RECORD_MAGIC, strlen(RECORD_MAGIC)))
        {
            size -= RECORD_HEAD;
            data += RECORD_HEAD;
        }
        if ((length = get_number(data + 4, 4)) > size - FIELD_HEAD)
            break;
        read_field(data, length, depth, &temporary, reader);
    }
    if (depth && (temporary.path || temporary.name))
        reader->func(reader->context, &temporary);
    free(temporary.path);
    free(temporary.name);
}

void temporary_read_list(const BYTE *list, DWORD size, temporary_func func, void *context)
{
    struct temporary temporary = {0};
    DWORD length;

    for (; size > LIST_HEAD; size -= LIST_SLOT, list += LIST_SLOT)
    {
        length = get_number(list + 4, 4);
        if (!memcmp(list, LIST_MAGIC, strlen(LIST_MAGIC)) && length <= size - LIST_HEAD
                && (temporary.name = get_string(list + LIST_HEAD, length)))
            func(context, &temporary);
        free(temporary.name);
        temporary.name = NULL;
        if (size <= LIST_SLOT)
            break;
    }
}

void temporary_read(const BYTE *record, DWORD size, temporary_func func, void *context)
{
    const struct reader reader = {func, context};

    if (size > RECORD_HEAD)
        read_fields(record + RECORD_HEAD, size - RECORD_HEAD, 0, &reader);
}
