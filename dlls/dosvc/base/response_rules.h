/*
 * Rules for what a response means for the bytes that are stored
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

/* Pure. The one table that decides what a response means for the bytes that are stored. Sizes and offsets are in
 * bytes, times in milliseconds. */

#ifndef __DOSVC_RESPONSE_RULES_H
#define __DOSVC_RESPONSE_RULES_H

#include "base/ranges.h"

#define VALIDATOR_MAX 256 /* characters with the terminator; longer ones count as absent */
#define CODING_MAX    32  /* longer ones are cut */

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
    BOOL has_type;         /* Content-Type is there */
    BOOL is_page;          /* the type is text/html */
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
    char *challenges[2]; /* values of WWW-Authenticate and of Proxy-Authenticate, as the cookies; owned */
    char *cookies;   /* values of Set-Cookie, each ended by LF, or NULL; owned */
};

/* Compare the version that is stored, whose size is known or SIZE_UNKNOWN, with
 * that of a response which tells a length or SIZE_UNKNOWN. */
enum version_relation
{
    VERSION_SAME,
    VERSION_DIFFERENT,     /* for certain */
    VERSION_CONTRADICTION, /* the same strong tag, but another length */
    VERSION_UNKNOWN,
};

extern enum version_relation version_compare(const struct validator *stored, UINT64 size,
        const struct validator *other, UINT64 told);
/* Return whether the entity tag is a strong one, which several connections need. */
extern BOOL version_has_strong_tag(const struct validator *version);
/* Return what belongs into If-Range, or NULL: the strong tag, else a date that counts as strong. */
extern const WCHAR *validator_if_range(const struct validator *validator);

/* State of a transfer when a request is made. */
struct stored
{
    const struct validator *version; /* of what is stored, or was stored last */
    UINT64 size;       /* of that version, or SIZE_UNKNOWN */
    UINT64 end;        /* of the bytes that are stored from zero on without a gap; with ranges, of the last one */
    BOOL has_bytes;
    BOOL is_stream;    /* a client has got these bytes, in order */
    BOOL can_rewind;   /* the client's stream can take them back */
    BOOL has_ranges;   /* the client wants ranges rather than the whole */
    UINT64 max_skip;   /* bytes in front of a wanted range that may be thrown away; 0: a whole body is refused there */
    BOOL is_total_needed; /* a part up to the end must tell the total */
    BOOL is_unconfirmed; /* a cache host alone has told of this version */
};

/* Events in a row that a single response does not tell; zero-initialised when a
 * client starts the transfer or sets another URL. */
struct doubt
{
    UINT bad_responses;  /* parts that were not asked for, and whole bodies with Content-Range */
    UINT doubtful;       /* whole bodies of a version that cannot be told */
    ULONGLONG since;     /* the first of them */
    UINT restarts;
    BOOL is_rangeless;   /* ask for the whole only */
};

/* Request that a response answers. */
struct asked
{
    BOOL has_range;
    struct range range;  /* length may be LENGTH_TO_EOF */
    BOOL is_bound;       /* If-Range was sent */
};

enum verdict_kind
{
    VERDICT_TAKE,     /* store the body; a whole one is read over as far as it is stored */
    VERDICT_REPLACE,  /* discard what is stored, and take this body from its first byte on */
    VERDICT_RESTART,  /* discard what is stored, and ask again */
    VERDICT_AGAIN,    /* ask again at once */
    VERDICT_LATER,    /* keep what is stored, and ask again after a delay: hr */
    VERDICT_COMPLETE, /* nothing is missing up to the end, which is size; another range may be */
    VERDICT_FAIL,     /* hr, or the response's status if that is S_OK */
};

struct verdict
{
    enum verdict_kind kind;
    HRESULT hr;         /* FAIL, LATER; RESTART: of a stream that turns out to be unable to go back */
    BOOL is_whole;      /* TAKE: the body is the whole, from zero on */
    BOOL is_short;      /* TAKE: so little of what was asked for that the next request has to wait */
    UINT64 size;        /* TAKE, REPLACE, COMPLETE: of the resource, or SIZE_UNKNOWN */
    const char *reason; /* for the trace; constant */
};

/* Return whether the next request may ask by Range for what is missing; else it asks for the whole. */
extern BOOL rules_may_resume(const struct stored *stored, const struct doubt *doubt);
/* Judge the head of a final response with status 200, 203, 206 or 416, and count it. */
extern struct verdict rules_classify(const struct stored *stored, struct doubt *doubt, const struct asked *asked,
        const struct http_head *head, ULONGLONG now);
/* Judge the head of a response of a cache host, whose word alone gives up nothing. TAKE, or FAIL with S_OK.
 * is_wrong: it has something else than what is known of the resource. declared_size: as the client told it, or
 * SIZE_UNKNOWN. */
extern struct verdict rules_classify_cache(const struct stored *stored, const struct doubt *doubt,
        const struct asked *asked, const struct http_head *head, UINT64 declared_size, BOOL *is_wrong);
/* Judge the orderly end of a whole body that had announced no length. */
extern struct verdict rules_classify_end(const struct stored *stored, struct doubt *doubt, UINT64 end);
/* Return whether an extra connection may take the body; else that connection ends. */
extern BOOL rules_may_join(const struct stored *stored, const struct asked *asked, const struct http_head *head);

#endif /* __DOSVC_RESPONSE_RULES_H */
