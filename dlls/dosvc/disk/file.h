/*
 * Changes of files that Wine calls done although they are not
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

#ifndef DOSVC_DISK_FILE_H
#define DOSVC_DISK_FILE_H

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"

/* Delete a file. S_OK also where it is not there; an error if it is still there, of which Wine says nothing. */
extern HRESULT file_delete(const WCHAR *path);
/* Copy a file, also over one that is there, and flush the copy. */
extern HRESULT file_copy(const WCHAR *from, const WCHAR *to);
/* Set the end of a file to its position. Wine writes a byte behind the new end of a longer file, and says nothing
 * where it cannot take that back. */
extern HRESULT file_set_end(HANDLE file);

#endif /* DOSVC_DISK_FILE_H */
