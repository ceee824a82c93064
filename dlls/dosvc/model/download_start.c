/*
 * Start: what it checks, makes ready and sets running
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

#include <stdlib.h>

#include "model/download.h"
#include "base/base.h"
#include "base/piece_hash.h"
#include "base/policy.h"
#include "net/request.h"

#include "winhttp.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

static LONGLONG last_serial;

/* Return whether the ranges mean the whole resource. */
static BOOL is_whole(const struct range *ranges, UINT count)
{
    return !count || (count == 1 && !ranges->offset && ranges->length == LENGTH_TO_EOF);
}

static BOOL are_in_force_locked(const struct download *download, const struct range *ranges, UINT count)
{
    const struct transfer *transfer = download->transfer;

    return transfer->wanted_count == count && !memcmp(transfer->wanted, ranges, count * sizeof(*ranges));
}

/* Return whether one could check the file with it. */
static BOOL is_integrity_info_sufficient(const WCHAR *text)
{
    struct integrity_info info;
    BOOL ret;

    ret = text && integrity_info_parse(text, wcslen(text), &info) && integrity_info_is_sufficient(&info);
    if (text)
        integrity_info_clear(&info);
    return ret;
}

/* Check the settings that concern integrity and decryption. */
static HRESULT check_integrity_info_locked(const struct download *download)
{
    const struct download_settings *settings = &download->settings;

    if (settings->is_integrity_mandatory && !is_integrity_info_sufficient(settings->integrity_info))
        return DO_E_INTEGRITYCHECKINFO_UNSPECIFIED;
    /* Bytes that are not decrypted must not pass for the file. */
    return settings->is_encrypted ? E_NOTIMPL : S_OK;
}

/* Return an error if the mode of Delivery Optimization forbids downloads, and that shall be obeyed. Tools that set this
 * mode mean to save bandwidth; Windows then leaves the user without programs. */
static HRESULT check_mode(void)
{
    static LONG is_noted;
    DWORD mode, is_strict;

    if (!policy_get_number(POLICY_DOWNLOAD_MODE, &mode) || mode != POLICY_MODE_BYPASS)
        return S_OK;
    if (policy_get_number(POLICY_STRICT_BYPASS_MODE, &is_strict) && is_strict)
        return DO_E_NO_DOWNLOAD_EXTSETTINGS;
    if (!InterlockedExchange(&is_noted, TRUE))
        WARN("DODownloadMode %lu is treated as %u.\n", mode, POLICY_MODE_SIMPLE);
    return S_OK;
}

/* S_FALSE: nothing is to be done. */
static HRESULT check_start_locked(const struct download *download, enum start_mode mode, const struct range *ranges,
        UINT count)
{
    const struct download_settings *settings = &download->settings;
    HRESULT hr;

    if (mode == START_AGAIN && (download->state == DODownloadState_Transferring
            || download->state == DODownloadState_Transferred))
        return S_FALSE;
    if (!download_can_start_locked(download))
    {
        if (download->state == DODownloadState_Transferring && are_in_force_locked(download, ranges, count))
            return S_FALSE;
        return DO_E_INVALID_STATE;
    }
    if (!settings->uri)
        return DO_E_DOWNLOAD_NO_URI;
    if (!settings->path && !download->stream)
        return DO_E_FILE_DOWNLOADSINK_UNSPECIFIED;
    if (count > DOWNLOAD_RANGES_MAX)
        return E_INVALIDARG;
    if (FAILED(hr = ranges_validate(ranges, count, SIZE_UNKNOWN)) || FAILED(hr = check_mode()))
        return hr;
    return check_integrity_info_locked(download);
}

/* Make the sink ready; without the lock, but with the operation lock held. */
static HRESULT prepare_sink(struct download *download, BOOL is_new)
{
    struct sink *sink;
    HRESULT hr = S_OK;
    WCHAR *path;

    if (download->stream)
    {
        if (!is_new && !download->is_stream_new)
            return S_OK;
        if (FAILED(hr = stream_sink_create(download->stream, FALSE, &sink)))
            return hr;
        if (SUCCEEDED(hr = transfer_set_stream(download->transfer, sink)))
            download->is_stream_new = FALSE;
        return hr;
    }
    if (download->state != DODownloadState_Created)
        return S_OK;
    if (!(path = make_full_path(download->settings.path)))
        return E_OUTOFMEMORY;
    AcquireSRWLockExclusive(&download->lock);
    if (SUCCEEDED(hr = transfer_set_path_locked(download->transfer, path)))
    {
        download->transfer->is_passing = !download->settings.is_non_volatile;
        download_save_locked(download);
    }
    ReleaseSRWLockExclusive(&download->lock);
    free(path);
    if (FAILED(hr) || FAILED(hr = store_sync(&download->item)))
        return hr;
    crash_point("a file to be made");
    return transfer_prepare(download->transfer);
}

#define OPTION_SENT(name) .name = settings->name,
#define OPTION_LOCAL(name)
#define SETTING_OPTION(name, property, type, form, number, sent, ...) OPTION_##sent(name)

static HRESULT set_request_locked(struct download *download)
{
    const struct download_settings *settings = &download->settings;
    struct transfer_options options =
    {
        DOWNLOAD_SETTINGS(SETTING_OPTION)
        .certificate = settings->certificate,
        .certificate_size = settings->certificate_size,
    };
    HRESULT hr;

    /* The check of revocation voids what else is set (download-api 4). */
    if (options.security_flags & WINHTTP_ENABLE_SSL_REVOCATION)
        options.security_flags = WINHTTP_ENABLE_SSL_REVOCATION;
    if (FAILED(hr = transfer_set_url_locked(download->transfer, settings->uri)))
        return hr;
    if (FAILED(hr = transfer_set_integrity_locked(download->transfer, settings->integrity_info,
            settings->is_integrity_mandatory)))
        return hr;
    return transfer_set_options_locked(download->transfer, &options);
}

static HRESULT run_locked(struct download *download)
{
    HRESULT hr;

    if (FAILED(hr = engine_run_locked(download->transfer)))
        return hr;
    download->start_serial = InterlockedIncrement64(&last_serial);
    download_set_status_locked(download, DODownloadState_Transferring, S_OK, S_OK);
    if (download->transfer->state == TRANSFER_DONE)
        download_set_status_locked(download, DODownloadState_Transferred, S_OK, S_OK);
    return S_OK;
}

/* Run the transfer from a state that allows it, with everything checked. The caller holds the operation lock. */
static HRESULT begin_run(struct download *download, enum start_mode mode, const struct range *ranges, UINT count)
{
    UINT64 client = client_get_current_serial();
    HRESULT hr;

    /* Stop a transfer that waits for a condition to pass. */
    AcquireSRWLockExclusive(&download->lock);
    engine_cancel_locked(download->transfer);
    ReleaseSRWLockExclusive(&download->lock);

    if (FAILED(hr = prepare_sink(download, mode != START_AGAIN)))
        return hr;
    AcquireSRWLockExclusive(&download->lock);
    download->transfer->client = client;
    download->ending = DOWNLOAD_NOT_ENDING; /* a Finalize that has failed may be recorded still */
    if (mode != START_AGAIN)
        hr = transfer_set_ranges_locked(download->transfer, ranges, count);
    if (SUCCEEDED(hr) && SUCCEEDED(hr = set_request_locked(download)))
        hr = run_locked(download);
    ReleaseSRWLockExclusive(&download->lock);
    return hr;
}

/* Return whether the download waits for a condition that passes by itself, such as a network. */
static BOOL is_waiting(const DO_DOWNLOAD_STATUS *status)
{
    return status->State == DODownloadState_Paused && SUCCEEDED(status->Error) && FAILED(status->ExtendedError);
}

/* Stop a download whose record cannot say that it runs, unless it would have run on anyway. The caller holds the
 * operation lock. */
static void undo_run(struct download *download, const DO_DOWNLOAD_STATUS *former, HRESULT hr)
{
    if (is_waiting(former))
        return;
    AcquireSRWLockExclusive(&download->lock);
    if (download_is_following_locked(download))
    {
        /* Other bytes are wanted now than those that were Transferred. */
        if (former->State == DODownloadState_Transferred)
            download_set_status_locked(download, DODownloadState_Paused, hr, S_OK);
        else
            download_set_status_locked(download, former->State, former->Error, former->ExtendedError);
        engine_cancel_locked(download->transfer);
    }
    ReleaseSRWLockExclusive(&download->lock);
    transfer_drain(download->transfer);
}

static HRESULT wait_for_end(struct download *download, UINT run_count)
{
    HRESULT hr;

    AcquireSRWLockExclusive(&download->lock);
    while (download->run_count == run_count)
        SleepConditionVariableSRW(&download->run_ended, &download->lock, INFINITE, 0);
    hr = download->run_result;
    ReleaseSRWLockExclusive(&download->lock);
    return hr;
}

HRESULT download_start(struct download *download, enum start_mode mode, const struct range *ranges, UINT count)
{
    DO_DOWNLOAD_STATUS former;
    UINT64 serial = 0;
    BOOL is_blocking;
    UINT run_count;
    HRESULT hr;

    if (mode == START_RANGES && is_whole(ranges, count))
    {
        mode = START_WHOLE;
        count = 0;
    }
    policy_refresh();
    AcquireSRWLockExclusive(&download->operation);
    AcquireSRWLockExclusive(&download->lock);
    download->call_count++;
    run_count = download->run_count;
    is_blocking = download->settings.is_blocking;
    download_get_status_locked(download, &former);
    hr = check_start_locked(download, mode, ranges, count);
    ReleaseSRWLockExclusive(&download->lock);
    if (hr == S_OK && SUCCEEDED(hr = begin_run(download, mode, ranges, count)))
    {
        serial = download->start_serial;
        if (FAILED(hr = store_sync(&download->item)))
            undo_run(download, &former, hr);
    }
    else if (hr == S_FALSE)
        is_blocking = is_blocking && former.State != DODownloadState_Transferred;
    ReleaseSRWLockExclusive(&download->operation);
    if (FAILED(hr))
        return hr;

    /* Abort the others without the operation lock, for each has one, too. */
    if (serial && download->transfer->path)
        download_supersede_others(download, download->transfer->path, serial);
    return is_blocking ? wait_for_end(download, run_count) : S_OK;
}

void download_run_on(struct store_item *item)
{
    struct download *download = download_from_item(item);
    HRESULT hr = S_OK;

    AcquireSRWLockExclusive(&download->operation);
    AcquireSRWLockExclusive(&download->lock);
    if (download_is_following_locked(download))
    {
        if (SUCCEEDED(hr = set_request_locked(download)))
            hr = run_locked(download);
        download->start_serial = 0; /* started before whatever starts now */
    }
    if (FAILED(hr))
        WARN("download %s, hr %#lx.\n", debugstr_guid(&download->id), hr);
    ReleaseSRWLockExclusive(&download->lock);
    ReleaseSRWLockExclusive(&download->operation);
}
