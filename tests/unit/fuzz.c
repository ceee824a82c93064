/*
 * Fuzzing of the pure files
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

/* fuzz TARGET EXECUTIONS SEED FILE...: runs the target on the files and on what
 * becomes of them by mutation. Guided by coverage: an input that reaches new
 * code is kept and mutated further. The same seed gives the same run. A finding
 * ends the program through a sanitizer, after the input was written to
 * "finding". fuzz TARGET 0 0 FILE tries that again. */

#include <sanitizer/common_interface_defs.h>

#include "unit.h"
#include "net/cookies.h"
#include "net/http1.h"
#include "net/proxy.h"
#include "model/download_record.h"
#include "base/json.h"
#include "base/piece_hash.h"
#include "base/url.h"

#define INPUT_MAX   2048
#define CORPUS_MAX  4096
#define EDGES       65536

struct input
{
    UINT size;
    BYTE data[INPUT_MAX];
};

static struct input current;
static struct input *corpus[CORPUS_MAX];
static UINT corpus_count;
static BYTE edges[EDGES], known_edges[EDGES];
static UINT64 seed;

/* Called on each edge of the files under test, which are compiled for it. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    static UINT last;
    /* Wherever the program was loaded. */
    UINT here = (UINT)((uintptr_t)__builtin_return_address(0) - (uintptr_t)next_random) * 0x9e3779b1u >> 8;

    edges[(here ^ last) % EDGES] = 1;
    last = here >> 1;
}

static void save_finding(void)
{
    FILE *file = fopen("finding", "wb");

    if (!file)
        return;
    fwrite(current.data, 1, current.size, file);
    fclose(file);
    printf("the input is in the file 'finding', %u bytes\n", current.size);
    fflush(stdout);
}

/* The targets. Each states what must hold whatever the input is. */

#define require(condition) require_(__LINE__, !!(condition), #condition)

static void require_(UINT line, BOOL condition, const char *text)
{
    if (condition)
        return;
    printf("%u: not so: %s\n", line, text);
    fflush(stdout);
    save_finding();
    abort();
}

static DWORD crc32(const BYTE *data, UINT size, DWORD crc)
{
    UINT bit;

    while (size--)
    {
        crc ^= *data++;
        for (bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return crc;
}

/* Most mutations would not come past the checksum. */
static void repair(BYTE *data, UINT size, enum record_kind kind)
{
    DWORD crc, body = size - 16;

    memcpy(data, "DOrc\0\0\1", 7);
    data[4] = kind;
    memcpy(data + 8, &body, 4);
    crc = ~crc32(data + 16, size - 16, crc32(data, 12, ~0u));
    memcpy(data + 12, &crc, 4);
}

static void walk(struct record_reader *reader, UINT depth)
{
    struct transfer_record transfer;
    struct record_reader group;
    struct record_field field;
    struct range *ranges;
    UINT64 number = 0;
    BYTE bytes[16];
    WCHAR *string;
    UINT count;

    while (record_next(reader, &field))
    {
        switch (field.type)
        {
            case RECORD_NUMBER:
                if (record_get_number(reader, &field, 0xffffffff, &number))
                    require(number <= 0xffffffff);
                break;
            case RECORD_STRING:
                if (record_get_string(reader, &field, &string))
                    free(string);
                break;
            case RECORD_BYTES:
                record_get_bytes(reader, &field, bytes, sizeof(bytes));
                break;
            case RECORD_RANGES:
                ranges = NULL;
                if (record_get_ranges(reader, &field, &ranges, &count))
                    free(ranges);
                break;
            case RECORD_GROUP:
                if (depth < 4 && record_get_group(reader, &field, &group))
                    walk(&group, depth + 1);
                break;
        }
        if (record_get_transfer(reader, &field, &transfer))
            transfer_record_clear(&transfer);
        reader->status = RECORD_OK; /* go on with the fields behind it */
    }
}

/* What could be read comes back when it is written and read again. */
static void check_transfer(const BYTE *data, UINT size)
{
    struct transfer_record transfer, again;
    struct record_writer writer;
    struct record_reader reader;
    struct record_field field;

    if (record_open(data, size, RECORD_JOB, &reader) != RECORD_OK || !record_next(&reader, &field)
            || !record_get_transfer(&reader, &field, &transfer))
        return;
    record_begin(&writer, RECORD_JOB);
    record_put_transfer(&writer, 1, &transfer);
    require(record_end(&writer));
    require(record_open(writer.data, writer.size, RECORD_JOB, &reader) == RECORD_OK);
    require(record_next(&reader, &field) && record_get_transfer(&reader, &field, &again));
    require(again.received_count == transfer.received_count && again.size == transfer.size);
    transfer_record_clear(&transfer);
    transfer_record_clear(&again);
    record_free(&writer);
}

static void run_record(BYTE *data, UINT size)
{
    struct record_reader reader;

    if (size > 16 && data[size - 1] % 8)
        repair(data, size, RECORD_JOB);
    if (record_open(data, size, RECORD_JOB, &reader) != RECORD_OK)
        return;
    walk(&reader, 0);
    check_transfer(data, size);
}

/* What could be read comes back when it is written and read again, but for the
 * headers that may not be kept; then nothing changes any more. */
static void run_download(BYTE *data, UINT size)
{
    struct download_record download, again;
    struct record_writer writer, second;
    struct record_reader reader;

    if (size > 16 && data[size - 1] % 8)
        repair(data, size, RECORD_DOWNLOAD);
    if (record_open(data, size, RECORD_DOWNLOAD, &reader) != RECORD_OK
            || record_get_download(&reader, &download) != RECORD_OK)
        return;
    record_begin(&writer, RECORD_DOWNLOAD);
    record_put_download(&writer, &download);
    require(record_end(&writer));
    require(record_open(writer.data, writer.size, RECORD_DOWNLOAD, &reader) == RECORD_OK);
    require(record_get_download(&reader, &again) == RECORD_OK);
    require(again.settings.is_non_volatile == download.settings.is_non_volatile && again.ending == download.ending);
    require(!download.settings.is_non_volatile || (again.state == download.state && again.created == download.created));
    require(again.transfer.temporary_id == download.transfer.temporary_id);
    record_begin(&second, RECORD_DOWNLOAD);
    record_put_download(&second, &again);
    require(record_end(&second));
    require(second.size == writer.size && !memcmp(second.data, writer.data, writer.size));
    download_record_clear(&download);
    download_record_clear(&again);
    record_free(&writer);
    record_free(&second);
}

/* As a client or a record gives them. */
static void run_ranges(BYTE *data, UINT size)
{
    struct range ranges[32] = { { 0 } }, gap;
    UINT count = min(size / 4, 32), i;
    struct range_set set = { 0 };
    UINT64 bytes, limit;

    for (i = 0; i < count; i++)
    {
        const BYTE *p = data + 4 * i;

        /* Small numbers, so that they meet; and at times the largest. */
        ranges[i].offset = p[1] & 128 ? ~(UINT64)p[0] : (UINT64)p[0] << (p[1] & 63);
        ranges[i].length = p[3] & 128 ? ~(UINT64)p[2] : (UINT64)p[2] << (p[3] & 63);
    }
    limit = count && data[0] & 1 ? ranges[0].length : SIZE_UNKNOWN;
    if (FAILED(ranges_validate(ranges, count, limit)))
        return;
    for (i = 0; i < count; i++)
    {
        /* To the end: of this size. */
        if (ranges[i].length == LENGTH_TO_EOF)
            ranges[i].length = ~(UINT64)0 - ranges[i].offset;
        require(range_set_add(&set, ranges[i].offset, ranges[i].length));
        require(!range_set_next_gap(&set, ranges[i].offset, ranges[i].offset + ranges[i].length, &gap));
    }
    for (i = 0, bytes = 0; i < set.count; i++)
    {
        require(set.ranges[i].length);
        require(!i || set.ranges[i].offset > set.ranges[i - 1].offset + set.ranges[i - 1].length);
        bytes += set.ranges[i].length;
    }
    require(bytes == range_set_bytes(&set));
    range_set_clear(&set);
}

/* What comes behind the head is its body. */
static void run_head(BYTE *data, UINT size)
{
    UINT head_size, checked = 0, data_size, used, i;
    struct framing framing;
    struct http_head head;

    if (!http1_find_head((char *)data, size, &checked, &head_size) || !head_size)
        head_size = size;
    require(head_size <= size);
    if (!http1_parse_head((char *)data, head_size, 0x01c00f9b2fb25600ull, &head, &framing))
    {
        require(head.status >= 100 && head.status <= 599);
        require(!head.is_chunked || head.content_length == SIZE_UNKNOWN);
        require(!head.has_content_range || !head.is_range_malformed);
        for (i = 0; i < VALIDATOR_MAX && head.validator.etag[i]; i++)
            ;
        require(i < VALIDATOR_MAX);
        for (i = 0; i < VALIDATOR_MAX && head.validator.modified[i]; i++)
            ;
        require(i < VALIDATOR_MAX);
        for (i = 0; i < CODING_MAX && head.validator.coding[i]; i++)
            ;
        require(i < CODING_MAX);
        validator_if_range(&head.validator);
        if (framing_take(&framing, data + head_size, size - head_size, &data_size, &used))
            require(data_size <= used && used <= size - head_size);
        framing_close(&framing);
    }
    http_head_clear(&head);
}

/* In one piece and in two: the same. */
static void run_chunks(BYTE *data, UINT size)
{
    UINT first = size ? data[size - 1] % size : 0, data_size, used, sizes[2], useds[2] = {0}, total;
    struct framing one = { FRAMING_CHUNKED }, two = { FRAMING_CHUNKED };
    BYTE *copy = malloc(size + !size);
    BOOL ret, is_valid;

    memcpy(copy, data, size);
    is_valid = framing_take(&one, data, size, &data_size, &used);
    ret = framing_take(&two, copy, first, &sizes[0], &useds[0])
            && framing_take(&two, copy + first, size - first, &sizes[1], &useds[1]);
    require(ret == is_valid);
    if (is_valid)
    {
        total = sizes[0] + sizes[1];
        require(total == data_size && useds[0] + useds[1] == used && one.is_ended == two.is_ended);
        require(!memcmp(data, copy, sizes[0]) && !memcmp(data + sizes[0], copy + first, sizes[1]));
    }
    free(copy);
}

static void run_content_range(BYTE *data, UINT size)
{
    struct content_range range;

    if (http1_parse_content_range((char *)data, size, &range) && range.length)
    {
        require(range.length <= ~range.offset);
        require(range.total == SIZE_UNKNOWN || range.offset + range.length <= range.total);
    }
}

/* Content-Length, Retry-After. */
static void run_number(BYTE *data, UINT size)
{
    UINT64 number;
    UINT i;

    if (http1_parse_number((char *)data, size, &number))
    {
        for (i = 0; i < size; i++)
            require(data[i] >= '0' && data[i] <= '9');
    }
}

static void run_date(BYTE *data, UINT size)
{
    UINT64 time;

    http1_parse_date((char *)data, size, &time);
}

/* A URL, and a reference behind a line feed. */
static void run_url(BYTE *data, UINT size)
{
    static WCHAR buffer[URL_MAX];
    BYTE *feed = memchr(data, '\n', size);
    UINT length = feed ? feed - data : size, rest = feed ? size - length - 1 : 0, i;
    WCHAR *base = malloc((length + 1) * sizeof(*base));
    char *reference = malloc(rest + 1);
    struct url url;

    for (i = 0; i < length; i++)
        base[i] = data[i];
    base[length] = 0;
    memcpy(reference, data + size - rest, rest);
    reference[rest] = 0;
    if (url_parse(base, &url))
    {
        require(url.authority_length);
        require(url.authority + url.authority_length <= url.path);
        require(url.path + url.path_length + url.query_length <= base + length);
        url_hash_host(base);
        if (url_combine(base, reference, buffer))
            require(url_parse(buffer, &url));
    }
    free(base);
    free(reference);
}

/* Values of Set-Cookie. */
static void run_cookies(BYTE *data, UINT size)
{
    struct url_origin origin, other_origin;
    struct url url, other;
    char *lines = malloc(size + 1);
    struct cookie_jar jar = { { NULL } };
    BOOL has_failed = FALSE;
    WCHAR *value;
    UINT i;

    memcpy(lines, data, size);
    lines[size] = 0;
    require(url_parse(L"http://s.h.example/a/b", &url) && url_parse_origin(&url, &origin));
    require(url_parse(L"http://t.h.example/", &other) && url_parse_origin(&other, &other_origin));
    require(cookies_take(&jar, &url, &origin, lines, 0x01c00f9b2fb25600ull));
    free(cookies_get(&jar, &other, &other_origin, 0x01c00f9b2fb25600ull, &has_failed));
    value = cookies_get(&jar, &url, &origin, 0x01c00f9b2fb25600ull, &has_failed);
    for (i = 0; value && value[i]; i++)
        require(value[i] == '\t' || (value[i] >= ' ' && value[i] <= 0xff));
    free(value);
    free(lines);
    cookies_clear(&jar);
}

/* Variables of an environment, and behind an empty one a list and what it does not hold for. */
static void run_proxy(BYTE *data, UINT size)
{
    static const WCHAR targets[][32] = { L"http://h.example:81/", L"https://10.1.2.3/", L"http://[fe80::1]/" };
    struct proxy_settings settings[2];
    UINT length = 1, rest, i, j;
    struct url_origin origin;
    struct proxy proxy;
    WCHAR *wide;
    struct url url;

    while (length < size && (data[length - 1] || data[length]))
        length++;
    length = min(length, size);
    rest = size - length;
    wide = malloc((rest + 1) * sizeof(*wide));
    for (i = 0; i < rest; i++)
        wide[i] = data[length + i];
    wide[rest] = 0;
    require(proxy_parse_environment((char *)data, length, &settings[0]));
    require(proxy_parse_list(wide, wide, &settings[1]));
    for (i = 0; i < 2; i++)
    {
        for (j = 0; j < ARRAY_SIZE(targets); j++)
        {
            require(url_parse(targets[j], &url) && url_parse_origin(&url, &origin));
            proxy_choose(&settings[i], &origin, FALSE, &proxy);
            require(proxy.kind != PROXY_HTTP || (proxy.origin.host[0] && proxy.origin.port));
            require(strlen(proxy.credentials) < URL_CREDENTIALS_MAX && !strpbrk(proxy.credentials, "\r\n "));
            require(proxy_equals(&proxy, &proxy));
            proxy_choose(&settings[i], &origin, TRUE, &proxy);
        }
        proxy_clear(&settings[i]);
    }
    free(wide);
}

/* Give all bytes the same digest, since hardly a mutation keeps its own: the files of the corpus have it. */
static BOOL compute_zeros(enum digest_algorithm algorithm, const void *data, UINT size, BYTE *digest)
{
    memset(digest, 0, digest_get_size(algorithm));
    return TRUE;
}

/* A document of piece hashes, which comes back when it is written; or what a client says of one. */
static void run_pieces(BYTE *data, UINT size)
{
    struct piece_hashes *hashes, *again;
    struct integrity_info info;
    WCHAR *wide;
    UINT length, i;
    char *text;

    if (SUCCEEDED(piece_hashes_parse(data, size, NULL, compute_zeros, &hashes)))
    {
        for (i = 0; i < hashes->count; i++)
            require(piece_hashes_get_range(hashes, i).length);
        text = piece_hashes_format(hashes, &length);
        require(piece_hashes_parse((BYTE *)text, length, NULL, compute_zeros, &again) == S_OK);
        require(again->count == hashes->count && again->content_length == hashes->content_length);
        require(!memcmp(again->covered + 16, hashes->covered + 16, hashes->count * PIECE_HASH_SIZE));
        piece_hashes_release(again);
        free(text);
    }
    piece_hashes_release(hashes);
    wide = malloc((size + 1) * sizeof(*wide));
    for (i = 0; i < size; i++)
        wide[i] = data[i];
    if (integrity_info_parse(wide, size, &info))
        require(info.url && info.digest_size <= DIGEST_SIZE_MAX && info.hash_of_hashes_size <= PIECE_HASH_SIZE);
    integrity_info_clear(&info);
    free(wide);
}

static const struct target
{
    const char *name;
    void (*run)(BYTE *data, UINT size);
}
targets[] =
{
    { "record", run_record },
    { "download", run_download },
    { "ranges", run_ranges },
    { "head", run_head },
    { "chunks", run_chunks },
    { "content-range", run_content_range },
    { "number", run_number },
    { "date", run_date },
    { "url", run_url },
    { "cookies", run_cookies },
    { "proxy", run_proxy },
    { "pieces", run_pieces },
};

/* Runs on a copy of this very size; TRUE if it reached code that was not reached before. */
static BOOL run(const struct target *target)
{
    BYTE *copy = malloc(current.size + !current.size);
    BOOL is_new = FALSE;
    UINT i;

    memcpy(copy, current.data, current.size);
    memset(edges, 0, sizeof(edges));
    target->run(copy, current.size);
    free(copy);
    for (i = 0; i < EDGES; i += 8)
    {
        UINT64 eight;

        memcpy(&eight, edges + i, 8);
        if (eight)
        {
            UINT j;

            for (j = i; j < i + 8; j++)
            {
                is_new |= edges[j] && !known_edges[j];
                known_edges[j] |= edges[j];
            }
        }
    }
    return is_new;
}

static void keep(void)
{
    if (corpus_count == CORPUS_MAX)
        return;
    corpus[corpus_count] = malloc(sizeof(current));
    *corpus[corpus_count++] = current;
}

static void insert(UINT at, const BYTE *data, UINT size)
{
    size = min(size, INPUT_MAX - current.size);
    memmove(current.data + at + size, current.data + at, current.size - at);
    memcpy(current.data + at, data, size);
    current.size += size;
}

static void mutate(void)
{
    static const BYTE interesting[] =
    {
        0, 1, 0x7f, 0x80, 0xff, '0', '9', ' ', '\r', '\n', ',', ';', '"', '/', '-', '*',
    };
    const struct input *other;
    UINT at, size, i;
    BYTE piece[32];

    switch (next_random(&seed) % 9)
    {
        case 0: /* flip a bit */
            if (current.size)
                current.data[next_random(&seed) % current.size] ^= 1 << next_random(&seed) % 8;
            break;
        case 1: /* a byte */
            if (current.size)
                current.data[next_random(&seed) % current.size] = next_random(&seed);
            break;
        case 2:
            if (current.size)
                current.data[next_random(&seed) % current.size] =
                        interesting[next_random(&seed) % sizeof(interesting)];
            break;
        case 3: /* insert */
            size = 1 + next_random(&seed) % sizeof(piece);
            for (i = 0; i < size; i++)
                piece[i] = next_random(&seed) % 2 ? '0' + next_random(&seed) % 10 : next_random(&seed);
            insert(next_random(&seed) % (current.size + 1), piece, size);
            break;
        case 4: /* delete */
            at = next_random(&seed) % (current.size + 1);
            size = next_random(&seed) % 32;
            size = min(size, current.size - at);
            memmove(current.data + at, current.data + at + size, current.size - at - size);
            current.size -= size;
            break;
        case 5: /* cut */
            current.size = next_random(&seed) % (current.size + 1);
            break;
        case 6: /* double a part */
            at = next_random(&seed) % (current.size + 1);
            size = next_random(&seed) % sizeof(piece);
            size = min(size, current.size - at);
            memcpy(piece, current.data + at, size);
            insert(at, piece, size);
            break;
        case 7: /* a part of another input */
            other = corpus[next_random(&seed) % corpus_count];
            at = next_random(&seed) % (other->size + 1);
            insert(next_random(&seed) % (current.size + 1), other->data + at,
                    next_random(&seed) % (other->size - at + 1));
            break;
        case 8: /* a number of 32 bits */
            if (current.size < 4)
                break;
            at = next_random(&seed) % (current.size - 3);
            i = next_random(&seed) % 2 ? next_random(&seed) % 64 : 0u - next_random(&seed) % 64;
            memcpy(current.data + at, &i, 4);
            break;
    }
}

static BOOL load(const char *name)
{
    FILE *file = fopen(name, "rb");

    if (!file)
        return FALSE;
    current.size = fread(current.data, 1, INPUT_MAX, file);
    fclose(file);
    return TRUE;
}

int main(int argc, char **argv)
{
    const struct target *target = targets;
    UINT executions, done, i, count;

    while (argc > 4 && target < targets + ARRAY_SIZE(targets) && strcmp(target->name, argv[1]))
        target++;
    if (argc < 5 || target == targets + ARRAY_SIZE(targets))
    {
        fprintf(stderr, "usage: fuzz TARGET EXECUTIONS SEED FILE...\n");
        return 2;
    }
    executions = strtoul(argv[2], NULL, 10);
    seed = strtoul(argv[3], NULL, 10);
    __sanitizer_set_death_callback(save_finding);

    for (i = 4; i < (UINT)argc; i++)
    {
        if (!load(argv[i]))
        {
            fprintf(stderr, "cannot read %s\n", argv[i]);
            return 2;
        }
        run(target);
        keep();
    }
    for (done = corpus_count; done < executions; done++)
    {
        current = *corpus[next_random(&seed) % corpus_count];
        for (count = 1 + next_random(&seed) % 4; count; count--)
            mutate();
        if (run(target))
            keep();
    }
    for (i = 0, count = 0; i < EDGES; i++)
        count += known_edges[i];
    printf("fuzz %s: %u executions, %u edges, %u inputs kept\n", target->name, done, count, corpus_count);
    while (corpus_count)
        free(corpus[--corpus_count]);
    printf("fuzz-%s: 1 passed, 0 failed, 0 skipped\n", target->name);
    return 0;
}
