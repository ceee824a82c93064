/*
 * What is kept of a download across restarts of the service
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
#include "disk/sink.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

static void download_flush(struct store_item *item)
{
    struct download *download = download_from_item(item);
    BOOL is_changed;

    AcquireSRWLockShared(&download->lock);
    is_changed = transfer_get_unflushed_locked(download->transfer) != 0;
    ReleaseSRWLockShared(&download->lock);
    if (is_changed)
        transfer_flush(download->transfer);
}

static void download_encode(struct store_item *item, struct record_writer *writer, BOOL is_addition)
{
    struct download *download = download_from_item(item);
    struct download_record record = { .created = item->created };

    memcpy(record.id, &download->id, sizeof(record.id));
    age_save(&download->idle, &record.idle);
    AcquireSRWLockShared(&download->lock);
    record.state = download->state;
    record.error = download->error;
    record.extended_error = download->extended_error;
    record.ending = download->ending;
    record.user_sid = download->user_sid;
    record.settings = download->settings;
    transfer_save_locked(download->transfer, &record.transfer);
    record_put_download(writer, &record);
    ReleaseSRWLockShared(&download->lock);
}

/* Take over what the record owns. */
static void restore_members(struct download *download, struct download_record *record)
{
    const struct transfer *transfer = download->transfer;

    memcpy(&download->id, record->id, sizeof(download->id));
    download->item.created = record->created;
    age_restore(&download->idle, &record->idle, table_get_expiry(download->item.table));
    download->state = record->state;
    download->error = record->error;
    download->extended_error = record->extended_error;
    download->ending = record->ending;
    download->user_sid = record->user_sid;
    record->user_sid = NULL;
    download->settings = record->settings;
    memset(&record->settings, 0, sizeof(record->settings));
    download_apply_settings_locked(download);
    transfer_set_integrity_locked(download->transfer, download->settings.integrity_info,
            download->settings.is_integrity_mandatory);
    if (download->ending != DOWNLOAD_FINALIZING)
        return;
    /* The process ended within Finalize: as the file has, or has not, lost its temporary name. */
    if (record->transfer.temporary_name && transfer->path
            && file_sink_is_gone(record->transfer.temporary_name) && !file_sink_is_gone(transfer->path))
        download->state = DODownloadState_Finalized;
}

/* Pause a download whose stream has gone with the service. It keeps what it has got, and needs another one. */
static void restore_stream(struct download *download)
{
    if (download->state != DODownloadState_Transferring)
        return;
    download->state = DODownloadState_Paused;
    download->error = DO_E_FILE_DOWNLOADSINK_UNSPECIFIED;
    download->extended_error = S_OK;
}

static enum record_status download_decode(struct table *table, const GUID *id, struct record_reader *reader,
        struct store_item **item)
{
    struct download_record record;
    struct download *download;
    enum record_status status;

    if ((status = record_get_download(reader, &record)) != RECORD_OK)
        return status;
    if (memcmp(record.id, id, sizeof(record.id)))
    {
        status = RECORD_FOREIGN;
    }
    else if (FAILED(download_alloc(table, record.transfer.url, record.transfer.path, record.transfer.wanted,
            record.transfer.wanted_count, &download)))
    {
        status = RECORD_NO_MEMORY;
    }
    else
    {
        if (FAILED(transfer_restore(download->transfer, &record.transfer)))
            status = RECORD_NO_MEMORY;
        restore_members(download, &record);
        /* The sizes do not add up. */
        if (status == RECORD_OK && download->state == DODownloadState_Transferred
                && download->transfer->state != TRANSFER_DONE)
            status = RECORD_DAMAGED;
        if (status == RECORD_OK)
            *item = &download->item;
        else
            download_release(download);
    }
    download_record_clear(&record);
    return status;
}

static void delete_rest(struct download *download)
{
    TRACE("download %s has ended.\n", debugstr_guid(&download->id));
    if (download->state != DODownloadState_Finalized)
        download->state = DODownloadState_Aborted;
    else if (FAILED(file_sink_flush_folder(download->transfer->path)))
        return; /* the service that comes after this one ends it */
    if (SUCCEEDED(download_delete_file(download)))
        store_remove(&download->item);
}

static BOOL download_restore(struct store_item *item)
{
    struct download *download = download_from_item(item);

    store_add_loaded(item);
    /* Earlier versions had records of all downloads. */
    if (!download->settings.is_non_volatile || download->ending == DOWNLOAD_ABORTING
            || download_is_final_locked(download))
    {
        delete_rest(download);
        return FALSE;
    }
    /* Undo a Start that had come no further than to the file. */
    if (download->state == DODownloadState_Created && FAILED(transfer_abandon(download->transfer)))
        WARN("download %s keeps a temporary file.\n", debugstr_guid(&download->id));
    if (!download->settings.path)
        restore_stream(download);
    if (download->ending)
    {
        download->ending = DOWNLOAD_NOT_ENDING;
        store_change(item);
    }
    download->is_in_table = TRUE;
    INFO("restored download %s, %s.\n", debugstr_guid(&download->id), debugstr_download_state(download->state));
    return TRUE;
}

static const struct table_ops download_ops =
{
    { RECORD_DOWNLOAD, L".download", download_destroy, download_flush, download_encode },
    download_decode,
    download_restore,
    download_run_on,
    download_halt,
    download_expire,
    download_forget_client,
};

struct table download_table = TABLE_INIT(download_table, download_ops, SETTING_DOWNLOAD_EXPIRY, POLICY_COUNT);
