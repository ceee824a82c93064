/*
 * Files that are of no use without the service that made them
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

/* Names are in one file beside the records, in slots that are used again. The file stays open, and is not flushed: to
 * note a name and to forget it costs a write each, and no call of wineserver. Names survive the end of the process,
 * however it comes, and the next service deletes the files that have them. */

#ifndef __DOSVC_LEFTOVER_H
#define __DOSVC_LEFTOVER_H

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"

#define LEFTOVER_NAME L"temporary" /* of that file */

/* Place of a name; zeroed it is none. */
struct leftover
{
    UINT slot;
    UINT count; /* of slots */
};

/* Use the file that open opens, with the last error if it gives INVALID_HANDLE_VALUE. */
extern void leftover_init(HANDLE (*open)(DWORD disposition));
/* Note the full path of a file that is going to be made. */
extern HRESULT leftover_note(const WCHAR *name, struct leftover *place);
/* Forget a name that no such file has any more. None is ignored. */
extern void leftover_forget(struct leftover *place);
/* Take over the names that the file of an earlier service has, and delete it. FALSE if that fails. */
extern BOOL leftover_take_over(const WCHAR *path);
/* Delete what an earlier service has left; what cannot be deleted now, later. */
extern void leftover_delete_all(void);

#endif /* __DOSVC_LEFTOVER_H */
