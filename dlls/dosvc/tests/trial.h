/*
 * Transfers of a resource that changes
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

/* After dosvc_test.h, sink.h and versions.h. */

#ifndef __DOSVC_TESTS_TRIAL_H
#define __DOSVC_TESTS_TRIAL_H

#define TRIAL_LIMIT_MS 100000
#define STORM_MS       20000
#define PAUSE_ROUNDS   10
#define PAUSE_STEP     100000 /* bytes */
#define PAUSE_MS       300
#define FICKLE_ROUNDS  60
#define FICKLE_MS      250

/* Functions of one of the two interfaces. */
struct trial_api
{
    BOOL (*start)(struct trial *trial);
    void (*look)(struct trial *trial); /* sets bytes, is_resting, is_finished and error */
    HRESULT (*finish)(struct trial *trial);
    void (*discard)(struct trial *trial);
    HRESULT (*pause)(struct trial *trial);
    HRESULT (*resume)(struct trial *trial);
    void (*check_selected)(const WCHAR *path, const struct resource *content);
};

/* Answer as a proper server does, which looks at If-Range. */
static inline void choose_proper(const struct trial *trial, const struct origin_request *request, struct reply *reply)
{
    const struct script *script = trial->script;

    memset(reply, 0, sizeof(*reply));
    reply->version = script->proper ? script->proper : 1;
    reply->fields = get_tags(script, reply->version);
    reply->status = 200;
    if (!*request->range || (*request->if_range && !strstr(reply->fields, request->if_range)))
        return;
    reply->status = 206;
    reply->start = ASKED;
    reply->flags = RANGED;
}

/* The first of the replies, until there are no more. */
static inline void choose_reply(const struct trial *trial, const struct origin_request *request, struct reply *reply)
{
    const struct script *script = trial->script;
    const struct reply *replies = *request->range ? script->ranged : script->whole;
    unsigned int i, index = *request->range ? trial->log.ranged : trial->log.whole;
    static const struct reply broken = { 200, 1, NULL, .sent = BROKEN };

    if (!*request->range && !index && !replies->version)
    {
        *reply = broken;
        reply->fields = get_tags(script, 1);
        return;
    }
    for (i = 0; i < MAX_REPLIES && replies[i].version && !trial->retried_at; ++i)
    {
        if (i != index && !(replies[i].flags & FOREVER))
            continue;
        *reply = replies[i];
        return;
    }
    choose_proper(trial, request, reply);
}

static inline void log_request(struct request_log *log, const struct origin_request *request)
{
    if (log->count < MAX_LOG)
    {
        strcpy(log->requests[log->count].range, request->range);
        strcpy(log->requests[log->count].if_range, request->if_range);
    }
    ++log->count;
    if (*request->range)
        ++log->ranged;
    else
        ++log->whole;
}

/* Replaces $a, $b and $t. */
static inline char *put_fields(char *p, const char *fields, const struct answer *answer, UINT size)
{
    for (; *fields; ++fields)
    {
        if (*fields != '$')
        {
            *p++ = *fields;
            continue;
        }
        switch (*++fields)
        {
            case 'a': p += sprintf(p, "%lu", (unsigned long)answer->start); break;
            case 'b': p += sprintf(p, "%lu", (unsigned long)answer->end - 1); break;
            case 't': p += sprintf(p, "%u", size); break;
        }
    }
    return p;
}

/* Which bytes the body has; FALSE if it has none of those that are asked for. */
static inline BOOL choose_bytes(const struct reply *reply, UINT size, const char *range, struct answer *answer)
{
    UINT64 start = 0, end = size;

    if (reply->start == ASKED && *range && !origin_parse_range(range, size, &start, &end))
        return FALSE;
    answer->start = reply->start == ASKED ? start : reply->start;
    answer->end = reply->end ? reply->end : end;
    if (reply->most)
        answer->end = origin_min(answer->end, answer->start + reply->most);
    return TRUE;
}

static inline BOOL send_reply_head(const struct trial *trial, const struct reply *reply, const struct answer *answer)
{
    char head[ORIGIN_MAX_HEAD], *p = head;
    UINT size = get_size(trial->script, reply->version);

    p += sprintf(p, "HTTP/1.1 %u Test\r\n", reply->status);
    p = put_fields(p, reply->fields, answer, size);
    if (reply->flags & RANGED)
        p = put_fields(p, RANGE, answer, size);
    if (reply->flags & CHUNKED)
        p += sprintf(p, "Transfer-Encoding: chunked\r\n");
    else if (reply->flags & UNSIZED)
        p += sprintf(p, "Connection: close\r\n");
    else
        p += sprintf(p, "Content-Length: %lu\r\n", (unsigned long)(answer->end - answer->start));
    p += sprintf(p, "\r\n");
    return origin_send(answer, head, p - head);
}

static BOOL play(void *context, const struct origin_request *request, struct answer *answer)
{
    struct trial *trial = context;
    struct reply reply;
    BOOL is_open;

    origin_lock(trial->resource->origin);
    choose_reply(trial, request, &reply);
    log_request(&trial->log, request);
    origin_unlock(trial->resource->origin);

    if (!choose_bytes(&reply, get_size(trial->script, reply.version), request->range, answer))
    {
        reply.status = 416;
        reply.fields = "Content-Range: bytes */$t\r\n";
        reply.flags = 0;
        reply.end = NOWHERE;
    }
    if (reply.end == NOWHERE)
        answer->start = answer->end = 0;
    if (reply.sent)
    {
        answer->is_cut = TRUE;
        answer->resource.cut_after = reply.sent;
    }
    answer->resource.seed = get_seed(trial->resource, reply.version);
    answer->resource.flags = reply.flags & CHUNKED ? RESOURCE_IS_CHUNKED : 0;
    is_open = send_reply_head(trial, &reply, answer) && origin_send_body(answer);
    if (reply.flags & RESET)
        origin_reset_at_close(answer->socket);
    return is_open && !(reply.flags & (UNSIZED | RESET));
}

static inline void open_trial(struct trial *trial, const struct script *script, BOOL is_stream, struct origin *origin,
        const WCHAR *dir)
{
    char path[64];

    memset(trial, 0, sizeof(*trial));
    trial->script = script;
    sprintf(path, "/%s-%s", script->name, is_stream ? "stream" : "file");
    trial->resource = origin_add_resource(origin, path, get_size(script, 1));
    origin_lock(origin);
    trial->resource->play = play;
    trial->resource->play_context = trial;
    if (script->flags & SLOW)
    {
        trial->resource->tick_ms = 8;
        trial->resource->tick_bytes = ORIGIN_BLOCK_SIZE;
    }
    origin_unlock(origin);
    swprintf(trial->path, ARRAY_SIZE(trial->path), L"%ls%hs.bin", dir, script->name);
    if (is_stream)
        trial->sink = sink_create(trial->resource);
    if (is_stream && (script->flags & SELECTS))
    {
        trial->sink->expected.count = ARRAY_SIZE(selected_ranges);
        memcpy(trial->sink->expected.ranges, selected_ranges, sizeof(selected_ranges));
    }
}

static inline void retry_trial(const struct trial_api *api, struct trial *trial)
{
    struct origin *origin = trial->resource->origin;

    ok(!trial->is_finished && trial->error == trial->script->failure, "VER-02: got error %#lx, expected %#lx.\n",
            trial->error, trial->script->failure);
    origin_lock(origin);
    trial->retried_at = trial->log.count;
    origin_unlock(origin);
    trial->is_resting = FALSE;
    check_hr("VER-02", api->resume(trial), S_OK);
}

/* Whether the progress falls is seen from time to time only; the requests tell for certain. */
static inline void watch_trial(const struct trial_api *api, struct trial *trial)
{
    UINT64 former = trial->bytes;

    if (trial->is_resting)
        return;
    api->look(trial);
    if (trial->bytes < former)
        ++trial->falls;
    if (trial->is_resting && (trial->script->flags & RETRIES) && !trial->sink && !trial->retried_at)
        retry_trial(api, trial);
}

static inline void check_kept(const struct trial *trial)
{
    const struct request_log *log = &trial->log;
    BOOL is_slow = trial->script->flags & SLOW;
    unsigned int i, given_up = 0, unbound = 0;

    ok(log->whole == 1, "VER-02: got %u requests for the whole.\n", log->whole);
    ok(!trial->falls, "VER-02: the progress falls.\n");
    for (i = 1; i < min(log->count, MAX_LOG); ++i)
    {
        if (!is_slow && strtoul(log->requests[i].range + strlen("bytes="), NULL, 10) < BROKEN)
            ++given_up;
        if (!*log->requests[i].if_range)
            ++unbound;
    }
    ok(!given_up, "VER-02: %u of %u requests ask for what is stored.\n", given_up, log->count);
    ok(!unbound, "VER-02: %u of %u requests have no If-Range.\n", unbound, log->count);
}

static inline void check_log(const struct trial *trial)
{
    const struct script *script = trial->script;
    unsigned int most = script->most ? script->most : 8;

    ok(trial->log.count <= most, "VER-05: got %u requests, expected at most %u.\n", trial->log.count, most);
    if (script->flags & KEEPS)
        check_kept(trial);
    if (script->flags & RANGELESS)
        ok(!trial->log.ranged, "VER-02: got %u requests with a range, the first one for %s.\n", trial->log.ranged,
                wine_dbgstr_a(trial->log.requests[1].range));
    if (trial->retried_at)
        ok(!*trial->log.requests[trial->retried_at].range, "VER-02: the first request of the retry asks for %s.\n",
                wine_dbgstr_a(trial->log.requests[trial->retried_at].range));
    if (script->flags & SLOW)
        ok(trial->log.ranged, "VER-04: there is no further connection.\n");
}

static inline void check_file(const struct trial_api *api, struct trial *trial, unsigned int version)
{
    struct resource content = *trial->resource;

    content.seed = get_seed(trial->resource, version);
    content.size = get_size(trial->script, version);
    check_hr("VER-01", api->finish(trial), S_OK);
    if (trial->script->flags & SELECTS)
        api->check_selected(trial->path, &content);
    else
        check_content("VER-01", trial->path, &content);
}

static inline void check_outcome(const struct trial_api *api, struct trial *trial)
{
    const struct outcome *outcome = trial->sink ? &trial->script->stream : &trial->script->file;

    ok(trial->is_resting, "VER-01: it does not end.\n");
    if (trial->is_finished)
    {
        ok(outcome->version, "VER-01: it is finished after %s bytes.\n", debugstr_u64(trial->bytes));
        if (trial->sink)
            sink_check("VER-01", trial->sink, get_wanted(trial->script, 1));
        else
            check_file(api, trial, outcome->version ? outcome->version : 1);
    }
    else if (trial->is_resting)
    {
        ok(!outcome->version || outcome->is_either, "VER-01: got error %#lx after %s bytes.\n", trial->error,
                debugstr_u64(trial->bytes));
        ok((outcome->version && !outcome->is_either) || !outcome->error || trial->error == outcome->error,
                "VER-01: got error %#lx, expected %#lx.\n", trial->error, outcome->error);
    }
    if (trial->sink)
        ok(!trial->sink->wrong, "VER-01: %u Writes had bytes of another version.\n", trial->sink->wrong);
}

static inline void close_trial(const struct trial_api *api, struct trial *trial)
{
    winetest_push_context("%s to a %s", trial->script->name, trial->sink ? "stream" : "file");
    if (!(trial->script->flags & STORM))
    {
        flaky_if(!strncmp(trial->script->name, "reset", 5) && !origin_resets())
            check_outcome(api, trial);
    }
    check_log(trial);
    api->discard(trial);
    DeleteFileW(trial->path);
    if (trial->sink)
        sink_check_released("VER-01", trial->sink);
    winetest_pop_context();
}

/* Stop a trial that would go on for hours. */
static inline void end_storm(const struct trial_api *api, struct trial *trial)
{
    if (!trial->is_resting)
        check_hr("VER-05", api->pause(trial), S_OK);
    trial->is_resting = TRUE;
}

static inline void watch_trials(const struct trial_api *api, struct trial *trials, unsigned int count)
{
    DWORD start = GetTickCount(), time;
    unsigned int i, resting;

    do
    {
        Sleep(POLL_MS);
        time = GetTickCount() - start;
        for (i = resting = 0; i < count; ++i)
        {
            watch_trial(api, trials + i);
            if ((trials[i].script->flags & STORM) && time >= STORM_MS)
                end_storm(api, trials + i);
            resting += trials[i].is_resting;
        }
    } while (resting < count && time < TRIAL_LIMIT_MS);
}

/* Whether the command line wants it: all, or those whose name begins with its argument. */
static inline BOOL is_wanted(const char *name)
{
    char **argv;

    return winetest_get_mainargs(&argv) < 3 || !strncmp(name, argv[2], strlen(argv[2]));
}

/* Runs all of them at the same time: most of them wait rather than work. The
 * origin may use the trials after that, so they stay. */
static inline void run_scripts(const struct trial_api *api, const struct script *list, unsigned int count,
        struct origin *origin, const WCHAR *dir)
{
    struct trial *trials = test_alloc(2 * count * sizeof(*trials));
    unsigned int i, started = 0;

    for (i = 0; i < 2 * count; ++i)
    {
        if (!is_wanted(list[i / 2].name))
            continue;
        open_trial(trials + started, list + i / 2, i % 2, origin, dir);
        trials[started].is_resting = !api->start(trials + started);
        ++started;
    }
    watch_trials(api, trials, started);
    for (i = 0; i < started; ++i)
        close_trial(api, trials + i);
}

static inline void run_joins(const struct trial_api *api, struct origin *origin, const WCHAR *dir)
{
    unsigned int i;

    /* Run one after the other: a further connection comes only where there is room. */
    for (i = 0; i < ARRAY_SIZE(joins); ++i)
        run_scripts(api, joins + i, 1, origin, dir);
}

/* Bytes that have come are there after a pause, however soon that follows. The server
 * stops after each step; the client pauses when it has, and starts again. */
static inline void run_pauses(const struct trial_api *api, struct origin *origin, const WCHAR *dir)
{
    static const struct script script = { "pauses", 19 };
    struct trial *trial = test_alloc(sizeof(*trial));
    struct origin_request request;
    HANDLE gate = create_gate();
    unsigned int i;

    if (!is_wanted(script.name))
        return;
    open_trial(trial, &script, FALSE, origin, dir);
    trial->resource->play = NULL;
    trial->resource->size = PAUSE_ROUNDS * PAUSE_STEP;
    set_gate(trial->resource, gate, PAUSE_STEP);
    api->start(trial);
    for (i = 1; i < PAUSE_ROUNDS; ++i)
    {
        wait_event("VER-06", trial->resource->at_gate);
        Sleep(PAUSE_MS); /* until the bytes are there; a round without any does no harm */
        check_hr("VER-06", api->pause(trial), S_OK);
        set_gate(trial->resource, gate, (i + 1) * PAUSE_STEP);
        check_hr("VER-06", api->resume(trial), S_OK);
    }
    SetEvent(gate);
    watch_trials(api, trial, 1);
    origin_get_requests(trial->resource, &request);
    ok(strtoul(request.range + strlen("bytes="), NULL, 10) >= PAUSE_ROUNDS * PAUSE_STEP / 2,
            "VER-06: the last request asks for %s.\n", wine_dbgstr_a(request.range));
    ok(trial->is_finished, "VER-06: got error %#lx.\n", trial->error);
    check_hr("VER-06", api->finish(trial), S_OK);
    check_content("VER-06", trial->path, trial->resource);
    api->discard(trial);
    DeleteFileW(trial->path);
    CloseHandle(gate);
}

/* A client that cannot make up its mind gets the file all the same. */
static inline void run_fickle(const struct trial_api *api, struct origin *origin, const WCHAR *dir)
{
    static const struct script script = { "fickle", 19 };
    struct trial *trial = test_alloc(sizeof(*trial));
    unsigned int i;

    if (!is_wanted(script.name))
        return;
    open_trial(trial, &script, FALSE, origin, dir);
    trial->resource->play = NULL;
    trial->resource->size = 2 << 20;
    trial->resource->tick_ms = 8;
    trial->resource->tick_bytes = 16384;
    api->start(trial);
    for (i = 0; i < FICKLE_ROUNDS; ++i)
    {
        Sleep(FICKLE_MS);
        if (FAILED(api->pause(trial)))
            break;
        api->look(trial);
        if (trial->is_finished)
            break;
        check_hr("VER-06", api->resume(trial), S_OK);
    }
    ok(i < FICKLE_ROUNDS, "VER-06: it has not ended after %u rounds.\n", i);
    api->look(trial);
    ok(trial->is_finished, "VER-06: got error %#lx.\n", trial->error);
    check_hr("VER-06", api->finish(trial), S_OK);
    check_content("VER-06", trial->path, trial->resource);
    api->discard(trial);
    DeleteFileW(trial->path);
}

#endif /* __DOSVC_TESTS_TRIAL_H */
