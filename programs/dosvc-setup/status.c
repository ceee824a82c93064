/*
 * dosvc-setup: status and verify
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

#include "winver.h"

struct counts
{
    unsigned int passed, failed;
};

/* The version of qmgr.dll as a file is that of BITS. */
static void get_file_version(const WCHAR *path, WCHAR *text, unsigned int length)
{
    VS_FIXEDFILEINFO *info;
    DWORD size, unused;
    UINT info_size;
    void *data;

    load_text(IDS_UNKNOWN_VERSION, text, length);
    if (!(size = GetFileVersionInfoSizeW(path, &unused)) || !(data = malloc(size)))
        return;
    if (GetFileVersionInfoW(path, 0, size, data) && VerQueryValueW(data, L"\\", (void **)&info, &info_size))
        swprintf(text, length, L"%u.%u.%u", HIWORD(info->dwProductVersionMS), LOWORD(info->dwProductVersionMS),
                HIWORD(info->dwProductVersionLS));
    free(data);
}

static void get_installed_version(WCHAR *text, unsigned int length)
{
    WCHAR path[MAX_PATH];

    registration_get_file_path(&registration_files[0], path);
    get_file_version(path, text, length);
}

static void print_service(void)
{
    DWORD pid, state = registration_get_service_state(DOSVC_SERVICE_NAME, &pid);
    WCHAR text[50];

    load_text(IDS_STATE + state, text, ARRAY_SIZE(text));
    print(pid ? IDS_STATUS_PID : IDS_STATUS_SERVICE, text, pid);
}

static void print_interface(const struct registration_interface *iface, BOOL has_32bit)
{
    WCHAR native[50], other[50];

    load_text(IDS_OWNER + registration_get_owner(iface, 0), native, ARRAY_SIZE(native));
    load_text(IDS_OWNER + registration_get_owner(iface, KEY_WOW64_32KEY), other, ARRAY_SIZE(other));
    print(has_32bit ? IDS_STATUS_ROW_64 : IDS_STATUS_ROW, iface->name, native, other);
}

static void print_front(void)
{
    enum registration_front front = registration_get_front();
    const struct registration_file *file = registration_files;
    WCHAR path[MAX_PATH], version[50], saved[100];

    while (!file->is_front)
        ++file;
    registration_get_file_path(file, path);
    get_file_version(path, version, ARRAY_SIZE(version));
    load_text(registration_has_saved_front() ? IDS_SAVED : IDS_NOT_SAVED, saved, ARRAY_SIZE(saved));
    print(IDS_STATUS_FRONT + front, version, saved);
}

BOOL check_journal(void)
{
    enum registration_journal journal = registration_check_journal();

    if (journal != REGISTRATION_JOURNAL_INTACT)
        print(IDS_JOURNAL + journal);
    return journal == REGISTRATION_JOURNAL_INTACT;
}

enum exit_code status_run(const struct options *options)
{
    BOOL has_32bit = registration_has_32bit_dlls();
    WCHAR version[50], folder[MAX_PATH];
    unsigned int i;

    if (!registration_is_installed())
    {
        print(IDS_NOT_INSTALLED);
        return EXIT_NOT_INSTALLED;
    }
    get_installed_version(version, ARRAY_SIZE(version));
    GetSystemDirectoryW(folder, ARRAY_SIZE(folder));
    print(IDS_STATUS, version, folder);
    print_service();
    print_front();
    check_journal();
    print(has_32bit ? IDS_STATUS_HEADER_64 : IDS_STATUS_HEADER);
    for (i = 0; i < registration_interface_count; ++i)
        print_interface(&registration_interfaces[i], has_32bit);
    return EXIT_DONE;
}

static void count_check(void *context, const WCHAR *subject, enum registration_state state)
{
    struct counts *counts = context;

    if (state == REGISTRATION_OK)
    {
        ++counts->passed;
        return;
    }
    ++counts->failed;
    print(IDS_CHECK + state, subject);
}

/* Files of several versions, as after an update that was cut short. Those that
 * are missing or not ours are counted already. */
static void check_versions(struct counts *counts)
{
    WCHAR path[MAX_PATH], version[50];
    unsigned int i;

    for (i = 0; i < registration_file_count; ++i)
    {
        if (!registration_is_file_wanted(&registration_files[i]))
            continue;
        registration_get_file_path(&registration_files[i], path);
        if (GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES || registration_is_wine_file(path))
            continue;
        get_file_version(path, version, ARRAY_SIZE(version));
        if (!wcscmp(version, L"" DOSVC_VERSION))
        {
            ++counts->passed;
            continue;
        }
        ++counts->failed;
        print(IDS_OTHER_VERSION, path, version);
    }
}

static void count_activation(struct counts *counts, DWORD result)
{
    if (result == ACTIVATION_WORKS)
        ++counts->passed;
    else
        ++counts->failed;
}

/* A program of the other width finds other proxies. */
static void activate_32bit(struct counts *counts, const WCHAR *command)
{
    WCHAR path[MAX_PATH];
    DWORD result;

    GetSystemWow64DirectoryW(path, MAX_PATH / 2);
    wcscat(path, L"\\dosvc-setup.exe");
    if (run_program(path, command, &result)
            || (result != ACTIVATION_WORKS && result != ACTIVATION_FAILS))
        print(IDS_NO_32BIT);
    else
        count_activation(counts, result);
}

static void activate_all(struct counts *counts)
{
    BOOL has_32bit = registration_has_32bit_dlls();

    count_activation(counts, activate());
    if (has_32bit)
        activate_32bit(counts, L"dosvc-setup --activate");
    if (registration_get_front() == REGISTRATION_FRONT_NONE)
        return;
    count_activation(counts, activate_bits());
    if (has_32bit)
        activate_32bit(counts, L"dosvc-setup --activate-bits");
}

enum exit_code verify_run(const struct options *options)
{
    struct counts counts = {0};

    if (!registration_is_installed())
    {
        print(IDS_NOT_INSTALLED);
        return EXIT_NOT_INSTALLED;
    }
    if (check_journal())
        ++counts.passed;
    else
        ++counts.failed;
    registration_verify(count_check, &counts);
    check_versions(&counts);
    if (counts.failed)
    {
        /* A service whose files are damaged takes half a minute to fail. */
        print(IDS_NOT_TRIED);
    }
    else
    {
        activate_all(&counts);
    }
    if (counts.failed)
    {
        print(IDS_NOT_VERIFIED, counts.passed, counts.failed);
        return EXIT_NOT_INSTALLED;
    }
    print(IDS_VERIFIED, counts.passed);
    return EXIT_DONE;
}
