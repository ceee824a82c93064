/*
 * Proxies that a script names
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

#ifndef __DOSVC_PROXY_SCRIPT_H
#define __DOSVC_PROXY_SCRIPT_H

#include "proxy.h"

/* Ask the script (PAC) at this URL for the proxy of an origin; the path and query of a request are nothing to it. Waits
 * until the deadline, in the time of GetTickCount64 (0: only what is known already will do), or until *is_cancelled is
 * set and proxy_script_wake called. Errors are ERROR_WINHTTP_*; ERROR_WINHTTP_TIMEOUT leaves the look-up going on. */
extern DWORD proxy_script_find(const WCHAR *script, const struct url_origin *origin, ULONGLONG deadline,
        LONG *is_cancelled, struct proxy *proxy);
/* From any thread. */
extern void proxy_script_wake(void);

#endif /* __DOSVC_PROXY_SCRIPT_H */
