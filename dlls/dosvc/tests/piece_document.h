/*
 * Documents of piece hashes, as a server has them
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

/* After origin.h. The hashes are computed by another provider than the service uses. */

#ifndef __DOSVC_TESTS_PIECE_DOCUMENT_H
#define __DOSVC_TESTS_PIECE_DOCUMENT_H

#include "wincrypt.h"

#define DOCUMENT_HASH 45 /* characters of a hash, with the terminator */
#define PIECE_SIZE    65536

/* Owned by the test. */
struct document
{
    struct resource *resource; /* which serves it */
    char *text;
    char hash_of_hashes[DOCUMENT_HASH];
    char digest[DOCUMENT_HASH];
};

static HCRYPTPROV document_provider;

static inline void document_sha256(const void *data, DWORD size, BYTE hash[32])
{
    DWORD length = 32;
    HCRYPTHASH handle;
    BOOL ret;

    if (!document_provider)
        CryptAcquireContextW(&document_provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT);
    ret = CryptCreateHash(document_provider, CALG_SHA_256, 0, 0, &handle) && CryptHashData(handle, data, size, 0)
            && CryptGetHashParam(handle, HP_HASHVAL, hash, &length, 0);
    ok(ret, "Cannot hash, error %lu.\n", GetLastError());
    CryptDestroyHash(handle);
}

static inline void document_encode(const BYTE hash[32], char text[DOCUMENT_HASH])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned int i, bits;

    for (i = 0; i < 33; i += 3)
    {
        bits = hash[i] << 16 | hash[i + 1] << 8 | (i + 2 < 32 ? hash[i + 2] : 0);
        *text++ = digits[bits >> 18];
        *text++ = digits[bits >> 12 & 63];
        *text++ = digits[bits >> 6 & 63];
        *text++ = i + 2 < 32 ? digits[bits & 63] : '=';
    }
    *text = 0;
}

/* Hash the pieces behind a header, and return the size of all. */
static inline DWORD document_hash_pieces(const struct resource *content, DWORD piece_size, BYTE *covered)
{
    BYTE *hash = covered + 16, *piece = test_alloc(piece_size);
    DWORD major = 1, size;
    UINT64 offset;

    memcpy(covered, &major, 4);
    memcpy(covered + 4, &content->size, 8);
    memcpy(covered + 12, &piece_size, 4);
    for (offset = 0; offset < content->size; offset += size, hash += 32)
    {
        size = origin_min(piece_size, content->size - offset);
        origin_fill(piece, offset, size, content->seed);
        document_sha256(piece, size, hash);
    }
    free(piece);
    return hash - covered;
}

/* Serve the document of a resource beside it, with ".phf" behind its path. */
static inline void document_add(struct document *document, struct resource *content, DWORD piece_size)
{
    DWORD count = (content->size + piece_size - 1) / piece_size, size, i;
    BYTE *covered = test_alloc(16 + count * 32), hash[33];
    char path[64], *p;

    memset(document, 0, sizeof(*document));
    size = document_hash_pieces(content, piece_size, covered);
    document_sha256(covered, size, hash);
    document_encode(hash, document->hash_of_hashes);
    p = document->text = test_alloc(256 + count * (DOCUMENT_HASH + 3));
    p += sprintf(p, "{\"MajorVersion\":1,\"MinorVersion\":0,\"HashOfHashes\":\"%s\",\"ContentLength\":%I64u,"
            "\"PieceSize\":%lu,\"Pieces\":[", document->hash_of_hashes, content->size, piece_size);
    for (i = 0; i < count; ++i)
    {
        *p++ = '"';
        document_encode(covered + 16 + i * 32, p);
        p += DOCUMENT_HASH - 1;
        p += sprintf(p, i + 1 < count ? "\"," : "\"");
    }
    strcpy(p, "]}");
    free(covered);
    document_sha256(document->text, strlen(document->text), hash);
    document_encode(hash, document->digest);
    sprintf(path, "%.58s.phf", content->path);
    document->resource = origin_add_resource(content->origin, path, strlen(document->text));
    document->resource->content = document->text;
    document->resource->content_type = "application/json";
}

/* Serve another text in its place; of the same document if old is not in it. */
static inline void document_replace(struct document *document, const char *old, const char *new)
{
    char *found = strstr(document->text, old), *text;

    ok(!!found, "%s is not in the document.\n", old);
    if (!found)
        return;
    text = test_alloc(strlen(document->text) + strlen(new) + 1);
    sprintf(text, "%.*s%s%s", (int)(found - document->text), document->text, new, found + strlen(old));
    free(document->text);
    document->text = text;
    document->resource->content = text;
    document->resource->size = strlen(text);
}

/* Write what a client gives: where the document is, and these members. */
static inline const WCHAR *document_info(const struct document *document, const char *members, WCHAR *info, UINT count)
{
    swprintf(info, count, L"{\"PiecesHashFileUrl\":\"%ls\"%hs}", document->resource->url, members);
    return info;
}

/* The same with the hash of hashes, which authenticates it. */
static inline const WCHAR *document_usual_info(const struct document *document, WCHAR *info, UINT count)
{
    char members[DOCUMENT_HASH + 32];

    sprintf(members, ",\"HashOfHashes\":\"%s\"", document->hash_of_hashes);
    return document_info(document, members, info, count);
}

#endif /* __DOSVC_TESTS_PIECE_DOCUMENT_H */
