/*
 * Certificates of clients in the stores of the system
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
#include <stdlib.h>
#include <string.h>

#include "windef.h"
#include "winbase.h"
#include "winerror.h"
#include "wincrypt.h"

#include "net/certificate_store.h"
#include "net/connection.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

/* Indexed by BG_CERT_STORE_LOCATION. */
static const DWORD locations[] =
{
    CERT_SYSTEM_STORE_CURRENT_USER,
    CERT_SYSTEM_STORE_LOCAL_MACHINE,
    CERT_SYSTEM_STORE_CURRENT_SERVICE,
    CERT_SYSTEM_STORE_SERVICES,
    CERT_SYSTEM_STORE_USERS,
    CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE,
};

/* Return the simple name of the subject, which the caller frees; NULL if out of memory. */
static WCHAR *get_subject(const CERT_CONTEXT *certificate)
{
    DWORD length = CertGetNameStringW(certificate, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, NULL, 0);
    WCHAR *name;

    if ((name = malloc(length * sizeof(*name))))
        CertGetNameStringW(certificate, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, name, length);
    return name;
}

static BOOL has_subject(const CERT_CONTEXT *certificate, const WCHAR *part)
{
    WCHAR *name = get_subject(certificate);
    BOOL ret = name && wcsstr(name, part);

    free(name);
    return ret;
}

static const CERT_CONTEXT *find_by_hash(HCERTSTORE store, const BYTE *hash)
{
    const CRYPT_HASH_BLOB blob = { CERTIFICATE_HASH_SIZE, (BYTE *)hash };

    return CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_SHA1_HASH, &blob, NULL);
}

static const CERT_CONTEXT *find_by_name(HCERTSTORE store, const WCHAR *name)
{
    const CERT_CONTEXT *context = NULL;

    while ((context = CertEnumCertificatesInStore(store, context)))
    {
        if (has_subject(context, name) && certificate_is_for(context, szOID_PKIX_KP_CLIENT_AUTH))
            break;
    }
    return context;
}

/* Fill in what the store knows of a certificate. */
static HRESULT take(const CERT_CONTEXT *context, struct stored_certificate *certificate)
{
    DWORD size = sizeof(certificate->hash);

    if (!CertGetCertificateContextProperty(context, CERT_SHA1_HASH_PROP_ID, certificate->hash, &size)
            || !CertSerializeCertificateStoreElement(context, 0, NULL, &certificate->size))
        return HRESULT_FROM_WIN32(GetLastError());
    if (!(certificate->subject = get_subject(context)) || !(certificate->element = malloc(certificate->size)))
        return E_OUTOFMEMORY;
    if (!CertSerializeCertificateStoreElement(context, 0, certificate->element, &certificate->size))
        return HRESULT_FROM_WIN32(GetLastError());
    return S_OK;
}

static HRESULT open_store(DWORD location, const WCHAR *name, HCERTSTORE *store)
{
    DWORD error;

    if ((*store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, locations[location] | CERT_STORE_OPEN_EXISTING_FLAG
            | CERT_STORE_READONLY_FLAG, name)))
        return S_OK;
    error = GetLastError();
    WARN("no store %s, error %#lx.\n", debugstr_w(name), error);
    /* Windows has this one in any case; Wine makes it with its first certificate. */
    if (error == ERROR_FILE_NOT_FOUND && !wcsicmp(name, L"MY"))
        return CRYPT_E_NOT_FOUND;
    return HRESULT_FROM_WIN32(error);
}

HRESULT stored_certificate_find(DWORD location, const WCHAR *name_of_store, const BYTE *hash, const WCHAR *name,
        struct stored_certificate *certificate)
{
    const CERT_CONTEXT *context;
    HCERTSTORE store;
    HRESULT hr;

    memset(certificate, 0, sizeof(*certificate));
    if (location >= ARRAY_SIZE(locations))
        return E_NOTIMPL;
    if (FAILED(hr = open_store(location, name_of_store, &store)))
        return hr;
    certificate->location = location;
    if (!(context = hash ? find_by_hash(store, hash) : find_by_name(store, name)))
        hr = CRYPT_E_NOT_FOUND;
    else if (!(certificate->store = wcsdup(name_of_store)))
        hr = E_OUTOFMEMORY;
    else
        hr = take(context, certificate);
    if (FAILED(hr))
        stored_certificate_clear(certificate);
    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);
    return hr;
}

HRESULT stored_certificate_load(struct stored_certificate *certificate)
{
    struct stored_certificate found;
    HRESULT hr;

    if (SUCCEEDED(hr = stored_certificate_find(certificate->location, certificate->store, certificate->hash, NULL,
            &found)))
    {
        stored_certificate_clear(certificate);
        *certificate = found;
    }
    return hr == E_OUTOFMEMORY ? hr : S_OK;
}

void stored_certificate_clear(struct stored_certificate *certificate)
{
    free(certificate->store);
    free(certificate->subject);
    free(certificate->element);
    memset(certificate, 0, sizeof(*certificate));
}
