/*
 * The service: start, control, ordered stop; the exports of the DLL
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

#include "com/com.h"
#include "disk/leftover.h"
#include "disk/root.h"
#include "base/front.h"
#include "net/counters.h"

#include "winsvc.h"
#include "registration.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Entries of the DLL, apart from those in main.c. */
extern void WINAPI ServiceMain(DWORD argc, WCHAR **argv);
extern BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);
extern HRESULT WINAPI DllRegisterServer(void);
extern HRESULT WINAPI DllUnregisterServer(void);

static SERVICE_STATUS_HANDLE status_handle;
static HANDLE stop_event;
static BOOL is_replaced; /* set before stop_event */
static struct table * const tables[] = { &download_table, &job_table };

/* The two services that this DLL can be, by the names of their rows in each layer. */
static const struct service
{
    const struct front *front;
    const struct job_rules *job_rules;
    struct com_front com_front;
}
services[] =
{
    { &dosvc_front, &job_dosvc_rules, { &dosvc_codes, &manager_class, &bg_job_class, &bg_file_class } },
    { &bits_front, &job_bits_rules, { &bits_codes, &bits_manager_class, &bits_job_class, &bits_file_class } },
};

/* Become the service of this name. FALSE if there is none. */
static BOOL select_service(const WCHAR *name)
{
    UINT i;

    for (i = 0; i < ARRAY_SIZE(services); i++)
    {
        if (wcsicmp(name, services[i].front->service_name))
            continue;
        front = services[i].front;
        job_rules = services[i].job_rules;
        com_front = &services[i].com_front;
        job_table.expiry_setting = job_rules->expiry;
        return TRUE;
    }
    return FALSE;
}

/* wait_hint in milliseconds. */
static void report_status(DWORD state, DWORD error, DWORD wait_hint)
{
    SERVICE_STATUS status =
    {
        .dwServiceType = SERVICE_WIN32_OWN_PROCESS,
        .dwCurrentState = state,
        .dwWin32ExitCode = error,
        .dwWaitHint = wait_hint,
    };

    if (state == SERVICE_RUNNING)
        status.dwControlsAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN;
    if (!SetServiceStatus(status_handle, &status))
        ERR("cannot report state %lu, error %lu.\n", state, GetLastError());
}

enum event
{
    EVENT_STARTED = 1,
    EVENT_STOPPED = 2,
    EVENT_FAILED  = 3, /* to start */
};

/* Tell the event log, which may be none: nothing depends on it. No DLL has texts for the events; what is written is
 * shown as it is. */
static void report_event(enum event event, HRESULT hr)
{
    HANDLE source = RegisterEventSourceW(NULL, front->event_source);
    WORD type = FAILED(hr) ? EVENTLOG_ERROR_TYPE : EVENTLOG_INFORMATION_TYPE;
    const WCHAR *text;
    WCHAR buffer[100];

    if (!source)
        return;
    if (event == EVENT_FAILED)
        swprintf(buffer, ARRAY_SIZE(buffer), L"The service %ls cannot start, error 0x%08lx.", front->service_name, hr);
    else
        swprintf(buffer, ARRAY_SIZE(buffer), L"The service %ls has %ls.", front->service_name,
                event == EVENT_STARTED ? L"started" : L"stopped");
    text = buffer;
    ReportEventW(source, type, 0, event, NULL, 1, 0, &text, NULL);
    DeregisterEventSource(source);
}

/* Runs on the dispatcher's thread, under its lock: only the event is set. */
static DWORD WINAPI service_handler(DWORD control, DWORD type, void *data, void *context)
{
    TRACE("control %#lx.\n", control);

    switch (control)
    {
        case SERVICE_CONTROL_STOP:
        case SERVICE_CONTROL_SHUTDOWN:
            SetEvent(stop_event);
            return NO_ERROR;
        case SERVICE_CONTROL_INTERROGATE:
            return NO_ERROR;
        case DOSVC_CONTROL_REPLACE:
            is_replaced = TRUE;
            SetEvent(stop_event);
            return NO_ERROR;
        default:
            return ERROR_CALL_NOT_IMPLEMENTED;
    }
}

static BOOL is_stopping(void)
{
    return WaitForSingleObject(stop_event, 0) == WAIT_OBJECT_0;
}

static void client_ended(const struct client *client)
{
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tables); i++)
        table_forget_client(tables[i], client);
}

static HRESULT service_start(void)
{
    HRESULT hr;

    job_table.callbacks = &job_callback_ops;
    download_table.callbacks = &download_callback_ops;
    client_set_observer(client_ended);

    if (FAILED(hr = CoInitializeEx(NULL, COINIT_MULTITHREADED)))
        return hr;
    /* Let clients of other users call, on Windows; without effect in Wine. */
    CoInitializeSecurity(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_DEFAULT, RPC_C_IMP_LEVEL_IMPERSONATE, NULL,
            EOAC_NONE, NULL);
    /* The engine accepts work before the class can be found. */
    if (FAILED(hr = root_init()) || FAILED(hr = tasks_init()) || FAILED(hr = engine_init(&transfer_callbacks))
            || FAILED(hr = store_init()))
        return hr;
    return factory_publish();
}

void WINAPI ServiceMain(DWORD argc, WCHAR **argv)
{
    BOOL is_known = argc && select_service(argv[0]);
    HRESULT hr;
    UINT i;

    TRACE("service %s.\n", debugstr_w(argc ? argv[0] : NULL));

    if (!(stop_event = CreateEventW(NULL, TRUE, FALSE, NULL)))
        return;
    if (!(status_handle = RegisterServiceCtrlHandlerExW(argc ? argv[0] : front->service_name, service_handler, NULL)))
    {
        ERR("cannot register the control handler, error %lu.\n", GetLastError());
        return;
    }
    if (!is_known)
    {
        report_status(SERVICE_STOPPED, ERROR_INVALID_NAME, 0);
        return;
    }
    /* Before anything that can take time: COM may have to start RpcSs, and the
     * service manager starts one service after the other. */
    report_status(SERVICE_START_PENDING, NO_ERROR, 10000);

    if (FAILED(hr = service_start()))
    {
        ERR("cannot start, hr %#lx.\n", hr);
        report_event(EVENT_FAILED, hr);
        factory_revoke();
        root_open_log();
        log_close();
        report_status(SERVICE_STOPPED,
                HRESULT_FACILITY(hr) == FACILITY_WIN32 ? HRESULT_CODE(hr) : ERROR_GEN_FAILURE, 0);
        return;
    }
    report_status(SERVICE_RUNNING, NO_ERROR, 0);
    INFO("service %s is running.\n", debugstr_w(front->service_name));
    report_event(EVENT_STARTED, S_OK);

    /* However many there are, the class is there; who asks for them waits. */
    leftover_delete_all();
    for (i = 0; i < ARRAY_SIZE(tables); i++)
        table_load(tables[i], is_stopping);
    WaitForSingleObject(stop_event, INFINITE);

    report_status(SERVICE_STOP_PENDING, NO_ERROR, 10000);
    INFO("service %s is stopping.\n", debugstr_w(front->service_name));
    tasks_shutdown();
    engine_refuse();
    for (i = 0; i < ARRAY_SIZE(tables); i++)
        table_halt(tables[i]);
    engine_shutdown();
    store_shutdown();
    counters_save();
    report_event(EVENT_STOPPED, S_OK);
    log_close();
    /* Back to back: between them an activation finds neither the class nor a
     * service that it could start. The process ends with the last report. */
    if (is_replaced)
        factory_forget();
    factory_revoke();
    report_status(SERVICE_STOPPED, NO_ERROR, 0);
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    if (reason == DLL_PROCESS_ATTACH)
    {
        dosvc_instance = instance;
        DisableThreadLibraryCalls(instance);
    }
    return TRUE;
}
