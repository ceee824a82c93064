/*
 * Result codes of BITS
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

/* The names are those of the Windows SDK. Those that bitsmsg.h of Wine and mingw-w64 lacks are here. */

#ifndef __DOSVC_BITSERRORS_H
#define __DOSVC_BITSERRORS_H

#include <bitsmsg.h>

#ifndef BG_E_INVALID_SERVER_RESPONSE
#define BG_E_INVALID_SERVER_RESPONSE ((HRESULT)0x8020001b)
#endif
#ifndef BG_E_NO_PROGRESS
#define BG_E_NO_PROGRESS ((HRESULT)0x80200024)
#endif
#ifndef BG_E_VALIDATION_FAILED
#define BG_E_VALIDATION_FAILED ((HRESULT)0x80200053)
#endif
#ifndef BG_E_MAXDOWNLOAD_TIMEOUT
#define BG_E_MAXDOWNLOAD_TIMEOUT ((HRESULT)0x80200054)
#endif
#ifndef BG_E_UNKNOWN_PROPERTY_ID
#define BG_E_UNKNOWN_PROPERTY_ID ((HRESULT)0x80200057)
#endif
#ifndef BG_E_READ_ONLY_PROPERTY
#define BG_E_READ_ONLY_PROPERTY ((HRESULT)0x80200058)
#endif
#ifndef BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE
#define BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE ((HRESULT)0x80200061)
#endif
#ifndef BG_E_READ_ONLY_PROPERTY_AFTER_RESUME
#define BG_E_READ_ONLY_PROPERTY_AFTER_RESUME ((HRESULT)0x80200062)
#endif
#ifndef BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE
#define BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE ((HRESULT)0x80200063)
#endif
#ifndef BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED
#define BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED ((HRESULT)0x80200064)
#endif
#ifndef BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED
#define BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED ((HRESULT)0x80200066)
#endif

#endif /* __DOSVC_BITSERRORS_H */
