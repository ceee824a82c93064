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

#include "base/digest.h"

#include "bcrypt.h"

/* Open a provider once: each opening costs more than the hash of a small text. */
static BCRYPT_ALG_HANDLE get_provider(enum digest_algorithm algorithm)
{
    static const WCHAR * const names[] =
    {
        [DIGEST_MD5]    = BCRYPT_MD5_ALGORITHM,
        [DIGEST_SHA256] = BCRYPT_SHA256_ALGORITHM,
        [DIGEST_SHA384] = BCRYPT_SHA384_ALGORITHM,
        [DIGEST_SHA512] = BCRYPT_SHA512_ALGORITHM,
    };
    static void *providers[ARRAY_SIZE(names)];
    BCRYPT_ALG_HANDLE provider = InterlockedCompareExchangePointer(&providers[algorithm], NULL, NULL), other;

    if (provider || BCryptOpenAlgorithmProvider(&provider, names[algorithm], NULL, 0))
        return provider;
    if (!(other = InterlockedCompareExchangePointer(&providers[algorithm], provider, NULL)))
        return provider;
    BCryptCloseAlgorithmProvider(provider, 0);
    return other;
}

void digest_begin(struct digest *digest, enum digest_algorithm algorithm)
{
    BCRYPT_ALG_HANDLE provider = get_provider(algorithm);

    digest->algorithm = algorithm;
    if (!provider || BCryptCreateHash(provider, &digest->handle, NULL, 0, NULL, 0, 0))
        digest->handle = NULL;
}

void digest_add(struct digest *digest, const void *data, UINT size)
{
    if (!digest->handle || !BCryptHashData(digest->handle, (BYTE *)data, size, 0))
        return;
    BCryptDestroyHash(digest->handle);
    digest->handle = NULL;
}

BOOL digest_end(struct digest *digest, BYTE *result)
{
    BOOL ret;

    if (!digest->handle)
        return FALSE;
    ret = !BCryptFinishHash(digest->handle, result, digest_get_size(digest->algorithm), 0);
    BCryptDestroyHash(digest->handle);
    digest->handle = NULL;
    return ret;
}

BOOL digest_compute(enum digest_algorithm algorithm, const void *data, UINT size, BYTE *digest)
{
    struct digest handle;

    digest_begin(&handle, algorithm);
    digest_add(&handle, data, size);
    return digest_end(&handle, digest);
}
