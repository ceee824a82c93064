/*
 * Identifiers of the texts of errors
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

/* The texts are strings in the resources of dosvc.dll, so that the service and doctl, which can explain an error also
 * when the service does not run, say the same. */

#ifndef __DOSVCERRORS_H
#define __DOSVCERRORS_H

/* The text of an error code of ours has the code's low word as identifier: a DO_E_* code is 0x1001 or more, an HTTP
 * status 100 to 599, an error of WinHTTP 12000 or more, a BITS code is added to the base below. */
#define IDS_HTTP_FIRST    100
#define IDS_HTTP_LAST     599
#define IDS_BG_BASE       0x800
#define IDS_CONTEXT_BASE  0x900  /* + BG_ERROR_CONTEXT */
#define IDS_HTTP_OTHER    0x910  /* %1!u!: the status */
#define IDS_GENERIC       0x911  /* %1!08x!: the code */
#define IDS_HTTP_REDIRECT 0x912  /* HTTP_E_STATUS_UNEXPECTED_REDIRECTION, whose code is no status */
#define IDS_DO_FIRST      0x1001
#define IDS_NETWORK_FIRST 12000
#define IDS_NETWORK_LAST  12999
#define IDS_WIN32_BASE    0x7000 /* + an error of the system, whose text is the system's */
/* The next step after an error, for doctl, has this added to the identifier. */
#define IDS_NEXT_STEP     0x8000

#ifndef RC_INVOKED

#define HTTP_REDIRECTION_CODE 3
#define ERROR_TEXT_MAX        1024 /* characters */

#include "deliveryoptimizationerrors.h"

/* Return the identifier of an error, or 0. There need be no text with it; that of an HTTP status is IDS_HTTP_OTHER
 * then. */
static inline UINT error_text_id(HRESULT hr)
{
    UINT code = HRESULT_CODE(hr);

    switch (HRESULT_FACILITY(hr))
    {
        case FACILITY_DELIVERY_OPTIMIZATION:
            return code >= IDS_DO_FIRST && code < IDS_WIN32_BASE ? code : 0;
        case FACILITY_HTTP:
            if (code == HTTP_REDIRECTION_CODE)
                return IDS_HTTP_REDIRECT;
            return code >= IDS_HTTP_FIRST && code <= IDS_HTTP_LAST ? code : IDS_HTTP_OTHER;
        case FACILITY_BACKGROUNDCOPY:
            return code < IDS_CONTEXT_BASE - IDS_BG_BASE ? IDS_BG_BASE + code : 0;
        case FACILITY_WIN32:
            if (code < IDS_NEXT_STEP - IDS_WIN32_BASE)
                return IDS_WIN32_BASE + code;
            return code >= IDS_NETWORK_FIRST && code <= IDS_NETWORK_LAST ? code : 0;
        default:
            return 0;
    }
}

/* Load a string of the module, with a number if it has a place for one. FALSE if there is none. */
static inline BOOL error_text_format(HINSTANCE module, UINT id, DWORD number, WCHAR text[ERROR_TEXT_MAX])
{
    DWORD_PTR args[] = { number };
    WCHAR format[ERROR_TEXT_MAX];

    return LoadStringW(module, id, format, ERROR_TEXT_MAX) && FormatMessageW(FORMAT_MESSAGE_FROM_STRING
            | FORMAT_MESSAGE_ARGUMENT_ARRAY, format, 0, 0, text, ERROR_TEXT_MAX, (va_list *)args);
}

/* Load the text of an error, or with IDS_NEXT_STEP as base the next step. FALSE if the module has none. */
static inline BOOL error_text_load(HINSTANCE module, UINT base, HRESULT hr, WCHAR text[ERROR_TEXT_MAX])
{
    UINT id = error_text_id(hr);

    if (id && error_text_format(module, base + id, HRESULT_CODE(hr), text))
        return TRUE;
    return HRESULT_FACILITY(hr) == FACILITY_HTTP
            && error_text_format(module, base + IDS_HTTP_OTHER, HRESULT_CODE(hr), text);
}

#endif /* RC_INVOKED */

#endif /* __DOSVCERRORS_H */
