/*
 * Names of the files that clients want
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

#include "base/path.h"
#include "base/text.h"

#define PATH_LENGTH_MAX  32767 /* characters */

static BOOL is_verbatim(const WCHAR *path)
{
    return path[0] == '\\' && path[1] == '\\' && path[2] == '?' && path[3] == '\\';
}

/* Return the part behind the root of a fully qualified path, or NULL. */
static const WCHAR *skip_root(const WCHAR *path)
{
    if (is_verbatim(path))
        return path + 4;
    if (((path[0] >= 'a' && path[0] <= 'z') || (path[0] >= 'A' && path[0] <= 'Z')) && path[1] == ':'
            && path_is_separator(path[2]))
        return path + 3;
    if (path_is_separator(path[0]) && path_is_separator(path[1]) && path[2] && !path_is_separator(path[2]))
        return path + 2;
    return NULL;
}

static BOOL is_high_surrogate(WCHAR c)
{
    return c >= 0xd800 && c < 0xdc00;
}

/* Return the size of a character in UTF-8; a pair of surrogates takes 4 bytes. */
static UINT count_bytes(WCHAR c)
{
    if (c < 0x80)
        return 1;
    return c < 0x800 || (c >= 0xd800 && c < 0xe000) ? 2 : 3;
}

static BOOL is_forbidden(WCHAR c)
{
    return c < ' ' || c == '<' || c == '>' || c == '|' || c == '"' || c == '?' || c == '*' || c == ':';
}

/* Return whether the name is that of a device, with any extension. */
static BOOL is_device(const WCHAR *name)
{
    UINT length = 0;
    WCHAR last;

    while (name[length] && name[length] != '.')
        length++;
    while (length && name[length - 1] == ' ')
        length--;
    if (length == 3)
        return text_starts(name, length, "con") || text_starts(name, length, "prn") || text_starts(name, length, "aux")
                || text_starts(name, length, "nul");
    if (length != 4 || (!text_starts(name, length, "com") && !text_starts(name, length, "lpt")))
        return FALSE;
    last = name[3];
    return (last >= '1' && last <= '9') || last == 0xb9 || last == 0xb2 || last == 0xb3;
}

static BOOL is_dots(const WCHAR *name)
{
    UINT length = name[0] != '.' ? 0 : name[1] != '.' ? 1 : 2;

    return length && (!name[length] || path_is_separator(name[length]));
}

/* Return the next separator or the end; NULL if no file can be called so. */
static const WCHAR *skip_name(const WCHAR *name)
{
    const WCHAR *p;
    UINT bytes = 0;

    for (p = name; *p && !path_is_separator(*p); p++)
    {
        if (is_forbidden(*p))
            return NULL;
        bytes += count_bytes(*p);
    }
    return bytes <= PATH_NAME_MAX ? p : NULL;
}

enum path_status path_check(const WCHAR *path)
{
    const WCHAR *root, *name, *p;
    BOOL is_literal;

    if (!path || !*path)
        return PATH_EMPTY;
    if (text_length(path) > PATH_LENGTH_MAX)
        return PATH_TOO_LONG;
    is_literal = is_verbatim(path);
    root = skip_root(path);
    p = root ? root : path;
    /* Skip the colon of a drive: in a relative path, and behind the prefix. */
    if (p[0] && p[1] == ':' && (!root || is_literal))
        p += 2;
    for (name = p; ; name = ++p)
    {
        if (!(p = skip_name(name)))
            return PATH_BAD_NAME;
        /* Windows replaces nothing in a path of that form. */
        if (is_literal && (*p == '/' || is_dots(name)))
            return PATH_BAD_NAME;
        if (!*p)
            break;
    }
    /* Refuse a folder, and a name that stands for a device in every folder. */
    if ((p == name && path_is_separator(p[-1])) || is_dots(name) || (!is_literal && is_device(name)))
        return PATH_BAD_NAME;
    /* \\.\ */
    if (root && path_is_separator(path[0]) && is_dots(root))
        return PATH_BAD_NAME;
    return root ? PATH_VALID : PATH_RELATIVE;
}

UINT path_folder_length(const WCHAR *path)
{
    UINT length = text_length(path);

    while (length && !path_is_separator(path[length - 1]))
        length--;
    return length;
}

static WCHAR *put_id(UINT64 id, WCHAR *p)
{
    int shift;

    for (shift = 60; shift >= 0; shift -= 4)
        *p++ = "0123456789abcdef"[id >> shift & 15];
    return p;
}

void path_make_temporary_name(const WCHAR *name, const WCHAR *prefix, UINT64 id, WCHAR temporary[PATH_NAME_MAX + 1])
{
    UINT length, minimum, wanted = 0, bytes, units;
    WCHAR *p = temporary;
    const WCHAR *c;

    while (*prefix)
        *p++ = *prefix++;
    p = put_id(id, p);
    length = minimum = p - temporary + 4; /* with .tmp */
    for (c = name; *c; c++)
        wanted += count_bytes(*c);
    wanted = min(wanted, PATH_NAME_MAX);
    for (c = name; *c; c += units)
    {
        units = is_high_surrogate(c[0]) && c[1] ? 2 : 1;
        bytes = units * count_bytes(*c);
        if (bytes == 1 || length + bytes > max(wanted, 2 * minimum))
            continue;
        length += bytes;
        *p++ = c[0];
        if (units == 2)
            *p++ = c[1];
    }
    for (; length < wanted; length++)
        *p++ = '0';
    memcpy(p, L".tmp", sizeof(L".tmp"));
}
