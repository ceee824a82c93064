/*
 * The head of an HTTP response
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

#include <string.h>

#include "header.h"

#define TICKS_PER_SECOND    10000000
#define RETRY_AFTER_MAX     (30 * 86400)

struct slice
{
    const WCHAR *text;
    UINT length;
};

static WCHAR lower(WCHAR c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static BOOL slice_starts(const struct slice *slice, const char *name, UINT length)
{
    UINT i;

    for (i = 0; i < length && i < slice->length; i++)
    {
        if (lower(slice->text[i]) != (unsigned char)name[i])
            return FALSE;
    }
    return i == length;
}

/* name is in lower case */
static BOOL slice_equals(const struct slice *slice, const char *name)
{
    return slice->length == strlen(name) && slice_starts(slice, name, slice->length);
}

/* Remove the prefix, if it is there. */
static BOOL skip_chars(struct slice *slice, const char *prefix, UINT length)
{
    if (!slice_starts(slice, prefix, length))
        return FALSE;
    slice->text += length;
    slice->length -= length;
    return TRUE;
}

static BOOL skip(struct slice *slice, const char *prefix)
{
    return skip_chars(slice, prefix, strlen(prefix));
}

static void trim(struct slice *slice)
{
    while (slice->length && (slice->text[0] == ' ' || slice->text[0] == '\t'))
    {
        slice->text++;
        slice->length--;
    }
    while (slice->length && (slice->text[slice->length - 1] == ' ' || slice->text[slice->length - 1] == '\t'))
        slice->length--;
}

/* Take the digits at the front; FALSE if there are none or too many. */
static BOOL take_number(struct slice *slice, UINT64 *number)
{
    const WCHAR *start = slice->text;
    UINT64 value = 0;
    UINT digit;

    for (; slice->length && *slice->text >= '0' && *slice->text <= '9'; slice->text++, slice->length--)
    {
        digit = *slice->text - '0';
        if (value > (~(UINT64)0 - digit) / 10)
            return FALSE;
        value = value * 10 + digit;
    }
    *number = value;
    return slice->text != start;
}

BOOL header_parse_number(const WCHAR *text, UINT length, UINT64 *number)
{
    struct slice slice = { text, length };
    UINT64 value;

    if (!take_number(&slice, &value) || slice.length)
        return FALSE;
    *number = value;
    return TRUE;
}

/* "bytes 0-99/200", "bytes 0-99/" "*" or "bytes *" "/200" */
BOOL header_parse_content_range(const WCHAR *text, UINT length, struct content_range *range)
{
    struct content_range result = { 0, 0, SIZE_UNKNOWN };
    struct slice slice = { text, length };
    BOOL is_unsatisfied;
    UINT64 last = 0;

    if (!skip(&slice, "bytes "))
        return FALSE;
    trim(&slice);
    if (!(is_unsatisfied = skip(&slice, "*")))
    {
        if (!take_number(&slice, &result.offset) || !skip(&slice, "-") || !take_number(&slice, &last))
            return FALSE;
        if (last < result.offset || last == SIZE_UNKNOWN)
            return FALSE;
        result.length = last - result.offset + 1;
    }
    if (!skip(&slice, "/"))
        return FALSE;
    if (!skip(&slice, "*") && (!take_number(&slice, &result.total) || result.total == SIZE_UNKNOWN))
        return FALSE;
    if (slice.length || (is_unsatisfied && result.total == SIZE_UNKNOWN))
        return FALSE;
    if (!is_unsatisfied && result.total != SIZE_UNKNOWN && last >= result.total)
        return FALSE;
    *range = result;
    return TRUE;
}

struct date
{
    UINT day, month, year, hour, minute, second;
};

static BOOL take_digits(struct slice *slice, UINT count, UINT *number)
{
    UINT i, value = 0;

    if (slice->length < count)
        return FALSE;
    for (i = 0; i < count; i++)
    {
        if (slice->text[i] < '0' || slice->text[i] > '9')
            return FALSE;
        value = value * 10 + slice->text[i] - '0';
    }
    slice->text += count;
    slice->length -= count;
    *number = value;
    return TRUE;
}

static BOOL take_name(struct slice *slice, const char * const *names, UINT count, BOOL is_short, UINT *index)
{
    for (*index = 0; *index < count; ++*index)
    {
        if (skip_chars(slice, names[*index], is_short ? 3 : strlen(names[*index])))
            return TRUE;
    }
    return FALSE;
}

static BOOL take_date_part(struct slice *slice, char part, struct date *date)
{
    static const char * const days[] =
            { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" };
    static const char * const months[] =
            { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" };
    char literal[2] = { part, 0 };
    UINT index;

    switch (part)
    {
        case 'w': return take_name(slice, days, 7, TRUE, &index);
        case 'W': return take_name(slice, days, 7, FALSE, &index);
        case 'M':
            if (!take_name(slice, months, 12, TRUE, &index))
                return FALSE;
            date->month = index + 1;
            return TRUE;
        case 'd': return take_digits(slice, 2, &date->day);
        case 'e': return skip(slice, " ") ? take_digits(slice, 1, &date->day) : take_digits(slice, 2, &date->day);
        case 'Y': return take_digits(slice, 4, &date->year);
        case 'y':
            if (!take_digits(slice, 2, &date->year))
                return FALSE;
            date->year += date->year < 70 ? 2000 : 1900;
            return TRUE;
        case 'h': return take_digits(slice, 2, &date->hour);
        case 'm': return take_digits(slice, 2, &date->minute);
        case 's': return take_digits(slice, 2, &date->second);
        default:  return skip(slice, literal);
    }
}

static BOOL is_leap(UINT year)
{
    return !(year % 4) && (year % 100 || !(year % 400));
}

static BOOL date_to_time(const struct date *date, UINT64 *time)
{
    static const unsigned char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    UINT64 days, seconds;
    UINT year, month;

    if (date->year < 1601 || date->hour > 23 || date->minute > 59 || date->second > 60 || !date->day)
        return FALSE;
    if (date->day > lengths[date->month - 1] + (UINT)(date->month == 2 && is_leap(date->year)))
        return FALSE;

    year = date->year - 1601;
    days = (UINT64)year * 365 + year / 4 - year / 100 + year / 400;
    for (month = 1; month < date->month; month++)
        days += lengths[month - 1] + (month == 2 && is_leap(date->year));
    days += date->day - 1;
    seconds = days * 86400 + date->hour * 3600 + date->minute * 60 + date->second;
    *time = seconds * TICKS_PER_SECOND;
    return TRUE;
}

/* The three forms of RFC 9110, section 5.6.7. */
BOOL header_parse_date(const WCHAR *text, UINT length, UINT64 *time)
{
    static const char * const forms[] =
    {
        "w, d M Y h:m:s g",
        "W, d-M-y h:m:s g",
        "w M e h:m:s Y",
    };
    const char *part;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(forms); i++)
    {
        struct slice slice = { text, length };
        struct date date = {0};

        for (part = forms[i]; *part; part++)
        {
            if (!(*part == 'g' ? skip(&slice, "gmt") : take_date_part(&slice, *part, &date)))
                break;
        }
        if (!*part && !slice.length)
            return date_to_time(&date, time);
    }
    return FALSE;
}

BOOL header_parse_etag(const WCHAR *text, UINT length, WCHAR *etag)
{
    UINT i = length >= 2 && text[0] == 'W' && text[1] == '/' ? 2 : 0;

    if (length >= VALIDATOR_MAX || length < i + 2 || text[i] != '"' || text[length - 1] != '"')
        return FALSE;
    for (i++; i < length - 1; i++)
    {
        if (text[i] <= ' ' || text[i] == '"' || text[i] == 0x7f)
            return FALSE;
    }
    memcpy(etag, text, length * sizeof(*text));
    etag[length] = 0;
    return TRUE;
}

/* The parsers of the fields return FALSE to make the whole head invalid. */

static BOOL parse_accept_ranges(const struct slice *value, UINT64 now, struct http_head *head)
{
    head->has_ranges = slice_equals(value, "bytes");
    return TRUE;
}

static BOOL parse_content_length(const struct slice *value, UINT64 now, struct http_head *head)
{
    UINT64 length;

    if (!header_parse_number(value->text, value->length, &length) || length == SIZE_UNKNOWN)
        return FALSE;
    /* Two different lengths are how responses are smuggled. */
    if (head->content_length != SIZE_UNKNOWN && head->content_length != length)
        return FALSE;
    head->content_length = length;
    return TRUE;
}

static BOOL parse_content_range(const struct slice *value, UINT64 now, struct http_head *head)
{
    if (head->has_content_range)
        return FALSE;
    head->has_content_range = header_parse_content_range(value->text, value->length, &head->content_range);
    return TRUE;
}

static BOOL parse_content_type(const struct slice *value, UINT64 now, struct http_head *head)
{
    static const char multipart[] = "multipart/byteranges";

    head->is_multipart = slice_starts(value, multipart, sizeof(multipart) - 1);
    return TRUE;
}

static BOOL parse_etag(const struct slice *value, UINT64 now, struct http_head *head)
{
    if (!header_parse_etag(value->text, value->length, head->validator.etag))
        head->validator.etag[0] = 0;
    return TRUE;
}

static BOOL parse_last_modified(const struct slice *value, UINT64 now, struct http_head *head)
{
    if (value->length >= VALIDATOR_MAX || !header_parse_date(value->text, value->length, &head->modified))
        return TRUE;
    memcpy(head->validator.modified, value->text, value->length * sizeof(*value->text));
    head->validator.modified[value->length] = 0;
    return TRUE;
}

static BOOL parse_location(const struct slice *value, UINT64 now, struct http_head *head)
{
    head->location = value->text;
    head->location_length = value->length;
    return TRUE;
}

static BOOL parse_retry_after(const struct slice *value, UINT64 now, struct http_head *head)
{
    UINT64 seconds, time;

    if (!header_parse_number(value->text, value->length, &seconds))
    {
        if (!header_parse_date(value->text, value->length, &time) || time < now)
            return TRUE;
        seconds = (time - now + TICKS_PER_SECOND - 1) / TICKS_PER_SECOND;
    }
    head->retry_after = min(seconds, RETRY_AFTER_MAX);
    return TRUE;
}

static BOOL parse_transfer_encoding(const struct slice *value, UINT64 now, struct http_head *head)
{
    if (slice_equals(value, "chunked"))
        head->is_chunked = TRUE;
    /* Compressed in transit, which nobody asked for. */
    return head->is_chunked || slice_equals(value, "identity");
}

static const struct
{
    const char *name;
    BOOL (*parse)(const struct slice *value, UINT64 now, struct http_head *head);
}
fields[] =
{
    { "accept-ranges",     parse_accept_ranges },
    { "content-length",    parse_content_length },
    { "content-range",     parse_content_range },
    { "content-type",      parse_content_type },
    { "etag",              parse_etag },
    { "last-modified",     parse_last_modified },
    { "location",          parse_location },
    { "retry-after",       parse_retry_after },
    { "transfer-encoding", parse_transfer_encoding },
};

static BOOL parse_field(const struct slice *line, UINT64 now, struct http_head *head)
{
    struct slice name = { line->text, 0 }, value;
    UINT i;

    while (name.length < line->length && line->text[name.length] != ':')
        name.length++;
    if (name.length == line->length)
        return TRUE;
    value.text = line->text + name.length + 1;
    value.length = line->length - name.length - 1;
    trim(&value);
    for (i = 0; i < ARRAY_SIZE(fields); i++)
    {
        if (slice_equals(&name, fields[i].name))
            return fields[i].parse(&value, now, head);
    }
    return TRUE;
}

/* "HTTP/1.1 200 OK" */
static BOOL parse_status_line(struct slice line, DWORD *status)
{
    UINT64 number;
    UINT digits;

    if (!skip(&line, "http/") || !take_digits(&line, 1, &digits) || !skip(&line, ".")
            || !take_digits(&line, 1, &digits) || !skip(&line, " "))
        return FALSE;
    digits = line.length;
    if (!take_number(&line, &number) || digits - line.length != 3 || (line.length && line.text[0] != ' '))
        return FALSE;
    *status = number;
    return number >= 100 && number <= 599;
}

/* The next line, without what ends it. */
static struct slice take_line(const WCHAR **text)
{
    struct slice line = { *text, 0 };
    const WCHAR *p = *text;

    while (*p && *p != '\r' && *p != '\n')
        p++;
    line.length = p - *text;
    if (*p == '\r')
        p++;
    if (*p == '\n')
        p++;
    *text = p;
    return line;
}

BOOL http_head_parse(const WCHAR *text, UINT64 now, struct http_head *head)
{
    struct slice line;
    UINT length;

    memset(head, 0, sizeof(*head));
    head->content_length = SIZE_UNKNOWN;

    for (length = 0; text[length]; length++)
    {
        if (length == HEADER_MAX)
            return FALSE;
    }
    if (!parse_status_line(take_line(&text), &head->status))
        return FALSE;
    while (*text)
    {
        line = take_line(&text);
        if (!parse_field(&line, now, head))
            return FALSE;
    }
    if (head->is_chunked)
        head->content_length = SIZE_UNKNOWN;
    return TRUE;
}

const WCHAR *validator_if_range(const struct validator *validator)
{
    if (validator->etag[0] == '"')
        return validator->etag;
    return validator->modified[0] ? validator->modified : NULL;
}

static BOOL texts_differ(const WCHAR *a, const WCHAR *b)
{
    while (*a && *a == *b)
    {
        a++;
        b++;
    }
    return *a != *b;
}

BOOL validator_differs(const struct validator *a, const struct validator *b)
{
    if (a->etag[0] && b->etag[0])
        return texts_differ(a->etag, b->etag);
    return a->modified[0] && b->modified[0] && texts_differ(a->modified, b->modified);
}
