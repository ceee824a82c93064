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
 * Additions may follow, each with a head of its own: their fields come after
 * those of the record. Each is on disk before the next one begins, so the end
 * of the last one alone may be missing; then it never was there.
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

#include "base/record.h"
#include "base/response_rules.h"
#include "base/text.h"
#include "base/url.h"

#define HEAD_SIZE   16
#define CRC_OFFSET  12
#define FIELD_SIZE  8

#define CRC_POLYNOMIAL 0xedb88320

#define TICKS_PER_MS 10000 /* of a FILETIME */

static const BYTE magic[4] = { 'D', 'O', 'r', 'c' };

static UINT64 get_int(const BYTE *data, UINT size)
{
    UINT64 value = 0;

    while (size--)
        value = value << 8 | data[size];
    return value;
}

/* Changes of the checksum by a byte that so many others follow. */
static void make_crc_tables(DWORD tables[8][256])
{
    DWORD crc;
    UINT i, j;

    for (i = 0; i < 256; i++)
    {
        crc = i;
        for (j = 0; j < 8; j++)
            crc = crc & 1 ? crc >> 1 ^ CRC_POLYNOMIAL : crc >> 1;
        tables[0][i] = crc;
    }
    for (j = 1; j < 8; j++)
    {
        for (i = 0; i < 256; i++)
            tables[j][i] = tables[j - 1][i] >> 8 ^ tables[0][tables[j - 1][i] & 0xff];
    }
}

/* The record of a job with many files is long: eight bytes at a time. */
static DWORD update_crc(DWORD tables[8][256], DWORD crc, const BYTE *data, UINT size)
{
    DWORD next;

    for (; size >= 8; size -= 8, data += 8)
    {
        crc ^= get_int(data, 4);
        next = get_int(data + 4, 4);
        crc = tables[7][crc & 0xff] ^ tables[6][crc >> 8 & 0xff] ^ tables[5][crc >> 16 & 0xff] ^ tables[4][crc >> 24]
                ^ tables[3][next & 0xff] ^ tables[2][next >> 8 & 0xff] ^ tables[1][next >> 16 & 0xff]
                ^ tables[0][next >> 24];
    }
    while (size--)
        crc = crc >> 8 ^ tables[0][(crc ^ *data++) & 0xff];
    return crc;
}

static DWORD get_crc(const BYTE *record, UINT size)
{
    DWORD tables[8][256], crc;

    make_crc_tables(tables);
    crc = update_crc(tables, ~(DWORD)0, record, CRC_OFFSET);
    return ~update_crc(tables, crc, record + HEAD_SIZE, size - HEAD_SIZE);
}

static void put_int(BYTE *data, UINT64 value, UINT size)
{
    UINT i;

    for (i = 0; i < size; i++)
        data[i] = value >> (8 * i);
}

/* Room for so many more bytes, or NULL. */
static BYTE *extend(struct record_writer *writer, UINT64 size)
{
    UINT capacity = max(256, writer->capacity);
    BYTE *data;

    if (writer->has_failed || size > RECORD_MAX - writer->size)
    {
        writer->has_failed = TRUE;
        return NULL;
    }
    /* To move what there is takes its time. */
    while (capacity < writer->size + size)
        capacity *= 4;
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

/* Append a field, whose value the caller fills in. NULL if there is no room. */
static BYTE *put_field(struct record_writer *writer, UINT number, enum record_type type, UINT size)
{
    BYTE *field;

    if (!(field = extend(writer, (UINT64)FIELD_SIZE + size)))
        return NULL;
    put_int(field, number, 2);
    field[2] = type;
    field[3] = 0;
    put_int(field + 4, size, 4);
    return field + FIELD_SIZE;
}

/* All that this runs on is little endian, too. */
static void put_data(struct record_writer *writer, UINT number, enum record_type type, const void *value, UINT size)
{
    BYTE *data = put_field(writer, number, type, size);

    if (data && size)
        memcpy(data, value, size);
}

void record_put_number(struct record_writer *writer, UINT number, UINT64 value)
{
    UINT size = 0;

    while (size < 8 && value >> (8 * size))
        size++;
    put_data(writer, number, RECORD_NUMBER, &value, size);
}

void record_put_string(struct record_writer *writer, UINT number, const WCHAR *string)
{
    if (string)
        put_data(writer, number, RECORD_STRING, string, min(text_length(string), RECORD_MAX) * sizeof(*string));
}

void record_put_bytes(struct record_writer *writer, UINT number, const void *bytes, UINT size)
{
    put_data(writer, number, RECORD_BYTES, bytes, size);
}

void record_put_ranges(struct record_writer *writer, UINT number, const struct range *ranges, UINT count)
{
    put_data(writer, number, RECORD_RANGES, ranges, min(count, RECORD_MAX) * sizeof(*ranges));
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

/* Check a record or an addition, which need not be all of the data. */
static enum record_status check_part(const BYTE *head, UINT size, enum record_kind kind)
{
    UINT64 body;

    if (size < sizeof(magic) || memcmp(head, magic, sizeof(magic)))
        return RECORD_FOREIGN;
    if (size < HEAD_SIZE)
        return RECORD_TRUNCATED;
    /* The rest of the head may be different in a later version, so the version comes first. */
    if (head[6] > RECORD_MAJOR)
        return RECORD_NEWER;
    if ((body = get_int(head + 8, 4)) > size - HEAD_SIZE)
        return RECORD_TRUNCATED;
    if (size > RECORD_MAX || get_int(head + CRC_OFFSET, 4) != get_crc(head, HEAD_SIZE + body) || !head[6])
        return RECORD_DAMAGED;
    return get_int(head + 4, 2) == kind ? RECORD_OK : RECORD_FOREIGN;
}

static void open_part(struct record_reader *reader)
{
    const BYTE *head = reader->additions;

    reader->data = head + HEAD_SIZE;
    reader->size = get_int(head + 8, 4);
    reader->additions = reader->data + reader->size;
}

enum record_status record_open(const void *data, UINT size, enum record_kind kind, struct record_reader *reader)
{
    struct record_reader part = { .additions = data };
    const BYTE *end = part.additions + size, *p;

    memset(reader, 0, sizeof(*reader));
    if ((reader->status = check_part(data, size, kind)) != RECORD_OK)
        return reader->status;
    do
    {
        open_part(&part);
    }
    while (check_part(part.additions, end - part.additions, kind) == RECORD_OK);
    /* A later addition shows that this one is not unfinished, but damaged. */
    for (p = part.additions + 1; p + sizeof(magic) <= end; p++)
    {
        if (!memcmp(p, magic, sizeof(magic)))
            return reader->status = RECORD_DAMAGED;
    }
    reader->unfinished = end - part.additions;
    reader->end = part.additions;
    reader->additions = data;
    open_part(reader);
    return RECORD_OK;
}

static BOOL fail(struct record_reader *reader, enum record_status status)
{
    if (reader->status == RECORD_OK)
        reader->status = status;
    return FALSE;
}

BOOL record_next(struct record_reader *reader, struct record_field *field)
{
    while (reader->status == RECORD_OK && !reader->size && reader->additions != reader->end)
        open_part(reader);
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
    UINT length = field->size / sizeof(**out);
    WCHAR *string;

    if (field->type != RECORD_STRING || field->size % sizeof(*string))
        return fail(reader, RECORD_DAMAGED);
    if (!(string = calloc(length + 1, sizeof(*string))))
        return fail(reader, RECORD_NO_MEMORY);
    memcpy(string, field->data, field->size);
    if (text_length(string) != length)
    {
        free(string);
        return fail(reader, RECORD_DAMAGED);
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

    if (field->type != RECORD_RANGES || field->size % sizeof(*ranges))
        return fail(reader, RECORD_DAMAGED);
    if (!(ranges = calloc(1, field->size + sizeof(*ranges))))
        return fail(reader, RECORD_NO_MEMORY);
    memcpy(ranges, field->data, field->size);
    free(*out);
    *out = ranges;
    *count = field->size / sizeof(*ranges);
    return TRUE;
}

BOOL record_get_group(struct record_reader *reader, const struct record_field *field, struct record_reader *group)
{
    if (field->type != RECORD_GROUP)
        return fail(reader, RECORD_DAMAGED);
    memset(group, 0, sizeof(*group));
    group->data = field->data;
    group->size = field->size;
    return TRUE;
}

static void put_url(struct record_writer *writer, UINT number, const WCHAR *url)
{
    WCHAR *copy;

    if (!url)
        return;
    if (!(copy = url_copy_stripped(url)))
        writer->has_failed = TRUE;
    record_put_string(writer, number, copy);
    free(copy);
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
            case MEMBER_URL:    put_url(writer, members[i].number, *(WCHAR * const *)value); break;
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
        case MEMBER_URL:
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

/* Fields of a transfer. The numbers are on disk: none is ever used for something else. */

enum
{
    FIELD_WANTED = 1,
    FIELD_RECEIVED = 2,
    FIELD_VERIFIED = 19,
    FIELD_VERIFIED_BY = 20,
};

#define MEMBER(number, type, name) { number, type, offsetof(struct transfer_record, name) }

static const struct record_member members[] =
{
    MEMBER(3, MEMBER_URL, url),
    MEMBER(4, MEMBER_STRING, path),
    MEMBER(5, MEMBER_STRING, temporary_name),
    MEMBER(6, MEMBER_UINT64, temporary_id),
    MEMBER(7, MEMBER_UINT32, is_stream),
    MEMBER(8, MEMBER_UINT32, is_done),
    MEMBER(9, MEMBER_UINT64, declared_size),
    MEMBER(10, MEMBER_UINT64, size),
    MEMBER(11, MEMBER_STRING, etag),
    MEMBER(12, MEMBER_STRING, modified),
    MEMBER(13, MEMBER_UINT64, modified_time),
    MEMBER(14, MEMBER_UINT32, failure_count),
    MEMBER(15, MEMBER_UINT32, request_count),
    MEMBER(16, MEMBER_UINT64, active_ms),
    MEMBER(17, MEMBER_STRING, coding),
    MEMBER(18, MEMBER_UINT32, is_date_strong),
    MEMBER(21, MEMBER_UINT32, is_direct),
};

void record_put_transfer(struct record_writer *writer, UINT number, const struct transfer_record *transfer)
{
    UINT group = record_begin_group(writer, number);

    record_put_members(writer, members, ARRAY_SIZE(members), transfer);
    if (transfer->wanted_count)
        record_put_ranges(writer, FIELD_WANTED, transfer->wanted, transfer->wanted_count);
    if (transfer->received_count)
        record_put_ranges(writer, FIELD_RECEIVED, transfer->received, transfer->received_count);
    if (transfer->verified_count)
    {
        record_put_ranges(writer, FIELD_VERIFIED, transfer->verified, transfer->verified_count);
        record_put_bytes(writer, FIELD_VERIFIED_BY, transfer->verified_by, sizeof(transfer->verified_by));
    }
    record_end_group(writer, group);
}

static BOOL get_field(struct record_reader *group, const struct record_field *field, struct transfer_record *transfer)
{
    switch (field->number)
    {
        case FIELD_WANTED:
            return record_get_ranges(group, field, &transfer->wanted, &transfer->wanted_count);
        case FIELD_RECEIVED:
            return record_get_ranges(group, field, &transfer->received, &transfer->received_count);
        case FIELD_VERIFIED:
            return record_get_ranges(group, field, &transfer->verified, &transfer->verified_count);
        case FIELD_VERIFIED_BY:
            return record_get_bytes(group, field, transfer->verified_by, sizeof(transfer->verified_by));
        default:
            return record_get_member(group, field, members, ARRAY_SIZE(members), transfer);
    }
}

static BOOL is_short(const WCHAR *string, UINT size)
{
    return !string || text_length(string) < size;
}

/* Return whether the ranges are those of a set: sorted, neither overlapping nor adjacent. */
static BOOL is_set(const struct range *ranges, UINT count)
{
    UINT i;

    for (i = 0; i < count; i++)
    {
        if (!ranges[i].length || ranges[i].length > ~ranges[i].offset)
            return FALSE;
        if (i && ranges[i].offset <= ranges[i - 1].offset + ranges[i - 1].length)
            return FALSE;
    }
    return TRUE;
}

static BOOL is_sound(const struct transfer_record *transfer)
{
    return is_short(transfer->etag, VALIDATOR_MAX) && is_short(transfer->modified, VALIDATOR_MAX)
            && is_short(transfer->coding, CODING_MAX)
            && !FAILED(ranges_validate(transfer->wanted, transfer->wanted_count, SIZE_UNKNOWN))
            && is_set(transfer->received, transfer->received_count)
            && is_set(transfer->verified, transfer->verified_count);
}

BOOL record_get_transfer(struct record_reader *reader, const struct record_field *field,
        struct transfer_record *transfer)
{
    struct record_reader group;
    struct record_field member;

    memset(transfer, 0, sizeof(*transfer));
    transfer->declared_size = SIZE_UNKNOWN;
    transfer->size = SIZE_UNKNOWN;
    if (!record_get_group(reader, field, &group))
        return FALSE;
    while (record_next(&group, &member))
        get_field(&group, &member, transfer);
    if (group.status == RECORD_OK && is_sound(transfer))
        return TRUE;
    transfer_record_clear(transfer);
    reader->status = group.status == RECORD_OK ? RECORD_DAMAGED : group.status;
    return FALSE;
}

void transfer_record_clear(struct transfer_record *transfer)
{
    free(transfer->url);
    free(transfer->path);
    free(transfer->temporary_name);
    free(transfer->etag);
    free(transfer->modified);
    free(transfer->coding);
    free(transfer->wanted);
    free(transfer->received);
    free(transfer->verified);
    memset(transfer, 0, sizeof(*transfer));
}

/* The length of a stop of the service is known from the time of day alone, which may have been, or be again, 1970 until
 * the network comes. */
UINT64 age_continue(const struct age_record *record, UINT64 now, UINT64 limit)
{
    UINT64 stop = record->time < now ? (now - record->time) / TICKS_PER_MS : 0;

    return min(record->passed, limit) + min(stop, limit / AGE_STOPS);
}
