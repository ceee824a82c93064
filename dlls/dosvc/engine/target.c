/*
 * A target, and options: what an attempt works on
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

#include "engine/run.h"

struct target *target_create(struct sink *sink)
{
    struct target *target = calloc(1, sizeof(*target));

    if (!target)
    {
        sink_release(sink);
        return NULL;
    }
    target->refcount = 1;
    target->sink = sink;
    return target;
}

struct target *target_addref(struct target *target)
{
    InterlockedIncrement(&target->refcount);
    return target;
}

void target_release(struct target *target)
{
    if (!target || InterlockedDecrement(&target->refcount))
        return;
    sink_release(target->sink);
    range_set_clear(&target->received);
    range_set_clear(&target->flushed);
    free(target);
}

struct target *target_create_successor_locked(const struct target *target, const struct range_set *received)
{
    struct target *successor = target_create(sink_addref(target->sink));

    if (!successor)
        return NULL;
    successor->version = target->version;
    successor->modified = target->modified;
    if (!received || range_set_copy(received, &successor->received))
        return successor;
    target_release(successor);
    return NULL;
}

struct target *target_replace_locked(struct transfer *transfer, struct target *target)
{
    struct plan plan = { transfer->wanted, transfer->wanted_count, transfer->rules->layout };
    struct target *former = transfer->run->target;

    transfer->run->target = target;
    transfer->bytes_received = plan_get_received(&plan, &target->received);
    return former;
}

/* A copy of the options is shared by the transfer and the attempt that is at
 * work, and never changes. */

static BOOL own_string(const WCHAR **string)
{
    return !*string || (*string = wcsdup(*string));
}

static BOOL own_bytes(const void **data, DWORD size)
{
    const void *bytes = *data;

    *data = NULL;
    return !bytes || !size || ((*data = malloc(size)) && memcpy((void *)*data, bytes, size));
}

struct options *options_create(const struct transfer_options *values)
{
    struct options *options;
    BOOL is_copied;

    if (!(options = calloc(1, sizeof(*options))))
        return NULL;
    options->refcount = 1;
    options->values = *values;
    /* Each, so that none is left that belongs to somebody else. */
    is_copied = own_string(&options->values.headers);
    is_copied &= own_string(&options->values.auth_headers);
    is_copied &= own_string(&options->values.correlation_vector);
    is_copied &= own_bytes(&options->values.certificate, options->values.certificate_size);
    if (is_copied)
        return options;
    options_release(options);
    return NULL;
}

struct options *options_addref(struct options *options)
{
    if (options)
        InterlockedIncrement(&options->refcount);
    return options;
}

void options_release(struct options *options)
{
    if (!options || InterlockedDecrement(&options->refcount))
        return;
    free((void *)options->values.headers);
    free((void *)options->values.auth_headers);
    free((void *)options->values.correlation_vector);
    free((void *)options->values.certificate);
    free(options);
}
