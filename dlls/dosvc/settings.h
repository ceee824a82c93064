/*
 * Settings in the registry, for administrators and tests
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

#ifndef __DOSVC_SETTINGS_H
#define __DOSVC_SETTINGS_H

#include "windef.h"

extern DWORD settings_get_number(const WCHAR *name, DWORD value); /* value if it is not set */
/* The same, and remove it: it counts for this service, not for the next one. */
extern DWORD settings_take_number(const WCHAR *name, DWORD value);

#endif /* __DOSVC_SETTINGS_H */
