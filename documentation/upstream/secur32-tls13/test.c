/*
 * Unit tests for TLS 1.3 in Schannel
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
#define SCHANNEL_USE_BLACKLISTS

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "sspi.h"
#include "schannel.h"

#include "wine/test.h"

#define CLIENT_HELLO       1
#define SUPPORTED_VERSIONS 43

static unsigned int get_number(const BYTE *data, unsigned int size)
{
    unsigned int number = 0;

    while (size--)
        number = number << 8 | *data++;
    return number;
}

/* Returns whether the extension of a client hello that lists versions has this one (RFC 8446, 4.2.1). */
static BOOL offers_version(const BYTE *hello, unsigned int size, unsigned int version)
{
    const BYTE *p = hello + 9, *end = hello + size, *last; /* headers of the record and of the message */
    unsigned int type;

    if (size < 44 || hello[0] != 22 || hello[5] != CLIENT_HELLO)
        return FALSE;
    p += 2 + 32;
    p += 1 + p[0];
    p += 2 + get_number(p, 2);
    p += 1 + p[0];
    for (p += 2; p + 4 <= end; p += get_number(p + 2, 2) + 4)
    {
        type = get_number(p, 2);
        if (type != SUPPORTED_VERSIONS)
            continue;
        last = p + 5 + p[4];
        for (p += 5; p < last; p += 2)
            if (get_number(p, 2) == version)
                return TRUE;
        return FALSE;
    }
    return FALSE;
}

static void test_client_hello(CredHandle *credentials)
{
    SecBuffer buffer = { 0, SECBUFFER_TOKEN, NULL };
    SecBufferDesc output = { SECBUFFER_VERSION, 1, &buffer };
    SECURITY_STATUS status;
    ULONG attributes;
    CtxtHandle context;
    BOOL ret;

    status = InitializeSecurityContextW(credentials, NULL, (SEC_WCHAR *)L"localhost",
            ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM | ISC_REQ_ALLOCATE_MEMORY, 0, 0, NULL, 0, &context, &output,
            &attributes, NULL);
    ok(status == SEC_I_CONTINUE_NEEDED, "got status %#lx.\n", status);
    if (status != SEC_I_CONTINUE_NEEDED)
        return;
    ret = offers_version(buffer.pvBuffer, buffer.cbBuffer, 0x304);
    todo_wine ok(ret || broken(TRUE) /* before Windows 11 */, "TLS 1.3 is not offered.\n");
    FreeContextBuffer(buffer.pvBuffer);
    DeleteSecurityContext(&context);
}

START_TEST(test)
{
    SCH_CREDENTIALS parameters = { .dwVersion = SCH_CREDENTIALS_VERSION };
    SecPkgCred_SupportedProtocols protocols;
    SECURITY_STATUS status;
    CredHandle credentials;

    parameters.dwFlags = SCH_CRED_NO_DEFAULT_CREDS | SCH_CRED_MANUAL_CRED_VALIDATION;
    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)UNISP_NAME_W, SECPKG_CRED_OUTBOUND, NULL, &parameters, NULL,
            NULL, &credentials, NULL);
    if (status == SEC_E_UNKNOWN_CREDENTIALS)
    {
        win_skip("SCH_CREDENTIALS are not known.\n");
        return;
    }
    ok(status == SEC_E_OK, "got status %#lx.\n", status);

    protocols.grbitProtocol = 0xdeadbeef;
    status = QueryCredentialsAttributesA(&credentials, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols);
    ok(status == SEC_E_OK, "got status %#lx.\n", status);
    ok(protocols.grbitProtocol & SP_PROT_TLS1_2_CLIENT, "got protocols %#lx.\n", protocols.grbitProtocol);
    todo_wine ok(protocols.grbitProtocol & SP_PROT_TLS1_3_CLIENT || broken(TRUE) /* before Windows 11 */,
            "got protocols %#lx.\n", protocols.grbitProtocol);
    test_client_hello(&credentials);
    FreeCredentialsHandle(&credentials);
}
