/*
 * Texts for error codes
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

#include "dosvc_private.h"
#include "resource.h"

#define MESSAGE_MAX 1024 /* characters */

static HRESULT load_text(UINT id, WCHAR **out)
{
    WCHAR buffer[MESSAGE_MAX];

    return LoadStringW(dosvc_instance, id, buffer, ARRAY_SIZE(buffer)) ? copy_string(buffer, out) : E_FAIL;
}

/* A text with one number in it. */
static HRESULT format_text(UINT id, DWORD number, WCHAR **out)
{
    WCHAR format[MESSAGE_MAX], buffer[MESSAGE_MAX];
    DWORD_PTR args[] = { number };

    if (!LoadStringW(dosvc_instance, id, format, ARRAY_SIZE(format))
            || !FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, format, 0, 0, buffer,
            ARRAY_SIZE(buffer), (va_list *)args))
        return E_FAIL;
    return copy_string(buffer, out);
}

/* The system's own text, without the line end that it comes with. */
static HRESULT system_text(DWORD code, WCHAR **out)
{
    WCHAR buffer[MESSAGE_MAX];
    DWORD len;

    if (!(len = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, code, 0, buffer,
            ARRAY_SIZE(buffer), NULL)))
        return E_FAIL;
    while (len && (buffer[len - 1] == '\r' || buffer[len - 1] == '\n' || buffer[len - 1] == ' '))
        buffer[--len] = 0;
    return len ? copy_string(buffer, out) : E_FAIL;
}

HRESULT message_from_hresult(HRESULT code, DWORD language, WCHAR **out)
{
    HRESULT hr = E_FAIL;

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    /* There are English texts only, and they serve for every language. */
    if (!language)
        return E_INVALIDARG;

    switch (HRESULT_FACILITY(code))
    {
        case FACILITY_DELIVERY_OPTIMIZATION:
            if (HRESULT_CODE(code) >= IDS_DO_FIRST)
                hr = load_text(HRESULT_CODE(code), out);
            break;
        case FACILITY_HTTP:
            if (HRESULT_CODE(code) < IDS_HTTP_FIRST || HRESULT_CODE(code) > IDS_HTTP_LAST
                    || FAILED(hr = load_text(HRESULT_CODE(code), out)))
                hr = format_text(IDS_HTTP_OTHER, HRESULT_CODE(code), out);
            break;
        case FACILITY_BACKGROUNDCOPY:
            if (HRESULT_CODE(code) < IDS_CONTEXT_BASE - IDS_BG_BASE)
                hr = load_text(IDS_BG_BASE + HRESULT_CODE(code), out);
            break;
        case FACILITY_WIN32:
            /* Windows has the texts of network errors in a table of winhttp.dll, Wine nowhere. */
            if (HRESULT_CODE(code) < IDS_NETWORK_FIRST || HRESULT_CODE(code) > IDS_NETWORK_LAST
                    || FAILED(hr = load_text(HRESULT_CODE(code), out)))
                hr = system_text(HRESULT_CODE(code), out);
            break;
    }
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        hr = system_text(code, out);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        hr = format_text(IDS_GENERIC, code, out);
    return hr;
}

HRESULT message_from_context(BG_ERROR_CONTEXT context, DWORD language, WCHAR **out)
{
    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (!language)
        return E_INVALIDARG;
    return load_text(IDS_CONTEXT_BASE + context, out);
}
