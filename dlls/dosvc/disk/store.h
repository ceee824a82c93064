/*
 * The store: what survives a restart, on disk
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

/* Every item has a record in a file of its own. One thread writes them all: a change costs its caller nothing but a
 * place in a list, and changes that come while the disk is busy are written together. A caller who has to be sure waits
 * (store_sync).
 *
 * Whenever the process ends, even between two writes, the file has a complete record, the former or the new one, which
 * claims nothing that the disk may not hold. Additions go behind the record, which stays as it is. */

#ifndef __DOSVC_STORE_H
#define __DOSVC_STORE_H

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "guiddef.h"

#include "base/record.h"
#include "disk/crash_point.h"
#include "wine/list.h"

struct store_item;

struct table;

/* Functions of the two kinds of items, jobs and downloads, for the store; called without a lock. */
struct store_ops
{
    enum record_kind kind;
    const WCHAR *extension; /* of the file, with the dot */
    void (*destroy)(struct store_item *item); /* after the last reference */
    /* Flush what has been received, so that the record may claim it. One call at a time for each item, while other
     * functions are called for it. */
    void (*flush)(struct store_item *item);
    /* Fields between record_begin and record_end; of an addition those for which store_extend was called. On the
     * store's thread. */
    void (*encode)(struct store_item *item, struct record_writer *writer, BOOL is_addition);
};

/* Part of a job or a download. It is not in the store at first. */
struct store_item
{
    const struct store_ops *ops;
    const GUID *id;          /* borrowed from what it is part of */
    LONG refcount;
    struct table *table;     /* borrowed; of the model, as are the next two */
    struct list table_entry; /* guarded by the lock of the table */
    UINT64 number;           /* of its place in the table: later ones have larger ones, from 1 on */
    UINT64 created;          /* FILETIME */

    /* guarded by the store's lock */
    struct list entry;   /* in the list of the changed */
    BOOL is_changed;
    BOOL is_added;
    BOOL is_removed;     /* for good */
    BOOL is_flushing;    /* on another thread; the record is written after, if there is one */
    BOOL is_recordless;  /* no record is written, and a former one is deleted; bytes are flushed */
    BOOL has_record;     /* a file exists, or may */
    BOOL is_adding;      /* nothing but an addition is due, and not being written yet */
    ULONGLONG due;       /* when to write it */
    ULONGLONG flush_due; /* when to flush it, */
    ULONGLONG claim_due; /* and when to write at the latest what is flushed: fast transfers are flushed more often */
    ULONGLONG running_claim_due; /* the same of the flush that is running */
    UINT64 changes;      /* so many there have been, */
    UINT64 tried;        /* so many a write has been tried of, */
    UINT64 written;      /* and so many are on disk */
    HRESULT error;       /* of the last write that failed */

    UINT record_size;    /* bytes; 0 if it has to be replaced. The store's thread alone looks */
};

extern HRESULT store_init(void);
/* Write what is left, and end writing. */
extern void store_shutdown(void);

/* Initialise a zeroed item, with one reference, as created now. */
extern void store_item_init(struct store_item *item, const struct store_ops *ops, const GUID *id);
extern void store_item_addref(struct store_item *item); /* with any lock held */
extern void store_item_release(struct store_item *item);
/* Write the item at once, and from now on when it changes. */
extern void store_add(struct store_item *item);
/* Write an item that was read from its record when it changes. */
extern void store_add_loaded(struct store_item *item);
/* Flush what the item receives, but write no record from now on, and delete the one that it has. With any lock held. */
extern void store_add_recordless(struct store_item *item);
/* All below may be called for an item that is not in the store, and do nothing. */

/* Write the item soon. With any lock held. */
extern void store_change(struct store_item *item);
/* Add to the record soon; of a job the caller holds the operation lock until that is done. */
extern void store_extend(struct store_item *item);
/* Flush and write later, since more has been received, of which so many bytes are not flushed. Many are flushed at
 * once, so that fewer are left for the end; without a record, no others. */
extern void store_progress(struct store_item *item, UINT64 unflushed);
/* Flush soon, since all has been received. With any lock held. */
extern void store_settle(struct store_item *item);
/* Wait until all changes so far are on disk, or return the error of the file system: the write is tried again later, so
 * a caller whose client is told of a failure takes its change back. DO_E_NO_SERVICE when writing has ended. */
extern HRESULT store_sync(struct store_item *item);
/* Delete the record, and wait until that is done. DO_E_NO_SERVICE when writing has ended: the next service finds it. */
extern HRESULT store_remove(struct store_item *item);

/* Read all records of a kind, until is_stopping returns TRUE. load takes a sound record; one that it refuses is set
 * aside. */
typedef enum record_status (*store_load_proc)(void *context, const GUID *id, struct record_reader *reader);
extern void store_load(const struct store_ops *ops, store_load_proc load, void *context, BOOL (*is_stopping)(void));

#endif /* __DOSVC_STORE_H */
