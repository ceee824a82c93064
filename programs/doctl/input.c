/*
 * doctl get: lists of URLs
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

#define INPUT_MAX (64 * 1024 * 1024) /* bytes */

static BOOL has_item(const struct urls *urls, const WCHAR *url, size_t length)
{
    unsigned int i;

    for (i = 0; i < urls->count; ++i)
    {
        if (!wcsncmp(urls->items[i], url, length) && !urls->items[i][length])
            return TRUE;
    }
    return FALSE;
}

HRESULT urls_add(struct urls *urls, const WCHAR *url, size_t length)
{
    WCHAR **items, *item;

    if (has_item(urls, url, length))
        return S_OK;
    if (urls->count == urls->capacity)
    {
        if (!(items = realloc(urls->items, (urls->capacity * 2 + 16) * sizeof(*items))))
            return E_OUTOFMEMORY;
        urls->items = items;
        urls->capacity = urls->capacity * 2 + 16;
    }
    if (!(item = calloc(length + 1, sizeof(*item))))
        return E_OUTOFMEMORY;
    wmemcpy(item, url, length);
    urls->items[urls->count++] = item;
    return S_OK;
}

void urls_free(struct urls *urls)
{
    while (urls->count)
        free(urls->items[--urls->count]);
    free(urls->items);
    memset(urls, 0, sizeof(*urls));
}

/* Read all there is; a zero follows. free() it. */
static HRESULT read_all(HANDLE file, char **data)
{
    size_t size = 0, capacity = 65536;
    DWORD count;
    char *more;

    if (!(*data = malloc(capacity)))
        return E_OUTOFMEMORY;
    while (ReadFile(file, *data + size, capacity - size - 1, &count, NULL) && count)
    {
        size += count;
        if (size + 1 < capacity)
            continue;
        if (capacity >= INPUT_MAX || !(more = realloc(*data, capacity *= 2)))
        {
            free(*data);
            return E_OUTOFMEMORY;
        }
        *data = more;
    }
    (*data)[size] = 0;
    return S_OK;
}

/* Convert UTF-8, or else the code page of the system. free() it. */
static WCHAR *convert(const char *data)
{
    UINT codepage = CP_UTF8;
    WCHAR *text;
    int length;

    if (!strncmp(data, "\xef\xbb\xbf", 3))
        data += 3;
    if (!(length = MultiByteToWideChar(codepage, MB_ERR_INVALID_CHARS, data, -1, NULL, 0)))
        length = MultiByteToWideChar(codepage = CP_ACP, 0, data, -1, NULL, 0);
    if ((text = calloc(length + 1, sizeof(*text))))
        MultiByteToWideChar(codepage, 0, data, -1, text, length);
    return text;
}

static HRESULT add_lines(struct urls *urls, const WCHAR *text)
{
    HRESULT hr = S_OK;
    size_t length;

    for (; SUCCEEDED(hr) && *text; text += length)
    {
        text += wcsspn(text, L" \t\r\n");
        length = wcscspn(text, L"\r\n");
        if (!length || *text == '#')
            continue;
        while (wcschr(L" \t", text[length - 1]))
            --length;
        hr = urls_add(urls, text, length);
    }
    return hr;
}

HRESULT urls_read(struct urls *urls, const WCHAR *file)
{
    BOOL is_input = !wcscmp(file, L"-");
    HANDLE handle = is_input ? GetStdHandle(STD_INPUT_HANDLE) : CreateFileW(file, GENERIC_READ,
            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    WCHAR *text;
    char *data;
    HRESULT hr;

    if (handle == INVALID_HANDLE_VALUE)
        return HRESULT_FROM_WIN32(GetLastError());
    hr = read_all(handle, &data);
    if (!is_input)
        CloseHandle(handle);
    if (FAILED(hr))
        return hr;
    text = convert(data);
    hr = text ? add_lines(urls, text) : E_OUTOFMEMORY;
    free(text);
    free(data);
    return hr;
}
