/*
 * Property test of the rules for responses: random servers and clients
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

/* A history is a client that wants a resource, and a server that changes it,
 * breaks off, and answers oddly. The client decides nothing: it obeys the real
 * rules, as the engine does. Each byte that it stores remembers whose content it
 * is, so that the test knows whether what is reported as finished is one version.
 *
 * The server may do anything but what no client can detect:
 * - end too early, in good order and unannounced, or announce too little, when
 *   nothing tells the true length;
 * - change the content under the same strong validator;
 * - lie in Content-Range about which bytes follow;
 * - tell, before anything else did, a total that is too small;
 * - ignore an If-Range that does not hold, and then tell nothing that shows it.
 *
 * Usage: histories [COUNT [SEED]]. History number i of seed s is number 0 of
 * seed s + i; a single one is traced. */

#include "unit.h"
#include "base/plan.h"
#include "base/response_rules.h"

#define UNIT            0x4000  /* bytes; everything is a multiple, four are no small part */
#define UNITS           32
#define LENGTH_MAX      20      /* of a resource, in units */
#define VERSIONS        3
#define CODED           8       /* added to a content that is sent with a coding */
#define PORTAL          16      /* the first content of a page of a portal; each page is another */
#define EXTRAS          3
#define RANGES_MAX      3
#define STEPS_MAX       1000
#define HASTY_MAX       24       /* requests in a row that bring nothing, without a delay */
#define RESTARTS_MAX    3

struct version
{
    struct validator validator;
    UINT content;
    UINT length; /* units */
};

struct server
{
    UINT64 random;
    struct version versions[VERSIONS];
    UINT count, current;
    BOOL is_first_retired; /* the second version took over its date */
    UINT odd, portal, cut, change; /* percent of the responses */
    UINT cap;              /* units of a part, or 0 */
    BOOL has_ranges, is_binding; /* knows Range, If-Range */
    BOOL is_parting;       /* answers with a part where the whole is asked for */
    UINT lengths[256];     /* of each content, in units */
    UINT portals;
};

struct request
{
    struct asked asked;
    const WCHAR *if_range; /* or NULL */
};

struct reply
{
    struct http_head head;
    UINT content;
    UINT start;      /* units: the first byte of the body, the number of them that arrive */
    UINT count;
    BOOL is_orderly; /* the body ends, rather than the connection */
};

/* An extra connection that has been asked, or reads. */
struct extra
{
    BOOL is_open, is_classified;
    struct request request;
    struct reply reply;
};

struct client
{
    struct server *server;
    unsigned char content[UNITS]; /* of each unit; 0: not stored */
    UINT response[UNITS];         /* number of the response that brought it */
    struct validator version;
    UINT origin;                  /* content that came with it */
    UINT64 size;
    struct range wanted[RANGES_MAX];
    UINT wanted_count;
    BOOL is_stream, can_rewind, is_total_needed;
    UINT64 max_skip;
    struct doubt doubt;
    struct extra extras[EXTRAS];
    UINT extra_count;
    ULONGLONG now, progress, patience; /* ms: the clock, the last progress, how long without */
    UINT delay;                   /* seconds, the last one */
    UINT steps, hasty, most; /* most: units that were ever held */
    BOOL has_dropped;             /* the last response has not brought all of a range that only one may bring */
    BOOL is_over;
    HRESULT hr;
    const char *fault;
};

static BOOL is_traced;
static UINT finished, gave_up;

#define check(client, condition) do { if (!(condition) && !(client)->fault) (client)->fault = #condition; } while (0)
#define trace(...) do { if (is_traced) printf(__VA_ARGS__); } while (0)

static UINT pick(struct server *server, UINT count)
{
    return next_random(&server->random) % count;
}

static BOOL chance(struct server *server, UINT percent)
{
    return pick(server, 100) < percent;
}

static BOOL equals(const WCHAR *a, const WCHAR *b)
{
    while (*a && *a == *b)
    {
        a++;
        b++;
    }
    return *a == *b;
}

static BOOL is_strong(const struct validator *version)
{
    return version->etag[0] && version->etag[0] != 'W';
}

/* The server. A strong tag or date belongs to one content; all else may be shared. */

static void create_validator(struct server *server, UINT index, struct validator *version)
{
    static const char * const strong[] = { "\"1\"", "\"2\"", "\"3\"" }, * const bare[] = { "1", "2", "3" };
    static const char * const dates[] = { "day 1", "day 2", "day 3" };

    switch (pick(server, 6))
    {
        case 0: case 1: widen(strong[index], version->etag, VALIDATOR_MAX); break;
        case 2: widen(bare[index], version->etag, VALIDATOR_MAX); break;
        case 3: widen(pick(server, 2) ? "W/\"w\"" : "W/\"1\"", version->etag, VALIDATOR_MAX); break;
    }
    switch (pick(server, 5))
    {
        case 0: case 1:
            widen(dates[index], version->modified, VALIDATOR_MAX);
            version->is_date_strong = TRUE;
            break;
        case 2: widen("same day", version->modified, VALIDATOR_MAX); break;
        case 3: widen("yesterday", version->modified, VALIDATOR_MAX); break;
    }
}

static void create_server(struct server *server, UINT64 seed)
{
    struct version *versions = server->versions;
    UINT i;

    memset(server, 0, sizeof(*server));
    server->random = seed;
    server->count = 1 + pick(server, VERSIONS);
    for (i = 0; i < server->count; i++)
    {
        create_validator(server, i, &versions[i].validator);
        versions[i].content = i + 1;
        versions[i].length = i && pick(server, 2) ? versions[0].length : pick(server, LENGTH_MAX + 1);
        server->lengths[i + 1] = versions[i].length;
        server->lengths[i + 1 + CODED] = pick(server, 2) ? versions[i].length : pick(server, LENGTH_MAX + 1);
    }
    /* Two versions within a second, of which only the later one can ever have a strong date. */
    if (server->count > 1 && versions[1].validator.is_date_strong && !pick(server, 4))
    {
        memcpy(versions[0].validator.modified, versions[1].validator.modified, sizeof(versions[0].validator.modified));
        versions[0].validator.is_date_strong = FALSE;
        server->is_first_retired = TRUE;
    }
    server->odd = pick(server, 3) ? pick(server, 3) * 15 : 0;
    server->portal = pick(server, 2) ? pick(server, 50) : 0;
    server->cut = pick(server, 3) * 25;
    server->change = pick(server, 2) ? pick(server, 30) : 0;
    server->cap = pick(server, 4) ? 0 : 1 + pick(server, 6);
    server->has_ranges = pick(server, 5) != 0;
    server->is_binding = pick(server, 4) != 0;
    server->is_parting = server->cap && !pick(server, 4);
}

static void change_version(struct server *server)
{
    UINT next = pick(server, server->count);

    if (!chance(server, server->change) || (server->is_first_retired && !next && server->current))
        return;
    server->current = next;
}

static void set_validator(struct server *server, const struct version *version, struct http_head *head)
{
    head->validator = version->validator;
    if (!server->odd)
        return;
    if (!pick(server, 8))
        head->validator.etag[0] = 0;
    if (!pick(server, 8))
        head->validator.modified[0] = 0;
    if (!head->validator.modified[0] || !pick(server, 8))
        head->validator.is_date_strong = FALSE;
}

static void reply_whole(struct server *server, const struct version *version, struct reply *reply)
{
    memset(reply, 0, sizeof(*reply));
    set_validator(server, version, &reply->head);
    reply->head.status = pick(server, 20) ? 200 : 203;
    reply->content = version->content;
    reply->count = version->length;
    reply->is_orderly = TRUE;
    reply->head.content_length = pick(server, 3) ? (UINT64)version->length * UNIT : SIZE_UNKNOWN;
}

static void reply_part(struct server *server, const struct version *version, UINT start, UINT count,
        struct reply *reply)
{
    reply_whole(server, version, reply);
    reply->head.status = 206;
    reply->start = start;
    reply->count = count;
    reply->head.has_content_range = TRUE;
    reply->head.content_range.offset = (UINT64)start * UNIT;
    reply->head.content_range.length = (UINT64)count * UNIT;
    reply->head.content_range.total = (UINT64)version->length * UNIT;
    reply->head.content_length = pick(server, 4) ? (UINT64)count * UNIT : SIZE_UNKNOWN;
}

static void reply_unsatisfied(struct server *server, const struct version *version, struct reply *reply)
{
    reply_whole(server, version, reply);
    reply->head.status = 416;
    reply->head.content_length = SIZE_UNKNOWN;
    reply->head.has_content_range = TRUE;
    reply->head.content_range.total = (UINT64)version->length * UNIT;
    reply->count = 0;
}

/* A page of its own for each. */
static void reply_portal(struct server *server, struct reply *reply)
{
    struct version page = { .content = PORTAL + server->portals++ % (256 - PORTAL), .length = pick(server, 4) };

    server->lengths[page.content] = page.length;
    reply_whole(server, &page, reply);
    if (!pick(server, 3))
        reply->head.status = 200;
}

static BOOL does_hold(const WCHAR *if_range, const struct version *version)
{
    return (is_strong(&version->validator) && equals(if_range, version->validator.etag))
            || (version->validator.is_date_strong && equals(if_range, version->validator.modified));
}

static void reply_plainly(struct server *server, const struct version *version, const struct request *request,
        struct reply *reply)
{
    UINT64 start = request->asked.range.offset / UNIT, count = request->asked.range.length / UNIT;

    if (!request->asked.has_range && server->is_parting && version->length)
        return reply_part(server, version, 0, min(version->length, server->cap), reply);
    if (!request->asked.has_range || !server->has_ranges
            || (request->if_range && server->is_binding && !does_hold(request->if_range, version)))
        return reply_whole(server, version, reply);
    if (start >= version->length)
        return reply_unsatisfied(server, version, reply);
    count = min(count, version->length - start);
    if (server->cap)
        count = min(count, server->cap);
    reply_part(server, version, start, count, reply);
}

static UINT count_from_zero(const struct client *client)
{
    UINT i;

    for (i = 0; i < UNITS && client->content[i]; i++) ;
    return i;
}

static UINT count_stored(const struct client *client)
{
    UINT i, count;

    for (i = count = 0; i < UNITS; i++)
        count += client->content[i] != 0;
    return count;
}

static UINT get_last_end(const struct client *client)
{
    UINT i;

    for (i = UNITS; i && !client->content[i - 1]; i--) ;
    return i;
}

/* Whether this body cannot end at so many units, or announce them, without a
 * contradiction to what the client knows of the same version for certain. */
static BOOL is_known_longer(const struct client *client, const struct reply *reply, UINT end, BOOL is_announced)
{
    const struct validator *a = &client->version, *b = &reply->head.validator;
    BOOL has_tags = is_strong(a) && is_strong(b);

    if (client->origin != reply->content || !a->etag[0] != !b->etag[0])
        return FALSE;
    if (!has_tags && (!a->is_date_strong || !equals(a->modified, b->modified)))
        return FALSE;
    if (get_last_end(client) > end && (client->size == SIZE_UNKNOWN || has_tags))
        return TRUE;
    if (client->size != (UINT64)client->server->lengths[client->origin] * UNIT)
        return FALSE;
    return is_announced ? has_tags && get_last_end(client) : TRUE;
}

static void distort_whole(struct client *client, const struct request *request, struct reply *reply)
{
    struct server *server = client->server;
    UINT end = pick(server, reply->count + 1);

    switch (pick(server, 6))
    {
        case 0: /* a tail that is called the whole */
            reply->head.has_content_range = TRUE;
            reply->start = end;
            reply->count -= end;
            reply->head.content_range.offset = (UINT64)reply->start * UNIT;
            reply->head.content_range.length = (UINT64)reply->count * UNIT;
            reply->head.content_range.total = (UINT64)(reply->start + reply->count) * UNIT;
            break;
        case 1:
            reply->head.is_range_malformed = TRUE;
            break;
        case 2: /* announces more than it is */
            reply->head.content_length = (UINT64)(reply->count + 1 + pick(server, 3)) * UNIT;
            reply->is_orderly = FALSE;
            break;
        case 3: /* announces less */
            if (!is_known_longer(client, reply, end, TRUE))
                break;
            reply->head.content_length = (UINT64)end * UNIT;
            reply->count = end;
            break;
        case 4: /* ends early, unannounced */
            if (!is_known_longer(client, reply, end, FALSE))
                break;
            reply->head.content_length = SIZE_UNKNOWN;
            reply->count = end;
            break;
        case 5:
            reply->content += CODED;
            reply->count = server->lengths[reply->content];
            widen("gzip", reply->head.validator.coding, CODING_MAX);
            reply->head.content_length = pick(server, 2) ? (UINT64)reply->count * UNIT : SIZE_UNKNOWN;
            break;
    }
}

/* A total that is too small is believed by who knows no better. */
static void distort_total(struct client *client, struct content_range *part)
{
    UINT64 total = (part->offset + part->length) + (UINT64)pick(client->server, 4) * UNIT;

    if (total >= part->total || (get_last_end(client) && client->size != SIZE_UNKNOWN && total != client->size))
        part->total = total;
}

static void distort_part(struct client *client, const struct version *version, struct reply *reply)
{
    struct server *server = client->server;
    struct content_range *part = &reply->head.content_range;
    UINT start = pick(server, version->length);
    struct version coded = *version;

    switch (pick(server, 10))
    {
        case 0:
            reply_part(server, version, start, version->length - start, reply);
            break;
        case 1:
            reply_part(server, version, reply->start, 1 + pick(server, reply->count), reply);
            break;
        case 2:
            reply_part(server, version, reply->start, version->length - reply->start, reply);
            break;
        case 3:
            reply_part(server, version, 0, version->length, reply);
            break;
        case 4:
            reply->head.has_content_range = FALSE;
            reply->head.is_range_malformed = pick(server, 2);
            break;
        case 5:
            reply->head.is_multipart = TRUE;
            break;
        case 6:
            distort_total(client, part);
            break;
        case 7:
            coded.content += CODED;
            coded.length = server->lengths[coded.content];
            if (coded.length < reply->start + reply->count)
                break;
            reply_part(server, &coded, reply->start, reply->count, reply);
            widen("gzip", reply->head.validator.coding, CODING_MAX);
            break;
        case 8:
            if (pick(server, 2))
                reply_part(server, version, reply->start, 1, reply);
            part->total = SIZE_UNKNOWN;
            break;
        case 9:
            reply->head.content_length = (UINT64)(reply->count + 1) * UNIT;
            break;
    }
}

static void distort_unsatisfied(struct client *client, const struct request *request, struct reply *reply)
{
    UINT64 total = (UINT64)pick(client->server, LENGTH_MAX) * UNIT;

    reply->head.has_content_range = pick(client->server, 2);
    if (total != request->asked.range.offset || client->size != SIZE_UNKNOWN)
        reply->head.content_range.total = total;
}

static void distort(struct client *client, const struct version *version, const struct request *request,
        struct reply *reply)
{
    struct server *server = client->server;

    /* What was not asked for at all. */
    if (version->length && !pick(server, 6))
        reply_part(server, version, 0, 1 + pick(server, version->length), reply);
    else if (request->asked.has_range && !pick(server, 6))
        reply_unsatisfied(server, version, reply);
    else if (!pick(server, 8))
        reply_whole(server, version, reply);
    if (reply->head.status == 206)
        distort_part(client, version, reply);
    else if (reply->head.status == 416)
        distort_unsatisfied(client, request, reply);
    else
        distort_whole(client, request, reply);
}

static const WCHAR *get_opaque(const struct validator *version)
{
    return version->etag + (version->etag[0] == 'W' ? 2 : 0);
}

/* Whether a response to an If-Range that does not hold is a whole one or shows that it is of another version. */
static BOOL is_detectable(const struct client *client, const struct http_head *head)
{
    const struct validator *a = &client->version, *b = &head->validator;

    if (head->status == 206)
        return b->etag[0] || b->modified[0];
    if (head->status == 416)
        return (a->etag[0] && b->etag[0] && !equals(get_opaque(a), get_opaque(b)))
                || (a->modified[0] && b->modified[0] && !equals(a->modified, b->modified));
    return TRUE;
}

static void get_reply(struct client *client, const struct request *request, struct reply *reply)
{
    struct server *server = client->server;
    const struct version *version;

    change_version(server);
    version = &server->versions[server->current];
    if (chance(server, server->portal))
        return reply_portal(server, reply);
    reply_plainly(server, version, request, reply);
    if (chance(server, server->odd))
        distort(client, version, request, reply);
    if (request->if_range && !does_hold(request->if_range, version) && !is_detectable(client, &reply->head))
        reply_whole(server, version, reply);
    if (reply->count && chance(server, server->cut))
    {
        reply->count = pick(server, reply->count + 1);
        reply->is_orderly = FALSE;
    }
}

/* The client. */

static void create_client(struct client *client, struct server *server)
{
    UINT i, offset = pick(server, 6);

    memset(client, 0, sizeof(*client));
    client->server = server;
    client->size = SIZE_UNKNOWN;
    client->is_stream = !pick(server, 3);
    client->can_rewind = client->is_stream && !pick(server, 3);
    client->is_total_needed = !pick(server, 4);
    client->max_skip = pick(server, 3) * 6 * UNIT;
    client->patience = 30000 + pick(server, 20) * 30000;
    client->wanted_count = pick(server, 3) ? 0 : 1 + pick(server, RANGES_MAX);
    client->extra_count = client->is_stream || client->wanted_count ? 0 : pick(server, EXTRAS + 1);
    for (i = 0; i < client->wanted_count; i++)
    {
        client->wanted[i].offset = (UINT64)offset * UNIT;
        client->wanted[i].length = (UINT64)(1 + pick(server, 6)) * UNIT;
        offset += client->wanted[i].length / UNIT + pick(server, 3);
    }
    if (i && !pick(server, 3))
        client->wanted[i - 1].length = LENGTH_TO_EOF;
    /* Only a file is written in another order. */
    if (i > 1 && !client->is_stream && !pick(server, 2))
    {
        struct range first = client->wanted[0];

        client->wanted[0] = client->wanted[i - 1];
        client->wanted[i - 1] = first;
    }
}

static BOOL is_wanted(const struct client *client, UINT unit)
{
    UINT i;

    for (i = 0; i < client->wanted_count; i++)
    {
        if (unit >= client->wanted[i].offset / UNIT
                && unit - client->wanted[i].offset / UNIT < client->wanted[i].length / UNIT)
            return TRUE;
    }
    return !client->wanted_count;
}

/* The first bytes that are missing in a wanted range. */
static BOOL find_gap(const struct client *client, const struct range *wanted, struct range *gap)
{
    UINT64 end = wanted->length == LENGTH_TO_EOF ? client->size : wanted->offset + wanted->length;
    UINT64 offset = wanted->offset, next;

    while (offset < end && offset < UNITS * UNIT && client->content[offset / UNIT])
        offset += UNIT;
    if (offset >= end)
        return FALSE;
    for (next = offset; next < end && next < UNITS * UNIT && !client->content[next / UNIT]; next += UNIT) ;
    gap->offset = offset;
    if (next == UNITS * UNIT)
        next = end;
    gap->length = next == SIZE_UNKNOWN ? LENGTH_TO_EOF : next - offset;
    return TRUE;
}

static BOOL find_next_gap(const struct client *client, struct range *gap)
{
    static const struct range all = { 0, LENGTH_TO_EOF };
    UINT i;

    if (!client->wanted_count)
        return find_gap(client, &all, gap);
    for (i = 0; i < client->wanted_count; i++)
    {
        if (find_gap(client, &client->wanted[i], gap))
            return TRUE;
    }
    return FALSE;
}

static struct stored get_stored(const struct client *client)
{
    struct stored stored = { .version = &client->version, .size = client->size };

    stored.end = (UINT64)(client->wanted_count ? get_last_end(client) : count_from_zero(client)) * UNIT;
    stored.has_bytes = count_stored(client) != 0;
    stored.is_stream = client->is_stream;
    stored.can_rewind = client->can_rewind;
    stored.has_ranges = client->wanted_count != 0;
    stored.max_skip = client->max_skip;
    stored.is_total_needed = client->is_total_needed;
    return stored;
}

static void end_history(struct client *client, HRESULT hr)
{
    client->is_over = TRUE;
    client->hr = hr;
}

static void close_extras(struct client *client)
{
    memset(client->extras, 0, sizeof(client->extras));
}

static void give_up(struct client *client)
{
    check(client, !client->is_stream || client->can_rewind || !count_stored(client));
    memset(client->content, 0, sizeof(client->content));
    close_extras(client);
}

static void set_size(struct client *client, UINT64 size)
{
    UINT i;

    client->size = size;
    for (i = 0; i < client->wanted_count && size != SIZE_UNKNOWN; i++)
    {
        if (client->wanted[i].offset >= size || (client->wanted[i].length != LENGTH_TO_EOF
                && client->wanted[i].length > size - client->wanted[i].offset))
            end_history(client, DO_E_INVALID_RANGE);
    }
}

/* Read over what is stored. */
static void store(struct client *client, const struct reply *reply, UINT start, UINT count)
{
    struct range gap;
    UINT i;

    for (i = start; i < start + count; i++)
    {
        if (client->content[i] || !is_wanted(client, i))
            continue;
        if (client->is_stream)
            check(client, find_next_gap(client, &gap) && gap.offset == (UINT64)i * UNIT);
        client->content[i] = reply->content;
        client->response[i] = client->steps;
    }
}

static void wait_for(struct client *client, HRESULT hr)
{
    client->delay = min(max(client->delay * 2, 1), 30);
    client->now += client->delay * 1000;
    client->hasty = 0;
    if (client->now - client->progress > client->patience)
        end_history(client, hr);
}

static void obey_end(struct client *client, const struct verdict *verdict)
{
    trace("    at the end: %u %x\n", verdict->kind, verdict->hr);
    switch (verdict->kind)
    {
        case VERDICT_COMPLETE: set_size(client, verdict->size); break;
        case VERDICT_RESTART:  give_up(client); break;
        case VERDICT_FAIL:     end_history(client, verdict->hr); break;
        default:               check(client, !"a verdict that no end can have");
    }
}

/* A range of a resource without strong validator is of one response, or not at all. */
static void drop_broken_ranges(struct client *client)
{
    const struct plan plan = { client->wanted, client->wanted_count, LAYOUT_OFFSETS };
    struct range_set received = {0}, intact = {0};
    BOOL is_intact;
    UINT i;

    client->has_dropped = FALSE;
    if (!client->wanted_count || validator_if_range(&client->version))
        return;
    for (i = 0; i < UNITS; i++)
    {
        if (client->content[i])
            range_set_add(&received, (UINT64)i * UNIT, UNIT);
    }
    check(client, plan_get_intact(&plan, client->size, &received, &intact, &is_intact));
    client->has_dropped = !is_intact;
    if (!is_intact && client->is_stream && !client->can_rewind)
        end_history(client, DO_E_BAD_INCOMING_DATA);
    for (i = 0; i < UNITS && !is_intact && !client->is_over; i++)
    {
        if (!range_set_count(&intact, (UINT64)i * UNIT, (UINT64)(i + 1) * UNIT))
            client->content[i] = 0;
    }
    range_set_clear(&received);
    range_set_clear(&intact);
}

static void open_extra(struct client *client, struct extra *extra)
{
    UINT64 units = client->size / UNIT, start;

    memset(extra, 0, sizeof(*extra));
    if (client->size == SIZE_UNKNOWN || units < 2 || !is_strong(&client->version))
        return;
    start = 1 + pick(client->server, units - 1);
    extra->is_open = TRUE;
    extra->request.asked.has_range = extra->request.asked.is_bound = TRUE;
    extra->request.asked.range.offset = start * UNIT;
    extra->request.asked.range.length = (1 + pick(client->server, units - start)) * UNIT;
    extra->request.if_range = validator_if_range(&client->version);
    get_reply(client, &extra->request, &extra->reply);
    extra->request.if_range = NULL;
}

static void read_extra(struct client *client, struct extra *extra)
{
    struct stored stored = get_stored(client);
    UINT count = 1 + pick(client->server, 6);

    if (!extra->is_classified && !rules_may_join(&stored, &extra->request.asked, &extra->reply.head))
        extra->is_open = FALSE;
    extra->is_classified = TRUE;
    if (!extra->is_open)
        return;
    trace("    an extra connection reads content %u at %u\n", extra->reply.content, extra->reply.start);
    count = min(extra->reply.count, count);
    store(client, &extra->reply, extra->reply.start, count);
    extra->reply.start += count;
    extra->reply.count -= count;
    extra->is_open = extra->reply.count != 0;
}

static void run_extras(struct client *client)
{
    UINT i;

    for (i = 0; i < client->extra_count && !client->is_over; i++)
    {
        if (!pick(client->server, 2))
            continue;
        if (client->extras[i].is_open)
            read_extra(client, &client->extras[i]);
        else
            open_extra(client, &client->extras[i]);
    }
}

static void take_body(struct client *client, const struct reply *reply, const struct verdict *verdict)
{
    UINT64 announced = verdict->is_whole ? reply->head.content_length : reply->head.content_range.length;
    UINT count = min(reply->count, announced / UNIT), half = pick(client->server, count + 1), end;
    struct verdict at_end;
    struct stored stored;

    store(client, reply, reply->start, half);
    run_extras(client);
    store(client, reply, reply->start + half, count - half);
    end = reply->start + count;
    if (!verdict->is_whole || announced != SIZE_UNKNOWN)
        return;
    if (!reply->is_orderly && (client->size == SIZE_UNKNOWN || (UINT64)end * UNIT <= client->size))
        return;
    stored = get_stored(client);
    at_end = rules_classify_end(&stored, &client->doubt, (UINT64)end * UNIT);
    obey_end(client, &at_end);
}

static void take(struct client *client, const struct reply *reply, const struct verdict *verdict)
{
    if (verdict->kind == VERDICT_REPLACE)
    {
        check(client, !client->is_stream);
        give_up(client);
    }
    if (!count_stored(client))
    {
        close_extras(client);
        client->version = reply->head.validator;
        client->origin = reply->content;
    }
    set_size(client, verdict->size);
    if (!client->is_over)
        take_body(client, reply, verdict);
    if (!client->is_over)
        drop_broken_ranges(client);
}

static void obey(struct client *client, const struct reply *reply, const struct verdict *verdict)
{
    switch (verdict->kind)
    {
        case VERDICT_TAKE:
        case VERDICT_REPLACE:
            take(client, reply, verdict);
            break;
        case VERDICT_RESTART:
            give_up(client);
            break;
        case VERDICT_AGAIN:
            break;
        case VERDICT_LATER:
            check(client, FAILED(verdict->hr));
            wait_for(client, verdict->hr);
            break;
        case VERDICT_COMPLETE:
            set_size(client, verdict->size);
            check(client, client->wanted_count || client->size == (UINT64)count_stored(client) * UNIT);
            break;
        case VERDICT_FAIL:
            end_history(client, verdict->hr ? verdict->hr : (HRESULT)(0x80190000 | reply->head.status));
            break;
    }
}

static void check_protection(struct client *client, const struct reply *reply, const struct verdict *verdict)
{
    const struct validator *sent = &reply->head.validator;

    check(client, verdict->kind != VERDICT_FAIL || verdict->hr || reply->head.status == 416);
    if (!count_stored(client) || !validator_if_range(&client->version))
        return;
    if (reply->head.status == 206 || reply->head.status == 416 || sent->etag[0] || sent->modified[0])
        return;
    check(client, verdict->kind == VERDICT_LATER || verdict->kind == VERDICT_FAIL);
}

static void make_request(struct client *client, const struct range *gap, struct request *request)
{
    struct stored stored = get_stored(client);

    memset(request, 0, sizeof(*request));
    request->asked.range = *gap;
    if (!client->wanted_count && gap->length == client->size - gap->offset && pick(client->server, 2))
        request->asked.range.length = LENGTH_TO_EOF;
    request->asked.has_range = rules_may_resume(&stored, &client->doubt);
    if (request->asked.has_range && stored.has_bytes)
        request->if_range = validator_if_range(&client->version);
    request->asked.is_bound = request->if_range != NULL;
}

/* Whether a body ends too early, or nothing is left of it because its range is not all there: a failed attempt. A
 * response that makes the client start over has no body for it, and is followed by a request at once. */
static BOOL is_failed(const struct client *client, const struct reply *reply, const struct verdict *verdict)
{
    if (verdict->kind != VERDICT_TAKE && verdict->kind != VERDICT_REPLACE)
        return FALSE;
    return verdict->is_short || !reply->is_orderly || client->has_dropped;
}

/* One request, and what follows. */
static void step(struct client *client, const struct range *gap)
{
    struct request request;
    struct verdict verdict;
    struct stored stored;
    struct reply reply;

    make_request(client, gap, &request);
    run_extras(client);
    stored = get_stored(client);
    get_reply(client, &request, &reply);
    verdict = rules_classify(&stored, &client->doubt, &request.asked, &reply.head, client->now);
    trace("  %u: %s%u+%d%s -> %u, content %u, tag %c%c, length %d, part %u+%u/%d, %u units%s: %u %x %s, size %d\n",
            client->steps, request.asked.has_range ? "" : "no ", (UINT)(gap->offset / UNIT),
            (int)(request.asked.range.length / UNIT), request.if_range ? " bound" : "", reply.head.status,
            reply.content, reply.head.validator.etag[0] ? reply.head.validator.etag[0] : '-',
            reply.head.validator.etag[0] ? reply.head.validator.etag[1] : '-',
            (int)(reply.head.content_length / UNIT), (UINT)(reply.head.content_range.offset / UNIT),
            (UINT)(reply.head.content_range.length / UNIT), (int)(reply.head.content_range.total / UNIT), reply.count,
            reply.is_orderly ? "" : " (cut)", verdict.kind, verdict.hr, verdict.reason ? verdict.reason : "",
            (int)(verdict.size / UNIT));
    check_protection(client, &reply, &verdict);
    obey(client, &reply, &verdict);
    if (client->is_over)
        return;
    if (count_stored(client) > client->most)
    {
        client->most = count_stored(client);
        client->progress = client->now;
        client->hasty = client->delay = 0;
        if (verdict.is_short)
            wait_for(client, DO_E_DOWNLOAD_NO_PROGRESS);
    }
    else if (is_failed(client, &reply, &verdict))
        wait_for(client, DO_E_DOWNLOAD_NO_PROGRESS);
    else if (verdict.kind != VERDICT_LATER)
        client->hasty++;
    check(client, client->hasty <= HASTY_MAX);
}

static UINT get_first_content(const struct client *client)
{
    UINT i;

    for (i = 0; i < UNITS && !client->content[i]; i++) ;
    return i < UNITS ? client->content[i] : client->origin;
}

/* All bytes are of one version, and it has no more, if its end is wanted. */
static void check_version(struct client *client)
{
    UINT i, content = get_first_content(client);
    BOOL is_end_wanted = !client->wanted_count;

    for (i = 0; i < client->wanted_count; i++)
        is_end_wanted |= client->wanted[i].length == LENGTH_TO_EOF;
    for (i = 0; i < UNITS; i++)
        check(client, !client->content[i] || client->content[i] == content);
    check(client, !is_end_wanted || client->size == (UINT64)client->server->lengths[content] * UNIT);
}

/* Each range is of one response. */
static void check_responses(struct client *client)
{
    UINT i, unit, end;

    for (i = 0; i < client->wanted_count; i++)
    {
        const struct range *wanted = &client->wanted[i];

        end = (wanted->length == LENGTH_TO_EOF ? client->size : wanted->offset + wanted->length) / UNIT;
        for (unit = wanted->offset / UNIT; unit < end; unit++)
            check(client, client->response[unit] == client->response[wanted->offset / UNIT]);
    }
}

static void check_finished(struct client *client)
{
    finished++;
    if (client->wanted_count && !validator_if_range(&client->version))
        check_responses(client);
    else
        check_version(client);
    check(client, client->wanted_count || client->size == (UINT64)count_stored(client) * UNIT);
}

static void check_liveness(struct client *client)
{
    const struct server *server = client->server;

    if (server->count > 1 || server->odd || server->portal || server->cut || client->wanted_count)
        return;
    if (!server->cap || (server->has_ranges && validator_if_range(&server->versions[0].validator)))
        check(client, !FAILED(client->hr));
}

static void run_history(UINT64 seed)
{
    struct server server;
    struct client client;
    struct range gap;

    create_server(&server, seed);
    create_client(&client, &server);
    trace("%s, %u ranges, skip %d, %u extra connections, %u versions, cap %u, ranges %d, If-Range %d\n",
            !client.is_stream ? "file" : client.can_rewind ? "stream that rewinds" : "stream", client.wanted_count,
            (int)(client.max_skip / UNIT), client.extra_count, server.count, server.cap, server.has_ranges,
            server.is_binding);
    while (!client.is_over && !client.fault && find_next_gap(&client, &gap))
    {
        step(&client, &gap);
        check(&client, ++client.steps < STEPS_MAX);
    }
    check(&client, client.doubt.restarts <= RESTARTS_MAX + 1);
    if (FAILED(client.hr))
        gave_up++;
    else if (!client.fault)
        check_finished(&client);
    check_liveness(&client);
    trace("%s, hr %x\n", client.fault ? client.fault : "well", client.hr);
    ok(!client.fault, "history %llu: %s.\n", (unsigned long long)seed, client.fault);
}

int main(int argc, char **argv)
{
    UINT64 count = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000, seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1, i;

    is_traced = count == 1;
    for (i = 0; i < count && failed < 20; i++)
        run_history(seed + i);
    printf("histories: %u finished, %u ended in an error\n", finished, gave_up);
    return report("histories");
}
