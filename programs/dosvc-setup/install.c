/*
 * dosvc-setup: install and uninstall
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

/* A path on the Linux side may be long. */
#define PATH_LENGTH   1024
#define SOURCE_LENGTH 900

/* The folder above the folder of this program: SOURCE/x64/dosvc-setup.exe. */
static BOOL get_default_source(WCHAR *source)
{
    WCHAR *end;
    int i;

    if (!GetModuleFileNameW(NULL, source, SOURCE_LENGTH))
        return FALSE;
    for (i = 0; i < 2; ++i)
    {
        if (!(end = wcsrchr(source, '\\')))
            return FALSE;
        *end = 0;
    }
    return TRUE;
}

/* SOURCE is either a release, with a folder for each width, or a build tree. */
static BOOL find_file(const struct registration_file *file, const WCHAR *source, WCHAR *path)
{
    BOOL is_32bit = file->is_32bit || sizeof(void *) == 4;

    swprintf(path, PATH_LENGTH, L"%s\\%s\\%s\\%s", source, is_32bit ? L"i686" : L"x86_64", file->build_dir, file->name);
    if (exists(path))
        return TRUE;
    swprintf(path, PATH_LENGTH, L"%s\\%s\\%s", source, is_32bit ? L"x86" : L"x64", file->name);
    return exists(path);
}

/* The front is updated where it is, and added where it is asked for. */
static BOOL is_wanted(const struct registration_file *file, const struct options *options)
{
    return registration_is_file_wanted(file) || (file->is_front && options->with_bits);
}

/* Nothing is touched before all is known to be there. */
static BOOL check_source(const WCHAR *source, const struct options *options)
{
    WCHAR path[PATH_LENGTH];
    unsigned int i;
    BOOL ret = TRUE;

    for (i = 0; i < registration_file_count; ++i)
    {
        if (!is_wanted(&registration_files[i], options))
            continue;
        if (find_file(&registration_files[i], source, path))
            continue;
        print_error(IDS_MISSING_FILE, path);
        ret = FALSE;
    }
    return ret;
}

/* Without a source, what is in the prefix already will do: this repairs the
 * registration, from the copy of the program there. */
static BOOL check_installed_files(const struct options *options)
{
    WCHAR path[MAX_PATH];
    unsigned int i;

    for (i = 0; i < registration_file_count; ++i)
    {
        if (!is_wanted(&registration_files[i], options))
            continue;
        registration_get_file_path(&registration_files[i], path);
        if (!exists(path) || (registration_files[i].is_front && registration_get_front() != REGISTRATION_FRONT_ACTIVE))
            return FALSE;
    }
    return registration_is_installed();
}

static BOOL is_installed_copy(void)
{
    WCHAR self[MAX_PATH], folder[MAX_PATH];
    size_t length;

    if (!GetModuleFileNameW(NULL, self, ARRAY_SIZE(self)))
        return FALSE;
    length = GetSystemDirectoryW(folder, ARRAY_SIZE(folder));
    return !wcsnicmp(self, folder, length) && self[length] == '\\' && !wcschr(self + length + 1, '\\');
}

/* This program comes before the other files: if this is cut short it can undo it. The front comes after all. */
static enum exit_code copy_files(const WCHAR *source, BOOL is_front)
{
    WCHAR from[PATH_LENGTH], path[MAX_PATH];
    unsigned int i;
    DWORD ret;

    for (i = registration_file_count; i--;)
    {
        if (registration_files[i].is_front != is_front)
            continue;
        if (!is_front && !registration_is_file_wanted(&registration_files[i]))
            continue;
        registration_get_file_path(&registration_files[i], path);
        if (!is_front && registration_is_wine_file(path))
            print_error(IDS_BUILTIN, path);
        if (!find_file(&registration_files[i], source, from))
            ret = ERROR_FILE_NOT_FOUND;
        else
            ret = registration_install_file(&registration_files[i], from);
        if (ret)
        {
            print_error(IDS_FILE_FAILED, path, ret);
            return EXIT_FAILED;
        }
    }
    return EXIT_DONE;
}

static enum exit_code register_view(REGSAM view, const WCHAR *folder, BOOL without_bits)
{
    WCHAR path[MAX_PATH];
    DWORD ret;

    swprintf(path, ARRAY_SIZE(path), L"%s\\dosvcps.dll", folder);
    if ((ret = registration_register_proxies(view, path)))
    {
        print_error(IDS_PROXIES_FAILED, path, ret);
        return EXIT_FAILED;
    }
    ret = without_bits ? registration_unregister_bits(view) : registration_register_bits(view);
    if (ret)
    {
        print_error(IDS_BITS_FAILED, path, ret);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

static enum exit_code register_all(BOOL without_bits)
{
    WCHAR folder[MAX_PATH];
    enum exit_code code;
    DWORD ret;

    if ((ret = registration_register_service()))
    {
        print_error(IDS_SERVICE_FAILED, ret);
        return EXIT_FAILED;
    }
    GetSystemDirectoryW(folder, ARRAY_SIZE(folder));
    if ((code = register_view(0, folder, without_bits)) || !registration_has_32bit_dlls())
        return code;
    GetSystemWow64DirectoryW(folder, ARRAY_SIZE(folder));
    return register_view(KEY_WOW64_32KEY, folder, without_bits);
}

static void print_event(enum registration_event event, const WCHAR *subject)
{
    print(IDS_EVENT + event, subject);
}

void begin_change(void)
{
    check_journal();
    registration_set_listener(print_event);
}

/* Wine's BITS stops just before the exchange: a client that activates it later finds the front. */
static enum exit_code install_front(const WCHAR *source, const struct options *options)
{
    enum exit_code code;

    if (!options->with_bits && registration_get_front() == REGISTRATION_FRONT_NONE)
        return EXIT_DONE;
    if ((code = stop_service(BITS_SERVICE_NAME)) || (source && (code = copy_files(source, TRUE))))
        return code;
    return register_front();
}

enum exit_code install_run(const struct options *options)
{
    BOOL has_source = options->source || !is_installed_copy();
    WCHAR source[SOURCE_LENGTH], folder[MAX_PATH];
    enum exit_code code;

    if (options->source)
        lstrcpynW(source, options->source, ARRAY_SIZE(source));
    else if (has_source && !get_default_source(source))
        has_source = FALSE;
    if (has_source ? !check_source(source, options) : !check_installed_files(options))
    {
        print_error(IDS_NO_SOURCE);
        return EXIT_FAILED;
    }

    if ((code = check_front(options)))
        return code;
    begin_change();
    if ((code = stop_service(DOSVC_SERVICE_NAME)) || (has_source && (code = copy_files(source, FALSE)))
            || (code = register_all(options->without_bits))
            || (code = install_front(has_source ? source : NULL, options)))
        return code;
    registration_settle_journal();
    GetSystemDirectoryW(folder, ARRAY_SIZE(folder));
    print(IDS_INSTALLED, folder);
    return EXIT_DONE;
}
