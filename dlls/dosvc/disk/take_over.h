/*
 * Records that are in a folder of an earlier service
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

/* Move all records from one folder to another one; both names end with a separator. Whenever the process ends, each
 * record is in one of them, or the next call completes the move. Returns FALSE if something has to stay there. */
extern BOOL take_over_records(const WCHAR *from, const WCHAR *to);
/* Take back what an earlier service had begun to move out of a folder, whose name ends with a separator, and which is
 * in use again. What has arrived in another folder is taken over before. */
extern void take_back_records(const WCHAR *folder);

#endif /* __DOSVC_TAKE_OVER_H */
