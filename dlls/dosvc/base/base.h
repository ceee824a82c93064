/*
 * The smallest helpers
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

#ifndef __DOSVC_BASE_H
#define __DOSVC_BASE_H

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"

static inline HRESULT last_error(void)
{
    return HRESULT_FROM_WIN32(GetLastError());
}

extern HINSTANCE dosvc_instance; /* of the DLL */
extern BOOL is_wine(void);
extern UINT64 get_system_time(void); /* a FILETIME */
extern HRESULT get_user_sid(WCHAR **sid); /* of the service, as a string; the caller frees it */
/* The first length characters of one text and all of another one. To be freed; NULL if out of memory. */
extern WCHAR *join_text(const WCHAR *text, UINT length, const WCHAR *end);
/* An absolute path without "..", owned by the caller; NULL without memory. A path behind \\?\ is taken as it is. */
extern WCHAR *make_full_path(const WCHAR *path);
extern BOOL is_same_path(const WCHAR *path, const WCHAR *other); /* of two full paths */
/* The whole of a file of /proc, by a path of Wine, with a zero behind it; NULL where there is none. The caller
 * frees it. */
extern char *read_unix_file(const WCHAR *path, UINT *size);
/* Calls proc for each index below count, so many at a time, and returns after
 * the last. With one thread, or without others to be had, one after the other
 * from 0 on; else in no order. */
extern void run_parallel(UINT count, UINT threads, void (*proc)(void *context, UINT index), void *context);

/* Let a timer of the thread pool go off once, when a clock that shows now shows due; both in milliseconds. */
extern void timer_set(TP_TIMER *timer, ULONGLONG due, ULONGLONG now);
/* Stop a timer, or NULL; wait for a callback in progress, and close it. */
extern void timer_close(TP_TIMER *timer);

/* ms of the clock that measures progress (retry.h), which the engine's timer keeps going while transfers run. Deadlines
 * for servers are times of this clock. */
extern ULONGLONG progress_now(void);

/* The same file under a name that Wine takes as it is. NULL for a folder that
 * does not exist, for a path that stands for another one or is not valid, and on
 * Windows. The first length characters of the path are the folder, with the
 * separator; what follows need not exist. To be freed by the caller. */
extern WCHAR *unix_name_from_path(const WCHAR *path, UINT length);

#endif /* __DOSVC_BASE_H */
