/*
 * The engine among many threads: random clients of transfers
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

/* The engine and the sink of files are compiled for this system, over win32.c, with server.c in place of the network.
 * Each thread is a client, which has one transfer after another fetched into a file or a stream while it cancels it,
 * starts it again, changes its class, flushes it, asks for its record and gives it new streams. What is finished has to
 * be one whole version that the server has had. TSan looks for data races and for locks in circles meanwhile.
 *
 * tsan FOLDER [SECONDS [SEED]]: files are made in the folder. */

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/record.h"
#include "disk/sink.h"
#include "engine/transfer.h"
#include "tsan.h"

#define CLIENTS  20
#define STEPS    40   /* of a client with one transfer, which is then given up; ... */
#define LARGE_STEPS 400 /* ... of a large resource */
#define TICKS    5    /* of a second, in each other of which some resource changes */
#define PATIENCE 60   /* seconds without a finished step of one client, after which the process counts as stuck */

/* The stream of a client, in memory. */
struct stream
{
    struct sink sink;
    BYTE *data;
    UINT64 size, capacity;
};

struct owner
{
    SRWLOCK lock;
    CONDITION_VARIABLE changed;
    LONG refcount;
    UINT resource;
    struct transfer *transfer;
    struct stream *stream; /* a reference; NULL: a file */
    char path[256];
};

static const char *folder;
static UINT seed;
static time_t end;
static LONG finished, given_up, cancelled, new_streams, failures, wrong; /* interlocked */
static LONG steps[CLIENTS]; /* interlocked; what the watchdog looks at */
static __thread UINT64 random_state;

static void init_random(UINT thread)
{
    random_state = (UINT64)seed << 32 | thread;
}

UINT random_below(UINT limit)
{
    UINT64 value;

    /* Threads of the engine start with what the system calls them by. */
    if (!random_state)
        init_random(gettid());
    value = random_state += 0x9e3779b97f4a7c15ull;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebull;
    return (value ^ (value >> 31)) % limit;
}

void pause_randomly(UINT max)
{
    usleep(random_below(max * 1000) + 1);
}

static HRESULT stream_leave(struct sink *sink)
{
    return S_OK;
}

static HRESULT stream_set_length(struct sink *sink, UINT64 length, UINT64 to_write)
{
    struct stream *stream = CONTAINING_RECORD(sink, struct stream, sink);

    /* A stream may be one that cannot go back. */
    if (is_one_in(4))
        return E_NOTIMPL;
    stream->size = 0;
    return S_OK;
}

static HRESULT stream_write(struct sink *sink, UINT64 offset, const void *data, DWORD size)
{
    struct stream *stream = CONTAINING_RECORD(sink, struct stream, sink);

    if (is_one_in(10))
        pause_randomly(is_one_in(10) ? 50 : 3);
    if (is_one_in(1000))
        return E_FAIL;
    if (stream->size + size > stream->capacity)
    {
        stream->capacity = 2 * (stream->size + size);
        stream->data = realloc(stream->data, stream->capacity);
    }
    memcpy(stream->data + stream->size, data, size);
    stream->size += size;
    return S_OK;
}

static HRESULT stream_close(struct sink *sink, enum sink_end end_kind)
{
    return S_OK;
}

static HRESULT stream_commit(struct sink *sink, const WCHAR *path, BOOL is_free, BOOL is_replacing, UINT64 modified)
{
    return S_OK;
}

static void stream_destroy(struct sink *sink)
{
    struct stream *stream = CONTAINING_RECORD(sink, struct stream, sink);

    free(stream->data);
    free(stream);
}

static const struct sink_ops stream_ops =
{
    stream_leave,
    stream_set_length,
    stream_write,
    stream_close,
    stream_leave,
    stream_commit,
    stream_leave,
    stream_destroy,
};

/* Give the transfer a new stream, while it does not run. */
static void set_stream(struct owner *owner)
{
    struct stream *stream = calloc(1, sizeof(*stream));

    sink_init(&stream->sink, &stream_ops, TRUE);
    if (owner->stream)
    {
        sink_release(&owner->stream->sink);
        InterlockedIncrement(&new_streams);
    }
    owner->stream = stream;
    sink_addref(&stream->sink);
    transfer_set_stream(owner->transfer, &stream->sink);
}

static void owner_changed(struct transfer *transfer, enum transfer_event event)
{
    struct owner *owner = transfer->owner;

    if (event == TRANSFER_EVENT_STATE)
        WakeAllConditionVariable(&owner->changed);
}

static void owner_addref(struct transfer *transfer)
{
    InterlockedIncrement(&((struct owner *)transfer->owner)->refcount);
}

static void owner_release(struct transfer *transfer)
{
    struct owner *owner = transfer->owner;

    if (InterlockedDecrement(&owner->refcount))
        return;
    transfer_destroy(owner->transfer);
    free(owner);
}

static HRESULT owner_forget(struct transfer *transfer)
{
    pause_randomly(2);
    return S_OK;
}

static const struct transfer_ops owner_ops =
{
    owner_changed,
    owner_addref,
    owner_release,
    owner_forget,
};

static void widen(const char *text, WCHAR *buffer)
{
    do
        *buffer++ = *text == '/' ? '\\' : *text;
    while (*text++);
}

static struct owner *create_owner(UINT client, UINT number)
{
    struct owner *owner = calloc(1, sizeof(*owner));
    WCHAR url[] = L"http://host1/0", path[256];
    BOOL is_file = is_one_in(2);

    InitializeSRWLock(&owner->lock);
    InitializeConditionVariable(&owner->changed);
    owner->refcount = 1;
    owner->resource = random_below(RESOURCES);
    url[11] = '0' + random_below(4);
    url[13] = '0' + owner->resource;
    snprintf(owner->path, sizeof(owner->path), "%s/%u-%u", folder, client, number);
    widen(owner->path, path);
    transfer_create(&owner_ops, is_one_in(2) ? &transfer_download_rules : &transfer_job_rules, owner, &owner->lock, url,
            is_file ? path : NULL, NULL, 0, &owner->transfer);
    transfer_set_foreground_locked(owner->transfer, is_one_in(2));
    owner->transfer->client = 1 + random_below(4);
    owner->transfer->no_progress_timeout = 300;
    owner->transfer->max_active_ms = TIME_UNLIMITED;
    if (!is_file)
        set_stream(owner);
    else if (FAILED(transfer_prepare(owner->transfer)))
        abort();
    return owner;
}

static enum transfer_state get_state(struct owner *owner)
{
    enum transfer_state state;

    AcquireSRWLockShared(&owner->lock);
    state = owner->transfer->state;
    ReleaseSRWLockShared(&owner->lock);
    return state;
}

static void cancel(struct owner *owner)
{
    AcquireSRWLockExclusive(&owner->lock);
    engine_cancel_locked(owner->transfer);
    ReleaseSRWLockExclusive(&owner->lock);
    InterlockedIncrement(&cancelled);
    if (is_one_in(2))
        transfer_drain(owner->transfer);
}

static void run(struct owner *owner)
{
    enum transfer_state state = get_state(owner);

    if (owner->stream && (state == TRANSFER_FAILED || (state == TRANSFER_IDLE && is_one_in(3))))
        set_stream(owner);
    if (state == TRANSFER_FAILED)
        InterlockedIncrement(&failures);
    AcquireSRWLockExclusive(&owner->lock);
    if (FAILED(engine_run_locked(owner->transfer)))
        abort();
    ReleaseSRWLockExclusive(&owner->lock);
}

static void wait_for_change(struct owner *owner, enum transfer_state state)
{
    AcquireSRWLockExclusive(&owner->lock);
    if (owner->transfer->state == state)
        SleepConditionVariableSRW(&owner->changed, &owner->lock, random_below(300 * CLOCK_SPEED), 0);
    ReleaseSRWLockExclusive(&owner->lock);
}

static void ask(struct owner *owner)
{
    struct transfer_record record = {0};

    AcquireSRWLockExclusive(&owner->lock);
    transfer_save_locked(owner->transfer, &record);
    transfer_get_progress_locked(owner->transfer);
    transfer_get_active_ms_locked(owner->transfer);
    transfer_get_unflushed_locked(owner->transfer);
    transfer_set_foreground_locked(owner->transfer, is_one_in(2));
    engine_reprioritize_locked(owner->transfer);
    ReleaseSRWLockExclusive(&owner->lock);
}

static void fail(struct owner *owner)
{
    const struct failure failure = { FAILURE_FATAL, E_FAIL };

    AcquireSRWLockExclusive(&owner->lock);
    engine_fail_locked(owner->transfer, &failure);
    ReleaseSRWLockExclusive(&owner->lock);
}

/* Make one step with a transfer. Return its state before. */
static enum transfer_state step(struct owner *owner)
{
    enum transfer_state state = get_state(owner);

    if (state == TRANSFER_DONE)
        return state;
    if (state == TRANSFER_IDLE || state == TRANSFER_FAILED)
        run(owner);
    else if (is_one_in(owner->resource < LARGE_RESOURCE ? 4 : 30))
        cancel(owner);
    else if (is_one_in(5))
        ask(owner);
    else if (is_one_in(5))
        transfer_flush(owner->transfer);
    else if (is_one_in(50))
        fail(owner);
    else
        wait_for_change(owner, state);
    return state;
}

/* Check that this is one version of the resource, of those that there have been. */
static void check_content(struct owner *owner, const BYTE *data, UINT64 size)
{
    UINT version = server_get_version(owner->resource);
    BYTE *expected = malloc(size + 1);

    for (; version; version--)
    {
        if (server_get_size(owner->resource, version) != size)
            continue;
        server_fill(owner->resource, version, 0, expected, size);
        if (!memcmp(data, expected, size))
            break;
    }
    free(expected);
    if (version)
        return;
    InterlockedIncrement(&wrong);
    printf("resource %u, %s: %llu bytes are no version\n", owner->resource, owner->stream ? "stream" : "file",
            (unsigned long long)size);
}

static void check_file(struct owner *owner)
{
    struct stat info;
    BYTE *data;
    int file;

    transfer_flush(owner->transfer);
    transfer_park(owner->transfer);
    if (FAILED(transfer_commit(owner->transfer, FALSE)))
        abort();
    file = open(owner->path, O_RDONLY);
    fstat(file, &info);
    data = malloc(info.st_size + 1);
    assert(read(file, data, info.st_size) == info.st_size);
    close(file);
    unlink(owner->path);
    check_content(owner, data, info.st_size);
    free(data);
}

/* The engine may still tell of the transfer, and keeps it as long. */
static void end_owner(struct owner *owner, BOOL is_done)
{
    if (is_done)
        InterlockedIncrement(&finished);
    else
        InterlockedIncrement(&given_up);
    cancel(owner);
    transfer_drain(owner->transfer);
    if (is_done && owner->stream)
        check_content(owner, owner->stream->data, owner->stream->size);
    else if (is_done)
        check_file(owner);
    transfer_abandon(owner->transfer);
    if (owner->stream)
        sink_release(&owner->stream->sink);
    owner_release(owner->transfer);
}

static void *client_thread(void *context)
{
    UINT client = (UINT_PTR)context, number, i;
    enum transfer_state state;
    struct owner *owner;

    init_random(client + 1);
    for (number = 0; time(NULL) < end; number++)
    {
        owner = create_owner(client, number);
        state = TRANSFER_IDLE;
        for (i = 0; i < (owner->resource < LARGE_RESOURCE ? STEPS : LARGE_STEPS) && state != TRANSFER_DONE; i++)
        {
            state = step(owner);
            InterlockedIncrement(&steps[client]);
        }
        end_owner(owner, state == TRANSFER_DONE);
    }
    return NULL;
}

static void *watch_thread(void *context)
{
    LONG last[CLIENTS] = {0}, now;
    UINT quiet[CLIENTS] = {0}, i;

    for (;;)
    {
        usleep(1000000 / TICKS);
        if (is_one_in(2))
            server_change();
        for (i = 0; i < CLIENTS; i++)
        {
            now = InterlockedCompareExchange(&steps[i], 0, 0);
            quiet[i] = now == last[i] && time(NULL) < end + PATIENCE / 2 ? quiet[i] + 1 : 0;
            last[i] = now;
            if (quiet[i] > PATIENCE * TICKS)
            {
                printf("client %u is stuck\n", i);
                abort();
            }
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[CLIENTS], watch;
    UINT i;

    if (argc < 2)
        return 2;
    folder = argv[1];
    end = time(NULL) + (argc > 2 ? atoi(argv[2]) : 20);
    seed = argc > 3 ? atoi(argv[3]) : getpid();
    printf("tsan: seed %u\n", seed);
    server_init();
    if (FAILED(engine_init(&transfer_callbacks)))
        abort();
    pthread_create(&watch, NULL, watch_thread, NULL);
    for (i = 0; i < CLIENTS; i++)
        pthread_create(&threads[i], NULL, client_thread, (void *)(UINT_PTR)i);
    for (i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    engine_shutdown();
    printf("tsan: %d requests, %d cut; %d cancelled, %d failed, %d new streams, %d given up\n", server_requests,
            server_cuts, cancelled, failures, new_streams, given_up);
    printf("tsan: %d passed, %d failed, 0 skipped\n", finished - wrong, wrong);
    fflush(stdout);
    _exit(wrong != 0);
}
