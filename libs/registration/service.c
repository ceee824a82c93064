/*
 * The service in the service control manager
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

#include "winsvc.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* In milliseconds. */
#define START_TIMEOUT  20000
#define STOP_TIMEOUT   20000
#define EXIT_TIMEOUT   5000
#define DELETE_TIMEOUT 5000
#define POLL_INTERVAL  20

#define SERVICE_SUBJECT L"service " DOSVC_SERVICE_NAME

/* The record of a service that we created: there is nothing to restore. */
#define RECORD_CREATED L"Created"

static const WCHAR *const records[] =
{
    RECORD_CREATED, L"Type", L"Start", L"ErrorControl", L"ImagePath", L"DisplayName", L"Description",
};

static DWORD open_service(const WCHAR *name, SC_HANDLE *manager, SC_HANDLE *service)
{
    DWORD ret;

    *service = NULL;
    if (!(*manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE)))
        return GetLastError();
    if ((*service = OpenServiceW(*manager, name, SERVICE_ALL_ACCESS)))
        return ERROR_SUCCESS;
    ret = GetLastError();
    return ret == ERROR_SERVICE_DOES_NOT_EXIST ? ERROR_SUCCESS : ret;
}

static void close_service(SC_HANDLE manager, SC_HANDLE service)
{
    if (service)
        CloseServiceHandle(service);
    if (manager)
        CloseServiceHandle(manager);
}

static DWORD get_status(SC_HANDLE service, SERVICE_STATUS_PROCESS *status)
{
    DWORD size;

    memset(status, 0, sizeof(*status));
    if (QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)status, sizeof(*status), &size))
        return ERROR_SUCCESS;
    return GetLastError();
}

DWORD registration_get_service_state(const WCHAR *name, DWORD *pid)
{
    SERVICE_STATUS_PROCESS status = {0};
    SC_HANDLE manager, service;

    if (!open_service(name, &manager, &service) && service)
        get_status(service, &status);
    close_service(manager, service);
    *pid = status.dwProcessId;
    return status.dwCurrentState;
}

/* Wine may report a service as running whose process has died. */
static BOOL is_running(SC_HANDLE service, HANDLE process)
{
    SERVICE_STATUS_PROCESS status;

    if (!process || !WaitForSingleObject(process, 0))
        return FALSE;
    return !get_status(service, &status) && status.dwCurrentState != SERVICE_STOPPED;
}

static void stop_service(SC_HANDLE service, HANDLE process, DWORD control)
{
    ULONGLONG end = GetTickCount64() + STOP_TIMEOUT;
    SERVICE_STATUS status;

    while (is_running(service, process) && GetTickCount64() < end)
    {
        /* Refused while it is starting: asked again until it hears. */
        ControlService(service, control, &status);
        Sleep(POLL_INTERVAL);
    }
    if (is_running(service, process) || WaitForSingleObject(process, EXIT_TIMEOUT))
    {
        WARN("the service does not stop, ending its process.\n");
        TerminateProcess(process, ERROR_SERVICE_REQUEST_TIMEOUT);
        WaitForSingleObject(process, EXIT_TIMEOUT);
    }
}

DWORD service_stop(const WCHAR *name, DWORD control)
{
    SERVICE_STATUS_PROCESS status;
    SC_HANDLE manager, service;
    HANDLE process;
    DWORD ret;

    if ((ret = open_service(name, &manager, &service)) || !service || (ret = get_status(service, &status)))
        goto done;
    if (status.dwCurrentState == SERVICE_STOPPED || !status.dwProcessId)
        goto done;
    TRACE("stopping %s, process %#lx.\n", debugstr_w(name), status.dwProcessId);
    if (!(process = OpenProcess(SYNCHRONIZE | PROCESS_TERMINATE, FALSE, status.dwProcessId)))
        goto done;
    stop_service(service, process, control);
    if (WaitForSingleObject(process, 0))
        ret = ERROR_SERVICE_REQUEST_TIMEOUT;
    CloseHandle(process);

done:
    close_service(manager, service);
    return ret;
}

DWORD registration_stop_service(const WCHAR *name)
{
    return service_stop(name, SERVICE_CONTROL_STOP);
}

DWORD service_start(const WCHAR *name)
{
    ULONGLONG end = GetTickCount64() + START_TIMEOUT;
    SERVICE_STATUS_PROCESS status = {0};
    SC_HANDLE manager, service;
    DWORD ret;

    if ((ret = open_service(name, &manager, &service)) || !service)
        goto done;
    if (!StartServiceW(service, 0, NULL) && GetLastError() != ERROR_SERVICE_ALREADY_RUNNING)
    {
        ret = GetLastError();
        goto done;
    }
    while (!(ret = get_status(service, &status)) && status.dwCurrentState == SERVICE_START_PENDING
            && GetTickCount64() < end)
        Sleep(POLL_INTERVAL);
    if (!ret && status.dwCurrentState != SERVICE_RUNNING)
        ret = ERROR_SERVICE_REQUEST_TIMEOUT;

done:
    close_service(manager, service);
    return ret;
}

/* Owned by the caller; NULL if there is no memory. */
static QUERY_SERVICE_CONFIGW *get_config(SC_HANDLE service)
{
    QUERY_SERVICE_CONFIGW *config;
    DWORD size = 0;

    QueryServiceConfigW(service, NULL, 0, &size);
    if (!(config = calloc(1, size + sizeof(*config))))
        return NULL;
    if (QueryServiceConfigW(service, config, size + sizeof(*config), &size))
        return config;
    free(config);
    return NULL;
}

static SERVICE_DESCRIPTIONW *get_description(SC_HANDLE service)
{
    SERVICE_DESCRIPTIONW *description;
    DWORD size = 0;

    QueryServiceConfig2W(service, SERVICE_CONFIG_DESCRIPTION, NULL, 0, &size);
    if (!(description = calloc(1, size + sizeof(*description))))
        return NULL;
    if (QueryServiceConfig2W(service, SERVICE_CONFIG_DESCRIPTION, (BYTE *)description, size + sizeof(*description),
            &size))
        return description;
    free(description);
    return NULL;
}

static DWORD write_number(const WCHAR *name, DWORD number)
{
    struct content content = {REG_DWORD, sizeof(number), &number};

    return journal_write(UNDO_SERVICE, name, &content);
}

static DWORD read_number(const WCHAR *name, DWORD *number)
{
    struct content content;
    DWORD ret;

    if ((ret = journal_read(UNDO_SERVICE, name, &content)))
        return ret;
    if (content.size == sizeof(*number))
        *number = *(DWORD *)content.data;
    else
        ret = ERROR_INVALID_DATA;
    content_free(&content);
    return ret;
}

/* Remembers a service that somebody else made. */
static DWORD keep_service(SC_HANDLE service)
{
    SERVICE_DESCRIPTIONW *description = get_description(service);
    QUERY_SERVICE_CONFIGW *config = get_config(service);
    DWORD ret = ERROR_OUTOFMEMORY;

    if (!config || !description)
        goto done;
    if ((ret = write_number(L"Type", config->dwServiceType)) || (ret = write_number(L"Start", config->dwStartType))
            || (ret = write_number(L"ErrorControl", config->dwErrorControl))
            || (ret = journal_write_text(UNDO_SERVICE, L"DisplayName", config->lpDisplayName))
            || (ret = journal_write_text(UNDO_SERVICE, L"Description",
                    description->lpDescription ? description->lpDescription : L"")))
        goto done;
    ret = journal_write_text(UNDO_SERVICE, L"ImagePath", config->lpBinaryPathName);

done:
    free(config);
    free(description);
    return ret;
}

static DWORD configure(SC_HANDLE service, const struct service_settings *settings)
{
    SERVICE_DESCRIPTIONW description = {(WCHAR *)settings->description};

    if (!ChangeServiceConfigW(service, settings->type, settings->start, settings->error_control, settings->command,
            NULL, NULL, NULL, NULL, NULL, settings->display_name))
        return GetLastError();
    if (!ChangeServiceConfig2W(service, SERVICE_CONFIG_DESCRIPTION, &description))
        return GetLastError();
    return ERROR_SUCCESS;
}

static DWORD restore_service(SC_HANDLE service)
{
    struct content command = {0}, name = {0}, description = {0};
    struct service_settings settings = {0};
    DWORD ret;

    if ((ret = read_number(L"Type", &settings.type)) || (ret = read_number(L"Start", &settings.start))
            || (ret = read_number(L"ErrorControl", &settings.error_control))
            || (ret = journal_read(UNDO_SERVICE, L"ImagePath", &command))
            || (ret = journal_read(UNDO_SERVICE, L"DisplayName", &name))
            || (ret = journal_read(UNDO_SERVICE, L"Description", &description)))
        goto done;
    settings.command = command.data;
    settings.display_name = name.data;
    settings.description = description.data;
    ret = configure(service, &settings);

done:
    content_free(&command);
    content_free(&name);
    content_free(&description);
    return ret;
}

/* A service that was deleted stays until its last handle is closed. */
static DWORD create_service(SC_HANDLE manager, SC_HANDLE *service)
{
    ULONGLONG end = GetTickCount64() + DELETE_TIMEOUT;
    DWORD ret;

    if ((ret = journal_write_text(UNDO_SERVICE, RECORD_CREATED, L"")) || (ret = journal_save()))
        return ret;
    while (!(*service = CreateServiceW(manager, DOSVC_SERVICE_NAME, service_settings.display_name, SERVICE_ALL_ACCESS,
            service_settings.type, service_settings.start, service_settings.error_control, service_settings.command,
            NULL, NULL, NULL, NULL, NULL)))
    {
        ret = GetLastError();
        if (ret != ERROR_SERVICE_MARKED_FOR_DELETE || GetTickCount64() >= end)
            return ret;
        Sleep(POLL_INTERVAL);
    }
    return ERROR_SUCCESS;
}

/* Is all known of the service that was there before? */
static BOOL has_previous(void)
{
    unsigned int i;

    for (i = 1; i < ARRAY_SIZE(records); ++i)
    {
        if (!journal_has(UNDO_SERVICE, records[i]))
            return FALSE;
    }
    return TRUE;
}

/* By its command. Our group of svchost is nobody else's. */
static BOOL is_our_service(SC_HANDLE service)
{
    QUERY_SERVICE_CONFIGW *config = get_config(service);
    BOOL ret = config && !wcsicmp(config->lpBinaryPathName, service_settings.command);

    free(config);
    return ret;
}

/* Is there nothing to restore? */
static BOOL is_created(SC_HANDLE service)
{
    return journal_has(UNDO_SERVICE, RECORD_CREATED) || (journal_is_lost() && is_our_service(service));
}

DWORD service_register(void)
{
    SC_HANDLE manager, service;
    DWORD ret;

    if ((ret = open_service(DOSVC_SERVICE_NAME, &manager, &service)))
        goto done;
    if (service && !has_previous())
        ret = is_created(service) ? journal_write_text(UNDO_SERVICE, RECORD_CREATED, L"") : keep_service(service);
    if (!ret)
        ret = journal_save();
    if (!ret && !service)
        ret = create_service(manager, &service);
    if (!ret)
        ret = configure(service, &service_settings);

done:
    close_service(manager, service);
    return ret;
}

static DWORD delete_service(SC_HANDLE manager, SC_HANDLE *service)
{
    ULONGLONG end = GetTickCount64() + DELETE_TIMEOUT;
    DWORD ret = DeleteService(*service) ? ERROR_SUCCESS : GetLastError();

    if (ret && ret != ERROR_SERVICE_MARKED_FOR_DELETE)
        return ret;
    do
    {
        CloseServiceHandle(*service);
        if (!(*service = OpenServiceW(manager, DOSVC_SERVICE_NAME, SERVICE_QUERY_STATUS)))
        {
            /* Wine removes the key with the service. */
            RegDeleteTreeW(HKEY_LOCAL_MACHINE, DOSVC_SERVICE_KEY);
            return ERROR_SUCCESS;
        }
        Sleep(POLL_INTERVAL);
    } while (GetTickCount64() < end);
    /* Somebody has it open; it goes when they close it. */
    return ERROR_SUCCESS;
}

DWORD service_unregister(void)
{
    SC_HANDLE manager, service;
    unsigned int i;
    DWORD ret;

    if ((ret = open_service(DOSVC_SERVICE_NAME, &manager, &service)))
        goto done;
    if (service && has_previous())
        ret = restore_service(service);
    else if (service && is_created(service) && !(ret = delete_service(manager, &service)) && journal_is_lost())
        tell(REGISTRATION_RECOGNIZED, SERVICE_SUBJECT);
    if (ret)
        goto done;
    for (i = 0; i < ARRAY_SIZE(records); ++i)
        journal_forget(UNDO_SERVICE, records[i]);

done:
    close_service(manager, service);
    return ret;
}

void service_find_left(registration_check check, void *context)
{
    SC_HANDLE manager, service;

    if (!open_service(DOSVC_SERVICE_NAME, &manager, &service) && service && is_created(service))
        check(context, SERVICE_SUBJECT, REGISTRATION_WRONG);
    close_service(manager, service);
}

/* Wine remembers the width of the program that made a service. One that a
 * 32-bit program made in a 64-bit prefix would load a 32-bit dosvc.dll. */
static BOOL has_right_width(void)
{
    struct content wow64;
    BOOL ret;

    if (content_read(0, DOSVC_SERVICE_KEY, L"WOW64", &wow64))
        return FALSE;
    ret = !wow64.data || !registration_is_64bit_prefix();
    content_free(&wow64);
    return ret;
}

static void check_config(const QUERY_SERVICE_CONFIGW *config, registration_check check, void *context)
{
    const struct { const WCHAR *subject; BOOL is_right; } rows[] =
    {
        {SERVICE_SUBJECT L", type", config->dwServiceType == service_settings.type},
        {SERVICE_SUBJECT L", start", config->dwStartType == service_settings.start},
        {SERVICE_SUBJECT L", error control", config->dwErrorControl == service_settings.error_control},
        {SERVICE_SUBJECT L", command", !wcscmp(config->lpBinaryPathName, service_settings.command)},
        {SERVICE_SUBJECT L", width", has_right_width()},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(rows); ++i)
        check(context, rows[i].subject, rows[i].is_right ? REGISTRATION_OK : REGISTRATION_WRONG);
}

void service_verify(registration_check check, void *context)
{
    QUERY_SERVICE_CONFIGW *config = NULL;
    SC_HANDLE manager, service;

    if (!open_service(DOSVC_SERVICE_NAME, &manager, &service) && service)
        config = get_config(service);
    check(context, SERVICE_SUBJECT, config ? REGISTRATION_OK : REGISTRATION_MISSING);
    if (config)
        check_config(config, check, context);
    free(config);
    close_service(manager, service);
}
