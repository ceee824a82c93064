/*
 * Tests of the rules for what a response means
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

/* The table of documentation "What a response means for the bytes that are
 * stored", section 3, row by row. histories.c plays them against each other. */

#include "unit.h"
#include "base/cache_host.h"
#include "base/response_rules.h"

#define U       SIZE_UNKNOWN
#define EOF_    LENGTH_TO_EOF
#define SIZE    0x100000
#define END     0x40000
#define REST    (SIZE - END)
#define SMALL   0xffff          /* bytes: a part that is no progress */
#define SKIP    0x20000

/* Validators as text; no text is not sent. */
struct version
{
    const char *etag, *modified;
    BOOL is_date_strong;
    const char *coding;
};

#define NONE        {0}
#define TAG_A       { "\"a\"" }
#define TAG_B       { "\"b\"" }
#define BARE_A      { "a" }
#define WEAK_A      { "W/\"a\"" }
#define WEAK_B      { "W/\"b\"" }
#define DATE_A      { NULL, "day a", TRUE }
#define DATE_B      { NULL, "day b", TRUE }
#define POOR_A      { NULL, "day a" }
#define POOR_B      { NULL, "day b" }
#define GZIP_A      { "\"a\"", NULL, FALSE, "gzip" }
#define GZIP        { NULL, NULL, FALSE, "gzip" }

static void set_version(const struct version *version, struct validator *validator)
{
    memset(validator, 0, sizeof(*validator));
    widen(version->etag ? version->etag : "", validator->etag, VALIDATOR_MAX);
    widen(version->modified ? version->modified : "", validator->modified, VALIDATOR_MAX);
    widen(version->coding ? version->coding : "", validator->coding, CODING_MAX);
    validator->is_date_strong = version->is_date_strong;
}

static void test_versions(void)
{
    static const struct
    {
        struct version stored;
        UINT64 size;
        struct version other;
        UINT64 told;
        enum version_relation relation;
    }
    tests[] =
    {
        /* strong tags in both */
        { TAG_A, SIZE, TAG_A, SIZE, VERSION_SAME },
        { TAG_A, SIZE, TAG_A, U, VERSION_SAME },
        { TAG_A, U, TAG_A, SIZE, VERSION_SAME },
        { TAG_A, U, TAG_A, U, VERSION_SAME },
        { BARE_A, U, BARE_A, U, VERSION_SAME },
        { { "\"a\"", "day a", TRUE }, SIZE, { "\"a\"", "day b", TRUE }, SIZE, VERSION_SAME },
        { TAG_A, SIZE, TAG_A, SIZE - 1, VERSION_CONTRADICTION },
        { TAG_A, SIZE, TAG_A, SIZE + 1, VERSION_CONTRADICTION },
        { TAG_A, 0, TAG_A, 1, VERSION_CONTRADICTION },
        { TAG_A, SIZE, TAG_B, SIZE, VERSION_DIFFERENT },
        { { "\"a\"", "day a", TRUE }, SIZE, { "\"b\"", "day a", TRUE }, SIZE, VERSION_DIFFERENT },
        { BARE_A, SIZE, TAG_A, SIZE, VERSION_DIFFERENT },
        { TAG_A, SIZE, BARE_A, SIZE, VERSION_DIFFERENT },
        { TAG_A, SIZE, { "\"a" }, SIZE, VERSION_DIFFERENT },
        { TAG_A, SIZE, { "\"A\"" }, SIZE, VERSION_DIFFERENT },

        /* a weak one */
        { WEAK_A, SIZE, WEAK_A, SIZE, VERSION_UNKNOWN },
        { WEAK_A, SIZE, TAG_A, SIZE, VERSION_UNKNOWN },
        { TAG_A, SIZE, WEAK_A, SIZE, VERSION_UNKNOWN },
        { WEAK_A, SIZE, WEAK_B, SIZE, VERSION_DIFFERENT },
        { WEAK_A, SIZE, TAG_B, SIZE, VERSION_DIFFERENT },
        { TAG_A, SIZE, WEAK_B, SIZE, VERSION_DIFFERENT },
        { WEAK_A, SIZE, WEAK_A, SIZE + 1, VERSION_DIFFERENT },
        { { "W/\"a\"", "day a", TRUE }, SIZE, { "W/\"a\"", "day a", TRUE }, SIZE, VERSION_SAME },
        { { "W/\"a\"", "day a", TRUE }, SIZE, { "\"a\"", "day a", TRUE }, SIZE, VERSION_SAME },
        { { "W/\"a\"", "day a", TRUE }, SIZE, { "W/\"b\"", "day a", TRUE }, SIZE, VERSION_DIFFERENT },

        /* dates; the one that is stored has to be strong */
        { DATE_A, SIZE, DATE_A, SIZE, VERSION_SAME },
        { DATE_A, U, DATE_A, SIZE, VERSION_SAME },
        { DATE_A, SIZE, DATE_A, U, VERSION_SAME },
        { DATE_A, SIZE, POOR_A, SIZE, VERSION_SAME },
        { POOR_A, SIZE, DATE_A, SIZE, VERSION_UNKNOWN },
        { POOR_A, SIZE, POOR_A, SIZE, VERSION_UNKNOWN },
        { DATE_A, SIZE, DATE_B, SIZE, VERSION_DIFFERENT },
        { POOR_A, SIZE, POOR_B, SIZE, VERSION_DIFFERENT },
        { DATE_A, SIZE, DATE_A, SIZE + 1, VERSION_DIFFERENT },
        { { "\"a\"", "day a", TRUE }, SIZE, DATE_A, SIZE, VERSION_SAME },
        { DATE_A, SIZE, { "\"a\"", "day a", TRUE }, SIZE, VERSION_SAME },
        { { "\"a\"", "day a", TRUE }, SIZE, DATE_B, SIZE, VERSION_DIFFERENT },

        /* neither */
        { NONE, SIZE, NONE, SIZE, VERSION_UNKNOWN },
        { NONE, U, NONE, U, VERSION_UNKNOWN },
        { NONE, SIZE, NONE, SIZE + 1, VERSION_DIFFERENT },
        { TAG_A, SIZE, NONE, SIZE, VERSION_UNKNOWN },
        { NONE, SIZE, TAG_A, SIZE, VERSION_UNKNOWN },
        { TAG_A, SIZE, NONE, SIZE + 1, VERSION_DIFFERENT },
        { TAG_A, SIZE, DATE_A, SIZE, VERSION_UNKNOWN },
        { DATE_A, SIZE, TAG_A, SIZE, VERSION_UNKNOWN },
        { DATE_A, SIZE, NONE, SIZE, VERSION_UNKNOWN },

        /* the coding is part of the version */
        { TAG_A, SIZE, GZIP_A, SIZE, VERSION_DIFFERENT },
        { GZIP_A, SIZE, TAG_A, SIZE, VERSION_DIFFERENT },
        { GZIP_A, SIZE, GZIP_A, SIZE, VERSION_SAME },
        { GZIP_A, SIZE, { "\"a\"", NULL, FALSE, "br" }, SIZE, VERSION_DIFFERENT },
        { NONE, SIZE, GZIP, SIZE, VERSION_DIFFERENT },
    };
    struct validator stored, other;
    enum version_relation relation;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        set_version(&tests[i].stored, &stored);
        set_version(&tests[i].other, &other);
        relation = version_compare(&stored, tests[i].size, &other, tests[i].told);
        ok(relation == tests[i].relation, "row %u: got %u.\n", i, relation);
    }
}

static void test_strong_tag(void)
{
    static const struct
    {
        struct version version;
        BOOL is_strong;
    }
    tests[] =
    {
        { TAG_A, TRUE }, { BARE_A, TRUE }, { { "W" }, TRUE }, { { "w/\"a\"" }, TRUE },
        { WEAK_A, FALSE }, { { "W/" }, FALSE }, { DATE_A, FALSE }, { NONE, FALSE },
    };
    struct validator version;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        set_version(&tests[i].version, &version);
        ok(version_has_strong_tag(&version) == tests[i].is_strong, "row %u\n", i);
    }
}

enum target
{
    SINK_EMPTY,          /* a file that holds nothing */
    SINK_EMPTY_STREAM,
    SINK_FILE,
    SINK_STREAM,
    SINK_REWINDING,
};

enum wish
{
    WHOLE,
    JOB_RANGES,      /* no body without Range is read over */
    DOWNLOAD_RANGES, /* SKIP bytes may be thrown away; the total is needed */
};

/* What a response and its verdict may have. */
enum
{
    MALFORMED = 1,  /* a Content-Range that cannot be read */
    MULTIPART = 2,
    UNRANGED  = 4,  /* no Content-Range with 206 and 416; with 200 there is one */
    IS_WHOLE  = 8,
    IS_SHORT  = 16,
    RANGELESS = 32, /* from now on */
};

struct row
{
    const char *name;
    struct
    {
        struct version version;
        UINT64 size, end;
        enum target sink;
        enum wish wish;
    }
    stored;
    struct doubt doubt;
    struct
    {
        UINT64 offset, length; /* length 0: without Range */
        BOOL is_bound;
    }
    asked;
    struct
    {
        DWORD status;
        struct version version;
        UINT64 length;         /* of the whole with 200; the total otherwise */
        struct range part;     /* with 206 */
        UINT flags;
    }
    response;
    struct
    {
        enum verdict_kind kind;
        HRESULT hr;
        UINT64 size;           /* TAKE, REPLACE, COMPLETE */
        UINT flags;
        struct doubt doubt;    /* after it */
    }
    expected;
};

static void get_stored(const struct row *row, struct validator *version, struct stored *stored)
{
    enum target sink = row->stored.sink;
    BOOL is_download = row->stored.wish == DOWNLOAD_RANGES;

    memset(stored, 0, sizeof(*stored));
    set_version(&row->stored.version, version);
    stored->version = version;
    stored->size = row->stored.size;
    stored->end = row->stored.end;
    stored->has_bytes = sink != SINK_EMPTY && sink != SINK_EMPTY_STREAM;
    stored->is_stream = sink == SINK_EMPTY_STREAM || sink == SINK_STREAM || sink == SINK_REWINDING;
    stored->can_rewind = sink == SINK_REWINDING;
    stored->has_ranges = row->stored.wish != WHOLE;
    stored->max_skip = is_download ? SKIP : 0;
    stored->is_total_needed = is_download;
}

static void get_asked(const struct row *row, struct asked *asked)
{
    memset(asked, 0, sizeof(*asked));
    asked->has_range = row->asked.length != 0;
    asked->range.offset = row->asked.offset;
    asked->range.length = row->asked.length;
    asked->is_bound = row->asked.is_bound;
}

static void get_head(const struct row *row, struct http_head *head)
{
    memset(head, 0, sizeof(*head));
    head->status = row->response.status;
    head->content_length = SIZE_UNKNOWN;
    set_version(&row->response.version, &head->validator);
    head->is_range_malformed = (row->response.flags & MALFORMED) != 0;
    head->is_multipart = (row->response.flags & MULTIPART) != 0;
    head->has_content_range = !(row->response.flags & UNRANGED);
    head->content_range.total = row->response.length;
    head->content_range.offset = row->response.part.offset;
    head->content_range.length = row->response.part.length;
    if (head->status != 206 && head->status != 416)
    {
        head->has_content_range = !head->has_content_range;
        head->content_length = row->response.length;
    }
}

/* Get all that a verdict follows from. */
static void get_case(const struct row *row, struct validator *version, struct stored *stored, struct asked *asked,
        struct http_head *head)
{
    get_stored(row, version, stored);
    get_asked(row, asked);
    get_head(row, head);
}

static BOOL has_size(enum verdict_kind kind)
{
    return kind == VERDICT_TAKE || kind == VERDICT_REPLACE || kind == VERDICT_COMPLETE;
}

static void check_row(UINT index, const struct row *row, ULONGLONG now)
{
    struct doubt doubt = row->doubt, after = row->expected.doubt;
    struct validator version;
    struct verdict verdict;
    struct http_head head;
    struct stored stored;
    struct asked asked;
    UINT flags;

    get_case(row, &version, &stored, &asked, &head);
    after.is_rangeless = (row->expected.flags & RANGELESS) != 0;
    verdict = rules_classify(&stored, &doubt, &asked, &head, now);
    flags = (verdict.is_whole ? IS_WHOLE : 0) | (verdict.is_short ? IS_SHORT : 0);
    ok(verdict.kind == row->expected.kind && verdict.hr == row->expected.hr, "%u, %s: got %u, %#x, %s.\n", index,
            row->name, verdict.kind, verdict.hr, verdict.reason ? verdict.reason : "no reason");
    if (has_size(verdict.kind))
    {
        ok(verdict.size == row->expected.size, "%u, %s: got size %llx.\n", index, row->name,
                (unsigned long long)verdict.size);
        ok(flags == (row->expected.flags & (IS_WHOLE | IS_SHORT)), "%u, %s: got %u.\n", index, row->name, flags);
    }
    ok(doubt.bad_responses == after.bad_responses && doubt.doubtful == after.doubtful
            && (!doubt.doubtful || doubt.since == after.since)
            && doubt.restarts == after.restarts && doubt.is_rangeless == after.is_rangeless,
            "%u, %s: then %u bad, %u doubtful since %llu, %u restarts, rangeless %d.\n", index, row->name,
            doubt.bad_responses, doubt.doubtful, (unsigned long long)doubt.since, doubt.restarts, doubt.is_rangeless);
}

#define NOW     100000
#define LONG_AGO (NOW - 30000)

#define EMPTY(v, s)     { v, s, 0, SINK_EMPTY }
#define HELD(v, s)      { v, s, END, SINK_FILE }
#define STREAM(v, s)    { v, s, END, SINK_STREAM }
#define REWINDING(v, s) { v, s, END, SINK_REWINDING }
#define NO_RANGE        {0}
#define REST_ASKED      { END, EOF_, TRUE }
#define TAIL            { END, REST }

#define MISMATCH    DO_E_HTTP_BLOCKSIZE_MISMATCH
#define INCOMING    DO_E_BAD_INCOMING_DATA

static const struct row whole_rows[] =
{
    /* nothing stored: any version */
    { "first", EMPTY(NONE, U), {0}, NO_RANGE, { 200, TAG_A, SIZE }, { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },
    { "203", EMPTY(NONE, U), {0}, NO_RANGE, { 203, NONE, U }, { VERDICT_TAKE, S_OK, U, IS_WHOLE } },
    { "of no bytes", EMPTY(NONE, U), {0}, NO_RANGE, { 200, NONE, 0 }, { VERDICT_TAKE, S_OK, 0, IS_WHOLE } },
    { "coded", EMPTY(NONE, U), {0}, NO_RANGE, { 200, GZIP, U }, { VERDICT_TAKE, S_OK, U, IS_WHOLE } },
    { "after a restart, same", EMPTY(TAG_A, SIZE), { 0, 0, 0, 1 }, NO_RANGE, { 200, TAG_A, U },
        { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE, { 0, 0, 0, 1 } } },
    { "after a restart, another length", EMPTY(TAG_A, SIZE), {0}, NO_RANGE, { 200, TAG_A, SIZE - 1 },
        { VERDICT_TAKE, S_OK, SIZE - 1, IS_WHOLE } },
    { "after a restart, another version", EMPTY(TAG_A, SIZE), {0}, NO_RANGE, { 200, TAG_B, U },
        { VERDICT_TAKE, S_OK, U, IS_WHOLE } },
    { "after a restart, unknown", EMPTY(TAG_A, SIZE), {0}, NO_RANGE, { 200, NONE, U },
        { VERDICT_TAKE, S_OK, U, IS_WHOLE } },
    { "into a stream", { NONE, U, 0, SINK_EMPTY_STREAM }, {0}, NO_RANGE, { 200, TAG_A, SIZE },
        { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },
    { "no bad response", EMPTY(NONE, U), { 1, 2, 5 }, NO_RANGE, { 200, TAG_A, SIZE },
        { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },

    /* a file, certainly different, with a validator */
    { "another tag", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_B, SIZE },
        { VERDICT_REPLACE, S_OK, SIZE, IS_WHOLE, { 0, 0, 0, 1 } } },
    { "another tag, no length", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_B, U },
        { VERDICT_REPLACE, S_OK, U, IS_WHOLE, { 0, 0, 0, 1 } } },
    { "another date", HELD(DATE_A, SIZE), {0}, REST_ASKED, { 200, POOR_B, SIZE },
        { VERDICT_REPLACE, S_OK, SIZE, IS_WHOLE, { 0, 0, 0, 1 } } },
    { "same date, another length", HELD(DATE_A, SIZE), {0}, REST_ASKED, { 200, DATE_A, SIZE - 1 },
        { VERDICT_REPLACE, S_OK, SIZE - 1, IS_WHOLE, { 0, 0, 0, 1 } } },
    { "another coding", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, GZIP_A, SIZE },
        { VERDICT_REPLACE, S_OK, SIZE, IS_WHOLE, { 0, 0, 0, 1 } } },
    { "the third", HELD(TAG_A, SIZE), { 0, 0, 0, 2 }, REST_ASKED, { 200, TAG_B, SIZE },
        { VERDICT_REPLACE, S_OK, SIZE, IS_WHOLE, { 0, 0, 0, 3 } } },
    { "the fourth", HELD(TAG_A, SIZE), { 0, 0, 0, 3 }, REST_ASKED, { 200, TAG_B, SIZE },
        { VERDICT_FAIL, MISMATCH, 0, 0, { 0, 0, 0, 4 } } },

    /* same */
    { "same tag", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, SIZE }, { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },
    { "same tag, no length", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, U },
        { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },
    { "same tag, never a length", HELD(TAG_A, U), {0}, REST_ASKED, { 200, TAG_A, U },
        { VERDICT_TAKE, S_OK, U, IS_WHOLE } },
    { "same tag, a length now", HELD(TAG_A, U), {0}, REST_ASKED, { 200, TAG_A, END },
        { VERDICT_TAKE, S_OK, END, IS_WHOLE } },
    { "same date", HELD(DATE_A, SIZE), {0}, REST_ASKED, { 200, POOR_A, SIZE },
        { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },
    { "same, after doubt", HELD(TAG_A, SIZE), { 1, 2, 7 }, REST_ASKED, { 200, TAG_A, SIZE },
        { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },
    { "same, into a stream", STREAM(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, SIZE },
        { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },
    { "same, into a stream that rewinds", REWINDING(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, SIZE },
        { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },

    /* a contradiction */
    { "shorter", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, SIZE - 1 },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },
    { "longer", HELD(TAG_A, SIZE), { 0, 0, 0, 2 }, REST_ASKED, { 200, TAG_A, SIZE + 1 },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 3 } } },
    { "too often", HELD(TAG_A, SIZE), { 0, 0, 0, 3 }, REST_ASKED, { 200, TAG_A, SIZE + 1 },
        { VERDICT_FAIL, MISMATCH, 0, 0, { 0, 0, 0, 4 } } },
    { "shorter than what is held", HELD(TAG_A, U), {0}, REST_ASKED, { 200, TAG_A, END - 1 },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },
    { "shorter than what is held, by date", HELD(DATE_A, U), {0}, REST_ASKED, { 200, DATE_A, END - 1 },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },
    { "a contradiction for a stream", STREAM(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, SIZE - 1 },
        { VERDICT_FAIL, INCOMING } },
    { "and one that rewinds", REWINDING(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, SIZE - 1 },
        { VERDICT_RESTART, INCOMING, 0, 0, { 0, 0, 0, 1 } } },

    /* unknown, or different without a validator */
    { "a portal", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, NONE, U },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "a portal of another length", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, NONE, 100 },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "a portal of the same length", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, NONE, SIZE },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "a portal that is coded", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, GZIP, U },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "a portal for long", HELD(TAG_A, SIZE), { 0, 99, 1 }, REST_ASKED, { 200, NONE, 100 },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 100, 1 } } },
    { "a portal, stored by date", HELD(DATE_A, SIZE), { 0, 99, 1 }, REST_ASKED, { 200, NONE, 100 },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 100, 1 } } },
    { "another kind of validator", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, DATE_A, SIZE },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "a weak tag", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, WEAK_A, SIZE },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "a portal after bad ones", HELD(TAG_A, SIZE), { 1, 1, 7 }, REST_ASKED, { 200, NONE, U },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 2, 7 } } },
    { "a portal, for a stream", STREAM(TAG_A, SIZE), {0}, REST_ASKED, { 200, NONE, 100 },
        { VERDICT_LATER, INCOMING, 0, 0, { 0, 1, NOW } } },
    { "and one that rewinds", REWINDING(TAG_A, SIZE), {0}, REST_ASKED, { 200, NONE, 100 },
        { VERDICT_LATER, INCOMING, 0, 0, { 0, 1, NOW } } },

    /* where what is stored has no strong validator either */
    { "no validators", HELD(NONE, U), {0}, NO_RANGE, { 200, NONE, U },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "another length", HELD(NONE, SIZE), { 0, 1, LONG_AGO }, NO_RANGE, { 200, NONE, SIZE - 1 },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 2, LONG_AGO } } },
    { "three times", HELD(NONE, SIZE), { 0, 2, LONG_AGO }, NO_RANGE, { 200, NONE, SIZE - 1 },
        { VERDICT_REPLACE, S_OK, SIZE - 1, IS_WHOLE, {0} } },
    { "three times soon", HELD(NONE, SIZE), { 0, 2, LONG_AGO + 1 }, NO_RANGE, { 200, NONE, SIZE - 1 },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 3, LONG_AGO + 1 } } },
    { "three times, weak", HELD(WEAK_A, SIZE), { 0, 2, LONG_AGO }, NO_RANGE, { 200, NONE, U },
        { VERDICT_REPLACE, S_OK, U, IS_WHOLE, {0} } },
    { "same length", HELD(NONE, SIZE), {0}, NO_RANGE, { 200, NONE, SIZE },
        { VERDICT_REPLACE, S_OK, SIZE, IS_WHOLE, {0} } },
    { "a tag now, same length", HELD(NONE, SIZE), {0}, NO_RANGE, { 200, TAG_A, SIZE },
        { VERDICT_REPLACE, S_OK, SIZE, IS_WHOLE, {0} } },
    { "a tag now", HELD(NONE, U), {0}, NO_RANGE, { 200, TAG_A, U },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "same weak tag", HELD(WEAK_A, U), {0}, NO_RANGE, { 200, WEAK_A, U },
        { VERDICT_REPLACE, S_OK, U, IS_WHOLE, {0} } },
    { "same poor date", HELD(POOR_A, U), {0}, NO_RANGE, { 200, POOR_A, U },
        { VERDICT_REPLACE, S_OK, U, IS_WHOLE, {0} } },
    { "the tag is gone", HELD(WEAK_A, U), {0}, NO_RANGE, { 200, NONE, U },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "the date is gone", HELD(POOR_A, U), {0}, NO_RANGE, { 200, NONE, U },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "a date now", HELD(NONE, U), {0}, NO_RANGE, { 200, POOR_A, U },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "a stream, three times", STREAM(NONE, SIZE), { 0, 2, LONG_AGO }, NO_RANGE, { 200, NONE, U },
        { VERDICT_FAIL, INCOMING, 0, 0, { 0, 3, LONG_AGO } } },
    { "a stream, same length", STREAM(NONE, SIZE), {0}, NO_RANGE, { 200, NONE, SIZE }, { VERDICT_FAIL, INCOMING } },
    { "it rewinds", REWINDING(NONE, SIZE), {0}, NO_RANGE, { 200, NONE, SIZE },
        { VERDICT_RESTART, INCOMING, 0, 0, {0} } },
    { "it rewinds, three times", REWINDING(NONE, SIZE), { 0, 2, LONG_AGO }, NO_RANGE, { 200, NONE, U },
        { VERDICT_RESTART, INCOMING, 0, 0, {0} } },

    /* a stream, and another version */
    { "another tag, a stream", STREAM(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_B, SIZE },
        { VERDICT_FAIL, INCOMING } },
    { "it rewinds", REWINDING(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_B, SIZE },
        { VERDICT_RESTART, INCOMING, 0, 0, { 0, 0, 0, 1 } } },
    { "it rewinds too often", REWINDING(TAG_A, SIZE), { 0, 0, 0, 3 }, REST_ASKED, { 200, TAG_B, SIZE },
        { VERDICT_FAIL, MISMATCH, 0, 0, { 0, 0, 0, 4 } } },

    /* a Content-Range in it */
    { "whole and part", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, SIZE, TAIL, UNRANGED },
        { VERDICT_LATER, MISMATCH, 0, 0, { 1 } } },
    { "whole and part first", EMPTY(NONE, U), {0}, NO_RANGE, { 200, TAG_A, SIZE, TAIL, UNRANGED },
        { VERDICT_LATER, MISMATCH, 0, 0, { 1 } } },
    { "whole and unreadable", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, SIZE, {0}, MALFORMED },
        { VERDICT_LATER, MISMATCH, 0, 0, { 1 } } },
    { "twice", HELD(TAG_A, SIZE), { 1 }, REST_ASKED, { 200, TAG_B, SIZE, TAIL, UNRANGED },
        { VERDICT_FAIL, MISMATCH, 0, 0, { 2 } } },
    { "twice, a stream", STREAM(TAG_A, SIZE), { 1 }, REST_ASKED, { 203, TAG_A, SIZE, {0}, MALFORMED },
        { VERDICT_FAIL, MISMATCH, 0, 0, { 2 } } },
};

static const struct row part_rows[] =
{
    { "the rest", HELD(TAG_A, SIZE), { 1, 2, 7 }, REST_ASKED, { 206, TAG_A, SIZE, TAIL },
        { VERDICT_TAKE, S_OK, SIZE } },
    { "by date", HELD(DATE_A, SIZE), {0}, REST_ASKED, { 206, POOR_A, SIZE, TAIL }, { VERDICT_TAKE, S_OK, SIZE } },
    { "no total", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, U, TAIL }, { VERDICT_TAKE, S_OK, SIZE } },
    { "a total now", HELD(TAG_A, U), {0}, REST_ASKED, { 206, TAG_A, SIZE, TAIL }, { VERDICT_TAKE, S_OK, SIZE } },
    { "to a stream", STREAM(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, TAIL }, { VERDICT_TAKE, S_OK, SIZE } },
    { "ends early", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, { END, SMALL + 1 } },
        { VERDICT_TAKE, S_OK, SIZE } },
    { "little", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, { END, SMALL } },
        { VERDICT_TAKE, S_OK, SIZE, IS_SHORT } },
    { "a byte, no total", HELD(TAG_A, U), {0}, REST_ASKED, { 206, TAG_A, U, { END, 1 } },
        { VERDICT_TAKE, S_OK, U, IS_SHORT } },
    { "little was asked for", HELD(TAG_A, SIZE), {0}, { END, SMALL, TRUE }, { 206, TAG_A, SIZE, { END, SMALL } },
        { VERDICT_TAKE, S_OK, SIZE } },
    { "little was missing", { TAG_A, SIZE, SIZE - 5, SINK_FILE }, {0}, { SIZE - 5, EOF_, TRUE },
        { 206, TAG_A, SIZE, { SIZE - 5, 5 } }, { VERDICT_TAKE, S_OK, SIZE } },
    { "first, of a request without Range", EMPTY(NONE, U), {0}, NO_RANGE, { 206, TAG_A, SIZE, { 0, SIZE } },
        { VERDICT_TAKE, S_OK, SIZE } },
    { "nobody asked for a part", EMPTY(NONE, U), {0}, NO_RANGE, { 206, TAG_A, SIZE, { 0, REST } },
        { VERDICT_TAKE, S_OK, SIZE } },
    { "first, unknown", EMPTY(TAG_A, SIZE), {0}, NO_RANGE, { 206, NONE, U, { 0, REST } },
        { VERDICT_TAKE, S_OK, U } },

    /* unknown */
    { "bound", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, NONE, SIZE, TAIL }, { VERDICT_TAKE, S_OK, SIZE } },
    { "bound, a stream", STREAM(TAG_A, SIZE), {0}, REST_ASKED, { 206, NONE, SIZE, TAIL },
        { VERDICT_TAKE, S_OK, SIZE } },
    { "bound, no total", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, NONE, U, TAIL },
        { VERDICT_RESTART, S_OK, 0, RANGELESS, { 0, 0, 0, 1 } } },
    { "bound, no size", HELD(TAG_A, U), {0}, REST_ASKED, { 206, NONE, SIZE, TAIL },
        { VERDICT_RESTART, S_OK, 0, RANGELESS, { 0, 0, 0, 1 } } },
    { "bound, and a validator of another kind", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, DATE_A, SIZE, TAIL },
        { VERDICT_RESTART, S_OK, 0, RANGELESS, { 0, 0, 0, 1 } } },
    { "bound, and a weak tag", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, WEAK_A, SIZE, TAIL },
        { VERDICT_RESTART, S_OK, 0, RANGELESS, { 0, 0, 0, 1 } } },
    { "not bound", HELD(TAG_A, SIZE), {0}, { END, EOF_ }, { 206, NONE, SIZE, TAIL },
        { VERDICT_RESTART, S_OK, 0, RANGELESS, { 0, 0, 0, 1 } } },
    { "unknown, a stream", STREAM(TAG_A, SIZE), {0}, REST_ASKED, { 206, NONE, U, TAIL },
        { VERDICT_FAIL, INCOMING, 0, RANGELESS, { 0, 1, NOW } } },
    { "unknown, it rewinds", REWINDING(TAG_A, SIZE), {0}, REST_ASKED, { 206, NONE, U, TAIL },
        { VERDICT_RESTART, INCOMING, 0, RANGELESS, { 0, 0, 0, 1 } } },

    /* certainly different */
    { "another tag", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_B, SIZE, TAIL },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },
    { "another date", HELD(DATE_A, SIZE), {0}, REST_ASKED, { 206, DATE_B, SIZE, TAIL },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },
    { "another total and no validator", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, NONE, SIZE + 1, TAIL },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },
    { "another version too often", HELD(TAG_A, SIZE), { 0, 0, 0, 3 }, REST_ASKED, { 206, TAG_B, SIZE, TAIL },
        { VERDICT_FAIL, MISMATCH, 0, 0, { 0, 0, 0, 4 } } },
    { "another version, a stream", STREAM(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_B, SIZE, TAIL },
        { VERDICT_FAIL, INCOMING } },

    /* another part */
    { "another start", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, { END + 1, REST - 1 } },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "an earlier start", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, { END - 1, REST } },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "all of it", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, { 0, SIZE } },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "too much", HELD(TAG_A, SIZE), {0}, { END, 100, TRUE }, { 206, TAG_A, SIZE, { END, 101 } },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "behind the end", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, U, { END, REST + 1 } },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "no Content-Range", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, TAIL, UNRANGED },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "multipart", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, TAIL, MULTIPART },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "of no bytes", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, { END, 0 } },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "another total", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE + 1, TAIL },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "a coding", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, GZIP_A, SIZE, TAIL },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "no coding", HELD(GZIP_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, TAIL },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "of a request without Range", HELD(TAG_A, SIZE), {0}, NO_RANGE, { 206, TAG_A, SIZE, TAIL },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "a total below what is held", HELD(TAG_A, U), {0}, NO_RANGE, { 206, TAG_A, END - 1, { 0, END - 1 } },
        { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "bad first", EMPTY(NONE, U), {0}, NO_RANGE, { 206, TAG_A, SIZE, TAIL }, { VERDICT_AGAIN, S_OK, 0, 0, { 1 } } },
    { "once more", HELD(TAG_A, SIZE), { 1 }, REST_ASKED, { 206, TAG_A, SIZE, { 0, SIZE } },
        { VERDICT_RESTART, S_OK, 0, RANGELESS, { 2, 0, 0, 1 } } },
    { "bad first, once more", EMPTY(NONE, U), { 1 }, NO_RANGE, { 206, TAG_A, SIZE, TAIL },
        { VERDICT_RESTART, S_OK, 0, RANGELESS, { 2, 0, 0, 1 } } },
    { "once more, a stream", STREAM(TAG_A, SIZE), { 1 }, REST_ASKED, { 206, TAG_A, SIZE, { 0, SIZE } },
        { VERDICT_FAIL, MISMATCH, 0, RANGELESS, { 2 } } },
    { "once more, it rewinds", REWINDING(TAG_A, SIZE), { 1 }, REST_ASKED, { 206, TAG_A, SIZE, { 0, SIZE } },
        { VERDICT_RESTART, MISMATCH, 0, RANGELESS, { 2, 0, 0, 1 } } },
    { "once more, ranges", { TAG_A, SIZE, END, SINK_FILE, JOB_RANGES }, { 1 }, REST_ASKED,
        { 206, TAG_A, SIZE, { 0, SIZE } }, { VERDICT_FAIL, MISMATCH, 0, 0, { 2 } } },
    { "thrice", EMPTY(TAG_A, SIZE), { 2, 0, 0, 1, TRUE }, NO_RANGE, { 206, TAG_A, SIZE, TAIL },
        { VERDICT_FAIL, MISMATCH, 0, RANGELESS, { 3, 0, 0, 1 } } },
};

#define JOB(v, s)       { v, s, END, SINK_FILE, JOB_RANGES }
#define DOWNLOAD(v, s)  { v, s, END, SINK_FILE, DOWNLOAD_RANGES }
#define FIRST(w)        { NONE, U, 0, SINK_EMPTY, w }

static const struct row range_rows[] =
{
    { "first range", FIRST(JOB_RANGES), {0}, { 10, 20 }, { 206, NONE, SIZE, { 10, 20 } },
        { VERDICT_TAKE, S_OK, SIZE } },
    { "first range, no total", FIRST(JOB_RANGES), {0}, { 10, 20 }, { 206, NONE, U, { 10, 20 } },
        { VERDICT_TAKE, S_OK, U } },
    { "to the end, no total", FIRST(JOB_RANGES), {0}, { 10, EOF_ }, { 206, NONE, U, { 10, SMALL + 1 } },
        { VERDICT_TAKE, S_OK, U } },
    { "a total is needed", FIRST(DOWNLOAD_RANGES), {0}, { 10, EOF_ }, { 206, TAG_A, U, { 10, SMALL + 1 } },
        { VERDICT_FAIL, DO_E_FILE_SIZE_UNKNOWN_HTTP_206 } },
    { "not before the end", FIRST(DOWNLOAD_RANGES), {0}, { 10, 20 }, { 206, TAG_A, U, { 10, 20 } },
        { VERDICT_TAKE, S_OK, U } },

    /* with a validator: all of one version */
    { "same", JOB(TAG_A, SIZE), {0}, { END, 20, TRUE }, { 206, TAG_A, SIZE, { END, 20 } },
        { VERDICT_TAKE, S_OK, SIZE } },
    { "another", JOB(TAG_A, SIZE), {0}, { END, 20, TRUE }, { 206, TAG_B, SIZE, { END, 20 } },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },
    { "bound", JOB(TAG_A, SIZE), {0}, { END, 20, TRUE }, { 206, NONE, SIZE, { END, 20 } },
        { VERDICT_TAKE, S_OK, SIZE } },
    { "unknown", JOB(TAG_A, SIZE), {0}, { END, 20, TRUE }, { 206, WEAK_A, SIZE, { END, 20 } },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },

    /* without: all of the same total */
    { "no validator", JOB(NONE, SIZE), {0}, { END, 20 }, { 206, NONE, SIZE, { END, 20 } },
        { VERDICT_TAKE, S_OK, SIZE } },
    { "weak tags", JOB(WEAK_A, SIZE), {0}, { END, 20 }, { 206, WEAK_A, SIZE, { END, 20 } },
        { VERDICT_TAKE, S_OK, SIZE } },
    { "other weak tags", JOB(WEAK_A, SIZE), {0}, { END, 20 }, { 206, WEAK_B, SIZE, { END, 20 } },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },
    { "another total", JOB(NONE, SIZE), {0}, { END, 20 }, { 206, NONE, SIZE + 1, { END, 20 } },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },
    { "no total now", JOB(NONE, SIZE), {0}, { END, 20 }, { 206, NONE, U, { END, 20 } },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },
    { "never a total", JOB(NONE, U), {0}, { END, 20 }, { 206, NONE, U, { END, 20 } },
        { VERDICT_RESTART, S_OK, 0, 0, { 0, 0, 0, 1 } } },
    { "no validator, a stream", { NONE, SIZE, END, SINK_STREAM, JOB_RANGES }, {0}, { END, 20 },
        { 206, NONE, SIZE + 1, { END, 20 } }, { VERDICT_FAIL, INCOMING } },

    /* a server without ranges */
    { "whole, a job", FIRST(JOB_RANGES), {0}, { 10, 20 }, { 200, TAG_A, SIZE },
        { VERDICT_FAIL, DO_E_INSUFFICIENT_RANGE_SUPPORT } },
    { "whole, a job, from zero", FIRST(JOB_RANGES), {0}, { 0, 20 }, { 200, TAG_A, SIZE },
        { VERDICT_FAIL, DO_E_INSUFFICIENT_RANGE_SUPPORT } },
    { "whole, near", FIRST(DOWNLOAD_RANGES), {0}, { SKIP, 20 }, { 200, TAG_A, SIZE },
        { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },
    { "whole, far", FIRST(DOWNLOAD_RANGES), {0}, { SKIP + 1, 20 }, { 200, TAG_A, SIZE },
        { VERDICT_FAIL, DO_E_INSUFFICIENT_RANGE_SUPPORT } },
    { "whole, same", DOWNLOAD(TAG_A, SIZE), {0}, { SKIP, 20, TRUE }, { 200, TAG_A, SIZE },
        { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },
    { "whole, same length", DOWNLOAD(NONE, SIZE), {0}, { SKIP, 20 }, { 200, NONE, SIZE },
        { VERDICT_TAKE, S_OK, SIZE, IS_WHOLE } },
    { "whole, another", DOWNLOAD(TAG_A, SIZE), {0}, { SKIP, 20, TRUE }, { 200, TAG_B, SIZE },
        { VERDICT_REPLACE, S_OK, SIZE, IS_WHOLE, { 0, 0, 0, 1 } } },
    { "whole, a portal", DOWNLOAD(TAG_A, SIZE), {0}, { SKIP, 20, TRUE }, { 200, NONE, SIZE },
        { VERDICT_LATER, MISMATCH, 0, 0, { 0, 1, NOW } } },
    { "whole and part", FIRST(JOB_RANGES), {0}, { 10, 20 }, { 200, TAG_A, SIZE, { 10, 20 }, UNRANGED },
        { VERDICT_LATER, MISMATCH, 0, 0, { 1 } } },
};

#define GONE(v, s, e)   { v, s, e, SINK_FILE }

static const struct row unsatisfied_rows[] =
{
    /* complete */
    { "the end", HELD(TAG_A, U), { 1 }, REST_ASKED, { 416, TAG_A, END }, { VERDICT_COMPLETE, S_OK, END } },
    { "the known end", HELD(TAG_A, END), {0}, REST_ASKED, { 416, TAG_A, END }, { VERDICT_COMPLETE, S_OK, END } },
    { "the end, unknown", HELD(TAG_A, U), {0}, REST_ASKED, { 416, NONE, END }, { VERDICT_COMPLETE, S_OK, END } },
    { "the end, a stream", STREAM(TAG_A, U), {0}, REST_ASKED, { 416, NONE, END }, { VERDICT_COMPLETE, S_OK, END } },
    { "the end of ranges", JOB(NONE, U), {0}, { END + 5, EOF_ }, { 416, NONE, END + 5 },
        { VERDICT_COMPLETE, S_OK, END + 5 } },

    /* not */
    { "another version", HELD(TAG_A, U), {0}, REST_ASKED, { 416, TAG_B, END },
        { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "a coding", HELD(TAG_A, U), {0}, REST_ASKED, { 416, GZIP_A, END },
        { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "another size", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 416, TAG_A, END },
        { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "less", HELD(TAG_A, U), {0}, REST_ASKED, { 416, TAG_A, END - 1 }, { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "more", HELD(TAG_A, U), {0}, REST_ASKED, { 416, TAG_A, END + 1 }, { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "a hole in front", GONE(TAG_A, U, END - 1), {0}, REST_ASKED, { 416, TAG_A, END },
        { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "no total", HELD(TAG_A, U), {0}, REST_ASKED, { 416, TAG_A, U, {0}, UNRANGED },
        { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "a total that is not sent", HELD(TAG_A, U), {0}, REST_ASKED, { 416, TAG_A, END, {0}, UNRANGED },
        { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "nothing held", EMPTY(NONE, U), {0}, { 0, EOF_ }, { 416, NONE, 0 },
        { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "without Range", GONE(TAG_A, U, 0), {0}, NO_RANGE, { 416, TAG_A, 0 },
        { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "twice", HELD(TAG_A, SIZE), { 1, 0, 0, 0, TRUE }, NO_RANGE, { 416, NONE, U },
        { VERDICT_FAIL, S_OK, 0, RANGELESS, { 2 } } },

    /* ranges that there are not */
    { "a job's range", JOB(TAG_A, SIZE), { 1 }, { END, 20, TRUE }, { 416, TAG_A, U, {0}, UNRANGED },
        { VERDICT_FAIL, DO_E_INVALID_RANGE } },
    { "ends at its start", JOB(TAG_A, U), {0}, { END, 20, TRUE }, { 416, TAG_A, END },
        { VERDICT_FAIL, DO_E_INVALID_RANGE } },
    { "starts behind", FIRST(DOWNLOAD_RANGES), {0}, { SIZE, 20 }, { 416, NONE, SIZE },
        { VERDICT_FAIL, DO_E_INVALID_RANGE } },
    { "starts behind, to the end", FIRST(DOWNLOAD_RANGES), {0}, { SIZE, EOF_ }, { 416, NONE, SIZE },
        { VERDICT_FAIL, DO_E_INVALID_RANGE } },
    { "ends behind", FIRST(DOWNLOAD_RANGES), {0}, { SIZE - 19, 20 }, { 416, NONE, SIZE },
        { VERDICT_FAIL, DO_E_INVALID_RANGE } },
    { "is there", FIRST(DOWNLOAD_RANGES), {0}, { SIZE - 20, 20 }, { 416, NONE, SIZE },
        { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "is there, to the end", FIRST(DOWNLOAD_RANGES), {0}, { SIZE - 20, EOF_ }, { 416, NONE, SIZE },
        { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "no total for ranges", FIRST(DOWNLOAD_RANGES), {0}, { SIZE, 20 }, { 416, NONE, U, {0}, UNRANGED },
        { VERDICT_AGAIN, S_OK, 0, RANGELESS, { 1 } } },
    { "without Range, ranges", FIRST(JOB_RANGES), { 1, 0, 0, 0, TRUE }, NO_RANGE, { 416, NONE, U },
        { VERDICT_FAIL, S_OK, 0, RANGELESS, { 2 } } },
};

static void check_rows(const struct row *rows, UINT count)
{
    UINT i;

    for (i = 0; i < count; i++)
        check_row(i, &rows[i], NOW);
}

/* The length of the body contradicts the Content-Range. */
static void test_body_length(void)
{
    static const struct row row = { "length", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, TAIL } };
    struct validator version;
    struct http_head head;
    struct stored stored;
    struct asked asked;
    int delta;

    get_stored(&row, &version, &stored);
    get_asked(&row, &asked);
    get_head(&row, &head);
    for (delta = -1; delta <= 1; delta++)
    {
        struct doubt doubt = {0};
        struct verdict verdict;

        head.content_length = REST + delta;
        verdict = rules_classify(&stored, &doubt, &asked, &head, NOW);
        ok(verdict.kind == (delta ? VERDICT_AGAIN : VERDICT_TAKE), "%d: got %u.\n", delta, verdict.kind);
    }
}

static void test_resume(void)
{
    static const struct
    {
        struct row row;
        BOOL is_rangeless, ret;
    }
    tests[] =
    {
        { { "a strong tag", HELD(TAG_A, SIZE) }, FALSE, TRUE },
        { { "a strong date", HELD(DATE_A, U) }, FALSE, TRUE },
        { { "a stream", STREAM(BARE_A, SIZE) }, FALSE, TRUE },
        { { "a weak tag", HELD(WEAK_A, SIZE) }, FALSE, FALSE },
        { { "a poor date", HELD(POOR_A, SIZE) }, FALSE, FALSE },
        { { "no validator", HELD(NONE, SIZE) }, FALSE, FALSE },
        { { "nothing held", EMPTY(TAG_A, SIZE) }, FALSE, FALSE },
        { { "ranges", FIRST(JOB_RANGES) }, FALSE, TRUE },
        { { "ranges without validator", DOWNLOAD(NONE, SIZE) }, FALSE, TRUE },
        { { "rangeless", HELD(TAG_A, SIZE) }, TRUE, FALSE },
        { { "rangeless ranges", JOB(TAG_A, SIZE) }, TRUE, FALSE },
    };
    struct validator version;
    struct stored stored;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        struct doubt doubt = { .is_rangeless = tests[i].is_rangeless };

        get_stored(&tests[i].row, &version, &stored);
        ok(rules_may_resume(&stored, &doubt) == tests[i].ret, "%s.\n", tests[i].row.name);
    }
}

static void test_end(void)
{
    static const struct
    {
        struct row row;
        UINT64 end;
        UINT restarts;
        enum verdict_kind kind;
        HRESULT hr;
    }
    tests[] =
    {
        { { "first", EMPTY(NONE, U) }, 0, 0, VERDICT_COMPLETE },
        { { "more than was held", HELD(NONE, U) }, SIZE, 0, VERDICT_COMPLETE },
        { { "as much", HELD(TAG_A, U) }, END, 0, VERDICT_COMPLETE },
        { { "less", HELD(TAG_A, U) }, END - 1, 0, VERDICT_RESTART },
        { { "known", HELD(TAG_A, SIZE) }, SIZE, 0, VERDICT_COMPLETE },
        { { "known, less", HELD(TAG_A, SIZE) }, SIZE - 1, 2, VERDICT_RESTART },
        { { "known, more", HELD(TAG_A, SIZE) }, SIZE + 1, 0, VERDICT_RESTART },
        { { "remembered, less", EMPTY(TAG_A, SIZE) }, END, 0, VERDICT_RESTART },
        { { "too often", HELD(TAG_A, SIZE) }, SIZE - 1, 3, VERDICT_FAIL, MISMATCH },
        { { "a stream", STREAM(TAG_A, SIZE) }, SIZE, 0, VERDICT_COMPLETE },
        { { "a stream, less", STREAM(TAG_A, SIZE) }, SIZE - 1, 0, VERDICT_FAIL, INCOMING },
        { { "it rewinds", REWINDING(TAG_A, SIZE) }, SIZE - 1, 0, VERDICT_RESTART, INCOMING },
        { { "a stream that has nothing", { TAG_A, SIZE, 0, SINK_EMPTY_STREAM } }, SIZE - 1, 0, VERDICT_RESTART },
    };
    struct validator version;
    struct verdict verdict;
    struct stored stored;
    UINT i, restarts;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        struct doubt doubt = { .restarts = tests[i].restarts };

        get_stored(&tests[i].row, &version, &stored);
        verdict = rules_classify_end(&stored, &doubt, tests[i].end);
        ok(verdict.kind == tests[i].kind && verdict.hr == tests[i].hr, "%s: got %u, %#x.\n", tests[i].row.name,
                verdict.kind, verdict.hr);
        ok(verdict.kind != VERDICT_COMPLETE || verdict.size == tests[i].end, "%s: wrong size.\n", tests[i].row.name);
        restarts = tests[i].restarts + (verdict.kind == VERDICT_RESTART || verdict.hr == MISMATCH);
        ok(doubt.restarts == restarts, "%s: %u restarts.\n", tests[i].row.name, doubt.restarts);
    }
}

static void test_join(void)
{
    static const struct
    {
        struct row row;
        BOOL ret;
    }
    tests[] =
    {
#define PART_ASKED { SIZE - 100, 100, TRUE }
#define PART_SENT  { SIZE - 100, 100 }
        { { "same", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 206, TAG_A, SIZE, PART_SENT } }, TRUE },
        { { "nothing held yet", EMPTY(TAG_A, SIZE), {0}, PART_ASKED, { 206, TAG_A, SIZE, PART_SENT } }, TRUE },
        { { "whole", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 200, TAG_A, SIZE } }, FALSE },
        { { "whole and part", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 200, TAG_A, SIZE, PART_SENT, UNRANGED } }, FALSE },
        { { "416", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 416, TAG_A, SIZE, PART_SENT } }, FALSE },
        { { "another", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 206, TAG_B, SIZE, PART_SENT } }, FALSE },
        { { "no validator", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 206, NONE, SIZE, PART_SENT } }, FALSE },
        { { "weak", HELD(WEAK_A, SIZE), {0}, PART_ASKED, { 206, WEAK_A, SIZE, PART_SENT } }, FALSE },
        { { "weak of a strong one", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 206, WEAK_A, SIZE, PART_SENT } }, FALSE },
        { { "by date", HELD(DATE_A, SIZE), {0}, PART_ASKED, { 206, DATE_A, SIZE, PART_SENT } }, FALSE },
        { { "a coding", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 206, GZIP_A, SIZE, PART_SENT } }, FALSE },
        { { "a coding, nothing held yet", EMPTY(TAG_A, SIZE), {0}, PART_ASKED, { 206, GZIP_A, SIZE, PART_SENT } },
            FALSE },
        { { "another total", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 206, TAG_A, SIZE + 1, PART_SENT } }, FALSE },
        { { "no total", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 206, TAG_A, U, PART_SENT } }, FALSE },
        { { "too little", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 206, TAG_A, SIZE, { SIZE - 100, 99 } } }, FALSE },
        { { "too much", HELD(TAG_A, SIZE), {0}, { END, 100, TRUE }, { 206, TAG_A, SIZE, { END, 101 } } }, FALSE },
        { { "another start", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 206, TAG_A, SIZE, { SIZE - 101, 100 } } }, FALSE },
        { { "no Content-Range", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 206, TAG_A, SIZE, PART_SENT, UNRANGED } },
            FALSE },
        { { "multipart", HELD(TAG_A, SIZE), {0}, PART_ASKED, { 206, TAG_A, SIZE, PART_SENT, MULTIPART } }, FALSE },
    };
    struct validator version;
    struct http_head head;
    struct stored stored;
    struct asked asked;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        get_case(&tests[i].row, &version, &stored, &asked, &head);
        ok(rules_may_join(&stored, &asked, &head) == tests[i].ret, "%s.\n", tests[i].row.name);
    }
}

/* What a cache host has is taken if nothing speaks against it (policy-cache-integrity 2.4, 2.5). */
static void test_cache(void)
{
    static const struct
    {
        struct row row;
        BOOL is_taken, is_wrong;
        UINT64 declared; /* 0: not */
        BOOL is_chunked;
    }
    tests[] =
    {
#define FAR_END (CACHE_SKIP_MAX + 1)
        { { "nothing stored", EMPTY(NONE, U), {0}, NO_RANGE, { 200, TAG_A, SIZE } }, TRUE },
        { { "no validator", EMPTY(NONE, U), {0}, NO_RANGE, { 200, NONE, SIZE } }, TRUE },
        { { "203", EMPTY(NONE, U), {0}, NO_RANGE, { 203, TAG_A, SIZE } }, FALSE },
        { { "no length", EMPTY(NONE, U), {0}, NO_RANGE, { 200, TAG_A, U } }, FALSE },
        { { "chunked", EMPTY(NONE, U), {0}, NO_RANGE, { 200, TAG_A, U } }, TRUE, .is_chunked = TRUE },
        { { "no length, a known size", EMPTY(NONE, SIZE), {0}, NO_RANGE, { 200, TAG_A, U } }, TRUE },
        { { "the known size", EMPTY(NONE, SIZE), {0}, NO_RANGE, { 200, TAG_A, SIZE } }, TRUE },
        { { "another size", EMPTY(NONE, SIZE), {0}, NO_RANGE, { 200, TAG_A, SIZE - 1 } }, FALSE, TRUE },
        { { "the declared size", EMPTY(NONE, U), {0}, NO_RANGE, { 200, TAG_A, SIZE } }, TRUE, FALSE, SIZE },
        { { "not the declared size", EMPTY(NONE, U), {0}, NO_RANGE, { 200, TAG_A, SIZE } }, FALSE, TRUE, SIZE + 1 },
        { { "a known size counts", EMPTY(NONE, SIZE), {0}, NO_RANGE, { 200, TAG_A, SIZE } }, TRUE, FALSE, SIZE + 1 },

        { { "the rest", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, TAIL } }, TRUE },
        { { "the rest, by date", HELD(DATE_A, SIZE), {0}, REST_ASKED, { 206, DATE_A, SIZE, TAIL } }, TRUE },
        { { "another version", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_B, SIZE, TAIL } }, FALSE },
        { { "another whole", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_B, SIZE } }, FALSE },
        { { "the same whole", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, SIZE } }, TRUE },
        { { "another length", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, SIZE + 1 } }, FALSE, TRUE },
        { { "another total", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE + 1, TAIL } }, FALSE, TRUE },
        { { "a part without validator", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, NONE, SIZE, TAIL } }, FALSE },
        { { "a whole without validator", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, NONE, SIZE } }, FALSE },
        { { "no validator at all", HELD(NONE, SIZE), {0}, NO_RANGE, { 200, NONE, SIZE } }, FALSE },
        { { "another part", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, { END + 1, 9 } } }, FALSE },
        { { "no such range", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 416, TAG_A, SIZE } }, FALSE, TRUE },
        { { "the end", HELD(TAG_A, END), {0}, REST_ASKED, { 416, TAG_A, END } }, FALSE, TRUE },
        { { "far", { TAG_A, 2 * (UINT64)FAR_END, FAR_END - 1, SINK_FILE }, {0}, { FAR_END - 1, EOF_, TRUE },
            { 200, TAG_A, 2 * (UINT64)FAR_END } }, TRUE },
        { { "too far", { TAG_A, 2 * (UINT64)FAR_END, FAR_END, SINK_FILE }, {0}, { FAR_END, EOF_, TRUE },
            { 200, TAG_A, 2 * (UINT64)FAR_END } }, FALSE },
        { { "a far part", { TAG_A, 2 * (UINT64)FAR_END, FAR_END, SINK_FILE }, {0}, { FAR_END, EOF_, TRUE },
            { 206, TAG_A, 2 * (UINT64)FAR_END, { FAR_END, FAR_END } } }, TRUE },

        { { "stream", { NONE, U, 0, SINK_EMPTY_STREAM }, {0}, NO_RANGE, { 200, TAG_A, SIZE } }, TRUE },
        { { "stream, weak", { NONE, U, 0, SINK_EMPTY_STREAM }, {0}, NO_RANGE, { 200, WEAK_A, SIZE } }, FALSE },
        { { "stream, no validator", { NONE, U, 0, SINK_EMPTY_STREAM }, {0}, NO_RANGE, { 200, NONE, SIZE } }, FALSE },
        { { "ranges", { NONE, U, 0, SINK_EMPTY, JOB_RANGES }, {0}, { END, REST }, { 206, TAG_A, SIZE, TAIL } }, TRUE },
        { { "ranges, no validator", { NONE, U, 0, SINK_EMPTY, JOB_RANGES }, {0}, { END, REST },
            { 206, NONE, SIZE, TAIL } }, FALSE },
        { { "ranges, a whole", { NONE, U, 0, SINK_EMPTY, JOB_RANGES }, {0}, { END, REST }, { 200, TAG_A, SIZE } },
            FALSE },
    };
    struct validator version;
    struct verdict verdict;
    struct http_head head;
    struct stored stored;
    struct doubt doubt;
    struct asked asked;
    BOOL is_wrong;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        get_case(&tests[i].row, &version, &stored, &asked, &head);
        head.is_chunked = tests[i].is_chunked;
        memset(&doubt, 0, sizeof(doubt));
        verdict = rules_classify_cache(&stored, &doubt, &asked, &head, tests[i].declared ? tests[i].declared : U,
                &is_wrong);
        ok(verdict.kind == (tests[i].is_taken ? VERDICT_TAKE : VERDICT_FAIL) && !verdict.hr, "%s: got %u, %#x.\n",
                tests[i].row.name, verdict.kind, verdict.hr);
        ok(is_wrong == tests[i].is_wrong, "%s: got %d.\n", tests[i].row.name, is_wrong);
    }
}

/* A version that a cache host alone has told of ends with another answer of the server. */
static void test_unconfirmed(void)
{
    static const struct row tests[] =
    {
        { "same", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, TAG_A, SIZE, TAIL }, { VERDICT_TAKE } },
        { "no validator", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, NONE, SIZE }, { VERDICT_REPLACE } },
        { "another length", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, NONE, SIZE + 1 }, { VERDICT_REPLACE } },
        { "a part", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 206, NONE, SIZE, TAIL }, { VERDICT_RESTART } },
        { "contradiction", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_A, SIZE + 1 }, { VERDICT_RESTART } },
        { "another version", HELD(TAG_A, SIZE), {0}, REST_ASKED, { 200, TAG_B, SIZE }, { VERDICT_REPLACE } },
    };
    struct validator version;
    struct verdict verdict;
    struct http_head head;
    struct stored stored;
    struct doubt doubt;
    struct asked asked;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        get_case(tests + i, &version, &stored, &asked, &head);
        stored.is_unconfirmed = TRUE;
        memset(&doubt, 0, sizeof(doubt));
        verdict = rules_classify(&stored, &doubt, &asked, &head, 0);
        ok(verdict.kind == tests[i].expected.kind, "%s: got %u.\n", tests[i].name, verdict.kind);
        ok(!doubt.doubtful, "%s: doubts.\n", tests[i].name);
    }
}

/* Facts of any verdict, whatever rule was found; without a rule there is no reason. */
static BOOL is_sound(const struct stored *stored, const struct doubt *doubt, DWORD status,
        const struct verdict *verdict)
{
    BOOL can_lose = !stored->has_bytes || !stored->is_stream || stored->can_rewind;

    if ((verdict->is_whole && status != 200) || (verdict->is_short && status != 206) || doubt->restarts > 4)
        return FALSE;
    switch (verdict->kind)
    {
        case VERDICT_TAKE:     return !verdict->hr && status != 416;
        case VERDICT_REPLACE:  return !verdict->hr && verdict->reason && status == 200 && !stored->is_stream;
        case VERDICT_RESTART:  return verdict->reason && can_lose
                && !verdict->hr == !(stored->has_bytes && stored->is_stream);
        case VERDICT_AGAIN:    return !verdict->hr && verdict->reason;
        case VERDICT_LATER:    return verdict->hr && verdict->reason && status == 200;
        case VERDICT_COMPLETE: return !verdict->hr && status == 416;
        case VERDICT_FAIL:     return verdict->reason && (verdict->hr || status == 416);
    }
    return FALSE;
}

static BOOL is_sound_always(const struct row *row)
{
    struct validator version;
    struct http_head head;
    struct stored stored;
    struct asked asked;
    UINT bad, doubtful, restarts;

    get_stored(row, &version, &stored);
    get_asked(row, &asked);
    get_head(row, &head);
    for (bad = 0; bad < 3; bad++)
    {
        for (doubtful = 0; doubtful < 4; doubtful += 2)
        {
            for (restarts = 0; restarts < 4; restarts += 3)
            {
                struct doubt doubt = { bad, doubtful, LONG_AGO, restarts };
                struct verdict verdict = rules_classify(&stored, &doubt, &asked, &head, NOW);

                if (!is_sound(&stored, &doubt, head.status, &verdict))
                    return FALSE;
            }
        }
    }
    return TRUE;
}

/* Combinations of what is stored and asked for with versions and lengths: of one response. */
static void check_combinations(enum target sink, enum wish wish, DWORD status, struct range part, UINT flags)
{
    static const struct version versions[] = { NONE, TAG_A, TAG_B, WEAK_A, DATE_A, DATE_B, POOR_A, GZIP_A };
    static const UINT64 sizes[] = { U, SIZE, END, SIZE - 1 };
    UINT i, count = ARRAY_SIZE(versions) * ARRAY_SIZE(versions) * ARRAY_SIZE(sizes) * 2 * 3, unsound = 0;

    for (i = 0; i < count; i++)
    {
        UINT range = i % 3, size = i / 3 % 2, told = i / 6 % 4, mine = i / 24 % 8, theirs = i / 192;
        struct row row =
        {
            .stored = { versions[mine], sizes[size], sink > SINK_EMPTY_STREAM ? END : 0, sink, wish },
            .asked = { END, range ? EOF_ : 0, range == 2 },
            .response = { status, versions[theirs], sizes[told], part, flags },
        };

        unsound += !is_sound_always(&row);
    }
    ok(!unsound, "sink %u, wish %u, status %u, part %llx, flags %u: %u of %u.\n", sink, wish, status,
            (unsigned long long)part.length, flags, unsound, count);
}

static void test_combinations(void)
{
    static const struct
    {
        DWORD status;
        struct range part;
        UINT flags;
    }
    responses[] =
    {
        { 200 }, { 200, TAIL, UNRANGED }, { 200, {0}, MALFORMED }, { 206, TAIL }, { 206, { END, 5 } },
        { 206, { 0, 5 } }, { 206, TAIL, MULTIPART }, { 206, TAIL, UNRANGED }, { 416 }, { 416, {0}, UNRANGED },
    };
    UINT sink, wish, i;

    for (sink = 0; sink <= SINK_REWINDING; sink++)
    {
        for (wish = 0; wish <= DOWNLOAD_RANGES; wish++)
        {
            for (i = 0; i < ARRAY_SIZE(responses); i++)
                check_combinations(sink, wish, responses[i].status, responses[i].part, responses[i].flags);
        }
    }
}

int main(void)
{
    test_versions();
    test_strong_tag();
    check_rows(whole_rows, ARRAY_SIZE(whole_rows));
    check_rows(part_rows, ARRAY_SIZE(part_rows));
    check_rows(range_rows, ARRAY_SIZE(range_rows));
    check_rows(unsatisfied_rows, ARRAY_SIZE(unsatisfied_rows));
    test_body_length();
    test_resume();
    test_end();
    test_join();
    test_cache();
    test_unconfirmed();
    test_combinations();
    return report("response_rules");
}
