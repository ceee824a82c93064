/*
 * Tests of the documents of piece hashes
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
#include "sha256.h"
#include "base/base64.h"
#include "base/piece_hash.h"

static UINT allocations_left = ~0u;

/* As piece_hash.c allocates. */
void *test_realloc(void *memory, size_t size) { return realloc(memory, size); }

void *test_calloc(size_t count, size_t size)
{
    return allocations_left && allocations_left-- ? calloc(count, size) : NULL;
}

static BOOL has_digests = TRUE;

/* The longer digests are only compared, so any bytes will do. */
static BOOL compute(enum digest_algorithm algorithm, const void *data, UINT size, BYTE *digest)
{
    if (!has_digests)
        return FALSE;
    if (algorithm == DIGEST_SHA256)
        sha256(data, size, digest);
    else
        memset(digest, algorithm, digest_get_size(algorithm));
    return TRUE;
}

static BOOL decode(const char *text, BYTE *data)
{
    WCHAR wide[128];
    UINT size;

    return decode_base64(wide, widen(text, wide, ARRAY_SIZE(wide)), data, DIGEST_SIZE_MAX, &size);
}

/* Published documents (3.3, 3.4). */
static const struct vector
{
    const char *name;
    UINT64 length;
    const char *pieces[5];
    const char *hash_of_hashes, *digest;
}
vectors[] =
{
    { "A", 244530, { "J/rmYNjGCeAgcDu0Y7ZgHmKBHcddsZl1vLfWjZWbUn0=" },
            "bLR+YkW147Gf10YSrQ6lgW3AC9E1aDesK3TaSr0DHJA=" },
    { "B", 4642818, { "WXdd9JFACfSvd8pL4CzlApi6zSFcMZvaEco9C+Zcjgc=", "7ZyMYuVE3K+gFOLr9YJstAno6vzOeLxh5fLQ8mHKt4g=",
            "kEyeX2FsHicx3AN64BNqAbaPMG4N/4HoME4mYX4ahCk=", "r1xSeMQBrq4Lp/VMMEtdGRCLr9DzJrjW+T/yj/IBMt4=",
            "8rPNGdVaZxgYMQ9SkBnjIWZ9TbIHb9zfGnM7Ub8xtb0=" }, "aGZA/I8Lc2F+ZsPzrXhTrcZaVte+PexJ5cOai52WjpQ=" },
    { "C", 758544, { "e6bqe8Ms1Yt+BoPaWIeWCGrM+3Tvt6PlJen4AU0q1mM=" },
            "8mCgqHVXNUyEZOGgpsbSCy52YRo0acscjDoPV591rys=", "xF5p1A9LiL1aEiYWHG7IxoBzYLH6fTxXC8TTtH3/7NM=" },
    { "E", 835614, { "LEIlI/9pNomoTBCVhc+kRBQ6w7a3pcrfSFivxqPLdQ8=" },
            "5ZzOgzJMOZlDHkSl3yIudNr6GNs8DkWCFPJfqfUHrz0=", "0jxxtMWYZUGx9PjKxcKfR8dVl1ZKXdkA/qFW3WPNv3k=" },
    { "F", 896581, { "nBe1IfnWkKH1BNpRCO1u7FZp6zqP0TMe70PkDYTnQoM=" },
            "pakt+BZG58y+pBrlpmSc1PZY1uWINkEwipi+zUTIkQ0=", "jJGN8nOlOnu8YQbY0R7R4HbWi84G2xoW6PpRAYJd/fw=" },
};

#define DOCUMENT_C "{\"MajorVersion\":1,\"MinorVersion\":0,\"HashOfHashes\":" \
        "\"8mCgqHVXNUyEZOGgpsbSCy52YRo0acscjDoPV591rys=\",\"ContentLength\":758544,\"PieceSize\":1048576," \
        "\"Pieces\":[\"e6bqe8Ms1Yt+BoPaWIeWCGrM+3Tvt6PlJen4AU0q1mM=\"]}"

/* Parse a copy without a terminator, so that each byte behind the end is noticed. */
static HRESULT parse_bytes(const void *data, UINT size, const struct integrity_info *info, struct piece_hashes **hashes)
{
    BYTE *copy = malloc(size + !size);
    HRESULT hr;

    memcpy(copy, data, size);
    hr = piece_hashes_parse(copy, size, info, compute, hashes);
    free(copy);
    ok(!*hashes == FAILED(hr), "hr %#x.\n", hr);
    return hr;
}

static HRESULT parse(const char *text, const struct integrity_info *info)
{
    struct piece_hashes *hashes;
    HRESULT hr = parse_bytes(text, strlen(text), info, &hashes);

    piece_hashes_release(hashes);
    return hr;
}

/* PHF-001, PHF-002 */
static void test_vector(const struct vector *vector)
{
    struct piece_hashes *hashes = piece_hashes_create(vector->length, PIECE_SIZE_USUAL), *again;
    BYTE expected[DIGEST_SIZE_MAX], digest[DIGEST_SIZE_MAX];
    char *text;
    UINT i, size;

    ok(hashes != NULL, "%s.\n", vector->name);
    for (i = 0; i < hashes->count; i++)
        ok(decode(vector->pieces[i], piece_hashes_get(hashes, i)), "%s, piece %u.\n", vector->name, i);
    ok(i == ARRAY_SIZE(vector->pieces) || !vector->pieces[i], "%s has %u pieces.\n", vector->name, i);
    ok(piece_hashes_seal(hashes, compute), "%s.\n", vector->name);
    decode(vector->hash_of_hashes, expected);
    ok(!memcmp(hashes->hash_of_hashes, expected, PIECE_HASH_SIZE), "PHF-001: %s.\n", vector->name);

    text = piece_hashes_format(hashes, &size);
    ok(size == strlen(text), "%s, size %u.\n", vector->name, size);
    if (vector->digest)
    {
        decode(vector->digest, expected);
        sha256(text, size, digest);
        ok(!memcmp(digest, expected, PIECE_HASH_SIZE), "PHF-002: %s.\n", vector->name);
    }
    ok(parse_bytes(text, size, NULL, &again) == S_OK, "%s.\n", vector->name);
    ok(again->content_length == vector->length && again->count == hashes->count && !again->is_authenticated
            && !memcmp(again->covered, hashes->covered, 16 + PIECE_HASH_SIZE * hashes->count), "%s.\n", vector->name);
    free(text);
    piece_hashes_release(again);
    piece_hashes_release(hashes);
}

static void test_vectors(void)
{
    struct piece_hashes *hashes = piece_hashes_create(758544, PIECE_SIZE_USUAL);
    UINT i, size;
    char *text;

    for (i = 0; i < ARRAY_SIZE(vectors); i++)
        test_vector(vectors + i);
    decode(vectors[2].pieces[0], piece_hashes_get(hashes, 0));
    piece_hashes_seal(hashes, compute);
    text = piece_hashes_format(hashes, &size);
    ok(!strcmp(text, DOCUMENT_C), "PHF-002: got %s.\n", text);
    free(text);
    piece_hashes_release(hashes);
}

/* Replace the first occurrence in a document. The caller frees the result. */
static char *replace(const char *text, const char *old, const char *new)
{
    const char *found = strstr(text, old);
    char *result = malloc(strlen(text) + strlen(new) + 1);

    ok(found != NULL, "%s is not in the document.\n", old);
    sprintf(result, "%.*s%s%s", found ? (int)(found - text) : 0, text, new, found ? found + strlen(old) : text);
    return result;
}

#define C_HOH   "8mCgqHVXNUyEZOGgpsbSCy52YRo0acscjDoPV591rys="
#define C_PIECE "\"e6bqe8Ms1Yt+BoPaWIeWCGrM+3Tvt6PlJen4AU0q1mM=\""

/* A document with one change, and what is found (3.7). */
static void test_rows(void)
{
    static const struct { const char *old, *new; HRESULT hr; } rows[] =
    {
        { "{", "{", S_OK },
        /* step 5 */
        { "{", "<html>{", DO_E_METAINFO_CONTENT },
        { "{", "[{", DO_E_METAINFO_CONTENT },
        { "}", "", DO_E_METAINFO_CONTENT },
        { "}", "}}", DO_E_METAINFO_CONTENT },
        { "}", ",\"\xff\":1}", DO_E_METAINFO_CONTENT },
        { "}", ",\"\xc0\xaf\":1}", DO_E_METAINFO_CONTENT },
        { "\"MajorVersion\":1,", "", DO_E_METAINFO_CONTENT },
        { "\"MinorVersion\":0,", "", DO_E_METAINFO_CONTENT },
        { "\"HashOfHashes\":\"" C_HOH "\",", "", DO_E_METAINFO_CONTENT },
        { "\"ContentLength\":758544,", "", DO_E_METAINFO_CONTENT },
        { "\"PieceSize\":1048576,", "", DO_E_METAINFO_CONTENT },
        { ",\"Pieces\":[" C_PIECE "]", "", DO_E_METAINFO_CONTENT },
        { "\"MajorVersion\":1", "\"MajorVersion\":\"1\"", DO_E_METAINFO_CONTENT },
        { "\"MinorVersion\":0", "\"MinorVersion\":null", DO_E_METAINFO_CONTENT },
        { "\"" C_HOH "\"", "5", DO_E_METAINFO_CONTENT },
        { "758544", "\"758544\"", DO_E_METAINFO_CONTENT },
        { "1048576", "[1048576]", DO_E_METAINFO_CONTENT },
        { "}", ",\"MajorVersion\":1}", DO_E_METAINFO_CONTENT },
        { "}", ",\"Pieces\":[" C_PIECE "]}", DO_E_METAINFO_CONTENT },
        { "}", ",\"Piece\\u0053ize\":1048576}", DO_E_METAINFO_CONTENT },
        { "}", ",\"Other\":1,\"Other\":{\"Pieces\":[]}}", S_OK },
        { "}", ",\"piecesize\":1}", S_OK },
        /* step 6 */
        { "\"MajorVersion\":1", "\"MajorVersion\":2", DO_E_METAINFO_VERSION },
        { "\"MajorVersion\":1", "\"MajorVersion\":0", DO_E_METAINFO_VERSION },
        { "\"MajorVersion\":1", "\"MajorVersion\":1.5", DO_E_METAINFO_VERSION },
        { "\"MajorVersion\":1", "\"MajorVersion\":18446744073709551617", DO_E_METAINFO_VERSION },
        { "\"MinorVersion\":0", "\"MinorVersion\":-1", DO_E_METAINFO_VERSION },
        { "\"MinorVersion\":0", "\"MinorVersion\":7", S_OK },
        /* step 7 */
        { C_HOH, "", DO_E_METAINFO_PARSE_HOH },
        { C_HOH, "8mCgqHVXNUyEZOGgpsbSCy52YRo0acscjDoPV591ryt=", DO_E_METAINFO_PARSE_HOH },
        { C_HOH, "8mCgqHVXNUyEZOGgpsbSCy52YRo0acscjDoPV591", DO_E_METAINFO_PARSE_HOH },
        { C_HOH, "8mCgqHVXNUyEZOGgpsbSCy52YRo0acscjDoPV591rysA", DO_E_METAINFO_PARSE_HOH },
        /* step 9 */
        { "758544", "-1", DO_E_METAINFO_CONTENT_LENGTH },
        { "758544", "758544.0", DO_E_METAINFO_CONTENT_LENGTH },
        { "758544", "9223372036854775808", DO_E_METAINFO_CONTENT_LENGTH },
        { "758544", "99999999999999999999999", DO_E_METAINFO_CONTENT_LENGTH },
        /* step 10 */
        { "1048576", "0", DO_E_METAINFO_PIECE_SIZE },
        { "1048576", "-1", DO_E_METAINFO_PIECE_SIZE },
        { "1048576", "1048577", DO_E_METAINFO_PIECE_SIZE },
        { "1048576", "8192", DO_E_METAINFO_PIECE_SIZE },
        { "1048576", "134217728", DO_E_METAINFO_PIECE_SIZE },
        { "1048576", "524288", DO_E_METAINFO_PIECE_SIZE },
        { "758544", "1048577", DO_E_METAINFO_PIECE_SIZE },
        { "758544", "9223372036854775807", DO_E_METAINFO_PIECE_SIZE },
        { "758544", "0", DO_E_METAINFO_PIECE_SIZE },
        { C_PIECE, "", DO_E_METAINFO_PIECE_SIZE },
        { C_PIECE, C_PIECE "," C_PIECE, DO_E_METAINFO_PIECE_SIZE },
        /* step 11 */
        { "[" C_PIECE "]", C_PIECE, DO_E_METAINFO_PARSE_PIECEHASHES },
        { "[" C_PIECE "]", "{\"a\":" C_PIECE "}", DO_E_METAINFO_PARSE_PIECEHASHES },
        { C_PIECE, "1", DO_E_METAINFO_PARSE_PIECEHASHES },
        { C_PIECE, "[" C_PIECE "]", DO_E_METAINFO_PARSE_PIECEHASHES },
        { C_PIECE, "\"\"", DO_E_METAINFO_PARSE_ONE_PIECEHASH },
        { C_PIECE, "\"e6bqe8Ms1Yt+BoPaWIeWCGrM+3Tvt6PlJen4AU0q1mM\"", DO_E_METAINFO_PARSE_ONE_PIECEHASH },
        { C_PIECE, "\"e6bqe8Ms1Yt_BoPaWIeWCGrM+3Tvt6PlJen4AU0q1mM=\"", DO_E_METAINFO_PARSE_ONE_PIECEHASH },
        /* step 12 */
        { "e6bq", "e6br", DO_E_METAINFO_HOH_FINAL_MATCH },
        { "758544", "758545", DO_E_METAINFO_HOH_FINAL_MATCH },
        { "1048576", "2097152", DO_E_METAINFO_HOH_FINAL_MATCH },
        { "8mCg", "8mCh", DO_E_METAINFO_HOH_FINAL_MATCH },
    };
    char *text;
    HRESULT hr;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(rows); i++)
    {
        text = replace(DOCUMENT_C, rows[i].old, rows[i].new);
        hr = parse(text, NULL);
        ok(hr == rows[i].hr, "row %u, %s -> %s: got hr %#x.\n", i, rows[i].old, rows[i].new, hr);
        free(text);
    }
}

/* PHF-014 */
static void test_forms(void)
{
    static const char * const texts[] =
    {
        "\xef\xbb\xbf" DOCUMENT_C,
        " \t\r\n" DOCUMENT_C "\n",
        "{ \"Pieces\" : [ " C_PIECE " ] ,\n \"PieceSize\": 1048576, \"ContentLength\": 758544, \"HashOfHashes\": \""
                C_HOH "\", \"Comment\": \"\xe2\x82\xac \xf0\x9f\x98\x80\", \"MinorVersion\":0, \"MajorVersion\": 1 }",
        "{\"Pieces\":[\"e6bqe8Ms1Yt+BoPaWIeWCGrM\\u002b3Tvt6PlJen4AU0q1mM=\"],\"PieceSize\":1048576,"
                "\"ContentLength\":758544,\"HashOfHashes\":\"" C_HOH "\",\"MinorVersion\":0,\"M\\u0061jorVersion\":1}",
    };
    HRESULT hr;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(texts); i++)
    {
        hr = parse(texts[i], NULL);
        ok(hr == S_OK, "PHF-014: text %u, got hr %#x.\n", i, hr);
    }
    /* No beginning of a document is one. */
    for (i = 0; i < strlen(DOCUMENT_C); i++)
    {
        struct piece_hashes *hashes;

        hr = parse_bytes(DOCUMENT_C, i, NULL, &hashes);
        ok(hr == DO_E_METAINFO_CONTENT, "%u bytes, got hr %#x.\n", i, hr);
    }
}

static struct integrity_info make_info(const char *members)
{
    struct integrity_info info;
    char text[1024];
    WCHAR wide[1024];
    BOOL ret;

    snprintf(text, sizeof(text), "{\"PiecesHashFileUrl\":\"http://h.example/f.phf\"%s}", members);
    ret = integrity_info_parse(wide, widen(text, wide, ARRAY_SIZE(wide)), &info);
    ok(ret, "%s.\n", members);
    return info;
}

/* Faults all at once, mended one by one: the first in the order of 3.7 is told. */
static void test_order(void)
{
    static const struct { const char *old, *new; HRESULT hr; } steps[] =
    {
        { "{\"MajorVersion\"", "{\"MajorVersion\"", DO_E_METAINFO_DIGEST_MATCH },
        { "]}", "]}", DO_E_METAINFO_CONTENT },
        { "]}x", "]}", DO_E_METAINFO_VERSION },
        { "\"MajorVersion\":3", "\"MajorVersion\":1", DO_E_METAINFO_PARSE_HOH },
        { "8mCg==", "aGZA/I8Lc2F+ZsPzrXhTrcZaVte+PexJ5cOai52WjpQ=", DO_E_METAINFO_HOH_MATCH },
        { "aGZA/I8Lc2F+ZsPzrXhTrcZaVte+PexJ5cOai52WjpQ=", C_HOH, DO_E_METAINFO_CONTENT_LENGTH },
        { "-758544", "758544", DO_E_METAINFO_PIECE_SIZE },
        { "1048575", "1048576", DO_E_METAINFO_PARSE_PIECEHASHES },
        { "[7]", "[\"7\"]", DO_E_METAINFO_PARSE_ONE_PIECEHASH },
        { "\"7\"", "\"e7bqe8Ms1Yt+BoPaWIeWCGrM+3Tvt6PlJen4AU0q1mM=\"", DO_E_METAINFO_HOH_FINAL_MATCH },
        { "e7bq", "e6bq", S_OK },
    };
    struct integrity_info info = make_info(",\"HashOfHashes\":\"" C_HOH "\",\"PiecesHashFileDigest\":"
            "\"jJGN8nOlOnu8YQbY0R7R4HbWi84G2xoW6PpRAYJd/fw=\"");
    char *text = strdup("{\"MajorVersion\":3,\"MinorVersion\":0,\"HashOfHashes\":\"8mCg==\",\"ContentLength\":-758544,"
            "\"PieceSize\":1048575,\"Pieces\":[7]}x"), *next;
    HRESULT hr;
    UINT i;

    ok(piece_hashes_parse(NULL, PIECE_DOCUMENT_MAX + 1, &info, compute, &(struct piece_hashes *){NULL})
            == DO_E_METAINFO_FILE_SIZE, "the size comes first.\n");
    for (i = 0; i < ARRAY_SIZE(steps); i++)
    {
        next = replace(text, steps[i].old, steps[i].new);
        free(text);
        text = next;
        hr = parse(text, &info);
        ok(hr == steps[i].hr, "step %u, got hr %#x for %s.\n", i, hr, text);
        if (!i)
            info.has_digest = FALSE;
    }
    free(text);
    integrity_info_clear(&info);
}

/* PHF-013 */
static void test_authentication(void)
{
    static const struct { const char *members; HRESULT hr; BOOL is_authenticated; } rows[] =
    {
        { "", S_OK, FALSE },
        { ",\"HashOfHashes\":\"" C_HOH "\"", S_OK, TRUE },
        { ",\"HashOfHashes\":\"\"", S_OK, FALSE },
        { ",\"HashOfHashes\":\"x\"", DO_E_METAINFO_HOH_MATCH },
        { ",\"PiecesHashFileDigest\":\"xF5p1A9LiL1aEiYWHG7IxoBzYLH6fTxXC8TTtH3/7NM=\"", S_OK, TRUE },
        { ",\"PiecesHashFileDigest\":\"xF5p1A9LiL1aEiYWHG7IxoBzYLH6fTxXC8TTtH3/7NM=\","
                "\"PiecesHashFileDigestAlgorithm\":\"Sha_2-56\"", S_OK, TRUE },
        { ",\"PiecesHashFileDigest\":\"jJGN8nOlOnu8YQbY0R7R4HbWi84G2xoW6PpRAYJd/fw=\"", DO_E_METAINFO_DIGEST_MATCH },
        { ",\"PiecesHashFileDigest\":\"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\","
                "\"PiecesHashFileDigestAlgorithm\":\"SHA-384\"", S_OK, TRUE },
        { ",\"PiecesHashFileDigest\":\"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\","
                "\"PiecesHashFileDigestAlgorithm\":\"SHA512\"", DO_E_METAINFO_DIGEST_MATCH },
        { ",\"PiecesHashFileDigest\":\"xF5p\",\"PiecesHashFileDigestAlgorithm\":\"SHA256\"",
                DO_E_METAINFO_DIGEST_MATCH },
        { ",\"PiecesHashFileDigest\":\"xF5p\"", S_OK, FALSE },
        { ",\"PiecesHashFileDigest\":\"xF5p1A9LiL1aEiYWHG7IxoBzYLE=\",\"PiecesHashFileDigestAlgorithm\":\"SHA1\"",
                S_OK, FALSE },
        { ",\"PiecesHashFileDigest\":5,\"HashOfHashes\":7", S_OK, FALSE },
    };
    struct piece_hashes *hashes;
    struct integrity_info info;
    HRESULT hr;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(rows); i++)
    {
        info = make_info(rows[i].members);
        hr = parse_bytes(DOCUMENT_C, strlen(DOCUMENT_C), &info, &hashes);
        ok(hr == rows[i].hr, "PHF-013: row %u, got hr %#x.\n", i, hr);
        ok(FAILED(hr) || hashes->is_authenticated == rows[i].is_authenticated, "PHF-013: row %u.\n", i);
        ok(FAILED(hr) || integrity_info_is_sufficient(&info) == rows[i].is_authenticated, "PHF-013: row %u.\n", i);
        piece_hashes_release(hashes);
        integrity_info_clear(&info);
    }
    info = make_info("");
    info.is_secure = TRUE;
    parse_bytes(DOCUMENT_C, strlen(DOCUMENT_C), &info, &hashes);
    ok(hashes->is_authenticated && !integrity_info_has_proof(&info), "by https.\n");
    piece_hashes_release(hashes);
    integrity_info_clear(&info);
}

static void test_info(void)
{
    static const struct { const char *text; BOOL is_valid, is_sufficient; } rows[] =
    {
        { "{\"PiecesHashFileUrl\":\"https://h.example/f\"}", TRUE, TRUE },
        { "{\"PiecesHashFileUrl\":\"http:\\/\\/h.example\\/f\"}", TRUE, FALSE },
        { "{\"PiecesHashFileUrl\":\"ftp://h.example/f\"}", FALSE },
        { "{\"PiecesHashFileUrl\":\"\"}", FALSE },
        { "{\"PiecesHashFileUrl\":1}", FALSE },
        { "{}", FALSE },
        { "blah", FALSE },
        { "http://h.example/f", TRUE, FALSE },
        { "https://h.example/f", TRUE, TRUE },
    };
    struct integrity_info info;
    WCHAR wide[256];
    BOOL ret;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(rows); i++)
    {
        ret = integrity_info_parse(wide, widen(rows[i].text, wide, ARRAY_SIZE(wide)), &info);
        ok(ret == rows[i].is_valid, "%s.\n", rows[i].text);
        ok(!ret || integrity_info_is_sufficient(&info) == rows[i].is_sufficient, "%s.\n", rows[i].text);
        integrity_info_clear(&info);
    }
}

/* The minor version is within the header of the hash of hashes, or not. */
static void test_minor_version(void)
{
    struct piece_hashes *hashes = piece_hashes_create(0, PIECE_SIZE_USUAL);
    BYTE hash[PIECE_HASH_SIZE];
    char text[256], encoded[64];
    UINT i;

    for (i = 0; i < 2; i++)
    {
        hashes->covered[2] = i ? 7 : 0;
        sha256(hashes->covered, 16, hash);
        encode_base64(hash, sizeof(hash), encoded);
        snprintf(text, sizeof(text), "{\"MajorVersion\":1,\"MinorVersion\":7,\"HashOfHashes\":\"%s\","
                "\"ContentLength\":0,\"PieceSize\":1048576,\"Pieces\":[]}", encoded);
        ok(parse(text, NULL) == S_OK, "%s.\n", text);
    }
    snprintf(text, sizeof(text), "{\"MajorVersion\":1,\"MinorVersion\":8,\"HashOfHashes\":\"%s\",\"ContentLength\":0,"
            "\"PieceSize\":1048576,\"Pieces\":[]}", encoded);
    ok(parse(text, NULL) == DO_E_METAINFO_HOH_FINAL_MATCH, "%s.\n", text);
    piece_hashes_release(hashes);
}

/* PHF-011 */
static void test_pieces(void)
{
    static const struct { UINT64 length, size; UINT count; UINT64 last; } rows[] =
    {
        { 0, 0x4000, 0, 0 }, { 1, 0x4000, 1, 1 }, { 0x4000, 0x4000, 1, 0x4000 }, { 0x4001, 0x4000, 2, 1 },
        { 3 * 0x100000, 0x100000, 3, 0x100000 }, { 0x4000000, 0x4000000, 1, 0x4000000 },
        { 0x10000000000ull, 0x4000000, 0x4000, 0x4000000 },
    };
    struct piece_hashes *hashes;
    struct range range;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(rows); i++)
    {
        hashes = piece_hashes_create(rows[i].length, rows[i].size);
        ok(hashes && hashes->count == rows[i].count, "PHF-011: row %u.\n", i);
        if (hashes->count)
        {
            range = piece_hashes_get_range(hashes, hashes->count - 1);
            ok(range.length == rows[i].last && range.offset + range.length == rows[i].length, "PHF-011: row %u.\n", i);
        }
        piece_hashes_release(hashes);
    }
    ok(!piece_hashes_create(1, 0x2000) && !piece_hashes_create(1, 0x8000000) && !piece_hashes_create(1, 0x4001)
            && !piece_hashes_create(~(UINT64)0, 0x100000) && !piece_hashes_create(~(UINT64)0 >> 1, 0x4000000),
            "sizes that are not possible.\n");
}

/* PHF-003: each change of one bit is found, or means the same. */
static void test_bits(void)
{
    struct integrity_info info = make_info(",\"HashOfHashes\":\"" C_HOH "\"");
    struct piece_hashes *original, *hashes;
    char text[] = DOCUMENT_C;
    UINT i;

    parse_bytes(text, strlen(text), &info, &original);
    for (i = 0; i < 8 * strlen(DOCUMENT_C); i++)
    {
        text[i / 8] ^= 1 << i % 8;
        if (SUCCEEDED(parse_bytes(text, strlen(DOCUMENT_C), &info, &hashes)))
            ok(!memcmp(hashes->covered + 4, original->covered + 4, 12 + PIECE_HASH_SIZE), "PHF-003: bit %u.\n", i);
        piece_hashes_release(hashes);
        text[i / 8] ^= 1 << i % 8;
    }
    piece_hashes_release(original);
    integrity_info_clear(&info);
}

/* Deep and large texts are refused without harm. */
static void test_extremes(void)
{
    UINT size = 8 * 1024 * 1024, i;
    struct piece_hashes *hashes;
    char *text = malloc(size);
    HRESULT hr;

    memset(text, '[', size);
    memcpy(text, "{\"Pieces\":", 10);
    hr = parse_bytes(text, size, NULL, &hashes);
    ok(hr == DO_E_METAINFO_CONTENT, "got hr %#x.\n", hr);
    for (i = 10; i + 1 < size; i += 2)
        memcpy(text + i, "1,", 2);
    memcpy(text, "{\"Pieces\":[", 11);
    memcpy(text + size - 130, "1],\"MajorVersion\":1,\"MinorVersion\":0,\"HashOfHashes\":\"" C_HOH "\","
            "\"ContentLength\":9,\"PieceSize\":16384}", 130);
    hr = parse_bytes(text, size, NULL, &hashes);
    ok(hr == DO_E_METAINFO_CONTENT || hr == DO_E_METAINFO_PIECE_SIZE, "got hr %#x.\n", hr);
    free(text);
}

static void test_failures(void)
{
    struct integrity_info info = make_info(",\"HashOfHashes\":\"" C_HOH "\"");
    HRESULT hr = E_OUTOFMEMORY;
    struct integrity_info other;
    WCHAR wide[256];
    BOOL ret = FALSE;
    UINT i, length;

    for (i = 0; i < 16 && hr != S_OK; i++)
    {
        allocations_left = i;
        hr = parse(DOCUMENT_C, &info);
        ok(hr == S_OK || hr == E_OUTOFMEMORY, "allocation %u, got hr %#x.\n", i, hr);
    }
    ok(i > 1 && hr == S_OK, "%u allocations.\n", i);
    length = widen("{\"PiecesHashFileUrl\":\"http://h.example/\",\"HashOfHashes\":\"x\",\"PiecesHashFileDigest\":\"y\","
            "\"PiecesHashFileDigestAlgorithm\":\"z\"}", wide, ARRAY_SIZE(wide));
    for (i = 0; i < 16 && !ret; i++)
    {
        allocations_left = i;
        if ((ret = integrity_info_parse(wide, length, &other)))
            ok(other.has_hash_of_hashes, "allocation %u.\n", i);
        integrity_info_clear(&other);
    }
    ok(i == 5, "%u allocations.\n", i);
    allocations_left = ~0u;
    has_digests = FALSE;
    ok(parse(DOCUMENT_C, &info) == E_FAIL, "no digest can be computed.\n");
    has_digests = TRUE;
    integrity_info_clear(&info);
}

int main(void)
{
    test_vectors();
    test_rows();
    test_forms();
    test_order();
    test_authentication();
    test_info();
    test_minor_version();
    test_pieces();
    test_bits();
    test_extremes();
    test_failures();
    return report("piece_hash");
}
