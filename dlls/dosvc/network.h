/*
 * Whether there is a network
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

#ifndef __DOSVC_NETWORK_H
#define __DOSVC_NETWORK_H

#include "transfer.h"

/* FALSE only if it is certain that no host but this one can be reached. Takes
 * milliseconds; to be asked after a request has failed, never before one. */
extern BOOL network_is_present(void);
/* A host that is not this one has just sent something. */
extern void network_note_data(void);

#endif /* __DOSVC_NETWORK_H */
