/*
 * Temporary files that a record of the service is about
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

/* Pure. The record may be damaged, and of any version. */

#ifndef __DOSVC_TEMPORARY_H
#define __DOSVC_TEMPORARY_H

#include <stdarg.h>

#include "windef.h"

/* Of a file that is being downloaded. */
struct temporary
{
    WCHAR *path; /* of the target; NULL if there is none */
    WCHAR *name; /* full path of the temporary file; NULL if the record does not tell it yet */
    UINT64 id;   /* in the name of the temporary file beside the target */
};

typedef void (*temporary_func)(void *context, const struct temporary *temporary);

/* Calls for each file that has a name, but no record, in the list of the service. */
extern void temporary_read_list(const BYTE *list, DWORD size, temporary_func func, void *context);
/* Calls for each file of the job or download that the record is of. */
extern void temporary_read(const BYTE *record, DWORD size, temporary_func func, void *context);

#endif /* __DOSVC_TEMPORARY_H */
