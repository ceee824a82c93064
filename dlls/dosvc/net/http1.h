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

/* Pure. The one parser of heads and bodies: it works on the bytes of a
 * connection, and trusts none of them. Sloppy spelling that every client takes
 * is taken; a response that could be read in two ways is refused, so that
 * nothing of one response is ever taken for a part of another (RFC 9112). */

#ifndef __DOSVC_HTTP1_H
#define __DOSVC_HTTP1_H

#include "base/types.h"

#define HTTP1_HEAD_MAX    0x40000 /* bytes of a head, with the empty line at its end */
#define HTTP1_LINE_MAX    0x10000 /* bytes of a line of it, or of a line between chunks */
#define HTTP1_FIELDS_MAX  1000
#define HTTP1_INTERIM_MAX 100     /* responses of 1xx before the final one */
#define HTTP1_TEXT_MAX    8192    /* characters of a head that are kept for clients */
#define VALIDATOR_MAX     256     /* characters with the terminator; longer ones count as absent */
#define CODING_MAX        32      /* longer ones are cut */

/* Evidence of which version of a resource a response carries; each text is empty if not sent. */
struct validator
{
    WCHAR etag[VALIDATOR_MAX];     /* as sent, one character a byte, with quotes, and with W/ if it is weak */
    WCHAR modified[VALIDATOR_MAX]; /* Last-Modified as sent, be it a valid date or not */
    BOOL is_date_strong;           /* modified is a date at least one second before the Date of the same response */
    WCHAR coding[CODING_MAX];      /* Content-Encoding in lower case; empty for identity */
};

struct content_range
{
    UINT64 offset;
    UINT64 length; /* 0: "*", the range asked for cannot be satisfied */
    UINT64 total;  /* SIZE_UNKNOWN: "*" */
};

/* Head of a response. What is owned is freed by http_head_clear; zero-initialised is empty. */
struct http_head
{
    DWORD status;          /* 100 to 599; others count as 500 */
    BOOL is_chunked;
    BOOL is_multipart;     /* several ranges in one body */
    BOOL has_ranges;       /* Accept-Ranges: bytes */
    BOOL has_content_range;
    BOOL is_range_malformed; /* Content-Range is there but cannot be read, or is there twice and differs */
    UINT64 content_length; /* SIZE_UNKNOWN if absent or chunked */
    struct content_range content_range;
    DWORD retry_after;     /* seconds, or 0 */
    UINT64 modified;       /* Last-Modified as a FILETIME, or 0 */
    UINT64 date;           /* Date as a FILETIME, or 0 */
    struct validator validator;
    WCHAR *text;     /* for clients: status line and fields, CRLF between them, cut at the end of a line; owned */
    char *location;  /* bytes as sent, or NULL; owned */
    char *cookies;   /* values of Set-Cookie, each ended by LF, or NULL; owned */
};

/* Ways in which the end of a body is told. */
enum framing_kind
{
    FRAMING_LENGTH,  /* by a count; also 0 */
    FRAMING_CHUNKED,
    FRAMING_CLOSE,   /* by the end of the connection */
};

enum chunk_state
{
    CHUNK_SIZE_START, /* at the first digit */
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_DATA,
    CHUNK_DATA_END, /* at the end of its line */
    CHUNK_TRAILER_START,
    CHUNK_TRAILER,
};

struct framing
{
    enum framing_kind kind;
    BOOL is_persistent;  /* the connection may be used again after the end */
    BOOL is_ended;       /* the whole body has been seen */
    UINT64 left;         /* FRAMING_LENGTH: of the body, FRAMING_CHUNKED: of the chunk; in bytes */
    enum chunk_state state;
    BOOL has_return;     /* LF has to come next */
    UINT overhead;       /* of the line or the trailers in progress, in bytes */
};

/* Look for the end of a head in size bytes. checked: how far an earlier call has
 * looked, 0 at first. head_size: with the empty line, and with blank lines in
 * front; 0 if the end has not come yet. FALSE if these bytes begin no response of
 * HTTP/1, or one with too long a head. */
extern BOOL http1_find_head(const char *data, UINT size, UINT *checked, UINT *head_size);
/* Parse a complete head, interim (1xx) or final, and learn how its body ends.
 * Continued lines are joined in place. now is a FILETIME; a date in Retry-After
 * counts from it where the response has no Date. The caller clears the head, also
 * on failure: ERROR_WINHTTP_INVALID_SERVER_RESPONSE or ERROR_OUTOFMEMORY. */
extern DWORD http1_parse_head(char *data, UINT size, UINT64 now, struct http_head *head, struct framing *framing);
/* Hand over what one head owns to another one. */
extern void http_head_move(struct http_head *from, struct http_head *to);
extern void http_head_clear(struct http_head *head);

/* Take size bytes that have arrived. Framing is removed in place: the first
 * data_size bytes are what belongs to the body. used tells how many of size
 * belong to this response. FALSE if they make no sense. */
extern BOOL framing_take(struct framing *framing, BYTE *data, UINT size, UINT *data_size, UINT *used);
/* Note that the connection has ended. FALSE if something is missing. */
extern BOOL framing_close(struct framing *framing);

/* Parsers of single values, of length characters. */
extern BOOL http1_parse_number(const char *text, UINT length, UINT64 *number);
extern BOOL http1_parse_content_range(const char *text, UINT length, struct content_range *range);
/* The forms of RFC 9110, 5.6.7, and that of Netscape for cookies; as a FILETIME. */
extern BOOL http1_parse_date(const char *text, UINT length, UINT64 *time);

/* Return what belongs into If-Range, or NULL: the strong ETag, else a date that counts as strong. */
extern const WCHAR *validator_if_range(const struct validator *validator);

#endif /* __DOSVC_HTTP1_H */
