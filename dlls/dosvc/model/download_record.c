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

#include <stdlib.h>
#include <string.h>

#include "model/download_record.h"
#include "net/request.h"

#define FIELD_TRANSFER 1

#define MEMBER(number, type, name) \
    { number, type, offsetof(struct download_record, name), sizeof(((struct download_record *)0)->name) }

/* Fields of every download. */
static const struct record_member members[] =
{
    MEMBER(3, MEMBER_BYTES, id),
    MEMBER(4, MEMBER_UINT32, ending),
    MEMBER(5, MEMBER_UINT32, settings.is_non_volatile),
};

#define MEMBER_OF_STRING MEMBER_STRING
#define MEMBER_OF_NUMBER MEMBER_UINT32
#define MEMBER_OF_LARGE  MEMBER_UINT64
#define MEMBER_OF_FLAG   MEMBER_UINT32

#define SETTING_PLAIN(number, type, name)   MEMBER(number, MEMBER_OF_##type, settings.name),
#define SETTING_URL(number, type, name)     MEMBER(number, MEMBER_URL, settings.name),
#define SETTING_HEADERS(number, type, name) MEMBER(number, MEMBER_STRING, settings.name),
#define SETTING_FIXED(number, type, name)
#define SETTING_SECRET(number, type, name)

#define SETTING_ROW(name, property, type, form, number, ...) SETTING_##form(number, type, name)

/* Fields of downloads that survive; earlier versions wrote records of others, too. 11 was the last call by the system's
 * clock. */
static const struct record_member lasting_members[] =
{
    MEMBER(6, MEMBER_STRING, user_sid),
    MEMBER(7, MEMBER_UINT32, state),
    MEMBER(8, MEMBER_UINT32, error),
    MEMBER(9, MEMBER_UINT32, extended_error),
    MEMBER(10, MEMBER_UINT64, created),
    DOWNLOAD_SETTINGS(SETTING_ROW)
    MEMBER(29, MEMBER_UINT32, settings.is_encrypted),
    MEMBER(30, MEMBER_UINT64, idle.passed),
    MEMBER(31, MEMBER_UINT64, idle.time),
};

/* Values of DODownloadState, whose header needs COM. */
#define STATE_CREATED     0
#define STATE_TRANSFERRED 2
#define STATE_MAX         5

/* Write what survives, without headers that hold credentials. A line that is no field is never sent, and may hide
 * anything. */
static void put_lasting(struct record_writer *writer, const struct download_record *download)
{
    struct download_record public = *download;
    WCHAR *headers = NULL;

    if (download->settings.headers && !(headers = fields_copy_public(download->settings.headers)))
        writer->has_failed = TRUE;
    public.settings.headers = headers && headers[0] ? headers : NULL;
    record_put_members(writer, lasting_members, ARRAY_SIZE(lasting_members), &public);
    free(headers);
}

void record_put_download(struct record_writer *writer, const struct download_record *download)
{
    record_put_members(writer, members, ARRAY_SIZE(members), download);
    put_lasting(writer, download);
    record_put_transfer(writer, FIELD_TRANSFER, &download->transfer);
}

/* Return whether the record has what the service relies on. */
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

#define FREE_STRING(name) free(settings->name);
#define FREE_NUMBER(name)
#define FREE_LARGE(name)
#define FREE_FLAG(name)

#define FREE_SETTING(name, property, type, ...) FREE_##type(name)

void download_settings_clear(struct download_settings *settings)
{
    DOWNLOAD_SETTINGS(FREE_SETTING)
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
