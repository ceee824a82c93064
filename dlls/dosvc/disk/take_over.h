/*
 * Records that are in folders of earlier services
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

#ifndef __DOSVC_TAKE_OVER_H
#define __DOSVC_TAKE_OVER_H

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"

struct taken;

/* Move of the records of folders, whose names end with a separator, to another one: of all, or of none. Whenever the
 * process ends, each record is in one of the folders, and the next move completes this one. */
struct take_over
{
    const WCHAR *to;     /* borrowed */
    struct taken *files; /* owned */
    UINT count, capacity;
};

extern void take_over_begin(struct take_over *move, const WCHAR *to);
/* Add the records of a folder, whose name is borrowed. What it does not give stays there. An error if the other folder
 * does not take one: then the move must be undone. */
extern HRESULT take_over_add(struct take_over *move, const WCHAR *from);
/* End the move, one way or the other. */
extern void take_over_commit(struct take_over *move);
extern void take_over_undo(struct take_over *move);
/* Return whether a folder has no record any more, and remove it then. */
extern BOOL take_over_is_done(const WCHAR *from);
/* Take back what an earlier service had begun to move out of a folder, whose name ends with a separator, and which is
 * in use again. What has arrived in another folder is taken over before. */
extern void take_back_records(const WCHAR *folder);

#endif /* __DOSVC_TAKE_OVER_H */
