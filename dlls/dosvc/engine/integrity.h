/*
 * Piece hashes of a transfer
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

#ifndef __DOSVC_INTEGRITY_H
#define __DOSVC_INTEGRITY_H

#include "base/cache_host.h"
#include "base/piece_hash.h"
#include "net/transport.h"
#include "net/failure.h"

struct attempt;
struct plan;
struct sink;
struct target;

/* Demand of a client that pieces are verified; attempts share it. */
struct integrity
{
    LONG refcount;
    WCHAR *text;                 /* as the client gave it, or NULL */
    BOOL is_mandatory;           /* nothing counts that is not verified */
    struct integrity_info info;
    /* Guarded by the transfer's lock. */
    struct piece_hashes *hashes; /* owned; NULL until they are there */
    HRESULT hr;                  /* why they are not to be had, while it is not mandatory; S_OK: there is hope */
};

/* integrity.c */

extern struct integrity *integrity_addref(struct integrity *integrity); /* NULL gives NULL */
extern void integrity_release(struct integrity *integrity);             /* NULL is ignored */

/* fetch_hashes.c */

/* Get the hashes, unless they are there. Without them an attempt goes on unverified if they are not mandatory, else it
 * fails. */
extern struct failure integrity_prepare(struct attempt *attempt);
/* Compare the size that the server tells with that of the document. A failure if it is another one and verification is
 * mandatory. */
extern struct failure integrity_check_size(struct attempt *attempt, UINT64 size);
/* Do so with the end of what has been received: the server may tell no size, and send more than the document says. */
extern struct failure integrity_check_received(struct attempt *attempt);
/* Tell the owner of a transfer that hashes are not to be had, and why. */
extern void integrity_explain(struct failure *failure);

/* piece.c */

#define PIECE_BUFFER    0x200000 /* bytes for piece_check */
#define PIECE_TRIES_MAX 3        /* how often a piece is received (policy-cache-integrity 3.7) */

/* Bytes of a resource that are there, be it in a file or in memory. */
struct held
{
    const struct plan *plan; /* of the file */
    struct sink *sink;       /* file, open */
    const BYTE *data;        /* in place of a file; NULL: there is one */
    struct range range;      /* of the data */
    struct http_cancel *cancel; /* for a request */
};

/* Outcome of the check of a piece that is not right. */
struct piece_fault
{
    struct failure failure;     /* of a request */
    BOOL is_fetched;            /* wrong is what was fetched for the check, and nothing is known of what is there */
    WCHAR host[CACHE_HOST_MAX]; /* cache host that has brought that; empty: the server has */
};

/* Compare a piece with its hash. S_FALSE: it is wrong. Where only a part of it is there, because no more is wanted, the
 * whole piece is fetched besides, and what is there has to be a part of it; what comes is not kept. On a failure of
 * that E_ABORT, and the failure. */
extern HRESULT piece_check(struct attempt *attempt, struct piece_hashes *hashes, UINT index, const struct held *held,
        BYTE *buffer, struct piece_fault *fault);
/* Find out who has brought a wrong piece of the current target: cache hosts are banned, and else it counts. Take note
 * that nobody has brought it any more. DO_E_BAD_PIECE_HASH if it is not to be fetched again. */
extern HRESULT piece_blame_locked(struct attempt *attempt, const struct piece_hashes *hashes, UINT index,
        const struct piece_fault *fault);

/* Bytes that wait in memory until all of what a stream is to have of a piece is there, and verified. */
struct staging
{
    BYTE *buffer;       /* owned; NULL until it is needed */
    BYTE *check_buffer; /* owned, the same */
    struct range range; /* in the resource; of length 0 between pieces */
    UINT filled;        /* bytes that have come */
    UINT delivered;     /* bytes that the stream has taken */
    BOOL is_rejected;   /* the piece was wrong, and has to be fetched again */
};

/* verifier.c */

/* Thread that verifies the pieces of a file as soon as all of their bytes are there, whatever connection has brought
 * them. A piece that is wrong is received no more, and is fetched again. Guarded by the transfer's lock. */
struct verifier
{
    CONDITION_VARIABLE changed;  /* a piece may be there, or has been verified, or the thread is to end */
    BOOL is_running;
    BOOL is_busy;                /* with a piece */
    BOOL is_stopping;
    struct http_cancel cancel;   /* of requests of the thread */
    BOOL has_failed;
    struct failure failure;      /* which ends the attempt, if it has */
};

extern struct failure verifier_start(struct attempt *attempt);
/* Wait until all that has been received is verified. is_complete: so is the whole resource. */
extern struct failure verifier_finish(struct attempt *attempt, BOOL *is_complete);
/* End the thread. A failure of its own takes the place of that of the attempt. */
extern void verifier_stop(struct attempt *attempt, struct failure *failure);

#endif /* __DOSVC_INTEGRITY_H */
