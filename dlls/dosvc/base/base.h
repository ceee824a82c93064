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

/* Wine takes this owner and this group alone for the rights of a file's owner, and of nobody else. */
#define FOLDER_SECURITY L"O:SYD:P(A;;FA;;;SY)"
#define FILE_SECURITY   L"O:SYD:P(A;;FRFWSD;;;SY)"

extern HINSTANCE dosvc_instance; /* of the DLL */
extern UINT64 get_system_time(void); /* a FILETIME */
extern UINT64 get_microseconds(void); /* of a clock that never goes back */
extern HRESULT get_user_sid(WCHAR **sid); /* of the service, as a string; the caller frees it */
/* Join the first length characters of one text and all of another one. The caller frees it; NULL if out of memory. */
extern WCHAR *join_text(const WCHAR *text, UINT length, const WCHAR *end);
extern WCHAR *join(const WCHAR *text, const WCHAR *end); /* the same with all of both */
/* Make room for one more element, of so many bytes, in an array of which the elements below count are in use. FALSE if
 * out of memory. */
extern BOOL array_grow(void **array, UINT count, UINT *capacity, UINT size);
/* Allocate pages of their own, of zeros, for a large buffer: the caller frees them with pages_free, and the system gets
 * them back. Between small blocks of the heap, such buffers leave holes that stay. NULL if out of memory. */
extern void *pages_alloc(UINT size);
extern BOOL pages_resize(void **pages, UINT used, UINT size); /* keeps the first bytes; FALSE: all stays as it was */
extern void pages_free(void *pages); /* or NULL */
/* Return an absolute path without "..", which the caller frees; NULL if out of memory. A path behind \\?\ stays as it
 * is. */
extern WCHAR *make_full_path(const WCHAR *path);
extern BOOL is_same_path(const WCHAR *path, const WCHAR *other); /* of two full paths */
/* Read a file of /proc, by a path of Wine, with a zero behind it. The caller frees it; NULL where there is none. */
extern char *read_unix_file(const WCHAR *path, UINT *size);
/* Call proc for each index below count, on so many threads at a time, and return after the last: with one thread from
 * 0 on, else in no order. */
extern void run_parallel(UINT count, UINT threads, void (*proc)(void *context, UINT index), void *context);

/* Let a timer of the thread pool go off once, when a clock that shows now shows due; both in milliseconds. */
extern void timer_set(TP_TIMER *timer, ULONGLONG due, ULONGLONG now);
/* Stop a timer, or NULL; wait for a callback in progress, and close it. */
extern void timer_close(TP_TIMER *timer);

/* Return the time of the clock that measures progress (retry.h), in milliseconds. The engine's timer reads it while
 * transfers run. Deadlines for servers are times of this clock. */
extern ULONGLONG progress_now(void);

/* Return the name of a file in Wine's namespace of Unix names, where it is looked up as it is. NULL for a folder that
 * does not exist, for a path that stands for another one or is not valid, and on Windows. The first length characters
 * of the path are the folder, with the separator; the file need not exist. The caller frees the name. */
extern WCHAR *unix_name_from_path(const WCHAR *path, UINT length);

#endif /* __DOSVC_BASE_H */
