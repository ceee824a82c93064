/*
 * doctl explain: what an error means
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
#include <dosvcerrors.h>

struct explain_values
{
    BOOL json;
};

const struct option explain_options[] =
{
    {L"json", 'j', OPTION_FLAG, offsetof(struct explain_values, json)},
    {NULL}
};

/* Read the digits of a code: an HTTP status, an error of the system, or an HRESULT. */
static BOOL parse_digits(const WCHAR *text, HRESULT *hr)
{
    BOOL is_hex = wcspbrk(text, L"abcdefxABCDEFX") || wcslen(text) == 8;
    LONGLONG code;
    WCHAR *end;

    code = _wcstoi64(text, &end, is_hex ? 16 : 10);
    if (end == text || *end || code < (LONG)MINLONG || code > MAXDWORD)
        return FALSE;
    if (!is_hex && code >= IDS_HTTP_FIRST && code <= IDS_HTTP_LAST)
        *hr = MAKE_HRESULT(SEVERITY_ERROR, FACILITY_HTTP, code);
    else
        *hr = code >= 0 && code <= MAXWORD ? HRESULT_FROM_WIN32(code) : (HRESULT)code;
    return TRUE;
}

static void write_json(HRESULT hr, const WCHAR *next)
{
    write_text(STD_OUTPUT_HANDLE, L"{\"schema\":1,");
    write_json_error(hr);
    write_json_member(L"next", next, TRUE);
    write_text(STD_OUTPUT_HANDLE, L"}\n");
}

static void write_lines(HRESULT hr, const WCHAR *next)
{
    const WCHAR *name = error_name(hr);
    WCHAR *text = error_text(hr);

    write_message(STD_OUTPUT_HANDLE, IDS_EXPLANATION, hr, name ? name : L"-", text ? text : L"");
    if (next)
        write_message(STD_OUTPUT_HANDLE, IDS_EXPLANATION_NEXT, next);
    free(text);
}

enum exit_code explain_run(const struct verb *verb, const void *values, WCHAR **args)
{
    const struct explain_values *explain = values;
    WCHAR *next;
    HRESULT hr;

    if (!error_from_name(args[0], &hr) && !parse_digits(args[0], &hr))
        return report_usage(verb, IDS_BAD_CODE, args[0]);
    next = error_next_step(hr);
    if (explain->json)
        write_json(hr, next);
    else
        write_lines(hr, next);
    free(next);
    return EXIT_DONE;
}
