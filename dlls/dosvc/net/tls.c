/*
 * TLS over a TCP connection
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

/* Records are received many at a time into one buffer, decrypted in place, one after the other, and copied out while
 * they are still in the cache. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SECURITY_WIN32
#define SCHANNEL_USE_BLACKLISTS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "security.h"
#include "schannel.h"

/* Not in Wine's headers. */
#ifndef SCH_USE_STRONG_CRYPTO
#define SCH_USE_STRONG_CRYPTO 0x00400000
#endif
#ifndef SEC_I_INCOMPLETE_CREDENTIALS
#define SEC_I_INCOMPLETE_CREDENTIALS 0x00090320
#endif

#include "base/base.h"
#include "net/connection.h"
#include "registration.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define INPUT_MIN       0x44000 /* many records, */
#define INPUT_MAX       0x104000 /* and more where so many come at a time: each receive takes calls of wineserver */
#define RECORD_HEADER   5       /* type, version, length */
#define RECORD_CHANGE_CIPHER_SPEC 20 /* type */
#define RECORD_ALERT    21
#define RECORD_HANDSHAKE 22
#define CERTIFICATE_REQUEST 13  /* type of a message */
#define ALERT_SIZE_1_3  (RECORD_HEADER + 2 + 1 + 16) /* level and description, the true type, the tag */
#define RECORD_MAX      (RECORD_HEADER + 16384 + 2048)
#define MESSAGE_MAX     0x40000 /* of a handshake, which may go over several records */
#define REHANDSHAKE_TIMEOUT 15000 /* ms */
#define REQUEST_FLAGS   (ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_CONFIDENTIALITY | ISC_REQ_SEQUENCE_DETECT \
        | ISC_REQ_REPLAY_DETECT | ISC_REQ_STREAM | ISC_REQ_USE_SUPPLIED_CREDS | ISC_REQ_MANUAL_CRED_VALIDATION)

struct tls
{
    struct tcp *tcp; /* borrowed */
    CredHandle credentials; /* its own, with a certificate of the client */
    BOOL has_credentials;
    BOOL is_asked;   /* the server would like a certificate */
    BYTE message[4]; /* of the handshake: type and length, */
    UINT filled;     /* so many bytes of it, */
    UINT left;       /* and the rest */
    CtxtHandle context;
    BOOL has_context;
    WCHAR name[URL_HOST_MAX]; /* to be told to the server; empty for an address */
    SecPkgContext_StreamSizes sizes;
    BOOL is_ended;   /* close_notify has come */
    DWORD error;     /* after which nothing can be received any more */

    BYTE *input;     /* NULL while nothing is expected */
    UINT size;       /* of it */
    UINT start;      /* of the records not looked at yet */
    UINT end;
    const BYTE *plain; /* in the input, in front of start: decrypted and not handed out */
    UINT plain_size;
};

static INIT_ONCE anonymous_once = INIT_ONCE_STATIC_INIT;
static CredHandle anonymous;

static SECURITY_STATUS acquire_credentials(const CERT_CONTEXT *certificate, CredHandle *credentials)
{
    static WCHAR package[] = UNISP_NAME_W;
    TLS_PARAMETERS parameters = { .grbitDisabledProtocols = ~(SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT) };
    SCH_CREDENTIALS current = { .dwVersion = SCH_CREDENTIALS_VERSION };
    SCHANNEL_CRED old = { .dwVersion = SCHANNEL_CRED_VERSION };
    SECURITY_STATUS status;

    current.dwFlags = old.dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS
            | SCH_USE_STRONG_CRYPTO;
    current.cTlsParameters = 1;
    current.pTlsParameters = &parameters;
    current.cCreds = old.cCreds = certificate ? 1 : 0;
    current.paCred = old.paCred = &certificate;
    old.grbitEnabledProtocols = SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT;
    /* Windows wants the new structure for TLS 1.3, and Wine and older versions of Windows the old one. */
    status = AcquireCredentialsHandleW(NULL, package, SECPKG_CRED_OUTBOUND, NULL, is_wine() ? (void *)&old : &current,
            NULL, NULL, credentials, NULL);
    if (status && !is_wine())
        status = AcquireCredentialsHandleW(NULL, package, SECPKG_CRED_OUTBOUND, NULL, &old, NULL, NULL, credentials,
                NULL);
    if (status)
        WARN("no credentials, error %#lx.\n", status);
    return status;
}

/* Acquire credentials for the life of the process; Windows keeps sessions with them for resumption. */
static BOOL WINAPI acquire_anonymous(INIT_ONCE *once, void *param, void **context)
{
    return !acquire_credentials(NULL, &anonymous);
}

static DWORD acquire_own(struct tls *tls, const struct client_certificate *certificate)
{
    const CERT_CONTEXT *context;
    DWORD error;

    if ((error = client_certificate_open(certificate, &context)))
        return error;
    tls->has_credentials = !acquire_credentials(context, &tls->credentials);
    CertFreeCertificateContext(context);
    return tls->has_credentials ? ERROR_SUCCESS : ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY;
}

/* Receive more of the stream, behind the input; waits. */
static DWORD fill_input(struct tls *tls, ULONGLONG deadline)
{
    UINT received;
    DWORD error;

    if (tls->end == tls->size)
        return ERROR_WINHTTP_SECURE_FAILURE;
    while ((error = tcp_receive(tls->tcp, tls->input + tls->end, tls->size - tls->end, &received)) == WAIT_TIMEOUT)
    {
        if ((error = tcp_wait(tls->tcp, deadline)))
            return error == WAIT_TIMEOUT ? ERROR_WINHTTP_TIMEOUT : error;
    }
    if (!error && !received)
        return ERROR_WINHTTP_CONNECTION_ERROR;
    tls->end += received;
    return error;
}

static DWORD send_token(struct tls *tls, SecBuffer *token, ULONGLONG deadline)
{
    DWORD error = ERROR_SUCCESS;

    if (token->pvBuffer && token->cbBuffer)
        error = tcp_send(tls->tcp, token->pvBuffer, token->cbBuffer, deadline);
    if (token->pvBuffer)
        FreeContextBuffer(token->pvBuffer);
    return error;
}

/* Find the request for a certificate, of which Wine does not tell, among whole records of the first handshake. They are
 * in the clear until the cipher changes. */
static void find_request(struct tls *tls, const BYTE *data, UINT size)
{
    const BYTE *end;
    UINT count;

    for (; size > RECORD_HEADER && data[0] == RECORD_HANDSHAKE;)
    {
        end = data + min(size, RECORD_HEADER + (data[3] << 8 | data[4]));
        size -= end - data;
        for (data += RECORD_HEADER; data < end; data += count)
        {
            if (tls->filled == sizeof(tls->message))
            {
                count = min(tls->left, end - data);
                tls->left -= count;
            }
            else
            {
                count = 1;
                tls->message[tls->filled++] = *data;
                tls->left = tls->message[1] << 16 | tls->message[2] << 8 | tls->message[3];
            }
            if (tls->filled < sizeof(tls->message) || tls->left)
                continue;
            tls->is_asked = tls->is_asked || tls->message[0] == CERTIFICATE_REQUEST;
            tls->filled = 0;
        }
    }
}

/* Do one step of the handshake with the input, whose remainder moves to the front. */
static SECURITY_STATUS step(struct tls *tls, ULONGLONG deadline, DWORD *error)
{
    SecBuffer in[2] = { { tls->end, SECBUFFER_TOKEN, tls->input }, { 0, SECBUFFER_EMPTY, NULL } };
    SecBuffer out[1] = { { 0, SECBUFFER_TOKEN, NULL } };
    SecBufferDesc in_desc = { SECBUFFER_VERSION, ARRAY_SIZE(in), in };
    SecBufferDesc out_desc = { SECBUFFER_VERSION, ARRAY_SIZE(out), out };
    SECURITY_STATUS status;
    ULONG attributes;
    UINT rest;

    status = InitializeSecurityContextW(tls->has_credentials ? &tls->credentials : &anonymous,
            tls->has_context ? &tls->context : NULL, tls->name[0] ? tls->name : NULL, REQUEST_FLAGS, 0, 0,
            tls->has_context ? &in_desc : NULL, 0, &tls->context, &out_desc, &attributes, NULL);
    if (!FAILED(status))
        tls->has_context = TRUE;
    *error = send_token(tls, out, deadline);
    if (status == SEC_E_INCOMPLETE_MESSAGE || status == SEC_I_INCOMPLETE_CREDENTIALS)
        return status;
    rest = in[1].BufferType == SECBUFFER_EXTRA ? min(in[1].cbBuffer, tls->end) : 0;
    if (!tls->sizes.cbMaximumMessage)
        find_request(tls, tls->input, tls->end - rest);
    memmove(tls->input, tls->input + tls->end - rest, rest);
    tls->end = rest;
    return status;
}

/* Return whether a server may be waited for whose first messages are not complete: what does not begin as a record is
 * no TLS, and has no length. */
static BOOL may_become_complete(const struct tls *tls)
{
    if (tls->end >= MESSAGE_MAX)
        return FALSE;
    /* Later input may begin with a message that has been decrypted. */
    if (tls->sizes.cbMaximumMessage || !tls->end)
        return TRUE;
    return tls->input[0] == RECORD_CHANGE_CIPHER_SPEC || tls->input[0] == RECORD_ALERT
            || tls->input[0] == RECORD_HANDSHAKE;
}

/* Shake hands, from the first message or from where the server began anew. */
static DWORD shake_hands(struct tls *tls, ULONGLONG deadline)
{
    SECURITY_STATUS status;
    DWORD error;

    for (;;)
    {
        status = step(tls, deadline, &error);
        if (error || status == SEC_E_OK)
            return error;
        /* A server may do without it. */
        if (status == SEC_I_INCOMPLETE_CREDENTIALS)
        {
            tls->is_asked = TRUE;
            continue;
        }
        if (status != SEC_I_CONTINUE_NEEDED && status != SEC_E_INCOMPLETE_MESSAGE)
        {
            WARN("handshake failed, error %#lx.\n", status);
            return ERROR_WINHTTP_SECURE_FAILURE;
        }
        if (status == SEC_E_INCOMPLETE_MESSAGE && !may_become_complete(tls))
        {
            WARN("handshake failed, this is no TLS.\n");
            return ERROR_WINHTTP_SECURE_FAILURE;
        }
        if ((status == SEC_E_INCOMPLETE_MESSAGE || !tls->end) && (error = fill_input(tls, deadline)))
            return error;
    }
}

static DWORD shake_first_hands(struct tls *tls, ULONGLONG deadline)
{
    DWORD error = shake_hands(tls, deadline);

    /* The reset of a server that will not go on may overtake its alert. */
    if ((error == ERROR_WINHTTP_SECURE_FAILURE || error == ERROR_WINHTTP_CONNECTION_ERROR) && tls->is_asked
            && !tls->has_credentials)
        return ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED;
    return error;
}

static DWORD verify(struct tls *tls, const char *host, DWORD flags)
{
    const CERT_CONTEXT *certificate;
    SECURITY_STATUS status;
    DWORD error;

    status = QueryContextAttributesW(&tls->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &certificate);
    if (status)
    {
        WARN("%s: no certificate, error %#lx.\n", debugstr_a(host), status);
        return ERROR_WINHTTP_SECURE_FAILURE;
    }
    error = certificate_verify(certificate, host, flags);
    CertFreeCertificateContext(certificate);
    return error;
}

/* Change the size of the input buffer. FALSE if out of memory; the input stays as it was. */
static BOOL resize_input(struct tls *tls, UINT size)
{
    if (!pages_resize((void **)&tls->input, tls->end, size))
        return FALSE;
    tls->size = size;
    return TRUE;
}

static BOOL prepare(struct tls *tls)
{
    return tls->input || resize_input(tls, INPUT_MIN);
}

/* Get the name and the credentials ready for the handshake. */
static DWORD init(struct tls *tls, const char *host, const struct client_certificate *certificate)
{
    BYTE address[16];

    if (!tcp_parse_address(host, address))
        swprintf(tls->name, ARRAY_SIZE(tls->name), L"%hs", host);
    if (!prepare(tls))
        return ERROR_OUTOFMEMORY;
    if (certificate)
        return acquire_own(tls, certificate);
    return InitOnceExecuteOnce(&anonymous_once, acquire_anonymous, NULL, NULL) ? ERROR_SUCCESS
            : ERROR_WINHTTP_SECURE_FAILURE;
}

DWORD tls_connect(struct tcp *tcp, const char *host, DWORD flags, const struct client_certificate *certificate,
        ULONGLONG deadline, struct tls **out)
{
    struct tls *tls;
    DWORD error;

    if (!(tls = calloc(1, sizeof(*tls))))
        return ERROR_OUTOFMEMORY;
    tls->tcp = tcp;
    if (!(error = init(tls, host, certificate)) && !(error = shake_first_hands(tls, deadline))
            && !(error = verify(tls, host, flags))
            && QueryContextAttributesW(&tls->context, SECPKG_ATTR_STREAM_SIZES, &tls->sizes))
        error = ERROR_WINHTTP_SECURE_FAILURE;
    if (error)
    {
        tls_destroy(tls);
        return error;
    }
    *out = tls;
    return ERROR_SUCCESS;
}

DWORD tls_send(struct tls *tls, const void *data, UINT size, ULONGLONG deadline)
{
    const UINT overhead = tls->sizes.cbHeader + tls->sizes.cbTrailer;
    const BYTE *bytes = data;
    SecBuffer buffers[4];
    SecBufferDesc desc = { SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers };
    DWORD error = ERROR_SUCCESS;
    BYTE *message;
    UINT count;

    if (!(message = malloc(overhead + min(size, tls->sizes.cbMaximumMessage))))
        return ERROR_OUTOFMEMORY;
    for (; size && !error; bytes += count, size -= count)
    {
        count = min(size, tls->sizes.cbMaximumMessage);
        memcpy(message + tls->sizes.cbHeader, bytes, count);
        buffers[0] = (SecBuffer){ tls->sizes.cbHeader, SECBUFFER_STREAM_HEADER, message };
        buffers[1] = (SecBuffer){ count, SECBUFFER_DATA, message + tls->sizes.cbHeader };
        buffers[2] = (SecBuffer){ tls->sizes.cbTrailer, SECBUFFER_STREAM_TRAILER,
                message + tls->sizes.cbHeader + count };
        buffers[3] = (SecBuffer){ 0, SECBUFFER_EMPTY, NULL };
        if (EncryptMessage(&tls->context, 0, &desc, 0))
            error = ERROR_WINHTTP_CONNECTION_ERROR;
        else
            error = tcp_send(tls->tcp, message, buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer,
                    deadline);
    }
    free(message);
    return error;
}

/* Return the size of the first record in the input, or 0 if it is not complete. */
static UINT get_record_size(const struct tls *tls)
{
    UINT available = tls->end - tls->start, size;

    if (available < RECORD_HEADER)
        return 0;
    size = RECORD_HEADER + (tls->input[tls->start + 3] << 8 | tls->input[tls->start + 4]);
    return available < size ? 0 : size;
}

/* Take a handshake message in mid-stream: a new key, tickets for later sessions, or the renegotiation of TLS 1.2. data
 * is the part that the context has to see. */
static DWORD take_handshake(struct tls *tls, const BYTE *data, UINT size)
{
    UINT rest = tls->end - tls->start;

    if (size > tls->start)
        return ERROR_WINHTTP_SECURE_FAILURE;
    /* The message, then the records behind it, from the front of the input on. */
    memmove(tls->input, data, size);
    memmove(tls->input + size, tls->input + tls->start, rest);
    tls->start = 0;
    tls->end = size + rest;
    return shake_hands(tls, progress_now() + REHANDSHAKE_TIMEOUT);
}

/* Return whether the record is an alert. Wine does not report close_notify, which comes out empty, as an empty record
 * or a ticket does; other alerts are errors. TLS 1.3 hides the type, but no other empty record has this size. */
static BOOL is_alert(const BYTE *record, UINT size)
{
    return record[0] == RECORD_ALERT || size == ALERT_SIZE_1_3;
}

static DWORD decrypt_record(struct tls *tls, UINT size)
{
    const BOOL may_end = is_alert(tls->input + tls->start, size);
    SecBuffer buffers[4] = { { size, SECBUFFER_DATA, tls->input + tls->start } };
    SecBufferDesc desc = { SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers };
    const SecBuffer *extra = NULL;
    SECURITY_STATUS status;
    UINT i;

    status = DecryptMessage(&tls->context, &desc, 0, NULL);
    tls->start += size;
    for (i = 0; i < ARRAY_SIZE(buffers); i++)
    {
        if (buffers[i].BufferType == SECBUFFER_EXTRA)
            extra = &buffers[i];
    }
    switch (status)
    {
        case SEC_E_OK:
            for (i = 0; i < ARRAY_SIZE(buffers); i++)
            {
                if (buffers[i].BufferType != SECBUFFER_DATA)
                    continue;
                tls->plain = buffers[i].pvBuffer;
                tls->plain_size = buffers[i].cbBuffer;
            }
            tls->is_ended = may_end && !tls->plain_size;
            return ERROR_SUCCESS;
        case SEC_I_CONTEXT_EXPIRED:
            tls->is_ended = TRUE;
            return ERROR_SUCCESS;
        case SEC_I_RENEGOTIATE:
            return extra ? take_handshake(tls, extra->pvBuffer, extra->cbBuffer) : take_handshake(tls, tls->input, 0);
    }
    WARN("cannot decrypt, error %#lx.\n", status);
    return ERROR_WINHTTP_CONNECTION_ERROR;
}

/* Receive more records; does not wait. */
static DWORD receive_records(struct tls *tls)
{
    UINT received;
    BOOL is_full;
    DWORD error;

    if (!prepare(tls))
        return ERROR_OUTOFMEMORY;
    is_full = tls->end == tls->size;
    memmove(tls->input, tls->input + tls->start, tls->end - tls->start);
    tls->end -= tls->start;
    tls->start = 0;
    if (tls->end >= RECORD_MAX) /* without being a whole record */
        return ERROR_WINHTTP_CONNECTION_ERROR;
    if (is_full && tls->size < INPUT_MAX)
        resize_input(tls, INPUT_MAX); /* less will do */
    if ((error = tcp_receive(tls->tcp, tls->input + tls->end, tls->size - tls->end, &received)))
        return error;
    if (!received)
    {
        WARN("the stream is cut off.\n");
        return ERROR_WINHTTP_CONNECTION_ERROR;
    }
    tls->end += received;
    return ERROR_SUCCESS;
}

DWORD tls_receive(struct tls *tls, void *buffer, UINT size, UINT *received)
{
    BYTE *bytes = buffer;
    DWORD error = tls->error;
    UINT count;

    for (*received = 0; *received < size;)
    {
        if (tls->plain_size)
        {
            count = min(size - *received, tls->plain_size);
            memcpy(bytes + *received, tls->plain, count);
            tls->plain += count;
            tls->plain_size -= count;
            *received += count;
            continue;
        }
        if (error || tls->is_ended)
            break;
        if ((count = get_record_size(tls)))
            error = decrypt_record(tls, count);
        else if (*received)
            break;
        else
            error = receive_records(tls);
        if (error != WAIT_TIMEOUT)
            tls->error = error;
    }
    return *received ? ERROR_SUCCESS : error;
}

BOOL tls_rest(struct tls *tls)
{
    if (tls->is_ended || tls->error || tls->plain_size || tls->start != tls->end)
        return FALSE;
    pages_free(tls->input);
    tls->input = NULL;
    tls->size = tls->start = tls->end = 0;
    return TRUE;
}

void tls_destroy(struct tls *tls)
{
    if (tls->has_context)
        DeleteSecurityContext(&tls->context);
    if (tls->has_credentials)
        FreeCredentialsHandle(&tls->credentials);
    pages_free(tls->input);
    free(tls);
}
