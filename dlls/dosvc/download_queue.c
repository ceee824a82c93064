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

static const struct queue_ops download_queue_ops =
{
    &download_store_ops,
    load_download,
    start_download,
    release_download,
};

static struct queue downloads = QUEUE_INIT(downloads, download_queue_ops);

void download_queue_load(BOOL (*is_stopping)(void))
{
    queue_load(&downloads, is_stopping);
}

void download_queue_add(struct download *download)
{
    queue_insert(&downloads, &download->entry);
}

void download_queue_remove(struct download *download)
{
    queue_withdraw(&downloads, &download->entry);
}

HRESULT download_queue_get(struct download ***out, UINT *count)
{
    return queue_snapshot(&downloads, offsetof(struct download, entry), (void ***)out, count);
}

struct displacement
{
    const struct download *download; /* that displaces the others */
    const WCHAR *path;
    UINT64 serial;
};

static void displace_download(struct queue_entry *entry, const void *context)
{
    struct download *download = download_from_entry(entry);
    const struct displacement *displacement = context;

    if (download != displacement->download)
        download_displace(download, displacement->path, displacement->serial);
}

void download_queue_displace(struct download *download, const WCHAR *path, UINT64 serial)
{
    const struct displacement displacement = { download, path, serial };

    queue_for_each(&downloads, displace_download, &displacement);
}

static void expire_download(struct queue_entry *entry, const void *context)
{
    const ULONGLONG *limit = context;

    download_expire(download_from_entry(entry), *limit);
}

void download_queue_expire(ULONGLONG limit)
{
    queue_for_each(&downloads, expire_download, &limit);
}

static void forget_client(struct queue_entry *entry, const void *context)
{
    struct download *download = download_from_entry(entry);

    reporter_forget_client(download, context);
    download_forget_stream(download, context);
}

void download_queue_forget_client(const struct client *client)
{
    queue_for_each(&downloads, forget_client, client);
}

static void halt_download(struct queue_entry *entry, const void *context)
{
    download_halt(download_from_entry(entry));
}

void download_queue_shutdown(void)
{
    queue_for_each(&downloads, halt_download, NULL);
}
