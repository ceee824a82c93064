/*
 * doctl: the versions of Wine that the service can work with
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

#ifndef WINE_VERSION_H
#define WINE_VERSION_H

#include "base/types.h"

#define WINE_MAJOR_MIN 8 /* as tools/setup_dosvc.sh has it */

/* Return whether a version of Wine, as wine_get_version() tells it, is too old. One of another form is not. */
extern BOOL wine_version_is_old(const char *version);

#endif /* WINE_VERSION_H */
