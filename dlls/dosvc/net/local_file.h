/*
 * Files as sources of transfers, by a path or a file URL
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

/* A file answers like a server that has a strong tag, made of the size and the time of the file, and ranges: so the
 * rules for responses decide what becomes of stored bytes when the file changes. */

#ifndef __DOSVC_LOCAL_FILE_H
#define __DOSVC_LOCAL_FILE_H

#include "net/failure.h"
#include "net/http1.h"

struct local_file
{
    HANDLE file; /* NULL: not open */
    UINT64 left; /* bytes of the body */
    BY_HANDLE_FILE_INFORMATION info; /* when it was opened */
};

/* Return whether a remote name stands for a file rather than for a URL of http. It may be an unusable one. */
extern BOOL local_file_is_source(const WCHAR *name);
/* Return the path of the file, which the caller frees, or NULL: not a file that may be a source, or out of memory. */
extern WCHAR *local_file_get_path(const WCHAR *name);
/* Open the file for a range, or for the whole of it if that is NULL or if if_range is the tag of another version. */
extern struct failure local_file_open(const WCHAR *name, const struct range *range, const WCHAR *if_range,
        struct local_file *local, struct http_head *head);
/* Read at most so many bytes; none at the end of the body. An error of Win32. */
extern DWORD local_file_read(struct local_file *local, void *buffer, DWORD size, DWORD *read);
extern void local_file_close(struct local_file *local);
/* Give the file at path the attributes that the source has. */
extern void local_file_copy_attributes(const WCHAR *name, const WCHAR *path);

#endif /* __DOSVC_LOCAL_FILE_H */
