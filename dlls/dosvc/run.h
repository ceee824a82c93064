/*
 * What the engine keeps of a transfer
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

#ifndef __DOSVC_RUN_H
#define __DOSVC_RUN_H

#include "http.h"
#include "retry.h"
#include "sink.h"
#include "transfer.h"

#include "wine/list.h"

/* What the engine knows of a transfer. In all but OUT it holds a reference. */
enum run_phase
{
    RUN_OUT,
    RUN_QUEUED,  /* in the queue */
    RUN_ACTIVE,  /* has a slot, and a worker that is about to begin, at work, or about to leave */
    RUN_WAITING, /* for the timer */
    RUN_LEAVING, /* the reference is to be dropped */
};

struct transfer_run
{
    struct transfer *transfer;
    TP_WORK *work;

    /* Protected by the engine's lock. */
    struct list entry;   /* in the list of its phase, unless OUT */
    enum run_phase phase;
    UINT host;           /* hash */
    ULONGLONG due;       /* when the timer has something to do; ACTIVE and WAITING only */

    /* Protected by the transfer's lock. */
    struct retry retry;
    struct failure last; /* what the last attempt ended with, for DO_E_DOWNLOAD_NO_PROGRESS */
    ULONGLONG started;   /* when RUNNING was entered */
    ULONGLONG retry_time; /* when WAITING ends */
    BOOL is_rerun;       /* cancelled and wanted again while the worker is still leaving */

    struct http_cancel cancel;

    /* Touched by the worker only; by commit and abandon when there is none. */
    struct sink *sink;
    BOOL is_sink_lost;
    WCHAR *url;          /* of the last attempt */
    WCHAR *redirect;     /* where it led, or NULL */
    struct validator validator;
    UINT64 modified;     /* a FILETIME, or 0 */
    BOOL is_split;       /* the resource is too long for one body: never ask for all of it */
    UINT restarts;       /* from zero, in this attempt */
    UINT64 checked_size; /* what ranges and sink were prepared for in this attempt */
    UINT cursor;         /* all wanted ranges before this one are stored */
    UINT64 position;     /* of that range in the sink, if they are concatenated */
    BYTE *buffer;        /* of an attempt */
};

/* run.c: work until all is stored or something fails. Called by the one
 * worker, without locks. */
extern struct failure transfer_perform(struct transfer *transfer);

/* engine.c */
extern BOOL engine_attach(struct transfer *transfer);
extern void engine_detach(struct transfer *transfer);

#endif /* __DOSVC_RUN_H */
