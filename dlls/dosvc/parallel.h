/*
 * The same work for many, on several threads
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

#ifndef __DOSVC_PARALLEL_H
#define __DOSVC_PARALLEL_H

#include <stdarg.h>

#include "windef.h"

/* Calls proc for each index below count, so many at a time, and returns after
 * the last. With one thread, or without others to be had, one after the other
 * from 0 on; else in no order. */
extern void run_parallel(UINT count, UINT threads, void (*proc)(void *context, UINT index), void *context);

#endif /* __DOSVC_PARALLEL_H */
