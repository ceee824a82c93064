/*
 * doctl status: list downloads
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

enum format
{
    FORMAT_TABLE,
    FORMAT_LIST,
    FORMAT_JSON,
};

struct status_values
{
    BOOL all; /* without effect: a prefix has one user */
    BOOL wide;
    int format;
    BOOL json;
};

const struct option status_options[] =
{
    {L"all",    'a', OPTION_FLAG,   offsetof(struct status_values, all)},
    {L"wide",   'w', OPTION_FLAG,   offsetof(struct status_values, wide)},
    {L"format", 'f', OPTION_CHOICE, offsetof(struct status_values, format), L"table|list|json"},
    {L"json",   'j', OPTION_FLAG,   offsetof(struct status_values, json)},
    {NULL}
};

struct list_context
{
    const struct status_values *values;
    const WCHAR *id; /* only this one, NULL for all */
    enum format format;
    unsigned int rows;
    BOOL found; /* a job may have no files */
};

static void write_row(const GUID *id, const struct row *row, void *context)
{
    struct list_context *list = context;

    if (list->id && !id_begins_with(id, list->id))
        return;
    list->found = TRUE;
    if (!row)
        return;
    if (!list->rows++ && list->format == FORMAT_TABLE && list->id)
        write_row_header(list->values->wide);
    switch (list->format)
    {
        case FORMAT_TABLE:
            write_row_columns(row, list->values->wide);
            break;
        case FORMAT_LIST:
            write_row_list(row);
            break;
        case FORMAT_JSON:
            write_row_json(row, list->rows == 1);
            break;
    }
}

enum exit_code status_run(const struct verb *verb, const void *values, WCHAR **args)
{
    struct list_context list = {values, args[0]};
    enum exit_code code = EXIT_DONE;
    struct service service;
    HRESULT hr;

    list.format = list.values->json ? FORMAT_JSON : list.values->format;
    if (FAILED(hr = service_open(&service)))
        return report_no_service(hr);
    if (list.format == FORMAT_JSON)
        write_text(STD_OUTPUT_HANDLE, L"[");
    else if (list.format == FORMAT_TABLE && !list.id)
        write_row_header(list.values->wide);
    hr = enum_rows(&service, write_row, &list);
    if (list.format == FORMAT_JSON)
        write_text(STD_OUTPUT_HANDLE, list.rows ? L"\n]\n" : L"]\n");
    if (FAILED(hr))
    {
        code = report_error(hr, NULL);
    }
    else if (list.id && !list.found)
    {
        write_message(STD_ERROR_HANDLE, IDS_NO_SUCH_ID, list.id);
        code = EXIT_NO_ID;
    }
    service_close(&service);
    return code;
}
