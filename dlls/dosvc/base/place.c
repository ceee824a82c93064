/*
 * Rules of DOModifyCacheDrive
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

#include "base/place.h"
#include "base/text.h"

static BOOL is_separator(WCHAR c)
{
    return c == '\\' || c == '/';
}

static BOOL is_letter(WCHAR c)
{
    c = text_lower(c);
    return c >= 'a' && c <= 'z';
}

/* Return whether a folder may have this name. */
static BOOL is_name(const WCHAR *name, UINT length)
{
    static const char forbidden[] = "\"*:<>?|";
    UINT i, j;

    if (!length || name[length - 1] == '.' || name[length - 1] == ' ')
        return FALSE;
    for (i = 0; i < length; i++)
    {
        if (name[i] < ' ')
            return FALSE;
        for (j = 0; forbidden[j]; j++)
        {
            if (name[i] == (unsigned char)forbidden[j])
                return FALSE;
        }
    }
    return TRUE;
}

/* Copy the names of a path, each with a separator behind it. Return their number, or 0 if they will not do. */
static UINT copy_names(const WCHAR *path, UINT length, WCHAR *folder, UINT *written)
{
    UINT count = 0, start, end;

    for (start = 0; start < length; start = end + 1)
    {
        for (end = start; end < length && !is_separator(path[end]); end++)
            ;
        if (!is_name(path + start, end - start) || *written + end - start + 2 > PLACE_MAX)
            return 0;
        memcpy(folder + *written, path + start, (end - start) * sizeof(*path));
        *written += end - start;
        folder[(*written)++] = '\\';
        folder[*written] = 0;
        count++;
    }
    return count;
}

enum place place_parse(const WCHAR *value, const WCHAR *system_drive, const WCHAR *name, WCHAR folder[PLACE_MAX])
{
    UINT length = text_length(value), written = 0;

    while (length && text_is_blank(*value))
    {
        value++;
        length--;
    }
    while (length && text_is_blank(value[length - 1]))
        length--;
    while (length > 1 && is_separator(value[length - 1]))
        length--;
    if (length > 2 && is_separator(value[0]) && is_separator(value[1]))
    {
        folder[written++] = '\\';
        folder[written++] = '\\';
        /* A server, its share, and perhaps folders. */
        return copy_names(value + 2, length - 2, folder, &written) >= 2 ? PLACE_MOVED : PLACE_UNUSABLE;
    }
    if (length < 2 || !is_letter(value[0]) || value[1] != ':' || (length > 2 && !is_separator(value[2])))
        return PLACE_UNUSABLE;
    if (length == 2 && text_length(system_drive) == 2 && text_matches(value, system_drive, 2))
        return PLACE_DEFAULT;
    memcpy(folder, value, 2 * sizeof(*value));
    folder[2] = '\\';
    written = 3;
    if (length == 2)
        return copy_names(name, text_length(name), folder, &written) ? PLACE_MOVED : PLACE_UNUSABLE;
    return copy_names(value + 3, length - 3, folder, &written) ? PLACE_MOVED : PLACE_UNUSABLE;
}
