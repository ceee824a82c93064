/*
 * Parser of HTTP/1.1 responses
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

#include <stdlib.h>
#include <string.h>

#include "net/http1.h"
#include "base/text.h"
#include "net/transport.h"
#include "base/url.h"

#define TICKS_PER_SECOND    10000000
#define RETRY_AFTER_MAX     (30 * 86400)

BOOL http1_parse_number(const char *text, UINT length, UINT64 *number)
{
    struct slice slice = { text, length };
    UINT64 value;

    if (!slice_take_number(&slice, &value) || slice.length)
        return FALSE;
    *number = value;
    return TRUE;
}

/* "bytes 0-99/200", "bytes 0-99/" "*" or "bytes *" "/200" */
BOOL http1_parse_content_range(const char *text, UINT length, struct content_range *range)
{
    struct content_range result = { 0, 0, SIZE_UNKNOWN };
    struct slice slice = { text, length };
    BOOL is_unsatisfied;
    UINT64 last = 0;

    if (!slice_skip(&slice, "bytes "))
        return FALSE;
    slice_trim(&slice);
    if (!(is_unsatisfied = slice_skip(&slice, "*")))
    {
        if (!slice_take_number(&slice, &result.offset) || !slice_skip(&slice, "-") || !slice_take_number(&slice, &last))
            return FALSE;
        if (last < result.offset || last == SIZE_UNKNOWN)
            return FALSE;
        result.length = last - result.offset + 1;
    }
    if (!slice_skip(&slice, "/"))
        return FALSE;
    if (!slice_skip(&slice, "*") && (!slice_take_number(&slice, &result.total) || result.total == SIZE_UNKNOWN))
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
    UINT64 value;

    if (slice->length < count || !http1_parse_number(slice->text, count, &value))
        return FALSE;
    slice->text += count;
    slice->length -= count;
    *number = value;
    return TRUE;
}

static BOOL take_name(struct slice *slice, const char * const *names, UINT count, BOOL is_short, UINT *index)
{
    for (*index = 0; *index < count; ++*index)
    {
        if (slice_skip_chars(slice, names[*index], is_short ? 3 : strlen(names[*index])))
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
        case 'e': return slice_skip(slice, " ") ? take_digits(slice, 1, &date->day) : take_digits(slice, 2, &date->day);
        case 'Y': return take_digits(slice, 4, &date->year);
        case 'y':
            if (!take_digits(slice, 2, &date->year))
                return FALSE;
            date->year += date->year < 70 ? 2000 : 1900;
            return TRUE;
        case 'h': return take_digits(slice, 2, &date->hour);
        case 'm': return take_digits(slice, 2, &date->minute);
        case 's': return take_digits(slice, 2, &date->second);
        default:  return slice_skip(slice, literal);
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

BOOL http1_parse_date(const char *text, UINT length, UINT64 *time)
{
    static const char * const forms[] =
    {
        "w, d M Y h:m:s g",
        "W, d-M-y h:m:s g",
        "w M e h:m:s Y",
        "w, d-M-Y h:m:s g",
    };
    const char *part;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(forms); i++)
    {
        struct slice slice = { text, length };
        struct date date = {0};

        for (part = forms[i]; *part; part++)
        {
            if (!(*part == 'g' ? slice_skip(&slice, "gmt") : take_date_part(&slice, *part, &date)))
                break;
        }
        if (!*part && !slice.length)
            return date_to_time(&date, time);
    }
    return FALSE;
}

/* Parsing of one head. */
struct parser
{
    struct http_head *head;
    struct slice retry_after;
    UINT text_length;
    BOOL is_cut;      /* text does not hold all */
    BOOL has_length, has_coding, is_chunked, is_close, is_keep_alive;
    BOOL is_invalid;  /* the head cannot be trusted */
    BOOL has_failed;  /* out of memory */
};

/* Parsers of fields: they set is_invalid to refuse the whole head. */

static void parse_accept_ranges(struct parser *parser, const struct slice *value)
{
    parser->head->has_ranges = slice_equals(value, "bytes");
}

static void parse_connection(struct parser *parser, const struct slice *item)
{
    parser->is_close |= slice_equals(item, "close");
    parser->is_keep_alive |= slice_equals(item, "keep-alive");
}

/* Take several equal lengths for one, in fields of their own or in a list. */
static void parse_content_length(struct parser *parser, const struct slice *item)
{
    UINT64 length = 0;

    parser->is_invalid |= !http1_parse_number(item->text, item->length, &length) || length == SIZE_UNKNOWN
            || (parser->has_length && parser->head->content_length != length);
    parser->has_length = TRUE;
    parser->head->content_length = length;
}

/* Refuse codings other than chunked, which were not asked for, and chunked twice, which is a trick. */
static void parse_transfer_encoding(struct parser *parser, const struct slice *item)
{
    if (!item->length)
        return;
    parser->has_coding = TRUE;
    parser->is_invalid |= parser->is_chunked;
    parser->is_chunked = slice_equals(item, "chunked");
    parser->is_invalid |= !parser->is_chunked && !slice_equals(item, "identity");
}

static void parse_content_range(struct parser *parser, const struct slice *value)
{
    struct http_head *head = parser->head;
    struct content_range range;

    if (!http1_parse_content_range(value->text, value->length, &range)
            || (head->has_content_range && memcmp(&range, &head->content_range, sizeof(range))))
        head->is_range_malformed = TRUE;
    else
        head->content_range = range;
    head->has_content_range = !head->is_range_malformed;
}

static void parse_content_type(struct parser *parser, const struct slice *value)
{
    static const char multipart[] = "multipart/byteranges", page[] = "text/html";

    parser->head->has_type = TRUE;
    parser->head->is_multipart = slice_starts(value, multipart, sizeof(multipart) - 1);
    parser->head->is_page = slice_starts(value, page, sizeof(page) - 1);
}

static void parse_content_encoding(struct parser *parser, const struct slice *item)
{
    WCHAR *coding = parser->head->validator.coding;
    UINT length = 0, i;

    while (coding[length])
        length++;
    if (!item->length || slice_equals(item, "identity"))
        return;
    if (length && length < CODING_MAX - 1)
        coding[length++] = ',';
    for (i = 0; i < item->length && length < CODING_MAX - 1; i++)
        coding[length++] = (unsigned char)text_lower(item->text[i]);
    coding[length] = 0;
}

/* Set a validator, unless it could not be sent back byte for byte in If-Range. */
static void set_validator(WCHAR *text, const struct slice *value)
{
    UINT i;

    text[0] = 0;
    if (value->length >= VALIDATOR_MAX)
        return;
    for (i = 0; i < value->length; i++)
    {
        if ((unsigned char)value->text[i] < ' ' || value->text[i] == 0x7f)
            return;
    }
    for (i = 0; i < value->length; i++)
        text[i] = (unsigned char)value->text[i];
    text[i] = 0;
}

static void parse_etag(struct parser *parser, const struct slice *value)
{
    set_validator(parser->head->validator.etag, value);
}

static void parse_date(struct parser *parser, const struct slice *value)
{
    if (!http1_parse_date(value->text, value->length, &parser->head->date))
        parser->head->date = 0;
}

static void parse_last_modified(struct parser *parser, const struct slice *value)
{
    if (!http1_parse_date(value->text, value->length, &parser->head->modified))
        parser->head->modified = 0;
    set_validator(parser->head->validator.modified, value);
}

/* Append the value and what ends it. */
static void append_value(struct parser *parser, char **string, const struct slice *value, const char *end)
{
    UINT length = *string ? strlen(*string) : 0, end_length = strlen(end);
    char *grown;

    if (!(grown = realloc(*string, length + value->length + end_length + 1)))
    {
        parser->has_failed = TRUE;
        return;
    }
    *string = grown;
    memcpy(grown + length, value->text, value->length);
    memcpy(grown + length + value->length, end, end_length + 1);
}

static void parse_location(struct parser *parser, const struct slice *value)
{
    free(parser->head->location);
    parser->head->location = NULL;
    append_value(parser, &parser->head->location, value, "");
}

static void parse_set_cookie(struct parser *parser, const struct slice *value)
{
    append_value(parser, &parser->head->cookies, value, "\n");
}

static void parse_server_challenge(struct parser *parser, const struct slice *value)
{
    append_value(parser, &parser->head->challenges[0], value, "\n");
}

static void parse_proxy_challenge(struct parser *parser, const struct slice *value)
{
    append_value(parser, &parser->head->challenges[1], value, "\n");
}

/* Keep the value until the Date is known. */
static void parse_retry_after(struct parser *parser, const struct slice *value)
{
    parser->retry_after = *value;
}

enum field_kind
{
    FIELD_WHOLE,
    FIELD_LIST,    /* the items, between commas, one by one */
    FIELD_FRAMING, /* a list that decides about the connection: not if spelt in an odd way */
    FIELD_STRICT,  /* decides what the body is: invalid if spelt in an odd way */
    FIELD_STRICT_LIST,
};

static const struct
{
    const char *name;
    void (*parse)(struct parser *parser, const struct slice *value);
    enum field_kind kind;
}
fields[] =
{
    { "accept-ranges",     parse_accept_ranges },
    { "connection",        parse_connection,        FIELD_FRAMING },
    { "content-encoding",  parse_content_encoding,  FIELD_LIST },
    { "content-length",    parse_content_length,    FIELD_STRICT_LIST },
    { "content-range",     parse_content_range,     FIELD_STRICT },
    { "content-type",      parse_content_type },
    { "date",              parse_date },
    { "etag",              parse_etag },
    { "last-modified",     parse_last_modified },
    { "location",          parse_location },
    { "proxy-authenticate", parse_proxy_challenge },
    { "retry-after",       parse_retry_after },
    { "set-cookie",        parse_set_cookie },
    { "transfer-encoding", parse_transfer_encoding, FIELD_STRICT_LIST },
    { "www-authenticate",  parse_server_challenge },
};

/* Parse each item, also one that is empty. */
static void parse_list(struct parser *parser, struct slice value,
        void (*parse)(struct parser *parser, const struct slice *item))
{
    BOOL is_last;
    struct slice item;

    do
    {
        is_last = !value.length || !memchr(value.text, ',', value.length);
        slice_take_part(&value, ",", &item);
        parse(parser, &item);
    } while (!is_last);
}

/* Parse a line; without a colon or with an unknown name it does not matter. Programs differ in how they read a blank
 * before the colon, and a line that continues the last one. */
static void parse_field(struct parser *parser, const struct slice *line, BOOL is_folded)
{
    const char *colon = memchr(line->text, ':', line->length);
    struct slice name = { line->text, colon ? colon - line->text : 0 }, value;
    BOOL is_odd = is_folded;
    UINT i;

    if (!name.length)
        return;
    value.text = colon + 1;
    value.length = line->length - name.length - 1;
    is_odd |= colon[-1] == ' ' || colon[-1] == '\t';
    slice_trim(&name);
    slice_trim(&value);
    for (i = 0; i < ARRAY_SIZE(fields); i++)
    {
        if (!slice_equals(&name, fields[i].name))
            continue;
        if (is_odd && fields[i].kind >= FIELD_FRAMING)
            parser->is_invalid |= fields[i].kind != FIELD_FRAMING;
        else if (fields[i].kind == FIELD_WHOLE || fields[i].kind == FIELD_STRICT)
            fields[i].parse(parser, &value);
        else
            parse_list(parser, value, fields[i].parse);
        return;
    }
}

/* "HTTP/1.1 200 OK"; the reason and the blank in front of it may be missing. */
static BOOL parse_status_line(struct slice line, BOOL *is_old, UINT *status)
{
    UINT minor;

    if (line.length < 7 || memcmp(line.text, "HTTP/1.", 7))
        return FALSE;
    line.text += 7;
    line.length -= 7;
    if (!take_digits(&line, 1, &minor) || !slice_skip(&line, " ") || !take_digits(&line, 3, status))
        return FALSE;
    *is_old = !minor;
    return !line.length || line.text[0] == ' ';
}

struct lines
{
    char *next, *end;
};

static BOOL is_continued(const char *feed, const struct lines *lines)
{
    BOOL is_empty = feed == lines->next || (feed == lines->next + 1 && feed[-1] == '\r');

    return !is_empty && feed + 1 < lines->end && (feed[1] == ' ' || feed[1] == '\t');
}

/* Take the next line without its end, and join those that continue it. FALSE if there is none, or one that could be
 * read in two ways. */
static BOOL take_line(struct lines *lines, struct slice *line, BOOL *is_folded)
{
    char *feed = lines->next;

    *is_folded = FALSE;
    while ((feed = memchr(feed, '\n', lines->end - feed)) && is_continued(feed, lines))
    {
        if (feed[-1] == '\r')
            feed[-1] = ' ';
        *feed = ' ';
        *is_folded = TRUE;
    }
    if (!feed)
        return FALSE;
    line->text = lines->next;
    line->length = feed - lines->next;
    if (line->length && feed[-1] == '\r')
        line->length--;
    lines->next = feed + 1;
    return line->length <= HTTP1_LINE_MAX && !memchr(line->text, 0, line->length)
            && !memchr(line->text, '\r', line->length);
}

/* Keep a line, decoded as UTF-8 or else as Latin-1, with its end, or nothing of it. */
static void keep_line(struct parser *parser, const struct slice *line)
{
    WCHAR *text = parser->head->text + parser->text_length;
    UINT length, i;

    parser->is_cut |= parser->text_length + line->length + 2 > HTTP1_TEXT_MAX;
    if (parser->is_cut)
        return;
    if (parser->text_length)
    {
        *text++ = '\r';
        *text++ = '\n';
        parser->text_length += 2;
    }
    if (!utf8_decode(line->text, line->length, text, &length))
    {
        for (i = 0; i < line->length; i++)
            text[i] = (unsigned char)line->text[i];
        length = line->length;
    }
    text[length] = 0;
    parser->text_length += length;
}

static BOOL parse_lines(struct parser *parser, struct lines *lines, BOOL *is_old)
{
    UINT count = 0, status;
    struct slice line;
    BOOL is_folded;

    while (lines->next < lines->end && (*lines->next == '\r' || *lines->next == '\n'))
        lines->next++;
    if (!take_line(lines, &line, &is_folded) || is_folded || !parse_status_line(line, is_old, &status))
        return FALSE;
    parser->head->status = status;
    do
    {
        keep_line(parser, &line);
        if (!take_line(lines, &line, &is_folded))
            return FALSE;
        if (!line.length)
            return lines->next == lines->end;
        parse_field(parser, &line, is_folded);
    } while (++count <= HTTP1_FIELDS_MAX && !parser->is_invalid);
    return FALSE;
}

static void init_framing(struct framing *framing, const struct parser *parser, BOOL is_old)
{
    const struct http_head *head = parser->head;

    memset(framing, 0, sizeof(*framing));
    framing->is_persistent = !parser->is_close && (!is_old || parser->is_keep_alive)
            && !(parser->has_coding && (parser->has_length || is_old));
    if (head->status / 100 == 1 || head->status == 204 || head->status == 304)
    {
        framing->is_ended = TRUE;
    }
    else if (parser->is_chunked)
    {
        framing->kind = FRAMING_CHUNKED;
    }
    else if (parser->has_length)
    {
        framing->left = head->content_length;
        framing->is_ended = !framing->left;
    }
    else
    {
        framing->kind = FRAMING_CLOSE;
        framing->is_persistent = FALSE;
    }
}

static DWORD get_retry_after(const struct slice *value, UINT64 now)
{
    UINT64 seconds, time;

    if (!http1_parse_number(value->text, value->length, &seconds))
    {
        if (!http1_parse_date(value->text, value->length, &time) || time < now)
            return 0;
        seconds = (time - now + TICKS_PER_SECOND - 1) / TICKS_PER_SECOND;
    }
    return min(seconds, RETRY_AFTER_MAX);
}

DWORD http1_parse_head(char *data, UINT size, UINT64 now, struct http_head *head, struct framing *framing)
{
    struct parser parser = { head };
    struct lines lines = { data, data + size };
    BOOL is_old;

    memset(head, 0, sizeof(*head));
    head->content_length = SIZE_UNKNOWN;
    /* No line gets longer, apart from what ends it. */
    if (!(head->text = calloc(min(2 * size, HTTP1_TEXT_MAX) + 1, sizeof(*head->text))))
        return ERROR_OUTOFMEMORY;
    if (size > HTTP1_HEAD_MAX || !parse_lines(&parser, &lines, &is_old))
        return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    if (parser.has_failed)
        return ERROR_OUTOFMEMORY;
    init_framing(framing, &parser, is_old);
    if (head->status < 100 || head->status > 599)
        head->status = 500;
    if ((head->is_chunked = parser.is_chunked))
        head->content_length = SIZE_UNKNOWN;
    head->retry_after = get_retry_after(&parser.retry_after, head->date ? head->date : now);
    head->validator.is_date_strong = head->validator.modified[0] && head->modified
            && head->modified + TICKS_PER_SECOND <= head->date;
    return ERROR_SUCCESS;
}

BOOL http1_find_head(const char *data, UINT size, UINT *checked, UINT *head_size)
{
    static const char start[] = "HTTP/1.";
    const char *feed = data, *end = data + size;
    UINT blank = 0;

    *head_size = 0;
    while (blank < size && (data[blank] == '\r' || data[blank] == '\n'))
        blank++;
    if (memcmp(data + blank, start, min(size - blank, sizeof(start) - 1)))
        return FALSE;
    for (feed += max(*checked, blank); (feed = memchr(feed, '\n', end - feed)); feed++)
    {
        UINT next = feed - data + 1;

        if (next < size && data[next] == '\r')
            next++;
        if (next < size && data[next] == '\n')
        {
            *head_size = next + 1;
            return *head_size <= HTTP1_HEAD_MAX;
        }
    }
    *checked = size - min(size, 2);
    return size < HTTP1_HEAD_MAX;
}

void http_head_clear(struct http_head *head)
{
    free(head->text);
    free(head->location);
    free(head->challenges[0]);
    free(head->challenges[1]);
    free(head->cookies);
    memset(head, 0, sizeof(*head));
}

/* Take a digit of the size of a chunk. FALSE if it is none, or one too many. */
static BOOL take_size_digit(struct framing *framing, char c)
{
    int digit = text_hex_digit(c);

    if (digit < 0 || framing->left > SIZE_UNKNOWN >> 5)
        return FALSE;
    framing->left = framing->left * 16 + digit;
    return TRUE;
}

/* Go on after the end of a line. */
static BOOL end_line(struct framing *framing)
{
    switch (framing->state)
    {
        case CHUNK_SIZE:
        case CHUNK_EXTENSION:
            framing->overhead = 0;
            framing->state = framing->left ? CHUNK_DATA : CHUNK_TRAILER_START;
            return TRUE;
        case CHUNK_DATA_END:
            framing->overhead = 0;
            framing->state = CHUNK_SIZE_START;
            return TRUE;
        case CHUNK_TRAILER:
            framing->state = CHUNK_TRAILER_START;
            return TRUE;
        case CHUNK_TRAILER_START:
            framing->is_ended = TRUE;
            return TRUE;
        default:
            return FALSE;
    }
}

/* Take one byte of the framing around the chunks. */
static BOOL take_chunk_byte(struct framing *framing, char c)
{
    if (++framing->overhead > HTTP1_LINE_MAX || (framing->has_return && c != '\n'))
        return FALSE;
    if ((framing->has_return = c == '\r'))
        return framing->state != CHUNK_SIZE_START;
    if (c == '\n')
        return end_line(framing);
    switch (framing->state)
    {
        case CHUNK_SIZE_START:
            framing->left = 0;
            framing->state = CHUNK_SIZE;
            return take_size_digit(framing, c);
        case CHUNK_SIZE:
            if (text_hex_digit(c) >= 0)
                return take_size_digit(framing, c);
            framing->state = CHUNK_EXTENSION;
            return c == ';' || c == ' ' || c == '\t';
        case CHUNK_TRAILER_START:
            framing->state = CHUNK_TRAILER;
            return !!c;
        case CHUNK_EXTENSION:
        case CHUNK_TRAILER:
            return !!c;
        default:
            return FALSE;
    }
}

static BOOL take_chunks(struct framing *framing, BYTE *data, UINT size, UINT *data_size, UINT *used)
{
    UINT in = 0, out = 0, count;

    while (in < size && !framing->is_ended)
    {
        if (framing->state != CHUNK_DATA)
        {
            if (!take_chunk_byte(framing, data[in++]))
                return FALSE;
            continue;
        }
        count = min(framing->left, size - in);
        if (in != out)
            memmove(data + out, data + in, count);
        in += count;
        out += count;
        framing->left -= count;
        if (!framing->left)
            framing->state = CHUNK_DATA_END;
    }
    *data_size = out;
    *used = in;
    return TRUE;
}

BOOL framing_take(struct framing *framing, BYTE *data, UINT size, UINT *data_size, UINT *used)
{
    *data_size = *used = 0;
    if (framing->is_ended)
        return TRUE;
    if (framing->kind == FRAMING_CHUNKED)
        return take_chunks(framing, data, size, data_size, used);
    if (framing->kind == FRAMING_LENGTH)
    {
        size = min(size, framing->left);
        framing->left -= size;
        framing->is_ended = !framing->left;
    }
    *data_size = *used = size;
    return TRUE;
}

BOOL framing_close(struct framing *framing)
{
    framing->is_persistent = FALSE;
    if (framing->kind == FRAMING_CLOSE)
        framing->is_ended = TRUE;
    return framing->is_ended;
}
