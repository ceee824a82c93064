/*
 * What clients tell of hashes, keys and certificates
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

/* Pieces are not verified and nothing is decrypted yet; but what clients set is
 * checked as if it were, and nothing is delivered as verified or decrypted. */

#include "download.h"
#include "json.h"
#include "url.h"

#include "wincrypt.h"

#define INFO_URL_MAX        2200
#define INFO_STRING_MAX     256
#define ENCRYPTION_UNIT     16                 /* bytes; the block of AES */
#define ENCRYPTION_SIZE_MAX (64 * 1024 * 1024) /* bytes */

/* Is there a member that is not empty? */
static BOOL has_string(const WCHAR *text, UINT length, const WCHAR *name)
{
    struct json_value value = json_find(text, length, name);

    return value.type == JSON_STRING && value.length;
}

BOOL integrity_info_is_valid(const WCHAR *text, UINT length)
{
    return json_is_object(text, length);
}

BOOL integrity_info_is_sufficient(const WCHAR *text, UINT length)
{
    struct json_value value = json_find(text, length, IntegrityCheckInfo_PiecesHashFileUrl);
    WCHAR buffer[INFO_URL_MAX];
    struct url url;

    if (!json_get_string(&value, buffer, ARRAY_SIZE(buffer)) || !url_parse(buffer, &url))
        return FALSE;
    return url.is_secure || has_string(text, length, IntegrityCheckInfo_PiecesHashFileDigest)
            || has_string(text, length, IntegrityCheckInfo_HashOfHashes);
}

static BOOL is_key(const WCHAR *text)
{
    DWORD size = 0;

    if (!CryptStringToBinaryW(text, 0, CRYPT_STRING_BASE64, NULL, &size, NULL, NULL))
        return FALSE;
    return size == 16 || size == 24 || size == 32;
}

/* A number, or a string of digits. */
static BOOL is_buffer_size(const struct json_value *value)
{
    UINT64 number = 0;
    UINT i;

    if ((value->type != JSON_NUMBER && value->type != JSON_STRING) || !value->length || value->length > 10)
        return FALSE;
    for (i = 0; i < value->length; i++)
    {
        if (value->text[i] < '0' || value->text[i] > '9')
            return FALSE;
        number = number * 10 + value->text[i] - '0';
    }
    return number && number <= ENCRYPTION_SIZE_MAX && !(number % ENCRYPTION_UNIT);
}

BOOL decryption_info_is_valid(const WCHAR *text, UINT length)
{
    struct json_value key, algorithm, mode, size;
    WCHAR buffer[INFO_STRING_MAX];

    if (!json_is_object(text, length))
        return FALSE;
    key = json_find(text, length, DecryptionInfo_KeyData);
    algorithm = json_find(text, length, DecryptionInfo_AlgorithmName);
    mode = json_find(text, length, DecryptionInfo_ChainingMode);
    size = json_find(text, length, DecryptionInfo_EncryptionBufferSize);
    if (!json_get_string(&key, buffer, ARRAY_SIZE(buffer)) || !is_key(buffer))
        return FALSE;
    if (!json_get_string(&algorithm, buffer, ARRAY_SIZE(buffer)) || _wcsicmp(buffer, L"AES"))
        return FALSE;
    if (mode.type != JSON_NONE && (!json_get_string(&mode, buffer, ARRAY_SIZE(buffer))
            || (_wcsicmp(buffer, L"ChainingModeCBC") && _wcsicmp(buffer, L"CBC"))))
        return FALSE;
    return is_buffer_size(&size);
}

BOOL certificate_is_valid(const BYTE *data, DWORD size)
{
    HCERTSTORE store;
    BOOL ret;

    if (!(store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL)))
        return FALSE;
    ret = CertAddSerializedElementToStore(store, data, size, CERT_STORE_ADD_ALWAYS, 0,
            CERT_STORE_CERTIFICATE_CONTEXT_FLAG, NULL, NULL);
    CertCloseStore(store, 0);
    return ret;
}
