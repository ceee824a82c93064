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

/* A sink is used by one thread at a time, apart from flush. Errors are those of the file system, as HRESULTs, or those
 * of the client's stream. */

#ifndef __DOSVC_SINK_H
#define __DOSVC_SINK_H

#include "base/types.h"

struct sink;

enum sink_end
{
    SINK_CLOSE, /* nothing stays open */
    SINK_FLUSH, /* nothing stays open, and what was written survives a crash of the machine */
    SINK_KEEP,  /* a file may stay open for what comes next, until file_sink_park */
};

struct sink_ops
{
    /* Begin, or go on after close. Sets sink->length to what is there.
     * ERROR_FILE_NOT_FOUND and ERROR_PATH_NOT_FOUND after a close: what was
     * written is gone, and the sink is of no use any more. */
    HRESULT (*open)(struct sink *sink);
    /* The sink is going to be this long: cut what is behind, make room for
     * what is missing. ERROR_DISK_FULL if there is no room for the bytes that
     * are still to be written. Of a sequential sink it is only asked to become
     * empty, after it was written to, when all has to begin anew. */
    HRESULT (*set_length)(struct sink *sink, UINT64 length, UINT64 to_write);
    /* Write all of the data, or return an error. */
    HRESULT (*write)(struct sink *sink, UINT64 offset, const void *data, DWORD size);
    /* End writing, until the sink is opened again. */
    HRESULT (*close)(struct sink *sink, enum sink_end end);
    /* Make what was written survive a crash of the machine. May be called while another thread writes, but not while
     * one opens, closes, commits or abandons. */
    HRESULT (*flush)(struct sink *sink);
    /* Only while closed. Make it visible under this name; modified is a
     * FILETIME or 0. With is_free nothing had the name a moment ago, in whatever
     * case. ERROR_FILE_EXISTS if something else has it and must not be replaced.
     * May be called again, whether it fails or not. */
    HRESULT (*commit)(struct sink *sink, const WCHAR *path, BOOL is_free, BOOL is_replacing, UINT64 modified);
    /* Only while closed. Remove all traces; open begins anew. */
    HRESULT (*abandon)(struct sink *sink);
    /* Free memory, and release the stream; by sink_release only. */
    void (*destroy)(struct sink *sink);
};

struct sink
{
    const struct sink_ops *ops;
    /* A stream: every byte is written once and in order, by writes of 1 byte to
     * SEQUENTIAL_MAX; offset and length have no meaning. Each function may take
     * as long as the client likes, and none is called with a lock held. */
    BOOL is_sequential;
    UINT64 length; /* while open */
    LONG refcount;
    SRWLOCK lock;  /* of a file: shared while it is flushed, exclusive while it is opened, closed, renamed, deleted */
    BOOL is_unwanted;
};

/* Initialise a sink that is all zeros. */
extern void sink_init(struct sink *sink, const struct sink_ops *ops, BOOL is_sequential);
/* References; a sink is created with one. The last one destroys it. */
extern struct sink *sink_addref(struct sink *sink); /* NULL gives NULL */
extern void sink_release(struct sink *sink);        /* NULL is ignored */
/* Release, and let the last reference delete what was written if that is a file. */
extern void sink_discard(struct sink *sink);
/* Exclude flushes of a file. A stream takes its own time, and is not locked. */
extern void sink_lock(struct sink *sink);
extern void sink_unlock(struct sink *sink);

#define SEQUENTIAL_MAX 0x40000

/* Create a sink for an absolute path, which need not exist. Open makes the temporary file beside it, whose name follows
 * from the id. The next service deletes a passing one. */
extern HRESULT file_sink_create(const WCHAR *path, UINT64 id, BOOL is_passing, struct sink **sink);
/* Create a sink for the temporary file that another sink has left. */
extern HRESULT file_sink_adopt(const WCHAR *name, struct sink **sink);
/* Return the full path of the temporary file, also after commit; NULL if there is none. */
extern const WCHAR *file_sink_get_name(const struct sink *sink);
/* Read from an open file: all of the data, or an error; ERROR_HANDLE_EOF behind the end. */
extern HRESULT file_sink_read(struct sink *sink, UINT64 offset, void *data, DWORD size);
/* Take off the room that set_length has claimed what has been written, by whichever sink of the file. */
extern void file_sink_count(struct sink *sink, UINT64 size);
/* Close the file that a closed sink keeps open. */
extern void file_sink_park(struct sink *sink);
/* Give a file that is committed to the path its temporary name back. */
extern HRESULT file_sink_uncommit(struct sink *sink, const WCHAR *path);
/* Return whether there is no file of this name any more. */
extern BOOL file_sink_is_gone(const WCHAR *name);
/* Make the names in the folder of the path survive a crash of the machine. S_OK where a file system cannot do that. */
extern HRESULT file_sink_flush_folder(const WCHAR *path);
/* Create the folders that lead to the path, as far as they are missing. */
extern HRESULT file_sink_create_folders(const WCHAR *path);
/* Check that a file may be made visible there: ERROR_ACCESS_DENIED for a folder, ERROR_FILE_EXISTS for a file, unless
 * it may be replaced. */
extern HRESULT file_sink_check_target(const WCHAR *path, BOOL is_replacing);

#endif /* __DOSVC_SINK_H */
