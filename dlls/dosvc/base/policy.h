/*
 * Settings that administrators make, as they are at the moment
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

/* Values of policy_rules.h, from the registry. A change counts within a second. */

#ifndef __DOSVC_POLICY_H
#define __DOSVC_POLICY_H

#include "base/policy_rules.h"

/* Return FALSE if the number is not set; the default is the caller's. */
extern BOOL policy_get_number(enum policy policy, DWORD *number);
/* Return a text, or a list with commas, which may be empty; NULL if it is not set. The caller frees it. */
extern WCHAR *policy_get_string(enum policy policy);
/* Return a number that is another one after each change of any value, for callers that derive something from values. */
extern UINT policy_get_version(void);
/* Look for changes at once, at the start of something that shall see those that were made before. */
extern void policy_refresh(void);

#endif /* __DOSVC_POLICY_H */
