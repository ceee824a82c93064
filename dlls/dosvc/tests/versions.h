/*
 * A resource that changes, and servers that tell it in odd ways
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

/* A script is what a server answers, request by request, and how a transfer of
 * that resource has to end. All scripts run at once, to a file and to a stream,
 * over each of the two interfaces. The bytes of the versions differ everywhere,
 * so a mixture shows.
 * documentation/spec/engine.md has the statements. */

#ifndef __DOSVC_TESTS_VERSIONS_H
#define __DOSVC_TESTS_VERSIONS_H

#define SIZE        100000 /* bytes of a version, unless told otherwise */
#define BROKEN      50000  /* bytes of the first response that come */
#define ASKED       (~0u)  /* start of a body: where the request has it, else 0 */
#define NOWHERE     (~0u)  /* end of a body: there is none */
#define MAX_REPLIES 3
#define MAX_LOG     64
#define JUNK        3      /* version of bytes that must not get anywhere */

#define TAG1        "ETag: \"v1\"\r\n"
#define TAG2        "ETag: \"v2\"\r\n"
#define WEAK        "ETag: W/\"v1\"\r\n"
#define RANGE       "Content-Range: bytes $a-$b/$t\r\n"
#define RANGE_STAR  "Content-Range: bytes $a-$b/*\r\n"
#define RANGE_HALF  "Content-Range: bytes 50000-99999/100000\r\n"
#define HTML        "Content-Type: text/html\r\n"
#define GZIP        "Content-Encoding: gzip\r\n"
#define OLD         "Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n"
#define NEW         "Last-Modified: Thu, 22 Oct 2015 07:28:00 GMT\r\n"
#define DATE        "Date: Fri, 23 Oct 2015 07:28:00 GMT\r\n"
#define AT_ONCE     "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\n"

enum reply_flags
{
    CHUNKED = 0x01, /* rather than with a Content-Length */
    UNSIZED = 0x02, /* ended by the end of the connection */
    RESET   = 0x04, /* ended by a reset */
    FOREVER = 0x08, /* to all such requests from now on */
    RANGED  = 0x10, /* with the right Content-Range behind the fields */
};

struct reply
{
    unsigned int status;
    unsigned int version; /* of the bytes of its body; 0: no more replies are told */
    const char *fields;   /* $a, $b, $t: first and last byte of the body, size of the version */
    UINT start, end;      /* of the body in the version; end 0: all of it */
    UINT sent;            /* bytes that come before the connection is closed; 0: all */
    UINT most;            /* bytes in the body at most; 0: any number */
    unsigned int flags;
};

struct outcome
{
    unsigned int version; /* of all bytes if it finishes; 0: it does not */
    HRESULT error;        /* if it fails; S_OK: any */
    BOOL is_either;       /* with a version: it may fail as well */
};

enum script_flags
{
    KEEPS     = 0x01, /* nothing is given up: all but the first request ask for the rest */
    RANGELESS = 0x02, /* no request asks for a part */
    STORM     = 0x04, /* the transfer is stopped after a while, and its requests are counted */
    SLOW      = 0x08, /* further connections help */
    SELECTS   = 0x10, /* the client wants selected_ranges only */
    RETRIES   = 0x20, /* the client starts the transfer to a file again when it has failed; proper replies follow */
};

struct script
{
    const char *name;
    unsigned int row;            /* of the table of faults; 0: of the table of verdicts only */
    unsigned int flags;
    struct outcome file, stream;
    HRESULT failure;             /* of the first try, if the client retries */
    struct reply whole[MAX_REPLIES], ranged[MAX_REPLIES]; /* to requests without, and with Range */
    const char *tags[2];         /* validators of the versions; NULL: TAG1, TAG2 */
    unsigned int proper;         /* version that is served, properly, when the replies have been given; 0: 1 */
    UINT size;                   /* of all versions where further connections help, else not of the second; 0: SIZE */
    unsigned int most;           /* requests; 0: 8 */
    unsigned int seconds;        /* no-progress time of a job; 0: 45 */
};

#define BAD      DO_E_BAD_INCOMING_DATA
#define MISMATCH DO_E_HTTP_BLOCKSIZE_MISMATCH

/* The first response, unless told otherwise, is that of version 1, with its
 * length and validator, and ends after half of it. */
static const struct script scripts[] =
{
    /* An end that comes too early, or by a reset. */
    { "short-chunked", 1, 0, { 1 }, { 0, BAD }, .ranged = { { 200, 1, TAG1, .end = 70000, .flags = CHUNKED } } },
    { "short-closed", 1, 0, { 1 }, { 0, BAD }, .ranged = { { 200, 1, TAG1, .end = 70000, .flags = UNSIZED } } },
    { "equal-closed", 1, 0, { 1 }, { 0, BAD }, .ranged = { { 200, 1, TAG1, .end = BROKEN, .flags = UNSIZED } } },
    { "less-closed", 1, 0, { 1 }, { 0, BAD }, .ranged = { { 200, 1, TAG1, .end = 30000, .flags = UNSIZED } } },
    { "long-chunked", 1, 0, { 1 }, { 0, BAD }, .ranged = { { 200, 1, TAG1, .end = 100400, .flags = CHUNKED } } },
    { "always-short", 1, 0, { 0, MISMATCH }, { 0, BAD },
            .whole = { { 200, 1, TAG1, .sent = BROKEN, .flags = FOREVER } },
            .ranged = { { 200, 1, TAG1, .end = 70000, .flags = CHUNKED | FOREVER } } },
    { "part-short", 1, KEEPS, { 1 }, { 1 },
            .ranged = { { 206, 1, TAG1 RANGE_HALF, ASKED, 80000, .flags = CHUNKED } } },
    { "part-closed", 1, KEEPS, { 1 }, { 1 },
            .ranged = { { 206, 1, TAG1 RANGE_HALF, ASKED, 80000, .flags = UNSIZED } } },
    { "reset-half", 4, 0, { 1 }, { 1 }, .whole = { { 200, 1, TAG1, .end = BROKEN, .flags = UNSIZED | RESET } } },
    { "reset-end", 4, 0, { 1 }, { 1 }, .whole = { { 200, 1, TAG1, .flags = UNSIZED | RESET } } },
    { "reset-part", 4, 0, { 1 }, { 1 }, .ranged = { { 206, 1, TAG1 RANGE, ASKED, 70000, .flags = UNSIZED | RESET } } },
    { "reset-untagged", 4, RANGELESS, { 1 }, { 0, BAD },
            .whole = { { 200, 1, "", .end = BROKEN, .flags = UNSIZED | RESET } }, .tags = { "", "" } },

    /* The whole, where the rest was asked for. */
    { "again", 0, KEEPS, { 1 }, { 1 }, .ranged = { { 200, 1, TAG1 } }, .most = 2 },
    { "again-203", 0, KEEPS, { 1 }, { 1 }, .ranged = { { 203, 1, TAG1 } }, .most = 2 },
    { "again-chunked", 0, KEEPS, { 1 }, { 1 }, .ranged = { { 200, 1, TAG1, .flags = CHUNKED } }, .most = 2 },
    { "again-dated", 0, KEEPS, { 1 }, { 1 }, .ranged = { { 200, 1, OLD DATE } }, .tags = { OLD DATE }, .most = 2 },
    { "shorter", 1, 0, { 1 }, { 0, BAD }, .ranged = { { 200, JUNK, TAG1, .end = 70000 } }, .most = 3 },
    { "longer", 1, 0, { 1 }, { 0, BAD }, .ranged = { { 200, JUNK, TAG1, .end = 100400 } }, .most = 3 },
    { "replaced", 0, 0, { 2 }, { 0, BAD }, .ranged = { { 200, 2, TAG2 } }, .proper = 2, .most = 2 },
    { "replaced-dated", 0, 0, { 2 }, { 0, BAD }, .ranged = { { 200, 2, NEW DATE } }, .tags = { OLD DATE, NEW DATE },
            .proper = 2, .most = 2 },
    { "portal", 7, KEEPS, { 1 }, { 1 }, .ranged = { { 200, JUNK, HTML, .end = 33 } } },
    { "portal-203", 7, KEEPS, { 1 }, { 1 }, .ranged = { { 203, JUNK, HTML, .end = 33 } } },
    { "portal-chunked", 7, KEEPS, { 1 }, { 1 }, .ranged = { { 200, JUNK, HTML, .end = 33, .flags = CHUNKED } } },
    { "portal-closed", 7, KEEPS, { 1 }, { 1 }, .ranged = { { 200, JUNK, HTML, .end = 33, .flags = UNSIZED } } },
    { "portal-same-length", 7, KEEPS, { 1 }, { 1 }, .ranged = { { 200, JUNK, HTML } } },
    { "portal-dated", 7, KEEPS, { 1 }, { 1 }, .ranged = { { 200, JUNK, HTML, .end = 33 } }, .tags = { OLD DATE } },
    { "portal-twice", 7, KEEPS, { 1 }, { 1 },
            .ranged = { { 200, JUNK, HTML, .end = 33 }, { 200, JUNK, HTML, .end = 34 } } },
    { "portal-forever", 7, KEEPS, { 0, DO_E_DOWNLOAD_NO_PROGRESS }, { 0, BAD },
            .ranged = { { 200, JUNK, HTML, .end = 33, .flags = FOREVER } }, .most = 16, .seconds = 10 },
    { "portal-retried", 7, RETRIES, { 1 }, { 0, BAD }, DO_E_DOWNLOAD_NO_PROGRESS,
            .ranged = { { 200, JUNK, HTML, .end = 33, .flags = FOREVER } }, .most = 20, .seconds = 10 },
    { "other-evidence", 0, KEEPS, { 1 }, { 1 }, .ranged = { { 200, JUNK, OLD DATE } } },
    { "again-weak", 0, KEEPS, { 1 }, { 1 }, .ranged = { { 200, JUNK, WEAK } } },
    { "part-200", 2, KEEPS, { 1 }, { 1 }, .ranged = { { 200, 1, TAG1 RANGE, ASKED } } },
    { "part-200-chunked", 2, KEEPS, { 1 }, { 1 }, .ranged = { { 200, 1, TAG1 RANGE, ASKED, .flags = CHUNKED } } },
    { "part-200-closed", 2, KEEPS, { 1 }, { 1 }, .ranged = { { 200, 1, TAG1 RANGE, ASKED, .flags = UNSIZED } } },
    { "part-200-all", 2, KEEPS, { 1 }, { 1 }, .ranged = { { 200, 1, TAG1 RANGE } } },
    { "part-200-first", 2, 0, { 1 }, { 1 }, .whole = { { 200, 1, TAG1 RANGE, BROKEN } } },
    { "part-200-forever", 2, KEEPS, { 0, MISMATCH }, { 0, MISMATCH },
            .ranged = { { 200, 1, TAG1 RANGE, ASKED, .flags = FOREVER } }, .most = 3 },

    /* Nothing is resumed without a strong validator. */
    { "untagged", 8, RANGELESS, { 2 }, { 0, BAD }, .ranged = { { 206, 2, RANGE, ASKED, .flags = FOREVER } },
            .tags = { "", "" }, .proper = 2 },
    { "untagged-same", 8, RANGELESS, { 1 }, { 0, BAD }, .tags = { "", "" } },
    { "untagged-chunked", 8, RANGELESS, { 2 }, { 0, BAD },
            .whole = { { 200, 1, "", .sent = BROKEN, .flags = CHUNKED } }, .tags = { "", "" }, .proper = 2 },
    { "weak", 0, RANGELESS, { 2 }, { 0, BAD },
            .ranged = { { 206, 2, WEAK RANGE, ASKED, .flags = FOREVER } },
            .tags = { WEAK, WEAK }, .proper = 2 },
    { "undated", 0, RANGELESS, { 2 }, { 0, BAD }, .ranged = { { 206, 2, OLD RANGE, ASKED, .flags = FOREVER } },
            .tags = { OLD, OLD }, .proper = 2 },
    { "dated-at-once", 0, RANGELESS, { 2 }, { 0, BAD },
            .ranged = { { 206, 2, OLD AT_ONCE RANGE, ASKED, .flags = FOREVER } },
            .tags = { OLD AT_ONCE, OLD AT_ONCE }, .proper = 2 },
    { "no-date", 5, RANGELESS, { 2 }, { 0, BAD },
            .ranged = { { 206, 2, "Last-Modified: today\r\n" DATE RANGE, ASKED, .flags = FOREVER } },
            .tags = { "Last-Modified: yesterday\r\n" DATE, "Last-Modified: today\r\n" DATE }, .proper = 2 },

    /* A part of the same version, or of another one. */
    { "rest", 0, KEEPS, { 1 }, { 1 }, .most = 2 },
    { "rest-dated", 0, KEEPS, { 1 }, { 1 }, .tags = { OLD DATE }, .most = 2 },
    { "rest-bare", 5, KEEPS, { 1 }, { 1 }, .tags = { "ETag: fd56aff1\r\n" }, .most = 2 },
    { "rest-untagged", 0, KEEPS, { 1 }, { 1 }, .ranged = { { 206, 1, RANGE, ASKED } }, .most = 2 },
    { "rest-untagged-unsized", 0, 0, { 1 }, { 0, BAD },
            .ranged = { { 206, JUNK, RANGE_STAR, ASKED, .flags = FOREVER } } },
    { "rest-turned-weak", 0, 0, { 1 }, { 1, BAD, TRUE },
            .ranged = { { 206, 1, WEAK RANGE, ASKED, .flags = FOREVER } } },
    { "changed", 0, 0, { 2 }, { 0, BAD }, .ranged = { { 206, 2, TAG2 RANGE, ASKED, .flags = FOREVER } },
            .proper = 2, .most = 3 },
    { "changed-bare", 5, 0, { 2 }, { 0, BAD },
            .ranged = { { 206, 2, "ETag: 00000000\r\n" RANGE, ASKED, .flags = FOREVER } },
            .tags = { "ETag: fd56aff1\r\n", "ETag: 00000000\r\n" }, .proper = 2, .most = 3 },
    { "changed-weak", 0, 0, { 2 }, { 0, BAD },
            .ranged = { { 206, 2, "ETag: W/\"v2\"\r\n" RANGE, ASKED, .flags = FOREVER } }, .proper = 2, .most = 3 },
    { "changed-dated", 0, 0, { 2 }, { 0, BAD }, .ranged = { { 206, 2, NEW DATE RANGE, ASKED, .flags = FOREVER } },
            .tags = { OLD DATE, NEW DATE }, .proper = 2, .most = 3 },
    { "changed-length", 0, 0, { 1 }, { 0 },
            .ranged = { { 206, JUNK, "Content-Range: bytes $a-$b/100400\r\n", ASKED, .flags = FOREVER } },
            .tags = { OLD DATE } },

    /* A part that is not what was asked for. */
    { "total", 0, 0, { 1 }, { 0, MISMATCH }, .most = 4,
            .ranged = { { 206, JUNK, TAG1 "Content-Range: bytes $a-$b/200000\r\n", ASKED, .flags = FOREVER } } },
    { "coded", 6, 0, { 1 }, { 0, MISMATCH }, .most = 4,
            .ranged = { { 206, JUNK, TAG1 GZIP RANGE, ASKED, .flags = FOREVER } } },
    { "coded-chunked", 6, 0, { 1 }, { 0, MISMATCH }, .most = 4,
            .ranged = { { 206, JUNK, TAG1 GZIP RANGE_HALF, ASKED, 80000, .flags = CHUNKED | FOREVER } } },
    { "coded-once", 6, KEEPS, { 1 }, { 1 }, .ranged = { { 206, JUNK, TAG1 GZIP RANGE, ASKED } } },
    { "coded-first", 6, 0, { 1 }, { 0, MISMATCH }, .most = 4,
            .ranged = { { 206, JUNK, TAG1 RANGE, ASKED, .flags = FOREVER } }, .tags = { TAG1 GZIP } },
    { "coded-always", 6, KEEPS, { 1 }, { 1 }, .tags = { TAG1 GZIP }, .most = 2 },
    { "equals", 27, 0, { 1 }, { 1, MISMATCH, TRUE }, .most = 4,
            .ranged = { { 206, 1, TAG1 "Content-Range: bytes=$a-$b/$t\r\n", ASKED, .flags = FOREVER } } },
    { "no-unit", 27, 0, { 1 }, { 1, MISMATCH, TRUE }, .most = 4,
            .ranged = { { 206, 1, TAG1 "Content-Range: $a-$b/$t\r\n", ASKED, .flags = FOREVER } } },
    { "block", 27, 0, { 1 }, { 0, MISMATCH }, .most = 4,
            .ranged = { { 206, 1, TAG1 RANGE, 45056, .flags = FOREVER } } },
    { "block-once", 27, KEEPS, { 1 }, { 1 }, .ranged = { { 206, 1, TAG1 RANGE, 45056 } } },
    { "all", 27, 0, { 1 }, { 0, MISMATCH }, .most = 4, .ranged = { { 206, 1, TAG1 RANGE, .flags = FOREVER } } },
    { "later", 27, 0, { 1 }, { 0, MISMATCH }, .most = 4,
            .ranged = { { 206, 1, TAG1 RANGE, 50010, .flags = FOREVER } } },
    { "backwards", 27, 0, { 1 }, { 0, MISMATCH }, .most = 4,
            .ranged = { { 206, JUNK, TAG1 "Content-Range: bytes $b-$a/$t\r\n", ASKED, .flags = FOREVER } } },
    { "nowhere", 0, 0, { 1 }, { 0, MISMATCH }, .most = 4,
            .ranged = { { 206, JUNK, TAG1, ASKED, .flags = FOREVER } } },
    { "multipart", 0, 0, { 1 }, { 0, MISMATCH }, .most = 4,
            .ranged = { { 206, JUNK, TAG1 RANGE "Content-Type: multipart/byteranges; boundary=B\r\n", ASKED,
                    .flags = FOREVER } } },

    /* A shorter part. */
    { "capped", 20, KEEPS, { 1 }, { 1 }, .size = 250000, .most = 4,
            .ranged = { { 206, 1, TAG1 RANGE, ASKED, .most = 70000, .flags = FOREVER } } },
    { "capped-small", 20, KEEPS, { 1 }, { 1 }, .most = 4,
            .ranged = { { 206, 1, TAG1 RANGE, ASKED, .most = 20000, .flags = FOREVER } } },
    { "capped-unsized", 20, KEEPS, { 1 }, { 1 }, .size = 250000, .most = 4,
            .ranged = { { 206, 1, TAG1 RANGE_STAR, ASKED, .most = 70000, .flags = FOREVER } } },
    { "capped-first", 20, KEEPS, { 1 }, { 1 }, .size = 250000, .most = 4,
            .whole = { { 206, 1, TAG1 RANGE, .most = 70000, .flags = FOREVER } },
            .ranged = { { 206, 1, TAG1 RANGE, ASKED, .most = 70000, .flags = FOREVER } } },
    { "storm", 21, STORM, .most = 12,
            .ranged = { { 206, 1, TAG1 RANGE_STAR, ASKED, .most = 1, .flags = FOREVER } } },
    { "storm-first", 21, STORM, .most = 12,
            .whole = { { 206, 1, TAG1 RANGE_STAR, .most = 1, .flags = FOREVER } },
            .ranged = { { 206, 1, TAG1 RANGE_STAR, ASKED, .most = 1, .flags = FOREVER } } },
    { "storm-sized", 21, STORM, .most = 12,
            .ranged = { { 206, 1, TAG1 RANGE, ASKED, .most = 1, .flags = FOREVER } } },
    { "capped-weak", 0, 0, { 0, MISMATCH }, { 0 }, .size = 250000,
            .whole = { { 206, 1, WEAK RANGE, .most = 150000, .flags = FOREVER } },
            .ranged = { { 206, 1, WEAK RANGE, ASKED, .most = 150000, .flags = FOREVER } }, .tags = { WEAK } },

    /* No part. */
    { "416-half", 0, 0, { 1 }, { 1, BAD, TRUE },
            .ranged = { { 416, 1, "Content-Range: bytes */100000\r\n", .end = NOWHERE, .flags = FOREVER } } },
    { "416-bare", 0, 0, { 1 }, { 1, BAD, TRUE }, .ranged = { { 416, 1, "", .end = NOWHERE, .flags = FOREVER } } },
    { "416-shrunk", 0, 0, { 2 }, { 0, BAD }, .proper = 2,
            .ranged = { { 416, 1, TAG2 "Content-Range: bytes */50000\r\n", .end = NOWHERE, .flags = FOREVER } } },
    { "416-end", 0, KEEPS, { 1 }, { 1 }, .size = BROKEN, .most = 2,
            .whole = { { 200, 1, TAG1, .end = 60000, .sent = BROKEN, .flags = CHUNKED } },
            .ranged = { { 416, 1, TAG1 "Content-Range: bytes */50000\r\n", .end = NOWHERE, .flags = FOREVER } } },
    { "416-end-changed", 0, 0, { 2 }, { 0, BAD }, .proper = 2,
            .whole = { { 200, 1, TAG1, .end = 60000, .sent = BROKEN, .flags = CHUNKED } },
            .ranged = { { 416, 1, TAG2 "Content-Range: bytes */50000\r\n", .end = NOWHERE, .flags = FOREVER } } },
    { "416-other", 0, 0, { 1 }, { 1, BAD, TRUE },
            .whole = { { 200, 1, TAG1, .end = 60000, .sent = BROKEN, .flags = CHUNKED } },
            .ranged = { { 416, 1, TAG1 "Content-Range: bytes */60000\r\n", .end = NOWHERE, .flags = FOREVER } } },

    /* Ranges that the client wants: each from one response, or all of one version. */
    { "select", 0, SELECTS, { 1 }, { 1 }, .most = 2 },
    { "select-resumed", 0, SELECTS, { 1 }, { 1 }, .ranged = { { 206, 1, TAG1 RANGE, ASKED, .sent = 30000 } },
            .most = 3 },
    { "select-untagged", 0, SELECTS, { 1 }, { 1 }, .tags = { "" }, .most = 2 },
    { "select-untagged-broken", 8, SELECTS, { 2 }, { 0, BAD },
            .ranged = { { 206, 1, RANGE, ASKED, .sent = 30000 } }, .tags = { "", "" }, .proper = 2 },
    { "select-changed", 0, SELECTS, { 2 }, { 0, BAD }, .ranged = { { 206, 1, TAG1 RANGE, ASKED },
            { 206, 2, TAG2 RANGE, ASKED, .flags = FOREVER } }, .proper = 2 },
    { "select-changed-within", 0, SELECTS, { 2 }, { 0, BAD }, .ranged = { { 206, 1, TAG1 RANGE, ASKED, .sent = 30000 },
            { 206, 2, TAG2 RANGE, ASKED, .flags = FOREVER } }, .proper = 2 },
    { "select-other-total", 0, SELECTS, { JUNK, S_OK, TRUE }, { 0 }, .ranged = { { 206, 1, RANGE, ASKED },
            { 206, JUNK, "Content-Range: bytes $a-$b/100400\r\n", ASKED, .flags = FOREVER } }, .tags = { "", "" } },
    { "select-other-range", 27, SELECTS, { 0, MISMATCH }, { 0, MISMATCH },
            .ranged = { { 206, JUNK, TAG1 RANGE, 1000, .flags = FOREVER } }, .most = 3 },
    { "select-coded", 6, SELECTS, { 0, MISMATCH }, { 0, MISMATCH }, .ranged = { { 206, 1, TAG1 RANGE, ASKED },
            { 206, JUNK, TAG1 GZIP RANGE, ASKED, .flags = FOREVER } }, .most = 4 },
    { "select-weak-unsized", 0, SELECTS, { 0, MISMATCH }, { 0 },
            .ranged = { { 206, 1, WEAK RANGE_STAR, ASKED, .flags = FOREVER } }, .tags = { WEAK } },
};

/* Apart, and neither at the beginning. */
static const DO_DOWNLOAD_RANGE selected_ranges[] = { { 5000, 60000 }, { 70000, 20000 } };

#define JOIN(name, row, ...) { name, row, SLOW | KEEPS, { 1 }, { 1 }, .size = 24 << 20, .most = 6, \
        .whole = { { 200, 1, TAG1 "Accept-Ranges: bytes\r\n" } }, .ranged = { { __VA_ARGS__, .flags = FOREVER } } }

/* A further connection gets something that cannot be used; the first one goes on. */
static const struct script joins[] =
{
    JOIN("html", 3, 200, JUNK, HTML, .end = 14),
    JOIN("other-length", 3, 200, JUNK, TAG1, .end = 14),
    JOIN("whole", 3, 200, 1, TAG1),
    JOIN("other-whole", 3, 200, 2, TAG2),
    JOIN("other-part", 3, 206, 2, TAG2 RANGE, ASKED),
    JOIN("untagged-whole", 8, 200, JUNK, ""),
    JOIN("untagged-part", 8, 206, JUNK, RANGE, ASKED),
    JOIN("weak-part", 3, 206, JUNK, WEAK RANGE, ASKED),
    JOIN("coded-part", 6, 206, JUNK, TAG1 GZIP RANGE, ASKED),
    JOIN("other-total", 3, 206, JUNK, TAG1 "Content-Range: bytes $a-$b/99999999\r\n", ASKED),
    JOIN("other-start", 3, 206, JUNK, TAG1 RANGE, 0),
    JOIN("no-part", 3, 416, 1, "Content-Range: bytes */14\r\n", .end = NOWHERE),
};

struct request_log
{
    unsigned int count, whole, ranged;
    struct
    {
        char range[40], if_range[80];
    } requests[MAX_LOG];
};

/* Trial of one script with one sink. */
struct trial
{
    const struct script *script;
    struct resource *resource;
    struct sink *sink;        /* NULL: a file */
    WCHAR path[MAX_PATH];
    void *transfer;
    struct request_log log;   /* protected by the origin's lock */

    UINT64 bytes;
    unsigned int falls;       /* of the progress */
    unsigned int retried_at;  /* requests until then; 0: it was not */
    BOOL is_resting, is_finished;
    HRESULT error;
};


static inline UINT get_size(const struct script *script, unsigned int version)
{
    return script->size && (version != 2 || (script->flags & SLOW)) ? script->size : SIZE;
}

/* Where the bytes of a version come from. */
static inline DWORD get_seed(const struct resource *resource, unsigned int version)
{
    return resource->seed + (version - 1) * 1000;
}

static inline const char *get_tags(const struct script *script, unsigned int version)
{
    static const char *const usual[] = { TAG1, TAG2 };

    return script->tags[version - 1] ? script->tags[version - 1] : usual[version - 1];
}

/* Bytes that the client gets of a version. */
static inline UINT get_wanted(const struct script *script, unsigned int version)
{
    UINT i, size = 0;

    if (!(script->flags & SELECTS))
        return get_size(script, version);
    for (i = 0; i < ARRAY_SIZE(selected_ranges); ++i)
        size += selected_ranges[i].Length;
    return size;
}

#endif /* __DOSVC_TESTS_VERSIONS_H */
