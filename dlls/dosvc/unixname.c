/*
 * Unix names of files
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

/* Wine looks for a name that is missing once more, in whatever case, among all
 * names of the folder; when there are many that takes longer than to write the
 * file. It does not so in its namespace of Unix names. */

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "unixname.h"
#include "winbase.h"
#include "winnls.h"

#define CP_UNIXCP 65010 /* Wine's number for the code page of Unix names */

static const WCHAR prefix[] = L"\\\\?\\unix";

/* Not a device, nor with something at its end that Windows leaves out. What no
 * file can be called would be created by such a name. */
static BOOL is_plain(const WCHAR *path, UINT length)
{
    WCHAR full[MAX_PATH];
    DWORD size = GetFullPathNameW(path, MAX_PATH, full, NULL);
    const WCHAR *p;

    if (!size || size >= MAX_PATH || wcscmp(full, path))
        return FALSE;
    for (p = path + length; *p >= ' ' && !wcschr(L"\"*/:<>?|", *p); p++)
        ;
    return !*p;
}

/* Wine's function allocates it by HeapAlloc. */
static char *get_unix_folder(const WCHAR *path, UINT length)
{
    char *(__cdecl *p_get_unix_file_name)(const WCHAR *);
    WCHAR *folder;
    char *ret;

    p_get_unix_file_name = (void *)GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "wine_get_unix_file_name");
    if (!p_get_unix_file_name || !(folder = calloc(length + 1, sizeof(*folder))))
        return NULL;
    memcpy(folder, path, length * sizeof(*folder));
    ret = p_get_unix_file_name(folder);
    free(folder);
    return ret;
}

/* In that namespace, too, a backslash separates names. */
static BOOL has_backslash(const char *folder)
{
    return strchr(folder, '\\') != NULL;
}

static WCHAR *join(const char *folder, const WCHAR *name)
{
    UINT start = wcslen(prefix), size;
    WCHAR *ret, *p;
    int length;

    if (!(length = MultiByteToWideChar(CP_UNIXCP, 0, folder, -1, NULL, 0)))
        return NULL;
    size = start + length + 1 + wcslen(name);
    if (!(ret = malloc(size * sizeof(*ret))))
        return NULL;
    wcscpy_s(ret, size, prefix);
    MultiByteToWideChar(CP_UNIXCP, 0, folder, -1, ret + start, length);
    for (p = ret + start; *p; p++)
    {
        if (*p == '/')
            *p = '\\';
    }
    if (p[-1] != '\\')
        *p++ = '\\';
    wcscpy_s(p, size - (p - ret), name);
    return ret;
}

WCHAR *unix_name_from_path(const WCHAR *path, UINT length)
{
    char *folder = is_plain(path, length) ? get_unix_folder(path, length) : NULL;
    WCHAR *ret = NULL;

    if (folder && folder[0] == '/' && !has_backslash(folder))
        ret = join(folder, path + length);
    if (folder)
        HeapFree(GetProcessHeap(), 0, folder);
    return ret;
}
