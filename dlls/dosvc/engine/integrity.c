/*
 * Demand of a client that pieces are verified
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

#include "engine/worker.h"

struct integrity *integrity_addref(struct integrity *integrity)
{
    if (integrity)
        InterlockedIncrement(&integrity->refcount);
    return integrity;
}

void integrity_release(struct integrity *integrity)
{
    if (!integrity || InterlockedDecrement(&integrity->refcount))
        return;
    integrity_info_clear(&integrity->info);
    piece_hashes_release(integrity->hashes);
    free(integrity->text);
    free(integrity);
}

static struct integrity *integrity_create(const WCHAR *text, BOOL is_mandatory)
{
    struct integrity *integrity = calloc(1, sizeof(*integrity));

    if (!integrity)
        return NULL;
    integrity->refcount = 1;
    integrity->is_mandatory = is_mandatory;
    if (text && !(integrity->text = wcsdup(text)))
    {
        integrity_release(integrity);
        return NULL;
    }
    if (text)
        integrity_info_parse(text, wcslen(text), &integrity->info);
    return integrity;
}

static BOOL is_same_text(const WCHAR *text, const WCHAR *other)
{
    return text && other ? !wcscmp(text, other) : text == other;
}

HRESULT transfer_set_integrity_locked(struct transfer *transfer, const WCHAR *text, BOOL is_mandatory)
{
    struct integrity *former = transfer->worker->integrity, *integrity = NULL;

    if ((text || is_mandatory) && !(integrity = integrity_create(text, is_mandatory)))
        return E_OUTOFMEMORY;
    /* Hashes stay, but a client that starts again wants them to be asked for again. */
    if (former && integrity && is_same_text(former->text, text))
        integrity->hashes = piece_hashes_addref(former->hashes);
    transfer->worker->integrity = integrity;
    integrity_release(former);
    return S_OK;
}
