/*
 * Error objects of jobs, and the texts of error codes
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

#include "com/com.h"
#include "dosvcerrors.h"
#include "net/local_file.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

static HRESULT load_text(UINT id, DWORD number, WCHAR **out)
{
    WCHAR text[ERROR_TEXT_MAX];

    return error_text_format(dosvc_instance, id, number, text) ? copy_string(text, out) : E_FAIL;
}

/* The system's own text, without the line end that it comes with. */
static HRESULT system_text(DWORD code, WCHAR **out)
{
    WCHAR buffer[ERROR_TEXT_MAX];
    DWORD len;

    if (!(len = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, code, 0, buffer,
            ARRAY_SIZE(buffer), NULL)))
        return E_FAIL;
    while (len && (buffer[len - 1] == '\r' || buffer[len - 1] == '\n' || buffer[len - 1] == ' '))
        buffer[--len] = 0;
    return len ? copy_string(buffer, out) : E_FAIL;
}

HRESULT error_text_from_hresult(HRESULT code, DWORD language, WCHAR **out)
{
    WCHAR text[ERROR_TEXT_MAX];
    HRESULT hr;

    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    /* English texts serve for every language. */
    if (!language)
        return E_INVALIDARG;

    hr = error_text_load(dosvc_instance, 0, code, text) ? copy_string(text, out) : E_FAIL;
    if (hr == E_FAIL && HRESULT_FACILITY(code) == FACILITY_WIN32)
        hr = system_text(HRESULT_CODE(code), out);
    if (hr == E_FAIL)
        hr = system_text(code, out);
    return hr == E_FAIL ? load_text(IDS_GENERIC, code, out) : hr;
}

static HRESULT error_text_from_context(BG_ERROR_CONTEXT context, DWORD language, WCHAR **out)
{
    if (!out)
        return E_INVALIDARG;
    *out = NULL;
    if (!language)
        return E_INVALIDARG;
    return load_text(IDS_CONTEXT_BASE + context, 0, out);
}

struct bg_error
{
    struct com_object com_object;
    IBackgroundCopyError IBackgroundCopyError_iface;
    struct job_error error; /* a snapshot; the model of the object keeps its file alive */
};

DEFINE_IUNKNOWN(bg_error, IBackgroundCopyError, bg_error)

static HRESULT WINAPI bg_error_GetError(IBackgroundCopyError *iface, BG_ERROR_CONTEXT *context, HRESULT *code)
{
    struct bg_error *error = impl_from_IBackgroundCopyError(iface);

    TRACE("iface %p, context %p, code %p.\n", iface, context, code);

    if (!context || !code)
        return E_INVALIDARG;
    *context = com_front->codes->get_context(&error->error.failure);
    *code = com_front->codes->get_code(&error->error.failure);
    return S_OK;
}

static HRESULT WINAPI bg_error_GetFile(IBackgroundCopyError *iface, IBackgroundCopyFile **file)
{
    struct bg_error *error = impl_from_IBackgroundCopyError(iface);

    TRACE("iface %p, file %p.\n", iface, file);

    if (!file)
        return E_INVALIDARG;
    *file = NULL;
    if (!com_front->codes->has_file(&error->error.failure))
        return com_result(DO_E_FILE_NOT_AVAILABLE);
    return bg_file_create(error->error.file, NULL, file);
}

static HRESULT WINAPI bg_error_GetErrorDescription(IBackgroundCopyError *iface, DWORD language, WCHAR **description)
{
    struct bg_error *error = impl_from_IBackgroundCopyError(iface);

    TRACE("iface %p, language %#lx, description %p.\n", iface, language, description);

    return error_text_from_hresult(com_front->codes->get_code(&error->error.failure), language, description);
}

static HRESULT WINAPI bg_error_GetErrorContextDescription(IBackgroundCopyError *iface, DWORD language,
        WCHAR **description)
{
    struct bg_error *error = impl_from_IBackgroundCopyError(iface);

    TRACE("iface %p, language %#lx, description %p.\n", iface, language, description);

    return error_text_from_context(com_front->codes->get_context(&error->error.failure), language, description);
}

static HRESULT WINAPI bg_error_GetProtocol(IBackgroundCopyError *iface, WCHAR **protocol)
{
    struct bg_error *error = impl_from_IBackgroundCopyError(iface);
    const struct job_file *file;
    BOOL is_local;

    TRACE("iface %p, protocol %p.\n", iface, protocol);

    if (!protocol)
        return E_INVALIDARG;
    *protocol = NULL;
    if (!failure_is_remote(&error->error.failure))
        return BG_E_PROTOCOL_NOT_AVAILABLE;
    file = error->error.file;
    AcquireSRWLockShared(&file->job->lock);
    is_local = local_file_is_source(file->transfer->url);
    ReleaseSRWLockShared(&file->job->lock);
    return copy_string(is_local ? L"file" : L"http", protocol);
}

static const IBackgroundCopyErrorVtbl bg_error_vtbl =
{
    bg_error_QueryInterface,
    bg_error_AddRef,
    bg_error_Release,
    bg_error_GetError,
    bg_error_GetFile,
    bg_error_GetErrorDescription,
    bg_error_GetErrorContextDescription,
    bg_error_GetProtocol,
};

static const struct com_object_interface interfaces[] =
{
    { &IID_IBackgroundCopyError, offsetof(struct bg_error, IBackgroundCopyError_iface), &bg_error_vtbl },
};

const struct com_object_class bg_error_class = COM_OBJECT_CLASS(bg_error, interfaces, NULL);

HRESULT bg_error_create(struct job *job, const struct job_error *job_error, struct client *client,
        IBackgroundCopyError **out)
{
    struct bg_error *error;

    if (!(error = com_object_create(&bg_error_class, client, &job->item)))
        return E_OUTOFMEMORY;
    error->error = *job_error;
    *out = &error->IBackgroundCopyError_iface;
    return S_OK;
}
