/*
 * What is kept of a download
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

/* Pure. */

#ifndef __DOSVC_DOWNLOAD_RECORD_H
#define __DOSVC_DOWNLOAD_RECORD_H

#include "age.h"
#include "record.h"

#define COST_POLICY_UNSET (~0u)

/* What clients have set: what has to be known to make the download anew, apart
 * from its progress. Strings are owned, and NULL while they are not set. */
struct download_settings
{
    WCHAR *uri;
    WCHAR *content_id;
    WCHAR *display_name;
    WCHAR *path; /* as the client wrote it */
    WCHAR *headers;
    WCHAR *correlation_vector;
    WCHAR *integrity_info;
    UINT cost_policy; /* DODownloadCostPolicy, or COST_POLICY_UNSET */
    UINT security_flags;
    UINT callback_percent;
    UINT callback_seconds;
    UINT no_progress_timeout; /* seconds; 0: the default */
    UINT64 size_hint; /* bytes; 0: none */
    BOOL is_foreground;
    BOOL is_blocking;
    BOOL is_integrity_mandatory;
    BOOL is_cellular_forbidden;
    BOOL is_insecure_redirect_allowed;
    BOOL is_non_volatile;
    BOOL is_encrypted; /* there is or was a decryption_info */
    /* Secrets, never to be stored; nor are credentials among the headers. */
    WCHAR *auth_headers;
    WCHAR *decryption_info;
    BYTE *certificate; /* owned; a serialized store element */
    DWORD certificate_size;
};

/* The caller frees nothing but what the struct owns; the struct itself stays. */
extern void download_settings_clear(struct download_settings *settings);

/* What a client has begun and not seen the end of. The values are on disk. */
enum download_ending
{
    DOWNLOAD_NOT_ENDING = 0,
    DOWNLOAD_FINALIZING = 1, /* the file is being renamed; after a crash that may have happened or not */
    DOWNLOAD_ABORTING = 2,   /* the file is being deleted; after a crash it still has to be */
};

struct download_record
{
    BYTE id[16]; /* a GUID */
    UINT state;  /* DODownloadState */
    UINT error;
    UINT extended_error;
    UINT ending;
    UINT64 created;   /* FILETIME */
    struct age_record idle; /* since the last call of a client */
    WCHAR *owner;     /* owned; SID as a string */
    struct download_settings settings;
    struct transfer_record transfer;
};

/* All of it, or, if it ends with the service, no more than is needed to delete
 * its temporary file. */
extern void record_put_download(struct record_writer *writer, const struct download_record *download);
/* Reads to the end. On failure there is nothing to be freed. */
extern enum record_status record_get_download(struct record_reader *reader, struct download_record *download);
extern void download_record_clear(struct download_record *download);

#endif /* __DOSVC_DOWNLOAD_RECORD_H */
