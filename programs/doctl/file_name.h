/*
 * doctl get: names of files
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


/* Pure. Names come from servers, and get what Windows or the user would not expect of a name taken out: paths, names of
 * devices, characters that no name can have, or that show a name other than it is. */

#ifndef DOCTL_FILE_NAME_H
#define DOCTL_FILE_NAME_H

#include "base/types.h"

#define FILE_NAME_BYTES 200                   /* of a name in UTF-8; file systems of Unix take 255 */
#define FILE_NAME_SIZE  (FILE_NAME_BYTES + 1) /* characters with the terminator */

/* Write the name that a response gives the file by Content-Disposition (RFC 6266). The headers are lines. FALSE if
 * there is no name. */
extern BOOL file_name_from_headers(const WCHAR *headers, WCHAR name[FILE_NAME_SIZE]);
/* Write the last name in the path of a URL, without its escapes if they are UTF-8. FALSE if there is none. */
extern BOOL file_name_from_url(const WCHAR *url, WCHAR name[FILE_NAME_SIZE]);
/* Return where the extension begins, which is the end if there is none. */
extern const WCHAR *file_name_extension(const WCHAR *name);

#endif /* DOCTL_FILE_NAME_H */
