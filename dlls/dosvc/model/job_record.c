/*
 * Jobs in records
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

/* The numbers are on disk: none is ever used for something else. */

#include <stdlib.h>

#include "model/job.h"
#include "base/base.h"
#include "disk/sink.h"
#include "net/request.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Fields of a job that are no members. */
enum
{
    FIELD_FILE = 1,
    FIELD_ERROR_FILE = 2, /* index of the file that the error is about */
    FIELD_TIMES = 16,     /* three FILETIMEs */
};

#define JOB_MEMBER(number, type, name) { number, type, offsetof(struct job, name), RTL_FIELD_SIZE(struct job, name) }

static const struct record_member job_members[] =
{
    JOB_MEMBER(3, MEMBER_BYTES, id),
    JOB_MEMBER(4, MEMBER_STRING, user_sid),
    JOB_MEMBER(5, MEMBER_STRING, name),
    JOB_MEMBER(6, MEMBER_STRING, description),
    JOB_MEMBER(7, MEMBER_UINT32, state),
    JOB_MEMBER(8, MEMBER_UINT32, ending),
    JOB_MEMBER(9, MEMBER_UINT32, priority),
    JOB_MEMBER(10, MEMBER_UINT32, retry_delay),
    JOB_MEMBER(11, MEMBER_UINT32, no_progress_timeout),
    JOB_MEMBER(12, MEMBER_UINT32, has_timeout),
    JOB_MEMBER(13, MEMBER_UINT32, notify_flags),
    JOB_MEMBER(14, MEMBER_UINT32, cost_flags),
    JOB_MEMBER(15, MEMBER_BYTES, notify_clsid),
    JOB_MEMBER(FIELD_TIMES, MEMBER_BYTES, times),
    JOB_MEMBER(17, MEMBER_UINT32, error_count),
    JOB_MEMBER(18, MEMBER_UINT32, is_notified),
    JOB_MEMBER(19, MEMBER_UINT32, has_error),
    JOB_MEMBER(20, MEMBER_UINT32, error.failure.class),
    JOB_MEMBER(21, MEMBER_UINT32, error.failure.hr),
    JOB_MEMBER(22, MEMBER_UINT32, error.failure.underlying),
    JOB_MEMBER(23, MEMBER_UINT32, error.failure.http_status),
    JOB_MEMBER(24, MEMBER_UINT32, error.failure.source),
    JOB_MEMBER(25, MEMBER_UINT64, age_record.passed),
    JOB_MEMBER(26, MEMBER_UINT64, age_record.time),
    JOB_MEMBER(27, MEMBER_UINT32, notify_interval),
    JOB_MEMBER(28, MEMBER_UINT32, max_download_time),
    JOB_MEMBER(29, MEMBER_UINT64, max_download_size),
    JOB_MEMBER(30, MEMBER_UINT32, file_acl_flags),
    JOB_MEMBER(31, MEMBER_UINT32, peer_caching_flags),
    JOB_MEMBER(32, MEMBER_UINT32, stored_credentials),
    JOB_MEMBER(33, MEMBER_UINT32, is_dynamic),
    JOB_MEMBER(34, MEMBER_UINT32, is_high_performance),
    JOB_MEMBER(35, MEMBER_UINT32, integrity_level),
    JOB_MEMBER(36, MEMBER_UINT32, is_elevated),
    JOB_MEMBER(37, MEMBER_UINT32, is_resumed),
    JOB_MEMBER(38, MEMBER_UINT64, time_used),
    JOB_MEMBER(40, MEMBER_UINT32, options.proxy_usage),
    JOB_MEMBER(41, MEMBER_STRING, options.proxy_list),
    JOB_MEMBER(42, MEMBER_STRING, options.proxy_bypass),
    JOB_MEMBER(50, MEMBER_STRING, options.saved_headers),
    JOB_MEMBER(51, MEMBER_UINT32, options.are_headers_hidden),
    JOB_MEMBER(52, MEMBER_UINT32, options.http_flags),
    JOB_MEMBER(53, MEMBER_STRING, options.method),
    JOB_MEMBER(54, MEMBER_UINT32, options.certificate.location),
    JOB_MEMBER(55, MEMBER_STRING, options.certificate.store),
    JOB_MEMBER(56, MEMBER_BYTES, options.certificate.hash),
    JOB_MEMBER(57, MEMBER_STRING, options.certificate.subject),
};

enum
{
    FIELD_TRANSFER = 1,
};

struct file_record
{
    WCHAR *id;
    WCHAR *reported_url;
    DWORD is_completed;
    DWORD is_ahead;
    DWORD is_notify_pending;
    DWORD is_validated;
    DWORD has_integrity_mandatory;
    DWORD is_integrity_mandatory;
    WCHAR *integrity_info;
    struct transfer_record transfer;
    BOOL has_transfer;
};

#define FILE_MEMBER(number, type, name) { number, type, offsetof(struct file_record, name) }

static const struct record_member file_members[] =
{
    FILE_MEMBER(2, MEMBER_STRING, id),
    FILE_MEMBER(3, MEMBER_UINT32, is_completed),
    FILE_MEMBER(4, MEMBER_UINT32, is_notify_pending),
    FILE_MEMBER(5, MEMBER_UINT32, has_integrity_mandatory),
    FILE_MEMBER(6, MEMBER_STRING, integrity_info),
    FILE_MEMBER(7, MEMBER_UINT32, is_validated),
    FILE_MEMBER(8, MEMBER_UINT32, is_ahead),
    FILE_MEMBER(9, MEMBER_UINT32, is_integrity_mandatory),
    FILE_MEMBER(50, MEMBER_STRING, reported_url),
};

static void encode_file_locked(const struct job_file *file, struct record_writer *writer)
{
    struct file_record record =
    {
        .id = file->id,
        .reported_url = file->reported_url,
        .is_completed = file->is_completed,
        .is_ahead = file->is_ahead,
        .is_notify_pending = file->is_notify_pending,
        .is_validated = file->is_validated,
        .has_integrity_mandatory = file->has_integrity_mandatory,
        .is_integrity_mandatory = file->is_integrity_mandatory,
        .integrity_info = file->integrity_info,
    };
    UINT group;

    transfer_save_locked(file->transfer, &record.transfer);
    /* While files are being renamed the disk tells which name each of them has; after that nothing need be asked. */
    if (file->is_completed && file->job->ending != JOB_COMPLETING)
        record.transfer.temporary_name = NULL;
    group = record_begin_group(writer, FIELD_FILE);
    record_put_members(writer, file_members, ARRAY_SIZE(file_members), &record);
    record_put_transfer(writer, FIELD_TRANSFER, &record.transfer);
    record_end_group(writer, group);
}

static void encode_new_files_locked(const struct job *job, struct record_writer *writer)
{
    UINT i;

    record_put_bytes(writer, FIELD_TIMES, &job->times, sizeof(job->times));
    for (i = 0; i < job->new_count; i++)
        encode_file_locked(job->files[job->file_count + i], writer);
}

/* Return whether some of its files are done, but not safe on disk yet. */
static BOOL has_unflushed_locked(const struct job *job)
{
    UINT i;

    for (i = 0; i < job->file_count; i++)
    {
        if (job->files[i]->transfer->state == TRANSFER_DONE
                && transfer_is_unflushed_locked(job->files[i]->transfer))
            return TRUE;
    }
    return FALSE;
}

static void encode_job_locked(struct job *job, struct record_writer *writer)
{
    /* New files that an addition will have are left to it. */
    UINT count = job->file_count + (job->item.is_adding ? 0 : job->new_count), i;
    struct job copy = *job;

    age_save(&job->age, &copy.age_record);
    copy.time_used = job_get_time_used_locked(job);
    if (job->state == BG_JOB_STATE_TRANSFERRED && job->new_count)
        copy.state = BG_JOB_STATE_SUSPENDED;
    /* Claim no files that a crash could take away. */
    else if (job->state == BG_JOB_STATE_TRANSFERRED && has_unflushed_locked(job))
        copy.state = BG_JOB_STATE_QUEUED;
    record_put_members(writer, job_members, ARRAY_SIZE(job_members), &copy);
    for (i = 0; i < count; i++)
    {
        encode_file_locked(job->files[i], writer);
        if (job->has_error && job->files[i] == job->error.file)
            record_put_number(writer, FIELD_ERROR_FILE, i);
    }
}

static void job_encode(struct store_item *item, struct record_writer *writer, BOOL is_addition)
{
    struct job *job = job_from_item(item);

    AcquireSRWLockShared(&job->lock);
    if (is_addition)
        encode_new_files_locked(job, writer);
    else
        encode_job_locked(job, writer);
    ReleaseSRWLockShared(&job->lock);
}

static void file_record_clear(struct file_record *record)
{
    free(record->id);
    free(record->reported_url);
    free(record->integrity_info);
    if (record->has_transfer)
        transfer_record_clear(&record->transfer);
}

/* The process ended within Complete. A temporary file that is there is believed: it was not renamed yet,
 * or a crash of the machine has undone that. One that is gone has got the final name, if that is there;
 * else it is lost, or was dropped because it was not transferred. */
static void finish_commit(struct file_record *record)
{
    struct transfer_record *transfer = &record->transfer;

    if (!transfer->temporary_name)
        return;
    if (!file_sink_is_gone(transfer->temporary_name))
    {
        record->is_completed = FALSE;
        return;
    }
    if (!record->is_completed)
    {
        /* A file that is done ahead of its turn is dropped, and another one may have the name. */
        record->is_completed = transfer->is_done && !record->is_ahead && transfer->path
                && !file_sink_is_gone(transfer->path);
        transfer->is_done = record->is_completed;
        if (!record->is_completed)
            transfer->received_count = 0;
    }
    free(transfer->temporary_name);
    transfer->temporary_name = NULL;
}

static BOOL decode_file_record(struct record_reader *reader, const struct record_field *field,
        struct file_record *record)
{
    struct record_reader group;
    struct record_field member;

    memset(record, 0, sizeof(*record));
    if (!record_get_group(reader, field, &group))
        return FALSE;
    while (record_next(&group, &member))
    {
        if (member.number != FIELD_TRANSFER)
            record_get_member(&group, &member, file_members, ARRAY_SIZE(file_members), record);
        else if (!record->has_transfer)
            record->has_transfer = record_get_transfer(&group, &member, &record->transfer);
    }
    if (group.status == RECORD_OK && record->id && record->has_transfer && record->transfer.url)
        return TRUE;
    file_record_clear(record);
    reader->status = group.status == RECORD_OK ? RECORD_DAMAGED : group.status;
    return FALSE;
}

/* Put a job into ERROR whose stream has gone with the service. A stream that has got everything stays done. */
static void restore_stream(struct job *job, struct job_file *file)
{
    if (file->transfer->state == TRANSFER_DONE)
    {
        file->is_completed = TRUE;
        return;
    }
    job->state = BG_JOB_STATE_ERROR;
    job->has_error = TRUE;
    job->is_notified = FALSE;
    job->error.failure = failure_from_hresult(DO_E_FILE_DOWNLOADSINK_UNSPECIFIED);
    job->error.file = file;
}

static enum record_status restore_file(struct job *job, const struct file_record *record)
{
    const struct file_params params =
    {
        .id = record->id,
        .url = record->transfer.url,
        .path = record->transfer.path,
        .ranges = record->transfer.wanted,
        .range_count = record->transfer.wanted_count,
        .size = record->transfer.declared_size,
    };
    struct job_file *file;

    if (FAILED(job_restore_file(job, &params, &file)) || FAILED(transfer_restore(file->transfer, &record->transfer)))
        return RECORD_NO_MEMORY;
    file->reported_url = record->reported_url ? wcsdup(record->reported_url) : NULL;
    if (record->reported_url && !file->reported_url)
        return RECORD_NO_MEMORY;
    file->is_completed = record->is_completed;
    file->is_ahead = record->is_ahead;
    file->is_notify_pending = record->is_notify_pending;
    file->is_validated = record->is_validated;
    file->has_integrity_mandatory = record->has_integrity_mandatory;
    file->is_integrity_mandatory = record->is_integrity_mandatory;
    if (record->integrity_info && !(file->integrity_info = SysAllocString(record->integrity_info)))
        return RECORD_NO_MEMORY;
    if (FAILED(file_apply_integrity_locked(file)))
        return RECORD_NO_MEMORY;
    if (record->transfer.is_stream && !file->is_completed)
        restore_stream(job, file);
    return RECORD_OK;
}

static void decode_file(struct job *job, struct record_reader *reader, const struct record_field *field)
{
    struct file_record record;

    if (!decode_file_record(reader, field, &record))
        return;
    if (job->ending == JOB_COMPLETING)
        finish_commit(&record);
    reader->status = restore_file(job, &record);
    file_record_clear(&record);
}

/* Members are before the files, as they are written. */
static void decode_fields(struct job *job, struct record_reader *reader)
{
    struct record_field field;
    UINT64 index;

    while (record_next(reader, &field))
    {
        switch (field.number)
        {
            case FIELD_FILE:
                decode_file(job, reader, &field);
                break;
            case FIELD_ERROR_FILE:
                if (record_get_number(reader, &field, 0xffffffff, &index) && index < job->file_count
                        && !job->error.file)
                    job->error.file = job->files[index];
                break;
            default:
                record_get_member(reader, &field, job_members, ARRAY_SIZE(job_members), job);
        }
    }
}

static BOOL is_sound(const struct job *job)
{
    return job->user_sid && job->name && job->description && (UINT)job->state <= BG_JOB_STATE_CANCELLED
            && (UINT)job->ending <= JOB_CANCELLING && (UINT)job->priority <= BG_JOB_PRIORITY_LOW
            && job->options.proxy_usage <= BG_JOB_PROXY_USAGE_AUTODETECT
            && (!job->has_error || job->error.file)
            && (!job->options.method || request_is_token(job->options.method));
}

static enum record_status job_decode(struct table *table, const GUID *id, struct record_reader *reader,
        struct store_item **item)
{
    struct job *job;

    if (!(job = job_alloc(table)))
        return RECORD_NO_MEMORY;
    decode_fields(job, reader);
    if (reader->status == RECORD_OK && !IsEqualGUID(&job->id, id))
        reader->status = RECORD_FOREIGN;
    if (reader->status == RECORD_OK && !is_sound(job))
        reader->status = RECORD_DAMAGED;
    if (reader->status == RECORD_OK && FAILED(job_restore_options(job)))
        reader->status = RECORD_NO_MEMORY;
    job_get_current_locked(job); /* counts what is done */
    if (reader->status != RECORD_OK)
    {
        job_release(job);
        return reader->status;
    }
    age_restore(&job->age, &job->age_record, table_get_expiry(table));
    job->item.created = (UINT64)job->times.CreationTime.dwHighDateTime << 32 | job->times.CreationTime.dwLowDateTime;
    *item = &job->item;
    return RECORD_OK;
}

static void job_flush(struct store_item *item)
{
    job_flush_files(job_from_item(item), TRUE);
}

static BOOL job_restore(struct store_item *item)
{
    struct job *job = job_from_item(item);

    store_add_loaded(item);
    if (job->ending == JOB_CANCELLING || job_is_final_locked(job))
    {
        TRACE("job %s was ending.\n", debugstr_guid(&job->id));
        if (job_abandon_files(job))
            store_remove(&job->item);
        return FALSE;
    }
    if (job_is_active_locked(job))
        job->state = BG_JOB_STATE_QUEUED;
    if (job->ending == JOB_COMPLETING)
    {
        /* Go on as when a rename fails. */
        if (job->state != BG_JOB_STATE_ERROR)
            job->state = job_get_current_locked(job) ? BG_JOB_STATE_SUSPENDED : BG_JOB_STATE_TRANSFERRED;
        if (SUCCEEDED(job_flush_folders(job)))
            job->ending = JOB_NOT_ENDING;
        store_change(&job->item);
    }
    INFO("restored job %s, %s.\n", debugstr_guid(&job->id), debugstr_job_state(job->state));
    return TRUE;
}

static const struct table_ops job_ops =
{
    { RECORD_JOB, L".job", job_destroy, job_flush, job_encode },
    job_decode,
    job_restore,
    job_start,
    job_halt,
    job_expire,
    job_forget_client,
};

struct table job_table = TABLE_INIT(job_table, job_ops, SETTING_JOB_EXPIRY, POLICY_JOB_INACTIVITY);
