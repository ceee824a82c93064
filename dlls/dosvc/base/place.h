/*
 * Rules of DOModifyCacheDrive
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

/* Pure. Statements are in documentation/spec/policy-cache-integrity.md, sections 1.2 and 8.1. */

#ifndef __DOSVC_PLACE_H
#define __DOSVC_PLACE_H

#include "base/types.h"

#define PLACE_MAX 200 /* characters of a folder with its separator and its end; names of files need the rest of 260 */

enum place
{
    PLACE_DEFAULT,
    PLACE_MOVED,
    PLACE_UNUSABLE,
};

/* Find the folder that a value means, in which variables have been replaced: a drive alone, which is the default place
 * if it is that of the system, else a folder of this name on it; or a full path. The folder, if the place is moved,
 * ends with a separator. */
extern enum place place_parse(const WCHAR *value, const WCHAR *system_drive, const WCHAR *name,
        WCHAR folder[PLACE_MAX]);

#endif /* __DOSVC_PLACE_H */
