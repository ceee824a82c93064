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

/* Pure. A document comes from a server, and is not trusted before it has passed. */

#ifndef __DOSVC_PIECE_HASH_H
#define __DOSVC_PIECE_HASH_H

#include "base/digest.h"
#include "base/ranges.h"

#define PIECE_HASH_SIZE    32                 /* bytes; of SHA-256 */
#define PIECE_DOCUMENT_MAX (64 * 1024 * 1024) /* bytes */
#define PIECE_SIZE_MIN     0x4000
#define PIECE_SIZE_MAX     0x4000000
#define PIECE_SIZE_USUAL   0x100000

/* Where a client says that the document is, and how to tell it from others. Zero-initialised is empty. */
struct integrity_info
{
    WCHAR *url;         /* owned; of http or https */
    BOOL is_secure;     /* the URL is of https */
    BOOL has_digest;
    enum digest_algorithm digest_algorithm;
    UINT digest_size;   /* bytes; 0: the client has given one that nothing can match */
    BYTE digest[DIGEST_SIZE_MAX];
    BOOL has_hash_of_hashes;
    UINT hash_of_hashes_size; /* the same */
    BYTE hash_of_hashes[PIECE_HASH_SIZE];
};

/* Read what a client gives: JSON, or the URL alone. FALSE if it names no URL, or out of memory. */
extern BOOL integrity_info_parse(const WCHAR *text, UINT length, struct integrity_info *info);
extern void integrity_info_clear(struct integrity_info *info);
/* Return whether a document could be told from a forged one. */
extern BOOL integrity_info_is_sufficient(const struct integrity_info *info);
/* Return whether the bytes of a document prove themselves, from whatever host they come. */
extern BOOL integrity_info_has_proof(const struct integrity_info *info);

struct piece_hashes
{
    LONG refcount;
    UINT64 content_length; /* bytes */
    UINT piece_size;       /* bytes; of all but the last */
    UINT count;
    BOOL is_authenticated;
    BYTE hash_of_hashes[PIECE_HASH_SIZE];
    BYTE covered[];        /* by the hash of hashes: a header and all hashes */
};

/* Check a document and read it. info: what the client has given, or NULL. DO_E_METAINFO_* for the first check that
 * fails, in the order of 3.7; E_OUTOFMEMORY; E_FAIL if no digest can be computed. */
extern HRESULT piece_hashes_parse(const BYTE *data, UINT size, const struct integrity_info *info,
        digest_function compute, struct piece_hashes **hashes);
/* Create hashes of zeros; NULL if the sizes are not possible, or out of memory. */
extern struct piece_hashes *piece_hashes_create(UINT64 content_length, UINT64 piece_size);
/* Set the hash of hashes, after the others. FALSE if it cannot be computed. */
extern BOOL piece_hashes_seal(struct piece_hashes *hashes, digest_function compute);
/* Write the document as the services of Microsoft do. The caller frees the text, which ends with a zero; NULL if out of
 * memory. */
extern char *piece_hashes_format(const struct piece_hashes *hashes, UINT *size);
extern struct piece_hashes *piece_hashes_addref(struct piece_hashes *hashes); /* NULL gives NULL */
extern void piece_hashes_release(struct piece_hashes *hashes);                /* NULL is ignored */

extern BYTE *piece_hashes_get(struct piece_hashes *hashes, UINT index);
/* Return where a piece is. */
extern struct range piece_hashes_get_range(const struct piece_hashes *hashes, UINT index);

#endif /* __DOSVC_PIECE_HASH_H */
