/*
 * HTTP through WinHTTP
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

/* WinHTTP is used asynchronously, and the worker waits on a condition variable
 * of its own: under Wine nothing interrupts a request that waits for the
 * network, not even closing its handle. So a cancelled or closed request is
 * left to itself. What WinHTTP writes to belongs to the request, which lives
 * until the handle tells of its end.
 *
 * Wine's WinHTTP takes the end of the connection for the end of the body, in
 * whatever framing. A length is checked by counting. The end of a chunked body
 * is believed if no receive on the socket came back empty: Wine tells of each
 * (RESPONSE_RECEIVED with the count), and a body that ends with its last chunk
 * makes it stop before there is nothing left to receive. Should a version of
 * Wine not tell, which shows in counts that do not add up, then a second
 * request has to prove where the resource ends. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "winsock2.h"
#include "ws2tcpip.h"
#include "windef.h"
#include "winbase.h"
#include "wincrypt.h"
#include "winhttp.h"

#include "header.h"
#include "wineheaders.h"
#include "transport.h"
#include "url.h"

#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define BUFFER_SIZE     0x10000
#define HOST_MAX        256
#define GRACE_PERIOD    5000 /* our own timeouts strike before those of WinHTTP */

/* Wine 8 counts a body in 31 bits and calls it complete when they are full,
 * other versions do so at 32. This is what all of them get right, in MiB. */
#define WINE_BODY_MAX   ((UINT64)0x7ff00000)
/* A chunked body is cut, without a sign, somewhat below 4 GiB. */
#define WINE_CHUNKED_MAX ((UINT64)0xf0000000)

/* What was started and has not been looked at yet. */
enum operation
{
    OPERATION_NONE,
    OPERATION_QUERY, /* how much has arrived? */
    OPERATION_READ,
};

struct transport_request
{
    LONG refcount; /* one for the user, one for the handle until it tells of its closing, one for each call */
    LONG handle_users; /* the user and the call; the last one closes the handles */
    HINTERNET session; /* its own, or NULL */
    HINTERNET connection;
    HINTERNET handle;
    struct transport_params params; /* with copies of the strings */

    /* Only the user's thread looks at these. */
    WCHAR *header_text;
    struct http_head head;
    USHORT local_port; /* of the connection; 0 if not known */
    WCHAR address[ADDRESS_MAX]; /* of the peer, or empty */
    UINT64 received;
    ULONGLONG since;   /* when waiting for the next byte began */
    enum operation operation;
    DWORD read_size;   /* of the read that is pending */
    BOOL has_more;     /* that read leaves something of the chunk; so no call waits */
    BOOL is_ended;
    DWORD buffered;    /* bytes in the buffer, and of these those handed out */
    DWORD taken;

    SRWLOCK lock;
    CONDITION_VARIABLE changed;
    /* protected by lock */
    struct transport_request *probe; /* borrowed */
    BOOL is_cancelled;
    BOOL is_pending;
    DWORD error;       /* of the last operation */
    DWORD amount;      /* bytes available, or read */
    UINT64 from_socket;
    BOOL is_cut;       /* the peer closed the connection while something was expected */

    BYTE buffer[BUFFER_SIZE]; /* WinHTTP's, while a read is pending */
};

static HINTERNET session;
static BOOL is_wine;

static void request_release(struct transport_request *request)
{
    if (InterlockedDecrement(&request->refcount))
        return;
    free((WCHAR *)request->params.url);
    free((WCHAR *)request->params.headers);
    free((WCHAR *)request->params.proxy_script);
    free((void *)request->params.certificate);
    free(request->header_text);
    free(request);
}

static void complete(struct transport_request *request, DWORD error, DWORD amount)
{
    AcquireSRWLockExclusive(&request->lock);
    request->is_pending = FALSE;
    request->error = error;
    request->amount = amount;
    ReleaseSRWLockExclusive(&request->lock);
    WakeConditionVariable(&request->changed);
}

static void count_received(struct transport_request *request, DWORD count)
{
    AcquireSRWLockExclusive(&request->lock);
    request->from_socket += count;
    if (!count)
        request->is_cut = TRUE;
    ReleaseSRWLockExclusive(&request->lock);
}

/* Comes on threads of WinHTTP, or from inside a call. */
static void CALLBACK status_callback(HINTERNET handle, DWORD_PTR context, DWORD status, void *info, DWORD length)
{
    struct transport_request *request = (struct transport_request *)context;

    if (!request)
        return;
    switch (status)
    {
        case WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE:
        case WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE:
            complete(request, ERROR_SUCCESS, 0);
            break;
        case WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE:
            complete(request, ERROR_SUCCESS, *(DWORD *)info);
            break;
        case WINHTTP_CALLBACK_STATUS_READ_COMPLETE:
            complete(request, ERROR_SUCCESS, length);
            break;
        case WINHTTP_CALLBACK_STATUS_REQUEST_ERROR:
            complete(request, ((WINHTTP_ASYNC_RESULT *)info)->dwError, 0);
            break;
        case WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED:
            count_received(request, *(DWORD *)info);
            break;
        case WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING:
            request_release(request);
            break;
    }
}

static DWORD map_error(DWORD error)
{
    switch (error)
    {
        case WSAETIMEDOUT: return ERROR_WINHTTP_TIMEOUT;
        case WSAECONNRESET:
        case WSAECONNABORTED:
        case WSAENOTCONN: return ERROR_WINHTTP_CONNECTION_ERROR;
        /* All that Wine says about certificates and TLS. */
        case ERROR_WINHTTP_SECURE_CHANNEL_ERROR: return ERROR_WINHTTP_SECURE_FAILURE;
        case ERROR_WINHTTP_UNRECOGNIZED_SCHEME: return ERROR_WINHTTP_INVALID_URL;
    }
    return error;
}

/* What the script says. It is waited for, with WinHTTP's own limits. */
static DWORD run_script(struct transport_request *request, WCHAR **list)
{
    WINHTTP_AUTOPROXY_OPTIONS options = { WINHTTP_AUTOPROXY_CONFIG_URL };
    WINHTTP_PROXY_INFO info;

    options.lpszAutoConfigUrl = request->params.proxy_script;
    options.fAutoLogonIfChallenged = TRUE;
    if (!WinHttpGetProxyForUrl(session, request->params.url, &options, &info))
    {
        WARN("the script for proxies gives error %lu.\n", GetLastError());
        return GetLastError();
    }
    *list = info.lpszProxy;
    GlobalFree(info.lpszProxyBypass);
    return ERROR_SUCCESS;
}

/* The first proxy of a script's answer. */
static DWORD find_proxy(struct transport_request *request, const struct url *url, struct proxy *proxy)
{
    struct proxy_settings settings;
    struct wire_origin origin;
    WCHAR *list = NULL;
    DWORD error;

    if (!wire_parse_origin(url, &origin))
        return ERROR_WINHTTP_INVALID_URL;
    if ((error = run_script(request, &list)))
        return error;
    if (!proxy_parse_list(list, NULL, &settings))
        error = ERROR_OUTOFMEMORY;
    GlobalFree(list);
    if (error)
        return error;
    proxy_choose(&settings, &origin, FALSE, proxy);
    proxy_clear(&settings);
    return proxy->kind == PROXY_UNKNOWN ? ERROR_WINHTTP_CANNOT_CONNECT : ERROR_SUCCESS;
}

/* Wine takes the proxy of a session only. WinHTTP wants a name and a port, and nothing else. */
static DWORD open_session(const struct proxy *proxy, HINTERNET *out)
{
    const struct wire_origin *origin = &proxy->origin;
    WCHAR name[WIRE_HOST_MAX + 16];

    swprintf(name, ARRAY_SIZE(name), origin->is_ipv6 ? L"[%hs]:%u" : L"%hs:%u", origin->host, origin->port);
    if (proxy->kind == PROXY_HTTP)
        *out = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NAMED_PROXY, name, WINHTTP_NO_PROXY_BYPASS, WINHTTP_FLAG_ASYNC);
    else
        *out = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_NO_PROXY_NAME, WINHTTP_NO_PROXY_BYPASS,
                WINHTTP_FLAG_ASYNC);
    if (!*out)
        return GetLastError();
    if (WinHttpSetStatusCallback(*out, status_callback, WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS
            | WINHTTP_CALLBACK_FLAG_HANDLES | WINHTTP_CALLBACK_FLAG_RECEIVE_RESPONSE, 0)
            != WINHTTP_INVALID_STATUS_CALLBACK)
        return ERROR_SUCCESS;
    WinHttpCloseHandle(*out);
    *out = NULL;
    return ERROR_GEN_FAILURE;
}

/* In a session of the request's own if there is a proxy. */
static DWORD find_session(struct transport_request *request, const struct url *url)
{
    struct proxy proxy = { PROXY_NONE };
    DWORD error = ERROR_SUCCESS;

    if (request->params.proxy)
        proxy = *request->params.proxy;
    else if (request->params.proxy_script)
        error = find_proxy(request, url, &proxy);
    if (error || proxy.kind == PROXY_NONE)
        return error;
    return open_session(&proxy, &request->session);
}

static DWORD winhttp_init(void)
{
    static const struct proxy no_proxy;

    is_wine = !!GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version");
    return open_session(&no_proxy, &session);
}

static void winhttp_cleanup(void)
{
    WinHttpCloseHandle(session);
    session = NULL;
}

static DWORD set_option(struct transport_request *request, DWORD option, DWORD value)
{
    return WinHttpSetOption(request->handle, option, &value, sizeof(value)) ? ERROR_SUCCESS : GetLastError();
}

static DWORD set_certificate(struct transport_request *request)
{
    const struct transport_params *params = &request->params;
    DWORD error = ERROR_SUCCESS;
    const CERT_CONTEXT *context;

    if (!CertAddSerializedElementToStore(NULL, params->certificate, params->certificate_size, CERT_STORE_ADD_ALWAYS,
            0, CERT_STORE_CERTIFICATE_CONTEXT_FLAG, NULL, (const void **)&context))
        return ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY;
    if (!WinHttpSetOption(request->handle, WINHTTP_OPTION_CLIENT_CERT_CONTEXT, (void *)context, sizeof(*context)))
        error = GetLastError();
    CertFreeCertificateContext(context);
    return error;
}

/* All of this is refused for plain HTTP. */
static DWORD set_secure_options(struct transport_request *request)
{
    const struct transport_params *params = &request->params;
    DWORD error = ERROR_SUCCESS;

    if (params->security_flags)
        error = set_option(request, WINHTTP_OPTION_SECURITY_FLAGS, params->security_flags);
    if (!error && params->is_revocation_checked)
        error = set_option(request, WINHTTP_OPTION_ENABLE_FEATURE, WINHTTP_ENABLE_SSL_REVOCATION);
    if (!error && params->certificate)
        error = set_certificate(request);
    return error;
}

static DWORD set_options(struct transport_request *request)
{
    const struct transport_params *params = &request->params;
    const struct
    {
        DWORD option, value;
    }
    options[] =
    {
        { WINHTTP_OPTION_DISABLE_FEATURE,
                WINHTTP_DISABLE_REDIRECTS | WINHTTP_DISABLE_COOKIES | WINHTTP_DISABLE_AUTHENTICATION },
        { WINHTTP_OPTION_CONNECT_TIMEOUT, params->connect_timeout },
        { WINHTTP_OPTION_SEND_TIMEOUT, params->connect_timeout },
        { WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT, params->response_timeout + GRACE_PERIOD },
        { WINHTTP_OPTION_RECEIVE_TIMEOUT, params->receive_timeout + GRACE_PERIOD },
    };
    DWORD error = ERROR_SUCCESS;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(options) && !error; i++)
        error = set_option(request, options[i].option, options[i].value);
    return error;
}

static DWORD open_handles(struct transport_request *request)
{
    URL_COMPONENTS components = { sizeof(components) };
    DWORD_PTR context = (DWORD_PTR)request;
    WCHAR host[HOST_MAX], *path;
    struct url url;
    UINT length;
    DWORD error;

    components.lpszHostName = host;
    components.dwHostNameLength = ARRAY_SIZE(host);
    if (!url_parse(request->params.url, &url) || !WinHttpCrackUrl(request->params.url, 0, 0, &components))
        return ERROR_WINHTTP_INVALID_URL;
    if ((error = find_session(request, &url)))
        return error;
    request->connection = WinHttpConnect(request->session ? request->session : session, host, components.nPort, 0);
    if (!request->connection)
        return GetLastError();

    length = url.path_length + url.query_length;
    if (!(path = malloc((length + 2) * sizeof(*path))))
        return ERROR_OUTOFMEMORY;
    path[0] = '/';
    memcpy(path + !url.path_length, url.path, length * sizeof(*path));
    path[length + !url.path_length] = 0;
    request->handle = WinHttpOpenRequest(request->connection, L"GET", path, NULL, WINHTTP_NO_REFERER,
            WINHTTP_DEFAULT_ACCEPT_TYPES, url.is_secure ? WINHTTP_FLAG_SECURE : 0);
    free(path);
    if (!request->handle)
        return GetLastError();

    if (!WinHttpSetOption(request->handle, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof(context)))
        return GetLastError();
    InterlockedIncrement(&request->refcount);
    if (!WinHttpAddRequestHeaders(request->handle, request->params.headers, -1, WINHTTP_ADDREQ_FLAG_ADD))
        return GetLastError();
    if ((error = set_options(request)) || !url.is_secure)
        return error;
    return set_secure_options(request);
}

static void winhttp_cancel(struct transport_request *request)
{
    AcquireSRWLockExclusive(&request->lock);
    request->is_cancelled = TRUE;
    if (request->probe)
        winhttp_cancel(request->probe);
    ReleaseSRWLockExclusive(&request->lock);
    WakeConditionVariable(&request->changed);
}

/* A handle that is closed may soon be that of another request; so nobody else
 * may be about to use it. */
static void release_handles(struct transport_request *request)
{
    if (InterlockedDecrement(&request->handle_users))
        return;
    if (request->handle)
        WinHttpCloseHandle(request->handle);
    if (request->connection)
        WinHttpCloseHandle(request->connection);
    if (request->session)
        WinHttpCloseHandle(request->session);
}

static void winhttp_close(struct transport_request *request)
{
    winhttp_cancel(request);
    release_handles(request);
    request_release(request);
}

static DWORD winhttp_open(const struct transport_params *params, struct transport_request **out)
{
    struct transport_request *request;
    DWORD error = ERROR_OUTOFMEMORY;

    if (!(request = calloc(1, sizeof(*request))))
        return ERROR_OUTOFMEMORY;
    request->refcount = 1;
    request->handle_users = 1;
    request->params = *params;
    request->params.url = wcsdup(params->url);
    request->params.headers = wcsdup(params->headers);
    if (params->proxy_script)
        request->params.proxy_script = wcsdup(params->proxy_script);
    if (params->certificate && (request->params.certificate = malloc(params->certificate_size)))
        memcpy((void *)request->params.certificate, params->certificate, params->certificate_size);
    InitializeSRWLock(&request->lock);
    InitializeConditionVariable(&request->changed);

    if (request->params.url && request->params.headers && !request->params.certificate == !params->certificate
            && !request->params.proxy_script == !params->proxy_script)
        error = map_error(open_handles(request));
    if (error)
    {
        WARN("cannot open %s, error %lu.\n", debugstr_url(params->url), error);
        winhttp_close(request);
        return error;
    }
    *out = request;
    return ERROR_SUCCESS;
}

/* Before an operation begins. */
static DWORD begin(struct transport_request *request)
{
    DWORD error;

    AcquireSRWLockExclusive(&request->lock);
    error = request->is_cancelled ? ERROR_WINHTTP_OPERATION_CANCELLED : ERROR_SUCCESS;
    request->is_pending = TRUE;
    ReleaseSRWLockExclusive(&request->lock);
    return error;
}

/* The operation could not be started. */
static DWORD fail(struct transport_request *request)
{
    DWORD error = GetLastError();

    complete(request, error, 0);
    return map_error(error);
}

/* Wait for the pending operation; WAIT_TIMEOUT leaves it pending. */
static DWORD await(struct transport_request *request, ULONGLONG deadline)
{
    ULONGLONG now;
    DWORD error;

    AcquireSRWLockExclusive(&request->lock);
    while (request->is_pending && !request->is_cancelled && (now = GetTickCount64()) < deadline)
        SleepConditionVariableSRW(&request->changed, &request->lock, min(deadline - now, INFINITE - 1), 0);
    if (request->is_cancelled)
        error = ERROR_WINHTTP_OPERATION_CANCELLED;
    else if (request->is_pending)
        error = WAIT_TIMEOUT;
    else
        error = map_error(request->error);
    ReleaseSRWLockExclusive(&request->lock);
    return error;
}

static DWORD await_for(struct transport_request *request, DWORD timeout)
{
    DWORD error = await(request, GetTickCount64() + timeout);

    return error == WAIT_TIMEOUT ? ERROR_WINHTTP_TIMEOUT : error;
}

static DWORD read_head(struct transport_request *request)
{
    FILETIME now;
    DWORD size = 0;
    UINT length;

    WinHttpQueryHeaders(request->handle, WINHTTP_QUERY_RAW_HEADERS_CRLF, WINHTTP_HEADER_NAME_BY_INDEX, NULL, &size,
            WINHTTP_NO_HEADER_INDEX);
    if (GetLastError() != ERROR_INSUFFICIENT_BUFFER)
        return GetLastError();
    if (!(request->header_text = calloc(1, size + sizeof(WCHAR))))
        return ERROR_OUTOFMEMORY;
    if (!WinHttpQueryHeaders(request->handle, WINHTTP_QUERY_RAW_HEADERS_CRLF, WINHTTP_HEADER_NAME_BY_INDEX,
            request->header_text, &size, WINHTTP_NO_HEADER_INDEX))
        return GetLastError();

    for (length = wcslen(request->header_text); length && request->header_text[length - 1] <= ' '; length--)
        request->header_text[length - 1] = 0;
    GetSystemTimeAsFileTime(&now);
    if (!http_head_parse(request->header_text, ((UINT64)now.dwHighDateTime << 32) | now.dwLowDateTime, &request->head))
        return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    return ERROR_SUCCESS;
}

static void read_addresses(struct transport_request *request)
{
    WINHTTP_CONNECTION_INFO info = { sizeof(info) };
    DWORD size = sizeof(info);
    const void *address;

    if (!WinHttpQueryOption(request->handle, WINHTTP_OPTION_CONNECTION_INFO, &info, &size))
        return;
    request->local_port = ((SOCKADDR_IN *)&info.LocalAddress)->sin_port; /* at the same place in all families */
    if (info.RemoteAddress.ss_family == AF_INET6)
        address = &((SOCKADDR_IN6 *)&info.RemoteAddress)->sin6_addr;
    else
        address = &((SOCKADDR_IN *)&info.RemoteAddress)->sin_addr;
    if (!InetNtopW(info.RemoteAddress.ss_family, (void *)address, request->address, ARRAY_SIZE(request->address)))
        request->address[0] = 0;
}

/* Wine says that an answer is malformed when there was none. */
static BOOL is_answer_cut(struct transport_request *request)
{
    BOOL ret;

    AcquireSRWLockShared(&request->lock);
    ret = is_wine && (request->is_cut || !request->from_socket);
    ReleaseSRWLockShared(&request->lock);
    return ret;
}

static DWORD winhttp_send(struct transport_request *request)
{
    DWORD error;

    if ((error = begin(request)))
        return error;
    if (!WinHttpSendRequest(request->handle, WINHTTP_NO_ADDITIONAL_HEADERS, 0, WINHTTP_NO_REQUEST_DATA, 0, 0,
            (DWORD_PTR)request))
        return fail(request);
    if ((error = await_for(request, request->params.connect_timeout)) || (error = begin(request)))
        return error;
    if (!WinHttpReceiveResponse(request->handle, NULL))
        return fail(request);
    error = await_for(request, request->params.response_timeout);
    if (error == ERROR_WINHTTP_INVALID_SERVER_RESPONSE && is_answer_cut(request))
        error = ERROR_WINHTTP_CONNECTION_ERROR;
    if (error)
        return error;
    read_addresses(request); /* not known any more after the end of the body */
    return read_head(request);
}

static DWORD winhttp_get_headers(struct transport_request *request, WCHAR **headers)
{
    if (!request->header_text)
        return ERROR_INVALID_STATE;
    return (*headers = wcsdup(request->header_text)) ? ERROR_SUCCESS : ERROR_OUTOFMEMORY;
}

static void winhttp_get_address(struct transport_request *request, WCHAR address[ADDRESS_MAX])
{
    memcpy(address, request->address, sizeof(request->address));
}

/* Does the probe show that the resource ends after the bytes received? A
 * server with ranges says so. Without ranges it is enough that the connection
 * is of use still: one that broke in mid-body is not. */
static BOOL is_proven(struct transport_request *request, struct transport_request *probe)
{
    const struct http_head *head = &probe->head;

    if (head->has_content_range && head->content_range.total != SIZE_UNKNOWN)
        return head->content_range.total == request->received;
    return probe->local_port && probe->local_port == request->local_port;
}

static void set_probe(struct transport_request *request, struct transport_request *probe)
{
    AcquireSRWLockExclusive(&request->lock);
    request->probe = probe;
    if (probe && request->is_cancelled)
        winhttp_cancel(probe);
    ReleaseSRWLockExclusive(&request->lock);
}

static DWORD prove_end(struct transport_request *request)
{
    struct transport_request *probe;
    WCHAR fields[64];
    DWORD error;

    if ((error = winhttp_open(&request->params, &probe)))
        return error;
    swprintf(fields, ARRAY_SIZE(fields), L"Range: bytes=%I64u-\r\n%s", request->received,
            wcsstr(request->params.headers, L"\nIf-Range:") ? L"If-Range:\r\n" : L"");
    if (!WinHttpAddRequestHeaders(probe->handle, fields, -1, WINHTTP_ADDREQ_FLAG_ADD | WINHTTP_ADDREQ_FLAG_REPLACE))
        error = GetLastError();
    set_probe(request, probe);
    if (!error)
        error = winhttp_send(probe);
    set_probe(request, NULL);
    if (!error && !is_proven(request, probe))
        error = ERROR_WINHTTP_CONNECTION_ERROR;
    TRACE("request %p, %s bytes, status %lu, error %lu.\n", request, wine_dbgstr_longlong(request->received),
            probe->head.status, error);
    winhttp_close(probe);
    return error;
}

/* WinHTTP says that the body has ended. */
static DWORD check_end(struct transport_request *request, DWORD timeout)
{
    BOOL is_cut, is_counted;

    if (request->head.content_length != SIZE_UNKNOWN)
        return request->received == request->head.content_length ? ERROR_SUCCESS : ERROR_WINHTTP_CONNECTION_ERROR;
    /* Without chunks it is the end of the connection that ends the body. */
    if (!request->head.is_chunked || !is_wine)
        return ERROR_SUCCESS;

    AcquireSRWLockExclusive(&request->lock);
    is_cut = request->is_cut;
    is_counted = request->from_socket >= wcslen(request->header_text) + request->received;
    ReleaseSRWLockExclusive(&request->lock);
    if (is_cut)
        return ERROR_WINHTTP_CONNECTION_ERROR;
    if (is_counted && request->received < WINE_CHUNKED_MAX)
        return ERROR_SUCCESS;
    /* The proof takes time; let the caller store first what there is. */
    return timeout == INFINITE ? prove_end(request) : WAIT_TIMEOUT;
}

static void call_winhttp(struct transport_request *request)
{
    BOOL ret;

    if (request->operation == OPERATION_QUERY)
        ret = WinHttpQueryDataAvailable(request->handle, NULL);
    else
        ret = WinHttpReadData(request->handle, request->buffer, request->read_size, NULL);
    if (!ret)
        complete(request, GetLastError(), 0);
}

static BOOL is_cancelled(struct transport_request *request)
{
    BOOL ret;

    AcquireSRWLockShared(&request->lock);
    ret = request->is_cancelled;
    ReleaseSRWLockShared(&request->lock);
    return ret;
}

static void CALLBACK call_proc(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct transport_request *request = context;

    CallbackMayRunLong(instance);
    if (!is_cancelled(request))
        call_winhttp(request);
    release_handles(request);
    request_release(request);
}

/* Wine serves inside of the call what it can serve at once, and behind the last
 * byte of a chunk it waits there for the next one. The worker has to be able to
 * store what it has, and to be cancelled; so another thread makes the calls that
 * may get there. */
static DWORD start_operation(struct transport_request *request, enum operation operation)
{
    DWORD error;

    if ((error = begin(request)))
        return error;
    request->operation = operation;
    if (!is_wine || !request->head.is_chunked || request->has_more)
    {
        call_winhttp(request);
        return ERROR_SUCCESS;
    }
    InterlockedIncrement(&request->refcount);
    InterlockedIncrement(&request->handle_users);
    if (TrySubmitThreadpoolCallback(call_proc, request, NULL))
        return ERROR_SUCCESS;
    InterlockedDecrement(&request->handle_users);
    InterlockedDecrement(&request->refcount);
    return fail(request);
}

/* Ask for what has arrived, then fetch it: a plain read waits until its buffer
 * is full, and loses what it has when that takes too long. */
static DWORD start_query(struct transport_request *request)
{
    return start_operation(request, OPERATION_QUERY);
}

static DWORD start_read(struct transport_request *request, DWORD available)
{
    UINT64 size = min(available, sizeof(request->buffer));

    if (request->head.content_length != SIZE_UNKNOWN)
        size = min(size, request->head.content_length - request->received);
    request->has_more = request->head.is_chunked && size > 1;
    request->read_size = size - request->has_more;
    return start_operation(request, OPERATION_READ);
}

/* Wait until there is something in the buffer, or the end. */
static DWORD fill_buffer(struct transport_request *request, ULONGLONG deadline)
{
    DWORD error;

    /* Wine goes on reading behind the end, if a server sends more. */
    if (request->received == request->head.content_length)
    {
        request->is_ended = TRUE;
        return ERROR_SUCCESS;
    }
    if (request->operation == OPERATION_NONE && (error = start_query(request)))
        return error;
    if ((error = await(request, deadline)))
        return error;
    if (request->operation == OPERATION_QUERY && request->amount)
    {
        if ((error = start_read(request, request->amount)) || (error = await(request, deadline)))
            return error;
    }
    request->operation = OPERATION_NONE;
    request->is_ended = !request->amount;
    request->buffered = request->amount;
    request->taken = 0;
    request->received += request->amount;
    return ERROR_SUCCESS;
}

static DWORD winhttp_read(struct transport_request *request, void *buffer, DWORD size, DWORD timeout, DWORD *read)
{
    ULONGLONG now = GetTickCount64(), limit, deadline;
    DWORD error;

    *read = 0;
    if (request->taken == request->buffered && !request->is_ended)
    {
        /* The time that the caller spends elsewhere is not the server's. */
        if (request->operation == OPERATION_NONE)
            request->since = now;
        limit = request->since + request->params.receive_timeout;
        deadline = timeout == INFINITE ? limit : min(limit, now + timeout);
        error = fill_buffer(request, deadline);
        if (error == WAIT_TIMEOUT && deadline == limit)
            return ERROR_WINHTTP_TIMEOUT;
        if (error)
            return error;
    }
    if (request->taken == request->buffered)
        return check_end(request, timeout);

    *read = min(size, request->buffered - request->taken);
    memcpy(buffer, request->buffer + request->taken, *read);
    request->taken += *read;
    return ERROR_SUCCESS;
}

static UINT64 winhttp_get_max_body(void)
{
    return is_wine ? WINE_BODY_MAX : SIZE_UNKNOWN;
}

const struct transport_ops transport_winhttp =
{
    "winhttp",
    winhttp_init,
    winhttp_cleanup,
    winhttp_open,
    NULL,
    winhttp_send,
    winhttp_get_headers,
    winhttp_get_address,
    winhttp_read,
    winhttp_cancel,
    winhttp_close,
    winhttp_get_max_body,
};
