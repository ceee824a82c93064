/*
 * doctl service: the service as the service manager has it, and its registration
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

#include "doctl.h"
#include "registration.h"

#define WAIT_TIME 30000 /* ms for a start or a stop */
#define WAIT_STEP 50    /* ms */

struct service_values
{
    BOOL json;
};

const struct option service_options[] =
{
    {L"json", 'j', OPTION_FLAG, offsetof(struct service_values, json)},
    {NULL}
};

static const WCHAR *get_service_name(void)
{
    return service_is_bits() ? BITS_SERVICE_NAME : DOSVC_SERVICE_NAME;
}

SC_HANDLE scm_open_service(DWORD access)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT), service;
    DWORD error;

    if (!manager)
        return NULL;
    service = OpenServiceW(manager, get_service_name(), access);
    error = GetLastError();
    CloseServiceHandle(manager);
    SetLastError(error);
    return service;
}

static BOOL get_status(SC_HANDLE service, SERVICE_STATUS_PROCESS *status)
{
    DWORD size;

    return QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)status, sizeof(*status), &size);
}

/* Return whether the process of a service is gone that is said to be there. */
static BOOL is_gone(const SERVICE_STATUS_PROCESS *status)
{
    HANDLE process;
    BOOL ret;

    if (status->dwCurrentState == SERVICE_STOPPED)
        return FALSE;
    if (!(process = OpenProcess(SYNCHRONIZE, FALSE, status->dwProcessId)))
        return TRUE;
    ret = WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
    CloseHandle(process);
    return ret;
}

static DWORD get_exit_error(const SERVICE_STATUS_PROCESS *status)
{
    if (status->dwCurrentState != SERVICE_STOPPED || status->dwWin32ExitCode == ERROR_SERVICE_NEVER_STARTED)
        return ERROR_SUCCESS;
    return status->dwWin32ExitCode;
}

BOOL scm_has_died(SC_HANDLE service)
{
    SERVICE_STATUS_PROCESS status;

    return get_status(service, &status) && (is_gone(&status) || get_exit_error(&status));
}

BOOL run_setup(const WCHAR *arguments, BOOL is_shown, DWORD *code)
{
    STARTUPINFOW startup = {sizeof(startup)};
    PROCESS_INFORMATION process;
    WCHAR command[64];

    swprintf(command, ARRAY_SIZE(command), L"dosvc-setup.exe %ls", arguments);
    if (!CreateProcessW(NULL, command, NULL, NULL, is_shown, is_shown ? 0 : CREATE_NO_WINDOW, NULL, NULL, &startup,
            &process))
        return FALSE;
    WaitForSingleObject(process.hProcess, INFINITE);
    if (!GetExitCodeProcess(process.hProcess, code))
        *code = EXIT_FAILED;
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return TRUE;
}

static void write_state_json(const SERVICE_STATUS_PROCESS *status, BOOL has_died)
{
    static const WCHAR * const states[] = {L"Unknown", L"Stopped", L"Starting", L"Stopping", L"Running", L"Continuing",
            L"Pausing", L"Paused"};
    WCHAR number[12];

    write_text(STD_OUTPUT_HANDLE, L"{\"schema\":1");
    write_json_member(L"name", get_service_name(), TRUE);
    write_json_member(L"state", has_died ? L"Dead" : status->dwCurrentState < ARRAY_SIZE(states)
            ? states[status->dwCurrentState] : states[0], TRUE);
    swprintf(number, ARRAY_SIZE(number), L"%lu", has_died ? 0 : status->dwProcessId);
    write_json_member(L"processId", number, FALSE);
    swprintf(number, ARRAY_SIZE(number), L"%lu", get_exit_error(status));
    write_json_member(L"error", number, FALSE);
    write_text(STD_OUTPUT_HANDLE, L"}\n");
}

static void write_state(const SERVICE_STATUS_PROCESS *status, BOOL has_died)
{
    DWORD error = get_exit_error(status);
    HRESULT hr = HRESULT_FROM_WIN32(error);
    WCHAR *state, *text;

    if (has_died)
        write_message(STD_OUTPUT_HANDLE, IDS_SERVICE_DEAD, get_service_name());
    else if (error)
    {
        text = error_text(hr);
        write_message(STD_OUTPUT_HANDLE, IDS_SERVICE_FAILED, get_service_name(), hr, text ? text : L"");
        free(text);
    }
    else if ((state = format_message(IDS_SERVICE_STATE + status->dwCurrentState)))
    {
        write_message(STD_OUTPUT_HANDLE, status->dwProcessId ? IDS_SERVICE_PROCESS : IDS_SERVICE_LINE,
                get_service_name(), state, status->dwProcessId);
        free(state);
    }
}

static DWORD show_status(SC_HANDLE service, BOOL json)
{
    SERVICE_STATUS_PROCESS status;
    BOOL has_died;

    if (!get_status(service, &status))
        return GetLastError();
    has_died = is_gone(&status);
    if (json)
        write_state_json(&status, has_died);
    else
        write_state(&status, has_died);
    return ERROR_SUCCESS;
}

/* Wait until the service is in a state. One that stops instead has failed. */
static DWORD wait_for_state(SC_HANDLE service, DWORD state)
{
    SERVICE_STATUS_PROCESS status;
    unsigned int i;

    for (i = 0; i < WAIT_TIME / WAIT_STEP; ++i)
    {
        if (!get_status(service, &status))
            return GetLastError();
        if (status.dwCurrentState == state)
            return ERROR_SUCCESS;
        if (status.dwCurrentState == SERVICE_STOPPED)
            return status.dwWin32ExitCode ? status.dwWin32ExitCode : ERROR_SERVICE_NOT_ACTIVE;
        if (is_gone(&status))
            return ERROR_PROCESS_ABORTED;
        Sleep(WAIT_STEP);
    }
    return ERROR_SERVICE_REQUEST_TIMEOUT;
}

static DWORD start_service(SC_HANDLE service)
{
    if (!StartServiceW(service, 0, NULL) && GetLastError() != ERROR_SERVICE_ALREADY_RUNNING)
        return GetLastError();
    return wait_for_state(service, SERVICE_RUNNING);
}

static DWORD stop_service(SC_HANDLE service)
{
    SERVICE_STATUS status;

    if (!ControlService(service, SERVICE_CONTROL_STOP, &status))
        return GetLastError() == ERROR_SERVICE_NOT_ACTIVE ? ERROR_SUCCESS : GetLastError();
    return wait_for_state(service, SERVICE_STOPPED);
}

static const struct action
{
    const WCHAR *name;
    DWORD access;
    DWORD (*run)(SC_HANDLE service); /* NULL: nothing, or, with arguments, setup does it */
    const WCHAR *arguments, *bits_arguments; /* of setup */
}
actions[] =
{
    {L"status",  SERVICE_QUERY_STATUS},
    {L"start",   SERVICE_QUERY_STATUS | SERVICE_START, start_service},
    {L"stop",    SERVICE_QUERY_STATUS | SERVICE_STOP, stop_service},
    {L"install", 0, NULL, L"install", L"install --bits"},
    {L"remove",  0, NULL, L"uninstall", L"uninstall --bits"},
};

static enum exit_code run_setup_action(const struct action *action)
{
    DWORD code;

    if (!run_setup(service_is_bits() ? action->bits_arguments : action->arguments, TRUE, &code))
        return report_error(HRESULT_FROM_WIN32(GetLastError()), L"dosvc-setup.exe");
    return code ? EXIT_FAILED : EXIT_DONE;
}

static enum exit_code run_action(const struct action *action, BOOL json)
{
    SC_HANDLE service = scm_open_service(action->access);
    DWORD error;

    if (!service)
        return report_no_service(HRESULT_FROM_WIN32(GetLastError()));
    error = action->run ? action->run(service) : ERROR_SUCCESS;
    if (!error)
        error = show_status(service, json);
    CloseServiceHandle(service);
    return error ? report_no_service(HRESULT_FROM_WIN32(error)) : EXIT_DONE;
}

enum exit_code service_run(const struct verb *verb, const void *values, WCHAR **args)
{
    BOOL json = ((const struct service_values *)values)->json;
    const WCHAR *name = args[0] ? args[0] : actions[0].name;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(actions) && wcscmp(actions[i].name, name); ++i)
        ;
    if (i == ARRAY_SIZE(actions) || (json && actions[i].arguments))
        return report_usage(verb, i == ARRAY_SIZE(actions) ? IDS_BAD_SERVICE_ACTION : IDS_BAD_SERVICE_JSON, name);
    return actions[i].arguments ? run_setup_action(&actions[i]) : run_action(&actions[i], json);
}
