/*
 * doctl: errors, their names and exit codes
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

#include "doctl.h"
#include <bitserrors.h>
#include <dosvcerrors.h>
#include <urlmon.h>
#include <winhttp.h>

static const struct known_error
{
    HRESULT hr;
    const WCHAR *name;
    enum exit_code exit_code;
}
errors[] =
{
#define X(hr, exit_code) {hr, L## #hr, exit_code}
    X(DO_E_NO_SERVICE,                              EXIT_NO_SERVICE),
    X(DO_E_DOWNLOAD_NO_PROGRESS,                    EXIT_FAILED),
    X(DO_E_JOB_NOT_FOUND,                           EXIT_NO_ID),
    X(DO_E_JOB_EMPTY,                               EXIT_FAILED),
    X(DO_E_NO_DOWNLOADS,                            EXIT_NO_ID),
    X(DO_E_MEMORYSTREAM_DOWNLOAD_NOT_SUPPORTED,     EXIT_FAILED),
    X(DO_E_JOB_TOO_OLD,                             EXIT_FAILED),
    X(DO_E_LOCALPATH_NOT_SET,                       EXIT_FAILED),
    X(DO_E_FILE_NOT_AVAILABLE,                      EXIT_FAILED),
    X(DO_E_UNKNOWN_PROPERTY_ID,                     EXIT_FAILED),
    X(DO_E_READ_ONLY_PROPERTY,                      EXIT_FAILED),
    X(DO_E_INVALID_STATE,                           EXIT_FAILED),
    X(DO_E_ERROR_INFORMATION_UNAVAILABLE,           EXIT_FAILED),
    X(DO_E_WRITE_ONLY_PROPERTY,                     EXIT_FAILED),
    X(DO_E_INTEGRITYCHECKINFO_UNSPECIFIED,          EXIT_INTEGRITY),
    X(DO_E_INTEGRITYCHECKINFO_UNAVAILABLE,          EXIT_INTEGRITY),
    X(DO_E_FILE_DOWNLOADSINK_UNSPECIFIED,           EXIT_FAILED),
    X(DO_E_FILE_DOWNLOADSINK_ALREADY_SET,           EXIT_FAILED),
    X(DO_E_FILE_SIZE_UNKNOWN_HTTP_200,              EXIT_FAILED),
    X(DO_E_FILE_ENCRYPTION_EXPECTED,                EXIT_INTEGRITY),
    X(DO_E_FILE_SIZE_UNKNOWN_HTTP_206,              EXIT_FAILED),
    X(DO_E_FILE_SIZE_UNKNOWN_HTTP_2XX,              EXIT_FAILED),
    X(DO_E_NETWORK_ACCESS_CONSENT_NEEDED,           EXIT_BLOCKED),
    X(DO_E_DOWNLOAD_NO_URI,                         EXIT_FAILED),
    X(DO_E_DOWNLOAD_NO_CONTENT_ID,                  EXIT_FAILED),
    X(DO_E_INVALID_CONTENT_ID,                      EXIT_FAILED),
    X(DO_E_DOWNLOAD_RANGES_UNEXPECTED,              EXIT_FAILED),
    X(DO_E_DOWNLOAD_RANGES_EXPECTED,                EXIT_FAILED),
    X(DO_E_NO_DOWNLOAD_PARTICIPATION,               EXIT_FAILED),
    X(DO_E_NO_DOWNLOAD_EXTSETTINGS,                 EXIT_BLOCKED),
    X(DO_E_BLOCKED_BY_COST_TRANSFER_POLICY,         EXIT_BLOCKED),
    X(DO_E_DOWNLOADMODE_SET_BY_CP,                  EXIT_FAILED),
    X(DO_E_BLOCKED_BY_CELLULAR_POLICY,              EXIT_BLOCKED),
    X(DO_E_BLOCKED_BY_POWER_STATE,                  EXIT_BLOCKED),
    X(DO_E_BLOCKED_BY_NO_NETWORK,                   EXIT_BLOCKED),
    X(DO_E_DOWNLOADMODE_SET_BY_POLICY,              EXIT_FAILED),
    X(DO_E_BLOCKED_BY_VPN_POLICY,                   EXIT_BLOCKED),
    X(DO_E_BLOCKED_BY_CRITICAL_MEMORY_USAGE,        EXIT_BLOCKED),
    X(DO_E_DOWNLOADMODE_SET_BY_CACHE_ABSENCE,       EXIT_FAILED),
    X(DO_E_CLOUD_SERVICES_UNREACHABLE,              EXIT_FAILED),
    X(DO_E_DOWNLOADMODE_SET_FOR_UNREG_CALLER,       EXIT_FAILED),
    X(DO_E_DOWNLOADMODE_SET_FOR_SIMPLE_RANGES,      EXIT_FAILED),
    X(DO_E_UNEXPECTED_HTTP_STATUS_2XX,              EXIT_FAILED),
    X(DO_E_HTTP_BLOCKSIZE_MISMATCH,                 EXIT_FAILED),
    X(DO_E_HTTP_CERT_VALIDATION,                    EXIT_FAILED),
    X(DO_E_INVALID_RANGE,                           EXIT_FAILED),
    X(DO_E_INSUFFICIENT_RANGE_SUPPORT,              EXIT_FAILED),
    X(DO_E_OVERLAPPING_RANGES,                      EXIT_FAILED),
    X(DO_E_UPLOADING_BAD_PIECES,                    EXIT_FAILED),
    X(DO_E_FATAL_CORE_ERROR,                        EXIT_FAILED),
    X(DO_E_SERVICES_RESPONSE_EMPTY,                 EXIT_FAILED),
    X(DO_E_BAD_INCOMING_DATA,                       EXIT_FAILED),
    X(DO_E_BAD_PIECE_HASH,                          EXIT_INTEGRITY),
    X(DO_E_BAD_PIECE_HASH_NO_BAN,                   EXIT_INTEGRITY),
    X(DO_E_ALREADY_HAVE_PIECE,                      EXIT_FAILED),
    X(DO_E_MISSING_PIECE,                           EXIT_FAILED),
    X(DO_E_METAINFO_CONTENT,                        EXIT_INTEGRITY),
    X(DO_E_METAINFO_VERSION,                        EXIT_INTEGRITY),
    X(DO_E_SWARM_NOT_RUNNING,                       EXIT_FAILED),
    X(DO_E_UNRECOGNIZED_CONN,                       EXIT_FAILED),
    X(DO_E_PEER_BANNED,                             EXIT_FAILED),
    X(DO_E_CONNECT_TO_SELF,                         EXIT_FAILED),
    X(DO_E_ALREADY_CONNECTED,                       EXIT_FAILED),
    X(DO_E_NO_MORE_CONNECTIONS,                     EXIT_FAILED),
    X(DO_E_LOST_CONNECTION,                         EXIT_FAILED),
    X(DO_E_UNRECOGNIZED_SWARM,                      EXIT_FAILED),
    X(DO_E_INVALID_HANDSHAKE_LEN,                   EXIT_FAILED),
    X(DO_E_SOCKET_CLOSED,                           EXIT_FAILED),
    X(DO_E_PEER_MSG_TOO_LONG,                       EXIT_FAILED),
    X(DO_E_INVALID_PEER_MSG,                        EXIT_FAILED),
    X(DO_E_PEER_IS_UPLOAD,                          EXIT_FAILED),
    X(DO_E_PIN_FAIL_NO_PEERING,                     EXIT_FAILED),
    X(DO_E_DELETE_PINNED_SWARM,                     EXIT_FAILED),
    X(DO_E_METAINFO_DIGEST_MATCH,                   EXIT_INTEGRITY),
    X(DO_E_METAINFO_HOH_MATCH,                      EXIT_INTEGRITY),
    X(DO_E_METAINFO_HOH_FINAL_MATCH,                EXIT_INTEGRITY),
    X(DO_E_METAINFO_CONTENT_LENGTH,                 EXIT_INTEGRITY),
    X(DO_E_METAINFO_PIECE_SIZE,                     EXIT_INTEGRITY),
    X(DO_E_METAINFO_PARSE_HOH,                      EXIT_INTEGRITY),
    X(DO_E_METAINFO_PARSE_PIECEHASHES,              EXIT_INTEGRITY),
    X(DO_E_METAINFO_PARSE_ONE_PIECEHASH,            EXIT_INTEGRITY),
    X(DO_E_METAINFO_FILE_SIZE,                      EXIT_INTEGRITY),
    X(BG_S_PARTIAL_COMPLETE,                        EXIT_FAILED),
    X(BG_S_UNABLE_TO_DELETE_FILES,                  EXIT_FAILED),
    X(BG_E_NOT_FOUND,                               EXIT_NO_ID),
    X(BG_E_INVALID_STATE,                           EXIT_FAILED),
    X(BG_E_EMPTY,                                   EXIT_FAILED),
    X(BG_E_FILE_NOT_AVAILABLE,                      EXIT_FAILED),
    X(BG_E_PROTOCOL_NOT_AVAILABLE,                  EXIT_FAILED),
    X(BG_E_ERROR_INFORMATION_UNAVAILABLE,           EXIT_FAILED),
    X(BG_E_NETWORK_DISCONNECTED,                    EXIT_BLOCKED),
    X(BG_E_BLOCKED_BY_POLICY,                       EXIT_BLOCKED),
    X(BG_E_MISSING_FILE_SIZE,                       EXIT_FAILED),
    X(BG_E_INSUFFICIENT_RANGE_SUPPORT,              EXIT_FAILED),
    X(BG_E_PROXY_LIST_TOO_LARGE,                    EXIT_FAILED),
    X(BG_E_PROXY_BYPASS_LIST_TOO_LARGE,             EXIT_FAILED),
    X(BG_E_INVALID_SERVER_RESPONSE,                 EXIT_FAILED),
    X(BG_E_STRING_TOO_LONG,                         EXIT_FAILED),
    X(BG_E_NO_PROGRESS,                             EXIT_FAILED),
    X(BG_E_USERNAME_TOO_LARGE,                      EXIT_FAILED),
    X(BG_E_PASSWORD_TOO_LARGE,                      EXIT_FAILED),
    X(BG_E_INVALID_AUTH_TARGET,                     EXIT_FAILED),
    X(BG_E_INVALID_AUTH_SCHEME,                     EXIT_FAILED),
    X(BG_E_INVALID_RANGE,                           EXIT_FAILED),
    X(BG_E_OVERLAPPING_RANGES,                      EXIT_FAILED),
    X(BG_E_INVALID_PROXY_INFO,                      EXIT_FAILED),
    X(BG_E_VALIDATION_FAILED,                       EXIT_FAILED),
    X(BG_E_MAXDOWNLOAD_TIMEOUT,                     EXIT_FAILED),
    X(BG_E_UNKNOWN_PROPERTY_ID,                     EXIT_FAILED),
    X(BG_E_READ_ONLY_PROPERTY,                      EXIT_FAILED),
    X(BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE,        EXIT_FAILED),
    X(BG_E_READ_ONLY_PROPERTY_AFTER_RESUME,         EXIT_FAILED),
    X(BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE,         EXIT_FAILED),
    X(BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED,         EXIT_FAILED),
    X(BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED,    EXIT_FAILED),
    X(E_ACCESSDENIED,                               EXIT_FAILED),
    X(E_INVALIDARG,                                 EXIT_FAILED),
    X(E_OUTOFMEMORY,                                EXIT_FAILED),
    X(INET_E_INVALID_URL,                           EXIT_FAILED),
    X(REGDB_E_CLASSNOTREG,                          EXIT_NO_SERVICE),
    /* The service ended during a call. */
    X(RPC_E_DISCONNECTED,                           EXIT_NO_SERVICE),
    X(RPC_E_SERVER_DIED,                            EXIT_NO_SERVICE),
    X(RPC_E_SERVER_DIED_DNE,                        EXIT_NO_SERVICE),
    X(CO_E_OBJNOTCONNECTED,                         EXIT_NO_SERVICE),
#undef X
#define X(error, exit_code) {__HRESULT_FROM_WIN32(error), L## #error, exit_code}
    X(RPC_S_SERVER_UNAVAILABLE,                     EXIT_NO_SERVICE),
    X(RPC_S_CALL_FAILED,                            EXIT_NO_SERVICE),
    X(ERROR_WINHTTP_TIMEOUT,                        EXIT_FAILED),
    X(ERROR_WINHTTP_INTERNAL_ERROR,                 EXIT_FAILED),
    X(ERROR_WINHTTP_INVALID_URL,                    EXIT_FAILED),
    X(ERROR_WINHTTP_UNRECOGNIZED_SCHEME,            EXIT_FAILED),
    X(ERROR_WINHTTP_NAME_NOT_RESOLVED,              EXIT_FAILED),
    X(ERROR_WINHTTP_OPERATION_CANCELLED,            EXIT_FAILED),
    X(ERROR_WINHTTP_CANNOT_CONNECT,                 EXIT_FAILED),
    X(ERROR_WINHTTP_CONNECTION_ERROR,               EXIT_FAILED),
    X(ERROR_WINHTTP_SECURE_CERT_DATE_INVALID,       EXIT_FAILED),
    X(ERROR_WINHTTP_SECURE_CERT_CN_INVALID,         EXIT_FAILED),
    X(ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED,        EXIT_FAILED),
    X(ERROR_WINHTTP_SECURE_INVALID_CA,              EXIT_FAILED),
    X(ERROR_WINHTTP_SECURE_CERT_REV_FAILED,         EXIT_FAILED),
    X(ERROR_WINHTTP_HEADER_NOT_FOUND,               EXIT_FAILED),
    X(ERROR_WINHTTP_INVALID_SERVER_RESPONSE,        EXIT_FAILED),
    X(ERROR_WINHTTP_REDIRECT_FAILED,                EXIT_FAILED),
    X(ERROR_WINHTTP_SECURE_CHANNEL_ERROR,           EXIT_FAILED),
    X(ERROR_WINHTTP_SECURE_CERT_REVOKED,            EXIT_FAILED),
    X(ERROR_WINHTTP_SECURE_FAILURE,                 EXIT_FAILED),
    X(ERROR_DISK_FULL,                              EXIT_FAILED),
    X(ERROR_FILE_NOT_FOUND,                         EXIT_FAILED),
    X(ERROR_PATH_NOT_FOUND,                         EXIT_FAILED),
    X(ERROR_FILE_EXISTS,                            EXIT_FAILED),
    X(ERROR_SHARING_VIOLATION,                      EXIT_FAILED),
#undef X
};

static const struct known_error *find_error(HRESULT hr)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(errors); ++i)
    {
        if (errors[i].hr == hr)
            return &errors[i];
    }
    return NULL;
}

const WCHAR *error_name(HRESULT hr)
{
    const struct known_error *error = find_error(hr);

    return error ? error->name : NULL;
}

static enum exit_code error_exit_code(HRESULT hr)
{
    const struct known_error *error = find_error(hr);

    return error ? error->exit_code : EXIT_FAILED;
}

/* Make one line of the text, without a full stop: more text follows. */
static void trim(WCHAR *text)
{
    size_t length;
    WCHAR *p;

    for (p = text; (p = wcspbrk(p, L"\r\n")); ++p)
        *p = ' ';
    for (length = wcslen(text); length && (text[length - 1] == ' ' || text[length - 1] == '.'); --length)
        text[length - 1] = 0;
}

/* Return the service's DLL, whose texts are there also when it does not run; NULL without it. */
static HMODULE get_module(void)
{
    static const WCHAR native[] = L"\\sysnative\\dosvc.dll"; /* as a 32-bit doctl in a 64-bit prefix sees it */
    WCHAR path[MAX_PATH + ARRAY_SIZE(native)];
    static HMODULE module;
    UINT length;

    if (!module && (length = GetWindowsDirectoryW(path, MAX_PATH)) && length < MAX_PATH)
    {
        wcscpy_s(path + length, ARRAY_SIZE(native), native);
        module = LoadLibraryExW(path, NULL, LOAD_LIBRARY_AS_DATAFILE);
    }
    if (!module)
        module = LoadLibraryExW(L"dosvc.dll", NULL, LOAD_LIBRARY_AS_DATAFILE);
    return module;
}

static BOOL load_text(UINT base, HRESULT hr, WCHAR text[ERROR_TEXT_MAX])
{
    return get_module() && error_text_load(get_module(), base, hr, text);
}

static BOOL load_system_text(HRESULT hr, WCHAR text[ERROR_TEXT_MAX])
{
    return FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, hr, 0, text, ERROR_TEXT_MAX,
            NULL);
}

static WCHAR *copy_trimmed(WCHAR text[ERROR_TEXT_MAX])
{
    trim(text);
    return wcsdup(text);
}

WCHAR *error_text(HRESULT hr)
{
    WCHAR text[ERROR_TEXT_MAX];

    if (load_text(0, hr, text) || load_system_text(hr, text))
        return copy_trimmed(text);
    return format_message(hr == REGDB_E_CLASSNOTREG ? IDS_NOT_REGISTERED : IDS_UNKNOWN_ERROR);
}

WCHAR *error_next_step(HRESULT hr)
{
    WCHAR text[ERROR_TEXT_MAX];

    if (load_text(IDS_NEXT_STEP, hr, text))
        return copy_trimmed(text);
    return error_exit_code(hr) == EXIT_NO_SERVICE ? format_message(IDS_NEXT_STEP_NO_SERVICE) : NULL;
}

static void write_next_step(HRESULT hr)
{
    WCHAR *text = error_next_step(hr);

    if (text)
        write_message(STD_ERROR_HANDLE, IDS_NEXT, text);
    free(text);
}

enum exit_code report_error(HRESULT hr, const WCHAR *subject)
{
    WCHAR *text = error_text(hr);

    if (text && subject)
        write_message(STD_ERROR_HANDLE, IDS_ERROR_WITH_SUBJECT, hr, text, subject);
    else if (text)
        write_message(STD_ERROR_HANDLE, IDS_ERROR, hr, text);
    free(text);
    write_next_step(hr);
    return error_exit_code(hr);
}

enum exit_code report_no_service(HRESULT hr)
{
    WCHAR *text = format_message(IDS_NO_SERVICE);

    report_error(hr, text);
    free(text);
    return EXIT_NO_SERVICE;
}

void report_cause(HRESULT hr)
{
    WCHAR *text = error_text(hr);

    if (text)
        write_message(STD_ERROR_HANDLE, IDS_CAUSE, hr, text);
    free(text);
    write_next_step(hr);
}

BOOL error_from_name(const WCHAR *name, HRESULT *hr)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(errors) && _wcsicmp(errors[i].name, name); ++i)
        ;
    *hr = i < ARRAY_SIZE(errors) ? errors[i].hr : S_OK;
    return i < ARRAY_SIZE(errors);
}

void write_json_error(HRESULT hr)
{
    WCHAR buffer[48], *text = error_text(hr);

    swprintf(buffer, ARRAY_SIZE(buffer), L"\"hresult\":\"0x%08lX\"", hr);
    write_text(STD_OUTPUT_HANDLE, buffer);
    write_json_member(L"name", error_name(hr), TRUE);
    write_json_member(L"text", text, TRUE);
    free(text);
}
