/*
 * The log of the service, in files
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

/* Include this in place of wine/debug.h. Lines of TRACE go to the log at its level Debug, those of INFO, WARN and ERR
 * at the levels of these names, and all of them to the debug channel as well. They have no query of a URL, no
 * credentials and no keys.
 *
 * One thread writes them. A line costs its caller a copy into a buffer; while the disk is slow, or full, lines that
 * find no room there are counted, and dropped. */

#ifndef __DOSVC_LOG_H
#define __DOSVC_LOG_H

#include "base/log_rules.h"

#include "winbase.h"

#include "wine/debug.h"

extern LONG log_level; /* up to which lines are taken; 0: there is no log */

/* Take lines from now on, as far as there is room for them before the log is open. */
extern void log_begin(void);
/* Write them to a folder, which is made in one that exists, for its owner alone. The lines of the former folders, up to
 * an empty string, are moved there first. */
extern HRESULT log_open(const WCHAR *folder, const WCHAR *formers);
/* Write what is left, for which the disk has a moment. */
extern void log_close(void);
/* Take lines of the level Debug, too, or not. Has no effect before log_begin. */
extern void log_set_verbose(BOOL is_verbose);
extern void log_write(enum log_level level, const char *function, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#define LOG_LINE(level, ...) \
    do { if ((level) <= log_level) log_write((level), __FUNCTION__, __VA_ARGS__); } while (0)

#undef TRACE
#undef WARN
#undef ERR
#define TRACE(...) do { WINE_TRACE(__VA_ARGS__); LOG_LINE(LOG_DEBUG, __VA_ARGS__); } while (0)
#define INFO(...)  do { WINE_TRACE(__VA_ARGS__); LOG_LINE(LOG_INFO, __VA_ARGS__); } while (0)
#define WARN(...)  do { WINE_WARN(__VA_ARGS__); LOG_LINE(LOG_WARNING, __VA_ARGS__); } while (0)
#define ERR(...)   do { WINE_ERR(__VA_ARGS__); LOG_LINE(LOG_ERROR, __VA_ARGS__); } while (0)

#endif /* __DOSVC_LOG_H */
