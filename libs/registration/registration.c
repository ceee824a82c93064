/*
 * Registering, unregistering and verifying
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

static const struct group
{
    enum value_group group;
    BOOL is_32bit; /* in the view of 32-bit programs in a 64-bit prefix */
}
groups[] =
{
    {VALUES_SERVICE},
    {VALUES_CLASS},
    {VALUES_PROXIES},
    {VALUES_BITS},
    {VALUES_FRONT},
    {VALUES_CLASS, TRUE},
    {VALUES_PROXIES, TRUE},
    {VALUES_BITS, TRUE},
    {VALUES_FRONT, TRUE},
};

/* Call the function for each value of a group, with the usual paths. */
static void for_each_of_group(const struct group *group, value_func func, void *context)
{
    WCHAR path[MAX_PATH];

    if (group->is_32bit)
        GetSystemWow64DirectoryW(path, MAX_PATH / 2);
    else
        GetSystemDirectoryW(path, MAX_PATH / 2);
    wcscat_s(path, MAX_PATH, L"\\dosvcps.dll");
    for_each_value(group->group, group->is_32bit ? KEY_WOW64_32KEY : get_native_view(), path, func, context);
}

static void for_each_group(void (*func)(const struct group *group, void *context), void *context)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(groups); ++i)
    {
        if (!groups[i].is_32bit || registration_is_64bit_prefix())
            func(&groups[i], context);
    }
}

/* Result of comparing a group of values with the journal. */
struct knowledge
{
    BOOL has_entries;
    BOOL is_missing;      /* a required value is missing */
    BOOL is_missing_some; /* a value is missing that may belong to others, if they have none */
};

static DWORD examine_value(const struct value *value, void *context)
{
    struct knowledge *knowledge = context;

    if (value_is_written(value))
        knowledge->has_entries = TRUE;
    else if (!value_is_ours(value))
        return ERROR_SUCCESS;
    else if (value_is_unmistakable(value))
        knowledge->is_missing = TRUE;
    else
        knowledge->is_missing_some = TRUE;
    return ERROR_SUCCESS;
}

static void examine_group(const struct group *group, void *context)
{
    struct knowledge knowledge = {0};
    BOOL *is_complete = context;

    knowledge.has_entries = journal_is_missing() && files_are_there();
    for_each_of_group(group, examine_value, &knowledge);
    if (knowledge.is_missing || (knowledge.has_entries && knowledge.is_missing_some))
        *is_complete = FALSE;
}

/* Open the journal, and notice lost entries. The entries of a group are saved before its first value is written, so a
 * value of ours without an entry proves a loss. */
static DWORD open_journal(void)
{
    BOOL is_complete = TRUE;
    DWORD ret;

    if ((ret = journal_open()) || journal_is_lost())
        return ret;
    for_each_group(examine_group, &is_complete);
    if (!is_complete)
        journal_set_lost(TRUE);
    return ERROR_SUCCESS;
}

/* Open the journal and save it, before anything is changed. */
static DWORD begin_change(void)
{
    DWORD ret;

    if (!(ret = open_journal()) && (ret = journal_save()))
        journal_close();
    return ret;
}

enum registration_journal registration_check_journal(void)
{
    enum registration_journal ret = REGISTRATION_JOURNAL_LOST;

    if (open_journal())
        return ret;
    if (!journal_is_lost())
        ret = journal_has_both_copies() ? REGISTRATION_JOURNAL_INTACT : REGISTRATION_JOURNAL_ONE_COPY;
    journal_close();
    return ret;
}

static DWORD remove_values(enum value_group group, REGSAM view)
{
    DWORD ret = for_each_value(group, view, NULL, value_remove, NULL);

    if (!ret && group == VALUES_BITS && journal_is_lost())
        ret = wine_register_bits(view);
    return ret;
}

static DWORD write_values(enum value_group group, REGSAM view, const WCHAR *path)
{
    DWORD ret;

    /* Otherwise our own values would be remembered as the previous ones. */
    if (journal_is_lost() && (ret = remove_values(group, view)))
        return ret;
    if ((ret = for_each_value(group, view, path, value_record, NULL)) || (ret = journal_save()))
        return ret;
    return for_each_value(group, view, path, value_write, NULL);
}

DWORD registration_register_service(void)
{
    DWORD ret;

    /* The service would be started with the width of its creator. */
    if (registration_is_wow64())
        return ERROR_EXE_MACHINE_TYPE_MISMATCH;
    if ((ret = begin_change()))
        return ret;
    if (!(ret = service_register()) && !(ret = write_values(VALUES_SERVICE, 0, NULL))
            && !(ret = write_values(VALUES_CLASS, 0, NULL)) && registration_is_64bit_prefix())
        ret = write_values(VALUES_CLASS, KEY_WOW64_32KEY, NULL);
    journal_close();
    return ret;
}

DWORD registration_unregister_service(void)
{
    DWORD ret, ret32 = ERROR_SUCCESS, stopped;

    if (registration_is_wow64())
        return ERROR_EXE_MACHINE_TYPE_MISMATCH;
    stopped = registration_stop_service(DOSVC_SERVICE_NAME);
    if ((ret = begin_change()))
        return ret;
    if (registration_is_64bit_prefix())
        ret32 = remove_values(VALUES_CLASS, KEY_WOW64_32KEY);
    if (!(ret = remove_values(VALUES_CLASS, 0)))
        ret = ret32;
    if (!ret)
        ret = remove_values(VALUES_SERVICE, 0);
    if (!ret)
        ret = service_unregister();
    journal_close();
    return ret ? ret : stopped;
}

/* A 32-bit process may know the folder of its DLLs as system32. */
static BOOL is_redirected(const WCHAR *path)
{
    WCHAR folder[MAX_PATH];
    UINT length = GetSystemDirectoryW(folder, ARRAY_SIZE(folder));

    return registration_is_wow64() && !wcsnicmp(path, folder, length) && path[length] == '\\';
}

static DWORD register_group(enum value_group group, REGSAM view, const WCHAR *path)
{
    DWORD ret;

    if ((ret = begin_change()))
        return ret;
    ret = write_values(group, view, path);
    journal_close();
    return ret;
}

static DWORD unregister_group(enum value_group group, REGSAM view)
{
    DWORD ret;

    if ((ret = begin_change()))
        return ret;
    ret = remove_values(group, view);
    journal_close();
    return ret;
}

DWORD registration_register_proxies(REGSAM view, const WCHAR *path)
{
    WCHAR folder[MAX_PATH / 2], real[MAX_PATH];

    if (!is_redirected(path))
        return register_group(VALUES_PROXIES, view, path);
    GetSystemWow64DirectoryW(folder, ARRAY_SIZE(folder));
    swprintf(real, ARRAY_SIZE(real), L"%s%s", folder, wcsrchr(path, '\\'));
    return register_group(VALUES_PROXIES, view, real);
}

DWORD registration_unregister_proxies(REGSAM view)
{
    return unregister_group(VALUES_PROXIES, view);
}

DWORD registration_register_bits(REGSAM view)
{
    return register_group(VALUES_BITS, view, NULL);
}

DWORD registration_unregister_bits(REGSAM view)
{
    return unregister_group(VALUES_BITS, view);
}

DWORD registration_register_front(REGSAM view)
{
    return register_group(VALUES_FRONT, view, NULL);
}

DWORD registration_unregister_front(REGSAM view)
{
    front_end_diversion(view);
    return unregister_group(VALUES_FRONT, view);
}

DWORD registration_install_file(const struct registration_file *file, const WCHAR *source)
{
    DWORD ret;

    if ((ret = begin_change()))
        return ret;
    ret = file_install(file, source);
    journal_close();
    return ret;
}

DWORD registration_remove_file(const struct registration_file *file, BOOL can_move)
{
    DWORD ret;

    if ((ret = begin_change()))
        return ret;
    ret = file_remove(file, can_move);
    journal_close();
    return ret;
}

BOOL registration_is_installed(void)
{
    BOOL ret;

    if (files_are_there())
        return TRUE;
    if (open_journal())
        return FALSE;
    ret = !journal_is_empty();
    journal_close();
    return ret;
}

BOOL registration_is_registered(void)
{
    BOOL ret;

    if (journal_open())
        return FALSE;
    ret = journal_has_values();
    journal_close();
    return ret;
}

struct check_context
{
    registration_check check;
    void *context;
};

static DWORD check_value(const struct value *value, void *context)
{
    struct check_context *args = context;
    WCHAR subject[SUBJECT_LENGTH];

    value_get_subject(value, subject);
    args->check(args->context, subject, value_get_state(value));
    return ERROR_SUCCESS;
}

static DWORD check_written_value(const struct value *value, void *context)
{
    return value_is_written(value) ? check_value(value, context) : ERROR_SUCCESS;
}

static void check_group(const struct group *group, void *context)
{
    BOOL is_optional = group->group == VALUES_BITS || group->group == VALUES_FRONT;
    BOOL is_class = group->group == VALUES_CLASS || group->group == VALUES_FRONT;

    if (group->is_32bit && !is_class && !registration_has_32bit_dlls())
        return;
    for_each_of_group(group, is_optional ? check_written_value : check_value, context);
}

void registration_verify(registration_check check, void *context)
{
    struct check_context args = {check, context};

    if (open_journal())
        return;
    files_verify(check, context);
    service_verify(check, context);
    front_verify(check, context);
    for_each_group(check_group, &args);
    journal_close();
}

/* Ours, or Wine's that is gone. */
static DWORD find_left_value(const struct value *value, void *context)
{
    BOOL is_ours = value_is_ours(value), is_sure = value_is_unmistakable(value);
    BOOL is_wines = journal_is_lost() && is_sure && value->iface && value->iface->is_bits && wine_has_bits(value->view);
    struct check_context *args = context;
    WCHAR subject[SUBJECT_LENGTH];

    value_get_subject(value, subject);
    if (is_ours && (is_sure || journal_is_lost()))
        args->check(args->context, subject, REGISTRATION_WRONG);
    else if (is_wines && registration_get_owner(value->iface, value->view) == REGISTRATION_OWNER_NONE)
        args->check(args->context, subject, REGISTRATION_MISSING);
    return ERROR_SUCCESS;
}

static void find_left_of_group(const struct group *group, void *context)
{
    for_each_of_group(group, find_left_value, context);
}

void registration_find_left(registration_check check, void *context)
{
    struct check_context args = {check, context};

    if (open_journal())
        return;
    for_each_group(find_left_of_group, &args);
    service_find_left(check, context);
    journal_close();
}

void registration_settle_journal(void)
{
    if (journal_open())
        return;
    journal_set_lost(FALSE);
    journal_close();
}
