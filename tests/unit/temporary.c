/*
 * Unit tests of what is read from a record without the service
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

/* The records are written by the service's own files. */

#include "unit.h"
#include "model/download_record.h"
#include "temporary.h"

void *test_realloc(void *pointer, size_t size)
{
    return realloc(pointer, size);
}

void *test_calloc(size_t count, size_t size)
{
    return calloc(count, size);
}

static unsigned int count;
static struct temporary found[4];

static WCHAR *copy(const WCHAR *string)
{
    unsigned int length = 0;

    if (!string)
        return NULL;
    while (string[length])
        length++;
    return memcpy(malloc((length + 1) * sizeof(*string)), string, (length + 1) * sizeof(*string));
}

static void collect(void *context, const struct temporary *temporary)
{
    if (count < 4)
    {
        found[count] = *temporary;
        found[count].path = copy(temporary->path);
        found[count].name = copy(temporary->name);
    }
    count++;
}

static void forget(void)
{
    unsigned int i;

    for (i = 0; i < 4; i++)
    {
        free(found[i].path);
        free(found[i].name);
    }
    memset(found, 0, sizeof(found));
    count = 0;
}

static BOOL is_equal(const WCHAR *a, const WCHAR *b)
{
    while (a && b && *a && *a == *b)
    {
        a++;
        b++;
    }
    return a && b ? *a == *b : a == b;
}

/* Any damage of a record is read without a fault. */
static void read_damaged(const struct record_writer *writer)
{
    UINT i;

    for (i = 0; i < writer->size; i++)
    {
        BYTE *data = malloc(i + 1); /* so that a sanitizer notices what is read behind it */

        memcpy(data, writer->data, i);
        temporary_read(data, i, collect, NULL);
        free(data);
        writer->data[i] ^= 0xff;
        temporary_read(writer->data, writer->size, collect, NULL);
        writer->data[i] ^= 0xff;
        forget();
    }
}

static void test_download(BOOL is_lasting, WCHAR *name)
{
    WCHAR path[] = L"C:\\a\\b.c", uri[] = L"http://a/b", owner[] = L"S-1", target[] = L"b.c";
    struct download_record download =
    {
        .settings = { .uri = uri, .path = target, .is_non_volatile = is_lasting, .cost_policy = COST_POLICY_UNSET },
        .user_sid = owner,
        .transfer = { .url = uri, .path = path, .temporary_name = name, .temporary_id = 0x123456789abcull },
    };
    struct record_writer writer;

    record_begin(&writer, RECORD_DOWNLOAD);
    record_put_download(&writer, &download);
    ok(record_end(&writer), "not written.\n");
    temporary_read(writer.data, writer.size, collect, NULL);
    ok(count == 1, "%u files.\n", count);
    ok(is_equal(found[0].path, path) && is_equal(found[0].name, name) && found[0].id == 0x123456789abcull,
            "not as written, id %#llx.\n", (unsigned long long)found[0].id);
    forget();
    read_damaged(&writer);
    record_free(&writer);
}

static void put_file(struct record_writer *writer, const struct transfer_record *transfer)
{
    UINT group = record_begin_group(writer, 1);

    record_put_string(writer, 2, L"id");
    record_put_number(writer, 4, 1);
    record_put_number(writer, 5, 1);
    record_put_string(writer, 6, L"C:\\integrity");
    record_put_transfer(writer, 1, transfer);
    record_end_group(writer, group);
}

/* As job_record.c does: members of the job and of the file have the numbers of those of a transfer. Files that
 * were added last are behind the record. */
static void test_job(void)
{
    WCHAR path[] = L"C:\\a\\b", name[] = L"C:\\a\\DO.tmp";
    struct transfer_record transfers[] =
    {
        { .path = path, .temporary_id = 1 },
        { .path = path, .temporary_name = name, .temporary_id = 2 },
        { .is_stream = TRUE, .temporary_id = 3 },
    };
    struct record_writer writer, addition;
    UINT i;

    record_begin(&writer, RECORD_JOB);
    for (i = 4; i < 7; i++)
        record_put_string(&writer, i, L"C:\\job");
    put_file(&writer, &transfers[0]);
    ok(record_end(&writer), "not written.\n");
    record_begin(&addition, RECORD_JOB);
    for (i = 1; i < 3; i++)
        put_file(&addition, &transfers[i]);
    ok(record_end(&addition), "the addition is not written.\n");
    writer.data = realloc(writer.data, writer.size + addition.size);
    memcpy(writer.data + writer.size, addition.data, addition.size);
    writer.size += addition.size;
    record_free(&addition);

    temporary_read(writer.data, writer.size, collect, NULL);
    ok(count == 2, "%u files.\n", count);
    ok(is_equal(found[0].path, path) && !found[0].name && found[0].id == 1, "the first is not as written.\n");
    ok(is_equal(found[1].path, path) && is_equal(found[1].name, name) && found[1].id == 2,
            "the second is not as written.\n");
    forget();
    read_damaged(&writer);
    record_free(&writer);
}

static void put_name(BYTE *list, UINT slot, const WCHAR *name, UINT length)
{
    UINT size = length * sizeof(*name);

    memcpy(list + slot * 512, "DOtn", 4);
    list[slot * 512 + 4] = size;
    list[slot * 512 + 5] = size >> 8;
    memcpy(list + slot * 512 + 12, name, size);
}

/* As leftover.c does: names in slots, also a long one, and one that was forgotten. */
static void test_list(void)
{
    WCHAR name[] = L"C:\\a\\DO0000123456789abc.tmp", last[] = L"D:\\DO.tmp", long_name[601] = {0};
    UINT i, size = 4 * 512 + 12 + sizeof(last);
    BYTE *list = calloc(1, size);

    for (i = 0; i < 600; i++)
        long_name[i] = 'a' + i % 26;
    put_name(list, 0, name, ARRAY_SIZE(name) - 1);
    put_name(list, 1, long_name, 600);
    put_name(list, 4, last, ARRAY_SIZE(last) - 1);
    temporary_read_list(list, size, collect, NULL);
    ok(count == 3, "%u files.\n", count);
    ok(is_equal(found[0].name, name) && is_equal(found[1].name, long_name) && is_equal(found[2].name, last),
            "not as written.\n");
    ok(!found[0].path && !found[0].id, "there is more than a name.\n");
    forget();
    list[0] = 0;
    temporary_read_list(list, size, collect, NULL);
    ok(count == 2, "%u files.\n", count);
    forget();
    /* No byte behind the end is read. */
    for (i = 0; i < size; i++)
    {
        BYTE *part = malloc(i + 1);

        memcpy(part, list, i);
        temporary_read_list(part, i, collect, NULL);
        free(part);
        forget();
    }
    free(list);
}

int main(void)
{
    WCHAR name[] = L"C:\\a\\DO0000123456789abc.tmp";

    test_download(FALSE, NULL);
    test_download(TRUE, NULL);
    test_download(FALSE, name);
    test_download(TRUE, name);
    test_job();
    test_list();
    return report("temporary");
}
