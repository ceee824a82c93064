/*
 * Front: the service that this process is, Delivery Optimization or BITS
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

/* The DLL is installed as dosvc.dll and as qmgr.dll, and serves as the service that ServiceMain is called for. This row
 * has the names and places in which the fronts differ. What their jobs may do is in job_rules (model/job.h), their
 * classes and error codes are in com_front (com/com.h). */

#ifndef __DOSVC_FRONT_H
#define __DOSVC_FRONT_H

#include "base/types.h"

struct front
{
    const WCHAR *service_name;
    const WCHAR *parameters_key; /* below HKEY_LOCAL_MACHINE; the settings */
    const WCHAR *pipe_name;      /* from which clients in Wine read a reference to the class object */
    const WCHAR *root_folder;    /* below %SystemRoot%, of records and logs; ends with a backslash, as does the next */
    const WCHAR *state_fallback; /* below %TEMP%, where earlier versions had records; or NULL */
    const WCHAR *root_name;      /* of that folder on a drive of the administrator's choice */
    const WCHAR *log_prefix;     /* of the names of log files */
    const WCHAR *event_source;   /* in the event log */
    const WCHAR *state_mutex;    /* held by the process that uses the folder */
    const WCHAR *temporary_prefix; /* of the names of temporary files */
    const WCHAR *user_agent;
    BOOL has_policies;           /* obeys the administrator's settings for Delivery Optimization */
};

extern const struct front dosvc_front, bits_front;
/* Row of this process. Set before anything else runs. */
extern const struct front *front;

#endif /* __DOSVC_FRONT_H */
