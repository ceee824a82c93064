/*
 * Workers and timers of transfers
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

/* A transfer that the engine knows is in one phase, and in the list of that
 * phase; the engine holds a reference to it. Its state, which the owner sees,
 * follows from what the owner asked for:
 *
 *   QUEUED   phase QUEUED, or ACTIVE with a worker that has not begun, or is winding down
 *   RUNNING  phase ACTIVE
 *   WAITING  phase WAITING
 *   others   phase OUT or LEAVING, or ACTIVE with a worker that is winding down
 *
 * scheduler.c decides who has a slot; a worker begins no attempt without one.
 *
 * The phase changes under both locks, except that LEAVING becomes OUT and
 * QUEUED becomes ACTIVE under the engine's alone. Lock order: the transfer's,
 * then the engine's. A worker that finds its transfer cancelled and run again
 * goes on with it, so there is never a second one. */

#include <assert.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/wineheaders.h"
#include "engine/worker.h"
#include "net/counters.h"
#include "net/http.h"

#include "bitserrors.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define NEVER           (~(ULONGLONG)0)
#define OFFLINE_DELAY   30000 /* ms between looks at the network */
#define COST_DELAY      2000 /* ms between looks at its cost */
#define RETRY_AFTER_MAX 86400 /* seconds that a server may have a transfer wait */
#define SHUTDOWN_LIMIT  5000 /* ms without a worker leaving */

/* A thread of the pool, which goes from one transfer to the next. */
struct thread
{
    BOOL is_busy;                      /* with an attempt, be it that this makes another transfer run */
    struct transfer_worker *successor; /* next to work for, or NULL */
    BYTE *buffer; /* owned */
};

static SRWLOCK engine_lock;
static CONDITION_VARIABLE worker_left;

/* Protected by engine_lock. */
static struct scheduler scheduler;
static struct list workers[WORKER_LEAVING + 1]; /* of each phase; none is OUT */
static ULONGLONG armed = NEVER; /* when the timer expires */
static BOOL is_accepting;

static const struct engine_callbacks *callbacks; /* the work of the threads */
static DWORD thread_index = TLS_OUT_OF_INDEXES; /* of a thread of the pool: its struct thread */

static TP_CALLBACK_ENVIRON environment; /* of the workers */
static TP_POOL *pool;
static TP_TIMER *timer;
static TP_WORK *reaper;

static const char *debugstr_state(enum transfer_state state)
{
    static const char * const names[] = { "idle", "queued", "running", "waiting", "done", "failed" };

    return state < ARRAY_SIZE(names) ? names[state] : wine_dbg_sprintf("%u", state);
}

ULONGLONG transfer_get_active_ms_locked(const struct transfer *transfer)
{
    if (transfer->state != TRANSFER_RUNNING)
        return transfer->active_ms;
    return transfer->active_ms + GetTickCount64() - transfer->worker->started;
}

static void set_state_locked(struct transfer *transfer, enum transfer_state state)
{
    ULONGLONG now = GetTickCount64();

    if (transfer->state == state)
        return;
    TRACE("transfer %p, %s, %s -> %s.\n", transfer, debugstr_url(transfer->url), debugstr_state(transfer->state),
            debugstr_state(state));
    if (transfer->state == TRANSFER_RUNNING)
        transfer->active_ms += now - transfer->worker->started;
    if (state == TRANSFER_RUNNING)
    {
        transfer->worker->started = now;
        transfer->failure = no_failure;
    }
    if (state == TRANSFER_DONE)
        counters_add_file();
    transfer->state = state;
    transfer->ops->changed(transfer, TRANSFER_EVENT_STATE);
}

/* The functions below, up to the next such line, are called with engine_lock held. */

static void set_phase(struct transfer_worker *worker, enum worker_phase phase)
{
    if (worker->phase != WORKER_OUT)
        list_remove(&worker->entry);
    list_add_tail(&workers[phase], &worker->entry);
    worker->phase = phase;
}

/* The caller drops the engine's reference. */
static void forget(struct transfer_worker *worker)
{
    list_remove(&worker->entry);
    worker->phase = WORKER_OUT;
}

static void arm_timer(ULONGLONG due)
{
    if (due >= armed)
        return;
    armed = due;
    timer_set(timer, due, progress_now());
}

/* Let the timer expire each second while a worker needs it, so that the clock goes on. */
static void set_due(struct transfer_worker *worker, ULONGLONG due)
{
    worker->due = due;
    arm_timer(min(due, progress_now() + PROGRESS_TICK));
}

static struct transfer_worker *worker_from_slot(struct slot *slot)
{
    return CONTAINING_RECORD(slot, struct transfer_worker, slot);
}

/* Cancel the work for a slot that another transfer has got; the transfer goes on later. */
static void supersede(struct slot *slot)
{
    TRACE("slot %p goes to another transfer.\n", slot);
    http_cancel_set(slot->cancel);
    if (slot->is_extra)
        return;
    worker_from_slot(slot)->is_superseded = TRUE;
    callbacks->cut_extra_connections(worker_from_slot(slot), 0);
}

/* Give the worker a thread: the calling one if that has made room for it, since threads are slow to change. */
static void activate(struct transfer_worker *worker)
{
    struct thread *thread = TlsGetValue(thread_index);

    if (worker->phase == WORKER_ACTIVE)
        return; /* its thread looks at the slot before it leaves */
    set_phase(worker, WORKER_ACTIVE);
    worker->due = NEVER;
    if (thread && !thread->is_busy && !thread->successor)
        thread->successor = worker;
    else
        SubmitThreadpoolWork(worker->work);
}

static void schedule(void)
{
    ULONGLONG now = progress_now();
    struct victims victims;
    struct slot *slot;
    UINT i;

    if (!is_accepting)
        return;
    while ((slot = scheduler_grant(&scheduler, now, &victims)))
    {
        for (i = 0; i < victims.count; i++)
            supersede(victims.slots[i]);
        activate(worker_from_slot(slot));
    }
    arm_timer(scheduler_get_due(&scheduler, now));
}

static void enqueue(struct transfer_worker *worker)
{
    worker->slot.is_foreground = worker->transfer->is_foreground;
    scheduler_queue(&scheduler, &worker->slot);
    if (worker->phase != WORKER_ACTIVE)
        set_phase(worker, WORKER_QUEUED);
    schedule();
}

static struct transfer_worker *find_due(struct list *list, ULONGLONG now, ULONGLONG *next)
{
    struct transfer_worker *worker;

    LIST_FOR_EACH_ENTRY(worker, list, struct transfer_worker, entry)
    {
        if (worker->due <= now)
            return worker;
        *next = min(*next, worker->due);
    }
    return NULL;
}

/* From here on engine_lock is not held. */

BOOL engine_start_thread(PTP_SIMPLE_CALLBACK proc, void *context)
{
    return TrySubmitThreadpoolCallback(proc, context, &environment);
}

BOOL engine_add_extra(struct transfer_worker *worker, struct slot *slot)
{
    BOOL ret;

    AcquireSRWLockExclusive(&engine_lock);
    slot->host = worker->slot.host;
    slot->client = worker->slot.client;
    slot->is_foreground = worker->slot.is_foreground;
    ret = is_accepting && !http_is_cancelled(&worker->cancel) && scheduler_add_extra(&scheduler, slot, progress_now());
    ReleaseSRWLockExclusive(&engine_lock);
    return ret;
}

void engine_end_extra(struct slot *slot)
{
    AcquireSRWLockExclusive(&engine_lock);
    scheduler_end(&scheduler, slot);
    schedule();
    ReleaseSRWLockExclusive(&engine_lock);
    WakeAllConditionVariable(&worker_left);
}

void engine_hear(struct slot *slot)
{
    AcquireSRWLockExclusive(&engine_lock);
    scheduler_hear(slot, progress_now());
    ReleaseSRWLockExclusive(&engine_lock);
}

void engine_set_fixed(struct transfer_worker *worker, BOOL is_fixed)
{
    AcquireSRWLockExclusive(&engine_lock);
    scheduler_set_fixed(&worker->slot, is_fixed);
    ReleaseSRWLockExclusive(&engine_lock);
}

HRESULT engine_run_locked(struct transfer *transfer)
{
    struct transfer_worker *worker = transfer->worker;
    BOOL has_slot;

    if (transfer->state == TRANSFER_QUEUED || transfer->state == TRANSFER_RUNNING || transfer->state == TRANSFER_DONE)
        return S_OK;

    AcquireSRWLockExclusive(&engine_lock);
    if (!is_accepting)
    {
        ReleaseSRWLockExclusive(&engine_lock);
        WARN("transfer %p: the engine is down.\n", transfer);
        return DO_E_NO_SERVICE;
    }
    if (worker->phase == WORKER_OUT)
        transfer->ops->addref(transfer);
    if (transfer->state == TRANSFER_WAITING)
        retry_release_clock(&worker->retry, progress_now());
    worker->slot.host = url_hash_host(transfer->url);
    worker->slot.client = transfer->client;
    enqueue(worker);
    has_slot = worker->slot.has_slot;
    ReleaseSRWLockExclusive(&engine_lock);

    retry_start(&worker->retry, transfer->bytes_received, progress_now());
    worker->last = no_failure;
    worker->attempts = 0;
    worker->is_rerun = worker->is_started = TRUE;
    worker->is_doubted = transfer->state == TRANSFER_FAILED;
    transfer->failure = no_failure;
    set_state_locked(transfer, has_slot ? TRANSFER_RUNNING : TRANSFER_QUEUED);
    return S_OK;
}

static void stop_locked(struct transfer *transfer, enum transfer_state state)
{
    struct transfer_worker *worker = transfer->worker;

    http_cancel_set(&worker->cancel);
    callbacks->cut_extra_connections(worker, 0);
    if (transfer->state == TRANSFER_WAITING)
        retry_release_clock(&worker->retry, progress_now());
    AcquireSRWLockExclusive(&engine_lock);
    /* Free the slot at once, although a client may keep the worker in its stream. */
    scheduler_drop(&scheduler, &worker->slot);
    if (worker->phase != WORKER_ACTIVE)
    {
        set_phase(worker, WORKER_LEAVING);
        SubmitThreadpoolWork(reaper);
    }
    schedule();
    ReleaseSRWLockExclusive(&engine_lock);
    set_state_locked(transfer, state);
}

void engine_cancel_locked(struct transfer *transfer)
{
    if (transfer->state == TRANSFER_QUEUED || transfer->state == TRANSFER_RUNNING
            || transfer->state == TRANSFER_WAITING)
        stop_locked(transfer, TRANSFER_IDLE);
}

void engine_fail_locked(struct transfer *transfer, const struct failure *failure)
{
    if (transfer->state == TRANSFER_IDLE || transfer->state == TRANSFER_FAILED)
        return;
    WARN("transfer %p, %s, hr %#lx.\n", transfer, debugstr_url(transfer->url), failure->hr);
    if (transfer->state == TRANSFER_RUNNING)
        transfer->failure_count++;
    transfer->failure = *failure;
    if (transfer->state == TRANSFER_DONE)
        set_state_locked(transfer, TRANSFER_FAILED);
    else
        stop_locked(transfer, TRANSFER_FAILED);
}

void engine_disconnect_locked(struct transfer *transfer)
{
    const struct failure failure = failure_from_sink(RPC_E_DISCONNECTED);

    if (transfer->state != TRANSFER_DONE)
        engine_fail_locked(transfer, &failure);
}

/* Return the delay that the owner wants after a failure, in milliseconds. */
static ULONGLONG get_owner_delay_locked(const struct transfer *transfer)
{
    return (ULONGLONG)max(transfer->retry_delay, min(transfer->failure.retry_after, RETRY_AFTER_MAX)) * 1000;
}

/* Return whether the times that the owner has set leave no room for another attempt. */
static BOOL is_retry_excluded_locked(const struct transfer *transfer)
{
    return transfer->rules->has_retry_delay && transfer->retry_delay > transfer->no_progress_timeout;
}

static BOOL is_offline(const struct failure *failure)
{
    return failure->hr == DO_E_BLOCKED_BY_NO_NETWORK;
}

/* Return whether the transfer waits for the network, and not for a server. */
static BOOL is_held(const struct failure *failure)
{
    return is_offline(failure) || failure_is_of_policy(failure);
}

static ULONGLONG get_hold_delay(const struct failure *failure)
{
    return failure_is_of_policy(failure) ? COST_DELAY : OFFLINE_DELAY;
}

void engine_reprioritize_locked(struct transfer *transfer)
{
    struct transfer_worker *worker = transfer->worker;

    if (transfer->rules->has_retry_delay && transfer->state == TRANSFER_WAITING && !is_held(&transfer->failure))
        worker->retry_time = worker->failed_at + get_owner_delay_locked(transfer);
    AcquireSRWLockExclusive(&engine_lock);
    scheduler_set_foreground(&scheduler, &worker->slot, transfer->is_foreground);
    schedule();
    if (worker->phase == WORKER_ACTIVE || worker->phase == WORKER_WAITING)
        set_due(worker, 0); /* the timer looks at the time limit again */
    ReleaseSRWLockExclusive(&engine_lock);
}

BOOL engine_drain(struct transfer *transfer, DWORD timeout)
{
    ULONGLONG now = GetTickCount64(), end = timeout == INFINITE ? NEVER : now + timeout;
    BOOL ret;

    AcquireSRWLockExclusive(&engine_lock);
    while (transfer->worker->phase == WORKER_ACTIVE && (now = GetTickCount64()) < end)
        SleepConditionVariableSRW(&worker_left, &engine_lock, min(end - now, INFINITE), 0);
    ret = transfer->worker->phase != WORKER_ACTIVE;
    ReleaseSRWLockExclusive(&engine_lock);
    return ret;
}

/* Return when the timer has to look at a transfer. */
static ULONGLONG get_due_locked(const struct transfer *transfer)
{
    ULONGLONG deadline = retry_deadline(&transfer->worker->retry, transfer->no_progress_timeout), active;

    if (transfer->state == TRANSFER_WAITING)
        return min(deadline, transfer->worker->retry_time);
    if (transfer->max_active_ms == TIME_UNLIMITED)
        return deadline;
    active = transfer_get_active_ms_locked(transfer);
    return min(deadline, progress_now() + transfer->max_active_ms - min(active, transfer->max_active_ms));
}

/* Stop the no-progress clock: a Write takes the client's time, not the server's. A long one gives its slot away. */
void engine_begin_write_locked(struct transfer *transfer)
{
    struct transfer_worker *worker = transfer->worker;

    retry_hold_clock(&worker->retry, progress_now());
    AcquireSRWLockExclusive(&engine_lock);
    scheduler_begin_write(&worker->slot, progress_now());
    ReleaseSRWLockExclusive(&engine_lock);
}

void engine_end_write_locked(struct transfer *transfer)
{
    struct transfer_worker *worker = transfer->worker;

    retry_release_clock(&worker->retry, progress_now());
    AcquireSRWLockExclusive(&engine_lock);
    if (!scheduler_end_write(&scheduler, &worker->slot, progress_now()))
        supersede(&worker->slot);
    if (worker->phase == WORKER_ACTIVE && transfer->state == TRANSFER_RUNNING)
        set_due(worker, get_due_locked(transfer));
    ReleaseSRWLockExclusive(&engine_lock);
}

/* Return whether there is to be no other attempt; else delay is set, in milliseconds. */
static BOOL is_final_locked(struct transfer *transfer, const struct failure *failure, ULONGLONG *delay)
{
    const struct transfer_rules *rules = transfer->rules;
    struct transfer_worker *worker = transfer->worker;
    ULONGLONG deadline;

    if (failure->class != FAILURE_RETRY || !transfer->no_progress_timeout)
        return TRUE;
    if (is_retry_excluded_locked(transfer))
        return TRUE;
    if (rules->first_attempts && !worker->has_response && ++worker->attempts >= rules->first_attempts)
        return TRUE;
    deadline = retry_deadline(&worker->retry, transfer->no_progress_timeout);
    *delay = retry_delay(&worker->retry, rules->first_delay, failure->retry_after);
    if (rules->has_retry_delay)
        *delay = get_owner_delay_locked(transfer);
    return rules->fails_on_long_retry_after && failure->retry_after && progress_now() + *delay > deadline;
}

/* Look at the network again later. The attempt does not count as a failed one. */
static void wait_for_network_locked(struct transfer *transfer)
{
    struct transfer_worker *worker = transfer->worker;
    ULONGLONG now = progress_now();

    if (transfer->rules->is_held_offline || failure_is_of_policy(&transfer->failure))
        retry_hold_clock(&worker->retry, now);
    worker->failed_at = now;
    worker->retry_time = now + get_hold_delay(&transfer->failure);
    set_state_locked(transfer, TRANSFER_WAITING);
}

/* Decide what follows an attempt that nobody has cancelled. */
static void finish_locked(struct transfer *transfer, const struct failure *failure)
{
    struct transfer_worker *worker = transfer->worker;
    ULONGLONG delay;

    if (failure->class == FAILURE_NONE)
    {
        set_state_locked(transfer, TRANSFER_DONE);
        return;
    }
    WARN("transfer %p, %s, hr %#lx, status %lu.\n", transfer, debugstr_url(transfer->url), failure->hr,
            failure->http_status);
    worker->last = transfer->failure = *failure;
    if (failure_is_of_policy(failure) || (is_offline(failure) && transfer->no_progress_timeout))
    {
        wait_for_network_locked(transfer);
        return;
    }
    transfer->failure_count++;
    if (is_final_locked(transfer, failure, &delay))
    {
        set_state_locked(transfer, TRANSFER_FAILED);
        return;
    }
    worker->failed_at = progress_now();
    worker->retry_time = worker->failed_at + delay;
    set_state_locked(transfer, TRANSFER_WAITING);
}

/* Return FALSE without a slot, or if the transfer is not to run. */
static BOOL begin_attempt_locked(struct transfer *transfer)
{
    struct transfer_worker *worker = transfer->worker;

    if ((transfer->state != TRANSFER_QUEUED && transfer->state != TRANSFER_RUNNING) || !worker->slot.has_slot)
        return FALSE;
    worker->is_superseded = FALSE;
    http_cancel_reset(&worker->cancel);
    return TRUE;
}

/* Give up the slot, before the owner hears of the end and perhaps runs another transfer. FALSE if another transfer has
 * taken the slot, which is no failure. */
static BOOL end_attempt(struct transfer_worker *worker, const struct failure *failure)
{
    BOOL ret;

    AcquireSRWLockExclusive(&engine_lock);
    if ((ret = !worker->is_superseded || failure->class != FAILURE_RETRY))
        scheduler_drop(&scheduler, &worker->slot);
    ReleaseSRWLockExclusive(&engine_lock);
    return ret;
}

/* Return S_OK, or why the transfer has to wait. */
static HRESULT check_cost_locked(const struct transfer *transfer)
{
    return local_file_is_source(transfer->url) ? S_OK
            : network_check_cost(&transfer->cost, transfer->is_foreground);
}

/* End an attempt because of a condition; the worker notices. */
static void hold_locked(struct transfer *transfer, HRESULT hr)
{
    struct transfer_worker *worker = transfer->worker;

    TRACE("transfer %p, hr %#lx.\n", transfer, hr);
    worker->held = hr;
    http_cancel_set(&worker->cancel);
    callbacks->cut_extra_connections(worker, 0);
}

/* Work as long as no condition forbids it, with the lock left meanwhile. */
static struct failure perform_locked(struct transfer *transfer, struct thread *thread)
{
    struct transfer_worker *worker = transfer->worker;
    struct failure failure;

    if (FAILED(worker->held = check_cost_locked(transfer)))
        return failure_from_hresult(worker->held);
    ReleaseSRWLockExclusive(transfer->lock);
    thread->is_busy = TRUE;
    failure = callbacks->perform(transfer, &thread->buffer);
    thread->is_busy = FALSE;
    AcquireSRWLockExclusive(transfer->lock);
    if (failure.class == FAILURE_RETRY && FAILED(worker->held))
        failure = failure_from_hresult(worker->held);
    return failure;
}

/* Make one attempt, with the lock left meanwhile. */
static void attempt_locked(struct transfer *transfer, struct thread *thread)
{
    struct transfer_worker *worker = transfer->worker;
    struct failure failure;

    /* The no-progress clock does not run in the queue. */
    if (transfer->state == TRANSFER_QUEUED)
        retry_restart_clock(&worker->retry, progress_now());
    worker->is_rerun = FALSE;
    set_state_locked(transfer, TRANSFER_RUNNING);
    AcquireSRWLockExclusive(&engine_lock);
    set_due(worker, get_due_locked(transfer));
    ReleaseSRWLockExclusive(&engine_lock);

    failure = perform_locked(transfer, thread);
    if (transfer->state == TRANSFER_RUNNING && !worker->is_rerun)
    {
        if (end_attempt(worker, &failure))
            finish_locked(transfer, &failure);
    }
    else if (transfer->state == TRANSFER_IDLE && worker->target->is_complete)
        set_state_locked(transfer, TRANSFER_DONE); /* the cancellation came too late */
}

/* Let the worker leave a transfer that needs it no more. Called with the engine's lock, too. */
static void rest_locked(struct transfer *transfer)
{
    struct transfer_worker *worker = transfer->worker;

    scheduler_end(&scheduler, &worker->slot);
    if (worker->slot.is_queued)
    {
        set_phase(worker, WORKER_QUEUED);
    }
    else if (transfer->state == TRANSFER_WAITING)
    {
        set_phase(worker, WORKER_WAITING);
        set_due(worker, get_due_locked(transfer));
    }
    else
    {
        forget(worker);
    }
    schedule();
}

/* Make attempts as long as the transfer has a slot. */
static void work_on(struct transfer *transfer, struct thread *thread)
{
    struct transfer_worker *worker = transfer->worker;
    BOOL is_out;

    AcquireSRWLockExclusive(transfer->lock);
    AcquireSRWLockExclusive(&engine_lock);
    while (begin_attempt_locked(transfer))
    {
        ReleaseSRWLockExclusive(&engine_lock);
        if (thread->successor)
            SubmitThreadpoolWork(thread->successor->work);
        thread->successor = NULL;
        attempt_locked(transfer, thread);
        AcquireSRWLockExclusive(&engine_lock);
    }
    rest_locked(transfer);
    is_out = worker->phase == WORKER_OUT;
    ReleaseSRWLockExclusive(&engine_lock);
    if (transfer->state == TRANSFER_RUNNING)
        set_state_locked(transfer, TRANSFER_QUEUED);
    ReleaseSRWLockExclusive(transfer->lock);
    WakeAllConditionVariable(&worker_left);
    if (is_out)
        transfer->ops->release(transfer);
}

static void CALLBACK worker_proc(TP_CALLBACK_INSTANCE *instance, void *context, TP_WORK *work)
{
    struct transfer *transfer = context;
    struct thread thread = {0};
    struct transfer_worker *worker;

    CallbackMayRunLong(instance);
    TlsSetValue(thread_index, &thread);
    for (worker = transfer->worker; worker; worker = thread.successor)
    {
        thread.successor = NULL;
        work_on(worker->transfer, &thread);
    }
    TlsSetValue(thread_index, NULL);
    pages_free(thread.buffer);
}

static void CALLBACK reaper_proc(TP_CALLBACK_INSTANCE *instance, void *context, TP_WORK *work)
{
    struct transfer_worker *worker;
    struct list *entry;

    for (;;)
    {
        AcquireSRWLockExclusive(&engine_lock);
        if (!(entry = list_head(&workers[WORKER_LEAVING])))
            break;
        worker = LIST_ENTRY(entry, struct transfer_worker, entry);
        forget(worker);
        ReleaseSRWLockExclusive(&engine_lock);
        worker->transfer->ops->release(worker->transfer);
    }
    ReleaseSRWLockExclusive(&engine_lock);
}

static void fail_no_progress_locked(struct transfer *transfer)
{
    struct failure failure = transfer->worker->last;

    /* Keep the error of a stream that cannot go back: the client has to set another one. So is that of hashes that are
     * not to be had. */
    if (failure.hr != DO_E_BAD_INCOMING_DATA && failure.hr != DO_E_INTEGRITYCHECKINFO_UNAVAILABLE)
    {
        failure.underlying = failure.hr;
        failure.hr = DO_E_DOWNLOAD_NO_PROGRESS;
    }
    if (failure.class == FAILURE_NONE)
        failure.source = SOURCE_REMOTE;
    failure.class = FAILURE_FATAL;
    engine_fail_locked(transfer, &failure);
}

/* Look whether the time of a transfer is over; the timer may have expired too early. */
static void check_time_locked(struct transfer *transfer, BOOL is_online, ULONGLONG now)
{
    struct transfer_worker *worker = transfer->worker;
    BOOL has_slot, is_over;
    HRESULT hr;

    if (transfer->state != TRANSFER_RUNNING && transfer->state != TRANSFER_WAITING)
        return;
    if (transfer->state == TRANSFER_RUNNING && transfer_get_active_ms_locked(transfer) >= transfer->max_active_ms)
    {
        const struct failure failure = { FAILURE_FATAL, BG_E_MAXDOWNLOAD_TIMEOUT };

        engine_fail_locked(transfer, &failure);
        return;
    }
    if (retry_deadline(&worker->retry, transfer->no_progress_timeout) <= now
            || (transfer->state == TRANSFER_WAITING && !failure_is_of_policy(&transfer->failure)
            && is_retry_excluded_locked(transfer)))
    {
        fail_no_progress_locked(transfer);
        return;
    }
    is_over = transfer->state == TRANSFER_WAITING && worker->retry_time <= now;
    if (is_over && !is_online)
    {
        worker->retry_time = now + get_hold_delay(&transfer->failure);
        is_over = FALSE;
    }
    if (transfer->state == TRANSFER_RUNNING && FAILED(hr = check_cost_locked(transfer)))
        hold_locked(transfer, hr);
    if (is_over)
        retry_release_clock(&worker->retry, now);
    AcquireSRWLockExclusive(&engine_lock);
    if (is_over)
        enqueue(worker);
    else
        set_due(worker, get_due_locked(transfer));
    has_slot = worker->slot.has_slot;
    ReleaseSRWLockExclusive(&engine_lock);
    if (is_over)
        set_state_locked(transfer, has_slot ? TRANSFER_RUNNING : TRANSFER_QUEUED);
}

/* Return FALSE if the transfer waits for the network, and still has to. Called without the lock: to look at the network
 * takes a while. */
static BOOL is_network_ready(struct transfer *transfer)
{
    BOOL is_without, is_blocked, is_waiting;

    AcquireSRWLockShared(transfer->lock);
    is_waiting = transfer->state == TRANSFER_WAITING;
    is_without = is_waiting && is_offline(&transfer->failure);
    is_blocked = is_waiting && failure_is_of_policy(&transfer->failure) && FAILED(check_cost_locked(transfer));
    ReleaseSRWLockShared(transfer->lock);
    return !is_blocked && (!is_without || network_is_present());
}

/* Have all transfers looked at if the cost of the network has changed, or the battery. */
static void look_at_cost(void)
{
    static struct cost former; /* guarded by engine_lock */
    struct cost cost = network_get_cost();
    struct transfer_worker *worker;

    AcquireSRWLockExclusive(&engine_lock);
    if (memcmp(&cost, &former, sizeof(cost)))
    {
        LIST_FOR_EACH_ENTRY(worker, &workers[WORKER_ACTIVE], struct transfer_worker, entry)
            worker->due = 0;
    }
    former = cost;
    ReleaseSRWLockExclusive(&engine_lock);
}

static void CALLBACK timer_proc(TP_CALLBACK_INSTANCE *instance, void *context, TP_TIMER *tp_timer)
{
    ULONGLONG now = progress_now(), next;
    struct transfer_worker *worker;
    struct transfer *transfer;
    BOOL is_online;

    look_at_cost();
    for (;;)
    {
        next = NEVER;
        AcquireSRWLockExclusive(&engine_lock);
        if (!(worker = find_due(&workers[WORKER_ACTIVE], now, &next))
                && !(worker = find_due(&workers[WORKER_WAITING], now, &next)))
            break;
        worker->due = NEVER;
        transfer = worker->transfer;
        transfer->ops->addref(transfer);
        ReleaseSRWLockExclusive(&engine_lock);

        is_online = is_network_ready(transfer);
        AcquireSRWLockExclusive(transfer->lock);
        check_time_locked(transfer, is_online, now);
        ReleaseSRWLockExclusive(transfer->lock);
        transfer->ops->release(transfer);
    }
    armed = NEVER;
    if (!list_empty(&workers[WORKER_ACTIVE]) || !list_empty(&workers[WORKER_WAITING]))
        arm_timer(min(next, now + PROGRESS_TICK));
    schedule();
    ReleaseSRWLockExclusive(&engine_lock);
}

static void destroy_pool(void)
{
    timer_close(timer);
    if (reaper)
    {
        WaitForThreadpoolWorkCallbacks(reaper, FALSE);
        CloseThreadpoolWork(reaper);
    }
    if (pool)
        CloseThreadpool(pool);
    timer = NULL;
    reaper = NULL;
    pool = NULL;
}

HRESULT engine_init(const struct engine_callbacks *transfer_calls)
{
    DWORD error;
    UINT i;

    callbacks = transfer_calls;
    scheduler_init(&scheduler);
    for (i = 0; i < ARRAY_SIZE(workers); i++)
        list_init(&workers[i]);

    /* The timer has no thread of the pool, for workers block theirs. */
    pool = CreateThreadpool(NULL);
    timer = CreateThreadpoolTimer(timer_proc, NULL, NULL);
    reaper = CreateThreadpoolWork(reaper_proc, NULL, NULL);
    error = pool && timer && reaper ? transport_init() : ERROR_OUTOFMEMORY;
    if (error)
    {
        destroy_pool();
        return HRESULT_FROM_WIN32(error);
    }
    if (thread_index == TLS_OUT_OF_INDEXES)
        thread_index = TlsAlloc();
    SetThreadpoolThreadMaximum(pool, THREADS_MAX);
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackPool(&environment, pool);
    is_accepting = TRUE;
    return S_OK;
}

/* Called with engine_lock held, which it leaves meanwhile. */
static void cancel_all(void)
{
    struct list doomed = LIST_INIT(doomed), *entry;
    struct transfer_worker *worker;
    struct transfer *transfer;

    list_move_tail(&doomed, &workers[WORKER_QUEUED]);
    list_move_tail(&doomed, &workers[WORKER_WAITING]);
    list_move_tail(&doomed, &workers[WORKER_ACTIVE]);
    while ((entry = list_head(&doomed)))
    {
        worker = LIST_ENTRY(entry, struct transfer_worker, entry);
        transfer = worker->transfer;
        list_remove(entry);
        list_add_tail(&workers[worker->phase], entry);
        transfer->ops->addref(transfer);
        ReleaseSRWLockExclusive(&engine_lock);

        AcquireSRWLockExclusive(transfer->lock);
        engine_cancel_locked(transfer);
        ReleaseSRWLockExclusive(transfer->lock);
        transfer->ops->release(transfer);
        AcquireSRWLockExclusive(&engine_lock);
    }
}

void engine_refuse(void)
{
    AcquireSRWLockExclusive(&engine_lock);
    is_accepting = FALSE;
    ReleaseSRWLockExclusive(&engine_lock);
}

void engine_shutdown(void)
{
    BOOL is_in_time = TRUE;

    TRACE("\n");
    engine_refuse();
    AcquireSRWLockExclusive(&engine_lock);
    cancel_all();
    while (!list_empty(&scheduler.threads) && is_in_time)
        is_in_time = SleepConditionVariableSRW(&worker_left, &engine_lock, SHUTDOWN_LIMIT, 0);
    is_in_time = list_empty(&scheduler.threads);
    ReleaseSRWLockExclusive(&engine_lock);
    if (!is_in_time)
    {
        /* Keep what they use; the process is about to end. */
        WARN("some workers are kept by clients in their streams.\n");
        return;
    }
    destroy_pool();
    DestroyThreadpoolEnvironment(&environment);
    transport_cleanup();
}

BOOL engine_attach(struct transfer *transfer)
{
    return !!(transfer->worker->work = CreateThreadpoolWork(worker_proc, transfer, &environment));
}

void engine_detach(struct transfer *transfer)
{
    assert(transfer->worker->phase == WORKER_OUT);
    if (transfer->worker->work)
        CloseThreadpoolWork(transfer->worker->work);
}
