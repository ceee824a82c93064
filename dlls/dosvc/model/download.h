/*
 * The model of the download API
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

/* A download is one transfer with a state of its own. Clients hold handles of it (com/do_download.c), each for one
 * client; the download lives on in the table until it is Finalized or Aborted. */

#ifndef __DOSVC_DOWNLOAD_H
#define __DOSVC_DOWNLOAD_H

#include "model/download_record.h"
#include "model/table.h"
#include "engine/transfer.h"

#include "deliveryoptimization.h"

extern struct table download_table;

/* Events that the client of a download is told of. */
enum download_event
{
    DOWNLOAD_STATUS_CHANGED, /* state, error or extended error */
    DOWNLOAD_PROGRESSED,
    /* Not an event for the client: the frequency of calls, or the object, has changed. */
    DOWNLOAD_LISTENER_CHANGED,
};

#define DOWNLOAD_PROPERTY_COUNT (DODownloadProperty_HttpStatusCode + 1)

struct download
{
    struct store_item item;
    GUID id;
    struct age idle;     /* since the last call of a client */

    SRWLOCK operation;
    SRWLOCK lock;

    /* guarded by lock */
    WCHAR *user_sid;        /* owned; NULL as long as nothing has to be kept */
    UINT handle_count;
    struct download_settings settings;
    UINT64 setters[DOWNLOAD_PROPERTY_COUNT]; /* serials of clients that set what others may not read; 0: none */
    DODownloadState state;
    HRESULT error;
    HRESULT extended_error; /* without error: a condition that passes, after which the download goes on by itself */
    enum download_ending ending; /* Abort or Finalize is at work: what the transfer does counts no more */
    BOOL is_in_table;       /* in the table of downloads, and not removed yet */
    struct transfer *transfer; /* owned; the pointer never changes */
    UINT64 start_serial;    /* of the last Start that led to Transferring; grows over all downloads */
    UINT call_count;        /* of Start, Pause, Abort and Finalize */
    UINT run_count;         /* how often Transferring was left */
    HRESULT run_result;     /* result of Start in blocking mode */
    CONDITION_VARIABLE run_ended;
    struct callback *callback; /* owned; NULL if nobody wants to be called */
    struct client_stream *stream; /* owned; NULL if the sink is not a stream */
    BOOL is_stream_new;        /* the transfer does not write to it yet */
    struct task cleanup;       /* deletes the temporary file if Abort could not */
};

static inline struct download *download_from_item(struct store_item *item)
{
    return CONTAINING_RECORD(item, struct download, item);
}

/* Ranges that a client wants with Start. */
enum start_mode
{
    START_AGAIN,  /* the ranges in force */
    START_WHOLE,
    START_RANGES,
};

#define DOWNLOAD_RANGES_MAX 65536

/* Create a download in Created without anything set, with a transfer as in transfer_create; for download_decode. */
extern HRESULT download_alloc(struct table *table, const WCHAR *url, const WCHAR *path, const struct range *ranges,
        UINT count, struct download **download);
/* Create a download in Created that is not in the table, when that has been loaded. */
extern HRESULT download_create(struct table *table, struct download **download);
extern void download_release(struct download *download);
/* Count handles. A download in Created that is in the table is given up when the last one goes. */
extern void download_add_handle(struct download *download);
extern void download_remove_handle(struct download *download);
/* Begin the age anew: a client has called. */
extern void download_touch(struct download *download);
extern void download_insert(struct download *download);
extern HRESULT download_pause(struct download *download);
extern HRESULT download_abort(struct download *download);
extern HRESULT download_finalize(struct download *download);
extern void download_get_status_locked(const struct download *download, DO_DOWNLOAD_STATUS *status);
extern BOOL download_is_final_locked(const struct download *download);
/* Return the DODownloadCostPolicy, which follows from the priority unless it is set. */
extern DWORD download_get_cost_policy_locked(const struct download *download);
/* Have the transfer follow the settings that count while it runs; engine_reprioritize_locked tells the engine. */
extern void download_apply_settings_locked(struct download *download);
/* The seconds without progress after which the download fails. */
extern UINT download_get_timeout_locked(const struct download *download);
/* Abort those that write to the same path and were started before this one. */
extern void download_supersede_others(struct download *download, const WCHAR *path, UINT64 serial);
extern WCHAR *download_format_id(const struct download *download, WCHAR text[37]);
extern const char *debugstr_download_state(DODownloadState state);

extern void download_destroy(struct store_item *item);
/* Functions of the table. */
extern void download_halt(struct store_item *item);
extern void download_expire(struct store_item *item, ULONGLONG limit);
extern void download_forget_client(struct store_item *item, const struct client *client);

/* Give the download a record, or change it, if it is NonVolatile; else take the record away. */
extern void download_save_locked(struct download *download);
/* Write the record, if the download survives the service: something in it has changed. */
extern void download_change_locked(struct download *download);

/* Delete the temporary file, later too if that fails now. Nobody uses the transfer any more. */
extern HRESULT download_delete_file(struct download *download);

/* Return whether the state allows a Start that asks for something else than what is in force. */
extern BOOL download_can_start_locked(const struct download *download);
/* Return whether the state follows that of the transfer, as it does too while a condition that passes pauses it. */
extern BOOL download_is_following_locked(const struct download *download);
extern void download_set_status_locked(struct download *download, DODownloadState state, HRESULT error,
        HRESULT extended_error);

/* download_start.c */

extern HRESULT download_start(struct download *download, enum start_mode mode, const struct range *ranges, UINT count);
extern void download_run_on(struct store_item *item);

#endif /* __DOSVC_DOWNLOAD_H */
