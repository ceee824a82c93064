/*
 * Registering and unregistering of values, with the journal
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

/* Remember which of the keys down to this one do not exist. */
static DWORD record_keys(REGSAM view, const WCHAR *path)
{
    WCHAR partial[SUBJECT_LENGTH], subject[SUBJECT_LENGTH];
    const WCHAR *end = path;
    DWORD ret;

    do
    {
        end = wcschr(end + 1, '\\');
        swprintf(partial, ARRAY_SIZE(partial), L"%.*s", end ? (int)(end - path) : (int)wcslen(path), path);
        get_key_subject(view, partial, subject);
        if (!key_exists(view, partial) && (ret = journal_write_text(UNDO_CREATED, subject, L"")))
            return ret;
    } while (end);
    return ERROR_SUCCESS;
}

/* Without a journal: a key that has the name of something of ours. */
static BOOL is_our_key(const WCHAR *path)
{
    return wcschr(path, '{') || !wcsnicmp(path, DOSVC_SERVICE_KEY, wcslen(DOSVC_SERVICE_KEY));
}

/* Remove a key and the keys above it, if we created them and they are empty. */
static void remove_keys(REGSAM view, const WCHAR *path)
{
    WCHAR partial[SUBJECT_LENGTH], subject[SUBJECT_LENGTH], *end;

    lstrcpynW(partial, path, ARRAY_SIZE(partial));
    for (;;)
    {
        get_key_subject(view, partial, subject);
        if (!journal_has(UNDO_CREATED, subject) && !(journal_is_lost() && is_our_key(partial)))
            return;
        if (!key_is_empty(view, partial))
            return;
        if (RegDeleteKeyExW(HKEY_LOCAL_MACHINE, partial, view, 0))
            return;
        journal_forget(UNDO_CREATED, subject);
        if (!(end = wcsrchr(partial, '\\')))
            return;
        *end = 0;
    }
}

/* Remember a value that is not ours. A missing value is damage, not a setting, and does not replace the one remembered
 * before. */
static DWORD keep_previous(const WCHAR *subject, const struct content *current)
{
    struct content written;
    DWORD ret;
    BOOL is_ours;

    if (!current->data)
        return ERROR_SUCCESS;
    if ((ret = journal_read(UNDO_WRITTEN, subject, &written)))
        return ret;
    is_ours = content_is_equal(current, &written);
    content_free(&written);
    if (is_ours)
        return ERROR_SUCCESS;
    TRACE("keeping the previous content of %s.\n", debugstr_w(subject));
    return journal_write(UNDO_PREVIOUS, subject, current);
}

enum registration_owner registration_get_owner(const struct registration_interface *iface, REGSAM view)
{
    enum registration_owner owner = REGISTRATION_OWNER_NONE;
    struct content content;
    WCHAR key[100];

    swprintf(key, ARRAY_SIZE(key), L"Software\\Classes\\Interface\\%s\\ProxyStubClsid32", iface->iid);
    if (content_read(view, key, NULL, &content))
        return owner;
    if (content.data)
        owner = wcsicmp(content.data, DOSVC_PROXY_CLSID_TEXT) ? REGISTRATION_OWNER_OTHER : REGISTRATION_OWNER_DOSVC;
    content_free(&content);
    return owner;
}

BOOL value_is_unmistakable(const struct value *value)
{
    return wcsstr(value->key, DOSVC_PROXY_CLSID_TEXT) || !wcscmp(value->text, DOSVC_PROXY_CLSID_TEXT);
}

/* Return whether a value of an interface is ours. Its name and its number of methods are the same for everybody, and
 * belong to the maker of its proxies. */
static BOOL belongs_to_other(const struct value *value)
{
    return value->iface && registration_get_owner(value->iface, value->view) == REGISTRATION_OWNER_OTHER;
}

static BOOL is_our_content(const struct value *value, const struct content *current)
{
    struct content wanted = {0};
    BOOL ret;

    if (!current->data || wcsstr(value->key, DOSVC_PROXY_CLSID_TEXT))
        return !!current->data;
    ret = !content_from_value(value, &wanted) && content_is_equal(current, &wanted) && !belongs_to_other(value);
    content_free(&wanted);
    return ret;
}

BOOL value_is_ours(const struct value *value)
{
    struct content current;
    BOOL ret;

    if (content_read(value->view, value->key, value->name, &current))
        return FALSE;
    ret = is_our_content(value, &current);
    content_free(&current);
    return ret;
}

DWORD value_record(const struct value *value, void *context)
{
    struct content current = {0}, wanted = {0};
    WCHAR subject[SUBJECT_LENGTH];
    DWORD ret;

    value_get_subject(value, subject);
    if (!(ret = content_from_value(value, &wanted))
            && !(ret = content_read(value->view, value->key, value->name, &current))
            && !(ret = keep_previous(subject, &current)) && !(ret = journal_write(UNDO_WRITTEN, subject, &wanted)))
        ret = record_keys(value->view, value->key);
    content_free(&current);
    content_free(&wanted);
    return ret;
}

DWORD value_write(const struct value *value, void *context)
{
    struct content current = {0}, wanted = {0};
    WCHAR subject[SUBJECT_LENGTH];
    DWORD ret;

    value_get_subject(value, subject);
    TRACE("%s = %s.\n", debugstr_w(subject), debugstr_w(value->text));

    if (!(ret = content_from_value(value, &wanted))
            && !(ret = content_read(value->view, value->key, value->name, &current))
            && !content_is_equal(&current, &wanted))
        ret = content_write(value->view, value->key, value->name, &wanted);
    if (ret)
        ERR("%s cannot be written, error %lu.\n", debugstr_w(subject), ret);
    content_free(&current);
    content_free(&wanted);
    return ret;
}

/* Bring the previous content back, unless somebody else has changed the value since. Where entries are
 * lost, content tells what is ours, and a previous content may have been lost. */
static DWORD restore_value(const struct value *value, const WCHAR *subject, const struct content *current,
        const struct content *written)
{
    BOOL is_lost = journal_is_lost(), is_ours = content_is_equal(current, written);
    struct content previous;
    DWORD ret;

    if ((ret = journal_read(UNDO_PREVIOUS, subject, &previous)))
        return ret;
    if (is_lost)
        is_ours = is_ours ? previous.data || !belongs_to_other(value) : is_our_content(value, current);
    if (previous.data && (is_ours || !current->data))
        ret = content_write(value->view, value->key, value->name, &previous);
    else if (is_ours && !(ret = content_delete(value->view, value->key, value->name)) && !written->data)
        tell(REGISTRATION_RECOGNIZED, subject);
    content_free(&previous);
    return ret;
}

DWORD value_remove(const struct value *value, void *context)
{
    struct content current = {0}, written = {0};
    WCHAR subject[SUBJECT_LENGTH];
    DWORD ret;

    value_get_subject(value, subject);
    if ((ret = journal_read(UNDO_WRITTEN, subject, &written))
            || (ret = content_read(value->view, value->key, value->name, &current)))
        goto done;
    if (!written.data && !journal_is_lost())
        goto done;
    TRACE("%s.\n", debugstr_w(subject));
    if ((ret = restore_value(value, subject, &current, &written)))
        goto done;
    remove_keys(value->view, value->key);
    journal_forget(UNDO_WRITTEN, subject);
    journal_forget(UNDO_PREVIOUS, subject);

done:
    if (ret)
        ERR("%s cannot be restored, error %lu.\n", debugstr_w(subject), ret);
    content_free(&current);
    content_free(&written);
    return ret;
}

BOOL value_is_written(const struct value *value)
{
    WCHAR subject[SUBJECT_LENGTH];

    value_get_subject(value, subject);
    return journal_has(UNDO_WRITTEN, subject);
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
