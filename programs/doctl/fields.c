/*
 * doctl status: the fields of Windows, as a list and as JSON
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

static const WCHAR *windows_status(const struct row *row)
{
    static const WCHAR * const names[] = {L"Downloading", L"Complete", L"Caching", L"Paused"};

    return row->stats.status < ARRAY_SIZE(names) ? names[row->stats.status] : L"";
}

static const WCHAR *windows_mode(const struct row *row)
{
    static const struct
    {
        DownloadMode mode;
        const WCHAR *name;
    }
    modes[] =
    {
        {DownloadMode_CdnOnly,  L"Http"},
        {DownloadMode_Lan,      L"Lan"},
        {DownloadMode_Group,    L"Group"},
        {DownloadMode_Internet, L"Internet"},
        {DownloadMode_Simple,   L"Simple"},
        {DownloadMode_Bypass,   L"Bypass"},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(modes); ++i)
    {
        if (modes[i].mode == row->stats.downloadMode)
            return modes[i].name;
    }
    return L"";
}

static const WCHAR *windows_priority(const struct row *row)
{
    return row->stats.isBackground ? L"Background" : L"Foreground";
}

/* Fields of Get-DeliveryOptimizationStatus. */
enum field_type
{
    FIELD_STRING,   /* LPWSTR in the row */
    FIELD_SIZE,     /* UINT64 */
    FIELD_COUNT,    /* UINT */
    FIELD_DURATION, /* UINT, ms */
    FIELD_NAME,     /* by function */
    FIELD_ZERO,     /* 0, without peers and a cache of files */
    FIELD_FALSE,    /* likewise */
    FIELD_UNKNOWN,  /* null */
};

enum field_source
{
    SOURCE_BOTH,
    SOURCE_JOB, /* unknown for downloads */
};

static const struct field
{
    const WCHAR *name;
    enum field_source source;
    enum field_type type;
    size_t offset;
    const WCHAR *(*get_name)(const struct row *row);
}
fields[] =
{
#define X(member) offsetof(struct row, stats.member)
    {L"FileId",                     SOURCE_JOB,  FIELD_STRING,   X(fileId)},
    {L"FileSize",                   SOURCE_BOTH, FIELD_SIZE,     X(fileSize)},
    {L"FileSizeInCache",            SOURCE_BOTH, FIELD_ZERO},
    {L"TotalBytesDownloaded",       SOURCE_BOTH, FIELD_SIZE,     X(totalBytesDownloaded)},
    {L"PercentPeerCaching",         SOURCE_BOTH, FIELD_ZERO},
    {L"BytesFromPeers",             SOURCE_BOTH, FIELD_ZERO},
    {L"BytesFromHTTP",              SOURCE_BOTH, FIELD_SIZE,     X(bytesFromHttp)},
    {L"BytesFromCacheServer",       SOURCE_BOTH, FIELD_SIZE,     X(bytesFromDoinc)},
    {L"BytesFromCdn",               SOURCE_BOTH, FIELD_SIZE,     offsetof(struct row, cdn_bytes)},
    {L"BytesFromLanPeers",          SOURCE_JOB,  FIELD_SIZE,     X(bytesFromLanPeers)},
    {L"BytesFromGroupPeers",        SOURCE_JOB,  FIELD_SIZE,     X(bytesFromGroupPeers)},
    {L"BytesFromInternetPeers",     SOURCE_JOB,  FIELD_SIZE,     X(bytesFromInternetPeers)},
    {L"BytesFromLinkLocalPeers",    SOURCE_BOTH, FIELD_ZERO},
    {L"BytesToLanPeers",            SOURCE_JOB,  FIELD_SIZE,     X(bytesToLanPeers)},
    {L"BytesToGroupPeers",          SOURCE_JOB,  FIELD_SIZE,     X(bytesToGroupPeers)},
    {L"BytesToInternetPeers",       SOURCE_JOB,  FIELD_SIZE,     X(bytesToInternetPeers)},
    {L"BytesToLinkLocalPeers",      SOURCE_BOTH, FIELD_ZERO},
    {L"Status",                     SOURCE_BOTH, FIELD_NAME,     0, windows_status},
    {L"Priority",                   SOURCE_BOTH, FIELD_NAME,     0, windows_priority},
    {L"DownloadDuration",           SOURCE_JOB,  FIELD_DURATION, X(downloadDuration)},
    {L"DownloadMode",               SOURCE_JOB,  FIELD_NAME,     0, windows_mode},
    {L"HttpConnectionCount",        SOURCE_BOTH, FIELD_COUNT,    X(httpConnectionCount)},
    {L"CacheServerConnectionCount", SOURCE_BOTH, FIELD_COUNT,    X(doincConnectionCount)},
    {L"CacheHost",                  SOURCE_BOTH, FIELD_STRING,   offsetof(struct row, cache_host)},
    {L"LanConnectionCount",         SOURCE_JOB,  FIELD_COUNT,    X(lanConnectionCount)},
    {L"GroupConnectionCount",       SOURCE_JOB,  FIELD_COUNT,    X(groupConnectionCount)},
    {L"InternetConnectionCount",    SOURCE_JOB,  FIELD_COUNT,    X(internetConnectionCount)},
    {L"LinkLocalConnectionCount",   SOURCE_BOTH, FIELD_ZERO},
    {L"SourceURL",                  SOURCE_BOTH, FIELD_STRING,   X(sourceURL)},
    {L"NumPeers",                   SOURCE_BOTH, FIELD_ZERO},
    {L"PredefinedCallerApplication", SOURCE_BOTH, FIELD_UNKNOWN},
    {L"ExpireOn",                   SOURCE_BOTH, FIELD_UNKNOWN},
    {L"IsPinned",                   SOURCE_BOTH, FIELD_FALSE},
#undef X
};

/* Return whether JSON has the field without quotes. */
static BOOL is_plain(const struct field *field)
{
    return field->type == FIELD_SIZE || field->type == FIELD_COUNT || field->type == FIELD_ZERO
            || field->type == FIELD_FALSE;
}

/* Return the text of a field, in the buffer if it is no string, or NULL if the value is not known. */
static const WCHAR *field_text(const struct field *field, const struct row *row, WCHAR *buffer, size_t count)
{
    const void *value = (const char *)row + field->offset;
    UINT64 size;
    UINT ms;

    if (field->source == SOURCE_JOB && !row->has_stats)
        return NULL;
    switch (field->type)
    {
        case FIELD_STRING:
            return *(const LPWSTR *)value ? *(const LPWSTR *)value : L"";
        case FIELD_SIZE:
            if ((size = *(const UINT64 *)value) == DO_UNKNOWN_FILE_SIZE)
                return NULL;
            swprintf(buffer, count, L"%I64u", size);
            return buffer;
        case FIELD_COUNT:
            swprintf(buffer, count, L"%u", *(const UINT *)value);
            return buffer;
        case FIELD_DURATION:
            ms = *(const UINT *)value;
            swprintf(buffer, count, L"%02u:%02u:%02u.%03u0000", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60,
                    ms % 1000);
            return buffer;
        case FIELD_NAME:
            return field->get_name(row);
        case FIELD_ZERO:
            return L"0";
        case FIELD_FALSE:
            return L"false";
        case FIELD_UNKNOWN:
            return NULL;
    }
    return L"";
}

void write_list_member(const WCHAR *name, const WCHAR *value)
{
    WCHAR line[64];

    swprintf(line, ARRAY_SIZE(line), L"%-27ls: ", name);
    write_text(STD_OUTPUT_HANDLE, line);
    if (value)
        write_text(STD_OUTPUT_HANDLE, value);
    write_text(STD_OUTPUT_HANDLE, L"\n");
}

static void write_list_error(HRESULT hr)
{
    WCHAR buffer[64], *text = error_text(hr);

    swprintf(buffer, ARRAY_SIZE(buffer), L"%-27ls: 0x%08lx ", L"Error", hr);
    write_text(STD_OUTPUT_HANDLE, buffer);
    write_text(STD_OUTPUT_HANDLE, text ? text : L"");
    write_text(STD_OUTPUT_HANDLE, L"\n");
    free(text);
}

void write_row_list(const struct row *row)
{
    WCHAR buffer[64];
    unsigned int i;

    write_list_member(L"Id", row->id);
    write_list_member(L"Api", row->api->name);
    for (i = 0; i < ARRAY_SIZE(fields); ++i)
        write_list_member(fields[i].name, field_text(&fields[i], row, buffer, ARRAY_SIZE(buffer)));
    if (FAILED(row->status.error))
        write_list_error(row->status.error);
    write_text(STD_OUTPUT_HANDLE, L"\n");
}

void write_row_json(const struct row *row, BOOL first)
{
    WCHAR buffer[64];
    unsigned int i;

    swprintf(buffer, ARRAY_SIZE(buffer), L"%ls{\"Id\":\"%ls\"", first ? L"\n" : L",\n", row->id);
    write_text(STD_OUTPUT_HANDLE, buffer);
    write_json_member(L"Api", row->api->name, TRUE);
    for (i = 0; i < ARRAY_SIZE(fields); ++i)
        write_json_member(fields[i].name, field_text(&fields[i], row, buffer, ARRAY_SIZE(buffer)),
                !is_plain(&fields[i]));
    if (FAILED(row->status.error))
    {
        write_text(STD_OUTPUT_HANDLE, L",\"Error\":{");
        write_json_error(row->status.error);
        write_text(STD_OUTPUT_HANDLE, L"}");
    }
    write_text(STD_OUTPUT_HANDLE, L"}");
}
