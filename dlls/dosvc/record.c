/*
 * Records: what survives a restart, as bytes
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

/* Pure: needs nothing from Windows but types, and compiles natively too.
 *
 * A record is a head and fields. All numbers are little endian.
 *
 *   offset size
 *        0    4  "DOrc": not every file in a folder is ours
 *        4    2  kind: what the fields describe
 *        6    1  major version: a reader refuses a later one
 *        7    1  minor version: a reader skips fields that it does not know
 *        8    4  size of the fields: the record says itself where it ends
 *       12    4  CRC-32 of all before and of the fields: finds every error of
 *                up to 32 bits in a row, so also every single byte
 *       16       fields
 *
 * A field is found by its number; its size lets a reader skip it.
 *
 *        0    2  number; never used again for something else
 *        2    1  type
 *        3    1  0
 *        4    4  size of the value
 *        8       value
 */

#include <stdlib.h>
#include <string.h>

#include "record.h"

#define HEAD_SIZE   16
#define CRC_OFFSET  12
#define FIELD_SIZE  8

static const BYTE magic[4] = { 'D', 'O', 'r', 'c' };

static DWORD update_crc(DWORD crc, const BYTE *data, UINT size)
{
    /* Of the polynomial 0xedb88320, for half a byte; each for one that is followed by one half byte more. */
    static const DWORD table[8][16] =
    {
        {
            0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
            0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
        },
        {
            0x00000000, 0x77073096, 0xee0e612c, 0x990951ba, 0x076dc419, 0x706af48f, 0xe963a535, 0x9e6495a3,
            0x0edb8832, 0x79dcb8a4, 0xe0d5e91e, 0x97d2d988, 0x09b64c2b, 0x7eb17cbd, 0xe7b82d07, 0x90bf1d91,
        },
        {
            0x00000000, 0x4ac21251, 0x958424a2, 0xdf4636f3, 0xf0794f05, 0xbabb5d54, 0x65fd6ba7, 0x2f3f79f6,
            0x3b83984b, 0x71418a1a, 0xae07bce9, 0xe4c5aeb8, 0xcbfad74e, 0x8138c51f, 0x5e7ef3ec, 0x14bce1bd,
        },
        {
            0x00000000, 0x191b3141, 0x32366282, 0x2b2d53c3, 0x646cc504, 0x7d77f445, 0x565aa786, 0x4f4196c7,
            0xc8d98a08, 0xd1c2bb49, 0xfaefe88a, 0xe3f4d9cb, 0xacb54f0c, 0xb5ae7e4d, 0x9e832d8e, 0x87981ccf,
        },
        {
            0x00000000, 0x1c26a370, 0x384d46e0, 0x246be590, 0x709a8dc0, 0x6cbc2eb0, 0x48d7cb20, 0x54f16850,
            0xe1351b80, 0xfd13b8f0, 0xd9785d60, 0xc55efe10, 0x91af9640, 0x8d893530, 0xa9e2d0a0, 0xb5c473d0,
        },
        {
            0x00000000, 0x01c26a37, 0x0384d46e, 0x0246be59, 0x0709a8dc, 0x06cbc2eb, 0x048d7cb2, 0x054f1685,
            0x0e1351b8, 0x0fd13b8f, 0x0d9785d6, 0x0c55efe1, 0x091af964, 0x08d89353, 0x0a9e2d0a, 0x0b5c473d,
        },
        {
            0x00000000, 0x5019579f, 0xa032af3e, 0xf02bf8a1, 0x9b14583d, 0xcb0d0fa2, 0x3b26f703, 0x6b3fa09c,
            0xed59b63b, 0xbd40e1a4, 0x4d6b1905, 0x1d724e9a, 0x764dee06, 0x2654b999, 0xd67f4138, 0x866616a7,
        },
        {
            0x00000000, 0xb8bc6765, 0xaa09c88b, 0x12b5afee, 0x8f629757, 0x37def032, 0x256b5fdc, 0x9dd738b9,
            0xc5b428ef, 0x7d084f8a, 0x6fbde064, 0xd7018701, 0x4ad6bfb8, 0xf26ad8dd, 0xe0df7733, 0x58631056,
        },
    };

    /* The record of a job with many files is long. */
    for (; size >= 4; size -= 4, data += 4)
    {
        crc ^= data[0] | data[1] << 8 | data[2] << 16 | (DWORD)data[3] << 24;
        crc = table[7][crc & 15] ^ table[6][crc >> 4 & 15] ^ table[5][crc >> 8 & 15] ^ table[4][crc >> 12 & 15]
                ^ table[3][crc >> 16 & 15] ^ table[2][crc >> 20 & 15] ^ table[1][crc >> 24 & 15] ^ table[0][crc >> 28];
    }
    while (size--)
    {
        crc ^= *data++;
        crc = (crc >> 4) ^ table[0][crc & 15];
        crc = (crc >> 4) ^ table[0][crc & 15];
    }
    return crc;
}

static DWORD get_crc(const BYTE *record, UINT size)
{
    DWORD crc = update_crc(~(DWORD)0, record, CRC_OFFSET);

    return ~update_crc(crc, record + HEAD_SIZE, size - HEAD_SIZE);
}

static void put_int(BYTE *data, UINT64 value, UINT size)
{
    UINT i;

    for (i = 0; i < size; i++)
        data[i] = value >> (8 * i);
}

static UINT64 get_int(const BYTE *data, UINT size)
{
    UINT64 value = 0;

    while (size--)
        value = value << 8 | data[size];
    return value;
}

/* Room for so many more bytes, or NULL. */
static BYTE *extend(struct record_writer *writer, UINT size)
{
    UINT capacity = max(256, writer->capacity);
    BYTE *data;

    if (writer->has_failed || size > RECORD_MAX || writer->size > RECORD_MAX - size)
    {
        writer->has_failed = TRUE;
        return NULL;
    }
    while (capacity < writer->size + size)
        capacity *= 2;
    if (capacity != writer->capacity)
    {
        if (!(data = realloc(writer->data, capacity)))
        {
            writer->has_failed = TRUE;
            return NULL;
        }
        writer->data = data;
        writer->capacity = capacity;
    }
    data = writer->data + writer->size;
    writer->size += size;
    return data;
}

void record_begin(struct record_writer *writer, enum record_kind kind)
{
    BYTE *head;

    memset(writer, 0, sizeof(*writer));
    if (!(head = extend(writer, HEAD_SIZE)))
        return;
    memcpy(head, magic, sizeof(magic));
    put_int(head + 4, kind, 2);
    head[6] = RECORD_MAJOR;
    head[7] = RECORD_MINOR;
}

/* The value is for the caller to fill in; NULL if there is no room. */
static BYTE *put_field(struct record_writer *writer, UINT number, enum record_type type, UINT size)
{
    BYTE *field;

    if (size > RECORD_MAX || !(field = extend(writer, FIELD_SIZE + size)))
    {
        writer->has_failed = TRUE;
        return NULL;
    }
    put_int(field, number, 2);
    field[2] = type;
    field[3] = 0;
    put_int(field + 4, size, 4);
    return field + FIELD_SIZE;
}

void record_put_number(struct record_writer *writer, UINT number, UINT64 value)
{
    UINT size = 0;
    BYTE *data;

    while (size < 8 && value >> (8 * size))
        size++;
    if ((data = put_field(writer, number, RECORD_NUMBER, size)))
        put_int(data, value, size);
}

void record_put_string(struct record_writer *writer, UINT number, const WCHAR *string)
{
    UINT length = 0, i;
    BYTE *data;

    if (!string)
        return;
    while (length < RECORD_MAX && string[length])
        length++;
    if (!(data = put_field(writer, number, RECORD_STRING, length * 2)))
        return;
    for (i = 0; i < length; i++)
        put_int(data + 2 * i, string[i], 2);
}

void record_put_bytes(struct record_writer *writer, UINT number, const void *bytes, UINT size)
{
    BYTE *data = put_field(writer, number, RECORD_BYTES, size);

    if (data && size)
        memcpy(data, bytes, size);
}

void record_put_ranges(struct record_writer *writer, UINT number, const struct range *ranges, UINT count)
{
    BYTE *data;
    UINT i;

    if (count > RECORD_MAX / 16 || !(data = put_field(writer, number, RECORD_RANGES, count * 16)))
    {
        writer->has_failed = TRUE;
        return;
    }
    for (i = 0; i < count; i++)
    {
        put_int(data + 16 * i, ranges[i].offset, 8);
        put_int(data + 16 * i + 8, ranges[i].length, 8);
    }
}

UINT record_begin_group(struct record_writer *writer, UINT number)
{
    put_field(writer, number, RECORD_GROUP, 0);
    return writer->size;
}

void record_end_group(struct record_writer *writer, UINT group)
{
    if (!writer->has_failed)
        put_int(writer->data + group - 4, writer->size - group, 4);
}

BOOL record_end(struct record_writer *writer)
{
    if (writer->has_failed)
        return FALSE;
    put_int(writer->data + 8, writer->size - HEAD_SIZE, 4);
    put_int(writer->data + CRC_OFFSET, get_crc(writer->data, writer->size), 4);
    return TRUE;
}

void record_free(struct record_writer *writer)
{
    free(writer->data);
    memset(writer, 0, sizeof(*writer));
}

enum record_status record_open(const void *data, UINT size, enum record_kind kind, struct record_reader *reader)
{
    const BYTE *head = data;
    UINT64 body;

    memset(reader, 0, sizeof(*reader));
    reader->status = RECORD_FOREIGN;
    if (size < sizeof(magic) || memcmp(head, magic, sizeof(magic)))
        return reader->status;
    reader->status = RECORD_TRUNCATED;
    if (size < HEAD_SIZE)
        return reader->status;
    /* What comes after the magic may be different in a later version, so this is looked at first. */
    reader->status = RECORD_NEWER;
    if (head[6] > RECORD_MAJOR)
        return reader->status;
    body = get_int(head + 8, 4);
    reader->status = body > size - HEAD_SIZE ? RECORD_TRUNCATED : RECORD_DAMAGED;
    if (body != size - HEAD_SIZE || size > RECORD_MAX || get_int(head + CRC_OFFSET, 4) != get_crc(head, size)
            || !head[6])
        return reader->status;
    reader->status = RECORD_FOREIGN;
    if (get_int(head + 4, 2) != kind)
        return reader->status;
    reader->data = head + HEAD_SIZE;
    reader->size = size - HEAD_SIZE;
    return reader->status = RECORD_OK;
}

static BOOL fail(struct record_reader *reader, enum record_status status)
{
    if (reader->status == RECORD_OK)
        reader->status = status;
    return FALSE;
}

BOOL record_next(struct record_reader *reader, struct record_field *field)
{
    if (reader->status != RECORD_OK || !reader->size)
        return FALSE;
    if (reader->size < FIELD_SIZE)
        return fail(reader, RECORD_DAMAGED);
    field->number = get_int(reader->data, 2);
    field->type = reader->data[2];
    field->size = get_int(reader->data + 4, 4);
    field->data = reader->data + FIELD_SIZE;
    if (field->size > reader->size - FIELD_SIZE)
        return fail(reader, RECORD_DAMAGED);
    reader->data = field->data + field->size;
    reader->size -= FIELD_SIZE + field->size;
    return TRUE;
}

BOOL record_get_number(struct record_reader *reader, const struct record_field *field, UINT64 max, UINT64 *value)
{
    if (field->type != RECORD_NUMBER || field->size > 8)
        return fail(reader, RECORD_DAMAGED);
    *value = get_int(field->data, field->size);
    return *value <= max || fail(reader, RECORD_DAMAGED);
}

BOOL record_get_string(struct record_reader *reader, const struct record_field *field, WCHAR **out)
{
    UINT length = field->size / 2, i;
    WCHAR *string;

    if (field->type != RECORD_STRING || field->size % 2)
        return fail(reader, RECORD_DAMAGED);
    if (!(string = calloc(length + 1, sizeof(*string))))
        return fail(reader, RECORD_NO_MEMORY);
    for (i = 0; i < length; i++)
    {
        if (!(string[i] = get_int(field->data + 2 * i, 2)))
        {
            free(string);
            return fail(reader, RECORD_DAMAGED);
        }
    }
    *out = string;
    return TRUE;
}

BOOL record_get_bytes(struct record_reader *reader, const struct record_field *field, void *data, UINT size)
{
    if (field->type != RECORD_BYTES || field->size != size)
        return fail(reader, RECORD_DAMAGED);
    memcpy(data, field->data, size);
    return TRUE;
}

BOOL record_get_ranges(struct record_reader *reader, const struct record_field *field, struct range **out,
        UINT *count)
{
    struct range *ranges;
    UINT i;

    if (field->type != RECORD_RANGES || field->size % 16)
        return fail(reader, RECORD_DAMAGED);
    if (!(ranges = calloc(field->size / 16 + 1, sizeof(*ranges))))
        return fail(reader, RECORD_NO_MEMORY);
    for (i = 0; i < field->size / 16; i++)
    {
        ranges[i].offset = get_int(field->data + 16 * i, 8);
        ranges[i].length = get_int(field->data + 16 * i + 8, 8);
    }
    *out = ranges;
    *count = i;
    return TRUE;
}

BOOL record_get_group(struct record_reader *reader, const struct record_field *field, struct record_reader *group)
{
    if (field->type != RECORD_GROUP)
        return fail(reader, RECORD_DAMAGED);
    group->data = field->data;
    group->size = field->size;
    group->status = RECORD_OK;
    return TRUE;
}

void record_put_members(struct record_writer *writer, const struct record_member *members, UINT count,
        const void *object)
{
    const void *value;
    UINT i;

    for (i = 0; i < count; i++)
    {
        value = (const BYTE *)object + members[i].offset;
        switch (members[i].type)
        {
            case MEMBER_UINT32: record_put_number(writer, members[i].number, *(const DWORD *)value); break;
            case MEMBER_UINT64: record_put_number(writer, members[i].number, *(const UINT64 *)value); break;
            case MEMBER_STRING: record_put_string(writer, members[i].number, *(WCHAR * const *)value); break;
            case MEMBER_BYTES:  record_put_bytes(writer, members[i].number, value, members[i].size); break;
        }
    }
}

BOOL record_get_member(struct record_reader *reader, const struct record_field *field,
        const struct record_member *members, UINT count, void *object)
{
    UINT64 number;
    WCHAR *string;
    void *value;
    UINT i;

    for (i = 0; i < count && members[i].number != field->number; i++)
        ;
    if (i == count)
        return TRUE;
    value = (BYTE *)object + members[i].offset;
    switch (members[i].type)
    {
        case MEMBER_UINT32:
            if (!record_get_number(reader, field, 0xffffffff, &number))
                return FALSE;
            *(DWORD *)value = number;
            return TRUE;
        case MEMBER_UINT64:
            return record_get_number(reader, field, ~(UINT64)0, value);
        case MEMBER_STRING:
            if (!record_get_string(reader, field, &string))
                return FALSE;
            free(*(WCHAR **)value);
            *(WCHAR **)value = string;
            return TRUE;
        case MEMBER_BYTES:
            return record_get_bytes(reader, field, value, members[i].size);
    }
    return FALSE;
}
