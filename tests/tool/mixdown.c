/*
 * Downloads in all states, and a service that dies at any moment
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

/* mix-downloads URL SOURCE FOLDER STOP: as mix, with downloads. Every second one
 * is NonVolatile: after each death it must be there in a state that follows
 * from the last call. The others must be gone, and so must every temporary file
 * that does not belong to a download that is there. */

#include "testtool.h"

#define DOWNLOADS 20
#define LIMIT     60000 /* milliseconds */
#define STATE(state) (1u << DODownloadState_##state)
#define GONE      (1u << 31)

/* What a download may do by itself after Start. */
#define RUNNING (STATE(Transferring) | STATE(Transferred))

struct slot
{
    IDODownload *download; /* NULL if there is none, or not now */
    WCHAR id[40];
    WCHAR path[MAX_PATH];
    unsigned int states;   /* that are right; GONE: it may be missing */
    BOOL is_lasting;
    BOOL is_ready;         /* URL and path are set */
    BOOL is_finalizing;    /* Finalize was called */
};

static struct slot slots[DOWNLOADS];
static IDOManager *manager;
static const WCHAR *url, *source, *folder;
static unsigned int deaths, finalized, aborted, wrong;

static void complain(const struct slot *slot, const char *what, HRESULT hr)
{
    printf("download %u: %s, %#lx, expected states %#x\n", (unsigned int)(slot - slots), what, hr, slot->states);
    wrong++;
}

static unsigned int get_state(struct slot *slot, HRESULT *hr)
{
    DO_DOWNLOAD_STATUS status;

    if (FAILED(*hr = IDODownload_GetStatus(slot->download, &status)))
        return 0;
    if (status.Error || status.ExtendedError)
        complain(slot, "an error", status.Error ? status.Error : status.ExtendedError);
    return 1u << status.State;
}

static void forget(struct slot *slot)
{
    if (slot->download)
        IDODownload_Release(slot->download);
    slot->download = NULL;
    slot->states = 0;
    slot->is_ready = slot->is_finalizing = FALSE;
    /* What was finalized is right, or was never there. */
    if (exists(slot->path) && !are_equal(slot->path, source))
        complain(slot, "the file is wrong", 0);
    DeleteFileW(slot->path);
}

static HRESULT find(const WCHAR *id, IDODownload **download)
{
    DO_DOWNLOAD_ENUM_CATEGORY category = { DODownloadProperty_Id, id };
    IEnumUnknown *enumerator;
    IUnknown *unknown;
    ULONG count = 0;
    HRESULT hr;

    *download = NULL;
    if (FAILED(hr = IDOManager_EnumDownloads(manager, &category, &enumerator)))
        return hr;
    if (SUCCEEDED(hr = IEnumUnknown_Next(enumerator, 1, &unknown, &count)) && count)
    {
        hr = IUnknown_QueryInterface(unknown, &IID_IDODownload, (void **)download);
        IUnknown_Release(unknown);
    }
    IEnumUnknown_Release(enumerator);
    return hr;
}

static void check_slot(struct slot *slot)
{
    unsigned int state;
    HRESULT hr;

    hr = find(slot->id, &slot->download);
    if (hr == DO_E_NO_DOWNLOADS)
    {
        if (!(slot->states & GONE))
            complain(slot, "not there", hr);
        else if (slot->is_finalizing && slot->is_lasting && !exists(slot->path))
            complain(slot, "finalized without a file", hr);
        forget(slot);
        return;
    }
    if (FAILED(hr))
    {
        if (!is_death(hr))
            complain(slot, "EnumDownloads fails", hr);
        return;
    }
    if (!slot->is_lasting)
        complain(slot, "still there", hr);
    state = get_state(slot, &hr);
    if (FAILED(hr))
        return;
    if (!(state & slot->states))
        complain(slot, "in another state", state);
    slot->states = state == STATE(Transferring) ? RUNNING : state;
    slot->is_finalizing = FALSE;
}

static unsigned int count_temporary_files(void)
{
    WCHAR pattern[MAX_PATH];
    WIN32_FIND_DATAW data;
    unsigned int count = 0;
    HANDLE handle;

    swprintf(pattern, MAX_PATH, L"%ls\\DO*.tmp", folder);
    if ((handle = FindFirstFileW(pattern, &data)) == INVALID_HANDLE_VALUE)
        return 0;
    do
        ++count;
    while (FindNextFileW(handle, &data));
    FindClose(handle);
    return count;
}

/* Nobody calls meanwhile: what is there belongs to what is begun. */
static void check_files(void)
{
    unsigned int i, begun = 0, count = count_temporary_files();

    for (i = 0; i < DOWNLOADS; ++i)
        begun += slots[i].states && slots[i].states != STATE(Created);
    if (count == begun)
        return;
    printf("%u temporary files, %u downloads that are begun\n", count, begun);
    wrong++;
}

/* Pick up everything again after the service has died. */
static BOOL reconnect(void)
{
    DWORD end = GetTickCount() + LIMIT;
    unsigned int i, done = 0;

    ++deaths;
    for (i = 0; i < DOWNLOADS; ++i)
    {
        if (slots[i].states && !slots[i].is_lasting)
            slots[i].states = GONE;
    }
    while (!done)
    {
        if ((LONG)(end - GetTickCount()) <= 0)
        {
            printf("the service does not come back\n");
            wrong++;
            return FALSE;
        }
        if (manager)
            IDOManager_Release(manager);
        manager = NULL;
        if (FAILED(CoCreateInstance(&CLSID_DeliveryOptimization, NULL, CLSCTX_LOCAL_SERVER, &IID_IDOManager,
                (void **)&manager)))
            continue;
        for (i = 0, done = 1; i < DOWNLOADS; ++i)
        {
            if (slots[i].download)
                IDODownload_Release(slots[i].download);
            slots[i].download = NULL;
            if (!slots[i].states)
                continue;
            check_slot(&slots[i]);
            done &= !slots[i].states || slots[i].download;
        }
        deaths += !done;
    }
    check_files();
    return TRUE;
}

/* A call from one state into others. If nobody answers, it has happened or not. */
static HRESULT settle(struct slot *slot, HRESULT hr, unsigned int states)
{
    if (is_death(hr))
        slot->states |= states;
    else if (FAILED(hr))
        complain(slot, "a call fails", hr);
    else
        slot->states = states;
    return hr;
}

static HRESULT begin_download(struct slot *slot)
{
    VARIANT value;
    HRESULT hr;

    if (FAILED(hr = IDOManager_CreateDownload(manager, &slot->download)))
        return hr;
    VariantInit(&value);
    if (FAILED(hr = IDODownload_GetProperty(slot->download, DODownloadProperty_Id, &value)))
    {
        /* Nobody has heard of it. */
        IDODownload_Release(slot->download);
        slot->download = NULL;
        return hr;
    }
    wcscpy(slot->id, V_BSTR(&value));
    VariantClear(&value);
    slot->is_lasting = (slot - slots) % 2;
    slot->states = GONE;
    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = slot->is_lasting ? VARIANT_TRUE : VARIANT_FALSE;
    return settle(slot, IDODownload_SetProperty(slot->download, DODownloadProperty_NonVolatile, &value),
            STATE(Created));
}

static HRESULT finalize(struct slot *slot)
{
    HRESULT hr;

    slot->is_finalizing = TRUE;
    hr = settle(slot, IDODownload_Finalize(slot->download), GONE | STATE(Transferred));
    if (FAILED(hr))
        return hr;
    finalized++;
    if (!are_equal(slot->path, source))
        complain(slot, "the finalized file is wrong", 0);
    forget(slot);
    return hr;
}

static HRESULT work(struct slot *slot)
{
    unsigned int state;
    HRESULT hr;

    if (!slot->states)
        return begin_download(slot);
    if (!slot->is_ready)
    {
        if (SUCCEEDED(hr = settle(slot, set_string(slot->download, DODownloadProperty_Uri, url), slot->states))
                && SUCCEEDED(hr = settle(slot, set_string(slot->download, DODownloadProperty_LocalPath, slot->path),
                slot->states)))
            slot->is_ready = TRUE;
        return hr;
    }
    state = get_state(slot, &hr);
    if (FAILED(hr))
        return hr;
    if (!(state & slot->states))
        complain(slot, "in another state while running", state);
    if (rand() % 8 == 0)
    {
        if (SUCCEEDED(hr = settle(slot, IDODownload_Abort(slot->download), GONE)))
        {
            aborted++;
            if (exists(slot->path))
                complain(slot, "aborted, and there is a file", 0);
            forget(slot);
        }
        return hr;
    }
    if (state == STATE(Transferred))
        return finalize(slot);
    if (state == STATE(Created) || state == STATE(Paused))
        return settle(slot, IDODownload_Start(slot->download, NULL), RUNNING);
    if (rand() % 3 == 0)
        return settle(slot, IDODownload_Pause(slot->download), STATE(Paused) | STATE(Transferred));
    return S_OK;
}

/* To the end. The service may still die where it was told to. */
static HRESULT finish(struct slot *slot)
{
    DWORD end = GetTickCount() + LIMIT;
    unsigned int state;
    HRESULT hr = S_OK;

    if (!slot->states)
        return S_OK;
    if (slot->is_ready && SUCCEEDED(hr = IDODownload_Start(slot->download, NULL)))
    {
        slot->states = RUNNING;
        while ((state = get_state(slot, &hr)) != STATE(Transferred) && SUCCEEDED(hr)
                && (LONG)(end - GetTickCount()) > 0)
            Sleep(20);
        if (state == STATE(Transferred))
            hr = finalize(slot);
        else if (SUCCEEDED(hr))
            complain(slot, "does not end", hr);
    }
    else if (SUCCEEDED(hr) && SUCCEEDED(hr = settle(slot, IDODownload_Abort(slot->download), GONE)))
    {
        forget(slot);
    }
    if (FAILED(hr) && !is_death(hr))
        complain(slot, "cannot be finished", hr);
    return hr;
}

int mix_downloads(int argc, WCHAR **argv)
{
    unsigned int i, calls = 0;

    url = argv[0];
    source = argv[1];
    folder = argv[2];
    for (i = 0; i < DOWNLOADS; ++i)
        swprintf(slots[i].path, MAX_PATH, L"%ls\\%u.bin", folder, i);
    srand(GetTickCount());
    /* As if it had died before. */
    if (!reconnect())
        return 1;
    deaths = 0;
    while (!exists(argv[3]))
    {
        ++calls;
        if (is_death(work(&slots[rand() % DOWNLOADS])) && !reconnect())
            break;
    }
    for (i = 0; i < DOWNLOADS && manager; ++i)
    {
        while (is_death(finish(&slots[i])) && reconnect())
            ;
    }
    check_files();
    printf("%u calls, %u deaths, %u finalized, %u aborted, %u wrong\n", calls, deaths, finalized, aborted, wrong);
    return wrong || !manager || !finalized;
}
