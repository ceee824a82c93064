/*
 * The queue of downloads that are not final
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

#include "download.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

static struct queue downloads = QUEUE_INIT(downloads);

static struct download *download_from_entry(struct queue_entry *entry)
{
    return CONTAINING_RECORD(entry, struct download, entry);
}

static enum record_status load_download(const GUID *id, struct record_reader *reader, struct queue_entry **entry,
        UINT64 *created)
{
    struct download *download;
    enum record_status status;

    *entry = NULL;
    if ((status = download_decode(id, reader, &download)) != RECORD_OK)
        return status;
    *created = download->created;
    if (download_restore(download))
    {
        download->is_queued = TRUE;
        *entry = &download->entry;
    }
    else
    {
        download_release(download);
    }
    return RECORD_OK;
}

static void start_download(struct queue_entry *entry)
{
    download_run_on(download_from_entry(entry));
}

static void release_download(struct queue_entry *entry)
{
    download_release(download_from_entry(entry));
}

static const struct queue_loader download_loader =
{
    &download_store_ops,
    load_download,
    start_download,
    release_download,
};

void download_queue_load(BOOL (*is_stopping)(void))
{
    queue_load(&downloads, &download_loader, is_stopping);
}

void download_queue_add(struct download *download)
{
    queue_insert(&downloads, &download->entry);
}

void download_queue_remove(struct download *download)
{
    queue_withdraw(&downloads, &download->entry);
    download_release(download);
}

HRESULT download_queue_get(struct download ***out, UINT *count)
{
    return queue_snapshot(&downloads, offsetof(struct download, entry), (void ***)out, count);
}

void download_queue_displace(struct download *download, const WCHAR *path, UINT64 serial)
{
    struct download **list;
    UINT count, i;

    if (FAILED(download_queue_get(&list, &count)))
        return;
    for (i = 0; i < count; i++)
    {
        if (list[i] != download)
            download_displace(list[i], path, serial);
        download_release(list[i]);
    }
    free(list);
}

void download_queue_forget_client(const struct client *client)
{
    struct download **list;
    UINT count, i;

    if (FAILED(download_queue_get(&list, &count)))
        return;
    for (i = 0; i < count; i++)
    {
        reporter_forget_client(list[i], client);
        download_forget_stream(list[i], client);
        download_release(list[i]);
    }
    free(list);
}

void download_queue_shutdown(void)
{
    struct download **list;
    UINT count, i;

    if (FAILED(download_queue_get(&list, &count)))
        return;
    TRACE("stopping %u downloads.\n", count);
    for (i = 0; i < count; i++)
    {
        download_halt(list[i]);
        download_release(list[i]);
    }
    free(list);
}
