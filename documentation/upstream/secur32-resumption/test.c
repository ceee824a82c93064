/*
 * Unit tests for sessions of TLS that are resumed
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

#define SECURITY_WIN32

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "wincrypt.h"
#include "sspi.h"
#include "schannel.h"

#include "wine/test.h"

#define TOKEN_MAX         0x4000
#define SESSION_TICKET    35
#define HELLO_SESSION_ID  43 /* behind the headers, the version and the random number */

static const WCHAR container[] = L"wine_tls_resumption";

static unsigned int get_number(const BYTE *data, unsigned int size)
{
    unsigned int number = 0;

    while (size--)
        number = number << 8 | *data++;
    return number;
}

/* Returns whether a client hello has an identifier of a session or a ticket (RFC 5246, 7.4.1.2, and RFC 5077). */
static BOOL asks_to_resume(const BYTE *hello, unsigned int size)
{
    const BYTE *p = hello + HELLO_SESSION_ID, *end = hello + size;

    if (p[0])
        return TRUE;
    p += 1 + p[0];
    p += 2 + get_number(p, 2);
    p += 1 + p[0];
    for (p += 2; p + 4 <= end; p += get_number(p + 2, 2) + 4)
        if (get_number(p, 2) == SESSION_TICKET && get_number(p + 2, 2))
            return TRUE;
    return FALSE;
}

/* Returns a certificate that is signed by itself, with its key in a container of the user. */
static const CERT_CONTEXT *create_certificate(void)
{
    CRYPT_KEY_PROV_INFO info = { (WCHAR *)container, (WCHAR *)MS_ENHANCED_PROV_W, PROV_RSA_FULL };
    const CERT_CONTEXT *cert;
    BYTE name[64];
    CERT_NAME_BLOB subject = { sizeof(name), name };
    HCRYPTPROV provider;
    HCRYPTKEY key;

    CryptAcquireContextW(&provider, container, MS_ENHANCED_PROV_W, PROV_RSA_FULL, CRYPT_DELETEKEYSET);
    if (!CryptAcquireContextW(&provider, container, MS_ENHANCED_PROV_W, PROV_RSA_FULL, CRYPT_NEWKEYSET))
        return NULL;
    if (CryptGenKey(provider, AT_KEYEXCHANGE, 2048 << 16 | CRYPT_EXPORTABLE, &key))
        CryptDestroyKey(key);
    CryptReleaseContext(provider, 0);
    info.dwKeySpec = AT_KEYEXCHANGE;
    CertStrToNameW(X509_ASN_ENCODING, L"CN=localhost", CERT_X500_NAME_STR, NULL, name, &subject.cbData, NULL);
    cert = CertCreateSelfSignCertificate(0, &subject, 0, &info, NULL, NULL, NULL, NULL);
    ok(!!cert, "got error %#lx.\n", GetLastError());
    return cert;
}

static SECURITY_STATUS acquire(CredHandle *credentials, DWORD use, DWORD protocol, const CERT_CONTEXT *cert)
{
    SCHANNEL_CRED parameters = { SCHANNEL_CRED_VERSION };

    parameters.grbitEnabledProtocols = protocol;
    parameters.cCreds = !!cert;
    parameters.paCred = cert ? &cert : NULL;
    if (!cert)
        parameters.dwFlags = SCH_CRED_NO_DEFAULT_CREDS | SCH_CRED_MANUAL_CRED_VALIDATION;
    return AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)UNISP_NAME_W, use, NULL, &parameters, NULL, NULL, credentials,
            NULL);
}

struct peer
{
    CredHandle credentials;
    CtxtHandle context;
    BOOL has_context;
    BOOL is_server;
    BYTE token[TOKEN_MAX]; /* for the other one */
    ULONG size;
    SECURITY_STATUS status;
};

static void step(struct peer *peer, struct peer *other)
{
    SecBuffer in[2] = { { other->size, SECBUFFER_TOKEN, other->token }, { 0, SECBUFFER_EMPTY, NULL } };
    SecBuffer out = { TOKEN_MAX, SECBUFFER_TOKEN, peer->token };
    SecBufferDesc input = { SECBUFFER_VERSION, 2, in }, output = { SECBUFFER_VERSION, 1, &out };
    CtxtHandle *context = peer->has_context ? &peer->context : NULL;
    ULONG attributes;

    if (peer->is_server)
        peer->status = AcceptSecurityContext(&peer->credentials, context, &input,
                ASC_REQ_CONFIDENTIALITY | ASC_REQ_STREAM, 0, &peer->context, &output, &attributes, NULL);
    else
        peer->status = InitializeSecurityContextW(&peer->credentials, context, (SEC_WCHAR *)L"localhost",
                ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM, 0, 0, context ? &input : NULL, 0, &peer->context,
                &output, &attributes, NULL);
    peer->has_context = TRUE;
    peer->size = out.cbBuffer;
}

static BOOL is_under_way(const struct peer *peer)
{
    return peer->status == SEC_I_CONTINUE_NEEDED;
}

/* Returns whether the client has asked to resume a session. */
static BOOL shake_hands(struct peer *client, struct peer *server)
{
    unsigned int i;
    BOOL ret;

    client->has_context = server->has_context = FALSE;
    client->size = server->size = 0;
    client->status = server->status = SEC_I_CONTINUE_NEEDED;
    step(client, server);
    ok(is_under_way(client), "got status %#lx.\n", client->status);
    ret = asks_to_resume(client->token, client->size);
    for (i = 0; i < 10 && (is_under_way(client) || is_under_way(server)); ++i)
    {
        if (is_under_way(server) && client->size)
            step(server, client);
        if (is_under_way(client) && server->size)
            step(client, server);
    }
    ok(client->status == SEC_E_OK, "got status %#lx.\n", client->status);
    ok(server->status == SEC_E_OK, "got status %#lx.\n", server->status);
    DeleteSecurityContext(&client->context);
    DeleteSecurityContext(&server->context);
    return ret;
}

START_TEST(test)
{
    static struct peer client, server;
    const CERT_CONTEXT *cert;
    SECURITY_STATUS status;
    HCRYPTPROV provider;
    BOOL ret;

    if (!(cert = create_certificate()))
    {
        skip("No key can be made, error %#lx.\n", GetLastError());
        return;
    }
    server.is_server = TRUE;
    status = acquire(&server.credentials, SECPKG_CRED_INBOUND, SP_PROT_TLS1_2_SERVER, cert);
    ok(status == SEC_E_OK, "got status %#lx.\n", status);
    status = acquire(&client.credentials, SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_2_CLIENT, NULL);
    ok(status == SEC_E_OK, "got status %#lx.\n", status);

    shake_hands(&client, &server);
    ret = shake_hands(&client, &server);
    todo_wine ok(ret, "The session is not resumed.\n");

    FreeCredentialsHandle(&client.credentials);
    FreeCredentialsHandle(&server.credentials);
    CertFreeCertificateContext(cert);
    CryptAcquireContextW(&provider, container, MS_ENHANCED_PROV_W, PROV_RSA_FULL, CRYPT_DELETEKEYSET);
}
