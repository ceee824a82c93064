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

void download_queue_add(struct download *download)
{
    queue_insert(&downloads, &download->entry, &download->id, &download->refcount);
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
