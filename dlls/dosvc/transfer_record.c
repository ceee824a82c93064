/*
 * What survives a restart of a transfer
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

/* Pure. The numbers are on disk: none is ever used for something else. */

#include <stdlib.h>
#include <string.h>

#include "http1.h"
#include "record.h"

enum
{
    FIELD_WANTED = 1,
    FIELD_RECEIVED = 2,
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
};

void record_put_transfer(struct record_writer *writer, UINT number, const struct transfer_record *transfer)
{
    UINT group = record_begin_group(writer, number);

    record_put_members(writer, members, ARRAY_SIZE(members), transfer);
    if (transfer->wanted_count)
        record_put_ranges(writer, FIELD_WANTED, transfer->wanted, transfer->wanted_count);
    if (transfer->received_count)
        record_put_ranges(writer, FIELD_RECEIVED, transfer->received, transfer->received_count);
    record_end_group(writer, group);
}

static BOOL get_field(struct record_reader *group, const struct record_field *field, struct transfer_record *transfer)
{
    struct range **ranges;
    UINT *count;

    if (field->number == FIELD_WANTED)
    {
        ranges = &transfer->wanted;
        count = &transfer->wanted_count;
    }
    else if (field->number == FIELD_RECEIVED)
    {
        ranges = &transfer->received;
        count = &transfer->received_count;
    }
    else
    {
        return record_get_member(group, field, members, ARRAY_SIZE(members), transfer);
    }
    free(*ranges);
    *ranges = NULL;
    *count = 0;
    return record_get_ranges(group, field, ranges, count);
}

static BOOL is_short(const WCHAR *string, UINT size)
{
    UINT i;

    for (i = 0; i < size; i++)
    {
        if (!string || !string[i])
            return TRUE;
    }
    return FALSE;
}

/* As a range set is: sorted, neither overlapping nor adjacent. */
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
            && is_set(transfer->received, transfer->received_count);
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
    memset(transfer, 0, sizeof(*transfer));
}
