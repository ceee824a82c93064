/*
 * Digests of bytes
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

#ifndef __DOSVC_DIGEST_H
#define __DOSVC_DIGEST_H

#include "base/types.h"

enum digest_algorithm
{
    DIGEST_MD5,
    DIGEST_SHA256,
    DIGEST_SHA384,
    DIGEST_SHA512,
};

#define DIGEST_SIZE_MAX 64 /* bytes */

static inline UINT digest_get_size(enum digest_algorithm algorithm)
{
    return algorithm == DIGEST_MD5 ? 16 : algorithm == DIGEST_SHA256 ? 32 : algorithm == DIGEST_SHA384 ? 48 : 64;
}

/* Compute the digest of all bytes at once. FALSE if the system cannot. */
typedef BOOL (*digest_function)(enum digest_algorithm algorithm, const void *data, UINT size, BYTE *digest);
extern BOOL digest_compute(enum digest_algorithm algorithm, const void *data, UINT size, BYTE *digest);

/* Digest of bytes that come one after the other. */
struct digest
{
    void *handle; /* of bcrypt; NULL if something has failed */
    enum digest_algorithm algorithm;
};

extern void digest_begin(struct digest *digest, enum digest_algorithm algorithm);
extern void digest_add(struct digest *digest, const void *data, UINT size);
/* Free it, and write the result. FALSE if the system could not compute it. */
extern BOOL digest_end(struct digest *digest, BYTE *result);

#endif /* __DOSVC_DIGEST_H */
