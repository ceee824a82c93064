/*
 * Where a program has crashed
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

#ifndef __DOSVC_FAULTS_CRASH_H
#define __DOSVC_FAULTS_CRASH_H

/* An exception filter for SetUnhandledExceptionFilter. Prints the modules and offsets that the stack has to stderr: all
 * that looks like a return address, so that old ones are among them. The exception is then handled as without it. */
extern LONG CALLBACK print_crash(EXCEPTION_POINTERS *pointers);

#endif /* __DOSVC_FAULTS_CRASH_H */
