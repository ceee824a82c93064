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

/* Pure. The first rule that fits decides. Stored bytes are discarded only on proof that they are of another version,
 * or when nothing else leads on. */

#include <string.h>

#include "base/cache_host.h"
#include "base/response_rules.h"

#include "deliveryoptimizationerrors.h"

#define SMALL_PART      0x10000 /* bytes; a shorter part of a longer range is no progress to go on with at once */
#define DOUBTFUL_MAX    3       /* responses of a version that cannot be told, ... */
#define DOUBTFUL_TIME   30000   /* ... over at least so long, until what could never be resumed is given up */
#define RESTARTS_MAX    3

enum response
{
    WHOLE,        /* all of the resource */
    WHOLE_FAR,    /* the same, where too much of it would be thrown away in front of a wanted range */
    WHOLE_RANGED, /* the same by its status, but with a Content-Range */
    PART,         /* the range that was asked for, or its beginning */
    PART_UNSIZED, /* the same, of a resource without a size where one is needed */
    PART_BAD,     /* anything else with status 206 */
    END,          /* 416: nothing is missing */
    OUTSIDE,      /* 416: the client wants what there is not */
    REFUSED,      /* 416 otherwise */
};

enum store
{
    EMPTY  = 1,
    FILE_  = 2,
    STREAM = 4,
    HELD   = FILE_ | STREAM,
};

enum relation
{
    SAME          = 1,
    DIFFERENT     = 2,  /* and there is a validator that says so */
    CONTRADICTION = 4,
    ALIKE         = 8,  /* unknown, and will be unknown with each response, but probably the same */
    HOPELESS      = 16, /* unknown with so many responses that the stored bytes will not be continued */
    DOUBTFUL      = 32, /* unknown */
    BOUND         = 64, /* unknown, but all that was asked for is of this version by If-Range, or in one response */
};

enum wanted
{
    ALL    = 1,
    RANGES = 2,
};

static const struct rule
{
    enum response response;
    UINT store;      /* a set of enum store; 0 for any, as in the next two */
    UINT relation;
    UINT wanted;
    UINT times;      /* so many bad responses in a row at least, with this one */
    enum verdict_kind kind;
    HRESULT hr;        /* RESTART: of a stream that cannot go back; S_OK: DO_E_BAD_INCOMING_DATA */
    const char *reason;
    BOOL is_rangeless; /* from now on */
}
rules[] =
{
    { WHOLE_FAR,    0,      0,                0,      0, VERDICT_FAIL,    DO_E_INSUFFICIENT_RANGE_SUPPORT,
            "no ranges" },

    { WHOLE,        EMPTY,  0,                0,      0, VERDICT_TAKE },
    { WHOLE,        HELD,   SAME | BOUND,     0,      0, VERDICT_TAKE },
    { WHOLE,        HELD,   CONTRADICTION,    0,      0, VERDICT_RESTART, S_OK, "another length of the same version" },
    { WHOLE,        FILE_,  DIFFERENT,        0,      0, VERDICT_REPLACE, S_OK, "another version" },
    { WHOLE,        FILE_,  ALIKE | HOPELESS, 0,      0, VERDICT_REPLACE, S_OK, "no validator" },
    { WHOLE,        FILE_,  DOUBTFUL,         0,      0, VERDICT_LATER,   DO_E_HTTP_BLOCKSIZE_MISMATCH,
            "no validator" },
    { WHOLE,        STREAM, DIFFERENT,        0,      0, VERDICT_RESTART, S_OK, "another version" },
    { WHOLE,        STREAM, ALIKE | HOPELESS, 0,      0, VERDICT_RESTART, S_OK, "no validator" },
    { WHOLE,        STREAM, DOUBTFUL,         0,      0, VERDICT_LATER,   DO_E_BAD_INCOMING_DATA, "no validator" },

    { WHOLE_RANGED, 0,      0,                0,      2, VERDICT_FAIL,    DO_E_HTTP_BLOCKSIZE_MISMATCH,
            "whole and part" },
    { WHOLE_RANGED, 0,      0,                0,      0, VERDICT_LATER,   DO_E_HTTP_BLOCKSIZE_MISMATCH,
            "whole and part" },

    { PART_UNSIZED, 0,      0,                0,      0, VERDICT_FAIL,    DO_E_FILE_SIZE_UNKNOWN_HTTP_206, "no total" },
    { PART,         EMPTY,  0,                0,      0, VERDICT_TAKE },
    { PART,         HELD,   SAME | BOUND,     0,      0, VERDICT_TAKE },
    { PART,         HELD,   DIFFERENT,        0,      0, VERDICT_RESTART, S_OK, "another version" },
    { PART,         HELD,   0,                ALL,    0, VERDICT_RESTART, S_OK, "a part without validator", TRUE },
    { PART,         HELD,   0,                RANGES, 0, VERDICT_RESTART, S_OK, "a part without validator" },

    { PART_BAD,     0,      0,                0,      3, VERDICT_FAIL,    DO_E_HTTP_BLOCKSIZE_MISMATCH,
            "another part" },
    { PART_BAD,     0,      0,                RANGES, 2, VERDICT_FAIL,    DO_E_HTTP_BLOCKSIZE_MISMATCH,
            "another part" },
    { PART_BAD,     0,      0,                0,      2, VERDICT_RESTART, DO_E_HTTP_BLOCKSIZE_MISMATCH, "another part",
            TRUE },
    { PART_BAD,     0,      0,                0,      0, VERDICT_AGAIN,   S_OK, "another part" },

    { END,          0,      0,                0,      0, VERDICT_COMPLETE },
    { OUTSIDE,      0,      0,                0,      0, VERDICT_FAIL,    DO_E_INVALID_RANGE, "no such range" },
    { REFUSED,      0,      0,                0,      2, VERDICT_FAIL,    S_OK, "no ranges" },
    { REFUSED,      0,      0,                0,      0, VERDICT_AGAIN,   S_OK, "no ranges", TRUE },
};

static BOOL is_equal(const WCHAR *a, const WCHAR *b)
{
    while (*a && *a == *b)
    {
        a++;
        b++;
    }
    return *a == *b;
}

static BOOL is_weak(const WCHAR *etag)
{
    return etag[0] == 'W' && etag[1] == '/';
}

BOOL version_has_strong_tag(const struct validator *version)
{
    return version->etag[0] && !is_weak(version->etag);
}

const WCHAR *validator_if_range(const struct validator *validator)
{
    if (version_has_strong_tag(validator))
        return validator->etag;
    return validator->is_date_strong ? validator->modified : NULL;
}

static const WCHAR *get_opaque_tag(const struct validator *version)
{
    return version->etag + (is_weak(version->etag) ? 2 : 0);
}

static BOOL has_validator(const struct validator *version)
{
    return version->etag[0] || version->modified[0];
}

enum version_relation version_compare(const struct validator *stored, UINT64 size, const struct validator *other,
        UINT64 told)
{
    BOOL is_other_length = size != SIZE_UNKNOWN && told != SIZE_UNKNOWN && size != told;
    BOOL has_dates = stored->modified[0] && other->modified[0];

    if (!is_equal(stored->coding, other->coding))
        return VERSION_DIFFERENT;
    if (version_has_strong_tag(stored) && version_has_strong_tag(other) && is_equal(stored->etag, other->etag))
        return is_other_length ? VERSION_CONTRADICTION : VERSION_SAME;
    if (stored->etag[0] && other->etag[0] && !is_equal(get_opaque_tag(stored), get_opaque_tag(other)))
        return VERSION_DIFFERENT;
    if (is_other_length || (has_dates && !is_equal(stored->modified, other->modified)))
        return VERSION_DIFFERENT;
    return has_dates && stored->is_date_strong ? VERSION_SAME : VERSION_UNKNOWN;
}

BOOL rules_may_resume(const struct stored *stored, const struct doubt *doubt)
{
    if (doubt->is_rangeless)
        return FALSE;
    return stored->has_ranges || (stored->has_bytes && validator_if_range(stored->version));
}

/* Total that a response tells, or SIZE_UNKNOWN. */
static UINT64 get_told(const struct http_head *head)
{
    if (head->status == 206 || head->status == 416)
        return head->has_content_range ? head->content_range.total : SIZE_UNKNOWN;
    return head->content_length;
}

static enum version_relation compare(const struct stored *stored, const struct http_head *head)
{
    UINT64 told = get_told(head);
    enum version_relation relation = version_compare(stored->version, stored->size, &head->validator, told);

    /* A size that is not known is at least what is held. */
    return relation == VERSION_SAME && told < stored->end ? VERSION_CONTRADICTION : relation;
}

static UINT64 get_asked_length(const struct stored *stored, const struct asked *asked, UINT64 total)
{
    UINT64 size = total != SIZE_UNKNOWN ? total : stored->size;

    if (!asked->has_range)
        return size;
    if (size == SIZE_UNKNOWN || asked->range.offset > size)
        return asked->range.length;
    return min(asked->range.length, size - asked->range.offset);
}

static BOOL is_part_of(const struct stored *stored, const struct asked *asked, const struct http_head *head)
{
    const struct content_range *part = &head->content_range;

    if (head->is_multipart || !head->has_content_range || !part->length)
        return FALSE;
    if (head->content_length != SIZE_UNKNOWN && head->content_length != part->length)
        return FALSE;
    if (part->offset != (asked->has_range ? asked->range.offset : 0))
        return FALSE;
    /* The total or the coding of the same version may not change. */
    if (stored->has_bytes && (!is_equal(stored->version->coding, head->validator.coding)
            || compare(stored, head) == VERSION_CONTRADICTION))
        return FALSE;
    return part->length <= get_asked_length(stored, asked, part->total);
}

static enum response classify_part(const struct stored *stored, const struct asked *asked,
        const struct http_head *head)
{
    if (!is_part_of(stored, asked, head))
        return PART_BAD;
    if (stored->is_total_needed && stored->has_ranges && asked->range.length == LENGTH_TO_EOF
            && head->content_range.total == SIZE_UNKNOWN)
        return PART_UNSIZED;
    return PART;
}

/* Whether 416 tells that the last byte had been received already. */
static BOOL is_end(const struct stored *stored, const struct asked *asked, const struct http_head *head)
{
    UINT64 total = get_told(head);

    return asked->has_range && stored->has_bytes && total == asked->range.offset
            && (stored->has_ranges ? asked->range.length == LENGTH_TO_EOF : stored->end == total)
            && (stored->size == SIZE_UNKNOWN || stored->size == total) && compare(stored, head) != VERSION_DIFFERENT;
}

static BOOL is_outside(const struct stored *stored, const struct asked *asked, const struct http_head *head)
{
    UINT64 total = get_told(head);

    if (!stored->has_ranges || !asked->has_range)
        return FALSE;
    if (!stored->max_skip)
        return TRUE;
    return total != SIZE_UNKNOWN && (asked->range.offset >= total
            || (asked->range.length != LENGTH_TO_EOF && asked->range.length > total - asked->range.offset));
}

static enum response classify(const struct stored *stored, const struct asked *asked, const struct http_head *head)
{
    switch (head->status)
    {
        case 206:
            return classify_part(stored, asked, head);
        case 416:
            if (is_end(stored, asked, head))
                return END;
            return is_outside(stored, asked, head) ? OUTSIDE : REFUSED;
    }
    if (head->has_content_range || head->is_range_malformed)
        return WHOLE_RANGED;
    if (stored->has_ranges && (!stored->max_skip || asked->range.offset > stored->max_skip))
        return WHOLE_FAR;
    return WHOLE;
}

/* Whether a response that tells no version resembles what is stored and could never be resumed. */
static BOOL is_alike(const struct stored *stored, const struct http_head *head)
{
    const struct validator *version = stored->version, *other = &head->validator;

    if (validator_if_range(version))
        return FALSE;
    return (stored->size != SIZE_UNKNOWN && head->content_length == stored->size)
            || (version->etag[0] && other->etag[0]) || (version->modified[0] && other->modified[0]);
}

static BOOL is_bound(const struct stored *stored, const struct asked *asked, const struct http_head *head)
{
    if (stored->size == SIZE_UNKNOWN || get_told(head) != stored->size)
        return FALSE;
    /* Each range of a resource without validators comes from one response. */
    if (stored->has_ranges && !validator_if_range(stored->version))
        return TRUE;
    return head->status == 206 && asked->is_bound && !has_validator(&head->validator);
}

static BOOL is_hopeless(const struct stored *stored, const struct doubt *doubt, ULONGLONG now)
{
    return !validator_if_range(stored->version) && doubt->doubtful >= DOUBTFUL_MAX
            && now - doubt->since >= DOUBTFUL_TIME;
}

static enum relation relate(const struct stored *stored, struct doubt *doubt, const struct asked *asked,
        const struct http_head *head, ULONGLONG now)
{
    enum version_relation relation = compare(stored, head);

    /* The server knows better than a cache host what it has. */
    if (stored->is_unconfirmed && relation != VERSION_SAME && relation != VERSION_CONTRADICTION)
        return DIFFERENT;
    switch (relation)
    {
        case VERSION_SAME:          return SAME;
        case VERSION_CONTRADICTION: return CONTRADICTION;
        case VERSION_DIFFERENT:
            if (has_validator(&head->validator) || head->status == 206)
                return DIFFERENT;
            break;
        case VERSION_UNKNOWN:
            if (is_bound(stored, asked, head))
                return BOUND;
            if (is_alike(stored, head))
                return ALIKE;
            break;
    }
    if (!doubt->doubtful++)
        doubt->since = now;
    return is_hopeless(stored, doubt, now) ? HOPELESS : DOUBTFUL;
}

static const struct rule *find_rule(enum response response, enum store store, enum relation relation,
        enum wanted wanted, UINT times)
{
    const struct rule *rule;

    for (rule = rules; rule < rules + ARRAY_SIZE(rules); rule++)
    {
        if (rule->response == response && (!rule->store || rule->store & store)
                && (!rule->relation || rule->relation & relation) && (!rule->wanted || rule->wanted & wanted)
                && times >= rule->times)
            return rule;
    }
    return NULL; /* the unit test knows that each case has a rule */
}

/* Bound how often the transfer starts over. Where there are no validators each lost connection makes it do so, by a
 * whole body: attempts have their delays and the time without progress. A part is asked for again at once. */
static void count_restart(const struct stored *stored, struct doubt *doubt, enum relation relation,
        struct verdict *verdict)
{
    if (verdict->kind != VERDICT_RESTART && verdict->kind != VERDICT_REPLACE)
        return;
    if (!stored->has_bytes || !stored->is_stream)
        verdict->hr = S_OK;
    else if (!verdict->hr)
        verdict->hr = DO_E_BAD_INCOMING_DATA;
    if (verdict->hr && !stored->can_rewind)
    {
        verdict->kind = VERDICT_FAIL;
    }
    else if (!(verdict->is_whole && (relation == ALIKE || relation == HOPELESS)) && ++doubt->restarts > RESTARTS_MAX)
    {
        verdict->kind = VERDICT_FAIL;
        verdict->hr = DO_E_HTTP_BLOCKSIZE_MISMATCH;
    }
}

/* A length that is not told stays as it was only for the same version. */
static UINT64 get_size(const struct stored *stored, const struct verdict *verdict, const struct http_head *head)
{
    UINT64 told = get_told(head);

    if (told != SIZE_UNKNOWN)
        return told;
    if (verdict->kind != VERDICT_REPLACE && (stored->has_bytes
            || version_compare(stored->version, stored->size, &head->validator, told) == VERSION_SAME))
        return stored->size;
    return SIZE_UNKNOWN;
}

struct verdict rules_classify(const struct stored *stored, struct doubt *doubt, const struct asked *asked,
        const struct http_head *head, ULONGLONG now)
{
    enum response response = classify(stored, asked, head);
    enum store store = !stored->has_bytes ? EMPTY : stored->is_stream ? STREAM : FILE_;
    struct verdict verdict = {0};
    const struct rule *rule;
    enum relation relation;
    BOOL is_bad;

    relation = response == WHOLE || response == PART ? relate(stored, doubt, asked, head, now) : DOUBTFUL;
    is_bad = response == WHOLE_RANGED || response == PART_BAD || response == REFUSED;
    doubt->bad_responses = is_bad ? doubt->bad_responses + 1 : 0;
    if (!(rule = find_rule(response, store, relation, stored->has_ranges ? RANGES : ALL, doubt->bad_responses)))
    {
        verdict.kind = VERDICT_FAIL;
        verdict.hr = DO_E_HTTP_BLOCKSIZE_MISMATCH;
        return verdict;
    }
    verdict.kind = rule->kind;
    verdict.hr = rule->hr;
    verdict.reason = rule->reason;
    verdict.is_whole = response == WHOLE;
    doubt->is_rangeless |= rule->is_rangeless;
    count_restart(stored, doubt, relation, &verdict);
    verdict.size = get_size(stored, &verdict, head);
    if (verdict.kind == VERDICT_TAKE || verdict.kind == VERDICT_REPLACE || verdict.kind == VERDICT_RESTART)
        doubt->doubtful = 0;
    /* A part that nobody asked for may bring what is stored already. */
    if (response == PART)
        verdict.is_short = head->content_range.length < get_asked_length(stored, asked, verdict.size)
                && (head->content_range.length < SMALL_PART
                || (!asked->has_range && head->content_range.length <= asked->range.offset));
    return verdict;
}

/* Return whether the response tells another size than the one that is known. */
static BOOL is_other_size(const struct stored *stored, const struct http_head *head, UINT64 declared_size)
{
    UINT64 told = get_told(head), known = stored->size != SIZE_UNKNOWN ? stored->size : declared_size;

    return told != SIZE_UNKNOWN && known != SIZE_UNKNOWN && told != known;
}

/* Return whether the end of the body can be told from a connection that was lost. */
static BOOL has_end(const struct stored *stored, const struct http_head *head)
{
    return head->status == 206 || head->content_length != SIZE_UNKNOWN || head->is_chunked
            || stored->size != SIZE_UNKNOWN;
}

/* Return whether the version is told well enough: what is stored, and what may have to follow, is of the same one. */
static BOOL is_version_proven(const struct stored *stored, const struct http_head *head)
{
    if ((stored->has_ranges || stored->is_stream) && !validator_if_range(&head->validator))
        return FALSE;
    return !stored->has_bytes || compare(stored, head) == VERSION_SAME;
}

struct verdict rules_classify_cache(const struct stored *stored, const struct doubt *doubt, const struct asked *asked,
        const struct http_head *head, UINT64 declared_size, BOOL *is_wrong)
{
    struct doubt copy = *doubt;
    struct verdict verdict;

    verdict = rules_classify(stored, &copy, asked, head, 0);
    *is_wrong = head->status == 416 || is_other_size(stored, head, declared_size);
    if (verdict.kind == VERDICT_TAKE && (head->status == 200 || head->status == 206) && !*is_wrong
            && has_end(stored, head) && is_version_proven(stored, head)
            && !(verdict.is_whole && stored->end > CACHE_SKIP_MAX))
        return verdict;
    verdict.kind = VERDICT_FAIL;
    verdict.hr = S_OK;
    return verdict;
}

struct verdict rules_classify_end(const struct stored *stored, struct doubt *doubt, UINT64 end)
{
    struct verdict verdict = { VERDICT_COMPLETE, .size = end };

    if (end >= stored->end && (stored->size == SIZE_UNKNOWN || stored->size == end))
        return verdict;
    verdict.kind = VERDICT_RESTART;
    verdict.reason = "another length than before";
    count_restart(stored, doubt, CONTRADICTION, &verdict);
    return verdict;
}

BOOL rules_may_join(const struct stored *stored, const struct asked *asked, const struct http_head *head)
{
    return head->status == 206 && is_part_of(stored, asked, head) && head->content_range.length == asked->range.length
            && head->content_range.total == stored->size && version_has_strong_tag(&head->validator)
            && version_compare(stored->version, stored->size, &head->validator, stored->size) == VERSION_SAME;
}
