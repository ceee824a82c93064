/*
 * Jobs or downloads at work while somebody kills the service
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

/* URL SOURCE FOLDER STOP [MARKS [PAUSE]]: works on what fetches URL into FOLDER, until the
 * file STOP exists; then completes all. After each death of the service all that
 * outlives it must be there in a state that follows from the last call, and
 * nothing else. What is completed must equal SOURCE. Prints what is wrong, and
 * a summary. Each file that is made in MARKS, a folder unless it is "", tells a trace of
 * the system calls what the service has promised by then (tests/crash/replay). With
 * PAUSE, milliseconds between calls, the summary so far is printed every few seconds. */

#include "mix.h"

#define LIMIT   60000 /* milliseconds */
#define SUMMARY 5000  /* milliseconds between summaries */

struct mixture mixture;

void complain(const struct slot *slot, const char *what, HRESULT hr)
{
    printf("%s %u: %s, %#lx, expected states %#x\n", mixture.ops->name, (unsigned int)(slot - mixture.slots), what, hr,
            slot->states);
    mixture.wrong++;
}

HRESULT settle(struct slot *slot, HRESULT hr, unsigned int states)
{
    if (is_death(hr))
        slot->states |= states;
    else if (FAILED(hr))
        complain(slot, "a call fails", hr);
    else
        slot->states = states;
    return hr;
}

static void release(IUnknown **unknown)
{
    if (*unknown)
        IUnknown_Release(*unknown);
    *unknown = NULL;
}

/* Make the file MARKS\{id}-EVENT-NAME. */
static void mark(const struct slot *slot, const WCHAR *event)
{
    WCHAR path[MAX_PATH], id[40];

    if (!mixture.marks || !slot->is_lasting)
        return;
    StringFromGUID2(&slot->id, id, ARRAYSIZE(id));
    swprintf(path, MAX_PATH, L"%ls\\%ls-%ls-%u.bin", mixture.marks, id, event, (unsigned int)(slot - mixture.slots));
    CloseHandle(CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL));
}

static void forget(struct slot *slot)
{
    mark(slot, L"forgotten");
    release(&slot->object);
    slot->states = 0;
    slot->is_ready = slot->is_adding = slot->is_completing = FALSE;
    /* What was completed is right, or was never there. */
    if (exists(slot->path) && !are_equal(slot->path, mixture.source))
        complain(slot, "the file is wrong", 0);
    DeleteFileW(slot->path);
}

static void check_slot(struct slot *slot)
{
    const struct mix_ops *ops = mixture.ops;
    unsigned int state;
    HRESULT hr;

    if ((hr = ops->find(slot)) == S_FALSE)
    {
        if (!(slot->states & GONE))
            complain(slot, "not there", hr);
        else if (slot->is_completing && slot->is_lasting && !exists(slot->path))
            complain(slot, "completed without a file", hr);
        forget(slot);
        return;
    }
    if (FAILED(hr))
    {
        if (!is_death(hr))
            complain(slot, "cannot be found", hr);
        return;
    }
    if (!slot->is_lasting)
        complain(slot, "still there", hr);
    if (FAILED(ops->get_state(slot, &state)))
        return;
    if (!(state & slot->states))
        complain(slot, "in another state", state);
    if (ops->check && FAILED(ops->check(slot)))
        return;
    /* That it is done may be shown before it is on disk. */
    slot->states = state & (ops->unfinished | ops->done) ? ops->running : state;
    slot->is_completing = FALSE;
}

/* FALSE if the service has died meanwhile. */
static BOOL check_slots(void)
{
    BOOL ret = TRUE;
    unsigned int i;

    for (i = 0; i < SLOTS; ++i)
    {
        struct slot *slot = &mixture.slots[i];

        if (!slot->states)
            continue;
        check_slot(slot);
        ret &= !slot->states || slot->object;
    }
    return ret && mixture.ops->check_all();
}

/* Pick up everything again after the service has died. */
static BOOL reconnect(void)
{
    DWORD end = GetTickCount() + LIMIT;
    BOOL is_done = FALSE;
    unsigned int i;

    mixture.deaths++;
    for (i = 0; i < SLOTS; ++i)
    {
        if (mixture.slots[i].states && !mixture.slots[i].is_lasting)
            mixture.slots[i].states = GONE;
    }
    while (!is_done)
    {
        if ((LONG)(end - GetTickCount()) <= 0)
        {
            printf("the service does not come back\n");
            mixture.wrong++;
            return FALSE;
        }
        release(&mixture.manager);
        if (FAILED(CoCreateInstance(get_clsid(), NULL, CLSCTX_LOCAL_SERVER, mixture.ops->iid,
                (void **)&mixture.manager)))
            continue;
        end = GetTickCount() + LIMIT;
        for (i = 0; i < SLOTS; ++i)
            release(&mixture.slots[i].object);
        is_done = check_slots();
        mixture.deaths += !is_done;
    }
    return TRUE;
}

static HRESULT complete(struct slot *slot)
{
    HRESULT hr;

    slot->is_completing = TRUE;
    mark(slot, L"ending");
    /* When it is broken off, all is as it is when a rename fails. */
    hr = settle(slot, mixture.ops->complete(slot), GONE | mixture.ops->done);
    if (FAILED(hr))
        return hr;
    mixture.completed++;
    mark(slot, L"completed");
    if (!are_equal(slot->path, mixture.source))
        complain(slot, "the completed file is wrong", 0);
    forget(slot);
    return hr;
}

static HRESULT cancel(struct slot *slot)
{
    HRESULT hr;

    mark(slot, L"ending");
    if (FAILED(hr = settle(slot, mixture.ops->cancel(slot), GONE)))
        return hr;
    mixture.cancelled++;
    if (exists(slot->path))
        complain(slot, "cancelled, and there is a file", 0);
    forget(slot);
    return hr;
}

static HRESULT stop(struct slot *slot)
{
    const struct mix_ops *ops = mixture.ops;
    unsigned int state;
    HRESULT hr;

    if (FAILED(hr = settle(slot, ops->stop(slot), ops->stopped | ops->done)))
        return hr;
    /* That it is done may be shown before it is on disk: it may have to get there once more. */
    if (FAILED(hr = ops->get_state(slot, &state)) || state & ops->unfinished)
        slot->states |= ops->running;
    return hr;
}

static HRESULT create(struct slot *slot)
{
    HRESULT hr;

    if (SUCCEEDED(hr = mixture.ops->create(slot)))
        mark(slot, L"made");
    return hr;
}

static HRESULT work(struct slot *slot)
{
    const struct mix_ops *ops = mixture.ops;
    unsigned int state;
    HRESULT hr;

    if (!slot->states)
        return create(slot);
    if (!slot->is_ready)
        return ops->prepare(slot);
    if (FAILED(hr = ops->get_state(slot, &state)))
        return hr;
    if (!(state & slot->states))
        complain(slot, "in another state while running", state);
    if (rand() % 8 == 0)
        return cancel(slot);
    if (state == ops->done)
        return complete(slot);
    if (state & ops->startable)
        return settle(slot, ops->start(slot), ops->running);
    if (rand() % 3 == 0)
        return stop(slot);
    return S_OK;
}

static HRESULT run_to_end(struct slot *slot)
{
    const struct mix_ops *ops = mixture.ops;
    DWORD end = GetTickCount() + LIMIT;
    unsigned int state;
    HRESULT hr;

    if (FAILED(hr = ops->start(slot)))
        return hr;
    slot->states = ops->running;
    while (SUCCEEDED(hr = ops->get_state(slot, &state)) && state != ops->done)
    {
        if ((LONG)(end - GetTickCount()) <= 0)
        {
            complain(slot, "does not end", hr);
            return hr;
        }
        Sleep(20);
    }
    return FAILED(hr) ? hr : complete(slot);
}

/* The service may still die where it was told to. */
static HRESULT finish(struct slot *slot)
{
    HRESULT hr;

    if (!slot->states)
        return S_OK;
    hr = slot->is_ready ? run_to_end(slot) : cancel(slot);
    if (FAILED(hr) && !is_death(hr))
        complain(slot, "cannot be finished", hr);
    return hr;
}

static void print_summary(void)
{
    printf("%u calls, %u deaths, %u completed, %u cancelled, %u wrong\n", mixture.calls, mixture.deaths,
            mixture.completed, mixture.cancelled, mixture.wrong);
    fflush(stdout);
}

/* Between two calls. */
static void take_break(DWORD pause, DWORD *told)
{
    if (!pause)
        return;
    Sleep(pause);
    if (GetTickCount() - *told < SUMMARY)
        return;
    *told = GetTickCount();
    print_summary();
}

int run_mixture(const struct mix_ops *ops, int argc, WCHAR **argv)
{
    DWORD pause = argc > 5 ? wcstoul(argv[5], NULL, 10) : 0, told = GetTickCount();
    unsigned int i;

    mixture.ops = ops;
    mixture.url = argv[0];
    mixture.source = argv[1];
    mixture.folder = argv[2];
    mixture.marks = argc > 4 && *argv[4] ? argv[4] : NULL;
    for (i = 0; i < SLOTS; ++i)
        swprintf(mixture.slots[i].path, MAX_PATH, L"%ls\\%u.bin", mixture.folder, i);
    srand(GetTickCount());
    /* As if it had died before. */
    if (!reconnect())
        return 1;
    mixture.deaths = 0;
    while (!exists(argv[3]))
    {
        take_break(pause, &told);
        ++mixture.calls;
        if (is_death(work(&mixture.slots[rand() % SLOTS])) && !reconnect())
            break;
    }
    /* The last death may not have shown yet. */
    for (i = 0; i < SLOTS && mixture.manager; ++i)
    {
        while (is_death(finish(&mixture.slots[i])) && reconnect())
            ;
    }
    if (mixture.manager)
        ops->check_all();
    print_summary();
    return mixture.wrong || !mixture.manager || !mixture.completed;
}
