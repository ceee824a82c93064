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

#include <bcrypt.h>

#define BUFFER_SIZE (1024 * 1024)

static HRESULT hash_handle(HANDLE file, BCRYPT_HASH_HANDLE hash)
{
    DWORD size;
    BYTE *buffer;
    HRESULT hr = S_OK;

    if (!(buffer = malloc(BUFFER_SIZE)))
        return E_OUTOFMEMORY;
    for (;;)
    {
        if (!ReadFile(file, buffer, BUFFER_SIZE, &size, NULL))
        {
            hr = HRESULT_FROM_WIN32(GetLastError());
            break;
        }
        if (!size || FAILED(hr = HRESULT_FROM_NT(BCryptHashData(hash, buffer, size, 0))))
            break;
    }
    free(buffer);
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT sha256_handle(HANDLE file, BYTE digest[SHA256_SIZE])
{
    BCRYPT_ALG_HANDLE algorithm;
    BCRYPT_HASH_HANDLE hash;
    NTSTATUS status;
    HRESULT hr;

    if ((status = BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_SHA256_ALGORITHM, NULL, 0)) < 0)
        return HRESULT_FROM_NT(status);
    if ((status = BCryptCreateHash(algorithm, &hash, NULL, 0, NULL, 0, 0)) < 0)
    {
        BCryptCloseAlgorithmProvider(algorithm, 0);
        return HRESULT_FROM_NT(status);
    }
    if (SUCCEEDED(hr = hash_handle(file, hash)) && (status = BCryptFinishHash(hash, digest, SHA256_SIZE, 0)) < 0)
        hr = HRESULT_FROM_NT(status);
    BCryptDestroyHash(hash);
    BCryptCloseAlgorithmProvider(algorithm, 0);
    return hr;
}

HRESULT sha256_file(const WCHAR *path, BYTE digest[SHA256_SIZE])
{
    HANDLE file;
    HRESULT hr;

    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return HRESULT_FROM_WIN32(GetLastError());
    hr = sha256_handle(file, digest);
    CloseHandle(file);
    return hr;
}

static int hex_digit(WCHAR ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    if (ch >= 'a' && ch <= 'f')
        return ch - 'a' + 10;
    if (ch >= 'A' && ch <= 'F')
        return ch - 'A' + 10;
    return -1;
}

BOOL parse_sha256(const WCHAR *text, BYTE digest[SHA256_SIZE])
{
    unsigned int i;

    if (wcslen(text) != SHA256_SIZE * 2)
        return FALSE;
    for (i = 0; i < SHA256_SIZE; ++i)
    {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return FALSE;
        digest[i] = high << 4 | low;
    }
    return TRUE;
}
