/*
 * What the service keeps on disk, and its end
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

#include "registration_private.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

struct place
{
    const WCHAR *variable;
    const WCHAR *folder;
};

/* Where the service would put its records, and where if that cannot be written. */
static const struct place places[] =
{
    {L"SystemRoot", DOSVC_STATE_FOLDER},
    {L"TEMP", DOSVC_STATE_FALLBACK},
};

static void delete_files(const WCHAR *folder)
{
    WCHAR path[MAX_PATH];
    WIN32_FIND_DATAW data;
    HANDLE find;

    swprintf(path, ARRAY_SIZE(path), L"%s\\*", folder);
    if ((find = FindFirstFileW(path, &data)) == INVALID_HANDLE_VALUE)
        return;
    do
    {
        if (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
            continue;
        swprintf(path, ARRAY_SIZE(path), L"%s\\%s", folder, data.cFileName);
        if (!DeleteFileW(path))
            WARN("cannot delete %s, error %lu.\n", debugstr_w(path), GetLastError());
    } while (FindNextFileW(find, &data));
    FindClose(find);
}

void registration_remove_state(void)
{
    WCHAR folder[MAX_PATH], *name;
    unsigned int i;
    DWORD length;

    for (i = 0; i < ARRAY_SIZE(places); ++i)
    {
        length = GetEnvironmentVariableW(places[i].variable, folder, ARRAY_SIZE(folder));
        if (!length || length + wcslen(places[i].folder) >= ARRAY_SIZE(folder))
            continue;
        swprintf(folder + length, ARRAY_SIZE(folder) - length, L"%s", places[i].folder);
        delete_files(folder);
        /* Up to the first that others use. */
        while (RemoveDirectoryW(folder) && (name = wcsrchr(folder, '\\')) && name > folder + length)
            *name = 0;
    }
}
