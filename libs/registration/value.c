/*
 * Registry values on their way in and out
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

static DWORD content_from_value(const struct value *value, struct content *content)
{
    size_t length = wcslen(value->text) + 1;

    content->type = value->type;
    content->size = (length + (value->type == REG_MULTI_SZ)) * sizeof(WCHAR);
    if (!(content->data = calloc(1, content->size)))
        return ERROR_OUTOFMEMORY;
    memcpy(content->data, value->text, length * sizeof(WCHAR));
    return ERROR_SUCCESS;
}

static const WCHAR *get_view_suffix(REGSAM view)
{
    return view & KEY_WOW64_32KEY ? L" (32-bit)" : L"";
}

static void get_key_subject(REGSAM view, const WCHAR *path, WCHAR *subject)
{
    swprintf(subject, SUBJECT_LENGTH, L"HKLM\\%s%s", path, get_view_suffix(view));
}

void value_get_subject(const struct value *value, WCHAR *subject)
{
    swprintf(subject, SUBJECT_LENGTH, L"HKLM\\%s, %s%s", value->key, value->name ? value->name : L"(default)",
            get_view_suffix(value->view));
}

static DWORD create_key(REGSAM view, const WCHAR *path)
{
    WCHAR subject[SUBJECT_LENGTH];
    DWORD ret;
    HKEY key;

    if (!RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE | view, &key))
    {
        RegCloseKey(key);
        return ERROR_SUCCESS;
    }
    get_key_subject(view, path, subject);
    if ((ret = journal_write_text(JOURNAL_CREATED, subject, L"")))
        return ret;
    if (!(ret = RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_SET_VALUE | view, NULL, &key, NULL)))
        RegCloseKey(key);
    return ret;
}

/* Creates a key and the keys above it, one by one: each is remembered. */
static DWORD create_keys(REGSAM view, const WCHAR *path)
{
    WCHAR partial[SUBJECT_LENGTH];
    const WCHAR *end = path;
    DWORD ret;

    do
    {
        end = wcschr(end + 1, '\\');
        swprintf(partial, ARRAY_SIZE(partial), L"%.*s", end ? (int)(end - path) : (int)wcslen(path), path);
        if ((ret = create_key(view, partial)))
            return ret;
    } while (end);
    return ERROR_SUCCESS;
}

/* Removes a key and the keys above it as far as we created them and nobody
 * has put anything into them. */
static void remove_keys(REGSAM view, const WCHAR *path)
{
    WCHAR partial[SUBJECT_LENGTH], subject[SUBJECT_LENGTH], *end;

    lstrcpynW(partial, path, ARRAY_SIZE(partial));
    for (;;)
    {
        get_key_subject(view, partial, subject);
        if (!journal_has(JOURNAL_CREATED, subject) || !key_is_empty(view, partial))
            return;
        if (RegDeleteKeyExW(HKEY_LOCAL_MACHINE, partial, view, 0))
            return;
        journal_forget(JOURNAL_CREATED, subject);
        if (!(end = wcsrchr(partial, '\\')))
            return;
        *end = 0;
    }
}

/* Remembers a value that is not ours. One that is missing is damage, not a
 * setting, and does not replace what was remembered before. */
static DWORD keep_previous(const WCHAR *subject, const struct content *current)
{
    struct content written;
    DWORD ret;
    BOOL is_ours;

    if (!current->data)
        return ERROR_SUCCESS;
    if ((ret = journal_read(JOURNAL_WRITTEN, subject, &written)))
        return ret;
    is_ours = content_is_equal(current, &written);
    content_free(&written);
    if (is_ours)
        return ERROR_SUCCESS;
    TRACE("keeping the previous content of %s.\n", debugstr_w(subject));
    return journal_write(JOURNAL_PREVIOUS, subject, current);
}

DWORD value_write(const struct value *value, void *context)
{
    struct content current = {0}, wanted = {0};
    WCHAR subject[SUBJECT_LENGTH];
    DWORD ret;

    value_get_subject(value, subject);
    TRACE("%s = %s.\n", debugstr_w(subject), debugstr_w(value->text));

    if ((ret = content_from_value(value, &wanted))
            || (ret = content_read(value->view, value->key, value->name, &current)))
        goto done;
    if ((ret = keep_previous(subject, &current)) || (ret = journal_write(JOURNAL_WRITTEN, subject, &wanted)))
        goto done;
    if (!content_is_equal(&current, &wanted) && !(ret = create_keys(value->view, value->key)))
        ret = content_write(value->view, value->key, value->name, &wanted);

done:
    if (ret)
        ERR("%s cannot be written, error %lu.\n", debugstr_w(subject), ret);
    content_free(&current);
    content_free(&wanted);
    return ret;
}

DWORD value_remove(const struct value *value, void *context)
{
    struct content current = {0}, written = {0}, previous = {0};
    WCHAR subject[SUBJECT_LENGTH];
    DWORD ret;

    value_get_subject(value, subject);
    if ((ret = journal_read(JOURNAL_WRITTEN, subject, &written)) || !written.data)
        return ret;
    TRACE("%s.\n", debugstr_w(subject));

    if ((ret = journal_read(JOURNAL_PREVIOUS, subject, &previous))
            || (ret = content_read(value->view, value->key, value->name, &current)))
        goto done;
    if (previous.data && (!current.data || content_is_equal(&current, &written)))
        ret = content_write(value->view, value->key, value->name, &previous);
    else if (content_is_equal(&current, &written))
        ret = content_delete(value->view, value->key, value->name);
    if (ret)
        goto done;
    remove_keys(value->view, value->key);
    journal_forget(JOURNAL_WRITTEN, subject);
    journal_forget(JOURNAL_PREVIOUS, subject);

done:
    if (ret)
        ERR("%s cannot be restored, error %lu.\n", debugstr_w(subject), ret);
    content_free(&current);
    content_free(&written);
    content_free(&previous);
    return ret;
}

BOOL value_is_written(const struct value *value)
{
    WCHAR subject[SUBJECT_LENGTH];

    value_get_subject(value, subject);
    return journal_has(JOURNAL_WRITTEN, subject);
}

enum registration_state value_get_state(const struct value *value)
{
    enum registration_state state = REGISTRATION_WRONG;
    struct content current = {0}, wanted = {0};

    if (content_from_value(value, &wanted) || content_read(value->view, value->key, value->name, &current))
        goto done;
    if (!current.data)
        state = REGISTRATION_MISSING;
    else if (content_is_equal(&current, &wanted))
        state = REGISTRATION_OK;

done:
    content_free(&current);
    content_free(&wanted);
    return state;
}
