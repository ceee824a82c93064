/*
 * Downloads at work while somebody kills the service
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

/* mix-downloads URL SOURCE FOLDER STOP: see mix.c. Every second one is
 * NonVolatile. After a death the others must be gone, and so must every temporary
 * file that does not belong to a download that is there. */

#include "mix.h"

#define STATE(state) (1u << DODownloadState_##state)

static IDOManager *get_manager(void)
{
    return (IDOManager *)mixture.manager;
}

static IDODownload *get_download(struct slot *slot)
{
    return (IDODownload *)slot->object;
}

static HRESULT find_download(struct slot *slot)
{
    DO_DOWNLOAD_ENUM_CATEGORY category = { DODownloadProperty_Id };
    IEnumUnknown *enumerator;
    IUnknown *unknown;
    ULONG count = 0;
    WCHAR id[40];
    HRESULT hr;

    StringFromGUID2(&slot->id, id, ARRAYSIZE(id));
    category.Value = id;
    hr = IDOManager_EnumDownloads(get_manager(), &category, &enumerator);
    if (FAILED(hr))
        return hr == DO_E_NO_DOWNLOADS ? S_FALSE : hr;
    if (SUCCEEDED(hr = IEnumUnknown_Next(enumerator, 1, &unknown, &count)) && count)
    {
        hr = IUnknown_QueryInterface(unknown, &IID_IDODownload, (void **)&slot->object);
        IUnknown_Release(unknown);
    }
    IEnumUnknown_Release(enumerator);
    return hr;
}

static HRESULT get_download_state(struct slot *slot, unsigned int *state)
{
    DO_DOWNLOAD_STATUS status;
    HRESULT hr;

    if (FAILED(hr = IDODownload_GetStatus(get_download(slot), &status)))
        return hr;
    if (status.Error || status.ExtendedError)
        complain(slot, "an error", status.Error ? status.Error : status.ExtendedError);
    *state = 1u << status.State;
    return hr;
}

static unsigned int count_temporary_files(void)
{
    WCHAR pattern[MAX_PATH];
    WIN32_FIND_DATAW data;
    unsigned int count = 0;
    HANDLE handle;

    swprintf(pattern, MAX_PATH, L"%ls\\DO*.tmp", mixture.folder);
    if ((handle = FindFirstFileW(pattern, &data)) == INVALID_HANDLE_VALUE)
        return 0;
    do
        ++count;
    while (FindNextFileW(handle, &data));
    FindClose(handle);
    return count;
}

/* Nobody calls meanwhile: what is there belongs to what is begun. */
static BOOL check_files(void)
{
    unsigned int i, begun = 0, count = count_temporary_files();

    for (i = 0; i < SLOTS; ++i)
        begun += mixture.slots[i].states && mixture.slots[i].states != STATE(Created);
    if (count != begun)
    {
        printf("%u temporary files, %u downloads that are begun\n", count, begun);
        mixture.wrong++;
    }
    return TRUE;
}

static HRESULT get_id(IDODownload *download, GUID *id)
{
    WCHAR text[40];
    VARIANT value;
    HRESULT hr;

    VariantInit(&value);
    if (FAILED(hr = IDODownload_GetProperty(download, DODownloadProperty_Id, &value)))
        return hr;
    swprintf(text, ARRAYSIZE(text), L"{%ls}", V_BSTR(&value));
    VariantClear(&value);
    return IIDFromString(text, id);
}

static HRESULT create_download(struct slot *slot)
{
    VARIANT value;
    HRESULT hr;

    if (FAILED(hr = IDOManager_CreateDownload(get_manager(), (IDODownload **)&slot->object)))
        return hr;
    if (FAILED(hr = get_id(get_download(slot), &slot->id)))
    {
        /* Nobody has heard of it. */
        IUnknown_Release(slot->object);
        slot->object = NULL;
        return hr;
    }
    slot->is_lasting = (slot - mixture.slots) % 2;
    slot->states = GONE;
    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = slot->is_lasting ? VARIANT_TRUE : VARIANT_FALSE;
    return settle(slot, IDODownload_SetProperty(get_download(slot), DODownloadProperty_NonVolatile, &value),
            STATE(Created));
}

static HRESULT prepare(struct slot *slot)
{
    IDODownload *download = get_download(slot);
    HRESULT hr;

    if (SUCCEEDED(hr = set_string(download, DODownloadProperty_Uri, mixture.url)))
        hr = set_string(download, DODownloadProperty_LocalPath, slot->path);
    slot->is_ready = SUCCEEDED(hr);
    return settle(slot, hr, slot->states);
}

static HRESULT start_download(struct slot *slot)
{
    return IDODownload_Start(get_download(slot), NULL);
}

static HRESULT pause_download(struct slot *slot)
{
    return IDODownload_Pause(get_download(slot));
}

static HRESULT finalize_download(struct slot *slot)
{
    return IDODownload_Finalize(get_download(slot));
}

static HRESULT abort_download(struct slot *slot)
{
    return IDODownload_Abort(get_download(slot));
}

static const struct mix_ops download_ops =
{
    "download",
    &IID_IDOManager,
    .startable = STATE(Created) | STATE(Paused),
    .running = STATE(Transferring) | STATE(Transferred),
    .unfinished = STATE(Transferring),
    .stopped = STATE(Paused),
    .done = STATE(Transferred),
    find_download,
    get_download_state,
    NULL,
    check_files,
    create_download,
    prepare,
    start_download,
    pause_download,
    finalize_download,
    abort_download,
};

int mix_downloads(int argc, WCHAR **argv)
{
    return run_mixture(&download_ops, argc, argv);
}
