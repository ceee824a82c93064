/*
 * IDODownload: one client's handle of a download
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

/* A row for each property says what it is, when it may be set and how it is checked. Most are members of struct
 * download_settings, whose rows are in model/download_record.h. */

#include "com/com.h"
#include "base/json.h"
#include "net/request.h"
#include "base/url.h"

#include "urlmon.h"
#include "wincrypt.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define TEXT_MAX            32767  /* characters of any string; a record has room for them */
#define COST_POLICY_MAX     DODownloadCostPolicy_NoCellular
#define PERCENT_MAX         100
#define TIMEOUT_MIN         60     /* seconds */
#define SECURITY_FLAGS      0x3301 /* SECURITY_FLAG_IGNORE_*, WINHTTP_ENABLE_SSL_REVOCATION */

enum access
{
    READ_WRITE,
    READ_ONLY,
    WRITE_ONLY,
};

#define SET_IN(state)     (1u << DODownloadState_##state)
#define HALTED_STATES (SET_IN(Created) | SET_IN(Paused))
#define ACTIVE_STATES (SET_IN(Created) | SET_IN(Transferring) | SET_IN(Transferred) | SET_IN(Paused))

/* Value that a client wants to set, after coercion and checks. */
struct new_value
{
    VARIANT variant;  /* borrowed; VT_EMPTY clears */
    WCHAR *string;    /* a copy, owned; NULL if it is to be cleared */
    UINT length;      /* of what the client gave, in characters */
    BYTE *bytes;      /* owned */
    DWORD size;       /* of bytes */
    struct client_stream *stream; /* owned */
    struct callback *callback; /* owned */
    UINT64 setter;    /* serial of the client that sets what others may not read; 0: none */
    BOOL is_unmarked; /* to take a change back: the stream was not new, or there were no keys */
};

struct property
{
    VARTYPE type;
    UINT states;      /* in which it may be set */
    BOOL can_clear;   /* by VT_EMPTY and VT_NULL */
    size_t offset;    /* of a string, UINT, UINT64 or BOOL: in the settings, or, if READ_ONLY, in struct transfer */
    enum access access;
    /* Look at the value and make what is to be stored. Without a lock: may call the client. */
    HRESULT (*check)(struct download *download, struct new_value *value);
    /* Store the value, where that is not done by offset, and put the previous one into it. */
    HRESULT (*set)(struct download *download, struct new_value *value);
    /* Let the value take effect, after it has been stored. */
    void (*apply)(struct download *download);
    /* Check whether it may be set, in addition to the states: an error goes before those of the value. */
    HRESULT (*can_set)(const struct download *download, const VARIANT *value);
    /* The largest value of a VT_UI4; 0: any. */
    UINT max;
    /* Whether a string has the right form; NULL: any. */
    BOOL (*is_valid)(const WCHAR *text, UINT length);
    /* Read the value, where that is not done by offset. */
    HRESULT (*get)(const struct download *download, VARIANT *value);
    /* Take out of the string what only the client that set it may read. */
    HRESULT (*hide)(BSTR *string);
    /* Whether it has the value that a filter asks for; NULL: no filter of it. */
    BOOL (*is_same)(const WCHAR *text, const WCHAR *value);
    /* The error for a string of more than TEXT_MAX characters, if it is not E_INVALIDARG. */
    HRESULT too_long;
};

#ifndef E_NOT_SET
#define E_NOT_SET HRESULT_FROM_WIN32(ERROR_NOT_FOUND)
#endif

static HRESULT get_string(const WCHAR *string, VARIANT *value)
{
    if (!string)
        return E_NOT_SET;
    V_BSTR(value) = SysAllocString(string);
    return V_BSTR(value) ? S_OK : E_OUTOFMEMORY;
}

/* Checks. */

static HRESULT check_download_uri(struct download *download, struct new_value *value)
{
    return value->length ? check_uri(value->string) : E_INVALIDARG;
}

static HRESULT check_label(struct download *download, struct new_value *value)
{
    if (value->string && !*value->string)
    {
        free(value->string);
        value->string = NULL;
    }
    return S_OK;
}

static HRESULT check_download_path(struct download *download, struct new_value *value)
{
    return check_local_path(value->string);
}

static HRESULT check_security_flags(struct download *download, struct new_value *value)
{
    return V_UI4(&value->variant) & ~SECURITY_FLAGS ? E_INVALIDARG : S_OK;
}

static HRESULT check_timeout(struct download *download, struct new_value *value)
{
    return V_UI4(&value->variant) && V_UI4(&value->variant) < TIMEOUT_MIN ? E_INVALIDARG : S_OK;
}

static HRESULT check_certificate(struct download *download, struct new_value *value)
{
    SAFEARRAY *array = V_ARRAY(&value->variant);
    LONG lower, upper;
    void *data;

    if (V_VT(&value->variant) == VT_EMPTY)
        return S_OK;
    if (FAILED(SafeArrayGetLBound(array, 1, &lower)) || FAILED(SafeArrayGetUBound(array, 1, &upper)) || upper < lower)
        return E_INVALIDARG;
    value->size = (DWORD)upper - lower + 1;
    if (!(value->bytes = malloc(value->size)))
        return E_OUTOFMEMORY;
    if (FAILED(SafeArrayAccessData(array, &data)))
        return E_INVALIDARG;
    memcpy(value->bytes, data, value->size);
    SafeArrayUnaccessData(array);
    return certificate_is_valid(value->bytes, value->size) ? S_OK : CRYPT_E_FILE_ERROR;
}

static HRESULT check_callback(struct download *download, struct new_value *value)
{
    if (V_VT(&value->variant) == VT_EMPTY)
        return S_OK;
    return callback_create(download_table.callbacks, &download->item, &download->lock, &download->callback,
            V_UNKNOWN(&value->variant), &value->callback);
}

static HRESULT check_stream(struct download *download, struct new_value *value)
{
    if (V_VT(&value->variant) == VT_EMPTY)
        return S_OK;
    return client_stream_create(sizeof(*value->stream), V_UNKNOWN(&value->variant), TRUE, &value->stream);
}

/* Setters, with the lock held. */

static HRESULT set_certificate_locked(struct download *download, struct new_value *value)
{
    struct new_value previous = *value;

    previous.bytes = download->settings.certificate;
    previous.size = download->settings.certificate_size;
    download->settings.certificate = value->bytes;
    download->settings.certificate_size = value->size;
    *value = previous;
    return S_OK;
}

static HRESULT set_callback_locked(struct download *download, struct new_value *value)
{
    value->callback = callback_replace_locked(&download->callback, value->callback);
    table_tell_locked(&download->item, DOWNLOAD_LISTENER_CHANGED);
    return S_OK;
}

static HRESULT can_set_path_locked(const struct download *download, const VARIANT *value)
{
    return download->stream ? DO_E_FILE_DOWNLOADSINK_ALREADY_SET : S_OK;
}

static HRESULT can_set_stream_locked(const struct download *download, const VARIANT *value)
{
    if (!download->settings.path)
        return S_OK;
    /* A file that has been begun cannot become a stream. */
    if (download->state != DODownloadState_Created)
        return DO_E_INVALID_STATE;
    return V_VT(value) == VT_EMPTY ? S_OK : DO_E_FILE_DOWNLOADSINK_ALREADY_SET;
}

/* Set a mark that goes with the value, or what it was before. */
static void swap_mark(BOOL *mark, struct new_value *value)
{
    BOOL previous = *mark;

    *mark = !value->is_unmarked;
    value->is_unmarked = !previous;
}

static HRESULT set_stream_locked(struct download *download, struct new_value *value)
{
    struct client_stream *previous = download->stream;

    download->stream = value->stream;
    value->stream = previous;
    swap_mark(&download->is_stream_new, value);
    return S_OK;
}

/* Remember that there were keys, which cannot be taken back, and are not kept. */
static HRESULT set_decryption_locked(struct download *download, struct new_value *value)
{
    WCHAR *previous = download->settings.decryption_info;

    download->settings.decryption_info = value->string;
    value->string = previous;
    swap_mark(&download->settings.is_encrypted, value);
    return S_OK;
}

static HRESULT set_volatility_locked(struct download *download, struct new_value *value)
{
    BOOL is_non_volatile = V_BOOL(&value->variant) != VARIANT_FALSE;
    HRESULT hr;

    V_BOOL(&value->variant) = download->settings.is_non_volatile ? VARIANT_TRUE : VARIANT_FALSE;
    if (is_non_volatile && !download->user_sid && FAILED(hr = get_user_sid(&download->user_sid)))
        return hr;
    download->settings.is_non_volatile = is_non_volatile;
    download_save_locked(download);
    return S_OK;
}

/* Identity is that of the one user of the prefix; there is nothing to keep. */
static HRESULT set_network_token_locked(struct download *download, struct new_value *value)
{
    return S_OK;
}

/* Effects, with the lock held. */

static void apply_frequency_locked(struct download *download)
{
    table_tell_locked(&download->item, DOWNLOAD_LISTENER_CHANGED);
}

static void apply_running_locked(struct download *download)
{
    download_apply_settings_locked(download);
    engine_reprioritize_locked(download->transfer);
}

static void apply_size_locked(struct download *download)
{
    download->transfer->declared_size = download->settings.size_hint ? download->settings.size_hint : SIZE_UNKNOWN;
}

/* Getters, with the lock held. */

static HRESULT get_id_locked(const struct download *download, VARIANT *value)
{
    WCHAR text[37];

    return get_string(download_format_id(download, text), value);
}

static HRESULT get_cost_policy_locked(const struct download *download, VARIANT *value)
{
    V_UI4(value) = download_get_cost_policy_locked(download);
    return S_OK;
}

static HRESULT get_timeout_locked(const struct download *download, VARIANT *value)
{
    V_UI4(value) = download_get_timeout_locked(download);
    return S_OK;
}

static HRESULT get_callback_locked(const struct download *download, VARIANT *value)
{
    V_UNKNOWN(value) = callback_get_object_locked(download->callback);
    return V_UNKNOWN(value) ? S_OK : E_NOT_SET;
}

static HRESULT get_stream_locked(const struct download *download, VARIANT *value)
{
    if (!download->stream)
        return E_NOT_SET;
    V_UNKNOWN(value) = download->stream->unknown;
    IUnknown_AddRef(V_UNKNOWN(value));
    return S_OK;
}

static HRESULT get_size_locked(const struct download *download, VARIANT *value)
{
    const struct transfer *transfer = download->transfer;

    if (transfer->size != SIZE_UNKNOWN)
        V_UI8(value) = transfer->size;
    else if (transfer->state == TRANSFER_DONE && !transfer->wanted_count)
        V_UI8(value) = transfer->bytes_received;
    else if (!(V_UI8(value) = download->settings.size_hint))
        return E_NOT_SET;
    return S_OK;
}

static HRESULT get_status_code_locked(const struct download *download, VARIANT *value)
{
    if (!(V_UI4(value) = download->transfer->response_status))
        return E_NOT_SET;
    return S_OK;
}

/* Hiding. */

static HRESULT replace_bstr(BSTR *string, const WCHAR *other)
{
    BSTR copy = SysAllocString(other);

    SysFreeString(*string);
    *string = copy;
    return copy ? S_OK : E_OUTOFMEMORY;
}

static HRESULT hide_userinfo(BSTR *string)
{
    return url_strip_userinfo(*string) ? replace_bstr(string, *string) : S_OK;
}

/* Take out the headers that another client must not see any more than another origin. */
static HRESULT hide_credentials(BSTR *string)
{
    WCHAR *headers = fields_copy_public(*string);
    HRESULT hr = headers ? replace_bstr(string, headers) : E_OUTOFMEMORY;

    free(headers);
    return hr;
}

static HRESULT hide_all(BSTR *string)
{
    return E_NOT_SET;
}

/* Whether the value of a filter means this one. */

static BOOL is_same_id(const WCHAR *text, const WCHAR *value)
{
    if (value[0] == '{' && wcslen(value) == 38 && value[37] == '}')
        return !_wcsnicmp(text, value + 1, 36);
    return !_wcsicmp(text, value);
}

/* Compare two texts, of which each may be NULL, and free both. */
static BOOL compare_and_free(WCHAR *text, WCHAR *other, BOOL (*is_same)(const WCHAR *text, const WCHAR *other))
{
    BOOL ret = text && other && is_same(text, other);

    free(text);
    free(other);
    return ret;
}

static BOOL is_same_text(const WCHAR *text, const WCHAR *value)
{
    return !wcscmp(text, value);
}

/* Compare without user and password: who does not know them must not find out by trying. */
static BOOL is_same_url(const WCHAR *text, const WCHAR *value)
{
    return compare_and_free(url_copy_stripped(text), url_copy_stripped(value), is_same_text);
}

static BOOL is_same_local_path(const WCHAR *text, const WCHAR *value)
{
    return compare_and_free(make_full_path(text), make_full_path(value), is_same_path);
}

#define VT_OF_STRING VT_BSTR
#define VT_OF_NUMBER VT_UI4
#define VT_OF_LARGE  VT_UI8
#define VT_OF_FLAG   VT_BOOL

#define SETTING_ROW(member, property, type, form, number, sent, states, can_clear, ...) \
    [DODownloadProperty_##property] = { VT_OF_##type, states, can_clear, \
            offsetof(struct download_settings, member), __VA_ARGS__ },

/* Properties that are no settings. */
#define OTHER_PROPERTIES(PROPERTY) \
    PROPERTY(Id, VT_BSTR, 0, FALSE, .access = READ_ONLY, .get = get_id_locked, .is_same = is_same_id) \
    PROPERTY(CallbackInterface, VT_UNKNOWN, ACTIVE_STATES, TRUE, .check = check_callback, \
            .set = set_callback_locked, .get = get_callback_locked) \
    PROPERTY(StreamInterface, VT_UNKNOWN, HALTED_STATES, TRUE, .check = check_stream, .set = set_stream_locked, \
            .can_set = can_set_stream_locked, .get = get_stream_locked) \
    PROPERTY(SecurityContext, VT_ARRAY | VT_UI1, HALTED_STATES, TRUE, .access = WRITE_ONLY, \
            .check = check_certificate, .set = set_certificate_locked) \
    PROPERTY(NetworkToken, VT_BOOL, ACTIVE_STATES, FALSE, .access = WRITE_ONLY, .set = set_network_token_locked) \
    PROPERTY(HttpRedirectionTarget, VT_BSTR, 0, FALSE, .access = READ_ONLY, \
            .offset = offsetof(struct transfer, final_url), .hide = hide_userinfo) \
    PROPERTY(HttpResponseHeaders, VT_BSTR, 0, FALSE, .access = READ_ONLY, \
            .offset = offsetof(struct transfer, response_headers)) \
    PROPERTY(HttpServerIPAddress, VT_BSTR, 0, FALSE, .access = READ_ONLY, \
            .offset = offsetof(struct transfer, response_address)) \
    PROPERTY(HttpStatusCode, VT_UI4, 0, FALSE, .access = READ_ONLY, .get = get_status_code_locked)

#define PROPERTY_ROW(property, type, states, can_clear, ...) \
    [DODownloadProperty_##property] = { type, states, can_clear, __VA_ARGS__ },

static const struct property properties[] =
{
    DOWNLOAD_SETTINGS(SETTING_ROW)
    OTHER_PROPERTIES(PROPERTY_ROW)
};

#define COUNT_ROW(...) + 1

/* Break the build if a property has no row, or two. */
C_ASSERT(ARRAY_SIZE(properties) == DOWNLOAD_PROPERTY_COUNT);
C_ASSERT(0 DOWNLOAD_SETTINGS(COUNT_ROW) OTHER_PROPERTIES(COUNT_ROW) == DOWNLOAD_PROPERTY_COUNT);

static HRESULT load_locked(const struct download *download, const struct property *property, VARIANT *value)
{
    const void *base = property->access == READ_ONLY ? (const void *)download->transfer : &download->settings;
    const void *field = (const char *)base + property->offset;

    if (property->get)
        return property->get(download, value);
    switch (property->type)
    {
        case VT_BSTR:
            return get_string(*(WCHAR * const *)field, value);
        case VT_UI4:
            V_UI4(value) = *(const UINT *)field;
            return S_OK;
        default:
            V_BOOL(value) = *(const BOOL *)field ? VARIANT_TRUE : VARIANT_FALSE;
            return S_OK;
    }
}

/* Store the value, and put the previous one into it: another call takes it back. */
static HRESULT store_locked(struct download *download, const struct property *property, struct new_value *value)
{
    void *field = (char *)&download->settings + property->offset;
    struct new_value previous = *value;

    if (property->set)
        return property->set(download, value);
    switch (property->type)
    {
        case VT_BSTR:
            previous.string = *(WCHAR **)field;
            *(WCHAR **)field = value->string;
            break;
        case VT_UI4:
            V_UI4(&previous.variant) = *(UINT *)field;
            *(UINT *)field = V_UI4(&value->variant);
            break;
        case VT_UI8:
            V_UI8(&previous.variant) = *(UINT64 *)field;
            *(UINT64 *)field = V_UI8(&value->variant);
            break;
        default:
            V_BOOL(&previous.variant) = *(BOOL *)field ? VARIANT_TRUE : VARIANT_FALSE;
            *(BOOL *)field = V_BOOL(&value->variant) != VARIANT_FALSE;
            break;
    }
    *value = previous;
    return S_OK;
}

HRESULT download_get_property(struct download *download, DODownloadProperty id, VARIANT *value)
{
    BOOL is_hiding;
    HRESULT hr;

    VariantInit(value);
    if ((UINT)id >= ARRAY_SIZE(properties))
        return DO_E_UNKNOWN_PROPERTY_ID;
    if (properties[id].access == WRITE_ONLY)
        return DO_E_WRITE_ONLY_PROPERTY;
    AcquireSRWLockShared(&download->lock);
    hr = load_locked(download, &properties[id], value);
    is_hiding = SUCCEEDED(hr) && properties[id].hide && !client_is_current(download->setters[id]);
    ReleaseSRWLockShared(&download->lock);
    if (is_hiding && FAILED(hr = properties[id].hide(&V_BSTR(value))))
        SysFreeString(V_BSTR(value));
    if (SUCCEEDED(hr))
        V_VT(value) = properties[id].type;
    return hr;
}

/* Copy a string of the client; NULL is an empty one. */
static HRESULT copy_value(const struct property *property, BSTR string, struct new_value *value)
{
    if ((value->length = SysStringLen(string)) > TEXT_MAX)
        return FAILED(property->too_long) ? property->too_long : E_INVALIDARG;
    if (!(value->string = calloc(value->length + 1, sizeof(*value->string))))
        return E_OUTOFMEMORY;
    if (value->length)
        memcpy(value->string, string, value->length * sizeof(*string));
    return S_OK;
}

static HRESULT make_value(struct download *download, const struct property *property, const VARIANT *variant,
        struct new_value *value)
{
    HRESULT hr;

    memset(value, 0, sizeof(*value));
    value->setter = property->hide ? client_get_current_serial() : 0;
    if (FAILED(hr = variant_coerce(variant, property->type, property->can_clear, &value->variant)))
        return hr;
    if (property->max && V_UI4(&value->variant) > property->max)
        return E_INVALIDARG;
    if (V_VT(&value->variant) == VT_BSTR && FAILED(hr = copy_value(property, V_BSTR(&value->variant), value)))
        return hr;
    if (property->is_valid && !property->is_valid(value->string, value->length))
        return E_INVALIDARG;
    return property->check ? property->check(download, value) : S_OK;
}

/* Free what has not been stored, or what was there before. */
static void free_value(struct new_value *value)
{
    free(value->string);
    free(value->bytes);
    client_stream_release(value->stream);
    if (value->callback)
        callback_wait(value->callback);
    callback_release(value->callback);
}

/* Store the value with all its effects. */
static HRESULT change_locked(struct download *download, const struct property *property, struct new_value *value)
{
    UINT64 *setter = &download->setters[property - properties], former = *setter;
    HRESULT hr;

    if (FAILED(hr = store_locked(download, property, value)))
        return hr;
    *setter = value->setter;
    value->setter = former;
    if (property->apply)
        property->apply(download);
    download_change_locked(download);
    return S_OK;
}

/* Undo a change that could not be recorded: a call that fails has changed nothing. */
static void take_back(struct download *download, const struct property *property, struct new_value *value)
{
    AcquireSRWLockExclusive(&download->operation);
    AcquireSRWLockExclusive(&download->lock);
    change_locked(download, property, value);
    ReleaseSRWLockExclusive(&download->lock);
    ReleaseSRWLockExclusive(&download->operation);
}

static HRESULT set_property(struct download *download, DODownloadProperty id, const VARIANT *variant)
{
    const struct property *property;
    struct new_value value;
    HRESULT hr, made;

    if ((UINT)id >= ARRAY_SIZE(properties))
        return DO_E_UNKNOWN_PROPERTY_ID;
    property = &properties[id];
    if (property->access == READ_ONLY)
        return DO_E_READ_ONLY_PROPERTY;

    /* The state is the first thing to be looked at, but the client cannot be
     * asked for its interfaces under a lock. */
    made = make_value(download, property, variant, &value);
    AcquireSRWLockExclusive(&download->operation);
    AcquireSRWLockExclusive(&download->lock);
    hr = property->states & (1u << download->state) ? S_OK : DO_E_INVALID_STATE;
    if (SUCCEEDED(hr) && property->can_set)
        hr = property->can_set(download, &value.variant);
    if (SUCCEEDED(hr) && SUCCEEDED(hr = made))
        hr = change_locked(download, property, &value);
    ReleaseSRWLockExclusive(&download->lock);
    ReleaseSRWLockExclusive(&download->operation);
    if (SUCCEEDED(hr) && FAILED(hr = store_sync(&download->item)))
        take_back(download, property, &value);
    TRACE("download %s, property %u, hr %#lx.\n", debugstr_guid(&download->id), id, hr);
    free_value(&value);
    return hr;
}

BOOL download_can_filter(DODownloadProperty id)
{
    return (UINT)id < ARRAY_SIZE(properties) && properties[id].is_same;
}

BOOL download_matches_locked(const struct download *download, DODownloadProperty id, const WCHAR *value)
{
    const WCHAR *text = *(WCHAR * const *)((const char *)&download->settings + properties[id].offset);
    WCHAR buffer[37];

    if (id == DODownloadProperty_Id)
        text = download_format_id(download, buffer);
    return text && properties[id].is_same(text, value);
}

struct do_download
{
    struct com_object com_object;
    IDODownload IDODownload_iface;
    struct download *download; /* borrowed; the model of the object */
};

DEFINE_IUNKNOWN(do_download, IDODownload, do_download)

/* Begin a method. */
static struct download *enter(IDODownload *iface)
{
    struct download *download = impl_from_IDODownload(iface)->download;

    download_touch(download);
    return download;
}

C_ASSERT(sizeof(struct range) == sizeof(DO_DOWNLOAD_RANGE));
C_ASSERT(offsetof(struct range, offset) == offsetof(DO_DOWNLOAD_RANGE, Offset));
C_ASSERT(offsetof(struct range, length) == offsetof(DO_DOWNLOAD_RANGE, Length));

static HRESULT WINAPI do_download_Start(IDODownload *iface, const DO_DOWNLOAD_RANGES_INFO *ranges)
{
    TRACE("iface %p, ranges %p, count %u.\n", iface, ranges, ranges ? ranges->RangeCount : 0);

    if (!ranges)
        return download_start(enter(iface), START_AGAIN, NULL, 0);
    if (!ranges->RangeCount)
        return download_start(enter(iface), START_WHOLE, NULL, 0);
    return download_start(enter(iface), START_RANGES, (const struct range *)ranges->Ranges, ranges->RangeCount);
}

/* Methods that the download carries out. */
#define DEFINE_ACTION(method, function) \
static HRESULT WINAPI do_download_##method(IDODownload *iface) \
{ \
    TRACE("iface %p.\n", iface); \
 \
    return function(enter(iface)); \
}

/* Methods after which it has no object of the client. */

static HRESULT abort_download(struct download *download)
{
    return client_settle(download_abort(download));
}

static HRESULT finalize_download(struct download *download)
{
    return client_settle(download_finalize(download));
}

DEFINE_ACTION(Pause, download_pause)
DEFINE_ACTION(Abort, abort_download)
DEFINE_ACTION(Finalize, finalize_download)

static HRESULT WINAPI do_download_GetStatus(IDODownload *iface, DO_DOWNLOAD_STATUS *status)
{
    struct download *download;

    TRACE("iface %p, status %p.\n", iface, status);

    if (!status)
        return E_INVALIDARG;
    download = enter(iface);
    AcquireSRWLockShared(&download->lock);
    download_get_status_locked(download, status);
    ReleaseSRWLockShared(&download->lock);
    return S_OK;
}

static HRESULT WINAPI do_download_GetProperty(IDODownload *iface, DODownloadProperty id, VARIANT *value)
{
    TRACE("iface %p, id %d, value %p.\n", iface, (int)id, value);

    if (!value)
        return E_INVALIDARG;
    return download_get_property(enter(iface), id, value);
}

static HRESULT WINAPI do_download_SetProperty(IDODownload *iface, DODownloadProperty id, const VARIANT *value)
{
    TRACE("iface %p, id %d, value %p, type %#x.\n", iface, (int)id, value, value ? V_VT(value) : 0);

    if (!value)
        return E_INVALIDARG;
    return set_property(enter(iface), id, value);
}

static const IDODownloadVtbl do_download_vtbl =
{
    do_download_QueryInterface,
    do_download_AddRef,
    do_download_Release,
    do_download_Start,
    do_download_Pause,
    do_download_Abort,
    do_download_Finalize,
    do_download_GetStatus,
    do_download_GetProperty,
    do_download_SetProperty,
};

static void do_download_destroy(struct com_object *object)
{
    download_remove_handle(download_from_item(object->model));
}

static const struct com_object_interface interfaces[] =
{
    { &IID_IDODownload, offsetof(struct do_download, IDODownload_iface), &do_download_vtbl },
};

const struct com_object_class do_download_class = COM_OBJECT_CLASS(do_download, interfaces, do_download_destroy);

HRESULT do_download_create(struct download *download, struct client *client, IDODownload **out)
{
    struct do_download *handle;

    if (!(handle = com_object_create(&do_download_class, client, &download->item)))
        return E_OUTOFMEMORY;
    handle->download = download;
    download_add_handle(download);
    *out = &handle->IDODownload_iface;
    return S_OK;
}
