/*
 * What survives a restart of a download
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

/* Pure. The numbers are on disk: none is ever used for something else. */

#include <stdlib.h>
#include <string.h>

#include "base/record.h"

#define FIELD_TRANSFER 1

#define MEMBER(number, type, name) \
    { number, type, offsetof(struct download_record, name), sizeof(((struct download_record *)0)->name) }

/* Of every download. */
static const struct record_member members[] =
{
    MEMBER(3, MEMBER_BYTES, id),
    MEMBER(4, MEMBER_UINT32, ending),
    MEMBER(5, MEMBER_UINT32, settings.is_non_volatile),
};

/* Fields of downloads that survive. 11 was the last call by the system's clock. */
static const struct record_member lasting_members[] =
{
    MEMBER(2, MEMBER_HEADERS, settings.headers),
    MEMBER(6, MEMBER_STRING, user_sid),
    MEMBER(7, MEMBER_UINT32, state),
    MEMBER(8, MEMBER_UINT32, error),
    MEMBER(9, MEMBER_UINT32, extended_error),
    MEMBER(10, MEMBER_UINT64, created),
    MEMBER(12, MEMBER_URL, settings.uri),
    MEMBER(13, MEMBER_STRING, settings.content_id),
    MEMBER(14, MEMBER_STRING, settings.display_name),
    MEMBER(15, MEMBER_STRING, settings.path),
    MEMBER(16, MEMBER_STRING, settings.correlation_vector),
    MEMBER(17, MEMBER_STRING, settings.integrity_info),
    MEMBER(18, MEMBER_UINT32, settings.cost_policy),
    MEMBER(19, MEMBER_UINT32, settings.security_flags),
    MEMBER(20, MEMBER_UINT32, settings.callback_percent),
    MEMBER(21, MEMBER_UINT32, settings.callback_seconds),
    MEMBER(22, MEMBER_UINT32, settings.no_progress_timeout),
    MEMBER(23, MEMBER_UINT64, settings.size_hint),
    MEMBER(24, MEMBER_UINT32, settings.is_foreground),
    MEMBER(25, MEMBER_UINT32, settings.is_blocking),
    MEMBER(26, MEMBER_UINT32, settings.is_integrity_mandatory),
    MEMBER(27, MEMBER_UINT32, settings.is_cellular_forbidden),
    MEMBER(28, MEMBER_UINT32, settings.is_insecure_redirect_allowed),
    MEMBER(29, MEMBER_UINT32, settings.is_encrypted),
    MEMBER(30, MEMBER_UINT64, idle.passed),
    MEMBER(31, MEMBER_UINT64, idle.time),
};

/* Values of DODownloadState, whose header needs COM. */
#define STATE_CREATED     0
#define STATE_TRANSFERRED 2
#define STATE_MAX         5

void record_put_download(struct record_writer *writer, const struct download_record *download)
{
    struct transfer_record place =
    {
        .path = download->transfer.path,
        .temporary_name = download->transfer.temporary_name,
        .temporary_id = download->transfer.temporary_id,
        .declared_size = SIZE_UNKNOWN,
        .size = SIZE_UNKNOWN,
    };
    BOOL is_lasting = download->settings.is_non_volatile;

    record_put_members(writer, members, ARRAY_SIZE(members), download);
    if (is_lasting)
        record_put_members(writer, lasting_members, ARRAY_SIZE(lasting_members), download);
    record_put_transfer(writer, FIELD_TRANSFER, is_lasting ? &download->transfer : &place);
}

/* What the service relies on. */
static BOOL is_sound(const struct download_record *download)
{
    const struct download_settings *settings = &download->settings;
    BOOL is_begun = download->state != STATE_CREATED;

    if (download->ending > DOWNLOAD_ABORTING)
        return FALSE;
    if (!settings->is_non_volatile)
        return TRUE;
    if (!download->user_sid || download->state > STATE_MAX)
        return FALSE;
    if (is_begun && (!settings->uri || !download->transfer.url || (settings->path && !download->transfer.path)))
        return FALSE;
    return download->state != STATE_TRANSFERRED || download->transfer.is_done;
}

enum record_status record_get_download(struct record_reader *reader, struct download_record *download)
{
    struct record_field field;
    BOOL has_transfer = FALSE;

    memset(download, 0, sizeof(*download));
    while (record_next(reader, &field))
    {
        if (field.number == FIELD_TRANSFER)
        {
            transfer_record_clear(&download->transfer);
            has_transfer = record_get_transfer(reader, &field, &download->transfer);
        }
        else if (record_get_member(reader, &field, members, ARRAY_SIZE(members), download))
        {
            record_get_member(reader, &field, lasting_members, ARRAY_SIZE(lasting_members), download);
        }
    }
    if (reader->status == RECORD_OK && (!has_transfer || !is_sound(download)))
        reader->status = RECORD_DAMAGED;
    if (reader->status != RECORD_OK)
        download_record_clear(download);
    return reader->status;
}

void download_settings_clear(struct download_settings *settings)
{
    free(settings->uri);
    free(settings->content_id);
    free(settings->display_name);
    free(settings->path);
    free(settings->headers);
    free(settings->correlation_vector);
    free(settings->integrity_info);
    free(settings->auth_headers);
    free(settings->decryption_info);
    free(settings->certificate);
    memset(settings, 0, sizeof(*settings));
}

void download_record_clear(struct download_record *download)
{
    free(download->user_sid);
    download_settings_clear(&download->settings);
    transfer_record_clear(&download->transfer);
    memset(download, 0, sizeof(*download));
}
