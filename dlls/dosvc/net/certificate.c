/*
 * Certificates of servers and of clients
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

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "windef.h"
#include "winbase.h"
#include "winhttp.h"

#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS
#include "net/connection.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Wine's header has masks of these that do not compile. */
#define IGNORE_NOT_TIME_VALID_FLAGS (CERT_CHAIN_POLICY_IGNORE_NOT_TIME_VALID_FLAG \
        | CERT_CHAIN_POLICY_IGNORE_CTL_NOT_TIME_VALID_FLAG | CERT_CHAIN_POLICY_IGNORE_NOT_TIME_NESTED_FLAG)
#define IGNORE_REV_UNKNOWN_FLAGS (CERT_CHAIN_POLICY_IGNORE_END_REV_UNKNOWN_FLAG \
        | CERT_CHAIN_POLICY_IGNORE_CTL_SIGNER_REV_UNKNOWN_FLAG | CERT_CHAIN_POLICY_IGNORE_CA_REV_UNKNOWN_FLAG \
        | CERT_CHAIN_POLICY_IGNORE_ROOT_REV_UNKNOWN_FLAG)

/* Constants that Wine 8.0's headers lack. */
#ifndef CERT_TRUST_HAS_WEAK_SIGNATURE
#define CERT_TRUST_HAS_WEAK_SIGNATURE 0x00100000
#endif
#ifndef CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG
#define CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG 0x00010000
#endif
#ifndef szOID_ANY_ENHANCED_KEY_USAGE
#define szOID_ANY_ENHANCED_KEY_USAGE "2.5.29.37.0"
#endif

#define RSA_BITS_MIN 2048
#define RETRIEVAL_TIMEOUT 15000 /* ms, for a revocation list */

#define TRUST_UNKNOWN_CA (CERT_TRUST_IS_UNTRUSTED_ROOT | CERT_TRUST_IS_PARTIAL_CHAIN)
#define TRUST_UNCHECKED  (CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION)

/* Faults of a chain, the flags that tolerate them, and their errors. */
static const struct
{
    DWORD status; /* CERT_TRUST_* */
    DWORD ignore_flag;
    DWORD error;
    const char *reason;
}
problems[] =
{
    { CERT_TRUST_IS_REVOKED,             0, ERROR_WINHTTP_SECURE_CERT_REVOKED, "it is revoked" },
    { TRUST_UNKNOWN_CA,                  SECURITY_FLAG_IGNORE_UNKNOWN_CA, ERROR_WINHTTP_SECURE_INVALID_CA,
            "nobody trusts the issuer" },
    { CERT_TRUST_HAS_WEAK_SIGNATURE,     SECURITY_FLAG_IGNORE_UNKNOWN_CA, ERROR_WINHTTP_SECURE_FAILURE,
            "a key is too short" },
    { CERT_TRUST_IS_NOT_TIME_VALID,      SECURITY_FLAG_IGNORE_CERT_DATE_INVALID,
            ERROR_WINHTTP_SECURE_CERT_DATE_INVALID, "it has expired or is not valid yet" },
    { CERT_TRUST_IS_NOT_VALID_FOR_USAGE, SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE, ERROR_WINHTTP_SECURE_FAILURE,
            "it is not for servers" },
    { TRUST_UNCHECKED,                   0, ERROR_WINHTTP_SECURE_CERT_REV_FAILED,
            "it cannot be found out whether it is revoked" },
    { ~0u,                               0, ERROR_WINHTTP_SECURE_FAILURE, "the chain is not valid" },
};

/* Look for an IP address: crypt32 looks for names only, in Wine at least. */
static BOOL has_address(const CERT_CONTEXT *certificate, const BYTE *address, UINT size)
{
    const CERT_EXTENSION *extension;
    CERT_ALT_NAME_INFO *names;
    BOOL ret = FALSE;
    DWORD length, i;

    if (!(extension = CertFindExtension(szOID_SUBJECT_ALT_NAME2, certificate->pCertInfo->cExtension,
            certificate->pCertInfo->rgExtension)))
        return FALSE;
    if (!CryptDecodeObjectEx(X509_ASN_ENCODING, X509_ALTERNATE_NAME, extension->Value.pbData, extension->Value.cbData,
            CRYPT_DECODE_ALLOC_FLAG, NULL, &names, &length))
        return FALSE;
    for (i = 0; i < names->cAltEntry && !ret; i++)
    {
        const CERT_ALT_NAME_ENTRY *name = &names->rgAltEntry[i];

        ret = name->dwAltNameChoice == CERT_ALT_NAME_IP_ADDRESS && name->IPAddress.cbData == size
                && !memcmp(name->IPAddress.pbData, address, size);
    }
    LocalFree(names);
    return ret;
}

static BOOL has_name(const CERT_CHAIN_CONTEXT *chain, const char *host)
{
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = { { sizeof(ssl) } };
    CERT_CHAIN_POLICY_PARA policy = { sizeof(policy) };
    CERT_CHAIN_POLICY_STATUS status = { sizeof(status) };
    WCHAR name[URL_HOST_MAX];

    swprintf(name, ARRAY_SIZE(name), L"%hs", host);
    /* find_problem has looked at the rest. */
    ssl.fdwChecks = SECURITY_FLAG_IGNORE_UNKNOWN_CA | SECURITY_FLAG_IGNORE_CERT_DATE_INVALID
            | SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE;
    ssl.dwAuthType = AUTHTYPE_SERVER;
    ssl.pwszServerName = name;
    policy.dwFlags = CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG | IGNORE_NOT_TIME_VALID_FLAGS
            | CERT_CHAIN_POLICY_IGNORE_WRONG_USAGE_FLAG | IGNORE_REV_UNKNOWN_FLAGS;
    policy.pvExtraPolicyPara = &ssl;
    if (!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &policy, &status))
        return FALSE;
    if (status.dwError)
        TRACE("policy error %#lx.\n", status.dwError);
    return !status.dwError;
}

BOOL certificate_is_for(const CERT_CONTEXT *certificate, const char *use)
{
    CERT_ENHKEY_USAGE *usage;
    BOOL ret = FALSE;
    DWORD size, i;

    if (!CertGetEnhancedKeyUsage(certificate, 0, NULL, &size) || !(usage = malloc(size)))
        return FALSE;
    SetLastError(ERROR_SUCCESS);
    if (CertGetEnhancedKeyUsage(certificate, 0, usage, &size))
    {
        ret = !usage->cUsageIdentifier && GetLastError() == (DWORD)CRYPT_E_NOT_FOUND;
        for (i = 0; i < usage->cUsageIdentifier && !ret; i++)
            ret = !strcmp(usage->rgpszUsageIdentifier[i], use)
                    || !strcmp(usage->rgpszUsageIdentifier[i], szOID_ANY_ENHANCED_KEY_USAGE);
    }
    free(usage);
    return ret;
}

static BOOL has_short_key(const CERT_CONTEXT *certificate)
{
    static const char rsa[] = "1.2.840.113549.1.1.";
    CERT_PUBLIC_KEY_INFO *key = &certificate->pCertInfo->SubjectPublicKeyInfo;

    return !strncmp(key->Algorithm.pszObjId, rsa, strlen(rsa))
            && CertGetPublicKeyLength(X509_ASN_ENCODING, key) < RSA_BITS_MIN;
}

/* Return the faults of a chain (CERT_TRUST_*). Use and key size, which crypt32 checks in the first certificate or not
 * at all, are checked in each. */
static DWORD get_status(const CERT_CHAIN_CONTEXT *chain)
{
    DWORD status = chain->TrustStatus.dwErrorStatus, i;
    const CERT_CONTEXT *certificate;

    for (i = 0; i < chain->rgpChain[0]->cElement; i++)
    {
        certificate = chain->rgpChain[0]->rgpElement[i]->pCertContext;
        if (!certificate_is_for(certificate, szOID_PKIX_KP_SERVER_AUTH))
            status |= CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
        if (has_short_key(certificate))
            status |= CERT_TRUST_HAS_WEAK_SIGNATURE;
    }
    return status;
}

/* Return the error of the first fault that is not tolerated, or ERROR_SUCCESS. */
static DWORD find_problem(const CERT_CHAIN_CONTEXT *chain, const CERT_CONTEXT *certificate, const char *host,
        DWORD flags, const char **reason)
{
    DWORD status = get_status(chain);
    BYTE address[16];
    UINT size, i;

    if (!(flags & WINHTTP_ENABLE_SSL_REVOCATION))
        status &= ~TRUST_UNCHECKED;
    for (i = 0; i < ARRAY_SIZE(problems); i++)
    {
        if ((status & problems[i].status) && !(flags & problems[i].ignore_flag))
        {
            *reason = problems[i].reason;
            return problems[i].error;
        }
        status &= ~problems[i].status;
    }
    if (flags & SECURITY_FLAG_IGNORE_CERT_CN_INVALID)
        return ERROR_SUCCESS;
    size = tcp_parse_address(host, address);
    if (size ? has_address(certificate, address, size) : has_name(chain, host))
        return ERROR_SUCCESS;
    *reason = "it is for another name";
    return ERROR_WINHTTP_SECURE_CERT_CN_INVALID;
}

DWORD certificate_verify(const CERT_CONTEXT *certificate, const char *host, DWORD flags)
{
    static char server_usage[] = szOID_PKIX_KP_SERVER_AUTH;
    char *usages[] = { server_usage };
    CERT_CHAIN_PARA para = { sizeof(para) };
    const CERT_CHAIN_CONTEXT *chain;
    DWORD chain_flags = 0, error;
    const char *reason;

    if (flags & WINHTTP_ENABLE_SSL_REVOCATION)
    {
        chain_flags = CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT | CERT_CHAIN_REVOCATION_ACCUMULATIVE_TIMEOUT;
        para.dwUrlRetrievalTimeout = RETRIEVAL_TIMEOUT;
    }
    para.RequestedUsage.dwType = USAGE_MATCH_TYPE_OR;
    para.RequestedUsage.Usage.cUsageIdentifier = ARRAY_SIZE(usages);
    para.RequestedUsage.Usage.rgpszUsageIdentifier = usages;
    if (!CertGetCertificateChain(NULL, certificate, NULL, certificate->hCertStore, &para, chain_flags, NULL, &chain))
    {
        error = GetLastError();
        WARN("no chain for %s, error %#lx.\n", debugstr_a(host), error);
        return ERROR_WINHTTP_SECURE_FAILURE;
    }
    if ((error = find_problem(chain, certificate, host, flags, &reason)))
        WARN("the certificate of %s is refused: %s (status %#lx).\n", debugstr_a(host), reason,
                chain->TrustStatus.dwErrorStatus);
    CertFreeCertificateChain(chain);
    return error;
}

struct client_certificate *client_certificate_create(const void *data, DWORD size)
{
    struct client_certificate *certificate;

    if (!(certificate = malloc(sizeof(*certificate) + size)))
        return NULL;
    certificate->refcount = 1;
    certificate->size = size;
    memcpy(certificate->data, data, size);
    return certificate;
}

struct client_certificate *client_certificate_addref(struct client_certificate *certificate)
{
    if (certificate)
        InterlockedIncrement(&certificate->refcount);
    return certificate;
}

void client_certificate_release(struct client_certificate *certificate)
{
    if (certificate && !InterlockedDecrement(&certificate->refcount))
        free(certificate);
}

BOOL client_certificate_equals(const struct client_certificate *a, const struct client_certificate *b)
{
    return a == b || (a && b && a->size == b->size && !memcmp(a->data, b->data, a->size));
}

DWORD client_certificate_open(const struct client_certificate *certificate, const CERT_CONTEXT **context)
{
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE key;
    BOOL is_owned;
    DWORD spec;

    if (!CertAddSerializedElementToStore(NULL, certificate->data, certificate->size, CERT_STORE_ADD_ALWAYS, 0,
            CERT_STORE_CERTIFICATE_CONTEXT_FLAG, NULL, (const void **)context))
        return ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY;
    /* The key lives as long as the context. */
    if (CryptAcquireCertificatePrivateKey(*context, CRYPT_ACQUIRE_CACHE_FLAG | CRYPT_ACQUIRE_SILENT_FLAG
            | CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG, NULL, &key, &spec, &is_owned))
        return ERROR_SUCCESS;
    WARN("no private key, error %#lx.\n", GetLastError());
    CertFreeCertificateContext(*context);
    return ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY;
}
