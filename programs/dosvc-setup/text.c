/*
 * dosvc-setup: output
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

#include "setup.h"

#include "wingdi.h"
#include "winnls.h"
#include "wincon.h"

/* Returns the new length. */
static int remove_carriage_returns(WCHAR *text, int length)
{
    int i, count = 0;

    for (i = 0; i < length; ++i)
    {
        if (text[i] != '\r')
            text[count++] = text[i];
    }
    return count;
}

static void write_text(DWORD stream, WCHAR *text, int length)
{
    HANDLE handle = GetStdHandle(stream);
    DWORD mode, written;
    char *bytes;
    int size;

    if (GetConsoleMode(handle, &mode))
    {
        WriteConsoleW(handle, text, length, &written, NULL);
        return;
    }
    /* A file or a pipe: on the other side is Unix. */
    length = remove_carriage_returns(text, length);
    size = WideCharToMultiByte(CP_UTF8, 0, text, length, NULL, 0, NULL, NULL);
    if (!(bytes = malloc(size)))
        return;
    WideCharToMultiByte(CP_UTF8, 0, text, length, bytes, size, NULL, NULL);
    WriteFile(handle, bytes, size, &written, NULL);
    free(bytes);
}

/* Owned by the caller; NULL if there is no memory. A string in the resources
 * does not end with a zero. */
static WCHAR *get_resource(UINT id)
{
    const WCHAR *resource;
    WCHAR *text;
    int length;

    if (!(length = LoadStringW(NULL, id, (WCHAR *)&resource, 0)))
        return NULL;
    if ((text = calloc(length + 1, sizeof(*text))))
        memcpy(text, resource, length * sizeof(*text));
    return text;
}

static void print_va(DWORD stream, UINT id, va_list *args)
{
    WCHAR *format, *text;
    DWORD length;

    if (!(format = get_resource(id)))
        return;
    if ((length = FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ALLOCATE_BUFFER, format, 0, 0,
            (WCHAR *)&text, 0, args)))
    {
        write_text(stream, text, length);
        LocalFree(text);
    }
    free(format);
}

void print(UINT id, ...)
{
    va_list args;

    va_start(args, id);
    print_va(STD_OUTPUT_HANDLE, id, &args);
    va_end(args);
}

void print_error(UINT id, ...)
{
    va_list args;

    va_start(args, id);
    print_va(STD_ERROR_HANDLE, id, &args);
    va_end(args);
}

void load_text(UINT id, WCHAR *text, unsigned int length)
{
    if (!LoadStringW(NULL, id, text, length))
        text[0] = 0;
}
