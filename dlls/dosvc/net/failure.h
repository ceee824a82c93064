/*
 * What went wrong, and what follows from it
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

#ifndef __DOSVC_FAILURE_H
#define __DOSVC_FAILURE_H

#include "deliveryoptimizationerrors.h"
#include "base/types.h"

enum failure_class
{
    FAILURE_NONE,
    FAILURE_RETRY, /* another attempt may succeed */
    FAILURE_FATAL, /* only the client can help */
};

/* Users of transfers, which differ in what follows from a status (job-api 4.3, download-api 9, bits-front 6.2). */
enum status_rules
{
    STATUS_OF_JOB,
    STATUS_OF_DOWNLOAD, /* 410 is told as 404, any redirect that is not followed as 0x80190003 */
    STATUS_OF_BITS,
};

/* Part that a failure is about. The values are on disk. */
enum failure_source
{
    SOURCE_SERVICE, /* a limit of time, the lack of memory or of a network */
    SOURCE_REMOTE,  /* the URL, its server and the way there */
    SOURCE_LOCAL,   /* the disk, or the stream of a client */
    SOURCE_PROXY,
};

/* Cause of a failed attempt. */
struct failure
{
    enum failure_class class;
    HRESULT hr;        /* S_OK with FAILURE_NONE */
    HRESULT underlying; /* error behind DO_E_DOWNLOAD_NO_PROGRESS and other summaries, or S_OK */
    DWORD http_status; /* the status that is the cause, or 0 */
    DWORD retry_after; /* seconds that the server asked for, or 0 */
    enum failure_source source;
};

/* Return whether the URL produced it, through a proxy or not. */
static inline BOOL failure_is_remote(const struct failure *failure)
{
    return failure->source == SOURCE_REMOTE || failure->source == SOURCE_PROXY;
}

/* Return whether the cost of the network, its kind, or the battery keeps the transfer waiting. Nothing has failed. */
static inline BOOL failure_is_of_policy(const struct failure *failure)
{
    return failure->hr == DO_E_BLOCKED_BY_COST_TRANSFER_POLICY || failure->hr == DO_E_BLOCKED_BY_CELLULAR_POLICY
            || failure->hr == DO_E_BLOCKED_BY_POWER_STATE;
}

/* error.c: the one table from what went wrong to an HRESULT and a class. */

extern const struct failure no_failure;
extern struct failure failure_from_transport(DWORD error); /* ERROR_WINHTTP_*, network */
/* Return the failure for a status that no rule accepts. retry_after: seconds that the server asked for, or 0. */
extern struct failure failure_from_status(enum status_rules rules, DWORD status, DWORD retry_after);
/* Return whether a redirect may have led to a link that has expired, for which its URL may have another one. */
extern BOOL is_status_of_expired(enum status_rules rules, DWORD status);
extern struct failure failure_from_sink(HRESULT hr); /* of the file system or the client's stream */
extern struct failure failure_from_hresult(HRESULT hr); /* DO_E_*, decided by http.c or transfer.c */
/* Return the error behind a failure as Delivery Optimization tells it, whose clients hear of no finer one than
 * 0x80072f8f about a certificate. */
extern HRESULT failure_get_cause(const struct failure *failure);
extern const char *debugstr_url(const WCHAR *url); /* without query and credentials */
extern const char *debugstr_name(const WCHAR *name); /* of a client's choice: it may be a URL */

#endif /* __DOSVC_FAILURE_H */
