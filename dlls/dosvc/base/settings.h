/*
 * Settings of the service in the registry
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

/* Only administrators can write the values. README.md lists them. */

#ifndef __DOSVC_SETTINGS_H
#define __DOSVC_SETTINGS_H

#include "base/types.h"

enum setting
{
    SETTING_MAX_CONNECTIONS, /* of one transfer */
    SETTING_DOWNLOAD_EXPIRY, /* seconds */
    SETTING_JOB_EXPIRY,      /* seconds */
    SETTING_JOB_INACTIVITY,  /* seconds, of jobs of BITS */
    SETTING_CRASH_POINT,     /* number of the crash point (store.h) that ends the process; removed when it is read */
    SETTING_PROXY,           /* string: a list as of WinHTTP, or "direct" */
    SETTING_PROXY_BYPASS,    /* string */
};

/* Return a number within its bounds. */
extern DWORD settings_get_number(enum setting setting);
/* Return a string, or NULL if there is none or it is empty. The caller frees it. */
extern WCHAR *settings_get_string(enum setting setting);
extern WCHAR *registry_get_string(HKEY root, const WCHAR *key, const WCHAR *name);

#endif /* __DOSVC_SETTINGS_H */
