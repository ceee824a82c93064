/*
 * Settings of a download, and what is kept of it across restarts
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

#ifndef __DOSVC_DOWNLOAD_RECORD_H
#define __DOSVC_DOWNLOAD_RECORD_H

#include "base/record.h"

#define COST_POLICY_UNSET (~0u)

/* Settings that are properties: all that makes a download anew, apart from its progress. A row has
 *   the member of struct download_settings,
 *   the property, DODownloadProperty_*,
 *   its type: STRING (owned, NULL while it is not set), NUMBER, LARGE, FLAG,
 *   how a record has it: PLAIN, URL (without user and password), HEADERS (without credentials), FIXED (of every
 *     download, in a row of its own), SECRET (never),
 *   its number in the record, 0 for a secret,
 *   whether requests get it as an option of the same name: SENT, or LOCAL,
 *   the states in which it may be set, whether it can be cleared, and other members of a row of
 *   com/do_download.c. */
#define DOWNLOAD_SETTINGS(SETTING) \
    SETTING(uri, Uri, STRING, URL, 12, LOCAL, HALTED_STATES, FALSE, .check = check_download_uri, \
            .hide = hide_userinfo, .is_same = is_same_url, .too_long = INET_E_INVALID_URL) \
    SETTING(content_id, ContentId, STRING, PLAIN, 13, LOCAL, HALTED_STATES, TRUE, .check = check_label, \
            .is_same = is_same_text) \
    SETTING(display_name, DisplayName, STRING, PLAIN, 14, LOCAL, ACTIVE_STATES, TRUE, .check = check_label, \
            .is_same = is_same_text) \
    SETTING(path, LocalPath, STRING, PLAIN, 15, LOCAL, SET_IN(Created), FALSE, .check = check_download_path, \
            .can_set = can_set_path_locked, .is_same = is_same_local_path, \
            .too_long = __HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE)) \
    SETTING(headers, HttpCustomHeaders, STRING, HEADERS, 2, SENT, HALTED_STATES, TRUE, .hide = hide_credentials) \
    SETTING(cost_policy, CostPolicy, NUMBER, PLAIN, 18, LOCAL, ACTIVE_STATES, FALSE, .max = COST_POLICY_MAX, \
            .apply = apply_running_locked, .get = get_cost_policy_locked) \
    SETTING(security_flags, SecurityFlags, NUMBER, PLAIN, 19, SENT, HALTED_STATES, FALSE, .access = WRITE_ONLY, \
            .check = check_security_flags) \
    SETTING(callback_percent, CallbackFreqPercent, NUMBER, PLAIN, 20, LOCAL, ACTIVE_STATES, FALSE, \
            .max = PERCENT_MAX, .apply = apply_frequency_locked) \
    SETTING(callback_seconds, CallbackFreqSeconds, NUMBER, PLAIN, 21, LOCAL, ACTIVE_STATES, FALSE, \
            .apply = apply_frequency_locked) \
    SETTING(no_progress_timeout, NoProgressTimeoutSeconds, NUMBER, PLAIN, 22, LOCAL, ACTIVE_STATES, FALSE, \
            .check = check_timeout, .apply = apply_running_locked, .get = get_timeout_locked) \
    SETTING(is_foreground, ForegroundPriority, FLAG, PLAIN, 24, LOCAL, ACTIVE_STATES, FALSE, \
            .apply = apply_running_locked) \
    SETTING(is_blocking, BlockingMode, FLAG, PLAIN, 25, LOCAL, ACTIVE_STATES & ~SET_IN(Transferring), FALSE) \
    SETTING(correlation_vector, CorrelationVector, STRING, PLAIN, 16, SENT, ACTIVE_STATES, TRUE) \
    SETTING(decryption_info, DecryptionInfo, STRING, SECRET, 0, LOCAL, SET_IN(Created), FALSE, \
            .access = WRITE_ONLY, .is_valid = decryption_info_is_valid, .set = set_decryption_locked) \
    SETTING(integrity_info, IntegrityCheckInfo, STRING, PLAIN, 17, LOCAL, HALTED_STATES, FALSE, \
            .access = WRITE_ONLY, .is_valid = json_is_object) \
    SETTING(is_integrity_mandatory, IntegrityCheckMandatory, FLAG, PLAIN, 26, LOCAL, HALTED_STATES, FALSE) \
    SETTING(size_hint, TotalSizeBytes, LARGE, PLAIN, 23, LOCAL, SET_IN(Created), FALSE, \
            .apply = apply_size_locked, .get = get_size_locked) \
    SETTING(is_cellular_forbidden, DisallowOnCellular, FLAG, PLAIN, 27, LOCAL, ACTIVE_STATES, FALSE, \
            .apply = apply_running_locked) \
    SETTING(auth_headers, HttpCustomAuthHeaders, STRING, SECRET, 0, SENT, HALTED_STATES, TRUE, .hide = hide_all) \
    SETTING(is_insecure_redirect_allowed, HttpAllowSecureToNonSecureRedirect, FLAG, PLAIN, 28, SENT, \
            HALTED_STATES, FALSE) \
    SETTING(is_non_volatile, NonVolatile, FLAG, FIXED, 5, LOCAL, SET_IN(Created), FALSE, \
            .set = set_volatility_locked)

#define SETTING_STRING WCHAR *
#define SETTING_NUMBER UINT
#define SETTING_LARGE  UINT64
#define SETTING_FLAG   BOOL

#define SETTING_MEMBER(member, property, type, ...) SETTING_##type member;

struct download_settings
{
    DOWNLOAD_SETTINGS(SETTING_MEMBER)
    BOOL is_encrypted; /* has or had a decryption_info */
    BYTE *certificate; /* owned; a serialized store element. A secret, never to be stored */
    DWORD certificate_size; /* bytes */
};

/* Free what the struct owns, and zero it. */
extern void download_settings_clear(struct download_settings *settings);

/* End of a download that a client has begun and not seen completed. The values are on disk. */
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
    WCHAR *user_sid;  /* owned; as a string */
    struct download_settings settings;
    struct transfer_record transfer;
};

extern void record_put_download(struct record_writer *writer, const struct download_record *download);
/* Reads to the end. On failure there is nothing to be freed. */
extern enum record_status record_get_download(struct record_reader *reader, struct download_record *download);
extern void download_record_clear(struct download_record *download);

#endif /* __DOSVC_DOWNLOAD_RECORD_H */
