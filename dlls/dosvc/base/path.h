/*
 * Names of the files that clients want
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

/* Pure. */

#ifndef __DOSVC_PATH_H
#define __DOSVC_PATH_H

#include <stdarg.h>

#include "windef.h"

#define PATH_NAME_MAX 255 /* bytes of UTF-8: what file systems take */

enum path_status
{
    PATH_VALID,
    PATH_EMPTY,
    PATH_TOO_LONG,
    PATH_BAD_NAME, /* no file can be called so */
    PATH_RELATIVE,
};

/* Check that a file may be created at the path: drive-absolute, UNC, or of a \\?\ form. NULL is empty. */
extern enum path_status path_check(const WCHAR *path);
/* Return the number of characters in front of the last name, with the separator. */
extern UINT path_folder_length(const WCHAR *path);
/* Make a name of the prefix, which is ASCII, the id, and .tmp. It takes as many bytes as this one, unless the three
 * take more, and has the same characters beyond ASCII as far as they fit, so that a file system which refuses one of
 * the names refuses both. */
extern void path_make_temporary_name(const WCHAR *name, const WCHAR *prefix, UINT64 id,
        WCHAR temporary[PATH_NAME_MAX + 1]);

static inline BOOL path_is_separator(WCHAR c)
{
    return c == '\\' || c == '/';
}

#endif /* __DOSVC_PATH_H */
