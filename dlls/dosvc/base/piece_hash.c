/*
 * Documents of piece hashes (policy-cache-integrity section 3)
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

/* Pure. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/piece_hash.h"
#include "base/text.h"
#include "base/url.h"
#include "deliveryoptimizationerrors.h"

#define HEADER_SIZE    16  /* of what the hash of hashes covers */
#define HASH_LENGTH    BASE64_LENGTH(PIECE_HASH_SIZE)
#define FIELDS_LENGTH  256 /* characters of a document without its list, at most */
#define LENGTH_MAX     (~(UINT64)0 >> 1) /* of a file */

/* Information of a client. The names are those of IntegrityCheckInfo_* (deliveryoptimization.idl). */

/* Copy a member, which the caller frees; NULL if it is no string, or empty. FALSE if out of memory. */
static BOOL copy_member(const WCHAR *text, UINT length, const WCHAR *name, WCHAR **copy)
{
    struct json_value value = json_find(text, length, name);

    *copy = NULL;
    if (value.type != JSON_STRING || !value.length)
        return TRUE;
    return (*copy = calloc(value.length + 1, sizeof(**copy))) && json_get_string(&value, *copy, value.length + 1);
}

/* Find an algorithm by its name, with '-' and '_' or without. FALSE if it is one that is not used. */
static BOOL find_algorithm(WCHAR *name, enum digest_algorithm *algorithm)
{
    static const struct { const char *name; enum digest_algorithm algorithm; } rows[] =
    {
        { "sha256", DIGEST_SHA256 }, { "sha384", DIGEST_SHA384 }, { "sha512", DIGEST_SHA512 },
    };
    UINT length = 0, i;
    WCHAR *p;

    for (p = name; *p; p++)
    {
        if (*p != '-' && *p != '_')
            name[length++] = *p;
    }
    for (i = 0; i < ARRAY_SIZE(rows); i++)
    {
        if (text_equals(name, length, rows[i].name))
        {
            *algorithm = rows[i].algorithm;
            return TRUE;
        }
    }
    return FALSE;
}

/* Decode bytes of an exact size; 0 is what nothing can match. */
static UINT decode_exactly(const WCHAR *text, BYTE *data, UINT expected)
{
    UINT size;

    return decode_base64(text, text_length(text), data, expected, &size) && size == expected ? size : 0;
}

static void set_digest(struct integrity_info *info, const WCHAR *digest, WCHAR *algorithm)
{
    info->digest_algorithm = DIGEST_SHA256;
    info->has_digest = digest && (!algorithm || find_algorithm(algorithm, &info->digest_algorithm));
    if (!info->has_digest)
        return;
    info->digest_size = decode_exactly(digest, info->digest, digest_get_size(info->digest_algorithm));
    if (!algorithm && !info->digest_size)
        info->has_digest = FALSE;
}

static void set_hash_of_hashes(struct integrity_info *info, const WCHAR *text)
{
    if (!(info->has_hash_of_hashes = text != NULL))
        return;
    info->hash_of_hashes_size = decode_exactly(text, info->hash_of_hashes, PIECE_HASH_SIZE);
}

/* Copy the URL, which may be all that the client gives. */
static BOOL copy_url(const WCHAR *text, UINT length, WCHAR **url)
{
    if (json_is_object(text, length))
        return copy_member(text, length, L"PiecesHashFileUrl", url) && *url;
    if ((*url = calloc(length + 1, sizeof(**url))))
        memcpy(*url, text, length * sizeof(**url));
    return *url != NULL;
}

BOOL integrity_info_parse(const WCHAR *text, UINT length, struct integrity_info *info)
{
    WCHAR *digest = NULL, *algorithm = NULL, *hash_of_hashes = NULL;
    struct url url;
    BOOL ret;

    memset(info, 0, sizeof(*info));
    ret = copy_url(text, length, &info->url) && url_parse(info->url, &url)
            && copy_member(text, length, L"PiecesHashFileDigest", &digest)
            && copy_member(text, length, L"PiecesHashFileDigestAlgorithm", &algorithm)
            && copy_member(text, length, L"HashOfHashes", &hash_of_hashes);
    if (ret)
    {
        info->is_secure = url.is_secure;
        set_digest(info, digest, algorithm);
        set_hash_of_hashes(info, hash_of_hashes);
    }
    else
    {
        integrity_info_clear(info);
    }
    free(digest);
    free(algorithm);
    free(hash_of_hashes);
    return ret;
}

void integrity_info_clear(struct integrity_info *info)
{
    free(info->url);
    memset(info, 0, sizeof(*info));
}

BOOL integrity_info_has_proof(const struct integrity_info *info)
{
    return info->has_digest || info->has_hash_of_hashes;
}

BOOL integrity_info_is_sufficient(const struct integrity_info *info)
{
    return info->is_secure || integrity_info_has_proof(info);
}

/* Documents. */

enum field
{
    FIELD_MAJOR_VERSION,
    FIELD_MINOR_VERSION,
    FIELD_HASH_OF_HASHES,
    FIELD_CONTENT_LENGTH,
    FIELD_PIECE_SIZE,
    FIELD_PIECES,
    FIELD_COUNT,
};

static const struct
{
    const WCHAR *name;
    enum json_type type;
}
fields[FIELD_COUNT] =
{
    [FIELD_MAJOR_VERSION]  = { L"MajorVersion", JSON_NUMBER },
    [FIELD_MINOR_VERSION]  = { L"MinorVersion", JSON_NUMBER },
    [FIELD_HASH_OF_HASHES] = { L"HashOfHashes", JSON_STRING },
    [FIELD_CONTENT_LENGTH] = { L"ContentLength", JSON_NUMBER },
    [FIELD_PIECE_SIZE]     = { L"PieceSize", JSON_NUMBER },
    [FIELD_PIECES]         = { L"Pieces", JSON_ARRAY },
};

/* Read UTF-8 without its byte order mark. The caller frees the text. */
static HRESULT read_text(const BYTE *data, UINT size, WCHAR **text, UINT *length)
{
    UINT mark = size >= 3 && !memcmp(data, "\xef\xbb\xbf", 3) ? 3 : 0;

    if (!(*text = calloc(size + 1, sizeof(**text))))
        return E_OUTOFMEMORY;
    return utf8_decode((const char *)data + mark, size - mark, *text, length) ? S_OK : DO_E_METAINFO_CONTENT;
}

/* Find the fields. FALSE if one is missing, there twice, or of another type; what the list of pieces is comes later. */
static BOOL find_fields(const WCHAR *text, UINT length, struct json_value values[FIELD_COUNT])
{
    struct json_value name, value;
    struct json_reader reader;
    UINT i;

    if (!json_is_object(text, length))
        return FALSE;
    memset(values, 0, FIELD_COUNT * sizeof(*values));
    reader = json_open(text, length);
    while (json_next(&reader, &name, &value))
    {
        for (i = 0; i < FIELD_COUNT; i++)
        {
            if (!json_is_string(&name, fields[i].name))
                continue;
            if (values[i].type != JSON_NONE || (value.type != fields[i].type && i != FIELD_PIECES))
                return FALSE;
            values[i] = value;
        }
    }
    for (i = 0; i < FIELD_COUNT && values[i].type != JSON_NONE; i++)
        ;
    return i == FIELD_COUNT;
}

/* Decode a hash. FALSE if the value is no string of one. */
static BOOL get_hash(const struct json_value *value, BYTE hash[PIECE_HASH_SIZE])
{
    WCHAR text[HASH_LENGTH + 1];

    return json_get_string(value, text, ARRAY_SIZE(text)) && decode_exactly(text, hash, PIECE_HASH_SIZE);
}

static UINT count_items(const struct json_value *array)
{
    struct json_reader reader = json_open_array(array);
    struct json_value name, value;
    UINT count = 0;

    while (json_next(&reader, &name, &value))
        count++;
    return count;
}

static UINT64 get_count(UINT64 content_length, UINT64 piece_size)
{
    return content_length / piece_size + !!(content_length % piece_size);
}

static BOOL is_piece_size(UINT64 size)
{
    return size >= PIECE_SIZE_MIN && size <= PIECE_SIZE_MAX && !(size & (size - 1));
}

static void put_number(BYTE *data, UINT64 value, UINT size)
{
    UINT i;

    for (i = 0; i < size; i++)
        data[i] = value >> 8 * i;
}

struct piece_hashes *piece_hashes_create(UINT64 content_length, UINT64 piece_size)
{
    struct piece_hashes *hashes;
    UINT64 count;

    if (content_length > LENGTH_MAX || !is_piece_size(piece_size))
        return NULL;
    /* No document could have more. */
    count = get_count(content_length, piece_size);
    if (count > PIECE_DOCUMENT_MAX / HASH_LENGTH)
        return NULL;
    if (!(hashes = calloc(1, offsetof(struct piece_hashes, covered[HEADER_SIZE + count * PIECE_HASH_SIZE]))))
        return NULL;
    hashes->refcount = 1;
    hashes->content_length = content_length;
    hashes->piece_size = piece_size;
    hashes->count = count;
    put_number(hashes->covered, 1, 4);
    put_number(hashes->covered + 4, content_length, 8);
    put_number(hashes->covered + 12, piece_size, 4);
    return hashes;
}

static BOOL compute_hash_of_hashes(const struct piece_hashes *hashes, digest_function compute, BYTE *hash)
{
    return compute(DIGEST_SHA256, hashes->covered, HEADER_SIZE + hashes->count * PIECE_HASH_SIZE, hash);
}

BOOL piece_hashes_seal(struct piece_hashes *hashes, digest_function compute)
{
    return compute_hash_of_hashes(hashes, compute, hashes->hash_of_hashes);
}

/* Check the hash of hashes. A minor version may be a part of its header, or not. */
static HRESULT check_hash_of_hashes(struct piece_hashes *hashes, UINT64 minor, digest_function compute)
{
    BYTE hash[PIECE_HASH_SIZE];

    if (!compute_hash_of_hashes(hashes, compute, hash))
        return E_FAIL;
    if (!memcmp(hash, hashes->hash_of_hashes, sizeof(hash)))
        return S_OK;
    if (!minor || minor > 0xffff)
        return DO_E_METAINFO_HOH_FINAL_MATCH;
    put_number(hashes->covered + 2, minor, 2);
    if (!compute_hash_of_hashes(hashes, compute, hash))
        return E_FAIL;
    return memcmp(hash, hashes->hash_of_hashes, sizeof(hash)) ? DO_E_METAINFO_HOH_FINAL_MATCH : S_OK;
}

static HRESULT read_pieces(const struct json_value *array, struct piece_hashes *hashes)
{
    struct json_reader reader = json_open_array(array);
    struct json_value name, value;
    HRESULT hr = S_OK;
    UINT i;

    for (i = 0; json_next(&reader, &name, &value); i++)
    {
        if (value.type != JSON_STRING)
            return DO_E_METAINFO_PARSE_PIECEHASHES;
        if (!get_hash(&value, piece_hashes_get(hashes, i)))
            hr = DO_E_METAINFO_PARSE_ONE_PIECEHASH;
    }
    return hr;
}

/* Check the fields that say what the hashes are of. */
static HRESULT check_fields(const struct json_value values[FIELD_COUNT], const struct integrity_info *info,
        BYTE hash_of_hashes[PIECE_HASH_SIZE], UINT64 *content_length, UINT64 *piece_size)
{
    const struct json_value *pieces = &values[FIELD_PIECES];
    UINT64 major, minor;

    if (!json_get_integer(&values[FIELD_MAJOR_VERSION], &major) || major != 1
            || !json_get_integer(&values[FIELD_MINOR_VERSION], &minor))
        return DO_E_METAINFO_VERSION;
    if (!get_hash(&values[FIELD_HASH_OF_HASHES], hash_of_hashes))
        return DO_E_METAINFO_PARSE_HOH;
    if (info && info->has_hash_of_hashes && (!info->hash_of_hashes_size
            || memcmp(info->hash_of_hashes, hash_of_hashes, PIECE_HASH_SIZE)))
        return DO_E_METAINFO_HOH_MATCH;
    if (!json_get_integer(&values[FIELD_CONTENT_LENGTH], content_length) || *content_length > LENGTH_MAX)
        return DO_E_METAINFO_CONTENT_LENGTH;
    if (!json_get_integer(&values[FIELD_PIECE_SIZE], piece_size) || !is_piece_size(*piece_size))
        return DO_E_METAINFO_PIECE_SIZE;
    if (pieces->type == JSON_ARRAY && count_items(pieces) != get_count(*content_length, *piece_size))
        return DO_E_METAINFO_PIECE_SIZE;
    return pieces->type == JSON_ARRAY ? S_OK : DO_E_METAINFO_PARSE_PIECEHASHES;
}

static HRESULT parse_text(const WCHAR *text, UINT length, const struct integrity_info *info, digest_function compute,
        struct piece_hashes **hashes)
{
    struct json_value values[FIELD_COUNT];
    BYTE hash_of_hashes[PIECE_HASH_SIZE];
    UINT64 content_length, piece_size, minor = 0;
    HRESULT hr;

    if (!find_fields(text, length, values))
        return DO_E_METAINFO_CONTENT;
    if (FAILED(hr = check_fields(values, info, hash_of_hashes, &content_length, &piece_size)))
        return hr;
    if (!(*hashes = piece_hashes_create(content_length, piece_size)))
        return E_OUTOFMEMORY;
    memcpy((*hashes)->hash_of_hashes, hash_of_hashes, sizeof(hash_of_hashes));
    json_get_integer(&values[FIELD_MINOR_VERSION], &minor);
    if (SUCCEEDED(hr = read_pieces(&values[FIELD_PIECES], *hashes)))
        hr = check_hash_of_hashes(*hashes, minor, compute);
    if (SUCCEEDED(hr))
        return S_OK;
    piece_hashes_release(*hashes);
    *hashes = NULL;
    return hr;
}

static HRESULT check_digest(const BYTE *data, UINT size, const struct integrity_info *info, digest_function compute)
{
    BYTE digest[DIGEST_SIZE_MAX];

    if (!info || !info->has_digest)
        return S_OK;
    if (!info->digest_size)
        return DO_E_METAINFO_DIGEST_MATCH;
    if (!compute(info->digest_algorithm, data, size, digest))
        return E_FAIL;
    return memcmp(digest, info->digest, info->digest_size) ? DO_E_METAINFO_DIGEST_MATCH : S_OK;
}

HRESULT piece_hashes_parse(const BYTE *data, UINT size, const struct integrity_info *info, digest_function compute,
        struct piece_hashes **hashes)
{
    UINT length = 0;
    WCHAR *text;
    HRESULT hr;

    *hashes = NULL;
    if (size > PIECE_DOCUMENT_MAX)
        return DO_E_METAINFO_FILE_SIZE;
    if (FAILED(hr = check_digest(data, size, info, compute)))
        return hr;
    if (SUCCEEDED(hr = read_text(data, size, &text, &length)))
        hr = parse_text(text, length, info, compute, hashes);
    free(text);
    if (SUCCEEDED(hr))
        (*hashes)->is_authenticated = info && integrity_info_is_sufficient(info);
    return hr;
}

char *piece_hashes_format(const struct piece_hashes *hashes, UINT *size)
{
    char *text = calloc(FIELDS_LENGTH + (size_t)hashes->count * (HASH_LENGTH + 3), 1), hash[HASH_LENGTH + 1], *p;
    UINT i;

    if (!text)
        return NULL;
    encode_base64(hashes->hash_of_hashes, PIECE_HASH_SIZE, hash);
    p = text + snprintf(text, FIELDS_LENGTH, "{\"MajorVersion\":1,\"MinorVersion\":0,\"HashOfHashes\":\"%s\","
            "\"ContentLength\":%llu,\"PieceSize\":%u,\"Pieces\":[", hash,
            (unsigned long long)hashes->content_length, hashes->piece_size);
    for (i = 0; i < hashes->count; i++)
    {
        *p++ = '"';
        encode_base64(hashes->covered + HEADER_SIZE + i * PIECE_HASH_SIZE, PIECE_HASH_SIZE, p);
        p += HASH_LENGTH;
        memcpy(p, "\",", 2);
        p += i + 1 < hashes->count ? 2 : 1;
    }
    memcpy(p, "]}", 3);
    *size = p + 2 - text;
    return text;
}

struct piece_hashes *piece_hashes_addref(struct piece_hashes *hashes)
{
    if (hashes)
        InterlockedIncrement(&hashes->refcount);
    return hashes;
}

void piece_hashes_release(struct piece_hashes *hashes)
{
    if (hashes && !InterlockedDecrement(&hashes->refcount))
        free(hashes);
}

BYTE *piece_hashes_get(struct piece_hashes *hashes, UINT index)
{
    return hashes->covered + HEADER_SIZE + index * PIECE_HASH_SIZE;
}

struct range piece_hashes_get_range(const struct piece_hashes *hashes, UINT index)
{
    UINT64 offset = (UINT64)index * hashes->piece_size;
    const struct range range = { offset, min(hashes->content_length - offset, hashes->piece_size) };

    return range;
}
