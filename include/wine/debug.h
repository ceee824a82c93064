/*
 * Debug output through the running Wine, without importing from it
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

/* Stands in for the header of this name in Wine's tree. libs/compat resolves
 * the functions of the running Wine at run time, so WINEDEBUG works on these
 * channels and the modules load on plain Windows, where the lines go to the
 * debugger. */

#ifndef __WINE_WINE_DEBUG_H
#define __WINE_WINE_DEBUG_H

#include <stdarg.h>
#include <windef.h>
#include <winbase.h>
#include <guiddef.h>

enum __wine_debug_class
{
    __WINE_DBCL_FIXME,
    __WINE_DBCL_ERR,
    __WINE_DBCL_WARN,
    __WINE_DBCL_TRACE,
};

/* The layout is that of Wine's ntdll, which fills in the flags. */
struct __wine_debug_channel
{
    unsigned char flags;
    char name[15];
};

extern int compat_dbg_enabled(enum __wine_debug_class cls, struct __wine_debug_channel *channel);
extern int compat_dbg_log(enum __wine_debug_class cls, struct __wine_debug_channel *channel, const char *function,
        const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The strings live in a ring of buffers and last for one trace. */
extern const char *wine_dbg_sprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern const char *wine_dbgstr_an(const char *str, int n);
extern const char *wine_dbgstr_wn(const WCHAR *str, int n);
extern const char *wine_dbgstr_guid(const GUID *guid);
extern const char *wine_dbgstr_longlong(ULONGLONG value);

#define WINE_DECLARE_DEBUG_CHANNEL(ch) static struct __wine_debug_channel __wine_dbch_##ch = { 0xff, #ch }
#define WINE_DEFAULT_DEBUG_CHANNEL(ch) \
    WINE_DECLARE_DEBUG_CHANNEL(ch); \
    static struct __wine_debug_channel * const __wine_dbch___default = &__wine_dbch_##ch

#define __WINE_DPRINTF(cls, channel, ...) \
    do { if (compat_dbg_enabled(cls, channel)) compat_dbg_log(cls, channel, __FUNCTION__, __VA_ARGS__); } while (0)

#define WINE_TRACE(...) __WINE_DPRINTF(__WINE_DBCL_TRACE, __wine_dbch___default, __VA_ARGS__)
#define WINE_WARN(...)  __WINE_DPRINTF(__WINE_DBCL_WARN, __wine_dbch___default, __VA_ARGS__)
#define WINE_FIXME(...) __WINE_DPRINTF(__WINE_DBCL_FIXME, __wine_dbch___default, __VA_ARGS__)
#define WINE_ERR(...)   __WINE_DPRINTF(__WINE_DBCL_ERR, __wine_dbch___default, __VA_ARGS__)
#define WINE_TRACE_ON(ch) compat_dbg_enabled(__WINE_DBCL_TRACE, &__wine_dbch_##ch)
#define WINE_WARN_ON(ch)  compat_dbg_enabled(__WINE_DBCL_WARN, &__wine_dbch_##ch)

static inline const char *wine_dbgstr_a(const char *str) { return wine_dbgstr_an(str, -1); }
static inline const char *wine_dbgstr_w(const WCHAR *str) { return wine_dbgstr_wn(str, -1); }

#ifndef __WINESRC__
#define TRACE WINE_TRACE
#define WARN WINE_WARN
#define FIXME WINE_FIXME
#undef ERR
#define ERR WINE_ERR
#define TRACE_ON WINE_TRACE_ON
#define WARN_ON WINE_WARN_ON
#define debugstr_a wine_dbgstr_a
#define debugstr_an wine_dbgstr_an
#define debugstr_w wine_dbgstr_w
#define debugstr_wn wine_dbgstr_wn
#define debugstr_guid wine_dbgstr_guid
#endif

#endif /* __WINE_WINE_DEBUG_H */
