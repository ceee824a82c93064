/*
 * The journal of what registration has changed
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

/* The journal is a key of our own with five sections, each a key of values:
 *
 *   Written   what we wrote, by the name of the value
 *   Previous  what was there before, if anything was
 *   Created   the keys that did not exist
 *   Service   the settings of a service of our name that was not ours
 *   Files     the files we installed, with the name of what each displaced
 *
 * An entry is made before the deed and forgotten after it is undone. A value
 * that is not as we wrote it belongs to somebody else: an update of the prefix
 * restores Wine's own, which is then what we have to put back one day. */

#include "registration_private.h"

#define PARENT_KEY  L"Software\\dosvc"
#define JOURNAL_KEY PARENT_KEY L"\\Undo"

static const WCHAR *const sections[] =
{
    JOURNAL_CREATED, JOURNAL_FILES, JOURNAL_PREVIOUS, JOURNAL_SERVICE, JOURNAL_WRITTEN,
};

/* One journal for both widths. */
static REGSAM get_view(void)
{
    return registration_is_wow64() ? KEY_WOW64_64KEY : 0;
}

static void get_section_key(const WCHAR *section, WCHAR *key, unsigned int length)
{
    swprintf(key, length, L"%s\\%s", JOURNAL_KEY, section);
}

DWORD journal_read(const WCHAR *section, const WCHAR *name, struct content *content)
{
    WCHAR key[100];

    get_section_key(section, key, ARRAY_SIZE(key));
    return content_read(get_view(), key, name, content);
}

DWORD journal_write(const WCHAR *section, const WCHAR *name, const struct content *content)
{
    WCHAR key[100];

    get_section_key(section, key, ARRAY_SIZE(key));
    return content_write(get_view(), key, name, content);
}

DWORD journal_write_text(const WCHAR *section, const WCHAR *name, const WCHAR *text)
{
    struct content content = {REG_SZ, (wcslen(text) + 1) * sizeof(*text), (void *)text};

    return journal_write(section, name, &content);
}

BOOL journal_has(const WCHAR *section, const WCHAR *name)
{
    struct content content;
    BOOL ret;

    if (journal_read(section, name, &content))
        return FALSE;
    ret = !!content.data;
    content_free(&content);
    return ret;
}

void journal_forget(const WCHAR *section, const WCHAR *name)
{
    WCHAR path[100];
    HKEY key;

    get_section_key(section, path, ARRAY_SIZE(path));
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_SET_VALUE | get_view(), &key))
        return;
    RegDeleteValueW(key, name);
    RegCloseKey(key);
}

static BOOL section_is_empty(const WCHAR *section)
{
    DWORD count = 0;
    WCHAR path[100];
    HKEY key;

    get_section_key(section, path, ARRAY_SIZE(path));
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE | get_view(), &key))
        return TRUE;
    RegQueryInfoKeyW(key, NULL, NULL, NULL, NULL, NULL, NULL, &count, NULL, NULL, NULL, NULL);
    RegCloseKey(key);
    return !count;
}

/* Keys that were created and are not empty do not count: somebody else uses
 * them now. */
BOOL journal_is_empty(void)
{
    return section_is_empty(JOURNAL_FILES) && section_is_empty(JOURNAL_SERVICE) && section_is_empty(JOURNAL_WRITTEN);
}

BOOL journal_has_values(void)
{
    return !section_is_empty(JOURNAL_WRITTEN);
}

void journal_close(void)
{
    WCHAR key[100];
    unsigned int i;

    if (!journal_is_empty())
        return;
    for (i = 0; i < ARRAY_SIZE(sections); ++i)
    {
        get_section_key(sections[i], key, ARRAY_SIZE(key));
        RegDeleteKeyExW(HKEY_LOCAL_MACHINE, key, get_view(), 0);
    }
    RegDeleteKeyExW(HKEY_LOCAL_MACHINE, JOURNAL_KEY, get_view(), 0);
    /* The parent may hold settings. */
    if (key_is_empty(get_view(), PARENT_KEY))
        RegDeleteKeyExW(HKEY_LOCAL_MACHINE, PARENT_KEY, get_view(), 0);
}
