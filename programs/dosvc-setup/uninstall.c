/*
 * Taking dosvc out of the prefix
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

#include "setup.h"

static DWORD unregister_all(void)
{
    DWORD ret, first = ERROR_SUCCESS;

    if (registration_is_64bit_prefix())
    {
        if ((ret = registration_unregister_front(KEY_WOW64_32KEY)))
            first = ret;
        if ((ret = registration_unregister_bits(KEY_WOW64_32KEY)) && !first)
            first = ret;
        if ((ret = registration_unregister_proxies(KEY_WOW64_32KEY)) && !first)
            first = ret;
    }
    if ((ret = registration_unregister_front(0)) && !first)
        first = ret;
    if ((ret = registration_unregister_bits(0)) && !first)
        first = ret;
    if ((ret = registration_unregister_proxies(0)) && !first)
        first = ret;
    if ((ret = registration_unregister_service()) && !first)
        first = ret;
    return first;
}

static enum exit_code remove_files(void)
{
    BOOL is_running = FALSE;
    WCHAR path[MAX_PATH];
    unsigned int i;
    DWORD ret;

    for (i = 0; i < registration_file_count; ++i)
    {
        const struct registration_file *file = &registration_files[i];

        ret = registration_remove_file(file, !file->is_setup);
        if (ret == ERROR_SHARING_VIOLATION)
            is_running = TRUE;
        else if (ret)
        {
            registration_get_file_path(file, path);
            print_error(IDS_FILE_FAILED, path, ret);
            return EXIT_FAILED;
        }
    }
    if (!is_running || !(ret = remove_self()))
        return EXIT_DONE;
    print_error(IDS_SELF_FAILED, ret);
    return EXIT_FAILED;
}

static void print_left(void *context, const WCHAR *subject, enum registration_state state)
{
    unsigned int *count = context;

    print_error(IDS_LEFT + state, subject);
    ++*count;
}

static enum exit_code check_result(void)
{
    unsigned int count = 0;

    registration_find_left(print_left, &count);
    if (count)
    {
        print_error(IDS_LEFT_COUNT, count);
        return EXIT_FAILED;
    }
    registration_settle_journal();
    return EXIT_DONE;
}

enum exit_code uninstall_run(const struct options *options)
{
    enum exit_code code;
    DWORD ret;

    if (!registration_is_installed())
    {
        print_error(IDS_NOT_INSTALLED);
        return EXIT_NOT_INSTALLED;
    }
    if (options->with_bits && registration_get_front() == REGISTRATION_FRONT_NONE)
    {
        print_error(IDS_NO_FRONT);
        return EXIT_NOT_INSTALLED;
    }
    if (!options->with_bits && (code = check_downloads(options)))
        return code;
    begin_change();
    if ((code = remove_front(options)) || options->with_bits)
        return code;
    if ((code = delete_downloads(options)))
        return code;
    if ((ret = unregister_all()))
    {
        print_error(IDS_REMOVE_FAILED, ret);
        check_result();
        return EXIT_FAILED;
    }
    if ((code = remove_files()) || (code = check_result()))
        return code;
    print(IDS_UNINSTALLED);
    return EXIT_DONE;
}
