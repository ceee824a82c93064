/*
 * Fuzzer of both APIs: values
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

#include "fuzz.h"

#define LONG_TEXT 40000

static WCHAR long_text[LONG_TEXT + 1], long_url[LONG_TEXT + 1];
static WCHAR urls[16][1024], paths[24][MAX_PATH];

/* What the origin has, and what it has not. Names of other hosts would be looked up. */
static const WCHAR *const resources[] =
{
    L"/small.bin", L"/small.bin", L"/small.bin", L"/file.bin", L"/file.bin", L"/slow/file.bin", L"/empty.bin",
    L"/none.bin", L"/cut", L"/cut/file.bin", L"/busy", L"/moved", L"/round", L"/file.bin?a=b%20c&d=\x20ac#e",
};

static const WCHAR *const bad_urls[] =
{
    L"", L"x", L"http://", L"http:///x", L"ftp://127.0.0.1/x", L"file:///c:/x", L"http://127.0.0.1:1/refused",
    L"http://127.0.0.1:99999/x", L"http://[::1]:1/x", L"http://[::1/x", L"https://127.0.0.1:1/x",
    L"http://a:b@127.0.0.1:1/x", L"HTTP://127.0.0.1:1", L"http://127.0.0.1:1/ \xd83d\xde00\xd800 x",
    L"\\\\127.0.0.1\\x",
    L"http://127.0.0.1:1/\r\nHost: x", long_url,
};

static const WCHAR *const bad_paths[] =
{
    L"", L"relative.bin", L"C:\\", L"C:", L"\\\\?\\C:\\", L"\\\\", L"C:\\nul", L"C:\\con", L"C:\\a<b>|?*", L"::::",
    L"C:\\windows", L"C:\\no such folder\\x.bin", L"Q:\\x.bin", L"\\\\.\\pipe\\x", L"C:\\x.bin:stream",
    long_text,
};

static const WCHAR *const texts[] =
{
    L"", L"a", L"fuzz", L"A: b\r\nC: d", L"no colon", L"\x00e4\x20ac\xd83d\xde00", L"\xd800", L"\r\n\r\n", L"%s%n%x",
    L"{}", L"{", L"{\"KeyData\":\"AAAA\",\"EncryptionBufferSize\":4096,\"AlgorithmName\":\"AES\","
    L"\"ChainingMode\":\"ChainingModeCBC\"}", L"{\"PiecesHashFileUrl\":\"http://127.0.0.1:1/x\","
    L"\"PiecesHashFileDigest\":\"AAAA\",\"PiecesHashFileDigestAlgorithm\":\"SHA256\",\"HashOfHashes\":\"AA==\"}",
    L"Cookie: a=b", L"Range: bytes=0-1", L"Host: x", L"{00000000-0000-0000-0000-000000000000}", L"\t ", long_text,
};

static const ULONG numbers[] =
{
    0, 1, 2, 3, 5, 10, 59, 60, 61, 99, 100, 101, 1000, 65535, 65536, 86400, 0x7fffffff, 0x80000000, 0xfffffffe,
    0xffffffff,
};

static const UINT64 sizes[] =
{
    0, 1, 2, 10, 1023, 1024, 4096, 65535, 65536, 149999, 150000, 150001, 0x7fffffff, 0xffffffff, 0x100000000ull,
    0x7fffffffffffffffull, 0x8000000000000000ull, 0xfffffffffffffffeull, 0xffffffffffffffffull,
};

UINT64 draw(struct fuzzer *fuzzer)
{
    fuzzer->random ^= fuzzer->random >> 12;
    fuzzer->random ^= fuzzer->random << 25;
    fuzzer->random ^= fuzzer->random >> 27;
    return fuzzer->random * 0x2545f4914f6cdd1dull;
}

unsigned int draw_below(struct fuzzer *fuzzer, unsigned int limit)
{
    return (draw(fuzzer) >> 33) % limit;
}

BOOL draw_chance(struct fuzzer *fuzzer, unsigned int one_in)
{
    return !draw_below(fuzzer, one_in);
}

void seed_fuzzer(struct fuzzer *fuzzer, UINT64 seed)
{
    memset(fuzzer, 0, sizeof(*fuzzer));
    /* Never 0; the first results of small seeds are alike. */
    fuzzer->random = (seed + 1) * 0x9e3779b97f4a7c15ull | 1;
    draw(fuzzer);
    draw(fuzzer);
}

/* FALSE if the folder's name is too long. */
BOOL init_values(void)
{
    unsigned int i;

    for (i = 0; i < LONG_TEXT; ++i)
        long_text[i] = long_url[i] = 'a' + i % 26;
    wmemcpy(long_text, L"C:\\", 3);
    wmemcpy(long_url, L"http://127.0.0.1:1/", 19);
    for (i = 0; i < ARRAYSIZE(resources); ++i)
        if (swprintf(urls[i], ARRAYSIZE(urls[i]), L"%ls%ls", options.base, resources[i]) < 0)
            return FALSE;
    for (i = 0; i < ARRAYSIZE(paths); ++i)
        if (swprintf(paths[i], MAX_PATH, i % 8 == 7 ? L"\\\\?\\%ls\\%u.bin" : i % 8 == 6 ? L"%ls\\\x00e4\x20ac%u"
                : i % 8 == 5 ? L"%ls\\sub\\..\\%u.bin" : L"%ls\\%u.bin", options.folder, i) < 0)
            return FALSE;
    return TRUE;
}

const WCHAR *draw_url(struct fuzzer *fuzzer)
{
    if (draw_chance(fuzzer, 8))
        return bad_urls[draw_below(fuzzer, ARRAYSIZE(bad_urls))];
    return urls[draw_below(fuzzer, ARRAYSIZE(resources))];
}

const WCHAR *draw_path(struct fuzzer *fuzzer)
{
    if (draw_chance(fuzzer, 8))
        return bad_paths[draw_below(fuzzer, ARRAYSIZE(bad_paths))];
    return paths[draw_below(fuzzer, ARRAYSIZE(paths))];
}

const WCHAR *draw_text(struct fuzzer *fuzzer)
{
    return texts[draw_below(fuzzer, ARRAYSIZE(texts))];
}

ULONG draw_number(struct fuzzer *fuzzer)
{
    return draw_chance(fuzzer, 8) ? (ULONG)draw(fuzzer) : numbers[draw_below(fuzzer, ARRAYSIZE(numbers))];
}

UINT64 draw_size(struct fuzzer *fuzzer)
{
    return draw_chance(fuzzer, 8) ? draw(fuzzer) : sizes[draw_below(fuzzer, ARRAYSIZE(sizes))];
}

ULONG draw_small(struct fuzzer *fuzzer)
{
    return draw_chance(fuzzer, 16) ? draw_number(fuzzer) : draw_below(fuzzer, 12);
}

static void push(struct frame *frame, ULONG_PTR value)
{
    frame->slots[frame->count++] = value;
}

static void push_pointer(struct fuzzer *fuzzer, struct frame *frame, const void *value)
{
    push(frame, draw_chance(fuzzer, 100) ? 0 : (ULONG_PTR)value);
}

/* What is larger than a slot is on the stack in 32 bits; a structure is passed by its address in 64. */
static void push_large(struct frame *frame, const void *value, size_t size, BOOL is_structure)
{
    unsigned int i, count = size / sizeof(ULONG_PTR);

    if (is_structure && sizeof(ULONG_PTR) == 8)
        push(frame, (ULONG_PTR)value);
    else
        for (i = 0; i < count; ++i)
            push(frame, ((const ULONG_PTR *)value)[i]);
}

static DWORD draw_ranges(struct fuzzer *fuzzer, UINT64 *values)
{
    DWORD count = draw_chance(fuzzer, 4) ? draw_below(fuzzer, 32) : 1 + draw_below(fuzzer, 3), i;
    UINT64 position = 0;

    for (i = 0; i < count; ++i)
    {
        BOOL is_wild = draw_chance(fuzzer, 8);

        values[2 * i] = is_wild ? draw_size(fuzzer) : position + draw_below(fuzzer, 5000);
        values[2 * i + 1] = is_wild ? draw_size(fuzzer) : 1 + draw_below(fuzzer, 5000);
        position = values[2 * i] + values[2 * i + 1];
    }
    return count;
}

static void push_ranges(struct fuzzer *fuzzer, struct frame *frame, enum argument argument)
{
    DWORD count = draw_ranges(fuzzer, (UINT64 *)frame->ranges);

    push(frame, argument == ARG_MANY_RANGES && draw_chance(fuzzer, 16) ? 0x40000000 : count);
    push_pointer(fuzzer, frame, frame->ranges);
}

static void push_do_ranges(struct fuzzer *fuzzer, struct frame *frame)
{
    DO_DOWNLOAD_RANGES_INFO *info = (DO_DOWNLOAD_RANGES_INFO *)frame->do_ranges;

    if (draw_chance(fuzzer, 2))
    {
        push(frame, 0);
        return;
    }
    info->RangeCount = draw_chance(fuzzer, 4) ? 0 : draw_ranges(fuzzer, (UINT64 *)info->Ranges);
    push(frame, (ULONG_PTR)info);
}

static void push_files(struct fuzzer *fuzzer, struct frame *frame)
{
    DWORD count = draw_below(fuzzer, ARRAYSIZE(frame->files) + 1), i;

    for (i = 0; i < count; ++i)
    {
        frame->files[i].RemoteName = draw_chance(fuzzer, 50) ? NULL : (WCHAR *)draw_url(fuzzer);
        frame->files[i].LocalName = draw_chance(fuzzer, 50) ? NULL : (WCHAR *)draw_path(fuzzer);
    }
    push(frame, count);
    push_pointer(fuzzer, frame, frame->files);
}

static void push_credentials(struct fuzzer *fuzzer, struct frame *frame)
{
    frame->credentials.Target = draw_below(fuzzer, 4);
    frame->credentials.Scheme = draw_below(fuzzer, 7);
    frame->credentials.Credentials.Basic.UserName = draw_chance(fuzzer, 8) ? NULL : (WCHAR *)draw_text(fuzzer);
    frame->credentials.Credentials.Basic.Password = draw_chance(fuzzer, 8) ? NULL : (WCHAR *)draw_text(fuzzer);
    push_pointer(fuzzer, frame, &frame->credentials);
}

static void push_category(struct fuzzer *fuzzer, struct frame *frame)
{
    if (draw_chance(fuzzer, 3))
    {
        push(frame, 0);
        return;
    }
    frame->category.Property = draw_below(fuzzer, 34);
    frame->category.Value = draw_chance(fuzzer, 3) ? draw_url(fuzzer) : draw_chance(fuzzer, 3) ? draw_path(fuzzer)
            : draw_chance(fuzzer, 8) ? NULL : draw_text(fuzzer);
    push(frame, (ULONG_PTR)&frame->category);
}

static const GUID *draw_guid(struct fuzzer *fuzzer, struct frame *frame)
{
    UINT64 *halves = (UINT64 *)&frame->guid;

    halves[0] = draw(fuzzer);
    halves[1] = draw(fuzzer);
    return &frame->guid;
}

static void push_iid_object(struct fuzzer *fuzzer, struct frame *frame, enum argument argument)
{
    frame->object_kind = draw_below(fuzzer, KIND_COUNT);
    frame->guid = *kind_iids[frame->object_kind];
    if (argument == ARG_IID_OBJECT && draw_chance(fuzzer, 8))
    {
        frame->object_kind = KIND_UNKNOWN;
        draw_guid(fuzzer, frame);
    }
    push(frame, (ULONG_PTR)&frame->guid);
    push(frame, (ULONG_PTR)&frame->object);
}

static void push_next(struct fuzzer *fuzzer, struct frame *frame)
{
    static const ULONG counts[] = { 0, 1, 1, 1, 2, 3, 8, 100, MAX_OBJECTS };
    ULONG count = counts[draw_below(fuzzer, ARRAYSIZE(counts))];

    frame->objects = calloc(MAX_OBJECTS, sizeof(*frame->objects));
    push(frame, count);
    push(frame, (ULONG_PTR)frame->objects);
    push(frame, count == 1 && draw_chance(fuzzer, 4) ? 0 : (ULONG_PTR)&frame->fetched);
}

static void push_client(struct fuzzer *fuzzer, struct frame *frame)
{
    if (draw_chance(fuzzer, 8))
        frame->borrowed = pool_get(fuzzer, KIND_UNKNOWN);
    else if (!draw_chance(fuzzer, 4))
        frame->client = create_client_object(fuzzer);
    push(frame, (ULONG_PTR)(frame->client ? frame->client : frame->borrowed));
}

static void push_number(struct fuzzer *fuzzer, struct frame *frame, enum argument argument)
{
    static const ULONG usages[] = { 0, 1, 2, 4, 77, 0xffffffff };
    static const ULONG languages[] = { 0, 0x409, 0x407, 0x400, 0x800, 0xffff, 0x12345678 };
    static const ULONG results[] = { 0, 0x80070005, 0x80200001, 0x80d02002, 0x80072ee7, 0xffffffff, 1 };
    static const ULONG services[] = { 0, 0, 10, 0xffffffff, 0xffffffff, 77 };

    switch (argument)
    {
        case ARG_NUMBER: push(frame, draw_number(fuzzer)); break;
        case ARG_SMALL: push(frame, draw_small(fuzzer)); break;
        case ARG_PROXY_USAGE: push(frame, usages[draw_below(fuzzer, ARRAYSIZE(usages))]); break;
        case ARG_LANGUAGE: push(frame, languages[draw_below(fuzzer, ARRAYSIZE(languages))]); break;
        case ARG_HRESULT: push(frame, results[draw_below(fuzzer, ARRAYSIZE(results))]); break;
        case ARG_SERVICE: push(frame, services[draw_below(fuzzer, ARRAYSIZE(services))]); break;
        case ARG_LEVEL: push(frame, draw_below(fuzzer, 8)); break;
        default: push(frame, 0); break;
    }
}

static void push_text(struct fuzzer *fuzzer, struct frame *frame, enum argument argument)
{
    static const WCHAR *const proxies[] = { NULL, NULL, L"127.0.0.1:1", L"http=127.0.0.1:1", L"<local>", L"", L";;=" };

    switch (argument)
    {
        case ARG_URL: push_pointer(fuzzer, frame, draw_url(fuzzer)); break;
        case ARG_PATH: push_pointer(fuzzer, frame, draw_path(fuzzer)); break;
        case ARG_TEXT: push_pointer(fuzzer, frame, draw_text(fuzzer)); break;
        case ARG_PROXY: push(frame, (ULONG_PTR)proxies[draw_below(fuzzer, ARRAYSIZE(proxies))]); break;
        default: push(frame, draw_chance(fuzzer, 4) ? 0 : (ULONG_PTR)draw_text(fuzzer)); break;
    }
}

static void push_out(struct fuzzer *fuzzer, struct frame *frame, enum argument argument)
{
    switch (argument)
    {
        case ARG_OUT_VARIANT: push_pointer(fuzzer, frame, &frame->out_variant); break;
        case ARG_OUT_MEMORY: push_pointer(fuzzer, frame, &frame->memory[frame->memory_count++ % 4]); break;
        case ARG_OUT_STATS: push_pointer(fuzzer, frame, &frame->stats); break;
        case ARG_OUT_OBJECT: push_pointer(fuzzer, frame, &frame->object); break;
        case ARG_OUT_COPY: push(frame, (ULONG_PTR)&frame->object); break;
        default: push_pointer(fuzzer, frame, frame->data[frame->data_count++ % 4]); break;
    }
}

static void push_in(struct fuzzer *fuzzer, struct frame *frame, enum argument argument)
{
    switch (argument)
    {
        case ARG_SIZE:
            frame->size = draw_size(fuzzer);
            push_large(frame, &frame->size, sizeof(frame->size), FALSE);
            break;
        case ARG_JOB_VALUE:
            draw_guid(fuzzer, frame);
            frame->job_value.ClsID = frame->guid;
            frame->job_value.Dword = draw_number(fuzzer);
            push_large(frame, &frame->job_value, sizeof(frame->job_value), TRUE);
            break;
        case ARG_GUID: push_pointer(fuzzer, frame, draw_guid(fuzzer, frame)); break;
        case ARG_COUNT_RANGES: case ARG_MANY_RANGES: push_ranges(fuzzer, frame, argument); break;
        case ARG_COUNT_FILES: push_files(fuzzer, frame); break;
        case ARG_DO_RANGES: push_do_ranges(fuzzer, frame); break;
        case ARG_CREDENTIALS: push_credentials(fuzzer, frame); break;
        case ARG_CATEGORY: push_category(fuzzer, frame); break;
        case ARG_CALLBACK: push_client(fuzzer, frame); break;
        case ARG_IID_OBJECT: case ARG_KNOWN_IID_OBJECT: push_iid_object(fuzzer, frame, argument); break;
        case ARG_COUNT_OBJECTS: push_next(fuzzer, frame); break;
        case ARG_PROXY_OBJECT:
            frame->borrowed = pool_get(fuzzer, KIND_UNKNOWN);
            push(frame, (ULONG_PTR)frame->borrowed);
            break;
        default: break;
    }
}

/* A property, and a value for it. */
static void push_property(struct fuzzer *fuzzer, struct frame *frame, enum argument argument)
{
    ULONG property = argument == ARG_DO_PROPERTY ? draw_below(fuzzer, 31) : draw_below(fuzzer, 8);

    if (argument == ARG_VARIANT || draw_chance(fuzzer, 4))
        draw_any_variant(fuzzer, frame);
    else if (argument == ARG_DO_PROPERTY)
        draw_download_property(fuzzer, frame, property);
    else
        draw_file_property(fuzzer, frame, property);
    if (argument != ARG_VARIANT)
        push(frame, property);
    push_pointer(fuzzer, frame, &frame->variant);
}

void add_argument(struct fuzzer *fuzzer, struct frame *frame, enum argument argument)
{
    switch (argument)
    {
        case ARG_URL: case ARG_PATH: case ARG_TEXT: case ARG_TEXT_OR_NULL: case ARG_PROXY:
            push_text(fuzzer, frame, argument);
            break;
        case ARG_NUMBER: case ARG_SMALL: case ARG_PROXY_USAGE: case ARG_LANGUAGE: case ARG_HRESULT: case ARG_SERVICE:
        case ARG_LEVEL: case ARG_NO_IDENTITY:
            push_number(fuzzer, frame, argument);
            break;
        case ARG_DO_PROPERTY: case ARG_FILE_PROPERTY: case ARG_VARIANT:
            push_property(fuzzer, frame, argument);
            break;
        case ARG_OUT_VARIANT: case ARG_OUT_MEMORY: case ARG_OUT_DATA: case ARG_OUT_STATS: case ARG_OUT_OBJECT:
        case ARG_OUT_COPY:
            push_out(fuzzer, frame, argument);
            break;
        default:
            push_in(fuzzer, frame, argument);
            break;
    }
}

void free_frame(struct frame *frame)
{
    unsigned int i;

    free_variant(frame);
    VariantClear(&frame->out_variant);
    for (i = 0; i < ARRAYSIZE(frame->memory); ++i)
        CoTaskMemFree(frame->memory[i]);
    CoTaskMemFree(frame->stats.fileId);
    CoTaskMemFree(frame->stats.sourceURL);
    if (frame->client)
        IUnknown_Release(frame->client);
    if (frame->borrowed)
        IUnknown_Release(frame->borrowed);
    free(frame->objects);
}
