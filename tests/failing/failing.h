/*
 * What fails: the test tells it to the library of the disk and to the one of allocations
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

/* The client of the test writes this, and whatever can fail maps it: failing_disk.c, in each process of the prefix, as
 * the file that DOSVC_DISK names; the service with failing allocations (main.c) as a section. */

#ifndef FAILING_H
#define FAILING_H

#define FAILING_FOLDERS 2
#define FAILING_SECTION L"dosvc-failing"

/* Kinds of operations. Each is one kind for all functions of libc that do it. */
enum failing_kind
{
    FAIL_NOTHING,
    FAIL_WRITE,
    FAIL_FLUSH,
    FAIL_CREATE,
    FAIL_OPEN,
    FAIL_READ,
    FAIL_RENAME,
    FAIL_DELETE,
    FAIL_RESIZE,
    FAIL_ALLOCATION,
};

struct failing
{
    int kind;       /* of the operations that are counted */
    int left;       /* operations before the one that fails, counted down */
    int error;      /* errno of the failure of a disk, as Linux numbers it */
    int failures;   /* operations that have failed: 1 at most */
    char name[256]; /* of the one that has failed: last part of its path, or its place in the code */
    char folders[FAILING_FOLDERS][512]; /* of Unix; operations on what is in them are counted */
};

#endif /* FAILING_H */
