/*
 * Tests of records
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
#include "base/record.h"

/* Allocations that still succeed; -1 is no limit. */
static int allocations = -1;

static BOOL may_allocate(void)
{
    return allocations < 0 || allocations-- > 0;
}

void *test_realloc(void *block, size_t size);
void *test_calloc(size_t count, size_t size);

void *test_realloc(void *block, size_t size)
{
    return may_allocate() ? realloc(block, size) : NULL;
}

void *test_calloc(size_t count, size_t size)
{
    return may_allocate() ? calloc(count, size) : NULL;
}

static const struct range wanted[] = { { 900, 100 }, { 0, 10 }, { 2000, LENGTH_TO_EOF } };
static const struct range verified[] = { { 0, 4 }, { 910, 20 } };
static const struct range received[] = { { 0, 5 }, { 905, 50 }, { 1ull << 40, 3 } };

static WCHAR *widen_dup(const char *text)
{
    WCHAR *string = calloc(strlen(text) + 1, sizeof(*string));

    widen(text, string, strlen(text) + 1);
    return string;
}

static void fill_transfer(struct transfer_record *transfer)
{
    memset(transfer, 0, sizeof(*transfer));
    transfer->url = widen_dup("http://host/path?query");
    transfer->path = widen_dup("c:\\folder\\name.bin");
    transfer->temporary_name = widen_dup("c:\\folder\\DO0123456789abcdef.tmp");
    transfer->temporary_id = 0x0123456789abcdefull;
    transfer->etag = widen_dup("\"etag\"");
    transfer->modified = widen_dup("Wed, 21 Oct 2015 07:28:00 GMT");
    transfer->modified_time = 130898680800000000ull;
    transfer->declared_size = SIZE_UNKNOWN;
    transfer->size = (1ull << 40) + 3;
    transfer->failure_count = 2;
    transfer->is_direct = TRUE;
    transfer->request_count = 0xffffffff;
    transfer->active_ms = 12345678901ull;
    transfer->wanted = malloc(sizeof(wanted));
    memcpy(transfer->wanted, wanted, sizeof(wanted));
    transfer->wanted_count = 3;
    transfer->received = malloc(sizeof(received));
    memcpy(transfer->received, received, sizeof(received));
    transfer->received_count = 3;
    transfer->verified = malloc(sizeof(verified));
    memcpy(transfer->verified, verified, sizeof(verified));
    transfer->verified_count = 2;
    memset(transfer->verified_by, 0x5a, sizeof(transfer->verified_by));
}

static BOOL same_string(const WCHAR *a, const WCHAR *b)
{
    UINT i;

    if (!a || !b)
        return a == b;
    for (i = 0; a[i] && a[i] == b[i]; i++)
        ;
    return a[i] == b[i];
}

static void encode(struct record_writer *writer, enum record_kind kind)
{
    struct transfer_record transfer;

    fill_transfer(&transfer);
    record_begin(writer, kind);
    record_put_number(writer, 1, 77);
    record_put_transfer(writer, 2, &transfer);
    record_put_bytes(writer, 3, "0123", 4);
    ok(record_end(writer), "cannot encode.\n");
    transfer_record_clear(&transfer);
}

/* RECORD_OK if the record can be read to its end. */
static enum record_status decode(const void *data, UINT size, struct transfer_record *transfer)
{
    struct record_reader reader;
    struct record_field field;
    BOOL has_transfer = FALSE;
    UINT64 number;
    char bytes[4];

    if (record_open(data, size, RECORD_JOB, &reader) != RECORD_OK)
        return reader.status;
    while (record_next(&reader, &field))
    {
        switch (field.number)
        {
            case 1: record_get_number(&reader, &field, 100, &number); break;
            case 2:
                if (has_transfer)
                    transfer_record_clear(transfer);
                has_transfer = record_get_transfer(&reader, &field, transfer);
                break;
            case 3: record_get_bytes(&reader, &field, bytes, 4); break;
        }
    }
    if (reader.status != RECORD_OK && has_transfer)
        transfer_record_clear(transfer);
    return reader.status;
}

static void test_round_trip(void)
{
    struct transfer_record transfer, expected;
    struct record_writer writer, again;
    enum record_status status;

    encode(&writer, RECORD_JOB);
    status = decode(writer.data, writer.size, &transfer);
    ok(status == RECORD_OK, "got status %u.\n", status);
    fill_transfer(&expected);
    ok(same_string(transfer.url, expected.url), "url.\n");
    ok(same_string(transfer.path, expected.path), "path.\n");
    ok(same_string(transfer.temporary_name, expected.temporary_name), "temporary name.\n");
    ok(same_string(transfer.etag, expected.etag), "etag.\n");
    ok(same_string(transfer.modified, expected.modified), "modified.\n");
    ok(transfer.temporary_id == expected.temporary_id, "id.\n");
    ok(transfer.modified_time == expected.modified_time, "time.\n");
    ok(transfer.declared_size == SIZE_UNKNOWN && transfer.size == expected.size, "sizes.\n");
    ok(transfer.failure_count == 2 && transfer.request_count == 0xffffffff, "counts.\n");
    ok(transfer.active_ms == expected.active_ms && transfer.is_direct, "active time, direct.\n");
    ok(transfer.wanted_count == 3 && !memcmp(transfer.wanted, wanted, sizeof(wanted)), "wanted.\n");
    ok(transfer.received_count == 3 && !memcmp(transfer.received, received, sizeof(received)), "received.\n");
    ok(transfer.verified_count == 2 && !memcmp(transfer.verified, verified, sizeof(verified))
            && !memcmp(transfer.verified_by, expected.verified_by, sizeof(expected.verified_by)), "verified.\n");

    record_begin(&again, RECORD_JOB);
    record_put_number(&again, 1, 77);
    record_put_transfer(&again, 2, &transfer);
    record_put_bytes(&again, 3, "0123", 4);
    ok(record_end(&again) && again.size == writer.size && !memcmp(again.data, writer.data, again.size),
            "the second encoding is another.\n");
    transfer_record_clear(&transfer);
    transfer_record_clear(&expected);
    record_free(&writer);
    record_free(&again);
}

/* Whatever happens to one byte, the record is refused; so it is when its end is missing. */
static void test_damage(void)
{
    struct transfer_record transfer;
    struct record_writer writer;
    enum record_status status;
    BYTE *copy;
    UINT i, bit;

    encode(&writer, RECORD_JOB);
    copy = malloc(writer.size + 1);
    for (i = 0; i < writer.size; i++)
    {
        for (bit = 0; bit <= 8; bit++)
        {
            memcpy(copy, writer.data, writer.size);
            copy[i] ^= bit == 8 ? 0xff : 1 << bit;
            status = decode(copy, writer.size, &transfer);
            ok(status != RECORD_OK, "byte %u, bit %u is not noticed.\n", i, bit);
        }
    }
    for (i = 0; i < writer.size; i++)
    {
        BYTE *cut = malloc(i + 1); /* of this size, so that reading behind it shows */

        memcpy(cut, writer.data, i);
        status = decode(cut, i, &transfer);
        ok(status == (i < 4 ? RECORD_FOREIGN : RECORD_TRUNCATED), "%u bytes: got status %u.\n", i, status);
        free(cut);
    }
    free(copy);
    record_free(&writer);

    encode(&writer, RECORD_DOWNLOAD);
    status = decode(writer.data, writer.size, &transfer);
    ok(status == RECORD_FOREIGN, "got status %u.\n", status);
    record_free(&writer);
}

/* The sum of the numbers in a record and in its additions; 0 if it is refused. */
static UINT read_numbers(const void *data, UINT size, UINT *unfinished)
{
    struct record_reader reader;
    struct record_field field;
    UINT64 number;
    UINT sum = 0;

    record_open(data, size, RECORD_JOB, &reader);
    while (record_next(&reader, &field))
    {
        record_get_number(&reader, &field, 100, &number);
        sum += number;
    }
    *unfinished = reader.unfinished;
    return reader.status == RECORD_OK ? sum : 0;
}

/* A crash leaves a part of the last addition, or zeros of its size. What comes before that is damaged, or sound. */
static void test_additions(void)
{
    UINT ends[4], count = ARRAY_SIZE(ends), i, j, left, sum, expected, unfinished;
    struct record_writer parts[ARRAY_SIZE(ends)];
    BYTE *data, *copy;

    for (i = 0; i < count; i++)
    {
        record_begin(&parts[i], RECORD_JOB);
        if (i != 2) /* an empty one is skipped */
            record_put_number(&parts[i], 1, 1 << i);
        record_end(&parts[i]);
        ends[i] = (i ? ends[i - 1] : 0) + parts[i].size;
    }
    data = malloc(ends[count - 1]);
    for (i = 0; i < count; i++)
    {
        memcpy(data + ends[i] - parts[i].size, parts[i].data, parts[i].size);
        record_free(&parts[i]);
    }

    for (i = ends[0]; i <= ends[3]; i++)
    {
        for (j = 0; ends[j + 1] <= i && j < 2; j++)
            ;
        left = i == ends[3] ? 0 : i - ends[j];
        expected = i == ends[3] ? 11 : j ? 3 : 1;
        copy = malloc(i);
        memcpy(copy, data, i);
        sum = read_numbers(copy, i, &unfinished);
        ok(sum == expected && unfinished == left, "%u bytes: got %u, %u unfinished.\n", i, sum, unfinished);
        free(copy);
        if (left < 4)
            continue;
        copy = calloc(1, i);
        memcpy(copy, data, ends[j]);
        sum = read_numbers(copy, i, &unfinished);
        ok(sum == expected && unfinished == left, "%u bytes, zeros: got %u, %u unfinished.\n", i, sum, unfinished);
        free(copy);
    }
    for (i = 0; i < ends[3]; i++)
    {
        data[i] ^= 0x11;
        sum = read_numbers(data, ends[3], &unfinished);
        expected = i < ends[2] ? 0 : 3;
        ok(sum == expected, "byte %u is changed: got %u.\n", i, sum);
        data[i] ^= 0x11;
    }
    free(data);
}

static void test_versions(void)
{
    struct record_writer writer;
    struct record_reader reader;
    struct record_field field;
    UINT64 number;
    UINT group;

    record_begin(&writer, RECORD_JOB);
    writer.data[7] = 99;
    record_put_number(&writer, 1, 5);
    group = record_begin_group(&writer, 400);
    record_put_string(&writer, 1, NULL);
    record_put_bytes(&writer, 1, "x", 1);
    record_end_group(&writer, group);
    record_put_number(&writer, 2, 6);
    ok(record_end(&writer), "cannot encode.\n");
    ok(record_open(writer.data, writer.size, RECORD_JOB, &reader) == RECORD_OK, "a later minor version is refused.\n");
    ok(record_next(&reader, &field) && field.number == 1 && record_get_number(&reader, &field, 5, &number)
            && number == 5, "the first field.\n");
    ok(record_next(&reader, &field) && field.number == 400 && field.type == RECORD_GROUP, "the unknown field.\n");
    ok(record_next(&reader, &field) && field.number == 2 && record_get_number(&reader, &field, 6, &number)
            && number == 6, "the field behind it.\n");
    ok(!record_next(&reader, &field) && reader.status == RECORD_OK, "the end.\n");
    writer.data[6] = RECORD_MAJOR + 1;
    ok(record_end(&writer), "cannot encode.\n");
    ok(record_open(writer.data, writer.size, RECORD_JOB, &reader) == RECORD_NEWER, "got status %u.\n", reader.status);
    record_free(&writer);
}

/* What is on disk from an earlier version; the values are zlib's. */
static void test_checksum(void)
{
    static const DWORD expected[] = { 0xe9c12d4c, 0x6baee382, 0x7af4f42d, 0x40fcc6d0, 0x1c7d51e5 };
    struct record_writer writer;
    DWORD crc;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(expected); i++)
    {
        record_begin(&writer, RECORD_JOB);
        record_put_bytes(&writer, 1, "0123456", i);
        record_end(&writer);
        crc = writer.data[12] | writer.data[13] << 8 | writer.data[14] << 16 | (DWORD)writer.data[15] << 24;
        ok(crc == expected[i], "%u bytes have %#x.\n", i, crc);
        record_free(&writer);
    }
}

/* A writer with a defect, or an enemy: the checksum is right, the fields are not. */
static void test_bad_fields(void)
{
    static const struct range bad_sets[][2] =
    {
        { { 0, 0 }, { 5, 1 } }, { { 0, 5 }, { 5, 1 } }, { { 5, 1 }, { 0, 1 } }, { { 0, 5 }, { ~0ull, 5 } },
    };
    struct transfer_record transfer;
    struct record_writer writer;
    struct record_reader reader;
    struct record_field field;
    UINT64 number;
    UINT group, i;

    record_begin(&writer, RECORD_JOB);
    record_put_number(&writer, 1, 101);
    record_end(&writer);
    ok(decode(writer.data, writer.size, &transfer) == RECORD_DAMAGED, "a number above its limit.\n");
    record_free(&writer);

    record_begin(&writer, RECORD_JOB);
    record_put_bytes(&writer, 1, "\0\0\0\0\0\0\0\0", 8);
    record_end(&writer);
    ok(decode(writer.data, writer.size, &transfer) == RECORD_DAMAGED, "another type.\n");
    record_free(&writer);

    record_begin(&writer, RECORD_JOB);
    record_put_number(&writer, 1, 1);
    writer.data[writer.size - 5] = 200; /* the size of the field */
    record_end(&writer);
    ok(decode(writer.data, writer.size, &transfer) == RECORD_DAMAGED, "a field beyond the end.\n");
    record_free(&writer);

    for (i = 0; i < ARRAY_SIZE(bad_sets); i++)
    {
        record_begin(&writer, RECORD_JOB);
        group = record_begin_group(&writer, 2);
        record_put_ranges(&writer, 2, bad_sets[i], 2);
        record_end_group(&writer, group);
        record_end(&writer);
        ok(decode(writer.data, writer.size, &transfer) == RECORD_DAMAGED, "bad set %u.\n", i);
        record_free(&writer);
    }

    record_begin(&writer, RECORD_JOB);
    record_put_string(&writer, 1, (const WCHAR[]){ 'a', 'b', 0 });
    writer.data[writer.size - 2] = 0;
    record_end(&writer);
    record_open(writer.data, writer.size, RECORD_JOB, &reader);
    record_next(&reader, &field);
    ok(!record_get_string(&reader, &field, &transfer.url) && reader.status == RECORD_DAMAGED, "a zero inside.\n");
    ok(!record_get_number(&reader, &field, ~0ull, &number), "another type.\n");
    record_free(&writer);
}

static void test_out_of_memory(void)
{
    struct transfer_record transfer, source;
    struct record_writer writer;
    enum record_status status;
    int i;

    fill_transfer(&source);
    for (i = 0; ; i++)
    {
        allocations = i;
        record_begin(&writer, RECORD_JOB);
        record_put_transfer(&writer, 2, &source);
        if (record_end(&writer))
            break;
        record_free(&writer);
    }
    ok(i > 1, "%d allocations.\n", i);
    for (i = 0; ; i++)
    {
        allocations = i;
        if ((status = decode(writer.data, writer.size, &transfer)) == RECORD_OK)
            break;
        ok(status == RECORD_NO_MEMORY || status == RECORD_DAMAGED, "got status %u.\n", status);
    }
    ok(i > 5, "%d allocations.\n", i);
    allocations = -1;
    transfer_record_clear(&transfer);
    transfer_record_clear(&source);
    record_free(&writer);
}

#define DAY   (24 * 60 * 60 * 1000ull) /* milliseconds */
#define LIMIT (30 * DAY)
#define TIME  132000000000000000ull    /* a FILETIME */

static void test_age(void)
{
    static const struct
    {
        UINT64 passed;
        long long stop; /* by the system's clock, in milliseconds */
        UINT64 limit;
        UINT64 result;
    }
    tests[] =
    {
        { 0, 0, LIMIT, 0 },
        { 5 * DAY, 0, LIMIT, 5 * DAY },
        { 5 * DAY, 1, LIMIT, 5 * DAY + 1 },
        { 5 * DAY, DAY / 2, LIMIT, 5 * DAY + DAY / 2 },
        { 5 * DAY, DAY, LIMIT, 6 * DAY },
        { 5 * DAY, DAY + 1, LIMIT, 6 * DAY },
        { 5 * DAY, 40 * 365 * DAY, LIMIT, 6 * DAY },
        { 5 * DAY, -1, LIMIT, 5 * DAY },
        { 5 * DAY, -(long long)(40 * 365 * DAY), LIMIT, 5 * DAY },
        { 29 * DAY, 40 * 365 * DAY, LIMIT, LIMIT },
        { LIMIT, 1, LIMIT, LIMIT + 1 },
        { ~0ull, ~0ull >> 20, LIMIT, LIMIT + DAY },
        { 3000, 3000, 3000, 3100 },
        { 0, 3000, 3000, 100 },
    };
    struct age_record record;
    UINT i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    {
        record.passed = tests[i].passed;
        record.time = TIME;
        ok(age_continue(&record, TIME + tests[i].stop * 10000, tests[i].limit) == tests[i].result, "row %u.\n", i);
    }
    /* A record of before there was an age in it. */
    memset(&record, 0, sizeof(record));
    ok(age_continue(&record, TIME, LIMIT) == DAY, "no age.\n");
}

int main(void)
{
    test_round_trip();
    test_damage();
    test_additions();
    test_versions();
    test_checksum();
    test_bad_fields();
    test_out_of_memory();
    test_age();
    return report("record");
}
