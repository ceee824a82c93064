/*
 * dosvc.dll in which one allocation fails
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

/* The objects of dosvc.dll, linked with --wrap: each allocation comes through here. Which one fails, the section of the
 * name FAILING_SECTION says (failing.h). There is one from the start of the service. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "windef.h"
#include "winbase.h"
#include "failing.h"

static struct failing *get_failing(void)
{
    static struct failing *failing;
    HANDLE section;

    if (!failing && (section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(*failing),
            FAILING_SECTION)))
        failing = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, sizeof(*failing));
    return failing;
}

/* Return whether the allocation that the caller asks for fails. */
static BOOL fails(void *caller)
{
    struct failing *failing = get_failing();
    HMODULE module;

    if (!failing || failing->kind != FAIL_ALLOCATION || InterlockedDecrement((LONG *)&failing->left) != -1)
        return FALSE;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, caller,
            &module);
    snprintf(failing->name, sizeof(failing->name), "dosvc.dll+%#Ix",
            (size_t)((char *)caller - (char *)module));
    InterlockedIncrement((LONG *)&failing->failures);
    return TRUE;
}

/* Define a function for NAME that returns NULL, or FALSE, where the allocation fails. */
#define WRAP(type, name, parameters, arguments) \
type __real_ ## name parameters; \
type __wrap_ ## name parameters; \
\
type __wrap_ ## name parameters \
{ \
    return fails(__builtin_return_address(0)) ? 0 : __real_ ## name arguments; \
}

WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, (void *old, size_t size), (old, size))
WRAP(char *, strdup, (const char *text), (text))
WRAP(wchar_t *, wcsdup, (const wchar_t *text), (text))
WRAP(void *, pages_alloc, (UINT size), (size))
WRAP(BOOL, pages_resize, (void **pages, UINT used, UINT size), (pages, used, size))
