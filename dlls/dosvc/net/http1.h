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

/* Pure. The one parser of heads and bodies: it works on the bytes of a connection, and trusts none of them. Sloppy
 * spelling that every client takes is taken; a response that could be read in two ways is refused, so that no part of
 * a response is ever taken for a part of another one (RFC 9112). */

#ifndef __DOSVC_HTTP1_H
#define __DOSVC_HTTP1_H

#include "base/response_rules.h"

#define HTTP1_HEAD_MAX    0x40000 /* bytes of a head, with the empty line at its end */
#define HTTP1_LINE_MAX    0x10000 /* bytes of a line of it, or of a line between chunks */
#define HTTP1_FIELDS_MAX  1000
#define HTTP1_INTERIM_MAX 100     /* responses of 1xx before the final one */
#define HTTP1_TEXT_MAX    8192    /* characters of a head that are kept for clients */

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

/* Look for the end of a head in size bytes. checked: how far an earlier call has looked, 0 at first. head_size: with
 * the empty line, and with blank lines in front; 0 if the end has not come yet. FALSE if these bytes begin no response
 * of HTTP/1, or one with too long a head. */
extern BOOL http1_find_head(const char *data, UINT size, UINT *checked, UINT *head_size);
/* Parse a complete head, interim (1xx) or final, and how its body ends. Continued lines are joined in place. now is a
 * FILETIME, from which a date in Retry-After counts where the response has no Date. The caller clears the head, also on
 * failure: ERROR_WINHTTP_INVALID_SERVER_RESPONSE or ERROR_OUTOFMEMORY. */
extern DWORD http1_parse_head(char *data, UINT size, UINT64 now, struct http_head *head, struct framing *framing);
extern void http_head_clear(struct http_head *head);

/* Take size bytes that have arrived. Framing is removed in place: the first data_size bytes are then of the body. used
 * tells how many of size belong to this response. FALSE if they are not valid. */
extern BOOL framing_take(struct framing *framing, BYTE *data, UINT size, UINT *data_size, UINT *used);
/* Note that the connection has ended. FALSE if something is missing. */
extern BOOL framing_close(struct framing *framing);

/* Parsers of single values, of length characters. */
extern BOOL http1_parse_number(const char *text, UINT length, UINT64 *number);
extern BOOL http1_parse_content_range(const char *text, UINT length, struct content_range *range);
/* Parse a date, in the forms of RFC 9110, 5.6.7, or that of Netscape for cookies, to a FILETIME. */
extern BOOL http1_parse_date(const char *text, UINT length, UINT64 *time);

#endif /* __DOSVC_HTTP1_H */
