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

/* Pure. A record on disk is not trusted: every length is checked before it is used, and a value that is not
 * understood is refused. */

#ifndef __DOSVC_RECORD_H
#define __DOSVC_RECORD_H

#include "base/ranges.h"

#define RECORD_MAJOR    1
#define RECORD_MINOR    0
#define RECORD_MAX      (64 * 1024 * 1024) /* bytes */

/* Kinds of items. The values are on disk. */
enum record_kind
{
    RECORD_JOB = 1,
    RECORD_DOWNLOAD = 2,
};

enum record_status
{
    RECORD_OK,
    RECORD_FOREIGN,   /* no record, or of another kind */
    RECORD_TRUNCATED,
    RECORD_DAMAGED,
    RECORD_NEWER,     /* of a later major version */
    RECORD_NO_MEMORY, /* the record may be fine */
};

/* The values are on disk. */
enum record_type
{
    RECORD_NUMBER = 1, /* up to 64 bits */
    RECORD_STRING = 2, /* UTF-16 without a terminator */
    RECORD_BYTES = 3,
    RECORD_RANGES = 4, /* pairs of offset and length */
    RECORD_GROUP = 5,  /* fields, numbered on their own */
};

/* Writing. When memory runs out nothing more is written, and record_end says so. */

struct record_writer
{
    BYTE *data; /* owned */
    UINT size;
    UINT capacity;
    BOOL has_failed;
};

extern void record_begin(struct record_writer *writer, enum record_kind kind);
extern void record_put_number(struct record_writer *writer, UINT number, UINT64 value);
extern void record_put_string(struct record_writer *writer, UINT number, const WCHAR *string); /* NULL: no field */
extern void record_put_bytes(struct record_writer *writer, UINT number, const void *data, UINT size);
extern void record_put_ranges(struct record_writer *writer, UINT number, const struct range *ranges, UINT count);
/* Begin a group of fields, which goes to the matching end. */
extern UINT record_begin_group(struct record_writer *writer, UINT number);
extern void record_end_group(struct record_writer *writer, UINT group);
/* Complete the record; FALSE if memory ran out or it is larger than RECORD_MAX. */
extern BOOL record_end(struct record_writer *writer);
extern void record_free(struct record_writer *writer);

/* Reading. The data must stay as long as the reader. */

struct record_reader
{
    const BYTE *data;
    UINT size; /* bytes that are left */
    enum record_status status;
    const BYTE *additions; /* left to read, up to */
    const BYTE *end;
    UINT unfinished;       /* bytes behind it, of an addition that is left out */
};

struct record_field
{
    UINT number;
    enum record_type type;
    const BYTE *data; /* in the record; not aligned */
    UINT size;
};

/* Everything but RECORD_OK means that nothing can be read from it. Fields of the
 * additions that follow the record are read as if they were its last ones. */
extern enum record_status record_open(const void *data, UINT size, enum record_kind kind,
        struct record_reader *reader);
/* FALSE at the end, and when reader->status has become something else than RECORD_OK. */
extern BOOL record_next(struct record_reader *reader, struct record_field *field);

/* Unless they succeed these set reader->status: to RECORD_DAMAGED if the field
 * has another type or an impossible value, to RECORD_NO_MEMORY. */
extern BOOL record_get_number(struct record_reader *reader, const struct record_field *field, UINT64 max,
        UINT64 *value);
extern BOOL record_get_string(struct record_reader *reader, const struct record_field *field, WCHAR **string);
extern BOOL record_get_bytes(struct record_reader *reader, const struct record_field *field, void *data, UINT size);
/* Replace the array in *ranges, and free it. */
extern BOOL record_get_ranges(struct record_reader *reader, const struct record_field *field, struct range **ranges,
        UINT *count);
extern BOOL record_get_group(struct record_reader *reader, const struct record_field *field,
        struct record_reader *group);

/* Members of a struct that are fields of a record, in one table for both directions. */

enum record_member_type
{
    MEMBER_UINT32, /* BOOL, enumerations, DWORD */
    MEMBER_UINT64,
    MEMBER_STRING, /* WCHAR *, owned, may be NULL */
    MEMBER_URL,    /* the same, of which user and password are not written */
    MEMBER_BYTES,  /* of the size in the table */
};

struct record_member
{
    UINT number;
    enum record_member_type type;
    UINT offset;
    UINT size; /* of MEMBER_BYTES */
};

extern void record_put_members(struct record_writer *writer, const struct record_member *members, UINT count,
        const void *object);
/* Store a field into its member, in place of what the member has; a field that
 * is in no row of the table is skipped. */
extern BOOL record_get_member(struct record_reader *reader, const struct record_field *field,
        const struct record_member *members, UINT count, void *object);

/* The part of a record that describes a transfer. */

/* State of a transfer that is kept across restarts of the service. Secrets are not:
 * neither options nor headers. */
struct transfer_record
{
    WCHAR *url;             /* all strings and ranges may be NULL */
    WCHAR *path;
    WCHAR *temporary_name;  /* full path; NULL: not created, but named by temporary_id */
    UINT64 temporary_id;
    BOOL is_stream;         /* bytes go to a client */
    BOOL is_done;
    BOOL is_direct;         /* no cache host is asked */
    struct range *wanted;
    UINT wanted_count;
    struct range *received; /* is on disk, and will be after a crash of the machine */
    UINT received_count;
    struct range *verified; /* is known to be as its piece hashes say, */
    UINT verified_count;
    BYTE verified_by[32];   /* whose hash of hashes is this */
    UINT64 declared_size;
    UINT64 size;
    WCHAR *etag;            /* of what has been received; all three as in struct validator */
    WCHAR *modified;
    WCHAR *coding;
    BOOL is_date_strong;
    UINT64 modified_time;   /* FILETIME, or 0 */
    DWORD failure_count;
    DWORD request_count;
    UINT64 active_ms;
};

extern void record_put_transfer(struct record_writer *writer, UINT number, const struct transfer_record *transfer);
/* On failure there is nothing to be freed. */
extern BOOL record_get_transfer(struct record_reader *reader, const struct record_field *field,
        struct transfer_record *transfer);
extern void transfer_record_clear(struct transfer_record *transfer);

/* Ages of items. */

/* Stops of the service, of whatever length, that make an item as old as it can get. */
#define AGE_STOPS 30

struct age_record
{
    UINT64 passed; /* milliseconds, */
    UINT64 time;   /* at this FILETIME */
};

/* Return the age at the FILETIME now, in milliseconds; limit is the age at which the item expires. */
extern UINT64 age_continue(const struct age_record *record, UINT64 now, UINT64 limit);

#endif /* __DOSVC_RECORD_H */
