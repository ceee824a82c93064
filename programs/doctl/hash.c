/*
 * doctl: SHA-256 of a file
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
#include "base/text.h"

#define BUFFER_SIZE (1024 * 1024)

HRESULT hash_part(HANDLE file, enum digest_algorithm algorithm, UINT64 length, BYTE *digest)
{
    struct digest state;
    HRESULT hr = S_OK;
    BYTE *buffer;
    DWORD size;

    if (!(buffer = malloc(BUFFER_SIZE)))
        return E_OUTOFMEMORY;
    digest_begin(&state, algorithm);
    for (; length; length -= size)
    {
        if (!ReadFile(file, buffer, min(length, BUFFER_SIZE), &size, NULL))
        {
            hr = HRESULT_FROM_WIN32(GetLastError());
            break;
        }
        if (!size)
            break;
        digest_add(&state, buffer, size);
    }
    free(buffer);
    if (!digest_end(&state, digest) && SUCCEEDED(hr))
        hr = E_FAIL;
    return hr;
}

HRESULT open_for_hash(const WCHAR *path, HANDLE *file)
{
    *file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    return *file == INVALID_HANDLE_VALUE ? HRESULT_FROM_WIN32(GetLastError()) : S_OK;
}

HRESULT sha256_file(const WCHAR *path, BYTE digest[SHA256_SIZE])
{
    HANDLE file;
    HRESULT hr;

    if (FAILED(hr = open_for_hash(path, &file)))
        return hr;
    hr = hash_part(file, DIGEST_SHA256, WHOLE_FILE, digest);
    CloseHandle(file);
    return hr;
}

BOOL parse_sha256(const WCHAR *text, BYTE digest[SHA256_SIZE])
{
    unsigned int i;

    if (wcslen(text) != SHA256_SIZE * 2)
        return FALSE;
    for (i = 0; i < SHA256_SIZE; ++i)
    {
        int high = text_hex_digit(text[2 * i]), low = text_hex_digit(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return FALSE;
        digest[i] = high << 4 | low;
    }
    return TRUE;
}

const WCHAR *format_sha256(const BYTE digest[SHA256_SIZE], WCHAR text[SHA256_LENGTH])
{
    unsigned int i;

    for (i = 0; i < SHA256_SIZE; ++i)
        swprintf(text + 2 * i, 3, L"%02x", digest[i]);
    return text;
}
