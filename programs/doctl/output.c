/*
 * doctl: output to a console or a file
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

BOOL is_console(DWORD stream)
{
    DWORD mode;

    return GetConsoleMode(GetStdHandle(stream), &mode);
}

unsigned int console_width(DWORD stream, unsigned int otherwise)
{
    CONSOLE_SCREEN_BUFFER_INFO info;

    if (!GetConsoleScreenBufferInfo(GetStdHandle(stream), &info))
        return otherwise;
    return info.srWindow.Right - info.srWindow.Left + 1;
}

static HANDLE interrupted; /* global: the handler gets no context */
static LONG session_is_ending;

static BOOL WINAPI control_handler(DWORD event)
{
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT)
        InterlockedExchange(&session_is_ending, TRUE);
    return SetEvent(interrupted);
}

BOOL is_session_ending(void)
{
    return InterlockedCompareExchange(&session_is_ending, FALSE, FALSE);
}

HANDLE catch_interrupt(void)
{
    interrupted = CreateEventW(NULL, TRUE, FALSE, NULL);
    SetConsoleCtrlHandler(control_handler, TRUE);
    return interrupted;
}

/* Buffer of standard output. Under Wine a write takes as long as all other work for a line. */
static char held[65536];
static int held_size;
static BOOL is_holding;

static void flush_held(void)
{
    DWORD written;

    if (held_size)
        WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), held, held_size, &written, NULL);
    held_size = 0;
}

void hold_output(BOOL is_held)
{
    flush_held();
    is_holding = is_held && !is_console(STD_OUTPUT_HANDLE);
}

static void write_bytes(DWORD stream, const WCHAR *text)
{
    UINT length = wcslen(text), size = WideCharToMultiByte(CP_UTF8, 0, text, length, NULL, 0, NULL, NULL);
    DWORD written;
    char *bytes;

    if (!size || !(bytes = malloc(size)))
        return;
    WideCharToMultiByte(CP_UTF8, 0, text, length, bytes, size, NULL, NULL);
    if (held_size + size > sizeof(held))
        flush_held();
    if (is_holding && stream == STD_OUTPUT_HANDLE && size <= sizeof(held))
    {
        memcpy(held + held_size, bytes, size);
        held_size += size;
    }
    else
    {
        WriteFile(GetStdHandle(stream), bytes, size, &written, NULL);
    }
    free(bytes);
}

void write_text(DWORD stream, const WCHAR *text)
{
    DWORD written;

    if ((stream != STD_OUTPUT_HANDLE || !is_holding) && is_console(stream))
        WriteConsoleW(GetStdHandle(stream), text, wcslen(text), &written, NULL);
    else
        write_bytes(stream, text);
}

/* Remove carriage returns, which FormatMessage adds: lines end with a line feed alone, as in the resources. */
static void remove_returns(WCHAR *text)
{
    WCHAR *out = text;

    do
    {
        if (*text != '\r')
            *out++ = *text;
    }
    while (*text++);
}

static WCHAR *format_message_va(UINT id, va_list *args)
{
    WCHAR *format, *text, *copy;
    const WCHAR *resource;
    int length;

    /* With a buffer size of 0 LoadString returns a pointer to the resource itself, which does not end with a zero. */
    if (!(length = LoadStringW(NULL, id, (WCHAR *)&resource, 0)))
        return NULL;
    if (!(format = calloc(length + 1, sizeof(*format))))
        return NULL;
    memcpy(format, resource, length * sizeof(*format));
    length = FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ALLOCATE_BUFFER, format, 0, 0, (WCHAR *)&text,
            0, args);
    free(format);
    if (!length)
        return NULL;
    if ((copy = wcsdup(text)))
        remove_returns(copy);
    LocalFree(text);
    return copy;
}

WCHAR *format_message(UINT id, ...)
{
    va_list args;
    WCHAR *text;

    va_start(args, id);
    text = format_message_va(id, &args);
    va_end(args);
    return text;
}

void write_message(DWORD stream, UINT id, ...)
{
    va_list args;
    WCHAR *text;

    va_start(args, id);
    if ((text = format_message_va(id, &args)))
        write_text(stream, text);
    va_end(args);
    free(text);
}

WCHAR *printable_url(const WCHAR *url)
{
    const WCHAR *host = wcsstr(url, L"://"), *at;
    size_t length = wcscspn(url, L"?#"), authority;
    WCHAR *copy;

    if (!(copy = calloc(length + 5, sizeof(*copy))))
        return NULL;
    if (!host || host >= url + length)
        host = url;
    else
        host += 3;
    memcpy(copy, url, (host - url) * sizeof(*copy));
    /* The part before the last @ of the authority is a secret. */
    authority = wcscspn(host, L"/?#");
    for (at = host + authority; at > host && at[-1] != '@'; --at)
        ;
    wcsncat(copy, at, url + length - at);
    if (url[length] == '?')
        wcscat(copy, L"?...");
    return copy;
}

BOOL url_is_supported(const WCHAR *url)
{
    return !_wcsnicmp(url, L"http://", 7) || !_wcsnicmp(url, L"https://", 8);
}

WCHAR *json_string(const WCHAR *text)
{
    WCHAR *json, *out;

    /* The longest escape is \u0000. */
    if (!(json = out = calloc(wcslen(text) * 6 + 3, sizeof(*json))))
        return NULL;
    *out++ = '"';
    for (; *text; ++text)
    {
        if (*text == '"' || *text == '\\')
            *out++ = '\\';
        if (*text < ' ')
            out += swprintf(out, 7, L"\\u%04x", *text);
        else
            *out++ = *text;
    }
    *out = '"';
    return json;
}

void write_json_value(const WCHAR *text)
{
    WCHAR *quoted = json_string(text);

    write_text(STD_OUTPUT_HANDLE, quoted ? quoted : L"null");
    free(quoted);
}

void write_json_member(const WCHAR *name, const WCHAR *value, BOOL quote)
{
    WCHAR *quoted = value && quote ? json_string(value) : NULL;

    write_text(STD_OUTPUT_HANDLE, L",\"");
    write_text(STD_OUTPUT_HANDLE, name);
    write_text(STD_OUTPUT_HANDLE, L"\":");
    write_text(STD_OUTPUT_HANDLE, quoted ? quoted : value ? value : L"null");
    free(quoted);
}

void elide(WCHAR *text, size_t width)
{
    size_t length = wcslen(text), tail;

    if (width < 16)
        width = 16;
    if (length <= width)
        return;
    tail = (width - 3) / 2;
    wmemcpy(text + width - tail - 3, L"...", 3);
    wmemmove(text + width - tail, text + length - tail, tail + 1);
}

const WCHAR *format_size(UINT64 size, WCHAR *buffer, size_t count)
{
    static const WCHAR * const units[] = {L"kB", L"MB", L"GB", L"TB", L"PB", L"EB"};
    double value = size / 1000.0;
    unsigned int i;

    if (size < 1000)
    {
        swprintf(buffer, count, L"%u B", (unsigned int)size);
        return buffer;
    }
    /* 999.95 would be written as 1000.0. */
    for (i = 0; value >= 999.95 && i < ARRAY_SIZE(units) - 1; ++i)
        value /= 1000.0;
    swprintf(buffer, count, L"%.1f %ls", value, units[i]);
    return buffer;
}
