/*
 * testtool client-certificate and store-certificate: one of the client
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

/* client-certificate PFX PASSWORD FILE: imports PFX, its key into the user's
 * container, and writes its first certificate into FILE, as SecurityContext takes it.
 * store-certificate PFX PASSWORD: imports PFX, puts its first certificate into
 * the user's store MY, and prints its hash. */

#include "testtool.h"

#include <wincrypt.h>

static const CERT_CONTEXT *import(const WCHAR *path, const WCHAR *password)
{
    static BYTE buffer[65536];
    CRYPT_DATA_BLOB blob = { 0, buffer };
    const CERT_CONTEXT *cert = NULL, *copy = NULL;
    HCERTSTORE store;
    FILE *file;

    if (!(file = _wfopen(path, L"rb")))
        return NULL;
    blob.cbData = fread(buffer, 1, sizeof(buffer), file);
    fclose(file);
    if (!(store = PFXImportCertStore(&blob, password, CRYPT_EXPORTABLE | CRYPT_USER_KEYSET)))
        return NULL;
    while (!copy && (cert = CertEnumCertificatesInStore(store, cert)))
    {
        DWORD size;

        if (CertGetCertificateContextProperty(cert, CERT_KEY_PROV_INFO_PROP_ID, NULL, &size))
            copy = CertDuplicateCertificateContext(cert);
    }
    if (copy)
        CertFreeCertificateContext(cert);
    CertCloseStore(store, 0);
    return copy;
}

int make_client_certificate(int argc, WCHAR **argv)
{
    static BYTE buffer[65536];
    DWORD size = sizeof(buffer);
    const CERT_CONTEXT *cert;
    FILE *file;
    BOOL ret;

    if (!(cert = import(argv[0], argv[1])))
        return failed("cannot import", HRESULT_FROM_WIN32(GetLastError()));
    if (!(ret = CertSerializeCertificateStoreElement(cert, 0, buffer, &size)))
        failed("cannot serialize", HRESULT_FROM_WIN32(GetLastError()));
    else if (!(file = _wfopen(argv[2], L"wb")))
        ret = FALSE;
    else
    {
        ret = fwrite(buffer, 1, size, file) == size;
        fclose(file);
    }
    CertFreeCertificateContext(cert);
    return ret ? 0 : 1;
}

int store_certificate(int argc, WCHAR **argv)
{
    const CERT_CONTEXT *cert;
    BYTE hash[20];
    DWORD size = sizeof(hash), i;
    HCERTSTORE store;
    BOOL ret;

    if (!(cert = import(argv[0], argv[1])))
        return failed("cannot import", HRESULT_FROM_WIN32(GetLastError()));
    store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, L"MY");
    ret = store && CertAddCertificateContextToStore(store, cert, CERT_STORE_ADD_REPLACE_EXISTING, NULL)
            && CertGetCertificateContextProperty(cert, CERT_SHA1_HASH_PROP_ID, hash, &size);
    if (!ret)
        failed("cannot store", HRESULT_FROM_WIN32(GetLastError()));
    for (i = 0; ret && i < sizeof(hash); ++i)
        printf("%02x", hash[i]);
    CertFreeCertificateContext(cert);
    CertCloseStore(store, 0);
    return ret ? 0 : 1;
}
