/*
 * How the requests of a transfer are made
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

/* A copy of the options is shared by the transfer and the attempt that is at
 * work, and never changes. */

#include <stdlib.h>

#include "run.h"

struct options *options_create(const struct transfer_options *values)
{
    struct options *options;
    BOOL is_copied = TRUE;

    if (!(options = calloc(1, sizeof(*options))))
        return NULL;
    options->refcount = 1;
    options->values = *values;
    options->values.headers = NULL;
    options->values.auth_headers = NULL;
    options->values.correlation_vector = NULL;
    options->values.certificate = NULL;
    if (values->headers && !(options->values.headers = wcsdup(values->headers)))
        is_copied = FALSE;
    if (values->auth_headers && !(options->values.auth_headers = wcsdup(values->auth_headers)))
        is_copied = FALSE;
    if (values->correlation_vector && !(options->values.correlation_vector = wcsdup(values->correlation_vector)))
        is_copied = FALSE;
    if (values->certificate && values->certificate_size)
    {
        if ((options->values.certificate = malloc(values->certificate_size)))
            memcpy((void *)options->values.certificate, values->certificate, values->certificate_size);
        else
            is_copied = FALSE;
    }
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
