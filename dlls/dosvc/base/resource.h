/*
 * Identifiers of the resource strings
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

#ifndef __DOSVC_RESOURCE_H
#define __DOSVC_RESOURCE_H

/* The text of an error code of ours has the code's low word as identifier: a
 * DO_E_* code is 0x1001 or more, an HTTP status 100 to 599, a BITS code is
 * added to the base below. */
#define IDS_HTTP_FIRST    100
#define IDS_HTTP_LAST     599
#define IDS_DO_FIRST      0x1001
#define IDS_BG_BASE       0x800
#define IDS_CONTEXT_BASE  0x900  /* + BG_ERROR_CONTEXT */
#define IDS_HTTP_OTHER    0x910  /* %1!u!: the status */
#define IDS_GENERIC       0x911  /* %1!08x!: the code */

/* WinHTTP's error codes, which are their own identifiers. */
#define IDS_NETWORK_FIRST 12000
#define IDS_NETWORK_LAST  12999

#endif /* __DOSVC_RESOURCE_H */
