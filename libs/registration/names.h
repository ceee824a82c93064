/*
 * Names that the service, its clients and its installation share
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

/* tools/export-to-wine gives this file to the modules in Wine's tree, in place of registration.h. */

#ifndef __DOSVC_NAMES_H
#define __DOSVC_NAMES_H

#define DOSVC_SERVICE_NAME   L"DoSvc"
#define DOSVC_SERVICE_KEY    L"System\\CurrentControlSet\\Services\\" DOSVC_SERVICE_NAME
#define DOSVC_PARAMETERS_KEY DOSVC_SERVICE_KEY L"\\Parameters"

#define BITS_SERVICE_NAME    L"BITS"
#define BITS_SERVICE_KEY     L"System\\CurrentControlSet\\Services\\" BITS_SERVICE_NAME
#define BITS_PARAMETERS_KEY  BITS_SERVICE_KEY L"\\Parameters"

/* Classes of BITS 1.5, 2.0, 2.5, 3.0, 4.0 and 5.0, which Wine does not register: a client tests for a version by its
 * class (bits-front 3.1). The later ones promise what is not offered. CLSID is a macro of one of these. */
#define BITS_LATER_CLSIDS(CLSID) \
    CLSID(F087771F, D74F, 4C1A, BB, 8A, E1, 6A, CA, 91, 24, EA) \
    CLSID(6D18AD12, BDE3, 4393, B3, 11, 09, 9C, 34, 6E, 6D, F9) \
    CLSID(03CA98D6, FF5D, 49B8, AB, C6, 03, DD, 84, 12, 70, 20) \
    CLSID(659CDEA7, 489E, 11D9, A9, CD, 00, 0D, 56, 96, 52, 51) \
    CLSID(BB6DF56B, CACE, 11DC, 99, 92, 00, 19, B9, 3A, 3A, 84) \
    CLSID(1ECCA34C, E88A, 44E3, 8D, 6A, 89, 21, BD, E9, E4, 52)

/* Control that stops the service as SERVICE_CONTROL_STOP does, since another DLL is to take its place. */
#define DOSVC_CONTROL_REPLACE 200

/* Pipes from which a client in Wine reads a reference to a class object, and the bytes that are enough for one. */
#define DOSVC_PIPE_NAME      L"\\\\.\\pipe\\DoSvcClassObject"
#define BITS_PIPE_NAME       L"\\\\.\\pipe\\BitsClassObject"
#define DOSVC_REFERENCE_SIZE 4096

/* Folders of the services below %SystemRoot%, as on Windows, and the names of folders in them. */
#define DOSVC_ROOT_NAME      L"DeliveryOptimization"
#define DOSVC_ROOT_FOLDER    L"\\ServiceProfiles\\NetworkService\\AppData\\Local\\Microsoft\\Windows" \
                             L"\\" DOSVC_ROOT_NAME
#define BITS_ROOT_FOLDER     L"\\ServiceProfiles\\NetworkService\\AppData\\Local\\Microsoft\\Windows\\BITS"
#define STATE_NAME           L"State\\"
#define LOGS_NAME            L"Logs\\"
/* Folder below %TEMP% in which earlier versions had records when that one could not be written. */
#define DOSVC_STATE_FALLBACK L"\\" DOSVC_ROOT_NAME L"\\State"
/* Value beside the settings of the service: folders that have records and logs, each with a backslash at its end, the
 * one in use first. Without it there is only that below %SystemRoot%. */
#define FOLDERS_VALUE        L"Folders"

/* Return whether this is Wine, rather than Windows. */
static inline BOOL is_wine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

#endif /* __DOSVC_NAMES_H */
