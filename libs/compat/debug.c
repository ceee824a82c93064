/*
 * Debug channels of the running Wine
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

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "windef.h"
#include "winbase.h"

#include "wine/debug.h"

#define RING_SIZE   32
#define STRING_SIZE 512

/* Exports of Wine's ntdll, all cdecl; NULL on Windows. */
static unsigned char (__cdecl *p_get_channel_flags)(struct __wine_debug_channel *);
static int (__cdecl *p_header)(enum __wine_debug_class, struct __wine_debug_channel *, const char *);
static int (__cdecl *p_output)(const char *);

static BOOL CALLBACK resolve(INIT_ONCE *once, void *param, void **context)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");

    p_get_channel_flags = (void *)GetProcAddress(ntdll, "__wine_dbg_get_channel_flags");
    p_header = (void *)GetProcAddress(ntdll, "__wine_dbg_header");
    p_output = (void *)GetProcAddress(ntdll, "__wine_dbg_output");
    return TRUE;
}

static BOOL is_wine(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

    InitOnceExecuteOnce(&once, resolve, NULL, NULL);
    return p_get_channel_flags && p_header && p_output;
}

int compat_dbg_enabled(enum __wine_debug_class cls, struct __wine_debug_channel *channel)
{
    /* ntdll caches its answer in the channel; without a Wine only errors are
     * worth a debugger's attention. */
    if (!is_wine())
        return cls == __WINE_DBCL_ERR || cls == __WINE_DBCL_FIXME;
    return (p_get_channel_flags(channel) >> cls) & 1;
}

int compat_dbg_log(enum __wine_debug_class cls, struct __wine_debug_channel *channel, const char *function,
        const char *format, ...)
{
    char buffer[1024];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(buffer, sizeof(buffer), format, args);
    va_end(args);
    /* msvcrt's vsnprintf does not terminate what it cuts. */
    if (len < 0 || len >= (int)sizeof(buffer))
    {
        len = sizeof(buffer) - 1;
        buffer[len - 1] = '\n';
        buffer[len] = 0;
    }

    if (!is_wine())
    {
        OutputDebugStringA(function);
        OutputDebugStringA(": ");
        OutputDebugStringA(buffer);
        return len;
    }
    if (p_header(cls, channel, function) == -1)
        return 0;
    return p_output(buffer);
}

/* A slot of the ring; when it is overtaken, a trace is spoilt and nothing else. */
static char *get_slot(void)
{
    static char ring[RING_SIZE][STRING_SIZE];
    static LONG next;

    return ring[(ULONG)InterlockedIncrement(&next) % RING_SIZE];
}

const char *wine_dbg_sprintf(const char *format, ...)
{
    char *slot = get_slot();
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(slot, STRING_SIZE, format, args);
    va_end(args);
    if (len < 0 || len >= STRING_SIZE)
        slot[STRING_SIZE - 1] = 0;
    return slot;
}

/* The longest form of one character, and the end of a string that was cut. */
#define CHAR_MAX_LENGTH 5
#define TAIL "\"..."

/* At most CHAR_MAX_LENGTH characters. */
static char *put_char(char *p, unsigned int c)
{
    static const char hex[] = "0123456789abcdef", escaped[] = "\n\r\t\"\\", letters[] = "nrt\"\\";
    const char *found;

    if (c && c < 127 && (found = strchr(escaped, c)))
    {
        *p++ = '\\';
        *p++ = letters[found - escaped];
    }
    else if (c >= ' ' && c < 127)
        *p++ = c;
    else
    {
        *p++ = '\\';
        *p++ = hex[(c >> 12) & 15];
        *p++ = hex[(c >> 8) & 15];
        *p++ = hex[(c >> 4) & 15];
        *p++ = hex[c & 15];
    }
    return p;
}

static void put_end(char *p, BOOL is_cut)
{
    size_t len = is_cut ? sizeof(TAIL) - 1 : 1;

    memcpy(p, TAIL, len);
    p[len] = 0;
}

const char *wine_dbgstr_an(const char *str, int n)
{
    char *slot, *p, *end;

    if (!str)
        return "(null)";
    p = slot = get_slot();
    end = slot + STRING_SIZE - CHAR_MAX_LENGTH - sizeof(TAIL);
    *p++ = '"';
    for (; n && (n > 0 || *str) && p < end; str++, n -= n > 0)
        p = put_char(p, (unsigned char)*str);
    put_end(p, n && (n > 0 || *str));
    return slot;
}

const char *wine_dbgstr_wn(const WCHAR *str, int n)
{
    char *slot, *p, *end;

    if (!str)
        return "(null)";
    p = slot = get_slot();
    end = slot + STRING_SIZE - CHAR_MAX_LENGTH - sizeof(TAIL);
    *p++ = 'L';
    *p++ = '"';
    for (; n && (n > 0 || *str) && p < end; str++, n -= n > 0)
        p = put_char(p, *str);
    put_end(p, n && (n > 0 || *str));
    return slot;
}

const char *wine_dbgstr_guid(const GUID *guid)
{
    if (!guid)
        return "(null)";
    return wine_dbg_sprintf("{%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", guid->Data1, guid->Data2,
            guid->Data3, guid->Data4[0], guid->Data4[1], guid->Data4[2], guid->Data4[3],
            guid->Data4[4], guid->Data4[5], guid->Data4[6], guid->Data4[7]);
}

const char *wine_dbgstr_longlong(ULONGLONG value)
{
    if (value >> 32)
        return wine_dbg_sprintf("%lx%08lx", (ULONG)(value >> 32), (ULONG)value);
    return wine_dbg_sprintf("%lx", (ULONG)value);
}
