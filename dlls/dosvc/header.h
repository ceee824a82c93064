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

/* Pure. What a server says is not trusted: everything has a limit, and a value
 * that is not well-formed counts as absent or makes the head invalid. */

#ifndef __DOSVC_HEADER_H
#define __DOSVC_HEADER_H

#include "transfer.h"

#define HEADER_MAX      65536 /* characters of a head */
#define VALIDATOR_MAX   256

/* What tells one version of a resource from another; empty if not sent. */
struct validator
{
    WCHAR etag[VALIDATOR_MAX];     /* with quotes, and with W/ if it is weak */
    WCHAR modified[VALIDATOR_MAX]; /* the date as the server wrote it */
};

struct content_range
{
    UINT64 offset;
    UINT64 length; /* 0: "*", the range asked for cannot be satisfied */
    UINT64 total;  /* SIZE_UNKNOWN: "*" */
};

struct http_head
{
    DWORD status;
    BOOL is_chunked;
    BOOL is_multipart;    /* several ranges in one body */
    BOOL has_ranges;      /* Accept-Ranges: bytes */
    BOOL has_content_range;
    UINT64 content_length; /* SIZE_UNKNOWN if absent or chunked */
    struct content_range content_range;
    DWORD retry_after;    /* seconds, or 0 */
    UINT64 modified;      /* Last-Modified as a FILETIME, or 0 */
    struct validator validator;
    const WCHAR *location; /* points into the text; not terminated */
    UINT location_length;
};

/* text: status line and fields, CRLF between the lines. now is a FILETIME; a
 * date in Retry-After is relative to it. FALSE if the response is not to be
 * used at all. */
extern BOOL http_head_parse(const WCHAR *text, UINT64 now, struct http_head *head);

/* Of one field; the text ends after length characters. */
extern BOOL header_parse_number(const WCHAR *text, UINT length, UINT64 *number);
extern BOOL header_parse_content_range(const WCHAR *text, UINT length, struct content_range *range);
extern BOOL header_parse_date(const WCHAR *text, UINT length, UINT64 *time);
extern BOOL header_parse_etag(const WCHAR *text, UINT length, WCHAR *etag);

/* What belongs into If-Range, or NULL: the strong ETag, else the date. */
extern const WCHAR *validator_if_range(const struct validator *validator);
/* The two cannot be of the same version. */
extern BOOL validator_differs(const struct validator *a, const struct validator *b);

#endif /* __DOSVC_HEADER_H */
