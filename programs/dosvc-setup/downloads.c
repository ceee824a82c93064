/*
 * Jobs and downloads at uninstall
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

#define COBJMACROS
#include "setup.h"

#include "winsvc.h"
#include "deliveryoptimization.h"

/* Paths of files. */
struct paths
{
    WCHAR **items; /* owned, and so are the paths */
    unsigned int count, capacity;
    BOOL has_failed;
};

static void add_path(void *context, const WCHAR *path)
{
    struct paths *paths = context;
    WCHAR **items;

    if (paths->count == paths->capacity)
    {
        if (!(items = realloc(paths->items, (2 * paths->capacity + 64) * sizeof(*items))))
        {
            paths->has_failed = TRUE;
            return;
        }
        paths->items = items;
        paths->capacity = 2 * paths->capacity + 64;
    }
    if ((paths->items[paths->count] = wcsdup(path)))
        ++paths->count;
    else
        paths->has_failed = TRUE;
}

static void free_paths(struct paths *paths)
{
    while (paths->count)
        free(paths->items[--paths->count]);
    free(paths->items);
}

static void delete_path(void *context, const WCHAR *path)
{
    BOOL *has_failed = context;

    if (DeleteFileW(path) || GetLastError() == ERROR_FILE_NOT_FOUND)
        return;
    print_error(IDS_FILE_FAILED, path, GetLastError());
    *has_failed = TRUE;
}

struct counts
{
    unsigned int jobs;
    unsigned int downloads;
};

static void count_record(void *context, const WCHAR *path)
{
    const WCHAR *extension = wcsrchr(path, '.');
    struct counts *counts = context;

    counts->jobs += extension && !wcscmp(extension, L".job");
    counts->downloads += extension && !wcscmp(extension, L".download");
}

static BOOL is_going_on(IUnknown *element)
{
    IDODownload *download = (IDODownload *)get_interface(element, L"IDODownload");
    DO_DOWNLOAD_STATUS status = {0};
    BOOL ret;

    if (!download)
        return FALSE;
    ret = SUCCEEDED(IDODownload_GetStatus(download, &status)) && status.State != DODownloadState_Finalized
            && status.State != DODownloadState_Aborted;
    IDODownload_Release(download);
    return ret;
}

unsigned int count_downloads(void)
{
    IEnumUnknown *elements = NULL;
    unsigned int count = 0;
    IUnknown *manager, *element;

    if (FAILED(CoInitializeEx(NULL, COINIT_MULTITHREADED)))
        return 0;
    if (SUCCEEDED(create_manager(DOSVC_CLSID_TEXT, L"IDOManager", (void **)&manager)))
    {
        if (SUCCEEDED(IDOManager_EnumDownloads((IDOManager *)manager, NULL, &elements)))
        {
            while (IEnumUnknown_Next(elements, 1, &element, NULL) == S_OK)
            {
                count += is_going_on(element);
                IUnknown_Release(element);
            }
            IEnumUnknown_Release(elements);
        }
        IUnknown_Release(manager);
    }
    CoUninitialize();
    return count;
}

/* Ask the service in a copy of this program: the proxies that the copy loads have to be removed. */
static unsigned int count_running(void)
{
    WCHAR self[MAX_PATH];
    DWORD pid, count;

    if (registration_get_service_state(DOSVC_SERVICE_NAME, &pid) != SERVICE_RUNNING
            || !GetModuleFileNameW(NULL, self, ARRAY_SIZE(self))
            || run_program(self, L"dosvc-setup --count-downloads", &count))
        return 0;
    return count;
}

enum exit_code check_downloads(const struct options *options)
{
    struct counts counts = {0};

    if (!options->keep_downloads)
        return EXIT_DONE;
    registration_for_each_download_file(DOSVC_SERVICE_NAME, count_record, &counts);
    /* The service knows those, too, that end with it and have no record. */
    counts.downloads = max(counts.downloads, count_running());
    if (!counts.jobs && !counts.downloads)
        return EXIT_DONE;
    print_error(IDS_HAS_DOWNLOADS, counts.jobs + counts.downloads);
    return EXIT_FAILED;
}

static enum exit_code delete_files(const WCHAR *service, struct paths *paths)
{
    unsigned int i;

    registration_for_each_download_file(service, delete_path, &paths->has_failed);
    registration_remove_state_folders(service);
    for (i = 0; i < paths->count; ++i)
    {
        if (!exists(paths->items[i]))
            print(IDS_DELETED, paths->items[i]);
    }
    return paths->has_failed ? EXIT_FAILED : EXIT_DONE;
}

enum exit_code delete_records(const WCHAR *service)
{
    struct paths paths = {0};
    enum exit_code code;

    registration_for_each_download_file(service, add_path, &paths);
    code = delete_files(service, &paths);
    free_paths(&paths);
    return code;
}

/* End the service, which itself deletes some files then, and delete the others. */
enum exit_code delete_downloads(const struct options *options)
{
    struct paths paths = {0};
    enum exit_code code;

    registration_for_each_download_file(DOSVC_SERVICE_NAME, add_path, &paths);
    if (!(code = stop_service(DOSVC_SERVICE_NAME)) && !(code = check_downloads(options)))
        code = delete_files(DOSVC_SERVICE_NAME, &paths);
    free_paths(&paths);
    return code;
}
