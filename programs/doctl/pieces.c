/*
 * doctl hash: documents of piece hashes
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

#include "doctl.h"
#include "base/base64.h"
#include "base/piece_hash.h"

struct hash_values
{
    struct number piece_size; /* KB */
    BOOL json;
};

const struct option hash_options[] =
{
    {L"piece-size", 's', OPTION_NUMBER, offsetof(struct hash_values, piece_size)},
    {L"json",       'j', OPTION_FLAG,   offsetof(struct hash_values, json)},
    {NULL}
};

#define NUMBER_LENGTH 21
#define HASH_TEXT     (BASE64_LENGTH(PIECE_HASH_SIZE) + 1)

static const WCHAR *format_number(UINT64 number, WCHAR text[NUMBER_LENGTH])
{
    swprintf(text, NUMBER_LENGTH, L"%I64u", number);
    return text;
}

static const WCHAR *format_hash(const BYTE hash[PIECE_HASH_SIZE], WCHAR text[HASH_TEXT])
{
    char bytes[HASH_TEXT];
    unsigned int i;

    encode_base64(hash, PIECE_HASH_SIZE, bytes);
    for (i = 0; i < HASH_TEXT; ++i)
        text[i] = bytes[i];
    return text;
}

/* Return the name of the document: the argument, or that of the file with another end. free() it. */
static WCHAR *document_path(const WCHAR *file, const WCHAR *document)
{
    size_t size = wcslen(file) + 5;
    WCHAR *path;

    if (document)
        return wcsdup(document);
    if ((path = calloc(size, sizeof(*path))))
        swprintf(path, size, L"%ls.phf", file);
    return path;
}

/* Write the members that tell of a document; digest is that of its bytes. */
static void write_document(const struct piece_hashes *hashes, const BYTE digest[PIECE_HASH_SIZE], BOOL json)
{
    WCHAR length[NUMBER_LENGTH], number[NUMBER_LENGTH], hash[HASH_TEXT], document[HASH_TEXT];

    format_hash(hashes->hash_of_hashes, hash);
    format_hash(digest, document);
    if (!json)
    {
        write_message(STD_OUTPUT_HANDLE, IDS_DOCUMENT, format_number(hashes->content_length, length),
                hashes->piece_size, hashes->count, hash, document);
        return;
    }
    write_text(STD_OUTPUT_HANDLE, L"{\"schema\":1");
    write_json_member(L"ContentLength", format_number(hashes->content_length, length), FALSE);
    write_json_member(L"PieceSize", format_number(hashes->piece_size, number), FALSE);
    write_json_member(L"PieceCount", format_number(hashes->count, number), FALSE);
    write_json_member(L"HashOfHashes", hash, TRUE);
    write_json_member(L"PiecesHashFileDigest", document, TRUE);
    write_text(STD_OUTPUT_HANDLE, L"}\n");
}

/* Write a file. What is left of it after a failure is deleted. */
static HRESULT write_file(const WCHAR *path, const char *data, UINT size)
{
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    HRESULT hr = S_OK;
    DWORD written;

    if (file == INVALID_HANDLE_VALUE)
        return HRESULT_FROM_WIN32(GetLastError());
    if (!WriteFile(file, data, size, &written, NULL))
        hr = HRESULT_FROM_WIN32(GetLastError());
    CloseHandle(file);
    if (FAILED(hr))
        DeleteFileW(path);
    return hr;
}

static HRESULT hash_pieces(HANDLE file, UINT64 piece_size, struct piece_hashes **hashes)
{
    LARGE_INTEGER size;
    HRESULT hr = S_OK;
    UINT i;

    if (!GetFileSizeEx(file, &size))
        return HRESULT_FROM_WIN32(GetLastError());
    if (!(*hashes = piece_hashes_create(size.QuadPart, piece_size)))
        return DO_E_METAINFO_FILE_SIZE;
    for (i = 0; i < (*hashes)->count && SUCCEEDED(hr); ++i)
        hr = hash_part(file, DIGEST_SHA256, piece_hashes_get_range(*hashes, i).length, piece_hashes_get(*hashes, i));
    if (SUCCEEDED(hr) && !piece_hashes_seal(*hashes, digest_compute))
        hr = E_FAIL;
    return hr;
}

static enum exit_code create(const struct hash_values *values, const WCHAR *path, const WCHAR *document)
{
    UINT64 piece_size = values->piece_size.is_set ? (UINT64)values->piece_size.value * 1024 : PIECE_SIZE_USUAL;
    struct piece_hashes *hashes = NULL;
    BYTE digest[PIECE_HASH_SIZE];
    char *text = NULL;
    HANDLE file;
    HRESULT hr;
    UINT size;

    if (FAILED(hr = open_for_hash(path, &file)))
        return report_error(hr, path);
    hr = hash_pieces(file, piece_size, &hashes);
    CloseHandle(file);
    if (SUCCEEDED(hr) && !(text = piece_hashes_format(hashes, &size)))
        hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && !digest_compute(DIGEST_SHA256, text, size, digest))
        hr = E_FAIL;
    if (SUCCEEDED(hr) && SUCCEEDED(hr = write_file(document, text, size)))
        write_document(hashes, digest, values->json);
    free(text);
    piece_hashes_release(hashes);
    return FAILED(hr) ? report_error(hr, path) : EXIT_DONE;
}

/* Read a document; the digest is that of its bytes. */
static HRESULT read_document(const WCHAR *path, struct piece_hashes **hashes, BYTE digest[PIECE_HASH_SIZE])
{
    LARGE_INTEGER size;
    BYTE *data = NULL;
    DWORD read = 0;
    HANDLE file;
    HRESULT hr;

    *hashes = NULL;
    if (FAILED(hr = open_for_hash(path, &file)))
        return hr;
    if (!GetFileSizeEx(file, &size))
        hr = HRESULT_FROM_WIN32(GetLastError());
    else if (size.QuadPart > PIECE_DOCUMENT_MAX)
        hr = DO_E_METAINFO_FILE_SIZE;
    else if (!(data = malloc(size.QuadPart + 1)))
        hr = E_OUTOFMEMORY;
    else if (!ReadFile(file, data, size.QuadPart, &read, NULL))
        hr = HRESULT_FROM_WIN32(GetLastError());
    CloseHandle(file);
    if (SUCCEEDED(hr))
        hr = piece_hashes_parse(data, read, NULL, digest_compute, hashes);
    if (SUCCEEDED(hr) && !digest_compute(DIGEST_SHA256, data, read, digest))
        hr = E_FAIL;
    free(data);
    return hr;
}

static enum exit_code show(const struct hash_values *values, const WCHAR *document)
{
    struct piece_hashes *hashes;
    BYTE digest[PIECE_HASH_SIZE];
    HRESULT hr = read_document(document, &hashes, digest);

    if (SUCCEEDED(hr))
        write_document(hashes, digest, values->json);
    piece_hashes_release(hashes);
    return FAILED(hr) ? report_error(hr, document) : EXIT_DONE;
}

static void write_wrong_piece(const struct piece_hashes *hashes, UINT index, BOOL is_first, BOOL json)
{
    struct range range = piece_hashes_get_range(hashes, index);
    WCHAR offset[NUMBER_LENGTH], length[NUMBER_LENGTH], number[NUMBER_LENGTH];
    const WCHAR *offset_text = format_number(range.offset, offset), *length_text = format_number(range.length, length);

    if (!json)
    {
        write_message(STD_OUTPUT_HANDLE, IDS_WRONG_PIECE, index, offset_text, length_text);
        return;
    }
    write_text(STD_OUTPUT_HANDLE, is_first ? L"{\"Piece\":" : L",{\"Piece\":");
    write_text(STD_OUTPUT_HANDLE, format_number(index, number));
    write_json_member(L"Offset", offset_text, FALSE);
    write_json_member(L"Length", length_text, FALSE);
    write_text(STD_OUTPUT_HANDLE, L"}");
}

/* Write the pieces that are wrong, and count them. */
static HRESULT compare_pieces(HANDLE file, struct piece_hashes *hashes, BOOL json, UINT *wrong)
{
    BYTE hash[PIECE_HASH_SIZE];
    HRESULT hr = S_OK;
    UINT i;

    for (i = 0, *wrong = 0; i < hashes->count; ++i)
    {
        if (FAILED(hr = hash_part(file, DIGEST_SHA256, piece_hashes_get_range(hashes, i).length, hash)))
            break;
        if (memcmp(hash, piece_hashes_get(hashes, i), sizeof(hash)))
            write_wrong_piece(hashes, i, !(*wrong)++, json);
    }
    return hr;
}

/* Write the end of the JSON object. */
static void write_lengths(const struct piece_hashes *hashes, UINT64 length)
{
    WCHAR number[NUMBER_LENGTH];

    write_text(STD_OUTPUT_HANDLE, L"]");
    write_json_member(L"ContentLength", format_number(hashes->content_length, number), FALSE);
    write_json_member(L"FileLength", format_number(length, number), FALSE);
    write_text(STD_OUTPUT_HANDLE, L"}\n");
}

static HRESULT compare_file(const WCHAR *path, struct piece_hashes *hashes, BOOL json, UINT *wrong, UINT64 *length)
{
    LARGE_INTEGER size;
    HANDLE file;
    HRESULT hr;

    if (FAILED(hr = open_for_hash(path, &file)))
        return hr;
    if (!GetFileSizeEx(file, &size))
        hr = HRESULT_FROM_WIN32(GetLastError());
    *length = size.QuadPart;
    if (SUCCEEDED(hr) && json)
        write_text(STD_OUTPUT_HANDLE, L"{\"schema\":1,\"WrongPieces\":[");
    if (SUCCEEDED(hr))
    {
        hr = compare_pieces(file, hashes, json, wrong);
        if (json)
            write_lengths(hashes, *length);
    }
    CloseHandle(file);
    return hr;
}

static void write_verdict(const WCHAR *path, const struct piece_hashes *hashes, UINT wrong, UINT64 length, BOOL json)
{
    WCHAR found[NUMBER_LENGTH], expected[NUMBER_LENGTH];
    const WCHAR *expected_text = format_number(hashes->content_length, expected);

    if (length != hashes->content_length)
        write_message(STD_ERROR_HANDLE, IDS_WRONG_LENGTH, path, format_number(length, found), expected_text);
    if (wrong)
        write_message(STD_ERROR_HANDLE, IDS_WRONG_PIECES, wrong, hashes->count, path);
    else if (length == hashes->content_length && !json)
        write_message(STD_OUTPUT_HANDLE, IDS_VERIFIED, path, hashes->count);
}

static enum exit_code verify(const struct hash_values *values, const WCHAR *path, const WCHAR *document)
{
    BYTE digest[PIECE_HASH_SIZE];
    struct piece_hashes *hashes;
    UINT wrong = 0, is_right;
    UINT64 length = 0;
    HRESULT hr;

    if (FAILED(hr = read_document(document, &hashes, digest)))
        return report_error(hr, document);
    if (SUCCEEDED(hr = compare_file(path, hashes, values->json, &wrong, &length)))
        write_verdict(path, hashes, wrong, length, values->json);
    is_right = !wrong && length == hashes->content_length;
    piece_hashes_release(hashes);
    if (FAILED(hr))
        return report_error(hr, path);
    return is_right ? EXIT_DONE : EXIT_INTEGRITY;
}

static BOOL is_piece_size(const struct number *size)
{
    return !size->is_set || (size->value >= PIECE_SIZE_MIN / 1024 && size->value <= PIECE_SIZE_MAX / 1024
            && !(size->value & (size->value - 1)));
}

enum exit_code hash_run(const struct verb *verb, const void *values, WCHAR **args)
{
    const struct hash_values *hash_values = values;
    enum exit_code code = EXIT_USAGE;
    WCHAR *document;

    if (!is_piece_size(&hash_values->piece_size))
        return report_usage(verb, IDS_BAD_PIECE_SIZE, NULL);
    if (!(document = document_path(args[1], args[2])))
        return report_error(E_OUTOFMEMORY, NULL);
    if (!wcscmp(args[0], L"create"))
        code = create(hash_values, args[1], document);
    else if (!wcscmp(args[0], L"verify"))
        code = verify(hash_values, args[1], document);
    else if (!wcscmp(args[0], L"show") && !args[2])
        code = show(hash_values, args[1]);
    else
        code = report_usage(verb, IDS_BAD_ACTION, args[0]);
    free(document);
    return code;
}
