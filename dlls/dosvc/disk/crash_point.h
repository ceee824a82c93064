/*
 * Places at which tests end the service
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

#ifndef __DOSVC_CRASH_POINT_H
#define __DOSVC_CRASH_POINT_H

/* Read the setting CrashPoint. */
extern void crash_point_init(void);
/* Mark a place between two steps on disk. The setting ends the process at one of them. */
extern void crash_point(const char *name);

#endif /* __DOSVC_CRASH_POINT_H */
