/*
 * The limits that all transfers share
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

/* One for the foreground and one for the background: bodies are received in
 * pieces of the size that is given here. */

#ifndef __DOSVC_LIMITER_H
#define __DOSVC_LIMITER_H

#include "transfer.h"

/* How many of so many bytes may be received now; 0: none before so many ms. */
extern UINT limiter_take(BOOL is_foreground, UINT size, DWORD *wait);
/* Those that did not come. */
extern void limiter_return(BOOL is_foreground, UINT size);

/* bandwidth.c: what the settings say, in bytes per second; 0: no limit. */
extern UINT64 bandwidth_get_limit(BOOL is_foreground);

#endif /* __DOSVC_LIMITER_H */
