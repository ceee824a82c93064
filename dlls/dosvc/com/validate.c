/*
 * Checks of what clients pass: URLs, paths, values, integrity, keys
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

#include <stdlib.h>

#include "com/com.h"
#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "base/url.h"
#include "net/local_file.h"

#include "urlmon.h"
#include "wincrypt.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define CLIENT_URL_MAX 2200  /* characters */
#define FILE_ID_MAX    32767

HRESULT check_file_id(const WCHAR *id)
{
    return !id || !id[0] || wcslen(id) > FILE_ID_MAX ? E_INVALIDARG : S_OK;
}

/* Return whether the text is an absolute URL, with a host of plain characters. */
static BOOL is_url(const WCHAR *text, UINT max)
{
    const WCHAR *p;
    struct url url;

    if (wcslen(text) > max || !url_parse(text, &url))
        return FALSE;
    for (p = url.authority; p < url.authority + url.authority_length; p++)
    {
        if (*p <= ' ' || wcschr(L"<>\"%^`{|}", *p))
            return FALSE;
    }
    return TRUE;
}

HRESULT check_url(const WCHAR *text)
{
    if (!text || !is_url(text, CLIENT_URL_MAX))
        return E_INVALIDARG;
    for (; *text; text++)
    {
        if (*text < ' ' || *text == 0x7f)
            return E_INVALIDARG;
    }
    return S_OK;
}

static BOOL is_local_source(const WCHAR *name)
{
    WCHAR *path = local_file_is_source(name) ? local_file_get_path(name) : NULL;

    free(path);
    return path != NULL;
}

HRESULT check_remote_name(const WCHAR *name)
{
    return name && com_front->codes->has_local_sources && is_local_source(name) ? S_OK : check_url(name);
}

HRESULT check_other_file(const WCHAR *name, const WCHAR *path)
{
    WCHAR *source = local_file_is_source(name) ? local_file_get_path(name) : NULL;
    WCHAR *full_source = source ? make_full_path(source) : NULL, *full_path = source ? make_full_path(path) : NULL;
    HRESULT hr = full_source && full_path && is_same_path(full_source, full_path) ? E_INVALIDARG : S_OK;

    free(full_path);
    free(full_source);
    free(source);
    return hr;
}

HRESULT check_uri(const WCHAR *text)
{
    return is_url(text, URL_MAX - 1) ? S_OK : INET_E_INVALID_URL;
}

HRESULT check_path(const WCHAR *path)
{
    return path_check(path) == PATH_VALID ? S_OK : E_INVALIDARG;
}

HRESULT check_local_path(const WCHAR *path)
{
    switch (path_check(path))
    {
        case PATH_VALID:
            return S_OK;
        case PATH_TOO_LONG:
            return HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
        case PATH_BAD_NAME:
            return HRESULT_FROM_WIN32(ERROR_INVALID_NAME);
        default:
            return E_INVALIDARG;
    }
}

BOOL is_same_directory(const WCHAR *path, const WCHAR *other)
{
    UINT length = path_folder_length(path);

    return length == path_folder_length(other) && !memcmp(path, other, length * sizeof(*path));
}

/* Try to create a file: access rights alone do not know of a file system that is mounted read-only. */
HRESULT check_directory(const WCHAR *path)
{
    DWORD error = ERROR_SUCCESS;
    WCHAR end[64], *name;
    HANDLE file;
    GUID guid;

    CoCreateGuid(&guid);
    swprintf(end, ARRAY_SIZE(end), L"DO%08lx%04x%04x.tmp", guid.Data1, guid.Data2, guid.Data3);
    if (!(name = join_text(path, path_folder_length(path), end)))
        return E_OUTOFMEMORY;
    file = CreateFileW(name, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE,
            NULL);
    if (file == INVALID_HANDLE_VALUE)
        error = GetLastError();
    else
        CloseHandle(file);
    free(name);
    TRACE("path %s, error %lu.\n", debugstr_w(path), error);
    return error == ERROR_ACCESS_DENIED || error == ERROR_WRITE_PROTECT ? E_ACCESSDENIED : S_OK;
}

HRESULT copy_string(const WCHAR *string, WCHAR **out)
{
    size_t size = (wcslen(string) + 1) * sizeof(*string);

    if (!out)
        return E_INVALIDARG;
    if (!(*out = CoTaskMemAlloc(size)))
        return E_OUTOFMEMORY;
    memcpy(*out, string, size);
    return S_OK;
}

/* Clients differ in what they make of a number or a flag: C++ passes the exact
 * type, .NET and scripts what they have at hand. */

/* Return the bytes of a value in a VARIANT; 0 for types that no property has. */
static UINT get_size(VARTYPE type)
{
    switch (type)
    {
        case VT_I1: case VT_UI1:
            return 1;
        case VT_I2: case VT_UI2: case VT_BOOL:
            return 2;
        case VT_I4: case VT_UI4: case VT_INT: case VT_UINT:
            return 4;
        case VT_I8: case VT_UI8:
            return 8;
        case VT_BSTR: case VT_UNKNOWN:
            return sizeof(void *);
        default:
            return type & VT_ARRAY ? sizeof(void *) : 0;
    }
}

/* Dereference once. */
static HRESULT dereference(const VARIANT *value, VARIANT *out)
{
    VARTYPE type = V_VT(value) & ~VT_BYREF;

    *out = *value;
    if (!(V_VT(value) & VT_BYREF))
        return S_OK;
    if (!V_BYREF(value))
        return E_INVALIDARG;
    if (type == VT_VARIANT)
    {
        *out = *V_VARIANTREF(value);
        return V_VT(out) & VT_BYREF ? E_INVALIDARG : S_OK;
    }
    memset(out, 0, sizeof(*out));
    V_VT(out) = type;
    memcpy(&V_UI8(out), V_BYREF(value), get_size(type));
    return get_size(type) ? S_OK : E_INVALIDARG;
}

/* number holds the bits of a negative value, too. */
static BOOL get_integer(const VARIANT *value, UINT64 *number, BOOL *is_negative)
{
    VARIANT integer = *value;
    HRESULT hr = S_OK;

    switch (V_VT(value))
    {
        case VT_I1: case VT_I2: case VT_I4: case VT_INT: case VT_I8:
        case VT_UI1: case VT_UI2: case VT_UI4: case VT_UINT:
            hr = VariantChangeType(&integer, &integer, 0, VT_I8);
            break;
        case VT_UI8:
            break;
        default:
            return FALSE;
    }
    *number = V_UI8(&integer);
    *is_negative = V_VT(&integer) == VT_I8 && V_I8(&integer) < 0;
    return SUCCEEDED(hr);
}

HRESULT variant_coerce(const VARIANT *input, VARTYPE type, BOOL can_clear, VARIANT *out)
{
    BOOL is_integer, is_negative = FALSE;
    VARIANT value;
    UINT64 number = 0;
    HRESULT hr;

    memset(out, 0, sizeof(*out));
    if (FAILED(hr = dereference(input, &value)))
        return hr;
    if (V_VT(&value) == VT_EMPTY || V_VT(&value) == VT_NULL)
        return can_clear ? S_OK : E_INVALIDARG;

    is_integer = get_integer(&value, &number, &is_negative);
    switch (type)
    {
        case VT_UI4:
            if (!is_integer || is_negative || number > 0xffffffff)
                return E_INVALIDARG;
            V_UI4(out) = number;
            break;
        case VT_UI8:
            if (!is_integer || is_negative)
                return E_INVALIDARG;
            V_UI8(out) = number;
            break;
        case VT_BOOL:
            if (!is_integer && V_VT(&value) != VT_BOOL)
                return E_INVALIDARG;
            V_BOOL(out) = (is_integer ? number != 0 : V_BOOL(&value) != 0) ? VARIANT_TRUE : VARIANT_FALSE;
            break;
        case VT_ARRAY | VT_UI1:
            if (V_VT(&value) != type || !V_ARRAY(&value) || SafeArrayGetDim(V_ARRAY(&value)) != 1)
                return E_INVALIDARG;
            V_ARRAY(out) = V_ARRAY(&value);
            break;
        default:
            if (V_VT(&value) != type)
                return E_INVALIDARG;
            *out = value;
            /* Take a NULL pointer to a stream or a callback for none. */
            if (type == VT_UNKNOWN && !V_UNKNOWN(&value))
                return can_clear ? (V_VT(out) = VT_EMPTY, S_OK) : E_INVALIDARG;
            break;
    }
    V_VT(out) = type;
    return S_OK;
}

/* Pieces are not verified and nothing is decrypted yet; but what clients set is
 * checked as if it were, and nothing is delivered as verified or decrypted. */

#define INFO_STRING_MAX     256
#define ENCRYPTION_UNIT     16                 /* bytes; the block of AES */
#define ENCRYPTION_SIZE_MAX (64 * 1024 * 1024) /* bytes */

static BOOL is_key(const WCHAR *text)
{
    DWORD size = 0;

    if (!CryptStringToBinaryW(text, 0, CRYPT_STRING_BASE64, NULL, &size, NULL, NULL))
        return FALSE;
    return size == 16 || size == 24 || size == 32;
}

/* Return whether the value is a number, or a string of digits. */
static BOOL is_buffer_size(const struct json_value *value)
{
    UINT number;

    return (value->type == JSON_NUMBER || value->type == JSON_STRING)
            && text_parse_number(value->text, value->length, ENCRYPTION_SIZE_MAX, &number)
            && number && !(number % ENCRYPTION_UNIT);
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
    const void *context;

    return CertAddSerializedElementToStore(NULL, data, size, CERT_STORE_ADD_ALWAYS, 0,
            CERT_STORE_CERTIFICATE_CONTEXT_FLAG, NULL, &context) && CertFreeCertificateContext(context);
}
