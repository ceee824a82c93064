/*
 * Room on disks that is promised to files on their way
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

/* A file of known size claims the room for what it still has to write, from the moment at which its size is known
 * until the attempt ends; the next attempt claims anew. A claim is granted if there is room for it beside all earlier
 * ones. */

#ifndef __DOSVC_CLAIM_H
#define __DOSVC_CLAIM_H

#include "base/types.h"

#include "wine/list.h"

/* Zeroed it is none. */
struct claim
{
    struct list entry;
    const WCHAR *path; /* of the file, borrowed; NULL: none */
    UINT64 total;      /* bytes of the file system */
    UINT64 left;       /* bytes to be written */
};

/* Claim room for so many bytes. ERROR_DISK_FULL if there is not so much. Some file systems do not tell: writes to them
 * will fail then. */
extern HRESULT claim_make(struct claim *claim, const WCHAR *path, UINT64 size);
/* Take off what has been written. */
extern void claim_reduce(struct claim *claim, UINT64 size);
extern void claim_end(struct claim *claim);

#endif /* __DOSVC_CLAIM_H */
