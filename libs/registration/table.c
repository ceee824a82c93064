/*
 * All files, registry values and settings that dosvc consists of in a prefix
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

#define CLASSES L"Software\\Classes\\"

const struct service_settings service_settings =
{
    SERVICE_WIN32_OWN_PROCESS, SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL,
    /* Wine's svchost knows no -p. Its group loads every DLL it names, and none
     * if one fails, so it holds this service only. */
    L"%SystemRoot%\\system32\\svchost.exe -k DoSvcGroup",
    L"Delivery Optimization",
    L"Downloads files for programs that use the Delivery Optimization interfaces.",
};

static const struct value service_values[] =
{
    {0, DOSVC_PARAMETERS_KEY, L"ServiceDll", REG_EXPAND_SZ, L"%SystemRoot%\\system32\\dosvc.dll"},
    {0, L"Software\\Microsoft\\Windows NT\\CurrentVersion\\SvcHost", L"DoSvcGroup", REG_MULTI_SZ, DOSVC_SERVICE_NAME},
    {0, CLASSES L"AppID\\" DOSVC_APPID_TEXT, L"LocalService", REG_SZ, DOSVC_SERVICE_NAME},
};

static const struct value class_values[] =
{
    {0, CLASSES L"CLSID\\" DOSVC_CLSID_TEXT, NULL, REG_SZ, L"Delivery Optimization"},
    {0, CLASSES L"CLSID\\" DOSVC_CLSID_TEXT, L"AppID", REG_SZ, DOSVC_APPID_TEXT},
};

#define CLSID_TEXT(a, b, c, d, e, f, g, h, i, j, k) L"{" #a "-" #b "-" #c "-" #d #e "-" #f #g #h #i #j #k "}",

const WCHAR * const front_clsids[] = { BITS_LATER_CLSIDS(CLSID_TEXT) NULL };

/* Without a text: the path of the DLL. */
static const struct value proxy_values[] =
{
    {0, CLASSES L"CLSID\\" DOSVC_PROXY_CLSID_TEXT, NULL, REG_SZ, L"Delivery Optimization proxies"},
    {0, CLASSES L"CLSID\\" DOSVC_PROXY_CLSID_TEXT L"\\InProcServer32", NULL, REG_SZ, NULL},
    {0, CLASSES L"CLSID\\" DOSVC_PROXY_CLSID_TEXT L"\\InProcServer32", L"ThreadingModel", REG_SZ, L"Both"},
};

const struct registration_interface registration_interfaces[] =
{
    {L"IDOManager",                    L"{400E2D4A-1431-4C1A-A748-39CA472CFDB1}", L"5",  FALSE},
    {L"IDODownload",                   L"{FBBD7FC0-C147-4727-A38D-827EF071EE77}", L"10", FALSE},
    {L"IDODownloadStatusCallback",     L"{D166E8E3-A90E-4392-8E87-05E996D3747D}", L"4",  FALSE},
    {L"IDeliveryOptimizationJob",      L"{EE2584CF-A69C-4848-B633-2649962B3EF7}", L"4",  FALSE},
    {L"IDeliveryOptimizationJob2",     L"{18995A26-BF59-4ABE-9F8B-D5092D5A2405}", L"6",  FALSE},
    {L"IDeliveryOptimizationFile",     L"{B76B9699-E99E-4101-803F-A20E325D93E2}", L"5",  FALSE},
    {L"IDeliveryOptimizationFile2",    L"{3A87296F-6EC2-4126-AB29-E3F8DC4CC390}", L"5",  FALSE},
    {L"IDosvcStatus",                  L"{3E8B5F0A-94D1-4C2E-8A67-5B1F0D9C7E42}", L"8",  FALSE},
    {L"IBackgroundCopyJob5",           L"{E847030C-BBBA-4657-AF6D-484AA42BF1FE}", L"55", FALSE},
    {L"IBackgroundCopyJobHttpOptions2", L"{B591A192-A405-4FC3-8323-4C5C542578FC}", L"13", FALSE},
    {L"IBackgroundCopyJobHttpOptions3", L"{8A9263D3-FD4C-4EDA-9B28-30132A4D4E3C}", L"15", FALSE},
    {L"IBackgroundCopyFile3",          L"{659CDEAA-489E-11D9-A9CD-000D56965251}", L"12", FALSE},
    {L"IBackgroundCopyFile4",          L"{EF7E0655-7888-4960-B0E5-730846E03492}", L"13", FALSE},
    {L"IBackgroundCopyFile5",          L"{85C1657F-DAFC-40E8-8834-DF18EA25717E}", L"15", FALSE},
    {L"IBackgroundCopyManager",        L"{5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C}", L"7",  TRUE},
    {L"IBackgroundCopyJob",            L"{37668D37-507E-4160-9316-26306D150B12}", L"35", TRUE},
    {L"IBackgroundCopyJob2",           L"{54B50739-686F-45EB-9DFF-D6A9A0FAA9AF}", L"43", TRUE},
    {L"IBackgroundCopyJob3",           L"{443C8934-90FF-48ED-BCDE-26F5C7450042}", L"47", TRUE},
    {L"IBackgroundCopyJob4",           L"{659CDEAE-489E-11D9-A9CD-000D56965251}", L"53", TRUE},
    {L"IBackgroundCopyJobHttpOptions", L"{F1BD1079-9F01-4BDC-8036-F09B70095066}", L"11", TRUE},
    {L"IBackgroundCopyFile",           L"{01B7BD23-FB88-4A77-8490-5891D3E4653A}", L"6",  TRUE},
    {L"IBackgroundCopyFile2",          L"{83E81B93-0873-474D-8A8C-F2018B1A939C}", L"8",  TRUE},
    {L"IBackgroundCopyError",          L"{19C613A0-FCB8-4F28-81AE-897C3D078F81}", L"8",  TRUE},
    {L"IBackgroundCopyCallback",       L"{97EA99C7-0186-4AD4-8DF9-C5B4E0ED6B22}", L"6",  TRUE},
    {L"IBackgroundCopyCallback2",      L"{659CDEAC-489E-11D9-A9CD-000D56965251}", L"7",  TRUE},
    {L"IEnumBackgroundCopyJobs",       L"{1AF4F612-3B71-466F-8F58-7B6F73AC57AD}", L"8",  TRUE},
    {L"IEnumBackgroundCopyFiles",      L"{CA51E165-C365-424C-8D41-24AAA4FF3C40}", L"8",  TRUE},
};

const unsigned int registration_interface_count = ARRAY_SIZE(registration_interfaces);

/* The name wine may stand for a 32-bit loader, which finds 32-bit programs. The
 * setup program of that width takes part in verifying, too, and hands all else
 * to the other one. */
const struct registration_file registration_files[] =
{
    {L"dosvc.dll",       L"dlls\\dosvc",           FALSE},
    {L"dosvcps.dll",     L"dlls\\dosvcps",         FALSE},
    {L"dosvcps.dll",     L"dlls\\dosvcps",         TRUE},
    {L"dosvc-setup.exe", L"programs\\dosvc-setup", TRUE,  TRUE},
    {L"doctl.exe",       L"programs\\doctl",       FALSE},
    {L"doctl.exe",       L"programs\\doctl",       TRUE},
    {L"dosvc-setup.exe", L"programs\\dosvc-setup", FALSE, TRUE},
    {L"qmgr.dll",        L"dlls\\qmgr",            FALSE, FALSE, TRUE},
};

const unsigned int registration_file_count = ARRAY_SIZE(registration_files);

static DWORD for_each_row(const struct value *rows, unsigned int count, REGSAM view, const WCHAR *path,
        value_func func, void *context)
{
    DWORD ret, first = ERROR_SUCCESS;
    unsigned int i;

    for (i = 0; i < count; ++i)
    {
        struct value value = rows[i];

        value.view = view;
        if (!value.text)
            value.text = path;
        if ((ret = func(&value, context)) && !first)
            first = ret;
    }
    return first;
}

static DWORD for_interface(const struct registration_interface *iface, REGSAM view, value_func func, void *context)
{
    WCHAR key[100], methods[100], proxy[100];
    const struct value rows[] =
    {
        /* First, as it tells whose the others are. */
        {0, proxy,   NULL, REG_SZ, DOSVC_PROXY_CLSID_TEXT, iface},
        {0, key,     NULL, REG_SZ, iface->name, iface},
        {0, methods, NULL, REG_SZ, iface->methods, iface},
    };

    swprintf(key, ARRAY_SIZE(key), CLASSES L"Interface\\%s", iface->iid);
    swprintf(methods, ARRAY_SIZE(methods), L"%s\\NumMethods", key);
    swprintf(proxy, ARRAY_SIZE(proxy), L"%s\\ProxyStubClsid32", key);
    return for_each_row(rows, ARRAY_SIZE(rows), view, NULL, func, context);
}

static DWORD for_each_front_class(REGSAM view, value_func func, void *context)
{
    DWORD ret, first = ERROR_SUCCESS;
    unsigned int i;
    WCHAR key[100];

    for (i = 0; front_clsids[i]; ++i)
    {
        const struct value rows[] =
        {
            {0, key, NULL, REG_SZ, L"Background Intelligent Transfer Service"},
            {0, key, L"AppID", REG_SZ, BITS_APPID_TEXT},
        };

        swprintf(key, ARRAY_SIZE(key), CLASSES L"CLSID\\%s", front_clsids[i]);
        if ((ret = for_each_row(rows, ARRAY_SIZE(rows), view, NULL, func, context)) && !first)
            first = ret;
    }
    return first;
}

static DWORD for_each_interface(BOOL is_bits, REGSAM view, value_func func, void *context)
{
    DWORD ret, first = ERROR_SUCCESS;
    unsigned int i;

    for (i = 0; i < registration_interface_count; ++i)
    {
        if (registration_interfaces[i].is_bits != is_bits)
            continue;
        if ((ret = for_interface(&registration_interfaces[i], view, func, context)) && !first)
            first = ret;
    }
    return first;
}

DWORD for_each_value(enum value_group group, REGSAM view, const WCHAR *path, value_func func, void *context)
{
    DWORD ret, first;

    switch (group)
    {
        case VALUES_SERVICE:
            return for_each_row(service_values, ARRAY_SIZE(service_values), view, NULL, func, context);
        case VALUES_CLASS:
            return for_each_row(class_values, ARRAY_SIZE(class_values), view, NULL, func, context);
        case VALUES_PROXIES:
            first = for_each_row(proxy_values, ARRAY_SIZE(proxy_values), view, path, func, context);
            ret = for_each_interface(FALSE, view, func, context);
            return first ? first : ret;
        case VALUES_BITS:
            return for_each_interface(TRUE, view, func, context);
        case VALUES_FRONT:
            return for_each_front_class(view, func, context);
    }
    return ERROR_INVALID_PARAMETER;
}
