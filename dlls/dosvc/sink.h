/*
 * Where the bytes of a transfer go
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

/* A sink is used by one thread at a time. All functions return a Win32 error. */

#ifndef __DOSVC_SINK_H
#define __DOSVC_SINK_H

#include "transfer.h"

struct sink;

struct sink_ops
{
    /* Begin, or go on after close. Sets sink->length to what is there.
     * ERROR_FILE_NOT_FOUND and ERROR_PATH_NOT_FOUND after a close: what was
     * written is gone, and the sink is of no use any more. */
    DWORD (*open)(struct sink *sink);
    /* The sink is going to be this long: cut what is behind, make room for
     * what is missing. ERROR_DISK_FULL if there is no such room. */
    DWORD (*set_length)(struct sink *sink, UINT64 length);
    /* All of it, or an error. */
    DWORD (*write)(struct sink *sink, UINT64 offset, const void *data, DWORD size);
    /* Nothing is held open any more. With flush, what was written survives a
     * crash of the machine. */
    DWORD (*close)(struct sink *sink, BOOL flush);
    /* Only while closed. Make it visible under this name; modified is a
     * FILETIME or 0. May be called again if it fails. */
    DWORD (*commit)(struct sink *sink, const WCHAR *path, UINT64 modified);
    /* Only while closed. Remove all traces; open begins anew. */
    DWORD (*abandon)(struct sink *sink);
    /* Frees memory only. */
    void (*destroy)(struct sink *sink);
};

struct sink
{
    const struct sink_ops *ops;
    UINT64 length; /* while open */
};

/* path is absolute, and need not exist. */
extern DWORD file_sink_create(const WCHAR *path, struct sink **sink);

#endif /* __DOSVC_SINK_H */
